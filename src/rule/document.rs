//! The YAML documents as they are written. The JSON schema and the reference are made from these types.

use super::at::At;
use super::expression::Expression;
use super::level::Level;
use crate::facts::reader::FactSpec;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A rule: what it looks for, under which conditions, and what it does.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleDocument {
    /// Version of the rule language: 1.
    pub dockopt: u32,
    /// Kebab-case name, equal to the file's name.
    pub id: At<String>,
    /// Imperative line; also the pull request's line for this change.
    pub title: String,
    /// How sure the change is to keep the image working.
    pub safety: Level,
    /// The reason, in Markdown.
    pub why: String,
    /// How it can go wrong; mandatory unless `safety: safe`.
    pub risk: Option<String>,
    /// References.
    #[serde(default)]
    pub links: Vec<String>,
    /// Words to select the rule by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// What the rule looks for.
    #[serde(rename = "match")]
    pub matching: MatchDocument,
    /// Conditions; all must hold.
    #[serde(default)]
    pub when: Vec<At<Condition>>,
    /// Further names for the texts of the verbs, made from captures.
    #[serde(default, rename = "let")]
    pub derived: BTreeMap<String, At<Derivation>>,
    /// What the rule does; nothing means a finding without a fix.
    #[serde(default, rename = "do")]
    pub verbs: Vec<At<Verb>>,
    /// What a finding says of the place, with holes; only for a rule without `do`, where it is mandatory.
    pub says: Option<At<String>>,
    /// What to do about a finding.
    pub help: Option<String>,
    /// Parts of the image contract that the rule may alter.
    #[serde(default)]
    pub changes: Vec<ContractPart>,
    /// Cases: at least one with `after` and one with `same`.
    #[serde(default)]
    pub tests: Vec<At<TestDocument>>,
}

