//! The sheet as Markdown.

use super::{Block, Cell, Cites, Point, SIGNATURE, SIGNED_WITH, Sheet, evidence_key, evidence_word};
use crate::render::markdown::escape;
use crate::speech::Speech;

/// A sheet as Markdown.
#[must_use]
pub fn markdown(sheet: &Sheet) -> String {
    let speech = sheet.speech();
    let mut out = format!("# {}\n\n", escape(&sheet.title));
    if let Some(warning) = &sheet.warning {
        out.push_str(&format!("> **{}**\n\n", escape(warning)));
    }
    for (name, value) in &sheet.about {
        out.push_str(&format!("- {}: {}\n", escape(name), escape(value)));
    }
    for section in &sheet.sections {
        out.push_str(&format!("\n## {}\n", escape(&section.title)));
        if !section.lead.is_empty() {
            out.push_str(&format!("\n{}\n", escape(&section.lead)));
        }
        for block in &section.blocks {
            out.push('\n');
            out.push_str(&block_text(block, speech));
        }
    }
    if !sheet.sources.is_empty() {
        out.push_str(&format!("\n## {}\n\n", speech.say("Sources", &[])));
        let key = evidence_key(speech).map(|(word, meaning)| format!("*{word}*: {meaning}"));
        out.push_str(&format!("{}\n\n", key.join(" ")));
        for (at, source) in sheet.sources.iter().enumerate() {
            let url = source.url.as_ref().map_or_else(String::new, |url| format!(" {}", link(url)));
            let mark = evidence_word(source.evidence, speech);
            out.push_str(&format!("{}. {}{url} — {mark}\n", at + 1, escape(&source.title)));
        }
    }
    if !sheet.about.is_empty() {
        out.push_str(&format!(
            "\n## {}\n\n| {} |\n|---|---|---|---|\n|  |  |  |  |\n",
            speech.say(SIGNATURE, &[]),
            SIGNED_WITH.map(|what| speech.say(what, &[])).join(" | ")
        ));
    }
    out.push_str(&format!("\n---\n\n{}\n", escape(&sheet.origin)));
    out
}

/// A web address as a link; a file can name any other scheme, and that is shown as a text.
fn link(url: &str) -> String {
    if !url.starts_with("https://") && !url.starts_with("http://") {
        return escape(url);
    }
    let mut out = String::from("<");
    for byte in url.bytes() {
        // What may not stand in an address would end the link.
        let ends = matches!(byte, b'<' | b'>' | b'"' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}');
        match byte {
            b'!'..=b'~' if !ends => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out + ">"
}

fn block_text(block: &Block, speech: &Speech) -> String {
    match block {
        Block::Heading(title) => format!("### {}\n", escape(title)),
        Block::Text(text) => format!("{}\n", escape(text)),
        Block::Points(points) => points.iter().map(|one| point(one, speech)).collect(),
        Block::Table(head, rows) => {
            let head: Vec<String> = head.iter().map(|title| escape(title)).collect();
            let rule = vec!["---"; head.len()];
            let mut out = format!("| {} |\n| {} |\n", head.join(" | "), rule.join(" | "));
            for row in rows {
                let cells: Vec<String> = row.iter().map(|one| cell(one, speech)).collect();
                out.push_str(&format!("| {} |\n", cells.join(" | ")));
            }
            out
        }
    }
}

fn point(point: &Point, speech: &Speech) -> String {
    let mut parts = Vec::new();
    if !point.lead.is_empty() {
        parts.push(format!("**{}.**", escape(point.lead.trim_end_matches('.'))));
    }
    if !point.text.is_empty() {
        parts.push(escape(&point.text));
    }
    parts.extend(cites(&point.cites, speech));
    parts.extend((!point.id.is_empty()).then(|| format!("`{}`", point.id)));
    let mut out = format!("- {}\n", parts.join(" "));
    for (level, condition) in &point.conditions {
        out.push_str(&format!("  {}- {}\n", "  ".repeat(*level), escape(condition)));
    }
    for note in &point.notes {
        out.push_str(&format!("  - {}\n", escape(note)));
    }
    out
}

fn cell(cell: &Cell, speech: &Speech) -> String {
    let mut parts = vec![escape(&cell.text)];
    parts.extend(cites(&cell.cites, speech));
    parts.extend((!cell.id.is_empty()).then(|| format!("`{}`", cell.id)));
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

fn cites(cites: &Cites, speech: &Speech) -> Option<String> {
    let text = cites.text(speech);
    (!text.is_empty()).then(|| format!("\\[{text}\\]"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_address_cannot_leave_its_link() {
        let link = super::link("https://x/\"><xss>\n\n# a b?c=d&e=%20~é");
        assert_eq!(link, "<https://x/%22%3E%3Cxss%3E%0A%0A#%20a%20b?c=d&e=%20~%C3%A9>");
        assert_eq!(super::link("javascript:alert(1)\n<b>"), r"javascript:alert(1) \<b\>");
    }
}
