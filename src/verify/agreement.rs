//! Whether the parts of an answer agree with each other: what is said in one place is not denied in another, and nothing is said twice.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::premises::expression;
use super::{Check, day, list, text, texts};
use crate::date::Date;

/// The lists of an answer in which nothing stands twice, and what tells their entries apart.
const LISTS: [(&str, &[&str]); 12] = [
    ("reasons", &["kind", "id", "line"]),
    ("questions", &["fact"]),
    ("assumptions", &["fact", "assumed", "line"]),
    ("precautions", &["id", "line"]),
    ("settings", &["id"]),
    ("instructions", &["id"]),
    ("red_flags", &["id"]),
    ("overrides", &["parameter"]),
    ("sources", &["id"]),
    ("to_be_confirmed", &["fact"]),
    ("date_depends_on", &[]),
    ("doubts", &[]),
];

/// The words of a setting that no row of its table gives a value, and how those begin of a value that is none.
const NO_ROW: &str = "no row of the table applies";
const NO_VALUE: &str = "no value: ";
/// What is said of an open value that nobody can be asked for.
const NOT_WORKED_OUT: &str = "cannot be worked out";

impl<'a> Check<'a> {
    pub(super) fn agreement(&mut self) {
        self.once();
        self.standing();
        self.settings();
        self.asked_for_settings();
        self.where_the_course_stands();
        self.overdue();
        self.may_be_later();
    }

    fn is_english(&self) -> bool {
        self.answer["provenance"].get("language").is_none_or(Json::is_null)
    }

    fn once(&mut self) {
        for (of, keys) in LISTS {
            let mut seen: BTreeSet<String> = BTreeSet::new();
            for one in list(self.answer, of) {
                let parts: Vec<String> = keys.iter().map(|key| one[*key].to_string()).collect();
                let named = if keys.is_empty() { one.to_string() } else { parts.join(" ") };
                let id = keys.iter().find_map(|key| one[*key].as_str()).unwrap_or_default();
                self.states(|| format!("{of}.{id}"), seen.insert(named), || "it stands there twice".into());
            }
        }
        // Of the sessions, two may be alike; what the trace holds twice, its names tell.
        let parts = self.answer.as_object().into_iter().flatten();
        let parts = parts.filter(|(key, _)| !matches!(key.as_str(), "trace" | "course"));
        let twice: Vec<String> = parts.filter_map(|(key, value)| twice_in(value, key)).collect();
        self.states(|| twice.join(", "), twice.is_empty(), || "something stands there twice".into());
    }

    /// A draft of what is published is a draft, only what is in use is published, and nobody is answered by what is retired.
    fn standing(&mut self) {
        let (answer, provenance) = (self.answer, &self.answer["provenance"]);
        let (status, edition) = (text(answer, "protocol_status"), text(provenance, "edition"));
        let follows: &[&str] = match edition {
            "draft" => &["draft"],
            "published" => &["active"],
            _ => &["active", "draft"],
        };
        self.states(
            || "protocol_status".into(),
            follows.contains(&status),
            || format!("it is `{status}`, and the provenance says `{edition}`"),
        );
        for key in ["published_by", "published_on"] {
            let is_told = provenance.get(key).is_some_and(|said| !said.is_null());
            self.states(
                || format!("provenance.{key}"),
                is_told == (edition == "published"),
                || format!("the edition is `{edition}`"),
            );
        }
    }

