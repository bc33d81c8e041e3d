//! Scripts inside words: `sh -c "…"`, and who counts as a shell.

use super::map::Map;
use super::read;
use super::types::{Command, Medium, Script, Word};

/// Shells whose language this layer reads. Bash and its kin add to POSIX; fish, csh, PowerShell are others.
const SHELLS: [&str; 5] = ["sh", "bash", "dash", "ash", "ksh"];

/// Whether a program is a shell that this layer can read, by its path or name (`/bin/bash`, `sh`).
pub fn is_shell(program: &str) -> bool {
    let name = program.rsplit('/').next().unwrap_or(program);
    SHELLS.contains(&name)
}

/// Whether a line such as `#!/bin/sh -e` or `#!/usr/bin/env bash` names a shell that this layer can read.
pub(super) fn is_shell_shebang(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("#!") else {
        return false;
    };
    let mut words = rest.split_whitespace();
    let program = words.next().unwrap_or("");
    if program.rsplit('/').next() != Some("env") {
        return is_shell(program);
    }
    words
        .find(|word| !word.starts_with('-') && !word.contains('='))
        .is_some_and(is_shell)
}

/// The index of the script's word in `sh -c script` (`bash -eo pipefail -c script`, `/bin/sh -lc script` …).
pub(super) fn script_word(words: &[Word]) -> Option<usize> {
    let value = |index: usize| words.get(index).and_then(|word| word.value.as_deref());
    if !is_shell(value(0)?) {
        return None;
    }
    let mut index = 1;
    let mut takes_script = false;
    loop {
        let Some(word) = value(index) else {
            return (takes_script && index < words.len()).then_some(index);
        };
        index += 1;
        if word == "--" || word == "-" {
            return takes_script.then_some(index);
        }
        let Some(options) = word.strip_prefix(['-', '+']) else {
            return takes_script.then_some(index - 1);
        };
        if options.starts_with('-') {
            // Long options of bash: of those in use only these two take a value.
            index += usize::from(matches!(word, "--rcfile" | "--init-file"));
            continue;
        }
        takes_script |= word.starts_with('-') && options.contains('c');
        index += usize::from(options.ends_with(['o', 'O']));
    }
}

/// The script inside a word whose value is known; `raw` is the word in the source.
pub(super) fn script_of(word: &Word, raw: &str) -> Script {
    let value = word.value.as_deref().unwrap_or("");
    // Where the value stands in the source as it is, spans are exact.
    match raw.find(value) {
        Some(at) if raw.len() - value.len() <= 2 => Script {
            medium: Medium::String,
            ..read(value, Map::Offset(word.span.start + at))
        },
        _ => Script {
            medium: Medium::Escaped,
            ..read(value, Map::Fixed(word.span))
        },
    }
}

impl Command {
    /// The script that this command hands to a shell: `sh -c 'npm ci'`, `exec tini -- bash -lc "…"`. `None` where
    /// it is no shell, has no `-c`, or the script expands something before the inner shell reads it. `source` is
    /// what the spans point into. Where the script stands in the source without escapes its spans are exact, else
    /// each is the span of the whole word.
    pub fn shell_script(&self, source: &str) -> Option<Script> {
        let words = self.words.get(self.program()?..)?;
        let word = words.get(script_word(words)?)?;
        word.value.as_ref()?;
        Some(script_of(word, word.span.of(source)))
    }

    /// The same, where variables stand in a script in double quotes, which the outer shell puts in: they are read as
    /// the words that they stand in. `None` where more than variables expand.
    pub fn shell_script_with_variables(&self, source: &str) -> Option<Script> {
        let words = self.words.get(self.program()?..)?;
        script_in(words.get(script_word(words)?)?, source)
    }
}

/// The script in a word of its own, variables included; `None` where the outer shell does more to it than put in
/// variables.
pub fn script_in(word: &Word, source: &str) -> Option<Script> {
    let raw = word.span.of(source);
    if word.value.is_some() {
        return Some(script_of(word, raw));
    }
    let text = raw.strip_prefix('"')?.strip_suffix('"')?;
    if text.contains(['\\', '`', '"']) || text.contains("$(") {
        return None;
    }
    Some(Script {
        medium: Medium::String,
        ..read(text, Map::Offset(word.span.start + 1))
    })
}
