//! The command line: what can be asked for, and the help that explains it.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum, ValueHint};

/// Rewrite Dockerfiles into smaller, safer ones
///
/// dockopt reads a Dockerfile and its build context and shows, as a diff, what it can better: a build stage and
/// a slim runtime instead of one big stage, caches, order, flags. Every change rests on evidence that it names;
/// what it cannot prove it leaves alone and says why.
#[derive(Debug, Parser)]
#[command(
    name = "dockopt",
    version,
    propagate_version = true,
    max_term_width = 100
)]
#[command(after_help = "Run `dockopt fix --help` for examples, `dockopt explain` for the rules.")]
#[command(after_long_help = TOP_EXAMPLES)]
#[command(arg_required_else_help = true, subcommand_required = true)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,

    /// When to use colour
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        default_value_t,
        global = true,
        display_order = 900
    )]
    pub color: Color,
}

const TOP_EXAMPLES: &str = "\
Examples:
  dockopt fix                        show what would change in ./Dockerfile
  dockopt fix --write services/      change every Dockerfile below a folder
  dockopt verify                     build and run the image before and after, and compare
  dockopt explain split-node         why a rule exists, before and after, its risk

Exit status:
  0  nothing to do, or done, or everything held (`verify`)
  1  changes are pending (`fix`, `fix --check`), something does not hold (`verify`), or a rule test
     failed (`rules test`)
  2  usage, input, parse, rule or engine error
  3  something could not be compared (`verify`)

`fix` and `explain` run no command, open no connection and read nothing outside the build context
and the rule and configuration files: they are safe on repositories that nobody has read. `verify`
builds and runs what the Dockerfile says.";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show what would change in Dockerfiles, or change them
    Fix(Fix),
    /// Build and run Dockerfiles before and after their changes, and compare
    #[command(long_about = verify::ABOUT)]
    Verify(Box<Verify>),
    /// Tell why a rule exists, or why a Dockerfile was left alone
    Explain(Explain),
    /// List, test and write rules
    Rules(Rules),
    /// Print a completion script for a shell
    Completions(Completions),
    /// Print the manual page
    Man,
    /// Print the JSON schema of a report or of the configuration file
    #[command(hide = true)]
    Schema(Schema),
}

/// Show what would change in Dockerfiles, or change them
///
/// Prints a unified diff on standard output, which `git apply` takes, and a summary on standard error. With
/// `--write` it changes the files instead.
#[derive(Debug, Args)]
#[command(after_long_help = FIX_EXAMPLES)]
pub struct Fix {
    /// Dockerfiles, folders to search, or `-` for standard input [default: ./Dockerfile]
    ///
    /// A folder is searched for Dockerfiles (`Dockerfile`, `Dockerfile.*`, `*.Dockerfile`, `Containerfile`), without
    /// what ignore files leave out. `-` reads one Dockerfile from standard input; with `--write` the result goes
    /// to standard output.
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,

    /// Change the files (`-`: print the result)
    #[arg(short, long, conflicts_with = "check")]
    pub write: bool,

    /// Only tell by the summary and the exit status whether something would change
    #[arg(long)]
    pub check: bool,

    /// What to print on standard output [default: diff; with --write or --check nothing]
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,

    #[command(flatten)]
    pub selection: Selection,

    #[command(flatten)]
    pub talk: Talk,
}

const FIX_EXAMPLES: &str = "\
Examples:
  dockopt fix                                  show the diff for ./Dockerfile
  dockopt fix | git apply                      take it
  dockopt fix --write                          the same, in one step
  dockopt fix --write --level safe .           below this folder, only what cannot change behaviour
  dockopt fix --check --quiet .                for CI: exit status 1 where something would change
  dockopt fix --context . docker/prod.Dockerfile
                                               the build context is not the Dockerfile's folder
  dockopt fix - --write < Dockerfile           a filter: the result on standard output
  dockopt fix --format github .                annotations in a GitHub workflow

Levels:
  safe    same build result and same image contract, only smaller, cleaner or faster to build
  review  meant to run the same, but it depends on something dockopt cannot see: read the diff
  unsafe  changes behaviour

Exit status:
  0  nothing to do, or written
  1  changes are pending
  2  usage, input, parse or rule error; all other files were still processed

A project's defaults stand in `.dockopt.yaml` (level, base, select, ignore, rules), found from the
current folder upward to the root of the repository. `--level`, `--base` and `--select` take the
place of its entries; `--ignore` and `--rules` add to them.

A Dockerfile speaks in comments:
  # dockopt: ignore[=ID] reason            leave the next instruction alone
  # dockopt: build|runtime|both            where the next instruction belongs in a split";

/// Which rules run, on what, and how far they may go.
#[derive(Debug, Args)]
pub struct Selection {
    /// The build context [default: the folder of the Dockerfile; with `-` none]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub context: Option<PathBuf>,

    /// More rules: a YAML file or a folder of them; may be repeated
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub rules: Vec<PathBuf>,

    /// Run these rules or tags alone; may be repeated
    #[arg(long, value_name = "ID,...", value_delimiter = ',')]
    pub select: Vec<String>,

    /// Run the rules of these profiles; may be repeated [default: default]
    #[arg(
        long,
        value_name = "NAME,...",
        value_delimiter = ',',
        conflicts_with = "select"
    )]
    pub profile: Vec<String>,

    /// Leave these rules or tags out; may be repeated
    #[arg(long, value_name = "ID,...", value_delimiter = ',')]
    pub ignore: Vec<String>,

    /// How far changes may go [default: review]
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub level: Option<Level>,

    /// Which base images a runtime may get [default: distroless]
    #[arg(long, value_enum, value_name = "BASE")]
    pub base: Option<Base>,

    /// Do not read `.dockopt.yaml`
    #[arg(long)]
    pub no_config: bool,
}

