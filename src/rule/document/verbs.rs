//! What a rule does.

use super::{LibrariesDocument, ReasonDocument, SourcesDocument, SplitVerb};
use schemars::JsonSchema;
use serde::Deserialize;

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
    /// Libraries for development are removed where another stage copies what this one installs.
    Prune(PruneVerb),
    /// A stage is divided, so that a change of the sources does not repeat what does not depend on them.
    Branch(BranchVerb),
    /// A packed program is taken apart, and copied in layers.
    Layers(LayersVerb),
    /// Lines for `.dockerignore`.
    Ignore(IgnoreVerb),
    /// An instruction is written in another way that means the same.
    Respell(RespellVerb),
    /// The program starts as a user of the base image.
    StartAs(StartAsVerb),
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
    /// Without CMD and ENTRYPOINT the container starts what the base image does, by the table `base-config`.
    #[serde(default)]
    pub inherited_start: bool,
    /// Commands that the smaller image lacks and no package brings.
    #[serde(default)]
    pub lacks: Vec<String>,
    /// What is downloaded and unpacked needs nothing that only the larger image has.
    #[serde(default)]
    pub fetches: bool,
    /// Parts of paths that only the larger image has.
    #[serde(default)]
    pub lacks_paths: Vec<String>,
    /// Parts of paths below the system's folders that another stage may bring: packages of a language and programs. For
    /// what they need, `libraries` answers.
    #[serde(default)]
    pub brings: Vec<String>,
    /// Library packages of the languages, which may need libraries of the system.
    #[serde(default)]
    pub libraries: Vec<LibrariesDocument>,
    /// Sources that are searched for commands that the program runs.
    pub sources: Option<SourcesDocument>,
    /// Facts that stop it where they are present, with the reason and what would allow it.
    #[serde(default)]
    pub refuse: Vec<ReasonDocument>,
}

/// `prune`: libraries for development are removed before the last stage copies them.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PruneVerb {
    /// The rule whose `split` knows the language: its manifests, sources and reasons to keep what is there.
    pub like: String,
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
    /// The comments above the instruction stay: they are about what follows as well.
    #[serde(default)]
    pub keep_comments: bool,
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
    /// The same for every other command of the RUN that a pattern of the step matches.
    #[serde(default)]
    pub every: bool,
    /// The first word goes, and what it runs stays: `sudo make` becomes `make`.
    #[serde(default)]
    pub unwrap: bool,
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

/// `branch`: a stage is divided after the installation of libraries, so that a change of the sources does not repeat
/// what does not depend on them.
///
/// With `branch` the step goes past what it does not depend on: into a stage of its own beside the rest, where the
/// rest needs what it takes away, and others copy its paths from there. Without it the step is the installation, and
/// others copy from the first of the two stages what the second one leaves as it is.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BranchVerb {
    /// The step: with `branch` a RUN of a command that keeps what production needs (`production_only`), else one that
    /// installs.
    pub step: String,
    /// Name of the stage that ends with the installation. Where the file uses it already, another one is made from it.
    pub trunk: String,
    /// Name of the stage that gets the step.
    pub branch: Option<String>,
    /// Files that mark the folder of a project: facts are read from the folder of the build context whose files land
    /// where the command runs.
    #[serde(default)]
    pub project: Vec<String>,
    /// Fact that holds the text of a manifest's script; `<script>` is its name.
    pub scripts: Option<String>,
    /// Beginnings of variables, in small letters, that the command reads although it does not name them.
    #[serde(default)]
    pub variables: Vec<String>,
    /// Fact that must be present where others copy a folder that the libraries lie in: without it they may not be there.
    pub holds: Option<String>,
    /// Facts that must be absent, with the reason why it could not be shown otherwise that the result is the same.
    #[serde(default)]
    pub unless: Vec<ReasonDocument>,
}

/// `layers`: a packed program that the last stage copies is taken apart in a stage of its own, and copied in layers, those
/// that change seldom first.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LayersVerb {
    /// Fact that is present where the project packs its program in layers.
    pub packer: String,
    /// Fact that holds the version of what packs it (`3.3`), by which `table` has the row.
    pub version: String,
    /// Table with the columns `command` (with `<jar>` and `<folder>`), `launcher` and `needs`, a fact that must be present.
    pub table: String,
    /// What stands in the start of a program that is taken apart already.
    pub launcher_mark: String,
    /// What starts the packed program (`java`), and the option before its name (`-jar`).
    pub program: String,
    /// See `program`.
    pub option: String,
    /// Option that names the folder of a program that is taken apart; the launcher's name follows (`-cp`).
    pub folder_option: String,
    /// Other spellings of that option.
    #[serde(default)]
    pub or_folder_option: Vec<String>,
    /// Ending of the packed program's name (`.jar`).
    pub ending: String,
    /// Names of the layers, in the order in which they are copied.
    pub layers: Vec<String>,
    /// Name of the new stage.
    pub stage: String,
    /// Folder in which the new stage takes the program apart.
    pub folder: String,
    /// Programs of which the stage that builds the program runs one.
    pub built_by: Vec<String>,
    /// Facts that stop it where they are present, with the reason and what would allow it.
    #[serde(default)]
    pub refuse: Vec<ReasonDocument>,
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
    /// `SUM FILE` that `echo` gives to a program which compares checksums, with two blanks.
    Checksum,
}

/// `start_as`: the program starts as a user of the base image, who gets the folders that the sources write to.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartAsVerb {
    /// The step before which the user is set.
    pub before: String,
    /// The user; there must be a group of the same name.
    pub user: String,
    /// Sources that are searched for what the program writes.
    pub sources: SourcesDocument,
    /// Names of folders that libraries lie in: a program that writes there is left to a person.
    #[serde(default)]
    pub libraries: Vec<String>,
    /// Facts that stop it where they are present, with the reason and what would allow it.
    #[serde(default)]
    pub refuse: Vec<ReasonDocument>,
}
