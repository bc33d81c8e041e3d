//! Taking items out of a script and adding one, in the layouts that people write.
#![allow(clippy::unwrap_used)]

use dockopt::shell::{Connector, Script, append_item, parse_run, parse_text, remove_item};
use dockopt::syntax::{Dockerfile, Span};
use proptest::prelude::*;

fn apply(source: &str, edits: &[(Span, String)]) -> String {
    let mut text = source.to_owned();
    for (span, new) in edits.iter().rev() {
        text.replace_range(span.start..span.end, new);
    }
    text
}

fn script_of(source: &str) -> Script {
    let file = Dockerfile::parse(source).unwrap();
    parse_run(&file.instructions[1], &file.source)
}

/// The items of the RUN after FROM, each without its continued lines and the comments inside.
fn items(source: &str) -> Vec<String> {
    let script = script_of(source);
    assert_eq!(script.opaque, None, "{source}");
    script
        .chain()
        .unwrap()
        .iter()
        .map(|item| one_line(item.span.of(source)))
        .collect()
}

fn one_line(text: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    let joined: Vec<&str> = lines
        .map(|line| line.trim().trim_end_matches('\\').trim())
        .collect();
    joined.join(" ")
}

fn removed(run: &str, index: usize) -> String {
    let source = format!("FROM a\n{run}");
    let edits = remove_item(&script_of(&source), &source, index);
    if edits.is_empty() {
        return "refused".to_owned();
    }
    apply(&source, &edits)
        .strip_prefix("FROM a\n")
        .unwrap()
        .to_owned()
}

fn appended(run: &str, command: &str) -> String {
    let source = format!("FROM a\n{run}");
    match append_item(&script_of(&source), &source, command) {
        None => "refused".to_owned(),
        Some(edit) => apply(&source, &[edit])
            .strip_prefix("FROM a\n")
            .unwrap()
            .to_owned(),
    }
}

#[test]
fn an_item_goes_with_its_connector() {
    let trailing = "RUN a && \\\n    b x && \\\n    c\nUSER u\n";
    let leading = "RUN a \\\n    && b \\\n       x \\\n    && c\nUSER u\n";
    let cases = [
        ("RUN a && b && c\n", 0, "RUN b && c\n"),
        ("RUN a && b && c\n", 1, "RUN a && c\n"),
        ("RUN a && b && c\n", 2, "RUN a && b\n"),
        ("RUN a&&b&&c", 1, "RUN a&&c"),
        (trailing, 0, "RUN b x && \\\n    c\nUSER u\n"),
        (trailing, 1, "RUN a && \\\n    c\nUSER u\n"),
        (trailing, 2, "RUN a && \\\n    b x\nUSER u\n"),
        (leading, 0, "RUN b \\\n       x \\\n    && c\nUSER u\n"),
        (leading, 1, "RUN a \\\n    && c\nUSER u\n"),
        (leading, 2, "RUN a \\\n    && b \\\n       x\nUSER u\n"),
        ("RUN set -e; a; b;\n", 2, "RUN set -e; a;\n"),
        (
            "RUN (a; b) && c | d && { e; }\n",
            1,
            "RUN (a; b) && { e; }\n",
        ),
        ("RUN a # note\n", 0, "refused"),
        ("RUN a && b # note\n", 1, "RUN a # note\n"),
        (
            "RUN [\"sh\", \"-c\", \"a && b\"]\n",
            0,
            "RUN [\"sh\", \"-c\", \"b\"]\n",
        ),
        (
            "RUN [\"sh\", \"-c\", \"a && echo \\\"b\\\"\"]\n",
            0,
            "refused",
        ),
        ("RUN [\"a\", \"b\"]\n", 0, "refused"),
        ("RUN a && b)\n", 0, "refused"),
    ];
    for (run, index, expected) in cases {
        assert_eq!(removed(run, index), expected, "{run:?} without {index}");
    }
}

