//! A rule to start from.

/// The text of a working rule with this id, with tests that pass and comments that say what to change.
///
/// # Errors
/// The id is not kebab-case; the error says so in a sentence.
pub fn scaffold(id: &str) -> Result<String, String> {
    let part = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    if !id.split('-').all(part) {
        return Err(format!(
            "`{id}` is not kebab-case: lower-case words and digits joined by `-`"
        ));
    }
    Ok(include_str!("scaffold.yaml").replace("rule-id", id))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::engine::run_cases;
    use crate::rule::{File, RuleSet};

    #[test]
    fn the_rule_to_start_from_passes_its_own_tests() {
        let text = scaffold("my-rule").unwrap();
        let file = File::new("my-rule.yaml", text);
        let rules = RuleSet::load(vec![file]).unwrap_or_else(|errors| panic!("{errors}"));
        let report = run_cases(&rules, &|_| true);
        assert_eq!((report.passed, &report.failures[..]), (2, &[][..]));
    }

    #[test]
    fn an_id_is_kebab_case() {
        assert!(scaffold("a-b2").is_ok());
        for id in ["", "A", "a_b", "a--b", "-a", "a/b", "../a"] {
            assert!(scaffold(id).is_err(), "{id}");
        }
    }
}
