//! What a program of the start leads to: the file that an interpreter runs, the script of a manifest, the binary of a
//! package.

use super::follow::{Place, Walk};
use super::path::resolve;
use super::start::Need;
use super::words::{captured_words, script_name, tail, words_of};
use crate::facts::{Evidence, Source, Tri};
use crate::rule::commands;
use crate::rule::document::StartDocument;
use crate::rule::pattern::{Captures, Split};
use crate::shell::{Command, Word};

impl Walk<'_> {
    /// A program found through PATH.
    pub fn named(&mut self, program: &str, command: &Command, place: &Place) {
        let rules = self.follow.facts.rules;
        let lead = rules.commands.start(command);
        if lead.is_none()
            && let Some(file) = self.own(program, place)
        {
            let place = Place {
                depth: place.depth + 1,
                ..place.clone()
            };
            return self.own_file(&file.0, &file.1, &place);
        }
        let package = self.package(program, place);
        if lead.as_ref().is_none_or(|(lead, _)| lead.serves.is_none()) {
            self.foreign(program, command);
        }
        // CMD itself finds no program of the project's packages, unless PATH leads to them.
        let path = self.follow.model.end.value("PATH");
        let of_project =
            place.manifest || path.is_some_and(|path| path.contains("node_modules/.bin"));
        if package.is_none() || lead.is_some() || !of_project {
            self.need(Need::Command(program.to_string()), place);
        }
        if let Some((lead, captures)) = lead {
            return self.lead(lead, &captures, command, place);
        }
        if package.is_some() && !self.start.tools.iter().any(|known| known == program) {
            self.start.tools.push(program.to_string());
        }
        if self.is_interpreter(program) {
            self.interpreted(program, command, place);
        }
    }

    /// What a known start leads to.
    pub fn lead(
        &mut self,
        lead: &StartDocument,
        captures: &Captures,
        command: &Command,
        place: &Place,
    ) {
        if let Some(refuse) = &lead.refuse {
            let allow = lead
                .allow
                .clone()
                .unwrap_or_else(|| "let CMD start the built program itself".into());
            return self.obstacle(
                format!("{} runs `{}`: {refuse}", place.via, words_of(command)),
                allow,
            );
        }
        let moved;
        let place = match self.elsewhere(lead, captures, command, place) {
            Ok(None) => place,
            Ok(Some(there)) => {
                moved = there;
                &moved
            }
            Err(()) => return,
        };
        if lead.compiles {
            let program = command.words.first().and_then(|word| word.value.clone());
            self.start.compiles = self.start.compiles.take().or(program);
        }
        if lead.anything {
            let program = command.words.first().and_then(|word| word.value.clone());
            self.start.unread = true;
            self.start.anything = self.start.anything.take().or(program);
        }
        if let Some(options) = &lead.procfile {
            self.procfile(command, options, place);
        }
        if let Some(hole) = &lead.wraps {
            let rest = captured_words(captures, hole, command);
            if !rest.is_empty() {
                let place = Place {
                    depth: place.depth + 1,
                    manifest: place.manifest || lead.project,
                    ..place.clone()
                };
                self.command(&tail(&rest), &place);
            }
            return;
        }
        if let Some(hole) = &lead.serves {
            let word = captures.get(hole.trim_matches(['<', '>']));
            let word = word
                .and_then(|words| words.first())
                .filter(|word| word.literal);
            let directory = match hole.starts_with('<') {
                true => word.map(|word| word.text.as_str()),
                false => Some(hole.as_str()),
            };
            if let (Some(directory), Some(workdir)) = (directory, &place.workdir) {
                let directory = resolve(workdir, directory);
                self.need(Need::File(directory.clone()), place);
                self.start.served.push(directory);
            }
            return;
        }
        if let Some(script) = lead
            .script
            .as_deref()
            .and_then(|script| script_name(captures, script))
            .filter(|script| lead.file.is_none() || !script.contains(['.', '/']))
        {
            return self.manifest(&script, lead.or_program, command, place);
        }
        if lead.directory {
            self.start.directory = true;
        }
        for word in &command.words {
            let text = word.value.as_deref().unwrap_or("");
            let loaded = lead
                .loads
                .iter()
                .find_map(|start| text.strip_prefix(start.as_str()));
            if let Some(file) = loaded.and_then(|loaded| loaded.split('=').next()) {
                self.file(file, place, true);
            }
        }
        if let Some(list) = &lead.path_list {
            self.path_list(list, captures, command, place);
        }
        let file = lead.file.as_deref().and_then(|hole| {
            captures
                .get(hole.trim_matches(['<', '>']))
                .and_then(|words| words.first())
        });
        // `java -jar -Dname=value app.jar`: options may stand between.
        let after = file
            .filter(|file| file.text.starts_with('-'))
            .and_then(|file| {
                let mut words = command
                    .words
                    .iter()
                    .skip_while(|word| word.raw != file.text);
                words.find(|word| !word.raw.starts_with('-'))
            });
        if let Some(after) = after {
            return match after.value.clone() {
                Some(file) => self.file(&file, place, true),
                None => self.obstacle(
                    format!(
                        "{} runs a file whose name is not known: `{}`",
                        place.via, after.raw
                    ),
                    "name the file",
                ),
            };
        }
        match file {
            Some(file) if file.literal => {
                // `pm2-runtime ecosystem.config.js`: a list of programs, not one.
                let lists = [".json", ".yml", ".yaml", ".config.js", ".config.cjs"];
                self.start.directory |= lists.iter().any(|end| file.text.ends_with(end));
                if let Some(workdir) = place.workdir.as_ref().filter(|_| lead.lists) {
                    self.start.lists.push(resolve(workdir, &file.text));
                }
                self.file(&file.text.clone(), place, true);
            }
            Some(file) if self.known_path(&file.text).is_some() => {
                let path = self.known_path(&file.text).unwrap_or_default();
                self.file(&path, place, true);
            }
            Some(file) => self.obstacle(
                format!(
                    "{} runs a file whose name is not known: `{}`",
                    place.via, file.text
                ),
                "name the file",
            ),
            None => {}
        }
    }

    /// A path with variables that ENV sets, put in: `$HOME/target/*.jar`.
    fn known_path(&self, text: &str) -> Option<String> {
        let state = &self.follow.model.end;
        let mut names = text.split('$').skip(1).map(|rest| {
            let rest = rest.strip_prefix('{').unwrap_or(rest);
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
            &rest[..end.unwrap_or(rest.len())]
        });
        let set =
            |name: &str| matches!(state.env.get(name), Some(Some(value)) if !value.is_empty());
        if !names.all(set) {
            return None;
        }
        let path = state.expand(text, '\\')?;
        (!path.contains('$') && !path.contains(char::is_whitespace)).then_some(path)
    }

    /// The files and folders of a list such as `-cp app.jar:lib/*`.
    fn path_list(&mut self, list: &str, captures: &Captures, command: &Command, place: &Place) {
        let words = captures.get(list.trim_matches(['<', '>']));
        let Some(word) = words.and_then(|words| words.first()) else {
            return;
        };
        if !word.literal {
            return self.obstacle(
                format!(
                    "{} loads files whose names are not known: `{}`",
                    place.via,
                    words_of(command)
                ),
                "name the files",
            );
        }
        for part in word.text.split(':') {
            let part = part.trim_end_matches("/*");
            match part {
                "" | "." | "./" | "*" => self.start.directory = true,
                part => self.file(part, place, true),
            }
        }
    }

    /// An interpreter of another language than the rule's reads the files that a script of its own names and imports,
    /// where nobody searches them.
    pub fn foreign(&mut self, program: &str, command: &Command) {
        let table = self.follow.facts.rules.table("interpreters");
        let row = table.and_then(|table| table.get(&[program]));
        let Some(row) = row.filter(|_| !self.is_interpreter(program)) else {
            return;
        };
        let mut inline = row.get("inline").unwrap_or("").split(' ');
        let first = command.words.get(1).and_then(|word| word.value.as_deref());
        if !first.is_some_and(|first| inline.any(|option| option == first)) {
            self.start.directory = true;
        }
    }

    pub fn is_interpreter(&self, program: &str) -> bool {
        self.follow
            .binaries
            .is_some_and(|binaries| binaries.interpreters.iter().any(|name| name == program))
            || crate::shell::is_shell(program)
    }

    /// `node --flag file`, `sh -c script`, `sh file`.
    pub fn interpreted(&mut self, program: &str, command: &Command, place: &Place) {
        let rules = self.follow.facts.rules;
        let value_options = rules.commands.value_options(program);
        let tokens = commands::tokens(&command.words, program);
        let split = Split::of(&tokens, value_options);
        let shell = crate::shell::is_shell(program);
        if shell {
            self.start.shell = true;
            if split.options.iter().any(|option| option.name == "-c") {
                let script = split.positional.get(1).map(|token| match token.value {
                    Some(script) => script.to_string(),
                    None => between_quotes(token.raw),
                });
                if let Some(script) = script {
                    let script = crate::shell::parse_text(&script, 0);
                    let place = Place {
                        depth: place.depth + 1,
                        ..place.clone()
                    };
                    return self.script(&script, &place);
                }
            }
        }
        if split
            .options
            .iter()
            .any(|option| matches!(&*option.name, "-m" | "-c" | "-e" | "--eval" | "-p"))
        {
            return;
        }
        self.preloads(&split, place);
        let Some(file) = split.positional.get(1) else {
            return;
        };
        match file.value {
            Some(file) => self.file(file, place, !shell),
            None => self.obstacle(
                format!(
                    "{} runs a file whose name is not known: `{}`",
                    place.via, file.raw
                ),
                "name the file",
            ),
        }
    }

    /// A script of the manifest: `npm start`.
    pub fn manifest(&mut self, script: &str, or_program: bool, command: &Command, place: &Place) {
        let Some(binaries) = self.follow.binaries else {
            return;
        };
        let tool = command.words.first().map_or("", |word| word.raw.as_str());
        let mut found = false;
        for name in [
            format!("pre{script}"),
            script.to_string(),
            format!("post{script}"),
        ] {
            let fill = |hole: &str| (hole == "script").then(|| name.clone());
            let facts = self.follow.facts;
            let value = match &place.folder {
                Some(folder) => facts.inside(folder, &binaries.script, &fill),
                None => facts.with(&binaries.script, &fill),
            };
            match value {
                Tri::Present(value) => {
                    let texts = value.texts();
                    let Some((text, source)) = texts
                        .first()
                        .map(|(text, source)| ((*text).to_string(), source.cloned()))
                    else {
                        continue;
                    };
                    found |= name == script;
                    self.start.evidence.push(Evidence {
                        text: format!("`{}` runs `{text}`", words_of(command)),
                        source: source.clone(),
                    });
                    self.start.shell = true;
                    let parsed = crate::shell::parse_text(&text, 0);
                    let place = Place {
                        via: format!("script `{name}`"),
                        workdir: place.workdir.clone(),
                        source,
                        depth: place.depth + 1,
                        manifest: true,
                        folder: place.folder.clone(),
                    };
                    self.script(&parsed, &place);
                }
                Tri::Absent => {}
                Tri::Unknown(reason) if name == script => {
                    return self.obstacle(
                        format!(
                            "{} starts the script `{script}`, which cannot be read: {reason}",
                            place.via
                        ),
                        "give the build context with --context DIR, or start the program itself",
                    );
                }
                Tri::Unknown(_) => {}
            }
        }
        let at = |word: &Word| word.value.as_deref() == Some(script);
        if !found
            && or_program
            && let Some(first) = command.words.iter().position(at)
            && self.package(script, place).is_some()
        {
            let place = Place {
                depth: place.depth + 1,
                manifest: true,
                ..place.clone()
            };
            return self.command(&tail(&command.words[first..]), &place);
        }
        if !found {
            // npm runs `node server.js` where there is no start script.
            let server = place
                .workdir
                .as_deref()
                .map(|workdir| resolve(workdir, "server.js"));
            match server.filter(|path| script == "start" && matches!(self.follow.model.origin(path, self.follow.facts.context), Ok(Some(_)))) {
                Some(path) => self.need(Need::File(path), place),
                None => self.obstacle(format!("{} starts the script `{script}` with {tool}, and the manifest has no such script", place.via), "name a script that exists"),
            }
        }
    }

    /// The package whose binary `program` is, where the project's packages have it.
    pub fn package(&mut self, program: &str, place: &Place) -> Option<String> {
        let binaries = self.follow.binaries?;
        if binaries.interpreters.iter().any(|name| name == program) {
            return None;
        }
        let table = self.follow.facts.rules.table(&binaries.table);
        let row = table.and_then(|table| table.get(&[program]));
        let package = row
            .and_then(|row| row.get("package"))
            .unwrap_or(program)
            .to_string();
        let production = self.names(&binaries.production, place);
        let development = self.names(&binaries.development, place);
        let has = |names: &Tri<Vec<(String, Option<Source>)>>| match names {
            Tri::Present(names) => names
                .iter()
                .find(|(name, _)| *name == package)
                .map(|(_, source)| source.clone()),
            _ => None,
        };
        if let Some(source) = has(&production) {
            self.start.evidence.push(Evidence {
                text: format!("`{program}` comes from the dependency {package}"),
                source,
            });
            self.start.project_programs = true;
            return Some(package);
        }
        if let Some(source) = has(&development) {
            let known = (program.to_string(), package.clone(), source.clone());
            if !self.start.development.contains(&known) {
                self.start.development.push(known);
            }
            self.start.project_programs = true;
            self.start.evidence.push(Evidence {
                text: format!(
                    "{} needs `{program}`, which comes from the development dependency {package}",
                    place.via
                ),
                source,
            });
            return Some(package);
        }
        if place.manifest && row.is_some() {
            self.start.unnamed.push(program.to_string());
            return Some(package);
        }
        None
    }
}

/// The script of `sh -c "node $OPTIONS app.js"`: what the outer shell puts in is a variable to the inner one, too.
fn between_quotes(raw: &str) -> String {
    let inside = raw
        .strip_prefix('"')
        .and_then(|raw| raw.strip_suffix('"'))
        .filter(|inside| !inside.replace("\\\"", "").contains('"'));
    let Some(inside) = inside else {
        return raw.to_string();
    };
    let mut script = String::with_capacity(inside.len());
    let mut signs = inside.chars().peekable();
    while let Some(sign) = signs.next() {
        let escapes = |next: &char| matches!(next, '"' | '\\' | '$' | '`');
        match signs.next_if(|next| sign == '\\' && escapes(next)) {
            Some(next) => script.push(next),
            None => script.push(sign),
        }
    }
    script
}
