//! `start_as`: the program starts as a user of the base image, who gets the folders that the sources write to.
//!
//! ```text
//! COPY . .
//! CMD ["node", "server.js"]
//!
//! COPY . .
//! RUN mkdir -p uploads && chown -R node:node uploads
//! USER node
//! CMD ["node", "server.js"]
//! ```

use super::{Firing, Proposal, Stop};
use crate::edit::insert_lines;
use crate::engine::Evidence;
use crate::facts::sources::{Scan, Written, WrittenPath, scan};
use crate::facts::{Source, Tri};
use crate::model::path::{below, parent, resolve, within};
use crate::model::{Effect, Facts, StageModel};
use crate::rule::document::StartAsVerb;
use crate::shell::Command;
use crate::syntax::{Data, Keyword};
use std::collections::BTreeSet;

const BY_HAND: &str =
    "set a USER, and give it the files that the program writes: `COPY --chown`, or `RUN chown`";

/// Sets the user before a step, after a RUN that gives it what the sources write; stops where that is not known.
pub fn start_as(
    firing: &Firing<'_>,
    facts: &Facts<'_>,
    verb: &StartAsVerb,
    proposal: &mut Proposal,
) -> Result<bool, Stop> {
    let Some(target) = firing.target(&verb.before) else {
        return Ok(false);
    };
    let at = target.instruction;
    instructions(firing)?;
    let Tri::Present(scan) = sources(firing, verb, at)? else {
        return Err(firing.stop(
            at,
            "unknown",
            "unknown: the sources of the program (the build context has none)".into(),
            BY_HAND,
        ));
    };
    for reason in &verb.refuse {
        if let Tri::Present(source) = facts.present(&reason.when) {
            let allow = reason.allow.as_deref().unwrap_or(BY_HAND);
            let message = format!("{}{}", reason.why, place(source.as_ref()));
            return Err(firing.stop(at, "writes", message, allow));
        }
    }
    if let Some(started) = scan.commands.first() {
        let message = format!(
            "the program starts `{}`, which may write files{}",
            started.name,
            place(Some(&started.source))
        );
        return Err(firing.stop(at, "writes", message, BY_HAND));
    }
    let workdir = firing.model.end.workdir.as_deref();
    let Some(workdir) = workdir.filter(|workdir| *workdir != "/") else {
        return Err(firing.stop(
            at,
            "workdir",
            "the application lies in `/`, among the system's files".into(),
            "give it a folder of its own: `WORKDIR /app`",
        ));
    };
    let own = owned(firing, verb, &scan, at, proposal)?;
    let mut text = String::new();
    if let Some(command) = own.command(workdir, &verb.user) {
        text.push_str(&format!("RUN {command}\n"));
    }
    text.push_str(&format!("USER {}", verb.user));
    let file = firing.model.file;
    let Some(lines) = crate::edit::instruction_lines(file, at, true) else {
        return Ok(false);
    };
    insert_lines(&mut proposal.edits, file, lines.start, &text)
        .map_err(|error| firing.overlap(error))?;
    if scan.writes.is_empty() {
        proposal.evidence.push(Evidence {
            text: "the sources write no file".into(),
            source: None,
        });
    }
    Ok(true)
}

/// What the sources say; a stop where they cannot be searched.
fn sources(firing: &Firing<'_>, verb: &StartAsVerb, at: usize) -> Result<Tri<Scan>, Stop> {
    let unknown = |reason: &str| {
        firing.stop(
            at,
            "unknown",
            format!("unknown: what the sources write ({reason})"),
            "give the build context with --context DIR",
        )
    };
    let found = scan(firing.context, &verb.sources.files, &verb.sources.except);
    match &found {
        Tri::Unknown(reason) => Err(unknown(reason)),
        Tri::Present(Scan {
            unread: Some((file, reason)),
            ..
        }) => Err(unknown(&format!("{file}: {reason}"))),
        _ => Ok(found),
    }
}

