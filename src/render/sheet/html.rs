//! The sheet as one HTML page: no script, nothing from elsewhere, fit for A4.

use super::{Block, Cell, Cites, Point, SIGNATURE, SIGNED_WITH, Section, Sheet, evidence_key, evidence_word};

use crate::speech::Speech;
use crate::visible;

const STYLE: &str = include_str!("sheet.css");

/// A sheet as a page of HTML.
#[must_use]
pub fn html(sheet: &Sheet) -> String {
    let title = escape(&sheet.title);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}{}</style>\n</head>\n<body>\n<header>\n<h1>{title}</h1>\n",
        escape(&sheet.language),
        every_page(sheet)
    );
    if let Some(warning) = &sheet.warning {
        out.push_str(&format!("<p class=\"warning\">{}</p>\n", escape(warning)));
    }
    out.push_str("<dl>\n");
    for (name, value) in &sheet.about {
        out.push_str(&format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escape(name), escape(value)));
    }
    out.push_str("</dl>\n</header>\n");
    contents(sheet, &mut out);
    out.push_str("<main>\n");
    sections(sheet, &mut out);
    // One block: no page is printed for the footer alone.
    out.push_str("<div class=\"end\">\n");
    signature(sheet, &mut out);
    out.push_str(&format!("<footer><p>{}</p></footer>\n</div>\n</main>\n</body>\n</html>\n", escape(&sheet.origin)));
    out
}

/// The sections of a sheet with their contents, for a page that has a head of its own.
#[cfg(feature = "serve")]
pub(crate) fn html_sections(sheet: &Sheet) -> String {
    let mut out = String::new();
    contents(sheet, &mut out);
    sections(sheet, &mut out);
    out
}

fn sections(sheet: &Sheet, out: &mut String) {
    for (at, section) in sheet.sections.iter().enumerate() {
        section_text(at, section, sheet.speech(), out);
    }
    sources(sheet, out);
}

/// What is printed on every page: title and version above, where the sheet comes from and the number of the page below.
fn every_page(sheet: &Sheet) -> String {
    let version = sheet.about.first();
    let version = version.map_or_else(String::new, |(name, version)| format!(" · {name} {version}"));
    let head = visible::style_text(&format!("{}{version}", sheet.title));
    let foot = visible::style_text(&sheet.origin);
    let number = sheet.speech().say("page {} of {}", &["\u{0}", "\u{0}"]);
    let [page, of, _] = [0, 1, 2].map(|at| visible::style_text(number.split('\u{0}').nth(at).unwrap_or_default()));
    format!(
        "@page {{ @top-left {{ content: {head}; }} @bottom-left {{ content: {foot}; }} \
         @bottom-right {{ content: {page} counter(page) {of} counter(pages); }} }}\n"
    )
}

fn contents(sheet: &Sheet, out: &mut String) {
    out.push_str(&format!("<nav>\n<h2>{}</h2>\n<ol>\n", sheet.speech().say("Contents", &[])));
    for (at, section) in sheet.sections.iter().enumerate() {
        out.push_str(&format!("<li><a href=\"#s{at}\">{}</a></li>\n", escape(&section.title)));
    }
    out.push_str("</ol>\n</nav>\n");
}

/// Room for whoever approves a protocol.
fn signature(sheet: &Sheet, out: &mut String) {
    if !sheet.about.is_empty() {
        let speech = sheet.speech();
        let rooms: String = SIGNED_WITH.iter().map(|what| format!("<div>{}</div>", speech.say(what, &[]))).collect();
        let title = speech.say(SIGNATURE, &[]);
        out.push_str(&format!("<section class=\"signature\">\n<h2>{title}</h2>\n<div>{rooms}</div>\n</section>\n"));
    }
}

