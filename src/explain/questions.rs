//! What is not known and could still change something.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::decide::first_day::{Waits, days};
use crate::decide::still_before;
use crate::english::{is_plural, plain_name};
use crate::explain::View;
use crate::explain::attribution::Missing;
use crate::explain::labels::form;
use crate::explain::settings::{WaitingSetting, WaitingSettings};
use crate::lang::{Expr, ExprId};
use crate::once::push_new;
use crate::patient::Session;
use crate::patient::unlisted::Treatments;
use crate::protocol::file::AnsweredBy;
use crate::protocol::model::Rule;
use crate::recommendation::{Effect, Question, Status};
use crate::speech::tell;
use crate::worlds::{Open, Schedule};

/// What waits for an answer, while questions are collected.
#[derive(Debug, Default)]
struct Waiting {
    effects: BTreeSet<Effect>,
    could_lead_to: Option<Status>,
    rules: Vec<String>,
    /// Whether it can move the first permitted day.
    moves: bool,
}

impl Waiting {
    /// Adds what waits for another answer.
    fn join(&mut self, other: &Waiting) {
        self.effects.extend(&other.effects);
        self.could_lead_to = match (self.could_lead_to, other.could_lead_to) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        other.rules.iter().for_each(|rule| push_new(&mut self.rules, rule.clone()));
        self.moves |= other.moves;
    }
}

