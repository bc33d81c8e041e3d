//! Measures dockopt over a folder or an archive of Dockerfiles.
//!
//! ```console
//! $ cargo run --release --example corpus -- FOLDER|FILE.tar.gz [--list CODE] [--show TEXT] [--no-context]
//!     [--rules PATH] [--profile NAME] [--diffs FOLDER] [--figures FILE]
//! ```
//!
//! Reported: how many files parse, come back byte-identical, are rewritten (by rule), refused (by rule and reason),
//! unchanged on a second run, panics, files per second, and the share of RUN commands whose role is known.
//! The build context of a Dockerfile is its folder, or the folder `ctx` beside it. Where a file `TREE.txt` stands there
//! or above, it lists the paths of a context whose files are not all at hand: their content is unknown, not absent.
//! `--list CODE` prints the files with that rule, reason or problem (`panic`, `unstable`, `rejected`).
//! `--rules` and `--profile` are those of `dockopt fix`. `--diffs` writes what each rule does alone, a file per rule.
//! `--figures rules/figures.tsv` writes in how many files each rule changes or finds something, by profile: the figures
//! of `rules/README.md`.
//! `--show TEXT` prints, for each file whose name contains TEXT, what was refused and why, and the text after all changes.

mod inputs;

use dockopt::engine::{Level, Options, Outcome, optimize};
use dockopt::facts::{Context, DirectoryContext, NoContext};
use dockopt::model::{Effect, StageModel};
use dockopt::report::unified;
use dockopt::rule::RuleSet;
use dockopt::syntax::Dockerfile;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Instant;

struct Input {
    name: String,
    text: Vec<u8>,
    context: Option<PathBuf>,
    /// The list of the context's paths, where not all of its files are at hand.
    tree: Option<PathBuf>,
}

#[derive(Default)]
struct Result {
    codes: Vec<String>,
    commands: usize,
    known: usize,
    unknown: Vec<String>,
}

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut list = None;
    let mut path = None;
    let mut show = None;
    let mut contexts = true;
    let mut paths = Vec::new();
    let mut options = Options::default();
    let mut diffs = None;
    let mut table = None;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--list" => list = arguments.next(),
            "--show" => show = arguments.next(),
            "--no-context" => contexts = false,
            "--rules" => paths.extend(arguments.next().map(PathBuf::from)),
            "--profile" => options.profiles = arguments.next().into_iter().collect(),
            "--diffs" => diffs = arguments.next().map(PathBuf::from),
            "--figures" => table = arguments.next().map(PathBuf::from),
            _ => path = Some(PathBuf::from(argument)),
        }
    }
    let path = path.ok_or_else(|| {
        anyhow::anyhow!(
            "usage: corpus FOLDER|FILE.tar.gz [--list CODE] [--show TEXT] [--no-context]"
        )
    })?;
    let mut inputs = if path.is_dir() {
        folder(&path)?
    } else {
        archive(&path)?
    };
    if !contexts {
        inputs
            .iter_mut()
            .for_each(|input| (input.context, input.tree) = (None, None));
    }
    let rules = match paths.is_empty() {
        true => RuleSet::embedded(),
        false => RuleSet::with_paths(&paths)?,
    };
    if let Some(folder) = diffs {
        return write_diffs(&folder, &inputs, &rules);
    }
    if let Some(table) = table {
        return write_figures(&table, &inputs, &rules);
    }
    if let Some(wanted) = show {
        inputs
            .iter()
            .filter(|input| input.name.contains(&wanted))
            .for_each(|input| show_one(input, &rules, &options));
        return Ok(());
    }
    // A panic is counted, not printed thousands of times.
    std::panic::set_hook(Box::new(|_| {}));
    let started = Instant::now();
    let results: Vec<Result> = inputs
        .par_iter()
        .map(|input| measure(input, &rules, &options, true))
        .collect();
    let whole = started.elapsed();
    let started = Instant::now();
    inputs.par_iter().for_each(|input| {
        let _ = measure(input, &rules, &options, false);
    });
    let once = started.elapsed();
    report(&inputs, &results, list.as_deref());
    println!(
        "{:>8}  files per second ({:.2} s for one run over all; {:.2} s with the second run and the commands)",
        (inputs.len() as f64 / once.as_secs_f64()) as usize,
        once.as_secs_f64(),
        whole.as_secs_f64()
    );
    Ok(())
}

