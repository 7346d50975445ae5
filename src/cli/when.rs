//! `regimen when`: from when, if nothing else changes.

use std::fmt::Write;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::{as_of_told, exit, print, tell_diagnostics, usage};
use crate::date::{Date, Duration};
use crate::decide::Request;
use crate::diagnostic::{Diagnostics, Severity, SourceFile};
use crate::document::Notation;
use crate::english::list;
use crate::patient::read_for;
use crate::recommendation::{Labels, ProtocolStatus, Status};
use crate::speech::{Speech, tell};
use crate::visible;
use crate::{ChangeSet, Changes, Clinic, Outlook, render};

/// How far it is looked ahead, unless told.
const AHEAD: Duration = Duration::new(24, 0);

/// The furthest that can be asked for.
const FURTHEST: Duration = Duration::new(120, 0);

/// Say from when a patient may be treated, if nothing else changes
///
/// Every day ahead is decided about as if what is known today were answered in the same way on that day.
///
/// Example: regimen when protocols/microneedling-acne-scars P-104.toml --as-of today
#[derive(Debug, Args)]
pub(super) struct When {
    /// A protocol's folder or file
    protocol: PathBuf,
    /// The patient's record, TOML or JSON
    record: PathBuf,
    /// The day from which to look ahead, as 2026-03-02, or `today`
    #[arg(long, value_name = "DATE")]
    as_of: String,
    /// The last day to look at; two years ahead unless told
    #[arg(long, value_name = "DATE")]
    until: Option<String>,
    /// Set a parameter for this answer, within its range
    #[arg(long, value_name = "PARAMETER=VALUE")]
    set: Vec<String>,
    /// The language of texts and labels, as `de`: those of the files `protocol.de.toml` and `facts.de.toml`
    #[arg(long, value_name = "LANGUAGE", value_parser = super::language)]
    lang: Option<String>,
    #[command(flatten)]
    drafts: super::Drafts,
    /// How to print the answer
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
}

impl When {
    pub(super) fn run(&self) -> u8 {
        if let Some(code) = super::keep::refused("when") {
            return code;
        }
        let first = match as_of_told(&self.as_of) {
            Ok(day) => day,
            Err(code) => return code,
        };
        let until = match self.until.as_deref().map(str::parse::<Date>) {
            None => first + AHEAD,
            Some(Ok(day)) if day < first => return usage("--until: it lies before --as-of"),
            Some(Ok(day)) if day > first + FURTHEST => return usage("--until: it lies more than ten years ahead"),
            Some(Ok(day)) => day,
            Some(Err(error)) => return usage(&format!("--until: {error}")),
        };
        let (protocol, mut found) =
            match super::one_protocol(&self.protocol, self.lang.as_deref(), self.drafts.which(first)) {
                Ok(read) => read,
                Err(code) => return code,
            };
        let Some(source) = crate::protocol::load::read_file(&self.record, &mut found) else {
            tell_diagnostics(&found);
            return exit::MISTAKES;
        };
        let records = read_for(&source, Notation::of(&source.name), &[&protocol.dictionary], first, &mut found);
        found.append(protocol.usable(first));
        found.sort();
        let request = match Request::with_settings(&protocol, first, &self.set, false) {
            Ok(request) => request,
            Err(message) => return usage(&format!("--set: {message}")),
        };
        let outlook = match records.first().filter(|_| !found.has_errors()) {
            Some(record) => protocol.outlook(record, &request, until).map(|outlook| self.go_on(outlook, &source)),
            None => Err(Diagnostics::default()),
        };
        // What is doubtful is told beside the answer, what is wrong instead of it.
        match outlook {
            Ok(outlook) => {
                found.retain(|one| one.severity == Severity::Warning);
                tell_diagnostics(&found);
                match self.format {
                    Format::Text => print(&text(&outlook, protocol.speech())),
                    Format::Json => match serde_json::to_string_pretty(&outlook) {
                        Ok(json) => print(&(visible::json(&json).into_owned() + "\n")),
                        Err(error) => usage(&format!("the answer cannot be written as JSON: {error}")),
                    },
                }
            }
            Err(mistakes) => {
                found.append(mistakes);
                tell_diagnostics(&found);
                exit::MISTAKES
            }
        }
    }
}

impl When {
    /// Goes on with the published versions that are in force afterwards.
    fn go_on(&self, mut outlook: Outlook, source: &Arc<SourceFile>) -> Outlook {
        while let (Some(_), true, false) = (outlook.asked_until, self.set.is_empty(), self.drafts.draft) {
            let (until, next) = (outlook.until, outlook.until.plus_days(1));
            let (clinic, _, _) = Clinic::read_which(&self.protocol, self.lang.as_deref(), self.drafts.which(next));
            let Some(protocol) = clinic.protocol(&outlook.protocol) else { break };
            let mut found = Diagnostics::default();
            let notation = Notation::of(&source.name);
            let records = read_for(source, notation, &[&protocol.dictionary], outlook.as_of, &mut found);
            // What is wrong with the record in the eyes of a later version is told when that is asked.
            let Some(record) = records.first().filter(|_| !found.has_errors()) else { break };
            protocol.go_on(&mut outlook, record);
            if outlook.until == until {
                break;
            }
        }
        outlook
    }
}

