//! A text to a [`Dockerfile`].

use std::ops::Range;

use super::directive::DirectiveReader;
use super::error::Failure;
use super::heredoc::{self, Marker};
use super::instruction::{may_start_heredoc, read};
use super::line::Line;
use super::lines::{LineReader, PhysicalLine, continued};
use super::{
    Comment, Data, Dockerfile, Heredoc, Instruction, Keyword, Lines, Logical, ParseError, Span,
    Stage,
};

impl Dockerfile {
    /// Reads a Dockerfile. What BuildKit accepts is accepted, with the same instructions.
    ///
    /// # Errors
    /// The first thing that BuildKit would refuse, with its place and what to do about it.
    pub fn parse(source: &str) -> Result<Self, ParseError> {
        Parser::new(source)
            .run()
            .map_err(|error| error.located(source))
    }

    /// Reads a Dockerfile from bytes.
    ///
    /// # Errors
    /// As [`Dockerfile::parse`]; bytes that are not UTF-8 are an error with their place.
    pub fn parse_bytes(bytes: &[u8]) -> Result<Self, ParseError> {
        match std::str::from_utf8(bytes) {
            Ok(source) => Self::parse(source),
            Err(error) => Err(not_utf8(bytes, error.valid_up_to())),
        }
    }

    /// The text: what was read, byte for byte.
    pub fn render(&self) -> &str {
        &self.source
    }
}

fn not_utf8(bytes: &[u8], at: usize) -> ParseError {
    let valid = bytes
        .get(..at)
        .and_then(|valid| std::str::from_utf8(valid).ok())
        .unwrap_or("");
    let byte = bytes.get(at).copied().unwrap_or(0);
    let message = if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        "the file is UTF-16, not UTF-8".to_owned()
    } else {
        format!("the byte 0x{byte:02x} is not UTF-8")
    };
    ParseError::new(Span::new(at, at + 1), message, "save the file as UTF-8").located(valid)
}

struct Parser<'a> {
    source: &'a str,
    reader: LineReader<'a>,
    escape: char,
    directives: DirectiveReader,
    instructions: Vec<Instruction>,
    stages: Vec<Stage>,
    comments: Vec<Comment>,
    /// Comment lines since the last line that was none.
    leading: Vec<Span>,
    /// The logical line that is being joined.
    joined: Logical,
}

impl<'a> Parser<'a> {
    fn new(source: &'a str) -> Self {
        Self {
            source,
            reader: LineReader::new(source),
            escape: '\\',
            directives: DirectiveReader::default(),
            instructions: Vec::with_capacity(16),
            stages: Vec::new(),
            comments: Vec::new(),
            leading: Vec::new(),
            joined: Logical::default(),
        }
    }

    fn run(mut self) -> Result<Dockerfile, ParseError> {
        while let Some(line) = self.reader.next_line()? {
            let content = line.start..line.end;
            let start = line.end - self.text(&content).trim_start().len();
            let text = self.text(&(start..line.end));
            if text.starts_with('#') {
                self.comment_or_directive(text, line, start)?;
                continue;
            }
            self.directives.close();
            if text.is_empty() {
                self.leading.clear();
            } else {
                self.instruction(line, start)?;
            }
        }
        if self.instructions.is_empty() {
            return Err(ParseError::new(
                Span::at(self.source.len()),
                "the file has no instruction",
                "a Dockerfile starts with `FROM image`",
            ));
        }
        let (newline, line_index) = self.reader.finish();
        Ok(Dockerfile {
            source: self.source.to_owned(),
            bom: self.source.starts_with('\u{feff}'),
            escape: self.escape,
            newline,
            directives: self.directives.into_directives(),
            instructions: self.instructions,
            stages: self.stages,
            comments: self.comments,
            line_index,
        })
    }

