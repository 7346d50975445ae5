//! What became of the properties of protocols, for people.

use textwrap::Options;

use crate::prove::{Outcome, Proof, Proofs};
use crate::visible;

/// Every property with what became of it; of what is refuted, the patient.
#[must_use]
pub fn proofs_text(all: &[Proofs], width: usize) -> String {
    let mut text = String::new();
    for proofs in all {
        text.push_str(&format!("{} {}\n", proofs.protocol, proofs.version));
        if proofs.properties.is_empty() {
            text.push_str("  it has no property\n");
        }
        proofs.properties.iter().for_each(|proof| one(proof, width, &mut text));
        text.push('\n');
    }
    let count = |outcome| all.iter().flat_map(|one| &one.properties).filter(|one| one.outcome == outcome).count();
    text.push_str(&format!(
        "{} proved, {} refuted, {} not proven\n",
        count(Outcome::Proved),
        count(Outcome::Refuted),
        count(Outcome::NotProven)
    ));
    visible::lines(&text).into_owned()
}

fn one(proof: &Proof, width: usize, text: &mut String) {
    let outcome = match proof.outcome {
        Outcome::Proved => "proved",
        Outcome::Refuted => "refuted",
        Outcome::NotProven => "not proven",
    };
    let indent = " ".repeat(14);
    let mut lines = |first: &str, said: &str| {
        let options = Options::new(width).initial_indent(first).subsequent_indent(&indent).break_words(false);
        textwrap::wrap(said, options).iter().for_each(|line| {
            text.push_str(line);
            text.push('\n');
        });
    };
    lines(&format!("  {outcome:<12}"), &proof.id);
    lines(&indent, &proof.claim);
    if !proof.assumptions.is_empty() {
        lines(&indent, &format!("if {}", proof.assumptions.join("; ")));
    }
    if let Some(why) = &proof.why {
        lines(&indent, why);
    }
    if let Some(found) = &proof.counterexample {
        let day = found.not_before.map_or_else(String::new, |day| format!(" until {day}"));
        let set = found.set.iter().map(|set| format!(" --set {set}")).collect::<String>();
        lines(&indent, &format!("as of {}{set}, this patient is {}{day}:", found.as_of, found.status));
        text.push_str(&found.record);
    }
}
