//! What may be known about a patient and noted about a session.

use std::sync::{Arc, OnceLock};

use rust_decimal::Decimal;

use super::compile::plain_text;
use super::conditions::{AskedWhen, Contradiction};
use super::file::{
    AnsweredBy, Choices, FactEntry, FactType, FactsFile, SessionFactEntry, SourceAttribute, TreatmentEntry,
};
use super::{labels, look_alike};
use crate::date::Duration;
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, SourceFile, codes};
use crate::document::{Entries, Scalar, Spanned};
use crate::lang::Type;
use crate::lang::lower::RESERVED;
use crate::lang::parse::is_name;
use crate::logic::value::Texts;
use crate::patient::cell::DECIMALS;
use crate::patient::entries::NOTED_TWICE;
use crate::speech::{ENGLISH, Speech};

/// The clinic's dictionary.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    /// What may be known about a patient, in the order of the file.
    #[doc(hidden)]
    pub facts: Vec<Fact>,
    /// What may be noted about a session: its date, product and whether it was faulty, then what the file declares.
    #[doc(hidden)]
    pub notes: Vec<Note>,
    /// Facts that are declared, but wrongly; their mistakes have been reported.
    #[doc(hidden)]
    pub broken: Vec<String>,
    /// Answers that cannot all be right.
    #[doc(hidden)]
    pub contradictions: Vec<Contradiction>,
    /// The texts in `otherwise`.
    #[doc(hidden)]
    pub texts: Texts,
    /// Suspicious things that are meant.
    #[doc(hidden)]
    pub allowed: Vec<super::model::Allowed>,
    /// Treatments that records may name, each with its label.
    #[doc(hidden)]
    pub treatments: Vec<(String, String)>,
    /// The names of the whole clinic.
    #[doc(hidden)]
    pub names: super::KnownNames,
    /// The text's SHA-256, in hexadecimal; empty for a dictionary inside a protocol file.
    pub sha256: String,
    /// What a record that is read with it has its places from, once anybody has asked.
    fingerprint: OnceLock<Fingerprint>,
    /// The translation of its texts that is used.
    pub translation: Option<super::translation::Translation>,
}

/// The names and types of a dictionary, in their order: what the places of a record's answers and notes mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint([u8; 32]);

/// Something that may be known about a patient.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Its name in expressions and records.
    pub name: String,
    /// What people read for it, where the file says so.
    pub label: Option<String>,
    /// The type of its answer.
    pub answer: Answer,
    /// The question, as the person hears it.
    pub ask: String,
    /// Who answers.
    pub of: AnsweredBy,
    /// The group of questions that it belongs to, and where that stands.
    pub group: Option<(String, crate::diagnostic::Place)>,
    /// How long an answer may be used.
    pub valid_for: Validity,
    /// When its question makes sense; none: always.
    pub asked_when: Option<AskedWhen>,
    /// Whether the event may not have happened.
    pub may_be_never: bool,
    /// Whether a date after the as-of date is a mistake.
    pub past: bool,
    /// Whether a person can change it.
    pub modifiable: bool,
    /// Which of the kinds of data it is whose use is disclosed.
    pub source_attribute: Option<SourceAttribute>,
    /// Codes for interfaces.
    pub codes: Vec<String>,
    /// Where it is declared.
    pub place: crate::diagnostic::Place,
}

/// Something that may be noted about a session.
#[derive(Clone, Debug)]
pub struct Note {
    /// Its name in expressions and records.
    pub name: String,
    /// What people read for it, where the file says so.
    pub label: Option<String>,
    /// The type of its value.
    pub answer: Answer,
}

/// The type of an answer, and which answers are permitted.
#[derive(Clone, Debug)]
pub struct Answer {
    /// As it is declared.
    pub declared: FactType,
    /// As expressions see it.
    pub ty: Type,
    /// The least and the greatest number.
    pub range: Option<(Decimal, Decimal)>,
    /// How many decimals a number has at most, where that is declared.
    pub decimals: Option<u32>,
    /// What people read for each choice; empty where the file does not say.
    pub labels: Arc<[String]>,
}

impl Answer {
    fn plain(declared: FactType, ty: Type) -> Answer {
        Answer { declared, ty, range: None, decimals: None, labels: Arc::default() }
    }

    /// The permitted answers of a choice or a set.
    #[must_use]
    pub fn choices(&self) -> &[String] {
        match &self.ty {
            Type::Choice(choices) | Type::Set(choices) => choices,
            _ => &[],
        }
    }

