//! Which files the program opens in the original.
//!
//! An engine tells nobody without special rights what a process opens. But it fills an empty volume with what the
//! image has at that place, and the file system of a volume notes when a file is read: with `relatime`, which is the
//! default of Linux, at least the first time after the file changed. So the original runs once more with volumes over
//! its folders, and what was read after the volume was filled was opened. That needs no right that `docker run` does
//! not need. It does not work where volumes lie on a file system that keeps no access times (`noatime`), nor with an
//! image that has no `find` and `stat`; it says so then.

use std::collections::BTreeSet;

use super::contents::Contents;
use super::engine::Kind;
use super::image::WHOLE;
use super::observe::Watched;
use super::{Engine, Image, VerifyError};

/// Folders of the system itself, and those that every container has for itself.
const NEVER: [&str; 8] = [
    "/proc", "/sys", "/dev", "/run", "/tmp", "/boot", "/mnt", "/media",
];
/// More than this is not copied into volumes, in bytes.
const MOST_BYTES: u64 = 8 << 30;

/// The files that the program opened in the original and that are missing afterwards.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Opened {
    /// Why it is not known, where it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
    /// How many files it opened of the folders from which any went away.
    pub opened: usize,
    /// Those that are missing.
    pub missing: Vec<String>,
}

impl Opened {
    /// Nothing is known: why.
    pub(super) fn unknown(reason: impl Into<String>) -> Opened {
        Opened {
            unknown: Some(reason.into()),
            ..Opened::default()
        }
    }
}

/// Runs the original once more and looks at what it opens. `watched` has everything but the volumes.
pub(super) fn look(
    watched: &Watched<'_>,
    before: &Contents,
    after: &Contents,
) -> Result<Opened, VerifyError> {
    let missing: BTreeSet<&str> = before.missing_from(after).map(|(path, _)| path).collect();
    let folders = folders(before, &missing);
    if folders.is_empty() {
        return Ok(Opened::default());
    }
    let bytes: u64 = folders.iter().map(|folder| before.size_below(folder)).sum();
    if bytes > MOST_BYTES {
        return Ok(Opened::unknown(format!(
            "the folders of the original hold {bytes} bytes"
        )));
    }
    let image = watched.image;
    let volumes: Vec<Volume> = (0..folders.len())
        .map(|number| Volume::named(image, number))
        .collect();
    let mounted: Vec<(String, String)> = volumes
        .iter()
        .zip(&folders)
        .map(|(volume, folder)| (volume.name.clone(), (*folder).to_string()))
        .collect();
    Watched {
        volumes: &mounted,
        ports: watched.ports.clone(),
        ..*watched
    }
    .observe()?;
    let times = match times(image, &mounted) {
        Ok(times) => times,
        Err(error @ VerifyError::Interrupted { .. }) => return Err(error),
        Err(_) => return Ok(Opened::unknown("the original has no `find` and `stat`")),
    };
    let opened = read_since(&times, &folders);
    if opened.is_empty() {
        return Ok(Opened::unknown(
            "the engine's volumes lie on a file system that keeps no access times",
        ));
    }
    Ok(Opened {
        unknown: None,
        opened: opened.len(),
        missing: opened
            .into_iter()
            .filter(|path| missing.contains(path.as_str()) && !is_compiled_again(path, after))
            .collect(),
    })
}

/// Whether it is byte code that Python makes again from its source: `x/__pycache__/a.cpython-312.pyc` from `x/a.py`.
fn is_compiled_again(path: &str, after: &Contents) -> bool {
    let Some((folder, name)) = path.split_once("/__pycache__/") else {
        return false;
    };
    let module = name.split('.').next().unwrap_or(name);
    after.has(&format!("{folder}/{module}.py"))
}

