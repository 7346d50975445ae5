//! `regimen recommend`: what to do for a patient.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::keep::{Keeping, unchanged};
use super::{Drafts, exit, print, tell_diagnostics, usage};
use crate::archive::{Draft, From, Given, Question, Texts, Why, why};
use crate::date::Date;
use crate::decide::{Request, nobodys_parameter};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity, SourceFile, codes};
use crate::document::Notation;
use crate::files;
use crate::patient::{Record, read_for};
use crate::protocol::load::{read_named, why_unreadable};
use crate::protocol::{Broken, Clinic, Dictionary, Protocol};
use crate::recommendation::Recommendation;
use crate::render::{self, TextStyle, broken_text_in};
use crate::speech::ENGLISH;
use crate::trace::Depth;
use crate::visible;

/// Say what to do for a patient on a given day, and why
///
/// Example: regimen recommend protocols/microneedling-acne-scars P-104.toml --as-of today
#[derive(Debug, Args)]
pub(super) struct Recommend {
    /// A protocol's folder or file, or a clinic's folder for every protocol in it
    protocol: PathBuf,
    /// The patient's record, TOML or JSON; `-` reads it from standard input
    record: PathBuf,
    /// The day for which to answer, as 2026-03-02, or `today`
    #[arg(long, value_name = "DATE")]
    as_of: String,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Show the whole answer, with every reason, instruction, source and step; otherwise text is one screen
    #[arg(long)]
    full: bool,
    /// How much of the reasoning to show, in JSON, Markdown and the whole text [default: rules]
    #[arg(long, value_enum)]
    explain: Option<Explain>,
    /// Set a parameter for this answer, within its range
    #[arg(long, value_name = "PARAMETER=VALUE")]
    set: Vec<String>,
    /// The language of texts and labels, as `de`: those of the files `protocol.de.toml` and `facts.de.toml`
    #[arg(long, value_name = "LANGUAGE", value_parser = super::language)]
    lang: Option<String>,
    /// Treat anything doubtful in the record, such as an unknown fact, as an error
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    drafts: Drafts,
    #[command(flatten)]
    keeping: Keeping,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
    Markdown,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Explain {
    /// What decided
    Verdict,
    /// Each rule
    Rules,
    /// Each step of each rule
    Full,
}

/// The last line of a screen.
const WHERE_THE_REST_IS: &str = "(instructions, every reason, sources and trace: add --full)";

/// The same of the answers of several protocols.
const WHERE_EACH_IS: &str = "(each with its first reason: --full; the whole answer of one: ask its protocol alone)";

/// What is said in the end.
enum Said {
    Answers {
        answers: Vec<Recommendation>,
        broken: Vec<Broken>,
        several: bool,
    },
    Mistakes(Diagnostics),
    /// A parameter that cannot be set.
    Usage(String),
}

/// What is to be kept before anything is said.
#[derive(Default)]
struct Heard {
    source: Option<(Arc<SourceFile>, Notation)>,
    /// Whether the record has been read, or it was tried.
    is_read: bool,
    patient: Option<String>,
    drafts: Vec<Draft>,
}

impl Heard {
    /// The record, as it was given.
    fn given(&self) -> Given<'_> {
        let (text, notation) = match &self.source {
            Some((source, notation)) => (Some(source.text.as_str()), *notation),
            None => (None, Notation::Toml),
        };
        Given { from: From::Record, notation, text, cells: &[], printed: None, patient: self.patient.as_deref() }
    }
}