    /// Whether choices of a set contradict each other: the one that says that there is none, and others.
    pub(crate) fn has_none_and_others(&self, bits: u64) -> bool {
        bits.count_ones() > 1 && self.choices().iter().position(|one| one == NONE).is_some_and(|at| bits >> at & 1 == 1)
    }
}

/// The name of the choice that says that there is none.
pub(crate) const NONE: &str = "none";

/// How long an answer may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// It does not expire.
    Forever,
    /// This long after it was taken, the last day included.
    For(Duration),
    /// Only on the day it was taken.
    Visit,
    /// Until the next session of the treatment.
    Session,
}

/// The most choices that a choice or a set may have: they are bits of a word, and one is taken.
const MOST_CHOICES: usize = 63;

impl Dictionary {
    /// What people read for a treatment, where it says so.
    pub(crate) fn treatment_label(&self, treatment: &str) -> Option<&str> {
        labels::label_among(&self.treatments, treatment)
    }

    /// The words of the language in which its texts were asked for.
    pub(crate) fn speech(&self) -> &'static Speech {
        self.translation.as_ref().map_or(&ENGLISH, |one| Speech::of(&one.language))
    }

    /// The fact of a name, and its place in the list.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<(usize, &Fact)> {
        self.facts.iter().enumerate().find(|(_, fact)| fact.name == name)
    }

    /// The note of a name, and its place in the list.
    #[must_use]
    pub fn note(&self, name: &str) -> Option<(usize, &Note)> {
        self.notes.iter().enumerate().find(|(_, note)| note.name == name)
    }

    /// Forgets what was worked out of it: it has been changed.
    pub(super) fn changed(&mut self) {
        self.fingerprint = OnceLock::new();
    }

    /// Its names and types. Two dictionaries that have the same read each other's records.
    pub(crate) fn fingerprint(&self) -> Fingerprint {
        use sha2::{Digest, Sha256};
        *self.fingerprint.get_or_init(|| {
            let facts: Vec<_> = self.facts.iter().map(|fact| (&fact.name, &fact.answer.ty)).collect();
            let notes: Vec<_> = self.notes.iter().map(|note| (&note.name, &note.answer.ty)).collect();
            Fingerprint(Sha256::digest(format!("{facts:?} {notes:?}")).into())
        })
    }

    /// Adds what a file declares of treatments; its words win over those that are there.
    pub(super) fn add_treatments(&mut self, declared: &Entries<TreatmentEntry>) {
        let all = declared.iter().map(|(name, entry)| (name.value.clone(), entry.label.clone()));
        self.treatments = all.chain(std::mem::take(&mut self.treatments)).collect();
    }

    pub(super) fn compile(file: &FactsFile, source: &Arc<SourceFile>, found: &mut Diagnostics) -> Dictionary {
        let mut dictionary = Dictionary::built_in();
        dictionary.add(&file.facts, &file.session_facts, source, found);
        dictionary.add_treatments(&file.treatments);
        dictionary.allowed = super::compile::allowed(&file.allow, source, found);
        ignored_and_declared(file, source, found);
        dictionary
    }

    fn built_in() -> Dictionary {
        let note =
            |name: &str, declared, ty| Note { name: name.into(), label: None, answer: Answer::plain(declared, ty) };
        let notes = vec![
            note("date", FactType::Date, Type::Date),
            note("product", FactType::Text, Type::Text),
            note("faulty", FactType::Bool, Type::Bool),
        ];
        Dictionary { notes, ..Dictionary::default() }
    }

    /// Adds what a file declares.
    pub(super) fn add(
        &mut self,
        facts: &Entries<FactEntry>,
        notes: &Entries<SessionFactEntry>,
        source: &Arc<SourceFile>,
        found: &mut Diagnostics,
    ) {
        self.fingerprint = OnceLock::new();
        for (name, entry) in facts.iter() {
            let mistakes = found.count(Severity::Error);
            let mut reader = Reader { source, found };
            // Two of one file were told of when that was read.
            if let Some(first) = self.fact(name).map(|(_, fact)| fact.place.clone()) {
                if first.file.name != source.name {
                    let message = format!("there is already a fact `{}`", name.value);
                    let diagnostic =
                        Diagnostic::new(&codes::DUPLICATE_NAME, message).labelled(&name.place(source), "again");
                    let help = "take it out here, or give it another name: what the dictionary says of a fact holds for every protocol";
                    reader.found.push(diagnostic.see(&first, "first").help(help));
                }
                continue;
            }
            reader.check_name(name);
            // Of choices and a type that has none, or a range of what is no number, only one can have been meant: that is told here, and
            // nothing of the fact's use.
            let is_choice = matches!(entry.kind, FactType::Choice | FactType::Set);
            let is_number = matches!(entry.kind, FactType::Integer | FactType::Decimal);
            let differs =
                (!is_choice && !entry.choices.names.is_empty()) || (!is_number && !entry.range.value.is_empty());
            let answer = reader.answer(name, &Declared::from(entry));
            let is_told = differs && reader.found.count(Severity::Error) > mistakes;
            let Some(answer) = answer.filter(|_| !is_told) else {
                self.broken.push(name.value.clone());
                continue;
            };
            let valid_for = reader.validity(&entry.valid_for);
            if let Some(group) = entry.group.as_ref().filter(|group| group.trim().is_empty()) {
                let diagnostic = Diagnostic::new(&codes::INVALID_VALUE, "`group` is empty");
                let help = "name the group by any word, as in group = \"pregnancy\", or take the key out";
                reader.found.push(diagnostic.at(&group.place(source)).help(help));
            }
            for (given, key) in [(entry.may_be_never, "may_be_never"), (entry.past, "past")] {
                if given && entry.kind != FactType::Date {
                    let message = format!("`{key}` is for dates, and `{}` is not one", name.value);
                    reader.found.push(Diagnostic::new(&codes::USELESS_KEY, message).at(&name.place(source)));
                }
            }
            if entry.modifiable.value && entry.past {
                let message =
                    format!("`modifiable` is for what a person can change, and `{}` is in the past", name.value);
                let diagnostic = Diagnostic::new(&codes::USELESS_KEY, message).at(&entry.modifiable.place(source));
                reader.found.push(diagnostic.help("take `modifiable = true` away: what has happened has happened"));
            }
            self.facts.push(Fact {
                name: name.value.clone(),
                label: labels::label(entry.label.as_ref(), source, found),
                answer,
                ask: plain_text(&entry.ask, source, found),
                of: entry.of,
                group: entry.group.as_ref().map(|group| (group.value.clone(), group.place(source))),
                valid_for,
                asked_when: None,
                may_be_never: entry.may_be_never,
                past: entry.past,
                modifiable: entry.modifiable.value,
                source_attribute: entry.source_attribute,
                codes: entry.codes.clone(),
                place: name.place(source),
            });
        }
        for (name, entry) in notes.iter() {
            let mut reader = Reader { source, found };
            if ["treatment", NOTED_TWICE].contains(&name.value.as_str()) || self.note(name).is_some() {
                let message = format!("every session already has a `{}`", name.value);
                found.push(Diagnostic::new(&codes::DUPLICATE_NAME, message).at(&name.place(source)));
                continue;
            }
            reader.check_note(name);
            if let Some(answer) = reader.answer(name, &Declared::from(entry)) {
                let label = labels::label(entry.label.as_ref(), source, found);
                self.notes.push(Note { name: name.value.clone(), label, answer });
            }
        }
    }
}

