//! Instructions in shell form, in exec form and with heredocs; programs behind wrappers.
#![allow(clippy::unwrap_used)]

use dockopt::shell::{
    Medium, SHELL_WRAPPERS, Script, Wrapper, is_shell, parse_command_line, parse_run, parse_text,
};
use dockopt::syntax::{Data, Dockerfile, Keyword};
use proptest::prelude::*;

fn script(instruction: &str) -> (Script, String) {
    let source = format!("FROM a\n{instruction}\n");
    let file = Dockerfile::parse(&source).unwrap();
    let instruction = &file.instructions[1];
    let script = match instruction.keyword {
        Keyword::Run => parse_run(instruction, &source),
        _ => parse_command_line(instruction, &source),
    };
    (script, source)
}

/// The commands as they stand in the source.
fn spans(instruction: &str) -> Vec<String> {
    let (script, source) = script(instruction);
    assert_eq!(script.opaque, None, "{instruction}");
    script
        .commands
        .iter()
        .map(|command| command.span.of(&source).to_owned())
        .collect()
}

fn values(instruction: &str) -> Vec<Vec<String>> {
    let (script, _) = script(instruction);
    let words = script.commands.into_iter().map(|command| command.words);
    words
        .map(|words| {
            words
                .into_iter()
                .map(|word| word.value.unwrap_or_default())
                .collect()
        })
        .collect()
}

#[test]
fn shell_form_is_read_over_continued_lines() {
    let run = "RUN a b \\\n  # note\n\n  \"c\\\nd\" \\\n  && e # f && g";
    assert_eq!(spans(run), ["a b \\\n  # note\n\n  \"c\\\nd\"", "e"]);
    assert_eq!(values(run), [vec!["a", "b", "cd"], vec!["e"]]);
    assert_eq!(spans("CMD npm start"), ["npm start"]);
    assert_eq!(spans("ENTRYPOINT exec node $APP"), ["exec node $APP"]);
    assert_eq!(
        spans("HEALTHCHECK --interval=5s CMD curl -f x || exit 1"),
        ["curl -f x", "exit 1"]
    );
    assert!(spans("HEALTHCHECK NONE").is_empty());
    assert!(spans("WORKDIR /app").is_empty());
    assert_eq!(script("RUN a").0.medium, Medium::Line);
}

#[test]
fn exec_form_is_one_command() {
    let (script, source) = script("CMD [\"node\", \"a \\\"b\\\".js\", \"$X\"]");
    let words = &script.commands[0].words;
    let raw: Vec<&str> = words.iter().map(|word| word.span.of(&source)).collect();
    assert_eq!(raw, ["node", "a \\\"b\\\".js", "$X"]);
    let values: Vec<&str> = words
        .iter()
        .filter_map(|word| word.value.as_deref())
        .collect();
    assert_eq!(
        values,
        ["node", "a \"b\".js", "$X"],
        "no shell expands an argument"
    );
    assert_eq!(
        script.commands[0].span.of(&source),
        "[\"node\", \"a \\\"b\\\".js\", \"$X\"]".trim_matches(['[', ']'])
    );
    assert_eq!((script.medium, script.flat), (Medium::Exec, true));
    assert!(spans("CMD []").is_empty());
    assert_eq!(spans("HEALTHCHECK CMD [\"a\", \"b\"]"), ["\"a\", \"b\""]);
}

#[test]
fn exec_form_of_a_shell_is_its_script() {
    assert_eq!(
        spans("RUN [\"/bin/bash\", \"-eo\", \"pipefail\", \"-c\", \"a && b | c\"]"),
        ["a", "b", "c"]
    );
    let (escaped, source) = script("CMD [\"sh\", \"-c\", \"echo \\\"x\\\" && b\"]");
    assert_eq!(escaped.medium, Medium::Escaped);
    assert_eq!(escaped.commands[0].words[1].value.as_deref(), Some("x"));
    assert!(
        escaped
            .commands
            .iter()
            .all(|command| command.span.of(&source) == "echo \\\"x\\\" && b")
    );
    for other in [
        "[\"sh\", \"x.sh\"]",
        "[\"python\", \"-c\", \"a\"]",
        "[\"sh\"]",
        "[\"bash\", \"--rcfile\", \"-c\"]",
    ] {
        assert_eq!(
            script(&format!("RUN {other}")).0.medium,
            Medium::Exec,
            "{other}"
        );
    }
}

#[test]
fn a_lone_heredoc_is_the_script() {
    let run = "RUN <<EOF\nset -e\nnpm ci\ncat <<X\nbody\nX\nEOF";
    assert_eq!(spans(run), ["set -e", "npm ci", "cat <<X"]);
    assert_eq!(script(run).0.medium, Medium::Text);
    assert_eq!(
        spans("RUN <<-'EOF'\n\tif a; then\n\t\tb \\\n\t\t\tc\n\tfi\n\tEOF"),
        ["a", "b \\\n\t\t\tc"]
    );
    assert_eq!(spans("RUN <<EOF\n#!/usr/bin/env -S bash -e\na\nEOF"), ["a"]);
    assert_eq!(spans("RUN <<EOF\nEOF").len(), 0);
    let (python, source) = script("RUN <<EOF\n#!/usr/bin/env python3\nprint()\nEOF");
    let opaque = python.opaque.unwrap();
    assert_eq!(opaque.reason, "a script for /usr/bin/env python3");
    assert_eq!(opaque.span.of(&source), "#!/usr/bin/env python3");
}

