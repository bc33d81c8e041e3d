//! Build script: packs the documents of `rules/` into the program.
//!
//! YAML is written for people and takes longer to read than a rewrite takes. So each document is packed as MessagePack,
//! rules without their tests, which a rewrite does not need. The texts are embedded as well, for `dockopt rules`. With
//! them goes an index of the programs that the documents under `rules/commands` know, so that only those are read that
//! a Dockerfile needs.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/build.rs");
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(std::env::var("OUT_DIR")?);
    let mut paths = Vec::new();
    collect(&root.join("rules"), &mut paths)?;
    let mut names: Vec<(String, PathBuf)> = paths
        .into_iter()
        .filter_map(|path| {
            let name = path.strip_prefix(&root).ok()?.to_str()?.replace('\\', "/");
            Some((name, path))
        })
        .collect();
    names.sort();
    let mut files = String::new();
    let mut programs: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (at, (name, path)) in names.into_iter().enumerate() {
        let packed = out.join(format!("{at}.packed"));
        let bytes = if name.ends_with(".tsv") {
            Vec::new()
        } else {
            let mut document = parse(&name, &path)?;
            if name.starts_with("rules/commands/") {
                for program in programs_of(&document) {
                    programs.entry(program).or_default().insert(name.clone());
                }
            }
            if let Value::Object(keys) = &mut document
                && keys.contains_key("id")
            {
                keys.shift_remove("tests");
            }
            rmp_serde::to_vec(&document)?
        };
        std::fs::write(&packed, bytes)?;
        writeln!(
            files,
            "    ({name:?}, include_str!({path:?}), include_bytes!({packed:?})),"
        )?;
    }
    let mut index = String::new();
    for (program, files) in programs {
        let files: Vec<&String> = files.iter().collect();
        writeln!(index, "    ({program:?}, &{files:?}),")?;
    }
    std::fs::write(
        out.join("embedded.rs"),
        format!(
            "/// Name, text and packed document of each embedded file, sorted by name.\n\
             static FILES: &[(&str, &str, &[u8])] = &[\n{files}];\n\n\
             /// Documents by program, sorted.\n\
             static PROGRAMS: &[(&str, &[&str])] = &[\n{index}];\n"
        ),
    )?;
    Ok(())
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

fn parse(name: &str, path: &Path) -> Result<Value, Box<dyn Error>> {
    let text = std::fs::read_to_string(path)?;
    serde_yaml::from_str(&text).map_err(|error| format!("{name}: {error}").into())
}

/// The programs of a document's `run:` patterns: `run: (npm|npx) ci` has two, `run: <tool:npm|npx> ci` as well.
fn programs_of(document: &Value) -> Vec<String> {
    let lines = ["lines", "starts"]
        .into_iter()
        .filter_map(|key| document[key].as_array())
        .flatten();
    lines
        .filter_map(|line| line["run"].as_str()?.split_whitespace().next())
        .flat_map(|first| {
            let names = first
                .strip_prefix('(')
                .and_then(|rest| rest.strip_suffix(')'))
                .or_else(|| Some(first.strip_suffix('>')?.split_once(':')?.1))
                .unwrap_or(first);
            names.split('|').map(str::to_string)
        })
        .collect()
}
