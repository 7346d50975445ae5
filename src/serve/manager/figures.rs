//! How the cases of each protocol come out, and how much of it they try: worked out in the background, and shown as it was last found. No page
//! waits for it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use maud::{Markup, html};

use super::file::File;
use crate::cases::{Cases, of_protocol};
use crate::coverage;
use crate::protocol::find::dictionary_of;
use crate::protocol::{Clinic, Protocol};
use crate::serve::app::App;
use crate::serve::words::{Words, say};

/// When the files were changed that figures rest on.
type Stamp = Vec<(PathBuf, Option<SystemTime>, u64)>;

/// The figures of a protocol's cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counted {
    passed: usize,
    failed: usize,
    covered: usize,
    outcomes: usize,
}

/// What is known of each protocol's file, and whether somebody is at it.
#[derive(Debug, Default)]
pub(in crate::serve) struct Figures {
    /// None: it has mistakes, and its cases cannot be run.
    known: Mutex<HashMap<PathBuf, (Stamp, Option<Counted>)>>,
    is_counting: AtomicBool,
}

fn stamp(file: &Path) -> Stamp {
    let cases = std::fs::read_dir(file.with_file_name("cases")).into_iter().flatten().flatten().map(|one| one.path());
    let files = [file.to_owned()].into_iter().chain(dictionary_of(file)).chain(cases);
    let about = files.map(|path| {
        let about = path.metadata().ok();
        let (changed, length) =
            (about.as_ref().and_then(|about| about.modified().ok()), about.map_or(0, |about| about.len()));
        (path, changed, length)
    });
    let mut all: Stamp = about.collect();
    all.sort();
    all
}

impl Figures {
    fn known(&self) -> MutexGuard<'_, HashMap<PathBuf, (Stamp, Option<Counted>)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Works out what has changed since it was last known, one protocol after the other.
    fn count(&self, folder: &Path, stamps: Vec<(PathBuf, Stamp)>) {
        let (clinic, broken, mut found) = Clinic::read_sound(folder);
        broken.into_iter().for_each(|one| found.append(one.mistakes));
        for (path, stamp) in stamps {
            let mut all = clinic.protocols.iter();
            let protocol = all.find(|protocol| Path::new(&protocol.file.name) == path);
            let protocol = protocol.filter(|protocol| !found.has_errors_in(&protocol.file.name));
            let counted = protocol.map(counted);
            self.known().insert(path, (stamp, counted));
        }
    }
}

fn counted(protocol: &Protocol) -> Counted {
    let (mut reader, mut all, mut passed, mut failed) = (Cases::of(protocol), Vec::new(), 0, 0);
    for path in of_protocol(protocol) {
        let Ok((case, _)) = reader.load(&path) else {
            failed += 1;
            continue;
        };
        let is_passed = case.run(protocol).is_ok_and(|outcome| outcome.passed());
        *(if is_passed { &mut passed } else { &mut failed }) += 1;
        all.push(case);
    }
    let coverage = coverage::tried(protocol, &all);
    Counted { passed, failed, covered: coverage.covered, outcomes: coverage.outcomes }
}

/// That nobody is at it any more, however the work ends.
struct Ended(Arc<Figures>);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.is_counting.store(false, Ordering::SeqCst);
    }
}

/// The figures of files as far as they are known; what is not is begun.
pub(super) fn of(app: &App, files: &[File]) -> HashMap<String, Option<Counted>> {
    let figures = &app.figures;
    let stamps: Vec<(PathBuf, Stamp)> = files.iter().map(|file| (file.path().to_owned(), stamp(file.path()))).collect();
    let (mut found, mut open) = (HashMap::new(), Vec::new());
    {
        let known = figures.known();
        for (file, (path, stamp)) in files.iter().zip(stamps) {
            match known.get(&path) {
                Some((of, counted)) if *of == stamp => drop(found.insert(file.key.clone(), *counted)),
                _ => open.push((path, stamp)),
            }
        }
    }
    if !open.is_empty() && !figures.is_counting.swap(true, Ordering::SeqCst) {
        let (ended, folder) = (Ended(figures.clone()), app.folder().to_owned());
        std::thread::spawn(move || ended.0.count(&folder, open));
    }
    found
}

/// The figures of a file in a few words.
pub(super) fn shown(w: Words, counted: Option<&Option<Counted>>) -> Markup {
    html! {
        @match counted {
            None => { span.help { (say!(w, "being run")) } }
            Some(None) => { "–" }
            Some(Some(Counted { passed: 0, failed: 0, .. })) => { span.tag.no { (say!(w, "none")) } }
            Some(Some(Counted { passed, failed, covered, outcomes })) => {
                span {
                    @if *failed > 0 { span.tag.bad { (say!(w, "{} failed", failed)) } " " }
                    (say!(w, "{} passed", passed))
                    span.help title=(say!(w, "{} of {} outcomes", covered, outcomes)) { (say!(w, "{} % covered", covered * 100 / (*outcomes).max(1))) }
                }
            }
        }
    }
}
