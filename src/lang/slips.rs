//! What people write in an expression that is not the language: signs of a word processor, words for operators, other languages' operators.
//!
//! Rhai would refuse them too, in its own words and at the token before. They are looked for first, outside texts in quotes, so that each is
//! told at its place together with what to write.

use std::ops::Range;

use crate::lang::parse::{Refusal, RefusalKind};
use crate::lang::{apart, in_words, phrases};
use crate::numerals::{Meant, with_comma};
use crate::visible::{code_point, is_invisible};

/// What is said of a text with no quote behind it.
pub(crate) const UNCLOSED_TEXT: &str = "a text is not closed";

/// The first slip of an expression, if there is one.
pub(crate) fn slip(text: &str) -> Option<Refusal> {
    Scan { text, at: 0, brackets: Vec::new(), before: Before::Start }.first()
}

/// What stands before a place, as far as it decides what may follow.
#[derive(Clone, Copy, PartialEq)]
enum Before {
    Start,
    Name,
    Number,
    Point,
    Sign,
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    /// The open brackets: whether commas stand in each.
    brackets: Vec<bool>,
    before: Before,
}

impl Refusal {
    /// Says what to write, and whether nothing else can have been meant.
    fn instead(self, text: impl Into<String>, certain: bool) -> Refusal {
        Refusal { instead: Some((text.into(), certain)), ..self }
    }
}

