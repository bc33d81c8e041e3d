//! Quote removal and quoting, as the shell of this machine does them.
#![allow(clippy::unwrap_used)]

use std::process::Command;

use dockopt::shell::{parse_text, quote};
use proptest::prelude::*;

/// What `sh` makes of words, globs left alone; `None` where there is no `sh`.
fn shell_values(words: &str) -> Option<Vec<String>> {
    let script = format!("set -f; printf '%s\\0' {words}");
    let output = Command::new("sh")
        .args(["-c", &script])
        .env_clear()
        .output()
        .ok()?;
    output.status.success().then(|| {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.split_terminator('\0').map(str::to_owned).collect()
    })
}

fn our_values(words: &str) -> Option<Vec<String>> {
    let script = parse_text(&format!("printf {words}"), 0);
    let command = script
        .commands
        .first()
        .filter(|_| script.opaque.is_none() && script.commands.len() == 1)?;
    let plain =
        command.redirects.is_empty() && !command.words.iter().any(|word| word.raw.starts_with('~'));
    let values: Option<Vec<String>> = command
        .words
        .iter()
        .skip(1)
        .map(|word| word.value.clone())
        .collect();
    values.filter(|_| plain)
}

#[test]
fn values_are_what_the_shell_makes_of_words() {
    let cases = [
        ("a", vec!["a"]),
        ("'a b'\"c d\"e", vec!["a bc de"]),
        ("\"a\\\"b\\\\c\\d\\$e\"", vec!["a\"b\\c\\d$e"]),
        ("a\\ b \\$c \\'", vec!["a b", "$c", "'"]),
        ("'' \"\"", vec!["", ""]),
        ("a$ \"b$ \" $", vec!["a$", "b$ ", "$"]),
        ("'a\\nb' 'c\"d'", vec!["a\\nb", "c\"d"]),
        ("\"it's\" é\\ü", vec!["it's", "éü"]),
        ("a\\\nb \"c\\\nd\" 'e\\\nf'", vec!["ab", "cd", "e\\\nf"]),
        ("--x={a,b} s/[a-z]*/b/", vec!["--x={a,b}", "s/[a-z]*/b/"]),
    ];
    for (words, expected) in cases {
        assert_eq!(our_values(words).unwrap(), expected, "{words}");
        if let Some(shell) = shell_values(words) {
            // Other shells than bash leave braces alone.
            assert!(
                shell == expected || words.contains('{'),
                "{words}: {shell:?}"
            );
        }
    }
}

#[test]
fn plain_values_are_not_quoted() {
    for plain in ["a", "--prefix=/x", "@scope/pkg@1.2", "a_b-c.d", "%s"] {
        assert_eq!(quote(plain), plain);
    }
    assert_eq!(quote(""), "''");
    assert_eq!(quote("a b"), "'a b'");
    assert_eq!(quote("it's"), "\"it's\"");
    assert_eq!(quote("~/x"), "'~/x'");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn known_values_are_right(words in "[ab'\"\\\\ $\\n#=~*-]{0,12}") {
        if let (Some(ours), Some(shell)) = (our_values(&words), shell_values(&words)) {
            // printf without arguments prints an empty one.
            let shell = if ours.is_empty() && shell == [""] { Vec::new() } else { shell };
            prop_assert_eq!(ours, shell);
        }
    }

    #[test]
    fn a_quoted_value_is_read_as_itself(value in "[a-z '\"\\\\$`*?~{}!#&;|<>()\\[\\]=\\n\\té-]{0,16}") {
        let word = quote(&value);
        prop_assert_eq!(our_values(&format!("x {word}")), Some(vec!["x".to_owned(), value.clone()]));
        if let Some(shell) = shell_values(&word) {
            prop_assert_eq!(shell, vec![value]);
        }
    }
}
