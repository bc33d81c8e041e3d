//! The part of a RUN that the runtime needs again.

use super::Plan;
use super::base::RuntimeBase;
use super::carry::Carried;
use super::cleaning::{cleans_up, clears_base, clears_runtime, is_forced, makes_room};
use super::downloads::{installs_file, names};
use super::packages::{Package, for_runtime, installed, removes};
use super::setup::setup_is_needed;
use crate::edit::Edits;
use crate::engine::verbs::Stop;
use crate::model::path::{resolve, within};
use crate::model::{CommandModel, Effect, Place, RunModel, Step};
use crate::rule::{Known, Role};
use crate::shell::Word;
use crate::syntax::{Dockerfile, Span};
use std::collections::BTreeSet;

/// The RUN of the build whose part is looked for.
pub struct Part<'p> {
    pub plan: &'p Plan<'p>,
    pub carried: &'p Carried,
    pub base: &'p RuntimeBase,
    /// The position of the step in the stage.
    pub at: usize,
    /// Whether the runtime takes packages from lists that this RUN may refresh.
    pub refresh: bool,
}

/// The commands that are kept, by their place in the RUN.
type Kept = BTreeSet<usize>;

impl Part<'_> {
    /// The text of the RUN for the runtime, if there is any need for it.
    pub fn text(&self, step: &Step<'_>, run: &RunModel<'_>) -> Result<Option<String>, Stop> {
        let packages = installed(run);
        let needed = self.needed(run, &packages)?;
        if needed.is_empty() {
            return Ok(None);
        }
        let moved = moved(step, run, &needed);
        let kept = self.with_companions(run, needed, moved);
        if moved && run.commands.iter().any(|one| self.enters_build(run, one)) {
            return Err(self.plan.stop(
                step.index,
                "mixed",
                "the RUN mixes commands for the build with commands that the runtime needs, and enters a directory of the build",
                "write them as two RUN instructions",
            ));
        }
        if self.runs_build(run, &kept) {
            return Err(self.plan.stop(
                step.index,
                "mixed",
                "it installs what the runtime needs with a program that another RUN downloads or builds",
                "download the program in the RUN that runs it",
            ));
        }
        if !self.base.shell {
            return Err(self.plan.stop(
                step.index,
                "mixed",
                "the runtime image has no shell for this RUN",
                "choose an image with a shell: --base slim",
            ));
        }
        self.render(step, run, &packages, &kept).map(Some)
    }

    /// The commands that the runtime needs for their own sake.
    fn needed(&self, run: &RunModel<'_>, packages: &[Package]) -> Result<Kept, Stop> {
        let mut needed = Kept::new();
        for (at, command) in run.commands.iter().enumerate() {
            let kept = match command.role {
                _ if super::configured::serves_program(self.plan, self.at, run, command)? => true,
                Some(Role::Setup) => {
                    let shell = self.base.shell;
                    setup_is_needed(self.plan, self.carried, self.at, command, shell)?
                }
                Some(Role::Packages) => {
                    let line = command.known.as_ref().map(|known| known.line);
                    let mut named = packages.iter().filter(|package| package.command == at);
                    match named.clone().next() {
                        Some(_) => named.any(|package| !self.for_runtime(package).is_empty()),
                        None => line.is_some_and(|line| !line.refreshes || self.refresh),
                    }
                }
                Some(Role::Tool) => self.carried.tools.contains(&self.at),
                Some(Role::Clean) => {
                    clears_base(self.plan, self.carried, self.at, run, command)
                        || self.clears_runtime(run, command)
                }
                _ => false,
            };
            if kept {
                needed.insert(at);
            }
        }
        Ok(needed)
    }

    /// Whether a command removes what the runtime would have again.
    fn clears_runtime(&self, run: &RunModel<'_>, command: &CommandModel<'_>) -> bool {
        let steps = &self.plan.firing.model.steps[..=self.at];
        let installs = steps.iter().any(|step| match &step.effect {
            Effect::Run(run) => installed(run)
                .iter()
                .any(|package| !self.for_runtime(package).is_empty()),
            _ => false,
        });
        clears_runtime(self.plan, self.carried, self.at, run, command, installs)
    }

    /// The packages of the runtime in place of one.
    fn for_runtime(&self, package: &Package) -> Vec<String> {
        for_runtime(self.plan, package, self.base.base.suite.as_deref())
    }

    /// Adds what goes along with the commands that are needed: the way into their directory, what they are told by a
    /// pipe, lists of packages, and what they clean up.
    fn with_companions(&self, run: &RunModel<'_>, needed: Kept, moved: bool) -> Kept {
        let commands: Vec<&CommandModel<'_>> = needed.iter().map(|at| &run.commands[*at]).collect();
        let installs = commands
            .iter()
            .any(|command| matches!(command.role, Some(Role::Packages | Role::Tool)));
        let item = |command: &CommandModel<'_>| item(run, command);
        let items: BTreeSet<usize> = commands.iter().map(|command| item(command)).collect();
        // `echo "$SUM file" | sha256sum -c`: what is told to a command of the build is nothing by itself.
        let plain = |wanted: usize| {
            let mut others = run.commands.iter().filter(|one| item(one) == wanted);
            others.all(|command| matches!(command.role, Some(Role::None)))
        };
        let mut kept = needed.clone();
        for (at, command) in run.commands.iter().enumerate() {
            let companion = match command.role {
                Some(Role::None) if enters(run, command) => moved,
                Some(Role::None) => items.contains(&item(command)) || plain(item(command)),
                Some(Role::Setup) => {
                    command.directory && (moved || holds_needed(run, command, &commands))
                }
                // What is not installed again cannot be removed again.
                Some(Role::Clean) => {
                    let gone = removes(command).any(|name| self.plan.removed.contains(&name));
                    installs && !gone && cleans_up(run, command)
                        || makes_room(run, command, &commands)
                }
                Some(Role::Packages) => {
                    let known = command.known.as_ref();
                    installs && known.is_some_and(|known| known.line.refreshes)
                }
                _ => false,
            };
            if companion {
                kept.insert(at);
            }
        }
        // What is downloaded for a command that reads it from a pipe goes along with that command.
        let items: BTreeSet<usize> = kept.iter().map(|at| item(&run.commands[*at])).collect();
        for (at, command) in run.commands.iter().enumerate() {
            let feeds = matches!(command.role, Some(Role::Fetch | Role::Check));
            if feeds && command.writes.is_empty() && items.contains(&item(command)) {
                kept.insert(at);
            }
        }
        // A program that is downloaded in order to install a tool, and made executable before it runs.
        let programs: Vec<String> = kept.iter().filter_map(|at| tool(run, *at)).collect();
        for (at, command) in run.commands.iter().enumerate() {
            let writes =
                |place: &Place| matches!(place, Place::Path(path) if programs.contains(path));
            let prepares = matches!(command.role, Some(Role::Fetch | Role::Check | Role::Setup));
            if prepares && command.writes.iter().any(writes) {
                kept.insert(at);
            }
        }
        self.with_downloads(run, &mut kept);
        kept
    }

    /// Adds what downloads a file that a command which is kept reads, and what removes that file in the end.
    fn with_downloads(&self, run: &RunModel<'_>, kept: &mut Kept) {
        let mut downloads: Vec<&str> = Vec::new();
        for (at, command) in run.commands.iter().enumerate() {
            if command.role != Some(Role::Fetch) || kept.contains(&at) {
                continue;
            }
            let reads = |path: &str| {
                let mut later = kept.iter().filter(|later| **later > at);
                later.any(|later| names(run, &run.commands[*later], path))
            };
            // `wget https://host/tool_$VERSION.deb && apt-get install ./tool_$VERSION.deb`
            let installs = || {
                let mut later = kept.iter().filter(|later| **later > at);
                later.any(|later| installs_file(run, &run.commands[*later]))
            };
            for place in &command.writes {
                match place {
                    Place::Path(path) if reads(path) => downloads.push(path),
                    Place::Below(path) if installs() => downloads.push(path),
                    _ => {}
                }
            }
        }
        if downloads.is_empty() {
            return;
        }
        let step = &self.plan.firing.model.steps[self.at];
        for (at, command) in run.commands.iter().enumerate() {
            let fetches = command.role == Some(Role::Fetch)
                && (command.writes.iter())
                    .any(|place| matches!(place, Place::Path(path) | Place::Below(path) if downloads.contains(&path.as_str())));
            let removes = || {
                let gone = super::written::cleaned(command, step);
                gone.iter()
                    .any(|(gone, _)| downloads.contains(&gone.as_str()))
            };
            if fetches || command.role == Some(Role::Clean) && removes() {
                kept.insert(at);
            }
        }
    }

    /// Whether a command that installs a tool again is a file that the runtime has not got by then.
    fn runs_build(&self, run: &RunModel<'_>, kept: &Kept) -> bool {
        kept.iter().filter_map(|at| tool(run, *at)).any(|program| {
            let writes = |place: &Place| matches!(place, Place::Path(path) if *path == program);
            let here = kept
                .iter()
                .any(|at| run.commands[*at].writes.iter().any(writes));
            !here && self.carried.made.iter().any(|made| within(&program, made))
        })
    }

    /// Whether a command enters a directory that the runtime does not have, or not yet.
    fn enters_build(&self, run: &RunModel<'_>, command: &CommandModel<'_>) -> bool {
        let first = run.command(command).words.first();
        if first.and_then(|word| word.value.as_deref()) != Some("cd") {
            return false;
        }
        let Some(into) = command.workdir.as_deref() else {
            return true;
        };
        let copied = || self.carried.paths.iter().map(|copied| &copied.path);
        let gone = |made: &String| within(into, made) && !copied().any(|path| within(into, path));
        self.carried.made.iter().any(gone)
            || copied().any(|path| within(into, path) && (into != path || !self.is_made(into)))
    }

    /// Whether WORKDIR or a command that makes directories has made a directory by now.
    fn is_made(&self, path: &str) -> bool {
        let steps = &self.plan.firing.model.steps[..=self.at];
        let makes = |command: &CommandModel<'_>| {
            let mut writes = command.writes.iter();
            command.directory
                && writes.any(|place| matches!(place, Place::Path(made) if within(made, path)))
        };
        steps.iter().any(|step| {
            let workdir = step
                .state
                .workdir
                .as_deref()
                .filter(|_| step.state.workdir_set);
            workdir.is_some_and(|workdir| within(workdir, path))
                || matches!(&step.effect, Effect::Run(run) if run.commands.iter().any(makes))
        })
    }

    /// The RUN with the commands that are kept alone, and with the runtime's packages.
    fn render(
        &self,
        step: &Step<'_>,
        run: &RunModel<'_>,
        packages: &[Package],
        kept: &Kept,
    ) -> Result<String, Stop> {
        let items = |wanted: bool| -> BTreeSet<usize> {
            let commands = run.commands.iter().enumerate();
            let chosen = commands.filter(|(at, _)| kept.contains(at) == wanted);
            chosen.map(|(_, command)| item(run, command)).collect()
        };
        let mixed = || {
            self.plan.stop(
                step.index,
                "mixed",
                "the RUN mixes commands for the build with commands that the runtime needs",
                "write them as two RUN instructions",
            )
        };
        let drop = items(false);
        if drop.intersection(&items(true)).next().is_some() {
            return Err(mixed());
        }
        let start = step.instruction.span.start;
        let mut edits = Edits::new();
        for package in packages.iter().filter(|one| kept.contains(&one.command)) {
            let runtime = self.for_runtime(package);
            if runtime.as_slice() == [package.name.clone()] {
                continue;
            }
            // Neighbouring words that both go share no byte: each takes the white space before it.
            let words = &run.command(&run.commands[package.command]).words;
            let before = words.get(package.word.wrapping_sub(1));
            let from = match (runtime.is_empty(), before) {
                (true, Some(word)) => word.span.end,
                _ => package.span.start,
            };
            let span = Span::new(from - start, package.span.end - start);
            edits
                .replace(span, runtime.join(" "))
                .map_err(|error| self.plan.firing.overlap(error))?;
        }
        // What the build's image brought itself need not be there.
        for at in kept {
            let command = &run.commands[*at];
            let asked = self.clears_runtime(run, command) && !is_forced(run, command);
            let Some(first) = run.command(command).words.first().filter(|_| asked) else {
                continue;
            };
            let end = first.span.end - start;
            edits
                .replace(Span::new(end, end), " -f".to_string())
                .map_err(|error| self.plan.firing.overlap(error))?;
        }
        let source = &self.plan.firing.model.file.source;
        let mut text = edits.apply(step.instruction.span.of(source));
        for item in drop.iter().rev() {
            text = without_item(&text, *item).ok_or_else(mixed)?;
        }
        Ok(text)
    }
}

