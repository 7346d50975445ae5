//! What the pages share: the clinic as it was last read without mistakes, the archive, and who is here.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::attempts::Attempts;
use super::http::{Answer, Trouble};
use super::manager::{Figures, Publishing};
use super::security::Site;
use super::session::Sessions;
use crate::archive::{Accounts, Archive, Stamp, Texts};
use crate::date::Date;
use crate::decide::{Prepared, Request};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::protocol::load::{languages_of, rests_on};
use crate::protocol::{Broken, Clinic, ClinicDetails, Protocol, Which};
use crate::trace::Depth;

/// What tells the day and the time. The clock is read where the command line reads it.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// Today.
    pub today: fn() -> Result<Date, String>,
    /// Now, as an archive's entry has it.
    pub now: fn() -> String,
}

/// How often it is looked whether the clinic's files have changed.
const LOOK: Duration = Duration::from_millis(500);

/// For how many days protocols are kept ready.
const DAYS: usize = 16;

/// The web application.
#[derive(Debug)]
pub struct App {
    folder: PathBuf,
    site: Site,
    clock: Clock,
    clinics: Mutex<Clinics>,
    archive: Mutex<Archive>,
    /// The accounts as they were last read, and at which entry.
    accounts: Mutex<Option<(u64, Arc<Accounts>)>>,
    pub(super) sessions: Sessions,
    pub(super) publishing: Publishing,
    pub(super) figures: Arc<Figures>,
    pub(super) attempts: Attempts,
    /// The forms of decisions that were sent last, and the entry that each has made.
    decided: Mutex<VecDeque<(String, u64)>>,
    /// The forms that were sent last, each with its answer.
    sent: Mutex<VecDeque<(String, Place)>>,
}

/// Where the answer of a form is kept; none while it is being made.
type Place = Arc<Mutex<Option<Answer>>>;

/// So many forms are remembered: more than anybody has open.
const REMEMBERED: usize = 1_000;

/// A clinic as it was read, with the texts that it was read from.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) clinic: Clinic,
    pub(super) broken: Vec<Broken>,
    pub(super) details: Option<ClinicDetails>,
    /// The language that its texts were asked for in; none: that of the files themselves.
    pub(super) language: Option<String>,
    /// The languages that its texts are there in, beside that of the files themselves.
    pub(super) languages: Vec<String>,
    /// All files that answers rest on.
    pub(super) texts: Texts,
    /// The name of the clinic's folder among the texts, and of each protocol's.
    asked: HashMap<String, String>,
    /// Whether some of its protocols have published versions.
    has_published: bool,
    /// What is wrong with the files now, where these are those of before.
    pub(super) stale: Option<Diagnostics>,
    ready: Mutex<HashMap<Date, Arc<Vec<Prepared>>>>,
}

type Seen = Vec<(PathBuf, Option<SystemTime>, u64)>;

impl App {
    /// The web application of a clinic's folder and an archive, which keeps records from now on.
    ///
    /// # Errors
    /// When no protocol of the clinic can be used, or the archive cannot be written.
    pub fn new(folder: &Path, mut archive: Archive, site: Site, clock: Clock) -> Result<App, Diagnostics> {
        archive.keep_records()?;
        archive.keep_list()?;
        let clinics =
            Clinics { looked: Some(Instant::now()), seen: seen(folder), now: ByDay::new(), before: ByDay::new() };
        let app = App {
            folder: folder.to_owned(),
            site,
            clock,
            clinics: Mutex::new(clinics),
            archive: Mutex::new(archive),
            accounts: Mutex::default(),
            sessions: Sessions::default(),
            publishing: Publishing::default(),
            figures: Arc::default(),
            attempts: Attempts::default(),
            decided: Mutex::default(),
            sent: Mutex::default(),
        };
        // Whoever starts it is told at once what is wrong.
        let today = (clock.today)().map_err(|why| Diagnostic::new(&codes::UNKNOWN_TIME_ZONE, why))?;
        app.clinic(today)?;
        Ok(app)
    }

