//! Build script: lists the files of `rules/` for inclusion in the program, with an index of the programs that the
//! documents under `rules/commands` know, so that only those are read that a Dockerfile needs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() -> std::io::Result<()> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default());
    let out = PathBuf::from(std::env::var("OUT_DIR").unwrap_or_default());
    let mut files = Vec::new();
    collect(&root.join("rules"), &mut files)?;
    let mut names: Vec<(String, PathBuf)> = files
        .into_iter()
        .filter_map(|path| {
            let name = path.strip_prefix(&root).ok()?.to_str()?.replace('\\', "/");
            Some((name, path))
        })
        .collect();
    names.sort();
    let mut full = String::from(
        "/// Name and text of each embedded file, sorted by name.\nstatic FILES: &[(&str, &str)] = &[\n",
    );
    let mut lean = String::from(
        "/// The same, rules without their tests.\nstatic LEAN: &[(&str, &str)] = &[\n",
    );
    let mut programs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, path) in names {
        let _ = writeln!(full, "    ({name:?}, include_str!({path:?})),");
        let text = if name.ends_with(".tsv") {
            String::new()
        } else {
            std::fs::read_to_string(&path)?
        };
        let short = without_tests(&text);
        if short == text {
            let _ = writeln!(lean, "    ({name:?}, include_str!({path:?})),");
        } else {
            let _ = writeln!(lean, "    ({name:?}, {short:?}),");
        }
        if name.starts_with("rules/commands/") {
            for program in text.lines().flat_map(programs_of) {
                programs.entry(program).or_default().insert(name.clone());
            }
        }
    }
    let mut index = String::from(
        "/// Documents by program, sorted.\nstatic PROGRAMS: &[(&str, &[&str])] = &[\n",
    );
    for (program, files) in programs {
        let files: Vec<&String> = files.iter().collect();
        let _ = writeln!(index, "    ({program:?}, &{files:?}),");
    }
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/build.rs");
    std::fs::write(
        out.join("embedded.rs"),
        format!("{full}];\n\n{lean}];\n\n{index}];\n"),
    )
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path
            .extension()
            .is_some_and(|ext| ext == "yaml" || ext == "tsv")
        {
            files.push(path);
        }
    }
    Ok(())
}

/// The text of a rule without its key `tests`, which is the last one.
fn without_tests(text: &str) -> String {
    let is_rule = text.lines().any(|line| line.starts_with("id:"));
    match text.find("\ntests:") {
        Some(at) if is_rule => text[..=at].to_string(),
        _ => text.to_string(),
    }
}

/// The programs of a line's `run:` pattern: `run: (npm|npx) ci` has two.
fn programs_of(line: &str) -> Vec<String> {
    let line = line
        .trim_start()
        .trim_start_matches("- ")
        .trim_start_matches("{ ");
    let Some(pattern) = line.strip_prefix("run:") else {
        return Vec::new();
    };
    let first = pattern
        .trim()
        .trim_start_matches(['"', '\''])
        .split([' ', '"', '\''])
        .next()
        .unwrap_or("")
        .trim_end_matches(',');
    let names = first
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap_or(first);
    names
        .split('|')
        .filter(|name| !name.is_empty())
        .map(str::to_string)
        .collect()
}
