//! The commands of real Dockerfiles, compared with bash and with another parser. Reads the folder in
//! `DOCKOPT_CORPUS`, which holds `dockerfiles.tar.gz`; without it the tests say so and pass.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, HashSet};
use std::io::Read;
use std::process::Command;
use std::time::{Duration, Instant};

use dockopt::shell::{
    Medium, Script, append_item, is_shell, parse_command_line, parse_run, parse_text, remove_item,
};
use dockopt::syntax::{CommandLine, Data, Dockerfile, Instruction, Keyword, Span};

/// The Dockerfiles of the corpus that parse, every `step`th.
fn dockerfiles(step: usize) -> Option<Vec<Dockerfile>> {
    let Some(folder) = std::env::var_os("DOCKOPT_CORPUS") else {
        eprintln!("skipped: DOCKOPT_CORPUS is not set");
        return None;
    };
    let path = std::path::Path::new(&folder).join("dockerfiles.tar.gz");
    let file = std::fs::File::open(path).unwrap();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    let mut files = Vec::new();
    for entry in archive.entries().unwrap().step_by(step) {
        let mut text = String::new();
        // What is not UTF-8 is no Dockerfile for us.
        if entry.unwrap().read_to_string(&mut text).is_ok()
            && let Ok(file) = Dockerfile::parse(&text)
        {
            files.push(file);
        }
    }
    Some(files)
}

/// The instructions with a command, and whether a POSIX shell runs their shell form.
fn commands(file: &Dockerfile) -> Vec<(&Instruction, bool)> {
    let mut posix = true;
    let mut all = Vec::new();
    for instruction in &file.instructions {
        match (&instruction.data, instruction.keyword) {
            (_, Keyword::From) => posix = file.escape == '\\',
            (Data::Shell(words), _) => {
                posix = words.first().is_some_and(|word| is_shell(word.text()))
            }
            (Data::Command(_) | Data::Healthcheck(Some(_)), _) => all.push((instruction, posix)),
            _ => {}
        }
    }
    all
}

fn script_of(instruction: &Instruction, source: &str) -> Script {
    match instruction.keyword {
        Keyword::Run => parse_run(instruction, source),
        _ => parse_command_line(instruction, source),
    }
}

/// A piece of an instruction as the shell sees it: lines joined, comments and empty lines left out.
fn joined(text: &str, escape: char) -> String {
    let last = text.split('\n').count() - 1;
    let lines = text.split('\n').enumerate().filter(|(index, line)| {
        let line = line.trim();
        *index == 0 || *index == last || !(line.is_empty() || line.starts_with('#'))
    });
    let joined = lines.map(|(index, line)| {
        let trimmed = line.trim_end().strip_suffix(escape);
        if index < last {
            trimmed.unwrap_or(line)
        } else {
            line
        }
    });
    joined.collect()
}

#[test]
fn real_commands_are_understood() {
    let Some(files) = dockerfiles(1) else { return };
    let (mut runs, mut flat, mut other, mut commands_in_all, mut scripts) = (0, 0, 0, 0, 0);
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    let mut time = Duration::ZERO;
    for file in &files {
        for (instruction, posix) in commands(file) {
            let start = Instant::now();
            let script = script_of(instruction, &file.source);
            time += start.elapsed();
            scripts += 1;
            commands_in_all += script.commands.len();
            check_spans(&script, file);
            let shell = !matches!(instruction.data, Data::Command(CommandLine::Exec(_)));
            if instruction.keyword != Keyword::Run || !shell {
                continue;
            }
            if !posix {
                other += 1;
                continue;
            }
            runs += 1;
            flat += usize::from(script.flat);
            if let Some(opaque) = script.opaque {
                *reasons.entry(opaque.reason).or_default() += 1;
            }
        }
    }
    let opaque: usize = reasons.values().sum();
    eprintln!(
        "{scripts} commands of {} files in {time:?}, {commands_in_all} simple commands",
        files.len()
    );
    eprintln!("{runs} RUN in shell form: {flat} flat, {opaque} opaque; {other} for other shells");
    for (reason, count) in &reasons {
        eprintln!("{count:6} {reason}");
    }
    assert!(opaque * 200 < runs, "{opaque} of {runs} RUN are opaque");
}

