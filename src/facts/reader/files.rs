//! Globs over the files of a context.

use std::sync::Arc;

use crate::facts::ignore::Pattern;
use crate::facts::{Context, Tri, glob, go_match, path};

/// `*`, `?` and `[a-z]` inside a path element, `**` for any number of directories, `\` before a sign
/// that means itself. A `**` looks at files only, and not into [`SKIPPED`] directories.
#[derive(Debug)]
pub struct Glob {
    text: String,
    /// `None` for a plain path.
    pattern: Option<Pattern>,
}

/// Directories that a `**` does not enter: they hold other people's files.
pub const SKIPPED: [&str; 2] = ["node_modules", ".git"];

impl Glob {
    /// Parses a glob.
    ///
    /// # Errors
    /// What is wrong with it and what to write instead.
    pub fn parse(glob: &str) -> Result<Self, String> {
        let Some(text) = path::normalize(glob).filter(|text| !text.is_empty()) else {
            return Err(format!(
                "`{glob}`: a path inside the build context stands here, such as `src/*.ts`"
            ));
        };
        let pattern = if go_match::has_wildcard(&text) {
            go_match::matches(&text, ".").map_err(|error| format!("`{glob}`: {error}"))?;
            Some(Pattern::new(&text, false, 0).map_err(|error| format!("`{glob}`: {error}"))?)
        } else {
            None
        };
        let text = if pattern.is_some() {
            text
        } else {
            unescape(&text)
        };
        Ok(Self { text, pattern })
    }

    /// Whether a path from the context's root matches.
    pub fn is_match(&self, path: &str) -> bool {
        self.pattern
            .as_ref()
            .map_or(path == self.text, |pattern| pattern.matches(path))
    }

    /// The paths that match, sorted; absent if there is none.
    pub fn find(&self, context: &dyn Context) -> Tri<Vec<String>> {
        if self.pattern.is_none() {
            return context.entry(&self.text).map(|_| vec![self.text.clone()]);
        }
        let parts: Vec<&str> = self.text.split('/').collect();
        let fixed = parts
            .iter()
            .take_while(|part| !go_match::has_wildcard(part))
            .count();
        let base = unescape(&parts[..fixed].join("/"));
        if !self.text.contains("**") {
            let found = glob::walk(context, base, &parts[fixed..]);
            return found.map(|found| found.into_iter().map(|(path, _)| path).collect());
        }
        let below: Arc<[String]> = match base.as_str() {
            "" => match context.files() {
                Ok(all) => all,
                Err(reason) => return Tri::Unknown(reason),
            },
            _ => match context.files_below(&base) {
                Tri::Present(below) => below.into(),
                other => return other,
            },
        };
        let own = |file: &&String| {
            !file[base.len()..]
                .split('/')
                .any(|part| SKIPPED.contains(&part))
        };
        let found: Vec<String> = below
            .iter()
            .filter(|file| self.is_match(file))
            .filter(own)
            .cloned()
            .collect();
        if found.is_empty() {
            Tri::Absent
        } else {
            Tri::Present(found)
        }
    }
}

/// The path that an escaped one without wildcards means.
fn unescape(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut chars = path.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => out.extend(chars.next()),
            other => out.push(other),
        }
    }
    out
}

/// A path in which `<name>` stands for a text that the caller has.
///
/// # Errors
/// The name of a hole that `fill` does not know.
pub(super) fn fill_holes(
    text: &str,
    fill: &dyn Fn(&str) -> Option<String>,
    escape: bool,
) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, name, after)) = next_hole(rest) {
        out.push_str(before);
        let value = fill(name).ok_or_else(|| name.to_string())?;
        for c in value.chars() {
            if escape && matches!(c, '*' | '?' | '[' | ']' | '\\') {
                out.push('\\');
            }
            out.push(c);
        }
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// The names of the holes in a text.
pub(super) fn hole_names(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some((_, name, after)) = next_hole(rest) {
        names.push(name);
        rest = after;
    }
    names
}

fn next_hole(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let open = from + text[from..].find('<')?;
        let close = open + text[open..].find('>')?;
        let name = &text[open + 1..close];
        if !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        {
            return Some((&text[..open], name, &text[close + 1..]));
        }
        from = open + 1;
    }
}
