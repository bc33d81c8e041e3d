//! Programs of the project that an interpreter runs in a RUN (`RUN python train.py`): whether what they write can lie
//! nowhere but beside them.

use std::collections::BTreeSet;

use crate::facts::sources::{self, Scan, WrittenPath};
use crate::facts::{Context, Entry, Tri, path};
use crate::model::path::{parent, resolve, within};
use crate::model::stage::{Effect, Step};
use crate::regular::Regular;
use crate::rule::{RuleSet, Table};
use crate::shell::Command;

/// More files of the project than these are no script.
const MAX_FILES: usize = 40;

/// Whether all that a script of the build context writes lies below the working directory.
///
/// Its text and that of what it imports from the project must name no other place, nor anything that could lead to one:
/// the environment, the home directory, packages that keep caches of their own.
pub fn stays_inside(
    shell: &Command,
    workdir: &str,
    steps: &[Step<'_>],
    context: &dyn Context,
    rules: &RuleSet,
) -> Option<()> {
    let table = rules.table("script-limits")?;
    let mut words = shell.words.iter().map(|word| word.value.as_deref());
    let program = words.next().flatten()?;
    let language = table.get(&[program, "program"])?.get("value")?.to_string();
    let words: Vec<&str> = words.collect::<Option<_>>()?;
    let (script, arguments) = words.split_first()?;
    let tame = |word: &&str| {
        !word.contains("..") && !word.contains(['~', '$']) && {
            let value = word.split_once('=').map_or(*word, |(_, value)| value);
            !value.starts_with('/') || within(value, workdir)
        }
    };
    if workdir == "/" || script.starts_with('-') || !arguments.iter().all(tame) {
        return None;
    }
    let target = resolve(workdir, script);
    let source = steps.iter().rev().find_map(|step| match &step.effect {
        Effect::Copy(copy) => copy.brings(&target, context).ok().flatten(),
        _ => None,
    })?;
    if !within(&target, workdir) {
        return None;
    }
    let limits = Limits {
        table,
        language: &language,
        workdir,
        context,
    };
    let mut patterns = vec![limits.pattern("never")?];
    if parent(&target) == workdir {
        patterns.push(limits.pattern("top")?);
    }
    let files = limits.files(&source)?;
    for file in &files {
        let text = context.read(file).present()?;
        if patterns.iter().any(|pattern| pattern.is_match(&text)) {
            return None;
        }
    }
    let Tri::Present(scan) = sources::scan(context, &files, &[]) else {
        return None;
    };
    limits
        .names_no_other_place(&scan, parent(&target))
        .then_some(())
}

struct Limits<'a> {
    table: &'a Table,
    language: &'a str,
    workdir: &'a str,
    context: &'a dyn Context,
}

