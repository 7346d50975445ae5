//! Whether every date follows from what it is counted from.

use serde_json::Value as Json;

use super::value::{Value, length, span};
use super::{Check, FaultKind, day, list, text, texts};
use crate::date::{Date, DateRange, Duration};

impl<'a> Check<'a> {
    pub(super) fn dates(&mut self) {
        for at in 0..self.nodes.len() {
            let node = self.nodes[at];
            let Some(derived) = node.get("derived") else { continue };
            self.found.dates += 1;
            let id = text(node, "id");
            match self.derivation(derived) {
                Err(why) => self.fault(FaultKind::Date, id, why),
                Ok(date) => self.bound(node, date),
            }
        }
    }

    /// Whether what holds back until a day does so today.
    fn bound(&mut self, node: &'a Json, date: Date) {
        let Some(as_of) = self.as_of.filter(|_| node["kind"] == "bound") else { return };
        let (holds, said) = (as_of < date, text(node, "outcome"));
        // What may hold back does not do so once its day has come.
        if (said != "false" && !holds) || (said == "false" && holds) {
            let words = if holds { "has not come" } else { "has come" };
            let why = format!("it is said to hold back: `{said}`; and the {date} {words} on {as_of}");
            self.fault(FaultKind::Date, text(node, "id"), why);
        }
    }

    /// The date that a derivation comes to, or why it does not come to the one that it says.
    pub(super) fn derivation(&self, derived: &Json) -> Result<Date, String> {
        let mut dates = Vec::new();
        for anchor in list(derived, "from") {
            let (id, said) = (text(anchor, "id"), text(anchor, "date"));
            let date = day(&anchor["date"]).ok_or_else(|| format!("`{said}` is not a day"))?;
            if !self.is_named(id, date) {
                return Err(format!("it is counted from `{id}` as {said}, and that is another day"));
            }
            if let Some(number) = anchor.get("number").filter(|number| !self.has_number(id, number)) {
                return Err(format!("`{id}` is not session {number}"));
            }
            dates.push(date);
        }
        if let Some(condition) = derived["condition"].as_str() {
            let holds =
                self.node(condition).ok_or_else(|| format!("its condition `{condition}` is not in the trace"))?;
            if holds["outcome"] == "false" {
                return Err(format!("its condition `{condition}` does not hold"));
            }
        }
        let part =
            |unit: &str| derived["length"][unit].as_i64().and_then(|count| i32::try_from(count).ok()).unwrap_or(0);
        let after = Duration::new(part("months"), part("days"));
        if let Some(written) = derived["length"]["written"].as_str().filter(|written| length(written) != Some(after)) {
            return Err(format!("it is written as {written}, and that is not {after}"));
        }
        let date = match (text(derived, "operation"), &dates[..]) {
            ("after", [date]) => Some(*date + after),
            ("latest", dates) => dates.iter().max().copied(),
            ("earliest", dates) => dates.iter().min().copied(),
            _ => None,
        };
        let date = date.ok_or("it is made of nothing")?;
        let said = text(derived, "date");
        if day(&derived["date"]) == Some(date) {
            Ok(date)
        } else {
            Err(format!("it is said to be {said}, and {date} follows"))
        }
    }

    /// Whether a day is what a name stands for.
    fn is_named(&self, id: &str, date: Date) -> bool {
        let within = |text: &str| span(text).is_some_and(|days| days.first <= date && date <= days.last);
        if let Some(node) = self.node(id) {
            return match node.get("derived") {
                Some(derived) => {
                    if let Some(known) = self.derived.borrow().get(id) {
                        return *known == Some(date);
                    }
                    // A derivation that leads back to itself comes to nothing.
                    self.derived.borrow_mut().insert(id.to_owned(), None);
                    let found = self.derivation(derived).ok();
                    self.derived.borrow_mut().insert(id.to_owned(), found);
                    found == Some(date)
                }
                // The value of an expression: of a wait, its first or its last day.
                None if id.ends_with(".not_before") => {
                    self.days_of(id).is_some_and(|days| date == days.first || date == days.last)
                }
                None => self.days_of(id).is_some_and(|days| days.first <= date && date <= days.last),
            };
        }
        let season = || {
            self.nodes.iter().any(|node| {
                let period = &node["period"];
                text(node, "id").ends_with(".season")
                    && (day(&period["from"]) == Some(date) || day(&period["until"]) == Some(date.plus_days(1)))
            })
        };
        match id.strip_prefix("sessions.") {
            Some(session) => within(session),
            None if id == "as_of" => self.as_of == Some(date),
            None => id == "season" && season(),
        }
    }

    /// Whether a session has a number in the course.
    fn has_number(&self, id: &str, number: &Json) -> bool {
        let course = &self.answer["course"];
        let Some(session) = id.strip_prefix("sessions.") else {
            let of_course = id.strip_prefix("course.").and_then(|id| id.strip_prefix(text(course, "id")));
            let window = match of_course
                .and_then(|id| id.strip_suffix(".given"))
                .filter(|_| course.get("components").is_none())
            {
                Some(".next") => Some(&course["next"]),
                Some(then) => {
                    let at = then.strip_prefix(".then-").and_then(|count| count.parse::<usize>().ok()?.checked_sub(1));
                    at.map(|at| &course["projected"][at])
                }
                None => None,
            };
            return window.is_none_or(|window| window["number"] == *number || window.is_null());
        };
        let mut past = list(course, "past").filter(|past| past["date"] == session).peekable();
        // For a component that not every session holds, it may be an earlier one than for all of them; and a later one than for the first
        // that it holds, as far as sessions count for that component.
        let by_value = course.get("separate_by").is_some();
        let of_components = course.get("components").is_some() && !by_value;
        let most = |part: &Json| part["done"]["most"].as_u64().or(part["done"].as_u64());
        let done = list(course, "components").filter_map(most).max();
        let is_other = |past: &Json| {
            of_components && past["number"].is_u64() && past["number"].as_u64().max(done) >= number.as_u64()
        };
        let counts = |past: &Json| {
            // Of values that are not planned, the answer does not say which number a session has for each.
            let is_untold = by_value && list(past, "values").next().is_none();
            let is_of_value = is_untold || list(past, "values").any(|value| value["number"] == *number);
            past["number"] == *number || is_other(past) || is_of_value
        };
        past.peek().is_none() || past.any(|past| counts(past) || past["verdict"] == "uncertain")
    }

