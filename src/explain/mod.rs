//! From a decision to a recommendation: its reasons, what is missing, what was assumed, how to treat, and the trace.

mod after_care;
mod applicability;
mod appointments;
mod assumptions;
pub(crate) mod attribution;
pub(crate) mod changes;
mod course_trace;
mod dates;
pub(crate) mod derivation;
mod known;
pub(crate) mod labels;
mod on_the_day;
pub(crate) mod outlook;
mod products;
mod questions;
mod reasons;
mod setpoint;
mod settings;
mod texts;
mod then;
mod trace;
mod unanswerable;

use std::collections::BTreeSet;

use crate::date::Date;
use crate::decide::{Assessment, Evaluated, HeldBack, Prepared, Request, Statuses, decide};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::explain::attribution::Missing;
use crate::explain::derivation::{Derivation, Step};
use crate::lang::ExprId;
use crate::logic::{Inputs, Value};
use crate::once::push_new;
use crate::patient::known::Known;
use crate::patient::{Record, Slots};
use crate::protocol::Protocol;
use crate::protocol::looking_back::LookingBack;
use crate::recommendation::{CourseStatus, Doubt, Labels, Provenance, Recommendation, SCHEMA, Status, ToBeConfirmed};
use crate::trace::Depth;
use crate::worlds::{Detail, told};

impl Protocol {
    /// What to do for a patient on a day, and why.
    ///
    /// # Errors
    /// When the record names a date in the future, or was read with another dictionary than the protocol has, or the protocol is not in
    /// force on that day.
    ///
    /// ```
    /// # let (clinic, _) = regimen::Clinic::from_text("p.toml", include_str!("../../tests/fixtures/tiny.toml"))?;
    /// use regimen::{Notation, Record, Request, Status};
    /// let text = r#"{ "patient": "P-1", "recorded": "2026-03-01", "facts": { "pregnant": true } }"#;
    /// let (record, _) = Record::from_text("record.json", text, Notation::Json, &clinic.dictionary)?;
    /// let protocol = &clinic.protocols[0];
    /// let answer = protocol.recommend(&record, &Request::new("2026-03-02".parse()?))?;
    /// assert_eq!((answer.status, answer.reasons[0].id.as_str()), (Status::Contraindicated, "pregnant"));
    /// // Before the protocol was in force, nobody answers.
    /// assert!(protocol.recommend(&record, &Request::new("2025-03-02".parse()?)).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn recommend(&self, record: &Record, request: &Request) -> Result<Recommendation, Diagnostics> {
        self.prepare(request)?.recommend(record)
    }
}

impl Prepared {
    /// What to do for a patient, and why.
    ///
    /// # Errors
    /// When the record names a date in the future, or was read with another dictionary than the protocol has.
    pub fn recommend(&self, record: &Record) -> Result<Recommendation, Diagnostics> {
        let mut found = record.doubts.clone();
        found.append(record.check(&self.protocol.dictionary, self.request.as_of));
        if !found.has_errors() {
            found.append(self.doubts_beside_course(record));
        }
        let ((), found) = found.into_result(())?;
        Ok(self.evaluate(record, found))
    }

    /// What only the whole answer can tell, of a record that has no mistake: what nobody can answer of a patient whose status is undetermined,
    /// and why the day on which all that holds back is over is no permitted day.
    fn told_by_answer(&self, record: &Record) -> Vec<Diagnostic> {
        let told = |doubt: Doubt| {
            let codes = [&codes::NOBODY_CAN_ANSWER, &codes::NEEDED_SETTING, &codes::BARRED_BY_THEN];
            let code = codes.into_iter().find(|code| code.id == doubt.code)?;
            Some(doubt.help.into_iter().fold(Diagnostic::new(code, doubt.message), Diagnostic::help))
        };
        let doubts = self.evaluate(record, Diagnostics::default()).doubts.into_iter();
        doubts.filter_map(told).collect()
    }

    /// What is doubtful about a record in the eyes of the protocol: answers that contradict each other, appointments that it does not
    /// permit, what is strange about the course, what nobody can answer. A recommendation says the same among its doubts. Of a record that
    /// was read with another dictionary nothing can be said but that.
    #[must_use]
    pub fn doubts(&self, record: &Record) -> Diagnostics {
        self.doubts_if(record, true)
    }

