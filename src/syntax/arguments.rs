//! The arguments of each instruction, as BuildKit takes the line apart.

use std::ops::Range;

use super::error::Failure;
use super::json::{Array, array};
use super::line::Line;
use super::words::{is_ascii_space, is_separator, plain, quoted};
use super::{CommandLine, Data, Keyword, Pair, ParseError, Word};

/// Arguments, and the part of the line that is the instruction's text.
type Arguments = Result<(Data, Range<usize>), Failure>;

/// Reads the arguments in `rest`, which has no white space around it. ONBUILD is not read here.
pub(super) fn arguments(line: &Line<'_>, keyword: Keyword, rest: Range<usize>) -> Arguments {
    let data = match keyword {
        Keyword::From => from(line, &rest)?,
        Keyword::Run | Keyword::Cmd | Keyword::Entrypoint => Data::Command(command(line, &rest)?),
        Keyword::Healthcheck => return healthcheck(line, rest),
        Keyword::Shell => shell(line, &rest)?,
        Keyword::Copy | Keyword::Add => transfer(line, keyword, &rest)?,
        Keyword::Env | Keyword::Label => pairs(line, keyword, &rest)?,
        Keyword::Arg => arg(line, &rest)?,
        Keyword::Expose => expose(line, &rest)?,
        Keyword::Volume => volume(line, &rest)?,
        Keyword::Workdir | Keyword::User | Keyword::Stopsignal => {
            require(line, keyword, &rest)?;
            Data::Text(line.word(&rest))
        }
        Keyword::Maintainer | Keyword::Onbuild => {
            require(line, keyword, &rest)?;
            Data::Text(line.verbatim(&rest))
        }
    };
    Ok((data, rest))
}

/// The failure of an instruction whose parts are fine but do not fit together.
pub(super) fn invalid(
    line: &Line<'_>,
    range: &Range<usize>,
    message: impl Into<String>,
    help: impl Into<String>,
) -> Failure {
    Failure::Instruction(ParseError::new(line.span(range), message, help))
}

fn require(line: &Line<'_>, keyword: Keyword, rest: &Range<usize>) -> Result<(), Failure> {
    if rest.is_empty() {
        return Err(invalid(
            line,
            rest,
            format!("{keyword} has no argument"),
            "give it one, or remove the instruction",
        ));
    }
    Ok(())
}

fn from(line: &Line<'_>, rest: &Range<usize>) -> Result<Data, Failure> {
    let mut words = plain(line, rest);
    let parts = (words.next(), words.next(), words.next(), words.next());
    match &parts {
        (Some(image), None, None, None) => Ok(Data::From {
            image: line.word(image),
            alias: None,
        }),
        (Some(image), Some(by), Some(alias), None) if line.text(by).eq_ignore_ascii_case("as") => {
            let name = line.text(alias).to_lowercase();
            let allowed = |c: char| {
                c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.')
            };
            if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(allowed) {
                return Err(invalid(
                    line,
                    alias,
                    format!("`{}` cannot be the name of a stage", line.text(alias)),
                    "a stage name starts with a letter and holds letters, digits, `-`, `_` and `.`; variables do not expand in it",
                ));
            }
            Ok(Data::From {
                image: line.word(image),
                alias: Some(line.verbatim(alias)),
            })
        }
        _ => Err(invalid(
            line,
            rest,
            "FROM takes an image, or an image, AS and a stage name",
            "write `FROM image` or `FROM image AS name`; a comment cannot follow on the same line",
        )),
    }
}

/// The shell or the exec form.
fn command(line: &Line<'_>, rest: &Range<usize>) -> Result<CommandLine, Failure> {
    Ok(match json(line, rest, Line::decoded)? {
        Some(words) => CommandLine::Exec(words),
        None => CommandLine::Shell,
    })
}

impl Line<'_> {
    /// A JSON string that BuildKit passes on as it is.
    fn decoded(&self, range: &Range<usize>, value: String) -> Word {
        Word {
            span: self.span(range),
            raw: value.clone(),
            value: Some(value),
        }
    }

    /// A JSON string in which variables, quotes and escapes are resolved when the image is built.
    fn decoded_word(&self, range: &Range<usize>, value: String) -> Word {
        Word {
            span: self.span(range),
            value: super::expand::literal(&value, self.escape),
            raw: value,
        }
    }
}

