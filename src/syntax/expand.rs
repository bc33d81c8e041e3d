//! Quotes, escapes and variables in words, as BuildKit's shell lexer resolves them when it builds.
//!
//! Used for the words of ENV, ARG, LABEL, WORKDIR, USER, COPY, ADD, EXPOSE, VOLUME, STOPSIGNAL and
//! FROM. RUN, CMD, ENTRYPOINT, HEALTHCHECK and SHELL are left to the shell at run time.

mod collect;
mod lexer;
mod pattern;

use std::cell::Cell;

pub(super) use lexer::{Lexer, Options};

/// The value of a variable, or `None` where it is not set.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Why a word has no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unresolved {
    /// A variable without a value and without a default.
    #[error("the variable `{0}` has no known value")]
    Variable(String),
    /// `${name?message}` with a variable that is not set or empty.
    #[error("{name}: {message}")]
    Required {
        /// The variable.
        name: String,
        /// The message after `?`.
        message: String,
    },
    /// The word is not well-formed: BuildKit stops with an error here.
    #[error("{0}")]
    Syntax(String),
}

/// The word with its variables, quotes and escapes resolved.
///
/// Known forms: `$v`, `${v}`, `${v:-default}`, `${v-default}`, `${v:+other}`, `${v+other}`, `${v:?error}`,
/// `${v?error}`, `${v#prefix}`, `${v##prefix}`, `${v%suffix}`, `${v%%suffix}`, `${v/pattern/text}`,
/// `${v//pattern/text}`.
///
/// # Errors
/// A variable that is not set, with no default in the word, is [`Unresolved::Variable`]: whether it
/// is empty or comes from the base image is for the caller to say (BuildKit: empty).
pub fn expand(word: &str, escape: char, lookup: Lookup<'_>) -> Result<String, Unresolved> {
    let options = Options {
        escape,
        unset_is_error: true,
        ..Options::default()
    };
    Lexer::new(word, options, lookup).value()
}

/// Like [`expand`], with the empty string for variables that are not set, as BuildKit has it.
///
/// # Errors
/// As [`expand`], without [`Unresolved::Variable`].
pub fn expand_unset_as_empty(
    word: &str,
    escape: char,
    lookup: Lookup<'_>,
) -> Result<String, Unresolved> {
    let options = Options {
        escape,
        ..Options::default()
    };
    Lexer::new(word, options, lookup).value()
}

/// The words after expansion: what a variable holds is split at white space too, quoted text is not.
/// BuildKit reads the arguments of EXPOSE so.
///
/// # Errors
/// As [`expand`].
pub fn expand_words(
    text: &str,
    escape: char,
    lookup: Lookup<'_>,
) -> Result<Vec<String>, Unresolved> {
    let options = Options {
        escape,
        unset_is_error: true,
        ..Options::default()
    };
    Lexer::new(text, options, lookup).words()
}

/// The value of a word in which no variable occurs; `None` where one does, or where the word is not
/// well-formed.
pub(super) fn literal(word: &str, escape: char) -> Option<String> {
    let special = |c: char| matches!(c, '$' | '\'' | '"' | '\u{feff}') || c == escape;
    if !word.contains(special) {
        return Some(word.to_owned());
    }
    let variable = Cell::new(false);
    let lookup = |_: &str| {
        variable.set(true);
        None
    };
    let value = expand_unset_as_empty(word, escape, &lookup).ok();
    value.filter(|_| !variable.get())
}
