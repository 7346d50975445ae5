//! In which of the clinic's languages its texts are shown: a cookie of its own, which is no secret, and stays when a session ends.

use axum::http::{HeaderMap, header};
use maud::{Markup, html};

use super::app::{App, Read};
use super::http::{ANYBODY, Answer, Ask, Route, Trouble, post};
use super::page;
use super::session::{cookie, ours, set_cookie};
use super::words::{Words, say};

pub(super) const ROUTES: &[Route] = &[post(ANYBODY, "/language", choose)];

const COOKIE: &str = "regimen-language";

/// How long it is kept: a year.
const SECONDS: u32 = 365 * 24 * 60 * 60;

/// What people call their language.
const NAMES: [(&str, &str); 12] = [
    ("cs", "Čeština"),
    ("de", "Deutsch"),
    ("en", "English"),
    ("es", "Español"),
    ("fr", "Français"),
    ("hr", "Hrvatski"),
    ("hu", "Magyar"),
    ("it", "Italiano"),
    ("nl", "Nederlands"),
    ("pl", "Polski"),
    ("pt", "Português"),
    ("tr", "Türkçe"),
];

fn name(code: &str) -> &str {
    NAMES.iter().find(|(other, _)| *other == code).map_or(code, |(_, name)| name)
}

/// The language of the files themselves: of the first protocol, as those of a clinic are in one language.
pub(super) fn of_files(clinic: &Read) -> &str {
    clinic.clinic.protocols.first().map_or("en", |one| one.language.as_str())
}

/// The language that the clinic's texts are wanted in, where that is not the one of its files, and the words of the page around them.
///
/// It is the one that was chosen; where none was, the first of those that the browser asks for that the clinic has. A program is answered in the
/// language of the files, unless it has chosen: what the settings of a browser say is not meant for it.
pub(super) fn of(app: &App, headers: &HeaderMap, is_program: bool) -> (Option<String>, Words) {
    let clinic = app.today().ok().and_then(|today| app.clinic(today).ok());
    let Some(clinic) = clinic else { return (None, Words::default()) };
    let own = of_files(&clinic);
    let has = |code: &String| code == own || clinic.languages.contains(code);
    let wanted = match cookie(headers, COOKIE) {
        Some(chosen) => Some(chosen),
        None if is_program => None,
        None => asked_for(headers).into_iter().find(has),
    };
    let wanted = wanted.filter(|code| code != own && has(code));
    let words = Words::of(wanted.as_deref().unwrap_or(own));
    (wanted, words)
}

/// The languages of `Accept-Language`, the most wanted first: each as it is, and then without its region.
fn asked_for(headers: &HeaderMap) -> Vec<String> {
    let all = headers.get_all(header::ACCEPT_LANGUAGE).iter().filter_map(|value| value.to_str().ok());
    let mut wanted: Vec<(f32, &str)> = Vec::new();
    for one in all.flat_map(|all| all.split(',')) {
        let (code, weight) = one.split_once(';').map_or((one, None), |(code, weight)| (code, Some(weight)));
        let weight = weight.and_then(|weight| weight.trim().strip_prefix("q=")?.trim().parse().ok());
        wanted.push((weight.unwrap_or(1.0), code.trim()));
    }
    wanted.retain(|(weight, _)| *weight > 0.0);
    wanted.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let both = |code: &str| [code.to_owned(), code.split('-').next().unwrap_or_default().to_ascii_lowercase()];
    wanted.into_iter().flat_map(|(_, code)| both(code)).collect()
}

fn choose(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let code = ask.field("language");
    let clinic = app.clinic(app.today()?)?;
    if !code.is_empty() && !clinic.languages.iter().any(|one| one == code) {
        return Err(Trouble::nothing("language", code));
    }
    let cookie = set_cookie(app, COOKIE, code, &format!("; Max-Age={SECONDS}"));
    Ok(Answer::see(ours(ask.field("next"))).with(header::SET_COOKIE, cookie))
}

/// The choice, as it stands on every page of a clinic that has several languages.
pub(super) fn form(ask: &Ask, clinic: &Read) -> Markup {
    let (own, w) = (of_files(clinic), ask.words);
    let others = || clinic.languages.iter().filter(|code| *code != own);
    html! {
        @if others().next().is_some() {
            form.language method="post" action="/language" {
                (page::token(ask))
                input type="hidden" name="next" value=(ask.address);
                label { span.unseen { (say!(w, "Language")) }
                    select name="language" {
                        option value="" { (name(own)) }
                        @for code in others() { option value=(code) selected[ask.language.as_ref() == Some(code)] { (name(code)) } }
                    }
                }
                button.quiet { (say!(w, "Choose")) }
            }
        }
    }
}
