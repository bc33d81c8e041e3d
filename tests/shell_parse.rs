//! Scripts as lists of commands: what runs, after what, under which conditions.
#![allow(clippy::unwrap_used)]

use dockopt::shell::{Command, Connector, Script, Word, parse, parse_text};
use dockopt::syntax::Logical;

/// A script as text: one command a line, `connector [flags] NAME=value | words | redirections`.
fn outline(script: &Script) -> String {
    script
        .commands
        .iter()
        .map(line)
        .collect::<Vec<_>>()
        .join("\n")
}

fn line(command: &Command) -> String {
    let connector = match command.before {
        Connector::First => "^",
        Connector::And => "&&",
        Connector::Or => "||",
        Connector::Semicolon => ";",
        Connector::Newline => "\\n",
        Connector::Pipe => "|",
        Connector::Background => "&",
    };
    let context = command.context;
    let flags: String = [
        (context.conditional, '?'),
        (context.looped, 'l'),
        (context.subshell, '('),
        (context.pipeline, '|'),
        (context.substitution, '$'),
        (context.function, 'f'),
        (context.background, '&'),
    ]
    .iter()
    .filter_map(|(set, letter)| set.then_some(*letter))
    .collect();
    let mut out = vec![format!("{}{connector}{flags}", command.item)];
    out.extend(
        command
            .assignments
            .iter()
            .map(|a| format!("{}={}", a.name, word(&a.value))),
    );
    out.extend(command.words.iter().map(word));
    for redirect in &command.redirects {
        let fd = redirect.fd.map_or(String::new(), |fd| fd.to_string());
        let target = match (&redirect.target, &redirect.heredoc) {
            (Some(target), _) => word(target),
            (None, heredoc) => format!("{heredoc:?}"),
        };
        out.push(format!("{fd}{}{target}", redirect.operator));
    }
    out.join(" ")
}

/// The value in angle brackets, or the names of what expands.
fn word(word: &Word) -> String {
    match &word.value {
        Some(value) => format!("<{value}>"),
        None => format!("${:?}", word.variables).replace('"', ""),
    }
}

#[track_caller]
fn check(text: &str, flat: bool, expected: &[&str]) {
    let script = parse_text(text, 0);
    assert_eq!(script.opaque, None, "{text}");
    assert_eq!(outline(&script), expected.join("\n"), "{text}");
    assert_eq!(script.flat, flat, "{text}");
}

#[test]
fn plain_lists_are_flat() {
    check("", true, &[]);
    check("  # only a note", true, &[]);
    check("npm ci", true, &["0^ <npm> <ci>"]);
    check(
        "a && b; c\nd # e && f",
        true,
        &["0^ <a>", "1&& <b>", "2; <c>", "3\\n <d>"],
    );
    check("a &&\n\n # why\n b", true, &["0^ <a>", "1&& <b>"]);
    check("a $b\\\n c", true, &["0^ <a> $[b] <c>"]);
    check("a \\\n  b", true, &["0^ <a> <b>"]);
    check("a;", true, &["0^ <a>"]);
    check("a#b c", true, &["0^ <a#b> <c>"]);
    check("[ -f x ] && y", true, &["0^ <[> <-f> <x> <]>", "1&& <y>"]);
}

#[test]
fn assignments_and_redirections_are_apart_from_words() {
    check("A=1 B='x y' make", true, &["0^ A=<1> B=<x y> <make>"]);
    check("A=", true, &["0^ A=<>"]);
    check("A=$B", true, &["0^ A=$[B]"]);
    check("A+=x B[1]=y", true, &["0^ A=$[] B=$[]"]);
    check("A=(x $y 'z') b", true, &["0^ A=$[y] <b>"]);
    check("make A=1", true, &["0^ <make> <A=1>"]);
    check("export A=1 B=$C", true, &["0^ <export> <A=1> $[C]"]);
    check("declare -a A=(x y)", true, &["0^ <declare> <-a> $[]"]);
    check(
        "a > f 2>&1 </dev/null >>g",
        true,
        &["0^ <a> ><f> 2>&<1> <</dev/null> >><g>"],
    );
    check("> f", true, &["0^ ><f>"]);
    check("a 2>f b", true, &["0^ <a> <b> 2><f>"]);
    check("a 2 > f", true, &["0^ <a> <2> ><f>"]);
    check("a &> f", true, &["0^ <a> &><f>"]);
    check("a <<< $b", true, &["0^ <a> <<<$[b]"]);
    check("exec {fd}> f", true, &["0^ <exec> ><f>"]);
}

