//! Adding a command at the end of a script, in its own layout.

use super::gap::{Gap, continuation, indentation, line_end};
use super::types::{Connector, Item, Medium, Script};
use crate::syntax::Span;

/// The edit that adds `command` after the last item of the script, separated as the last two items are: on one line,
/// with `&& \` at the end of the line or `&&` at its start, by `;` or a newline. It runs only if the script succeeded
/// up to there, and its failure is the script's: where `;` or a newline would hide the failure of the last item
/// (without `set -e`), `&&` takes its place.
///
/// `None` where the script is opaque, empty or in exec form, where it ends in a background job, and where
/// `command` cannot be written there as it is (a newline in a continued line, a quote inside a string).
pub fn append_item(script: &Script, source: &str, command: &str) -> Option<(Span, String)> {
    let items = script.chain()?;
    let last = items.last().filter(|last| !last.background)?;
    if !writable(script.medium, command) {
        return None;
    }
    let previous = items
        .len()
        .checked_sub(2)
        .and_then(|index| items.get(index));
    let separator = match previous {
        Some(previous) if !last.heredoc => between(script, source, previous, last)?,
        None if !last.heredoc && script.medium == Medium::Line => alone(source, last),
        _ => " && ".to_owned(),
    };
    let mut at = last.span.end;
    if separator.starts_with(['\n', '\r']) {
        // A comment at the end of the line stays there.
        let end = line_end(source, at);
        if source.get(at..end)?.trim_start().starts_with('#') {
            at = end;
        }
    }
    Some((Span::at(at), format!("{separator}{command}")))
}

/// The edit that adds `command` directly after the item `index`, separated as that item is from the next one. It runs
/// only if the item succeeded, and its failure is the script's where the item's is.
///
/// `None` as for [`append_item`], and where a heredoc or a comment stands behind the item.
pub fn insert_item(
    script: &Script,
    source: &str,
    index: usize,
    command: &str,
) -> Option<(Span, String)> {
    let items = script.chain()?;
    let item = items.get(index)?;
    let Some(next) = items.get(index + 1) else {
        return append_item(script, source, command);
    };
    if item.heredoc || item.background || !writable(script.medium, command) {
        return None;
    }
    let continued = script.medium != Medium::Text;
    let gap = Gap::new(source.get(item.span.end..next.span.start)?, continued);
    let usable = gap.clean && !gap.has_comment();
    let ends_on_failure = script.errexit() && !item.span.of(source).starts_with('!');
    let separator = match next.before {
        Connector::And if usable => gap.separator(),
        Connector::Semicolon if usable && ends_on_failure => gap.separator(),
        Connector::Newline if usable && ends_on_failure => gap.separator(),
        Connector::Background => return None,
        _ => " && ".to_owned(),
    };
    Some((Span::at(item.span.end), format!("{separator}{command}")))
}

/// Whether a command can be written into a script as it is.
fn writable(medium: Medium, command: &str) -> bool {
    let special = match medium {
        Medium::Exec | Medium::Escaped => return false,
        Medium::Line | Medium::LineWithBodies => "\n\r",
        Medium::String => "\n\r\"'\\$`",
        Medium::Text => "\r",
    };
    !command.trim().is_empty() && !command.contains(|c| special.contains(c))
}

/// What separates the command from the last item of several.
fn between(script: &Script, source: &str, previous: &Item, last: &Item) -> Option<String> {
    let continued = script.medium != Medium::Text;
    let gap = Gap::new(source.get(previous.span.end..last.span.start)?, continued);
    let usable = gap.clean && !gap.inline_comment;
    // `! cmd` is exempt from `set -e`, so is all of an `&&` list but its end.
    let negated = last.span.of(source).starts_with('!');
    let ends_on_failure = script.errexit() && !negated;
    Some(match last.before {
        // A line of its own after an item of several lines, though the others stand on one.
        Connector::And if usable && script.medium == Medium::Line && !gap.text.contains('\n') => {
            alone(source, last)
        }
        Connector::And if usable => gap.separator(),
        Connector::Semicolon if usable && ends_on_failure => gap.separator(),
        Connector::Newline if ends_on_failure => {
            let newline = if gap.text.contains("\r\n") {
                "\r\n"
            } else {
                "\n"
            };
            format!("{newline}{}", indentation(source, last.span.start))
        }
        Connector::Semicolon if usable && continued => gap.separator().replacen(';', " &&", 1),
        _ => " && ".to_owned(),
    })
}

/// What separates the command from the only item: a line of its own if the item has several.
fn alone(source: &str, item: &Item) -> String {
    let text = item.span.of(source);
    match (continuation(text), text.find('\n')) {
        (Some(continuation), Some(at)) => {
            let indentation = indentation(source, item.span.start + at + 1);
            format!(" {continuation}{indentation}&& ")
        }
        _ => " && ".to_owned(),
    }
}
