//! Which differences of the configuration the applied rules declare.

use std::collections::BTreeSet;

use super::config::Difference;
use super::plan::Declared;
use crate::rule::document::ContractPart;
use crate::syntax::{Data, Dockerfile, Keyword};

/// The rule that says it may change this part. `set` are the variables that the Dockerfile sets itself: only others are
/// inherited from the base image.
pub(super) fn by(
    difference: &Difference,
    declared: &[Declared],
    set: &BTreeSet<String>,
) -> Option<String> {
    let found = declared.iter().find(|it| covers(it.part, difference, set));
    found.map(|it| it.rule.clone())
}

/// The variables that ENV instructions of a Dockerfile set.
pub(super) fn variables(dockerfile: &str) -> BTreeSet<String> {
    let Ok(file) = Dockerfile::parse(dockerfile) else {
        return BTreeSet::new();
    };
    let env = file
        .instructions
        .iter()
        .filter(|it| it.keyword == Keyword::Env);
    env.flat_map(|it| match &it.data {
        Data::Pairs { pairs, .. } => pairs
            .iter()
            .map(|pair| pair.key.text().to_string())
            .collect(),
        _ => Vec::new(),
    })
    .collect()
}

fn covers(part: ContractPart, difference: &Difference, set: &BTreeSet<String>) -> bool {
    if let Some(name) = difference.part.strip_prefix("env:") {
        return match part {
            ContractPart::Env => true,
            ContractPart::Path => name == "PATH",
            ContractPart::BuildEnv => difference.after.is_none() && set.contains(name),
            // PATH has something of the base image in it, whoever else adds to it.
            ContractPart::InheritedEnv => !set.contains(name) || name == "PATH",
            _ => false,
        };
    }
    let name = match part {
        ContractPart::Label => return difference.part.starts_with("label:"),
        ContractPart::Cmd => "cmd",
        ContractPart::Entrypoint => "entrypoint",
        ContractPart::Workdir => "workdir",
        ContractPart::User => "user",
        ContractPart::Expose => "expose",
        ContractPart::Volume => "volume",
        ContractPart::Healthcheck => "healthcheck",
        ContractPart::Stopsignal => "stopsignal",
        ContractPart::Shell => "shell",
        ContractPart::Onbuild => "onbuild",
        ContractPart::Path
        | ContractPart::BuildEnv
        | ContractPart::InheritedEnv
        | ContractPart::Env => return false,
    };
    difference.part == name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(part: ContractPart, name: &str, after: Option<&str>) -> bool {
        let declared = [Declared {
            rule: "r".into(),
            part,
        }];
        let difference = Difference {
            part: name.into(),
            before: Some("a".into()),
            after: after.map(Into::into),
        };
        let set = variables("FROM golang:1.26\nENV MODE=a CGO_ENABLED=0\n");
        by(&difference, &declared, &set).is_some()
    }

    #[test]
    fn what_the_base_image_set_is_told_from_what_the_dockerfile_sets() {
        use ContractPart::{BuildEnv, Env, InheritedEnv};
        assert!(allowed(InheritedEnv, "env:GOPATH", None));
        assert!(allowed(InheritedEnv, "env:PATH", Some("b")));
        assert!(!allowed(InheritedEnv, "env:MODE", None));
        assert!(allowed(BuildEnv, "env:CGO_ENABLED", None));
        assert!(!allowed(BuildEnv, "env:CGO_ENABLED", Some("1")));
        assert!(!allowed(BuildEnv, "env:GOPATH", None));
        assert!(allowed(Env, "env:MODE", Some("b")));
    }

    #[test]
    fn a_part_covers_itself_alone() {
        assert!(allowed(ContractPart::Label, "label:a", None));
        assert!(allowed(ContractPart::User, "user", None));
        assert!(!allowed(ContractPart::User, "cmd", None));
        assert!(!allowed(ContractPart::InheritedEnv, "cmd", None));
    }
}
