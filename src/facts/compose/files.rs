//! Which compose files there are: those of a folder, those of folders in it that are kept for deployment, and those
//! that they lead to.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use super::text::{defaults, plain};
use super::{Service, entries, is_compose_file, services};
use crate::facts::Context;
use crate::facts::reader::{Format, Kind, Node, parse};

/// No more compose files than this are read for one Dockerfile.
const MAX_FILES: usize = 64;

/// A compose file.
#[derive(Clone, Debug)]
pub struct ComposeFile {
    /// Its path, without dots in it.
    pub path: PathBuf,
    /// The folder that paths in it start from.
    pub folder: PathBuf,
    /// Its text.
    pub text: String,
    /// Whether its services run: others only take something from it.
    pub runs: bool,
}

impl ComposeFile {
    /// A file whose services run, and whose paths start beside it.
    pub fn new(path: PathBuf, text: String) -> Self {
        Self {
            folder: path.parent().map(Path::to_path_buf).unwrap_or_default(),
            path,
            text,
            runs: true,
        }
    }
}

/// Where compose files are looked for.
pub trait Files {
    /// The names in a folder that are wanted, sorted; the same are wanted of all folders.
    fn names(&self, folder: &Path, wanted: &dyn Fn(&str) -> bool) -> Vec<String>;
    /// The text of a file of reasonable size.
    fn read(&self, file: &Path) -> Option<String>;
}

/// Services that are looked for when somebody asks for them.
pub struct Services<'a> {
    found: OnceCell<Vec<Service>>,
    find: Box<dyn Fn() -> Vec<Service> + 'a>,
}

impl<'a> Services<'a> {
    /// Services that `find` finds.
    pub fn new(find: impl Fn() -> Vec<Service> + 'a) -> Self {
        Self {
            found: OnceCell::new(),
            find: Box::new(find),
        }
    }

    /// The services.
    pub fn get(&self) -> &[Service] {
        self.found.get_or_init(|| (self.find)())
    }
}

/// The compose files of `folders`, of folders called `below` in them, and those that these files include or extend,
/// as far as they lie in `root`.
pub fn gather(
    files: &dyn Files,
    folders: &[PathBuf],
    below: &[&str],
    root: &Path,
) -> Vec<ComposeFile> {
    let mut found: Vec<ComposeFile> = Vec::new();
    let mut looked: Vec<PathBuf> = Vec::new();
    let mut todo: Vec<(PathBuf, bool)> =
        folders.iter().rev().map(|it| (it.clone(), true)).collect();
    while let Some((folder, top)) = todo.pop() {
        if looked.contains(&folder) {
            continue;
        }
        let wanted = |name: &str| is_compose_file(name) || below.contains(&name);
        for name in files.names(&folder, &wanted) {
            let path = folder.join(&name);
            if !is_compose_file(&name) {
                // A folder that is looked at for itself comes again.
                if top && !folders.contains(&path) {
                    todo.push((path, false));
                }
            } else if let Some(text) = files.read(&path).filter(|_| found.len() < MAX_FILES) {
                found.push(ComposeFile::new(path, text));
            }
        }
        looked.push(folder);
    }
    let mut at = 0;
    while at < found.len() {
        for reference in references(&found[at]) {
            let same = |file: &ComposeFile| file.path == reference.path;
            if let Some(known) = found.iter_mut().find(|file| same(file)) {
                known.runs |= reference.runs;
            } else if found.len() < MAX_FILES && reference.path.starts_with(root) {
                let text = files.read(&reference.path);
                found.extend(text.map(|text| ComposeFile { text, ..reference }));
            }
        }
        at += 1;
    }
    found
}

/// [`services`] of the compose files of a build context whose Dockerfile is called `Dockerfile`, in its root and in folders
/// called `below` there.
pub fn services_in(context: &dyn Context, below: &[&str]) -> Vec<Service> {
    let root = Path::new("/");
    let files = gather(&In(context), &[root.into()], below, root);
    services(&files, &root.join("Dockerfile"), root)
}

/// The compose files of a build context, whose root is `/`.
struct In<'a>(&'a dyn Context);

impl Files for In<'_> {
    fn names(&self, folder: &Path, wanted: &dyn Fn(&str) -> bool) -> Vec<String> {
        let inner = folder.strip_prefix("/").ok().and_then(Path::to_str);
        let names = inner.and_then(|inner| self.0.names(inner).present());
        let names = names.iter().flat_map(|names| names.iter());
        names.filter(|name| wanted(name)).cloned().collect()
    }

    fn read(&self, file: &Path) -> Option<String> {
        let inner = file.strip_prefix("/").ok()?.to_str()?;
        self.0.read(inner).present().map(|text| text.to_string())
    }
}

/// The files that a compose file includes, and those that its services extend; without their texts.
fn references(file: &ComposeFile) -> Vec<ComposeFile> {
    let mut found = Vec::new();
    if !file.text.contains("include:") && !file.text.contains("extends:") {
        return found;
    }
    let Ok(tree) = parse(&file.text, Format::Yaml) else {
        return found;
    };
    let mut refer = |path: &Node, folder: Option<&Node>, runs: bool| {
        let text = |node: &Node| {
            node.scalar()
                .map(defaults)
                .filter(|text| !text.contains("${"))
        };
        let Some(path) = text(path).map(|path| plain(&file.folder, &path)) else {
            return;
        };
        let given = folder.and_then(text);
        let folder = match given {
            Some(folder) => plain(&file.folder, &folder),
            None => path.parent().map(Path::to_path_buf).unwrap_or_default(),
        };
        found.push(ComposeFile {
            path,
            folder,
            text: String::new(),
            runs,
        });
    };
    if let Some(Kind::List(included)) = tree.get("include").map(|included| &included.kind) {
        for item in included {
            let folder = item.get("project_directory");
            match item.get("path") {
                None => refer(item, None, true),
                Some(path) => match &path.kind {
                    Kind::List(paths) => paths.iter().for_each(|path| refer(path, folder, true)),
                    _ => refer(path, folder, true),
                },
            }
        }
    }
    for (_, service) in entries(&tree) {
        if let Some(path) = service
            .get("extends")
            .and_then(|extends| extends.get("file"))
        {
            refer(path, None, false);
        }
    }
    found
}
