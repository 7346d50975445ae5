//! What is taken as a fact of its own where an expression cannot be cut: counts, sums, ratios and scores as numbers within their bounds,
//! what sessions say as an answer that may be any.
//!
//! Terms that are alike have one value; others have theirs independently of each other and of the facts that they are made of. So more
//! patients are tried than there are: what holds of all of them holds of every patient, but one of them may be nobody.

use std::collections::{BTreeMap, BTreeSet};

use super::{Among, Axis, Turning, compared, pieces};
use crate::lang::{Expr, ExprId, Type};
use crate::logic::value::Value;
use crate::logic::{Declared, Number, Reach};

/// Beyond so many operations, expressions are not compared with each other: with definitions written out, they may be endless.
const MOST_COMPARED: u32 = 500;

/// The terms of some expressions.
#[derive(Debug, Default)]
pub(crate) struct Terms {
    /// Each term, and the one that stands for all that are like it.
    pub(crate) alike: BTreeMap<ExprId, ExprId>,
    /// What the expressions are made of besides.
    pub(crate) nodes: BTreeSet<ExprId>,
    /// Those of `alike` that compare two things of which neither is fixed, and conditions on days.
    relations: BTreeSet<ExprId>,
}

/// What a relation is about: of two about the same, one may decide the other.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Axis(Axis),
    Sessions(u16),
}

/// How an expression is taken.
enum Parts {
    /// All that it is made of can be cut.
    Whole,
    /// It is worked out of these.
    Of(Vec<ExprId>),
    /// As a fact of its own.
    Term,
    /// The same, of two things of which neither is fixed, or of days.
    Relation,
}

impl Terms {
    /// None: expressions that are taken as they are.
    pub(crate) fn none(nodes: BTreeSet<ExprId>) -> Terms {
        Terms { nodes, ..Terms::default() }
    }
}

