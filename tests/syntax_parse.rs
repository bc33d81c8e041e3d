//! What is read from a Dockerfile, by the Dockerfile reference. Expected values are typed by hand.
#![allow(clippy::unwrap_used)]

mod syntax_support;

use dockopt::syntax::{CommandLine, Data, Dockerfile, Instruction, Keyword, Lines, Span};
use syntax_support::{dump, our_nodes};

fn parse(text: &str) -> Dockerfile {
    Dockerfile::parse(text).unwrap_or_else(|error| panic!("{}", error.display(text, "Dockerfile")))
}

/// One line for each instruction: `first-last (keyword [flags] arguments)`.
fn shape(text: &str) -> Vec<String> {
    let dockerfile = parse(text);
    let line =
        |node: &syntax_support::Node| format!("{}-{} {}", node.lines.0, node.lines.1, dump(node));
    our_nodes(&dockerfile).iter().map(line).collect()
}

fn only(text: &str) -> Instruction {
    let dockerfile = parse(&format!("FROM scratch\n{text}"));
    assert_eq!(dockerfile.instructions.len(), 2, "{text}");
    dockerfile.instructions[1].clone()
}

#[test]
fn every_instruction() {
    let text = r#"ARG BASE=alpine
FROM --platform=linux/amd64 $BASE AS Build
MAINTAINER Jo Doe <jo@example.org>
LABEL a=b "c d"="e f"
ENV A=1 B="two words"
ENV LEGACY some  value
ARG X Y=1
WORKDIR /srv/my app
USER app:app
COPY --chown=1:1 --link a b /c/
ADD ["a b", "/c"]
RUN --mount=type=cache,target=/x --network=none echo hi
EXPOSE 80 443/tcp
VOLUME /a /b
VOLUME ["/c"]
STOPSIGNAL SIGTERM
SHELL ["/bin/bash", "-c"]
HEALTHCHECK --interval=5s CMD curl -f http://localhost
HEALTHCHECK NONE
ONBUILD COPY . /app
ENTRYPOINT ["/bin/x", "-y"]
CMD exec x
"#;
    let expected = [
        r#"1-1 (arg "BASE=alpine")"#,
        r#"2-2 (from ["--platform=linux/amd64"] "$BASE" "AS" "Build")"#,
        r#"3-3 (maintainer "Jo Doe <jo@example.org>")"#,
        r#"4-4 (label "a" "b" "=" "\"c d\"" "\"e f\"" "=")"#,
        r#"5-5 (env "A" "1" "=" "B" "\"two words\"" "=")"#,
        r#"6-6 (env "LEGACY" "some  value" "")"#,
        r#"7-7 (arg "X" "Y=1")"#,
        r#"8-8 (workdir "/srv/my app")"#,
        r#"9-9 (user "app:app")"#,
        r#"10-10 (copy ["--chown=1:1" "--link"] "a" "b" "/c/")"#,
        r#"11-11 (add "a b" "/c")"#,
        r#"12-12 (run ["--mount=type=cache,target=/x" "--network=none"] "echo hi")"#,
        r#"13-13 (expose "80" "443/tcp")"#,
        r#"14-14 (volume "/a" "/b")"#,
        r#"15-15 (volume "/c")"#,
        r#"16-16 (stopsignal "SIGTERM")"#,
        r#"17-17 (shell "/bin/bash" "-c")"#,
        r#"18-18 (healthcheck ["--interval=5s"] "CMD" "curl -f http://localhost")"#,
        r#"19-19 (healthcheck "NONE")"#,
        r#"20-20 (onbuild (copy "." "/app"))"#,
        r#"21-21 (entrypoint "/bin/x" "-y")"#,
        r#"22-22 (cmd "exec x")"#,
    ];
    assert_eq!(shape(text), expected);
    let keywords: std::collections::BTreeSet<Keyword> = parse(text)
        .instructions
        .iter()
        .map(|instruction| instruction.keyword)
        .collect();
    assert_eq!(keywords.len(), Keyword::ALL.len());
}

