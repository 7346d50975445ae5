//! Everything that holds against treating as usual, and what to do differently.

use crate::course::Bound;
use crate::date::Date;
use crate::decide::first_day::days;
use crate::explain::View;
use crate::explain::attribution::Used;
use crate::explain::derivation::Step;
use crate::lang::{Expr, ExprId};
use crate::logic::Tri;
use crate::logic::value::Value;
use crate::once::push_new;
use crate::protocol::model::{Action, Course, Reference, Rule, Source};
use crate::recommendation::{
    Count, CourseReport, CourseStatus, EvidenceWord, KnownFact, MayOverride, OverrideReport, PlannedNow,
    PrecautionReport, Reason, ReasonKind, Recommendation, SourceReport, Status, ValueReport,
};
use crate::speech::{Speech, tell};
use crate::trace::{Anchor, Derived};
use crate::worlds::Schedule;

impl View<'_> {
    pub(crate) fn reasons(&self) -> Vec<Reason> {
        let protocol = self.protocol;
        let mut reasons = Vec::new();
        for (rule, fires) in protocol.rules.iter().zip(&self.assessment.fires) {
            if let (Some(leads_to), Tri::True) = (rule.action.leads_to(), *fires) {
                reasons.push(self.reason(rule, leads_to));
            }
        }
        reasons.extend(self.course_reasons());
        for reason in &mut reasons {
            reason.label = protocol.rule_label(&reason.id);
        }
        // The order of the statuses; among reasons for the same, permanent ones first, then the protocol's order.
        reasons.sort_by_key(|reason| {
            (reason.leads_to, reason.lasts.is_some_and(|lasts| lasts != crate::recommendation::Duration::Permanent))
        });
        reasons
    }

    fn reason(&self, rule: &Rule, leads_to: Status) -> Reason {
        let mut reason = Reason {
            because: self.because(rule),
            evidence: rule.evidence.into(),
            sources: self.source_ids(&rule.sources),
            line: self.protocol.line(&rule.place),
            ..plain(rule.id.clone(), rule.action.kind().into(), leads_to, self.text(&rule.reason))
        };
        match &rule.action {
            Action::Indicate { otherwise, instead } => {
                reason.reason = self.text(otherwise);
                reason.instead = instead.clone();
                reason.instead_titles = self.protocol.dictionary.names.titles(instead);
            }
            Action::Contraindicate { lasts, until } => {
                reason.lasts = Some((*lasts).into());
                reason.until = self.maybe_text(until.as_ref());
            }
            Action::Defer { not_before, until, recheck, may_override } => {
                reason.not_before = not_before.and_then(|id| last_day(self.assessment.evaluation.value(id)));
                reason.recheck = recheck.and_then(|id| last_day(self.assessment.evaluation.value(id)));
                reason.until = self.maybe_text(until.as_ref());
                reason.may_override = may_override.as_ref().map(|(by, down_to)| MayOverride {
                    by: self.text(by),
                    down_to: down_to.map(|one| self.length(one)),
                });
            }
            Action::Refer { to } => reason.to = Some(self.text(to)),
            Action::Complete { then, .. } => reason.then = self.maybe_text(then.as_ref()),
            Action::Precaution { .. } => {}
        }
        reason
    }

    /// The facts that decided a rule.
    fn because(&self, rule: &Rule) -> Vec<KnownFact> {
        let root = |id| self.derivation.root(id, None);
        let mut leaves = rule.when.map_or_else(Vec::new, |when| self.decisive(root(when)));
        leaves.extend(rule.not_before().map(root));
        self.facts_of(leaves)
    }

    /// The facts that decided some conditions.
    fn because_of(&self, conditions: impl IntoIterator<Item = Step>) -> Vec<KnownFact> {
        self.facts_of(conditions.into_iter().flat_map(|condition| self.decisive(condition)).collect())
    }

    fn facts_of(&self, leaves: Vec<Step>) -> Vec<KnownFact> {
        let mut used = Used::default();
        leaves.into_iter().for_each(|leaf| self.used(leaf, &mut used));
        let known = used.facts.into_iter().filter(|fact| self.known.facts[usize::from(fact.0)] != Value::Unknown);
        let known = known.map(|fact| self.known.report(self.protocol, self.record, fact));
        known.chain(used.notes.into_iter().filter_map(|(session, note)| self.noted(session, note))).collect()
    }

    /// A note of a session as it was made; none if it was not.
    fn noted(&self, session: usize, note: u16) -> Option<KnownFact> {
        let name = self.session_name(session);
        let session = &self.record.sessions[session];
        let value = session.notes.get(usize::from(note)).copied().filter(|value| *value != Value::Unknown)?;
        let declared = &self.protocol.dictionary.notes[usize::from(note)];
        Some(KnownFact {
            fact: format!("{name}.{}", declared.name),
            value: crate::lang::program::show(value, &declared.answer.ty, &self.record.texts),
            on: None,
            not_applicable: None,
        })
    }

    /// What decided that no more than the planned sessions are given, where that is told.
    fn beyond_planned(&self, course: &Course) -> Vec<Step> {
        let is_told = self.assessment.schedule.report.as_ref().is_some_and(|report| report.beyond_planned.is_some());
        let told = course.beyond_planned.filter(|_| is_told);
        let roots = told.into_iter().flat_map(|id| self.of_values(course, id));
        roots.flat_map(|(_, root)| self.decisive(root)).collect()
    }

    /// An expression of a course: one step, or one for each value that the course is counted for and that is told of, with its name.
    pub(crate) fn of_values(&self, course: &Course, id: ExprId) -> Vec<(Option<String>, Step)> {
        let Some(counter) = course.separate_by.as_ref().filter(|counter| counter.body(id).is_some()) else {
            return vec![(None, self.derivation.root(id, None))];
        };
        let parts = self.assessment.schedule.report.iter().flat_map(|report| &report.components);
        let place = |name: &String| counter.choices.iter().position(|choice| choice == name);
        let values = parts.filter_map(|part| Some((part.id.clone(), crate::narrow::u8(place(&part.id)?))));
        values.map(|(name, at)| (Some(name), self.derivation.root(id, Some(Value::Choice(at))))).collect()
    }

    fn course_reasons(&self) -> Vec<Reason> {
        let schedule = &self.assessment.schedule;
        let protocol = self.protocol;
        let speech = protocol.speech();
        let too_young = speech.word("the patient is too young for the next session");
        let before_season = speech.word("the season has not begun");
        let mut reasons = Vec::new();
        if schedule.no_course.is_true() {
            let reason = speech.word("no course of this protocol is meant for this patient");
            let root = |id| self.derivation.root(id, None);
            reasons.push(Reason {
                because: self.because_of(protocol.courses.iter().filter_map(|course| course.when).map(root)),
                line: 1,
                ..plain("no-course".into(), ReasonKind::Course, Status::NotIndicated, reason)
            });
            return reasons;
        }
        let Some(course) = schedule.course.map(|at| &protocol.courses[at]) else { return reasons };
        if schedule.over.is_true() {
            let is_immune = schedule.report.as_ref().is_some_and(|one| one.status == Some(CourseStatus::Immune));
            let reason = match schedule.report.as_ref() {
                Some(_) if is_immune => speech.word("no session is needed any more"),
                Some(report) => all_given(report, speech),
                None => speech.word("all sessions of this course have been given"),
            };
            let immune = protocol.components.iter().filter_map(|component| component.immune).chain(protocol.immune);
            let immune = immune.map(|id| self.derivation.root(id, None));
            let immune = immune.filter(|immune| is_immune && self.derivation.truth(*immune).is_true());
            let immune = immune.flat_map(|immune| self.decisive(immune));
            reasons.push(Reason {
                because: self.facts_of(immune.chain(self.beyond_planned(course)).collect()),
                values: planned_values(schedule.report.as_ref()),
                evidence: course.evidence.into(),
                sources: self.source_ids(&course.sources),
                line: protocol.line(&course.place),
                ..plain(format!("{}-maximum", course.id), ReasonKind::Course, Status::Complete, reason)
            });
        }
        if schedule.past.is_true() {
            let none_given = schedule.report.as_ref().is_some_and(|report| report.done.most == 0);
            let report = schedule.report.as_ref().and_then(|report| report.status);
            let reason = match report {
                // Whoever has not begun may also be too young for what is offered later.
                Some(CourseStatus::AgedOut) if none_given => "no session is planned at this age",
                Some(CourseStatus::AgedOut) => "the patient is too old for the next session",
                _ => "no session is recommended now",
            };
            let birth = protocol.birth.filter(|_| report == Some(CourseStatus::AgedOut));
            reasons.push(Reason {
                because: self.facts_of(birth.map(|birth| self.derivation.root(birth, None)).into_iter().collect()),
                values: planned_values(schedule.report.as_ref()),
                evidence: course.evidence.into(),
                sources: self.source_ids(&course.sources),
                line: protocol.line(&course.place),
                ..plain(format!("{}-past", course.id), ReasonKind::Course, Status::NotIndicated, speech.word(reason))
            });
        }
        for (bound, date) in schedule.holding() {
            let bound_id = crate::worlds::bound_id(protocol, bound);
            let (id, kind, reason, sources, place, evidence) = match &bound {
                Bound::Interval(of, at) => {
                    let interval = &protocol.courses[*of].intervals[*at];
                    let best = interval.sources.iter().map(|at| protocol.sources[*at].evidence).min();
                    // One that gives no reason says what it asks for.
                    let reason = match self.interval(interval) {
                        Some(words) if interval.reason.span.is_empty() => words,
                        _ => self.text(&interval.reason),
                    };
                    (
                        &interval.id,
                        ReasonKind::Interval,
                        reason,
                        &interval.sources,
                        &interval.place,
                        best.unwrap_or(course.evidence),
                    )
                }
                Bound::Separation(at) => {
                    let separation = &protocol.separations[*at];
                    (
                        &separation.id,
                        ReasonKind::Separation,
                        self.text(&separation.reason),
                        &separation.sources,
                        &separation.place,
                        separation.evidence,
                    )
                }
                Bound::Age(of, at) | Bound::Season(of, at) => {
                    let course = &protocol.courses[*of];
                    let (kind, reason) = match bound {
                        Bound::Age(..) => (ReasonKind::Age, too_young.clone()),
                        _ => (ReasonKind::Season, before_season.clone()),
                    };
                    (&bound_id, kind, reason, &course.sources, course.place_of_session(*at), course.evidence)
                }
                Bound::Restart(of, at) => {
                    let (course, gap) = (&protocol.courses[*of], &protocol.courses[*of].gaps[*at]);
                    let reason = self.text(&gap.reason);
                    (&bound_id, ReasonKind::Interval, reason, &gap.sources, &gap.place, course.evidence)
                }
                Bound::LastSession => continue,
            };
            reasons.push(Reason {
                not_before: Some(date),
                derived: schedule.derived.get(&(bound, None)).cloned(),
                because: self.because_of_bound(schedule, bound),
                values: self.held_values(schedule, bound),
                sources: self.source_ids(sources),
                line: protocol.line(place),
                evidence: evidence.into(),
                ..plain(id.clone(), kind, Status::Deferred, reason)
            });
        }
        // However it turns out it is too early, but each time because of another bound.
        if let Some(latest) = schedule.held_by_any() {
            let reason =
                speech.word("it is too early for the next session, whatever the open questions turn out to be");
            reasons.push(Reason {
                not_before: Some(latest),
                derived: Derived::latest(vec![Anchor::new(format!("course.{}.next.earliest", course.id), latest)]),
                line: protocol.line(&course.place),
                ..plain(format!("{}-too-early", course.id), ReasonKind::Course, Status::Deferred, reason)
            });
        }
        reasons
    }

    /// The facts that a bound of the course rests on: those of the condition and of the date of an interval, for each value that it holds
    /// back; the date of birth.
    fn because_of_bound(&self, schedule: &Schedule, bound: Bound) -> Vec<KnownFact> {
        let mut leaves = Vec::new();
        match bound {
            Bound::Interval(of, at) => {
                let (course, interval) = (&self.protocol.courses[of], &self.protocol.courses[of].intervals[at]);
                let from = match interval.from {
                    Reference::Date(from) => Some(from),
                    _ => None,
                };
                let held = schedule.values.iter().filter(|((of, _), (truth, _))| *of == bound && truth.is_true());
                let held: Vec<Value> = held.map(|((_, value), _)| Value::Choice(*value)).collect();
                let roots = |id: ExprId| -> Vec<Step> {
                    let by_value = course.separate_by.as_ref().is_some_and(|counter| counter.body(id).is_some());
                    match by_value {
                        true => held.iter().map(|value| self.derivation.root(id, Some(*value))).collect(),
                        false => vec![self.derivation.root(id, None)],
                    }
                };
                let when = interval.when.map(roots).unwrap_or_default();
                leaves.extend(when.into_iter().flat_map(|when| self.decisive(when)));
                leaves.extend(from.map(roots).unwrap_or_default());
            }
            Bound::Age(..) => leaves.extend(self.protocol.birth.map(|birth| self.derivation.root(birth, None))),
            Bound::Separation(_) | Bound::Season(..) | Bound::LastSession | Bound::Restart(..) => {}
        }
        self.facts_of(leaves)
    }

    /// The values that the course is counted for and that a bound holds back, each with its day.
    fn held_values(&self, schedule: &Schedule, bound: Bound) -> Vec<ValueReport> {
        let held = schedule.values.iter().filter(|((of, _), (truth, _))| *of == bound && truth.is_true());
        held.map(|((_, value), (_, date))| ValueReport {
            value: self.protocol.value_name(*value),
            not_before: Some(*date),
            derived: schedule.derived.get(&(bound, Some(*value))).cloned(),
        })
        .collect()
    }

    pub(crate) fn precautions(&self) -> Vec<PrecautionReport> {
        let protocol = self.protocol;
        let mut precautions = Vec::new();
        for (rule, fires) in protocol.rules.iter().zip(&self.assessment.fires) {
            if let (Action::Precaution { action, .. }, Tri::True) = (&rule.action, fires) {
                precautions.push(PrecautionReport {
                    id: rule.id.clone(),
                    label: rule.label.clone(),
                    action: self.text(action),
                    reason: self.text(&rule.reason),
                    because: self.because(rule),
                    evidence: rule.evidence.into(),
                    sources: self.source_ids(&rule.sources),
                    line: protocol.line(&rule.place),
                });
            }
        }
        for ((course, gap), truth) in &self.assessment.schedule.reassess {
            let course = &protocol.courses[*course];
            let gap = &course.gaps[*gap];
            if truth.is_true() {
                precautions.push(PrecautionReport {
                    id: gap.id.clone(),
                    label: gap.label.clone(),
                    action: protocol.speech().word("Assess the patient again before going on."),
                    reason: self.text(&gap.reason),
                    because: Vec::new(),
                    evidence: course.evidence.into(),
                    sources: self.source_ids(&gap.sources),
                    line: protocol.line(&gap.place),
                });
            }
        }
        precautions.extend(self.products_that_wait());
        precautions
    }

    /// Parameters that were set, and who may allow it.
    pub(crate) fn overrides(&self) -> Vec<OverrideReport> {
        let protocol = self.protocol;
        let program = &protocol.program;
        let set = self.request.set.iter();
        set.map(|(at, value)| {
            let parameter = &protocol.parameters[*at];
            let mut sign_off: Vec<String> = Vec::new();
            for rule in &protocol.rules {
                if let Action::Defer { not_before: Some(not_before), may_override: Some((by, _)), .. } = &rule.action
                    && self.reads_parameter(*not_before, *at)
                {
                    push_new(&mut sign_off, self.text(by));
                }
            }
            OverrideReport {
                parameter: parameter.name.clone(),
                declared: program.show(parameter.value, &parameter.ty),
                used: program.show(*value, &parameter.ty),
                sign_off,
            }
        })
        .collect()
    }

    fn reads_parameter(&self, id: ExprId, parameter: usize) -> bool {
        let program = &self.protocol.program;
        let wanted = Expr::Parameter(crate::narrow::u16(parameter));
        program.under([id]).any(|id| program.node(id).expr == wanted)
    }

    pub(crate) fn source_ids(&self, sources: &[usize]) -> Vec<String> {
        sources.iter().map(|at| self.protocol.sources[*at].id.clone()).collect()
    }

    /// The sources that a recommendation cites, in the protocol's order.
    pub(crate) fn cited(&self, recommendation: &Recommendation) -> Vec<SourceReport> {
        let lists = recommendation.reasons.iter().map(|reason| &reason.sources);
        let lists = lists.chain(recommendation.precautions.iter().map(|precaution| &precaution.sources));
        let lists = lists.chain(recommendation.settings.iter().map(|setting| &setting.sources));
        let after = recommendation.after_care.iter().flat_map(|after| &after.instructions);
        let instructions = recommendation.instructions.iter().chain(after);
        let lists = lists.chain(instructions.map(|instruction| &instruction.sources));
        let cited: Vec<&String> =
            lists.chain(recommendation.red_flags.iter().map(|flag| &flag.sources)).flatten().collect();
        let report = |source: &Source| SourceReport {
            id: source.id.clone(),
            title: source.title.clone(),
            year: source.year,
            url: source.url.clone(),
            evidence: source.evidence.into(),
        };
        self.protocol.sources.iter().filter(|source| cited.contains(&&source.id)).map(report).collect()
    }
}

