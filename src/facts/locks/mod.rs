//! Lock files: which packages an installation brings, those that other packages ask for among them.
//!
//! They may have megabytes, and what is asked of them is little: they are read line by line, as the tools write them,
//! and never as a whole document.

mod javascript;
mod php;
mod python;

use std::collections::{BTreeSet, HashMap};

/// The form of a lock file, by the tools that write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// npm: JSON that marks what only development needs.
    Npm,
    /// yarn, of its first and of later versions: which package asks for which.
    Yarn,
    /// pnpm: YAML that marks what only development needs, or says which package asks for which.
    Pnpm,
    /// Bun's text: a line for each package, with what it asks for.
    Bun,
    /// Poetry and PDM: TOML that may name the groups of a package.
    Groups,
    /// uv: TOML that says which package asks for which.
    Uv,
    /// pipenv: JSON with a section for each category.
    Pipfile,
    /// Composer: JSON with a section for development.
    Composer,
}

impl Form {
    /// The form of a name in the table `lock-files`.
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "npm" => Self::Npm,
            "yarn" => Self::Yarn,
            "pnpm" => Self::Pnpm,
            "bun" => Self::Bun,
            "groups" => Self::Groups,
            "uv" => Self::Uv,
            "pipfile" => Self::Pipfile,
            "composer" => Self::Composer,
            _ => return None,
        })
    }

    /// The packages that a text of this form names, and what it says of each.
    fn read<'t>(self, text: &'t str, development: &[&str], found: &mut dyn FnMut(Entry<'t>)) {
        match self {
            Self::Npm => javascript::npm(text, found),
            Self::Yarn => javascript::yarn(text, found),
            Self::Pnpm => javascript::pnpm(text, found),
            Self::Bun => javascript::bun(text, found),
            Self::Groups => python::groups(text, development, found),
            Self::Uv => python::uv(text, found),
            Self::Pipfile => python::pipfile(text, development, found),
            Self::Composer => php::composer(text, development, found),
        }
    }

    /// Whether what only development needs can be told by who asks for it alone.
    fn by_graph(self) -> bool {
        matches!(self, Self::Yarn | Self::Pnpm | Self::Bun | Self::Uv)
    }
}

/// What a lock file says, in the order of its lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Entry<'t> {
    /// A package begins, on this line.
    Package(&'t str, usize),
    /// The package is for development alone, or not.
    Development(bool),
    /// The package asks for another one.
    Asks(&'t str),
    /// The package is the project itself.
    Project,
}

/// The packages among `wanted` that a lock file brings for production, each once with its line. `direct` are the
/// packages that the manifest asks for; `development` the groups that are for development.
pub fn named<'t>(
    form: Form,
    text: &'t str,
    development: &[&str],
    direct: &BTreeSet<&'t str>,
    wanted: &dyn Fn(&str) -> bool,
) -> Vec<(&'t str, usize)> {
    let mut hits: Vec<(&str, usize)> = Vec::new();
    let mut here = false;
    let mut marked = false;
    form.read(text, development, &mut |entry| match entry {
        Entry::Package(name, line) => {
            here = wanted(name) && !hits.iter().any(|(known, _)| *known == name);
            if here {
                hits.push((name, line));
            }
        }
        Entry::Development(alone) => {
            marked = true;
            if here && alone {
                hits.pop();
                here = false;
            }
        }
        Entry::Asks(_) | Entry::Project => {}
    });
    if !hits.is_empty() && form.by_graph() && !marked {
        let reached = reached(form, text, direct, &hits);
        hits.retain(|(name, _)| reached.contains(name));
    }
    hits
}