/// What a rule looks for.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MatchDocument {
    /// Which stages are looked at.
    #[serde(default)]
    pub stage: StageChoice,
    /// Base images the stage may start from, without tag (`node`, `gcr.io/distroless/*`). Nothing means any.
    #[serde(default)]
    pub base: Vec<String>,
    /// Further base images (of a distribution) the stage may start from where a RUN runs one of `or_runs`.
    #[serde(default)]
    pub or_base: Vec<String>,
    /// Programs for `or_base`.
    #[serde(default)]
    pub or_runs: Vec<String>,
    /// One pattern; the rule fires for each place that matches.
    pub each: Option<At<String>>,
    /// Named patterns that must match in this stage, each at most once: `name`, or `name?` where it may be missing.
    #[serde(default)]
    pub steps: BTreeMap<String, At<String>>,
    /// Several patterns with the same holes; the rule fires for each place that one of them matches.
    #[serde(default)]
    pub each_of: Vec<At<String>>,
    /// Patterns that the matched command, or line, may not match as well.
    #[serde(default)]
    pub except: Vec<At<String>>,
    /// Groups of patterns; of each group one must match a line of the stage.
    #[serde(default)]
    pub with: Vec<Vec<At<String>>>,
    /// Only where the files of the build context are known.
    #[serde(default)]
    pub with_context: bool,
    /// Patterns that no line of the stage may match.
    #[serde(default)]
    pub without: Vec<At<String>>,
    /// The same, unless the data knows every command of the stage.
    #[serde(default)]
    pub without_unless_known: Vec<At<String>>,
    /// Patterns that no command of the same RUN may match.
    #[serde(default)]
    pub without_here: Vec<At<String>>,
    /// Patterns that an earlier command of the same RUN must match, each of them.
    #[serde(default)]
    pub before_here: Vec<At<String>>,
    /// Patterns that no later line of the stage, or later command of the same RUN, may match.
    #[serde(default)]
    pub not_later: Vec<At<String>>,
    /// The same, with exceptions.
    #[serde(default)]
    pub not_later_unless: Vec<LaterDocument>,
    /// Patterns that a later line of the stage, or later command of the same RUN, must match, each of them.
    #[serde(default)]
    pub later: Vec<At<String>>,
    /// Only where the data knows every command of the RUNs that follow, and no other stage is built on this one.
    #[serde(default)]
    pub known_later: bool,
    /// Only where the data knows every command that follows in the same RUN.
    #[serde(default)]
    pub known_after: bool,
    /// Texts that may stand nowhere in the stage.
    #[serde(default)]
    pub without_text: Vec<String>,
    /// Texts that may not stand in the matched instruction.
    #[serde(default)]
    pub without_text_here: Vec<String>,
    /// Directories that no cache, tmpfs or bind mount of the RUN may cover, in part or as a whole; `~` is the home
    /// directory of the user.
    #[serde(default)]
    pub without_mounts: Vec<String>,
    /// Variables that may not be set, by ENV, ARG, the base image or the script.
    #[serde(default)]
    pub without_env: Vec<String>,
    /// Only commands that read nothing from a pipe or a file.
    #[serde(default)]
    pub without_input: bool,
    /// Only where the tables know the base image.
    #[serde(default)]
    pub known_base: bool,
    /// Only where the stage starts from an image and not from another stage.
    #[serde(default)]
    pub external: bool,
    /// Only where the tables know the base image or its suite, and it is none of these (without tag).
    #[serde(default)]
    pub not_base: Vec<String>,
    /// A pair of ENV, ARG or LABEL that must be there; `<pair-name>` and `<pair-value>` stand for the first that fits.
    pub pair: Option<PairDocument>,
    /// Pattern that the instruction directly after the matched one must match; it is the step `next`.
    pub next: Option<At<String>>,
    /// Settings (WORKDIR, ENV, ARG, USER, EXPOSE, LABEL) may stand before the step `next`.
    #[serde(default)]
    pub next_over: bool,
    /// Only where the matched COPY brings the whole build context to the folder that the RUN of the step `next` runs
    /// in, and that RUN installs dependencies by files of the context that are known and all there is to read:
    /// `<manifests>` are those files, `<manifests-dest>` is where a COPY puts them, `<copy-flags>` the flags of the COPY.
    #[serde(default)]
    pub manifests: bool,
    /// The step `next` is the first command of its RUN.
    #[serde(default)]
    pub next_first: bool,
    /// What every command of the RUN of the step `next` must be for; others may not stand there.
    #[serde(default)]
    pub next_only: Vec<Role>,
    /// The RUN holds nothing but the matched command.
    #[serde(default)]
    pub alone: bool,
    /// Patterns that no later command of the same RUN may match.
    #[serde(default)]
    pub not_later_here: Vec<At<String>>,
    /// Only where the command runs whenever the RUN succeeds: in no condition, loop, function or background job.
    #[serde(default)]
    pub unconditional: bool,
    /// Only where the user is root for sure.
    #[serde(default)]
    pub as_root: bool,
    /// Only where neither the stage nor its base image, by the tables, has an ENTRYPOINT.
    #[serde(default)]
    pub without_entrypoint: bool,
    /// Base images whose ENTRYPOINT runs what it is given as it is: they count as if they had none.
    #[serde(default)]
    pub entrypoint_runs: Vec<String>,
    /// Hole that names a file which an earlier command of the same RUN downloads, and which nothing names later.
    pub leftover: Option<String>,
    /// Only where every source of the COPY or ADD is a file or directory of the build context and no archive. The table
    /// of this name lists names and endings (`.json`) of files that are none.
    pub plain_sources: Option<At<String>>,
    /// Only the first WORKDIR of the stage, where the base image's directory is known; `<workdir>` is its absolute path.
    #[serde(default)]
    pub first_workdir: bool,
    /// Only where a shell would do nothing to the command but start it: one command of literal words that is no
    /// part of the shell itself.
    #[serde(default)]
    pub plain_command: bool,
    /// Suites of base images that are left alone (`trusty`, `alpine2*`).
    #[serde(default)]
    pub not_suite: Vec<String>,
}

/// A pair of ENV, ARG or LABEL.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PairDocument {
    /// What its name matches.
    pub name: Expression,
    /// What its name does not match.
    pub except_name: Option<Expression>,
    /// What its value matches; a pair without a value has an empty one.
    pub value: Option<Expression>,
    /// What its value does not match.
    pub except_value: Option<Expression>,
}

