//! A file for whoever asked for it with a key that was made for this once. What stands between, such as a proxy that ends TLS, a log of
//! answers or a browser's cache, holds nothing that opens.
//!
//! ECDH on P-256 (NIST SP 800-56A §5.7.1.2), HKDF-SHA256 (RFC 5869) and AES-256-GCM: browsers have all three (Web Crypto). The key is
//! HKDF of the shared secret without salt, its info `countersign handover 1`, the sender's point and the recipient's; since each key
//! seals one file, the nonce is zero. The label is associated data, so that no file is taken for another.

use std::fmt;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree},
    hkdf::{HKDF_SHA256, KeyType, Salt},
};
use countersign_model::Chance;
use zeroize::Zeroizing;

use crate::NotOpened;

/// A point on P-256, uncompressed (SEC 1 §2.3.3): 0x04, then x and y.
pub const POINT_LEN: usize = 65;
const UNCOMPRESSED: u8 = 4;

/// The public key of who asks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RecipientKey([u8; POINT_LEN]);

/// It is no point on P-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no public key on P-256: send its uncompressed point, 65 bytes")]
pub struct NotAPoint;

/// A file, sealed for one recipient.
#[derive(Clone, PartialEq, Eq)]
pub struct HandedOver {
    /// The sender's point, made for this file.
    pub sender: [u8; POINT_LEN],
    /// The file, with the tag behind it.
    pub bytes: Vec<u8>,
}

/// The key of who asks: made for one answer.
pub struct OneTimeKey(PrivateKey);

impl RecipientKey {
    /// Takes a point that was sent.
    ///
    /// # Errors
    /// [`NotAPoint`], also for a point that is not on the curve.
    pub fn parse(bytes: &[u8], chance: &dyn Chance) -> Result<Self, NotAPoint> {
        let point = Self(bytes.try_into().map_err(|_| NotAPoint)?);
        if bytes.first() != Some(&UNCOMPRESSED) {
            return Err(NotAPoint);
        }
        // The library looks at a point when it is used.
        shared(&private(chance), &point.0, |_| ()).ok_or(NotAPoint)?;
        Ok(point)
    }

    /// Seals a file for them.
    ///
    /// # Errors
    /// [`NotAPoint`], which [`RecipientKey::parse`] has refused before.
    pub fn seal(&self, label: &str, file: &[u8], chance: &dyn Chance) -> Result<HandedOver, NotAPoint> {
        let own = private(chance);
        let sender = point_of(&own).ok_or(NotAPoint)?;
        let key = shared(&own, &self.0, |secret| file_key(secret, &sender, &self.0)).flatten().ok_or(NotAPoint)?;
        let mut bytes = Vec::with_capacity(file.len() + AES_256_GCM.tag_len());
        bytes.extend_from_slice(file);
        let sealed = key.seal_in_place_append_tag(Nonce::assume_unique_for_key([0; 12]), Aad::from(label), &mut bytes);
        sealed.map_err(|_| NotAPoint)?;
        Ok(HandedOver { sender, bytes })
    }
}

impl fmt::Debug for RecipientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecipientKey")
    }
}

impl OneTimeKey {
    /// A new one.
    pub fn new(chance: &dyn Chance) -> Self {
        Self(private(chance))
    }

    /// What to send.
    ///
    /// # Errors
    /// [`NotOpened`] where the library cannot tell its point.
    pub fn public(&self) -> Result<[u8; POINT_LEN], NotOpened> {
        point_of(&self.0).ok_or(NotOpened)
    }

    /// Opens a file that was sealed for it under this label.
    ///
    /// # Errors
    /// [`NotOpened`] for another key or label, and for anything that was changed on the way.
    pub fn open(&self, label: &str, file: &HandedOver) -> Result<Zeroizing<Vec<u8>>, NotOpened> {
        let own = self.public()?;
        let key = shared(&self.0, &file.sender, |secret| file_key(secret, &file.sender, &own)).flatten();
        let mut bytes = Zeroizing::new(file.bytes.clone());
        let nonce = Nonce::assume_unique_for_key([0; 12]);
        let opened = key.ok_or(NotOpened)?.open_in_place(nonce, Aad::from(label), &mut bytes).map_err(|_| NotOpened)?;
        let length = opened.len();
        bytes.truncate(length);
        Ok(bytes)
    }
}

