//! What an expression says about a path.

use super::index::{From, Index, Located};

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// A path in the application, or the beginning of one.
    Path {
        /// Relative to the directory of the source, not to where the program is started.
        here: bool,
        text: String,
        /// Something unknown follows.
        open: bool,
    },
    /// An absolute path or a place that is no part of the application.
    Elsewhere,
    /// Nothing is known.
    Unknown,
}

impl Value {
    /// What it stands for in a file of the directory `dir`.
    pub fn locate(&self, index: &Index, dir: &str) -> Located {
        match self {
            Self::Path { here, text, open } => {
                let from = if *here { From::Here } else { From::Above };
                index.locate(dir, from, text, *open)
            }
            Self::Elsewhere | Self::Unknown => Located::default(),
        }
    }

    pub fn text(text: &str, open: bool) -> Self {
        let text = local(text);
        let drive = text.as_bytes().get(1) == Some(&b':') && text.as_bytes().get(2) == Some(&b'\\');
        if text.starts_with(['/', '~']) || text.contains("://") || drive {
            return Self::Elsewhere;
        }
        Self::Path {
            here: false,
            text: text.to_string(),
            open,
        }
    }

    /// The directory of a path.
    pub fn parent(self) -> Self {
        let Self::Path { here, mut text, .. } = self else {
            return self;
        };
        let trimmed = text.trim_end_matches('/').len();
        text.truncate(trimmed);
        match text.rsplit('/').next() {
            Some("" | "..") => text.push_str(if text.is_empty() { ".." } else { "/.." }),
            Some(last) => text.truncate((text.len() - last.len()).saturating_sub(1)),
            None => {}
        }
        Self::Path {
            here,
            text,
            open: false,
        }
    }

    /// `self` and `next` as path elements.
    pub fn join(self, next: Self) -> Self {
        match (self, next) {
            (
                Self::Path {
                    here,
                    text,
                    open: false,
                },
                Self::Path {
                    here: false,
                    text: next,
                    open,
                },
            ) => Self::Path {
                here,
                text: element(&text, &next),
                open,
            },
            // `resolve('x', __dirname)` is `__dirname`.
            (Self::Path { .. }, next @ Self::Path { here: true, .. }) => next,
            (Self::Path { here, text, .. }, Self::Unknown) => Self::Path {
                here,
                text: element(&text, ""),
                open: true,
            },
            (
                Self::Path {
                    open: true,
                    here,
                    text,
                },
                _,
            ) => Self::Path {
                here,
                text,
                open: true,
            },
            (first, _) => first,
        }
    }

    /// `self` and `next` as pieces of text.
    pub fn append(self, next: Self) -> Self {
        match (self, next) {
            (
                Self::Path {
                    here,
                    text,
                    open: false,
                },
                Self::Path {
                    here: false,
                    text: next,
                    open,
                },
            ) => Self::Path {
                here,
                text: text + &next,
                open,
            },
            (Self::Path { here, text, .. }, _) => Self::Path {
                here,
                text,
                open: true,
            },
            (first, _) => first,
        }
    }
}

/// The path of an address that names a file beside the program: `file://migrations`, `sqlite:./data/app.db`.
pub(super) fn local(text: &str) -> &str {
    let Some((scheme, rest)) = text.split_once(':') else {
        return text;
    };
    match scheme {
        "file" | "sqlite" | "sqlite3" => match rest.strip_prefix("//") {
            // `sqlite:///app.db` has an empty host, as SQLAlchemy writes it; `file:///etc/x` is absolute.
            Some(rest) if scheme != "file" => rest.strip_prefix('/').unwrap_or(rest),
            Some(rest) => rest,
            None => rest,
        },
        _ => text,
    }
}

fn element(base: &str, next: &str) -> String {
    let base = base.trim_end_matches('/');
    if base.is_empty() {
        next.trim_start_matches('/').to_string()
    } else {
        format!("{base}/{}", next.trim_start_matches('/'))
    }
}
