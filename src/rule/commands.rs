//! What commands do: command lines with roles, looked up by the program's name.

use super::document::{CommandsDocument, LineDocument, StartDocument};
use super::pattern::{Captures, CommandPattern, GivenOption, Split, Token, programs};
use crate::shell::Command;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

/// All known command lines.
#[derive(Debug, Default)]
pub struct Commands {
    lines: Vec<Line>,
    by_program: HashMap<String, Vec<usize>>,
    starts: Vec<StartLine>,
    starts_by_program: HashMap<String, Vec<usize>>,
}

#[derive(Debug)]
struct StartLine {
    document: StartDocument,
    value_options: Arc<[String]>,
    pattern: OnceLock<Option<CommandPattern>>,
}

#[derive(Debug)]
struct Line {
    document: LineDocument,
    value_options: Arc<[String]>,
    pattern: OnceLock<Option<CommandPattern>>,
}

/// A command that matched a known line.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    /// What the data says of the line.
    pub line: &'a LineDocument,
    /// What the holes stand for; word indices count from the program.
    pub captures: Captures,
}

impl Known<'_> {
    /// A path or word with holes, filled in: each `<name>` by what was captured; a hole of several words gives
    /// several texts. `None` where a captured word is not literal.
    pub fn fill(&self, template: &str) -> Option<Vec<String>> {
        let Some(open) = template.find('<') else {
            return Some(vec![template.to_string()]);
        };
        let close = open + template[open..].find('>')?;
        let name = template[open + 1..close].trim_end_matches("...");
        let words = self.captures.get(name)?;
        let rest = self.fill(&template[close + 1..])?;
        let mut texts = Vec::new();
        for word in words {
            if !word.literal {
                return None;
            }
            texts.extend(
                rest.iter()
                    .map(|rest| format!("{}{}{rest}", &template[..open], word.text)),
            );
        }
        Some(texts)
    }
}

impl Commands {
    /// Adds a document. Lines of an earlier document for the same program come first.
    pub fn add(&mut self, document: CommandsDocument) {
        let value_options: Arc<[String]> = document.value_options.into();
        for line in document.lines {
            let index = self.lines.len();
            for program in programs(&line.run.value) {
                self.by_program.entry(program).or_default().push(index);
            }
            self.lines.push(Line {
                document: line,
                value_options: value_options.clone(),
                pattern: OnceLock::new(),
            });
        }
        for start in document.starts {
            let index = self.starts.len();
            for program in programs(&start.run.value) {
                self.starts_by_program
                    .entry(program)
                    .or_default()
                    .push(index);
            }
            self.starts.push(StartLine {
                document: start,
                value_options: value_options.clone(),
                pattern: OnceLock::new(),
            });
        }
    }

    /// What is known of a command, or nothing. The program is found by the last part of its path.
    pub fn classify(&self, command: &Command) -> Option<Known<'_>> {
        self.classify_from(command, 0)
    }

    /// The same, for the program at word `first` (after `exec`, `sudo` …).
    pub fn classify_from(&self, command: &Command, first: usize) -> Option<Known<'_>> {
        let words = command.words.get(first..)?;
        let program = words.first()?.value.as_deref()?;
        let name = base_name(program);
        let candidates = self
            .by_program
            .get(name)
            .or_else(|| self.by_program.get(program))?;
        let tokens = tokens(words, name);
        candidates.iter().find_map(|&index| {
            let line = &self.lines[index];
            let pattern = line
                .pattern
                .get_or_init(|| {
                    CommandPattern::with_options(&line.document.run.value, &line.value_options).ok()
                })
                .as_ref()?;
            let captures = pattern.matches(&tokens, &line.value_options)?;
            Some(Known {
                line: &line.document,
                captures,
            })
        })
    }

    /// What a command leads to where a container starts with it.
    pub fn start(&self, command: &Command) -> Option<(&StartDocument, Captures)> {
        let program = command.words.first()?.value.as_deref()?;
        let name = base_name(program);
        let tokens = tokens(&command.words, name);
        self.starts_by_program.get(name)?.iter().find_map(|&index| {
            let line = &self.starts[index];
            let pattern = line
                .pattern
                .get_or_init(|| {
                    CommandPattern::with_options(&line.document.run.value, &line.value_options).ok()
                })
                .as_ref()?;
            Some((
                &line.document,
                pattern.matches(&tokens, &line.value_options)?,
            ))
        })
    }

    /// The options of a command, divided by what is known of its program.
    pub fn options(&self, command: &Command, first: usize) -> Vec<GivenOption> {
        let Some(words) = command.words.get(first..) else {
            return Vec::new();
        };
        let Some(program) = words.first().and_then(|word| word.value.as_deref()) else {
            return Vec::new();
        };
        let name = base_name(program);
        let value_options = self.value_options(name);
        Split::of(&tokens(words, name), &value_options).options
    }

    /// Options of a program whose value is the next word.
    pub fn value_options(&self, program: &str) -> Arc<[String]> {
        self.by_program
            .get(program)
            .and_then(|lines| lines.first())
            .map(|&index| self.lines[index].value_options.clone())
            .unwrap_or_default()
    }

    /// Whether any line is known for the program.
    pub fn knows(&self, program: &str) -> bool {
        self.by_program.contains_key(base_name(program))
    }
}

/// `/usr/bin/npm` is `npm`.
pub fn base_name(path: &str) -> &str {
    if path.starts_with('/') {
        path.rsplit('/').next().unwrap_or(path)
    } else {
        path
    }
}

/// A command's words as a pattern sees them, the program by its base name.
pub fn tokens<'a>(words: &'a [crate::shell::Word], program: &'a str) -> Vec<Token<'a>> {
    words
        .iter()
        .enumerate()
        .map(|(index, word)| match index {
            0 => Token {
                value: Some(program),
                raw: &word.raw,
                index,
            },
            _ => Token {
                value: word.value.as_deref(),
                raw: &word.raw,
                index,
            },
        })
        .collect()
}
