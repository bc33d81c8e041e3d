//! Variables, quotes and escapes in words, by the Dockerfile reference.
#![allow(clippy::unwrap_used)]

use dockopt::syntax::{Unresolved, expand, expand_unset_as_empty, expand_words};

fn lookup(name: &str) -> Option<String> {
    let value = match name {
        "A" => "a",
        "EMPTY" => "",
        "FILE" => "foo.tar.gz",
        "TWO" => "one two",
        "1" => "arg",
        "ü" => "umlaut",
        _ => return None,
    };
    Some(value.to_owned())
}

#[track_caller]
fn gives(word: &str, expected: &str) {
    assert_eq!(
        expand(word, '\\', &lookup).as_deref(),
        Ok(expected),
        "{word}"
    );
}

#[test]
fn variables() {
    gives("$A", "a");
    gives("x${A}y$A.z", "xaya.z");
    gives("$1x", "argx");
    gives("$ü", "umlaut");
    gives("$.", "$.");
    gives("$", "$");
    gives("a$", "a$");
}

#[test]
fn defaults_and_alternatives() {
    gives("${U:-d}", "d");
    gives("${U-d}", "d");
    gives("${EMPTY:-d}", "d");
    gives("${EMPTY-d}", "");
    gives("${A:-d}", "a");
    gives("${U:-${EMPTY:-$A}}", "a");
    gives("${U:-}", "");
    gives("${A:+x}", "x");
    gives("${EMPTY:+x}", "");
    gives("${EMPTY+x}", "x");
    gives("${U:+x}", "");
    gives("${U:-\"q }\"}", "q }");
    gives("${A:?message}", "a");
}

#[test]
fn quotes_and_escapes() {
    gives("'$A'", "$A");
    gives("\"$A 'x'\"", "a 'x'");
    gives("\\$A", "$A");
    gives("a\\ b", "a b");
    gives("a\\nb", "anb");
    gives("\"a\\nb\\\"\\$\\\\\"", "a\\nb\"$\\");
    gives("'a\\'", "a\\");
    gives("x\\", "x");
    gives("a\"b\"'c'", "abc");
    assert_eq!(
        expand("c:\\dir`$A", '`', &lookup).as_deref(),
        Ok("c:\\dir$A")
    );
}

#[test]
fn prefixes_suffixes_and_replacements() {
    gives("${FILE#*.}", "tar.gz");
    gives("${FILE##*.}", "gz");
    gives("${FILE%.*}", "foo.tar");
    gives("${FILE%%.*}", "foo");
    gives("${FILE#bar}", "foo.tar.gz");
    gives("${FILE#f??}", ".tar.gz");
    gives("${FILE/o/0}", "f0o.tar.gz");
    gives("${FILE//o/0}", "f00.tar.gz");
    gives("${FILE/.*/}", "foo");
    gives("${FILE//[.]/-}", "foo.tar.gz");
    gives("${FILE/\\*/x}", "foo.tar.gz");
    gives("${A//a/\\/}", "\\/");
}

#[test]
fn what_has_no_value() {
    assert_eq!(
        expand("x$U", '\\', &lookup),
        Err(Unresolved::Variable("U".into()))
    );
    assert_eq!(
        expand("${U#x}", '\\', &lookup),
        Err(Unresolved::Variable("U".into()))
    );
    assert_eq!(
        expand_unset_as_empty("x${U}y$U", '\\', &lookup).as_deref(),
        Ok("xy")
    );
    for (word, message) in [
        ("${U?}", "is not allowed to be unset"),
        ("${EMPTY:?gone}", "gone"),
    ] {
        let Err(Unresolved::Required { message: found, .. }) = expand(word, '\\', &lookup) else {
            panic!("{word} has a value");
        };
        assert_eq!(found, message);
    }
}

#[test]
fn what_is_malformed() {
    for word in [
        "'a", "\"a", "${A", "${", "${}", "${{A}", "${:A}", "${A:=x}", "${A^^}", "${A:", "${A/x}",
        "${A#\\x}",
    ] {
        assert!(
            matches!(expand(word, '\\', &lookup), Err(Unresolved::Syntax(_))),
            "{word}"
        );
    }
}

#[test]
fn deep_nesting_is_refused_without_a_crash() {
    let deep = "${A:-".repeat(100_000);
    assert!(expand(&deep, '\\', &lookup).is_err());
    let fine = format!("{}x{}", "${U:-".repeat(150), "}".repeat(150));
    gives(&fine, "x");
}

#[test]
fn a_pattern_on_a_very_long_value_is_refused() {
    let long = |_: &str| Some("x".repeat(9000));
    assert!(expand("${A//*y/}", '\\', &long).is_err());
    assert_eq!(expand("$A", '\\', &long).map(|value| value.len()), Ok(9000));
}

#[test]
fn a_dollar_in_the_text_of_a_full_replacement_is_refused() {
    assert!(expand("${A//a/\\$1}", '\\', &lookup).is_err());
    gives("${A/a/\\$1}", "\\$1");
}

#[test]
fn quotes_in_patterns() {
    gives("${FILE#'f'*.}", "tar.gz");
    gives("${FILE%\".\"*}", "foo.tar");
}

#[test]
fn words() {
    let words = |text| expand_words(text, '\\', &lookup).unwrap();
    assert_eq!(words(" 80  443/tcp "), ["80", "443/tcp"]);
    assert_eq!(words("x$TWO 'c d'"), ["xone", "two", "c d"]);
    assert_eq!(words("\"$TWO\""), ["one two"]);
    assert!(words("''").is_empty());
}