/// The file that a command is which installs a tool, where it is named by its path.
fn tool(run: &RunModel<'_>, at: usize) -> Option<String> {
    let command = &run.commands[at];
    let program = run.command(command).words.first()?.value.as_deref()?;
    let installs = command.role == Some(Role::Tool) && program.contains('/');
    installs.then(|| resolve(command.workdir.as_deref().unwrap_or("/"), program))
}

/// The item of the script's list that a command belongs to.
fn item(run: &RunModel<'_>, command: &CommandModel<'_>) -> usize {
    run.script.commands[command.index].item
}

/// Whether a command changes the directory of those that follow.
fn enters(run: &RunModel<'_>, command: &CommandModel<'_>) -> bool {
    let first = run.command(command).words.first();
    first.is_some_and(|word| matches!(word.value.as_deref(), Some("cd" | "pushd" | "popd")))
}

/// Whether a command that is needed stands in another directory than the RUN begins in, and names files relative to it.
fn moved(step: &Step<'_>, run: &RunModel<'_>, needed: &Kept) -> bool {
    let first = step.state.workdir.as_deref();
    let relative = |word: &str| !word.starts_with(['/', '-', '"', '\'', '$', '~']);
    needed.iter().map(|at| &run.commands[*at]).any(|command| {
        let touches = |known: &Known<'_>| {
            let templates = known.line.touches.iter();
            let paths: Option<Vec<_>> = templates.map(|template| known.fill(template)).collect();
            paths.map(|paths| paths.into_iter().flatten().any(|path| relative(&path)))
        };
        let known = command.known.as_ref();
        let listed = known.filter(|known| !known.line.touches.is_empty());
        // A mode or an owner among the words is no file.
        let names = listed.and_then(touches).unwrap_or_else(|| {
            let words = run.command(command).words.iter().skip(1);
            words.into_iter().any(|word| relative(&word.raw))
        });
        command.role == Some(Role::Setup) && command.workdir.as_deref() != first && names
    })
}

