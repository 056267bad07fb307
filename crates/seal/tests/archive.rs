//! The bytes of `docs/archive.md`: the vectors beside it open with this code, this code makes them, and a reader that was written
//! from the document alone reads them and what is made anew.

#![expect(clippy::unwrap_used, reason = "a test ends with the first surprise")]

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

use argon2::{Algorithm, Argon2, Params, Version};
use countersign_model::{Chance, CountingChance, Timestamp, VaultId};
use countersign_seal::{
    Binding, KeyFile, KeyShare, KeySlot, MacHash, Sealed, Secret, SecretKind, SystemChance, VaultKey, hmac,
    passphrase::Cost,
};
use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use uuid::Uuid;

const WORDS: &str = "correct horse – battery ünder staple";

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

fn unhex(value: &Value) -> Vec<u8> {
    HEXLOWER.decode(value.as_str().unwrap().as_bytes()).unwrap()
}

fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

/// Keeps what it gave, so that keys which leave the room in no other way can stand in the vectors.
struct Noted<C> {
    chance: C,
    given: Mutex<Vec<Vec<u8>>>,
}

impl<C: Chance> Noted<C> {
    fn new(chance: C) -> Self {
        Self { chance, given: Mutex::default() }
    }

    /// What was given first since the last time that somebody asked.
    fn first(&self) -> Vec<u8> {
        std::mem::take(&mut *self.given.lock().unwrap()).remove(0)
    }
}

impl<C: Chance> Chance for Noted<C> {
    fn fill(&self, bytes: &mut [u8]) {
        self.chance.fill(bytes);
        self.given.lock().unwrap().push(bytes.to_vec());
    }
}

/// As the document says it: one block of HKDF-SHA-256.
fn derive(key: &[u8], vault: VaultId, label: &str) -> Vec<u8> {
    let of = |key: &[u8], message: &[u8]| hmac(MacHash::Sha256, &Secret::from(key), message).expose().to_vec();
    let info = [b"countersign v1 ", label.as_bytes(), &[1]].concat();
    of(&of(vault.uuid().as_bytes(), key), &info)
}

fn associated_slot(vault: VaultId, slot: &KeySlot) -> Vec<u8> {
    let mut bytes = b"countersign key slot v1\0".to_vec();
    bytes.extend(vault.uuid().as_bytes());
    bytes.extend(slot.kind.name().bytes().chain([0]));
    bytes.extend(&slot.parameters);
    if slot.number > 1 {
        bytes.extend(slot.number.to_be_bytes());
    }
    bytes
}

fn associated(purpose: &str, kind: &str, owner: Uuid, version: Uuid) -> String {
    let texts = ["countersign sealed v1", purpose, kind].map(|text| [text.as_bytes(), &[0]].concat()).concat();
    hex(&[texts.as_slice(), owner.as_bytes(), version.as_bytes()].concat())
}

fn slot(vault: VaultId, slot: &KeySlot, opened_by: &str, key: &[u8]) -> Value {
    json!({
        "kind": slot.kind.name(),
        "number": slot.number,
        "parameters": hex(&slot.parameters),
        "wrapped": hex(&slot.wrapped),
        "lasting": hex(&slot.lasting),
        "opened_by": opened_by,
        "key": hex(key),
        "associated": hex(&associated_slot(vault, slot)),
    })
}

/// A setup key as it is sealed: kind, algorithm, digits, period or counter, key.
fn plain_seed(kind: u8, algorithm: u8, digits: u8, moving: u64, key: &[u8]) -> Vec<u8> {
    [&[1, kind, algorithm, digits], moving.to_be_bytes().as_slice(), key].concat()
}

