//! Quotes, commas and brackets that are missing, or wrong, around the values of one line; and names of several words.
//!
//! A line is cut into texts, words and signs. Each rule asks for signs in an order that no sound line has, so that a sound line next to a
//! broken one is not blamed.

use std::ops::Range;

use super::mend::is_bare;
use super::slips::{Told, in_quotes};

/// A piece of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// From a quote to the next of its kind.
    Text,
    /// From a quote to the end of the line.
    Open,
    /// A name, or a value without quotes.
    Word,
    /// One sign.
    Sign(char),
}

#[derive(Clone, Debug)]
struct Piece {
    kind: Kind,
    span: Range<usize>,
    /// What is open where it stands: its innermost bracket.
    inside: Option<char>,
}

struct Line<'a> {
    text: &'a str,
    pieces: Vec<Piece>,
}

/// What a closing quote may have been typed as.
const CURLY: &str = "“”„‟‘’‚«»";

/// A longer line is not looked at: of each of its signs, what follows is read again.
const LONGEST: usize = 10_000;

/// Names whose values are conditions: in them, `a = 1` is meant to compare.
const CONDITIONS: [&str; 5] = ["when", "skip", "not_before", "value", "never"];

/// The first slip of this kind in a line.
pub(super) fn told(text: &str) -> Option<Told> {
    if text.contains("\"\"\"") || text.contains("'''") || text.len() > LONGEST {
        return None;
    }
    let line = Line { text, pieces: pieces(text) };
    line.unopened()
        .or_else(|| line.wrong_end())
        .or_else(|| line.run_together())
        .or_else(|| line.spaced_name())
        .or_else(|| line.values())
}

fn pieces(text: &str) -> Vec<Piece> {
    let (mut all, mut open, mut at) = (Vec::new(), Vec::new(), 0);
    while let Some(sign) = text[at..].chars().next() {
        let rest = &text[at..];
        let (kind, length) = match sign {
            '#' => break,
            _ if sign.is_whitespace() => {
                at += sign.len_utf8();
                continue;
            }
            '"' | '\'' => match closing(rest, sign) {
                Some(end) => (Kind::Text, end + 1),
                None => (Kind::Open, rest.trim_end().len()),
            },
            _ if "=,[]{}():".contains(sign) => (Kind::Sign(sign), 1),
            _ => {
                let ends = |next: char| next.is_whitespace() || "=,[]{}():\"#".contains(next);
                (Kind::Word, rest.find(ends).unwrap_or(rest.len()))
            }
        };
        if matches!(kind, Kind::Sign(']' | '}' | ')')) {
            open.pop();
        }
        all.push(Piece { kind, span: at..at + length, inside: open.last().copied() });
        if let Kind::Sign(bracket @ ('[' | '{' | '(')) = kind {
            open.push(bracket);
        }
        at += length;
    }
    all
}

/// Where the text that begins here ends.
fn closing(rest: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    let end = rest.char_indices().skip(1).find(|(_, sign)| {
        let is_end = *sign == quote && !escaped;
        escaped = *sign == '\\' && !escaped && quote == '"';
        is_end
    });
    end.map(|(at, _)| at)
}

/// Whether a value may end before this: at a comma, a bracket, a comment or the end of the line.
fn ends_value(rest: &str) -> bool {
    rest.trim_start().chars().next().is_none_or(|sign| ",]}#".contains(sign))
}

/// Whether the line, but for a comment, ends before this.
fn ends_line(rest: &str) -> bool {
    rest.trim_start().chars().next().is_none_or(|sign| sign == '#')
}

