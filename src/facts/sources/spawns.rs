//! Programs that a source file starts, and names in it that may be those of programs.

use super::Said;
use super::language::Function;
use super::lex::{Text, Token};
use super::uses::Uses;
use super::value::Value;

/// Longer texts are no command lines, counted in bytes.
pub(super) const MAX_LINE: usize = 1024;
/// Names of programs are not longer, counted in bytes.
const MAX_NAME: usize = 24;
/// Imports of more names are not looked through, counted in tokens.
pub(super) const MAX_NAMES: usize = 64;
/// Functions of a module that is a function itself: `spawn.sync("git")`.
const METHODS: [&str; 6] = [
    "sync",
    "spawn",
    "command",
    "commandSync",
    "shell",
    "shellSync",
];
/// A function that a file has given a name of its own.
static RENAMED: Function = Function::any("");
/// Where the system keeps programs.
const PLACES: [&str; 5] = [
    "/usr/bin/",
    "/bin/",
    "/usr/sbin/",
    "/sbin/",
    "/usr/local/bin/",
];
/// Where packages put programs.
const SYSTEM: [&str; 4] = ["/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/"];
/// Programs that are there because the source itself runs in them.
const ITSELF: [&str; 5] = [
    "sys.executable",
    "process.execPath",
    "process.argv",
    "os.Args",
    "os.Executable",
];

/// The programs of a command line, as they are written: `a | b && c` has three.
pub(super) fn programs(line: &str) -> impl Iterator<Item = (&str, &str)> {
    line.split(['|', ';', '&', '\n']).filter_map(|part| {
        let part = part.trim_start();
        let mut rest = part;
        // Variables before the command.
        while let Some((word, after)) = rest.split_once(char::is_whitespace) {
            if !word.contains('=') {
                break;
            }
            rest = after.trim_start();
        }
        let (name, after) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        (!name.is_empty() && !name.contains('=')).then(|| (name, after.trim_start()))
    })
}

/// Whether a word may be the name of a program.
pub(super) fn is_program(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte))
}

/// Whether a word stands where a command has options and files, and prose has words.
fn is_argument(word: &str) -> bool {
    word.starts_with(['-', '$', '%', '{', '<', '>']) || word.contains(['/', '.', ':', '='])
}

