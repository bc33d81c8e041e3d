//! Random Dockerfiles, and random damage to them.

use std::fmt::Write;

use proptest::prelude::*;

/// An instruction as it is generated: keyword, flags, arguments.
#[derive(Clone, Debug)]
pub struct Generated {
    pub keyword: &'static str,
    pub flags: Vec<String>,
    pub args: Vec<String>,
    pub json: bool,
    pub heredoc: Option<String>,
}

fn generated() -> impl Strategy<Value = Generated> {
    let plain = || prop::collection::vec("[a-z/.é]{1,6}", 2..5);
    let value = prop_oneof![
        "[a-z0-9]{0,4}",
        "\"[a-z $']{0,5}\"",
        "'[a-z $\"]{0,5}'",
        "[a-z]\\\\ [a-z]",
        "\\$\\{[A-Z]:-x\\}"
    ];
    let pairs = prop::collection::vec(
        ("[A-Z_]{1,5}", value).prop_map(|(key, value)| format!("{key}={value}")),
        1..4,
    );
    let of = |keyword, args| Generated {
        keyword,
        flags: Vec::new(),
        args,
        json: false,
        heredoc: None,
    };
    prop_oneof![
        plain().prop_map(move |args| of("RUN", args)),
        plain().prop_map(move |args| of("COPY", args)),
        plain().prop_map(move |args| Generated {
            flags: vec!["--chown=1:1".into(), "--link".into()],
            ..of("COPY", args)
        }),
        plain().prop_map(move |args| Generated {
            json: true,
            ..of("ADD", args)
        }),
        plain().prop_map(move |args| Generated {
            json: true,
            ..of("CMD", args)
        }),
        plain().prop_map(move |args| of("EXPOSE", args)),
        plain().prop_map(move |args| Generated {
            json: true,
            ..of("VOLUME", args)
        }),
        pairs.clone().prop_map(move |args| of("ENV", args)),
        pairs.clone().prop_map(move |args| of("LABEL", args)),
        pairs.prop_map(move |args| of("ARG", args)),
        "[\\t# a-z\\n]{0,12}".prop_map(move |body| {
            let body = if body.is_empty() || body.ends_with('\n') {
                body
            } else {
                body + "\n"
            };
            Generated {
                heredoc: Some(body),
                ..of("COPY", vec!["<<-EOF".into(), "/x".into()])
            }
        }),
    ]
}

/// What may stand between two words.
fn gap() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        4 => Just(" "),
        1 => Just("  \t"),
        1 => Just(" \\\n  "),
        1 => Just(" \\ \t\n# a comment\n\n "),
    ]
}

/// A file of generated instructions, and what they are.
pub fn file() -> impl Strategy<Value = (String, Vec<Generated>)> {
    let instruction = (
        generated(),
        prop::collection::vec(gap(), 16),
        prop_oneof!["", "# about it\n", "\n", "  "],
    );
    (
        prop::collection::vec(instruction, 1..8),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(list, crlf, bom)| {
            let mut text = String::from("FROM a AS b\n");
            let mut instructions = Vec::new();
            for (generated, gaps, before) in list {
                write_instruction(&mut text, &generated, &gaps, &before);
                instructions.push(generated);
            }
            let text = if crlf {
                text.replace('\n', "\r\n")
            } else {
                text
            };
            (
                if bom { format!("\u{feff}{text}") } else { text },
                instructions,
            )
        })
}

fn write_instruction(text: &mut String, generated: &Generated, gaps: &[&str], before: &str) {
    let mut gaps = gaps.iter().cycle();
    write!(text, "{before}{}", generated.keyword).unwrap();
    for flag in &generated.flags {
        write!(text, "{}{flag}", gaps.next().unwrap()).unwrap();
    }
    let last = generated.args.len() - 1;
    for (index, arg) in generated.args.iter().enumerate() {
        let (open, close) = match generated.json {
            true => (
                if index == 0 { "[\"" } else { "\"" },
                if index == last { "\"]" } else { "\"," },
            ),
            false => ("", ""),
        };
        write!(text, "{}{open}{arg}{close}", gaps.next().unwrap()).unwrap();
    }
    text.push('\n');
    if let Some(body) = &generated.heredoc {
        writeln!(text, "{body}\tEOF").unwrap();
    }
}

/// Seeds that mutations start from, one for each hard thing.
pub const SEEDS: [&str; 6] = [
    "# syntax=x\n# escape=`\nFROM a\nRUN c:\\ `\n  x\n",
    "FROM a\nRUN <<A && <<-'B'\n\tx\nA\n\ty\n\tB\nCOPY <<\"C\" /c\nC\n",
    "FROM --platform=$X a:${V:-1} AS b\nENV A=\"b\\\"c\" \\\n # d\n\n E='f'\nENV G h i\n",
    "FROM a\nRUN [\"x\", \"\\u00e9\\ud800\"]\nHEALTHCHECK --interval=1s CMD [\"y\"]\nSHELL [\"z\"]\n",
    "\u{feff}FROM a\r\nCOPY --from=b --chown=\"1\" [\"c d\", \"e\"]\r\nONBUILD RUN <<E\r\nE\r\nUSER u",
    "ARG A\nARG B=1 C\nFROM a\nLABEL \"x y\"=z\nRUN --mount=type=cache,target=/x -- y\nCMD\nEXPOSE 1 2\n",
];

/// Replaces, at each place, some bytes by others that matter to the syntax.
pub fn mutate(text: &str, changes: &[(usize, usize, String)]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for (at, remove, insert) in changes {
        let start = at % (bytes.len() + 1);
        let end = (start + remove).min(bytes.len());
        bytes.splice(start..end, insert.bytes());
    }
    bytes
}

pub fn changes() -> impl Strategy<Value = Vec<(usize, usize, String)>> {
    let piece = prop_oneof![
        "[\\\\`\"'#=$\\{\\}\\[\\]<>, \\t\\r\\n-]{0,3}",
        "(RUN|COPY|ENV|FROM|ONBUILD|CMD|HEALTHCHECK|<<E|\\nE\\n|\\\\\\n|# c\\n|\\[\"|\"\\]|--x=|EOF)",
        "\\PC{0,2}",
        "[\u{85}\u{a0}\u{2003}\u{feff}\u{b}\u{c}]",
    ];
    prop::collection::vec((any::<usize>(), 0_usize..4, piece), 0..6)
}
