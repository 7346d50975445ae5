//! Courses, what they are made of, and distances from other treatments as they are written.

use super::{Evidence, Text};
use crate::document::{OneOrMore, Scalar, Spanned};
use schemars::JsonSchema;
use serde::Deserialize;

format! {
    /// One of several things that a session may do at once: a course is judged once for each, then combined.
    "component" requires ["products"]
    struct Component {
        /// What people read for its name.
        pub label: Option<Text>,
        /// The products that hold it: groups of `[products]`.
        pub products: Vec<Text>,
        /// When no session is needed any more for this component.
        pub immune: Option<Text>,
    }
}

/// Which of the components' numbers is the next session's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ComponentNumber {
    /// The smallest: a session holds all components.
    #[default]
    Smallest,
    /// The largest: a session may hold some of them.
    Largest,
}

format! {
    /// A way to go through the treatment: how many sessions, how far apart. Either `sessions`, that many alike, or a
    /// `[[course.session]]` for each.
    "course" requires ["id", "sources"]
    struct Course {
        /// Its name: unique in the file, never used again.
        pub id: Text,
        /// What people read for its id.
        pub label: Option<Text>,
        /// The condition under which this course is offered. Without it, always.
        pub when: Option<Text>,
        /// How many sessions, where all are alike.
        pub sessions: Option<Spanned<Counts>>,
        /// Each planned session, where each has its own bounds.
        pub session: Vec<Spanned<Session>>,
        /// The components that this course is for. Without it, all.
        pub components: Vec<Text>,
        /// A note about a session, a choice or a set, as "area": the course is counted for each of its values, in parallel. In the
        /// course's expressions the name stands for the value that is counted.
        pub separate_by: Option<Text>,
        /// A fact with the same choices, as "treatment_area", that tells which of those values are planned now: only they set the
        /// status, the dates and the number. Without it, all that are in the record.
        pub planned_in: Option<Text>,
        /// The age before which the first valid session must have been given, or else another course is chosen.
        pub start_before: Option<Text>,
        /// The age from which this course is offered to somebody who has outgrown those before it.
        pub offer_from: Option<Text>,
        /// Whether this course is only recognised when it was completed, and never offered.
        pub evaluation_only: bool,
        /// How early a session may be and still count.
        pub grace: Option<Text>,
        /// Bounds counted from birth; for each session that has none of its own.
        pub age: OneOrMore<Age>,
        /// The products that count; for each session that has none of its own.
        pub accept: Vec<Spanned<Accepted>>,
        /// The products that never count; beside those of each session.
        pub reject: Vec<Text>,
        /// The window of the year; for each session that has none of its own.
        pub season: Option<Season>,
        /// Distances between sessions: all that apply hold together. Where each session has its own bounds, for those without.
        pub interval: Vec<Spanned<Interval>>,
        /// Whether a session that was given before its interval was over "counts" all the same or has to be given again, "repeat".
        /// Where all sessions are alike they count unless this says otherwise; where each has its own bounds, they are given again.
        pub too_early: Option<Spanned<TooEarly>>,
        /// Whether the next session waits after one that was faulty, and so does not count: it "starts_interval" where what it left in
        /// the body has to heal or wear off. Unless this says so, "no_interval" is counted from it.
        pub faulty: Faulty,
        /// What follows a long pause.
        pub gap: Vec<Spanned<Gap>>,
        /// The condition under which a pause that restarts the count also begins a new course once this one is complete. Without it,
        /// a complete course stays complete.
        pub restart_when_complete: Option<Text>,
        /// Sources, by name.
        pub sources: Vec<Text>,
        /// How well it is founded, where that differs from its sources.
        pub evidence: Option<Evidence>,
        /// For the reader of this file.
        pub note: Option<String>,
    }
}

