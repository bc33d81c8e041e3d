//! What somebody may have meant.

/// The name that takes the fewest changes of a letter to reach, if they are few.
pub fn nearest<'a>(word: &str, names: &[&'a str]) -> Option<&'a str> {
    let limit = word.chars().count().div_ceil(3);
    let distances = names
        .iter()
        .map(|name| (strsim::osa_distance(word, name), *name));
    distances
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| name)
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
        assert_eq!(nearest("slpit-og", &names), Some("split-go"));
    }
}
