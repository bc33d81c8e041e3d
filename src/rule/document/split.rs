//! The verb `split`: how a build is divided from its runtime.

use crate::rule::expression::Expression;
use schemars::JsonSchema;
use serde::Deserialize;

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
    /// Facts that list the folders of a project's workspaces, as globs: their manifests count, too.
    #[serde(default)]
    pub workspaces: Vec<String>,
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
    /// Commands, by their first words (`npm`, `go generate`), that make files beside the program: what the sources ask
    /// for and the build context lacks is theirs.
    #[serde(default)]
    pub generators: Vec<String>,
    /// Variables that the base images of this family set to different values, and that decide how a program runs: the
    /// value of the old image is written out.
    #[serde(default)]
    pub keep_env: Vec<String>,
    /// A program in a directory `bin` needs what lies beside that directory (`lib`, `releases`), and nothing above.
    #[serde(default)]
    pub home: bool,
    /// Programs that are one file, which is carried without what the build put beside it.
    pub alone: Option<AloneDocument>,
    /// Directories that base images fill with what only a build needs: nothing else in them can be told from it.
    #[serde(default)]
    pub occupied: Vec<OccupiedDocument>,
    /// The build leaves more behind (downloads, intermediate files) than the runtime needs: a split is worth it even
    /// where both stages have the same base image.
    #[serde(default)]
    pub even_on_same_base: bool,
    /// Only where a compiler stays behind: anything less is not worth a second stage.
    #[serde(default)]
    pub compiler: bool,
    /// Only where a package of the system stays behind.
    #[serde(default)]
    pub packages: bool,
    /// Packages of the system that are installed for a build, and for which the runtime gets a part of them.
    #[serde(default)]
    pub lighter: Vec<LighterDocument>,
    /// Servers of the base image, and the directories that they load programs from: what a build puts there is the
    /// program.
    #[serde(default)]
    pub loads: Vec<LoadsDocument>,
    /// The program runs from its sources: no build step's output stands for the whole.
    #[serde(default)]
    pub interpreted: bool,
    /// Without CMD and ENTRYPOINT the container starts what the base image does, by the table `base-config`.
    #[serde(default)]
    pub inherited_start: bool,
    /// Only where an instruction brings files of an application: others fill an image without them, and need what it
    /// has for building.
    #[serde(default)]
    pub application: bool,
    /// Sources that are searched for files read at run time.
    pub sources: Option<SourcesDocument>,
    /// Fact that is present where installing dependencies runs scripts of the project, which may write anywhere
    /// below the application's directory.
    pub install_scripts: Option<String>,
    /// Remove development dependencies after the build, by the `production` command of the step that installed them.
    #[serde(default)]
    pub prune: bool,
    /// Which development dependencies may go: where one is none of these, all of them stay.
    pub tools: Option<ToolsDocument>,
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
    /// Only where it is asked for by name: `--base` with this value.
    pub asked: Option<String>,
    /// Only for builds on this suite.
    pub suite: Option<String>,
    /// The kind of row in `base-swap` whose image has the same suite and libc, where this one has no row of its own: the
    /// tag of the build stage is chosen for that.
    pub goes_with: Option<String>,
    /// System packages that this image has: a program that needs another one, a shell or a command does not get it.
    #[serde(default)]
    pub has: Vec<String>,
    /// Certificates that the full image has and this one lacks are copied from the build stage.
    #[serde(default)]
    pub certificates: bool,
    /// Files that programs of the full image need and that this one lacks, copied from the build stage at the same
    /// place.
    #[serde(default)]
    pub copies: Vec<String>,
    /// Files of the full image that programs read where a fact says so, and that this one lacks: copied from the build
    /// stage at the same place.
    #[serde(default)]
    pub brings: Vec<CarryDocument>,
    /// A command for the runtime after those copies.
    pub run: Option<String>,
    /// What is built is no machine code: it does not depend on the suite that it was built on.
    #[serde(default)]
    pub portable: bool,
    /// Only for a program that is one file, which loads nothing from beside itself.
    #[serde(default)]
    pub only_alone: bool,
    /// Users that the build's image has and this one lacks: a program that runs as one of them keeps the build's image.
    #[serde(default)]
    pub users: Vec<String>,
    /// Commands that this image lacks and no package brings: a start that runs one keeps the build's image.
    #[serde(default)]
    pub lacks: Vec<String>,
    /// Parts of paths that only the build's image has: an instruction that names one keeps that image.
    #[serde(default)]
    pub lacks_paths: Vec<String>,
    /// Facts that keep the build's image where they are present, with the reason.
    #[serde(default)]
    pub unless: Vec<ReasonDocument>,
    /// System packages that it lacks, with the fact that says that the program needs them.
    #[serde(default)]
    pub packages: Vec<PackageDocument>,
}

