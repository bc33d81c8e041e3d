//! One pass over a source file: the paths it names, the files it reads without naming them, the programs
//! it starts.

use super::eval::SourceFile;
use super::index::{From, Located};
use super::language::Function;
use super::lex::Token;
use super::spawns::MAX_LINE;
use super::starters::Starters;
use super::value::Value;
use super::{Dynamic, PathUse, Scan};
use crate::facts;

/// Adds what the file uses to `scan`; `skipped` are literals that name no file read at run time.
pub(super) fn uses(source: &SourceFile, skipped: &[usize], scan: &mut Scan) {
    let mut uses = Uses {
        source,
        scan,
        starters: Starters::of(source),
        done: vec![false; source.tokens.len()],
        marked: 0,
        joined: vec![false; source.tokens.len()],
    };
    for at in skipped {
        uses.done[*at] = true;
    }
    for (at, token) in source.tokens.iter().enumerate() {
        let called = source.tokens.get(at + 1).is_some_and(|next| next.is(b'('));
        if called && token.word().is_some() && !uses.defines(at) {
            uses.call(at);
        }
        uses.tagged(at);
    }
    for at in 0..source.tokens.len() {
        uses.literal(at);
    }
}

pub(super) struct Uses<'a, 's> {
    pub(super) source: &'s SourceFile<'a>,
    pub(super) scan: &'s mut Scan,
    /// Names that the file gives to the modules that start programs.
    pub(super) starters: Starters<'a>,
    /// Literals that have had their say.
    done: Vec<bool>,
    /// How far `done` has been set by calls.
    marked: usize,
    /// Literals that are elements of a path, of whatever directory.
    joined: Vec<bool>,
}

