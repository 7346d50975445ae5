//! Whether every step follows from its parts.

use serde_json::Value as Json;

use super::value::{Truth, Value, all, any, calculate, choices, compare, negative, number};
use super::{Check, FaultKind, list, text, texts};
use crate::date::{Date, Duration};

/// The kinds of nodes that are rules.
pub(super) const RULES: [&str; 6] =
    ["indication", "contraindication", "deferral", "referral", "precaution", "completion"];

fn truth(truth: Truth) -> Value {
    truth.map_or(Value::Unknown, Value::Truth)
}

impl<'a> Check<'a> {
    pub(super) fn steps(&mut self) {
        for at in 0..self.nodes.len() {
            let node = self.nodes[at];
            let (id, said) = (text(node, "id"), text(node, "outcome"));
            let operands: Vec<Value> = texts(node, "operands").map(|id| self.value(id)).collect();
            let followed = match self.follows(node, &operands) {
                // Where it is not known for what a course is counted, nothing is worked out.
                Some(_) if said == "unknown" && self.is_for_nothing(id) => {
                    self.found.premises += 1;
                    None
                }
                Some(values) => {
                    self.found.steps += 1;
                    let right = values.iter().find(|value| value.is_said(said)).cloned();
                    if right.is_none() {
                        let parts: Vec<String> = texts(node, "operands")
                            .filter_map(|id| Some(format!("`{}`", text(self.node(id)?, "outcome"))))
                            .collect();
                        let of = if parts.is_empty() { String::new() } else { format!(" of {}", parts.join(", ")) };
                        let operator = node["operator"].as_str().unwrap_or(text(node, "kind"));
                        let why = format!("it is said to be `{said}`, which `{operator}`{of} does not come to");
                        self.fault(FaultKind::Step, id, why);
                    }
                    right
                }
                None => {
                    self.found.premises += 1;
                    if !self.is_premise(node) {
                        let why = node["operator"].as_str().map_or_else(
                            || "it says neither what it is read of nor what is done with its parts".to_owned(),
                            |operator| format!("`{operator}` is not done with {} parts", operands.len()),
                        );
                        self.fault(FaultKind::Step, id, why);
                    }
                    self.leaf(node);
                    // A choice may be called `unknown`; what is not known says why.
                    let is_word = said == "unknown" && node["kind"] == "literal";
                    is_word.then(|| Value::Words(said.to_owned()))
                }
            };
            let is_open = said == "unknown" && node.get("unknown").is_some();
            self.attributes(node);
            let value = if is_open { Value::Unknown } else { followed.unwrap_or_else(|| Value::read(said)) };
            self.values.insert(id, value);
        }
    }

