//! Two answers to one patient, and what is different between them.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

use crate::date::Date;
use crate::recommendation::{
    ComponentReport, CourseReport, Reason, Recommendation, SetBy, SettingReport, Status, Window,
};
use crate::words::words;

words! {
    /// How the answer to a patient changed: the first of these that is so.
    Outcome {
        /// Who was not to be treated today is to be treated: whatever the old answer was.
        NewlyTreated = "newly-treated",
        /// One of the versions has no answer, or none of them has.
        Error = "error",
        /// It is undetermined now: something has to be asked first.
        NewlyUnknown = "newly-unknown",
        /// It was undetermined.
        NoLongerUnknown = "no-longer-unknown",
        /// Another status.
        Status = "status",
        /// The same status, with another day.
        Date = "date",
        /// Another setting.
        Setting = "setting",
        /// Another precaution.
        Precaution = "precaution",
        /// Other reasons.
        Reason = "reason",
        /// Another question, instruction, assumption or outlook.
        Other = "other",
        /// Nothing but the wording.
        Unchanged = "unchanged",
    }
}

impl Outcome {
    /// All of them, the gravest first.
    pub const ALL: [Outcome; 11] = [
        Outcome::NewlyTreated,
        Outcome::Error,
        Outcome::NewlyUnknown,
        Outcome::NoLongerUnknown,
        Outcome::Status,
        Outcome::Date,
        Outcome::Setting,
        Outcome::Precaution,
        Outcome::Reason,
        Outcome::Other,
        Outcome::Unchanged,
    ];

    /// The words for people.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Outcome::NewlyTreated => "not treated → treated",
            Outcome::Error => "error",
            Outcome::NewlyUnknown => "newly unknown",
            Outcome::NoLongerUnknown => "no longer unknown",
            Outcome::Status => "another status",
            Outcome::Date => "another date",
            Outcome::Setting => "another setting",
            Outcome::Precaution => "another precaution",
            Outcome::Reason => "another reason",
            Outcome::Other => "another question, instruction or outlook",
            Outcome::Unchanged => "unchanged",
        }
    }
}

/// How two answers to one patient differ.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[non_exhaustive]
pub struct Comparison {
    /// In which respect.
    pub outcome: Outcome,
    /// The old status; none: there was no answer.
    pub old: Option<Status>,
    /// The new status; none: there is no answer.
    pub new: Option<Status>,
    /// What did it: ids of rules, of parts of the course, of settings. None: nothing that the answers name.
    pub because: Vec<String>,
}

/// An answer, or why there is none.
pub(super) type Answer = Result<Recommendation, String>;

/// Compares two answers, and says what is different in a line.
pub(super) fn compare(old: &Answer, new: &Answer) -> (Comparison, String) {
    let (old, new) = match (old, new) {
        (Ok(old), Ok(new)) => (old, new),
        _ => {
            let status = |answer: &Answer| answer.as_ref().ok().map(|answer| answer.status);
            let said = |answer: &Answer| match answer {
                Ok(answer) => answer.status.word().to_owned(),
                Err(why) => format!("no answer ({why})"),
            };
            let comparison =
                Comparison { outcome: Outcome::Error, old: status(old), new: status(new), because: Vec::new() };
            return (comparison, format!("{} → {}", said(old), said(new)));
        }
    };
    let outcome = match () {
        () if new.status.is_treat() && !old.status.is_treat() => Outcome::NewlyTreated,
        () if new.status != old.status && new.status == Status::Undetermined => Outcome::NewlyUnknown,
        () if new.status != old.status && old.status == Status::Undetermined => Outcome::NoLongerUnknown,
        () if new.status != old.status => Outcome::Status,
        () if dates(old) != dates(new) => Outcome::Date,
        () if !differing(&settings(old), &settings(new)).is_empty() => Outcome::Setting,
        () if precautions(old) != precautions(new) => Outcome::Precaution,
        () if reasons(old) != reasons(new) => Outcome::Reason,
        () if without_words(old) != without_words(new) => Outcome::Other,
        () => Outcome::Unchanged,
    };
    let because = match outcome {
        Outcome::Unchanged => Vec::new(),
        Outcome::Setting => differing(&settings(old), &settings(new)).into_iter().map(setting_of).collect(),
        Outcome::Precaution => precautions(old).symmetric_difference(&precautions(new)).cloned().collect(),
        Outcome::Other => {
            let asked: Vec<String> = asked(old).symmetric_difference(&asked(new)).cloned().collect();
            // Of the sessions to come the answer does not say what set them.
            if asked.is_empty() && courses_differ(old, new) { or_course(asked, old, new) } else { asked }
        }
        Outcome::Date => {
            let differ = reasons(old).symmetric_difference(&reasons(new)).map(|key| key.id.clone()).collect();
            or_course(differ, old, new)
        }
        _ => deciding(old, new),
    };
    let said = said(outcome, old, new);
    let because: BTreeSet<String> = because.into_iter().collect();
    let because = because.into_iter().collect();
    (Comparison { outcome, old: Some(old.status), new: Some(new.status), because }, said)
}

