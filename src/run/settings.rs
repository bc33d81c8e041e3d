//! What holds for a call: the command line over `.dockopt.yaml` over the defaults.

use std::path::{Path, PathBuf};

use dockopt::config::{self, ConfigError};
use dockopt::engine::{BaseChoice, Options};
use dockopt::report::{Problem, relative_to, slashed};

use super::Failure;
use crate::cli::{Base, Selection};

/// What holds for a call.
pub struct Settings {
    /// What the engine is asked for.
    pub options: Options,
    /// More rules.
    pub rules: Vec<PathBuf>,
    /// The current folder: paths are shown as seen from it.
    pub folder: PathBuf,
}

impl Settings {
    /// Reads the configuration file and puts the command line over it.
    pub fn load(selection: &Selection) -> Result<Self, Failure> {
        let folder = std::env::current_dir()
            .map_err(|error| Failure::new(format!("the current folder cannot be read: {error}")))?;
        let config = if selection.no_config {
            None
        } else {
            find(&folder)?
        };
        let config = config.unwrap_or_default();
        let base = selection.base.map(|base| match base {
            Base::Slim => BaseChoice::Slim,
            Base::Distroless => BaseChoice::Distroless,
            Base::Keep => BaseChoice::Keep,
        });
        let defaults = Options::default();
        let options = Options {
            level: selection
                .level
                .map(Into::into)
                .or(config.level)
                .unwrap_or(defaults.level),
            select: if selection.select.is_empty() {
                config.select
            } else {
                selection.select.clone()
            },
            ignore: [config.ignore, selection.ignore.clone()].concat(),
            base: base.or(config.base).unwrap_or(defaults.base),
        };
        Ok(Self {
            options,
            rules: [config.rules, selection.rules.clone()].concat(),
            folder,
        })
    }
}

fn find(folder: &Path) -> Result<Option<config::Config>, Failure> {
    let found = config::find(folder).map_err(|error| failure(folder, &error))?;
    Ok(found.map(|found| found.config))
}

fn failure(folder: &Path, error: &ConfigError) -> Failure {
    let mut problem = Problem {
        message: error.to_string(),
        ..Problem::default()
    };
    match error {
        ConfigError::Read { .. } => {}
        ConfigError::Invalid { text, position, .. } => {
            if let Some((line, column)) = *position {
                problem = problem.at(text, line, column, 1);
            }
            problem.help = Some("mend the file, or leave it out with --no-config".to_owned());
        }
        ConfigError::Outside { .. } => {
            problem.help =
                Some("move the rules into the repository, or name them with --rules".into());
        }
    }
    Failure {
        place: Some(slashed(&relative_to(folder, error.path()))),
        problem,
    }
}
