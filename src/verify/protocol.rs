//! Whether an answer and its trace say what the text of their protocol says: every rule of the file is in the trace as it is written, and what
//! the answer repeats of the file stands there in these words. Nothing of the text is evaluated.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};
use toml::de::{DeTable, DeValue};

use super::answer::as_truth;
use super::steps::RULES;
use super::value::{Value, number};
use super::{Check, FaultKind, list, text};

/// The texts for people that lists of the answer repeat of tables of the file, by their keys in both.
const WORDS: [(&str, &str, &[&str]); 4] = [
    ("precautions", "precaution", &["do", "reason"]),
    ("settings", "setting", &["label"]),
    ("instructions", "instruction", &["do"]),
    ("red_flags", "red_flag", &["sign", "action", "within"]),
];

/// The same of the reasons, by the key in the answer and that in the file.
const OF_REASONS: [(&str, &str); 4] = [("reason", "reason"), ("until", "until"), ("to", "to"), ("then", "then")];

impl<'a> Check<'a> {
    /// Compares the answer with the text of its protocol, which is found by its sum, and with that of its dictionary.
    pub(super) fn protocol(&mut self, texts: &[&str]) {
        let provenance = &self.answer["provenance"];
        let found = |key: &str| {
            let sum = text(provenance, key);
            texts.iter().find(|text| !sum.is_empty() && crate::protocol::sha256(text) == sum)
        };
        let read =
            |key: &str| found(key).and_then(|text| DeTable::parse(text).ok()).map(|table| table_of(table.get_ref()));
        let Some(file) = read("protocol_sha256") else {
            return self.fault(
                FaultKind::Protocol,
                "provenance.protocol_sha256",
                "no text that was given has this sum",
            );
        };
        let dictionary = read("dictionary_sha256").unwrap_or_else(|| file.clone());
        self.header(&file);
        self.every_rule(&file);
        self.expressions(&file);
        self.parameters(&file);
        self.reasons_as_written(&file);
        for (of, table, keys) in WORDS {
            for said in list(self.answer, of) {
                self.as_written((of, said), entry(&file, table, text(said, "id")), keys);
            }
        }
        let after = list(self.answer, "after_care").flat_map(|after| list(after, "instructions"));
        let after: Vec<&Json> = after.collect();
        for said in after.iter().copied().chain(list(self.answer, "instructions")) {
            let of = entry(&file, "instruction", text(said, "id"));
            self.as_written(("instructions", said), of, &["do"]);
            self.instruction(said, of);
        }
        self.nothing_left_out(&file);
        self.settings_as_written(&file);
        self.sources_as_written(&file);
        self.course_as_written(&file);
        for question in list(self.answer, "questions") {
            let fact = text(question, "fact");
            let of = &dictionary["facts"][fact];
            let is_same = !of.is_object()
                || (self.is_translated() || fits(of.get("ask"), question.get("ask"))) && of["of"] == question["of"];
            self.says(|| format!("questions.{fact}"), is_same, "the dictionary asks otherwise");
        }
    }

    fn says(&mut self, at: impl FnOnce() -> String, holds: bool, why: &str) {
        self.found.statements += 1;
        if !holds {
            self.fault(FaultKind::Protocol, at(), why);
        }
    }

    /// Whether the texts are those of a translation, which the file does not have.
    fn is_translated(&self) -> bool {
        let provenance = &self.answer["provenance"];
        ["protocol_translation_sha256", "dictionary_translation_sha256"]
            .iter()
            .any(|key| !text(provenance, key).is_empty())
    }

    fn header(&mut self, file: &Json) {
        let (answer, provenance) = (self.answer, &self.answer["provenance"]);
        let same = [
            ("protocol", file["id"] == answer["protocol"]),
            ("title", self.is_translated() || file["title"] == answer["title"]),
            ("provenance.version", file["version"] == provenance["version"]),
            // Who tries out what is published has a draft of what is in use.
            ("protocol_status", provenance["edition"] == "draft" || file["status"] == answer["protocol_status"]),
        ];
        for (at, is_same) in same {
            self.says(|| at.into(), is_same, "the protocol says otherwise");
        }
    }

