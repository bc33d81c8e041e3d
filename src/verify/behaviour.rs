//! Whether two containers did the same.

use std::collections::HashMap;

use super::Ended;
use super::http::{Reply, Response};
use super::observe::{Answer, Observed};
use super::times;

/// One thing that was compared.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Check {
    /// What was looked at: `GET :8080/`, `exit status`, `health check`.
    pub what: String,
    /// What the original did.
    pub before: String,
    /// What the rewritten image did; `None` where only the original ran.
    pub after: Option<String>,
    /// How they compare.
    pub result: Comparison,
}

/// How two things compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Comparison {
    /// The same.
    Same,
    /// Not the same.
    Differs,
    /// Not the same, but the original is not the same either when it runs a second time.
    Varies,
    /// The same but for times of day and the build's name: each build writes its own into what it makes.
    Times,
    /// There was nothing to compare with.
    Alone,
}

/// A property with the value to compare and what to show of it.
struct Trait {
    what: String,
    value: String,
    shown: String,
}

/// How often the original may run once more. Of a page of measurements (memory, times), a line stays as it was in one
/// run of a few, and changes in the next.
const RUNS_MORE: usize = 3;

/// Compares what two containers did. `again` is what the original does when it runs once more; it is only asked where
/// something differs, and more than once only where the original itself varies.
pub(super) fn compare<E>(
    before: &Observed,
    after: &Observed,
    mut again: impl FnMut() -> Result<Observed, E>,
) -> Result<Vec<Check>, E> {
    let (was, is) = (traits(before), traits(after));
    let mut checks: Vec<Check> = was.iter().map(|it| paired(it, &is)).collect();
    checks.extend(
        is.iter()
            .filter(|it| find(&was, &it.what).is_none())
            .map(|it| Check {
                what: it.what.clone(),
                before: "nothing".to_string(),
                after: Some(it.shown.clone()),
                result: Comparison::Differs,
            }),
    );
    for check in &mut checks {
        if check.result == Comparison::Differs && only_times(&check.what, &was, &is) {
            check.result = Comparison::Times;
        }
    }
    let mut more = Vec::new();
    while more.len() < RUNS_MORE && checks.iter().any(|check| is_open(check, &was, &more)) {
        more.push(traits(&again()?));
        for check in &mut checks {
            if check.result == Comparison::Differs && varies(&check.what, &was, &is, &more) {
                check.result = Comparison::Varies;
            }
        }
    }
    Ok(checks)
}

/// Whether one more run of the original may explain a difference: none was seen yet, or those that were differ.
fn is_open(check: &Check, was: &[Trait], more: &[Vec<Trait>]) -> bool {
    let value = |traits: &[Trait]| find(traits, &check.what).map(|it| it.value.clone());
    check.result == Comparison::Differs
        && (more.is_empty() || more.iter().any(|run| value(run) != value(was)))
}

/// What a container did that nothing is compared with.
pub(super) fn alone(observed: &Observed) -> Vec<Check> {
    let alone = |it: Trait| Check {
        what: it.what,
        before: it.shown,
        after: None,
        result: Comparison::Alone,
    };
    traits(observed).into_iter().map(alone).collect()
}

fn find<'a>(traits: &'a [Trait], what: &str) -> Option<&'a Trait> {
    traits.iter().find(|it| it.what == what)
}

fn paired(was: &Trait, is: &[Trait]) -> Check {
    let is = find(is, &was.what);
    let same = is.is_some_and(|is| is.value == was.value);
    let (before, after) = match is {
        Some(is) if !same && is.shown == was.shown => first_difference(&was.value, &is.value),
        Some(is) => (was.shown.clone(), is.shown.clone()),
        None => (was.shown.clone(), "nothing".to_string()),
    };
    Check {
        what: was.what.clone(),
        before,
        after: Some(after),
        result: if same {
            Comparison::Same
        } else {
            Comparison::Differs
        },
    }
}

/// Whether a difference is one that runs of the original have, too: the same lines change from run to run, and all
/// others are as they were.
fn varies(what: &str, was: &[Trait], is: &[Trait], more: &[Vec<Trait>]) -> bool {
    let value = |traits: &[Trait]| find(traits, what).map(|it| it.value.clone());
    let (Some(was), Some(is)) = (value(was), value(is)) else {
        return false;
    };
    let more: Option<Vec<String>> = more.iter().map(|run| value(run)).collect();
    let Some(more) = more.filter(|_| what != STATUS) else {
        return false;
    };
    if more.iter().all(|run| *run == was) {
        return false;
    }
    let count = |text: &str| text.lines().count();
    // Where even the number of lines varies, nothing can be said of single lines.
    if more.iter().any(|run| count(run) != count(&was)) {
        return true;
    }
    let same_in_all =
        |at: usize, line: &str| more.iter().all(|run| run.lines().nth(at) == Some(line));
    count(&was) == count(&is)
        && (was.lines().zip(is.lines()).enumerate())
            .all(|(at, (was, is))| was == is || !same_in_all(at, was))
}

