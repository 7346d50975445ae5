//! All patients that a set of expressions can tell apart.
//!
//! A fact with choices is gone through value by value. A number is cut at the constants that it is compared with, a date where what
//! is counted from it reaches today or another fixed day: within a piece, no expression changes. Parameters stand for their least, declared and
//! greatest value. What cannot be cut in this way, a sum or what a session says, is taken as a fact of its own within its bounds: what holds
//! of all these patients is said, what holds of one of them is not. Where that would lose too much, nothing is claimed.

use std::collections::{BTreeMap, BTreeSet};

use crate::date::Date;
use crate::lang::{Expr, ExprId, FactId, Type};
use crate::logic::turning::{Axis, Fixed, History, Terms, Turning, every_day};
use crate::logic::value::Value;
use crate::logic::{Evaluation, Inputs, Tri};
use crate::protocol::Protocol;

/// The most patients that are tried for one question.
const MOST: usize = 20_000;

/// How much may be worked out for one analysis of a protocol: so many operations for so many patients. A count and not a time, so that
/// the same file is told the same everywhere.
const MOST_WORK: usize = 30_000_000;

/// What it costs to cut the patients for a question, in operations for each operation that is asked about.
const CUTTING: usize = 50;

/// The same on one more day, when what the expressions may come to is known.
const CUTTING_ANEW: usize = 10;

/// The day on which the patients are looked at first. Where the length of months has a part in what they are asked, all other days follow.
pub(crate) fn today() -> Date {
    Date::new(2026, 7, 15).unwrap_or(Date::MIN)
}

/// Where patients are tried: what is as long as the protocol, made once for an analysis.
pub(crate) struct Trials<'a> {
    protocol: &'a Protocol,
    turning: Turning<'a>,
    evaluation: Evaluation,
    facts: Vec<Value>,
    parameters: Vec<Value>,
    unlisted: Vec<bool>,
    /// What has been worked out so far.
    work: usize,
    /// The terms that have been met, each with the first that is like it.
    terms: BTreeMap<ExprId, ExprId>,
}

impl<'a> Trials<'a> {
    pub(crate) fn new(protocol: &'a Protocol) -> Trials<'a> {
        Trials {
            protocol,
            turning: Turning::new(protocol, Fixed { today: today(), parameters: None }),
            evaluation: Evaluation::blank(&protocol.program),
            facts: vec![Value::Unknown; protocol.facts.len()],
            parameters: protocol.parameters.iter().map(|parameter| parameter.value).collect(),
            unlisted: vec![false; protocol.program.lists.len()],
            work: 0,
            terms: BTreeMap::new(),
        }
    }

    /// Whether so much has been worked out that the rest is left out.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.work >= MOST_WORK
    }

    /// The patients that these expressions can tell apart, or more where they cannot be cut otherwise; none if they are too many.
    pub(crate) fn regions(&mut self, roots: &[ExprId]) -> Option<Regions> {
        let all: BTreeSet<ExprId> = self.protocol.program.under(roots.iter().copied()).collect();
        self.work += all.len() * CUTTING;
        self.turning.set_today(today());
        let cost = all.len() * CUTTING;
        // What is about one moment of a course has no value here.
        let is_of_a_moment = all.iter().any(|id| self.protocol.program.node(*id).expr.is_of_a_moment());
        let whole = if is_of_a_moment { None } else { self.cut(Terms::none(all), roots) };
        whole.or_else(|| {
            self.work += cost;
            let terms = self.turning.terms(roots, &mut self.terms)?;
            self.cut(terms, roots)
        })
    }

    /// The same where terms that have to do with each other are not told apart: more patients than there are, of whom many are nobody. What
    /// holds of all of them holds of everybody.
    pub(crate) fn regions_or_more(&mut self, roots: &[ExprId]) -> Option<Regions> {
        self.regions(roots).or_else(|| {
            let terms = self.turning.terms_however_related(roots, &mut self.terms)?;
            self.cut(terms, roots)
        })
    }

    /// Some of the patients, where not all of them can be told apart: each is somebody, and nobody is said to be the last.
    pub(crate) fn some(&mut self, roots: &[ExprId]) -> Option<Regions> {
        let all: BTreeSet<ExprId> = self.protocol.program.under(roots.iter().copied()).collect();
        if all.iter().any(|id| self.protocol.program.node(*id).expr.is_of_a_moment()) {
            return None;
        }
        self.work += all.len() * CUTTING;
        self.turning.set_today(today());
        let (axes, histories) = self.turning.some(&all, roots)?;
        let count = axes.iter().try_fold(histories.len(), |count, (_, values)| count.checked_mul(values.len()))?;
        let births = all.iter().filter_map(|id| match self.protocol.program.node(*id).expr {
            Expr::Age(fact) => Some(fact),
            _ => None,
        });
        let (births, nodes) = (births.collect(), all.iter().map(|id| id.0).collect());
        let (terms, roots) = (Terms::none(all), roots.to_vec());
        (count <= MOST).then_some(Regions {
            axes,
            nodes,
            differs_by_day: false,
            terms,
            roots,
            each: None,
            histories,
            births,
        })
    }

