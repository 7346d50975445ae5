//! Clauses that say the opposite: "there are scars" and "there are no scars".

/// What counts, limits or joins is denied as a whole.
const BINDING: &[&str] = &[
    "and", "or", "nor", "neither", "not", "no", "none", "never", "only", "all", "every", "each", "any", "both", "if",
    "unless", "but", "also", "may", "must", "should", "always", "some", "again", "two", "three", "four", "five", "six",
    "many", "few", "most",
];

/// An English clause denied in its own words; none, where "not" could be read as denying a part of it only.
pub(super) fn denied(clause: &str) -> Option<String> {
    let words: Vec<&str> = clause.split(' ').collect();
    if clause.contains([',', ';', ':', '(']) {
        return None;
    }
    if let Some(neither) = neither(&words) {
        return Some(neither);
    }
    if words.iter().any(|word| BINDING.contains(word)) {
        return None;
    }
    let there = [
        ("there is a ", "there is no "),
        ("there is an ", "there is no "),
        ("there are ", "there are no "),
        ("there has been a ", "there has been no "),
        ("there has been an ", "there has been no "),
        ("there have been ", "there have been no "),
    ];
    if let Some(denied) = there.iter().find_map(|(is, is_not)| Some([is_not, clause.strip_prefix(is)?].concat())) {
        return Some(denied);
    }
    let verb = words.iter().position(|word| VERBS.contains(word))?;
    let next = words.get(verb + 1)?;
    // "has improved", not "has a scar".
    let is_participle =
        next.ends_with("ed") || ["been", "had", "begun", "become", "come", "gone", "taken"].contains(next);
    if matches!(words[verb], "has" | "have") && !is_participle {
        return None;
    }
    let subject = words[..verb].join(" ");
    let of_one = words.first().filter(|word| ["a", "an"].contains(word));
    let is_named = ["the", "this", "these", "that"].contains(&words[0]) || !super::is_plural(&subject);
    Some(match of_one {
        // "A zone is not due" could be said where another is.
        Some(article) => ["no", &clause[article.len()..]].concat(),
        None if is_named => {
            let (before, after) = (words[..=verb].join(" "), words[verb + 1..].join(" "));
            format!("{before} not {after}")
        }
        None => format!("no {clause}"),
    })
}

/// The same of a German clause: "nicht" stands behind its verb.
pub(super) fn denied_in_german(clause: &str) -> Option<String> {
    const BINDING: &[&str] = &[
        "und",
        "oder",
        "weder",
        "noch",
        "nicht",
        "kein",
        "keine",
        "keiner",
        "keinen",
        "nie",
        "nur",
        "alle",
        "jede",
        "jeder",
        "jedes",
        "beide",
        "mindestens",
        "höchstens",
        "schon",
        "eine",
        "ein",
        "einige",
        "zwei",
        "drei",
        "es",
    ];
    if let Some(there) = clause.strip_prefix("es gibt ").filter(|there| !there.contains([',', ';', ':', '('])) {
        return none_in_german(there, BINDING);
    }
    // What hangs on a comma is about a word of the clause.
    let (main, rest) = clause.find(',').map_or((clause, ""), |comma| clause.split_at(comma));
    let words: Vec<&str> = main.split(' ').collect();
    let begins = ["dies", "die", "der", "das"].contains(&words[0]);
    if !begins || clause.contains([';', ':', '(']) || words.iter().any(|word| BINDING.contains(word)) {
        return None;
    }
    let verb =
        words.iter().position(|word| ["ist", "sind", "wird", "werden", "wurde", "hat", "haben"].contains(word))?;
    let (before, after) =
        (words[..=verb].join(" "), words.get(verb + 1..).filter(|after| !after.is_empty())?.join(" "));
    Some(format!("{before} nicht {after}{rest}"))
}

