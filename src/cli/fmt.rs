//! `regimen fmt`: one layout for every file.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{exit, print, tell_diagnostics};
use crate::diagnostic::{Diagnostic, Diagnostics, SourceFile, codes};
use crate::document::{Notation, format, same_meaning};
use crate::files;
use crate::protocol::load::read_file;

/// Format TOML files: align equal signs, one blank line between tables; the meaning never changes
///
/// Example: regimen fmt protocols
#[derive(Debug, Args)]
pub(super) struct Fmt {
    /// TOML files, and folders with TOML files in them
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// Change nothing; list the files that would change, and fail if there are any
    #[arg(long)]
    check: bool,
}

impl Fmt {
    pub(super) fn run(&self) -> u8 {
        let mut found = Diagnostics::default();
        let mut files = Vec::new();
        for path in &self.paths {
            if path.is_dir() { collect(path, 0, &mut files) } else { files.push(path.clone()) }
        }
        files.sort();
        files.dedup();
        let mut out = String::new();
        let (mut changed, mut refused) = (0, false);
        for file in &files {
            let Some(source) = read_file(file, &mut found) else { continue };
            match laid_out(&source, &mut found) {
                Some(text) if text == source.text => {}
                Some(text) => {
                    changed += 1;
                    let name = file.display().to_string();
                    let name = crate::visible::text(&name);
                    if self.check {
                        out.push_str(&format!("would change {name}\n"));
                    } else if let Err(error) = files::write(file, &text) {
                        let message = format!("{name} cannot be written: {error}");
                        found.push(Diagnostic::new(&codes::UNREADABLE, message));
                        refused = true;
                    } else {
                        out.push_str(&format!("changed {name}\n"));
                    }
                }
                None => {}
            }
        }
        out.push_str(&match (files.len(), changed) {
            (1, 0) => "1 file, nothing to change\n".into(),
            (all, 0) => format!("{all} files, nothing to change\n"),
            (1, _) => String::new(),
            (all, changed) => format!("{changed} of {all} files\n"),
        });
        tell_diagnostics(&found);
        let printed = print(&out);
        if refused {
            exit::OUTPUT
        } else if found.has_errors() || (self.check && changed > 0) {
            exit::MISTAKES
        } else {
            printed
        }
    }
}

/// The text in its layout; none where it is not TOML or the layout would say something else.
fn laid_out(source: &std::sync::Arc<SourceFile>, found: &mut Diagnostics) -> Option<String> {
    let mut mistakes = Diagnostics::default();
    let before = crate::document::parse(source, Notation::Toml, &mut mistakes);
    if mistakes.has_errors() {
        found.append(mistakes);
        return None;
    }
    let text = format(&source.text)?;
    let after = SourceFile::new(source.name.clone(), text.clone());
    let after = crate::document::parse(&after, Notation::Toml, &mut mistakes);
    if mistakes.has_errors() || !same_meaning(&before, &after) {
        let message = format!("{} is left as it is: the layout would have changed its meaning", source.name);
        found.push(
            Diagnostic::new(&codes::SYNTAX, message)
                .help("this is a bug in regimen, not a problem with the file; please report it"),
        );
        return None;
    }
    Some(text)
}

fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    const DEEPEST: usize = 8;
    for entry in std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() && depth < DEEPEST {
            collect(&path, depth + 1, files);
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
}
