//! Unified diffs that `git apply` and `patch` take.

use std::collections::HashSet;
use std::path::Path;

use colored::Color;
use similar::group_diff_ops;
use similar::udiff::UnifiedHunkHeader;

use super::lines::{changes, lines};
use super::location::patch_name;
use super::theme::clean;
use super::{Report, Theme};

/// Lines around a change.
const CONTEXT: usize = 3;

/// The patch for all files, and for those beside them; empty where nothing changes.
///
/// For a person it is coloured and cleaned of control bytes; otherwise it is the exact text, for `git apply`.
pub fn diff(report: &Report, theme: &Theme) -> String {
    let mut text = String::new();
    // Dockerfiles that share a build context share its `.dockerignore`: one patch for it.
    let mut seen = HashSet::new();
    for file in &report.files {
        let Some(outcome) = file.outcome() else {
            continue;
        };
        text.push_str(&shown(
            unified(Some(&outcome.original), &outcome.text, file.location.path()),
            theme,
        ));
        for other in &outcome.files {
            let path = file.beside(&other.path);
            let patch = unified(other.before.as_deref(), &other.after, &path);
            if seen.insert(path) {
                text.push_str(&shown(patch, theme));
            }
        }
    }
    text
}

/// The unified diff from `before` to `after` (three lines of context), with `a/` and `b/` before `path`.
/// `None` before means that the file is new. Empty where nothing changes.
pub fn unified(before: Option<&str>, after: &str, path: &Path) -> String {
    let old = lines(before.unwrap_or(""));
    let new = lines(after);
    let mut patch = String::new();
    for ops in group_diff_ops(changes(&old, &new), CONTEXT) {
        if patch.is_empty() {
            let from = before.map_or("/dev/null".to_owned(), |_| patch_name("a", path));
            patch = format!("--- {from}\n+++ {}\n", patch_name("b", path));
        }
        patch.push_str(&format!("{}\n", UnifiedHunkHeader::new(&ops)));
        for change in ops.iter().flat_map(|op| op.iter_changes(&old, &new)) {
            patch.push_str(&format!("{}{}", change.tag(), change.value()));
            if !change.value().ends_with('\n') {
                patch.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    patch
}

/// The patch of one file for a person, or as it is where no person looks.
fn shown(patch: String, theme: &Theme) -> String {
    if !theme.cleans() {
        return patch;
    }
    let mut text = String::with_capacity(patch.len() * 2);
    for (index, line) in patch.split_inclusive('\n').enumerate() {
        let body = line.strip_suffix('\n').unwrap_or(line);
        let body = clean(body.strip_suffix('\r').unwrap_or(body));
        // The two header lines are known by their place: a removed line may well start with `--`.
        let painted = match body.as_bytes().first() {
            _ if index < 2 => theme.strong(&body),
            Some(b'@') => theme.paint(&body, Color::Cyan),
            Some(b'-') => theme.paint(&body, Color::Red),
            Some(b'+') => theme.paint(&body, Color::Green),
            Some(b'\\') => theme.dim(&body),
            _ => body,
        };
        text.push_str(&painted);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::super::theme::{Choice, Environment};
    use super::*;

    #[test]
    fn nothing_changed_gives_no_patch() {
        assert_eq!(
            unified(Some("FROM a\n"), "FROM a\n", Path::new("Dockerfile")),
            ""
        );
        assert_eq!(unified(None, "", Path::new(".dockerignore")), "");
    }

    #[test]
    fn a_missing_final_newline_is_said() {
        assert_eq!(
            unified(Some("FROM a"), "FROM b\n", Path::new("Dockerfile")),
            "--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1 +1 @@\n-FROM a\n\\ No newline at end of file\n+FROM b\n"
        );
    }

    #[test]
    fn a_lone_carriage_return_does_not_end_a_line() {
        assert_eq!(
            unified(
                Some("RUN a\rb\r\nRUN c\r\n"),
                "RUN a\rb\r\nRUN d\r\n",
                Path::new("Dockerfile")
            ),
            "--- a/Dockerfile\n+++ b/Dockerfile\n@@ -1,2 +1,2 @@\n RUN a\rb\r\n-RUN c\r\n+RUN d\r\n"
        );
    }

    #[test]
    fn a_new_file_comes_from_dev_null() {
        let patch = diff(&samples::report(vec![samples::node()]), &Theme::plain());
        assert!(
            patch.contains(
                "--- /dev/null\n+++ b/.dockerignore\n@@ -0,0 +1,2 @@\n+.git\n+node_modules\n"
            ),
            "{patch}"
        );
    }

    #[test]
    fn for_a_person_control_bytes_are_shown() {
        let theme = Theme::new(Choice::Always, Environment::default(), true);
        let patch = unified(Some("-- x\x1b[2J\r\n"), "y\n", Path::new("Dockerfile"));
        assert_eq!(
            shown(patch, &theme),
            "\u{1b}[1m--- a/Dockerfile\u{1b}[0m\n\u{1b}[1m+++ b/Dockerfile\u{1b}[0m\n\u{1b}[36m@@ -1 +1 @@\u{1b}[0m\n\
             \u{1b}[31m--- x^[[2J\u{1b}[0m\n\u{1b}[32m+y\u{1b}[0m\n"
        );
    }
}