/// Development dependencies that no program uses when it runs.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ToolsDocument {
    /// Fact that lists the development dependencies.
    pub names: String,
    /// Table of those that are tools for writing and testing.
    pub table: String,
}

/// A server of the base image that loads programs from directories of its own.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LoadsDocument {
    /// Commands that start it (`catalina.sh`), also by their path below one of the directories.
    pub starts: Vec<String>,
    /// Directories (`/usr/local/tomcat`).
    pub from: Vec<String>,
}

/// Packages for a build that have a smaller package for running what was built: a JDK and its JRE.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LighterDocument {
    /// The table from a package to the one that the runtime installs (column `runtime`).
    pub table: String,
    /// Commands that both of them bring. Where the start runs one, a package of the table must be installed by name:
    /// else it came with another package, which may stay behind.
    pub brings: Vec<String>,
    /// Base images that have none of these packages before one is installed.
    pub distributions: Vec<String>,
    /// Programs of other languages. Where the start runs one on a distribution's image, the rule reads no sources that
    /// say what it needs.
    #[serde(default)]
    pub foreign: Vec<String>,
    /// Commands that the smaller package lacks: a start or a set-up command that names one keeps the larger.
    #[serde(default)]
    pub lacks: Vec<String>,
    /// Parts of paths that the smaller package lacks: an instruction that names one keeps the larger.
    #[serde(default)]
    pub lacks_paths: Vec<String>,
    /// Facts that keep the larger package where they are present, with the reason.
    #[serde(default)]
    pub unless: Vec<ReasonDocument>,
}

/// A system package that a program needs at run time.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PackageDocument {
    /// The package's name.
    pub name: String,
    /// The fact; where it is not known, the package is installed as well.
    pub when: String,
    /// Not where the fact is not known.
    #[serde(default)]
    pub known: bool,
    /// Why, for the report.
    pub why: String,
}

/// Built programs that are one file.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AloneDocument {
    /// Endings of their names (`.jar`); the empty one stands for any name.
    #[serde(default)]
    pub endings: Vec<String>,
    /// Names without a dot in them count, too.
    #[serde(default)]
    pub without_ending: bool,
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
    /// The release of the distribution that it is for, where it differs between releases.
    pub suite: Option<String>,
    /// A regular expression for the base image's tag; its first group is `<tag>` in `paths`.
    pub tag: Expression,
    /// Paths where the tag fits.
    pub paths: Vec<String>,
    /// Paths where it does not.
    #[serde(default)]
    pub otherwise: Vec<String>,
    /// Facts that make it `otherwise` where one of them is present.
    #[serde(default)]
    pub otherwise_when: Vec<String>,
    /// Where the tool installs for a user who may not write to `paths`, below the user's home directory.
    pub for_user: Option<String>,
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
    /// The path, relative to the application's directory; of a file of the base image absolute.
    pub path: String,
    /// The fact that must be present.
    pub when: String,
    /// A regular expression with a group for the base image's tag, where only some versions need it.
    pub tag: Option<Expression>,
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
    /// Only where a RUN runs one of these programs (`uv`, or with its first words: `uv sync`).
    #[serde(default)]
    pub programs: Vec<String>,
    /// Only where the start runs one of these commands; not for `refuse`.
    #[serde(default)]
    pub starts: Vec<String>,
    /// A regular expression for the base image's tag: where its first group is the fact's text, the reason does not
    /// hold.
    pub unless_tag: Option<Expression>,
    /// The fact's text is a path, and the reason holds only where that lies outside of the working directory. The
    /// regular expression finds such a path in the values of variables, too.
    pub outside: Option<Expression>,
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
    /// Globs of files of settings that the build puts into the program, which may name files beside it.
    #[serde(default)]
    pub packed: Vec<String>,
    /// Scripts that the language's own build runs, which may write files that the program reads.
    pub scripts: Option<ScriptsDocument>,
}