/// The words of the JSON form; `None` where the text is no JSON array.
fn json<'a>(
    line: &Line<'a>,
    rest: &Range<usize>,
    word: impl Fn(&Line<'a>, &Range<usize>, String) -> Word,
) -> Result<Option<Vec<Word>>, Failure> {
    let rest = &line.trim(rest);
    match array(line.text(rest)) {
        Array::No => Ok(None),
        Array::Mixed => Err(Failure::Line(ParseError::new(
            line.span(rest),
            "an array in the JSON form may hold strings only",
            "put every item into double quotes",
        ))),
        Array::Strings(strings) => Ok(Some(
            strings
                .into_iter()
                .map(|(at, value)| {
                    word(
                        line,
                        &((rest.start + at.start)..(rest.start + at.end)),
                        value,
                    )
                })
                .collect(),
        )),
    }
}

fn healthcheck(line: &Line<'_>, rest: Range<usize>) -> Arguments {
    let text = line.text(&rest);
    let kind = rest.start..(rest.start + text.find(is_ascii_space).unwrap_or(text.len()));
    let after = line.skip_ascii_space(&(kind.end..rest.end));
    // BuildKit reads the JSON form before it looks at the first word.
    let command = command(line, &after)?;
    require(line, Keyword::Healthcheck, &rest)?;
    match line.text(&kind).to_uppercase().as_str() {
        "NONE" if after.is_empty() => Ok((Data::Healthcheck(None), rest)),
        "NONE" => Err(invalid(
            line,
            &after,
            "HEALTHCHECK NONE takes no argument",
            "remove what follows NONE",
        )),
        "CMD" => {
            if after.is_empty() || matches!(&command, CommandLine::Exec(words) if words.is_empty())
            {
                return Err(invalid(
                    line,
                    &kind,
                    "HEALTHCHECK CMD has no command",
                    "write the command after CMD",
                ));
            }
            Ok((Data::Healthcheck(Some(command)), after))
        }
        _ => Err(invalid(
            line,
            &kind,
            format!("HEALTHCHECK cannot start with `{}`", line.text(&kind)),
            "write `HEALTHCHECK [flags] CMD command` or `HEALTHCHECK NONE`",
        )),
    }
}

fn shell(line: &Line<'_>, rest: &Range<usize>) -> Result<Data, Failure> {
    match json(line, rest, Line::decoded)? {
        Some(words) if !words.is_empty() => Ok(Data::Shell(words)),
        _ => Err(invalid(
            line,
            rest,
            "SHELL takes a JSON array",
            "write it as `SHELL [\"/bin/bash\", \"-c\"]`, in double quotes",
        )),
    }
}

fn transfer(line: &Line<'_>, keyword: Keyword, rest: &Range<usize>) -> Result<Data, Failure> {
    let (mut words, json) = words_or_json(line, rest)?;
    let Some(dest) = words.pop().filter(|_| !words.is_empty()) else {
        return Err(invalid(
            line,
            rest,
            format!("{keyword} takes at least one source and a destination"),
            format!("write `{keyword} source destination`"),
        ));
    };
    if super::heredoc::is_marker(&dest.raw) {
        return Err(invalid(
            line,
            rest,
            format!("a heredoc cannot be the destination of {keyword}"),
            format!("name the file to write after it: `{keyword} <<EOF /path`"),
        ));
    }
    Ok(Data::Transfer {
        sources: words,
        dest,
        json,
    })
}

fn words_or_json(line: &Line<'_>, rest: &Range<usize>) -> Result<(Vec<Word>, bool), Failure> {
    Ok(match json(line, rest, Line::decoded_word)? {
        Some(words) => (words, true),
        None => (
            plain(line, rest).map(|word| line.word(&word)).collect(),
            false,
        ),
    })
}

