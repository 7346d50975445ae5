//! For a letter, a ticket, a page.

use super::outline::{is_draft, outline};
use crate::recommendation::Recommendation;
use crate::visible;

/// A recommendation as Markdown.
#[must_use]
pub fn markdown(recommendation: &Recommendation) -> String {
    let outline = outline(recommendation);
    let mut out = format!("# {}\n", escape(&outline.answer));
    for about in &outline.about {
        out.push_str(&format!("\n{}\n", escape(about)));
    }
    for section in &outline.sections {
        out.push_str(&format!("\n## {}\n\n", section.title));
        for item in &section.items {
            let margin = "  ".repeat(item.level);
            let lead = if item.lead.is_empty() { String::new() } else { format!("**{}** ", escape(&item.lead)) };
            out.push_str(&format!("{margin}- {lead}{}\n", escape(&item.text)));
            for note in &item.notes {
                out.push_str(&format!("{margin}  - {}\n", escape(note)));
            }
        }
    }
    out
}

/// The answers of several protocols, each whole, in their order; those of drafts, which come last, under a heading of their own.
#[must_use]
pub fn ranked_markdown(recommendations: &[Recommendation]) -> String {
    let mut out = String::new();
    let mut drafts = false;
    for recommendation in recommendations {
        if !out.is_empty() {
            out.push_str("\n---\n\n");
        }
        if is_draft(recommendation) && !std::mem::replace(&mut drafts, true) {
            out.push_str(&format!("# {}\n\n", recommendation.speech().word("Drafts – not for patients")));
        }
        out.push_str(&markdown(recommendation));
    }
    out
}

/// A text that Markdown shows as it is.
pub(super) fn escape(text: &str) -> String {
    let text = visible::lines(text);
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        let mut before = ' ';
        let mut chars = word.chars().peekable();
        while let Some(c) = chars.next() {
            // Inside a word, `_` is only a letter.
            let inside =
                c == '_' && before.is_alphanumeric() && chars.peek().is_some_and(|next| next.is_alphanumeric());
            if !inside && matches!(c, '\\' | '`' | '*' | '_' | '~' | '[' | ']' | '<' | '>' | '#' | '|') {
                out.push('\\');
            }
            out.push(c);
            before = c;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_looks_like_markup_is_shown_as_it_is() {
        assert_eq!(super::escape("a_b _a_ <b> *x*"), r"a_b \_a\_ \<b\> \*x\*");
    }
}
