//! The modules that start programs, as a source file imports them.

use super::eval::SourceFile;
use super::lex::Token;
use super::spawns::MAX_NAMES;

/// What a file calls the modules of its language that start programs.
#[derive(Default)]
pub(super) struct Starters<'a> {
    /// `import subprocess as proc`, `const proc = require('child_process')`.
    pub named: Vec<&'a str>,
    /// `from subprocess import run`: functions without a name before them.
    pub bare: bool,
    /// Names of functions that start programs: `const x = require('execa')`, `import { execSync as sh }`.
    pub functions: Vec<&'a str>,
}

impl<'a> Starters<'a> {
    /// Reads the imports of a file.
    pub fn of(source: &SourceFile<'a>) -> Self {
        let mut starters = Self::default();
        let tokens = source.tokens;
        let word = |at: usize| tokens.get(at).and_then(Token::word);
        for module in source.language.starters {
            for (at, token) in tokens.iter().enumerate() {
                let text = token.text().map(|text| &*text.text);
                let back = |by: usize| at.checked_sub(by);
                if token.word() == Some(module) {
                    let before = back(1).and_then(word);
                    starters.bare |= before == Some("from") && word(at + 1) == Some("import");
                    if before == Some("import") && word(at + 1) == Some("as") {
                        starters.named.extend(word(at + 2));
                    }
                } else if text.is_some_and(|text| text.trim_start_matches("node:") == *module) {
                    let required = back(2).is_some_and(|at| word(at) == Some("require"));
                    let imported = back(1).is_some_and(|at| word(at) == Some("from"));
                    let name = match (required, imported) {
                        (true, _) if back(3).is_some_and(|at| tokens[at].is(b'=')) => back(4),
                        (_, true) => back(2),
                        _ => None,
                    };
                    starters.named.extend(name.and_then(word));
                    let only = !source.language.modules.contains(module);
                    if let Some(name) = name {
                        starters.functions(source, name, only);
                    }
                }
            }
        }
        starters
    }

    /// The functions that an import names before `end`; with `only`, the module has no others.
    fn functions(&mut self, source: &SourceFile<'a>, end: usize, only: bool) {
        let tokens = source.tokens;
        let word = |at: usize| tokens.get(at).and_then(Token::word);
        if let Some(name) = word(end) {
            self.functions.extend(only.then_some(name));
            return;
        }
        if !tokens[end].is(b'}') {
            return;
        }
        for at in (end.saturating_sub(MAX_NAMES)..end).rev() {
            if tokens[at].is(b'{') {
                break;
            }
            let Some(name) = word(at).filter(|_| tokens[at + 1].is(b',') || at + 1 == end) else {
                continue;
            };
            let before = at.checked_sub(1);
            let renamed = before
                .is_some_and(|before| tokens[before].is(b':') || word(before) == Some("as"))
                .then(|| at.checked_sub(2).and_then(word))
                .flatten();
            let starts = renamed.is_some_and(|name| {
                let mut known = source.language.spawns.iter();
                known.any(|known| known.name == name)
            });
            self.functions.extend((only || starts).then_some(name));
        }
    }
}
