//! For reference: merely reading the patients' lines.

use serde::Deserialize;

use crate::patients::{Day, Facts};

/// A line, read into plain types.
#[derive(Deserialize)]
pub struct Line<'a> {
    #[allow(dead_code, reason = "it is read, which is the point")]
    patient: &'a str,
    #[allow(dead_code, reason = "it is read, which is the point")]
    recorded: Day,
    facts: Facts,
}

/// The facts of a line.
pub fn typed(line: &str) -> Facts {
    serde_json::from_str::<Line<'_>>(line).expect("the line is right").facts
}

/// The line as a tree.
pub fn tree(line: &str) -> serde_json::Value {
    serde_json::from_str(line).expect("the line is right")
}
