//! Requests and answers. A handler is an ordinary function: it gets an [`Ask`], which has been checked, and gives an [`Answer`]. Which address has which
//! handler is a table beside the handlers; `axum` and `tokio` are known here and nowhere else.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, RawPathParams, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use axum::routing::{MethodFilter, on};
use maud::Markup;

use super::app::{App, Read};
use super::session::Session;
use super::{language, page, security};
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
    /// Whoever has said who they are.
    Known,
    /// Programs: JSON, without a session.
    Program,
}

/// An address, and what it does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Route {
    pub(super) method: &'static str,
    /// As `/patients/{patient}`.
    pub(super) path: &'static str,
    pub(super) door: Door,
    pub(super) run: fn(&App, &Ask) -> Result<Answer, Trouble>,
}

/// A page that is looked at.
pub(super) const fn get(path: &'static str, run: fn(&App, &Ask) -> Result<Answer, Trouble>) -> Route {
    Route { method: "GET", path, door: Door::Known, run }
}

/// A form that changes something.
pub(super) const fn post(path: &'static str, run: fn(&App, &Ask) -> Result<Answer, Trouble>) -> Route {
    Route { method: "POST", path, door: Door::Known, run }
}

/// A question of a program.
pub(super) const fn api(
    method: &'static str,
    path: &'static str,
    run: fn(&App, &Ask) -> Result<Answer, Trouble>,
) -> Route {
    Route { method, path, door: Door::Program, run }
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
    /// The language that texts are wanted in, whether the clinic has it or not; none: the one of its files.
    pub(super) language: Option<String>,
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

    /// Every field of the form.
    pub(super) fn fields(&self) -> &[(String, String)] {
        &self.form
    }

    /// The day that is asked about: the one of the address or the form, or today.
    pub(super) fn as_of(&self, app: &App) -> Result<Date, Trouble> {
        let named = self.query("as_of").or_else(|| first(&self.form, "as_of").filter(|day| !day.is_empty()));
        match named {
            None => app.today(),
            Some(day) => day.parse().map_err(|error| {
                let wrong = Diagnostic::new(&codes::INVALID_DATE, format!("`{day}` is not a day: {error}"));
                Trouble::found(400, wrong.help("write it as 2026-03-02").into())
            }),
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
#[derive(Debug)]
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
    let is_program = route.is_some_and(|route| route.door == Door::Program);
    let language = language::of(request.headers());
    let mut ask = Ask { parts, address: address(&request), language, ..Ask::default() };
    let answer = match checked(&app, route, &mut ask, request).await {
        Ok(Some(route)) => {
            // What is asked may take milliseconds of work and waits for the disk: it must not hold up those who only wait for the network.
            let worked = tokio::task::spawn_blocking({
                let app = app.clone();
                move || {
                    let done = (route.run)(&app, &ask);
                    (done, ask)
                }
            });
            match worked.await {
                Ok((Ok(answer), _)) => answer,
                Ok((Err(trouble), ask)) => page::trouble(&app, &ask, &trouble, is_program),
                Err(_) => {
                    let wrong = Diagnostic::new(&codes::MISTAKE_OF_REGIMEN, "this page could not be made");
                    let help = "nothing was kept of what was sent last; report it with what you did";
                    page::trouble(&app, &Ask::default(), &Trouble::found(500, wrong.help(help).into()), is_program)
                }
            }
        }
        Ok(None) => Answer::see(format!("/you?next={}", page::encoded(&ask.address))),
        Err(trouble) => page::trouble(&app, &ask, &trouble, is_program),
    };
    sent(answer, is_head)
}

/// Where a request goes, with its query, as far as it is an address of ours to come back to: of a form, the part of the application.
fn address(request: &Request) -> String {
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let part = || path.split(['/', '?']).nth(1).unwrap_or_default();
    if request.method() == Method::GET { path.to_owned() } else { format!("/{}", part()) }
}

/// The route, if it may be gone; none: it has to be said first who asks.
async fn checked(
    app: &App,
    route: Option<&'static Route>,
    ask: &mut Ask,
    request: Request,
) -> Result<Option<&'static Route>, Trouble> {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    security::check(request.headers(), changes, app.listens_at())?;
    ask.session = app.sessions.find(request.headers());
    let Some(route) = route else { return Err(Trouble::nothing("page", request.uri().path())) };
    ask.query = pairs(request.uri().query().unwrap_or_default().as_bytes());
    if changes {
        read_body(route, ask, request).await?;
    }
    match (route.door, &ask.session) {
        (Door::Known, None) if changes => Err(Trouble::refused(403, "say who you are first: nothing was saved")),
        (Door::Known, None) => Ok(None),
        (Door::Known, Some(session)) if changes && !security::same(ask.field("token"), &session.token) => {
            Err(Trouble::refused(403, "this form is not one of this session: load its page again"))
        }
        _ => Ok(Some(route)),
    }
}

async fn read_body(route: &Route, ask: &mut Ask, request: Request) -> Result<(), Trouble> {
    let kind = content_kind(request.headers());
    if route.door != Door::Program && kind == "multipart/form-data" {
        ask.form = match tokio::time::timeout(PATIENCE, parts(request)).await {
            Ok(parts) => parts?,
            Err(_) => return Err(Trouble::refused(408, "what was sent took too long")),
        };
        return Ok(());
    }
    let (wanted, most) = match route.door {
        Door::Program => ("application/json", LARGEST_JSON),
        Door::Open | Door::Known => ("application/x-www-form-urlencoded", LARGEST_FORM),
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
        Door::Program => ask.body = bytes.to_vec(),
        Door::Open | Door::Known => ask.form = pairs(&bytes),
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
fn sent(answer: Answer, is_head: bool) -> Response<Body> {
    let body = if is_head { Body::empty() } else { Body::from(answer.body) };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(answer.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in security::HEADERS {
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
