//! XML, by `roxmltree` (no external entities, no DTD).

use std::collections::HashMap;

use roxmltree::{Document, Node as Element};

use super::Malformed;
use super::tree::{Kind, Lines, Node};

/// Deeper nesting than this is refused.
const MAX_DEPTH: usize = 128;

/// Parses a document. Names are without their namespace prefix.
pub(super) fn parse(text: &str) -> Result<Node, Malformed> {
    let document = Document::parse(text).map_err(|error| {
        let at = error.pos();
        Malformed {
            line: at.row as usize,
            column: at.col as usize,
            message: error.to_string(),
        }
    })?;
    let lines = Lines::new(text);
    let root = document.root_element();
    let children = vec![(
        root.tag_name().name().to_string(),
        vec![element(root, &lines, 0)?],
    )];
    Ok(Node {
        line: 1,
        kind: Kind::Element {
            text: String::new(),
            children,
        },
    })
}

fn element(element_node: Element, lines: &Lines, depth: usize) -> Result<Node, Malformed> {
    let line = lines.line(element_node.range().start);
    if depth > MAX_DEPTH {
        return Err(Malformed {
            line,
            column: 0,
            message: "nested too deeply".to_string(),
        });
    }
    let mut text = String::new();
    let mut children: Vec<(String, Vec<Node>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut add = |name: String, node: Node| match places.get(&name) {
        Some(&place) => children[place].1.push(node),
        None => {
            places.insert(name.clone(), children.len());
            children.push((name, vec![node]));
        }
    };
    for attribute in element_node.attributes() {
        let kind = Kind::Text(attribute.value().to_string());
        add(format!("@{}", attribute.name()), Node { line, kind });
    }
    for child in element_node.children() {
        if child.is_element() {
            add(
                child.tag_name().name().to_string(),
                element(child, lines, depth + 1)?,
            );
        } else if child.is_text() {
            text.push_str(child.text().unwrap_or_default());
        }
    }
    let text = text.trim().to_string();
    let kind = if children.is_empty() {
        Kind::Text(text)
    } else {
        Kind::Element { text, children }
    };
    Ok(Node { line, kind })
}
