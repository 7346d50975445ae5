//! SARIF 2.1.0, for code scanning and the editors that read it.

use serde_json::{Value as Json, json};

use super::region;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Label, Severity};

/// As a SARIF log of one run, ending with a newline.
#[must_use]
pub fn sarif(diagnostics: &Diagnostics) -> String {
    let mut codes: Vec<&'static Code> = diagnostics.iter().map(|diagnostic| diagnostic.code).collect();
    codes.sort_by_key(|code| code.id);
    codes.dedup_by_key(|code| code.id);
    let rules: Vec<Json> = codes.iter().map(|code| rule(code)).collect();
    let results: Vec<Json> = diagnostics.iter().map(|diagnostic| result(diagnostic, &codes)).collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "regimen", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    crate::visible::json(&format!("{log:#}\n")).into_owned()
}

fn level(severity: Severity) -> &'static str {
    severity.word()
}

fn rule(code: &Code) -> Json {
    json!({
        "id": code.id,
        "name": code.name,
        "shortDescription": { "text": code.name.replace('-', " ") },
        "help": { "text": code.page.trim_end(), "markdown": code.page.trim_end() },
        "defaultConfiguration": { "level": level(code.severity) },
    })
}

fn result(diagnostic: &Diagnostic, codes: &[&Code]) -> Json {
    let mut text = diagnostic.message.clone();
    for help in &diagnostic.help {
        text.push_str(&format!("\n{help}"));
    }
    let mut out = json!({
        "ruleId": diagnostic.code.id,
        "ruleIndex": codes.iter().position(|code| code.id == diagnostic.code.id),
        "level": level(diagnostic.severity),
        "message": { "text": text },
        "locations": diagnostic.label.iter().map(location).collect::<Vec<_>>(),
    });
    if !diagnostic.related.is_empty() {
        out["relatedLocations"] = diagnostic.related.iter().map(location).collect();
    }
    out
}

fn location(label: &Label) -> Json {
    let at = region(&label.place);
    let mut out = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": uri(&label.place.file.name) },
            "region": {
                "startLine": at.line,
                "startColumn": at.column,
                "endLine": at.end_line,
                "endColumn": at.end_column,
            },
        },
    });
    if !label.text.is_empty() {
        out["message"] = json!({ "text": label.text });
    }
    out
}

/// A path as a reference: relative paths stay relative.
fn uri(path: &str) -> String {
    let mut out = String::new();
    if path.starts_with('/') {
        out.push_str("file://");
    }
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(byte.into()),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use crate::diagnostic::render::sample;

    #[test]
    fn a_result_has_its_rule_its_region_and_its_related_places() {
        let log: Json = serde_json::from_str(&super::sarif(&sample())).expect("JSON");
        assert_eq!(log["version"], "2.1.0");
        let run = &log["runs"][0];
        let ids: Vec<&Json> =
            run["tool"]["driver"]["rules"].as_array().expect("rules").iter().map(|r| &r["id"]).collect();
        assert_eq!(ids, ["R100", "R103"]);
        assert_eq!(
            run["results"][0],
            json!({
                "ruleId": "R103",
                "ruleIndex": 1,
                "level": "error",
                "message": { "text": "deferral `young` has no key `wehn`\ndid you mean `when`?" },
                "locations": [{ "physicalLocation": {
                    "artifactLocation": { "uri": "peels/a%20b.toml" },
                    "region": { "startLine": 2, "startColumn": 1, "endLine": 2, "endColumn": 5 },
                } }],
                "relatedLocations": [{
                    "physicalLocation": {
                        "artifactLocation": { "uri": "peels/a%20b.toml" },
                        "region": { "startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 2 },
                    },
                    "message": { "text": "100 % sure,\nhere" },
                }],
            })
        );
        assert_eq!(run["results"][1]["locations"], json!([]));
    }

    #[test]
    fn paths_become_references() {
        assert_eq!(super::uri("/a b/c.toml"), "file:///a%20b/c.toml");
        assert_eq!(super::uri("a\\b.toml"), "a/b.toml");
    }
}
