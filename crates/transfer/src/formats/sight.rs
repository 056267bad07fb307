//! What a file looks like before it is read: by this each format knows its own.

use std::{cell::RefCell, fmt};

use serde::de::{DeserializeSeed, Deserializer as _, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::table::Beginning;

/// The names at the top of a JSON document, and the columns of a table, as far as the file goes.
pub(crate) struct Sight<'b> {
    bytes: &'b [u8],
    name: &'b str,
    keys: Vec<String>,
    is_list: bool,
    columns: Vec<String>,
}

/// So many names are looked at.
const MOST_NAMES: usize = 200;
const LONGEST_NAME: usize = 100;
/// Bytes in which a head is looked for.
const MOST_HEAD: usize = 8192;

impl<'b> Sight<'b> {
    /// Looks at a file.
    pub(crate) fn of(bytes: &'b [u8]) -> Self {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let (keys, is_list) = if matches!(text.trim_ascii_start().first(), Some(b'{' | b'[')) {
            let names = RefCell::new((Vec::new(), false));
            // A document that is damaged further on still has its first names: it is known, and then told to be damaged.
            let _ = serde_json::Deserializer::from_slice(text).deserialize_any(Names { into: &names, depth: 0 });
            names.into_inner()
        } else {
            (Vec::new(), false)
        };
        let columns = if keys.is_empty() { columns(text) } else { Vec::new() };
        Self { bytes, name: "", keys, is_list, columns }
    }

    /// The same file with its name.
    pub(crate) fn called(self, name: &'b str) -> Self {
        Self { name, ..self }
    }

    /// Whether the file's name ends so, in any case. Names say nothing of a file that bears a mark of its own.
    pub(crate) fn is_named_with(&self, end: &str) -> bool {
        let start = self.name.len().checked_sub(end.len());
        start.and_then(|at| self.name.get(at..)).is_some_and(|own| own.eq_ignore_ascii_case(end))
    }

    /// Whether the file begins with these bytes.
    pub(crate) fn begins_with(&self, magic: &[u8]) -> bool {
        self.bytes.starts_with(magic)
    }

    /// The bytes, for formats that are known by something else.
    pub(crate) const fn bytes(&self) -> &'b [u8] {
        self.bytes
    }

    /// Whether it is a JSON object (and no list of them) with all of these names.
    pub(crate) fn is_object_with(&self, names: &[&str]) -> bool {
        !self.is_list && self.has_keys(names)
    }

    /// Whether it is a JSON list whose first object has all of these names.
    pub(crate) fn is_list_with(&self, names: &[&str]) -> bool {
        self.is_list && self.has_keys(names)
    }

    /// Whether the first line is a table's head with all of these columns, in any order; in small letters.
    pub(crate) fn has_columns(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.columns.iter().any(|column| column == name))
    }

    /// Whether it is a JSON document that has names, or nothing at all.
    pub(crate) fn is_json(&self) -> bool {
        let is_empty = || matches!(self.bytes.trim_ascii(), b"[]" | b"{}");
        !self.keys.is_empty() || is_empty()
    }

    /// The columns of the first line, in small letters; empty for a JSON document.
    pub(crate) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Whether a text stands anywhere in the file; one look over all of it.
    pub(crate) fn holds(&self, text: &str) -> bool {
        memchr::memmem::find(self.bytes, text.as_bytes()).is_some()
    }

    fn has_keys(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.keys.iter().any(|key| key == name))
    }
}

/// The titles of a table's head.
fn columns(text: &[u8]) -> Vec<String> {
    let start = text.get(..MOST_HEAD).unwrap_or(text);
    let titles = Beginning::of(start).titles().take(MOST_NAMES).map(std::str::from_utf8);
    let Ok(titles) = titles.collect::<Result<Vec<&str>, _>>() else { return Vec::new() };
    titles.into_iter().map(|title| title.trim().trim_matches('"').trim().to_lowercase()).collect()
}

/// Gathers the names of an object, or of the first object of a list.
struct Names<'n> {
    into: &'n RefCell<(Vec<String>, bool)>,
    depth: u8,
}

impl<'de> DeserializeSeed<'de> for Names<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Names<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list of objects")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let mut names = self.into.borrow_mut();
            if names.0.len() >= MOST_NAMES {
                return Ok(());
            }
            names.0.push(key.chars().take(LONGEST_NAME).collect());
            drop(names);
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        if self.depth > 0 {
            return Err(A::Error::custom("a list in a list"));
        }
        self.into.borrow_mut().1 = true;
        list.next_element_seed(Names { into: self.into, depth: 1 })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Sight;

    #[test]
    fn names_are_seen_as_far_as_the_file_goes() {
        assert!(Sight::of(br#"{"version":1,"db":{"a":[1,{}]},"header":null}"#).is_object_with(&["db", "header"]));
        assert!(Sight::of(br#"{"version":1,"db":{"a":[1,"#).is_object_with(&["version", "db"]));
        assert!(Sight::of(br#" [{"secret":"A","type":"TOTP"},{"other":1}]"#).is_list_with(&["secret", "type"]));
        assert!(!Sight::of(br#"[{"secret":"A"}]"#).is_object_with(&["secret"]));
        assert!(!Sight::of(br#"[[{"secret":"A"}]]"#).is_list_with(&["secret"]));
        assert!(Sight::of("\u{feff}{\"items\":[]}".as_bytes()).is_object_with(&["items"]));
    }

    #[test]
    fn columns_are_seen_by_any_mark() {
        for head in [
            "Title,Url,Username\na,b,c",
            "\"title\";\"url\";\"username\"\r\n",
            "title\tURL\tusername",
            "sep=;\ntitle;url;username\n",
            "\n\r\ntitle,url,username,\"a;b;c;d\"\n",
        ] {
            assert!(Sight::of(head.as_bytes()).has_columns(&["title", "url", "username"]), "{head}");
        }
        assert!(!Sight::of(b"otpauth://totp/a?secret=B").has_columns(&["title"]));
    }
}