    /// A value is exact, or its words say that it is not, and why.
    fn settings(&mut self) {
        let (answer, is_english) = (self.answer, self.is_english());
        for setting in list(answer, "settings") {
            let (id, value) = (text(setting, "id"), text(setting, "value"));
            let (is_known, is_open) = (setting["known"] == true, setting["provisional"] == true);
            let is_none = value == NO_ROW || value.starts_with(NO_VALUE);
            let depends: Vec<&str> = texts(setting, "depends_on").collect();
            let agrees = match (is_known, is_open) {
                (true, true) => false,
                (true, false) => depends.is_empty() && setting.get("bound").is_none() && !(is_english && is_none),
                // Whatever the language, the names of facts are written as they are.
                (false, true) if !depends.is_empty() => depends.iter().all(|name| value.contains(&format!("`{name}`"))),
                (false, true) => !is_english || value.contains(NOT_WORKED_OUT),
                (false, false) => depends.is_empty() && setting.get("bound").is_none() && (!is_english || is_none),
            };
            self.states(
                || format!("settings.{id}.known"),
                agrees,
                || {
                    format!(
                        "`{value}` is not what is said of a value that is known: `{is_known}`, and open: `{is_open}`"
                    )
                },
            );
            let bound = &setting["bound"];
            let words = match bound["kind"].as_str() {
                Some("at_most") => format!("at most {}", text(bound, "number")),
                Some(_) => format!("at least {}", text(bound, "number")),
                None => String::new(),
            };
            let words = bound["unit"].as_str().map_or(words.clone(), |unit| format!("{words} {unit}"));
            let is_said = if bound.is_object() {
                value
                    .strip_prefix(&words)
                    .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '.'))
            } else {
                is_known || !(value.starts_with("at most ") || value.starts_with("at least "))
            };
            self.states(
                || format!("settings.{id}.bound"),
                is_said || !is_english,
                || format!("`{value}` says otherwise"),
            );
            let is_of_it = |node: &&&Json| {
                let row = expression(text(node, "id")).and_then(|row| row.strip_prefix("setting.")?.strip_prefix(id));
                row.is_some_and(|rest| rest.starts_with(".row-")) && node["outcome"] == "true"
            };
            let is_row = |node: &&&Json| expression(text(node, "id")) == Some(text(node, "id"));
            let applies = self.nodes.iter().filter(is_row).any(|node| is_of_it(&node));
            self.states(
                || format!("settings.{id}.value"),
                !(value == NO_ROW && applies),
                || "a row of its table applies".into(),
            );
        }
    }

    /// What an open value waits for is asked for it, and nothing is asked for a value that does not wait.
    fn asked_for_settings(&mut self) {
        let answer = self.answer;
        let waits = |setting: &Json, fact: &str| texts(setting, "depends_on").any(|one| one == fact);
        let changes = |question: &Json, effect: &str| texts(question, "could_change").any(|one| one == effect);
        for setting in list(answer, "settings") {
            for fact in texts(setting, "depends_on") {
                let mut asked = list(answer, "questions").filter(|question| text(question, "fact") == fact);
                let is_asked = asked.any(|question| changes(question, "setting"));
                self.states(
                    || format!("questions.{fact}"),
                    is_asked,
                    || format!("`{}` waits for it, and it is not asked for that", text(setting, "id")),
                );
            }
        }
        for question in list(answer, "questions") {
            let fact = text(question, "fact");
            let mut waiting = list(answer, "settings").filter(|setting| waits(setting, fact));
            let is_needed = waiting.clone().any(|setting| setting["needed"] == true);
            let is_waited = waiting.next().is_some();
            self.states(
                || format!("questions.{fact}.could_change"),
                is_waited == changes(question, "setting"),
                || "which settings wait for it, they say otherwise".into(),
            );
            // No rule leads to it: only a needed setting leaves the status open.
            let by_setting = changes(question, "status") && question.get("could_lead_to").is_none();
            self.states(
                || format!("questions.{fact}.could_change"),
                !by_setting || is_needed,
                || "neither a rule nor a needed setting waits for it".into(),
            );
            for name in texts(question, "rules") {
                let is_of = |setting: &&Json| {
                    text(setting, "id").strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
                };
                let mut settings = list(answer, "settings").filter(is_of).peekable();
                // An instruction may have the name of a setting.
                let is_other = list(answer, "instructions").any(|one| text(one, "id") == name)
                    || self.nodes.iter().any(|node| text(node, "id").ends_with(&format!(".{name}")));
                let agrees = settings.peek().is_none() || is_other || settings.any(|setting| waits(setting, fact));
                self.states(
                    || format!("questions.{fact}.rules"),
                    agrees,
                    || format!("the setting `{name}` does not wait for it"),
                );
            }
        }
    }

    /// A course that is not over has a next session, and one that is has none.
    fn where_the_course_stands(&mut self) {
        let course = &self.answer["course"];
        if !course.is_object() {
            return;
        }
        let (past, over) = (self.part("past"), self.part("over"));
        let is_offered = self.node("course.offered").is_none() || self.value("course.offered").truth() == Some(true);
        let is_open = past == Some(false) && over == Some(false) && is_offered;
        let has_next = !course["next"].is_null();
        let agrees = if has_next { !self.ends() } else { !is_open || self.ends() };
        self.states(|| "course.next".into(), agrees, || "whether the course is over, the trace says otherwise".into());
        let follows = match course["status"].as_str() {
            None => true,
            Some("complete" | "immune") => over == Some(true),
            Some("aged_out" | "not_recommended") => past == Some(true),
            Some("not_complete") => past == Some(false) && over == Some(false),
            // Where the course is open, the answer forbids it.
            _ => text(self.answer, "status") == "contraindicated" && over != Some(true),
        };
        self.states(|| "course.status".into(), follows, || "the trace says otherwise".into());
    }

    /// The next session is late from the day after its latest day on, if it is one of those that are planned. Where a rule holds back, or may, the
    /// days are those after that.
    fn overdue(&mut self) {
        let course = &self.answer["course"];
        let (Some(as_of), Some(said)) = (self.as_of, self.part("overdue")) else { return };
        if self.part("too-early") == Some(true) {
            let at = || format!("course.{}.overdue", text(course, "id"));
            self.states(at, !said, || "it is too early, and not late".into());
        }
        let may_wait = self.rules().any(|rule| rule["leads_to"] == "deferred" && self.fires(rule) != Some(false));
        if course["next"].is_null() || self.part("too-early") != Some(false) || may_wait {
            return;
        }
        let earliest = day(&course["next"]["earliest"]);
        // How many are planned: at least, and at most.
        let planned = |of: &Json, end: &str| of.as_u64().or(of[end].as_u64());
        let is_late = |next: &Json, of: &Json, end: &str| {
            let is_past = day(&next["latest"]).is_some_and(|latest| Some(latest).max(earliest) < Some(as_of));
            is_past && planned(of, end).is_none_or(|planned| next["number"].as_u64().is_none_or(|at| at <= planned))
        };
        let parts = || list(course, "components").filter(|part| part["planned_now"] != "no");
        let number = |part: &'a Json| part.get("planned").filter(|of| !of.is_null()).unwrap_or(&course["planned"]);
        let may_be = is_late(&course["next"], &course["planned"], "most")
            || parts().any(|part| is_late(&part["next"], number(part), "most"));
        // Of how many sessions a component has, the answer says nothing; nor which of several ways is one of theirs.
        let must_be = match course.get("components") {
            None => is_late(&course["next"], &course["planned"], "least"),
            Some(_) => parts().any(|part| {
                part["provisional"] != true
                    && part.get("planned").is_some()
                    && is_late(&part["next"], number(part), "least")
            }),
        };
        let agrees = if said { may_be } else { !must_be };
        let at = || format!("course.{}.overdue", text(course, "id"));
        self.states(at, agrees, || {
            format!("it is said to be `{said}`, and the latest day of the next session says otherwise")
        });
    }

    /// The dates of the course may be later, where a rule holds back until a day that nobody can say yet, or may.
    fn may_be_later(&mut self) {
        let course = &self.answer["course"];
        let is_open = |rule: &Json| {
            let wait = self.wait(rule);
            let has_end = wait.as_ref().and_then(super::value::Value::days);
            let has_end = has_end.filter(|days| !days.last.is_never()).is_some_and(|days| days.last < Date::MAX);
            wait.is_some() && !has_end && self.fires(rule) != Some(false)
        };
        let follows = !course["next"].is_null()
            && (self.is_put_off() || self.rules().any(|rule| rule["leads_to"] == "deferred" && is_open(rule)));
        let said = course["may_be_later"] == true;
        self.states(
            || "course.may_be_later".into(),
            said == follows,
            || format!("it is `{said}`, and `{follows}` follows from the waits of the rules"),
        );
    }
}

/// The path of the first list in a value that has something twice.
fn twice_in(value: &Json, path: &str) -> Option<String> {
    match value {
        Json::Object(fields) => fields.iter().find_map(|(key, value)| twice_in(value, &format!("{path}.{key}"))),
        Json::Array(all) => {
            let is_twice = all.iter().enumerate().any(|(at, one)| all[..at].contains(one));
            let inside = || all.iter().enumerate().find_map(|(at, one)| twice_in(one, &format!("{path}.{at}")));
            if is_twice { Some(path.to_owned()) } else { inside() }
        }
        _ => None,
    }
}
