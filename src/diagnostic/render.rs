//! Diagnostics for a person, a screen reader, and programs. Pure functions of the diagnostics.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Diagnostics, Label, Severity};

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
    let mut group = Group::with_title(level.primary_title(&diagnostic.message).id(diagnostic.code.id));
    let mut labels: Vec<(AnnotationKind, &Label)> = Vec::new();
    labels.extend(diagnostic.label.iter().map(|label| (AnnotationKind::Primary, label)));
    labels.extend(diagnostic.related.iter().map(|label| (AnnotationKind::Context, label)));
    while let Some(file) = labels.first().map(|(_, label)| label.place.file.clone()) {
        let (here, elsewhere) = labels.into_iter().partition(|(_, label)| label.place.file == file);
        labels = elsewhere;
        let here: Vec<(AnnotationKind, &Label)> = here;
        let file = &here[0].1.place.file;
        let annotations = here.iter().map(|(kind, label)| {
            let annotation = kind.span(visible(label));
            if label.text.is_empty() { annotation } else { annotation.label(&label.text) }
        });
        group = group.element(Snippet::source(&file.text).path(&file.name).annotations(annotations));
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help));
    }
    vec![group]
}

/// A span inside the text and on character borders, whatever was handed over.
fn visible(label: &Label) -> std::ops::Range<usize> {
    let text = &label.place.file.text;
    let border = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = border(label.place.span.start);
    start..border(label.place.span.end).max(start)
}

/// One line a fact, no drawing: for screen readers, logs and tests.
#[must_use]
pub fn plain(diagnostics: &Diagnostics) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        if let Some(label) = &diagnostic.label {
            let (line, column) = label.place.file.position(label.place.span.start);
            out.push_str(&format!("{}:{line}:{column}: ", label.place.file.name));
        }
        out.push_str(&format!("{}[{}]: {}\n", diagnostic.severity.word(), diagnostic.code.id, diagnostic.message));
        for label in diagnostic.label.iter().chain(&diagnostic.related) {
            let (line, _) = label.place.file.position(label.place.span.start);
            let underlined = label.place.text().lines().next().unwrap_or("");
            let text = if label.text.is_empty() { String::new() } else { format!(": {}", label.text) };
            out.push_str(&format!("  line {line}: `{underlined}`{text}\n"));
        }
        for help in &diagnostic.help {
            out.push_str(&format!("  help: {help}\n"));
        }
    }
    out
}

/// How many there are: `2 errors, 1 warning`.
#[must_use]
pub fn summary(diagnostics: &Diagnostics) -> String {
    let counts = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .map(|severity| (severity, diagnostics.count(severity)))
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| format!("{count} {}{}", severity.word(), if count == 1 { "" } else { "s" }))
        .collect::<Vec<_>>();
    if counts.is_empty() { "nothing wrong found\n".into() } else { format!("{}\n", counts.join(", ")) }
}
