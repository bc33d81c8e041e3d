//! Which flags an instruction takes, and which values.

use super::{Flag, Keyword, ParseError};

/// What follows a flag's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Nothing, `=true` or `=false`.
    Bool,
    /// `=value`, once.
    Value,
    /// `=value`, any number of times.
    Values,
}

/// The flags of an instruction by the Dockerfile reference (syntax 1.20 and the labs channel).
fn known(keyword: Keyword) -> &'static [(&'static str, Kind)] {
    match keyword {
        Keyword::From => &[("platform", Kind::Value)],
        Keyword::Run => &[
            ("mount", Kind::Values),
            ("network", Kind::Value),
            ("security", Kind::Value),
            ("device", Kind::Values),
        ],
        Keyword::Copy => &[
            ("from", Kind::Value),
            ("chown", Kind::Value),
            ("chmod", Kind::Value),
            ("link", Kind::Bool),
            ("parents", Kind::Bool),
            ("exclude", Kind::Values),
        ],
        Keyword::Add => &[
            ("chown", Kind::Value),
            ("chmod", Kind::Value),
            ("link", Kind::Bool),
            ("keep-git-dir", Kind::Bool),
            ("checksum", Kind::Value),
            ("unpack", Kind::Bool),
            ("exclude", Kind::Values),
        ],
        Keyword::Healthcheck => &[
            ("interval", Kind::Value),
            ("timeout", Kind::Value),
            ("start-period", Kind::Value),
            ("start-interval", Kind::Value),
            ("retries", Kind::Value),
        ],
        _ => &[],
    }
}

/// Checks the flags of an instruction, as BuildKit does.
pub(super) fn check(keyword: Keyword, flags: &[Flag]) -> Result<(), ParseError> {
    for (index, flag) in flags.iter().enumerate() {
        let name = &flag.name;
        let Some(&(_, kind)) = known(keyword).iter().find(|(known, _)| known == name) else {
            return Err(ParseError::new(
                flag.span,
                format!("{keyword} has no flag `--{name}`"),
                unknown_help(keyword),
            ));
        };
        if kind != Kind::Values
            && flags
                .iter()
                .take(index)
                .any(|earlier| earlier.name == *name)
        {
            return Err(ParseError::new(
                flag.span,
                format!("`--{name}` is given twice"),
                "remove one of the two",
            ));
        }
        check_value(kind, flag)?;
        match (keyword, name.as_str()) {
            (Keyword::Run, _) => check_run(flag)?,
            (Keyword::Healthcheck, _) => check_health(flag)?,
            _ => {}
        }
    }
    Ok(())
}

fn unknown_help(keyword: Keyword) -> String {
    let names: Vec<String> = known(keyword)
        .iter()
        .map(|(name, _)| format!("`--{name}`"))
        .collect();
    if names.is_empty() {
        return format!("{keyword} takes no flags: remove it");
    }
    format!("{keyword} takes {}", names.join(", "))
}

fn check_value(kind: Kind, flag: &Flag) -> Result<(), ParseError> {
    let name = &flag.name;
    match (
        kind,
        flag.value
            .as_deref()
            .map(str::to_ascii_lowercase)
            .as_deref(),
    ) {
        (Kind::Bool, None | Some("true" | "false")) | (Kind::Value | Kind::Values, Some(_)) => {
            Ok(())
        }
        (Kind::Bool, Some(_)) => Err(ParseError::new(
            flag.span,
            format!("`--{name}` is either true or false"),
            format!("write `--{name}`, `--{name}=true` or `--{name}=false`"),
        )),
        (_, None) => Err(ParseError::new(
            flag.span,
            format!("`--{name}` has no value"),
            format!("write `--{name}=value`; a space cannot stand for `=`"),
        )),
    }
}

fn check_run(flag: &Flag) -> Result<(), ParseError> {
    let value = flag.value.as_deref().unwrap_or("");
    let one_of = |allowed: &[&str]| {
        if allowed.contains(&value) {
            return Ok(());
        }
        let names: Vec<String> = allowed.iter().map(|name| format!("`{name}`")).collect();
        let message = format!("`{value}` is no value of `--{}`", flag.name);
        Err(ParseError::new(
            flag.span,
            message,
            format!("write one of {}", names.join(", ")),
        ))
    };
    match flag.name.as_str() {
        "network" => one_of(&["default", "none", "host"]),
        "security" => one_of(&["sandbox", "insecure"]),
        "mount" => check_mount(flag, value),
        "device" => check_device(flag, value),
        _ => Ok(()),
    }
}

