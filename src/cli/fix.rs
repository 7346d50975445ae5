//! `regimen check --fix`: puts in what the help says to write.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use similar::TextDiff;

use crate::diagnostic::{Diagnostic, Diagnostics, Replacement, SourceFile};
use crate::files;

/// What is put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fix {
    /// All that cannot be meant otherwise.
    Certain,
    /// What is said to one mistake: its code, and its line.
    One(String, usize),
}

impl std::str::FromStr for Fix {
    type Err = String;

    fn from_str(text: &str) -> Result<Fix, String> {
        if text.is_empty() {
            return Ok(Fix::Certain);
        }
        let one = text.split_once(':').and_then(|(code, line)| Some((code, line.parse().ok()?)));
        one.map(|(code, line)| Fix::One(code.to_uppercase(), line)).ok_or_else(|| "write it as R202:14".to_owned())
    }
}

impl Fix {
    fn is_for(&self, diagnostic: &Diagnostic, replacement: &Replacement) -> bool {
        match self {
            Fix::Certain => replacement.certain,
            Fix::One(code, line) => {
                let place = &replacement.place;
                diagnostic.code.id == code && place.file.position(place.span.start).0 == *line
            }
        }
    }
}

/// Texts before and after, by the names of their files.
pub(super) type Changes = BTreeMap<String, (String, String)>;

/// Puts in what is wanted of what was found, once. A file stays as it was until the new one is whole.
///
/// # Errors
/// When a file cannot be written, or is not what was looked at any more.
pub(super) fn apply(fix: &Fix, found: &Diagnostics, changes: &mut Changes) -> Result<usize, String> {
    let mut by_file: BTreeMap<&str, (&Arc<SourceFile>, Vec<&Replacement>)> = BTreeMap::new();
    for diagnostic in found {
        if let Some(replacement) = diagnostic.replacement.as_ref().filter(|one| fix.is_for(diagnostic, one)) {
            let file = &replacement.place.file;
            by_file.entry(&file.name).or_insert_with(|| (file, Vec::new())).1.push(replacement);
        }
    }
    if let Fix::One(code, line) = fix {
        match by_file.values().map(|(_, all)| all.len()).sum::<usize>() {
            1 => {}
            0 => return Err(format!("there is no {code} in line {line} of which it is known what to write instead")),
            _ => return Err(format!("there are several {code} in line {line}: mend them by hand")),
        }
    }
    let mut count = 0;
    for (name, (file, mut all)) in by_file {
        all.sort_by_key(|one| std::cmp::Reverse((one.place.span.start, one.place.span.end)));
        let mut text = file.text.clone();
        let mut free = text.len();
        for one in all {
            // What overlaps is left for the next look.
            if one.place.span.end <= free && text.get(one.place.span.clone()).is_some() {
                text.replace_range(one.place.span.clone(), &one.text);
                free = one.place.span.start;
                count += 1;
            }
        }
        let failed = |error: std::io::Error| format!("{name} cannot be written: {error}");
        let there = std::fs::read_to_string(name).map_err(failed)?;
        let mark = if there.starts_with('\u{feff}') { "\u{feff}" } else { "" };
        if there[mark.len()..] != file.text {
            return Err(format!("{name} has been changed in the meantime"));
        }
        files::write(Path::new(name), &format!("{mark}{text}")).map_err(failed)?;
        changes.entry(name.to_owned()).or_insert_with(|| (file.text.clone(), String::new())).1 = text;
    }
    Ok(count)
}

/// What was changed, as a difference of lines.
pub(super) fn difference(changes: &Changes) -> String {
    let one = |(name, (before, after)): (&String, &(String, String))| {
        TextDiff::from_lines(before, after).unified_diff().context_radius(1).header(name, name).to_string()
    };
    changes.iter().map(one).collect()
}