fn check_spans(script: &Script, file: &Dockerfile) {
    if script.medium == Medium::Escaped {
        return;
    }
    for command in &script.commands {
        assert!(command.item < script.items.len());
        for word in &command.words {
            let written = word.span.of(&file.source);
            let same = match script.medium {
                Medium::Exec => written.contains('\\') || word.raw == written,
                // `<<-` strips the tabs at the start of lines.
                Medium::Text => {
                    written.contains("\\\n")
                        || word.raw == written
                        || word.raw == written.replace("\n\t", "\n")
                }
                _ => word.raw == written || word.raw == joined(written, file.escape),
            };
            let unescaped = command.context.substitution && written.contains('\\');
            assert!(same || unescaped, "{:?} is not {written:?}", word.raw);
        }
    }
}

/// What bash does not read must not be read here either.
#[test]
fn nothing_is_understood_that_bash_rejects() {
    let Some(files) = dockerfiles(25) else { return };
    if Command::new("bash").arg("--version").output().is_err() {
        eprintln!("skipped: there is no bash");
        return;
    }
    let mut seen = HashSet::new();
    let (mut compared, mut both) = (0, 0);
    for file in &files {
        for (instruction, posix) in commands(file) {
            let text = &instruction.text.text;
            let shell = matches!(instruction.data, Data::Command(CommandLine::Shell));
            if !posix
                || !shell
                || !instruction.heredocs.is_empty()
                || text.contains('\0')
                || !seen.insert(text)
            {
                continue;
            }
            let ours = script_of(instruction, &file.source).opaque;
            let bash = Command::new("bash")
                .args(["-n", "-c", "--", text])
                .output()
                .unwrap();
            compared += 1;
            both += usize::from(ours.is_none() && bash.status.success());
            assert!(
                bash.status.success() || ours.is_some(),
                "bash does not read {text:?}"
            );
        }
    }
    eprintln!("{compared} scripts compared, {both} read by both");
    assert!(both * 100 > compared * 99);
}

/// Every way to take one item out of a list or to add one leaves the others as they are.
#[test]
fn real_lists_are_edited() {
    let Some(files) = dockerfiles(5) else { return };
    let (mut removed, mut refused, mut appended) = (0, 0, 0);
    for (nth, file) in files.iter().enumerate() {
        for (index, instruction) in file.instructions.iter().enumerate() {
            let script = parse_run(instruction, &file.source);
            let Some(items) = script.chain() else {
                continue;
            };
            if instruction.keyword != Keyword::Run
                || matches!(script.medium, Medium::Exec | Medium::Escaped)
            {
                continue;
            }
            let texts = |script: &Script, file: &Dockerfile| -> Vec<String> {
                script
                    .items
                    .iter()
                    .map(|item| joined(item.span.of(&file.source), file.escape))
                    .collect()
            };
            let before = texts(&script, file);
            let pick = (nth + index) % items.len();
            let edits = remove_item(&script, &file.source, pick);
            if items.len() > 1 && edits.is_empty() {
                refused += 1;
            }
            if !edits.is_empty() {
                removed += 1;
                let (after, script) = edited(file, &edits, index);
                let mut rest = before.clone();
                rest.remove(pick);
                assert_eq!(
                    texts(&script, &after),
                    rest,
                    "{}",
                    instruction.span.of(&file.source)
                );
                assert_eq!(
                    after.comments.len(),
                    file.comments.len() - inside(file, items[pick].span)
                );
            }
            if let Some(edit) = append_item(&script, &file.source, "true") {
                appended += 1;
                let (after, script) = edited(file, &[edit], index);
                let mut more = before;
                more.push("true".to_owned());
                assert_eq!(
                    texts(&script, &after),
                    more,
                    "{}",
                    instruction.span.of(&file.source)
                );
            }
        }
    }
    eprintln!("{removed} items removed, {refused} refused, {appended} appended");
    assert!(removed > 100 * refused && appended > removed);
}

fn inside(file: &Dockerfile, span: Span) -> usize {
    file.comments
        .iter()
        .filter(|comment| span.contains(comment.span))
        .count()
}

fn edited(file: &Dockerfile, edits: &[(Span, String)], index: usize) -> (Dockerfile, Script) {
    let mut text = file.source.clone();
    for (span, new) in edits.iter().rev() {
        text.replace_range(span.start..span.end, new);
    }
    let after = Dockerfile::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(after.instructions.len(), file.instructions.len(), "{text}");
    let script = parse_run(&after.instructions[index], &after.source);
    assert_eq!(script.opaque, None);
    (after, script)
}