    /// Whether a date of the answer is that of a node.
    fn told(&mut self, at: &str, date: &Json, ids: &[String]) {
        let Some(date) = day(date) else { return };
        self.found.dates += 1;
        match ids.iter().find(|id| self.node(id).is_some()) {
            None => self.fault(FaultKind::Date, at, format!("nothing in the trace says where {date} comes from")),
            Some(id) if !self.is_named(id, date) => {
                self.fault(FaultKind::Date, at, format!("{date} does not follow from `{id}`"));
            }
            Some(_) => {}
        }
    }

    fn window(&mut self, at: &str, window: &Json, prefixes: &[String]) {
        let names =
            [("earliest", "earliest"), ("recommended", "recommended"), ("past_due", "past-due"), ("latest", "latest")];
        for (key, name) in names {
            let ids: Vec<String> = prefixes.iter().map(|prefix| format!("{prefix}.{name}")).collect();
            self.told(&format!("{at}.{key}"), &window[key], &ids);
            let followed = ids.iter().find_map(|id| self.node(id)).filter(|_| !window.is_null());
            if let (Some(node), true) = (followed, window[key].is_null()) {
                let why = format!("it says nothing, and `{}` has a day", text(node, "id"));
                self.fault(FaultKind::Date, format!("{at}.{key}"), why);
            }
        }
    }

    /// The dates of the answer.
    pub(super) fn dates_of_answer(&mut self) {
        let answer = self.answer;
        for key in ["not_before", "no_sooner_than", "no_later_than"] {
            self.told(key, &answer[key], &[key.to_owned()]);
        }
        let course = &answer["course"];
        let id = text(course, "id");
        self.window("course.next", &course["next"], &["next".into(), format!("course.{id}.next")]);
        for part in list(course, "components") {
            let (course, name) = (text(part, "course"), text(part, "id"));
            let own = ["own", "next"].map(|which| format!("course.{course}.{name}.{which}"));
            let prefixes = [vec![format!("components.{name}")], own.to_vec()].concat();
            self.window(&format!("course.components.{name}.next"), &part["next"], &prefixes);
        }
        for (at, window) in list(course, "projected").enumerate() {
            // Of one of several parts, also of one that nothing else is told of.
            let (of_course, end) = (format!("course.{id}."), format!("then-{}", at + 1));
            let earliest = format!(".{end}.earliest");
            let parts =
                self.nodes.iter().filter_map(|node| text(node, "id").strip_prefix(&of_course)?.strip_suffix(&earliest));
            let parts = parts.map(|part| format!("{of_course}{part}.{end}"));
            let prefixes: Vec<String> = [format!("{of_course}{end}")].into_iter().chain(parts).collect();
            self.window(&format!("course.projected.{}", at + 1), window, &prefixes);
        }
        let permitted: Option<Date> =
            text(answer, "not_before").parse().ok().or(self.as_of.filter(|_| answer["status"] != "deferred"));
        // Preparation is for the day on which the patient comes, and that is no earlier than is permitted.
        let booked: Option<Date> = text(answer, "appointment").parse().ok();
        let day_of_session = booked.filter(|booked| permitted.is_some_and(|first| first <= *booked)).or(permitted);
        let to_come = list(answer, "instructions").map(|one| (one, day_of_session));
        let past = list(&answer["course"], "past").filter_map(|past| text(past, "date").parse::<DateRange>().ok());
        let past: Vec<Date> = past.map(|date| self.as_of.map_or(date.last, |today| date.last.min(today))).collect();
        let mut after_care = Vec::new();
        for after in list(answer, "after_care") {
            let given: Option<Date> = text(after, "session").parse().ok();
            self.found.dates += 1;
            if !past.is_empty() && given.is_none_or(|given| !past.contains(&given)) {
                self.fault(FaultKind::Date, "after_care.session", "no session of that day is told of".to_owned());
            }
            after_care.extend(list(after, "instructions").map(|one| (one, given)));
        }
        for (instruction, session) in to_come.chain(after_care) {
            let after = |key: &str| text(instruction, key).parse::<Duration>().ok();
            for (key, length) in [("from_date", "at"), ("until_date", "until")] {
                let expected = session.zip(after(length)).map(|(day, length): (Date, Duration)| day + length);
                self.found.dates += 1;
                if day(&instruction[key]) != expected {
                    let expected = expected.map_or("no day".to_owned(), |day| day.to_string());
                    let at = format!("instructions.{}.{key}", text(instruction, "id"));
                    self.fault(FaultKind::Date, at, format!("it does not follow: {expected} does"));
                }
            }
        }
    }

    /// The days of a rule's wait, as it stands in the trace.
    pub(super) fn wait(&self, rule: &Json) -> Option<Value> {
        texts(rule, "operands").find(|id| id.ends_with(".not_before")).map(|id| self.value(id))
    }
}
