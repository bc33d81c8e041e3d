//! `edit`

use crate::{becomes, lines_become, stays};

const ADD: &str = "match: { each: RUN tool add <_...> }
do:
  - edit: { step: each, add: [--new], drop: [--old, -x] }
";

#[test]
fn options_go_after_the_last_fixed_word() {
    becomes(
        ADD,
        "FROM a\nRUN tool add one\n",
        "FROM a\nRUN tool add --new one\n",
    );
    becomes(
        ADD,
        "FROM a\nRUN tool add\n",
        "FROM a\nRUN tool add --new\n",
    );
    becomes(
        ADD,
        "FROM a\nRUN tool -v -o add add $ONE\n",
        "FROM a\nRUN tool -v -o add add --new $ONE\n",
    );
    becomes(
        ADD,
        "FROM a\nRUN true && A=b tool add \"one\" > log; echo $(tool add two)\n",
        "FROM a\nRUN true && A=b tool add --new \"one\" > log; echo $(tool add --new two)\n",
    );
}

#[test]
fn a_named_word_may_come_first() {
    let body = "match: { each: RUN tool -m part add <_...> }
do:
  - edit: { step: each, add: [--new], after: part }
";
    becomes(
        body,
        "FROM a\nRUN tool -m part add one\n",
        "FROM a\nRUN tool -m part --new add one\n",
    );
}

#[test]
fn options_are_dropped_with_the_blanks_before_them() {
    becomes(
        ADD,
        "FROM a\nRUN tool --old add -x \\\n      one --old two\n",
        "FROM a\nRUN tool add --new \\\n      one two\n",
    );
    becomes(
        ADD,
        "FROM a\nRUN tool add \\\n    --old \\\n    one \\\n    --old\n",
        "FROM a\nRUN tool add --new \\\n    one\n",
    );
    becomes(
        ADD,
        "FROM a\nRUN tool add --old=yes one\n",
        "FROM a\nRUN tool add --new one\n",
    );
}

#[test]
fn an_option_with_a_value_goes_with_it() {
    let body = "match: { each: RUN tool add <_...> }
do:
  - edit: { step: each, drop: [-o] }
";
    becomes(
        body,
        "FROM a\nRUN tool add -o here one && tool -o=x add two\n",
        "FROM a\nRUN tool add one && tool add two\n",
    );
}

#[test]
fn a_letter_among_others_stays() {
    becomes(
        ADD,
        "FROM a\nRUN tool add -vx one\n",
        "FROM a\nRUN tool add --new -vx one\n",
    );
}

#[test]
fn what_is_there_is_not_added() {
    stays(
        ADD,
        "FROM a\nRUN tool --new add one\nRUN tool add one --new=2\n",
    );
}

#[test]
fn comments_between_words_are_kept() {
    becomes(
        ADD,
        "FROM a\nRUN tool add \\\n    # one of them\n    one\n",
        "FROM a\nRUN tool add --new \\\n    # one of them\n    one\n",
    );
    // Dropping the option would take the comment before it along.
    stays(
        ADD,
        "FROM a\nRUN tool add \\\n    # the old way\n    --old one\n",
    );
}

#[test]
fn exec_form_gets_strings() {
    becomes(
        ADD,
        "FROM a\nRUN [\"tool\", \"--old\", \"add\", \"one\"]\n",
        "FROM a\nRUN [\"tool\", \"add\", \"--new\", \"one\"]\n",
    );
    becomes(
        ADD,
        "FROM a\nRUN [ \"tool\" , \"add\" ]\n",
        "FROM a\nRUN [ \"tool\" , \"add\", \"--new\" ]\n",
    );
    becomes(
        ADD,
        "FROM a\nRUN [\"sh\", \"-c\", \"tool add one && true\"]\n",
        "FROM a\nRUN [\"sh\", \"-c\", \"tool add --new one && true\"]\n",
    );
    // Where strings have escapes nobody knows where a word stands.
    stays(
        ADD,
        "FROM a\nRUN [\"sh\", \"-c\", \"tool add \\\"one\\\"\"]\n",
    );
}

#[test]
fn heredocs_are_edited_in_their_body() {
    lines_become(
        ADD,
        "FROM a\nRUN <<EOF\nset -e\n  tool add one # first\nEOF\nCMD x\n",
        "FROM a\nRUN <<EOF\nset -e\n  tool add --new one # first\nEOF\nCMD x\n",
    );
    // The body is a file here, no script.
    stays(
        ADD,
        "FROM a\nRUN cat <<EOF > script\ntool add one\nEOF\nCMD x\n",
    );
}

#[test]
fn variables_hide_what_a_command_is() {
    stays(
        ADD,
        "FROM a\nRUN tool $ACTION one && $TOOL add one && tool $FLAGS add\n",
    );
}

#[test]
fn a_program_gets_another_name_once() {
    let body = "match: { each: RUN (tool|util) add <_...> }
do:
  - edit: { step: each, program: util }
";
    becomes(
        body,
        "FROM a\nRUN tool add one && util add two\nRUN [\"tool\", \"add\"]\n",
        "FROM a\nRUN util add one && util add two\nRUN [\"util\", \"add\"]\n",
    );
}

#[test]
fn two_edits_of_one_place_are_refused() {
    let body = "match: { each: RUN tool add <_...> }
do:
  - edit: { step: each, add: [--new] }
  - replace: { step: each, with: RUN other }
";
    crate::refused(body, "FROM a\nRUN tool add one\n", "overlap");
}
