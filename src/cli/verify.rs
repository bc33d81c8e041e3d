//! `dockopt verify` on the command line.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};
use dockopt::verify::Request;

use super::{Selection, Talk};

/// What `dockopt verify --help` begins with.
pub const ABOUT: &str = "\
Build and run Dockerfiles before and after their changes, and compare

WARNING: this executes what the Dockerfiles say. The container engine runs every RUN of the original
and of the rewritten Dockerfile, and then the program in each image. Only use it on Dockerfiles that
you would build yourself. (`fix` never runs anything.)

It compares whether both build, how big the images are and what went away, how they are configured,
and how a container of each behaves: what it answers on its ports, whether its health check passes,
or its exit status and output. It changes no file. The containers, images and volumes that it makes
are removed in the end; the engine's build cache stays.";

/// Build and run Dockerfiles before and after their changes, and compare.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct Verify {
    /// Dockerfiles, or folders to search [default: ./Dockerfile]
    ///
    /// Several are verified one after another, with the same options.
    #[arg(value_name = "PATH", value_hint = ValueHint::AnyPath)]
    pub paths: Vec<PathBuf>,

    /// Arguments for the program in the container
    #[arg(last = true, value_name = "ARG")]
    pub args: Vec<String>,

    /// The engine's client [default: docker, podman, nerdctl or buildah, the first that works]
    #[arg(long, value_name = "CLIENT", env = "DOCKOPT_ENGINE", hide_env_values = true, value_hint = ValueHint::CommandName)]
    pub engine: Option<PathBuf>,

    /// A path to ask, with a method in front where it is not GET; may be repeated [default: /]
    #[arg(long, value_name = "[METHOD ]PATH", help_heading = RUN)]
    pub probe: Vec<Request>,

    /// A port of the container to ask; may be repeated [default: EXPOSE, or found by looking]
    ///
    /// It is published on a free port of this machine.
    #[arg(short, long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..), help_heading = RUN)]
    pub publish: Vec<u16>,

    /// A variable for both containers; may be repeated
    #[arg(short, long, value_name = "NAME[=VALUE]", help_heading = RUN)]
    pub env: Vec<String>,

    /// The network of both containers, such as one with a database in it
    #[arg(long, value_name = "NETWORK", help_heading = RUN)]
    pub network: Option<String>,

    /// One more option of the engine's `run`; may be repeated
    #[arg(long, value_name = "OPTION", allow_hyphen_values = true, help_heading = RUN)]
    pub run_arg: Vec<String>,

    /// How long a container may take to answer, to get healthy, or to end
    #[arg(long, value_name = "SECONDS", default_value_t = 120, help_heading = RUN)]
    pub timeout: u64,

    /// A build argument for both builds; may be repeated
    #[arg(long, value_name = "NAME[=VALUE]", help_heading = BUILD)]
    pub build_arg: Vec<String>,

    /// The network of both builds
    #[arg(long, value_name = "NETWORK", help_heading = BUILD)]
    pub build_network: Option<String>,

    /// Build every step anew: only then do the times of both builds compare
    #[arg(long, help_heading = BUILD)]
    pub no_cache: bool,

    /// How long a build may take
    #[arg(long, value_name = "SECONDS", default_value_t = 3600, help_heading = BUILD)]
    pub build_timeout: u64,

    /// The source file to change before both are built again [default: one that is found]
    ///
    /// It is changed in a copy: empty lines are added to its end.
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = BUILD)]
    pub touch: Option<PathBuf>,

    /// Do not build both again after a change to a source file
    #[arg(long, conflicts_with = "touch", help_heading = BUILD)]
    pub no_rebuild: bool,

    /// Do not compare the files of both images, nor look which of them the program opens
    #[arg(long)]
    pub no_files: bool,

    /// Build and run also where nothing would change
    #[arg(long)]
    pub always: bool,

    /// What to print on standard output
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t)]
    pub format: VerifyFormat,

    #[command(flatten)]
    pub selection: Selection,

    #[command(flatten)]
    pub talk: Talk,
}

const RUN: &str = "Running";
const BUILD: &str = "Building";

/// How to show what verifying came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum VerifyFormat {
    /// Tables and bars, for a person
    #[default]
    Text,
    /// JSON, versioned; its schema stands in rules/schema/verify.json
    Json,
    /// Markdown, for the text of a pull request
    Markdown,
}

const EXAMPLES: &str = "\
Examples:
  dockopt verify                                       the ./Dockerfile of this folder
  dockopt verify --probe /health --probe '/items?n=1'  ask for more than `/`
  dockopt verify -e DB_HOST=db --network backend       beside a database that runs already
  dockopt verify --no-cache --format markdown          with build times, for a pull request
  dockopt verify tools/Dockerfile -- --version         a program that ends

What is compared:
  build          both succeed; with --no-cache the times compare
  rebuild        both again after a change to one source file, with the cache
  size           the images and their layers; what went away, the largest first
  configuration  as it was, but for what the applied rules declare
  behaviour      status, body, Content-Type and Location of each answer; HEALTHCHECK; or exit status
                 and output. What differs between two runs of the original does not count.
  opened files   as a warning: what the program opens in the original and would not find any more.
                 The original runs once more with volumes over its folders, whose access times tell.
                 That needs no special right, but volumes on a file system that keeps access times
                 (not `noatime`), and an image with `find` and `stat`.

Ports are asked in HTTP; of other protocols, what is said first is compared. buildah alone runs no
images: behaviour and files are not compared then.

Exit status:
  0  everything held, or there is nothing to change
  1  something does not hold: the rewritten Dockerfile does not build, or its image is configured
     or behaves differently
  2  usage, input, parse, rule or engine error
  3  something could not be compared: the original does not build or start, or a registry or a
     network is not reached
  130, 143  ended by Ctrl-C or SIGTERM, after removing everything; a second one ends at once
Of several files, the worst counts: 2, then 1, then 3.";
