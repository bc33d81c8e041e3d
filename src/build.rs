//! Build script: packs the documents of `rules/` into the program.
//!
//! YAML is written for people and takes longer to read than a rewrite takes. So each document is packed as MessagePack,
//! rules without their tests, which a rewrite does not need. The texts are embedded as well, for `dockopt rules`. With
//! them go an index of the programs that the documents under `rules/commands` know, one of the facts with what the
//! matches of their expressions begin with, and for each rule what a stage must have for it to match, so that only those
//! documents are read that a Dockerfile needs.

#[path = "regular/beginnings.rs"]
mod beginnings;
#[path = "rule/fnv.rs"]
mod fnv;
#[path = "rule/order.rs"]
mod order;

use fnv::fnv;
use order::Listed;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/build.rs");
    println!("cargo::rerun-if-changed=src/rule/fnv.rs");
    println!("cargo::rerun-if-changed=src/rule/order.rs");
    println!("cargo::rerun-if-changed=src/regular/beginnings.rs");
    // At a fixed address the tables of the program need not be relocated at each start: a hundred pages less to write.
    // Heap, stack and libraries stay where chance puts them; the program itself has no unsafe code to guard.
    if std::env::var("TARGET").is_ok_and(|target| target == "x86_64-unknown-linux-gnu") {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
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
    // Beside each other, apart from the texts: so a rewrite touches few pages.
    let mut all_packed = Vec::new();
    let mut programs: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    let mut facts = BTreeMap::new();
    let mut expressions = BTreeMap::new();
    // Lines of the lists by kind, as Rust writes them.
    let (mut commands, mut fact_files, mut tables) = (Vec::new(), Vec::new(), Vec::new());
    let (mut rules, mut profiles) = (Vec::new(), Vec::new());
    let mut all_marks = String::new();
    let places: BTreeMap<String, usize> = names
        .iter()
        .map(|(name, _)| name.clone())
        .zip(0..)
        .collect();
    for (name, path) in names {
        let start = all_packed.len();
        if name.ends_with(".tsv") {
            writeln!(
                all_marks,
                "    ({name:?}, &{:?}),",
                marks(&std::fs::read_to_string(&path)?)
            )?;
        } else {
            let document = parse(&name, &path)?;
            let packed = lean(&document);
            all_packed.extend(rmp_serde::to_vec(&packed)?);
            let at = start..all_packed.len();
            let place = format!("({name:?}, {at:?})");
            match name.split('/').nth(1) {
                Some("commands") => {
                    for program in programs_of(&document) {
                        programs.entry(program).or_default().insert(commands.len());
                    }
                    commands.push(place);
                }
                Some("facts") => {
                    for (fact, spec) in document["values"].as_object().into_iter().flatten() {
                        facts.insert(fact.clone(), fact_files.len());
                        let patterns = ["regex", "each"].map(|key| spec[key].as_str());
                        for pattern in patterns.into_iter().flatten() {
                            let parsed = beginnings::parse(pattern, true)?;
                            let found = beginnings::beginnings(&parsed);
                            expressions.insert((fnv(pattern), pattern.to_string()), found);
                        }
                    }
                    fact_files.push(place);
                }
                Some("tables") => {
                    let rows = places.get(&name.replace(".yaml", ".tsv"));
                    let table = document["table"].as_str().unwrap_or_default();
                    tables.push(format!("({table:?}, {place}, {rows:?})"));
                }
                Some("profiles") => profiles.push(document),
                _ => rules.push((name.clone(), place, document)),
            }
        }
        let at = start..all_packed.len();
        writeln!(files, "    ({name:?}, include_str!({path:?}), {at:?}),")?;
    }
    let mut index = String::new();
    let mut programs: Vec<(u32, String, BTreeSet<usize>)> = programs
        .into_iter()
        .map(|(program, files)| (fnv(&program), program, files))
        .collect();
    programs.sort();
    for (hash, program, files) in programs {
        let files: Vec<usize> = files.into_iter().collect();
        writeln!(index, "    ({hash}, {program:?}, &{files:?}),")?;
    }
    let mut fact_index = String::new();
    for (fact, file) in facts {
        writeln!(fact_index, "    ({fact:?}, {file}),")?;
    }
    let mut known = String::new();
    for ((hash, pattern), found) in expressions {
        writeln!(known, "    ({hash}, {pattern:?}, &{found:?}),")?;
    }
    std::fs::write(
        out.join("beginnings.rs"),
        format!(
            "/// By expression, sorted by its hash: what its matches begin with.\n\
             static BEGINNINGS: &[(u32, &str, &[&str])] = &[\n{known}];\n"
        ),
    )?;
    profiles.sort_by(|a, b| text(&a["profile"]).cmp(text(&b["profile"])));
    let listed: Vec<Listed<'_>> = profiles.iter().map(listed).collect();
    let ids: Vec<&str> = rules
        .iter()
        .map(|(.., document)| text(&document["id"]))
        .collect();
    let order = order::order(&listed, &ids);
    let mut heads = Vec::new();
    for at in order.rules {
        let (name, place, document) = &rules[at];
        let part_of = order.profiles[at].iter().map(|at| listed[*at].profile);
        let part_of: Vec<&str> = part_of.collect();
        heads.push(format!("({}, {place})", head(name, document, &part_of)));
    }
    let titles = profiles.iter().map(|profile| {
        let (name, title) = (text(&profile["profile"]), text(&profile["title"]));
        format!("({name:?}, {title:?})")
    });
    let titles: Vec<String> = titles.collect();
    let list = |lines: &[String]| format!("&[\n    {},\n]", lines.join(",\n    "));
    std::fs::write(out.join("packed.bin"), all_packed)?;
    std::fs::write(
        out.join("embedded.rs"),
        format!(
            "/// Where the packed document of a file of this name stands.\n\
             type Place = (&'static str, std::ops::Range<usize>);\n\n\
             /// Name and text of each embedded file, sorted by name, and where its packed document stands.\n\
             static FILES: &[(&str, &str, std::ops::Range<usize>)] = &[\n{files}];\n\n\
             /// All packed documents.\n\
             static PACKED: &[u8] = include_bytes!(concat!(env!(\"OUT_DIR\"), \"/packed.bin\"));\n\n\
             /// The documents under `rules/commands`.\n\
             static COMMANDS: &[Place] = {};\n\n\
             /// By program, sorted by its hash: which of them have lines for it.\n\
             static PROGRAMS: &[(u32, &str, &[usize])] = &[\n{index}];\n\n\
             /// The documents under `rules/facts`.\n\
             static FACT_FILES: &[Place] = {};\n\n\
             /// By fact, sorted: which of them says how it is read.\n\
             static FACTS: &[(&str, usize)] = &[\n{fact_index}];\n\n\
             /// The rules in the order in which they run, and what is known of each before it is read.\n\
             static RULES: &[(Head, Place)] = {};\n\n\
             /// The profiles with their titles, sorted by name.\n\
             static PROFILES: &[(&str, &str)] = {};\n\n\
             /// The tables, and which file has the rows.\n\
             static TABLES: &[(&str, Place, Option<usize>)] = {};\n\n\
             /// By file of rows, sorted: lines of it, and where they start.\n\
             static MARKS: &[(&str, &[Mark])] = &[\n{all_marks}];\n",
            list(&commands),
            list(&fact_files),
            list(&heads),
            list(&titles),
            list(&tables),
        ),
    )?;
    Ok(())
}

