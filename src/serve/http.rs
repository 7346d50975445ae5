//! Requests and answers. A handler is an ordinary function: it gets an [`Ask`], which has been checked, and gives an [`Answer`]. Which address has which
//! handler is a table beside the handlers; `axum` and `tokio` are known here and nowhere else.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, RawPathParams, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use axum::routing::{MethodFilter, on};
use maud::Markup;

use super::app::{App, Read};
use super::session::{self, Session};
use super::words::Words;
use super::{language, page, security};
use crate::archive::Role;
use crate::date::Date;
use crate::diagnostic::{Diagnostic, Diagnostics, codes};

/// The largest body of a form, and of a question of a program, which may hold a record.
const LARGEST_FORM: usize = 1 << 20;
const LARGEST_JSON: usize = 4 << 20;

/// How long a body may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who may open an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// Anybody: nothing of a patient is there.
    Open,
    /// Whoever has signed in, or said who they are, and has one of these roles.
    Known(&'static [Role]),
    /// Programs: JSON. Where there are accounts, with a token or a session of somebody who has one of these roles.
    Program(&'static [Role]),
}

/// Everybody who has signed in.
pub(super) const ANYBODY: &[Role] = &Role::ALL;

/// An address, and what it does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Route {
    pub(super) method: &'static str,
    /// As `/patients/{patient}`.
    pub(super) path: &'static str,
    pub(super) door: Door,
    /// Whether it is a form that changes something, which is done once, however often it is sent.
    pub(super) once: bool,
    pub(super) run: fn(&App, &Ask) -> Result<Answer, Trouble>,
}

impl Route {
    /// Whether somebody with these roles may use it.
    pub(super) fn admits(&self, roles: &[Role]) -> bool {
        match self.door {
            Door::Open => true,
            Door::Known(wanted) | Door::Program(wanted) => wanted.iter().any(|role| roles.contains(role)),
        }
    }

    /// How many parts of its path are those of an address word by word; none where it is another path.
    fn fits(&self, path: &str) -> Option<usize> {
        let (mut own, mut asked) = (self.path.split('/'), path.split('/'));
        let mut same = 0;
        loop {
            match (own.next(), asked.next()) {
                (None, None) => return Some(same),
                (Some(own), Some(asked)) if own == asked => same += 1,
                (Some(own), Some(_)) if own.starts_with('{') => {}
                _ => return None,
            }
        }
    }
}

/// Whether somebody with these roles may look at a page.
fn may_look(roles: &[Role], address: &str) -> bool {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    let pages = super::routes().filter(|route| route.method == "GET");
    let best = pages.filter_map(|route| route.fits(path).map(|same| (same, route))).max_by_key(|(same, _)| *same);
    best.is_some_and(|(_, route)| route.admits(roles))
}

/// A page that is looked at.
pub(super) const fn get(
    roles: &'static [Role],
    path: &'static str,
    run: fn(&App, &Ask) -> Result<Answer, Trouble>,
) -> Route {
    Route { method: "GET", path, door: Door::Known(roles), once: false, run }
}

/// A form that changes something.
pub(super) const fn post(
    roles: &'static [Role],
    path: &'static str,
    run: fn(&App, &Ask) -> Result<Answer, Trouble>,
) -> Route {
    Route { method: "POST", path, door: Door::Known(roles), once: true, run }
}

/// A form that changes nothing: what would come of it is looked at.
pub(super) const fn trial(
    roles: &'static [Role],
    path: &'static str,
    run: fn(&App, &Ask) -> Result<Answer, Trouble>,
) -> Route {
    Route { method: "POST", path, door: Door::Known(roles), once: false, run }
}

/// A question of a program, of anybody who has a role.
pub(super) const fn api(
    method: &'static str,
    path: &'static str,
    run: fn(&App, &Ask) -> Result<Answer, Trouble>,
) -> Route {
    Route { method, path, door: Door::Program(ANYBODY), once: false, run }
}

