//! The shell layer: a RUN script to commands and words with spans.
//!
//! What it is unsure of it calls opaque; it never guesses.

mod append;
mod compound;
mod cursor;
mod gap;
mod inner;
mod list;
mod map;
mod remove;
mod run;
mod simple;
mod types;
mod word;
mod words;
mod wrapper;

use crate::syntax::Logical;
use cursor::Parser;
use map::Map;

pub use append::append_item;
pub use inner::is_shell;
pub use remove::remove_item;
pub use run::{parse_command_line, parse_run};
pub use types::*;
pub use word::quote;
pub use wrapper::{DEFAULT_WRAPPERS, SHELL_WRAPPERS, Wrapper};

/// Parses the shell text of an instruction (after its flags), whose heredocs, if any, are not for the shell.
/// [`parse_run`] and [`parse_command_line`] choose the right reading of an instruction.
pub fn parse(text: &Logical) -> Script {
    Script {
        medium: Medium::Line,
        ..read(&text.text, Map::Logical(text))
    }
}

/// Parses a free-standing script (an entrypoint file, a package.json script, a heredoc body); spans are
/// offsets in `text` plus `offset`.
pub fn parse_text(text: &str, offset: usize) -> Script {
    Script {
        medium: Medium::Text,
        ..read(text, Map::Offset(offset))
    }
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