impl<'a> Scan<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn first(mut self) -> Option<Refusal> {
        while let Some(sign) = self.rest().chars().next() {
            if sign.is_ascii_punctuation()
                && let Some(refusal) = apart::split_word(self.text, self.at)
            {
                return Some(refusal);
            }
            let found = match sign {
                // A comment is refused as a whole, later.
                '/' if self.rest().starts_with("//") || self.rest().starts_with("/*") => return None,
                '"' => self.text_in_quotes(),
                '\'' | '`' => return Some(self.quoted(sign, sign)),
                _ if sign.is_ascii_digit() => self.number(),
                _ if sign.is_ascii_alphabetic() || sign == '_' => self.word(),
                _ if sign.is_ascii() => self.operator(sign),
                _ => return Some(self.foreign(sign)),
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }

    fn refuse(&self, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) -> Refusal {
        Refusal { kind: RefusalKind::Syntax, message: message.into(), help: Some(help.into()), span, instead: None }
    }

    /// The next so many bytes are not the language.
    fn here(&self, length: usize, message: impl Into<String>, help: impl Into<String>) -> Refusal {
        self.refuse(self.at..self.at + length, message, help)
    }

    fn go_on(&mut self, length: usize, before: Before) -> Option<Refusal> {
        self.at += length;
        self.before = before;
        None
    }

    fn text_in_quotes(&mut self) -> Option<Refusal> {
        let mut escaped = false;
        for (at, sign) in self.rest().char_indices().skip(1) {
            match sign {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => return self.go_on(at + 1, Before::Sign),
                _ => {}
            }
        }
        let length = self.rest().trim_end().len();
        Some(self.here(length, UNCLOSED_TEXT, "end it with a double quote"))
    }

    /// A text in quotes that are not the language's.
    fn quoted(&self, open: char, close: char) -> Refusal {
        let inside = &self.rest()[open.len_utf8()..];
        let is_close = |sign: char| sign == close || "“”„‟\"".contains(sign) && "“”„‟«»".contains(open);
        let end = inside.char_indices().find(|(_, sign)| is_close(*sign));
        let Some((end, sign)) = end else {
            return self.here(
                open.len_utf8(),
                format!("`{open}` has no meaning in an expression"),
                "texts go in straight double quotes: \"",
            );
        };
        let written = &inside[..end];
        let length = open.len_utf8() + end + sign.len_utf8();
        let help = format!("write \"{written}\"");
        let refusal = match open {
            '\'' => self.here(length, "texts go in double quotes", help),
            '`' => Refusal { kind: RefusalKind::NotInLanguage, ..self.here(length, "texts go in double quotes", help) },
            _ => self.here(
                length,
                "these quotes have no meaning in an expression",
                format!("use straight quotes: {}", &help[6..]),
            ),
        };
        // What is put into a text there, here stands for itself.
        if written.contains("${") { refusal } else { refusal.instead(format!("\"{written}\""), true) }
    }

    fn number(&mut self) -> Option<Refusal> {
        let rest = self.rest();
        let digits =
            |from: usize| from + rest[from..].bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'_').count();
        let whole = digits(0);
        let date = rest.get(..10).filter(|date| {
            let shape = date
                .bytes()
                .zip(*b"0000-00-00")
                .all(|(byte, like)| if like == b'0' { byte.is_ascii_digit() } else { byte == like });
            shape && !rest[10..].starts_with(|next: char| next.is_ascii_alphanumeric())
        });
        if let Some(date) = date {
            return Some(
                self.here(
                    10,
                    format!("`{date}` is a subtraction here, not a date"),
                    format!("write `date(\"{date}\")`"),
                )
                .instead(format!("date(\"{date}\")"), false),
            );
        }
        let is_operand = self.text[..self.at].trim_end().ends_with(['*', '/', '+', '-']);
        if let Some((length, right)) = in_words::date(rest).filter(|_| !is_operand) {
            let written = &rest[..length];
            let help = "write the year first, as in `date(\"2026-03-02\")`".to_owned();
            let help = right.as_ref().map_or(help, |right| format!("write `{right}`"));
            let refusal = self.here(length, format!("`{written}` is not a date"), help);
            return Some(Refusal { instead: right.map(|right| (right, false)), ..refusal });
        }
        if self.brackets.last() != Some(&true)
            && let Some(refusal) = phrases::thousands_apart(self.text, self.at)
        {
            return Some(refusal);
        }
        // Between the arguments of a call and the items of a list, commas stand for themselves.
        let mut end = whole;
        while self.brackets.last() != Some(&true) && rest[end..].starts_with([',', '.']) && digits(end + 1) > end + 1 {
            end = digits(end + 1);
        }
        let is_number =
            with_comma(&rest[..end]).is_some_and(|meant| meant.only().is_some_and(|one| !one.contains('.')));
        if !is_number
            && self.brackets.last() != Some(&true)
            && let Some(refusal) = in_words::list_without_brackets(self.text, self.at)
        {
            return Some(refusal);
        }
        if self.before == Before::Name
            && let Some(refusal) = apart::number(self.text, self.at)
        {
            return Some(refusal);
        }
        if rest[..end].contains(',') {
            let number = &rest[..end];
            let meant = with_comma(number);
            let help =
                meant.as_ref().map_or_else(|| "write a point before the decimals".into(), |one| one.help("comma"));
            let refusal = self.here(end, format!("`{number}` is not a number"), help);
            return Some(match meant.as_ref().and_then(Meant::only) {
                Some(number) => refusal.instead(number, false),
                None => refusal,
            });
        }
        let fraction =
            rest[whole..].starts_with('.') && rest[whole + 1..].starts_with(|next: char| next.is_ascii_digit());
        let end = if fraction { digits(whole + 1) } else { whole };
        self.go_on(end, Before::Number)
    }

    fn word(&mut self) -> Option<Refusal> {
        let rest = self.rest();
        let length = rest.find(|sign: char| !sign.is_alphanumeric() && sign != '_').unwrap_or(rest.len());
        let word = &rest[..length];
        if let Some(sign) = word.chars().find(|sign| !sign.is_ascii()) {
            return Some(self.strange_letter(word, sign));
        }
        // A word of the language, which no note of a session can be called.
        if self.before == Before::Point && word == "count" {
            let length = length + if rest[length..].starts_with("()") { 2 } else { 0 };
            let refusal = self.here(length, "how many there are is not told by `count`", "write `len()`");
            return Some(refusal.instead("len()", false));
        }
        if self.before == Before::Point {
            return self.go_on(length, Before::Name);
        }
        let after = rest[length..].trim_start();
        // What would change something is refused as such, by the parser.
        if matches!(word, "let" | "const") {
            self.at = self.text.len();
            return None;
        }
        if self.before == Before::Number
            && let Some(refusal) = phrases::behind_number(self.text, self.at, length)
        {
            return Some(refusal);
        }
        if matches!(word, "null" | "NULL" | "Null" | "nil" | "None") {
            return Some(phrases::null(self.text, self.at, length));
        }
        if let Some(refusal) = apart::foreign_if(self.text, self.at, length) {
            return Some(refusal);
        }
        let is_no = matches!(word, "no" | "No" | "kein" | "keine" | "ohne" | "without")
            && after.starts_with(|next: char| next.is_ascii_alphabetic())
            && !["and ", "or ", "und ", "oder "].iter().any(|joint| after.starts_with(joint));
        let is_not = is_no || matches!(word, "not" | "NOT" | "Not" | "nicht");
        let is_in = is_not && ["in ", "IN ", "In "].iter().any(|word| after.starts_with(word));
        if is_not && let Some(refusal) = phrases::negated(self.text, self.at, length).filter(|_| !is_in) {
            return Some(refusal);
        }
        if word == "else" && self.before == Before::Start {
            let help = "a row for the rest says what does not hold of it, as in `when = '!(…)'`";
            return Some(self.here(length, "`else` is not a condition", help));
        }
        let found = match word {
            "and" | "AND" | "And" | "und" => Some(in_words::joint(self.text, self.at, length, "&&", "and")),
            "or" | "OR" | "Or" | "oder" => Some(in_words::joint(self.text, self.at, length, "||", "or")),
            "is" | "IS" | "Is" | "ist" => Some(in_words::is(self.text, self.at, length)),
            "between" | "BETWEEN" | "Between" => Some(in_words::between(self.text, self.at, length)),
            "known" | "unless" => apart::word(self.text, self.at, length),
            "sessions" => in_words::sessions_without_where(self.text, self.at, length),
            _ if self.before == Before::Name => {
                in_words::comparison(self.text, self.at).or_else(|| apart::word(self.text, self.at, length))
            }
            _ => None,
        };
        if found.is_some() {
            return found;
        }
        let not_an_operator = format!("`{word}` is not an operator");
        let found = match word {
            _ if is_in => {
                let span = self.at..self.text.len() - after.len() + 2;
                let message = format!("`{}` is not an operator", &self.text[span.clone()]);
                return Some(self.refuse(span, message, "write `!in`").instead("!in", false));
            }
            "IN" | "In" if self.before == Before::Name => Some((not_an_operator, "write `in`".to_owned())),
            _ if is_not => Some((not_an_operator, "write `!` before what must not hold".to_owned())),
            "then" => {
                Some(("`then` is not part of an `if`".to_owned(), "write `if condition { a } else { b }`".to_owned()))
            }
            "switch" | "case" => Some((
                format!("`{word}` is not part of the protocol language"),
                "write `if condition { a } else { b }`, or rows of a setting".to_owned(),
            )),
            "TRUE" | "True" | "FALSE" | "False" => {
                Some((format!("`{word}` is not a value"), format!("write `{}`", word.to_lowercase())))
            }
            "max" | "min" | "avg" | "average" | "mean" | "last" | "first"
                if after.starts_with(|next: char| next.is_ascii_alphabetic())
                    && (after.contains(" in ")
                        || after.split_whitespace().next().is_some_and(|next| next.contains('.'))) =>
            {
                let help = "there are `any`, `all`, `count` and `sum` over sessions, and the notes of the first and last one: `sessions.last.x`";
                Some((format!("`{word}` over sessions is not part of the protocol language"), help.to_owned()))
            }
            _ => None,
        };
        // `not` binds otherwise than `!`, and what follows the others has to be put in order too.
        let instead = match word {
            "TRUE" | "True" | "FALSE" | "False" | "IN" | "In" => Some((word.to_lowercase(), true)),
            _ => None,
        };
        match found {
            Some((message, help)) => Some(Refusal { instead, ..self.here(length, message, help) }),
            None => self.go_on(length, Before::Name),
        }
    }

    fn operator(&mut self, sign: char) -> Option<Refusal> {
        let rest = self.rest();
        let wrong = [
            ("===", "==", "`===` is not an operator"),
            ("!==", "!=", "`!==` is not an operator"),
            ("<>", "!=", "`<>` is not an operator"),
            ("=<", "<=", "`=<` is not an operator"),
            ("=>", ">=", "`=>` is not an operator"),
            ("=!", "!=", "`=!` is not an operator"),
        ];
        if let Some((wrong, right, message)) = wrong.into_iter().find(|(wrong, ..)| rest.starts_with(wrong)) {
            // What is written from left to right in another language, or in the wrong order, is certain; an arrow is not.
            let refusal = self.here(wrong.len(), message, format!("write `{right}`"));
            return Some(refusal.instead(right, wrong != "=>"));
        }
        if rest.starts_with("||") || rest.starts_with("&&") {
            let refusal = phrases::alternatives(self.text, self.at);
            let refusal = refusal.or_else(|| in_words::one_sided(self.text, self.at));
            return refusal.or_else(|| self.go_on(2, Before::Sign));
        }
        // One operator with a space in it. An arrow may be meant otherwise.
        let spaced = [
            ('>', '=', ">="),
            ('<', '=', "<="),
            ('!', '=', "!="),
            ('=', '=', "=="),
            ('=', '>', ">="),
            ('=', '<', "<="),
        ];
        for (first, second, right) in spaced {
            let length = rest.strip_prefix(first).and_then(|after| {
                let trimmed = after.trim_start_matches(' ').strip_prefix(second)?;
                after.starts_with(' ').then_some(rest.len() - trimmed.len())
            });
            if let Some(length) = length.filter(|length| !rest[*length..].starts_with('=')) {
                let message = format!("`{}` is not an operator", &rest[..length]);
                let refusal = self.here(length, message, format!("write `{right}`"));
                return Some(refusal.instead(right, second == '='));
            }
        }
        let right = ["==", "!=", "<=", ">=", "??", "?.", "..=", "..", "+=", "-=", "*=", "/="];
        if let Some(right) = right.into_iter().find(|right| rest.starts_with(right)) {
            return self.go_on(right.len(), if right == "?." { Before::Point } else { Before::Sign });
        }
        match sign {
            '=' if self.before == Before::Start => {
                let help = "delete it: a condition is written without `=` before it";
                Some(self.here(1, "an expression does not begin with `=`", help).instead("", false))
            }
            '=' => {
                let refusal = self.here(1, "`=` does not compare", "write `==` to ask whether two values are equal");
                let certain = in_words::is_between_terms(&self.text[..self.at], &rest[1..]);
                Some(refusal.instead("==", certain))
            }
            '?' if rest.contains(':') => Some(self.here(
                1,
                "`? :` is not part of the protocol language",
                "write `if condition { a } else { b }`",
            )),
            '?' if rest[1..].trim().is_empty() => {
                let help = "write what must hold, as in `fact == \"choice\"`, or `known(fact)` to ask whether there is an answer; \
                            the question to the patient stands in the dictionary, in `ask`";
                Some(self.here(1, "a condition is not a question", help))
            }
            '?' => {
                let help = "write `??` before what is taken where the value is not known";
                Some(self.here(1, "`?` is not an operator", help).instead("??", false))
            }
            '%' if self.before == Before::Number && ends_value(&rest[1..]) => {
                phrases::behind_number(self.text, self.at, 1).or_else(|| self.go_on(1, Before::Sign))
            }
            ',' | ';' if self.brackets.is_empty() => Some(apart::comma(self.text, self.at)),
            '(' if let Some(refusal) = phrases::list_in_parentheses(self.text, self.at) => Some(refusal),
            ')' if self.brackets.is_empty() => {
                let help = "delete it, or write `(` where it should begin";
                Some(self.here(1, "this `)` closes nothing", help).instead("", false))
            }
            '{' if let Some(refusal) = phrases::in_braces(self.text, self.at) => Some(refusal),
            '(' | '[' | '{' => {
                // Commas part the arguments of a call and the items of a list.
                self.brackets.push(sign == '[' || self.before == Before::Name && sign == '(');
                self.go_on(1, Before::Sign)
            }
            ')' | ']' | '}' => {
                self.brackets.pop();
                self.go_on(1, Before::Sign)
            }
            ':' if self.brackets.is_empty() => {
                let help = "write the condition alone; `==` compares, and `!` before it is its opposite";
                Some(self.here(1, "`:` has no meaning in a condition", help))
            }
            '.' if let Some(refusal) = phrases::point_first(self.text, self.at) => Some(refusal),
            '.' => self.go_on(1, Before::Point),
            _ if sign.is_ascii_whitespace() => {
                self.at += 1;
                None
            }
            _ => self.go_on(1, Before::Sign),
        }
    }

    /// A sign outside ASCII.
    fn foreign(&self, sign: char) -> Refusal {
        let length = sign.len_utf8();
        let instead = match sign {
            '“' | '”' | '„' | '‟' => return self.quoted(sign, '”'),
            '‘' | '’' | '‚' | '‛' => return self.quoted(sign, '’'),
            '«' => return self.quoted(sign, '»'),
            '»' => return self.quoted(sign, '«'),
            '≥' => ">=",
            '≤' => "<=",
            '≠' => "!=",
            '–' | '—' | '−' | '‐' | '‑' => "-",
            '×' | '·' | '⋅' => "*",
            '÷' => "/",
            '∧' => "&&",
            '∨' => "||",
            '¬' => "!",
            _ if sign.is_whitespace() || is_invisible(sign, None) => {
                let message = format!("an invisible sign stands here ({})", code_point(sign));
                let refusal = self.here(length, message, "delete it; type an ordinary space where one is needed");
                return refusal.instead(if sign.is_whitespace() { " " } else { "" }, true);
            }
            _ if sign.is_alphabetic() => {
                let rest = self.rest();
                let end = rest.find(|next: char| !next.is_alphanumeric() && next != '_').unwrap_or(rest.len());
                return self.strange_letter(&rest[..end], sign);
            }
            _ => return self.here(length, format!("`{sign}` has no meaning in an expression"), "delete it"),
        };
        let refusal =
            self.here(length, format!("`{sign}` has no meaning in an expression"), format!("write `{instead}`"));
        refusal.instead(instead, true)
    }

    /// A word with a letter that no name has.
    fn strange_letter(&self, word: &str, sign: char) -> Refusal {
        let message =
            format!("`{word}` is not a name: `{sign}` ({}) is not one of the letters a to z", code_point(sign));
        self.here(
            word.len(),
            message,
            "names have small letters a to z, digits and `_`: type it anew; texts go in double quotes",
        )
    }
}

