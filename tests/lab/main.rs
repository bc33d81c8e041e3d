//! The fixtures, end to end: rewritten by the program itself and, with a container engine, built
//! and run before and after. `fixtures/README.md` describes them.
//!
//! | variable | meaning |
//! |---|---|
//! | `UPDATE_EXPECT` | write what is expected of the rewrite anew |
//! | `DOCKOPT_LAB` | `1`: build and run |
//! | `DOCKOPT_LAB_CASES` | these fixtures alone, with commas between them |
//! | `DOCKOPT_LAB_NETWORK` | `--network` of the builds (`host` where not set, so that a resolver or a proxy on this machine is reached); `default` for the engine's own |
//! | `DOCKOPT_LAB_FILES` | `1`: also compare the files of the images, and look which of them the program opens |
//! | `DOCKOPT_LAB_TIMES` | `1`: build again after a change to one source file, to compare times; `build`: build without cache; `all`: both |
//! | `DOCKOPT_ENGINE` | the engine's client (`docker`, `podman`, …) |
#![allow(clippy::unwrap_used)]

mod case;
mod rewrite;
mod snapshot;
mod table;
mod trial;

use std::env;
use std::path::PathBuf;

use case::Fixture;
use dockopt::rule::RuleSet;
use dockopt::verify::{Engine, Interrupt};
use trial::{Lab, Verdict};

#[test]
fn fixtures_are_rewritten_as_expected() {
    let failures: Vec<String> = Fixture::all()
        .iter()
        .filter_map(|fixture| {
            snapshot::check(fixture)
                .err()
                .map(|failure| format!("fixtures/{}: {failure}", fixture.name))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn images_behave_as_before() {
    if env::var("DOCKOPT_LAB").as_deref() != Ok("1") {
        println!("skipped: DOCKOPT_LAB=1 builds and runs the fixtures with a container engine");
        return;
    }
    let set = |name: &str| env::var(name).as_deref() == Ok("1");
    let times = env::var("DOCKOPT_LAB_TIMES").unwrap_or_default();
    let wanted = env::var_os("DOCKOPT_ENGINE").map(PathBuf::from);
    // After Ctrl-C everything is removed, too.
    let interrupt = Interrupt::listen().unwrap();
    let lab = match Engine::find(wanted.as_deref(), &interrupt) {
        Ok(engine) => Lab {
            engine,
            rules: RuleSet::embedded(),
            network: network(),
            rebuild: matches!(&*times, "1" | "all"),
            no_cache: matches!(&*times, "build" | "all"),
            files: set("DOCKOPT_LAB_FILES"),
        },
        Err(error) => {
            println!("skipped: {error}");
            return;
        }
    };
    let mut rows = Vec::new();
    println!("{}", table::HEAD);
    for fixture in Fixture::all() {
        let verdict = lab.try_fixture(&fixture);
        assert!(interrupt.signal().is_none(), "interrupted");
        println!("{}", table::row(&fixture.name, &verdict));
        match &verdict {
            Verdict::Failed(failures) => {
                println!(
                    "    {}\n{}",
                    fixture.case.about,
                    indented(&failures.join("\n"))
                );
            }
            Verdict::Skipped(reason) | Verdict::Open(reason) => println!("{}", indented(reason)),
            Verdict::Alike(result) => {
                let warnings = result.warnings.iter();
                warnings.for_each(|warning| println!("{}", indented(warning)));
                let missing = result.opened.iter().flat_map(|opened| &opened.missing);
                missing.for_each(|path| println!("{}", indented(path)));
            }
            Verdict::Original(_) => {}
        }
        rows.push((fixture.name, verdict));
    }
    println!("\n{}", table::totals(&rows));
    let failed: Vec<&str> = rows
        .iter()
        .filter(|(_, verdict)| matches!(verdict, Verdict::Failed(_)))
        .map(|(name, _)| name.as_str())
        .collect();
    assert!(
        failed.is_empty(),
        "worse after the rewrite: {}",
        failed.join(", ")
    );
}

fn network() -> Option<String> {
    match env::var("DOCKOPT_LAB_NETWORK").as_deref() {
        Ok("default") => None,
        Ok(network) if !network.is_empty() => Some(network.to_string()),
        _ => Some("host".to_string()),
    }
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| format!("    {line}"))
        .collect::<Vec<_>>()
        .join("\n")
}
