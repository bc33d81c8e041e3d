//! What a rule looks for, and under which conditions.

use super::Role;
use crate::rule::at::At;
use crate::rule::expression::Expression;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// What a rule looks for.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MatchDocument {
    /// Which stages are looked at.
    #[serde(default)]
    pub stage: StageChoice,
    /// Base images the stage may start from, without tag (`node`, `gcr.io/distroless/*`, `*/maven`). Nothing means any.
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
    /// Variables that ENV or the base image, by the tables, must have set.
    #[serde(default)]
    pub with_env: Vec<String>,
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
    pub manifests: Option<ManifestsDocument>,
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
    /// Only where a USER of the stage names this user.
    pub as_user: Option<String>,
    /// Only where no other stage is built FROM this one.
    #[serde(default)]
    pub not_continued: bool,
    /// Distributions (`debian`) that the stage may be built on, through the stages that it is built FROM.
    #[serde(default)]
    pub distro: Vec<String>,
    /// Only where no CMD, ENTRYPOINT or HEALTHCHECK of the stage is in shell form.
    #[serde(default)]
    pub exec_start: bool,
    /// Only the first command of its RUN.
    #[serde(default)]
    pub first: bool,
    /// Only a command whose output another one reads through a pipe.
    #[serde(default)]
    pub piped: bool,
    /// Only a FROM whose tag this table has, by image and tag (`latest` where none is written): `<versioned>` is the
    /// reference with the tag of its column `version` instead. A digest or a variable is left alone.
    pub unversioned: Option<At<String>>,
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

/// An installation by manifests that can be copied first.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ManifestsDocument {
    /// Folders of dependencies that the installation may write beside the sources.
    #[serde(default)]
    pub beside: Vec<String>,
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
