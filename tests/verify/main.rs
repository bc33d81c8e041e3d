//! `dockopt verify` with an engine that builds nothing: what it asks, what it makes of the answers, and that it leaves
//! nothing behind.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod fake;

use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use fake::{BUILD, Ended, Fake};
use serde_json::Value;

#[test]
fn a_program_that_ends_alike_holds() {
    let fake = Fake::new();
    fake.set("before", "size", "4000000");
    fake.set("before", "files/usr/lib/gcc/cc1", &"x".repeat(3_000_000));
    let ended = fake.run(&[]);
    assert_eq!(ended.code, Some(0), "{}\n{}", ended.stdout, ended.stderr);
    for line in [
        "Dockerfile (docker 20.10.24+dfsg1)",
        "  before        4.0 MB  ████████████████████████████████",
        "  after         1.0 MB  ████████                         25.0 %",
        "went away: 3.0 MB in 1 file",
        "                3.0 MB  /usr/",
        "  exit status  same  0",
        "  output  same  hello",
        "Everything holds.",
    ] {
        assert!(
            ended.stdout.lines().any(|it| it == line),
            "{line}\n{}",
            ended.stdout
        );
    }
    assert!(ended.stdout.contains(" s, after a change to a.js"));
    assert!(
        ended.stderr.contains("Dockerfile: before: build: "),
        "{}",
        ended.stderr
    );
    assert_eq!(fake.left(), Vec::<String>::new());
}

#[test]
fn nerdctl_without_export_compares_everything_else() {
    let fake = Fake::new();
    fake.nerdctl();
    let ended = fake.run(&[]);
    assert_eq!(ended.code, Some(0), "{}\n{}", ended.stdout, ended.stderr);
    for part in [
        "Dockerfile (nerdctl 1.7.7)",
        "  output  same  hello",
        "warning: the files of the images are not compared: ",
        "unknown subcommand",
    ] {
        assert!(ended.stdout.contains(part), "{part}\n{}", ended.stdout);
    }
    assert!(!fake.was_asked(&["--human=false"]));
    assert_eq!(fake.left(), Vec::<String>::new());
}

#[test]
fn options_reach_the_engine() {
    let fake = Fake::new();
    let options = [
        "--no-cache",
        "--build-arg",
        "V=1",
        "--build-network",
        "host",
        "--env",
        "A=b",
        "--network",
        "backend",
        "--run-arg=--memory=1g",
        "--publish",
        "81",
        "--no-rebuild",
        "--no-files",
    ];
    fake.run(&options);
    assert!(fake.was_asked(&[
        "build",
        "--no-cache",
        "--build-arg",
        "V=1",
        "--network",
        "host"
    ]));
    let created = [
        "create",
        "A=b",
        "--network",
        "backend",
        "--memory=1g",
        "127.0.0.1::81",
    ];
    assert!(fake.was_asked(&created), "{:?}", fake.asked());
    let count = |word: &str| {
        fake.asked()
            .iter()
            .filter(|it| it.starts_with(word))
            .count()
    };
    assert_eq!(count("build "), 2);
    assert_eq!(count("export "), 0);
}

#[test]
fn arguments_reach_the_program() {
    let fake = Fake::new();
    let mut command = fake.command(&["--no-files", "--no-rebuild"]);
    let ended = Ended::of(command.args(["--", "--version", "x"]).output().unwrap());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let created =
        |line: &String| line.starts_with("create ") && line.ends_with("-before --version x");
    assert!(fake.asked().iter().any(created), "{:?}", fake.asked());
}

#[test]
fn another_end_does_not_hold() {
    let fake = Fake::new();
    fake.set("after", "state", "false 1");
    fake.set("after", "stdout", "no such module\n");
    let ended = fake.run(&["--no-rebuild", "--no-files"]);
    assert_eq!(ended.code, Some(1));
    for line in [
        "failed: behaviour: exit status: 0 before, 1 after",
        "failed: behaviour: output: hello before, no such module after",
        "  | no such module",
        "2 things do not hold.",
    ] {
        assert!(
            ended.stdout.lines().any(|it| it == line),
            "{line}\n{}",
            ended.stdout
        );
    }
    assert_eq!(fake.left(), Vec::<String>::new());
}

#[test]
fn answers_of_a_server_are_compared() {
    let fake = Fake::new();
    let exposed = r#"{"ExposedPorts": {"3000/tcp": {}}, "Healthcheck": {"Test": ["CMD", "true"]}}"#;
    for side in ["before", "after"] {
        fake.set(side, "config.json", exposed);
    }
    fake.serve("good morning", "good morning");
    let same = fake.run(&[
        "--no-rebuild",
        "--no-files",
        "--probe",
        "/",
        "--probe",
        "HEAD /a",
    ]);
    assert_eq!(same.code, Some(0), "{}", same.stdout);
    for line in [
        "  GET :3000/  same  200 text/plain, 12 bytes",
        "  HEAD :3000/a  same  200 text/plain, 12 bytes",
        "  health check  same  healthy",
    ] {
        assert!(
            same.stdout.lines().any(|it| it == line),
            "{line}\n{}",
            same.stdout
        );
    }
    fake.serve("good morning", "good evening");
    let other = fake.run(&["--no-rebuild", "--no-files", "--format", "json"]);
    assert_eq!(other.code, Some(1));
    let report: Value = serde_json::from_str(&other.stdout).unwrap();
    let file = &report["files"][0];
    assert_eq!(file["verdict"], "different");
    assert_eq!(file["behaviour"][0]["result"], "differs");
    assert_eq!(file["failures"].as_array().unwrap().len(), 1);
    assert_eq!(fake.left(), Vec::<String>::new());
}

