//! The three build contexts.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use dockopt::facts::{Context, DirectoryContext, Entry, MemoryContext, NoContext, Source, Tri};

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn directory(root: &Path) -> DirectoryContext {
    DirectoryContext::new(root, root.join("Dockerfile"))
}

const FILES: [(&str, &str); 7] = [
    (
        ".dockerignore",
        "# what is not needed\nnode_modules\n*.log\n!keep.log\ndocs/*\n!docs/keep\n",
    ),
    ("package.json", "{}"),
    ("src/main.ts", "run()"),
    ("node_modules/a/index.js", "x"),
    ("debug.log", "x"),
    ("keep.log", "x"),
    ("docs/keep/readme.md", "x"),
];

#[test]
fn both_contexts_give_the_same_answers() {
    let folder = folder(&FILES);
    let contexts: [Box<dyn Context>; 2] = [
        Box::new(directory(folder.path())),
        Box::new(MemoryContext::from(FILES)),
    ];
    for context in contexts {
        assert_eq!(context.entry(""), Tri::Present(Entry::Directory));
        assert_eq!(
            context.entry("./package.json"),
            Tri::Present(Entry::File(2))
        );
        assert_eq!(context.entry("/src/"), Tri::Present(Entry::Directory));
        assert_eq!(context.entry("src/none.ts"), Tri::Absent);
        assert_eq!(context.entry("package.json/x"), Tri::Absent);
        assert_eq!(context.entry("node_modules/a/index.js"), Tri::Absent);
        assert_eq!(context.entry("node_modules"), Tri::Absent);
        assert_eq!(context.entry("docs"), Tri::Present(Entry::Directory));
        assert!(
            context
                .entry("../x")
                .unknown()
                .unwrap()
                .contains("outside the build context")
        );
        assert_eq!(context.read("src/main.ts"), Tri::Present("run()".into()));
        assert_eq!(context.read("debug.log"), Tri::Absent);
        assert!(context.read("src").unknown().unwrap().contains("directory"));
        let files = [
            ".dockerignore",
            "docs/keep/readme.md",
            "keep.log",
            "package.json",
            "src/main.ts",
        ];
        assert_eq!(context.files().unwrap().as_ref(), files);
        let left_out = |line| {
            Some(Source {
                file: ".dockerignore".to_string(),
                line,
            })
        };
        assert_eq!(context.ignored("node_modules/a/index.js"), left_out(2));
        assert_eq!(context.ignored("debug.log"), left_out(3));
        assert_eq!(context.ignored("keep.log"), None);
        assert_eq!(context.ignored("none.log"), None);
        assert_eq!(
            context.ignore_file(),
            Tri::Present(".dockerignore".to_string())
        );
        let names = |pattern: &str| {
            context
                .matches(pattern)
                .map(|found| found.into_iter().map(|(path, _)| path).collect())
        };
        let some = |paths: &[&str]| {
            Tri::Present(
                paths
                    .iter()
                    .map(|path| path.to_string())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(names("package*.json"), some(&["package.json"]));
        assert_eq!(
            names("*"),
            some(&[".dockerignore", "docs", "keep.log", "package.json", "src"])
        );
        assert_eq!(names("s?c/*.ts"), some(&["src/main.ts"]));
        assert_eq!(names("**/readme.md"), Tri::Absent);
        assert_eq!(names("*/*/readme.md"), some(&["docs/keep/readme.md"]));
        assert_eq!(names("yarn.lock"), Tri::Absent);
        assert_eq!(names("."), some(&[""]));
        assert_eq!(context.files_below("src"), some(&["src/main.ts"]));
        assert_eq!(context.files_below("srcs"), Tri::Absent);
    }
}

#[test]
fn without_a_context_everything_is_unknown() {
    let reason = "no build context (standard input)".to_string();
    assert_eq!(
        NoContext.entry("package.json"),
        Tri::Unknown(reason.clone())
    );
    assert_eq!(NoContext.read("package.json"), Tri::Unknown(reason.clone()));
    assert_eq!(NoContext.files(), Err(reason.clone()));
    assert_eq!(NoContext.matches("*.json"), Tri::Unknown(reason.clone()));
    assert_eq!(NoContext.files_below("src"), Tri::Unknown(reason));
}

#[test]
fn the_ignore_file_beside_the_dockerfile_wins() {
    let folder = folder(&[
        (".dockerignore", "a"),
        ("docker/app.Dockerfile", "FROM scratch"),
        ("docker/app.Dockerfile.dockerignore", "b"),
        ("a", ""),
        ("b", ""),
    ]);
    let context = DirectoryContext::new(folder.path(), folder.path().join("docker/app.Dockerfile"));
    assert_eq!(
        context.ignore_file(),
        Tri::Present("docker/app.Dockerfile.dockerignore".to_string())
    );
    assert!(context.entry("a").is_present());
    assert!(context.entry("b").is_absent());
    let context = DirectoryContext::new(
        folder.path().join("docker"),
        folder.path().join("docker/app.Dockerfile"),
    );
    assert_eq!(
        context.ignore_file(),
        Tri::Present("app.Dockerfile.dockerignore".to_string())
    );
}

#[test]
fn a_bad_ignore_file_makes_everything_unknown() {
    let context = MemoryContext::from([(".dockerignore", "ok\n[]x\n"), ("a", "")]);
    let reason = ".dockerignore:2: `[]x`: syntax error in pattern".to_string();
    assert_eq!(context.entry("a"), Tri::Unknown(reason.clone()));
    assert_eq!(context.files(), Err(reason.clone()));
    assert_eq!(context.ignore_file(), Tri::Unknown(reason));
}

#[test]
fn what_cannot_be_read_is_unknown() {
    let folder = folder(&[("big", ""), ("latin1", "")]);
    fs::write(folder.path().join("big"), vec![b'a'; (1 << 20) + 1]).unwrap();
    fs::write(folder.path().join("latin1"), b"caf\xe9").unwrap();
    let context = directory(folder.path());
    assert_eq!(
        context.read("big"),
        Tri::Unknown("`big` is larger than 1 MiB".to_string())
    );
    assert_eq!(
        context.read("latin1"),
        Tri::Unknown("`latin1` is not UTF-8 text".to_string())
    );
}

#[cfg(unix)]
#[test]
fn links_never_lead_out_of_the_context() {
    use std::os::unix::fs::symlink;
    let outer = folder(&[
        ("secret", "s"),
        ("root/real/file", "in"),
        ("root/docs/x", "x"),
        ("root/.dockerignore", "docs"),
    ]);
    let root = outer.path().join("root");
    symlink("../secret", root.join("out")).unwrap();
    symlink(outer.path().join("secret"), root.join("absolute")).unwrap();
    symlink("..", root.join("up")).unwrap();
    symlink("real", root.join("inside")).unwrap();
    symlink("/real/file", root.join("rooted")).unwrap();
    symlink("docs/x", root.join("ignored")).unwrap();
    symlink("loop", root.join("loop")).unwrap();
    let context = directory(&root);
    for link in ["out", "absolute", "up", "loop"] {
        assert_eq!(context.entry(link), Tri::Present(Entry::Link), "{link}");
        assert!(context.read(link).unknown().is_some(), "{link}");
    }
    assert!(
        context
            .read("up/secret")
            .unknown()
            .unwrap()
            .contains("behind the link `up`")
    );
    assert_eq!(context.read("inside/file"), Tri::Present("in".into()));
    assert_eq!(context.read("rooted"), Tri::Present("in".into()));
    assert_eq!(context.entry("ignored"), Tri::Absent);
    assert_eq!(
        context.files_below("inside"),
        Tri::Present(vec!["inside/file".to_string()])
    );
    // The ignore file itself is read inside the context, too.
    fs::remove_file(root.join(".dockerignore")).unwrap();
    symlink("../secret", root.join(".dockerignore")).unwrap();
    assert!(directory(&root).entry("real").unknown().is_some());
}
