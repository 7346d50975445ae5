//! Whether the reasons and precautions follow from the rules and the course.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::answer::{as_truth, place};
use super::value::Value;
use super::{Check, FaultKind, day, list, text, texts};
use crate::date::Date;

impl<'a> Check<'a> {
    pub(super) fn reasons(&mut self) {
        let answer = self.answer;
        for rule in self.rules() {
            let (id, kind) = (text(rule, "id"), text(rule, "kind"));
            let name = id.strip_prefix(kind).and_then(|id| id.strip_prefix('.')).unwrap_or_default();
            let is_told = list(answer, "reasons").any(|one| text(one, "id") == name && text(one, "kind") == kind);
            let decides = rule["leads_to"].is_string() && self.fires(rule) == Some(true);
            self.states(
                || id.into(),
                is_told == decides,
                || format!("that it fires is `{decides}`, and the reasons say `{is_told}`"),
            );
        }
        let is_offered = self.node("course.offered").is_none() || self.value("course.offered").truth() != Some(false);
        for (part, end) in [("past", "-past"), ("over", "-maximum")] {
            let is_told = list(answer, "reasons").any(|one| one["kind"] == "course" && text(one, "id").ends_with(end));
            let is_so = self.part(part) == Some(true) && is_offered;
            self.states(
                || format!("reasons{end}"),
                is_told == is_so,
                || format!("that the course is {part} is `{is_so}`"),
            );
        }
        let mut before = 0;
        for reason in list(answer, "reasons") {
            let (id, kind, leads_to) = (text(reason, "id"), text(reason, "kind"), text(reason, "leads_to"));
            let at = |part: &str| format!("reasons.{id}.{part}");
            self.states(
                || at("leads_to"),
                before <= place(leads_to),
                || "it is out of the order of the statuses".into(),
            );
            before = place(leads_to);
            let rule = self.node(&format!("{kind}.{id}"));
            let follows = match rule {
                Some(rule) => text(rule, "leads_to"),
                None if kind != "course" => "deferred",
                None => {
                    let parts = [("-past", "not-indicated"), ("-maximum", "complete"), ("-too-early", "deferred")];
                    let part = parts.iter().find(|(end, _)| id.ends_with(end));
                    part.map_or("not-indicated", |(_, status)| *status)
                }
            };
            self.states(
                || at("leads_to"),
                leads_to == follows,
                || format!("it is `{leads_to}`, and its rule leads to `{follows}`"),
            );
            match rule {
                Some(rule) => self.reason_of_rule(id, reason, rule),
                None => self.reason_of_course(id, reason),
            }
            self.because(&at("because"), reason, rule);
        }
    }

    fn reason_of_rule(&mut self, id: &str, reason: &'a Json, rule: &'a Json) {
        let part = |part: &str| texts(rule, "operands").find(|id| id.ends_with(part));
        for (key, part) in [("not_before", part(".not_before")), ("recheck", part(".recheck"))] {
            let days = part.and_then(|id| self.days_of(id)).map(|days| days.last);
            let follows = days.filter(|last| !last.is_never() && *last < Date::MAX);
            let said = day(&reason[key]);
            let words = |day: Option<Date>| day.map_or("no day".to_owned(), |day| day.to_string());
            self.states(
                || format!("reasons.{id}.{key}"),
                said == follows,
                || format!("it is {}, and {} follows", words(said), words(follows)),
            );
        }
        self.states(
            || format!("reasons.{id}.line"),
            reason["line"] == rule["line"],
            || "its rule stands in another line".into(),
        );
    }

