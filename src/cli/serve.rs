//! `regimen serve`: the web application.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::{exit, print, tell, tell_diagnostics};
use crate::archive::Stamp;
use crate::diagnostic::Diagnostics;
use crate::protocol::Clinic;
use crate::protocol::load::read_file;
use crate::serve::{App, Clock, archive, import, listen, serve};

/// Open the clinic as a web page on this computer
///
/// Answers, decisions and their trace are kept in one file, the archive. The page is for this computer only.
///
/// Example: regimen serve protocols --data clinic.db
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// The clinic's folder
    clinic: PathBuf,
    /// The archive, in which everything is kept; it is made where there is none
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// The address of this computer to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8737")]
    listen: SocketAddr,
    /// Add a patient for each record in this folder, unless there is one
    #[arg(long, value_name = "FOLDER")]
    import: Option<PathBuf>,
}

impl Serve {
    pub(super) fn run(&self) -> u8 {
        let failed = |code: u8| {
            move |found: Diagnostics| {
                tell_diagnostics(&found);
                code
            }
        };
        let run = || -> Result<u8, u8> {
            // Before anything is written.
            let listener = listen(self.listen).map_err(failed(exit::USAGE))?;
            let (clinic, broken, found) = Clinic::read_sound(&self.clinic);
            broken.iter().for_each(|one| tell_diagnostics(&one.mistakes));
            if found.has_errors() || clinic.protocols.is_empty() {
                tell_diagnostics(&found);
                return Err(exit::MISTAKES);
            }
            let (mut archive, is_new) = archive(&self.data).map_err(failed(exit::OUTPUT))?;
            if is_new {
                tell(&format!("{} is a new archive\n", self.data.display()));
            }
            if let Some(folder) = &self.import {
                self.take_over(folder, &mut archive, &clinic)?;
            }
            let at = listener.local_addr().map_err(|error| {
                tell(&format!("error: the address cannot be told: {error}\n"));
                exit::OUTPUT
            })?;
            let clock = Clock { today: || super::today().map(|(day, _)| day), now };
            let app = App::new(&self.clinic, archive, at, clock).map_err(failed(exit::MISTAKES))?;
            print(&format!("http://{at}\n"));
            tell("open this address in a browser on this computer; Ctrl-C ends\n");
            serve(app, listener).map_err(failed(exit::OUTPUT))?;
            Ok(exit::DONE)
        };
        run().unwrap_or_else(|code| code)
    }

    /// Adds a patient for each record of a folder.
    fn take_over(
        &self,
        folder: &std::path::Path,
        archive: &mut crate::archive::Archive,
        clinic: &Clinic,
    ) -> Result<(), u8> {
        let read = std::fs::read_dir(folder).map_err(|error| {
            tell(&format!("error: {} cannot be read: {error}\n", folder.display()));
            exit::MISTAKES
        })?;
        let mut files: Vec<PathBuf> = read.flatten().map(|entry| entry.path()).collect();
        files.retain(|path| path.extension().is_some_and(|end| end == "toml"));
        files.sort();
        let stamp = Stamp { at: now(), by: Some("regimen serve --import".to_owned()) };
        for file in files {
            let mut found = Diagnostics::default();
            let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
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
        Ok(())
    }
}

/// Now, as an archive's entry has it.
fn now() -> String {
    // INVARIANT: every second of the calendar is one.
    jiff::Timestamp::from_second(jiff::Timestamp::now().as_second()).unwrap_or_default().to_string()
}