/// The names among `hits` that the packages of the manifest lead to, whatever the version.
fn reached<'t>(
    form: Form,
    text: &'t str,
    direct: &BTreeSet<&'t str>,
    hits: &[(&'t str, usize)],
) -> BTreeSet<&'t str> {
    // Each package with the first of what it asks for, and the one before it of the same name.
    let mut packages: Vec<(usize, Option<usize>)> = Vec::new();
    let mut asks: Vec<&str> = Vec::new();
    let mut last: HashMap<&str, usize> = HashMap::new();
    let mut here = "";
    let mut todo: Vec<&str> = direct.iter().copied().collect();
    form.read(text, &[], &mut |entry| match entry {
        Entry::Package(name, _) => {
            here = name;
            let before = last.insert(name, packages.len());
            packages.push((asks.len(), before));
        }
        Entry::Asks(name) => asks.push(name),
        Entry::Project => todo.push(here),
        Entry::Development(_) => {}
    });
    let mut wanted: BTreeSet<&str> = hits.iter().map(|(name, _)| *name).collect();
    let mut reached = BTreeSet::new();
    while let Some(name) = todo.pop().filter(|_| !wanted.is_empty()) {
        // Taken out, a package is not looked at twice.
        let mut package = last.remove(name);
        if package.is_some() && wanted.remove(name) {
            reached.insert(name);
        }
        while let Some((first, before)) = package.and_then(|at| packages.get(at)) {
            let next = package.and_then(|at| packages.get(at + 1));
            let end = next.map_or(asks.len(), |(start, _)| *start);
            todo.extend(&asks[*first..end]);
            package = *before;
        }
    }
    reached
}

/// The lines of a text with their numbers, how far each is indented, and the rest.
fn lines(text: &str) -> impl Iterator<Item = (usize, usize, &str)> {
    text.split('\n').enumerate().map(|(number, line)| {
        let spaces = line.bytes().take_while(|byte| *byte == b' ').count();
        let rest = &line[spaces..];
        let rest = rest.strip_suffix('\r').unwrap_or(rest);
        (number + 1, spaces, rest)
    })
}

/// The text between the first two quotes.
fn quoted(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once('"')?;
    rest.split_once('"').map(|(name, _)| name)
}

