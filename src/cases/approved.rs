//! The approved trace of a case: what was decided and why, as plain text with one fact a line.
//!
//! It is written from the answer's data, never from its prose. Texts of the protocol and of the dictionary are named by their ids: they
//! are approved once, on the sheets. What is the same in every answer of a version (its number, its sources, the program that
//! answered) is left out too. Everything stands in an order that the order of the files does not change.

use super::compare::{SECTIONS, Section};
use crate::protocol::file::ProtocolStatus;
use crate::recommendation::{
    ComponentReport, Count, CourseReport, Duration, KnownFact, PastSession, PlannedNow, Recommendation, SetBy,
    TooEarlyReport, WhyUnknown, Window,
};
use crate::speech::ENGLISH;
use crate::trace::{Depth, StepKind, Trace, TraceNode};
use crate::visible;

/// The column of the values, counted from the margin. A longer name moves its own line only.
const VALUES: usize = 28;
/// The column beside the outcomes of a trace: of truths, and of all that a full trace holds.
const TRUTHS: usize = 9;
const OUTCOMES: usize = 24;

/// The text that is approved for an answer.
#[must_use]
pub fn approved_text(title: &str, answer: &Recommendation) -> String {
    let mut out = visible::text(title).into_owned();
    for &Section { name, .. } in SECTIONS {
        let mut page = Page::default();
        match name {
            "asked" => asked(answer, &mut page),
            "status" => status(answer, &mut page),
            "dates" => dates(answer, &mut page),
            "follows" => follows(answer, &mut page),
            "doubts" => doubts(answer, &mut page),
            "questions" => questions(answer, &mut page),
            "to be confirmed" => to_be_confirmed(answer, &mut page),
            "precautions" => ids(answer.precautions.iter().map(|one| &one.id), &mut page),
            "parameters" => parameters(answer, &mut page),
            "course" => answer.course.iter().for_each(|report| course(report, &mut page)),
            // What the protocol always says is approved where a case shows more than the verdict.
            "settings" if answer.trace.depth > Depth::Verdict => settings(answer, &mut page),
            "instructions" if answer.trace.depth > Depth::Verdict => instructions(answer, &mut page),
            "red flags" if answer.trace.depth > Depth::Verdict => {
                ids(answer.red_flags.iter().map(|one| &one.id), &mut page);
            }
            "reasons" => reasons(answer, &mut page),
            "waits" => waits(answer, &mut page),
            "assumptions" => assumptions(answer, &mut page),
            "trace" => trace(&answer.trace, &mut page),
            _ => {}
        }
        if !page.0.is_empty() {
            out.push_str(&format!("\n\n{name}\n{}", page.0.trim_end()));
        }
    }
    out
}

/// The lines of a section.
#[derive(Debug, Default)]
struct Page(String);

impl Page {
    /// A name and its value, at a level.
    fn line(&mut self, level: usize, name: &str, value: &str) {
        let margin = " ".repeat(2 + 2 * level);
        let (name, value) = (visible::text(name), visible::text(value));
        let width = VALUES - margin.len();
        self.0.push_str(format!("{margin}{name:<width$}").trim_end_matches(|c| value.is_empty() && c == ' '));
        if !value.is_empty() {
            // A name that fills its column.
            self.0.push_str(if name.chars().count() >= width { "  " } else { "" });
            self.0.push_str(&value);
        }
        self.0.push('\n');
    }

    fn optional(&mut self, level: usize, name: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.line(level, name, &value.to_string());
        }
    }

    /// What came out, and of what.
    fn outcome(&mut self, level: usize, column: usize, outcome: &str, of: &str) {
        let margin = " ".repeat(2 + 2 * level);
        let gap = if outcome.chars().count() + 2 > column { "  " } else { "" };
        self.0.push_str(&format!("{margin}{:<column$}{gap}{}\n", visible::text(outcome), visible::text(of)));
    }
}

