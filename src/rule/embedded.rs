//! The rules that are compiled into the program.

use super::entry::{Entry, Head, Want};
use super::fnv::fnv;
use super::load::File;
use super::profiles::Profile;
use super::table::Mark;
use crate::value;
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::ops::Range;

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
        value::from_packed(self.bytes)
    }
}

/// The rules, facts and profiles of `rules/`, sorted by name, to be read from their packed form: rules without their
/// tests, which a rewrite does not need.
pub fn files() -> Vec<File> {
    let later = ["rules/commands/", "rules/tables/"];
    FILES
        .iter()
        .filter(|(name, ..)| !later.iter().any(|folder| name.starts_with(folder)))
        .map(|(name, text, at)| file(name, text, Some(packed(name, at))))
        .collect()
}

/// Every file of `rules/`, sorted by name, as it stands there.
pub fn complete_files() -> Vec<File> {
    FILES
        .iter()
        .map(|(name, text, _)| file(name, text, None))
        .collect()
}

fn packed(name: &'static str, at: &Range<usize>) -> Packed {
    let bytes = PACKED.get(at.clone()).unwrap_or_default();
    Packed { name, bytes }
}

fn file(name: &str, text: &'static str, packed: Option<Packed>) -> File {
    File {
        name: name.to_string(),
        text: Cow::Borrowed(text),
        packed,
    }
}

/// Which of the documents under `rules/commands` have lines for a program.
pub fn command_files(program: &str) -> &'static [usize] {
    let hash = fnv(program);
    let start = PROGRAMS.partition_point(|(known, ..)| *known < hash);
    let mut same = PROGRAMS[start..].iter();
    let known = same.find(|(known, name, _)| *known != hash || *name == program);
    match known {
        Some((known, _, files)) if *known == hash => files,
        _ => &[],
    }
}

/// Lines of the table that a file of `rules/` holds, and where they start.
fn marks(file: &str) -> &'static [Mark] {
    let at = MARKS.binary_search_by(|(name, _)| (*name).cmp(file));
    at.map_or(&[], |at| MARKS[at].1)
}

/// Which of the documents under `rules/facts` says how a fact is read.
pub fn fact_file(fact: &str) -> Option<usize> {
    let at = FACTS.binary_search_by(|(name, _)| (*name).cmp(fact));
    at.ok().map(|at| FACTS[at].1)
}

/// The rules, in the order in which they run.
pub fn rules() -> impl Iterator<Item = Entry> {
    RULES
        .iter()
        .map(|(head, (name, at))| Entry::packed(head, packed(name, at)))
}

/// The profiles, sorted by name.
pub fn profiles() -> impl Iterator<Item = Profile> {
    PROFILES.iter().map(|(name, title)| Profile {
        name: Cow::Borrowed(name),
        title: Cow::Borrowed(title),
    })
}

/// The documents under `rules/commands`, in the order in which [`command_files`] counts them.
pub fn commands() -> impl Iterator<Item = Packed> {
    COMMANDS.iter().map(|(name, at)| packed(name, at))
}

/// The documents under `rules/facts`, in the order in which [`fact_file`] counts them.
pub fn facts() -> impl Iterator<Item = Packed> {
    FACT_FILES.iter().map(|(name, at)| packed(name, at))
}

/// The tables by name, and their rows where these stand in a file of their own.
pub fn tables() -> impl Iterator<Item = (&'static str, Packed, Option<Rows>)> {
    TABLES.iter().map(|(table, (name, at), rows)| {
        let rows = rows.and_then(|rows| FILES.get(rows));
        let rows = rows.map(|(file, text, _)| Rows { file, text });
        (*table, packed(name, at), rows)
    })
}

/// The rows of a table.
#[derive(Clone, Copy, Debug)]
pub struct Rows {
    file: &'static str,
    /// As the file has them.
    pub text: &'static str,
}

impl Rows {
    /// Lines of them, and where they start.
    pub fn marks(self) -> &'static [Mark] {
        marks(self.file)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::rule::document::{
        CommandsDocument, FactsDocument, ProfileDocument, RuleDocument, TableDocument,
    };
    use crate::rule::pattern::programs;
    use crate::rule::table::Table;

    /// The build script finds programs without reading YAML; what it finds must be what the documents say.
    #[test]
    fn the_index_of_programs_is_complete() {
        let commands = FILES
            .iter()
            .filter(|(name, ..)| name.starts_with("rules/commands/"));
        for (at, (name, text, _)) in commands.enumerate() {
            let document: CommandsDocument = value::from_yaml(text).unwrap();
            let lines = document.lines.iter().map(|line| &line.run.value);
            for run in lines.chain(document.starts.iter().map(|start| &start.run.value)) {
                for program in programs(run) {
                    let files = command_files(&program);
                    assert!(
                        files.contains(&at),
                        "`{program}` of {name} is not in the index"
                    );
                }
            }
        }
    }

    /// The marks of a table only make a search shorter.
    #[test]
    fn marks_lead_to_the_rows_that_a_search_without_them_finds() {
        let mut marked = 0;
        for (name, text, _) in FILES.iter().filter(|(name, ..)| name.ends_with(".tsv")) {
            let columns = text.lines().next().unwrap().split('\t');
            let columns: Vec<String> = columns.map(str::to_string).collect();
            let plain = Table::new(name, columns, 1, Cow::Borrowed(text));
            let table = plain.clone().with_marks(marks(name));
            marked += marks(name).len();
            for (line, at) in marks(name) {
                assert!(text[*at..].starts_with(line), "{name}: {line}");
            }
            for line in text.lines().step_by(7) {
                let (first, rest) = line.split_once('\t').unwrap();
                let second = rest.split('\t').next().unwrap();
                for key in [&[first][..], &[first, second], &[first, "zz"], &[second]] {
                    let found =
                        |table: &Table| table.rows(key).map(|row| format!("{row:?}")).next();
                    assert_eq!(found(&table), found(&plain), "{name}: {key:?}");
                }
            }
        }
        assert!(marked > 100);
    }

    #[test]
    fn the_index_of_facts_is_complete() {
        let facts = FILES
            .iter()
            .filter(|(name, ..)| name.starts_with("rules/facts/"));
        let mut known = 0;
        for (at, (name, text, _)) in facts.enumerate() {
            let document: FactsDocument = value::from_yaml(text).unwrap();
            for fact in document.values.keys() {
                assert_eq!(fact_file(fact), Some(at), "`{fact}` of {name}");
                known += 1;
            }
        }
        assert_eq!(known, FACTS.len());
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
        for (name, text, at) in FILES.iter().filter(|(name, ..)| name.ends_with(".yaml")) {
            let packed = packed(name, at);
            match name.split('/').nth(1).unwrap() {
                "commands" => same::<CommandsDocument>(text, packed, &shown),
                "facts" => same::<FactsDocument>(text, packed, &shown),
                "tables" => same::<TableDocument>(text, packed, &shown),
                "profiles" => same::<ProfileDocument>(text, packed, &shown),
                _ => {
                    let mut document: RuleDocument = value::from_yaml(text).unwrap();
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
        let document: T = value::from_yaml(text).unwrap();
        let read: T = packed.read().unwrap_or_else(|| panic!("{}", packed.name));
        assert_eq!(shown(&read), shown(&document), "{}", packed.name);
    }
}