#[test]
fn a_port_that_nothing_names_is_looked_for() {
    let fake = Fake::new();
    fake.serve("hi", "hi");
    let ended = fake.run(&["--no-rebuild", "--no-files"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert!(
        ended.stdout.contains("  GET :3000/  same"),
        "{}",
        ended.stdout
    );
    assert!(fake.was_asked(&["create", "127.0.0.1::3000"]));
}

#[test]
fn a_configuration_that_no_rule_declares_does_not_hold() {
    let fake = Fake::new();
    let config = |labels: &str, user: &str| {
        format!(r#"{{"Cmd": ["a"], "Labels": {labels}, "User": "{user}"}}"#)
    };
    fake.set("before", "config.json", &config("null", "node"));
    fake.set(
        "after",
        "config.json",
        &config(r#"{"org.opencontainers.image.authors": "Ann"}"#, ""),
    );
    let ended = fake.run(&["--no-rebuild", "--no-files"]);
    assert_eq!(ended.code, Some(1));
    for line in [
        "  label:org.opencontainers.image.authors: (not set) → Ann  declared by maintainer-label",
        "  user: node → (not set)  differs",
        "failed: configuration: user: node → (not set)",
        "1 thing does not hold.",
    ] {
        assert!(
            ended.stdout.lines().any(|it| it == line),
            "{line}\n{}",
            ended.stdout
        );
    }
}

#[test]
fn a_build_that_fails_is_told_by_its_side() {
    let failing = "#4 [1/2] FROM docker.io/library/node:22\n#4 CACHED\n#5 [2/2] RUN make\n#5 0.2 no rule\n#5 ERROR: exit code: 2\n";
    let unreachable = "#3 [internal] load metadata for docker.io/library/node:22-slim\n#3 ERROR: dial tcp: lookup registry-1.docker.io: no such host\n";
    for (side, build, code, said) in [
        (
            "before",
            failing,
            3,
            "not compared: the original does not build: nothing can be compared",
        ),
        (
            "before",
            unreachable,
            3,
            "not compared: the original does not build here, since a network or a registry is not reached: nothing can be compared",
        ),
        (
            "after",
            failing,
            1,
            "failed: build: it fails in the step [2/2] RUN make",
        ),
        (
            "after",
            unreachable,
            3,
            "not compared: the rewritten Dockerfile needs a network or a registry that is not reached",
        ),
    ] {
        let fake = Fake::new();
        fake.set(side, "build", build);
        let ended = fake.run(&[]);
        assert_eq!(ended.code, Some(code), "{side}: {}", ended.stdout);
        assert!(
            ended.stdout.lines().any(|it| it == said),
            "{said}\n{}",
            ended.stdout
        );
        assert!(
            build != failing || ended.stdout.contains("  | no rule\n"),
            "{}",
            ended.stdout
        );
        assert_eq!(fake.left(), Vec::<String>::new());
    }
}

#[test]
fn an_original_that_does_not_start_is_nothing_to_compare_with() {
    let fake = Fake::new();
    fake.set("after", "state", "broken");
    assert_eq!(fake.run(&["--no-rebuild", "--no-files"]).code, Some(1));
    fake.set("before", "state", "broken");
    let ended = fake.run(&["--no-rebuild", "--no-files"]);
    assert_eq!(ended.code, Some(3), "{}", ended.stdout);
    assert!(
        ended.stdout.contains("the original does not start: "),
        "{}",
        ended.stdout
    );
    assert_eq!(fake.left(), Vec::<String>::new());
}

#[test]
fn an_opened_file_that_is_missing_is_a_warning() {
    let fake = Fake::new();
    fake.set("before", "files/app/views/index.ejs", "x");
    fake.set(
        "before",
        "times",
        "2000 1000 /0/a.js\n2000 1000 /0/views/index.ejs\n900 1000 /0/b.js\n",
    );
    let ended = fake.run(&["--no-rebuild", "--format", "markdown"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert!(
        ended
            .stdout
            .contains("- **Warning:** the original opens 1 file that the rewritten image lacks"),
        "{}",
        ended.stdout
    );
    assert!(
        ended.stdout.contains("- `/app/views/index.ejs`"),
        "{}",
        ended.stdout
    );
    assert!(
        fake.asked()
            .iter()
            .any(|line| line.starts_with("create ") && line.contains(":/app "))
    );
    assert_eq!(fake.left(), Vec::<String>::new());
    fake.set("before", "times", "900 1000 /0/b.js\n");
    let ended = fake.run(&["--no-rebuild"]);
    let said = "  not known: the engine's volumes lie on a file system that keeps no access times";
    assert!(
        ended.stdout.lines().any(|it| it == said),
        "{}",
        ended.stdout
    );
}

#[test]
fn a_signal_ends_the_build_and_removes_what_was_made() {
    let fake = Fake::new();
    fake.set("after", "build", &format!("{BUILD}#6 sleep\n"));
    let mut command = fake.command(&[]);
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let started = Instant::now();
    let builds = |fake: &Fake| {
        fake.asked()
            .iter()
            .filter(|it| it.starts_with("build "))
            .count()
    };
    while builds(&fake) < 2 {
        assert!(
            started.elapsed() < Duration::from_secs(30),
            "{:?}",
            fake.asked()
        );
        thread::sleep(Duration::from_millis(50));
    }
    let signalled = std::process::Command::new("kill")
        .args(["-TERM", &child.id().to_string()])
        .status();
    assert!(signalled.unwrap().success());
    let ended = Ended::of(child.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(128 + 15), "{}", ended.stderr);
    assert!(started.elapsed() < Duration::from_secs(50));
    assert_eq!(fake.left(), Vec::<String>::new());
}
