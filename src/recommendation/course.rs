//! Where the course stands, what was done and what comes next.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::date::Date;
use crate::speech::{ENGLISH, Speech, tell};
use crate::words::words;
/// The sessions: done, next, and to come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct CourseReport {
    /// The course's id; of several components, that of the one that sets the earliest day.
    pub id: String,
    /// Where it stands; none where that is not certain.
    pub status: Option<CourseStatus>,
    /// Why this course was chosen, where the protocol has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chosen: Option<WhyChosen>,
    /// How many sessions count. Two numbers where that is not certain.
    pub done: Count,
    /// The fewest that make sense.
    pub minimum: Option<Count>,
    /// How many are planned.
    pub planned: Option<Count>,
    /// The most.
    pub maximum: Option<Count>,
    /// What may still be given although the planned sessions have been.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beyond_planned: Option<BeyondPlanned>,
    /// The recorded sessions of this treatment.
    pub past: Vec<PastSession>,
    /// The window of the next session; none where the course is over.
    pub next: Option<Window>,
    /// What set each of its dates: an interval, an age, a separation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_by: Option<SetBy>,
    /// The sessions to come after the next, if that is done today where its window is open and nothing else forbids it, and every other
    /// on its recommended day.
    pub projected: Vec<Window>,
    /// Each of the components, where one session does several things at once; each value that is planned or was treated, where the
    /// course is counted for each value of a note.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<ComponentReport>,
    /// The note that the course is counted by, such as the area: then `done` and `next` are those of what is planned, taken together,
    /// with the smallest number; each value's own are in `components`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub separate_by: Option<String>,
    /// Of several values that are planned together, the one that sets the first permitted day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_by_value: Option<String>,
    /// Whether the dates are the safest of several, because something is not known.
    pub provisional: bool,
    /// Whether they may come to be later all the same: something holds back, or may, until a day that nobody can say yet.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_be_later: bool,
}

impl CourseReport {
    /// Whether a session may come to be late: one beyond those that are planned never is.
    pub(crate) fn may_be_late(&self, next: &Window) -> bool {
        self.planned.is_none_or(|planned| next.number <= planned.most)
    }

    /// The recorded sessions that have to be given again and have not been: behind them, none counts. Each value of a note has its own.
    pub(crate) fn to_be_given_again(&self) -> Vec<(&PastSession, Option<&PastValue>)> {
        let again = |verdict| matches!(verdict, SessionVerdict::NotValid | SessionVerdict::SubStandard);
        let counts = |verdict| verdict == SessionVerdict::Valid;
        let mut found = Vec::new();
        for (at, past) in self.past.iter().enumerate() {
            let later = || self.past.iter().skip(at + 1);
            if past.values.is_empty() {
                if again(past.verdict) && !later().any(|one| counts(one.verdict)) {
                    found.push((past, None));
                }
                continue;
            }
            for value in past.values.iter().filter(|value| again(value.verdict)) {
                let mut of_value = later().flat_map(|one| &one.values).filter(|one| one.value == value.value);
                if !of_value.any(|one| counts(one.verdict)) {
                    found.push((past, Some(value)));
                }
            }
        }
        found
    }
}

/// A number, or the least and the greatest that it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The least.
    pub least: u32,
    /// The greatest.
    pub most: u32,
}

impl Count {
    /// Whether it is one number.
    #[must_use]
    pub fn is_certain(self) -> bool {
        self.least == self.most
    }

    /// `3`, `3 to 4`
    pub(crate) fn in_words(self, speech: &Speech) -> String {
        if self.is_certain() { self.least.to_string() } else { tell!(speech, "{} to {}", self.least, self.most) }
    }
}

impl Serialize for Count {
    /// A number where it is certain, else `{ "least": 3, "most": 4 }`.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        if self.is_certain() {
            return serializer.serialize_u32(self.least);
        }
        let mut out = serializer.serialize_struct("Count", 2)?;
        out.serialize_field("least", &self.least)?;
        out.serialize_field("most", &self.most)?;
        out.end()
    }
}

impl JsonSchema for Count {
    fn schema_name() -> Cow<'static, str> {
        "Count".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let whole =
            |description: &str| serde_json::json!({ "type": "integer", "minimum": 0, "description": description });
        schemars::json_schema!({
            "description": "A number, or the least and the greatest that it may be.",
            "anyOf": [whole("The number."), {
                "type": "object",
                "properties": { "least": whole("The least."), "most": whole("The greatest.") },
                "required": ["least", "most"],
            }],
        })
    }
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.in_words(&ENGLISH))
    }
}

