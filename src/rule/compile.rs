//! A rule document, checked: everything that can be wrong is found here and not in the middle of a rewrite.

mod checker;

use super::document::{ContractPart, Derivation, RuleDocument, StageChoice, Verb};
use super::error::RuleError;
use super::level::Level;
use super::pattern::{CommandPattern, InstructionPattern};
use crate::syntax::Dockerfile;
use checker::Checker;
use std::collections::BTreeSet;

/// A pattern for a command of a RUN or for another instruction.
#[derive(Clone, Debug)]
pub enum Matcher {
    /// `RUN …`: one simple command anywhere in the script.
    Command(CommandPattern),
    /// Any other instruction.
    Instruction(InstructionPattern),
}

/// A step of a rule: a name and what it must look like.
#[derive(Clone, Debug)]
pub struct Step {
    /// The name, without `?`.
    pub name: String,
    /// It may be missing.
    pub optional: bool,
    /// The pattern.
    pub matcher: Matcher,
}

/// A checked rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The document.
    pub document: RuleDocument,
    /// The file it comes from.
    pub file: String,
    /// The patterns of `each` or `each_of`.
    pub each: Vec<Matcher>,
    /// What the instruction after the match must look like.
    pub next: Option<Matcher>,
    /// Named steps.
    pub steps: Vec<Step>,
    /// Patterns that the matched place may not match as well.
    pub except: Vec<Matcher>,
    /// Of each group one pattern must match a line of the stage.
    pub with: Vec<Vec<Matcher>>,
    /// Patterns that no line of the stage may match.
    pub without: Vec<Matcher>,
    /// The same, unless every command of the stage is known.
    pub without_unless_known: Vec<Matcher>,
    /// Patterns that no command of the same RUN may match.
    pub without_here: Vec<Matcher>,
    /// Patterns that an earlier command of the same RUN must match.
    pub before_here: Vec<Matcher>,
    /// Patterns that no later command of the same RUN may match.
    pub not_later_here: Vec<Matcher>,
    /// Patterns that a later line must match.
    pub later: Vec<Matcher>,
    /// What no later line may match.
    pub not_later: Vec<Later>,
    /// Whether it comes with dockopt.
    pub embedded: bool,
}

/// What no later line may match.
#[derive(Clone, Debug)]
pub struct Later {
    /// The pattern.
    pub line: Matcher,
    /// Exceptions by the same line.
    pub unless: Vec<Matcher>,
    /// Exceptions by an earlier command of the same RUN.
    pub unless_before: Vec<Matcher>,
}

impl Rule {
    /// The id.
    pub fn id(&self) -> &str {
        &self.document.id.value
    }

    /// The level.
    pub fn level(&self) -> Level {
        self.document.safety
    }

    /// Whether the rule may alter this part of the image contract.
    pub fn may_change(&self, part: ContractPart) -> bool {
        self.document.changes.contains(&part)
    }

    /// Whether the rule gives the container less than it had: by a split, or by another base image.
    pub fn leaves_behind(&self) -> bool {
        let mut verbs = self.document.verbs.iter();
        verbs.any(|verb| matches!(verb.value, Verb::Split(_) | Verb::Rebase(_)))
    }

    /// Whether the rule looks at this stage.
    pub fn looks_at(&self, file: &Dockerfile, stage: usize) -> bool {
        let stages = file.stages.len();
        match self.document.matching.stage {
            StageChoice::Any => true,
            StageChoice::Single => stages == 1,
            StageChoice::Final => stage + 1 == stages,
            StageChoice::Build => stage + 1 < stages,
            StageChoice::Shipped => shipped(file, stage),
        }
    }

    /// The patterns that a step, or `each`, is found by.
    pub fn matchers(&self, step: &str) -> &[Matcher] {
        match self.steps.iter().find(|known| known.name == step) {
            Some(step) => std::slice::from_ref(&step.matcher),
            None => &self.each,
        }
    }

