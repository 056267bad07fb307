use memmap2::MmapMut;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroize as _;

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
pub struct Secret {
    bytes: Bytes,
}

enum Bytes {
    Heap(Vec<u8>),
    Page {
        /// Pages of its own; the secret is at the beginning.
        page: MmapMut,
        len: usize,
        locked: bool,
    },
}

impl Secret {
    /// The bytes themselves. Keep the borrow short and copy nothing out of it that outlives its use.
    pub fn expose(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Heap(bytes) => bytes,
            Bytes::Page { page, len, .. } => &page[..*len],
        }
    }

    /// The same in pages of its own, which the system is asked not to swap out and to leave out of crash dumps. For the few
    /// keys that live as long as the process: each takes a page, and a process may lock but few. Where the system does not
    /// give them, the secret stays where it is.
    #[must_use]
    pub fn into_own_page(self) -> Self {
        let Ok(mut page) = MmapMut::map_anon(self.len().max(1)) else { return self };
        let locked = page.lock().is_ok();
        #[cfg(target_os = "linux")]
        let _ = page.advise(memmap2::Advice::DontDump);
        page[..self.len()].copy_from_slice(self.expose());
        Self { bytes: Bytes::Page { page, len: self.len(), locked } }
    }

    /// Whether the system keeps it out of swap.
    pub const fn is_locked(&self) -> bool {
        matches!(self.bytes, Bytes::Page { locked: true, .. })
    }

    /// The bytes as text, or `None` when they are not UTF-8.
    pub fn expose_text(&self) -> Option<&str> {
        std::str::from_utf8(self.expose()).ok()
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.expose().len()
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        match &mut self.bytes {
            Bytes::Heap(bytes) => bytes.zeroize(),
            Bytes::Page { page, .. } => page[..].zeroize(),
        }
    }
}

impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes: Bytes::Heap(bytes) }
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self { bytes: Bytes::Heap(text.into_bytes()) }
    }
}

impl From<&[u8]> for Secret {
    fn from(bytes: &[u8]) -> Self {
        Self { bytes: Bytes::Heap(bytes.to_vec()) }
    }
}

/// Takes the caller's buffer and leaves zeroes behind.
impl<const N: usize> From<&mut [u8; N]> for Secret {
    fn from(bytes: &mut [u8; N]) -> Self {
        let secret = Self { bytes: Bytes::Heap(bytes.to_vec()) };
        bytes.zeroize();
        secret
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose().ct_eq(other.expose()).into()
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
    fn a_page_of_its_own_holds_the_same() {
        for text in ["", "hunter2"] {
            let secret = Secret::from(text.to_owned()).into_own_page();
            assert_eq!(secret.expose_text(), Some(text));
            assert_eq!((secret.len(), secret.is_empty()), (text.len(), text.is_empty()));
            assert!(secret == Secret::from(text.to_owned()));
        }
        assert!(!Secret::from("hunter2".to_owned()).is_locked());
    }

    /// `VmFlags` in `smaps`: `lo` is locked, `dd` left out of dumps.
    #[cfg(target_os = "linux")]
    #[test]
    fn promise_7_a_page_of_its_own_is_locked_and_left_out_of_dumps() {
        let secret = Secret::from(vec![7; 32]).into_own_page();
        let at = format!("{:x}-", secret.expose().as_ptr().addr());
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let (_, after) = maps.split_once(&format!("\n{at}")).unwrap();
        let flags = after.lines().find(|line| line.starts_with("VmFlags:")).unwrap();
        assert!(flags.split_whitespace().any(|flag| flag == "dd"), "{flags}");
        assert_eq!(flags.split_whitespace().any(|flag| flag == "lo"), secret.is_locked(), "{flags}");
    }

    #[test]
    fn a_taken_buffer_is_left_empty() {
        let mut key = [7u8; 4];
        let secret = Secret::from(&mut key);
        assert_eq!(key, [0; 4]);
        assert_eq!(secret.expose(), [7; 4]);
    }
}
