//! What the command prints and how it ends; the cases are data: `tests/cmd/`.
//!
//! `TRYCMD=overwrite cargo test --test cli` writes what the command says now; read the difference before a commit.
#![allow(clippy::unwrap_used)]

use dockopt::{config, report, rule, verify};
use std::process::{Command, Stdio};

#[test]
fn commands() {
    trycmd::TestCases::new()
        .case("tests/cmd/*.trycmd")
        .case("tests/cmd/*.toml")
        .case("README.md");
}

/// The schemas that the program prints for editors and other programs are those of its own types.
#[test]
fn schemas_are_current() {
    for (kind, schema, arguments) in [
        ("report", report::json_schema(), ["schema", "report"]),
        (
            "verify",
            verify::report::json_schema(),
            ["schema", "verify"],
        ),
        ("config", config::json_schema(), ["schema", "config"]),
        ("rule", rule::schema(), ["rules", "schema"]),
    ] {
        let path = format!("rules/schema/{kind}.json");
        let current = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::write(&path, current).unwrap();
            continue;
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            current == kept && dockopt(&arguments) == kept,
            "{path} is out of date: UPDATE_SCHEMAS=1 cargo test --test cli schemas"
        );
    }
}

#[test]
fn a_completion_script_is_made_for_every_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        assert!(
            dockopt(&["completions", shell]).contains("dockopt"),
            "{shell}"
        );
    }
}

#[test]
fn the_manual_page_has_every_command() {
    let page = dockopt(&["man"]);
    for heading in [
        ".TH dockopt 1",
        ".SH DOCKOPT FIX",
        ".SH DOCKOPT COMPLETIONS",
    ] {
        assert!(page.contains(heading), "{heading}");
    }
}

/// A reader that goes away (`| head`) is no error and no panic.
#[test]
fn a_closed_pipe_is_taken_quietly() {
    let mut child = command(&["completions", "bash"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

/// Every way to show a change shows the same one.
#[test]
fn the_json_report_holds_the_diff() {
    let ask = |format: &str| {
        let arguments = [
            "fix", "--rules", "rules", "--select", "mine", "--format", format, "service",
        ];
        let output = command(&arguments)
            .current_dir("tests/cmd/fix.in")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stdout).unwrap()
    };
    let report: serde_json::Value = serde_json::from_str(&ask("json")).unwrap();
    assert_eq!(report["version"], 1);
    assert_eq!(report["files"][0]["path"], "service/Dockerfile");
    assert_eq!(report["files"][0]["diff"].as_str().unwrap(), ask("diff"));
    assert_eq!(report["files"][1]["status"], "unchanged");
    let log: serde_json::Value = serde_json::from_str(&ask("sarif")).unwrap();
    assert_eq!(
        log["runs"][0]["results"][0]["ruleId"],
        report["files"][0]["changes"][0]["rule"]
    );
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dockopt"));
    command.args(arguments);
    command
}

fn dockopt(arguments: &[&str]) -> String {
    let output = command(arguments).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// What is written is what the diff shows: newlines, byte order mark and missing final newline included.
#[test]
fn writing_keeps_every_other_byte() {
    let temp = tempfile::tempdir().unwrap();
    let path = temp.path().join("Dockerfile");
    let before = "\u{feff}FROM python:3.13\r\n# a\rb\r\nRUN pip \\\r\n\r\n  install flask";
    std::fs::write(&path, before).unwrap();
    let output = command(&[
        "fix",
        "--rules",
        "tests/cmd/fix.in/rules",
        "--select",
        "mine",
        "--write",
    ])
    .arg(&path)
    .output()
    .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let after = before.replace("install", "install --no-cache-dir");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), after);
}

/// A file that cannot be written is an error; the others are written all the same.
#[cfg(unix)]
#[test]
fn one_file_that_cannot_be_written_holds_up_no_other() {
    let temp = tempfile::tempdir().unwrap();
    let text = "FROM python:3.13\nRUN pip install flask\n";
    let linked = temp.path().join("a.Dockerfile");
    let free = temp.path().join("b.Dockerfile");
    for path in [&linked, &free] {
        std::fs::write(path, text).unwrap();
    }
    std::fs::hard_link(&linked, temp.path().join("other-name")).unwrap();
    let output = command(&[
        "fix",
        "--rules",
        "tests/cmd/fix.in/rules",
        "--select",
        "mine",
        "--write",
    ])
    .arg(temp.path())
    .output()
    .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(std::fs::read_to_string(&linked).unwrap(), text);
    assert!(
        std::fs::read_to_string(&free)
            .unwrap()
            .contains("--no-cache-dir")
    );
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("a.Dockerfile: error: it is not written: it has 2 names"),
        "{said}"
    );
    assert!(
        said.contains("Changed 1 of 2 files (1 change), 1 error."),
        "{said}"
    );
}
