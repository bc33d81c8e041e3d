//! Settings that a build stores for a program, and that the program finds when the container runs it: those of git.

use super::Plan;
use crate::engine::verbs::Stop;
use crate::model::{CommandModel, RunModel};
use crate::rule::RuleSet;

/// Whether a command stores settings of a program that something in the runtime runs: they are stored there again.
///
/// A setting that lets somebody in is not written a second time, and what needs it would not work without it.
pub fn serves_program(
    plan: &Plan<'_>,
    at: usize,
    run: &RunModel<'_>,
    command: &CommandModel<'_>,
) -> Result<bool, Stop> {
    let line = command.known.as_ref().map(|known| known.line);
    let program = line.and_then(|line| line.configures.as_deref());
    let Some(program) = program.filter(|program| plan.used.commands.contains(*program)) else {
        return Ok(false);
    };
    let mut words = run.command(command).words.iter().map(|word| &word.raw);
    if words.any(|word| is_secret(word, plan.firing.rules)) {
        return Err(plan.stop(
            plan.firing.model.steps[at].index,
            "command",
            format!("a setting lets `{program}` in somewhere, and the program runs `{program}`: the runtime would need the secret in a layer of its own"),
            "give the secret to the container when it starts, or to the RUN that needs it by `--mount=type=secret`",
        ));
    }
    Ok(true)
}

/// Whether a word of a setting has a password in it, or is the name of a setting that does.
fn is_secret(word: &str, rules: &RuleSet) -> bool {
    let bare = word.trim_matches(['"', '\'']).to_ascii_lowercase();
    let with_password = bare.split_once("://").is_some_and(|(scheme, rest)| {
        let authority = rest.split('/').next().unwrap_or(rest);
        let user = authority.rsplit_once('@').map(|(user, _)| user);
        user.is_some_and(|user| {
            scheme.ends_with("http") || scheme.ends_with("https") || user.contains([':', '$'])
        })
    });
    // `http.https://host/.extraheader`: what it holds for stands between.
    let name = match (bare.split_once('.'), bare.rsplit_once('.')) {
        (Some((section, _)), Some((_, variable))) => format!("{section}.{variable}"),
        _ => return with_password,
    };
    let table = rules.table("secret-settings");
    with_password || table.is_some_and(|table| table.get_pattern(&name).is_some())
}
