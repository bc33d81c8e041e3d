//! What `match` asks of the matched place beyond its words: pairs, users, starts, downloads, sources.

mod leftover;

use super::matching::{Match, Stage, Target};
use crate::facts::{Entry, Tri};
use crate::model::{Base, CopyModel, Effect, Step, inherited};
use crate::rule::At;
use crate::rule::document::{MatchDocument, PairDocument, Role};
use crate::shell::{Command, Connector, Script};
use crate::syntax::{CommandLine, Data, Instruction, Keyword};

impl Stage<'_, '_> {
    /// Whether the matched place is as `match` wants it; fills in what conditions give names to.
    pub(super) fn narrowed(&self, matching: &MatchDocument, found: &mut Match) -> bool {
        let Some(target) = found.steps.get("each").copied() else {
            return true;
        };
        if matching.external && self.model.base.stage.is_some() {
            return false;
        }
        if matching.with_context && self.context.files().is_err() {
            return false;
        }
        if matching.as_root && !self.root(target)
            || matching.without_entrypoint && self.has_entrypoint(&matching.entrypoint_runs)
            || !matching.not_base.is_empty() && self.based_on(&matching.not_base)
        {
            return false;
        }
        if matching
            .as_user
            .as_deref()
            .is_some_and(|user| !self.user_is(target, user))
            || !matching.distro.is_empty() && !self.distributed_by(&matching.distro)
            || matching.first && target.command != Some(0)
            || matching.exec_start && self.started_by_shell()
        {
            return false;
        }
        if let Some(table) = &matching.unversioned {
            let Some(versioned) = self.versioned(&table.value) else {
                return false;
            };
            found.values.insert("versioned".into(), versioned);
        }
        if let Some(pair) = &matching.pair {
            let Some((name, value)) = self.pair(target, pair) else {
                return false;
            };
            found.values.insert("pair-name".into(), name);
            found.values.insert("pair-value".into(), value);
        }
        if !matching.next_only.is_empty() && !self.next_only(found, &matching.next_only) {
            return false;
        }
        let next = found.steps.get("next");
        if matching.next_first && next.and_then(|next| next.command) != Some(0) {
            return false;
        }
        let Some(step) = self.at(target) else {
            return !matching.alone && !matching.unconditional && matching.leftover.is_none();
        };
        if let Some(wanted) = &matching.manifests {
            let Some(manifests) = self.manifests(step, found, &wanted.beside) else {
                return false;
            };
            found.values.extend(manifests);
        }
        if matching.first_workdir {
            let file = self.model.file;
            let mut after = step.state.clone();
            after.apply(step.instruction, file.escape, &|_| None);
            let plain = step.instruction.text.text.split_whitespace().count() == 1;
            let (false, true, Some(_), Some(path)) = (
                step.state.workdir_set,
                plain,
                &step.state.workdir,
                after.workdir,
            ) else {
                return false;
            };
            if !path
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"/._-+@".contains(&b))
            {
                return false;
            }
            found.values.insert("workdir".into(), path);
        }
        let unpacked = |table: &At<String>| !self.plain_sources(step, &table.value);
        if matching.plain_sources.as_ref().is_some_and(unpacked)
            || matching.plain_command && !plain_command(step.instruction, &self.model.file.source)
        {
            return false;
        }
        let (Effect::Run(run), Some(at)) = (&step.effect, target.command) else {
            return !matching.alone && !matching.unconditional && matching.leftover.is_none();
        };
        let script = &run.script;
        if matching.alone && !(script.opaque.is_none() && script.commands.len() == 1)
            || matching.unconditional && !unconditional(&script.commands[at])
            || matching.piped && !piped(script, at)
        {
            return false;
        }
        if let Some(hole) = &matching.leftover {
            let Some(raw) = self.leftover(found, step, run, at, hole) else {
                return false;
            };
            found.values.insert(hole.clone(), raw);
        }
        true
    }

    fn at(&self, target: Target) -> Option<&Step<'_>> {
        let mut steps = self.model.steps.iter();
        steps.find(|step| step.index == target.instruction)
    }

    /// The first pair of the instruction that fits.
    fn pair(&self, target: Target, wanted: &PairDocument) -> Option<(String, String)> {
        let instruction = &self.model.file.instructions[target.instruction];
        let Data::Pairs { pairs, .. } = &instruction.data else {
            return None;
        };
        pairs.iter().find_map(|pair| {
            let name = pair.key.text();
            let value = pair.value.as_ref().map_or("", |value| value.text());
            let fits = wanted.name.is_match(name)
                && !wanted
                    .except_name
                    .as_ref()
                    .is_some_and(|not| not.is_match(name))
                && wanted
                    .value
                    .as_ref()
                    .is_none_or(|like| like.is_match(value))
                && !wanted
                    .except_value
                    .as_ref()
                    .is_some_and(|not| not.is_match(value));
            fits.then(|| (name.to_string(), value.to_string()))
        })
    }

    fn next_only(&self, found: &Match, roles: &[Role]) -> bool {
        let step = found.steps.get("next").and_then(|next| self.at(*next));
        match step.map(|step| &step.effect) {
            Some(Effect::Run(run)) => run.only(roles),
            _ => false,
        }
    }

    /// The base images of the stage, through the stages that it is built FROM: the outermost.
    fn outermost(&self) -> (Vec<usize>, Base) {
        let file = self.model.file;
        let mut stages = Vec::new();
        let mut stage = self.model.stage;
        while let Some(earlier) = file.base_stage(stage) {
            stage = earlier;
            stages.push(stage);
        }
        (stages, Base::of(file, stage, self.rules))
    }

    fn based_on(&self, names: &[String]) -> bool {
        let (_, base) = self.outermost();
        names.contains(&base.name)
    }

    fn distributed_by(&self, names: &[String]) -> bool {
        let (_, base) = self.outermost();
        base.distro.is_some_and(|distro| names.contains(&distro))
    }

    /// Whether a CMD, ENTRYPOINT or HEALTHCHECK of the stage is in shell form.
    fn started_by_shell(&self) -> bool {
        let mut steps = self.model.steps.iter();
        steps.any(|step| {
            let keyword = step.instruction.keyword;
            let starts = matches!(keyword, Keyword::Cmd | Keyword::Entrypoint);
            match &step.instruction.data {
                Data::Command(CommandLine::Shell) => starts,
                Data::Healthcheck(Some(line)) => matches!(line, CommandLine::Shell),
                _ => false,
            }
        })
    }

    /// Whether a USER of the stage says that the instruction runs as this user.
    fn user_is(&self, target: Target, name: &str) -> bool {
        let user = self.at(target).and_then(|step| step.state.user.as_deref());
        user.and_then(|user| user.split(':').next()) == Some(name)
    }

    /// The reference of the stage's FROM with the version that a table has for its tag.
    fn versioned(&self, table: &str) -> Option<String> {
        let base = &self.model.base;
        if base.stage.is_some()
            || base.digest
            || base.variable
            || base.written.contains(['"', '\''])
        {
            return None;
        }
        let row = self.rules.look_up(table, &[&base.name, &base.tag])?;
        let version = row.get("version")?;
        let name = base.written.strip_suffix(&base.tag);
        let name = name.and_then(|name| name.strip_suffix(':'));
        Some(format!("{}:{version}", name.unwrap_or(&base.written)))
    }

    /// Whether the instruction runs as root: the base image is known and has no USER, and none stands before.
    fn root(&self, target: Target) -> bool {
        let user = match self.at(target) {
            Some(step) => step.state.user.as_deref(),
            None => None,
        };
        if let Some(user) = user {
            return matches!(user.split(':').next(), Some("root" | "0"));
        }
        let (stages, base) = self.outermost();
        let file = self.model.file;
        let set = stages.iter().any(|stage| {
            let range = file.stages[*stage].from..file.stages[*stage].end;
            file.instructions[range]
                .iter()
                .any(|instruction| instruction.keyword == Keyword::User)
        });
        {
            let user = inherited(&base, self.rules).user;
            !set && base.known() && matches!(user.as_deref(), None | Some("root" | "0"))
        }
    }

    fn has_entrypoint(&self, runs: &[String]) -> bool {
        let (stages, base) = self.outermost();
        let file = self.model.file;
        let written = stages.iter().chain([&self.model.stage]).any(|stage| {
            let range = file.stages[*stage].from..file.stages[*stage].end;
            let mut instructions = file.instructions[range].iter();
            instructions.any(|instruction| instruction.keyword == Keyword::Entrypoint)
        });
        let passes = runs.contains(&base.name);
        let inherits = !base.known() || inherited(&base, self.rules).entrypoint.is_some();
        written || inherits && !passes
    }

    /// Whether ADD would do with the sources what COPY does: the table lists names and endings (`.json`) of files that
    /// are no archives.
    fn plain_sources(&self, step: &Step<'_>, table: &str) -> bool {
        let Effect::Copy(copy) = &step.effect else {
            return false;
        };
        if copy.remote || copy.from.is_some() {
            return false;
        }
        let listed = |name: &str| self.rules.look_up(table, &[name]).is_some();
        let plain = |source: &String| {
            if matches!(source.trim_end_matches('/'), "." | "" | "./") {
                return true;
            }
            let name = base(source);
            let ending = name
                .rsplit_once('.')
                .map(|(_, ending)| ending.to_ascii_lowercase());
            listed(name)
                || ending.is_some_and(|ending| listed(&format!(".{ending}")))
                || source.ends_with('/') && !source.contains('$')
        };
        copy.sources.iter().all(plain) || self.landings_plain(copy)
    }

    /// Whether the build context shows that no source is an archive.
    fn landings_plain(&self, copy: &CopyModel) -> bool {
        let Tri::Present(landings) = &copy.landings else {
            return false;
        };
        !landings.is_empty()
            && landings.iter().all(|landing| {
                landing.directory
                    || matches!(self.context.entry(&landing.source), Tri::Present(Entry::File(_)))
                        && matches!(self.context.read(&landing.source), Tri::Present(text) if !text.contains('\0'))
            })
    }
}

