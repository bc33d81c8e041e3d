//! Tables: rows of words, looked up by the first columns.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

/// A line of a table, and where it starts.
pub type Mark = (&'static str, usize);

/// A table. Rows are lines of tab-separated columns, sorted by bytes, so that a look-up is a binary search and
/// nothing is built when the program starts.
#[derive(Clone, Debug)]
pub struct Table {
    /// The name.
    pub name: String,
    /// Names of all columns; the first `key` ones identify a row.
    pub columns: Arc<[String]>,
    /// How many columns are the key.
    pub key: usize,
    rows: Cow<'static, str>,
    /// Some of the lines, in order: a search looks at these first.
    marks: &'static [Mark],
    /// Where the rows start whose first column ends in `*`.
    stars: OnceLock<Vec<usize>>,
}

impl Table {
    /// A table over sorted, tab-separated lines.
    pub fn new(name: &str, columns: Vec<String>, key: usize, rows: Cow<'static, str>) -> Self {
        Self {
            name: name.to_string(),
            columns: columns.into(),
            key,
            rows,
            marks: &[],
            stars: OnceLock::new(),
        }
    }

    /// The same table, whose rows start at `marks` among other places.
    pub fn with_marks(self, marks: &'static [Mark]) -> Self {
        Self { marks, ..self }
    }

    /// The same rows, sorted; for rows written by hand.
    pub fn sorted(name: &str, columns: Vec<String>, key: usize, rows: &[Vec<String>]) -> Self {
        let mut lines: Vec<String> = rows.iter().map(|row| row.join("\t")).collect();
        lines.sort();
        lines.dedup();
        Self::new(name, columns, key, Cow::Owned(lines.join("\n")))
    }

    /// Rows whose first columns equal `key` (a prefix of the key will do), in order.
    pub fn rows<'a>(&'a self, key: &[&str]) -> impl Iterator<Item = Row<'a>> + use<'a> {
        let mut prefix = key.join("\t");
        if !key.is_empty() && key.len() < self.columns.len() {
            prefix.push('\t');
        }
        let whole = key.len() == self.columns.len();
        let text: &str = &self.rows;
        let mut at = self.first(&prefix);
        let columns = &self.columns;
        std::iter::from_fn(move || {
            let line = text.get(at..)?.split('\n').next()?;
            if line.is_empty() || !line.starts_with(&prefix) || (whole && line != prefix) {
                return None;
            }
            at += line.len() + 1;
            Some(Row { line, columns })
        })
    }

    /// Offset of the first line that is not less than `prefix`.
    fn first(&self, prefix: &str) -> usize {
        let next = self.marks.partition_point(|(line, _)| *line < prefix);
        let start = next.checked_sub(1).map_or(0, |last| self.marks[last].1);
        let end = self.marks.get(next).map_or(self.rows.len(), |(_, at)| *at);
        start + lower_bound(self.rows.get(start..end).unwrap_or_default(), prefix)
    }

    /// The first row with this key.
    pub fn get(&self, key: &[&str]) -> Option<Row<'_>> {
        self.rows(key).next()
    }

    /// The first row whose first column, read as a name with an optional `*` at its end, fits `name`.
    pub fn get_pattern(&self, name: &str) -> Option<Row<'_>> {
        self.get(&[name]).or_else(|| {
            let stars = self.stars.get_or_init(|| {
                let ends = |row: &str| row.split('\t').next().is_some_and(|it| it.ends_with('*'));
                let mut start = 0;
                let mut stars = Vec::new();
                for row in self.rows.split('\n') {
                    if ends(row) {
                        stars.push(start);
                    }
                    start += row.len() + 1;
                }
                stars
            });
            let rows = stars.iter().filter_map(|start| self.rows.get(*start..));
            rows.filter_map(|rest| rest.split('\n').next())
                .find(|line| {
                    let first = line.split('\t').next().unwrap_or(line);
                    name.starts_with(first.trim_end_matches('*'))
                })
                .map(|line| Row {
                    line,
                    columns: &self.columns,
                })
        })
    }

    /// All rows.
    pub fn all(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.lines().map(|line| Row {
            line,
            columns: &self.columns,
        })
    }
}

/// A row of a table.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    line: &'a str,
    columns: &'a [String],
}

impl<'a> Row<'a> {
    /// A column's text; `None` where the table has no such column or the cell is empty (`-`).
    pub fn get(&self, column: &str) -> Option<&'a str> {
        let at = self.columns.iter().position(|name| name == column)?;
        self.line
            .split('\t')
            .nth(at)
            .filter(|cell| !cell.is_empty() && *cell != "-")
    }
}

/// Offset of the first line that is not less than `prefix`.
fn lower_bound(text: &str, prefix: &str) -> usize {
    let bytes = text.as_bytes();
    let (mut low, mut high) = (0, bytes.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = bytes[..middle]
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |at| at + 1)
            .max(low);
        let end = bytes[middle..]
            .iter()
            .position(|b| *b == b'\n')
            .map_or(bytes.len(), |at| middle + at);
        if &bytes[start..end] < prefix.as_bytes() {
            low = (end + 1).min(bytes.len());
        } else {
            high = start;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn table() -> Table {
        let rows: Vec<Vec<String>> = [
            ["node", "18", "a"],
            ["node", "18-slim", "b"],
            ["node", "2", "c"],
            ["python", "3", "-"],
            ["gcc-*", "x", "d"],
        ]
        .iter()
        .map(|row| row.iter().map(ToString::to_string).collect())
        .collect();
        Table::sorted(
            "t",
            vec!["image".into(), "tag".into(), "value".into()],
            2,
            &rows,
        )
    }

    #[test]
    fn rows_are_found_by_their_key_and_not_by_a_longer_one() {
        let table = table();
        assert_eq!(table.get(&["node", "18"]).unwrap().get("value"), Some("a"));
        assert_eq!(
            table.get(&["node", "18-slim"]).unwrap().get("value"),
            Some("b")
        );
        assert!(table.get(&["node", "1"]).is_none());
        assert!(table.get(&["node", "3"]).is_none());
        assert!(table.get(&["zzz", "3"]).is_none());
        assert!(table.get(&["a", "3"]).is_none());
        assert_eq!(table.rows(&["node"]).count(), 3);
    }

    #[test]
    fn a_key_of_all_columns_is_not_the_beginning_of_a_longer_one() {
        let rows: Vec<Vec<String>> = [["debian", "hostname"], ["debian", "gpgv"]]
            .iter()
            .map(|row| row.iter().map(ToString::to_string).collect())
            .collect();
        let columns = vec!["family".into(), "command".into()];
        let table = Table::sorted("t", columns, 2, &rows);
        assert!(table.get(&["debian", "gpgv"]).is_some());
        assert!(table.get(&["debian", "gpg"]).is_none());
        assert!(table.get(&["debian", "host"]).is_none());
    }

    #[test]
    fn an_empty_cell_is_none() {
        assert_eq!(table().get(&["python", "3"]).unwrap().get("value"), None);
    }

    #[test]
    fn a_star_at_the_end_stands_for_any_rest() {
        assert_eq!(
            table().get_pattern("gcc-12").unwrap().get("value"),
            Some("d")
        );
        assert!(table().get_pattern("g++").is_none());
    }
}
