//! Build contexts, each read once however many Dockerfiles it has.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use dockopt::discover::{self, Composes};
use dockopt::facts::compose::Service;
use dockopt::facts::{Context, DirectoryContext, NoContext};
use dockopt::model::Folders;
use dockopt::report::Location;

use super::inputs::Input;

/// The contexts of a call. A folder that only one Dockerfile uses is forgotten when that one is done.
pub struct Contexts {
    shared: HashMap<PathBuf, Mutex<Option<Shared>>>,
    /// Compose files of folders that were looked at.
    composes: Composes,
}

/// A context that several Dockerfiles have, with what has been read of it.
type Shared = (Arc<DirectoryContext>, Arc<Folders>);

impl Contexts {
    /// Finds out which folders are used more than once.
    pub fn new<'a>(inputs: impl Iterator<Item = &'a Input>) -> Self {
        let mut uses: HashMap<&Path, usize> = HashMap::new();
        for context in inputs.filter_map(|input| input.context.as_deref()) {
            *uses.entry(context).or_default() += 1;
        }
        let shared = uses.into_iter().filter(|(_, uses)| *uses > 1);
        Self {
            shared: shared
                .map(|(context, _)| (context.to_owned(), Mutex::default()))
                .collect(),
            composes: Composes::default(),
        }
    }

    /// The services of compose files that run what a Dockerfile builds.
    pub fn services(&self, input: &Input, below: &[&str]) -> Vec<Service> {
        match (&input.location, &input.context) {
            (Location::File(dockerfile), Some(context)) => {
                discover::services(dockerfile, context, below, &self.composes)
            }
            _ => Vec::new(),
        }
    }

    /// The context of one Dockerfile, and what others have read of it.
    pub fn of(&self, input: &Input) -> (Arc<dyn Context>, Arc<Folders>) {
        let Some(folder) = &input.context else {
            return (Arc::new(NoContext), Arc::default());
        };
        let dockerfile = input.location.path();
        let new = || Arc::new(DirectoryContext::new(folder, dockerfile));
        match self.shared.get(folder) {
            Some(shared) if !has_ignore_file(dockerfile) => {
                let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
                let (context, folders) = shared.get_or_insert_with(|| (new(), Arc::default()));
                (Arc::clone(context) as Arc<dyn Context>, Arc::clone(folders))
            }
            _ => (new(), Arc::default()),
        }
    }
}

/// Whether the Dockerfile has an ignore file of its own, which makes its context another one.
fn has_ignore_file(dockerfile: &Path) -> bool {
    let mut path = OsString::from(dockerfile);
    path.push(".dockerignore");
    Path::new(&path).symlink_metadata().is_ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use dockopt::facts::Entry;

    use super::*;

    #[test]
    fn an_ignore_file_of_its_own_makes_another_context() {
        let temp = tempfile::tempdir().unwrap();
        for name in ["a.Dockerfile", "b.Dockerfile", "c.Dockerfile", "data"] {
            std::fs::write(temp.path().join(name), "").unwrap();
        }
        std::fs::write(temp.path().join("b.Dockerfile.dockerignore"), "data\n").unwrap();
        let inputs = ["a", "b", "c"].map(|name| Input {
            location: Location::File(temp.path().join(format!("{name}.Dockerfile"))),
            context: Some(temp.path().to_owned()),
        });
        let contexts = Contexts::new(inputs.iter());
        let [a, b, c] = inputs.map(|input| contexts.of(&input));
        assert!(Arc::ptr_eq(&a.1, &c.1));
        assert!(!Arc::ptr_eq(&a.1, &b.1));
        let [a, b, c] = [a.0, b.0, c.0];
        assert!(std::ptr::addr_eq(Arc::as_ptr(&a), Arc::as_ptr(&c)));
        assert_eq!(a.entry("data").present(), Some(Entry::File(0)));
        assert_eq!(b.entry("data").present(), None);
    }
}
