//! Protocols that are broken, in the place of their answers or sheets.

use super::markdown::escape;
use super::outline::{Item, section};
use super::sheet;
use super::text::{TextStyle, print_section};
use crate::protocol::Broken;
use crate::speech::{ENGLISH, Speech};

/// The protocols of a clinic that give no answer, below the answers of the others; nothing, if there are none.
#[must_use]
pub fn broken_text(broken: &[Broken], style: TextStyle) -> String {
    broken_text_in(broken, style, &ENGLISH)
}

/// The same in a language.
pub(crate) fn broken_text_in(broken: &[Broken], style: TextStyle, speech: &Speech) -> String {
    let mut out = String::new();
    if !broken.is_empty() {
        let item = |one: &Broken| Item { lead: one.title.clone(), text: one.told(), ..Item::default() };
        let items = broken.iter().map(item).collect();
        print_section(&mut out, &section(speech, "Broken – no answer", items), style);
    }
    out
}

/// The same as Markdown.
#[must_use]
pub fn broken_markdown(broken: &[Broken]) -> String {
    let one = |one: &Broken| format!("\n---\n\n# {} – broken\n\n{}\n", escape(&one.title), escape(&one.told()));
    broken.iter().map(one).collect()
}

/// The same as parts of an HTML page.
#[must_use]
pub fn broken_html(broken: &[Broken]) -> String {
    let one = |one: &Broken| {
        format!(
            "<section><h1>{} – broken</h1><p>{}</p></section>\n",
            sheet::escape_html(&one.title),
            sheet::escape_html(&one.told())
        )
    };
    broken.iter().map(one).collect()
}