/// What may not come later, with its exceptions.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LaterDocument {
    /// The pattern.
    pub line: At<String>,
    /// Not if the same line matches one of these too.
    #[serde(default)]
    pub unless: Vec<At<String>>,
    /// Not if an earlier command of the same RUN matches one of these.
    #[serde(default)]
    pub unless_before: Vec<At<String>>,
}

/// Which stages a rule looks at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StageChoice {
    /// Every stage.
    #[default]
    Any,
    /// The only stage of a file with one stage.
    Single,
    /// The last stage: the one that becomes the image.
    Final,
    /// Every stage but the last.
    Build,
    /// The last stage and the stages that it is built FROM: what the image consists of.
    Shipped,
}

/// A value made from others.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Derivation {
    /// Text with holes as one word of an instruction, in double quotes that keep every character. A pair of quotes
    /// around the text is taken off.
    Quoted(String),
    /// The words of the plain command of a step (see `plain_command`) as a JSON array.
    Exec(String),
    /// A cell of a table; without such a row the rule does nothing.
    LookUp(LookUpDocument),
}

/// A cell of a table.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LookUpDocument {
    /// The table's name.
    pub table: String,
    /// The key, with holes.
    pub key: Vec<String>,
    /// The column.
    pub column: String,
}

/// A condition on captures and facts.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// The fact is there.
    Present(String),
    /// It is certain that the fact is not there.
    Absent(String),
    /// A value (with holes) equals another.
    Equals(Comparison),
    /// A value (with holes) differs from another.
    Differs(Comparison),
    /// A row with this key is in the table.
    InTable(TableTest),
    /// No row with this key is in the table.
    NotInTable(TableTest),
    /// A value (with holes) matches a regular expression.
    Matches(RegexTest),
    /// It does not.
    NotMatches(RegexTest),
}

/// A value and a regular expression.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegexTest {
    /// Text with holes.
    pub value: String,
    /// The regular expression; it may match anywhere in the value.
    pub regex: Expression,
}

/// Two values that are compared.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// Text with holes.
    pub value: String,
    /// Text with holes.
    pub to: String,
}

/// A look-up in a table.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableTest {
    /// The table's name.
    pub table: String,
    /// The key, with holes.
    pub key: Vec<String>,
}

/// What a rule does. The set is closed: each verb is Rust.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// One stage becomes a build stage and a runtime stage.
    Split(Box<SplitVerb>),
    /// Another base image of the same family, suite and libc.
    Rebase(RebaseVerb),
    /// A step becomes other text.
    Replace(ReplaceVerb),
    /// New instructions before or after a step.
    Insert(InsertVerb),
    /// A step disappears.
    Remove(RemoveVerb),
    /// A command gets or loses options.
    Edit(EditVerb),
    /// A command at the end of the RUN that a step is in.
    Append(AppendVerb),
    /// A step goes to another place, with the comments above it.
    Move(MoveVerb),
    /// Two RUN that follow each other become one.
    Merge(MergeVerb),
    /// Lines for `.dockerignore`.
    Ignore(IgnoreVerb),
    /// An instruction is written in another way that means the same.
    Respell(RespellVerb),
}

