//! From a protocol to its sheet.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::{Block, Cell, Cites, Point, Section, Sheet, SourceLine, capital, course, properties, sentence};
use crate::date::Duration;
use crate::english::{English, list, say};
use crate::lang::{Expr, Type};
use crate::protocol::Protocol;
use crate::protocol::dictionary::{Answer, Validity};
use crate::protocol::file::FactType;
use crate::protocol::model::{
    Action, Evidence, Instruction, Lasts, Length, Offset, Outcome, Rule, RuleKind, Safer, Template,
};
use crate::speech::Speech;

/// What the making of a sheet needs at every step: the words, and the numbers of the sources in the order of their first use.
pub(super) struct Builder<'a> {
    pub(super) protocol: &'a Protocol,
    pub(super) english: English<'a>,
    cited: Vec<usize>,
}

/// The sheet of a protocol, in the language of its texts as far as there are words for it, else with English words around them.
#[must_use]
pub fn sheet(protocol: &Protocol) -> Sheet {
    sheet_in(protocol, Speech::of(&protocol.language))
}

pub(super) fn sheet_in(protocol: &Protocol, speech: &'static Speech) -> Sheet {
    let mut builder = Builder { protocol, english: English { speech, ..protocol.english() }, cited: Vec::new() };
    let sections = [
        builder.indications(),
        builder.contraindications(),
        builder.deferrals(),
        builder.referrals(),
        builder.precautions(),
        course::course(&mut builder),
        builder.completions(),
        builder.settings(),
        builder.instructions(),
        builder.red_flags(),
        properties::properties(&mut builder),
        builder.parameters(),
        builder.definitions(),
        builder.questions(),
    ];
    let sections = sections.into_iter().filter(|section| !section.blocks.is_empty()).collect();
    Sheet {
        language: builder.speech().code.to_owned(),
        title: protocol.title.clone(),
        warning: builder.warning(),
        about: builder.about(),
        sections,
        sources: builder.sources(),
        origin: builder.say(
            "Made by regimen {} from protocol {} {} (SHA-256 {}). The protocol file is authoritative.",
            &[env!("CARGO_PKG_VERSION"), &protocol.id, &protocol.version, &protocol.sha256],
        ),
    }
}

/// A list, or nothing where there is no point.
pub(super) fn points(points: Vec<Point>) -> Option<Block> {
    (!points.is_empty()).then_some(Block::Points(points))
}

