//! An authenticator in software, for the tests of several rooms: it makes passkeys and shows them as browsers hand that on, and
//! tells whatever lies its fields say.

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

pub(crate) struct SoftAuthenticator {
    pub(crate) key: EcdsaKeyPair,
    /// The id that it gives its passkey.
    pub(crate) credential: Vec<u8>,
    /// Whose passkey it is, as it was told when it made it.
    pub(crate) handle: Option<Vec<u8>>,
    /// The page that it is told to be used in.
    pub(crate) origin: String,
    /// The site that it is told to be used for.
    pub(crate) site: String,
    /// How often it was used.
    pub(crate) counter: u32,
    /// Whether it counts that at all.
    pub(crate) counts: bool,
    /// Whether somebody touches it.
    pub(crate) present: bool,
    /// Whether it makes sure of who that is.
    pub(crate) verified: bool,
    /// Whether its passkeys could be on other devices.
    pub(crate) synced: bool,
    /// Whether another site frames the page.
    pub(crate) framed: bool,
    /// Whether it signs with another key.
    pub(crate) forged: bool,
    /// Which kind of answer it says it gives, where that is not so.
    pub(crate) kind: Option<&'static str>,
    /// Which challenge it answers, where that is another one.
    pub(crate) challenge: Option<Value>,
}

impl SoftAuthenticator {
    /// A new one in a page of that origin.
    pub(crate) fn at(origin: &str) -> Self {
        let key = new_key();
        let site = origin.split("://").nth(1).unwrap().split(':').next().unwrap().to_owned();
        Self {
            credential: digest(&SHA256, key.public_key().as_ref()).as_ref().to_vec(),
            key,
            handle: None,
            origin: origin.to_owned(),
            site,
            counter: 0,
            counts: true,
            present: true,
            verified: true,
            synced: false,
            framed: false,
            forged: false,
            kind: None,
            challenge: None,
        }
    }

    /// What `navigator.credentials.create` answers.
    pub(crate) fn make(&mut self, options: &Value) -> Value {
        let handle = options["user"]["id"].as_str().unwrap();
        self.handle = Some(BASE64URL_NOPAD.decode(handle.as_bytes()).unwrap());
        let client_data = self.client_data("webauthn.create", options);
        let mut data = self.data(0x40);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.credential.len()).unwrap().to_be_bytes());
        data.extend(&self.credential);
        data.extend(self.public_key());
        let mut object = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        object.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        object.extend(data);
        json!({
            "id": encoded(&self.credential),
            "rawId": encoded(&self.credential),
            "type": "public-key",
            "response": {"clientDataJSON": encoded(&client_data), "attestationObject": encoded(&object), "transports": ["internal"]},
            "clientExtensionResults": {},
        })
    }

    /// What `navigator.credentials.get` answers.
    pub(crate) fn show(&mut self, options: &Value) -> Value {
        let client_data = self.client_data("webauthn.get", options);
        let data = self.data(0);
        let mut signed = data.clone();
        signed.extend(digest(&SHA256, &client_data).as_ref());
        let other = new_key();
        let key = if self.forged { &other } else { &self.key };
        let signature = key.sign(&SystemRandom::new(), &signed).unwrap();
        json!({
            "id": encoded(&self.credential),
            "rawId": encoded(&self.credential),
            "type": "public-key",
            "response": {
                "clientDataJSON": encoded(&client_data),
                "authenticatorData": encoded(&data),
                "signature": encoded(signature.as_ref()),
                "userHandle": self.handle.as_deref().map(encoded),
            },
            "clientExtensionResults": {},
        })
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let challenge = self.challenge.as_ref().unwrap_or(&options["challenge"]);
        let data = json!({
            "type": self.kind.unwrap_or(kind),
            "challenge": challenge,
            "origin": self.origin,
            "crossOrigin": self.framed,
        });
        data.to_string().into_bytes()
    }

    /// Authenticator data (Web Authentication §6.1), up to the counter, which moves.
    fn data(&mut self, flags: u8) -> Vec<u8> {
        self.counter += u32::from(self.counts);
        let flag = |set: bool, bit: u8| if set { bit } else { 0 };
        let flags = flags | flag(self.present, 0x01) | flag(self.verified, 0x04) | flag(self.synced, 0x08);
        let mut data = digest(&SHA256, self.site.as_bytes()).as_ref().to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// As a COSE key (RFC 9053 §7.1.1).
    fn public_key(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let mut key = b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".to_vec();
        key.extend(&point[1..33]);
        key.extend(b"\x22\x58\x20");
        key.extend(&point[33..]);
        key
    }
}

fn new_key() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap()
}

fn encoded(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}
