//! Looks for a patient who shows something, by trying on the patients of the cases the values at which expressions turn; and writes the case.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::cases::{Case, Cases};
use crate::coverage::ReadyCase;
use crate::coverage::observe::{Days, Observed};
use crate::coverage::probe::parts;
use crate::date::Date;
use crate::decide::Prepared;
use crate::diagnostic::Diagnostics;
use crate::document::{Data, Node, Notation, parse};
use crate::lang::{Expr, ExprId, FactId};
use crate::logic::turning::{Axis, Fixed, Turning};
use crate::logic::value::{TextId, Value, bits};
use crate::protocol::Protocol;
use crate::protocol::file::FactType;
use crate::protocol::load::read_file;
use crate::recommendation::Status;
use crate::trace::Depth;

/// On how many of the cases' patients values are tried.
const MOST_BASES: usize = 4;

/// How many combinations of values are tried on one patient.
const MOST_TRIES: usize = 4_000;

/// How many values of a fact are taken from the cases.
const MOST_VALUES: usize = 8;

/// How many patients on other days or with a session more are tried.
const MOST_OTHERS: usize = 500;

/// How many cases that looked right are written and answered before the search is given up.
const MOST_WRITTEN: usize = 40;

/// The patients of the cases, on whom values are tried.
pub(crate) struct Bases<'a> {
    protocol: &'a Protocol,
    bases: Vec<Base>,
}

/// The patient of a case.
struct Base {
    node: Node,
    /// The folder of the cases.
    folder: PathBuf,
    case: Case,
    /// Whether the case has sessions of the protocol's treatment.
    is_treated: bool,
    /// What is known of each fact.
    facts: Vec<Value>,
}

/// What is looked for.
pub(crate) struct Sought {
    /// The title of the case.
    pub(crate) title: String,
    /// The expressions whose facts are tried.
    pub(crate) roots: Vec<ExprId>,
    /// Whether answers are taken away, too.
    pub(crate) unknown: bool,
}

/// What is changed about a patient.
#[derive(Clone, Debug, Default)]
struct Changes {
    as_of: Option<Date>,
    /// Whether nobody knows of any sessions.
    unlisted: bool,
    /// A session more: of which treatment, and when.
    session: Option<(String, Date)>,
    facts: Vec<(FactId, Value)>,
}

