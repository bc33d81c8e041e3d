//! Go.

use super::Scan;
use super::language::{Function, Language, PLAIN, add_import};
use super::lex::{Syntax, Token};
use crate::facts::Source;

pub(super) const LANGUAGE: Language = Language {
    syntax: Syntax {
        characters: true,
        ..PLAIN.syntax
    },
    joins: &["filepath.Join", "path.Join"],
    parents: &["filepath.Dir", "path.Dir"],
    forms: &[
        "filepath.Clean",
        "path.Clean",
        "filepath.Abs",
        "filepath.FromSlash",
        "filepath.ToSlash",
        "string",
    ],
    current: &["os.Getwd"],
    elsewhere: &[
        "os.TempDir",
        "os.UserHomeDir",
        "os.UserCacheDir",
        "os.UserConfigDir",
        "os.MkdirTemp",
    ],
    readers: &[
        Function::of("Open", &["os"]),
        Function::of("OpenFile", &["os"]),
        Function::of("ReadFile", &["os", "ioutil"]),
        Function::of("ReadDir", &["os", "ioutil"]),
        Function::of("DirFS", &["os"]),
        Function::of("Dir", &["http"]),
        Function::any("ServeFile").at(2),
        Function::of("Walk", &["filepath"]),
        Function::of("WalkDir", &["filepath"]),
        Function::of("Glob", &["filepath"]),
        Function::any("ParseFiles"),
        Function::any("ParseGlob"),
        Function::any("LoadHTMLGlob"),
        Function::any("LoadHTMLFiles"),
        Function::any("Static").at(1),
        Function::any("StaticFile").at(1),
        Function::any("LoadX509KeyPair"),
        Function::of("ListenAndServeTLS", &["http"]).at(1),
        Function::any("AddConfigPath"),
        Function::any("SetConfigFile"),
        Function::of("DecodeFile", &["toml"]),
    ],
    spawns: &[
        Function::of("Command", &["exec"]),
        Function::of("CommandContext", &["exec"]).at(1),
        Function::of("LookPath", &["exec"]),
    ],
    receivers: true,
    compiled: true,
    imports,
    directives: embeds,
    ..PLAIN
};

/// Import paths, the cgo one (`C`) included; all of them stand before the first declaration.
fn imports(tokens: &[Token<'_>], file: &str, scan: &mut Scan) -> Vec<usize> {
    let mut paths = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match tokens[at].word() {
            Some("func" | "type" | "var" | "const") => break,
            Some("import") if tokens.get(at + 1).is_some_and(|token| token.is(b'(')) => {
                at += 2;
                while tokens.get(at).is_some_and(|token| !token.is(b')')) {
                    paths.extend(tokens[at].text().map(|_| at));
                    at += 1;
                }
            }
            Some("import") => {
                let literal =
                    (at + 1..(at + 3).min(tokens.len())).find(|at| tokens[*at].text().is_some());
                paths.extend(literal);
            }
            _ => {}
        }
        at += 1;
    }
    for at in &paths {
        if let Some(text) = tokens[*at].text() {
            add_import(scan, &text.text, false, file, tokens[*at].line);
        }
    }
    paths
}

/// The patterns of `//go:embed`, relative to the file's directory.
fn embeds(text: &str, file: &str, scan: &mut Scan) {
    for (line, directive) in (1..)
        .zip(text.lines())
        .filter_map(|(number, line)| Some((number, line.strip_prefix("//go:embed ")?)))
    {
        let mut rest = directive.trim();
        while !rest.is_empty() {
            let quote = rest
                .chars()
                .next()
                .filter(|quote| matches!(quote, '"' | '`'));
            let (pattern, after) = match quote {
                Some(quote) => rest[1..].split_once(quote).unwrap_or((&rest[1..], "")),
                None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
            };
            let pattern = pattern.strip_prefix("all:").unwrap_or(pattern);
            if !pattern.is_empty() {
                scan.embeds.push((
                    pattern.to_string(),
                    Source {
                        file: file.to_string(),
                        line,
                    },
                ));
            }
            rest = after.trim_start();
        }
    }
}
