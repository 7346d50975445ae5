//! From what is known of a patient to what is decided: the course, every rule, the status.
//!
//! [`decide`] tells the status, the dates and what the answer could become. What it asks of the rules is [`Answers`], given by the
//! evaluator ([`Evaluated`]), which evaluates everything once, so that it can be explained, or by the conditions of [`fast`], which look
//! at no more than decides. Twice, where the protocol takes something for granted: once as it says, and once with that left open, which
//! tells what could still become of the answer. Nothing but the batch depends on [`fast`].

mod confirm;
pub(crate) mod covered;
pub(crate) mod fast;
pub(crate) mod first_day;
pub(crate) mod needed;
pub(crate) mod no_result;
pub(crate) mod on_the_day;
pub(crate) mod prepared;
mod request;
pub(crate) mod settings;
pub(crate) mod status;

use crate::date::{Date, DateRange};
use crate::lang::Expr;
use crate::logic::value::MANY;
use crate::logic::{Evaluation, Number, Tri, Value};
use crate::patient::Entry;
use crate::patient::known::Known;
use crate::protocol::Protocol;
use crate::protocol::model::Rule;
use crate::recommendation::Status;
use crate::worlds::{Detail, Schedule, Scheduler};
use std::cell::OnceCell;

use first_day::{FirstDay, Waits, days};
use needed::Needed;
pub use prepared::Prepared;
pub use request::Request;
pub(crate) use request::nobodys_parameter;
use status::LeadsTo;
pub use status::Statuses;

/// What is decided about a patient: what a [`Recommendation`](crate::Recommendation) says, without its reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decision {
    /// What to do.
    pub status: Status,
    /// When deferred: the first permitted day, if nothing that is open can move it.
    pub not_before: Option<Date>,
    /// When deferred, but something has no day, or may move it: no sooner than this day.
    pub no_sooner_than: Option<Date>,
    /// The latest that the first permitted day may then come to, if that can be said.
    pub no_later_than: Option<Date>,
    /// What the status could become when what is unknown is answered, and what is assumed is asked.
    pub could_become: Statuses,
    /// Whether something about the course is doubtful: a recommendation says what.
    pub doubtful: bool,
}

impl Decision {
    /// Says another first permitted day.
    fn set_first_day(&mut self, FirstDay { not_before, no_sooner_than, no_later_than }: FirstDay) {
        (self.not_before, self.no_sooner_than, self.no_later_than) = (not_before, no_sooner_than, no_later_than);
    }

    /// The latest that the first permitted day may come to, where that can be said.
    pub(crate) fn last_first_day(&self) -> Option<Date> {
        self.not_before.or(self.no_later_than)
    }

    /// The latest of the days that are told of somebody who is deferred.
    pub(crate) fn first_day(&self) -> Option<Date> {
        self.last_first_day().or(self.no_sooner_than)
    }
}

/// What holds back a patient who is deferred.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HeldBack {
    /// The rules.
    pub(crate) by_rules: Waits,
    /// These and the course.
    pub(crate) by_all: Waits,
}

/// What the course and the rules say of a patient. `open`: with what the protocol assumes left open.
pub(crate) trait Answers {
    /// Whether anything may be otherwise with what is assumed left open.
    fn assume(&self) -> bool;
    /// Where the course stands. It is asked before the rules are.
    fn course(&mut self, open: bool) -> Standing;
    /// Whether a rule fires.
    fn fires(&self, rule: usize, open: bool) -> Tri;
    /// How the settings stand without which nothing is due.
    fn needed_settings(&mut self, open: bool) -> Needed;
    /// The days on which the wait of a rule may be over; none: it has none, or nobody knows.
    fn over(&mut self, rule: usize, open: bool) -> Option<DateRange>;
}

/// Where a course stands, as far as the decision wants to know.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    leads_to: LeadsTo,
    overdue: Tri,
    too_early: Tri,
    first_day: Option<DateRange>,
    doubtful: bool,
}