/// The key of a line of JSON that opens an object or a list.
fn opens(rest: &str, bracket: char) -> Option<&str> {
    let key = rest.strip_suffix(bracket)?.trim_end().strip_suffix(':')?;
    key.strip_prefix('"')?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn found<'t>(form: Form, text: &'t str, direct: &[&'t str]) -> Vec<(&'t str, usize)> {
        let direct = direct.iter().copied().collect();
        let groups = ["dev", "test", "develop", "packages-dev"];
        let wanted = |name: &str| ["git", "ps", "@s/ps", "v/git", "lone"].contains(&name);
        named(form, text, &groups, &direct, &wanted)
    }

    #[test]
    fn npm_marks_what_only_development_needs() {
        let third = r#"{
  "lockfileVersion": 3,
  "packages": {
    "": { "dependencies": { "run": "1" } },
    "node_modules/run": {
      "version": "1.0.0",
      "peerDependencies": {
        "git": "1"
      },
      "peerDependenciesMeta": {
        "git": {
          "optional": true
        }
      }
    },
    "node_modules/git": {
      "version": "1.0.0",
      "dev": true,
      "license": "MIT"
    },
    "node_modules/run/node_modules/@s/ps": {
      "version": "1.0.0",
      "license": "MIT"
    },
    "node_modules/lone": {
      "version": "1.0.0",
      "optional": true,
      "peer": true
    }
  }
}
"#;
        assert_eq!(found(Form::Npm, third, &[]), [("@s/ps", 21)]);
        let first = r#"{
  "lockfileVersion": 1,
  "dependencies": {
    "run": {
      "version": "1.0.0",
      "requires": {
        "git": "^1"
      },
      "dependencies": {
        "git": {
          "version": "1.0.0"
        },
        "ps": {
          "version": "1.0.0",
          "dev": true
        }
      }
    }
  }
}
"#;
        assert_eq!(found(Form::Npm, first, &[]), [("git", 10)]);
    }

    #[test]
    fn yarn_says_who_asks_for_whom() {
        let first = "# yarn lockfile v1\n\n\nrun@^1.0.0, run@^1.1.0:\n  version \"1.1.0\"\n  dependencies:\n    \"@s/ps\" \"^1\"\n\n\"@s/ps@^1\":\n  version \"1.0.0\"\n\ngit@^1:\n  version \"1.0.0\"\n";
        assert_eq!(found(Form::Yarn, first, &["run"]), [("@s/ps", 9)]);
        let berry = "__metadata:\n  version: 8\n\n\"git@npm:^1.0.0\":\n  version: 1.0.0\n  peerDependencies:\n    ps: \"*\"\n\n\"run@npm:^1.0.0\":\n  version: 1.1.0\n  dependencies:\n    git: \"npm:^1.0.0\"\n\n\"ps@npm:^1\":\n  version: 1.0.0\n";
        assert_eq!(found(Form::Yarn, berry, &["run"]), [("git", 4)]);
        assert_eq!(found(Form::Yarn, berry, &["other"]), []);
    }

    #[test]
    fn pnpm_has_named_packages_in_three_ways() {
        let fifth = "lockfileVersion: 5.4\n\npackages:\n\n  /git/1.0.0_run@1.0.0:\n    resolution: {integrity: x}\n    dev: false\n\n  /@s/ps/1.0.0:\n    dev: true\n";
        assert_eq!(found(Form::Pnpm, fifth, &[]), [("git", 5)]);
        let sixth = "lockfileVersion: '6.0'\n\npackages:\n\n  /git@1.0.0(run@1.0.0):\n    dev: true\n\n  /@s/ps@1.0.0:\n    dev: false\n";
        assert_eq!(found(Form::Pnpm, sixth, &[]), [("@s/ps", 8)]);
        let ninth = "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      run:\n        specifier: ^1\n        version: 1.0.0\n\npackages:\n\n  '@s/ps@1.0.0':\n    resolution: {integrity: x}\n\n  git@1.0.0:\n    resolution: {integrity: x}\n\nsnapshots:\n\n  '@s/ps@1.0.0': {}\n\n  git@1.0.0: {}\n\n  run@1.0.0:\n    dependencies:\n      other: '@s/ps@1.0.0'\n";
        assert_eq!(found(Form::Pnpm, ninth, &["run"]), [("@s/ps", 13)]);
    }

    #[test]
    fn bun_has_a_line_for_each_package() {
        let text = "{\n  \"lockfileVersion\": 1,\n  \"packages\": {\n    \"run\": [\"run@1.0.0\", \"\", { \"dependencies\": { \"other\": \"1\", \"@s/ps\": \"^1\" }, \"peerDependencies\": { \"git\": \"*\" } }, \"sha512-x\"],\n\n    \"@s/ps\": [\"@s/ps@1.0.0\", \"\", {}, \"sha512-x\"],\n\n    \"git\": [\"git@1.0.0\", \"\", {}, \"sha512-x\"],\n  }\n}\n";
        assert_eq!(found(Form::Bun, text, &["run"]), [("@s/ps", 6)]);
    }

    #[test]
    fn groups_of_poetry_count_where_they_are_named() {
        let text = "[[package]]\nname = \"git\"\nversion = \"1\"\ngroups = [\"main\", \"dev\"]\n\n[package.dependencies]\nname = \">=1\"\n\n[[package]]\nname = \"ps\"\ncategory = \"dev\"\n\n[[package]]\nname = \"lone\"\nversion = \"1\"\n";
        assert_eq!(found(Form::Groups, text, &[]), [("git", 2), ("lone", 14)]);
    }

    #[test]
    fn uv_keeps_dependencies_for_development_apart() {
        let text = "version = 1\n\n[[package]]\nname = \"app\"\nsource = { virtual = \".\" }\ndependencies = [\n    { name = \"run\" },\n]\n\n[package.dev-dependencies]\ndev = [\n    { name = \"ps\" },\n]\n\n[package.metadata]\nrequires-dist = [{ name = \"lone\" }]\n\n[[package]]\nname = \"run\"\nsource = { registry = \"x\" }\ndependencies = [\n    { name = \"git\", marker = \"x\" },\n]\n\n[[package]]\nname = \"git\"\n\n[[package]]\nname = \"ps\"\n\n[[package]]\nname = \"lone\"\n";
        assert_eq!(found(Form::Uv, text, &[]), [("git", 26)]);
    }

    #[test]
    fn pipenv_and_composer_have_parts() {
        let text = "{\n    \"_meta\": {\n        \"hash\": {\n        }\n    },\n    \"default\": {\n        \"git\": {\n            \"version\": \"==1\"\n        }\n    },\n    \"develop\": {\n        \"ps\": {\n        }\n    }\n}\n";
        assert_eq!(found(Form::Pipfile, text, &[]), [("git", 7)]);
        let text = "{\n    \"packages\": [\n        {\n            \"name\": \"v/git\"\n        }\n    ],\n    \"packages-dev\": [\n        {\n            \"name\": \"ps\"\n        }\n    ]\n}\n";
        assert_eq!(found(Form::Composer, text, &[]), [("v/git", 4)]);
    }
}