impl View<'_> {
    /// The questions, and the facts that the first permitted day of a patient who is deferred depends on, in the same order.
    pub(crate) fn questions(
        &self,
        waits: &Waits,
        settings: WaitingSettings,
    ) -> (Vec<(Missing, Question)>, Vec<String>) {
        let mut waiting: BTreeMap<Missing, Waiting> = BTreeMap::new();
        let protocol = self.protocol;
        for (at, rule) in protocol.rules.iter().enumerate() {
            let (leads_to, fires) = (rule.action.leads_to(), self.assessment.fires[at]);
            let over = rule.not_before().and_then(|day| days(self.assessment.evaluation.value(day)));
            let is_wait = self.status == Status::Deferred && leads_to == Some(Status::Deferred);
            let moves = is_wait && waits.is_moved_by(fires, over);
            if !fires.is_unknown() && !moves {
                continue;
            }
            let Some(effect) = self.effect(leads_to) else { continue };
            let missing = self.missing_in_rule(rule, moves);
            let add = if moves { wait_and_move } else { wait };
            add(&mut waiting, missing, effect, leads_to, &rule.id);
        }
        self.course_questions(waits, &mut waiting);
        self.entry_questions(&mut waiting);
        for ((course, gap), open) in &self.assessment.schedule.pausing {
            let mut missing = Vec::new();
            open.iter().for_each(|open| self.missing_in_course(*open, &mut missing));
            if self.effect(None).is_some() {
                let id = &protocol.courses[*course].gaps[*gap].id;
                wait(&mut waiting, missing, Effect::Precaution, None, id);
            }
        }
        // A needed setting without a value leaves open whether to treat.
        let may_be_due =
            [Status::Undetermined, Status::Due, Status::Overdue].map(|status| self.could_become.contains(status));
        let decides = self.status == Status::Undetermined && may_be_due.contains(&true);
        for WaitingSetting { by, missing, needed } in settings {
            if needed && decides {
                wait(&mut waiting, missing.clone(), Effect::Status, None, &by);
            }
            wait(&mut waiting, missing, Effect::Setting, None, &by);
        }
        if self.effect(None).is_some() {
            for instruction in &protocol.instructions {
                if let Some(when) = instruction.when
                    && self.assessment.evaluation.truth(when).is_unknown()
                {
                    let mut missing = Vec::new();
                    self.missing(self.derivation.root(when, None), &mut missing);
                    wait(&mut waiting, missing, Effect::Precaution, None, &instruction.id);
                }
            }
        }
        let mut asked: BTreeMap<Missing, Waiting> = BTreeMap::new();
        for (missing, waiting) in waiting {
            self.to_ask(missing).into_iter().for_each(|what| asked.entry(what).or_default().join(&waiting));
        }
        let mut questions: Vec<(Missing, Waiting)> = asked.into_iter().collect();
        // Most decisive first: the gravest effect and status, then what most rules wait for, then the dictionary's order.
        questions.sort_by_key(|(missing, waiting)| {
            let place = self.place_of(*missing);
            let effect = waiting.effects.first().copied();
            (effect, waiting.could_lead_to.is_none(), waiting.could_lead_to, Reverse(waiting.rules.len()), place)
        });
        let moving = questions.iter().filter(|(_, waiting)| waiting.moves).map(|(missing, _)| self.name_of(*missing));
        let moving = moving.collect();
        let question = |(missing, waiting)| (missing, self.question(missing, waiting));
        (questions.into_iter().map(question).collect(), moving)
    }

    /// The place of something that is not known: facts in the dictionary's order, then notes, then lists of sessions.
    pub(crate) fn place_of(&self, missing: Missing) -> (u8, usize, usize) {
        match missing {
            Missing::Fact(fact) => (0, self.protocol.facts[usize::from(fact.0)], 0),
            // By day, as they are listed.
            Missing::Earlier(fact, _) => (0, self.protocol.facts[usize::from(fact.0)], 1),
            Missing::Note(session, note) => (1, session, usize::from(note)),
            // After the notes of its session.
            Missing::Entry(session) => (1, session, usize::MAX),
            Missing::Sessions(treatment) => (2, treatment, 0),
        }
    }

    /// What an answer could change by way of a rule that leads to a status; nothing, where a graver status is certain.
    pub(crate) fn effect(&self, leads_to: Option<Status>) -> Option<Effect> {
        match (self.status, leads_to) {
            (Status::Contraindicated | Status::NotIndicated | Status::Stopped | Status::Complete, None) => None,
            (_, None) => Some(Effect::Precaution),
            (Status::Deferred, Some(Status::Deferred)) => Some(Effect::Schedule),
            // The wait will end, and the referral will then matter.
            (Status::Deferred, Some(Status::Refer)) => Some(Effect::Status),
            // One referral is as good as several: where one is certain, another changes no status.
            (Status::Undetermined, Some(Status::Refer)) => (!self.is_referred()).then_some(Effect::Status),
            (status, Some(other)) if other < status => Some(Effect::Status),
            _ => None,
        }
    }

    /// Whether a referral is certain.
    fn is_referred(&self) -> bool {
        let mut rules = self.protocol.rules.iter().zip(&self.assessment.fires);
        rules.any(|(rule, fires)| fires.is_true() && rule.action.leads_to() == Some(Status::Refer))
    }

    /// What a rule lacks; with `moves`, also the day on which its wait is over.
    pub(crate) fn missing_in_rule(&self, rule: &Rule, moves: bool) -> Vec<Missing> {
        let mut missing = Vec::new();
        if let Some(when) = rule.when {
            self.missing(self.derivation.root(when, None), &mut missing);
        }
        if let Some(not_before) = rule.not_before()
            && (moves || still_before(self.assessment.evaluation.value(not_before), self.known.today).is_unknown())
        {
            self.missing(self.derivation.root(not_before, None), &mut missing);
        }
        missing
    }

    /// What could change by something about the course that is not known, and to which status it could lead.
    pub(super) fn course_effect(&self, open: Open) -> Option<(Effect, Option<Status>)> {
        let schedule = &self.assessment.schedule;
        let grave = [
            (schedule.no_course.or(schedule.past), Status::NotIndicated),
            (schedule.over, Status::Complete),
            (schedule.too_early, Status::Deferred),
        ];
        let only_holds_back = self.only_holds_back(open);
        let may_lead_to = grave.into_iter().filter(|(_, status)| !only_holds_back || *status == Status::Deferred);
        let mut graver = may_lead_to.filter(|(truth, status)| truth.is_unknown() && *status < self.status);
        match graver.next() {
            Some((_, leads_to)) => Some((Effect::Status, Some(leads_to))),
            None => self.effect(None).map(|_| (Effect::Schedule, None)),
        }
    }

    fn course_questions(&self, waits: &Waits, waiting: &mut BTreeMap<Missing, Waiting>) {
        let schedule = &self.assessment.schedule;
        let Some(course) = schedule.course else { return };
        let moves = self.status == Status::Deferred && waits.is_moved_by(schedule.too_early, schedule.first_day);
        let course = format!("course.{}", self.protocol.courses[course].id);
        for open in &schedule.open {
            let Some((effect, leads_to)) = self.course_effect(*open) else { continue };
            let mut missing = Vec::new();
            self.missing_in_course(*open, &mut missing);
            let add = if moves && schedule.moving.contains(open) { wait_and_move } else { wait };
            add(waiting, missing, effect, leads_to, &course);
        }
    }

    /// Entries of one day are taken for one session of a course of alike ones; what two would lead to is asked about.
    fn entry_questions(&self, waiting: &mut BTreeMap<Missing, Waiting>) {
        let (taken, open) = (&self.assessment.schedule, &self.open.schedule);
        let entries = open.open.iter().filter(|one| matches!(one, Open::Entry(_)) && !taken.open.contains(one));
        let mut missing = Vec::new();
        entries.for_each(|entry| self.missing_in_course(*entry, &mut missing));
        let Some(course) = open.course.filter(|_| !missing.is_empty()) else { return };
        let course = format!("course.{}", self.protocol.courses[course].id);
        let stands = |schedule: &Schedule| [schedule.no_course.or(schedule.past), schedule.over, schedule.too_early];
        let leads_to = [Status::NotIndicated, Status::Complete, Status::Deferred];
        let changed = leads_to.into_iter().zip(stands(taken).into_iter().zip(stands(open)));
        let mut changed = changed.filter(|(_, (taken, open))| taken != open).map(|(status, _)| status).peekable();
        let is_other = changed.peek().is_some() || taken.overdue != open.overdue;
        let graver = changed.find(|status| *status < self.status);
        let effect = if graver.is_some() { Some(Effect::Status) } else { self.effect(None).map(|_| Effect::Schedule) };
        if let Some(effect) = effect.filter(|_| is_other) {
            wait(waiting, missing.clone(), effect, graver, &course);
        }
        // A rule may ask how many sessions count.
        for (at, rule) in self.protocol.rules.iter().enumerate() {
            let reads_it = |id: ExprId| self.protocol.program.node(id).expr == Expr::SessionsDone;
            let is_other = self.open.fires[at].is_unknown() && !self.assessment.fires[at].is_unknown();
            if is_other && self.protocol.program.under(rule.roots()).any(reads_it) {
                let leads_to = rule.action.leads_to();
                let effect = self.effect(leads_to);
                effect.into_iter().for_each(|effect| wait(waiting, missing.clone(), effect, leads_to, &rule.id));
            }
        }
    }

    fn question(&self, missing: Missing, waiting: Waiting) -> Question {
        let (dictionary, speech) = (&self.protocol.dictionary, self.protocol.speech());
        let day = |session: &Session| speech.range(session.date);
        let treatment = |name: &str| self.protocol.treatment_label(name).unwrap_or(name).to_owned();
        let (ask, of, answer) = match missing {
            Missing::Fact(id) => {
                let fact = self.protocol.fact(id);
                (fact.ask.clone(), fact.of, Some(form(&fact.answer, fact.may_be_never)))
            }
            Missing::Earlier(id, day) => {
                let fact = self.protocol.fact(id);
                let ask = tell!(
                    speech,
                    "As it was on {}, the day of a session: {} (In the record it stands under `earlier`, with that day.)",
                    speech.date(day),
                    fact.ask
                );
                (ask, fact.of, Some(form(&fact.answer, fact.may_be_never)))
            }
            Missing::Note(session, note) => {
                let note = &dictionary.notes[usize::from(note)];
                let name = note.in_words();
                let session = &self.record.sessions[session];
                // On a day, but in a month or a year.
                let phrase = match (session.date.is_partial(), is_plural(&name)) {
                    (false, true) => "Session of {} on {}: what were its {}?",
                    (false, false) => "Session of {} on {}: what was its {}?",
                    (true, true) => "Session of {} in {}: what were its {}?",
                    (true, false) => "Session of {} in {}: what was its {}?",
                };
                let ask = tell!(speech, phrase, treatment(&session.treatment), day(session), name);
                (ask, AnsweredBy::Record, Some(form(&note.answer, false)))
            }
            Missing::Entry(session) => {
                let session = &self.record.sessions[session];
                let phrase = match session.date.is_partial() {
                    false => "Session of {} on {}, noted twice: was it one session, or two?",
                    true => "Session of {} in {}, perhaps noted twice: was it one session, or two?",
                };
                let ask = tell!(speech, phrase, treatment(&session.treatment), day(session));
                (ask, AnsweredBy::Record, None)
            }
            Missing::Sessions(treatment) => {
                let named = Treatments::of(self.protocol).names[treatment];
                let is_listed = self.record.sessions.iter().any(|session| session.treatment == named);
                let phrase = match is_listed {
                    true => "Has there been any other session of {}?",
                    false => "Has there been any session of {}?",
                };
                let label = self.protocol.treatment_label(named).map_or_else(|| plain_name(named), str::to_owned);
                (tell!(speech, phrase, label), AnsweredBy::Record, None)
            }
        };
        Question {
            fact: self.name_of(missing),
            ask,
            of,
            answer,
            why: self.why_unknown(missing),
            could_change: waiting.effects.into_iter().collect(),
            could_lead_to: waiting.could_lead_to,
            rules: waiting.rules,
            decides: self.decides(missing),
        }
    }
}

/// The same of something that can move the first permitted day.
fn wait_and_move(
    waiting: &mut BTreeMap<Missing, Waiting>,
    missing: Vec<Missing>,
    effect: Effect,
    leads_to: Option<Status>,
    rule: &str,
) {
    wait(waiting, missing.clone(), effect, leads_to, rule);
    missing.into_iter().for_each(|what| waiting.entry(what).or_default().moves = true);
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
        let one = Waiting {
            effects: BTreeSet::from([effect]),
            could_lead_to: leads_to,
            rules: vec![rule.to_owned()],
            moves: false,
        };
        waiting.entry(what).or_default().join(&one);
    }
}