    /// The trace has every rule of the file, and no other; each leads to what the file says.
    fn every_rule(&mut self, file: &Json) {
        let mut written: BTreeSet<String> = BTreeSet::new();
        for kind in RULES {
            for rule in list(file, kind) {
                let id = format!("{kind}.{}", text(rule, "id"));
                let node = self.node(&id);
                self.says(|| id.clone(), node.is_some(), "the protocol has this rule, and the trace does not");
                if let (Some(node), "completion") = (node, kind) {
                    let is_so = node["leads_to"] == rule["outcome"];
                    self.says(|| id.clone(), is_so, "the protocol says otherwise to what it leads");
                }
                written.insert(id);
            }
        }
        let rules: Vec<&str> = self.rules().map(|rule| text(rule, "id")).collect();
        for id in rules {
            self.says(|| id.into(), written.contains(id), "the protocol has no such rule");
        }
    }

    /// The trace has each expression of the file, as it is written.
    fn expressions(&mut self, file: &Json) {
        let mut all: Vec<(String, &Json, bool)> = Vec::new();
        for kind in RULES {
            for rule in list(file, kind) {
                let id = text(rule, "id");
                let part = |part: &str| (format!("{kind}.{id}.{part}"), rule.get(part));
                let parts = ["when", "not_before", "recheck"].map(part);
                all.extend(parts.into_iter().filter_map(|(id, written)| Some((id, written?, true))));
            }
        }
        for (name, of) in file["definitions"].as_object().into_iter().flatten() {
            all.push((format!("definition.{name}"), defined(of), true));
        }
        for course in list(file, "course") {
            all.extend(course.get("when").map(|when| (format!("course.{}.when", text(course, "id")), when, true)));
        }
        for setting in list(file, "setting") {
            // With `each`, there is a node for each of what the patient has.
            let (id, has_each) = (text(setting, "id"), setting.get("each").is_some());
            let start = format!("setting.{id}.");
            for (row, at) in list(setting, "rows").zip(1..) {
                let Some(when) = row.get("when") else { continue };
                let end = format!("row-{at}");
                all.push((format!("{start}{end}"), when, !has_each));
                let of_each = |id: &&str| {
                    id.strip_prefix(&start).and_then(|id| id.split_once('.')).is_some_and(|(_, rest)| rest == end)
                };
                all.extend(self.by_id.keys().copied().filter(of_each).map(|id| (id.to_owned(), when, false)));
            }
        }
        for (id, written, is_needed) in all {
            let said = self.node(&id).map(|node| text(node, "text"));
            let is_same = said.map_or(!is_needed, |said| {
                // A sign that TOML writes in another way stands in the trace as it does in the file.
                let is_escaped = said.replace("\\\"", "").contains('\\');
                is_escaped || plain(said) == plain(written.as_str().unwrap_or_default())
            });
            self.says(|| id.clone(), is_same, "the protocol writes it otherwise, or the trace does not have it");
        }
    }

