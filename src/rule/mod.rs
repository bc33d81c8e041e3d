//! Rules, facts, commands, tables and profiles: YAML documents, checked when they are loaded.

mod at;
pub mod commands;
mod compile;
pub mod document;
mod embedded;
mod entry;
mod error;
mod expression;
mod facts;
pub(crate) mod fnv;
mod level;
mod load;
mod order;
pub mod pattern;
mod profiles;
mod scaffold;
mod schema;
pub mod table;
mod tables;
pub mod template;
mod traps;

pub use at::At;
pub use commands::{Commands, Known};
pub use compile::{Later, Matcher, Rule};
pub use document::Role;
pub use entry::{Entry, Want, names};
pub use error::{RuleError, RuleErrors};
pub use expression::Expression;
pub use facts::Facts;
pub use level::Level;
pub use load::{File, RuleSet, read_folder};
pub use profiles::Profile;
pub use scaffold::scaffold;
pub use schema::schema;
pub use table::{Row, Table};
pub use traps::{Trap, traps};
