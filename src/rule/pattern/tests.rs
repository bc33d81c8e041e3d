#![allow(clippy::unwrap_used)]
use super::*;

fn run(pattern: &str, command: &str, value_options: &[&str]) -> Option<Vec<(String, String)>> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let tokens: Vec<Token> = words
        .iter()
        .enumerate()
        .map(|(index, word)| Token {
            value: (!word.contains('$')).then_some(*word),
            raw: word,
            index,
        })
        .collect();
    let options: Vec<String> = value_options.iter().map(ToString::to_string).collect();
    let captures = CommandPattern::parse(pattern)
        .unwrap()
        .matches(&tokens, &options)?;
    Some(
        captures
            .into_iter()
            .map(|(name, words)| {
                (
                    name,
                    words
                        .iter()
                        .map(|w| w.text.clone())
                        .collect::<Vec<_>>()
                        .join(" "),
                )
            })
            .collect(),
    )
}

#[test]
fn words_match_in_order_and_completely() {
    assert!(run("npm (ci|install|i)", "npm ci", &[]).is_some());
    assert!(run("npm (ci|install|i)", "npm install express", &[]).is_none());
    assert!(run("npm ci", "npm", &[]).is_none());
    assert_eq!(
        run("npm run <script>", "npm run build", &[]).unwrap(),
        [("script".into(), "build".into())]
    );
}

#[test]
fn further_options_are_allowed_and_required_ones_are_not_missing() {
    assert!(run("npm ci", "npm ci --no-audit --prefer-offline", &[]).is_some());
    assert!(run("npm ci --omit=dev", "npm ci", &[]).is_none());
    assert!(run("npm ci --omit=dev", "npm --omit=dev ci", &[]).is_some());
    assert!(run("npm ci --omit=dev", "npm ci --omit dev", &["--omit"]).is_some());
    assert!(
        run(
            "npm ci (--omit=dev|--production)",
            "npm ci --production",
            &["--omit"]
        )
        .is_some()
    );
    assert!(
        run(
            "npm ci (--omit=dev|--production)",
            "npm ci --omit=optional",
            &["--omit"]
        )
        .is_none()
    );
    assert!(run("npm install (-g|--global) <names...>", "npm i -g pm2", &[]).is_none());
    assert_eq!(
        run(
            "npm (i|install) (-g|--global) <names...>",
            "npm i -g pm2 serve",
            &[]
        )
        .unwrap(),
        [("names".into(), "pm2 serve".into())]
    );
}

#[test]
fn an_alternation_may_have_a_name() {
    assert_eq!(
        run("<tool:yum|dnf> install <_...>", "dnf install curl", &[]).unwrap(),
        [("tool".into(), "dnf".into())]
    );
    assert!(run("<tool:yum|dnf> install <_...>", "apt install curl", &[]).is_none());
    assert!(CommandPattern::parse("<tool:yum|> install").is_err());
}

#[test]
fn values_of_options_are_no_positional_words() {
    assert!(
        run(
            "npm run build",
            "npm --prefix client run build",
            &["--prefix"]
        )
        .is_some()
    );
    assert!(run("npm run build", "npm --prefix client run build", &[]).is_none());
    assert_eq!(
        run(
            "go build -o <out> <_...>",
            "go build -ldflags -s -o /app ./cmd",
            &["-o", "-ldflags"]
        )
        .unwrap(),
        [("out".into(), "/app".into())]
    );
}

#[test]
fn a_word_after_an_option_that_takes_a_value_is_its_value() {
    let options = ["-m".to_string()];
    let pattern = CommandPattern::with_options("python -m venv <dir>", &options).unwrap();
    let words = |text: &'static str| -> Vec<Token<'static>> {
        text.split(' ')
            .enumerate()
            .map(|(index, word)| Token {
                value: Some(word),
                raw: word,
                index,
            })
            .collect()
    };
    assert!(
        pattern
            .matches(&words("python -m venv /opt/venv"), &options)
            .is_some()
    );
    assert!(
        pattern
            .matches(&words("python -m pip /opt/venv"), &options)
            .is_none()
    );
}

#[test]
fn clusters_are_letters_unless_the_tool_has_long_single_dash_options() {
    assert!(
        run(
            "apt-get install (-y|--yes) <_...>",
            "apt-get install -yqq curl",
            &["-t"]
        )
        .is_some()
    );
    assert!(run("go build -v <_...>", "go build -vet", &["-ldflags"]).is_none());
}

#[test]
fn a_literal_never_matches_a_word_with_a_variable() {
    assert!(run("npm run build", "npm run $SCRIPT", &[]).is_none());
    assert!(run("npm run <script>", "npm run $SCRIPT", &[]).is_some());
}

#[test]
fn mistakes_are_named() {
    assert_eq!(
        CommandPattern::parse("cp <a> <a>"),
        Err(PatternError::Twice("a".into()))
    );
    assert!(matches!(
        CommandPattern::parse("cp <a...> <b...>"),
        Err(PatternError::TwoMany(_))
    ));
    assert!(matches!(
        CommandPattern::parse("npm (a|"),
        Err(PatternError::BadAlternation(_))
    ));
    assert!(matches!(
        CommandPattern::parse("npm <a.b>"),
        Err(PatternError::BadHole(_))
    ));
}
