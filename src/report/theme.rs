//! Colour, and text made safe for a terminal.

use colored::{Color, Colorize};

/// What `--color` asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// Colour where the stream is a terminal and the environment does not decline.
    #[default]
    Auto,
    /// Colour.
    Always,
    /// No colour.
    Never,
}

/// What the environment says about colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// `NO_COLOR` is set and not empty (<https://no-color.org>).
    pub no_color: bool,
    /// `CLICOLOR_FORCE` is set, not empty and not `0` (<https://bixense.com/clicolors>).
    pub force: bool,
    /// `CLICOLOR` is `0`.
    pub declined: bool,
    /// `TERM` is `dumb`.
    pub dumb: bool,
}

impl Environment {
    /// Reads the process environment.
    pub fn read() -> Self {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        Self {
            no_color: set("NO_COLOR").is_some(),
            force: set("CLICOLOR_FORCE").is_some_and(|value| value != "0"),
            declined: set("CLICOLOR").is_some_and(|value| value == "0"),
            dumb: set("TERM").is_some_and(|value| value == "dumb"),
        }
    }
}

/// How one stream is written to: with colour or without, and whether a person looks at it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Theme {
    color: bool,
    terminal: bool,
}

impl Theme {
    /// Decides for one stream. The command line outranks the environment, `NO_COLOR` outranks `CLICOLOR_FORCE`.
    pub fn new(choice: Choice, environment: Environment, terminal: bool) -> Self {
        let color = match choice {
            Choice::Always => true,
            Choice::Never => false,
            Choice::Auto if environment.no_color => false,
            Choice::Auto if environment.force => true,
            Choice::Auto => terminal && !environment.dumb && !environment.declined,
        };
        // Whether to paint is decided here, for each stream; the crate's own guess looks at standard output alone.
        colored::control::set_override(true);
        Self { color, terminal }
    }

    /// A theme without colour, for text that no terminal shows.
    pub fn plain() -> Self {
        Self::default()
    }

    /// Whether text of the files must be cleaned before it goes out: a person looks at it.
    pub fn cleans(&self) -> bool {
        self.color || self.terminal
    }

    /// Strong text.
    pub fn strong(&self, text: &str) -> String {
        if self.color {
            text.bold().to_string()
        } else {
            text.to_owned()
        }
    }

    /// Text that steps back.
    pub fn dim(&self, text: &str) -> String {
        if self.color {
            text.dimmed().to_string()
        } else {
            text.to_owned()
        }
    }

    /// Coloured text.
    pub fn paint(&self, text: &str, color: Color) -> String {
        if self.color {
            text.color(color).to_string()
        } else {
            text.to_owned()
        }
    }

    /// Coloured strong text.
    pub fn label(&self, text: &str, color: Color) -> String {
        if self.color {
            text.color(color).bold().to_string()
        } else {
            text.to_owned()
        }
    }
}

/// `text` with every control byte made visible, so that a file cannot speak to the terminal: `^[` for escape,
/// `<U+202E>` for the characters that turn the direction of writing. Tabs and newlines stay, and so does the
/// carriage return of a CRLF newline.
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\n' | '\t' => cleaned.push(character),
            '\r' if characters.peek() == Some(&'\n') => cleaned.push(character),
            '\0'..='\x1f' => {
                cleaned.push('^');
                cleaned.push(char::from(character as u8 + b'@'));
            }
            '\x7f' => cleaned.push_str("^?"),
            '\u{80}'..='\u{9f}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}' => {
                cleaned.push_str(&format!("<U+{:04X}>", character as u32));
            }
            _ => cleaned.push(character),
        }
    }
    cleaned
}

/// [`clean`], and on one line: runs of white space become one space.
pub fn line(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(word);
    }
    clean(&joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colors(choice: Choice, environment: Environment, terminal: bool) -> bool {
        Theme::new(choice, environment, terminal).color
    }

    #[test]
    fn the_command_line_outranks_the_environment() {
        let none = Environment::default();
        let no_color = Environment {
            no_color: true,
            force: true,
            ..none
        };
        assert!(colors(Choice::Always, no_color, false));
        assert!(!colors(
            Choice::Never,
            Environment {
                force: true,
                ..none
            },
            true
        ));
        assert!(!colors(Choice::Auto, no_color, true));
        assert!(colors(
            Choice::Auto,
            Environment {
                force: true,
                dumb: true,
                ..none
            },
            false
        ));
        assert!(colors(Choice::Auto, none, true));
        assert!(!colors(Choice::Auto, none, false));
        assert!(!colors(
            Choice::Auto,
            Environment { dumb: true, ..none },
            true
        ));
        assert!(!colors(
            Choice::Auto,
            Environment {
                declined: true,
                ..none
            },
            true
        ));
    }

    #[test]
    fn nothing_in_a_file_reaches_the_terminal_as_a_command() {
        assert_eq!(
            clean("a\x1b[31mb\tc\r\nd\re\x7f\u{9b}1m\u{202e}x"),
            "a^[[31mb\tc\r\nd^Me^?<U+009B>1m<U+202E>x"
        );
        assert_eq!(line(" a\n  b\x07 "), "a b^G");
    }

    #[test]
    fn paint_only_where_colour_is_on() {
        assert_eq!(Theme::plain().label("x", Color::Red), "x");
        assert!(
            Theme::new(Choice::Always, Environment::default(), false)
                .label("x", Color::Red)
                .contains("\x1b[")
        );
    }
}
