//! Every date of an answer can be computed again from the trace by somebody who knows the calendar and nothing else.
//!
//! The checker reads the JSON of the answer. It has an arithmetic of its own, and knows nothing of the program but the shape of its output.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value;

/// A day: the year, the month, the day.
type Day = (i64, i64, i64);

fn day(text: &str) -> Option<Day> {
    let mut parts = text.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Months first; a day that the month does not have is the first of the next. Then days, one by one.
fn add((year, month, date): Day, months: i64, days: i64) -> Day {
    let count = year * 12 + month - 1 + months;
    let (mut year, mut month, mut date) = (count.div_euclid(12), count.rem_euclid(12) + 1, date);
    if date > days_in(year, month) {
        (month, date) = (month + 1, 1);
        if month > 12 {
            (year, month) = (year + 1, 1);
        }
    }
    for _ in 0..days.abs() {
        date += days.signum();
        if date < 1 {
            (year, month) = if month == 1 { (year - 1, 12) } else { (year, month - 1) };
            date = days_in(year, month);
        } else if date > days_in(year, month) {
            (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
            date = 1;
        }
    }
    (year, month, date)
}

/// The days that a text may mean: a day, a month, a year, a range.
fn span(text: &str) -> Option<(Day, Day)> {
    if let Some((first, last)) = text.split_once(" to ") {
        return Some((span(first)?.0, span(last)?.1));
    }
    if let Some(day) = day(text) {
        return Some((day, day));
    }
    let mut parts = text.split('-').map(|part| part.parse::<i64>());
    let year = parts.next()?.ok().filter(|_| text.len() >= 4)?;
    match parts.next() {
        Some(month) => {
            let month = month.ok()?;
            Some(((year, month, 1), (year, month, days_in(year, month))))
        }
        None => Some(((year, 1, 1), (year, 12, 31))),
    }
}

struct Checker<'a> {
    answer: &'a Value,
    nodes: BTreeMap<&'a str, &'a Value>,
    /// What each derivation in the trace comes to, each worked out once.
    known: RefCell<BTreeMap<String, Option<Day>>>,
    faults: Vec<String>,
    count: usize,
}

impl<'a> Checker<'a> {
    fn new(answer: &'a Value) -> Checker<'a> {
        let nodes = answer["trace"]["nodes"].as_array().expect("nodes").iter();
        let nodes = nodes.map(|node| (node["id"].as_str().expect("an id"), node)).collect();
        Checker { answer, nodes, known: RefCell::default(), faults: Vec::new(), count: 0 }
    }

    /// Whether a day is what a name stands for.
    fn is_named(&self, id: &str, date: Day) -> bool {
        if let Some(node) = self.nodes.get(id) {
            let outcome = node["outcome"].as_str().unwrap_or_default();
            return match node.get("derived") {
                Some(derived) => {
                    let known = self.known.borrow().get(id).copied();
                    let found = known.unwrap_or_else(|| self.derived(derived));
                    self.known.borrow_mut().insert(id.to_owned(), found);
                    found == Some(date)
                }
                // The value of an expression, which the trace shows in its parts.
                None if id.ends_with(".not_before") => {
                    span(outcome).is_some_and(|(first, last)| date == first || date == last)
                }
                None => span(outcome).is_some_and(|(first, last)| first <= date && date <= last),
            };
        }
        if id == "as_of" {
            return self.answer["as_of"].as_str().and_then(day) == Some(date);
        }
        if let Some(session) = id.strip_prefix("sessions.") {
            return span(session).is_some_and(|(first, last)| first <= date && date <= last);
        }
        if id == "season" {
            return self.nodes.values().any(|node| {
                let text = node["text"].as_str().unwrap_or_default();
                text.starts_with("in the season ") && text.split(' ').filter_map(day).any(|end| end == date)
            });
        }
        false
    }

    /// The date that a derivation comes to.
    fn derived(&self, derived: &Value) -> Option<Day> {
        let mut dates = Vec::new();
        for anchor in derived["from"].as_array()? {
            let date = anchor["date"].as_str().and_then(day)?;
            if !self.is_named(anchor["id"].as_str()?, date) {
                return None;
            }
            dates.push(date);
        }
        if let Some(condition) = derived.get("condition") {
            let holds = self.nodes.get(condition.as_str()?)?;
            (holds["outcome"] != "false").then_some(())?;
        }
        let date = match (derived["operation"].as_str()?, &dates[..]) {
            ("after", [date]) => {
                let number = |unit: &str| derived["length"][unit].as_i64().unwrap_or(0);
                add(*date, number("months"), number("days"))
            }
            ("latest", _) => dates.into_iter().max()?,
            ("earliest", _) => dates.into_iter().min()?,
            _ => return None,
        };
        (derived["date"].as_str().and_then(day) == Some(date)).then_some(date)
    }

    /// Checks a date of the answer against one of some nodes, the first that there is.
    fn told(&mut self, what: &str, date: &Value, ids: &[String]) {
        let Some(date) = date.as_str().and_then(day) else { return };
        self.count += 1;
        let Some(id) = ids.iter().find(|id| self.nodes.contains_key(id.as_str())) else {
            self.faults.push(format!("{what} {date:?}: none of {ids:?} is in the trace"));
            return;
        };
        if !self.is_named(id, date) {
            let node = self.nodes[id.as_str()];
            self.faults.push(format!("{what} {date:?} does not follow from {node}"));
        }
    }

    fn window(&mut self, what: &str, window: &Value, prefixes: &[String]) {
        let names =
            [("earliest", "earliest"), ("recommended", "recommended"), ("past_due", "past-due"), ("latest", "latest")];
        for (key, name) in names {
            let ids: Vec<String> = prefixes.iter().map(|prefix| format!("{prefix}.{name}")).collect();
            self.told(&format!("{what}.{key}"), &window[key], &ids);
        }
    }

    fn reasons(&mut self) {
        for reason in self.answer["reasons"].as_array().into_iter().flatten() {
            let id = reason["id"].as_str().unwrap_or_default();
            if reason["kind"] == "deferral" {
                self.told(id, &reason["not_before"], &[format!("deferral.{id}.not_before")]);
                self.told(id, &reason["recheck"], &[format!("deferral.{id}.recheck")]);
                continue;
            }
            let values = reason["values"].as_array().into_iter().flatten();
            let told: Vec<&Value> = values.filter(|one| one.get("derived").is_some()).collect();
            for one in std::iter::once(reason).filter(|_| told.is_empty()).chain(told.iter().copied()) {
                if let Some(date) = one["not_before"].as_str() {
                    self.count += 1;
                    if one.get("derived").and_then(|derived| self.derived(derived)) != day(date) {
                        self.faults.push(format!("{id}: {date} does not follow from {}", one["derived"]));
                    }
                }
            }
        }
    }

    fn check(mut self) -> (usize, Vec<String>) {
        let answer = self.answer;
        for key in ["not_before", "no_sooner_than", "no_later_than"] {
            self.told(key, &answer[key], &[key.to_owned()]);
        }
        self.reasons();
        let course = &answer["course"];
        let id = course["id"].as_str().unwrap_or_default();
        self.window("next", &course["next"], &["next".into(), format!("course.{id}.next")]);
        for part in course["components"].as_array().into_iter().flatten() {
            let (course, name) = (part["course"].as_str().unwrap_or_default(), part["id"].as_str().unwrap_or_default());
            let prefixes = ["own", "next"].map(|which| format!("course.{course}.{name}.{which}"));
            self.window(name, &part["next"], &[vec![format!("components.{name}")], prefixes.to_vec()].concat());
        }
        for (at, window) in course["projected"].as_array().into_iter().flatten().enumerate() {
            let names = course["components"].as_array().into_iter().flatten().filter_map(|part| part["id"].as_str());
            let parts = names.map(|name| format!("course.{id}.{name}.then-{}", at + 1));
            let prefixes: Vec<String> = [format!("course.{id}.then-{}", at + 1)].into_iter().chain(parts).collect();
            self.window(&format!("projected {}", at + 1), window, &prefixes);
        }
        // Every date that the trace derives, whether the answer tells it or not.
        for node in self.nodes.values() {
            if let Some(derived) = node.get("derived")
                && self.derived(derived).is_none()
            {
                self.faults.push(format!("{} does not follow: {derived}", node["id"]));
            }
        }
        for node in self.nodes.values().copied().collect::<Vec<_>>() {
            self.expression(node);
        }
        (self.count, self.faults)
    }

    /// A sum of a date and a length of time in an expression.
    fn expression(&mut self, node: &Value) {
        let sign = match node["operator"].as_str() {
            Some("+") => 1,
            Some("-") => -1,
            _ => return,
        };
        let told = node["outcome"].as_str().unwrap_or_default();
        let outcome = |operand: &Value| self.nodes.get(operand.as_str()?)?["outcome"].as_str();
        let operands: Option<Vec<&str>> =
            node["operands"].as_array().map(|all| all.iter().filter_map(outcome).collect());
        let Some([date, length]) = operands.as_deref() else { return };
        let (Some(from), Some((shortest, longest)), "date") =
            (span(date), lengths(length), node["kind"].as_str().unwrap_or_default())
        else {
            return;
        };
        self.count += 1;
        let ends = [shortest, longest]
            .map(|(months, days)| (add(from.0, sign * months, sign * days), add(from.1, sign * months, sign * days)));
        let expected = (ends[0].0.min(ends[1].0), ends[0].1.max(ends[1].1));
        if span(told) != Some(expected) {
            self.faults.push(format!("{} is {told}, and {date} {sign:+} {length} is {expected:?}", node["id"]));
        }
    }
}

/// A length of time, or the shortest and the longest: months and days.
fn lengths(text: &str) -> Option<((i64, i64), (i64, i64))> {
    let one = |text: &str| -> Option<(i64, i64)> {
        let (mut months, mut days, mut sign) = (0, 0, 1);
        let mut words = text.split_whitespace();
        while let Some(word) = words.next() {
            if let "+" | "-" = word {
                sign = if word == "+" { 1 } else { -1 };
                continue;
            }
            let number = sign * word.parse::<i64>().ok()?;
            match words.next()?.trim_end_matches('s') {
                "day" => days += number,
                "week" => days += 7 * number,
                "month" => months += number,
                "year" => months += 12 * number,
                _ => return None,
            }
        }
        Some((months, days))
    };
    match text.split_once(" to ") {
        Some((shortest, longest)) => Some((one(shortest)?, one(longest)?)),
        None => one(text).map(|one| (one, one)),
    }
}

#[test]
fn the_checker_knows_the_calendar() {
    assert_eq!(add((2026, 8, 31), 6, 0), (2027, 3, 1));
    assert_eq!(add((2024, 1, 29), 1, -1), (2024, 2, 28));
    assert_eq!(add((2025, 12, 31), 0, 1), (2026, 1, 1));
    assert_eq!(span("2026-02"), Some(((2026, 2, 1), (2026, 2, 28))));
}

/// How many dates an answer has, and what is wrong about them.
pub(super) fn check(json: &str) -> (usize, Vec<String>) {
    let answer: Value = serde_json::from_str(json).expect("JSON");
    let (dates, found) = Checker::new(&answer).check();
    (dates, found.into_iter().map(|fault| fault.to_string()).collect())
}
