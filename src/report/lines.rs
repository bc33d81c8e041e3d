//! Lines of two texts compared.

use std::convert::Infallible;

use similar::DiffOp;
use similar::algorithms::{Capture, Compact, Replace, histogram};

/// The lines of a text, each with its end. Lines end at `\n` only: a lone carriage return is part of a line for git,
/// and for BuildKit.
pub fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// What is to be done to the old lines to have the new ones.
///
/// The histogram algorithm by name: where the algorithm is a value, each of them is compiled into the program, for each
/// kind of text.
pub fn changes(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let mut hook = Compact::new(Replace::new(Capture::new()), old, new);
    let compared: Result<(), Infallible> =
        histogram::diff(&mut hook, old, 0..old.len(), new, 0..new.len());
    match compared {
        Ok(()) => hook.into_inner().into_inner().into_ops(),
        Err(never) => match never {},
    }
}