fn asked(answer: &Recommendation, page: &mut Page) {
    let draft = match answer.protocol_status {
        ProtocolStatus::Draft => ", a draft",
        ProtocolStatus::Retired => ", retired",
        ProtocolStatus::Active => "",
    };
    page.line(0, "protocol", &format!("{}{draft}", answer.protocol));
    page.line(0, "patient", &answer.patient);
    page.line(0, "as of", &answer.as_of.to_string());
    let depth = match answer.trace.depth {
        Depth::Verdict => "verdict",
        Depth::Rules => "rules",
        Depth::Full => "full",
    };
    page.line(0, "explain", depth);
}

fn status(answer: &Recommendation, page: &mut Page) {
    page.line(0, "status", answer.status.word());
    let possible: Vec<&str> = answer.could_become.iter().map(|status| status.word()).collect();
    page.line(0, "could become", &possible.join(", "));
}

fn dates(answer: &Recommendation, page: &mut Page) {
    page.optional(0, "not before", answer.not_before);
    page.optional(0, "no sooner than", answer.no_sooner_than);
    page.optional(0, "no later than", answer.no_later_than);
    let mut facts: Vec<&String> = answer.date_depends_on.iter().collect();
    facts.sort_unstable();
    facts.into_iter().for_each(|fact| page.line(0, "depends on", fact));
}

/// What follows from the reasons, beside the status and the dates: who decides, what else to think of, when to look again.
fn follows(answer: &Recommendation, page: &mut Page) {
    let mut rows: Vec<(&str, String)> = Vec::new();
    for reason in &answer.reasons {
        let mut row = |name, value: String| rows.push((name, format!("{value} ({})", reason.id)));
        reason.to.iter().for_each(|to| row("decided by", to.clone()));
        reason.instead.iter().for_each(|instead| row("instead", instead.clone()));
        reason.recheck.iter().for_each(|day| row("reassess", day.to_string()));
        reason.lasts.iter().for_each(|lasts| {
            let lasts = match lasts {
                Duration::Permanent => "permanent",
                Duration::WhileTrue => "while true",
            };
            row("lasts", lasts.into());
        });
        reason.may_override.iter().for_each(|allowed| {
            let down_to = allowed.down_to.as_ref().map_or_else(String::new, |down_to| format!(", down to {down_to}"));
            row("may shorten", format!("{}{down_to}", allowed.by));
        });
    }
    rows.sort_unstable();
    rows.iter().for_each(|(name, value)| page.line(0, name, value));
}

fn doubts(answer: &Recommendation, page: &mut Page) {
    let mut all: Vec<_> = answer.doubts.iter().collect();
    all.sort_by_key(|doubt| (doubt.line, &doubt.code, &doubt.message));
    for doubt in all {
        let line = doubt.line.map_or_else(String::new, |line| format!("line {line} of the record"));
        page.line(0, &doubt.code, &line);
    }
}

/// The gravest first, then by name: the practitioner's order depends on that of the files where two are alike.
fn questions(answer: &Recommendation, page: &mut Page) {
    let mut all: Vec<_> = answer.questions.iter().collect();
    let rank = |status: Option<_>| (status.is_none(), status);
    all.sort_by_key(|one| (one.could_change.first().copied(), rank(one.could_lead_to), &one.fact));
    for question in all {
        page.line(0, &question.fact, &why(&question.why));
        for effect in &question.could_change {
            page.line(1, "could change", effect.word());
        }
        page.optional(1, "could lead to", question.could_lead_to.map(crate::recommendation::Status::word));
        question.decides.iter().for_each(|fact| page.line(1, "decides whether this applies", fact));
    }
}

fn to_be_confirmed(answer: &Recommendation, page: &mut Page) {
    for (day, mut facts) in answer.to_ask_again() {
        facts.sort_unstable();
        page.line(0, &format!("after {day}"), &format!("ask again: {}", facts.join(", ")));
    }
}

