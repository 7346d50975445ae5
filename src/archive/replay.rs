//! An entry again: the same record, read by the same texts, on the same day. What is kept is never rewritten to suit a later engine.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::entry::{Entry, Kind, Personal, is_known_format};
use super::frames::Frames;
use super::question::{From, Why, why};
use super::receipt::Receipt;
use super::texts::{Folder, Texts};
use super::tree::Hash;
use crate::date::Date;
use crate::decide::{Request, nobodys_parameter};
use crate::diagnostic::{Diagnostics, Severity, SourceFile, codes};
use crate::document::Notation;
use crate::patient::{Record, read_for};
use crate::protocol::{Broken, Clinic, Dictionary, Protocol, Which};
use crate::trace::Depth;

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replay {
    /// The same bytes, but for the version of the engine in them.
    Identical,
    /// The same in everything but how it is explained.
    OtherTrace(Vec<Difference>),
    /// Another answer.
    Different(Vec<Difference>),
    /// It could not be tried.
    Not(NotReplayed),
}

/// Where two answers differ.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Difference {
    /// The way to the place, such as `status` or `trace.nodes.deferral.recent-peel.verdict`.
    pub place: String,
    /// What stood there; none: nothing.
    pub then: Option<String>,
    /// What stands there now.
    pub now: Option<String>,
}

/// Why an entry could not be produced again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotReplayed {
    /// The entry is no answer and no refusal.
    NoDecision,
    /// What is personal was erased, as was asked for.
    Erased,
    /// The format is not one that this program knows.
    UnknownFormat(String),
    /// A file could not be read then, so that it is not here now.
    NothingRead,
    /// It did not rest on the record alone: the row of a table, a line before it, or a mistake of regimen.
    NotByItself(String),
    /// What is kept does not fit together.
    Damaged(String),
}

impl NotReplayed {
    /// The reason in one word, for programs.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            NotReplayed::NoDecision => "no-decision",
            NotReplayed::Erased => "erased",
            NotReplayed::UnknownFormat(_) => "unknown-format",
            NotReplayed::NothingRead => "nothing-read",
            NotReplayed::NotByItself(_) => "not-by-itself",
            NotReplayed::Damaged(_) => "damaged",
        }
    }
}

/// Replays entries. Protocols that several of them rest on are read once.
#[derive(Debug, Default)]
pub struct Replayer {
    clinics: HashMap<(Hash, Vec<String>, Option<String>, Which), Clinics>,
}

/// The protocols that were asked.
#[derive(Debug)]
struct Clinics {
    read: Vec<(Clinic, usize)>,
    broken: Vec<Broken>,
    found: Diagnostics,
    /// Where the files are. They are read again for each language.
    _folder: Folder,
}

impl Replayer {
    /// Replays a receipt.
    pub fn receipt(&mut self, receipt: &Receipt) -> Replay {
        self.entry(&receipt.entry(), &receipt.texts())
    }

    /// Replays an entry with the texts that it was made with.
    pub fn entry(&mut self, entry: &Entry, texts: &Texts) -> Replay {
        if !is_known_format(&entry.public) {
            return Replay::Not(NotReplayed::UnknownFormat(entry.public.text("regimen/entry").to_owned()));
        }
        match (entry.kind(), &entry.personal) {
            (None, _) => Replay::Not(NotReplayed::UnknownFormat(entry.public.text("kind").to_owned())),
            (Some(Kind::Answer | Kind::Refusal | Kind::Imported), Personal::Erased) => Replay::Not(NotReplayed::Erased),
            (Some(Kind::Answer), Personal::Kept(_, frames)) => self.answer(entry, frames, texts),
            (Some(Kind::Refusal), Personal::Kept(_, frames)) => self.refusal(entry, frames, texts),
            (Some(Kind::Imported), Personal::Kept(_, frames)) => match Receipt::read(frames.text("receipt")) {
                Ok(receipt) => self.receipt(&receipt),
                Err(found) => damaged(&found.to_string()),
            },
            _ => Replay::Not(NotReplayed::NoDecision),
        }
    }

