//! Values of another form than the one that is needed, of which it can be told how they are written.

use super::{Data, Node};
use crate::date::{DayOfYear, Duration};
use crate::months;

/// What to write in the place of a value; none, if nobody can tell.
pub(super) struct Right {
    /// What is written, whole or with signs that stand for what is not known.
    pub(super) text: String,
    /// Whether it can be put in as it is.
    pub(super) whole: bool,
}

/// The right form of the value of a name, as it stands in a text. `kinds` are the JSON Schema types that it should have, `keys` those of
/// a table that it should be, and `needed` those that the table must have.
pub(super) fn right(
    name: &str,
    node: &Node,
    text: &str,
    kinds: &[&str],
    keys: &[&str],
    needed: &[&str],
) -> Option<Right> {
    let written = text.get(node.span.clone())?;
    let whole = |text: String| Some(Right { text, whole: true });
    let example = |text: String| Some(Right { text, whole: false });
    let is_scalar =
        matches!(node.data, Data::Text(_) | Data::Date(_) | Data::Integer(_) | Data::Decimal(_) | Data::Bool(_));
    match (name, &node.data) {
        ("interval", Data::Text(length)) if length.parse::<Duration>().is_ok() => {
            whole(format!("[{{ from = \"previous\", minimum = {written} }}]"))
        }
        ("range", Data::Table(entries)) => {
            let of = |names: [&str; 3]| entries.iter().find(|(key, _)| names.contains(&key.name.as_str()));
            let (_, least) = of(["min", "minimum", "from"])?;
            let (_, most) = of(["max", "maximum", "to"])?;
            whole(format!("[{}, {}]", text.get(least.span.clone())?, text.get(most.span.clone())?))
        }
        ("range", Data::Text(range)) => {
            let ends: Vec<&str> = range.split(['-', '–', '—']).map(str::trim).collect();
            let is_number =
                |end: &&str| !end.is_empty() && end.chars().all(|sign| sign.is_ascii_digit() || sign == '.');
            match ends[..] {
                [least, most] if [least, most].iter().all(is_number) => whole(format!("[{least}, {most}]")),
                _ => None,
            }
        }
        ("in_force", Data::Date(_) | Data::Text(_)) => {
            let day = written.trim_matches('"');
            match day.parse::<crate::Date>() {
                Ok(_) => whole(format!("{{ from = {day} }}")),
                Err(_) => example("{ from = 2026-03-02 }".to_owned()),
            }
        }
        ("sessions", Data::Integer(_)) => whole(format!("{{ planned = {written} }}")),
        ("sessions", Data::Text(number)) => {
            let ends: Vec<&str> = number.split(['-', '–', '—']).map(str::trim).collect();
            match ends[..] {
                [one] if one.parse::<u32>().is_ok() => whole(format!("{{ planned = {one} }}")),
                [least, most] if least.parse::<u32>().is_ok() && most.parse::<u32>().is_ok() => {
                    whole(format!("{{ planned = {least}, maximum = {most} }}"))
                }
                _ => example("{ planned = 4 }".to_owned()),
            }
        }
        ("when" | "skip" | "never" | "always", Data::Bool(_)) => whole(format!("'{written}'")),
        ("when", Data::Array(items)) if !items.is_empty() && items.iter().all(|item| item.text().is_some()) => {
            let parts: Vec<&str> = items.iter().filter_map(Node::text).collect();
            let joined = format!("'{}'", parts.join(" && "));
            example(format!("{joined} where all of them must hold, and `||` for `&&` where one is enough"))
        }
        ("season", Data::Date(_)) => whole(format!("{{ from = {written} }}")),
        ("season", Data::Text(text)) if text.parse::<DayOfYear>().is_ok() => whole(format!("{{ from = {written} }}")),
        ("season", _) if is_scalar => match node.text().and_then(months::ends) {
            Some((from, Some(until))) => whole(format!("{{ from = \"{from}\", until = \"{until}\" }}")),
            Some((from, None)) => whole(format!("{{ from = \"{from}\" }}")),
            None => example("{ from = \"10-01\", until = \"03-31\" }".to_owned()),
        },
        ("limits", _) if is_scalar => example(format!("{{ … = {written} }}, with the id of the setting before it")),
        ("each", Data::Text(_)) => example(format!("{{ zone = {written} }}, with a word for one of them")),
        ("next", Data::Date(_)) => example(format!("{{ earliest = {written} }}")),
        ("version", Data::Integer(_) | Data::Decimal(_)) => {
            let parts = written.split('.').count();
            whole(format!("\"{written}{}\"", ".0".repeat(3usize.saturating_sub(parts))))
        }
        ("phone" | "emergency" | "id" | "patient", Data::Integer(_) | Data::Decimal(_)) => {
            whole(format!("\"{written}\""))
        }
        (_, Data::Text(_))
            if kinds == ["object"] && keys.contains(&"label") && needed.iter().all(|key| *key == "label") =>
        {
            whole(format!("{{ label = {written} }}"))
        }
        _ => None,
    }
}

/// The name, of those that may be given, for which people write another word: `question` for `ask`.
pub(super) fn synonym<'a>(written: &str, names: &[&'a str]) -> Option<&'a str> {
    let written = written.to_lowercase();
    let words: &[&str] = match written.as_str() {
        "question" | "prompt" | "ask_text" | "frage" => &["ask"],
        "telephone" | "tel" | "phone_number" | "telefon" => &["phone"],
        "opening_hours" | "open" => &["hours"],
        "condition" | "if" | "wenn" | "falls" | "bedingung" => &["when"],
        "answered_by" | "asked_of" | "who" => &["of"],
        "validity" | "valid" | "expires" => &["valid_for"],
        "options" | "answers" | "auswahl" => &["choices"],
        "why" | "because" | "message" | "grund" | "begründung" => &["reason"],
        "min" | "least" | "at_least" | "minimal" | "mindestens" => &["minimum"],
        "max" | "most" | "at_most" | "maximal" | "höchstens" => &["maximum", "latest"],
        "best" | "ideal" | "usual" | "empfohlen" => &["recommended"],
        "number" | "amount" | "wert" | "default" => &["value"],
        "limits" | "bounds" | "bereich" => &["range"],
        "units" | "einheit" => &["unit"],
        "references" | "refs" | "evidence_sources" | "quelle" | "quellen" => &["sources"],
        "action" | "task" | "tun" | "was" => &["do"],
        "comment" | "remark" | "kommentar" | "bemerkung" | "notiz" => &["note"],
        "typ" | "kind" => &["type"],
        "titel" => &["title"],
        "von" | "ab" | "seit" | "since" | "start" | "begin" => &["from", "at"],
        "date" | "day" | "datum" | "stichtag" => &["as_of"],
        "bis" | "end" | "ende" => &["until", "to"],
        _ => return None,
    };
    words.iter().find_map(|meant| names.iter().copied().find(|name| name == meant))
}

/// The heading in single brackets of a list of one table, where a table is needed: `[[facts.smoker]]`.
pub(super) fn single_heading(node: &Node, text: &str) -> Option<String> {
    let Data::Array(items) = &node.data else { return None };
    let [one] = &items[..] else { return None };
    let start = text[..one.span.start].rfind('\n').map_or(0, |at| at + 1);
    let line = text[start..].lines().next()?.split('#').next()?.trim();
    let inside = line.strip_prefix("[[")?.strip_suffix("]]")?;
    Some(format!("[{inside}]"))
}
