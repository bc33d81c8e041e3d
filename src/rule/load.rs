//! From files to a set of checked rules.

use super::commands::Commands;
use super::compile::{Names, Rule};
use super::document::{
    CommandsDocument, FactsDocument, ProfileDocument, RuleDocument, TableDocument,
};
use super::embedded::{self, Packed};
use super::entry::Entry;
use super::error::{RuleError, RuleErrors};
use super::facts::Facts;
use super::pattern::CommandPattern;
use super::profiles::{self, Profile, ProfileFile};
use super::table::{Row, Table};
use super::tables::{self, Tables};
use crate::value::{self, Invalid};
use serde::de::DeserializeOwned;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A file of rules: its name for messages and its text.
#[derive(Clone, Debug)]
pub struct File {
    /// Path, with `/`.
    pub name: String,
    /// Content.
    pub text: Cow<'static, str>,
    /// The document as it comes packed with dockopt; it is read instead of the text.
    pub(crate) packed: Option<Packed>,
}

impl File {
    /// A file of the user.
    pub fn new(name: impl Into<String>, text: impl Into<Cow<'static, str>>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
            packed: None,
        }
    }
}

/// Everything that was loaded.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// Rules in the order of the profiles.
    rules: Vec<Entry>,
    /// The profiles, sorted by name.
    pub profiles: Vec<Profile>,
    /// What commands do.
    pub commands: Commands,
    /// How facts are read.
    pub facts: Facts,
    tables: Tables,
}

/// A document by its kind.
enum Kind {
    Rule,
    Commands,
    Facts,
    Table,
    Profile,
}

impl RuleSet {
    /// The rules that come with dockopt, each read when it is asked for.
    pub fn embedded() -> Self {
        Self {
            rules: embedded::rules().collect(),
            profiles: embedded::profiles().collect(),
            commands: Commands::embedded(),
            facts: Facts::embedded(),
            tables: Tables::embedded(),
        }
    }

    /// The rules that come with dockopt, overlaid by those of the given files and folders: a document of the same
    /// kind and name takes the place of ours, new rules run after them.
    ///
    /// # Errors
    /// A path that cannot be read, or a mistake in a document, each with its place.
    pub fn with_paths(paths: &[PathBuf]) -> Result<Self, RuleErrors> {
        if paths.is_empty() {
            return Ok(Self::embedded());
        }
        let loader = Loader {
            commands: Commands::embedded(),
            tables: Tables::embedded(),
            ..Loader::default()
        };
        loader.overlaid(embedded::files(), paths)
    }

    /// The same, with the tests of the rules that come with dockopt, and every document read and checked.
    ///
    /// # Errors
    /// As for [`RuleSet::with_paths`].
    pub fn complete(paths: &[PathBuf]) -> Result<Self, RuleErrors> {
        let files = embedded::complete_files();
        let mut loader = Loader::default();
        for file in files
            .iter()
            .filter(|file| matches!(Kind::of(file), Some(Kind::Commands | Kind::Table)))
        {
            match Kind::of(file) {
                Some(Kind::Commands) => {
                    if let Some(document) = loader.read::<CommandsDocument>(file) {
                        loader.patterns(&document, file);
                    }
                }
                _ => {
                    loader.read::<TableDocument>(file);
                }
            }
        }
        if !loader.errors.is_empty() {
            return Err(RuleErrors(loader.errors));
        }
        Loader::default().overlaid(files, paths)
    }

    /// Loads documents. Later ones take the place of earlier ones of the same name.
    ///
    /// # Errors
    /// All mistakes of all documents.
    pub fn load(files: Vec<File>) -> Result<Self, RuleErrors> {
        Loader::default().load(files)
    }

    /// A table.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.get(name)
    }

    /// The first row of a table with this key.
    pub fn look_up(&self, table: &str, key: &[&str]) -> Option<Row<'_>> {
        self.tables.get(table)?.get(key)
    }

    /// All rules, in the order of the profiles; each is read when it is asked for.
    pub fn entries(&self) -> &[Entry] {
        &self.rules
    }

    /// All rules, read, in the order of the profiles.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter_map(Entry::rule)
    }

    /// A rule by its id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        let entry = self.rules.iter().find(|rule| rule.id() == id);
        entry.and_then(Entry::rule)
    }
}

