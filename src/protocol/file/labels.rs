//! What may have a label for people beside its name for programs: choices, definitions and groups of products, in their short and their
//! long form.

use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};

use super::Text;
use crate::document::Spanned;

/// The permitted answers of a choice or a set: a list of names, or a table of names, each with its label for people.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choices {
    /// The names, in the order of the file.
    pub names: Vec<Text>,
    /// The label of each; empty for a plain list.
    pub labels: Vec<Text>,
}

impl Deref for Choices {
    type Target = [Text];
    fn deref(&self) -> &[Text] {
        &self.names
    }
}

impl<'de> Deserialize<'de> for Choices {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ChoicesVisitor;
        impl<'de> Visitor<'de> for ChoicesVisitor {
            type Value = Choices;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of names, or a table of names with labels")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Choices, A::Error> {
                let mut choices = Choices::default();
                while let Some(name) = seq.next_element()? {
                    choices.names.push(name);
                }
                Ok(choices)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Choices, A::Error> {
                let mut choices = Choices::default();
                while let Some((name, label)) = map.next_entry()? {
                    choices.names.push(name);
                    choices.labels.push(label);
                }
                Ok(choices)
            }
        }
        deserializer.deserialize_any(ChoicesVisitor)
    }
}

impl JsonSchema for Choices {
    fn schema_name() -> Cow<'static, str> {
        "Choices".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "anyOf": [
            { "type": "array", "items": { "type": "string" } },
            { "type": "object", "additionalProperties": { "type": "string" } },
        ] })
    }
}

/// A definition: its expression, or a table with the expression and a label for people.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Defined {
    /// The expression.
    pub text: Text,
    /// Whether it was given as `when`, so that it must be a condition.
    pub is_condition: bool,
    /// What people read for its name.
    pub label: Option<Text>,
    /// What is wrong with the table: neither an expression nor two.
    pub wrong: Option<&'static str>,
}

format! {
    /// A condition or a value with a label for people.
    "definition" requires ["label"]
    struct LabelledDefinition {
        /// The condition.
        pub when: Option<Text>,
        /// The value, where it is no condition.
        pub value: Option<Text>,
        /// What people read for its name: for a condition a whole clause, as "the skin heals slowly".
        pub label: Option<Text>,
    }
}

/// The two forms of a definition.
#[derive(Default)]
enum Form {
    #[default]
    Nothing,
    Plain(String),
    Labelled(LabelledDefinition),
}

impl<'de> Deserialize<'de> for Form {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FormVisitor;
        impl<'de> Visitor<'de> for FormVisitor {
            type Value = Form;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an expression, or a table with one")
            }
            fn visit_str<E>(self, text: &str) -> Result<Form, E> {
                Ok(Form::Plain(text.to_owned()))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Form, A::Error> {
                LabelledDefinition::deserialize(de::value::MapAccessDeserializer::new(map)).map(Form::Labelled)
            }
        }
        deserializer.deserialize_any(FormVisitor)
    }
}

impl<'de> Deserialize<'de> for Defined {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Spanned { value, span } = Spanned::<Form>::deserialize(deserializer)?;
        let nothing = Text { value: String::new(), span: span.clone() };
        Ok(match value {
            Form::Nothing => Defined::default(),
            Form::Plain(text) => Defined { text: Text { value: text, span }, ..Defined::default() },
            Form::Labelled(LabelledDefinition { when, value, label }) => {
                let is_condition = when.is_some();
                let wrong = match (&when, &value) {
                    (None, None) => Some("neither `when` nor `value`"),
                    (Some(_), Some(_)) => Some("both `when` and `value`"),
                    _ => None,
                };
                Defined { text: when.or(value).unwrap_or(nothing), is_condition, label, wrong }
            }
        })
    }
}

impl JsonSchema for Defined {
    fn schema_name() -> Cow<'static, str> {
        "Definition".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<LabelledDefinition>();
        schemars::json_schema!({ "anyOf": [{ "type": "string" }, table] })
    }
}

/// A group of products: a list of them, or a table with the list and a label for people.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProductGroup {
    /// The products, as they stand in records.
    pub products: Vec<Text>,
    /// What people read for its name.
    pub label: Option<Text>,
}

format! {
    /// A group of products with a label for people.
    "product group" requires ["label", "products"]
    struct LabelledGroup {
        /// What people read for its name, as "adult hepatitis B vaccine".
        pub label: Option<Text>,
        /// The products, as they stand in records.
        pub products: Vec<Text>,
    }
}

impl<'de> Deserialize<'de> for ProductGroup {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct GroupVisitor;
        impl<'de> Visitor<'de> for GroupVisitor {
            type Value = ProductGroup;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of products, or a table with one")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<ProductGroup, A::Error> {
                let products = Vec::deserialize(de::value::SeqAccessDeserializer::new(seq))?;
                Ok(ProductGroup { products, label: None })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ProductGroup, A::Error> {
                let group = LabelledGroup::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(ProductGroup { products: group.products, label: group.label })
            }
        }
        deserializer.deserialize_any(GroupVisitor)
    }
}

impl JsonSchema for ProductGroup {
    fn schema_name() -> Cow<'static, str> {
        "ProductGroup".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let table = generator.subschema_for::<LabelledGroup>();
        schemars::json_schema!({ "anyOf": [{ "type": "array", "items": { "type": "string" } }, table] })
    }
}
