//! What holds for a call: the command line over `.dockopt.yaml` over the defaults.

use std::path::{Path, PathBuf};

use dockopt::config::{self, ConfigError};
use dockopt::engine::{BaseChoice, Options};
use dockopt::report::{Problem, relative_to, slashed};
use dockopt::rule::{Entry, RuleSet};

use super::Failure;
use crate::cli::{Base, Selection};
use dockopt::nearest::nearest;

/// What holds for a call.
pub struct Settings {
    /// What the engine is asked for.
    pub options: Options,
    /// All rules.
    pub rules: RuleSet,
    /// Where rules come from beside those of dockopt.
    pub paths: Vec<PathBuf>,
    /// The current folder: paths are shown as seen from it.
    pub folder: PathBuf,
}

impl Settings {
    /// Reads the configuration file, puts the command line over it, and loads the rules.
    pub fn load(selection: &Selection) -> Result<Self, Failure> {
        let folder = std::env::current_dir()
            .map_err(|error| Failure::new(format!("the current folder cannot be read: {error}")))?;
        let config = if selection.no_config {
            None
        } else {
            find(&folder)?
        };
        let config = config.unwrap_or_default();
        let paths = [config.rules, selection.rules.clone()].concat();
        let rules = load_rules(&paths)?;
        let base = selection.base.map(|base| match base {
            Base::Slim => BaseChoice::Slim,
            Base::Distroless => BaseChoice::Distroless,
            Base::DistrolessCc => BaseChoice::DistrolessCc,
            Base::Keep => BaseChoice::Keep,
        });
        let select = if selection.select.is_empty() {
            config.select
        } else {
            selection.select.clone()
        };
        let defaults = Options::default();
        let profiles = match (selection.profile.is_empty(), config.profile.is_empty()) {
            (false, _) => selection.profile.clone(),
            (true, false) => config.profile,
            (true, true) => defaults.profiles,
        };
        let options = Options {
            level: selection
                .level
                .map(Into::into)
                .or(config.level)
                .unwrap_or(defaults.level),
            profiles,
            select,
            ignore: [config.ignore, selection.ignore.clone()].concat(),
            base: base.or(config.base).unwrap_or(defaults.base),
        };
        for name in &options.profiles {
            profile(name, &rules)?;
        }
        for name in options.select.iter().chain(&options.ignore) {
            known(name, &rules)?;
        }
        Ok(Self {
            options,
            rules,
            paths,
            folder,
        })
    }
}

/// The rules that come with dockopt, with those of `paths` over them.
pub fn load_rules(paths: &[PathBuf]) -> Result<RuleSet, Failure> {
    Ok(RuleSet::with_paths(paths)?)
}

/// The same, with the tests of all rules.
pub fn load_complete(paths: &[PathBuf]) -> Result<RuleSet, Failure> {
    Ok(RuleSet::complete(paths)?)
}

/// Sees to it that a profile of this name exists.
fn profile(name: &str, rules: &RuleSet) -> Result<(), Failure> {
    let names: Vec<&str> = rules
        .profiles
        .iter()
        .map(|profile| &*profile.name)
        .collect();
    if names.contains(&name) {
        return Ok(());
    }
    let help = format!("the profiles are {}", names.join(", "));
    Err(Failure::new(format!("there is no profile `{name}`")).help(help))
}

/// Sees to it that a rule or a tag of this name exists.
fn known(name: &str, rules: &RuleSet) -> Result<(), Failure> {
    let mut entries = rules.entries().iter();
    if entries.any(|rule| rule.id() == name || rule.tagged(name)) {
        return Ok(());
    }
    Err(unknown_rule(name, rules, "no rule and no tag"))
}

/// The failure for a name that no rule has, with the names that are nearest to it.
pub fn unknown_rule(name: &str, rules: &RuleSet, what: &str) -> Failure {
    let ids: Vec<&str> = rules.entries().iter().map(Entry::id).collect();
    let help = match nearest(name, &ids) {
        Some(id) => format!("did you mean `{id}`? `dockopt rules list` prints all rules"),
        None => "`dockopt rules list` prints all rules".to_owned(),
    };
    Failure::new(format!("there is {what} `{name}`")).help(help)
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
    Failure::at(slashed(&relative_to(folder, error.path())), problem)
}
