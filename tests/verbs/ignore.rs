//! `ignore`

use crate::run;
use dockopt::facts::MemoryContext;

const BODY: &str = "match: { each: COPY <_...> }
do:
  - ignore: { lines: [.git, node_modules, \"**/*.log\"] }
";

/// The `.dockerignore` that comes out of it; nothing where it stays as it is.
fn ignored(dockerfile: &str, files: &[(&str, &str)]) -> Option<String> {
    let context: MemoryContext = files.iter().copied().collect();
    let outcome = run(BODY, dockerfile, &context);
    assert_eq!(outcome.text, dockerfile);
    let [change] = &outcome.files[..] else {
        assert!(outcome.files.is_empty() && outcome.changes.is_empty());
        return None;
    };
    assert_eq!(outcome.changes.len(), 1);
    assert_eq!(change.path, ".dockerignore");
    let again = [(".dockerignore", change.after.as_str())]
        .into_iter()
        .chain(
            files
                .iter()
                .copied()
                .filter(|(name, _)| *name != ".dockerignore"),
        )
        .collect::<MemoryContext>();
    assert!(
        run(BODY, dockerfile, &again).files.is_empty(),
        "a second run"
    );
    Some(change.after.clone())
}

#[test]
fn a_new_file_gets_all_lines() {
    assert_eq!(
        ignored("FROM a\nCOPY . .\n", &[("x", "")]).as_deref(),
        Some(".git\nnode_modules\n**/*.log\n")
    );
}

#[test]
fn lines_are_added_in_the_manner_of_the_file() {
    let with = |text: &str| ignored("FROM a\nCOPY . .\n", &[(".dockerignore", text)]);
    assert_eq!(
        with("# mine\r\n.git\r\n").as_deref(),
        Some("# mine\r\n.git\r\nnode_modules\r\n**/*.log\r\n")
    );
    assert_eq!(
        with("/.git/\n./node_modules").as_deref(),
        Some("/.git/\n./node_modules\n**/*.log")
    );
}

#[test]
fn what_is_in_effect_is_not_added() {
    let with = |text: &str| ignored("FROM a\nCOPY . .\n", &[(".dockerignore", text)]);
    assert_eq!(with(".git\n**/node_modules\n**/*.log\n"), None);
    assert_eq!(with("*\n"), None);
    assert_eq!(with(".*\nnode_*\n**/*.l?g\n"), None);
}

#[test]
fn what_an_instruction_names_or_the_file_takes_back_stays() {
    let files = [("node_modules/x.js", ""), ("a/x.log", "")];
    assert_eq!(
        ignored("FROM a\nCOPY node_modules ./node_modules\n", &files).as_deref(),
        Some(".git\n**/*.log\n")
    );
    assert_eq!(
        ignored("FROM a\nCOPY a/*.log node_modules/x.js ./\n", &files).as_deref(),
        Some(".git\n")
    );
    assert_eq!(
        ignored(
            "FROM a\nRUN --mount=type=bind,source=.git,target=/git true\nCOPY a ./\n",
            &files
        )
        .as_deref(),
        Some("node_modules\n**/*.log\n")
    );
    assert_eq!(
        ignored(
            "FROM a\nCOPY . .\n",
            &[(".dockerignore", ".git\n*.log\n!keep.log\n")]
        )
        .as_deref(),
        Some(".git\n*.log\n!keep.log\nnode_modules\n")
    );
    // Nobody knows what is named.
    assert_eq!(ignored("FROM a\nARG D\nCOPY $D ./\n", &files), None);
}

#[test]
fn without_a_context_nobody_knows() {
    crate::refused(BODY, "FROM a\nCOPY . .\n", "unknown");
}