format! {
    /// A planned session.
    "session" requires []
    struct Session {
        /// What a person calls it.
        pub name: Option<Text>,
        /// Bounds counted from birth.
        pub age: OneOrMore<Age>,
        /// Distances from other sessions: all that apply must hold.
        pub interval: Vec<Spanned<Interval>>,
        /// A second chance when judging only: if `interval` fails but all of these hold, the session counts.
        pub allow: Vec<Spanned<Interval>>,
        /// The products that count. Without it, those of the course; without those, all.
        pub accept: Vec<Spanned<Accepted>>,
        /// The products that never count, and are no reference for an interval.
        pub reject: Vec<Text>,
        /// The condition under which this session is not needed.
        pub skip: Option<Text>,
        /// Whether it comes again and again.
        pub repeat: bool,
        /// The window of the year.
        pub season: Option<Season>,
        /// For the reader of this file.
        pub note: Option<String>,
    }
}

format! {
    /// Bounds counted from birth.
    "age" requires []
    struct Age {
        /// The youngest age.
        pub minimum: Option<Text>,
        /// The youngest age at which a past session still counts; without it, the minimum less the grace.
        pub absolute_minimum: Option<Text>,
        /// The best age.
        pub recommended: Option<Text>,
        /// The oldest age that is not late.
        pub latest: Option<Text>,
        /// The age from which the session is not given any more.
        pub maximum: Option<Text>,
        /// The days on which this holds: judged on the session's own date, forecast on the as-of date.
        pub in_force: Period,
    }
}

format! {
    /// The days on which a rule holds; both ends belong to it.
    "in_force" requires []
    struct Period {
        /// The first day.
        #[schemars(with = "Option<String>", extend("format" = "date"))]
        pub from: Option<Text>,
        /// The last day.
        #[schemars(with = "Option<String>", extend("format" = "date"))]
        pub until: Option<Text>,
    }
}

format! {
    /// A window of the year.
    "season" requires ["from"]
    struct Season {
        /// The first day: a date, or a month and day in quotes, as "10-01", for every year.
        #[schemars(schema_with = "season_end")]
        pub from: Text,
        /// The last day, in the same way; without it, the season stays open, or lasts until the next begins.
        #[schemars(schema_with = "season_end")]
        pub until: Option<Text>,
    }
}

fn season_end(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({ "anyOf": [
        { "type": "string", "format": "date" },
        { "type": "string", "pattern": "^[0-9]{2}-[0-9]{2}$" },
    ] })
}

format! {
    /// Products that count within a window of ages.
    "accepted products" requires ["products"]
    struct AcceptedWithin {
        /// The products: groups of `[products]`, or as they stand in records.
        pub products: Vec<Text>,
        /// The youngest age.
        pub from: Option<Text>,
        /// The age from which they do not count any more.
        pub before: Option<Text>,
    }
}

/// Products that count: a group or product, or several of them within a window of ages.
#[derive(Clone, Debug, PartialEq)]
pub enum Accepted {
    /// At any age.
    Always(String),
    /// Within a window of ages.
    Within(AcceptedWithin),
}

impl Default for Accepted {
    fn default() -> Self {
        Accepted::Always(String::new())
    }
}

impl<'de> Deserialize<'de> for Accepted {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AcceptedVisitor;
        impl<'de> serde::de::Visitor<'de> for AcceptedVisitor {
            type Value = Accepted;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a product, or a table")
            }
            fn visit_str<E>(self, text: &str) -> Result<Accepted, E> {
                Ok(Accepted::Always(text.to_owned()))
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<Accepted, A::Error> {
                AcceptedWithin::deserialize(serde::de::value::MapAccessDeserializer::new(map)).map(Accepted::Within)
            }
        }
        deserializer.deserialize_any(AcceptedVisitor)
    }
}

impl JsonSchema for Accepted {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Accepted".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let within = generator.subschema_for::<AcceptedWithin>();
        schemars::json_schema!({ "anyOf": [{ "type": "string" }, within] })
    }
}

