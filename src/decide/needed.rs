//! Settings without which nothing is due: whether they have a value, and whether they will.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::decide::covered::{may_have_no_result, some_row_applies};
use crate::decide::prepared::{Prepared, RestsOn};
use crate::decide::settings::{Outcome, Part, Table, Worth};
use crate::lang::{Expr, ExprId};
use crate::logic::eval::{Evaluator, Instance, Instances};
use crate::logic::value::{Value, bits};
use crate::logic::{Declared, Evaluation, Inputs, Number, Reach, Tri};
use crate::patient::known::Known;
use crate::protocol::Protocol;
use crate::protocol::model::{Action, Quantity, Safer, Setting};

/// How the needed settings of a patient stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Needed {
    /// Whether one of them has no value yet.
    pub(crate) is_open: bool,
    /// Whether one of them is without a value whatever becomes known.
    pub(crate) lacks: Tri,
}

impl Needed {
    /// All of them have a value.
    pub(crate) const HAVE_VALUES: Needed = Needed { is_open: false, lacks: Tri::False };

    /// Adds a setting that certainly is without a value in the end, or is not, or may be.
    pub(crate) fn add(&mut self, has_value: bool, lacks: Tri) {
        self.is_open |= !has_value;
        self.lacks = self.lacks.or(lacks);
    }
}

/// What the needed settings of a protocol rest on.
#[derive(Clone, Debug, Default)]
pub(crate) struct NeededSettings {
    /// They, by their places.
    pub(crate) settings: Vec<usize>,
    pub(crate) rests_on: RestsOn,
    /// The sums under them that stand under no binder.
    sums: Vec<ExprId>,
    /// Whether anything in them may be assumed.
    pub(crate) assume: bool,
    /// Whether they ask about sessions.
    pub(crate) ask_for_sessions: bool,
}

impl NeededSettings {
    pub(crate) fn of(protocol: &Protocol) -> NeededSettings {
        let program = &protocol.program;
        let settings = protocol.settings.iter().enumerate().filter(|(_, setting)| setting.needed);
        let settings: Vec<usize> = settings.map(|(at, _)| at).collect();
        let roots: Vec<ExprId> = settings.iter().flat_map(|at| roots_of(protocol, *at)).collect();
        let under: Vec<ExprId> = program.under(roots.iter().copied()).collect();
        let exprs = || under.iter().map(|id| &program.node(*id).expr);
        let is_sum = |id: &ExprId| program.node(*id).level == 0 && matches!(program.node(*id).expr, Expr::Sum { .. });
        NeededSettings {
            rests_on: {
                let mut rests_on = RestsOn::of(program, roots);
                rests_on.facts.extend(settings.iter().filter_map(|at| Some(protocol.settings[*at].each.as_ref()?.1)));
                rests_on
            },
            sums: under.iter().copied().filter(is_sum).collect(),
            assume: exprs().any(|expr| matches!(expr, Expr::Coalesce(..) | Expr::Known(_))),
            ask_for_sessions: exprs().any(|expr| expr.list().is_some() || matches!(expr, Expr::SessionsDone)),
            settings,
        }
    }
}

/// Everything that a setting's value rests on: its rows, and the precautions that limit it.
pub(crate) fn roots_of(protocol: &Protocol, at: usize) -> Vec<ExprId> {
    let rows = protocol.settings[at].rows.iter();
    let bodies = rows.flat_map(|row| row.when.iter().chain(row.says.computed()));
    let mut roots: Vec<ExprId> = bodies.map(|body| ExprId(body.end - 1)).collect();
    for rule in &protocol.rules {
        let Action::Precaution { limits, .. } = &rule.action else { continue };
        let limits: Vec<_> = limits.iter().filter(|(setting, _)| *setting == at).collect();
        if !limits.is_empty() {
            roots.extend(rule.roots());
            roots.extend(limits.iter().filter_map(|(_, limit)| limit.computed()).map(|body| ExprId(body.end - 1)));
        }
    }
    roots
}

/// The values that a setting is for: those of its set, or none.
pub(crate) fn each_of(known: &Known, setting: &Setting) -> Vec<Option<Value>> {
    match &setting.each {
        None => vec![None],
        Some((_, set)) => match known.facts[usize::from(set.0)] {
            Value::Set(chosen) => bits(chosen).map(|at| Some(Value::Choice(at))).collect(),
            _ => Vec::new(),
        },
    }
}