    /// Parameters have the values of the file, if they were not set; of one that was, the answer says what the file has, and who signs.
    fn parameters(&mut self, file: &Json) {
        let answer = self.answer;
        let written = |name: &str| {
            let of = &file["parameters"][name];
            let unit = of["unit"].as_str().map_or_else(String::new, |unit| format!(" {unit}"));
            (of.is_object(), format!("{}{unit}", text(of, "value").trim_start_matches('+')))
        };
        let is_it = |written: &str, said: &str| written == as_truth(said) || Value::read(written).is_said(said);
        for given in list(&answer["trace"], "given").filter(|given| given["origin"]["from"] == "parameter") {
            let name = text(&given["origin"], "name");
            let (is_there, value) = written(name);
            let is_same = is_there && (given["origin"]["set"] == true || is_it(&value, text(given, "outcome")));
            self.says(|| format!("trace.given.{name}"), is_same, "the protocol gives the parameter another value");
        }
        for set in list(answer, "overrides") {
            let name = text(set, "parameter");
            let (is_there, value) = written(name);
            let is_same = is_there && is_it(&value, text(set, "declared"));
            self.says(
                || format!("overrides.{name}.declared"),
                is_same,
                "the protocol gives the parameter another value",
            );
            let mut signs: Vec<&Json> = Vec::new();
            for rule in list(file, "deferral").filter(|rule| reads(file, text(rule, "not_before"), name)) {
                signs.extend(rule["override"].get("by").filter(|by| !signs.contains(by)));
            }
            let said: Vec<&Json> = list(set, "sign_off").collect();
            let fit = |(by, said): (&&Json, &&Json)| self.is_translated() || fits(Some(by), Some(said));
            let is_same = signs.len() == said.len() && signs.iter().zip(&said).all(fit);
            self.says(|| format!("overrides.{name}.sign_off"), is_same, "the protocol names others who sign");
        }
    }

    fn reasons_as_written(&mut self, file: &Json) {
        for reason in list(self.answer, "reasons") {
            let (id, kind) = (text(reason, "id"), text(reason, "kind"));
            let at = |key: &str| format!("reasons.{id}.{key}");
            if kind == "separation" || kind == "interval" {
                let courses = list(file, "course").flat_map(|course| {
                    let sessions = list(course, "session").flat_map(|session| list(session, "interval"));
                    list(course, "interval").chain(sessions).chain(list(course, "gap"))
                });
                let mut of = courses.chain(list(file, "separation")).filter(|of| text(of, "id") == id).peekable();
                let is_same = of.peek().is_none()
                    || of.any(|of| of.get("reason").is_none() || fits(of.get("reason"), reason.get("reason")));
                self.says(|| at("reason"), is_same || self.is_translated(), "the protocol gives another reason");
                continue;
            }
            let Some(rule) = entry(file, kind, id).filter(|_| RULES.contains(&kind)) else { continue };
            for (said, written) in OF_REASONS {
                let written = if (kind, written) == ("indication", "reason") { "otherwise" } else { written };
                let is_same = self.is_translated() || fits(rule.get(written), reason.get(said));
                self.says(|| at(said), is_same, "the protocol says otherwise");
            }
            let by = &rule["override"];
            let is_by = self.is_translated() || fits(by.get("by"), reason["may_override"].get("by"));
            let down_to =
                by["down_to"].as_str().filter(|length| Value::read(length) != Value::Words((*length).to_owned()));
            let is_down_to =
                down_to.is_none_or(|length| Value::read(length).is_said(text(&reason["may_override"], "down_to")));
            let is_there = by.get("down_to").is_some() == reason["may_override"].get("down_to").is_some();
            self.says(|| at("may_override"), is_by && is_down_to && is_there, "the protocol says otherwise");
            let is_so = reason.get("lasts") == rule.get("lasts");
            self.says(|| at("lasts"), is_so, "the protocol says otherwise");
            let is_so = list(reason, "instead").eq(list(rule, "instead"));
            self.says(|| at("instead"), is_so, "the protocol says otherwise");
            self.founded(&at("sources"), file, reason, rule);
        }
    }