/// What decided the one answer and not the other: reasons of the status that differs; else any reason, or rules that wait for an answer.
fn deciding(old: &Recommendation, new: &Recommendation) -> Vec<String> {
    let (before, after) = (reasons(old), reasons(new));
    let differ: BTreeSet<&ReasonKey> = before.symmetric_difference(&after).collect();
    let decides = |key: &&&ReasonKey| [old.status, new.status].contains(&key.leads_to);
    let of_status: Vec<String> = differ.iter().filter(decides).map(|key| key.id.clone()).collect();
    if !of_status.is_empty() {
        return of_status;
    }
    let waiting = [old, new].map(|one| {
        let rules = one.questions.iter().flat_map(|question| &question.rules);
        rules.cloned().collect::<BTreeSet<String>>()
    });
    let waiting: Vec<String> = waiting[0].symmetric_difference(&waiting[1]).cloned().collect();
    let unknown = [old.status, new.status].contains(&Status::Undetermined);
    if unknown && !waiting.is_empty() {
        return waiting;
    }
    match differ.is_empty() {
        false => differ.into_iter().map(|key| key.id.clone()).collect(),
        true => or_course(waiting, old, new),
    }
}

/// What decided; of another answer without another reason, what set the days of the next session that differ, or else the course is to blame.
fn or_course(ids: Vec<String>, old: &Recommendation, new: &Recommendation) -> Vec<String> {
    if !ids.is_empty() {
        return ids;
    }
    let setters: Vec<String> = old.course.iter().zip(&new.course).flat_map(|(old, new)| setters(old, new)).collect();
    let courses = || old.course.iter().chain(&new.course).map(|course| course.id.clone()).collect();
    if setters.is_empty() { courses() } else { setters }
}

/// Whether the course stands otherwise, or goes on otherwise.
fn courses_differ(old: &Recommendation, new: &Recommendation) -> bool {
    stripped(serde_json::to_value(&old.course)) != stripped(serde_json::to_value(&new.course))
}

/// What set the days of the next session that two versions say otherwise, of the course or of one of its parts.
fn setters(old: &CourseReport, new: &CourseReport) -> Vec<String> {
    let of_part = |part: &ComponentReport| (part.next.clone(), part.set_by.clone());
    let mut pairs = vec![[(old.next.clone(), old.set_by.clone()), (new.next.clone(), new.set_by.clone())]];
    for part in &old.components {
        let same = new.components.iter().find(|other| other.id == part.id);
        pairs.extend(same.map(|other| [of_part(part), of_part(other)]));
    }
    let mut found = Vec::new();
    for versions in pairs {
        let days = versions.each_ref().map(|(next, _)| {
            let day = |day: fn(&Window) -> Option<Date>| next.as_ref().and_then(day);
            [day(|next| next.earliest), day(|next| next.recommended), day(|next| next.past_due.or(next.latest))]
        });
        for (_, set_by) in &versions {
            let Some(SetBy { earliest, recommended, past_due }) = set_by else { continue };
            let by = [earliest, recommended, past_due].into_iter().enumerate();
            let differs = |at: usize| days[0][at] != days[1][at];
            found.extend(by.filter(|(at, _)| differs(*at)).filter_map(|(_, by)| by.clone()));
        }
    }
    found
}

fn said(outcome: Outcome, old: &Recommendation, new: &Recommendation) -> String {
    let listed = |all: Vec<String>| if all.is_empty() { "none".to_owned() } else { all.join(", ") };
    let sets = |before: BTreeSet<String>, after: BTreeSet<String>| {
        let of = |one: &BTreeSet<String>, other: &BTreeSet<String>| listed(one.difference(other).cloned().collect());
        format!("{} → {}", of(&before, &after), of(&after, &before))
    };
    match outcome {
        Outcome::Unchanged => String::new(),
        Outcome::Date => {
            let (before, after) = (dates(old), dates(new));
            let name = |at: usize| DATES[at];
            let differ = (0..before.len()).filter(|at| before[*at] != after[*at]);
            let day = |day: Option<Date>| day.map_or_else(|| "none".to_owned(), |day| day.to_string());
            let said = differ.map(|at| format!("{} {} → {}", name(at), day(before[at]), day(after[at])));
            listed(said.collect())
        }
        Outcome::Setting => {
            let (before, after) = (settings(old), settings(new));
            let value = |all: &BTreeMap<String, String>, id: &String| all.get(id).cloned().unwrap_or("none".to_owned());
            let differ = differing(&before, &after);
            listed(differ.iter().map(|id| format!("{id} {} → {}", value(&before, id), value(&after, id))).collect())
        }
        Outcome::Precaution => sets(precautions(old), precautions(new)),
        Outcome::Reason => {
            let ids = |one: &Recommendation| reasons(one).into_iter().map(|key| key.id).collect();
            sets(ids(old), ids(new))
        }
        Outcome::Other if asked(old) != asked(new) => format!("asks {}", sets(asked(old), asked(new))),
        Outcome::Other => {
            let statuses = |one: &Recommendation| one.could_become.iter().copied().collect::<BTreeSet<Status>>();
            let (before, after) = (statuses(old), statuses(new));
            let words = |all: &BTreeSet<Status>| listed(all.iter().map(ToString::to_string).collect());
            if before != after {
                format!("could become {} → {}", words(&before), words(&after))
            } else if courses_differ(old, new) {
                "the course: its count, or the sessions to come".to_owned()
            } else {
                "an instruction, an assumption, or what a question can change".to_owned()
            }
        }
        _ => {
            let day =
                |one: &Recommendation| one.not_before.map_or_else(String::new, |day| format!(" (not before {day})"));
            format!("{}{} → {}{}", old.status, day(old), new.status, day(new))
        }
    }
}