/// The answer first, then what it hangs on, then what holds until when.
fn text(outlook: &Outlook, speech: &Speech) -> String {
    let now = outlook.stretches.first();
    let until = speech.date(outlook.until);
    let mut text = match outlook.protocol_status {
        ProtocolStatus::Draft => format!("{} · ", speech.word("DRAFT – not for patients")),
        _ => String::new(),
    };
    text.push_str(&match (outlook.first_day, now) {
        (Some(day), _) if day == outlook.as_of => tell!(speech, "TODAY: {}", speech.date(day)),
        (Some(day), _) => tell!(speech, "FROM {}, if nothing else changes", speech.date(day)),
        (None, Some(now)) if now.status == Status::Undetermined => {
            tell!(speech, "ASK FIRST: no day up to {} is certain", until)
        }
        (None, Some(now)) if outlook.stretches.len() == 1 => {
            tell!(speech, "NO DAY up to {}: {} on every day", until, speech.word(now.status.word()))
        }
        (None, _) => tell!(speech, "NO DAY up to {}, if nothing else changes", until),
    });
    let (protocol, version, patient) = (&outlook.protocol, &outlook.version, visible::text(&outlook.patient));
    let edition = visible::text(&outlook.edition);
    let day = speech.date(outlook.as_of);
    let phrase = "{} {} ({}) · patient {} · as of {}";
    let _ = writeln!(text, "\n{}", tell!(speech, phrase, protocol, version, edition, patient, day));
    if outlook.asked_until.is_some() {
        let _ = writeln!(text, "{}", tell!(speech, "Not looked at after {}, because the version ends then", until));
    }
    if !outlook.to_be_confirmed.is_empty() {
        let _ = writeln!(text, "\n{}", speech.word("To be asked again then"));
        let facts = outlook.labels.facts(outlook.to_be_confirmed.iter().map(|one| &one.fact));
        let options = textwrap::Options::new(super::width()).initial_indent("  ").subsequent_indent("  ");
        textwrap::wrap(&facts.join(", "), options).iter().for_each(|line| {
            let _ = writeln!(text, "{line}");
        });
    }
    if let Some(changes) = &outlook.changes {
        text.push_str(&differently(changes, &outlook.labels, speech));
    }
    let _ = writeln!(text, "\n{}", speech.word("What holds until when"));
    // The columns are as wide as the longest that may stand in them.
    let (days, statuses) = match speech.is_english() {
        true => (10, 15),
        false => {
            (18, Status::ALL.map(|status| speech.word(status.word()).chars().count()).into_iter().max().unwrap_or(0))
        }
    };
    let to = speech.to;
    for stretch in &outlook.stretches {
        let goes_on = stretch.until == outlook.until && outlook.asked_until.is_none();
        let until = if goes_on { "…".to_owned() } else { speech.date(stretch.until) };
        let open = match stretch.status {
            Status::Undetermined => {
                stretch.could_become.iter().map(|status| speech.word(status.word())).collect::<Vec<_>>().join(", ")
            }
            _ => outlook.labels.rules(&stretch.because),
        };
        let why = match (stretch.status, open.is_empty()) {
            (_, true) => String::new(),
            (Status::Undetermined, false) => format!("  {}", tell!(speech, "could be {}", open)),
            (_, false) => format!("  {open}"),
        };
        let (from, status) = (speech.date(stretch.from), speech.word(stretch.status.word()));
        let version = stretch.version.as_ref().map(|version| format!("  ({version})")).unwrap_or_default();
        let _ = writeln!(text, "  {from:days$} {to} {until:days$}  {status:statuses$}{why}{version}");
    }
    text
}

/// How many sets of answers are shown.
const MOST_SETS: usize = 12;

/// What would have to be different today: what is only not known, then what a person can change, then what nobody can.
fn differently(changes: &Changes, labels: &Labels, speech: &Speech) -> String {
    let mut text = String::new();
    let kind = |set: &ChangeSet| match set {
        set if set.is_open() => "What would have to be known today",
        set if set.modifiable => "What would have to be different today, and a person can change",
        _ => "What would have to be different today, and nobody can change",
    };
    for heading in [
        "What would have to be known today",
        "What would have to be different today, and a person can change",
        "What would have to be different today, and nobody can change",
    ] {
        let sets: Vec<&ChangeSet> = changes.sets.iter().filter(|set| kind(set) == heading).collect();
        if sets.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{}", speech.word(heading));
        for set in sets.iter().take(MOST_SETS) {
            let parts: Vec<String> = set.changes.iter().map(|one| render::change(one, labels, speech)).collect();
            push_line(&mut text, &parts.join(&speech.word(", and ")));
        }
        if sets.len() > MOST_SETS {
            push_line(&mut text, &tell!(speech, "and {} more", sets.len() - MOST_SETS));
        }
    }
    if changes.sets.is_empty() {
        let _ = writeln!(text, "\n{}", speech.word("What would have to be different today"));
        if changes.complete {
            push_line(&mut text, &speech.word("more than two answers, or the sessions and the day themselves"));
        }
    }
    if !changes.complete && changes.not_all_values.is_empty() {
        push_line(&mut text, &speech.word("not everything was tried: there are too many answers"));
    }
    if !changes.not_all_values.is_empty() {
        let facts: Vec<String> = changes.not_all_values.iter().map(|fact| render::fact_name(fact, labels)).collect();
        push_line(&mut text, &tell!(speech, "not all values were tried of {}", list(&facts, speech.and)));
    }
    text
}

fn push_line(text: &mut String, line: &str) {
    let options = textwrap::Options::new(super::width()).initial_indent("  ").subsequent_indent("    ");
    for line in textwrap::wrap(line, options) {
        let _ = writeln!(text, "{line}");
    }
}
