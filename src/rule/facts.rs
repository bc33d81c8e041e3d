//! How facts are read, by name.

use super::document::FactsDocument;
use super::embedded::{self, Packed};
use crate::facts::reader::FactSpec;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// All facts. Documents that come with dockopt are read when a fact of theirs is asked for, unless the user has
/// documents beside them.
#[derive(Debug, Default)]
pub struct Facts {
    read: BTreeMap<String, FactSpec>,
    /// In the order of their names, all of them: an index of the build names them by their place.
    embedded: Vec<Unread>,
}

impl Facts {
    /// Facts that have been read.
    pub(super) fn read(read: BTreeMap<String, FactSpec>) -> Self {
        Self {
            read,
            embedded: Vec::new(),
        }
    }

    /// Those that come with dockopt.
    pub(super) fn embedded() -> Self {
        Self {
            read: BTreeMap::new(),
            embedded: embedded::facts()
                .map(|packed| (packed, OnceLock::new()))
                .collect(),
        }
    }

    /// How a fact is read.
    pub fn get(&self, fact: &str) -> Option<&FactSpec> {
        let embedded = || {
            let document = self.embedded.get(embedded::fact_file(fact)?)?;
            values(document).get(fact)
        };
        self.read.get(fact).or_else(embedded)
    }

    /// All facts.
    pub fn all(&self) -> impl Iterator<Item = (&String, &FactSpec)> {
        let embedded = self.embedded.iter().flat_map(values);
        self.read.iter().chain(embedded)
    }
}

type Unread = (Packed, OnceLock<BTreeMap<String, FactSpec>>);

fn values((packed, facts): &Unread) -> &BTreeMap<String, FactSpec> {
    facts.get_or_init(|| {
        let document = packed.read::<FactsDocument>();
        let values = document.map(|document| document.values).unwrap_or_default();
        let facts = values.into_iter();
        facts.map(|(name, spec)| (name, spec.value)).collect()
    })
}
