//! Heredocs: `<<EOF` in RUN, COPY and ADD.

use super::expand::{Lexer, Options};

/// The start of a heredoc, as a word of the line says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marker {
    /// The delimiter without quotes.
    pub(super) name: String,
    /// Variables in the body expand: no part of the delimiter is quoted.
    pub(super) expand: bool,
    /// `<<-`
    pub(super) strip_tabs: bool,
}

/// The heredocs that a logical line starts, in order.
///
/// BuildKit lexes the whole line as a shell word list, with the backslash as escape character
/// whatever the directive says; a line that does not lex has no heredoc.
///
/// # Errors
/// A delimiter that does not lex by itself; the answer is its word.
pub(super) fn markers(line: &str) -> Result<Vec<Marker>, String> {
    let options = Options {
        keep_quotes: true,
        keep_escapes: true,
        keep_unset: true,
        forget_before_modifier: true,
        ..Options::default()
    };
    let words = Lexer::new(line, options, &|_| None)
        .words()
        .unwrap_or_default();
    let mut markers = Vec::new();
    for word in words {
        match marker(&word) {
            Ok(marker) => markers.extend(marker),
            Err(()) => return Err(word),
        }
    }
    Ok(markers)
}

/// Whether a word of COPY or ADD stands for a heredoc.
pub(super) fn is_marker(word: &str) -> bool {
    matches!(marker(word), Ok(Some(_)))
}

/// Reads `[digits]<<[-]delimiter`, e.g. `<<EOF`, `3<<-"EOF"`.
fn marker(word: &str) -> Result<Option<Marker>, ()> {
    let Some(rest) = word
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .strip_prefix("<<")
    else {
        return Ok(None);
    };
    let (strip_tabs, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let rest = rest.trim_start_matches([' ', '\t', '\n', '\r', '\x0c']);
    if rest.is_empty() || rest.contains('<') {
        return Ok(None);
    }
    let lex = |keep_quotes| {
        let options = Options {
            keep_quotes,
            keep_unset: true,
            forget_before_modifier: true,
            ..Options::default()
        };
        Lexer::new(rest, options, &|_| None).words().map_err(|_| ())
    };
    let quotes = |word: &str| word.matches(['\'', '"']).count();
    let words = lex(false)?;
    let [name] = words.as_slice() else {
        return Ok(None);
    };
    let raw = lex(true)?;
    let [raw] = raw.as_slice() else {
        return Err(());
    };
    Ok(Some(Marker {
        expand: quotes(raw) == quotes(name),
        name: name.clone(),
        strip_tabs,
    }))
}

/// The body with the tabs at the start of every line removed.
pub(super) fn without_leading_tabs(body: &str) -> String {
    body.split_inclusive('\n')
        .map(|line| line.trim_start_matches('\t'))
        .collect()
}