impl From<&Schedule> for Standing {
    fn from(schedule: &Schedule) -> Standing {
        let Schedule { overdue, too_early, first_day, .. } = *schedule;
        let doubtful = !schedule.doubts.is_empty();
        Standing { leads_to: schedule.leads_to(), overdue, too_early, first_day, doubtful }
    }
}

/// What to do for a patient, and no more than that.
pub(crate) fn decided_status(prepared: &Prepared, answers: &mut impl Answers) -> Status {
    let (course, led_to, needed) = standing(prepared, answers, false);
    status::status(led_to, course.overdue, needed.is_open)
}

/// Decides about a patient.
pub(crate) fn decide(prepared: &Prepared, answers: &mut impl Answers) -> (Decision, HeldBack) {
    let (course, led_to, needed) = standing(prepared, answers, false);
    let status = status::status(led_to, course.overdue, needed.is_open);
    let could_become = if answers.assume() {
        let (course, led_to, needed) = standing(prepared, answers, true);
        status::could_become(led_to, (course.overdue, needed.lacks), status)
    } else {
        status::could_become(led_to, (course.overdue, needed.lacks), status)
    };
    let held_back = if status == Status::Deferred { held_back(prepared, answers, course) } else { HeldBack::NOT };
    let FirstDay { not_before, no_sooner_than, no_later_than } = held_back.by_all.first_day();
    let doubtful = course.doubtful;
    (Decision { status, not_before, no_sooner_than, no_later_than, could_become, doubtful }, held_back)
}

/// How the course stands, what it and the rules lead to, and how the needed settings stand.
fn standing(prepared: &Prepared, answers: &mut impl Answers, open: bool) -> (Standing, LeadsTo, Needed) {
    let course = answers.course(open);
    let led_to = leads_to(prepared, answers, course, open);
    (course, led_to, needed_settings(prepared, answers, led_to, open))
}

/// What the rules and the course lead to. Whatever comes after a certain status does not matter; nor do other rules that lead to the same.
fn leads_to(prepared: &Prepared, answers: &impl Answers, course: Standing, open: bool) -> LeadsTo {
    let mut leads_to = course.leads_to;
    for (status, rules) in &prepared.every_day.deciding {
        for rule in rules {
            if leads_to.is_certain(*status) {
                break;
            }
            leads_to.add(*status, answers.fires(*rule, open));
        }
        if leads_to.is_certain(*status) {
            break;
        }
    }
    leads_to
}

/// How the needed settings stand, where it makes a difference: only what would be due is not without them.
fn needed_settings(prepared: &Prepared, answers: &mut impl Answers, leads_to: LeadsTo, open: bool) -> Needed {
    if prepared.every_day.needed.settings.is_empty() || leads_to.is_settled() {
        return Needed::HAVE_VALUES;
    }
    answers.needed_settings(open)
}

/// What holds back a patient who is deferred.
fn held_back(prepared: &Prepared, answers: &mut impl Answers, course: Standing) -> HeldBack {
    let mut by_rules = Waits::NONE;
    let deferring = prepared.every_day.deciding.iter().filter(|(status, _)| *status == Status::Deferred);
    for rule in deferring.flat_map(|(_, rules)| rules) {
        let fires = answers.fires(*rule, false);
        if !fires.is_false() {
            match prepared.protocol.rules[*rule].not_before() {
                Some(_) => by_rules.add_dated(fires, answers.over(*rule, false)),
                None => by_rules.add(fires, None),
            }
        }
    }
    let mut by_all = by_rules;
    by_all.add(course.too_early, course.first_day);
    HeldBack { by_rules, by_all }
}

impl Prepared {
    /// What holds back, or may, whatever the status.
    pub(crate) fn held_back(&self, answers: &mut impl Answers) -> HeldBack {
        let course = answers.course(false);
        held_back(self, answers, course)
    }
}

impl HeldBack {
    /// Nothing does.
    const NOT: HeldBack = HeldBack { by_rules: Waits::NONE, by_all: Waits::NONE };

