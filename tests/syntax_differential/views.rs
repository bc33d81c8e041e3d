//! A Dockerfile as each of the three parsers sees it.

use dockopt::syntax::{CommandLine, Data, Dockerfile, Instruction, Keyword};

/// What a parser sees of an instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub keyword: String,
    /// Offset of the keyword.
    pub start: usize,
    /// FROM: image and stage name. COPY: sources and destination. RUN, CMD, ENTRYPOINT: the words of the
    /// exec form, nothing for the shell form. Nothing for other instructions.
    pub words: Option<Vec<String>>,
}

pub type View = Result<Vec<Seen>, String>;

pub fn ours(text: &str) -> View {
    let file = Dockerfile::parse(text).map_err(|error| error.message)?;
    let seen = |instruction: &Instruction| {
        let raw = |words: &[dockopt::syntax::Word]| {
            words
                .iter()
                .map(|word| word.raw.clone())
                .collect::<Vec<_>>()
        };
        let words = match &instruction.data {
            Data::From { image, alias } => Some(
                [Some(image), alias.as_ref()]
                    .into_iter()
                    .flatten()
                    .map(|word| word.raw.clone())
                    .collect(),
            ),
            Data::Command(CommandLine::Exec(words)) => Some(raw(words)),
            Data::Transfer { sources, dest, .. } if instruction.keyword == Keyword::Copy => {
                // `parse-dockerfile` keeps the body of a heredoc in place of its word.
                let heredoc = |raw: &str| raw.starts_with("<<") && !instruction.heredocs.is_empty();
                let word = |raw: &String| {
                    if heredoc(raw) {
                        "<<".to_owned()
                    } else {
                        raw.clone()
                    }
                };
                Some(
                    sources
                        .iter()
                        .chain([dest])
                        .map(|source| word(&source.raw))
                        .collect(),
                )
            }
            _ => None,
        };
        Seen {
            keyword: instruction.keyword.to_string(),
            start: instruction.keyword_span.start,
            words,
        }
    };
    Ok(file.instructions.iter().map(seen).collect())
}

pub fn dockerfile_parser(text: &str) -> View {
    use dockerfile_parser::{Instruction, ShellOrExecExpr};
    let file = dockerfile_parser::Dockerfile::parse(text).map_err(|error| format!("{error:?}"))?;
    let exec = |expr: &ShellOrExecExpr| {
        expr.as_exec().map(|array| {
            array
                .as_str_vec()
                .into_iter()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
    };
    let seen = |instruction: &Instruction| {
        let (keyword, words) = match instruction {
            Instruction::From(from) => {
                let words = [Some(&from.image), from.alias.as_ref()];
                (
                    "FROM",
                    Some(
                        words
                            .into_iter()
                            .flatten()
                            .map(|word| word.content.clone())
                            .collect(),
                    ),
                )
            }
            Instruction::Copy(copy) => {
                let words = copy.sources.iter().chain([&copy.destination]);
                (
                    "COPY",
                    Some(words.map(|word| word.content.clone()).collect()),
                )
            }
            Instruction::Run(run) => ("RUN", exec(&run.expr)),
            Instruction::Cmd(cmd) => ("CMD", exec(&cmd.expr)),
            Instruction::Entrypoint(entrypoint) => ("ENTRYPOINT", exec(&entrypoint.expr)),
            Instruction::Arg(_) => ("ARG", None),
            Instruction::Label(_) => ("LABEL", None),
            Instruction::Env(_) => ("ENV", None),
            Instruction::Misc(misc) => (misc.instruction.content.as_str(), None),
        };
        Seen {
            keyword: keyword.to_ascii_uppercase(),
            start: instruction.span().start,
            words,
        }
    };
    Ok(file.instructions.iter().map(seen).collect())
}

pub fn parse_dockerfile(text: &str) -> View {
    use parse_dockerfile::{Command, Instruction, Source, UnescapedString};
    let file = parse_dockerfile::parse(text).map_err(|error| error.to_string())?;
    let exec = |command: &Command<'_>| match command {
        Command::Exec(words) => Some(
            words
                .value
                .iter()
                .map(|word| word.value.to_string())
                .collect(),
        ),
        _ => None,
    };
    let words = |words: &[&UnescapedString<'_>]| {
        Some(words.iter().map(|word| word.value.to_string()).collect())
    };
    let seen = |instruction: &Instruction<'_>| {
        let (keyword, span, words) = match instruction {
            Instruction::From(from) => {
                let parts: Vec<_> = [Some(&from.image), from.as_.as_ref().map(|(_, name)| name)]
                    .into_iter()
                    .flatten()
                    .collect();
                ("FROM", &from.from.span, words(&parts))
            }
            Instruction::Copy(copy) => {
                let sources = copy.src.iter().map(|source| match source {
                    Source::Path(path) => path.value.to_string(),
                    _ => "<<".to_owned(),
                });
                (
                    "COPY",
                    &copy.copy.span,
                    Some(sources.chain([copy.dest.value.to_string()]).collect()),
                )
            }
            Instruction::Run(run) => ("RUN", &run.run.span, exec(&run.arguments)),
            Instruction::Cmd(cmd) => ("CMD", &cmd.cmd.span, exec(&cmd.arguments)),
            Instruction::Entrypoint(entrypoint) => (
                "ENTRYPOINT",
                &entrypoint.entrypoint.span,
                exec(&entrypoint.arguments),
            ),
            Instruction::Add(add) => ("ADD", &add.add.span, None),
            Instruction::Arg(arg) => ("ARG", &arg.arg.span, None),
            Instruction::Env(env) => ("ENV", &env.env.span, None),
            Instruction::Expose(expose) => ("EXPOSE", &expose.expose.span, None),
            Instruction::Healthcheck(health) => ("HEALTHCHECK", &health.healthcheck.span, None),
            Instruction::Label(label) => ("LABEL", &label.label.span, None),
            Instruction::Maintainer(maintainer) => {
                ("MAINTAINER", &maintainer.maintainer.span, None)
            }
            Instruction::Onbuild(onbuild) => ("ONBUILD", &onbuild.onbuild.span, None),
            Instruction::Shell(shell) => ("SHELL", &shell.shell.span, None),
            Instruction::Stopsignal(signal) => ("STOPSIGNAL", &signal.stopsignal.span, None),
            Instruction::User(user) => ("USER", &user.user.span, None),
            Instruction::Volume(volume) => ("VOLUME", &volume.volume.span, None),
            Instruction::Workdir(workdir) => ("WORKDIR", &workdir.workdir.span, None),
            _ => ("?", &(0..0), None),
        };
        Seen {
            keyword: keyword.to_owned(),
            start: span.start,
            words,
        }
    };
    Ok(file.instructions.iter().map(seen).collect())
}
