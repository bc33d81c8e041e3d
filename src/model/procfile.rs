//! What a Procfile starts: lines of `name: command`, each for a shell.

use super::follow::{Place, Walk};
use super::path::resolve;
use super::words::words_of;
use crate::facts::{Evidence, Source, Tri};
use crate::shell::Command;

impl Walk<'_> {
    /// Follows the processes that a command starts by the Procfile where it is run: those that it names, or all.
    /// `options` are those of the command that name another file. What cannot be read is an obstacle.
    pub fn procfile(&mut self, command: &Command, options: &[String], place: &Place) {
        let mut file = "Procfile";
        let mut wanted: Vec<&str> = Vec::new();
        let mut words = command.words.iter().skip(1);
        while let Some(word) = words.next() {
            let text = word.value.as_deref().unwrap_or("");
            match text.split_once('=') {
                Some((option, value)) if options.iter().any(|it| it == option) => file = value,
                _ if options.iter().any(|it| it == text) => {
                    let value = words.next().and_then(|word| word.value.as_deref());
                    file = value.unwrap_or(file);
                }
                _ if text.starts_with('-') => {}
                _ => wanted.push(text),
            }
        }
        let context = self.follow.facts.context;
        let path = place.workdir.as_ref().map(|at| resolve(at, file));
        let origin = path.and_then(|path| self.follow.model.origin(&path, context).ok().flatten());
        let read = origin.and_then(|(_, source)| match context.read(&source) {
            Tri::Present(text) => Some((source, text)),
            _ => None,
        });
        let Some((source, text)) = read else {
            let started = words_of(command);
            return self.obstacle(
                format!(
                    "{} runs `{started}`, and what `{file}` names is not known",
                    place.via
                ),
                "give the build context with --context DIR, or let CMD start the program itself",
            );
        };
        let lines: Vec<(usize, &str, &str)> = (1..)
            .zip(text.lines())
            .filter_map(|(line, text)| {
                let (name, command) = text.split_once(':')?;
                let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
                name.bytes()
                    .all(plain)
                    .then(|| (line, name, command.trim()))
            })
            .collect();
        // `start`, `-c all=2` and the like name none of them.
        let named = lines.iter().any(|(_, name, _)| wanted.contains(name));
        for (line, name, command) in lines {
            if named && !wanted.contains(&name) {
                continue;
            }
            let at = Source {
                file: source.clone(),
                line,
            };
            self.start.evidence.push(Evidence {
                text: format!("{} runs `{command}`", place.via),
                source: Some(at.clone()),
            });
            let inner = Place {
                via: format!("{source}:{line}"),
                source: Some(at),
                depth: place.depth + 1,
                manifest: false,
                ..place.clone()
            };
            self.start.shell = true;
            self.script(&crate::shell::parse_text(command, 0), &inner);
        }
    }
}
