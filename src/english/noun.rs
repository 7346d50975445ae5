//! English nouns: whether a label is in the plural.

/// Whether a name is in the plural: `mask items in area`, `zones planned for today`. What comes behind the noun does not count.
pub(crate) fn is_plural(name: &str) -> bool {
    const BEHIND: &[&str] = &[
        "in",
        "of",
        "for",
        "to",
        "on",
        "after",
        "before",
        "with",
        "from",
        "that",
        "planned",
        "given",
        "prescribed",
        "outside",
        "at",
        "by",
        "against",
        "about",
        "without",
        "during",
        "since",
    ];
    let words = name.split(' ').enumerate();
    let head = words
        .take_while(|(at, word)| *at == 0 || !(BEHIND.contains(word) || word.starts_with('“')))
        .last()
        .map_or(name, |(_, word)| word);
    const SINGULAR: &[&str] = &["diabetes", "herpes", "measles", "mumps", "rickets", "rabies", "shingles", "scabies"];
    let ends = ["ss", "is", "us", "as"].iter().any(|end| head.ends_with(end)) && head != "areas";
    let is_singular = ends || SINGULAR.contains(&head);
    // An abbreviation, or a length of time that a sentence begins with.
    let is_singular = is_singular
        || head.chars().rev().nth(1).is_some_and(char::is_uppercase)
        || name.starts_with(|sign: char| sign.is_ascii_digit());
    head.ends_with('s') && !is_singular
}

#[cfg(test)]
mod tests {
    use super::is_plural;

    #[test]
    fn the_noun_decides_and_not_what_stands_behind_it() {
        for name in [
            "zones planned for today",
            "cold sores",
            "areas to be injected",
            "units given elsewhere in the last 90 days",
        ] {
            assert!(is_plural(name), "{name}");
        }
        for name in [
            "the setting “Units in all”",
            "history of keloids",
            "diabetes",
            "lupus",
            "anti-HBs",
            "birth outside the United States",
            "6 months",
        ] {
            assert!(!is_plural(name), "{name}");
        }
    }
}
