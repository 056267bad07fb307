use std::time::Duration;

use countersign_model::{DeviceId, Timestamp};
use countersign_seal::{DeviceKey, Sha256};
use data_encoding::BASE64URL_NOPAD;

/// So far may the clock of an extension be off, to either side.
pub const CLOCK_SKEW: Duration = Duration::from_secs(60);

/// Bytes of a nonce.
pub const NONCE: usize = 16;

/// A request as an extension has signed it.
#[derive(Debug, Clone, Copy)]
pub struct SignedRequest<'a> {
    /// `GET`, `POST`.
    pub method: &'a str,
    /// The server's own origin, `https://vault.example.org`: a request that was signed for another server counts for nothing.
    pub origin: &'a str,
    /// Path and query below the server's address, as they were sent.
    pub target: &'a str,
    /// The body; empty where there is none.
    pub body: &'a [u8],
}

/// What a request says of who has signed it: the scheme `Countersign-Device` of `Authorization`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceClaim {
    /// Which extension.
    pub id: DeviceId,
    /// Which request of it: no other has that number within the time for which one is taken.
    pub nonce: [u8; NONCE],
    /// When, in seconds since 1970, by its own clock.
    at: i64,
    signature: [u8; DeviceKey::SIGNATURE],
}

/// Why a request of an extension is not taken. None of the reasons tells more than who sent it knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeviceRefusal {
    /// There is no such extension, it was removed or has ended, or the signature is not its own: which, is not said.
    #[error(
        "this browser extension is not paired, or not any more: pair it again, with a code from Settings › Browser extensions"
    )]
    Unknown,
    /// It was signed too long ago, or in the future.
    #[error("the clock of this browser is {off} seconds {}: set it right, since a request serves for a minute", if *slow { "slow" } else { "fast" })]
    Clock {
        /// By how much.
        off: u64,
        /// Behind the server's clock.
        slow: bool,
    },
    /// It was taken before.
    #[error("this request was sent before: send another")]
    Replayed,
    /// So many requests serve at a time.
    #[error("this browser extension has sent too many requests: try again in a minute")]
    TooMany,
    /// The server does not know at which address it is.
    #[error(
        "this server does not know its own address, which browser extensions sign: an administrator sets `address`"
    )]
    AddressUnknown,
}

impl DeviceRefusal {
    /// A stable name for records.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Clock { .. } => "clock",
            Self::Replayed => "replayed",
            Self::TooMany => "too many",
            Self::AddressUnknown => "address unknown",
        }
    }
}

impl DeviceClaim {
    /// The scheme's name (RFC 9110 §11.1).
    pub const SCHEME: &str = "Countersign-Device";

    /// Reads the value of `Authorization`: each parameter once, and no others. `None` for another scheme or form.
    pub fn parse(value: &str) -> Option<Self> {
        let (scheme, parameters) = value.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case(Self::SCHEME) || value.len() > 400 {
            return None;
        }
        let (mut id, mut at, mut nonce, mut signature) = (None, None, None, None);
        for parameter in parameters.split(',') {
            let (name, text) = parameter.trim().split_once('=')?;
            let known = match name {
                "id" => id.replace(text),
                "ts" => at.replace(text),
                "nonce" => nonce.replace(text),
                "sig" => signature.replace(text),
                _ => return None,
            };
            if known.is_some() {
                return None;
            }
        }
        let at = at?;
        let digits = !at.is_empty() && at.len() <= 12 && at.bytes().all(|byte| byte.is_ascii_digit());
        let bytes = |text: &str| BASE64URL_NOPAD.decode(text.as_bytes()).ok();
        Some(Self {
            id: id?.parse().ok()?,
            at: digits.then(|| at.parse().ok())??,
            nonce: bytes(nonce?)?.try_into().ok()?,
            signature: DeviceKey::signature_from_text(signature?)?,
        })
    }