/// A request that has been checked.
#[derive(Debug, Default)]
pub(super) struct Ask {
    /// The parts of the path that have names.
    parts: Vec<(String, String)>,
    query: Vec<(String, String)>,
    form: Vec<(String, String)>,
    /// The body of a question of a program.
    pub(super) body: Vec<u8>,
    /// Who asks; none behind an open door only.
    pub(super) session: Option<Session>,
    /// The path with its query, to come back to.
    pub(super) address: String,
    /// The path that a form was sent to; else empty.
    pub(super) sent_to: String,
    /// The language that texts are wanted in, whether the clinic has it or not; none: the one of its files.
    pub(super) language: Option<String>,
    /// The words of the page that is asked for.
    pub(super) words: Words,
    /// The computer that asks.
    pub(super) from: Option<IpAddr>,
}

/// A day as it was written; what is none is refused with this code.
pub(super) fn day(text: &str, code: u16) -> Result<Date, Trouble> {
    text.parse().map_err(|error| {
        let wrong = Diagnostic::new(&codes::INVALID_DATE, format!("`{text}` is not a day: {error}"));
        Trouble::found(code, wrong.help("write it as 2026-03-02").into())
    })
}

fn first<'a>(all: &'a [(String, String)], name: &str) -> Option<&'a str> {
    all.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
}

impl Ask {
    /// The clinic as it answers on a day, with its texts in the language that is wanted.
    pub(super) fn clinic(&self, app: &App, day: Date) -> Result<Arc<Read>, Diagnostics> {
        app.clinic_in(self.language.as_deref(), day)
    }

    /// A part of the path.
    pub(super) fn part(&self, name: &str) -> &str {
        first(&self.parts, name).unwrap_or_default()
    }

    /// What stands behind the `?`; none where it is empty.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        first(&self.query, name).filter(|value| !value.is_empty())
    }

    /// All values of a name behind the `?`.
    pub(super) fn queries<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query.iter().filter(move |(other, _)| other == name).map(|(_, value)| value.as_str())
    }

    /// A field of the form, without spaces around it.
    pub(super) fn field(&self, name: &str) -> &str {
        first(&self.form, name).map(str::trim).unwrap_or_default()
    }

    /// A field of the form as it was typed.
    pub(super) fn typed(&self, name: &str) -> &str {
        first(&self.form, name).unwrap_or_default()
    }

    /// Whether who asks may look at a page: only what they may is offered.
    pub(super) fn may(&self, address: &str) -> bool {
        self.session.as_ref().is_some_and(|session| may_look(&session.roles, address))
    }

    /// Whether who asks has a role.
    pub(super) fn has(&self, role: Role) -> bool {
        self.session.as_ref().is_some_and(|session| session.roles.contains(&role))
    }

    /// Every field of the form.
    pub(super) fn fields(&self) -> &[(String, String)] {
        &self.form
    }

    /// The day that is asked about: the one of the address or the form, or today.
    pub(super) fn as_of(&self, app: &App) -> Result<Date, Trouble> {
        let named = self.query("as_of").or_else(|| first(&self.form, "as_of").filter(|day| !day.is_empty()));
        match named {
            None => app.today(),
            Some(text) => day(text, 400),
        }
    }

    /// The path that is asked for.
    pub(super) fn path(&self) -> &str {
        self.address.split('?').next().unwrap_or_default()
    }

    /// Who asks.
    pub(super) fn who(&self) -> &str {
        self.session.as_ref().map(|session| session.who.as_str()).unwrap_or_default()
    }

    /// What every form of this session carries.
    pub(super) fn token(&self) -> &str {
        self.session.as_ref().map(|session| session.token.as_str()).unwrap_or_default()
    }
}

