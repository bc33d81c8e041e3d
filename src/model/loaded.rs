//! What an interpreter loads beside the file that it runs: packages named by its options, files inside packages, programs
//! that the manifest names.

use super::follow::{Place, Walk};
use super::path::resolve;
use super::start::Need;
use super::words::literal;
use crate::facts::Tri;
use crate::rule::pattern::Split;
use crate::shell::{Command, is_assignment};
use crate::syntax::Span;

/// Options of an interpreter that name what is loaded first.
const LOADS: &[&str] = &[
    "-r",
    "--require",
    "--import",
    "--loader",
    "--experimental-loader",
];

impl Walk<'_> {
    /// Packages that an interpreter loads first: `node -r dotenv/config`.
    pub fn preloads(&mut self, split: &Split<'_>, place: &Place) {
        for option in &split.options {
            if let (true, Some(value)) = (LOADS.contains(&&*option.name), &option.value) {
                self.preload(value.text(), place);
            }
        }
    }

    fn preload(&mut self, value: &str, place: &Place) {
        if value.starts_with(['.', '/']) {
            return self.file(value, place, true);
        }
        let package = package_of(value);
        self.package(&package, place);
    }

    /// What the options in a variable of the image load (`ENV NODE_OPTIONS="--import tsx"`).
    pub fn set_options(&mut self, place: &Place) {
        let binaries = self.follow.binaries;
        let Some(name) = binaries.and_then(|binaries| binaries.options.as_deref()) else {
            return;
        };
        if let Some(text) = self.follow.model.end.value(name) {
            self.options(&text, place);
        }
    }

    /// What the options load that a command sets for what it starts: `NODE_OPTIONS=--import=tsx node main.ts`.
    pub fn options_of(&mut self, command: &Command, place: &Place) {
        let binaries = self.follow.binaries;
        let Some(name) = binaries.and_then(|binaries| binaries.options.as_deref()) else {
            return;
        };
        let before = command.assignments.iter();
        let before = before.filter(|set| set.name == name).map(|set| &set.value);
        let texts: Vec<String> = before
            .map(|value| value.value.as_ref().unwrap_or(&value.raw).clone())
            .chain(command.words.iter().filter_map(|word| {
                let text = word.value.as_deref().filter(|text| is_assignment(text))?;
                let (known, value) = text.split_once('=')?;
                (known == name).then(|| value.to_string())
            }))
            .collect();
        for text in texts {
            self.options(&text, place);
        }
    }

    fn options(&mut self, text: &str, place: &Place) {
        let mut words = text.split_whitespace();
        while let Some(word) = words.next() {
            let (option, value) = match word.split_once('=') {
                Some((option, value)) => (option, Some(value)),
                None => (word, None),
            };
            if LOADS.contains(&option)
                && let Some(value) = value.or_else(|| words.next())
            {
                self.preload(value.trim_matches(['"', '\'']), place);
            }
        }
    }

    /// The package that has the file, where it lies in the folder of the packages: `node node_modules/tsx/dist/cli.mjs`.
    pub fn of_package(&mut self, path: &str, place: &Place) {
        let Some((_, inside)) = path.rsplit_once("/node_modules/") else {
            return;
        };
        match inside.strip_prefix(".bin/") {
            Some(program) => {
                let words = [program].map(|word| literal(word, Span::default()));
                let command = Command::of(words.to_vec());
                let place = Place {
                    manifest: true,
                    depth: place.depth + 1,
                    ..place.clone()
                };
                self.command(&command, &place);
            }
            None => {
                let package = package_of(inside);
                self.package(&package, place);
            }
        }
    }

    /// The file of a program that the manifest itself names, which `npx` starts: `"bin": { "tool": "./cli.js" }`; as the
    /// manifest has it, and in the build context.
    pub fn own(&self, program: &str, place: &Place) -> Option<(String, String)> {
        let binaries = self.follow.binaries.filter(|_| place.manifest)?;
        let fill = |hole: &str| (hole == "script").then(|| program.to_string());
        let facts = self.follow.facts;
        let named = |fact: &String| match &place.folder {
            Some(folder) => facts.inside(folder, fact, &fill),
            None => facts.with(fact, &fill),
        };
        binaries.own.iter().find_map(|fact| {
            let value = named(fact).present()?;
            let (file, source) = value.texts().first().copied()?;
            let folder = source.and_then(|source| source.file.rsplit_once('/'));
            let folder = folder.map_or(String::new(), |(folder, _)| format!("/{folder}"));
            let known = resolve(&format!("{folder}/"), file);
            Some((file.to_string(), known.trim_start_matches('/').to_string()))
        })
    }

    /// A program of the project itself: what its first line asks for is read also where another stage brings the file.
    pub fn own_file(&mut self, file: &str, known: &str, place: &Place) {
        let text = self.follow.facts.context.read(known);
        match (&place.workdir, text) {
            (Some(workdir), Tri::Present(text)) => {
                let path = resolve(workdir, file);
                self.need(Need::File(path.clone()), place);
                self.script_file(&path, known, &text, place);
            }
            _ => self.file(file, place, false),
        }
    }
}

/// The package of `@scope/name/file` and `name/file`.
fn package_of(text: &str) -> String {
    let parts = if text.starts_with('@') { 2 } else { 1 };
    let parts: Vec<&str> = text.split('/').take(parts).collect();
    parts.join("/")
}
