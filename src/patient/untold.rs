//! What was asked and has no answer: why there is none. Of facts, that stands with the fact; of whatever else can be asked, here.
//!
//! Nothing is decided by it: what nobody said is not known, whatever the reason. It is told with the question, and an interview does not ask
//! again.

use std::collections::BTreeMap;

use crate::date::{Date, DateRange};
use crate::diagnostic::{Diagnostic, codes};
use crate::document::{Data, Node};
use crate::logic::value::{Texts, Value};
use crate::patient::entries::DATE;
use crate::patient::read::{RecordReader, told};
use crate::patient::{Covers, Record};
use crate::protocol::Named;

/// Why there is no answer to a question that somebody may have asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// The person would not say.
    Declined,
    /// The person does not know.
    NotKnown,
    /// Nobody asked, or nobody wrote it down.
    NotRecorded,
}

/// A question that is not about a fact of today.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Untold {
    /// A note of a session, by the session's place in the record's list.
    Note(usize, String),
    /// Whether there were sessions of a treatment that are not listed.
    Sessions(String),
    /// A fact, by its place in the dictionary, on a day that is past.
    Earlier(usize, Date),
}

/// Of each question without an answer, why.
pub type AllUntold = BTreeMap<Untold, NoAnswer>;

impl RecordReader<'_> {
    /// `unknown = "declined"`
    pub(super) fn no_answer(&mut self, unknown: &Node) -> Option<NoAnswer> {
        match unknown.text() {
            Some("declined") => Some(NoAnswer::Declined),
            Some("not_known") => Some(NoAnswer::NotKnown),
            Some("not_recorded") => Some(NoAnswer::NotRecorded),
            _ => {
                let diagnostic = Diagnostic::new(
                    &codes::NOT_A_CHOICE,
                    "an answer is unknown because it was `declined`, is `not_known`, or was `not_recorded`",
                );
                self.found.push(diagnostic.at(&unknown.place(self.source)));
                None
            }
        }
    }

    /// A note of a session, `{ unknown = "declined" }`: the outer is none where it is anything else.
    pub(super) fn note_untold(&mut self, note: &Node) -> Option<Option<NoAnswer>> {
        let unknown = note.get("unknown")?;
        if unknown.data == Data::Null {
            // An export that has a place for why nobody knows, and nothing in it.
            return (note.entries().len() == 1).then_some(None);
        }
        self.keys(note, &["unknown"], "a note without an answer");
        Some(self.no_answer(unknown))
    }

    /// `2026-02-03`, `"2026-02"`, or, where somebody was asked for the day, `{ value = "2026-02", unknown = "not_known" }`.
    pub(super) fn session_date(
        &mut self,
        node: &Node,
        texts: &mut Texts,
        untold: &mut Vec<(String, NoAnswer)>,
    ) -> Option<DateRange> {
        let (value, unknown) = match (told(node, "value"), told(node, "unknown")) {
            (Some(value), unknown) => {
                self.keys(node, &["value", "unknown"], "the day of a session");
                (value, unknown)
            }
            (None, _) => (node, None),
        };
        let answer = self.dictionary.notes[0].answer.clone();
        let Some(Value::Date(range)) = self.value(DATE, &answer, false, value, texts) else { return None };
        if let Some(unknown) = unknown {
            let why = self.why_no_more(unknown, Value::Date(range), "the day of a session has")?;
            untold.push((DATE.to_owned(), why));
        }
        Some(range)
    }

    /// Why no more is known of a day than its month or year. `what` it is the day of begins the message that all of it is known.
    pub(super) fn why_no_more(&mut self, unknown: &Node, value: Value, what: &str) -> Option<NoAnswer> {
        if matches!(value, Value::Date(range) if range.is_partial()) {
            return self.no_answer(unknown);
        }
        self.error(&codes::INVALID_VALUE, unknown, format!("{what} both a value and `unknown`"))
    }

    /// `sessions_unknown = { peel = "declined" }`: the treatments of which nobody can say whether there were more sessions.
    pub(super) fn sessions_untold(&mut self, node: &Node, covers: &Covers<String>, untold: &mut AllUntold) {
        if !self.is_table(node, "sessions_unknown") {
            return;
        }
        for (key, why) in node.entries().iter().filter(|(_, why)| why.data != Data::Null) {
            self.strange(Named::Treatment, &key.name, &key.place(self.source));
            let Some(why) = self.no_answer(why) else { continue };
            if covers.covers(key.name.as_str()) {
                let message = format!(
                    "the list of sessions holds every session of `{}`, and `sessions_unknown` says that nobody can tell",
                    key.name
                );
                let help =
                    "name in `sessions_cover` the treatments that the list is complete for, and none that stands here";
                self.found
                    .push(Diagnostic::new(&codes::COVERED_AND_UNKNOWN, message).at(&key.place(self.source)).help(help));
            }
            untold.insert(Untold::Sessions(key.name.clone()), why);
        }
    }
}

impl Record {
    /// Lays over what a case says of sessions, and of earlier days, as far as it says anything.
    pub(super) fn lay_over_untold(&mut self, over: AllUntold, node: &Node) {
        let is_replaced = |one: &Untold| match one {
            Untold::Note(..) => node.get("sessions").is_some(),
            Untold::Sessions(_) => node.get("sessions").is_some() || node.get("sessions_unknown").is_some(),
            Untold::Earlier(..) => node.get("earlier").is_some(),
        };
        self.untold.retain(|one, _| !is_replaced(one));
        self.untold.extend(over);
    }
}
