//! The files that are edited, and a text that may take the place of one.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use maud::{Markup, html};

use crate::archive::Role;
use crate::date::Date;
use crate::diagnostic::{Diagnostic, Diagnostics, Label, Severity, SourceFile, codes};
use crate::files;
use crate::protocol::load::{rests_on, why_unreadable};
use crate::protocol::published::{self, has_index};
use crate::protocol::{Clinic, Protocol, Which, sha256};
use crate::publish::beside_published;
use crate::serve::app::{App, Read};
use crate::serve::http::{Ask, Trouble};
use crate::serve::page::{encoded, shown, within_clinic};
use crate::serve::words::{Words, say};

/// A file of the clinic: a protocol, or the dictionary.
#[derive(Clone, Debug)]
pub(super) struct File {
    /// What it is called in addresses: the name of its folder, or its own.
    pub(super) key: String,
    path: PathBuf,
    /// Whether it lies in the clinic's folder: a link may lead elsewhere, where it is not written.
    can_be_edited: bool,
}

impl File {
    /// All of them, the dictionary last.
    pub(super) fn all(app: &App) -> Result<Vec<File>, Trouble> {
        let clinic = app.clinic(app.today()?)?;
        let home = if app.folder().is_file() { app.folder().parent() } else { Some(app.folder()) };
        let home =
            home.and_then(|home| if home.as_os_str().is_empty() { Path::new(".") } else { home }.canonicalize().ok());
        let named = |path: PathBuf| {
            let folder = path.parent().filter(|_| path.ends_with("protocol.toml")).and_then(Path::file_name);
            let key = folder.or(path.file_name())?.to_string_lossy().into_owned();
            let can_be_edited =
                path.canonicalize().ok().zip(home.as_ref()).is_some_and(|(path, home)| path.starts_with(home));
            Some(File { key, path, can_be_edited })
        };
        let all = rests_on(app.folder(), None, Which::WorkingFile).files.into_iter().filter_map(named);
        // Neighbours of a protocol that is served alone are not served; what is published never changes.
        let is_one =
            |file: &File| file.can_be_edited || file.is_dictionary() || file.protocol(&clinic.clinic).is_some();
        Ok(all.filter(|file| is_one(file) && working_file(&file.name()) == file.path).collect())
    }

    /// The one of an address.
    pub(super) fn of(app: &App, ask: &Ask) -> Result<File, Trouble> {
        let key = ask.part("file");
        let found = File::all(app)?.into_iter().find(|file| file.key == key);
        let mut found = found.ok_or_else(|| Trouble::nothing("protocol", key))?;
        found.can_be_edited &= ask.has(Role::Manager);
        Ok(found)
    }

    /// The same, to be edited.
    pub(super) fn to_edit(app: &App, ask: &Ask) -> Result<File, Trouble> {
        let file = File::of(app, ask)?;
        if file.can_be_edited {
            return Ok(file);
        }
        let message = format!(
            "{} lies outside of the clinic’s folder, and is not written from here",
            within_clinic(&file.name())
        );
        Err(Trouble::found(403, Diagnostic::new(&codes::NOT_SAVED, message).help("edit it where it is").into()))
    }

    /// Whether it can be edited here.
    pub(super) fn can_be_edited(&self) -> bool {
        self.can_be_edited
    }

