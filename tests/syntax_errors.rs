//! What is refused, where the error points, and how it is shown.
#![allow(clippy::unwrap_used)]

use dockopt::syntax::{Dockerfile, ParseError};

fn error(text: &str) -> ParseError {
    match Dockerfile::parse(text) {
        Ok(_) => panic!("accepted: {text}"),
        Err(error) => error,
    }
}

#[test]
fn refused_files() {
    for (text, message, pointed_at) in [
        ("", "the file has no instruction", ""),
        ("# only a comment\n", "the file has no instruction", ""),
        (
            "# escape=x\nFROM a",
            "`x` cannot be the escape character",
            "# escape=x",
        ),
        (
            "# syntax=a\n# syntax=b\nFROM a",
            "the parser directive `syntax` is given twice",
            "# syntax=b",
        ),
        ("RUN x\nFROM a", "RUN stands before the first FROM", "RUN"),
        (
            "FROM",
            "FROM takes an image, or an image, AS and a stage name",
            "",
        ),
        (
            "FROM a # b",
            "FROM takes an image, or an image, AS and a stage name",
            "a # b",
        ),
        ("FROM a AS 1b", "`1b` cannot be the name of a stage", "1b"),
        ("FROM a AS $b", "`$b` cannot be the name of a stage", "$b"),
        ("FROM a\nRUM x", "`RUM` is no instruction", "RUM"),
        (
            "FROM a\nCOPY a",
            "COPY takes at least one source and a destination",
            "a",
        ),
        (
            "FROM a\nCOPY --from x a b",
            "`--from` has no value",
            "--from",
        ),
        (
            "FROM a\nCOPY --nope=1 a b",
            "COPY has no flag `--nope`",
            "--nope=1",
        ),
        (
            "FROM a\nCOPY --link=maybe a b",
            "`--link` is either true or false",
            "--link=maybe",
        ),
        (
            "FROM a\nCOPY --chown=1 --chown=2 a b",
            "`--chown` is given twice",
            "--chown=2",
        ),
        (
            "FROM a\nCOPY a <<E\nE",
            "a heredoc cannot be the destination of COPY",
            "a <<E",
        ),
        (
            "FROM a\nRUN --network=x y",
            "`x` is no value of `--network`",
            "--network=x",
        ),
        (
            "FROM a\nRUN --mount=from=$x,target=/ y",
            "`from` of a mount takes no variables",
            "--mount=from=$x,target=/",
        ),
        (
            "FROM a\nRUN --device=a,b c",
            "the value of `--device` names no device",
            "--device=a,b",
        ),
        (
            "FROM a\nRUN --device=a,required=maybe b",
            "the value of `--device` names no device",
            "--device=a,required=maybe",
        ),
        (
            "FROM a\nRUN --mount=a\\\"b y",
            "the value of `--mount` is no list of fields",
            "--mount=a\\\"b",
        ),
        ("FROM a\nENV A", "ENV has a name but no value", "A"),
        ("FROM a\nENV", "ENV has no argument", ""),
        ("FROM a\nENV A=1 B", "`B` has no `=`", "B"),
        ("FROM a\nENV =1", "a name in ENV is empty", "=1"),
        ("FROM a\nARG =1", "a name in ARG is empty", "=1"),
        ("FROM a\nLABEL", "LABEL has no argument", ""),
        ("FROM a\nWORKDIR ", "WORKDIR has no argument", ""),
        ("FROM a\nEXPOSE", "EXPOSE has no argument", ""),
        (
            "FROM a\nVOLUME [\"\"]",
            "a path in VOLUME is empty",
            "[\"\"]",
        ),
        ("FROM a\nSHELL sh -c", "SHELL takes a JSON array", "sh -c"),
        (
            "FROM a\nCMD [\"a\", 1]",
            "an array in the JSON form may hold strings only",
            "[\"a\", 1]",
        ),
        (
            "FROM a\nCMD [[], \"\\ud800 \\\"\"]",
            "an array in the JSON form may hold strings only",
            "[[], \"\\ud800 \\\"\"]",
        ),
        (
            "FROM a\nRUN x <<E\ny",
            "the heredoc `E` is not closed",
            "RUN",
        ),
        ("FROM a\nHEALTHCHECK", "HEALTHCHECK has no argument", ""),
        (
            "FROM a\nHEALTHCHECK NONE x",
            "HEALTHCHECK NONE takes no argument",
            "x",
        ),
        (
            "FROM a\nHEALTHCHECK CMD",
            "HEALTHCHECK CMD has no command",
            "CMD",
        ),
        (
            "FROM a\nHEALTHCHECK FOO x",
            "HEALTHCHECK cannot start with `FOO`",
            "FOO",
        ),
        (
            "FROM a\nHEALTHCHECK --interval=5 CMD x",
            "`5` is no duration",
            "--interval=5",
        ),
        (
            "FROM a\nHEALTHCHECK --timeout=1us CMD x",
            "`--timeout` is shorter than a millisecond",
            "--timeout=1us",
        ),
        (
            "FROM a\nHEALTHCHECK --retries=-1 CMD x",
            "`-1` is no number of retries",
            "--retries=-1",
        ),
        (
            "FROM a\nONBUILD FROM b",
            "FROM cannot be the trigger of an ONBUILD",
            "FROM",
        ),
        (
            "FROM a\nONBUILD onbuild RUN x",
            "ONBUILD cannot be the trigger of an ONBUILD",
            "onbuild",
        ),
        ("FROM a\nONBUILD ENV A", "ENV has a name but no value", "A"),
    ] {
        let error = error(text);
        assert_eq!(error.message, message, "{text}");
        assert_eq!(error.span.of(text), pointed_at, "{text}");
        assert!(!error.help.is_empty(), "{text}");
    }
}

