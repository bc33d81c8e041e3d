//! What a RUN downloads and leaves behind.

use super::{Match, Stage, base, unconditional};
use crate::model::{Effect, RunModel, Step};
use crate::shell::Command;

impl Stage<'_, '_> {
    /// The word of the hole as written, where an earlier command of the RUN downloads that file and nothing names it
    /// after the matched command.
    pub(super) fn leftover(
        &self,
        found: &Match,
        step: &Step<'_>,
        run: &RunModel<'_>,
        at: usize,
        hole: &str,
    ) -> Option<String> {
        let [captured] = found.captures.get(hole)?.as_slice() else {
            return None;
        };
        let command = &run.script.commands[at];
        let word = command.words.get(captured.index)?;
        // An option's value may be a part of its word.
        if word.glob || word.raw.starts_with('-') || !unconditional(command) {
            return None;
        }
        let name = base(&word.raw);
        if name.len() < 4 {
            return None;
        }
        let workdir = |index: usize| {
            let mut models = run.commands.iter();
            models
                .find(|model| model.index == index)
                .and_then(|model| model.workdir.clone())
        };
        let absolute = word.raw.trim_start_matches(['"', '\'']).starts_with('/');
        let here = workdir(at);
        let fetched = (0..at).any(|earlier| {
            let other = &run.script.commands[earlier];
            unconditional(other)
                && downloads_to(other, &word.raw)
                && (absolute || here.is_some() && workdir(earlier) == here)
        });
        let source = &self.model.file.source;
        let rest = source.get(command.span.end..).unwrap_or("");
        // Whatever takes files away, or packs or moves them, by a pattern or by their folder may mean this one too.
        let swept = run.script.commands.iter().skip(at + 1).any(|later| {
            let program = later.words.first().and_then(|word| word.value.as_deref());
            // Nobody knows what `$CLEAN` does.
            if !later.words.is_empty() && program.is_none() {
                return true;
            }
            matches!(
                program,
                Some("rm" | "find" | "mv" | "cp" | "tar" | "xargs" | "shred" | "unlink")
            ) && later.words.iter().skip(1).any(|argument| {
                argument.glob
                    || argument.value.is_none()
                    || argument.value.as_deref().is_some_and(|value| {
                        let plain = word.raw.trim_matches(['"', '\'']);
                        value.starts_with('.')
                            || plain.starts_with(&format!("{}/", value.trim_end_matches('/')))
                            || !absolute
                                && here
                                    .as_deref()
                                    .is_some_and(|here| crate::model::path::within(here, value))
                    })
            })
        });
        let mounted = step.instruction.flags_named("mount").next().is_some();
        // `${FILE}` is `$FILE`, and a name with a variable may be written out later: then nothing of its kind may go.
        let plain = |text: &str| text.replace(['{', '}', '"', '\''], "");
        let ending = name.rsplit('.').next().unwrap_or(name);
        let spelled_out = name.contains('$')
            && self.model.steps.iter().any(|other| {
                let Effect::Run(run) = &other.effect else {
                    return false;
                };
                other.index >= step.index
                    && run.script.commands.iter().any(|command| {
                        let program = command.words.first().and_then(|word| word.value.as_deref());
                        matches!(program, Some("rm" | "mv" | "cp" | "unlink"))
                            && command
                                .words
                                .iter()
                                .any(|word| plain(&word.raw).ends_with(ending))
                    })
            });
        // A later RUN that takes it away by a pattern would find nothing.
        let awaited = self.model.steps.iter().any(|other| {
            let Effect::Run(run) = &other.effect else {
                return false;
            };
            let mut commands = run.script.commands.iter();
            other.index > step.index && commands.any(|command| awaits(command, name))
        });
        (fetched
            && !awaited
            && !swept
            && !mounted
            && !spelled_out
            && !plain(rest).contains(&plain(name)))
        .then(|| word.raw.clone())
    }
}

/// Whether a command names files by a pattern that may stand for `name`, and fails where there is none.
fn awaits(command: &Command, name: &str) -> bool {
    let program = command.words.first().and_then(|word| word.value.as_deref());
    let forced = command.words.iter().any(|word| {
        let raw = word.raw.as_str();
        raw == "--force" || raw.starts_with('-') && !raw.starts_with("--") && raw.contains('f')
    });
    let fails = match program {
        Some("rm") => !forced,
        Some("mv" | "cp" | "unlink" | "chmod" | "chown" | "ls" | "tar" | "dpkg" | "unzip") => true,
        _ => false,
    };
    fails
        && command.words.iter().skip(1).any(|word| {
            let pattern = base(&word.raw);
            let special = |c: char| "*?[{$".contains(c);
            let (Some(first), Some(last)) = (pattern.find(special), pattern.rfind(special)) else {
                return false;
            };
            let tail = pattern.get(last + 1..).unwrap_or("");
            let tail = tail.rsplit([']', '}']).next().unwrap_or(tail);
            let plain = !name.contains('$');
            !plain || name.starts_with(&pattern[..first]) && name.ends_with(tail)
        })
}

/// Whether curl or wget writes to the file of this name, compared as written.
fn downloads_to(command: &Command, file: &str) -> bool {
    let words = &command.words;
    let program = words.first().and_then(|word| word.value.as_deref());
    let plain = |raw: &str| {
        raw.trim_matches(['"', '\''])
            .trim_start_matches("./")
            .to_string()
    };
    let wanted = plain(file);
    let (target, named): (&[&str], bool) = match program {
        Some("curl") => (&["-o", "--output"], false),
        Some("wget") => (&["-O", "--output-document"], true),
        _ => return false,
    };
    let mut given = None;
    let mut remote_name = named;
    for (index, word) in words.iter().enumerate().skip(1) {
        let raw = word.raw.as_str();
        if raw == "-P" || raw.starts_with("--directory-prefix") || raw == "--output-dir" {
            return false;
        }
        if let Some((option, value)) = raw.split_once('=')
            && target.contains(&option)
        {
            given = Some(plain(value));
        }
        let letter = target[0].trim_start_matches('-');
        let cluster = raw.starts_with('-') && !raw.starts_with("--") && raw.ends_with(letter);
        if target.contains(&raw) || cluster {
            given = words.get(index + 1).map(|next| plain(&next.raw));
        }
        if program == Some("curl")
            && (raw == "--remote-name"
                || raw.starts_with('-') && !raw.starts_with("--") && raw.contains('O'))
        {
            remote_name = true;
        }
    }
    if let Some(given) = given {
        return given == wanted;
    }
    let redirected = command.redirects.iter().any(|redirect| {
        redirect.operator == ">"
            && redirect.fd.is_none_or(|fd| fd == 1)
            && redirect
                .target
                .as_ref()
                .is_some_and(|target| plain(&target.raw) == wanted)
    });
    redirected
        || remote_name
            && !wanted.contains('/')
            && words.iter().any(|word| {
                let url = plain(&word.raw);
                url.contains("://") && !url.contains('?') && url.rsplit('/').next() == Some(&wanted)
            })
}