    /// The address of one of its pages.
    pub(super) fn page(&self, end: &str) -> String {
        format!("/protocols/{}{end}", encoded(&self.key))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn is_dictionary(&self) -> bool {
        self.path.ends_with("facts.toml")
    }

    /// The name that protocols and mistakes know it by.
    pub(super) fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Its protocol in a clinic: the published version of it, where that is what was read.
    pub(super) fn protocol<'c>(&self, clinic: &'c Clinic) -> Option<&'c Protocol> {
        clinic.protocols.iter().find(|protocol| working_file(&protocol.file.name) == self.path)
    }

    /// Whether a published version answers, whatever the file says.
    pub(super) fn is_published(&self) -> bool {
        has_index(&self.path)
    }

    /// What it is called, as far as it can be said.
    pub(super) fn title(&self, w: Words, read: &Read) -> String {
        if self.is_dictionary() {
            return say!(w, "Dictionary").to_owned();
        }
        let broken = || read.broken.iter().find(|broken| broken.file == self.path).map(|broken| broken.title.clone());
        let sound = self.protocol(&read.clinic).map(|protocol| protocol.title.clone());
        sound.or_else(broken).unwrap_or_else(|| self.key.clone())
    }

    /// What is wrong with it now, as far as that keeps the clinic from using it.
    pub(super) fn mistakes(&self, read: &Read) -> Diagnostics {
        let mut found = Diagnostics::default();
        read.broken.iter().filter(|broken| broken.file == self.path).for_each(|one| found.append(one.mistakes.clone()));
        read.stale.iter().for_each(|stale| found.append(stale.clone()));
        found.retain(|one| one.severity == Severity::Error && self.is_here(one));
        found.sort();
        found
    }

    /// Whether another file has mistakes, so that the clinic would not take this one up.
    pub(super) fn is_held_up(&self, read: &Read) -> bool {
        let mut all = read.stale.iter().flatten();
        all.any(|one| one.severity == Severity::Error && !self.is_here(one))
    }

    /// Whether something that was found stands in it.
    fn is_here(&self, one: &Diagnostic) -> bool {
        one.label.as_ref().is_some_and(|label| Path::new(&label.place.file.name) == self.path)
    }

    /// The clinic of the files that are being worked on, with the protocol of this one alone, whatever is published.
    pub(super) fn working(&self, app: &App) -> Result<(Clinic, Protocol), Diagnostics> {
        let (clinic, broken, mut found) = Clinic::read_sound(app.folder());
        broken.into_iter().for_each(|one| found.append(one.mistakes));
        let is_dictionary = |label: &Label| label.place.file.name.ends_with("facts.toml");
        found.retain(|one| {
            one.severity == Severity::Error && (self.is_here(one) || one.label.as_ref().is_some_and(is_dictionary))
        });
        let protocol = self.protocol(&clinic).filter(|protocol| Path::new(&protocol.file.name) == self.path);
        match protocol.cloned() {
            Some(protocol) if found.is_empty() => Ok((only(&clinic, self), protocol)),
            _ if found.is_empty() => {
                let message = format!("{} cannot be used", within_clinic(&self.name()));
                Err(Diagnostic::new(&codes::UNREADABLE, message).into())
            }
            _ => Err(found),
        }
    }

    /// Its text as it is on the disk.
    pub(super) fn read(&self) -> Result<OnDisk, Trouble> {
        let read = files::open_plain(&self.path).and_then(files::read_text);
        let text = read.map_err(|error| {
            let message = format!("{} cannot be read: {}", within_clinic(&self.name()), why_unreadable(&error));
            Trouble::found(422, Diagnostic::new(&codes::UNREADABLE, message).into())
        })?;
        Ok(OnDisk { text })
    }

    /// Writes a text in its place, unless it is not what it was when that text was begun.
    pub(super) fn write(&self, app: &App, loaded: &str, text: &str) -> Result<Written, Trouble> {
        app.change_files(|| {
            let now = self.read()?;
            if now.hash() != loaded {
                return Ok(Written::ChangedMeanwhile(now));
            }
            let failed = |error: std::io::Error| {
                let message = format!("{} cannot be written: {error}", within_clinic(&self.name()));
                let help = "it is as it was; copy the text, and see to it that this program may write the file";
                Trouble::found(500, Diagnostic::new(&codes::NOT_SAVED, message).help(help).into())
            };
            files::rewrite(&self.path, text).map_err(failed)?;
            Ok(Written::Saved { before: now })
        })
    }

    /// The name and the pages of a file, as they stand above each of them.
    pub(super) fn heading(&self, w: Words, read: &Read, here: &str) -> Markup {
        let pages = [
            ("", say!(w, "Sheet")),
            ("/text", say!(w, "Text")),
            ("/parameters", say!(w, "Parameters")),
            ("/tables", say!(w, "Tables")),
            ("/cases", say!(w, "Cases")),
            ("/versions", say!(w, "Versions")),
        ];
        let is_there = |end: &str| match end {
            "" | "/cases" | "/versions" => !self.is_dictionary(),
            "/text" => self.can_be_edited,
            _ => self.can_be_edited && !self.is_dictionary(),
        };
        let pages = pages.into_iter().filter(|(end, _)| is_there(end));
        html! {
            div.heading {
                h1 lang=[self.protocol(&read.clinic).and_then(|one| w.unlike(&one.language))] { (shown(&self.title(w, read))) }
                nav aria-label=(say!(w, "This protocol")) {
                    @for (end, name) in pages {
                        a href=(self.page(end)) aria-current=[(end == here).then_some("page")] { (name) }
                    }
                }
            }
        }
    }
}

