//! What there is to try in a protocol.

use std::collections::BTreeSet;

use crate::coverage::probe::{End, Probe, arms, parts, path};
use crate::coverage::{Item, Kind, NotMeasured, Outcome};
use crate::diagnostic::Place;
use crate::lang::syntax::Comparison;
use crate::lang::{Expr, ExprId, Type};
use crate::protocol::Protocol;
use crate::protocol::model::{Course, GapAction, Length};
use crate::recommendation::Status;
use crate::trace::StepKind;

/// Collects what there is to try.
struct Items<'p> {
    protocol: &'p Protocol,
    all: Vec<Item>,
    not_measured: Vec<NotMeasured>,
    /// The comparisons that have been listed.
    listed: BTreeSet<(ExprId, usize)>,
}

pub(super) fn of(protocol: &Protocol) -> (Vec<Item>, Vec<NotMeasured>) {
    let mut items = Items { protocol, all: Vec::new(), not_measured: Vec::new(), listed: BTreeSet::new() };
    items.statuses();
    for definition in &protocol.definitions {
        let of = format!("definition {}", definition.name);
        if protocol.program.node(definition.root).ty == Type::Bool {
            items.condition(&of, definition.root, &definition.place);
        }
        items.thresholds(&of, definition.root);
    }
    for at in 0..protocol.rules.len() {
        items.rule(at);
    }
    for instruction in &protocol.instructions {
        if let Some(when) = instruction.when {
            items.condition(&format!("instruction {}", instruction.id), when, &instruction.place);
            items.thresholds(&format!("instruction {}", instruction.id), when);
        }
    }
    items.rows();
    protocol.courses.iter().for_each(|course| items.course(course));
    for separation in &protocol.separations {
        let of = format!("separation {}", separation.id);
        items.wait(&of, Some("minimum"), &separation.place, bound(&separation.id));
        items.push(Kind::Judged, &of, None, &separation.place, Probe::Judged(separation.id.clone()));
    }
    (items.all, items.not_measured)
}

fn bound(id: &str) -> Probe {
    Probe::Wait(StepKind::Bound, End::Name(id.to_owned()))
}