#[test]
fn what_follows_keeps_its_meaning() {
    let cases = [
        // `c` must not come to depend on `a`, nor lose that it did.
        ("RUN a && b; c\n", 1, "RUN a; c\n"),
        ("RUN a; b && c\n", 1, "RUN a; c\n"),
        ("RUN a || b && c\n", 0, "RUN c\n"),
        ("RUN a || b && c\n", 1, "RUN a || b\n"),
        ("RUN a; b & c\n", 1, "RUN a; c\n"),
        ("RUN a & b; c\n", 1, "RUN a & c\n"),
        ("RUN a & b\n", 1, "RUN a &\n"),
        ("RUN a; b &\n", 1, "RUN a\n"),
    ];
    for (run, index, expected) in cases {
        assert_eq!(removed(run, index), expected, "{run:?} without {index}");
    }
}

#[test]
fn comments_between_items_stay() {
    let trailing = "RUN a && \\\n    # on b\n    b && \\\n    # on c\n    c\nUSER u\n";
    let leading = "RUN a \\\n    # on b\n    && b \\\n    # on c\n    && c\nUSER u\n";
    let cases = [
        (
            trailing,
            0,
            "RUN \\\n    # on b\n    b && \\\n    # on c\n    c\nUSER u\n",
        ),
        (
            trailing,
            1,
            "RUN a && \\\n    # on b\n    # on c\n    c\nUSER u\n",
        ),
        (
            trailing,
            2,
            "RUN a && \\\n    # on b\n    b\n    # on c\nUSER u\n",
        ),
        (
            leading,
            0,
            "RUN \\\n    # on b\n    b \\\n    # on c\n    && c\nUSER u\n",
        ),
        (
            leading,
            1,
            "RUN a \\\n    # on b\n    # on c\n    && c\nUSER u\n",
        ),
        (
            leading,
            2,
            "RUN a \\\n    # on b\n    && b\n    # on c\nUSER u\n",
        ),
        (
            "RUN a && \\\r\n  # on b\r\n  b\r\nUSER u\r\n",
            1,
            "RUN a\r\n  # on b\r\nUSER u\r\n",
        ),
        (
            "RUN a && \\\n  # on b\n  b; \\\n  c\n",
            1,
            "RUN a \\\n  # on b\n  ; \\\n  c\n",
        ),
    ];
    for (run, index, expected) in cases {
        assert_eq!(removed(run, index), expected, "{run:?} without {index}");
    }
}

#[test]
fn a_script_with_lines_loses_whole_lines() {
    let heredoc = "RUN <<EOF\nset -e\n# on a\na\nb # why\nc && \\\n  d\nEOF\n";
    let cases = [
        (
            heredoc,
            0,
            "RUN <<EOF\n# on a\na\nb # why\nc && \\\n  d\nEOF\n",
        ),
        (
            heredoc,
            1,
            "RUN <<EOF\nset -e\n# on a\nb # why\nc && \\\n  d\nEOF\n",
        ),
        (
            heredoc,
            2,
            "RUN <<EOF\nset -e\n# on a\na\n# why\nc && \\\n  d\nEOF\n",
        ),
        (
            heredoc,
            3,
            "RUN <<EOF\nset -e\n# on a\na\nb # why\nd\nEOF\n",
        ),
        (
            heredoc,
            4,
            "RUN <<EOF\nset -e\n# on a\na\nb # why\nc\nEOF\n",
        ),
        (
            "RUN <<-EOF\n\ta\n\tb; c\n\tEOF\n",
            1,
            "RUN <<-EOF\n\ta\n\tc\n\tEOF\n",
        ),
        ("RUN <<EOF\na &&\n# on b\nb\nEOF\n", 1, "refused"),
        ("RUN cat <<EOF > x && b && c\ntext\nEOF\n", 0, "refused"),
        (
            "RUN cat <<EOF > x && b && c\ntext\nEOF\n",
            1,
            "RUN cat <<EOF > x && c\ntext\nEOF\n",
        ),
        (
            "RUN <<EOF\ncat <<X && a\nbody\nX\nb && c\nEOF\n",
            2,
            "RUN <<EOF\ncat <<X && a\nbody\nX\nc\nEOF\n",
        ),
    ];
    for (run, index, expected) in cases {
        assert_eq!(removed(run, index), expected, "{run:?} without {index}");
    }
}

