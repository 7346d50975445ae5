//! Answers into the text of a record. Comments, the order of its entries and whatever else it says stay as they are.

use rust_decimal::Decimal;
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::{Reply, Subject, comments};
use crate::date::{Date, DateRange};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::patient::entries::NOTED_TWICE;
use crate::protocol::dictionary::{Answer, NONE};
use crate::protocol::file::FactType;

/// The key of what nobody can tell about sessions.
const SESSIONS_UNKNOWN: &str = "sessions_unknown";

/// A record that answers are written into.
pub(super) struct Writer {
    document: DocumentMut,
    /// The record as it was, for its line ends.
    before: String,
    /// The day of the answers.
    as_of: Date,
}

impl Writer {
    pub(super) fn new(text: &str, as_of: Date) -> Result<Writer, Diagnostics> {
        let document = text.replace("\r\n", "\n").parse::<DocumentMut>().map_err(|error| {
            let message = format!("answers cannot be written into the record: {}", error.message());
            Diagnostics::from(Diagnostic::new(&codes::CANNOT_CONTINUE, message).help(HELP))
        })?;
        Ok(Writer { document, before: text.to_owned(), as_of })
    }

    pub(super) fn text(&self) -> String {
        comments::with_line_ends_of(&self.before, self.document.to_string())
    }

    /// What stands at the top of the record.
    pub(super) fn root(&mut self) -> &mut Table {
        self.document.as_table_mut()
    }

    /// What stands in the place of an answer.
    pub(super) fn entry(&mut self, subject: &Subject) -> Item {
        let there = match subject {
            Subject::Fact(name) => self.facts().and_then(|facts| facts.get(name)).cloned(),
            Subject::Earlier { fact, on } => self.earlier_answer(fact, *on).and_then(|one| told(one)),
            Subject::Note { session, note } => self.session(*session).and_then(|one| one.get(note)).cloned(),
            Subject::NotedTwice { session } => self.session(*session).and_then(|one| one.get(NOTED_TWICE)).cloned(),
            Subject::Sessions(treatment) => {
                let unknown = self.document.get(SESSIONS_UNKNOWN).and_then(Item::as_table_like);
                unknown.and_then(|unknown| unknown.get(treatment)).cloned()
            }
            Subject::Several { .. } => None,
        };
        there.unwrap_or(Item::None)
    }

    /// Puts back what stood in the place of an answer.
    pub(super) fn put_back(&mut self, subject: &Subject, entry: Item) {
        match (subject, &entry) {
            (Subject::Earlier { fact, on }, Item::None) => return self.remove_earlier(fact, *on),
            (Subject::Earlier { fact, on }, told) => {
                let part = |key: &str| told.as_inline_table().and_then(|told| told.get(key)).cloned();
                match (part("value"), part("unknown")) {
                    (Some(value), why) => {
                        self.earlier(fact, *on, Ok(value));
                        why.into_iter().for_each(|why| self.earlier_beside(fact, *on, why));
                    }
                    (None, Some(why)) => self.earlier(fact, *on, Err(why)),
                    (None, None) => {}
                }
                return;
            }
            (Subject::Sessions(treatment), why) => {
                return self.sessions_unknown(treatment, why.as_str().map(str::to_owned).as_deref());
            }
            _ => {}
        }
        let (table, key): (Option<&mut dyn TableLike>, &str) = match subject {
            Subject::Fact(name) => (self.facts(), name),
            Subject::Note { session, note } => (self.session(*session), note),
            Subject::NotedTwice { session } => (self.session(*session), NOTED_TWICE),
            Subject::Earlier { .. } | Subject::Sessions(_) | Subject::Several { .. } => return,
        };
        match (table, entry) {
            (Some(table), Item::None) => drop(table.remove(key)),
            (Some(table), entry) => drop(table.insert(key, entry)),
            (None, _) => {}
        }
    }

