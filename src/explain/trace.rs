//! The trace: read off the same values that decided, only as deep as asked.

use crate::decide::needed::each_of;
use crate::explain::View;
use crate::explain::attribution::Missing;
use crate::explain::derivation::Step;
use crate::lang::{Expr, ExprId, FactId, Type};
use crate::logic::Tri;
use crate::logic::value::{Value, bits};
use crate::once::push_new;
use crate::patient::known::answer;
use crate::protocol::model::{Action, Rule};
use crate::trace::{Depth, Given, NotHolding, Operator, Origin, Outcome, StepKind, Trace, TraceNode, UnknownFact};
use crate::worlds::Dated;

impl View<'_> {
    pub(crate) fn trace(&self, dates: &[Dated]) -> Trace {
        let depth = self.request.depth;
        let mut writer = Writer { view: self, nodes: Vec::new(), decisive: Vec::new() };
        if depth == Depth::Full {
            writer.definitions();
        }
        let mut not_holding: Vec<NotHolding> = Vec::new();
        for (at, rule) in self.protocol.rules.iter().enumerate() {
            let fires = self.assessment.fires[at];
            let leads_to = rule.action.leads_to();
            let decides = leads_to == Some(self.status) && fires.is_true();
            let opens =
                self.status == crate::recommendation::Status::Undetermined && fires.is_unknown() && leads_to.is_some();
            match depth {
                Depth::Verdict if decides || opens => writer.rule(at, rule),
                Depth::Verdict => {}
                // An indication that holds is good news, and told.
                Depth::Rules if fires.is_false() && !matches!(rule.action, Action::Indicate { .. }) => {
                    let kind = rule.action.kind();
                    match not_holding.iter_mut().find(|other| other.kind == kind) {
                        Some(same) => same.rules.push(rule.id.clone()),
                        None => not_holding.push(NotHolding { kind, rules: vec![rule.id.clone()] }),
                    }
                }
                Depth::Rules => {
                    if let Some(day) = rule.not_before().filter(|_| !fires.is_false()) {
                        let id = format!("{}.{}.not_before", rule.action.kind(), rule.id);
                        writer.rests_on(&id, self.derivation.root(day, None));
                    }
                    writer.rule(at, rule);
                }
                Depth::Full => writer.rule_in_full(at, rule),
            }
        }
        writer.course(dates);
        if depth == Depth::Full {
            writer.tables();
        }
        let given = if depth == Depth::Full { writer.given() } else { Vec::new() };
        Trace { depth, nodes: writer.nodes, not_holding, given }
    }
}

pub(super) struct Writer<'w, 'a> {
    pub(super) view: &'w View<'a>,
    pub(super) nodes: Vec<TraceNode>,
    /// The decisive leaves of the rule that is being written.
    pub(super) decisive: Vec<Step>,
}

pub(super) fn node(id: String, kind: impl Into<StepKind>, outcome: Outcome) -> TraceNode {
    TraceNode {
        id,
        kind: kind.into(),
        outcome,
        text: None,
        operator: None,
        operands: Vec::new(),
        among: Vec::new(),
        unlisted: false,
        noted_twice: Vec::new(),
        leads_to: None,
        origin: None,
        unknown: Vec::new(),
        decisive: false,
        derived: None,
        period: None,
        line: None,
    }
}

impl Writer<'_, '_> {
    pub(super) fn line(&self, id: ExprId) -> Option<usize> {
        let span = &self.view.protocol.program.node(id).span;
        Some(self.view.protocol.file.position(span.start).0)
    }

    fn unknown(&self, rule: &Rule) -> Vec<UnknownFact> {
        let mut missing = Vec::new();
        rule.roots().for_each(|root| self.view.missing(self.view.derivation.root(root, None), &mut missing));
        self.reported(missing)
    }

    pub(super) fn reported(&self, missing: Vec<Missing>) -> Vec<UnknownFact> {
        let report = |what| UnknownFact { fact: self.view.name_of(what), why: self.view.why_unknown(what) };
        let mut asked = Vec::new();
        missing.into_iter().flat_map(|what| self.view.to_ask(what)).for_each(|what| push_new(&mut asked, what));
        asked.into_iter().map(report).collect()
    }

