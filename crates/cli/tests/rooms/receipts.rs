//! *No record, no secret*, where types alone do not say it: who may make a receipt, who may commit without a record, and what
//! leaves the vault without one. Each place is listed here with its count, so that another is noticed.

use std::{fs, path::Path};

/// Words that only those files may use, and how often each.
const PLACES: &[(&str, &[(&str, usize)])] = &[
    // Receipts come from the store: of a commit, and of a playback that was written with its record.
    (
        "of_durable_record(",
        &[("seal/src/withheld.rs", 1), ("store/src/engine/alone.rs", 1), ("store/src/sessions/recordings.rs", 1)],
    ),
    // What the server's own machinery needs: the senders of notices and of the audit log, who speaks to the sign-in provider, and the worker's browser.
    (
        "release_unrecorded(",
        &[
            ("seal/src/withheld.rs", 1),
            ("vault/src/audit/sinks/stored.rs", 1),
            ("vault/src/changes/run.rs", 1),
            ("vault/src/credentials/export.rs", 2),
            ("vault/src/notices/settings.rs", 1),
            ("vault/src/users/provider/settings.rs", 1),
        ],
    ),
    // Looked at, and nothing of it goes out: a token to compare with, a step's times, a password to hide in a text.
    (
        "stays_inside(",
        &[
            ("seal/src/withheld.rs", 1),
            ("vault/src/changes/typed.rs", 4),
            ("vault/src/tokens/read.rs", 3),
            ("vault/src/users/account.rs", 1),
            ("vault/src/users/sign_in.rs", 1),
        ],
    ),
    // A screenshot's record is about the credential of its change.
    ("owned_by(", &[("seal/src/withheld.rs", 1), ("vault/src/changes/run.rs", 1)]),
    // A transaction is a unit, but for what makes, migrates and unlocks a vault, and for the log itself with its index and the uses that
    // are counted from it.
    (
        ".write().await",
        &[
            // A copy of a whole vault into a database that nobody serves.
            ("store/src/engine/copy/mod.rs", 4),
            ("store/src/engine/migrate.rs", 1),
            ("vault/src/audit/committer.rs", 4),
            ("vault/src/audit/group.rs", 1),
            ("vault/src/keys/open.rs", 7),
            ("vault/src/keys/shares.rs", 1),
            ("vault/src/tokens/read.rs", 1),
            ("vault/src/vault.rs", 1),
        ],
    ),
];

#[test]
fn promise_1_receipts_come_from_the_store_and_what_leaves_without_is_listed() {
    for (word, places) in PLACES {
        let known: Vec<(String, usize)> = places.iter().map(|(path, times)| ((*path).to_owned(), *times)).collect();
        assert_eq!(places_of(word), known, "{word}: see why it is used elsewhere, or list it here with its reason");
    }
}

/// The files of all rooms that use a word, and in how many lines, comments and tests apart.
pub(super) fn places_of(word: &str) -> Vec<(String, usize)> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut found = Vec::new();
    for room in fs::read_dir(&crates).expect("the rooms").flatten() {
        count(&room.path().join("src"), &crates, word, &mut found);
    }
    found.sort();
    found
}

fn count(folder: &Path, crates: &Path, word: &str, found: &mut Vec<(String, usize)>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            count(&path, crates, word, found);
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let times =
            code.lines().filter(|line| !line.trim_start().starts_with("//")).filter(|line| line.contains(word)).count();
        if times > 0 {
            let name = path.strip_prefix(crates).expect("below the rooms").to_string_lossy().into_owned();
            found.push((name, times));
        }
    }
}
