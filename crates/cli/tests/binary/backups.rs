//! Backups of either engine, restored onto either; a vault that moves to PostgreSQL; and what is refused.

use std::{
    fs,
    time::{Duration, Instant},
};

use countersign_store::engine::{Database, DatabaseUrl, OpenOptions, Statement};
use reqwest::Method;
use serde_json::json;

use crate::{
    house::{Place, SEED, Server},
    postgres::Postgres,
};

/// A credential with password and setup key, of which a token was taken, and an API token that another made.
async fn live_in(server: &Server, token: &str) {
    let credential = json!({
        "name": "Shop", "username": "shop@example.org", "password": "its password", "totp": {"secret": SEED}, "tags": ["social"],
    });
    server.ask(Method::POST, "/api/v1/credentials", token, &credential).await.ok();
    server.get("/api/v1/credentials/name:Shop/token", token).await.ok();
    let made =
        server.ask(Method::POST, "/api/v1/api-tokens", token, &json!({"name": "narrow", "role": "auditor"})).await.ok();
    assert!(made["token"].is_string(), "{made}");
}

async fn holds_what_it_held(place: &Place, server: &Server, token: &str) {
    server.get("/api/v1/credentials/name:Shop/token", token).await.ok();
    let export = server.run(place, token, &["audit", "export"]).ok().out;
    let export = place.write("export.jsonl", export);
    place.run(&["audit", "verify", export.to_str().unwrap()]).ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_vault_moves_to_postgresql_and_its_backup_is_restored_onto_either() {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    live_in(&server, &token).await;
    let postgres = Postgres::start();
    let url = postgres.url();
    place.run(&["move", &url, "--data", "data"]).fails_with(&["countersign.db", "in use"]);
    drop(server);
    place.run(&["move", "sqlite:other.db", "--data", "data"]).fails_with(&["postgres://USER@HOST/DATABASE"]);
    place.run(&["move", &url, "--data", "nowhere"]).fails_with(&["countersign.db is not there"]);
    let before = fs::read(place.path("data/countersign.db")).unwrap().len();
    let moved = place.run(&["move", &url, "--data", "data"]).ok();
    assert!(moved.out.starts_with("Moved ") && moved.out.contains("rows to postgres://"), "{moved:?}");
    assert!(fs::read(place.path("data/countersign.db")).unwrap().len() >= before, "the file stays");

    // The file serves no more, and the database is not moved into twice.
    place.run(&["serve", "--data", "data"]).fails_with(&["serves no more", "was moved to postgres://", ".moved"]);
    place.run(&["move", &url, "--data", "data"]).fails_with(&["serves no more"]);
    let note = place.path("data/countersign.db.moved");
    fs::remove_file(&note).unwrap();
    place.run(&["move", &url, "--data", "data"]).fails_with(&["holds a vault already", "nothing is overwritten"]);
    assert!(!note.exists(), "nothing was begun, so the file serves on");
    // As if it had been ended between the last row and the last word: it ends then, and says so once.
    fs::write(&note, format!("its vault is being moved to {url}")).unwrap();
    place.run(&["serve", "--data", "data"]).fails_with(&["serves no more", "being moved"]);
    place.run(&["move", &url, "--data", "data"]).ok();

    let at = ["--data", "data", "--database", &url];
    let server = place.serve_with(&at, &[]);
    holds_what_it_held(&place, &server, &token).await;
    let records = server.run(&place, &token, &["audit", "list", "--act", "vault.moved"]).ok();
    assert!(records.out.contains("vault.moved"), "{records:?}");

    // While it serves.
    let done = place.run(&["backup", "pg.backup", "--data", "data", "--database", &url]).ok();
    assert!(done.out.starts_with("Wrote pg.backup"), "{done:?}");
    place.run(&["backup", "pg.backup", "--data", "data", "--database", &url]).fails_with(&["exists", "name another"]);
    drop(server);
    let sound = place.run(&["--json", "backup", "verify", "pg.backup", "--data", "data"]).ok().json();
    assert_eq!((sound["sound"].clone(), sound["tokens"].clone()), (json!(true), json!(1)), "{sound}");
    assert!(sound["opened"].as_u64() >= Some(2) && sound["records"].as_u64() > Some(5), "{sound}");

    fs::copy(place.path("data.key"), place.path("again.key")).unwrap();
    place.run(&["restore", "pg.backup", "--data", "again"]).ok();
    let server = place.serve_with(&["--data", "again"], &[]);
    holds_what_it_held(&place, &server, &token).await;
    drop(server);
    let other = postgres.create("other");
    let restored = place.run(&["restore", "pg.backup", "--data", "again", "--database", &other]).ok();
    assert!(restored.err.contains("The key opens it"), "{restored:?}");
    place
        .run(&["restore", "pg.backup", "--data", "again", "--database", &other])
        .fails_with(&["holds a vault already", "nothing is overwritten"]);
    let server = place.serve_with(&["--data", "again", "--database", &other], &[]);
    holds_what_it_held(&place, &server, &token).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_makes_backups_by_itself() {
    let place = Place::new();
    let token = place.init();
    place.run(&["backup", "list", "--data", "data"]).fails_with(&["makes no backups by itself", "COUNTERSIGN_BACKUPS"]);
    place.run(&["backup", "verify", "--data", "data"]).fails_with(&["name the file to verify"]);
    let variables = [("COUNTERSIGN_BACKUPS", "kept")];
    let server = place.serve_with(&["--data", "data"], &variables);
    live_in(&server, &token).await;
    let begun = Instant::now();
    let listed = loop {
        let listed = place.run_env(&["--json", "backup", "list", "--data", "data"], &variables).ok().json();
        if !listed["backups"].as_array().unwrap().is_empty() {
            break listed;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "no backup is made: {}", server.log());
    };
    assert_eq!(listed["place"], "data/kept", "a relative place lies in the data folder");
    let name = listed["backups"][0]["name"].as_str().unwrap();
    assert!(place.path("data/kept").join(name).exists());
    let elsewhere = place.path("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let records = server.run(&place, &token, &["audit", "list", "--act", "backup.made"]).ok();
    assert!(records.out.contains("backup.made"), "{records:?}");
    let sound = place.run_env(&["backup", "verify", "--data", "data"], &variables).ok();
    assert!(sound.out.contains(&format!("data/kept/{name}: sound")), "{sound:?}");
    let settings = place.write("wrong.toml", "backups = \"kept\"\nbackups_every = \"1s\"\n");
    drop(server);
    place
        .run(&["serve", "--data", "new", "--config", settings.to_str().unwrap()])
        .fails_with(&["backups_every is \"1s\"", "from 15m to 30d"]);
    assert!(!place.path("new").exists(), "a mistyped setting leaves no vault behind");
}

/// Whoever makes a backup of their own may put programs into it, which then run in the vault that is restored.
#[tokio::test]
async fn promise_1_a_backup_with_programs_in_it_is_refused() {
    static PLANTED: Statement = Statement::one(
        "planted",
        "create trigger quiet after insert on audit_block begin delete from audit_block where last = new.last; end",
    );
    let place = Place::new();
    place.init();
    place.run(&["backup", "whole", "--data", "data"]).ok();
    fs::copy(place.path("whole"), place.path("forged")).unwrap();
    let forged = Database::open(&DatabaseUrl::Sqlite(place.path("forged")), &OpenOptions::default()).await.unwrap();
    let mut tx = forged.write().await.unwrap();
    tx.execute(&PLANTED, countersign_store::args![]).await.unwrap();
    tx.commit().await.unwrap();
    forged.close().await;
    place
        .run(&["backup", "verify", "forged", "--data", "data"])
        .fails_with(&["forged is no whole backup", "trigger quiet"]);
    place.run(&["restore", "forged", "--data", "other"]).fails_with(&["forged cannot be restored", "trigger quiet"]);
    assert!(!place.path("other/countersign.db").exists());
    place.run(&["backup", "verify", "whole", "--data", "data"]).ok();
}

/// Whatever a file is called, and whatever else is in the database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_and_neighbours_cost_nobody_anything() {
    let place = Place::new();
    let token = place.init();
    for name in [":memory:", "file:odd?mode=memory"] {
        place.run(&["backup", name, "--data", "data"]).ok();
        place.run(&["backup", "verify", name, "--data", "data"]).ok();
    }
    let postgres = Postgres::start();
    let url = postgres.url();
    // A schema that is called as its user, beside the vault's, and somebody's table in it.
    postgres.ask("create table notes (what text); insert into notes values ('mine')");
    place.run(&["move", &url, "--data", "data"]).ok();
    postgres.ask("create schema countersign; create table countersign.other (what text)");
    place.run(&["backup", "whole", "--data", "data", "--database", &url]).ok();
    let sound = place.run(&["--json", "backup", "verify", "whole", "--data", "data"]).ok().json();
    assert!(sound["records"].as_u64() > Some(1), "{sound}");
    assert!(!place.path("whole-wal").exists() && !place.path("whole-shm").exists());
    assert_eq!(postgres.ask("select what from notes"), "mine");
    let server = place.serve_with(&["--data", "data", "--database", &url], &[]);
    server.get("/api/v1/credentials", &token).await.ok();
    // The file that was left behind is not backed up in its place.
    place.run(&["backup", "stale", "--data", "data"]).fails_with(&["serves no more"]);
}

#[test]
fn what_is_no_backup_or_another_vaults_is_told() {
    let place = Place::new();
    place.init();
    place.run(&["backup", "whole", "--data", "data"]).ok();
    place.write("text", "no database at all, though some pages long. ".repeat(1_000));
    place.run(&["backup", "verify", "text", "--data", "data"]).fails_with(&["text is no whole backup"]);
    place.run(&["backup", "verify", "missing", "--data", "data"]).fails_with(&["missing", "no such file"]);
    fs::copy(place.path("whole"), place.path("in-use")).unwrap();
    place.write("in-use-wal", "what was written since");
    place.run(&["backup", "verify", "in-use", "--data", "data"]).fails_with(&["in-use-wal", "no backup"]);
    place.run(&["restore", "in-use", "--data", "third"]).fails_with(&["in-use-wal", "no backup"]);
    place.run_with(&["init", "--data", "other", "--admin", "root", "--password-stdin"], crate::house::PASSWORD).ok();
    place.run(&["backup", "verify", "whole", "--data", "other"]).fails_with(&["whole is not sound", "key"]);
    // Nothing of it is left, and the backup is as it was.
    let left: Vec<_> = fs::read_dir(place.path(".")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with("countersign-verify")), "{left:?}");
    place.run(&["backup", "verify", "whole", "--data", "data"]).ok();
}
