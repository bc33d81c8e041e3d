//! Byte offsets to lines and columns.

/// Offsets at which physical lines start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LineIndex {
    starts: Vec<usize>,
}

impl LineIndex {
    pub(super) fn new(source: &str) -> Self {
        let mut index = Self::for_length(source.len());
        let mut offset = 0;
        while let Some(found) = source.get(offset..).and_then(|rest| rest.find('\n')) {
            offset += found + 1;
            index.push(offset);
        }
        index
    }

    /// An index of the first line alone, with room for a text of that many bytes.
    pub(super) fn for_length(bytes: usize) -> Self {
        let mut starts = Vec::with_capacity(bytes / 32 + 1);
        starts.push(0);
        Self { starts }
    }

    /// Adds the line that starts at `offset`, after a newline.
    pub(super) fn push(&mut self, offset: usize) {
        self.starts.push(offset);
    }

    /// How many newlines there are.
    pub(super) fn newlines(&self) -> usize {
        self.starts.len() - 1
    }

    /// Line and column (characters), both counted from 1; a byte order mark is no column.
    /// An offset past the end counts as the end.
    pub(super) fn position(&self, source: &str, offset: usize) -> (usize, usize) {
        let offset = source.floor_char_boundary(offset.min(source.len()));
        let line = self.starts.partition_point(|&start| start <= offset).max(1);
        let start = self.starts.get(line - 1).copied().unwrap_or(0);
        let before = source.get(start..offset).unwrap_or("");
        let marks = usize::from(line == 1 && before.starts_with('\u{feff}'));
        (line, before.chars().count() - marks + 1)
    }

    /// Where `line` (counted from 1) starts; the last line's end for a line past the end.
    pub(super) fn start_of(&self, line: usize, source_len: usize) -> usize {
        self.starts
            .get(line.saturating_sub(1))
            .copied()
            .unwrap_or(source_len)
    }
}