    /// Writes an answer about a fact: a value, or why there is none.
    pub(super) fn fact(&mut self, name: &str, told: Result<Value, &str>) {
        let (as_of, is_of_the_day) = (self.as_of, self.is_of_the_day());
        let Some(facts) = self.facts() else { return };
        let (key, value) = match told {
            Ok(value) => ("value", value),
            Err(why) => ("unknown", Value::from(why)),
        };
        if let Some(answer) = facts.get_mut(name).and_then(Item::as_table_like_mut) {
            for other in ["value", "unknown", "by", "no_longer_applies"] {
                if other != key {
                    answer.remove(other);
                }
            }
            set(answer, key, value);
            match is_of_the_day {
                true => drop(answer.remove("on")),
                false => set(answer, "on", day(as_of)),
            }
            return;
        }
        let whole = match (key, is_of_the_day) {
            ("value", true) => value,
            _ => {
                let mut table = InlineTable::new();
                table.insert(key, value);
                if !is_of_the_day {
                    table.insert("on", day(as_of));
                }
                Value::InlineTable(table)
            }
        };
        set(facts, name, whole);
    }

    /// Says beside what is known of a day why no more is. It is as old as it was.
    pub(super) fn beside(&mut self, name: &str, why: &str) {
        let Some(entry) = self.facts().and_then(|facts| facts.get_mut(name)) else { return };
        match entry.as_table_like_mut() {
            Some(answer) => set(answer, "unknown", why.into()),
            None => {
                let Some(old) = entry.as_value_mut() else { return };
                let around = old.decor().clone();
                old.decor_mut().clear();
                *old = untold(Some(old.clone()), why);
                *old.decor_mut() = around;
            }
        }
    }

    /// The day of what stands in the place of an answer.
    pub(super) fn day_of(&self, entry: &Item) -> Option<Date> {
        let on = entry.as_table_like().and_then(|told| told.get("on"));
        let told = on.or_else(|| self.document.get("recorded"))?;
        told.to_string().trim().trim_matches('"').parse().ok()
    }

    /// Says of an answer that it was true once, or takes that back.
    pub(super) fn no_longer_applies(&mut self, name: &str, is_so: bool) {
        let Some(facts) = self.facts() else { return };
        let Some(entry) = facts.get_mut(name) else { return };
        match (entry.as_table_like_mut(), is_so) {
            (Some(answer), true) => set(answer, "no_longer_applies", true.into()),
            (Some(answer), false) => drop(answer.remove("no_longer_applies")),
            (None, true) => {
                if let Some(mut value) = entry.as_value().cloned() {
                    let mut table = InlineTable::new();
                    value.decor_mut().clear();
                    table.insert("value", value);
                    table.insert("no_longer_applies", true.into());
                    set(facts, name, Value::InlineTable(table));
                }
            }
            (None, false) => {}
        }
    }

    /// Writes what was so on a day that is past, or why there is no answer.
    pub(super) fn earlier(&mut self, fact: &str, on: Date, told: Result<Value, Value>) {
        let (key, other, value) = match told {
            Ok(value) => ("value", "unknown", value),
            Err(why) => ("unknown", "value", why),
        };
        if let Some(told) = self.earlier_answer(fact, on) {
            told.remove(other);
            return set(told, key, value);
        }
        let entries = [("fact", fact.into()), (key, value), ("recorded", day(on))];
        self.append("earlier", entries.into_iter().map(|(key, value)| (key, Item::Value(value))).collect());
    }

    /// Says beside what is known of a day on another why no more is.
    pub(super) fn earlier_beside(&mut self, fact: &str, on: Date, why: Value) {
        if let Some(told) = self.earlier_answer(fact, on) {
            set(told, "unknown", why);
        }
    }

    /// Adds a table at the end of a list; its place.
    pub(super) fn append(&mut self, list: &str, mut table: Table) -> usize {
        let is_empty = |item: &Item| item.as_array().is_some_and(Array::is_empty);
        let root = self.document.as_table_mut();
        if root.get(list).is_none_or(is_empty) {
            // What a person wrote about the empty list stands above its first entry.
            let about = comments::taken_with(root, list);
            if !about.is_empty() {
                table.decor_mut().set_prefix(format!("\n{about}"));
            }
            root.insert(list, Item::ArrayOfTables(ArrayOfTables::new()));
        }
        match root.get_mut(list) {
            Some(Item::ArrayOfTables(all)) => {
                all.push(table);
                all.len() - 1
            }
            Some(Item::Value(Value::Array(all))) => {
                all.push(table.into_inline_table());
                all.len() - 1
            }
            // What is neither is a mistake, and the record has none.
            _ => 0,
        }
    }