impl<'a> Line<'a> {
    fn of(&self, at: usize) -> &'a str {
        self.pieces.get(at).map_or("", |piece| &self.text[piece.span.clone()])
    }

    fn is(&self, at: usize, kind: Kind) -> bool {
        self.pieces.get(at).is_some_and(|piece| piece.kind == kind)
    }

    /// Whether the piece is the `=` that gives a name its value, and no part of `==` or `<=`.
    fn gives(&self, at: usize) -> bool {
        let Some(piece) = self.pieces.get(at).filter(|piece| piece.kind == Kind::Sign('=')) else { return false };
        !self.text[piece.span.end..].starts_with('=') && !self.text[..piece.span.start].ends_with(['=', '!', '<', '>'])
    }

    /// A name that may be given a value.
    fn is_name(&self, at: usize) -> bool {
        self.is(at, Kind::Word) && self.of(at).chars().all(is_bare)
    }

    /// A text, a number, a date, `true` or `false`.
    fn is_value(&self, at: usize) -> bool {
        let word = self.of(at);
        self.is(at, Kind::Text)
            || (self.is(at, Kind::Word)
                && (matches!(word, "true" | "false")
                    || word.trim_start_matches(['-', '+']).starts_with(|sign: char| sign.is_ascii_digit())))
    }

    fn span(&self, first: usize, last: usize) -> Range<usize> {
        self.pieces[first].span.start..self.pieces[last].span.end
    }

    /// `owner = medical lead"`: a text with a quote behind it and none before it.
    fn unopened(&self) -> Option<Told> {
        let message = "this text has no quote before it";
        for (at, piece) in self.pieces.iter().enumerate() {
            let is_first = at == 1 && self.gives(1) && self.is_name(0);
            if !(is_first || self.gives(at) || matches!(piece.kind, Kind::Sign(',' | '['))) {
                continue;
            }
            let start = self.text.len() - self.text[piece.span.end..].trim_start().len();
            let rest = &self.text[start..];
            if rest.starts_with(['"', '\'', '=', '{', ',', '#']) || (rest.starts_with('[') && is_first) {
                continue;
            }
            if let Some(end) = rest.find('"') {
                let (written, behind) = (&rest[..end], &rest[end + 1..]);
                let is_item =
                    ends_value(behind) && !written.contains([',', '[', ']', '{', '}', '=', '<', '>', '&', '|']);
                if (is_first && ends_line(behind)) || is_item {
                    let told = Told::new(start..start + end + 1, message, "")?;
                    return told.write(in_quotes(written), true);
                }
            }
            if !is_first {
                continue;
            }
            let written = rest.trim_end();
            let Some(quote) = written.chars().last().filter(|sign| matches!(sign, '"' | '\'')) else { continue };
            let inside = &written[..written.len() - 1];
            // Of an even number, one more may be missing within.
            let is_alone =
                if quote == '"' { inside.matches('"').count().is_multiple_of(2) } else { !inside.contains('\'') };
            if is_alone {
                let told = Told::new(start..start + written.len(), message, "")?;
                return told.write(in_quotes(inside), quote == '\'' && inside.contains('"'));
            }
        }
        None
    }

    /// `owner = "medical lead“`, `value = '28 days"`: the quote behind a text is another than that before it.
    fn wrong_end(&self) -> Option<Told> {
        for (at, piece) in self.pieces.iter().enumerate() {
            let written = &self.text[piece.span.clone()];
            // A text that runs on to the next quote has something behind it that cannot stand there.
            let runs_on = piece.kind == Kind::Text
                && self.pieces.get(at + 1).is_some_and(|next| matches!(next.kind, Kind::Word | Kind::Open));
            if piece.kind != Kind::Open && !runs_on {
                continue;
            }
            let Some(quote) = written.chars().next() else { continue };
            let straight = if quote == '"' { '\'' } else { '"' };
            let mut signs = written[1..].char_indices();
            let Some((end, sign)) = signs.find(|(_, sign)| CURLY.contains(*sign) || *sign == straight) else {
                continue;
            };
            let behind = &written[1 + end + sign.len_utf8()..];
            // `'` and `’` may be apostrophes.
            let may_be_letter = matches!(sign, '\'' | '’' | '‘');
            let is_end = if may_be_letter { ends_line(behind) } else { ends_value(behind) };
            if !is_end || (runs_on && may_be_letter) {
                continue;
            }
            let inside = &written[1..1 + end];
            let span = piece.span.start..piece.span.start + 1 + end + sign.len_utf8();
            let message = format!("this text begins with `{quote}` and ends with `{sign}`");
            let told = Told::new(span, message, "")?;
            return match in_quotes(inside) {
                Some(right) if CURLY.contains(sign) => {
                    let help = format!("replace `{sign}` by `{}`: {right}", &right[..1]);
                    Told { help, ..told }.instead(right, !may_be_letter && ends_line(behind))
                }
                right => told.write(right, !may_be_letter && ends_line(behind)),
            };
        }
        None
    }

    /// Two values with nothing between them: a comma, a quote or the end of a line is missing.
    fn run_together(&self) -> Option<Told> {
        for at in 1..self.pieces.len() {
            let before = &self.pieces[at - 1];
            let is_behind_value = (self.is_value(at - 1) && !self.gives(at))
                || (matches!(before.kind, Kind::Sign(']' | '}')) && before.inside.is_some());
            if !is_behind_value || !matches!(self.pieces[at].kind, Kind::Word | Kind::Open) {
                continue;
            }
            // `["14 days, "180 days"]`, `{ label = "x, from = "previous" }`: the comma stands in the text before.
            let text = self.of(at - 1);
            if self.is(at - 1, Kind::Text) && !self.is_name_given(at) && self.pieces[at].inside.is_some() {
                let (quote, inside) = (&text[..1], &text[1..text.len() - 1]);
                let told = |end: usize| {
                    let written = inside[..end].trim_end();
                    let message = format!("a quote is missing after `{written}`");
                    let right = format!("{quote}{written}{quote}{}{quote}", &inside[end..]);
                    let help = format!("write {quote}{written}{quote}");
                    Told::new(before.span.clone(), message, help)?.instead(right, true)
                };
                let name = inside.trim_end().strip_suffix('=').map_or("", str::trim_end);
                let name_start = name.rfind(|sign| !is_bare(sign)).map_or(0, |end| end + 1);
                if let Some(end) = name[..name_start].trim_end().strip_suffix(',').filter(|_| name_start < name.len()) {
                    return told(end.len());
                }
                if let Some(end) = inside.trim_end().strip_suffix(',').filter(|end| !end.trim().is_empty()) {
                    return told(end.len());
                }
            }
            // `"face"; no = "none"`: the sign was meant for a comma.
            let start = before.span.start;
            let at = if self.of(at) == ";" { at + 1 } else { at };
            if !self.is_name_given(at) {
                continue;
            }
            let name = self.of(at);
            let is_in_braces = before.inside == Some('{') || self.text.starts_with([' ', '\t']);
            // What is before it, without its name: the value itself, or the bracket that ends it. A `;` was meant for a comma.
            let (span, text) = (start..self.pieces[at].span.end, text.trim_end_matches(';'));
            if is_in_braces {
                let message = format!("a comma is missing before `{name}`");
                let right = format!("{text}, {name}");
                return Told::new(span, message, format!("write {right} = …"))?.instead(right, true);
            }
            let message = format!("two names are given their values on one line: `{}` and `{name}`", self.of(0));
            let help = format!("put `{name} = …` on a line of its own");
            return Told::new(span, message, help)?.instead(format!("{text}\n{name}"), false);
        }
        None
    }

    /// Whether a name stands here, with the `=` that gives it its value.
    fn is_name_given(&self, at: usize) -> bool {
        self.is_name(at) && self.gives(at + 1)
    }

    /// `valid for = "7 days"`: a name of several words.
    fn spaced_name(&self) -> Option<Told> {
        let equals = (0..self.pieces.len()).filter(|at| self.gives(*at));
        for end in equals {
            let first = (0..end).rev().take_while(|at| self.is_name(*at)).last().filter(|first| end - first > 1);
            let Some(first) = first else { continue };
            // `when smoker = true` is a condition with its own `=` missing.
            if first == 0 && CONDITIONS.contains(&self.of(0)) {
                let name = self.of(0);
                let (equals, last) = (self.pieces[end].span.clone(), self.pieces.len() - 1);
                let before = &self.text[self.pieces[1].span.start..equals.start];
                let written = format!("{before}=={}", &self.text[equals.end..self.pieces[last].span.end]);
                let right = (!written.contains('\'')).then(|| format!("{name} = '{written}'"));
                let told = Told::new(self.span(0, last), format!("`=` is missing behind `{name}`"), "")?;
                return told.write(right, false);
            }
            let is_begun = first == 0 || matches!(self.pieces[first - 1].kind, Kind::Sign('{' | ','));
            let name = (first..end).map(|at| self.of(at)).collect::<Vec<_>>().join("_");
            if is_begun && name.starts_with(|sign: char| sign.is_ascii_alphabetic()) {
                let span = self.span(first, end - 1);
                let message = format!("a name is one word, and `{}` are {}", &self.text[span.clone()], end - first);
                return Told::new(span, message, "")?.write(Some(name), false);
            }
        }
        None
    }

    /// What is given to the first name of the line, where it should stand in brackets, or in others.
    fn values(&self) -> Option<Told> {
        if !(self.is_name(0) && self.gives(1)) {
            return None;
        }
        let (name, last) = (self.of(0), self.pieces.len() - 1);
        if last == 1 {
            let help = "write the value after the `=`, or delete the line";
            return Told::new(self.span(0, 1), format!("`{name}` is given no value"), help);
        }
        let all = self.span(2, last);
        // `limits = needle-depth = 1.0`
        if self.is_name(2) && self.gives(3) && last == 4 && self.is_value(4) && !CONDITIONS.contains(&name) {
            let right = format!("{{ {} }}", &self.text[all.clone()]);
            let message = format!("`{name}` is given a name with a value, which goes in braces");
            return Told::new(all, message, "")?.write(Some(right), false);
        }
        let open = match self.pieces[2].kind {
            Kind::Sign(open @ ('[' | '{' | '(')) => Some(open),
            _ => None,
        };
        let items = if open.is_some() { 3..last } else { 2..last + 1 };
        let values: Vec<&str> = items.clone().filter(|at| self.is_value(*at)).map(|at| self.of(at)).collect();
        let is_list = items.clone().all(|at| self.is_value(at) || self.is(at, Kind::Sign(',')));
        // `"the "15th" day"`: a word that begins right behind a quote belongs to the text.
        let touches = |at: usize| {
            let [before, next] = [&self.pieces[at - 1], &self.pieces[at]];
            before.span.end == next.span.start && self.is_value(at - 1) && self.is_value(at)
        };
        if !is_list || values.is_empty() || items.clone().skip(1).any(touches) {
            return None;
        }
        let list = format!("[{}]", values.join(", "));
        match (open, self.of(last)) {
            (Some('['), "]") => None,
            // A day in brackets lacks the name that says what it is: told elsewhere.
            (Some(_), _) if name == "in_force" => None,
            (Some(open), close @ ("]" | "}" | ")")) => {
                let message = format!("a list goes in `[` and `]`, not in `{open}` and `{close}`");
                Told::new(all, message, "")?.write(Some(list), true)
            }
            (Some(_), _) => None,
            // One number with a decimal comma is told of elsewhere.
            (None, _) if values.len() < 2 || !(values[0].starts_with(['"', '\'']) || self.text.contains(", ")) => None,
            (None, _) => {
                let help = format!("write {list}, or one of them where no list is wanted");
                Told::new(all, "several values go in brackets", help)?.instead(list, false)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told_of(line: &str) -> (&str, String, Option<String>, bool) {
        let told = told(line).unwrap_or_else(|| panic!("{line}"));
        let certain = told.instead.as_ref().is_some_and(|(_, certain)| *certain);
        let mended = told.instead.map(|(instead, _)| {
            let mut mended = line.to_owned();
            mended.replace_range(told.span.clone(), &instead);
            mended
        });
        (&line[told.span], told.message, mended, certain)
    }

    #[test]
    fn a_text_without_a_quote_before_it_gets_one_and_loses_nothing() {
        for (line, mended, certain) in [
            (r#"reason = Your skin, has a new "#, r#"reason = "Your skin, has a new ""#, true),
            (r#"label = lead"#, r#"label = "lead""#, true),
            (r#"until = Don't = stop"#, r#"until = "Don't = stop""#, true),
            (r#"hours = 9 to 17"#, r#"hours = "9 to 17""#, true),
            (r#"sources = ["a", clinic"#, r#"sources = ["a", "clinic""#, true),
        ] {
            let behind = if line.starts_with("sources") { "]" } else { " # or so" };
            let whole = format!("{line}\"{behind}");
            let (_, message, right, is_certain) = told_of(&whole);
            assert_eq!(message, "this text has no quote before it", "{line}");
            assert_eq!((right, is_certain), (Some(format!("{mended}{behind}")), certain), "{line}");
        }
        for (line, mended, certain) in [
            (r#"when = x == "a"'"#, r#"when = 'x == "a"'"#, true),
            (r#"when = x > 1'"#, r#"when = "x > 1""#, false),
            (r#"title = Peel for "deep" scars""#, r#"title = 'Peel for "deep" scars'"#, false),
            (r#"interval = { id = x", label = "y" }"#, r#"interval = { id = "x", label = "y" }"#, true),
        ] {
            let (_, message, right, is_certain) = told_of(line);
            assert_eq!(message, "this text has no quote before it", "{line}");
            assert_eq!((right.as_deref(), is_certain), (Some(mended), certain), "{line}");
        }
    }

    #[test]
    fn a_text_ends_with_the_quote_that_it_began_with() {
        for (line, mended, certain) in [
            ("owner = \"medical lead“", "owner = \"medical lead\"", true),
            ("owner = \"medical lead” # he", "owner = \"medical lead\" # he", true),
            ("owner = 'medical lead’", "owner = \"medical lead\"", false),
            ("value = '28 days\"", "value = \"28 days\"", true),
            ("value = \"28 days'", "value = \"28 days\"", false),
            (
                "i = { label = \"interval“, from = \"previous\" }",
                "i = { label = \"interval\", from = \"previous\" }",
                false,
            ),
            ("range = ['14 days\", \"180 days\"]", "range = [\"14 days\", \"180 days\"]", false),
        ] {
            let (_, message, right, is_certain) = told_of(line);
            assert!(message.starts_with("this text begins with"), "{line}: {message}");
            assert_eq!((right.as_deref(), is_certain), (Some(mended), certain), "{line}");
        }
    }

    #[test]
    fn what_is_missing_between_two_values_is_told() {
        for (line, message, mended) in [
            (
                r#"choices = { a = "not pregnant" pregnant = "pregnant" }"#,
                "a comma is missing before `pregnant`",
                r#"choices = { a = "not pregnant", pregnant = "pregnant" }"#,
            ),
            (
                "sessions = { minimum = 3 planned = 4 }",
                "a comma is missing before `planned`",
                "sessions = { minimum = 3, planned = 4 }",
            ),
            (
                "in_force = { from = 2026-01-01 until = 2027-01-01 }",
                "a comma is missing before `until`",
                "in_force = { from = 2026-01-01, until = 2027-01-01 }",
            ),
            ("a = { b = 1; c = 2 }", "a comma is missing before `c`", "a = { b = 1, c = 2 }"),
            ("a = { b = [1] c = 2 }", "a comma is missing before `c`", "a = { b = [1], c = 2 }"),
            (
                r#"title = "Peel" owner = "lead""#,
                "two names are given their values on one line: `title` and `owner`",
                "title = \"Peel\"\nowner = \"lead\"",
            ),
            (
                r#"range = ["14 days, "180 days"]"#,
                "a quote is missing after `14 days`",
                r#"range = ["14 days", "180 days"]"#,
            ),
            (
                r#"i = { label = "interval, from = "previous" }"#,
                "a quote is missing after `interval`",
                r#"i = { label = "interval", from = "previous" }"#,
            ),
        ] {
            let (_, found, right, _) = told_of(line);
            assert_eq!((found.as_str(), right.as_deref()), (message, Some(mended)), "{line}");
        }
    }

    #[test]
    fn what_goes_in_brackets_is_told_with_them() {
        for (line, underlined, mended) in [
            (r#"sources = "a", "b""#, r#""a", "b""#, r#"sources = ["a", "b"]"#),
            (r#"sources = "a" "b""#, r#""a" "b""#, r#"sources = ["a", "b"]"#),
            ("range = 30, 70", "30, 70", "range = [30, 70]"),
            (r#"range = {"14 days", "180 days"}"#, r#"{"14 days", "180 days"}"#, r#"range = ["14 days", "180 days"]"#),
            (r#"range = {"14 days" "180 days"}"#, r#"{"14 days" "180 days"}"#, r#"range = ["14 days", "180 days"]"#),
            (r#"range = ("14 days", "180 days"]"#, r#"("14 days", "180 days"]"#, r#"range = ["14 days", "180 days"]"#),
            ("limits = needle-depth = 1.0", "needle-depth = 1.0", "limits = { needle-depth = 1.0 }"),
            ("valid for = \"7 days\"", "valid for", "valid_for = \"7 days\""),
            ("a = { slow healing = 1 }", "slow healing", "a = { slow_healing = 1 }"),
        ] {
            let (found, _, right, _) = told_of(line);
            assert_eq!((found, right.as_deref()), (underlined, Some(mended)), "{line}");
        }
        let (_, message, right, _) = told_of("when smoker = \"no\" # x");
        assert_eq!(
            (message.as_str(), right.as_deref()),
            ("`=` is missing behind `when`", Some("when = 'smoker == \"no\"' # x"))
        );
        assert_eq!(told_of("value = # none").1, "`value` is given no value");
    }

    #[test]
    fn a_sound_line_and_one_of_another_kind_are_left() {
        for line in [
            r#"a = "x""#,
            r#"a = "it's “so”, they say" # don't "ask""#,
            "when = 'x in [\"a\", \"b\"] && y == \"c\"'",
            "when = x == \"a\"",
            "when = x in [\"a\", \"b\"]",
            "when = 'x == \"a\" # open",
            "when = smoker = true",
            "a = [1, 2]",
            r#"a = [{ b = "c", d = ["e", 'f'] }, { b = 2 }]"#,
            "a = { b = 1, c.d = true }",
            "range = [14, 180",
            "a = 12,5",
            "a = 2026-03-02",
            "  \"a\", \"b\",",
            "[parameters.x]",
            "[[course.session]] # \"x",
            "owner = medical lead",
            "title = \"the “deep” peel",
            "",
        ] {
            assert_eq!(told(line), None, "{line}");
        }
    }
}
