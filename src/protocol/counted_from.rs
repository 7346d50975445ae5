//! What an interval may be counted from, where it is misspelt: `"last"`, `"session-1"`.

use super::compile::Compiler;
use super::file::Text;
use crate::diagnostic::{Diagnostic, closest, codes};
use crate::lang::lower::Scope;

/// Numbers in words, as far as anybody writes them here.
const IN_WORDS: [&str; 6] = ["one", "two", "three", "four", "five", "six"];

impl Compiler<'_> {
    /// Tells of a text that was meant for one of the words, and is no name of its own.
    pub(super) fn is_misspelt_reference(&mut self, text: &Text) -> bool {
        let Some(meant) = meant(text).filter(|_| self.lowerer.scope.find(text.trim()).is_none()) else { return false };
        let message = format!("an interval is not counted from `{}`", text.value);
        let diagnostic = Diagnostic::new(&codes::UNKNOWN_NAME, message).at(&text.place(self.source));
        let diagnostic = diagnostic.help(format!("did you mean `{meant}`?"));
        let help = "it is `previous`, `first`, `session 1`, `latest` with products, or a date";
        self.report(diagnostic.replace_by(format!("\"{meant}\""), false).help(help));
        true
    }
}

/// The word that was meant, if it was one.
fn meant(text: &str) -> Option<String> {
    let plain = text.trim().to_lowercase().replace(['-', '_'], " ");
    if !plain.chars().all(|sign| sign.is_ascii_alphanumeric() || sign == ' ') {
        return None;
    }
    if let Some(rest) = plain.strip_prefix("session").map(str::trim)
        && let Some(number) =
            IN_WORDS.iter().position(|word| *word == rest).map(|at| at + 1).or_else(|| rest.parse().ok())
        && number > 0
    {
        return Some(format!("session {number}"));
    }
    match plain.trim_end_matches(" session") {
        "last" | "prior" | "before" | "the last" | "the previous" | "preceding" => Some("previous".to_owned()),
        "1st" | "start" | "the first" | "beginning" => Some("first".to_owned()),
        word => closest(word, ["previous", "first"]).map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn a_word_that_was_meant_is_found() {
        for (text, found) in [
            ("last", Some("previous")),
            ("previuos", Some("previous")),
            ("Previous", Some("previous")),
            ("the last session", Some("previous")),
            ("session-1", Some("session 1")),
            ("session one", Some("session 1")),
            ("Session 12", Some("session 12")),
            ("fisrt", Some("first")),
            ("session 0", None),
            ("last_filler_date", None),
            ("date_of_birth + days(3)", None),
        ] {
            assert_eq!(meant(text).as_deref(), found, "{text}");
        }
    }
}
