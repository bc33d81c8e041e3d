//! Which Dockerfiles a call is about, in the order they are shown.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

use dockopt::discover;
use dockopt::report::{Location, Problem, relative_to, slashed};

use super::Failure;

/// One Dockerfile to work on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Where it comes from.
    pub location: Location,
    /// The folder of its build context, if it has one.
    pub context: Option<PathBuf>,
}

/// A path that leads to no Dockerfile, with the reason.
pub type Missing = (Location, Problem);

/// The Dockerfiles that `paths` name, each once, and in their place the paths that lead nowhere.
///
/// Files stand in the order in which they were named, those of a folder sorted by path. The build context is
/// `context`, or each Dockerfile's own folder. Without a path it is the `Dockerfile` of the current `folder`.
pub fn inputs(
    paths: &[PathBuf],
    context: Option<&Path>,
    folder: &Path,
) -> Result<Vec<Result<Input, Missing>>, Failure> {
    if let Some(context) = context.filter(|context| !context.is_dir()) {
        let message = format!("the build context `{}` is not a folder", slashed(context));
        return Err(
            Failure::new(message).help("--context takes the folder that `docker build` is given")
        );
    }
    let mut collector = Collector {
        context,
        folder,
        seen: HashSet::new(),
        inputs: vec![],
    };
    if paths.is_empty() {
        collector.default()?;
    }
    for path in paths {
        collector.add(path);
    }
    Ok(collector.inputs)
}

struct Collector<'a> {
    context: Option<&'a Path>,
    folder: &'a Path,
    /// Where files really are, so that a file that is named twice is worked on once.
    seen: HashSet<PathBuf>,
    inputs: Vec<Result<Input, Missing>>,
}

impl Collector<'_> {
    fn default(&mut self) -> Result<(), Failure> {
        let path = Path::new("Dockerfile");
        if !path.exists() {
            let message = "there is no `Dockerfile` in the current folder";
            return Err(Failure::new(message)
                .help("name a Dockerfile, a folder to search (`.`), or `-` for standard input"));
        }
        self.file(path, None);
        Ok(())
    }

    fn add(&mut self, path: &Path) {
        if path.as_os_str() == "-" {
            if self.seen.insert(path.to_owned()) {
                let context = self.context.map(|context| shown(self.folder, context));
                self.inputs.push(Ok(Input {
                    location: Location::Stdin,
                    context,
                }));
            }
        } else if path.is_dir() {
            self.search(path);
        } else if path.exists() {
            self.file(path, None);
        } else {
            let help = "give a Dockerfile, a folder to search, or `-` for standard input";
            let message = "there is no such file or folder".to_owned();
            self.miss(path, message, Some(help.to_owned()));
        }
    }

    fn search(&mut self, path: &Path) {
        match discover::search(path) {
            Ok(found) if found.is_empty() => {
                let help = "a Dockerfile of another name has to be named itself".to_owned();
                self.miss(
                    path,
                    "no Dockerfile is found in this folder".to_owned(),
                    Some(help),
                );
            }
            Ok(found) => {
                for job in &found {
                    let declared = job.compose.as_ref().map(|_| job.context.as_path());
                    self.file(&job.dockerfile, declared);
                }
            }
            Err(error) => self.miss(
                path,
                format!("the folder cannot be searched: {error}"),
                None,
            ),
        }
    }

    /// Adds a Dockerfile; `declared` is the context that a compose file names.
    fn file(&mut self, path: &Path, declared: Option<&Path>) {
        let path = shown(self.folder, path);
        if !self
            .seen
            .insert(path.canonicalize().unwrap_or_else(|_| path.clone()))
        {
            return;
        }
        let context = match self.context.or(declared) {
            Some(context) => shown(self.folder, context),
            None => path.parent().unwrap_or(Path::new("")).to_owned(),
        };
        let context = match context.as_os_str().is_empty() {
            true => PathBuf::from("."),
            false => context,
        };
        self.inputs.push(Ok(Input {
            location: Location::File(path),
            context: Some(context),
        }));
    }

    fn miss(&mut self, path: &Path, message: String, help: Option<String>) {
        let problem = Problem {
            message,
            help,
            ..Problem::default()
        };
        self.inputs
            .push(Err((Location::File(shown(self.folder, path)), problem)));
    }
}

