//! Profiles: which rules they name, and in which order these run.

use super::at::At;
use super::document::ProfileDocument;
use super::entry::Entry;
use super::error::RuleError;
use super::order::{Listed, Mistake, order};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// A profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// The name.
    pub name: Cow<'static, str>,
    /// What it is for.
    pub title: Cow<'static, str>,
}

/// A profile, its file and its text.
pub(super) type ProfileFile = (ProfileDocument, String, Cow<'static, str>);

/// Puts rules into the order that the profiles say, and says of each which of them it is part of.
pub(super) fn arrange(
    profiles: &BTreeMap<String, ProfileFile>,
    rules: Vec<Entry>,
    errors: &mut Vec<RuleError>,
) -> Vec<Entry> {
    let listed: Vec<Listed<'_>> = profiles.values().map(|(it, ..)| listed(it)).collect();
    let ids: Vec<&str> = rules.iter().map(Entry::id).collect();
    let found = order(&listed, &ids);
    // A rule that could not be read is missed by its profile as well.
    if errors.is_empty() {
        let files: Vec<&ProfileFile> = profiles.values().collect();
        let all = found.mistakes.iter();
        errors.extend(all.filter_map(|(at, mistake)| error(files.get(*at)?, *mistake)));
    }
    let names: Vec<&String> = profiles.keys().collect();
    let mut rules: Vec<Option<Entry>> = rules
        .into_iter()
        .zip(&found.profiles)
        .map(|(rule, part_of)| {
            let part_of = part_of.iter().filter_map(|at| names.get(*at));
            Some(rule.with_profiles(part_of.map(|name| name.to_string()).collect()))
        })
        .collect();
    let order = found.rules.into_iter();
    order.filter_map(|at| rules.get_mut(at)?.take()).collect()
}

fn listed(profile: &ProfileDocument) -> Listed<'_> {
    fn text(at: &At<String>) -> &str {
        &at.value
    }
    Listed {
        profile: &profile.profile,
        extends: profile.extends.as_ref().map(text),
        after: profile.after.as_ref().map(text),
        first: profile.first.iter().map(text).collect(),
        rules: profile.rules.iter().map(text).collect(),
    }
}

fn error((profile, file, text): &ProfileFile, mistake: Mistake) -> Option<RuleError> {
    let named = |at: usize| profile.first.iter().chain(&profile.rules).nth(at);
    let list = "`dockopt rules list` shows the rules";
    let (at, message, help) = match mistake {
        Mistake::Extends => {
            let at = profile.extends.as_ref()?;
            let message = format!("there is no profile `{}`", at.value);
            (at, message, "name one that a document `profile:` defines")
        }
        Mistake::After => {
            let at = profile.after.as_ref()?;
            let message = format!("the extended profile has no rule `{}`", at.value);
            (at, message, list)
        }
        Mistake::Unknown(place) => {
            let at = named(place)?;
            (at, format!("there is no rule `{}`", at.value), list)
        }
        Mistake::Twice(place) => {
            let at = named(place)?;
            let message = format!("the rule `{}` is named twice", at.value);
            (at, message, "name it once")
        }
    };
    Some(RuleError::at(file, text, at.line, at.column, message).help(help))
}
