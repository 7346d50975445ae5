//! For a terminal, with the source underlined.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::summary;
use crate::diagnostic::{Diagnostic, Diagnostics, Label, Severity};
use crate::visible;

/// With the source underlined, for a terminal.
#[must_use]
pub fn human(diagnostics: &Diagnostics, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&renderer.render(&groups(diagnostic)));
        out.push_str("\n\n");
    }
    out.push_str(&summary(diagnostics));
    out
}

fn groups(diagnostic: &Diagnostic) -> Vec<Group<'_>> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group = Group::with_title(level.primary_title(visible::text(&diagnostic.message)).id(diagnostic.code.id));
    let mut labels: Vec<(AnnotationKind, &Label)> = Vec::new();
    labels.extend(diagnostic.label.iter().map(|label| (AnnotationKind::Primary, label)));
    labels.extend(diagnostic.related.iter().map(|label| (AnnotationKind::Context, label)));
    while let Some(file) = labels.first().map(|(_, label)| label.place.file.clone()) {
        let (here, elsewhere) = labels.into_iter().partition(|(_, label)| label.place.file == file);
        labels = elsewhere;
        let here: Vec<(AnnotationKind, &Label)> = here;
        let file = &here[0].1.place.file;
        // Of a large file with many mistakes, each would else cost the whole file.
        let lines = lines(&file.text, here.iter().map(|(_, label)| &label.place.span));
        let annotations = here.iter().map(|(kind, label)| {
            let annotation = kind.span(span(label, &lines));
            if label.text.is_empty() { annotation } else { annotation.label(visible::text(&label.text)) }
        });
        group = group.element(
            Snippet::source(visible::lines(&file.text[lines.clone()]))
                .line_start(file.position(lines.start).0)
                .path(visible::text(&file.name))
                .annotations(annotations),
        );
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(visible::text(help)));
    }
    vec![group]
}

/// The lines of a text from the first of some places to the last.
fn lines<'s>(text: &str, places: impl Iterator<Item = &'s Range<usize>> + Clone) -> Range<usize> {
    let first = border(text, places.clone().map(|place| place.start).min().unwrap_or(0));
    let last = border(text, places.map(|place| place.end).max().unwrap_or(0)).max(first);
    let start = text[..first].trim_end_matches(['\n', '\r']);
    // A text that ends too early is shown with its last line.
    let first = if first == text.len() { start.len() } else { first };
    let start = text[..first].rfind('\n').map_or(0, |end| end + 1);
    start..text[last..].find('\n').map_or(text.len(), |end| last + end + 1)
}

/// The last border between characters up to a byte.
fn border(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A span inside the visible lines and on character borders, whatever was handed over.
fn span(label: &Label, lines: &Range<usize>) -> Range<usize> {
    let text = &label.place.file.text;
    let start = border(text, label.place.span.start);
    let end = border(text, label.place.span.end).max(start);
    let shown = |at: usize| visible::lines(&text[lines.start..at]).len();
    shown(start)..shown(end)
}
