//! The JSON schema of rule documents, for editors; made from the types that read them.

use super::document::{
    CommandsDocument, FactsDocument, ProfileDocument, RuleDocument, TableDocument,
};
use schemars::{JsonSchema, Schema};

/// Any document of `rules/`: a rule (`id`), `commands`, `facts`, a `table` or a `profile`.
#[derive(JsonSchema)]
#[schemars(untagged, title = "dockopt rule document")]
#[allow(dead_code, clippy::large_enum_variant)]
enum AnyDocument {
    /// A rule.
    Rule(RuleDocument),
    /// What the commands of a tool do.
    Commands(CommandsDocument),
    /// Facts of an ecosystem.
    Facts(FactsDocument),
    /// A table.
    Table(TableDocument),
    /// Rules in the order in which they run.
    Profile(ProfileDocument),
}

/// The JSON schema of every kind of document.
pub fn schema() -> Schema {
    schemars::schema_for!(AnyDocument)
}