impl Recommend {
    pub(super) fn run(&self) -> u8 {
        let as_of = match super::as_of_told(&self.as_of) {
            Ok(as_of) => as_of,
            Err(code) => return code,
        };
        let mut keeper = match self.keeping.open() {
            Ok(keeper) => keeper,
            Err(code) => return code,
        };
        let which = self.drafts.which(as_of);
        let texts = || Texts::of(&[&self.protocol], self.lang.as_deref(), which);
        let question = keeper.is_some().then(|| {
            let question = Question::new(texts(), as_of, &self.set, self.lang.as_deref(), self.strict);
            question.drafts(self.drafts.draft)
        });
        let mut heard = Heard::default();
        let said = self.answer(as_of, question.as_ref(), &mut heard);
        if let (Some(keeper), Some(question)) = (&mut keeper, &question) {
            if !heard.is_read {
                heard.source = self.source(&mut Diagnostics::default());
            }
            let refused = |why: &[Why]| vec![question.refused(heard.given(), why)];
            let drafts = match &said {
                Said::Answers { .. } => std::mem::take(&mut heard.drafts),
                Said::Mistakes(found) => refused(&why(found, self.strict)),
                Said::Usage(message) => {
                    refused(&[Why { code: codes::INVALID_VALUE.id.to_owned(), message: message.clone() }])
                }
            };
            if let Err(found) = unchanged(question, &texts().0) {
                tell_diagnostics(&found);
                return exit::MISTAKES;
            }
            // INVARIANT: nothing has been printed yet, and nothing is if this fails.
            if let Err(code) = keeper.keep(&question.texts, &drafts) {
                return code;
            }
        }
        match said {
            Said::Mistakes(found) => {
                tell_diagnostics(&found);
                exit::MISTAKES
            }
            Said::Usage(message) => usage(&format!("--set: {message}")),
            Said::Answers { answers, broken, several } => {
                broken.iter().for_each(|one| tell_diagnostics(&one.mistakes));
                match self.print(&answers, &broken, several) {
                    exit::DONE if !broken.is_empty() => exit::MISTAKES,
                    code => code,
                }
            }
        }
    }

    /// Answers, and hears what is to be kept of it.
    fn answer(&self, as_of: Date, question: Option<&Question>, heard: &mut Heard) -> Said {
        let (clinic, broken, mut found) =
            Clinic::read_which(&self.protocol, self.lang.as_deref(), self.drafts.which(as_of));
        // Without a protocol, everything in the record would look unknown.
        if clinic.protocols.is_empty() {
            if !found.has_errors() {
                let message = format!("there is no protocol in {}", self.protocol.display());
                found.push(Diagnostic::new(&codes::UNREADABLE, message));
            }
            return Said::Mistakes(found);
        }
        heard.source = self.source(&mut found);
        heard.is_read = true;
        let dictionaries: Vec<&Dictionary> =
            clinic.protocols.iter().map(|protocol| protocol.dictionary.as_ref()).collect();
        let records = heard
            .source
            .as_ref()
            .map(|(source, notation)| read_for(source, *notation, &dictionaries, as_of, &mut found));
        let first = records.as_ref().and_then(|records| records.first());
        heard.patient = first.map(|record| record.patient.clone()).filter(|patient| !patient.is_empty());
        let several = clinic.protocols.len() + broken.len() > 1;
        let active = |protocol: &&Protocol| !several || !protocol.usable(as_of).has_errors();
        let protocols: Vec<&Protocol> = clinic.protocols.iter().filter(active).collect();
        let record = |protocol: &Protocol| -> Option<&Record> {
            let at = clinic.protocols.iter().position(|other| std::ptr::eq(other, protocol))?;
            records.as_ref()?.get(at)
        };
        if protocols.is_empty() {
            clinic.protocols.iter().for_each(|protocol| found.append(protocol.usable(as_of)));
        }
        for protocol in &protocols {
            found.append(protocol.usable(as_of));
        }
        found.sort();
        let strict = self.strict && found.count(Severity::Warning) > 0;
        if found.has_errors() || strict {
            return Said::Mistakes(found);
        }
        if let Some(name) = nobodys_parameter(&protocols, &self.set, several) {
            return Said::Usage(format!("no protocol has a parameter `{name}`"));
        }
        let depth = match self.explain {
            Some(Explain::Verdict) => Depth::Verdict,
            None | Some(Explain::Rules) => Depth::Rules,
            Some(Explain::Full) => Depth::Full,
        };
        let mut answers: Vec<Recommendation> = Vec::new();
        for protocol in protocols {
            let request = match Request::with_settings(protocol, as_of, &self.set, several) {
                Ok(request) => request.explain(depth),
                Err(message) => return Said::Usage(message),
            };
            let Some(record) = record(protocol) else { return Said::Mistakes(found) };
            let answered = protocol.prepare(&request).and_then(|prepared| {
                if self.strict {
                    found.append(prepared.doubts(record));
                }
                prepared.recommend(record)
            });
            match answered {
                Ok(answer) => answers.push(answer),
                Err(mistakes) => return Said::Mistakes(mistakes),
            }
            let Some(question) = question else { continue };
            let whole = protocol.recommend(record, &request.explain(Depth::Full));
            let kept = whole.map(|whole| question.answered(heard.given(), protocol, record, &whole));
            match kept {
                Ok(Ok(draft)) => heard.drafts.push(draft),
                Ok(Err(error)) => return Said::Usage(format!("the answer cannot be written as JSON: {error}")),
                Err(mistakes) => return Said::Mistakes(mistakes),
            }
        }
        found.sort();
        if self.strict && found.count(Severity::Warning) > 0 {
            return Said::Mistakes(found);
        }
        render::best_first(&mut answers);
        if let Some(question) = question {
            let drafts: Vec<Draft> = broken.iter().map(|one| question.broken(heard.given(), one)).collect();
            heard.drafts.extend(drafts);
        }
        Said::Answers { answers, broken, several }
    }

