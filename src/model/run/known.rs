//! What is known of a command: of itself, or of what it wraps, reads or is handed.

use crate::rule::{Known, Role, Row, RuleSet};
use crate::shell::{Command, Connector, Script, Word};

/// `. /srv/venv/bin/activate`: whatever the environment is called.
fn activation<'a>(command: &Command, rules: &'a RuleSet) -> Option<Known<'a>> {
    let script = command.words.get(1)?.value.as_deref()?;
    if !script.ends_with("/bin/activate") {
        return None;
    }
    let mut words = command.words.clone();
    words[1].value = Some("venv/bin/activate".into());
    rules.commands.classify(&Command {
        words,
        ..command.clone()
    })
}

/// How deep scripts may stand in scripts.
pub(super) const DEPTH: usize = 4;

/// The script that a command hands to a shell, and the user who runs it if it names one: `bash -c "…"`,
/// `su postgres -c "…"`.
pub(super) fn nested(command: &Command, source: &str) -> Option<(Script, Option<String>)> {
    let first = command.program()?;
    let program = command.words.get(first)?.value.as_deref()?;
    let name = crate::model::path::name(program);
    if crate::shell::is_shell(name) {
        return command
            .shell_script(source)
            .or_else(|| command.shell_script_with_variables(source))
            .map(|script| (script, None));
    }
    if !matches!(name, "su" | "runuser") {
        return None;
    }
    let words = &command.words[first + 1..];
    let value = |word: &crate::shell::Word| word.value.clone().unwrap_or_default();
    let at = words
        .iter()
        .position(|word| matches!(value(word).as_str(), "-c" | "--command" | "-lc"))?;
    let script = crate::shell::script_in(words.get(at + 1)?, source)?;
    let options = ["-c", "--command", "-lc", "-s", "--shell", "-g", "--group"];
    let mut of_option = false;
    let mut user = None;
    for word in words.iter().map(value) {
        if !of_option && !word.starts_with('-') && user.is_none() {
            user = Some(word.clone());
        }
        of_option = options.contains(&word.as_str());
    }
    Some((script, Some(user.unwrap_or_else(|| "root".into()))))
}

/// What is known of a command: of itself, or of the command that it wraps.
pub fn known<'a>(command: &Command, rules: &'a RuleSet) -> Option<Known<'a>> {
    let own = rules
        .commands
        .classify(command)
        .or_else(|| activation(command, rules))
        .or_else(|| inline(command, rules))
        .or_else(|| of_version(command, rules))
        .or_else(|| of_package(command, rules))
        .or_else(|| asks_version(command, rules));
    if own.is_some() {
        return own;
    }
    match command.program()? {
        0 => by_xargs(command, rules),
        first => {
            let mut known = rules.commands.classify_from(command, first)?;
            // Word indices count from the start of the command.
            for captured in known.captures.values_mut().flatten() {
                captured.index += first;
            }
            Some(known)
        }
    }
}

/// `curl https://…/install.sh | bash -`: what a well-known script that a shell or an interpreter reads from a pipe does,
/// by the table `installers`.
pub(super) fn piped_installer<'a>(
    script: &Script,
    index: usize,
    rules: &'a RuleSet,
) -> Option<Known<'a>> {
    let command = &script.commands[index];
    let words = command.words.get(command.program()?..)?;
    let program = crate::model::path::name(words.first()?.value.as_deref()?);
    // `bash`, `bash -`, `sh -s -- --yes`, `python3 -`: no file of its own.
    let second = words.get(1).map(|word| word.raw.as_str());
    let own_file =
        second.is_some_and(|word| !word.starts_with('-') || word == "-m" || word == "-c");
    if own_file || command.before != Connector::Pipe {
        return None;
    }
    let fetch = script.commands[..index].last()?;
    installer(command, program, address(fetch)?, rules)
}

