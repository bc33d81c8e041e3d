//! `"."` for the directory in which the program starts: a sign like many others, unless what stands before it says
//! that a directory is meant.

use super::lex::Token;

/// How far before a literal its call begins, counted in tokens.
const MAX_BACK: usize = 16;

/// Whether the literal at `at` is the value of something that is a directory by its name: `root_dir = "."`,
/// `"document_root", "."`, `set_mount_point("/", "./")`.
pub(super) fn says_directory(tokens: &[Token<'_>], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).map(|at| &tokens[at]);
    let is = |back: usize, sign: u8| before(back).is_some_and(|token| token.is(sign));
    let named = |back: usize| {
        let token = before(back);
        let word = token.and_then(Token::word);
        let text = token.and_then(Token::text).map(|text| &*text.text);
        word.or(text).is_some_and(is_directory)
    };
    let literal = |back: usize| before(back).and_then(Token::text).is_some();
    // `dir := "."` and `dir[] = "."` give a value, `dir == "."` compares.
    let assigned = match (is(1, b'='), is(2, b':'), is(2, b']')) {
        (true, true, _) => named(3),
        (true, _, true) => (4..8).any(named),
        (true, ..) => named(2),
        (false, ..) => is(1, b':') && named(2),
    };
    if assigned || is(1, b',') && literal(2) && named(2) {
        return true;
    }
    called(tokens, at).is_some_and(is_directory)
}

/// The name of the call that the literal at `at` is an argument of.
fn called<'a>(tokens: &[Token<'a>], at: usize) -> Option<&'a str> {
    let mut depth = 0;
    for back in (at.saturating_sub(MAX_BACK)..at).rev() {
        let token = &tokens[back];
        if token.is(b')') || token.is(b'}') || token.is(b']') {
            depth += 1;
        } else if token.is(b';') || depth == 0 && (token.is(b'{') || token.is(b'[')) {
            return None;
        } else if token.is(b'{') || token.is(b'[') {
            depth -= 1;
        } else if token.is(b'(') {
            if depth == 0 {
                return tokens[back.checked_sub(1)?].word();
            }
            depth -= 1;
        }
    }
    None
}

/// Whether a name is that of a directory: `s_root_dir`, `staticFolder`, `document_root`.
fn is_directory(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let words = [
        "root", "dir", "folder", "path", "static", "public", "mount", "serve", "www",
    ];
    let other = ["direct", "redir", "server"];
    words.iter().any(|word| name.contains(word))
        && !other
            .iter()
            .any(|word| name.contains(word) && !name.contains("directory"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::language::PLAIN;
    use super::super::lex;
    use super::says_directory;

    fn says(code: &str) -> bool {
        let lexed = lex::lex(code, PLAIN.syntax);
        let dot =
            |token: &lex::Token<'_>| token.text().is_some_and(|text| text.text.starts_with('.'));
        let at = lexed.tokens.iter().rposition(dot).unwrap();
        says_directory(&lexed.tokens, at)
    }

    #[test]
    fn names_say_what_a_dot_is() {
        assert!(says(
            r#"const char *options[] = { "document_root", ".", 0 };"#
        ));
        assert!(says(
            r#"struct mg_http_serve_opts opts = {.root_dir = "."};"#
        ));
        assert!(says(r#"svr.set_mount_point("/", "./");"#));
        assert!(says(r#"dir := ".""#));
        assert!(says(r#"dir := flag.String("dir", ".", "what to serve")"#));
        assert!(says(r#"static const char root[] = ".";"#));
        assert!(!says(r#"parts := strings.Split(path, ".")"#));
        assert!(!says(r#"if (strcmp(entry->d_name, ".") == 0) {}"#));
        assert!(!says(r#"if dir == "." { return }"#));
        assert!(!says(r#"printf(".");"#));
        assert!(!says(r#"server.write(".");"#));
    }
}
