//! Edits of spans and of whole lines.
#![allow(clippy::unwrap_used)]

use dockopt::edit::{Edit, EditError, Edits, insert_lines, instruction_lines, remove_instruction};
use dockopt::syntax::{Dockerfile, Span};
use proptest::prelude::*;

#[test]
fn edits_are_applied_at_once() {
    let mut edits = Edits::new();
    edits.replace(Span::new(6, 11), "there").unwrap();
    edits.insert(0, "Oh, ").unwrap();
    edits.remove(Span::new(11, 12)).unwrap();
    edits.insert(12, "?").unwrap();
    assert_eq!(edits.apply("hello world!"), "Oh, hello there?");
    assert_eq!(edits.len(), 4);
}

#[test]
fn insertions_at_one_place_keep_their_order() {
    let mut edits = Edits::new();
    edits.replace(Span::new(1, 2), "X").unwrap();
    edits.insert(1, "1").unwrap();
    edits.insert(1, "2").unwrap();
    edits.insert(2, "3").unwrap();
    edits.insert(2, "4").unwrap();
    assert_eq!(edits.apply("abc"), "a12X34c");
}

#[test]
fn overlaps_are_refused() {
    let mut edits = Edits::new();
    let existing = Span::new(3, 6);
    edits.replace(existing, "x").unwrap();
    for new in [
        Span::new(3, 6),
        Span::new(2, 4),
        Span::new(5, 9),
        Span::new(4, 5),
        Span::new(0, 9),
        Span::at(4),
    ] {
        let error = edits.replace(new, "y").unwrap_err();
        assert_eq!(error, EditError::Overlap { new, existing });
    }
    let error = edits.remove(Span::new(5, 7)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the edit of bytes 5..7 overlaps the edit of bytes 3..6"
    );
    edits.remove(Span::new(0, 3)).unwrap();
    edits.remove(Span::new(6, 7)).unwrap();
    assert_eq!(edits.apply("abcdefgh"), "xh");
}

#[test]
fn an_insertion_covered_later_is_an_overlap() {
    let mut edits = Edits::new();
    edits.insert(4, "x").unwrap();
    assert!(edits.remove(Span::new(2, 6)).is_err());
    assert!(edits.remove(Span::new(2, 4)).is_ok());
}

#[test]
fn the_same_insertion_twice_is_refused() {
    let mut edits = Edits::new();
    edits.insert(1, "x").unwrap();
    assert_eq!(
        edits.insert(1, "x"),
        Err(EditError::Duplicate { span: Span::at(1) })
    );
    edits.insert(2, "x").unwrap();
}

#[test]
fn nothing_is_no_edit() {
    let mut edits = Edits::new();
    edits.insert(1, "").unwrap();
    assert!(edits.is_empty());
}

#[test]
fn sets_join_wholly_or_not_at_all() {
    let (mut a, mut b) = (Edits::new(), Edits::new());
    a.remove(Span::new(0, 2)).unwrap();
    b.insert(5, "x").unwrap();
    b.insert(1, "y").unwrap();
    assert!(a.clone().extend(b.clone()).is_err());
    let before = a.clone();
    let _ = a.extend(b);
    assert_eq!(a, before);
}

const FILE: &str = "# of from\nFROM a\n\n# of run\nRUN x \\\n  # inside\n  y\nUSER z";

#[test]
fn lines_of_an_instruction() {
    let dockerfile = Dockerfile::parse(FILE).unwrap();
    let lines = |index, comments| {
        instruction_lines(&dockerfile, index, comments)
            .unwrap()
            .of(FILE)
    };
    assert_eq!(lines(0, true), "# of from\nFROM a\n");
    assert_eq!(lines(1, false), "RUN x \\\n  # inside\n  y\n");
    assert_eq!(lines(1, true), "# of run\nRUN x \\\n  # inside\n  y\n");
    assert_eq!(lines(2, true), "USER z");
    assert_eq!(instruction_lines(&dockerfile, 3, true), None);
}

fn removed(text: &str, index: usize) -> String {
    let mut edits = Edits::new();
    remove_instruction(&mut edits, &Dockerfile::parse(text).unwrap(), index, true).unwrap();
    edits.apply(text)
}

#[test]
fn removal_of_whole_lines() {
    assert_eq!(removed(FILE, 1), "# of from\nFROM a\n\nUSER z");
    assert_eq!(
        removed(FILE, 2),
        "# of from\nFROM a\n\n# of run\nRUN x \\\n  # inside\n  y"
    );
    assert_eq!(removed("FROM a\r\nUSER z\r\n", 1), "FROM a\r\n");
    assert_eq!(removed("FROM a\r\nUSER z", 1), "FROM a");
    assert_eq!(removed("\u{feff}FROM a\nUSER z", 0), "\u{feff}USER z");
    assert_eq!(
        removed("FROM a\nCOPY <<E /x\nE\nUSER z", 1),
        "FROM a\nUSER z"
    );
}

fn inserted(text: &str, offset: usize, lines: &str) -> String {
    let mut edits = Edits::new();
    insert_lines(&mut edits, &Dockerfile::parse(text).unwrap(), offset, lines).unwrap();
    edits.apply(text)
}

#[test]
fn insertion_of_whole_lines() {
    assert_eq!(
        inserted("FROM a\nUSER z\n", 7, "RUN x"),
        "FROM a\nRUN x\nUSER z\n"
    );
    assert_eq!(
        inserted("FROM a\nUSER z\n", 14, "RUN x\n"),
        "FROM a\nUSER z\nRUN x\n"
    );
    assert_eq!(
        inserted("FROM a\nUSER z", 13, "RUN x"),
        "FROM a\nUSER z\nRUN x"
    );
    assert_eq!(
        inserted("FROM a\r\nUSER z", 14, "RUN x\nRUN y"),
        "FROM a\r\nUSER z\r\nRUN x\r\nRUN y"
    );
    assert_eq!(inserted("FROM a\r\n", 0, "ARG x\n"), "ARG x\r\nFROM a\r\n");
    assert_eq!(
        inserted("\u{feff}FROM a\n", 3, "ARG x"),
        "\u{feff}ARG x\nFROM a\n"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Edits that are accepted give the text that replacing from the back gives.
    #[test]
    fn applied_as_from_the_back(
        text in "\\PC{0,40}",
        wanted in prop::collection::vec((0_usize..45, 0_usize..8, "[xyz]{0,3}"), 0..12),
    ) {
        let mut edits = Edits::new();
        for (start, length, new) in wanted {
            let start = text.floor_char_boundary(start.min(text.len()));
            let end = text.ceil_char_boundary((start + length).min(text.len()));
            let _ = edits.add(Edit { span: Span::new(start, end), text: new });
        }
        let mut expected = text.clone();
        for edit in edits.iter().rev() {
            expected.replace_range(edit.span.start..edit.span.end, &edit.text);
        }
        prop_assert_eq!(edits.apply(&text), expected);
    }

    /// A set made for another text does no harm.
    #[test]
    fn foreign_spans_do_not_panic(
        text in "\\PC{0,20}",
        wanted in prop::collection::vec((0_usize..60, 0_usize..60, "[xé]{0,3}"), 0..12),
    ) {
        let mut edits = Edits::new();
        for (start, length, new) in wanted {
            let _ = edits.add(Edit { span: Span::new(start, start + length), text: new });
        }
        let _ = edits.apply(&text);
    }
}
