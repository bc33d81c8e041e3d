//! The path language of `at:`.
//!
//! | path | means |
//! |---|---|
//! | `scripts.build` | the value of a key inside a key |
//! | `dependencies["@nestjs/core"]` | a key with dots or other signs, in double or single quotes |
//! | `workspaces[0]` | an item of a list, counted from 0 |
//! | `project.dependencies[*]` | all values of a list or a map |
//! | `dependencies{*}` | all keys of a map |
//! | `Project.@Sdk` | an attribute of an XML element |
//! | `scripts.<script>` | a key that the caller fills in |
//!
//! Of several XML elements with the same name `a.b` is the first; `a.b[*]` are all.

use super::tree::{Kind, Node};

/// A parsed `at:`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct At {
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Key(String),
    Hole(String),
    Index(usize),
    Values,
    Keys,
}

impl At {
    /// Parses a path, or says what is wrong with it.
    pub fn parse(path: &str) -> Result<Self, String> {
        let mut steps = Vec::new();
        let mut rest = path;
        while !rest.is_empty() {
            let (step, after) = match rest.as_bytes()[0] {
                b'[' => bracket(rest)?,
                b'{' => {
                    let after = rest
                        .strip_prefix("{*}")
                        .ok_or("only `{*}` (all keys) may stand in braces")?;
                    (Step::Keys, after)
                }
                b'.' if !steps.is_empty() => key(&rest[1..])?,
                _ if steps.is_empty() => key(rest)?,
                _ => return Err(format!("expected `.`, `[` or `{{*}}` before `{rest}`")),
            };
            if steps.last() == Some(&Step::Keys) {
                return Err("nothing can follow `{*}`".to_string());
            }
            steps.push(step);
            rest = after;
        }
        if steps.is_empty() {
            Err("the path is empty".to_string())
        } else {
            Ok(Self { steps })
        }
    }

    /// The names of the holes in it.
    pub fn holes(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().filter_map(|step| match step {
            Step::Hole(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// Whether it gives a list rather than one value.
    pub fn is_list(&self) -> bool {
        self.steps
            .iter()
            .any(|step| matches!(step, Step::Values | Step::Keys))
    }

    /// What stands there: texts with their lines, in the order of the file; null is nothing.
    ///
    /// # Errors
    /// The name of a hole that `fill` does not know.
    pub fn find(
        &self,
        root: &Node,
        fill: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Vec<(String, usize)>, String> {
        let mut nodes = vec![Place::One(root)];
        for step in &self.steps {
            if *step == Step::Keys {
                return Ok(nodes.iter().flat_map(Place::keys).collect());
            }
            let mut next = Vec::new();
            for place in nodes {
                match step {
                    Step::Key(key) => next.extend(place.key(key)),
                    Step::Hole(name) => {
                        next.extend(place.key(&fill(name).ok_or_else(|| name.clone())?))
                    }
                    Step::Index(index) => next.extend(place.values().nth(*index).map(Place::One)),
                    Step::Values => next.extend(place.values().map(Place::One)),
                    Step::Keys => {}
                }
            }
            nodes = next;
        }
        let found = nodes.iter().filter_map(Place::first);
        Ok(found
            .filter_map(|node| Some((node.text()?, node.line)))
            .collect())
    }
}

/// A node, or XML elements of the same name.
enum Place<'a> {
    One(&'a Node),
    Same(&'a [Node]),
}

impl<'a> Place<'a> {
    fn first(&self) -> Option<&'a Node> {
        match self {
            Self::One(node) => Some(node),
            Self::Same(nodes) => nodes.first(),
        }
    }

    fn key(&self, key: &str) -> Option<Place<'a>> {
        match &self.first()?.kind {
            Kind::Map(pairs) => pairs
                .iter()
                .rev()
                .find(|(name, _)| name == key)
                .map(|(_, node)| Place::One(node)),
            Kind::Element { children, .. } => children
                .iter()
                .find(|(name, _)| name == key)
                .map(|(_, nodes)| Place::Same(nodes)),
            _ => None,
        }
    }

    fn values(&self) -> Box<dyn Iterator<Item = &'a Node> + 'a> {
        match self {
            Self::Same(nodes) => Box::new(nodes.iter()),
            Self::One(node) => match &node.kind {
                Kind::List(items) => Box::new(items.iter()),
                Kind::Map(pairs) => Box::new(pairs.iter().map(|(_, node)| node)),
                Kind::Element { children, .. } => {
                    Box::new(children.iter().flat_map(|(_, nodes)| nodes))
                }
                _ => Box::new(std::iter::empty()),
            },
        }
    }

    fn keys(&self) -> Vec<(String, usize)> {
        match self.first().map(|node| &node.kind) {
            Some(Kind::Map(pairs)) => pairs
                .iter()
                .map(|(key, node)| (key.clone(), node.line))
                .collect(),
            Some(Kind::Element { children, .. }) => children
                .iter()
                .map(|(name, nodes)| (name.clone(), nodes.first().map_or(0, |node| node.line)))
                .collect(),
            _ => Vec::new(),
        }
    }
}

fn key(rest: &str) -> Result<(Step, &str), String> {
    if let Some((name, after)) = rest.strip_prefix('<').and_then(|hole| hole.split_once('>')) {
        return match name.is_empty() {
            true => Err("a hole needs a name: `<name>`".to_string()),
            false => Ok((Step::Hole(name.to_string()), after)),
        };
    }
    let end = rest.find(['.', '[', '{']).unwrap_or(rest.len());
    let (key, after) = rest.split_at(end);
    if key.is_empty() || key.contains(['"', '\'', '*', ']', '}', '<', '>', ' ']) {
        return Err(format!(
            "`{key}` is no plain key: put it in brackets and quotes, `[\"{key}\"]`"
        ));
    }
    Ok((Step::Key(key.to_string()), after))
}

fn bracket(rest: &str) -> Result<(Step, &str), String> {
    let body = &rest[1..];
    for quote in ['"', '\''] {
        if let Some(quoted) = body.strip_prefix(quote) {
            let unclosed = || format!("`{rest}`: the quoted key ends with {quote} and `]`");
            let (key, after) = quoted.split_once(quote).ok_or_else(unclosed)?;
            let after = after.strip_prefix(']').ok_or_else(unclosed)?;
            return Ok((Step::Key(key.to_string()), after));
        }
    }
    let (inside, after) = body
        .split_once(']')
        .ok_or_else(|| format!("`{rest}`: the `]` is missing"))?;
    if inside == "*" {
        return Ok((Step::Values, after));
    }
    match inside.parse() {
        Ok(index) => Ok((Step::Index(index), after)),
        Err(_) => Err(format!(
            "`[{inside}]`: a number, `*` or a key in quotes stands in brackets"
        )),
    }
}
