//! `append`, `remove` and `merge`: what changes a chain of commands.

use crate::{becomes, lines_become, refused, stays};

const APPEND: &str = "match: { each: RUN tool add <_...>, without_here: [RUN tidy] }
do:
  - append: { step: each, command: tidy }
";

#[test]
fn a_command_is_appended_in_the_layout_of_the_chain() {
    for (before, after) in [
        ("tool add a", "tool add a && tidy"),
        ("one && tool add a", "one && tool add a && tidy"),
        (
            "one \\\n && tool add a \\\n && two",
            "one \\\n && tool add a \\\n && two \\\n && tidy",
        ),
        (
            "one && \\\n    tool add a",
            "one && \\\n    tool add a && \\\n    tidy",
        ),
        (
            "set -ex; \\\n    one; \\\n    tool add a",
            "set -ex; \\\n    one; \\\n    tool add a; \\\n    tidy",
        ),
        // Without `set -e` a `;` would hide the failure of the command before.
        ("one; tool add a", "one; tool add a && tidy"),
        ("one || tool add a", "one || tool add a && tidy"),
        ("one | tool add a", "one | tool add a && tidy"),
        (
            "tool add \\\n    a \\\n    b",
            "tool add \\\n    a \\\n    b \\\n    && tidy",
        ),
        (
            "one \\\n    # why\n    && tool add a",
            "one \\\n    # why\n    && tool add a \\\n    && tidy",
        ),
        (
            "if x; then tool add a; fi",
            "if x; then tool add a; fi && tidy",
        ),
    ] {
        becomes(
            APPEND,
            &format!("FROM a\n# why\nRUN {before}\n# what\nCMD x\n"),
            &format!("FROM a\n# why\nRUN {after}\n# what\nCMD x\n"),
        );
    }
}

#[test]
fn a_command_is_appended_to_a_heredoc() {
    lines_become(
        APPEND,
        "FROM a\nRUN <<EOF\nset -e\ntool add a # a comment\nEOF\nCMD x\n",
        "FROM a\nRUN <<EOF\nset -e\ntool add a # a comment\ntidy\nEOF\nCMD x\n",
    );
}

#[test]
fn nothing_is_appended_to_what_is_no_chain() {
    stays(APPEND, "FROM a\nRUN [\"tool\", \"add\", \"a\"]\n");
    stays(APPEND, "FROM a\nRUN tool add a &\n");
    stays(APPEND, "FROM a\nRUN tool add a; exit 0\n");
    stays(APPEND, "FROM a\nRUN tool add a && exec two\n");
    stays(APPEND, "FROM a\nRUN tool add a && (\n");
}

#[test]
fn overlaps_and_twice_the_same_are_refused() {
    let twice = "match: { each: RUN tool add <_...>, without_here: [RUN tidy] }
do:
  - append: { step: each, command: tidy }
  - append: { step: each, command: tidy }
";
    refused(twice, "FROM a\nRUN tool add a\n", "overlap");
}

const REMOVE: &str = "match: { each: RUN tool old <_...> }
do:
  - remove: { step: each }
";

#[test]
fn a_command_is_removed_with_its_connector() {
    for (before, after) in [
        ("tool old && one", "one"),
        ("one && tool old", "one"),
        ("one && tool old && two", "one && two"),
        ("one; tool old; two", "one; two"),
        (
            "one \\\n    && tool old a \\\n    && two",
            "one \\\n    && two",
        ),
        ("tool old \\\n    && one", "one"),
        ("one && \\\n    tool old", "one"),
        ("tool old > /dev/null 2>&1 && one", "one"),
    ] {
        becomes(
            REMOVE,
            &format!("FROM a\n# why\nRUN {before}\nCMD x\n"),
            &format!("FROM a\n# why\nRUN {after}\nCMD x\n"),
        );
    }
}

#[test]
fn comments_in_the_chain_are_kept() {
    let text = "FROM a\nRUN one \\\n    # about the old one\n    && tool old \\\n    # about two\n    && two\n";
    let outcome = crate::run(REMOVE, text, &dockopt::facts::NoContext);
    assert!(!outcome.text.contains("tool old"), "{}", outcome.text);
    assert!(outcome.text.contains("# about two\n"), "{}", outcome.text);
    assert!(
        outcome.text.contains("# about the old one\n"),
        "{}",
        outcome.text
    );
}

