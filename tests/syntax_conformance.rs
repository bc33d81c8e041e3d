//! Agreement with BuildKit's own parser, as recorded for real and for hard files.
//! The recordings lie in a corpus folder that DOCKOPT_CORPUS names; without it nothing is compared here.
#![allow(clippy::unwrap_used)]

mod syntax_support;

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use dockopt::syntax::{Dockerfile, ParseError, expand_unset_as_empty, expand_words};
use serde_json::Value;
use syntax_support::{corpus, differences, dump, json_lines, our_nodes, recorded_nodes, tar_files};

/// Compares a recorded parse with ours; what differs is named.
fn compare(name: &str, record: &Value, bytes: &[u8]) -> Vec<String> {
    // Two forms of recordings: errors as texts, or as flags.
    let error = |key: &str| record[key].as_str().is_some_and(|error| !error.is_empty());
    let flag = |key: &str| record[key].as_bool() == Some(false);
    let refused = error("err") || error("ierr") || flag("parse_ok") || flag("instr_ok");
    match Dockerfile::parse_bytes(bytes) {
        Err(error) if !refused => vec![format!("{name}: BuildKit accepts, we refuse: {error}")],
        Ok(_) if refused => vec![format!(
            "{name}: BuildKit refuses, we accept: {record:.300}"
        )],
        Err(_) => Vec::new(),
        Ok(dockerfile) => {
            let mut found = differences(&recorded_nodes(record), &our_nodes(&dockerfile));
            let stages = record["stages"].as_u64().unwrap();
            if stages != dockerfile.stages.len() as u64 {
                found.push(format!(
                    "{stages} stages recorded, {} ours",
                    dockerfile.stages.len()
                ));
            }
            if record["escape"].as_str().unwrap_or("\\") != dockerfile.escape.to_string() {
                found.push(format!(
                    "escape character recorded {}, ours {}",
                    record["escape"], dockerfile.escape
                ));
            }
            found
                .into_iter()
                .map(|difference| format!("{name}: {difference}"))
                .collect()
        }
    }
}

fn assert_agreement(what: &str, count: usize, found: &[String]) {
    println!(
        "{what}: {count} files compared, {} differences",
        found.len()
    );
    assert!(count > 0, "{what}: nothing to compare");
    assert!(
        found.is_empty(),
        "{what}:\n{}",
        found
            .iter()
            .take(20)
            .cloned()
            .collect::<Vec<_>>()
            .join("\n")
    );
}

#[test]
fn real_files() {
    let Some(root) = corpus() else { return };
    let files = tar_files(&root.join("dockerfiles.tar.gz"));
    let records = json_lines(&root.join("dockerfiles.buildkit.jsonl.gz"));
    let found: Vec<String> = records
        .iter()
        .flat_map(|record| {
            let name = record["sha1"].as_str().unwrap();
            compare(name, record, &files[name])
        })
        .collect();
    assert_agreement("real files", records.len(), &found);
}

#[test]
fn diverse_files() {
    let Some(root) = corpus() else { return };
    let records = json_lines(&root.join("golden.jsonl"));
    let found: Vec<String> = records
        .iter()
        .flat_map(|record| {
            let name = record["sha1"].as_str().unwrap();
            let bytes = fs::read(root.join(format!("files/{name}.Dockerfile"))).unwrap();
            compare(name, record, &bytes)
        })
        .collect();
    assert_agreement("diverse files", records.len(), &found);
}

#[test]
fn tricky_files() {
    let Some(root) = corpus() else { return };
    for folder in ["tricky", "tricky/heredoc"] {
        let records = json_lines(&root.join(folder).join("buildkit.jsonl"));
        let found: Vec<String> = records
            .iter()
            .flat_map(|record| {
                let name = record["file"].as_str().unwrap();
                compare(
                    name,
                    record,
                    &fs::read(root.join(folder).join(name)).unwrap(),
                )
            })
            .collect();
        assert_agreement(folder, records.len(), &found);
    }
}

/// BuildKit's test files are parsed without the rules for whole files, so some have no FROM.
fn with_from(text: &str) -> (String, bool) {
    let has_from =
        Dockerfile::parse(text).is_err_and(|error| error.message.contains("before the first FROM"));
    if !has_from {
        return (text.to_owned(), false);
    }
    let first = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let at = text.find(text.lines().find(first).unwrap()).unwrap();
    let (before, after) = text.split_at(at);
    (format!("{before}FROM scratch\n{after}"), true)
}