    /// Says that something that does not hold today puts off the first permitted day, nobody knows how far.
    fn put_off(&mut self) {
        self.by_rules.add_dated(Tri::Unknown, None);
        self.by_all.add_dated(Tri::Unknown, None);
    }
}

impl Prepared {
    /// Where the courses of a patient stand. `evaluation` holds what no patient changes; what the courses rest on is evaluated in it.
    pub(crate) fn schedule(&self, known: &Known, evaluation: &mut Evaluation, open: bool, detail: Detail) -> Schedule {
        let protocol = &self.protocol;
        if protocol.courses.is_empty() {
            return Schedule::default();
        }
        let inputs = known.inputs(Value::Unknown, open);
        evaluation.refresh(&protocol.program, &inputs, &self.every_day.courses.nodes);
        let (looking_back, today) = (&self.every_day.looking_back, known.today);
        let evaluation = &*evaluation;
        let schedule = |open_entries: bool| {
            Scheduler { protocol, known, looking_back, evaluation, today, open, open_entries, detail }.schedule()
        };
        let as_taken = schedule(open);
        // What entries are taken for decides whether it is too early; until when is told only as far as it holds if they are not.
        if !open && as_taken.too_early.is_true() && self.supposes_entries(known) {
            schedule(true).decided_as(as_taken)
        } else {
            as_taken
        }
    }
}

/// What became of every rule.
#[derive(Clone, Debug)]
pub(crate) struct Assessment {
    pub(crate) evaluation: Evaluation,
    pub(crate) schedule: Schedule,
    pub(crate) sessions_done: Value,
    /// Whether assumptions were left open.
    pub(crate) open: bool,
    /// For each rule, whether it fires: an indication that fails, any other rule whose condition holds.
    pub(crate) fires: Vec<Tri>,
}

impl Assessment {
    fn new(prepared: &Prepared, known: &Known, open: bool, detail: Detail) -> Assessment {
        let protocol = &prepared.protocol;
        // What no patient changes was evaluated for the as-of date.
        let mut constants = match known.today == prepared.as_of() {
            true => prepared.constants.clone(),
            false => Evaluation::complete(&protocol.program, &known.inputs(Value::Unknown, open)),
        };
        let mut schedule = prepared.schedule(known, &mut constants, open, detail);
        let sessions_done = sessions_done(known, &schedule);
        let evaluation = Evaluation::complete(&protocol.program, &known.inputs(sessions_done, open));
        let waits = |until| still_before(evaluation.value(until), known.today);
        let holds = |rule: &Rule| rule.when.map_or(Tri::True, |when| evaluation.truth(when));
        let over = |rule: &Rule| rule.not_before().and_then(|day| days(evaluation.value(day)));
        let dated = protocol.rules.iter().filter(|_| !schedule.overdue.is_false());
        schedule.overdue = dated.fold(schedule.overdue, |late, rule| {
            late.and(!ends_today(rule, || holds(rule), || over(rule), known.today))
        });
        let fires = protocol.rules.iter().map(|rule| rule.fires(|when| evaluation.truth(when), waits)).collect();
        Assessment { evaluation, schedule, sessions_done, open, fires }
    }

    /// Whether anything was taken for granted.
    fn assumes(&self, protocol: &Protocol) -> bool {
        protocol.program.nodes.iter().any(|node| match node.expr {
            // Under a binder it has as many values as the binder stands for things: better to look twice.
            Expr::Coalesce(..) | Expr::Known(..) if node.level > 0 => true,
            Expr::Coalesce(a, _) | Expr::Known(a) => self.evaluation.value(a) == Value::Unknown,
            _ => false,
        })
    }
}

/// What the evaluator says of a patient: everything, so that it can be explained.
#[derive(Clone, Debug)]
pub(crate) struct Evaluated<'p> {
    prepared: &'p Prepared,
    known: &'p Known,
    /// As the protocol says.
    pub(crate) assumed: Assessment,
    /// With what it assumes left open, once that has been asked for; the same, where it assumed nothing.
    open: OnceCell<Assessment>,
}

