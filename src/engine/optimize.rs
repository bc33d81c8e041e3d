//! The run over one Dockerfile: rule after rule, firing after firing, each checked before it counts.

use super::matching::{Match, Stage};
use super::outcome::{Change, Evidence, Finding, HeldBack, Outcome, Refusal};
use super::verbs::{Firing, Proposal, Stop};
use super::{Options, check, verbs};
use crate::edit::Edits;
use crate::facts::Context;
use crate::facts::compose::{Services, services_in};
use crate::model::{Contract, Effect, Folders, Memory, Parts, StageModel};
use crate::rule::{Entry, Rule, RuleSet, names};
use crate::syntax::{Dockerfile, ParseError};
use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

/// How often one rule may fire in one file: a guard against rules that feed themselves.
const FIRINGS: usize = 200;

/// Rewrites a Dockerfile.
///
/// The result depends only on the arguments. Compose files of the context count, where the Dockerfile is called
/// `Dockerfile`. `optimize` of its own result changes nothing.
///
/// # Errors
/// The text is no Dockerfile.
pub fn optimize(
    source: &str,
    context: &dyn Context,
    rules: &RuleSet,
    options: &Options,
) -> Result<Outcome, ParseError> {
    let below = deployment_folders(rules);
    let services = Services::new(|| services_in(context, &below));
    optimize_in(source, context, &Arc::default(), &services, rules, options)
}

/// Names of folders that compose files may lie in, by the table `compose-folders`.
pub fn deployment_folders(rules: &RuleSet) -> Vec<&str> {
    let table = rules.table("compose-folders");
    let rows = table.iter().flat_map(|table| table.all());
    rows.filter_map(|row| row.get("folder")).collect()
}

/// [`optimize`] for one of many Dockerfiles with the same context: what was read of it for one is in `folders` for the
/// next. All of them need the same rules. `services` of compose files run what this one builds.
///
/// # Errors
/// The text is no Dockerfile.
pub fn optimize_in(
    source: &str,
    context: &dyn Context,
    folders: &Arc<Folders>,
    services: &Services<'_>,
    rules: &RuleSet,
    options: &Options,
) -> Result<Outcome, ParseError> {
    let parts = Parts::of(Arc::clone(folders));
    let mut run = Run {
        file: Rc::new(Dockerfile::parse(source)?),
        contract: None,
        memory: Memory::default(),
        parts: &parts,
        lines: LineMap::new(source),
        outcome: Outcome {
            original: source.to_string(),
            ..Outcome::default()
        },
        context,
        services,
        rules,
        options,
        whole: BTreeSet::new(),
    };
    let entries = rules.entries().iter();
    let chosen: Vec<&Entry> = entries.filter(|rule| selected(rule, options)).collect();
    run.rules(&chosen);
    let Run {
        file, mut outcome, ..
    } = run;
    outcome.text = Rc::try_unwrap(file).map_or_else(|file| file.source.clone(), |file| file.source);
    outcome
        .findings
        .sort_by(|a, b| (a.line, a.column, &a.rule).cmp(&(b.line, b.column, &b.rule)));
    outcome
        .refusals
        .sort_by(|a, b| (a.line, a.column, &a.rule).cmp(&(b.line, b.column, &b.rule)));
    Ok(outcome)
}

/// Whether `--select` and `--ignore` let a rule run.
fn selected(rule: &Entry, options: &Options) -> bool {
    let named = |names: &[String]| {
        let mut names = names.iter();
        names.any(|name| name == rule.id() || rule.tagged(name))
    };
    let listed = || {
        let mut profiles = rule.profiles();
        profiles.any(|profile| options.profiles.iter().any(|wanted| wanted == profile))
            || rule.profiles().next().is_none() && !rule.embedded()
    };
    let wanted = match options.select.is_empty() {
        true => listed(),
        false => named(&options.select),
    };
    wanted && !named(&options.ignore)
}

struct Run<'a> {
    file: Rc<Dockerfile>,
    /// The contract of the image that `file` makes, once a firing was checked against it.
    contract: Option<Contract>,
    memory: Memory<'a>,
    parts: &'a Parts,
    lines: LineMap,
    outcome: Outcome,
    context: &'a dyn Context,
    services: &'a Services<'a>,
    rules: &'a RuleSet,
    options: &'a Options,
    /// Stages that a rule would have left something behind of, and found evidence against it: no other rule does.
    whole: BTreeSet<usize>,
}

/// The stages of one text of the file, each read when a rule first asks for it.
struct Stages<'m, 'f> {
    file: &'f Dockerfile,
    models: &'m [OnceCell<StageModel<'f>>],
    views: Vec<OnceCell<Stage<'m, 'f>>>,
    /// Whether a comment may switch a rule off.
    pragmas: bool,
}