/// The names of the commands, as another parser finds them.
#[test]
fn another_parser_finds_the_same_commands() {
    let Some(files) = dockerfiles(15) else { return };
    let mut compared = 0;
    for file in &files {
        for (instruction, posix) in commands(file) {
            let text = &instruction.text.text;
            // It reads template braces and `time` in its own way, and no backtick in a backtick.
            let differs = ["{{", "time ", "`"].iter().any(|part| text.contains(part));
            let shell = matches!(instruction.data, Data::Command(CommandLine::Shell));
            if !posix || !shell || differs || !instruction.heredocs.is_empty() {
                continue;
            }
            let ours = parse_text(text, 0);
            let theirs = shuck_parser::parser::Parser::new(text).parse();
            if ours.opaque.is_some() || !theirs.is_ok() {
                continue;
            }
            compared += 1;
            let names = |commands: &mut Vec<(usize, usize)>| {
                commands.sort_unstable();
                std::mem::take(commands)
            };
            let mut found = Vec::new();
            for command in ours
                .commands
                .iter()
                .filter(|command| !command.context.substitution)
            {
                found.extend(
                    command
                        .words
                        .first()
                        .map(|word| (word.span.start, word.span.end)),
                );
            }
            let mut expected = Vec::new();
            names_in(&theirs.file.body, &mut expected);
            assert_eq!(names(&mut found), names(&mut expected), "{text}");
        }
    }
    eprintln!("{compared} scripts compared");
    assert!(compared > 1_000);
}

/// The places of the names of the commands of a list, those in substitutions left out.
fn names_in(list: &shuck_ast::StmtSeq, out: &mut Vec<(usize, usize)>) {
    for stmt in list.iter() {
        names_of(&stmt.command, out);
    }
}

fn names_of(command: &shuck_ast::Command, out: &mut Vec<(usize, usize)>) {
    use shuck_ast::{BuiltinCommand as Builtin, Command, CompoundCommand as Compound};
    let mut note = |span: shuck_ast::Span| out.push((span.start.offset(), span.end.offset()));
    match command {
        Command::Simple(simple) if simple.name.span.start == simple.name.span.end => {}
        Command::Simple(simple) => note(simple.name.span),
        Command::Decl(decl) => note(decl.variant_span),
        Command::Builtin(builtin) => {
            let (span, length) = match builtin {
                Builtin::Break(command) => (command.span, "break".len()),
                Builtin::Continue(command) => (command.span, "continue".len()),
                Builtin::Return(command) => (command.span, "return".len()),
                Builtin::Exit(command) => (command.span, "exit".len()),
            };
            out.push((span.start.offset(), span.start.offset() + length));
        }
        Command::Binary(binary) => {
            names_of(&binary.left.command, out);
            names_of(&binary.right.command, out);
        }
        Command::Function(function) => names_of(&function.body.command, out),
        Command::AnonymousFunction(_) => {}
        Command::Compound(compound) => match compound {
            Compound::If(command) => {
                names_in(&command.condition, out);
                names_in(&command.then_branch, out);
                for (condition, branch) in &command.elif_branches {
                    names_in(condition, out);
                    names_in(branch, out);
                }
                command
                    .else_branch
                    .iter()
                    .for_each(|branch| names_in(branch, out));
            }
            Compound::For(command) => names_in(&command.body, out),
            Compound::ArithmeticFor(command) => names_in(&command.body, out),
            Compound::While(command) => {
                names_in(&command.condition, out);
                names_in(&command.body, out);
            }
            Compound::Until(command) => {
                names_in(&command.condition, out);
                names_in(&command.body, out);
            }
            Compound::Case(command) => command
                .cases
                .iter()
                .for_each(|case| names_in(&case.body, out)),
            Compound::Subshell(body) | Compound::BraceGroup(body) => names_in(body, out),
            Compound::Conditional(command) => note(command.left_bracket_span),
            Compound::Arithmetic(command) => {
                out.push((
                    command.left_paren_span.start.offset(),
                    command.right_paren_span.end.offset(),
                ));
            }
            _ => {}
        },
    }
}
