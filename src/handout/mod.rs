//! What a patient takes home: the main message, the plan with its days, preparation, the day, after-care, warning signs, whom to call. And what
//! the clinic has to do, as a page of its own.
//!
//! A [`Handout`] is content: what it says, in order. [`html`] makes a page of it; with the feature `cli`, `calendar` writes its days for a calendar. It
//! is made from a recommendation alone, and says less than that, never more: only a treatment that is due has a plan, and a day that is to be
//! confirmed says so wherever it stands.
//!
//! ```
//! # let (clinic, _) = regimen::Clinic::from_text("p.toml", include_str!("../../tests/fixtures/tiny.toml"))?;
//! # let text = r#"{ "patient": "P-1", "recorded": "2026-03-01", "facts": { "pregnant": true } }"#;
//! # let (record, _) = regimen::Record::from_text("r", text, regimen::Notation::Json, &clinic.dictionary)?;
//! use regimen::handout::{Handout, html};
//! let protocol = &clinic.protocols[0];
//! let answer = protocol.recommend(&record, &regimen::Request::new("2026-03-02".parse()?))?;
//! let handout = Handout::for_patient(&answer, &protocol.language, None);
//! assert_eq!(handout.message, ["This treatment is not for you at present."]);
//! assert!(html(&handout).starts_with("<!DOCTYPE html>"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#[cfg(feature = "cli")]
mod calendar;
mod clinic;
mod events;
mod html;
mod patient;
mod timeline;
mod words;

#[cfg(feature = "cli")]
pub use calendar::{CalendarTrouble, calendar};
pub use html::html;
#[cfg(feature = "serve")]
pub(crate) use html::{Linked, STYLE, html_linked};

use crate::date::Date;
use crate::protocol::ClinicDetails;
use words::Words;

/// What a page says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Handout {
    /// The language of its texts, as `de`.
    pub language: String,
    /// What the treatment is called.
    pub title: String,
    /// What kind of page it is, where it is not the patient's.
    pub kind: Option<String>,
    /// The protocol's id, its version and the patient, as they are in files; only the last is shown to the patient.
    pub protocol: String,
    /// The patient's identifier.
    pub patient: String,
    /// The day for which it was made.
    pub as_of: Date,
    /// Whether it comes from a draft.
    pub draft: bool,
    /// The main message, in one to three sentences.
    pub message: Vec<String>,
    /// What follows.
    pub sections: Vec<Section>,
    /// What is drawn on the timeline.
    pub timeline: Vec<Milestone>,
    /// Whether there is a block about whom to call.
    pub calls: bool,
    /// Whom to call, where that is known.
    pub clinic: Option<ClinicDetails>,
    /// What goes into a calendar.
    pub events: Vec<Event>,
    /// The sessions that were given, on their days: what stood in a calendar for them has happened.
    pub given: Vec<Event>,
    /// Whether it is open when the next session can take place, or whether: what stands in a calendar for it is then not taken back.
    pub open: bool,
    /// The day before which the next session certainly cannot take place: what stands in a calendar for an earlier one is taken back all the same.
    pub no_sooner_than: Option<Date>,
}

/// A part of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Section {
    /// Its heading.
    pub heading: String,
    /// What is said of all its items.
    pub lead: Option<String>,
    /// Its items.
    pub items: Vec<Item>,
    /// Whether its items are to be ticked.
    pub boxes: bool,
}

/// A line of a section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Item {
    /// When, or of what.
    pub lead: Option<String>,
    /// What it says.
    pub text: String,
    /// What is said beside it.
    pub notes: Vec<String>,
}

/// A day on the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Milestone {
    /// The day.
    pub day: Date,
    /// What it is, in one or two words.
    pub what: String,
    /// Whether the day is to be confirmed.
    pub to_be_confirmed: bool,
}

/// Something for a calendar, over whole days.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// What it is, the same whenever the handout is made again.
    pub key: String,
    /// What stands in the calendar.
    pub summary: String,
    /// What is said about it.
    pub description: Vec<String>,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
}

impl Handout {
    /// Whether the headings and dates of a handout are known in a language.
    #[must_use]
    pub fn speaks(language: &str) -> bool {
        language.split('-').next() == Some(Words::of(language).code())
    }

    fn words(&self) -> &'static Words {
        Words::of(&self.language)
    }
}
