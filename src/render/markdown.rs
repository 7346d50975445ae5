//! For a letter, a ticket, a page.

use super::outline::outline;
use crate::recommendation::Recommendation;

/// A recommendation as Markdown.
#[must_use]
pub fn markdown(recommendation: &Recommendation) -> String {
    let outline = outline(recommendation);
    let mut out = format!("# {}\n\n{}\n", escape(&outline.answer), escape(&outline.about));
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

/// A text that Markdown shows as it is.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        for c in word.chars() {
            if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|') {
                out.push('\\');
            }
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_looks_like_markup_is_shown_as_it_is() {
        assert_eq!(super::escape("a_b <b> *x*"), r"a\_b \<b\> \*x\*");
    }
}
