//! SARIF 2.1.0, for code scanning
//! (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html>).
//!
//! Changes and findings are results. Refusals and errors are notifications of the run: they tell about dockopt's work, and
//! are nothing that a project has to mend before its next merge.

use serde_json::{Value, json};

use super::location::uri;
use super::text::{first_sentence, name};
use super::{FileReport, Report};
use crate::engine::{Change, Finding, Level, Refusal};

/// The report as a SARIF log with one run.
pub fn sarif(report: &Report) -> String {
    let mut rules = Rules::default();
    let mut results = Vec::new();
    let mut notifications = Vec::new();
    for file in &report.files {
        match &file.result {
            Ok(outcome) => {
                for change in &outcome.changes {
                    results.push(result(file, change, rules.of_change(change)));
                }
                for finding in &outcome.findings {
                    results.push(found(file, finding, rules.of_finding(finding)));
                }
                for refusal in &outcome.refusals {
                    notifications.push(refused(file, refusal, rules.of_refusal(refusal)));
                }
            }
            Err(problem) => {
                let place = location(file, problem.line.unwrap_or(1), problem.column);
                let text = match &problem.help {
                    Some(help) => {
                        format!("{} Help: {}", sentence(&problem.message), sentence(help))
                    }
                    None => sentence(&problem.message),
                };
                notifications.push(
                    json!({"level": "error", "message": {"text": text}, "locations": [place]}),
                );
            }
        }
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "dockopt",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.descriptors,
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": report.totals().errors == 0,
                "toolExecutionNotifications": notifications,
            }],
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

/// The rules that the results name, each once, in order of appearance.
#[derive(Default)]
struct Rules {
    ids: Vec<String>,
    descriptors: Vec<Value>,
}

impl Rules {
    fn of_change(&mut self, change: &Change) -> usize {
        let index = self.index(&change.rule, &change.title);
        self.describe(index, &change.why, &change.links);
        index
    }

    fn describe(&mut self, index: usize, why: &str, links: &[String]) {
        let descriptor = &mut self.descriptors[index];
        let why = why.trim();
        if descriptor.get("fullDescription").is_none() && !why.is_empty() {
            descriptor["fullDescription"] = json!({"text": first_sentence(why)});
            descriptor["help"] = json!({"text": why, "markdown": why});
        }
        if let (None, Some(link)) = (descriptor.get("helpUri"), links.first()) {
            descriptor["helpUri"] = json!(link);
        }
    }

    fn of_finding(&mut self, finding: &Finding) -> usize {
        let index = self.index(&finding.rule, &finding.title);
        self.describe(index, &finding.why, &finding.links);
        index
    }

    fn of_refusal(&mut self, refusal: &Refusal) -> usize {
        self.index(&refusal.rule, &refusal.title)
    }

    fn index(&mut self, id: &str, title: &str) -> usize {
        self.ids
            .iter()
            .position(|known| known == id)
            .unwrap_or_else(|| {
                self.ids.push(id.to_owned());
                self.descriptors
                    .push(json!({"id": id, "shortDescription": {"text": title}}));
                self.ids.len() - 1
            })
    }
}

fn result(file: &FileReport, change: &Change, index: usize) -> Value {
    let mut text = sentence(&change.title);
    for evidence in &change.evidence {
        text.push_str(&format!(" Evidence: {}", sentence(&evidence.text)));
    }
    if let Some(risk) = &change.risk {
        text.push_str(&format!(" Risk: {}", sentence(risk)));
    }
    // What changes behaviour deserves a look before what cannot.
    let level = if change.level == Level::Safe {
        "note"
    } else {
        "warning"
    };
    json!({
        "ruleId": change.rule,
        "ruleIndex": index,
        "level": level,
        "message": {"text": text},
        "locations": [location(file, change.line, None)],
        "properties": {"safety": name(change.level)},
    })
}

fn found(file: &FileReport, finding: &Finding, index: usize) -> Value {
    let mut text = sentence(&finding.message);
    for evidence in &finding.evidence {
        text.push_str(&format!(" Evidence: {}", sentence(&evidence.text)));
    }
    if !finding.help.trim().is_empty() {
        text.push_str(&format!(" Help: {}", sentence(&finding.help)));
    }
    json!({
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": "warning",
        "message": {"text": text},
        "locations": [location(file, finding.line, Some(finding.column))],
    })
}

