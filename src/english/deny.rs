//! Clauses that say the opposite: "there are scars" and "there are no scars".

/// An English clause denied in its own words; none, where "not" could be read as denying a part of it only.
pub(super) fn denied(clause: &str) -> Option<String> {
    // What counts, limits or joins is denied as a whole.
    const BINDING: &[&str] = &[
        "and", "or", "nor", "neither", "not", "no", "none", "never", "only", "all", "every", "each", "any", "both",
        "if", "unless", "but", "also", "may", "must", "should", "always", "some", "again", "two", "three", "four",
        "five", "six", "many", "few", "most",
    ];
    let words: Vec<&str> = clause.split(' ').collect();
    if clause.contains([',', ';', ':', '(']) || words.iter().any(|word| BINDING.contains(word)) {
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
    let verb =
        words.iter().position(|word| ["is", "are", "was", "were", "has", "have", "can", "will"].contains(word))?;
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

#[cfg(test)]
mod tests {
    use super::denied;

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
        ] {
            assert_eq!(denied(clause).as_deref(), Some(other));
        }
        for clause in [
            "the skin heals slowly or marks easily",
            "none of the planned zones may be treated",
            "cream is planned, or may be",
            "the patient has diabetes",
            "only one zone is planned",
            "the scar heals",
            "is",
        ] {
            assert_eq!(denied(clause), None, "{clause}");
        }
    }
}
