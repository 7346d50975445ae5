//! In which of the clinic's languages its texts are shown: a cookie of its own, which is no secret, and stays when a session ends.

use axum::http::{HeaderMap, header};
use maud::{Markup, html};

use super::app::{App, Read};
use super::http::{ANYBODY, Answer, Ask, Route, Trouble, post};
use super::page;
use super::session::{cookie, ours, set_cookie};

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

/// The language that a browser has chosen. Whether the clinic has it is for others to see.
pub(super) fn of(headers: &HeaderMap) -> Option<String> {
    cookie(headers, COOKIE)
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
    let own = clinic.clinic.protocols.first().map_or("en", |one| one.language.as_str());
    let others = || clinic.languages.iter().filter(|code| *code != own);
    html! {
        @if others().next().is_some() {
            form.language method="post" action="/language" {
                (page::token(ask))
                input type="hidden" name="next" value=(ask.address);
                label { span.unseen { "Language" }
                    select name="language" {
                        option value="" { (name(own)) }
                        @for code in others() { option value=(code) selected[ask.language.as_ref() == Some(code)] { (name(code)) } }
                    }
                }
                button.quiet { "Choose" }
            }
        }
    }
}
