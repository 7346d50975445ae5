//! What is not known and could still change something.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::because::Missing;
use super::settings::Waits;
use super::unlisted::Treatments;
use super::{Assessment, View, still_before};
use crate::expr::english::{is_plural, plain_name};
use crate::protocol::conditions::led_to_by;
use crate::protocol::model::Rule;
use crate::recommendation::{Effect, Question, Status};

/// What waits for an answer, while questions are collected.
#[derive(Debug, Default)]
struct Waiting {
    effects: BTreeSet<Effect>,
    could_lead_to: Option<Status>,
    rules: Vec<String>,
}

impl View<'_> {
    pub(super) fn questions(&mut self, assessment: &mut Assessment, settings: Waits) -> Vec<Question> {
        let mut waiting: BTreeMap<Missing, Waiting> = BTreeMap::new();
        let protocol = self.protocol;
        for (at, rule) in protocol.rules.iter().enumerate() {
            if !assessment.speaks[at].is_unknown() {
                continue;
            }
            let leads_to = led_to_by(&rule.action);
            let Some(effect) = self.effect(leads_to) else { continue };
            let missing = self.missing_in_rule(assessment, rule);
            wait(&mut waiting, missing, effect, leads_to, &rule.id);
        }
        self.course_questions(assessment, &mut waiting);
        for (id, missing) in settings {
            wait(&mut waiting, missing, Effect::Setting, None, &id);
        }
        if self.effect(None).is_some() {
            for instruction in &protocol.instructions {
                if let Some(when) = instruction.when
                    && assessment.evaluation.truth(when).is_unknown()
                {
                    let mut missing = Vec::new();
                    self.missing(assessment, when, &mut missing);
                    wait(&mut waiting, missing, Effect::Precaution, None, &instruction.id);
                }
            }
        }
        let mut questions: Vec<(Missing, Waiting)> = waiting.into_iter().collect();
        // Most decisive first: the gravest effect and status, then what most rules wait for, then the dictionary's order.
        questions.sort_by_key(|(missing, waiting)| {
            let place = self.place_of(*missing);
            let effect = waiting.effects.first().copied();
            (effect, waiting.could_lead_to.is_none(), waiting.could_lead_to, Reverse(waiting.rules.len()), place)
        });
        questions.into_iter().map(|(missing, waiting)| self.question(missing, waiting)).collect()
    }

    /// The place of something that is not known: facts in the dictionary's order, then notes, then lists of sessions.
    pub(super) fn place_of(&self, missing: Missing) -> (u8, usize, usize) {
        match missing {
            Missing::Fact(fact) => (0, self.protocol.facts[usize::from(fact.0)], 0),
            Missing::Note(session, note) => (1, session, usize::from(note)),
            Missing::Sessions(treatment) => (2, treatment, 0),
        }
    }

    /// What an answer could change by way of a rule that leads to a status; nothing, where a graver status is certain.
    pub(super) fn effect(&self, leads_to: Option<Status>) -> Option<Effect> {
        match (self.status, leads_to) {
            (Status::Contraindicated | Status::NotIndicated | Status::Stopped | Status::Complete, None) => None,
            (_, None) => Some(Effect::Precaution),
            (Status::Deferred, Some(Status::Deferred)) => Some(Effect::Schedule),
            // The wait will end, and the referral will then matter.
            (Status::Deferred, Some(Status::Refer)) => Some(Effect::Status),
            (Status::Undetermined, Some(Status::Refer)) => Some(Effect::Status),
            (status, Some(other)) if other < status => Some(Effect::Status),
            _ => None,
        }
    }

    pub(super) fn missing_in_rule(&self, assessment: &mut Assessment, rule: &Rule) -> Vec<Missing> {
        let mut missing = Vec::new();
        if let Some(when) = rule.when {
            self.missing(assessment, when, &mut missing);
        }
        if let Some(not_before) = rule.not_before()
            && still_before(assessment.evaluation.value(not_before), self.known.today).is_unknown()
        {
            self.missing(assessment, not_before, &mut missing);
        }
        missing
    }

    fn course_questions(&self, assessment: &mut Assessment, waiting: &mut BTreeMap<Missing, Waiting>) {
        let Some(course) = assessment.schedule.course else { return };
        let course = format!("course.{}", self.protocol.courses[course].id);
        let grave = [
            (assessment.schedule.no_course.0.or(assessment.schedule.past.0), Status::NotIndicated),
            (assessment.schedule.over.0, Status::Complete),
            (assessment.schedule.too_early.0, Status::Deferred),
        ];
        let leads_to =
            grave.iter().find(|(truth, status)| truth.is_unknown() && *status < self.status).map(|(_, status)| *status);
        let effect = match (leads_to, self.effect(Some(Status::Deferred))) {
            (Some(_), _) => Effect::Status,
            (None, _) if self.effect(None).is_some() => Effect::Schedule,
            _ => return,
        };
        for open in assessment.schedule.open.clone() {
            let mut missing = Vec::new();
            self.missing_in_course(assessment, open, &mut missing);
            wait(waiting, missing, effect, leads_to, &course);
        }
    }

    fn question(&self, missing: Missing, waiting: Waiting) -> Question {
        let (ask, of) = match missing {
            Missing::Fact(id) => {
                let fact = self.protocol.fact(id);
                (fact.ask.clone(), fact.of.word())
            }
            Missing::Note(session, note) => {
                let name = plain_name(&self.protocol.dictionary.notes[usize::from(note)].name);
                let verb = if is_plural(&name) { "were" } else { "was" };
                let session = &self.record.sessions[session];
                (format!("Session of {} on {}: what {verb} its {name}?", session.treatment, session.date), "record")
            }
            Missing::Sessions(treatment) => {
                let treatment = Treatments::of(self.protocol).names[treatment];
                let is_listed = self.record.sessions.iter().any(|session| session.treatment == treatment);
                let other = if is_listed { "other " } else { "" };
                (format!("Has there been any {other}session of {}?", plain_name(treatment)), "record")
            }
        };
        Question {
            fact: self.name_of(missing),
            ask,
            of,
            why: self.why_unknown(missing),
            could_change: waiting.effects.into_iter().collect(),
            could_lead_to: waiting.could_lead_to,
            rules: waiting.rules,
        }
    }
}

fn wait(
    waiting: &mut BTreeMap<Missing, Waiting>,
    missing: Vec<Missing>,
    effect: Effect,
    leads_to: Option<Status>,
    rule: &str,
) {
    let leads_to = leads_to.filter(|_| effect != Effect::Precaution);
    for what in missing {
        let entry = waiting.entry(what).or_default();
        entry.effects.insert(effect);
        entry.could_lead_to = match (entry.could_lead_to, leads_to) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        if !entry.rules.iter().any(|other| other == rule) {
            entry.rules.push(rule.to_owned());
        }
    }
}
