//! Text with holes, filled in once: what is filled in is never scanned for holes again.

use std::collections::BTreeMap;

/// Values by name.
pub type Values = BTreeMap<String, String>;

/// Names of the holes of a text: `<name>` with a letter first. `<<EOF`, `<div>` with capitals and `<a b>` are text.
pub fn holes(text: &str) -> Vec<String> {
    pieces(text)
        .into_iter()
        .filter_map(|piece| piece.err())
        .map(str::to_string)
        .collect()
}

/// Fills the holes.
///
/// # Errors
/// The name of a hole without a value.
pub fn fill(text: &str, values: &Values) -> Result<String, String> {
    let mut filled = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Ok(literal) => filled.push_str(literal),
            Err(name) => filled.push_str(values.get(name).ok_or_else(|| name.to_string())?),
        }
    }
    Ok(filled)
}

/// Literal text (`Ok`) and holes (`Err`), in order.
fn pieces(text: &str) -> Vec<Result<&str, &str>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    let mut from = 0;
    while let Some(at) = rest[from..].find('<').map(|at| at + from) {
        let inner = &rest[at + 1..];
        let length = inner
            .bytes()
            .take_while(|b| {
                b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-' || *b == b'_'
            })
            .count();
        let closes = inner[length..].starts_with('>');
        let named = inner.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        if closes && named {
            pieces.push(Ok(&rest[..at]));
            pieces.push(Err(&inner[..length]));
            rest = &inner[length + 1..];
            from = 0;
        } else {
            from = at + 1;
        }
    }
    pieces.push(Ok(rest));
    pieces
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn holes_are_filled_once() {
        let values = Values::from([
            ("a".to_string(), "<b>".to_string()),
            ("b".to_string(), "x".to_string()),
        ]);
        assert_eq!(fill("1 <a> 2 <b> 3", &values).unwrap(), "1 <b> 2 x 3");
        assert_eq!(fill("cat <<EOF > x", &values).unwrap(), "cat <<EOF > x");
        assert_eq!(fill("<c>", &values), Err("c".to_string()));
        assert_eq!(holes("<a> <X> <<a>"), ["a", "a"]);
    }
}
