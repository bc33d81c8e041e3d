//! The split as edits: what stays is untouched, what moves is moved as it stands.

use super::Plan;
use super::base::RuntimeBase;
use super::carry::{Carried, Copied};
use super::packages::Packages;
use super::place::Placed;
use crate::edit::{insert_lines, instruction_lines, keyword_like};
use crate::engine::Evidence;
use crate::engine::verbs::{Proposal, Stop};
use crate::model::path::{within, written};
use crate::model::{Base, Contract, Effect, inherited, mentions};
use crate::syntax::{Data, Dockerfile, Instruction, Keyword, Span};

/// Writes the edits into the proposal.
pub fn render(
    plan: &Plan<'_>,
    carried: &Carried,
    base: &RuntimeBase,
    packages: &Packages,
    placed: &[Placed],
    proposal: &mut Proposal,
) -> Result<(), Stop> {
    let model = plan.firing.model;
    let file = model.file;
    let from = plan.firing.from();
    let instruction = &file.instructions[from];
    let Data::From { image, alias } = &instruction.data else {
        return Ok(());
    };
    let overlap = |error| plan.firing.overlap(error);
    let stage = stage_name(plan, alias.as_ref().map(|alias| alias.text()));

    // FROM: the build stage gets the name, the runtime stage keeps the old one.
    if let Some(pinned) = &base.pinned {
        proposal
            .edits
            .replace(image.span, pinned.clone())
            .map_err(overlap)?;
    }
    match alias {
        Some(alias) => proposal
            .edits
            .replace(alias.span, stage.clone())
            .map_err(overlap)?,
        None => proposal
            .edits
            .insert(
                image.span.end,
                format!(" {} {stage}", keyword_like(instruction, file, "AS")),
            )
            .map_err(overlap)?,
    }
    proposal.rewritten.push(from);

    let last = &model.steps[plan.survey.last];
    let mut text = Text {
        file,
        from: instruction,
        lines: Vec::new(),
    };
    if let Some(prune) = &carried.prune {
        let line = format!("{} {}", text.keyword("RUN"), prune.command);
        if prune.after == plan.survey.last {
            text.lines.push(line);
        } else {
            let after = instruction_lines(file, model.steps[prune.after].index, false)
                .map_or(file.source.len(), |lines| lines.end);
            insert_lines(&mut proposal.edits, file, after, &line).map_err(overlap)?;
        }
        proposal.evidence.push(Evidence {
            text: format!(
                "`{}` removes development dependencies before the copy",
                prune.command
            ),
            source: None,
        });
    }
    text.lines.push(String::new());
    let named = alias.as_ref().map(|alias| {
        // ` AS name` as it stands in the file.
        let span = Span::new(image.span.end, alias.span.end);
        span.of(&file.source).trim().to_string()
    });
    text.base_image(&base.image, named.as_deref());
    text.packages(packages);
    let moved = text.inherited(plan, base, placed)?;
    for directory in search_path(plan, carried, base) {
        text.lines
            .push(format!("{} PATH={directory}:$PATH", text.keyword("ENV")));
    }
    if base.certificates && base.smaller && !packages.further.contains("ca-certificates") {
        const BUNDLE: &str = "/etc/ssl/certs/ca-certificates.crt";
        text.lines.push(format!(
            "{} --from={stage} {BUNDLE} {BUNDLE}",
            text.keyword("COPY")
        ));
    }
    for path in &base.brings {
        text.lines.push(format!(
            "{} --from={stage} {path} {path}",
            text.keyword("COPY")
        ));
    }
    if let Some(directory) = base.copies.first().and_then(|path| path.rsplit_once('/'))
        && base.smaller
    {
        text.lines.push(format!(
            "{} --from={stage} {} {}/",
            text.keyword("COPY"),
            base.copies.join(" "),
            directory.0
        ));
        if let Some(run) = &base.run {
            text.lines.push(format!("{} {run}", text.keyword("RUN")));
        }
    }
    // What stands after all that is copied.
    let mut late = Vec::new();
    for (at, placed) in placed.iter().enumerate() {
        let step = &model.steps[at];
        if let Some(runtime) = &placed.runtime {
            if !placed.build {
                text.comments(step.instruction);
                remove(proposal, file, step.index).map_err(overlap)?;
            }
            if step.instruction.keyword == Keyword::Run
                && *runtime != step.instruction.span.of(&file.source)
            {
                proposal.evidence.push(Evidence {
                    text: format!(
                        "the runtime repeats a part of the RUN on line {}",
                        step.instruction.lines.start
                    ),
                    source: None,
                });
            }
            match super::setup::changes_modes(plan, carried, at) {
                true => late.push(runtime.clone()),
                false => text.lines.push(runtime.clone()),
            }
        }
        let state = model
            .steps
            .get(at + 1)
            .map_or(&model.end, |next| &next.state);
        // A relative path counts from a WORKDIR of the file: the directory that the old base image gives is not
        // that of the new one.
        let workdir = state
            .workdir
            .as_deref()
            .filter(|_| state.workdir_set || !moved);
        for copied in carried.paths.iter().filter(|copied| copied.after == at) {
            text.copy(&stage, copied, workdir);
        }
    }
    text.lines.append(&mut late);
    if carried.libraries && base.base.libc.as_deref() != Some("musl") {
        text.lines.push(format!("{} ldconfig", text.keyword("RUN")));
    }
    let offset =
        instruction_lines(file, last.index, false).map_or(file.source.len(), |lines| lines.end);
    insert_lines(&mut proposal.edits, file, offset, &text.lines.join("\n")).map_err(overlap)?;
    Ok(())
}