/// What an installer does, by its address and by the program that reads it.
fn installer<'a>(
    command: &Command,
    program: &str,
    url: &str,
    rules: &'a RuleSet,
) -> Option<Known<'a>> {
    let row = rules.table("installers")?.get_pattern(url)?;
    let reads = match row.get("reader") {
        None => crate::shell::is_shell(program),
        Some(reader) => program.starts_with(reader),
    };
    if !reads {
        return None;
    }
    let word = Word {
        value: row.get("command").map(str::to_string),
        ..command.words[0].clone()
    };
    rules.commands.classify(&Command {
        words: vec![word],
        ..command.clone()
    })
}

/// `curl -o setup.sh https://…/setup && bash setup.sh`: the same where the script is saved to a file first. `fetch` finds
/// the command that downloads what a file holds.
pub(super) fn saved_installer<'a, 'c>(
    command: &Command,
    fetch: &dyn Fn(&str) -> Option<&'c Command>,
    rules: &'a RuleSet,
) -> Option<Known<'a>> {
    let mut words = command.words.get(command.program()?..)?.iter();
    let program = words.next()?.value.as_deref()?;
    let file = words.find(|word| !word.raw.starts_with('-'))?;
    let url = address(fetch(file.value.as_deref()?)?)?;
    installer(command, crate::model::path::name(program), url, rules)
}

/// The address among the words of a command that downloads.
fn address(fetch: &Command) -> Option<&str> {
    let mut words = fetch.words.iter().map(|word| word.raw.as_str());
    let found = words.find(|word| word.contains("://"))?;
    Some(found.trim_matches(['"', '\'']))
}

/// `php -r "copy('https://getcomposer.org/installer', …)"`: what code does that an interpreter is handed, by the table
/// `inline-code`.
fn inline<'a>(command: &Command, rules: &'a RuleSet) -> Option<Known<'a>> {
    let [program, option, code, ..] = command.words.as_slice() else {
        return None;
    };
    if !matches!(option.raw.as_str(), "-c" | "-e" | "-r") {
        return None;
    }
    let table = rules.table("inline-code")?;
    let written = code.raw.trim_matches(['"', '\'']);
    let code: String = code
        .raw
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .collect();
    let program = crate::model::path::name(program.value.as_deref()?);
    let row = table.get_pattern(&format!(
        "{program} {}",
        code.trim_start_matches(['"', '\''])
    ));
    let named = row.as_ref().and_then(|row| row.get("command"));
    let word = Word {
        value: Some(match named {
            Some(named) => named.to_string(),
            None => statements(program, written, rules)?,
        }),
        ..command.words[0].clone()
    };
    rules.commands.classify(&Command {
        words: vec![word],
        ..command.clone()
    })
}

/// `python3.11 -m pip`, `gcc-12`: a program that has its version in its name.
fn of_version<'a>(command: &Command, rules: &'a RuleSet) -> Option<Known<'a>> {
    let program = command.words.first()?.value.as_deref()?;
    let name = crate::model::path::name(program);
    let digits = |text: &str| text.ends_with(|last: char| last.is_ascii_digit());
    let number = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b'.') && digits(text);
    let (plain, version) = name.rsplit_once('-').or_else(|| name.rsplit_once('.'))?;
    if !number(version) || plain.is_empty() || rules.commands.knows(name) {
        return None;
    }
    let mut words = command.words.clone();
    words[0].value = Some(plain.to_string());
    let plain = Command {
        words,
        ..command.clone()
    };
    let known = rules.commands.classify(&plain);
    known.or_else(|| inline(&plain, rules))
}

