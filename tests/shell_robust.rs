//! Any text is read, in time and stack that grow no faster than it.
#![allow(clippy::unwrap_used)]

use std::time::{Duration, Instant};

use dockopt::shell::{Script, parse_text};
use dockopt::syntax::Span;
use proptest::prelude::*;

/// Half the stack of a worker thread: the other half belongs to who calls.
const STACK: usize = 1024 * 1024;

fn on_small_stack(text: String) -> Script {
    let thread = std::thread::Builder::new().stack_size(STACK);
    thread
        .spawn(move || parse_text(&text, 0))
        .unwrap()
        .join()
        .unwrap()
}

const UNITS: [&str; 40] = [
    "a=(x $(",
    "[[ -f \"$(",
    "case \"$(",
    "export b c=(\"${d:-$(",
    "(",
    "{ ",
    "$(",
    "\"$(",
    "${x:-",
    "\"${x:-",
    "`",
    "\\`",
    "((",
    "$((",
    "$((1+",
    "$(( (",
    "if a; then ",
    "while ",
    "case x in a) ",
    "for i in a; do ",
    "f() ",
    "f() {\n",
    "a <<E\n",
    "! ",
    "[[ ( ",
    "a=(",
    "<(",
    "time ",
    "x[",
    "a[ ",
    "a=$(",
    "{a,",
    "'",
    "\"",
    "\\",
    "#\n",
    "\\\n",
    "$",
    "a=b ",
    "export A=(x) ",
];

#[test]
fn deep_nesting_is_opaque_and_not_a_crash() {
    for unit in UNITS {
        on_small_stack(unit.repeat(5_000));
        on_small_stack(format!("a && {} b", unit.repeat(63)));
    }
    for (open, close) in [
        ("( ", ")"),
        ("$(", ")"),
        ("{ ", ";}"),
        ("\"$(a ", ")\""),
        ("${x:-", "}"),
        ("if a; then ", ";fi"),
    ] {
        let nested = |depth: usize| format!("{}b{}", open.repeat(depth), close.repeat(depth));
        assert_eq!(on_small_stack(nested(20)).opaque, None, "{open} 20 deep");
        let deep = on_small_stack(nested(3_000)).opaque.unwrap();
        assert_eq!(deep.reason, "nested too deep", "{open}");
    }
}

#[test]
fn a_megabyte_takes_a_moment() {
    let long = [
        "apt-get install -y a 'b' \"c\" && ",
        "echo \"$x\" `y`; ",
        "a | b\n",
        "cat <<E\nx $(y)\nE\n",
    ];
    for (unit, size) in UNITS
        .iter()
        .map(|unit| (unit, 200_000))
        .chain(long.iter().map(|unit| (unit, 1_000_000)))
    {
        let text = unit.repeat(size / unit.len());
        let start = Instant::now();
        let script = parse_text(&text, 0);
        // Quadratic time would be minutes; the bound is wide for slow and busy machines without optimization.
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "{unit:?} took {:?}",
            start.elapsed()
        );
        drop(script);
    }
    let list = format!("{}d", "a b c && ".repeat(100_000));
    let script = parse_text(&list, 0);
    assert!(script.flat && script.opaque.is_none());
    assert_eq!(script.items.len(), 100_001);
}

/// Every span slices the text, lies in the one around it, and follows the one before it.
fn assert_spans(text: &str, script: &Script) {
    let whole = Span::new(0, text.len());
    let slices = |span: Span| {
        assert!(
            text.get(span.start..span.end).is_some() && whole.contains(span),
            "{text:?}"
        )
    };
    if let Some(opaque) = &script.opaque {
        slices(opaque.span);
    }
    for pair in script.items.windows(2) {
        assert!(pair[0].span.end <= pair[1].span.start, "{text:?}");
    }
    for item in &script.items {
        slices(item.span);
        slices(item.connector);
    }
    for command in &script.commands {
        slices(command.span);
        let item = &script.items[command.item];
        assert!(
            item.span.contains(command.span) || item.heredoc || script.opaque.is_some(),
            "{text:?}"
        );
        let mut end = command.span.start;
        for word in &command.words {
            slices(word.span);
            assert!(
                end <= word.span.start && command.span.contains(word.span),
                "{text:?}"
            );
            end = word.span.end;
            let written = word.span.of(text);
            // Backticks take backslashes away before the words are read.
            let unescaped = command.context.substitution && written.contains('\\');
            let joined = written.contains("\\\n");
            assert!(
                word.raw == written || joined || unescaped,
                "{text:?} {word:?}"
            );
        }
        let targets = command
            .redirects
            .iter()
            .filter_map(|redirect| redirect.target.as_ref());
        for word in targets.chain(
            command
                .assignments
                .iter()
                .map(|assignment| &assignment.value),
        ) {
            slices(word.span);
            assert!(command.span.contains(word.span), "{text:?}");
        }
    }
}

/// Pieces of which scripts are made, so that many of the generated ones are valid.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "a",
        "b ",
        " ",
        "'c d'",
        "\"e $f\"",
        "$(",
        ")",
        "`",
        " && ",
        " || ",
        "; ",
        " | ",
        " & ",
        "\n",
        "(",
        "{ ",
        "; }",
        "if ",
        "; then ",
        "; else ",
        "; fi",
        "for x in y; do ",
        "; done",
        "case x in ",
        "z) ",
        " ;; ",
        "esac",
        "X=1 ",
        "${g:-",
        "}",
        "$((1",
        "))",
        " > h",
        " 2>&1",
        " <<E\n",
        "\nE\n",
        "# i",
        "\\\n",
        "\\",
        "[[ -f j ]]",
        "! ",
        "é",
        "\"",
        "'",
        "f() ",
        "while ",
        "k=(l)",
        "<(",
        "((m",
        "~",
        "*",
        "{n,o}",
        "time ",
        "\\`",
        "\\\"",
    ]);
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..Default::default() })]

    #[test]
    fn scripts_have_exact_spans(text in pieces()) {
        assert_spans(&text, &parse_text(&text, 0));
    }

    #[test]
    fn any_text_is_read(text in any::<String>()) {
        assert_spans(&text, &parse_text(&text, 0));
    }

    #[test]
    fn a_script_in_parentheses_has_the_same_commands(text in pieces()) {
        // A final backslash would escape what comes after.
        prop_assume!(!text.ends_with('\\'));
        let script = parse_text(&text, 0);
        let inner = parse_text(&format!("( {text}\n)"), 0);
        if script.opaque.is_none() && inner.opaque.is_none() {
            let words = |script: &Script| -> Vec<Vec<String>> {
                let words = script.commands.iter().map(|command| &command.words);
                words.map(|words| words.iter().map(|word| word.raw.clone()).collect()).collect()
            };
            prop_assert_eq!(words(&script), words(&inner));
        }
        if script.opaque.is_some() && !script.opaque.as_ref().is_some_and(|o| o.reason.contains("heredoc")) {
            prop_assert!(inner.opaque.is_some() || text.contains(')'), "{:?}", script.opaque);
        }
    }
}