#[test]
fn continuations_leave_out_comments_and_empty_lines() {
    let text = "FROM a\nRUN one \\\n  # a comment\n\n\t two\\\n \\\nthree\nUSER x\n";
    assert_eq!(
        shape(text)[1..],
        [r#"2-7 (run "one \t two three")"#, r#"8-8 (user "x")"#]
    );
    let dockerfile = parse(text);
    let comment = &dockerfile.comments[0];
    assert_eq!(
        (comment.span.of(text), comment.line, comment.inside),
        ("# a comment", 3, Some(1))
    );
}

#[test]
fn two_escape_characters_do_not_continue_a_line() {
    assert_eq!(
        shape("FROM a\nRUN x \\\\\nUSER y")[1..],
        [r#"2-2 (run "x \\\\")"#, r#"3-3 (user "y")"#]
    );
}

#[test]
fn a_line_continues_with_white_space_after_the_escape_character() {
    assert_eq!(
        shape("FROM a\nRUN x \\ \t\n y")[1..],
        [r#"2-3 (run "x  y")"#]
    );
}

#[test]
fn a_comment_after_the_last_continuation_swallows_the_next_instruction() {
    assert_eq!(
        shape("FROM a\nRUN x \\\n# c\nUSER y\n")[1..],
        [r#"2-4 (run "x USER y")"#]
    );
}

#[test]
fn a_line_may_continue_into_the_end_of_the_file() {
    let text = "FROM a\nRUN x \\\n\n";
    assert_eq!(shape(text)[1..], [r#"2-3 (run "x")"#]);
    assert_eq!(parse(text).instructions[1].span.of(text), "RUN x \\\n");
}

#[test]
fn a_keyword_may_be_split() {
    let text = "FROM a\n\\\nRU\\\nN x\n";
    assert_eq!(shape(text)[1..], [r#"2-4 (run "x")"#]);
    assert_eq!(parse(text).instructions[1].keyword_span.of(text), "RU\\\nN");
}

#[test]
fn a_hash_inside_a_line_starts_no_comment() {
    assert_eq!(
        shape("FROM a\nRUN x # y\nUSER z")[1..],
        [r#"2-2 (run "x # y")"#, r#"3-3 (user "z")"#]
    );
}

#[test]
fn directives_stand_at_the_top_only() {
    let text = "# Syntax = docker/dockerfile:1 \n#escape=`\n# check=skip=all\n# other=1\n# escape=\\\nFROM a\nRUN c:\\ `\n x";
    let dockerfile = parse(text);
    let directives: Vec<_> = dockerfile
        .directives
        .iter()
        .map(|d| (d.name.as_str(), d.value.as_str(), d.span.of(text)))
        .collect();
    assert_eq!(
        directives,
        [
            (
                "syntax",
                "docker/dockerfile:1",
                "# Syntax = docker/dockerfile:1 "
            ),
            ("escape", "`", "#escape=`"),
            ("check", "skip=all", "# check=skip=all"),
        ]
    );
    assert_eq!(dockerfile.escape, '`');
    assert_eq!(dockerfile.comments.len(), 2);
    assert_eq!(dockerfile.instructions[1].text.text, "c:\\  x");
}

#[test]
fn a_comment_ends_the_directives() {
    let dockerfile = parse("# hello\n# escape=`\nFROM a\n");
    assert!(dockerfile.directives.is_empty());
    assert_eq!((dockerfile.escape, dockerfile.comments.len()), ('\\', 2));
    assert!(parse("\n# escape=`\nFROM a\n").directives.is_empty());
}

#[test]
fn windows_newlines_and_a_byte_order_mark_are_kept() {
    let text =
        "\u{feff}# escape=`\r\nFROM a\r\nRUN x `\r\n  y\r\nCOPY <<E /e\r\nz\r\nE\r\nUSER u\r\n";
    let dockerfile = parse(text);
    assert_eq!(
        (dockerfile.bom, dockerfile.newline, dockerfile.escape),
        (true, "\r\n", '`')
    );
    assert_eq!(dockerfile.render(), text);
    assert_eq!(dockerfile.instructions[1].span.of(text), "RUN x `\r\n  y");
    assert_eq!(dockerfile.instructions[1].text.text, "x   y");
    assert_eq!(dockerfile.instructions[2].heredocs[0].content, "z\r\n");
    assert_eq!(
        dockerfile.instructions[2].span.of(text),
        "COPY <<E /e\r\nz\r\nE"
    );
    assert_eq!(dockerfile.position(3), (1, 1));
    assert_eq!(dockerfile.lines_span(1, 1).of(text), "# escape=`\r\n");
}

#[test]
fn heredocs_of_run_copy_add_and_onbuild() {
    let text = "FROM a\nRUN <<A cat && 3<<-'B C' sh\n$x\nA\n\tt\n\tB C\nCOPY <<one << two /d/\n1\none\n2\ntwo\nADD <<x /x\nx\nONBUILD RUN <<E\ny\nE\nUSER u\n";
    let dockerfile = parse(text);
    let heredocs: Vec<Vec<_>> = dockerfile
        .instructions
        .iter()
        .map(|instruction| {
            let of = |h: &dockopt::syntax::Heredoc| {
                (
                    h.name.clone(),
                    h.expand,
                    h.strip_tabs,
                    h.body.of(text).to_owned(),
                    h.content.clone(),
                )
            };
            instruction.heredocs.iter().map(of).collect()
        })
        .collect();
    let heredoc = |name: &str, expand, strip, body: &str, content: &str| {
        (
            name.to_owned(),
            expand,
            strip,
            body.to_owned(),
            content.to_owned(),
        )
    };
    assert!(heredocs[0].is_empty() && heredocs[5].is_empty());
    assert_eq!(
        heredocs[1],
        [
            heredoc("A", true, false, "$x\n", "$x\n"),
            heredoc("B C", false, true, "\tt\n", "t\n")
        ]
    );
    assert_eq!(
        heredocs[2],
        [
            heredoc("one", true, false, "1\n", "1\n"),
            heredoc("two", true, false, "2\n", "2\n")
        ]
    );
    assert_eq!(heredocs[3], [heredoc("x", true, false, "", "")]);
    assert_eq!(heredocs[4], [heredoc("E", true, false, "y\n", "y\n")]);
    let Data::Onbuild(trigger) = &dockerfile.instructions[4].data else {
        panic!("no trigger")
    };
    assert_eq!(trigger.heredocs, dockerfile.instructions[4].heredocs);
    assert_eq!(
        dockerfile.instructions[4].lines,
        Lines { start: 14, end: 16 }
    );
}

#[test]
fn what_looks_like_a_heredoc_and_is_none() {
    for text in [
        "RUN cat <<< x",
        "RUN echo $((1<<2))",
        "RUN echo \"<<E\"",
        "RUN echo it's <<E",
        "RUN [\"a\", \"<<E\"]",
        "CMD cat <<E",
        "RUN cat <<",
        "ENV A=<<E",
    ] {
        assert!(only(text).heredocs.is_empty(), "{text}");
    }
}

#[test]
fn the_json_form_must_be_valid_json() {
    let exec = |text| matches!(only(text).data, Data::Command(CommandLine::Exec(_)));
    assert!(exec("RUN [\"a\", \"b\"]"));
    assert!(exec("RUN   [ \"a\" , \"b\" ] "));
    assert!(exec("CMD []"));
    assert!(!exec("RUN ['a', 'b']"));
    assert!(!exec("RUN [\"a\",]"));
    assert!(!exec("RUN [\"a\"] && b"));
    assert!(!exec("RUN [ -f x ] && y"));
    assert!(!exec("RUN"));
}

#[test]
fn json_strings_are_decoded() {
    let text = r#"CMD ["\"\\\/\b\f\n\r\t", "\u00e9\ud83d\ude00", "\ud800x"]"#;
    let Data::Command(CommandLine::Exec(words)) = only(text).data else {
        panic!("shell form")
    };
    let values: Vec<&str> = words.iter().map(|word| word.text()).collect();
    assert_eq!(values, ["\"\\/\u{8}\u{c}\n\r\t", "é😀", "\u{fffd}x"]);
}

#[test]
fn values_of_words() {
    let Data::Pairs { pairs, .. } = only(r#"ENV A=1 B="b c" C='$x' D=e\ f G=$H I="un\"q" J="#).data
    else {
        panic!("no pairs")
    };
    let values: Vec<Option<&str>> = pairs
        .iter()
        .map(|pair| pair.value.as_ref().unwrap().value.as_deref())
        .collect();
    assert_eq!(
        values,
        [
            Some("1"),
            Some("b c"),
            Some("$x"),
            Some("e f"),
            None,
            Some("un\"q"),
            Some("")
        ]
    );
    let Data::Text(word) = only("WORKDIR \"/a b\"").data else {
        panic!("no text")
    };
    assert_eq!(
        (word.raw.as_str(), word.value.as_deref()),
        ("\"/a b\"", Some("/a b"))
    );
}

#[test]
fn spans_lead_back_to_the_source() {
    let text = "FROM a\nENV A=1 \\\n  # why\n  B=\"x \\\n y\" C=\nCOPY --from=x \\\n  a b\n";
    let dockerfile = parse(text);
    let Data::Pairs { pairs, .. } = &dockerfile.instructions[1].data else {
        panic!("no pairs")
    };
    let spans: Vec<&str> = pairs.iter().map(|pair| pair.span.of(text)).collect();
    assert_eq!(spans, ["A=1", "B=\"x \\\n y\"", "C="]);
    let c = pairs[2].value.as_ref().unwrap();
    assert_eq!(
        (c.span, c.raw.as_str()),
        (Span::at(text.find("C=").unwrap() + 2), "")
    );
    assert_eq!(pairs[1].value.as_ref().unwrap().raw, "\"x  y\"");
    let copy = &dockerfile.instructions[2];
    assert_eq!(copy.flag("from").unwrap().span.of(text), "--from=x");
    assert_eq!(copy.flag_value("from"), Some("x"));
    let b = copy
        .text
        .source_span(copy.text.text.len() - 1, copy.text.text.len())
        .unwrap();
    assert_eq!(b.of(text), "b");
}

#[test]
fn flags_with_quotes_and_without_arguments() {
    let run = only("RUN --mount=type=bind,source=\"a b\",target=/x --mount=type=ssh -- --x y");
    let values: Vec<_> = run
        .flags_named("mount")
        .map(|flag| flag.value.as_deref().unwrap())
        .collect();
    assert_eq!(values, ["type=bind,source=a b,target=/x", "type=ssh"]);
    assert_eq!(run.text.text, "--x y");
    assert_eq!(
        only("COPY --link=false a b").flag_value("link"),
        Some("false")
    );
    assert_eq!(only("CMD -- x").text.text, "x");
}

#[test]
fn stages() {
    let text = "ARG A\nFROM a AS One\nRUN x\nFROM one\nFROM b AS one\nCOPY --from=0 a b\n";
    let dockerfile = parse(text);
    let stages: Vec<_> = dockerfile
        .stages
        .iter()
        .map(|stage| (stage.name.as_deref(), stage.from, stage.end))
        .collect();
    assert_eq!(
        stages,
        [(Some("one"), 1, 3), (None, 3, 4), (Some("one"), 4, 6)]
    );
    assert_eq!(dockerfile.stage_of(0), None);
    assert_eq!(dockerfile.stage_of(2), Some(0));
    assert_eq!(dockerfile.stage_of(5), Some(2));
    let last: Vec<usize> = dockerfile
        .stage_instructions(&dockerfile.stages[2])
        .map(|(index, _)| index)
        .collect();
    assert_eq!(last, [4, 5]);
    assert_eq!(dockerfile.global_instructions().count(), 1);
    assert_eq!(dockerfile.stage_by_name("ONE", 1), Some(0));
    assert_eq!(dockerfile.stage_by_name("one", 3), Some(2));
    assert_eq!(dockerfile.stage_by_name("1", 3), Some(1));
    assert_eq!(dockerfile.stage_by_name("one", 0), None);
    assert_eq!(dockerfile.stage_by_name("2", 2), None);
}

#[test]
fn leading_comments() {
    let text = "# syntax=x\n# of from\n  # indented\nFROM a\n# lost\n\n# of run\nRUN x\nUSER y\n";
    let dockerfile = parse(text);
    let leading: Vec<Vec<&str>> = dockerfile
        .instructions
        .iter()
        .map(|instruction| {
            instruction
                .leading_comments
                .iter()
                .map(|span| span.of(text))
                .collect()
        })
        .collect();
    assert_eq!(
        leading,
        [vec!["# of from", "  # indented"], vec!["# of run"], vec![]]
    );
}

#[test]
fn a_trigger_that_is_no_valid_instruction_is_kept_as_text() {
    for text in ["ONBUILD COPY a", "ONBUILD FOO x", "ONBUILD COPY --nope a b"] {
        assert!(matches!(only(text).data, Data::Text(_)), "{text}");
    }
    assert!(
        matches!(only("ONBUILD run x").data, Data::Onbuild(trigger) if trigger.keyword == Keyword::Run)
    );
}

#[test]
fn a_lone_carriage_return_ends_no_line() {
    assert_eq!(shape("FROM a\nRUN x\ry\n")[1..], [r#"2-2 (run "x\ry")"#]);
}

#[test]
fn odd_white_space() {
    assert_eq!(
        shape("\x0b FROM\t\x0ca\x0b\n\u{a0}RUN\tx\u{2003}\nEXPOSE 1\u{a0}2\n"),
        [
            r#"1-1 (from "a")"#,
            r#"2-2 (run "x")"#,
            "3-3 (expose \"1\u{a0}2\")"
        ]
    );
}

#[test]
fn unicode_spaces_do_not_separate_flags() {
    assert_eq!(only("RUN \u{a0}-- x").text.text, "-- x");
    assert_eq!(only("RUN --mount=a\u{2003}x y").text.text, "y");
    assert_eq!(only("HEALTHCHECK CMD \u{a0}x").text.text, "\u{a0}x");
    // The last byte of `à` is a space to BuildKit, which reads flags byte by byte.
    let copy = only("COPY --chown=à:b c d");
    assert_eq!(
        (copy.flag_value("chown"), copy.text.text.as_str()),
        (Some("à"), ":b c d")
    );
}

#[test]
fn heredocs_of_a_trigger_that_is_no_valid_instruction() {
    let text = "FROM a\nONBUILD COPY <<E\nx\nE\nONBUILD COPY --nope [\"<<E\"]\nUSER u\n";
    let dockerfile = parse(text);
    let counts: Vec<usize> = dockerfile
        .instructions
        .iter()
        .map(|i| i.heredocs.len())
        .collect();
    assert_eq!(counts, [0, 1, 0, 0]);
}

#[test]
fn a_modified_variable_before_or_after_a_heredoc() {
    assert_eq!(
        parse("FROM a\nRUN cat <<E > ${D:-/x}/y\nE\n").instructions[1]
            .heredocs
            .len(),
        1
    );
    assert_eq!(
        parse("FROM a\nRUN x=\"${a#b}\" cat <<'E'\nE\n").instructions[1]
            .heredocs
            .len(),
        1
    );
    // BuildKit forgets what stands before `${b:-c}` in the same word.
    assert!(only("RUN cat <<E${b:-c}").heredocs.is_empty());
}
