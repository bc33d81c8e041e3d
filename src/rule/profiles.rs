//! The order in which rules run, and which profiles they are part of.

use super::at::At;
use super::document::ProfileDocument;
use super::entry::Entry;
use super::error::RuleError;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

/// A profile, its file and its text.
type ProfileFile = (ProfileDocument, String, Cow<'static, str>);

/// Ids of all rules that a profile names, in the order in which they run; marks each rule with its profiles.
pub(super) fn order(
    profiles: &BTreeMap<String, ProfileFile>,
    rules: &mut [Entry],
    errors: &mut Vec<RuleError>,
) -> Vec<String> {
    let sound = errors.is_empty();
    let mut order: Vec<String> = Vec::new();
    let mut placed: HashSet<&str> = HashSet::new();
    let places: HashMap<String, usize> = rules
        .iter()
        .enumerate()
        .map(|(at, rule)| (rule.id().to_string(), at))
        .collect();
    let mut pending: Vec<&ProfileFile> = profiles.values().collect();
    // What others extend comes first.
    pending.sort_by_key(|(profile, ..)| depth(profiles, profile));
    for (profile, file, text) in pending {
        let mut error = |at: &At<String>, message: String, help: &str| {
            if sound {
                errors.push(RuleError::at(file, text, at.line, at.column, message).help(help));
            }
        };
        for name in [&profile.extends].into_iter().flatten() {
            if !profiles.contains_key(&name.value) || *name.value == profile.profile {
                error(
                    name,
                    format!("there is no profile `{}`", name.value),
                    "name one that a document `profile:` defines",
                );
            }
        }
        let mut at = order.len() + profile.first.len();
        if let Some(after) = &profile.after {
            match order.iter().position(|id| *id == after.value) {
                Some(index) => at = index + 1 + profile.first.len(),
                None => error(
                    after,
                    format!("the extended profile has no rule `{}`", after.value),
                    "`dockopt rules list` shows the rules",
                ),
            }
        }
        let first = profile.first.iter().zip(0..);
        let rest = profile.rules.iter().zip(at..);
        for (id, at) in first.chain(rest) {
            let Some(rule) = places.get(&id.value).and_then(|at| rules.get_mut(*at)) else {
                error(
                    id,
                    format!("there is no rule `{}`", id.value),
                    "`dockopt rules list` shows the rules",
                );
                continue;
            };
            if rule.profiles.contains(&profile.profile) {
                error(
                    id,
                    format!("the rule `{}` is named twice", id.value),
                    "name it once",
                );
                continue;
            }
            rule.profiles.push(profile.profile.clone());
            if placed.insert(&id.value) {
                order.insert(at.min(order.len()), id.value.clone());
            }
        }
    }
    for rule in rules {
        for (name, (profile, ..)) in profiles {
            let mut above = profile.extends.as_ref();
            let mut steps = 0;
            while let Some(at) = above.filter(|_| steps < profiles.len()) {
                if rule.profiles.contains(&at.value) && !rule.profiles.contains(name) {
                    rule.profiles.push(name.clone());
                }
                above = profiles
                    .get(&at.value)
                    .and_then(|(profile, ..)| profile.extends.as_ref());
                steps += 1;
            }
        }
    }
    order
}

/// How many profiles a profile extends, one through the other.
fn depth(profiles: &BTreeMap<String, ProfileFile>, profile: &ProfileDocument) -> usize {
    let mut depth = 0;
    let mut at = profile.extends.as_ref();
    while let Some(name) = at.filter(|_| depth <= profiles.len()) {
        depth += 1;
        at = profiles
            .get(&name.value)
            .and_then(|(profile, ..)| profile.extends.as_ref());
    }
    depth
}
