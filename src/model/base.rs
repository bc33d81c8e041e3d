//! The base image of a stage, as far as the tables know it.

use crate::rule::{Row, RuleSet};
use crate::syntax::{Data, Dockerfile, ImageReference, Word};

/// A base image.
#[derive(Clone, Debug, Default)]
pub struct Base {
    /// The reference as written.
    pub written: String,
    /// The reference after the defaults of global ARGs are put in.
    pub expanded: String,
    /// The repository in its familiar form (`node`, `gcr.io/distroless/static-debian12`), that of the official image
    /// where it comes from a mirror; empty where unknown.
    pub name: String,
    /// The mirror that the official image comes from (`public.ecr.aws/docker/library`), and whether it has all of them.
    pub mirror: Option<(String, bool)>,
    /// The tag; `latest` where none is written.
    pub tag: String,
    /// Whether a digest pins the image.
    pub digest: bool,
    /// Whether a variable stands in the reference.
    pub variable: bool,
    /// Name of an earlier stage, if the reference is one.
    pub stage: Option<usize>,
    /// Distribution (`debian`, `alpine`), if the tables know the tag.
    pub distro: Option<String>,
    /// Suite (`bookworm`), if the tables know the tag.
    pub suite: Option<String>,
    /// `glibc` or `musl`, if the tables know the tag.
    pub libc: Option<String>,
    /// `full`, `slim` …, if the tables know the tag.
    pub variant: Option<String>,
    /// Class of the image's configuration in the table `base-config`.
    pub config: Option<String>,
}

impl Base {
    /// The base image of a stage.
    pub fn of(file: &Dockerfile, stage: usize, rules: &RuleSet) -> Self {
        let Some(Data::From { image, .. }) = file
            .stages
            .get(stage)
            .map(|stage| &file.instructions[stage.from].data)
        else {
            return Self::default();
        };
        let earlier = &file.stages[..stage];
        let name = image.text().to_ascii_lowercase();
        if let Some(at) = earlier
            .iter()
            .rposition(|stage| stage.name.as_deref() == Some(name.as_str()))
        {
            return Self {
                written: image.raw.clone(),
                expanded: image.raw.clone(),
                stage: Some(at),
                ..Self::default()
            };
        }
        Self::from_word(image, &super::state::global_arguments(file), rules)
    }

    fn from_word(
        image: &Word,
        arguments: &dyn Fn(&str) -> Option<String>,
        rules: &RuleSet,
    ) -> Self {
        let variable = image.raw.contains('$');
        let expanded = if variable {
            crate::syntax::expand(&image.raw, '\\', arguments).unwrap_or_else(|_| image.raw.clone())
        } else {
            image.text().to_string()
        };
        let mut base = Self::from_text(&expanded, rules);
        base.written = image.raw.clone();
        base.variable = variable;
        base
    }

    /// What the tables know of a reference.
    pub fn from_text(reference: &str, rules: &RuleSet) -> Self {
        let mut base = Self {
            written: reference.to_string(),
            expanded: reference.to_string(),
            ..Self::default()
        };
        let Ok(ImageReference::Fixed(parsed)) = ImageReference::parse(reference) else {
            return base;
        };
        base.name = parsed.familiar_name();
        if let Some((prefix, name)) = base.name.rsplit_once('/')
            && let Some(row) = rules.look_up("mirrors", &[prefix])
        {
            base.mirror = Some((prefix.to_string(), row.get("has") == Some("full")));
            base.name = name.to_string();
        }
        base.tag = parsed.tag.clone().unwrap_or_else(|| "latest".into());
        base.digest = parsed.digest.is_some();
        if let Some(row) = rules.look_up("base-images", &[&base.name, &base.tag]) {
            let cell = |row: &Row<'_>, column| row.get(column).map(str::to_string);
            base.distro = cell(&row, "distro");
            base.suite = cell(&row, "suite");
            base.libc = cell(&row, "libc");
            base.variant = cell(&row, "variant");
            base.config = cell(&row, "config");
        } else if let Some(row) = rules.look_up("base-images", &[&base.name, "*"]) {
            // What all tags of the image set.
            base.config = row.get("config").map(str::to_string);
        }
        base
    }

    /// Whether the tables know the tag.
    pub fn known(&self) -> bool {
        self.distro.is_some() || self.libc.is_some() || self.variant.is_some()
    }

    /// The base image of the given kind in the table `base-swap`: repository and tag, from the same mirror.
    pub fn swap(&self, kind: &str, rules: &RuleSet) -> Option<(String, String)> {
        let table = rules.table("base-swap")?;
        table
            .rows(&[&self.name, &self.tag])
            .find(|row| row.get("kind") == Some(kind))
            .and_then(|row| {
                let image = row.get("runtime_image")?;
                let here = |(_, all): &&(String, bool)| *all || image == self.name;
                let image = match self.mirror.as_ref().filter(here) {
                    Some((prefix, _)) if !image.contains('/') => format!("{prefix}/{image}"),
                    _ => image.to_string(),
                };
                Some((image, row.get("runtime_tag")?.to_string()))
            })
    }
}
