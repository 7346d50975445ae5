//! A record to fill in: every question as a comment above the name of its answer.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::date::Date;
use crate::english::plain_name;
use crate::lang::{Expr, Type};
use crate::protocol::Protocol;
use crate::protocol::dictionary::{Answer, Fact, Validity};
use crate::protocol::file::AnsweredBy;
use crate::speech::{Speech, tell};

/// How wide comments are.
const WIDTH: usize = 100;

impl Protocol {
    /// A record to fill in, in TOML, for what these protocols of one clinic may want to know: every question as a comment above its answer, with
    /// which answers it takes; grouped by who answers. As it stands it is a record in which nothing was asked yet.
    ///
    /// ```
    /// # let (clinic, _) = regimen::Clinic::from_text("p.toml", include_str!("../../tests/fixtures/tiny.toml"))?;
    /// use regimen::{Notation, Protocol, Record};
    /// let text = Protocol::blank_record(&[&clinic.protocols[0]], "P-1", "2026-03-01".parse()?);
    /// assert!(text.contains("# pregnant ="));
    /// assert!(Record::from_text("record.toml", &text, Notation::Toml, &clinic.dictionary).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn blank_record(protocols: &[&Protocol], patient: &str, recorded: Date) -> String {
        let speech = Speech::told(Protocol::first_told_in(protocols.iter().copied()).as_deref());
        let mut text = format!(
            "# {}\n\
             #\n\
             # {}\n\
             # {}\n\
             #\n\
             #   {{ unknown = \"declined\" }}                     {}\n\
             #   {{ unknown = \"not_known\" }}                    {}\n\
             #   {{ value = true, on = 2026-02-10 }}            {}\n\n\
             patient  = {}\n\
             recorded = {recorded}\n\n\
             # {}\n\
             # sessions = []\n\n\
             [facts]\n",
            protocols.iter().map(|protocol| protocol.title.as_str()).collect::<Vec<_>>().join("; "),
            speech.word("Fill in what you know: take away the `#` before the name and write the answer behind `=`. Leave the other lines as they are:"),
            speech.word("what has no answer was not asked, and is asked again."),
            speech.word("was asked, and was not answered"),
            speech.word("was asked, and is not known"),
            speech.word("was answered on another day than the rest"),
            toml_text(patient),
            speech.word("Sessions that were given are listed at the end. If there has been none of any treatment, take away the `#` here:"),
        );
        let asked = asked(protocols);
        for of in [AnsweredBy::Patient, AnsweredBy::Clinician, AnsweredBy::Record, AnsweredBy::Lab] {
            let asked: Vec<&&Fact> = asked.iter().filter(|fact| fact.of == of).collect();
            if asked.is_empty() {
                continue;
            }
            let _ = write!(text, "\n# ---- {} ----\n", speech.word(whom(of)));
            for fact in asked {
                text.push('\n');
                comment(&mut text, &fact.ask);
                comment(
                    &mut text,
                    &format!(
                        "{}; {}",
                        answers(&fact.answer, fact.may_be_never, speech),
                        validity(fact.valid_for, speech)
                    ),
                );
                let _ = writeln!(text, "# {} =", fact.name);
            }
        }
        sessions(&mut text, protocols, speech);
        text
    }
}

/// The facts that any of the protocols reads, in the order of the dictionary.
fn asked<'p>(protocols: &[&'p Protocol]) -> Vec<&'p Fact> {
    let mut names = BTreeSet::new();
    let mut asked: Vec<(usize, &Fact)> = Vec::new();
    for protocol in protocols {
        for at in &protocol.facts {
            let fact = &protocol.dictionary.facts[*at];
            if names.insert(fact.name.as_str()) {
                asked.push((*at, fact));
            }
        }
    }
    asked.sort_by_key(|(at, _)| *at);
    asked.into_iter().map(|(_, fact)| fact).collect()
}

