//! Whether a node is named and written as its parts are, and whether the leaves that are said to decide do.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::premises::expression;
use super::steps::RULES;
use super::value::span;
use super::{Check, FaultKind, day, list, text, texts};

/// What is said of each session: the session, the list that it is one of, and what is read of it.
type Notes<'a> = BTreeMap<(String, String, String), &'a Json>;

impl<'a> Check<'a> {
    pub(super) fn written(&mut self) {
        let mut notes: Notes<'a> = Notes::new();
        for at in 0..self.nodes.len() {
            let node = self.nodes[at];
            let faults = [
                self.kind(node),
                self.parts(node),
                self.text_of(node),
                self.period(node),
                self.session(node, &mut notes),
                self.of_course(node),
            ];
            for why in faults.into_iter().flatten() {
                self.fault(FaultKind::Shape, text(node, "id"), why);
            }
        }
        self.decisive();
    }

    /// What a node is follows from its operator, its origin and its name.
    fn kind(&self, node: &Json) -> Option<String> {
        let (id, kind) = (text(node, "id"), text(node, "kind"));
        let first = id.split('.').next().unwrap_or_default();
        let is_whole = id.matches('.').count() == 1;
        let in_expression = expression(id).is_some();
        if in_expression && (node.get("period").is_some() || node.get("derived").is_some()) {
            return Some("it belongs to an expression, and is said to come of days of the course".to_owned());
        }
        if is_whole && (RULES.contains(&first) || first == "definition") {
            let leads_to: &[Option<&str>] = match kind {
                "indication" => &[Some("not-indicated")],
                "contraindication" => &[Some("contraindicated")],
                "deferral" => &[Some("deferred")],
                "referral" => &[Some("refer")],
                "completion" => &[Some("stopped"), Some("complete")],
                _ => &[None],
            };
            if !leads_to.contains(&node["leads_to"].as_str()) {
                return Some(format!("no {kind} leads to `{}`", text(node, "leads_to")));
            }
            return (kind != first).then(|| format!("it is a `{first}` by its name, and a `{kind}` by its kind"));
        }
        let kinds: &[&str] = match (node["operator"].as_str(), text(&node["origin"], "from")) {
            (Some("&&"), _) => &["and"],
            (Some("||"), _) if id == "course.offered" => &["course"],
            (Some("||"), _) => &["or"],
            (Some("!"), _) => &["not"],
            (Some("==" | "!=" | "<" | "<=" | ">" | ">="), _) => &["comparison"],
            (Some("in" | ".." | "..=" | "contains" | "contains_any"), _) => &["membership"],
            (Some("is_empty" | "len"), "sessions") => &["sessions"],
            (Some("is_empty" | "len"), _) => &["set"],
            (Some("*" | "/"), _) => &["arithmetic"],
            (Some("+" | "-"), _) => &["arithmetic", "date", "duration"],
            (Some("if"), _) => &["if"],
            (Some("??"), _) => &["default"],
            (Some("known"), _) => &["known"],
            (Some("any" | "all" | "count" | "sum" | "first" | "last"), _) => &["sessions"],
            (Some(_), _) => &["course"],
            (None, "literal") => &["literal"],
            (None, "record") => &["fact", "age"],
            (None, "not_applicable") => &["fact", "age"],
            (None, "parameter") => &["parameter"],
            (None, "definition") => &["definition"],
            (None, "as_of") => &["today"],
            (None, "sessions") => &["sessions_done", "note"],
            (None, _) if in_expression => &["duration", "each"],
            (None, _) => &["bound", "session", "check", "choice", "date", "course", "duration", "each"],
        };
        if kind == "each" && node["outcome"] != "unknown" && !id.contains(&format!(".{}.", text(node, "outcome"))) {
            return Some(format!("it stands for another value by its name than `{}`", text(node, "outcome")));
        }
        (!kinds.contains(&kind))
            .then(|| format!("its kind is `{kind}`, which does not go with its operator and origin"))
    }

