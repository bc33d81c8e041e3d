//! Texts of compose files: words of commands, variables and paths.

use std::path::{Component, Path, PathBuf};

/// The words of a command line: quotes and backslashes as in a shell, nothing else.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match (quote, sign) {
            (Some(open), sign) if sign == open => quote = None,
            (Some('\''), sign) => word.get_or_insert_default().push(sign),
            (Some(_), '\\') => {
                let escapes = |next: &char| matches!(next, '"' | '\\');
                let sign = signs.next_if(escapes).unwrap_or('\\');
                word.get_or_insert_default().push(sign);
            }
            (None, '\\') => {
                if let Some(next) = signs.next().filter(|next| *next != '\n') {
                    word.get_or_insert_default().push(next);
                }
            }
            (None, '"' | '\'') => {
                quote = Some(sign);
                word.get_or_insert_default();
            }
            (None, sign) if sign.is_whitespace() => words.extend(word.take()),
            (_, sign) => word.get_or_insert_default().push(sign),
        }
    }
    words.extend(word);
    words
}

/// A string with its variables replaced by their defaults; one without a default becomes `${NAME}`.
pub(super) fn defaults(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let braces = after.strip_prefix('{');
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some((inside, after)) = braces.and_then(|after| after.split_once('}')) {
            let default = inside.split_once(":-").or_else(|| inside.split_once('-'));
            match default {
                Some((_, default)) => out.push_str(default),
                None => {
                    let name = inside.split([':', '?', '+']).next().unwrap_or(inside);
                    out.push_str(&format!("${{{name}}}"));
                }
            }
            rest = after;
        } else {
            let end = after.find(|sign: char| !(sign.is_ascii_alphanumeric() || sign == '_'));
            let (name, after) = after.split_at(end.unwrap_or(after.len()));
            match name {
                "" => out.push('$'),
                name => out.push_str(&format!("${{{name}}}")),
            }
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// `base/path` without dots.
pub(super) fn plain(base: &Path, path: &str) -> PathBuf {
    let mut out = PathBuf::new();
    for part in base.join(path).components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}

/// A path as seen from a folder.
pub(super) fn relative(folder: &Path, path: &Path) -> String {
    let common = folder
        .components()
        .zip(path.components())
        .take_while(|(one, other)| one == other)
        .count();
    let up = folder.components().skip(common).map(|_| "..".to_string());
    let down = path.components().skip(common);
    let down = down.map(|part| part.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}
