//! Which Dockerfiles a folder holds, and with which contexts.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use dockopt::discover::search;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

/// The Dockerfiles with their contexts and targets, relative to the folder.
fn found(folder: &Path) -> Vec<(String, String, Option<String>)> {
    let relative = |path: &Path| {
        path.strip_prefix(folder)
            .unwrap()
            .to_str()
            .unwrap()
            .to_string()
    };
    let jobs = search(folder).unwrap().into_iter();
    jobs.map(|job| {
        (
            relative(&job.dockerfile),
            relative(&job.context),
            job.target,
        )
    })
    .collect()
}

fn jobs(jobs: &[(&str, &str, Option<&str>)]) -> Vec<(String, String, Option<String>)> {
    jobs.iter()
        .map(|(file, context, target)| {
            (
                file.to_string(),
                context.to_string(),
                target.map(str::to_string),
            )
        })
        .collect()
}

const FROM: &str = "FROM scratch\n";

#[test]
fn a_compose_file_names_contexts() {
    let folder = folder(&[
        ("Dockerfile", FROM),
        ("api/Dockerfile", FROM),
        ("docker/web.Dockerfile", FROM),
        ("docker/odd", FROM),
        ("tools/Dockerfile", FROM),
        (
            "compose.yaml",
            "services:\n  api:\n    build: ./api\n  web:\n    build:\n      context: .\n      dockerfile: docker/web.Dockerfile\n      target: prod\n  \
             odd:\n    build: {context: '${DIR:-docker}', dockerfile: odd}\n  db:\n    image: postgres\n",
        ),
    ]);
    let expected = jobs(&[
        ("Dockerfile", "", None),
        ("api/Dockerfile", "api", None),
        ("docker/odd", "docker", None),
        ("docker/web.Dockerfile", "", Some("prod")),
        ("tools/Dockerfile", "tools", None),
    ]);
    assert_eq!(found(folder.path()), expected);
}

#[test]
fn the_own_folder_wins_over_another_context() {
    let other = "services: {a: {build: {context: ., dockerfile: api/Dockerfile}}}";
    let own = "services: {a: {build: ./api}}";
    for (first, second) in [(other, own), (own, other)] {
        let folder = folder(&[
            ("api/Dockerfile", FROM),
            ("compose.yml", first),
            ("docker-compose.prod.yml", second),
        ]);
        assert_eq!(
            found(folder.path()),
            jobs(&[("api/Dockerfile", "api", None)])
        );
    }
}

#[test]
fn a_compose_file_in_a_folder_is_relative_to_it() {
    let compose =
        "services:\n  app:\n    build:\n      context: ..\n      dockerfile: deploy/Dockerfile\n";
    let folder = folder(&[
        ("deploy/Dockerfile", FROM),
        ("deploy/docker-compose.yml", compose),
    ]);
    assert_eq!(
        found(folder.path()),
        jobs(&[("deploy/Dockerfile", "", None)])
    );
}

#[test]
fn what_leads_out_or_nowhere_is_passed_over() {
    let builds = [
        "..",
        "/",
        "https://github.com/a/b.git",
        "git@github.com:a/b.git",
        "${DIR}",
        "$DIR",
        "none",
        "{context: ., dockerfile_inline: FROM a}",
        "{context: ., dockerfile: ../outside}",
        "[a]",
        "",
    ];
    for build in builds {
        let folder = folder(&[
            ("outside", FROM),
            ("root/Dockerfile.a", FROM),
            (
                "root/compose.yaml",
                &format!("services:\n  a:\n    build: {build}\n"),
            ),
        ]);
        assert_eq!(
            found(&folder.path().join("root")),
            jobs(&[("Dockerfile.a", "", None)]),
            "{build}"
        );
    }
    let folder = folder(&[
        ("Dockerfile", FROM),
        ("compose.yaml", "services: [unclosed"),
    ]);
    assert_eq!(found(folder.path()), jobs(&[("Dockerfile", "", None)]));
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_is_no_context() {
    let folder = folder(&[
        ("outside/Dockerfile", FROM),
        ("root/compose.yaml", "services: {a: {build: ./link}}"),
        ("root/Dockerfile", FROM),
    ]);
    std::os::unix::fs::symlink("../outside", folder.path().join("root/link")).unwrap();
    assert_eq!(
        found(&folder.path().join("root")),
        jobs(&[("Dockerfile", "", None)])
    );
}

#[test]
fn ignored_files_are_not_found() {
    let folder = folder(&[
        ("a/Dockerfile", FROM),
        ("out/Dockerfile", FROM),
        (".ignore", "out/\n"),
        ("a/Dockerfile.dockerignore", "x"),
    ]);
    assert_eq!(found(folder.path()), jobs(&[("a/Dockerfile", "a", None)]));
}
