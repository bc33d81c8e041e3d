//! Quoting: what a word is worth, and how to write a value as a word.

/// What a word says without any expansion.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Unquoted {
    /// The value after quote removal, if nothing expands.
    pub value: Option<String>,
    /// Unquoted glob characters, a tilde or braces occur.
    pub glob: bool,
    /// Some part is quoted.
    pub quoted: bool,
}

/// Removes quotes as `sh` does. `raw` is one word as written; what is no complete word (an open quote, an
/// unquoted blank or operator) has no value, and so has `$'…'`, which only some shells know.
pub(super) fn unquote(raw: &str) -> Unquoted {
    let mut out = Unquoted::default();
    let mut value = String::with_capacity(raw.len());
    let mut known = true;
    let mut chars = raw.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' => {
                out.quoted = true;
                let mut closed = false;
                for (_, c) in chars.by_ref() {
                    if c == '\'' {
                        closed = true;
                        break;
                    }
                    value.push(c);
                }
                known &= closed;
            }
            '"' => {
                out.quoted = true;
                let mut closed = false;
                while let Some((at, c)) = chars.next() {
                    match c {
                        '"' => {
                            closed = true;
                            break;
                        }
                        '\\' => match chars.peek().copied() {
                            Some((_, '\n')) => {
                                chars.next();
                            }
                            Some((_, next @ ('$' | '`' | '"' | '\\'))) => {
                                chars.next();
                                value.push(next);
                            }
                            _ => value.push('\\'),
                        },
                        '`' => known = false,
                        '$' if expands(raw.get(at + 1..).unwrap_or(""), true) => known = false,
                        _ => value.push(c),
                    }
                }
                known &= closed;
            }
            '\\' => match chars.next() {
                Some((_, '\n')) => {}
                Some((_, next)) => {
                    out.quoted = true;
                    value.push(next);
                }
                None => value.push('\\'),
            },
            '`' => known = false,
            '$' if expands(raw.get(at + 1..).unwrap_or(""), false) => known = false,
            ' ' | '\t' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')' => known = false,
            _ => {
                out.glob |= globs(c, raw, at);
                value.push(c);
            }
        }
    }
    out.value = known.then_some(value);
    out
}

/// Whether a `$` before `rest` begins an expansion, or, outside double quotes, a quoting of its own.
fn expands(rest: &str, in_double_quotes: bool) -> bool {
    match rest.chars().next() {
        None => false,
        Some('\'' | '"') => !in_double_quotes,
        Some(c) => {
            c.is_ascii_alphanumeric()
                || matches!(
                    c,
                    '_' | '{' | '(' | '[' | '@' | '*' | '#' | '?' | '-' | '$' | '!' | '\\'
                )
        }
    }
}

/// Whether the unquoted character at `at` makes the shell (or bash) expand the word: not a `[` alone, which is a
/// command, nor `{}`, which `find -exec` takes.
fn globs(c: char, raw: &str, at: usize) -> bool {
    let after = || raw.get(at + 1..).unwrap_or("");
    match c {
        '*' | '?' => true,
        '[' => after().contains(']'),
        '{' => after().contains('}') && (after().contains(',') || after().contains("..")),
        // At the start of a word, and after `=` or `:` in an assignment.
        '~' => raw
            .get(..at)
            .is_some_and(|before| before.is_empty() || before.ends_with(['=', ':'])),
        _ => false,
    }
}

/// The word as one reads it: `\` newline joined, except within single quotes.
pub(super) fn joined(raw: &str) -> String {
    if !raw.contains("\\\n") {
        return raw.to_owned();
    }
    let mut out = String::with_capacity(raw.len());
    let (mut single, mut double) = (false, false);
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\'' if !double => single = !single,
            '"' if !single => double = !double,
            '\\' if !single => {
                match chars.next() {
                    Some('\n') => {}
                    Some(next) => out.extend([c, next]),
                    None => out.push(c),
                }
                continue;
            }
            _ => {}
        }
        out.push(c);
    }
    out
}

/// A word that `sh` reads as `value`: as it is where nothing in it means anything to a shell, else quoted.
///
/// The value must not hold a NUL byte, which no argument can. Newlines are kept inside the quotes, so a value
/// with a newline cannot stand in a RUN outside a heredoc.
pub fn quote(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "%+,-./:=@_^".contains(c);
    // `=` first could be an assignment before a command, `^` is a pipe to ancient shells only.
    if !value.is_empty() && value.chars().all(plain) {
        return value.to_owned();
    }
    if !value.contains('\'') {
        return format!("'{value}'");
    }
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    for c in value.chars() {
        if matches!(c, '$' | '`' | '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}