/// `split`: one stage becomes build and runtime.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitVerb {
    /// Name of the build stage.
    pub stage: String,
    /// Files that mark the folder of a project (`package.json`): facts and sources are read from the folder of the
    /// build context whose files land in the directory that the application is in.
    #[serde(default)]
    pub project: Vec<String>,
    /// Kinds of rows in the table `base-swap` to take the runtime's base image from, the first that fits.
    pub runtime: Vec<RuntimeDocument>,
    /// Where places that the commands' data names with `@` lie in this family of base images.
    #[serde(default)]
    pub places: Vec<PlaceDocument>,
    /// Names of directories that builds write. Without a build context, a start in one of them is taken as built.
    #[serde(default)]
    pub outputs: Vec<String>,
    /// Outputs that hold everything that runs in them: nothing of `needs` goes along.
    #[serde(default)]
    pub self_contained: Vec<SelfContainedDocument>,
    /// Paths beside a built program that it needs, relative to the application's directory.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Files and directories that are carried where a fact says that the program reads them.
    #[serde(default)]
    pub carry: Vec<CarryDocument>,
    /// Build tools of other languages (`npm`): what they make is no part of the program's file, and nobody can say
    /// what of it the program reads.
    #[serde(default)]
    pub foreign: Vec<String>,
    /// Variables that the base images of this family set to different values, and that decide how a program runs: the
    /// value of the old image is written out.
    #[serde(default)]
    pub keep_env: Vec<String>,
    /// A program in a directory `bin` needs what lies beside that directory (`lib`, `releases`), and nothing above.
    #[serde(default)]
    pub home: bool,
    /// Programs that are one file, which is carried without what the build put beside it.
    pub alone: Option<AloneDocument>,
    /// The build leaves more behind (downloads, intermediate files) than the runtime needs: a split is worth it even
    /// where both stages have the same base image.
    #[serde(default)]
    pub even_on_same_base: bool,
    /// Only where a compiler stays behind: anything less is not worth a second stage.
    #[serde(default)]
    pub compiler: bool,
    /// The program runs from its sources: no build step's output stands for the whole.
    #[serde(default)]
    pub interpreted: bool,
    /// Sources that are searched for files read at run time.
    pub sources: Option<SourcesDocument>,
    /// Fact that is present where installing dependencies runs scripts of the project, which may write anywhere
    /// below the application's directory.
    pub install_scripts: Option<String>,
    /// Remove development dependencies after the build, by the `production` command of the step that installed them.
    #[serde(default)]
    pub prune: bool,
    /// Facts that keep development dependencies where they are present, with the reason.
    #[serde(default)]
    pub keep_development: Vec<ReasonDocument>,
    /// Facts that make the whole application directory go along where they are present, with the reason.
    #[serde(default)]
    pub keep_sources: Vec<ReasonDocument>,
    /// Facts that stop the split where they are present, with the reason and what would allow it.
    #[serde(default)]
    pub refuse: Vec<ReasonDocument>,
    /// Library packages of the language and the system packages they need at run time.
    pub libraries: Option<LibrariesDocument>,
    /// Programs that a manifest's scripts and binaries hide: how a start is followed.
    #[serde(default)]
    pub binaries: Option<BinariesDocument>,
}

/// A runtime base that may be taken.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuntimeDocument {
    /// The kind of row in `base-swap`.
    pub kind: Option<String>,
    /// Only for this base image of the build.
    pub base: Option<String>,
    /// Only for builds on these distributions. Nothing means any.
    #[serde(default)]
    pub distros: Vec<String>,
    /// An image by name, instead of a row.
    pub image: Option<String>,
    /// Only for a statically linked program whose start needs no shell.
    #[serde(default, rename = "static")]
    pub statically_linked: bool,
    /// Certificates that the full image has and this one lacks are copied from the build stage.
    #[serde(default)]
    pub certificates: bool,
    /// Files that programs of the full image need and that this one lacks, copied from the build stage at the same
    /// place.
    #[serde(default)]
    pub copies: Vec<String>,
    /// A command for the runtime after those copies.
    pub run: Option<String>,
    /// What is built is no machine code: it does not depend on the suite that it was built on.
    #[serde(default)]
    pub portable: bool,
    /// Commands that this image lacks and no package brings: a start that runs one keeps the build's image.
    #[serde(default)]
    pub lacks: Vec<String>,
    /// Facts that keep the build's image where they are present, with the reason.
    #[serde(default)]
    pub unless: Vec<ReasonDocument>,
    /// System packages that it lacks, with the fact that says that the program needs them.
    #[serde(default)]
    pub packages: Vec<PackageDocument>,
}

/// A system package that a program needs at run time.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PackageDocument {
    /// The package's name.
    pub name: String,
    /// The fact; where it is not known, the package is installed as well.
    pub when: String,
    /// Why, for the report.
    pub why: String,
}

/// Built programs that are one file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AloneDocument {
    /// Endings of their names (`.jar`); the empty one stands for any name.
    pub endings: Vec<String>,
    /// Facts of which one must be present. Nothing means that no fact is needed.
    #[serde(default)]
    pub when: Vec<String>,
    /// Facts that, where they are present or cannot be read, say that the program loads files beside itself.
    #[serde(default)]
    pub unless: Vec<String>,
}

