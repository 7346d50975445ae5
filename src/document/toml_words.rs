//! What the TOML parser says, in words for who writes protocols.

/// How the parser's message begins, what is said instead, and what to do. Of two that begin alike, the longer one is first.
const WORDS: &[(&str, &str, &str)] = &[
    ("duplicate key", "this name is given twice", "each name may be given once: remove one of the two or rename it"),
    ("string values must be quoted", "texts go in quotes", "write it as \"…\", and a condition as '…'"),
    (
        "unexpected key or value",
        "something is left over on this line",
        "put one `name = value` on a line, and texts in quotes",
    ),
    (
        "invalid basic string",
        "this text is not closed, or has a `\"` or `\\` inside",
        "put a condition in single quotes: when = 'x == \"a\"'",
    ),
    ("invalid literal string", "this text is not closed", "end it with the quote that it began with"),
    ("invalid multi-line", "this text is not closed", "end it with the three quotes that it began with"),
    ("missing comma", "a comma is missing before this", "put a comma between the items"),
    ("extra comma", "there is one comma too many", "remove it"),
    ("missing escaped value", "a `\\` has a meaning of its own in double quotes", "use single quotes, or write `\\\\`"),
    ("too few unicode", "a `\\` has a meaning of its own in double quotes", "use single quotes, or write `\\\\`"),
    ("unclosed array table", "this heading is not closed", "end it with `]]`"),
    ("unclosed array", "this list is not closed", "end it with `]`"),
    ("missing array opening", "this list is not opened", "begin it with `[`"),
    ("unclosed inline table", "this table is not closed", "end it with `}`"),
    ("missing inline table opening", "this table is not opened", "begin it with `{`"),
    ("missing key for inline table", "a name is missing here", "write `name = value` between the commas"),
    ("invalid inline table element", "this is not a `name = value`", "write `name = value` between the commas"),
    ("unclosed table", "this heading is not closed", "end it with `]`, or `]]` if it begins with `[[`"),
    ("missing table open", "this heading is not opened", "begin it with `[`, or `[[` if it ends with `]]`"),
    ("key with no value", "this name has no value", "write `name = value`"),
    ("missing value", "this name has no value", "write `name = value`"),
    ("invalid key-value pair", "this is not a `name = value`", "write `name = value`"),
    ("missing assignment", "`=` is missing", "write `name = value`"),
    (
        "invalid unquoted key",
        "a name has letters without accents, digits, `_` and `-`",
        "write it without accents and signs",
    ),
    ("unquoted keys cannot be empty", "a name is missing here", "write `name = value`"),
    ("keys cannot be multi-line", "a name is one word on one line", "write `name = value`"),
    ("missing opening quote", "this text has no quote before it", "write it as \"…\", and a condition as '…'"),
    ("extra `=`", "there is one `=` too many", "write `name = value`"),
    ("extra assignment", "there is one `=` too many", "write `name = value`"),
    ("unexpected `=` in array", "there is a `=` in a list", "put it in braces: `{ name = value }`"),
    (
        "unexpected leading zero",
        "a number does not begin with a zero",
        "if it is a date, write it as 2026-03-02, the year first",
    ),
    ("integers with a radix", "this number cannot be read", "write it in digits, as 12 or 2.5"),
    ("radix must be", "this number cannot be read", "write it in digits, as 12 or 2.5"),
    ("redundant integer", "this number cannot be read", "write it in digits, as 12 or 2.5"),
    ("`_` may only go", "this number cannot be read", "write it in digits, as 12 or 2.5"),
    ("invalid fraction", "this number cannot be read", "write it in digits, as 12 or 2.5"),
    ("invalid exponent", "this number cannot be read", "write it in digits, as 12 or 2.5"),
    ("redundant numeric sign", "there is one sign too many before this number", "write it in digits, as 12 or -2.5"),
    ("unexpected sign", "there is a sign that does not belong here", "write a number in digits, as 12 or -2.5"),
    ("invalid value", "this value cannot be read", "texts go in quotes, numbers are written as 12 or 2.5"),
    ("unexpected content", "something is left over on this line", "put one `name = value` on a line"),
    ("carriage return", "there is an invisible sign in this line", "delete the end of the line and type it again"),
    ("invalid comment", "there is an invisible sign in this comment", "delete it"),
    ("invalid", "this cannot be read", "texts go in quotes, numbers are written as 12 or 2.5, days as 2026-03-02"),
    ("cannot recurse", "lists and tables are nested too deep here", "lay it out flat"),
    ("cannot extend", "this name has a value already, and is no table", "rename one of the two, or remove it"),
];

/// The parser's message in words, and what to do.
pub(super) fn plain_message(message: &str) -> (String, &'static str) {
    match WORDS.iter().find(|(begins, ..)| message.starts_with(begins)) {
        Some((_, words, help)) => ((*words).to_owned(), help),
        None if message.is_empty() => ("this is not TOML".to_owned(), ""),
        None => (message.replace('\n', ", "), ""),
    }
}

#[cfg(test)]
mod tests {
    use toml::de::DeTable;

    use super::*;

    /// Slips of many kinds: what the parser says of them is told in our words.
    #[test]
    fn what_the_parser_says_has_words() {
        const SLIPS: &str = r#"
a = 1¶a = 2
a = b
a = 1 2
a = "b
a = 'b
a = """b
a = '''b
a = [1 2]
a = [1,,2]
a = [,]
a = {b = 1,,}
a = "\q"
a = "\u12"
[[a]
[[a
[a
a]
a = [1¶b = 2
a = 1]
a = {b = 1¶c = [
a = }
a = {1}
a = {,}
a = {b}
a = {b = }
a = {[}
a = {]}
a
a =
= 1
ä = 1
"""a""" = 1
'''a''' = 1
a == 1
a = = 1
a = [b = 1]
a = [= 1]
a = 01
a = +0x1
a = 0X1
a = 0d12
a = 1__2
a = _1
a = 1_
a = ++1
a = --1
a = +
a = 1.
a = .5
a = b"
a = b'
a.b = 1¶a = 2
a = 1¶a.b = 2
a = ]
[]
[a.]
.a = 1
a. = 1
a : 1
]
}
a = {b = 1 c = 2}
a = {b == 1}
a = {b c = 1}
a = true false
a = {¶{ b = 1 }¶]
[a] b
[a]]
a = nul
a = 1e
a = 25:99:00
a = 0xZ
"#;
        for slip in SLIPS.lines().map(|slip| slip.replace('¶', "\n")).chain(["a = 1\rb".into(), "# \u{1}".into()]) {
            let (_, errors) = DeTable::parse_recoverable(&slip);
            for error in errors {
                let (words, help) = plain_message(error.message());
                assert!(!help.is_empty(), "{slip:?}: {words}");
            }
        }
    }
}
