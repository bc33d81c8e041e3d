//! Compares what people changed in Dockerfiles by hand with what dockopt makes of the same Dockerfiles.
//!
//! ```console
//! $ cargo run --release --example pairs -- FOLDER [--list CLASS] [--kind KIND]
//! ```
//!
//! Each folder in FOLDER holds `before.Dockerfile`, `after.Dockerfile` and `meta.json` (`kind`: `single-to-multi`,
//! `base-to-slim` or `slim-to-fat`; `ecosystem`), and may hold the build context in `ctx` with its list of paths in
//! `TREE.txt`. Printed is a line for each pair: stages, final base and what is copied from other stages, by hand and by
//! dockopt, and a class; then how many of each kind are in which class.

mod inputs;

use dockopt::engine::{Options, Outcome, optimize};
use dockopt::facts::reader::Glob;
use dockopt::facts::{Context, NoContext};
use dockopt::model::{Effect, StageModel};
use dockopt::rule::RuleSet;
use dockopt::syntax::Dockerfile;
use std::collections::BTreeMap;
use std::path::Path;

/// What a Dockerfile ends in.
struct End {
    stages: usize,
    base: String,
    /// Whether the tables know the base image.
    known: bool,
    /// Paths that the final stage copies from other stages.
    copied: Vec<String>,
}

/// Distributions, and how much of one an image has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Size {
    Scratch,
    Distroless,
    Alpine,
    Slim,
    Runtime,
    Full,
}

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (mut folder, mut list, mut only) = (None, None, None);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--list" => list = arguments.next(),
            "--kind" => only = arguments.next(),
            _ => folder = Some(argument),
        }
    }
    let folder = folder
        .ok_or_else(|| anyhow::anyhow!("usage: pairs FOLDER [--list CLASS] [--kind KIND]"))?;
    let rules = RuleSet::embedded();
    let mut names: Vec<_> = std::fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.join("meta.json").is_file())
        .collect();
    names.sort();
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut copies: BTreeMap<&str, usize> = BTreeMap::new();
    println!(
        "pair\tkind\tecosystem\tclass\thand: stages\tbase\tcopied\tdockopt: stages\tbase\tcopied\tcompared\twhy"
    );
    for path in &names {
        let meta: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(path.join("meta.json"))?)?;
        let text = |key: &str| meta[key].as_str().unwrap_or("?").to_string();
        let (kind, ecosystem) = (text("kind"), text("ecosystem"));
        if only.as_ref().is_some_and(|only| *only != kind) {
            continue;
        }
        let before = std::fs::read(path.join("before.Dockerfile"))?;
        let after = std::fs::read(path.join("after.Dockerfile"))?;
        let (Ok(before), Ok(after)) = (
            Dockerfile::parse_bytes(&before),
            Dockerfile::parse_bytes(&after),
        ) else {
            println!("{}\t{kind}\t{ecosystem}\trejected", name(path));
            continue;
        };
        let tree = path.join("TREE.txt");
        let context: Box<dyn Context> = match tree.is_file() {
            true => Box::new(inputs::listed(&path.join("ctx"), &tree)),
            false => Box::new(NoContext),
        };
        let outcome = optimize(
            &before.source,
            context.as_ref(),
            &rules,
            &Options::default(),
        )?;
        let Ok(rewritten) = Dockerfile::parse(&outcome.text) else {
            anyhow::bail!("{}: the result does not parse", path.display());
        };
        let hand = end(&after, &rules);
        let ours = end(&rewritten, &rules);
        let original = end(&before, &rules);
        let (class, why) = class(&kind, &original, &hand, &ours, &outcome);
        *counts.entry((kind.clone(), class.clone())).or_default() += 1;
        let compared = match hand.stages > 1 && ours.stages > original.stages {
            true => compare(&hand, &ours),
            false => "",
        };
        if !compared.is_empty() {
            *copies.entry(compared).or_default() += 1;
        }
        if list.as_ref().is_some_and(|list| !class.starts_with(list)) {
            continue;
        }
        println!(
            "{}\t{kind}\t{ecosystem}\t{class}\t{}\t{}\t{}\t{}\t{}\t{}\t{compared}\t{why}",
            name(path),
            hand.stages,
            hand.base,
            hand.copied.join(" "),
            ours.stages,
            ours.base,
            ours.copied.join(" "),
        );
    }
    println!();
    for ((kind, class), count) in counts {
        println!("{count:>5}  {kind}: {class}");
    }
    for (what, count) in copies {
        println!("{count:>5}  both split: what is copied is {what}");
    }
    Ok(())
}

fn name(path: &Path) -> String {
    path.file_name()
        .map_or(String::new(), |name| name.to_string_lossy().into_owned())
}