/// Why something is not known.
fn why(why: &WhyUnknown) -> String {
    match why {
        WhyUnknown::NotRecorded => "not recorded".into(),
        WhyUnknown::Declined => "declined".into(),
        WhyUnknown::NotKnown => "not known".into(),
        WhyUnknown::Expired { on, days_ago, valid_for, value } => {
            let on = on.map_or_else(String::new, |on| format!(" on {on}"));
            let ago = days_ago.map_or_else(String::new, |days| format!(", {days} days ago"));
            format!("expired: {value}{on}{ago}, valid for {valid_for}")
        }
        WhyUnknown::MayNotApply => "may not apply".into(),
        WhyUnknown::Contradicted { value } => format!("contradicted: {value}"),
        WhyUnknown::Partial { value } => format!("only {value}"),
    }
}

fn ids<'r>(ids: impl Iterator<Item = &'r String>, page: &mut Page) {
    let mut ids: Vec<&String> = ids.collect();
    ids.sort_unstable();
    ids.into_iter().for_each(|id| page.line(0, id, ""));
}

fn parameters(answer: &Recommendation, page: &mut Page) {
    for one in &answer.overrides {
        page.line(0, &one.parameter, &one.used);
        page.line(1, "in the protocol", &one.declared);
        one.sign_off.iter().for_each(|role| page.line(1, "to be signed by", role));
    }
}

/// What is approved of a course.
pub(crate) fn approved_course(report: &CourseReport) -> String {
    let mut page = Page::default();
    course(report, &mut page);
    page.0
}

fn course(report: &CourseReport, page: &mut Page) {
    page.line(0, "course", &report.id);
    page.optional(0, "stands", report.status.map(|status| status.word()));
    page.optional(0, "chosen", report.chosen.as_ref());
    page.optional(0, "counted for each", report.separate_by.as_ref());
    page.line(0, "done", &report.done.to_string());
    counts(0, report.minimum, report.planned, report.maximum, page);
    page.optional(0, "beyond planned", report.beyond_planned.as_ref());
    report.past.iter().for_each(|session| past(session, page));
    page.optional(0, "next", report.next.as_ref().map(window));
    report.set_by.iter().for_each(|by| set_by(0, by, page));
    page.optional(0, "set by value", report.set_by_value.as_ref());
    let dates = if report.may_be_later { "may come to be later" } else { "the safest of several" };
    page.optional(0, "dates", report.provisional.then_some(dates));
    report.projected.iter().for_each(|next| page.line(0, "then", &window(next)));
    report.components.iter().for_each(|part| component(part, page));
}

fn counts(level: usize, minimum: Option<Count>, planned: Option<Count>, maximum: Option<Count>, page: &mut Page) {
    page.optional(level, "at least", minimum);
    page.optional(level, "planned", planned);
    page.optional(level, "at most", maximum);
}

fn past(session: &PastSession, page: &mut Page) {
    let counted = |verdict: &dyn ToString, number: Option<u32>, reasons: &[String], early: Option<&TooEarlyReport>| {
        let number = number.map_or_else(String::new, |number| format!(", session {number}"));
        let reasons = if reasons.is_empty() { String::new() } else { format!(": {}", reasons.join(", ")) };
        let early = early.map_or_else(String::new, |early| format!(", {early} ({})", early.interval));
        format!("{}{number}{reasons}{early}", verdict.to_string())
    };
    let text = counted(&session.verdict, session.number, &session.reasons, session.too_early.as_ref());
    page.line(0, &format!("session of {}", session.date), &text);
    for one in &session.values {
        page.line(1, &one.value, &counted(&one.verdict, one.number, &one.reasons, one.too_early.as_ref()));
    }
}

