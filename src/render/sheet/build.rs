//! From a protocol to its sheet.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::{Block, Cell, Cites, Point, Section, Sheet, SourceLine, capital, course, properties, sentence};
use crate::date::Duration;
use crate::english::{English, list};
use crate::lang::{Expr, Type};
use crate::protocol::Protocol;
use crate::protocol::dictionary::{Answer, Validity};
use crate::protocol::file::FactType;
use crate::protocol::model::{
    Action, Evidence, Instruction, Lasts, Outcome, ProtocolStatus, Rule, RuleKind, Safer, Template,
};
use crate::speech::Speech;

/// What the making of a sheet needs at every step: the words, and the numbers of the sources in the order of their first use.
pub(super) struct Builder<'a> {
    pub(super) protocol: &'a Protocol,
    pub(super) english: English<'a>,
    cited: Vec<usize>,
}

/// The sheet of a protocol.
#[must_use]
pub fn sheet(protocol: &Protocol) -> Sheet {
    let mut builder = Builder { protocol, english: protocol.english(), cited: Vec::new() };
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
        title: protocol.title.clone(),
        warning: warning(protocol.status),
        about: about(protocol),
        sections,
        sources: builder.sources(),
        origin: format!(
            "Made by regimen {} from protocol {} {} (SHA-256 {}). The protocol file is authoritative.",
            env!("CARGO_PKG_VERSION"),
            protocol.id,
            protocol.version,
            protocol.sha256
        ),
    }
}

fn warning(status: ProtocolStatus) -> Option<String> {
    match status {
        ProtocolStatus::Draft => Some("Draft: not for use with patients.".into()),
        ProtocolStatus::Retired => Some("Retired: no longer in use.".into()),
        ProtocolStatus::Active => None,
    }
}

fn about(protocol: &Protocol) -> Vec<(&'static str, String)> {
    let in_force = match protocol.in_force_until {
        Some(until) => format!("{} to {until}", protocol.in_force_from),
        None => format!("from {}", protocol.in_force_from),
    };
    let status = match protocol.status {
        ProtocolStatus::Draft => "draft",
        ProtocolStatus::Active => "active",
        ProtocolStatus::Retired => "retired",
    };
    let mut about = vec![
        ("Version", protocol.version.clone()),
        ("Status", status.into()),
        ("In force", in_force),
        ("Review by", protocol.review_by.to_string()),
        ("Owner", protocol.owner.clone()),
        ("Treatment", protocol.treatment.clone()),
        ("Category", protocol.category.word().into()),
    ];
    if protocol.language != "en" {
        about.push(("Language", protocol.language.clone()));
    }
    about
}

pub(super) fn section(title: &str, lead: &str, blocks: Vec<Block>) -> Section {
    Section { title: title.into(), lead: lead.into(), blocks }
}

/// A list, or nothing where there is no point.
pub(super) fn points(points: Vec<Point>) -> Option<Block> {
    (!points.is_empty()).then_some(Block::Points(points))
}

