//! What a Procfile starts: lines of `name: command`, each for a shell.

use super::follow::{Place, Walk};
use super::path::resolve;
use crate::facts::{Evidence, Source, Tri};
use crate::shell::Command;

/// The options that name another file.
const FILE_OPTIONS: [&str; 2] = ["-f", "--procfile"];

impl Walk<'_> {
    /// Follows the processes that a command starts by the Procfile where it is run: those that it names, or all.
    pub fn procfile(&mut self, command: &Command, place: &Place) {
        let mut file = "Procfile";
        let mut wanted: Vec<&str> = Vec::new();
        let mut words = command.words.iter().skip(1);
        while let Some(word) = words.next() {
            let text = word.value.as_deref().unwrap_or("");
            match text.split_once('=') {
                Some((option, value)) if FILE_OPTIONS.contains(&option) => file = value,
                _ if FILE_OPTIONS.contains(&text) => {
                    let value = words.next().and_then(|word| word.value.as_deref());
                    file = value.unwrap_or(file);
                }
                _ if text.starts_with('-') => {}
                _ => wanted.push(text),
            }
        }
        let Some(path) = place.workdir.as_ref().map(|at| resolve(at, file)) else {
            return;
        };
        let context = self.follow.facts.context;
        let Ok(Some((_, source))) = self.follow.model.origin(&path, context) else {
            return;
        };
        let Tri::Present(text) = context.read(&source) else {
            return;
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