    /// Answers a form that changes something. Sent again as it was, also while the first is being answered, it gets the same answer, and
    /// nothing is changed once more. What was refused may be sent again.
    pub(super) fn once(&self, form: &str, answer: impl FnOnce() -> Result<Answer, Trouble>) -> Result<Answer, Trouble> {
        let place: Place = {
            let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
            match sent.iter().find(|(other, _)| other == form) {
                Some((_, place)) => place.clone(),
                None => {
                    let place = Place::default();
                    sent.push_back((form.to_owned(), place.clone()));
                    if sent.len() > REMEMBERED {
                        sent.pop_front();
                    }
                    place
                }
            }
        };
        let mut answered = place.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = answered.as_ref() {
            return Ok(answer.clone());
        }
        let answer = answer()?;
        if answer.code < 400 {
            *answered = Some(answer.clone());
        }
        Ok(answer)
    }

    /// Decides what a form asks for; of one that is sent again, the entry that it has made.
    pub(super) fn decided_once(
        &self,
        form: &str,
        decide: impl FnOnce() -> Result<u64, Trouble>,
    ) -> Result<u64, Trouble> {
        let mut decided = self.decided.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, at)) = decided.iter().find(|(other, _)| other == form) {
            return Ok(*at);
        }
        let at = decide()?;
        decided.push_back((form.to_owned(), at));
        if decided.len() > REMEMBERED {
            decided.pop_front();
        }
        Ok(at)
    }

    /// The clinic's folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Changes files of the clinic: one person at a time, and whoever asks next sees them.
    pub(super) fn change_files<T>(&self, change: impl FnOnce() -> T) -> T {
        let mut clinics = self.clinics.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = change();
        clinics.looked = None;
        changed
    }

    /// Where it is.
    pub(super) fn site(&self) -> &Site {
        &self.site
    }

    /// The accounts as they stand now, also where another program has just changed one.
    pub(super) fn accounts(&self) -> Result<Arc<Accounts>, Diagnostics> {
        let archive = self.archive();
        let at = archive.accounts_at()?;
        let mut known = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, accounts)) = known.as_ref()
            && *of == at
        {
            return Ok(accounts.clone());
        }
        let accounts = Arc::new(archive.accounts()?);
        *known = Some((at, accounts.clone()));
        Ok(accounts)
    }

    pub(super) fn today(&self) -> Result<Date, Trouble> {
        (self.clock.today)().map_err(|why| Trouble::refused(500, &why))
    }

    /// What stands beside whatever somebody keeps now.
    pub(super) fn stamp(&self, who: &str) -> Stamp {
        Stamp { at: (self.clock.now)(), by: Some(who.to_owned()) }
    }

    /// The archive. One at a time uses it, for some milliseconds.
    pub(super) fn archive(&self) -> MutexGuard<'_, Archive> {
        // What broke off in the middle of a transaction has left nothing behind.
        self.archive.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The clinic as it answers on a day, read again if its files have changed. Where they have mistakes now, it is what it was, and says so.
    ///
    /// Of a protocol that has published versions, the one that is in force on the day answers; without any, a clinic is the same on all days.
    pub(super) fn clinic(&self, day: Date) -> Result<Arc<Read>, Diagnostics> {
        self.read(None, day)
    }

    /// The same with the texts in another language, if the clinic has it. Where its texts have mistakes, those of the files themselves are used: what
    /// is answered never depends on the language.
    pub(super) fn clinic_in(&self, language: Option<&str>, day: Date) -> Result<Arc<Read>, Diagnostics> {
        let clinic = self.read(None, day)?;
        let Some(language) = language.filter(|language| clinic.languages.iter().any(|one| one == language)) else {
            return Ok(clinic);
        };
        let is_sound = |read: &Arc<Read>| read.stale.is_none() && read.broken.len() == clinic.broken.len();
        Ok(self.read(Some(language), day).ok().filter(is_sound).unwrap_or(clinic))
    }

    fn read(&self, language: Option<&str>, day: Date) -> Result<Arc<Read>, Diagnostics> {
        let mut clinics = self.clinics.lock().unwrap_or_else(PoisonError::into_inner);
        clinics.look(&self.folder);
        if let Some(known) = of_day(&clinics.now, language, day) {
            return Ok(known);
        }
        let before = of_day(&clinics.before, language, day);
        let read = match (Read::new(&self.folder, language, Which::InForceOn(day)), before) {
            (Ok(read), Some(before)) if !read.breaks_nothing_of(&before) => {
                let mut found = Diagnostics::default();
                read.broken.into_iter().for_each(|one| found.append(one.mistakes));
                before.stale(found)
            }
            (Ok(read), _) => read,
            (Err(found), Some(before)) => before.stale(found),
            (Err(found), None) => return Err(found),
        };
        let read = Arc::new(read);
        if clinics.now.len() >= DAYS {
            clinics.now.clear();
        }
        let key = (language.map(str::to_owned), read.has_published.then_some(day));
        clinics.now.insert(key, read.clone());
        Ok(read)
    }
}

