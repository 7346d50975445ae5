//! What is wrong with a file, for the person who wrote it.
//!
//! One [`Diagnostic`] is one mistake: a stable [`Code`], a sentence, the underlined places, and what to do. It is data; the
//! renderings are in [`render`].

pub mod codes;
mod consequences;
pub mod render;

use std::cmp::Ordering;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

pub use codes::Code;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// The file cannot be used.
    Error,
    /// The file can be used, and is probably not what was meant.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// The word that begins the message.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }
}

/// A text that was read, with the name it was read by.
#[derive(Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The path as the user gave it.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// The byte at which each line begins.
    lines: Vec<usize>,
}

impl SourceFile {
    /// Takes a text and its name.
    #[must_use]
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<SourceFile> {
        let text = text.into();
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Arc::new(SourceFile { name: name.into(), text, lines })
    }

    /// Line and column of a byte, both from 1, columns in characters.
    #[must_use]
    pub fn position(&self, byte: usize) -> (usize, usize) {
        let byte = self.border(byte);
        let line = self.lines.partition_point(|start| *start <= byte);
        let start = self.lines.get(line - 1).copied().unwrap_or(0);
        (line, self.text[start..byte].chars().count() + 1)
    }

    /// The bytes of the line that a byte stands in, with its line break.
    pub(crate) fn line(&self, byte: usize) -> Range<usize> {
        let next = self.lines.partition_point(|start| *start <= byte);
        let start = self.lines.get(next - 1).copied().unwrap_or(0);
        start..self.lines.get(next).copied().unwrap_or(self.text.len())
    }

    /// A byte of the text at which a character begins: the one asked for, or the last before it.
    pub(crate) fn border(&self, byte: usize) -> usize {
        let mut byte = byte.min(self.text.len());
        while !self.text.is_char_boundary(byte) {
            byte -= 1;
        }
        byte
    }
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: Arc<SourceFile>,
    /// The bytes in it.
    pub span: Range<usize>,
}

impl Place {
    /// The text at that place.
    #[must_use]
    pub fn text(&self) -> &str {
        self.file.text.get(self.span.clone()).unwrap_or("")
    }
}

/// A place, and what to say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What; may be empty.
    pub text: String,
}

/// What to write in place of a mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replacement {
    /// What is replaced.
    pub place: Place,
    /// By what.
    pub text: String,
    /// Whether nothing else can have been meant, so that it may be put in without asking.
    pub certain: bool,
}

/// One mistake, or one thing worth saying.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Diagnostic {
    /// Its stable code.
    pub code: &'static Code,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong: lower case, no final period, the user's words in backticks.
    pub message: String,
    /// The place of the mistake, if it has one.
    pub label: Option<Label>,
    /// Other places that have to do with it.
    pub related: Vec<Label>,
    /// What to do.
    pub help: Vec<String>,
    /// What the help says to write, where that is known letter by letter.
    pub replacement: Option<Replacement>,
    /// Whether a part of the file was not read because of it, so that what is declared there is missed elsewhere.
    pub(crate) unread: bool,
}

