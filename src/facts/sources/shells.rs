//! What a shell is told to run: `sh -c "curl …"` starts curl as much as a call that names it.

use super::Spawned;
use super::lex::{Text, Token};
use super::spawns::{MAX_NAMES, is_program, programs};
use super::uses::Uses;
use super::value::Value;

/// Programs that run the text behind `-c`.
const SHELLS: [&str; 6] = ["ash", "bash", "dash", "ksh", "sh", "zsh"];
/// Methods by which a builder gets the next arguments: `Command::new("sh").arg("-c").arg("…")`.
const BUILDERS: [&str; 3] = ["arg", "args", "command"];
/// Calls of builders in a row that are looked through.
const MAX_CALLS: usize = 16;

/// Whether a program is a shell, by its name or its place.
fn is_shell(program: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or(program);
    SHELLS.contains(&name)
}

/// Whether an option says that the next argument is a command line: `-c`, `-lc`, `-exc`.
fn is_command_option(option: &str) -> bool {
    option
        .strip_prefix('-')
        .and_then(|letters| letters.strip_suffix('c'))
        .is_some_and(|letters| letters.len() < 6 && letters.bytes().all(|b| b.is_ascii_lowercase()))
}

/// The command line in a text that starts a shell: `sh -c 'curl …'`.
pub(super) fn told<'t>(program: &str, after: &'t str) -> Option<&'t str> {
    let (option, rest) = after.split_once(char::is_whitespace)?;
    let told = is_shell(program) && is_command_option(option);
    told.then(|| rest.trim_start().trim_start_matches(['"', '\'', '\\']))
}

impl Uses<'_, '_> {
    /// Where the call at `at` starts a shell, whose name is the literal at `first`: what it is told to run.
    pub(super) fn shell(&mut self, program: &str, first: usize, at: usize) {
        if !is_shell(program) {
            return;
        }
        let tokens = self.source.tokens;
        let end = self.calls_end(at);
        let option = |token: &Token<'_>| {
            token
                .text()
                .is_some_and(|text| is_command_option(&text.text))
        };
        let Some(option) = (first + 1..end).find(|at| option(&tokens[*at])) else {
            // `exec.Command("bash", arguments...)`; a script or nothing is named by its literal.
            let given =
                (first + 1..end).any(|at| tokens[at].word().is_some_and(|word| !is_builder(word)));
            if given {
                self.opaque(at);
            }
            return;
        };
        // Behind the option stands a comma, or the next call of the builder.
        let passed = |at: &usize| {
            let token = &tokens[*at];
            !token.is(b',')
                && !token.is(b')')
                && !token.is(b'.')
                && !token.is(b'(')
                && !token.word().is_some_and(is_builder)
        };
        let Some(line) = (option + 1..end).find(passed) else {
            self.opaque(at);
            return;
        };
        match tokens[line].text() {
            Some(text) => self.runs(at, text),
            None => match self
                .source
                .eval(line..self.source.expression_end(line).min(end))
            {
                Value::Path {
                    here: false,
                    text,
                    open,
                } => {
                    self.started(at, &text);
                    if open {
                        self.opaque(at);
                    }
                }
                _ => self.opaque(at),
            },
        }
    }

    /// A literal that a shell runs, with what stands behind a part of it that is not known.
    fn runs(&mut self, at: usize, text: &Text<'_>) {
        if text.head.is_some() {
            self.opaque(at);
        }
        self.started(at, &text.text);
        if let Some((_, rest)) = text.rest.split_once(['|', ';', '&', '\n']) {
            self.started(at, rest);
        }
    }

    /// The programs of a command line.
    pub(super) fn started(&mut self, at: usize, line: &str) {
        for (name, rest) in programs(line).filter(|(name, _)| is_program(name)) {
            let source = self.place(at);
            self.scan.commands.push(Spawned {
                name: name.to_string(),
                rest: rest.to_string(),
                source,
            });
        }
    }

    /// The programs that a module of their names gives: `from sh import git, apt_get`, `from plumbum.cmd import grep`.
    pub(super) fn imported(&mut self, at: usize) {
        let tokens = self.source.tokens;
        let word = |at: usize| tokens.get(at).and_then(Token::word);
        let from = at.checked_sub(1).and_then(word) == Some("from");
        let commands = word(at + 2) == Some("cmd");
        let import = at + if commands { 3 } else { 1 };
        if !from || word(import) != Some("import") || !(commands || word(at) == Some("sh")) {
            return;
        }
        let brackets = tokens.get(import + 1).is_some_and(|next| next.is(b'('));
        let mut comes = true;
        for token in tokens.iter().skip(import + 1).take(MAX_NAMES) {
            if token.is(b')') || !brackets && token.line != tokens[at].line {
                break;
            }
            if let Some(name) = token.word().filter(|_| comes) {
                let source = self.place(at);
                self.scan.commands.push(Spawned {
                    name: name.replace('_', "-"),
                    rest: String::new(),
                    source,
                });
                comes = false;
            }
            comes |= token.is(b',');
        }
    }

    /// Where a call ends, with the calls of its builder behind it.
    fn calls_end(&self, at: usize) -> usize {
        let tokens = self.source.tokens;
        let mut end = (self.source.partner(at + 1) + 1).min(tokens.len());
        for _ in 0..MAX_CALLS {
            let called = tokens.get(end).is_some_and(|token| token.is(b'.'))
                && tokens.get(end + 1).and_then(Token::word).is_some()
                && tokens.get(end + 2).is_some_and(|token| token.is(b'('));
            if !called {
                break;
            }
            end = (self.source.partner(end + 2) + 1).min(tokens.len());
        }
        end
    }
}

fn is_builder(word: &str) -> bool {
    BUILDERS.contains(&word)
}
