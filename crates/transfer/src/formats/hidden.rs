//! Texts of a file that are wiped from memory.

use std::fmt;

use countersign_seal::Secret;
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use zeroize::Zeroizing;

/// A text of a file, which may be a password or a seed: wiped when it is dropped, and without `Debug`.
#[derive(Default)]
pub(crate) struct Hidden(Zeroizing<String>);

impl Hidden {
    /// The text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The text as a secret; nothing is copied.
    pub(crate) fn into_secret(mut self) -> Secret {
        Secret::from(std::mem::take(&mut *self.0))
    }

    /// Whether nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Hidden {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&str> for Hidden {
    fn from(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }
}

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_string(Text)
    }
}

struct Text;

impl Visitor<'_> for Text {
    type Value = Hidden;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Hidden, E> {
        Ok(Hidden::from(text))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Hidden, E> {
        Ok(Hidden::from(text))
    }
}
