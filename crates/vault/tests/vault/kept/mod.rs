//! Vaults that users have, opened by this version: `tests/kept/` has a folder for each released schema, which is never changed
//! again. `tools/keep-schema` makes the one of a release.

mod lived_in;
mod opened;

use std::{
    fs,
    path::{Path, PathBuf},
};

use countersign_store::{
    MIGRATIONS,
    engine::{Database, EngineKind, OpenOptions, copy_vault},
    testing::{TestDatabase, run},
};

/// The time of each kept vault. RFC 6238 appendix B has the token of this second.
const AT: i64 = 1_234_567_890;

/// Tables in which a small vault of today has nothing: rows of the log before it was kept in blocks, and the index of its whole
/// runs, of which the first has 16,384 records.
const BARE: &[&str] = &["audit_index", "audit_name", "audit_record", "audit_run"];

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kept"))
}

/// What is kept of a vault, besides the database of each engine.
const KEY_FILE: &str = "vault.key";
const BEARER: &str = "api-token";
const CHECKPOINT: &str = "checkpoint.json";

fn file_of(kind: EngineKind) -> &'static str {
    match kind {
        EngineKind::Sqlite => "sqlite.sql",
        EngineKind::Postgres => "postgres.sql",
    }
}

/// What a release keeps is whole only where each table has a row. `tools/keep-schema VERSION` has it kept.
#[test]
fn something_has_happened_in_each_table() {
    run(EngineKind::Sqlite, MIGRATIONS, async |database| {
        let (fixture, bearer) = lived_in::lived_in(database).await;
        let checkpoint = fixture.vault.make_checkpoint().await.unwrap();
        let rows = database.rows().await;
        let bare: Vec<String> = rows.into_iter().filter(|(_, rows)| *rows == 0).map(|(table, _)| table).collect();
        assert_eq!(bare, BARE, "let something happen to the other tables in kept/lived_in.rs");
        fixture.vault.close().await;
        let Ok(version) = std::env::var("COUNTERSIGN_KEEP_SCHEMA") else { return };
        let into = folder().join(version);
        fs::create_dir_all(folder()).unwrap();
        fs::create_dir(&into)
            .unwrap_or_else(|error| panic!("{}: {error}: what was kept stays as it is", into.display()));
        fs::copy(fixture.folder.path().join(KEY_FILE), into.join(KEY_FILE)).unwrap();
        fs::write(into.join(BEARER), bearer.expose()).unwrap();
        fs::write(into.join(CHECKPOINT), serde_json::to_string_pretty(&checkpoint).unwrap() + "\n").unwrap();
        fs::write(into.join(file_of(EngineKind::Sqlite)), database.dump()).unwrap();
        let from = Database::open(database.url(), &OpenOptions::default()).await.unwrap();
        run_postgres(&from, &into).await;
        from.close().await;
    });
}

/// The same vault on PostgreSQL.
async fn run_postgres(from: &Database, into: &Path) {
    let to = TestDatabase::new(EngineKind::Postgres, &[]).await;
    copy_vault(from, &to, MIGRATIONS, "kept", 0, &mut |_| {}).await.unwrap();
    fs::write(into.join(file_of(EngineKind::Postgres)), to.dump()).unwrap();
    to.close().await;
}
