//! What `match` asks of the matched place beyond its words: pairs, users, starts, downloads, sources.

use super::matching::{Match, Stage, Target};
use crate::facts::{Entry, Tri};
use crate::model::{Base, CopyModel, Effect, RunModel, Step, inherited};
use crate::rule::document::{MatchDocument, PairDocument, Role};
use crate::shell::{Command, Script};
use crate::syntax::{CommandLine, Data, Instruction, Keyword};

/// What belongs to the shell itself, or means something only in it.
const SHELL_WORDS: &[&str] = &[
    ".", ":", "[", "alias", "bg", "break", "case", "cd", "command", "continue", "declare", "do",
    "else", "eval", "exec", "exit", "export", "fg", "for", "function", "hash", "if", "jobs", "let",
    "local", "nohup", "popd", "pushd", "read", "readonly", "return", "set", "shift", "shopt",
    "source", "time", "trap", "type", "typeset", "ulimit", "umask", "unalias", "unset", "until",
    "wait", "while", "{", "[[", "((", "!",
];

/// Names of files that ADD does not unpack: what their endings say of their content.
const PLAIN_ENDINGS: &[&str] = &[
    "bash",
    "bat",
    "c",
    "cer",
    "cert",
    "cfg",
    "cnf",
    "conf",
    "config",
    "cpp",
    "crt",
    "cs",
    "css",
    "csv",
    "deb",
    "default",
    "dll",
    "egg",
    "ejs",
    "env",
    "ex",
    "exe",
    "exs",
    "fcgi",
    "go",
    "gradle",
    "h",
    "hcl",
    "htm",
    "html",
    "ini",
    "ipynb",
    "jar",
    "java",
    "jks",
    "js",
    "json",
    "key",
    "kts",
    "list",
    "lock",
    "lua",
    "md",
    "mjs",
    "mod",
    "patch",
    "pem",
    "php",
    "pl",
    "pom",
    "properties",
    "proto",
    "pub",
    "py",
    "r",
    "rb",
    "repo",
    "rpm",
    "rs",
    "rules",
    "service",
    "sh",
    "sql",
    "sum",
    "svg",
    "template",
    "tf",
    "tmpl",
    "toml",
    "ts",
    "tsx",
    "txt",
    "vim",
    "war",
    "whl",
    "xml",
    "yaml",
    "yml",
    "zip",
    "zsh",
];

/// Names of files without an ending that are texts.
const PLAIN_NAMES: &[&str] = &[
    "Gemfile",
    "Makefile",
    "Pipfile",
    "Procfile",
    "Rakefile",
    "LICENSE",
    "README",
    "VERSION",
    "crontab",
    "authorized_keys",
    ".bashrc",
    ".bash_profile",
    ".profile",
    ".vimrc",
    ".gitconfig",
    ".npmrc",
    ".zshrc",
];

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
        if matching.manifests {
            let Some(manifests) = self.manifests(step, found) else {
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
        if matching.plain_sources && !self.plain_sources(step)
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

    /// The word of the hole as written, where an earlier command of the RUN downloads that file and nothing names it
    /// after the matched command.
    fn leftover(
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

    /// Whether ADD would do with the sources what COPY does.
    fn plain_sources(&self, step: &Step<'_>) -> bool {
        let Effect::Copy(copy) = &step.effect else {
            return false;
        };
        if copy.remote || copy.from.is_some() {
            return false;
        }
        let plain = |source: &String| {
            if matches!(source.trim_end_matches('/'), "." | "" | "./") {
                return true;
            }
            let name = base(source);
            let ending = name
                .rsplit_once('.')
                .map(|(_, ending)| ending.to_ascii_lowercase());
            PLAIN_NAMES.contains(&name)
                || ending.is_some_and(|ending| PLAIN_ENDINGS.contains(&ending.as_str()))
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
    if !plain || command.words.iter().any(|word| word.glob) {
        return None;
    }
    let words: Option<Vec<&str>> = command
        .words
        .iter()
        .map(|word| word.value.as_deref())
        .collect();
    words.filter(|words| {
        !words[0].is_empty() && !SHELL_WORDS.contains(&words[0]) && !words[0].contains('=')
    })
}
