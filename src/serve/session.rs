//! Who works here: a name, which stands in what they keep. There are no passwords: whoever can log in to this computer can open the page.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};
use maud::html;

use super::app::App;
use super::http::{Answer, Ask, Door, Route, Trouble};
use super::page;
use crate::archive::to_hex;
use crate::diagnostic::{Diagnostic, codes};

pub(super) const ROUTES: &[Route] = &[
    Route { method: "GET", path: "/you", door: Door::Open, run: show },
    Route { method: "POST", path: "/you", door: Door::Open, run: enter },
    super::http::post("/you/leave", leave),
];

/// How long a session lasts that nobody uses.
const IDLE: Duration = Duration::from_secs(12 * 60 * 60);

/// How many there are at most: whoever is the longest gone makes room.
const MOST: usize = 1000;

/// The name of the cookie.
const COOKIE: &str = "regimen";

/// The longest name of a person.
const LONGEST_NAME: usize = 100;

/// Somebody who has said who they are.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) who: String,
    /// What each of its forms carries.
    pub(super) token: String,
    used: Instant,
}

/// All of them, by what their cookie says. They are kept in memory, so that ending the program ends them.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<HashMap<String, Session>>);

impl Sessions {
    /// The session of a request.
    pub(super) fn find(&self, headers: &HeaderMap) -> Option<Session> {
        let id = cookie(headers)?;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let session = all.get_mut(&id)?;
        if session.used.elapsed() > IDLE {
            all.remove(&id);
            return None;
        }
        session.used = Instant::now();
        Some(session.clone())
    }

    /// A new session: its cookie.
    fn begin(&self, who: &str) -> Result<String, Trouble> {
        let (id, token) = (secret()?, secret()?);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, session| session.used.elapsed() <= IDLE);
        if all.len() >= MOST
            && let Some(oldest) = all.iter().min_by_key(|(_, session)| session.used).map(|(id, _)| id.clone())
        {
            all.remove(&oldest);
        }
        all.insert(id.clone(), Session { who: who.to_owned(), token, used: Instant::now() });
        Ok(id)
    }

    fn end(&self, token: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, session| session.token != token);
    }
}

/// What nobody can guess.
fn secret() -> Result<String, Trouble> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        let message = format!("the system gives no random numbers: {error}");
        Trouble::found(500, Diagnostic::new(&codes::NOT_KEPT, message).into())
    })?;
    Ok(to_hex(&bytes))
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let mut ours = all.flat_map(|cookies| cookies.split(';')).filter_map(|one| one.trim().split_once('='));
    ours.find(|(name, _)| *name == COOKIE).map(|(_, id)| id.to_owned())
}

/// Asks who works here.
fn show(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let next = ask.query("next").unwrap_or("/patients");
    let main = html! {
        div.narrow {
            h1 { "Who are you?" }
            p { "Your name stands beside every answer that you save and in every decision that you record." }
            form.card method="post" action="/you" {
                input type="hidden" name="next" value=(next);
                label for="who" { "Your name" }
                input #who name="who" required maxlength=(LONGEST_NAME) autocomplete="name" value=(page::shown(ask.who())) autofocus;
                p { button.primary { "Go on" } }
            }
        }
    };
    Ok(page::plain(app, ask, "Who are you?", main))
}

fn enter(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let who = ask.field("who");
    if who.is_empty() || who.chars().count() > LONGEST_NAME || who.chars().any(char::is_control) {
        return Err(Trouble::refused(422, "a name has 1 to 100 letters"));
    }
    // Whoever was here before is not any more: a session that somebody else began is never taken over.
    app.sessions.end(ask.token());
    let id = app.sessions.begin(who)?;
    let cookie = format!("{COOKIE}={id}; Path=/; HttpOnly; SameSite=Strict");
    Ok(Answer::see(ours(ask.field("next"))).with(header::SET_COOKIE, cookie))
}

fn leave(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    app.sessions.end(ask.token());
    Ok(Answer::see("/you"))
}

/// An address of ours: nobody is led elsewhere after saying who they are.
pub(super) fn ours(next: &str) -> &str {
    let is_ours = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', '\t']);
    if is_ours { next } else { "/patients" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_elsewhere() {
        assert_eq!(ours("/patients/P-1?as_of=2026-03-02"), "/patients/P-1?as_of=2026-03-02");
        for elsewhere in
            ["", "//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "javascript:1"]
        {
            assert_eq!(ours(elsewhere), "/patients", "{elsewhere}");
        }
    }

    #[test]
    fn a_session_ends_and_is_found_by_its_cookie_only() {
        let sessions = Sessions::default();
        let id = sessions.begin("Dr A").expect("begun");
        let mut headers = HeaderMap::new();
        assert!(sessions.find(&headers).is_none());
        headers.insert(header::COOKIE, format!("other=1; regimen={id}").parse().expect("a header"));
        let found = sessions.find(&headers).expect("found");
        assert_eq!(found.who, "Dr A");
        sessions.end(&found.token);
        assert!(sessions.find(&headers).is_none());
    }
}