/// A place such as `@site-packages` in a family of base images.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PlaceDocument {
    /// The name, with `@`.
    pub name: String,
    /// The base images, without tag, that `paths` is for; in others it is `otherwise`. Nothing means any.
    #[serde(default)]
    pub base: Vec<String>,
    /// A regular expression for the base image's tag; its first group is `<tag>` in `paths`.
    pub tag: String,
    /// Paths where the tag fits.
    pub paths: Vec<String>,
    /// Paths where it does not.
    #[serde(default)]
    pub otherwise: Vec<String>,
    /// Facts that make it `otherwise` where one of them is present.
    #[serde(default)]
    pub otherwise_when: Vec<String>,
    /// A variable that holds the path, where it is set.
    pub variable: Option<String>,
    /// A fact that must be present, since the place is another one without it.
    pub when: Option<String>,
    /// A fact that says, where it is present, that nothing is written there.
    pub unless: Option<String>,
}

/// An output that holds everything that runs in it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SelfContainedDocument {
    /// The output's directory, relative to the application's.
    pub output: String,
    /// Facts that must be absent.
    #[serde(default)]
    pub unless: Vec<String>,
}

/// A path that is carried under a condition.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CarryDocument {
    /// The path, relative to the application's directory.
    pub path: String,
    /// The fact that must be present.
    pub when: String,
    /// Why, for the report.
    pub why: String,
}

/// A fact and what follows from it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonDocument {
    /// The fact.
    pub when: String,
    /// A fact that, where it is present, takes the meaning away.
    pub unless: Option<String>,
    /// Only where a RUN runs one of these programs.
    #[serde(default)]
    pub programs: Vec<String>,
    /// A regular expression for the base image's tag: where its first group is the fact's text, the reason does not
    /// hold.
    pub unless_tag: Option<String>,
    /// What it means, for the report.
    pub why: String,
    /// What would allow it.
    pub allow: Option<String>,
}

/// Sources that are searched for evidence.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourcesDocument {
    /// Globs of source files in the build context.
    pub files: Vec<String>,
    /// Globs of files that the build compiles and the program cannot read: a directory of nothing else is not carried.
    #[serde(default)]
    pub compiled: Vec<String>,
    /// Globs of files that are no part of the program (tests).
    #[serde(default)]
    pub except: Vec<String>,
    /// Globs of configuration files that programs of the project's packages read when they start.
    #[serde(default)]
    pub configuration: Vec<String>,
}

/// Where the language's packages are named.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LibrariesDocument {
    /// Key of the table `native-packages`.
    pub ecosystem: String,
    /// Facts that list package names.
    pub names: Vec<String>,
    /// Facts that list them where none of `names` is there: a manifest, for want of a lock file.
    #[serde(default)]
    pub otherwise: Vec<String>,
    /// The beginning of words of build commands that name one (`-l`).
    pub flag: Option<String>,
    /// The ending of packages that link a library of the system (`-sys`): one that the table does not know stops the
    /// split of an image that has many such libraries.
    pub links: Option<String>,
}

/// How names of programs lead to packages.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BinariesDocument {
    /// Table from a binary's name to its package.
    pub table: String,
    /// Fact that lists the packages installed for production.
    pub production: String,
    /// Fact that lists the packages installed for development only.
    pub development: String,
    /// Fact that holds a script's text; `<script>` is its name.
    pub script: String,
    /// Programs of the language that run a file.
    pub interpreters: Vec<String>,
    /// What the interpreter tries after a file's name (`.js`, `/index.js`).
    #[serde(default)]
    pub extensions: Vec<String>,
}

/// `rebase`: another base image.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RebaseVerb {
    /// Kinds of rows in the table `base-swap`, the first that fits.
    pub kinds: Vec<String>,
    /// Only where the start runs one of these commands. Nothing means any start, and none.
    #[serde(default)]
    pub starts: Vec<String>,
    /// Commands that the smaller image lacks and no package brings.
    #[serde(default)]
    pub lacks: Vec<String>,
    /// Library packages of the languages, which may need libraries of the system.
    #[serde(default)]
    pub libraries: Vec<LibrariesDocument>,
    /// Sources that are searched for commands that the program runs.
    pub sources: Option<SourcesDocument>,
    /// Facts that stop it where they are present, with the reason and what would allow it.
    #[serde(default)]
    pub refuse: Vec<ReasonDocument>,
}

