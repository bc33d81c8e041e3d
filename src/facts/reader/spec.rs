use std::sync::OnceLock;

use crate::regular::Regular;
use schemars::JsonSchema;
use serde::Deserialize;

use super::Reader;
use super::at::At;
use super::files::{Glob, fill_holes, hole_names};
use super::search::{all_files, fill_globs, first, read_at, search};
use crate::facts::{Source, Tri};

/// What to read from the build context. Exactly one of these forms:
///
/// - `file` and `at`: a value of a JSON, TOML, YAML or XML file;
/// - `first`: the first path that exists;
/// - `file` or `files` with `regex`: the first match in a text;
/// - `file` or `files` with `each`: all matches.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FactSpec {
    /// A path of the build context. `<name>` stands for the value of another name.
    #[serde(default)]
    pub file: Option<String>,
    /// Globs of the build context: `*` and `?` inside a path element, `**` for any number of directories.
    #[serde(default)]
    pub files: Option<Vec<String>>,
    /// Globs of files among `files` that are left out (tests).
    #[serde(default)]
    pub except: Vec<String>,
    /// Where in a JSON, TOML, YAML or XML file: `scripts.build`, `dependencies["@nestjs/core"]`,
    /// `workspaces[0]`, `project.dependencies[*]` (all values), `dependencies{*}` (all keys),
    /// `Project.@Sdk` (an XML attribute), `scripts.<script>`.
    #[serde(default)]
    pub at: Option<String>,
    /// The format of `file` where its name does not tell.
    #[serde(default)]
    pub format: Option<Format>,
    /// Globs in order of preference; the fact is the first path that exists.
    #[serde(default)]
    pub first: Option<Vec<String>>,
    /// A regular expression (`^` and `$` match at line ends); the fact is the first group of the first
    /// match, or the whole match if there is no group.
    #[serde(default)]
    pub regex: Option<String>,
    /// A regular expression as for `regex`; the fact is the list of all matches, each text once.
    #[serde(default)]
    pub each: Option<String>,
    /// The value where nothing is found. Not used where it is unknown whether there is something.
    #[serde(default)]
    pub default: Option<String>,
    #[serde(skip)]
    #[schemars(skip)]
    compiled: OnceLock<Result<Regular, String>>,
}

/// Formats of structured files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// JSON; comments and trailing commas are allowed.
    Json,
    /// TOML.
    Toml,
    /// YAML 1.2.
    Yaml,
    /// XML.
    Xml,
}

impl Format {
    /// The format that a file's name tells.
    pub fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        let whole = match name.as_str() {
            "cargo.lock" | "poetry.lock" | "uv.lock" | "pdm.lock" | "pipfile" => Some(Self::Toml),
            "composer.lock" | "pipfile.lock" | "deno.lock" | "bun.lock" | "flake.lock" => {
                Some(Self::Json)
            }
            ".babelrc" | ".swcrc" | ".eslintrc" | ".mocharc" => Some(Self::Json),
            "pubspec.lock" | "mix.yaml" => Some(Self::Yaml),
            _ => None,
        };
        whole.or_else(|| match name.rsplit_once('.')?.1 {
            "json" | "jsonc" | "json5" | "webmanifest" => Some(Self::Json),
            "toml" => Some(Self::Toml),
            "yaml" | "yml" => Some(Self::Yaml),
            "xml" | "pom" | "csproj" | "fsproj" | "vbproj" | "props" | "targets" | "config" => {
                Some(Self::Xml)
            }
            _ => None,
        })
    }
}

/// Why a [`FactSpec`] cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SpecError(String);

/// What a fact's reader found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// One text.
    Text {
        /// The text itself.
        text: String,
        /// Where it was read; `None` for a `default:`.
        source: Option<Source>,
    },
    /// Several texts, at least one, each with its source.
    List(Vec<(String, Source)>),
}

impl Value {
    /// The one text, or the first of a list.
    pub fn text(&self) -> &str {
        match self {
            Self::Text { text, .. } => text,
            Self::List(list) => list.first().map_or("", |(text, _)| text),
        }
    }

    /// All texts with their sources.
    pub fn texts(&self) -> Vec<(&str, Option<&Source>)> {
        match self {
            Self::Text { text, source } => vec![(text, source.as_ref())],
            Self::List(list) => list
                .iter()
                .map(|(text, source)| (text.as_str(), Some(source)))
                .collect(),
        }
    }
}

