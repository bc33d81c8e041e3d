//! What the command line tells about itself: completion scripts, the manual page, schemas.

use clap::CommandFactory;
use dockopt::config::Config;
use dockopt::report;

use super::streams::Streams;
use super::{Failure, Status};
use crate::cli::{Cli, Completions, Schema, SchemaKind};

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
    let mut page = Vec::new();
    let failed =
        |error: std::io::Error| Failure::new(format!("the manual page cannot be made: {error}"));
    let mut command = Cli::command();
    command.build();
    clap_mangen::Man::new(command.clone())
        .render(&mut page)
        .map_err(failed)?;
    for sub in command
        .get_subcommands()
        .filter(|sub| !sub.is_hide_set() && sub.get_name() != "help")
    {
        let name = sub
            .get_display_name()
            .unwrap_or(sub.get_name())
            .to_uppercase();
        let man = clap_mangen::Man::new(sub.clone());
        page.extend_from_slice(format!(".SH {}\n", name.replace('-', " ")).as_bytes());
        man.render_description_section(&mut page).map_err(failed)?;
        man.render_synopsis_section(&mut page).map_err(failed)?;
        man.render_options_section(&mut page).map_err(failed)?;
    }
    streams.print(&String::from_utf8_lossy(&page))?;
    Ok(Status::Done)
}

/// Prints the JSON schema of a report or of the configuration file.
pub fn schema(schema: &Schema, streams: &Streams) -> Result<Status, Failure> {
    let schema = match schema.kind {
        SchemaKind::Report => report::json_schema(),
        SchemaKind::Config => schemars::schema_for!(Config),
    };
    let text =
        serde_json::to_string_pretty(&schema).map_err(|error| Failure::new(error.to_string()))?;
    streams.print(&(text + "\n"))?;
    Ok(Status::Done)
}
