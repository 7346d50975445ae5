//! Which protocols are asked together, and which of them cannot answer.

use std::path::Path;

use crate::date::Date;
use crate::decide::{Prepared, Request, nobodys_parameter};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::patient::Vocabulary;
use crate::protocol::file::ProtocolStatus;
use crate::protocol::{Broken, Clinic, Protocol, Which};
use crate::trace::Depth;

/// The protocols that some folders and files name, as far as they can be asked on a day.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Selection {
    /// Those that answer; drafts last.
    pub protocols: Vec<Protocol>,
    /// Those that cannot, because their files are broken: every line says so.
    pub broken: Vec<Broken>,
    as_of: Date,
}

/// Why protocols cannot be made ready with some parameters.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum NotReady {
    /// A protocol cannot be asked.
    Mistakes(Diagnostics),
    /// A parameter cannot be set so.
    Setting(String),
    /// Together they mention more texts than there are numbers for.
    TooManyTexts,
}

impl std::fmt::Display for NotReady {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NotReady::Mistakes(found) => f.write_str(&found.in_a_line()),
            NotReady::Setting(message) => f.write_str(message),
            NotReady::TooManyTexts => {
                f.write_str("the protocols mention too many texts to be asked together: ask some of them at a time")
            }
        }
    }
}

impl std::error::Error for NotReady {}

impl Selection {
    /// Reads protocols, with the texts of a language. Of a clinic's folder, those that are not in force on the day are left out; a protocol
    /// that was named and is not in force is a mistake.
    ///
    /// # Errors
    /// With every mistake in the files, or when there is no protocol that can be asked.
    ///
    /// ```
    /// use regimen::batch::Selection;
    /// let selection = Selection::read(&["protocols"], "2026-03-02".parse()?, None)?;
    /// assert!(selection.protocols.len() > 1 && selection.broken.is_empty());
    /// // Nothing is in force before there were protocols.
    /// let found = Selection::read(&["protocols"], "1999-03-02".parse()?, None).unwrap_err();
    /// assert!(found.iter().all(|one| one.code.id == "R502"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn read(paths: &[impl AsRef<Path>], as_of: Date, language: Option<&str>) -> Result<Selection, Diagnostics> {
        Selection::read_which(paths, as_of, language, Which::InForceOn(as_of))
    }

    /// The same of published versions, or of the files that are worked on.
    ///
    /// # Errors
    /// As [`Selection::read`] has them.
    pub fn read_which(
        paths: &[impl AsRef<Path>],
        as_of: Date,
        language: Option<&str>,
        which: Which,
    ) -> Result<Selection, Diagnostics> {
        let mut found = Diagnostics::default();
        let mut clinics = Vec::new();
        let mut broken: Vec<Broken> = Vec::new();
        for path in paths.iter().map(AsRef::as_ref) {
            let (clinic, set_apart, mistakes) = Clinic::read_which(path, language, which);
            let is_alone = clinic.protocols.len() + set_apart.len() == 1;
            broken.extend(set_apart);
            if clinic.protocols.is_empty() && !mistakes.has_errors() {
                let message = format!("there is no protocol in {}", path.display());
                found.push(Diagnostic::new(&codes::UNREADABLE, message));
            }
            found.append(mistakes);
            clinics.push((clinic, is_alone));
        }
        let in_force = |is_alone: bool, protocol: &Protocol| is_alone || !protocol.usable(as_of).has_errors();
        let mut protocols: Vec<&Protocol> = clinics
            .iter()
            .flat_map(|(clinic, is_alone)| {
                clinic.protocols.iter().filter(move |protocol| in_force(*is_alone, protocol))
            })
            .collect();
        // As in a clinic's list, what is not for patients comes last.
        protocols.sort_by_key(|protocol| protocol.standing() == ProtocolStatus::Draft);
        protocols.iter().for_each(|protocol| found.append(protocol.usable(as_of)));
        if protocols.is_empty() {
            let all = clinics.iter().flat_map(|(clinic, _)| &clinic.protocols);
            all.for_each(|protocol| found.append(protocol.usable(as_of)));
        }
        found.sort();
        if found.has_errors() {
            return Err(found);
        }
        Ok(Selection { protocols: protocols.into_iter().cloned().collect(), broken, as_of })
    }

    /// Makes them ready, with parameters as they stand on the command line, `name=value`: each takes those that it has.
    ///
    /// # Errors
    /// When a parameter is nobody's or cannot have the value, or when there are too many protocols.
    pub fn prepare(&self, set: &[String], depth: Depth) -> Result<Vec<Prepared>, NotReady> {
        // Each has as many as it may; together they need numbers of their own.
        if Vocabulary::new(&self.protocols).texts().len() > crate::narrow::MOST {
            return Err(NotReady::TooManyTexts);
        }
        let protocols: Vec<&Protocol> = self.protocols.iter().collect();
        if let Some(name) = nobodys_parameter(&protocols, set, protocols.len() > 1) {
            return Err(NotReady::Setting(format!("no protocol has a parameter `{name}`")));
        }
        let ready = |protocol: &&Protocol| {
            let request = Request::with_settings(protocol, self.as_of, set, protocols.len() > 1);
            protocol.prepare(&request.map_err(NotReady::Setting)?.explain(depth)).map_err(NotReady::Mistakes)
        };
        protocols.iter().map(ready).collect()
    }
}

/// What the answers of some protocols depend on, beside the records and what is asked: the program, the day, the files.
pub(crate) fn identity(protocols: &[Prepared], broken: &[Broken]) -> String {
    let mut all = env!("CARGO_PKG_VERSION").to_owned();
    for prepared in protocols {
        let protocol = prepared.protocol();
        let texts = [&protocol.translation, &protocol.dictionary.translation];
        let texts = texts.map(|one| one.as_ref().map(|one| (&one.language, &one.sha256)));
        let sums = (&protocol.sha256, &protocol.dictionary.sha256, texts);
        all.push_str(&format!("\0{}\0{}\0{sums:?}", prepared.as_of(), protocol.id));
    }
    broken.iter().for_each(|one| all.push_str(&format!("\0{}", one.json())));
    all
}