    /// A rule in one node.
    fn rule(&mut self, at: usize, rule: &Rule) {
        let fires = self.view.assessment.fires[at];
        let mut written =
            node(format!("{}.{}", rule.action.kind(), rule.id), rule.action.kind(), Outcome::Truth(shown(rule, fires)));
        written.line = Some(self.view.protocol.line(&rule.place));
        written.leads_to = rule.action.leads_to();
        if fires.is_unknown() {
            written.unknown = self.unknown(rule);
        }
        self.nodes.push(written);
    }

    /// A rule with every node of its expressions before it.
    fn rule_in_full(&mut self, at: usize, rule: &Rule) {
        let id = format!("{}.{}", rule.action.kind(), rule.id);
        let mut operands = Vec::new();
        let root = |id: ExprId| self.view.derivation.root(id, None);
        let (when, not_before) = (rule.when.map(root), rule.not_before().map(root));
        self.decisive = when.map_or_else(Vec::new, |when| self.view.decisive(when));
        self.decisive.extend(not_before);
        if let Some(when) = when {
            operands.push(self.expression(&format!("{id}.when"), when));
        }
        if let Some(not_before) = not_before {
            operands.push(self.expression(&format!("{id}.not_before"), not_before));
        }
        if let Action::Defer { recheck: Some(recheck), .. } = rule.action {
            operands.push(self.expression(&format!("{id}.recheck"), root(recheck)));
        }
        self.rule(at, rule);
        if let Some(last) = self.nodes.last_mut() {
            last.operands = operands;
        }
    }

    /// An expression and all its parts, the parts first. Returns the id of the whole.
    pub(super) fn expression(&mut self, id: &str, step: Step) -> String {
        let (program, derivation) = (&self.view.protocol.program, self.view.derivation);
        let this = program.node(step.id);
        let (mut operands, mut noted_twice) = (Vec::new(), Vec::new());
        match &this.expr {
            // A definition is one node, written once.
            Expr::Definition(at, _) => {
                operands.push(format!("definition.{}", self.view.protocol.definitions[usize::from(*at)].name));
            }
            Expr::Quantified { list, body, .. } | Expr::Sum { list, body, .. } => {
                let sessions = &self.view.known.lists[usize::from(list.0)];
                for (at, session) in sessions.iter().enumerate() {
                    let of_session = |id| derivation.for_sessions(step, id).nth(at);
                    let date = self.view.record.sessions[*session].date;
                    let before =
                        sessions[..at].iter().filter(|other| self.view.record.sessions[**other].date == date).count();
                    // Not with a point, or it would be the name of a part of the first one's condition.
                    let again = if before == 0 { String::new() } else { format!("#{}", before + 1) };
                    let id = format!("{id}.sessions.{date}{again}");
                    let condition = of_session(ExprId(body.end - 1));
                    noted_twice.extend(Some(id.clone()).filter(|_| self.view.known.alike[*session]));
                    operands.extend(condition.map(|condition| self.expression(&id, condition)));
                    if let Expr::Sum { note, .. } = this.expr {
                        let added = of_session(note);
                        operands.extend(added.map(|added| self.expression(&format!("{id}.note"), added)));
                    }
                }
            }
            _ => {
                for (at, operand) in derivation.operands(step).into_iter().enumerate() {
                    operands.push(self.expression(&format!("{id}.{}", at + 1), operand));
                }
            }
        }
        let value = derivation.value(step);
        let outcome = match this.ty {
            Type::Bool => Outcome::Truth(value.truth()),
            _ => Outcome::Value(program.show(value, &this.ty)),
        };
        let (kind, operator) = describe(&this.expr);
        let mut written = node(id.to_owned(), kind, outcome);
        written.text = Some(self.view.protocol.written(step.id));
        written.operator = operator;
        written.operands = operands;
        written.among = self.among(&this.expr);
        written.unlisted = this.expr.list().is_some_and(|list| self.view.known.unlisted.lists[usize::from(list.0)]);
        written.noted_twice = noted_twice;
        written.line = self.line(step.id);
        written.decisive = self.decisive.contains(&step);
        written.origin = self.origin(step);
        if value == Value::Unknown && written.operands.is_empty() {
            let mut missing = Vec::new();
            self.view.missing(step, &mut missing);
            written.unknown = self.reported(missing);
        }
        self.nodes.push(written);
        id.to_owned()
    }