fn end(file: &Dockerfile, rules: &RuleSet) -> End {
    let stages = file.stages.len();
    let last = stages.saturating_sub(1);
    let model = StageModel::of(file, last, &NoContext, rules);
    let mut copied = Vec::new();
    for step in &model.steps {
        if let Effect::Copy(copy) = &step.effect
            && copy.from.is_some()
        {
            copied.extend(
                copy.sources
                    .iter()
                    .map(|source| source.trim_end_matches('/').to_string()),
            );
        }
    }
    // A stage may continue another one: its image is what that one begins with.
    let mut stage = last;
    loop {
        let from = StageModel::of(file, stage, &NoContext, rules);
        let base = from.base.expanded.clone();
        let earlier = file.stages[..stage].iter().position(|earlier| {
            earlier
                .name
                .as_deref()
                .is_some_and(|name| name.eq_ignore_ascii_case(&base))
        });
        match earlier {
            Some(earlier) => stage = earlier,
            None => {
                return End {
                    stages,
                    base,
                    known: from.base.known(),
                    copied,
                };
            }
        }
    }
}

/// How much of a distribution an image has, by its name and tag.
fn size(base: &str) -> Size {
    let name = base.split([':', '@']).next().unwrap_or(base);
    let has = |part: &str| base.to_ascii_lowercase().contains(part);
    if name == "scratch" {
        Size::Scratch
    } else if has("distroless") {
        Size::Distroless
    } else if has("alpine") || has("busybox") || has("wolfi") {
        Size::Alpine
    } else if has("slim") || has("minimal") || has("micro") {
        Size::Slim
    } else if has("-jre") || has("jre-") || has("aspnet") || has("/runtime") || is_plain(name) {
        Size::Runtime
    } else {
        Size::Full
    }
}

/// Images of a distribution alone.
fn is_plain(name: &str) -> bool {
    let plain = [
        "debian",
        "ubuntu",
        "centos",
        "fedora",
        "amazonlinux",
        "rockylinux",
        "almalinux",
    ];
    plain.contains(&name.rsplit('/').next().unwrap_or(name))
}

/// The class of a pair, and the reason where dockopt did less.
fn class(
    kind: &str,
    original: &End,
    hand: &End,
    ours: &End,
    outcome: &Outcome,
) -> (String, String) {
    let split = ours.stages > original.stages;
    let moved = split || ours.base != original.base;
    if kind == "slim-to-fat" {
        let class = match (moved, split) {
            (false, _) => "left on its base",
            (true, true) => "split, where people went back to a larger base",
            (true, false) => "moved, where people went back to a larger base",
        };
        return (class.into(), String::new());
    }
    if !moved {
        let about = |refusal: &&dockopt::engine::Refusal| {
            refusal.rule.starts_with("split-") || refusal.rule.ends_with("-base")
        };
        return match outcome.refusals.iter().find(about) {
            Some(refusal) => (
                format!("more careful: refused [{}]", refusal.reason),
                refusal.message.clone(),
            ),
            None if !original.known => (
                "more careful: the tables do not know the base".into(),
                String::new(),
            ),
            None if original.stages > 1 => {
                ("more careful: the input has stages".into(), String::new())
            }
            None if size(&original.base) <= Size::Slim => (
                "more careful: the base is small already".into(),
                String::new(),
            ),
            None => ("more careful: no rule found anything".into(), String::new()),
        };
    }
    let (theirs, mine) = (size(&hand.base), size(&ours.base));
    let foreign = theirs <= Size::Alpine && size(&original.base) > Size::Alpine && mine > theirs;
    let class = match () {
        () if ours.base == original.base && mine > theirs => {
            "split on the same base: no smaller one of its distribution is known"
        }
        () if foreign => "a person changed the distribution",
        () if mine < theirs || (mine == theirs && split && hand.stages == 1) => "goes further",
        () if mine == theirs => "same",
        () => "goes less far",
    };
    (class.into(), String::new())
}

/// How what dockopt copies compares with what people copy.
fn compare(hand: &End, ours: &End) -> &'static str {
    let covers = |wide: &[String], path: &String| {
        wide.iter().any(|other| {
            let glob = Glob::parse(other.trim_start_matches('/'));
            let matches = glob.is_ok_and(|glob| glob.is_match(path.trim_start_matches('/')));
            let below = path
                .strip_prefix(other.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            matches || below
        })
    };
    let all = |wide: &[String], narrow: &[String]| narrow.iter().all(|path| covers(wide, path));
    match (
        all(&ours.copied, &hand.copied),
        all(&hand.copied, &ours.copied),
    ) {
        (true, true) => "the same",
        (true, false) => "more",
        (false, true) => "less",
        (false, false) => "something else",
    }
}