#[test]
fn heredocs_of_a_command_are_its_input() {
    let (script, source) =
        script("RUN python3 - <<EOF && cat <<-\"B\" > f && c\nprint('$(id)')\nEOF\n\tx\n\tB");
    assert_eq!(script.opaque, None);
    assert_eq!(script.medium, Medium::LineWithBodies);
    let bodies: Vec<_> = script
        .commands
        .iter()
        .flat_map(|command| &command.redirects)
        .collect();
    assert_eq!(bodies[0].heredoc.as_deref(), Some("print('$(id)')\n"));
    assert_eq!(bodies[1].heredoc.as_deref(), Some("x\n"));
    assert_eq!(bodies[2].target.as_ref().unwrap().span.of(&source), "f");
    let names: Vec<&str> = script
        .commands
        .iter()
        .map(|command| command.words[0].span.of(&source))
        .collect();
    assert_eq!(names, ["python3", "cat", "c", "id"]);
    assert!(script.commands[3].context.substitution && script.commands[3].item == 0);
    let heredocs: Vec<bool> = script.items.iter().map(|item| item.heredoc).collect();
    assert_eq!(heredocs, [true, true, false]);
}

#[test]
fn onbuild_is_read_through_its_instruction() {
    let source = "FROM a\nONBUILD RUN npm ci\n";
    let file = Dockerfile::parse(source).unwrap();
    let Data::Onbuild(inner) = &file.instructions[1].data else {
        panic!("no ONBUILD")
    };
    assert_eq!(
        parse_run(inner, source).commands[0].span.of(source),
        "npm ci"
    );
    assert!(parse_run(&file.instructions[1], source).commands.is_empty());
}

#[test]
fn programs_are_found_behind_wrappers() {
    let program = |text: &str| {
        let command = parse_text(text, 0).commands.remove(0);
        command
            .program()
            .map(|index| command.words[index].raw.clone())
    };
    let cases = [
        ("node app.js", Some("node")),
        ("exec node app.js", Some("node")),
        ("exec -a x node", Some("node")),
        ("exec", Some("exec")),
        ("exec $@", Some("$@")),
        ("A=1 env -i -u B C=d nice -n 5 node", Some("node")),
        ("env --chdir=/x node", Some("node")),
        ("env -S 'node x'", Some("env")),
        ("command -v node", Some("command")),
        ("command node", Some("node")),
        ("sudo -Eu app -- node", Some("node")),
        ("sudo -uapp HOME=/x node", Some("node")),
        ("sudo $X node", None),
        ("/sbin/tini -s -- node", Some("node")),
        ("gosu app:app node", Some("node")),
        ("gosu $USER node", None),
        ("su-exec app dumb-init node", Some("node")),
        ("timeout -s KILL 5m time node", Some("node")),
        ("xvfb-run -a -s '-screen 0' node", Some("node")),
        ("> f", None),
    ];
    for (text, expected) in cases {
        assert_eq!(program(text).as_deref(), expected, "{text}");
    }
    let command = parse_text("exec s6 run node", 0).commands.remove(0);
    assert_eq!(command.program_with(&SHELL_WRAPPERS), Some(1));
    let mut wrappers = SHELL_WRAPPERS.clone();
    wrappers.push(Wrapper {
        name: "s6".to_owned(),
        operands: 1,
        ..Wrapper::default()
    });
    assert_eq!(command.program_with(&wrappers), Some(3));
}

#[test]
fn errexit_is_seen() {
    for yes in [
        "set -e; a",
        "set -eux\na",
        "set -x; set -o errexit",
        "set -o pipefail -e",
        "#!/bin/sh -eu\na",
    ] {
        assert!(parse_text(yes, 0).errexit(), "{yes}");
    }
    for no in [
        "a; set -e",
        "set -x",
        "set +e",
        "set -o pipefail",
        "(set -e); a",
        "#!/bin/sh\na",
        "set errexit",
        "",
    ] {
        assert!(!parse_text(no, 0).errexit(), "{no}");
    }
}

#[test]
fn inner_scripts_are_read() {
    let source = "sudo bash -lc 'a b && c' && sh -c \"x \\\"y\\\"\" && sh -c \"$z\" && sh f";
    let inner: Vec<Option<Script>> = parse_text(source, 0)
        .commands
        .iter()
        .map(|command| command.shell_script(source))
        .collect();
    let first = inner[0].as_ref().unwrap();
    assert_eq!(first.commands[1].span.of(source), "c");
    assert_eq!(first.commands[0].words[1].span.of(source), "b");
    let second = inner[1].as_ref().unwrap();
    assert_eq!(second.commands[0].words[1].value.as_deref(), Some("y"));
    assert_eq!(second.commands[0].span.of(source), "\"x \\\"y\\\"\"");
    assert!(inner[2].is_none() && inner[3].is_none());
    assert!(is_shell("/usr/bin/bash") && !is_shell("pwsh") && !is_shell("fish"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_run_is_read(text in "(RUN|CMD|RUN <<E\n|RUN x <<E >f\n|RUN \\[\"sh\",\"-c\",\")[a-c&|;() \\\\\n#\"'$`E<>]{0,40}(\"\\]|\nE)?") {
        let source = format!("FROM a\n{text}\n");
        if let Ok(file) = Dockerfile::parse(&source) {
            for instruction in &file.instructions {
                for script in [parse_run(instruction, &source), parse_command_line(instruction, &source)] {
                    for command in &script.commands {
                        prop_assert!(source.get(command.span.start..command.span.end).is_some());
                        prop_assert!(instruction.span.contains(command.span));
                        for word in &command.words {
                            prop_assert!(command.span.contains(word.span));
                        }
                    }
                }
            }
        }
    }
}
