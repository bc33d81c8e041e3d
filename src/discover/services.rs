//! Which compose files may start what a Dockerfile builds.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::facts::compose::{self, ComposeFile, Service, is_compose_file};

/// A compose file is a few kilobytes; a larger one is passed over.
const MAX_SIZE: u64 = 1 << 20;
/// How many folders above the Dockerfile are looked at.
const MAX_DEPTH: usize = 8;

/// The compose files of folders, each read once.
#[derive(Default)]
pub struct Composes {
    folders: Mutex<HashMap<PathBuf, Arc<[ComposeFile]>>>,
}

/// The services that run what a Dockerfile builds, each with a start of its own.
///
/// Compose files are looked for in the folder of the Dockerfile, in that of the context and, where both lie in a
/// repository, in the folders above them up to its root: nobody else's compose file builds them.
pub fn services(dockerfile: &Path, context: &Path, composes: &Composes) -> Vec<Service> {
    let (Ok(dockerfile), Ok(context)) = (dockerfile.canonicalize(), context.canonicalize()) else {
        return Vec::new();
    };
    let mut folders: Vec<&Path> = Vec::new();
    for start in [dockerfile.parent(), Some(context.as_path())] {
        let above: Vec<&Path> = start
            .into_iter()
            .flat_map(Path::ancestors)
            .take(MAX_DEPTH)
            .collect();
        let root = above.iter().position(|folder| folder.join(".git").exists());
        for folder in above.iter().take(root.map_or(1, |root| root + 1)) {
            if !folders.contains(folder) {
                folders.push(folder);
            }
        }
    }
    let mut found: Vec<Service> = Vec::new();
    for folder in folders {
        let files = composes.of(folder);
        if files.is_empty() {
            continue;
        }
        for service in compose::services(&files, &dockerfile, &context) {
            if !found.contains(&service) {
                found.push(service);
            }
        }
    }
    found
}

impl Composes {
    fn of(&self, folder: &Path) -> Arc<[ComposeFile]> {
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(files) = folders.get(folder) {
            return Arc::clone(files);
        }
        let files: Arc<[ComposeFile]> = read(folder).into();
        folders.insert(folder.to_path_buf(), Arc::clone(&files));
        files
    }
}

fn read(folder: &Path) -> Vec<ComposeFile> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| is_compose_file(name)).collect();
    names.sort();
    let files = names.into_iter().filter_map(|name| {
        let path = folder.join(name);
        let small = fs::metadata(&path)
            .is_ok_and(|metadata| metadata.is_file() && metadata.len() <= MAX_SIZE);
        let text = small.then(|| fs::read_to_string(&path).ok()).flatten()?;
        Some(ComposeFile { path, text })
    });
    files.collect()
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
        let found = services(&dockerfile, &context, &Composes::default());
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
}
