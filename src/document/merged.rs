//! What a version control system leaves where two versions of a file could not be put together: `<<<<<<<`, `=======`, `>>>>>>>`.

use std::ops::Range;

use super::mend::blank;

/// Takes the second version, and the signs around both, out of a text, so that the first is read: where each first sign stands.
pub(super) fn take_out(text: &mut String) -> Vec<Range<usize>> {
    let mut told = Vec::new();
    let mut at = 0;
    while let Some(begin) = line_with(text, at, "<<<<<<< ") {
        let Some(middle) = line_with(text, begin.end, "=======") else { break };
        let Some(end) = line_with(text, middle.end, ">>>>>>> ") else { break };
        // What was there before both, in some systems, stands between the two.
        let before = line_with(text, begin.end, "|||||||").filter(|before| before.start < middle.start);
        let second = before.map_or(middle.start, |before| before.start)..end.end;
        at = end.end;
        for lines in [begin.clone(), second] {
            let blank = blank(&text[lines.clone()]);
            text.replace_range(lines, &blank);
        }
        told.push(begin);
    }
    told
}

/// The next line that begins with a sign.
fn line_with(text: &str, from: usize, sign: &str) -> Option<Range<usize>> {
    let mut at = from;
    for line in text[from..].split_inclusive('\n') {
        if line.starts_with(sign) && (at == 0 || text[..at].ends_with('\n')) {
            return Some(at..at + line.trim_end().len());
        }
        at += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    #[test]
    fn of_two_versions_the_first_is_read() {
        let both = "a = 1\n<<<<<<< HEAD\nb = 2\n=======\nb = 3\n>>>>>>> other\nc = 4\n";
        let mut text = both.to_owned();
        let told = super::take_out(&mut text);
        assert_eq!(told.into_iter().map(|one| &both[one]).collect::<Vec<_>>(), ["<<<<<<< HEAD"]);
        assert_eq!(text.split_whitespace().collect::<Vec<_>>().join(" "), "a = 1 b = 2 c = 4");
        assert_eq!(text.len(), both.len());
        for whole in ["a = \"<<<<<<< b\"\n", "<<<<<<< a\n=======\n", "a = 1\n=======\n"] {
            let mut text = whole.to_owned();
            assert!(super::take_out(&mut text).is_empty() && text == whole, "{whole}");
        }
    }
}
