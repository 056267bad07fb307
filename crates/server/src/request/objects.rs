//! Reads objects from objects alone: by itself, serde takes a list with the values of all fields in their order, too, which no
//! description of the API says.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Unexpected, Visitor},
    forward_to_deserialize_any,
};

/// A format that describes itself, such as JSON, of which objects are objects.
pub(crate) struct Objects<D>(pub(crate) D);

macro_rules! pass_on {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method(Inside { visitor, list: true })
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Objects<D> {
    type Error = D::Error;

    pass_on! { deserialize_any deserialize_option deserialize_bytes deserialize_byte_buf }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_struct(name, fields, Inside { visitor, list: false })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_newtype_struct(name, Inside { visitor, list: true })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string unit unit_struct seq tuple tuple_struct map identifier
        ignored_any
    }
}

/// A visitor whose values are read in the same way; a list is nothing for it where it wants an object.
struct Inside<V> {
    visitor: V,
    list: bool,
}

macro_rules! visit_plain {
    ($($method:ident: $kind:ty)*) => {
        $(fn $method<E: serde::de::Error>(self, value: $kind) -> Result<V::Value, E> {
            self.visitor.$method(value)
        })*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Inside<V> {
    type Value = V::Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.visitor.expecting(formatter)
    }

    visit_plain! {
        visit_bool: bool visit_i64: i64 visit_u64: u64 visit_f64: f64 visit_str: &str visit_borrowed_str: &'de str
        visit_string: String visit_bytes: &[u8] visit_borrowed_bytes: &'de [u8] visit_byte_buf: Vec<u8>
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_none()
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<V::Value, E> {
        self.visitor.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_some(Objects(deserializer))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.visitor.visit_newtype_struct(Objects(deserializer))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        if self.list {
            self.visitor.visit_seq(Items(items))
        } else {
            Err(A::Error::invalid_type(Unexpected::Seq, &self))
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, items: A) -> Result<V::Value, A::Error> {
        self.visitor.visit_map(Items(items))
    }
}

/// What stands in a list or an object.
struct Items<A>(A);

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Items<A> {
    type Error = A::Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        self.0.next_element_seed(Seed(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Items<A> {
    type Error = A::Error;

    fn next_key_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, A::Error> {
        self.0.next_value_seed(Seed(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

/// What reads one of them.
struct Seed<T>(T);

impl<'de, T: DeserializeSeed<'de>> DeserializeSeed<'de> for Seed<T> {
    type Value = T::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T::Value, D::Error> {
        self.0.deserialize(Objects(deserializer))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize, Debug, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        name: String,
        one: Option<Inner>,
        #[serde(default)]
        many: Vec<Inner>,
    }

    #[derive(Deserialize, Debug, PartialEq)]
    struct Inner {
        number: u32,
    }

    fn read(text: &str) -> Result<Outer, String> {
        let mut json = serde_json::Deserializer::from_str(text);
        Outer::deserialize(Objects(&mut json)).map_err(|error| error.to_string())
    }

    #[test]
    fn an_object_is_one_at_every_depth() {
        let outer = |one, many: &[u32]| Outer {
            name: "x".to_owned(),
            one: Option::map(one, |number| Inner { number }),
            many: many.iter().map(|number| Inner { number: *number }).collect(),
        };
        for (text, is) in [
            (r#"{"name": "x"}"#, outer(None, &[])),
            (r#"{"name": "x", "one": null, "many": []}"#, outer(None, &[])),
            (r#"{"name": "x", "one": {"number": 1}, "many": [{"number": 2}, {"number": 3}]}"#, outer(Some(1), &[2, 3])),
        ] {
            assert_eq!(read(text).unwrap(), is);
        }
        for (text, says) in [
            (r#"["x", null, []]"#, "invalid type: sequence, expected struct Outer"),
            (r#"{"name": "x", "one": [1]}"#, "invalid type: sequence, expected struct Inner at line 1"),
            (r#"{"name": "x", "many": [[2]]}"#, "invalid type: sequence, expected struct Inner"),
            (r#"{"name": "x", "one": {"number": "2"}}"#, "invalid type: string \"2\", expected u32"),
            (r#"{"name": "x", "other": 1}"#, "unknown field `other`"),
        ] {
            let refusal = read(text).unwrap_err();
            assert!(refusal.contains(says), "{text}: {refusal}");
        }
    }
}