/// Whether a command makes a directory that those that are needed name or write below.
fn holds_needed(
    run: &RunModel<'_>,
    command: &CommandModel<'_>,
    needed: &[&CommandModel<'_>],
) -> bool {
    let mut made = run.command(command).words.iter().skip(1);
    let named = |made: &Word| {
        let mut words = needed.iter().flat_map(|needed| &run.command(needed).words);
        !made.raw.starts_with('-')
            && words.any(|word| {
                let above = word.raw.contains('/') && word.raw.len() > 1;
                word.raw.starts_with(&made.raw) || (above && made.raw.starts_with(&word.raw))
            })
    };
    let written = |place: &Place| {
        let Place::Path(directory) = place else {
            return true;
        };
        let below = |place: &Place| match place {
            Place::Path(path) | Place::Below(path) => {
                within(path, directory) || (path != "/" && within(directory, path))
            }
            _ => false,
        };
        needed.iter().any(|needed| needed.writes.iter().any(below))
    };
    made.any(named) || command.writes.iter().any(written)
}

/// A RUN without one item of its list.
fn without_item(text: &str, item: usize) -> Option<String> {
    const HEAD: &str = "FROM scratch\n";
    let whole = format!("{HEAD}{text}\n");
    let file = Dockerfile::parse(&whole).ok()?;
    let instruction = file.instructions.get(1)?;
    let script = crate::shell::parse_run(instruction, &file.source);
    let mut edits = Edits::new();
    let removal = crate::shell::remove_item(&script, &file.source, item);
    if removal.is_empty() {
        return None;
    }
    for (span, text) in removal {
        edits.replace(span, text).ok()?;
    }
    let after = edits.apply(&whole);
    Some(
        after
            .strip_prefix(HEAD)?
            .trim_end_matches(['\n', '\r'])
            .to_string(),
    )
}
