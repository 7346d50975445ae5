//! `regimen show`: a protocol as a sheet to read.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{exit, print, tell_diagnostics};
use crate::cases::Cases;
use crate::diagnostic::Diagnostics;
use crate::protocol::Clinic;
use crate::protocol::load::facts_file;
use crate::publish::source_attributes;
use crate::render::{self, sheet};

/// Show a protocol as a sheet to read or print
///
/// Example: regimen show protocols/microneedling-acne-scars --format html > sheet.html
#[derive(Debug, Args)]
pub(super) struct Show {
    /// A protocol's folder or file, a clinic's folder for every protocol in it, or a dictionary (`facts.toml`)
    protocol: PathBuf,
    /// How to print the sheet
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// The language of texts and labels, as `de`: those of the files `protocol.de.toml` and `facts.de.toml`
    #[arg(long, value_name = "LANGUAGE", value_parser = super::language)]
    lang: Option<String>,
    /// Instead of the sheet, what a decision-support rule discloses (the source attributes of 45 CFR 170.315(b)(11)(iv)(A)), with the way
    /// from each rule to its sources and cases
    #[arg(long, conflicts_with = "format")]
    source_attributes: bool,
    /// With --source-attributes: change each protocol in many ways, and tell how many of these changes the cases notice
    #[arg(long, requires = "source_attributes")]
    mutate: bool,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    #[default]
    Markdown,
    /// One page without scripts, fit for A4
    Html,
}

impl Show {
    pub(super) fn run(&self) -> u8 {
        let (clinic, broken, found) = Clinic::read_sound_in(&self.protocol, self.lang.as_deref());
        tell_diagnostics(&found);
        if found.has_errors() {
            return exit::MISTAKES;
        }
        if self.source_attributes {
            let page = |protocol| {
                let mutation = self.mutate.then(|| super::how_good::mutated(protocol));
                source_attributes(protocol, &Cases::readable(protocol).collect::<Vec<_>>(), mutation.as_ref())
            };
            let printed = print(&clinic.protocols.iter().map(page).collect::<Vec<_>>().join("\n"));
            broken.iter().for_each(|one| tell_diagnostics(&one.mistakes));
            return if broken.is_empty() { printed } else { exit::MISTAKES };
        }
        let sheets: Vec<sheet::Sheet> = if self.protocol.is_file() && clinic.protocols.is_empty() {
            // The dictionary itself; what is wrong with it was told above.
            let file = facts_file(&self.protocol, self.lang.as_deref(), &mut Diagnostics::default());
            file.iter().map(sheet::dictionary).collect()
        } else {
            clinic.protocols.iter().map(sheet::sheet).collect()
        };
        let sheets = sheets.iter().map(|one| match self.format {
            Format::Markdown => sheet::markdown(one),
            Format::Html => sheet::html(one),
        });
        let printed = print(&sheets.collect::<Vec<_>>().join("\n"));
        if broken.is_empty() {
            return printed;
        }
        broken.iter().for_each(|one| tell_diagnostics(&one.mistakes));
        let places = match self.format {
            Format::Markdown => render::broken_markdown(&broken),
            Format::Html => render::broken_html(&broken),
        };
        match print(&places) {
            exit::DONE => exit::MISTAKES,
            code => code,
        }
    }
}
