//! From files to a set of checked rules.

use super::commands::Commands;
use super::compile::{Names, Rule};
use super::document::{
    CommandsDocument, FactsDocument, ProfileDocument, RuleDocument, TableDocument,
};
use super::embedded;
use super::error::{RuleError, RuleErrors};
use super::pattern::CommandPattern;
use super::table::{Row, Table};
use crate::facts::reader::FactSpec;
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
}

/// Everything that was loaded.
#[derive(Debug, Default)]
pub struct RuleSet {
    /// Rules in the order of the profile.
    pub rules: Vec<Rule>,
    /// What commands do.
    pub commands: Commands,
    /// How facts are read.
    pub facts: BTreeMap<String, FactSpec>,
    tables: BTreeMap<String, Table>,
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
    /// The rules that come with dockopt.
    ///
    /// # Errors
    /// A mistake in a document; the project's tests see to it that there is none.
    pub fn embedded() -> Result<Self, RuleErrors> {
        Self::load(embedded::files())
    }

    /// The rules that come with dockopt, overlaid by those of the given files and folders: a document of the same
    /// kind and name takes the place of ours, new rules run after them.
    ///
    /// # Errors
    /// A path that cannot be read, or a mistake in a document, each with its place.
    pub fn with_paths(paths: &[PathBuf]) -> Result<Self, RuleErrors> {
        let mut files = embedded::files();
        for path in paths {
            files.extend(read_folder(path).map_err(|error| RuleErrors(vec![error]))?);
        }
        Self::load(files)
    }

    /// Loads documents. Later ones take the place of earlier ones of the same name.
    ///
    /// # Errors
    /// All mistakes of all documents.
    pub fn load(files: Vec<File>) -> Result<Self, RuleErrors> {
        let mut loader = Loader::default();
        let rows: BTreeMap<String, Cow<'static, str>> = files
            .iter()
            .filter(|file| file.name.ends_with(".tsv"))
            .map(|file| (file.name.clone(), file.text.clone()))
            .collect();
        for file in files.iter().filter(|file| !file.name.ends_with(".tsv")) {
            loader.file(file, &rows);
        }
        loader.finish()
    }

    /// A table.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.get(name)
    }

    /// The first row of a table with this key.
    pub fn look_up(&self, table: &str, key: &[&str]) -> Option<Row<'_>> {
        self.tables.get(table)?.get(key)
    }

    /// A rule by its id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| rule.id() == id)
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
            files.push(File {
                name: path.display().to_string().replace('\\', "/"),
                text: Cow::Owned(text),
            });
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

#[derive(Default)]
struct Loader {
    errors: Vec<RuleError>,
    rules: Vec<(RuleDocument, String, Cow<'static, str>)>,
    commands: Vec<(CommandsDocument, String)>,
    facts: BTreeMap<String, (FactsDocument, String)>,
    tables: BTreeMap<String, Table>,
    profile: Option<(ProfileDocument, String, Cow<'static, str>)>,
}

impl Loader {
    fn file(&mut self, file: &File, rows: &BTreeMap<String, Cow<'static, str>>) {
        let text = &file.text;
        let kind = match kind(text) {
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
                    match self
                        .rules
                        .iter()
                        .position(|(known, ..)| known.id.value == document.id.value)
                    {
                        Some(at) => self.rules[at] = (document, file.name.clone(), text.clone()),
                        None => self.rules.push((document, file.name.clone(), text.clone())),
                    }
                }
            }
            Kind::Commands => {
                if let Some(document) = self.read::<CommandsDocument>(file) {
                    self.version(file, document.dockopt);
                    self.patterns(&document, file);
                    // A user's lines for a tool come before ours, so that they win.
                    self.commands.push((document, file.name.clone()));
                }
            }
            Kind::Facts => {
                if let Some(document) = self.read::<FactsDocument>(file) {
                    self.version(file, document.dockopt);
                    self.facts
                        .insert(document.facts.clone(), (document, file.name.clone()));
                }
            }
            Kind::Table => {
                if let Some(document) = self.read::<TableDocument>(file) {
                    self.version(file, document.dockopt);
                    self.table(document, file, rows);
                }
            }
            Kind::Profile => {
                if let Some(document) = self.read::<ProfileDocument>(file) {
                    self.version(file, document.dockopt);
                    self.profile = Some((document, file.name.clone(), text.clone()));
                }
            }
        }
    }

