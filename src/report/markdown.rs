//! Markdown for the text of a pull request.

use std::fmt::Write;

use super::text::{count, name, source};
use super::theme::clean;
use super::{FileReport, Report};
use crate::engine::{Change, Outcome};

/// Changes with their reasons, then what was found and what was refused, per file.
pub fn markdown(report: &Report) -> String {
    let mut text = String::new();
    let several = report.files.len() > 1;
    for file in &report.files {
        let place = code(&file.location.shown());
        match &file.result {
            Ok(outcome)
                if outcome.changes.is_empty()
                    && outcome.findings.is_empty()
                    && outcome.refusals.is_empty() => {}
            Ok(outcome) => {
                if several {
                    let _ = writeln!(text, "## {place}\n");
                }
                changes(file, outcome, &mut text);
                findings(outcome, &mut text);
                refusals(outcome, &mut text);
            }
            Err(problem) => {
                let line = problem
                    .line
                    .map(|line| format!(" line {line}:"))
                    .unwrap_or_default();
                let _ = writeln!(text, "**{place}**:{line} {}\n", inline(&problem.message));
            }
        }
    }
    if text.is_empty() {
        text.push_str("Nothing to change.\n");
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}

fn changes(file: &FileReport, outcome: &Outcome, text: &mut String) {
    for change in &outcome.changes {
        let _ = writeln!(text, "### {}\n", inline(&change.title));
        if !change.why.trim().is_empty() {
            let _ = writeln!(text, "{}\n", unwrapped(&change.why));
        }
        for (kind, item) in items(file, change) {
            let _ = writeln!(text, "- **{kind}:** {item}");
        }
        text.push('\n');
    }
}

/// The points below a change.
fn items(file: &FileReport, change: &Change) -> Vec<(&'static str, String)> {
    let mut items = Vec::new();
    for evidence in &change.evidence {
        let from = evidence
            .source
            .as_ref()
            .map(|at| format!(" ({})", code(&source(file, at))))
            .unwrap_or_default();
        items.push(("Evidence", format!("{}{from}", inline(&evidence.text))));
    }
    items.extend(
        change
            .assumptions
            .iter()
            .map(|assumption| ("Assumed", inline(assumption))),
    );
    items.extend(change.risk.iter().map(|risk| ("Risk", inline(risk))));
    items.extend(
        change
            .links
            .iter()
            .map(|link| ("See", format!("<{}>", clean(link)))),
    );
    items.push((
        "Rule",
        format!("{}, level {}", code(&change.rule), name(change.level)),
    ));
    items
}

/// What a person has to decide, as a list.
fn findings(outcome: &Outcome, text: &mut String) {
    if outcome.findings.is_empty() {
        return;
    }
    let _ = writeln!(text, "### Left to you\n");
    for finding in &outcome.findings {
        let help = match finding.help.trim() {
            "" => String::new(),
            help => format!(". To mend it: {}", inline(help)),
        };
        let _ = writeln!(
            text,
            "- line {}, {}: {}{help}",
            finding.line,
            code(&finding.rule),
            inline(&finding.message)
        );
    }
    text.push('\n');
}

fn refusals(outcome: &Outcome, text: &mut String) {
    if outcome.refusals.is_empty() {
        return;
    }
    let _ = writeln!(
        text,
        "<details>\n<summary>{} refused</summary>\n",
        count(outcome.refusals.len(), "change")
    );
    for refusal in &outcome.refusals {
        let place = format!("line {}", refusal.line);
        let _ = writeln!(
            text,
            "- {place}, {}: {}. To allow it: {}",
            code(&refusal.rule),
            inline(&refusal.message),
            inline(&refusal.allow)
        );
    }
    text.push_str("\n</details>\n\n");
}

/// Markdown with each plain paragraph on one line: in a pull request every newline is a line break.
fn unwrapped(markdown: &str) -> String {
    let paragraphs = markdown.trim().split("\n\n").map(|paragraph| {
        // Lists, quotes, tables, headings and code keep their lines.
        let plain =
            |line: &str| line.starts_with(|first: char| first.is_alphabetic() || first == '`');
        let fenced = markdown.contains("```");
        let joined = !fenced && paragraph.lines().all(plain);
        clean(&if joined {
            paragraph.replace('\n', " ")
        } else {
            paragraph.to_owned()
        })
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

/// One line of text that may hold `code`: outside of code nothing of it is Markdown, HTML or a mention.
pub(crate) fn inline(text: &str) -> String {
    let text = super::theme::line(text);
    let mut escaped = String::with_capacity(text.len());
    let spans: Vec<&str> = text.split('`').collect();
    for (index, span) in spans.iter().enumerate() {
        // Between the first and the second backtick stands code; a last one without a partner is a character.
        if index % 2 == 1 && index + 1 < spans.len() {
            escaped.push_str(&code(span));
        } else {
            if index % 2 == 1 {
                escaped.push_str("\\`");
            }
            escape(span, &mut escaped);
        }
    }
    escaped
}

fn escape(text: &str, escaped: &mut String) {
    for character in text.chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            // A character reference is no mention and no issue number.
            '@' => escaped.push_str("&#64;"),
            '#' => escaped.push_str("&#35;"),
            '*' | '_' | '[' | ']' | '\\' | '|' | '!' | '~' => {
                escaped.push('\\');
                escaped.push(character);
            }
            _ => escaped.push(character),
        }
    }
}

/// A code span that holds `text` whatever backticks it has.
pub(crate) fn code(text: &str) -> String {
    let text = clean(text).replace('\n', " ");
    let longest = text
        .split(|character| character != '`')
        .map(str::len)
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') || text.is_empty() {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::super::samples::{broken, node, report, unchanged};
    use super::*;

    #[test]
    fn a_pull_request_tells_what_and_why() {
        insta::assert_snapshot!(markdown(&report(vec![node()])), @r#"
        ### Build in one stage, run in a slim one

        Compilers and development dependencies stay out of the image. It gets smaller.

        Measured on a NestJS app.

        - **Evidence:** `nest build` writes `dist` (`package.json:7`)
        - **Evidence:** `node:22-slim` exists
        - **Assumed:** the sources read no other file at run time
        - **Risk:** A file that is read at run time and named nowhere would be missing.
        - **See:** <https://docs.docker.com/build/building/multi-stage/>
        - **Rule:** `node-split`, level review

        ### Leave `node_modules` out of the build context

        What the context holds is sent and hashed at every build.

        - **Rule:** `ignore-node`, level safe

        ### Left to you

        - line 4, `secret-in-env`: `NPM_TOKEN` looks like a secret. To mend it: give it to the one RUN that needs it: --mount=type=secret

        <details>
        <summary>1 change refused</summary>

        - line 6, `prune-dev`: `npm start` needs `nest`, a development dependency. To allow it: start the built file itself: CMD \["node", "dist/main"\]

        </details>
        "#);
    }

    #[test]
    fn several_files_have_a_heading_each() {
        let text = markdown(&report(vec![
            node(),
            unchanged("a/Dockerfile"),
            broken("b/Dockerfile"),
        ]));
        assert!(text.starts_with("## `Dockerfile`\n"), "{text}");
        assert!(!text.contains("a/Dockerfile"), "{text}");
        assert!(
            text.ends_with("**`b/Dockerfile`**: line 2: unknown instruction `RUNN`\n"),
            "{text}"
        );
        assert_eq!(
            markdown(&report(vec![unchanged("Dockerfile")])),
            "Nothing to change.\n"
        );
    }

    #[test]
    fn text_of_a_file_is_no_markup() {
        assert_eq!(
            inline("<b>@you #1 `a` * `b"),
            "&lt;b&gt;&#64;you &#35;1 `a` \\* \\`b"
        );
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
    }
}
