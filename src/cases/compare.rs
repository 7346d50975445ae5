//! What changed between an approved text and the present one, and of what kind the change is.

/// A part of an approved trace.
#[derive(Clone, Copy, Debug)]
pub(super) struct Section {
    /// Its heading.
    pub(super) name: &'static str,
    /// Whether it says what was decided, not why.
    pub(super) decides: bool,
}

const fn decides(name: &'static str) -> Section {
    Section { name, decides: true }
}

const fn explains(name: &'static str) -> Section {
    Section { name, decides: false }
}

/// The parts of an approved trace, in their order: what was decided, then why.
pub(super) const SECTIONS: &[Section] = &[
    decides("asked"),
    decides("status"),
    decides("dates"),
    decides("follows"),
    decides("doubts"),
    decides("questions"),
    decides("to be confirmed"),
    decides("precautions"),
    decides("parameters"),
    decides("course"),
    decides("settings"),
    decides("instructions"),
    decides("red flags"),
    explains("reasons"),
    explains("waits"),
    explains("assumptions"),
    explains("trace"),
];

/// How a text differs from the approved one. The gravest is told: where the answer changed, so have its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing has been approved yet.
    New,
    /// Something else is decided: the parts that changed, as `status`, `dates`, `settings`.
    Answer(Vec<String>),
    /// The same is decided for other reasons.
    Reasons,
    /// Neither: the title of a case, or a sheet, which holds the texts and numbers of a protocol or the questions of a dictionary.
    Wording,
}

/// How the present trace differs from the approved one.
pub(super) fn change(approved: Option<&str>, present: &str) -> Option<Change> {
    let Some(approved) = approved else { return Some(Change::New) };
    if approved == present {
        return None;
    }
    let changed = differing(approved, present);
    let explains = |name: &str| SECTIONS.iter().any(|section| section.name == name && !section.decides);
    // A heading that is not known may have been anything.
    let answer: Vec<String> = changed
        .iter()
        .filter(|part| !part.name.is_empty() && !explains(&part.name))
        .map(|part| part.name.clone())
        .collect();
    Some(match changed.iter().any(|part| explains(&part.name)) {
        _ if !answer.is_empty() => Change::Answer(answer),
        true => Change::Reasons,
        false => Change::Wording,
    })
}

/// A part of a text that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its heading; none of what stands above the first.
    pub name: String,
    /// Its approved lines.
    pub approved: String,
    /// Its lines as they are now.
    pub present: String,
}

/// The parts of two texts that differ: a part is a line without a margin and the lines below it.
#[must_use]
pub fn differing(approved: &str, present: &str) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (text, is_approved) in [(approved, true), (present, false)] {
        let mut name = "";
        for (at, line) in text.lines().enumerate() {
            let is_heading = at > 0 && !line.is_empty() && !line.starts_with(' ');
            if is_heading {
                name = line;
            }
            let at = parts.iter().position(|part| part.name == name).unwrap_or_else(|| {
                parts.push(Part { name: name.to_owned(), approved: String::new(), present: String::new() });
                parts.len() - 1
            });
            let lines = if is_approved { &mut parts[at].approved } else { &mut parts[at].present };
            if !is_heading && !line.is_empty() {
                lines.push_str(line);
                lines.push('\n');
            }
        }
    }
    parts.retain(|part| part.approved != part.present);
    let place = |part: &Part| SECTIONS.iter().position(|section| section.name == part.name);
    parts.sort_by_key(|part| if part.name.is_empty() { None } else { Some(place(part).unwrap_or(SECTIONS.len())) });
    parts
}

/// A stored text as it is compared: how a system or an editor ends a line is no difference.
pub(super) fn plain(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const APPROVED: &str =
        "A case\n\nstatus\n  status  due\n\ndates\n  not before  2026-03-02\n\ntrace\n  yes  a\n  no   b";

    fn changed(from: &str, to: &str) -> Option<Change> {
        change(Some(APPROVED), &APPROVED.replace(from, to))
    }

    #[test]
    fn a_change_is_told_by_what_it_changes() {
        assert_eq!(change(None, APPROVED), Some(Change::New));
        assert_eq!(changed("", ""), None);
        assert_eq!(changed("A case", "A patient"), Some(Change::Wording));
        assert_eq!(changed("no   b", "no   c"), Some(Change::Reasons));
        assert_eq!(changed("\n\ntrace\n  yes  a\n  no   b", ""), Some(Change::Reasons));
        assert_eq!(changed("03-02", "03-03"), Some(Change::Answer(vec!["dates".into()])));
        assert_eq!(changed("due", "overdue"), Some(Change::Answer(vec!["status".into()])));
        assert_eq!(changed("dates\n  not before  2026-03-02\n\n", ""), Some(Change::Answer(vec!["dates".into()])));
        // What somebody added by hand, or another program wrote, is not taken for an explanation.
        assert_eq!(changed("trace", "traces"), Some(Change::Answer(vec!["traces".into()])));
    }

    #[test]
    fn the_end_of_a_line_is_no_difference() {
        assert_eq!(plain("a\r\n  b \r\n\r\nc\r\n\r\n"), "a\n  b\n\nc");
    }
}
