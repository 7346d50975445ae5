//! Whether the answer follows from its trace: the status, what it could become, the reasons, the first day, the questions.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::steps::RULES;
use super::value::{Truth, Value};
use super::{Check, day, list, text, texts};
use crate::date::Date;

/// The statuses, in their order: the first that is certain wins.
pub(super) const ORDER: [&str; 9] =
    ["contraindicated", "not-indicated", "stopped", "complete", "deferred", "undetermined", "refer", "due", "overdue"];
const UNDETERMINED: usize = 5;

pub(super) fn place(status: &str) -> usize {
    ORDER.iter().position(|one| *one == status).unwrap_or(ORDER.len())
}

/// An answer as a node shows it.
pub(super) fn as_truth(value: &str) -> &str {
    match value {
        "yes" => "true",
        "no" => "false",
        other => other,
    }
}

/// The parts of the course that lead to a status.
const PARTS: [(&str, &str); 3] = [("past", "not-indicated"), ("over", "complete"), ("too-early", "deferred")];

/// Which statuses something leads to: certainly, or perhaps.
#[derive(Default)]
struct LeadsTo {
    certain: BTreeSet<usize>,
    possible: BTreeSet<usize>,
}

impl LeadsTo {
    fn add(&mut self, status: &str, fires: Truth) {
        if fires != Some(false) {
            self.possible.insert(place(status));
        }
        if fires == Some(true) {
            self.certain.insert(place(status));
        }
    }
}

impl<'a> Check<'a> {
    pub(super) fn answer(&mut self) {
        self.dates_of_answer();
        self.status();
        self.could_become();
        self.first_day();
        self.reasons();
        self.precautions();
        self.questions();
        self.course();
        self.provenance();
        self.complete();
        self.agreement();
    }

    pub(super) fn rules(&self) -> impl Iterator<Item = &'a Json> + use<'a> {
        self.nodes.clone().into_iter().filter(|node| RULES.contains(&text(node, "kind")))
    }

    /// Whether a rule fires: an indication does where its condition fails.
    pub(super) fn fires(&self, rule: &Json) -> Truth {
        let holds = self.value(text(rule, "id")).truth();
        if rule["kind"] == "indication" { holds.map(|holds| !holds) } else { holds }
    }