fn dumped(text: &str) -> Result<Vec<String>, ParseError> {
    let (text, added) = with_from(text);
    let dockerfile = Dockerfile::parse(&text)?;
    Ok(our_nodes(&dockerfile)
        .iter()
        .skip(usize::from(added))
        .map(dump)
        .collect())
}

/// Two of BuildKit's test files hold instructions that its second step refuses. Such a line counts as
/// expected if we refuse it for its flags or for what is missing.
fn line_by_line(text: &str, expected: &str) -> Vec<String> {
    let text = text.replace("\\\n", "");
    let lines = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .zip(expected.lines())
        .map(|(line, expected)| match dumped(line) {
            Ok(ours) => ours.concat(),
            Err(error) if error.message.contains("no flag") => expected.to_owned(),
            Err(error) if error.message.starts_with("HEALTHCHECK") => expected.to_owned(),
            Err(error) => error.to_string(),
        })
        .collect()
}

#[test]
fn buildkit_parser_test_files() {
    let Some(root) = corpus() else { return };
    let root = root.join("buildkit-parser-tests/frontend/dockerfile/parser");
    let mut count = 0;
    let mut found = Vec::new();
    for folder in folders(&root.join("testfiles")) {
        let text = fs::read_to_string(folder.join("Dockerfile")).unwrap();
        let expected = fs::read_to_string(folder.join("result")).unwrap();
        count += 1;
        let ours = match dumped(&text) {
            Ok(ours) => ours,
            Err(_) => line_by_line(&text, &expected),
        };
        let differing = expected
            .lines()
            .zip(&ours)
            .find(|(expected, ours)| expected != ours);
        if expected.lines().count() != ours.len() || differing.is_some() {
            found.push(format!("{}: {differing:?}", folder.display()));
        }
    }
    for folder in folders(&root.join("testfiles-negative")) {
        count += 1;
        if Dockerfile::parse_bytes(&fs::read(folder.join("Dockerfile")).unwrap()).is_ok() {
            found.push(format!("{}: accepted", folder.display()));
        }
    }
    assert_agreement("BuildKit's test files", count, &found);
}

fn folders(path: &Path) -> Vec<std::path::PathBuf> {
    let mut folders: Vec<_> = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    folders.sort();
    folders
}

#[test]
fn buildkit_word_tests() {
    let Some(root) = corpus() else { return };
    let text =
        fs::read_to_string(root.join("buildkit-parser-tests/frontend/dockerfile/shell/wordsTest"))
            .unwrap();
    let mut environment = HashMap::new();
    let (mut count, mut found) = (0, Vec::new());
    for line in text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
    {
        if let Some((name, value)) = line
            .strip_prefix("ENV ")
            .and_then(|pair| pair.split_once('='))
        {
            environment.insert(name.to_owned(), value.to_owned());
            continue;
        }
        let (word, expected) = line.split_once('|').unwrap();
        let lookup = |name: &str| Some(environment.get(name).cloned().unwrap_or_default());
        let ours = expand_words(word.trim(), '\\', &lookup);
        let ours = ours.map_or("error".to_owned(), |words| words.join(","));
        count += 1;
        if ours != expected.trim_start_matches(' ') {
            found.push(format!("{word}: expected `{expected}`, ours `{ours}`"));
        }
    }
    assert_agreement("BuildKit's word tests", count, &found);
}

#[test]
fn buildkit_variable_tests() {
    let Some(root) = corpus() else { return };
    let text =
        fs::read_to_string(root.join("buildkit-parser-tests/frontend/dockerfile/shell/envVarTest"))
            .unwrap();
    let (mut count, mut found) = (0, Vec::new());
    for line in text.lines() {
        let line = line
            .split('#')
            .next()
            .filter(|_| line.starts_with('#'))
            .unwrap_or(line);
        let Some((platform, rest)) = line.split_once('|') else {
            continue;
        };
        let Some((word, expected)) = rest.rsplit_once('|') else {
            continue;
        };
        if platform.trim() == "W" {
            continue;
        }
        let lookup = |name: &str| {
            let value = match name {
                "PWD" => "/home",
                "SHELL" => "bash",
                "KOREAN" => "한국어",
                "NULL" => "",
                _ => return None,
            };
            Some(value.to_owned())
        };
        let ours = expand_unset_as_empty(word.trim(), '\\', &lookup).unwrap_or("error".to_owned());
        count += 1;
        if ours != expected.trim() {
            found.push(format!("{word}: expected `{expected}`, ours `{ours}`"));
        }
    }
    assert_agreement("BuildKit's variable tests", count, &found);
}
