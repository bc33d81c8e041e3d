//! Expressions whose beginnings the build has found, so that most are never parsed.

use crate::rule::fnv::fnv;

include!(concat!(env!("OUT_DIR"), "/beginnings.rs"));

/// What the matches of an expression begin with whose `^` and `$` are the ends of lines, if the build has met it.
pub(super) fn beginnings(pattern: &str) -> Option<&'static [&'static str]> {
    let hash = fnv(pattern);
    let start = BEGINNINGS.partition_point(|(known, ..)| *known < hash);
    let same = BEGINNINGS[start..].iter();
    let mut same = same.take_while(|(known, ..)| *known == hash);
    let found = same.find(|(_, known, _)| *known == pattern)?;
    Some(found.2)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::regular::beginnings;

    #[test]
    fn what_the_build_found_is_what_the_program_finds() {
        assert!(BEGINNINGS.len() > 100);
        for (_, pattern, found) in BEGINNINGS {
            let parsed = beginnings::parse(pattern, true).unwrap();
            assert_eq!(beginnings::beginnings(&parsed), *found, "{pattern}");
            assert_eq!(super::beginnings(pattern), Some(*found), "{pattern}");
        }
        assert_eq!(super::beginnings("no such expression"), None);
    }
}