    fn remove_earlier(&mut self, fact: &str, on: Date) {
        let is_it = |one: &dyn TableLike| is_earlier(one, fact, on);
        match self.document.get_mut("earlier") {
            Some(Item::ArrayOfTables(all)) => all.retain(|one| !is_it(one)),
            Some(Item::Value(Value::Array(all))) => {
                all.retain(|one| !one.as_inline_table().is_some_and(|one| is_it(one)))
            }
            _ => return,
        }
        let is_empty = |item: &Item| item.as_array_of_tables().is_some_and(ArrayOfTables::is_empty);
        if self.document.get("earlier").is_some_and(is_empty) {
            self.document.remove("earlier");
        }
    }

    /// What is told of a fact on a day that is past.
    pub(super) fn earlier_answer(&mut self, fact: &str, on: Date) -> Option<&mut dyn TableLike> {
        let mut tables: Box<dyn Iterator<Item = &mut dyn TableLike>> = match self.document.get_mut("earlier")? {
            Item::ArrayOfTables(all) => Box::new(all.iter_mut().map(|one| one as &mut dyn TableLike)),
            Item::Value(Value::Array(all)) => {
                let tables = all.iter_mut().filter_map(Value::as_inline_table_mut);
                Box::new(tables.map(|one| one as &mut dyn TableLike))
            }
            _ => return None,
        };
        tables.find(|one| is_earlier(*one, fact, on))
    }

    /// Writes a note of a session.
    pub(super) fn note(&mut self, session: usize, note: &str, value: Value) {
        if let Some(session) = self.session(session) {
            set(session, note, value);
        }
    }

    /// Adds a session at the end of the list; its place.
    pub(super) fn add_session(&mut self, treatment: &str, date: Value) -> usize {
        let mut table = Table::new();
        table.insert("treatment", treatment.into());
        table.insert("date", Item::Value(date));
        self.append("sessions", table)
    }

    /// Takes a session out of the list.
    pub(super) fn remove_session(&mut self, at: usize) {
        if !comments::take_from(&mut self.document, "sessions", at) {
            return;
        }
        // A list without any says that there was none, and what it says that of is in `sessions_cover`.
        let is_empty = |item: &Item| item.as_array_of_tables().is_some_and(ArrayOfTables::is_empty);
        if self.document.get("sessions").is_some_and(is_empty) {
            self.document.remove("sessions");
            if self.document.get("sessions_cover").and_then(Item::as_array).is_some_and(|all| !all.is_empty()) {
                self.document.insert("sessions", Item::Value(Value::Array(Array::new())));
            }
        }
    }

    /// Takes an appointment out of the list.
    pub(super) fn remove_appointment(&mut self, at: usize) {
        comments::take_from(&mut self.document, "planned", at);
    }

    /// Says whether the list holds every session of a treatment.
    pub(super) fn cover(&mut self, treatment: &str, is_covered: bool) {
        let root = self.document.as_table_mut();
        if is_covered && root.get("sessions").is_none() {
            root.insert("sessions", Item::Value(Value::Array(Array::new())));
        }
        if root.get("sessions_cover").is_none() {
            root.insert("sessions_cover", Item::Value(Value::Array(Array::new())));
        }
        let Some(all) = root.get_mut("sessions_cover").and_then(Item::as_array_mut) else { return };
        all.retain(|one| one.as_str() != Some(treatment));
        if is_covered {
            all.push(treatment);
        }
        // Without a list there is nothing that could cover anything.
        if all.is_empty() && root.get("sessions").is_none_or(|one| one.as_array().is_some_and(Array::is_empty)) {
            comments::take_out(&mut self.document, "sessions_cover");
            comments::take_out(&mut self.document, "sessions");
        }
    }

    /// Says why nobody can tell whether there were sessions of a treatment, or takes that back.
    pub(super) fn sessions_unknown(&mut self, treatment: &str, why: Option<&str>) {
        let root = self.document.as_table_mut();
        if why.is_some() && root.get(SESSIONS_UNKNOWN).is_none() {
            root.insert(SESSIONS_UNKNOWN, Item::Value(Value::InlineTable(InlineTable::new())));
        }
        let Some(unknown) = root.get_mut(SESSIONS_UNKNOWN).and_then(Item::as_table_like_mut) else { return };
        match why {
            Some(why) => set(unknown, treatment, why.into()),
            None => drop(unknown.remove(treatment)),
        }
        if unknown.is_empty() {
            comments::take_out(&mut self.document, SESSIONS_UNKNOWN);
        }
    }