/// `replace`: a step becomes text.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplaceVerb {
    /// The step.
    pub step: String,
    /// Dockerfile text with holes.
    pub with: String,
}

/// `insert`: new instructions.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InsertVerb {
    /// The step before which the text goes.
    pub before: Option<String>,
    /// The step after which the text goes.
    pub after: Option<String>,
    /// Dockerfile text with holes.
    pub text: String,
}

/// `remove`: a step disappears.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveVerb {
    /// The step.
    pub step: String,
}

/// `edit`: one command gets or loses words.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EditVerb {
    /// The step.
    pub step: String,
    /// Options to add.
    #[serde(default)]
    pub add: Vec<String>,
    /// The word after which they go; without it the last fixed word at the start of the pattern.
    pub after: Option<String>,
    /// Options to drop.
    #[serde(default)]
    pub drop: Vec<String>,
    /// Another name for the program.
    pub program: Option<String>,
    /// Another keyword for the instruction.
    pub keyword: Option<String>,
    /// Flags of the instruction to add (`--mount=type=cache,target=/root/.npm`); holes are filled.
    #[serde(default)]
    pub add_flags: Vec<String>,
    /// Another base image for a FROM; holes are filled.
    pub image: Option<String>,
    /// Flags of the instruction to drop, by name without dashes.
    #[serde(default)]
    pub drop_flags: Vec<String>,
}

/// `append`: a command at the end of a chain.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppendVerb {
    /// The step whose RUN gets the command.
    pub step: String,
    /// The command.
    pub command: String,
    /// It goes directly after the command of the step instead of the end.
    #[serde(default)]
    pub directly: bool,
}

/// `move`: a step goes to another place.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveVerb {
    /// The step.
    pub step: String,
    /// The step before which it goes.
    pub before: Option<String>,
    /// The step after which it goes.
    pub after: Option<String>,
}

/// `merge`: two RUN become one.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeVerb {
    /// The first RUN, which keeps its place.
    pub first: String,
    /// The RUN right after it.
    pub second: String,
}

/// `ignore`: lines for `.dockerignore`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IgnoreVerb {
    /// The lines; one that is in effect already is not added.
    pub lines: Vec<String>,
    /// It is enough that they are in effect already.
    #[serde(default)]
    pub ensure: bool,
    /// Only those that leave out a file which is there now.
    #[serde(default)]
    pub existing: bool,
}

/// `respell`: an instruction is written in another way that means the same.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RespellVerb {
    /// The step.
    pub step: String,
    /// What is written in another way.
    pub what: Spelling,
}

/// A part of an instruction that can be written in several ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Spelling {
    /// The keyword, in capitals.
    Keyword,
    /// `AS` of a FROM, in capitals.
    As,
    /// The name of a stage, in small letters.
    StageName,
    /// `NAME value` of ENV and LABEL, as `NAME=value`.
    Pair,
    /// Empty lines between continued ones, without.
    Continuation,
    /// The protocol of EXPOSE, in small letters.
    Protocol,
}

/// A part of the image contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContractPart {
    /// PATH.
    Path,
    /// Variables that only a build uses.
    BuildEnv,
    /// Variables that the base image gave.
    InheritedEnv,
    /// Any ENV.
    Env,
    /// CMD.
    Cmd,
    /// ENTRYPOINT.
    Entrypoint,
    /// WORKDIR.
    Workdir,
    /// USER.
    User,
    /// EXPOSE.
    Expose,
    /// VOLUME.
    Volume,
    /// LABEL and MAINTAINER.
    Label,
    /// HEALTHCHECK.
    Healthcheck,
    /// STOPSIGNAL.
    Stopsignal,
    /// SHELL.
    Shell,
    /// ONBUILD.
    Onbuild,
}

