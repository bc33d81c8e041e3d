//! The lock file of Composer.

use super::{Entry, lines, opens, quoted};

/// `composer.lock`: a list of packages, and one for development.
pub(super) fn composer<'t>(text: &'t str, development: &[&str], found: &mut dyn FnMut(Entry<'t>)) {
    let mut alone = false;
    for (number, indent, rest) in lines(text) {
        if indent == 4
            && let Some(part) = opens(rest, '[')
        {
            alone = development.contains(&part);
        } else if let Some(name) = rest.strip_prefix("\"name\":") {
            found(Entry::Package(quoted(name).unwrap_or(name), number));
            found(Entry::Development(alone));
        }
    }
}
