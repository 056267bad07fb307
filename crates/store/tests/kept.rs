//! Schemas that users had, brought up to date: each step finds rows to work on, none of them gets lost, and the schema is
//! then that of a new database. What a vault says of a kept database is tested in the room `vault`.

#![expect(clippy::unwrap_used, reason = "a test ends with the first surprise")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use countersign_store::MIGRATIONS;
use countersign_store::engine::{Database, EngineKind, OpenOptions};
use countersign_store::testing::{TestDatabase, run};

/// The tables that a step has taken away, and where their rows are since.
const MOVED: &[(&str, Option<&str>)] = &[("credential_grant", Some("access_grant")), ("audit_about", None)];

/// One folder a schema, named after its last step, with `sqlite.sql` and `postgres.sql`.
fn kept() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kept");
    let mut found: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.is_dir());
    found.sort();
    assert!(found.len() >= 3, "{found:?}");
    found
}

fn last_step(folder: &Path) -> usize {
    let name = folder.file_name().unwrap().to_str().unwrap();
    name.split('-').next().unwrap().parse().unwrap_or_else(|_| panic!("{name} does not begin with a step's number"))
}

/// Each row is where it was, or where its table has gone.
fn lost(before: &BTreeMap<String, i64>, after: &BTreeMap<String, i64>) -> Vec<String> {
    let stayed = |table: &String| match MOVED.iter().find(|(moved, _)| moved == table) {
        Some((_, Some(to))) => after.get(*to) == before.get(table),
        Some((_, None)) => true,
        None => after.get(table) == before.get(table),
    };
    let tables = before.keys().filter(|table| *table != "schema_version" && !stayed(table));
    tables.map(|table| format!("{table}: {:?} of {:?}", after.get(table), before.get(table))).collect()
}

fn upgrade_all(kind: EngineKind) {
    let mut new = Default::default();
    run(kind, MIGRATIONS, async |database| new = database.objects().await);
    for folder in kept() {
        let file = folder.join(match kind {
            EngineKind::Sqlite => "sqlite.sql",
            EngineKind::Postgres => "postgres.sql",
        });
        let shown = file.display();
        let sql = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{shown}: {error}"));
        run(kind, &[], async |database| {
            database.load(&sql).await;
            let before = database.rows().await;
            let bare: Vec<&String> = before.iter().filter(|(_, count)| **count == 0).map(|(table, _)| table).collect();
            assert!(bare.is_empty(), "{shown} has no row in {bare:?}, so nothing is known of them");
            let steps = last_step(&folder);
            assert_eq!(before["schema_version"], i64::try_from(steps).unwrap(), "{shown}");
            let done = database.migrate(MIGRATIONS, 5).await.unwrap_or_else(|error| panic!("{shown}: {error}"));
            assert_eq!(done, MIGRATIONS.len() - steps, "{shown}");
            assert_eq!(lost(&before, &database.rows().await), Vec::<String>::new(), "{shown}");
            assert!(database.astray().await.is_empty(), "{shown}: {:?}", database.astray().await);
            let upgraded = database.objects().await;
            let unlike: Vec<_> = upgraded.symmetric_difference(&new).collect();
            assert!(unlike.is_empty(), "{shown} becomes another schema than a new one: {unlike:#?}");
            opens_again(database, &shown.to_string()).await;
        });
    }
}

async fn opens_again(database: &TestDatabase, shown: &str) {
    database.close().await;
    let again = Database::open(database.url(), &OpenOptions::default()).await.unwrap();
    assert_eq!(again.migrate(MIGRATIONS, 6).await.unwrap(), 0, "{shown}");
    again.close().await;
}

#[test]
fn kept_schemas_are_upgraded_on_sqlite() {
    upgrade_all(EngineKind::Sqlite);
}

#[test]
fn kept_schemas_are_upgraded_on_postgres() {
    upgrade_all(EngineKind::Postgres);
}
