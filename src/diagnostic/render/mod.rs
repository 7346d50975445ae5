//! Diagnostics for a person, a screen reader, and programs. Pure functions of the diagnostics.

mod github;
mod human;
mod json;
mod plain;
mod sarif;

pub use github::github;
pub use human::human;
pub use json::json;
pub use plain::plain;
pub use sarif::sarif;

use super::{Diagnostics, Place, Severity};

/// How many there are: `2 errors, 1 warning`.
#[must_use]
pub fn summary(diagnostics: &Diagnostics) -> String {
    let counts = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .map(|severity| (severity, diagnostics.count(severity)))
        .filter(|(_, count)| *count > 0)
        .map(|(severity, count)| format!("{count} {}{}", severity.word(), if count == 1 { "" } else { "s" }))
        .collect::<Vec<_>>();
    if counts.is_empty() { "no problems found\n".into() } else { format!("{}\n", counts.join(", ")) }
}

/// Where a place begins and ends: lines and columns from 1, columns in characters, the end one past the last character.
struct Region {
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

fn region(place: &Place) -> Region {
    let (line, column) = place.file.position(place.span.start);
    let (end_line, end_column) = place.file.position(place.span.end.max(place.span.start));
    Region { line, column, end_line, end_column }
}

/// A small file with two mistakes, for the tests of each rendering.
#[cfg(test)]
fn sample() -> Diagnostics {
    use super::{Diagnostic, SourceFile, codes};
    let file = SourceFile::new("peels/a b.toml", "é = 1\nwehn = 'age > 18'\n");
    let place = |span| Place { file: file.clone(), span };
    let mut found = Diagnostics::default();
    let unknown = Diagnostic::new(&codes::UNKNOWN_KEY, "deferral `young` has no key `wehn`").at(&place(7..11));
    found.push(unknown.see(&place(0..2), "100 % sure,\nhere").help("did you mean `when`?"));
    found.push(Diagnostic::new(&codes::UNREADABLE, "peels cannot be read: there is no such file or folder"));
    found
}
