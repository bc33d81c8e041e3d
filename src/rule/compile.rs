//! A rule document, checked: everything that can be wrong is found here and not in the middle of a rewrite.

use super::at::At;
use super::document::{
    Condition, ContractPart, Derivation, RuleDocument, StageChoice, TestDocument, Verb,
};
use super::error::RuleError;
use super::expression::Expression;
use super::level::Level;
use super::pattern::{CommandPattern, InstructionPattern, PatternError};
use super::template::holes;
use crate::syntax::Dockerfile;
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
    /// Names of the profiles that it is part of.
    pub profiles: Vec<String>,
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

    /// Whether the text of a file has what the rule looks for at all: a quick test before the stages are read.
    pub fn may_match(&self, file: &Dockerfile) -> bool {
        let there = |matcher: &Matcher| match matcher {
            Matcher::Instruction(pattern) => file.instructions.iter().any(|instruction| {
                pattern.keyword == "<_>" || instruction.keyword.as_str() == pattern.keyword
            }),
            Matcher::Command(pattern) => {
                let names = pattern.programs();
                names.is_empty() || names.iter().any(|name| file.source.contains(name.as_str()))
            }
        };
        let steps = self
            .steps
            .iter()
            .filter(|step| !step.optional)
            .all(|step| there(&step.matcher));
        steps && (self.each.is_empty() || self.each.iter().any(there))
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
        if matching.manifests {
            let holes = ["manifests", "manifests-dest", "copy-flags"];
            defined.extend(holes.map(str::to_string));
        }
        if matching.first_workdir {
            defined.insert("workdir".to_string());
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
        for clash in defined
            .iter()
            .filter(|name| names.facts.contains(name.as_str()))
        {
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
            profiles: Vec::new(),
            embedded: false,
        })
    }
}

/// Names that a rule may refer to.
pub struct Names<'a> {
    /// Facts.
    pub facts: BTreeSet<&'a str>,
    /// Tables.
    pub tables: BTreeSet<&'a str>,
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

struct Checker<'a> {
    file: &'a str,
    source: &'a str,
    errors: &'a mut Vec<RuleError>,
}

/// An error that can still get its help line.
struct Added<'a>(&'a mut RuleError);

impl Added<'_> {
    fn help(self, help: impl Into<String>) {
        self.0.help = Some(help.into());
    }
}

