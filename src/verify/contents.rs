//! The files of an image, and which of them went away.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, Read};

use tar::{Archive, EntryType};

use super::container::Container;
use super::process;
use super::{Image, RunOptions, VerifyError};

/// No more groups of paths are kept than these, the largest.
const MOST_GROUPS: usize = 50;

/// What one image has and another has not, in groups, the largest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Missing {
    /// Bytes of all of them.
    pub bytes: u64,
    /// Their number.
    pub files: usize,
    /// Whole folders, single files, and files of folders that are still there; the largest 50.
    pub groups: Vec<Group>,
}

/// Paths that are told together.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Group {
    /// A file, a whole folder (`/usr/lib/gcc/`), or files of a folder that is still there (`/usr/bin/*`).
    pub path: String,
    /// Bytes.
    pub bytes: u64,
    /// Files.
    pub files: usize,
}

/// Everything in an image but its folders' attributes.
#[derive(Debug, Default)]
pub(super) struct Contents {
    /// What is no folder, with its size in bytes.
    files: BTreeMap<String, u64>,
    folders: HashSet<String>,
}

impl Contents {
    /// Reads the files of an image from the archive that an engine makes of a container.
    pub fn of(image: &Image) -> Result<Contents, VerifyError> {
        let engine = image.engine();
        let container = Container::create(image, "files", &RunOptions::default(), &[], &[])?;
        let mut command = engine.command();
        command.args(["export", container.name()]);
        process::stream(&mut command, engine.interrupt(), |reader| {
            Contents::read(reader)
        })
    }

    fn read(reader: &mut dyn Read) -> io::Result<Contents> {
        let mut contents = Contents::default();
        let mut archive = Archive::new(reader);
        for entry in archive.entries()? {
            let entry = entry?;
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let path = format!("/{}", path.trim_start_matches("./").trim_matches('/'));
            for (at, _) in path.match_indices('/').skip(1) {
                contents.folders.insert(path[..at].to_string());
            }
            match entry.header().entry_type() {
                EntryType::Directory => drop(contents.folders.insert(path)),
                _ => drop(contents.files.insert(path, entry.size())),
            }
        }
        // What follows the archive must be read, or the writer would meet a closed pipe.
        io::copy(&mut archive.into_inner(), &mut io::sink())?;
        Ok(contents)
    }

    /// Whether anything stands at this path.
    pub fn has(&self, path: &str) -> bool {
        self.files.contains_key(path) || self.folders.contains(path)
    }

    /// The files that `other` does not have.
    pub fn missing_from<'a>(
        &'a self,
        other: &'a Contents,
    ) -> impl Iterator<Item = (&'a str, u64)> + 'a {
        self.files
            .iter()
            .filter(|(path, _)| !other.has(path))
            .map(|(path, size)| (path.as_str(), *size))
    }

    /// The same in groups.
    pub fn missing_in_groups(&self, other: &Contents) -> Missing {
        let mut missing = Missing::default();
        let mut groups: HashMap<String, (u64, usize, &str)> = HashMap::new();
        for (path, size) in self.missing_from(other) {
            missing.bytes += size;
            missing.files += 1;
            let (bytes, files, _) = groups.entry(group_of(path, other)).or_insert((0, 0, path));
            *bytes += size;
            *files += 1;
        }
        let named = |(group, (bytes, files, path)): (String, (u64, usize, &str))| {
            // A single file of a folder that is still there goes by its own name.
            let path = match group.ends_with("/*") && files == 1 {
                true => path.to_string(),
                false => group,
            };
            Group { path, bytes, files }
        };
        missing.groups = groups.into_iter().map(named).collect();
        missing
            .groups
            .sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.path.cmp(&b.path)));
        missing.groups.truncate(MOST_GROUPS);
        missing
    }

    /// The folders directly below the root that are no links.
    pub fn top_folders(&self) -> impl Iterator<Item = &str> {
        self.folders
            .iter()
            .map(String::as_str)
            .filter(|path| path.len() > 1 && !path[1..].contains('/'))
    }

    /// Bytes of everything below a folder.
    pub fn size_below(&self, folder: &str) -> u64 {
        let start = format!("{folder}/");
        self.files
            .range(start.clone()..)
            .take_while(|(path, _)| path.starts_with(&start))
            .map(|(_, size)| size)
            .sum()
    }

    #[cfg(test)]
    pub fn given(files: &[(&str, u64)]) -> Contents {
        let mut contents = Contents::default();
        for (path, size) in files {
            for (at, _) in path.match_indices('/').skip(1) {
                contents.folders.insert(path[..at].to_string());
            }
            contents.files.insert((*path).to_string(), *size);
        }
        contents
    }
}

/// The topmost folder of `path` that is gone as a whole, or its folder with `/*`.
fn group_of(path: &str, other: &Contents) -> String {
    for (at, _) in path.match_indices('/').skip(1) {
        if !other.has(&path[..at]) {
            return path[..=at].to_string();
        }
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{folder}/*")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_went_away_is_told_in_groups() {
        let before = Contents::given(&[
            ("/usr/lib/gcc/cc1", 30),
            ("/usr/lib/gcc/x/lto1", 20),
            ("/usr/lib/libc.so", 5),
            ("/usr/bin/make", 3),
            ("/usr/bin/patch", 3),
            ("/app/main.ts", 2),
            ("/app/main.js", 2),
        ]);
        let after = Contents::given(&[
            ("/usr/lib/libc.so", 6),
            ("/usr/bin/sh", 1),
            ("/app/main.js", 2),
        ]);
        let missing = before.missing_in_groups(&after);
        assert_eq!((missing.bytes, missing.files), (58, 5));
        let shown: Vec<_> = missing
            .groups
            .iter()
            .map(|group| (group.path.as_str(), group.bytes, group.files))
            .collect();
        assert_eq!(
            shown,
            [
                ("/usr/lib/gcc/", 50, 2),
                ("/usr/bin/*", 6, 2),
                ("/app/main.ts", 2, 1)
            ]
        );
        assert_eq!(
            after.missing_in_groups(&before).groups[0].path,
            "/usr/bin/sh"
        );
        assert_eq!(before.size_below("/usr"), 61);
    }

    #[test]
    fn an_archive_is_read_with_folders_links_and_long_names() {
        let mut builder = tar::Builder::new(Vec::new());
        let long = format!("a/{}", "b".repeat(150));
        for (path, kind, size) in [
            ("bin", EntryType::Symlink, 0),
            ("usr/", EntryType::Directory, 0),
            ("./usr/bin/x", EntryType::Regular, 3),
            (&long, EntryType::Regular, 3),
        ] {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(kind);
            header.set_size(size);
            let data = if size > 0 { &b"abc"[..] } else { b"" };
            match kind {
                EntryType::Symlink => builder.append_link(&mut header, path, "usr/bin").unwrap(),
                _ => builder.append_data(&mut header, path, data).unwrap(),
            }
        }
        let archive = builder.into_inner().unwrap();
        let contents = Contents::read(&mut &archive[..]).unwrap();
        assert!(contents.has("/bin") && contents.has("/usr/bin") && contents.has("/usr/bin/x"));
        assert!(contents.has(&format!("/{long}")));
        let mut top: Vec<_> = contents.top_folders().collect();
        top.sort_unstable();
        assert_eq!(top, ["/a", "/usr"]);
    }
}