/// ENV and LABEL. The first word decides: with `=` in it all words are pairs, without it the first
/// word is the key and the rest of the line the value.
fn pairs(line: &Line<'_>, keyword: Keyword, rest: &Range<usize>) -> Result<Data, Failure> {
    let words = quoted(line, rest);
    let Some(first) = words.first() else {
        require(line, keyword, &(rest.start..rest.start))?;
        return Ok(Data::Pairs {
            pairs: Vec::new(),
            legacy: false,
        });
    };
    if !line.text(first).contains('=') {
        return legacy_pair(line, keyword, rest);
    }
    let mut pairs = Vec::with_capacity(words.len());
    for word in &words {
        let Some(pair) = pair(line, word) else {
            return Err(Failure::Line(ParseError::new(
                line.span(word),
                format!("`{}` has no `=`", line.text(word)),
                "write every pair as `name=value`, and put a value with spaces into quotes",
            )));
        };
        pairs.push(pair);
    }
    if let Some(blank) = pairs.iter().position(|pair| pair.key.raw.is_empty()) {
        let word = words.get(blank).unwrap_or(rest);
        return Err(blank_name(line, keyword, word));
    }
    Ok(Data::Pairs {
        pairs,
        legacy: false,
    })
}

fn legacy_pair(line: &Line<'_>, keyword: Keyword, rest: &Range<usize>) -> Result<Data, Failure> {
    let text = line.text(rest);
    let Some(gap) = text.find(is_separator) else {
        return Err(Failure::Line(ParseError::new(
            line.span(rest),
            format!("{keyword} has a name but no value"),
            "write `name=value`",
        )));
    };
    let after = text.get(gap..).unwrap_or("");
    let value = gap + (after.len() - after.trim_start_matches(is_separator).len());
    let key = rest.start..(rest.start + gap);
    let value = (rest.start + value)..rest.end;
    let pair = Pair {
        span: line.span(rest),
        key: line.word(&key),
        value: Some(line.word(&value)),
    };
    Ok(Data::Pairs {
        pairs: vec![pair],
        legacy: true,
    })
}

/// `key=value`; `None` without `=`.
fn pair(line: &Line<'_>, word: &Range<usize>) -> Option<Pair> {
    let split = word.start + line.text(word).find('=')?;
    Some(Pair {
        span: line.span(word),
        key: line.word(&(word.start..split)),
        value: Some(line.word(&((split + 1)..word.end))),
    })
}

fn blank_name(line: &Line<'_>, keyword: Keyword, word: &Range<usize>) -> Failure {
    invalid(
        line,
        word,
        format!("a name in {keyword} is empty"),
        "write a name before `=`",
    )
}

fn arg(line: &Line<'_>, rest: &Range<usize>) -> Result<Data, Failure> {
    let words = quoted(line, rest);
    if words.is_empty() {
        require(line, Keyword::Arg, &(rest.start..rest.start))?;
    }
    let mut pairs = Vec::with_capacity(words.len());
    for word in &words {
        let pair = pair(line, word);
        if pair.as_ref().is_some_and(|pair| pair.key.raw.is_empty()) {
            return Err(blank_name(line, Keyword::Arg, word));
        }
        let declared = || Pair {
            span: line.span(word),
            key: line.word(word),
            value: None,
        };
        pairs.push(pair.unwrap_or_else(declared));
    }
    Ok(Data::Pairs {
        pairs,
        legacy: false,
    })
}

fn expose(line: &Line<'_>, rest: &Range<usize>) -> Result<Data, Failure> {
    require(line, Keyword::Expose, rest)?;
    let words = plain(line, rest).map(|word| line.word(&word)).collect();
    Ok(Data::Words { words, json: false })
}

fn volume(line: &Line<'_>, rest: &Range<usize>) -> Result<Data, Failure> {
    let (words, json) = words_or_json(line, rest)?;
    if words.is_empty() {
        require(line, Keyword::Volume, &(rest.start..rest.start))?;
    }
    if words.iter().any(|word| word.raw.trim().is_empty()) {
        return Err(invalid(
            line,
            rest,
            "a path in VOLUME is empty",
            "name the path, or remove it",
        ));
    }
    Ok(Data::Words { words, json })
}