/// The dates of a session. The best day is told where it is not the first, and the last day that is not late where it is not the one
/// before the window's end.
fn window(next: &Window) -> String {
    let past_due = next.past_due.filter(|day| next.latest != Some(day.plus_days(1)));
    let days = [
        ("from", next.earliest),
        ("best", next.recommended.filter(|_| next.recommended != next.earliest)),
        ("late after", past_due),
        ("to", next.latest),
    ];
    let mut text = format!("session {}", next.number);
    if days.iter().all(|(_, day)| day.is_none()) {
        text.push_str(", any day");
    }
    if let Some(last) = next.after_complete {
        text.push_str(&format!(", in a new course after one completed by {last}"));
    }
    for (name, day) in days {
        text.push_str(&day.map_or_else(String::new, |day| format!(", {name} {day}")));
    }
    text
}

fn set_by(level: usize, by: &SetBy, page: &mut Page) {
    page.optional(level, "from, set by", by.earliest.as_ref());
    page.optional(level, "best, set by", by.recommended.as_ref());
    page.optional(level, "late, set by", by.past_due.as_ref());
}

fn component(part: &ComponentReport, page: &mut Page) {
    page.line(0, &format!("part {}", part.id), part.status.word());
    page.line(1, "course", &part.course);
    page.line(1, "chosen", part.chosen.word());
    let planned = part.planned_now.as_ref().map(|planned| match planned {
        PlannedNow::Yes => "yes",
        PlannedNow::No => "no",
        PlannedNow::Unknown => "unknown",
    });
    page.optional(1, "planned now", planned);
    page.line(1, "done", &part.done.to_string());
    counts(1, part.minimum, part.planned, part.maximum, page);
    page.optional(1, "beyond planned", part.beyond_planned.as_ref());
    page.optional(1, "next", part.next.as_ref().map(window));
    part.set_by.iter().for_each(|by| set_by(1, by, page));
    page.optional(1, "dates", part.provisional.then_some("the safest of several"));
}

fn settings(answer: &Recommendation, page: &mut Page) {
    let mut all: Vec<_> = answer.settings.iter().collect();
    all.sort_by_key(|setting| &setting.id);
    for setting in all {
        page.line(0, &setting.id, &setting.value);
        page.optional(1, "value", (!setting.known).then_some("none"));
        page.optional(1, "open", setting.provisional.then_some("yes"));
        page.optional(1, "bound", setting.bound.as_ref());
        setting.depends_on.iter().for_each(|fact| page.line(1, "depends on", fact));
        setting.limited_by.iter().for_each(|rule| page.line(1, "limited by", rule));
    }
}

fn instructions(answer: &Recommendation, page: &mut Page) {
    let mut all: Vec<_> = answer.instructions.iter().collect();
    all.sort_by_key(|one| (one.from_date, one.until_date, &one.id));
    for one in all {
        let days = match (one.from_date, one.until_date, &one.until) {
            (Some(from), Some(until), _) if from != until => format!("{from} to {until}"),
            (Some(from), ..) => from.to_string(),
            (None, _, Some(until)) => format!("{} to {until}", one.at),
            (None, _, None) => one.at.clone(),
        };
        page.line(0, &one.id, &days);
        page.optional(1, "applies", one.provisional.then_some("perhaps"));
    }
}

fn reasons(answer: &Recommendation, page: &mut Page) {
    let because = |facts: &[KnownFact], page: &mut Page| {
        for fact in facts {
            page.line(1, "because", &format!("{} = {}{}", fact.fact, fact.value, fact.remark(&ENGLISH)));
        }
    };
    let mut all: Vec<_> = answer.reasons.iter().collect();
    all.sort_by_key(|reason| (reason.leads_to, &reason.id));
    for reason in all {
        page.line(0, &reason.id, &format!("{}, leads to {}", reason.kind, reason.leads_to));
        page.optional(1, "not before", reason.not_before);
        for one in &reason.values {
            let day = one.not_before.map_or_else(String::new, |day| format!(", not before {day}"));
            page.line(1, "for", &format!("{}{day}", one.value));
        }
        because(&reason.because, page);
    }
    let mut all: Vec<_> = answer.precautions.iter().collect();
    all.sort_by_key(|precaution| &precaution.id);
    for precaution in all {
        page.line(0, &precaution.id, "precaution");
        because(&precaution.because, page);
    }
}

