use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::cipher::{AES_256, DecryptionContext, PaddedBlockDecryptingKey, UnboundCipherKey};
use aws_lc_rs::iv::FixedLength;

use crate::Secret;

/// The key is another one, or what was sealed with it is changed: nobody can tell which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it does not open with this key")]
pub struct DoesNotOpen;

/// Opens what was sealed with AES-256 in GCM (NIST SP 800-38D): a nonce of 12 bytes, and the tag of 16 behind the text.
///
/// # Errors
/// The key does not fit, also by its length.
pub fn aes_256_gcm(key: &Secret, nonce: &[u8], associated: &[u8], sealed: &[u8]) -> Result<Secret, DoesNotOpen> {
    let key = UnboundKey::new(&AES_256_GCM, key.expose()).map_err(|_| DoesNotOpen)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| DoesNotOpen)?;
    let mut text = sealed.to_vec();
    let length =
        LessSafeKey::new(key).open_in_place(nonce, Aad::from(associated), &mut text).map_err(|_| DoesNotOpen)?.len();
    text.truncate(length);
    Ok(Secret::from(text))
}

/// Opens what was encrypted with AES-256 in CBC with PKCS#7 padding (RFC 5652 §6.3), which nothing vouches for: a wrong key
/// gives an error in all but one of 256 cases, and nonsense then.
///
/// # Errors
/// The padding is none, or a length is wrong.
pub fn aes_256_cbc(key: &Secret, start: &[u8; 16], encrypted: &[u8]) -> Result<Secret, DoesNotOpen> {
    let key = UnboundCipherKey::new(&AES_256, key.expose()).map_err(|_| DoesNotOpen)?;
    let key = PaddedBlockDecryptingKey::cbc_pkcs7(key).map_err(|_| DoesNotOpen)?;
    let mut text = zeroize::Zeroizing::new(encrypted.to_vec());
    let length =
        key.decrypt(&mut text, DecryptionContext::Iv128(FixedLength::from(start))).map_err(|_| DoesNotOpen)?.len();
    text.truncate(length);
    Ok(Secret::from(std::mem::take(&mut *text)))
}

#[cfg(test)]
mod tests {
    use super::{DoesNotOpen, aes_256_cbc, aes_256_gcm};
    use crate::Secret;

    fn bytes(hex: &str) -> Vec<u8> {
        data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap()
    }

    /// Test case 16 of the GCM specification.
    #[test]
    fn gcm_is_the_standards() {
        let key = Secret::from(bytes("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"));
        let sealed = bytes(
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
             8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b",
        );
        let associated = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let nonce = bytes("cafebabefacedbaddecaf888");
        let text = aes_256_gcm(&key, &nonce, &associated, &sealed).ok().unwrap();
        assert_eq!(text.expose()[..4], [0xd9, 0x31, 0x32, 0x25]);
        assert_eq!(text.len(), 60);
        assert!(aes_256_gcm(&key, &nonce, b"", &sealed).err() == Some(DoesNotOpen));
        assert!(aes_256_gcm(&key, &nonce[..11], &associated, &sealed).is_err());
        assert!(aes_256_gcm(&Secret::from(vec![0; 16]), &nonce, &associated, &sealed).is_err());
        for length in 0..sealed.len() {
            assert!(aes_256_gcm(&key, &nonce, &associated, &sealed[..length]).is_err());
        }
    }

    /// NIST SP 800-38A, F.2.6, with a padded block behind.
    #[test]
    fn cbc_is_the_standards() {
        let key = Secret::from(bytes("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"));
        let start = *bytes("000102030405060708090a0b0c0d0e0f").first_chunk::<16>().unwrap();
        let encrypted = bytes(CBC);
        let text = aes_256_cbc(&key, &start, &encrypted).ok().unwrap();
        assert_eq!(text.expose(), bytes("6bc1bee22e409f96e93d7e117393172a"));
        for length in 0..encrypted.len() {
            assert!(aes_256_cbc(&key, &start, &encrypted[..length]).is_err(), "{length}");
        }
    }

    const CBC: &str = "f58c4c04d6e5f1ba779eabfb5f7bfbd6485a5c81519cf378fa36d42b8547edc0";
}
