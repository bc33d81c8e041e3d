//! A project's defaults: the file `.dockopt.yaml`.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::engine::{BaseChoice, Level};
use crate::value;

/// The name of the configuration file.
pub const FILE_NAME: &str = ".dockopt.yaml";

/// No larger configuration file is read, in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// What `.dockopt.yaml` may say; every key is optional, and other keys are errors.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[schemars(
    title = "dockopt configuration",
    description = "A project's defaults for dockopt: .dockopt.yaml"
)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// How far changes may go: `safe`, `review` (default) or `unsafe`.
    pub level: Option<Level>,
    /// Which base images a runtime may get: `slim`, `distroless` (default) or `keep`.
    pub base: Option<BaseChoice>,
    /// Profiles whose rules run: `default`, `buildkit`, `strict`, `style`, or those of `rules`.
    pub profile: Vec<String>,
    /// Rules or tags to run alone.
    pub select: Vec<String>,
    /// Rules or tags to leave out.
    pub ignore: Vec<String>,
    /// More rules: YAML files, or folders of them, relative to this file and inside the repository.
    pub rules: Vec<PathBuf>,
}

/// The JSON schema of the configuration file.
pub fn json_schema() -> schemars::Schema {
    schemars::schema_for!(Config)
}

/// A configuration file that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Where it stands.
    pub path: PathBuf,
    /// What it says; the paths of its `rules` are joined to its folder.
    pub config: Config,
}

/// Why a configuration file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It is there, but cannot be read.
    #[error("the file cannot be read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// It says something that is not understood.
    #[error("{message}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Its text.
        text: String,
        /// Line and column, counted from 1.
        position: Option<(usize, usize)>,
        /// What is wrong, in a sentence.
        message: String,
    },
    /// A path of `rules` leads out of the repository, whose configuration nobody has to trust.
    #[error("`rules` names `{}`, which lies outside the repository", rules.display())]
    Outside {
        /// The file.
        path: PathBuf,
        /// The path as written.
        rules: PathBuf,
    },
}

impl ConfigError {
    /// The configuration file that is meant.
    pub fn path(&self) -> &Path {
        match self {
            Self::Read { path, .. } | Self::Invalid { path, .. } | Self::Outside { path, .. } => {
                path
            }
        }
    }
}

/// Looks for `.dockopt.yaml` in `folder` (an absolute path) and upward to the root of the repository, the folder
/// that holds `.git`. Without a repository only `folder` itself counts: what lies above it may be anybody's.
pub fn find(folder: &Path) -> Result<Option<Found>, ConfigError> {
    let root = folder
        .ancestors()
        .find(|above| above.join(".git").exists())
        .unwrap_or(folder);
    for above in folder.ancestors() {
        let path = above.join(FILE_NAME);
        if path.exists() {
            return load(&path, root).map(Some);
        }
        if above == root {
            break;
        }
    }
    Ok(None)
}

/// Reads one configuration file; paths of its `rules` must lie below `root`.
fn load(path: &Path, root: &Path) -> Result<Found, ConfigError> {
    let text = read(path).map_err(|source| ConfigError::Read {
        path: path.to_owned(),
        source,
    })?;
    let mut config = parse(&text).map_err(|(position, message)| ConfigError::Invalid {
        path: path.to_owned(),
        text,
        position,
        message,
    })?;
    let folder = path.parent().unwrap_or(root);
    for rules in &mut config.rules {
        let joined = folder.join(&*rules);
        // Links are followed for this test: what is read must lie in the repository, whatever it is called.
        let real = joined.canonicalize().map_err(|source| ConfigError::Read {
            path: joined.clone(),
            source,
        })?;
        let inside = root.canonicalize().is_ok_and(|root| real.starts_with(root));
        if !inside {
            return Err(ConfigError::Outside {
                path: path.to_owned(),
                rules: rules.clone(),
            });
        }
        *rules = joined;
    }
    Ok(Found {
        path: path.to_owned(),
        config,
    })
}

fn read(path: &Path) -> std::io::Result<String> {
    let size = path.metadata()?.len();
    if size > MAX_SIZE {
        return Err(std::io::Error::other(format!(
            "{size} bytes are too many for a configuration file"
        )));
    }
    std::fs::read_to_string(path)
}

type Invalid = (Option<(usize, usize)>, String);

fn parse(text: &str) -> Result<Config, Invalid> {
    if text
        .lines()
        .all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'))
    {
        return Ok(Config::default());
    }
    value::from_yaml(text).map_err(|error| {
        let place = Some((error.line, error.column)).filter(|(line, _)| *line > 0);
        (place, error.message)
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_key_is_read() {
        let config =
            parse("level: safe\nbase: keep\nselect: [a, b]\nignore: [c]\nrules: [rules]\n")
                .unwrap();
        assert_eq!(
            config,
            Config {
                level: Some(Level::Safe),
                base: Some(BaseChoice::Keep),
                profile: vec![],
                select: vec!["a".to_owned(), "b".to_owned()],
                ignore: vec!["c".to_owned()],
                rules: vec![PathBuf::from("rules")],
            }
        );
    }

    #[test]
    fn nothing_said_is_nothing_set() {
        assert_eq!(parse("# later\n\n").unwrap(), Config::default());
    }

    #[test]
    fn errors_name_their_place() {
        for (text, place, word) in [
            ("level: safe\nlevle: safe\n", (2, 1), "levle"),
            ("level: bold\n", (1, 8), "bold"),
            ("ignore:\n  - a\nignore: [b]\n", (3, 1), "ignore"),
            ("select: a\n", (1, 9), "sequence"),
        ] {
            let (position, message) = parse(text).unwrap_err();
            assert_eq!(position, Some(place), "{message}");
            assert!(message.contains(word), "{message}");
        }
    }

    #[test]
    fn the_nearest_file_up_to_the_repository_wins() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().join("repository");
        let deep = root.join("services/api");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::create_dir(root.join(".git")).unwrap();
        std::fs::write(temp.path().join(FILE_NAME), "level: unsafe\n").unwrap();
        assert_eq!(find(&deep).unwrap(), None);
        std::fs::write(root.join(FILE_NAME), "level: safe\n").unwrap();
        assert_eq!(
            find(&deep).unwrap().unwrap().config.level,
            Some(Level::Safe)
        );
        std::fs::write(root.join("services").join(FILE_NAME), "base: slim\n").unwrap();
        assert_eq!(find(&deep).unwrap().unwrap().config.level, None);
    }

    #[test]
    fn rules_stay_inside_the_repository() {
        let temp = tempfile::tempdir().unwrap();
        let root = temp.path().join("repository");
        std::fs::create_dir_all(root.join("rules")).unwrap();
        std::fs::create_dir(root.join(".git")).unwrap();
        std::fs::write(temp.path().join("secret.yaml"), "key\n").unwrap();
        std::fs::write(root.join(FILE_NAME), "rules: [rules]\n").unwrap();
        assert_eq!(
            find(&root).unwrap().unwrap().config.rules,
            [root.join("rules")]
        );
        std::fs::write(root.join(FILE_NAME), "rules: [../secret.yaml]\n").unwrap();
        assert!(matches!(find(&root), Err(ConfigError::Outside { .. })));
        std::fs::write(root.join(FILE_NAME), "rules: [none]\n").unwrap();
        assert!(matches!(find(&root), Err(ConfigError::Read { .. })));
    }
}
