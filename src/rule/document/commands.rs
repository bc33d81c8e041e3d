//! What commands do.

use crate::rule::at::At;
use crate::rule::expression::Expression;
use schemars::JsonSchema;
use serde::Deserialize;

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
    /// The hole, or the name, of the manifest's script that it runs (`npm start`). With `file` as well, a name that has a
    /// dot or a `/` in it is a file.
    pub script: Option<String>,
    /// Where the manifest has no such script, it runs a program of the project's packages (`yarn next start`).
    #[serde(default)]
    pub or_program: bool,
    /// The hole that holds the directory whose manifest counts, and that the script runs in (`npm --prefix <dir>`).
    pub folder: Option<String>,
    /// The hole that holds the name, or the directory, of the workspace whose manifest counts (`yarn workspace <name>`).
    pub workspace: Option<String>,
    /// The hole that holds another command, which this one runs (`tini -- <command...>`).
    pub wraps: Option<String>,
    /// The wrapped program is looked for among the project's packages first (`npx`).
    #[serde(default)]
    pub project: bool,
    /// The hole that holds a file which this command interprets.
    pub file: Option<String>,
    /// The hole that holds a directory, or the directory, whose files it serves as they are: nothing else of the project
    /// is read.
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
    /// The file may list the programs that it starts, with their interpreters, instead of being one.
    #[serde(default)]
    pub lists: bool,
    /// It starts programs that its settings name: whatever may be one of them stays.
    #[serde(default)]
    pub anything: bool,
    /// It starts what a Procfile names where it is run: its options that name another file.
    pub procfile: Option<Vec<String>>,
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
    /// Globs of the files that decide alone on what it installs, beside its working directory, where a rule that asks for
    /// them has shown so; without it those of `reads` do.
    #[serde(default)]
    pub manifests: Vec<String>,
    /// Paths that it creates or changes; `.` is unknown places below the working directory, `/` anywhere.
    #[serde(default)]
    pub writes: Vec<String>,
    /// Libraries below what it writes, relative to the working directory, that it leaves as they are, and the manifests
    /// that they come from with them. Caches among them do not count.
    #[serde(default)]
    pub spares: Vec<String>,
    /// What it creates or changes where a variable or a setting has a value, instead of `writes`; the first that holds
    /// counts.
    #[serde(default)]
    pub writes_when: Vec<WritesDocument>,
    /// What it creates or changes where a fact of the project is present, instead of `writes`; the first that holds
    /// counts.
    #[serde(default)]
    pub writes_if: Vec<WritesIfDocument>,
    /// What it creates or changes where no file of a name is in its working directory yet, instead of `writes`.
    pub writes_without: Option<WritesWithoutDocument>,
    /// Settings that it stores for the commands that follow (`NAME=value`), under the names of their variables.
    #[serde(default)]
    pub sets: Vec<String>,
    /// The command that removes development dependencies.
    pub production: Option<String>,
    /// The same where the version of the tool wants another one; the first that fits.
    #[serde(default)]
    pub production_for: Vec<ProductionDocument>,
    /// It may make several programs in the directory that it writes, which may start each other: all of them go along.
    #[serde(default)]
    pub several: bool,
    /// A fact that must be present for `production` to work.
    pub production_if: Option<String>,
    /// A fact that must not be present for `production` to work.
    pub production_unless: Option<String>,
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
    /// The program is a compiler's: what it cleans up is the build's, and a runtime does not have it.
    #[serde(default)]
    pub compiler: bool,
    /// The program whose settings it stores: they are needed where something runs that program.
    pub configures: Option<String>,
    /// The hole that holds names of packages.
    pub packages: Option<String>,
    /// The hole that holds the name under which the packages can be removed again (`apk add --virtual NAME`).
    pub group: Option<String>,
    /// The hole that holds names of packages, or of groups of them, that it removes.
    pub removes: Option<String>,
    /// It only refreshes the lists of packages (`apt-get update`): without an install it does nothing for an image.
    #[serde(default)]
    pub refreshes: bool,
    /// It takes new versions of packages that the image has from lists that were refreshed before it (`apt-get upgrade`).
    #[serde(default)]
    pub upgrades: bool,
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
    /// How it makes the home directory of the user whom it creates.
    pub home: Option<HomeDocument>,
    /// It makes what it names, where nothing is there by that name (`mkdir`, `ln`).
    #[serde(default)]
    pub makes: bool,
    /// Paths that a set-up command acts on.
    #[serde(default)]
    pub touches: Vec<String>,
    /// A remark for the reader.
    pub note: Option<String>,
}

/// A command for some base images, or for some projects.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductionDocument {
    /// Names of the base images; nothing means any.
    #[serde(default)]
    pub base: Vec<String>,
    /// A regular expression for their tags.
    pub tag: Option<Expression>,
    /// A fact that must be present.
    pub when: Option<String>,
    /// The command.
    pub run: String,
}

/// What a command writes outside of a project.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WritesWithoutDocument {
    /// The name of the file (`Gemfile`).
    pub file: String,
    /// Paths as in `writes`, without holes; variables may stand in them.
    pub writes: Vec<String>,
}

/// What a command writes where a fact is present.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WritesIfDocument {
    /// The fact.
    pub fact: String,
    /// Paths as in `writes`, without holes.
    pub writes: Vec<String>,
}

/// What a command writes under a condition.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WritesDocument {
    /// `NAME=value`; several values with `|` between them. `NAME` alone: it is set.
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
    /// Absolute path, relative to the working directory, or with `~` for the home directory of the user.
    pub target: String,
    /// BuildKit's `sharing`.
    pub sharing: Option<String>,
    /// BuildKit's `id`.
    pub id: Option<String>,
}

/// The home directory of a user whom a command creates; `/home/NAME` where no option says otherwise.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HomeDocument {
    /// Options that name it.
    #[serde(default)]
    pub path: Vec<String>,
    /// Options that name the folder above it.
    #[serde(default)]
    pub below: Vec<String>,
    /// Options that have it made; without any it is made unless told otherwise.
    #[serde(default)]
    pub with: Vec<String>,
    /// Options that have it not made.
    #[serde(default)]
    pub without: Vec<String>,
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
