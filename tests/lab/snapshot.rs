//! What dockopt makes of a fixture, against what stands in the fixture's folder.

use std::fs;
use std::path::Path;

use similar::TextDiff;

use crate::case::{Expect, Fixture};
use crate::rewrite::{Refusal, Rewrite, fix};

/// Rewrites a copy of the fixture and compares; with UPDATE_EXPECT set, what is expected is written anew.
///
/// What dockopt does with a fixture that is still open is nothing to hold on to: it is only run.
pub fn check(fixture: &Fixture) -> Result<(), String> {
    let copy = fixture.copy();
    let rewrite = fix(copy.path(), fixture.case.profile.as_deref())?;
    if fixture.case.open.is_none() {
        as_expected(fixture, &rewrite)?;
        let dockerfile = (rewrite.before != rewrite.after).then_some(rewrite.after.as_str());
        same_text(&fixture.folder.join("expected.txt"), dockerfile)?;
        same_text(
            &fixture.folder.join("expected-ignore.txt"),
            rewrite.dockerignore.as_deref(),
        )?;
    }
    let again = fix(copy.path(), fixture.case.profile.as_deref())?;
    if again.changed() {
        return Err(format!("a second run changes it again:\n{}", again.after));
    }
    Ok(())
}

/// Whether the fixture was split, refused or left alone as its case says.
pub fn as_expected(fixture: &Fixture, rewrite: &Rewrite) -> Result<(), String> {
    let refusals = &rewrite.refusals;
    match (fixture.case.expect, &fixture.case.refused) {
        (Expect::Rewritten, None) if rewrite.split() => Ok(()),
        (Expect::Rewritten, None) => Err(format!("not split: {refusals:?}")),
        (Expect::Unchanged, None) if rewrite.changed() => {
            Err(format!("changed:\n{}", rewrite.after))
        }
        (Expect::Unchanged, None) => Ok(()),
        (Expect::Refused, Some(_)) if rewrite.split() => Err(format!("split:\n{}", rewrite.after)),
        (Expect::Refused, Some(expected)) => {
            let said = |refusal: &Refusal| {
                refusal.reason == expected.reason && refusal.line == expected.line
            };
            if refusals.iter().any(said) {
                return Ok(());
            }
            Err(format!(
                "not refused for `{}` in line {}: {refusals:?}",
                expected.reason, expected.line
            ))
        }
        (expect, refused) => panic!(
            "{}: `expect: {expect:?}` with `refused: {refused:?}` is no case",
            fixture.name
        ),
    }
}

/// Compares a file with `text`; `None` is no file.
fn same_text(path: &Path, text: Option<&str>) -> Result<(), String> {
    let expected = fs::read_to_string(path).ok();
    if expected.as_deref() == text {
        return Ok(());
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        match text {
            Some(text) => fs::write(path, text).unwrap(),
            None => fs::remove_file(path).unwrap(),
        }
        return Ok(());
    }
    let (before, after) = (expected.unwrap_or_default(), text.unwrap_or_default());
    let diff = TextDiff::from_lines(before.as_str(), after)
        .unified_diff()
        .header("expected", "now")
        .to_string();
    Err(format!(
        "not as in {} (UPDATE_EXPECT=1 writes it anew):\n{diff}",
        path.file_name().unwrap().to_string_lossy()
    ))
}
