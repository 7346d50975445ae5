//! What is only a consequence of another mistake, and is not told beside it: one cause, one message.

use std::ops::Range;
use std::path::Path;

use super::{Code, Diagnostic, Place, Severity, codes};

/// What is said of a name that is declared nowhere; and how what is said of other things ends, where what they need may have been declared.
const MISSED: [(&Code, &str); 8] = [
    (&codes::UNKNOWN_NAME, ""),
    (&codes::UNKNOWN_SOURCE, ""),
    (&codes::UNKNOWN_REFERENCE, ""),
    (&codes::UNKNOWN_PRODUCT, ""),
    (&codes::UNKNOWN_COMPONENT, ""),
    (&codes::NOT_IN_LANGUAGE, "there is no function `setting`"),
    (&codes::USELESS_KEY, "the protocol has no course"),
    (&codes::COURSE_SHAPE, ""),
];

/// What is said of a value that could not be read.
const UNREADABLE: [&Code; 6] = [
    &codes::SYNTAX,
    &codes::WRONG_TYPE,
    &codes::NOT_A_CHOICE,
    &codes::INVALID_DATE,
    &codes::INVALID_DURATION,
    &codes::INVALID_VALUE,
];

pub(super) fn leave_out(all: &mut Vec<Diagnostic>) {
    names(all);
    keys(all);
    parts(all);
}

/// What a part declares that was not read is missed elsewhere in its file; and, where that is a dictionary, in the protocols below it.
fn names(all: &mut Vec<Diagnostic>) {
    let unread: Vec<String> = all.iter().filter(|one| one.unread).filter_map(file).map(str::to_owned).collect();
    let is_missed_in = |name: &str| {
        let below = |dictionary: &Path| {
            dictionary.ends_with("facts.toml")
                && dictionary.parent().is_some_and(|folder| Path::new(name).starts_with(folder))
        };
        unread.iter().any(|file| file == name || below(Path::new(file)))
    };
    let is_missed = |one: &Diagnostic| {
        // Of all its sources, the one that was lost may have been the only one.
        let lacks_sources = one.code == &codes::MISSING_KEY
            && one.message.starts_with("protocol `")
            && one.message.ends_with("has no `sources`");
        !one.unread
            && (lacks_sources || MISSED.iter().any(|(code, end)| one.code == *code && one.message.ends_with(end)))
    };
    let unreadable: Vec<Place> = all
        .iter()
        .filter(|one| one.severity == Severity::Error && UNREADABLE.contains(&one.code))
        .filter_map(|one| one.label.as_ref().map(|label| label.place.clone()))
        .collect();
    let is_told = |one: &Diagnostic| {
        is_missed(one) && (file(one).is_some_and(is_missed_in) || unreadable.iter().any(|place| declares(place, one)))
    };
    if !unread.is_empty() || !unreadable.is_empty() {
        all.retain(|one| !is_told(one));
    }
}

/// Whether a mistake stands where the name is declared that another misses: on its line, or below its heading; the `id` of what is called by
/// it, or the `each` beside it.
fn declares(mistake: &Place, missed: &Diagnostic) -> bool {
    let text = &mistake.file.text;
    let Some(label) = missed.label.as_ref().filter(|label| label.place.file.name == mistake.file.name) else {
        return false;
    };
    let (Some(name), Some(above)) = (missed.message.split('`').nth(1), text.get(..mistake.span.start)) else {
        return false;
    };
    let line = above.rfind('\n').map_or(0, |end| end + 1);
    let key = text[line..].split(['=', ':']).next().unwrap_or_default().trim();
    let table = table(text, mistake.span.start);
    let heading = text[table.clone()].lines().next().unwrap_or_default();
    let called = heading.trim_start_matches('[').split(']').next().and_then(|heading| heading.rsplit_once('.'));
    // One whose name has a slip is not that of another.
    let is_like = || strsim::damerau_levenshtein(key, name) <= 2 && name.len() > 3 && key.contains(' ');
    key == name
        || is_like()
        || called.is_some_and(|(_, last)| last == name && !heading.starts_with("[["))
        || (key == "id" && missed.code == &codes::UNKNOWN_REFERENCE)
        || (key == "each" && missed.code == &codes::UNKNOWN_NAME && table.contains(&label.place.span.start))
}

/// A key that could not be read is not missing.
fn keys(all: &mut Vec<Diagnostic>) {
    let unreadable: Vec<(String, usize)> = all
        .iter()
        .filter(|one| one.severity == Severity::Error && UNREADABLE.contains(&one.code))
        .filter_map(|one| Some((file(one)?.to_owned(), one.label.as_ref()?.place.span.start)))
        .collect();
    let is_there = |one: &Diagnostic| {
        // That a key stands nowhere in its table is said of the table; what is missing beside others, of the table's id.
        let beside = one.label.as_ref().filter(|label| !label.place.text().starts_with(['[', '{']));
        let Some(place) = beside.map(|label| &label.place).filter(|_| one.code == &codes::MISSING_KEY) else {
            return false;
        };
        let table = table(&place.file.text, place.span.start);
        let is_in_it = |(name, at): &(String, usize)| *name == place.file.name && table.contains(at);
        !table.is_empty() && unreadable.iter().any(is_in_it)
    };
    all.retain(|one| !is_there(one));
}

/// A slip within what another mistake writes anew; and what is said of a table in braces of which a part could not be read.
fn parts(all: &mut Vec<Diagnostic>) {
    let contains = |whole: &Place, part: &Place| {
        let is_within = whole.span.start <= part.span.start && part.span.end <= whole.span.end;
        is_within && whole.span != part.span && whole.file.name == part.file.name
    };
    let written: Vec<Place> = all.iter().filter_map(|one| Some(one.replacement.as_ref()?.place.clone())).collect();
    let slips = |one: &&Diagnostic| [&codes::SYNTAX, &codes::EXPRESSION_SYNTAX].contains(&one.code);
    let unread: Vec<Place> =
        all.iter().filter(slips).filter_map(|one| Some(one.label.as_ref()?.place.clone())).collect();
    all.retain(|one| {
        let Some(place) = one.label.as_ref().map(|label| &label.place) else { return true };
        let is_part = one.code == &codes::EXPRESSION_SYNTAX && written.iter().any(|whole| contains(whole, place));
        let is_whole = one.code == &codes::INVALID_VALUE
            && place.text().starts_with('{')
            && unread.iter().any(|part| contains(place, part));
        !is_part && !is_whole
    });
}

/// The lines from the heading above a place to the next; none above the first heading.
fn table(text: &str, at: usize) -> Range<usize> {
    let Some(above) = text.get(..at) else { return 0..0 };
    let end = text[at..].find("\n[").map_or(text.len(), |end| at + end);
    above.rfind("\n[").map(|at| at + 1).or(above.starts_with('[').then_some(0)).map_or(0..0, |start| start..end)
}

fn file(one: &Diagnostic) -> Option<&str> {
    one.label.as_ref().map(|label| label.place.file.name.as_str())
}