#[test]
fn heredocs_hold_their_bodies() {
    check(
        "cat <<E > f && b\nx $y\nE\nc",
        true,
        &["0^ <cat> <<Some(\"x $y\\n\") ><f>", "1&& <b>", "2\\n <c>"],
    );
    check(
        "cat <<-'E'\n\t$(a)\n\tE",
        true,
        &["0^ <cat> <<-Some(\"$(a)\\n\")"],
    );
    check(
        "cat <<A <<\"B\"\n1\nA\n$(x)\nB\n",
        true,
        &["0^ <cat> <<Some(\"1\\n\") <<Some(\"$(x)\\n\")"],
    );
    check(
        "cat <<E | b\n$(c `d`)\nE",
        false,
        &[
            "0^| <cat> <<Some(\"$(c `d`)\\n\")",
            "0|| <b>",
            "0^(|$ <c> $[]",
            "0^(|$ <d>",
        ],
    );
    check(
        "x $(cat <<E\nb\nE\n) y",
        true,
        &["0^ <x> $[] <y>", "0^($ <cat> <<Some(\"b\\n\")"],
    );
}

#[test]
fn conditions_are_told() {
    check("a || b && c", false, &["0^ <a>", "0||? <b>", "1&& <c>"]);
    check("a && b || c", false, &["0^ <a>", "0&&? <b>", "0||? <c>"]);
    check(
        "[ -f x ] && a; b",
        true,
        &["0^ <[> <-f> <x> <]>", "1&&? <a>", "2; <b>"],
    );
    check("a && b; c", true, &["0^ <a>", "1&& <b>", "2; <c>"]);
    check(
        "if [ x ]; then a; fi && b; c",
        false,
        &["0^ <[> <x> <]>", "0^? <a>", "1&& <b>", "2; <c>"],
    );
    check("! a && b; c", false, &["0^ <a>", "1&&? <b>", "2; <c>"]);
    check(
        "if a; then b; elif c; then d; else e; fi; f",
        false,
        &[
            "0^ <a>", "0^? <b>", "0^? <c>", "0^? <d>", "0^? <e>", "1; <f>",
        ],
    );
    check(
        "if a; then if b; then c; fi else d; fi",
        false,
        &["0^ <a>", "0^? <b>", "0^? <c>", "0^? <d>"],
    );
    check(
        "case $(x) in (a|b*) c;; *) d; e ;& esac",
        false,
        &["0^($ <x>", "0^? <c>", "0^? <d>", "0;? <e>"],
    );
    check("case a in esac", false, &[]);
}

#[test]
fn loops_and_functions_are_told() {
    check(
        "for i in a $(b) *; do c $i; done",
        false,
        &["0^($ <b>", "0^l <c> $[i]"],
    );
    check("for i; do c; done", false, &["0^l <c>"]);
    check("for ((i=0; i<3; i++)); do c; done", false, &["0^l <c>"]);
    check(
        "while a; do b; done > f",
        false,
        &["0^l <a>", "0^?l <b>", "0^ ><f>"],
    );
    check("until a\ndo b\ndone", false, &["0^l <a>", "0^?l <b>"]);
    check(
        "f() { a; b; }; f x",
        false,
        &["0^f <a>", "0;f <b>", "1; <f> <x>"],
    );
    check("function f { a; }", false, &["0^f <a>"]);
}

