//! What the build writes beside the started program and the sources name: plug-ins, further programs.

use super::Plan;
use super::built::Built;
use super::written::Written;
use crate::engine::Evidence;
use crate::facts::Tri;
use crate::model::Place;
use crate::model::path::{name, parent, resolve, within};
use crate::rule::Role;

/// Outputs of the build that a string in the sources names, from where the program starts.
pub fn named(plan: &Plan<'_>, written: &[Written<'_>], built: &Built) -> Vec<(String, Evidence)> {
    let Some(Tri::Present(scan)) = &plan.scan else {
        return Vec::new();
    };
    let workdir = plan.firing.model.end.workdir.as_deref().unwrap_or("/");
    let outputs: Vec<&str> = written
        .iter()
        .filter(|written| written.command.role == Some(Role::Build))
        .filter_map(|written| match &written.place {
            Place::Path(path) => Some(path.as_str()),
            _ => None,
        })
        .collect();
    let mut found = Vec::new();
    for (text, source) in &scan.literals {
        if !text.contains('/') && !outputs.iter().any(|output| name(output) == text) {
            continue;
        }
        let path = resolve(workdir, text);
        // A program beside the started one, in a folder that the build fills.
        let beside = built.alone
            && !name(&path).contains('.')
            && built
                .paths
                .iter()
                .any(|built| parent(built) == parent(&path))
            && outputs.iter().any(|output| within(&path, output));
        let output = outputs.contains(&path.as_str());
        if !(output || beside) || !matches!(origin(plan, &path), Ok(false)) {
            continue;
        }
        let evidence = Evidence {
            text: format!("the sources name `{text}`, which the build writes"),
            source: Some(source.clone()),
        };
        found.push((path, evidence));
    }
    found
}

/// Whether the build context brings a path.
fn origin(plan: &Plan<'_>, path: &str) -> Result<bool, String> {
    let origin = plan.firing.model.origin(path, plan.firing.context)?;
    Ok(
        origin
            .is_some_and(|(_, source)| !matches!(plan.firing.context.entry(&source), Tri::Absent)),
    )
}
