//! Taking an item out of the top-level list of a script.

use super::gap::{Gap, continuation, indentation, line_end, line_start};
use super::types::{Connector, Item, Medium, Script};
use crate::syntax::Span;

/// One replacement in the source.
type Edit = (Span, String);

/// The edits that take the item `index` and its connector out of the script, so that the other items mean what
/// they meant. Comments between items stay. `source` is the text that the spans of the script point into.
///
/// Empty, which means that it cannot be done in this way, where the script is opaque, the item is the only one, it
/// holds a heredoc, or the text around it does not allow it (a heredoc's body in between, exec form, a string with
/// escapes).
pub fn remove_item(script: &Script, source: &str, index: usize) -> Vec<Edit> {
    try_remove(script, source, index).map_or_else(Vec::new, |edit| vec![edit])
}

fn try_remove(script: &Script, source: &str, index: usize) -> Option<Edit> {
    let items = script.chain()?;
    let item = items
        .get(index)
        .filter(|item| items.len() > 1 && !item.heredoc)?;
    let previous = index.checked_sub(1).and_then(|index| items.get(index));
    let next = items.get(index + 1);
    match script.medium {
        Medium::Exec | Medium::Escaped => return None,
        Medium::Text => {
            if let Some(edit) = whole_lines(source, previous, item, next) {
                return Some(edit);
            }
        }
        Medium::Line | Medium::LineWithBodies | Medium::String => {}
    }
    let continued = script.medium != Medium::Text;
    let gap = |from: usize, to: usize| Gap::new(source.get(from..to).unwrap_or(""), continued);
    let before = previous
        .map(|previous| gap(previous.span.end, item.span.start))
        .filter(|gap| gap.clean);
    let after = next
        .map(|next| gap(item.span.end, next.span.start))
        .filter(|gap| gap.clean);
    let (may_before, may_after) = sides(previous, item, next);
    let before = before.filter(|_| may_before);
    let after = after.filter(|_| may_after);
    let comments_fit = script.medium == Medium::Line;
    match (previous, before, next, after) {
        (Some(previous), Some(gap), _, _) if !gap.has_comment() => {
            Some((Span::new(previous.span.end, item.span.end), String::new()))
        }
        (_, _, Some(next), Some(gap)) if !gap.has_comment() => {
            Some((Span::new(item.span.start, next.span.start), String::new()))
        }
        (_, before, Some(next), Some(gap))
            if comments_fit && (before.is_none() || connector_leads(&gap)) =>
        {
            with_next(source, item, next, &gap)
        }
        (Some(previous), Some(gap), _, _) if comments_fit => {
            with_previous(source, previous, item, &gap)
        }
        _ => None,
    }
}

/// Whether the item may go with the connector before it, and whether with the one after it.
fn sides(previous: Option<&Item>, item: &Item, next: Option<&Item>) -> (bool, bool) {
    let Some(next) = next else {
        return (previous.is_some(), false);
    };
    if previous.is_none() {
        return (false, true);
    }
    match (item.before, next.before) {
        // A `&` is part of the item before it.
        (Connector::Background, _) | (_, Connector::Background) => (false, true),
        (Connector::And, Connector::And) => (true, true),
        // What follows by `;` or a newline must not come to depend on what is before.
        (Connector::And, _) => (true, false),
        (_, Connector::And) => (false, true),
        (Connector::Newline, _) => (false, true),
        _ => (true, true),
    }
}

/// Whether the connector stands at the end of its line, before the comments.
fn connector_leads(gap: &Gap) -> bool {
    gap.text
        .split('\n')
        .next()
        .is_some_and(|line| line.contains(['&', ';']))
}

/// In a script with lines of its own: an item that has its lines for itself.
fn whole_lines(
    source: &str,
    previous: Option<&Item>,
    item: &Item,
    next: Option<&Item>,
) -> Option<Edit> {
    let alone =
        |connector: Connector| matches!(connector, Connector::Newline | Connector::Semicolon);
    if previous.is_some() && !alone(item.before) || next.is_some_and(|next| !alone(next.before)) {
        return None;
    }
    let start = line_start(source, item.span.start);
    let end = line_end(source, item.span.end);
    let head = source.get(start..item.span.start)?;
    let tail = source
        .get(item.span.end..end)?
        .trim_start_matches([' ', '\t', ';']);
    let held = previous.is_some_and(|previous| previous.span.end > start)
        || next.is_some_and(|next| next.span.start < end);
    if !head.trim().is_empty() || held {
        return None;
    }
    if tail.starts_with('#') {
        return Some((Span::new(item.span.start, end - tail.len()), String::new()));
    }
    if !tail.trim().is_empty() {
        return None;
    }
    let newline = source
        .get(end..)
        .and_then(|rest| rest.find('\n'))
        .map_or(source.len(), |at| end + at + 1);
    Some((Span::new(start, newline), String::new()))
}

/// The item with the connector after it; the comments between them stay before the next item.
fn with_next(source: &str, item: &Item, next: &Item, gap: &Gap) -> Option<Edit> {
    let continuation = continuation(gap.text)?;
    let newline = continuation.get(1..)?;
    let head = source.get(line_start(source, item.span.start)..item.span.start)?;
    let comments = gap.comments.join(newline);
    let indentation = indentation(source, next.span.start);
    let text = if head.trim().is_empty() {
        format!("{}{newline}{indentation}", comments.trim_start())
    } else {
        let blank = if head.ends_with([' ', '\t']) { "" } else { " " };
        format!("{blank}{continuation}{comments}{newline}{indentation}")
    };
    Some((Span::new(item.span.start, next.span.start), text))
}

/// The item with the connector before it; the comments between them stay after the previous item.
fn with_previous(source: &str, previous: &Item, item: &Item, gap: &Gap) -> Option<Edit> {
    let continuation = continuation(gap.text)?;
    let newline = continuation.get(1..)?;
    let end = line_end(source, item.span.end);
    let tail = source.get(item.span.end..end)?;
    let comments = gap.comments.join(newline);
    let start = previous.span.end;
    if tail.trim().is_empty() {
        // The instruction ends here: its comments stand below it.
        return Some((
            Span::new(start, item.span.end),
            format!("{newline}{comments}"),
        ));
    }
    if tail.trim() == continuation.get(..1)? {
        return Some((Span::new(start, end), format!(" {continuation}{comments}")));
    }
    let blanks = tail.len() - tail.trim_start().len();
    let indentation = indentation(source, item.span.start);
    let text = format!(" {continuation}{comments}{newline}{indentation}");
    Some((Span::new(start, item.span.end + blanks), text))
}

impl Script {
    /// The top-level items, each with its span and the connector before it, where the script is understood.
    pub fn chain(&self) -> Option<&[Item]> {
        (self.opaque.is_none() && !self.items.is_empty()).then_some(&self.items)
    }
}
