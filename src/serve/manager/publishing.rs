//! Publishing from the page: the gates are tried in the background, one protocol at a time, and a page tells how far that is.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use maud::{Markup, html};

use super::editor::{self, Place};
use super::file::File;
use crate::archive::Role;
use crate::date::Date;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::protocol::Protocol;
use crate::protocol::published::Index;
use crate::publish::{Refusal, Step, Wish, publish, said};
use crate::serve::app::App;
use crate::serve::assets;
use crate::serve::http::{Answer, Ask, Trouble, day};
use crate::serve::page::{self, shown};
use crate::serve::words::{Words, mark, say};

/// What is being published, or was last.
#[derive(Debug, Default)]
pub(in crate::serve) struct Publishing(Mutex<Option<Arc<Job>>>);

/// The publication of a version.
#[derive(Debug)]
struct Job {
    /// The file that it is of.
    file: String,
    title: String,
    version: String,
    by: String,
    why: Option<String>,
    from: Option<Date>,
    on: Date,
    survivors_accepted: Option<String>,
    state: Mutex<State>,
}

/// How far it is.
#[derive(Debug, Default)]
struct State {
    /// What was passed, in lines.
    passed: Vec<String>,
    /// How many changes of how many are tried.
    changing: Option<(usize, usize)>,
    ended: Option<Result<Date, Refused>>,
}

/// Why nothing was published.
#[derive(Debug)]
struct Refused {
    found: Diagnostics,
    /// Whether a case or a sheet is not as approved.
    not_as_approved: bool,
}

impl Job {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn runs(&self) -> bool {
        self.state().ended.is_none()
    }

    /// Tries and publishes.
    fn run(&self, folder: &Path, protocol: &Protocol) {
        let told = |step: Step<'_>| {
            let mut state = self.state();
            match (step, step.in_words()) {
                (Step::Changing(done, of), _) => {
                    // Several threads tell it.
                    let before = state.changing.map_or(0, |(done, _)| done);
                    state.changing = Some((done.max(before), of));
                }
                (_, words) => {
                    state.changing = None;
                    state.passed.extend(words);
                }
            }
        };
        let (by, why, survivors_accepted) = (self.by.as_str(), self.why.as_deref(), self.survivors_accepted.as_deref());
        let wish = Wish { by, why, from: self.from, on: self.on, survivors_accepted };
        let refused = |found| Refused { found, not_as_approved: false };
        let work = || {
            publish(folder, protocol, &wish, &told).map_err(|refusal| match refusal {
                Refusal::Found(found) => refused(found),
                Refusal::NotAsApproved(found) => Refused { found, not_as_approved: true },
                Refusal::NotWritten(error) => {
                    let message = format!("it could not be written: {error}");
                    let help = "see to it that this program may write the protocol’s folder, and publish again";
                    refused(Diagnostic::new(&codes::NOT_SAVED, message).help(help).into())
                }
            })
        };
        // Whatever happens to the work, somebody waits for its end.
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work)).unwrap_or_else(|_| {
            let message = "the work on it broke off";
            Err(refused(Diagnostic::new(&codes::MISTAKE_OF_REGIMEN, message).help("please report it").into()))
        });
        self.state().ended = Some(ended);
    }
}

impl Publishing {
    fn last(&self) -> Option<Arc<Job>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begins, unless something is being published.
    fn begin(&self, job: Job, folder: PathBuf, protocol: Protocol) -> Result<(), Trouble> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(other) = last.as_ref().filter(|other| other.runs()) {
            let message = format!("{} {} is being published by {}", other.title, other.version, other.by);
            let wrong = Diagnostic::new(&codes::NOT_PUBLISHED, message);
            return Err(Trouble::found(409, wrong.help("wait until that has ended, and publish again").into()));
        }
        let job = Arc::new(job);
        *last = Some(job.clone());
        std::thread::spawn(move || job.run(&folder, &protocol));
        Ok(())
    }
}

/// What has to be said to publish the file as it is.
pub(super) fn form(app: &App, ask: &Ask, file: &File, index: Option<&Index>) -> Result<Markup, Trouble> {
    if !ask.has(Role::Manager) {
        return Ok(html! {});
    }
    let w = ask.words;
    if !file.can_be_edited() || !file.path().ends_with("protocol.toml") {
        return Ok(
            html! { p.help { (say!(w, "It has no folder of its own in the clinic’s folder, where its versions could be kept.")) } },
        );
    }
    let runs = app.publishing.last().filter(|job| job.runs());
    let working = file.working(app);
    Ok(html! {
        section.card {
            h2 { (say!(w, "Publish the file as it is now")) }
            @match (&working, &runs) {
                (_, Some(job)) => {
                    p { (say!(w, "{} {} is being published.", shown(&job.title), shown(&job.version))) " " @if job.file == file.key { a href=(file.page("/publish")) { (say!(w, "See how far it is")) } } }
                }
                (Err(_), _) => { p { (say!(w, "Its text has mistakes.")) " " a href=(file.page("/text")) { (say!(w, "Mend them first")) } } }
                (Ok((_, protocol)), None) if index.is_some_and(|index| index.version(&protocol.version).is_some()) => {
                    p { (mark!(w, "Version {} is published already. Once the text is changed, it gets a higher number; the page of the text says which it needs.", html! { strong { (shown(&protocol.version)) } })) }
                }
                (Ok((_, protocol)), None) => {
                    p { (mark!(w, "It is version {}. Published, it never changes: answers come from it on the days on which it is in force, and name you as who published it.", html! { strong { (shown(&protocol.version)) } })) }
                    p.help { (say!(w, "First it is checked, its cases are run, and it is tried whether they notice when something in it is changed. That may take some minutes.")) }
                    form.publish method="post" action=(file.page("/publish")) {
                        (page::token(ask))
                        input type="hidden" name="sha256" value=(protocol.sha256);
                        label { (say!(w, "Why")) input name="why" maxlength="500" required autocomplete="off"; }
                        label { (say!(w, "In force from"))
                            input type="text" name="from" required value=(protocol.in_force_from.max(app.today()?)) autocomplete="off";
                        }
                        label { (say!(w, "If changes are left that no case notices: why that may be")) input name="survivors" maxlength="500" autocomplete="off"; span.help { (say!(w, "Empty: then nothing is published, and they are told.")) } }
                        p { button.primary { (say!(w, "Publish as {}", shown(ask.who()))) } }
                    }
                }
            }
        }
    })
}

