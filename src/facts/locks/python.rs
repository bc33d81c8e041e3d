//! Lock files of Poetry, PDM, uv and pipenv.

use super::{Entry, lines, opens, quoted};

/// `poetry.lock` and `pdm.lock`: `category = "dev"` or `groups = ["main", "dev"]`, or no word about it.
pub(super) fn groups<'t>(text: &'t str, development: &[&str], found: &mut dyn FnMut(Entry<'t>)) {
    let mut package = false;
    for (number, _, rest) in lines(text) {
        if rest.starts_with('[') {
            package = rest == "[[package]]";
        } else if !package {
            continue;
        } else if let Some(name) = rest.strip_prefix("name = ") {
            found(Entry::Package(name.trim_matches('"'), number));
        } else if let Some(groups) = rest
            .strip_prefix("category = ")
            .or_else(|| rest.strip_prefix("groups = "))
        {
            let mut names = groups.split('"').skip(1).step_by(2);
            found(Entry::Development(
                names.all(|name| development.contains(&name)),
            ));
        }
    }
}

/// `uv.lock`: what a package asks for below it, for development in a part of its own.
pub(super) fn uv<'t>(text: &'t str, found: &mut dyn FnMut(Entry<'t>)) {
    let mut package = false;
    let mut list = false;
    for (number, _, rest) in lines(text) {
        if rest.starts_with('[') {
            package = rest == "[[package]]";
            list = rest == "[package.optional-dependencies]";
        } else if package && rest.starts_with("name = ") {
            found(Entry::Package(quoted(rest).unwrap_or(rest), number));
        } else if package && rest.starts_with("source = {") {
            let own = ["virtual = ", "editable = ", "directory = "];
            if own.iter().any(|kind| rest.contains(kind)) {
                found(Entry::Project);
            }
        } else if package && rest.contains(" = [") {
            list = rest.starts_with("dependencies = [");
        }
        if list {
            for (at, _) in rest.match_indices("{ name = \"") {
                if let Some(name) = quoted(&rest[at..]) {
                    found(Entry::Asks(name));
                }
            }
        }
    }
}

/// `Pipfile.lock`: names two levels deep, in a part for each category.
pub(super) fn pipfile<'t>(text: &'t str, development: &[&str], found: &mut dyn FnMut(Entry<'t>)) {
    let mut alone = None;
    for (number, indent, rest) in lines(text) {
        match (indent, opens(rest, '{')) {
            (4, Some("_meta")) => alone = None,
            (4, Some(part)) => alone = Some(development.contains(&part)),
            (8, Some(name)) => {
                if let Some(alone) = alone {
                    found(Entry::Package(name, number));
                    found(Entry::Development(alone));
                }
            }
            _ => {}
        }
    }
}