impl Limits<'_> {
    fn pattern(&self, kind: &str) -> Option<Regular> {
        let row = self.table.get(&[self.language, kind])?;
        Regular::new(row.get("value")?, true).ok()
    }

    /// The script with all that it brings in from the project; nothing where it imports what is not known.
    fn files(&self, script: &str) -> Option<Vec<String>> {
        let imports = self.pattern("import");
        let closed = self.table.get(&[self.language, "module"]).is_some();
        let mut files: Vec<String> = Vec::new();
        let mut waiting = vec![script.to_string()];
        let mut seen = BTreeSet::new();
        while let Some(file) = waiting.pop() {
            if !seen.insert(file.clone()) {
                continue;
            }
            if seen.len() > MAX_FILES || file.contains(['*', '?', '[', '{', '\\']) {
                return None;
            }
            files.push(file.clone());
            if let Some(imports) = &imports {
                let text = self.context.read(&file).present()?;
                for import in imports.find_all(&text) {
                    let wanted = import.text.trim_matches(['"', '\'', ' ']);
                    waiting.extend(self.beside(path::parent(&file), wanted)?);
                }
            }
            if !closed {
                continue;
            }
            let Tri::Present(scan) = sources::scan(self.context, &[file], &[]) else {
                return None;
            };
            for import in &scan.imports {
                let module = import.package.split('.').next().unwrap_or("");
                let known = self.table.get(&[self.language, "module", module]).is_some();
                // What lies beside the script comes before what is installed.
                let own = self.modules(path::parent(script), module)?;
                if own.is_empty() && !known {
                    return None;
                }
                waiting.extend(own);
            }
        }
        Some(files)
    }

    /// The files of a module of the project.
    fn modules(&self, folder: &str, module: &str) -> Option<Vec<String>> {
        let name = path::join(folder, module);
        let mut single = self.endings().map(|ending| format!("{name}{ending}"));
        if let Some(file) = single.find(|file| self.is_file(file)) {
            return Some(vec![file]);
        }
        match self.context.files_below(&name) {
            Tri::Present(files) => {
                let code = |file: &String| self.endings().any(|ending| file.ends_with(ending));
                Some(files.into_iter().filter(code).collect())
            }
            Tri::Absent => Some(Vec::new()),
            Tri::Unknown(_) => None,
        }
    }

    /// The files that a relative import may lead to; nothing where there is none.
    fn beside(&self, folder: &str, wanted: &str) -> Option<Vec<String>> {
        let path = path::normalize(&path::join(folder, wanted))?;
        if self.is_file(&path) {
            return Some(vec![path]);
        }
        let names = self.endings().map(|ending| format!("{path}{ending}"));
        let files: Vec<String> = names.filter(|name| self.is_file(name)).collect();
        (!files.is_empty()).then_some(files)
    }

    /// What a name of a file may lack where it is brought in.
    fn endings(&self) -> impl Iterator<Item = &str> {
        let rows = self.table.rows(&[self.language, "ending"]);
        rows.filter_map(|row| row.get("value"))
    }

    fn is_file(&self, path: &str) -> bool {
        matches!(self.context.entry(path), Tri::Present(Entry::File(_)))
    }

    fn names_no_other_place(&self, scan: &Scan, directory: &str) -> bool {
        let closed = self.table.get(&[self.language, "module"]).is_some();
        if scan.unread.is_some()
            || closed && (!scan.commands.is_empty() || scan.opaque_start.is_some())
        {
            return false;
        }
        let inside = |path: &str| within(path, self.workdir) || within(path, "/tmp");
        let outside = |text: &str| {
            let path = in_address(text).unwrap_or(text);
            path.starts_with('~') || path.len() > 1 && path.starts_with('/') && !inside(path)
        };
        if scan.literals.iter().any(|(text, _)| outside(text)) {
            return false;
        }
        let written = scan.writes.iter().all(|written| match &written.path {
            WrittenPath::Known { here, text, .. } => {
                let from = if *here { directory } else { self.workdir };
                inside(&resolve(from, text))
            }
            WrittenPath::Temporary | WrittenPath::Unknown => true,
        });
        let mut settings = self.table.rows(&[self.language, "settings"]);
        let plain = |text: &str| {
            let mut words = text.split(|sign: char| {
                sign.is_whitespace() || matches!(sign, '"' | '\'' | '=' | ',' | '[' | ']')
            });
            !words.any(outside)
        };
        let harmless = settings.all(|row| {
            let ending = row.get("value").unwrap_or("");
            let mut read = scan.paths.iter().filter(|used| used.path.ends_with(ending));
            read.all(|used| match self.context.read(&used.path) {
                Tri::Present(text) => plain(&text),
                _ => false,
            })
        });
        written && harmless
    }
}

/// The absolute path of an address: `sqlite:////data/a.db`, `file:///data/a.csv`. With three slashes, a database's path
/// counts from the working directory.
fn in_address(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once("://")?;
    match scheme {
        "file" => Some(rest),
        _ => rest.strip_prefix('/').filter(|path| path.starts_with('/')),
    }
}
