//! Sources that the build downloads: nobody can search them for the files that the program reads.

use super::Plan;
use super::built::Built;
use super::written::Written;
use crate::engine::Evidence;
use crate::model::Place;
use crate::model::path::within;
use crate::rule::Role;

/// Why the program's files are not known, where it is built among sources that a RUN downloads, or starts among them.
/// What an installation puts below a prefix of its own has everything with it.
pub fn sources(plan: &Plan<'_>, written: &[Written<'_>], built: &Built) -> Option<Evidence> {
    let installed = |path: &String| {
        let below = |place: &Place| matches!(place, Place::Path(prefix) if within(path, prefix));
        written
            .iter()
            .any(|written| written.prefix && below(&written.place))
    };
    if built.paths.iter().all(installed) {
        return None;
    }
    let workdir = plan.firing.model.end.workdir.as_deref();
    let fetched = written.iter().find_map(|written| match &written.place {
        Place::Path(path) | Place::Below(path) => {
            let here = |place: &str| path != "/" && within(place, path);
            let among = workdir.is_some_and(here) || built.paths.iter().any(|built| here(built));
            // Nobody downloads a program over what the base image works in.
            let state = &plan.firing.model.steps[written.step].state;
            let given = !state.workdir_set && state.workdir.as_deref() == Some(path);
            let fetches = written.command.role == Some(Role::Fetch) && !given;
            (fetches && among && plan.builds_in(path)).then_some((written, path))
        }
        _ => None,
    });
    let (written, path) = fetched?;
    let line = plan.line(plan.firing.model.steps[written.step].index);
    Some(Evidence {
        text: format!(
            "line {line} downloads the sources into `{path}`, and nobody can say which of their files the program reads: the whole application directory is copied"
        ),
        source: None,
    })
}