    /// Whether the record says of all its answers that they are of the day.
    fn is_of_the_day(&self) -> bool {
        let recorded = self.document.get("recorded");
        recorded.is_some_and(|item| item.to_string().trim().trim_matches('"') == self.as_of.to_string())
    }

    fn facts(&mut self) -> Option<&mut dyn TableLike> {
        let root = self.document.as_table_mut();
        if root.get("facts").is_none() {
            root.insert("facts", Item::Table(Table::new()));
        }
        root.get_mut("facts")?.as_table_like_mut()
    }

    fn session(&mut self, at: usize) -> Option<&mut dyn TableLike> {
        match self.document.get_mut("sessions")? {
            Item::ArrayOfTables(all) => all.get_mut(at).map(|table| table as &mut dyn TableLike),
            Item::Value(Value::Array(all)) => {
                all.get_mut(at)?.as_inline_table_mut().map(|table| table as &mut dyn TableLike)
            }
            _ => None,
        }
    }
}

/// What is told of a fact on a day, or why nothing is, or no more.
fn told(earlier: &dyn TableLike) -> Option<Item> {
    let mut table = InlineTable::new();
    for key in ["value", "unknown"] {
        earlier.get(key).and_then(Item::as_value).into_iter().for_each(|value| drop(table.insert(key, value.clone())));
    }
    (!table.is_empty()).then_some(Item::Value(Value::InlineTable(table)))
}

/// Whether of a day no more than its month or year is told.
pub(super) fn is_known_in_part(day: &Item) -> bool {
    let Some(known) = known(day) else { return false };
    let text = known.as_str().map_or_else(|| known.to_string(), str::to_owned);
    text.trim().parse::<DateRange>().is_ok_and(|range| range.is_partial())
}

/// What is known of a day: of `{ value = "2026-02", unknown = "declined" }`, the month.
pub(super) fn known(day: &Item) -> Option<Value> {
    let told = day.as_value()?;
    let mut value = told.as_inline_table().and_then(|told| told.get("value")).unwrap_or(told).clone();
    value.decor_mut().clear();
    Some(value)
}

/// `{ unknown = "declined" }`
pub(super) fn unknown(why: &str) -> Value {
    untold(None, why)
}

/// The same with as much as is known all the same: `{ value = "2026-02", unknown = "declined" }`.
pub(super) fn untold(known: Option<Value>, why: &str) -> Value {
    let mut table = InlineTable::new();
    if let Some(known) = known {
        table.insert("value", known);
    }
    table.insert("unknown", why.into());
    Value::InlineTable(table)
}

/// Whether an earlier answer is that of a fact on a day.
fn is_earlier(told: &dyn TableLike, fact: &str, on: Date) -> bool {
    let recorded = told.get("recorded").map(|item| item.to_string());
    let is_of_the_day = recorded.is_some_and(|text| text.trim().trim_matches('"') == on.to_string());
    is_of_the_day && told.get("fact").and_then(Item::as_str) == Some(fact)
}

/// What to do about a record that nothing can be written into.
pub(super) const HELP: &str = "begin a record with `regimen record new`, which writes TOML";

/// Takes away the `#` before a question of a record to fill in, so that its answer stands below it.
pub(super) fn uncommented(text: &str, name: &str) -> Option<String> {
    let empty = format!("# {name} =");
    let mut in_facts = false;
    let mut found = false;
    let mut lines: Vec<&str> = Vec::new();
    let answer = format!("{name} = false");
    for written in text.split('\n') {
        let line = written.strip_suffix('\r').unwrap_or(written);
        if line.starts_with('[') {
            in_facts = line.trim_end() == "[facts]";
        }
        let is_it = in_facts && !found && line.trim_end() == empty;
        found |= is_it;
        lines.push(if is_it { &answer } else { written });
    }
    found.then(|| lines.join("\n"))
}

/// Sets an entry. What stands around its old value, a comment behind it, stays.
fn set(table: &mut dyn TableLike, key: &str, value: Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            let around = old.decor().clone();
            *old = value;
            *old.decor_mut() = around;
        }
        None => drop(table.insert(key, Item::Value(value))),
    }
}

