//! Commands that run another command: `exec`, `env A=b`, `sudo -E`, `tini --`.

use std::sync::LazyLock;

use super::types::{Command, Nesting, Script, Word};

/// A program that runs the command in its arguments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wrapper {
    /// Its name, without a path.
    pub name: String,
    /// Options that take a value as the next word (`-u` of sudo). A value attached to it (`-uroot`,
    /// `--user=root`) is seen as well.
    pub value_options: Vec<String>,
    /// Options with which it runs no command (`command -v`).
    pub not_with: Vec<String>,
    /// Words between the options and the command (1 for `gosu user cmd`, `timeout 5 cmd`).
    pub operands: usize,
    /// Whether `NAME=value` words may stand before the command (`env`, `sudo`).
    pub assignments: bool,
}

impl Wrapper {
    fn new(name: &str, value_options: &[&str]) -> Self {
        let value_options = value_options
            .iter()
            .map(|option| (*option).to_owned())
            .collect();
        Self {
            name: name.to_owned(),
            value_options,
            ..Self::default()
        }
    }
}

/// The wrappers that POSIX and the shells themselves define: `exec`, `command`, `builtin`, `env`, `nohup`,
/// `nice`, `time`. What tools exist beside them is data.
pub static SHELL_WRAPPERS: LazyLock<Vec<Wrapper>> = LazyLock::new(|| {
    let lookup = |option: &str| option.to_owned();
    vec![
        Wrapper::new("exec", &["-a"]),
        Wrapper {
            not_with: vec![lookup("-v"), lookup("-V")],
            ..Wrapper::new("command", &[])
        },
        Wrapper::new("builtin", &[]),
        Wrapper {
            assignments: true,
            not_with: vec![lookup("-S"), lookup("--split-string")],
            ..Wrapper::new("env", &["-u", "--unset", "-C", "--chdir"])
        },
        Wrapper::new("nohup", &[]),
        Wrapper::new("nice", &["-n", "--adjustment"]),
        Wrapper::new("time", &["-f", "--format", "-o", "--output"]),
    ]
});

/// [`SHELL_WRAPPERS`] and the tools that images use to start a program: sudo, gosu, su-exec, setpriv-like
/// helpers left out, tini, dumb-init, catatonit, xvfb-run, timeout, stdbuf, setsid, ionice.
pub static DEFAULT_WRAPPERS: LazyLock<Vec<Wrapper>> = LazyLock::new(|| {
    let mut all = SHELL_WRAPPERS.clone();
    let sudo = [
        "-u", "--user", "-g", "--group", "-C", "-D", "-h", "-p", "-r", "-t", "-T", "-U",
    ];
    all.extend([
        Wrapper {
            assignments: true,
            ..Wrapper::new("sudo", &sudo)
        },
        Wrapper {
            operands: 1,
            ..Wrapper::new("gosu", &[])
        },
        Wrapper {
            operands: 1,
            ..Wrapper::new("su-exec", &[])
        },
        Wrapper::new("tini", &["-p", "-e"]),
        Wrapper::new("tini-static", &["-p", "-e"]),
        Wrapper::new("docker-init", &["-p", "-e"]),
        Wrapper::new("dumb-init", &["-r", "--rewrite"]),
        Wrapper::new("catatonit", &[]),
        Wrapper::new(
            "xvfb-run",
            &[
                "-n",
                "--server-num",
                "-s",
                "--server-args",
                "-f",
                "--auth-file",
                "-e",
                "--error-file",
                "-w",
                "-p",
            ],
        ),
        Wrapper {
            operands: 1,
            ..Wrapper::new("timeout", &["-s", "--signal", "-k", "--kill-after"])
        },
        Wrapper::new(
            "stdbuf",
            &["-i", "--input", "-o", "--output", "-e", "--error"],
        ),
        Wrapper::new("setsid", &[]),
        Wrapper::new("ionice", &["-c", "--class", "-n", "--classdata"]),
    ]);
    all
});

impl Command {
    /// The index of the word that names the program which really runs, looked for through
    /// [`DEFAULT_WRAPPERS`]: 2 for `exec env node app.js`. `None` where there are no words, or where a wrapper's
    /// arguments are not clear (an expansion among them). The name itself may have no value.
    pub fn program(&self) -> Option<usize> {
        self.program_with(&DEFAULT_WRAPPERS)
    }

