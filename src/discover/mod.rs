//! Which Dockerfiles a folder holds.

use std::path::{Path, PathBuf};

/// Endings of files that carry a Dockerfile's name and are none: templates, copies, ignore files, documentation.
const NOT_DOCKERFILES: &[&str] = &[
    "dockerignore",
    "containerignore",
    "j2",
    "jinja",
    "jinja2",
    "tmpl",
    "tpl",
    "template",
    "erb",
    "in",
    "m4",
    "ejs",
    "mustache",
    "hbs",
    "gotmpl",
    "bak",
    "backup",
    "old",
    "orig",
    "rej",
    "swp",
    "tmp",
    "md",
    "rst",
    "txt",
    "html",
    "adoc",
    "sh",
    "py",
    "rb",
    "js",
    "ts",
    "go",
    "json",
    "yaml",
    "yml",
    "toml",
    "lock",
    "patch",
    "diff",
    "log",
    "sum",
];

/// Whether a file of this name is a Dockerfile: `Dockerfile`, `Dockerfile.prod`, `prod.Dockerfile`,
/// `Containerfile`, in any case of letters.
pub fn is_dockerfile(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["dockerfile", "containerfile"]
        .iter()
        .any(|kind| match name.strip_prefix(kind) {
            Some("") => true,
            Some(rest) => {
                let ending = rest.rsplit('.').next().unwrap_or(rest);
                rest.starts_with(['.', '-', '_'])
                    && !rest.ends_with('~')
                    && !NOT_DOCKERFILES.contains(&ending)
            }
            None => name
                .strip_suffix(kind)
                .is_some_and(|rest| rest.ends_with(['.', '-', '_'])),
        })
}

/// All Dockerfiles below `folder`, sorted by path. Ignore files (`.gitignore`, `.ignore`) are respected, hidden
/// folders are searched (`.devcontainer`), `.git` is not, and symbolic links are not followed.
pub fn dockerfiles(folder: &Path) -> Result<Vec<PathBuf>, ignore::Error> {
    let mut found = Vec::new();
    let walk = ignore::WalkBuilder::new(folder)
        .hidden(false)
        .filter_entry(|entry| entry.file_name() != ".git")
        .build();
    for entry in walk {
        let entry = entry?;
        let file = entry.file_type().is_some_and(|kind| kind.is_file());
        if file && entry.file_name().to_str().is_some_and(is_dockerfile) {
            found.push(entry.into_path());
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn dockerfiles_are_known_by_name() {
        for name in [
            "Dockerfile",
            "dockerfile",
            "Dockerfile.prod",
            "api.Dockerfile",
            "Dockerfile-dev",
            "Containerfile",
        ] {
            assert!(is_dockerfile(name), "{name}");
        }
        for name in [
            "Dockerfile.dockerignore",
            "Dockerfile.j2",
            "Dockerfile~",
            "Dockerfiles",
            "mydockerfile",
            "compose.yaml",
        ] {
            assert!(!is_dockerfile(name), "{name}");
        }
    }

    #[test]
    fn a_folder_is_searched_in_order() {
        let temp = tempfile::tempdir().unwrap();
        for path in [
            "b/Dockerfile",
            "a/Dockerfile.dev",
            "a/Dockerfile",
            ".devcontainer/Dockerfile",
            ".git/Dockerfile",
            "out/Dockerfile",
        ] {
            let path = temp.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "FROM scratch\n").unwrap();
        }
        std::fs::write(temp.path().join(".gitignore"), "out/\n").unwrap();
        let found = dockerfiles(temp.path()).unwrap();
        let names: Vec<_> = found
            .iter()
            .map(|path| path.strip_prefix(temp.path()).unwrap().to_str().unwrap())
            .collect();
        assert_eq!(
            names,
            [
                ".devcontainer/Dockerfile",
                "a/Dockerfile",
                "a/Dockerfile.dev",
                "b/Dockerfile"
            ]
        );
    }
}
