//! Times of day in what a container says: each build writes its own into what it makes.

use std::sync::LazyLock;

use crate::regular::Regular;

const TIME: &str = r"(?:\b\d{4}-\d\d-\d\d[T ])?\b\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|\b)";
/// How far two times may be apart, in seconds.
const MOST: u32 = 10 * 60;
const DAY: u32 = 24 * 60 * 60;

/// Whether two texts differ in nothing but times that lie close together: `2026-11-23 23:28:50.83`, `23:28:51`. A time
/// an hour off is no such difference: the runtime may lack the zones.
pub(super) fn alike(was: &str, is: &str) -> bool {
    static TIMES: LazyLock<Option<Regular>> = LazyLock::new(|| Regular::new(TIME, false).ok());
    let Some(times) = &*TIMES else {
        return false;
    };
    let ((was, before), (is, after)) = (apart(times, was), apart(times, is));
    was == is && before.len() == after.len() && before.iter().zip(&after).all(close)
}

/// A text without its times, and these.
fn apart(times: &Regular, text: &str) -> (String, Vec<String>) {
    let mut rest = 0;
    let mut plain = String::with_capacity(text.len());
    let mut found = Vec::new();
    for time in times.find_all(text) {
        plain.push_str(&text[rest..time.start]);
        rest = time.start + time.text.len();
        found.push(time.text);
    }
    plain.push_str(&text[rest..]);
    (plain, found)
}

/// Whether two times are some minutes apart at the most, on the same day or about midnight.
fn close((was, is): (&String, &String)) -> bool {
    let (Some((day, was)), Some((other, is))) = (seconds(was), seconds(is)) else {
        return false;
    };
    let distance = was.abs_diff(is);
    distance <= MOST && day == other || DAY.saturating_sub(distance) <= MOST
}

/// The day of a time, if it tells one, and the seconds since midnight.
fn seconds(time: &str) -> Option<(&str, u32)> {
    let (day, time) = time.split_once(['T', ' ']).unwrap_or(("", time));
    let mut parts = time.trim_end_matches('Z').split([':', '.']);
    let mut next = || parts.next().map_or(Ok(0), str::parse::<u32>);
    let seconds = next().ok()? * 3600 + next().ok()? * 60 + next().ok()?;
    Some((day, seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_two_builds_are_alike_and_other_things_are_not() {
        let was = "Build Date: 2026-11-23 23:28:50.830460+00:00, at 23:28";
        for (is, expected) in [
            ("Build Date: 2026-11-23 23:28:59.01+00:00, at 23:29", true),
            ("Build Date: 2026-11-24 00:03:10+00:00, at 00:03", false),
            ("Build Date: 2026-11-23 22:28:59.01+00:00, at 23:28", false),
            ("Build Date: 2026-11-24 23:28:59.01+00:00, at 23:28", false),
            ("Build Date: yesterday", false),
        ] {
            assert_eq!(alike(was, is), expected, "{is}");
        }
        assert!(alike("23:58:01", "00:02:30") && !alike("10:00", "11:00"));
    }
}
