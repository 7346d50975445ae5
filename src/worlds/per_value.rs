//! Courses that are counted by a note about a session: each of its values has a count of its own.

use std::collections::BTreeMap;

use crate::course::Bound;
use crate::date::Date;
use crate::lang::{Expr, ExprId};
use crate::logic::Tri;
use crate::logic::value::{Value, bits};
use crate::protocol::file::FactType;
use crate::protocol::model::{Counter, Course};
use crate::worlds::outcome::{Chosen, Outcome, Part};
use crate::worlds::{Open, Scheduler};

/// The expressions of a course that depend on what is counted, with their values: for each course and value.
pub(crate) type Terms = BTreeMap<(usize, u8), Vec<(ExprId, Value)>>;

/// What values may have in common: for each recorded session whether it was for them, and what the courses say of them.
type Alike = (Vec<bool>, Vec<(ExprId, Value)>);

/// Which values are planned now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Planned {
    /// The values, as bits; none: nothing tells, or it is not known.
    pub(crate) known: Option<u64>,
    /// Where it is not known: what would tell, and the values of which it may be one. Whatever holds for each alone holds for several.
    pub(crate) open: Option<(Open, Vec<u8>)>,
    /// Where all that is in the record counts: the values that it does not name, and that a session without the note may have been
    /// for. One of each kind, since the course waits for the one that waits longest.
    pub(crate) new: Vec<u8>,
}

/// The values that a recorded session may have been for, where nobody noted it: in how many ways, and which.
#[derive(Clone, Debug)]
pub(crate) struct Unnoted {
    /// The values that matter, as bits; those of one entry are alike in all that is known, and go together.
    kinds: Vec<u64>,
    /// Others of which it may be for one.
    new: Vec<u8>,
    /// What decides nothing, as bits: told of, and tried once with the session and once without.
    rest: u64,
    /// Whether a session is for one value only.
    is_one: bool,
}

impl Unnoted {
    /// In how many ways it can turn out.
    pub(crate) fn ways(&self) -> usize {
        match u32::try_from(self.kinds.len()) {
            _ if self.is_one => 1 + self.kinds.len() + self.new.len(),
            Ok(kinds) => 2usize.checked_pow(kinds).map_or(usize::MAX, |ways| ways.saturating_mul(1 + self.new.len())),
            Err(_) => usize::MAX,
        }
    }

    /// The values, as bits, of one of the ways; the first is none of those that matter.
    pub(crate) fn values(&self, way: usize) -> u64 {
        let new = |at: usize| self.new.get(at).map_or(0, |value| 1 << value);
        if self.is_one {
            return match way.checked_sub(1) {
                None => self.rest,
                Some(at) => self.kinds.get(at).copied().unwrap_or_else(|| new(at - self.kinds.len())),
            };
        }
        let subsets = 1usize << self.kinds.len();
        let chosen = self.kinds.iter().enumerate().filter(|(at, _)| way >> at & 1 == 1);
        let rest = if way % subsets == subsets - 1 { self.rest } else { 0 };
        let new = (way / subsets).checked_sub(1).map_or(0, new);
        chosen.fold(rest | new, |values, (_, kind)| values | kind)
    }
}

