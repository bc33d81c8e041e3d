//! What the command line tells about itself: completion scripts, the manual page, schemas.

use clap::CommandFactory;

use super::streams::Streams;
use super::{Failure, Status};
use crate::cli::{Cli, Completions, Schema, SchemaKind};

// The tests generate the schemas from the types and see to it that these files are current: what generates them is no
// part of the program that is mapped for each run.
const CONFIG_SCHEMA: &str = include_str!("../../rules/schema/config.json");
const REPORT_SCHEMA: &str = include_str!("../../rules/schema/report.json");
const RULE_SCHEMA: &str = include_str!("../../rules/schema/rule.json");
const VERIFY_SCHEMA: &str = include_str!("../../rules/schema/verify.json");

/// Prints a completion script.
pub fn completions(completions: &Completions, streams: &Streams) -> Result<Status, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        completions.shell,
        &mut Cli::command(),
        "dockopt",
        &mut script,
    );
    streams.print(&String::from_utf8_lossy(&script))?;
    Ok(Status::Done)
}

/// Prints the manual page: the command, then each of its commands.
pub fn man(streams: &Streams) -> Result<Status, Failure> {
    let page = page().map_err(|error| Failure::new(format!("the page cannot be made: {error}")))?;
    streams.print(&String::from_utf8_lossy(&page))?;
    Ok(Status::Done)
}

/// Prints the JSON schema of a report or of the configuration file.
pub fn schema(schema: &Schema, streams: &Streams) -> Result<Status, Failure> {
    print_schema(
        match schema.kind {
            SchemaKind::Report => REPORT_SCHEMA,
            SchemaKind::Verify => VERIFY_SCHEMA,
            SchemaKind::Config => CONFIG_SCHEMA,
        },
        streams,
    )
}

/// Prints the JSON schema of the documents of rules.
pub fn rule_schema(streams: &Streams) -> Result<Status, Failure> {
    print_schema(RULE_SCHEMA, streams)
}

fn print_schema(schema: &str, streams: &Streams) -> Result<Status, Failure> {
    streams.print(schema)?;
    Ok(Status::Done)
}

fn page() -> std::io::Result<Vec<u8>> {
    let mut command = Cli::command();
    command.build();
    let mut page = Vec::new();
    clap_mangen::Man::new(command.clone()).render(&mut page)?;
    for sub in command.get_subcommands() {
        sections(sub, &mut page)?;
    }
    Ok(page)
}

/// The sections of a command and of the commands below it.
fn sections(command: &clap::Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    if command.is_hide_set() || command.get_name() == "help" {
        return Ok(());
    }
    let name = command.get_display_name().unwrap_or(command.get_name());
    let heading = name.replace('-', " ").to_uppercase();
    page.extend_from_slice(format!(".SH {heading}\n").as_bytes());
    let man = clap_mangen::Man::new(command.clone());
    man.render_description_section(page)?;
    man.render_synopsis_section(page)?;
    man.render_options_section(page)?;
    for sub in command.get_subcommands() {
        sections(sub, page)?;
    }
    Ok(())
}
