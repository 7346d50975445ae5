//! Values that were meant to stand in a text and do not: names outside braces, which people would read as they are. And units behind a value
//! that is read with its own.

use std::collections::BTreeSet;
use std::ops::Range;

use super::Finder;
use super::texts::behind_unit;
use crate::diagnostic::{Diagnostic, Place, codes};
use crate::lang::{ExprId, Type};
use crate::protocol::Protocol;
use crate::protocol::model::{Action, Part, Template};
use crate::speech::Speech;

pub(super) fn check(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    let parameters = protocol.parameters.iter().map(|one| one.name.as_str());
    let definitions = protocol.definitions.iter().map(|one| one.name.as_str());
    let facts = protocol.dictionary.facts.iter().map(|one| one.name.as_str());
    // A word of one part may be meant as one.
    let names: Vec<&str> = parameters.chain(definitions).chain(facts).filter(|name| name.contains('_')).collect();
    let mut seen = BTreeSet::new();
    for (id, text) in texts(protocol) {
        // An interval of a course stands for each of its sessions, and is written once.
        if !seen.insert((text.span.start, text.span.end)) {
            continue;
        }
        bare_names(finder, id, text, &names);
        units(finder, id, text);
    }
}

/// Every text in which values may stand, with the rule or part that it belongs to.
fn texts(protocol: &Protocol) -> Vec<(&str, &Template)> {
    let mut all: Vec<(&str, &Template)> = Vec::new();
    for rule in &protocol.rules {
        let by = match &rule.action {
            Action::Defer { may_override, .. } => may_override.as_ref().map(|(by, _)| by),
            _ => None,
        };
        all.extend(rule.texts().chain(by).map(|text| (rule.id.as_str(), text)));
    }
    for setting in &protocol.settings {
        all.extend(setting.texts().map(|text| (setting.id.as_str(), text)));
    }
    all.extend(protocol.instructions.iter().map(|one| (one.id.as_str(), &one.action)));
    for flag in &protocol.red_flags {
        all.extend([&flag.sign, &flag.action].into_iter().chain(&flag.within).map(|text| (flag.id.as_str(), text)));
    }
    for course in &protocol.courses {
        all.extend(course.intervals.iter().map(|one| (one.id.as_str(), &one.reason)));
        all.extend(course.gaps.iter().map(|one| (one.id.as_str(), &one.reason)));
    }
    all.extend(protocol.separations.iter().map(|one| (one.id.as_str(), &one.reason)));
    all
}

/// The text as it is written, in its quotes.
fn literal<'p>(protocol: &'p Protocol, text: &Template) -> &'p str {
    protocol.file.text.get(text.span.clone()).unwrap_or_default()
}

/// A place in a text, by its bytes in the literal; the whole text, where a translation stands in its place.
fn place(protocol: &Protocol, text: &Template, inside: Option<Range<usize>>) -> Place {
    let start = text.span.start;
    let span = inside.map_or(text.span.clone(), |inside| start + inside.start..start + inside.end);
    Place { file: protocol.file.clone(), span }
}

fn bare_names(finder: &mut Finder<'_>, id: &str, text: &Template, names: &[&str]) {
    let protocol = finder.protocol;
    let words = text.parts.iter().filter_map(|part| match part {
        Part::Words(words) => Some(words.as_str()),
        Part::Value(_) => None,
    });
    let mut told: Vec<&str> = Vec::new();
    // An address or the name of a file is no value.
    let is_address = |word: &&str| word.contains(['/', '@']);
    let words = words.flat_map(str::split_whitespace).filter(|word| !is_address(word));
    for word in words.flat_map(|words| words.split(|sign| !is_part(sign))) {
        if !names.contains(&word) || told.contains(&word) {
            continue;
        }
        told.push(word);
        let inside = outside_braces(literal(protocol, text), word);
        let place = place(protocol, text, inside.clone());
        let message = format!("`{word}` stands in a text of `{id}` as a word: people read the name, and not the value");
        let right = format!("{{{word}}}");
        let diagnostic = Diagnostic::new(&codes::NAME_IN_A_TEXT, message).at(&place);
        let diagnostic = diagnostic.help(format!("write `{right}`"));
        finder.report(id, if inside.is_some() { diagnostic.replace_by(right, false) } else { diagnostic });
    }
}

fn is_part(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_'
}

