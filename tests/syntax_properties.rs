//! What must hold for every Dockerfile: spans lead back to the source, and nothing panics.
#![allow(clippy::unwrap_used)]

mod syntax_support;

use dockopt::edit::instruction_lines;
use dockopt::syntax::{CommandLine, Data, Dockerfile, Instruction, Keyword, Logical, Span, Word};
use proptest::prelude::*;
use syntax_support::generate::{SEEDS, changes, file, mutate};

/// The text of a span as one logical line: continuations, and comments and empty lines in them, left out.
fn unfold(text: &str, escape: char) -> String {
    let mut joined = String::new();
    let mut continues = false;
    for line in text.split_inclusive('\n') {
        let ends = line.ends_with('\n');
        let line = if ends {
            line.trim_end_matches(['\r', '\n'])
        } else {
            line
        };
        if continues && (line.trim().is_empty() && ends || line.trim_start().starts_with('#')) {
            continue;
        }
        let body = line
            .trim_end_matches([' ', '\t'])
            .strip_suffix(escape)
            .filter(|body| !body.ends_with(escape));
        continues = ends && body.is_some();
        joined.push_str(body.filter(|_| continues).unwrap_or(line));
    }
    joined
}

struct Checker<'a> {
    file: &'a Dockerfile,
}

impl Checker<'_> {
    fn slice(&self, span: Span) -> String {
        assert!(
            self.file.source.get(span.start..span.end).is_some(),
            "{span:?} does not fit"
        );
        unfold(span.of(&self.file.source), self.file.escape)
    }

    fn word(&self, word: &Word) {
        assert_eq!(self.slice(word.span), word.raw, "{word:?}");
    }

    /// The JSON string at the span says what the word says.
    fn json_word(&self, word: &Word) {
        let slice = self.slice(word.span);
        assert!(slice.starts_with('"') && slice.ends_with('"'), "{word:?}");
        // serde_json refuses lone surrogates, which are kept as the replacement character.
        match serde_json::from_str::<String>(&slice) {
            Ok(decoded) => assert_eq!(decoded, word.raw),
            Err(_) => assert!(word.raw.contains(char::REPLACEMENT_CHARACTER), "{slice}"),
        }
    }

    fn words(&self, words: &[Word], json: bool) {
        words.iter().for_each(|word| {
            if json {
                self.json_word(word)
            } else {
                self.word(word)
            }
        });
        assert!(words.is_sorted_by(|a, b| a.span.end <= b.span.start));
    }

    fn logical(&self, logical: &Logical) {
        let text = &logical.text;
        let whole = logical.source_span(0, text.len()).unwrap();
        assert_eq!(self.slice(whole), *text);
        for (at, c) in text.char_indices() {
            let span = logical.source_span(at, at + c.len_utf8()).unwrap();
            assert_eq!(span.of(&self.file.source), c.to_string());
        }
        assert_eq!(logical.source_span(0, text.len() + 1), None);
        let lengths: usize = logical.segments.iter().map(|segment| segment.2).sum();
        assert_eq!(lengths, text.len());
    }

    fn command(&self, line: &CommandLine) {
        if let CommandLine::Exec(words) = line {
            self.words(words, true);
        }
    }

    fn instruction(&self, instruction: &Instruction) {
        assert!(
            self.slice(instruction.keyword_span)
                .eq_ignore_ascii_case(instruction.keyword.as_str())
        );
        assert!(instruction.span.contains(instruction.keyword_span));
        for flag in &instruction.flags {
            assert!(
                self.slice(flag.span).starts_with("--") && instruction.span.contains(flag.span)
            );
        }
        self.logical(&instruction.text);
        match &instruction.data {
            Data::From { image, alias } => {
                self.word(image);
                alias.iter().for_each(|alias| self.word(alias));
            }
            Data::Command(line) | Data::Healthcheck(Some(line)) => self.command(line),
            Data::Healthcheck(None) => {}
            Data::Shell(words) => self.words(words, true),
            Data::Transfer {
                sources,
                dest,
                json,
            } => {
                let words: Vec<Word> = sources.iter().chain([dest]).cloned().collect();
                self.words(&words, *json);
            }
            Data::Pairs { pairs, .. } => {
                for pair in pairs {
                    self.word(&pair.key);
                    pair.value.iter().for_each(|value| self.word(value));
                    assert!(pair.span.contains(pair.key.span));
                    assert!(
                        pair.value
                            .as_ref()
                            .is_none_or(|value| pair.span.contains(value.span))
                    );
                }
                assert!(pairs.is_sorted_by(|a, b| a.span.end <= b.span.start));
            }
            Data::Words { words, json } => self.words(words, *json),
            Data::Text(word) => self.word(word),
            Data::Onbuild(trigger) => self.instruction(trigger),
        }
        let source = &self.file.source;
        for heredoc in &instruction.heredocs {
            let after = source[heredoc.body.end..]
                .split('\n')
                .next()
                .unwrap()
                .trim_end_matches('\r');
            assert_eq!(
                if heredoc.strip_tabs {
                    after.trim_start_matches('\t')
                } else {
                    after
                },
                heredoc.name
            );
            assert!(heredoc.body.is_empty() || heredoc.body.of(source).ends_with('\n'));
            assert!(heredoc.strip_tabs || heredoc.content == heredoc.body.of(source));
            assert!(instruction.span.contains(heredoc.body));
        }
    }

    /// Instructions, comments, directives and empty lines make up the whole text, each line once.
    fn lines(&self) {
        let file = self.file;
        let mut owners = vec![0; file.source.split_inclusive('\n').count()];
        let mut own =
            |start: usize, end: usize| (start..=end).for_each(|line| owners[line - 1] += 1);
        for instruction in &file.instructions {
            own(instruction.lines.start, instruction.lines.end);
        }
        file.comments
            .iter()
            .filter(|comment| comment.inside.is_none())
            .for_each(|c| own(c.line, c.line));
        for directive in &file.directives {
            let (line, _) = file.position(directive.span.start);
            own(line, line);
        }
        for (owned, line) in owners.iter().zip(file.source.split_inclusive('\n')) {
            let blank = line.trim_start_matches('\u{feff}').trim().is_empty();
            assert!(
                *owned == 1 || (*owned == 0 && blank),
                "{owned} owners of {line:?}"
            );
        }
        for comment in &file.comments {
            assert!(comment.span.of(&file.source).starts_with('#'));
            assert_eq!(file.position(comment.span.start).0, comment.line);
            let lines = comment.inside.map(|index| file.instructions[index].lines);
            assert!(lines.is_none_or(|lines| (lines.start..=lines.end).contains(&comment.line)));
        }
        for (index, instruction) in file.instructions.iter().enumerate() {
            let lines = instruction_lines(file, index, false).unwrap();
            assert!(lines.contains(instruction.span));
            assert!(
                instruction_lines(file, index, true)
                    .unwrap()
                    .contains(lines)
            );
        }
    }

    fn all(&self) {
        let file = self.file;
        file.instructions
            .iter()
            .for_each(|instruction| self.instruction(instruction));
        assert!(
            file.instructions
                .is_sorted_by(|a, b| a.span.end < b.span.start && a.lines.end < b.lines.start)
        );
        self.lines();
        let mut next = file.global_instructions().count();
        for stage in &file.stages {
            assert_eq!(
                (stage.from, file.instructions[stage.from].keyword),
                (next, Keyword::From)
            );
            next = stage.end;
        }
        assert_eq!(next, file.instructions.len());
    }
}