/// What is sent back.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) code: u16,
    pub(super) headers: Vec<(HeaderName, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// A whole page.
    pub(super) fn page(markup: Markup) -> Answer {
        Answer::of("text/html; charset=utf-8", markup.into_string().into_bytes())
    }

    /// Something of a kind.
    pub(super) fn of(kind: &str, body: Vec<u8>) -> Answer {
        Answer { code: 200, headers: vec![(header::CONTENT_TYPE, kind.to_owned())], body }
    }

    /// Goes on at another address of ours, with a `GET`.
    pub(super) fn see(address: impl Into<String>) -> Answer {
        Answer { code: 303, headers: vec![(header::LOCATION, address.into())], body: Vec::new() }
    }

    /// A file to keep. Its name is made of letters, digits and few signs, whatever the patient is called.
    pub(super) fn file(kind: &str, name: &str, body: Vec<u8>) -> Answer {
        let plain = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '_' };
        let name: String = name.chars().map(plain).collect();
        Answer::of(kind, body).with(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))
    }

    pub(super) fn with(mut self, name: HeaderName, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) struct Trouble {
    pub(super) code: u16,
    pub(super) found: Diagnostics,
}

impl Trouble {
    pub(super) fn found(code: u16, found: Diagnostics) -> Trouble {
        Trouble { code, found }
    }

    /// That there is nothing of that name.
    pub(super) fn nothing(what: &str, name: &str) -> Trouble {
        Trouble::found(404, Diagnostic::new(&codes::UNKNOWN_NAME, format!("there is no {what} `{name}`")).into())
    }

    /// That something must not be done.
    pub(super) fn refused(code: u16, why: &str) -> Trouble {
        Trouble::found(code, Diagnostic::new(&codes::INVALID_VALUE, why).into())
    }
}

impl From<Diagnostics> for Trouble {
    /// What a person did wrong; what could not be kept is the program's own trouble.
    fn from(found: Diagnostics) -> Trouble {
        let is = |code: &codes::Code| found.iter().any(|one| one.code == code);
        let code = match () {
            () if is(&codes::RECORD_CHANGED) => 409,
            () if is(&codes::UNKNOWN_PATIENT) || is(&codes::NO_ENTRY) => 404,
            () if is(&codes::NOT_KEPT) || is(&codes::ALTERED) => 500,
            () => 422,
        };
        Trouble { code, found }
    }
}

/// Everything that there is, at its address.
pub(super) fn router(app: Arc<App>, routes: impl Iterator<Item = &'static Route>) -> Router {
    let mut router = Router::new();
    for route in routes {
        let method = if route.method == "POST" { MethodFilter::POST } else { MethodFilter::GET };
        let handler = move |State(app): State<Arc<App>>, parts: RawPathParams, request: Request| async move {
            let parts = parts.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
            respond(app, Some(route), parts, request).await
        };
        router = router.route(route.path, on(method, handler));
    }
    let nowhere =
        |State(app): State<Arc<App>>, request: Request| async move { respond(app, None, Vec::new(), request).await };
    let otherwise = |State(app): State<Arc<App>>, request: Request| async move {
        let mut response = respond(app, None, Vec::new(), request).await;
        if response.status() == StatusCode::NOT_FOUND {
            *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        }
        response
    };
    router.fallback(nowhere).method_not_allowed_fallback(otherwise).with_state(app)
}