/// The clinic in each language, of each day or of all days.
type ByDay = HashMap<(Option<String>, Option<Date>), Arc<Read>>;

/// The clinic as it was read for each day, and as it was before its files changed.
#[derive(Debug)]
struct Clinics {
    /// When it was last looked whether they have; none: they are known to have.
    looked: Option<Instant>,
    seen: Seen,
    now: ByDay,
    before: ByDay,
}

fn of_day(all: &ByDay, language: Option<&str>, day: Date) -> Option<Arc<Read>> {
    let language = language.map(str::to_owned);
    all.get(&(language.clone(), Some(day))).or_else(|| all.get(&(language, None))).cloned()
}

impl Clinics {
    /// Looks whether the files have changed.
    fn look(&mut self, folder: &Path) {
        if self.looked.is_some_and(|looked| looked.elapsed() < LOOK) {
            return;
        }
        self.looked = Some(Instant::now());
        let seen = seen(folder);
        if seen != self.seen {
            self.seen = seen;
            self.before.extend(self.now.drain());
        }
    }
}

impl Read {
    fn new(folder: &Path, language: Option<&str>, which: Which) -> Result<Read, Diagnostics> {
        // What is changed while it is read is read again.
        for _ in 0..5 {
            let (texts, asked) = Texts::of(&[folder], language, which);
            let (clinic, broken, found) = Clinic::read_which(folder, language, which);
            if Texts::of(&[folder], language, which).0 != texts {
                continue;
            }
            if clinic.protocols.is_empty() || found.has_errors() {
                return Err(match found.has_errors() {
                    true => found,
                    false => nothing(folder),
                });
            }
            let clinic_name = asked.into_iter().next().unwrap_or_default();
            let mut names = HashMap::new();
            for protocol in &clinic.protocols {
                let file = Path::new(&protocol.file.name);
                // A published version lies in a folder of the protocol's own.
                let published =
                    file.ancestors().find(|folder| folder.file_name().is_some_and(|name| name == "published"));
                let path = match published.and_then(Path::parent) {
                    Some(folder) => folder,
                    None if file.ends_with("protocol.toml") => file.parent().unwrap_or(file),
                    None => file,
                };
                let name = path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('\\', "/");
                let name = if name.is_empty() { clinic_name.clone() } else { format!("{clinic_name}/{name}") };
                names.insert(protocol.file.name.clone(), name);
            }
            let (details, _mistakes) = ClinicDetails::read(folder, language);
            let ready = Mutex::default();
            let has_published = texts.iter().any(|(name, _)| name.ends_with("published/index.toml"));
            let (language, languages) = (language.map(str::to_owned), languages_of(folder));
            let (asked, stale) = (names, None);
            return Ok(Read {
                clinic,
                broken,
                details,
                language,
                languages,
                texts,
                asked,
                has_published,
                stale,
                ready,
            });
        }
        let message = format!("the files in {} are being changed all the time", folder.display());
        Err(Diagnostic::new(&codes::FILES_CHANGED, message).help("try again").into())
    }