/// Why a course is complete, and what may still be given.
fn all_given(report: &CourseReport, speech: &Speech) -> String {
    let reached = |limit: Option<Count>| limit.filter(|limit| report.done.least >= limit.most);
    let beyond = report.beyond_planned.as_ref();
    let beyond = beyond.map_or_else(String::new, |beyond| format!("; {}", beyond.in_words(speech)));
    match (reached(report.maximum), reached(report.planned)) {
        (Some(most), _) => {
            tell!(speech, "the most sessions of this course, {}, have been given", most.in_words(speech))
        }
        (None, Some(Count { most: 1, .. })) => tell!(speech, "the one planned session has been given{}", beyond),
        (None, Some(planned)) => {
            tell!(speech, "the {} planned sessions have been given{}", planned.in_words(speech), beyond)
        }
        (None, None) => speech.word("all sessions of this course have been given"),
    }
}

/// A reason of which nothing more is said yet.
fn plain(id: String, kind: ReasonKind, leads_to: Status, reason: String) -> Reason {
    Reason {
        id,
        label: None,
        kind,
        leads_to,
        reason,
        lasts: None,
        until: None,
        not_before: None,
        recheck: None,
        to: None,
        may_override: None,
        instead: Vec::new(),
        instead_titles: Vec::new(),
        then: None,
        values: Vec::new(),
        derived: None,
        because: Vec::new(),
        evidence: EvidenceWord::Custom,
        sources: Vec::new(),
        line: 0,
    }
}

/// The values that a course is counted for and that are meant now.
fn planned_values(report: Option<&CourseReport>) -> Vec<ValueReport> {
    let counted = report.filter(|report| report.separate_by.is_some());
    let parts = counted.into_iter().flat_map(|report| &report.components);
    let planned = parts.filter(|part| matches!(part.planned_now, None | Some(PlannedNow::Yes)));
    planned.map(|part| ValueReport { value: part.id.clone(), not_before: None, derived: None }).collect()
}

/// The last day that a date may be: a wait is over only then. Of one of unknown length there is none.
fn last_day(value: Value) -> Option<Date> {
    days(value).map(|range| range.last).filter(|last| *last < Date::MAX)
}