/// The folders below the root from which something went away.
fn folders<'a>(before: &'a Contents, missing: &BTreeSet<&str>) -> Vec<&'a str> {
    let something_went = |folder: &str| {
        let below = format!("{folder}/");
        missing
            .range(below.as_str()..)
            .next()
            .is_some_and(|path| path.starts_with(&below))
    };
    let mut folders: Vec<&str> = before
        .top_folders()
        .filter(|folder| !NEVER.contains(folder) && something_went(folder))
        .collect();
    folders.sort_unstable();
    folders
}

/// When each file of the volumes was read and changed, as `stat` writes it.
fn times(image: &Image, mounted: &[(String, String)]) -> Result<String, VerifyError> {
    let engine = image.engine();
    let mut command = engine.command();
    command.args(["run", "--rm", "--network", "none", "--user", "0"]);
    // Elsewhere and read-only, so that looking is not reading.
    for (number, (name, _)) in mounted.iter().enumerate() {
        command.args(["--volume", &format!("{name}:/{number}:ro")]);
    }
    command.args(["--entrypoint", "find", image.tag()]);
    command.args((0..mounted.len()).map(|number| format!("/{number}")));
    // Seconds, as every `stat` knows them.
    command.args(["-type", "f", "-exec", "stat", "-c", "%X %Z %n", "{}", "+"]);
    engine.run(&mut command, WHOLE)?.text(&command)
}

/// The files whose access is later than their change: `1795423444 1795423442 /0/bin/sh`.
fn read_since(times: &str, folders: &[&str]) -> Vec<String> {
    let mut opened: Vec<String> = times
        .lines()
        .filter_map(|line| {
            let mut fields = line.splitn(3, ' ');
            let accessed: i64 = fields.next()?.parse().ok()?;
            let changed: i64 = fields.next()?.parse().ok()?;
            let (number, rest) = fields.next()?.strip_prefix('/')?.split_once('/')?;
            let folder = folders.get(number.parse::<usize>().ok()?)?;
            (accessed > changed).then(|| format!("{folder}/{rest}"))
        })
        .collect();
    opened.sort_unstable();
    opened
}

/// A volume that is removed when dropped.
struct Volume {
    engine: Engine,
    name: String,
}

impl Volume {
    /// The engine makes it when a container asks for it.
    fn named(image: &Image, number: usize) -> Volume {
        let name: String = image
            .tag()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        Volume {
            engine: image.engine().clone(),
            name: format!("{name}-{number}"),
        }
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        match self.engine.kind() {
            Kind::Nerdctl => self.engine.remove(&["volume", "rm", &self.name]),
            _ => self.engine.remove(&["volume", "rm", "--force", &self.name]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_read_after_they_were_copied_are_found() {
        let times = "\
1795423444 1795423442 /1/share/zoneinfo/Europe/Berlin
1795423440 1795423442 /1/share/zoneinfo/Europe/Paris
1795423444 1795423442 /0/views/my page.ejs
broken
1795423444 1795423442 /7/x
";
        assert_eq!(
            read_since(times, &["/app", "/usr"]),
            [
                "/app/views/my page.ejs",
                "/usr/share/zoneinfo/Europe/Berlin"
            ]
        );
    }

    #[test]
    fn byte_code_whose_source_is_there_is_not_missed() {
        let after = Contents::given(&[("/lib/uuid.py", 1)]);
        assert!(is_compiled_again(
            "/lib/__pycache__/uuid.cpython-312.pyc",
            &after
        ));
        assert!(!is_compiled_again(
            "/lib/__pycache__/abc.cpython-312.pyc",
            &after
        ));
        assert!(!is_compiled_again("/lib/uuid.txt", &after));
    }

    #[test]
    fn only_folders_that_lost_something_are_watched() {
        let before = Contents::given(&[("/app/a", 1), ("/etc/b", 1), ("/tmp/c", 1), ("/x", 1)]);
        let missing = BTreeSet::from(["/app/a", "/tmp/c", "/x"]);
        assert_eq!(folders(&before, &missing), ["/app"]);
    }
}
