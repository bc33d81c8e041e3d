//! Command lines in files of settings: what a supervisor starts, and the programs that a file names which
//! the sources start without a name of their own.

use crate::engine::verbs::Firing;
use crate::facts::Tri;
use crate::facts::reader::Glob;
use crate::facts::sources::Scan;
use crate::model::Start;
use crate::model::path::name;
use crate::rule::RuleSet;

/// Files that are looked at.
const MAX_FILES: usize = 64;
/// Larger files hold data, counted in bytes.
const MAX_BYTES: usize = 128 << 10;
/// Longer values are no command lines, counted in bytes.
const MAX_LINE: usize = 512;
/// A text that may be a command line, with the file and the line that it stands in.
pub struct Line {
    pub file: String,
    pub line: usize,
    pub text: String,
}

/// The command lines of files that list programs to start.
pub fn listed(firing: &Firing<'_>, start: &Start, files: &[String]) -> Vec<Line> {
    let named = start.lists.iter().filter_map(|path| {
        let file = files.iter().filter(|file| path.ends_with(file.as_str()));
        file.max_by_key(|file| file.len())
    });
    let lines = named.flat_map(|file| lines(firing, file));
    lines.map(|(line, _)| line).collect()
}

/// The command lines in settings, for sources that start a program whose name they do not say.
pub fn of_sources(firing: &Firing<'_>, scan: Option<&Scan>, files: &[String]) -> Vec<Line> {
    if scan.is_none_or(|scan| scan.opaque_start.is_none()) {
        return Vec::new();
    }
    let (wanted, unwanted) = (globs(firing.rules, "file"), globs(firing.rules, "tool"));
    let matches = |globs: &[Glob], file: &str| globs.iter().any(|glob| glob.is_match(file));
    let settings = files
        .iter()
        .filter(|file| matches(&wanted, file) && !matches(&unwanted, file));
    let lines = settings
        .take(MAX_FILES)
        .flat_map(|file| lines(firing, file));
    let lines = lines.filter(|(line, key)| says_enough(&line.text, key, firing.rules));
    lines.map(|(line, _)| line).collect()
}

/// The names of a kind in the table `settings`, which are globs.
pub fn globs(rules: &RuleSet, kind: &str) -> Vec<Glob> {
    let rows = rules.table("settings");
    let rows = rows.iter().flat_map(|table| table.rows(&[kind]));
    rows.filter_map(|row| Glob::parse(row.get("name")?).ok())
        .collect()
}

/// Whether a text says by itself that its first word is a command: some are common words, too.
fn says_enough(text: &str, key: &str, rules: &RuleSet) -> bool {
    let mut words = text.split_whitespace();
    let program = words.next().map_or("", name);
    let table = rules.table("base-commands");
    let Some(row) = table.and_then(|table| table.get(&[program])) else {
        // A script, perhaps.
        return program.ends_with(".sh") || text.contains("/");
    };
    let argument = |word: &str| word.starts_with(['-', '$', '{']) || word.contains(['/', '.']);
    match row.get("said") {
        None => true,
        Some("line") => {
            rules.look_up("settings", &["key", key]).is_some() || words.next().is_some_and(argument)
        }
        Some(_) => false,
    }
}

/// The values in a file of settings, each with the name that it is given to.
pub fn lines(firing: &Firing<'_>, file: &str) -> Vec<(Line, String)> {
    let Tri::Present(text) = firing.context.read(file) else {
        return Vec::new();
    };
    if text.len() > MAX_BYTES {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut key = String::new();
    for (line, text) in (1..).zip(text.lines()) {
        let mut say = |text: &str, key: &str| {
            let text = text.trim();
            if !text.is_empty() && text.len() <= MAX_LINE {
                let line = Line {
                    file: file.to_string(),
                    line,
                    text: text.to_string(),
                };
                found.push((line, key.to_string()));
            }
        };
        let text = text.trim();
        if text.starts_with(['#', ';']) || text.starts_with("//") {
            continue;
        }
        let parts = parts(text);
        let named = text.find([':', '=']).map(|at| &text[..at]);
        if let Some(named) = named {
            let own = |c: char| !c.is_ascii_alphanumeric() && c != '_';
            key = named.trim_matches(own).to_string();
        }
        for (part, names) in &parts {
            match names {
                true => key = (*part).to_string(),
                false => say(part, &key),
            }
        }
        // `[curl, "--version"]`
        if let Some((_, list)) = text.split_once('[') {
            let list: String = list
                .split([',', ']'])
                .map(|item| item.trim().trim_matches(['"', '\'']))
                .filter(|item| !item.is_empty())
                .collect::<Vec<_>>()
                .join(" ");
            say(&list, &key);
        }
        if parts.iter().all(|(_, names)| *names) {
            let value = text.strip_prefix("- ").unwrap_or(text);
            let value = match value.split_once(": ").or_else(|| value.split_once('=')) {
                Some((_, value)) => value,
                None => value,
            };
            say(value.trim_end_matches(','), &key);
        }
    }
    found
}

/// The texts in quotes of a line, and whether they are names of values.
fn parts(line: &str) -> Vec<(&str, bool)> {
    let mut parts = Vec::new();
    let mut rest = line;
    while let Some(at) = rest.find(['"', '\'', '`']) {
        let (quote, after) = rest[at..].split_at(1);
        let Some(end) = after.find(quote) else {
            break;
        };
        rest = &after[end + 1..];
        parts.push((&after[..end], rest.trim_start().starts_with(':')));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn texts_in_quotes_are_values() {
        let line = "{ script: './worker.sh', interpreter: \"bash\", name: 'it";
        assert_eq!(parts(line), [("./worker.sh", false), ("bash", false)]);
        assert_eq!(parts("\"bin\": 'xz'"), [("bin", true), ("xz", false)]);
        assert!(parts("- git status").is_empty());
    }
}