impl Turning<'_> {
    /// The terms of some expressions; none if too much would be lost by taking them so. `known` are terms that have been
    /// met, each with the first that is like it.
    pub(crate) fn terms(&self, roots: &[ExprId], known: &mut BTreeMap<ExprId, ExprId>) -> Option<Terms> {
        self.terms_however_related(roots, known).filter(|terms| self.are_independent(terms))
    }

    /// The same, whatever is lost.
    pub(crate) fn terms_however_related(
        &self,
        roots: &[ExprId],
        known: &mut BTreeMap<ExprId, ExprId>,
    ) -> Option<Terms> {
        let mut terms = Terms::default();
        let mut todo = roots.to_vec();
        while let Some(id) = todo.pop() {
            if terms.alike.contains_key(&id) || terms.nodes.contains(&id) {
                continue;
            }
            // Under a binder there is a value for each session.
            if self.protocol.program.node(id).level > 0 {
                return None;
            }
            match self.parts(id) {
                Parts::Whole => terms.nodes.extend(self.protocol.program.under([id])),
                Parts::Of(operands) => {
                    terms.nodes.insert(id);
                    todo.extend(operands);
                }
                taken @ (Parts::Term | Parts::Relation) => {
                    let first = known.get(&id).copied().unwrap_or_else(|| {
                        let mut firsts = known.iter().filter(|(term, first)| term == first).map(|(term, _)| *term);
                        firsts.find(|first| self.are_alike(*first, id)).unwrap_or(id)
                    });
                    known.insert(id, first);
                    terms.alike.insert(id, first);
                    if let Parts::Relation = taken {
                        terms.relations.insert(first);
                    }
                }
            }
        }
        Some(terms)
    }

    fn parts(&self, id: ExprId) -> Parts {
        let program = &self.protocol.program;
        let node = program.node(id);
        let is_fact = |id: &ExprId| matches!(program.behind(*id), Expr::Fact(_));
        let is_literal = |id: &ExprId| matches!(program.node(*id).expr, Expr::Literal(_));
        let is_worked_out = matches!(node.ty, Type::Bool | Type::Choice(_) | Type::Text);
        match &node.expr {
            Expr::Definition(..) | Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::OneOf(..) => {
                Parts::Of(node.expr.operands())
            }
            Expr::If(..) | Expr::Coalesce(..) if is_worked_out => Parts::Of(node.expr.operands()),
            Expr::Known(a) | Expr::IsEmpty(a) | Expr::ContainsAny(a, _) if is_fact(a) => Parts::Of(vec![*a]),
            Expr::Contains(a, b) if is_fact(a) && (is_fact(b) || is_literal(b)) => Parts::Of(node.expr.operands()),
            Expr::Compare(_, a, _) | Expr::Among(a, _) | Expr::Within { item: a, .. } => match program.node(*a).ty {
                Type::Number { .. } => self.comparison(&node.expr),
                Type::Date | Type::Duration { .. } if self.is_of_one_date(id) => Parts::Whole,
                Type::Date | Type::Duration { .. } => Parts::Relation,
                _ => Parts::Of(node.expr.operands()),
            },
            _ if node.ty == Type::Date => {
                if self.is_of_one_date(id) {
                    Parts::Whole
                } else {
                    Parts::Relation
                }
            }
            _ if self.is_fixed(id) => Parts::Whole,
            Expr::Fact(_) | Expr::Age(_) | Expr::SessionsDone | Expr::Literal(_) | Expr::Parameter(_) => {
                Parts::Of(Vec::new())
            }
            _ => Parts::Term,
        }
    }

    /// How a comparison of numbers is taken: one side of each must be fixed.
    fn comparison(&self, expr: &Expr) -> Parts {
        let fixed = |id: &ExprId| self.is_fixed(*id);
        let is_cut = match expr {
            Expr::Compare(_, a, b) => fixed(a) || fixed(b),
            other => other.operands().iter().skip(1).all(fixed),
        };
        if !is_cut {
            return Parts::Relation;
        }
        let moving: Vec<ExprId> = expr.operands().into_iter().filter(|id| !fixed(id)).collect();
        if moving.iter().all(|id| self.is_answer(*id)) { Parts::Whole } else { Parts::Of(expr.operands()) }
    }

    /// Whether a number is one of a few for everybody.
    fn is_fixed(&self, id: ExprId) -> bool {
        self.protocol.program.node(id).constant && self.numbers(id).is_some()
    }

    /// Whether a number is what is answered, or a fixed one where nothing is.
    fn is_answer(&self, id: ExprId) -> bool {
        match self.protocol.program.node(self.named(id)).expr {
            Expr::Fact(_) | Expr::Age(_) | Expr::SessionsDone => true,
            Expr::Coalesce(a, b) => self.is_answer(a) && self.is_fixed(b),
            _ => false,
        }
    }

    /// Whether days are counted from one date of the patient at most, in steps that can be told.
    fn is_of_one_date(&self, id: ExprId) -> bool {
        self.protocol.program.under([id]).all(|id| {
            let node = self.protocol.program.node(id);
            let is_told = match node.ty {
                Type::Date => self.days(id).is_some(),
                Type::Duration { .. } => self.lengths(id).is_some() || matches!(node.expr, Expr::Distance(..)),
                _ => true,
            };
            let dates = || node.expr.operands().into_iter().filter(|id| self.has_date(*id)).count();
            let is_of_one = match node.expr {
                Expr::Compare(..) | Expr::Within { .. } | Expr::Among(..) | Expr::Distance(..) => dates() <= 1,
                _ => node.expr.list().is_none(),
            };
            is_told && is_of_one && node.level == 0
        })
    }

    /// The values of terms, each for all that are like it.
    pub(crate) fn term_axes(&self, terms: &Terms) -> Option<Vec<(Axis, Vec<Value>)>> {
        let firsts: BTreeSet<ExprId> = terms.alike.values().copied().collect();
        firsts.into_iter().map(|first| Some((Axis::Term(first), self.term_values(first, terms)?))).collect()
    }

    fn term_values(&self, first: ExprId, terms: &Terms) -> Option<Vec<Value>> {
        let among = Among { turning: self, program: &self.protocol.program, nodes: &terms.nodes };
        let mut values = match &self.protocol.program.node(first).ty {
            Type::Bool => vec![Value::Bool(false), Value::Bool(true)],
            Type::Choice(choices) => (0..choices.len()).map(|at| Value::Choice(crate::narrow::u8(at))).collect(),
            Type::Text => among.texts(),
            Type::Number { whole, .. } => match self.numbers(first) {
                Some(numbers) => numbers.iter().copied().map(Value::number).collect(),
                None => pieces(&self.term_cuts(first, terms)?, self.bounds(first), whole.then_some(0)),
            },
            Type::Date => {
                let today = self.fixed.today;
                [today.plus_days(-1), today, today.plus_days(1)].map(Value::date).to_vec()
            }
            _ => return None,
        };
        let node = self.protocol.program.node(first);
        let is_count = matches!(node.ty, Type::Number { .. })
            && matches!(node.expr, Expr::SessionCount(_) | Expr::Len(_) | Expr::Quantified { .. });
        // Without a session there is no last one, and what is divided by nothing has no value.
        if !is_count {
            values.push(Value::Unknown);
        }
        Some(values)
    }

    /// The constants that terms which are alike are compared with.
    fn term_cuts(&self, first: ExprId, terms: &Terms) -> Option<BTreeSet<Number>> {
        let mut cuts = BTreeSet::new();
        for id in &terms.nodes {
            for (item, _, other) in compared(&self.protocol.program.node(*id).expr) {
                if terms.alike.get(&self.named(item)) == Some(&first) {
                    cuts.extend(self.numbers(other)?);
                }
            }
        }
        Some(cuts)
    }

    /// The least and the most that a number may come to, whatever a clinic sets and whatever a patient answers.
    fn bounds(&self, id: ExprId) -> Option<(Number, Number)> {
        let protocol = self.protocol;
        let ranges = protocol.parameters.iter().map(|parameter| match parameter.range {
            Some((least, greatest)) => least.either(greatest),
            None if matches!(parameter.value, Value::Bool(_)) => Value::Unknown,
            None => parameter.value,
        });
        let ranges: Vec<Value> = ranges.collect();
        let declared = Declared { fact: &|fact| protocol.fact_range(fact), note: &|note| protocol.note_range(note) };
        match Reach::of_anybody(&protocol.program, declared, &ranges).value(id) {
            Value::Number(least, greatest) => Some((least, greatest)),
            _ => None,
        }
    }

    /// An expression, seen through the definitions that name it.
    fn named(&self, mut id: ExprId) -> ExprId {
        while let Expr::Definition(_, root) = self.protocol.program.node(id).expr {
            id = root;
        }
        id
    }

    /// Whether two expressions say the same. Where that is not seen, nothing is lost but what follows from it.
    fn are_alike(&self, a: ExprId, b: ExprId) -> bool {
        let (a, b) = (self.named(a), self.named(b));
        let (one, other) = (self.protocol.program.node(a), self.protocol.program.node(b));
        if a == b || one.ty != other.ty || one.written_out > MOST_COMPARED {
            return a == b;
        }
        let both = |pairs: &[(ExprId, ExprId)]| pairs.iter().all(|(a, b)| self.are_alike(*a, *b));
        match (&one.expr, &other.expr) {
            (Expr::Quantified { quantifier, list, body }, Expr::Quantified { quantifier: q, list: l, body: other }) => {
                quantifier == q && list == l && both(&[(ExprId(body.end - 1), ExprId(other.end - 1))])
            }
            (Expr::Sum { list, note, body }, Expr::Sum { list: l, note: n, body: other }) => {
                list == l && both(&[(*note, *n), (ExprId(body.end - 1), ExprId(other.end - 1))])
            }
            (Expr::Arithmetic(p, a, b), Expr::Arithmetic(q, c, d)) => p == q && both(&[(*a, *c), (*b, *d)]),
            (Expr::Compare(p, a, b), Expr::Compare(q, c, d)) => p == q && both(&[(*a, *c), (*b, *d)]),
            (Expr::Coalesce(a, b), Expr::Coalesce(c, d)) | (Expr::Distance(a, b), Expr::Distance(c, d)) => {
                both(&[(*a, *c), (*b, *d)])
            }
            (Expr::Shift { date: a, by: b, back: p }, Expr::Shift { date: c, by: d, back: q }) => {
                p == q && both(&[(*a, *c), (*b, *d)])
            }
            (Expr::Duration { count: a, months: m, days: d }, Expr::Duration { count: b, months, days }) => {
                m == months && d == days && both(&[(*a, *b)])
            }
            (Expr::If(a, b, c), Expr::If(d, e, f)) => both(&[(*a, *d), (*b, *e), (*c, *f)]),
            (Expr::OneOf(a, p), Expr::OneOf(b, q)) | (Expr::ContainsAny(a, p), Expr::ContainsAny(b, q)) => {
                p == q && both(&[(*a, *b)])
            }
            (Expr::Not(a), Expr::Not(b)) | (Expr::Negate(a), Expr::Negate(b)) | (Expr::Len(a), Expr::Len(b)) => {
                both(&[(*a, *b)])
            }
            (Expr::And(a), Expr::And(b)) | (Expr::Or(a), Expr::Or(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.are_alike(*a, *b))
            }
            (a, b) => a.operands().is_empty() && a == b,
        }
    }

    /// Whether no two relations, and no relation and what is cut, are about the same fact or the same sessions.
    fn are_independent(&self, terms: &Terms) -> bool {
        let mut seen: BTreeSet<About> = terms.nodes.iter().filter_map(|id| self.about(*id)).collect();
        terms.relations.iter().all(|relation| {
            let about: BTreeSet<About> =
                self.protocol.program.under([*relation]).filter_map(|id| self.about(id)).collect();
            about.into_iter().all(|one| seen.insert(one))
        })
    }

    fn about(&self, id: ExprId) -> Option<About> {
        match &self.protocol.program.node(id).expr {
            Expr::Fact(fact) | Expr::Age(fact) => Some(About::Axis(Axis::Fact(*fact))),
            Expr::SessionsDone => Some(About::Axis(Axis::SessionsDone)),
            other => other.list().map(|list| About::Sessions(list.0)),
        }
    }
}
