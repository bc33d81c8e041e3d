//! Files that several Dockerfiles change together: the `.dockerignore` of a build context that they share.

use std::collections::HashMap;
use std::path::PathBuf;

use dockopt::engine::FileChange;
use dockopt::report::FileReport;

/// Gives all changes of one file the same new text: that of the first, with the lines that the others add.
pub fn unite(files: &mut [FileReport]) {
    let mut texts: HashMap<PathBuf, String> = HashMap::new();
    for (path, change) in changes(files) {
        match texts.get_mut(&path) {
            Some(text) => add_lines(text, change),
            None => drop(texts.insert(path, change.after.clone())),
        }
    }
    for (path, change) in changes(files) {
        if let Some(text) = texts.get(&path) {
            change.after.clone_from(text);
        }
    }
}

fn changes(files: &mut [FileReport]) -> impl Iterator<Item = (PathBuf, &mut FileChange)> {
    files.iter_mut().flat_map(|file| {
        let context = file.context.clone();
        let changes = file
            .result
            .as_mut()
            .map(|outcome| &mut outcome.files[..])
            .unwrap_or_default();
        changes.iter_mut().map(move |change| {
            let folder = context.as_deref().unwrap_or(std::path::Path::new("."));
            (folder.join(&change.path), change)
        })
    })
}

/// Adds the lines that `change` brings new and `text` does not have.
fn add_lines(text: &mut String, change: &FileChange) {
    let before = change.before.as_deref().unwrap_or("");
    for line in change.after.lines() {
        if !before.lines().any(|old| old == line) && !text.lines().any(|old| old == line) {
            if !text.is_empty() && !text.ends_with('\n') {
                text.push('\n');
            }
            text.push_str(line);
            text.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use dockopt::engine::Outcome;
    use dockopt::report::Location;

    use super::*;

    fn file(context: &str, before: Option<&str>, after: &str) -> FileReport {
        let change = FileChange {
            path: ".dockerignore".to_owned(),
            before: before.map(str::to_owned),
            after: after.to_owned(),
        };
        FileReport {
            location: Location::Stdin,
            context: Some(PathBuf::from(context)),
            result: Ok(Outcome {
                files: vec![change],
                ..Outcome::default()
            }),
        }
    }

    #[test]
    fn lines_of_one_context_come_together_and_others_stay_apart() {
        let mut files = [
            file("a", Some("x"), "x\n.git\nnode_modules\n"),
            file("b", None, ".git\n"),
            file("a", Some("x"), "x\n.git\ntarget\n"),
        ];
        unite(&mut files);
        let texts: Vec<&str> = files
            .iter()
            .filter_map(FileReport::outcome)
            .map(|outcome| outcome.files[0].after.as_str())
            .collect();
        assert_eq!(
            texts,
            [
                "x\n.git\nnode_modules\ntarget\n",
                ".git\n",
                "x\n.git\nnode_modules\ntarget\n"
            ]
        );
    }
}
