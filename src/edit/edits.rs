//! A set of edits that do not overlap.

use crate::syntax::Span;

/// Replace the bytes of `span` by `text`. An empty span inserts, an empty text removes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Bytes of the original text.
    pub span: Span,
    /// What stands there instead.
    pub text: String,
}

/// Why an edit cannot join a set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// Two edits change the same bytes, or one inserts inside what the other replaces.
    #[error(
        "the edit of bytes {}..{} overlaps the edit of bytes {}..{}",
        new.start, new.end, existing.start, existing.end
    )]
    Overlap {
        /// The edit that was refused.
        new: Span,
        /// The edit in the set.
        existing: Span,
    },
    /// The same text is inserted at the same place.
    #[error("the same text is inserted twice at byte {}", span.start)]
    Duplicate {
        /// Where.
        span: Span,
    },
}

/// Edits of one text, none overlapping another.
///
/// Text inserted where a replaced span starts comes before its replacement, text inserted where it
/// ends after it. Several insertions at one place keep the order in which they were added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edits {
    /// In order of their start; insertions before the replacement that starts at the same place.
    sorted: Vec<Edit>,
}

impl Edits {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Inserts `text` before the byte at `offset`.
    ///
    /// # Errors
    /// The place lies inside a replaced span, or the same text is inserted there already.
    pub fn insert(&mut self, offset: usize, text: impl Into<String>) -> Result<(), EditError> {
        self.add(Edit {
            span: Span::at(offset),
            text: text.into(),
        })
    }

    /// Replaces the bytes of `span`.
    ///
    /// # Errors
    /// The span overlaps another edit.
    pub fn replace(&mut self, span: Span, text: impl Into<String>) -> Result<(), EditError> {
        self.add(Edit {
            span,
            text: text.into(),
        })
    }

    /// Removes the bytes of `span`.
    ///
    /// # Errors
    /// The span overlaps another edit.
    pub fn remove(&mut self, span: Span) -> Result<(), EditError> {
        self.add(Edit {
            span,
            text: String::new(),
        })
    }

    /// Adds an edit. One that changes nothing (empty span, empty text) is dropped.
    ///
    /// # Errors
    /// The edit overlaps one in the set, or is an insertion that the set has already.
    pub fn add(&mut self, edit: Edit) -> Result<(), EditError> {
        if edit.span.is_empty() && edit.text.is_empty() {
            return Ok(());
        }
        let at = self.place_of(&edit)?;
        self.sorted.insert(at, edit);
        Ok(())
    }

    /// Adds all edits of `other`, or none.
    ///
    /// # Errors
    /// As [`Edits::add`], for the first edit that does not fit.
    pub fn extend(&mut self, other: Edits) -> Result<(), EditError> {
        let mut joined = self.clone();
        for edit in other.sorted {
            joined.add(edit)?;
        }
        *self = joined;
        Ok(())
    }

    /// The edits in order of their place.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Edit> {
        self.sorted.iter()
    }

    /// Whether there is nothing to change.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// How many edits there are.
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// The text with all edits made. Spans that do not fit the text are clamped to it and to its
    /// character boundaries, so a set made for another text does not panic.
    pub fn apply(&self, source: &str) -> String {
        let grown: usize = self.sorted.iter().map(|edit| edit.text.len()).sum();
        let mut result = String::with_capacity(source.len() + grown);
        let mut done = 0;
        for edit in &self.sorted {
            let start = source
                .floor_char_boundary(edit.span.start.min(source.len()))
                .max(done);
            let end = source
                .ceil_char_boundary(edit.span.end.min(source.len()))
                .max(start);
            result.push_str(source.get(done..start).unwrap_or(""));
            result.push_str(&edit.text);
            done = end;
        }
        result.push_str(source.get(done..).unwrap_or(""));
        result
    }

    /// The index in `sorted` for a new edit.
    fn place_of(&self, edit: &Edit) -> Result<usize, EditError> {
        let Span { start, end } = edit.span;
        let overlap = |existing: &Edit| EditError::Overlap {
            new: edit.span,
            existing: existing.span,
        };
        let from = self
            .sorted
            .partition_point(|existing| existing.span.start < start);
        let before = from.checked_sub(1).and_then(|index| self.sorted.get(index));
        if let Some(before) = before.filter(|before| before.span.end > start) {
            return Err(overlap(before));
        }
        let mut at = from;
        for existing in self
            .sorted
            .iter()
            .skip(from)
            .take_while(|existing| existing.span.start == start)
        {
            match (existing.span.is_empty(), edit.span.is_empty()) {
                (false, false) => return Err(overlap(existing)),
                (true, true) if existing.text == edit.text => {
                    return Err(EditError::Duplicate { span: edit.span });
                }
                (true, _) => at += 1,
                (false, true) => {}
            }
        }
        let after = self
            .sorted
            .iter()
            .skip(from)
            .find(|existing| existing.span.start > start);
        match after.filter(|after| after.span.start < end) {
            Some(after) => Err(overlap(after)),
            None => Ok(at),
        }
    }
}
