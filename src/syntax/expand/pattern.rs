//! The patterns of `${name#pattern}` and `${name/pattern/text}`: `*`, `?` and escaped characters.

use super::Unresolved;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    /// `*`
    Many,
    /// `?`
    One,
    Char(char),
}

/// Longest value, in characters, that a pattern is tried on: the work grows with its square.
const MAX_VALUE: usize = 8192;

/// A pattern, ready to match.
#[derive(Clone, Debug)]
pub(super) struct Pattern(Vec<Token>);

impl Pattern {
    pub(super) fn parse(text: &str) -> Result<Self, Unresolved> {
        let mut tokens = Vec::new();
        // As for words, a byte order mark at the start does not count.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            tokens.push(match c {
                '*' => Token::Many,
                '?' => Token::One,
                // `}` and `/` are escaped for the sake of `${…}`; the escape is no part of the pattern.
                '\\' if matches!(chars.peek(), Some('}' | '/')) => continue,
                '\\' => match chars.next() {
                    Some(escaped @ ('*' | '?' | '\\')) => Token::Char(escaped),
                    _ => {
                        return Err(Unresolved::Syntax(
                            "only `*`, `?` and `\\` can be escaped in a pattern".to_owned(),
                        ));
                    }
                },
                c => Token::Char(c),
            });
        }
        Ok(Self(tokens))
    }

    /// `value` without the shortest or longest start that matches.
    pub(super) fn trim_prefix(&self, value: &str, longest: bool) -> Result<String, Unresolved> {
        let chars = characters(value)?;
        let kept = match_length(&self.0, &chars, longest).unwrap_or(0);
        Ok(chars.into_iter().skip(kept).collect())
    }

    /// `value` without the shortest or longest end that matches.
    pub(super) fn trim_suffix(&self, value: &str, longest: bool) -> Result<String, Unresolved> {
        let reversed: Vec<Token> = self.0.iter().rev().copied().collect();
        let mut chars = characters(value)?;
        chars.reverse();
        let cut = match_length(&reversed, &chars, longest).unwrap_or(0);
        Ok(chars.into_iter().skip(cut).rev().collect())
    }

    /// `value` with the first match, or all, replaced by `text`. Each match is as long as can be.
    pub(super) fn replace(&self, value: &str, text: &str, all: bool) -> Result<String, Unresolved> {
        let chars = characters(value)?;
        let mut result = String::new();
        let mut at = 0;
        let mut matched = false;
        let mut after_match = false;
        while at <= chars.len() {
            let found = match_length(&self.0, chars.get(at..).unwrap_or(&[]), true)
                .filter(|&length| (all || !matched) && !(length == 0 && after_match));
            after_match = false;
            if let Some(length) = found {
                result.push_str(text);
                matched = true;
                after_match = length > 0;
                at += length;
                if length > 0 {
                    continue;
                }
            }
            result.extend(chars.get(at));
            at += 1;
        }
        Ok(result)
    }
}

fn characters(value: &str) -> Result<Vec<char>, Unresolved> {
    let chars: Vec<char> = value.chars().collect();
    if chars.len() > MAX_VALUE {
        let message = format!("a pattern meets a value of more than {MAX_VALUE} characters");
        return Err(Unresolved::Syntax(message));
    }
    Ok(chars)
}

/// Length of the shortest or longest start of `chars` that the tokens match.
/// `*` and `?` match no line feed, as in Go's regular expressions.
fn match_length(tokens: &[Token], chars: &[char], longest: bool) -> Option<usize> {
    // `reach[i]`: the tokens so far match the first `i` characters.
    let mut reach = vec![false; chars.len() + 1];
    *reach.first_mut()? = true;
    for token in tokens {
        let mut next = vec![false; chars.len() + 1];
        if *token == Token::Many {
            let mut open = false;
            for (i, slot) in next.iter_mut().enumerate() {
                open &= i == 0 || chars.get(i - 1) != Some(&'\n');
                open |= reach.get(i).copied().unwrap_or(false);
                *slot = open;
            }
        } else {
            for (i, slot) in next.iter_mut().enumerate().skip(1) {
                let fits = chars.get(i - 1).is_some_and(|&c| match token {
                    Token::Char(wanted) => *wanted == c,
                    _ => c != '\n',
                });
                *slot = fits && reach.get(i - 1).copied().unwrap_or(false);
            }
        }
        reach = next;
    }
    if longest {
        reach.iter().rposition(|&hit| hit)
    } else {
        reach.iter().position(|&hit| hit)
    }
}