/// `./node_modules/webpack/bin/webpack.js`, `node --max-old-space-size=4096 node_modules/@angular/cli/bin/ng build`: a
/// program of a package, by its path and the table `package-programs`.
fn of_package<'a>(command: &Command, rules: &'a RuleSet) -> Option<Known<'a>> {
    let mut rows = rules.table("package-programs")?.all();
    rows.find_map(|row| {
        let list = |column: &str| row.get(column).unwrap_or("").split(' ');
        let first = command.words.first()?.value.as_deref()?;
        let at = match Some(first) == row.get("runner") {
            true => {
                let options = command.words[1..].iter();
                // An option without its value would take the path for it.
                let complete = |word: &&Word| {
                    let option = word.raw.as_str();
                    option.starts_with("--")
                        && (option.contains('=') || list("flags").any(|flag| flag == option))
                };
                1 + options.take_while(complete).count()
            }
            false => 0,
        };
        let path = command.words.get(at)?.value.as_deref()?;
        let mut parts = path.split('/');
        parts.find(|part| Some(*part) == row.get("below"))?;
        let parts: Vec<&str> = parts.collect();
        let [.., folder, file] = parts.as_slice() else {
            return None;
        };
        list("bins").find(|bin| bin == folder)?;
        let mut endings = list("endings");
        let name = endings.find_map(|ending| file.strip_suffix(ending));
        let mut words = command.words[at..].to_vec();
        words[0].value = Some(name.unwrap_or(file).to_string());
        let mut known = rules.commands.classify(&Command {
            words,
            ..command.clone()
        })?;
        // Word indices count from the start of the command.
        for captured in known.captures.values_mut().flatten() {
            captured.index += at;
        }
        Some(known)
    })
}

/// `dockerd --version`: whatever the program is, it only answers.
fn asks_version<'a>(command: &Command, rules: &'a RuleSet) -> Option<Known<'a>> {
    let [program, option] = command.words.as_slice() else {
        return None;
    };
    if option.value.as_deref() != Some("--version") || program.value.is_none() {
        return None;
    }
    let word = Word {
        value: Some("version-question".into()),
        ..program.clone()
    };
    rules.commands.classify(&Command {
        words: vec![word],
        ..command.clone()
    })
}

/// What the statements of a line of code do, by the table `inline-statements`: nothing but questions, or one kind of
/// download beside them.
fn statements(program: &str, code: &str, rules: &RuleSet) -> Option<String> {
    const QUESTION: &str = "question";
    let table = rules.table("inline-statements")?;
    let of_program = |row: &Row<'_>| {
        let named = row.get("program").unwrap_or("");
        program.starts_with(named.trim_end_matches('*'))
    };
    let mut command = QUESTION.to_string();
    let parts = code.split([';', '\n']).map(str::trim);
    for part in parts.filter(|part| !part.is_empty()) {
        let known = table.all().filter(of_program).find(|row| {
            let statement = row.get("statement").unwrap_or("");
            let stands = match statement.strip_suffix('*') {
                Some(start) => part.starts_with(start),
                None => part.contains(statement),
            };
            let mut unless = row.get("unless").unwrap_or("").split_whitespace();
            stands && !unless.any(|word| part.contains(word))
        });
        match known?.get("command")? {
            QUESTION => {}
            known if command == QUESTION || command == known => command = known.into(),
            _ => return None,
        }
    }
    Some(command)
}

/// `xargs -n 1 pip install`: a command whose last words nobody knows.
fn by_xargs<'a>(command: &Command, rules: &'a RuleSet) -> Option<Known<'a>> {
    const TAKE_VALUE: [&str; 8] = ["-I", "-n", "-P", "-L", "-d", "-s", "-a", "-E"];
    if command.words[0].value.as_deref() != Some("xargs") {
        return None;
    }
    let mut at = 1;
    loop {
        let word = command.words.get(at)?.value.as_deref()?;
        if !word.starts_with('-') {
            break;
        }
        at += 1 + usize::from(TAKE_VALUE.contains(&word));
    }
    let mut words = command.words[at..].to_vec();
    let unknown = words.last().map(|last| Word {
        value: None,
        raw: "$@".into(),
        ..last.clone()
    })?;
    words.push(unknown);
    let inner = Command {
        words,
        ..command.clone()
    };
    let known = rules.commands.classify(&inner)?;
    // Which packages of the system they are cannot be said.
    matches!(
        known.line.role,
        Role::Dependencies | Role::Tool | Role::Check
    )
    .then_some(known)
}