/// Begins to publish.
pub(super) fn begin(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let file = File::to_edit(app, ask)?;
    let (why, survivors_accepted) = (said(ask.field("why")), said(ask.field("survivors")));
    if why.is_none() || (survivors_accepted.is_none() && !ask.field("survivors").is_empty()) {
        return Err(Trouble::refused(422, "say why it is published, in one line: it stands in the index for ever"));
    }
    let from = match ask.field("from") {
        "" => None,
        text => Some(day(text, 422)?),
    };
    let (_, protocol) = file.working(app)?;
    if protocol.sha256 != ask.field("sha256") {
        let wrong = Diagnostic::new(
            &codes::FILE_CHANGED,
            "this protocol was changed since you looked at it: nothing was published",
        );
        return Err(Trouble::found(409, wrong.help("look at it as it is now, and publish again").into()));
    }
    let job = Job {
        file: file.key.clone(),
        title: protocol.title.clone(),
        version: protocol.version.clone(),
        by: ask.who().to_owned(),
        why,
        from,
        on: app.today()?,
        survivors_accepted,
        state: Mutex::default(),
    };
    let folder = file.path().parent().unwrap_or(file.path()).to_owned();
    app.publishing.begin(job, folder, protocol)?;
    Ok(Answer::see(file.page("/publish")))
}

/// How far it is, or what came of it.
pub(super) fn show(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let file = File::of(app, ask)?;
    let Some(job) = app.publishing.last().filter(|job| job.file == file.key) else {
        return Ok(Answer::see(file.page("/versions")));
    };
    let (read, w) = (ask.clinic(app, app.today()?)?, ask.words);
    let main = html! {
        (file.heading(w, &read, "/versions"))
        (progress(w, &file, &job))
        script src=(assets::again()) defer {}
    };
    Ok(page::plain(app, ask, &say!(w, "{} – publish", job.title), main))
}

fn progress(w: Words, file: &File, job: &Job) -> Markup {
    let state = job.state();
    let say = match &state.ended {
        None => "",
        Some(Ok(_)) => say!(w, "It is published."),
        Some(Err(_)) => say!(w, "It is not published."),
    };
    html! {
        section.card #progress data-again[state.ended.is_none()] data-say=(say) {
            @match &state.ended {
                None => { h2 { (say!(w, "Version {} is being tried", shown(&job.version))) } }
                Some(Ok(from)) => { h2 { (say!(w, "Version {} is published", shown(&job.version))) } p { (mark!(w, "By {}, in force from {}.", html! { (shown(&job.by)) }, html! { strong { (w.date(*from)) } })) } }
                Some(Err(_)) => { h2 { (say!(w, "Version {} is not published", shown(&job.version))) } }
            }
            ol.passed {
                @for line in &state.passed { li { span.tag.yes { (say!(w, "passed")) } " " (page::text_in(w.english(), line)) } }
                @if let (Some((done, of)), None) = (state.changing, &state.ended) {
                    li { progress max=(of) value=(done) aria-label=(say!(w, "Changes tried")) {} " " (say!(w, "{} of {} changes tried", done, of)) }
                }
                @if let Some(Err(refused)) = &state.ended {
                    li { span.tag.bad { (say!(w, "in the way")) } (editor::listed(w, &refused.found, Place::OfFile)) }
                }
            }
            @match &state.ended {
                None => { p { a href=(file.page("/publish")) { (say!(w, "Look again")) } span.help { (say!(w, "You may leave this page, and come back to it.")) } } }
                Some(Ok(_)) => { p { a href=(file.page("/versions")) { (say!(w, "All versions")) } } }
                Some(Err(refused)) => {
                    p.links {
                        @if refused.not_as_approved { a href=(file.page("/cases")) { (say!(w, "Look at the cases, and approve them")) } " · " }
                        a href=(file.page("/text")) { (say!(w, "Its text")) } " · " a href=(file.page("/versions")) { (say!(w, "All versions")) }
                    }
                }
            }
        }
    }
}
