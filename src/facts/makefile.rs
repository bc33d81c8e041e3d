//! Makefiles, as far as one has to know them to tell what the recipe of a target does.
//!
//! This is no make: what decides by functions, conditions, included files or patterns is not followed, and then
//! nothing is said.

use std::collections::BTreeMap;

/// How deep targets and variables may lead to each other.
const DEPTH: usize = 16;

/// A Makefile, read.
#[derive(Debug, Default)]
pub struct Makefile {
    /// Variables as they are assigned last, `None` where that cannot be told.
    variables: BTreeMap<String, Variable>,
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Variable {
    /// As it is written; `None` where it depends on a condition or a command.
    value: Option<String>,
    /// `NAME ?= value`: the environment goes first.
    weak: bool,
}

#[derive(Debug, Default)]
struct Rule {
    targets: Vec<String>,
    needs: Vec<String>,
    /// Lines, without the tab; `None` stands for one under a condition.
    recipe: Vec<Option<String>>,
}

impl Makefile {
    /// Reads a Makefile; `None` where it includes others or defines parts of itself.
    pub fn parse(text: &str) -> Option<Self> {
        let mut makefile = Self::default();
        let mut conditions = 0_usize;
        let mut in_rule = false;
        for line in logical_lines(text) {
            if let Some(recipe) = line.strip_prefix('\t').filter(|_| in_rule) {
                let known = (conditions == 0).then(|| recipe.to_string());
                if let Some(rule) = makefile.rules.last_mut() {
                    rule.recipe.push(known);
                }
                continue;
            }
            let line = without_comment(&line);
            let line = line.trim();
            let word = line.split_whitespace().next().unwrap_or("");
            match word {
                "" | "export" | "unexport" | "vpath" => {
                    // `export NAME = value` assigns as well.
                    if let Some(rest) = line.strip_prefix("export ") {
                        makefile.assign(rest, conditions > 0);
                    }
                    continue;
                }
                "include" | "-include" | "sinclude" | "define" | "override" | "undefine" => {
                    return None;
                }
                "ifeq" | "ifneq" | "ifdef" | "ifndef" => conditions += 1,
                "else" => {}
                "endif" => conditions = conditions.saturating_sub(1),
                _ if makefile.assign(line, conditions > 0) => {}
                _ => in_rule = makefile.rule(line, conditions > 0)?,
            }
        }
        Some(makefile)
    }

    /// Reads an assignment, if the line is one.
    fn assign(&mut self, line: &str, conditional: bool) -> bool {
        let Some((left, value)) = line.split_once('=') else {
            return false;
        };
        let (name, sign) = match left.find([':', '?', '+', '!']) {
            Some(at) if matches!(left[at..].trim(), ":" | "::" | ":::" | "?" | "+" | "!") => {
                (&left[..at], left[at..].trim())
            }
            Some(_) => return false,
            None => (left, ""),
        };
        let name = name.trim();
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || "$/%".contains(c)) {
            return false;
        }
        let value = value.trim_start().to_string();
        let known = self.variables.get(name);
        let variable = match sign {
            _ if conditional => Variable {
                value: None,
                weak: false,
            },
            "?" if known.is_some() => return true,
            "+" => Variable {
                value: known.map_or(Some(value.clone()), |known| {
                    known.value.as_ref().map(|known| format!("{known} {value}"))
                }),
                weak: false,
            },
            "!" => Variable {
                value: None,
                weak: false,
            },
            sign => Variable {
                value: Some(value),
                weak: sign == "?",
            },
        };
        self.variables.insert(name.to_string(), variable);
        true
    }

    /// Reads the first line of a rule; `None` where variables of one target alone stand there.
    fn rule(&mut self, line: &str, conditional: bool) -> Option<bool> {
        let Some((targets, rest)) = line.split_once(':') else {
            return Some(false);
        };
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        let (needs, inline) = match rest.split_once(';') {
            Some((needs, inline)) => (needs, Some(inline)),
            None => (rest, None),
        };
        if needs.contains('=') {
            return None;
        }
        let words = |text: &str| text.split_whitespace().map(str::to_string).collect();
        let inline = inline.map(|line| (!conditional).then(|| line.trim().to_string()));
        self.rules.push(Rule {
            targets: words(targets),
            needs: words(needs),
            recipe: inline.into_iter().collect(),
        });
        Some(true)
    }

    /// The shell lines that a target runs, those of the targets that it needs first, as far as their names begin as its
    /// own does (`install-bin` for `install`): the others build. `None` where that cannot be told.
    ///
    /// `given` are variables of the command line, `environment` those of the environment.
    pub fn script(
        &self,
        target: &str,
        given: &BTreeMap<String, String>,
        environment: &dyn Fn(&str) -> Option<String>,
    ) -> Option<Vec<String>> {
        let variables = Values {
            makefile: self,
            given,
            environment,
        };
        let mut lines = Vec::new();
        self.collect(target, target, &variables, &mut lines, 0)?;
        Some(lines)
    }

