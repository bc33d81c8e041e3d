//! The rules that are compiled into the program.

use super::load::File;
use std::borrow::Cow;

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// Every file of `rules/`, sorted by name; rules without their tests, which a rewrite does not need.
pub fn files() -> Vec<File> {
    list(LEAN)
}

/// Every file of `rules/`, sorted by name, as it stands there.
pub fn complete_files() -> Vec<File> {
    list(FILES)
}

fn list(files: &'static [(&str, &str)]) -> Vec<File> {
    files
        .iter()
        .map(|(name, text)| File {
            name: (*name).to_string(),
            text: Cow::Borrowed(text),
        })
        .collect()
}

/// The embedded file of this name, if it has this text: its name and its text, for ever.
pub fn embedded(file: &File) -> Option<(&'static str, &'static str)> {
    let Cow::Borrowed(text) = file.text else {
        return None;
    };
    let at = FILES
        .binary_search_by(|(known, _)| (*known).cmp(&file.name))
        .ok()?;
    Some((FILES[at].0, text))
}

/// The documents that have lines for a program.
pub fn command_files(program: &str) -> &'static [&'static str] {
    match PROGRAMS.binary_search_by(|(known, _)| (*known).cmp(program)) {
        Ok(at) => PROGRAMS[at].1,
        Err(_) => &[],
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::rule::document::CommandsDocument;
    use crate::rule::pattern::programs;

    /// The build script finds programs without reading YAML; what it finds must be what the documents say.
    #[test]
    fn the_index_of_programs_is_complete() {
        for (name, text) in FILES {
            if !name.starts_with("rules/commands/") {
                continue;
            }
            let document: CommandsDocument = serde_yaml::from_str(text).unwrap();
            let lines = document.lines.iter().map(|line| &line.run.value);
            for run in lines.chain(document.starts.iter().map(|start| &start.run.value)) {
                for program in programs(run) {
                    let files = command_files(&program);
                    assert!(
                        files.contains(name),
                        "`{program}` of {name} is not in the index"
                    );
                }
            }
        }
    }
}