/// Whether a value may end before this.
fn ends_value(rest: &str) -> bool {
    let rest = rest.trim_start();
    rest.is_empty() || rest.starts_with([')', ']', '}', ',', '&', '|', '?'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_told_at_its_place_with_what_to_write() {
        for (text, underlined, help) in [
            ("a and b", "and", "write `&&` for \"and\""),
            ("x > 4 AND b", "AND", "write `&&` for \"and\""),
            ("a && not b", "not", "write `!` before what must not hold"),
            ("x not in [1]", "not in", "write `!in`"),
            ("a = 1", "=", "write `==` to ask whether two values are equal"),
            ("a === 1", "===", "write `==`"),
            ("a <> 1", "<>", "write `!=`"),
            ("a =< 1", "=<", "write `<=`"),
            ("a ≥ 1", "≥", "write `>=`"),
            ("a – 1", "–", "write `-`"),
            ("a == “x”", "“x”", "use straight quotes: \"x\""),
            ("a == „x“", "„x“", "use straight quotes: \"x\""),
            ("a == ‘x’", "‘x’", "use straight quotes: \"x\""),
            ("a == 'x'", "'x'", "write \"x\""),
            ("a == \"x", "\"x", "end it with a double quote"),
            ("a\u{a0}== 1", "\u{a0}", "delete it; type an ordinary space where one is needed"),
            ("a\u{200b} == 1", "\u{200b}", "delete it; type an ordinary space where one is needed"),
            (
                "sm\u{43e}ker",
                "sm\u{43e}ker",
                "names have small letters a to z, digits and `_`: type it anew; texts go in double quotes",
            ),
            ("hb < 12,5", "12,5", "write a point: 12.5"),
            ("(hb < 12,5)", "12,5", "write a point: 12.5"),
            ("mg > 10,000", "10,000", "write `10000` if the comma parts thousands, or `10` if decimals follow it"),
            ("mg > 1,000,000", "1,000,000", "write 1000000"),
            ("mg > 1.234,5", "1.234,5", "write a point: 1234.5"),
            ("d > 2008-03-02", "2008-03-02", "write `date(\"2008-03-02\")`"),
            ("today - d > 28 days", "28 days", "write `days(28)`"),
            ("a == FALSE", "FALSE", "write `false`"),
            ("a ? 1 : 2", "?", "write `if condition { a } else { b }`"),
        ] {
            let refusal = slip(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((&text[refusal.span.clone()], refusal.help.as_deref()), (underlined, Some(help)), "{text}");
        }
    }

    #[test]
    fn what_is_the_language_is_no_slip() {
        for text in [
            "x in [1,2] && f(3,4) == 12.5",
            "s.is == \"not “curly” and ≥\"",
            "a ?? b",
            "a?.b",
            "x in 1..=3 || x in 0..=2",
            "last == 1 && sessions.last.date + days(28) <= today",
            "any s in sessions where s.depth > 1.0",
            "d - date(\"2008-03-02\") > days(3)",
            "a // it's",
            "",
        ] {
            assert_eq!(slip(text), None, "{text}");
        }
    }
}