    fn answer(&mut self, entry: &Entry, frames: &Frames, texts: &Texts) -> Replay {
        let then = frames.text("answer");
        let protocol = (entry.public.text("protocol"), entry.public.text("version"));
        let now = match self.ask(frames, texts, Some(protocol)) {
            Ok(Came::Answer(now)) => now,
            Ok(Came::Refusal(now)) => {
                let now = now.iter().map(|one| format!("{}: {}", one.code, one.message)).collect::<Vec<_>>();
                return Replay::Different(vec![Difference {
                    place: "answer".into(),
                    then: Some("an answer".into()),
                    now: Some(format!("none: {}", now.join("; "))),
                }]);
            }
            Err(why) => return Replay::Not(why),
        };
        if then == now {
            return Replay::Identical;
        }
        let (Ok(then), Ok(now)) = (serde_json::from_str::<Json>(then), serde_json::from_str::<Json>(&now)) else {
            return damaged("the answer is no JSON");
        };
        let mut all = Vec::new();
        differences("", Some(&then), Some(&now), &mut all);
        all.retain(|one| one.place != "provenance.engine");
        // An answer that does not say which text it was made from is of an engine that published none.
        let was_not_told = |one: &Difference| one.place == "provenance.edition" && one.then.is_none();
        all.retain(|one| !was_not_told(one) || one.now.as_deref() != Some("\"unpublished\""));
        let is_trace = |one: &Difference| one.place == "trace" || one.place.starts_with("trace.");
        if all.is_empty() && then["provenance"]["engine"] != now["provenance"]["engine"] {
            Replay::Identical
        } else if all.is_empty() {
            // The same values in other bytes.
            Replay::OtherTrace(all)
        } else if all.iter().all(is_trace) {
            Replay::OtherTrace(all)
        } else {
            Replay::Different(all)
        }
    }

    fn refusal(&mut self, entry: &Entry, frames: &Frames, texts: &Texts) -> Replay {
        let Ok(then) = serde_json::from_str::<Vec<Why>>(frames.text("refusal")) else {
            return damaged("the refusal is no JSON");
        };
        let of_others = [codes::REPEATED_PATIENT.id, codes::MISTAKE_OF_REGIMEN.id];
        if let Some(one) = then.iter().find(|one| of_others.contains(&one.code.as_str())) {
            return Replay::Not(NotReplayed::NotByItself(one.message.clone()));
        }
        if frames.text("from") == From::Row.word() {
            return Replay::Not(NotReplayed::NotByItself("the record was a row of a table".to_owned()));
        }
        let broken = entry.public.text("protocol");
        let asked = if broken.is_empty() { self.ask(frames, texts, None) } else { self.broken(frames, texts, broken) };
        let now = match asked {
            Ok(Came::Refusal(now)) => now,
            Ok(Came::Answer(_)) => {
                let then = then.iter().map(|one| format!("{}: {}", one.code, one.message)).collect::<Vec<_>>();
                return Replay::Different(vec![Difference {
                    place: "answer".into(),
                    then: Some(format!("none: {}", then.join("; "))),
                    now: Some("an answer".into()),
                }]);
            }
            Err(why) => return Replay::Not(why),
        };
        let codes_of = |all: &[Why]| all.iter().map(|one| one.code.clone()).collect::<std::collections::BTreeSet<_>>();
        let list = |all: &[Why]| Json::from(all.iter().map(|one| one.message.clone()).collect::<Vec<_>>());
        let mut all = Vec::new();
        if codes_of(&then) != codes_of(&now) {
            let texts = |all: &[Why]| codes_of(all).into_iter().collect::<Vec<_>>().join(", ");
            all.push(Difference { place: "refusal".into(), then: Some(texts(&then)), now: Some(texts(&now)) });
            return Replay::Different(all);
        }
        differences("refusal", Some(&list(&then)), Some(&list(&now)), &mut all);
        if all.is_empty() { Replay::Identical } else { Replay::OtherTrace(all) }
    }

    /// What is wrong with a protocol's file.
    fn broken(&mut self, frames: &Frames, texts: &Texts, id: &str) -> Result<Came, NotReplayed> {
        let clinics = self.clinics(frames, texts)?;
        let mistakes = clinics.broken.iter().find(|one| one.id == id).map(|one| why(&one.mistakes, false));
        // Where its file is read without mistakes, it would answer.
        Ok(mistakes.map_or_else(|| Came::Answer(String::new()), Came::Refusal))
    }

