//! Whether the lists of the answer have all that the trace says must stand there: what is left out deceives as much as what is altered.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::premises::expression;
use super::steps::RULES;
use super::value::Value;
use super::{Check, day, list, text, texts};
use crate::date::Date;

impl<'a> Check<'a> {
    pub(super) fn complete(&mut self) {
        self.reasons_of_course();
        self.pauses();
        self.facts_that_decided();
        self.what_moves_the_day();
        self.taken_for_granted();
        self.doubts();
        self.overrides();
        self.tables();
        self.sessions_to_come();
        self.confirmed();
    }

    fn missing(&mut self, at: impl Into<String>, is_there: bool, why: impl FnOnce() -> String) {
        self.states(|| at.into(), is_there, why);
    }

    /// What holds back in a course that is offered is a reason, whichever bound it is.
    fn reasons_of_course(&mut self) {
        let is_offered = self.node("course.offered").is_none() || self.value("course.offered").truth() != Some(false);
        if !is_offered {
            return;
        }
        let reasons: Vec<&Json> =
            list(self.answer, "reasons").filter(|one| !RULES.contains(&text(one, "kind"))).collect();
        let whatever = reasons.iter().any(|one| text(one, "id").ends_with("-too-early"));
        for bound in self.bounds().filter(|bound| bound["outcome"] == "true").collect::<Vec<_>>() {
            let is_told = whatever || reasons.iter().any(|one| super::reasons::is_of(bound, text(one, "id")));
            self.missing("reasons", is_told, || format!("`{}` holds back, and is no reason", text(bound, "id")));
        }
        let is_told = reasons.iter().any(|one| one["leads_to"] == "deferred");
        let holds_back = self.part("too-early") == Some(true);
        self.missing("reasons", is_told || !holds_back, || {
            "it is too early for the next session, and no reason says so".into()
        });
    }

    /// A pause that asks for a reassessment is a precaution.
    fn pauses(&mut self) {
        let pauses: Vec<&Json> =
            self.nodes.iter().copied().filter(|node| node["kind"] == "course" && node["decisive"] == true).collect();
        for pause in pauses {
            let id = text(pause, "id").split('#').next().unwrap_or_default();
            let name = id.rsplit('.').next().unwrap_or_default();
            let is_told = list(self.answer, "precautions").any(|one| text(one, "id") == name);
            self.missing(format!("precautions.{name}"), is_told, || format!("`{id}` asks for it, and it is not there"));
        }
        // One of which that is not known is asked about.
        let is_open = |node: &&&Json| {
            let is_part =
                [".too-early", ".over", ".past", ".overdue", ".skip"].iter().any(|end| text(node, "id").ends_with(end));
            node["kind"] == "course" && node["outcome"] == "unknown" && node.get("operator").is_none() && !is_part
        };
        for pause in self.nodes.iter().filter(is_open).copied().collect::<Vec<_>>() {
            let name = text(pause, "id").split('#').next().and_then(|id| id.rsplit('.').next()).unwrap_or_default();
            let is_pause = pause.get("origin").is_none() && super::premises::expression(text(pause, "id")).is_none();
            let is_asked_for = is_pause && !self.ends();
            for fact in list(pause, "unknown").map(|unknown| text(unknown, "fact")).filter(|_| is_asked_for) {
                let mut asked = list(self.answer, "questions").filter(|one| text(one, "fact") == fact);
                let is_asked = asked.any(|one| texts(one, "rules").any(|rule| rule == name));
                self.missing(format!("questions.{fact}.rules"), is_asked, || format!("`{name}` waits for it"));
            }
        }
        // Before that day, some products may not be used.
        let waits = self.nodes.iter().filter(|node| node["kind"] == "date" && day(&node["outcome"]) > self.as_of);
        let waits: Vec<(&str, &str)> = waits
            .filter_map(|node| Some((text(node, "id").split_once(".products.")?.1, text(node, "outcome"))))
            .collect();
        for (name, until) in &waits {
            // Of those that say the same, the one that lasts longest is told.
            let lasts = |id: &str| waits.iter().any(|(other, longer)| *other == id && longer >= until);
            let is_told = list(self.answer, "precautions").any(|one| lasts(text(one, "id")));
            self.missing(format!("precautions.{name}"), is_told, || {
                "some products have to wait, and none says so".into()
            });
        }
    }

