//! A start in another folder than the working directory: `npm --prefix web start`, `yarn workspace api start`.

use super::follow::{Place, Walk};
use super::path::{below, resolve};
use super::words::words_of;
use crate::facts::path::parent;
use crate::facts::reader::Glob;
use crate::facts::{Source, Tri};
use crate::rule::document::StartDocument;
use crate::rule::pattern::Captures;
use crate::shell::Command;

impl Walk<'_> {
    /// Where the rest of a start stands that names a folder or a workspace; `None` where it names none. An error where
    /// nobody can say, after it was told.
    pub fn elsewhere(
        &mut self,
        lead: &StartDocument,
        captures: &Captures,
        command: &Command,
        place: &Place,
    ) -> Result<Option<Place>, ()> {
        let Some(hole) = lead.folder.as_ref().or(lead.workspace.as_ref()) else {
            return Ok(None);
        };
        let name = captures
            .get(hole.trim_matches(['<', '>']))
            .and_then(|words| words.first())
            .filter(|word| word.literal)
            .map(|word| word.text.clone());
        let found = match (&name, &place.workdir) {
            (None, _) => Err("whose name is not known".to_string()),
            (_, None) => Err("and the working directory is not known".to_string()),
            (Some(name), Some(workdir)) if lead.folder.is_some() => {
                self.folder(&resolve(workdir, name))
            }
            (Some(name), Some(workdir)) => self.workspace(name, workdir),
        };
        match found {
            Ok((directory, folder)) => Ok(Some(Place {
                workdir: Some(directory),
                folder: Some(folder),
                ..place.clone()
            })),
            Err(why) => {
                self.obstacle(
                    format!(
                        "{} starts in another folder, {why}: `{}`",
                        place.via,
                        words_of(command)
                    ),
                    "let CMD start the program itself",
                );
                Err(())
            }
        }
    }

    /// The name of the file that makes a folder one that scripts are started in.
    fn manifest_name(&self) -> Result<&str, String> {
        let manifest = self
            .follow
            .binaries
            .and_then(|kinds| kinds.manifest.as_deref());
        manifest.ok_or_else(|| "and no rule says what its manifest is called".to_string())
    }

    /// A directory of the image that has a manifest, and the folder of the context that it comes from.
    fn folder(&self, directory: &str) -> Result<(String, String), String> {
        let manifest = self.manifest_name()?;
        let path = resolve(directory, manifest);
        match self.follow.model.origin(&path, self.follow.facts.context) {
            Ok(Some((_, source))) => Ok((directory.to_string(), parent(&source).to_string())),
            Ok(None) => Err(format!("which has no `{manifest}` in the build context")),
            Err(reason) => Err(format!("whose `{manifest}` cannot be read: {reason}")),
        }
    }

    /// A workspace of the project in a directory of the image, by its folder or by the name of its package.
    fn workspace(&self, name: &str, workdir: &str) -> Result<(String, String), String> {
        // pnpm: a package and what it depends on.
        let name = name.trim_end_matches("...");
        if name.is_empty() || name.contains(['*', '[', '{', '!', '^']) {
            return Err("which is a pattern".into());
        }
        if !name.starts_with('@')
            && let Ok(found) = self.folder(&resolve(workdir, name))
        {
            return Ok(found);
        }
        let (_, root) = self.folder(workdir)?;
        let facts = self.follow.facts;
        let fact = self.follow.binaries.and_then(|kinds| kinds.name.as_ref());
        let Some(fact) = fact else {
            return Err("and no rule says how packages are named".into());
        };
        let manifests = Glob::parse(&format!("**/{}", self.manifest_name()?))?;
        let files = match manifests.find(facts.context) {
            Tri::Present(files) => files,
            Tri::Absent => Vec::new(),
            Tri::Unknown(reason) => return Err(reason),
        };
        let mut unread = None;
        let (mut exact, mut without_scope) = (Vec::new(), Vec::new());
        for file in files.iter() {
            let folder = parent(file);
            let (inner, outer) = (format!("/{folder}"), format!("/{root}"));
            let Some(relative) = below(&inner, outer.trim_end_matches('/')) else {
                continue;
            };
            let relative = relative.trim_start_matches('/');
            match facts.inside(folder, fact, &|_| None) {
                Tri::Present(value) if value.text() == name => {
                    exact.push((resolve(workdir, relative), folder.to_string()));
                }
                Tri::Present(value) if value.text().rsplit('/').next() == Some(name) => {
                    without_scope.push((resolve(workdir, relative), folder.to_string()));
                }
                Tri::Unknown(reason) => unread = Some(format!("{file}: {reason}")),
                _ => {}
            }
        }
        let found = if exact.is_empty() {
            without_scope
        } else {
            exact
        };
        match (found.as_slice(), unread) {
            ([(directory, folder)], None) => {
                // Only where it stands in the image as it stands in the context.
                let (directory, origin) = self.folder(directory)?;
                match origin == *folder {
                    true => Ok((directory, origin)),
                    false => Err("which lies elsewhere in the image".into()),
                }
            }
            ([], None) => Err("which is the name of no workspace".into()),
            (_, Some(reason)) => Err(format!("and not all manifests can be read ({reason})")),
            _ => Err("which is the name of several workspaces".into()),
        }
    }

    /// The names that a fact lists where a start stands: in the workspace and in the project around it.
    pub fn names(&self, fact: &str, place: &Place) -> Tri<Vec<(String, Option<Source>)>> {
        let facts = self.follow.facts;
        let Some(folder) = &place.folder else {
            return facts.names(fact);
        };
        let inner = facts.inside(folder, fact, &|_| None).map(|value| {
            let texts = value.texts().into_iter();
            texts
                .map(|(text, source)| (text.to_string(), source.cloned()))
                .collect::<Vec<_>>()
        });
        match (inner, facts.names(fact)) {
            (Tri::Present(mut inner), Tri::Present(outer)) => {
                inner.extend(outer);
                Tri::Present(inner)
            }
            (Tri::Present(inner), _) => Tri::Present(inner),
            (_, outer) => outer,
        }
    }
}
