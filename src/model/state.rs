//! The state that an instruction runs in.

use crate::syntax::{Data, Dockerfile, Instruction, Keyword, expand};
use std::collections::BTreeMap;
use std::sync::Arc;

/// WORKDIR, USER, ENV and ARG in force before an instruction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Absolute working directory; `None` where it cannot be known.
    pub workdir: Option<String>,
    /// Whether a WORKDIR of this stage set it (else the base image did).
    pub workdir_set: bool,
    /// The user as written, quotes removed; `None` where no USER stands in this stage.
    pub user: Option<String>,
    /// ENV by name; `None` where the value cannot be known.
    pub env: Arc<BTreeMap<String, Option<String>>>,
    /// ARG by name, with the default where there is one.
    pub arguments: Arc<BTreeMap<String, Option<String>>>,
    /// Settings that commands have stored, under the names of their variables.
    pub settings: Arc<BTreeMap<String, String>>,
}

impl State {
    /// The state at the start of a stage whose base image has this working directory and these variables.
    pub fn new(workdir: Option<String>, env: BTreeMap<String, Option<String>>) -> Self {
        Self {
            workdir,
            env: Arc::new(env),
            ..Self::default()
        }
    }

    /// The value of a variable: ENV first, then ARG.
    pub fn value(&self, name: &str) -> Option<String> {
        match self.env.get(name) {
            Some(value) => value.clone(),
            None => self.arguments.get(name).cloned().flatten(),
        }
    }

    /// Whether a variable, or a setting of that name, has one of the values: `NAME=value|value`.
    pub fn holds(&self, test: &str) -> bool {
        let (name, wanted) = match test.split_once('=') {
            Some((name, wanted)) => (name, Some(wanted)),
            None => (test, None),
        };
        let value = self
            .value(name)
            .or_else(|| self.settings.get(name).cloned());
        value.is_some_and(|value| match wanted {
            Some(wanted) => wanted.split('|').any(|wanted| wanted == value),
            None => !value.is_empty(),
        })
    }

    /// A word with its variables put in; `None` where one is not known.
    pub fn expand(&self, raw: &str, escape: char) -> Option<String> {
        if !raw.contains(['$', '"', '\'', escape]) {
            return Some(raw.to_string());
        }
        let unknown = std::cell::Cell::new(false);
        let look_up = |name: &str| {
            let known = self.env.contains_key(name) || self.arguments.contains_key(name);
            let value = self.value(name);
            if known && value.is_none() {
                unknown.set(true);
            }
            value
        };
        let text = expand(raw, escape, &look_up).ok()?;
        (!unknown.get()).then_some(text)
    }

    /// The user without the group, if it is not root.
    pub fn other_user(&self) -> Option<&str> {
        let user = self.user.as_deref()?.split(':').next()?;
        (!matches!(user, "" | "root" | "0")).then_some(user)
    }

    /// The home directory of the user: `/root`, or where useradd puts it unless it is told otherwise.
    pub fn home(&self) -> String {
        match (self.env.get("HOME").cloned().flatten(), self.other_user()) {
            (Some(home), _) => home,
            (None, Some(user)) => format!("/home/{user}"),
            (None, None) => "/root".into(),
        }
    }

    /// What an instruction changes.
    pub fn apply(
        &mut self,
        instruction: &Instruction,
        escape: char,
        global: &dyn Fn(&str) -> Option<String>,
    ) {
        match (&instruction.keyword, &instruction.data) {
            (Keyword::Workdir, Data::Text(word)) => {
                let path = self.expand(&word.raw, escape);
                self.workdir = match (path, &self.workdir) {
                    (Some(path), _) if path.starts_with('/') => {
                        Some(super::path::resolve("/", &path))
                    }
                    (Some(path), Some(current)) => Some(super::path::resolve(current, &path)),
                    _ => None,
                };
                self.workdir_set = true;
            }
            (Keyword::User, Data::Text(word)) => {
                self.user = Some(
                    self.expand(&word.raw, escape)
                        .unwrap_or_else(|| word.raw.clone()),
                )
            }
            (Keyword::Env, Data::Pairs { pairs, .. }) => {
                let values: Vec<_> = pairs
                    .iter()
                    .map(|pair| {
                        (
                            pair.key.text().to_string(),
                            pair.value
                                .as_ref()
                                .and_then(|value| self.expand(&value.raw, escape)),
                        )
                    })
                    .collect();
                Arc::make_mut(&mut self.env).extend(values);
            }
            (Keyword::Arg, Data::Pairs { pairs, .. }) => {
                for pair in pairs {
                    let name = pair.key.text().to_string();
                    let value = match &pair.value {
                        Some(value) => self.expand(&value.raw, escape),
                        None => global(&name),
                    };
                    Arc::make_mut(&mut self.arguments).insert(name, value);
                }
            }
            _ => {}
        }
    }
}

/// Look-up of the ARGs before the first FROM, by their defaults.
pub fn global_arguments(file: &Dockerfile) -> impl Fn(&str) -> Option<String> + use<> {
    let first = file
        .stages
        .first()
        .map_or(file.instructions.len(), |stage| stage.from);
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    for instruction in &file.instructions[..first] {
        let (Keyword::Arg, Data::Pairs { pairs, .. }) = (&instruction.keyword, &instruction.data)
        else {
            continue;
        };
        for pair in pairs {
            let Some(value) = &pair.value else { continue };
            if let Ok(value) = expand(&value.raw, file.escape, &|name: &str| {
                values.get(name).cloned()
            }) {
                values.insert(pair.key.text().to_string(), value);
            }
        }
    }
    move |name| values.get(name).cloned()
}