    /// A reason or precaution names each fact that decided its rule.
    fn facts_that_decided(&mut self) {
        for of in ["reasons", "precautions"] {
            for told in list(self.answer, of) {
                let (id, kind) = (text(told, "id"), told["kind"].as_str().unwrap_or("precaution"));
                let parts: Vec<&str> = match self.node(&format!("{kind}.{id}")) {
                    Some(rule) => texts(rule, "operands").filter(|part| !part.ends_with(".recheck")).collect(),
                    None => self.rests_on(id, kind),
                };
                let mut facts = BTreeSet::new();
                for part in parts {
                    let leaves = if part.ends_with(".not_before") { [part].into() } else { self.deciding(part) };
                    leaves.into_iter().for_each(|leaf| self.used(leaf, &mut facts));
                }
                for fact in facts {
                    let given = list(&self.answer["trace"], "given").find(|given| given["origin"]["fact"] == fact);
                    let is_known = given.is_some_and(|given| given["outcome"] != "unknown" || given["why"].is_null());
                    let is_told = list(told, "because").any(|one| one["fact"] == fact);
                    self.missing(format!("{of}.{id}.because"), is_told || !is_known, || {
                        format!("`{fact}` decided it, and is not named")
                    });
                }
            }
        }
    }

    /// What a reason of the course rests on: its condition and the day that it is counted from, the conditions of all courses, the day of birth.
    fn rests_on(&self, id: &str, kind: &str) -> Vec<&'a str> {
        let status = &self.answer["course"]["status"];
        let of_all = |is_it: &dyn Fn(&str) -> bool| self.by_id.keys().copied().filter(|id| is_it(id)).collect();
        match kind {
            "age" => vec!["date_of_birth"],
            "course" if id.ends_with("-past") && status == "aged_out" => vec!["date_of_birth"],
            "course" if id == "no-course" => {
                of_all(&|id| id.starts_with("course.") && id.ends_with(".when") && id.matches('.').count() == 2)
            }
            "course" if id.ends_with("-maximum") && status == "immune" => {
                let holds = |id: &str| self.value(id).truth() == Some(true);
                of_all(&|id| id.starts_with("course.immune") && expression(id) == Some(id) && holds(id))
            }
            "interval" => {
                let bounds =
                    self.bounds().filter(|bound| bound["outcome"] == "true" && super::reasons::is_of(bound, id));
                let bounds: Vec<&Json> = bounds.collect();
                // Of several of that name, which one it is the trace does not tell.
                let [bound] = bounds[..] else { return Vec::new() };
                let condition = bound["derived"]["condition"].as_str();
                let from = list(&bound["derived"], "from").map(|anchor| text(anchor, "id"));
                condition.into_iter().chain(from.filter(|id| id.ends_with(".from"))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The facts that a value was made of; those that were asked of sessions stand elsewhere.
    fn used(&self, id: &'a str, facts: &mut BTreeSet<&'a str>) {
        let Some(node) = self.node(id) else { return };
        facts.extend(node["origin"]["fact"].as_str());
        self.followed(node).into_iter().for_each(|part| self.used(part, facts));
    }

    /// The parts of a step that have made it what it is.
    fn followed(&self, node: &'a Json) -> Vec<&'a str> {
        let parts = self.taken(node);
        match (node["operator"].as_str(), &parts[..]) {
            (Some("any" | "all" | "count" | "sum"), _) => Vec::new(),
            (Some("if"), [condition, _, _]) => vec![condition],
            _ => parts,
        }
    }

    /// The parts of a step without those that are not looked at: the branch that is not taken, and what something else was assumed for.
    fn taken(&self, node: &'a Json) -> Vec<&'a str> {
        let parts: Vec<&str> = texts(node, "operands").collect();
        match (node["operator"].as_str(), &parts[..]) {
            (Some("??"), [value, default]) => {
                vec![if self.value(value) == Value::Unknown { default } else { value }]
            }
            (Some("if"), [condition, yes, no]) => match self.value(condition).truth() {
                Some(true) => vec![condition, yes],
                Some(false) => vec![condition, no],
                None => parts,
            },
            // What does not count, and what adds nothing, makes no difference.
            (Some("sum"), _) => {
                let pairs = parts.chunks(2).filter_map(|pair| <[&str; 2]>::try_from(pair).ok());
                let looked_at = pairs.flat_map(|[condition, added]| {
                    let counts = self.value(condition).truth() != Some(false);
                    let adds = self.value(added) != Value::count(0, Some(0));
                    [Some(condition).filter(|_| adds), Some(added).filter(|_| counts)]
                });
                looked_at.flatten().collect()
            }
            _ => parts,
        }
    }

    /// A step and the parts that leave it open. What is settled leaves nothing open, whatever it is made of.
    pub(super) fn open_under(&self, id: &'a str) -> Vec<&'a Json> {
        let (mut nodes, mut todo, mut seen) = (Vec::new(), vec![id], BTreeSet::new());
        while let Some(id) = todo.pop() {
            let is_open = |id: &str| !self.value(id).is_settled();
            let Some(node) = self.node(id).filter(|_| is_open(id) && seen.insert(id)) else { continue };
            nodes.push(node);
            todo.extend(self.taken(node));
        }
        nodes
    }

    /// Of a patient who is deferred, whatever may put the first day off is asked for, and what the day depends on.
    fn what_moves_the_day(&mut self) {
        let answer = self.answer;
        let soonest = day(&answer["not_before"]).or(day(&answer["no_sooner_than"]));
        for rule in self.rules().filter(|rule| rule["kind"] == "deferral" && answer["status"] == "deferred") {
            let over = self.wait(rule).and_then(|wait| wait.days()).filter(|days| !days.last.is_never());
            let moves = match (self.fires(rule), over) {
                (Some(false), _) | (Some(true), None) => false,
                (None, None) => true,
                (_, Some(over)) => Some(over.last) > soonest,
            };
            let parts = texts(rule, "operands").filter(|part| moves && !part.ends_with(".recheck"));
            let mut facts = BTreeSet::new();
            parts.for_each(|part| self.open_facts(part, &mut facts));
            let name = text(rule, "id").trim_start_matches("deferral.");
            for fact in facts {
                let depends = texts(answer, "date_depends_on").any(|one| one == fact);
                self.missing("date_depends_on", depends, || format!("the wait of `{name}` depends on `{fact}`"));
                let mut asked = list(answer, "questions").filter(|one| text(one, "fact") == fact);
                let is_asked = asked.any(|one| texts(one, "rules").any(|rule| rule == name));
                self.missing(format!("questions.{fact}.rules"), is_asked, || format!("`{name}` waits for it"));
            }
        }
    }

    /// The facts that leave a step open. A fact that is not known at all tells for which it is asked: its own, or what tells whether its question
    /// makes sense.
    fn open_facts(&self, id: &'a str, facts: &mut BTreeSet<&'a str>) {
        for node in self.open_under(id) {
            let Some(fact) = node["origin"]["fact"].as_str() else { continue };
            facts.extend(list(node, "unknown").map(|unknown| text(unknown, "fact")));
            let is_partial = node["kind"] != "age" && self.why(fact).is_some_and(|why| why["kind"] == "partial");
            facts.extend(Some(fact).filter(|_| is_partial));
        }
    }

    /// A rule that would come out otherwise with everything left open rests on an assumption, and one says so.
    fn taken_for_granted(&mut self) {
        let open = self.opened();
        for rule in self.rules() {
            let (kind, id) = text(rule, "id").split_once('.').unwrap_or_default();
            let wait = |of: &Check<'a>| of.wait(rule).filter(|_| of.fires(rule) != Some(false));
            let changes = self.fires(rule) != open.fires(rule) || wait(self) != wait(&open);
            let assumes = |node: &&Json| {
                let first = texts(node, "operands").next();
                matches!(node["operator"].as_str(), Some("??" | "known"))
                    && first.is_some_and(|one| self.value(one) == Value::Unknown && !self.facts_under(one).is_empty())
            };
            let assumes = changes && self.under(text(rule, "id")).iter().any(assumes);
            let is_told = list(self.answer, "assumptions").any(|one| texts(one, "rules").any(|name| name == id));
            self.missing("assumptions", is_told || !assumes, || {
                format!("the {kind} `{id}` rests on something that was assumed, and none says so")
            });
            self.assumed_of_each_session(rule, id);
        }
    }

    /// What a rule takes for granted of one session, it does of each of which the same is not known.
    fn assumed_of_each_session(&mut self, rule: &'a Json, name: &str) {
        let mut of_text: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for node in self.under(text(rule, "id")).iter().filter(|node| node["origin"]["from"] == "assumed") {
            let first = texts(node, "operands").next().and_then(|id| self.node(id));
            let facts = first.into_iter().flat_map(|node| list(node, "unknown")).map(|unknown| text(unknown, "fact"));
            let of_sessions = facts.filter(|fact| fact.starts_with("sessions."));
            of_text.entry(text(node, "text")).or_default().extend(of_sessions);
        }
        let told = |fact: &str| {
            let mut of_it = list(self.answer, "assumptions").filter(|one| text(one, "fact") == fact);
            of_it.any(|one| texts(one, "rules").any(|rule| rule == name))
        };
        let of_one = of_text.values().filter(|facts| facts.iter().any(|fact| told(fact)));
        let left_out = of_one.flatten().find(|fact| !told(fact)).copied();
        self.missing(format!("assumptions.{}", left_out.unwrap_or_default()), left_out.is_none(), || {
            format!("`{name}` takes it for granted, and none says so")
        });
    }

    /// The answer itself shows of some doubts that there must be one.
    fn doubts(&mut self) {
        let answer = self.answer;
        let is_twice = self.nodes.iter().any(|node| texts(node, "noted_twice").next().is_some());
        let contradicts = list(&answer["trace"], "given").any(|given| given["why"]["kind"] == "contradicted");
        let asks_nothing = answer["status"] == "undetermined" && list(answer, "questions").next().is_none();
        let needed: [(bool, &[&str], &str); 3] = [
            (is_twice, &["R417"], "a session may have been noted twice"),
            (contradicts, &["R419"], "an answer contradicts another"),
            (asks_nothing, &["R415", "R416", "R418"], "nobody is asked, and nothing says why nobody can answer"),
        ];
        for (is_needed, codes, why) in needed {
            let is_told = list(answer, "doubts").any(|one| codes.contains(&text(one, "code")));
            self.missing("doubts", is_told || !is_needed, || format!("{why}, and no doubt says so"));
        }
    }

    /// What was set for this answer is among the overrides.
    fn overrides(&mut self) {
        let answer = self.answer;
        let set = answer["provenance"]["set"].as_object().into_iter().flatten();
        for (name, used) in set {
            let is_told = list(answer, "overrides").any(|one| text(one, "parameter") == name && one["used"] == *used);
            self.missing(format!("overrides.{name}"), is_told, || "the provenance says that it was set".into());
        }
    }

    /// Each table whose rows are in the trace has a setting.
    fn tables(&mut self) {
        let answer = self.answer;
        let of_row = |id: &'a str| expression(id)?.strip_prefix("setting.")?.rsplit_once(".row-");
        let tables: BTreeSet<&str> =
            self.nodes.iter().filter_map(|node| of_row(text(node, "id"))).map(|(table, _)| table).collect();
        let tables = if self.ends() { BTreeSet::new() } else { tables };
        for table in tables {
            // Where nobody knows for what, it is told once.
            let is_of_it =
                |id: &str| table.strip_prefix(id).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
            let is_told = list(answer, "settings").any(|one| is_of_it(text(one, "id")));
            self.missing(format!("settings.{table}"), is_told, || {
                "its rows are in the trace, and it is not told".into()
            });
        }
    }

    /// Each session to come whose days are in the trace is told.
    fn sessions_to_come(&mut self) {
        let course = &self.answer["course"];
        // From a day that nobody knows, none is counted.
        let has_day = self.answer["status"] != "deferred"
            || ["not_before", "no_later_than"].iter().any(|key| day(&self.answer[*key]).is_some());
        if self.ends() || !course.is_object() || !has_day {
            return;
        }
        let told = list(course, "projected").count();
        let of_course = format!("course.{}.", text(course, "id"));
        let number = |node: &&'a Json| -> Option<usize> {
            let (before, name) = text(node, "id").strip_prefix(&of_course)?.rsplit_once('.')?;
            let then = before.rsplit('.').next()?.strip_prefix("then-")?;
            if name == "earliest" { then.parse().ok() } else { None }
        };
        let last = self.nodes.iter().filter_map(number).max().unwrap_or(0);
        self.missing("course.projected", last <= told, || format!("the trace has {last} sessions to come"));
    }

    /// What has to be asked again was answered before, and is too old on the last of the days that the answer gives.
    fn confirmed(&mut self) {
        let answer = self.answer;
        let course = &answer["course"];
        let windows = [&course["next"]].into_iter().chain(list(course, "components").map(|part| &part["next"]));
        let days = windows.flat_map(|window| ["earliest", "recommended"].map(|key| day(&window[key])));
        let days =
            days.chain(["not_before", "no_sooner_than", "no_later_than", "appointment"].map(|key| day(&answer[key])));
        let last = days.flatten().max();
        for one in list(answer, "to_be_confirmed") {
            let (fact, until): (&str, Option<Date>) = (text(one, "fact"), day(&one["valid_until"]));
            let given = list(&answer["trace"], "given").find(|given| given["origin"]["fact"] == fact);
            let is_applicable = given.is_none_or(|given| given["origin"]["from"] != "not_applicable");
            let on = given.and_then(|given| day(&given["origin"]["on"]));
            let is_between = until >= self.as_of && until >= on && until < last;
            self.states(
                || format!("to_be_confirmed.{fact}"),
                is_between || !is_applicable,
                || "it is not one that may be used today and is too old on a day that the answer gives".into(),
            );
        }
    }
}