    fn collect(
        &self,
        target: &str,
        asked: &str,
        values: &Values<'_>,
        lines: &mut Vec<String>,
        depth: usize,
    ) -> Option<()> {
        if depth > DEPTH {
            return None;
        }
        let mut found = false;
        for rule in &self.rules {
            let mut names = Vec::new();
            for name in &rule.targets {
                names.extend(
                    values
                        .expand(name, "", depth)?
                        .split_whitespace()
                        .map(str::to_string),
                );
            }
            if !names.iter().any(|name| name == target) {
                continue;
            }
            found = true;
            for need in &rule.needs {
                for need in values.expand(need, "", depth)?.split_whitespace() {
                    if need.starts_with(asked) {
                        self.collect(need, asked, values, lines, depth + 1)?;
                    }
                }
            }
            for line in &rule.recipe {
                let line = values.expand(line.as_ref()?, target, depth)?;
                let line = line.trim_start().trim_start_matches(['@', '-', '+']).trim();
                if !line.is_empty() {
                    lines.push(line.to_string());
                }
            }
        }
        found.then_some(())
    }
}

/// Where variables have their values from.
struct Values<'a> {
    makefile: &'a Makefile,
    given: &'a BTreeMap<String, String>,
    environment: &'a dyn Fn(&str) -> Option<String>,
}

impl Values<'_> {
    fn value(&self, name: &str, depth: usize) -> Option<String> {
        if let Some(given) = self.given.get(name) {
            return Some(given.clone());
        }
        let own = self.makefile.variables.get(name);
        let weak = own.is_none_or(|own| own.weak);
        if weak && let Some(value) = (self.environment)(name) {
            return Some(value);
        }
        match (own, name) {
            (Some(own), _) => self.expand(own.value.as_ref()?, "", depth + 1),
            (None, "INSTALL") => Some("install".into()),
            // Variables that make itself sets are not known here.
            (None, "CURDIR" | "MAKEFILE_LIST" | "MAKE" | "SHELL" | "CC" | "CXX" | "AR") => None,
            (None, _) => Some(String::new()),
        }
    }

    /// A text with its variables put in; `None` where one is not known, or a function stands there.
    fn expand(&self, text: &str, target: &str, depth: usize) -> Option<String> {
        if depth > DEPTH {
            return None;
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            let first = rest.chars().next()?;
            let close = match first {
                '$' => {
                    out.push('$');
                    rest = &rest[1..];
                    continue;
                }
                '@' if !target.is_empty() => {
                    out.push_str(target);
                    rest = &rest[1..];
                    continue;
                }
                '(' => ')',
                '{' => '}',
                _ => return None,
            };
            let end = rest.find(close)?;
            let name = rest[1..end].trim();
            if name.is_empty()
                || name.contains(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c)))
            {
                return None;
            }
            out.push_str(&self.value(name, depth)?);
            rest = &rest[end + 1..];
        }
        out.push_str(rest);
        Some(out)
    }
}

/// Lines, those that end with a backslash joined with the next one.
fn logical_lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut continued = false;
    for line in text.lines() {
        let body = line.strip_suffix('\\');
        let part = body.map_or(line, str::trim_end);
        match lines.last_mut().filter(|_| continued) {
            Some(last) => {
                last.push(' ');
                last.push_str(part.trim_start());
            }
            None => lines.push(part.to_string()),
        }
        continued = body.is_some();
    }
    lines
}

fn without_comment(line: &str) -> String {
    match line.find('#') {
        Some(at) if at == 0 || !line[..at].ends_with('\\') => line[..at].to_string(),
        _ => line.to_string(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn script(text: &str, given: &[(&str, &str)]) -> Option<Vec<String>> {
        let given = given
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()));
        Makefile::parse(text)?.script("install", &given.collect(), &|_| None)
    }

    #[test]
    fn variables_are_put_in_and_those_of_the_command_line_go_first() {
        let text = "PREFIX ?= /usr\nBIN = $(DESTDIR)$(PREFIX)/bin\n\nall: tool\n\ninstall: all\n\t@mkdir -p $(BIN)\n\tinstall -m 755 tool \\\n\t  $(BIN)/$@ed\n";
        assert_eq!(
            script(text, &[("PREFIX", "/opt/tool")]).unwrap(),
            [
                "mkdir -p /opt/tool/bin",
                "install -m 755 tool /opt/tool/bin/installed"
            ]
        );
        assert_eq!(script(text, &[]).unwrap()[0], "mkdir -p /usr/bin");
    }

    #[test]
    fn parts_of_an_installation_come_first() {
        let text =
            "install: install-data\n\tcp tool /usr/bin/tool\ninstall-data:\n\tcp a /usr/share/a\n";
        assert_eq!(
            script(text, &[]).unwrap(),
            ["cp a /usr/share/a", "cp tool /usr/bin/tool"]
        );
    }

    #[test]
    fn what_cannot_be_told_is_not_said() {
        for text in [
            "include common.mk\ninstall:\n\tcp a /usr/bin/\n",
            "ifeq ($(OS),x)\nD = /a\nendif\ninstall:\n\tcp a $(D)/\n",
            "install:\n\tcp $(wildcard *.so) /usr/lib/\n",
            "install: D = /a\ninstall:\n\tcp a $(D)\n",
            "install:\nifdef X\n\tcp a /usr/bin/\nendif\n",
            "all:\n\ttrue\n",
            "A = $(B)\nB = $(A)\ninstall:\n\tcp a $(A)\n",
        ] {
            assert_eq!(script(text, &[]), None, "{text}");
        }
    }
}