impl<'de> Deserialize<'de> for Count {
    /// Reads both forms.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Count, D::Error> {
        #[derive(Deserialize)]
        struct Between {
            least: u32,
            most: u32,
        }
        struct Reader;
        impl<'de> serde::de::Visitor<'de> for Reader {
            type Value = Count;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a whole number, or the least and the most that it may be")
            }
            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Count, E> {
                let number = u32::try_from(number)
                    .map_err(|_| E::invalid_value(serde::de::Unexpected::Unsigned(number), &self))?;
                Ok(Count { least: number, most: number })
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Count, A::Error> {
                let Between { least, most } = Between::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(Count { least, most })
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

words! {
    /// Whether a session counts.
    SessionVerdict {
        /// It does.
        Valid = "valid",
        /// It does not, and must be given again.
        NotValid = "not_valid",
        /// It does not, and need not be given again.
        Extraneous = "extraneous",
        /// It was faulty, and must be given again.
        SubStandard = "sub_standard",
        /// It belongs to a course that is over.
        EarlierCourse = "earlier_course",
        /// It is counted with one that was noted before it on its day.
        SameSession = "same_session",
        /// It holds none of the components.
        NotCounted = "not_counted",
        /// That depends on something that is not known.
        Uncertain = "uncertain",
    }
}

words! {
    /// Why a course was chosen, in words for a person.
    WhyChosen {
        /// There is no other.
        Only = "the only course for this patient",
        /// It is the only one that was begun in time.
        OnlyBegun = "the only course of which a session counts that was begun in time",
        /// It is complete.
        Complete = "it is complete, and the others are not",
        /// More sessions count in it than in any other.
        MostValid = "more sessions count in it than in any other course",
        /// As many count as in others, which the patient is too old to go on with.
        NotTooOld = "as many sessions count as in other courses, which the patient is too old to go on with",
        /// As many count as in others, and fewer are still to come.
        FewestRemaining = "as many sessions count as in other courses, and fewer are still to come",
        /// It is the first of those that are as good.
        FirstOfEqual = "as good as other courses, and listed before them",
        /// Nothing counts yet, and it is the first.
        First = "no session counts yet, and it is the first course",
        /// Nothing counts yet, the patient has outgrown the first, and this one is offered from their age on.
        Outgrown = "no session counts yet, the patient is too old for the courses before it",
    }
}

/// A session that was given, and whether it counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct PastSession {
    /// Its date.
    pub date: String,
    /// Whether it counts.
    pub verdict: SessionVerdict,
    /// The number it has in the course, if it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// Why it does not count: all reasons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// What kind of reason each of them is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub faults: Vec<SessionFault>,
    /// How much too early it was, if it counts all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub too_early: Option<TooEarlyReport>,
    /// What became of it for each value, where the course is counted for each value of a note.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<PastValue>,
}

/// How much too early a session was that counts all the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct TooEarlyReport {
    /// By how many days.
    pub days: u32,
    /// The interval that was not over.
    pub interval: String,
}

impl TooEarlyReport {
    /// `9 days early`
    pub(crate) fn in_words(&self, speech: &Speech) -> String {
        tell!(speech, "{} early", speech.length(&self.days.to_string(), "days"))
    }
}

impl std::fmt::Display for TooEarlyReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.in_words(&ENGLISH))
    }
}

/// What became of a session for one value that the course is counted for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct PastValue {
    /// The value.
    pub value: String,
    /// Whether it counts for it.
    pub verdict: SessionVerdict,
    /// The number it has in the count of this value, if it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
    /// How much too early it was, if it counts all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub too_early: Option<TooEarlyReport>,
    /// Why it does not count: all reasons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

impl PastValue {
    /// `leg: session 2`
    #[must_use]
    pub fn words(&self) -> String {
        self.in_words(&ENGLISH)
    }

    /// The same in a language.
    pub(crate) fn in_words(&self, speech: &Speech) -> String {
        let value = self.value.replace('_', " ");
        match self.number {
            Some(number) => {
                let early = self.too_early.as_ref();
                let early = early.map_or_else(String::new, |early| format!(", {}", early.in_words(speech)));
                format!("{value}: {}{early}", tell!(speech, "session {}", number))
            }
            None => format!("{value}: {}", speech.word(&self.verdict.word().replace('_', " "))),
        }
    }
}

impl PastSession {
    /// What became of it, beside its verdict: `session 2; 9 days early (peel-interval)`.
    pub(crate) fn in_words(&self, speech: &Speech) -> Option<String> {
        let number = self.number.map(|number| tell!(speech, "session {}", number));
        let reasons = (!self.reasons.is_empty()).then(|| self.reasons.join(", "));
        let early = self.too_early.as_ref().map(|early| format!("{} ({})", early.in_words(speech), early.interval));
        let values: Vec<String> = self.values.iter().map(|value| value.in_words(speech)).collect();
        let values = (!values.is_empty()).then(|| values.join(", "));
        let words: Vec<String> = [number, reasons, early, values].into_iter().flatten().collect();
        (!words.is_empty()).then(|| words.join("; "))
    }
}

