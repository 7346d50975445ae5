//! Whether the archive is what it was: decisions asked again, one or all, and every entry against the tree.

use maud::{Markup, html};

use super::app::App;
use super::decisions::{number, whose};
use super::http::{Answer, Ask, Route, Trouble, get};
use super::page::{self, shown};
use super::words::{Words, mark, say};
use crate::archive::{Archive, NotReplayed, Replay, Replayer, Role, to_hex};

pub(super) const ROUTES: &[Route] = &[
    get(&[Role::Auditor], "/decisions/verify", verify),
    get(&[Role::Auditor], "/decisions/replay", replay_all),
    get(&[Role::Auditor], "/decisions/{entry}/replay", replay),
];

/// What came of asking again, in words.
fn outcome(w: Words, replay: &Replay) -> Markup {
    let differences = |all: &[crate::archive::Difference]| {
        html! { ul { @for one in all.iter().take(50) {
            @let nothing = say!(w, "nothing");
            li { code { (shown(&one.place)) } ": " (say!(w, "then {}, now {}", shown(one.then.as_deref().unwrap_or(nothing)), shown(one.now.as_deref().unwrap_or(nothing)))) }
        } @if all.len() > 50 { li { (say!(w, "and {} more", all.len() - 50)) } } } }
    };
    html! {
        @match replay {
            Replay::Identical => { strong { (say!(w, "identical")) } " – " (say!(w, "the same bytes as then")) }
            Replay::OtherTrace(all) => { strong { (say!(w, "the same answer, explained otherwise")) } (differences(all)) }
            Replay::Different(all) => { strong { (say!(w, "another answer")) } (differences(all)) }
            Replay::Not(NotReplayed::Damaged(what)) => { strong { (say!(w, "damaged")) } ": " (page::text_in(w.english(), what)) }
            Replay::Not(why) => { (say!(w, "not asked again:")) " " (page::text_in(w.english(), &why.word().replace('-', " "))) }
        }
    }
}

fn replay(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let at = number(ask)?;
    let entry = app.archive().entry(at)?;
    let texts = app.archive().texts(&entry.public)?.unwrap_or_default();
    let replayed = Replayer::default().entry(&entry, &texts);
    let w = ask.words;
    let main = html! {
        h1 { (say!(w, "Entry {}, asked again", at)) }
        (whose(app, w, &entry))
        div.card { p { (outcome(w, &replayed)) } }
        p { a href=(format!("/decisions/{at}")) { (say!(w, "Back to entry {}", at)) } }
    };
    Ok(page::plain(app, ask, say!(w, "Asked again"), main))
}

/// The archive, opened once more: what takes long keeps nobody waiting.
fn another(app: &App) -> Result<Archive, Trouble> {
    let path = app.archive().path().to_owned();
    Ok(Archive::open(&path)?)
}

fn replay_all(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let archive = another(app)?;
    let mut replayer = Replayer::default();
    let (mut identical, mut skipped, mut others) = (0_u64, 0_u64, Vec::new());
    for at in archive.numbers(None)? {
        let replayed = match archive.entry(at) {
            Ok(entry) => match archive.texts(&entry.public) {
                Ok(texts) => replayer.entry(&entry, &texts.unwrap_or_default()),
                Err(found) => Replay::Not(NotReplayed::Damaged(found.in_a_line())),
            },
            Err(found) => Replay::Not(NotReplayed::Damaged(found.in_a_line())),
        };
        match replayed {
            Replay::Identical => identical += 1,
            Replay::Not(NotReplayed::NoDecision) => skipped += 1,
            other => others.push((at, other)),
        }
    }
    let w = ask.words;
    let main = html! {
        h1 { (say!(w, "All decisions, asked again")) }
        p { (mark!(w, "{} identical, {} not; {} entries are no decisions", html! { strong { (identical) } }, html! { (others.len()) }, html! { (skipped) })) }
        ul { @for (at, one) in &others { li { a href=(format!("/decisions/{at}")) { (say!(w, "Entry {}", at)) } ": " (outcome(w, one)) } } }
    };
    Ok(page::plain(app, ask, say!(w, "All decisions, asked again"), main))
}

fn verify(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let (report, w) = (another(app)?.verify(None), ask.words);
    let main = html! {
        h1 { (say!(w, "The archive")) }
        @if report.found.has_errors() {
            div.notice role="alert" { h2 { (say!(w, "It is not as it was written")) } (page::mistakes(w, &report.found, 100)) }
        } @else {
            div.card { h2 { (say!(w, "It is as it was written")) }
                p { (say!(w, "{} entries; {} of them erased, as an entry tells", report.size, report.erased)) }
            }
        }
        dl.facts { div { dt { (say!(w, "root")) } dd { code { (to_hex(&report.root)) } } } }
        p.help { (say!(w, "Not checked: whether entries are missing at the end, or all was written anew. That takes a checkpoint that was kept elsewhere, and `regimen archive verify`.")) }
    };
    Ok(page::plain(app, ask, say!(w, "The archive"), main))
}
