//! `regimen serve`: the web application.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{exit, failed, print, tell, tell_diagnostics};
use crate::archive::Archive;
use crate::archive::Stamp;
use crate::diagnostic::Diagnostics;
use crate::protocol::Clinic;
use crate::protocol::load::read_file;
use crate::serve::{App, Clock, Site, Tls, archive, import, is_host, listen, may_listen, serve};

/// Open the clinic as a web page on this computer
///
/// Answers, decisions and their trace are kept in one file, the archive. Unless told otherwise the page is for this computer only; to others
/// it opens with users (`regimen user`) and a certificate.
///
/// Example: regimen serve protocols --data clinic.db
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The clinic's folder
    clinic: PathBuf,
    /// The archive, in which everything is kept; it is made where there is none
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// The address of this computer to listen on. One that other computers can reach takes users and a certificate
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8737")]
    listen: SocketAddr,
    /// The certificate that connections are encrypted with, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The private key of the certificate, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A name by which browsers know this computer, perhaps with a port; several can be given
    #[arg(long, value_name = "NAME", value_parser = host)]
    host: Vec<String>,
    /// Add a patient for each record in this folder, unless there is one
    #[arg(long, value_name = "FOLDER")]
    import: Option<PathBuf>,
}

impl Serve {
    pub(super) fn run(&self) -> u8 {
        let run = || -> Result<u8, u8> {
            // Before anything is written.
            let tls = match (&self.tls_cert, &self.tls_key) {
                (Some(certificate), Some(key)) => Some(Tls::read(certificate, key).map_err(failed(exit::USAGE))?),
                _ => None,
            };
            may_listen(self.listen, &self.host, self.has_accounts()?, tls.is_some()).map_err(failed(exit::USAGE))?;
            let listener = listen(self.listen).map_err(failed(exit::USAGE))?;
            let (clinic, broken, found) = Clinic::read_sound(&self.clinic);
            broken.iter().for_each(|one| tell_diagnostics(&one.mistakes));
            if found.has_errors() || clinic.protocols.is_empty() {
                tell_diagnostics(&found);
                return Err(exit::MISTAKES);
            }
            // A folder that is not there leaves no archive behind.
            let records = self.import.as_deref().map(files_in).transpose()?.unwrap_or_default();
            let mut archive = opened_or_made(&self.data)?;
            take_over(records, &mut archive, &clinic);
            let at = listener.local_addr().map_err(|error| {
                tell(&format!("error: the address cannot be told: {error}\n"));
                exit::OUTPUT
            })?;
            let clock = Clock { today: || super::today().map(|(day, _)| day), now };
            let site = Site::new(at, &self.host, tls.is_some());
            let address = site.address();
            let app = App::new(&self.clinic, archive, site, clock).map_err(failed(exit::MISTAKES))?;
            print(&format!("{address}\n"));
            let place = if at.ip().is_loopback() { "on this computer" } else { "on any computer that can reach it" };
            tell(&format!("open this address in a browser {place}; Ctrl-C ends\n"));
            serve(app, listener, tls).map_err(failed(exit::OUTPUT))?;
            Ok(exit::DONE)
        };
        run().unwrap_or_else(|code| code)
    }

    /// Whether the archive has accounts, where there is one yet.
    fn has_accounts(&self) -> Result<bool, u8> {
        if !self.data.exists() {
            return Ok(false);
        }
        let accounts = Archive::open(&self.data).and_then(|archive| archive.accounts());
        accounts.map(|accounts| !accounts.is_empty()).map_err(|found| {
            tell_diagnostics(&found);
            exit::OUTPUT
        })
    }
}

/// The files of a folder, in order.
fn files_in(folder: &Path) -> Result<Vec<PathBuf>, u8> {
    let read = std::fs::read_dir(folder).map_err(|error| {
        tell(&format!("error: {} cannot be read: {error}\n", folder.display()));
        exit::MISTAKES
    })?;
    let mut files: Vec<PathBuf> = read.flatten().map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    Ok(files)
}

/// Adds a patient for each record among some files.
fn take_over(files: Vec<PathBuf>, archive: &mut Archive, clinic: &Clinic) {
    let stamp = Stamp { at: now(), by: Some("regimen serve --import".to_owned()) };
    for file in files {
        let mut found = Diagnostics::default();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if file.extension().is_none_or(|end| end != "toml") {
            tell(&format!("{} was not taken over: records are taken over from TOML only\n", file.display()));
            continue;
        }
        let taken = match read_file(&file, &mut found) {
            Some(source) => import(archive, clinic, &stamp, &name, &source.text).map(drop),
            None => Err(found),
        };
        // One record with a mistake does not keep the others out.
        if let Err(found) = taken {
            tell_diagnostics(&found);
            tell(&format!("{} was not taken over\n", file.display()));
        }
    }
}

/// Opens the archive, or makes it where there is none, and tells that it is new.
pub(super) fn opened_or_made(path: &Path) -> Result<Archive, u8> {
    let (archive, is_new) = archive(path).map_err(failed(exit::OUTPUT))?;
    if is_new {
        tell(&format!("{} is a new archive\n", path.display()));
    }
    Ok(archive)
}

/// The name of a host.
fn host(text: &str) -> Result<String, String> {
    let wrong = || "a host is written as `clinic.example` or `clinic.example:8443`".to_owned();
    is_host(text).then(|| text.to_owned()).ok_or_else(wrong)
}

/// Now, as an archive's entry has it.
pub(super) fn now() -> String {
    // INVARIANT: every second of the calendar is one.
    jiff::Timestamp::from_second(jiff::Timestamp::now().as_second()).unwrap_or_default().to_string()
}