/// Reads a file, or every `.yaml`, `.yml` and `.tsv` below a folder, sorted.
///
/// # Errors
/// A path that cannot be read.
pub fn read_folder(path: &Path) -> Result<Vec<File>, RuleError> {
    let error = |path: &Path, error: std::io::Error| RuleError {
        file: path.display().to_string(),
        line: 0,
        column: 0,
        message: format!("cannot be read: {error}"),
        snippet: String::new(),
        help: Some("give a YAML file or a folder of YAML files".into()),
    };
    let mut pending = vec![path.to_path_buf()];
    let mut files = Vec::new();
    while let Some(path) = pending.pop() {
        let meta = std::fs::metadata(&path).map_err(|e| error(&path, e))?;
        if meta.is_dir() {
            for entry in std::fs::read_dir(&path).map_err(|e| error(&path, e))? {
                pending.push(entry.map_err(|e| error(&path, e))?.path());
            }
        } else if path
            .extension()
            .is_some_and(|ext| ["yaml", "yml", "tsv"].iter().any(|known| ext == *known))
        {
            let text = std::fs::read_to_string(&path).map_err(|e| error(&path, e))?;
            let name = path.display().to_string().replace('\\', "/");
            files.push(File::new(name, text));
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

#[derive(Default)]
struct Loader {
    errors: Vec<RuleError>,
    /// Documents with their files' names and texts, and whether they came packed.
    rules: Vec<(RuleDocument, String, Cow<'static, str>, bool)>,
    commands: Commands,
    facts: BTreeMap<String, (FactsDocument, String)>,
    tables: Tables,
    profiles: BTreeMap<String, ProfileFile>,
}

impl Loader {
    fn overlaid(self, mut files: Vec<File>, paths: &[PathBuf]) -> Result<RuleSet, RuleErrors> {
        for path in paths {
            files.extend(read_folder(path).map_err(|error| RuleErrors(vec![error]))?);
        }
        self.load(files)
    }

    fn load(mut self, files: Vec<File>) -> Result<RuleSet, RuleErrors> {
        let rows: BTreeMap<String, Cow<'static, str>> = files
            .iter()
            .filter(|file| file.name.ends_with(".tsv"))
            .map(|file| (file.name.clone(), file.text.clone()))
            .collect();
        for file in files.iter().filter(|file| !file.name.ends_with(".tsv")) {
            self.file(file, &rows);
        }
        self.finish()
    }

    fn file(&mut self, file: &File, rows_of: &BTreeMap<String, Cow<'static, str>>) {
        let text = &file.text;
        let kind = match Kind::of(file) {
            Some(kind) => kind,
            None => {
                self.errors.push(
                    RuleError::at(&file.name, text, 1, 1, "the document is of no known kind")
                        .help("it needs one of the keys `id`, `commands`, `facts`, `table` or `profile` beside `dockopt: 1`"),
                );
                return;
            }
        };
        match kind {
            Kind::Rule => {
                if let Some(document) = self.read::<RuleDocument>(file) {
                    self.version(file, document.dockopt);
                    let known = self
                        .rules
                        .iter()
                        .position(|(known, ..)| known.id.value == document.id.value);
                    let packed = file.packed.is_some();
                    let entry = (document, file.name.clone(), text.clone(), packed);
                    match known {
                        Some(at) => self.rules[at] = entry,
                        None => self.rules.push(entry),
                    }
                }
            }
            Kind::Commands => {
                if let Some(document) = self.read::<CommandsDocument>(file) {
                    self.version(file, document.dockopt);
                    self.patterns(&document, file);
                    self.commands.add(document);
                }
            }
            Kind::Facts => {
                if let Some(document) = self.read::<FactsDocument>(file) {
                    self.version(file, document.dockopt);
                    self.specs(&document, file);
                    self.facts
                        .insert(document.facts.clone(), (document, file.name.clone()));
                }
            }
            Kind::Table => {
                if let Some(document) = self.read::<TableDocument>(file) {
                    self.version(file, document.dockopt);
                    match tables::table(document, file, &|path| rows_of.get(path).cloned()) {
                        Ok(table) => self.tables.add(table),
                        Err(error) => self.errors.push(error),
                    }
                }
            }
            Kind::Profile => {
                if let Some(document) = self.read::<ProfileDocument>(file) {
                    self.version(file, document.dockopt);
                    self.profiles.insert(
                        document.profile.clone(),
                        (document, file.name.clone(), text.clone()),
                    );
                }
            }
        }
    }

    /// Checks how facts are read. Regular expressions of embedded facts are left to the tests: compiling them
    /// takes longer than a rewrite.
    fn specs(&mut self, document: &FactsDocument, file: &File) {
        let regexes = file.packed.is_none();
        for (name, spec) in &document.values {
            let checked = spec.value.validate().and_then(|()| match regexes {
                true => spec.value.validate_regex(),
                false => Ok(()),
            });
            if let Err(error) = checked {
                let message = format!("the fact `{name}`: {error}");
                let error = RuleError::at(&file.name, &file.text, spec.line, spec.column, message);
                self.errors.push(error);
            }
        }
    }

    fn read<T: DeserializeOwned>(&mut self, file: &File) -> Option<T> {
        if let Some(document) = file.packed.and_then(Packed::read) {
            return Some(document);
        }
        match value::from_yaml(&file.text) {
            Ok(document) => Some(document),
            Err(Invalid {
                line,
                column,
                message,
            }) => {
                self.errors.push(
                    RuleError::at(&file.name, &file.text, line, column, message)
                        .help("`dockopt rules schema` prints the schema of all documents"),
                );
                None
            }
        }
    }

    fn version(&mut self, file: &File, version: u32) {
        if version != 1 {
            self.errors.push(
                RuleError::at(
                    &file.name,
                    &file.text,
                    1,
                    1,
                    format!("version {version} of the rule language is not known"),
                )
                .help("write `dockopt: 1`"),
            );
        }
    }

    fn patterns(&mut self, document: &CommandsDocument, file: &File) {
        for run in document
            .lines
            .iter()
            .map(|line| &line.run)
            .chain(document.starts.iter().map(|start| &start.run))
        {
            if let Err(error) = CommandPattern::with_options(&run.value, &document.value_options) {
                self.errors.push(RuleError::at(
                    &file.name,
                    &file.text,
                    run.line,
                    run.column,
                    error.to_string(),
                ));
            }
        }
    }

    fn finish(mut self) -> Result<RuleSet, RuleErrors> {
        let mut facts = BTreeMap::new();
        for (document, file) in self.facts.into_values() {
            for (name, spec) in document.values {
                if facts.insert(name.clone(), spec.value).is_some() {
                    self.errors.push(RuleError {
                        file: file.clone(),
                        line: 0,
                        column: 0,
                        message: format!("the fact `{name}` is defined twice"),
                        snippet: String::new(),
                        help: Some("facts of all documents share one namespace".into()),
                    });
                }
            }
        }
        let names = Names {
            facts: Some(facts.keys().map(String::as_str).collect()),
            tables: Some(self.tables.names().collect()),
        };
        let mut compiled = Vec::with_capacity(self.rules.len());
        for (document, file, text, lean) in self.rules {
            let rule = Rule::compile(document, &file, &text, &names, lean, &mut self.errors);
            compiled.extend(rule.map(|rule| {
                Entry::read(Rule {
                    embedded: matches!(text, Cow::Borrowed(_)),
                    ..rule
                })
            }));
        }
        let rules = profiles::arrange(&self.profiles, compiled, &mut self.errors);
        if !self.errors.is_empty() {
            return Err(RuleErrors(self.errors));
        }
        let profiles = self.profiles.into_values().map(|(profile, ..)| Profile {
            name: profile.profile.into(),
            title: profile.title.into(),
        });
        Ok(RuleSet {
            rules,
            profiles: profiles.collect(),
            commands: self.commands,
            facts: Facts::read(facts),
            tables: self.tables,
        })
    }
}

impl Kind {
    /// The kind of a document: of one that comes packed by its folder, so that no page of its text is touched, of
    /// others by the first key at the left margin that names one.
    fn of(file: &File) -> Option<Self> {
        if let Some(packed) = file.packed {
            return Some(match packed.name.split('/').nth(1) {
                Some("commands") => Self::Commands,
                Some("facts") => Self::Facts,
                Some("tables") => Self::Table,
                Some("profiles") => Self::Profile,
                _ => Self::Rule,
            });
        }
        let mut lines = file.text.lines();
        lines.find_map(|line| match line.split(':').next()? {
            "id" => Some(Self::Rule),
            "commands" => Some(Self::Commands),
            "facts" => Some(Self::Facts),
            "table" => Some(Self::Table),
            "profile" => Some(Self::Profile),
            _ => None,
        })
    }
}
