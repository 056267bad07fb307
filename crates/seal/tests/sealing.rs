//! What is sealed opens for its owner and for nobody else.

use countersign_model::{CountingChance, Timestamp, VaultId};
use countersign_seal::{
    Binding, KeyFile, NotOpened, PasswordHash, Sealed, Secret, SecretKind, UnlockError, VaultKey, passphrase::Cost,
};
use proptest::prelude::*;

fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

fn vault(chance: &CountingChance) -> VaultKey {
    VaultKey::generate(VaultId::new(Timestamp::from_seconds(1), chance), chance)
}

fn binding(kind: SecretKind) -> Binding {
    Binding { kind, owner: [1; 16], version: [2; 16] }
}

#[test]
fn a_sealed_secret_opens_only_where_it_belongs() {
    let chance = CountingChance::default();
    let key = vault(&chance);
    let sealed = key.seal(&binding(SecretKind::Seed), &secret("JBSWY3DP"), &chance);
    assert!(key.open(&binding(SecretKind::Seed), &sealed) == Ok(secret("JBSWY3DP")));

    let elsewhere = [
        binding(SecretKind::Password),
        Binding { owner: [9; 16], ..binding(SecretKind::Seed) },
        Binding { version: [9; 16], ..binding(SecretKind::Seed) },
    ];
    for place in elsewhere {
        assert!(key.open(&place, &sealed) == Err(NotOpened), "opened as {place:?}");
    }
    assert!(
        vault(&chance).open(&binding(SecretKind::Seed), &sealed) == Err(NotOpened),
        "opened by another vault's key"
    );
}

#[test]
fn the_same_secret_never_looks_the_same_twice() {
    let chance = CountingChance::default();
    let key = vault(&chance);
    let one = key.seal(&binding(SecretKind::Seed), &secret("x"), &chance);
    let two = key.seal(&binding(SecretKind::Seed), &secret("x"), &chance);
    assert_ne!(one, two);
    assert_eq!(key.fingerprint("seed", &secret("x")), key.fingerprint("seed", &secret("x")));
    assert_ne!(key.fingerprint("seed", &secret("x")), key.fingerprint("password", &secret("x")));
    assert_ne!(key.fingerprint("seed", &secret("x")), vault(&chance).fingerprint("seed", &secret("x")));
}

proptest! {
    #[test]
    fn any_flipped_bit_is_found(place in 0usize..120, bit in 0u8..8) {
        let chance = CountingChance::default();
        let key = vault(&chance);
        let mut bytes = key.seal(&binding(SecretKind::Seed), &secret("JBSWY3DPEHPK3PXP"), &chance).bytes().to_vec();
        let place = place % bytes.len();
        bytes[place] ^= 1 << bit;
        prop_assert!(key.open(&binding(SecretKind::Seed), &Sealed::from_bytes(bytes)).is_err());
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let chance = CountingChance::default();
        prop_assert!(vault(&chance).open(&binding(SecretKind::Seed), &Sealed::from_bytes(bytes.clone())).is_err());
        prop_assert!(KeyFile::parse(&Secret::from(bytes.clone())).is_err());
        prop_assert!(!PasswordHash::from_bytes(bytes).verify(&secret("x")));
    }
}

#[test]
fn a_key_file_unlocks_its_vault_and_no_other() {
    let chance = CountingChance::default();
    let key = vault(&chance);
    let file = KeyFile::generate(key.vault(), &chance);
    let slot = key.slot_for_key_file(&file, &chance);
    let sealed = key.seal(&binding(SecretKind::Seed), &secret("x"), &chance);

    let file = KeyFile::parse(&file.to_text()).unwrap_or_else(|e| panic!("{e}"));
    let again = VaultKey::unlock_with_key_file(key.vault(), &slot, &file).unwrap_or_else(|e| panic!("{e}"));
    assert!(again.open(&binding(SecretKind::Seed), &sealed) == Ok(secret("x")));

    let stranger = VaultId::new(Timestamp::from_seconds(2), &chance);
    let error = VaultKey::unlock_with_key_file(key.vault(), &slot, &KeyFile::generate(stranger, &chance)).err();
    assert_eq!(error, Some(UnlockError::OtherVault { file: stranger, database: key.vault() }));
    let error = VaultKey::unlock_with_key_file(key.vault(), &slot, &KeyFile::generate(key.vault(), &chance)).err();
    assert_eq!(error, Some(UnlockError::WrongKey));
}

#[test]
fn a_passphrase_unlocks_letter_by_letter() {
    let chance = CountingChance::default();
    let key = vault(&chance);
    let slot = key.slot_for_passphrase(&secret("correct horse"), Cost::TEST, &chance);
    assert!(VaultKey::unlock_with_passphrase(key.vault(), &slot, &secret("correct horse")).is_ok());
    let error = VaultKey::unlock_with_passphrase(key.vault(), &slot, &secret("Correct horse")).err();
    assert_eq!(error, Some(UnlockError::WrongPassphrase));
    let mut damaged = slot.clone();
    damaged.parameters.pop();
    let error = VaultKey::unlock_with_passphrase(key.vault(), &damaged, &secret("correct horse")).err();
    assert_eq!(error, Some(UnlockError::Damaged));
}

#[test]
fn a_password_is_recognised_by_its_hash() {
    let chance = CountingChance::default();
    let hash = PasswordHash::new(&secret("one"), Cost::TEST, &chance);
    let hash = PasswordHash::from_bytes(hash.bytes().to_vec());
    assert!(hash.verify(&secret("one")));
    assert!(!hash.verify(&secret("two")));
}

#[test]
fn a_signature_holds_for_its_message_alone() {
    let chance = CountingChance::default();
    let key = vault(&chance).audit_signing_key();
    let public = key.verifying_key();
    let signature = key.sign(b"size 5");
    assert!(public.verifies(b"size 5", &signature));
    assert!(!public.verifies(b"size 6", &signature));
    assert!(!public.verifies(b"size 5", "00"));
    assert_eq!(countersign_seal::VerifyingKey::from_hex(&public.to_string()), Some(public));
}