fn day(date: Date) -> Value {
    written(&date.to_string())
}

/// A number or a day as a file has it, or a text.
pub(super) fn written(text: &str) -> Value {
    text.parse().unwrap_or_else(|_| Value::from(text))
}

/// A day, or as much as is known of it.
pub(super) fn date(text: &str) -> Value {
    match text.parse::<DateRange>() {
        Ok(range) if !range.is_partial() => day(range.first),
        _ => Value::from(text),
    }
}

impl Reply {
    /// What a person answers: `yes`, `1.5`, `2026-02`, the number of a choice, its name or label.
    pub(super) fn value(text: &str, name: &str, answer: &Answer) -> Result<Value, Diagnostics> {
        let text = text.trim();
        let plain = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        let wrong = |message: String, help: &str| {
            Err(Diagnostics::from(Diagnostic::new(&codes::WRONG_TYPE, message).help(help.to_owned())))
        };
        let is_choice = matches!(answer.declared, FactType::Choice | FactType::Set | FactType::Date);
        if is_choice && plain.is_empty() {
            // In a record nothing means that nobody has said anything: here somebody was about to.
            return wrong("nothing was chosen or written".to_owned(), "answer `?` if it is not known");
        }
        Ok(match answer.declared {
            FactType::Bool => match plain.to_lowercase().as_str() {
                "y" | "yes" | "true" => true.into(),
                "n" | "no" | "false" => false.into(),
                _ => return wrong(format!("`{plain}` is neither yes nor no"), "answer `yes` or `no`, or `y` or `n`"),
            },
            FactType::Integer | FactType::Decimal => match Decimal::from_str_exact(&with_point(plain)) {
                Ok(number) => written(&number.to_string()),
                Err(_) => {
                    return wrong(format!("`{plain}` is not a number"), "write digits alone, with a point as in `1.5`");
                }
            },
            FactType::Text if plain.is_empty() => {
                return wrong(format!("`{name}` is a text, and nothing was written"), "answer `?` if it is not known");
            }
            FactType::Text => plain.into(),
            FactType::Date => date(plain),
            FactType::Choice => choice(plain, answer).into(),
            FactType::Set if matches!(plain, "0" | "[]") => Value::Array(Array::new()),
            FactType::Set if plain.eq_ignore_ascii_case("none") && choice("none", answer) == "none" => {
                let named = answer.choices().iter().any(|choice| choice == "none");
                Value::Array(named.then_some("none").into_iter().collect())
            }
            FactType::Set => {
                let all: Vec<&str> = plain.split(',').map(|one| choice(one.trim(), answer)).collect();
                if all.iter().any(|one| *one != NONE) && all.contains(&NONE) {
                    let two = Diagnostic::new(&codes::TWO_ANSWERS, "some were chosen, and that there are none");
                    return Err(two.help("keep one of them").into());
                }
                Value::Array(all.into_iter().collect())
            }
        })
    }
}

/// A number with a comma before one or two decimals, as pages in other languages show it. Before three, it may stand between thousands.
fn with_point(text: &str) -> String {
    match text.split_once(',') {
        Some((whole, decimals)) if !whole.contains('.') && (1..=2).contains(&decimals.len()) => {
            format!("{whole}.{decimals}")
        }
        _ => text.to_owned(),
    }
}

/// Whether choices can be told by their numbers: they are not numbers themselves.
pub(super) fn are_numbered(answer: &Answer) -> bool {
    answer.choices().iter().all(|choice| choice.parse::<usize>().is_err())
}

/// The choice that is meant: by its name, its number in the list, or its label. What is none is left to whoever reads the record.
fn choice<'a>(text: &'a str, answer: &'a Answer) -> &'a str {
    let choices = answer.choices();
    if choices.iter().any(|choice| choice == text) {
        return text;
    }
    let by_number = || text.parse::<usize>().ok().filter(|_| are_numbered(answer))?.checked_sub(1);
    let by_label = || answer.labels.iter().position(|label| label.to_lowercase() == text.to_lowercase());
    by_number().or_else(by_label).and_then(|at| choices.get(at)).map_or(text, String::as_str)
}
