//! The verbs: a closed set, one file each.

mod append;
mod branch;
mod caches;
mod edit;
mod ignore;
mod insert;
mod layers;
mod merge;
mod moving;
mod rebase;
mod remove;
mod replace;
mod respell;
mod start_as;

use super::matching::{Match, Target};
use super::outcome::{Evidence, FileChange, Level};
use super::{Options, split};
use crate::edit::{EditError, Edits};
use crate::facts::compose::Services;
use crate::facts::{Context, Tri};
use crate::model::{Effect, Facts, Parts, RunModel, StageModel};
use crate::rule::document::{Condition, Derivation, Verb};
use crate::rule::template::{Values, fill};
use crate::rule::{Rule, RuleSet};

/// A rule at a place that it matches.
pub struct Firing<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// The stage.
    pub model: &'a StageModel<'a>,
    /// The match.
    pub found: &'a Match,
    /// The build context.
    pub context: &'a dyn Context,
    /// What has been read of it.
    pub parts: &'a Parts,
    /// All rules and tables.
    pub rules: &'a RuleSet,
    /// What the call asks for.
    pub options: &'a Options,
    /// Services of compose files that run what the Dockerfile builds.
    pub services: &'a Services<'a>,
    /// Files beside the Dockerfile that earlier firings change.
    pub files: &'a [FileChange],
}

/// What a firing would do.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// One atomic set of edits.
    pub edits: Edits,
    /// Changes to files beside the Dockerfile.
    pub files: Vec<FileChange>,
    /// Instructions that the edits rewrite on purpose, by index.
    pub rewritten: Vec<usize>,
    /// Where the change starts.
    pub offset: usize,
    /// The level of this firing, if the facts lower it.
    pub level: Level,
    /// What was read.
    pub evidence: Vec<Evidence>,
    /// What was assumed.
    pub assumptions: Vec<String>,
    /// What a finding says; then nothing is changed.
    pub says: Option<String>,
}

/// Why a rule does not do what it wants to do here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Where, in the text that the rule sees.
    pub offset: usize,
    /// Reason code.
    pub reason: &'static str,
    /// The reason in a sentence.
    pub message: String,
    /// What would allow it.
    pub allow: String,
}

impl Proposal {
    /// Nothing yet, at the place of the match.
    pub fn new(firing: &Firing<'_>) -> Self {
        Self {
            edits: Edits::new(),
            files: Vec::new(),
            rewritten: Vec::new(),
            offset: firing.offset(),
            level: Level::Safe,
            evidence: Vec::new(),
            assumptions: Vec::new(),
            says: None,
        }
    }
}

impl Firing<'_> {
    /// Where the match starts.
    pub fn offset(&self) -> usize {
        let instruction = self
            .found
            .steps
            .values()
            .map(|target| target.instruction)
            .min()
            .unwrap_or_else(|| self.from());
        self.model.file.instructions[instruction].span.start
    }

    /// Index of the stage's FROM.
    pub fn from(&self) -> usize {
        self.model.file.stages[self.model.stage].from
    }

    /// The target of a step.
    pub fn target(&self, step: &str) -> Option<&Target> {
        self.found.steps.get(step)
    }

    /// The RUN that a target is in.
    pub fn run(&self, target: &Target) -> Option<&RunModel<'_>> {
        self.model
            .steps
            .iter()
            .find(|step| step.index == target.instruction)
            .and_then(|step| match &step.effect {
                Effect::Run(run) => Some(run.as_ref()),
                _ => None,
            })
    }

    /// A text with its holes filled.
    pub fn fill(&self, text: &str, values: &Values) -> Result<String, Stop> {
        fill(text, values).map_err(|hole| Stop {
            offset: self.offset(),
            reason: "unknown",
            message: format!("unknown: {hole}"),
            allow: "give the build context with --context DIR".into(),
        })
    }

    /// Why the verb does not do it here.
    pub fn stop(
        &self,
        instruction: usize,
        reason: &'static str,
        message: String,
        allow: &str,
    ) -> Stop {
        Stop {
            offset: self.model.file.instructions[instruction].span.start,
            reason,
            message,
            allow: allow.into(),
        }
    }

    /// Whether a comment stands inside an instruction.
    pub fn has_inner_comment(&self, instruction: usize) -> bool {
        let comments = &self.model.file.comments;
        comments
            .iter()
            .any(|comment| comment.inside == Some(instruction))
    }

    /// Two edits of one firing that overlap.
    pub fn overlap(&self, error: EditError) -> Stop {
        Stop {
            offset: self.offset(),
            reason: "overlap",
            message: format!("two changes of one rule meet: {error}"),
            allow: "this is a mistake in the rule: please report it".into(),
        }
    }
}