fn folder(root: &Path) -> anyhow::Result<Vec<Input>> {
    let mut pending = vec![root.to_path_buf()];
    let mut inputs = Vec::new();
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or("")
                .to_string();
            if path.is_dir() {
                pending.push(path);
            } else if name == "Dockerfile"
                || name.ends_with(".Dockerfile")
                || name.starts_with("Dockerfile.")
                || name.ends_with(".dockerfile")
            {
                let tree = folder
                    .ancestors()
                    .take(6)
                    .map(|folder| folder.join("TREE.txt"))
                    .find(|tree| tree.is_file());
                let top = tree.as_deref().and_then(Path::parent).unwrap_or(&folder);
                let context = [top.join("ctx"), top.to_path_buf()]
                    .into_iter()
                    .find(|folder| folder.is_dir());
                inputs.push(Input {
                    name: path.display().to_string(),
                    text: std::fs::read(&path)?,
                    context,
                    tree,
                });
            }
        }
    }
    inputs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(inputs)
}

fn archive(path: &Path) -> anyhow::Result<Vec<Input>> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(std::fs::File::open(path)?));
    let mut inputs = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = entry.path()?.display().to_string();
        let mut text = Vec::new();
        entry.read_to_end(&mut text)?;
        inputs.push(Input {
            name,
            text,
            context: None,
            tree: None,
        });
    }
    Ok(inputs)
}

fn measure(input: &Input, rules: &RuleSet, options: &Options, full: bool) -> Result {
    catch_unwind(AssertUnwindSafe(|| run(input, rules, options, full))).unwrap_or_else(|_| Result {
        codes: vec!["panic".into()],
        ..Result::default()
    })
}

/// What each rule does alone, with everything it finds: a file for each, the rules of all profiles included.
fn write_diffs(folder: &Path, inputs: &[Input], rules: &RuleSet) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    for rule in rules.rules() {
        let options = Options {
            level: Level::Unsafe,
            select: vec![rule.id().to_string()],
            ..Options::default()
        };
        let told: Vec<String> = inputs
            .par_iter()
            .filter_map(|input| told(input, rules, &options))
            .collect();
        println!("{:>6} files  {}", told.len(), rule.id());
        std::fs::write(folder.join(format!("{}.diff", rule.id())), told.concat())?;
    }
    Ok(())
}

/// In how many files each rule changes or finds something in a run of each profile: rows of rule, profile, files.
fn write_figures(file: &Path, inputs: &[Input], rules: &RuleSet) -> anyhow::Result<()> {
    let mut rows = vec![format!("*\t*\t{}", inputs.len())];
    for profile in &rules.profiles {
        let options = Options {
            profiles: vec![profile.name.to_string()],
            ..Options::default()
        };
        let touched: Vec<BTreeSet<String>> = inputs
            .par_iter()
            .map(|input| touched(input, rules, &options))
            .collect();
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for rule in touched.iter().flatten() {
            *counts.entry(rule).or_default() += 1;
        }
        rows.extend(
            counts
                .iter()
                .map(|(rule, files)| format!("{rule}\t{}\t{files}", profile.name)),
        );
    }
    rows.sort();
    std::fs::write(file, rows.join("\n") + "\n")?;
    Ok(())
}

/// The rules that change or find something in a file.
fn touched(input: &Input, rules: &RuleSet, options: &Options) -> BTreeSet<String> {
    let Ok(file) = Dockerfile::parse_bytes(&input.text) else {
        return BTreeSet::new();
    };
    let Ok(outcome) = optimize(&file.source, context(input).as_ref(), rules, options) else {
        return BTreeSet::new();
    };
    let changes = outcome.changes.into_iter().map(|change| change.rule);
    let findings = outcome.findings.into_iter().map(|finding| finding.rule);
    changes.chain(findings).collect()
}

/// The diff and the findings of one file, if there are any.
fn told(input: &Input, rules: &RuleSet, options: &Options) -> Option<String> {
    let file = Dockerfile::parse_bytes(&input.text).ok()?;
    let outcome = optimize(&file.source, context(input).as_ref(), rules, options).ok()?;
    let mut text = String::new();
    if outcome.text != outcome.original {
        text += &unified(
            Some(&outcome.original),
            &outcome.text,
            Path::new(&input.name),
        );
    }
    for change in &outcome.files {
        text += &unified(
            change.before.as_deref(),
            &change.after,
            Path::new(&change.path),
        );
    }
    for finding in &outcome.findings {
        text += &format!("found, line {}: {}\n", finding.line, finding.message);
    }
    (!text.is_empty()).then(|| format!("=== {}\n{text}", input.name))
}