    fn cut(&self, terms: Terms, roots: &[ExprId]) -> Option<Regions> {
        let roots: Vec<ExprId> = roots.iter().copied().filter(|root| terms.nodes.contains(root)).collect();
        let axes = self.axes(&terms, &roots)?;
        let differs_by_day = self.turning.differs_by_day(&terms.nodes)?;
        let count = axes.iter().try_fold(1usize, |count, (_, values)| count.checked_mul(values.len()))?;
        let nodes = terms.nodes.iter().map(|id| id.0).collect();
        let (histories, births) = (vec![History::untold(self.protocol.program.lists.len())], BTreeSet::new());
        (count <= MOST).then_some(Regions { axes, nodes, differs_by_day, terms, roots, each: None, histories, births })
    }

    fn axes(&self, terms: &Terms, roots: &[ExprId]) -> Option<Vec<(Axis, Vec<Value>)>> {
        let mut axes = self.turning.axes(&terms.nodes, roots)?;
        axes.extend(self.turning.term_axes(terms)?);
        Some(axes)
    }

    /// Goes through all patients until `stop` says so, or too much has been worked out: nothing can then be said of those that are left.
    pub(crate) fn find(&mut self, regions: &Regions, mut stop: impl FnMut(&mut Patient<'_, 'a>) -> bool) {
        if self.find_on(today(), &regions.axes, regions, &mut stop) || !regions.differs_by_day {
            return;
        }
        for day in every_day() {
            if self.is_exhausted() {
                return;
            }
            self.work += regions.nodes.len() * CUTTING_ANEW;
            self.turning.set_today(day);
            // INVARIANT: what can be cut on one day can be on every day.
            let Some(axes) = self.axes(&regions.terms, &regions.roots) else { return };
            if self.find_on(day, &axes, regions, &mut stop) {
                return;
            }
        }
    }

    /// Goes through the patients of one day. Returns whether it was stopped.
    fn find_on(
        &mut self,
        today: Date,
        axes: &[(Axis, Vec<Value>)],
        regions: &Regions,
        stop: &mut impl FnMut(&mut Patient<'_, 'a>) -> bool,
    ) -> bool {
        regions.histories.iter().any(|history| self.find_with(history, (today, axes), regions, stop))
    }

    /// The same of those with certain sessions.
    fn find_with(
        &mut self,
        history: &History,
        (today, axes): (Date, &[(Axis, Vec<Value>)]),
        regions: &Regions,
        stop: &mut impl FnMut(&mut Patient<'_, 'a>) -> bool,
    ) -> bool {
        // What is told of one question does not hang on the one before.
        self.facts.fill(Value::Unknown);
        for (set, parameter) in self.parameters.iter_mut().zip(&self.protocol.parameters) {
            *set = parameter.value;
        }
        let order: Vec<usize> = (0..history.sessions.len()).collect();
        let begins = history.begins();
        let mut sessions_done = history.done;
        let mut at = vec![0usize; axes.len()];
        loop {
            for (turn, (axis, values)) in axes.iter().enumerate() {
                let value = values[at[turn]];
                match axis {
                    Axis::Fact(fact) => self.facts[usize::from(fact.0)] = value,
                    Axis::Parameter(parameter) => self.parameters[usize::from(*parameter)] = value,
                    Axis::SessionsDone => sessions_done = value,
                    Axis::Term(first) => {
                        let alike = regions.terms.alike.iter().filter(|(_, other)| *other == first);
                        alike.for_each(|(term, _)| self.evaluation.take(*term, value));
                    }
                }
            }
            let inputs = Inputs {
                facts: &self.facts,
                parameters: &self.parameters,
                sessions: &history.sessions,
                order: &order,
                alike: &[],
                lists: &history.lists,
                unlisted: &self.unlisted,
                today,
                sessions_done,
                open: false,
            };
            self.work += regions.nodes.len();
            self.evaluation.refresh(&self.protocol.program, &inputs, &regions.nodes);
            let mut patient = Patient {
                protocol: self.protocol,
                axes,
                at: &at,
                evaluation: &self.evaluation,
                inputs: &inputs,
                each: regions.each,
                history,
            };
            // Nobody was treated before his birth.
            let is_older = |fact: &FactId| match (inputs.facts[usize::from(fact.0)], begins) {
                (Value::Date(birth), Some(begins)) => birth.last <= begins,
                _ => true,
            };
            if regions.births.iter().all(is_older) && stop(&mut patient) {
                return true;
            }
            let Some(turn) = (0..at.len()).find(|turn| at[*turn] + 1 < axes[*turn].1.len()) else { return false };
            at[..turn].fill(0);
            at[turn] += 1;
        }
    }
}