impl<'a> Bases<'a> {
    pub(crate) fn new(protocol: &'a Protocol, cases: &[Case]) -> Bases<'a> {
        let mut bases: Vec<(bool, Base)> = Vec::new();
        let mut days = Days::new(protocol, Depth::Verdict);
        for case in cases {
            let mut untold = Diagnostics::default();
            let Some(source) = read_file(&case.path, &mut untold) else { continue };
            let node = parse(&source, Notation::Toml, &mut untold);
            let Some(prepared) = days.prepared(&case.request) else { continue };
            let Ok(answer) = prepared.recommend(&case.record) else { continue };
            // On somebody who may be treated, most shows.
            let is_free = matches!(answer.status, Status::Due | Status::Overdue);
            let is_treated = case.record.sessions.iter().any(|session| session.treatment == protocol.treatment);
            let folder = case.path.parent().map(PathBuf::from).unwrap_or_default();
            let facts = prepared.known(&case.record).facts;
            bases.push((is_free, Base { node, folder, case: case.clone(), is_treated, facts }));
        }
        bases.sort_by_key(|(is_free, _)| !is_free);
        Bases { protocol, bases: bases.into_iter().map(|(_, base)| base).collect() }
    }

    /// Whoever looks for several.
    pub(crate) fn finder(&self) -> Finder<'_, 'a> {
        let protocol = self.protocol;
        Finder {
            bases: self,
            protocol,
            reader: Cases::of(protocol),
            full: Days::new(protocol, Depth::Full),
            on_other_days: None,
        }
    }

    /// The values that the cases' patients have of a fact, each once.
    fn values_of(&self, fact: FactId) -> Vec<Value> {
        let mut values: Vec<Value> = Vec::new();
        for value in self.bases.iter().map(|base| base.facts[usize::from(fact.0)]) {
            if values.len() < MOST_VALUES && value != Value::Unknown && !values.contains(&value) {
                values.push(value);
            }
        }
        values
    }

    /// What the cases' patients answered together to whatever some expressions read, each once.
    fn answers_of(&self, protocol: &Protocol, roots: &[ExprId]) -> Vec<Vec<(FactId, Value)>> {
        let facts = facts_of(protocol, roots);
        let mut answers: Vec<Vec<(FactId, Value)>> = Vec::new();
        for base in &self.bases {
            let answer = facts.iter().map(|fact| (*fact, base.facts[usize::from(fact.0)])).collect();
            if !answers.contains(&answer) {
                answers.push(answer);
            }
        }
        answers
    }

    /// Some of the patients: as many of those who have been treated as of those who have not.
    fn some(&self) -> impl Iterator<Item = &Base> {
        let of = |is_treated: bool| self.bases.iter().filter(move |base| base.is_treated == is_treated);
        of(false).take(MOST_BASES).chain(of(true).take(MOST_BASES))
    }
}

/// Tries values on the patients.
pub(crate) struct Finder<'b, 'a> {
    bases: &'b Bases<'a>,
    protocol: &'a Protocol,
    reader: Cases<'a>,
    full: Days<'a>,
    /// Patients of cases, on other days or with a session more: made once, tried for everything that is sought.
    on_other_days: Option<Vec<(usize, Changes, Observed<'a>)>>,
}

/// Whether a patient shows what is sought.
type Shows<'s> = &'s mut dyn FnMut(&mut Observed<'_>) -> bool;

impl<'a> Finder<'_, 'a> {
    /// A case that shows what is sought: `shows` is asked of patients whose facts alone are changed, and at last of the whole answer to the case
    /// as it is written. None if none was found, which says nothing about whether there is one.
    pub(crate) fn find(&mut self, sought: &Sought, shows: Shows<'_>) -> Option<(ReadyCase, Observed<'a>)> {
        let found = self.on_other_facts(sought, shows);
        found.or_else(|| self.on_other_patients(sought, shows))
    }

    /// On patients whose facts alone are changed: to the values at which something turns, then to what the patients of other cases answered.
    fn on_other_facts(&mut self, sought: &Sought, shows: Shows<'_>) -> Option<(ReadyCase, Observed<'a>)> {
        let bases = self.bases;
        if sought.roots.is_empty() {
            return None;
        }
        let mut left = MOST_WRITTEN;
        for base in bases.some() {
            let Some(prepared) = self.full.prepared(&base.case.request) else { continue };
            let axes = axes(bases, prepared, sought);
            // Also as a patient of whom nobody knows whether there were sessions.
            for unlisted in [false, true].into_iter().take(1 + usize::from(sought.unknown)) {
                let as_it_is = unlisted.then(Vec::new);
                let all = as_it_is.into_iter().chain(combinations(&axes));
                let found = self.first_of(base, unlisted, all, (sought, &mut *shows), &mut left);
                if found.is_some() || left == 0 {
                    return found;
                }
            }
        }
        let answers = bases.answers_of(self.protocol, &sought.roots);
        let mut left = MOST_WRITTEN;
        for base in bases.bases.iter().take(MOST_TRIES / answers.len().max(1)) {
            let found = self.first_of(base, false, answers.iter().cloned(), (sought, &mut *shows), &mut left);
            if found.is_some() || left == 0 {
                return found;
            }
        }
        None
    }

    /// The first of several changes of a patient's facts that shows what is sought.
    fn first_of(
        &mut self,
        base: &Base,
        unlisted: bool,
        all: impl Iterator<Item = Vec<(FactId, Value)>>,
        (sought, shows): (&Sought, Shows<'_>),
        left: &mut usize,
    ) -> Option<(ReadyCase, Observed<'a>)> {
        let prepared = self.full.prepared(&base.case.request)?;
        let mut record = base.case.record.clone();
        if unlisted {
            record.sessions.clear();
            record.covers = crate::patient::Covers::default();
        }
        let mut observed = Observed::of_facts(self.protocol, prepared, prepared.known(&record));
        for facts in all {
            if *left > 0 && try_facts(&mut observed, &sought.roots, &facts, shows) {
                *left -= 1;
                let changes = Changes { unlisted, facts, ..Changes::default() };
                let found = self.write(base, &changes, sought, shows);
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }

    /// On patients on other days or with a session more; at last with another answer to one of the facts, too.
    fn on_other_patients(&mut self, sought: &Sought, shows: Shows<'_>) -> Option<(ReadyCase, Observed<'a>)> {
        let bases = self.bases;
        let mut others = match self.on_other_days.take() {
            Some(others) => others,
            None => self.others(),
        };
        let (mut found, mut left) = (None, MOST_WRITTEN);
        for (at, changes, observed) in &mut others {
            if left > 0 && found.is_none() && shows(observed) {
                left -= 1;
                found = self.write(&bases.bases[*at], changes, sought, shows);
            }
        }
        let mut left = MOST_WRITTEN;
        for (at, changes, observed) in others.iter_mut().filter(|_| !sought.roots.is_empty()) {
            let request = observed.answered.as_ref().map(|answered| answered.request.clone());
            let prepared = request.as_ref().and_then(|request| self.full.prepared(request));
            let Some(axes) = prepared.map(|prepared| axes(bases, prepared, sought)).filter(|_| found.is_none()) else {
                continue;
            };
            // As long as only facts are tried, there is no answer to compare.
            let answered = observed.answered.take();
            for facts in singles(&axes) {
                if left > 0 && found.is_none() && try_facts(observed, &sought.roots, &facts, shows) {
                    left -= 1;
                    let changes = Changes { facts, ..changes.clone() };
                    found = self.write(&bases.bases[*at], &changes, sought, shows);
                }
            }
            try_facts(observed, &sought.roots, &[], &mut |_| false);
            observed.answered = answered;
        }
        self.on_other_days = Some(others);
        found
    }

    /// Patients of cases on the days on which something of the course turns and on those beside them; and with a session on such a day, or of
    /// a treatment that a distance is kept from.
    fn others(&mut self) -> Vec<(usize, Changes, Observed<'a>)> {
        let bases = self.bases;
        let mut found = Vec::new();
        let all = bases.bases.iter().enumerate();
        let (treated, untreated): (Vec<_>, Vec<_>) = all.partition(|(_, base)| base.is_treated);
        for (at, base) in treated.into_iter().take(MOST_BASES * 3).chain(untreated.into_iter().take(MOST_BASES)) {
            let as_of = base.case.request.as_of;
            let last = base.case.record.sessions.iter().map(|session| session.date.last).max();
            let mut tried: Vec<Changes> = Vec::new();
            for day in self.days_of(base).into_iter().filter(|day| Some(*day) >= last) {
                tried.push(Changes { as_of: Some(day), ..Changes::default() });
                let session = Some((self.protocol.treatment.clone(), day));
                tried.push(Changes { as_of: Some(day.plus_days(1).max(as_of)), session, ..Changes::default() });
            }
            for separation in &self.protocol.separations {
                let own =
                    base.case.record.sessions.iter().filter(|session| session.treatment == self.protocol.treatment);
                let kept_from = own.map(|session| session.date.first).max().into_iter().chain([as_of]);
                let wait = separation.minimum.with(&[]).negated();
                for day in kept_from.flat_map(|day| [-1, 0, 1].map(|days| (day + wait).plus_days(days))) {
                    if let Some(other) = separation.from.first().filter(|_| day <= as_of) {
                        tried.push(Changes { session: Some((other.clone(), day)), ..Changes::default() });
                    }
                }
            }
            for changes in tried {
                if found.len() >= MOST_OTHERS {
                    return found;
                }
                let Some(text) = self.text(base, &changes, "somebody else", Status::Due) else { continue };
                let Ok((case, _)) = self.reader.read_text(&base.folder.join("somebody-else.toml"), &text) else {
                    continue;
                };
                let Some(observed) = self.full.observe(&case.request, &case.record) else { continue };
                found.push((at, changes, observed));
            }
        }
        found
    }

    /// The days on which something of the course of a case turns, and those beside them.
    fn days_of(&mut self, base: &Base) -> BTreeSet<Date> {
        let Some(observed) = self.full.observe(&base.case.request, &base.case.record) else { return BTreeSet::new() };
        let nodes = observed.answer().into_iter().flat_map(|answer| &answer.trace.nodes);
        let dates = nodes.filter_map(|node| Some(node.derived.as_ref()?.date)).filter(|day| !day.is_never());
        dates.flat_map(|day| [-1, 0, 1].map(|days| day.plus_days(days))).collect()
    }

    /// Writes the case, reads it as any other, and asks whether it shows what is sought.
    fn write(
        &mut self,
        base: &Base,
        changes: &Changes,
        sought: &Sought,
        shows: Shows<'_>,
    ) -> Option<(ReadyCase, Observed<'a>)> {
        let name = file_name(&sought.title);
        // What it expects is not known before it has been answered.
        let draft = self.text(base, changes, &sought.title, Status::Due)?;
        let (case, _) = self.reader.read_text(&base.folder.join(&name), &draft).ok()?;
        let mut observed = self.full.observe(&case.request, &case.record)?;
        if !shows(&mut observed) {
            return None;
        }
        let status = observed.answer()?.status;
        let (patient, text) = (self.words(base, changes), self.text(base, changes, &sought.title, status)?);
        Some((ReadyCase { name, patient, text }, observed))
    }
    fn text(&self, base: &Base, changes: &Changes, title: &str, status: Status) -> Option<String> {
        let as_of = changes.as_of.unwrap_or(base.case.request.as_of);
        let mut text = format!("title  = {}\nas_of  = {as_of}\n", quoted(title));
        for (key, node) in base.node.entries() {
            let is_replaced = changes.unlisted && key.name.starts_with("sessions")
                || changes.session.is_some() && key.name == "sessions";
            if !["title", "as_of", "explain", "facts", "expect"].contains(&key.name.as_str()) && !is_replaced {
                text.push_str(&format!("{} = {}\n", key.name, inline(node)?));
            }
        }
        if changes.unlisted {
            text.push_str("sessions = []\nsessions_cover = []\n");
        }
        if let Some((treatment, day)) = &changes.session {
            text.push_str(&format!("sessions = [{}]\n", with_session(base, treatment, *day)?));
        }
        text.push_str("\n[facts]\n");
        let changed: BTreeSet<&str> =
            changes.facts.iter().map(|(fact, _)| self.protocol.fact(*fact).name.as_str()).collect();
        let facts = base.node.get("facts").map(Node::entries).unwrap_or_default();
        for (key, node) in facts.iter().filter(|(key, _)| !changed.contains(key.name.as_str())) {
            text.push_str(&format!("{} = {}\n", bare_or_quoted(&key.name), inline(node)?));
        }
        for (fact, value) in &changes.facts {
            text.push_str(&format!("{} = {}\n", self.protocol.fact(*fact).name, self.written(*fact, *value)?));
        }
        // What is answered now; whether that is right, a person decides.
        text.push_str(&format!("\n[expect]\nstatus = \"{status}\"\n"));
        Some(text)
    }

    /// A value as a record has it.
    fn written(&self, fact: FactId, value: Value) -> Option<String> {
        let answer = &self.protocol.fact(fact).answer;
        let choice = |at: u8| answer.choices().get(usize::from(at)).map(|choice| quoted(choice));
        Some(match value {
            Value::Unknown => "{ unknown = \"not_recorded\" }".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Number(least, most) if least == most && least.decimals().is_some() => least.to_string(),
            Value::Date(range) if range.last.is_never() => "\"never\"".to_owned(),
            Value::Date(range) if !range.is_partial() => range.first.to_string(),
            Value::Choice(at) => choice(at)?,
            Value::Set(set) => format!("[{}]", bits(set).map(choice).collect::<Option<Vec<String>>>()?.join(", ")),
            Value::Text(TextId::OTHER) => "\"something else\"".to_owned(),
            Value::Text(id) => quoted(self.protocol.program.texts.get(id)),
            _ => return None,
        })
    }

    fn words(&self, base: &Base, changes: &Changes) -> String {
        let mut words: Vec<String> = Vec::new();
        words.extend(changes.as_of.map(|day| format!("as_of = {day}")));
        words.extend(changes.session.iter().map(|(treatment, day)| format!("a session of {treatment} on {day}")));
        words.extend(changes.unlisted.then(|| "sessions_cover = []".to_owned()));
        for (fact, value) in &changes.facts {
            let fact_name = &self.protocol.fact(*fact).name;
            words.push(format!("{fact_name} = {}", self.written(*fact, *value).unwrap_or_default()));
        }
        let like = base.case.path.file_stem().unwrap_or_default().to_string_lossy();
        format!("{like} with {}", words.join(", "))
    }
}

/// The values of the facts that make a difference to some expressions, where they can be told.
fn axes(bases: &Bases<'_>, prepared: &Prepared, sought: &Sought) -> Vec<(FactId, Vec<Value>)> {
    let protocol = bases.protocol;
    let program = &protocol.program;
    let fixed = Fixed { today: prepared.as_of(), parameters: Some(&prepared.parameters) };
    let turning = Turning::new(protocol, fixed);
    let of = |roots: &[ExprId]| turning.axes(&program.under(roots.iter().copied()).collect(), roots);
    let found = of(&sought.roots).unwrap_or_else(|| {
        let parts = sought.roots.iter().flat_map(|root| parts(program, *root));
        parts.flat_map(|part| of(&[part]).unwrap_or_default()).collect()
    });
    let mut others = plain_axes(protocol, &sought.roots);
    let is_cut = |fact: &FactId| found.iter().any(|(axis, _)| *axis == Axis::Fact(*fact));
    let uncut = facts_of(protocol, &sought.roots).into_iter().filter(|fact| !is_cut(fact));
    others.extend(uncut.map(|fact| (Axis::Fact(fact), bases.values_of(fact))));
    let mut axes: Vec<(FactId, Vec<Value>)> = Vec::new();
    for (axis, values) in found.into_iter().chain(others) {
        let Axis::Fact(fact) = axis else { continue };
        let at = axes.iter().position(|(known, _)| *known == fact).unwrap_or_else(|| {
            axes.push((fact, Vec::new()));
            axes.len() - 1
        });
        let missing = sought.unknown.then_some(Value::Unknown);
        for value in values.into_iter().chain(missing) {
            if !axes[at].1.contains(&value) {
                axes[at].1.push(value);
            }
        }
    }
    axes
}

/// The values of facts with choices, one at a time, and of the sets that a row is repeated for: also where expressions cannot be cut.
fn plain_axes(protocol: &Protocol, roots: &[ExprId]) -> Vec<(Axis, Vec<Value>)> {
    let read = facts_of(protocol, roots);
    let is_read = |body: &std::ops::Range<u32>| roots.contains(&ExprId(body.end - 1));
    let repeated = protocol.settings.iter().filter_map(|setting| {
        let mut bodies = setting.rows.iter().flat_map(|row| row.when.iter().chain(row.says.computed()));
        setting.each.as_ref().filter(|_| bodies.any(is_read)).map(|(_, fact)| *fact)
    });
    let mut facts: Vec<FactId> = repeated.chain(read).collect();
    facts.dedup();
    let values = |fact: &FactId| {
        let answer = &protocol.fact(*fact).answer;
        let places = 0..crate::narrow::u8(answer.choices().len());
        match answer.declared {
            FactType::Bool => vec![Value::Bool(true), Value::Bool(false)],
            FactType::Choice => places.map(Value::Choice).collect(),
            FactType::Set => places.map(|at| Value::Set(1 << at)).chain([Value::Set(0)]).collect(),
            _ => Vec::new(),
        }
    };
    facts.iter().map(|fact| (Axis::Fact(*fact), values(fact))).collect()
}

/// The facts that some expressions read.
fn facts_of(protocol: &Protocol, roots: &[ExprId]) -> BTreeSet<FactId> {
    let program = &protocol.program;
    let fact = |id: ExprId| match program.node(id).expr {
        Expr::Fact(fact) => Some(fact),
        _ => None,
    };
    program.under(roots.iter().copied()).filter_map(fact).collect()
}

/// Whether it shows with other facts, as far as expressions alone tell that.
fn try_facts(observed: &mut Observed<'_>, roots: &[ExprId], changes: &[(FactId, Value)], shows: Shows<'_>) -> bool {
    let nodes: Vec<u32> = observed.protocol.program.under(roots.iter().copied()).map(|id| id.0).collect();
    let place = |fact: &FactId| usize::from(fact.0);
    let before: Vec<Value> = changes.iter().map(|(fact, _)| observed.known.facts[place(fact)]).collect();
    for (fact, value) in changes {
        observed.known.facts[place(fact)] = *value;
    }
    observed.refresh(&nodes);
    let found = shows(observed);
    for ((fact, _), value) in changes.iter().zip(before) {
        observed.known.facts[place(fact)] = value;
    }
    found
}

/// One fact changed after the other.
fn singles(axes: &[(FactId, Vec<Value>)]) -> impl Iterator<Item = Vec<(FactId, Value)>> {
    axes.iter().flat_map(|(fact, values)| values.iter().map(|value| vec![(*fact, *value)]))
}

/// One fact changed after the other, then two together, then, if there are few enough, all.
fn combinations(axes: &[(FactId, Vec<Value>)]) -> impl Iterator<Item = Vec<(FactId, Value)>> {
    let each = move |at: usize| axes[at].1.iter().map(move |value| (axes[at].0, *value));
    let pairs = (0..axes.len()).flat_map(move |a| {
        (a + 1..axes.len()).flat_map(move |b| each(a).flat_map(move |one| each(b).map(move |other| vec![one, other])))
    });
    let mut at = vec![0usize; axes.len()];
    let mut is_over = axes.is_empty();
    let all = std::iter::from_fn(move || {
        if is_over {
            return None;
        }
        let one = axes.iter().zip(&at).map(|((fact, values), at)| (*fact, values[*at])).collect();
        match (0..at.len()).find(|turn| at[*turn] + 1 < axes[*turn].1.len()) {
            Some(turn) => {
                at[..turn].fill(0);
                at[turn] += 1;
            }
            None => is_over = true,
        }
        Some(one)
    });
    // As the case stands it was tried already.
    singles(axes).chain(pairs).chain(all).take(MOST_TRIES)
}

/// The sessions of a case and one more, with the notes of the last of its treatment. None where those are not the case's own.
fn with_session(base: &Base, treatment: &str, day: Date) -> Option<String> {
    let node = base.node.get("sessions");
    if node.is_none() && !base.case.record.sessions.is_empty() {
        return None;
    }
    let given = node.map(Node::items).unwrap_or_default();
    let mut all: Vec<String> = given.iter().map(inline).collect::<Option<_>>()?;
    let is_of_it = |session: &&Node| session.get("treatment").and_then(Node::text) == Some(treatment);
    let mut session = format!("treatment = {}, date = {day}", quoted(treatment));
    for (key, node) in given.iter().rev().find(is_of_it).map(Node::entries).unwrap_or_default() {
        if !["treatment", "date", "noted_twice", "faulty"].contains(&key.name.as_str()) {
            session.push_str(&format!(", {} = {}", bare_or_quoted(&key.name), inline(node)?));
        }
    }
    all.push(format!("{{ {session} }}"));
    Some(all.join(", "))
}

/// The name of a file for a title.
fn file_name(title: &str) -> String {
    let mut name = String::new();
    for c in title.chars() {
        if c.is_ascii_alphanumeric() {
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    // Short enough for every file system, and still one of its own.
    let short = name.trim_end_matches('-').chars().take(60).collect::<String>();
    let mark = crate::protocol::sha256(title);
    if name.len() > 60 { format!("{short}-{}.toml", &mark[..8]) } else { format!("{short}.toml") }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn bare_or_quoted(name: &str) -> String {
    let is_bare = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if is_bare { name.to_owned() } else { quoted(name) }
}

/// A value of a case's file, on one line.
fn inline(node: &Node) -> Option<String> {
    let list = |all: Option<Vec<String>>| all.map(|all| all.join(", "));
    Some(match &node.data {
        Data::Bool(value) => value.to_string(),
        Data::Integer(value) => value.to_string(),
        Data::Decimal(value) => value.to_string(),
        Data::Text(text) => quoted(text),
        Data::Date(date) => date.clone(),
        Data::Array(items) => format!("[{}]", list(items.iter().map(inline).collect())?),
        Data::Table(entries) => {
            let entry = |(key, node): &(crate::document::Key, Node)| {
                Some(format!("{} = {}", bare_or_quoted(&key.name), inline(node)?))
            };
            format!("{{ {} }}", list(entries.iter().map(entry).collect())?)
        }
        Data::Null | Data::Refused | Data::Other(_) => return None,
    })
}