/// Checks a request, has it answered, and makes whatever comes of it safe to send.
async fn respond(
    app: Arc<App>,
    route: Option<&'static Route>,
    parts: Vec<(String, String)>,
    request: Request,
) -> Response<Body> {
    let is_head = request.method() == Method::HEAD;
    let is_program = match route {
        Some(route) => matches!(route.door, Door::Program(_)),
        // Whoever asks for what there is not among the addresses of programs is one as well.
        None => request.uri().path().starts_with("/api/"),
    };
    let from = request.extensions().get::<Peer>().map(|peer| peer.0);
    let mut ask = Ask { parts, address: address(&request), from, ..Ask::default() };
    let headers = request.headers().clone();
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    if changes {
        request.uri().path().clone_into(&mut ask.sent_to);
    }
    let received = received(&app, route, &mut ask, request).await;
    // What is asked may take milliseconds of work and waits for the disk: it must not hold up those who only wait for the network.
    let worked = tokio::task::spawn_blocking({
        let app = app.clone();
        move || {
            (ask.language, ask.words) = language::of(&app, &headers, is_program);
            match received.and_then(|()| answered(&app, route, &mut ask, &headers, changes)) {
                Ok(answer) => answer,
                Err(trouble) => page::trouble(&app, &ask, &trouble, is_program),
            }
        }
    });
    let answer = worked.await.unwrap_or_else(|_| {
        let wrong = Diagnostic::new(&codes::MISTAKE_OF_REGIMEN, "this page could not be made");
        let help = "nothing was kept of what was sent last; report it with what you did";
        page::trouble(&app, &Ask::default(), &Trouble::found(500, wrong.help(help).into()), is_program)
    });
    sent(answer, is_head, app.site())
}

/// The computer at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer(pub(super) IpAddr);

/// Where a request goes, with its query, as far as it is an address of ours to come back to: of a form, the part of the application.
fn address(request: &Request) -> String {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let part = || path.split(['/', '?']).nth(1).unwrap_or_default();
    if request.method() == Method::GET { path.to_owned() } else { format!("/{}", part()) }
}

/// Takes in a request, if it was meant for us.
async fn received(app: &App, route: Option<&'static Route>, ask: &mut Ask, request: Request) -> Result<(), Trouble> {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    let is_program = route.is_some_and(|route| matches!(route.door, Door::Program(_)));
    security::check(request.headers(), changes, is_program, app.site())?;
    ask.query = pairs(request.uri().query().unwrap_or_default().as_bytes());
    if let (Some(route), true) = (route, changes) {
        read_body(route, ask, request).await?;
    }
    Ok(())
}

/// The answer, if the route may be gone. Whoever has not said who they are is led to where that is done.
fn answered(
    app: &App,
    route: Option<&'static Route>,
    ask: &mut Ask,
    headers: &HeaderMap,
    changes: bool,
) -> Result<Answer, Trouble> {
    let is_program = route.is_some_and(|route| matches!(route.door, Door::Program(_)));
    ask.session = if is_program { session::of_program(app, headers)? } else { session::of(app, headers)? };
    let Some(route) = route else {
        return Err(Trouble::nothing("page", if changes { &ask.sent_to } else { ask.path() }));
    };
    match (route.door, &ask.session) {
        (Door::Open, _) => {}
        (Door::Known(_), None) if changes => {
            let wrong =
                Diagnostic::new(&codes::NOT_SIGNED_IN, "nobody is signed in here (any more): nothing was saved");
            let help = "open the page again: it asks who you are first; then enter it once more";
            return Err(Trouble::found(403, wrong.help(help).into()));
        }
        (Door::Known(_), None) => return Ok(Answer::see(format!("/you?next={}", page::encoded(&ask.address)))),
        (Door::Program(_), None) => {
            let wrong = Diagnostic::new(&codes::NOT_SIGNED_IN, "this takes the token of a user");
            let help = "send it as `Authorization: Bearer regimen_…`; `regimen user token NAME` makes one";
            return Err(Trouble::found(401, wrong.help(help).into()));
        }
        (Door::Known(wanted) | Door::Program(wanted), Some(session)) if !route.admits(&session.roles) => {
            let words = |roles: &[Role]| roles.iter().map(|role| role.word()).collect::<Vec<_>>().join(", ");
            let message =
                format!("this is for another role ({}), and you have: {}", words(wanted), words(&session.roles));
            let help = "who needs it can be given the role by an administrator";
            return Err(Trouble::found(403, Diagnostic::new(&codes::NOT_PERMITTED, message).help(help).into()));
        }
        (Door::Known(_), Some(session)) if changes && !security::same(ask.field("token"), &session.token) => {
            return Err(Trouble::refused(403, "this form is not one of this session: load its page again"));
        }
        (Door::Known(_) | Door::Program(_), Some(_)) => {}
    }
    let run = || (route.run)(app, ask);
    match sending(route, ask) {
        Some(sending) => app.once(&sending, run),
        None => run(),
    }
}