/// What the rule proposes here; nothing where a condition does not hold.
pub fn fire(firing: &Firing<'_>) -> Result<Option<Proposal>, Stop> {
    let facts = Facts::new(firing.rules, firing.context, firing.parts);
    let mut proposal = Proposal::new(firing);
    let mut values = firing.found.values.clone();
    for condition in &firing.rule.document.when {
        if !holds(&condition.value, firing, &facts, &mut values, &mut proposal)? {
            return Ok(None);
        }
    }
    for (name, derivation) in &firing.rule.document.derived {
        let text = match &derivation.value {
            Derivation::Quoted(text) => {
                quoted(&firing.fill(text, &values)?, firing.model.file.escape)
            }
            Derivation::Exec(step) => match exec(firing, step) {
                Some(text) => text,
                None => return Ok(None),
            },
            Derivation::LookUp(look) => {
                let key = look.key.iter().map(|part| firing.fill(part, &values));
                let key = key.collect::<Result<Vec<_>, _>>()?;
                let key: Vec<&str> = key.iter().map(String::as_str).collect();
                let row = firing.rules.look_up(&look.table, &key);
                match row.and_then(|row| row.get(&look.column).map(str::to_string)) {
                    Some(text) => text,
                    None => return Ok(None),
                }
            }
        };
        values.insert(name.clone(), text);
    }
    if let Some(says) = firing
        .rule
        .document
        .says
        .as_ref()
        .filter(|_| firing.rule.document.verbs.is_empty())
    {
        proposal.says = Some(firing.fill(&says.value, &values)?);
        if let Some(target) = firing.target("each")
            && let (Some(at), Some(run)) = (target.command, firing.run(target))
        {
            proposal.offset = run.script.commands[at].span.start;
        }
        return Ok(Some(proposal));
    }
    for verb in &firing.rule.document.verbs {
        let went = match &verb.value {
            Verb::Split(verb) => split::split(firing, &facts, verb, &mut proposal)?,
            Verb::Rebase(verb) => rebase::rebase(firing, &facts, verb, &mut proposal)?,
            Verb::Replace(verb) => replace::replace(firing, verb, &values, &mut proposal)?,
            Verb::Insert(verb) => insert::insert(firing, verb, &values, &mut proposal)?,
            Verb::Remove(verb) => remove::remove(firing, verb, &mut proposal)?,
            Verb::Edit(verb) => edit::edit(firing, verb, &values, &mut proposal)?,
            Verb::Append(verb) => append::append(firing, verb, &values, &mut proposal)?,
            Verb::Move(verb) => moving::moving(firing, verb, &mut proposal)?,
            Verb::Merge(verb) => merge::merge(firing, verb, &mut proposal)?,
            Verb::Prune(verb) => split::prune_stage(firing, &facts, verb, &mut proposal)?,
            Verb::Branch(verb) => branch::branch(firing, &facts, verb, &mut proposal)?,
            Verb::Respell(verb) => respell::respell(firing, verb, &mut proposal)?,
            Verb::StartAs(verb) => start_as::start_as(firing, &facts, verb, &mut proposal)?,
            Verb::Layers(verb) => layers::layers(firing, &facts, verb, &mut proposal)?,
            Verb::Ignore(verb) => ignore::ignore(firing, verb, &mut proposal)?,
        };
        if !went {
            return Ok(None);
        }
    }
    Ok((!proposal.edits.is_empty() || !proposal.files.is_empty()).then_some(proposal))
}

/// Text as one word of an instruction, in double quotes, so that the builder reads it as it is. A pair of quotes
/// around the text is taken off.
fn quoted(text: &str, escape: char) -> String {
    let inner = ['"', '\'']
        .iter()
        .find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote))
        .filter(|inner| !inner.contains(['"', '\'']))
        .unwrap_or(text);
    let mut out = String::from("\"");
    for c in inner.chars() {
        if c == '"' || c == '$' || c == escape {
            out.push(escape);
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// The plain command of a step as a JSON array.
fn exec(firing: &Firing<'_>, step: &str) -> Option<String> {
    let file = firing.model.file;
    let instruction = &file.instructions[firing.target(step)?.instruction];
    let script = crate::shell::parse_command_line(instruction, &file.source);
    let words = super::conditions::literal_words(&script)?;
    let words: Option<Vec<String>> = words
        .iter()
        .map(|word| serde_json::to_string(word).ok())
        .collect();
    Some(format!("[{}]", words?.join(", ")))
}

/// Whether a condition holds. A fact that nobody knows stops the rule.
fn holds(
    condition: &Condition,
    firing: &Firing<'_>,
    facts: &Facts<'_>,
    values: &mut Values,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let unknown = |fact: &str, reason: &str| Stop {
        offset: firing.offset(),
        reason: "unknown",
        message: format!("unknown: {fact} ({reason})"),
        allow: "give the build context with --context DIR".into(),
    };
    let text = |text: &str, values: &Values| {
        fill(text, values).map_err(|hole| unknown(&hole, "it has no value here"))
    };
    match condition {
        Condition::Present(name) => match facts.get(name) {
            Tri::Present(value) => {
                let texts = value.texts();
                proposal.evidence.push(Evidence {
                    text: format!("{name}: {}", texts.first().map_or("", |(text, _)| text)),
                    source: texts.first().and_then(|(_, source)| (*source).cloned()),
                });
                values.insert(name.clone(), value.text().to_string());
                Ok(true)
            }
            Tri::Absent => Ok(false),
            Tri::Unknown(reason) => Err(unknown(name, &reason)),
        },
        Condition::Absent(name) => match facts.get(name) {
            Tri::Present(_) => Ok(false),
            Tri::Absent => Ok(true),
            Tri::Unknown(reason) => Err(unknown(name, &reason)),
        },
        Condition::Equals(test) => Ok(text(&test.value, values)? == text(&test.to, values)?),
        Condition::Differs(test) => Ok(text(&test.value, values)? != text(&test.to, values)?),
        Condition::Matches(test) => Ok(test.regex.is_match(&text(&test.value, values)?)),
        Condition::NotMatches(test) => Ok(!test.regex.is_match(&text(&test.value, values)?)),
        Condition::InTable(test) | Condition::NotInTable(test) => {
            let key = test
                .key
                .iter()
                .map(|part| text(part, values))
                .collect::<Result<Vec<_>, _>>()?;
            let key: Vec<&str> = key.iter().map(String::as_str).collect();
            let found = firing
                .rules
                .table(&test.table)
                .is_some_and(|table| match key.as_slice() {
                    [single] => table.get_pattern(single).is_some(),
                    key => table.get(key).is_some(),
                });
            Ok(found == matches!(condition, Condition::InTable(_)))
        }
    }
}
