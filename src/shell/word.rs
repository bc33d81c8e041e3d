//! How a word is written: continued lines joined, values quoted.

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
