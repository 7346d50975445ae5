//! What a decision-support rule discloses: the thirteen source attributes of evidence-based interventions, 45 CFR 170.315(b)(11)(iv)(A), as
//! far as files can tell; and the way from each rule to its sources, its cases, and the changes that these notice.
//!
//! Whether data about a person is used is computed from the expressions. What only a person can state is left open.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use crate::cases::Case;
use crate::diagnostic::{Diagnostics, Place};
use crate::lang::{Expr, ExprId, FactId};
use crate::mutation::{Fate, Mutation, owners};
use crate::protocol::Protocol;
use crate::protocol::file::{Evidence, SourceAttribute};
use crate::protocol::model::Source;
use crate::protocol::published::Index;

/// What stands where a person has to say something.
const OPEN: &str = "………………………………";

/// The name of an attribute in the regulation.
fn title(attribute: SourceAttribute) -> &'static str {
    match attribute {
        SourceAttribute::Race => "Use of race",
        SourceAttribute::Ethnicity => "Use of ethnicity",
        SourceAttribute::Language => "Use of language",
        SourceAttribute::SexualOrientation => "Use of sexual orientation",
        SourceAttribute::GenderIdentity => "Use of gender identity",
        SourceAttribute::Sex => "Use of sex",
        SourceAttribute::DateOfBirth => "Use of date of birth",
        SourceAttribute::SocialDeterminant => "Use of social determinants of health data",
        SourceAttribute::HealthStatusAssessment => "Use of health status assessments data",
    }
}

/// The page, in Markdown. Without `mutation` nothing is said of changes.
#[must_use]
pub(crate) fn markdown(protocol: &Protocol, cases: &[Case], mutation: Option<&Mutation>) -> String {
    let mut out = format!("# Source attributes: {} {}\n\n", cell(&protocol.title), protocol.version);
    out.push_str(
        "As 45 CFR 170.315(b)(11)(iv)(A) lists them for evidence-based decision support interventions, as far as the protocol's files can tell. \
         Whether data is used is computed from the expressions. A dotted line is for a person to fill in.\n\n",
    );
    out.push_str("| | attribute | of this protocol |\n|---:|---|---|\n");
    let citation: Vec<String> = protocol.sources.iter().map(cited).collect();
    let stated =
        |text: &Option<crate::protocol::file::Text>| text.as_ref().map_or(OPEN.to_owned(), |text| cell(&text.value));
    let mut rows = vec![
        ("Bibliographic citation of the intervention".to_owned(), citation.join("<br>")),
        ("Developer of the intervention".to_owned(), stated(&protocol.source_attributes.developer)),
        (
            "Funding source of the technical implementation for the intervention's development".to_owned(),
            stated(&protocol.source_attributes.funding),
        ),
        (
            "Release and, if applicable, revision dates of the intervention or reference source".to_owned(),
            releases(protocol),
        ),
    ];
    rows.extend(SourceAttribute::ALL.map(|one| (title(one).to_owned(), use_of(protocol, one))));
    for (at, (name, text)) in rows.iter().enumerate() {
        let _ = writeln!(out, "| {} | {name} | {text} |", at + 1);
    }
    out.push_str(&traced(protocol, cases, mutation));
    out.push_str("\n## For a person to state\n\n");
    for what in
        ["How severe a wrong answer can be", "Which risk is accepted, and why", "Name, role and signature", "Date"]
    {
        let _ = writeln!(out, "* {what}: {OPEN}");
    }
    out
}

/// A text in a cell of a table.
fn cell(text: &str) -> String {
    crate::visible::text(text).replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;")
}

fn cited(source: &Source) -> String {
    let year = source.year.map_or_else(String::new, |year| format!(" ({year})"));
    let url = source.url.as_ref().map_or_else(String::new, |url| format!(", {}", cell(url)));
    let read = match source.evidence {
        Evidence::Read => "",
        Evidence::Recalled => "; not read again",
        Evidence::Custom => "; custom, not a publication",
    };
    format!("[{}] {}{year}{url}{read}", cell(&source.id), cell(&source.title))
}

/// The published versions; what is not published has no date.
fn releases(protocol: &Protocol) -> String {
    let index = Index::beside(Path::new(&protocol.file.name), &mut Diagnostics::default());
    let versions = index.iter().flat_map(|index| &index.versions).map(|version| {
        let (number, by) = (&version.entry.version.value, cell(&version.entry.by.value));
        let until = version.until.map_or_else(String::new, |until| format!(" until {until}"));
        format!("{number} published on {} by {by}, in force from {}{until}", version.on, version.from)
    });
    let versions: Vec<String> = versions.collect();
    if versions.is_empty() { format!("no version is published; {OPEN}") } else { versions.join("<br>") }
}

/// Whether a kind of data is used, and by what.
fn use_of(protocol: &Protocol, attribute: SourceAttribute) -> String {
    let declared: Vec<&str> = protocol
        .dictionary
        .facts
        .iter()
        .filter(|fact| fact.source_attribute == Some(attribute))
        .map(|fact| fact.name.as_str())
        .collect();
    if declared.is_empty() {
        return "not told: no fact of the dictionary is declared as it".to_owned();
    }
    let read: Vec<String> = declared
        .iter()
        .filter_map(|name| {
            let readers = readers(protocol, name);
            (!readers.is_empty()).then(|| format!("`{name}`: {}", readers.join(", ")))
        })
        .collect();
    match read.is_empty() {
        true => format!(
            "no: nothing reads {}",
            declared.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        ),
        false => format!("yes: {}", read.join("<br>")),
    }
}