/// A stop where an instruction of the stage leaves something that only root may use.
fn instructions(firing: &Firing<'_>) -> Result<(), Stop> {
    let model = firing.model;
    for step in &model.steps {
        let text = &step.instruction.text.text;
        let keyword = step.instruction.keyword;
        let stop = |reason, message: String, allow: &str| {
            Err(firing.stop(step.index, reason, message, allow))
        };
        if keyword == Keyword::Volume {
            return stop(
                "writes",
                "what earlier containers left in the volume belongs to root".into(),
                "give the volume's files to the user where it is mounted, and set a USER",
            );
        }
        if ["/root", "~", "$HOME", "${HOME}"]
            .iter()
            .any(|home| text.contains(home))
        {
            return stop(
                "user-install",
                "the home directory of root is named, which another user may not read".into(),
                "put what the program needs below the application's folder",
            );
        }
        if keyword == Keyword::Env && paths_among(&step.instruction.data) {
            return stop(
                "writes",
                "a variable names a path, which the program may write to".into(),
                BY_HAND,
            );
        }
        if let Effect::Run(run) = &step.effect {
            if let Some(unknown) = run.unknown.first() {
                let message = format!(
                    "`{}` may leave files that only root may use",
                    unknown.text.trim()
                );
                return stop("opaque", message, BY_HAND);
            }
            if let Some(command) = run.script.commands.iter().find(|one| restricts(one)) {
                let words: Vec<&str> = command.words.iter().map(|word| &*word.raw).collect();
                let message = format!("`{}` may leave files to root alone", words.join(" "));
                return stop("writes", message, BY_HAND);
            }
        }
    }
    Ok(())
}

/// Whether ENV sets a variable of the program's own to a path.
fn paths_among(data: &Data) -> bool {
    let Data::Pairs { pairs, .. } = data else {
        return false;
    };
    // They say where programs and modules are found.
    let found = |name: &str| name.ends_with("PATH") || name == "VIRTUAL_ENV";
    pairs.iter().any(|pair| {
        let value = pair.value.as_ref().map_or("", |value| value.text());
        let path = value.contains('/') && !value.contains("://") || value.starts_with("sqlite:");
        path && !found(pair.key.text())
    })
}

/// Whether a command may take a right away from others: `chmod 700`, `chmod o-r`, `umask 077`.
fn restricts(command: &Command) -> bool {
    let words = || command.words.iter().map(|word| word.value.as_deref());
    let program = words().next().flatten().unwrap_or_default();
    let mode = words().skip(1).flatten().find(|word| {
        let plain = !word.starts_with('-') && word.bytes().any(|byte| byte.is_ascii_digit());
        plain || word.contains(['+', '=']) || word.contains('-') && !word.starts_with('-')
    });
    match program.rsplit('/').next().unwrap_or(program) {
        "chmod" => mode.is_none_or(|mode| match mode.bytes().all(|b| b.is_ascii_digit()) {
            // Others may read, and search a folder.
            true => !mode.ends_with(['4', '5', '6', '7']),
            false => mode.contains(['-', '=']),
        }),
        "umask" => true,
        _ => false,
    }
}

/// What the user gets, as absolute paths below the application's folder.
#[derive(Default)]
struct Owned {
    /// Folders with all that is in them.
    folders: BTreeSet<String>,
    /// The application's own folder, or single files in it.
    single: BTreeSet<String>,
}

impl Owned {
    fn command(&self, workdir: &str, user: &str) -> Option<String> {
        let shown = |path: &String| match below(path, workdir) {
            Some("") | None => ".".to_string(),
            Some(inner) => inner.to_string(),
        };
        let list = |paths: &BTreeSet<String>| -> Vec<String> { paths.iter().map(shown).collect() };
        let mut parts = Vec::new();
        if !self.single.is_empty() {
            parts.push(format!(
                "chown {user}:{user} {}",
                list(&self.single).join(" ")
            ));
        }
        if !self.folders.is_empty() {
            let folders = list(&self.folders).join(" ");
            parts.push(format!(
                "mkdir -p {folders} && chown -R {user}:{user} {folders}"
            ));
        }
        (!parts.is_empty()).then(|| parts.join(" && "))
    }
}

