//! What the cases make of one change, and who would have told where they do not.

use crate::cases::{Case, approved_course};
use crate::coverage::observe::{Days, Observed};
use crate::coverage::patient::{Bases, Finder, Sought};
use crate::decide::needed::each_of;
use crate::lang::ExprId;
use crate::logic::{Evaluation, Inputs, Value};
use crate::mutation::change::Change;
use crate::mutation::operators::{Made, owners};
use crate::mutation::{Fate, Mutant};
use crate::patient::known::Known;
use crate::protocol::Protocol;
use crate::recommendation::{PrecautionReport, Reason, Recommendation, SettingReport};
use crate::trace::Depth;

/// What one worker needs, made once.
pub(super) struct Trial<'a> {
    protocol: &'a Protocol,
    cases: &'a [Case],
    /// What each case is answered; none: it cannot be asked.
    answers: Vec<Option<String>>,
    /// For each case, the values of all expressions.
    observed: Vec<Option<Observed<'a>>>,
    finder: Finder<'a, 'a>,
    /// The expressions that have a part in an answer.
    roots: Vec<ExprId>,
}

impl<'a> Trial<'a> {
    pub(super) fn new(protocol: &'a Protocol, cases: &'a [Case], bases: &'a Bases<'a>) -> Trial<'a> {
        let mut days = Days::new(protocol, Depth::Verdict);
        let mut trial = Trial {
            protocol,
            cases,
            answers: Vec::new(),
            observed: Vec::new(),
            finder: bases.finder(),
            roots: owners(protocol).into_iter().flat_map(|(_, roots)| roots).collect(),
        };
        for case in cases {
            let observed = days.observe(&case.request, &case.record);
            let answer = observed.as_ref().and_then(Observed::answer);
            trial.answers.push(answer.map(|answer| said(answer, |setting| is_approved(case, setting))));
            trial.observed.push(observed);
        }
        trial
    }

    pub(super) fn judge(&mut self, made: &Made) -> Mutant {
        let mutated = made.change.made_of(self.protocol);
        let roots = self.roots_of(&made.change);
        if let Some(at) = self.noticed_by(&mutated, &made.change, &roots) {
            let name = self.cases[at].path.file_stem().map(|name| name.to_string_lossy().into_owned());
            return Mutant { killed_by: name, ..Mutant::of(made, Fate::Killed) };
        }
        if made.change.is_equivalent(self.protocol) {
            return Mutant::of(made, Fate::Equivalent);
        }
        let case = self.who_would_tell(&mutated, made, &roots);
        let fate = if case.is_some() { Fate::Survived } else { Fate::Undecided };
        Mutant { case, ..Mutant::of(made, fate) }
    }

    /// The expressions that a change may make a difference to.
    fn roots_of(&self, change: &Change) -> Vec<ExprId> {
        let protocol = self.protocol;
        let holds = |is_it: &dyn Fn(ExprId) -> bool| -> Vec<ExprId> {
            let roots = self.roots.iter().copied();
            roots.filter(|root| protocol.program.under([*root]).any(is_it)).collect()
        };
        match change {
            Change::Node(id, _) => holds(&|other| other == *id),
            Change::Parameter(at, _) => holds(
                &|other| matches!(protocol.program.node(other).expr, crate::lang::Expr::Parameter(other) if usize::from(other) == *at),
            ),
            Change::NoRule(at) | Change::NoLimit(at, _) | Change::Limit(at, ..) => {
                protocol.rules[*at].roots().collect()
            }
            Change::NoRow(setting, row) | Change::RowNumber(setting, row, ..) => {
                let when = protocol.settings[*setting].rows[*row].when.iter();
                when.map(|when| ExprId(when.end - 1)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The first case, in an order of its own for each change, that is answered otherwise.
    fn noticed_by(&self, mutated: &Protocol, change: &Change, roots: &[ExprId]) -> Option<usize> {
        let mut days = Days::new(mutated, Depth::Verdict);
        // Where an expression comes out otherwise, the answer most likely does.
        let mut nodes: Option<Vec<u32>> = None;
        let mut is_likely = |at: usize| {
            let Some(observed) = &self.observed[at] else { return false };
            let nodes =
                nodes.get_or_insert_with(|| mutated.program.under(roots.iter().copied()).map(|id| id.0).collect());
            differs(self.protocol, mutated, change, observed, (roots, nodes))
        };
        let mut order: Vec<usize> = (0..self.cases.len()).collect();
        order.sort_by_cached_key(|at| !is_likely(*at));
        order.into_iter().find(|at| {
            let case = &self.cases[*at];
            let answer = days.prepared(&case.request).and_then(|prepared| prepared.recommend(&case.record).ok());
            answer.map(|answer| said(&answer, |setting| is_approved(case, setting))) != self.answers[*at]
        })
    }

    /// A case that would have told.
    fn who_would_tell(
        &mut self,
        mutated: &Protocol,
        made: &Made,
        roots: &[ExprId],
    ) -> Option<crate::coverage::ReadyCase> {
        let title = match &made.after {
            Some(after) => format!("{}, line {}: {}, not {after}", made.of, made.line, made.before),
            None => format!("{}, line {}: not without {}", made.of, made.line, made.before),
        };
        let sought = Sought { title, roots: roots.to_vec(), unknown: true };
        let nodes: Vec<u32> = mutated.program.under(roots.iter().copied()).map(|id| id.0).collect();
        let (protocol, mut days) = (self.protocol, Days::new(mutated, Depth::Verdict));
        let found = self.finder.find(&sought, &mut |observed| match &observed.answered {
            Some(answered) => {
                let present = said(&answered.answer, |_| true);
                let other = days.prepared(&answered.request).and_then(|one| one.recommend(&answered.record).ok());
                other.map(|answer| said(&answer, |_| true)) != Some(present)
            }
            None => differs(protocol, mutated, &made.change, observed, (roots, &nodes)),
        });
        found.map(|(case, _)| case)
    }
}

/// Whether something that a change touches comes out otherwise for a patient, as far as expressions alone tell it.
fn differs(
    protocol: &Protocol,
    mutated: &Protocol,
    change: &Change,
    observed: &Observed<'_>,
    (roots, nodes): (&[ExprId], &[u32]),
) -> bool {
    match change {
        Change::NoRule(at) => {
            let rule = &protocol.rules[*at];
            let fires = rule.fires(|when| observed.truth(when), |until| observed.waits(until));
            !fires.is_false()
        }
        Change::NoLimit(at, _) | Change::Limit(at, ..) => !observed.applies(&protocol.rules[*at]).is_false(),
        Change::NoRow(..) | Change::RowNumber(..) => roots.iter().all(|root| {
            let values = values(protocol, &observed.evaluation, &observed.inputs(), &observed.known, *root);
            values.is_none_or(|values| values.iter().any(|value| !value.truth().is_false()))
        }),
        Change::Node(..) | Change::Parameter(..) => {
            let mut evaluation = observed.evaluation.clone();
            let mut parameters = observed.known.parameters.clone();
            if let Change::Parameter(at, value) = change {
                parameters[*at] = *value;
            }
            let inputs = Inputs { parameters: &parameters, ..observed.inputs() };
            evaluation.refresh(&mutated.program, &inputs, nodes);
            roots.iter().any(|root| {
                let other = values(mutated, &evaluation, &inputs, &observed.known, *root);
                other.is_none()
                    || other != values(protocol, &observed.evaluation, &observed.inputs(), &observed.known, *root)
            })
        }
        _ => true,
    }
}

/// What an expression comes to; in a row that is repeated for a set, for each of its values. None: it stands under another binder.
fn values(
    protocol: &Protocol,
    evaluation: &Evaluation,
    inputs: &Inputs<'_>,
    known: &Known,
    root: ExprId,
) -> Option<Vec<Value>> {
    if protocol.program.node(root).level == 0 {
        return Some(vec![evaluation.value(root)]);
    }
    protocol.settings.iter().find_map(|setting| {
        let mut bodies = setting.rows.iter().flat_map(|row| row.when.iter().chain(row.says.computed()));
        let body = bodies.find(|body| ExprId(body.end - 1) == root)?;
        let each = each_of(known, setting).into_iter().flatten();
        Some(each.map(|each| evaluation.for_each(&protocol.program, inputs, body, each)).collect())
    })
}

/// Whether a case would notice another value of a setting: it approves all that are shown, or expects this one.
fn is_approved(case: &Case, setting: &str) -> bool {
    case.request.depth > Depth::Verdict || case.expect.settings.iter().any(|(id, _)| id.value == setting)
}

/// What of an answer must not change unnoticed: the status, the dates, the settings, the precautions, the rules of the reasons, the questions,
/// how the course stands.
pub(super) fn said(answer: &Recommendation, is_seen: impl Fn(&str) -> bool) -> String {
    let reason = |one: &Reason| format!("{} {} {:?} {:?}", one.id, one.leads_to, one.not_before, one.recheck);
    let setting = |one: &SettingReport| format!("{} {} {}", one.id, one.value, one.known);
    let sorted = |mut all: Vec<String>| {
        all.sort_unstable();
        all.join("\n")
    };
    [
        answer.status.word().to_owned(),
        format!("{:?} {:?} {:?}", answer.not_before, answer.no_sooner_than, answer.no_later_than),
        sorted(answer.reasons.iter().map(reason).collect()),
        sorted(answer.precautions.iter().map(|one: &PrecautionReport| one.id.clone()).collect()),
        sorted(answer.questions.iter().map(|one| one.fact.clone()).collect()),
        sorted(answer.settings.iter().filter(|one| is_seen(&one.id)).map(setting).collect()),
        answer.course.as_ref().map(approved_course).unwrap_or_default(),
    ]
    .join("\n\n")
}
