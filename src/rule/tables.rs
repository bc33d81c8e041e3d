//! All tables; those that come with dockopt are read when they are looked up.

use super::document::TableDocument;
use super::embedded::{self, Packed, Rows};
use super::error::RuleError;
use super::load::File;
use super::table::Table;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Tables by name.
#[derive(Debug, Default)]
pub struct Tables {
    own: BTreeMap<String, Table>,
    embedded: BTreeMap<&'static str, Embedded>,
}

/// A table that comes with dockopt: the document, its rows, and the table once it was looked up.
#[derive(Debug)]
struct Embedded {
    document: Packed,
    rows: Option<Rows>,
    table: OnceLock<Option<Table>>,
}

impl Tables {
    /// Those that come with dockopt.
    pub(super) fn embedded() -> Self {
        let tables = embedded::tables().map(|(name, document, rows)| {
            let table = OnceLock::new();
            let embedded = Embedded {
                document,
                rows,
                table,
            };
            (name, embedded)
        });
        Self {
            own: BTreeMap::new(),
            embedded: tables.collect(),
        }
    }

    /// Adds a table of the user, which takes the place of one of the same name.
    pub fn add(&mut self, table: Table) {
        self.own.insert(table.name.clone(), table);
    }

    /// A table by name.
    pub fn get(&self, name: &str) -> Option<&Table> {
        self.own.get(name).or_else(|| {
            let embedded = self.embedded.get(name)?;
            let read = || {
                let document: TableDocument = embedded.document.read()?;
                let file = File::new(name, "");
                let rows = |_: &str| embedded.rows.map(|rows| Cow::Borrowed(rows.text));
                let table = table(document, &file, &rows).ok()?;
                Some(table.with_marks(embedded.rows.map_or(&[], Rows::marks)))
            };
            embedded.table.get_or_init(read).as_ref()
        })
    }

    /// The names of all tables.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let own = self.own.keys().map(String::as_str);
        own.chain(self.embedded.keys().copied())
    }
}

/// The table that a document describes; `rows` gives the text of a file beside the document.
///
/// # Errors
/// A mistake in the document, or a file that is not there.
pub fn table(
    document: TableDocument,
    file: &File,
    rows: &dyn Fn(&str) -> Option<Cow<'static, str>>,
) -> Result<Table, RuleError> {
    let error = |message: String, help: &str| {
        Err(RuleError::at(&file.name, &file.text, 1, 1, message).help(help))
    };
    if document.columns.get(..document.key.len()) != Some(&document.key[..]) {
        return error(
            "`key` must be the first columns".into(),
            "write the columns of `key` first in `columns`",
        );
    }
    let key = document.key.len();
    match (&document.rows, &document.file) {
        (Some(rows), None) => {
            let columns = document.columns.len();
            if let Some(row) = rows.iter().find(|row| row.len() != columns) {
                return error(
                    format!("the row {row:?} has {} cells, not {columns}", row.len()),
                    "give each row one cell for each column, `-` where it is empty",
                );
            }
            Ok(Table::sorted(&document.table, document.columns, key, rows))
        }
        (None, Some(name)) => {
            let folder = file.name.rsplit_once('/').map_or("", |(folder, _)| folder);
            let path = match folder {
                "" => name.clone(),
                folder => format!("{folder}/{name}"),
            };
            match rows(&path) {
                Some(text) => Ok(Table::new(&document.table, document.columns, key, text)),
                None => error(
                    format!("there is no file `{path}`"),
                    "`file` is relative to the document",
                ),
            }
        }
        _ => error(
            "a table needs either `rows` or `file`".into(),
            "write one of them",
        ),
    }
}