impl Prepared {
    /// How the needed settings of a patient stand. `evaluation` holds what they rest on.
    pub(crate) fn needed_settings(
        &self,
        known: &Known,
        (evaluation, inputs): (&Evaluation, &Inputs<'_>),
        fires: impl Fn(usize) -> Tri,
    ) -> Needed {
        let mut needed = Needed::HAVE_VALUES;
        self.each_needed_setting(known, (evaluation, inputs), fires, |_, has_value, lacks| {
            needed.add(has_value, lacks)
        });
        needed
    }

    /// The same one by one: the setting, whether it has a value, whether it is without one whatever becomes known.
    pub(crate) fn each_needed_setting(
        &self,
        known: &Known,
        (evaluation, inputs): (&Evaluation, &Inputs<'_>),
        fires: impl Fn(usize) -> Tri,
        mut add: impl FnMut(usize, bool, Tri),
    ) {
        let protocol = &self.protocol;
        let worked = Worked::new(self, known, (evaluation, inputs), fires);
        for &at in &self.every_day.needed.settings {
            let setting = &protocol.settings[at];
            if let Some((_, set)) = &setting.each
                && !known.facts[usize::from(set.0)].is_settled()
            {
                // Nobody knows for what.
                add(at, false, if self.foresees(at).has_value { Tri::False } else { Tri::Unknown });
                continue;
            }
            for each in each_of(known, setting) {
                let table = Table::of(protocol, at, each, &worked);
                add(at, table.outcome.is_value(), self.lacks(at, &table));
            }
        }
    }

    /// Whether a needed setting may be without a value for somebody of whom everything is known.
    pub(crate) fn may_lack_a_setting(&self) -> bool {
        self.every_day.needed.settings.iter().any(|at| !self.foresees(*at).has_value)
    }

    /// Whether a setting will be without a value.
    fn lacks(&self, at: usize, table: &Table<'_>) -> Tri {
        match &table.outcome {
            Outcome::Text(_) | Outcome::Range(..) => Tri::False,
            Outcome::NoRow | Outcome::Unusable(_) => Tri::True,
            Outcome::Open { certain, .. } if !certain.is_empty() => Tri::False,
            Outcome::Open { .. } => {
                let (foreseen, setting) = (self.foresees(at), &self.protocol.settings[at]);
                let a_row = table.parts.iter().any(|part| part.applies.is_true() && !part.is_limit());
                let will = (a_row || foreseen.is_covered)
                    && foreseen.is_answerable
                    && table.parts.iter().all(|part| will_be_usable(&self.protocol, setting, part));
                if will { Tri::False } else { Tri::Unknown }
            }
        }
    }

    /// What can be told of a setting before anything is known of a patient. Worked out when it is first asked.
    fn foresees(&self, at: usize) -> Foreseen {
        let all = self.foreseen.get_or_init(|| (0..self.protocol.settings.len()).map(|at| self.foresee(at)).collect());
        all[at]
    }

    fn foresee(&self, at: usize) -> Foreseen {
        let (protocol, setting) = (&self.protocol, &self.protocol.settings[at]);
        let is_covered = self.is_covered(setting);
        let numbers: BTreeSet<ExprId> = limits_of(protocol, at, |_| true)
            .chain(setting.quantities())
            .filter_map(|quantity| root_of(quantity.computed()))
            .collect();
        let others = roots_of(protocol, at).into_iter().filter(|root| !numbers.contains(root));
        let is_answerable =
            protocol.program.under(others).all(|id| !may_have_no_result(&protocol.program.node(id).expr));
        Foreseen { is_covered, is_answerable, has_value: is_covered && is_answerable && are_plain(protocol, at) }
    }

    /// Whether some row applies to everybody.
    fn is_covered(&self, setting: &Setting) -> bool {
        let choices = setting.each.as_ref().map(|(_, set)| self.protocol.fact(*set).answer.choices().len());
        let each: Vec<Option<Value>> = match choices {
            None => vec![None],
            Some(count) => (0..count).map(|at| Some(Value::Choice(crate::narrow::u8(at)))).collect(),
        };
        let known = Known::nothing(&self.protocol, &self.parameters, self.request.as_of);
        some_row_applies(&self.protocol, setting, &each, (&self.constants, &known.inputs(Value::Unknown, false)))
    }
}

/// What can be told of a setting before anything is known of a patient.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Foreseen {
    /// Some row applies to everybody.
    is_covered: bool,
    /// Whoever answers everything knows which rows apply, and which limits hold.
    is_answerable: bool,
    /// It has a value for everybody.
    has_value: bool,
}

/// The limits on a setting, of some of the rules by their places.
pub(crate) fn limits_of(protocol: &Protocol, at: usize, of: impl Fn(usize) -> bool) -> impl Iterator<Item = &Quantity> {
    let rules = protocol.rules.iter().enumerate().filter(move |(rule, _)| of(*rule));
    let limits = rules.flat_map(|(_, rule)| match &rule.action {
        Action::Precaution { limits, .. } => limits.as_slice(),
        _ => &[],
    });
    limits.filter(move |(setting, _)| *setting == at).map(|(_, limit)| limit)
}

/// Whether all numbers of a setting and the limits on it are written out, and all are such that a session can have them.
pub(crate) fn are_plain(protocol: &Protocol, at: usize) -> bool {
    let setting = &protocol.settings[at];
    limits_of(protocol, at, |_| true).chain(setting.quantities()).all(|quantity| match quantity {
        Quantity::Fixed(number) => setting.can_be_recorded((*number).into(), (*number).into()),
        Quantity::Computed(_) => false,
    })
}

fn root_of(body: Option<&Range<u32>>) -> Option<ExprId> {
    body.map(|body| ExprId(body.end - 1))
}

/// Whether a row or a limit will be a setting, whatever becomes known: it has ends, which are in order and not below 0.
///
/// What is calculated in one step has a result wherever its ends have one; of several steps, one between may need too many digits. What
/// is chosen by a condition, or read from sessions, may have none.
pub(super) fn will_be_usable(protocol: &Protocol, setting: &Setting, part: &Part<'_>) -> bool {
    let has_result = |body: &Range<u32>| {
        let under = || protocol.program.under([ExprId(body.end - 1)]).map(|id| &protocol.program.node(id).expr);
        let is_plain = |expr: &Expr| {
            matches!(
                expr,
                Expr::Literal(_) | Expr::Fact(_) | Expr::Parameter(_) | Expr::Definition(..) | Expr::Arithmetic(..)
            )
        };
        under().all(is_plain) && under().filter(|expr| matches!(expr, Expr::Arithmetic(..))).count() <= 1
    };
    let ends = part.ends.map(|end| end.careful.zip(end.bold));
    let [Some(near), Some(far)] = ends else { return false };
    let in_order = |(careful, bold): (Number, Number)| (careful.min(bold), careful.max(bold));
    let (near, far) = (in_order(near), in_order(far));
    let (from, to) = if setting.safer == Safer::Lower { (near, far) } else { (far, near) };
    let [one, other] = part.says;
    from.0 >= Number::ZERO
        && setting.can_be_recorded(from.0, to.1)
        && (std::ptr::eq(one, other) || from.1 <= to.0)
        && part.says.iter().filter_map(|quantity| quantity.computed()).all(has_result)
}

/// What the expressions of needed settings come to, evaluated for one patient.
struct Worked<'a, 'i, F> {
    protocol: &'a Protocol,
    evaluation: &'a Evaluation,
    inputs: &'a Inputs<'i>,
    instances: Instances,
    /// The expressions of a row under `each`, by the value.
    repeated: BTreeMap<(u32, u8), Instance>,
    fires: F,
}

impl<'a, 'i, F: Fn(usize) -> Tri> Worked<'a, 'i, F> {
    fn new(
        prepared: &'a Prepared,
        known: &Known,
        (evaluation, inputs): (&'a Evaluation, &'a Inputs<'i>),
        fires: F,
    ) -> Self {
        let protocol = &prepared.protocol;
        let mut evaluator = Evaluator::keeping(&protocol.program, inputs);
        prepared.every_day.needed.sums.iter().for_each(|sum| evaluator.go_through(evaluation, *sum));
        let mut repeated = BTreeMap::new();
        for setting in prepared.every_day.needed.settings.iter().map(|at| &protocol.settings[*at]) {
            for each in each_of(known, setting).into_iter().flatten() {
                let Value::Choice(choice) = each else { continue };
                for body in setting.rows.iter().flat_map(|row| row.when.iter().chain(row.says.computed())) {
                    repeated.insert((body.end, choice), evaluator.instance(evaluation, body, Some(each)));
                }
            }
        }
        Worked { protocol, evaluation, inputs, instances: evaluator.into_instances(), repeated, fires }
    }
}

impl<F: Fn(usize) -> Tri> Worth for Worked<'_, '_, F> {
    fn may_be(&self, body: &Range<u32>, each: Option<Value>) -> Value {
        let instance = match each {
            Some(Value::Choice(choice)) => self.repeated.get(&(body.end, choice)).copied(),
            _ => None,
        };
        let (instance, root) = (instance.unwrap_or(Instance::TOP), ExprId(body.end - 1));
        let told = self.instances.value(self.evaluation, instance, root);
        if told.is_settled() {
            return told;
        }
        let protocol = self.protocol;
        let declared = Declared { fact: &|fact| protocol.fact_range(fact), note: &|note| protocol.note_range(note) };
        let of = (self.evaluation, &self.instances, self.inputs);
        Reach::of_patient(&protocol.program, declared, of, instance).value(root)
    }

    fn fires(&self, rule: usize) -> Tri {
        (self.fires)(rule)
    }

    fn covers(&self, at: usize, each: Option<Value>) -> bool {
        let setting = &self.protocol.settings[at];
        some_row_applies(self.protocol, setting, &[each], (self.evaluation, self.inputs))
    }
}