impl Scheduler<'_> {
    /// What the courses are counted by.
    pub(crate) fn counted_by(&self) -> Option<&Counter> {
        self.protocol.counter()
    }

    /// The values that stand in the record, as bits.
    pub(crate) fn recorded(&self) -> u64 {
        let Some(counter) = self.counted_by() else { return 0 };
        let own = self.known.sessions.iter().enumerate().filter(|(session, _)| self.is_own(*session));
        let notes = own.filter_map(|(_, notes)| notes.get(usize::from(counter.note)));
        notes.fold(0, |so_far, note| so_far | as_bits(*note).unwrap_or(0))
    }

    /// The values that a recorded session was for, as bits; none: it is not known.
    pub(crate) fn values_of_session(&self, session: usize) -> Option<u64> {
        as_bits(*self.known.sessions[session].get(usize::from(self.counted_by()?.note))?)
    }

    /// Which values are planned now.
    pub(crate) fn plan(&self) -> Planned {
        let Some(counter) = self.counted_by() else { return Planned::default() };
        let open = match counter.planned.map(|planned| (planned, self.value(planned))) {
            Some((planned, Value::Unknown)) => Open::Expression(planned),
            // Where nothing is planned, all that is in the record counts.
            Some((_, told)) if as_bits(told).unwrap_or(0) != 0 => {
                return Planned { known: as_bits(told), ..Planned::default() };
            }
            _ => Open::AnyValue,
        };
        let recorded = self.recorded();
        let alike = !self.protocol.courses.iter().any(|course| self.depends_on_value(course));
        let is_unnoted = (0..self.known.given.len()).any(|session| self.is_unnoted(session));
        let all = u64::MAX >> (64 - counter.choices.len().clamp(1, 64));
        let new = || self.unlike(all & !recorded);
        if open == Open::AnyValue && recorded != 0 {
            return Planned { new: if is_unnoted { new() } else { Vec::new() }, ..Planned::default() };
        }
        if alike && recorded == 0 && !is_unnoted {
            return Planned::default();
        }
        Planned { open: Some((open, bits(recorded).chain(new()).collect())), ..Planned::default() }
    }

    /// Whether a session is of this treatment and nobody noted which of the values it was for.
    pub(crate) fn is_unnoted(&self, session: usize) -> bool {
        self.counted_by().is_some() && self.is_own(session) && self.values_of_session(session).is_none()
    }

    /// What a session may have been for, where nobody noted it.
    pub(crate) fn unnoted(&self, plan: &Planned) -> Unnoted {
        let is_choice = |counter: &Counter| {
            let note = self.protocol.dictionary.notes.get(usize::from(counter.note));
            note.is_some_and(|note| note.answer.declared == FactType::Choice)
        };
        let is_one = self.counted_by().is_some_and(is_choice);
        let all = u64::MAX;
        // Where single values are tried, it was for the one in hand or not.
        let (matter, rest) = match (plan.known, &plan.open) {
            (_, Some(_)) => return Unnoted { kinds: vec![all], new: Vec::new(), rest: 0, is_one: false },
            (Some(planned), None) => (planned, all & !planned),
            (None, None) => (self.recorded(), 0),
        };
        let kinds = if is_one { bits(matter).map(|value| 1 << value).collect() } else { self.alike(matter) };
        Unnoted { kinds, new: plan.new.clone(), rest, is_one }
    }

    /// Some values, as bits, those together for which the courses say the same and which the same sessions were for: whichever of
    /// them another session was for, one that had it and one that had not are tried.
    fn alike(&self, values: u64) -> Vec<u64> {
        let courses = &self.protocol.courses;
        let by_value = courses.iter().any(|course| self.skips_by_value(course));
        // Those that are alike, with what they share: the sessions that were for them, and what the courses say of them.
        let mut kinds: Vec<(u64, Alike)> = Vec::new();
        for value in bits(values) {
            let was_for = |session| self.values_of_session(session).is_some_and(|values| values >> value & 1 == 1);
            let had = (0..self.known.given.len()).map(was_for).collect();
            let said = courses.iter().flat_map(|course| self.terms_of(course, value)).collect();
            let own: Alike = (had, said);
            match kinds.iter_mut().find(|(_, other)| !by_value && *other == own) {
                Some((kind, _)) => *kind |= 1 << value,
                None => kinds.push((1 << value, own)),
            }
        }
        kinds.into_iter().map(|(kind, _)| kind).collect()
    }

    /// Whether anything in a course depends on the value that it is counted for.
    fn depends_on_value(&self, course: &Course) -> bool {
        course.separate_by.as_ref().is_some_and(|counter| !counter.bodies.is_empty()) || self.skips_by_value(course)
    }

    fn skips_by_value(&self, course: &Course) -> bool {
        let nodes = &self.protocol.program.nodes;
        let mut skips = course.sessions.iter().filter_map(|planned| planned.skip.clone());
        skips.any(|skip| nodes[skip.start as usize..skip.end as usize].iter().any(|node| node.expr == Expr::Each))
    }

    /// Of some values that were never treated, one for each kind: for the others of its kind the courses say the same.
    fn unlike(&self, values: u64) -> Vec<u8> {
        let courses = &self.protocol.courses;
        let mut kinds: Vec<(u8, Vec<(ExprId, Value)>)> = Vec::new();
        for value in bits(values) {
            let terms: Vec<(ExprId, Value)> = courses.iter().flat_map(|course| self.terms_of(course, value)).collect();
            if courses.iter().any(|course| self.skips_by_value(course)) || kinds.iter().all(|(_, kind)| *kind != terms)
            {
                kinds.push((value, terms));
            }
        }
        kinds.into_iter().map(|(value, _)| value).collect()
    }

    /// What the expressions of the courses come to, for each value that matters.
    pub(crate) fn terms(&self, plan: &Planned) -> Terms {
        let mut terms = Terms::new();
        let open = plan.open.iter().flat_map(|(_, values)| values).chain(&plan.new);
        let values = open.fold(plan.known.unwrap_or(0), |so_far, value| so_far | 1 << value);
        for (at, course) in self.protocol.courses.iter().enumerate() {
            if self.depends_on_value(course) {
                terms.extend(bits(values | self.recorded()).map(|value| ((at, value), self.terms_of(course, value))));
            }
        }
        terms
    }

    fn terms_of(&self, course: &Course, value: u8) -> Vec<(ExprId, Value)> {
        let bodies = course.separate_by.iter().flat_map(|counter| &counter.bodies);
        bodies.map(|body| (ExprId(body.end - 1), self.for_value(body, value))).collect()
    }

    fn for_value(&self, body: &std::ops::Range<u32>, value: u8) -> Value {
        let inputs = self.known.inputs(Value::Unknown, self.open);
        self.evaluation.for_each(&self.protocol.program, &inputs, body, Value::Choice(value))
    }

    /// The value of an expression of a course, for what it is judged for.
    pub(crate) fn value_of(&self, course: &Course, id: ExprId, part: Part) -> Value {
        match (course.separate_by.as_ref().and_then(|counter| counter.body(id)), part) {
            (None, _) => self.value(id),
            (Some(body), Part::Counter(value)) => self.for_value(&body, value),
            (Some(_), _) => Value::Unknown,
        }
    }

    pub(crate) fn is_by_value(&self, course: usize, id: ExprId) -> bool {
        self.protocol.courses[course].separate_by.as_ref().is_some_and(|counter| counter.body(id).is_some())
    }

    /// The values of an expression of a course: one, or one for each value that the course is counted for.
    pub(crate) fn values(&self, terms: &Terms, course: usize, id: ExprId) -> impl Iterator<Item = Value> {
        let one = (!self.is_by_value(course, id)).then(|| self.value(id));
        one.into_iter().chain(terms.range((course, 0)..=(course, u8::MAX)).filter_map(move |(_, own)| term(own, id)))
    }

    /// What is open where a test holds for an expression of a course, for any of the values that it is counted for.
    pub(crate) fn open_where(
        &self,
        terms: &Terms,
        course: usize,
        id: ExprId,
        test: impl Fn(Value) -> bool,
    ) -> Option<Open> {
        if !self.is_by_value(course, id) {
            return test(self.value(id)).then_some(Open::Expression(id));
        }
        let of_course = terms.range((course, 0)..=(course, u8::MAX));
        let open = of_course.filter(|(_, own)| term(own, id).is_some_and(&test));
        let values = open.fold(0, |so_far, ((_, value), _)| so_far | 1 << value);
        (values != 0).then_some(Open::ForValues(course, values, id))
    }

    /// What is open of a number of sessions, for what is planned.
    pub(crate) fn open_number(&self, course: usize, id: ExprId, outcomes: &[&Outcome]) -> Option<Open> {
        if !self.is_by_value(course, id) {
            return (!self.value(id).is_settled()).then_some(Open::Expression(id));
        }
        let parts = outcomes.iter().flat_map(|outcome| &outcome.runs).map(|chosen| chosen.part);
        let open = parts.filter(|part| !self.value_of(&self.protocol.courses[course], id, *part).is_settled());
        let values = open.fold(0, |so_far, part| match part {
            Part::Counter(value) => so_far | 1 << value,
            _ => so_far,
        });
        (values != 0).then_some(Open::ForValues(course, values, id))
    }

    /// Each bound of a planned value: whether it holds back today, and its latest date.
    pub(crate) fn bounds_of_values(&self, outcomes: &[&Outcome]) -> BTreeMap<(Bound, u8), (Tri, Date)> {
        let mut found: BTreeMap<(Bound, u8), (usize, Date)> = BTreeMap::new();
        for outcome in outcomes.iter().filter(|outcome| outcome.is_open()) {
            for chosen in &outcome.runs {
                let Part::Counter(value) = chosen.part else { continue };
                for (bound, date) in &chosen.run.forecast.bounds {
                    let (holds, latest) = found.entry((*bound, value)).or_insert((0, *date));
                    *holds += usize::from(self.today < *date);
                    *latest = (*latest).max(*date);
                }
            }
        }
        let truth = |holds: usize| Tri::between(holds == outcomes.len(), holds > 0);
        found.into_iter().map(|(key, (holds, date))| (key, (truth(holds), date))).collect()
    }

    /// The values that are told of: those that are planned, then those in the record.
    pub(crate) fn told(&self, safest: &Outcome) -> Vec<u8> {
        let recorded = self.recorded();
        let planned = self.plan().known.unwrap_or(0);
        let told = |chosen: &Chosen| match chosen.part {
            Part::Counter(value) if (recorded | planned) >> value & 1 == 1 => Some(value),
            _ => None,
        };
        let mut values: Vec<u8> = safest.runs.iter().chain(&safest.others).filter_map(told).collect();
        values.sort_by_key(|value| (planned >> value & 1 == 0, *value));
        values
    }
}

/// The value of an expression among those that depend on what is counted.
pub(crate) fn term(own: &[(ExprId, Value)], id: ExprId) -> Option<Value> {
    own.iter().find(|(other, _)| *other == id).map(|(_, value)| *value)
}

fn as_bits(value: Value) -> Option<u64> {
    match value {
        Value::Choice(at) => Some(1 << at),
        Value::Set(bits) => Some(bits),
        _ => None,
    }
}

/// Whether a note is a choice, or holds it.
pub(crate) fn holds_choice(note: Value, choice: u8) -> bool {
    as_bits(note).is_some_and(|bits| bits >> choice & 1 == 1)
}
