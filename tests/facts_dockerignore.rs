//! `.dockerignore` and COPY wildcards, with expected values worked out by hand from the rules of BuildKit.
#![allow(clippy::unwrap_used)]

use dockopt::facts::ignore::IgnoreFile;
use dockopt::facts::{Context, MemoryContext, go_match};
use proptest::prelude::*;

/// An ignore file, the paths it leaves out with the deciding line, the paths it keeps.
type Case = (
    &'static str,
    &'static [(&'static str, usize)],
    &'static [&'static str],
);

const CASES: &[Case] = &[
    // A path, and everything below it.
    (
        "node_modules",
        &[("node_modules", 1), ("node_modules/a/b.js", 1)],
        &["a/node_modules", "node_modules2"],
    ),
    // A leading and a trailing slash, `.` and doubled slashes mean nothing.
    (
        "/dist/\n./build//out/.\n",
        &[("dist/a", 1), ("build/out/b", 2)],
        &["a/dist", "build"],
    ),
    ("a/../b", &[("b", 1)], &["a"]),
    // Comments only at the very start of a line; white space around a pattern is cut off.
    (
        "#a\n #b\n\t c \r\n\r\n",
        &[("#b", 2), ("c", 3)],
        &["#a", "a", "b"],
    ),
    ("\u{feff}a\n\u{feff}b", &[("a", 1)], &["b"]),
    // `*` and `?` stop at a slash, and match hidden files, too.
    (
        "*.log\n?x",
        &[("a.log", 1), (".log", 1), ("ax", 2)],
        &["a/b.log", "x", "abx"],
    ),
    (
        "*/temp*",
        &[("a/temp", 1), ("a/temporary.txt", 1), ("a/temp/b", 1)],
        &["temp", "a/b/temp"],
    ),
    // `**` is any number of directories, none included.
    ("**/*.pyc", &[("a.pyc", 1), ("a/b/c.pyc", 1)], &["a.py"]),
    (
        "**/bin",
        &[("bin", 1), ("a/b/bin", 1), ("a/bin/c", 1)],
        &["cabin", "a/cabin"],
    ),
    (
        "**bin",
        &[("bin", 1), ("cabin", 1), ("a/cabin", 1)],
        &["bind"],
    ),
    (
        "docs/**",
        &[("docs/a", 1), ("docs/a/b", 1)],
        &["docs", "a/docs/b"],
    ),
    ("a/**/b", &[("a/b", 1), ("a/x/y/b", 1)], &["a", "b", "xa/b"]),
    ("**", &[("a", 1), ("a/b", 1)], &[]),
    // Classes; a `!` in one is a plain sign, `^` negates.
    (
        "*.py[cod]",
        &[("a.pyc", 1), ("a.pyd", 1)],
        &["a.py", "a.pyx"],
    ),
    (
        "[a-c]1\n[^a-z]2\n[!x]3",
        &[("b1", 1), ("A2", 2), ("x3", 3), ("!3", 3)],
        &["d1", "a2", "y3"],
    ),
    // `\` makes a sign mean itself.
    (
        "\\*a\n\\#b\n\\!c",
        &[("*a", 1), ("#b", 2), ("!c", 3)],
        &["xa", "b", "c"],
    ),
    // What a regular expression would take for something else.
    (
        "a.b*\na+b*\n(a)*",
        &[("a.bc", 1), ("a+b", 2), ("(a)", 3)],
        &["aXb", "aab", "a"],
    ),
    ("*.{js,ts}", &[("a.{js,ts}", 1)], &["a.js", "a.ts"]),
    // The last line that matches decides, whatever stands before it.
    ("*\n!src", &[("a", 1)], &["src", "src/a"]),
    ("*.md\n!README.md", &[("a.md", 1)], &["README.md", "a/b.md"]),
    (
        "*.md\n!README*.md\nREADME-secret.md",
        &[("README-secret.md", 3)],
        &["README-public.md"],
    ),
    (
        "*.md\nREADME-secret.md\n!README*.md",
        &[("a.md", 1)],
        &["README-secret.md"],
    ),
    ("!a\na", &[("a", 2)], &[]),
    ("! a/b\n", &[], &["a/b"]),
    // Something below an excluded directory comes back, and its siblings do not.
    (
        "a\n!a/b\na/b/c",
        &[("a/x", 1), ("a/b/c", 3)],
        &["a/b", "a/b/x"],
    ),
    ("a\n!**/keep", &[("a/b", 1)], &["a/keep", "a/b/keep"]),
    // `.` is the context itself and matches nothing in it.
    (".\n/\n", &[], &["a"]),
    ("..\n../a\n", &[], &["a"]),
];