/// The path as seen from the current folder; it leads to the same file.
fn shown(folder: &Path, path: &Path) -> PathBuf {
    // After a link, `..` is not what its name says: only the file system can tell.
    if path
        .components()
        .any(|component| component == Component::ParentDir)
    {
        let parent = path.parent().map(Path::canonicalize);
        return match (parent, path.file_name()) {
            (Some(Ok(parent)), Some(name)) => relative_to(folder, &parent.join(name)),
            _ => path
                .canonicalize()
                .map_or_else(|_| path.to_owned(), |path| relative_to(folder, &path)),
        };
    }
    relative_to(folder, path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn given(files: &[&str]) -> tempfile::TempDir {
        let temp = tempfile::tempdir().unwrap();
        for file in files {
            let path = temp.path().join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "FROM scratch\n").unwrap();
        }
        temp
    }

    fn found(temp: &tempfile::TempDir, paths: &[&str]) -> (Vec<String>, Vec<String>) {
        let folder = temp.path().canonicalize().unwrap();
        let paths: Vec<PathBuf> = paths.iter().map(|path| folder.join(path)).collect();
        let inputs = inputs(&paths, None, &folder).unwrap();
        (
            inputs
                .iter()
                .flatten()
                .map(|input| input.location.shown())
                .collect(),
            inputs
                .iter()
                .filter_map(|input| input.as_ref().err())
                .map(|(location, _)| location.shown())
                .collect(),
        )
    }

    #[test]
    fn a_file_is_worked_on_once() {
        let temp = given(&["a/Dockerfile", "b/Dockerfile"]);
        let (files, missing) = found(&temp, &["b", "a/Dockerfile", ".", "b/../a/Dockerfile"]);
        assert_eq!(files, ["b/Dockerfile", "a/Dockerfile"]);
        assert!(missing.is_empty());
    }

    #[test]
    fn what_leads_nowhere_is_said_and_the_rest_found() {
        let temp = given(&["a/Dockerfile", "c/readme"]);
        let (files, missing) = found(&temp, &["b", "c", "a"]);
        assert_eq!(files, ["a/Dockerfile"]);
        assert_eq!(missing, ["b", "c"]);
    }

    #[test]
    fn a_compose_file_names_the_context() {
        let temp = given(&["docker/Dockerfile"]);
        let compose = "services: {a: {build: {context: ., dockerfile: docker/Dockerfile}}}";
        std::fs::write(temp.path().join("compose.yaml"), compose).unwrap();
        let folder = temp.path().canonicalize().unwrap();
        let context = |paths: &[&str], given: Option<&Path>| {
            let paths: Vec<PathBuf> = paths.iter().map(|path| folder.join(path)).collect();
            let mut inputs = inputs(&paths, given, &folder).unwrap();
            inputs.remove(0).unwrap().context.unwrap()
        };
        assert_eq!(context(&["."], None), Path::new("."));
        assert_eq!(context(&["docker/Dockerfile"], None), Path::new("docker"));
        assert_eq!(
            context(&["."], Some(&folder.join("docker"))),
            Path::new("docker")
        );
    }

    #[cfg(unix)]
    #[test]
    fn dots_after_a_link_lead_where_the_file_system_says() {
        let temp = given(&["real/deep/x", "real/Dockerfile", "Dockerfile"]);
        std::os::unix::fs::symlink(temp.path().join("real/deep"), temp.path().join("link"))
            .unwrap();
        assert_eq!(found(&temp, &["link/../Dockerfile"]).0, ["real/Dockerfile"]);
    }
}
