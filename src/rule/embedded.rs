//! The rules that are compiled into the program.

use super::load::File;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// A document of `rules/` as the build packed it.
#[derive(Clone, Copy, Debug)]
pub struct Packed {
    /// Its name, for ever.
    pub name: &'static str,
    bytes: &'static [u8],
}

impl Packed {
    /// The document. Nothing if it is of another type; the tests see to it that none is.
    pub fn read<T: DeserializeOwned>(self) -> Option<T> {
        rmp_serde::from_slice(self.bytes).ok()
    }
}

/// Every file of `rules/`, sorted by name, to be read from its packed form: rules without their tests, which a rewrite
/// does not need.
pub fn files() -> Vec<File> {
    let packed = |name, bytes| Some(Packed { name, bytes });
    FILES
        .iter()
        .map(|(name, text, bytes)| file(name, text, packed(name, bytes)))
        .collect()
}

/// Every file of `rules/`, sorted by name, as it stands there.
pub fn complete_files() -> Vec<File> {
    FILES
        .iter()
        .map(|(name, text, _)| file(name, text, None))
        .collect()
}

fn file(name: &str, text: &'static str, packed: Option<Packed>) -> File {
    File {
        name: name.to_string(),
        text: Cow::Borrowed(text),
        packed,
    }
}

/// The documents that have lines for a program.
pub fn command_files(program: &str) -> &'static [&'static str] {
    // Every command of every RUN asks, several times.
    static INDEX: LazyLock<HashMap<&str, &[&str]>> =
        LazyLock::new(|| PROGRAMS.iter().copied().collect());
    INDEX.get(program).copied().unwrap_or(&[])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::rule::document::{
        CommandsDocument, FactsDocument, ProfileDocument, RuleDocument, TableDocument,
    };
    use crate::rule::pattern::programs;

    /// The build script finds programs without reading YAML; what it finds must be what the documents say.
    #[test]
    fn the_index_of_programs_is_complete() {
        for (name, text, _) in FILES {
            if !name.starts_with("rules/commands/") {
                continue;
            }
            let document: CommandsDocument = serde_yaml::from_str(text).unwrap();
            let lines = document.lines.iter().map(|line| &line.run.value);
            for run in lines.chain(document.starts.iter().map(|start| &start.run.value)) {
                for program in programs(run) {
                    let files = command_files(&program);
                    assert!(
                        files.contains(name),
                        "`{program}` of {name} is not in the index"
                    );
                }
            }
        }
    }

    /// MessagePack keeps no place and no style, but every value.
    #[test]
    fn a_packed_document_says_what_its_text_says() {
        let places = regex::Regex::new(r"line: \d+,\s+column: \d+").unwrap();
        let shown = |document: &dyn std::fmt::Debug| {
            places
                .replace_all(&format!("{document:#?}"), "")
                .into_owned()
        };
        for (name, text, bytes) in FILES.iter().filter(|(name, ..)| name.ends_with(".yaml")) {
            let packed = Packed { name, bytes };
            match name.split('/').nth(1).unwrap() {
                "commands" => same::<CommandsDocument>(text, packed, &shown),
                "facts" => same::<FactsDocument>(text, packed, &shown),
                "tables" => same::<TableDocument>(text, packed, &shown),
                "profiles" => same::<ProfileDocument>(text, packed, &shown),
                _ => {
                    let mut document: RuleDocument = serde_yaml::from_str(text).unwrap();
                    document.tests.clear();
                    let packed: RuleDocument = packed.read().unwrap();
                    assert_eq!(shown(&packed), shown(&document), "{name}");
                }
            }
        }
    }

    fn same<T: DeserializeOwned + std::fmt::Debug>(
        text: &str,
        packed: Packed,
        shown: &dyn Fn(&dyn std::fmt::Debug) -> String,
    ) {
        let document: T = serde_yaml::from_str(text).unwrap();
        let read: T = packed.read().unwrap_or_else(|| panic!("{}", packed.name));
        assert_eq!(shown(&read), shown(&document), "{}", packed.name);
    }
}
