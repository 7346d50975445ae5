//! For screen readers, logs and tests.

use crate::diagnostic::Diagnostics;

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
