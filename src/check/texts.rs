//! Texts that repeat what a parameter says: whoever changes the parameter must remember to change them.

use std::collections::BTreeSet;

use super::Finder;
use crate::date::Duration;
use crate::diagnostic::{Diagnostic, Place, codes};
use crate::lang::{Expr, ExprId, Program, Type};
use crate::logic::value::Value;
use crate::protocol::model::{Action, Instruction, Length, Parameter, Part, Reference, Template};
use crate::protocol::written;
use crate::speech::Speech;

/// What one rule says, and what it rests on.
#[derive(Default)]
struct Rule<'a> {
    texts: Vec<&'a Template>,
    roots: Vec<ExprId>,
    lengths: Vec<Length>,
}

pub(super) fn check(finder: &mut Finder<'_>) {
    let protocol = finder.protocol;
    let last = |body: &std::ops::Range<u32>| ExprId(body.end - 1);
    for rule in &protocol.rules {
        let mut one = Rule { texts: rule.texts().collect(), roots: rule.roots().collect(), lengths: Vec::new() };
        match &rule.action {
            Action::Defer { recheck, .. } => one.roots.extend(*recheck),
            Action::Precaution { limits, .. } => {
                one.roots.extend(limits.iter().filter_map(|(_, limit)| limit.computed().map(last)));
            }
            Action::Indicate { .. }
            | Action::Contraindicate { .. }
            | Action::Refer { .. }
            | Action::Complete { .. } => {}
        }
        look(finder, &rule.id, &one);
    }
    for setting in &protocol.settings {
        let mut one = Rule { texts: setting.texts().collect(), ..Rule::default() };
        for row in &setting.rows {
            one.roots.extend(row.when.iter().chain(row.says.computed()).map(last));
        }
        look(finder, &setting.id, &one);
    }
    for one in &protocol.instructions {
        let lengths = [Some(one.at), one.until].into_iter().flatten().map(|offset| offset.length).collect();
        look(finder, &one.id, &Rule { texts: vec![&one.action], roots: one.when.into_iter().collect(), lengths });
        // It is told once, of the file itself.
        if protocol.translation.is_none() {
            days(finder, one);
        }
    }
    for course in &protocol.courses {
        for one in &course.intervals {
            let from = if let Reference::Date(from) = one.from { Some(from) } else { None };
            let lengths = [Some(one.minimum), one.absolute_minimum, one.recommended, one.latest];
            let roots = one.when.into_iter().chain(from).collect();
            let lengths = lengths.into_iter().flatten().collect();
            look(finder, &one.id, &Rule { texts: vec![&one.reason], roots, lengths });
        }
        for one in &course.gaps {
            look(finder, &one.id, &Rule { texts: vec![&one.reason], lengths: vec![one.after], ..Rule::default() });
        }
    }
    for one in &protocol.separations {
        let lengths = [Some(one.minimum), one.absolute_minimum].into_iter().flatten().collect();
        look(finder, &one.id, &Rule { texts: vec![&one.reason], lengths, ..Rule::default() });
    }
}

fn look(finder: &mut Finder<'_>, id: &str, rule: &Rule<'_>) {
    let protocol = finder.protocol;
    let program = &protocol.program;
    let read =
        parameters_in(program, rule.roots.iter().copied().chain(rule.texts.iter().flat_map(|text| values(text))));
    let lengths = rule.lengths.iter().filter_map(|length| match length {
        Length::Parameter(at, _) => Some(*at),
        Length::Fixed(_) => None,
    });
    let parameters: BTreeSet<u16> = read.into_iter().chain(lengths).collect();
    // What the rule itself writes out may well be the same, and its text about that.
    let literal = |id: ExprId, value: Value| program.node(id).expr == Expr::Literal(value);
    let is_written_out = |value: Value| program.under(rule.roots.iter().copied()).any(|id| literal(id, value));
    let parameters = parameters.into_iter().map(|at| &protocol.parameters[usize::from(at)]);
    for parameter in parameters.filter(|parameter| !is_written_out(parameter.value)) {
        for text in &rule.texts {
            let Some(found) = repeated(text, parameter, Speech::of(&protocol.language)) else { continue };
            // The words of a text are in the file as they are, but for escapes.
            let literal = &protocol.file.text[text.span.clone()];
            let place = match literal.find(found) {
                Some(at) => text.span.start + at..text.span.start + at + found.len(),
                None => text.span.clone(),
            };
            let name = &parameter.name;
            let message = format!("`{id}` says `{found}`, which is what the parameter `{name}` is set to");
            let place = Place { file: protocol.file.clone(), span: place };
            let diagnostic = Diagnostic::new(&codes::REPEATED_NUMBER, message).at(&place);
            let help = format!("write `{{{name}}}` instead, so that the text changes with the parameter");
            finder.report(id, diagnostic.help(help));
        }
    }
}

