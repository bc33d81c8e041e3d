//! Which compose files may start what a Dockerfile builds.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::facts::compose::{self, Files, Service};

/// A compose file is a few kilobytes; a larger one is passed over.
const MAX_SIZE: u64 = 1 << 20;
/// How many folders above the Dockerfile are looked at.
const MAX_DEPTH: usize = 8;

/// Folders and compose files that were looked at, each read once.
#[derive(Default)]
pub struct Composes {
    folders: Mutex<HashMap<PathBuf, Vec<String>>>,
    texts: Mutex<HashMap<PathBuf, Option<String>>>,
}

/// The services that run what a Dockerfile builds, each with a start of its own.
///
/// Compose files are looked for in the folder of the Dockerfile, in that of the context and, where both lie in a
/// repository, in the folders above them up to its root: nobody else's compose file builds them. In each of them,
/// folders called `below` are looked at, too, and files that others include or extend.
pub fn services(
    dockerfile: &Path,
    context: &Path,
    below: &[&str],
    composes: &Composes,
) -> Vec<Service> {
    let (Ok(dockerfile), Ok(context)) = (dockerfile.canonicalize(), context.canonicalize()) else {
        return Vec::new();
    };
    let mut folders: Vec<PathBuf> = Vec::new();
    for start in [dockerfile.parent(), Some(context.as_path())] {
        let above: Vec<&Path> = start
            .into_iter()
            .flat_map(Path::ancestors)
            .take(MAX_DEPTH)
            .collect();
        let root = above.iter().position(|folder| folder.join(".git").exists());
        for folder in above.iter().take(root.map_or(1, |root| root + 1)) {
            if !folders.iter().any(|known| known == folder) {
                folders.push(folder.to_path_buf());
            }
        }
    }
    let depth = |folder: &&PathBuf| folder.components().count();
    let Some(root) = folders.iter().min_by_key(depth).cloned() else {
        return Vec::new();
    };
    let files = compose::gather(composes, &folders, below, &root);
    match files.is_empty() {
        true => Vec::new(),
        false => compose::services(&files, &dockerfile, &context),
    }
}

impl Files for Composes {
    fn names(&self, folder: &Path, wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || {
            let entries = fs::read_dir(folder).into_iter().flatten();
            let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
            let mut names: Vec<String> = names.filter(|name| wanted(name)).collect();
            names.sort();
            names
        };
        let names = folders.entry(folder.to_path_buf()).or_insert_with(read);
        names.clone()
    }

    fn read(&self, file: &Path) -> Option<String> {
        let mut texts = self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        let read = || {
            let metadata = fs::metadata(file).ok()?;
            let small = metadata.is_file() && metadata.len() <= MAX_SIZE;
            small.then(|| fs::read_to_string(file).ok()).flatten()
        };
        let text = texts.entry(file.to_path_buf()).or_insert_with(read);
        text.clone()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn names(files: &[(&str, &str)], dockerfile: &str, context: &str) -> Vec<String> {
        let temp = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = temp.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let (dockerfile, context) = (temp.path().join(dockerfile), temp.path().join(context));
        let found = services(&dockerfile, &context, &["deploy"], &Composes::default());
        let place = |service: Service| format!("{} {}", service.file, service.name);
        found.into_iter().map(place).collect()
    }

    #[test]
    fn a_compose_file_at_the_root_of_the_repository_counts() {
        let compose = "services:\n  api:\n    build: ./api\n    command: run\n  web:\n    build: ./web\n    command: run\n";
        let files = [
            ("api/Dockerfile", "FROM scratch\n"),
            ("docker-compose.yml", compose),
        ];
        let inside = [&files[..], &[(".git/HEAD", "")]].concat();
        assert_eq!(
            names(&inside, "api/Dockerfile", "api"),
            ["../docker-compose.yml api"]
        );
        assert!(names(&files, "api/Dockerfile", "api").is_empty());
    }

    #[test]
    fn compose_files_in_folders_for_deployment_count_and_what_they_lead_to() {
        let deploy = "include: [../parts/worker.yml]\nservices:\n  api:\n    extends: {file: ../parts/base.yml, service: app}\n    command: run\n";
        let worker = "services:\n  worker:\n    build: ../api\n    command: work\n";
        let base = "services:\n  app:\n    build: ../api\n    command: never\n";
        let other = "services:\n  job:\n    build: ../api\n    command: job\n";
        let files = [
            (".git/HEAD", ""),
            ("api/Dockerfile", "FROM scratch\n"),
            ("deploy/compose.yaml", deploy),
            ("parts/worker.yml", worker),
            ("parts/base.yml", base),
            ("elsewhere/compose.yaml", other),
        ];
        assert_eq!(
            names(&files, "api/Dockerfile", "api"),
            ["../deploy/compose.yaml api", "../parts/worker.yml worker"]
        );
    }
}
