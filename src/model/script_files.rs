//! Scripts of the build context that the start leads to, by their first line.

use super::follow::{Place, Walk};
use super::path::name;
use super::start::Need;
use super::words::literal;
use crate::facts::{Evidence, Source};
use crate::shell::Command;
use crate::syntax::Span;

impl Walk<'_> {
    /// A script of the build context that stands at `path` in the image, by its first line.
    pub fn script_file(&mut self, path: &str, source: &str, text: &str, place: &Place) {
        let first = text.lines().next().unwrap_or("");
        let Some(line) = first.strip_prefix("#!") else {
            if source.ends_with(".sh") {
                self.shell_script(source, text, place);
            }
            return;
        };
        let mut words = line.split_whitespace();
        let interpreter = words.next().unwrap_or("");
        let program = match name(interpreter) {
            "env" => words
                .find(|word| !word.starts_with('-') && !word.contains('='))
                .unwrap_or(""),
            program => program,
        };
        let inner = inside(source, place);
        if inner.manifest && !crate::shell::is_shell(program) {
            // `npx` and scripts of the manifest find it among the project's packages: `#!/usr/bin/env tsx`
            let words = [program, path].map(|word| literal(word, Span::default()));
            return self.named(program, &Command::of(words.to_vec()), &inner);
        }
        self.need(Need::Command(program.to_string()), &inner);
        self.foreign(program, &Command::of(Vec::new()));
        if crate::shell::is_shell(program) {
            self.shell_script(source, text, place);
        }
    }

    pub fn shell_script(&mut self, source: &str, text: &str, place: &Place) {
        self.start.shell = true;
        self.start.evidence.push(Evidence {
            text: format!("{} runs `{source}`", place.via),
            source: Some(Source {
                file: source.to_string(),
                line: 1,
            }),
        });
        let script = crate::shell::parse_text(text, 0);
        let inner = Place {
            manifest: false,
            ..inside(source, place)
        };
        self.script(&script, &inner);
    }
}

/// The place of what a file runs that is started at another place.
fn inside(source: &str, place: &Place) -> Place {
    Place {
        via: source.to_string(),
        source: Some(Source {
            file: source.to_string(),
            line: 1,
        }),
        depth: place.depth + 1,
        ..place.clone()
    }
}