/// Tells of an instruction whose days are those of a parameter that its text reads: the text would change with it, and the days would not.
fn days(finder: &mut Finder<'_>, one: &Instruction) {
    let protocol = finder.protocol;
    let read = parameters_in(&protocol.program, values(&one.action));
    for (key, offset) in [("at", Some(one.at)), ("until", one.until)] {
        let Some(Length::Fixed(days)) = offset.map(|offset| offset.length) else { continue };
        let sign = if days.months < 0 || days.days < 0 { "-" } else { "+" };
        let length = if sign == "-" { days.negated() } else { days };
        let mut read = read.iter().map(|at| &protocol.parameters[usize::from(*at)]);
        let Some(parameter) = read.find(|parameter| parameter.value == Value::duration(length)) else { continue };
        let name = &parameter.name;
        let message = format!(
            "`{key}` of `{}` is {length}, which is what the parameter `{name}` is set to that its text reads",
            one.id
        );
        let place = written::value_of(&protocol.file, ("instruction", &one.id), key);
        let place = place.map_or_else(|| one.place.clone(), |node| node.place(&protocol.file));
        let diagnostic = Diagnostic::new(&codes::REPEATED_NUMBER, message).at(&place);
        let help = format!("write `{key} = \"{sign}{name}\"`, so that the days change with the parameter");
        finder.report(&one.id, diagnostic.help(help));
    }
}

/// The parameters that expressions read.
fn parameters_in(program: &Program, roots: impl IntoIterator<Item = ExprId>) -> BTreeSet<u16> {
    let read = program.under(roots).filter_map(|id| match program.node(id).expr {
        Expr::Parameter(at) => Some(at),
        _ => None,
    });
    read.collect()
}

/// The values that stand in a text.
fn values(text: &Template) -> impl Iterator<Item = ExprId> {
    text.parts.iter().filter_map(|part| match part {
        Part::Value(body) => Some(ExprId(body.end - 1)),
        Part::Words(_) => None,
    })
}

/// Where a text says in words what a parameter is set to.
fn repeated<'t>(text: &'t Template, parameter: &Parameter, speech: &Speech) -> Option<&'t str> {
    let forms = forms(parameter, speech);
    let words = text.parts.iter().filter_map(|part| match part {
        Part::Words(words) => Some(words.as_str()),
        Part::Value(_) => None,
    });
    words.into_iter().find_map(|words| forms.iter().find_map(|(number, unit)| find(words, number, unit)))
}

/// The numbers and units that a parameter may be written with; a number without a unit may mean anything.
fn forms(parameter: &Parameter, speech: &Speech) -> Vec<(String, String)> {
    match (&parameter.value, &parameter.ty) {
        (Value::Duration(Duration { months: 0, days, .. }, _), _) => {
            let mut forms = vec![(*days, "day")];
            forms.extend((days % 7 == 0).then_some((days / 7, "week")));
            written(&forms, speech)
        }
        (Value::Duration(Duration { months, days: 0, .. }, _), _) => {
            let mut forms = vec![(*months, "month")];
            forms.extend((months % 12 == 0).then_some((months / 12, "year")));
            written(&forms, speech)
        }
        (Value::Number(number, _), Type::Number { unit: Some(unit), .. }) => {
            let unit = match &**unit {
                "days" => speech.unit("day"),
                "weeks" => speech.unit("week"),
                "months" => speech.unit("month"),
                "years" => speech.unit("year"),
                unit => unit,
            };
            let digits = number.to_string();
            let word = digits.parse().ok().and_then(|number| word(number, speech));
            std::iter::once(digits).chain(word.map(str::to_owned)).map(|number| (number, unit.to_owned())).collect()
        }
        _ => Vec::new(),
    }
}