/// The patients that some expressions can tell apart.
pub(crate) struct Regions {
    axes: Vec<(Axis, Vec<Value>)>,
    /// The nodes to evaluate, operands first.
    nodes: Vec<u32>,
    /// Whether they are others on other days.
    differs_by_day: bool,
    /// What they were cut by.
    terms: Terms,
    roots: Vec<ExprId>,
    each: Option<Value>,
    /// The sessions that each of them may have had.
    histories: Vec<History>,
    /// The dates of birth that are asked for.
    births: BTreeSet<FactId>,
}

impl Regions {
    /// Whether they were cut by facts and days alone, so that every expression below the roots has its own value in them.
    pub(crate) fn are_exact(&self) -> bool {
        self.terms.alike.is_empty()
    }

    /// What tells them apart, with the values that are tried.
    pub(crate) fn axes_tried(&self) -> &[(Axis, Vec<Value>)] {
        &self.axes
    }

    /// Whether they are others on other days.
    pub(crate) fn differ_by_day(&self) -> bool {
        self.differs_by_day
    }

    /// Whether the expressions say anything about the patient at all, rather than only about parameters.
    pub(super) fn about_patients(&self) -> bool {
        self.axes.iter().any(|(axis, _)| !matches!(axis, Axis::Parameter(_)))
    }

    /// The facts that are told apart, and what is taken as one.
    pub(super) fn facts(&self) -> BTreeSet<Axis> {
        let axes = self.axes.iter().map(|(axis, _)| *axis);
        axes.filter(|axis| matches!(axis, Axis::Fact(_) | Axis::Term(_))).collect()
    }

    /// Whether each of these patients may be somebody. Where terms are taken as facts of their own, some may be nobody.
    pub(super) fn are_somebody(&self) -> bool {
        self.terms.alike.is_empty()
    }

    /// The value of `each` in a setting's rows.
    pub(super) fn set_each(&mut self, each: Value) {
        self.each = Some(each);
    }
}

/// One of the patients.
pub(crate) struct Patient<'r, 'a> {
    protocol: &'a Protocol,
    axes: &'r [(Axis, Vec<Value>)],
    at: &'r [usize],
    evaluation: &'r Evaluation,
    inputs: &'r Inputs<'r>,
    each: Option<Value>,
    history: &'r History,
}

impl Patient<'_, '_> {
    pub(crate) fn value(&self, id: ExprId) -> Value {
        self.evaluation.value(id)
    }

    /// The value of the last node of a body, which may stand under a setting's `each`.
    pub(super) fn body(&self, body: &std::ops::Range<u32>) -> Value {
        match self.each {
            Some(each) => self.evaluation.for_each(&self.protocol.program, self.inputs, body, each),
            None => self.evaluation.value(ExprId(body.end - 1)),
        }
    }

    /// What tells the patient from others.
    pub(crate) fn values(&self) -> impl Iterator<Item = (Axis, Value)> {
        self.axes.iter().zip(self.at).map(|((axis, values), at)| (*axis, values[*at]))
    }

    /// The day that counts as today.
    pub(crate) fn today(&self) -> Date {
        self.inputs.today
    }

    /// A truth as it stands where nobody can be asked: what waits for a note of the last session is not so, if there was none.
    pub(super) fn settled(&self, truth: Tri) -> Tri {
        let lacks_one = || self.values().any(|(axis, value)| matches!(axis, Axis::Term(_)) && value == Value::Unknown);
        if truth.is_unknown() && lacks_one() { Tri::False } else { truth }
    }

