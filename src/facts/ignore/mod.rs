//! `.dockerignore` as BuildKit reads it: `moby/patternmatcher` for the patterns, `tonistiigi/fsutil` for the walk.
//!
//! <https://docs.docker.com/build/concepts/context/#dockerignore-files>

mod pattern;

use super::{go_match, path};
pub(crate) use pattern::Pattern;

/// Why an ignore file cannot be used. A build with it fails too.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct IgnoreError {
    /// The ignore file.
    pub file: String,
    /// Line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
}

/// A parsed ignore file.
#[derive(Debug, Default)]
pub struct IgnoreFile {
    patterns: Vec<Pattern>,
    exceptions: Exceptions,
}

/// What may be included again below an excluded directory.
#[derive(Debug, Default)]
enum Exceptions {
    #[default]
    None,
    /// Plain paths only (with a `/`), so that other directories need not be looked into.
    Paths(Vec<String>),
    /// Some have wildcards: anything may come back.
    Anywhere,
}

/// What the patterns say of one path, to be handed on to the paths below it.
#[derive(Clone, Debug, Default)]
pub struct Decision {
    /// The line that leaves the path out.
    pub excluded_by: Option<usize>,
    matched: Vec<bool>,
}

impl IgnoreFile {
    /// Reads the text of an ignore file; `name` is for messages.
    ///
    /// # Errors
    /// A pattern that is not well formed, for which BuildKit fails the build.
    pub fn parse(name: &str, text: &str) -> Result<Self, IgnoreError> {
        let error = |line: usize, message: String| IgnoreError {
            file: name.to_string(),
            line,
            message,
        };
        let mut patterns = Vec::new();
        for (number, line) in (1..).zip(text.split('\n')) {
            // Go's line scanner, which stops at longer lines.
            if line.len() > 64 * 1024 {
                return Err(error(number, "line longer than 64 KiB".to_string()));
            }
            let line = if number == 1 {
                line.strip_prefix('\u{feff}').unwrap_or(line)
            } else {
                line
            };
            if let Some(cleaned) = clean_line(line) {
                patterns.extend(
                    parse_pattern(&cleaned, number).map_err(|message| {
                        error(number, format!("`{}`: {message}", line.trim()))
                    })?,
                );
            }
        }
        let exceptions = exceptions(&patterns);
        Ok(Self {
            patterns,
            exceptions,
        })
    }

    /// What the patterns say of `path`, whose directory got `parent` (the default for the root).
    pub fn decide(&self, path: &str, parent: &Decision) -> Decision {
        let mut decision = Decision {
            excluded_by: None,
            matched: vec![false; self.patterns.len()],
        };
        for (index, pattern) in self.patterns.iter().enumerate() {
            let mut matched = parent.matched.get(index).copied().unwrap_or(false);
            if !matched {
                // An exclusion that is already in force, or an exception to nothing, is not looked at,
                // and paths below do not inherit it.
                if pattern.exception != decision.excluded_by.is_some() {
                    continue;
                }
                matched = pattern.matches(path);
            }
            decision.matched[index] = matched;
            if matched {
                decision.excluded_by = (!pattern.exception).then_some(pattern.line);
            }
        }
        decision
    }

    /// Whether something below an excluded directory may be in the context after all.
    pub fn may_return_below(&self, dir: &str) -> bool {
        match &self.exceptions {
            Exceptions::None => false,
            Exceptions::Anywhere => true,
            Exceptions::Paths(paths) => {
                let dir = format!("{dir}/");
                paths.iter().any(|path| path.starts_with(&dir))
            }
        }
    }

    /// The line that leaves `path` out, if one does: the directories above it are asked first, as in
    /// BuildKit's walk.
    pub fn excluded(&self, path: &str) -> Option<usize> {
        if self.patterns.is_empty() || path.is_empty() {
            return None;
        }
        let mut decision = Decision::default();
        for (at, _) in path.match_indices('/') {
            let dir = &path[..at];
            decision = self.decide(dir, &decision);
            if decision.excluded_by.is_some() && !self.may_return_below(dir) {
                return decision.excluded_by;
            }
        }
        self.decide(path, &decision).excluded_by
    }
}

/// One line of the file in the form that the patterns are made from; `None` for comments and empty lines.
fn clean_line(line: &str) -> Option<String> {
    if line.starts_with('#') {
        return None;
    }
    let trimmed = line.trim();
    let (mark, body) = match trimmed.strip_prefix('!') {
        Some(rest) => ("!", rest.trim()),
        None => ("", trimmed),
    };
    if body.is_empty() {
        return (!mark.is_empty()).then(|| mark.to_string());
    }
    let cleaned = path::clean(body);
    let relative = cleaned
        .strip_prefix('/')
        .filter(|rest| !rest.is_empty())
        .unwrap_or(&cleaned);
    Some(format!("{mark}{relative}"))
}

fn parse_pattern(cleaned: &str, line: usize) -> Result<Option<Pattern>, String> {
    let text = cleaned.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let text = path::clean(text);
    let (exception, text) = match text.strip_prefix('!') {
        Some("") => return Err("nothing stands after the `!`".to_string()),
        Some(rest) => (true, rest),
        None => (false, text.as_str()),
    };
    go_match::matches(text, ".").map_err(|error| error.to_string())?;
    Pattern::new(text, exception, line).map(Some)
}

fn exceptions(patterns: &[Pattern]) -> Exceptions {
    let mut paths = Vec::new();
    for pattern in patterns.iter().filter(|pattern| pattern.exception) {
        let path = pattern.text.strip_suffix("/**").unwrap_or(&pattern.text);
        let path = path.strip_suffix("/*").unwrap_or(path);
        if path.contains(['*', '[', ']', '?', '^', '\\']) {
            return Exceptions::Anywhere;
        }
        paths.push(format!("{path}/"));
    }
    if paths.is_empty() {
        Exceptions::None
    } else {
        Exceptions::Paths(paths)
    }
}