    /// The record's text.
    fn source(&self, found: &mut Diagnostics) -> Option<(Arc<SourceFile>, Notation)> {
        Some(if self.record.as_os_str() == "-" {
            let text = match files::read_text(std::io::stdin().lock()) {
                Ok(text) => text,
                Err(error) => {
                    let message = format!("standard input cannot be read: {}", why_unreadable(&error));
                    found.push(Diagnostic::new(&codes::UNREADABLE, message));
                    return None;
                }
            };
            let notation = if text.trim_start().starts_with('{') { Notation::Json } else { Notation::Toml };
            (SourceFile::new("standard input", text), notation)
        } else {
            let source = read_named(&self.record, found)?;
            let notation = Notation::of(&source.name);
            (source, notation)
        })
    }

    fn print(&self, answers: &[Recommendation], broken: &[Broken], several: bool) -> u8 {
        let style = TextStyle { width: super::width(), colour: true };
        let speech = answers.first().map_or(&ENGLISH, Recommendation::speech);
        // Whoever asks for a trace wants more than a screen of it.
        let whole = self.full || self.explain.is_some();
        let text = match (self.format, several) {
            (Format::Text, false) if !whole => {
                let brief = |answer| format!("{}\n{}\n", render::brief(answer, style), speech.word(WHERE_THE_REST_IS));
                answers.iter().map(brief).collect()
            }
            (Format::Text, true) if !whole => {
                let (answers, broken) = (render::ranked_brief(answers, style), broken_text_in(broken, style, speech));
                format!("{answers}{broken}\n{}\n", speech.word(WHERE_EACH_IS))
            }
            (Format::Text, false) => answers.iter().map(|answer| render::text(answer, style)).collect(),
            (Format::Text, true) => {
                render::ranked_text(answers, style) + broken_text_in(broken, style, speech).as_str()
            }
            (Format::Markdown, false) => answers.iter().map(render::markdown).collect(),
            (Format::Markdown, true) => render::ranked_markdown(answers) + render::broken_markdown(broken).as_str(),
            (Format::Json, several) => {
                let json = match answers {
                    [one] if !several => render::json(one),
                    all => with_broken(all, broken).map(|json| visible::json(&json).into_owned() + "\n"),
                };
                match json {
                    Ok(json) => json,
                    Err(error) => return usage(&format!("the answer cannot be written as JSON: {error}")),
                }
            }
        };
        print(&text)
    }
}

/// The answers of several protocols, with those that have none in their places.
fn with_broken(answers: &[Recommendation], broken: &[Broken]) -> serde_json::Result<String> {
    if broken.is_empty() {
        return serde_json::to_string_pretty(answers);
    }
    #[derive(serde::Serialize)]
    #[serde(untagged)]
    enum Place<'a> {
        Answer(&'a Recommendation),
        Broken(serde_json::Value),
    }
    let answers = answers.iter().map(Place::Answer);
    let places: Vec<Place<'_>> = answers.chain(broken.iter().map(|one| Place::Broken(one.json()))).collect();
    serde_json::to_string_pretty(&places)
}