    /// The same answer with everything left open that was assumed.
    pub(super) fn opened(&self) -> Check<'a> {
        let mut open = Check {
            answer: self.answer,
            as_of: self.as_of,
            nodes: self.nodes.clone(),
            by_id: self.by_id.clone(),
            untold: self.untold.clone(),
            values: self.values.clone(),
            ..Check::default()
        };
        for node in &self.nodes {
            let operands: Vec<Value> = texts(node, "operands").map(|id| open.value(id)).collect();
            let stays_open = matches!(node["operator"].as_str(), Some("??" | "known"));
            let value = match open.follows(node, &operands) {
                None => continue,
                Some(_) if stays_open && operands.first() == Some(&Value::Unknown) => Value::Unknown,
                Some(values) => {
                    let said = values.iter().find(|value| value.is_said(text(node, "outcome")));
                    let known = || values.iter().find(|value| **value != Value::Unknown);
                    said.or_else(known).cloned().unwrap_or(Value::Unknown)
                }
            };
            open.values.insert(text(node, "id"), value);
        }
        open
    }

    /// What a step comes to, given its parts; more than one value where the trace leaves open what is meant; none where it is a premise.
    fn follows(&self, node: &'a Json, of: &[Value]) -> Option<Vec<Value>> {
        let kind = text(node, "kind");
        if RULES.contains(&kind) {
            return Some(vec![self.rule(node)]);
        }
        if let (Some(date), true) = (node["derived"]["date"].as_str(), kind == "date") {
            return Some(vec![Value::read(date)]);
        }
        if let Some(period) = node.get("period") {
            let day = |key: &str| period[key].as_str().and_then(|text| text.parse::<Date>().ok());
            let day_looked_at = day("day")?;
            let holds = day("from").is_none_or(|from| from <= day_looked_at);
            return Some(vec![Value::Truth(holds && day("until").is_none_or(|until| day_looked_at < until))]);
        }
        let truths = || of.iter().map(Value::truth);
        // A choice may be called `never`, `3` or `unknown`: choices are told by their words.
        let said = |at: usize| {
            let words = texts(node, "operands").nth(at).and_then(|id| self.node(id)).map(|node| text(node, "outcome"));
            words.filter(|_| of.get(at) != Some(&Value::Unknown))
        };
        let value = match (node["operator"].as_str(), of) {
            (None, [one]) if node["origin"]["from"] == "definition" => one.clone(),
            (None, [count]) => count.times(unit(text(node, "text"))?),
            (Some("!"), [one]) => truth(one.truth().map(|truth| !truth)),
            (Some("&&"), _) => truth(all(truths())),
            (Some("||"), _) => truth(any(truths())),
            (Some(operator @ ("<" | "<=" | ">" | ">=" | "==" | "!=")), [_, _]) => {
                let compared = |of: &[Value]| match operator {
                    "==" => self.equal(node, (0, &of[0]), (1, &of[1])),
                    "!=" => self.equal(node, (0, &of[0]), (1, &of[1])).map(|equal| !equal),
                    _ => compare(operator, &of[0], &of[1]),
                };
                return Some([of, &as_years(of)].map(|of| truth(compared(of))).into());
            }
            (Some("in"), [_]) => truth(said(0).map(|item| texts(node, "among").any(|one| one == item))),
            (Some("in"), [item, among @ ..]) => self.among(node, item, among),
            (Some(operator @ (".." | "..=")), [_, _, _]) => {
                let below = if operator == ".." { "<" } else { "<=" };
                let within = |of: &[Value]| {
                    let found = all([compare(">=", &of[0], &of[1]), compare(below, &of[0], &of[2])]);
                    let none = || match (&of[0], of[1].number(), of[2].number()) {
                        (Value::Unknown, ..) => false,
                        _ if compare(below, &of[1], &of[2]) == Some(false) => true,
                        (_, Some((from, _)), Some((_, to))) => {
                            self.counts(node, 0) && (from.ceil() > to || operator == ".." && from.ceil() == to)
                        }
                        _ => false,
                    };
                    truth(found.or_else(|| none().then_some(false)))
                };
                return Some(vec![within(of), within(&as_years(of))]);
            }
            (Some("contains"), [_, _]) => truth(said(0).zip(said(1)).map(|(set, item)| choices(set).contains(&item))),
            (Some("contains_any"), [_]) => {
                truth(said(0).map(|set| texts(node, "among").any(|one| choices(set).contains(&one))))
            }
            (Some("is_empty"), [_]) => truth(said(0).map(|set| choices(set).is_empty())),
            (Some("len"), [_]) => {
                said(0).map_or(Value::Unknown, |set| Value::count(choices(set).len(), Some(choices(set).len())))
            }
            (Some("-"), [one]) => negative(one),
            // From "never" to a day that is not known.
            (Some("-"), [Value::Date(_), Value::Unknown]) if kind == "duration" => Value::Unknown,
            (Some(operator @ ("+" | "-" | "*" | "/")), [a, b]) => {
                // `1990` may be a number or a year; what follows tells which.
                let values = [
                    calculate(operator, a, b),
                    calculate(operator, &as_date(a), b),
                    calculate(operator, &as_date(a), &as_date(b)),
                ];
                return Some(values.into());
            }
            (Some("if"), [condition, yes, no]) => match condition.truth() {
                Some(true) => yes.clone(),
                Some(false) => no.clone(),
                None => match &as_years(of)[1..] {
                    [yes_day, no_day] => return Some(vec![yes.or(no), yes_day.or(no_day)]),
                    _ => return None,
                },
            },
            (Some("??"), [value, default]) => {
                if *value == Value::Unknown {
                    default.clone()
                } else {
                    value.clone()
                }
            }
            (Some("known"), [value]) => Value::Truth(*value != Value::Unknown),
            (Some(operator @ ("any" | "all" | "count" | "sum")), _) => self.sessions(node, operator, of),
            _ => return None,
        };
        Some(vec![value])
    }

    /// Whether something is one of several. Of a whole number that may be several, each of them may be another of those.
    fn among(&self, node: &Json, item: &Value, among: &[Value]) -> Value {
        if *item == Value::Unknown {
            return Value::Unknown;
        }
        let found = any(among.iter().zip(1..).map(|(one, at)| self.equal(node, (0, item), (at, one))));
        if let (None, Some((least, most)), true) = (found, item.number(), self.counts(node, 0)) {
            let exactly = |one: i128| Value::Amount { number: Some((one.into(), one.into())), length: None };
            let (least, most) = (least.to_integer(), most.to_integer());
            let is_each = |one| among.iter().any(|other| compare("==", &exactly(one), other) == Some(true));
            let many = i128::try_from(among.len()).unwrap_or(i128::MAX);
            return truth((most - least < many && (least..=most).all(is_each)).then_some(true));
        }
        truth(found)
    }

    /// Whether two operands are equal. A whole number is no other, whatever is known of it.
    fn equal(&self, node: &Json, (at, a): (usize, &Value), (other, b): (usize, &Value)) -> Truth {
        let is_broken = |value: &Value| value.number().is_some_and(|(least, most)| least.ceil() > most);
        let never = || is_broken(b) && self.counts(node, at) || is_broken(a) && self.counts(node, other);
        let are_known = *a != Value::Unknown && *b != Value::Unknown;
        compare("==", a, b).or_else(|| (are_known && never()).then_some(false))
    }

    /// Whether an operand is a whole number, whatever is known of it.
    fn counts(&self, node: &Json, at: usize) -> bool {
        texts(node, "operands").nth(at).and_then(|id| self.node(id)).is_some_and(|operand| self.is_counted(operand))
    }

    /// Whether a node is a whole number, whatever is known of it.
    fn is_counted(&self, node: &Json) -> bool {
        match (text(node, "kind"), node["operator"].as_str()) {
            ("age" | "sessions_done", _) | (_, Some("count" | "len")) => true,
            _ if node["origin"]["from"] == "definition" => {
                texts(node, "operands").next().and_then(|id| self.node(id)).is_some_and(|of| self.is_counted(of))
            }
            _ => false,
        }
    }

    /// A question about sessions, given what holds of each; of a sum, that and what is added.
    fn sessions(&self, node: &Json, operator: &str, of: &[Value]) -> Value {
        let (ids, unlisted): (Vec<&str>, bool) = (texts(node, "operands").collect(), node["unlisted"] == true);
        let counts = |at: usize, truth: Truth| {
            let is_perhaps_another = texts(node, "noted_twice").any(|id| Some(&id) == ids.get(at));
            if is_perhaps_another { all([truth, None]) } else { truth }
        };
        let truths = || of.iter().map(Value::truth);
        let others = |of_others: bool| if unlisted { None } else { Some(of_others) };
        match operator {
            "any" => truth(any(truths().chain([others(false)]))),
            "all" => truth(all(truths().chain([others(true)]))),
            "count" => {
                let surely = truths().enumerate().filter(|(at, truth)| counts(*at, *truth) == Some(true)).count();
                let possibly = truths().filter(|truth| *truth != Some(false)).count();
                Value::count(surely, (!unlisted).then_some(possibly))
            }
            _ if unlisted => Value::Unknown,
            _ => {
                let nothing = Value::count(0, Some(0));
                of.chunks(2).enumerate().fold(nothing.clone(), |sum, (at, pair)| {
                    let [condition, note] = pair else { return Value::Unknown };
                    let added = match counts(2 * at, condition.truth()) {
                        Some(true) => note.clone(),
                        Some(false) => nothing.clone(),
                        None => note.or(&nothing),
                    };
                    calculate("+", &sum, &added)
                })
            }
        }
    }

    /// Whether a rule fires; of an indication, whether its condition holds.
    fn rule(&self, node: &'a Json) -> Value {
        let part = |part: &str| texts(node, "operands").find(|id| id.ends_with(part)).map(|id| self.value(id));
        let holds = part(".when").map_or(Some(true), |when| when.truth());
        let waits = part(".not_before").map(|until| match (until.days(), self.as_of) {
            (Some(days), Some(as_of)) if as_of < days.first => Some(true),
            (Some(days), Some(as_of)) if as_of >= days.last => Some(false),
            _ => None,
        });
        truth(all([Some(holds), waits].into_iter().flatten()))
    }

    /// Whether a node belongs to a condition of a course that is counted for values, where none is told.
    pub(super) fn is_for_nothing(&self, id: &str) -> bool {
        if self.untold.is_empty() || !id.starts_with("course.") {
            return false;
        }
        let whole = [".when", ".from", ".beyond_planned", ".restart_when_complete"];
        let whole = whole.iter().find_map(|part| Some(&id[..id.find(&format!("{part}."))? + part.len()]));
        let whole = whole.unwrap_or(id);
        self.untold.iter().any(|one| one.strip_prefix(whole).is_some_and(|rest| rest.starts_with('.')))
    }

    /// Whether a leaf says what was read where it was read.
    fn leaf(&mut self, node: &'a Json) {
        let (id, said, origin) = (text(node, "id"), text(node, "outcome"), &node["origin"]);
        let found = match origin["from"].as_str() {
            // Where a course is counted for values of which none is told, what is asked of one stays open, whatever it reads.
            _ if said == "unknown" && self.is_for_nothing(id) => Ok(()),
            Some("literal") => is_written(text(node, "text"), said).then_some(()).ok_or("it is written otherwise"),
            Some("as_of") => {
                (node["outcome"] == self.answer["as_of"]).then_some(()).ok_or("it is not the day of the question")
            }
            Some("record" | "parameter" | "not_applicable") => {
                let given = list(&self.answer["trace"], "given").find(|given| given["origin"] == *origin);
                match given {
                    None => Err("`trace.given` has no such fact or parameter"),
                    Some(given) if node["kind"] == "age" => self.is_age(given, said),
                    Some(given) if given["outcome"] != node["outcome"] => Err("`trace.given` says otherwise"),
                    // A choice may be called `unknown`.
                    Some(given)
                        if said == "unknown" && given["why"].is_null() == list(node, "unknown").next().is_some() =>
                    {
                        Err("whether it is not known, `trace.given` says otherwise")
                    }
                    Some(_) => Ok(()),
                }
            }
            _ => Ok(()),
        };
        if let Err(why) = found {
            self.fault(FaultKind::Step, id, format!("it is said to be `{said}`: {why}"));
        }
    }

    /// Whether an age is that of somebody born on a day.
    fn is_age(&self, born: &Json, said: &str) -> Result<(), &'static str> {
        let years = match (Value::read(text(born, "outcome")).days(), self.as_of) {
            (Some(birth), Some(as_of)) if !birth.first.is_never() => {
                let years = |birth: Date| usize::try_from(as_of.years_since(birth)).unwrap_or(0);
                Value::count(years(birth.last), Some(years(birth.first)))
            }
            _ => Value::Unknown,
        };
        years.is_said(said).then_some(()).ok_or("the date of birth makes another age")
    }

    /// What a node says beside its outcome.
    fn attributes(&mut self, node: &'a Json) {
        let (id, origin) = (text(node, "id"), &node["origin"]);
        let operands: Vec<Value> = texts(node, "operands").map(|id| self.value(id)).collect();
        let assumed = node["operator"] == "??" && operands.first() == Some(&Value::Unknown);
        if (origin["from"] == "assumed") != assumed && (node["operator"] == "??" || origin["from"] == "assumed") {
            self.fault(FaultKind::Step, id, "whether something was assumed does not follow from its parts");
        }
        if let (Some(name), "definition") = (origin["name"].as_str(), text(origin, "from"))
            && texts(node, "operands").next().is_none_or(|operand| operand != format!("definition.{name}"))
        {
            self.fault(FaultKind::Step, id, format!("it is not made of the definition `{name}`"));
        }
        let set = &self.answer["provenance"]["set"];
        if let (Some(name), "parameter") = (origin["name"].as_str(), text(origin, "from"))
            && (origin["set"] == true) != set.get(name).is_some()
        {
            self.fault(
                FaultKind::Step,
                id,
                format!("whether `{name}` was set for this answer, the provenance says otherwise"),
            );
        }
        self.unknowns(node);
    }

    /// Why a fact that was read is not, or not exactly, known.
    pub(super) fn why(&self, fact: &str) -> Option<&'a Json> {
        list(&self.answer["trace"], "given").find(|given| given["origin"]["fact"] == fact)?.get("why")
    }

    /// Whether what a node waits for is what its parts wait for, or the record does not say.
    fn unknowns(&mut self, node: &'a Json) {
        let id = text(node, "id");
        for unknown in list(node, "unknown") {
            let fact = text(unknown, "fact");
            let given = list(&self.answer["trace"], "given").find(|given| given["origin"]["fact"] == fact);
            let is_asked = list(self.answer, "questions").any(|question| text(question, "fact") == fact);
            let is_of_session = fact.starts_with("sessions.") || fact.starts_with("earlier.");
            // How many sessions a course has, and which of them are skipped, stands in no node of its own.
            let is_of_course = node["kind"] == "course" && node.get("operator").is_none();
            // What tells whether the question of a fact makes sense, and what contradicts it, the dictionary says: no step has to read it.
            let is_of_dictionary = || {
                self.under(id).into_iter().any(|leaf| {
                    let read = leaf["origin"]["fact"].as_str().is_some_and(|read| self.why(read).is_some());
                    read && list(leaf, "unknown").any(|other| other["fact"] == fact)
                })
            };
            if given.is_none() && !is_asked && !is_of_session && !is_of_course && !is_of_dictionary() {
                self.fault(
                    FaultKind::Step,
                    id,
                    format!("it waits for `{fact}`, which nothing reads and nobody is asked for"),
                );
            }
            if given.is_some_and(|given| given["why"] != unknown["why"]) {
                self.fault(FaultKind::Step, id, format!("why `{fact}` is not known, `trace.given` says otherwise"));
            }
        }
        if node.get("unknown").is_some() && node["outcome"] != "unknown" && RULES.contains(&text(node, "kind")) {
            self.fault(FaultKind::Step, id, "it is known, and said to wait for something");
        }
    }
}

