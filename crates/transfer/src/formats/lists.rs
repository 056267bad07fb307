//! Lists of JSON documents, of which no more is kept than is used, however long they are.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{FileProblem, Hidden};

/// Entries of one list that are kept: twice what is imported at once.
const MOST_ENTRIES: usize = 200_000;

/// The first of a list, and how many it has; a missing or null one has none, and null within it is nothing.
pub(crate) struct Few<T, const MOST: usize = 32> {
    /// The first ones.
    pub(crate) held: Vec<T>,
    /// How many there are in all.
    pub(crate) count: usize,
}

/// How many a list has.
#[derive(Clone, Copy, Default)]
pub(crate) struct Count(pub(crate) usize);

/// The entries of a list, or of an object without its names, each as it is written.
pub(crate) type Entries<'b> = Few<&'b RawValue, MOST_ENTRIES>;

impl<T, const MOST: usize> Default for Few<T, MOST> {
    fn default() -> Self {
        Self { held: Vec::new(), count: 0 }
    }
}

impl Entries<'_> {
    /// All of them.
    ///
    /// # Errors
    /// There are more than anybody imports at once.
    pub(crate) fn all(&self, format: &'static str) -> Result<&[&RawValue], FileProblem> {
        if self.count > self.held.len() {
            let reason =
                format!("it has {} entries, and at most {MOST_ENTRIES} are read: export it in parts", self.count);
            return Err(FileProblem::NotReadable { format, reason });
        }
        Ok(&self.held)
    }
}

impl<'de, T: Deserialize<'de>, const MOST: usize> Deserialize<'de> for Few<T, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FewOf(PhantomData))
    }
}

struct FewOf<T, const MOST: usize>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const MOST: usize> Visitor<'de> for FewOf<T, MOST> {
    type Value = Few<T, MOST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Few::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut few = Few::default();
        while few.held.len() < MOST {
            let Some(entry) = list.next_element::<Option<T>>()? else { break };
            few.held.extend(entry);
        }
        few.count = few.held.len();
        while list.next_element::<IgnoredAny>()?.is_some() {
            few.count += 1;
        }
        Ok(few)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut few = Few::default();
        while map.next_key::<IgnoredAny>()?.is_some() {
            if few.held.len() < MOST {
                let entry = map.next_value::<Option<T>>()?;
                few.count += usize::from(entry.is_some());
                few.held.extend(entry);
            } else {
                map.next_value::<IgnoredAny>()?;
                few.count += 1;
            }
        }
        Ok(few)
    }
}

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Few::<IgnoredAny, 0>::deserialize(deserializer).map(|few| Self(few.count))
    }
}

/// A text that may be missing.
pub(crate) fn text(field: Option<&Hidden>) -> &str {
    field.map(Hidden::as_str).unwrap_or_default()
}
