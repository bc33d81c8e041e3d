//! Files that an installation reads, for a COPY of their own before the sources.

use super::matching::{Match, Stage};
use crate::facts::reader::Glob;
use crate::facts::{Entry, Tri};
use crate::model::path::{below, name, parent, resolve};
use crate::model::{Effect, Place, Step};
use crate::rule::Known;
use crate::rule::document::Role;
use crate::shell::Command;
use crate::syntax::Keyword;

impl Stage<'_, '_> {
    /// The files that the RUN of the step `next` reads, where they are all that it can depend on, and the parts of a
    /// COPY that brings them to where `copy` brings the whole build context. The installation may write the folders
    /// `beside` among the sources.
    pub(super) fn manifests(
        &self,
        copy: &Step<'_>,
        found: &Match,
        beside: &[String],
    ) -> Option<Vec<(String, String)>> {
        let Effect::Copy(model) = &copy.effect else {
            return None;
        };
        let dest = model.dest.as_deref().filter(|_| model.whole_context())?;
        let target = found.steps.get("next")?;
        let next = self
            .model
            .steps
            .iter()
            .find(|step| step.index == target.instruction)?;
        let Effect::Run(run) = &next.effect else {
            return None;
        };
        let folder = next.state.workdir.as_deref()?;
        let binds = next
            .instruction
            .flags_named("mount")
            .filter_map(|flag| flag.value.as_deref());
        let plain = dest == folder
            && dest != "/"
            && model.sources.len() == 1
            && run.only(&[
                Role::Dependencies,
                Role::Tool,
                Role::Packages,
                Role::Clean,
                Role::None,
                Role::Check,
            ])
            && run.commands.iter().all(|command| {
                let sets = |known: &Known<'_>| !known.line.sets.is_empty();
                command.role != Some(Role::Check) || command.known.as_ref().is_some_and(sets)
            })
            && binds.into_iter().all(|mount| mount.contains("type=cache"));
        if !plain {
            return None;
        }
        let mut files: Vec<String> = Vec::new();
        for command in run.commands.iter().filter(|command| {
            let role = command.role;
            matches!(role, Some(Role::Dependencies | Role::Tool | Role::Packages))
        }) {
            let known = command.known.as_ref()?;
            // A package or a tool of the project's own is no manifest.
            if command.role != Some(Role::Dependencies) && names_a_path(run.command(command)) {
                return None;
            }
            if command.workdir.as_deref() != Some(folder)
                || !writes_apart(&command.writes, folder, beside)
            {
                return None;
            }
            for glob in &known.line.manifests {
                let glob = Glob::parse(glob).ok()?;
                let beside = |file: &&String| !file.contains('/') && glob.is_match(file);
                let all = self.context.files().ok()?;
                files.extend(all.iter().filter(beside).cloned());
            }
            let reads = match known.line.manifests.is_empty() {
                true => known.line.reads.as_slice(),
                false => &[],
            };
            for template in reads {
                for read in known.fill(template)? {
                    let path = resolve(folder, &read);
                    let path = below(&path, folder).filter(|path| !path.is_empty())?;
                    match self.context.entry(path) {
                        Tri::Present(Entry::File(_)) if !files.iter().any(|file| file == path) => {
                            files.push(path.to_string());
                        }
                        Tri::Present(Entry::File(_)) | Tri::Absent => {}
                        _ => return None,
                    }
                }
            }
        }
        let first = files.first()?;
        let above = parent(&format!("/{first}"))
            .trim_start_matches('/')
            .to_string();
        let simple = |file: &String| {
            !name(file).is_empty()
                && parent(&format!("/{file}")).trim_start_matches('/') == above
                && file
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"._-/@+".contains(&b))
        };
        if !files.iter().all(simple) || self.brought_before(copy, folder, first) {
            return None;
        }
        let dest = match above.as_str() {
            "" => "./".to_string(),
            above => format!("./{above}/"),
        };
        let source = &self.model.file.source;
        let flags: String = copy
            .instruction
            .flags
            .iter()
            .map(|flag| format!("{} ", flag.span.of(source)))
            .collect();
        Some(vec![
            ("manifests".into(), files.join(" ")),
            ("manifests-dest".into(), dest),
            ("copy-flags".into(), flags),
        ])
    }

    /// Whether an earlier COPY brings the file there already.
    fn brought_before(&self, copy: &Step<'_>, folder: &str, file: &str) -> bool {
        let path = resolve(folder, file);
        let mut earlier = self
            .model
            .steps
            .iter()
            .filter(|step| step.index < copy.index);
        earlier.any(|step| match &step.effect {
            Effect::Copy(copy) => !matches!(copy.brings(&path, self.context), Ok(None)),
            _ => step.instruction.keyword == Keyword::Onbuild,
        })
    }
}

/// Whether an argument is a path: `./tool.deb`, `.`, `/src/tool`.
fn names_a_path(command: &Command) -> bool {
    let mut arguments = command.words.iter().skip(1);
    arguments.any(|word| {
        word.raw
            .trim_matches(['"', '\''])
            .starts_with(['.', '/', '~'])
    })
}

/// Whether what a command writes is apart from the files that a COPY of the sources brings.
fn writes_apart(writes: &[Place], folder: &str, beside: &[String]) -> bool {
    writes.iter().all(|place| match place {
        Place::Path(path) => match below(path, folder) {
            Some(inner) => beside.iter().any(|name| name == inner),
            None => true,
        },
        Place::Below(path) => below(path, folder).is_none(),
        Place::Named(_) => true,
        Place::Anywhere => false,
    })
}