    /// Asks again.
    fn ask(&mut self, frames: &Frames, texts: &Texts, of: Option<(&str, &str)>) -> Result<Came, NotReplayed> {
        let Some(text) = frames.get("record") else { return Err(NotReplayed::NothingRead) };
        let text = std::str::from_utf8(text).map_err(|_| NotReplayed::Damaged("the record is no text".into()))?;
        let as_of: Date = frames.text("as-of").parse().map_err(|_| NotReplayed::Damaged("there is no day".into()))?;
        if texts.is_empty() {
            return Err(NotReplayed::NothingRead);
        }
        let is_strict = frames.text("strict") == "true";
        let is_file = frames.text("from") == From::Record.word();
        let clinics = self.clinics(frames, texts)?;
        // A folder's protocols that are not in force were left out; one that was named had to be.
        let usable = |alone: bool, protocol: &&Protocol| alone || !protocol.usable(as_of).has_errors();
        let every: Vec<(&Protocol, bool)> = clinics
            .read
            .iter()
            .flat_map(|(clinic, count)| clinic.protocols.iter().map(move |protocol| (protocol, *count == 1)))
            .collect();
        let asked: Vec<&Protocol> =
            every.iter().filter(|(protocol, alone)| usable(*alone, protocol)).map(|(protocol, _)| *protocol).collect();
        let mut found = clinics.found.clone();
        let of_records: Vec<&Protocol> =
            if is_file { every.iter().map(|(protocol, _)| *protocol).collect() } else { asked.clone() };
        let judged = if asked.is_empty() { &of_records } else { &asked };
        judged.iter().for_each(|protocol| found.append(protocol.usable(as_of)));
        if !is_file {
            if found.has_errors() {
                return Ok(Came::Refusal(why(&found, false)));
            }
            // Of a line, only what is wrong with the line stops its answer.
            found = Diagnostics::default();
        }
        let notation = if frames.text("notation") == "json" { Notation::Json } else { Notation::Toml };
        let source = SourceFile::new(frames.text("from"), text);
        let dictionaries: Vec<&Dictionary> = of_records.iter().map(|one| one.dictionary.as_ref()).collect();
        let records: Vec<Record> = read_for(&source, notation, &dictionaries, as_of, &mut found);
        found.sort();
        let stops = |found: &Diagnostics| found.has_errors() || (is_strict && found.count(Severity::Warning) > 0);
        if stops(&found) {
            return Ok(Came::Refusal(why(&found, is_strict)));
        }
        let set: Vec<String> = frames.all("set").map(|one| String::from_utf8_lossy(one).into_owned()).collect();
        let several = if is_file { every.len() > 1 } else { asked.len() > 1 };
        if let Some(name) = nobodys_parameter(&asked, &set, several) {
            let message = format!("no protocol has a parameter `{name}`");
            return Ok(Came::Refusal(vec![Why { code: codes::INVALID_VALUE.id.into(), message }]));
        }
        let mut came = None;
        for protocol in &asked {
            let request = match Request::with_settings(protocol, as_of, &set, several) {
                Ok(request) => request.explain(Depth::Full),
                Err(message) => {
                    return Ok(Came::Refusal(vec![Why { code: codes::INVALID_VALUE.id.into(), message }]));
                }
            };
            let at = of_records.iter().position(|other| std::ptr::eq(*other, *protocol));
            let Some(record) = at.and_then(|at| records.get(at)) else { continue };
            let answered = protocol.prepare(&request).and_then(|prepared| {
                if is_strict {
                    found.append(prepared.doubts(record));
                }
                prepared.recommend(record)
            });
            match answered {
                Ok(answer) if of == Some((&protocol.id, &protocol.version)) => came = Some(answer),
                Ok(_) => {}
                Err(mistakes) => return Ok(Came::Refusal(why(&mistakes, is_strict))),
            }
        }
        found.sort();
        if stops(&found) {
            return Ok(Came::Refusal(why(&found, is_strict)));
        }
        let json = came.map(|answer| serde_json::to_string(&answer)).transpose();
        json.map(|json| Came::Answer(json.unwrap_or_default())).map_err(|error| NotReplayed::Damaged(error.to_string()))
    }

    /// The protocols, from the texts as they were.
    fn clinics(&mut self, frames: &Frames, texts: &Texts) -> Result<&Clinics, NotReplayed> {
        let asked: Vec<String> = frames.all("asked").map(|one| String::from_utf8_lossy(one).into_owned()).collect();
        let language = frames.get("language").map(|one| String::from_utf8_lossy(one).into_owned());
        // Which text is asked depends on the day only where there are several.
        let is_published = texts.iter().any(|(name, _)| name.ends_with("published/index.toml"));
        let which = match frames.text("as-of").parse() {
            Ok(day) if is_published && frames.text("draft") != "true" => Which::InForceOn(day),
            _ => Which::WorkingFile,
        };
        let key = (texts.hash(), asked.clone(), language.clone(), which);
        if !self.clinics.contains_key(&key) {
            let folder = texts.lay_out().map_err(|error| NotReplayed::Damaged(error.to_string()))?;
            let (mut read, mut broken, mut found) = (Vec::new(), Vec::new(), Diagnostics::default());
            for name in &asked {
                let path = folder.at(name).ok_or_else(|| NotReplayed::Damaged(format!("`{name}` is no name")))?;
                let (clinic, set_apart, mistakes) = Clinic::read_which(&path, language.as_deref(), which);
                found.append(mistakes);
                let count = clinic.protocols.len() + set_apart.len();
                broken.extend(set_apart);
                read.push((clinic, count));
            }
            self.clinics.insert(key.clone(), Clinics { read, broken, found, _folder: folder });
        }
        self.clinics.get(&key).ok_or(NotReplayed::NothingRead)
    }
}

