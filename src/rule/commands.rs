//! What commands do: command lines with roles, looked up by the program's name.

use super::document::{CommandsDocument, LineDocument, StartDocument};
use super::embedded::{self, Packed};
use super::pattern::{Captured, Captures, CommandPattern, GivenOption, Split, Token, programs};
use crate::shell::Command;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::OnceLock;

/// All known command lines.
#[derive(Debug, Default)]
pub struct Commands {
    /// Documents of the user, which come first.
    own: Vec<Loaded>,
    /// Documents that come with dockopt, read when a program of theirs is looked up.
    /// In the order of their names, all of them: an index of the build names them by their place.
    embedded: Vec<(Packed, OnceLock<Loaded>)>,
}

/// A document that has been read.
#[derive(Debug, Default)]
struct Loaded {
    value_options: Vec<String>,
    lines: Vec<Line>,
    lines_by_program: HashMap<String, Vec<usize>>,
    starts: Vec<StartLine>,
    starts_by_program: HashMap<String, Vec<usize>>,
}

#[derive(Debug)]
struct StartLine {
    document: StartDocument,
    pattern: OnceLock<Option<CommandPattern>>,
}

#[derive(Debug)]
struct Line {
    document: LineDocument,
    pattern: OnceLock<Option<CommandPattern>>,
}

impl Loaded {
    fn new(document: CommandsDocument) -> Self {
        let mut loaded = Self {
            value_options: document.value_options,
            ..Self::default()
        };
        for line in document.lines {
            for program in programs(&line.run.value) {
                let lines = loaded.lines_by_program.entry(program).or_default();
                lines.push(loaded.lines.len());
            }
            loaded.lines.push(Line {
                document: line,
                pattern: OnceLock::new(),
            });
        }
        for start in document.starts {
            for program in programs(&start.run.value) {
                let starts = loaded.starts_by_program.entry(program).or_default();
                starts.push(loaded.starts.len());
            }
            loaded.starts.push(StartLine {
                document: start,
                pattern: OnceLock::new(),
            });
        }
        loaded
    }

