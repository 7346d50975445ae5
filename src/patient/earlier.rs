//! Answers that others came after: what held on the day of a session of last year.

use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::document::{Data, Key, Node};
use crate::logic::value::{Texts, Value};
use crate::patient::read::{RecordReader, told};
use crate::patient::untold::{AllUntold, NoAnswer, Untold};
use crate::patient::{Answered, Record};
use crate::protocol::{Dictionary, Named};

impl RecordReader<'_> {
    /// The earlier answers of a record, by fact and, of one fact, by day.
    pub(super) fn earlier(&mut self, node: &Node, texts: &mut Texts, untold: &mut AllUntold) -> Vec<(usize, Answered)> {
        if !matches!(node.data, Data::Array(_)) {
            self.wrong(node, "`earlier` should be a list of tables, each headed [[earlier]]");
        }
        let mut all: Vec<_> = node.items().iter().filter_map(|one| self.one_earlier(one, texts, untold)).collect();
        all.sort_by_key(|(fact, answer)| (*fact, answer.on));
        all
    }

    fn one_earlier(&mut self, node: &Node, texts: &mut Texts, untold: &mut AllUntold) -> Option<(usize, Answered)> {
        if !self.is_table(node, "earlier") {
            return None;
        }
        self.keys(node, &["fact", "value", "unknown", "recorded", "by"], "an earlier answer");
        let fact = match told(node, "fact") {
            Some(fact) => self.text(fact, "fact").map(|name| (fact, name)),
            None => {
                self.missing(node, "an earlier answer has no `fact`", "name it as it stands under [facts]");
                None
            }
        };
        let on = match told(node, "recorded") {
            Some(recorded) => self.day(recorded),
            None => {
                let help = "write the day on which it was given, as in recorded = 2025-03-01";
                self.missing(node, "an earlier answer has no `recorded`", help);
                None
            }
        };
        let by = told(node, "by").and_then(|by| self.text(by, "by"));
        let unknown = told(node, "unknown");
        if let Some(unknown) = unknown.filter(|_| told(node, "value").is_none()) {
            let (why, (written, name)) = (self.no_answer(unknown)?, fact?);
            let Some((at, _)) = self.dictionary.fact(&name) else {
                self.strange(Named::Fact, &name, &written.place(self.source));
                return None;
            };
            let on = on?;
            untold.insert(Untold::Earlier(at, on), why);
            // Whoever was asked and had no answer leaves none: the one before it does not hold on. Where nobody asked, it does.
            let (declined, not_known) = (why == NoAnswer::Declined, why == NoAnswer::NotKnown);
            let given = Answered::given(Value::Unknown, Some(on), unknown.place(self.source));
            return (declined || not_known).then_some((at, Answered { by, declined, not_known, ..given }));
        }
        let Some(value) = told(node, "value") else {
            // An export that writes `null`: nobody has said anything.
            if node.get("value").or(node.get("unknown")).is_none() {
                self.missing(node, "an earlier answer has no `value`", "write it as it would stand under [facts]");
            }
            return None;
        };
        let (written, name) = fact?;
        let Some((at, fact)) = self.dictionary.fact(&name) else {
            let key = Key { name, span: written.span.clone() };
            self.strange(Named::Fact, &key.name, &key.place(self.source));
            return None;
        };
        let value_told = self.value(&name, &fact.answer, fact.may_be_never, value, texts)?;
        let place = value.place(self.source);
        let on = on?;
        if let Some(unknown) = unknown {
            let why = self.why_no_more(unknown, value_told, "an earlier answer has")?;
            untold.insert(Untold::Earlier(at, on), why);
        }
        Some((at, Answered { by, ..Answered::given(value_told, Some(on), place) }))
    }
}

impl Record {
    /// Tells of earlier answers that cannot be ones: two of one fact on one day, and those that are not earlier than what is said now.
    pub(super) fn check_earlier(&self, dictionary: &Dictionary, found: &mut Diagnostics) {
        for (at, (fact, answer)) in self.earlier.iter().enumerate() {
            let (name, Some(on)) = (&dictionary.facts[*fact].name, answer.on) else { continue };
            let before = self.earlier[..at].iter().filter(|(other, _)| other == fact).map(|(_, one)| one);
            let now = self.answers.get(*fact).and_then(Option::as_deref);
            let same_day = before.chain(now.filter(|now| now.value != Value::Unknown));
            if let Some(other) = same_day.filter(|one| one.on == Some(on)).find(|one| one.value != answer.value) {
                let message = format!("`{name}` has two answers of {on}, which differ");
                let diagnostic = Diagnostic::new(&codes::TWO_ANSWERS_OF_A_DAY, message).at(&answer.place);
                found.push(diagnostic.see(&other.place, "the other").help("keep the one that was right on that day"));
            } else if let Some(now) = now.filter(|now| now.on.is_some_and(|day| day < on)) {
                let message = format!("this answer to `{name}` is of {on}, later than the one under [facts]");
                let diagnostic = Diagnostic::new(&codes::NOT_EARLIER, message).at(&answer.place);
                let diagnostic = diagnostic.see(&now.place, "what is taken for the newest answer");
                found.push(diagnostic.help("put the newest answer under [facts], and the one before it here"));
            }
        }
    }
}