impl Diagnostic {
    /// A diagnostic of the code's own severity, without a place yet.
    #[must_use]
    pub fn new(code: &'static Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code,
            severity: code.severity,
            message: message.into(),
            label: None,
            related: Vec::new(),
            help: Vec::new(),
            replacement: None,
            unread: false,
        }
    }

    /// Sets the place.
    #[must_use]
    pub fn at(self, place: &Place) -> Diagnostic {
        self.labelled(place, "")
    }

    /// Sets the place and what to say of it.
    #[must_use]
    pub fn labelled(mut self, place: &Place, text: impl Into<String>) -> Diagnostic {
        self.label = Some(Label { place: place.clone(), text: text.into() });
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn see(mut self, place: &Place, text: impl Into<String>) -> Diagnostic {
        self.related.push(Label { place: place.clone(), text: text.into() });
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help.push(help.into());
        self
    }

    /// Says that a part of the file was not read: what is missed elsewhere may be declared there, and is not told beside it.
    #[must_use]
    pub(crate) fn unread(self) -> Diagnostic {
        Diagnostic { unread: true, ..self }
    }

    /// Says what to write in place of what is underlined. What is certain may be put in without asking.
    #[must_use]
    pub fn replace_by(mut self, text: impl Into<String>, certain: bool) -> Diagnostic {
        let place = self.label.as_ref().map(|label| label.place.clone());
        self.replacement = place.map(|place| Replacement { place, text: text.into(), certain });
        self
    }

    /// Adds the name that was meant, if what was written is what people read for it: `165`, `Nine-valent vaccine`.
    #[must_use]
    pub(crate) fn suggest_label<'a>(
        self,
        written: &str,
        labels: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Diagnostic {
        let same = |label: &str| label.trim().to_lowercase() == written.trim().to_lowercase();
        let meant = labels.into_iter().find(|(name, label)| *name != written && same(label));
        match meant {
            Some((name, label)) => {
                let right = format!("\"{name}\"");
                // Only where it stands alone between the quotes.
                let is_alone = self.label.as_ref().is_some_and(|label| label.place.text().trim_matches('"') == written);
                let told = self.help(format!("“{label}” is what people read for `{name}`: write {right}"));
                if is_alone { told.replace_by(right, false) } else { told }
            }
            None => self,
        }
    }

    /// Adds the names that were meant, if several stand in one text: `"read, recalled"`.
    #[must_use]
    pub(crate) fn suggest_several(self, written: &str, is_known: impl Fn(&str) -> bool) -> Diagnostic {
        let parts: Vec<&str> = written.split([',', ';']).map(str::trim).filter(|part| !part.is_empty()).collect();
        if parts.len() < 2 || !parts.iter().any(|part| is_known(part)) {
            return self;
        }
        let right = parts.iter().map(|part| format!("\"{part}\"")).collect::<Vec<_>>().join(", ");
        let is_whole = parts.iter().all(|part| is_known(part));
        let told = self.help(format!("each stands in quotes of its own: write {right}"));
        if is_whole { told.replace_by(right, false) } else { told }
    }

    /// Adds "did you mean", if one of the names is close to what was written.
    #[must_use]
    pub fn suggest<'a>(self, written: &str, names: impl IntoIterator<Item = &'a str>) -> Diagnostic {
        let close = all_closest(written, names);
        let Some(name) = close.first() else { return self };
        let underlined = self.label.as_ref().map_or("", |label| label.place.text());
        // Only where the name alone is underlined, and no other is as close.
        let quoted = |quote: &str| underlined.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
        let instead = match (close.len(), underlined) {
            (1, _) if underlined == written => Some((*name).to_owned()),
            (1, _) if quoted("\"") == Some(written) => Some(format!("\"{name}\"")),
            _ => None,
        };
        let told = match close[..] {
            // Of many, the first stands for all.
            [one, other] => self.help(format!("did you mean `{one}` or `{other}`?")),
            _ => self.help(format!("did you mean `{name}`?")),
        };
        match instead {
            Some(instead) => told.replace_by(instead, false),
            None => told,
        }
    }

    fn in_order(&self, other: &Diagnostic) -> Ordering {
        let place =
            |one: &'_ Diagnostic| one.label.as_ref().map(|label| (label.place.span.start, label.place.span.end));
        let files = match (&self.label, &other.label) {
            (Some(own), Some(others)) => files_before_folders(&own.place.file.name, &others.place.file.name),
            (own, others) => own.is_some().cmp(&others.is_some()),
        };
        files
            .then_with(|| place(self).cmp(&place(other)))
            .then_with(|| (self.code.id, &self.message).cmp(&(other.code.id, &other.message)))
    }
}

/// The files of a folder come before those in its folders: a dictionary before the protocols, a protocol before its cases. What is wrong in one
/// is often the cause of what is wrong in the other.
fn files_before_folders(a: &str, b: &str) -> Ordering {
    let parts =
        |path| str::split(path, '/').rev().enumerate().map(|(depth, part)| (depth > 0, part)).collect::<Vec<_>>();
    parts(a).into_iter().rev().cmp(parts(b).into_iter().rev())
}

/// The name closest to what was written, if it is close enough to have been meant.
#[must_use]
pub fn closest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    all_closest(written, names).into_iter().next()
}

/// The names closest to what was written, if they are close enough to have been meant: all those that are equally close, in order.
#[must_use]
pub fn all_closest<'a>(written: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['-', ' '], "_");
    let target = plain(written);
    let mut closest = Vec::new();
    let mut least = usize::MAX;
    for name in names {
        let most = 1.max(written.len().max(name.len()) / 3);
        // Names of very different lengths are not close, and need not be compared letter by letter.
        if target.len().abs_diff(name.len()) > 4 * most {
            continue;
        }
        let other = plain(name);
        if is_opposite(&target, &other) {
            continue;
        }
        let distance = strsim::damerau_levenshtein(&target, &other);
        if distance <= most && distance < written.len() && distance <= least {
            if distance < least {
                closest.clear();
            }
            least = distance;
            closest.push(name);
        }
    }
    closest.sort_unstable();
    closest.dedup();
    closest
}

/// Whether one name denies the other, as `not_pregnant` does `pregnant`: few letters apart, and never what was meant.
fn is_opposite(one: &str, other: &str) -> bool {
    const DENIES: [&str; 9] = ["not_", "non_", "no_", "never_", "un", "in", "im", "dis", "non"];
    let denies = |long: &str, short: &str| {
        let rests = DENIES.iter().filter_map(|word| long.strip_prefix(word));
        let rests = rests.chain(long.strip_suffix("_less")).chain(long.strip_suffix("_free"));
        // A slip in the word itself does not make it another.
        short.len() > 3
            && rests.into_iter().any(|rest| strsim::damerau_levenshtein(rest, short) <= usize::from(rest.len() > 6))
    };
    denies(one, other) || denies(other, one)
}