fn refused(file: &FileReport, refusal: &Refusal, index: usize) -> Value {
    json!({
        "level": "note",
        "message": {"text": format!("Refused: {} Help: {}", sentence(&refusal.message), sentence(&refusal.allow))},
        "locations": [location(file, refusal.line, Some(refusal.column))],
        "associatedRule": {"id": refusal.rule, "index": index},
        "properties": {"reason": refusal.reason},
    })
}

/// The text with a mark at its end.
fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '?', '!']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}

fn location(file: &FileReport, line: usize, column: Option<usize>) -> Value {
    let mut region = json!({"startLine": line.max(1)});
    if let Some(column) = column {
        region["startColumn"] = json!(column.max(1));
    }
    json!({"physicalLocation": {"artifactLocation": {"uri": uri(file.location.path())}, "region": region}})
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::samples::{broken, node, refused, report, unchanged};
    use super::*;

    fn log(files: Vec<FileReport>) -> Value {
        serde_json::from_str(&sarif(&report(files))).unwrap()
    }

    /// Every object that the standard describes, with the properties that it requires of it.
    fn check(run: &Value) {
        let driver = &run["tool"]["driver"];
        assert!(driver["name"].is_string());
        let rules = driver["rules"].as_array().unwrap();
        for rule in rules {
            assert!(rule["id"].is_string());
            assert!(rule["shortDescription"]["text"].is_string());
        }
        for result in run["results"].as_array().unwrap() {
            assert!(!result["message"]["text"].as_str().unwrap().is_empty());
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(rules[index]["id"], result["ruleId"]);
            assert!(
                ["none", "note", "warning", "error"].contains(&result["level"].as_str().unwrap())
            );
            check_places(result);
        }
        for invocation in run["invocations"].as_array().unwrap() {
            assert!(invocation["executionSuccessful"].is_boolean());
            for notification in invocation["toolExecutionNotifications"].as_array().unwrap() {
                assert!(!notification["message"]["text"].as_str().unwrap().is_empty());
                check_places(notification);
                if let Some(rule) = notification.get("associatedRule") {
                    let index = usize::try_from(rule["index"].as_u64().unwrap()).unwrap();
                    assert_eq!(rules[index]["id"], rule["id"]);
                }
            }
        }
    }

    fn check_places(holder: &Value) {
        for place in holder["locations"].as_array().unwrap() {
            let physical = &place["physicalLocation"];
            assert!(physical["artifactLocation"]["uri"].is_string());
            assert!(physical["region"]["startLine"].as_u64().unwrap() >= 1);
            assert!(
                physical["region"]
                    .get("startColumn")
                    .is_none_or(|column| column.as_u64() >= Some(1))
            );
        }
    }

    #[test]
    fn what_the_standard_requires_is_there() {
        let log = log(vec![
            node(),
            unchanged("a/Dockerfile"),
            refused("b c/Dockerfile"),
            broken("d/Dockerfile"),
        ]);
        assert_eq!(log["version"], "2.1.0");
        assert!(log["$schema"].as_str().unwrap().contains("sarif-2.1.0"));
        for run in log["runs"].as_array().unwrap() {
            check(run);
        }
    }

    #[test]
    fn changes_are_results_and_the_rest_notifications() {
        let log = log(vec![
            node(),
            refused("b c/Dockerfile"),
            broken("d/Dockerfile"),
        ]);
        let run = &log["runs"][0];
        let ids: Vec<&Value> = run["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|result| &result["ruleId"])
            .collect();
        assert_eq!(ids, ["node-split", "ignore-node", "secret-in-env"]);
        let invocation = &run["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], false);
        let notifications = invocation["toolExecutionNotifications"].as_array().unwrap();
        let levels: Vec<&Value> = notifications
            .iter()
            .map(|notification| &notification["level"])
            .collect();
        assert_eq!(levels, ["note", "note", "error"]);
        let place = &notifications[1]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "b%20c/Dockerfile");
        assert_eq!(
            run["tool"]["driver"]["rules"][0]["helpUri"],
            "https://docs.docker.com/build/building/multi-stage/"
        );
    }
}