/// Scripts that a build runs beside the compiler.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScriptsDocument {
    /// Globs of the scripts.
    pub files: Vec<String>,
    /// Globs of files that are none.
    #[serde(default)]
    pub except: Vec<String>,
    /// Facts of which one must be present: that they write files at all.
    pub when: Vec<String>,
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
    /// Fact that lists packages that are compiled although there is a compiled form, and the key of `native-packages`
    /// for what they then link.
    pub compiled: Option<CompiledDocument>,
    /// Options of compilers that link a library of the compiler's own (`-fopenmp`, `-fsanitize=address`).
    pub options: Option<OptionsDocument>,
    /// The key of `native-packages` for what packages need beside that where the language comes from the packages of a
    /// distribution: those that embed it find its library beside its headers, which stay behind.
    pub distribution: Option<DistributionDocument>,
    /// Facts that list libraries of the system, as a linker names them (`png` for `-lpng`), that the project itself
    /// links: one that the table has no row `c` for stops the split of an image that has many such libraries.
    #[serde(default)]
    pub linked: Vec<String>,
    /// Packages of the system that the smaller image has all the same.
    #[serde(default)]
    pub has: Vec<String>,
    /// The ending of packages that link a library of the system (`-sys`): one that the table does not know stops the
    /// split of an image that has many such libraries.
    pub links: Option<String>,
}

/// A language that comes from the packages of a distribution.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DistributionDocument {
    /// Base images whose packages bring the language.
    pub bases: Vec<String>,
    /// Key of the table `native-packages`.
    pub ecosystem: String,
}

/// Packages of the language that are compiled on request.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CompiledDocument {
    /// The fact that lists them.
    pub names: String,
    /// Key of the table `native-packages`.
    pub ecosystem: String,
}

/// Options of compilers that link a library. Those in build commands count without being named by a fact.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OptionsDocument {
    /// Facts that list them, without the hyphen: `fopenmp`, `fsanitize=address,undefined`.
    pub names: Vec<String>,
    /// Key of the table `native-packages`.
    pub ecosystem: String,
}

/// Directories that a base image fills itself.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OccupiedDocument {
    /// Names of base images.
    pub base: Vec<String>,
    /// The directories.
    pub paths: Vec<String>,
}

/// How names of programs lead to packages.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BinariesDocument {
    /// Table from a binary's name to its package.
    pub table: String,
    /// Table of packages that only builds use where they are installed globally, beside those whose programs the table
    /// of binaries has for development alone.
    pub tools: Option<String>,
    /// Fact that lists the packages installed for production.
    pub production: String,
    /// Fact that lists the packages installed for development only.
    pub development: String,
    /// Fact that holds a script's text; `<script>` is its name.
    pub script: String,
    /// Facts that hold the file of a program which the manifest itself names, most telling first; `<script>` is the
    /// program's name.
    #[serde(default)]
    pub own: Vec<String>,
    /// The file that makes a folder one that scripts are started in.
    #[serde(default)]
    pub manifest: Option<String>,
    /// Fact that holds the name of a manifest's package, by which a workspace is called.
    #[serde(default)]
    pub name: Option<String>,
    /// Programs of the language that run a file.
    pub interpreters: Vec<String>,
    /// The variable that holds further options of theirs (`NODE_OPTIONS`).
    #[serde(default)]
    pub options: Option<String>,
    /// What the interpreter tries after a file's name (`.js`, `/index.js`).
    #[serde(default)]
    pub extensions: Vec<String>,
}