#[test]
fn a_command_is_appended_in_the_layout_of_the_chain() {
    let cases = [
        ("RUN a\n", "RUN a && rm x\n"),
        ("RUN a && b\n", "RUN a && b && rm x\n"),
        (
            "RUN a && \\\n    b\n",
            "RUN a && \\\n    b && \\\n    rm x\n",
        ),
        ("RUN a \\\n  && b\n", "RUN a \\\n  && b \\\n  && rm x\n"),
        (
            "RUN a \\\n  # on b\n  && b\n",
            "RUN a \\\n  # on b\n  && b \\\n  && rm x\n",
        ),
        (
            "RUN a \\\n    b \\\n    c\n",
            "RUN a \\\n    b \\\n    c \\\n    && rm x\n",
        ),
        ("RUN a && b # note\n", "RUN a && b && rm x # note\n"),
        ("RUN a || true\n", "RUN a || true && rm x\n"),
        ("RUN a; b\n", "RUN a; b && rm x\n"),
        ("RUN a; \\\n  b\n", "RUN a; \\\n  b && \\\n  rm x\n"),
        (
            "RUN set -eux; \\\n  a; \\\n  b;\n",
            "RUN set -eux; \\\n  a; \\\n  b; \\\n  rm x;\n",
        ),
        ("RUN set -e; ! a\n", "RUN set -e; ! a && rm x\n"),
        ("RUN a &\n", "refused"),
        ("RUN [\"a\"]\n", "refused"),
        (
            "RUN [\"sh\", \"-c\", \"a\"]\n",
            "RUN [\"sh\", \"-c\", \"a && rm x\"]\n",
        ),
        ("RUN if a; then b; fi\n", "RUN if a; then b; fi && rm x\n"),
        (
            "RUN <<EOF\nset -e\n  b # why\nEOF\n",
            "RUN <<EOF\nset -e\n  b # why\n  rm x\nEOF\n",
        ),
        ("RUN <<EOF\na\nb\nEOF\n", "RUN <<EOF\na\nb && rm x\nEOF\n"),
        (
            "RUN cat <<EOF > x\ntext\nEOF\n",
            "RUN cat <<EOF > x && rm x\ntext\nEOF\n",
        ),
        (
            "RUN a && \\\r\n  b\r\n",
            "RUN a && \\\r\n  b && \\\r\n  rm x\r\n",
        ),
    ];
    for (run, expected) in cases {
        assert_eq!(appended(run, "rm x"), expected, "{run:?}");
    }
    assert_eq!(appended("RUN a\n", "rm x\nrm y"), "refused");
    assert_eq!(
        appended("RUN [\"sh\", \"-c\", \"a\"]\n", "echo \"b\""),
        "refused"
    );
}

/// How a generated list is laid out.
#[derive(Clone, Debug)]
enum Layout {
    OneLine,
    Trailing,
    Leading,
    Text,
}

fn item() -> impl Strategy<Value = String> {
    prop_oneof![
        "[u-z]{1,3}( -[a-z]| '[a-z; ]*'| [a-z]{2}){0,3}",
        "[ab] \\| [cd]",
        "\\( [a-z] ; [a-z] \\)",
        "if x[a-z]; then b; else c; fi",
        "[a-z]=\\$\\(d e\\)",
        "a \\|\\| b",
        "! [a-z]",
        "a > /tmp/[a-z] 2>&1",
    ]
}

