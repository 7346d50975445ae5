//! Who works here. Where the clinic has accounts, everybody signs in; else they say who they are, as whoever can log in to the computer may. Their name
//! stands in what they keep.
//!
//! Sessions are kept in memory: ending the program ends them.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, header};
use maud::{Markup, html};

use super::app::App;
use super::attempts::TooMany;
use super::http::{ANYBODY, Answer, Ask, Door, Route, Trouble, get, post};
use super::page;
use super::password::{self, secret};
use super::users;
use super::words::{mark, say};
use crate::archive::accounts::{LONGEST_NAME, plain};
use crate::archive::{Account, AccountChange, Accounts, Happening, Role, Visit};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};

pub(super) const ROUTES: &[Route] = &[
    Route { method: "GET", path: "/", door: Door::Open, once: false, run: |_, ask| Ok(Answer::see(page::home(ask))) },
    Route { method: "GET", path: "/you", door: Door::Open, once: false, run: show },
    Route { method: "POST", path: "/you", door: Door::Open, once: false, run: enter },
    post(ANYBODY, "/you/leave", leave),
    get(ANYBODY, "/you/password", about_password),
    post(ANYBODY, "/you/password", change_password),
];

/// How long a session lasts that nobody uses, and how long one lasts at most, where people have signed in.
const IDLE: Duration = Duration::from_secs(30 * 60);
const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);

/// How long one lasts that nobody uses, where people only say who they are.
const IDLE_NAMED: Duration = Duration::from_secs(12 * 60 * 60);

/// How many there are at most: whoever is the longest gone makes room.
const MOST: usize = 1000;

/// The name of the cookie. Where the connection is encrypted, browsers make sure by its name that no other place has set it.
fn cookie_name(app: &App) -> &'static str {
    if app.site().is_encrypted() { "__Host-regimen" } else { "regimen" }
}

/// Somebody who has signed in, or said who they are.
#[derive(Clone, Debug)]
pub(super) struct Session {
    pub(super) who: String,
    /// What they may do.
    pub(super) roles: Vec<Role>,
    /// What each of the session's forms carries; empty for a program.
    pub(super) token: String,
    /// Whether they have signed in.
    pub(super) has_account: bool,
}

/// A session as it is kept.
#[derive(Clone, Debug)]
struct Kept {
    who: String,
    /// What `Account::since` was; none where there were no accounts.
    since: Option<u64>,
    token: String,
    begun: Instant,
    used: Instant,
}

impl Kept {
    fn is_over(&self, now: Instant) -> bool {
        let (idle, whole) = (now.saturating_duration_since(self.used), now.saturating_duration_since(self.begun));
        match self.since {
            Some(_) => idle > IDLE || whole > LONGEST,
            None => idle > IDLE_NAMED,
        }
    }
}

/// All of them, by what their cookie says.
#[derive(Debug, Default)]
pub(super) struct Sessions(Mutex<HashMap<String, Kept>>);

impl Sessions {
    /// A session that goes on, by its cookie.
    fn find(&self, id: &str, now: Instant) -> Option<Kept> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let session = all.get_mut(id)?;
        if session.is_over(now) {
            all.remove(id);
            return None;
        }
        session.used = now;
        Some(session.clone())
    }

    /// A new session: its cookie.
    fn begin(&self, who: &str, since: Option<u64>, now: Instant) -> Result<String, Trouble> {
        let (id, token) = (secret()?, secret()?);
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, session| !session.is_over(now));
        if all.len() >= MOST
            && let Some(oldest) = all.iter().min_by_key(|(_, session)| session.used).map(|(id, _)| id.clone())
        {
            all.remove(&oldest);
        }
        all.insert(id.clone(), Kept { who: who.to_owned(), since, token, begun: now, used: now });
        Ok(id)
    }

    fn end(&self, token: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, session| session.token != token);
    }
}

/// What a cookie of a request says.
pub(super) fn cookie(headers: &HeaderMap, wanted: &str) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|cookies| cookies.to_str().ok());
    let mut ours = all.flat_map(|cookies| cookies.split(';')).filter_map(|one| one.trim().split_once('='));
    ours.find(|(name, _)| *name == wanted).map(|(_, value)| value.to_owned())
}

/// The session of a request. What its account may do is looked up each time: an account that is disabled ends its sessions at once.
pub(super) fn of(app: &App, headers: &HeaderMap) -> Result<Option<Session>, Diagnostics> {
    let kept = cookie(headers, cookie_name(app)).and_then(|id| app.sessions.find(&id, Instant::now()));
    let Some(kept) = kept else { return Ok(None) };
    let accounts = app.accounts()?;
    let session = of_kept(&accounts, &kept);
    if session.is_none() {
        app.sessions.end(&kept.token);
    }
    Ok(session)
}

