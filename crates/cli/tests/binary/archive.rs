//! Whole backups, read without Countersign: by `tools/read-archive`, which was written from `docs/archive.md` alone.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    house::{Done, Place, SEED, Server, run},
    postgres::Postgres,
};

fn read(place: &Place, args: &[&str]) -> Done {
    let reader = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tools/read-archive");
    let mut command = Command::new("python3");
    command.arg(reader).args(args).current_dir(place.path(""));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    run(command, b"")
}

fn lines(done: Done) -> Vec<Value> {
    done.ok().out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

async fn add(server: &Server, token: &str, body: Value) -> String {
    let made = server.ask(Method::POST, "/api/v1/credentials", token, &body).await.ok();
    made["id"].as_str().unwrap().to_owned()
}

/// Everything that a reader may meet: each kind of setup key, one that has moved on, former passwords, the bin.
async fn live_in(server: &Server, token: &str) {
    let shop = json!({
        "name": "Übershop / 2", "username": "ümit@example.org", "password": "its \"first\" – password",
        "totp": {"secret": SEED}, "tags": ["social", "a b"], "notes": "two\nlines", "site": {"url": "https://shop.example/in"},
    });
    let shop = add(server, token, shop).await;
    let path = format!("/api/v1/credentials/{shop}");
    server.ask(Method::PATCH, &path, token, &json!({"password": "its second password"})).await.ok();
    let door = json!({
        "name": "Door", "username": "carol",
        "totp": {"uri": format!("otpauth://hotp/Door:carol?secret={SEED}&counter=41&digits=8")},
    });
    let door = add(server, token, door).await;
    server.ask(Method::POST, &format!("/api/v1/credentials/{door}/token"), token, &json!({})).await.ok();
    let games = json!({"name": "Games", "totp": {"uri": format!("otpauth://steam/Games?secret={SEED}")}});
    add(server, token, games).await;
    add(server, token, json!({"name": "plain"})).await;
    let gone = add(server, token, json!({"name": "Gone", "password": "in the bin", "totp": {"secret": SEED}})).await;
    let path = format!("/api/v1/credentials/{gone}");
    assert!(server.ask(Method::DELETE, &path, token, &Value::Null).await.status < 300);
}

fn wanted() -> Vec<Value> {
    let totp = |name: &str, user: &str| {
        format!("otpauth://totp/{name}:{user}?secret={SEED}&issuer={name}&algorithm=SHA1&digits=6&period=30")
    };
    vec![
        json!({
            "name": "Door", "username": "carol", "site": null, "notes": "", "tags": [],
            "otpauth": format!("otpauth://hotp/Door:carol?secret={SEED}&issuer=Door&algorithm=SHA1&digits=8&counter=42"),
        }),
        json!({
            "name": "Games", "username": "", "site": null, "notes": "", "tags": [],
            "otpauth": format!("otpauth://steam/Games:?secret={SEED}&issuer=Games&algorithm=SHA1&digits=5&period=30"),
        }),
        json!({"name": "plain", "username": "", "site": null, "notes": "", "tags": []}),
        json!({
            "name": "Übershop / 2", "username": "ümit@example.org", "site": "https://shop.example/in", "notes": "two\nlines",
            "tags": ["a b", "social"], "password": "its second password", "former": ["its \"first\" – password"],
            "otpauth": totp("%C3%9Cbershop%20%2F%202", "%C3%BCmit%40example.org"),
        }),
        json!({
            "name": "Gone", "username": "", "site": null, "notes": "", "tags": [], "password": "in the bin",
            "otpauth": totp("Gone", ""),
        }),
    ]
}

/// What `--all` prints, without the moment of a removal, which is looked at.
fn all(place: &Place, args: &[&str]) -> Vec<Value> {
    let mut read = lines(read(place, &[args, &["--all"]].concat()));
    let removed = read.last_mut().unwrap().as_object_mut().unwrap().remove("removed_at");
    assert!(removed.is_some_and(|at| at.as_i64() > Some(1_700_000_000_000_000)), "microseconds");
    read
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_read_without_countersign() {
    let place = Place::new();
    let token = place.init();
    let mut server = place.serve();
    live_in(&server, &token).await;
    place.run(&["backup", "one", "--data", "data"]).ok();
    let by_file = ["--key-file", "data.key"];
    let before = fs::read(place.path("one")).unwrap();
    assert_eq!(all(&place, &[&["one"], by_file.as_slice()].concat()), wanted());
    // Without --all, what serves now.
    let now = lines(read(&place, &[&["one"], by_file.as_slice()].concat()));
    assert!(now.len() == 4 && now.iter().all(|line| line["former"].is_null()), "{now:?}");
    assert!(fs::read(place.path("one")).unwrap() == before && !place.path("one-wal").exists(), "nothing is written");

    // Under the vault's second key, half of it still under the first or all under the second; and by shares.
    server.run(&place, &token, &["key", "rotate"]).ok();
    add(&server, &token, json!({"name": "zz later", "password": "sealed under the second key"})).await;
    assert!(server.stop().success());
    let export = ["key", "export", "--shares", "3", "--threshold", "2", "--folder", "shares", "--data", "data"];
    place.run(&export).ok();
    place.run(&["backup", "two", "--data", "data"]).ok();
    let later = lines(read(&place, &[&["two"], by_file.as_slice()].concat()));
    assert!(later.iter().any(|line| line["password"] == "sealed under the second key"), "{later:?}");
    let shares = ["two", "--shares", "shares/share-3-of-3.txt", "shares/share-1-of-3.txt"];
    assert_eq!(lines(read(&place, &shares)), later);
    let done = read(&place, &shares[..3]).exit(1);
    assert!(done.err.contains("2 shares are needed") && done.out.is_empty(), "{done:?}");
    let done = read(&place, &["one", "--shares", "shares/share-3-of-3.txt", "shares/share-1-of-3.txt"]).exit(1);
    assert!(done.err.contains("this backup does not have"), "{done:?}");

    // Another vault's key.
    place.run_with(&["init", "--data", "other", "--admin", "root", "--password-stdin"], crate::house::PASSWORD).ok();
    let done = read(&place, &["one", "--key-file", "other.key"]).exit(1);
    assert!(done.err.contains("another vault") && done.out.is_empty(), "{done:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_of_postgresql_is_the_same_file() {
    let place = Place::new();
    let postgres = Postgres::start();
    let url = postgres.url();
    let at = ["--data", "data", "--database", &url];
    let token = place.init_with(&at[2..]);
    let server = place.serve_with(&at, &[]);
    live_in(&server, &token).await;
    place.run(&[&["backup", "pg.backup"], at.as_slice()].concat()).ok();
    assert_eq!(all(&place, &["pg.backup", "--key-file", "data.key"]), wanted());
}

#[tokio::test]
async fn words_open_a_backup() {
    // 64 MiB and three passes: in plain Python alone that takes minutes.
    let stretches = "from cryptography.hazmat.primitives.kdf.argon2 import Argon2id";
    if !Command::new("python3").args(["-c", stretches]).output().is_ok_and(|done| done.status.success()) {
        println!("python3 has no Argon2id here: what a passphrase opens is read from the vectors alone");
        return;
    }
    let place = Place::new();
    place.write_private("words", "correct horse – battery ünder staple\n");
    let at = ["--data", "data", "--passphrase-file", "words"];
    let token = place.init_with(&at[2..]);
    let server = place.serve_with(&at, &[]);
    live_in(&server, &token).await;
    place.run(&[&["backup", "one"], at.as_slice()].concat()).ok();
    assert_eq!(all(&place, &["one", "--passphrase-file", "words"]), wanted());
    place.write_private("wrong", "correct horse – battery under staple\n");
    let done = read(&place, &["one", "--passphrase-file", "wrong"]).exit(1);
    assert!(done.err.contains("the passphrase does not open this backup") && done.out.is_empty(), "{done:?}");
}