impl<'m, 'f> Stages<'m, 'f> {
    fn new(file: &'f Dockerfile, models: &'m [OnceCell<StageModel<'f>>]) -> Self {
        Self {
            file,
            models,
            views: models.iter().map(|_| OnceCell::new()).collect(),
            pragmas: file.source.contains("dockopt:"),
        }
    }

    fn view<'s, 'a: 'f + 'm>(&'s self, stage: usize, run: &Run<'a>) -> &'s Stage<'m, 'f> {
        self.views[stage].get_or_init(|| {
            let (context, rules) = (run.context, run.rules);
            let model = self.models[stage].get_or_init(|| {
                StageModel::with_memory(self.file, stage, context, rules, &run.memory)
            });
            Stage::new(model, rules, context)
        })
    }

    /// Whether a comment `# dockopt: ignore` above FROM or above a matched instruction switches the rule off.
    fn switched_off(&self, rule: &Rule, stage: usize, found: Option<&Match>) -> bool {
        if !self.pragmas {
            return false;
        }
        let mut instructions = vec![self.file.stages[stage].from];
        instructions.extend(
            found
                .iter()
                .flat_map(|found| found.steps.values().map(|target| target.instruction)),
        );
        instructions.iter().any(|&index| {
            let ignored = crate::model::ignored_rules(self.file, &self.file.instructions[index]);
            ignored
                .iter()
                .any(|id| id == "*" || id == rule.id() || rule.document.tags.contains(id))
        })
    }
}

impl<'a> Run<'a> {
    /// All rules in order; each fires until it matches no more.
    fn rules(&mut self, rules: &[&Entry]) {
        let mut at = 0;
        let mut firings = 0;
        let mut refused = BTreeSet::new();
        while at < rules.len() {
            let file = self.file.clone();
            let models: Vec<_> = file.stages.iter().map(|_| OnceCell::new()).collect();
            let stages = Stages::new(&file, &models);
            let mut next = None;
            while let (Some(rule), None) = (rules.get(at), &next) {
                next = self.next(rule, &stages, &mut refused);
                firings += 1;
                if next.is_none() || firings == FIRINGS {
                    at += 1;
                    firings = 0;
                    refused.clear();
                }
            }
            if let Some(next) = next {
                self.file = next;
            }
        }
    }

    /// The file after the next firing of the rule, or nothing where it fires no more.
    fn next<'m, 'f: 'm>(
        &mut self,
        entry: &Entry,
        stages: &Stages<'m, 'f>,
        refused: &mut BTreeSet<(usize, String)>,
    ) -> Option<Rc<Dockerfile>>
    where
        'a: 'f,
    {
        let file = stages.file;
        for stage in 0..file.stages.len() {
            let view = stages.view(stage, self);
            let model = view.model;
            if !entry.may_match(&model.base.name, &|want| view.index.gives(want)) {
                continue;
            }
            let rule = entry.rule()?;
            if !rule.looks_at(file, stage) || stages.switched_off(rule, stage, None) {
                continue;
            }
            if rule.leaves_behind() && self.whole.contains(&stage) || !base_fits(rule, model) {
                continue;
            }
            let from = file.stages[stage].from;
            for found in view.matches(rule) {
                if stages.switched_off(rule, stage, Some(&found)) {
                    continue;
                }
                let firing = Firing {
                    rule,
                    model,
                    found: &found,
                    context: self.context,
                    parts: self.parts,
                    rules: self.rules,
                    options: self.options,
                    services: self.services,
                    files: &self.outcome.files.clone(),
                };
                let key = key(file, &found, from);
                if refused.contains(&key) {
                    continue;
                }
                match verbs::fire(&firing).and_then(|proposal| self.accept(&firing, proposal)) {
                    Ok(Some(next)) => return Some(next),
                    Ok(None) => {}
                    Err(stop) => {
                        // That no smaller image is known says nothing of what the container needs.
                        if rule.leaves_behind() && stop.reason != "base" {
                            self.whole.insert(stage);
                        }
                        self.refuse(rule, stop);
                    }
                }
                refused.insert(key);
            }
        }
        None
    }

    /// Applies a proposal if the level allows it and the checks pass.
    fn accept(
        &mut self,
        firing: &Firing<'_>,
        proposal: Option<Proposal>,
    ) -> Result<Option<Rc<Dockerfile>>, Stop> {
        let Some(proposal) = proposal else {
            return Ok(None);
        };
        let rule = firing.rule;
        if let Some(message) = proposal.says {
            self.find(rule, proposal.offset, message, proposal.evidence);
            return Ok(None);
        }
        let level = rule.level().max(proposal.level);
        let line = self.original_line(proposal.offset);
        let after = match proposal.edits.is_empty() {
            true => None,
            false => {
                let known = &mut self.contract;
                let was = known.get_or_insert_with(|| check::contract(&self.file, self.rules));
                Some(check::apply(firing, &proposal, was)?)
            }
        };
        if level > self.options.level {
            self.outcome.held_back.push(HeldBack {
                rule: rule.id().into(),
                title: rule.document.title.clone(),
                level,
                line,
            });
            return Ok(None);
        }
        self.lines.apply(&self.file.source, &proposal.edits);
        for change in proposal.files {
            let mut files = self.outcome.files.iter_mut();
            match files.find(|known| known.path == change.path) {
                Some(known) => known.after = change.after,
                None => self.outcome.files.push(change),
            }
        }
        self.outcome.changes.push(Change {
            rule: rule.id().into(),
            title: rule.document.title.clone(),
            why: rule.document.why.clone(),
            risk: rule.document.risk.clone(),
            level,
            line,
            evidence: Evidence::each_once(proposal.evidence),
            assumptions: proposal.assumptions,
            links: rule.document.links.clone(),
        });
        Ok(Some(match after {
            None => self.file.clone(),
            Some((after, contract)) => {
                self.contract = Some(contract);
                Rc::new(after)
            }
        }))
    }

    fn find(&mut self, rule: &Rule, offset: usize, message: String, evidence: Vec<Evidence>) {
        let (_, column) = self.file.position(offset);
        let document = &rule.document;
        let finding = Finding {
            rule: rule.id().into(),
            title: document.title.clone(),
            why: document.why.clone(),
            line: self.original_line(offset),
            column,
            message,
            help: document.help.clone().unwrap_or_default(),
            evidence: Evidence::each_once(evidence),
            links: document.links.clone(),
        };
        // A split repeats instructions: one place of the original is told once.
        let known = |other: &Finding| {
            other.rule == finding.rule
                && other.line == finding.line
                && other.message == finding.message
        };
        if !self.outcome.findings.iter().any(known) {
            self.outcome.findings.push(finding);
        }
    }

    fn refuse(&mut self, rule: &Rule, stop: Stop) {
        let (_, column) = self.file.position(stop.offset);
        let refusal = Refusal {
            rule: rule.id().into(),
            title: rule.document.title.clone(),
            line: self.original_line(stop.offset),
            column,
            reason: stop.reason.into(),
            message: stop.message,
            allow: stop.allow,
        };
        if !self.outcome.refusals.contains(&refusal) {
            self.outcome.refusals.push(refusal);
        }
    }

    fn original_line(&self, offset: usize) -> usize {
        self.lines.original(self.file.position(offset).0)
    }
}