/// Whether a line of the runtime counts from the directory that the old base image gives.
fn uses_workdir(plan: &Plan<'_>, directory: &str, placed: &[Placed]) -> bool {
    let model = plan.firing.model;
    for (at, step) in model.steps.iter().enumerate() {
        if placed
            .get(at)
            .is_some_and(|placed| placed.runtime.is_none())
        {
            continue;
        }
        let there = |path: &str| within(path, directory);
        let uses = match &step.effect {
            Effect::Copy(copy) => copy.dest.as_deref().is_none_or(there),
            Effect::Run(run) => run.may_write(there),
            Effect::Other if step.instruction.keyword == Keyword::Workdir => {
                let text = step.instruction.text.text.trim();
                return !text.starts_with(['/', '"', '$']);
            }
            Effect::Other => false,
        };
        if uses {
            return true;
        }
    }
    true
}

/// Directories to add to PATH: those of built programs, and those that the old base's PATH has and the new one's has
/// not, where something is copied into them.
fn search_path(plan: &Plan<'_>, carried: &Carried, base: &RuntimeBase) -> Vec<String> {
    let path = |base: &Base| -> Vec<String> {
        let path = inherited(base, plan.firing.rules).env.remove("PATH");
        path.map(|path| path.split(':').map(str::to_string).collect())
            .unwrap_or_default()
    };
    let new = path(&base.base);
    // A directory that the file itself puts on PATH is there already.
    let written = |directory: &String| {
        plan.firing.model.steps.iter().any(|step| {
            let text = &step.instruction.text.text;
            step.instruction.keyword == Keyword::Env
                && text.trim_start().starts_with("PATH")
                && text.contains(directory.as_str())
        })
    };
    let mut directories = carried.path.clone();
    directories.retain(|directory| !written(directory));
    for directory in path(&plan.firing.model.base) {
        let filled = carried
            .paths
            .iter()
            .any(|copied| within(&copied.path, &directory) || within(&directory, &copied.path));
        if filled
            && !written(&directory)
            && !new.is_empty()
            && !new.contains(&directory)
            && !directories.contains(&directory)
        {
            directories.push(directory);
        }
    }
    directories
}

/// The name of the build stage: the rule's, unless the file's stage has that name.
fn stage_name(plan: &Plan<'_>, alias: Option<&str>) -> String {
    let wanted = &plan.verb.stage;
    if alias.is_some_and(|alias| alias.eq_ignore_ascii_case(wanted)) {
        format!("{wanted}er")
    } else {
        wanted.clone()
    }
}

/// Removes an instruction with the comments above it, and the empty line before where two would meet.
fn remove(
    proposal: &mut Proposal,
    file: &Dockerfile,
    index: usize,
) -> Result<(), crate::edit::EditError> {
    let Some(mut span) = instruction_lines(file, index, true) else {
        return Ok(());
    };
    let before = file.source.get(..span.start).unwrap_or("");
    let after = file.source.get(span.end..).unwrap_or("");
    let blank_after = after.starts_with('\n') || after.starts_with("\r\n");
    let blank_before = before.ends_with("\n\n") || before.ends_with("\n\r\n");
    if blank_after && blank_before {
        span.start -= if before.ends_with("\r\n") { 2 } else { 1 };
    }
    proposal.edits.remove(span)
}

/// Lines of the runtime stage.
struct Text<'a> {
    file: &'a Dockerfile,
    from: &'a Instruction,
    lines: Vec<String>,
}

