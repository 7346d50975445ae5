//! The web application: the clinic's protocols for whoever has no terminal.
//!
//! Pages are made on the server, and every form works without a script. One idea a file:
//!
//! | file | holds |
//! |---|---|
//! | `app` | what the pages share: the clinic, the archive, who is here |
//! | `http` | requests and answers; the table of addresses; the only place that knows `axum` |
//! | `security` | which requests are meant for us; what every answer carries |
//! | `net` | connections: how many, how long, encrypted |
//! | `session`, `password`, `attempts` | who works here, and how they show it |
//! | `users` | who may work here |
//! | `language`, `words` | in which language pages are, and the clinic's texts; the pages' own words |
//! | `page`, `assets` | how a page looks |
//! | `patients`, `answers`, `form`, `verdict` | finding a patient; the questions; the answer beside them |
//! | `visits`, `record`, `plan` | sessions; the record itself; the whole clinic |
//! | `why`, `steps` | how an answer came about; days to come |
//! | `decide`, `decisions`, `replays`, `erasing` | recording a decision; the archive; asking again; erasing |
//! | `manager` | the protocols: their sheets, texts and parameters, and what a change of them changes |
//! | `api` | JSON for programs |
//!
//! A part of the application is a file with a table of its addresses, `ROUTES`, that is named in `routes`. `docs/serve.md` says where everything is, what
//! is kept, and what the application is protected against.

mod answers;
mod api;
mod app;
mod assets;
mod attempts;
mod decide;
mod decisions;
mod erasing;
mod form;
mod http;
mod language;
mod manager;
mod net;
mod page;
pub(crate) mod password;
mod patients;
mod plan;
mod record;
mod replays;
mod security;
mod session;
mod steps;
pub(crate) mod users;
mod verdict;
mod visits;
mod why;
mod words;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;

pub use app::{App, Clock};
pub use net::Tls;
pub use security::{Site, is_host};

use crate::archive::{Archive, NewRow, Stamp};
use crate::diagnostic::{Diagnostic, Diagnostics, codes};
use crate::document::Notation;
use crate::patient::Record;
use crate::protocol::Clinic;

/// Every address.
fn routes() -> impl Iterator<Item = &'static http::Route> {
    let parts = [
        session::ROUTES,
        language::ROUTES,
        users::ROUTES,
        assets::ROUTES,
        patients::ROUTES,
        answers::ROUTES,
        visits::ROUTES,
        record::ROUTES,
        plan::ROUTES,
        why::ROUTES,
        decide::ROUTES,
        decisions::ROUTES,
        replays::ROUTES,
        erasing::ROUTES,
        manager::ROUTES,
        api::ROUTES,
    ];
    parts.into_iter().flatten()
}

/// Every address as a method and a path: what the tests go over.
#[doc(hidden)]
pub fn addresses() -> Vec<(&'static str, &'static str)> {
    routes().map(|route| (route.method, route.path)).collect()
}

/// Whether an address may be listened on: one that other computers can reach takes accounts and encryption, and a name that they know it by.
///
/// # Errors
/// When something of that is missing (`R854`).
pub fn may_listen(at: SocketAddr, hosts: &[String], has_accounts: bool, is_encrypted: bool) -> Result<(), Diagnostics> {
    if at.ip().is_loopback() {
        return Ok(());
    }
    let missing: Vec<(&str, &str)> = [
        (!has_accounts, "there are no users", "make an administrator with `regimen user add`"),
        (!is_encrypted, "connections are not encrypted", "give a certificate with `--tls-cert` and `--tls-key`"),
        (
            hosts.is_empty() && at.ip().is_unspecified(),
            "nothing says by which name they do",
            "name it with `--host`, as in `--host clinic.example`",
        ),
    ]
    .into_iter()
    .filter_map(|(is_missing, what, help)| is_missing.then_some((what, help)))
    .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let what: Vec<&str> = missing.iter().map(|(what, _)| *what).collect();
    let message = format!("{} can be reached by other computers, and {}", at.ip(), what.join("; "));
    let diagnostic = Diagnostic::new(&codes::NOT_LOOPBACK, message);
    let diagnostic = missing.iter().fold(diagnostic, |diagnostic, (_, help)| diagnostic.help(*help));
    Err(diagnostic.help("or leave `--listen` out: then this computer alone reaches it").into())
}

/// Takes an address of this computer.
///
/// # Errors
/// When it cannot be had.
pub fn listen(at: SocketAddr) -> Result<TcpListener, Diagnostics> {
    TcpListener::bind(at).map_err(|error| {
        let diagnostic = Diagnostic::new(&codes::CANNOT_LISTEN, format!("{at} cannot be listened on: {error}"));
        diagnostic.help("end the program that does, or choose another port with `--listen 127.0.0.1:8738`").into()
    })
}

/// Answers requests until Ctrl-C or SIGTERM; those that have begun are answered to their end.
///
/// # Errors
/// When the system gives no threads, or takes the address away.
pub fn serve(app: App, listener: TcpListener, tls: Option<Tls>) -> Result<(), Diagnostics> {
    let failed = |error: std::io::Error| {
        Diagnostics::from(Diagnostic::new(&codes::CANNOT_LISTEN, format!("the web application cannot run: {error}")))
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(failed)?;
    let router = http::router(Arc::new(app), routes());
    runtime.block_on(net::run(router, listener, tls, asked_to_end())).map_err(failed)
}

/// Waits for Ctrl-C or SIGTERM.
async fn asked_to_end() {
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminated) = signal(SignalKind::terminate()) else { return interrupted.await };
        let mut interrupted = std::pin::pin!(interrupted);
        std::future::poll_fn(|context| match (interrupted.as_mut().poll(context), terminated.poll_recv(context)) {
            (std::task::Poll::Pending, std::task::Poll::Pending) => std::task::Poll::Pending,
            _ => std::task::Poll::Ready(()),
        })
        .await;
    }
    #[cfg(not(unix))]
    interrupted.await;
}

/// Adds a patient for a record in TOML, unless there is one; whose it is.
///
/// # Errors
/// When the record has mistakes, or could not be kept.
pub fn import(
    archive: &mut Archive,
    clinic: &Clinic,
    stamp: &Stamp,
    name: &str,
    text: &str,
) -> Result<String, Diagnostics> {
    let (record, _doubts) = Record::from_text(name, text, Notation::Toml, &clinic.dictionary)?;
    if archive.record(&record.patient)?.is_none() {
        // The newest of its answers: what is saved later comes after them.
        let days = record.answers.iter().flatten().filter_map(|answer| answer.on);
        let days = days
            .chain(record.recorded.iter().map(|(day, _)| *day))
            .chain(record.sessions.iter().map(|one| one.date.last));
        let Some(day) = days.max() else {
            let message = format!("the record {name} says of no day that it is from it");
            return Err(Diagnostic::new(&codes::INVALID_DATE, message).help("write `recorded` in it").into());
        };
        let changed = [format!("taken over from {name}")];
        archive.keep_record(stamp, NewRow { patient: &record.patient, follows: None, day, changed: &changed, text })?;
    }
    Ok(record.patient)
}

/// Opens an archive, or makes it where there is none: whether it was made.
///
/// # Errors
/// When it can be neither opened nor made.
pub fn archive(path: &Path) -> Result<(Archive, bool), Diagnostics> {
    if path.exists() { Ok((Archive::open(path)?, false)) } else { Ok((Archive::create(path)?, true)) }
}
