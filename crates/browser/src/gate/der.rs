//! As much of a certificate (RFC 5280 §4.1) as is needed to find its public key, of any version: what devices make for
//! themselves is often of version 1, which libraries that judge chains do not read.

/// A certificate's public key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PublicKey<'a> {
    /// The whole `SubjectPublicKeyInfo`.
    pub(crate) whole: &'a [u8],
    /// What stands in its `AlgorithmIdentifier`.
    pub(crate) algorithm: &'a [u8],
    /// The key's bits.
    pub(crate) bits: &'a [u8],
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;
/// `version`, which is left out in the first version.
const VERSION: u8 = 0xa0;

/// `None` for what is no certificate.
pub(crate) fn public_key(certificate: &[u8]) -> Option<PublicKey<'_>> {
    let mut outer = Reader(Reader(certificate).next(SEQUENCE)?.content);
    let mut inner = Reader(outer.next(SEQUENCE)?.content);
    if inner.0.first() == Some(&VERSION) {
        inner.next(VERSION)?;
    }
    inner.next(INTEGER)?;
    // Signature, issuer, validity, subject.
    for _ in 0..4 {
        inner.next(SEQUENCE)?;
    }
    let key = inner.next(SEQUENCE)?;
    let mut parts = Reader(key.content);
    let algorithm = parts.next(SEQUENCE)?.content;
    // Before the bits stands how many of the last byte are unused: none.
    let bits = parts.next(BIT_STRING)?.content.strip_prefix(&[0])?;
    Some(PublicKey { whole: key.whole, algorithm, bits })
}

struct Element<'a> {
    whole: &'a [u8],
    content: &'a [u8],
}

/// Reads one element after the other (X.690 §8.1).
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn next(&mut self, tag: u8) -> Option<Element<'a>> {
        let all = self.0;
        let (&found, rest) = all.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            short @ ..=0x7f => (usize::from(short), rest),
            // The length's own length; a certificate is not gigabytes long, and none of unknown length.
            long @ 0x81..=0x83 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
                (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (content, after) = rest.split_at_checked(length)?;
        self.0 = after;
        (found == tag).then(|| Element { whole: &all[..all.len() - after.len()], content })
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{KeyPair, PublicKeyData as _, generate_simple_self_signed};
    use rustls::pki_types::{CertificateDer, pem::PemObject as _};

    use super::*;

    #[test]
    fn the_key_is_found_and_half_a_certificate_has_none() {
        let made = generate_simple_self_signed(vec!["nas.example".to_owned()]).unwrap();
        let der: &[u8] = made.cert.der();
        let key = public_key(der).unwrap();
        assert_eq!(key.whole, made.signing_key.subject_public_key_info());
        assert_eq!(key.bits, made.signing_key.public_key_raw());
        let end = key.whole.as_ptr() as usize - der.as_ptr() as usize + key.whole.len();
        assert!((0..end).all(|length| public_key(&der[..length]).is_none()));
        assert_ne!(KeyPair::generate().unwrap().subject_public_key_info(), key.whole);
    }

    #[test]
    fn a_certificate_of_the_first_version_has_its_key_too() {
        // As `openssl x509 -req -signkey` makes it when it is given no extensions.
        let pem = include_bytes!("../../tests/browser/tls/v1-cert.pem");
        let der = CertificateDer::from_pem_slice(pem).unwrap();
        let key = public_key(&der).unwrap();
        // P-256, uncompressed.
        assert_eq!((key.bits.len(), key.bits[0]), (65, 4));
    }

    #[test]
    fn nonsense_has_none() {
        for bytes in
            [&[][..], &[0x30], &[0x30, 0x80], &[0x30, 0x84, 0, 0, 0, 0], &[0x30, 0x02, 0x30, 0x05], &[0xff; 64]]
        {
            assert_eq!(public_key(bytes), None, "{bytes:?}");
        }
    }
}
