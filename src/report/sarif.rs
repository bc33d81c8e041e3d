//! SARIF 2.1.0, for code scanning
//! (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html>).
//!
//! Changes are results. Refusals and errors are notifications of the run: they tell about dockopt's work, and
//! are nothing that a project has to mend before its next merge.

use serde_json::{Value, json};

use super::location::uri;
use super::text::{first_sentence, name};
use super::{FileReport, Report};
use crate::engine::{Change, Level, Refusal};

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
                for refusal in &outcome.refusals {
                    notifications.push(refused(file, refusal, rules.of_refusal(refusal)));
                }
            }
            Err(problem) => {
                let place = location(file, problem.line.unwrap_or(1), problem.column);
                let text = match &problem.help {
                    Some(help) => format!("{}. Help: {help}.", problem.message),
                    None => format!("{}.", problem.message),
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
        let descriptor = &mut self.descriptors[index];
        if descriptor.get("fullDescription").is_none() && !change.why.trim().is_empty() {
            descriptor["fullDescription"] = json!({"text": first_sentence(&change.why)});
            descriptor["help"] = json!({"text": change.why.trim(), "markdown": change.why.trim()});
        }
        if let (None, Some(link)) = (descriptor.get("helpUri"), change.links.first()) {
            descriptor["helpUri"] = json!(link);
        }
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
    let mut text = format!("{}.", change.title);
    for evidence in &change.evidence {
        text.push_str(&format!(" Evidence: {}.", evidence.text));
    }
    if let Some(risk) = &change.risk {
        text.push_str(&format!(" Risk: {risk}"));
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

fn refused(file: &FileReport, refusal: &Refusal, index: usize) -> Value {
    json!({
        "level": "note",
        "message": {"text": format!("Refused: {}. Help: {}.", refusal.message, refusal.allow)},
        "locations": [location(file, refusal.line, Some(refusal.column))],
        "associatedRule": {"id": refusal.rule, "index": index},
        "properties": {"reason": refusal.reason},
    })
}

fn location(file: &FileReport, line: usize, column: Option<usize>) -> Value {
    let mut region = json!({"startLine": line.max(1)});
    if let Some(column) = column {
        region["startColumn"] = json!(column.max(1));
    }
    json!({"physicalLocation": {"artifactLocation": {"uri": uri(file.location.path())}, "region": region}})
}
