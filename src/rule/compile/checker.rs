//! What is checked when a rule is loaded, each mistake with its place.

use super::{Matcher, Names};
use crate::nearest::nearest;
use crate::rule::at::At;
use crate::rule::document::{Condition, RuleDocument, TestDocument, Verb};
use crate::rule::error::RuleError;
use crate::rule::expression::Expression;
use crate::rule::level::Level;
use crate::rule::pattern::{CommandPattern, InstructionPattern, PatternError};
use crate::rule::template::holes;
use std::collections::BTreeSet;

/// The file whose rules are checked, and the mistakes found in it.
pub(super) struct Checker<'a> {
    pub(super) file: &'a str,
    pub(super) source: &'a str,
    pub(super) errors: &'a mut Vec<RuleError>,
}

/// An error that can still get its help line.
pub(super) struct Added<'a>(&'a mut RuleError);

impl Added<'_> {
    pub(super) fn help(self, help: impl Into<String>) {
        self.0.help = Some(help.into());
    }
}

impl Checker<'_> {
    pub(super) fn error<T>(&mut self, at: &At<T>, message: String) -> Added<'_> {
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

    pub(super) fn head(&mut self, document: &RuleDocument) {
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

    pub(super) fn matcher(
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

    pub(super) fn matchers(&mut self, patterns: &[At<String>]) -> Vec<Matcher> {
        patterns
            .iter()
            .filter_map(|pattern| self.matcher(pattern, None))
            .collect()
    }

    fn fact<T>(&mut self, at: &At<T>, name: &str, names: &Names<'_>) {
        if !names.fact(name) {
            let known: Vec<&str> = names.facts.iter().flatten().copied().collect();
            self.error(at, format!("there is no fact `{name}`"))
                .help(meant("facts", name, &known));
        }
    }

    pub(super) fn table<T>(&mut self, at: &At<T>, name: &str, names: &Names<'_>) {
        if !names.table(name) {
            let known: Vec<&str> = names.tables.iter().flatten().copied().collect();
            self.error(at, format!("there is no table `{name}`"))
                .help(meant("tables", name, &known));
        }
    }

    pub(super) fn text<T>(
        &mut self,
        at: &At<T>,
        text: &str,
        defined: &BTreeSet<String>,
        names: &Names<'_>,
    ) {
        for hole in holes(text) {
            if !defined.contains(&hole) && !names.fact(&hole) {
                self.error(at, format!("nothing fills the hole <{hole}>"))
                    .help("holes come from the patterns of `match` and from facts");
            }
        }
    }

    pub(super) fn expression<T>(&mut self, at: &At<T>, expression: &Expression) {
        if let Err(error) = expression.validate() {
            self.error(
                at,
                format!("`{}` is no regular expression: {error}", expression.text()),
            );
        }
    }

    pub(super) fn condition(
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

    pub(super) fn verb(
        &mut self,
        verb: &At<Verb>,
        steps: &BTreeSet<String>,
        defined: &BTreeSet<String>,
        names: &Names<'_>,
    ) {
        match &verb.value {
            Verb::Split(split) => {
                self.table(verb, "base-swap", names);
                if let Some(tools) = &split.tools {
                    self.table(verb, &tools.table, names);
                    self.fact(verb, &tools.names, names);
                }
                for lighter in &split.lighter {
                    self.table(verb, &lighter.table, names);
                }
                let runtime = split.runtime.iter().flat_map(|choice| &choice.unless);
                let lighter = split.lighter.iter().flat_map(|lighter| &lighter.unless);
                let reasons = split
                    .keep_development
                    .iter()
                    .chain(&split.refuse)
                    .chain(&split.keep_sources)
                    .chain(runtime)
                    .chain(lighter)
                    .flat_map(|reason| std::iter::once(&reason.when).chain(&reason.unless));
                let facts = split
                    .carry
                    .iter()
                    .map(|carry| &carry.when)
                    .chain(reasons)
                    .chain(split.runtime.iter().flat_map(|base| {
                        let files = base.brings.iter().map(|file| &file.when);
                        files.chain(base.packages.iter().map(|package| &package.when))
                    }))
                    .chain(&split.install_scripts)
                    .chain(split.places.iter().flat_map(|place| {
                        let facts = place.when.iter().chain(&place.unless);
                        facts.chain(&place.otherwise_when)
                    }));
                for fact in facts.chain(split.libraries.iter().flat_map(|libraries| {
                    let compiled = libraries.compiled.iter();
                    let options = libraries.options.iter();
                    let options = options.flat_map(|options| &options.names);
                    let names = libraries.names.iter().chain(&libraries.linked);
                    let names = names.chain(options);
                    names.chain(compiled.map(|compiled| &compiled.names))
                })) {
                    self.fact(verb, fact, names);
                }
                if let Some(binaries) = &split.binaries {
                    self.table(verb, &binaries.table, names);
                    if let Some(tools) = &binaries.tools {
                        self.table(verb, tools, names);
                    }
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
            // The rule that it is like is looked up when it fires: a team may replace that rule.
            Verb::Prune(_) => {}
            Verb::Branch(branch) => {
                self.step(verb, &branch.step, steps);
                let facts = branch.unless.iter().map(|reason| &reason.when);
                for fact in facts.chain(&branch.scripts).chain(&branch.holds) {
                    self.fact(verb, fact, names);
                }
                if branch.branch.as_ref() == Some(&branch.trunk) {
                    self.error(verb, "`branch` makes two stages of one name".into())
                        .help("give `trunk` and `branch` different names");
                }
            }
            Verb::StartAs(start) => {
                self.step(verb, &start.before, steps);
                for reason in &start.refuse {
                    self.fact(verb, &reason.when, names);
                }
            }
            Verb::Layers(layers) => {
                let facts = layers.refuse.iter().map(|reason| &reason.when);
                for fact in facts.chain([&layers.packer, &layers.version]) {
                    self.fact(verb, fact, names);
                }
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

    pub(super) fn tests(&mut self, document: &RuleDocument) {
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

/// Names are not listed beyond this many.
const LISTED: usize = 24;

/// The name that was probably meant, or else those that begin alike, or all if they are few.
fn meant(what: &str, name: &str, known: &[&str]) -> String {
    if let Some(meant) = nearest(name, known) {
        return format!("did you mean `{meant}`?");
    }
    let group = |name: &str| name.split('-').next().unwrap_or_default().to_owned();
    let mut alike: Vec<&str> = known.to_vec();
    if alike.len() > LISTED {
        alike.retain(|known| group(known) == group(name));
    }
    match alike.len() {
        1..=LISTED => format!("known {what}: {}", alike.join(", ")),
        _ => format!(
            "{} {what} are known; a document of your own may add to them",
            known.len()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_not_known_is_told_with_few_others() {
        let many: Vec<String> = (0..200).map(|at| format!("fact-{at}")).collect();
        let mut known: Vec<&str> = many.iter().map(String::as_str).collect();
        known.extend(["python-version-file", "python-requirements"]);
        let said = |name: &str| meant("facts", name, &known);
        assert_eq!(
            said("python-requirement"),
            "did you mean `python-requirements`?"
        );
        assert_eq!(
            said("python-lock"),
            "known facts: python-version-file, python-requirements"
        );
        assert!(said("fact-of-something-else").starts_with("202 facts are known"));
    }
}
