//! `regimen schema`: JSON Schema for editors and programs.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use schemars::generate::SchemaSettings;
use serde_json::{Value as Json, json};

use super::replay::Replayed;
use super::verify::VerifiedAnswer;
use super::{exit, print, tell_diagnostics, usage};
use crate::Outlook;
use crate::coverage::Coverage;
use crate::diff::Difference;
use crate::mutation::Mutation;
use crate::plan::Plan;
use crate::protocol::load::{case_schema, clinic_schema, facts_schema, protocol_schema};
use crate::protocol::{Clinic, Dictionary};
use crate::prove::Proofs;
use crate::recommendation::Recommendation;

/// Print the JSON Schema for a kind of file
///
/// Example: regimen schema protocol > protocol.schema.json
#[derive(Debug, Args)]
pub(super) struct Schema {
    /// Which kind
    #[arg(value_enum)]
    kind: Kind,
    /// For a record or a case: include the facts of this clinic, with their questions, choices and ranges
    #[arg(long, value_name = "PATH")]
    clinic: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// A protocol.toml
    Protocol,
    /// A facts.toml
    Facts,
    /// A clinic.toml
    Clinic,
    /// A translation, as protocol.de.toml or facts.de.toml
    Translation,
    /// A published/index.toml
    Published,
    /// A case
    Case,
    /// A patient's record
    Record,
    /// The JSON that `recommend --format json` prints
    Recommendation,
    /// The JSON that `plan --format json` prints
    Plan,
    /// The JSON that `when --format json` prints
    Outlook,
    /// The JSON that `test --coverage --format json` prints
    Coverage,
    /// The JSON that `test --mutate --format json` prints
    Mutation,
    /// The JSON that `diff --format json` prints
    Diff,
    /// A line of JSON that `replay --format json` prints
    Replay,
    /// A line of JSON that `verify-trace --format json` prints
    Verified,
    /// Of the JSON that `prove --format json` prints, what is said of one protocol
    Proof,
}

impl Schema {
    pub(super) fn run(&self) -> u8 {
        if self.clinic.is_some() && !matches!(self.kind, Kind::Record | Kind::Case) {
            return usage("--clinic is for `record` and `case`: the other files are the same in every clinic");
        }
        let dictionary = match self.clinic.as_deref().map(Clinic::read) {
            None => None,
            Some((_, found)) if found.has_errors() => {
                tell_diagnostics(&found);
                return exit::MISTAKES;
            }
            Some((clinic, _)) => Some(whole(&clinic)),
        };
        let schema = match self.kind {
            Kind::Protocol => protocol_schema().clone(),
            Kind::Facts => facts_schema().clone(),
            Kind::Clinic => clinic_schema().clone(),
            Kind::Published => crate::protocol::published::index_schema().clone(),
            Kind::Translation => crate::protocol::translation_schema(),
            Kind::Case => case(dictionary.as_ref()),
            Kind::Record => crate::protocol::record_schema(dictionary.as_ref()),
            Kind::Recommendation => written::<Recommendation>(),
            Kind::Plan => written::<Plan>(),
            Kind::Outlook => written::<Outlook>(),
            Kind::Coverage => written::<Vec<Coverage>>(),
            Kind::Mutation => written::<Vec<Mutation>>(),
            Kind::Diff => written::<Difference>(),
            Kind::Replay => written::<Replayed>(),
            Kind::Verified => written::<VerifiedAnswer>(),
            Kind::Proof => written::<Proofs>(),
        };
        print(&crate::visible::json(&format!("{schema:#}\n")))
    }
}

/// The schema of what is written: what is left out when empty is not required.
pub(crate) fn written<T: schemars::JsonSchema>() -> Json {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// The clinic's dictionary with what its protocols declare themselves.
fn whole(clinic: &Clinic) -> Dictionary {
    let mut whole = (*clinic.dictionary).clone();
    for protocol in &clinic.protocols {
        let facts = protocol.dictionary.facts.iter().filter(|fact| clinic.dictionary.fact(&fact.name).is_none());
        whole.facts.extend(facts.cloned());
        let notes = protocol.dictionary.notes.iter().filter(|note| clinic.dictionary.note(&note.name).is_none());
        whole.notes.extend(notes.cloned());
    }
    whole
}

/// The schema of cases, with what it shares with records.
fn case(dictionary: Option<&Dictionary>) -> Json {
    let (mut case, record) = (case_schema().clone(), crate::protocol::record_schema(dictionary));
    for key in ["patient", "recorded", "facts", "earlier", "sessions", "sessions_cover", "sessions_unknown", "planned"]
    {
        let description = case["properties"][key]["description"].clone();
        case["properties"][key] = record["properties"][key].clone();
        case["properties"][key]["description"] = description;
    }
    if let (Some(known), Json::Object(shared)) = (case["$defs"].as_object_mut(), &record["$defs"]) {
        known.extend(shared.clone());
    }
    // An expected date may also be none at all.
    for path in [
        "Expect/properties/not_before",
        "Expect/properties/no_sooner_than",
        "Expect/properties/no_later_than",
        "ExpectWindow/properties/earliest",
        "ExpectWindow/properties/recommended",
        "ExpectWindow/properties/latest",
    ] {
        if let Some(date) = case.pointer_mut(&format!("/$defs/{path}")) {
            let description = date["description"].clone();
            *date = json!({ "description": description, "anyOf": [{ "type": "string", "format": "date" }, { "const": "none" }] });
        }
    }
    case
}