/// Which rules wait for which answer.
fn waits(answer: &Recommendation, page: &mut Page) {
    let mut all: Vec<_> = answer.questions.iter().collect();
    all.sort_by_key(|question| &question.fact);
    for question in all {
        rules(&question.fact, &question.rules, page);
    }
}

fn assumptions(answer: &Recommendation, page: &mut Page) {
    let mut all: Vec<_> = answer.assumptions.iter().collect();
    all.sort_by_key(|one| (&one.fact, &one.assumed, &one.rules));
    for one in all {
        rules(&format!("{} = {}", one.fact, one.assumed), &one.rules, page);
    }
}

/// What rules rest on or wait for, then the rules, each in a line.
fn rules(what: &str, rules: &[String], page: &mut Page) {
    page.line(0, what, "");
    let mut rules: Vec<&String> = rules.iter().collect();
    rules.sort_unstable();
    rules.into_iter().for_each(|rule| page.line(1, rule, ""));
}

/// Definitions and rules by name, then the course and the settings as they were worked out.
fn trace(trace: &Trace, page: &mut Page) {
    let column = if trace.depth == Depth::Full { OUTCOMES } else { TRUTHS };
    let parts: std::collections::BTreeSet<&str> =
        trace.nodes.iter().flat_map(|node| &node.operands).map(String::as_str).collect();
    let is_top =
        |node: &&TraceNode| trace.depth < Depth::Full || is_definition(node) || !parts.contains(node.id.as_str());
    let mut tops: Vec<&TraceNode> = trace.nodes.iter().filter(is_top).collect();
    tops.sort_by_key(|node| match node.id.split('.').next() {
        Some("definition") => (0, node.id.as_str()),
        Some("course") => (2, ""),
        _ if node.kind == StepKind::Date => (2, ""),
        Some("setting") => (3, ""),
        _ => (1, node.id.as_str()),
    });
    tops.iter().for_each(|top| tree(trace, top, &[], column, page));
    let mut others: Vec<String> = trace
        .not_holding
        .iter()
        .flat_map(|group| group.rules.iter().map(move |rule| format!("{}.{rule}", group.kind)))
        .collect();
    others.sort_unstable();
    others.iter().for_each(|rule| page.outcome(0, column, "no", rule));
}

fn is_definition(node: &TraceNode) -> bool {
    node.id.strip_prefix("definition.").is_some_and(|name| !name.contains('.'))
}

/// A node and its parts, below what they are parts of.
fn tree(trace: &Trace, node: &TraceNode, above: &[&str], column: usize, page: &mut Page) {
    let level = above.len();
    // A part of an expression is known by its text; anything else has a name of its own.
    let is_part = above.last().is_some_and(|whole| node.id.starts_with(whole));
    let mut text = match &node.text {
        Some(text) if !is_part => format!("{}: {text}", node.id),
        Some(text) => text.clone(),
        None => node.id.clone(),
    };
    if let (Some(session), true) = (node.session(), is_part) {
        text.insert_str(0, &format!("session of {session}: "));
    }
    text.push_str(&node.remarks(&ENGLISH));
    page.outcome(level, column, &node.outcome.to_string(), &text);
    for unknown in &node.unknown {
        page.outcome(level + 1, column, "waits for", &format!("{} ({})", unknown.fact, why(&unknown.why)));
    }
    if trace.depth == Depth::Full {
        let above = [above, &[node.id.as_str()]].concat();
        for operand in &node.operands {
            // A definition stands by itself, once.
            if let Some(part) = trace.nodes.iter().find(|other| other.id == *operand && !is_definition(other)) {
                tree(trace, part, &above, column, page);
            }
        }
    }
}
