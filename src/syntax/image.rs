//! Image references: `[registry/]repository[:tag][@digest]`.
//!
//! The grammar is the one of github.com/distribution/reference, with the short forms of Docker Hub:
//! `node` stands for `docker.io/library/node`.

mod grammar;

use std::fmt;

use super::expand::{Unresolved, expand, literal};

/// The registry meant where none is named.
pub const DEFAULT_REGISTRY: &str = "docker.io";
/// The tag meant where neither tag nor digest is named.
pub const DEFAULT_TAG: &str = "latest";
/// The namespace of Docker Hub that need not be named.
const OFFICIAL: &str = "library/";
/// Longest repository name (registry and path).
const MAX_NAME: usize = 255;

/// What FROM, `COPY --from` or a mount names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImageReference {
    /// Without variables.
    Fixed(Image),
    /// With variables, so that what it names depends on build arguments.
    Variable(VariableImage),
}

/// A reference without variables.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Image {
    /// The registry with its port, e.g. `docker.io`, `localhost:5000`.
    pub registry: String,
    /// The path in the registry, e.g. `library/node`.
    pub path: String,
    /// The tag, where one is written.
    pub tag: Option<String>,
    /// The digest, where one is written, e.g. `sha256:…`.
    pub digest: Option<String>,
}

/// A reference with variables, split where it can be without knowing their values.
///
/// A variable that makes up a whole part may hold more than that part: `${BASE}` may hold a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableImage {
    /// The reference as written.
    pub raw: String,
    /// Registry and path.
    pub name: Part,
    /// What follows `:`.
    pub tag: Option<Part>,
    /// What follows `@`.
    pub digest: Option<Part>,
}

/// A part of a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The part as written.
    pub text: String,
    /// Whether a variable occurs in it.
    pub variable: bool,
}

/// Why a text is no image reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// Nothing is left after expansion, or nothing was written.
    #[error("the image reference is empty")]
    Empty,
    /// The repository has upper-case letters.
    #[error("the repository name `{0}` must be lower case")]
    Uppercase(String),
    /// 64 hexadecimal digits name an image by its identifier.
    #[error("`{0}` is an image identifier, no name")]
    Identifier(String),
    /// The name is longer than 255 characters.
    #[error("the repository name is longer than {MAX_NAME} characters")]
    TooLong,
    /// The registry does not fit the grammar.
    #[error("`{0}` is no valid registry")]
    Registry(String),
    /// The repository path does not fit the grammar.
    #[error("`{0}` is no valid repository name")]
    Name(String),
    /// The tag does not fit the grammar.
    #[error("`{0}` is no valid tag")]
    Tag(String),
    /// The digest does not fit the grammar, or its algorithm is not known.
    #[error("`{0}` is no valid digest")]
    Digest(String),
    /// A variable has no value.
    #[error(transparent)]
    Unresolved(#[from] Unresolved),
}

impl ImageReference {
    /// Reads a reference as written in FROM.
    ///
    /// # Errors
    /// A reference without variables that does not fit the grammar.
    pub fn parse(text: &str) -> Result<Self, ImageError> {
        match literal(text, '\\') {
            Some(value) => Image::parse(&value).map(Self::Fixed),
            None if text.contains('$') => Ok(Self::Variable(VariableImage::split(text))),
            None => Err(ImageError::Name(text.to_owned())),
        }
    }

    /// The reference with its variables replaced by what `lookup` gives for them, defaults
    /// (`${TAG:-20}`) included.
    ///
    /// # Errors
    /// A variable without a value, or a result that is no reference.
    pub fn expand(&self, lookup: &dyn Fn(&str) -> Option<String>) -> Result<Image, ImageError> {
        match self {
            Self::Fixed(image) => Ok(image.clone()),
            Self::Variable(image) => Image::parse(&expand(&image.raw, '\\', lookup)?),
        }
    }

    /// The image, if no variable occurs in the reference.
    pub fn fixed(&self) -> Option<&Image> {
        match self {
            Self::Fixed(image) => Some(image),
            Self::Variable(_) => None,
        }
    }
}

