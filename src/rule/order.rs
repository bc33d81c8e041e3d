//! The order in which rules run, and which profiles they are part of. The build script asks this as well.

use std::collections::{HashMap, HashSet};

/// What a profile says of the order of rules.
#[derive(Debug)]
pub struct Listed<'a> {
    /// The name.
    pub profile: &'a str,
    /// The profile whose rules are part of this one.
    pub extends: Option<&'a str>,
    /// The rule of the extended profile after which the rules of this one run.
    pub after: Option<&'a str>,
    /// Rules that run before those of the extended profile.
    pub first: Vec<&'a str>,
    /// Rules in the order in which they run.
    pub rules: Vec<&'a str>,
}

/// What the profiles come to.
#[derive(Debug, Default)]
pub struct Order {
    /// The place of each rule in the list that was given, in the order in which they run: those that no profile names
    /// come last.
    pub rules: Vec<usize>,
    /// For each rule of that list the places of the profiles that it is part of.
    pub profiles: Vec<Vec<usize>>,
    /// What leads nowhere, with the place of the profile.
    pub mistakes: Vec<(usize, Mistake)>,
}

/// What leads nowhere in a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// `extends` names no other profile.
    Extends,
    /// `after` names no rule of the extended profile.
    After,
    /// No rule has the name at this place of `first` and `rules` together.
    Unknown(usize),
    /// A rule is named for a second time.
    Twice(usize),
}

/// The order of the rules with these ids, by profiles that are sorted by their names.
pub fn order(profiles: &[Listed<'_>], rules: &[&str]) -> Order {
    let places: HashMap<&str, usize> = rules.iter().copied().zip(0..).collect();
    let named: HashMap<&str, usize> = profiles
        .iter()
        .enumerate()
        .map(|(at, profile)| (profile.profile, at))
        .collect();
    let above = |at: usize| {
        let name = profiles[at].extends?;
        named.get(name).copied()
    };
    let depth = |at: usize| {
        let all = std::iter::successors(Some(at), |at| above(*at));
        all.take(profiles.len() + 1).count()
    };
    let mut found = Order {
        profiles: vec![Vec::new(); rules.len()],
        ..Order::default()
    };
    let mut placed = HashSet::new();
    let mut pending: Vec<usize> = (0..profiles.len()).collect();
    // What others extend comes first.
    pending.sort_by_key(|at| depth(*at));
    for place in pending {
        let profile = &profiles[place];
        if profile.extends.is_some() && above(place).is_none_or(|other| other == place) {
            found.mistakes.push((place, Mistake::Extends));
        }
        let mut at = found.rules.len() + profile.first.len();
        if let Some(after) = profile.after {
            let after = places.get(after);
            match found.rules.iter().position(|rule| Some(rule) == after) {
                Some(index) => at = index + 1 + profile.first.len(),
                None => found.mistakes.push((place, Mistake::After)),
            }
        }
        let first = profile.first.iter().zip(0..);
        let rest = profile.rules.iter().zip(at..);
        for (named, (id, at)) in first.chain(rest).enumerate() {
            let Some(rule) = places.get(id).copied() else {
                found.mistakes.push((place, Mistake::Unknown(named)));
                continue;
            };
            if found.profiles[rule].contains(&place) {
                found.mistakes.push((place, Mistake::Twice(named)));
                continue;
            }
            found.profiles[rule].push(place);
            if placed.insert(rule) {
                found.rules.insert(at.min(found.rules.len()), rule);
            }
        }
    }
    for part_of in &mut found.profiles {
        for place in 0..profiles.len() {
            let all = std::iter::successors(above(place), |at| above(*at));
            for at in all.take(profiles.len()) {
                if part_of.contains(&at) && !part_of.contains(&place) {
                    part_of.push(place);
                }
            }
        }
    }
    let rest = (0..rules.len()).filter(|rule| !placed.contains(rule));
    found.rules.extend(rest);
    found
}