fn of_kept(accounts: &Accounts, kept: &Kept) -> Option<Session> {
    let (who, token) = (kept.who.clone(), kept.token.clone());
    match kept.since {
        None => accounts.is_empty().then(|| Session { who, roles: Role::ALL.to_vec(), token, has_account: false }),
        Some(since) => {
            let account = accounts.iter().find(|account| account.name == who)?;
            let roles = account.roles.clone();
            let goes_on = account.is_enabled && account.since == since;
            goes_on.then_some(Session { who, roles, token, has_account: true })
        }
    }
}

/// Who a program asks for: whose token it has, or whose session. Where there are no accounts it needs neither.
pub(super) fn of_program(app: &App, headers: &HeaderMap) -> Result<Option<Session>, Diagnostics> {
    let accounts = app.accounts()?;
    if accounts.is_empty() {
        return Ok(Some(Session {
            who: String::new(),
            roles: Role::ALL.to_vec(),
            token: String::new(),
            has_account: false,
        }));
    }
    let Some(given) = headers.get(header::AUTHORIZATION) else { return of(app, headers) };
    let token = given.to_str().ok().and_then(|given| given.split_once(' '));
    let Some((_, token)) = token.filter(|(kind, _)| kind.eq_ignore_ascii_case("bearer")) else { return Ok(None) };
    let account = app.archive().account_of_token(&accounts, &password::hash_of_token(token.trim()))?;
    Ok(account.map(|account| Session {
        who: account.name,
        roles: account.roles,
        token: String::new(),
        has_account: true,
    }))
}

/// Asks who works here.
fn show(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let (next, w) = (ask.query("next").unwrap_or("/"), ask.words);
    match app.accounts()?.is_empty() {
        true => Ok(page::plain(app, ask, say!(w, "Who are you?"), who_are_you(ask, next, ask.who(), None))),
        false => Ok(page::plain(app, ask, say!(w, "Sign in"), sign_in_form(ask, next, ask.who(), None))),
    }
}

