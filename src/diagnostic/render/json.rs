//! For programs.

use serde_json::{Map, Value as Json, json};

use super::region;
use crate::diagnostic::{Diagnostic, Diagnostics, Label, Severity};

/// The name and version of the shape. The number changes when a reader of the old shape would be misled.
const SCHEMA: &str = "regimen/diagnostics/1";

/// As JSON, indented, ending with a newline.
#[must_use]
pub fn json(diagnostics: &Diagnostics) -> String {
    let list: Vec<Json> = diagnostics.iter().map(one).collect();
    let whole = json!({
        "schema": SCHEMA,
        "errors": diagnostics.count(Severity::Error),
        "warnings": diagnostics.count(Severity::Warning),
        "notes": diagnostics.count(Severity::Note),
        "diagnostics": list,
    });
    crate::visible::json(&format!("{whole:#}\n")).into_owned()
}

fn one(diagnostic: &Diagnostic) -> Json {
    let mut out = Map::new();
    out.insert("code".into(), diagnostic.code.id.into());
    out.insert("name".into(), diagnostic.code.name.into());
    out.insert("severity".into(), diagnostic.severity.word().into());
    out.insert("message".into(), diagnostic.message.as_str().into());
    if let Some(label) = &diagnostic.label {
        out.insert("place".into(), place(label));
    }
    out.insert("related".into(), diagnostic.related.iter().map(place).collect());
    out.insert("help".into(), diagnostic.help.clone().into());
    if let Some(replacement) = &diagnostic.replacement {
        let at = region(&replacement.place);
        let instead = json!({
            "line": at.line,
            "column": at.column,
            "end_line": at.end_line,
            "end_column": at.end_column,
            "text": replacement.text,
            "certain": replacement.certain,
        });
        out.insert("replacement".into(), instead);
    }
    out.into()
}

fn place(label: &Label) -> Json {
    let at = region(&label.place);
    let mut out = json!({
        "file": label.place.file.name,
        "line": at.line,
        "column": at.column,
        "end_line": at.end_line,
        "end_column": at.end_column,
        "text": label.place.text(),
    });
    if !label.text.is_empty() {
        out["label"] = label.text.as_str().into();
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn places_count_lines_and_characters_from_one() {
        let expected = r#"{
  "schema": "regimen/diagnostics/1",
  "errors": 2,
  "warnings": 0,
  "notes": 0,
  "diagnostics": [
    {
      "code": "R103",
      "name": "unknown-key",
      "severity": "error",
      "message": "deferral `young` has no key `wehn`",
      "place": {
        "file": "peels/a b.toml",
        "line": 2,
        "column": 1,
        "end_line": 2,
        "end_column": 5,
        "text": "wehn"
      },
      "related": [
        {
          "file": "peels/a b.toml",
          "line": 1,
          "column": 1,
          "end_line": 1,
          "end_column": 2,
          "text": "é",
          "label": "100 % sure,\nhere"
        }
      ],
      "help": [
        "did you mean `when`?"
      ]
    },
    {
      "code": "R100",
      "name": "unreadable-file",
      "severity": "error",
      "message": "peels cannot be read: there is no such file or folder",
      "related": [],
      "help": []
    }
  ]
}
"#;
        assert_eq!(super::json(&super::super::sample()), expected);
    }
}