    /// What a list of the answer repeats of a table of the file; of what stands in another one, as a pause does, nothing is compared.
    fn as_written(&mut self, (of, said): (&str, &'a Json), written: Option<&Json>, keys: &[&str]) {
        let Some(written) = written.filter(|_| !self.is_translated()) else { return };
        for key in keys {
            let is_same = fits(written.get(*key), said.get(*key));
            self.says(|| format!("{of}.{}.{key}", text(said, "id")), is_same, "the protocol says otherwise");
        }
    }

    /// What something rests on, and how well.
    fn founded(&mut self, at: &str, file: &Json, said: &Json, written: &Json) {
        let sources: Vec<&Json> = list(written, "sources").collect();
        let is_same = list(said, "sources").eq(sources.iter().copied());
        self.says(|| at.to_owned(), is_same, "the protocol names other sources");
        let grades = ["read", "recalled", "custom"];
        let grade = |source: &&Json| {
            grades.iter().find(|grade| file["sources"][source.as_str().unwrap_or_default()]["evidence"] == **grade)
        };
        let of_sources = grades.iter().find(|one| sources.iter().filter_map(grade).any(|grade| grade == *one));
        let grade = written["evidence"].as_str().or(of_sources.copied()).unwrap_or("custom");
        self.says(|| at.to_owned(), said["evidence"] == grade, "it is founded otherwise in the protocol");
    }

    fn instruction(&mut self, said: &'a Json, written: Option<&Json>) {
        let id = text(said, "id");
        let at = |key: &str| format!("instructions.{id}.{key}");
        let Some(written) = written else {
            return self.says(|| at("id"), false, "the protocol has no such instruction");
        };
        for key in ["at", "until"] {
            let is_same = match (written[key].as_str().map(|day| day.trim_start_matches('+')), said[key].as_str()) {
                // A parameter has its own place in the trace, if anything reads it.
                (Some(day), Some(said)) => {
                    matches!(Value::read(day), Value::Words(_)) || Value::read(day).is_said(said)
                }
                (day, said) => day.is_none() && said.is_none(),
            };
            self.says(|| at(key), is_same, "the protocol says otherwise");
        }
        let whom = |of: &Json| of["for"].as_str().unwrap_or("patient").to_owned();
        self.says(|| at("for"), whom(written) == whom(said), "the protocol says otherwise");
    }

    /// What the file says for everybody is told to everybody for whom something may be done.
    fn nothing_left_out(&mut self, file: &Json) {
        let answer = self.answer;
        let told = |of: &str, id: &str| list(answer, of).any(|one| text(one, "id").split('.').next() == Some(id));
        let may_be = !self.ends();
        let flags = may_be || list(answer, "red_flags").next().is_some();
        for (of, table, is_told) in
            [("settings", "setting", may_be), ("instructions", "instruction", may_be), ("red_flags", "red_flag", flags)]
        {
            for one in list(file, table).filter(|one| is_told && one.get("when").is_none() && one.get("each").is_none())
            {
                let id = text(one, "id");
                self.says(|| format!("{of}.{id}"), told(of, id), "the protocol has it, and it is not told");
            }
            for said in list(answer, of) {
                let id = text(said, "id");
                let is_there = entry(file, table, id).is_some();
                self.says(|| format!("{of}.{id}"), is_there, "the protocol has no such thing");
            }
        }
    }

    /// A setting that is known is what its rows say, and what the precautions that hold allow, where these are numbers or words and none is
    /// calculated or rounded.
    fn settings_as_written(&mut self, file: &Json) {
        let answer = self.answer;
        for said in list(answer, "settings") {
            let id = text(said, "id");
            let Some(written) = entry(file, "setting", id) else { continue };
            let is_needed = written["needed"] != "false";
            self.says(
                || format!("settings.{id}.needed"),
                (said["needed"] == true) == is_needed,
                "the protocol says otherwise",
            );
            let is_english = self.answer["provenance"].get("language").is_none_or(Json::is_null);
            // In another language, numbers are written as people there read them.
            if said["known"] != true || !is_english || written.get("decimals").is_some() {
                continue;
            }
            let applies = |at: usize, row: &Json| {
                row.get("when").map_or(Some(true), |_| self.value(&format!("setting.{id}.row-{at}")).truth())
            };
            let rows: Vec<_> = list(written, "rows").zip(1..).map(|(row, at)| (row, applies(at, row))).collect();
            if rows.iter().any(|(_, applies)| applies.is_none()) {
                continue;
            }
            let rows: Vec<&Json> =
                rows.into_iter().filter(|(_, applies)| *applies == Some(true)).map(|(row, _)| row).collect();
            let words: Vec<&Json> = rows.iter().filter_map(|row| row.get("text")).collect();
            if let Some(first) = words.first() {
                let is_same = words.len() > 1 || fits(Some(first), said.get("value"));
                self.says(|| format!("settings.{id}.value"), is_same, "the row that applies says otherwise");
                continue;
            }
            let name = text(written, "id");
            let firing = list(file, "precaution").filter(|one| {
                self.node(&format!("precaution.{}", text(one, "id"))).and_then(|rule| self.fires(rule)) == Some(true)
            });
            let limits = firing.filter_map(|one| one["limits"].get(name)).map(|limit| [Some(limit), Some(limit)]);
            let end = |row: &'_ Json, end: &str| row.get(end).or(row.get("value")).cloned();
            let ends: Vec<[Option<Json>; 2]> = rows.iter().map(|row| [end(row, "from"), end(row, "to")]).collect();
            let ends = ends.into_iter().chain(limits.map(|limit| limit.map(|limit| limit.cloned())));
            let numbers: Option<Vec<_>> = ends
                .map(|ends| Some([number(ends[0].as_ref()?.as_str()?)?, number(ends[1].as_ref()?.as_str()?)?]))
                .collect();
            let Some(numbers) = numbers.filter(|numbers| !numbers.is_empty()) else { continue };
            let is_higher = written["safer"] == "higher";
            let safest = |end: usize| {
                let of_end = numbers.iter().map(|ends| ends[end]);
                if is_higher { of_end.max() } else { of_end.min() }
            };
            let unit = written["unit"].as_str().map_or_else(String::new, |unit| format!(" {unit}"));
            let value = text(said, "value").strip_suffix(&unit).and_then(|value| Value::read(value).number());
            self.says(
                || format!("settings.{id}.value"),
                value == safest(0).zip(safest(1)),
                "the rows that apply say otherwise",
            );
        }
    }

    fn sources_as_written(&mut self, file: &Json) {
        for (of, table) in [
            ("precautions", "precaution"),
            ("settings", "setting"),
            ("instructions", "instruction"),
            ("red_flags", "red_flag"),
        ] {
            for said in list(self.answer, of) {
                let Some(written) = entry(file, table, text(said, "id")) else { continue };
                self.founded(&format!("{of}.{}.sources", text(said, "id")), file, said, written);
            }
        }
        for said in list(self.answer, "sources") {
            let id = text(said, "id");
            let of = &file["sources"][id];
            let year = said["year"].as_i64().map(|year| year.to_string());
            let is_same = (self.is_translated() || of["title"] == said["title"])
                && of["evidence"] == said["evidence"]
                && of.get("url") == said.get("url")
                && of["year"].as_str() == year.as_deref();
            self.says(|| format!("sources.{id}"), is_same, "the protocol says otherwise of it");
        }
    }

    /// How many sessions a course has, and for what it is counted.
    fn course_as_written(&mut self, file: &Json) {
        let course = &self.answer["course"];
        let Some(written) = entry(file, "course", text(course, "id")) else {
            return self.says(|| "course.id".into(), !course.is_object(), "the protocol has no such course");
        };
        let only = list(file, "course").nth(1).is_none();
        let is_only = course.get("chosen").is_none_or(Json::is_null);
        self.says(
            || "course.chosen".into(),
            only == is_only,
            "how many courses there are, the protocol says otherwise",
        );
        for key in ["minimum", "planned", "maximum"] {
            let of = written["sessions"][key].as_str().filter(|of| of.bytes().all(|byte| byte.is_ascii_digit()));
            let is_same = of.is_none_or(|of| course[key].as_u64().is_none_or(|said| said.to_string() == of));
            self.says(
                || format!("course.{key}"),
                is_same || course.get("components").is_some(),
                "the protocol says otherwise",
            );
        }
        // What one of several courses is counted for, all of them are.
        let is_same = match course.get("separate_by") {
            Some(said) => list(file, "course").any(|one| one["separate_by"] == *said),
            None => written.get("separate_by").is_none(),
        };
        self.says(|| "course.separate_by".into(), is_same, "the protocol says otherwise");
    }
}

/// The entry of a list of the file that has an id; of a setting for one value of a set, that of the setting.
fn entry<'f>(file: &'f Json, of: &str, id: &str) -> Option<&'f Json> {
    let id = if of == "setting" { id.split('.').next().unwrap_or_default() } else { id };
    list(file, of).find(|one| text(one, "id") == id)
}