    /// Whether the extension of that key has signed this very request, about now. Whether it was sent before, the nonce tells.
    ///
    /// # Errors
    /// [`DeviceRefusal::Unknown`]; of what it has signed, [`DeviceRefusal::Clock`].
    pub fn check(&self, request: &SignedRequest<'_>, key: &DeviceKey, now: Timestamp) -> Result<(), DeviceRefusal> {
        if !key.verifies(&self.message(request), &self.signature) {
            return Err(DeviceRefusal::Unknown);
        }
        let off = self.at - now.seconds();
        if off.unsigned_abs() > CLOCK_SKEW.as_secs() {
            return Err(DeviceRefusal::Clock { off: off.unsigned_abs(), slow: off < 0 });
        }
        Ok(())
    }

    /// From when on the clock alone refuses it.
    pub fn expires_at(&self) -> Timestamp {
        Timestamp::from_seconds(self.at).plus(CLOCK_SKEW + Duration::from_secs(1))
    }

    /// What is signed: each part in its line, none of which holds an end of line.
    fn message(&self, request: &SignedRequest<'_>) -> Vec<u8> {
        let SignedRequest { method, origin, target, body } = request;
        let (body, nonce) = (Sha256::of(body), BASE64URL_NOPAD.encode(&self.nonce));
        let (id, at) = (self.id, self.at);
        format!("countersign-device-1\n{method}\n{origin}\n{target}\n{body}\n{at}\n{nonce}\n{id}").into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::{
        rand::SystemRandom,
        signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
    };

    use super::*;

    const ID: &str = "01938d1c-7a31-7000-8000-000000000000";
    const NOW: i64 = 1_800_000_000;
    const REQUEST: SignedRequest<'_> = SignedRequest {
        method: "POST",
        origin: "https://vault.example.org",
        target: "/api/v1/fill/1?a=b",
        body: b"{\"what\":[\"token\"]}",
    };

    fn pair() -> (EcdsaKeyPair, DeviceKey) {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let public = DeviceKey::from_bytes(key.public_key().as_ref()).unwrap();
        (key, public)
    }

    fn signed(key: &EcdsaKeyPair, request: &SignedRequest<'_>, at: i64) -> DeviceClaim {
        let mut claim = DeviceClaim { id: ID.parse().unwrap(), nonce: [7; NONCE], at, signature: [0; 64] };
        let signature = key.sign(&SystemRandom::new(), &claim.message(request)).unwrap();
        claim.signature = signature.as_ref().try_into().unwrap();
        claim
    }

    fn now() -> Timestamp {
        Timestamp::from_seconds(NOW)
    }

    #[test]
    fn what_was_signed_counts_and_nothing_else() {
        let (key, public) = pair();
        let claim = signed(&key, &REQUEST, NOW);
        assert_eq!(claim.check(&REQUEST, &public, now()), Ok(()));
        let unknown = Err(DeviceRefusal::Unknown);
        for altered in [
            SignedRequest { method: "GET", ..REQUEST },
            SignedRequest { method: "post", ..REQUEST },
            SignedRequest { origin: "https://vault.example.org:8443", ..REQUEST },
            SignedRequest { origin: "http://vault.example.org", ..REQUEST },
            SignedRequest { origin: "https://evil.example", ..REQUEST },
            SignedRequest { target: "/api/v1/fill/2?a=b", ..REQUEST },
            SignedRequest { target: "/api/v1/fill/1?a=c", ..REQUEST },
            SignedRequest { target: "/api/v1/fill/1", ..REQUEST },
            SignedRequest { body: b"{\"what\":[\"password\"]}", ..REQUEST },
            SignedRequest { body: b"", ..REQUEST },
        ] {
            assert_eq!(claim.check(&altered, &public, now()), unknown, "{altered:?}");
        }
        for altered in [
            DeviceClaim { id: "01938d1c-7a31-7000-8000-000000000001".parse().unwrap(), ..claim.clone() },
            DeviceClaim { at: NOW + 1, ..claim.clone() },
            DeviceClaim { nonce: [8; NONCE], ..claim.clone() },
            DeviceClaim { signature: [0; 64], ..claim.clone() },
            DeviceClaim {
                signature: {
                    let mut one = claim.signature;
                    one[63] ^= 1;
                    one
                },
                ..claim.clone()
            },
        ] {
            assert_eq!(altered.check(&REQUEST, &public, now()), unknown, "{altered:?}");
        }
        assert_eq!(claim.check(&REQUEST, &pair().1, now()), unknown, "another key");
        let mut off_the_curve = *public.bytes();
        off_the_curve[64] ^= 1;
        assert_eq!(claim.check(&REQUEST, &DeviceKey::from_bytes(&off_the_curve).unwrap(), now()), unknown);
    }

