//! The run over one Dockerfile: rule after rule, firing after firing, each checked before it counts.

use super::matching::{Match, Stage};
use super::outcome::{Change, Evidence, Finding, HeldBack, Outcome, Refusal};
use super::verbs::{Firing, Proposal, Stop};
use super::{Options, check, verbs};
use crate::edit::Edits;
use crate::facts::Context;
use crate::model::{Effect, StageModel};
use crate::rule::{Rule, RuleSet};
use crate::syntax::{Dockerfile, ParseError};
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// How often one rule may fire in one file: a guard against rules that feed themselves.
const FIRINGS: usize = 200;

/// Rewrites a Dockerfile.
///
/// The result depends only on the arguments. `optimize` of its own result changes nothing.
///
/// # Errors
/// The text is no Dockerfile.
pub fn optimize(
    source: &str,
    context: &dyn Context,
    rules: &RuleSet,
    options: &Options,
) -> Result<Outcome, ParseError> {
    let mut run = Run {
        file: Dockerfile::parse(source)?,
        lines: LineMap::new(source),
        outcome: Outcome {
            original: source.to_string(),
            ..Outcome::default()
        },
        context,
        rules,
        options,
        whole: BTreeSet::new(),
    };
    let chosen: Vec<&Rule> = rules
        .rules
        .iter()
        .filter(|rule| selected(rule, options))
        .collect();
    run.rules(&chosen);
    let Run {
        file, mut outcome, ..
    } = run;
    outcome.text = file.source;
    outcome
        .findings
        .sort_by(|a, b| (a.line, a.column, &a.rule).cmp(&(b.line, b.column, &b.rule)));
    outcome
        .refusals
        .sort_by(|a, b| (a.line, a.column, &a.rule).cmp(&(b.line, b.column, &b.rule)));
    Ok(outcome)
}

/// Whether `--select` and `--ignore` let a rule run.
fn selected(rule: &Rule, options: &Options) -> bool {
    let named = |names: &[String]| {
        names
            .iter()
            .any(|name| name == rule.id() || rule.document.tags.contains(name))
    };
    let listed = || {
        let mut profiles = rule.profiles.iter();
        profiles.any(|profile| options.profiles.contains(profile))
            || rule.profiles.is_empty() && !rule.embedded
    };
    let wanted = match options.select.is_empty() {
        true => listed(),
        false => named(&options.select),
    };
    wanted && !named(&options.ignore)
}

struct Run<'a> {
    file: Dockerfile,
    lines: LineMap,
    outcome: Outcome,
    context: &'a dyn Context,
    rules: &'a RuleSet,
    options: &'a Options,
    /// Stages that a rule would have left something behind of, and found evidence against it: no other rule does.
    whole: BTreeSet<usize>,
}

/// The stages of one text of the file, each read when a rule first asks for it.
struct Stages<'f> {
    file: &'f Dockerfile,
    models: Vec<OnceCell<StageModel<'f>>>,
}

impl<'f> Stages<'f> {
    fn new(file: &'f Dockerfile) -> Self {
        Self {
            file,
            models: file.stages.iter().map(|_| OnceCell::new()).collect(),
        }
    }

    fn model<'s>(&'s self, stage: usize, run: &Run<'f>) -> &'s StageModel<'f> {
        self.models[stage].get_or_init(|| StageModel::of(self.file, stage, run.context, run.rules))
    }
}

impl<'a> Run<'a> {
    /// All rules in order; each fires until it matches no more.
    fn rules(&mut self, rules: &[&Rule]) {
        let mut at = 0;
        let mut firings = 0;
        let mut refused = BTreeSet::new();
        while at < rules.len() {
            let file = self.file.clone();
            let stages = Stages::new(&file);
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
    fn next<'f>(
        &mut self,
        rule: &Rule,
        stages: &Stages<'f>,
        refused: &mut BTreeSet<(usize, String)>,
    ) -> Option<Dockerfile>
    where
        'a: 'f,
    {
        let file = stages.file;
        if !rule.may_match(file) {
            return None;
        }
        for stage in 0..file.stages.len() {
            if !rule.looks_at(file, stage) || self.switched_off(rule, stage, None) {
                continue;
            }
            if rule.leaves_behind() && self.whole.contains(&stage) {
                continue;
            }
            if !rule.document.matching.base.is_empty() && !base_fits(rule, file, stage, self.rules)
            {
                continue;
            }
            let model = stages.model(stage, self);
            if !runs(rule, model) {
                continue;
            }
            let from = file.stages[stage].from;
            let view = Stage {
                model,
                rules: self.rules,
                context: self.context,
            };
            for found in view.matches(rule) {
                if self.switched_off(rule, stage, Some(&found)) {
                    continue;
                }
                let firing = Firing {
                    rule,
                    model,
                    found: &found,
                    context: self.context,
                    rules: self.rules,
                    options: self.options,
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
    ) -> Result<Option<Dockerfile>, Stop> {
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
            true => self.file.clone(),
            false => check::apply(firing, &proposal)?,
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
            evidence: proposal.evidence,
            assumptions: proposal.assumptions,
            links: rule.document.links.clone(),
        });
        Ok(Some(after))
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
            evidence,
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

    /// Whether a comment `# dockopt: ignore` above FROM or above a matched instruction switches the rule off.
    fn switched_off(&self, rule: &Rule, stage: usize, found: Option<&Match>) -> bool {
        let mut instructions = vec![self.file.stages[stage].from];
        instructions.extend(
            found
                .iter()
                .flat_map(|found| found.steps.values().map(|target| target.instruction)),
        );
        instructions.iter().any(|&index| {
            let ignored = crate::model::ignored_rules(&self.file, &self.file.instructions[index]);
            ignored
                .iter()
                .any(|id| id == "*" || id == rule.id() || rule.document.tags.contains(id))
        })
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

fn base_fits(rule: &Rule, file: &Dockerfile, stage: usize, rules: &RuleSet) -> bool {
    let base = crate::model::Base::of(file, stage, rules);
    let matching = &rule.document.matching;
    let fits = |patterns: &[String]| {
        patterns.iter().any(|pattern| {
            let under = pattern.strip_prefix('*');
            match (under, pattern.strip_suffix('*')) {
                (Some(ending), _) => base.name.ends_with(ending),
                (None, Some(prefix)) => base.name.starts_with(prefix),
                (None, None) => base.name == *pattern,
            }
        })
    };
    let mentioned = |program: &String| file.source.contains(program.as_str());
    fits(&matching.base) || fits(&matching.or_base) && matching.or_runs.iter().any(mentioned)
}

/// Whether a stage that starts from one of the rule's further bases runs one of its programs.
fn runs(rule: &Rule, model: &StageModel<'_>) -> bool {
    let matching = &rule.document.matching;
    if !matching.or_base.contains(&model.base.name) {
        return true;
    }
    let commands = model.steps.iter().flat_map(|step| match &step.effect {
        Effect::Run(run) => run
            .commands
            .iter()
            .map(|command| run.command(command))
            .collect(),
        _ => Vec::new(),
    });
    commands
        .filter_map(|command| command.words.get(command.program()?)?.value.as_deref())
        .any(|program| matching.or_runs.iter().any(|wanted| wanted == program))
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