    /// Checks a document; mistakes are added to `errors`. A `lean` one has been loaded without its tests.
    pub fn compile(
        document: RuleDocument,
        file: &str,
        source: &str,
        names: &Names<'_>,
        lean: bool,
        errors: &mut Vec<RuleError>,
    ) -> Option<Self> {
        let before = errors.len();
        let mut checker = Checker {
            file,
            source,
            errors,
        };
        checker.head(&document);
        let matching = &document.matching;
        let mut defined = BTreeSet::new();
        let mut each = Vec::new();
        for pattern in matching.each.iter().chain(&matching.each_of) {
            let mut holes = BTreeSet::new();
            each.extend(checker.matcher(pattern, Some(&mut holes)));
            if each.len() > 1 && holes != defined {
                checker
                    .error(
                        pattern,
                        "the patterns of `each_of` have different holes".into(),
                    )
                    .help("give each of them the same holes");
            }
            defined.extend(holes);
        }
        let mut steps = Vec::new();
        for (name, pattern) in &document.matching.steps {
            let optional = name.ends_with('?');
            if let Some(matcher) = checker.matcher(pattern, Some(&mut defined)) {
                steps.push(Step {
                    name: name.trim_end_matches('?').to_string(),
                    optional,
                    matcher,
                });
            }
        }
        let next = matching
            .next
            .as_ref()
            .and_then(|next| checker.matcher(next, Some(&mut defined)));
        if let Some(pair) = &matching.pair {
            defined.extend(["pair-name".to_string(), "pair-value".to_string()]);
            let expressions = [
                Some(&pair.name),
                pair.except_name.as_ref(),
                pair.value.as_ref(),
                pair.except_value.as_ref(),
            ];
            for expression in expressions.into_iter().flatten().filter(|_| !lean) {
                checker.expression(&document.id, expression);
            }
        }
        if matching.manifests.is_some() {
            let holes = ["manifests", "manifests-dest", "copy-flags"];
            defined.extend(holes.map(str::to_string));
        }
        if matching.first_workdir {
            defined.insert("workdir".to_string());
        }
        if let Some(table) = &matching.unversioned {
            checker.table(table, &table.value, names);
            defined.insert("versioned".to_string());
        }
        if let Some(hole) = matching
            .leftover
            .as_ref()
            .filter(|hole| !defined.contains(*hole))
        {
            checker
                .error(&document.id, format!("`leftover` names no hole: <{hole}>"))
                .help("name a hole of `each`");
        }
        let not_later_here = checker.matchers(&matching.not_later_here);
        let except = checker.matchers(&matching.except);
        let with = matching
            .with
            .iter()
            .map(|group| checker.matchers(group))
            .collect();
        let without = checker.matchers(&matching.without);
        let without_unless_known = checker.matchers(&matching.without_unless_known);
        let without_here = checker.matchers(&matching.without_here);
        let before_here = checker.matchers(&matching.before_here);
        let later = checker.matchers(&matching.later);
        let mut not_later: Vec<Later> = checker
            .matchers(&matching.not_later)
            .into_iter()
            .map(|line| Later {
                line,
                unless: Vec::new(),
                unless_before: Vec::new(),
            })
            .collect();
        for later in &matching.not_later_unless {
            if let Some(line) = checker.matcher(&later.line, None) {
                not_later.push(Later {
                    line,
                    unless: checker.matchers(&later.unless),
                    unless_before: checker.matchers(&later.unless_before),
                });
            }
        }
        for (name, derivation) in &document.derived {
            match &derivation.value {
                Derivation::Quoted(text) => checker.text(derivation, text, &defined, names),
                Derivation::Exec(_) => {}
                Derivation::LookUp(look) => {
                    checker.table(derivation, &look.table, names);
                    for part in &look.key {
                        checker.text(derivation, part, &defined, names);
                    }
                }
            }
            if defined.contains(name) {
                checker
                    .error(
                        derivation,
                        format!("`{name}` is a hole of a pattern already"),
                    )
                    .help("give the new value another name");
            }
        }
        for clash in defined.iter().filter(|name| names.clashes(name)) {
            checker
                .error(
                    &document.id,
                    format!("the hole <{clash}> has the name of a fact"),
                )
                .help("call the hole something else");
        }
        for condition in &document.when {
            checker.condition(condition, &defined, names, lean);
        }
        defined.extend(document.derived.keys().cloned());
        let step_names: BTreeSet<String> = steps
            .iter()
            .map(|step| step.name.clone())
            .chain(each.first().map(|_| "each".to_string()))
            .chain(next.iter().map(|_| "next".to_string()))
            .collect();
        if let Some(table) = &matching.plain_sources {
            checker.table(table, &table.value, names);
        }
        for verb in &document.verbs {
            checker.verb(verb, &step_names, &defined, names);
        }
        match &document.says {
            Some(says) => checker.text(says, &says.value, &defined, names),
            None if document.verbs.is_empty() => {
                checker
                    .error(&document.id, "a rule without `do` needs `says`".into())
                    .help("say what is found there");
            }
            None => {}
        }
        if !lean {
            checker.tests(&document);
        }
        if errors.len() > before {
            return None;
        }
        Some(Self {
            document,
            file: file.to_string(),
            each,
            next,
            steps,
            except,
            with,
            without,
            without_unless_known,
            without_here,
            before_here,
            not_later_here,
            later,
            not_later,
            embedded: false,
        })
    }
}

/// Names that a rule may refer to; any where they are not listed.
#[derive(Default)]
pub struct Names<'a> {
    /// Facts.
    pub facts: Option<BTreeSet<&'a str>>,
    /// Tables.
    pub tables: Option<BTreeSet<&'a str>>,
}

impl Names<'_> {
    /// Whether there is a fact of this name.
    pub fn fact(&self, name: &str) -> bool {
        self.facts.as_ref().is_none_or(|facts| facts.contains(name))
    }

    /// Whether there is a table of this name.
    pub fn table(&self, name: &str) -> bool {
        let tables = self.tables.as_ref();
        tables.is_none_or(|tables| tables.contains(name))
    }

    /// Whether a fact is known to have this name.
    fn clashes(&self, name: &str) -> bool {
        self.facts
            .as_ref()
            .is_some_and(|facts| facts.contains(name))
    }
}

/// Whether a stage is the last, or one that the last is built FROM.
fn shipped(file: &Dockerfile, stage: usize) -> bool {
    let mut at = file.stages.len().saturating_sub(1);
    while at > stage {
        match file.base_stage(at) {
            Some(base) => at = base,
            None => return false,
        }
    }
    at == stage
}