/// What came of asking.
enum Came {
    /// An answer, as JSON.
    Answer(String),
    Refusal(Vec<Why>),
}

fn damaged(what: &str) -> Replay {
    Replay::Not(NotReplayed::Damaged(what.to_owned()))
}

/// Where two JSON values differ. What has an id in a list is compared with what has the same.
fn differences(place: &str, then: Option<&Json>, now: Option<&Json>, all: &mut Vec<Difference>) {
    let below = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    match (then, now) {
        _ if then == now => {}
        (Some(Json::Object(a)), Some(Json::Object(b))) => {
            a.iter().for_each(|(name, value)| differences(&below(name), Some(value), b.get(name), all));
            let added = b.iter().filter(|(name, _)| !a.contains_key(*name));
            added.for_each(|(name, value)| differences(&below(name), None, Some(value), all));
        }
        (Some(Json::Array(a)), Some(Json::Array(b))) => match (named(a), named(b)) {
            (Some(a), Some(b)) => {
                let find = |list: &[(String, &Json)], name: &str| {
                    list.iter().find(|(other, _)| other == name).map(|(_, value)| (*value).clone())
                };
                for (name, value) in &a {
                    differences(&below(name), Some(value), find(&b, name).as_ref(), all);
                }
                let added = b.iter().filter(|(name, _)| find(&a, name).is_none());
                added.for_each(|(name, value)| differences(&below(name), None, Some(value), all));
                let order = |list: &[(String, &Json)]| list.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
                let (then, now) = (order(&a), order(&b));
                if then != now && a.len() == b.len() && then.iter().all(|name| now.contains(name)) {
                    all.push(Difference {
                        place: place.to_owned(),
                        then: Some(then.join(", ")),
                        now: Some(now.join(", ")),
                    });
                }
            }
            _ => {
                for at in 0..a.len().max(b.len()) {
                    differences(&below(&at.to_string()), a.get(at), b.get(at), all);
                }
            }
        },
        _ => all.push(Difference {
            place: place.to_owned(),
            then: then.map(Json::to_string),
            now: now.map(Json::to_string),
        }),
    }
}

/// The items of a list by what tells them apart, where each has such a name and no two have the same.
fn named(list: &[Json]) -> Option<Vec<(String, &Json)>> {
    let name = |item: &Json| ["id", "fact", "name"].iter().find_map(|key| item.get(key)?.as_str().map(str::to_owned));
    let all: Option<Vec<(String, &Json)>> = list.iter().map(|item| Some((name(item)?, item))).collect();
    let all = all?;
    let mut names: Vec<&String> = all.iter().map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    (names.len() == all.len()).then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn differences_name_their_places() {
        let then = json!({ "status": "due", "reasons": [{ "id": "a", "day": "1" }, { "id": "b", "day": "2" }], "list": [1, 2] });
        let now = json!({ "status": "due", "reasons": [{ "id": "b", "day": "3" }], "list": [1, 2, 3], "new": true });
        let mut all = Vec::new();
        differences("", Some(&then), Some(&now), &mut all);
        let places: Vec<&str> = all.iter().map(|one| one.place.as_str()).collect();
        assert_eq!(places, ["reasons.a", "reasons.b.day", "list.2", "new"]);
        assert_eq!((all[1].then.as_deref(), all[1].now.as_deref()), (Some("\"2\""), Some("\"3\"")));
        assert_eq!((all[3].then.as_deref(), all[3].now.as_deref()), (None, Some("true")));
    }

    #[test]
    fn another_order_is_a_difference() {
        let mut all = Vec::new();
        let (then, now) = (json!([{ "id": "a" }, { "id": "b" }]), json!([{ "id": "b" }, { "id": "a" }]));
        differences("reasons", Some(&then), Some(&now), &mut all);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].place, "reasons");
    }
}