impl FactSpec {
    /// Checks everything that can be checked without compiling a regular expression.
    ///
    /// # Errors
    /// What is wrong and what to write instead.
    pub fn validate(&self) -> Result<(), SpecError> {
        let fail = |message: &str| Err(SpecError(message.to_string()));
        let source = match (&self.file, &self.files, &self.first) {
            (Some(_), None, None) => "file",
            (None, Some(_), None) => "files",
            (None, None, Some(_)) => "first",
            (None, None, None) => {
                return fail("a fact needs `file:`, `files:` or `first:` to say where it is read");
            }
            _ => return fail("a fact has only one of `file:`, `files:` and `first:`"),
        };
        let how = [&self.at, &self.regex, &self.each]
            .into_iter()
            .flatten()
            .count();
        match (source, how) {
            ("first", 0) => {}
            ("first", _) => {
                return fail(
                    "`first:` gives a path; put `at:`, `regex:` or `each:` beside a `file:`",
                );
            }
            (_, 0) => {
                return fail(
                    "a fact needs `at:`, `regex:` or `each:` to say what to read from the file",
                );
            }
            (_, 1) => {}
            _ => return fail("a fact has only one of `at:`, `regex:` and `each:`"),
        }
        if let Some(at) = &self.at {
            let Some(file) = &self.file else {
                return fail(
                    "`at:` needs `file:`; find the file with a `first:` fact and write `file: <its-name>`",
                );
            };
            At::parse(at).map_err(|message| SpecError(format!("`at: {at}`: {message}")))?;
            if self.format.is_none() && Format::of(file).is_none() && !file.ends_with('>') {
                return Err(SpecError(format!(
                    "the name of `{file}` does not tell its format: add `format: json`, `toml`, `yaml` or `xml`"
                )));
            }
        } else if self.format.is_some() {
            return fail("`format:` is for `at:` only");
        }
        if let Some(file) = &self.file
            && crate::facts::path::normalize(file).is_none_or(|path| path.is_empty())
        {
            return Err(SpecError(format!(
                "`file: {file}` is not a path inside the build context"
            )));
        }
        if self.files.is_none() && !self.except.is_empty() {
            return fail("`except:` is for `files:` only");
        }
        for glob in &self.except {
            Glob::parse(glob).map_err(SpecError)?;
        }
        for globs in [&self.files, &self.first].into_iter().flatten() {
            if globs.is_empty() {
                return Err(SpecError(format!(
                    "`{source}:` is empty: list at least one path or glob"
                )));
            }
            for glob in globs {
                Glob::parse(glob).map_err(SpecError)?;
            }
        }
        Ok(())
    }

    /// Compiles the regular expression, which is left for later by [`FactSpec::validate`] to keep the
    /// start of the program quick. Rules that are not built in deserve it when they are loaded.
    ///
    /// # Errors
    /// The regular expression with a mark at the place that is wrong.
    pub fn validate_regex(&self) -> Result<(), SpecError> {
        match self.regex.as_ref().or(self.each.as_ref()) {
            Some(pattern) => {
                let parsed = self.compile(pattern).map_err(SpecError)?;
                parsed.compile().map(drop).map_err(SpecError)
            }
            None => Ok(()),
        }
    }

    /// The names that the caller has to fill in, each once.
    pub fn holes(&self) -> Vec<String> {
        let paths = self
            .file
            .iter()
            .chain(self.files.iter().flatten())
            .chain(self.first.iter().flatten());
        let mut names: Vec<String> = paths
            .flat_map(|path| hole_names(path))
            .map(str::to_string)
            .collect();
        if let Some(Ok(at)) = self.at.as_deref().map(At::parse) {
            names.extend(at.holes().map(str::to_string));
        }
        let mut seen = std::collections::HashSet::new();
        names.retain(|name| seen.insert(name.clone()));
        names
    }

    /// Whether what it gives is a list.
    pub fn is_list(&self) -> bool {
        self.each.is_some()
            || matches!(self.at.as_deref().map(At::parse), Some(Ok(at)) if at.is_list())
    }

    /// Reads the fact; `fill` gives the values of its [`FactSpec::holes`].
    ///
    /// Unknown wherever the answer could be another one if more could be read: no context, a file that
    /// is too large, malformed or no text, a hole without a value.
    pub fn read(&self, reader: &Reader, fill: &dyn Fn(&str) -> Option<String>) -> Tri<Value> {
        let found = match self.read_given(reader, fill) {
            Ok(found) => found,
            Err(hole) => return Tri::Unknown(format!("`<{hole}>` is not known")),
        };
        match (found, &self.default) {
            (Tri::Absent, Some(default)) => Tri::Present(Value::Text {
                text: default.clone(),
                source: None,
            }),
            (found, _) => found,
        }
    }

    /// As [`FactSpec::read`], without the default; the error is a hole without a value.
    fn read_given(
        &self,
        reader: &Reader,
        fill: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Tri<Value>, String> {
        if let Some(globs) = &self.first {
            return first(reader, &fill_globs(globs, fill)?)
                .map(Ok)
                .unwrap_or(Ok(Tri::Absent));
        }
        if let (Some(file), Some(at)) = (&self.file, &self.at) {
            return read_at(
                reader,
                &fill_holes(file, fill, false)?,
                at,
                self.format,
                fill,
            );
        }
        let files = match (&self.file, &self.files) {
            (Some(file), _) => Tri::Present(vec![fill_holes(file, fill, false)?]),
            (None, Some(globs)) => all_files(reader, &fill_globs(globs, fill)?)
                .and_then(|files| self.without_exceptions(files)),
            (None, None) => return Ok(Tri::Absent),
        };
        let (pattern, all) = match (&self.regex, &self.each) {
            (Some(pattern), _) => (pattern, false),
            (None, Some(pattern)) => (pattern, true),
            (None, None) => return Ok(Tri::Absent),
        };
        Ok(files.and_then(|files| search(reader, &files, &|| self.compile(pattern), all)))
    }

    fn without_exceptions(&self, mut files: Vec<String>) -> Tri<Vec<String>> {
        let except: Vec<Glob> = self
            .except
            .iter()
            .filter_map(|glob| Glob::parse(glob).ok())
            .collect();
        files.retain(|file| !except.iter().any(|glob| glob.is_match(file)));
        if files.is_empty() {
            Tri::Absent
        } else {
            Tri::Present(files)
        }
    }

    fn compile(&self, pattern: &str) -> Result<&Regular, String> {
        let compiled = self.compiled.get_or_init(|| Regular::new(pattern, true));
        compiled.as_ref().map_err(Clone::clone)
    }
}
