//! Kinds of difference, and the search for the kind of one.

use dockopt::syntax::{Dockerfile, Instruction};

use super::views::{View, ours};

/// An instruction that another parser sees differently.
pub struct Case<'a> {
    pub file: &'a Dockerfile,
    pub instruction: &'a Instruction,
    /// Its whole lines.
    pub lines: &'a str,
}

/// A known kind of difference.
pub struct Kind {
    pub name: &'static str,
    pub explains: fn(&Case<'_>) -> bool,
    /// A file that differs for this reason alone.
    pub example: &'static str,
}

/// A known kind of difference that no instruction has by itself.
pub struct FileKind {
    pub name: &'static str,
    pub explains: fn(&Dockerfile) -> bool,
    pub example: &'static str,
}

/// A text that we refuse and another accepts: our reason.
pub struct Laxness {
    /// A part of the message of our error.
    pub message: &'static str,
    pub example: fn() -> String,
}

pub struct Other {
    pub name: &'static str,
    pub parse: fn(&str) -> View,
    pub kinds: &'static [Kind],
    pub file_kinds: &'static [FileKind],
    pub laxness: &'static [Laxness],
}

impl Other {
    /// The kinds of difference in a text, or the first that is of no known kind.
    pub fn differences(&self, text: &str) -> Result<Vec<&'static str>, String> {
        let (our_view, their_view) = (ours(text), (self.parse)(text));
        match (&our_view, &their_view) {
            (Err(_), Err(_)) => return Ok(Vec::new()),
            (Err(reason), Ok(_)) => {
                let known = self
                    .laxness
                    .iter()
                    .find(|laxness| reason.contains(laxness.message));
                return known
                    .map(|laxness| vec![laxness.message])
                    .ok_or(format!("accepts what we refuse: {reason}"));
            }
            (Ok(ours), Ok(theirs)) if ours == theirs => return Ok(Vec::new()),
            _ => {}
        }
        let file = Dockerfile::parse(text).unwrap();
        if let Some(kind) = self.file_kinds.iter().find(|kind| (kind.explains)(&file)) {
            return Ok(vec![kind.name]);
        }
        let mut kinds = Vec::new();
        for instruction in &file.instructions {
            kinds.extend(self.difference(&file, instruction)?);
        }
        if kinds.is_empty() {
            return Err(format!(
                "no instruction by itself explains it: {their_view:.300?}"
            ));
        }
        Ok(kinds)
    }

    /// The kind of difference in one instruction by itself.
    fn difference(
        &self,
        file: &Dockerfile,
        instruction: &Instruction,
    ) -> Result<Option<&'static str>, String> {
        let lines = file
            .lines_span(instruction.lines.start, instruction.lines.end)
            .of(&file.source);
        let escape = if file.escape == '`' {
            "# escape=`\n"
        } else {
            ""
        };
        let single = format!("{escape}FROM a\n{lines}");
        // Some only go wrong with what follows.
        let followed = format!("{}\nUSER a\n", single.trim_end_matches('\n'));
        let differing = [single, followed]
            .into_iter()
            .find(|text| ours(text) != (self.parse)(text));
        let Some(theirs) = differing.map(|text| (self.parse)(&text)) else {
            return Ok(None);
        };
        let case = Case {
            file,
            instruction,
            lines,
        };
        match self.kinds.iter().find(|kind| (kind.explains)(&case)) {
            Some(kind) => Ok(Some(kind.name)),
            None => Err(format!("{lines:.400?}\n    theirs {theirs:.300?}")),
        }
    }
}