/// Everything found, in the order of the files and lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl From<Diagnostic> for Diagnostics {
    fn from(one: Diagnostic) -> Diagnostics {
        Diagnostics(vec![one])
    }
}

impl Diagnostics {
    /// As a part of a sentence: what is wrong and what helps.
    pub(crate) fn in_a_line(&self) -> String {
        let told = self.iter().flat_map(|one| std::iter::once(&one.message).chain(&one.help));
        told.map(String::as_str).collect::<Vec<_>>().join("; ")
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds those of another list.
    pub fn append(&mut self, other: Diagnostics) {
        self.0.extend(other.0);
    }

    /// Whether there is an error among them.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Whether there is an error in a file, by its name.
    #[must_use]
    pub fn has_errors_in(&self, file: &str) -> bool {
        let is_there = |one: &Diagnostic| one.label.as_ref().is_some_and(|label| label.place.file.name == file);
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error && is_there(diagnostic))
    }

    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Takes back those that were added last, until there are only so many.
    pub(crate) fn truncate(&mut self, count: usize) {
        self.0.truncate(count);
    }

    /// How many there are of a severity.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.0.iter().filter(|diagnostic| diagnostic.severity == severity).count()
    }

    /// Keeps those that pass a test.
    pub fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        self.0.retain(keep);
    }

    /// Puts them in the order of files and lines, and drops what was said twice.
    pub fn sort(&mut self) {
        self.0.sort_by(Diagnostic::in_order);
        self.0.dedup();
        consequences::leave_out(&mut self.0);
        self.gather();
    }

    /// A name that is used many times and declared nowhere is one mistake: where it is not declared. It is told at its first use, and the
    /// others are shown. Of two uses with a name that is like it, each may have been misspelt.
    fn gather(&mut self) {
        let is_name = |one: &Diagnostic| {
            [&codes::UNKNOWN_NAME, &codes::UNKNOWN_PRODUCT, &codes::UNKNOWN_COMPONENT].contains(&one.code)
        };
        let file = |one: &Diagnostic| one.label.as_ref().map(|label| label.place.file.name.clone());
        let mut first: HashMap<(Option<String>, String), Vec<usize>> = HashMap::new();
        for (at, one) in self.0.iter().enumerate().filter(|(_, one)| is_name(one)) {
            let name = one.message.split('`').nth(1).unwrap_or_default().to_owned();
            first.entry((file(one), name)).or_default().push(at);
        }
        let mut gone = vec![false; self.0.len()];
        for uses in first.into_values() {
            let is_misspelt = self.0[uses[0]].replacement.is_some();
            if uses.len() < if is_misspelt { 3 } else { 2 } {
                continue;
            }
            let others: Vec<Label> = uses[1..].iter().filter_map(|at| self.0[*at].label.clone()).collect();
            uses[1..].iter().for_each(|at| gone[*at] = true);
            let one = &mut self.0[uses[0]];
            one.replacement = None;
            one.related.extend(others.into_iter().map(|label| Label { text: "and here".into(), ..label }));
        }
        let mut gone = gone.into_iter();
        self.0.retain(|_| !gone.next().unwrap_or(false));
    }

    /// Each of them, to be changed.
    pub(crate) fn iter_mut(&mut self) -> std::slice::IterMut<'_, Diagnostic> {
        self.0.iter_mut()
    }

    /// Each of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// The value, if there is no error; otherwise the errors.
    ///
    /// # Errors
    /// When there is an error among the diagnostics.
    pub fn into_result<T>(mut self, value: T) -> Result<(T, Diagnostics), Diagnostics> {
        self.sort();
        if self.has_errors() { Err(self) } else { Ok((value, self)) }
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl std::fmt::Display for Diagnostics {
    /// The plain rendering: no colour, no drawing.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&render::plain(self))
    }
}

impl std::error::Error for Diagnostics {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_opposite_is_no_suggestion() {
        for (written, name) in [
            ("pregnant", "not_pregnant"),
            ("active", "inactive"),
            ("unsafe", "safe"),
            ("infected", "uninfected"),
            ("indicated", "not-indicated"),
            ("pregnamt", "not_pregnant"),
            ("complete", "incomplete"),
        ] {
            assert_eq!(closest(written, [name]), None, "{written}");
        }
        assert_eq!(closest("not_pregnamt", ["not_pregnant", "pregnant"]), Some("not_pregnant"));
        assert_eq!(closest("insulim", ["insulin"]), Some("insulin"));
    }

    #[test]
    fn suggestions_are_close_or_absent() {
        let names = ["pregnancy_status", "isotretinoin_status", "fitzpatrick"];
        assert_eq!(closest("pregnacy_status", names), Some("pregnancy_status"));
        assert_eq!(closest("Fitzpatrick", names), Some("fitzpatrick"));
        assert_eq!(closest("weight", names), None);
    }

    #[test]
    fn positions_count_characters() {
        let file = SourceFile::new("f", "é = 1\nab");
        assert_eq!(file.position(3), (1, 3));
        assert_eq!(file.position(8), (2, 2));
        assert_eq!(file.position(99), (2, 3));
    }
}