    /// The same; what only the whole answer can tell where there may be something of it.
    pub(crate) fn doubts_if(&self, record: &Record, may_be_told_by_answer: bool) -> Diagnostics {
        let mut doubts = record.is_of_another(&self.protocol.dictionary);
        if doubts.has_errors() {
            return doubts;
        }
        doubts.append(self.doubts_beside_course(record));
        let schedule = self.schedule(&self.known(record), &mut self.constants.clone(), false, Detail::Decision);
        doubts.append(told(&schedule.doubts, record, &self.protocol));
        if may_be_told_by_answer {
            self.told_by_answer(record).into_iter().for_each(|one| doubts.push(one));
        }
        doubts
    }

    /// The same without what is strange about the course, for whoever goes through the course all the same.
    pub(crate) fn doubts_beside_course(&self, record: &Record) -> Diagnostics {
        let mut doubts = self.known(record).contradictions(&self.protocol, record);
        doubts.append(self.appointments(record));
        doubts
    }

    /// What a record says, in the slots of the protocol.
    pub(crate) fn known(&self, record: &Record) -> Known {
        let mut known = Known::nothing(&self.protocol, &self.parameters, self.request.as_of);
        self.filler.fill(&Slots::of(record, &self.every_day.vocabulary, self.request.as_of), &mut known);
        known
    }

    fn evaluate(&self, record: &Record, found: Diagnostics) -> Recommendation {
        self.evaluate_asking(record, found).0
    }

    /// The same, with what each of its questions is about, in their order.
    pub(crate) fn evaluate_asking(&self, record: &Record, mut found: Diagnostics) -> (Recommendation, Vec<Missing>) {
        let (protocol, request) = (&self.protocol, &self.request);
        let mut known = Known::nothing(protocol, &self.parameters, request.as_of);
        let slots = Slots::of(record, &self.every_day.vocabulary, request.as_of);
        self.filler.fill(&slots, &mut known);
        let detail = if request.depth == Depth::Verdict { Detail::Report } else { Detail::Full };
        let mut evaluated = Evaluated::new(self, &known, detail);
        let (mut decision, mut held_back) = decide(self, &mut evaluated);
        let barred = self.look_again(&known, &mut decision, &mut held_back);
        // Where it is not even known whether anything holds back, the window waits for what may.
        let HeldBack { by_rules, by_all: waits } =
            if decision.status == Status::Undetermined { self.held_back(&mut evaluated) } else { held_back };
        let (mut assessment, open) = evaluated.both();
        let status = decision.status;
        found.append(told(&assessment.schedule.doubts, record, protocol));
        // Of several places in one line, the same may be told.
        let mut doubts: Vec<Doubt> = Vec::new();
        found.iter().for_each(|one| push_new(&mut doubts, Doubt::from(one)));
        doubts.extend(barred.map(|(day, barred)| Doubt::from(&on_the_day::told(protocol, day, &barred))));
        if status == Status::Contraindicated
            && let Some(report) = &mut assessment.schedule.report
            && matches!(
                report.status,
                Some(CourseStatus::NotComplete | CourseStatus::AgedOut | CourseStatus::NotRecommended)
            )
        {
            report.status = Some(CourseStatus::Contraindicated);
        }
        let derivation = Derivation::new(protocol, &known, &assessment);
        let view = View {
            protocol,
            record,
            known: &known,
            status,
            could_become: decision.could_become,
            request,
            looking_back: &self.every_day.looking_back,
            assessment: &assessment,
            open: &open,
            derivation: &derivation,
        };
        let reasons = view.reasons();
        let session_day = view.session_day(decision.not_before);
        let possible =
            !matches!(status, Status::Contraindicated | Status::NotIndicated | Status::Stopped | Status::Complete);
        // Precautions ride along with every answer: they will matter to whatever is done instead.
        let precautions = view.precautions();
        let (settings, open_settings) = if possible { view.settings() } else { Default::default() };
        doubts.extend(view.unanswerable().iter().map(Doubt::from));
        doubts.extend(view.without_value(&settings).iter().map(Doubt::from));
        let first = decision.not_before.or(decision.no_sooner_than);
        let appointment = first.and_then(|first| self.appointment(record, first));
        // One that may still have to be moved is none to prepare for.
        let comes_on = appointment.filter(|_| decision.not_before.is_some()).or(session_day);
        let instructions = if possible { view.instructions(comes_on) } else { Vec::new() };
        // Who was treated, or may have been, has to know the signs whatever comes next.
        let was_treated = known.given.iter().any(|session| session.own) || known.unlisted.own();
        let red_flags = if possible || was_treated { view.red_flags() } else { Vec::new() };
        let (questions, date_depends_on) = view.questions(&waits, open_settings);
        let (missing, questions) = questions.into_iter().unzip();
        let mut granted = Vec::new();
        let after_care = self.after_care(&view, &slots, &mut granted);
        let assumptions = view.assumptions(granted);
        let course = view.course(session_day, &waits, &by_rules);
        let dates = view.dates(&decision, &waits, &by_rules, course.as_ref(), session_day);
        let trace = view.trace(&dates);
        let overrides = view.overrides();
        let next = course.as_ref().and_then(|course| course.next.as_ref());
        let of_parts = course.iter().flat_map(|course| &course.components).filter_map(|part| part.next.as_ref());
        let days = next.into_iter().chain(of_parts).flat_map(|next| [next.earliest, next.recommended]);
        let days = days.chain([decision.first_day(), appointment]).flatten().filter(|day| *day > request.as_of);
        let days: BTreeSet<Date> = days.collect();
        let to_be_confirmed = self.to_be_confirmed(&slots, &known, assessment.sessions_done, days);
        let set = overrides.iter().map(|one| (one.parameter.clone(), one.used.clone())).collect();
        let (of_protocol, of_dictionary) = (protocol.translation.as_ref(), protocol.dictionary.translation.as_ref());
        let mut recommendation = Recommendation {
            schema: SCHEMA.into(),
            protocol: protocol.id.clone(),
            protocol_status: protocol.standing(),
            title: protocol.title.clone(),
            patient: record.patient.clone(),
            as_of: request.as_of,
            status,
            not_before: decision.not_before,
            no_sooner_than: decision.no_sooner_than,
            no_later_than: decision.no_later_than,
            date_depends_on,
            to_be_confirmed,
            could_become: decision.could_become.iter().collect(),
            doubts,
            reasons,
            questions,
            assumptions,
            precautions,
            course,
            settings,
            instructions,
            appointment,
            after_care,
            red_flags,
            overrides,
            sources: Vec::new(),
            labels: Labels::default(),
            trace,
            provenance: Provenance {
                protocol: protocol.id.clone(),
                version: protocol.version.clone(),
                edition: protocol.edition.word(),
                published_by: protocol.edition.published().map(|(by, _)| by.to_owned()),
                published_on: protocol.edition.published().map(|(_, on)| on),
                protocol_sha256: protocol.sha256.clone(),
                dictionary_sha256: protocol.dictionary.sha256.clone(),
                language: protocol.told_in(),
                protocol_translation_sha256: of_protocol.map_or_else(String::new, |one| one.sha256.clone()),
                dictionary_translation_sha256: of_dictionary.map_or_else(String::new, |one| one.sha256.clone()),
                record_sha256: record.sha256.clone(),
                as_of: request.as_of,
                set,
                engine: env!("CARGO_PKG_VERSION").into(),
            },
        };
        recommendation.sources = view.cited(&recommendation);
        recommendation.labels = labels::labels(&view, &recommendation);
        (recommendation, missing)
    }
}

