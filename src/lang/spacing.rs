//! An expression on one line with the usual spaces: what is told of it is the same however it is spaced in its file.

/// The signs of more than one character, the longest first.
const SIGNS: [&str; 10] = ["..=", "&&", "||", "==", "!=", "<=", ">=", "??", "=>", ".."];

/// Words behind which a bracket opens something else than what a function is given.
const WORDS: [&str; 4] = ["in", "where", "if", "else"];

/// An expression on one line, with the usual spaces. What stands in quotes stays as it is.
pub(crate) fn one_line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut before, mut is_unary) = (text.trim_start(), "", false);
    while !rest.is_empty() {
        let (token, after) = rest.split_at(length(rest));
        if !out.is_empty() && !is_unary && is_apart(before, token) {
            out.push(' ');
        }
        out.push_str(token);
        is_unary = token == "!" || (token == "-" && !ends_value(before));
        (before, rest) = (token, after.trim_start());
    }
    out
}

/// How many bytes the first token has: a text in quotes, a word or number, a sign.
fn length(rest: &str) -> usize {
    // In a text of TOML, the quotes of an expression may have a sign before them.
    for quote in ["\\\"", "\""] {
        if let Some(inside) = rest.strip_prefix(quote) {
            return inside.find(quote).map_or(rest.len(), |end| end + 2 * quote.len());
        }
    }
    let is_digit = |at: usize| rest.as_bytes().get(at).is_some_and(u8::is_ascii_digit);
    let is_point = |at: usize| &rest[at..=at] == "." && at > 0 && is_digit(at - 1) && is_digit(at + 1);
    let is_word =
        |(at, sign): &(usize, char)| sign.is_alphanumeric() || *sign == '_' || (*sign == '.' && is_point(*at));
    let word = rest.char_indices().find(|one| !is_word(one)).map_or(rest.len(), |(end, _)| end);
    let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign)).map(|sign| sign.len());
    let one = rest.chars().next().map_or(0, char::len_utf8);
    if word > 0 { word } else { sign.unwrap_or(one) }
}

/// Whether a token is the end of a value: a minus behind it takes something away.
fn ends_value(token: &str) -> bool {
    !WORDS.contains(&token)
        && token.ends_with(|sign: char| sign.is_alphanumeric() || matches!(sign, '_' | '"' | ')' | ']' | '}'))
}

/// Whether there is a space between two tokens.
fn is_apart(before: &str, next: &str) -> bool {
    match (before, next) {
        ("(" | "[" | "." | ".." | "..=", _) | (_, ")" | "]" | "," | "." | ".." | "..=") => false,
        // What a function is given, or a place in a list.
        (before, "(" | "[") => {
            !before.ends_with(|sign: char| sign.is_alphanumeric() || sign == '_') || WORDS.contains(&before)
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn spaces_do_not_tell_expressions_apart() {
        for (right, others) in [
            (r#"aged("9 years")"#, &[r#"aged( "9 years" )"#, r#"aged ("9 years")"#][..]),
            (
                r#"a && !b || c in ["x", "y  z"]"#,
                &["a&&!b||c in[\"x\",\"y  z\"]", "a\n  && ! b || c in [ \"x\" , \"y  z\" ]"],
            ),
            ("a - 1 >= -2.5 * (b + 3)", &["a-1>=-2.5*(b+3)", "a - 1 >= - 2.5 * ( b + 3 )"]),
            ("if a { -b } else { 1 }", &["if a{-b}else{1}"]),
            ("any s in sessions where (s.units ?? 0) > 5", &["any s in sessions where(s . units??0)>5"]),
            ("age in 10..=20 || x !in [\"a\"]", &["age in 10 ..= 20||x ! in [\"a\"]"]),
            (r#"sessions_of("filler").last.date + days(14)"#, &[r#"sessions_of( "filler" ) . last.date+days( 14 )"#]),
            (r#"a == \"b  c\""#, &[r#"a==\"b  c\""#]),
            ("", &["  "]),
            ("ü \"", &["ü\""]),
        ] {
            for text in others.iter().chain([&right]) {
                assert_eq!(one_line(text), right, "{text}");
            }
        }
    }
}
