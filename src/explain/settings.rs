//! How to set the treatment, what to do before and after, and what to watch for.

use std::ops::Range;

use crate::date::Date;
use crate::decide::first_day::Waits;
use crate::decide::needed::{each_of, limits_of};
use crate::decide::settings::Outcome;
use crate::explain::View;
use crate::explain::attribution::Missing;
use crate::explain::setpoint::Setpoint;
use crate::logic::Tri;
use crate::logic::value::Value;
use crate::once::push_new;
use crate::protocol::model::{Safer, Says, Setting};
use crate::recommendation::{
    BoundKind, CourseReport, InstructionReport, PlannedNow, RedFlagReport, SettingBound, SettingReport, Status,
};
use crate::speech::{Speech, tell};
use crate::worlds::{Detail, Scheduler};

/// How a value begins that is none.
pub(super) const NO_VALUE: &str = "no value: ";

/// What could change the settings once it is known.
pub(crate) type WaitingSettings = Vec<WaitingSetting>;

/// What could change a setting.
pub(crate) struct WaitingSetting {
    /// The setting or the precaution that waits.
    pub(crate) by: String,
    pub(crate) missing: Vec<Missing>,
    /// Whether nothing is due without the setting.
    pub(crate) needed: bool,
}

impl View<'_> {
    /// How to set the treatment, and what could change that.
    pub(crate) fn settings(&self) -> (Vec<SettingReport>, WaitingSettings) {
        let (mut reports, mut all) = (Vec::new(), WaitingSettings::new());
        let waiting = |needed| move |(by, missing)| WaitingSetting { by, missing, needed };
        for (at, setting) in self.protocol.settings.iter().enumerate() {
            if let Some((_, set)) = &setting.each
                && !self.known.facts[usize::from(set.0)].is_settled()
            {
                // Nobody knows for what.
                let outcome = Outcome::Open { bound: None, certain: Vec::new(), perhaps: Vec::new() };
                let waits = vec![(setting.id.clone(), vec![Missing::Fact(*set)])];
                let setpoint = Setpoint { outcome, limited_by: Vec::new(), waits };
                reports.push(self.setting_report(at, None, &setpoint));
                all.extend(setpoint.waits.into_iter().map(waiting(setting.needed)));
                continue;
            }
            for each in each_of(self.known, setting) {
                let setpoint = self.setpoint(at, setting, each);
                reports.push(self.setting_report(at, each, &setpoint));
                all.extend(setpoint.waits.into_iter().map(waiting(setting.needed)));
            }
        }
        (reports, all)
    }

    fn setting_report(&self, at: usize, of: Option<Value>, setpoint: &Setpoint) -> SettingReport {
        let setting = &self.protocol.settings[at];
        let answer = setting.each.as_ref().map(|(_, set)| &self.protocol.fact(*set).answer);
        let choice = |all: &[String]| match of {
            Some(Value::Choice(at)) => all.get(usize::from(at)).cloned(),
            _ => None,
        };
        let each = of.map(|_| answer.and_then(|answer| choice(answer.choices())).unwrap_or_default());
        let each_label = answer.and_then(|answer| choice(&answer.labels));
        let speech = self.protocol.speech();
        let unit = setting.unit.as_ref().map_or_else(String::new, |unit| format!(" {unit}"));
        let mut waits: Vec<Missing> = setpoint.waits.iter().flat_map(|(_, missing)| missing.iter().copied()).collect();
        waits.sort_by_key(|missing| self.place_of(*missing));
        waits.dedup();
        let mut asked = Vec::new();
        waits.into_iter().flat_map(|missing| self.to_ask(missing)).for_each(|what| push_new(&mut asked, what));
        let depends_on: Vec<String> = asked.into_iter().map(|missing| self.name_of(missing)).collect();
        // What nobody can answer is told, also beside what somebody can.
        let whys = || {
            let may_apply = |when: &Range<u32>| !self.derivation.truth(self.root(when, of)).is_false();
            let rows = setting.rows.iter().filter(|row| row.when.as_ref().is_none_or(may_apply));
            let rows = rows.flat_map(|row| row.when.iter().chain(row.says.computed())).map(|body| self.root(body, of));
            let limits = limits_of(self.protocol, at, |rule| !self.assessment.fires[rule].is_false());
            let limits = limits.filter_map(|limit| limit.computed()).map(|body| self.root(body, None));
            let mut whys = Vec::new();
            let roots = rows.chain(limits);
            roots.flat_map(|root| self.without_result(root)).for_each(|why| push_new(&mut whys, why));
            if whys.is_empty() { String::new() } else { format!(": {}", whys.join("; ")) }
        };
        let kind = if setting.safer == Safer::Lower { BoundKind::AtMost } else { BoundKind::AtLeast };
        let (value, bound) = match &setpoint.outcome {
            Outcome::Text(rows) => (self.words_of(setting, rows, of).join("; "), None),
            Outcome::Range(from, to) if from == to => (format!("{}{unit}", speech.number(&to.to_string())), None),
            Outcome::Range(from, to) => {
                let [from, to] = [from, to].map(|number| speech.number(&number.to_string()));
                (format!("{}{unit}", tell!(speech, "{} to {}", from, to)), None)
            }
            Outcome::NoRow => (speech.word("no row of the table applies"), None),
            Outcome::Unusable(why) => (format!("{}{}", speech.word(NO_VALUE), why.in_words(speech)), None),
            Outcome::Open { bound, certain, perhaps } => {
                let bound =
                    bound.map(|number| SettingBound { kind, number: number.to_string(), unit: setting.unit.clone() });
                let (certain, perhaps) = (self.words_of(setting, certain, of), self.words_of(setting, perhaps, of));
                let mut words = open_words(bound.as_ref(), &certain, &perhaps, &depends_on, speech);
                words.push_str(&whys());
                (words, bound)
            }
        };
        SettingReport {
            id: each.as_ref().map_or_else(|| setting.id.clone(), |each| format!("{}.{each}", setting.id)),
            label: self.text(&setting.label),
            each,
            each_label,
            value,
            known: setpoint.outcome.is_value(),
            needed: setting.needed,
            bound,
            provisional: matches!(setpoint.outcome, Outcome::Open { .. }),
            depends_on,
            limited_by: setpoint.limited_by.clone(),
            evidence: setting.evidence.into(),
            sources: self.source_ids(&setting.sources),
            line: self.protocol.line(&setting.place),
        }
    }

    /// What rows with words say, for one value of the setting's set; each text once.
    fn words_of(&self, setting: &Setting, rows: &[usize], each: Option<Value>) -> Vec<String> {
        let mut texts = Vec::new();
        for row in rows {
            if let Says::Text(text) = &setting.rows[*row].says {
                push_new(&mut texts, self.text_for(text, each));
            }
        }
        texts
    }

    /// The day of the next session, if it is known: today, or the first permitted day. From a day that may be moved nobody can
    /// count back to what must be done before.
    pub(crate) fn session_day(&self, not_before: Option<Date>) -> Option<Date> {
        match self.status {
            Status::Deferred => not_before,
            Status::Refer | Status::Due | Status::Overdue | Status::Undetermined => Some(self.known.today),
            _ => None,
        }
    }

    /// The course, with the sessions to come where there are any: as the patient has to wait longest.
    /// A rule that waits for a day, or may, holds back everything that is planned.
    pub(crate) fn course(&self, session_day: Option<Date>, waits: &Waits, by_rules: &Waits) -> Option<CourseReport> {
        let day = session_day.or(waits.first_day().no_later_than);
        // What may yet hold back counts before anybody has said whether it does.
        let day = if self.status == Status::Undetermined { day.max(waits.latest()) } else { day };
        let mut report = self.scheduler().projected_from(&self.assessment.schedule, day, waits.latest())?;
        let own = self.assessment.schedule.report.as_ref().and_then(|report| report.next.as_ref());
        // Whoever had to wait is not late for that.
        let waited_until = self.waited_until();
        report.next.iter_mut().zip(waited_until).for_each(|(next, day)| next.moved_on(day));
        if let (Some(own), Some(now)) = (own, &report.next) {
            report.may_be_later = waits.may_be_later();
            report.provisional |= report.may_be_later;
            report.provisional |= waits.is_open() && (self.status == Status::Deferred || own != now);
            if own != now || waits.latest().is_some_and(|day| Some(day) == now.earliest) {
                report.set_by = self.set_by_rules(own, now, report.set_by.take());
            }
        }
        let ended = Status::Contraindicated <= self.status && self.status <= Status::Complete;
        if ended {
            report.next = None;
            report.components.iter_mut().for_each(|part| part.next = None);
        }
        if report.separate_by.is_some() {
            let visit = report.next.as_ref().and_then(|next| next.earliest);
            for part in &mut report.components {
                let window = part.next.as_mut().filter(|_| part.planned_now != Some(PlannedNow::No));
                if let Some(window) = window {
                    by_rules.latest().into_iter().for_each(|day| window.put_off(day, self.known.today));
                    waited_until.into_iter().for_each(|day| window.moved_on(day));
                    // They share a visit: none is late before it may be.
                    let visit = visit.filter(|_| part.planned_now != Some(PlannedNow::Unknown));
                    for date in [&mut window.past_due, &mut window.latest] {
                        *date = date.map(|own| visit.map_or(own, |visit| visit.max(own)));
                    }
                    part.provisional |= by_rules.is_open();
                }
            }
        }
        Some(report)
    }

    /// The course once more, to be told of.
    pub(crate) fn scheduler(&self) -> Scheduler<'_> {
        Scheduler {
            protocol: self.protocol,
            known: self.known,
            looking_back: self.looking_back,
            evaluation: &self.assessment.evaluation,
            today: self.known.today,
            open: self.assessment.open,
            open_entries: self.assessment.open,
            detail: Detail::Report,
        }
    }

    pub(crate) fn instructions(&self, day: Option<Date>) -> Vec<InstructionReport> {
        let mut reports = Vec::new();
        for instruction in &self.protocol.instructions {
            let applies = instruction.when.map_or(Tri::True, |when| self.assessment.evaluation.truth(when));
            if applies.is_false() {
                continue;
            }
            let at = instruction.at.with(&self.known.parameters);
            let until = instruction.until.map(|until| until.with(&self.known.parameters));
            reports.push(InstructionReport {
                id: instruction.id.clone(),
                at: at.to_string(),
                until: until.map(|until| until.to_string()),
                from_date: day.map(|day| day + at),
                until_date: day.zip(until).map(|(day, until)| day + until),
                audience: instruction.audience,
                action: self.text(&instruction.action),
                provisional: applies.is_unknown(),
                evidence: instruction.evidence.into(),
                sources: self.source_ids(&instruction.sources),
            });
        }
        reports.sort_by_key(|report| {
            let instruction = self.protocol.instructions.iter().find(|other| other.id == report.id);
            let at = instruction.map(|instruction| instruction.at.with(&self.known.parameters));
            at.map(|at| (at.months, at.days))
        });
        reports
    }

    pub(crate) fn red_flags(&self) -> Vec<RedFlagReport> {
        let report = |flag: &crate::protocol::model::RedFlag| RedFlagReport {
            id: flag.id.clone(),
            sign: self.text(&flag.sign),
            action: self.text(&flag.action),
            within: self.maybe_text(flag.within.as_ref()),
            evidence: flag.evidence.into(),
            sources: self.source_ids(&flag.sources),
        };
        self.protocol.red_flags.iter().map(report).collect()
    }
}

