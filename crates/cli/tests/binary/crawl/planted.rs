//! Secrets that were planted, in every spelling in which they could come back.

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE},
};

/// A secret by its name, and its spellings as they are looked for.
struct Planted {
    name: String,
    spellings: Vec<Vec<u8>>,
}

/// All secrets that no answer may hold.
#[derive(Default)]
pub(super) struct Garden {
    planted: Vec<Planted>,
}

impl Garden {
    /// A password, a bearer or an address: as it is written, and encoded.
    pub(super) fn plant(&mut self, name: &str, text: &str) {
        self.plant_bytes(name, text.as_bytes());
    }

    /// A seed: its bytes, written in each way in which the vault takes seeds.
    pub(super) fn plant_seed(&mut self, name: &str, bytes: &[u8]) {
        self.plant_bytes(name, bytes);
        let spellings = &mut self.planted.last_mut().unwrap().spellings;
        spellings.push(squeezed(base32(bytes).as_bytes()));
    }

    fn plant_bytes(&mut self, name: &str, bytes: &[u8]) {
        assert!(bytes.len() >= 8, "{name} is too short to be told from chance");
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let encoded = [hex, BASE64_STANDARD.encode(bytes), BASE64_URL_SAFE.encode(bytes)];
        let mut spellings: Vec<Vec<u8>> = encoded.iter().map(|text| squeezed(text.as_bytes())).collect();
        spellings.extend([squeezed(bytes), bytes.to_vec()]);
        self.planted.push(Planted { name: name.to_owned(), spellings });
    }

    /// The names of the secrets that an answer holds.
    pub(super) fn found_in(&self, answer: &[u8]) -> Vec<&str> {
        let squeezed = squeezed(answer);
        let holds = |spelling: &Vec<u8>| contains(&squeezed, spelling) || contains(answer, spelling);
        self.planted.iter().filter(|it| it.spellings.iter().any(holds)).map(|it| it.name.as_str()).collect()
    }
}

/// Without what people and encoders put between: blanks, dashes, padding, and without case.
fn squeezed(bytes: &[u8]) -> Vec<u8> {
    let between = |byte: &&u8| !byte.is_ascii_whitespace() && !b"-=".contains(byte);
    bytes.iter().filter(between).map(u8::to_ascii_lowercase).collect()
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

/// RFC 4648 §6, without padding.
pub(super) fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: Vec<u8> = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)).collect();
    let letter = |five: &[u8]| {
        let value = (0..5).fold(0, |value, bit| value << 1 | five.get(bit).copied().unwrap_or(0));
        char::from(ALPHABET[usize::from(value)])
    };
    bits.chunks(5).map(letter).collect()
}

/// Of what [`base32`] gives, with or without blanks.
pub(super) fn from_base32(text: &str) -> Vec<u8> {
    let value = |letter: u8| match letter {
        b'A'..=b'Z' => letter - b'A',
        b'2'..=b'7' => letter - b'2' + 26,
        _ => panic!("{text} is no base32"),
    };
    let letters = text.bytes().filter(|byte| *byte != b' ');
    let bits: Vec<u8> = letters.flat_map(|letter| (0..5).rev().map(move |bit| value(letter) >> bit & 1)).collect();
    bits.chunks_exact(8).map(|eight| eight.iter().fold(0, |byte, bit| byte << 1 | bit)).collect()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

#[test]
fn a_seed_is_found_in_every_spelling() {
    let bytes = b"12345678901234567890";
    assert_eq!(base32(bytes), crate::house::SEED);
    assert_eq!(base32(b"fooba"), "MZXW6YTB");
    assert_eq!(base32(b"foob"), "MZXW6YQ", "the last bits of it");
    assert_eq!(from_base32("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"), bytes);
    let mut garden = Garden::default();
    garden.plant_seed("the seed", bytes);
    garden.plant("the password", "plum velvet");
    for text in [
        r#"{"uri":"otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=6"}"#,
        "gezd gnbv gy3t qojq gezd gnbv gy3t qojq",
        "GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ====",
        "31 32 33 34 35 36 37 38 39 30 31 32 33 34 35 36 37 38 39 30",
        "MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=",
        "\u{0}\u{1}12345678901234567890",
    ] {
        assert_eq!(garden.found_in(text.as_bytes()), ["the seed"], "{text}");
    }
    assert_eq!(garden.found_in(b"its Plum Velvet!"), ["the password"]);
    assert_eq!(garden.found_in(b"GEZDGNBVGY3TQOJQ"), [""; 0], "half of it");
}
