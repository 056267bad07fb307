//! A browser extension in software, for the tests of several rooms: it makes a key, is paired, and signs its requests.
#![allow(dead_code, reason = "each test file uses its own part of it")]

use std::cell::Cell;

use aws_lc_rs::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};

pub(crate) struct SoftExtension {
    key: EcdsaKeyPair,
    /// The id that it was given.
    pub(crate) id: String,
    /// The number of its next request.
    pub(crate) nonce: Cell<u128>,
}

impl SoftExtension {
    /// One that is not paired yet.
    pub(crate) fn new() -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        Self { key, id: String::new(), nonce: Cell::new(1) }
    }

    fn sign(&self, message: &[u8]) -> String {
        BASE64URL_NOPAD.encode(self.key.sign(&SystemRandom::new(), message).unwrap().as_ref())
    }

    pub(crate) fn public_key(&self) -> String {
        BASE64URL_NOPAD.encode(self.key.public_key().as_ref())
    }

    /// What it signs to be paired.
    pub(crate) fn proof(&self, origin: &str, code: &str, name: &str) -> String {
        let code = code.replace('-', "").to_uppercase();
        let mut message = format!("countersign-pairing-1\n{origin}\n{code}\n{name}\n").into_bytes();
        message.extend(self.key.public_key().as_ref());
        self.sign(&message)
    }

    /// `Authorization` of the next request, at so many seconds since 1970.
    pub(crate) fn header(&self, method: &str, origin: &str, target: &str, body: &[u8], at: i64) -> String {
        let nonce = BASE64URL_NOPAD.encode(&self.nonce.get().to_be_bytes());
        self.nonce.set(self.nonce.get() + 1);
        let hash = HEXLOWER.encode(digest(&SHA256, body).as_ref());
        let id = &self.id;
        let message = format!("countersign-device-1\n{method}\n{origin}\n{target}\n{hash}\n{at}\n{nonce}\n{id}");
        format!("Countersign-Device id={id},ts={at},nonce={nonce},sig={}", self.sign(message.as_bytes()))
    }
}
