//! Places of a rule document that YAML reads in another way than they look.

/// A place that looks like something else, for `dockopt rules test`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trap {
    /// Line, counted from 1.
    pub line: usize,
    /// Column, counted from 1 in characters.
    pub column: usize,
    /// What YAML makes of it, and what to write instead.
    pub message: String,
}

/// Keys whose values are patterns.
const PATTERNS: &[&str] = &["each", "line", "next", "run"];

/// Keys whose values are lists of patterns.
const LISTS: &[&str] = &[
    "each_of",
    "except",
    "without",
    "without_unless_known",
    "without_here",
    "before_here",
    "not_later",
    "not_later_here",
    "later",
    "unless",
    "unless_before",
];

/// Patterns without quotes in which ` #` begins a comment, or whose first character means something to YAML.
pub fn traps(text: &str) -> Vec<Trap> {
    let mut traps = Vec::new();
    let mut list = None;
    for (index, line) in text.lines().enumerate() {
        // Cases are text in blocks, and come last.
        if line.starts_with("tests:") {
            break;
        }
        let indent = line.len() - line.trim_start().len();
        let body = line.trim_start();
        if list.is_some_and(|list| indent < list || indent == list && !body.starts_with('-')) {
            list = None;
        }
        let item = body.strip_prefix("- ").unwrap_or(body).trim_start();
        let (key, value) = item.split_once(':').unwrap_or(("", item));
        let pattern = if PATTERNS.contains(&key) {
            value.trim_start()
        } else if LISTS.contains(&key) {
            list = value.trim().is_empty().then_some(indent);
            continue;
        } else if list.is_some() && body.starts_with("- ") {
            item
        } else {
            continue;
        };
        let column = |at: usize| {
            let start = line.len() - pattern.len() + at;
            line.get(..start)
                .map_or(1, |before| before.chars().count() + 1)
        };
        if let Some(first) = pattern
            .chars()
            .next()
            .filter(|first| "[*&!@%".contains(*first))
        {
            traps.push(Trap {
                line: index + 1,
                column: column(0),
                message: format!(
                    "YAML does not read `{first}` as text here: put the pattern in quotes"
                ),
            });
        } else if let Some(at) = pattern
            .find(" #")
            .filter(|_| !pattern.starts_with(['"', '\'']))
        {
            // A comment after a pattern that is whole looks the same; the words after it tell them apart.
            traps.push(Trap {
                line: index + 1,
                column: column(at + 1),
                message: "` #` begins a comment, which is no part of the pattern: put the pattern in quotes, or the \
                          comment on a line of its own"
                    .to_string(),
            });
        }
    }
    traps
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_yaml_reads_in_another_way_is_named() {
        let text = "id: a\nmatch:\n  each: RUN echo #x\n  except:\n    - RUN sh \"a #b\"\n    - [RUN a]\n    - RUN b\n  \
                    without: [RUN c]\nlines:\n  - run: *any\n  - run: \"[ <_...> ]\"\n  - run: tool # fine\ntests:\n  - RUN d #e\n";
        let found: Vec<(usize, usize)> = traps(text)
            .iter()
            .map(|trap| (trap.line, trap.column))
            .collect();
        assert_eq!(found, [(3, 18), (5, 17), (6, 7), (10, 10), (12, 15)]);
    }
}