    fn text(&self, range: &Range<usize>) -> &'a str {
        self.source.get(range.clone()).unwrap_or("")
    }

    fn comment_or_directive(
        &mut self,
        text: &str,
        line: PhysicalLine,
        start: usize,
    ) -> Result<(), ParseError> {
        let whole = Span::new(line.start, line.end);
        if let Some(directive) = self.directives.read(text, whole)? {
            if directive.name == "escape" {
                self.escape = directive.value.chars().next().unwrap_or('\\');
            }
            return Ok(());
        }
        self.leading.push(whole);
        self.comments.push(Comment {
            span: Span::new(start, line.end),
            line: line.number,
            inside: None,
        });
        Ok(())
    }

    /// Reads the instruction that starts at `start` in `line`, to the end of its heredocs.
    fn instruction(&mut self, line: PhysicalLine, start: usize) -> Result<(), ParseError> {
        let last = self.join(line, start)?;
        let joined = std::mem::take(&mut self.joined);
        let view = Line {
            joined: &joined,
            escape: self.escape,
        };
        let mut instruction = read(&view, 0..joined.text.len()).map_err(Failure::into_error)?;
        let last = self.heredocs(&joined, &mut instruction, last)?;
        instruction.lines = Lines {
            start: line.number,
            end: last.number,
        };
        instruction.span = Span::new(instruction.keyword_span.start, last.end);
        if let Data::Onbuild(trigger) = &mut instruction.data {
            trigger.lines = instruction.lines;
            trigger.span = Span::new(trigger.keyword_span.start, last.end);
        }
        instruction.leading_comments = std::mem::take(&mut self.leading);
        self.joined = joined;
        self.joined.text.clear();
        self.joined.segments.clear();
        self.place(instruction)
    }

    /// Joins `line` with the lines that continue it; the answer is the last line read.
    fn join(&mut self, line: PhysicalLine, start: usize) -> Result<PhysicalLine, ParseError> {
        let mut last = line;
        let mut more = self.append(start, line.end);
        while more {
            let Some(next) = self.reader.next_line()? else {
                break;
            };
            last = next;
            let text = self.text(&(next.start..next.end));
            let trimmed = text.trim_start();
            if trimmed.starts_with('#') {
                self.comments.push(Comment {
                    span: Span::new(next.end - trimmed.len(), next.end),
                    line: next.number,
                    inside: Some(self.instructions.len()),
                });
            } else if !trimmed.is_empty() {
                more = self.append(next.start, next.end);
            }
        }
        Ok(last)
    }

    /// Adds a piece to the logical line; the answer is whether the line goes on.
    fn append(&mut self, start: usize, end: usize) -> bool {
        let text = self.text(&(start..end));
        let kept = continued(text, self.escape);
        let piece = text.get(..kept.unwrap_or(text.len())).unwrap_or(text);
        if !piece.is_empty() {
            self.joined
                .segments
                .push((self.joined.text.len(), start, piece.len()));
            self.joined.text.push_str(piece);
        }
        kept.is_some()
    }

    /// Reads the bodies of the heredocs that the line starts; the answer is the last line read.
    fn heredocs(
        &mut self,
        joined: &Logical,
        instruction: &mut Instruction,
        last: PhysicalLine,
    ) -> Result<PhysicalLine, ParseError> {
        if !may_start_heredoc(instruction) || !joined.text.contains("<<") {
            return Ok(last);
        }
        let markers = heredoc::markers(&joined.text).map_err(|word| {
            ParseError::new(
                instruction.keyword_span,
                format!("`{word}` is no valid start of a heredoc"),
                "write `<<NAME`, or quote the whole name: `<<\"NAME\"`",
            )
        })?;
        let mut last = last;
        for marker in markers {
            let (heredoc, end) = self.body(marker, instruction.keyword_span)?;
            instruction.heredocs.push(heredoc);
            last = end;
        }
        if let Data::Onbuild(trigger) = &mut instruction.data {
            trigger.heredocs.clone_from(&instruction.heredocs);
        }
        Ok(last)
    }

    fn body(
        &mut self,
        marker: Marker,
        opened_at: Span,
    ) -> Result<(Heredoc, PhysicalLine), ParseError> {
        let mut body: Option<Span> = None;
        while let Some(line) = self.reader.next_line()? {
            // BuildKit strips a byte order mark from the first line of a file only.
            let text = self.text(&(line.start..line.end));
            let candidate = if marker.strip_tabs {
                text.trim_start_matches('\t')
            } else {
                text
            };
            if candidate == marker.name {
                let body = body.unwrap_or(Span::at(line.start));
                let content = match marker.strip_tabs {
                    true => heredoc::without_leading_tabs(body.of(self.source)),
                    false => body.of(self.source).to_owned(),
                };
                let Marker {
                    name,
                    expand,
                    strip_tabs,
                } = marker;
                return Ok((
                    Heredoc {
                        name,
                        body,
                        expand,
                        strip_tabs,
                        content,
                    },
                    line,
                ));
            }
            body = Some(Span::new(
                body.map_or(line.start, |body| body.start),
                line.next,
            ));
        }
        Err(ParseError::new(
            opened_at,
            format!("the heredoc `{}` is not closed", marker.name),
            format!(
                "end it with a line that holds `{}` and nothing else",
                marker.name
            ),
        ))
    }

    /// Adds the instruction to its stage.
    fn place(&mut self, instruction: Instruction) -> Result<(), ParseError> {
        let index = self.instructions.len();
        if let Data::From { alias, .. } = &instruction.data {
            let name = alias.as_ref().map(|alias| alias.raw.to_lowercase());
            self.stages.push(Stage {
                name,
                from: index,
                end: index,
            });
        }
        match self.stages.last_mut() {
            Some(stage) => stage.end = index + 1,
            None if instruction.keyword == Keyword::Arg => {}
            None => {
                return Err(ParseError::new(
                    instruction.keyword_span,
                    format!("{} stands before the first FROM", instruction.keyword),
                    "begin the stage with `FROM image`; only ARG and comments may stand before it",
                ));
            }
        }
        self.instructions.push(instruction);
        Ok(())
    }
}