/// A RUN of generated items, and the items.
fn run() -> impl Strategy<Value = (String, Vec<String>)> {
    let layout = prop_oneof![
        Just(Layout::OneLine),
        Just(Layout::Trailing),
        Just(Layout::Leading),
        Just(Layout::Text)
    ];
    let connector = prop_oneof![Just("&&"), Just(";"), Just("&&")];
    let joint = (connector, prop::collection::vec("#? ?[a-z ]{0,6}", 0..3));
    let steps = prop::collection::vec((item(), joint), 1..7);
    (layout, steps, any::<bool>()).prop_map(|(layout, steps, final_newline)| {
        let mut text = String::new();
        let mut items: Vec<String> = Vec::new();
        for (item, (connector, comments)) in &steps {
            let lines = comments
                .iter()
                .map(|comment| format!("    #{comment}\n"))
                .collect::<String>();
            // `a || b` swallows what is before it in an `&&` list.
            let connector = if item.contains("||") { ";" } else { connector };
            if !items.is_empty() {
                match layout {
                    Layout::OneLine => text.push_str(&format!(" {connector} ")),
                    Layout::Trailing => text.push_str(&format!(" {connector} \\\n{lines}    ")),
                    Layout::Leading => text.push_str(&format!(" \\\n{lines}    {connector} ")),
                    Layout::Text => text.push_str(&format!("\n{lines}")),
                }
            }
            text.push_str(item);
            items.push(item.clone());
        }
        let end = if final_newline { "\nUSER u\n" } else { "" };
        let source = match layout {
            Layout::Text => format!("FROM a\nRUN <<EOF\n{text}\nEOF\nUSER u\n"),
            _ => format!("FROM a\nRUN {text}{end}"),
        };
        (source, items)
    })
}

fn comments(source: &str) -> usize {
    source
        .lines()
        .filter(|line| line.trim_start().starts_with('#'))
        .count()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_other_items_stay_as_they_are((source, expected) in run(), pick in any::<prop::sample::Index>()) {
        prop_assert_eq!(items(&source), expected.clone(), "{}", source);
        let script = script_of(&source);
        let index = pick.index(expected.len());
        let edits = remove_item(&script, &source, index);
        prop_assert_eq!(edits.is_empty(), expected.len() == 1, "{}", source);
        if expected.len() > 1 {
            let after = apply(&source, &edits);
            let mut rest = expected.clone();
            rest.remove(index);
            prop_assert_eq!(items(&after), rest, "{}\nwithout {}\n{}", source, index, after);
            prop_assert_eq!(comments(&after), comments(&source), "{}\n{}", source, after);
            // What ran unconditionally still does.
            let before = script.chain().unwrap();
            let left: Vec<Connector> = before.iter().map(|item| item.before).collect();
            let now: Vec<Connector> = script_of(&after).chain().unwrap().iter().map(|item| item.before).collect();
            for (nth, item) in now.iter().enumerate().skip(1) {
                let old = left[if nth < index { nth } else { nth + 1 }];
                let hard = *item == Connector::And;
                prop_assert!(!hard || old == Connector::And, "{}\nwithout {}\n{}", source, index, after);
            }
            let users = Dockerfile::parse(&after).unwrap().instructions.len();
            prop_assert_eq!(users, Dockerfile::parse(&source).unwrap().instructions.len());
        }
    }

    #[test]
    fn an_appended_command_is_one_item_more((source, mut expected) in run()) {
        let script = script_of(&source);
        let edit = append_item(&script, &source, "rm -rf /x").unwrap();
        let after = apply(&source, &[edit]);
        expected.push("rm -rf /x".to_owned());
        prop_assert_eq!(items(&after), expected, "{}\n{}", source, after);
        prop_assert_eq!(comments(&after), comments(&source));
    }

    #[test]
    fn any_text_is_edited_without_a_panic(text in "[a-c &|;\\\\\n#()'\"$`{}<>!E]{0,60}", index in 0usize..5) {
        let script = parse_text(&text, 0);
        for (span, _) in remove_item(&script, &text, index) {
            prop_assert!(text.get(span.start..span.end).is_some());
        }
        if let Some((span, _)) = append_item(&script, &text, "x") {
            prop_assert!(text.is_char_boundary(span.start));
        }
    }
}
