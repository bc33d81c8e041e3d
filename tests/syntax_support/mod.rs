//! What the tests of the syntax layer share: the corpus, and a parsed file as BuildKit shows it.
#![allow(clippy::unwrap_used, dead_code)]

pub mod generate;

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use dockopt::syntax::{CommandLine, Data, Dockerfile, Heredoc, Instruction, Keyword};
use flate2::read::MultiGzDecoder;
use serde_json::Value;

/// The folder named by DOCKOPT_CORPUS; without it a message, and the test has nothing to do.
pub fn corpus() -> Option<PathBuf> {
    let folder = std::env::var_os("DOCKOPT_CORPUS").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: DOCKOPT_CORPUS does not name a corpus folder");
    }
    folder
}

/// The files of a `.tar.gz` by the part of their name before the first dot.
pub fn tar_files(path: &Path) -> HashMap<String, Vec<u8>> {
    let mut archive = tar::Archive::new(MultiGzDecoder::new(File::open(path).unwrap()));
    let mut files = HashMap::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let name = entry
            .path()
            .unwrap()
            .file_name()
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        files.insert(name.split('.').next().unwrap().to_owned(), bytes);
    }
    files
}

/// One JSON value a line; `.gz` is unpacked.
pub fn json_lines(path: &Path) -> Vec<Value> {
    let mut text = String::new();
    let mut file = File::open(path).unwrap();
    if path.extension().is_some_and(|extension| extension == "gz") {
        MultiGzDecoder::new(file).read_to_string(&mut text).unwrap();
    } else {
        file.read_to_string(&mut text).unwrap();
    }
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// An instruction as BuildKit's parser gives it.
#[derive(Debug, PartialEq, Eq, Default)]
pub struct Node {
    pub cmd: String,
    pub flags: Vec<String>,
    pub args: Vec<String>,
    pub json: bool,
    /// Name, expand, strip tabs, body before stripping.
    pub heredocs: Vec<(String, bool, bool, String)>,
    pub lines: (usize, usize),
    pub trigger: Option<Box<Node>>,
}

/// The instructions of a recorded parse.
pub fn recorded_nodes(record: &Value) -> Vec<Node> {
    record["nodes"]
        .as_array()
        .map(|nodes| nodes.iter().map(recorded_node).collect())
        .unwrap_or_default()
}

fn recorded_node(node: &Value) -> Node {
    let strings = |key: &str| -> Vec<String> {
        let list = node[key].as_array();
        list.map(|list| {
            list.iter()
                .map(|item| item.as_str().unwrap().to_owned())
                .collect()
        })
        .unwrap_or_default()
    };
    let number = |key: &str| usize::try_from(node[key].as_u64().unwrap_or(0)).unwrap();
    let heredocs = node["heredocs"].as_array().cloned().unwrap_or_default();
    let trigger = node
        .get("onbuild")
        .or_else(|| node.get("sub"))
        .filter(|trigger| trigger.is_object());
    Node {
        cmd: node["cmd"].as_str().unwrap().to_ascii_uppercase(),
        flags: strings("flags"),
        args: strings("args"),
        json: node["json"].as_bool().unwrap_or(false),
        heredocs: heredocs
            .iter()
            .map(|heredoc| {
                (
                    heredoc["name"].as_str().unwrap().to_owned(),
                    heredoc["expand"].as_bool().unwrap_or(false),
                    heredoc["chomp"].as_bool().unwrap_or(false),
                    heredoc["content"].as_str().unwrap_or("").to_owned(),
                )
            })
            .collect(),
        lines: (number("start"), number("end")),
        trigger: trigger.map(|trigger| Box::new(recorded_node(trigger))),
    }
}

/// The instructions of a parsed file, in BuildKit's terms.
pub fn our_nodes(dockerfile: &Dockerfile) -> Vec<Node> {
    dockerfile
        .instructions
        .iter()
        .map(|instruction| our_node(dockerfile, instruction))
        .collect()
}

fn our_node(dockerfile: &Dockerfile, instruction: &Instruction) -> Node {
    let (args, json) = our_args(instruction);
    let flag = |flag: &dockopt::syntax::Flag| match &flag.value {
        Some(value) => format!("--{}={value}", flag.name),
        None => format!("--{}", flag.name),
    };
    let heredoc = |heredoc: &Heredoc| {
        let body = heredoc.body.of(&dockerfile.source).to_owned();
        (
            heredoc.name.clone(),
            heredoc.expand,
            heredoc.strip_tabs,
            body,
        )
    };
    let trigger = match &instruction.data {
        // BuildKit counts no lines for a trigger and hangs the heredocs on the ONBUILD.
        Data::Onbuild(trigger) => {
            let node = our_node(dockerfile, trigger);
            Some(Box::new(Node {
                lines: (0, 0),
                heredocs: Vec::new(),
                ..node
            }))
        }
        _ => None,
    };
    Node {
        cmd: instruction.keyword.as_str().to_owned(),
        flags: instruction
            .flags
            .iter()
            .map(flag)
            .map(as_bytes_seen)
            .collect(),
        args,
        json,
        heredocs: instruction.heredocs.iter().map(heredoc).collect(),
        lines: (instruction.lines.start, instruction.lines.end),
        trigger,
    }
}

/// BuildKit takes every byte of a flag for a character, and the bytes 0x85 and 0xa0 for white space.
fn as_bytes_seen(flag: String) -> String {
    if flag.is_ascii() {
        return flag;
    }
    let seen: String = flag.bytes().map(char::from).collect();
    seen.strip_suffix(['\u{85}', '\u{a0}'])
        .map(str::to_owned)
        .unwrap_or(seen)
}

fn our_args(instruction: &Instruction) -> (Vec<String>, bool) {
    let raws = |words: &[dockopt::syntax::Word]| {
        words
            .iter()
            .map(|word| word.raw.clone())
            .collect::<Vec<_>>()
    };
    let command = |command: &CommandLine| match command {
        CommandLine::Exec(words) => (raws(words), true),
        CommandLine::Shell if instruction.text.text.is_empty() => (Vec::new(), false),
        CommandLine::Shell => (vec![instruction.text.text.clone()], false),
    };
    match &instruction.data {
        Data::From { image, alias } => {
            let mut args = vec![image.raw.clone()];
            if let Some(alias) = alias {
                args.extend(["AS".to_owned(), alias.raw.clone()]);
            }
            (args, false)
        }
        Data::Command(line) => command(line),
        Data::Healthcheck(None) => (vec!["NONE".to_owned()], false),
        Data::Healthcheck(Some(line)) => {
            let (mut args, json) = command(line);
            args.insert(0, "CMD".to_owned());
            (args, json)
        }
        Data::Shell(words) => (raws(words), true),
        Data::Transfer {
            sources,
            dest,
            json,
        } => {
            let mut args = raws(sources);
            args.push(dest.raw.clone());
            (args, *json)
        }
        Data::Pairs { pairs, legacy } => {
            let mut args = Vec::new();
            for pair in pairs {
                let value = pair.value.as_ref().map(|value| value.raw.clone());
                if instruction.keyword == Keyword::Arg {
                    args.push(value.map_or(pair.key.raw.clone(), |value| {
                        format!("{}={value}", pair.key.raw)
                    }));
                } else {
                    let separator = if *legacy { "" } else { "=" };
                    args.extend([pair.key.raw.clone(), value.unwrap(), separator.to_owned()]);
                }
            }
            (args, false)
        }
        Data::Words { words, json } => (raws(words), *json),
        Data::Text(word) => (vec![word.raw.clone()], false),
        Data::Onbuild(_) => (Vec::new(), false),
    }
}

/// The differences between a recorded parse and ours, of a file that both accept.
pub fn differences(recorded: &[Node], ours: &[Node]) -> Vec<String> {
    if recorded.len() != ours.len() {
        return vec![format!(
            "{} instructions recorded, {} ours",
            recorded.len(),
            ours.len()
        )];
    }
    let pairs = recorded
        .iter()
        .zip(ours)
        .filter(|(recorded, ours)| !same(recorded, ours));
    pairs
        .map(|(recorded, ours)| format!("recorded {recorded:?}\n    ours {ours:?}"))
        .collect()
}

fn same(recorded: &Node, ours: &Node) -> bool {
    // The words AS, CMD and NONE stand in a parsed file as an enum, not as written.
    let case_free = matches!(ours.cmd.as_str(), "FROM" | "HEALTHCHECK");
    let same_arg = |(a, b): (&String, &String)| {
        a == b || (case_free && a.eq_ignore_ascii_case(b) && b.len() <= 4)
    };
    let triggers = match (&recorded.trigger, &ours.trigger) {
        (None, None) => true,
        (Some(recorded), Some(ours)) => same(recorded, ours),
        // A trigger that is no valid instruction is kept as text.
        (Some(recorded), None) => {
            ours.cmd == "ONBUILD"
                && ours
                    .args
                    .iter()
                    .all(|text| text.to_ascii_uppercase().starts_with(&recorded.cmd))
        }
        (None, Some(_)) => false,
    };
    let args = recorded.trigger.is_some()
        || (recorded.args.len() == ours.args.len()
            && recorded.args.iter().zip(&ours.args).all(same_arg));
    triggers
        && args
        && (
            &recorded.cmd,
            &recorded.flags,
            recorded.json,
            &recorded.heredocs,
            recorded.lines,
        ) == (
            &ours.cmd,
            &ours.flags,
            ours.json,
            &ours.heredocs,
            ours.lines,
        )
}

/// A parse tree as BuildKit's test results print it: `(run ["--flag"] "argument")`.
pub fn dump(node: &Node) -> String {
    let mut text = node.cmd.to_ascii_lowercase();
    if !node.flags.is_empty() {
        let flags: Vec<String> = node.flags.iter().map(|flag| quote(flag)).collect();
        text += &format!(" [{}]", flags.join(" "));
    }
    match &node.trigger {
        Some(trigger) => text += &format!(" {}", dump(trigger)),
        None => node
            .args
            .iter()
            .for_each(|arg| text += &format!(" {}", quote(arg))),
    }
    format!("({text})")
}

/// A string as Go quotes it.
fn quote(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\x07' => quoted += "\\a",
            '\x08' => quoted += "\\b",
            '\t' => quoted += "\\t",
            '\n' => quoted += "\\n",
            '\x0b' => quoted += "\\v",
            '\x0c' => quoted += "\\f",
            '\r' => quoted += "\\r",
            c if c < ' ' || c == '\x7f' => quoted += &format!("\\x{:02x}", u32::from(c)),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}
