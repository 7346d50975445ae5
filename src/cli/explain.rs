//! `regimen explain`: what a diagnostic means.

use clap::Args;

use super::{print, usage};
use crate::diagnostic::{Code, closest, codes};

/// Explain what a diagnostic means, with a wrong and a right example
///
/// Example: regimen explain R301
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The code, as R103, or its name, as unknown-key
    code: String,
}

impl Explain {
    pub(super) fn run(&self) -> u8 {
        match Code::find(&self.code) {
            Some(code) => print(code.page),
            None => {
                let names = codes::ALL.iter().flat_map(|code| [code.id, code.name]);
                let hint = closest(&self.code, names).map(|name| format!("; did you mean `{name}`?"));
                usage(&format!("there is no code `{}`{}", self.code, hint.unwrap_or_default()))
            }
        }
    }
}
