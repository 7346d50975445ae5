//! JSON Schema, generated from the structs of the file format.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value as Json;

/// The schema of a file, without the `null` that TOML does not have.
pub(crate) fn generate<T: JsonSchema>() -> Json {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value();
    without_null(&mut schema);
    examples(&mut schema);
    schema
}

/// What an editor shows as an example: the definition (none: the file itself), the key, the example.
const EXAMPLES: &[(&str, &str, &str)] = &[
    ("", "id", "glycolic-peel"),
    ("", "version", "1.0.0"),
    ("", "owner", "medical lead"),
    ("FactEntry", "ask", "Are you pregnant, or could you be?"),
    ("FactEntry", "valid_for", "7 days"),
    ("FactEntry", "unit", "%"),
    ("Indication", "when", "age >= 18"),
    ("Contraindication", "when", "pregnancy_status == \"pregnant\""),
    ("Deferral", "when", "acne_nodules_in_area > 0"),
    ("Deferral", "not_before", "last_filler_date + filler_wait"),
    ("Deferral", "until", "the skin has healed"),
    ("Deferral", "recheck", "today + days(28)"),
    ("Override", "by", "dermatologist"),
    ("Override", "down_to", "0 months"),
    ("Referral", "to", "doctor"),
    ("Precaution", "when", "fitzpatrick >= 4 || pih_history"),
    ("Completion", "when", "sessions_done >= 6"),
    ("SettingRow", "when", "zone in [\"cheek\", \"chin\"]"),
    ("Instruction", "at", "-7 days"),
    ("Instruction", "until", "+7 days"),
    ("RedFlag", "within", "1 day"),
    ("Property", "never", "treat && pregnancy_status == \"pregnant\""),
    ("Property", "always", "not_before >= last_filler_date + filler_wait"),
    ("Interval", "from", "previous"),
    ("Interval", "minimum", "28 days"),
    ("Interval", "latest", "42 days"),
    ("Gap", "after", "180 days"),
    ("Separation", "minimum", "14 days"),
];

fn examples(schema: &mut Json) {
    for (definition, key, example) in EXAMPLES {
        let path = if definition.is_empty() {
            format!("/properties/{key}")
        } else {
            format!("/$defs/{definition}/properties/{key}")
        };
        if let Some(Json::Object(property)) = schema.pointer_mut(&path) {
            property.insert("examples".into(), Json::from(vec![*example]));
        }
    }
}

fn without_null(schema: &mut Json) {
    match schema {
        Json::Object(entries) => {
            if let Some(Json::Array(types)) = entries.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = &types[..] {
                    let only = only.clone();
                    entries.insert("type".into(), only);
                }
            }
            if let Some(Json::Array(options)) = entries.get("anyOf") {
                let kept: Vec<Json> = options.iter().filter(|option| option["type"] != "null").cloned().collect();
                if let [Json::Object(only)] = &kept[..] {
                    let only = only.clone();
                    entries.remove("anyOf");
                    for (key, value) in only {
                        entries.entry(key).or_insert(value);
                    }
                }
            }
            entries.values_mut().for_each(without_null);
        }
        Json::Array(items) => items.iter_mut().for_each(without_null),
        _ => {}
    }
}
