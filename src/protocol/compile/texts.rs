//! Texts that people read: words, and between braces the expressions whose values stand in them.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::Compiler;
use crate::diagnostic::{Diagnostic, Diagnostics, SourceFile, codes};
use crate::lang::lower::{Context, Wanted, place_in};
use crate::protocol::file::Text;
use crate::protocol::model::{Part, Template};

impl Compiler<'_> {
    /// A text that people read. Its expressions are checked as those of a condition are.
    pub(in crate::protocol) fn template(&mut self, text: &Text) -> Template {
        self.template_within(text, &Context::default())
    }

    pub(in crate::protocol) fn maybe_template(&mut self, text: Option<&Text>) -> Option<Template> {
        text.map(|text| self.template(text))
    }

    pub(super) fn template_within(&mut self, text: &Text, context: &Context) -> Template {
        let mut parts = Vec::new();
        for piece in pieces(text) {
            match piece {
                Piece::Words(words) => parts.push(Part::Words(words)),
                Piece::Expression(span) => {
                    let start = crate::narrow::u32(self.lowerer.program.nodes.len());
                    let root = self.lowerer.lower_part(text, span, &Wanted::Anything, context);
                    parts.extend(root.map(|root| Part::Value(start..root.0 + 1)));
                }
                Piece::Mistake(span, message) => {
                    let place = place_in(self.source, text, &span);
                    self.report(Diagnostic::new(&codes::TEXT_BRACES, message).at(&place).help(HELP));
                }
            }
        }
        Template { parts, span: text.span.clone() }
    }
}

const HELP: &str =
    "between `{` and `}` stands an expression whose value is read; for a brace itself, write it twice: `{{` or `}}`";

