//! [`Node`] as a serde deserializer, so that the structs of the file format read themselves.
//!
//! The text has been compared with the schema before (see [`super::repair`]), so the errors here are never seen by a user; they
//! would show that the schema and the struct disagree.

use std::ops::Range;

use serde::de::value::{BorrowedStrDeserializer, MapDeserializer, SeqDeserializer, StrDeserializer, UsizeDeserializer};
use serde::de::{self, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::spanned::{END, SPANNED, START, VALUE};
use super::{Data, Key, Node};

type Error = de::value::Error;

impl<'de> Deserializer<'de> for &'de Node {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.data {
            Data::Null | Data::Refused | Data::Other(_) => visitor.visit_unit(),
            Data::Bool(value) => visitor.visit_bool(*value),
            Data::Integer(value) => visitor.visit_i64(*value),
            Data::Decimal(value) => visitor.visit_newtype_struct(Digits(value.to_string())),
            Data::Text(value) | Data::Date(value) => visitor.visit_borrowed_str(value),
            Data::Array(items) => visitor.visit_seq(SeqDeserializer::new(items.iter())),
            Data::Table(entries) => {
                visitor.visit_map(MapDeserializer::new(entries.iter().map(|(key, node)| (key, node))))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name == SPANNED {
            visitor.visit_map(SpannedAccess { span: &self.span, value: self, next: 0 })
        } else {
            self.deserialize_any(visitor)
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let name = self.text().ok_or_else(|| de::Error::custom("expected one of a list of words"))?;
        visitor.visit_enum(BorrowedStrDeserializer::new(name))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Error> for &'de Node {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for &'de Key {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(&self.name)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let value = BorrowedStrDeserializer::new(&self.name);
        if name == SPANNED {
            visitor.visit_map(SpannedAccess { span: &self.span, value, next: 0 })
        } else {
            self.deserialize_any(visitor)
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Error> for &'de Key {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

/// A decimal in transit: its digits.
struct Digits(String);

impl<'de> Deserializer<'de> for Digits {
    type Error = Error;
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        StrDeserializer::new(&self.0).deserialize_any(visitor)
    }
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The three entries that [`super::Spanned`] asks for.
struct SpannedAccess<'de, D> {
    span: &'de Range<usize>,
    value: D,
    next: usize,
}

impl<'de, D: Deserializer<'de, Error = Error> + Copy> MapAccess<'de> for SpannedAccess<'de, D> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some(key) = [START, END, VALUE].get(self.next) else { return Ok(None) };
        self.next += 1;
        seed.deserialize(BorrowedStrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        match self.next {
            1 => seed.deserialize(UsizeDeserializer::<Error>::new(self.span.start)),
            2 => seed.deserialize(UsizeDeserializer::<Error>::new(self.span.end)),
            _ => seed.deserialize(self.value),
        }
    }
}
