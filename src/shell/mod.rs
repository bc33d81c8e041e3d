//! The shell layer: a RUN script to commands and words with spans.
//!
//! What it is unsure of it calls opaque; it never guesses.

mod append;
mod compound;
mod cursor;
mod expansion;
mod gap;
mod inner;
mod list;
mod map;
mod names;
mod remove;
mod run;
mod shift;
mod simple;
mod test;
mod types;
mod word;
mod words;
mod wrapper;

use crate::syntax::Logical;
use cursor::Parser;
use map::Map;

pub use append::{append_item, insert_item};
pub use inner::{is_shell, script_in};
pub use names::{is_builtin, needs_shell};
pub use remove::remove_item;
pub use run::{parse_command_line, parse_run};
pub use types::*;
pub use word::quote;
pub use wrapper::{DEFAULT_WRAPPERS, SHELL_WRAPPERS, Wrapper, is_assignment};

/// Parses the shell text of an instruction (after its flags), whose heredocs, if any, are not for the shell.
/// [`parse_run`] and [`parse_command_line`] choose the right reading of an instruction.
pub fn parse(text: &Logical) -> Script {
    Script {
        medium: Medium::Line,
        ..read(&text.text, Map::Logical(text))
    }
}

/// Parses a free-standing script (an entrypoint file, a package.json script, a heredoc body); spans are
/// offsets in `text` plus `offset`. A text that begins with `#!` and another interpreter than a POSIX shell is
/// opaque; so is one with carriage returns, which a shell takes as parts of words: who knows that they are gone in
/// the image must take them out first.
pub fn parse_text(text: &str, offset: usize) -> Script {
    read_file(text, Map::Offset(offset))
}

/// Reads a text that may begin with `#!`.
fn read_file(text: &str, map: Map) -> Script {
    let shebang = text
        .starts_with("#!")
        .then(|| text.lines().next().unwrap_or(""));
    let mut script = match shebang {
        Some(line) if !inner::is_shell_shebang(line) => {
            let mut parser = Parser::new(text, map);
            let interpreter = line.trim_start_matches("#!").trim();
            parser.opaque((0, line.len()), &format!("a script for {interpreter}"));
            parser.script
        }
        _ => read(text, map),
    };
    script.medium = Medium::Text;
    script.shebang = shebang.map(str::to_owned);
    script
}

fn read(text: &str, map: Map) -> Script {
    let mut parser = Parser::new(text, map);
    match text.find('\r') {
        Some(at) => parser.opaque(
            (at, at + 1),
            "a carriage return, which the shell takes as part of a word",
        ),
        None => parser.script(),
    }
    parser.script
}
