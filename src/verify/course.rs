//! Whether what is told of the course follows: its sessions and their numbers, its parts, which course was chosen, what holds back.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::value::{Truth, all, any};
use super::{Check, list, text, texts};

/// What stands in a trace where the name of a part would, of expressions of the whole course.
const OF_COURSE: [&str; 7] =
    ["sessions", "when", "minimum", "planned", "maximum", "beyond_planned", "restart_when_complete"];

impl<'a> Check<'a> {
    /// What is said of recorded sessions, and which course was chosen.
    pub(super) fn course(&mut self) {
        let course = &self.answer["course"];
        let id = text(course, "id");
        let mut seen: Vec<&str> = Vec::new();
        for past in list(course, "past") {
            let date = text(past, "date");
            let again = seen.iter().filter(|other| **other == date).count();
            seen.push(date);
            let again = if again == 0 { String::new() } else { format!(".{}", again + 1) };
            let node = format!("course.{id}.sessions.{date}{again}");
            let words = in_words(past);
            let is_same =
                self.node(&node).is_some_and(|node| node["outcome"] == past["verdict"] && text(node, "text") == words);
            self.states(|| format!("course.past.{date}"), is_same, || format!("`{node}` says otherwise"));
            let is_counted = |of: &Json| of.get("number").is_none() || of["verdict"] == "valid";
            let is_same = is_counted(past) && list(past, "values").all(is_counted);
            self.states(
                || format!("course.past.{date}"),
                is_same,
                || "it has a number, and is not said to count".into(),
            );
            self.checked(date, past);
        }
        let sessions: Vec<&str> =
            self.nodes.iter().filter(|node| node["kind"] == "session").map(|node| text(node, "id")).collect();
        self.states(|| "course.past".into(), sessions.len() == seen.len(), || "the trace has other sessions".into());
        for part in list(course, "components") {
            let (name, chosen) = (text(part, "id"), text(part, "course"));
            let node = self.node(&format!("course.{chosen}.{name}.chosen"));
            let is_same = node.is_none_or(|node| node["outcome"] == part["course"] && node["text"] == part["chosen"]);
            self.states(|| format!("course.components.{name}"), is_same, || "the trace chose otherwise".into());
        }
        self.components();
        if course.is_object() {
            for part in ["too-early", "over", "overdue"] {
                let is_told = self.node(&format!("course.{id}.{part}")).is_some();
                self.states(|| "course".into(), is_told, || format!("`course.{id}.{part}` is not in the trace"));
            }
        }
        if course.is_object() {
            self.done();
        }
        if course.get("components").is_none() {
            self.number("course", course);
        }
        let mut next = course["next"]["number"].as_u64();
        for (at, window) in list(course, "projected").enumerate() {
            next = next.map(|number| number + 1);
            // Of several parts or ways, one may be behind the others.
            let number = window["number"].as_u64();
            if at == 0 && number < next {
                next = number;
            }
            // After a season, or a course that is complete, they may begin anew.
            let is_next = next.is_none() || number == next || (at > 0 && number < next);
            next = number;
            self.states(
                || "course.projected".into(),
                is_next,
                || "the numbers of the sessions to come do not follow".into(),
            );
        }
        let offered: Vec<Truth> = self
            .nodes
            .iter()
            .filter(|node| text(node, "id") == format!("course.{id}.when"))
            .map(|node| self.value(text(node, "id")).truth())
            .collect();
        self.states(|| "course.id".into(), all(offered) != Some(false), || format!("`course.{id}.when` does not hold"));
        // Where one bound holds back, all do; where none does, nothing does.
        if let Some(node) = self.node(&format!("course.{id}.too-early")) {
            let held = any(self.bounds().map(|bound| self.value(text(bound, "id")).truth()));
            let said = self.value(text(node, "id")).truth();
            let agrees = match held {
                Some(true) => said == Some(true),
                Some(false) => said != Some(true),
                None => said != Some(false),
            };
            self.states(|| text(node, "id").into(), agrees, || "what holds back in the course says otherwise".into());
        }
    }