/// A value of which `1990` is meant as a year, if it may be one.
fn as_date(value: &Value) -> Value {
    value.days().map_or_else(|| value.clone(), Value::Date)
}

/// Values of which `1990` is meant as a year and not as a number, if all of them may be days.
fn as_years(of: &[Value]) -> Vec<Value> {
    let days: Vec<Value> = of.iter().map(as_date).collect();
    let is_any = |value: &Value| matches!(value, Value::Date(_) | Value::Unknown | Value::Truth(_));
    if days.iter().all(is_any) { days } else { of.to_vec() }
}

/// The length of time that a function of the language counts in.
fn unit(text: &str) -> Option<Duration> {
    let (months, days) = match text.split_once('(')?.0.trim() {
        "days" => (0, 1),
        "weeks" => (0, 7),
        "months" => (1, 0),
        "years" => (12, 0),
        _ => return None,
    };
    Some(Duration::new(months, days))
}

/// Whether a literal says what is written: a word in quotes, a number, a length of time.
fn is_written(text: &str, said: &str) -> bool {
    if let Some(unit) = unit(text) {
        let inside = text.split_once('(').and_then(|(_, inside)| inside.strip_suffix(')'));
        return inside.is_some_and(|count| Value::read(count.trim()).times(unit).is_said(said));
    }
    // What is computed while it is read: `-(-8)`.
    if let Some(inside) = text.strip_prefix("-(") {
        return inside
            .strip_suffix(')')
            .and_then(number)
            .zip(number(said))
            .is_some_and(|(inside, said)| inside == -said);
    }
    let plain = text.trim_matches(|mark| mark == '(' || mark == ')');
    let quoted = plain.strip_prefix("date").map_or(plain, |date| date.trim_start_matches(['(', ' ']));
    let quoted = quoted.strip_prefix('"').and_then(|quoted| quoted.trim_end().strip_suffix('"'));
    let numbers = number(plain).zip(number(said.split(' ').next().unwrap_or_default()));
    plain == said || quoted == Some(said) || numbers.is_some_and(|(a, b)| a == b)
}