impl Checker<'_> {
    fn error<T>(&mut self, at: &At<T>, message: String) -> Added<'_> {
        let index = self.errors.len();
        self.errors.push(RuleError::at(
            self.file,
            self.source,
            at.line,
            at.column,
            message,
        ));
        Added(&mut self.errors[index])
    }

    fn head(&mut self, document: &RuleDocument) {
        let id = &document.id;
        let stem = self.file.rsplit('/').next().unwrap_or(self.file);
        let stem = stem.trim_end_matches(".yaml").trim_end_matches(".yml");
        if stem != id.value {
            self.error(
                id,
                format!(
                    "the id `{}` differs from the file's name `{stem}`",
                    id.value
                ),
            )
            .help("give both the same name");
        }
        let kebab = !id.value.is_empty()
            && id
                .value
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !kebab {
            self.error(id, format!("the id `{}` is not kebab-case", id.value))
                .help("use lower-case letters, digits and `-`");
        }
        if document.safety != Level::Safe && document.risk.is_none() {
            self.error(id, "a rule that is not `safe` needs `risk`".into())
                .help("say in `risk` how it can go wrong");
        }
        let matching = &document.matching;
        let each = matching.each.iter().count() + matching.each_of.len();
        if each == 0 && matching.steps.is_empty() && matching.base.is_empty() {
            self.error(id, "`match` is empty".into())
                .help("write `each:`, `steps:` or `base:`");
        }
        let ways = [
            matching.each.is_some(),
            !matching.each_of.is_empty(),
            !matching.steps.is_empty(),
        ];
        if ways.iter().filter(|way| **way).count() > 1 {
            self.error(
                id,
                "`each`, `each_of` and `steps` exclude each other".into(),
            )
            .help("write one of them");
        }
    }

    fn matcher(
        &mut self,
        pattern: &At<String>,
        defined: Option<&mut BTreeSet<String>>,
    ) -> Option<Matcher> {
        let text = pattern.value.trim();
        let compiled: Result<Matcher, PatternError> = match text.strip_prefix("RUN ") {
            Some(command) => CommandPattern::parse(command).map(Matcher::Command),
            None => InstructionPattern::parse(text).map(Matcher::Instruction),
        };
        match compiled {
            Ok(matcher) => {
                if let Some(defined) = defined {
                    defined.extend(match &matcher {
                        Matcher::Command(pattern) => pattern.holes(),
                        Matcher::Instruction(pattern) => pattern.holes(),
                    });
                }
                if let Matcher::Instruction(instruction) = &matcher
                    && instruction.keyword != "<_>"
                    && crate::syntax::Keyword::parse(&instruction.keyword).is_none()
                {
                    self.error(
                        pattern,
                        format!("`{}` is no instruction", instruction.keyword),
                    )
                    .help("a pattern is a line of a Dockerfile: `RUN npm ci`, `FROM <image>`");
                    return None;
                }
                Some(matcher)
            }
            Err(error) => {
                self.error(pattern, error.to_string());
                None
            }
        }
    }

    fn matchers(&mut self, patterns: &[At<String>]) -> Vec<Matcher> {
        patterns
            .iter()
            .filter_map(|pattern| self.matcher(pattern, None))
            .collect()
    }

    fn fact<T>(&mut self, at: &At<T>, name: &str, names: &Names<'_>) {
        if !names.facts.contains(name) {
            let known: Vec<&str> = names.facts.iter().copied().collect();
            self.error(at, format!("there is no fact `{name}`"))
                .help(format!("known facts: {}", known.join(", ")));
        }
    }

    fn table<T>(&mut self, at: &At<T>, name: &str, names: &Names<'_>) {
        if !names.tables.contains(name) {
            let known: Vec<&str> = names.tables.iter().copied().collect();
            self.error(at, format!("there is no table `{name}`"))
                .help(format!("known tables: {}", known.join(", ")));
        }
    }

    fn text<T>(&mut self, at: &At<T>, text: &str, defined: &BTreeSet<String>, names: &Names<'_>) {
        for hole in holes(text) {
            if !defined.contains(&hole) && !names.facts.contains(hole.as_str()) {
                self.error(at, format!("nothing fills the hole <{hole}>"))
                    .help("holes come from the patterns of `match` and from facts");
            }
        }
    }

    fn expression<T>(&mut self, at: &At<T>, expression: &Expression) {
        if let Err(error) = expression.validate() {
            self.error(
                at,
                format!("`{}` is no regular expression: {error}", expression.text()),
            );
        }
    }

    fn condition(
        &mut self,
        condition: &At<Condition>,
        defined: &BTreeSet<String>,
        names: &Names<'_>,
        lean: bool,
    ) {
        match &condition.value {
            Condition::Present(name) | Condition::Absent(name) => self.fact(condition, name, names),
            Condition::Equals(test) | Condition::Differs(test) => {
                self.text(condition, &test.value, defined, names);
                self.text(condition, &test.to, defined, names);
            }
            Condition::Matches(test) | Condition::NotMatches(test) => {
                self.text(condition, &test.value, defined, names);
                if !lean {
                    self.expression(condition, &test.regex);
                }
            }
            Condition::InTable(test) | Condition::NotInTable(test) => {
                self.table(condition, &test.table, names);
                for part in &test.key {
                    self.text(condition, part, defined, names);
                }
            }
        }
    }

    fn step<T>(&mut self, at: &At<T>, name: &str, steps: &BTreeSet<String>) {
        if !steps.contains(name) {
            let known: Vec<&str> = steps.iter().map(String::as_str).collect();
            self.error(at, format!("there is no step `{name}`"))
                .help(format!("steps of this rule: {}", known.join(", ")));
        }
    }

    fn verb(
        &mut self,
        verb: &At<Verb>,
        steps: &BTreeSet<String>,
        defined: &BTreeSet<String>,
        names: &Names<'_>,
    ) {
        match &verb.value {
            Verb::Split(split) => {
                self.table(verb, "base-swap", names);
                let reasons = split
                    .keep_development
                    .iter()
                    .chain(&split.refuse)
                    .chain(&split.keep_sources)
                    .flat_map(|reason| std::iter::once(&reason.when).chain(&reason.unless));
                let facts = split
                    .carry
                    .iter()
                    .map(|carry| &carry.when)
                    .chain(reasons)
                    .chain(&split.install_scripts)
                    .chain(split.places.iter().flat_map(|place| {
                        let facts = place.when.iter().chain(&place.unless);
                        facts.chain(&place.otherwise_when)
                    }));
                for fact in facts.chain(
                    split
                        .libraries
                        .iter()
                        .flat_map(|libraries| &libraries.names),
                ) {
                    self.fact(verb, fact, names);
                }
                if let Some(binaries) = &split.binaries {
                    self.table(verb, &binaries.table, names);
                    for fact in [
                        &binaries.production,
                        &binaries.development,
                        &binaries.script,
                    ] {
                        self.fact(verb, fact, names);
                    }
                }
                if split
                    .runtime
                    .iter()
                    .any(|base| base.kind.is_some() == base.image.is_some())
                {
                    self.error(
                        verb,
                        "an entry of `runtime` needs either `kind` or `image`".into(),
                    )
                    .help("write `runtime: [{kind: slim}]`");
                }
                if split.runtime.is_empty() {
                    self.error(verb, "`split` needs at least one entry in `runtime`".into())
                        .help("write `runtime: [{kind: slim}]`");
                }
            }
            Verb::Rebase(rebase) => {
                self.table(verb, "base-swap", names);
                let libraries = rebase.libraries.iter();
                let facts = libraries.flat_map(|libraries| &libraries.names);
                for fact in facts.chain(rebase.refuse.iter().map(|reason| &reason.when)) {
                    self.fact(verb, fact, names);
                }
            }
            Verb::Replace(replace) => {
                self.step(verb, &replace.step, steps);
                self.text(verb, &replace.with, defined, names);
            }
            Verb::Insert(insert) => {
                match (&insert.before, &insert.after) {
                    (Some(step), None) | (None, Some(step)) => self.step(verb, step, steps),
                    _ => self
                        .error(verb, "`insert` needs either `before` or `after`".into())
                        .help("name the step that the text goes next to"),
                }
                self.text(verb, &insert.text, defined, names);
            }
            Verb::Remove(remove) => self.step(verb, &remove.step, steps),
            Verb::Edit(edit) => {
                self.step(verb, &edit.step, steps);
                for text in edit.add_flags.iter().chain(&edit.image) {
                    self.text(verb, text, defined, names);
                }
            }
            Verb::Respell(respell) => self.step(verb, &respell.step, steps),
            Verb::Append(append) => {
                self.step(verb, &append.step, steps);
                self.text(verb, &append.command, defined, names);
            }
            Verb::Move(moved) => {
                self.step(verb, &moved.step, steps);
                match (&moved.before, &moved.after) {
                    (Some(step), None) | (None, Some(step)) => self.step(verb, step, steps),
                    _ => self
                        .error(verb, "`move` needs either `before` or `after`".into())
                        .help("name the step that it goes next to"),
                }
            }
            Verb::Merge(merge) => {
                self.step(verb, &merge.first, steps);
                self.step(verb, &merge.second, steps);
            }
            Verb::Ignore(ignore) => {
                if ignore.lines.iter().any(|line| {
                    line.trim().is_empty() || line.starts_with(['!', '#']) || line.contains('\n')
                }) {
                    self.error(verb, "a line of `ignore` leaves something out".into())
                        .help("write a pattern: `node_modules`, `**/*.log`");
                }
            }
        }
    }

    fn tests(&mut self, document: &RuleDocument) {
        for test in &document.tests {
            let shape = (
                test.value.before.is_some(),
                test.value.after.is_some(),
                test.value.same.is_some(),
            );
            if !matches!(shape, (true, true, false) | (false, false, true)) {
                self.error(
                    test,
                    format!(
                        "the case `{}` needs `before` and `after`, or `same`",
                        test.value.name
                    ),
                )
                .help("`skipped` beside `same` names the reason of the refusal");
            }
        }
        let has = |test: &dyn Fn(&TestDocument) -> bool| {
            document.tests.iter().any(|case| test(&case.value))
        };
        if document.verbs.is_empty() {
            if !has(&|case| !case.finds.is_empty()) || !has(&|case| case.finds.is_empty()) {
                self.error(
                    &document.id,
                    "a rule without `do` needs a case that `finds` something and one that does not"
                        .into(),
                )
                .help("write them under `tests:`");
            }
        } else if !has(&|case| case.after.is_some()) || !has(&|case| case.same.is_some()) {
            self.error(
                &document.id,
                "a rule needs at least one case with `before` and `after` and one with `same`"
                    .into(),
            )
            .help("write them under `tests:`");
        }
    }
}
