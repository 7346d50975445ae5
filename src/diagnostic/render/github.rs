//! For GitHub: workflow commands that become notes beside the changed lines.

use super::region;
use crate::diagnostic::{Diagnostics, Severity};
use crate::visible;

/// One workflow command a diagnostic.
#[must_use]
pub fn github(diagnostics: &Diagnostics) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let command = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let mut properties = Vec::new();
        if let Some(label) = &diagnostic.label {
            let at = region(&label.place);
            properties.push(format!("file={}", property(&label.place.file.name)));
            properties.push(format!("line={}", at.line));
            // GitHub shows columns only for a place within one line.
            if at.line == at.end_line {
                properties.push(format!("col={}", at.column));
                properties.push(format!("endColumn={}", at.end_column));
            } else {
                properties.push(format!("endLine={}", at.end_line));
            }
        }
        properties.push(format!("title={} {}", diagnostic.code.id, diagnostic.code.name));
        let mut message = diagnostic.message.clone();
        for label in diagnostic.related.iter().filter(|label| !label.text.is_empty()) {
            let line = region(&label.place).line;
            message.push_str(&format!("\n{}, line {line}: {}", label.place.file.name, label.text));
        }
        for help in &diagnostic.help {
            message.push_str(&format!("\nhelp: {help}"));
        }
        out.push_str(&format!("::{command} {}::{}\n", properties.join(","), data(&message)));
    }
    out
}

fn data(text: &str) -> String {
    visible::lines(text).replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    #[test]
    fn line_breaks_and_per_cent_signs_are_escaped() {
        let expected = "\
::error file=peels/a b.toml,line=2,col=1,endColumn=5,title=R103 unknown-key::deferral `young` has no key `wehn`\
%0Apeels/a b.toml, line 1: 100 %25 sure,%0Ahere%0Ahelp: did you mean `when`?
::error title=R100 unreadable-file::peels cannot be read: there is no such file or folder
";
        assert_eq!(super::github(&super::super::sample()), expected);
    }
}