/// Whether a value that is counted is planned now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum PlannedNow {
    /// It is.
    Yes,
    /// It is not, and holds nothing back.
    No,
    /// Nobody has said.
    Unknown,
}

/// Why a session does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SessionFault {
    /// The patient was too young.
    TooYoung,
    /// The patient was too old.
    TooOld,
    /// It was too soon after another session.
    IntervalTooShort,
    /// It was too soon after another treatment.
    TooCloseToOtherTreatment,
    /// What was used is not among what counts.
    WrongProduct,
    /// What was used never counts.
    RejectedProduct,
}

/// Where a course stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CourseStatus {
    /// A session is still to come.
    NotComplete,
    /// No session is open any more.
    Complete,
    /// No session is needed any more.
    Immune,
    /// The treatment is forbidden.
    Contraindicated,
    /// The patient is too old for the next session.
    AgedOut,
    /// No session is recommended.
    NotRecommended,
}

impl CourseStatus {
    /// The word in output.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            CourseStatus::NotComplete => "not_complete",
            CourseStatus::Complete => "complete",
            CourseStatus::Immune => "immune",
            CourseStatus::Contraindicated => "contraindicated",
            CourseStatus::AgedOut => "aged_out",
            CourseStatus::NotRecommended => "not_recommended",
        }
    }
}

/// The sessions beyond those planned, which a course that is complete may still have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct BeyondPlanned {
    /// How many more.
    pub more: u32,
    /// The condition, in words.
    pub only_if: String,
}

impl BeyondPlanned {
    /// `2 more are possible only if the scars have improved`
    pub(crate) fn in_words(&self, speech: &Speech) -> String {
        match self.more {
            1 => tell!(speech, "1 more is possible only if {}", self.only_if),
            more => tell!(speech, "{} more are possible only if {}", more, self.only_if),
        }
    }
}

impl std::fmt::Display for BeyondPlanned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.in_words(&ENGLISH))
    }
}

/// What set each date of the next session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct SetBy {
    /// What set the first permitted day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earliest: Option<String>,
    /// What set the best day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recommended: Option<String>,
    /// What set the day after which it is late.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub past_due: Option<String>,
}

/// One of the components of a course.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct ComponentReport {
    /// Its name.
    pub id: String,
    /// The course that was chosen for it.
    pub course: String,
    /// Why.
    pub chosen: WhyChosen,
    /// Where it stands.
    pub status: CourseStatus,
    /// How many sessions count for it. Two numbers where that is not certain.
    pub done: Count,
    /// The window of the next session for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Window>,
    /// Whether it is planned now, where the protocol tells that of the values that it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned_now: Option<PlannedNow>,
    /// Of a value that is counted: the fewest sessions that make sense for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Count>,
    /// Of a value that is counted: how many are planned for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planned: Option<Count>,
    /// Of a value that is counted: the most for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Count>,
    /// Of a value that is counted: what may still be given although the planned sessions have been.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beyond_planned: Option<BeyondPlanned>,
    /// Of a value that is counted: what set each of its dates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub set_by: Option<SetBy>,
    /// Whether its dates are the safest of several, because something is not known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub provisional: bool,
}

/// When a session may be given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Window {
    /// Which session of the course.
    pub number: u32,
    /// The last session of the course before, if that was complete and this session begins a new one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_complete: Option<Date>,
    /// The first permitted day; none: any day.
    pub earliest: Option<Date>,
    /// The best day.
    pub recommended: Option<Date>,
    /// The last day before the next session is past due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub past_due: Option<Date>,
    /// The last day of the window.
    pub latest: Option<Date>,
}

impl Window {
    /// Moves it to a day to come before which something else holds back.
    pub(crate) fn put_off(&mut self, day: Date, today: Date) {
        if day > today {
            self.begin_no_sooner(day);
        }
    }

    /// The same where the wait is over by now, and the window would else have ended before it was.
    pub(crate) fn moved_on(&mut self, day: Date) {
        if self.latest.is_some_and(|latest| latest < day) {
            self.begin_no_sooner(day);
        }
    }

    fn begin_no_sooner(&mut self, day: Date) {
        if self.earliest.is_none_or(|earliest| earliest < day) {
            self.earliest = Some(day);
            self.recommended = self.recommended.max(Some(day));
            self.past_due = self.past_due.map(|past_due| past_due.max(day));
            self.latest = self.latest.map(|latest| latest.max(day));
        }
    }
}
