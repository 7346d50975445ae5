//! For a terminal of any width.

use super::brief::best_first;
use super::outline::{Item, Mood, Outline, Section, doubts, outline, ranked};
use crate::recommendation::Recommendation;
use crate::visible;

/// How a text is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TextStyle {
    /// The width of a line.
    pub width: usize,
    /// Whether the answer is coloured.
    pub colour: bool,
}

impl Default for TextStyle {
    /// 100 columns, no colour: what is stored and compared.
    fn default() -> Self {
        TextStyle { width: 100, colour: false }
    }
}

impl TextStyle {
    /// The width that lines are laid out in.
    pub(super) fn laid_out(self) -> usize {
        self.width.max(NARROWEST)
    }
}

/// The narrowest width that a text is laid out for.
const NARROWEST: usize = 30;

/// A recommendation for a person.
#[must_use]
pub fn text(recommendation: &Recommendation, style: TextStyle) -> String {
    print(&outline(recommendation), style)
}

fn print(outline: &Outline, style: TextStyle) -> String {
    let mut out = String::new();
    print_opening(&mut out, outline, style);
    outline.sections.iter().for_each(|section| print_section(&mut out, section, style));
    out
}

/// The answer, what it is about, and what may become of it.
pub(super) fn opening(recommendation: &Recommendation, style: TextStyle) -> String {
    let mut out = String::new();
    print_opening(&mut out, &outline(recommendation), style);
    out
}

fn print_opening(out: &mut String, outline: &Outline, style: TextStyle) {
    let width = style.laid_out();
    let answer = visible::lines(&outline.answer).split_whitespace().collect::<Vec<_>>().join(" ");
    for line in textwrap::wrap(&answer, width) {
        out.push_str(&painted(&line, outline.mood, style.colour));
        out.push('\n');
    }
    for about in &outline.about {
        paragraph(out, about, "", "", width);
    }
}

pub(super) fn heading(out: &mut String, title: &str, style: TextStyle) {
    let title = if style.colour { format!("\x1b[1m{title}\x1b[0m") } else { title.to_owned() };
    out.push_str(&format!("\n{title}\n"));
}

pub(super) fn print_section(out: &mut String, section: &Section, style: TextStyle) {
    let width = style.laid_out();
    heading(out, &section.title, style);
    let width_of = |item: &Item| textwrap::core::display_width(&visible::text(&item.lead));
    let leads = section.items.iter().map(width_of).max().unwrap_or(0);
    // Leads stand in a column of their own, where there is room for it.
    let column = if leads == 0 || leads + 20 > width / 2 { 0 } else { leads + 2 };
    for item in &section.items {
        print_item(out, item, column, width);
    }
}

fn print_item(out: &mut String, item: &Item, column: usize, width: usize) {
    let margin = " ".repeat(2 + 2 * item.level.min(width / 6));
    let hang = format!("{margin}{}", " ".repeat(column));
    let lead = visible::text(&item.lead);
    if column > 0 {
        let gap = " ".repeat(column - textwrap::core::display_width(&lead));
        paragraph(out, &item.text, &format!("{margin}{lead}{gap}"), &hang, width);
    } else {
        let lead = if lead.is_empty() { "- ".to_owned() } else { format!("{lead}: ") };
        paragraph(out, &item.text, &format!("{margin}{lead}"), &format!("{margin}  "), width);
    }
    let notes = if column > 0 { hang } else { format!("{margin}  ") };
    for note in &item.notes {
        paragraph(out, note, &notes, &format!("{notes}  "), width);
    }
}

pub(super) fn paragraph(out: &mut String, text: &str, first: &str, rest: &str, width: usize) {
    let text = visible::lines(text).split_whitespace().collect::<Vec<_>>().join(" ");
    let options = textwrap::Options::new(width).initial_indent(first).subsequent_indent(rest);
    let options = options.word_splitter(textwrap::WordSplitter::NoHyphenation);
    for line in textwrap::wrap(&text, options) {
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

fn painted(line: &str, mood: Mood, colour: bool) -> String {
    let code = match mood {
        Mood::Go => 32,
        Mood::Wait => 33,
        Mood::Stop => 31,
    };
    if colour { format!("\x1b[1;{code}m{line}\x1b[0m") } else { line.to_owned() }
}

/// The answers of several protocols, best first; those of drafts last, and apart. What is doubtful about the record stands above them.
#[must_use]
pub fn ranked_text(recommendations: &[Recommendation], style: TextStyle) -> String {
    let mut out = String::new();
    let width = style.laid_out();
    if let Some(first) = recommendations.first() {
        paragraph(&mut out, &best_first(first), "", "", width);
        let doubts = doubts(recommendations);
        if !doubts.items.is_empty() {
            print_section(&mut out, &doubts, style);
        }
        out.push('\n');
    }
    let (drafts, others): (Vec<_>, Vec<_>) = ranked(recommendations).into_iter().partition(|(is_draft, _)| *is_draft);
    others.iter().for_each(|(_, item)| print_item(&mut out, item, 0, width));
    if let (false, Some(first)) = (drafts.is_empty(), recommendations.first()) {
        heading(&mut out, &first.speech().word("Drafts – not for patients"), style);
        drafts.iter().for_each(|(_, item)| print_item(&mut out, item, 0, width));
    }
    out
}
