//! A protocol that has been read and found sound: every name a slot, every text checked.

mod courses;
mod properties;
mod rules;
mod settings;
mod template;

pub use courses::*;
pub use properties::*;
pub use rules::*;
pub use settings::*;
pub use template::*;

use crate::date::Date;
use crate::decide::prepared::EveryDay;
use crate::diagnostic::{Code, Place, SourceFile};
use crate::lang::{ExprId, FactId, Program, Type, one_line};
use crate::logic::value::{TextId, Value};
use crate::protocol::conditions::Conditions;
use crate::protocol::dictionary::{Dictionary, Fact};
pub use crate::protocol::file::{
    Category, ComponentNumber, Evidence, Faulty, GapAction, Lasts, Outcome, ProtocolStatus, Round, Safer, TooEarly,
};
use crate::protocol::published::Edition;
use crate::speech::Speech;
use rust_decimal::Decimal;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// A protocol, ready to be evaluated. Cloning one shares it, so whatever answers from it can keep it.
#[derive(Clone, Debug)]
pub struct Protocol(Arc<ProtocolModel>, Arc<OnceLock<Arc<EveryDay>>>);

impl Deref for Protocol {
    type Target = ProtocolModel;

    fn deref(&self) -> &ProtocolModel {
        &self.0
    }
}

impl From<ProtocolModel> for Protocol {
    fn from(model: ProtocolModel) -> Protocol {
        Protocol(Arc::new(model), Arc::default())
    }
}

/// What a protocol says. [`Protocol`] is how it is handed around.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProtocolModel {
    /// Its name for programs.
    pub id: String,
    /// Its name for people.
    pub title: String,
    /// Its version.
    pub version: String,
    /// Whether it may be used.
    pub status: ProtocolStatus,
    /// The first day on which it is in force.
    pub in_force_from: Date,
    /// The last day, if there is one.
    pub in_force_until: Option<Date>,
    /// The day by which it must be reviewed.
    pub review_by: Date,
    /// The role that answers for it.
    pub owner: String,
    /// The sessions that count towards its course.
    pub treatment: String,
    /// The language of its texts: that of the translation, where one is used.
    pub language: String,
    /// What kind of thing it is.
    pub category: Category,
    /// What people read for treatments.
    #[doc(hidden)]
    pub treatments: Vec<(String, String)>,
    /// The text's SHA-256, in hexadecimal.
    pub sha256: String,
    /// Whether it is a published version.
    #[doc(hidden)]
    pub edition: Edition,
    /// What it discloses of itself and only a person can state.
    #[doc(hidden)]
    pub source_attributes: crate::protocol::file::SourceAttributes,
    /// The translation of its texts that is used.
    pub translation: Option<crate::protocol::translation::Translation>,
    /// The file.
    pub file: Arc<SourceFile>,
    /// The dictionary it was read with.
    pub dictionary: Arc<Dictionary>,
    /// What it cites.
    #[doc(hidden)]
    pub sources: Vec<Source>,
    /// What a clinic may change.
    #[doc(hidden)]
    pub parameters: Vec<Parameter>,
    /// Named expressions.
    #[doc(hidden)]
    pub definitions: Vec<Definition>,
    /// The facts that it reads, by their place in the dictionary.
    #[doc(hidden)]
    pub facts: Vec<usize>,
    /// When the questions of those facts make sense, and which answers to them contradict each other.
    #[doc(hidden)]
    pub conditions: Conditions,
    /// All expressions.
    #[doc(hidden)]
    pub program: Program,
    /// Its rules, in the order of their kinds, then of the file.
    #[doc(hidden)]
    pub rules: Vec<Rule>,
    /// Its decision tables.
    #[doc(hidden)]
    pub settings: Vec<Setting>,
    /// What to do before and after a session.
    #[doc(hidden)]
    pub instructions: Vec<Instruction>,
    /// Signs that need action.
    #[doc(hidden)]
    pub red_flags: Vec<RedFlag>,
    /// What one session may do several of at once, each judged by itself; empty where it is not told apart.
    #[doc(hidden)]
    pub components: Vec<Component>,
    /// Which of the components' numbers is the next session's.
    #[doc(hidden)]
    pub component_number: ComponentNumber,
    /// When no session is needed any more.
    #[doc(hidden)]
    pub immune: Option<ExprId>,
    /// The date of birth, where a course counts from it.
    #[doc(hidden)]
    pub birth: Option<ExprId>,
    /// Its courses.
    #[doc(hidden)]
    pub courses: Vec<Course>,
    /// Distances from other treatments.
    #[doc(hidden)]
    pub separations: Vec<Separation>,
    /// The groups of products of the file.
    pub product_groups: Vec<ProductGroup>,
    /// One product of each kind that makes a difference to the courses, the last being one that nothing names.
    #[doc(hidden)]
    pub products: Box<[TextId]>,
    /// What must hold of every answer.
    #[doc(hidden)]
    pub properties: Properties,
    /// Suspicious things that are meant.
    #[doc(hidden)]
    pub allowed: Vec<Allowed>,
}

impl ProtocolModel {
    /// An expression as it is written, on one line and with the usual spaces: whoever spaces it otherwise is told the same.
    pub(crate) fn written(&self, id: ExprId) -> String {
        one_line(self.file.text.get(self.program.node(id).span.clone()).unwrap_or_default())
    }
}

