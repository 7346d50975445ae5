//! From a decision to a recommendation: its reasons, what is missing, what was assumed, how to treat, and the trace.

mod assumptions;
pub(crate) mod attribution;
mod known;
mod questions;
mod reasons;
mod setpoint;
mod settings;
mod trace;

use crate::decide::{Evaluated, HeldBack, Prepared, Request, decide};
use crate::diagnostic::{Diagnostics, codes};
use crate::patient::known::Known;
use crate::patient::{Record, Slots};
use crate::protocol::Protocol;
use crate::recommendation::{CourseStatus, Doubt, Provenance, Recommendation, SCHEMA, Status};
use crate::trace::Depth;
use crate::worlds::Detail;

impl Protocol {
    /// What to do for a patient on a day, and why.
    ///
    /// # Errors
    /// When the record names a date in the future, or the protocol is not in force on that day.
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
        self.prepare(request).recommend(record)
    }
}

impl Prepared<'_> {
    /// What to do for a patient, and why.
    ///
    /// # Errors
    /// When the record names a date in the future, or the protocol is not in force on that day.
    pub fn recommend(&self, record: &Record) -> Result<Recommendation, Diagnostics> {
        let mut found = record.doubts.clone();
        found.append(record.check(&self.protocol.dictionary, self.request.as_of));
        found.append(self.protocol.usable(self.request.as_of));
        let ((), found) = found.into_result(())?;
        // That the protocol is a draft is said by its status.
        let doubts = found.iter().filter(|one| *one.code != codes::DRAFT).map(Doubt::from).collect();
        Ok(self.evaluate(record, doubts))
    }

    fn evaluate(&self, record: &Record, doubts: Vec<Doubt>) -> Recommendation {
        let (protocol, request) = (self.protocol, &self.request);
        let mut known = Known::nothing(protocol, &self.parameters, request.as_of);
        self.filler.fill(&Slots::of(record, &self.vocabulary, request.as_of), &mut known);
        let detail = if request.depth == Depth::Verdict { Detail::Report } else { Detail::Full };
        let mut evaluated = Evaluated::new(self, &known, detail);
        let (decision, HeldBack { by_rules, by_all: waits }) = decide(self, &mut evaluated);
        let Evaluated { assumed: mut assessment, mut open, .. } = evaluated;
        let status = decision.status;
        if status == Status::Contraindicated
            && let Some(report) = &mut assessment.schedule.report
            && matches!(
                report.status,
                Some(CourseStatus::NotComplete | CourseStatus::AgedOut | CourseStatus::NotRecommended)
            )
        {
            report.status = Some(CourseStatus::Contraindicated);
        }
        let mut view = View { protocol, record, known: &known, status, request };
        let reasons = view.reasons(&mut assessment);
        let session_day = view.session_day(decision.not_before);
        let possible =
            !matches!(status, Status::Contraindicated | Status::NotIndicated | Status::Stopped | Status::Complete);
        // Precautions ride along with every answer: they will matter to whatever is done instead.
        let precautions = view.precautions(&mut assessment);
        let (settings, open_settings) = if possible { view.settings(&mut assessment) } else { Default::default() };
        let instructions = if possible { view.instructions(&assessment, session_day) } else { Vec::new() };
        let red_flags = if possible || !record.sessions.is_empty() { view.red_flags() } else { Vec::new() };
        let (questions, date_depends_on) = view.questions(&mut assessment, &waits, open_settings);
        let assumptions = view.assumptions(&mut assessment, &mut open);
        let trace = view.trace(&mut assessment);
        let overrides = view.overrides();
        let set = overrides.iter().map(|one| (one.parameter.clone(), one.used.clone())).collect();
        let mut recommendation = Recommendation {
            schema: SCHEMA.into(),
            protocol: protocol.id.clone(),
            protocol_status: protocol.status,
            title: protocol.title.clone(),
            patient: record.patient.clone(),
            as_of: request.as_of,
            status,
            not_before: decision.not_before,
            no_sooner_than: decision.no_sooner_than,
            no_later_than: decision.no_later_than,
            date_depends_on,
            could_become: decision.could_become.iter().collect(),
            doubts,
            reasons,
            questions,
            assumptions,
            precautions,
            course: view.course(&assessment, session_day, &waits, &by_rules),
            settings,
            instructions,
            red_flags,
            overrides,
            sources: Vec::new(),
            trace,
            provenance: Provenance {
                protocol: protocol.id.clone(),
                version: protocol.version.clone(),
                protocol_sha256: protocol.sha256.clone(),
                dictionary_sha256: protocol.dictionary.sha256.clone(),
                record_sha256: record.sha256.clone(),
                as_of: request.as_of,
                set,
                engine: env!("CARGO_PKG_VERSION").into(),
            },
        };
        recommendation.sources = view.cited(&recommendation);
        recommendation
    }
}

/// Everything that is fixed while one recommendation is made.
pub(crate) struct View<'a> {
    pub(crate) protocol: &'a Protocol,
    pub(crate) record: &'a Record,
    pub(crate) known: &'a Known,
    pub(crate) status: Status,
    pub(crate) request: &'a Request,
}
