//! The rules that are compiled into the program.

use super::load::File;
use std::borrow::Cow;

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Every file of `rules/`, sorted by name.
pub fn files() -> Vec<File> {
    FILES
        .iter()
        .map(|(name, text)| File {
            name: (*name).to_string(),
            text: Cow::Borrowed(text),
        })
        .collect()
}

/// Whether a file of this name comes with dockopt.
pub fn is_embedded(name: &str) -> bool {
    FILES
        .binary_search_by(|(known, _)| (*known).cmp(name))
        .is_ok()
}