    /// How many sessions are done: those that have a number; of several parts, as many as of the one with the fewest.
    fn done(&mut self) {
        let course = &self.answer["course"];
        let (least, most) = count(&course["done"]);
        let parts: Vec<(&Json, (u64, u64))> =
            list(course, "components").map(|part| (&part["planned_now"], count(&part["done"]))).collect();
        let planned = parts.iter().filter(|(planned, _)| *planned == "yes").map(|(_, done)| done);
        let is_told = are_told(course);
        let by_value = course.get("separate_by").is_some();
        let holds = match (fewest(parts.iter().map(|(_, done)| done)), fewest(planned)) {
            (None, _) if !by_value => {
                let with = |is_so: fn(&Json) -> bool| list(course, "past").filter(|past| is_so(past)).count();
                let numbers = u64::try_from(with(|past| past.get("number").is_some())).unwrap_or(u64::MAX);
                // One of which it is not known may count, without a number.
                let uncertain = u64::try_from(with(|past| past["verdict"] == "uncertain")).unwrap_or(u64::MAX);
                numbers <= most && most <= numbers.saturating_add(uncertain)
            }
            (None, _) => true,
            (Some(_), Some((at_least, at_most))) if by_value && is_told => least == at_least && most <= at_most,
            // Which values are planned, nobody knows: one of which there is no part yet may be.
            (Some(_), _) if by_value => true,
            (Some((_, at_most)), _) => (least..=most).contains(&at_most),
        };
        let is_one = least <= most && (least == most || course["provisional"] == true);
        let words = || "the recorded sessions, or the parts of the course, say otherwise".into();
        self.states(|| "course.done".into(), holds && is_one, words);
    }

    /// The parts of a course: each that the trace tells of is told, and what is said of it follows from the sessions.
    fn components(&mut self) {
        let course = &self.answer["course"];
        let parts = || list(course, "components");
        let mut of_trace: BTreeSet<(&str, &str)> = BTreeSet::new();
        for node in &self.nodes {
            if let ["course", chosen, name, "next" | "own" | "sessions", _, ..] =
                text(node, "id").split('.').collect::<Vec<_>>()[..]
                && !OF_COURSE.contains(&name)
            {
                of_trace.insert((chosen, name));
            }
        }
        // As long as nobody knows where a session was, or will be, given, the trace tells of every area, and the answer of none. Where nothing
        // is to be done, nobody asks.
        let is_open = |question: &Json| text(question, "fact").starts_with("sessions.");
        let is_settled = !self.ends() && !list(self.answer, "questions").any(is_open);
        let is_by_name = course.is_object() && course.get("separate_by").is_none();
        for (chosen, name) in of_trace.into_iter().filter(|_| is_by_name && is_settled) {
            let is_told = parts().any(|part| text(part, "course") == chosen && text(part, "id") == name);
            self.states(
                || format!("course.components.{name}"),
                is_told,
                || format!("the trace has `course.{chosen}.{name}`, and it is not told"),
            );
        }
        for part in parts() {
            let (name, chosen) = (text(part, "id"), text(part, "course"));
            let (least, most) = count(&part["done"]);
            let (surely, perhaps) = self.counted(part);
            self.states(
                || format!("course.components.{name}.done"),
                least <= most && (surely..=perhaps).contains(&most),
                || format!("{surely} to {perhaps} of the recorded sessions count for it"),
            );
            let is_complete = part["status"] == "complete";
            let is_open = self.node(&format!("course.{chosen}.{name}.next.earliest")).is_some();
            let is_never_given = most == 0 && !self.is_immune(name);
            self.states(
                || format!("course.components.{name}.status"),
                !is_complete || (part.get("next").is_none() && !is_open && !is_never_given),
                || "it has sessions to come, or had none".into(),
            );
            self.states(
                || format!("course.components.{name}.status"),
                part["status"] != "not_complete" || part.get("next").is_some() || self.ends(),
                || "it has no next session".into(),
            );
            self.number(&format!("course.components.{name}"), part);
        }
        let Some(next) = course["next"]["number"].as_u64().filter(|_| parts().next().is_some()) else { return };
        // Of a value that may be planned, and is no part yet, nothing is told.
        let is_of_one = !is_settled || !are_told(course) || parts().any(|part| part["next"]["number"] == next);
        self.states(|| "course.next.number".into(), is_of_one, || "no part of the course has that number next".into());
    }