impl<'p> Evaluated<'p> {
    pub(crate) fn new(prepared: &'p Prepared, known: &'p Known, detail: Detail) -> Evaluated<'p> {
        let assumed = Assessment::new(prepared, known, false, detail);
        Evaluated { prepared, known, assumed, open: OnceCell::new() }
    }

    fn of(&self, open: bool) -> &Assessment {
        if open { self.open.get_or_init(|| self.left_open()) } else { &self.assumed }
    }

    fn left_open(&self) -> Assessment {
        let Evaluated { prepared, known, assumed, .. } = self;
        if assumed.assumes(&prepared.protocol) || prepared.supposes_entries(known) {
            Assessment::new(prepared, known, true, Detail::Decision)
        } else {
            assumed.clone()
        }
    }

    /// Both, as the protocol says and with what it assumes left open.
    pub(crate) fn both(mut self) -> (Assessment, Assessment) {
        let open = self.open.take().unwrap_or_else(|| self.left_open());
        (self.assumed, open)
    }

    /// How the needed settings stand, one by one.
    pub(crate) fn each_needed_setting(&self) -> Vec<(usize, Needed)> {
        let of = &self.assumed;
        let inputs = self.known.inputs(of.sessions_done, of.open);
        let mut all = Vec::new();
        self.prepared.each_needed_setting(
            self.known,
            (&of.evaluation, &inputs),
            |rule| of.fires[rule],
            |at, has_value, lacks| all.push((at, Needed { is_open: !has_value, lacks })),
        );
        all
    }
}

impl Answers for Evaluated<'_> {
    fn assume(&self) -> bool {
        true
    }

    fn course(&mut self, open: bool) -> Standing {
        Standing::from(&self.of(open).schedule)
    }

    fn fires(&self, rule: usize, open: bool) -> Tri {
        self.of(open).fires[rule]
    }

    fn needed_settings(&mut self, open: bool) -> Needed {
        let of = self.of(open);
        let inputs = self.known.inputs(of.sessions_done, of.open);
        self.prepared.needed_settings(self.known, (&of.evaluation, &inputs), |rule| of.fires[rule])
    }

    fn over(&mut self, rule: usize, open: bool) -> Option<DateRange> {
        self.prepared.protocol.rules[rule].not_before().and_then(|day| days(self.of(open).evaluation.value(day)))
    }
}

/// How many sessions count: as the course says; without a course, all that went well; where it is not known whether a course is offered,
/// both are ways that it can be.
fn sessions_done(known: &Known, schedule: &Schedule) -> Value {
    let without_a_course = || {
        let went_well = || known.given.iter().filter(|session| session.own && !session.faulty);
        // One that may have been noted before counts, or does not.
        let certain = Number::from(went_well().filter(|session| session.entry != Entry::Alike).count());
        let listed = Number::from(went_well().count());
        Value::Number(certain, if known.unlisted.own() { MANY } else { listed })
    };
    match schedule.done {
        Some(done) => {
            let by_course = Value::Number(done.least.into(), done.most.into());
            if schedule.no_course.is_false() { by_course } else { by_course.either(without_a_course()) }
        }
        None if schedule.course.is_none() => without_a_course(),
        None => Value::Unknown,
    }
}

/// Whether the wait of a rule is over on this very day: it has moved the window of the next session on until then, so that nobody is late.
pub(crate) fn ends_today(
    rule: &Rule,
    holds: impl FnOnce() -> Tri,
    over: impl FnOnce() -> Option<DateRange>,
    today: Date,
) -> Tri {
    let is_dated = rule.action.leads_to() == Some(Status::Deferred) && rule.not_before().is_some();
    match over().filter(|over| is_dated && over.first <= today && today <= over.last) {
        Some(over) => Tri::between(!over.is_partial(), true).and(holds()),
        None => Tri::False,
    }
}

/// Whether a first permitted day has not come. Of a partial date, any day may be meant.
pub(crate) fn still_before(not_before: Value, today: Date) -> Tri {
    match not_before {
        Value::Date(range) => Tri::between(today < range.first, today < range.last),
        _ => Tri::Unknown,
    }
}
