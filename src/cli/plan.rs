//! `regimen plan`: a whole clinic on a day.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{as_of_told, exit, print, tell_diagnostics, usage};
use crate::decide::{Request, nobodys_parameter};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::document::Notation;
use crate::patient::read_for;
use crate::plan::{Asked, BrokenEntry, plan};
use crate::protocol::load::read_named;
use crate::protocol::{Clinic, Dictionary};
use crate::render::{self, TextStyle};
use crate::visible;

/// Say what can be done for a patient today by all protocols, what excludes what, and which order is the earliest
///
/// Two treatments exclude each other on a day if one of their protocols no longer says "treat" once the other has been given.
///
/// Example: regimen plan protocols P-104.toml --as-of today --want glycolic-peel,botulinum-toxin
#[derive(Debug, Args)]
pub(super) struct Plan {
    /// The clinic's folder
    clinic: PathBuf,
    /// The patient's record, TOML or JSON
    record: PathBuf,
    /// The day for which to plan, as 2026-03-02, or `today`
    #[arg(long, value_name = "DATE")]
    as_of: String,
    /// Only these protocols, by id
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    only: Vec<String>,
    /// Find the earliest order for these protocols, at most eight: by id, or by treatment
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    want: Vec<String>,
    /// Set a parameter, within its range
    #[arg(long, value_name = "PARAMETER=VALUE")]
    set: Vec<String>,
    /// Show the whole plan, with each exclusion and its rules, every question and every reason; otherwise text is one screen
    #[arg(long)]
    full: bool,
    /// The language of texts and labels, as `de`: those of the files `protocol.de.toml` and `facts.de.toml`
    #[arg(long, value_name = "LANGUAGE", value_parser = super::language)]
    lang: Option<String>,
    #[command(flatten)]
    drafts: super::Drafts,
    /// How to print the plan
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
    Markdown,
}

/// The last line of a screen.
const WHERE_THE_REST_IS: &str = "(each exclusion with its rules, every question and reason: add --full)";

impl Plan {
    pub(super) fn run(&self) -> u8 {
        if let Some(code) = super::keep::refused("plan") {
            return code;
        }
        let as_of = match as_of_told(&self.as_of) {
            Ok(as_of) => as_of,
            Err(code) => return code,
        };
        let (clinic, broken, mut found) =
            Clinic::read_which(&self.clinic, self.lang.as_deref(), self.drafts.which(as_of));
        if clinic.protocols.is_empty() {
            if !found.has_errors() {
                let message = format!("there is no protocol in {}", self.clinic.display());
                found.push(Diagnostic::new(&codes::UNREADABLE, message));
            }
            tell_diagnostics(&found);
            return exit::MISTAKES;
        }
        let known = || clinic.protocols.iter().map(|one| &one.id).chain(broken.iter().map(|one| &one.id));
        if let Some(name) = self.only.iter().find(|name| known().all(|id| id != *name)) {
            let unknown = Diagnostic::new(&codes::UNKNOWN_NAME, format!("there is no protocol `{name}`"));
            let unknown = unknown.suggest(name, known().map(String::as_str));
            return usage(&format!("--only: {}", Diagnostics::from(unknown).in_a_line()));
        }
        let is_asked = |id: &String| self.only.is_empty() || self.only.contains(id);
        let dictionaries: Vec<&Dictionary> = clinic.protocols.iter().map(|one| one.dictionary.as_ref()).collect();
        let Some(source) = read_named(&self.record, &mut found) else {
            tell_diagnostics(&found);
            return exit::MISTAKES;
        };
        let records = read_for(&source, Notation::of(&source.name), &dictionaries, as_of, &mut found);
        let all = clinic.protocols.iter().zip(&records).filter(|(protocol, _)| is_asked(&protocol.id));
        let (usable, others): (Vec<_>, Vec<_>) = all.partition(|(protocol, _)| !protocol.usable(as_of).has_errors());
        if usable.is_empty() {
            others.iter().for_each(|(protocol, _)| found.append(protocol.usable(as_of)));
        }
        usable.iter().for_each(|(protocol, _)| found.append(protocol.usable(as_of)));
        found.sort();
        if found.has_errors() {
            tell_diagnostics(&found);
            return exit::MISTAKES;
        }
        let protocols: Vec<_> = usable.iter().map(|(protocol, _)| *protocol).collect();
        if let Some(name) = nobodys_parameter(&protocols, &self.set, true) {
            return usage(&format!("--set: no protocol has a parameter `{name}`"));
        }
        let mut asked: Vec<Asked<'_>> = Vec::new();
        for (protocol, record) in usable {
            match Request::with_settings(protocol, as_of, &self.set, true) {
                Ok(request) => asked.push(Asked { protocol, record, request }),
                Err(message) => return usage(&format!("--set: {message}")),
            }
        }
        let wanted = match crate::plan::wanted_places(&asked, &self.want) {
            Ok(_) => &self.want,
            Err(mistakes) => return usage(&format!("--want: {}", mistakes.in_a_line())),
        };
        let mut plan = match plan(&asked, wanted) {
            Ok(plan) => plan,
            Err(mistakes) => {
                tell_diagnostics(&mistakes);
                return exit::MISTAKES;
            }
        };
        let broken: Vec<_> = broken.iter().filter(|one| is_asked(&one.id)).collect();
        plan.broken = broken.iter().map(|one| BrokenEntry::from(*one)).collect();
        broken.iter().for_each(|one| tell_diagnostics(&one.mistakes));
        let style = TextStyle { width: super::width(), colour: true };
        let text = match self.format {
            Format::Text if !self.full => {
                format!("{}\n{}\n", render::plan_brief(&plan, style), plan.speech().word(WHERE_THE_REST_IS))
            }
            Format::Text => render::plan_text(&plan, style),
            Format::Markdown => render::plan_markdown(&plan),
            Format::Json => match serde_json::to_string_pretty(&plan) {
                Ok(json) => visible::json(&json).into_owned() + "\n",
                Err(error) => return usage(&format!("the plan cannot be written as JSON: {error}")),
            },
        };
        match print(&text) {
            exit::DONE if !broken.is_empty() => exit::MISTAKES,
            code => code,
        }
    }
}