    /// The choices that something is to be among, where they stand in the expression itself.
    fn among(&self, expr: &Expr) -> Vec<String> {
        let (Expr::OneOf(of, among) | Expr::ContainsAny(of, among)) = expr else { return Vec::new() };
        match &self.view.protocol.program.node(*of).ty {
            Type::Choice(choices) | Type::Set(choices) => {
                bits(*among).filter_map(|at| choices.get(usize::from(at)).cloned()).collect()
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn origin(&self, step: Step) -> Option<Origin> {
        let (view, derivation) = (self.view, self.view.derivation);
        match derivation.expr(step) {
            Expr::Literal(_) => Some(Origin::Literal),
            Expr::Fact(fact) | Expr::Age(fact) => Some(self.read(*fact)),
            Expr::Parameter(at) => Some(self.parameter(usize::from(*at))),
            Expr::Definition(at, _) => {
                Some(Origin::Definition { name: view.protocol.definitions[usize::from(*at)].name.clone() })
            }
            Expr::Today => Some(Origin::AsOf),
            Expr::SessionsDone
            | Expr::SessionCount(_)
            | Expr::NoSessions(_)
            | Expr::FirstDate(_)
            | Expr::LastDate(_)
            | Expr::EndNote { .. }
            | Expr::SessionNote { .. } => Some(Origin::Sessions),
            Expr::Coalesce(a, _) if derivation.value(derivation.operand(step, *a)) == Value::Unknown => {
                Some(Origin::Assumed)
            }
            _ => None,
        }
    }

    /// Where a fact was read.
    fn read(&self, fact: FactId) -> Origin {
        let view = self.view;
        let name = view.protocol.fact(fact).name.clone();
        if let Some(because) = view.known.not_applicable(view.protocol, fact) {
            return Origin::NotApplicable { fact: name, because };
        }
        let answer = answer(view.protocol, view.record, fact);
        Origin::Record {
            fact: name,
            on: answer.and_then(|answer| answer.on),
            by: answer.and_then(|answer| answer.by.clone()),
        }
    }

    fn parameter(&self, at: usize) -> Origin {
        let name = self.view.protocol.parameters[at].name.clone();
        Origin::Parameter { name, set: self.view.request.set.contains_key(&at) }
    }

    /// The facts and parameters that the nodes read, in the order of the protocol.
    fn given(&self) -> Vec<Given> {
        let view = self.view;
        let is_read = |origin: &Origin| self.nodes.iter().any(|node| node.origin.as_ref() == Some(origin));
        let outcome = |value: Value, ty: &Type| match ty {
            Type::Bool => Outcome::Truth(value.truth()),
            _ => Outcome::Value(view.protocol.program.show(value, ty)),
        };
        let facts = (0..view.protocol.facts.len()).map(|at| {
            let (fact, value) = (FactId(crate::narrow::u16(at)), view.known.facts[at]);
            let why = (!value.is_settled()).then(|| view.why_unknown(Missing::Fact(fact)));
            Given { origin: self.read(fact), outcome: outcome(value, &view.protocol.fact(fact).answer.ty), why }
        });
        let parameters = view.protocol.parameters.iter().enumerate().map(|(at, parameter)| {
            let value = view.request.set.get(&at).copied().unwrap_or(parameter.value);
            Given { origin: self.parameter(at), outcome: outcome(value, &parameter.ty), why: None }
        });
        facts.chain(parameters).filter(|given| is_read(&given.origin)).collect()
    }

    fn definitions(&mut self) {
        let view = self.view;
        // What decided any rule; a definition stands for all of them.
        let conditions = view.protocol.rules.iter().filter_map(|rule| rule.when);
        let leaves = conditions.flat_map(|when| view.decisive(view.derivation.root(when, None)));
        self.decisive = leaves.collect();
        for definition in &view.protocol.definitions {
            let id = format!("definition.{}", definition.name);
            self.expression(&id, view.derivation.root(definition.root, None));
            if let Some(last) = self.nodes.last_mut() {
                last.kind = StepKind::Definition;
            }
        }
    }

    /// The rows of the decision tables.
    fn tables(&mut self) {
        let view = self.view;
        for setting in &view.protocol.settings {
            for each in each_of(view.known, setting) {
                let name = match (each, &setting.each) {
                    (Some(Value::Choice(at)), Some((_, set))) => {
                        format!(".{}", view.protocol.fact(*set).answer.choices()[usize::from(at)])
                    }
                    _ => String::new(),
                };
                for (at, row) in setting.rows.iter().enumerate() {
                    let Some(when) = &row.when else { continue };
                    self.decisive.clear();
                    self.expression(&format!("setting.{}{name}.row-{}", setting.id, at + 1), view.root(when, each));
                }
            }
        }
    }
}

/// What a reader of the protocol expects beside a rule's name: whether its condition holds. An indication fires when it does not.
fn shown(rule: &Rule, fires: Tri) -> Tri {
    match rule.action {
        Action::Indicate { .. } => !fires,
        _ => fires,
    }
}

/// The kind of an operation, and its operator.
fn describe(expr: &Expr) -> (StepKind, Option<Operator>) {
    match expr {
        Expr::Literal(_) => (StepKind::Literal, None),
        Expr::Fact(_) => (StepKind::Fact, None),
        Expr::Parameter(_) => (StepKind::Parameter, None),
        Expr::Definition(..) => (StepKind::Definition, None),
        Expr::Today => (StepKind::Today, None),
        Expr::Age(_) => (StepKind::Age, None),
        Expr::SessionsDone => (StepKind::SessionsDone, None),
        Expr::Each => (StepKind::Each, None),
        Expr::Not(_) => (StepKind::Not, Some(Operator::Not)),
        Expr::And(_) => (StepKind::And, Some(Operator::And)),
        Expr::Or(_) => (StepKind::Or, Some(Operator::Or)),
        Expr::Compare(comparison, ..) => (StepKind::Comparison, Some((*comparison).into())),
        Expr::OneOf(..) | Expr::Among(..) => (StepKind::Membership, Some(Operator::In)),
        Expr::Within { inclusive: true, .. } => (StepKind::Membership, Some(Operator::Through)),
        Expr::Within { inclusive: false, .. } => (StepKind::Membership, Some(Operator::Until)),
        Expr::Contains(..) => (StepKind::Membership, Some(Operator::Contains)),
        Expr::ContainsAny(..) => (StepKind::Membership, Some(Operator::ContainsAny)),
        Expr::IsEmpty(_) => (StepKind::Set, Some(Operator::IsEmpty)),
        Expr::Len(_) => (StepKind::Set, Some(Operator::Len)),
        Expr::Arithmetic(operation, ..) => (StepKind::Arithmetic, Some((*operation).into())),
        Expr::Negate(_) => (StepKind::Arithmetic, Some(Operator::Subtract)),
        Expr::Shift { back: false, .. } => (StepKind::Date, Some(Operator::Add)),
        Expr::Shift { back: true, .. } => (StepKind::Date, Some(Operator::Subtract)),
        Expr::Distance(..) => (StepKind::Duration, Some(Operator::Subtract)),
        Expr::Duration { .. } => (StepKind::Duration, None),
        Expr::Lengthen(..) => (StepKind::Duration, Some(Operator::Add)),
        Expr::If(..) => (StepKind::If, Some(Operator::If)),
        Expr::Coalesce(..) => (StepKind::Default, Some(Operator::Default)),
        Expr::Known(_) => (StepKind::Known, Some(Operator::Known)),
        Expr::Quantified { quantifier, .. } => (StepKind::Sessions, Some((*quantifier).into())),
        Expr::Sum { .. } => (StepKind::Sessions, Some(Operator::Sum)),
        Expr::SessionCount(_) => (StepKind::Sessions, Some(Operator::Len)),
        Expr::NoSessions(_) => (StepKind::Sessions, Some(Operator::IsEmpty)),
        Expr::FirstDate(_) => (StepKind::Sessions, Some(Operator::First)),
        Expr::LastDate(_) => (StepKind::Sessions, Some(Operator::Last)),
        Expr::EndNote { last, .. } => (StepKind::Sessions, Some(if *last { Operator::Last } else { Operator::First })),
        Expr::SessionNote { .. } => (StepKind::Note, None),
        Expr::Judging => (StepKind::Course, Some(Operator::Judging)),
        Expr::SessionDate => (StepKind::Course, Some(Operator::SessionDate)),
        Expr::Aged { .. } => (StepKind::Course, Some(Operator::Aged)),
        Expr::Waited { .. } => (StepKind::Course, Some(Operator::Waited)),
        Expr::Tally(tally) => (StepKind::Course, Some(if tally.valid { Operator::Valid } else { Operator::Given })),
    }
}
