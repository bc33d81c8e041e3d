//! `ignore`: lines for `.dockerignore`, which is made where there is none.
//!
//! ```text
//! .git
//!
//! .git
//! node_modules
//! ```

use super::{Firing, Proposal, Stop};
use crate::engine::FileChange;
use crate::facts::Tri;
use crate::facts::ignore::IgnoreFile;
use crate::model::{CopyModel, StageModel};
use crate::rule::document::IgnoreVerb;
use crate::syntax::Keyword;

/// Adds the lines that are not in effect yet and leave out nothing that a COPY or ADD names.
pub fn ignore(
    firing: &Firing<'_>,
    verb: &IgnoreVerb,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let (path, before) = match (firing.context.ignore_file(), firing.context.ignore_text()) {
        (Tri::Present(path), Tri::Present(text)) => (path, Some(text.to_string())),
        (Tri::Absent, _) => (".dockerignore".to_string(), None),
        (Tri::Unknown(reason), _) | (_, Tri::Unknown(reason)) => {
            return Err(firing.stop(
                firing.from(),
                "unknown",
                format!("unknown: .dockerignore ({reason})"),
                "give the build context with --context DIR",
            ));
        }
        (Tri::Present(_), Tri::Absent) => return Ok(false),
    };
    // A file beside a Dockerfile that lies outside the context has no path in it.
    if path.starts_with('/') || path.split('/').any(|part| part == "..") {
        return Ok(false);
    }
    let earlier = firing.files.iter().find(|change| change.path == path);
    let start = earlier.map_or(before.clone(), |change| Some(change.after.clone()));
    let Some(named) = named(firing) else {
        return Ok(false);
    };
    let mut text = start.clone().unwrap_or_default();
    for line in &verb.lines {
        let longer = with_line(&text, line);
        let (Ok(old), Ok(new)) = (
            IgnoreFile::parse(&path, &text),
            IgnoreFile::parse(&path, &longer),
        ) else {
            return Ok(false);
        };
        let in_effect = samples(line)
            .iter()
            .all(|path| old.excluded(path).is_some());
        let newly = |path: &String| old.excluded(path).is_none() && new.excluded(path).is_some();
        let leaves_out = || {
            let question = format!("newly ignored: {path}\n{text}\n{line}");
            firing.parts.whether(question, || {
                let files = firing.context.files();
                files.is_ok_and(|files| files.iter().any(newly))
            })
        };
        if verb.existing && !leaves_out() {
            continue;
        }
        if in_effect || named.iter().any(newly) || exceptions(&text).iter().any(newly) {
            continue;
        }
        text = longer;
    }
    if verb.ensure {
        let Ok(file) = IgnoreFile::parse(&path, &text) else {
            return Ok(false);
        };
        let mut paths = verb.lines.iter().flat_map(|line| samples(line));
        if !paths.all(|path| file.excluded(&path).is_some()) {
            return Ok(false);
        }
        if Some(&text) == start.as_ref() {
            return Ok(true);
        }
    }
    if Some(&text) == start.as_ref() || text.is_empty() {
        return Ok(false);
    }
    proposal.files.push(FileChange {
        path,
        before,
        after: text,
    });
    Ok(true)
}

/// The text with one more line: in the newlines of the text, with a final newline only where it had one.
fn with_line(text: &str, line: &str) -> String {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    match text {
        "" => format!("{line}{newline}"),
        text if text.ends_with('\n') => format!("{text}{line}{newline}"),
        text => format!("{text}{newline}{line}"),
    }
}

/// Paths that a pattern stands for, as examples: `**` for none and for two directories, `*` for a name.
fn samples(pattern: &str) -> Vec<String> {
    let pattern = pattern.trim().trim_matches('/');
    let filled = |text: &str| text.replace(['*', '?'], "x");
    match pattern.strip_prefix("**/") {
        Some(rest) => vec![filled(rest), format!("a/b/{}", filled(rest))],
        None => vec![filled(pattern)],
    }
}

/// Paths that the file takes back in (`!keep`), as examples.
fn exceptions(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.trim().strip_prefix('!'))
        .flat_map(samples)
        .collect()
}

/// Paths of the context that an instruction names, the whole context left out; nothing where a name has a variable
/// that nobody knows.
fn named(firing: &Firing<'_>) -> Option<Vec<String>> {
    let file = firing.model.file;
    let mut paths = Vec::new();
    for stage in 0..file.stages.len() {
        let model = StageModel::of(file, stage, firing.context, firing.rules);
        for step in &model.steps {
            for mount in step.instruction.flags_named("mount") {
                if mount.option(&["from"]).is_none() {
                    paths.extend(mount.option(&["source", "src"]).map(str::to_string));
                }
            }
            if !matches!(step.instruction.keyword, Keyword::Copy | Keyword::Add) {
                continue;
            }
            let copy = CopyModel::of(step.instruction, &step.state, file.escape, firing.context)?;
            if copy.from.is_none() && !copy.remote {
                paths.extend(copy.sources.iter().cloned());
            }
        }
    }
    if paths.iter().any(|path| path.contains('$')) {
        return None;
    }
    let mut entries = Vec::new();
    for path in paths {
        let plain = path.trim_start_matches("./").trim_matches('/').to_string();
        if matches!(plain.as_str(), "" | ".") {
            continue;
        }
        if plain.contains(['*', '?', '['])
            && let Tri::Present(found) = firing.context.matches(&plain)
        {
            entries.extend(found.into_iter().map(|(path, _)| path));
        }
        entries.extend(samples(&plain));
    }
    Some(entries)
}
