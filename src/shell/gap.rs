//! What stands between two items of a list, as text: connectors, blanks, comments, continued lines.

/// The text between two items, taken apart.
#[derive(Debug)]
pub(super) struct Gap<'a> {
    pub text: &'a str,
    /// Whole comment lines, without their newlines.
    pub comments: Vec<&'a str>,
    /// A comment stands on the line of the item before.
    pub inline_comment: bool,
    /// Whether nothing else is there; the body of a heredoc would be.
    pub clean: bool,
}

impl<'a> Gap<'a> {
    /// `continued` where newlines are continued lines of an instruction, whose comments stand on lines of their own.
    pub fn new(text: &'a str, continued: bool) -> Self {
        let mut comments = Vec::new();
        let mut inline_comment = false;
        let mut clean = true;
        let last = text.split('\n').count() - 1;
        for (index, line) in text.split('\n').enumerate() {
            let line = line.strip_suffix('\r').unwrap_or(line);
            let own_line = index > 0 && index < last;
            if own_line && line.trim_start().starts_with('#') {
                comments.push(line);
                continue;
            }
            let code = match line.find('#') {
                Some(at) if !continued => {
                    inline_comment = true;
                    line.get(..at).unwrap_or("")
                }
                _ => line,
            };
            clean &= code
                .chars()
                .all(|c| matches!(c, ' ' | '\t' | '&' | ';' | '\\' | '`'));
        }
        Self {
            text,
            comments,
            inline_comment,
            clean,
        }
    }

    pub fn has_comment(&self) -> bool {
        self.inline_comment || !self.comments.is_empty()
    }

    /// The text without its comment lines and empty lines: what separates the next item in the same layout.
    pub fn separator(&self) -> String {
        let last = self.text.split('\n').count() - 1;
        let kept = self.text.split('\n').enumerate().filter(|(index, line)| {
            let line = line.trim();
            *index == 0 || *index == last || !(line.is_empty() || line.starts_with('#'))
        });
        kept.map(|(_, line)| line).collect::<Vec<_>>().join("\n")
    }
}

/// How a line of an instruction is continued: the escape character and the newline, as the file has them.
pub(super) fn continuation(text: &str) -> Option<String> {
    let at = text.find('\n')?;
    let line = text.get(..at)?;
    let newline = if line.ends_with('\r') { "\r\n" } else { "\n" };
    let escape = line
        .trim_end()
        .chars()
        .next_back()
        .filter(|c| matches!(c, '\\' | '`'))?;
    Some(format!("{escape}{newline}"))
}

/// Where the line of `offset` begins.
pub(super) fn line_start(source: &str, offset: usize) -> usize {
    source
        .get(..offset)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |at| at + 1)
}

/// Where the line of `offset` ends, its newline not included.
pub(super) fn line_end(source: &str, offset: usize) -> usize {
    let rest = source.get(offset..).unwrap_or("");
    let line = rest.split('\n').next().unwrap_or("");
    offset + line.strip_suffix('\r').unwrap_or(line).len()
}

/// The blanks at the start of the line of `offset`.
pub(super) fn indentation(source: &str, offset: usize) -> &str {
    let line = source.get(line_start(source, offset)..).unwrap_or("");
    let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
    line.get(..blanks).unwrap_or("")
}
