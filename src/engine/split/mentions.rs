//! Paths of the build context that the start and the environment name beside the program, those of compose files
//! included:
//! `--config app.yml`, `-Dlogging.config=conf/log.xml`, `ENV CONFIG=/app/conf`.

use super::Plan;
use crate::engine::Evidence;
use crate::facts::{Entry, Tri};
use crate::model::path::{name, resolve, within};
use crate::model::{Effect, Place};
use crate::syntax::{Data, Keyword};

/// What is named.
#[derive(Debug, Default)]
pub struct Mentions {
    /// Absolute paths that the build context brings, with what names them.
    pub paths: Vec<(String, Evidence)>,
    /// What names the working directory itself, so that all of it may be read.
    pub directory: Option<Evidence>,
}

/// The paths that CMD, ENTRYPOINT, HEALTHCHECK, the scripts that they lead to, and ENV name.
pub fn mentions(plan: &Plan<'_>) -> Mentions {
    let model = plan.firing.model;
    let mut mentions = Mentions::default();
    let Some(workdir) = &model.end.workdir else {
        return mentions;
    };
    let starts = [Keyword::Cmd, Keyword::Entrypoint, Keyword::Healthcheck];
    for step in starts.iter().filter_map(|keyword| model.last(*keyword)) {
        let text = model
            .end
            .expand(&step.instruction.text.text, '\\')
            .unwrap_or_else(|| step.instruction.text.text.clone());
        let via = step.instruction.keyword.as_str().to_string();
        named(plan, workdir, &text, &via, true, &mut mentions);
    }
    for (via, workdir, text) in &plan.start.texts {
        named(plan, workdir, text, via, true, &mut mentions);
    }
    for (via, directory) in &plan.start.entered {
        add(plan, directory, ".", via, true, &mut mentions);
    }
    by_default(plan, workdir, &mut mentions);
    for step in &model.steps {
        if step.instruction.keyword != Keyword::Env {
            continue;
        }
        let Data::Pairs { pairs, .. } = &step.instruction.data else {
            continue;
        };
        for pair in pairs {
            let name = pair.key.text();
            if let Some(value) = model.end.value(name) {
                named(
                    plan,
                    workdir,
                    &value,
                    &format!("ENV {name}"),
                    false,
                    &mut mentions,
                );
            }
        }
    }
    served(plan, workdir, &mut mentions);
    changed(plan, workdir, &mut mentions);
    mentions
}

/// What programs of the start read where they run without being told, by the table `default-paths`.
fn by_default(plan: &Plan<'_>, workdir: &str, found: &mut Mentions) {
    let Some(table) = plan.firing.rules.table("default-paths") else {
        return;
    };
    let model = plan.firing.model;
    let starts = [Keyword::Cmd, Keyword::Entrypoint, Keyword::Healthcheck];
    let starts = starts.iter().filter_map(|keyword| model.last(*keyword));
    let mut said: Vec<&str> = starts
        .flat_map(|step| words(&step.instruction.text.text))
        .collect();
    said.extend(plan.start.texts.iter().flat_map(|(.., text)| words(text)));
    let told = |word: &str| said.contains(&word) || model.end.value(word).is_some();
    for (program, _) in plan.start.commands() {
        for row in table.rows(&[name(program)]) {
            let unless = row.get("unless").unwrap_or("");
            let path = row.get("path").unwrap_or("");
            if path.is_empty() || unless.split(' ').any(told) {
                continue;
            }
            let via = format!("`{}`, which the start runs,", name(program));
            match path {
                "." => {
                    found.directory.get_or_insert_with(|| Evidence {
                        text: format!(
                            "{via} reads the working directory: the whole application directory is copied"
                        ),
                        source: None,
                    });
                }
                _ => add(plan, workdir, path, &via, true, found),
            }
        }
    }
}

/// The words of a start in either form, an option without its value.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|sign: char| sign.is_whitespace() || "=,;\"'[](){}|&<>".contains(sign))
}