/// What is declared of an answer to a question, or of a note about a session.
struct Declared<'e> {
    kind: FactType,
    choices: &'e Choices,
    range: &'e Spanned<Vec<Spanned<Scalar>>>,
    unit: Option<&'e str>,
    decimals: Option<&'e Spanned<i64>>,
}

macro_rules! declared {
    ($($entry:ident),*) => {$(
        impl<'e> From<&'e $entry> for Declared<'e> {
            fn from(entry: &'e $entry) -> Declared<'e> {
                Declared {
                    kind: entry.kind,
                    choices: &entry.choices,
                    range: &entry.range,
                    unit: entry.unit.as_deref(),
                    decimals: entry.decimals.as_ref(),
                }
            }
        }
    )*};
}
declared!(FactEntry, SessionFactEntry);

struct Reader<'a> {
    source: &'a Arc<SourceFile>,
    found: &'a mut Diagnostics,
}

impl Reader<'_> {
    fn check_name(&mut self, name: &Spanned<String>) {
        check_name(name, self.source, self.found);
    }

    /// A note is named behind the session, as `s.product`: what a condition calls by its name alone, such as `age`, is free; the words
    /// that begin a question about sessions are not.
    fn check_note(&mut self, name: &Spanned<String>) {
        let begins = ["any", "all", "count", "sum"].contains(&name.as_str());
        if begins || !RESERVED.contains(&name.as_str()) {
            self.check_name(name);
        }
    }

    fn answer(
        &mut self,
        name: &Spanned<String>,
        &Declared { kind: declared, choices, range, unit, decimals }: &Declared<'_>,
    ) -> Option<Answer> {
        let numeric = matches!(declared, FactType::Integer | FactType::Decimal);
        let chosen = matches!(declared, FactType::Choice | FactType::Set);
        let place = name.place(self.source);
        let useless = |key: &str, what: &str| {
            let message = format!("`{key}` is for {what}, and `{}` is not one", name.value);
            Diagnostic::new(&codes::USELESS_KEY, message).at(&place)
        };
        if !numeric && !range.is_empty() {
            self.found.push(useless("range", "numbers"));
        }
        if !numeric && unit.is_some() {
            self.found.push(useless("unit", "numbers"));
        }
        if !chosen && !choices.is_empty() {
            self.found.push(useless("choices", "choices and sets"));
        }
        if let (Some(decimals), false) = (decimals, declared == FactType::Decimal) {
            let useless = useless("decimals", "decimal numbers");
            self.found.push(Diagnostic { label: None, ..useless }.at(&decimals.place(self.source)));
        }
        let unit: Option<Arc<str>> = unit.map(Into::into);
        let ty = match declared {
            FactType::Bool => Type::Bool,
            FactType::Text => Type::Text,
            FactType::Date => Type::Date,
            FactType::Integer => Type::Number { whole: true, unit, scaled: false },
            FactType::Decimal => Type::Number { whole: false, unit, scaled: false },
            FactType::Choice | FactType::Set => {
                let names = self.choices(name, choices)?;
                if declared == FactType::Choice { Type::Choice(names) } else { Type::Set(names) }
            }
        };
        let decimals = decimals.and_then(|decimals| self.decimals(decimals));
        let labels = labels::of_choices(choices, self.source, self.found);
        Some(Answer { declared, ty, range: self.range(range, declared == FactType::Integer), decimals, labels })
    }

    fn decimals(&mut self, decimals: &Spanned<i64>) -> Option<u32> {
        let number = u32::try_from(decimals.value).ok().filter(|number| *number <= DECIMALS);
        if number.is_none() {
            let message = format!("`decimals` is {}, and it must be 0 to {DECIMALS}", decimals.value);
            self.found.push(Diagnostic::new(&codes::INVALID_VALUE, message).at(&decimals.place(self.source)));
        }
        number
    }

    fn choices(&mut self, name: &Spanned<String>, choices: &[Spanned<String>]) -> Option<Arc<[String]>> {
        if choices.is_empty() {
            let message = format!("`{}` has no choices", name.value);
            let diagnostic = Diagnostic::new(&codes::MISSING_KEY, message).at(&name.place(self.source));
            self.found.push(diagnostic.help("write `choices = [\"…\", \"…\"]`"));
            return None;
        }
        // A cell of a spreadsheet, with all of them in it.
        if let [one] = choices
            && one.contains([';', ',', '|', '\n'])
        {
            let parts = one.split([';', ',', '|', '\n']).map(str::trim).filter(|part| !part.is_empty());
            let right = parts.map(|part| format!("\"{part}\"")).collect::<Vec<_>>().join(", ");
            let message = format!("`{}` has one choice, with several in it", name.value);
            let diagnostic = Diagnostic::new(&codes::INVALID_VALUE, message).at(&one.place(self.source));
            let diagnostic = diagnostic.help(format!("write each in quotes of its own: {right}"));
            self.found.push(if one.contains(['"', '\\']) { diagnostic } else { diagnostic.replace_by(right, false) });
            return None;
        }
        if choices.len() > MOST_CHOICES {
            let message = format!("`{}` has {} choices, and the most is {MOST_CHOICES}", name.value, choices.len());
            self.found.push(Diagnostic::new(&codes::INVALID_VALUE, message).at(&name.place(self.source)));
            return None;
        }
        for (at, choice) in choices.iter().enumerate() {
            if let Some(first) = choices[..at].iter().find(|other| other.value == choice.value) {
                let message = format!("the choice `{}` is given twice", choice.value);
                let diagnostic =
                    Diagnostic::new(&codes::DUPLICATE_NAME, message).labelled(&choice.place(self.source), "again");
                self.found.push(diagnostic.see(&first.place(self.source), "first"));
            }
        }
        let named: Vec<_> = choices.iter().map(|choice| look_alike::named(choice, self.source)).collect();
        look_alike::check("choice", &named, self.found);
        Some(choices.iter().map(|choice| choice.value.clone()).collect())
    }

    fn range(&mut self, range: &Spanned<Vec<Spanned<Scalar>>>, whole: bool) -> Option<(Decimal, Decimal)> {
        if range.is_empty() {
            return None;
        }
        let numbers: Vec<Decimal> = range
            .iter()
            .filter_map(|end| match end.value {
                Scalar::Number(number) if !whole || number.is_integer() => Some(number),
                _ => None,
            })
            .collect();
        match (&numbers[..], range.len()) {
            ([least, greatest], 2) if least <= greatest => Some((*least, *greatest)),
            ([_, _], 2) => {
                let message = "the range ends before it begins";
                self.found.push(Diagnostic::new(&codes::INVALID_VALUE, message).at(&range.place(self.source)));
                None
            }
            _ => {
                let what = if whole { "two whole numbers" } else { "two numbers" };
                let diagnostic =
                    Diagnostic::new(&codes::INVALID_VALUE, format!("a range is {what}")).at(&range.place(self.source));
                // `[30,0, 250,0]`: each comma was meant for a point.
                let right = match (&numbers[..], range.len()) {
                    ([a, b, c, d], 4) if !whole && [a, b, c, d].iter().all(|part| part.is_integer()) => {
                        Some(format!("[{a}.{b}, {c}.{d}]"))
                    }
                    _ => None,
                };
                self.found.push(match right {
                    Some(right) => diagnostic
                        .help(format!("if the commas stand before decimals, write {right}"))
                        .replace_by(right, false),
                    None => diagnostic.help("write `range = [least, greatest]`"),
                });
                None
            }
        }
    }

    fn validity(&mut self, text: &Spanned<String>) -> Validity {
        match text.as_str() {
            "forever" => Validity::Forever,
            "visit" => Validity::Visit,
            "session" => Validity::Session,
            _ => match text.parse::<Duration>() {
                Ok(duration) if duration > Duration::default() => Validity::For(duration),
                _ if text.is_empty() && text.span.is_empty() => Validity::Forever,
                Err(error) if crate::lengths::meant(text).is_some() => {
                    self.found.push(crate::lengths::mistake(&error, &text.place(self.source)));
                    Validity::Forever
                }
                _ => {
                    let message = format!("`{}` is not a validity", text.value);
                    let diagnostic = Diagnostic::new(&codes::INVALID_DURATION, message).at(&text.place(self.source));
                    let meant = match text.as_str() {
                        "always" | "immer" | "lifelong" | "unlimited" => "forever",
                        "today" | "once" | "heute" => "visit",
                        other => other,
                    };
                    let diagnostic = diagnostic.suggest(meant, ["forever", "visit", "session"]);
                    self.found.push(
                        diagnostic
                            .help("write \"forever\", \"visit\", \"session\" or a length of time such as \"7 days\""),
                    );
                    Validity::Forever
                }
            },
        }
    }
}

