//! What the diff shows is what `git apply` makes of it, byte for byte.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dockopt::engine::{FileChange, Outcome};
use dockopt::report::{FileReport, Location, Report, Theme, diff};
use proptest::prelude::*;

/// Pieces of lines with everything that breaks patches: carriage returns, tabs, marks of the diff format itself.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[A-Z]{1,3} [a-z]{0,4}",
        1 => Just("\r".to_owned()),
        1 => Just("-- a".to_owned()),
        1 => Just("++ b".to_owned()),
        1 => Just("@@ -1 +1 @@".to_owned()),
        1 => Just("\\ No newline at end of file".to_owned()),
        1 => Just("\t  ".to_owned()),
        1 => Just("\u{feff}".to_owned()),
        1 => Just("\u{2028}ü\u{85}\u{b}\u{c}".to_owned()),
        1 => Just(String::new()),
    ]
}

fn text() -> impl Strategy<Value = String> {
    let line = (piece(), prop_oneof![Just("\n"), Just("\n"), Just("\r\n")]);
    (
        prop::collection::vec(line, 0..24),
        prop_oneof![Just(String::new()), piece()],
    )
        .prop_map(|(lines, last)| {
            lines
                .into_iter()
                .map(|(piece, end)| piece + end)
                .collect::<String>()
                + &last
        })
}

/// A text and what a few edits of its lines make of it.
fn edited() -> impl Strategy<Value = (String, String)> {
    (
        text(),
        prop::collection::vec((0..24usize, 0..3u8, piece()), 0..5),
    )
        .prop_map(|(before, edits)| {
            let mut lines: Vec<String> = before.split_inclusive('\n').map(str::to_owned).collect();
            for (at, kind, piece) in edits {
                let at = at.min(lines.len());
                match kind {
                    0 => lines.insert(at, piece + "\n"),
                    1 if at < lines.len() => drop(lines.remove(at)),
                    2 if at < lines.len() => lines[at] = piece,
                    _ => lines.push(piece),
                }
            }
            (before, lines.concat())
        })
}

fn git() -> Command {
    let mut git = Command::new("git");
    git.env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env_remove("GIT_DIR");
    git
}

fn without_git() -> bool {
    let missing = git()
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_err();
    if missing {
        println!("skipped: there is no git");
    }
    missing
}

fn apply(folder: &Path, patch: &str) -> Result<(), String> {
    let mut child = git()
        .args(["apply", "--whitespace=nowarn", "-"])
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(patch.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

fn file(path: PathBuf, before: String, after: String, beside: Vec<FileChange>) -> FileReport {
    FileReport {
        context: path.parent().map(Path::to_owned),
        location: Location::File(path),
        result: Ok(Outcome {
            original: before,
            text: after,
            files: beside,
            ..Outcome::default()
        }),
    }
}

fn patch(files: Vec<FileReport>) -> String {
    let level = dockopt::engine::Level::Review;
    diff(
        &Report {
            files,
            level,
            written: false,
        },
        &Theme::plain(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn git_makes_the_new_text_of_the_old(edits in prop::collection::vec(edited(), 1..12)) {
        if without_git() {
            return Ok(());
        }
        let temp = tempfile::tempdir().unwrap();
        let mut files = Vec::new();
        for (index, (before, after)) in edits.iter().enumerate() {
            let folder = format!("{index}");
            fs::create_dir(temp.path().join(&folder)).unwrap();
            let path = PathBuf::from(folder).join("Dockerfile");
            fs::write(temp.path().join(&path), before).unwrap();
            let beside = FileChange { path: ".dockerignore".to_owned(), before: None, after: after.clone() };
            files.push(file(path, before.clone(), after.clone(), vec![beside]));
        }
        let changed = edits.iter().any(|(before, after)| before != after || !after.is_empty());
        let patch = patch(files);
        prop_assert_eq!(changed, !patch.is_empty());
        if changed {
            apply(temp.path(), &patch).map_err(|error| TestCaseError::fail(format!("{error}\n{patch}")))?;
        }
        for (index, (_, after)) in edits.iter().enumerate() {
            let folder = temp.path().join(index.to_string());
            prop_assert_eq!(&fs::read_to_string(folder.join("Dockerfile")).unwrap(), after);
            if !after.is_empty() {
                prop_assert_eq!(&fs::read_to_string(folder.join(".dockerignore")).unwrap(), after);
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn odd_names_are_found_by_git() {
    use std::os::unix::ffi::OsStrExt;
    if without_git() {
        return;
    }
    let names: [&[u8]; 7] = [
        b"my app",
        b"quote\"d",
        b"back\\slash",
        b"tab\tand\nnewline",
        "größe".as_bytes(),
        b"latin\xe9",
        b" lead and trail ",
    ];
    let temp = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for name in names {
        let path = Path::new(std::ffi::OsStr::from_bytes(name)).join("Dockerfile");
        fs::create_dir(temp.path().join(path.parent().unwrap())).unwrap();
        fs::write(temp.path().join(&path), "FROM a\n").unwrap();
        files.push(file(
            path,
            "FROM a\n".to_owned(),
            "FROM b\n".to_owned(),
            vec![],
        ));
    }
    let paths: Vec<PathBuf> = files
        .iter()
        .map(|file| temp.path().join(file.location.path()))
        .collect();
    apply(temp.path(), &patch(files)).unwrap();
    for path in paths {
        assert_eq!(fs::read_to_string(&path).unwrap(), "FROM b\n", "{path:?}");
    }
}

#[test]
fn dockerfiles_of_one_context_share_one_patch_for_its_ignore_file() {
    let beside = || {
        vec![FileChange {
            path: ".dockerignore".to_owned(),
            before: None,
            after: ".git\n".to_owned(),
        }]
    };
    let both = ["a.Dockerfile", "b.Dockerfile"].map(|name| {
        file(
            PathBuf::from(name),
            "FROM a\n".to_owned(),
            "FROM a\n".to_owned(),
            beside(),
        )
    });
    assert_eq!(
        patch(both.to_vec()).matches("+++ b/.dockerignore").count(),
        1
    );
}
