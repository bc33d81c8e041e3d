//! What surrounds a match.

use crate::{becomes, stays};

fn rule(conditions: &str) -> String {
    format!(
        "match:
  each: RUN tool add <_...>
{conditions}
do:
  - edit: {{ step: each, add: [--new] }}
"
    )
}

const AFTER: &str = "FROM a\nRUN tool add --new one\n";
const BEFORE: &str = "FROM a\nRUN tool add one\n";

#[test]
fn mounts_and_variables_are_seen() {
    let mounts = rule("  without_mounts: [/var/cache/tool, ~/.tool]");
    becomes(&mounts, BEFORE, AFTER);
    for target in [
        "/var/cache/tool",
        "/var/cache",
        "/var/cache/tool/x",
        "/root/.tool",
        "$X",
    ] {
        stays(
            &mounts,
            &format!("FROM a\nRUN --mount=type=cache,target={target} tool add one\n"),
        );
    }
    stays(
        &mounts,
        "FROM a\nUSER u\nRUN --mount=type=cache,dst=/home/u/.tool tool add one\n",
    );
    becomes(
        &mounts,
        "FROM a\nRUN --mount=type=cache,target=/other --mount=type=secret,id=x,target=/root/.tool tool add one\n",
        "FROM a\nRUN --mount=type=cache,target=/other --mount=type=secret,id=x,target=/root/.tool tool add --new one\n",
    );
    let env = rule("  without_env: [TOOL]");
    becomes(
        &env,
        "FROM a\nRUN tool add one\nENV TOOL=1\n",
        "FROM a\nRUN tool add --new one\nENV TOOL=1\n",
    );
    for text in [
        "FROM a\nENV TOOL=1\nRUN tool add one\n",
        "FROM a\nARG TOOL\nRUN tool add one\n",
        "FROM a\nRUN TOOL=1 tool add one\n",
        "FROM a\nRUN export TOOL=1 && tool add one\n",
    ] {
        stays(&env, text);
    }
}

#[test]
fn the_order_of_commands_is_seen() {
    let before = rule("  before_here: [RUN tool update]");
    becomes(
        &before,
        "FROM a\nRUN tool update && tool add one\nRUN tool add two && tool update\n",
        "FROM a\nRUN tool update && tool add --new one\nRUN tool add two && tool update\n",
    );
    let later = rule("  later: [RUN tool end]\n  not_later: [RUN tool list]");
    becomes(
        &later,
        "FROM a\nRUN tool list && tool add one && tool end && tool add two\n",
        "FROM a\nRUN tool list && tool add --new one && tool end && tool add two\n",
    );
    stays(
        &later,
        "FROM a\nRUN tool add one\nRUN sudo tool list && tool end\n",
    );
    let unless = rule(
        "  not_later_unless:
    - line: RUN tool get <_...>
      unless: [RUN tool --fresh <_...>]
      unless_before: [RUN tool update]",
    );
    becomes(
        &unless,
        "FROM a\nRUN tool add one\nRUN tool get --fresh a\nRUN tool update && tool get b\n",
        "FROM a\nRUN tool add --new one\nRUN tool get --fresh a\nRUN tool update && tool get b\n",
    );
    stays(
        &unless,
        "FROM a\nRUN tool add one\nRUN tool update\nRUN tool get b\n",
    );
}

#[test]
fn input_texts_and_unknown_commands_are_seen() {
    let input = rule("  without_input: true");
    becomes(&input, BEFORE, AFTER);
    for text in [
        "yes | tool add one",
        "tool add one < in",
        "tool add one <<< y",
        "(tool add one) < in",
    ] {
        stays(&input, &format!("FROM a\nRUN {text}\n"));
    }
    let known = rule("  known_later: true\n  known_after: true");
    becomes(
        &known,
        "FROM a\nRUN x; tool add one\n",
        "FROM a\nRUN x; tool add --new one\n",
    );
    stays(&known, "FROM a\nRUN tool add one; x\n");
    stays(&known, "FROM a\nRUN tool add one\nRUN x\n");
    let text = rule("  without_text: [conf]\n  without_text_here: [keep]");
    stays(&text, "FROM a\nRUN tool add one\nCOPY tool.conf /etc\n");
    stays(&text, "FROM a\nRUN tool add one # keep\n");
    becomes(
        &text,
        "FROM a\nRUN keep\nRUN tool add one\n",
        "FROM a\nRUN keep\nRUN tool add --new one\n",
    );
}

#[test]
fn doubled_letters_are_counted() {
    let quiet = rule("  except: [RUN tool (-qq|--quiet) <_...>]");
    stays(
        &quiet,
        "FROM a\nRUN tool add -yqq one && tool -q -q add two && tool add --quiet b\n",
    );
    becomes(
        &quiet,
        "FROM a\nRUN tool add -q one\n",
        "FROM a\nRUN tool add --new -q one\n",
    );
}

#[test]
fn shipped_stages_are_the_last_and_what_it_is_built_from() {
    let shipped = rule("  stage: shipped");
    becomes(
        &shipped,
        "FROM a AS base\nRUN tool add one\nFROM base AS build\nRUN tool add two\nFROM Base\nCOPY --from=build /x /x\nRUN tool add three\n",
        "FROM a AS base\nRUN tool add --new one\nFROM base AS build\nRUN tool add two\nFROM Base\nCOPY --from=build /x /x\nRUN tool add --new three\n",
    );
}

#[test]
fn a_quoted_text_is_one_word_whatever_is_in_it() {
    let body = "match: { each: MAINTAINER <who...> }
let: { name: { quoted: <who> } }
do:
  - replace: { step: each, with: LABEL who=<name> }
";
    becomes(
        body,
        "# escape=`\nFROM a\nMAINTAINER C:\\x `y` \"z\" $w\n",
        "# escape=`\nFROM a\nLABEL who=\"C:\\x ``y`` `\"z`\" `$w\"\n",
    );
}
