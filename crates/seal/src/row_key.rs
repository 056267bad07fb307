use aws_lc_rs::hmac;

use crate::Digest;

/// What of the vault key vouches for rows of the database that no seal covers: who may do what, and by what people and
/// programs are recognised. Whoever can write the database, and has no vault key, can make no such row.
///
/// Prepared once, HMAC-SHA-256 (RFC 2104) under two keys derived from the vault key.
pub struct RowKey {
    /// Marks new rows.
    rows: hmac::Key,
    /// While the vault key is being replaced: also vouches for rows, until all are marked anew.
    other: Option<hmac::Key>,
    bearers: hmac::Key,
}

/// Bytes of a row's mark.
pub const MARK_LEN: usize = 32;

impl RowKey {
    /// From two derived keys.
    pub(crate) fn new(rows: &[u8; 32], bearers: &[u8; 32]) -> Self {
        let key = |bytes: &[u8; 32]| hmac::Key::new(hmac::HMAC_SHA256, bytes);
        Self { rows: key(rows), other: None, bearers: key(bearers) }
    }

    /// The same, with another key that vouches for rows too.
    pub(crate) fn also(self, rows: &[u8; 32]) -> Self {
        Self { other: Some(hmac::Key::new(hmac::HMAC_SHA256, rows)), ..self }
    }

    /// What is stored of a bearer, from its own hash.
    pub fn bearer(&self, hash: &Digest) -> Digest {
        let tag = hmac::sign(&self.bearers, hash.bytes());
        Digest::from_bytes(tag.as_ref()).unwrap_or(Digest::ZERO)
    }

    /// The mark of a row.
    pub fn mark(&self, row: &MarkedRow) -> Vec<u8> {
        hmac::sign(&self.rows, &row.bytes).as_ref().to_vec()
    }

    /// Whether the mark is the row's. Takes the same time wherever they differ.
    pub fn vouches(&self, row: &MarkedRow, mark: &[u8]) -> bool {
        self.is_newest(row, mark) || self.other.as_ref().is_some_and(|key| hmac::verify(key, &row.bytes, mark).is_ok())
    }

    /// Whether the mark is the row's, by the key that marks new rows.
    pub fn is_newest(&self, row: &MarkedRow, mark: &[u8]) -> bool {
        hmac::verify(&self.rows, &row.bytes, mark).is_ok()
    }
}

impl std::fmt::Debug for RowKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RowKey")
    }
}

/// What a row's mark covers: its table, then columns in a fixed order, each with its length, so that no two rows give the
/// same bytes. Absent is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkedRow {
    bytes: Vec<u8>,
}

impl MarkedRow {
    /// Of a table, whose name says in which order the columns come.
    pub fn of(table: &str) -> Self {
        Self { bytes: Vec::with_capacity(256) }.bytes(b"countersign row v1").bytes(table.as_bytes())
    }

    /// Adds a column of bytes.
    #[must_use]
    pub fn bytes(mut self, value: &[u8]) -> Self {
        self.bytes.push(1);
        self.bytes.extend_from_slice(&u64::try_from(value.len()).unwrap_or(u64::MAX).to_le_bytes());
        self.bytes.extend_from_slice(value);
        self
    }

    /// Adds a column of bytes that may be absent.
    #[must_use]
    pub fn maybe(mut self, value: Option<&[u8]>) -> Self {
        match value {
            Some(value) => self.bytes(value),
            None => {
                self.bytes.push(0);
                self
            }
        }
    }

    /// Adds a column of text.
    #[must_use]
    pub fn text(self, value: &str) -> Self {
        self.bytes(value.as_bytes())
    }

    /// Adds a number that may be absent, a time among them.
    #[must_use]
    pub fn number(self, value: Option<i64>) -> Self {
        self.maybe(value.map(i64::to_le_bytes).as_ref().map(<[u8; 8]>::as_slice))
    }

    /// Adds a column that says yes or no.
    #[must_use]
    pub fn flag(self, value: bool) -> Self {
        self.bytes(&[u8::from(value)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_of_one_row_and_one_key() {
        let key = RowKey::new(&[1; 32], &[2; 32]);
        let row = || MarkedRow::of("person").text("alice").maybe(None).number(Some(7)).flag(true);
        let mark = key.mark(&row());
        assert_eq!(mark.len(), MARK_LEN);
        assert!(key.vouches(&row(), &mark));
        let others = [
            MarkedRow::of("persons").text("alice").maybe(None).number(Some(7)).flag(true),
            MarkedRow::of("person").text("alicf").maybe(None).number(Some(7)).flag(true),
            MarkedRow::of("person").text("alice").bytes(b"").number(Some(7)).flag(true),
            MarkedRow::of("person").text("alice").maybe(None).number(None).flag(true),
            MarkedRow::of("person").text("alice").maybe(None).number(Some(7)).flag(false),
            MarkedRow::of("person").text("alice").maybe(None).number(Some(7)),
            MarkedRow::of("person").text("").text("alice").number(Some(7)).flag(true),
        ];
        for other in others {
            assert!(!key.vouches(&other, &mark), "{other:?}");
        }
        assert!(!key.vouches(&row(), &mark[..31]));
        assert!(!key.vouches(&row(), &[]));
        assert!(!RowKey::new(&[3; 32], &[2; 32]).vouches(&row(), &mark));
    }

    #[test]
    fn while_it_is_replaced_the_former_key_vouches_and_marks_nothing() {
        let (former, newest) = (RowKey::new(&[1; 32], &[9; 32]), RowKey::new(&[2; 32], &[9; 32]).also(&[1; 32]));
        let row = || MarkedRow::of("person").text("alice");
        let (old, new) = (former.mark(&row()), newest.mark(&row()));
        assert_ne!(old, new);
        assert!(newest.vouches(&row(), &old) && newest.vouches(&row(), &new));
        assert!(newest.is_newest(&row(), &new) && !newest.is_newest(&row(), &old));
        assert!(!former.vouches(&row(), &new));
        assert!(!RowKey::new(&[2; 32], &[9; 32]).vouches(&row(), &old), "replaced, it vouches for nothing");
    }

    #[test]
    fn what_is_stored_of_a_bearer_needs_the_key() {
        let hash = crate::Sha256::of(b"cs_something");
        let (one, other) = (RowKey::new(&[1; 32], &[2; 32]), RowKey::new(&[1; 32], &[3; 32]));
        assert_eq!(one.bearer(&hash), one.bearer(&hash));
        assert_ne!(one.bearer(&hash), other.bearer(&hash));
        assert_ne!(one.bearer(&hash), hash);
    }
}