    /// A part carries the name of the whole, and a definition its own.
    fn parts(&self, node: &Json) -> Option<String> {
        let id = text(node, "id");
        if id.starts_with("course.") && node["kind"] == "course" && node["operator"] != "&&" {
            return None;
        }
        let is_rule = RULES.contains(&text(node, "kind"));
        let of_rule: &[&str] =
            if node["kind"] == "deferral" { &[".when", ".not_before", ".recheck"] } else { &[".when"] };
        let is_own = |operand: &&str| {
            let own = operand.strip_prefix(id);
            own.is_some_and(|rest| if is_rule { of_rule.contains(&rest) } else { rest.starts_with('.') })
        };
        if is_rule && node["kind"] != "deferral" && texts(node, "operands").next().is_none() {
            return Some("it has no condition".to_owned());
        }
        let is_use = node["origin"]["from"] == "definition";
        let other = texts(node, "operands").find(|operand| !is_own(operand) && !is_use);
        other.map(|operand| format!("`{operand}` is not a part of it by its name"))
    }

    /// What a node is written as: its parts, with its operator between them. A name is written as itself.
    fn text_of(&self, node: &Json) -> Option<String> {
        let (written, origin) = (text(node, "text"), &node["origin"]);
        let plain = |text: &'_ str| text.trim_matches(|mark| matches!(mark, '(' | ')' | ' ')).to_owned();
        let id = text(node, "id");
        let is_written = !written.is_empty() || RULES.contains(&text(node, "kind")) || id == "date_of_birth";
        if !is_written && expression(id).is_some() {
            return Some("nothing says how it is written".to_owned());
        }
        let named = match (text(node, "kind"), text(origin, "from")) {
            ("age", _) => Some("age"),
            ("sessions_done", _) => Some("sessions_done"),
            // A definition may be nothing but the age.
            ("definition", "record" | "not_applicable") if plain(written) == "age" => None,
            (_, "record" | "not_applicable") => origin["fact"].as_str(),
            (_, "parameter" | "definition") => origin["name"].as_str(),
            (_, "as_of") => Some("today"),
            _ => None,
        };
        if let Some(name) = named.filter(|name| !written.is_empty() && plain(written) != **name) {
            return Some(format!("it is written `{written}`, and is `{name}`"));
        }
        let quoted = |one: &&str| !written.contains(&format!("\"{one}\""));
        if let Some(missing) = texts(node, "among").find(quoted) {
            return Some(format!("`{missing}` is not among what is written: `{written}`"));
        }
        if let (Some((_, inside)), true) = (written.rsplit_once('['), node.get("among").is_some())
            && inside.split('"').skip(1).step_by(2).any(|word| !texts(node, "among").any(|one| one == word))
        {
            return Some(format!("not all that is written is among what it is compared with: `{written}`"));
        }
        let operator = node["operator"].as_str().filter(|_| !written.is_empty())?;
        let operands: Vec<&str> =
            texts(node, "operands").filter_map(|id| self.node(id)).map(|node| text(node, "text")).collect();
        let (operands, between) = match operator {
            "!" | "known" | "is_empty" | "len" | "contains_any" => (operands, operator),
            "contains" => (operands.into_iter().rev().collect(), "in"),
            ".." | "..=" => (operands, operator),
            "&&" | "||" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "+" | "-" | "*" | "/" | "??" => {
                (operands, operator)
            }
            "if" => (operands, "if"),
            "any" | "all" | "count" | "sum" | "first" | "last" => {
                return (!written.contains(operator)).then(|| format!("`{operator}` is not written: `{written}`"));
            }
            _ => return None,
        };
        let mut rest = written;
        let mut marks = String::new();
        for operand in &operands {
            let Some((before, after)) = rest.split_once(operand) else {
                return Some(format!("its part `{operand}` is not written in its place: `{written}`"));
            };
            marks.push_str(before);
            marks.push(' ');
            rest = after;
        }
        marks.push_str(rest);
        let plain: Vec<&str> = marks.split(|mark: char| mark.is_whitespace() || matches!(mark, '(' | ')')).collect();
        let is_between = match operator {
            "&&" | "||" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "/" | "??" => {
                let marks: Vec<&&str> = plain.iter().filter(|mark| !mark.is_empty()).collect();
                marks.len() == operands.len().max(2) - 1 && marks.iter().all(|mark| **mark == between)
            }
            // `x !in …` is a negation around the whole.
            "!" => (marks.contains('!') && !marks.contains("!=")) || written.contains(" !in "),
            ".." => marks.contains("..") && !marks.contains("..="),
            _ => marks.contains(between),
        };
        (!is_between).then(|| format!("`{operator}` is not written: `{written}`"))
    }

