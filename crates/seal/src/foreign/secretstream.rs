//! The one chunk in which some programs seal a whole file with libsodium's `crypto_secretstream_xchacha20poly1305`.

use chacha20::cipher::{KeyIvInit as _, StreamCipher as _, StreamCipherSeek as _};
use chacha20::{ChaCha20, Key, R20, hchacha};
use poly1305::Poly1305;
use poly1305::universal_hash::KeyInit as _;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::Secret;
use crate::foreign::DoesNotOpen;

/// The header, which is the nonce.
const HEADER: usize = 24;

/// The byte before the text that says what kind of chunk it is, and the tag of 16 bytes behind.
const MORE: usize = 17;

/// Says that nothing follows.
const FINAL: u8 = 3;

/// Opens the only chunk of a stream, which must be marked as its last.
///
/// The key is HChaCha20 of the key and the header's first 16 bytes; the nonce is the number 1 (32 bits, little end first) and the
/// header's rest. Block 0 of ChaCha20 (RFC 8439 §2.4) keys Poly1305, block 1 hides the chunk's kind, the text begins at block 2.
/// The tag is over block 1 as it was sent, the text, as many zeroes as the text is longer than whole blocks of 16 (sic), and two lengths.
///
/// # Errors
/// The key does not fit, something was changed, or the chunk is not the last.
pub fn secretstream(key: &Secret, header: &[u8], sealed: &[u8]) -> Result<Secret, DoesNotOpen> {
    let key = Key::try_from(key.expose()).map_err(|_| DoesNotOpen)?;
    let (salt, rest) = header.split_first_chunk::<16>().filter(|_| header.len() == HEADER).ok_or(DoesNotOpen)?;
    let mut nonce = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    nonce.iter_mut().skip(4).zip(rest).for_each(|(to, from)| *to = *from);
    let length = sealed.len().checked_sub(MORE).ok_or(DoesNotOpen)?;
    let (kind, sealed) = sealed.split_first().ok_or(DoesNotOpen)?;
    let (text, tag) = sealed.split_at_checked(length).ok_or(DoesNotOpen)?;

    let own = Zeroizing::new(hchacha::<R20>(&key, &(*salt).into()).0);
    let mut stream = ChaCha20::new(&(*own).into(), &nonce.into());
    let mut mac_key = Zeroizing::new([0; 32]);
    stream.apply_keystream(&mut *mac_key);
    let mut block = [0; 64];
    block[0] = *kind;
    stream.try_seek(64).map_err(|_| DoesNotOpen)?;
    stream.apply_keystream(&mut block);
    let kind_said = std::mem::replace(&mut block[0], *kind);

    let mut hashed = Vec::with_capacity(64 + text.len() + 15 + 16);
    hashed.extend_from_slice(&block);
    hashed.extend_from_slice(text);
    hashed.resize(hashed.len() + text.len() % 16, 0);
    hashed.extend_from_slice(&0u64.to_le_bytes());
    hashed.extend_from_slice(&(64 + text.len() as u64).to_le_bytes());
    let expected = Poly1305::new(&(*mac_key).into()).compute_unpadded(&hashed);
    if !bool::from(expected.as_slice().ct_eq(tag)) || kind_said != FINAL {
        return Err(DoesNotOpen);
    }
    let mut text = text.to_vec();
    stream.try_seek(128).map_err(|_| DoesNotOpen)?;
    stream.apply_keystream(&mut text);
    Ok(Secret::from(text))
}

#[cfg(test)]
mod tests {
    use super::secretstream;
    use crate::Secret;

