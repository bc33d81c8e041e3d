//! All rules over many real Dockerfiles: the result parses, a second run changes nothing, and a shell reads every
//! script that it could read before.
//!
//! `DOCKOPT_CORPUS` names a folder with `dockerfiles.tar.gz`; without it the test says so and ends. Of its files every
//! 25th is taken, every one with `DOCKOPT_CORPUS_EVERY=1`, which takes some minutes in a release build.
//! `DOCKOPT_DIFFS` names a folder to write the diffs of each rule alone to, one file per rule.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use dockopt::engine::{Options, optimize};
use dockopt::facts::NoContext;
use dockopt::rule::RuleSet;
use dockopt::syntax::{CommandLine, Data, Dockerfile, Instruction, Keyword};
use rayon::prelude::*;

fn files(folder: &str) -> Vec<(String, String)> {
    let file = std::fs::File::open(Path::new(folder).join("dockerfiles.tar.gz")).unwrap();
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    let mut files = Vec::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().display().to_string();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        files.extend(String::from_utf8(bytes).ok().map(|text| (name, text)));
    }
    files
}

/// The texts that the shell of a RUN gets.
fn script(instruction: &Instruction) -> Option<String> {
    if !matches!(instruction.data, Data::Command(CommandLine::Shell)) {
        return None;
    }
    let mut text = instruction.text.text.clone();
    for heredoc in &instruction.heredocs {
        text.push('\n');
        text.push_str(&heredoc.content);
        text.push_str(&heredoc.name);
    }
    Some(text)
}

fn runs(file: &Dockerfile) -> impl Iterator<Item = (&str, &Instruction)> {
    file.instructions
        .iter()
        .filter(|instruction| instruction.keyword == Keyword::Run)
        .map(|instruction| (instruction.span.of(&file.source), instruction))
}

/// The shells that read the scripts, and what they said: most scripts come back in every profile, and a shell that
/// starts anew for each of them takes longer than all the rest.
#[derive(Default)]
struct Shells {
    said: Mutex<HashMap<(&'static str, String), bool>>,
}

impl Shells {
    /// Whether a shell takes the script; one that is not installed takes everything.
    fn read(&self, shell: &'static str, script: &str) -> bool {
        let key = (shell, script.to_string());
        if let Some(said) = self.said.lock().unwrap().get(&key) {
            return *said;
        }
        let said = shell_reads(shell, script);
        self.said.lock().unwrap().insert(key, said);
        said
    }
}

fn shell_reads(shell: &str, script: &str) -> bool {
    let Ok(mut shell) = Command::new(shell)
        .arg("-n")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
    else {
        return true;
    };
    let written = shell.stdin.take().unwrap().write_all(script.as_bytes());
    shell.wait().unwrap().success() && written.is_ok()
}

fn check(
    text: &str,
    rules: &RuleSet,
    options: &Options,
    shells: &Shells,
) -> Result<Vec<String>, String> {
    let Ok(before) = Dockerfile::parse(text) else {
        return Ok(Vec::new());
    };
    let outcome = optimize(text, &NoContext, rules, options).map_err(|error| error.to_string())?;
    let after = Dockerfile::parse(&outcome.text).map_err(|error| format!("rejected: {error}"))?;
    let again =
        optimize(&outcome.text, &NoContext, rules, options).map_err(|error| error.to_string())?;
    if again.text != outcome.text {
        return Err(format!("unstable:\n{}", diff(&outcome.text, &again.text)));
    }
    let changed = |one: &Dockerfile, other: &Dockerfile| -> Vec<String> {
        let known: HashSet<&str> = runs(other).map(|(text, _)| text).collect();
        runs(one)
            .filter(|(text, _)| !known.contains(text))
            .filter_map(|(_, run)| script(run))
            .collect()
    };
    // What a shell could not read before, it need not read after: the RUN may be for another one.
    let (was, is) = (changed(&before, &after), changed(&after, &before));
    for shell in ["sh", "bash"] {
        if let Some(bad) = is.iter().find(|text| !shells.read(shell, text))
            && was.iter().all(|text| shells.read(shell, text))
        {
            return Err(format!("no script for {shell}: {bad}"));
        }
    }
    Ok(outcome
        .changes
        .into_iter()
        .map(|change| change.rule)
        .collect())
}

fn diff(before: &str, after: &str) -> String {
    similar::TextDiff::from_lines(before, after)
        .unified_diff()
        .context_radius(4)
        .to_string()
}

#[test]
fn real_dockerfiles_come_out_sound() {
    let Ok(folder) = std::env::var("DOCKOPT_CORPUS") else {
        eprintln!("skipped: DOCKOPT_CORPUS is not set");
        return;
    };
    let rules = RuleSet::embedded();
    let every = std::env::var("DOCKOPT_CORPUS_EVERY").ok();
    let every = every.and_then(|every| every.parse().ok()).unwrap_or(25);
    let files: Vec<(String, String)> = files(&folder).into_iter().step_by(every).collect();
    let failures = Mutex::new(Vec::new());
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let shells = Shells::default();
    for profile in rules.profiles.iter().map(|profile| &*profile.name) {
        let options = Options {
            profiles: vec![profile.to_string()],
            ..Options::default()
        };
        let touched: Vec<Vec<String>> = files
            .par_iter()
            .map(|(name, text)| {
                check(text, &rules, &options, &shells).unwrap_or_else(|error| {
                    let failure = format!("{name}, profile {profile}: {error}");
                    failures.lock().unwrap().push(failure);
                    Vec::new()
                })
            })
            .collect();
        for mut rules in touched {
            rules.sort();
            rules.dedup();
            for rule in rules {
                *counts.entry(format!("{profile}: {rule}")).or_default() += 1;
            }
        }
    }
    for (rule, count) in &counts {
        println!("{count:>6} files  {rule}");
    }
    if let Ok(folder) = std::env::var("DOCKOPT_DIFFS") {
        write_diffs(Path::new(&folder), &files, &rules);
    }
    let failures = failures.into_inner().unwrap();
    assert!(
        failures.is_empty(),
        "{} of {} files:\n{}",
        failures.len(),
        files.len(),
        failures[..failures.len().min(20)].join("\n")
    );
    assert!(counts.len() > 3, "the rules find hardly anything");
}

fn write_diffs(folder: &Path, files: &[(String, String)], rules: &RuleSet) {
    for rule in rules.rules() {
        let options = Options {
            select: vec![rule.id().to_string()],
            ..Options::default()
        };
        let diffs: Vec<String> = files
            .par_iter()
            .filter_map(|(name, text)| {
                let outcome = optimize(text, &NoContext, rules, &options).ok()?;
                (outcome.text != *text)
                    .then(|| format!("=== {name}\n{}", diff(text, &outcome.text)))
            })
            .collect();
        std::fs::write(folder.join(format!("{}.diff", rule.id())), diffs.join("\n")).unwrap();
    }
}
