//! Patterns for instructions other than RUN.

use super::{
    Captures, CommandPattern, GivenOption, OptionValue, Part, PatternError, RequiredOption, Token,
    captured, match_parts,
};

/// A compiled pattern for an instruction other than a RUN command: `FROM <image>`, `COPY --from=<stage> <_...>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstructionPattern {
    /// The keyword, upper case.
    pub keyword: String,
    options: Vec<RequiredOption>,
    parts: Vec<Part>,
}

impl InstructionPattern {
    /// Compiles the pattern.
    ///
    /// # Errors
    /// As for commands.
    pub fn parse(pattern: &str) -> Result<Self, PatternError> {
        let (keyword, rest) = pattern
            .trim()
            .split_once(char::is_whitespace)
            .unwrap_or((pattern.trim(), ""));
        if keyword.is_empty() {
            return Err(PatternError::Empty);
        }
        // The command pattern wants a program first; the keyword serves.
        let inner = CommandPattern::parse(&format!("{keyword} {rest}"))?;
        Ok(Self {
            keyword: keyword.to_ascii_uppercase(),
            options: inner.options,
            parts: inner.parts[1..].to_vec(),
        })
    }

    /// Names of the holes.
    pub fn holes(&self) -> Vec<String> {
        CommandPattern {
            parts: self.parts.clone(),
            options: self.options.clone(),
            source: String::new(),
        }
        .holes()
    }

    /// Matches flags (name without dashes, value) and words.
    pub fn matches(&self, flags: &[(&str, Option<&str>)], words: &[Token<'_>]) -> Option<Captures> {
        let mut captures = Captures::new();
        for option in &self.options {
            let given: Vec<GivenOption<'_>> = flags
                .iter()
                .map(|(name, value)| GivenOption {
                    name: format!("--{name}").into(),
                    value: value.map(|value| Token {
                        value: (!value.contains('$')).then_some(value),
                        raw: value,
                        index: 0,
                    }),
                    index: 0,
                })
                .collect();
            let found = given.iter().find(|candidate| option.accepts(candidate))?;
            if let OptionValue::Hole(Some(name)) = &option.value {
                captures.insert(name.clone(), vec![captured(&found.value?)]);
            }
        }
        match_parts(&self.parts, words, &mut captures).then_some(captures)
    }
}
