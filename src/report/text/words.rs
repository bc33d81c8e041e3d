//! Words that several reports use.

use std::fmt::Write;

use colored::Color;

use super::super::location::slashed;
use super::super::theme::{clean, line};
use super::super::{FileReport, Theme};
use crate::engine::Level;
use crate::facts::Source;

/// `1 change`, `2 changes`.
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// The first sentence of a Markdown text, on one line.
pub fn first_sentence(markdown: &str) -> String {
    let paragraph = markdown.trim().split("\n\n").next().unwrap_or("");
    let joined = line(paragraph);
    // A full stop ends a sentence where a capital letter follows: not in `node:22. x` or `e.g. this`.
    let end = joined
        .match_indices(". ")
        .find(|(at, _)| joined[at + 2..].starts_with(char::is_uppercase));
    match end {
        Some((at, _)) => joined[..=at].to_owned(),
        None => joined,
    }
}

/// `package.json:7`, as seen from the current folder.
pub fn source(file: &FileReport, source: &Source) -> String {
    let path = clean(&slashed(&file.beside(&source.file)));
    if source.line == 0 {
        path
    } else {
        format!("{path}:{}", source.line)
    }
}

/// Different names in order of first appearance, five at most.
pub(super) fn names<'a>(all: impl Iterator<Item = &'a str>) -> String {
    let mut different: Vec<&str> = Vec::new();
    for name in all {
        if !different.contains(&name) {
            different.push(name);
        }
    }
    let more = different.len().saturating_sub(5);
    different.truncate(5);
    let mut text = line(&different.join(", "));
    if more > 0 {
        let _ = write!(text, ", {more} more");
    }
    text
}

/// The level's name on the command line.
pub fn name(level: Level) -> &'static str {
    match level {
        Level::Safe => "safe",
        Level::Review => "review",
        Level::Unsafe => "unsafe",
    }
}

/// The colour of a level.
pub fn level_color(level: Level) -> Color {
    match level {
        Level::Safe => Color::Green,
        Level::Review => Color::Yellow,
        Level::Unsafe => Color::Red,
    }
}

/// The level in its colour.
pub(super) fn level(level: Level, theme: &Theme) -> String {
    theme.paint(name(level), level_color(level))
}