/// A case of a rule: a Dockerfile before, and what becomes of it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestDocument {
    /// What the case shows.
    pub name: String,
    /// Files of the build context; without this key there is none and every fact is unknown.
    pub files: Option<BTreeMap<String, String>>,
    /// The Dockerfile before.
    pub before: Option<String>,
    /// The Dockerfile after.
    pub after: Option<String>,
    /// A Dockerfile that stays as it is.
    pub same: Option<String>,
    /// The reason code of the refusal where it stays (`same`); nothing where the rule does not match at all.
    pub skipped: Option<String>,
    /// Text that one of the assumptions must contain.
    pub assumes: Option<String>,
    /// The `.dockerignore` that comes out of it.
    pub dockerignore: Option<String>,
    /// Texts of findings, in order: each finding of the rule must contain the text at its place.
    #[serde(default)]
    pub finds: Vec<String>,
}

/// What commands do: `commands: npm`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandsDocument {
    /// Version of the rule language: 1.
    pub dockopt: u32,
    /// The tool, equal to the file's name.
    pub commands: String,
    /// What the tool is, and where the facts come from.
    #[serde(default)]
    pub title: Option<String>,
    /// Options whose value is the next word.
    #[serde(default)]
    pub value_options: Vec<String>,
    /// Command lines; the first that matches wins.
    #[serde(default)]
    pub lines: Vec<LineDocument>,
    /// Command lines that a container starts with, and what they lead to; the first that matches wins.
    #[serde(default)]
    pub starts: Vec<StartDocument>,
}

/// A command line that a container starts with.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartDocument {
    /// The pattern.
    pub run: At<String>,
    /// The hole, or the name, of the manifest's script that it runs (`npm start`).
    pub script: Option<String>,
    /// The hole that holds another command, which this one runs (`tini -- <command...>`).
    pub wraps: Option<String>,
    /// The wrapped program is looked for among the project's packages first (`npx`).
    #[serde(default)]
    pub project: bool,
    /// The hole that holds a file which this command interprets.
    pub file: Option<String>,
    /// The hole that holds a directory whose files it serves as they are: nothing else of the project is read.
    pub serves: Option<String>,
    /// The hole, or the option, whose value is a list of files and folders with `:` between them (`-cp`).
    pub path_list: Option<String>,
    /// Beginnings of words that name a file which it loads, up to a `=` (`-javaagent:`).
    #[serde(default)]
    pub loads: Vec<String>,
    /// It loads files of the working directory whose names nobody can say.
    #[serde(default)]
    pub directory: bool,
    /// It compiles sources of the project when it starts: they stay, and so do development dependencies.
    #[serde(default)]
    pub compiles: bool,
    /// It needs what only a build image has (`go run`): the reason. Such a start is refused.
    pub refuse: Option<String>,
    /// What would allow it, where it is refused.
    pub allow: Option<String>,
}

