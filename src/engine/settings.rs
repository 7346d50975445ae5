//! How to set the treatment, what to do before and after, and what to watch for.

use std::cell::RefCell;

use rust_decimal::Decimal;

use super::schedule::{Detail, Scheduler};
use super::waits::Waits;
use super::{Assessment, View};
use crate::date::Date;
use crate::expr::program::ExprId;
use crate::protocol::model::{Action, Quantity, Safer, Says, Setting};
use crate::recommendation::{CourseReport, InstructionReport, PlannedNow, RedFlagReport, SettingReport, Status};
use crate::tri::Tri;
use crate::value::{Value, bits};

/// What the rows of a table come to, before it is written down.
#[derive(Clone, Debug, Default)]
struct Setpoint {
    text: Option<String>,
    range: Option<(Decimal, Decimal)>,
    limited_by: Vec<String>,
    provisional: bool,
}

impl View<'_> {
    pub(super) fn settings(&self, assessment: &mut Assessment) -> Vec<SettingReport> {
        let mut reports = Vec::new();
        for (at, setting) in self.protocol.settings.iter().enumerate() {
            for each in self.each_of(setting) {
                let setpoint = self.setpoint(assessment, at, setting, each);
                reports.push(self.setting_report(setting, each, setpoint));
            }
        }
        reports
    }

    /// The values that a setting is for: those of its set, or none.
    pub(super) fn each_of(&self, setting: &Setting) -> Vec<Option<Value>> {
        match &setting.each {
            None => vec![None],
            Some((_, set)) => match self.known.facts[usize::from(set.0)] {
                Value::Set(chosen) => bits(chosen).map(|at| Some(Value::Choice(at))).collect(),
                _ => Vec::new(),
            },
        }
    }

    /// The value of an expression of a row, for one value of the setting's set.
    pub(super) fn body_value(
        &self,
        assessment: &mut Assessment,
        body: &std::ops::Range<u32>,
        each: Option<Value>,
    ) -> Value {
        match each {
            None => assessment.evaluation.value(ExprId(body.end - 1)),
            Some(each) => {
                let inputs = self.known.inputs(assessment.sessions_done, assessment.open);
                assessment.evaluation.for_each(&self.protocol.program, &inputs, body.clone(), each)
            }
        }
    }

    fn quantity(
        &self,
        assessment: &mut Assessment,
        quantity: &Quantity,
        each: Option<Value>,
    ) -> Option<(Decimal, Decimal)> {
        match quantity {
            Quantity::Fixed(number) => Some((*number, *number)),
            Quantity::Computed(body) => match self.body_value(assessment, body, each) {
                Value::Number(least, greatest) => Some((least, greatest)),
                _ => None,
            },
        }
    }

    fn setpoint(&self, assessment: &mut Assessment, at: usize, setting: &Setting, each: Option<Value>) -> Setpoint {
        let mut setpoint = Setpoint::default();
        let mut certain = false;
        for row in &setting.rows {
            let truth = match &row.when {
                None => Tri::True,
                Some(when) => self.body_value(assessment, when, each).truth(),
            };
            if truth.is_false() {
                continue;
            }
            certain |= truth.is_true();
            setpoint.provisional |= truth.is_unknown();
            match &row.says {
                Says::Text(text) => {
                    // Words such as "forbidden" win over every number; of several, all are said.
                    setpoint.text =
                        Some(setpoint.text.map_or_else(|| text.clone(), |other| format!("{other}; {text}")));
                }
                Says::Value(value) => {
                    let range = self.quantity(assessment, value, each);
                    setpoint.provisional |= range.is_none_or(|(least, greatest)| least != greatest);
                    setpoint.range = safer_range(setting.safer, setpoint.range, range);
                }
                Says::Range(from, to) => {
                    let ends = self.quantity(assessment, from, each).zip(self.quantity(assessment, to, each));
                    setpoint.provisional |= ends.is_none();
                    setpoint.range = safer_range(setting.safer, setpoint.range, ends.map(|(from, to)| (from.0, to.1)));
                }
            }
        }
        setpoint.provisional |= !certain && (setpoint.range.is_some() || setpoint.text.is_some());
        self.limit(assessment, at, setting, &mut setpoint);
        setpoint
    }

    /// Applies the caps of precautions. What limits is whatever reaches the end that is left, in whichever order the caps stand; it is
    /// provisional if it would be another without those of which it is not known whether they hold.
    fn limit(&self, assessment: &mut Assessment, at: usize, setting: &Setting, setpoint: &mut Setpoint) {
        let Some(table) = setpoint.range else { return };
        let mut caps = Vec::new();
        for (rule, speaks) in self.protocol.rules.iter().zip(assessment.speaks.clone()) {
            let Action::Precaution { limits, .. } = &rule.action else { continue };
            for (_, limit) in limits.iter().filter(|(setting, _)| *setting == at && !speaks.is_false()) {
                if let Some((least, greatest)) = self.quantity(assessment, limit, None) {
                    let limit = if setting.safer == Safer::Lower { least } else { greatest };
                    caps.push((&rule.id, speaks, safer_of(setting.safer, table, (limit, limit))));
                }
            }
        }
        let left = |certain: bool| {
            let caps = caps.iter().filter(|(_, speaks, _)| !certain || speaks.is_true());
            caps.fold(table, |left, (.., cap)| safer_of(setting.safer, left, *cap))
        };
        let (from, to) = left(false);
        let limiting = caps
            .iter()
            .filter(|(.., cap)| (cap.0 == from && from != table.0) || (cap.1 == to && to != table.1))
            .map(|(rule, ..)| (*rule).clone());
        setpoint.limited_by = limiting.collect();
        setpoint.provisional |= left(true) != (from, to);
        setpoint.range = Some((from, to));
    }

    fn setting_report(&self, setting: &Setting, each: Option<Value>, setpoint: Setpoint) -> SettingReport {
        let each = each.map(|value| match &setting.each {
            Some((_, set)) => match (value, self.protocol.fact(*set).answer.choices()) {
                (Value::Choice(at), choices) => choices.get(usize::from(at)).cloned().unwrap_or_default(),
                _ => String::new(),
            },
            None => String::new(),
        });
        let unit = setting.unit.as_ref().map_or_else(String::new, |unit| format!(" {unit}"));
        let value = match (setpoint.text, setpoint.range) {
            (Some(text), _) => text,
            (None, Some((from, to))) if from == to => format!("{to}{unit}"),
            (None, Some((from, to))) => format!("{from} to {to}{unit}"),
            (None, None) => "no row of the table applies".into(),
        };
        SettingReport {
            id: each.as_ref().map_or_else(|| setting.id.clone(), |each| format!("{}.{each}", setting.id)),
            label: setting.label.clone(),
            each,
            value,
            limited_by: setpoint.limited_by,
            provisional: setpoint.provisional,
            evidence: setting.evidence.into(),
            sources: self.source_ids(&setting.sources),
            line: self.protocol.line(&setting.place),
        }
    }

    /// The day of the next session, if it is known: today, or the first permitted day. From a day that may be moved nobody can
    /// count back to what must be done before.
    pub(super) fn session_day(&self, not_before: Option<Date>) -> Option<Date> {
        match self.status {
            Status::Deferred => not_before,
            Status::Refer | Status::Due | Status::Overdue | Status::Undetermined => Some(self.known.today),
            _ => None,
        }
    }

    /// The course, with the sessions to come where there are any: as the patient has to wait longest.
    /// A rule that waits for a day, or may, holds back everything that is planned.
    pub(super) fn course(
        &self,
        assessment: &Assessment,
        session_day: Option<Date>,
        waits: &Waits,
        by_rules: &Waits,
    ) -> Option<CourseReport> {
        let evaluation = RefCell::new(assessment.evaluation.clone());
        let scheduler = Scheduler {
            protocol: self.protocol,
            known: self.known,
            evaluation: &evaluation,
            today: self.known.today,
            open: assessment.open,
            detail: Detail::Report,
        };
        let day = session_day.or(waits.first_day().no_later_than);
        let mut report = scheduler.projected_from(&assessment.schedule, day, waits.latest())?;
        report.provisional |= waits.is_open();
        let ended = Status::Contraindicated <= self.status && self.status <= Status::Complete;
        if ended {
            report.next = None;
        }
        if report.separate_by.is_some() {
            for part in &mut report.components {
                part.next = part.next.take().filter(|_| !ended);
                let window = part.next.as_mut().filter(|_| part.planned_now != Some(PlannedNow::No));
                if let Some(window) = window {
                    by_rules.latest().into_iter().for_each(|day| window.put_off(day, self.known.today));
                    part.provisional |= by_rules.is_open();
                }
            }
        }
        Some(report)
    }

    pub(super) fn instructions(&self, assessment: &Assessment, day: Option<Date>) -> Vec<InstructionReport> {
        let mut reports = Vec::new();
        for instruction in &self.protocol.instructions {
            let applies = instruction.when.map_or(Tri::True, |when| assessment.evaluation.truth(when));
            if applies.is_false() {
                continue;
            }
            reports.push(InstructionReport {
                id: instruction.id.clone(),
                at: instruction.at.to_string(),
                until: instruction.until.map(|until| until.to_string()),
                from_date: day.map(|day| day + instruction.at),
                until_date: day.zip(instruction.until).map(|(day, until)| day + until),
                action: instruction.action.clone(),
                provisional: applies.is_unknown(),
                evidence: instruction.evidence.into(),
                sources: self.source_ids(&instruction.sources),
            });
        }
        reports.sort_by_key(|report| {
            let instruction = self.protocol.instructions.iter().find(|other| other.id == report.id);
            instruction.map(|instruction| (instruction.at.months, instruction.at.days))
        });
        reports
    }

    pub(super) fn red_flags(&self) -> Vec<RedFlagReport> {
        let report = |flag: &crate::protocol::model::RedFlag| RedFlagReport {
            id: flag.id.clone(),
            sign: flag.sign.clone(),
            action: flag.action.clone(),
            within: flag.within.clone(),
            evidence: flag.evidence.into(),
            sources: self.source_ids(&flag.sources),
        };
        self.protocol.red_flags.iter().map(report).collect()
    }
}

/// The safer of two ranges, where there are two.
fn safer_range(
    safer: Safer,
    a: Option<(Decimal, Decimal)>,
    b: Option<(Decimal, Decimal)>,
) -> Option<(Decimal, Decimal)> {
    match (a, b) {
        (Some(a), Some(b)) => Some(safer_of(safer, a, b)),
        (a, b) => a.or(b),
    }
}

/// The safer of two ranges.
fn safer_of(safer: Safer, (a, b): (Decimal, Decimal), (c, d): (Decimal, Decimal)) -> (Decimal, Decimal) {
    match safer {
        Safer::Lower => (a.min(c), b.min(d)),
        Safer::Higher => (a.max(c), b.max(d)),
    }
}
