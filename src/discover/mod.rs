//! Which Dockerfiles a folder holds, and with which build contexts they are built.

mod compose;
mod services;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::facts::compose::is_compose_file;

pub use services::{Composes, services};

/// Endings of files that carry a Dockerfile's name and are none: templates, copies, ignore files, documentation.
const NOT_DOCKERFILES: &[&str] = &[
    "dockerignore",
    "containerignore",
    "j2",
    "jinja",
    "jinja2",
    "tmpl",
    "tpl",
    "template",
    "erb",
    "in",
    "m4",
    "ejs",
    "mustache",
    "hbs",
    "gotmpl",
    "bak",
    "backup",
    "old",
    "orig",
    "rej",
    "swp",
    "tmp",
    "md",
    "rst",
    "txt",
    "html",
    "adoc",
    "sh",
    "py",
    "rb",
    "js",
    "ts",
    "go",
    "json",
    "yaml",
    "yml",
    "toml",
    "lock",
    "patch",
    "diff",
    "log",
    "sum",
];

/// Whether a file of this name is a Dockerfile: `Dockerfile`, `Dockerfile.prod`, `prod.Dockerfile`,
/// `Containerfile`, in any case of letters.
pub fn is_dockerfile(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["dockerfile", "containerfile"]
        .iter()
        .any(|kind| match name.strip_prefix(kind) {
            Some("") => true,
            Some(rest) => {
                let ending = rest.rsplit('.').next().unwrap_or(rest);
                rest.starts_with(['.', '-', '_'])
                    && !rest.ends_with('~')
                    && !NOT_DOCKERFILES.contains(&ending)
            }
            None => name
                .strip_suffix(kind)
                .is_some_and(|rest| rest.ends_with(['.', '-', '_'])),
        })
}

/// A Dockerfile with the build context that it is built with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// The Dockerfile.
    pub dockerfile: PathBuf,
    /// The folder of its build context: what a compose file says, or the Dockerfile's own folder.
    pub context: PathBuf,
    /// The stage that is built, if a compose file names one.
    pub target: Option<String>,
    /// The compose file that says so.
    pub compose: Option<PathBuf>,
}

/// All Dockerfiles below `folder`, sorted by path, with their build contexts.
///
/// Ignore files (`.gitignore`, `.ignore`) are respected, hidden folders are searched (`.devcontainer`), `.git`
/// is not, and symbolic links are not followed. Compose files on the way (`compose.yaml`,
/// `docker-compose.prod.yml` …) say which context a Dockerfile is built with, and name Dockerfiles that their
/// name does not show; of several entries for one Dockerfile the one with its own folder counts, or else the
/// first. A compose file that leads out of `folder`, uses a variable without a default or is malformed is
/// passed over. `docker-bake.hcl` is not read.
///
/// # Errors
/// A folder that cannot be read.
pub fn search(folder: &Path) -> Result<Vec<Job>, ignore::Error> {
    let (mut found, mut composes) = (Vec::new(), Vec::new());
    let walk = ignore::WalkBuilder::new(folder)
        .hidden(false)
        // The result is that of the repository, whatever the user's own git configuration says.
        .git_global(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build();
    for entry in walk {
        let entry = entry?;
        let Some(name) = entry
            .file_name()
            .to_str()
            .filter(|_| entry.file_type().is_some_and(|kind| kind.is_file()))
        else {
            continue;
        };
        if is_dockerfile(name) {
            found.push(entry.into_path());
        } else if is_compose_file(name) {
            composes.push(entry.into_path());
        }
    }
    composes.sort();
    let mut jobs: BTreeMap<PathBuf, Job> = BTreeMap::new();
    for job in composes.iter().flat_map(|file| compose::jobs(folder, file)) {
        let own = |job: &Job| job.dockerfile.parent() == Some(&job.context);
        match jobs.get(&job.dockerfile) {
            Some(known) if own(known) || !own(&job) => {}
            _ => {
                jobs.insert(job.dockerfile.clone(), job);
            }
        }
    }
    for dockerfile in found {
        jobs.entry(dockerfile.clone()).or_insert_with(|| {
            let context = dockerfile.parent().unwrap_or(folder).to_path_buf();
            Job {
                dockerfile,
                context,
                target: None,
                compose: None,
            }
        });
    }
    Ok(jobs.into_values().collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn dockerfiles_are_known_by_name() {
        for name in [
            "Dockerfile",
            "dockerfile",
            "Dockerfile.prod",
            "api.Dockerfile",
            "Dockerfile-dev",
            "Containerfile",
        ] {
            assert!(is_dockerfile(name), "{name}");
        }
        for name in [
            "Dockerfile.dockerignore",
            "Dockerfile.j2",
            "Dockerfile~",
            "Dockerfiles",
            "mydockerfile",
            "compose.yaml",
        ] {
            assert!(!is_dockerfile(name), "{name}");
        }
    }

    #[test]
    fn a_folder_is_searched_in_order() {
        let temp = tempfile::tempdir().unwrap();
        for path in [
            "b/Dockerfile",
            "a/Dockerfile.dev",
            "a/Dockerfile",
            ".devcontainer/Dockerfile",
            ".git/Dockerfile",
            "out/Dockerfile",
        ] {
            let path = temp.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "FROM scratch\n").unwrap();
        }
        std::fs::write(temp.path().join(".gitignore"), "out/\n").unwrap();
        let found = search(temp.path()).unwrap();
        let names: Vec<_> = found
            .iter()
            .map(|job| {
                job.dockerfile
                    .strip_prefix(temp.path())
                    .unwrap()
                    .to_str()
                    .unwrap()
            })
            .collect();
        assert_eq!(
            names,
            [
                ".devcontainer/Dockerfile",
                "a/Dockerfile",
                "a/Dockerfile.dev",
                "b/Dockerfile"
            ]
        );
    }
}