/// A part of a text as it is written.
#[derive(Debug, PartialEq)]
enum Piece {
    /// Words, with braces that were written twice.
    Words(String),
    /// The bytes of an expression, without its braces.
    Expression(Range<usize>),
    /// Braces that do not go together, and what is wrong with them.
    Mistake(Range<usize>, &'static str),
}

/// Takes a text apart. In an expression, braces (of `if`) come in pairs, and what stands between double quotes is no brace.
fn pieces(text: &str) -> Vec<Piece> {
    let (mut pieces, mut words, mut at) = (Vec::new(), String::new(), 0);
    while let Some(found) = text[at..].find(['{', '}']).map(|found| at + found) {
        words.push_str(&text[at..found]);
        let brace = &text[found..=found];
        at = found + 1;
        if text[at..].starts_with(brace) {
            words.push_str(brace);
            at += 1;
            continue;
        }
        if !words.is_empty() {
            pieces.push(Piece::Words(std::mem::take(&mut words)));
        }
        if brace == "}" {
            pieces.push(Piece::Mistake(found..at, "this brace closes nothing"));
            continue;
        }
        let Some(end) = end_of_expression(text, at) else {
            pieces.push(Piece::Mistake(found..at, "this brace is not closed"));
            return pieces;
        };
        pieces.push(match text[at..end].trim() {
            "" => Piece::Mistake(found..end + 1, "nothing stands between these braces"),
            _ => Piece::Expression(at..end),
        });
        at = end + 1;
    }
    words.push_str(&text[at..]);
    if !words.is_empty() {
        pieces.push(Piece::Words(words));
    }
    pieces
}

/// The byte of the brace that closes an expression.
fn end_of_expression(text: &str, start: usize) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    for (at, byte) in text.bytes().enumerate().skip(start) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// A text of the dictionary, in which no value can stand: it is the same in every protocol, and asked before anything is known.
pub(in crate::protocol) fn plain_text(text: &Text, source: &Arc<SourceFile>, found: &mut Diagnostics) -> String {
    let mut all = String::new();
    for piece in pieces(text) {
        let (code, span, message) = match piece {
            Piece::Words(words) => {
                all.push_str(&words);
                continue;
            }
            Piece::Expression(span) => (
                &codes::NO_VALUES_HERE,
                span.start - 1..span.end + 1,
                "a text of the dictionary cannot have values in it",
            ),
            Piece::Mistake(span, message) => (&codes::TEXT_BRACES, span, message),
        };
        let help = "write it in words; for a brace itself, write it twice: `{{` or `}}`";
        found.push(Diagnostic::new(code, message).at(&place_in(source, text, &span)).help(help));
    }
    all
}

/// The names in the expressions of a text: of parameters, facts and definitions. Words in quotes are none, and what is called is none.
pub(in crate::protocol) fn names_between_braces(text: &str) -> BTreeSet<String> {
    let is_part = |sign: char| sign.is_ascii_alphanumeric() || sign == '_';
    let mut names = BTreeSet::new();
    for piece in pieces(text) {
        let Piece::Expression(span) = piece else { continue };
        // Every other part stands in quotes.
        for part in text[span].split('"').step_by(2) {
            let begins = |at: usize| !part[..at].ends_with(|sign| is_part(sign) || sign == '.');
            let starts = part.match_indices(|sign: char| sign.is_ascii_alphabetic() || sign == '_');
            for (at, _) in starts.filter(|(at, _)| begins(*at)) {
                let end = part[at..].find(|sign| !is_part(sign)).map_or(part.len(), |end| at + end);
                let word = &part[at..end];
                let is_called = part[end..].trim_start().starts_with('(');
                if !is_called && !["if", "else", "in", "where", "true", "false"].contains(&word) {
                    names.insert(word.to_owned());
                }
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Piece {
        Piece::Words(text.to_owned())
    }

    #[test]
    fn a_text_is_taken_apart_at_its_braces() {
        for (text, expected) in [
            ("", vec![]),
            ("plain", vec![words("plain")]),
            ("ä {x}.", vec![words("ä "), Piece::Expression(4..5), words(".")]),
            ("{x}{y}", vec![Piece::Expression(1..2), Piece::Expression(4..5)]),
            ("{{x}} {y}", vec![words("{x} "), Piece::Expression(7..8)]),
            ("{{{x}}}", vec![words("{"), Piece::Expression(3..4), words("}")]),
            ("{if a { x } else { y }}!", vec![Piece::Expression(1..22), words("!")]),
            (r#"{x == "}" || y == "\"}"}"#, vec![Piece::Expression(1..23)]),
        ] {
            assert_eq!(pieces(text), expected, "{text}");
        }
    }

    #[test]
    fn names_are_found_between_braces_alone() {
        let names = |text: &str| names_between_braces(text).into_iter().collect::<Vec<_>>().join(" ");
        for (text, expected) in [
            ("a b_c", ""),
            ("{a} and {b_c}", "a b_c"),
            ("{{a}} {b}", "b"),
            (r#"{if a == "x y" { days(b) } else { c.len() }}"#, "a b c"),
        ] {
            assert_eq!(names(text), expected, "{text}");
        }
    }

    #[test]
    #[allow(clippy::single_range_in_vec_init, reason = "lists of places, some with one")]
    fn braces_that_do_not_go_together_are_found() {
        let mistakes = |text: &str| -> Vec<Range<usize>> {
            let pieces = pieces(text).into_iter();
            pieces.filter_map(|piece| if let Piece::Mistake(span, _) = piece { Some(span) } else { None }).collect()
        };
        for (text, expected) in [
            ("a } b", vec![2..3]),
            ("a { b", vec![2..3]),
            ("a {} b", vec![2..4]),
            ("{ } } {", vec![0..3, 4..5, 6..7]),
            (r#"{x == "a}"#, vec![0..1]),
            ("{if a { x }", vec![0..1]),
            ("}}}", vec![2..3]),
        ] {
            assert_eq!(mistakes(text), expected, "{text}");
        }
    }
}