#[test]
fn patterns_mean_what_they_mean_to_buildkit() {
    for (text, out, kept) in CASES {
        let ignore = IgnoreFile::parse(".dockerignore", text).unwrap();
        for (path, line) in *out {
            assert_eq!(
                ignore.excluded(path),
                Some(*line),
                "{text:?} leaves out {path}"
            );
        }
        for path in *kept {
            assert_eq!(ignore.excluded(path), None, "{text:?} keeps {path}");
        }
    }
}

#[test]
fn a_pattern_that_buildkit_rejects_is_an_error() {
    let cases = [
        ("a\n!\n", "f:2: `!`: nothing stands after the `!`"),
        ("[", "f:1: `[`: syntax error in pattern"),
        ("[a", "f:1: `[a`: syntax error in pattern"),
        ("a\\", "f:1: `a\\`: syntax error in pattern"),
        ("x*[b-a]", "f:1: `x*[b-a]`: syntax error in pattern"),
    ];
    for (text, message) in cases {
        assert_eq!(
            IgnoreFile::parse("f", text).unwrap_err().to_string(),
            message
        );
    }
    let long = format!("a\n{}", "b".repeat(70_000));
    assert_eq!(
        IgnoreFile::parse("f", &long).unwrap_err().to_string(),
        "f:2: line longer than 64 KiB"
    );
}

#[test]
fn the_dockerfile_can_be_left_out_of_copy() {
    let files = [
        (".dockerignore", "Dockerfile\n.dockerignore\n"),
        ("Dockerfile", "FROM scratch"),
        ("a", ""),
    ];
    let context = MemoryContext::from(files);
    assert_eq!(context.files().unwrap().as_ref(), ["a"]);
    assert!(context.entry("Dockerfile").is_absent());
    assert_eq!(context.ignored(".dockerignore").unwrap().line, 2);
}

#[test]
fn copy_wildcards_are_those_of_go() {
    let cases = [
        ("abc", "abc", Ok(true)),
        ("*", "abc", Ok(true)),
        ("*c", "abc", Ok(true)),
        ("a*", "ab/c", Ok(false)),
        ("a*/b", "abc/b", Ok(true)),
        ("a*b*c*d*e*/f", "axbxcxdxe/f", Ok(true)),
        ("a*b?c*x", "abxbbxdbxebxczzx", Ok(true)),
        ("a*b?c*x", "abxbbxdbxebxczzy", Ok(false)),
        ("ab[b-d]", "abc", Ok(true)),
        ("ab[^b-d]", "abc", Ok(false)),
        ("a???b", "aééxb", Ok(true)),
        ("a\\*b", "a*b", Ok(true)),
        ("a\\*b", "axb", Ok(false)),
        ("[\\]a]", "]", Ok(true)),
        ("[x\\-]", "-", Ok(true)),
        ("**", "a/b", Ok(false)),
        ("", "", Ok(true)),
        ("[]a]", "]", Err(go_match::BadPattern)),
        ("[-]", "-", Err(go_match::BadPattern)),
        ("[a-]", "a", Err(go_match::BadPattern)),
        ("[", "a", Err(go_match::BadPattern)),
        ("a\\", "a", Err(go_match::BadPattern)),
    ];
    for (pattern, name, expected) in cases {
        assert_eq!(
            go_match::matches(pattern, name),
            expected,
            "{pattern} {name}"
        );
    }
}

proptest! {
    #[test]
    fn no_ignore_file_panics(text in any::<String>(), path in "[a-c./*é]{0,12}") {
        if let Ok(ignore) = IgnoreFile::parse("f", &text) {
            ignore.excluded(&path);
        }
    }

    #[test]
    fn no_pattern_panics(text in "[ab/*?!\\[\\]^\\\\{}|.é \n-]{0,24}", path in "[a-b./é]{0,12}") {
        if let Ok(ignore) = IgnoreFile::parse("f", &text) {
            ignore.excluded(&path);
        }
        let _ = go_match::matches(&text, &path);
    }

    /// A file that is left out stays out when a line that cannot match it is added.
    #[test]
    fn an_unrelated_line_changes_nothing(text in "(!?[ab*/]{1,5}\n){0,4}", path in "[ab]{1,3}(/[ab]{1,2}){0,2}") {
        prop_assume!(IgnoreFile::parse("f", &text).is_ok());
        let before = IgnoreFile::parse("f", &text).unwrap().excluded(&path);
        let after = IgnoreFile::parse("f", &format!("{text}zzz\n!yyy\n")).unwrap().excluded(&path);
        prop_assert_eq!(before, after);
    }
}
