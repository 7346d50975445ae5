//! For screen readers, logs and tests.

use crate::diagnostic::Diagnostics;
use crate::visible;

/// One line a fact, no drawing: for screen readers, logs and tests.
#[must_use]
pub fn plain(diagnostics: &Diagnostics) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        if let Some(label) = &diagnostic.label {
            let (line, column) = label.place.file.position(label.place.span.start);
            out.push_str(&format!("{}:{line}:{column}: ", visible::text(&label.place.file.name)));
        }
        let message = visible::text(&diagnostic.message);
        out.push_str(&format!("{}[{}]: {message}\n", diagnostic.severity.word(), diagnostic.code.id));
        for label in diagnostic.label.iter().chain(&diagnostic.related) {
            let (line, _) = label.place.file.position(label.place.span.start);
            let underlined = visible::text(label.place.text().lines().next().unwrap_or(""));
            let text = if label.text.is_empty() { String::new() } else { format!(": {}", visible::text(&label.text)) };
            out.push_str(&format!("  line {line}: `{underlined}`{text}\n"));
        }
        for help in &diagnostic.help {
            out.push_str(&format!("  help: {}\n", visible::text(help)));
        }
    }
    out
}
