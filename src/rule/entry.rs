//! A rule by what is known of it before its document is read.

use super::compile::{Matcher, Names, Rule};
use super::embedded::Packed;
use std::sync::OnceLock;

/// What a stage must have for a rule to match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want<'a> {
    /// An instruction with this keyword; `<_>` stands for any.
    Instruction(&'a str),
    /// A command of this program.
    Program(&'a str),
}

/// What the build found out of a rule of `rules/`.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// The file's name.
    pub(super) file: &'static str,
    /// The id.
    pub(super) id: &'static str,
    /// Names of the profiles that it is part of.
    pub(super) profiles: &'static [&'static str],
    /// Its tags.
    pub(super) tags: &'static [&'static str],
    /// Base images that the stage may start from; any where there are none.
    pub(super) bases: &'static [&'static str],
    /// Of each group the stage must have one.
    pub(super) wants: &'static [&'static [Want<'static>]],
}

/// A rule: read and checked when it is first asked for, if it comes with dockopt.
#[derive(Debug)]
pub struct Entry(Origin);

#[derive(Debug)]
enum Origin {
    /// It was read with the others, and is part of these profiles.
    Read(Box<Rule>, Vec<String>),
    /// It comes with dockopt.
    Packed(&'static Head, Packed, OnceLock<Option<Box<Rule>>>),
}

impl Entry {
    /// A rule that was read, part of no profile.
    pub(super) fn read(rule: Rule) -> Self {
        Self(Origin::Read(Box::new(rule), Vec::new()))
    }

    /// The same rule, part of these profiles.
    pub(super) fn with_profiles(self, profiles: Vec<String>) -> Self {
        match self.0 {
            Origin::Read(rule, _) => Self(Origin::Read(rule, profiles)),
            Origin::Packed(..) => self,
        }
    }

    /// A rule that comes with dockopt.
    pub(super) fn packed(head: &'static Head, packed: Packed) -> Self {
        Self(Origin::Packed(head, packed, OnceLock::new()))
    }

    /// Names of the profiles that it is part of.
    pub fn profiles(&self) -> impl Iterator<Item = &str> {
        let (read, packed): (&[String], &[&str]) = match &self.0 {
            Origin::Read(_, profiles) => (profiles, &[]),
            Origin::Packed(head, ..) => (&[], head.profiles),
        };
        let read = read.iter().map(String::as_str);
        read.chain(packed.iter().copied())
    }

    /// The rule. One that comes with dockopt and has a mistake is none; the project's tests see to it that none has.
    pub fn rule(&self) -> Option<&Rule> {
        match &self.0 {
            Origin::Read(rule, _) => Some(rule),
            Origin::Packed(head, packed, rule) => rule
                .get_or_init(|| {
                    let document = packed.read()?;
                    let (names, mut errors) = (Names::default(), Vec::new());
                    Rule::compile(document, head.file, "", &names, true, &mut errors).map(Box::new)
                })
                .as_deref(),
        }
    }

    /// The id.
    pub fn id(&self) -> &str {
        match &self.0 {
            Origin::Read(rule, _) => rule.id(),
            Origin::Packed(head, ..) => head.id,
        }
    }

    /// Whether it has a tag.
    pub fn tagged(&self, tag: &str) -> bool {
        match &self.0 {
            Origin::Read(rule, _) => rule.document.tags.iter().any(|known| known == tag),
            Origin::Packed(head, ..) => head.tags.contains(&tag),
        }
    }

    /// Whether it comes with dockopt.
    pub fn embedded(&self) -> bool {
        match &self.0 {
            Origin::Read(rule, _) => rule.embedded,
            Origin::Packed(..) => true,
        }
    }

    /// Whether a stage that starts from a base image of this name, and of which `has` says what it has, may match:
    /// a quick test before the rule is read.
    pub fn may_match(&self, base: &str, has: &dyn Fn(Want<'_>) -> bool) -> bool {
        match &self.0 {
            Origin::Read(rule, _) => {
                let matching = &rule.document.matching;
                let mut bases = matching.base.iter().chain(&matching.or_base);
                let fits = matching.base.is_empty() || bases.any(|known| names(known, base));
                fits && (wants(rule).iter()).all(|group| group.iter().any(|want| has(*want)))
            }
            Origin::Packed(head, ..) => {
                let mut bases = head.bases.iter();
                let fits = head.bases.is_empty() || bases.any(|known| names(known, base));
                fits && (head.wants.iter()).all(|group| group.iter().any(|want| has(*want)))
            }
        }
    }
}

/// Whether a base image is meant: `node`, or with a star at one end `*/maven`, `gcc-*`.
pub fn names(pattern: &str, base: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(ending), _) => base.ends_with(ending),
        (None, Some(beginning)) => base.starts_with(beginning),
        (None, None) => base == pattern,
    }
}

/// What a stage must have for a rule to match: of each group one.
fn wants(rule: &Rule) -> Vec<Vec<Want<'_>>> {
    let steps = rule.steps.iter().filter(|step| !step.optional);
    let groups = std::iter::once(rule.each.iter().collect::<Vec<_>>())
        .chain(steps.map(|step| vec![&step.matcher]));
    groups
        .filter(|group| !group.is_empty())
        .map(|group| group.into_iter().flat_map(want).collect())
        .collect()
}

fn want(matcher: &Matcher) -> Vec<Want<'_>> {
    match matcher {
        Matcher::Instruction(pattern) => vec![Want::Instruction(&pattern.keyword)],
        Matcher::Command(pattern) => match pattern.programs() {
            [] => vec![Want::Instruction("RUN")],
            names => names.iter().map(|name| Want::Program(name)).collect(),
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::rule::RuleSet;
    use std::collections::BTreeSet;

    /// The build script reads patterns without compiling them; what it finds must be what the rules say.
    #[test]
    fn the_heads_say_what_the_rules_say() {
        let complete = RuleSet::complete(&[]).unwrap();
        let packed = RuleSet::embedded();
        let pairs: Vec<_> = complete.entries().iter().zip(packed.entries()).collect();
        assert!(pairs.len() > 50);
        for (entry, packed) in pairs {
            let rule = entry.rule().unwrap();
            let Origin::Packed(head, ..) = &packed.0 else {
                panic!("`{}` is read at once", packed.id())
            };
            assert_eq!(head.id, rule.id());
            let part_of = |entry: &Entry| entry.profiles().map(str::to_string).collect::<Vec<_>>();
            assert_eq!(part_of(packed), part_of(entry), "{}", head.id);
            assert_eq!(head.file, rule.file);
            assert_eq!(head.tags, rule.document.tags);
            let document = &rule.document.matching;
            let bases: BTreeSet<&str> = document
                .base
                .iter()
                .chain(&document.or_base)
                .map(String::as_str)
                .collect();
            assert_eq!(BTreeSet::from_iter(head.bases.iter().copied()), bases);
            assert_eq!(document.base.is_empty(), head.bases.is_empty());
            let mut said: Vec<Vec<String>> = sorted(wants(rule));
            let mut found = sorted(head.wants.iter().map(|group| group.to_vec()).collect());
            said.sort();
            found.sort();
            assert_eq!(found, said, "{}", head.id);
            assert!(packed.rule().is_some());
        }
    }

    fn sorted(groups: Vec<Vec<Want<'_>>>) -> Vec<Vec<String>> {
        let shown = |group: Vec<Want<'_>>| {
            let mut group: Vec<String> = group.iter().map(|want| format!("{want:?}")).collect();
            group.sort();
            group
        };
        groups.into_iter().map(shown).collect()
    }
}