/// A command line and what it does.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LineDocument {
    /// The pattern.
    pub run: At<String>,
    /// What it is for.
    pub role: Role,
    /// Paths that it reads, relative to the working directory.
    #[serde(default)]
    pub reads: Vec<String>,
    /// Paths that it creates or changes; `.` is unknown places below the working directory, `/` anywhere.
    #[serde(default)]
    pub writes: Vec<String>,
    /// What it creates or changes where a variable or a setting has a value, instead of `writes`; the first that holds
    /// counts.
    #[serde(default)]
    pub writes_when: Vec<WritesDocument>,
    /// Settings that it stores for the commands that follow (`NAME=value`), under the names of their variables.
    #[serde(default)]
    pub sets: Vec<String>,
    /// The command that removes development dependencies.
    pub production: Option<String>,
    /// It may make several programs in the directory that it writes, which may start each other: all of them go along.
    #[serde(default)]
    pub several: bool,
    /// A fact that must be present for `production` to work.
    pub production_if: Option<String>,
    /// The variable and the value that make it link statically (`CGO_ENABLED=0`).
    pub static_when: Option<String>,
    /// It links nothing: what it leaves is linked as it was (`strip`, a generator of sources).
    #[serde(default)]
    pub keeps_linkage: bool,
    /// The variable and the value that make it install no development dependencies (`NODE_ENV=production`).
    pub production_when: Option<String>,
    /// It installs no development dependencies.
    #[serde(default)]
    pub production_only: bool,
    /// The hole of what it copies to `writes`: an installation, which the runtime needs where it lies outside of the
    /// application's directory.
    pub installs: Option<String>,
    /// Where it caches.
    pub cache: Option<CacheDocument>,
    /// The hole that holds names of packages.
    pub packages: Option<String>,
    /// The hole that holds the name under which the packages can be removed again (`apk add --virtual NAME`).
    pub group: Option<String>,
    /// The hole that holds names of packages, or of groups of them, that it removes.
    pub removes: Option<String>,
    /// It only refreshes the lists of packages (`apt-get update`): without an install it does nothing for an image.
    #[serde(default)]
    pub refreshes: bool,
    /// It only renews the installer that the image has (`pip install --upgrade pip`): nothing that is worth leaving
    /// behind.
    #[serde(default)]
    pub renews: bool,
    /// Programs that it puts on PATH, where `packages` does not name them.
    #[serde(default)]
    pub serves: Vec<String>,
    /// Paths that these programs need beside themselves, where they run as root.
    #[serde(default)]
    pub keeps: Vec<String>,
    /// Whose packages.
    pub manager: Option<String>,
    /// The hole, or the name, of the manifest's script that it runs.
    pub script: Option<String>,
    /// Paths that it empties.
    #[serde(default)]
    pub cleans: Vec<String>,
    /// It creates or changes an account.
    #[serde(default)]
    pub user: bool,
    /// What account it creates.
    pub creates: Option<Account>,
    /// The name of the account.
    pub name: Option<String>,
    /// Paths that a set-up command acts on.
    #[serde(default)]
    pub touches: Vec<String>,
    /// A remark for the reader.
    pub note: Option<String>,
}

/// What a command writes under a condition.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WritesDocument {
    /// `NAME=value`; several values with `|` between them.
    pub when: String,
    /// Paths as in `writes`.
    pub writes: Vec<String>,
}

/// What a command is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Fetches libraries into `writes`.
    Dependencies,
    /// Turns sources into `writes`.
    Build,
    /// Tests, lint, versions.
    Check,
    /// System packages, by name.
    Packages,
    /// Users, directories, permissions, links, small files.
    Setup,
    /// Downloads.
    Fetch,
    /// A global tool.
    Tool,
    /// Removes caches and temporary files.
    Clean,
    /// Nothing that lasts.
    None,
}

/// A cache directory.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CacheDocument {
    /// Absolute path, or relative to the working directory.
    pub target: String,
    /// BuildKit's `sharing`.
    pub sharing: Option<String>,
    /// BuildKit's `id`.
    pub id: Option<String>,
}

/// An account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Account {
    /// A user.
    User,
    /// A group.
    Group,
}

/// Facts of an ecosystem: `facts: node`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FactsDocument {
    /// Version of the rule language: 1.
    pub dockopt: u32,
    /// The ecosystem, equal to the file's name.
    pub facts: String,
    /// The facts: a name in kebab-case, and how it is read.
    pub values: BTreeMap<String, At<FactSpec>>,
}

/// A table: `table: base-swap`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableDocument {
    /// Version of the rule language: 1.
    pub dockopt: u32,
    /// The name, equal to the file's name.
    pub table: String,
    /// What the table says.
    pub title: String,
    /// Where the facts come from, with date.
    pub source: Option<String>,
    /// The columns that identify a row: the first ones of `columns`.
    pub key: Vec<String>,
    /// All columns.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Option<Vec<Vec<String>>>,
    /// A file of tab-separated rows beside the document, sorted by bytes.
    pub file: Option<String>,
}

/// A profile: which rules, in which order.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileDocument {
    /// Version of the rule language: 1.
    pub dockopt: u32,
    /// The name, equal to the file's name.
    pub profile: String,
    /// What the profile is for.
    pub title: String,
    /// A profile whose rules are part of this one, in their order.
    pub extends: Option<At<String>>,
    /// The rule of the extended profile after which the rules of this one run; without it at the end.
    pub after: Option<At<String>>,
    /// Ids of rules, in the order in which they run.
    pub rules: Vec<At<String>>,
}