    /// The patient in words: `fitzpatrick = 4, pih_history = no`.
    pub(super) fn words(&self) -> String {
        let mut words = Vec::new();
        for ((axis, values), at) in self.axes.iter().zip(self.at) {
            let value = values[*at];
            match axis {
                Axis::Fact(fact) => {
                    let fact = self.protocol.fact(*fact);
                    let shown = self.protocol.program.show(value, &fact.answer.ty);
                    let shown = match value {
                        Value::Date(range) if !range.last.is_never() => {
                            let days = self.today().days_since(range.last).unwrap_or(0);
                            format!("{days} days ago")
                        }
                        _ => shown,
                    };
                    words.push(format!("{} = {shown}", fact.name));
                }
                Axis::Parameter(at) => {
                    let parameter = &self.protocol.parameters[usize::from(*at)];
                    if value != parameter.value {
                        words.push(format!(
                            "{} = {}",
                            parameter.name,
                            self.protocol.program.show(value, &parameter.ty)
                        ));
                    }
                }
                Axis::SessionsDone => {
                    words.push(format!("sessions_done = {}", self.protocol.program.show(value, &Type::PLAIN)))
                }
                // Of whom nothing can be told apart but by terms, nobody is shown.
                Axis::Term(_) => {}
            }
        }
        if !self.history.words.is_empty() {
            words.push(self.history.words.clone());
        }
        let words = words.join(", ");
        if self.today() == today() { words } else { format!("{words}, on {}", self.today()) }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Clinic, Date, check};

    /// What is said of a rule with a condition on two dates: one that lies in the past, and one that may lie ahead.
    fn said(condition: &str) -> Vec<&'static str> {
        let date = |name: &str, past: bool| {
            format!(
                "[facts.{name}]\ntype = \"date\"\npast = {past}\nask = \"?\"\nof = \"patient\"\nvalid_for = \"forever\"\n"
            )
        };
        let text = format!(
            "{}{}{}[[contraindication]]\nid = \"rule\"\nuntil = \"then\"\nwhen = '{condition}'\nlasts = \"while-true\"\nreason = \"x\"\nsources = [\"clinic\"]\n",
            include_str!("../../tests/fixtures/head.toml"),
            date("seen", true),
            date("planned", false),
        );
        let (clinic, _) = Clinic::from_text("trial.toml", &text).unwrap_or_else(|found| panic!("{found}"));
        let found = check::check(&clinic, Date::new(2026, 1, 1).expect("a day"), false);
        let codes = (&found).into_iter().map(|one| one.code.id);
        codes.filter(|code| ["R701", "R702", "R722"].contains(code)).collect()
    }

    #[test]
    fn one_day_is_found_among_all() {
        let nothing: [&str; 0] = [];
        assert_eq!(said("seen + days(10) + days(5) < today && today < seen + days(17)"), nothing);
        assert_eq!(said("seen + days(10) + days(5) < today && today < seen + days(16)"), ["R701"]);
        assert_eq!(said("today < planned - (days(3) + days(4)) && planned - days(9) < today"), nothing);
        assert_eq!(said("planned < today + days(9) && today + days(7) < planned"), nothing);
        assert_eq!(said("planned < today + days(9) && today + days(8) < planned"), ["R701"]);
        assert_eq!(said("seen <= today"), ["R702"]);
        // Two dates, of which nothing is claimed.
        assert_eq!(said("seen in planned - days(3)..=today"), nothing);
        assert_eq!(said("seen in [planned, today]"), nothing);
        assert_eq!(said("seen in [planned, today] && seen > planned"), ["R722"]);
        // Whether the year is over depends on when it is asked.
        assert_eq!(said("today < date(\"2027-01-01\")"), ["R722"]);
        assert_eq!(said("seen < date(\"2020-01-01\") && seen > date(\"2019-12-30\")"), nothing);
        // What lies behind at some time need not do so today.
        assert_eq!(said("seen > date(\"2030-01-01\")"), nothing);
    }

    #[test]
    fn what_is_said_is_so_on_every_day() {
        let nothing: [&str; 0] = [];
        // In February.
        assert_eq!(said("today >= seen + months(1) && today < seen + days(30)"), nothing);
        assert_eq!(said("today >= seen + months(1) && today < seen + days(28)"), ["R701"]);
        assert_eq!(said("today < seen + months(1) && today >= seen + days(31)"), ["R701"]);
        assert_eq!(said("today < seen + months(1) && today >= seen + days(30)"), nothing);
        // In a leap year, and where there is none.
        assert_eq!(said("today < seen + years(1) && today >= seen + days(365)"), nothing);
        assert_eq!(said("today >= seen + years(4) && today < seen + days(1461)"), nothing);
        assert_eq!(said("today >= seen + years(4) && today < seen + days(1460)"), ["R701"]);
        // On the last days of a month.
        assert_eq!(said("planned < today + months(1) && planned >= today + days(30)"), nothing);
        assert_eq!(said("planned < today + months(1) && planned >= today + days(31)"), ["R701"]);
        assert_eq!(said("today + months(1) + days(1) + months(1) > planned && planned >= today + days(62)"), nothing);
        // Waits of one kind come in one order.
        assert_eq!(said("today >= seen + months(2) && today < seen + months(1)"), ["R701"]);
        assert_eq!(said("today >= seen + months(1) || today < seen + days(40)"), ["R702"]);
    }
}