impl Builder<'_> {
    /// A phrase in the language of the sheet.
    pub(super) fn say(&self, phrase: &'static str, with: &[&str]) -> String {
        self.speech().say(phrase, with)
    }

    /// The head of a table.
    pub(super) fn head<const N: usize>(&self, titles: [&'static str; N]) -> Vec<String> {
        titles.map(|title| self.say(title, &[])).to_vec()
    }

    pub(super) fn heading(&self, title: &'static str) -> Block {
        Block::Heading(self.say(title, &[]))
    }

    pub(super) fn section(&self, title: &'static str, lead: &'static str, blocks: Vec<Block>) -> Section {
        Section { title: self.say(title, &[]), lead: self.say(lead, &[]), blocks }
    }

    /// The numbers of sources.
    pub(super) fn cite(&mut self, sources: &[usize], evidence: Option<Evidence>) -> Cites {
        let numbers = sources.iter().map(|source| match self.cited.iter().position(|known| known == source) {
            Some(at) => at + 1,
            None => {
                self.cited.push(*source);
                self.cited.len()
            }
        });
        Cites { numbers: numbers.collect(), evidence }
    }

    /// What is cited, then the rest.
    fn sources(&self) -> Vec<SourceLine> {
        let rest = (0..self.protocol.sources.len()).filter(|at| !self.cited.contains(at));
        let line = |at: usize| {
            let source = &self.protocol.sources[at];
            let year = source.year.filter(|year| !source.title.contains(&year.to_string()));
            let year = year.map_or_else(String::new, |year| format!(" ({year})"));
            SourceLine { title: format!("{}{year}", source.title), url: source.url.clone(), evidence: source.evidence }
        };
        self.cited.iter().copied().chain(rest).map(line).collect()
    }

    /// A text of the protocol: a parameter with what it is set to and its name, under which it can be changed; all else by its name.
    pub(super) fn text(&self, text: &Template) -> String {
        self.text_with(&self.english, text)
    }

    pub(super) fn sentence(&self, text: &Template) -> String {
        sentence(&self.text(text))
    }

    /// The words for values in the language of the texts.
    pub(super) fn speech(&self) -> &'static Speech {
        self.english.speech
    }

    pub(super) fn text_with(&self, english: &English<'_>, text: &Template) -> String {
        text.fill(|body| match self.protocol.program.node(last(body)).expr {
            Expr::Parameter(at) => {
                let parameter = &self.protocol.parameters[usize::from(at)];
                let choices = english.choices_of(&parameter.ty);
                let value = say(parameter.value, &parameter.ty, &choices, &self.protocol.program.texts, self.speech());
                format!("{value} ({})", parameter.in_words())
            }
            _ => english.value(last(body)),
        })
    }

    fn point(&mut self, rule: &Rule, lead: String, text: String, notes: Vec<String>) -> Point {
        let cites = self.cite(&rule.sources, Some(rule.evidence));
        let notes =
            notes.into_iter().chain(rule.note.as_ref().map(|note| self.say("Note: {}", &[&sentence(note)]))).collect();
        // What is nested or long is a list under what else stands out.
        let listed = rule.when.and_then(|when| self.english.condition_list(when));
        let (lead, conditions) = match (listed, rule.not_before()) {
            (Some((above, conditions)), None) => (above, conditions),
            (Some((above, conditions)), Some(date)) => {
                let wait = self.say("not before {}", &[&self.english.first_day(date)]);
                (self.say("{}, if {}", &[&wait, &self.holding(&above)]), conditions)
            }
            (None, _) => (lead, Vec::new()),
        };
        let (lead, conditions) = match &rule.label {
            Some(label) => (capital(label), self.under_label(rule, lead, conditions)),
            None => (capital(&lead), conditions),
        };
        Point { lead, text, conditions, notes, cites, id: rule.id.clone() }
    }

    fn when(&self, rule: &Rule) -> String {
        rule.when.map_or_else(|| self.say("always", &[]), |when| self.english.condition(when))
    }

    fn indications(&mut self) -> Section {
        let mut out = Vec::new();
        for rule in self.protocol.rules_of(RuleKind::Indication) {
            let Action::Indicate { otherwise, instead } = &rule.action else { continue };
            let mut notes = vec![self.say("Otherwise: {}", &[&self.sentence(otherwise)])];
            if rule.reason != *otherwise {
                notes.insert(0, self.sentence(&rule.reason));
            }
            if !instead.is_empty() {
                notes.push(
                    self.say("Consider instead: {}", &[&self.protocol.dictionary.names.titles(instead).join(", ")]),
                );
            }
            let point = self.point(rule, self.when(rule), String::new(), notes);
            out.push(point);
        }
        self.section("Who may be treated", "All of these must hold.", points(out).into_iter().collect())
    }

    fn contraindications(&mut self) -> Section {
        let mut blocks = Vec::new();
        for (wanted, title) in
            [(Lasts::Permanent, "Permanent contraindications"), (Lasts::WhileTrue, "Temporary contraindications")]
        {
            let mut out = Vec::new();
            for rule in self.protocol.rules_of(RuleKind::Contraindication) {
                let Action::Contraindicate { lasts, until } = &rule.action else { continue };
                if *lasts == wanted {
                    let notes = until.iter().map(|until| self.say("Until {}", &[&self.text(until)])).collect();
                    let point = self.point(rule, self.when(rule), self.sentence(&rule.reason), notes);
                    out.push(point);
                }
            }
            if let Some(list) = points(out) {
                blocks.extend([self.heading(title), list]);
            }
        }
        self.section("Who must not be treated", "Any one of these is enough.", blocks)
    }

    fn deferrals(&mut self) -> Section {
        let mut out = Vec::new();
        for rule in self.protocol.rules_of(RuleKind::Deferral) {
            let Action::Defer { not_before, until, recheck, may_override } = &rule.action else { continue };
            let wait = not_before.map(|date| self.say("not before {}", &[&self.english.first_day(date)]));
            let lead = match (rule.when, wait) {
                (Some(when), Some(wait)) => self.say("{}, if {}", &[&wait, &self.english.circumstance(when)]),
                (Some(when), None) => self.english.condition(when),
                (None, Some(wait)) => wait,
                (None, None) => self.say("always", &[]),
            };
            let mut notes: Vec<String> = until.iter().map(|until| self.say("Until {}", &[&self.text(until)])).collect();
            notes.extend(recheck.map(|date| self.say("Reassess: {}", &[&self.english.value(date)])));
            notes.extend(may_override.as_ref().map(|(by, down_to)| {
                let down_to = down_to.map(|length| self.say(", down to {}", &[&self.length(length)]));
                self.say("May be shortened by: {}{}", &[&self.text(by), &down_to.unwrap_or_default()])
            }));
            let point = self.point(rule, lead, self.sentence(&rule.reason), notes);
            out.push(point);
        }
        let lead = "Do not treat today. A date is the first permitted day; of several, the latest applies.";
        self.section("When to wait", lead, points(out).into_iter().collect())
    }

    fn referrals(&mut self) -> Section {
        let mut roles: Vec<(String, Vec<Point>)> = Vec::new();
        for rule in self.protocol.rules_of(RuleKind::Referral) {
            let Action::Refer { to } = &rule.action else { continue };
            let point = self.point(rule, self.when(rule), self.sentence(&rule.reason), Vec::new());
            let to = self.text(to);
            match roles.iter_mut().find(|(role, _)| *role == to) {
                Some((_, points)) => points.push(point),
                None => roles.push((to, vec![point])),
            }
        }
        let blocks =
            roles.into_iter().flat_map(|(role, points)| [Block::Heading(capital(&role)), Block::Points(points)]);
        self.section("Who decides", "A named role decides whether to treat.", blocks.collect())
    }

    fn precautions(&mut self) -> Section {
        let mut out = Vec::new();
        for rule in self.protocol.rules_of(RuleKind::Precaution) {
            let Action::Precaution { action, limits } = &rule.action else { continue };
            let mut notes = vec![self.sentence(&rule.reason)];
            for (at, quantity) in limits {
                let setting = &self.protocol.settings[*at];
                let phrase = if setting.safer == Safer::Lower { "{}: at most {}" } else { "{}: at least {}" };
                let limit = self.quantity(&self.english, quantity, setting.unit.as_deref());
                notes.push(self.say(phrase, &[&self.text(&setting.label), &limit]));
            }
            let point = self.point(rule, self.when(rule), self.sentence(action), notes);
            out.push(point);
        }
        self.section("Precautions", "All that apply must be followed.", points(out).into_iter().collect())
    }

    fn completions(&mut self) -> Section {
        let mut blocks = Vec::new();
        let kinds = [(Outcome::Complete, "Complete"), (Outcome::Stopped, "Stopped: no benefit, or harm")];
        for (wanted, title) in kinds {
            let mut out = Vec::new();
            for rule in self.protocol.rules_of(RuleKind::Completion) {
                let Action::Complete { outcome, then } = &rule.action else { continue };
                if *outcome == wanted {
                    let notes = then.iter().map(|then| self.say("Then: {}", &[&self.sentence(then)])).collect();
                    let point = self.point(rule, self.when(rule), self.sentence(&rule.reason), notes);
                    out.push(point);
                }
            }
            if let Some(list) = points(out) {
                blocks.extend([self.heading(title), list]);
            }
        }
        self.section("When the course ends", "Any one of these ends the course.", blocks)
    }

    fn instructions(&mut self) -> Section {
        let mut all: Vec<&Instruction> = self.protocol.instructions.iter().collect();
        let order = |offset: Offset| {
            let length = offset.declared();
            i64::from(length.months) * 31 + i64::from(length.days)
        };
        all.sort_by_key(|one| (order(one.at), one.until.map_or(order(one.at), order)));
        let mut blocks = Vec::new();
        let parts = [("Before", Ordering::Less), ("On the day", Ordering::Equal), ("After", Ordering::Greater)];
        for (title, part) in parts {
            let mut rows = Vec::new();
            for one in all.iter().filter(|one| order(one.at).cmp(&0) == part) {
                let whom = one.when.map_or_else(|| self.say("everyone", &[]), |when| self.english.condition(when));
                let who = if one.audience.is_patient() { "Patient" } else { "Clinic" };
                let cites = self.cite(&one.sources, Some(one.evidence));
                rows.push(vec![
                    Cell::from(capital(&self.span(one.at, one.until))),
                    Cell::from(self.say(who, &[])),
                    Cell { text: labelled(one.label.as_ref(), self.text(&one.action)), cites, id: one.id.clone() },
                    Cell::from(capital(&whom)),
                ]);
            }
            if !rows.is_empty() {
                let head = self.head(["When", "Who", "What", "For which patients"]);
                blocks.extend([self.heading(title), Block::Table(head, rows)]);
            }
        }
        self.section("Before and after", "Counted from the day of the session.", blocks)
    }

    fn red_flags(&mut self) -> Section {
        let mut rows = Vec::new();
        for flag in &self.protocol.red_flags {
            let cites = self.cite(&flag.sources, Some(flag.evidence));
            let within =
                flag.within.as_ref().map_or_else(String::new, |within| self.say("within {}", &[&self.text(within)]));
            rows.push(vec![
                Cell::from(self.text(&flag.sign)),
                Cell { text: self.text(&flag.action), cites, id: flag.id.clone() },
                Cell::from(within),
            ]);
        }
        let mut head = self.head(["Sign", "What to do", "How soon"]);
        // A column in which nothing stands looks as if something had been forgotten.
        if self.protocol.red_flags.iter().all(|flag| flag.within.is_none()) {
            head.pop();
            rows.iter_mut().for_each(|row: &mut Vec<Cell>| row.truncate(head.len()));
        }
        let blocks = if rows.is_empty() { Vec::new() } else { vec![Block::Table(head, rows)] };
        self.section("Red flags", "Signs that need action.", blocks)
    }

    fn parameters(&mut self) -> Section {
        let mut rows = Vec::new();
        for one in &self.protocol.parameters {
            let show = |value| self.english.shown(value, &one.ty);
            let range = one.range.map(|(least, most)| self.say("{} to {}", &[&show(least), &show(most)]));
            let choices = self.english.choices_of(&one.ty);
            let value = say(one.value, &one.ty, &choices, &self.protocol.program.texts, self.speech());
            let cites = self.cite(&one.sources, None);
            rows.push(vec![
                Cell { id: one.name.clone(), ..Cell::from(one.in_words()) },
                Cell::from(value),
                Cell::from(range.unwrap_or_default()),
                Cell { text: one.note.clone().unwrap_or_default(), cites, ..Cell::default() },
            ]);
        }
        let head = self.head(["Name", "Value", "Range", "Note"]);
        let blocks = if rows.is_empty() { Vec::new() } else { vec![Block::Table(head, rows)] };
        self.section(
            "Parameters the clinic may change",
            "Each within its range. They are changed in the protocol's file, by the names in small type.",
            blocks,
        )
    }

    fn definitions(&mut self) -> Section {
        let rows = self.protocol.definitions.iter().map(|one| {
            let condition = self.protocol.program.node(one.root).ty == Type::Bool;
            let lead = capital(&one.in_words());
            let (id, point) = (one.name.clone(), Point::default());
            match self.english.condition_list(one.root).filter(|_| condition) {
                Some((above, conditions)) => {
                    let text = self.say("when {}:", &[&self.holding(&above)]);
                    Point { lead, text, conditions, id, ..point }
                }
                None if condition => {
                    // "There has been a session" is when there has been one.
                    let when = self.english.circumstance(one.root);
                    let is_told = when == one.in_words();
                    let text = if is_told { String::new() } else { self.say("when {}", &[&when]) };
                    Point { lead, text, id, ..point }
                }
                None => match self.english.cases(one.root) {
                    Some(cases) => {
                        let text = self.say("the first of these that applies:", &[]);
                        Point { lead, text, conditions: cases.into_iter().map(|case| (0, case)).collect(), id, ..point }
                    }
                    None => Point { lead, text: self.english.value(one.root), id, ..point },
                },
            }
        });
        let blocks = points(rows.collect()).into_iter().collect();
        self.section("Definitions", "Names used in the rules above.", blocks)
    }

    fn questions(&mut self) -> Section {
        let mut facts: Vec<usize> = self.protocol.facts.clone();
        facts.sort_unstable();
        let rows: Vec<Vec<Cell>> = facts
            .into_iter()
            .map(|at| {
                let fact = &self.protocol.dictionary.facts[at];
                let valid = match fact.valid_for {
                    Validity::Forever => self.say("indefinitely", &[]),
                    Validity::For(duration) => self.speech().written(&duration.to_string()),
                    Validity::Visit => self.say("this visit", &[]),
                    Validity::Session => self.say("until the next session", &[]),
                };
                let mut answers = self.answers(&fact.answer, fact.may_be_never, fact.past);
                let name = Cell { id: fact.name.clone(), ..Cell::from(fact.in_words()) };
                let conditions = &self.protocol.conditions;
                let asked = conditions.asked.iter().find(|one| self.protocol.facts[usize::from(one.fact.0)] == at);
                if let Some(asked) = asked {
                    let when = self.of_conditions().circumstance(asked.when.root);
                    let otherwise = self.of_conditions().literal(asked.otherwise, &fact.answer.ty);
                    answers.push_str(&self.say("; asked when {}, otherwise {}", &[&when, &otherwise]));
                }
                if fact.modifiable {
                    answers.push_str(&self.say("; can be changed", &[]));
                }
                let rest = [fact.ask.clone(), answers, self.say(fact.of.word(), &[]), valid].map(Cell::from);
                [name].into_iter().chain(rest).collect()
            })
            .collect();
        let head = self.head(["Name", "Question", "Answers", "Who answers", "Answer valid for"]);
        let mut blocks = if rows.is_empty() { Vec::new() } else { vec![Block::Table(head, rows)] };
        let notes: BTreeSet<u16> = self
            .protocol
            .program
            .nodes
            .iter()
            .filter_map(|node| match node.expr {
                Expr::EndNote { note, .. } | Expr::SessionNote { note, .. } => Some(note),
                _ => None,
            })
            .chain(self.protocol.counter().map(|counter| counter.note))
            .collect();
        let rows: Vec<Vec<Cell>> = notes
            .into_iter()
            .map(|at| {
                let note = &self.protocol.dictionary.notes[usize::from(at)];
                let name = Cell { id: note.name.clone(), ..Cell::from(note.in_words()) };
                vec![name, Cell::from(self.answers(&note.answer, false, false))]
            })
            .collect();
        if !rows.is_empty() {
            let head = self.head(["Name", "Values"]);
            blocks.extend([self.heading("Recorded for each session"), Block::Table(head, rows)]);
        }
        let contradictions = self.protocol.conditions.contradictions.iter().map(|one| {
            let when = capital(&self.of_conditions().condition(one.when.root));
            vec![Cell::from(when), Cell::from(one.say.clone())]
        });
        let contradictions: Vec<Vec<Cell>> = contradictions.collect();
        if !contradictions.is_empty() {
            let head = self.head(["When", "What does not fit together"]);
            blocks.extend([self.heading("Answers that contradict each other"), Block::Table(head, contradictions)]);
        }
        self.section("Questions", "A patient is asked only what can still change the answer.", blocks)
    }

    /// The words for the conditions of the dictionary.
    fn of_conditions(&self) -> English<'_> {
        English { program: &self.protocol.conditions.program, ..self.english.clone() }
    }

    /// When a rule applies, under its label; nothing where the label says it already.
    fn under_label(&self, rule: &Rule, lead: String, conditions: Vec<(usize, String)>) -> Vec<(usize, String)> {
        let says_it = rule.label.as_ref().is_some_and(|label| label.to_lowercase() == lead.to_lowercase());
        if says_it && conditions.is_empty() {
            return conditions;
        }
        let is_whole = rule.not_before().is_some() || rule.when.is_none();
        let above = match rule.action.kind() {
            _ if is_whole => capital(&lead),
            RuleKind::Indication => self.say("Required: {}", &[&lead]),
            _ => self.say("When: {}", &[&lead]),
        };
        let colon = if conditions.is_empty() { "" } else { ":" };
        let mut all = vec![(0, format!("{above}{colon}"))];
        all.extend(conditions.into_iter().map(|(level, text)| (level + 1, text)));
        all
    }

    /// `any of these holds`, `all of these hold`
    pub(super) fn holding(&self, above: &str) -> String {
        let any = self.say("any of these", &[]);
        self.say(if above == any { "{} holds" } else { "{} hold" }, &[above])
    }

    /// The answers that are permitted.
    fn answers(&self, answer: &Answer, may_be_never: bool, past: bool) -> String {
        let choices = answer.choices_in_words();
        let mut text = match answer.declared {
            FactType::Bool => self.say("yes or no", &[]),
            FactType::Integer => self.say("a whole number", &[]),
            FactType::Decimal => self.say("a number", &[]),
            FactType::Text => self.say("text", &[]),
            FactType::Date if past => self.say("a date, not in the future", &[]),
            FactType::Date => self.say("a date", &[]),
            FactType::Choice => list(&choices, self.speech().or),
            FactType::Set => self.say("any of {}", &[&choices.join(", ")]),
        };
        if let Some((least, most)) = answer.range {
            text.push_str(&self.say(", {} to {}", &[&least.to_string(), &most.to_string()]));
        }
        if let Type::Number { unit: Some(unit), .. } = &answer.ty {
            text.push_str(&self.speech().length("", unit));
        }
        if let Some(decimals) = answer.decimals {
            let phrase = if decimals == 1 { ", at most {} decimal" } else { ", at most {} decimals" };
            text.push_str(&self.say(phrase, &[&decimals.to_string()]));
        }
        if may_be_never { text + self.say(", or never", &[]).as_str() } else { text }
    }

    /// `14 days before, until the day`; `day 1 to day 3`.
    fn span(&self, at: Offset, until: Option<Offset>) -> String {
        let length = |length: Duration| self.speech().written(&length.to_string());
        let day = |offset: Offset| match (offset.length, offset.declared()) {
            (Length::Parameter(..), _) if offset.is_before => self.say("{} before", &[&self.length(offset.length)]),
            (Length::Parameter(..), _) => self.say("{} after", &[&self.length(offset.length)]),
            (_, at) => match (at.months, at.days) {
                (0, 0) => self.say("the day", &[]),
                _ if at < Duration::default() => self.say("{} before", &[&length(at.negated())]),
                (0, days) if at.is_in_days() => self.say("day {}", &[&days.to_string()]),
                _ => self.say("{} after", &[&length(at)]),
            },
        };
        match until {
            Some(until) if until != at && at.declared() < Duration::default() => {
                self.say("{}, until {}", &[&day(at), &day(until)])
            }
            Some(until) if until != at => self.say("{} to {}", &[&day(at), &day(until)]),
            _ => day(at),
        }
    }
}

/// The whole of an expression: its last node.
pub(super) fn last(nodes: &std::ops::Range<u32>) -> crate::lang::ExprId {
    crate::lang::ExprId(nodes.end - 1)
}

/// What people read for something, and what is said of it.
pub(super) fn labelled(label: Option<&String>, text: String) -> String {
    label.map_or_else(|| text.clone(), |label| format!("{}: {text}", capital(label)))
}