/// Whether what is told is a text of the file, in which anything may stand for what is written between braces.
fn fits(written: Option<&Json>, said: Option<&Json>) -> bool {
    let (written, said) = match (written.and_then(Json::as_str), said.and_then(Json::as_str)) {
        (Some(written), Some(said)) => (written, one_line(said)),
        (written, said) => return written.is_none() && said.is_none(),
    };
    let (mut pieces, mut depth) = (vec![String::new()], 0_usize);
    let mut signs = written.chars().peekable();
    while let Some(sign) = signs.next() {
        match sign {
            '{' | '}' if depth == 0 && signs.next_if_eq(&sign).is_some() => {
                pieces.last_mut().into_iter().for_each(|one| one.push(sign))
            }
            '{' => {
                depth += 1;
                pieces.push(String::new());
            }
            '}' => depth = depth.saturating_sub(1),
            _ if depth == 0 => pieces.last_mut().into_iter().for_each(|one| one.push(sign)),
            _ => {}
        }
    }
    let [first, middle @ .., last] = &pieces[..] else { return one_line(&pieces[0]) == said };
    let squeeze = |piece: &String| piece.split_whitespace().collect::<Vec<_>>().join(" ");
    let (first, last) = (squeeze(first), squeeze(last));
    let Some(mut rest) = said.strip_prefix(&first).and_then(|rest| rest.strip_suffix(&last)) else { return false };
    middle.iter().map(squeeze).all(|piece| {
        let found = rest.split_once(&piece);
        rest = found.map_or("", |(_, after)| after);
        found.is_some()
    })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An expression without what may be written in one way or another: spaces, brackets around parts, and how quotes are kept apart.
fn plain(text: &str) -> String {
    text.chars().filter(|sign| !sign.is_whitespace() && !matches!(sign, '(' | ')' | '\\')).collect()
}

/// What a definition says: it has a label beside it, or none.
fn defined(of: &Json) -> &Json {
    of.get("when").or(of.get("value")).unwrap_or(of)
}

/// Whether an expression reads a name, also through definitions.
fn reads(file: &Json, written: &str, name: &str) -> bool {
    let (mut todo, mut seen) = (vec![written], BTreeSet::new());
    while let Some(written) = todo.pop() {
        // What stands in quotes is a word, and no name.
        let names = written
            .split('"')
            .step_by(2)
            .flat_map(|part| part.split(|sign: char| !(sign.is_alphanumeric() || sign == '_')));
        for other in names {
            if other == name {
                return true;
            }
            todo.extend(defined(&file["definitions"][other]).as_str().filter(|_| seen.insert(other)));
        }
    }
    false
}

/// The tables and lists of a file; each value in it is a text.
fn table_of(table: &DeTable<'_>) -> Json {
    Json::Object(
        table.iter().map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref()))).collect::<Map<_, _>>(),
    )
}

fn json(value: &DeValue<'_>) -> Json {
    match value {
        DeValue::String(text) => Json::String(text.to_string()),
        DeValue::Integer(number) => Json::String(number.as_str().replace('_', "")),
        DeValue::Float(number) => Json::String(number.as_str().replace('_', "")),
        DeValue::Boolean(truth) => Json::String(truth.to_string()),
        DeValue::Datetime(day) => Json::String(day.to_string()),
        DeValue::Array(all) => all.iter().map(|one| json(one.get_ref())).collect(),
        DeValue::Table(table) => table_of(table),
    }
}
