//! PHP: the programs that it starts. Its sources go along whole, so that no path needs to be found in them.

use std::collections::BTreeSet;

use super::language::{Language, PLAIN};
use super::{Scan, Spawned};
use crate::facts::Source;

pub(super) const LANGUAGE: Language = Language {
    directives: programs,
    ..PLAIN
};

/// What starts a program, in PHP and in the libraries that people do it with.
const SPAWNS: [&str; 6] = [
    "exec",
    "system",
    "passthru",
    "proc_open",
    "popen",
    "Process",
];

/// The first words of strings and of commands inside them, in files that start programs at all: commands are joined
/// from pieces, and HTML stands between the code, so that more is taken than is started.
fn programs(text: &str, file: &str, scan: &mut Scan) {
    if !text.contains('`') && !SPAWNS.iter().any(|name| text.contains(name)) {
        return;
    }
    let bytes = text.as_bytes();
    let word = |byte: &u8| byte.is_ascii_alphanumeric() || b"._+-/".contains(byte);
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut line = 1;
    for (at, byte) in bytes.iter().enumerate() {
        line += usize::from(*byte == b'\n');
        if !b"'\"`;|&(".contains(byte) {
            continue;
        }
        let blank = bytes[at + 1..]
            .iter()
            .take_while(|byte| **byte == b' ')
            .count();
        let start = at + 1 + blank;
        let length = bytes[start..].iter().take_while(|byte| word(byte)).count();
        let ends = bytes
            .get(start + length)
            .is_none_or(|next| b" '\"`;|&)\n".contains(next));
        // All of it ASCII, so that these are no places inside a character.
        let path = text
            .get(start..start + length)
            .filter(|_| ends)
            .unwrap_or("");
        let name = path.rsplit('/').next().unwrap_or("");
        if !name.is_empty() && seen.insert(name) {
            let source = Source {
                file: file.to_string(),
                line,
            };
            scan.commands.push(Spawned {
                name: name.to_string(),
                rest: String::new(),
                source,
            });
        }
    }
}