fn check_mount(flag: &Flag, value: &str) -> Result<(), ParseError> {
    let Some(fields) = csv_fields(value) else {
        return Err(ParseError::new(
            flag.span,
            "the value of `--mount` is no list of fields",
            "write it as `--mount=type=cache,target=/path`; a field with quotes in it must be quoted as a whole",
        ));
    };
    for field in fields {
        // Everything else in a mount may hold variables, so BuildKit looks at it when it builds.
        let Some((key, value)) = field.split_once('=') else {
            continue;
        };
        let variable = value.find('$').is_some_and(|at| at + 1 < value.len());
        if key.eq_ignore_ascii_case("from") && variable {
            return Err(ParseError::new(
                flag.span,
                "`from` of a mount takes no variables",
                "name the image in a stage (`FROM $IMAGE AS name`) and mount `from=name`",
            ));
        }
    }
    Ok(())
}

/// `--device=name` or `--device=name=…,required=true`. What comes first and is no `required` is the name.
fn check_device(flag: &Flag, value: &str) -> Result<(), ParseError> {
    let mut named = false;
    let fits = csv_fields(value).is_some_and(|fields| {
        fields.iter().all(|field| {
            let (key, value) = field
                .split_once('=')
                .map_or((field.as_str(), None), |(k, v)| (k, Some(v)));
            let first = !std::mem::replace(&mut named, true);
            match (key.to_ascii_lowercase().as_str(), value) {
                ("required", value) => {
                    named = !first;
                    value.is_none_or(is_bool)
                }
                ("name", Some("")) => {
                    named = false;
                    first
                }
                ("", None) => {
                    named = !first;
                    first
                }
                _ => first,
            }
        })
    });
    if fits {
        return Ok(());
    }
    Err(ParseError::new(
        flag.span,
        "the value of `--device` names no device",
        "write `--device=vendor.com/class=name`, with `,required` after it where it must be there",
    ))
}

/// What Go's `strconv.ParseBool` takes.
fn is_bool(text: &str) -> bool {
    matches!(
        text,
        "1" | "t" | "T" | "true" | "TRUE" | "True" | "0" | "f" | "F" | "false" | "FALSE" | "False"
    )
}

/// The fields of one CSV record by the rules of Go's `encoding/csv`; `None` where it is malformed.
pub(super) fn csv_fields(record: &str) -> Option<Vec<String>> {
    let mut fields = Vec::new();
    let mut rest = record;
    if record.is_empty() {
        return None;
    }
    loop {
        let (field, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_field(quoted)?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                let (field, after) = rest.split_at_checked(end)?;
                if field.contains('"') {
                    return None;
                }
                (field.to_owned(), after)
            }
        };
        fields.push(field);
        match after.strip_prefix(',') {
            Some(after) => rest = after,
            None => return after.is_empty().then_some(fields),
        }
    }
}

/// A field after its opening quote; `""` in it is one quote.
fn quoted_field(text: &str) -> Option<(String, &str)> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let (before, after) = rest.split_once('"')?;
        field.push_str(before);
        match after.strip_prefix('"') {
            Some(after) => {
                field.push('"');
                rest = after;
            }
            None => return Some((field, after)),
        }
    }
}

fn check_health(flag: &Flag) -> Result<(), ParseError> {
    let value = flag.value.as_deref().unwrap_or("");
    if value.is_empty() {
        return Ok(());
    }
    let name = &flag.name;
    if name == "retries" {
        return match value.parse::<i32>() {
            Ok(0..) => Ok(()),
            _ => Err(ParseError::new(
                flag.span,
                format!("`{value}` is no number of retries"),
                "write a whole number of 0 or more",
            )),
        };
    }
    match super::duration::nanoseconds(value) {
        Some(0) => Ok(()),
        Some(duration) if duration >= 1_000_000 => Ok(()),
        Some(_) => Err(ParseError::new(
            flag.span,
            format!("`--{name}` is shorter than a millisecond"),
            "write a duration of at least `1ms`, or `0s` for the default",
        )),
        None => Err(ParseError::new(
            flag.span,
            format!("`{value}` is no duration"),
            "write a number with a unit, such as `30s` or `1m30s`",
        )),
    }
}