    /// [`Command::program`] with other wrappers. A wrapper that is given no command is the program itself.
    pub fn program_with(&self, wrappers: &[Wrapper]) -> Option<usize> {
        let mut index = 0;
        loop {
            let name = match self.words.get(index)?.value.as_deref() {
                Some(name) => name.rsplit('/').next().unwrap_or(name),
                None => return Some(index),
            };
            let Some(wrapper) = wrappers.iter().find(|wrapper| wrapper.name == name) else {
                return Some(index);
            };
            match behind(wrapper, &self.words, index + 1) {
                Behind::Word(next) => index = next,
                Behind::Nothing => return Some(index),
                Behind::Unclear => return None,
            }
        }
    }
}

impl Command {
    /// Whether the command runs what is not in the script: `eval`, `.` or `source`, a name that expands
    /// (`"$@"`, `$CMD x`), or what a wrapper makes unclear.
    pub fn is_dynamic(&self) -> bool {
        let Some(word) = self.program().and_then(|index| self.words.get(index)) else {
            return !self.words.is_empty();
        };
        match word.value.as_deref() {
            // `(( … ))` only calculates.
            None => !word.raw.starts_with("(("),
            Some(name) => matches!(name, "eval" | "." | "source"),
        }
    }
}

enum Behind {
    /// The command begins here.
    Word(usize),
    /// No command is given.
    Nothing,
    Unclear,
}

fn behind(wrapper: &Wrapper, words: &[Word], mut index: usize) -> Behind {
    // Options, up to `--` or the first word that is none.
    loop {
        let Some(word) = words.get(index) else {
            return Behind::Nothing;
        };
        let Some(value) = word.value.as_deref() else {
            // It could be an option; quoted or not, only a program name is taken to be none.
            return if wrapper.operands > 0 || wrapper.assignments {
                Behind::Unclear
            } else {
                Behind::Word(index)
            };
        };
        if value == "--" {
            index += 1;
            break;
        }
        if !value.starts_with('-') || value == "-" {
            break;
        }
        let option = value.split('=').next().unwrap_or(value);
        if wrapper
            .not_with
            .iter()
            .any(|not| not == option || (!not.starts_with("--") && value.starts_with(not.as_str())))
        {
            return Behind::Nothing;
        }
        let takes = wrapper.value_options.iter().any(|known| known == value)
            || cluster_takes(wrapper, value);
        index += 1 + usize::from(takes);
    }
    if wrapper.assignments {
        while words
            .get(index)
            .is_some_and(|word| is_assignment(&word.raw))
        {
            index += 1;
        }
    }
    for _ in 0..wrapper.operands {
        if words.get(index).is_none() {
            return Behind::Nothing;
        }
        index += 1;
    }
    if index < words.len() {
        Behind::Word(index)
    } else {
        Behind::Nothing
    }
}

/// Whether the last letter of a cluster such as `-Eu` is an option that takes the next word.
fn cluster_takes(wrapper: &Wrapper, value: &str) -> bool {
    let Some(letters) = value
        .strip_prefix('-')
        .filter(|letters| !letters.starts_with('-'))
    else {
        return false;
    };
    let takes = |letter: char| {
        wrapper
            .value_options
            .iter()
            .any(|known| known.strip_prefix('-') == Some(letter.encode_utf8(&mut [0; 4])))
    };
    // The first letter that takes a value takes the rest of the cluster, if there is one.
    letters
        .find(takes)
        .is_some_and(|at| at + 1 == letters.len())
}

/// Whether a word sets a variable: `NAME=value`.
pub fn is_assignment(raw: &str) -> bool {
    raw.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

impl Script {
    /// Whether a failing command ends the script, whatever follows by `;` or newline: it begins with `set -e`,
    /// alone or with other options (`set -eux`, `set -o errexit`, `set -x; set -e`), or with `#!/bin/sh -e`.
    pub fn errexit(&self) -> bool {
        let shebang = self
            .shebang
            .as_deref()
            .unwrap_or("")
            .split_whitespace()
            .skip(1);
        let mut sets = self.commands.iter().take_while(|command| is_set(command));
        sets_errexit(shebang)
            || sets.any(|command| sets_errexit(command.words.iter().skip(1).map(value)))
    }
}

fn value(word: &Word) -> &str {
    word.value.as_deref().unwrap_or("")
}

fn is_set(command: &Command) -> bool {
    command.context == Nesting::default() && command.words.first().map(value) == Some("set")
}

fn sets_errexit<'a>(options: impl Iterator<Item = &'a str>) -> bool {
    let mut names_option = false;
    for option in options {
        let minus = option.starts_with('-') && !option.starts_with("--");
        if (names_option && option == "errexit") || (minus && option.contains('e')) {
            return true;
        }
        names_option = minus && option.ends_with('o');
    }
    false
}