#[test]
fn groups_pipes_and_jobs_are_told() {
    check("(a; b) && c", false, &["0^( <a>", "0;( <b>", "1&& <c>"]);
    check("{ a\n b # c }\n}", false, &["0^ <a>", "0\\n <b>"]);
    check("((a; b) && c)", false, &["0^( <a>", "0;( <b>", "0&&( <c>"]);
    check("a | b |& c", false, &["0^| <a>", "0|| <b>", "0|| <c>"]);
    check("a & b && c &", false, &["0^& <a>", "1&& <b>", "1&&& <c>"]);
    check("time a; time { b; }", false, &["0^ <time> <a>", "1^ <b>"]);
    check(
        "[[ -f x && $y == z* ]] || (( i > 2 ))",
        false,
        &["0^ <[[> <-f> <x> <&&> $[y] <==> <z*> <]]>", "0||? $[]"],
    );
    check(
        "[[ $a =~ ^(x|y)$ ]]",
        false,
        &["0^ <[[> $[a] <=~> <^(x|y)$> <]]>"],
    );
}

#[test]
fn substitutions_list_their_commands() {
    check(
        "a $(b | c) `d e` \"${x:-$(f)}\" $((1 + $(g)))",
        true,
        &[
            "0^ <a> $[] $[] $[x] $[]",
            "0^(|$ <b>",
            "0|(|$ <c>",
            "0^($ <d> <e>",
            "0^($ <f>",
            "0^($ <g>",
        ],
    );
    check(
        "a \"$(b \"$(c '(' \")\")\" )\"",
        true,
        &["0^ <a> $[]", "0^($ <b> $[]", "0^($ <c> <(> <)>"],
    );
    check(
        "a $(case x in y) z;; esac)",
        true,
        &["0^ <a> $[]", "0^?($ <z>"],
    );
    check(
        "diff <(a) <(b)",
        true,
        &["0^ <diff> $[] $[]", "0^($ <a>", "0^($ <b>"],
    );
    check("a $(# note )\n b)", true, &["0^ <a> $[]", "0^($ <b>"]);
    check(
        "a `b \\`c\\` '\\$d'`",
        true,
        &["0^ <a> $[]", "0^($ <b> $[] <$d>", "0^($ <c>"],
    );
}

#[test]
fn words_know_what_they_expand() {
    check(
        "$CMD \"$@\" ${a%/*} ${#b} ${!c} $1$? ${d[$e]}",
        true,
        &["0^ $[CMD] $[@] $[a] $[b] $[c] $[1, ?] $[d, e]"],
    );
    let script = parse_text("a *.c x? [ab] {b,c} {} ~/d e=~ \"*\" \\* [ ]", 0);
    let globs: Vec<bool> = script.commands[0]
        .words
        .iter()
        .map(|word| word.glob)
        .collect();
    let yes = [
        false, true, true, true, true, false, true, true, false, false, false, false,
    ];
    assert_eq!(globs, yes);
    let quoted: Vec<bool> = script.commands[0]
        .words
        .iter()
        .map(|word| word.quoted)
        .collect();
    assert_eq!(quoted.iter().filter(|quoted| **quoted).count(), 2);
}

#[test]
fn commands_that_run_other_text_say_so() {
    let dynamic = |text: &str| parse_text(text, 0).commands[0].is_dynamic();
    for text in [
        "eval x",
        ". ./env",
        "source ~/.bashrc",
        "$CMD x",
        "exec \"$@\"",
        "`a`",
        "sudo $x",
        "env -S 'a b'",
    ] {
        let expected = text != "env -S 'a b'";
        assert_eq!(dynamic(text), expected, "{text}");
    }
    for text in ["npm $x", "(( i++ ))", "A=1", "exec node $x", "> f"] {
        assert!(!dynamic(text), "{text}");
    }
}

