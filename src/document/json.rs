//! JSON into [`Node`]s.

use std::collections::HashMap;
use std::sync::Arc;

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::{Data, Key, Node, composed, toml::decimal};
use crate::diagnostic::{Diagnostic, Diagnostics, Place, SourceFile, codes};

pub(super) fn parse(file: &Arc<SourceFile>, found: &mut Diagnostics) -> Node {
    let options = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
    };
    let whole = 0..file.text.len();
    let mut reader = Reader { file, found };
    match parse_to_ast(&file.text, &CollectOptions::default(), &options) {
        Ok(result) => match result.value {
            Some(value) => reader.node(&value),
            None => reader.empty(whole, "there is nothing in this file"),
        },
        Err(error) => {
            let range = error.range();
            let message = format!("this is not JSON: {}", lower_first(&error.kind().to_string()));
            reader.empty(range.start..range.end, &message)
        }
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

struct Reader<'a> {
    file: &'a Arc<SourceFile>,
    found: &'a mut Diagnostics,
}

impl Reader<'_> {
    fn empty(&mut self, span: std::ops::Range<usize>, message: &str) -> Node {
        let place = Place { file: self.file.clone(), span: span.clone() };
        self.found.push(Diagnostic::new(&codes::SYNTAX, message).at(&place));
        Node { span, data: Data::Refused }
    }

    fn node(&mut self, value: &Value<'_>) -> Node {
        let range = value.range();
        let span = range.start..range.end;
        let data = match value {
            Value::NullKeyword(_) => Data::Null,
            Value::BooleanLit(literal) => Data::Bool(literal.value),
            Value::StringLit(literal) => Data::Text(composed(literal.value.clone())),
            Value::NumberLit(literal) => match (literal.value.parse::<i64>(), decimal(literal.value)) {
                (Ok(integer), _) => Data::Integer(integer),
                // JSON has one kind of number: 1e2 is 100.
                (_, Some(decimal)) if literal.value.contains(['e', 'E']) && decimal.is_integer() => {
                    i64::try_from(decimal).map_or(Data::Decimal(decimal), Data::Integer)
                }
                (_, Some(decimal)) => Data::Decimal(decimal),
                _ => return self.empty(span, &format!("`{}` is not a number that can be kept exactly", literal.value)),
            },
            Value::Array(array) => Data::Array(array.elements.iter().map(|element| self.node(element)).collect()),
            Value::Object(object) => {
                let mut entries: Vec<(Key, Node)> = Vec::new();
                let mut known: HashMap<&str, std::ops::Range<usize>> = HashMap::new();
                for property in &object.properties {
                    let (name, range) = (composed(property.name.as_str().into()), property.name.range());
                    let key = Key { name, span: range.start..range.end };
                    if let Some(first) = known.get(property.name.as_str()) {
                        let first = Place { file: self.file.clone(), span: first.clone() };
                        let message = format!("`{}` is given twice", key.name);
                        let diagnostic = Diagnostic::new(&codes::SYNTAX, message)
                            .labelled(&key.place(self.file), "again")
                            .see(&first, "first")
                            .help("each name may be given once: remove one of the two or rename it");
                        self.found.push(diagnostic);
                        continue;
                    }
                    known.insert(property.name.as_str(), key.span.clone());
                    let node = self.node(&property.value);
                    entries.push((key, node));
                }
                Data::Table(entries)
            }
        };
        Node { span, data }
    }
}