#[test]
fn the_only_command_goes_with_its_instruction_and_the_comments_above() {
    becomes(
        REMOVE,
        "FROM a\n# first\n\n# old\nRUN tool old a\n# end\nCMD x\n",
        "FROM a\n# first\n\n# end\nCMD x\n",
    );
    becomes(REMOVE, "FROM a\nCMD x\nRUN tool old\n", "FROM a\nCMD x\n");
    becomes(
        REMOVE,
        "FROM a\nRUN [\"tool\", \"old\"]\nCMD x\n",
        "FROM a\nCMD x\n",
    );
}

#[test]
fn a_line_of_a_heredoc_is_removed() {
    lines_become(
        REMOVE,
        "FROM a\nRUN <<EOF\none\n  tool old a\ntwo\nEOF\nCMD x\n",
        "FROM a\nRUN <<EOF\none\ntwo\nEOF\nCMD x\n",
    );
}

#[test]
fn a_part_of_something_larger_is_not_removed() {
    for script in [
        "tool old | tee log",
        "one && tool old | tee log",
        "(tool old; one) && two",
        "if x; then tool old; fi; one",
        "[ -f x ] && tool old; one",
        "one || tool old",
        "one; tool old > file",
        "one; tool old \"$(two)\"",
        "one & tool old & two",
    ] {
        stays(REMOVE, &format!("FROM a\nRUN {script}\nCMD x\n"));
    }
}

const MERGE: &str = "match:
  steps:
    one: RUN tool one <_...>
    two: RUN tool two <_...>
do:
  - merge: { first: one, second: two }
";

#[test]
fn two_runs_become_one_in_the_layout_of_the_first() {
    for (before, after) in [
        ("RUN tool one\nRUN tool two", "RUN tool one && tool two"),
        (
            "RUN tool one\n\nRUN tool two && x \\\n    && y",
            "RUN tool one && tool two && x \\\n    && y",
        ),
        (
            "RUN x \\\n && tool one\nRUN tool two",
            "RUN x \\\n && tool one \\\n && tool two",
        ),
        (
            "RUN x && \\\n    tool one\nRUN tool two | tee log",
            "RUN x && \\\n    tool one && \\\n    tool two | tee log",
        ),
        (
            "RUN tool one\n# about two\nRUN tool two",
            "RUN tool one && \\\n    # about two\n    tool two",
        ),
        (
            "RUN x \\\n && tool one\n# about two\n# and more\nRUN tool two",
            "RUN x \\\n && tool one \\\n # about two\n # and more\n && tool two",
        ),
        (
            "RUN --network=none tool one\nRUN --network=none tool two",
            "RUN --network=none tool one && tool two",
        ),
        (
            "RUN x || tool one\nRUN tool two",
            "RUN x || tool one && tool two",
        ),
        (
            "RUN (cd x && tool one)\nRUN tool two",
            "RUN (cd x && tool one) && tool two",
        ),
    ] {
        becomes(
            MERGE,
            &format!("FROM a\n# about one\n{before}\n# end\nCMD x\n"),
            &format!("FROM a\n# about one\n{after}\n# end\nCMD x\n"),
        );
    }
}

#[test]
fn what_would_mean_something_else_is_not_merged() {
    for text in [
        // Something stands between.
        "RUN tool one\nENV A=b\nRUN tool two",
        "RUN tool two\nRUN tool one",
        // Other flags, other forms.
        "RUN --mount=type=cache,target=/x tool one\nRUN tool two",
        "RUN tool one\nRUN --network=none tool two",
        "RUN tool one\nRUN [\"tool\", \"two\"]",
        "RUN tool one\nRUN <<EOF\ntool two\nEOF",
        "RUN <<EOF\ntool one\nEOF\nRUN tool two",
        // The second would find another directory, other variables, other settings.
        "RUN cd x && tool one\nRUN tool two",
        "RUN A=b; tool one\nRUN tool two",
        "RUN set -e; tool one\nRUN tool two",
        "RUN export A=b && tool one\nRUN tool two",
        "RUN tool one && exit 0\nRUN tool two",
        // A failure of the first would be caught.
        "RUN tool one\nRUN tool two || x",
        "RUN tool one\nRUN tool two; x",
        "RUN tool one\nRUN tool two &",
        // The author has a say on the second.
        "RUN tool one\n# dockopt: runtime\nRUN tool two",
    ] {
        stays(MERGE, &format!("FROM a\n{text}\nCMD x\n"));
    }
}