    /// The same literal stands in the extension's test of its message.
    #[test]
    fn what_is_signed_is_one_text() {
        let claim = DeviceClaim { id: ID.parse().unwrap(), nonce: [7; NONCE], at: NOW, signature: [0; 64] };
        let expected = [
            "countersign-device-1",
            "POST",
            "https://vault.example.org",
            "/api/v1/fill/1?a=b",
            "87fb270c1d09165d8d41890972fe73e0d67070bec2983b5598ec4d996ea0a382",
            "1800000000",
            "BwcHBwcHBwcHBwcHBwcHBw",
            "01938d1c-7a31-7000-8000-000000000000",
        ];
        assert_eq!(String::from_utf8(claim.message(&REQUEST)).unwrap(), expected.join("\n"));
    }

    #[test]
    fn a_clock_may_be_off_by_a_minute() {
        let (key, public) = pair();
        for (off, refused) in
            [(0, None), (60, None), (-60, None), (61, Some(false)), (-61, Some(true)), (-9_000, Some(true))]
        {
            let claim = signed(&key, &REQUEST, NOW + off);
            let expected = refused.map_or(Ok(()), |slow| Err(DeviceRefusal::Clock { off: off.unsigned_abs(), slow }));
            assert_eq!(claim.check(&REQUEST, &public, now()), expected, "{off}");
            assert_eq!(claim.expires_at().seconds(), NOW + off + 61);
        }
        let told = DeviceRefusal::Clock { off: 75, slow: true }.to_string();
        assert!(told.contains("75 seconds slow"), "{told}");
    }

    #[test]
    fn the_header_is_read_in_one_way() {
        let (nonce, sig) = (BASE64URL_NOPAD.encode(&[7; NONCE]), BASE64URL_NOPAD.encode(&[9; 64]));
        let right = format!("Countersign-Device id={ID},ts={NOW},nonce={nonce},sig={sig}");
        let claim = DeviceClaim::parse(&right).unwrap();
        assert_eq!(
            (claim.id.to_string().as_str(), claim.at, claim.nonce, claim.signature),
            (ID, NOW, [7; NONCE], [9; 64])
        );
        assert_eq!(DeviceClaim::parse(&right.replace(',', ", ").replace("Countersign", "countersign")).unwrap(), claim);
        for wrong in [
            right.replace("Countersign-Device", "Bearer"),
            right.replace(ID, "1"),
            right.replace("ts=", "ts=-"),
            right.replace("ts=", "ts=+"),
            right.replace(&NOW.to_string(), ""),
            right.replace(&NOW.to_string(), &"9".repeat(19)),
            right.replace(&nonce, "AAAA"),
            right.replace(&sig, &sig[..80]),
            right.replace(",sig=", "="),
            right.replace(",sig=", ",sig2="),
            format!("{right},x=1"),
            format!("{right},id={ID}"),
            format!("{right}{}", " ".repeat(400)),
            String::new(),
            "Countersign-Device".to_owned(),
        ] {
            assert_eq!(DeviceClaim::parse(&wrong), None, "{wrong}");
        }
    }
}