/// How much is said on standard error.
#[derive(Clone, Copy, Debug, Args)]
pub struct Talk {
    /// Explain each change and each refusal in full
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,

    /// Say less: equal refusals together and the totals; twice: errors alone
    #[arg(short, long, action = ArgAction::Count)]
    pub quiet: u8,
}

/// Tell why a rule exists, or why a Dockerfile was left alone
///
/// With a rule's ID: its reason, its example before and after, its safety, its risk. With a path: every change
/// and every refusal for that file, with the evidence. Without either: all rules, a line each.
#[derive(Debug, Args)]
#[command(after_long_help = EXPLAIN_EXAMPLES)]
pub struct Explain {
    /// The ID of a rule, a Dockerfile, or `-` for standard input
    #[arg(value_name = "ID|PATH", value_hint = ValueHint::AnyPath)]
    pub subject: Option<PathBuf>,

    #[command(flatten)]
    pub selection: Selection,
}

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  dockopt explain                    all rules, a line each
  dockopt explain split-node         one rule, with its example
  dockopt explain ./Dockerfile       what each rule made of this file, and why";

/// List, test and write rules
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct Rules {
    /// What to do with rules
    #[command(subcommand)]
    pub command: RulesCommand,
}

/// The commands for rules.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List all rules
    List(RulesList),
    /// Run the tests that stand in rule files
    Test(RulesTest),
    /// Begin a new rule: prints a file to start from
    New(RulesNew),
    /// Print the JSON schema of rule files, for editors
    Schema,
}

/// List all rules
#[derive(Debug, Args)]
pub struct RulesList {
    /// How to print them
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: ListFormat,

    /// More rules: a YAML file or a folder of them; may be repeated
    #[arg(long, value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub rules: Vec<PathBuf>,
}

/// Run the tests that stand in rule files
#[derive(Debug, Args)]
pub struct RulesTest {
    /// Rule files or folders of them [default: the rules that dockopt brings]
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,

    #[command(flatten)]
    pub talk: Talk,
}

/// Begin a new rule: prints a file to start from
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  dockopt rules new apt-lists > rules/apt-lists.yaml")]
pub struct RulesNew {
    /// The ID of the rule: kebab-case, the name of its file
    #[arg(value_name = "ID")]
    pub id: String,
}

/// Print a completion script for a shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  dockopt completions bash > /etc/bash_completion.d/dockopt")]
pub struct Completions {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

/// Print the JSON schema of a report or of the configuration file
#[derive(Debug, Args)]
pub struct Schema {
    /// Which schema
    #[arg(value_enum, value_name = "KIND")]
    pub kind: SchemaKind,
}

/// What a schema describes.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SchemaKind {
    /// The report of `fix --format json`
    Report,
    /// The report of `verify --format json`
    Verify,
    /// The configuration file `.dockopt.yaml`
    Config,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What to print on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// A unified diff, for `git apply`
    Diff,
    /// The summary, for a person
    Text,
    /// JSON, versioned; its schema stands in rules/schema/report.json
    Json,
    /// Workflow commands that GitHub shows as annotations
    Github,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// Markdown, for the text of a pull request
    Markdown,
}

/// How to print a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// A table
    #[default]
    Text,
    /// JSON
    Json,
}

/// How far changes may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// Same build result and same image contract
    Safe,
    /// Meant to run the same; read the diff
    Review,
    /// Changes behaviour
    Unsafe,
}

/// Which base images a runtime may get.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Base {
    /// The slim image of the same family
    Slim,
    /// Distroless where a static binary needs nothing else, otherwise slim
    Distroless,
    /// Distroless with the C library where a program is one file that links nothing else, otherwise as distroless
    DistrolessCc,
    /// The base image as it is
    Keep,
}

impl From<Color> for dockopt::report::Choice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
}

impl From<Level> for dockopt::engine::Level {
    fn from(level: Level) -> Self {
        match level {
            Level::Safe => Self::Safe,
            Level::Review => Self::Review,
            Level::Unsafe => Self::Unsafe,
        }
    }
}

impl Talk {
    /// The detail of the summary.
    pub fn detail(self) -> dockopt::report::Detail {
        use dockopt::report::Detail;
        match (self.verbose, self.quiet) {
            (true, _) => Detail::Verbose,
            (false, 0) => Detail::Normal,
            (false, 1) => Detail::Quiet,
            (false, _) => Detail::Errors,
        }
    }
}

mod verify;

pub use verify::{Verify, VerifyFormat};

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_holds_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn lists_may_be_repeated_and_joined_by_commas() {
        let cli = Cli::try_parse_from([
            "dockopt",
            "fix",
            "--select",
            "a,b",
            "--select",
            "c",
            "--ignore=d",
            "x",
            "-",
        ])
        .unwrap_or_else(|error| panic!("{error}"));
        let Command::Fix(fix) = cli.command else {
            panic!("not fix")
        };
        assert_eq!(fix.selection.select, ["a", "b", "c"]);
        assert_eq!(fix.selection.ignore, ["d"]);
        assert_eq!(fix.paths, [PathBuf::from("x"), PathBuf::from("-")]);
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        assert!(Cli::try_parse_from(["dockopt", "fix", "--write", "--check"]).is_err());
        assert!(Cli::try_parse_from(["dockopt", "fix", "-q", "-v"]).is_err());
        assert!(Cli::try_parse_from(["dockopt", "fix", "--level", "bold"]).is_err());
    }
}