/// What identifies a place that was refused: its text, so that it is found again after other edits.
fn key(file: &Dockerfile, found: &Match, from: usize) -> (usize, String) {
    let first = found
        .steps
        .values()
        .map(|target| (target.instruction, target.command.unwrap_or(0)))
        .next()
        .unwrap_or((from, 0));
    (
        first.1,
        format!(
            "{from} {}",
            file.instructions[first.0].span.of(&file.source)
        ),
    )
}

/// Whether the stage starts from one of the rule's bases, or from one of its further ones and runs one of its programs.
fn base_fits(rule: &Rule, model: &StageModel<'_>) -> bool {
    let matching = &rule.document.matching;
    let name = model.base.name.as_str();
    let fits = |bases: &[String]| bases.iter().any(|base| names(base, name));
    matching.base.is_empty()
        || fits(&matching.base)
        || fits(&matching.or_base) && runs(&matching.or_runs, model)
}

/// Whether a RUN of the stage runs one of the programs.
fn runs(programs: &[String], model: &StageModel<'_>) -> bool {
    let runs = model.steps.iter().filter_map(|step| match &step.effect {
        Effect::Run(run) => Some(run),
        _ => None,
    });
    runs.flat_map(|run| run.commands.iter().map(|command| run.command(command)))
        .filter_map(|command| command.words.get(command.program()?)?.value.as_deref())
        .any(|program| programs.iter().any(|wanted| wanted == program))
}

/// For each line of the current text, the line of the original that it comes from.
struct LineMap {
    lines: Vec<usize>,
}

impl LineMap {
    fn new(source: &str) -> Self {
        Self {
            lines: (1..=source.split('\n').count()).collect(),
        }
    }

    fn original(&self, line: usize) -> usize {
        self.lines
            .get(line.saturating_sub(1))
            .or(self.lines.last())
            .copied()
            .unwrap_or(1)
    }

    fn apply(&mut self, source: &str, edits: &Edits) {
        let mut lines = Vec::new();
        let mut at = 0;
        let mut current = self.lines.first().copied().unwrap_or(1);
        let mut line = 0;
        lines.push(current);
        let walk = |text: &str,
                    line: &mut usize,
                    lines: &mut Vec<usize>,
                    keep: bool,
                    current: &mut usize| {
            for _ in text.matches('\n') {
                *line += 1;
                *current = self.lines.get(*line).copied().unwrap_or(*current);
                if keep {
                    lines.push(*current);
                }
            }
        };
        for edit in edits.iter() {
            walk(
                source.get(at..edit.span.start).unwrap_or(""),
                &mut line,
                &mut lines,
                true,
                &mut current,
            );
            for _ in edit.text.matches('\n') {
                lines.push(current);
            }
            walk(
                edit.span.of(source),
                &mut line,
                &mut lines,
                false,
                &mut current,
            );
            at = edit.span.end;
        }
        walk(
            source.get(at..).unwrap_or(""),
            &mut line,
            &mut lines,
            true,
            &mut current,
        );
        self.lines = lines;
    }
}