    fn reason_of_course(&mut self, id: &str, reason: &'a Json) {
        let answer = self.answer;
        let kind = text(reason, "kind");
        // Each planned session may have one of that name, in a line of its own.
        let of_it = || self.bounds().filter(|bound| bound["outcome"] == "true" && is_of(bound, id));
        let bound = of_it().find(|bound| bound["line"] == reason["line"]).or_else(|| of_it().next());
        let holds = match kind {
            "course" if id == "no-course" => self.value("course.offered").truth() == Some(false),
            "course" => {
                let parts = [("-past", "past"), ("-maximum", "over"), ("-too-early", "too-early")];
                let part = parts.iter().find(|(end, _)| id.ends_with(end)).map(|(_, part)| *part);
                part.is_some_and(|part| self.part(part) == Some(true))
            }
            _ => bound.is_some(),
        };
        self.states(|| format!("reasons.{id}"), holds, || "nothing of the course in the trace says so".into());
        let values = list(reason, "values").filter(|value| value.get("derived").is_some());
        let told: Vec<&Json> = values.collect();
        let told = if told.is_empty() { vec![reason] } else { told };
        for one in &told {
            let at = format!("reasons.{id}.not_before");
            self.found.dates += 1;
            match (day(&one["not_before"]), one.get("derived").map(|derived| self.derivation(derived))) {
                (said, Some(Ok(date))) if said != Some(date) => {
                    self.fault(FaultKind::Date, at, format!("{date} follows from what it is derived from"));
                }
                (_, Some(Err(why))) => self.fault(FaultKind::Date, at, why),
                (Some(_), None) => self.fault(FaultKind::Date, at, "nothing says where it comes from"),
                _ => {}
            }
        }
        let latest = told.iter().filter_map(|one| day(&one["not_before"])).max();
        let said = day(&reason["not_before"]);
        self.states(
            || format!("reasons.{id}.not_before"),
            latest.is_none() || said == latest,
            || "it is not the latest of the days of its values".into(),
        );
        let of_course = text(&answer["course"], "id");
        let at = |end: &str| self.node(&format!("course.{of_course}.{end}")).map(|node| &node["line"]);
        let line = match kind {
            "course" => at("too-early"),
            _ => bound.map(|bound| &bound["line"]),
        };
        let is_same = line.is_none_or(|line| *line == reason["line"]);
        self.states(|| format!("reasons.{id}.line"), is_same, || "what it is about stands in another line".into());
    }

    pub(super) fn bounds(&self) -> impl Iterator<Item = &'a Json> + use<'a> {
        self.nodes.clone().into_iter().filter(|node| node["kind"] == "bound")
    }

    /// Whether the facts that a reason names were read as it says, and by its rule.
    fn because(&mut self, at: &str, reason: &'a Json, rule: Option<&'a Json>) {
        let read = rule.map(|rule| self.facts_under(text(rule, "id")));
        for known in list(reason, "because") {
            let fact = text(known, "fact");
            if fact.starts_with("sessions.") {
                // Of a sum, the trace does not tell what each session adds.
                let is_sum = |node: &&Json| text(node, "text").contains("sum ");
                let is_so = self.is_noted(fact, as_truth(text(known, "value"))) || self.nodes.iter().any(is_sum);
                self.states(|| format!("{at}.{fact}"), is_so, || "no session of the trace has that note".into());
                continue;
            }
            let given = list(&self.answer["trace"], "given").find(|given| given["origin"]["fact"] == fact);
            let value = as_truth(text(known, "value"));
            let is_read = given.is_some() && read.as_ref().is_none_or(|read| read.contains(fact));
            self.states(|| format!("{at}.{fact}"), is_read, || format!("its rule does not read `{fact}`"));
            if let Some(given) = given {
                let said = text(given, "outcome");
                // An event is not later than the day on which it was told.
                let days = Value::read(said).days().zip(Value::read(value).days());
                let is_within = days.is_some_and(|(days, told)| told.first == days.first && days.last <= told.last);
                // A text that no expression mentions is another than all that are written.
                let is_other = said == "another"
                    && !self.nodes.iter().any(|node| node["kind"] == "literal" && text(node, "outcome") == value);
                let is_same = said == value || given["why"]["value"] == value || is_within || is_other;
                let is_dated = given["origin"].get("on") == known.get("on");
                self.states(
                    || format!("{at}.{fact}"),
                    is_same && is_dated && given["origin"].get("because") == known.get("not_applicable"),
                    || format!("it is not as `trace.given` says: `{said}`"),
                );
            }
        }
    }