impl Prepared {
    /// The answers that are too old on some days to come and could still change something then.
    pub(crate) fn to_be_confirmed(
        &self,
        slots: &Slots,
        known: &Known,
        sessions_done: Value,
        days: impl IntoIterator<Item = Date>,
    ) -> Vec<ToBeConfirmed> {
        let one = |(fact, valid_until)| ToBeConfirmed { fact: self.protocol.fact(fact).name.clone(), valid_until };
        self.expiring(slots, known, sessions_done, days).into_iter().map(one).collect()
    }
}

/// Everything that is fixed while one recommendation is made.
pub(crate) struct View<'a> {
    pub(crate) protocol: &'a Protocol,
    pub(crate) record: &'a Record,
    pub(crate) known: &'a Known,
    pub(crate) status: Status,
    /// What it could become.
    pub(crate) could_become: Statuses,
    pub(crate) request: &'a Request,
    /// Which intervals may have been others on another day.
    pub(crate) looking_back: &'a LookingBack,
    pub(crate) assessment: &'a Assessment,
    /// The same with everything left open that the protocol takes for granted.
    pub(crate) open: &'a Assessment,
    pub(crate) derivation: &'a Derivation<'a>,
}

impl View<'_> {
    /// What was evaluated.
    pub(crate) fn inputs(&self) -> Inputs<'_> {
        self.known.inputs(self.assessment.sessions_done, self.assessment.open)
    }

    /// The step of a body, for one value that it is repeated for.
    pub(crate) fn root(&self, body: &std::ops::Range<u32>, each: Option<Value>) -> Step {
        self.derivation.root(ExprId(body.end - 1), each)
    }
}