/// Parses and checks; says whether the text was accepted.
fn check(bytes: &[u8]) -> bool {
    match Dockerfile::parse_bytes(bytes) {
        Ok(file) => {
            assert_eq!(file.render().as_bytes(), bytes);
            Checker { file: &file }.all();
            true
        }
        Err(error) => {
            let source = String::from_utf8_lossy(bytes);
            assert!(
                error
                    .display(&source, "Dockerfile")
                    .contains(&error.help[..1])
            );
            false
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_files_are_read_as_generated((text, instructions) in file()) {
        let file = Dockerfile::parse(&text).unwrap();
        Checker { file: &file }.all();
        prop_assert_eq!(file.instructions.len(), instructions.len() + 1);
        let nodes = syntax_support::our_nodes(&file);
        for (node, generated) in nodes.iter().skip(1).zip(&instructions) {
            prop_assert_eq!(&node.cmd, generated.keyword);
            prop_assert_eq!(&node.flags, &generated.flags);
            prop_assert_eq!(node.json, generated.json);
            let args: Vec<String> = match node.cmd.as_str() {
                "RUN" => node.args[0].split_whitespace().map(str::to_owned).collect(),
                "ENV" | "LABEL" => node.args.chunks(3).map(|pair| format!("{}={}", pair[0], pair[1])).collect(),
                _ => node.args.clone(),
            };
            prop_assert_eq!(&args, &generated.args);
            let body = node.heredocs.first().map(|heredoc| heredoc.3.replace("\r\n", "\n"));
            prop_assert_eq!(&body, &generated.heredoc);
        }
    }

    #[test]
    fn mutated_files_keep_their_spans((text, _) in file(), changes in changes()) {
        check(&mutate(&text, &changes));
    }

    #[test]
    fn mutated_seeds_keep_their_spans(seed in 0..SEEDS.len(), changes in changes()) {
        check(&mutate(SEEDS[seed], &changes));
    }

    #[test]
    fn arbitrary_bytes_do_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&bytes);
    }

    #[test]
    fn arbitrary_text_does_not_panic(text in "\\PC{0,80}") {
        check(text.as_bytes());
        check(format!("FROM {text}").as_bytes());
        check(format!("FROM a\nRUN {text}\nCOPY {text}").as_bytes());
    }
}

#[test]
fn the_seeds_are_accepted() {
    for seed in SEEDS {
        assert!(check(seed.as_bytes()), "{seed}");
    }
}

#[test]
fn real_files_keep_their_spans() {
    let Some(root) = syntax_support::corpus() else {
        return;
    };
    let files = syntax_support::tar_files(&root.join("dockerfiles.tar.gz"));
    let accepted = files.values().filter(|bytes| check(bytes)).count();
    println!(
        "{accepted} of {} files accepted, spans checked",
        files.len()
    );
    assert!(accepted * 10 > files.len() * 9);
}
