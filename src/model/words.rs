//! Words of the commands that a start leads to.

use crate::rule::pattern::Captures;
use crate::shell::{Command, Script, Word};
use crate::syntax::{CommandLine, Data, Instruction, Span};

/// The name of a manifest's script: what a hole captured, or the name as it stands.
pub fn script_name(captures: &Captures, script: &str) -> Option<String> {
    match captures.get(script.trim_start_matches('<').trim_end_matches('>')) {
        Some(words) => words
            .first()
            .filter(|word| word.literal)
            .map(|word| word.text.clone()),
        None => Some(script.to_string()),
    }
}

/// The words of another command that a hole captured.
pub fn captured_words(captures: &Captures, hole: &str, command: &Command) -> Vec<Word> {
    let hole = hole
        .trim_start_matches('<')
        .trim_end_matches('>')
        .trim_end_matches("...");
    let indices = captures
        .get(hole)
        .map(|words| words.iter().map(|word| word.index).collect::<Vec<_>>())
        .unwrap_or_default();
    // Options of the wrapped command are no captured words: everything from the first captured word on belongs to it.
    indices
        .first()
        .and_then(|first| command.words.get(*first..))
        .map(<[Word]>::to_vec)
        .unwrap_or_default()
}

/// A command as it is written.
pub fn words_of(command: &Command) -> String {
    command
        .words
        .iter()
        .map(|word| word.raw.as_str())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The words of an exec form.
pub fn exec_words(instruction: &Instruction) -> Option<Vec<Word>> {
    let words = match &instruction.data {
        Data::Command(CommandLine::Exec(words))
        | Data::Healthcheck(Some(CommandLine::Exec(words))) => words,
        _ => return None,
    };
    Some(
        words
            .iter()
            .map(|word| literal(word.text(), word.span))
            .collect(),
    )
}

/// A word without quotes and variables.
pub fn literal(text: &str, span: Span) -> Word {
    Word {
        span,
        raw: text.to_string(),
        value: Some(text.to_string()),
        glob: false,
        quoted: true,
        variables: Vec::new(),
    }
}

/// A word as a list of words has it, which stands in no Dockerfile.
pub fn literal_word(text: &str) -> Word {
    literal(text, Span::default())
}

/// The command with another name for its program.
pub fn renamed(command: &Command, program: &str) -> Command {
    let mut words = command.words.clone();
    if let Some(first) = words.first_mut() {
        *first = literal(program, first.span);
    }
    Command {
        words,
        ..command.clone()
    }
}

/// The command that some of the words are.
pub fn tail(words: &[Word]) -> Command {
    Command::of(words.to_vec())
}

/// Whether the shell form looks like an exec form: `["program"] # note`, `[ 'program', 'argument' ]`.
pub fn meant_as_json(script: &Script) -> bool {
    let words = script
        .commands
        .first()
        .map(|command| command.words.as_slice());
    match words.unwrap_or_default() {
        [first, second, ..] if first.raw == "[" => second.raw.ends_with(','),
        [first, ..] => first.raw.starts_with("[\"") || first.raw.starts_with("['"),
        [] => false,
    }
}