impl Items<'_> {
    fn push(&mut self, kind: Kind, of: &str, part: Option<String>, place: &Place, probe: Probe) {
        let outcomes = probe.names().iter().map(|outcome| Outcome { outcome, cases: 0, missing: None }).collect();
        let line = self.protocol.line(place);
        self.all.push(Item { kind, of: of.to_owned(), part, line, outcomes, probe });
    }

    fn wait(&mut self, of: &str, part: Option<&str>, place: &Place, probe: Probe) {
        self.push(Kind::Wait, of, part.map(str::to_owned), place, probe);
    }

    fn condition(&mut self, of: &str, root: ExprId, place: &Place) {
        self.push(Kind::Condition, of, None, place, Probe::Condition(root));
    }

    /// The statuses that the rules and the course can lead to, beside `due`.
    fn statuses(&mut self) {
        let protocol = self.protocol;
        let mut statuses: BTreeSet<Status> =
            protocol.rules.iter().filter_map(|rule| rule.action.leads_to()).chain([Status::Due]).collect();
        if !protocol.courses.is_empty() {
            statuses.insert(Status::Deferred);
        }
        if protocol.courses.iter().any(|course| course.maximum.is_some() || course.planned.is_some()) {
            statuses.insert(Status::Complete);
        }
        let place = protocol.value_place("id", None);
        for status in statuses {
            self.push(Kind::Status, &format!("status {status}"), None, &place, Probe::Status(status));
        }
    }

    fn rule(&mut self, at: usize) {
        let protocol = self.protocol;
        let (rule, program) = (&protocol.rules[at], &protocol.program);
        let of = format!("{} {}", rule.action.kind(), rule.id);
        self.push(Kind::Rule, &of, None, &rule.place, Probe::Rule(at));
        let mut found: Vec<Option<ExprId>> =
            rule.when.into_iter().flat_map(|when| parts(program, when)).map(Some).collect();
        found.extend(rule.not_before().map(|_| None));
        // One that is alone is the rule.
        if found.len() > 1 {
            let roots: Vec<ExprId> = rule.roots().collect();
            for part in found {
                let text = part.or(rule.not_before()).map(|id| self.protocol.written(id));
                let path = part.map_or_else(Vec::new, |part| path(program, part, &roots));
                self.push(Kind::Part, &of, text, &rule.place, Probe::Part { rule: at, part, path });
            }
        }
        if let Some(when) = rule.when {
            self.thresholds(&of, when);
        }
        if let Some(until) = rule.not_before() {
            self.thresholds(&of, until);
            self.limit(&of, (until, None), until);
        }
    }

    fn rows(&mut self) {
        let protocol = self.protocol;
        for (at, setting) in protocol.settings.iter().enumerate() {
            for (row, entry) in setting.rows.iter().enumerate() {
                let of = format!("setting {}", setting.id);
                let Some(when) = &entry.when else { continue };
                let text = self.protocol.written(ExprId(when.end - 1));
                self.push(Kind::Row, &of, Some(text), &entry.place, Probe::Row(at, row));
                self.thresholds(&of, ExprId(when.end - 1));
            }
        }
    }

    fn course(&mut self, course: &Course) {
        let of = format!("course {}", course.id);
        let conditions = [course.when, course.beyond_planned, course.restart_when_complete];
        for root in conditions.into_iter().flatten() {
            self.repeated_or(&of, course, root, &course.place);
        }
        for planned in &course.sessions {
            if planned.skip.is_some() {
                self.leave_out(&of, "`skip` is asked at many moments of one case");
            }
        }
        for interval in &course.intervals {
            let of = format!("interval {}", interval.id);
            if let Some(when) = interval.when {
                self.repeated_or(&of, course, when, &interval.place);
            }
            self.wait(&of, Some("minimum"), &interval.place, bound(&interval.id));
            let further = [("recommended", interval.recommended), ("latest", interval.latest)];
            for (name, _) in further.into_iter().filter_map(|(name, length): (_, Option<Length>)| Some((name, length?)))
            {
                let end = End::Name(format!("{}.{name}", interval.id));
                self.wait(&of, Some(name), &interval.place, Probe::Wait(StepKind::Date, end));
            }
            self.push(Kind::Judged, &of, None, &interval.place, Probe::Judged(interval.id.clone()));
        }
        for gap in &course.gaps {
            let word = match gap.action {
                GapAction::Reassess => ".reassess",
                GapAction::Restart => ".restart",
            };
            let end = End::Line(self.protocol.line(&gap.place), word);
            self.wait(&format!("gap {}", gap.id), None, &gap.place, Probe::Wait(StepKind::Course, end));
        }
    }

    /// A condition of a course, where it does not depend on the value that the course is counted for.
    fn repeated_or(&mut self, of: &str, course: &Course, root: ExprId, place: &Place) {
        match course.separate_by.as_ref().and_then(|counter| counter.body(root)) {
            Some(_) => self.leave_out(of, "it is asked for each value that the course is counted for"),
            None => {
                self.condition(of, root, place);
                self.thresholds(of, root);
            }
        }
    }

    fn leave_out(&mut self, of: &str, why: &'static str) {
        self.not_measured.push(NotMeasured { of: of.to_owned(), why });
    }

    /// The comparisons with a limit in an expression, definitions aside: they have their own.
    fn thresholds(&mut self, of: &str, root: ExprId) {
        let program = &self.protocol.program;
        let (mut found, mut todo) = (BTreeSet::new(), vec![root]);
        while let Some(id) = todo.pop() {
            if found.insert(id) && !matches!(program.node(id).expr, Expr::Definition(..)) {
                todo.extend(program.node(id).expr.operands());
            }
        }
        for id in found {
            let node = program.node(id);
            let compared: Vec<(ExprId, ExprId)> = match &node.expr {
                Expr::Compare(comparison, a, b) if is_measured(&program.node(*a).ty) => match comparison {
                    // One day among all days is no limit.
                    Comparison::Equal | Comparison::NotEqual if program.node(*a).ty == Type::Date => Vec::new(),
                    _ => vec![(*a, *b)],
                },
                Expr::Within { item, from, to, .. } => vec![(*item, *from), (*item, *to)],
                _ => Vec::new(),
            };
            for (at, (a, b)) in compared.into_iter().enumerate() {
                if program.node(a).constant && program.node(b).constant || !self.listed.insert((id, at)) {
                    continue;
                }
                if node.level > 0 {
                    self.leave_out(
                        of,
                        "a comparison under `where` or in a row that is repeated has many values in one case",
                    );
                    continue;
                }
                // The limit is what is the same for everybody; of dates, what is counted from one.
                let is_limit = |id: ExprId| program.node(id).constant && program.node(id).expr != Expr::Today;
                let (value, limit) = if is_limit(a) { (b, a) } else { (a, b) };
                self.limit(of, (id, Some(value)), limit);
            }
        }
    }

    /// One limit, or one for each branch of the `if` that it is taken from.
    fn limit(&mut self, of: &str, (at, value): (ExprId, Option<ExprId>), limit: ExprId) {
        let protocol = self.protocol;
        let arms = arms(&protocol.program, limit);
        let place = |id: ExprId| Place { file: protocol.file.clone(), span: protocol.program.node(id).span.clone() };
        let said = |limit: String| match value {
            Some(value) => format!("{} against {limit}", self.protocol.written(value)),
            None => format!("today against {limit}"),
        };
        let text = self.protocol.written(limit);
        if arms.is_empty() {
            let probe = Probe::Threshold { at, value, limit, arm: None };
            return self.push(Kind::Threshold, of, Some(said(text)), &place(limit), probe);
        }
        let all: Vec<(ExprId, String)> = arms
            .into_iter()
            .map(|arm| (arm, said(format!("{text}, where it is {}", self.protocol.written(arm)))))
            .collect();
        for (arm, said) in all {
            let probe = Probe::Threshold { at, value, limit, arm: Some(arm) };
            self.push(Kind::Threshold, of, Some(said), &place(limit), probe);
        }
    }
}

/// Whether values of a type have an order.
fn is_measured(ty: &Type) -> bool {
    matches!(ty, Type::Number { .. } | Type::Date | Type::Duration { .. })
}