/// The last part of a path, quotes taken off.
fn base(raw: &str) -> &str {
    let raw = raw.trim_matches(['"', '\'']);
    raw.rsplit('/').next().unwrap_or(raw)
}

/// Whether a command runs whenever its script succeeds.
fn unconditional(command: &Command) -> bool {
    let context = &command.context;
    !(context.conditional
        || context.looped
        || context.function
        || context.background
        || context.substitution
        || context.subshell)
}

/// Whether another command of the list reads what the command writes.
fn piped(script: &Script, at: usize) -> bool {
    let command = &script.commands[at];
    let next = script.commands.get(at + 1);
    script.opaque.is_none()
        && command.context.pipeline
        && !command.context.substitution
        && next.is_some_and(|next| next.before == Connector::Pipe && next.item == command.item)
}

/// Whether the shell form of an instruction starts one program with literal words and does nothing else.
fn plain_command(instruction: &Instruction, source: &str) -> bool {
    matches!(instruction.data, Data::Command(CommandLine::Shell))
        && literal_words(&crate::shell::parse_command_line(instruction, source)).is_some()
}

/// The words of a script that is one plain command.
pub(super) fn literal_words(script: &Script) -> Option<Vec<&str>> {
    let [command] = script.commands.as_slice() else {
        return None;
    };
    let plain = script.opaque.is_none()
        && script.flat
        && script.items.len() == 1
        && command.assignments.is_empty()
        && command.redirects.is_empty()
        && !command.words.is_empty();
    // A template engine would not find its placeholder in the parts of `{{ name }}`.
    let placeholder = |raw: &str| {
        ["{{", "}}", "{%", "%}"]
            .iter()
            .any(|mark| raw.contains(mark))
    };
    if !plain
        || command
            .words
            .iter()
            .any(|word| word.glob || placeholder(&word.raw))
    {
        return None;
    }
    let words: Option<Vec<&str>> = command
        .words
        .iter()
        .map(|word| word.value.as_deref())
        .collect();
    words.filter(|words| {
        !words[0].is_empty() && !crate::shell::needs_shell(words[0]) && !words[0].contains('=')
    })
}
