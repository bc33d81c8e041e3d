//! `respell`, and the parts of `edit` and `append` that act on whole instructions or in the middle of a RUN.

use crate::{becomes, lines_become, stays};

fn respell(each: &str, what: &str) -> String {
    format!("match: {{ each: {each} }}\ndo:\n  - respell: {{ step: each, what: {what} }}\n")
}

#[test]
fn keywords_and_names_of_stages() {
    becomes(
        &respell("<_> <_...>", "keyword"),
        "from a as B\nrun tool \\\n  # run\n  run\nCmd [\"x\"]\n",
        "FROM a as B\nRUN tool \\\n  # run\n  run\nCMD [\"x\"]\n",
    );
    becomes(
        &respell("FROM <_> AS <_>", "as"),
        "FROM asa As  b\nFROM as AS c\n",
        "FROM asa AS  b\nFROM as AS c\n",
    );
    becomes(
        &respell("FROM <_> AS <_>", "stage-name"),
        "FROM a AS Build\nFROM build\nCOPY --from=Build /x /x\n",
        "FROM a AS build\nFROM build\nCOPY --from=Build /x /x\n",
    );
}

#[test]
fn pairs_keep_their_values() {
    let pair = respell("ENV <_...>", "pair");
    becomes(
        &pair,
        "FROM a\nENV A b  c\nENV B \"x y\"\nENV C $A:d\n",
        "FROM a\nENV A=\"b  c\"\nENV B=\"x y\"\nENV C=$A:d\n",
    );
    stays(
        &pair,
        "FROM a\nENV A=b\nENV B it's\nENV C a\\ b\nENV D x \\\n  y\n",
    );
}

#[test]
fn empty_lines_go_comments_and_heredocs_stay() {
    lines_become(
        &respell("RUN <_> <_...>", "continuation").replace("RUN <_> <_...>", "<_> <_...>"),
        "FROM a\nRUN tool \\\n\n  # one\n\n  two\nRUN <<E\n\nx\nE\nENV A=b\n",
        "FROM a\nRUN tool \\\n  # one\n  two\nRUN <<E\n\nx\nE\nENV A=b\n",
    );
}

#[test]
fn flags_come_and_go() {
    let flags = "match: { each: RUN tool <_...>, without_text_here: [type=cache] }
do:
  - edit: { step: each, add_flags: [\"--mount=type=cache,target=/c\"], drop: [--no-cache] }
";
    becomes(
        flags,
        "FROM a\nRUN tool --no-cache x\nRUN \\\n  tool y\nRUN --network=none tool z\n",
        "FROM a\nRUN --mount=type=cache,target=/c tool x\nRUN --mount=type=cache,target=/c \\\n  tool y\n\
         RUN --mount=type=cache,target=/c --network=none tool z\n",
    );
    let platform = "match: { each: FROM --platform=<p> <_...> }
do:
  - edit: { step: each, drop_flags: [platform] }
";
    becomes(
        platform,
        "FROM --platform=$TARGETPLATFORM a AS b\nFROM  --platform=x  c\n",
        "FROM a AS b\nFROM  c\n",
    );
}

#[test]
fn a_command_goes_directly_after_another() {
    let directly = "match: { each: RUN tool <_...>, not_later_here: [RUN clean] }
do:
  - append: { step: each, command: clean, directly: true }
";
    becomes(
        directly,
        "FROM a\nRUN tool one && two\nRUN tool one \\\n    && two\nRUN tool one && \\\n    two\nRUN tool one; two\n",
        "FROM a\nRUN tool one && clean && two\nRUN tool one \\\n    && clean \\\n    && two\n\
         RUN tool one && \\\n    clean && \\\n    two\nRUN tool one && clean; two\n",
    );
    becomes(
        directly,
        "FROM a\nRUN set -e; tool one; two\nRUN x || tool one && two\nRUN tool one | tee log && two\n",
        "FROM a\nRUN set -e; tool one; clean; two\nRUN x || tool one && clean && two\n\
         RUN tool one | tee log && clean && two\n",
    );
    lines_become(
        directly,
        "FROM a\nRUN <<E\nset -e\ntool one\ntwo\nE\nRUN <<E\ntool one\ntwo\nE\n",
        "FROM a\nRUN <<E\nset -e\ntool one\nclean\ntwo\nE\nRUN <<E\ntool one && clean\ntwo\nE\n",
    );
    stays(directly, "FROM a\nRUN tool one & two\n");
}