/// What is sealed: as a password with its text, or as a setup key with name and `otpauth` URL.
fn samples() -> Vec<(Vec<u8>, Value)> {
    let password = |text: &str| (text.as_bytes().to_vec(), json!({"kind": "password", "text": text}));
    let seed = |plain: Vec<u8>, name: &str, username: &str, otpauth: &str| {
        (plain, json!({"kind": "seed", "name": name, "username": username, "otpauth": otpauth}))
    };
    vec![
        password("hunter2"),
        password("Pässwörter – 密碼 \"with\" \\ and\ttabs"),
        password(&"0123456789abcdef".repeat(4)),
        seed(
            plain_seed(1, 1, 6, 30, b"12345678901234567890"),
            "Example",
            "alice@example.org",
            "otpauth://totp/Example:alice%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example\
             &algorithm=SHA1&digits=6&period=30",
        ),
        seed(
            plain_seed(1, 3, 8, 60, &[0xff; 33]),
            "Überbank / Konto",
            "bob",
            "otpauth://totp/%C3%9Cberbank%20%2F%20Konto:bob?secret=\
             77777777777777777777777777777777777777777777777777776&issuer=%C3%9Cberbank%20%2F%20Konto\
             &algorithm=SHA512&digits=8&period=60",
        ),
        seed(
            plain_seed(2, 2, 7, 41, b"12345678901234567890"),
            "Door",
            "carol",
            "otpauth://hotp/Door:carol?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Door\
             &algorithm=SHA256&digits=7&counter=41",
        ),
        seed(
            plain_seed(3, 1, 5, 30, b"12345678901234567890"),
            "Games",
            "dave",
            "otpauth://steam/Games:dave?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Games\
             &algorithm=SHA1&digits=5&period=30",
        ),
    ]
}

fn new_id(chance: &dyn Chance) -> Uuid {
    VaultId::new(Timestamp::from_seconds(1_750_000_000), chance).uuid()
}

/// Each sample under the first key, and one of each kind wrapped anew under the second.
fn sealed<C: Chance>(keys: [&VaultKey; 2], chance: &Noted<C>) -> Vec<Value> {
    let mut values = Vec::new();
    for (at, (plain, mut value)) in samples().into_iter().enumerate() {
        let kind = if value["kind"] == "seed" { SecretKind::Seed } else { SecretKind::Password };
        let (owner, version) = (new_id(chance), new_id(chance));
        let binding = Binding::of(kind, owner, version);
        let _ = chance.first();
        let mut sealed = keys[0].seal(&binding, &Secret::from(plain.as_slice()), chance);
        let data_key = chance.first();
        if at % 3 == 1 {
            sealed = keys[1].rewrap(keys[0], &binding, &sealed, chance).unwrap();
            let _ = chance.first();
        }
        let about = json!({
            "key_number": sealed.key_number().unwrap(),
            "owner": owner.to_string(),
            "version": version.to_string(),
            "associated_data_key": associated("data key", kind.name(), owner, version),
            "associated_secret": associated("secret", kind.name(), owner, version),
            "data_key": hex(&data_key),
            "sealed": hex(sealed.bytes()),
            "plain": hex(&plain),
        });
        value.as_object_mut().unwrap().extend(about.as_object().unwrap().clone());
        values.push(value);
    }
    values
}

fn made(chance: impl Chance) -> Value {
    let chance = Noted::new(chance);
    let vault = VaultId::new(Timestamp::from_seconds(1_750_000_000), &chance);
    let _ = chance.first();
    let first = VaultKey::generate(vault, &chance);
    let roots = [chance.first()];
    let second = first.next(&chance);
    let roots = [roots[0].clone(), chance.first()];
    let file = KeyFile::generate(vault, &chance);
    let file_key = chance.first();
    let text = file.to_text();
    let text = text.expose_text().unwrap();
    let by_words = first.slot_for_passphrase(&secret(WORDS), Cost::TEST, &chance);
    let mut stretched = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, Some(32)).unwrap())
        .hash_password_into(WORDS.as_bytes(), &by_words.parameters[9..], &mut stretched)
        .unwrap();
    let slots = [
        slot(vault, &first.slot_for_key_file(&file, &chance), text, &file_key),
        slot(vault, &by_words, WORDS, &stretched),
        slot(vault, &second.slot_for_key_file(&file, &chance), text, &file_key),
    ];
    let shares = |key: &VaultKey, count: u8, threshold: u8| {
        let texts = KeyShare::split(key, count, threshold, &chance).unwrap();
        let texts: Vec<_> = texts.iter().map(|share| share.to_text().expose_text().unwrap().to_owned()).collect();
        json!({"number": key.number(), "threshold": threshold, "texts": texts})
    };
    let shares = [shares(&first, 5, 3), shares(&second, 2, 2)];
    let _ = chance.first();
    let key = |key: &VaultKey, root: &[u8]| {
        json!({
            "number": key.number(),
            "root": hex(root),
            "id": key.id().to_string(),
            "wrapping_key": hex(&derive(root, vault, "wrapping of data keys")),
        })
    };
    json!({
        "about": "Test vectors of docs/archive.md. Bytes are hexadecimal, ids UUIDs.",
        "vault": vault.to_string(),
        "keys": [key(&first, &roots[0]), key(&second, &roots[1])],
        "slots": slots,
        "shares": shares,
        "sealed": sealed([&first, &second], &chance),
    })
}