    fn read<T: DeserializeOwned>(&mut self, file: &File) -> Option<T> {
        match serde_yaml::from_str::<T>(&file.text) {
            Ok(document) => Some(document),
            Err(error) => {
                let (line, column) = error
                    .location()
                    .map_or((0, 0), |at| (at.line() as usize, at.column() as usize));
                self.errors.push(RuleError {
                    file: file.name.clone(),
                    line,
                    column,
                    message: "not a valid document".into(),
                    snippet: error.to_string(),
                    help: Some("`dockopt rules schema` prints the schema of all documents".into()),
                });
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
        // Ours are checked by the tests; compiling them at each start would cost more than the run itself.
        if embedded::is_embedded(&file.name) && !cfg!(test) {
            return;
        }
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

    fn table(
        &mut self,
        document: TableDocument,
        file: &File,
        rows: &BTreeMap<String, Cow<'static, str>>,
    ) {
        let mut error = |message: String, help: &str| {
            self.errors
                .push(RuleError::at(&file.name, &file.text, 1, 1, message).help(help))
        };
        if document.columns.get(..document.key.len()) != Some(&document.key[..]) {
            error(
                "`key` must be the first columns".into(),
                "write the columns of `key` first in `columns`",
            );
            return;
        }
        let key = document.key.len();
        let table = match (&document.rows, &document.file) {
            (Some(rows), None) => {
                if let Some(row) = rows.iter().find(|row| row.len() != document.columns.len()) {
                    error(
                        format!(
                            "the row {row:?} has {} cells, not {}",
                            row.len(),
                            document.columns.len()
                        ),
                        "give each row one cell for each column, `-` where it is empty",
                    );
                }
                Table::sorted(&document.table, document.columns, key, rows)
            }
            (None, Some(name)) => {
                let folder = file.name.rsplit_once('/').map_or("", |(folder, _)| folder);
                let path = if folder.is_empty() {
                    name.clone()
                } else {
                    format!("{folder}/{name}")
                };
                match rows.get(&path) {
                    Some(text) => Table::new(&document.table, document.columns, key, text.clone()),
                    None => {
                        error(
                            format!("there is no file `{path}`"),
                            "`file` is relative to the document",
                        );
                        return;
                    }
                }
            }
            _ => {
                error(
                    "a table needs either `rows` or `file`".into(),
                    "write one of them",
                );
                return;
            }
        };
        self.tables.insert(document.table, table);
    }

    fn finish(mut self) -> Result<RuleSet, RuleErrors> {
        let mut facts = BTreeMap::new();
        for (document, file) in self.facts.into_values() {
            for (name, spec) in document.values {
                if facts.insert(name.clone(), spec).is_some() {
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
            facts: facts.keys().map(String::as_str).collect(),
            tables: self.tables.keys().map(String::as_str).collect(),
        };
        let mut compiled: Vec<Rule> = Vec::new();
        for (document, file, text) in self.rules {
            compiled.extend(Rule::compile(
                document,
                &file,
                &text,
                &names,
                &mut self.errors,
            ));
        }
        let mut rules = Vec::new();
        if let Some((profile, file, text)) = self.profile {
            for id in profile.rules {
                match compiled.iter().position(|rule| rule.id() == id.value) {
                    Some(at) => rules.push(compiled.remove(at)),
                    None if self.errors.is_empty() => self.errors.push(
                        RuleError::at(
                            &file,
                            &text,
                            id.line,
                            id.column,
                            format!("there is no rule `{}`, or it is named twice", id.value),
                        )
                        .help("`dockopt rules list` shows the rules"),
                    ),
                    None => {}
                }
            }
        }
        rules.extend(compiled);
        if !self.errors.is_empty() {
            return Err(RuleErrors(self.errors));
        }
        let mut commands = Commands::default();
        let (ours, theirs): (Vec<_>, Vec<_>) = self
            .commands
            .into_iter()
            .partition(|(_, file)| embedded::is_embedded(file));
        for (document, _) in theirs.into_iter().chain(ours) {
            commands.add(document);
        }
        Ok(RuleSet {
            rules,
            commands,
            facts,
            tables: self.tables,
        })
    }
}

/// The kind of a document, by its first key at the left margin that names one.
fn kind(text: &str) -> Option<Kind> {
    text.lines().find_map(|line| match line.split(':').next()? {
        "id" => Some(Kind::Rule),
        "commands" => Some(Kind::Commands),
        "facts" => Some(Kind::Facts),
        "table" => Some(Kind::Table),
        "profile" => Some(Kind::Profile),
        _ => None,
    })
}