    /// Whether somebody needs no session of a part, or which of its sessions are needed is a question of its own.
    fn is_immune(&self, name: &str) -> bool {
        let of_part = format!("course.immune.{name}");
        let is_it = |id: &str| id == "course.immune" || id == of_part || id.ends_with(".skip");
        self.nodes.iter().any(|node| is_it(text(node, "id")) && node["outcome"] != "false")
    }

    /// How many of the recorded sessions count for a part, at least and at most.
    fn counted(&self, part: &Json) -> (u64, u64) {
        let course = &self.answer["course"];
        let (mut surely, mut perhaps) = (0, 0);
        for past in list(course, "past") {
            let of_value = list(past, "values").find(|value| value["value"] == part["id"]);
            let told = if course.get("separate_by").is_some() { of_value } else { Some(past) };
            let Some(told) = told else { continue };
            let is_counted = told.get("number").is_some();
            // Not every session holds every part of a course.
            surely += u64::from(is_counted && course.get("separate_by").is_some());
            perhaps += u64::from(is_counted || told["verdict"] == "uncertain");
        }
        (surely, perhaps)
    }

    /// The next session is the one after those that are done, if none is skipped and none begins anew.
    fn number(&mut self, at: &str, of: &'a Json) {
        let Some(next) = of["next"]["number"].as_u64() else { return };
        let (_, done) = count(&of["done"]);
        let is_other = |node: &&Json| {
            let id = text(node, "id");
            [".skip", ".season", "-restart"].iter().any(|end| id.ends_with(end))
                || id.contains(".restart_when_complete") && node["outcome"] != "false"
        };
        let may_differ = of["next"].get("after_complete").is_some() || self.nodes.iter().any(is_other);
        // A session of which it is not known whether it counts may be the one that sets the number.
        let past = || list(&self.answer["course"], "past");
        let is_open = past().any(|past| !["valid", "not_valid"].contains(&text(past, "verdict")))
            || past().any(|past| text(past, "date").len() != 10);
        let follows = next == done + 1 || ((may_differ || is_open) && next <= done + 1);
        self.states(|| format!("{at}.next.number"), follows, || format!("{done} sessions are done"));
    }

    /// Each reason why a session does not count has its kind.
    fn checked(&mut self, date: &str, past: &'a Json) {
        let is_complete = texts(past, "reasons").count() == texts(past, "faults").count();
        let at = || format!("course.past.{date}.faults");
        self.states(at, is_complete, || "not every reason has its kind".into());
    }
}

/// Whether of each part of a course it is known whether it is planned now.
fn are_told(course: &Json) -> bool {
    let is_told = |planned: &Json| planned == "yes" || planned == "no";
    list(course, "components").all(|part| part.get("planned_now").is_none_or(is_told))
}

/// The least of numbers of sessions, by both ends.
fn fewest<'c>(of: impl Iterator<Item = &'c (u64, u64)>) -> Option<(u64, u64)> {
    of.copied().reduce(|(a, b), (c, d)| (a.min(c), b.min(d)))
}

/// A number of sessions: the least and the most.
fn count(of: &Json) -> (u64, u64) {
    let end = |key: &str| of.as_u64().or(of[key].as_u64());
    (end("least").unwrap_or(0), end("most").unwrap_or(u64::MAX - 1))
}

/// What became of a session, as its node says it: `session 2; 9 days early (interval)`, `session 3; leg: session 2`.
fn in_words(past: &Json) -> String {
    let early = |of: &Json| {
        let days = of["too_early"]["days"].as_u64()?;
        Some(format!("{days} {} early", if days == 1 { "day" } else { "days" }))
    };
    let of_value = |value: &Json| {
        let name = text(value, "value").replace('_', " ");
        let Some(number) = value["number"].as_u64() else {
            return format!("{name}: {}", text(value, "verdict").replace('_', " "));
        };
        let early = early(value).map_or_else(String::new, |early| format!(", {early}"));
        format!("{name}: session {number}{early}")
    };
    let number = past["number"].as_u64().map(|number| format!("session {number}"));
    let early = early(past).map(|early| format!("{early} ({})", text(&past["too_early"], "interval")));
    let reasons = texts(past, "reasons").collect::<Vec<_>>().join(", ");
    let values = list(past, "values").map(of_value).collect::<Vec<_>>().join(", ");
    let words = [number, Some(reasons), early, Some(values)].into_iter().flatten();
    words.filter(|words| !words.is_empty()).collect::<Vec<_>>().join("; ")
}
