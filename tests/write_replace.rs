//! Atomic replacement of files.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use dockopt::write::{Problem, Replacement, replace, replace_all};

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        fs::write(folder.path().join(path), text).unwrap();
    }
    folder
}

/// The names in a folder; a forgotten temporary file would be among them.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

#[test]
fn the_mode_and_the_owner_are_kept() {
    let folder = folder(&[("Dockerfile", "old")]);
    let path = folder.path().join("Dockerfile");
    fs::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
    let owner = if is_root() {
        (1234, 2345)
    } else {
        (
            fs::metadata(&path).unwrap().uid(),
            fs::metadata(&path).unwrap().gid(),
        )
    };
    std::os::unix::fs::chown(&path, Some(owner.0), Some(owner.1)).unwrap();
    let before = fs::metadata(&path).unwrap();
    replace(&path, b"new", b"old").unwrap();
    let after = fs::metadata(&path).unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(mode(&path), 0o640);
    assert_eq!((after.uid(), after.gid()), owner);
    assert_ne!(before.ino(), after.ino(), "renamed, not overwritten");
    assert_eq!(names(folder.path()), ["Dockerfile"]);
}

#[test]
fn the_target_of_a_link_is_replaced_and_the_link_stays() {
    let folder = folder(&[("real", "old")]);
    fs::create_dir(folder.path().join("sub")).unwrap();
    let link = folder.path().join("sub/Dockerfile");
    symlink("../real", &link).unwrap();
    replace(&link, b"new", b"old").unwrap();
    assert_eq!(fs::read_link(&link).unwrap(), Path::new("../real"));
    assert_eq!(fs::read(folder.path().join("real")).unwrap(), b"new");
    assert_eq!(names(&folder.path().join("sub")), ["Dockerfile"]);
}

#[test]
fn what_cannot_be_kept_is_refused_and_nothing_is_left_behind() {
    let folder = folder(&[("Dockerfile", "old"), ("linked", "old"), ("locked", "old")]);
    let at = |name: &str| folder.path().join(name);
    fs::hard_link(at("linked"), at("other")).unwrap();
    fs::set_permissions(at("locked"), Permissions::from_mode(0o444)).unwrap();
    let before = names(folder.path());
    let problem =
        |path: &Path, expected: &[u8]| replace(path, b"new", expected).unwrap_err().problem;
    assert!(matches!(
        problem(&at("Dockerfile"), b"other"),
        Problem::Changed
    ));
    assert!(matches!(
        problem(&at("linked"), b"old"),
        Problem::HardLinks(2)
    ));
    assert!(matches!(problem(&at("locked"), b"old"), Problem::ReadOnly));
    assert!(matches!(problem(&at("none"), b"old"), Problem::Missing));
    assert!(matches!(problem(folder.path(), b"old"), Problem::NotAFile));
    assert!(matches!(
        problem(Path::new("/dev/null"), b""),
        Problem::NotAFile
    ));
    assert_eq!(names(folder.path()), before);
    for name in ["Dockerfile", "linked", "locked", "other"] {
        assert_eq!(fs::read(at(name)).unwrap(), b"old");
    }
    let message = replace(&at("linked"), b"new", b"old")
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("hard links") && message.contains("\nhelp: break the link"),
        "{message}"
    );
}

#[test]
fn a_read_only_folder_is_said_clearly() {
    if is_root() {
        println!("skipped: root may write everywhere");
        return;
    }
    let folder = folder(&[("Dockerfile", "old")]);
    fs::set_permissions(folder.path(), Permissions::from_mode(0o555)).unwrap();
    let error = replace(&folder.path().join("Dockerfile"), b"new", b"old").unwrap_err();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    assert!(matches!(error.problem, Problem::Folder(_)), "{error}");
}

#[test]
fn several_files_are_written_together() {
    let folder = folder(&[("Dockerfile", "old")]);
    let (dockerfile, ignore) = (
        folder.path().join("Dockerfile"),
        folder.path().join(".dockerignore"),
    );
    replace_all(&[
        Replacement {
            path: &dockerfile,
            new: b"new",
            expected: Some(b"old"),
        },
        Replacement {
            path: &ignore,
            new: b"node_modules\n",
            expected: None,
        },
    ])
    .unwrap();
    assert_eq!(fs::read(&dockerfile).unwrap(), b"new");
    assert_eq!(fs::read(&ignore).unwrap(), b"node_modules\n");
    // A new file gets the mode that any new file gets here.
    fs::write(folder.path().join("plain"), "").unwrap();
    assert_eq!(mode(&ignore), mode(&folder.path().join("plain")));
}

#[test]
fn one_refusal_stops_all() {
    let folder = folder(&[("a", "old"), ("b", "old"), ("c", "old")]);
    let at = |name: &str| folder.path().join(name);
    let (a, b) = (at("a"), at("b"));
    let refused = |second: Replacement| {
        let first = Replacement {
            path: &a,
            new: b"new",
            expected: Some(b"old"),
        };
        let error = replace_all(&[first, second]).unwrap_err();
        assert_eq!(fs::read(&a).unwrap(), b"old", "{error}");
        assert_eq!(names(folder.path()), ["a", "b", "c"]);
        error.problem
    };
    assert!(matches!(
        refused(Replacement {
            path: &b,
            new: b"new",
            expected: Some(b"x")
        }),
        Problem::Changed
    ));
    assert!(matches!(
        refused(Replacement {
            path: &b,
            new: b"new",
            expected: None
        }),
        Problem::Exists
    ));
    assert!(matches!(
        refused(Replacement {
            path: &at("none/b"),
            new: b"",
            expected: None
        }),
        Problem::Folder(_)
    ));
    assert!(matches!(
        refused(Replacement {
            path: &a,
            new: b"",
            expected: Some(b"old")
        }),
        Problem::Twice
    ));
}