/// The list of sessions, with an example.
fn sessions(text: &mut String, protocols: &[&Protocol], speech: &Speech) {
    let _ = write!(
        text,
        "\n# ---- {} ----\n#\n# {}\n",
        speech.word("sessions that were given, one block each, the oldest first"),
        speech.word("Of a session whose day nobody knows, write the month or the year: \"2026-02\"."),
    );
    let treatment = protocols.first().map_or("", |protocol| protocol.treatment.as_str());
    let _ = write!(text, "#\n# [[sessions]]\n# treatment = {}\n# date      = 2026-02-10\n", toml_text(treatment));
    let mut told = BTreeSet::new();
    for protocol in protocols {
        for (at, note) in protocol.dictionary.notes.iter().enumerate() {
            if reads(protocol, at) && told.insert(note.name.as_str()) {
                comment(text, &format!("{}: {}", note.name, answers(&note.answer, false, speech)));
            }
        }
    }
}

/// Whether a protocol reads a note that the clinic declares.
fn reads(protocol: &Protocol, note: usize) -> bool {
    let is_own = !["date", "product", "faulty"].contains(&protocol.dictionary.notes[note].name.as_str());
    let read = |expr: &Expr| match expr {
        Expr::SessionNote { note: read, .. } | Expr::EndNote { note: read, .. } => usize::from(*read) == note,
        _ => false,
    };
    let counted = || protocol.courses.iter().filter_map(|course| course.separate_by.as_ref());
    is_own
        && (protocol.program.nodes.iter().any(|node| read(&node.expr))
            || counted().any(|counter| usize::from(counter.note) == note))
}

fn whom(of: AnsweredBy) -> &'static str {
    match of {
        AnsweredBy::Patient => "asked of the patient",
        AnsweredBy::Clinician => "seen, measured or judged by the clinician",
        AnsweredBy::Record => "from the clinic's records",
        AnsweredBy::Lab => "from the laboratory",
    }
}

/// Which answers are taken, and how they are written.
fn answers(answer: &Answer, may_be_never: bool, speech: &Speech) -> String {
    let range = answer.range.map_or_else(String::new, |(least, most)| tell!(speech, ", {} to {}", least, most));
    // A label that says no more than the name is left out.
    let choice = |(at, choice): (usize, &String)| match answer.labels.get(at) {
        Some(label) if *label != plain_name(choice) && label != choice => format!("\"{choice}\" ({label})"),
        _ => format!("\"{choice}\""),
    };
    let choices = || answer.choices().iter().enumerate().map(choice).collect::<Vec<_>>().join(", ");
    match &answer.ty {
        Type::Bool => speech.word("true or false"),
        Type::Number { whole, unit, .. } => {
            let unit = unit.as_ref().map_or_else(String::new, |unit| tell!(speech, " in {}", speech.units(unit)));
            format!("{}{unit}{range}", speech.word(if *whole { "a whole number" } else { "a number" }))
        }
        Type::Date => speech.word(match may_be_never {
            true => {
                "a day as 2026-02-10, or as much as is known: \"2026-02\", \"2026\", or \"never\" if it never happened"
            }
            false => "a day as 2026-02-10, or as much as is known: \"2026-02\", \"2026\"",
        }),
        Type::Choice(_) => tell!(speech, "one of {}", choices()),
        Type::Set(_) => tell!(speech, "[] for none, or any of [{}]", choices()),
        Type::Duration { .. } | Type::Text | Type::Sessions => speech.word("a text in quotes"),
    }
}

fn validity(valid_for: Validity, speech: &Speech) -> String {
    match valid_for {
        Validity::Forever => speech.word("never asked again"),
        Validity::For(duration) => tell!(speech, "asked again after {}", speech.written(&duration.to_string())),
        Validity::Visit => speech.word("asked at every visit"),
        Validity::Session => speech.word("asked again after every session"),
    }
}

/// Adds lines of comment.
fn comment(text: &mut String, words: &str) {
    let options = textwrap::Options::new(WIDTH).initial_indent("# ").subsequent_indent("#   ").break_words(false);
    for line in textwrap::wrap(words, options) {
        text.push_str(&line);
        text.push('\n');
    }
}

/// A text as TOML writes it: as JSON does.
fn toml_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
