//! Characters that nobody sees, shown: a name in a record must not clear a screen, colour a "no" green or turn a line around.

use std::borrow::Cow;
use std::fmt::Write;

/// A text within a line: control characters, line breaks and invisible characters as `\u{1b}`.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    shown(
        text,
        |c, before, _| c.is_control() || is_invisible(c, before),
        |c, out| write!(out, "\\u{{{:x}}}", u32::from(c)),
    )
}

/// A text of several lines: the same, but for line breaks and tabs.
pub(crate) fn lines(text: &str) -> Cow<'_, str> {
    let hide = |c: char, before: Option<char>, next: Option<char>| match c {
        '\n' | '\t' => false,
        '\r' => next.is_some_and(|next| next != '\n'),
        c => c.is_control() || is_invisible(c, before),
    };
    shown(text, hide, |c, out| write!(out, "\\u{{{:x}}}", u32::from(c)))
}

/// A text as a string of CSS, in which nothing ends the string or the style.
pub(crate) fn style_text(text: &str) -> String {
    let shown = lines(text);
    let escaped = |c: char| match c {
        c if c.is_alphanumeric() || " .,:;()-·".contains(c) => c.to_string(),
        c => format!("\\{:x} ", u32::from(c)),
    };
    format!("\"{}\"", shown.chars().map(escaped).collect::<String>())
}

/// JSON with the same meaning and without such characters: in JSON they stand in texts only, as `\u009b`. Those below U+0020 are
/// escaped in all JSON, or are its line breaks.
pub(crate) fn json(json: &str) -> Cow<'_, str> {
    let hide =
        |c: char, before: Option<char>, _: Option<char>| c >= '\u{7f}' && (c.is_control() || is_invisible(c, before));
    shown(json, hide, |c, out| c.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(out, "\\u{unit:04x}")))
}

/// Whether JSON is sure to have no such characters. Quick: for every line of a batch.
pub(crate) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte < 0x7f)
}

/// Replaces what is hidden, with what stands before and after it.
fn shown(
    text: &str,
    hide: impl Fn(char, Option<char>, Option<char>) -> bool,
    show: impl Fn(char, &mut String) -> std::fmt::Result,
) -> Cow<'_, str> {
    let mut out: Option<String> = None;
    let mut before = None;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if hide(c, before, chars.peek().map(|(_, next)| *next)) {
            // Writing to a text cannot fail.
            let _ = show(c, out.get_or_insert_with(|| text[..at].to_owned()));
        } else if let Some(out) = &mut out {
            out.push(c);
        }
        before = Some(c);
    }
    out.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// How a character is named to people who want to look it up.
pub(crate) fn code_point(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

/// Whether a text says anything: more than blanks and characters that nobody sees.
#[cfg(feature = "cli")]
pub(crate) fn says_something(text: &str) -> bool {
    text.chars().any(|c| !c.is_whitespace() && !c.is_control() && !is_invisible(c, None))
}

/// Characters without a width that change how others are shown, or make two names look alike; after which character decides of joiners.
pub(crate) fn is_invisible(c: char, before: Option<char>) -> bool {
    match c {
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' => true,
        '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}' => true,
        '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}' => true,
        // Joiners belong to the spelling of some languages and to emoji; after a Latin letter or digit they only deceive.
        '\u{200c}' | '\u{200d}' => before.is_none_or(|before| before.is_ascii()),
        _ => false,
    }
}

/// A name without what nobody sees in it: blanks at its ends, and invisible characters.
pub(crate) fn bare(name: &str) -> String {
    name.trim().chars().filter(|c| !c.is_control() && !is_invisible(*c, None)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_shown_and_the_rest_left_alone() {
        let plain = "Müller, 35 °C, «naïve», 木, 👩\u{200d}⚕\u{fe0f}, می\u{200c}خواهم";
        assert!(matches!(text(plain), Cow::Borrowed(same) if same == plain));
        assert_eq!(text("a\x1b[2J\nb\u{9b}c\u{202e}d\u{7f}"), r"a\u{1b}[2J\u{a}b\u{9b}c\u{202e}d\u{7f}");
        assert_eq!(text("P-1\u{200d}\u{feff}"), r"P-1\u{200d}\u{feff}");
        assert_eq!(lines("a\r\nb\t\rc\r"), "a\r\nb\t\\u{d}c\r");
        let value = "a\u{9b}\u{e0041}\u{202e}\u{7f}é";
        let written = serde_json::to_string(value).expect("a text");
        assert_eq!(json(&written), r#""a\u009b\udb40\udc41\u202e\u007fé""#);
        assert_eq!(serde_json::from_str::<String>(&json(&written)).expect("a text"), value);
    }
}
