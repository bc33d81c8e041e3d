//! Times of day and names of builds in what a container says: each build writes its own into what it makes.

use std::sync::LazyLock;

use crate::regular::Regular;

const TIME: &str = r"(?:\b\d{4}-\d\d-\d\d[T ])?\b\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|\b)";
/// How builds call themselves in pages: Next.js (`/_next/static/RiRRgmiwli1mhx9LNQpte/_buildManifest.js`, and for the
/// app router `"b":"…"`), Nuxt (`buildId:"…"`), SvelteKit (`__sveltekit_1x2y3z`).
const NAMES: &[&str] = &[
    r"/_next/static/([\w-]{21})/_(?:build|ssg|middleware)Manifest",
    r#"\\?"(?:b|buildId)\\?":\\?"([\w-]{21,36})\\?""#,
    r#"\bbuildId:"([\w-]{36})""#,
    r"\b__sveltekit_(\w{5,12})\b",
];
/// How far two times may be apart, in seconds.
const MOST: u32 = 10 * 60;
const DAY: u32 = 24 * 60 * 60;

/// Whether two texts differ in nothing but times that lie close together (`2026-11-23 23:28:50.83`, `23:28:51`) and the
/// names of two builds. A time an hour off is no such difference: the runtime may lack the zones.
pub(super) fn alike(was: &str, is: &str) -> bool {
    static TIMES: LazyLock<Option<Regular>> = LazyLock::new(|| Regular::new(TIME, false).ok());
    let Some(times) = &*TIMES else {
        return false;
    };
    let (was, is) = unnamed(was, is);
    let ((was, before), (is, after)) = (apart(times, &was), apart(times, &is));
    was == is && before.len() == after.len() && before.iter().zip(&after).all(close)
}

/// Both texts without the names of the builds that they come from, where both tell one.
fn unnamed(was: &str, is: &str) -> (String, String) {
    static FORMS: LazyLock<Vec<Regular>> = LazyLock::new(|| {
        let forms = NAMES.iter().map(|form| Regular::new(form, false));
        forms.filter_map(Result::ok).collect()
    });
    let (mut was, mut is) = (was.to_string(), is.to_string());
    for form in FORMS.iter() {
        if let (Some(before), Some(after)) = (form.group(&was), form.group(&is)) {
            was = was.replace(&before, "");
            is = is.replace(&after, "");
        }
    }
    (was, is)
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

    #[test]
    fn names_of_builds_are_no_difference_and_other_names_are_one() {
        let next = |id: &str| {
            format!(r#"<script src="/_next/static/{id}/_buildManifest.js">{{"buildId":"{id}"}}"#)
        };
        let (one, other) = ("RiRRgmiwli1mhx9LNQpte", "eaefpgtOGBzhXSI8onMtk");
        assert!(alike(&next(one), &next(other)));
        assert!(!alike(&next(one), &next(other).replace("script", "style")));
        let app = |id: &str| format!(r#"self.__next_f.push([1,"0:{{\"b\":\"{id}\"}}"])"#);
        assert!(alike(&app(one), &app(other)));
        assert!(alike("__sveltekit_1abc2d = {}", "__sveltekit_9zyx8w = {}"));
        assert!(!alike("/static/abcdef.js", "/static/ghijkl.js"));
    }
}