/// Whether two values differ in nothing but times that lie close together.
fn only_times(what: &str, was: &[Trait], is: &[Trait]) -> bool {
    let pair = find(was, what).zip(find(is, what));
    pair.is_some_and(|(was, is)| times::alike(&was.value, &is.value))
}

const STATUS: &str = "exit status";

fn traits(observed: &Observed) -> Vec<Trait> {
    let one = |what: &str, value: String| Trait {
        what: what.to_string(),
        shown: excerpt(&value),
        value,
    };
    match observed {
        Observed::Ended(Ended { code, stdout, .. }) => vec![
            one(STATUS, code.to_string()),
            Trait {
                what: "output".to_string(),
                value: stdout.clone(),
                shown: summary(stdout),
            },
        ],
        Observed::NotStarted(_) => vec![one("start", "the engine cannot start it".to_string())],
        Observed::Runs { healthy, .. } => {
            let mut traits = vec![one("start", "runs, answers on no port".to_string())];
            traits.extend(health(*healthy));
            traits
        }
        Observed::Served(served) => {
            let mut traits: Vec<Trait> = served.answers.iter().map(answer).collect();
            number(&mut traits);
            traits.extend(health(served.healthy));
            traits
        }
    }
}

/// The same request may be sent more than once: `GET :80/ (2)`.
fn number(traits: &mut [Trait]) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for it in traits {
        let times = seen.entry(it.what.clone()).or_default();
        *times += 1;
        if *times > 1 {
            it.what.push_str(&format!(" ({times})"));
        }
    }
}

fn health(healthy: Option<bool>) -> Option<Trait> {
    healthy.map(|healthy| {
        let value = if healthy { "healthy" } else { "not healthy" };
        Trait {
            what: "health check".to_string(),
            value: value.to_string(),
            shown: value.to_string(),
        }
    })
}

fn answer(answer: &Answer) -> Trait {
    let Answer {
        port,
        request,
        reply,
    } = answer;
    let (value, shown) = match reply {
        Reply::Http(response) => (whole(response), head(response)),
        Reply::Other(text) => (text.clone(), format!("no HTTP: {}", excerpt(text))),
        Reply::Silent => (
            "silent".to_string(),
            "accepts, and says nothing".to_string(),
        ),
        Reply::Closed => ("closed".to_string(), "no answer".to_string()),
    };
    Trait {
        what: format!("{} :{port}{}", request.method, request.path),
        value,
        shown,
    }
}

/// What is compared of an answer: other header fields carry times and the like.
fn whole(response: &Response) -> String {
    let field = |name| response.header(name).unwrap_or("none");
    format!(
        "status {}\ncontent-type {}\nlocation {}\n{}",
        response.status,
        field("content-type"),
        field("location"),
        response.body
    )
}

fn head(response: &Response) -> String {
    let kind = response.header("content-type").unwrap_or("no content-type");
    let kind = kind.split(';').next().unwrap_or(kind);
    let mut head = format!("{} {kind}, {} bytes", response.status, response.body.len());
    if let Some(location) = response.header("location") {
        head.push_str(&format!(", to {}", excerpt(location)));
    }
    head
}

fn summary(text: &str) -> String {
    match text.lines().count() {
        0 => "nothing".to_string(),
        1 => excerpt(text),
        lines => format!("{lines} lines"),
    }
}

/// The first lines in which two texts differ, with what stands around the difference.
fn first_difference(before: &str, after: &str) -> (String, String) {
    let mut lines = before.lines().zip(after.lines());
    match lines.find(|(before, after)| before != after) {
        Some((before, after)) => {
            let same = before
                .chars()
                .zip(after.chars())
                .take_while(|(before, after)| before == after)
                .count();
            let from = same.saturating_sub(20);
            let part = |text: &str| excerpt(&text.chars().skip(from).collect::<String>());
            (part(before), part(after))
        }
        None => {
            let count =
                |text: &str| format!("{} lines, {} bytes", text.lines().count(), text.len());
            (count(before), count(after))
        }
    }
}

