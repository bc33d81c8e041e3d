//! The way from offsets in the text that the shell reads back into the source.

use crate::syntax::{Logical, Span};

/// Where the text of a script comes from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Map<'a> {
    /// A slice of the source that starts at this offset.
    Offset(usize),
    /// A joined text with segments.
    Logical(&'a Logical),
    /// Text that stands nowhere as it is (a string with escapes): everything is at this span.
    Fixed(Span),
    /// Text from which characters were taken out of an outer text: ascending (offset here, offset there) of the
    /// pieces that were kept.
    Pieces(&'a Map<'a>, &'a [(usize, usize)]),
}

impl Map<'_> {
    /// The source span of `start..end` of the text.
    pub fn span(&self, start: usize, end: usize) -> Span {
        match self {
            Map::Offset(offset) => Span::new(offset + start, offset + end),
            Map::Logical(logical) => logical
                .source_span(start, end)
                .unwrap_or_else(|| Span::at(logical.segments.last().map_or(0, |s| s.1 + s.2))),
            Map::Fixed(span) => *span,
            Map::Pieces(outer, pieces) => {
                let locate = |offset: usize| {
                    let index = pieces
                        .partition_point(|piece| piece.0 <= offset)
                        .saturating_sub(1);
                    pieces
                        .get(index)
                        .map_or(offset, |piece| piece.1 + (offset - piece.0))
                };
                // One past the last byte, so that a character taken out after it stays outside.
                let last = if end > start {
                    locate(end - 1) + 1
                } else {
                    locate(start)
                };
                outer.span(locate(start), last)
            }
        }
    }
}
