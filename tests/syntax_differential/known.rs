//! What the other two parsers are known to read differently.

use dockopt::syntax::{CommandLine, Data, Keyword, Pair};

use super::kinds::{Case, FileKind, Kind, Laxness, Other};
use super::views::{dockerfile_parser, parse_dockerfile};

const BYTE_ORDER_MARK: FileKind = FileKind {
    name: "a byte order mark is not known, or shifts the offsets",
    explains: |file| file.bom,
    example: "\u{feff}FROM a\nUSER b\n",
};

fn pairs<'a>(case: &Case<'a>) -> &'a [Pair] {
    match &case.instruction.data {
        Data::Pairs { pairs, .. } => pairs,
        _ => &[],
    }
}

fn values<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a str> {
    pairs(case)
        .iter()
        .filter_map(|pair| pair.value.as_ref())
        .map(|value| value.raw.as_str())
}

/// The words of FROM and COPY as written.
fn words<'a>(case: &Case<'a>) -> Vec<&'a str> {
    match &case.instruction.data {
        Data::From { image, alias } => [Some(image), alias.as_ref()]
            .into_iter()
            .flatten()
            .map(|w| w.raw.as_str())
            .collect(),
        Data::Transfer { sources, dest, .. } => sources
            .iter()
            .chain([dest])
            .map(|word| word.raw.as_str())
            .collect(),
        _ => Vec::new(),
    }
}

fn is(case: &Case<'_>, keyword: Keyword) -> bool {
    case.instruction.keyword == keyword
}

fn is_json(case: &Case<'_>) -> bool {
    match &case.instruction.data {
        Data::Command(line) => matches!(line, CommandLine::Exec(_)),
        Data::Transfer { json, .. } => *json,
        _ => false,
    }
}

/// Lines of the instruction but the last, without white space around them.
fn inner_lines<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a str> {
    let lines: Vec<&str> = case.lines.lines().map(str::trim).collect();
    let count = lines.len().saturating_sub(1);
    lines.into_iter().take(count)
}

