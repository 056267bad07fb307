//! The sign-in of a session runs as a change does, and is none for people. Who means every run, and who tells a sign-in from
//! others, is listed here; everybody else reads what people call changes, in which there are no sign-ins. Which statements know
//! the table itself is listed in `store/tests/engine_schema.rs`.

use super::receipts::places_of;

/// Words that only those files of the vault may use, and in how many lines.
const PLACES: &[(&str, &[(&str, usize)])] = &[
    // A worker has taken it by its job, or its session is over.
    ("runs::find(", &[("vault/src/changes/claim.rs", 1), ("vault/src/sessions/ask.rs", 1)]),
    // Whatever runs there keeps the policy, another change, a session and the credential's removal waiting; that looks once more when nobody else can begin one.
    (
        "runs::open(",
        &[("vault/src/changes/due.rs", 1), ("vault/src/credentials/edit.rs", 3), ("vault/src/sessions/ask.rs", 1)],
    ),
    // Nobody asks for one by itself; a worker begins it once, ends it with words of its own and tells nobody of it; a session
    // begins with one, and what is still open after it is called that.
    (
        "ChangeKind::SignIn",
        &[
            ("vault/src/changes/ask.rs", 1),
            ("vault/src/changes/claim.rs", 2),
            ("vault/src/changes/end.rs", 1),
            ("vault/src/changes/run.rs", 1),
            ("vault/src/sessions/ask.rs", 2),
        ],
    ),
];

#[test]
fn only_what_runs_changes_meets_the_sign_ins_of_sessions() {
    for (word, places) in PLACES {
        let mut found = places_of(word);
        found.retain(|(file, _)| file.starts_with("vault/"));
        let known: Vec<(String, usize)> = places.iter().map(|(path, times)| ((*path).to_owned(), *times)).collect();
        assert_eq!(found, known, "{word}: read what people see (`store::changes`), or list it here with its reason");
    }
}
