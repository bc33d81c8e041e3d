//! The image contract: the configuration of the final image, what is inherited from the base included.

use super::base::Base;
use super::stage::{StageModel, words};
use crate::rule::RuleSet;
use crate::rule::document::ContractPart;
use crate::syntax::{CommandLine, Data, Instruction, Keyword};
use std::collections::{BTreeMap, BTreeSet};

/// The configuration of an image (OCI image specification, `config`), values as written in the Dockerfile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contract {
    /// Variables; `*` where the value differs from version to version of the base image.
    pub env: BTreeMap<String, String>,
    /// Names of the variables that only the base image gives.
    pub inherited_env: BTreeSet<String>,
    /// CMD as written, form included.
    pub cmd: Option<String>,
    /// ENTRYPOINT as written, form included.
    pub entrypoint: Option<String>,
    /// Absolute WORKDIR, or as written where it is not known.
    pub workdir: Option<String>,
    /// USER.
    pub user: Option<String>,
    /// Ports.
    pub expose: BTreeSet<String>,
    /// Volumes.
    pub volumes: BTreeSet<String>,
    /// Labels as written.
    pub labels: Vec<String>,
    /// HEALTHCHECK as written.
    pub healthcheck: Option<String>,
    /// STOPSIGNAL.
    pub stopsignal: Option<String>,
    /// SHELL as written.
    pub shell: Option<String>,
    /// ONBUILD as written.
    pub onbuild: Vec<String>,
}

/// A part of the contract that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which part.
    pub part: ContractPart,
    /// What it was and what it is, for a person.
    pub text: String,
}

/// What a base image's configuration gives, by the table `base-config`.
pub fn inherited(base: &Base, rules: &RuleSet) -> Contract {
    let mut contract = Contract::default();
    let (Some(class), Some(table)) = (&base.config, rules.table("base-config")) else {
        return contract;
    };
    for row in table.rows(&[class]) {
        let (Some(instruction), Some(value)) = (row.get("instruction"), row.get("value")) else {
            continue;
        };
        match instruction {
            "ENV" => {
                let (name, value) = value.split_once('=').unwrap_or((value, "*"));
                contract.env.insert(name.into(), value.into());
                contract.inherited_env.insert(name.into());
            }
            "CMD" => contract.cmd = Some(value.into()),
            "ENTRYPOINT" => contract.entrypoint = Some(value.into()),
            "WORKDIR" => contract.workdir = Some(value.into()),
            "USER" => contract.user = Some(value.into()),
            "STOPSIGNAL" => contract.stopsignal = Some(value.into()),
            "EXPOSE" => contract
                .expose
                .extend(value.split_whitespace().map(str::to_string)),
            "VOLUME" => contract
                .volumes
                .extend(value.split_whitespace().map(str::to_string)),
            _ => {}
        }
    }
    contract
}

impl Contract {
    /// The contract of a stage's image.
    pub fn of(model: &StageModel<'_>, rules: &RuleSet) -> Self {
        let mut contract = inherited(&model.base, rules);
        for step in &model.steps {
            contract.apply(step.instruction, &step.state, model.file.escape);
        }
        if model.has(Keyword::Entrypoint) && !model.has(Keyword::Cmd) {
            // An ENTRYPOINT drops the CMD that the base image gave.
            contract.cmd = None;
        }
        if model.end.workdir_set {
            let written = || {
                model
                    .last(Keyword::Workdir)
                    .map(|step| step.instruction.text.text.trim().to_string())
            };
            contract.workdir = model.end.workdir.clone().or_else(written);
        }
        contract.workdir = contract.workdir.filter(|workdir| workdir != "/");
        contract.user = contract
            .user
            .filter(|user| !matches!(user.as_str(), "root" | "0" | ""));
        contract
    }

