//! JSON documents whose lists are read entry by entry.

use std::{fmt, marker::PhantomData};

use countersign_seal::Secret;
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use crate::formats::FileProblem;
use crate::item::ImportRefusal;

/// A document that came as it is, or out of an encrypted file.
pub(crate) enum Content<'b> {
    /// The file itself.
    Plain(&'b [u8]),
    /// A field of it.
    Field(&'b RawValue, &'static str),
    /// What was in it.
    Decrypted(Secret),
}

impl Content<'_> {
    /// The document, without the mark that some editors put before it.
    pub(crate) fn bytes(&self) -> &[u8] {
        let bytes = match self {
            Self::Plain(bytes) => bytes,
            Self::Field(value, _) => value.get().as_bytes(),
            Self::Decrypted(text) => text.expose(),
        };
        bytes.strip_prefix(MARK).unwrap_or(bytes)
    }

    /// Reads it as a document.
    ///
    /// # Errors
    /// [`FileProblem::Damaged`] with the line and column, and in what they are counted.
    pub(crate) fn document<'d, T: Deserialize<'d>>(&'d self, format: &'static str) -> Result<T, FileProblem> {
        serde_json::from_slice(self.bytes()).map_err(|error| match self {
            Self::Plain(_) => problem(format, &error, ""),
            Self::Field(_, name) => problem(format, &error, &format!(" of its field {name}")),
            Self::Decrypted(_) => problem(format, &error, " of its decrypted content"),
        })
    }
}

/// Reads a file as a document.
///
/// # Errors
/// [`FileProblem::Damaged`] with the line and column.
pub(crate) fn document<'d, T: Deserialize<'d>>(format: &'static str, bytes: &'d [u8]) -> Result<T, FileProblem> {
    serde_json::from_slice(bytes.strip_prefix(MARK).unwrap_or(bytes)).map_err(|error| problem(format, &error, ""))
}

fn problem(format: &'static str, error: &serde_json::Error, within: &str) -> FileProblem {
    if error.is_data() && error.to_string().starts_with(TOO_MANY) {
        let reason = format!("it has more than {MOST_ENTRIES} entries: export it in parts");
        return FileProblem::NotReadable { format, reason };
    }
    FileProblem::Damaged { format, place: format!("line {}, column {}{within}", error.line(), error.column()) }
}

/// A list that has no more than so many members; a longer one is refused before it fills the memory.
pub(crate) struct AtMost<T, const MOST: usize>(pub(crate) Vec<T>);

/// The entries of a document, each as it is written: twice as many as are imported at once.
pub(crate) type Entries<'d> = AtMost<&'d RawValue, MOST_ENTRIES>;

/// Names of tags and groups at one entry.
pub(crate) type Names = AtMost<String, 200>;

const MOST_ENTRIES: usize = 200_000;
const TOO_MANY: &str = "more members than are read at once";

impl<T, const MOST: usize> Default for AtMost<T, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'d, T: Deserialize<'d>, const MOST: usize> Deserialize<'d> for AtMost<T, MOST> {
    fn deserialize<D: Deserializer<'d>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Members(PhantomData))
    }
}

struct Members<T, const MOST: usize>(PhantomData<T>);

impl<'d, T: Deserialize<'d>, const MOST: usize> Visitor<'d> for Members<T, MOST> {
    type Value = AtMost<T, MOST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'d>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while members.len() < MOST {
            match list.next_element()? {
                Some(member) => members.push(member),
                None => return Ok(AtMost(members)),
            }
        }
        match list.next_element::<IgnoredAny>()? {
            Some(_) => Err(A::Error::custom(TOO_MANY)),
            None => Ok(AtMost(members)),
        }
    }
}

/// Reads one entry of a list.
///
/// # Errors
/// [`ImportRefusal::FieldWrong`] with the field's name. The library's own message is not told: it repeats the value.
pub(crate) fn entry<'d, T: Deserialize<'d>>(raw: &'d RawValue) -> Result<T, ImportRefusal> {
    let mut reader = serde_json::Deserializer::from_str(raw.get());
    serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        ImportRefusal::FieldWrong(match path.as_str() {
            "." => "entry".to_owned(),
            path => format!("field {}", path.chars().take(LONGEST_PATH).collect::<String>()),
        })
    })
}

const MARK: &[u8] = b"\xef\xbb\xbf";
const LONGEST_PATH: usize = 80;
