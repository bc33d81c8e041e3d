//! The shell layer: a RUN script to commands and words with spans.
//!
//! What it is unsure of it calls opaque; it never guesses.

mod compound;
mod expansion;
mod inner;
mod list;
mod lower;
mod map;
mod run;
mod simple;
mod text;
mod types;
mod word;
mod wrapper;

use shuck_parser::parser::Parser;

use crate::syntax::Logical;
use lower::Lower;
use map::Map;

pub use crate::engine::shell_temp::*;
pub use inner::is_shell;
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
    if let Some(at) = text.find('\r') {
        let mut lower = Lower::new(text, map);
        lower.opaque(
            (at, at + 1),
            "a carriage return, which the shell takes as part of a word",
        );
        return lower.script;
    }
    let result = Parser::new(text).parse();
    let mut lower = Lower::new(text, map);
    if !result.is_ok() {
        let (range, reason) = match result.diagnostics.first() {
            Some(diagnostic) => (text::range_of(diagnostic.span), diagnostic.message.as_str()),
            None => ((0, text.len()), "it does not parse"),
        };
        lower.opaque(range, &format!("no shell syntax: {reason}"));
    }
    lower.top(result.file.body.as_slice());
    lower.script
}