/// What services of compose files name in their environment: `DATABASE_URL: sqlite://data/app.db`.
fn served(plan: &Plan<'_>, workdir: &str, found: &mut Mentions) {
    let name = plan.firing.model.file.stages.get(plan.firing.model.stage);
    let name = name.and_then(|stage| stage.name.as_deref()).unwrap_or("");
    for service in plan.firing.services.get() {
        let target = service.target.as_deref().unwrap_or("");
        if !target.is_empty() && !target.eq_ignore_ascii_case(name) {
            continue;
        }
        let here = service.workdir.as_deref();
        let here = here.map_or_else(|| workdir.to_string(), |here| resolve(workdir, here));
        for (variable, value) in &service.environment {
            let via = format!(
                "{variable} of service `{}` ({})",
                service.name, service.file
            );
            let mut own = Mentions::default();
            named(plan, &here, value, &via, false, &mut own);
            // What the host brings to that place hides what the image has there.
            let hidden = |path: &str| service.binds.iter().any(|bind| within(path, &bind.target));
            own.paths.retain(|(path, _)| !hidden(path));
            for (path, evidence) in own.paths {
                if !found.paths.iter().any(|(known, _)| *known == path) {
                    found.paths.push((path, evidence));
                }
            }
        }
    }
}

/// Files of the build that RUN instructions after it change: `RUN sed -i … settings.ini`.
fn changed(plan: &Plan<'_>, workdir: &str, found: &mut Mentions) {
    let model = plan.firing.model;
    for step in &model.steps[plan.survey.last + 1..] {
        let Effect::Run(run) = &step.effect else {
            continue;
        };
        for command in &run.commands {
            let program = run.command(command).words.first();
            let makes = command.directory
                || program.is_some_and(|word| matches!(word.raw.as_str(), "touch" | "ln"));
            for place in command.writes.iter().filter(|_| !makes) {
                let (Place::Path(path) | Place::Below(path)) = place else {
                    continue;
                };
                if path == workdir || !within(path, workdir) {
                    continue;
                }
                let text = format!("line {} changes `{path}`", plan.line(step.index));
                let evidence = Evidence { text, source: None };
                match model.origin(path, plan.firing.context) {
                    Ok(Some((at, _))) if at <= plan.survey.last => {
                        found.paths.push((path.clone(), evidence));
                    }
                    Ok(_) => {}
                    // Without a context nobody knows where it comes from.
                    Err(_) => found.directory = found.directory.take().or(Some(evidence)),
                }
            }
        }
    }
}

fn named(plan: &Plan<'_>, workdir: &str, text: &str, via: &str, start: bool, found: &mut Mentions) {
    let separates = |c: char| c.is_whitespace() || "=:,;\"'[](){}|&<>@".contains(c);
    let mut option = false;
    for word in text.split(separates) {
        // `-Djava.library.path=native`, `-d sql`: the value of an option.
        let at = word.as_ptr() as usize - text.as_ptr() as usize;
        let value = option || text.get(..at).is_some_and(|before| before.ends_with('='));
        if !word.is_empty() {
            option = word.starts_with('-');
        }
        if matches!(word, "." | "./") && start {
            found.directory.get_or_insert_with(|| Evidence {
                text: format!(
                    "{via} names the working directory: the whole application directory is copied"
                ),
                source: None,
            });
        }
        if word.starts_with('-') || !word.contains(|c: char| c.is_ascii_alphanumeric()) {
            continue;
        }
        add(plan, workdir, word, via, start && value, found);
        // The path of an address: `sqlite://data/app.db`, and `sqlite:///app.db` of SQLAlchemy.
        if word.starts_with("//") {
            let file = text
                .get(..at)
                .is_some_and(|before| before.ends_with("file:"));
            let word = word.trim_start_matches('/');
            add(plan, workdir, word, via, file || start && value, found);
        }
    }
}

/// Adds what a word names; one that is a folder's name alone only where it is a `value`.
fn add(plan: &Plan<'_>, workdir: &str, word: &str, via: &str, value: bool, found: &mut Mentions) {
    let path = resolve(workdir, word);
    if Some(&path) == plan.firing.model.end.workdir.as_ref()
        || found.paths.iter().any(|(known, _)| *known == path)
    {
        return;
    }
    // `DATABASE=/app/data/app.db`: the program makes the file, and needs its directory.
    if let Some(directory) = super::made::directory(plan, &path) {
        if !found.paths.iter().any(|(known, _)| *known == directory) {
            let text = format!("{via} names `{word}`, which needs its directory");
            let evidence = Evidence { text, source: None };
            found.paths.push((directory, evidence));
        }
        return;
    }
    let Ok(Some((at, source))) = plan.firing.model.origin(&path, plan.firing.context) else {
        return;
    };
    // A word alone that is a folder's name is more often an argument: `app server`.
    let folder = matches!(
        plan.firing.context.entry(&source),
        Tri::Present(Entry::Directory)
    );
    let alone = folder && !word.contains('/') && !value;
    if at > plan.survey.last || source.is_empty() || alone {
        return;
    }
    let evidence = Evidence {
        text: format!("{via} names `{word}`"),
        source: None,
    };
    found.paths.push((path, evidence));
}
