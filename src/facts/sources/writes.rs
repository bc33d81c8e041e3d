//! What a source writes: files, directories, data bases in a file.

use std::ops::Range;

use super::eval::SourceFile;
use super::lex::Token;
use super::value::Value;
use super::{Scan, Written, WrittenPath};
use crate::facts;

/// Adds what the call of the name at `at` writes; `of` is what stands before the name and a dot.
pub(super) fn writes(source: &SourceFile, at: usize, name: &str, of: &str, scan: &mut Scan) {
    let language = source.language;
    let arguments = source.arguments(at + 1);
    let mut found: Vec<(WrittenPath, bool)> = Vec::new();
    for (functions, directory) in [(language.writers, false), (language.makers, true)] {
        let fitting = functions
            .iter()
            .filter(|known| known.name == name && (known.of.is_empty() || known.of.contains(&of)));
        for function in fitting {
            // `model.save()` has no path to write to.
            if let Some(argument) = argument(source, &arguments, function.argument) {
                found.push((path(source, argument), directory));
            }
        }
    }
    if matches!(name, "open" | "openSync")
        && found.is_empty()
        && opened_to_write(source, &arguments)
    {
        let file = arguments.first().cloned();
        found.extend(file.map(|file| (path(source, file), false)));
    }
    if language.own_writers.contains(&name) && found.is_empty() && !matches!(of, "" | "os") {
        let value = source.names.get(of).cloned().unwrap_or(Value::Unknown);
        found.push((known(&value), false));
    }
    for (function, option) in language.written_options {
        if *function == name
            && let Some(value) = option_value(source, at + 1, option)
        {
            found.push((path(source, value), false));
        }
    }
    let call = || {
        let words = arguments.first().into_iter().flat_map(|range| {
            let tokens = source.tokens[range.clone()].iter();
            tokens.filter_map(Token::word).take(3)
        });
        let words: Vec<&str> = words.collect();
        format!("{}({})", source.name_ending(at).join("."), words.join("."))
    };
    for (path, directory) in found {
        scan.writes.push(Written {
            path,
            directory,
            call: call(),
            source: facts::Source {
                file: source.file.to_string(),
                line: source.tokens[at].line,
            },
        });
    }
}

/// Names of parameters that say where something is written.
const PATHS: &[&str] = &[
    "path", "filename", "file", "fname", "name", "dst", "database",
];

/// The argument at a place, or one that is given by name (`sqlite3.connect(database="a.db")`).
fn argument(source: &SourceFile, arguments: &[Range<usize>], at: usize) -> Option<Range<usize>> {
    let plain = arguments.get(at);
    let plain = plain.filter(|range| named_as(source, range).is_none());
    let by_name = || {
        let mut arguments = arguments.iter();
        arguments.find_map(|range| {
            let name = named_as(source, range)?;
            PATHS.contains(&name).then_some(range.start + 2..range.end)
        })
    };
    plain.cloned().or_else(by_name)
}

/// The name of an argument that is given by name.
fn named_as<'a>(source: &SourceFile<'a>, range: &Range<usize>) -> Option<&'a str> {
    let [name, sign, ..] = &source.tokens[range.clone()] else {
        return None;
    };
    name.word().filter(|_| sign.is(b'='))
}

/// Whether the mode among the arguments of `open` is one for writing, or not known.
fn opened_to_write(source: &SourceFile, arguments: &[Range<usize>]) -> bool {
    let named = |range: &Range<usize>| named_as(source, range);
    let mode = arguments
        .iter()
        .find_map(|range| (named(range) == Some("mode")).then_some(range.start + 2..range.end));
    let second = arguments.get(1).filter(|range| named(range).is_none());
    let Some(mode) = mode.or(second.cloned()) else {
        return false;
    };
    match &source.tokens[mode] {
        [token] => match token.text() {
            Some(text) => text.text.contains(['w', 'a', 'x', '+']),
            None => true,
        },
        _ => true,
    }
}

/// The value of an option: `dest: 'uploads'`, `filename="app.log"`.
fn option_value(source: &SourceFile, open: usize, option: &str) -> Option<Range<usize>> {
    let end = source.partner(open);
    let named = (open + 1..end.saturating_sub(1)).find(|&at| {
        let sign = &source.tokens[at + 1];
        source.tokens[at].word() == Some(option) && (sign.is(b':') || sign.is(b'='))
    })?;
    let ends = |at: &usize| {
        let token = &source.tokens[*at];
        token.is(b',') || token.is(b'}') || token.is(b')')
    };
    let last = source.level(named + 2..end).find(ends).unwrap_or(end);
    Some(named + 2..last)
}

/// Where an expression leads that names what is written.
fn path(source: &SourceFile, range: Range<usize>) -> WrittenPath {
    let tokens = &source.tokens[range.clone()];
    if matches!(tokens, [token] if token.text().is_some_and(|text| text.text == ":memory:")) {
        return WrittenPath::Temporary;
    }
    let value = source.eval(range.clone());
    let WrittenPath::Unknown = known(&value) else {
        return known(&value);
    };
    // A place outside of the application: only the directory for temporary files is everybody's.
    let within = match tokens {
        [token] if token.word().is_some() => definition(source, token),
        tokens => tokens.iter().any(|token| temporary(source, token)),
    };
    match value == Value::Elsewhere && within {
        true => WrittenPath::Temporary,
        false => WrittenPath::Unknown,
    }
}

/// Whether a token names the directory for temporary files, or a path in it.
fn temporary(source: &SourceFile, token: &Token) -> bool {
    let places = source.language.elsewhere;
    match (token.text(), token.word()) {
        (Some(text), _) => text.head.is_none() && text.text.starts_with("/tmp/"),
        (_, Some(word)) => places.iter().any(|place| {
            let last = place.rsplit('.').next().unwrap_or(place);
            last == word && !last.to_ascii_lowercase().contains("home")
        }),
        _ => false,
    }
}

/// Whether every line that gives the name a value names the directory for temporary files.
fn definition(source: &SourceFile, name: &Token) -> bool {
    let tokens = source.tokens;
    let mut given = (0..tokens.len().saturating_sub(1))
        .filter(|&at| tokens[at].word() == name.word() && tokens[at + 1].is(b'='))
        .peekable();
    given.peek().is_some()
        && given.all(|at| {
            let line = tokens[at].line;
            let mut rest = tokens[at + 2..]
                .iter()
                .take_while(|token| token.line == line);
            rest.any(|token| temporary(source, token))
        })
}

fn known(value: &Value) -> WrittenPath {
    match value {
        Value::Path { here, text, open } => WrittenPath::Known {
            here: *here,
            text: text.clone(),
            open: *open,
        },
        Value::Elsewhere | Value::Unknown => WrittenPath::Unknown,
    }
}