fn written(forms: &[(i32, &'static str)], speech: &Speech) -> Vec<(String, String)> {
    let one = |(number, unit): &(i32, &'static str)| {
        let numbers = std::iter::once(number.to_string()).chain(word(*number, speech).map(str::to_owned));
        numbers.map(|number| (number, speech.unit(unit).to_owned())).collect::<Vec<_>>()
    };
    forms.iter().filter(|(number, _)| *number > 0).flat_map(one).collect()
}

/// A small number as it is written out.
fn word(number: i32, speech: &Speech) -> Option<&'static str> {
    speech.numbers.get(usize::try_from(number).ok()?).copied()
}

/// A number with its unit, as a part of a text: `4 weeks`, `four weeks`, `28-day`. Part of a longer number or of a range it is not.
fn find<'t>(text: &'t str, number: &str, unit: &str) -> Option<&'t str> {
    // Letters of other alphabets keep their bytes.
    let folded = text.to_ascii_lowercase();
    let number = number.to_ascii_lowercase();
    for (start, _) in folded.match_indices(&number) {
        let before = folded[..start].chars().next_back();
        if before.is_some_and(|before| before.is_alphanumeric() || ['.', ',', '-', '–', '/'].contains(&before)) {
            continue;
        }
        if let Some(rest) = behind_unit(&text[start + number.len()..], unit) {
            return Some(&text[start..text.len() - rest.len()]);
        }
    }
    None
}

/// What follows a unit, where a text begins with it.
pub(super) fn behind_unit<'t>(text: &'t str, unit: &str) -> Option<&'t str> {
    let rest = text.strip_prefix([' ', '\u{a0}', '\u{202f}', '-']).unwrap_or(text);
    let (written, rest) = rest.split_at_checked(unit.len())?;
    // Short ones have no plural, and are words of a language in other cases: W and "we", U and "u. a.".
    if unit.len() < 3 {
        return (written == unit && !rest.starts_with(char::is_alphanumeric)).then_some(rest);
    }
    // Several, in English and in German.
    let rest = ["en", "e", "n", "s"].iter().find_map(|ending| rest.strip_prefix(ending)).unwrap_or(rest);
    (written.eq_ignore_ascii_case(unit) && !rest.starts_with(char::is_alphanumeric)).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn a_number_is_found_with_its_unit_alone() {
        for (text, number, unit, expected) in [
            ("Wait 28 days.", "28", "day", Some("28 days")),
            ("a 28-day wait", "28", "day", Some("28-day")),
            ("Four weeks", "four", "week", Some("Four weeks")),
            ("one day", "one", "day", Some("one day")),
            ("at most 400 U in all", "400", "U", Some("400 U")),
            ("less than 50\u{a0}mg", "50", "mg", Some("50\u{a0}mg")),
            ("128 days", "28", "day", None),
            ("2.8 days", "8", "day", None),
            ("1–4 weeks", "4", "week", None),
            ("28 daylight lamps", "28", "day", None),
            ("twenty-one days", "one", "day", None),
            ("28 sessions in 90 days", "28", "day", None),
            ("ä 3 days", "3", "day", Some("3 days")),
            ("seit 28 Tagen frei", "28", "Tag", Some("28 Tagen")),
            ("Zwölf Wochen danach", "zwölf", "Woche", Some("Zwölf Wochen")),
            ("12 Tagebücher", "12", "Tag", None),
        ] {
            assert_eq!(find(text, number, unit), expected, "{text}");
        }
    }
}
