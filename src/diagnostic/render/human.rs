//! For a terminal, with the source underlined.

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
        let annotations = here.iter().map(|(kind, label)| {
            let annotation = kind.span(span(label));
            if label.text.is_empty() { annotation } else { annotation.label(visible::text(&label.text)) }
        });
        group = group.element(
            Snippet::source(visible::lines(&file.text)).path(visible::text(&file.name)).annotations(annotations),
        );
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(visible::text(help)));
    }
    vec![group]
}

/// A span inside the visible text and on character borders, whatever was handed over.
fn span(label: &Label) -> std::ops::Range<usize> {
    let text = &label.place.file.text;
    let border = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = border(label.place.span.start);
    let end = border(label.place.span.end).max(start);
    let shown = |at: usize| visible::lines(&text[..at]).len();
    shown(start)..shown(end)
}