    /// The days of what asks for a day between two others are those that it is written with.
    fn period(&self, node: &Json) -> Option<String> {
        let period = node.get("period")?;
        let (id, written) = (text(node, "id"), text(node, "text"));
        let of_session = id.split_once(".sessions.").and_then(|(_, rest)| span(rest.split(['.', '#']).next()?));
        let looked_at = day(&period["day"]);
        let is_right = match (of_session, looked_at) {
            (Some(days), Some(day)) => days.first <= day && day <= days.last,
            (None, Some(day)) => {
                Some(day) == self.as_of || id.ends_with(".start-before") && written.contains(&day.to_string())
            }
            (_, None) => false,
        };
        let derived = day(&node["derived"]["date"]);
        let is_written = |end: &str, back: i32| {
            day(&period[end]).is_none_or(|day| {
                let before = day.plus_days(-back);
                written.contains(&before.to_string()) && derived.is_none_or(|derived| derived == before)
            })
        };
        let is_gap = derived.is_some() && period.get("from").is_some();
        let is_last = of_session.is_none() && derived.is_none();
        let ends = is_written("from", i32::from(is_gap)) && is_written("until", i32::from(is_last));
        (!(is_right && ends)).then(|| "its days are not those that it is written with".to_owned())
    }

    /// What was chosen is the course that the choice is named for, a bound that is held by a condition says so, and what is checked is a
    /// session that is told.
    fn of_course(&self, node: &Json) -> Option<String> {
        let id = text(node, "id");
        match text(node, "kind") {
            "choice" => {
                let is_so = id.split('.').nth(1) == node["outcome"].as_str();
                (!is_so).then(|| "it is not the course that it is named for".to_owned())
            }
            "bound" => {
                let condition = id.split('#').next().and_then(|id| self.node(&format!("{id}.when")));
                // Of a bound that may hold, the condition is not said where it is open.
                let is_so = match (node["derived"]["condition"].as_str(), condition) {
                    (Some(said), Some(condition)) => text(condition, "id") == said,
                    (None, Some(condition)) => condition["outcome"] != "true" || node.get("derived").is_none(),
                    (_, None) => true,
                };
                (!is_so).then(|| "its condition in the trace is not the one that it says".to_owned())
            }
            "check" => {
                let session = id.split_once(".sessions.").and_then(|(_, rest)| rest.split(['.', '#']).next());
                let is_so = list(&self.answer["course"], "past").any(|past| past["date"].as_str() == session);
                (!is_so).then(|| "it is about a session that is not told".to_owned())
            }
            _ if id == "course.offered" && node["operator"] == "||" => {
                let is_condition =
                    |id: &&str| id.starts_with("course.") && id.ends_with(".when") && id.matches('.').count() == 2;
                let all: BTreeSet<&str> = self.nodes.iter().map(|node| text(node, "id")).filter(is_condition).collect();
                let is_so = texts(node, "operands").collect::<BTreeSet<_>>() == all;
                (!is_so).then(|| "it is not made of the conditions of all courses".to_owned())
            }
            _ => None,
        }
    }

    /// What is said of one session is the same wherever it is asked; its date is in its name.
    fn session(&self, node: &'a Json, notes: &mut Notes<'a>) -> Option<String> {
        let (id, written) = (text(node, "id"), text(node, "text"));
        if node["origin"]["from"] != "sessions" {
            return None;
        }
        let ((session, of), what) = match (text(node, "kind"), written.split_once('.')) {
            // Where it is not known for what a course is counted, nothing is read.
            _ if self.is_for_nothing(id) => return None,
            ("note", Some((variable, what))) => (self.meant(id, variable)?, what),
            _ => Default::default(),
        };
        let what = if session.is_empty() { written } else { what };
        if let (Some(days), "date") = (span(session.split('#').next()?), what)
            && !super::value::Value::read(text(node, "outcome"))
                .days()
                .is_some_and(|said| said.first == days.first && said.last <= days.last)
        {
            return Some(format!("the session is that of {session}"));
        }
        let named =
            |unknown: &Json| !text(unknown, "fact").starts_with(&format!("sessions.{}", session.replace('#', ".")));
        if let Some(other) = list(node, "unknown").find(|unknown| node["kind"] == "note" && named(unknown)) {
            return Some(format!("it waits for `{}`, which is of another session", text(other, "fact")));
        }
        let same = *notes.entry((session, of, what.to_owned())).or_insert(node);
        let is_same = same["outcome"] == node["outcome"] && same.get("unknown") == node.get("unknown");
        (!is_same).then(|| format!("`{}` says otherwise of the same", text(same, "id")))
    }