/// A line of a table for each 16 KiB, and where it starts: a search looks at these first, and touches few pages.
fn marks(rows: &str) -> Vec<(&str, usize)> {
    let mut marks = Vec::new();
    let (mut at, mut next) = (0, 1 << 14);
    for line in rows.split_inclusive('\n') {
        if at >= next {
            marks.push((line.trim_end_matches('\n'), at));
            next = at + (1 << 14);
        }
        at += line.len();
    }
    marks
}

/// A document without what a rewrite does not need: the tests of a rule.
fn lean(document: &Value) -> Value {
    let mut document = document.clone();
    if let Value::Object(keys) = &mut document
        && keys.contains_key("id")
    {
        keys.shift_remove("tests");
    }
    document
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn listed(profile: &Value) -> Listed<'_> {
    let names = |key: &str| {
        let names = profile[key].as_array().into_iter().flatten();
        names.map(text).collect()
    };
    Listed {
        profile: text(&profile["profile"]),
        extends: profile["extends"].as_str(),
        after: profile["after"].as_str(),
        first: names("first"),
        rules: names("rules"),
    }
}

/// A rule's `Head`, as Rust writes it.
fn head(name: &str, document: &Value, profiles: &[&str]) -> String {
    let matching = &document["match"];
    let texts = |value: &Value| -> Vec<String> {
        let list = value.as_array().into_iter().flatten();
        list.filter_map(|text| Some(text.as_str()?.to_string()))
            .collect()
    };
    let mut each = texts(&matching["each_of"]);
    each.extend(matching["each"].as_str().map(str::to_string));
    let mut groups = vec![each];
    for (step, pattern) in matching["steps"].as_object().into_iter().flatten() {
        if !step.ends_with('?') {
            groups.push(pattern.as_str().map(str::to_string).into_iter().collect());
        }
    }
    let wants: Vec<String> = groups
        .iter()
        .filter(|group| !group.is_empty())
        .map(|group| {
            let wants: Vec<String> = group.iter().flat_map(|pattern| wants(pattern)).collect();
            format!("&[{}]", wants.join(", "))
        })
        .collect();
    let mut bases = texts(&matching["base"]);
    bases.extend(texts(&matching["or_base"]));
    format!(
        "Head {{ file: {name:?}, id: {:?}, profiles: &{profiles:?}, tags: &{:?}, bases: &{bases:?}, wants: &[{}] }}",
        document["id"].as_str().unwrap_or_default(),
        texts(&document["tags"]),
        wants.join(", ")
    )
}

/// What a stage must have for a pattern to match, as Rust writes it: one of these.
fn wants(pattern: &str) -> Vec<String> {
    match pattern.trim().strip_prefix("RUN ") {
        Some(command) => names(command)
            .into_iter()
            .map(|name| match name.starts_with('<') {
                true => "Want::Instruction(\"RUN\")".to_string(),
                false => format!("Want::Program({name:?})"),
            })
            .collect(),
        None => {
            let keyword = pattern.split_whitespace().next().unwrap_or_default();
            vec![format!(
                "Want::Instruction({:?})",
                keyword.to_ascii_uppercase()
            )]
        }
    }
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
        .filter_map(|line| line["run"].as_str())
        .flat_map(names)
        .collect()
}

/// The names that a command pattern's program may have; a hole stands for any.
fn names(pattern: &str) -> Vec<String> {
    let first = pattern.split_whitespace().next().unwrap_or_default();
    let names = first
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
        .or_else(|| Some(first.strip_suffix('>')?.split_once(':')?.1))
        .unwrap_or(first);
    names.split('|').map(str::to_string).collect()
}