const DATES: [&str; 6] = ["not before", "no sooner than", "no later than", "earliest", "recommended", "latest"];

fn dates(one: &Recommendation) -> [Option<Date>; 6] {
    let next = one.course.as_ref().and_then(|course| course.next.as_ref());
    let of_next = |day: fn(&crate::recommendation::Window) -> Option<Date>| next.and_then(day);
    [
        one.not_before,
        one.no_sooner_than,
        one.no_later_than,
        of_next(|next| next.earliest),
        of_next(|next| next.recommended),
        of_next(|next| next.latest),
    ]
}

fn settings(one: &Recommendation) -> BTreeMap<String, String> {
    let said = |setting: &SettingReport| {
        let bound = setting.bound.as_ref().map(ToString::to_string);
        if setting.known {
            setting.value.clone()
        } else {
            format!("open{}", bound.map_or(String::new(), |bound| format!(", {bound}")))
        }
    };
    one.settings.iter().map(|setting| (setting.id.clone(), said(setting))).collect()
}

/// The ids of which two tables say different things.
fn differing(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<String> {
    let ids: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    ids.into_iter().filter(|id| old.get(*id) != new.get(*id)).cloned().collect()
}

/// The setting that an answer for one of the values of its set is about.
fn setting_of(id: String) -> String {
    id.split('.').next().unwrap_or(&id).to_owned()
}

fn precautions(one: &Recommendation) -> BTreeSet<String> {
    one.precautions.iter().map(|precaution| precaution.id.clone()).collect()
}

fn asked(one: &Recommendation) -> BTreeSet<String> {
    one.questions.iter().map(|question| question.fact.clone()).collect()
}

/// What a reason says, its wording apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ReasonKey {
    id: String,
    leads_to: Status,
    not_before: Option<Date>,
    /// Everything else that it says, so that nothing is taken for equal unseen.
    rest: String,
}

fn reasons(one: &Recommendation) -> BTreeSet<ReasonKey> {
    let key = |reason: &Reason| ReasonKey {
        id: reason.id.clone(),
        leads_to: reason.leads_to,
        not_before: reason.not_before,
        rest: {
            let rest =
                (&reason.lasts, &reason.to, &reason.recheck, &reason.instead, &reason.values, &reason.may_override);
            stripped(serde_json::to_value(rest)).to_string()
        },
    };
    one.reasons.iter().map(key).collect()
}

/// What else an answer says, without texts, places in files and how it came about. Whether the protocol is a draft says nothing about the
/// patient: it would make a draft of a published version another answer for everybody.
fn without_words(one: &Recommendation) -> Json {
    let doubts: BTreeSet<&str> = one.doubts.iter().map(|doubt| &*doubt.code).collect();
    let asked = (&one.questions, &one.assumptions, &one.could_become, &one.date_depends_on, &one.to_be_confirmed);
    let done = (&one.course, &one.settings, &one.instructions);
    stripped(serde_json::to_value((doubts, asked, done)))
}

/// What people read, and where it stands.
const WORDS: [&str; 16] = [
    "line",
    "reason",
    "label",
    "each_label",
    "do",
    "ask",
    "of",
    "answer",
    "evidence",
    "sources",
    "because",
    "derived",
    "by",
    "trace",
    "name",
    "set_by",
];

fn stripped(json: Result<Json, serde_json::Error>) -> Json {
    fn strip(json: &mut Json) {
        match json {
            Json::Object(all) => {
                all.retain(|key, _| !WORDS.contains(&key.as_str()));
                all.values_mut().for_each(strip);
            }
            Json::Array(all) => all.iter_mut().for_each(strip),
            _ => {}
        }
    }
    // INVARIANT: an answer can always be written as JSON.
    let mut json = json.unwrap_or_default();
    strip(&mut json);
    json
}