impl Text<'_> {
    fn keyword(&self, name: &str) -> String {
        keyword_like(self.from, self.file, name)
    }

    fn base_image(&mut self, image: &str, alias: Option<&str>) {
        let platform: String = self
            .from
            .flags
            .iter()
            .map(|flag| format!("{} ", flag.span.of(&self.file.source)))
            .collect();
        let alias = alias.map(|alias| format!(" {alias}")).unwrap_or_default();
        self.lines
            .push(format!("{} {platform}{image}{alias}", self.keyword("FROM")));
    }

    fn packages(&mut self, packages: &Packages) {
        if packages.further.is_empty() {
            return;
        }
        let names: Vec<&str> = packages.further.iter().map(String::as_str).collect();
        if packages.apk {
            return self.lines.push(format!(
                "{} apk add --no-cache {}",
                self.keyword("RUN"),
                names.join(" ")
            ));
        }
        self.lines
            .push(format!("{} apt-get update \\", self.keyword("RUN")));
        self.lines.push(format!(
            "    && apt-get install -y --no-install-recommends {} \\",
            names.join(" ")
        ));
        self.lines
            .push("    && rm -rf /var/lib/apt/lists/*".to_string());
    }

    /// What the old base gave and the new one does not. Whether the working directory that the old one gave differs
    /// from the new one's and is not written out.
    fn inherited(
        &mut self,
        plan: &Plan<'_>,
        base: &RuntimeBase,
        placed: &[Placed],
    ) -> Result<bool, Stop> {
        let model = plan.firing.model;
        let (old, new) = (
            inherited(&model.base, plan.firing.rules),
            inherited(&base.base, plan.firing.rules),
        );
        let given = |workdir: &Option<String>| workdir.clone().unwrap_or_else(|| "/".into());
        let mut moved = given(&old.workdir) != given(&new.workdir);
        if moved {
            let absolute = !uses_workdir(plan, &given(&old.workdir), placed);
            if !absolute {
                self.lines.push(format!(
                    "{} {}",
                    self.keyword("WORKDIR"),
                    given(&old.workdir)
                ));
                moved = false;
            }
        }
        self.variables(plan, &old, &new, placed)?;
        if let Some(signal) = old
            .stopsignal
            .filter(|signal| Some(signal) != new.stopsignal.as_ref())
            && !model.has(Keyword::Stopsignal)
        {
            self.lines
                .push(format!("{} {signal}", self.keyword("STOPSIGNAL")));
        }
        Ok(moved)
    }

    /// Variables that the old base set, that the new one does not set, and that a line of the runtime uses.
    fn variables(
        &mut self,
        plan: &Plan<'_>,
        old: &Contract,
        new: &Contract,
        placed: &[Placed],
    ) -> Result<(), Stop> {
        let model = plan.firing.model;
        let source = &model.file.source;
        let later = &model.steps[placed.len().min(model.steps.len())..];
        let runtime: Vec<&str> = placed
            .iter()
            .filter_map(|placed| placed.runtime.as_deref())
            .chain(later.iter().map(|step| step.instruction.span.of(source)))
            .collect();
        for name in &plan.verb.keep_env {
            let (before, after) = (old.env.get(name), new.env.get(name));
            let written = |name: &str| {
                let pairs = model
                    .steps
                    .iter()
                    .filter_map(|step| match &step.instruction.data {
                        Data::Pairs { pairs, .. } if step.instruction.keyword == Keyword::Env => {
                            Some(pairs)
                        }
                        _ => None,
                    });
                pairs.flatten().any(|pair| pair.key.text() == name)
            };
            // A variable without a value is as good as none.
            let empty = |value: Option<&String>| value.is_none_or(String::is_empty);
            if before != after
                && !(empty(before) && empty(after))
                && before.is_none_or(|before| before != "*")
                && !written(name)
            {
                let value = before.map_or("", String::as_str);
                self.lines
                    .push(format!("{} {name}={value}", self.keyword("ENV")));
            }
        }
        for (name, value) in &old.env {
            let used = name != "PATH"
                && !new.env.contains_key(name)
                && runtime.iter().any(|text| mentions(text, name));
            match used.then_some(value.as_str()) {
                None => {}
                Some("*") => {
                    return Err(plan.stop(
                        plan.firing.from(),
                        "contract",
                        format!("the runtime uses the variable {name}, which only `{}` sets, to a value that differs from version to version", model.base.expanded),
                        format!("set {name} with ENV"),
                    ));
                }
                Some(value) => self
                    .lines
                    .push(format!("{} {name}={value}", self.keyword("ENV"))),
            }
        }
        Ok(())
    }

    fn comments(&mut self, instruction: &Instruction) {
        let comments = instruction
            .leading_comments
            .iter()
            .map(|span: &Span| span.of(&self.file.source).to_string());
        self.lines.extend(comments);
    }

    fn copy(&mut self, stage: &str, copied: &Copied, workdir: Option<&str>) {
        // What a pattern matches keeps its name.
        let dest = match copied.path.rsplit_once('/') {
            Some((directory, name)) if name.contains('*') => {
                format!("{}/", written(directory, workdir).trim_end_matches('/'))
            }
            _ => written(&copied.path, workdir),
        };
        let copy = self.keyword("COPY");
        let chown = copied
            .chown
            .as_ref()
            .map(|owner| format!(" --chown={owner}"))
            .unwrap_or_default();
        // Names with white space need the JSON form.
        self.lines
            .push(match copied.path.contains(char::is_whitespace) {
                true => format!("{copy} --from={stage}{chown} [{:?}, {dest:?}]", copied.path),
                false => format!("{copy} --from={stage}{chown} {} {dest}", copied.path),
            });
    }
}