impl Builder<'_> {
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
    fn speech(&self) -> &'static Speech {
        Speech::of(&self.protocol.language)
    }

    pub(super) fn text_with(&self, english: &English<'_>, text: &Template) -> String {
        text.fill(|body| match self.protocol.program.node(last(body)).expr {
            Expr::Parameter(at) => {
                let parameter = &self.protocol.parameters[usize::from(at)];
                let choices = english.choices_of(&parameter.ty);
                let value = parameter.say(parameter.value, &choices, &self.protocol.program, self.speech());
                format!("{value} ({})", parameter.in_words())
            }
            _ => english.value(last(body)),
        })
    }

    fn point(&mut self, rule: &Rule, lead: String, text: String, notes: Vec<String>) -> Point {
        let cites = self.cite(&rule.sources, Some(rule.evidence));
        let notes =
            notes.into_iter().chain(rule.note.as_ref().map(|note| format!("Note: {}", sentence(note)))).collect();
        // What is nested or long is a list under what else stands out.
        let listed = rule.when.and_then(|when| self.english.condition_list(when));
        let (lead, conditions) = match (listed, rule.not_before()) {
            (Some((above, conditions)), None) => (capital(above), conditions),
            (Some((above, conditions)), Some(date)) => {
                (format!("Not before {}, if {}", self.english.value(date), holding(above)), conditions)
            }
            (None, _) => (lead, Vec::new()),
        };
        Point { lead, text, conditions, notes, cites, id: rule.id.clone() }
    }

    fn when(&self, rule: &Rule) -> String {
        rule.when.map_or_else(|| "Always".into(), |when| capital(&self.english.condition(when)))
    }

    fn indications(&mut self) -> Section {
        let mut out = Vec::new();
        for rule in self.protocol.rules_of(RuleKind::Indication) {
            let Action::Indicate { otherwise, instead } = &rule.action else { continue };
            let mut notes = vec![format!("Otherwise: {}", self.sentence(otherwise))];
            if rule.reason != *otherwise {
                notes.insert(0, self.sentence(&rule.reason));
            }
            if !instead.is_empty() {
                notes.push(format!("Consider instead: {}", instead.join(", ")));
            }
            let point = self.point(rule, self.when(rule), String::new(), notes);
            out.push(point);
        }
        section("Who may be treated", "All of these must hold.", points(out).into_iter().collect())
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
                    let notes = until.iter().map(|until| format!("Until {}", self.text(until))).collect();
                    let point = self.point(rule, self.when(rule), self.sentence(&rule.reason), notes);
                    out.push(point);
                }
            }
            if let Some(list) = points(out) {
                blocks.extend([Block::Heading(title.into()), list]);
            }
        }
        section("Who must not be treated", "Any one of these is enough.", blocks)
    }

    fn deferrals(&mut self) -> Section {
        let mut out = Vec::new();
        for rule in self.protocol.rules_of(RuleKind::Deferral) {
            let Action::Defer { not_before, until, recheck, may_override } = &rule.action else { continue };
            let wait = not_before.map(|date| format!("not before {}", self.english.value(date)));
            let lead = match (rule.when, wait) {
                (Some(when), Some(wait)) => capital(&format!("{}: {wait}", self.english.condition(when))),
                (Some(when), None) => capital(&self.english.condition(when)),
                (None, Some(wait)) => capital(&wait),
                (None, None) => "Always".into(),
            };
            let mut notes: Vec<String> = until.iter().map(|until| format!("Until {}", self.text(until))).collect();
            notes.extend(recheck.map(|date| format!("Reassess: {}", self.english.value(date))));
            notes.extend(may_override.as_ref().map(|(by, down_to)| {
                let down_to = down_to.as_ref().map_or_else(String::new, |down_to| format!(", down to {down_to}"));
                format!("May be shortened by: {}{down_to}", self.text(by))
            }));
            let point = self.point(rule, lead, self.sentence(&rule.reason), notes);
            out.push(point);
        }
        let lead = "Do not treat today. A date is the first permitted day; of several, the latest applies.";
        section("When to wait", lead, points(out).into_iter().collect())
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
        section("Who decides", "A named role decides whether to treat.", blocks.collect())
    }

    fn precautions(&mut self) -> Section {
        let mut out = Vec::new();
        for rule in self.protocol.rules_of(RuleKind::Precaution) {
            let Action::Precaution { action, limits } = &rule.action else { continue };
            let mut notes = vec![self.sentence(&rule.reason)];
            for (at, quantity) in limits {
                let setting = &self.protocol.settings[*at];
                let bound = if setting.safer == Safer::Lower { "at most" } else { "at least" };
                let limit = self.quantity(&self.english, quantity, setting.unit.as_deref());
                notes.push(format!("{}: {bound} {limit}", self.text(&setting.label)));
            }
            let point = self.point(rule, self.when(rule), self.sentence(action), notes);
            out.push(point);
        }
        section("Precautions", "All that apply must be followed.", points(out).into_iter().collect())
    }

    fn completions(&mut self) -> Section {
        let mut blocks = Vec::new();
        let kinds = [(Outcome::Complete, "Complete"), (Outcome::Stopped, "Stopped: no benefit, or harm")];
        for (wanted, title) in kinds {
            let mut out = Vec::new();
            for rule in self.protocol.rules_of(RuleKind::Completion) {
                let Action::Complete { outcome, then } = &rule.action else { continue };
                if *outcome == wanted {
                    let notes = then.iter().map(|then| format!("Then: {}", self.sentence(then))).collect();
                    let point = self.point(rule, self.when(rule), self.sentence(&rule.reason), notes);
                    out.push(point);
                }
            }
            if let Some(list) = points(out) {
                blocks.extend([Block::Heading(title.into()), list]);
            }
        }
        section("When the course ends", "Any one of these ends the course.", blocks)
    }

    fn instructions(&mut self) -> Section {
        let mut all: Vec<&Instruction> = self.protocol.instructions.iter().collect();
        let order = |length: Duration| i64::from(length.months) * 31 + i64::from(length.days);
        all.sort_by_key(|one| (order(one.at), one.until.map_or(order(one.at), order)));
        let mut blocks = Vec::new();
        let parts = [("Before", Ordering::Less), ("On the day", Ordering::Equal), ("After", Ordering::Greater)];
        for (title, part) in parts {
            let mut rows = Vec::new();
            for one in all.iter().filter(|one| order(one.at).cmp(&0) == part) {
                let whom = one.when.map_or_else(|| "everyone".into(), |when| self.english.condition(when));
                let who = if one.audience.is_patient() { "Patient" } else { "Clinic" };
                let cites = self.cite(&one.sources, Some(one.evidence));
                rows.push(vec![
                    Cell::from(capital(&span(one.at, one.until))),
                    Cell::from(who.to_owned()),
                    Cell { text: self.text(&one.action), cites, id: one.id.clone() },
                    Cell::from(capital(&whom)),
                ]);
            }
            if !rows.is_empty() {
                let head = ["When", "Who", "What", "For which patients"].map(String::from).to_vec();
                blocks.extend([Block::Heading(title.into()), Block::Table(head, rows)]);
            }
        }
        section("Before and after", "Counted from the day of the session.", blocks)
    }

    fn red_flags(&mut self) -> Section {
        let mut rows = Vec::new();
        for flag in &self.protocol.red_flags {
            let cites = self.cite(&flag.sources, Some(flag.evidence));
            let within =
                flag.within.as_ref().map_or_else(String::new, |within| format!("within {}", self.text(within)));
            rows.push(vec![
                Cell::from(self.text(&flag.sign)),
                Cell { text: self.text(&flag.action), cites, id: flag.id.clone() },
                Cell::from(within),
            ]);
        }
        let mut head = ["Sign", "What to do", "How soon"].map(String::from).to_vec();
        // A column in which nothing stands looks as if something had been forgotten.
        if self.protocol.red_flags.iter().all(|flag| flag.within.is_none()) {
            head.pop();
            rows.iter_mut().for_each(|row: &mut Vec<Cell>| row.truncate(head.len()));
        }
        let blocks = if rows.is_empty() { Vec::new() } else { vec![Block::Table(head, rows)] };
        section("Red flags", "Signs that need action.", blocks)
    }

    fn parameters(&mut self) -> Section {
        let mut rows = Vec::new();
        for one in &self.protocol.parameters {
            let show = |value| self.protocol.program.show(value, &one.ty);
            let range =
                one.range.map_or_else(String::new, |(least, most)| format!("{} to {}", show(least), show(most)));
            let value = one.say(one.value, &self.english.choices_of(&one.ty), &self.protocol.program, self.speech());
            let cites = self.cite(&one.sources, None);
            rows.push(vec![
                Cell { id: one.name.clone(), ..Cell::from(one.in_words()) },
                Cell::from(value),
                Cell::from(range),
                Cell { text: one.note.clone().unwrap_or_default(), cites, ..Cell::default() },
            ]);
        }
        let head = ["Name", "Value", "Range", "Note"].map(String::from).to_vec();
        let blocks = if rows.is_empty() { Vec::new() } else { vec![Block::Table(head, rows)] };
        section(
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
                    Point { lead, text: format!("when {}:", holding(above)), conditions, id, ..point }
                }
                None if condition => {
                    Point { lead, text: format!("when {}", self.english.value(one.root)), id, ..point }
                }
                None => Point { lead, text: self.english.value(one.root), id, ..point },
            }
        });
        let blocks = points(rows.collect()).into_iter().collect();
        section("Definitions", "Names used in the rules above.", blocks)
    }

    fn questions(&mut self) -> Section {
        let mut facts: Vec<usize> = self.protocol.facts.clone();
        facts.sort_unstable();
        let rows: Vec<Vec<Cell>> = facts
            .into_iter()
            .map(|at| {
                let fact = &self.protocol.dictionary.facts[at];
                let valid = match fact.valid_for {
                    Validity::Forever => "indefinitely".into(),
                    Validity::For(duration) => duration.to_string(),
                    Validity::Visit => "this visit".into(),
                    Validity::Session => "until the next session".into(),
                };
                let mut answers = answers(&fact.answer, fact.may_be_never, fact.past);
                let name = Cell { id: fact.name.clone(), ..Cell::from(fact.in_words()) };
                let conditions = &self.protocol.conditions;
                let asked = conditions.asked.iter().find(|one| self.protocol.facts[usize::from(one.fact.0)] == at);
                if let Some(asked) = asked {
                    let when = self.of_conditions().condition(asked.when.root);
                    let otherwise = conditions.program.show(asked.otherwise, &fact.answer.ty);
                    answers.push_str(&format!("; asked when {when}, otherwise {otherwise}"));
                }
                if fact.modifiable {
                    answers.push_str("; can be changed");
                }
                let rest = [fact.ask.clone(), answers, fact.of.word().into(), valid].map(Cell::from);
                [name].into_iter().chain(rest).collect()
            })
            .collect();
        let head = ["Name", "Question", "Answers", "Who answers", "Answer valid for"].map(String::from).to_vec();
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
                vec![name, Cell::from(answers(&note.answer, false, false))]
            })
            .collect();
        if !rows.is_empty() {
            let head = ["Name", "Values"].map(String::from).to_vec();
            blocks.extend([Block::Heading("Recorded for each session".into()), Block::Table(head, rows)]);
        }
        let contradictions = self.protocol.conditions.contradictions.iter().map(|one| {
            let when = capital(&self.of_conditions().condition(one.when.root));
            vec![Cell::from(when), Cell::from(one.say.clone())]
        });
        let contradictions: Vec<Vec<Cell>> = contradictions.collect();
        if !contradictions.is_empty() {
            let head = ["When", "What does not fit together"].map(String::from).to_vec();
            blocks.extend([
                Block::Heading("Answers that contradict each other".into()),
                Block::Table(head, contradictions),
            ]);
        }
        section("Questions", "A patient is asked only what can still change the answer.", blocks)
    }

    /// The words for the conditions of the dictionary.
    fn of_conditions(&self) -> English<'_> {
        English { program: &self.protocol.conditions.program, ..self.english.clone() }
    }
}