fn section_text(at: usize, section: &Section, speech: &Speech, out: &mut String) {
    out.push_str(&format!("<section id=\"s{at}\">\n<h2>{}</h2>\n", escape(&section.title)));
    if !section.lead.is_empty() {
        out.push_str(&format!("<p class=\"lead\">{}</p>\n", escape(&section.lead)));
    }
    for block in &section.blocks {
        match block {
            Block::Heading(title) => out.push_str(&format!("<h3>{}</h3>\n", escape(title))),
            Block::Text(text) => out.push_str(&format!("<p>{}</p>\n", escape(text))),
            Block::Points(points) => {
                out.push_str("<ul>\n");
                points.iter().for_each(|one| point(one, speech, out));
                out.push_str("</ul>\n");
            }
            Block::Table(head, rows) => table(head, rows, speech, out),
        }
    }
    out.push_str("</section>\n");
}

fn point(point: &Point, speech: &Speech, out: &mut String) {
    let mut parts = Vec::new();
    if !point.lead.is_empty() {
        parts.push(format!("<strong>{}.</strong>", escape(point.lead.trim_end_matches('.'))));
    }
    if !point.text.is_empty() {
        parts.push(escape(&point.text));
    }
    parts.extend(cites(&point.cites, speech));
    parts.extend((!point.id.is_empty()).then(|| format!("<code>{}</code>", escape(&point.id))));
    out.push_str(&format!("<li>{}", parts.join(" ")));
    for (level, condition) in &point.conditions {
        out.push_str(&format!("\n<div class=\"condition level-{level}\">{}</div>", escape(condition)));
    }
    for note in &point.notes {
        out.push_str(&format!("\n<div class=\"note\">{}</div>", escape(note)));
    }
    out.push_str("</li>\n");
}

fn table(head: &[String], rows: &[Vec<Cell>], speech: &Speech, out: &mut String) {
    let heads: String = head.iter().map(|title| format!("<th scope=\"col\">{}</th>", escape(title))).collect();
    out.push_str(&format!("<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n"));
    for row in rows {
        out.push_str("<tr>");
        for (cell, title) in row.iter().zip(head) {
            let cites = cites(&cell.cites, speech).map_or_else(String::new, |cites| format!(" {cites}"));
            let id = match cell.id.as_str() {
                "" => String::new(),
                id => format!(" <code>{}</code>", escape(id)),
            };
            let content = format!("{}{cites}{id}", escape(&cell.text));
            // On a phone, where nothing stands takes no line.
            let content = if content.is_empty() { content } else { format!("<span>{content}</span>") };
            out.push_str(&format!("<td data-title=\"{}\">{content}</td>", escape(title)));
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody>\n</table>\n");
}

fn sources(sheet: &Sheet, out: &mut String) {
    if sheet.sources.is_empty() {
        return;
    }
    let speech = sheet.speech();
    let key = evidence_key(speech).map(|(word, meaning)| format!("<em>{word}</em>: {meaning}"));
    let (title, key) = (speech.say("Sources", &[]), key.join(" "));
    out.push_str(&format!("<section class=\"sources\">\n<h2>{title}</h2>\n<p class=\"lead\">{key}</p>\n<ol>\n"));
    for source in &sheet.sources {
        // Only web addresses become links: a file can name any scheme.
        let url = source.url.as_ref().map_or_else(String::new, |url| {
            let shown = escape(url);
            let web = url.starts_with("https://") || url.starts_with("http://");
            if web { format!(" <a href=\"{shown}\">{shown}</a>") } else { format!(" {shown}") }
        });
        let mark = evidence_word(source.evidence, speech);
        out.push_str(&format!("<li>{}{url} <em>{mark}</em></li>\n", escape(&source.title)));
    }
    out.push_str("</ol>\n</section>\n");
}

fn cites(cites: &Cites, speech: &Speech) -> Option<String> {
    let text = cites.text(speech);
    (!text.is_empty()).then(|| format!("<span class=\"cites\">[{}]</span>", escape(&text)))
}

/// A text that HTML shows as it is.
pub(in crate::render) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible::lines(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_looks_like_markup_is_shown_as_it_is() {
        assert_eq!(
            super::escape("<b onclick='x'>\"&\"</b>"),
            "&lt;b onclick=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/b&gt;"
        );
    }
}
