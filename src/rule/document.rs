//! The YAML documents as they are written. The JSON schema and the reference are made from these types.

mod commands;
mod matching;
mod split;
mod verbs;

pub use commands::{
    Account, CacheDocument, CommandsDocument, LineDocument, Role, StartDocument, WritesDocument,
};
pub use matching::{
    Comparison, Condition, Derivation, LaterDocument, LookUpDocument, MatchDocument, PairDocument,
    RegexTest, StageChoice, TableTest,
};
pub use split::{
    AloneDocument, BinariesDocument, CarryDocument, LibrariesDocument, LighterDocument,
    OccupiedDocument, PackageDocument, PlaceDocument, ReasonDocument, RuntimeDocument,
    SelfContainedDocument, SourcesDocument, SplitVerb, ToolsDocument,
};
pub use verbs::{
    AppendVerb, BranchVerb, EditVerb, IgnoreVerb, InsertVerb, LayersVerb, MergeVerb, MoveVerb,
    PruneVerb, RebaseVerb, RemoveVerb, ReplaceVerb, RespellVerb, Spelling, StartAsVerb, Verb,
};

use crate::facts::reader::FactSpec;
use crate::rule::at::At;
use crate::rule::level::Level;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A rule: what it looks for, under which conditions, and what it does.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleDocument {
    /// Version of the rule language: 1.
    pub dockopt: u32,
    /// Kebab-case name, equal to the file's name.
    pub id: At<String>,
    /// Imperative line; also the pull request's line for this change.
    pub title: String,
    /// How sure the change is to keep the image working.
    pub safety: Level,
    /// The reason, in Markdown.
    pub why: String,
    /// How it can go wrong; mandatory unless `safety: safe`.
    pub risk: Option<String>,
    /// References.
    #[serde(default)]
    pub links: Vec<String>,
    /// Words to select the rule by.
    #[serde(default)]
    pub tags: Vec<String>,
    /// What the rule looks for.
    #[serde(rename = "match")]
    pub matching: MatchDocument,
    /// Conditions; all must hold.
    #[serde(default)]
    pub when: Vec<At<Condition>>,
    /// Further names for the texts of the verbs, made from captures.
    #[serde(default, rename = "let")]
    pub derived: BTreeMap<String, At<Derivation>>,
    /// What the rule does; nothing means a finding without a fix.
    #[serde(default, rename = "do")]
    pub verbs: Vec<At<Verb>>,
    /// What a finding says of the place, with holes; only for a rule without `do`, where it is mandatory.
    pub says: Option<At<String>>,
    /// What to do about a finding.
    pub help: Option<String>,
    /// Parts of the image contract that the rule may alter.
    #[serde(default)]
    pub changes: Vec<ContractPart>,
    /// Cases: at least one with `after` and one with `same`.
    #[serde(default)]
    pub tests: Vec<At<TestDocument>>,
}

/// A part of the image contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContractPart {
    /// PATH.
    Path,
    /// Variables that only a build uses.
    BuildEnv,
    /// Variables that the base image gave.
    InheritedEnv,
    /// Any ENV.
    Env,
    /// CMD.
    Cmd,
    /// ENTRYPOINT.
    Entrypoint,
    /// WORKDIR.
    Workdir,
    /// USER.
    User,
    /// EXPOSE.
    Expose,
    /// VOLUME.
    Volume,
    /// LABEL and MAINTAINER.
    Label,
    /// HEALTHCHECK.
    Healthcheck,
    /// STOPSIGNAL.
    Stopsignal,
    /// SHELL.
    Shell,
    /// ONBUILD.
    Onbuild,
}

/// A case of a rule: a Dockerfile before, and what becomes of it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestDocument {
    /// What the case shows.
    pub name: String,
    /// Files of the build context; without this key there is none and every fact is unknown.
    pub files: Option<BTreeMap<String, String>>,
    /// The Dockerfile before.
    pub before: Option<String>,
    /// The Dockerfile after.
    pub after: Option<String>,
    /// A Dockerfile that stays as it is.
    pub same: Option<String>,
    /// The reason code of the refusal where it stays (`same`); nothing where the rule does not match at all.
    pub skipped: Option<String>,
    /// The value of `--base`, where it is not the default.
    pub base: Option<String>,
    /// Text that one of the assumptions must contain.
    pub assumes: Option<String>,
    /// The `.dockerignore` that comes out of it.
    pub dockerignore: Option<String>,
    /// Texts of findings, in order: each finding of the rule must contain the text at its place.
    #[serde(default)]
    pub finds: Vec<String>,
}

/// Facts of an ecosystem: `facts: node`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FactsDocument {
    /// Version of the rule language: 1.
    pub dockopt: u32,
    /// The ecosystem, equal to the file's name.
    pub facts: String,
    /// The facts: a name in kebab-case, and how it is read.
    pub values: BTreeMap<String, At<FactSpec>>,
}

/// A table: `table: base-swap`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableDocument {
    /// Version of the rule language: 1.
    pub dockopt: u32,
    /// The name, equal to the file's name.
    pub table: String,
    /// What the table says.
    pub title: String,
    /// Where the facts come from, with date.
    pub source: Option<String>,
    /// The columns that identify a row: the first ones of `columns`.
    pub key: Vec<String>,
    /// All columns.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Option<Vec<Vec<String>>>,
    /// A file of tab-separated rows beside the document, sorted by bytes.
    pub file: Option<String>,
}

/// A profile: which rules, in which order.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileDocument {
    /// Version of the rule language: 1.
    pub dockopt: u32,
    /// The name, equal to the file's name.
    pub profile: String,
    /// What the profile is for.
    pub title: String,
    /// A profile whose rules are part of this one, in their order.
    pub extends: Option<At<String>>,
    /// Rules that run before those of the extended profile.
    #[serde(default)]
    pub first: Vec<At<String>>,
    /// The rule of the extended profile after which the rules of this one run; without it at the end.
    pub after: Option<At<String>>,
    /// Ids of rules, in the order in which they run.
    pub rules: Vec<At<String>>,
}