    /// The session that a variable stands for in a part of a question about sessions, and the list that it is one of.
    pub(super) fn meant(&self, id: &str, variable: &str) -> Option<(String, String)> {
        let question = format!("{variable} in ");
        id.rmatch_indices(".sessions.").find_map(|(at, mark)| {
            let written = text(self.node(id.get(..at)?)?, "text");
            let list = written.split_once(&question)?.1.split(" where ").next()?;
            let session = id.get(at + mark.len()..)?.split('.').next()?;
            Some((session.to_owned(), list.to_owned()))
        })
    }

    /// The leaves that decide: one false term settles a conjunction, all true ones do, and the other way round.
    fn decisive(&mut self) {
        let mut of_rules: BTreeSet<&'a str> = BTreeSet::new();
        let mut decisive: BTreeSet<&'a str> = BTreeSet::new();
        for rule in self.rules().collect::<Vec<_>>() {
            for part in texts(rule, "operands") {
                if part.ends_with(".when") {
                    of_rules.extend(self.deciding(part));
                } else if part.ends_with(".not_before") {
                    decisive.insert(part);
                }
            }
        }
        decisive.extend(&of_rules);
        let roots: Vec<&'a str> = self
            .nodes
            .iter()
            .map(|node| text(node, "id"))
            .filter(|id| (id.starts_with("course.") || *id == "date_of_birth") && !is_inside(id))
            .collect();
        for root in roots {
            let of_root = self.deciding(root).into_iter().filter(|id| id.starts_with(root));
            decisive.extend(of_root);
        }
        for at in 0..self.nodes.len() {
            let node = self.nodes[at];
            let (id, kind) = (text(node, "id"), text(node, "kind"));
            let follows = match kind {
                "bound" => node["outcome"] == "true",
                "check" | "session" | "choice" | "course" => continue,
                "date" if node.get("derived").is_some() => false,
                _ => decisive.contains(id),
            };
            if (node["decisive"] == true) != follows {
                let words =
                    if follows { "it decides, and is not said to" } else { "it is said to decide, and does not" };
                self.fault(FaultKind::Step, id, words);
            }
        }
    }

    pub(super) fn deciding(&self, root: &'a str) -> BTreeSet<&'a str> {
        let (mut leaves, mut todo, mut seen) = (BTreeSet::new(), vec![root], BTreeSet::new());
        while let Some(id) = todo.pop() {
            let Some(node) = self.node(id).filter(|_| seen.insert(id)) else { continue };
            let said = |id: &str| self.node(id).map_or("", |node| text(node, "outcome"));
            let outcome = text(node, "outcome");
            let operands: Vec<&str> = texts(node, "operands").collect();
            match (node["operator"].as_str(), &operands[..]) {
                (Some(operator @ ("&&" | "||")), all) => {
                    let settling = if operator == "&&" { "false" } else { "true" };
                    match outcome {
                        "unknown" => todo.extend(all.iter().filter(|id| said(id) == "unknown")),
                        outcome if outcome == settling => todo.extend(all.iter().find(|id| said(id) == settling)),
                        _ => todo.extend(all),
                    }
                }
                (Some("!"), all) => todo.extend(all),
                (None, all @ [_]) if node["origin"]["from"] == "definition" => todo.extend(all),
                (Some("if"), [condition, yes, no]) => match (said(condition), outcome) {
                    ("true", _) => todo.extend([condition, yes]),
                    ("false", _) => todo.extend([condition, no]),
                    (_, "true" | "false") => todo.extend([yes, no]),
                    _ => todo.extend([condition, yes, no]),
                },
                _ => {
                    leaves.insert(id);
                }
            }
        }
        leaves
    }
}

/// Whether an id is that of a part of what a course rests on.
fn is_inside(id: &str) -> bool {
    let last = id.rsplit('.').next().unwrap_or_default();
    last.bytes().all(|byte| byte.is_ascii_digit()) || id.contains(".sessions.")
}
