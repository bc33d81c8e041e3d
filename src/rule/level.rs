//! The safety contract of a rule.

/// How sure a change is to keep the image working.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Same build result and same image contract, only smaller, cleaner or faster to build.
    Safe,
    /// Meant to run the same, but depends on something the engine cannot see; `risk` names it.
    Review,
    /// Changes behaviour.
    Unsafe,
}
