//! What the command prints and how it ends; the cases are data: `tests/cmd/`.
//!
//! `TRYCMD=overwrite cargo test --test cli` writes what the command says now; read the difference before a commit.
#![allow(clippy::unwrap_used)]

use std::process::Command;

#[test]
fn commands() {
    trycmd::TestCases::new()
        .case("tests/cmd/*.trycmd")
        .case("tests/cmd/*.toml");
}

/// The schemas that editors and programs read are those of this very code.
#[test]
fn schemas_are_current() {
    for (kind, arguments) in [
        ("report", ["schema", "report"]),
        ("config", ["schema", "config"]),
        ("rule", ["rules", "schema"]),
    ] {
        let path = format!("rules/schema/{kind}.json");
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            dockopt(&arguments) == kept,
            "{path} is out of date: cargo run -- {} > {path}",
            arguments.join(" ")
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
#[cfg(unix)]
#[test]
fn a_closed_pipe_is_taken_quietly() {
    let script = format!(
        "{} completions bash | head -n 1; {0} man 2>&1 >&-",
        env!("CARGO_BIN_EXE_dockopt")
    );
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned()
        + &String::from_utf8_lossy(&output.stdout);
    assert!(!said.contains("panicked"), "{said}");
}

fn dockopt(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_dockopt"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}