    /// The same, with what is wrong with the files now.
    fn stale(&self, found: Diagnostics) -> Read {
        Read {
            clinic: self.clinic.clone(),
            broken: self.broken.clone(),
            details: self.details.clone(),
            language: self.language.clone(),
            languages: self.languages.clone(),
            texts: self.texts.clone(),
            asked: self.asked.clone(),
            has_published: self.has_published,
            stale: Some(found),
            ready: Mutex::default(),
        }
    }

    /// Whether nothing is broken that could be used before.
    fn breaks_nothing_of(&self, before: &Read) -> bool {
        let was_sound = |id: &str| before.clinic.protocols.iter().any(|protocol| protocol.id == id);
        // One that is still there under its name: what was taken out of the folder is not broken.
        self.broken.iter().all(|broken| !was_sound(&broken.id))
    }

    /// What is wrong now with the file of a protocol, or with those of all, where the last version without mistakes answers.
    pub(super) fn stale_of<'r>(&'r self, protocol: &Protocol) -> impl Iterator<Item = &'r Diagnostic> {
        let file = |one: &Diagnostic| one.label.as_ref().map(|label| label.place.file.name.clone());
        let is_others = move |name: &str, own: &str| {
            name != own && self.clinic.protocols.iter().any(|other| other.file.name == name)
        };
        let own = protocol.file.name.clone();
        let all = self.stale.iter().flat_map(Diagnostics::iter);
        all.filter(move |one| !file(one).is_some_and(|name| is_others(&name, &own)))
    }

    /// The name of a protocol among the texts.
    pub(super) fn asked(&self, protocol: &Protocol) -> Vec<String> {
        self.asked.get(&protocol.file.name).cloned().into_iter().collect()
    }

    /// The protocols that can be asked on a day, ready for it.
    pub(super) fn ready(&self, day: Date) -> Arc<Vec<Prepared>> {
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = ready.get(&day) {
            return known.clone();
        }
        if ready.len() >= DAYS {
            ready.clear();
        }
        let request = Request::new(day).explain(Depth::Verdict);
        let made = self.clinic.protocols.iter().filter_map(|protocol| protocol.prepare(&request).ok());
        let made = Arc::new(made.collect::<Vec<_>>());
        ready.insert(day, made.clone());
        made
    }

    /// A protocol, ready for a day.
    pub(super) fn ready_one(&self, id: &str, day: Date) -> Result<Prepared, Trouble> {
        if let Some(prepared) = self.ready(day).iter().find(|prepared| prepared.protocol().id == id) {
            return Ok(prepared.clone());
        }
        if let Some(broken) = self.broken.iter().find(|broken| broken.id == id) {
            let diagnostic = Diagnostic::new(&codes::UNREADABLE, broken.told());
            return Err(Trouble::found(422, diagnostic.help("`regimen check` shows every mistake").into()));
        }
        let protocol = self.clinic.protocol(id).ok_or_else(|| Trouble::nothing("protocol", id))?;
        Err(protocol.usable(day).into())
    }
}

fn nothing(folder: &Path) -> Diagnostics {
    Diagnostic::new(&codes::UNREADABLE, format!("there is no protocol in {}", folder.display())).into()
}

/// When which files of a folder were changed: those of the clinic, and of its protocols.
fn seen(folder: &Path) -> Seen {
    let mut all = Seen::new();
    let mut look = |folder: &Path, deep: bool| -> Vec<PathBuf> {
        let mut folders = Vec::new();
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let Ok(about) = path.metadata() else { continue };
            if about.is_dir() {
                folders.extend(deep.then_some(path));
            } else if path.extension().is_some_and(|end| end == "toml") {
                all.push((path, about.modified().ok(), about.len()));
            }
        }
        folders
    };
    for below in look(folder, true) {
        look(&below, false);
        // The index of published versions has their hashes.
        look(&below.join("published"), false);
    }
    // A protocol that is served alone is a file, or has its dictionary one folder up.
    for path in rests_on(folder, None, Which::WorkingFile).files {
        if let Ok(about) = path.metadata() {
            all.push((path, about.modified().ok(), about.len()));
        }
    }
    all.sort();
    all.dedup();
    all
}