/// The whole of an expression: its last node.
pub(super) fn last(nodes: &std::ops::Range<u32>) -> crate::lang::ExprId {
    crate::lang::ExprId(nodes.end - 1)
}

/// `any of these holds`, `all of these hold`
fn holding(above: &str) -> String {
    format!("{above} {}", if above.starts_with("any") { "holds" } else { "hold" })
}

/// The answers that are permitted.
fn answers(answer: &Answer, may_be_never: bool, past: bool) -> String {
    let mut text = match answer.declared {
        FactType::Bool => "yes or no".to_owned(),
        FactType::Integer => "a whole number".to_owned(),
        FactType::Decimal => "a number".to_owned(),
        FactType::Text => "text".to_owned(),
        FactType::Date if past => "a date, not in the future".to_owned(),
        FactType::Date => "a date".to_owned(),
        FactType::Choice => list(&answer.choices_in_words(), "or"),
        FactType::Set => format!("any of {}", answer.choices_in_words().join(", ")),
    };
    if let Some((least, most)) = answer.range {
        text.push_str(&format!(", {least} to {most}"));
    }
    if let Type::Number { unit: Some(unit), .. } = &answer.ty {
        text.push_str(&format!(" {unit}"));
    }
    if let Some(decimals) = answer.decimals {
        text.push_str(&format!(", at most {decimals} decimal{}", if decimals == 1 { "" } else { "s" }));
    }
    if may_be_never { text + ", or never" } else { text }
}

/// `14 days before, until the day`; `day 1 to day 3`.
fn span(at: Duration, until: Option<Duration>) -> String {
    let day = |length: Duration| match (length.months, length.days) {
        (0, 0) => "the day".to_owned(),
        (0, days) if days < 0 => format!("{} before", length.negated()),
        (0, days) => format!("day {days}"),
        (months, _) if months < 0 => format!("{} before", length.negated()),
        _ => format!("{length} after"),
    };
    match until {
        Some(until) if until != at && at < Duration::default() => format!("{}, until {}", day(at), day(until)),
        Some(until) if until != at => format!("{} to {}", day(at), day(until)),
        _ => day(at),
    }
}