format! {
    /// How many sessions a course has: numbers or expressions.
    "sessions" requires []
    struct Counts {
        /// The fewest that make sense.
        pub minimum: Option<Spanned<Scalar>>,
        /// How many are planned.
        pub planned: Option<Spanned<Scalar>>,
        /// The most; without it, the course goes on for as long as it helps.
        pub maximum: Option<Spanned<Scalar>>,
        /// The condition under which sessions beyond those planned are given, up to the most. Without it, none are.
        pub beyond_planned: Option<Text>,
    }
}

format! {
    /// A distance between sessions.
    "interval" requires ["from", "minimum"]
    struct Interval {
        /// Its name; without it, its place in the list serves.
        pub id: Option<Text>,
        /// What people read for its id: a few words, as "needling less than 4 weeks ago".
        pub label: Option<Text>,
        /// The condition under which it applies. Without it, always.
        pub when: Option<Text>,
        /// What it is counted from: "previous", "first", "session 2", "latest PRODUCTS" or a date expression.
        pub from: Text,
        /// The shortest distance.
        pub minimum: Text,
        /// The shortest distance at which a past session still counts; without it, the minimum less the grace.
        pub absolute_minimum: Option<Text>,
        /// The best distance.
        pub recommended: Option<Text>,
        /// The longest distance that is not late.
        pub latest: Option<Text>,
        /// The days on which this holds: judged on the session's own date, forecast on the as-of date.
        pub in_force: Period,
        /// Whether this component's earliest day goes before the other components' later ones.
        pub priority: bool,
        /// Why.
        pub reason: Option<Text>,
        /// Sources, by name.
        pub sources: Vec<Text>,
    }
}

/// What becomes of a session that was given before its interval was over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TooEarly {
    /// It counts, with a note.
    #[default]
    Counts,
    /// It does not count and has to be given again.
    Repeat,
}

/// Whether the next session waits after one that was faulty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Faulty {
    /// It may be given again at once.
    #[default]
    NoInterval,
    /// The next one waits as after any other, from the day after it on.
    StartsInterval,
}

/// What follows a long pause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum GapAction {
    /// The count goes on; the patient is assessed again first.
    #[default]
    Reassess,
    /// The count starts again.
    Restart,
}

format! {
    /// A long pause.
    "gap" requires ["after", "do"]
    struct Gap {
        /// Its name; without it, its place in the list serves.
        pub id: Option<Text>,
        /// What people read for its id: a few words, as "needling less than 4 weeks ago".
        pub label: Option<Text>,
        /// More than this since the latest session.
        pub after: Text,
        /// "reassess" or "restart".
        #[serde(rename = "do")]
        pub action: GapAction,
        /// Why.
        pub reason: Option<Text>,
        /// Sources, by name.
        pub sources: Vec<Text>,
    }
}

format! {
    /// A distance from sessions of other treatments.
    "separation" requires ["from", "minimum", "reason", "sources"]
    struct Separation {
        /// Its name; without it, its place in the list serves.
        pub id: Option<Text>,
        /// What people read for its id: a few words, as "needling less than 4 weeks ago".
        pub label: Option<Text>,
        /// The other treatments.
        pub from: Vec<Text>,
        /// The other treatments' products that matter. Without it, all.
        pub products: Vec<Text>,
        /// The products of this treatment that must keep the distance. Without it, all.
        pub of: Vec<Text>,
        /// The shortest distance.
        pub minimum: Text,
        /// The shortest distance at which a past session still counts; without it, the minimum: there is no grace.
        pub absolute_minimum: Option<Text>,
        /// Whether both may be given on one day, as vaccines are that else keep a distance.
        pub same_day: bool,
        /// Why.
        pub reason: Text,
        /// Sources, by name.
        pub sources: Vec<Text>,
        /// How well it is founded, where that differs from its sources.
        pub evidence: Option<Evidence>,
        /// For the reader of this file.
        pub note: Option<String>,
    }
}