pub const DOCKERFILE_PARSER: Other = Other {
    name: "dockerfile-parser",
    parse: dockerfile_parser,
    kinds: &[
        Kind {
            name: "heredocs are read as instructions",
            explains: |case| !case.instruction.heredocs.is_empty(),
            example: "FROM a\nRUN <<EOF\necho hi\nEOF\n",
        },
        Kind {
            name: "the escape directive is not known",
            explains: |case| case.file.escape == '`' && case.lines.contains('`'),
            example: "# escape=`\nFROM a\nRUN a `\n  b\n",
        },
        Kind {
            name: "the JSON form of COPY is not known",
            explains: |case| is(case, Keyword::Copy) && is_json(case),
            example: "FROM a\nCOPY [\"a\", \"b\"]\n",
        },
        Kind {
            name: "a flag of COPY without a value is a source",
            explains: |case| {
                is(case, Keyword::Copy)
                    && case
                        .instruction
                        .flags
                        .iter()
                        .any(|flag| flag.value.is_none())
            },
            example: "FROM a\nCOPY --link a b\n",
        },
        Kind {
            name: "quotes around the words of COPY are removed",
            explains: |case| {
                is(case, Keyword::Copy)
                    && words(case)
                        .iter()
                        .any(|word| word.contains(['"', '\'', '\\']))
            },
            example: "FROM a\nCOPY \"a\" b\n",
        },
        Kind {
            name: "ARG declares one argument only",
            explains: |case| is(case, Keyword::Arg) && pairs(case).len() > 1,
            example: "FROM a\nARG A=1 B=2\n",
        },
        Kind {
            name: "an image has a known set of characters",
            explains: |case| {
                let known = |c: char| c.is_ascii_alphanumeric() || "_-.:/${}@".contains(c);
                is(case, Keyword::From) && !words(case).iter().all(|word| word.chars().all(known))
            },
            example: "FROM a%b\n",
        },
        Kind {
            name: "an empty line ends a continuation",
            explains: |case| inner_lines(case).any(str::is_empty),
            example: "FROM a\nRUN a \\\n\n  b\n",
        },
        Kind {
            name: "a continuation alone on a line is not known",
            explains: |case| inner_lines(case).any(|line| line == "\\"),
            example: "FROM a\nRUN a \\\n\\\n  b\n",
        },
        Kind {
            name: "a shell command or nothing must follow RUN, CMD and ENTRYPOINT",
            explains: |case| {
                matches!(&case.instruction.data, Data::Command(_))
                    && case.instruction.text.text.is_empty()
            },
            example: "FROM a\nRUN\n",
        },
        Kind {
            name: "the JSON form need not be JSON",
            explains: |case| {
                matches!(&case.instruction.data, Data::Command(CommandLine::Shell))
                    && case.instruction.text.text.starts_with('[')
            },
            example: "FROM a\nCMD ['a']\n",
        },
        Kind {
            name: "a name in ENV has letters, digits and underscores only",
            explains: |case| {
                let known = |c: char| c.is_ascii_alphanumeric() || c == '_';
                is(case, Keyword::Env)
                    && !pairs(case)
                        .iter()
                        .all(|pair| pair.key.raw.chars().all(known))
            },
            example: "FROM a\nENV a.b=c\n",
        },
        Kind {
            name: "an empty value is not known",
            explains: |case| values(case).any(|value| value.is_empty()),
            example: "FROM a\nENV A=\n",
        },
        Kind {
            name: "a value is one quoted string, with the escapes of JSON, or has no quotes",
            explains: |case| {
                let odd = |value: &str| {
                    let inner = value
                        .strip_prefix(['"', '\''])
                        .and_then(|rest| rest.strip_suffix(['"', '\'']));
                    inner.unwrap_or(value).contains(['"', '\'', '\\'])
                };
                let unfinished = |value: &str| value.matches('"').count() % 2 == 1;
                let split = |pair: &Pair| {
                    let value = pair.value.as_ref();
                    value.is_some_and(|value| value.span.of(&case.file.source).contains('\n'))
                };
                values(case).any(|value| odd(value) || unfinished(value))
                    || pairs(case).iter().any(split)
            },
            example: "FROM a\nENV A=\"b\"c\n",
        },
        Kind {
            name: "the value of the legacy form is one word",
            explains: |case| {
                let legacy = matches!(&case.instruction.data, Data::Pairs { legacy: true, .. });
                legacy && values(case).any(|value| value.contains(char::is_whitespace))
            },
            example: "FROM a\nLABEL a b c\n",
        },
        Kind {
            name: "a comment at the start of a command does not end with its line",
            explains: |case| {
                let starts = |text: &str| text.starts_with('#');
                let comment = case
                    .lines
                    .lines()
                    .nth(1)
                    .is_some_and(|line| starts(line.trim()));
                starts(&case.instruction.text.text) || values(case).any(starts) || comment
            },
            example: "FROM a\nRUN \\\n  # b\n  c\n",
        },
        Kind {
            name: "a stage name has letters, digits, dashes and underscores only",
            explains: |case| {
                is(case, Keyword::From) && words(case).get(1).is_some_and(|name| name.contains('.'))
            },
            example: "FROM a AS b.c\n",
        },
        Kind {
            name: "a digest must be valid",
            explains: |case| {
                is(case, Keyword::From) && words(case).iter().any(|image| image.contains('@'))
            },
            example: "FROM a@b\n",
        },
        Kind {
            name: "flags of RUN are part of the command",
            explains: |case| {
                is(case, Keyword::Run) && is_json(case) && !case.instruction.flags.is_empty()
            },
            example: "FROM a\nRUN --network=none [\"b\"]\n",
        },
        Kind {
            name: "the JSON form has escapes of its own and no continuations in strings",
            explains: |case| is_json(case) && case.lines.contains('\\'),
            example: "FROM a\nCMD [\"\\/b\"]\n",
        },
        Kind {
            name: "a file cannot end in a continuation",
            explains: |case| case.lines.trim_end().ends_with('\\'),
            example: "FROM a\nRUN a \\\n",
        },
    ],
    file_kinds: &[BYTE_ORDER_MARK],
    laxness: &[
        Laxness {
            message: "stands before the first FROM",
            example: || "RUN a\n".into(),
        },
        Laxness {
            message: "has no value",
            example: || "FROM a\nADD --checksum a b\n".into(),
        },
        Laxness {
            message: "is no instruction",
            example: || "FROM a\nFOO b\n".into(),
        },
        Laxness {
            message: "may hold strings only",
            example: || "FROM a\nVOLUME [1]\n".into(),
        },
        Laxness {
            message: "cannot be the trigger",
            example: || "FROM a\nONBUILD FROM b\n".into(),
        },
        Laxness {
            message: "is not closed",
            example: || "FROM a\nRUN b <<E\n".into(),
        },
        Laxness {
            message: "at least one source",
            example: || "FROM a\nCOPY --link b\n".into(),
        },
        Laxness {
            message: "has no flag",
            example: || "FROM a\nCOPY --nope=b c d\n".into(),
        },
        Laxness {
            message: "the line is longer",
            example: || format!("FROM a\nUSER {}\n", "x".repeat(70_000)),
        },
    ],
};
pub const PARSE_DOCKERFILE: Other = Other {
    name: "parse-dockerfile",
    parse: parse_dockerfile,
    kinds: &[
        Kind {
            name: "an empty array is no exec form",
            explains: |case| matches!(&case.instruction.data, Data::Command(CommandLine::Exec(words)) if words.is_empty()),
            example: "FROM a\nENTRYPOINT []\n",
        },
        Kind {
            name: "a heredoc of RUN must come first",
            explains: |case| {
                is(case, Keyword::Run)
                    && !case.instruction.heredocs.is_empty()
                    && !case.instruction.text.text.starts_with("<<")
            },
            example: "FROM a\nRUN cat <<EOF\nx\nEOF\n",
        },
        Kind {
            name: "RUN has one heredoc only",
            explains: |case| is(case, Keyword::Run) && case.instruction.heredocs.len() > 1,
            example: "FROM a\nRUN <<A && <<B\na\nA\nb\nB\n",
        },
        Kind {
            name: "two escape characters at the end of a line continue it",
            explains: |case| case.lines.trim_end().ends_with("\\\\"),
            example: "FROM a\nCOPY a c:\\\\\n",
        },
        Kind {
            name: "an unknown trigger of ONBUILD is an error",
            explains: |case| {
                is(case, Keyword::Onbuild) && matches!(&case.instruction.data, Data::Text(_))
            },
            example: "FROM a\nONBUILD FOO\n",
        },
    ],
    file_kinds: &[
        BYTE_ORDER_MARK,
        FileKind {
            name: "two stages cannot have one name",
            explains: |file| {
                let names: Vec<_> = file
                    .stages
                    .iter()
                    .filter_map(|stage| stage.name.as_ref())
                    .collect();
                names
                    .iter()
                    .enumerate()
                    .any(|(index, name)| names[..index].contains(name))
            },
            example: "FROM a AS b\nFROM c AS b\n",
        },
    ],
    laxness: &[
        Laxness {
            message: "has no value",
            example: || "FROM a\nCOPY --from a b c\n".into(),
        },
        Laxness {
            message: "has no flag",
            example: || "FROM a\nCOPY --nope=a b c\n".into(),
        },
        Laxness {
            message: "cannot be the trigger",
            example: || "FROM a\nONBUILD FROM b\n".into(),
        },
        Laxness {
            message: "the line is longer",
            example: || format!("FROM a\nUSER {}\n", "x".repeat(70_000)),
        },
        Laxness {
            message: "cannot be the name of a stage",
            example: || "FROM a AS $b\n".into(),
        },
        Laxness {
            message: "cannot be the escape character",
            example: || "# escape=` b\nFROM a\n".into(),
        },
        Laxness {
            message: "is not closed",
            example: || "FROM a\nRUN cat <<EOF\n".into(),
        },
        Laxness {
            message: "has a name but no value",
            example: || "FROM a\nENV A\n".into(),
        },
    ],
};
