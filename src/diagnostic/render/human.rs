//! For a terminal, with the source underlined.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::summary;
use crate::diagnostic::{Diagnostic, Diagnostics, Label, Severity, SourceFile};
use crate::visible;

/// With the source underlined, for a terminal.
#[must_use]
pub fn human(diagnostics: &Diagnostics, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    let mut visible = Visible::default();
    for diagnostic in diagnostics {
        let mut moved = Vec::new();
        let mut text = renderer.render(&groups(diagnostic, &mut visible, &mut moved));
        // Of a part of a line, columns are counted from its own beginning.
        for (shown, place) in moved {
            let heading = text.find("-->").unwrap_or(0);
            text.replace_range(heading.., &text[heading..].replacen(&shown, &place, 1));
        }
        out.push_str(&text);
        out.push_str("\n\n");
    }
    out.push_str(&summary(diagnostics));
    out
}

/// Which files have nothing hidden in them, so that their text can be shown as it is. A file with thousands of mistakes is looked through once.
#[derive(Default)]
struct Visible(HashMap<*const SourceFile, bool>);

impl Visible {
    fn is_whole(&mut self, file: &Arc<SourceFile>) -> bool {
        *self.0.entry(Arc::as_ptr(file)).or_insert_with(|| matches!(visible::lines(&file.text), Cow::Borrowed(_)))
    }
}

/// What is shown of one, and the places of which another is written in the end.
fn groups<'d>(diagnostic: &'d Diagnostic, visible: &mut Visible, moved: &mut Vec<(String, String)>) -> Vec<Group<'d>> {
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
        group = group.elements(snippets(file, visible.is_whole(file), &here, moved));
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(visible::text(help)));
    }
    vec![group]
}

/// How many bytes of a line are shown whole: more than fits a terminal.
const LONG: usize = 4096;

/// How many bytes of a longer line are shown on either side of what is meant.
const AROUND: usize = 200;

/// What is shown of a file: the lines with something to say, and nothing of the others, however many there are. A file with thousands of
/// mistakes must not be gone through for each.
fn snippets<'d>(
    file: &'d SourceFile,
    is_visible: bool,
    labels: &[(AnnotationKind, &'d Label)],
    moved: &mut Vec<(String, String)>,
) -> Vec<Snippet<'d, Annotation<'d>>> {
    let path = visible::text(&file.name);
    let shown_as = |part: &'d str| if is_visible { Cow::Borrowed(part) } else { visible::lines(part) };
    let spans: Vec<Range<usize>> = labels.iter().map(|(_, label)| span(label)).collect();
    let annotation = |at: usize, shown: Range<usize>| {
        let (kind, label) = &labels[at];
        let part = &file.text[shown.clone()];
        let within = |byte: usize| shown_as(&part[..byte.clamp(shown.start, shown.end) - shown.start]).len();
        let annotation = kind.span(within(spans[at].start)..within(spans[at].end));
        if label.text.is_empty() { annotation } else { annotation.label(visible::text(&label.text)) }
    };
    let source = |shown: &Range<usize>| {
        let line = file.position(shown.start).0;
        Snippet::source(shown_as(&file.text[shown.clone()])).line_start(line)
    };
    if spans.iter().all(|span| file.line(span.start).len() <= LONG) {
        let first = spans.iter().map(|span| file.line(span.start).start).min().unwrap_or(0);
        let last = spans.iter().map(|span| file.line(span.end).end).max().unwrap_or(first);
        let annotations = (0..labels.len()).map(|at| annotation(at, first..last));
        return vec![source(&(first..last)).path(path).annotations(annotations)];
    }
    let mut snippets = Vec::new();
    for (at, span) in spans.iter().enumerate() {
        let line = file.line(span.start);
        let first = file.border(span.start.saturating_sub(AROUND)).max(line.start);
        let last = file.border(span.end.min(span.start + AROUND) + AROUND).min(line.end);
        let (number, column) = file.position(span.start);
        let within = shown_as(&file.text[first..span.start]).chars().count() + 1;
        moved.push((format!("{path}:{number}:{within}"), format!("{path}:{number}:{column}")));
        snippets.push(source(&(first..last)).path(path.clone()).annotation(annotation(at, first..last)));
    }
    snippets
}

/// A span inside the text and on character borders, whatever was handed over.
fn span(label: &Label) -> Range<usize> {
    let file = &label.place.file;
    let start = file.border(label.place.span.start);
    start..file.border(label.place.span.end).max(start)
}
