//! `regimen new`: a protocol to begin with.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{as_of, exit, print, tell, tell_diagnostics, usage};
use crate::cases::{Case, approve, protocol_sheet};
use crate::date::Duration;
use crate::files;
use crate::protocol::Clinic;
use crate::protocol::file::FactType;

/// The protocol, with comments that explain the format.
const PROTOCOL: &str = include_str!("new/protocol.toml");
/// Its own dictionary, for a clinic that has none.
const FACTS: &str = include_str!("new/facts.toml");
/// A patient with the expected answer.
const CASE: &str = include_str!("new/case.toml");
/// What stands for the dictionary in [`PROTOCOL`].
const MARK: &str = "# FACTS\n";
/// The facts that the template uses, with their types and the choices that it names.
const USED: [(&str, FactType, &[&str]); 4] = [
    ("date_of_birth", FactType::Date, &[]),
    ("pregnancy_status", FactType::Choice, &["not_pregnant", "pregnant", "possible"]),
    ("last_sunburn_date", FactType::Date, &[]),
    ("skin_type", FactType::Choice, &["very_fair", "medium", "dark"]),
];

/// Write a new protocol that passes `check`, with a case that passes `test`
///
/// Example: regimen new glycolic-peel --in protocols
#[derive(Debug, Args)]
pub(super) struct New {
    /// Its id: small letters, digits and hyphens, as glycolic-peel
    name: String,
    /// The clinic's folder
    #[arg(long = "in", value_name = "FOLDER", default_value = "protocols")]
    folder: PathBuf,
}

impl New {
    pub(super) fn run(&self) -> u8 {
        if !is_id(&self.name) {
            return usage(&format!(
                "`{}` cannot be an id: use small letters, digits and hyphens, beginning with a letter, as glycolic-peel",
                self.name
            ));
        }
        let folder = self.folder.join(&self.name);
        if folder.exists() {
            return usage(&format!("{} already exists and is not overwritten", folder.display()));
        }
        let (facts, renamed) = match self.facts() {
            Ok(facts) => facts,
            Err(code) => return code,
        };
        let rename = |text: String| {
            renamed
                .iter()
                .fold(text, |text, name| text.replace(name, &format!("{}_{name}", self.name.replace('-', "_"))))
        };
        // A review is due in a year; this date, like that of `--as-of today`, is the clock's.
        let review = match as_of("today") {
            Ok(today) => (today + Duration::new(12, 0)).to_string(),
            Err(message) => return usage(&message),
        };
        let protocol = PROTOCOL.replace("REVIEW", &review);
        let protocol = protocol.replace(MARK, &facts).replace("NAME", &self.name).replace("TITLE", &self.title());
        let (protocol, patient) = (rename(protocol), rename(CASE.to_owned()));
        let (file, case) = (folder.join("protocol.toml"), folder.join("cases").join("first.toml"));
        // From here on the folder is ours alone, and half of it is of no use to anybody.
        let created = std::fs::create_dir_all(&self.folder).and_then(|()| std::fs::create_dir(&folder));
        if let Err(error) = created {
            tell(&format!("error: {} cannot be written: {error}\n", folder.display()));
            return exit::OUTPUT;
        }
        let written = std::fs::create_dir(folder.join("cases"))
            .and_then(|()| files::write(&file, &protocol))
            .and_then(|()| files::write(&case, &patient))
            .map_err(|error| {
                tell(&format!("error: {} cannot be written: {error}\n", folder.display()));
                exit::OUTPUT
            });
        if let Err(code) = written.and_then(|()| approved(&folder, &case)) {
            let _ = std::fs::remove_dir_all(&folder);
            return code;
        }
        let (file, case, folder) = (file.display(), case.display(), folder.display());
        print(&crate::visible::lines(&format!(
            "wrote {file}\nwrote {case}, with its approved trace beside it\n\n\
             Next:\n  \
             1. open {file} and read its comments; change what stands there into your protocol\n  \
             2. regimen check {folder}\n  \
             3. regimen show {folder}\n  \
             4. regimen test {folder}; look at what differs, then regimen test --accept {folder}\n  \
             5. when the clinic agrees: status = \"active\"\n"
        )))
    }

    /// The facts that the protocol declares itself, and those of the template that mean something else in the clinic's dictionary.
    fn facts(&self) -> Result<(String, Vec<&'static str>), u8> {
        if !self.folder.join("facts.toml").is_file() {
            return Ok((FACTS.to_owned(), Vec::new()));
        }
        let (clinic, found) = Clinic::read(&self.folder);
        if found.has_errors() {
            tell_diagnostics(&found);
            return Err(exit::MISTAKES);
        }
        let mut own = String::from(
            "# Facts are declared in facts.toml, one folder up. Move those that follow there, so that every record can answer them.\n",
        );
        let mut renamed = Vec::new();
        for entry in FACTS.split("\n[facts.").skip(1) {
            let Some((name, kind, choices)) = USED.iter().find(|(name, ..)| entry.starts_with(name)) else { continue };
            let declared = clinic.dictionary.fact(name).map(|(_, fact)| &fact.answer);
            let same = declared.is_some_and(|answer| {
                answer.declared == *kind
                    && choices.iter().all(|choice| answer.choices().iter().any(|one| one == choice))
            });
            if declared.is_some() && !same {
                renamed.push(*name);
            }
            if !same {
                own.push_str(&format!("\n[facts.{}\n", entry.trim_end()));
            }
        }
        if own.matches("[facts.").count() == 0 {
            own = "# Facts are declared in facts.toml, one folder up.\n".into();
        }
        Ok((own, renamed))
    }

    /// `glycolic-peel` becomes `Glycolic peel`.
    fn title(&self) -> String {
        let mut chars = self.name.chars();
        let first = chars.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
        format!("{first}{}", chars.as_str().replace('-', " "))
    }
}

/// Runs the case and approves its trace, and the sheet: what was written must hold at once.
fn approved(folder: &Path, case: &Path) -> Result<(), u8> {
    let (clinic, found) = Clinic::read(folder);
    tell_diagnostics(&found);
    let Some(protocol) = clinic.protocols.first().filter(|_| !found.has_errors()) else { return Err(exit::MISTAKES) };
    let outcome = Case::load(case, protocol).and_then(|(case, _)| case.run(protocol).map(|outcome| (case, outcome)));
    let (case, outcome) = outcome.map_err(|mistakes| {
        tell_diagnostics(&mistakes);
        exit::MISTAKES
    })?;
    let sheet = protocol_sheet(protocol).map_err(|mistakes| {
        tell_diagnostics(&mistakes);
        exit::MISTAKES
    })?;
    approve(&case, &outcome).and_then(|_| sheet.approve()).map_err(|error| {
        tell(&format!("error: the approved trace cannot be written: {error}\n"));
        exit::OUTPUT
    })
}

fn is_id(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !name.ends_with('-')
        && !name.contains("--")
        // The folder of the records, beside the protocols.
        && name != "records"
}
