//! Image references, by the grammar of github.com/distribution/reference.
#![allow(clippy::unwrap_used)]

use dockopt::syntax::image::VariableImage;
use dockopt::syntax::{Image, ImageError, ImageReference};

fn image(text: &str) -> Image {
    Image::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

#[test]
fn parts() {
    let digest = format!("sha256:{}", "0f".repeat(32));
    let pinned = format!("alpine:3.20@{digest}");
    for (text, registry, path, tag) in [
        ("node", "docker.io", "library/node", None),
        ("node:22-slim", "docker.io", "library/node", Some("22-slim")),
        ("library/node", "docker.io", "library/node", None),
        ("docker.io/node", "docker.io", "library/node", None),
        (
            "index.docker.io/library/node:1",
            "docker.io",
            "library/node",
            Some("1"),
        ),
        (
            "grafana/grafana:11",
            "docker.io",
            "grafana/grafana",
            Some("11"),
        ),
        (
            "ghcr.io/owner/repo/app:v1.2",
            "ghcr.io",
            "owner/repo/app",
            Some("v1.2"),
        ),
        ("localhost/x", "localhost", "x", None),
        ("localhost:5000/x:1", "localhost:5000", "x", Some("1")),
        ("[::1]:5000/x", "[::1]:5000", "x", None),
        ("UPPER/x", "UPPER", "x", None),
        ("a__b/c--d.e_f", "docker.io", "a__b/c--d.e_f", None),
        (&pinned, "docker.io", "library/alpine", Some("3.20")),
    ] {
        let image = image(text);
        assert_eq!(
            (
                image.registry.as_str(),
                image.path.as_str(),
                image.tag.as_deref()
            ),
            (registry, path, tag),
            "{text}"
        );
    }
    assert_eq!(image(&pinned).digest, Some(digest));
}

#[test]
fn names() {
    assert_eq!(image("docker.io/library/node:22").familiar_name(), "node");
    assert_eq!(
        image("docker.io/library/a/b").familiar_name(),
        "library/a/b"
    );
    assert_eq!(
        image("docker.io/grafana/grafana").familiar_name(),
        "grafana/grafana"
    );
    assert_eq!(image("quay.io/x/y").familiar_name(), "quay.io/x/y");
    assert_eq!(image("node").full_name(), "docker.io/library/node");
    assert_eq!(image("docker.io/library/node:22").to_string(), "node:22");
    assert_eq!(image("docker.io/node"), image("node"));
}

#[test]
fn tags_that_are_meant() {
    assert_eq!(image("node").effective_tag(), Some("latest"));
    assert_eq!(image("node:1").effective_tag(), Some("1"));
    let digest = format!("node@sha256:{}", "a".repeat(64));
    assert_eq!(image(&digest).effective_tag(), None);
    assert!(image("scratch").is_scratch());
    assert!(!image("quay.io/library/scratch").is_scratch());
}

#[test]
fn refused() {
    let identifier = "a".repeat(64);
    let long = format!("{}/x", "a".repeat(250));
    type Expected = fn(String) -> ImageError;
    for (text, expected) in [
        ("Node", ImageError::Uppercase as Expected),
        ("a/B", ImageError::Uppercase),
        ("node:", ImageError::Tag),
        ("node:.x", ImageError::Tag),
        ("a:b:c", ImageError::Tag),
        ("no de", ImageError::Name),
        ("a//b", ImageError::Name),
        ("/a", ImageError::Name),
        ("a/", ImageError::Name),
        ("a_-b", ImageError::Name),
        ("a..b", ImageError::Name),
        ("a___b", ImageError::Name),
        ("-a.b/c", ImageError::Registry),
        ("a.b:/c", ImageError::Registry),
        ("node@sha256:12", ImageError::Digest),
        ("node@", ImageError::Digest),
        (&identifier, ImageError::Identifier),
    ] {
        let error = Image::parse(text).unwrap_err();
        let kind = std::mem::discriminant(&expected(String::new()));
        assert_eq!(std::mem::discriminant(&error), kind, "{text}: {error}");
    }
    assert_eq!(Image::parse(""), Err(ImageError::Empty));
    assert_eq!(Image::parse(&long), Err(ImageError::TooLong));
}

fn split(text: &str) -> VariableImage {
    match ImageReference::parse(text).unwrap() {
        ImageReference::Variable(image) => image,
        ImageReference::Fixed(image) => panic!("{image} has no variable"),
    }
}

#[test]
fn which_part_is_variable() {
    let parts = |text: &str| {
        let VariableImage {
            name, tag, digest, ..
        } = split(text);
        let mut parts = vec![format!(
            "{}{}",
            if name.variable { "$" } else { "" },
            name.text
        )];
        for part in [tag, digest].into_iter().flatten() {
            parts.push(format!(
                "{}{}",
                if part.variable { "$" } else { "" },
                part.text
            ));
        }
        parts
    };
    assert_eq!(parts("node:${V}"), ["node", "$${V}"]);
    assert_eq!(parts("node:${V:-22}-slim"), ["node", "$${V:-22}-slim"]);
    assert_eq!(parts("$BASE"), ["$$BASE"]);
    assert_eq!(parts("${BASE:-node:22}"), ["$${BASE:-node:22}"]);
    assert_eq!(parts("${REG}/node:22"), ["$${REG}/node", "22"]);
    assert_eq!(parts("localhost:5000/$X"), ["$localhost:5000/$X"]);
    assert_eq!(parts("node:22@$D"), ["node", "22", "$$D"]);
    assert_eq!(parts("${A:-${B:-x:1}}:2"), ["$${A:-${B:-x:1}}", "2"]);
}

#[test]
fn expansion_with_defaults() {
    let lookup = |name: &str| (name == "V").then(|| "22".to_owned());
    let expand = |text: &str| {
        ImageReference::parse(text)
            .unwrap()
            .expand(&lookup)
            .map(|image| image.to_string())
    };
    assert_eq!(expand("node:${V}-slim").unwrap(), "node:22-slim");
    assert_eq!(expand("${REG:-ghcr.io}/a/b:$V").unwrap(), "ghcr.io/a/b:22");
    assert_eq!(expand("${BASE:-alpine:3}").unwrap(), "alpine:3");
    assert_eq!(expand("node:22${SUFFIX:+-slim}").unwrap(), "node:22");
    assert_eq!(expand("node").unwrap(), "node");
    assert!(matches!(expand("node:$W"), Err(ImageError::Unresolved(_))));
    assert_eq!(expand("${W:-}"), Err(ImageError::Empty));
    assert!(matches!(
        expand("${W:-Node}"),
        Err(ImageError::Uppercase(_))
    ));
}

#[test]
fn quotes_around_a_reference() {
    assert_eq!(
        ImageReference::parse("\"node:22\"")
            .unwrap()
            .fixed()
            .unwrap()
            .to_string(),
        "node:22"
    );
    assert!(ImageReference::parse("\"node").is_err());
}