/// What became of writing a file.
#[derive(Debug)]
pub(super) enum Written {
    /// It is there, in the place of another.
    Saved {
        /// That other.
        before: OnDisk,
    },
    /// Nothing was written: somebody else has changed the file, which is this now.
    ChangedMeanwhile(OnDisk),
}

/// A file's text.
#[derive(Debug)]
pub(super) struct OnDisk {
    pub(super) text: String,
}

impl OnDisk {
    /// Stands for it in a form.
    pub(super) fn hash(&self) -> String {
        sha256(&self.text)
    }

    /// A text that came from a form, with the line ends of this one: forms send all of them as `\r\n`.
    pub(super) fn in_its_lines(&self, sent: &str) -> String {
        let text = sent.replace("\r\n", "\n");
        if self.text.contains("\r\n") { text.replace('\n', "\r\n") } else { text }
    }
}

/// A text that may take the place of a file's, and what the clinic would be with it.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) source: Arc<SourceFile>,
    /// The clinic with it, as far as it is sound.
    pub(super) clinic: Clinic,
    /// What is wrong or strange in the text.
    pub(super) here: Diagnostics,
    /// What would be wrong in other files because of it.
    pub(super) elsewhere: Diagnostics,
}

impl Draft {
    pub(super) fn new(app: &App, file: &File, text: &str, day: Date) -> Draft {
        let source = SourceFile::new(file.name(), text);
        let (clinic, broken, mut found) = Clinic::read_sound_with(app.folder(), &source);
        broken.into_iter().for_each(|one| found.append(one.mistakes));
        let (mut here, mut elsewhere) = (found.clone(), found);
        here.retain(|one| file.is_here(one));
        elsewhere.retain(|one| one.severity == Severity::Error && !file.is_here(one));
        if !elsewhere.is_empty() {
            // What is wrong there anyway does not come of this text.
            let (_, broken, mut before) = Clinic::read_sound(app.folder());
            broken.into_iter().for_each(|one| before.append(one.mistakes));
            elsewhere.retain(|one| before.iter().all(|other| other != one));
        }
        // Analysis of what is not sound would only confuse.
        if !here.has_errors() {
            let mut looked_at = clinic.clone();
            // Versions of one protocol are looked at together: their days must not overlap.
            if let Some(id) = file.protocol(&clinic).map(|protocol| protocol.id.clone()) {
                looked_at.protocols.retain(|protocol| protocol.id == id);
            }
            let mut strange = crate::check::check(&looked_at, day, file.is_dictionary());
            strange.retain(|one| file.is_here(one));
            // It is in the way of publishing, and not of saving: the published version goes on answering.
            let beside = file.protocol(&clinic).and_then(beside_published);
            beside.into_iter().for_each(|one| strange.push(Diagnostic { severity: Severity::Warning, ..one }));
            here.append(strange);
        }
        here.sort();
        elsewhere.sort();
        Draft { source, clinic, here, elsewhere }
    }

    /// Whether the clinic would take it up.
    pub(super) fn is_sound(&self) -> bool {
        !self.here.has_errors() && !self.elsewhere.has_errors()
    }
}

/// A clinic with the protocol of a file alone; with all of them, where the file is the dictionary.
pub(super) fn only(clinic: &Clinic, file: &File) -> Clinic {
    let mut only = clinic.clone();
    if !file.is_dictionary() {
        only.protocols = file.protocol(clinic).cloned().into_iter().collect();
    }
    only
}

/// The file that a text of a protocol was published from, or is.
pub(super) fn working_file(name: &str) -> PathBuf {
    let path = Path::new(name);
    let folder = path.ancestors().find(|one| one.ends_with(published::FOLDER) && one.join(published::INDEX).is_file());
    folder.map_or_else(|| path.to_owned(), |folder| folder.with_file_name("protocol.toml"))
}
