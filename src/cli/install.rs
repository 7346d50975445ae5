//! What a shell and `man` want to know of the program, made from the same description of its commands as `--help`.

use std::path::PathBuf;

use clap::Args;
use clap_complete::Shell;

use super::{exit, print, tell};
use crate::files;

/// Print the completions of a shell, to be kept where it looks for them
///
/// Example: regimen completions bash > ~/.local/share/bash-completion/completions/regimen
#[derive(Debug, Args)]
pub(super) struct Completions {
    /// The shell
    shell: Shell,
}

/// Write manual pages, one for each command
///
/// Example: regimen man ~/.local/share/man/man1
#[derive(Debug, Args)]
pub(super) struct Man {
    /// The folder, which must be there
    folder: PathBuf,
}

impl Completions {
    pub(super) fn run(&self) -> u8 {
        let mut text = Vec::new();
        clap_complete::generate(self.shell, &mut super::command(), "regimen", &mut text);
        print(&String::from_utf8_lossy(&text))
    }
}

impl Man {
    pub(super) fn run(&self) -> u8 {
        let mut command = super::command();
        command.build();
        match self.pages(&command, "regimen") {
            Ok(()) => exit::DONE,
            Err((page, error)) => {
                tell(&format!("error: {} cannot be written: {error}\n", page.display()));
                exit::OUTPUT
            }
        }
    }

    /// The page of a command, and of those below it.
    fn pages(&self, command: &clap::Command, name: &str) -> Result<(), (PathBuf, std::io::Error)> {
        let page = self.folder.join(format!("{name}.1"));
        let mut text = Vec::new();
        let rendered = clap_mangen::Man::new(command.clone()).render(&mut text);
        rendered.and_then(|()| files::write(&page, &String::from_utf8_lossy(&text))).map_err(|error| (page, error))?;
        for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
            self.pages(below, &format!("{name}-{}", below.get_name()))?;
        }
        Ok(())
    }
}
