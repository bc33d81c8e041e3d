//! What somebody may have meant.

/// The name that takes the fewest changes of a letter to reach, if they are few.
pub fn nearest<'a>(word: &str, names: &[&'a str]) -> Option<&'a str> {
    let limit = word.chars().count().div_ceil(3);
    let distances = names.iter().map(|name| (distance(word, name), *name));
    distances
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
}

/// Levenshtein's distance.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, letter) in from.chars().enumerate() {
        let mut diagonal = line;
        row[0] = line + 1;
        for (column, other) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_understood_and_a_different_word_is_not() {
        let names = ["split-node", "split-go", "apt-lists"];
        assert_eq!(nearest("splitnode", &names), Some("split-node"));
        assert_eq!(nearest("apt-list", &names), Some("apt-lists"));
        assert_eq!(nearest("distroless", &names), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