/// What the user must own so that all writes of the sources succeed.
fn owned(
    firing: &Firing<'_>,
    verb: &StartAsVerb,
    scan: &Scan,
    at: usize,
    proposal: &mut Proposal,
) -> Result<Owned, Stop> {
    let workdir = firing.model.end.workdir.as_deref().unwrap_or("/");
    let mut own = Owned::default();
    let mut made: Vec<String> = Vec::new();
    let mut files: Vec<(String, &Written)> = Vec::new();
    for written in &scan.writes {
        let stop = |message: String| {
            let message = format!("{message}{}", place(Some(&written.source)));
            Err(firing.stop(at, "writes", message, BY_HAND))
        };
        let (here, text, open) = match &written.path {
            WrittenPath::Known { here, text, open } => (*here, text, *open),
            WrittenPath::Temporary => continue,
            WrittenPath::Unknown => {
                return stop(format!("where `{}` writes is not known", written.call));
            }
        };
        let base = match here {
            false => workdir.to_string(),
            true => match landing(firing.model, &written.source.file) {
                Some(path) => parent(&path).to_string(),
                None => {
                    return stop(format!(
                        "where `{}` writes depends on where the build puts the file",
                        written.call
                    ));
                }
            },
        };
        // Of a path that goes on, the last part is only the beginning of a name.
        let fixed = match open {
            true => text.rfind('/').map_or("", |slash| &text[..slash]),
            false => text,
        };
        let path = resolve(&base, fixed);
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"/._-".contains(&b);
        if !within(&path, workdir) || !path.bytes().all(plain) {
            return stop(format!(
                "`{}` writes `{path}`, which is not below the application's folder `{workdir}`",
                written.call
            ));
        }
        if path == workdir && (open || !written.directory) {
            return stop(format!(
                "`{}` writes into the application's own folder, by names that are not known",
                written.call
            ));
        }
        proposal.evidence.push(Evidence {
            text: format!("`{}` writes `{path}`", written.call),
            source: Some(written.source.clone()),
        });
        match (open, written.directory) {
            // A file of an unknown name in a known folder.
            (true, _) => files.push((format!("{path}/*"), written)),
            (false, true) => made.push(path),
            (false, false) => files.push((path, written)),
        }
    }
    for path in &made {
        // It may have to make the folder itself, and what lies in it already must be its own too.
        if path != workdir {
            own.parent(path, workdir);
            if brought(firing, path) != Some(false) {
                own.folders.insert(path.clone());
            }
        }
    }
    for (path, written) in &files {
        let folder = parent(path);
        if folder == workdir {
            own.single.insert(workdir.to_string());
            match brought(firing, path) {
                Some(false) => {}
                Some(true) => {
                    own.single.insert(path.clone());
                }
                None => {
                    let message = format!(
                        "whether `{path}` comes from another stage is not known{}",
                        place(Some(&written.source))
                    );
                    return Err(firing.stop(at, "writes", message, BY_HAND));
                }
            }
        } else if !made.iter().any(|made| within(folder, made))
            || brought(firing, folder) != Some(false)
        {
            own.folders.insert(folder.to_string());
        }
    }
    let nested = own.folders.clone();
    own.folders.retain(|path| {
        !nested
            .iter()
            .any(|other| other != path && within(path, other))
    });
    let libraries = |path: &String| {
        let mut parts = path.split('/');
        parts.any(|part| verb.libraries.iter().any(|name| name == part))
    };
    if own.folders.iter().any(libraries) {
        return Err(firing.stop(
            at,
            "writes",
            "the program writes among its libraries".into(),
            BY_HAND,
        ));
    }
    Ok(own)
}

impl Owned {
    /// The folder in which the program makes another one.
    fn parent(&mut self, path: &str, workdir: &str) {
        let above = parent(path);
        match above == workdir {
            true => self.single.insert(workdir.to_string()),
            false => self.folders.insert(above.to_string()),
        };
    }
}

/// Where a file of the build context lands in the stage.
fn landing(model: &StageModel<'_>, file: &str) -> Option<String> {
    let mut found: Option<String> = None;
    for step in &model.steps {
        let Effect::Copy(copy) = &step.effect else {
            continue;
        };
        let Tri::Present(landings) = &copy.landings else {
            continue;
        };
        for landing in landings {
            let rest = match landing.source.is_empty() {
                true => Some(file),
                false => file.strip_prefix(landing.source.as_str()),
            };
            let path = match rest {
                Some("") => landing.path.clone(),
                Some(rest) if landing.directory => {
                    let inner = rest.strip_prefix('/');
                    match inner.or(landing.source.is_empty().then_some(rest)) {
                        Some(inner) => resolve(&landing.path, inner),
                        None => continue,
                    }
                }
                _ => continue,
            };
            if found.as_ref().is_some_and(|known| *known != path) {
                return None;
            }
            found = Some(path);
        }
    }
    found
}

/// Whether a COPY brings something to the path; nothing where nobody can say.
fn brought(firing: &Firing<'_>, path: &str) -> Option<bool> {
    let mut certain = true;
    for step in &firing.model.steps {
        let Effect::Copy(copy) = &step.effect else {
            continue;
        };
        let Tri::Present(landings) = &copy.landings else {
            let dest = copy.dest.as_deref();
            certain &= dest.is_some_and(|dest| !within(dest, path) && !within(path, dest));
            continue;
        };
        for landing in landings {
            if within(&landing.path, path) {
                return Some(true);
            }
            let Some(rest) = below(path, &landing.path).filter(|_| landing.directory) else {
                continue;
            };
            let source = crate::facts::path::join(&landing.source, rest);
            match firing.context.entry(&source) {
                Tri::Present(_) => return Some(true),
                Tri::Absent => {}
                Tri::Unknown(_) => certain = false,
            }
        }
    }
    certain.then_some(false)
}

fn place(source: Option<&Source>) -> String {
    source.map_or(String::new(), |source| {
        format!(" ({}:{})", source.file, source.line)
    })
}
