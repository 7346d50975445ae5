//! How a date came about, so that whoever knows the calendar can compute it again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::date::{Date, Duration};
use crate::speech::{ENGLISH, Speech, tell};
use crate::words::words;

words! {
    /// How a date is made of others.
    DateOperation {
        /// A length of time after one date, or before it where the length is negative.
        After = "after",
        /// The latest of several dates.
        Latest = "latest",
        /// The earliest of several dates.
        Earliest = "earliest",
    }
}

/// How a date came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Derived {
    /// The date.
    pub date: Date,
    /// How it is made of others.
    pub operation: DateOperation,
    /// What it is made of; of `after`, one.
    pub from: Vec<Anchor>,
    /// Of `after`: how long.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub length: Option<Length>,
    /// The node of the condition under which it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<String>,
}

/// A day, and the days between which it has to lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Period {
    /// The day that is looked at.
    pub day: Date,
    /// The first day on which it may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// The first day on which it may be no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

impl Period {
    pub(crate) fn new(day: Date, from: Option<Date>, until: Option<Date>) -> Period {
        Period { day, from, until }
    }

    /// The same, where the last day is one of them.
    pub(crate) fn through(day: Date, from: Option<Date>, last: Option<Date>) -> Period {
        Period { day, from, until: last.map(|last| last.plus_days(1)) }
    }

    /// `2026-03-02: from 2026-02-16, before 2026-09-01`
    pub(crate) fn in_words(self, speech: &Speech) -> String {
        let (day, from) = (speech.date(self.day), self.from.map(|day| speech.date(day)));
        match (from, self.until.map(|day| speech.date(day))) {
            (Some(from), Some(until)) => tell!(speech, "{}: from {} on, and before {}", day, from, until),
            (Some(from), None) => tell!(speech, "{}: from {} on", day, from),
            (None, Some(until)) => tell!(speech, "{}: before {}", day, until),
            (None, None) => day,
        }
    }

    /// Whether the day lies between the two.
    pub(crate) fn holds(self) -> bool {
        self.from.is_none_or(|from| from <= self.day) && self.until.is_none_or(|until| self.day < until)
    }
}

/// A date that another is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Anchor {
    /// A node of the trace; or a fact, a recorded session (`sessions.2026-02-16`), the first or last day of a season, the as-of date.
    pub id: String,
    /// The date. Of what is not known exactly, the day that is reckoned with.
    pub date: Date,
    /// Of a session, its number in the course, if it counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<u32>,
}

/// A length of time: the months are counted first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Length {
    /// Calendar months.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub months: i32,
    /// Days.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub days: i32,
    /// The same as the protocol writes it, where that is not in months and days: `4 weeks`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(number: &i32) -> bool {
    *number == 0
}

impl Anchor {
    pub(crate) fn new(id: impl Into<String>, date: Date) -> Anchor {
        Anchor { id: id.into(), date, number: None }
    }

    fn is_session(&self) -> bool {
        self.number.is_some() || self.id.starts_with("sessions.")
    }

    /// Without the date, which stands beside it: `session 2`, `peel-interval`.
    fn name(&self, speech: &Speech) -> String {
        if self.is_session() {
            self.in_words(speech)
        } else {
            self.id.strip_prefix("course.").unwrap_or(&self.id).to_owned()
        }
    }

    /// `session 2 (2026-02-16)`, `the session of 2026-02-16`, `date_of_birth (1990-05-01)`
    fn in_words(&self, speech: &Speech) -> String {
        let date = speech.date(self.date);
        match (self.number, self.id.strip_prefix("sessions.")) {
            (Some(number), _) => tell!(speech, "session {} ({})", number, date),
            (None, Some(day)) if day == self.date.to_string() => tell!(speech, "the session of {}", date),
            (None, Some(month)) => tell!(speech, "the session of {} ({})", speech.date_text(month), date),
            (None, None) => format!("{} ({date})", self.id),
        }
    }
}

impl Derived {
    /// A length of time after a date.
    pub(crate) fn after(anchor: Anchor, length: Duration) -> Derived {
        let date = anchor.date + length;
        let (written, plain) = (length.to_string(), Duration::new(length.months, length.days).to_string());
        let written = Some(written).filter(|written| *written != plain);
        let length = Length { months: length.months, days: length.days, written };
        Derived { date, operation: DateOperation::After, from: vec![anchor], length: Some(length), condition: None }
    }

    /// The latest of several dates; none of none.
    pub(crate) fn latest(from: Vec<Anchor>) -> Option<Derived> {
        let date = from.iter().map(|anchor| anchor.date).max()?;
        Some(Derived { date, operation: DateOperation::Latest, from, length: None, condition: None })
    }

    /// The earliest of several dates; none of none.
    pub(crate) fn earliest(from: Vec<Anchor>) -> Option<Derived> {
        let date = from.iter().map(|anchor| anchor.date).min()?;
        Some(Derived { date, operation: DateOperation::Earliest, from, length: None, condition: None })
    }
}

impl Derived {
    /// Of the latest or earliest of several, those that are it; of a session and something else, the other tells more.
    fn deciding(&self) -> Vec<&Anchor> {
        let mut all: Vec<&Anchor> = self.from.iter().filter(|anchor| anchor.date == self.date).collect();
        if all.iter().any(|anchor| !anchor.is_session()) {
            all.retain(|anchor| !anchor.is_session());
        }
        all
    }
}

impl Derived {
    /// `28 days after session 2 (2026-02-16)`, `set by peel-interval`
    pub(crate) fn in_words(&self, speech: &Speech) -> String {
        match (self.operation, &self.length, self.from.first()) {
            (DateOperation::After, Some(Length { months: 0, days: 0, .. }), Some(anchor)) => {
                tell!(speech, "the day of {}", anchor.in_words(speech))
            }
            (DateOperation::After, Some(Length { months, days, written }), Some(anchor)) => {
                let plain = || Duration::new(*months, *days).to_string();
                let length = written.clone().unwrap_or_else(plain);
                match length.strip_prefix('-') {
                    Some(length) => tell!(speech, "{} before {}", speech.written(length), anchor.in_words(speech)),
                    None => tell!(speech, "{} after {}", speech.written(&length), anchor.in_words(speech)),
                }
            }
            _ => {
                let names: Vec<String> = self.deciding().into_iter().map(|anchor| anchor.name(speech)).collect();
                tell!(speech, "set by {}", names.join(", "))
            }
        }
    }
}

impl std::fmt::Display for Derived {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.in_words(&ENGLISH))
    }
}