fn kept() -> Value {
    serde_json::from_str(&std::fs::read_to_string(repository().join("docs/archive-vectors.json")).unwrap()).unwrap()
}

/// Whoever has read them once reads them for ever: vectors are added and none is changed.
#[test]
fn the_vectors_are_what_is_made() {
    let text = serde_json::to_string_pretty(&made(CountingChance::default())).unwrap() + "\n";
    let path = repository().join("docs/archive-vectors.json");
    if std::env::var_os("UPDATE_SNAPSHOT").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap() == text, "the bytes of sealed values have changed");
}

#[test]
fn every_vector_opens() {
    let vectors = kept();
    let vault: VaultId = vectors["vault"].as_str().unwrap().parse().unwrap();
    let list = |name: &str| vectors[name].as_array().unwrap().clone();
    let id_of = |number: u32| {
        let keys = list("keys");
        keys.iter().find(|key| key["number"] == number).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let mut keys: Vec<VaultKey> = Vec::new();
    let mut slots = Vec::new();
    for slot in list("slots") {
        let raw = KeySlot {
            number: u32::try_from(slot["number"].as_u64().unwrap()).unwrap(),
            kind: slot["kind"].as_str().unwrap().parse().unwrap(),
            parameters: unhex(&slot["parameters"]),
            wrapped: unhex(&slot["wrapped"]),
            lasting: unhex(&slot["lasting"]),
        };
        let by = secret(slot["opened_by"].as_str().unwrap());
        let key = match slot["kind"].as_str().unwrap() {
            "passphrase" => VaultKey::unlock_with_passphrase(vault, &raw, &by),
            _ => VaultKey::unlock_with_key_file(vault, &raw, &KeyFile::parse(&by).unwrap()),
        };
        keys.push(key.unwrap());
        slots.push(raw);
    }
    for export in list("shares") {
        let number = u32::try_from(export["number"].as_u64().unwrap()).unwrap();
        let texts = export["texts"].as_array().unwrap();
        let shares = texts.iter().rev().map(|text| KeyShare::parse(&secret(text.as_str().unwrap())).unwrap());
        let shared = KeyShare::combine(&shares.collect::<Vec<_>>()).unwrap();
        let slot = slots.iter().find(|slot| slot.number == number).unwrap();
        keys.push(VaultKey::unlock_with_shares(vault, id_of(number).parse().unwrap(), slot, shared).unwrap());
    }
    assert!(keys.iter().all(|key| key.id().to_string() == id_of(key.number())));
    let mut opened = 0;
    for value in list("sealed") {
        let kind = if value["kind"] == "seed" { SecretKind::Seed } else { SecretKind::Password };
        let id = |name: &str| value[name].as_str().unwrap().parse::<Uuid>().unwrap();
        let sealed = Sealed::from_bytes(unhex(&value["sealed"]));
        for key in keys.iter().filter(|key| value["key_number"] == key.number()) {
            let plain = key.open(&Binding::of(kind, id("owner"), id("version")), &sealed).unwrap();
            assert_eq!(hex(plain.expose()), value["plain"]);
            opened += 1;
        }
    }
    // Three ways to the first key, two to the second, under which two values are.
    assert_eq!(opened, 5 * 3 + 2 * 2, "each value by each way to its key");
}

/// `tools/read-archive` knows nothing of this code.
#[test]
fn a_reader_written_from_the_document_reads_them_and_what_is_new() {
    let folder = tempfile::tempdir().unwrap();
    let new = folder.path().join("new.json");
    std::fs::write(&new, made(SystemChance).to_string()).unwrap();
    let mut wrong = kept();
    wrong["sealed"][0]["version"] = wrong["sealed"][1]["version"].clone();
    let damaged = folder.path().join("wrong.json");
    std::fs::write(&damaged, wrong.to_string()).unwrap();
    let read = |path: &Path| {
        let reader = repository().join("tools/read-archive");
        Command::new("python3").arg(reader).arg("--vectors").arg(path).output().expect("python3 runs")
    };
    for path in [repository().join("docs/archive-vectors.json"), new] {
        let done = read(&path);
        assert!(done.status.success(), "{path:?}: {}", String::from_utf8_lossy(&done.stderr));
        assert_eq!(String::from_utf8_lossy(&done.stdout), "55 comparisons hold\n");
    }
    assert!(!read(&damaged).status.success(), "a reader that finds everything right proves nothing");
}
