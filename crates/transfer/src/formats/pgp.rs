//! Files that are encrypted with PGP (RFC 9580): entries of pass and gopass, and some exports. Nobody's private key is asked for.

use super::{FileProblem, Known, Sight};

/// In text (ASCII armour, RFC 9580 §6) or as bytes.
pub(crate) const ENCRYPTED: Known = Known {
    name: FORMAT,
    is: is_encrypted,
    read: |_, _, _| Err(FileProblem::NotReadable { format: FORMAT, reason: REASON.to_owned() }.into()),
};

const FORMAT: &str = "a file that is encrypted with PGP";

const REASON: &str = "only the key of its owner opens it: decrypt it with `gpg --output NAME.txt --decrypt NAME.gpg` (an \
                      entry of pass or gopass also with `pass show NAME > NAME.txt`), import NAME.txt, and delete it; \
                      an export of Proton Pass is made again with the format ZIP";

/// The same for an export that says whose it is.
pub(crate) const PROTON_REASON: &str =
    "it is encrypted with PGP: export it again with the format ZIP or JSON, import that, and delete it";

const ARMOUR: &[u8] = b"-----BEGIN PGP MESSAGE-----";

fn is_encrypted(sight: &Sight<'_>) -> bool {
    let bytes = sight.bytes();
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    text.starts_with(ARMOUR) || session_key(bytes).is_some()
}

/// The packet with which such a file begins: a session key for somebody's public key (tag 1) or for a password (tag 3), RFC 9580
/// §4.2, §5.1 and §5.3. Its version, algorithm and length have to fit, since there is no other mark.
fn session_key(bytes: &[u8]) -> Option<()> {
    let (tag, length, header): (u8, usize, usize) = match bytes {
        // The older header, with one or two bytes for the length, and the newer one.
        [first, length, ..] if first & 0xc3 == 0x80 => (first >> 2 & 0xf, usize::from(*length), 2),
        [first, high, low, ..] if first & 0xc3 == 0x81 => {
            (first >> 2 & 0xf, usize::from(u16::from_be_bytes([*high, *low])), 3)
        }
        [first, length @ 0..192, ..] if first & 0xc0 == 0xc0 => (first & 0x3f, usize::from(*length), 2),
        [first, high @ 192..224, low, ..] if first & 0xc0 == 0xc0 => {
            (first & 0x3f, (usize::from(*high) - 192) * 256 + usize::from(*low) + 192, 3)
        }
        _ => return None,
    };
    let packet = bytes.get(header..header.checked_add(length)?)?;
    let fits = match (tag, packet) {
        // Version 3 with the key's id of eight bytes; version 6 with its fingerprint.
        (1, [3, _, _, _, _, _, _, _, _, algorithm, ..]) => PUBLIC_KEY.contains(algorithm),
        (1, [6, fingerprint, ..]) => matches!(fingerprint, 0 | 21 | 33),
        (3, [4..=6, ..]) => length < 200,
        _ => false,
    };
    // What it opens follows.
    (fits && bytes.len() > header + length).then_some(())
}

/// RSA, Elgamal, ECDH, X25519 and X448 (RFC 9580 §9.1).
const PUBLIC_KEY: [u8; 6] = [1, 2, 16, 18, 25, 26];