fn run(input: &Input, rules: &RuleSet, options: &Options, full: bool) -> Result {
    let mut result = Result::default();
    let Ok(file) = Dockerfile::parse_bytes(&input.text) else {
        result.codes.push("rejected".into());
        return result;
    };
    result.codes.push("parsed".into());
    if file.render().as_bytes() == input.text {
        result.codes.push("round-tripped".into());
    }
    let context = context(input);
    let optimized =
        |text: &str| -> Option<Outcome> { optimize(text, context.as_ref(), rules, options).ok() };
    let Some(outcome) = optimized(&file.source) else {
        return result;
    };
    if outcome.changed() {
        result.codes.push("rewritten".into());
    }
    result.codes.extend(
        outcome
            .changes
            .iter()
            .map(|change| format!("rule {}", change.rule)),
    );
    result.codes.extend(
        outcome
            .findings
            .iter()
            .map(|finding| format!("found {}", finding.rule)),
    );
    let mut refusals: Vec<String> = outcome
        .refusals
        .iter()
        .map(|refusal| format!("refused {} {}", refusal.rule, refusal.reason))
        .collect();
    refusals.dedup();
    result.codes.extend(refusals);
    if !full {
        return result;
    }
    match optimized(&outcome.text) {
        Some(again) if again.text == outcome.text => result.codes.push("stable".into()),
        _ => result.codes.push("unstable".into()),
    }
    for stage in 0..file.stages.len() {
        let model = StageModel::of(&file, stage, &NoContext, rules);
        for step in &model.steps {
            let Effect::Run(run) = &step.effect else {
                continue;
            };
            for command in &run.commands {
                result.commands += 1;
                match command.role {
                    Some(_) => result.known += 1,
                    None => result.unknown.push(
                        run.command(command)
                            .words
                            .iter()
                            .take(2)
                            .map(|word| word.raw.clone())
                            .collect::<Vec<_>>()
                            .join(" "),
                    ),
                }
            }
        }
    }
    result
}

fn context(input: &Input) -> Box<dyn Context> {
    match (&input.context, &input.tree) {
        (Some(folder), Some(tree)) => Box::new(inputs::listed(folder, tree)),
        (Some(folder), None) => Box::new(DirectoryContext::new(folder, Path::new(&input.name))),
        (None, _) => Box::new(NoContext),
    }
}

/// What becomes of one file, in full.
fn show_one(input: &Input, rules: &RuleSet, options: &Options) {
    println!("=== {}", input.name);
    let Ok(file) = Dockerfile::parse_bytes(&input.text) else {
        return println!("rejected");
    };
    let context = context(input);
    let Ok(outcome) = optimize(&file.source, context.as_ref(), rules, options) else {
        return println!("rejected");
    };
    for refusal in &outcome.refusals {
        println!(
            "refused {} [{}] line {}: {} (help: {})",
            refusal.rule, refusal.reason, refusal.line, refusal.message, refusal.allow
        );
    }
    for change in &outcome.changes {
        println!("{} line {}", change.rule, change.line);
        for evidence in &change.evidence {
            let source = evidence.source.as_ref();
            let place = source.map(|source| format!(" ({}:{})", source.file, source.line));
            println!("  {}{}", evidence.text, place.unwrap_or_default());
        }
        for assumption in &change.assumptions {
            println!("  assumed: {assumption}");
        }
    }
    if outcome.text != outcome.original {
        println!("--- after\n{}", outcome.text);
    }
}

fn report(inputs: &[Input], results: &[Result], list: Option<&str>) {
    if let Some(code) = list {
        let code = code.trim();
        for (input, _) in inputs
            .iter()
            .zip(results)
            .filter(|(_, result)| result.codes.iter().any(|known| known == code))
        {
            println!("{}", input.name);
        }
        return;
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for code in results.iter().flat_map(|result| &result.codes) {
        *counts.entry(code).or_default() += 1;
    }
    println!("{:>8}  files", inputs.len());
    for (code, count) in counts {
        println!("{count:>8}  {code}");
    }
    let (commands, known) = results.iter().fold((0, 0), |(all, known), result| {
        (all + result.commands, known + result.known)
    });
    if commands > 0 {
        println!(
            "{commands:>8}  commands in RUN, {:.1} % with a known role",
            100.0 * known as f64 / commands as f64
        );
    }
    let mut unknown: BTreeMap<&str, usize> = BTreeMap::new();
    for name in results.iter().flat_map(|result| &result.unknown) {
        *unknown.entry(name).or_default() += 1;
    }
    let mut unknown: Vec<_> = unknown.into_iter().collect();
    unknown.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
    let most: Vec<String> = unknown
        .iter()
        .take(20)
        .map(|(name, count)| format!("{name} ({count})"))
        .collect();
    println!(
        "          most frequent unknown commands: {}",
        most.join(", ")
    );
}
