//! Look-ups in a parsed Dockerfile.

use super::{Data, Dockerfile, Flag, Instruction, Span, Stage};

impl Dockerfile {
    /// Line and column (in characters) of a byte offset, both counted from 1.
    /// An offset past the end counts as the end; a byte order mark is no column.
    pub fn position(&self, offset: usize) -> (usize, usize) {
        self.line_index.position(&self.source, offset)
    }

    /// The bytes of a range of lines (counted from 1, both ends included), the last newline included.
    pub fn lines_span(&self, first: usize, last: usize) -> Span {
        let start = self.line_index.start_of(first, self.source.len());
        let end = self
            .line_index
            .start_of(last.saturating_add(1), self.source.len());
        let bom = if start == 0 && self.bom {
            '\u{feff}'.len_utf8()
        } else {
            0
        };
        Span::new(start + bom, end)
    }

    /// The index of the stage that holds the instruction; `None` before the first FROM.
    pub fn stage_of(&self, instruction: usize) -> Option<usize> {
        self.stages
            .iter()
            .position(|stage| (stage.from..stage.end).contains(&instruction))
    }

    /// The instructions of a stage with their indices, its FROM first.
    pub fn stage_instructions(
        &self,
        stage: &Stage,
    ) -> impl DoubleEndedIterator<Item = (usize, &Instruction)> {
        let range = stage.from..stage.end.max(stage.from);
        range
            .clone()
            .zip(self.instructions.get(range).unwrap_or(&[]))
    }

    /// The instructions before the first FROM with their indices.
    pub fn global_instructions(&self) -> impl DoubleEndedIterator<Item = (usize, &Instruction)> {
        let end = self
            .stages
            .first()
            .map_or(self.instructions.len(), |stage| stage.from);
        (0..end).zip(self.instructions.get(..end).unwrap_or(&[]))
    }

    /// The earlier stage that a stage is built FROM, if its base is one.
    pub fn base_stage(&self, stage: usize) -> Option<usize> {
        let from = self.instructions.get(self.stages.get(stage)?.from)?;
        let Data::From { image, .. } = &from.data else {
            return None;
        };
        let name = image.text().to_lowercase();
        self.stages[..stage]
            .iter()
            .rposition(|earlier| earlier.name.as_deref() == Some(name.as_str()))
    }

    /// The stage that `COPY --from=name` or a mount's `from=name` in stage number `before` refers to: the
    /// last earlier stage of that name, or else the earlier stage of that number. FROM takes names only.
    pub fn stage_by_name(&self, name: &str, before: usize) -> Option<usize> {
        let earlier = self.stages.get(..before.min(self.stages.len()))?;
        let name = name.to_lowercase();
        earlier
            .iter()
            .rposition(|stage| stage.name.as_deref() == Some(name.as_str()))
            .or_else(|| name.parse().ok().filter(|&index| index < earlier.len()))
    }
}

impl Instruction {
    /// The first flag of that name (without dashes).
    pub fn flag(&self, name: &str) -> Option<&Flag> {
        self.flags.iter().find(|flag| flag.name == name)
    }

    /// All flags of that name, in order.
    pub fn flags_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Flag> {
        self.flags.iter().filter(move |flag| flag.name == name)
    }

    /// The value of the first flag of that name, if it has one.
    pub fn flag_value(&self, name: &str) -> Option<&str> {
        self.flag(name)?.value.as_deref()
    }
}

impl Flag {
    /// The value of the first of its options that has one of the names, as `--mount=type=cache,target=/root/.npm` has
    /// them: names and values, separated by commas.
    pub fn option(&self, names: &[&str]) -> Option<&str> {
        let options = self.value.as_deref()?.split(',');
        options
            .filter_map(|option| option.trim().split_once('='))
            .find(|(name, _)| names.iter().any(|known| name.eq_ignore_ascii_case(known)))
            .map(|(_, value)| value.trim().trim_matches('"'))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::syntax::Dockerfile;

    #[test]
    fn options_of_a_mount() {
        let text = "FROM a\nRUN --mount=TYPE=cache,dst=/var/cache/apt,ro --mount=from=b,\"target=/x\" true\n";
        let file = Dockerfile::parse(text).unwrap();
        let mounts: Vec<_> = file.instructions[1].flags_named("mount").collect();
        assert_eq!(mounts[0].option(&["type"]), Some("cache"));
        assert_eq!(mounts[0].option(&["target", "dst"]), Some("/var/cache/apt"));
        assert_eq!(mounts[0].option(&["ro"]), None);
        assert_eq!(mounts[1].option(&["from"]), Some("b"));
    }
}
