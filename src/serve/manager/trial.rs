//! The cases of a draft, run; and texts side by side.

use maud::{Markup, html};
use similar::{ChangeTag, TextDiff};

use super::file::working_file;
use crate::cases::{Cases, Change, Outcome, differing, of_protocol};
use crate::protocol::{Clinic, Protocol};
use crate::serve::page::{self, shown};
use crate::serve::words::{Words, say};

/// What came of the cases of a protocol.
#[derive(Debug, Default)]
pub(super) struct Trial {
    pub(super) passed: usize,
    pub(super) failed: Vec<Failed>,
}

/// A case that is not answered as expected and approved.
#[derive(Debug)]
pub(super) struct Failed {
    pub(super) title: String,
    pub(super) file: String,
    pub(super) why: Markup,
    /// Whether it failed with the version that is in use, too.
    pub(super) failed_before: bool,
}

/// Runs the cases of all protocols of a new version of a clinic.
pub(super) fn run(w: Words, old: &Clinic, new: &Clinic) -> Vec<Trial> {
    std::thread::scope(|scope| {
        let all: Vec<_> = new.protocols.iter().map(|protocol| scope.spawn(move || of(w, old, protocol))).collect();
        all.into_iter().map(|one| one.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    })
}

fn of(w: Words, old: &Clinic, protocol: &Protocol) -> Trial {
    let file = working_file(&protocol.file.name);
    let old = old.protocols.iter().find(|old| working_file(&old.file.name) == file);
    let (mut cases, mut cases_before) = (Cases::of(protocol), old.map(Cases::of));
    let mut trial = Trial::default();
    for path in of_protocol(protocol) {
        let (title, why) = match &cases.run(&path) {
            Ok((_, outcome)) if outcome.passed() => {
                trial.passed += 1;
                continue;
            }
            Ok((case, outcome)) => (case.title.clone(), told(w, outcome)),
            Err(mistakes) => (String::new(), page::mistakes(w, mistakes, 5)),
        };
        let file = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let before = cases_before.as_mut().map(|cases| cases.run(&path));
        let failed_before = before.is_some_and(|before| !before.is_ok_and(|(_, outcome)| outcome.passed()));
        let title = if title.is_empty() { file.clone() } else { title };
        trial.failed.push(Failed { title, file, why, failed_before });
    }
    trial
}

/// How an answer differs from the one that is expected and approved, as the command line tells it: in English.
pub(super) fn told(w: Words, outcome: &Outcome) -> Markup {
    if !outcome.differences.is_empty() {
        return html! {
            ul lang=[w.english()] {
                @for one in &outcome.differences {
                    li { (one.what) ": expected " strong { (shown(&one.expected)) } ", found " strong { (shown(&one.found)) } }
                }
            }
        };
    }
    let what = match outcome.change() {
        None | Some(Change::New) => "It has no approved trace yet.".to_owned(),
        Some(Change::Answer(parts)) => format!("As expected, but not as approved: {}", parts.join(", ")),
        Some(Change::Reasons) => "The same answer for other reasons.".to_owned(),
        Some(Change::Wording) => "Another title.".to_owned(),
    };
    let approved = outcome.approved.as_deref();
    html! {
        p lang=[w.english()] { (what) }
        @for part in approved.map(|approved| differing(approved, &outcome.snapshot)).unwrap_or_default() {
            @if !part.name.is_empty() { p.help lang=[w.english()] { (part.name) } }
            @if let Some(lines) = lines(w, &part.approved, &part.present) { (lines) }
        }
    }
}

/// The lines that differ, with two around them; none: nothing does.
pub(super) fn lines(w: Words, old: &str, new: &str) -> Option<Markup> {
    /// So many lines are shown.
    const MOST: usize = 400;
    let difference = TextDiff::from_lines(old, new);
    let groups = difference.grouped_ops(2);
    let mut shown_so_far = 0;
    let mut out = Vec::new();
    for (at, group) in groups.iter().enumerate() {
        if at > 0 {
            out.push(html! { span.gap { "…\n" } });
        }
        for change in group.iter().flat_map(|op| difference.iter_changes(op)) {
            shown_so_far += 1;
            if shown_so_far > MOST {
                continue;
            }
            let text = change.value().trim_end_matches(['\r', '\n']);
            out.push(match change.tag() {
                ChangeTag::Delete => html! { del { "− " (shown(text)) } "\n" },
                ChangeTag::Insert => html! { ins { "+ " (shown(text)) } "\n" },
                ChangeTag::Equal => html! { "  " (shown(text)) "\n" },
            });
        }
    }
    if shown_so_far > MOST {
        out.push(html! { span.gap { (say!(w, "and {} lines more", shown_so_far - MOST)) } });
    }
    (!groups.is_empty()).then(|| html! { pre.difference tabindex="0" { code { @for one in &out { (one) } } } })
}