/// Names that are ignored and declared at once: one of the two is not meant.
fn ignored_and_declared(file: &FactsFile, source: &Arc<SourceFile>, found: &mut Diagnostics) {
    let facts = file.facts.iter().map(|(name, _)| name).collect::<Vec<_>>();
    let treatments = file.treatments.iter().map(|(name, _)| name).collect::<Vec<_>>();
    for (what, ignored, declared) in
        [("fact", &file.ignored.facts, facts), ("treatment", &file.ignored.treatments, treatments)]
    {
        for name in ignored {
            if let Some(first) = declared.iter().find(|other| other.value == name.value) {
                let message = format!("the {what} `{}` is both declared and ignored", name.value);
                let diagnostic =
                    Diagnostic::new(&codes::DUPLICATE_NAME, message).labelled(&name.place(source), "ignored");
                found.push(diagnostic.see(&first.place(source), "declared"));
            }
        }
    }
}

/// Whether a name can be used in expressions; reported if not.
pub(super) fn check_name(name: &Spanned<String>, source: &Arc<SourceFile>, found: &mut Diagnostics) {
    let is_word = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let (message, help) = if !is_word {
        (
            "cannot be used as a name in expressions",
            "use letters without accents, digits and `_`, beginning with a letter",
        )
    } else if RESERVED.contains(&name.as_str()) || !is_name(name) {
        ("means something else in expressions", "choose another name")
    } else {
        return;
    };
    let diagnostic =
        Diagnostic::new(&codes::RESERVED_NAME, format!("`{}` {message}", name.value)).at(&name.place(source));
    let joined = name.value.replace(['-', ' ', '.'], "_");
    let is_right = !is_word && joined.starts_with(|c: char| c.is_ascii_alphabetic()) && is_name(&joined);
    let is_right = is_right && joined.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    found.push(match is_right {
        true => diagnostic.help(format!("write `{joined}`")).replace_by(joined, false),
        false => diagnostic.help(help),
    });
}