/// One short line.
fn excerpt(text: &str) -> String {
    const MOST: usize = 80;
    let line = crate::report::one_line(text);
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::Request;
    use super::super::observe::Served;
    use super::*;

    fn served(body: &str, healthy: Option<bool>) -> Observed {
        let response = Response {
            status: 200,
            headers: vec![
                ("content-type".into(), "text/html; charset=utf-8".into()),
                ("date".into(), format!("{:p}", body)),
            ],
            body: body.into(),
        };
        Observed::Served(Served {
            ports: vec![80],
            healthy,
            answers: vec![Answer {
                port: 80,
                request: Request::get("/"),
                reply: Reply::Http(response),
            }],
            logs: String::new(),
        })
    }

    fn ended(code: i32, stdout: &str) -> Observed {
        Observed::Ended(Ended {
            code,
            stdout: stdout.into(),
            stderr: format!("{code}{stdout}"),
        })
    }

    fn results(before: &Observed, after: &Observed, again: &Observed) -> Vec<String> {
        let checks = compare(before, after, || Ok::<_, ()>(again.clone())).unwrap();
        checks
            .iter()
            .map(|check| {
                let after = check.after.as_deref().unwrap_or("-");
                format!(
                    "{}: {} | {after}: {:?}",
                    check.what, check.before, check.result
                )
            })
            .collect()
    }

    #[test]
    fn the_same_answers_are_the_same_whatever_the_date() {
        let before = served("<p>a</p>", Some(true));
        let checks = compare(&before, &served("<p>a</p>", Some(true)), || Err(())).unwrap();
        assert!(checks.iter().all(|check| check.result == Comparison::Same));
        assert_eq!(checks[0].what, "GET :80/");
        assert_eq!(checks[0].before, "200 text/html, 8 bytes");
        assert_eq!(checks[1].what, "health check");
    }

    #[test]
    fn another_answer_differs_and_the_place_is_shown() {
        let before = served("<p>hello</p>", None);
        assert_eq!(
            results(&before, &served("<p>hallo</p>", None), &before),
            ["GET :80/: <p>hello</p> | <p>hallo</p>: Differs"]
        );
        assert_eq!(
            results(&before, &served("<p>hello</p>", Some(false)), &before),
            [
                "GET :80/: 200 text/html, 12 bytes | 200 text/html, 12 bytes: Same",
                "health check: nothing | not healthy: Differs"
            ]
        );
    }

    #[test]
    fn a_time_that_the_build_wrote_is_no_difference() {
        let page = |time: &str, rest: &str| served(&format!("<!-- {time} -->{rest}"), None);
        let one = page("2026-11-23 23:28:50.83", "<p>hello</p>");
        let said = |time: &str, rest: &str| results(&one, &page(time, rest), &one).remove(0);
        assert!(said("2026-11-23 23:28:59.01", "<p>hello</p>").ends_with("Times"));
        assert!(said("2026-11-23 23:28:59.01", "<p>hallo</p>").ends_with("Differs"));
    }

    #[test]
    fn what_the_original_changes_from_run_to_run_is_no_difference() {
        let run = |id: &str, rest: &str| ended(0, &format!("started as {id}\n{rest}\n"));
        assert_eq!(
            results(&run("1", "done"), &run("2", "done"), &run("3", "done")),
            [
                "exit status: 0 | 0: Same",
                "output: started as 1 | started as 2: Varies"
            ]
        );
        assert_eq!(
            results(&run("1", "done"), &run("2", "failed"), &run("3", "done"))[1],
            "output: started as 1 | started as 2: Differs"
        );
    }

    #[test]
    fn a_measurement_that_stays_in_one_run_and_changes_in_the_next_is_no_difference() {
        let run = |cpu: &str, heap: &str, up: &str| ended(0, &format!("{cpu}\n{heap}\n{up}\n"));
        let judged = |after: &Observed, more: &[Observed]| {
            let mut more = more.iter().cloned();
            let checks = compare(&run("1", "5", "up"), after, || more.next().ok_or(())).unwrap();
            (checks[1].result, more.len())
        };
        // The second run has another time and the same memory, the third has another memory, too.
        let more = [
            run("2", "5", "up"),
            run("3", "6", "up"),
            run("4", "7", "up"),
        ];
        assert_eq!(judged(&run("9", "8", "up"), &more), (Comparison::Varies, 1));
        assert_eq!(
            judged(&run("9", "8", "down"), &more),
            (Comparison::Differs, 0)
        );
        // What is steady in the original is asked for once.
        let steady = [run("1", "5", "up"), run("2", "6", "up")];
        assert_eq!(
            judged(&run("9", "5", "up"), &steady),
            (Comparison::Differs, 1)
        );
    }

    #[test]
    fn the_same_request_may_be_sent_twice() {
        let twice = |first: &str, second: &str| {
            let (Observed::Served(mut one), Observed::Served(other)) =
                (served(first, None), served(second, None))
            else {
                panic!("both serve");
            };
            one.answers.extend(other.answers);
            Observed::Served(one)
        };
        let before = twice("0", "1");
        assert_eq!(
            results(&before, &before, &before)[1],
            "GET :80/ (2): 200 text/html, 1 bytes | 200 text/html, 1 bytes: Same"
        );
        assert_eq!(
            results(&before, &twice("0", "2"), &before)[1],
            "GET :80/ (2): 1 | 2: Differs"
        );
    }

    #[test]
    fn another_end_differs() {
        let before = ended(0, "a\n");
        assert_eq!(
            results(&before, &ended(1, ""), &before),
            [
                "exit status: 0 | 1: Differs",
                "output: a | nothing: Differs"
            ]
        );
        assert_eq!(
            results(&before, &served("a", None), &before).len(),
            3,
            "one ends, the other serves"
        );
    }
}