    /// Of libsodium, with the key 0, 1, … 31: the text's length, the header, what was sealed.
    #[rustfmt::skip]
    const SEALED: [(usize, &str, &str); 9] = [
        (0, "6bac41dd59285bda2ddbfc281fe11b894532845baf33cc10", "7a16eb9fa6037f7561d78886a3ae14e808"),
        (1, "e557856f16dbda874899bc3bad301829ce7a37f851c6e017", "ec9f386774e2cb73c95b49a142a7a1ef7ef8"),
        (8, "84af9b3ff9a867c46d884d7be66fafceb3756f073d9f0e15", "03ecf3cf20d064a0b4f51d6841aa2be86f0b93662818b2e727"),
        (15, "fc4d6ea5bb0b6b6ce730ac4fb84a83820255782274f9e5b2", "58bcbae082b77440903019b41a7effbf0ec63bb19d4cae0f26cb6b4cb797bcbb"),
        (16, "e37df1c24edc2c7e1477614cccc6285c4ae882c50ad6bfda", "80005dc8f3efdc003d21e43333cd39409658cf2d7f7db42e30a8f3704b008df3a9"),
        (17, "11f9897af00fc54c9a7bc62d47902b727e5ea38d9a2e07ca", "30892c5207558628ddeaf5f90d160315bbff25f902c44db1919939fdebe0346df25f"),
        (63, "dc6ac4dcc1fa11d0035d43cd0a6a3b0e5344c965febd6d88", "14c6878a0e3d494ba04b922e15a8cac80647f3a9985dd2947707f21006994a92406aca7de1db49bcdafdf3ed97857884850b3ce47c347ca584e2f6190ecd8bcded0450ca0ac168624f7ea48888f5ab69"),
        (64, "7e65f911a7200d12b7db53fb837b5d49ddbb03489fec0a64", "0ed2708eda8c540e1738631d6a197071456163575b93bb46e6c9ce1aa8f794881c9ff77a3f3f7e066611a981509eb7a5e09be94411fe648c17ab038ea9c4e850482ae284fd3558f9f33d51065b78c0071a"),
        (100, "30ff4141afe7306eaaf5a193618d12b4918fc60f7686eab0", "dc2d5f538ba34aa2802e7cca38ca1cab2ab20507a4ff2a5ec8969dd888fce93aec183ad64644dd5ab1f7f410d9f2f0a6e5cf0a6b2726afca48c0e23c5fc0805335a8de7676268fa2b96ba90b22350fa198cd861aff2ed9a2c04896ce5b09c6e327c322f03578f843e8e4d7254d9a31551ec2a3e35a"),
    ];

    fn bytes(hex: &str) -> Vec<u8> {
        data_encoding::HEXLOWER.decode(hex.as_bytes()).unwrap()
    }

    fn key() -> Secret {
        Secret::from((0..32).collect::<Vec<u8>>())
    }

    #[test]
    fn streams_of_one_chunk_are_libsodiums() {
        for (length, header, sealed) in SEALED {
            let text = secretstream(&key(), &bytes(header), &bytes(sealed)).ok().unwrap();
            let expected: Vec<u8> = (0..length).map(|i| u8::try_from((i * 7 + length) & 255).unwrap()).collect();
            assert_eq!(text.expose(), expected);
        }
    }

    #[test]
    fn what_is_changed_does_not_open() {
        let (_, header, sealed) = SEALED[5];
        let (header, sealed) = (bytes(header), bytes(sealed));
        for place in 0..sealed.len() {
            assert!(secretstream(&key(), &header, &sealed[..place]).is_err(), "{place}");
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(secretstream(&key(), &header, &changed).is_err(), "{place}");
        }
        for place in 0..header.len() {
            assert!(secretstream(&key(), &header[..place], &sealed).is_err(), "{place}");
            let mut changed = header.clone();
            changed[place] ^= 1;
            assert!(secretstream(&key(), &changed, &sealed).is_err(), "{place}");
        }
        assert!(secretstream(&Secret::from(vec![0; 31]), &header, &sealed).is_err());
    }

    #[test]
    fn a_chunk_that_is_not_the_last_is_not_the_whole_file() {
        let header = bytes("0cdd68d438e5fea9c8fef1d1753a37e868cf82d27f07b865");
        let sealed = bytes("ed9c97e357b4953394a6c7f29ab682c42e828a9d72b6546b773218f3eb");
        assert!(secretstream(&key(), &header, &sealed).is_err());
    }
}
