//! Workflow commands that GitHub Actions shows as annotations
//! (<https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>).

use std::fmt::Write;

use super::text::{first_sentence, name};
use super::theme::line;
use super::{FileReport, Report};

/// One annotation for each change and finding (`warning`), refusal (`notice`) and error (`error`).
pub fn github(report: &Report) -> String {
    let mut text = String::new();
    for file in &report.files {
        file_annotations(file, report.written, &mut text);
    }
    text
}

fn file_annotations(file: &FileReport, written: bool, text: &mut String) {
    let path = super::slashed(file.location.path());
    let outcome = match &file.result {
        Ok(outcome) => outcome,
        Err(problem) => {
            let message = match &problem.help {
                Some(help) => format!("{}\nhelp: {help}", problem.message),
                None => problem.message.clone(),
            };
            command(
                text,
                "error",
                &path,
                (problem.line.unwrap_or(1), problem.column),
                "dockopt",
                &message,
            );
            return;
        }
    };
    // What was written is done: it only asks to be known.
    let kind = if written { "notice" } else { "warning" };
    for change in &outcome.changes {
        let mut message = format!("{} [{}]", change.title, name(change.level));
        for part in [first_sentence(&change.why), risk(change.risk.as_deref())] {
            if !part.is_empty() {
                message.push('\n');
                message.push_str(&part);
            }
        }
        command(
            text,
            kind,
            &path,
            (change.line, None),
            &change.rule,
            &message,
        );
    }
    for finding in &outcome.findings {
        let mut message = finding.message.clone();
        for part in [
            first_sentence(&finding.why),
            format!("help: {}", line(&finding.help)),
        ] {
            if !matches!(part.as_str(), "" | "help: ") {
                message.push('\n');
                message.push_str(&part);
            }
        }
        command(
            text,
            "warning",
            &path,
            (finding.line, Some(finding.column)),
            &finding.rule,
            &message,
        );
    }
    for refusal in &outcome.refusals {
        let message = format!(
            "refused: {} [{}]\nhelp: {}",
            refusal.message, refusal.reason, refusal.allow
        );
        command(
            text,
            "notice",
            &path,
            (refusal.line, Some(refusal.column)),
            &refusal.rule,
            &message,
        );
    }
}

fn risk(risk: Option<&str>) -> String {
    risk.map(|risk| format!("risk: {}", line(risk)))
        .unwrap_or_default()
}

fn command(
    text: &mut String,
    kind: &str,
    path: &str,
    (line, column): (usize, Option<usize>),
    title: &str,
    message: &str,
) {
    let _ = write!(text, "::{kind} file={},line={line}", property(path));
    if let Some(column) = column {
        let _ = write!(text, ",col={column}");
    }
    let _ = writeln!(text, ",title={}::{}", property(title), data(message));
}

/// The message of a command: percent signs and newlines escaped.
fn data(text: &str) -> String {
    super::theme::clean(text)
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// A property of a command: colons and commas escaped as well.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::super::samples::{broken, node, refused, report};
    use super::*;

    #[test]
    fn each_change_refusal_and_error_is_an_annotation() {
        insta::assert_snapshot!(github(&report(vec![node(), broken("b/Dockerfile")])), @r#"
        ::warning file=Dockerfile,line=1,title=node-split::Build in one stage, run in a slim one [review]%0ACompilers and development dependencies stay out of the image.%0Arisk: A file that is read at run time and named nowhere would be missing.
        ::warning file=Dockerfile,line=3,title=ignore-node::Leave `node_modules` out of the build context [safe]%0AWhat the context holds is sent and hashed at every build.
        ::warning file=Dockerfile,line=4,col=1,title=secret-in-env::`NPM_TOKEN` looks like a secret%0AWho has the image has the value.%0Ahelp: give it to the one RUN that needs it: --mount=type=secret
        ::notice file=Dockerfile,line=6,col=1,title=prune-dev::refused: `npm start` needs `nest`, a development dependency [start]%0Ahelp: start the built file itself: CMD ["node", "dist/main"]
        ::error file=b/Dockerfile,line=2,col=1,title=dockopt::unknown instruction `RUNN`%0Ahelp: did you mean `RUN`?
        "#);
    }

    #[test]
    fn a_file_cannot_speak_to_github() {
        let mut file = refused("a,b:c/Dockerfile\n::set-output");
        if let Ok(outcome) = &mut file.result {
            outcome.refusals[0].message = "x\n::error::y 100%".to_owned();
        }
        let text = github(&report(vec![file]));
        assert_eq!(text.lines().count(), 1);
        assert!(text.starts_with("::notice file=a%2Cb%3Ac/Dockerfile%0A%3A%3Aset-output,line=6,col=1,title=prune-dev::"), "{text}");
        assert!(text.contains("x%0A::error::y 100%25"), "{text}");
    }
}