impl Protocol {
    /// The language in which it answers, where one was asked for, or its own is not English.
    pub(crate) fn told_in(&self) -> Option<String> {
        let (of_protocol, of_dictionary) = (self.translation.as_ref(), self.dictionary.translation.as_ref());
        let asked = of_protocol.or(of_dictionary).map(|one| one.language.clone());
        asked.or_else(|| (self.language != "en").then(|| self.language.clone()))
    }

    /// The first language that one of several protocols answers in, as [`Protocol::told_in`].
    pub(crate) fn first_told_in<'a>(protocols: impl IntoIterator<Item = &'a Protocol>) -> Option<String> {
        protocols.into_iter().find_map(Protocol::told_in)
    }

    /// The words for what it answers.
    pub(crate) fn speech(&self) -> &'static Speech {
        Speech::told(self.told_in().as_deref())
    }

    /// The same with something in it changed.
    pub(crate) fn altered(mut self, alter: impl FnOnce(&mut ProtocolModel)) -> Protocol {
        alter(Arc::make_mut(&mut self.0));
        Protocol(self.0, Arc::default())
    }

    /// What is worked out of it once, for every day on which it is asked.
    pub(crate) fn every_day(&self) -> &Arc<EveryDay> {
        self.1.get_or_init(|| Arc::new(EveryDay::of(self)))
    }

    /// Whether its answers are for patients: a text that has not been published, of a protocol that has published versions, is for trying out,
    /// as is what is marked as a draft itself.
    #[must_use]
    pub fn standing(&self) -> ProtocolStatus {
        match self.status {
            ProtocolStatus::Active if self.edition == Edition::Draft => ProtocolStatus::Draft,
            status => status,
        }
    }

    /// The fact in a slot.
    #[must_use]
    pub fn fact(&self, id: FactId) -> &Fact {
        &self.dictionary.facts[self.facts[usize::from(id.0)]]
    }

    /// The declared range of a fact's answers.
    pub(crate) fn fact_range(&self, id: FactId) -> Option<(Decimal, Decimal)> {
        self.fact(id).answer.range
    }

    /// The declared range of a note about sessions.
    pub(crate) fn note_range(&self, note: u16) -> Option<(Decimal, Decimal)> {
        self.dictionary.notes.get(usize::from(note)).and_then(|note| note.answer.range)
    }

    /// The definition in which an expression stands; none: it stands in none.
    #[must_use]
    pub fn definition_around(&self, id: ExprId) -> Option<&Definition> {
        // INVARIANT: definitions are lowered first and one after the other, so that the nodes of each end with its root.
        self.definitions.get(self.definitions.partition_point(|definition| definition.root < id))
    }

    /// The line of a place in the protocol's file, from 1.
    #[must_use]
    pub fn line(&self, place: &Place) -> usize {
        place.file.position(place.span.start).0
    }

    /// The place of the value of a key at the top of the file, or of a key in that, if it is there; else of the first line.
    #[must_use]
    pub fn value_place(&self, key: &str, within: Option<&str>) -> Place {
        let value = crate::protocol::written::value(&self.file, key);
        let inner = within.and_then(|within| value.as_ref()?.get(within).cloned());
        inner.or(value).map_or_else(|| Place { file: self.file.clone(), span: 0..0 }, |node| node.place(&self.file))
    }

    /// What the courses are counted by, once for each value; none: they are not told apart.
    #[must_use]
    pub fn counter(&self) -> Option<&Counter> {
        self.courses.iter().find_map(|course| course.separate_by.as_ref())
    }

    /// The name of a value that the courses are counted by.
    #[must_use]
    pub fn value_name(&self, value: u8) -> String {
        self.counter().and_then(|counter| counter.choices.get(usize::from(value)).cloned()).unwrap_or_default()
    }

    /// The rules of one kind.
    pub fn rules_of(&self, kind: RuleKind) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.action.kind() == kind)
    }
}

/// Something suspicious that is meant.
#[derive(Clone, Debug)]
pub struct Allowed {
    /// The code of the warning or note.
    pub code: &'static Code,
    /// What it is about; none: the whole file.
    pub on: Option<String>,
    /// Where it is said.
    pub place: Place,
}

/// Where a statement comes from.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its name in the protocol.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// When it was published.
    pub year: Option<i64>,
    /// Where it can be read.
    pub url: Option<String>,
    /// How well it is known.
    pub evidence: Evidence,
    /// Where it is declared.
    pub place: Place,
}

/// A number or length of time that a clinic may change.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// What people read for its name, where the file says so.
    pub label: Option<String>,
    /// Its type.
    pub ty: Type,
    /// What it is set to in the file.
    pub value: Value,
    /// The least and the greatest value that may be set.
    pub range: Option<(Value, Value)>,
    /// For the reader.
    pub note: Option<String>,
    /// What it cites, by place among the sources.
    pub sources: Vec<usize>,
    /// Where it is declared.
    pub place: Place,
}

/// A named group of products.
#[derive(Clone, Debug)]
pub struct ProductGroup {
    /// Its name.
    pub name: String,
    /// What people read for its name, where the file says so.
    pub label: Option<String>,
    /// The products, as they stand in records.
    pub products: Vec<String>,
}

/// A named expression.
#[derive(Clone, Debug)]
pub struct Definition {
    /// Its name.
    pub name: String,
    /// What people read for its name, where the file says so.
    pub label: Option<String>,
    /// The expression.
    pub root: ExprId,
    /// Where it is declared.
    pub place: Place,
}