fn private(chance: &dyn Chance) -> PrivateKey {
    let mut scalar = Zeroizing::new([0; 32]);
    // One in four billion numbers of this length is none of the curve's.
    loop {
        chance.fill(&mut *scalar);
        if let Ok(key) = PrivateKey::from_private_key(&ECDH_P256, &*scalar) {
            return key;
        }
    }
}

fn point_of(key: &PrivateKey) -> Option<[u8; POINT_LEN]> {
    key.compute_public_key().ok()?.as_ref().try_into().ok()
}

fn shared<T>(own: &PrivateKey, other: &[u8; POINT_LEN], take: impl FnOnce(&[u8]) -> T) -> Option<T> {
    agree(own, UnparsedPublicKey::new(&ECDH_P256, other), NotAPoint, |secret| Ok(take(secret))).ok()
}

fn file_key(secret: &[u8], sender: &[u8; POINT_LEN], recipient: &[u8; POINT_LEN]) -> Option<LessSafeKey> {
    let mut bytes = Zeroizing::new([0; 32]);
    let info = [b"countersign handover 1".as_slice(), sender, recipient];
    let extracted = Salt::new(HKDF_SHA256, &[]).extract(secret);
    extracted.expand(&info, KeyLength).ok()?.fill(&mut *bytes).ok()?;
    UnboundKey::new(&AES_256_GCM, &*bytes).ok().map(LessSafeKey::new)
}

struct KeyLength;

impl KeyType for KeyLength {
    fn len(&self) -> usize {
        32
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;
    use crate::SystemChance;

    /// The same bytes each time.
    struct Fixed(u8);

    impl Chance for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn a_file_opens_for_its_recipient_under_its_label_and_in_one_piece() {
        let (own, other) = (OneTimeKey::new(&SystemChance), OneTimeKey::new(&SystemChance));
        let recipient = RecipientKey::parse(&own.public().unwrap(), &SystemChance).unwrap();
        for file in [&b""[..], b"otpauth://totp/a", &[7; 100_000]] {
            let sent = recipient.seal("a.txt", file, &SystemChance).unwrap();
            assert!(file.is_empty() || !sent.bytes.windows(file.len()).any(|part| part == file));
            assert_eq!(own.open("a.txt", &sent).unwrap().as_slice(), file);
            assert!(other.open("a.txt", &sent).is_err() && own.open("b.txt", &sent).is_err());
            let mut broken = sent.clone();
            broken.bytes[0] ^= 1;
            assert!(own.open("a.txt", &broken).is_err());
            let cut = HandedOver { bytes: sent.bytes[..sent.bytes.len() - 1].to_vec(), ..sent.clone() };
            assert!(own.open("a.txt", &cut).is_err());
            let again = recipient.seal("a.txt", file, &SystemChance).unwrap();
            assert!(again.sender != sent.sender, "each file has a key of its own");
            let mixed = HandedOver { sender: again.sender, ..sent };
            assert!(own.open("a.txt", &mixed).is_err());
        }
    }

    #[test]
    fn what_is_no_point_is_no_key() {
        let point = OneTimeKey::new(&SystemChance).public().unwrap();
        let mut off_the_curve = point;
        off_the_curve[64] ^= 1;
        let mut compressed = point;
        compressed[0] = 2;
        let mut hybrid = point;
        hybrid[0] = 6 | (point[64] & 1);
        for wrong in [&[][..], &point[..33], &off_the_curve, &compressed, &hybrid, &[0; POINT_LEN], &[4; POINT_LEN]] {
            assert_eq!(RecipientKey::parse(wrong, &SystemChance), Err(NotAPoint));
        }
    }

    /// What other programs that read it can be tried with; computed once with another library.
    #[test]
    fn it_is_what_others_compute() {
        let own = OneTimeKey::new(&Fixed(1));
        let recipient = RecipientKey::parse(&own.public().unwrap(), &Fixed(3)).unwrap();
        let sent = recipient.seal("a.txt", b"hello", &Fixed(2)).unwrap();
        assert_eq!(HEXLOWER.encode(&sent.bytes), "6b2612525b279866c35d69d8c7d01e43f330011819");
    }
}