/// Where a name stands in a literal outside the braces of a value, with the signs around it that were meant for braces.
fn outside_braces(literal: &str, name: &str) -> Option<Range<usize>> {
    let mut all = literal.match_indices(name).map(|(at, _)| at..at + name.len());
    let found = all.find(|span| {
        let (before, after) = (&literal[..span.start], &literal[span.end..]);
        !is_inside_braces(before) && !before.ends_with(is_part) && !after.starts_with(is_part)
    })?;
    const AROUND: [(&str, &str); 5] = [("{{", "}}"), ("[", "]"), ("<", ">"), ("%", "%"), ("$", "")];
    let is_around = |(open, close): &&(&str, &str)| {
        literal[..found.start].ends_with(open) && literal[found.end..].starts_with(close)
    };
    let (open, close) = AROUND.iter().find(is_around).map_or((0, 0), |(open, close)| (open.len(), close.len()));
    Some(found.start - open..found.end + close)
}

/// Whether a value has begun and not ended. Braces that are written twice outside of one are braces.
fn is_inside_braces(before: &str) -> bool {
    let (mut depth, mut rest) = (0usize, before);
    while let Some(sign) = rest.chars().next() {
        let is_twice = depth == 0 && (rest.starts_with("{{") || rest.starts_with("}}"));
        match sign {
            '{' if !is_twice => depth += 1,
            '}' if !is_twice => depth = depth.saturating_sub(1),
            _ => {}
        }
        rest = &rest[if is_twice { 2 } else { sign.len_utf8() }..];
    }
    depth > 0
}

fn units(finder: &mut Finder<'_>, id: &str, text: &Template) {
    let protocol = finder.protocol;
    let speech = Speech::of(&protocol.language);
    for pair in text.parts.windows(2) {
        let literal = literal(protocol, text);
        let ty = |body: &Range<u32>| &protocol.program.node(ExprId(body.end - 1)).ty;
        if let [Part::Words(words), Part::Value(body)] = pair
            && words.ends_with('$')
            && !matches!(ty(body), Type::Number { .. })
        {
            let at = literal.find("${").map(|at| at..at + 1);
            let message = format!("a `$` stands before a value in a text of `{id}`, and is read as it is");
            let diagnostic = Diagnostic::new(&codes::NAME_IN_A_TEXT, message).at(&place(protocol, text, at.clone()));
            let diagnostic = diagnostic.help("delete it: the braces alone stand for the value");
            finder.report(id, if at.is_some() { diagnostic.replace_by("", false) } else { diagnostic });
        }
        let [Part::Value(body), Part::Words(words)] = pair else { continue };
        let units = match ty(body) {
            Type::Duration { .. } => ["day", "week", "month", "year"].map(|unit| speech.unit(unit)).to_vec(),
            Type::Number { unit: Some(unit), .. } => vec![&**unit, speech.units(unit)],
            _ => continue,
        };
        let Some(rest) = units.iter().find_map(|unit| behind_unit(words, unit)) else { continue };
        let again = &words[..words.len() - rest.len()];
        // Said behind another value, too, it is not known which of them is meant.
        let behind = format!("}}{again}");
        let mut all = literal.match_indices(&behind).map(|(at, _)| at + 1..at + 1 + again.len());
        let at = all.next().filter(|_| all.next().is_none());
        let unit = again.trim_start_matches([' ', '\u{a0}', '\u{202f}', '-']);
        let message = format!("a value of `{id}` is read with its unit, and `{unit}` is said again behind it");
        let diagnostic = Diagnostic::new(&codes::UNIT_TWICE, message).at(&place(protocol, text, at.clone()));
        let diagnostic = diagnostic.help(format!("take out `{unit}`: the value brings its unit along"));
        finder.report(id, if at.is_some() { diagnostic.replace_by("", false) } else { diagnostic });
    }
}

#[cfg(test)]
mod tests {
    use super::outside_braces;

    #[test]
    fn a_name_is_found_outside_braces_with_the_signs_around_it() {
        for (literal, found) in [
            ("a late_after b", Some("late_after")),
            ("{late_after}", None),
            ("{days(late_after)}", None),
            ("{{late_after}}", Some("{{late_after}}")),
            ("{late_after} or [late_after]", Some("[late_after]")),
            ("{{ {late_after} }} <late_after>", Some("<late_after>")),
            ("%late_after%", Some("%late_after%")),
            ("$late_after", Some("$late_after")),
            ("very_late_after, late_after2", None),
            ("{if a { late_after } else { 2 }} and late_after.", Some("late_after")),
            ("{if a { 1 } else { late_after }}", None),
        ] {
            assert_eq!(outside_braces(literal, "late_after").map(|span| &literal[span]), found, "{literal}");
        }
    }
}