#[test]
fn what_is_not_clear_is_opaque() {
    let cases = [
        ("a 'b", "a single quote without its end", "'b"),
        ("a && \"b", "a double quote without its end", "\"b"),
        ("a && ", "a command is missing", ""),
        ("&& a", "a command is missing", "&"),
        ("a; ; b", "a command is missing", ";"),
        ("a | ", "a command is missing", ""),
        ("a )", "a command is missing", ")"),
        (
            "find ( -name x )",
            "a parenthesis that cannot stand here",
            "(",
        ),
        ("( a", "an open parenthesis", "( a"),
        ("{ a; ", "a compound command without its end", "{ a; "),
        (
            "if a; then b",
            "a compound command without its end",
            "if a; then b",
        ),
        ("fi", "a keyword that cannot stand here", "f"),
        (
            "for a.b in c; do d; done",
            "a loop without a plain variable",
            "for a.b ",
        ),
        ("a $(b", "a command substitution without its end", "(b"),
        ("a ${b c}", "a bad substitution", "${b "),
        ("a ${{ b }}", "a bad substitution", "${{"),
        ("a `b", "a backtick without its end", "`"),
        ("cat <<E\nx", "a heredoc without its end", "x"),
        ("cat <<E", "a heredoc without its end", ""),
        (
            "a $'it\\'s'",
            "`$'` with an escaped quote, which shells read in different ways",
            "$'it\\'s",
        ),
        (
            "a $((b; c) | d)",
            "what looks like arithmetic but is none",
            "$((b;",
        ),
        (
            "(( cd x && ls ))",
            "what some shells take for arithmetic and others for commands",
            "(( cd x && ls ))",
        ),
        (
            "a $b\\\nc",
            "an expansion on a line that is continued",
            "$b",
        ),
        (
            "a\\\nb=c",
            "an assignment on a line that is continued",
            "a\\\nb=c",
        ),
        (
            "a 2\\\n>b",
            "a redirection on a line that is continued",
            "a 2",
        ),
        (
            "i\\\nf a; then b; fi",
            "a keyword that cannot stand here",
            "i",
        ),
        ("coproc a", "a construct that only bash knows", "c"),
        ("f() a", "a function without a body", "f() a"),
        ("[[ a b c d ]]", "a test that is not clear", "[[ a b "),
        (
            "a\r\nb",
            "a carriage return, which the shell takes as part of a word",
            "\r",
        ),
        (
            "alias b=c\nb",
            "an alias changes what words on later lines mean",
            "alias b=c",
        ),
        (
            "#!/usr/bin/env node\na()",
            "a script for /usr/bin/env node",
            "#!/usr/bin/env node",
        ),
    ];
    for (text, reason, place) in cases {
        let script = parse_text(text, 0);
        let opaque = script
            .opaque
            .unwrap_or_else(|| panic!("{text:?} is understood"));
        assert_eq!(opaque.reason, reason, "{text:?}");
        assert!(
            opaque.span.of(text).starts_with(place),
            "{text:?}: {:?}",
            opaque.span.of(text)
        );
        let items = script.items.len();
        assert!(!script.flat && script.commands.iter().all(|command| command.item < items));
    }
    assert_eq!(
        parse_text("a; alias b=c; b", 0).opaque,
        None,
        "a line is read before its aliases are made"
    );
    assert_eq!(parse_text("#!/bin/bash -e\na", 0).opaque, None);
    let before = parse_text("a x; b )", 0);
    assert_eq!(outline(&before), "0^ <a> <x>\n1; <b>");
}

#[test]
fn spans_point_into_the_source() {
    // Two pieces of a joined line, as from `RUN echo ab \`, a comment, `  cd && x`.
    let source = "RUN echo ab\\\n# note\ncd && x";
    let text = Logical {
        text: "echo abcd && x".to_owned(),
        segments: vec![(0, 4, 7), (7, 20, 7)],
    };
    let script = parse(&text);
    let command = &script.commands[0];
    assert_eq!(command.words[1].span.of(source), "ab\\\n# note\ncd");
    assert_eq!(command.words[1].raw, "abcd");
    assert_eq!(script.items[1].connector.of(source), "&&");
    assert_eq!(parse_text("a b", 10).commands[0].words[1].span.start, 12);
    let inner = "a `b \\`c \\\\\\$d\\``";
    let spans: Vec<&str> = parse_text(inner, 0)
        .commands
        .iter()
        .map(|command| command.span.of(inner))
        .collect();
    assert_eq!(spans, [inner, "b \\`c \\\\\\$d\\`", "c \\\\\\$d"]);
}
