//! Whether what is asked is what is open, and for what the trace says that it is open.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::answer::{ORDER, as_truth, place};
use super::steps::RULES;
use super::value::{Truth, any};
use super::{Check, list, text, texts};

impl<'a> Check<'a> {
    /// What could be changed by a rule that is not known.
    fn effect(&self, leads_to: Option<&str>) -> Option<&'static str> {
        let status = text(self.answer, "status");
        match leads_to {
            None => (!self.ends()).then_some("precaution"),
            Some("deferred") if status == "deferred" => Some("schedule"),
            Some("refer") if status == "deferred" => Some("status"),
            Some("refer") if status == "undetermined" => {
                let is_referred = |rule: &Json| rule["leads_to"] == "refer" && self.fires(rule) == Some(true);
                (!self.rules().any(is_referred)).then_some("status")
            }
            Some(other) => (place(other) < place(status)).then_some("status"),
        }
    }

    /// What the course waits for.
    fn course_waits_for(&self) -> BTreeSet<&'a str> {
        let parts = ["too-early", "over", "past", "overdue"];
        let nodes = parts.iter().filter_map(|part| self.node(&format!("course.{}.{part}", self.course_id())));
        nodes.flat_map(|node| list(node, "unknown")).map(|unknown| text(unknown, "fact")).collect()
    }

    /// The graver statuses that the course may lead to.
    fn course_may_lead_to(&self) -> BTreeSet<usize> {
        let present = place(text(self.answer, "status"));
        let offered = self.node("course.offered").map_or(Some(true), |node| self.value(text(node, "id")).truth());
        let not_indicated = any([offered.map(|offered| !offered), self.part("past")]);
        let parts: [(Truth, &str); 3] =
            [(not_indicated, "not-indicated"), (self.part("over"), "complete"), (self.part("too-early"), "deferred")];
        let open = parts.iter().filter(|(truth, _)| truth.is_none()).map(|(_, status)| place(status));
        open.filter(|status| *status < present).collect()
    }

    /// All that the course waits for is asked for it; and what is asked for a course, for this one.
    fn asked_for_the_course(&mut self) {
        let answer = self.answer;
        let name = format!("course.{}", self.course_id());
        let waits_for = self.course_waits_for();
        let is_for_it = |question: &&Json| texts(question, "rules").any(|rule| rule == name);
        // Where nothing is to be done, no day is of interest.
        let needed = if self.ends() { BTreeSet::new() } else { waits_for };
        for fact in needed {
            let is_asked = list(answer, "questions").filter(is_for_it).any(|one| text(one, "fact") == fact);
            self.states(|| format!("questions.{fact}"), is_asked, || format!("`{name}` waits for it"));
        }
        // Two entries are taken for one until somebody says what they are: the course is certain meanwhile.
        let of_course =
            |question: &&Json| texts(question, "rules").any(|rule| rule.starts_with("course.")) && !is_twin(question);
        for question in list(answer, "questions").filter(of_course) {
            // For what the days to come, and other possible courses, wait, the trace does not tell.
            let (fact, is_so) = (text(question, "fact"), is_for_it(&question));
            self.states(|| format!("questions.{fact}.rules"), is_so, || "the course does not wait for it".into());
        }
    }

    /// The gravest status is that of the rules that wait for it, and of the course. What other treatments can only hold back for leads to no
    /// graver one, and which those are the trace does not tell.
    fn leads_to_what(&mut self, question: &'a Json, of_rules: Option<usize>) {
        let said = question["could_lead_to"].as_str().map(place);
        let graver = |status: Option<usize>| of_rules.into_iter().chain(status).min();
        let mut follow = vec![graver(None)];
        if texts(question, "rules").any(|rule| rule.starts_with("course.")) {
            let open = self.course_may_lead_to();
            let deferred = Some(place("deferred")).filter(|status| open.contains(status));
            follow = vec![graver(open.first().copied()), graver(deferred)];
        }
        let is_so = follow.contains(&said) || is_twin(question) && said.is_none_or(|said| said < ORDER.len());
        self.states(
            || format!("questions.{}.could_lead_to", text(question, "fact")),
            is_so,
            || "it is not the gravest status of what waits for it".into(),
        );
    }

    /// What it could change is what waits for it: rules, the course, settings, instructions and pauses. Each of them is there.
    fn changes_what(&mut self, question: &'a Json) {
        let (answer, fact) = (self.answer, text(question, "fact"));
        let mut effects: BTreeSet<&str> = BTreeSet::new();
        for name in texts(question, "rules") {
            let is_course = name.starts_with("course.");
            let of_rules = RULES.iter().filter_map(|kind| self.node(&format!("{kind}.{name}")));
            let of_rules: Vec<Option<&str>> = of_rules.map(|rule| rule["leads_to"].as_str()).collect();
            let is_of_it =
                |id: &str| id.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
            let of_settings: Vec<&Json> = list(answer, "settings").filter(|one| is_of_it(text(one, "id"))).collect();
            let pause = format!(".{name}");
            let is_pause_node = |node: &Json| {
                let id = text(node, "id").split('#').next().unwrap_or_default();
                node["kind"] == "course" && node["outcome"] == "unknown" && id.ends_with(&pause)
            };
            let is_other = list(answer, "instructions").any(|one| text(one, "id") == name)
                || self.nodes.iter().any(|node| is_pause_node(node));
            let is_known = is_course || is_other || !of_rules.is_empty() || !of_settings.is_empty();
            // A pause of the course, of which the trace does not tell where it is open only by a day.
            let is_pause = !is_known && answer["course"].is_object();
            self.states(
                || format!("questions.{fact}.rules"),
                is_known || is_pause,
                || format!("neither the answer nor the trace has `{name}`"),
            );
            effects.extend(of_rules.iter().filter_map(|leads_to| self.effect(*leads_to)));
            effects.extend(["status", "schedule"].iter().filter(|_| is_course || is_pause));
            effects.extend(of_settings.iter().any(|setting| setting["needed"] == true).then_some("status"));
            effects.extend((is_other || is_pause).then_some("precaution"));
        }
        // What a precaution limits, its question changes too.
        let of_limited = |one: &Json| one["needed"] == true && texts(one, "depends_on").any(|other| other == fact);
        effects.extend(list(answer, "settings").any(of_limited).then_some("status"));
        let said: Vec<&str> = texts(question, "could_change").collect();
        let may_be = |effect: &&str| *effect == "setting" || effects.contains(effect);
        let is_named = texts(question, "rules").next().is_some();
        let is_so = is_named && !said.is_empty() && said.iter().all(may_be);
        self.states(
            || format!("questions.{fact}.could_change"),
            is_so || is_twin(question) && is_named && !said.is_empty(),
            || "nothing that waits for it changes that".into(),
        );
    }

    /// What is asked is what is not known, and all of it that can still change something.
    pub(super) fn questions(&mut self) {
        let answer = self.answer;
        let asked = |fact: &str| list(answer, "questions").find(move |one| text(one, "fact") == fact);
        for rule in self.rules() {
            let (id, leads_to) = (text(rule, "id"), rule["leads_to"].as_str());
            let name = id.split_once('.').map_or(id, |(_, name)| name);
            let Some(effect) = self.effect(leads_to).filter(|_| self.fires(rule).is_none()) else { continue };
            // A wait that surely goes on, or is over, needs no word about its day.
            let days = self.wait(rule).and_then(|wait| wait.days()).zip(self.as_of);
            let is_settled = days.is_some_and(|(days, as_of)| as_of < days.first || as_of >= days.last);
            let when = texts(rule, "operands").find(|id| id.ends_with(".when"));
            // A part of it that is settled waits for nothing, also where it reads the same as the day does.
            let of_when: BTreeSet<&str> = when
                .map(|when| self.open_under(when))
                .unwrap_or_default()
                .into_iter()
                .flat_map(|node| list(node, "unknown"))
                .map(|unknown| text(unknown, "fact"))
                .collect();
            for fact in list(rule, "unknown").map(|unknown| text(unknown, "fact")) {
                if is_settled && !of_when.contains(fact) {
                    continue;
                }
                let is_asked = asked(fact).is_some_and(|one| {
                    texts(one, "rules").any(|rule| rule == name) && texts(one, "could_change").any(|one| one == effect)
                });
                self.states(
                    || format!("questions.{fact}"),
                    is_asked,
                    || format!("`{id}` waits for it, and it is not asked for the {effect}"),
                );
            }
        }
        for question in list(answer, "questions") {
            let fact = text(question, "fact");
            let mut gravest = None;
            for name in texts(question, "rules") {
                let rule = RULES.iter().find_map(|kind| self.node(&format!("{kind}.{name}")));
                let Some(rule) = rule else { continue };
                let moves =
                    answer["status"] == "deferred" && rule["kind"] == "deferral" && self.fires(rule) != Some(false);
                let waits = list(rule, "unknown").any(|unknown| text(unknown, "fact") == fact);
                let is_read = || {
                    let facts = self.facts_under(text(rule, "id"));
                    facts.contains(fact) || (fact.starts_with("sessions.") && facts.contains("sessions"))
                };
                // A precaution may set limits; how far they reach, the trace does not tell.
                let limits = rule["kind"] == "precaution"
                    && self.fires(rule) != Some(false)
                    && texts(question, "could_change").any(|one| one == "setting")
                    && list(answer, "settings").any(|setting| texts(setting, "depends_on").any(|one| one == fact));
                // Until somebody says whether two entries are one session, a rule that counts sessions is certain.
                self.states(
                    || format!("questions.{fact}.rules"),
                    waits || is_twin(question) || (moves && is_read()) || limits,
                    || format!("`{name}` does not wait for it"),
                );
                let leads_to = rule["leads_to"].as_str().filter(|one| self.effect(Some(one)).is_some());
                gravest = [gravest, leads_to.map(place)].into_iter().flatten().min();
            }
            self.leads_to_what(question, gravest);
            self.changes_what(question);
            let given = list(&answer["trace"], "given").find(|given| given["origin"]["fact"] == fact);
            let is_same = given.is_none_or(|given| given["why"] == question["why"]);
            self.states(|| format!("questions.{fact}.why"), is_same, || "`trace.given` says otherwise".into());
        }
        self.asked_for_the_course();
        for assumption in list(answer, "assumptions") {
            let (fact, assumed) = (text(assumption, "fact"), as_truth(text(assumption, "assumed")));
            let is_of_session = fact.starts_with("sessions.") || fact.starts_with("earlier.");
            // An age is assumed without its unit.
            let is_said = |said: &str| said == assumed || said.strip_suffix(" years") == Some(assumed);
            let assumes = |node: &&Json| node["origin"]["from"] == "assumed" && is_said(text(node, "outcome"));
            let ids = self.nodes.iter().copied().filter(assumes).map(|node| text(node, "id"));
            let is_assumed = ids.into_iter().any(|id| is_of_session || self.facts_under(id).contains(fact));
            // `known(x)` assumes no value; and what settings and instructions rest on, the trace does not tell.
            let is_rule = |name: &str| RULES.iter().any(|kind| self.node(&format!("{kind}.{name}")).is_some());
            // What another course than the chosen one takes for granted stands in no node, but its own conditions.
            let chosen = format!("course.{}", self.course_id());
            let is_told = texts(assumption, "rules").any(|name| name == chosen || is_rule(name));
            let is_assumed = is_assumed || assumed == "unknown" || !is_told;
            self.states(|| format!("assumptions.{fact}"), is_assumed, || format!("nothing assumes `{assumed}` for it"));
        }
        for fact in texts(answer, "date_depends_on") {
            self.states(|| "date_depends_on".into(), asked(fact).is_some(), || format!("`{fact}` is not asked for"));
        }
    }
}

/// Whether it asks if two entries are one session.
fn is_twin(question: &Json) -> bool {
    text(question, "fact").ends_with(".noted_twice")
}