    /// The course that was chosen; one of which nothing is reported is known by what it leads to.
    pub(super) fn course_id(&self) -> &'a str {
        self.answer["course"]["id"].as_str().unwrap_or_else(|| {
            let ids = self.nodes.iter().map(|node| text(node, "id"));
            ids.filter_map(|id| id.strip_prefix("course.")?.strip_suffix(".too-early")).next().unwrap_or_default()
        })
    }

    /// What a part of the course came to; a part that is not told is not so.
    pub(super) fn part(&self, part: &str) -> Truth {
        let id = format!("course.{}.{part}", self.course_id());
        if self.node(&id).is_some() { self.value(&id).truth() } else { Some(false) }
    }

    fn leads_to(&self) -> LeadsTo {
        let mut leads_to = LeadsTo::default();
        for rule in self.rules() {
            if let Some(status) = rule["leads_to"].as_str() {
                leads_to.add(status, self.fires(rule));
            }
        }
        for (part, status) in PARTS {
            leads_to.add(status, self.part(part));
        }
        if self.node("course.offered").is_some() {
            leads_to.add("not-indicated", self.value("course.offered").truth().map(|offered| !offered));
        }
        leads_to
    }

    /// Whether a setting without which nothing is due has no value.
    fn lacks_setting(&self) -> bool {
        list(self.answer, "settings").any(|setting| setting["needed"] == true && setting["known"] != true)
    }

    fn status(&mut self) {
        let LeadsTo { certain, possible } = self.leads_to();
        let refer = place("refer");
        let is_open = possible.iter().any(|status| *status < UNDETERMINED)
            || (possible.contains(&refer) && !certain.contains(&refer));
        let follows = match certain.first() {
            Some(first) if *first < UNDETERMINED => *first,
            _ if is_open => UNDETERMINED,
            Some(first) => *first,
            None if self.lacks_setting() => UNDETERMINED,
            None => place(if self.part("overdue") == Some(true) { "overdue" } else { "due" }),
        };
        let (said, follows) = (text(self.answer, "status"), ORDER[follows]);
        self.states(
            || "status".into(),
            said == follows,
            || format!("it is `{said}`, and `{follows}` follows from the rules"),
        );
    }

    /// What is still possible once everything is known, also what was assumed. Where a course rests on something that was assumed, it may be
    /// any course then, of which the trace does not tell.
    fn could_become(&mut self) {
        let open = self.opened();
        let is_course = |id: &str| id.starts_with("course.");
        let rests_on = |assumption: &Json| texts(assumption, "rules").any(is_course);
        // Of two entries that say the same, it is assumed that they are one.
        let counts_once = list(self.answer, "doubts").any(|doubt| doubt["code"] == "R417");
        let course_is_open = counts_once
            || list(self.answer, "assumptions").any(rests_on)
            || self.values.iter().any(|(id, value)| is_course(id) && open.values.get(id) != Some(value));
        let LeadsTo { certain, possible } = open.leads_to();
        let present = place(text(self.answer, "status"));
        let mut reached: BTreeSet<usize> = match certain.first() {
            Some(first) => possible.iter().filter(|status| *status <= first).copied().collect(),
            None => possible,
        };
        reached.extend(Some(present).filter(|present| *present != UNDETERMINED));
        let overdue = self.part("overdue");
        let due = [(overdue != Some(true)).then(|| place("due")), (overdue != Some(false)).then(|| place("overdue"))];
        // Whether a setting has a value in the end, the trace does not say; to whom nothing can be done, no setting is told at all.
        let untold = self.ends();
        let needs = list(self.answer, "settings").any(|setting| setting["needed"] == true) || untold;
        let mut perhaps: BTreeSet<usize> =
            if needs && certain.is_empty() { [UNDETERMINED].into() } else { BTreeSet::new() };
        if certain.is_empty() && (self.lacks_setting() || untold) {
            perhaps.extend(due.into_iter().flatten());
        } else if certain.is_empty() {
            reached.extend(due.into_iter().flatten());
        }
        let said: Vec<&str> = texts(self.answer, "could_become").collect();
        let places: Vec<usize> = said.iter().map(|status| place(status)).collect();
        let is_ordered = places.is_sorted_by(|one, next| one < next) && places.iter().all(|place| *place < ORDER.len());
        let told: BTreeSet<usize> = places.into_iter().collect();
        let is_any = perhaps.is_empty() || !reached.is_disjoint(&told) && !untold || !perhaps.is_disjoint(&told);
        let is_told = course_is_open || (reached.is_subset(&told) && is_any);
        let is_more = !course_is_open && !told.difference(&reached).all(|one| perhaps.contains(one));
        let names: Vec<&str> = reached.iter().filter_map(|place| ORDER.get(*place).copied()).collect();
        self.states(
            || "could_become".into(),
            is_ordered && is_told && !is_more,
            || format!("it is `{}`, and `{}` follows from the rules", said.join(", "), names.join(", ")),
        );
    }

    /// The first permitted day, from all that holds back, or may.
    fn first_day(&mut self) {
        let answer = self.answer;
        let is_deferred = answer["status"] == "deferred";
        let told = ["not_before", "no_sooner_than", "no_later_than"].map(|key| day(&answer[key]));
        if !is_deferred {
            self.states(
                || "not_before".into(),
                told == [None; 3],
                || "nobody who is not deferred has a first day".into(),
            );
            return;
        }
        let (mut is_endless, mut soonest, mut latest) = (false, None::<Date>, None::<Date>);
        let mut waits: BTreeSet<String> = BTreeSet::new();
        for rule in self.rules().filter(|rule| rule["leads_to"] == "deferred") {
            let fires = self.fires(rule);
            let days = self.wait(rule).and_then(|wait| wait.days()).filter(|days| !days.last.is_never());
            match days {
                _ if fires == Some(false) => {}
                None => is_endless = true,
                Some(days) => {
                    let has_end = days.last < Date::MAX;
                    is_endless |= !has_end;
                    latest = latest.max(Some(if has_end { days.last } else { days.first }));
                    if fires == Some(true) {
                        soonest = soonest.max(Some(days.first));
                    }
                    waits.insert(format!("{}.not_before", text(rule, "id")));
                }
            }
        }
        // What the course holds back stands among what the days of the answer are made of.
        let from = |id: &str| self.node(id).map_or([].iter(), |node| list(&node["derived"], "from"));
        let is_course = |anchor: &&&Json| text(anchor, "id").starts_with("course.");
        let last = from("not_before").chain(from("no_later_than"));
        let by_course: Vec<Option<Date>> =
            last.clone().filter(|one| is_course(&one)).map(|one| day(&one["date"])).collect();
        let first = from("no_sooner_than").filter(|one| is_course(&one)).map(|one| day(&one["date"])).max().flatten();
        latest = latest.max(by_course.iter().copied().max().flatten());
        let too_early = self.part("too-early");
        if too_early == Some(true) {
            soonest = soonest.max(first.or(told[0].and(by_course.first().copied().flatten())));
        }
        let named: BTreeSet<String> =
            last.map(|one| text(one, "id").to_owned()).filter(|id| id.starts_with("deferral.")).collect();
        let is_named = told[0].or(told[2]).is_none() || named == waits;
        let is_of_course = too_early != Some(false) || by_course.is_empty();
        // Of a course that holds back without a day, the trace says no more than that; of what holds by a later day, the doubt does.
        let is_open = is_endless || (too_early != Some(false) && by_course.is_empty() && told[0].is_none());
        let follows = match (is_open || self.is_put_off(), soonest == latest) {
            (false, true) => [latest, None, None],
            (false, false) => [None, soonest, latest],
            (true, _) => [None, soonest, None],
        };
        let told = ["not_before", "no_sooner_than", "no_later_than"].map(|key| day(&answer[key]));
        let say =
            |days: [Option<Date>; 3]| days.map(|day| day.map_or("none".to_owned(), |day| day.to_string())).join(", ");
        self.states(
            || "not_before".into(),
            is_named && is_of_course && told == follows,
            || {
                format!(
                    "not_before, no_sooner_than, no_later_than are {}; {} follows from what holds back",
                    say(told),
                    say(follows)
                )
            },
        );
    }

    /// Whether a doubt says that the day on which all that holds back is over is no permitted day.
    pub(super) fn is_put_off(&self) -> bool {
        let is_told = |doubt: &Json| doubt["code"] == "R434";
        self.answer["status"] == "deferred"
            && self.answer["not_before"].is_null()
            && self.answer["no_later_than"].is_null()
            && list(self.answer, "doubts").any(is_told)
    }

    /// Whether the status leaves nothing to be done, so that neither settings nor precautions are asked for.
    pub(super) fn ends(&self) -> bool {
        place(text(self.answer, "status")) < place("deferred")
    }

    /// What the answer was made from, as far as it stands in it twice.
    fn provenance(&mut self) {
        let (answer, provenance) = (self.answer, &self.answer["provenance"]);
        for key in ["protocol", "as_of"] {
            let is_same = provenance[key] == answer[key];
            self.states(|| format!("provenance.{key}"), is_same, || "the answer says otherwise".into());
        }
        for set in list(answer, "overrides") {
            let name = text(set, "parameter");
            let is_same = provenance["set"].get(name) == set.get("used");
            self.states(|| format!("overrides.{name}"), is_same, || "the provenance says otherwise".into());
        }
        let named = |origin: &'a Json| origin["fact"].as_str().or(origin["name"].as_str());
        let read: BTreeSet<(Option<&str>, &str)> =
            self.nodes.iter().map(|node| (named(&node["origin"]), text(&node["origin"], "from"))).collect();
        for given in list(&answer["trace"], "given") {
            let origin = &given["origin"];
            let name = named(origin).unwrap_or_default();
            let is_read = read.contains(&(named(origin), text(origin, "from")));
            self.states(|| format!("trace.given.{name}"), is_read, || "no node reads it so".into());
            let why = &given["why"];
            if why["kind"] == "partial" {
                let (said, told) = (text(given, "outcome"), text(why, "value"));
                // What has happened was not later than the day on which it was told.
                let days = Value::read(said).days().zip(Value::read(told).days());
                let is_within = days.is_some_and(|(said, told)| said.first == told.first && said.last <= told.last);
                let agrees = said == told || is_within;
                self.states(|| format!("trace.given.{name}.why"), agrees, || format!("it is said to be `{said}`"));
            }
            let set = provenance["set"].get(name).filter(|_| origin["from"] == "parameter");
            let is_same = set.is_none_or(|set| as_truth(set.as_str().unwrap_or_default()) == text(given, "outcome"));
            self.states(|| format!("trace.given.{name}"), is_same, || "the provenance says otherwise".into());
        }
        let cited: BTreeSet<&str> = list(answer, "sources").map(|source| text(source, "id")).collect();
        for of in ["reasons", "precautions", "settings", "instructions", "red_flags"] {
            let after =
                list(answer, "after_care").flat_map(|after| list(after, if of == "instructions" { of } else { "" }));
            for one in list(answer, of).chain(after) {
                let missing = texts(one, "sources").find(|source| !cited.contains(source));
                let words = format!("`{}` is not among the sources", missing.unwrap_or_default());
                self.states(|| format!("{of}.{}.sources", text(one, "id")), missing.is_none(), || words);
            }
        }
        let mut used = BTreeSet::new();
        let parts = answer.as_object().into_iter().flatten();
        parts.filter(|(key, _)| !matches!(key.as_str(), "trace" | "sources")).for_each(|(_, of)| cite(of, &mut used));
        let idle = cited.difference(&used).next().copied();
        self.states(
            || "sources".into(),
            idle.is_none(),
            || format!("nothing in the answer rests on `{}`", idle.unwrap_or_default()),
        );
    }
}

/// The sources that something, or a part of it, rests on.
fn cite<'a>(of: &'a Json, used: &mut BTreeSet<&'a str>) {
    match of {
        Json::Object(fields) => {
            used.extend(texts(of, "sources"));
            fields.values().for_each(|one| cite(one, used));
        }
        Json::Array(all) => all.iter().for_each(|one| cite(one, used)),
        _ => {}
    }
}