fn who_are_you(ask: &Ask, next: &str, who: &str, wrong: Option<&Diagnostics>) -> Markup {
    let w = ask.words;
    html! {
        div.narrow {
            h1 { (say!(w, "Who are you?")) }
            @if let Some(wrong) = wrong { div.notice #wrong role="alert" { (page::mistakes(w, wrong, 3)) } }
            p { (say!(w, "Your name stands beside every answer that you save and in every decision that you record.")) }
            form.card method="post" action="/you" {
                input type="hidden" name="next" value=(next);
                label for="who" { (say!(w, "Your name")) }
                input #who name="who" required maxlength=(LONGEST_NAME) autocomplete="name" value=(page::shown(who)) autofocus aria-describedby=[wrong.map(|_| "wrong")];
                p { button.primary { (say!(w, "Go on")) } }
            }
        }
    }
}

fn sign_in_form(ask: &Ask, next: &str, who: &str, wrong: Option<&Diagnostics>) -> Markup {
    let w = ask.words;
    html! {
        div.narrow {
            h1 { (say!(w, "Sign in")) }
            @if let Some(wrong) = wrong { div.notice #wrong role="alert" { (page::mistakes(w, wrong, 3)) } }
            @if ask.session.is_some() { p { (mark!(w, "You are signed in as {}. Whoever signs in now takes your place.", html! { strong { (page::shown(ask.who())) } })) } }
            form.card method="post" action="/you" {
                input type="hidden" name="next" value=(next);
                label for="who" { (say!(w, "Your name")) }
                input #who name="who" required maxlength=(LONGEST_NAME) autocomplete="username" spellcheck="false" autocapitalize="none" value=(page::shown(who)) autofocus[who.is_empty()] aria-describedby=[wrong.map(|_| "wrong")];
                (password_field("password", say!(w, "Password"), "current-password", !who.is_empty(), wrong.map(|_| "wrong")))
                p { button.primary { (say!(w, "Sign in")) } }
            }
            p.help { (say!(w, "Whoever has forgotten their password asks an administrator for a new one.")) }
        }
    }
}

/// A field for a password: it can be pasted from where people keep theirs.
pub(super) fn password_field(name: &str, label: &str, kind: &str, is_first: bool, about: Option<&str>) -> Markup {
    html! {
        label for=(name) { (label) }
        input id=(name) name=(name) type="password" required autocomplete=(kind) maxlength=(password::LONGEST) autofocus[is_first] aria-describedby=[about];
    }
}

/// Whose password a form is about, for whatever keeps passwords.
pub(super) fn whose_password(name: &str) -> Markup {
    html! { input.unseen type="text" name="username" autocomplete="username" value=(page::shown(name)) readonly tabindex="-1" aria-hidden="true"; }
}

fn enter(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let accounts = app.accounts()?;
    let who = ask.field("who");
    if !accounts.is_empty() {
        return sign_in(app, ask, &accounts);
    }
    if who.is_empty() || who.chars().count() > LONGEST_NAME || who.chars().any(char::is_control) {
        let wrong = Trouble::refused(422, "a name has 1 to 100 letters");
        let main = who_are_you(ask, ask.field("next"), who, Some(&wrong.found));
        return Ok(Answer { code: 422, ..page::plain(app, ask, say!(ask.words, "Who are you?"), main) });
    }
    begun(app, ask, who, None)
}

/// A session begins, and leads to where somebody wanted to be.
fn begun(app: &App, ask: &Ask, who: &str, since: Option<u64>) -> Result<Answer, Trouble> {
    // Whoever was here before is not any more: a session that somebody else began is never taken over.
    if !ask.token().is_empty() {
        app.sessions.end(ask.token());
    }
    let id = app.sessions.begin(who, since, Instant::now())?;
    Ok(Answer::see(ours(ask.field("next"))).with(header::SET_COOKIE, set_cookie(app, cookie_name(app), &id, "")))
}

/// What sets a cookie; `more` are attributes that not every one has.
pub(super) fn set_cookie(app: &App, name: &str, value: &str, more: &str) -> String {
    let secure = if app.site().is_encrypted() { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{more}")
}

fn note(app: &App, ask: &Ask, what: Happening, name: Option<&str>) -> Result<(), Diagnostics> {
    let address = ask.from.map(|address| address.to_canonical().to_string()).unwrap_or_default();
    let at = app.stamp("").at;
    app.archive().note_visit(&Visit { at, what, name: name.map(str::to_owned), address })
}

/// Why a password is not looked at, or is not the right one.
enum Refused {
    Held(TooMany),
    Wrong,
}

/// Looks at a password. Whether there is an account of the name takes no other time, and is not told.
fn look(
    app: &App,
    ask: &Ask,
    name: &str,
    typed: &str,
    account: Option<&Account>,
) -> Result<Result<(), Refused>, Trouble> {
    let known = account.map(|account| account.name.as_str());
    let key: String = plain(name).chars().take(LONGEST_NAME).collect();
    if let Err(held) = app.attempts.begin(&key, ask.from, Instant::now()) {
        if held.is_first {
            note(app, ask, Happening::HeldOff, known)?;
        }
        return Ok(Err(Refused::Held(held)));
    }
    let account = account.filter(|account| account.is_enabled);
    let hash = account.map(|account| app.archive().password_of(account)).transpose()?;
    if !password::is(typed, hash.as_deref()) {
        note(app, ask, Happening::Failed, known)?;
        return Ok(Err(Refused::Wrong));
    }
    app.attempts.right(&key, ask.from);
    Ok(Ok(()))
}

fn in_words(refused: &Refused, wrong: &str) -> (u16, Diagnostics) {
    match refused {
        Refused::Wrong => (403, Diagnostic::new(&codes::NOT_SIGNED_IN, wrong).into()),
        Refused::Held(held) => {
            let minutes = held.wait.as_secs().div_ceil(60).max(1);
            let message = match minutes {
                1 => "there were too many attempts with this name or from this computer: wait a minute".to_owned(),
                more => {
                    format!("there were too many attempts with this name or from this computer: wait {more} minutes")
                }
            };
            let told = Diagnostic::new(&codes::TOO_MANY_ATTEMPTS, message);
            (429, told.help("until then no password is looked at, the right one neither").into())
        }
    }
}

fn waiting(refused: &Refused, answer: Answer) -> Answer {
    match refused {
        Refused::Held(held) => answer.with(header::RETRY_AFTER, held.wait.as_secs().max(1).to_string()),
        Refused::Wrong => answer,
    }
}

fn sign_in(app: &App, ask: &Ask, accounts: &Accounts) -> Result<Answer, Trouble> {
    let (who, next) = (ask.field("who"), ask.field("next"));
    let account = accounts.find(who);
    match (look(app, ask, who, ask.typed("password"), account)?, account) {
        (Ok(()), Some(account)) => {
            note(app, ask, Happening::SignedIn, Some(&account.name))?;
            begun(app, ask, &account.name, Some(account.since))
        }
        (refused, _) => {
            let refused = refused.err().unwrap_or(Refused::Wrong);
            let (code, told) = in_words(&refused, "there is no user of this name with this password who may sign in");
            let main = sign_in_form(ask, next, who, Some(&told));
            Ok(waiting(&refused, Answer { code, ..page::plain(app, ask, say!(ask.words, "Sign in"), main) }))
        }
    }
}

fn leave(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    if ask.session.as_ref().is_some_and(|session| session.has_account) {
        note(app, ask, Happening::SignedOut, Some(ask.who()))?;
    }
    app.sessions.end(ask.token());
    Ok(Answer::see("/you").with(header::SET_COOKIE, set_cookie(app, cookie_name(app), "", "; Max-Age=0")))
}

fn about_password(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let _account = own(app, ask)?;
    Ok(page::plain(app, ask, say!(ask.words, "Your password"), password_form(ask, None)))
}

fn password_form(ask: &Ask, wrong: Option<&Diagnostics>) -> Markup {
    let w = ask.words;
    html! {
        div.narrow {
            h1 { (say!(w, "Your password")) }
            @if let Some(wrong) = wrong { div.notice #wrong role="alert" { (page::mistakes(w, wrong, 3)) } }
            form.card method="post" action="/you/password" {
                (page::token(ask))
                (whose_password(ask.who()))
                (password_field("password", say!(w, "The password that you have"), "current-password", true, wrong.map(|_| "wrong")))
                (password_field("new", &say!(w, "A new one, of {} characters or more", password::SHORTEST), "new-password", false, wrong.map(|_| "wrong")))
                (password_field("again", say!(w, "The new one once more"), "new-password", false, None))
                p { button.primary { (say!(w, "Change it")) } }
            }
            p.help { (say!(w, "You are signed out everywhere else.")) }
        }
    }
}

/// The account of who asks.
fn own(app: &App, ask: &Ask) -> Result<Account, Trouble> {
    users::only_with_accounts(app)?;
    let accounts = app.accounts()?;
    let has_account = ask.session.as_ref().is_some_and(|session| session.has_account);
    let account = accounts.iter().find(|account| has_account && account.name == ask.who());
    account.cloned().ok_or_else(|| Trouble::nothing("account", ask.who()))
}

fn change_password(app: &App, ask: &Ask) -> Result<Answer, Trouble> {
    let account = own(app, ask)?;
    let wrong = |code: u16, told: &Diagnostics| Answer {
        code,
        ..page::plain(app, ask, say!(ask.words, "Your password"), password_form(ask, Some(told)))
    };
    if ask.typed("new") != ask.typed("again") {
        let told = Diagnostic::new(&codes::WEAK_PASSWORD, "the new password was not typed twice in the same way");
        return Ok(wrong(422, &told.into()));
    }
    let hash = match password::hash(&account.name, ask.typed("new")) {
        Ok(hash) => hash,
        Err(told) => return Ok(wrong(422, &told)),
    };
    if let Err(refused) = look(app, ask, &account.name, ask.typed("password"), Some(&account))? {
        let (code, told) = in_words(&refused, "this is not the password that you have");
        return Ok(waiting(&refused, wrong(code, &told)));
    }
    let stamp = app.stamp(&account.name);
    let since = app.archive().change_account(&stamp, &account.name, AccountChange::Password(&hash))?;
    begun(app, ask, &account.name, Some(since))
}

/// An address of ours: nobody is led elsewhere after saying who they are.
pub(super) fn ours(next: &str) -> &str {
    let is_ours = next.starts_with('/') && !next.starts_with("//") && !next.contains(['\\', '\r', '\n', '\t']);
    if is_ours { next } else { "/" }
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
            assert_eq!(ours(elsewhere), "/", "{elsewhere}");
        }
    }

    #[test]
    fn a_session_ends_and_is_found_by_its_cookie_only() {
        let (sessions, now) = (Sessions::default(), Instant::now());
        let id = sessions.begin("Dr A", None, now).expect("begun");
        let mut headers = HeaderMap::new();
        assert_eq!(cookie(&headers, "regimen"), None);
        headers.insert(header::COOKIE, format!("other=1; regimen={id}").parse().expect("a header"));
        let found = sessions.find(&cookie(&headers, "regimen").expect("a cookie"), now).expect("found");
        assert_eq!(found.who, "Dr A");
        assert_eq!(cookie(&headers, "__Host-regimen"), None);
        sessions.end(&found.token);
        assert!(sessions.find(&id, now).is_none());
    }

    #[test]
    fn a_session_that_nobody_uses_or_that_lasts_too_long_is_over() {
        let (sessions, start) = (Sessions::default(), Instant::now());
        let id = sessions.begin("Dr A", Some(1), start).expect("begun");
        // Used now and then, it goes on, but not for ever.
        let (step, mut now) = (IDLE - Duration::from_secs(1), start);
        while now + step <= start + LONGEST {
            now += step;
            assert!(sessions.find(&id, now).is_some());
        }
        assert!(sessions.find(&id, now + step).is_none());
        assert!(sessions.find(&id, start).is_none(), "it does not come back");
        let id = sessions.begin("Dr A", Some(1), start).expect("begun");
        assert!(sessions.find(&id, start + IDLE + Duration::from_secs(1)).is_none());
        let named = sessions.begin("Dr A", None, start).expect("begun");
        assert!(sessions.find(&named, start + IDLE_NAMED).is_some());
    }
}
