//! The configuration of an image: what `docker image inspect` shows under `Config`.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

/// What containers of an image start with, part by part, in a form that can be compared.
///
/// Parts are named after the instruction that sets them: `cmd`, `entrypoint`, `workdir`, `user`,
/// `expose`, `volume`, `healthcheck`, `stopsignal`, `shell`, `onbuild`, and one part for each
/// variable and label: `env:NAME`, `label:NAME`. A part that is not set is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageConfig {
    parts: BTreeMap<String, String>,
}

/// A part in which two images differ.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Difference {
    /// The part's name.
    pub part: String,
    /// Its value in the first image.
    pub before: Option<String>,
    /// Its value in the second.
    pub after: Option<String>,
}

impl ImageConfig {
    /// Reads the JSON object that engines keep under `Config`.
    pub(super) fn read(config: &Value) -> ImageConfig {
        let get = |key: &str| config.get(key).unwrap_or(&Value::Null);
        let mut parts = BTreeMap::new();
        for entry in get("Env")
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            let (name, value) = entry.split_once('=').unwrap_or((entry, ""));
            parts.insert(format!("env:{name}"), value.to_string());
        }
        for (name, value) in get("Labels").as_object().into_iter().flatten() {
            parts.insert(
                format!("label:{name}"),
                value.as_str().unwrap_or_default().to_string(),
            );
        }
        for (part, key) in [
            ("cmd", "Cmd"),
            ("entrypoint", "Entrypoint"),
            ("shell", "Shell"),
            ("onbuild", "OnBuild"),
            ("healthcheck", "Healthcheck"),
        ] {
            parts.insert(part.to_string(), whole(get(key)));
        }
        for (part, key) in [("expose", "ExposedPorts"), ("volume", "Volumes")] {
            parts.insert(part.to_string(), names(get(key)));
        }
        parts.insert(
            "stopsignal".to_string(),
            get("StopSignal").as_str().unwrap_or_default().to_string(),
        );
        parts.insert(
            "workdir".to_string(),
            workdir(get("WorkingDir").as_str().unwrap_or_default()),
        );
        parts.insert(
            "user".to_string(),
            user(get("User").as_str().unwrap_or_default()),
        );
        // An empty variable or label is something else than none; an empty part of the rest is not.
        parts.retain(|part, value| part.contains(':') || !value.is_empty());
        ImageConfig { parts }
    }

    /// The value of a part.
    pub fn get(&self, part: &str) -> Option<&str> {
        self.parts.get(part).map(String::as_str)
    }

    /// The TCP ports that it exposes, in order.
    pub fn ports(&self) -> Vec<u16> {
        let exposed = self.get("expose").unwrap_or_default().split(' ');
        let mut ports: Vec<u16> = exposed
            .filter_map(|port| port.strip_suffix("/tcp")?.parse().ok())
            .collect();
        ports.sort_unstable();
        ports
    }

    /// The parts in which `after` differs from `self`, in order of their names.
    pub fn differences(&self, after: &ImageConfig) -> Vec<Difference> {
        let mut names: Vec<&String> = self.parts.keys().chain(after.parts.keys()).collect();
        names.sort();
        names.dedup();
        names
            .into_iter()
            .map(|part| Difference {
                part: part.clone(),
                before: self.parts.get(part).cloned(),
                after: after.parts.get(part).cloned(),
            })
            .filter(|difference| difference.before != difference.after)
            .collect()
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show =
            |value: &Option<String>| value.clone().unwrap_or_else(|| "(not set)".to_string());
        write!(
            f,
            "{}: {} → {}",
            self.part,
            show(&self.before),
            show(&self.after)
        )
    }
}

/// Lists and objects as JSON; null and empty ones as nothing.
fn whole(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Array(items) if items.is_empty() => String::new(),
        other => other.to_string(),
    }
}

fn names(value: &Value) -> String {
    let mut names: Vec<&str> = value
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect();
    names.sort_unstable();
    names.join(" ")
}

/// No working directory and `/` are the same place.
fn workdir(path: &str) -> String {
    let trimmed = path.trim_end_matches('/');
    trimmed.to_string()
}

/// The superuser has several names.
fn user(name: &str) -> String {
    let is_root = |name: &str| matches!(name, "" | "0" | "root");
    let (user, group) = name.split_once(':').unwrap_or((name, ""));
    if is_root(user) && is_root(group) {
        String::new()
    } else {
        name.to_string()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn config(json: &str) -> ImageConfig {
        ImageConfig::read(&serde_json::from_str(json).unwrap())
    }

    fn differing(before: &str, after: &str) -> Vec<String> {
        config(before)
            .differences(&config(after))
            .iter()
            .map(Difference::to_string)
            .collect()
    }

    #[test]
    fn the_same_configuration_in_other_words_does_not_differ() {
        let before = r#"{"User":"","WorkingDir":"","Cmd":null,"ExposedPorts":{"80/tcp":{},"443/tcp":{}},"Env":["A=1","B=2"],"Labels":null}"#;
        let after = r#"{"User":"0:0","WorkingDir":"/","Cmd":[],"ExposedPorts":{"443/tcp":{},"80/tcp":{}},"Env":["B=2","A=1"],"Labels":{}}"#;
        assert_eq!(differing(before, after), Vec::<String>::new());
    }

    #[test]
    fn ports_are_numbers_in_order() {
        let exposed = r#"{"ExposedPorts":{"8080/tcp":{},"53/udp":{},"80/tcp":{}}}"#;
        assert_eq!(config(exposed).ports(), [80, 8080]);
    }

    #[test]
    fn each_part_that_differs_is_named() {
        let before = r#"{"User":"node","Cmd":["node","a.js"],"Env":["A=1","EMPTY="],"Healthcheck":{"Test":["CMD","true"]},"Labels":{"v":"1"}}"#;
        let after = r#"{"User":"","Cmd":["node","b.js"],"Env":["A=2"],"StopSignal":"SIGINT","Labels":{"v":"1"}}"#;
        assert_eq!(
            differing(before, after),
            [
                r#"cmd: ["node","a.js"] → ["node","b.js"]"#,
                "env:A: 1 → 2",
                "env:EMPTY:  → (not set)",
                r#"healthcheck: {"Test":["CMD","true"]} → (not set)"#,
                "stopsignal: (not set) → SIGINT",
                "user: node → (not set)",
            ]
        );
    }
}
