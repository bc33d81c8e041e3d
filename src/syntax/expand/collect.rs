//! Words of a text while it is expanded.

/// Collects words: white space ends one, quoted or escaped white space does not.
#[derive(Debug, Default)]
pub(super) struct Words {
    word: String,
    in_word: bool,
    done: Vec<String>,
}

impl Words {
    pub(super) fn push(&mut self, c: char) {
        if !c.is_whitespace() {
            self.push_raw(c);
        } else if self.in_word && !self.word.is_empty() {
            self.done.push(std::mem::take(&mut self.word));
            self.in_word = false;
        }
    }

    pub(super) fn push_raw(&mut self, c: char) {
        self.word.push(c);
        self.in_word = true;
    }

    pub(super) fn push_whole(&mut self, part: &str) {
        self.word.push_str(part);
        self.in_word = true;
    }

    /// Drops the word that is not finished.
    pub(super) fn forget(&mut self) {
        self.word.clear();
    }

    pub(super) fn finish(mut self) -> Vec<String> {
        if !self.word.is_empty() {
            self.done.push(self.word);
        }
        self.done
    }
}