    /// Whether a note of a session, `sessions.2026-07-14.depth_mm`, was read as that.
    fn is_noted(&self, fact: &str, value: &str) -> bool {
        self.nodes.iter().filter(|node| node["outcome"] == value).any(|node| {
            let written = text(node, "text").trim_matches(['(', ')', ' ']);
            let Some((variable, note)) = written.rsplit_once('.') else { return false };
            let session = self.meant(text(node, "id"), variable).map(|(session, _)| session.replace('#', "."));
            match session.filter(|_| node["kind"] == "note") {
                Some(session) => fact.strip_prefix("sessions.") == Some(&format!("{session}.{note}")),
                // Of the first or the last session, the trace does not say which that is.
                None => {
                    matches!(node["operator"].as_str(), Some("first" | "last")) && fact.ends_with(&format!(".{note}"))
                }
            }
        })
    }

    /// A node and its parts.
    pub(super) fn under(&self, id: &'a str) -> Vec<&'a Json> {
        let (mut nodes, mut todo, mut seen) = (Vec::new(), vec![id], BTreeSet::new());
        while let Some(id) = todo.pop() {
            let Some(node) = self.node(id).filter(|_| seen.insert(id)) else { continue };
            nodes.push(node);
            todo.extend(texts(node, "operands"));
        }
        nodes
    }

    /// The facts that a node and its parts read; `sessions`, where they read any.
    pub(super) fn facts_under(&self, id: &'a str) -> BTreeSet<&'a str> {
        let mut facts = BTreeSet::new();
        for node in self.under(id) {
            facts.extend(node["origin"]["fact"].as_str());
            facts.extend((node["origin"]["from"] == "sessions").then_some("sessions"));
            facts.extend(list(node, "unknown").map(|unknown| text(unknown, "fact")));
        }
        facts
    }

    pub(super) fn precautions(&mut self) {
        let answer = self.answer;
        for rule in self.rules().filter(|rule| rule["kind"] == "precaution") {
            let id = text(rule, "id").trim_start_matches("precaution.");
            let told = list(answer, "precautions").find(|one| text(one, "id") == id);
            let fires = self.fires(rule) == Some(true);
            let is_same = told.is_some() == fires && told.is_none_or(|told| told["line"] == rule["line"]);
            self.states(|| format!("precautions.{id}"), is_same, || format!("that it holds is `{fires}`"));
        }
        for told in list(answer, "precautions") {
            let id = text(told, "id");
            let rule = self.node(&format!("precaution.{id}"));
            let pause = format!(".{id}");
            // A pause that asks for a reassessment; or the day before which some products may not be used.
            let day = format!(".products.{id}");
            // In another language, the day is written as people there read it.
            let is_english = answer["provenance"].get("language").is_none_or(Json::is_null);
            let waits = |node: &Json| {
                let until = text(node, "outcome");
                text(node, "id").ends_with(&day)
                    && until > text(answer, "as_of")
                    && (!is_english || text(told, "do").ends_with(&format!(" before {until}.")))
            };
            let holds = rule.is_some()
                || self.nodes.iter().any(|node| text(node, "id").ends_with(&pause) && node["outcome"] == "true")
                || self.nodes.iter().any(|node| waits(node));
            self.states(|| format!("precautions.{id}"), holds, || "nothing in the trace says so".into());
            self.because(&format!("precautions.{id}.because"), told, rule);
        }
    }
}

/// Whether a bound of the trace is that of a name; of several that have it, each but the first has a number.
pub(super) fn is_of(bound: &Json, name: &str) -> bool {
    text(bound, "id").split('#').next().is_some_and(|id| id.ends_with(&format!(".{name}")))
}