/// What a form that changes something is known by when it is sent again as it was: a page that is loaded anew has another one.
fn sending(route: &Route, ask: &Ask) -> Option<String> {
    if !route.once || ask.field("form").is_empty() {
        return None;
    }
    let parts = ask.parts.iter().chain(&ask.form).flat_map(|(name, value)| [name, value]);
    let all = parts.map(|part| format!("{}:{part}", part.len())).collect::<String>();
    Some(crate::protocol::sha256(&format!("{} {} {} {all}", route.path, ask.who(), ask.token())))
}

async fn read_body(route: &Route, ask: &mut Ask, request: Request) -> Result<(), Trouble> {
    let kind = content_kind(request.headers());
    if !matches!(route.door, Door::Program(_)) && kind == "multipart/form-data" {
        ask.form = match tokio::time::timeout(PATIENCE, parts(request)).await {
            Ok(parts) => parts?,
            Err(_) => return Err(Trouble::refused(408, "what was sent took too long")),
        };
        return Ok(());
    }
    let (wanted, most) = match route.door {
        Door::Program(_) => ("application/json", LARGEST_JSON),
        Door::Open | Door::Known(_) => ("application/x-www-form-urlencoded", LARGEST_FORM),
    };
    if kind != wanted {
        return Err(Trouble::refused(415, &format!("this has to be sent as {wanted}")));
    }
    let read = tokio::time::timeout(PATIENCE, to_bytes(request.into_body(), most)).await;
    let bytes = match read {
        Ok(Ok(bytes)) => bytes,
        Ok(Err(_)) => return Err(Trouble::refused(413, "what was sent is too large, or broke off")),
        Err(_) => return Err(Trouble::refused(408, "what was sent took too long")),
    };
    match route.door {
        Door::Program(_) => ask.body = bytes.to_vec(),
        Door::Open | Door::Known(_) => ask.form = pairs(&bytes),
    }
    Ok(())
}

/// The fields of a form with files: texts, all of them.
async fn parts(mut request: Request) -> Result<Vec<(String, String)>, Trouble> {
    let too_large = || Trouble::refused(413, "what was sent is too large, or broke off");
    let limited = DefaultBodyLimit::max(LARGEST_FORM);
    limited.apply(&mut request);
    let mut parts =
        Multipart::from_request(request, &()).await.map_err(|_| Trouble::refused(415, "this is no form"))?;
    let mut all = Vec::new();
    while let Some(part) = parts.next_field().await.map_err(|_| too_large())? {
        let name = part.name().unwrap_or_default().to_owned();
        let bytes = part.bytes().await.map_err(|_| too_large())?;
        let text = String::from_utf8(bytes.to_vec()).map_err(|_| {
            Trouble::refused(422, "the file is not text in UTF-8: save it as “CSV UTF-8”, or copy and paste its cells")
        })?;
        all.push((name, text));
    }
    Ok(all)
}

fn content_kind(headers: &HeaderMap) -> String {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// The answer with what every answer carries.
fn sent(answer: Answer, is_head: bool, site: &security::Site) -> Response<Body> {
    let body = if is_head { Body::empty() } else { Body::from(answer.body) };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let hsts = site.is_known_by_name().then_some(security::HSTS);
    for (name, value) in security::HEADERS.into_iter().chain(hsts) {
        response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    for (name, value) in answer.headers {
        // INVARIANT: what we put into a header is encoded. What is not all the same is left out.
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