impl<'a> Uses<'a, '_> {
    pub(super) fn place(&self, at: usize) -> facts::Source {
        facts::Source {
            file: self.source.file.to_string(),
            line: self.source.tokens[at].line,
        }
    }

    /// Whether the name before a bracket is being defined, not called.
    fn defines(&self, at: usize) -> bool {
        let tokens = self.source.tokens;
        let before = at.checked_sub(1).map(|before| &tokens[before]);
        let word = before.and_then(Token::word);
        if matches!(word, Some("function" | "def" | "func")) {
            return true;
        }
        let first = before.is_none_or(|token| token.is(b'{') || token.is(b'}') || token.is(b';'));
        let modified = matches!(
            word,
            Some("async" | "public" | "private" | "protected" | "static" | "override")
        );
        let after = tokens.get(self.source.partner(at + 1) + 1);
        (first || modified) && after.is_some_and(|token| token.is(b'{') || token.is(b':'))
    }

    fn call(&mut self, at: usize) {
        let name = self.source.name_ending(at);
        // `std::ifstream in("data.txt")`: the type says what the variable is made with.
        let typed = at
            .checked_sub(1)
            .and_then(|before| self.source.tokens[before].word());
        let name = match (typed, name.as_slice()) {
            (Some(kind), [_]) if matches!(kind, "ifstream" | "fstream") => vec![kind],
            _ => name,
        };
        let (last, of) = match name.as_slice() {
            [.., of, last] => (*last, *of),
            [last] => (*last, ""),
            [] => return,
        };
        let fits = |known: &&Function| {
            known.name == last && (known.of.is_empty() || known.of.contains(&of))
        };
        let language = self.source.language;
        super::writes::writes(self.source, at, last, of, self.scan);
        if let Some(reader) = language.readers.iter().find(fits) {
            self.read(at, reader);
        } else if let Some(load) = language.loads.iter().find(fits) {
            let arguments = self.source.arguments(at + 1);
            let argument = arguments.get(load.argument).map(|range| range.start);
            let text = argument.and_then(|at| self.source.tokens[at].text());
            if let Some(text) = text.filter(|text| text.head.is_none() && !text.open) {
                let source = self.place(at);
                self.scan.loads.push((text.text.to_string(), source));
            }
        } else if let Some(spawn) = self.starts(&name, at) {
            self.spawn(at, spawn);
        } else {
            let dotted = name.join(".");
            if language
                .joins
                .iter()
                .any(|join| *join == dotted || *join == format!("{of}.{last}").as_str())
            {
                self.join(at);
            }
        }
    }

    fn read(&mut self, at: usize, reader: &Function) {
        let arguments = self.source.arguments(at + 1);
        let Some(argument) = arguments.get(reader.argument).cloned() else {
            return;
        };
        let single = |range: &std::ops::Range<usize>| match &self.source.tokens[range.clone()] {
            [token] => token.text(),
            _ => None,
        };
        // `open(name, 'w')` writes.
        let mode = arguments.get(1).and_then(single);
        if matches!(reader.name, "open" | "openSync")
            && mode.is_some_and(|mode| mode.text.starts_with(['w', 'a', 'x']))
        {
            return;
        }
        // A module is named or it is not; `uses` has been told which literals name one.
        if self.done.get(argument.start) == Some(&true) && argument.len() == 1 {
            return;
        }
        let value = self.source.eval(argument.clone());
        match &value {
            Value::Unknown => self.dynamic(at),
            Value::Elsewhere => {}
            Value::Path { open, text, .. } => {
                let located = match reader.endings {
                    [] => self.locate(&value),
                    endings => self.ended(&value, endings),
                };
                if located.found.is_empty() && !located.root && !open {
                    let source = self.place(at);
                    self.scan.missing.push((text.clone(), source));
                }
                if located.root && located.found.is_empty() {
                    match open {
                        true => self.dynamic(at),
                        false => self.add(String::new(), self.shown(argument.clone()), at),
                    }
                }
                self.found(located, argument, at);
            }
        }
    }

    fn join(&mut self, at: usize) {
        let open = at + 1;
        if at < self.marked && self.done[at] {
            return;
        }
        let start = (at + 1).saturating_sub(self.source.name_ending(at).len() * 2 - 1);
        let end = (self.source.partner(open) + 1).min(self.source.tokens.len());
        let value = self.source.eval(start..end);
        let located = self.locate(&value);
        let range = open + 1..self.source.partner(open);
        if located.root && located.found.is_empty() {
            // The application's own directory with something unknown in it; alone it is a base for other joins.
            if matches!(value, Value::Path { open: true, .. }) {
                self.dynamic(at);
            }
            return;
        }
        for argument in self.source.arguments(open) {
            self.joined[argument.start] = argument.len() == 1;
        }
        self.found(located, range, at);
    }

    fn locate(&self, value: &Value) -> Located {
        value.locate(self.source.index, self.source.dir())
    }

    /// What a path expression stands for whose file may lack its ending: `File::with_name("config/app")`.
    fn ended(&self, value: &Value, endings: &[&str]) -> Located {
        let mut located = self.locate(value);
        if let Value::Path {
            here,
            text,
            open: false,
        } = value
            && located.found.is_empty()
            && !located.root
        {
            for ending in endings {
                let text = format!("{text}{ending}");
                let ended = Value::Path {
                    here: *here,
                    text,
                    open: false,
                };
                located.found.extend(self.locate(&ended).found);
            }
        }
        located
    }

    /// Adds what a path expression stands for; the literals in it then need not be looked at one by one.
    fn found(&mut self, located: Located, range: std::ops::Range<usize>, at: usize) {
        if located.found.is_empty() {
            return;
        }
        let shown = self.shown(range.clone());
        for path in located.found {
            self.add(path, shown.clone(), at);
        }
        // What stands inside an expression that has been looked at has been marked with it.
        for at in range.start.max(self.marked)..range.end {
            self.done[at] = true;
        }
        self.marked = self.marked.max(range.end);
    }

    /// The paths in a text of several words, such as a command line: `python3 tools/sum.py | sort`.
    fn line(&mut self, at: usize, line: &str) {
        if line.len() > MAX_LINE {
            return;
        }
        for word in line.split(|c: char| c.is_whitespace() || "|&;<>()'\"`=,".contains(c)) {
            let index = self.source.index;
            if !is_path(word) || !index.may_name(word) {
                continue;
            }
            let located = index.locate(self.source.dir(), From::Above, word, false);
            let source = self.place(at);
            let named = located.found.into_iter().map(|path| PathUse {
                path,
                literal: word.to_string(),
                source: source.clone(),
            });
            self.scan.lines.extend(named);
        }
    }

    /// The literals of an expression, for the report.
    fn shown(&self, range: std::ops::Range<usize>) -> String {
        let texts: Vec<&str> = self.source.tokens[range]
            .iter()
            .filter_map(Token::text)
            .map(|text| &*text.text)
            .collect();
        texts.join("/")
    }

    fn add(&mut self, path: String, literal: String, at: usize) {
        if !self.scan.known.contains(&path) {
            self.scan.known.insert(path.clone());
            let source = self.place(at);
            self.scan.paths.push(PathUse {
                path,
                literal,
                source,
            });
        }
    }

    fn dynamic(&mut self, at: usize) {
        let name = self.source.name_ending(at).join(".");
        let arguments = self.source.arguments(at + 1);
        let first = arguments.first().map(|range| {
            let words = self.source.tokens[range.clone()]
                .iter()
                .filter_map(Token::word);
            words.take(3).collect::<Vec<_>>().join(".")
        });
        let call = format!("{}({})", name, first.unwrap_or_default());
        let source = self.place(at);
        self.scan.dynamic.push(Dynamic { call, source });
    }

    fn literal(&mut self, at: usize) {
        let Some(text) = self.source.tokens[at].text() else {
            return;
        };
        if !text.open && text.head.is_none() && is_name(&text.text) {
            self.scan.literal(&text.text, || facts::Source {
                file: self.source.file.to_string(),
                line: self.source.tokens[at].line,
            });
        }
        self.mention(at, text);
        if self.done[at] {
            return;
        }
        let after_sign =
            at > 0 && (self.source.tokens[at - 1].is(b'+') || self.source.tokens[at - 1].is(b'/'));
        let (written, open) = match text.head {
            // `${root}/views/${name}`: the root is not known, but a path of the context may be.
            Some((_, tail)) => (tail, text.open),
            None => (&*text.text, text.open),
        };
        let written = super::value::local(written);
        let named = match written.strip_prefix('/') {
            Some(rest) if after_sign || text.head.is_some() || self.source.language.rooted => rest,
            Some(_) => return,
            None => written,
        };
        if !open && text.head.is_none() && named.contains(' ') && !self.source.index.has(named) {
            return self.line(at, named);
        }
        if matches!(named, "." | "./") && !open && text.head.is_none() {
            let compiled = self.source.language.compiled;
            if compiled && super::own::says_directory(self.source.tokens, at) {
                self.add(String::new(), written.to_string(), at);
            }
            return;
        }
        if matches!(named, "" | "..") || !self.source.index.may_name(named) {
            return;
        }
        let joined = after_sign || text.head.is_some() || self.joined[at];
        let word = !named.contains(['/', '.']);
        let from = if word && !joined {
            From::Start
        } else {
            From::Above
        };
        let located = self
            .source
            .index
            .locate(self.source.dir(), from, named, open);
        let written = written.to_string();
        for path in located.found {
            self.add(path, written.clone(), at);
        }
    }
}

/// Whether a word of a text is a path rather than prose: it has a folder, or an ending after a name.
fn is_path(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or(word);
    let ending = name
        .rsplit_once('.')
        .is_some_and(|(stem, ending)| !stem.is_empty() && !ending.is_empty());
    !word.starts_with(['/', '~']) && (word.contains('/') || ending)
}

/// Whether a literal may be a name that somebody asks for, of a package for example.
fn is_name(text: &str) -> bool {
    (1..=128).contains(&text.len()) && !text.contains(char::is_whitespace)
}
