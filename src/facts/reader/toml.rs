//! TOML, by `toml_edit`.

use toml_edit::{Document, Item, Table, TableLike, Value};

use super::Malformed;
use super::tree::{Kind, Lines, Node};

/// Parses a document.
pub(super) fn parse(text: &str) -> Result<Node, Malformed> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines = Lines::new(text);
    let document = Document::parse(text).map_err(|error| {
        let (line, column) = error
            .span()
            .map_or((0, 0), |span| lines.position(span.start));
        Malformed {
            line,
            column,
            message: error.message().to_string(),
        }
    })?;
    Ok(Node {
        line: 1,
        kind: map(document.as_table(), text, &lines),
    })
}

fn map(table: &dyn TableLike, text: &str, lines: &Lines) -> Kind {
    let pairs = table.iter().filter_map(|(key, item)| {
        let mut node = node(item, text, lines)?;
        if let Some(span) = table.get_key_value(key).and_then(|(key, _)| key.span()) {
            // Of a table the header is the place, and its key is there, too.
            node.line = lines.line(span.start);
        }
        Some((key.to_string(), node))
    });
    Kind::Map(pairs.collect())
}

fn node(item: &Item, text: &str, lines: &Lines) -> Option<Node> {
    let line = item.span().map_or(0, |span| lines.line(span.start));
    let kind = match item {
        Item::None => return None,
        Item::Value(value) => return Some(from_value(value, text, lines)),
        Item::Table(table) => map(table, text, lines),
        Item::ArrayOfTables(tables) => Kind::List(
            tables
                .iter()
                .map(|table| from_table(table, text, lines))
                .collect(),
        ),
    };
    Some(Node { line, kind })
}

fn from_table(table: &Table, text: &str, lines: &Lines) -> Node {
    Node {
        line: table.span().map_or(0, |span| lines.line(span.start)),
        kind: map(table, text, lines),
    }
}

fn from_value(value: &Value, text: &str, lines: &Lines) -> Node {
    let kind = match value {
        Value::String(string) => Kind::Text(string.value().clone()),
        Value::Array(items) => Kind::List(
            items
                .iter()
                .map(|item| from_value(item, text, lines))
                .collect(),
        ),
        Value::InlineTable(table) => map(table, text, lines),
        Value::Integer(_) | Value::Float(_) | Value::Boolean(_) | Value::Datetime(_) => {
            let written = value
                .span()
                .and_then(|span| text.get(span))
                .map(|written| written.trim().to_string());
            Kind::Bare(written.unwrap_or_else(|| value.to_string().trim().to_string()))
        }
    };
    Node {
        line: value.span().map_or(0, |span| lines.line(span.start)),
        kind,
    }
}
