use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize as _, ZeroizeOnDrop};

/// Bytes that must never be seen by accident: a seed, a password, a key.
///
/// It has no `Debug`, `Display`, `Clone` or `Serialize`, compares in constant time and wipes its memory when dropped.
/// What reads it does so by name ([`Secret::expose`]), so that every place where a secret is opened can be found.
///
/// ```compile_fail
/// let s = countersign_seal::Secret::from("hunter2".to_owned());
/// println!("{s:?}");
/// ```
///
/// ```compile_fail
/// let s = countersign_seal::Secret::from("hunter2".to_owned());
/// println!("{s}");
/// ```
///
/// ```compile_fail
/// let s = countersign_seal::Secret::from("hunter2".to_owned());
/// let _copy = s.clone();
/// ```
#[derive(ZeroizeOnDrop)]
pub struct Secret {
    bytes: Vec<u8>,
}

impl Secret {
    /// The bytes themselves. Keep the borrow short and copy nothing out of it that outlives its use.
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes as text, or `None` when they are not UTF-8.
    pub fn expose_text(&self) -> Option<&str> {
        std::str::from_utf8(&self.bytes).ok()
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes }
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self { bytes: text.into_bytes() }
    }
}

impl From<&[u8]> for Secret {
    fn from(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec() }
    }
}

/// Takes the caller's buffer and leaves zeroes behind.
impl<const N: usize> From<&mut [u8; N]> for Secret {
    fn from(bytes: &mut [u8; N]) -> Self {
        let secret = Self { bytes: bytes.to_vec() };
        bytes.zeroize();
        secret
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.bytes.ct_eq(&other.bytes).into()
    }
}

impl Eq for Secret {}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn equal_only_when_every_byte_is() {
        assert!(Secret::from("a".to_owned()) == Secret::from("a".to_owned()));
        assert!(Secret::from("a".to_owned()) != Secret::from("b".to_owned()));
        assert!(Secret::from("a".to_owned()) != Secret::from("aa".to_owned()));
    }

    #[test]
    fn a_taken_buffer_is_left_empty() {
        let mut key = [7u8; 4];
        let secret = Secret::from(&mut key);
        assert_eq!(key, [0; 4]);
        assert_eq!(secret.expose(), [7; 4]);
    }
}
