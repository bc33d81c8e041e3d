//! Variables of services that may name files of the image.

use super::Part;
use super::text::defaults;
use crate::facts::reader::{Kind, Node};

/// The variables of a service whose values may be paths; of those with the same name the first counts.
pub(super) fn paths(parts: &[Part<'_>]) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, value: &str| {
        let value = defaults(value);
        let path = value.contains('/') && !value.contains(['\n', '$']);
        // The address of a server is no path, that of a file may be: `sqlite://data/app.db`.
        let address = value
            .split_once("://")
            .is_some_and(|(_, rest)| rest.contains('@'));
        if path && !address && !found.iter().any(|(known, _)| known == name) {
            found.push((name.to_string(), value));
        }
    };
    for (part, _) in parts {
        match part.get("environment").map(|variables| &variables.kind) {
            Some(Kind::Map(variables)) => {
                for (name, value) in variables {
                    if let Some(value) = value.scalar() {
                        add(name, value);
                    }
                }
            }
            Some(Kind::List(variables)) => {
                for variable in variables.iter().filter_map(Node::scalar) {
                    if let Some((name, value)) = variable.split_once('=') {
                        add(name, value);
                    }
                }
            }
            _ => {}
        }
    }
    found
}
