//! JSON Schema, generated from the structs of the file format.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value as Json;

/// The schema of a file, without the `null` that TOML does not have.
pub(crate) fn generate<T: JsonSchema>() -> Json {
    let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value();
    without_null(&mut schema);
    schema
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
