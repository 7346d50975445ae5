//! Answers of another kind than their fact's, of which it can be told what was meant: `"no"`, `"5,4"`, `"1.5 mm"`, `"IV"`.

use crate::document::Data;
use crate::numerals::with_comma;
use crate::protocol::file::FactType;

const ROMAN: [&str; 6] = ["I", "II", "III", "IV", "V", "VI"];

/// What to do about such an answer, and what to write in its place, where that is one thing.
pub(super) fn meant(kind: FactType, data: &Data) -> Option<(String, Option<String>)> {
    let write = |right: String| Some((format!("write {right}, without quotes"), Some(right)));
    match (kind, data) {
        (FactType::Bool, Data::Text(text)) => match text.trim().to_lowercase().as_str() {
            "yes" | "ja" | "true" | "wahr" => write("true".to_owned()),
            "no" | "nein" | "false" | "falsch" => write("false".to_owned()),
            _ => None,
        },
        (FactType::Bool, Data::Integer(_)) => Some(("write true or false, without quotes".to_owned(), None)),
        (FactType::Integer | FactType::Decimal, Data::Text(text)) => {
            let text = text.trim();
            let is_number =
                |text: &str| text.ends_with(|sign: char| sign.is_ascii_digit()) && text.parse::<f64>().is_ok();
            let (number, unit) = text.split_once(' ').unwrap_or((text, ""));
            if let Some(meant) = with_comma(number) {
                return Some((meant.help("comma"), meant.only().map(str::to_owned).filter(|_| unit.is_empty())));
            }
            if is_number(number) && unit.is_empty() {
                return write(number.to_owned());
            }
            if is_number(number) && unit.starts_with(|sign: char| sign.is_alphabetic() || "%°".contains(sign)) {
                return Some((format!("write {number} alone, without quotes, if it is in the fact's own unit"), None));
            }
            let at = ROMAN.iter().position(|roman| *roman == text).filter(|_| kind == FactType::Integer)?;
            write((at + 1).to_string())
        }
        _ => None,
    }
}
