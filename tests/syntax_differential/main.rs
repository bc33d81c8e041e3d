//! Our parser beside two others, `dockerfile-parser` and `parse-dockerfile`: every difference must be of one of
//! the known kinds. Each kind has an example, so that it is checked without the corpus too.
#![allow(clippy::unwrap_used)]

mod kinds;
mod known;
#[path = "../syntax_support/mod.rs"]
mod syntax_support;
mod views;

use std::collections::BTreeMap;

use kinds::Other;
use known::{DOCKERFILE_PARSER, PARSE_DOCKERFILE};
use syntax_support::corpus;

const OTHERS: [Other; 2] = [DOCKERFILE_PARSER, PARSE_DOCKERFILE];

/// Runs on a stack that `dockerfile-parser` does not overflow: it calls itself for every line of a RUN.
fn with_much_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new()
        .stack_size(1 << 30)
        .spawn(test)
        .unwrap();
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

#[test]
fn every_known_kind_of_difference_has_its_example() {
    with_much_stack(|| {
        for other in OTHERS {
            let kinds = other
                .kinds
                .iter()
                .map(|kind| (kind.name, kind.example.to_owned()));
            let file_kinds = other
                .file_kinds
                .iter()
                .map(|kind| (kind.name, kind.example.to_owned()));
            let laxness = other
                .laxness
                .iter()
                .map(|laxness| (laxness.message, (laxness.example)()));
            for (name, example) in kinds.chain(file_kinds).chain(laxness) {
                assert_eq!(
                    other.differences(&example),
                    Ok(vec![name]),
                    "{}: {example:.200}",
                    other.name
                );
            }
        }
    });
}

#[test]
fn plain_files_are_read_alike() {
    with_much_stack(|| {
        for text in [
            "FROM a\n",
            "# comment\nARG V=1\nFROM --platform=$BUILDPLATFORM node:${V} AS build\n\nRUN make\n",
            "from a as b\ncopy --from=b --chown=1:1 x y /z/\n",
            "FROM a\nRUN one && \\\n    # why\n    two\n",
            "FROM a\r\nRUN one && \\\r\n    two\r\nUSER x\r\n",
            "FROM a\nENTRYPOINT [\"/bin/x\", \"-y\"]\nCMD exec z\n",
            "FROM a\nENV A=1 B=\"two words\"\nLABEL c=d\nARG E\nEXPOSE 80\nWORKDIR /f\n",
            "FROM a\nHEALTHCHECK --interval=5s CMD true\nONBUILD RUN b\nVOLUME /c\nSTOPSIGNAL TERM",
        ] {
            for other in OTHERS {
                assert_eq!(
                    other.differences(text),
                    Ok(Vec::new()),
                    "{}: {text}",
                    other.name
                );
            }
        }
    });
}

#[test]
fn real_files_differ_in_known_ways_only() {
    let Some(root) = corpus() else { return };
    with_much_stack(move || {
        let files = syntax_support::tar_files(&root.join("dockerfiles.tar.gz"));
        for other in OTHERS {
            let (mut same, mut unknown, mut counts) = (0, Vec::new(), BTreeMap::<_, usize>::new());
            for (name, bytes) in &files {
                let Ok(text) = std::str::from_utf8(bytes) else {
                    continue;
                };
                match other.differences(text) {
                    Ok(kinds) if kinds.is_empty() => same += 1,
                    Ok(kinds) => kinds
                        .into_iter()
                        .for_each(|kind| *counts.entry(kind).or_default() += 1),
                    Err(difference) => unknown.push(format!("{name}: {difference}")),
                }
            }
            println!("{}: {same} of {} files read alike", other.name, files.len());
            counts
                .iter()
                .for_each(|(kind, count)| println!("{count:6} {kind}"));
            assert!(
                unknown.is_empty(),
                "{}:\n{}",
                other.name,
                unknown.join("\n")
            );
            assert!(
                same * 10 > files.len() * 8,
                "{}: hardly comparable",
                other.name
            );
        }
    });
}
