use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Invalid;

/// The SHA-256 of a certificate's DER (RFC 5280), by which one certificate is told from every other. Written as programs
/// show it: 32 pairs of hexadecimal digits in capitals with colons between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct CertificateFingerprint([u8; 32]);

impl CertificateFingerprint {
    /// From the hash itself.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for CertificateFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let colon = if index == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

impl FromStr for CertificateFingerprint {
    type Err = Invalid;

    /// Takes 64 hexadecimal digits in any case, with a colon after each second one or with none. What openssl writes
    /// before them (`sha256 Fingerprint=`) is no part of it.
    ///
    /// # Errors
    /// Names the field `certificate`, and what to write.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        const PAIRS: usize = 32;
        let invalid = |problem: String| {
            let way = "write the certificate's SHA-256 fingerprint, 64 hexadecimal digits with or without colons, as \
                       `openssl x509 -noout -fingerprint -sha256` prints it";
            Invalid::new("certificate", format!("{problem}: {way}"))
        };
        let text = text.trim();
        let digits: String = if text.contains(':') {
            let pairs: Vec<&str> = text.split(':').collect();
            if pairs.iter().any(|pair| pair.len() != 2) {
                return Err(invalid("does not have a colon after each second digit".to_owned()));
            }
            pairs.concat()
        } else {
            text.to_owned()
        };
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(invalid("holds something other than hexadecimal digits".to_owned()));
        }
        match digits.len() {
            64 => {}
            40 => return Err(invalid("is a SHA-1 fingerprint, which can be forged".to_owned())),
            length => return Err(invalid(format!("has {length} digits"))),
        }
        let mut bytes = [0; PAIRS];
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).ok();
            *byte = pair
                .and_then(|pair| u8::from_str_radix(pair, 16).ok())
                .ok_or_else(|| invalid("cannot be read".to_owned()))?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for CertificateFingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CertificateFingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str =
        "00:01:02:03:04:05:06:07:08:09:0A:0B:0C:0D:0E:0F:10:11:12:13:14:15:16:17:18:19:1A:1B:1C:1D:1E:FF";

    #[test]
    fn every_usual_way_to_write_it_is_the_same() {
        let mut bytes: [u8; 32] = std::array::from_fn(|index| u8::try_from(index).unwrap());
        bytes[31] = 0xff;
        let fingerprint = CertificateFingerprint::from_bytes(bytes);
        assert_eq!(fingerprint.to_string(), WRITTEN);
        let bare = WRITTEN.replace(':', "");
        for text in [WRITTEN, &WRITTEN.to_lowercase(), &bare, &bare.to_lowercase(), &format!("  {WRITTEN}\n")] {
            assert_eq!(text.parse::<CertificateFingerprint>().unwrap(), fingerprint, "{text}");
        }
        let json = serde_json::to_string(&fingerprint).unwrap();
        assert_eq!(serde_json::from_str::<CertificateFingerprint>(&json).unwrap(), fingerprint);
    }

    #[test]
    fn what_is_none_is_told_why() {
        let bare = WRITTEN.replace(':', "");
        let table = [
            (String::new(), "has 0 digits"),
            (bare[..62].to_owned(), "has 62 digits"),
            (bare[..40].to_owned(), "SHA-1"),
            (format!("{bare}00"), "has 66 digits"),
            (bare.replacen('0', "g", 1), "other than hexadecimal"),
            (bare.replacen("00", "+0", 1), "other than hexadecimal"),
            (bare.replacen("00", "é", 1), "other than hexadecimal"),
            (WRITTEN.replacen(":", "", 1), "colon after each second"),
            (format!("{WRITTEN}:"), "colon after each second"),
            (WRITTEN.replace(':', " "), "other than hexadecimal"),
            (format!("sha256 Fingerprint={bare}"), "other than hexadecimal"),
        ];
        for (text, problem) in table {
            let invalid = text.parse::<CertificateFingerprint>().unwrap_err();
            assert_eq!(invalid.field, "certificate");
            assert!(invalid.problem.contains(problem), "{text}: {invalid:?}");
            assert!(invalid.problem.contains("openssl x509"), "{invalid:?}");
        }
    }
}
