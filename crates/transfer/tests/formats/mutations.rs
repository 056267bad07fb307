//! Samples of every format that are cut or changed: none panics, and something is said of each.

use countersign_seal::Secret;
use countersign_transfer::{Import, ImportLimits, readable_formats};

use crate::mutated::{Chance, Sample, changed, changed_within, check, samples};
use crate::reading::told;

fn checked(sample: &Sample, bytes: &[u8], password: Option<&str>, what: &str) -> Import {
    check(&sample.name, bytes, password).unwrap_or_else(|problem| panic!("{}, {what}: {problem}", sample.name))
}

#[test]
fn each_sample_is_whole() {
    let samples = samples().unwrap();
    assert!(samples.len() > 70);
    for sample in samples.iter().filter(|sample| !sample.is_costly) {
        checked(sample, &sample.bytes, sample.password, "as it is");
    }
}

#[test]
fn each_sample_may_be_cut_or_changed() {
    let samples = samples().unwrap();
    for (number, sample) in samples.iter().enumerate() {
        let length = sample.bytes.len();
        for cut in (0..40).map(|part| part * length / 40) {
            checked(sample, &sample.bytes[..cut], None, &format!("cut to {cut}"));
        }
        for seed in 0..60 {
            let mut chance = Chance((number as u64) << 32 | seed);
            let other = &samples[chance.below(samples.len())];
            let bytes = changed(&mut chance, &sample.bytes, &other.bytes);
            // Costs that a change has raised are not paid here.
            checked(sample, &bytes, None, &format!("changed by {seed}"));
        }
    }
}

#[test]
fn documents_in_archives_may_be_changed() {
    let samples = samples().unwrap();
    let mut archives = 0;
    for sample in &samples {
        for seed in 0..60 {
            let mut chance = Chance(seed);
            let other = &samples[chance.below(samples.len())];
            let Some(bytes) = changed_within(&mut chance, &sample.bytes, &other.bytes) else { break };
            checked(sample, &bytes, None, &format!("changed within by {seed}"));
            archives += usize::from(seed == 0);
        }
    }
    assert!(archives >= 6, "{archives}");
}

/// Recognition keeps a file from most readers, and a reader must not lean on it.
#[test]
fn each_reader_may_be_given_each_sample() {
    // No key is made: ciphers that cost nothing are tried alone.
    let limits = ImportLimits { encrypted: 0, ..ImportLimits::default() };
    let password = Secret::from("mara’s file password".to_owned());
    let samples = samples().unwrap();
    let mut giving = 0;
    for (format, name) in readable_formats().enumerate() {
        let mut accounts = 0;
        for (number, sample) in samples.iter().enumerate() {
            let mut chance = Chance((number as u64) << 32 | format as u64);
            let other = &samples[chance.below(samples.len())];
            let changed = changed(&mut chance, &sample.bytes, &other.bytes);
            for bytes in [&sample.bytes, &changed] {
                let mut import = Import::new(limits);
                import.read_as(format, &sample.name, bytes, Some(&password)).unwrap();
                assert!(!import.items().is_empty(), "{name} of {}", sample.name);
                accounts += import.items().iter().filter(|item| item.outcome.is_ok()).count();
            }
        }
        giving += usize::from(accounts > 0);
    }
    // All but those that open nothing without a key, and those that only say why they refuse.
    assert!(giving > 40, "{giving}");
    let mut import = Import::new(limits);
    import.read_as(usize::MAX, "file", b"", None).unwrap();
    assert!(import.items().is_empty());
}

/// Those whose whole content is vouched for: a change of any byte gives the same accounts or none.
#[test]
fn what_is_sealed_is_opened_as_it_was_or_not_at_all() {
    let sealed = [
        "2fas_encrypted.2fas",
        "aegis_encrypted.json",
        "andotp_encrypted.json.aes",
        "andotp_encrypted_old.json.aes",
        "bitwarden-pbkdf2.json",
        "proton_authenticator_encrypted.json",
        "keepass-4-aes-kdf.kdbx",
    ];
    let samples = samples().unwrap();
    for name in sealed {
        let sample = samples.iter().find(|sample| sample.name == name).unwrap();
        let whole = told(&checked(sample, &sample.bytes, sample.password, "as it is"));
        assert!(whole.iter().any(|line| !line.contains(" !! ")), "{name}");
        let mut opened = 0;
        for seed in 0..24 {
            let mut bytes = sample.bytes.clone();
            let mut chance = Chance(seed);
            // Behind what says of costs.
            let at = bytes.len() / 2 + chance.below(bytes.len() / 2);
            bytes[at] ^= 1 << chance.below(8);
            let import = checked(sample, &bytes, sample.password, &format!("byte {at}"));
            if import.items().iter().any(|item| item.outcome.is_ok()) {
                assert_eq!(told(&import), whole, "{name}, byte {at}");
                opened += 1;
            }
        }
        assert!(opened < 12, "{name}");
    }
}