/// What is known of a setting whose value is not, so that nobody takes it for the value.
fn open_words(
    bound: Option<&SettingBound>,
    certain: &[String],
    perhaps: &[String],
    depends_on: &[String],
    speech: &Speech,
) -> String {
    let quoted = |texts: &[String]| {
        let texts: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
        texts.join(&format!(" {} ", speech.or))
    };
    let names: Vec<String> = depends_on.iter().map(|name| format!("`{name}`")).collect();
    let until = match names.split_last() {
        None => None,
        Some((last, [])) => Some(tell!(speech, "until {} is known", last)),
        Some((last, others)) => Some(tell!(speech, "until {} and {} are known", others.join(", "), last)),
    };
    if !certain.is_empty() {
        let until =
            until.map_or_else(|| speech.word("which cannot be worked out"), |until| tell!(speech, "open {}", until));
        return tell!(speech, "{}; perhaps also {}, {}", certain.join("; "), quoted(perhaps), until);
    }
    let words = match (bound.map(|bound| bound.in_words(speech)), until) {
        (Some(bound), Some(until)) => tell!(speech, "{} {}", bound, until),
        (Some(bound), None) => tell!(speech, "{}; the value cannot be worked out", bound),
        (None, Some(until)) => tell!(speech, "unknown {}", until),
        (None, None) => speech.word("cannot be worked out"),
    };
    if perhaps.is_empty() { words } else { tell!(speech, "{}; it may be {}", words, quoted(perhaps)) }
}
