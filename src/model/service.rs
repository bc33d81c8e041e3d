//! What a service of a compose file starts in the image.

use super::follow::{Place, Walk};
use super::path::resolve;
use super::start::{Follow, Start};
use super::words::{exec_words, literal};
use crate::facts::Source;
use crate::facts::compose::{Order, Service};
use crate::shell::{Command, Word};
use crate::syntax::{Keyword, Span};

impl Start {
    /// Follows the command and the health check of a service.
    pub fn of_service(follow: &Follow<'_>, service: &Service) -> Self {
        let model = follow.model;
        let starts = [Keyword::Cmd, Keyword::Entrypoint];
        let own = starts.iter().find_map(|keyword| model.last(*keyword));
        let from = model.file.stages.get(model.stage);
        let mut walk = Walk {
            follow,
            start: Self::default(),
            instruction: own.map_or(from.map_or(0, |stage| stage.from), |step| step.index),
            arguments: Vec::new(),
            giver: "CMD".into(),
        };
        let words = |order: &Order| order.words.iter().map(|text| word(text)).collect();
        let command: Option<Vec<Word>> = service.command.as_ref().map(words);
        let entrypoint: Option<Vec<Word>> = match &service.entrypoint {
            Some(order) => Some(words(order)),
            None => model
                .last(Keyword::Entrypoint)
                .map(|step| exec_words(step.instruction).unwrap_or_default()),
        };
        let order = service.command.as_ref().or(service.entrypoint.as_ref());
        match (entrypoint, command, order) {
            // The shell form takes no arguments.
            (Some(entrypoint), _, _) if entrypoint.is_empty() => {}
            (entrypoint, command, Some(order)) => {
                let place = place(follow, service, order, "");
                walk.giver.clone_from(&place.via);
                walk.arguments = command.clone().unwrap_or_default();
                let words = entrypoint.into_iter().flatten();
                let words: Vec<Word> = words.chain(command.into_iter().flatten()).collect();
                // What a variable of the caller names can be anything.
                if words.first().is_some_and(|first| first.value.is_some()) {
                    walk.command(&Command::of(words), &place);
                }
            }
            _ => {}
        }
        if let Some(check) = &service.check {
            let place = place(follow, service, check, "the health check of ");
            match check.words.first() {
                Some(text) if check.shell => {
                    walk.start.shell = true;
                    walk.script(&crate::shell::parse_text(text, 0), &place);
                }
                _ => walk.command(&Command::of(words(check)), &place),
            }
        }
        walk.start
    }

    /// Adds what another start needs.
    pub fn extend(&mut self, other: Self) {
        for program in other.programs {
            if !self.programs.iter().any(|known| known.need == program.need) {
                self.programs.push(program);
            }
        }
        self.asked.extend(other.asked);
        self.shell |= other.shell;
        self.directory |= other.directory;
        self.obstacles.extend(other.obstacles);
        for evidence in other.evidence {
            if !self.evidence.contains(&evidence) {
                self.evidence.push(evidence);
            }
        }
        for assumption in other.assumptions {
            if !self.assumptions.contains(&assumption) {
                self.assumptions.push(assumption);
            }
        }
        self.unnamed.extend(other.unnamed);
        for known in other.development {
            if !self.development.contains(&known) {
                self.development.push(known);
            }
        }
        self.compiles = self.compiles.take().or(other.compiles);
        self.anything = self.anything.take().or(other.anything);
        self.lists.extend(other.lists);
        self.project_programs |= other.project_programs;
        for text in other.texts {
            if !self.texts.contains(&text) {
                self.texts.push(text);
            }
        }
        self.tools.extend(other.tools);
        self.served.extend(other.served);
        self.unread |= other.unread;
        self.unfollowed.extend(other.unfollowed);
    }
}

fn place(follow: &Follow<'_>, service: &Service, order: &Order, part: &str) -> Place {
    let end = &follow.model.end.workdir;
    let workdir = match (&service.workdir, end) {
        (Some(own), Some(end)) => Some(resolve(end, own)),
        (Some(own), None) if own.starts_with('/') => Some(resolve("/", own)),
        (_, end) => end.clone(),
    };
    Place {
        via: format!(
            "{part}service `{}` ({}:{})",
            service.name, service.file, order.line
        ),
        workdir,
        source: Some(Source {
            file: service.file.clone(),
            line: order.line,
        }),
        depth: 0,
        manifest: false,
        folder: None,
    }
}

/// A word of a compose file; a variable of the caller is none of the image.
fn word(text: &str) -> Word {
    let span = Span::default();
    let names = text.split("${").skip(1);
    let variables: Vec<String> = names
        .filter_map(|rest| Some(rest.split_once('}')?.0.to_string()))
        .collect();
    match variables.is_empty() {
        true => literal(text, span),
        false => Word {
            value: None,
            variables,
            ..literal(text, span)
        },
    }
}