#[test]
fn devices() {
    for value in [
        "a.b/c=d",
        "name=a,required",
        "a,required=true",
        "required,a",
        "x=y",
    ] {
        let text = format!("FROM a\nRUN --device={value} b");
        assert!(Dockerfile::parse(&text).is_ok(), "{value}");
    }
}

#[test]
fn similar_instructions_are_named() {
    assert_eq!(
        error("FROM a\nENTRYPONT x").help,
        "did you mean ENTRYPOINT?"
    );
    assert_eq!(error("FROM a\nCOPPY a b").help, "did you mean COPY?");
    assert_eq!(error("FORM a").help, "did you mean FROM?");
    assert!(error("FROM a\n{{ x }}").help.contains("template"));
}

#[test]
fn lines_and_columns_count_characters() {
    let error = error("\u{feff}FROM a\nENV ü=é ß\n");
    assert_eq!((error.line, error.column), (2, 9));
    assert_eq!(error.to_string(), "line 2, column 9: `ß` has no `=`");
}

#[test]
fn bytes_that_are_not_utf8() {
    let error = Dockerfile::parse_bytes(b"FROM a\nRUN \xe9\n").unwrap_err();
    assert_eq!((error.line, error.column), (2, 5));
    assert_eq!(error.message, "the byte 0xe9 is not UTF-8");
    let error = Dockerfile::parse_bytes(b"\xff\xfeF\0R\0").unwrap_err();
    assert_eq!(error.message, "the file is UTF-16, not UTF-8");
}

#[test]
fn a_line_longer_than_buildkit_reads() {
    let longest = format!("FROM a\nRUN {}\n", "x".repeat(65_536 - 5));
    assert!(Dockerfile::parse(&longest).is_ok());
    let too_long = format!("FROM a\nRUN {}\n", "x".repeat(65_536 - 4));
    assert_eq!(error(&too_long).line, 2);
}

#[test]
fn shown_with_a_caret() {
    let text = "FROM a\nCOPY --from build a b\n";
    let expected = "\
error: `--from` has no value
 --> app/Dockerfile:2:6
  |
2 | COPY --from build a b
  |      ^^^^^^
  |
  = help: write `--from=value`; a space cannot stand for `=`";
    assert_eq!(error(text).display(text, "app/Dockerfile"), expected);
}

#[test]
fn showing_never_fails() {
    let text = "FROM a\n\u{1b}[31mRUN x";
    let error = error(text);
    let shown = error.display(text, "Docker\u{1b}file");
    assert!(!shown.contains('\u{1b}'), "{shown}");
    // A span that does not fit the text is clamped.
    for other in ["", "é", "x\r\n"] {
        assert!(error.display(other, "f").contains("error: "));
    }
    for at in 0..6 {
        let bytes = ParseError {
            span: dockopt::syntax::Span::new(at, at + 1),
            ..error.clone()
        };
        assert!(bytes.display("aé日", "f").contains("error: "));
    }
}