/// What reads a fact: rules, settings, the course, instructions; and the questions that are asked because of it.
fn readers(protocol: &Protocol, fact: &str) -> Vec<String> {
    let Some(slot) = protocol.facts.iter().position(|at| protocol.dictionary.facts[*at].name == fact) else {
        return Vec::new();
    };
    let is_it = |id: FactId| usize::from(id.0) == slot;
    let reads = |roots: &[ExprId]| {
        protocol.program.under(roots.iter().copied()).any(|id| match &protocol.program.node(id).expr {
            Expr::Fact(fact) | Expr::Age(fact) => is_it(*fact),
            _ => false,
        })
    };
    // A definition is read by whatever uses it.
    let owners = owners(protocol).into_iter().filter(|(of, _)| !of.starts_with("definition "));
    let instructions =
        protocol.instructions.iter().filter_map(|one| Some((format!("instruction {}", one.id), vec![one.when?])));
    let mut all: Vec<String> = owners.chain(instructions).filter(|(_, roots)| reads(roots)).map(|(of, _)| of).collect();
    let each = protocol.settings.iter().filter(|one| one.each.as_ref().is_some_and(|each| is_it(each.1)));
    all.extend(each.map(|one| format!("setting {}", one.id)));
    let conditions = &protocol.conditions;
    let asked = conditions.asked.iter().filter(|asked| asked.when.facts.iter().any(|fact| is_it(*fact)));
    all.extend(asked.map(|asked| format!("whether `{}` is asked", protocol.fact(asked.fact).name)));
    if conditions.contradictions.iter().any(|one| one.when.facts.iter().any(|fact| is_it(*fact))) {
        all.push("which answers contradict each other".to_owned());
    }
    all.dedup();
    // It has a slot, so something reads it.
    if all.is_empty() {
        all.push("the protocol".to_owned());
    }
    all
}

/// From each rule to its sources, the cases whose answers rest on it, and the changes of it that they notice.
fn traced(protocol: &Protocol, cases: &[Case], mutation: Option<&Mutation>) -> String {
    let mut of_id: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for case in cases {
        let Ok(answer) = protocol.recommend(&case.record, &case.request) else { continue };
        let name = case.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let ids = answer.reasons.iter().map(|one| &one.id).chain(answer.precautions.iter().map(|one| &one.id));
        let settings = answer.settings.iter().map(|one| &one.id);
        for id in ids.chain(settings).chain(answer.instructions.iter().map(|one| &one.id)) {
            let names = of_id.entry(id.clone()).or_default();
            if !names.contains(&name) {
                names.push(name.clone());
            }
        }
    }
    let mut out = "\n## From each rule to its sources and cases\n\n".to_owned();
    out.push_str("A case counts for a rule if its answer rests on it. ");
    out.push_str(match mutation {
        Some(_) => "A change is killed if some case notices it (`regimen test --mutate`).\n\n| rule | sources | cases | changes killed |\n|---|---|---|---|\n",
        None => "How many changes of each rule they notice is told with `--mutate`.\n\n| rule | sources | cases |\n|---|---|---|\n",
    });
    for (kind, id, place, sources) in cites(protocol) {
        let sources =
            sources.iter().map(|at| format!("[{}]", cell(&protocol.sources[*at].id))).collect::<Vec<_>>().join(" ");
        let names = of_id.get(&id).map(Vec::as_slice).unwrap_or_default();
        let names =
            if names.is_empty() { "none".to_owned() } else { format!("{}: {}", names.len(), cell(&names.join(", "))) };
        let of = format!("{kind} {id}");
        let killed = mutation.map_or_else(String::new, |mutation| {
            let own = mutation.mutants.iter().filter(|mutant| mutant.of == of);
            let (all, killed) =
                own.fold((0, 0), |(all, killed), one| (all + 1, killed + usize::from(one.fate == Fate::Killed)));
            if all == 0 { " none tried |".to_owned() } else { format!(" {killed} of {all} |") }
        });
        let _ = writeln!(out, "| {of} (line {}) | {sources} | {names} |{killed}", protocol.line(place));
    }
    out
}

/// Whatever cites sources and has an id: its kind, its id, its place, and the sources.
fn cites(protocol: &Protocol) -> Vec<(String, String, &Place, &[usize])> {
    let mut all: Vec<(String, String, &Place, &[usize])> = Vec::new();
    for rule in &protocol.rules {
        all.push((rule.action.kind().to_string(), rule.id.clone(), &rule.place, &rule.sources));
    }
    for course in &protocol.courses {
        let intervals = course.intervals.iter().map(|one| ("interval", &one.id, &one.place, &one.sources));
        let gaps = course.gaps.iter().map(|one| ("gap", &one.id, &one.place, &one.sources));
        all.extend(
            intervals.chain(gaps).map(|(kind, id, place, sources)| (kind.to_owned(), id.clone(), place, &sources[..])),
        );
    }
    for one in &protocol.separations {
        all.push(("separation".to_owned(), one.id.clone(), &one.place, &one.sources));
    }
    for one in &protocol.settings {
        all.push(("setting".to_owned(), one.id.clone(), &one.place, &one.sources));
    }
    for one in &protocol.instructions {
        all.push(("instruction".to_owned(), one.id.clone(), &one.place, &one.sources));
    }
    all
}