    /// A pattern, compiled when it is first tried. One that does not compile matches nothing; loading has said so.
    fn compiled<'p>(
        &self,
        pattern: &'p OnceLock<Option<CommandPattern>>,
        text: &str,
    ) -> Option<&'p CommandPattern> {
        pattern
            .get_or_init(|| CommandPattern::with_options(text, &self.value_options).ok())
            .as_ref()
    }

    fn classify(&self, program: &str, tokens: &[Token<'_>]) -> Option<Known<'_>> {
        let split = OnceCell::new();
        self.lines_by_program.get(program)?.iter().find_map(|&at| {
            let line = &self.lines[at];
            let pattern = self.compiled(&line.pattern, &line.document.run.value)?;
            let split = split.get_or_init(|| Split::of(tokens, &self.value_options));
            Some(Known {
                line: &line.document,
                captures: pattern.matches_split(split)?,
            })
        })
    }

    fn start(&self, program: &str, tokens: &[Token<'_>]) -> Option<(&StartDocument, Captures)> {
        self.starts_by_program.get(program)?.iter().find_map(|&at| {
            let start = &self.starts[at];
            let pattern = self.compiled(&start.pattern, &start.document.run.value)?;
            let captures = pattern.matches(tokens, &self.value_options)?;
            Some((&start.document, captures))
        })
    }
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
    /// The packages that the line installs, as written, but for what a variable says of a version; nothing for one whose
    /// name is not literal.
    pub fn packages(&self) -> Vec<Option<String>> {
        let Some(hole) = &self.line.packages else {
            return Vec::new();
        };
        let name = hole.trim_start_matches('<').trim_end_matches(['.', '>']);
        match self.captures.get(name) {
            Some(words) => words.iter().map(package).collect(),
            None => {
                let texts = self.fill(hole).unwrap_or_default();
                texts.into_iter().map(Some).collect()
            }
        }
    }

    /// A path or word with holes, filled in: each `<name>` by what was captured; a hole of several words gives
    /// several texts. `None` where a captured word is not literal.
    pub fn fill(&self, template: &str) -> Option<Vec<String>> {
        let Some(open) = template.find('<') else {
            return Some(vec![template.to_string()]);
        };
        let close = open + template[open..].find('>')?;
        let name = template[open + 1..close].trim_end_matches("...");
        // `<url:stem>`: the last part of the path without its ending, as `git clone` names a directory. `<url:file>`: with
        // it, as a download is named.
        let (name, part) = name
            .split_once(':')
            .map_or((name, None), |(name, part)| (name, Some(part)));
        let words = self.captures.get(name)?;
        let rest = self.fill(&template[close + 1..])?;
        let mut texts = Vec::new();
        for word in words {
            if !word.literal {
                return None;
            }
            let text = match part {
                Some("stem") => stem_of(&word.text),
                Some("file") => file_of(&word.text)?,
                _ => word.text.as_str(),
            };
            texts.extend(
                rest.iter()
                    .map(|rest| format!("{}{text}{rest}", &template[..open])),
            );
        }
        Some(texts)
    }
}

/// What a word says of a package: of `"tool@$VERSION"` this is `tool@`.
fn package(word: &Captured) -> Option<String> {
    if word.literal {
        return Some(word.text.clone());
    }
    let text = word.text.replace(['"', '\''], "");
    let (before, _) = text.split_once(['$', '`'])?;
    let scope = usize::from(before.starts_with('@'));
    let named = before.get(scope..)?.contains(['@', '=', '<', '>', '~']);
    named.then(|| before.to_string())
}

/// The name of the file that an address is downloaded to, where the address says it.
fn file_of(address: &str) -> Option<&str> {
    let (_, path) = address.split_once("://")?;
    let (_, name) = path.rsplit_once('/')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+~".contains(&byte);
    (!name.is_empty() && name.bytes().all(plain)).then_some(name)
}

impl Commands {
    /// Those that come with dockopt, each document read when it is needed.
    pub(super) fn embedded() -> Self {
        Self {
            embedded: embedded::commands()
                .map(|packed| (packed, OnceLock::new()))
                .collect(),
            ..Self::default()
        }
    }

    /// Adds a document of the user. Lines of an earlier document for the same program come first.
    pub fn add(&mut self, document: CommandsDocument) {
        self.own.push(Loaded::new(document));
    }

    /// Documents that have lines for a program, the user's first.
    fn documents<'a>(&'a self, program: &str) -> impl Iterator<Item = &'a Loaded> + use<'a> {
        let files = embedded::command_files(program);
        let embedded = files.iter().filter_map(|at| self.embedded.get(*at));
        self.own.iter().chain(embedded.map(|(packed, loaded)| {
            loaded.get_or_init(|| packed.read().map_or_else(Loaded::default, Loaded::new))
        }))
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
        let tokens = tokens(words, name);
        let by_name = || {
            self.documents(name)
                .find_map(|document| document.classify(name, &tokens))
        };
        by_name().or_else(|| {
            // Patterns may name a program by its whole path.
            let mut documents = self.documents(program).filter(|_| program != name);
            documents.find_map(|document| document.classify(program, &tokens))
        })
    }

    /// What a command leads to where a container starts with it.
    pub fn start(&self, command: &Command) -> Option<(&StartDocument, Captures)> {
        let program = command.words.first()?.value.as_deref()?;
        let name = base_name(program);
        let tokens = tokens(&command.words, name);
        self.documents(name)
            .find_map(|document| document.start(name, &tokens))
    }

    /// The options of a command, divided by what is known of its program.
    pub fn options<'c>(&self, command: &'c Command, first: usize) -> Vec<GivenOption<'c>> {
        let Some(words) = command.words.get(first..) else {
            return Vec::new();
        };
        let Some(program) = words.first().and_then(|word| word.value.as_deref()) else {
            return Vec::new();
        };
        let name = base_name(program);
        let value_options = self.value_options(name);
        Split::of(&tokens(words, name), value_options).options
    }

    /// Options of a program whose value is the next word.
    pub fn value_options(&self, program: &str) -> &[String] {
        self.documents(program)
            .find(|document| document.lines_by_program.contains_key(program))
            .map_or(&[], |document| &document.value_options)
    }

    /// Whether any line is known for the program.
    pub fn knows(&self, program: &str) -> bool {
        let name = base_name(program);
        self.documents(name)
            .any(|document| document.lines_by_program.contains_key(name))
    }
}

/// `https://example.org/a/tool.git` is `tool`.
fn stem_of(url: &str) -> &str {
    let name = url
        .trim_end_matches('/')
        .rsplit(['/', ':'])
        .next()
        .unwrap_or(url);
    name.strip_suffix(".git").unwrap_or(name)
}

/// `/usr/bin/npm` is `npm`, and `venv/bin/pip` is `pip`; `bin/rails` is a script of the project.
pub fn base_name(path: &str) -> &str {
    let in_bin = |(directory, _): (&str, &str)| directory.ends_with("/bin");
    if path.starts_with('/') || path.rsplit_once('/').is_some_and(in_bin) {
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
