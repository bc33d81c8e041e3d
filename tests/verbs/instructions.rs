//! `insert`, `replace` and `move`: whole instructions.

use crate::{becomes, lines_become, refused, stays};

#[test]
fn text_is_inserted_before_the_comments_of_a_step_or_after_its_last_line() {
    let before = "match: { each: RUN tool <what>, without: [ENV A=b] }
do:
  - insert: { before: each, text: \"# for <what>\\nENV A=b\" }
";
    becomes(
        before,
        "FROM a\n\n# why\nRUN tool one\nCMD x\n",
        "FROM a\n\n# for one\nENV A=b\n# why\nRUN tool one\nCMD x\n",
    );
    let after = "match: { each: RUN tool <what>, without: [ENV A=b] }
do:
  - insert: { after: each, text: ENV A=b }
";
    becomes(
        after,
        "FROM a\nRUN tool \\\n    # why\n    one\nCMD x\n",
        "FROM a\nRUN tool \\\n    # why\n    one\nENV A=b\nCMD x\n",
    );
    becomes(
        after,
        "FROM a\nRUN tool one\n",
        "FROM a\nRUN tool one\nENV A=b\n",
    );
    lines_become(
        after,
        "FROM a\nRUN <<EOF\ntool one\nEOF\nCMD x\n",
        "FROM a\nRUN <<EOF\ntool one\nEOF\nENV A=b\nCMD x\n",
    );
}

#[test]
fn what_does_not_parse_is_not_inserted() {
    let body = "match: { each: RUN tool <_...> }
do:
  - insert: { after: each, text: NONSENSE x }
";
    refused(body, "FROM a\nRUN tool one\n", "check");
}

#[test]
fn the_same_text_twice_is_refused() {
    let body = "match: { each: RUN tool <_...>, without: [ENV A=b] }
do:
  - insert: { after: each, text: ENV A=b }
  - insert: { after: each, text: ENV A=b }
";
    refused(body, "FROM a\nRUN tool one\nCMD x\n", "overlap");
}

const REPLACE: &str = "match: { each: COPY <from> /old/ }
do:
  - replace: { step: each, with: \"COPY <from> /new/\\nRUN tidy\" }
";

#[test]
fn a_step_becomes_text_and_the_comments_above_stay() {
    becomes(
        REPLACE,
        "FROM a\n# why\ncopy   $X   /old/\n\n# end\nCMD x\n",
        "FROM a\n# why\nCOPY $X /new/\nRUN tidy\n\n# end\nCMD x\n",
    );
    becomes(
        REPLACE,
        "FROM a\nCOPY x \\\n   /old/\n",
        "FROM a\nCOPY x /new/\nRUN tidy\n",
    );
}

#[test]
fn a_filled_in_hole_is_not_filled_again() {
    let body = "match: { each: LABEL <a> <b> }
do:
  - replace: { step: each, with: LABEL <a> }
";
    becomes(body, "FROM a\nLABEL x=<b> y=1\n", "FROM a\nLABEL x=<b>\n");
}

#[test]
fn a_step_with_comments_inside_is_not_replaced() {
    stays(REPLACE, "FROM a\nCOPY x \\\n   # why\n   /old/\n");
}

const DOWN: &str = "match: { steps: { it: EXPOSE <_...>, goal: RUN tool <_...> } }
do:
  - move: { step: it, after: goal }
";
const UP: &str = "match: { steps: { it: COPY <_...> /x/, goal: RUN tool <_...> } }
do:
  - move: { step: it, before: goal }
";

#[test]
fn an_instruction_moves_with_the_comments_above_it() {
    becomes(
        DOWN,
        "FROM a\n# top\n\n# the port\nEXPOSE 80\nLABEL a=b\n# make\nRUN tool one\nCMD x\n",
        "FROM a\n# top\n\nLABEL a=b\n# make\nRUN tool one\n# the port\nEXPOSE 80\nCMD x\n",
    );
    becomes(
        DOWN,
        "FROM a\nEXPOSE 80 \\\n  # and\n  81\nRUN tool one\n",
        "FROM a\nRUN tool one\nEXPOSE 80 \\\n  # and\n  81\n",
    );
    becomes(
        UP,
        "FROM a\n# make\nRUN tool one\nRUN two\n# sources\nCOPY . /x/\n",
        "FROM a\n# sources\nCOPY . /x/\n# make\nRUN tool one\nRUN two\n",
    );
    lines_become(
        UP,
        "FROM a\nRUN tool one\nCOPY <<E /x/\nhello\nE\nCMD x\n",
        "FROM a\nCOPY <<E /x/\nhello\nE\nRUN tool one\nCMD x\n",
    );
}

#[test]
fn what_depends_on_the_order_does_not_move() {
    for between in ["ENV A=b", "WORKDIR /y", "USER u", "ARG A", "VOLUME /x"] {
        let text = format!("FROM a\nRUN tool one\n{between}\nCOPY $A /x/\n");
        refused(UP, &text, "order");
    }
    refused(UP, "FROM a\nRUN tool one\nVOLUME /x\nCOPY . /x/\n", "order");
    becomes(
        UP,
        "FROM a\nRUN tool one\nENV A=b\nWORKDIR /y\nCOPY . /x/\n",
        "FROM a\nCOPY . /x/\nRUN tool one\nENV A=b\nWORKDIR /y\n",
    );
    let env = "match: { steps: { it: ENV <_...>, goal: RUN tool <_...> } }
do:
  - move: { step: it, after: goal }
";
    refused(env, "FROM a\nENV A=b\nRUN tool one\n", "order");
    let label = "match: { steps: { it: LABEL <_...>, goal: ARG <_...> } }
do:
  - move: { step: it, before: goal }
";
    refused(label, "FROM a\nARG V=1\nLABEL a=$V\n", "order");
    becomes(
        label,
        "FROM a\nARG V=1\nLABEL a=b\n",
        "FROM a\nLABEL a=b\nARG V=1\n",
    );
}