impl Uses<'_, '_> {
    /// The function that starts programs, if `name`, which ends at `at`, is one.
    pub(super) fn starts(&self, name: &[&str], at: usize) -> Option<&'static Function> {
        let (last, of) = match name {
            [.., of, last] => (*last, *of),
            [last] => (*last, ""),
            [] => return None,
        };
        let language = self.source.language;
        let starters = &self.starters;
        if name.len() == 1 && starters.functions.contains(&last) {
            return Some(&RENAMED);
        }
        // `spawn.sync("git")`, where the module is the function.
        let inline = self.required_before(at);
        let only = inline.is_some_and(|module| !language.modules.contains(&module));
        if METHODS.contains(&last) && (only || starters.functions.contains(&of)) {
            return Some(&RENAMED);
        }
        let module_is_known =
            inline.is_some() || starters.named.contains(&of) || (starters.bare && of.is_empty());
        language.spawns.iter().find(|known| {
            let module = || known.of.iter().any(|of| language.starters.contains(of));
            known.name == last
                && (known.of.is_empty() || known.of.contains(&of) || module_is_known && module())
        })
    }

    /// The module that starts programs and is named right before the function at `at`:
    /// `require("child_process").exec`.
    fn required_before(&self, at: usize) -> Option<&'static str> {
        let tokens = self.source.tokens;
        let before = |by: usize| at.checked_sub(by).map(|at| &tokens[at]);
        if !before(1)?.is(b'.') || !before(2)?.is(b')') || !before(4)?.is(b'(') {
            return None;
        }
        if !matches!(before(5)?.word(), Some("require" | "import")) {
            return None;
        }
        let module = before(3)?.text()?.text.trim_start_matches("node:");
        let mut known = self.source.language.starters.iter();
        known.find(|known| **known == module).copied()
    }

    /// A call that starts a program.
    pub(super) fn spawn(&mut self, at: usize, spawn: &Function) {
        let tokens = self.source.tokens;
        let arguments = self.source.arguments(at + 1);
        // `system({ "LANG" => "C" }, "sort")`: the environment comes first.
        let before = arguments
            .get(spawn.argument)
            .is_some_and(|first| tokens[first.start].is(b'{') && arguments.len() > 1);
        let Some(mut argument) = arguments.get(spawn.argument + usize::from(before)).cloned()
        else {
            // What the process is to run is set later: `let process = Process()`.
            if spawn.name.starts_with(|c: char| c.is_ascii_uppercase()) {
                self.opaque(at);
            }
            return;
        };
        // `shellOut(to: "git")`
        if tokens[argument.start].word().is_some()
            && tokens
                .get(argument.start + 1)
                .is_some_and(|next| next.is(b':'))
        {
            argument.start += 2;
        }
        let list = tokens[argument.start].is(b'[');
        let first = if list {
            argument.start + 1
        } else {
            argument.start
        };
        let text = match list {
            true => tokens
                .get(first)
                .and_then(Token::text)
                .filter(|text| text.head.is_none())
                .map(|text| text.text.to_string()),
            false => match &tokens[argument.clone()] {
                // As it is written: `curl http://localhost` is no path.
                [token] if token.text().is_some_and(|text| text.head.is_none()) => {
                    token.text().map(|text| text.text.to_string())
                }
                _ => match self.source.eval(argument.clone()) {
                    Value::Path {
                        here: false, text, ..
                    } => Some(text),
                    Value::Path { here: true, .. } => return,
                    _ => None,
                },
            },
        };
        if !list {
            self.behind_hole(argument, at);
        }
        let Some(line) = text.filter(|text| !text.is_empty()) else {
            let dotted = |words: usize| {
                let tokens = &tokens[first..(first + words).min(tokens.len())];
                let words: Vec<&str> = tokens.iter().filter_map(Token::word).collect();
                words.join(".")
            };
            if !ITSELF.contains(&dotted(3).as_str()) {
                self.opaque(at);
            }
            return;
        };
        for (name, after) in programs(&line) {
            if let Some(told) = super::shells::told(name, after) {
                self.started(at, told);
            }
        }
        if !line.contains(char::is_whitespace) {
            self.shell(&line, first, at);
        }
        // `/usr/bin/curl` is the program that a package puts there.
        let placed = SYSTEM.iter().find_map(|place| line.strip_prefix(place));
        let known = self.scan.commands.len();
        self.started(at, placed.unwrap_or(&line));
        // `["tar", "-xJf", file]`, `spawn("tar", ["-xJf", file])`
        let rest = self.texts_after(first, at);
        if let Some([started]) = self.scan.commands.get_mut(known..)
            && started.rest.is_empty()
        {
            started.rest = rest;
        }
    }

    /// The literals of a call after the one at `first`.
    fn texts_after(&self, first: usize, call: usize) -> String {
        let tokens = self.source.tokens;
        let end = self.source.partner(call + 1).min(tokens.len());
        let rest = tokens.get(first + 1..end).unwrap_or_default().iter();
        let texts = rest.take(MAX_NAMES).filter_map(Token::text);
        texts.map(|text| &*text.text).collect::<Vec<_>>().join(" ")
    }

    /// The programs of a command line behind a part of it that is not known: `curl ${url} | jq .`
    fn behind_hole(&mut self, argument: std::ops::Range<usize>, at: usize) {
        // What no name has in it.
        const HOLE: &str = "\u{fffc}";
        let texts = self.source.tokens[argument].iter();
        let parts = texts.filter_map(Token::text).flat_map(|text| {
            let hole = text.open || text.head.is_some();
            std::iter::once(&*text.text).chain(hole.then_some(text.rest))
        });
        let whole = parts.collect::<Vec<_>>().join(HOLE);
        let Some((_, rest)) = whole
            .split_once(HOLE)
            .and_then(|(_, rest)| rest.split_once(['|', ';', '&', '\n']))
        else {
            return;
        };
        self.started(at, rest);
    }

    /// What starts a program in words of its own: a template with `$` before it (zx, execa, Bun), a function that
    /// is handed on (`promisify(exec)`), and the modules whose functions are named after programs.
    pub(super) fn tagged(&mut self, at: usize) {
        let tokens = self.source.tokens;
        let language = self.source.language;
        if language.syntax.commands
            && tokens[at].is(b'`')
            && let Some(text) = tokens.get(at + 1).and_then(Token::text)
        {
            self.ran(at, text);
        }
        let Some(word) = tokens[at].word() else {
            return;
        };
        if word == "$"
            && language.syntax.templates
            && let Some(text) = tokens.get(at + 1).and_then(Token::text)
        {
            self.ran(at, text);
        }
        let next = tokens.get(at + 1).and_then(Token::text);
        if let Some(text) = next.filter(|_| language.bare_calls)
            && self.starts(&self.source.name_ending(at), at).is_some()
        {
            self.ran(at, text);
        }
        let called = tokens.get(at + 1).is_some_and(|next| next.is(b'('));
        let handed = word == "promisify"
            && called
            && tokens[at + 1..self.source.partner(at + 1).min(tokens.len())]
                .iter()
                .filter_map(Token::word)
                .any(|word| language.spawns.iter().any(|spawn| spawn.name == word));
        let import = at > 0 && matches!(tokens[at - 1].word(), Some("import" | "from"));
        if handed || (import && language.shells.contains(&word)) {
            self.opaque(at);
            self.imported(at);
        }
        // `{ git: ['status'] }`: a table of programs and what they are told.
        let key = at > 0 && (tokens[at - 1].is(b'{') || tokens[at - 1].is(b','));
        if key
            && language.syntax.templates
            && word.len() <= MAX_NAME
            && tokens.get(at + 1).is_some_and(|next| next.is(b':'))
        {
            self.may_run(word, Said::Word, at);
        }
        // `sh.git("status")`
        let of = at.checked_sub(2).and_then(|of| tokens[of].word());
        let dot = at > 0 && tokens[at - 1].is(b'.');
        if called && dot && of.is_some_and(|of| language.shells.contains(&of)) {
            self.may_run(word, Said::Line, at);
        }
    }

    /// A literal that is run as a command line.
    fn ran(&mut self, at: usize, text: &Text<'_>) {
        if text.head.is_some() {
            self.opaque(at);
        }
        self.started(at, &text.text);
    }

    pub(super) fn opaque(&mut self, at: usize) {
        let file = self.source.file;
        if !self.scan.opaque_files.contains(file) {
            self.scan.opaque_files.insert(file.to_string());
        }
        if self.scan.opaque_start.is_none() {
            self.scan.opaque_start = Some(self.place(at));
        }
    }

    /// Notes the names in a text that may be those of programs.
    pub(super) fn mention(&mut self, at: usize, text: &Text<'_>) {
        let line = &*text.text;
        if self.source.language.spawns.is_empty() || text.head.is_some() || line.len() > MAX_LINE {
            return;
        }
        for word in line.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ';' | '&')) {
            if word.ends_with(".sh") && !text.open {
                self.scan.scripts.insert(word.to_string());
            }
        }
        for (written, after) in programs(line) {
            let (name, placed) = match PLACES.iter().find_map(|place| written.strip_prefix(place)) {
                Some(name) => (name, true),
                None => (written, false),
            };
            if name.len() > MAX_NAME || !is_program(name) {
                continue;
            }
            let end = after.is_empty();
            let said = if placed && (!end || !text.open) {
                Said::Place
            } else if after.split_whitespace().next().is_some_and(is_argument)
                || (end && text.open && line.ends_with(' '))
                || (end && !text.open && written == line && self.begins(at))
            {
                Said::Line
            } else if end && text.open {
                continue;
            } else if end && written == line && self.is_value(at) {
                Said::Value
            } else {
                Said::Word
            };
            self.may_run(name, said, at);
        }
    }

    /// Whether the literal at `at` begins a list or the arguments of a call whose rest looks like a command's.
    fn begins(&self, at: usize) -> bool {
        let tokens = self.source.tokens;
        let open = at.checked_sub(1);
        let Some(open) = open.filter(|open| {
            tokens[*open].is(b'[') || tokens[*open].is(b'(') || tokens[*open].is(b'{')
        }) else {
            return false;
        };
        if !tokens.get(at + 1).is_some_and(|next| next.is(b',')) {
            return false;
        }
        let end = self.source.partner(open).min(tokens.len());
        tokens[at + 2..end.max(at + 2)].iter().any(|token| {
            let name = |word: &str| !matches!(word, "true" | "false" | "null" | "None" | "True");
            token.word().is_some_and(name)
                || token.text().is_some_and(|text| is_argument(&text.text))
        })
    }

    /// Whether the literal at `at` is given to a name: `tool = "convert"`, `{ tool: 'convert' }`.
    fn is_value(&self, at: usize) -> bool {
        let tokens = self.source.tokens;
        let before = |back: usize| at.checked_sub(back).map(|at| &tokens[at]);
        let gives = before(1).is_some_and(|token| token.is(b':') || token.is(b'='));
        let compares = |token: &Token| b"=!<>".iter().any(|sign| token.is(*sign));
        let named = before(2).is_some_and(|token| token.word() != Some("case"));
        gives && named && !before(2).is_some_and(compares)
    }

    fn may_run(&mut self, name: &str, said: Said, at: usize) {
        match self.scan.mentioned.get_mut(name) {
            Some((known, _)) if *known >= said => {}
            known => {
                let source = crate::facts::Source {
                    file: self.source.file.to_string(),
                    line: self.source.tokens[at].line,
                };
                match known {
                    Some(known) => *known = (said, source),
                    None => {
                        self.scan.mentioned.insert(name.to_string(), (said, source));
                    }
                }
            }
        }
    }
}
