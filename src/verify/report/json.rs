//! The report for programs: JSON, versioned, described by `rules/schema/verify.json`.

use schemars::{JsonSchema, Schema};
use serde::Serialize;

use crate::verify::Verification;

/// The version of the format; it grows when a field is renamed, removed or changes its meaning.
const VERSION: u32 = 1;

/// What `dockopt verify --format json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "dockopt verify report")]
struct Document<'a> {
    /// The version of this format: 1. It grows when a field is renamed, removed or changes its meaning.
    version: u32,
    /// The version of dockopt.
    dockopt: &'static str,
    /// The Dockerfiles, in the order in which they were named; those of a folder sorted by path.
    files: &'a [Verification],
}

/// The report as JSON, with a newline at the end.
pub fn json(files: &[Verification]) -> String {
    let document = Document {
        version: VERSION,
        dockopt: env!("CARGO_PKG_VERSION"),
        files,
    };
    // Plain data with text keys: there is nothing in it that JSON cannot say.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

/// The JSON schema of [`json`].
pub fn json_schema() -> Schema {
    schemars::schema_for!(Document)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::samples;
    use super::*;

    #[test]
    fn a_program_finds_verdict_sizes_and_failures() {
        let files = [samples::different(), samples::incomparable()];
        let value: serde_json::Value = serde_json::from_str(&json(&files)).unwrap();
        assert_eq!(value["version"], 1);
        let first = &value["files"][0];
        assert_eq!(first["verdict"], "different");
        assert_eq!(first["after"]["size"], 10_600_000);
        assert_eq!(first["failures"][0]["about"], "behaviour");
        assert_eq!(first["configuration"][0]["part"], "env:GOPATH");
        assert_eq!(first["configuration"][0]["declared_by"], "split-go");
        assert_eq!(value["files"][1]["verdict"], "incomparable");
        assert!(value["files"][1].get("before").is_none());
    }
}