/// What there is, and is not: with an article, or several with an adjective, which then ends like all behind "keine".
fn none_in_german(there: &str, binding: &[&str]) -> Option<String> {
    let (article, noun) = match there.split_once(' ')? {
        ("eine", noun) => ("keine", noun),
        ("einen", noun) => ("keinen", noun),
        ("ein", noun) => ("kein", noun),
        _ => ("", there),
    };
    let words: Vec<&str> = noun.split(' ').collect();
    if words.iter().any(|word| binding.contains(word)) {
        return None;
    }
    let (last, adjectives) = words.split_last()?;
    let are_several = last.ends_with("en")
        && last.starts_with(char::is_uppercase)
        && !adjectives.is_empty()
        && adjectives.iter().all(|word| word.ends_with('e') && word.starts_with(char::is_lowercase));
    match article {
        "" if are_several => Some(format!("es gibt keine {}n {last}", adjectives.join("n "))),
        "" => None,
        article => Some(format!("es gibt {article} {noun}")),
    }
}

/// Verbs that take a "not" behind them.
const VERBS: &[&str] = &["is", "are", "was", "were", "has", "have", "can", "will"];

/// `the skin is red or sore`: "the skin is neither red nor sore". What begins a clause of its own behind "or" is left alone.
fn neither(words: &[&str]) -> Option<String> {
    let (verb, or) =
        (words.iter().position(|word| VERBS[..4].contains(word))?, words.iter().position(|word| *word == "or")?);
    let others = words[..or].iter().chain(&words[or + 1..]);
    let begins_clause =
        words[or + 1..].iter().any(|word| VERBS.contains(word) || ["a", "an", "the", "it", "there"].contains(word));
    if or < verb + 2 || or + 1 == words.len() || begins_clause || others.copied().any(|word| BINDING.contains(&word)) {
        return None;
    }
    let (subject, rest) = (&words[..verb], words[or + 1..].join(" "));
    let (is, first) = (words[verb], words[verb + 1..or].join(" "));
    Some(match subject {
        ["a" | "an", noun @ ..] => format!("no {} {is} {first} or {rest}", noun.join(" ")),
        ["there", ..] => return None,
        _ => format!("{} {is} neither {first} nor {rest}", subject.join(" ")),
    })
}

#[cfg(test)]
mod tests {
    use super::{denied, denied_in_german};

    #[test]
    fn a_clause_is_denied_in_its_own_words_where_it_can_be() {
        for (clause, other) in [
            ("there are depressed scars", "there are no depressed scars"),
            ("there has been a session", "there has been no session"),
            ("the scars have improved well", "the scars have not improved well"),
            ("the sessions are being spaced out", "the sessions are not being spaced out"),
            (
                "this is a first session on skin that marks easily",
                "this is not a first session on skin that marks easily",
            ),
            ("a planned zone is due for review", "no planned zone is due for review"),
            ("zones outside the face are planned", "no zones outside the face are planned"),
            ("isotretinoin has been taken in the past", "isotretinoin has not been taken in the past"),
            ("a course is planned or under way", "no course is planned or under way"),
            ("the skin is red or sore", "the skin is neither red nor sore"),
        ] {
            assert_eq!(denied(clause).as_deref(), Some(other));
        }
        for clause in [
            "the skin heals slowly or marks easily",
            "none of the planned zones may be treated",
            "cream is planned, or may be",
            "the patient has diabetes",
            "only one zone is planned",
            "the skin is red or it hurts",
            "the skin is red or sore and hot",
            "the eye or lip is treated",
            "the scar heals",
            "is",
        ] {
            assert_eq!(denied(clause), None, "{clause}");
        }
    }

    #[test]
    fn a_german_clause_is_denied_behind_its_verb_where_that_denies_the_whole() {
        for (clause, other) in [
            ("die Narben sind besser geworden", "die Narben sind nicht besser geworden"),
            ("es gibt eingesunkene Narben", "es gibt keine eingesunkenen Narben"),
            ("es gibt eine offene Wunde", "es gibt keine offene Wunde"),
            (
                "dies ist die erste Sitzung auf Haut, die leicht Flecken behält",
                "dies ist nicht die erste Sitzung auf Haut, die leicht Flecken behält",
            ),
        ] {
            assert_eq!(denied_in_german(clause).as_deref(), Some(other));
        }
        for clause in [
            "es gibt Narben",
            "es gibt frische Haut",
            "es gibt Narben, die jucken",
            "die Haut heilt langsam oder behält leicht Flecken",
            "die Haut heilt langsam",
            "keine der geplanten Zonen darf behandelt werden",
            "eine Betäubungscreme ist geplant",
            "die Haut ist",
        ] {
            assert_eq!(denied_in_german(clause), None, "{clause}");
        }
    }
}