    fn apply(&mut self, instruction: &Instruction, state: &super::State, escape: char) {
        let text = || form(instruction);
        match (&instruction.keyword, &instruction.data) {
            (Keyword::Env, Data::Pairs { pairs, .. }) => {
                for pair in pairs {
                    let name = pair.key.text().to_string();
                    let value = pair.value.as_ref().map(|value| {
                        state
                            .expand(&value.raw, escape)
                            .unwrap_or_else(|| value.raw.clone())
                    });
                    self.inherited_env.remove(&name);
                    self.env.insert(name, value.unwrap_or_default());
                }
            }
            (Keyword::Label, Data::Pairs { pairs, .. }) => {
                self.labels.extend(pairs.iter().map(|pair| {
                    format!(
                        "{}={}",
                        pair.key.text(),
                        pair.value.as_ref().map_or("", |value| &value.raw)
                    )
                }));
            }
            (Keyword::Maintainer, _) => self.labels.push(format!("MAINTAINER {}", text())),
            (Keyword::Cmd, _) => self.cmd = Some(text()),
            (Keyword::Entrypoint, _) => {
                self.entrypoint = Some(text());
            }
            (Keyword::User, Data::Text(word)) => self.user = Some(word.text().to_string()),
            (Keyword::Expose, _) => self.expose.extend(words(instruction)),
            (Keyword::Volume, _) => self.volumes.extend(words(instruction)),
            (Keyword::Healthcheck, _) => {
                self.healthcheck = Some(format!(
                    "{} {}",
                    instruction
                        .flags
                        .iter()
                        .map(|flag| format!(
                            "--{}={}",
                            flag.name,
                            flag.value.as_deref().unwrap_or("")
                        ))
                        .collect::<Vec<_>>()
                        .join(" "),
                    text()
                ))
            }
            (Keyword::Stopsignal, Data::Text(word)) => {
                self.stopsignal = Some(word.text().to_string())
            }
            (Keyword::Shell, _) => self.shell = Some(text()),
            (Keyword::Onbuild, _) => self.onbuild.push(text()),
            _ => {}
        }
    }

    /// What differs in `after`.
    pub fn differences(&self, after: &Contract) -> Vec<Difference> {
        let mut found = Vec::new();
        let mut check = |part, name: &str, before: String, after: String| {
            if before != after {
                found.push(Difference {
                    part,
                    text: format!("{name} was {before} and would be {after}"),
                });
            }
        };
        let one = |value: &Option<String>| shown(value.as_ref());
        let set = |values: &BTreeSet<String>| list(values.iter());
        use ContractPart as Part;
        check(Part::Cmd, "CMD", one(&self.cmd), one(&after.cmd));
        check(
            Part::Entrypoint,
            "ENTRYPOINT",
            one(&self.entrypoint),
            one(&after.entrypoint),
        );
        check(
            Part::Workdir,
            "WORKDIR",
            one(&self.workdir),
            one(&after.workdir),
        );
        check(Part::User, "USER", one(&self.user), one(&after.user));
        check(
            Part::Expose,
            "EXPOSE",
            set(&self.expose),
            set(&after.expose),
        );
        check(
            Part::Volume,
            "VOLUME",
            set(&self.volumes),
            set(&after.volumes),
        );
        check(
            Part::Label,
            "LABEL",
            list(self.labels.iter()),
            list(after.labels.iter()),
        );
        check(
            Part::Healthcheck,
            "HEALTHCHECK",
            one(&self.healthcheck),
            one(&after.healthcheck),
        );
        check(
            Part::Stopsignal,
            "STOPSIGNAL",
            one(&self.stopsignal),
            one(&after.stopsignal),
        );
        check(Part::Shell, "SHELL", one(&self.shell), one(&after.shell));
        check(
            Part::Onbuild,
            "ONBUILD",
            list(self.onbuild.iter()),
            list(after.onbuild.iter()),
        );
        let names: BTreeSet<&String> = self.env.keys().chain(after.env.keys()).collect();
        for name in names {
            let (was, is) = (self.env.get(name), after.env.get(name));
            if was == is {
                continue;
            }
            let part = match name.as_str() {
                "PATH" => ContractPart::Path,
                _ if self.inherited_env.contains(name) || after.inherited_env.contains(name) => {
                    ContractPart::InheritedEnv
                }
                _ => ContractPart::Env,
            };
            found.push(Difference {
                part,
                text: format!("ENV {name} was {} and would be {}", shown(was), shown(is)),
            });
        }
        found
    }
}

fn shown(value: Option<&String>) -> String {
    value.map_or("not set".into(), |value| format!("`{value}`"))
}

fn list<'a>(values: impl Iterator<Item = &'a String>) -> String {
    let values: Vec<String> = values.map(|value| format!("`{value}`")).collect();
    if values.is_empty() {
        "not set".into()
    } else {
        values.join(", ")
    }
}

/// The arguments in one spelling: an exec form as JSON, a shell form as its joined text.
fn form(instruction: &Instruction) -> String {
    let exec = match &instruction.data {
        Data::Command(CommandLine::Exec(words))
        | Data::Healthcheck(Some(CommandLine::Exec(words)))
        | Data::Shell(words) => words,
        _ => return instruction.text.text.trim().to_string(),
    };
    let words: Vec<&str> = exec.iter().map(crate::syntax::Word::text).collect();
    serde_json::to_string(&words).unwrap_or_default()
}