impl Image {
    /// Reads a reference without variables, in its short or long form.
    ///
    /// # Errors
    /// What does not fit the grammar.
    pub fn parse(text: &str) -> Result<Self, ImageError> {
        if text.is_empty() {
            return Err(ImageError::Empty);
        }
        if text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(ImageError::Identifier(text.to_owned()));
        }
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        let name_start = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match rest.get(name_start..).and_then(|last| last.find(':')) {
            Some(colon) => {
                let (name, tag) = rest.split_at(name_start + colon);
                (name, tag.get(1..))
            }
            None => (rest, None),
        };
        let (registry, path) = split_registry(name);
        if path.chars().any(|c| c.is_ascii_uppercase()) {
            return Err(ImageError::Uppercase(path));
        }
        if !grammar::is_registry(&registry) {
            return Err(ImageError::Registry(registry));
        }
        if !grammar::is_path(&path) {
            return Err(ImageError::Name(path));
        }
        if registry.len() + 1 + path.len() > MAX_NAME {
            return Err(ImageError::TooLong);
        }
        if let Some(tag) = tag.filter(|tag| !grammar::is_tag(tag)) {
            return Err(ImageError::Tag(tag.to_owned()));
        }
        if let Some(digest) = digest.filter(|digest| !grammar::is_digest(digest)) {
            return Err(ImageError::Digest(digest.to_owned()));
        }
        Ok(Self {
            registry,
            path,
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        })
    }

    /// The shortest name of the repository: `node` for `docker.io/library/node`, `grafana/grafana` for
    /// `docker.io/grafana/grafana`, `ghcr.io/a/b` unchanged. Without tag and digest.
    pub fn familiar_name(&self) -> String {
        if self.registry != DEFAULT_REGISTRY {
            return format!("{}/{}", self.registry, self.path);
        }
        // `library/a/b` cannot be shortened: `a/b` is another repository.
        let short = self
            .path
            .strip_prefix(OFFICIAL)
            .filter(|short| !short.contains('/'));
        short.unwrap_or(&self.path).to_owned()
    }

    /// The full name of the repository, registry included, without tag and digest.
    pub fn full_name(&self) -> String {
        format!("{}/{}", self.registry, self.path)
    }

    /// The tag, `latest` where neither a tag nor a digest is written; `None` for a digest alone.
    pub fn effective_tag(&self) -> Option<&str> {
        match (&self.tag, &self.digest) {
            (Some(tag), _) => Some(tag),
            (None, None) => Some(DEFAULT_TAG),
            (None, Some(_)) => None,
        }
    }

    /// `scratch`, the empty image.
    pub fn is_scratch(&self) -> bool {
        self.registry == DEFAULT_REGISTRY && self.path == "library/scratch"
    }
}

impl fmt::Display for Image {
    /// The short form with tag and digest.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.familiar_name())?;
        if let Some(tag) = &self.tag {
            write!(formatter, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(formatter, "@{digest}")?;
        }
        Ok(())
    }
}

impl VariableImage {
    /// Splits at `:` and `@` outside of `${…}`.
    fn split(raw: &str) -> Self {
        let (mut depth, mut slash, mut colon, mut at) = (0_usize, None, None, None);
        let mut before = ' ';
        for (offset, c) in raw.char_indices() {
            match c {
                '{' if before == '$' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ if depth > 0 => {}
                '/' if at.is_none() => slash = Some(offset),
                ':' if at.is_none() => colon = Some(offset),
                '@' if at.is_none() => at = Some(offset),
                _ => {}
            }
            before = c;
        }
        let colon = colon.filter(|&colon| slash.is_none_or(|slash| slash < colon));
        let end = at.unwrap_or(raw.len());
        let part = |start: usize, end: usize| {
            let text = raw.get(start..end).unwrap_or("").to_owned();
            Part {
                variable: text.contains('$'),
                text,
            }
        };
        Self {
            raw: raw.to_owned(),
            name: part(0, colon.unwrap_or(end)),
            tag: colon.map(|colon| part(colon + 1, end)),
            digest: at.map(|at| part(at + 1, raw.len())),
        }
    }
}

/// Registry and path of a name; the first component is a registry if it has a dot, a colon or an
/// upper-case letter, or is `localhost`.
fn split_registry(name: &str) -> (String, String) {
    let is_registry = |first: &str| {
        first.contains(['.', ':'])
            || first == "localhost"
            || first.chars().any(|c| c.is_ascii_uppercase())
    };
    let (registry, path) = match name.split_once('/') {
        Some((first, path)) if is_registry(first) => (first, path),
        _ => (DEFAULT_REGISTRY, name),
    };
    // The registry's old name.
    let registry = if registry == "index.docker.io" {
        DEFAULT_REGISTRY
    } else {
        registry
    };
    let official = registry == DEFAULT_REGISTRY && !path.contains('/');
    let path = if official {
        format!("{OFFICIAL}{path}")
    } else {
        path.to_owned()
    };
    (registry.to_owned(), path)
}
