//! `countersign key …`: a vault key that is replaced under load and through a kill, shares, a command that unlocks.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::json;

use crate::{
    chaos::{Readers, settle},
    house::{Place, SEED, Server},
    storms::with_credential,
};

async fn fill(server: &Server, token: &str, count: usize) {
    for n in 0..count {
        let body =
            json!({"name": format!("account {n}"), "password": format!("password {n}"), "totp": {"secret": SEED}});
        server.ask(Method::POST, "/api/v1/credentials", token, &body).await.ok();
    }
}

/// The new key is there and the former one gone.
async fn until_replaced(place: &Place, server: &Server, token: &str, number: u64) {
    let begun = Instant::now();
    loop {
        let key = server.run(place, token, &["--json", "key", "show"]).ok().json();
        if key["next"].is_null() {
            assert_eq!(key["number"], number, "{key}");
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{key}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Clients read on while the key is replaced; the server is killed in the middle of it, and the next one goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_is_replaced_under_load_and_through_kills() {
    let place = Place::new();
    let token = place.init();
    let mut server = place.serve();
    with_credential(&server, &token).await;
    fill(&server, &token, 150).await;
    let former = server.run(&place, &token, &["--json", "key", "show"]).ok().json();
    assert!(former["unlocked_by"].as_str().unwrap().ends_with("data.key"), "{former}");
    let readers = Readers::start(&token);
    let key_file = fs::read(place.path("data.key")).unwrap();
    readers.point_at(&[&server.url]);
    readers.until_answered(10, "before").await;
    for wait in [0, 20, 60] {
        let begun = server.run(&place, &token, &["--json", "key", "rotate", "--no-wait"]).ok().json();
        let number = begun["number"].as_u64().unwrap() + 1;
        tokio::time::sleep(Duration::from_millis(wait)).await;
        server.kill();
        server = place.serve();
        readers.point_at(&[&server.url]);
        readers.until_answered(10, "the key is being replaced").await;
        until_replaced(&place, &server, &token, number).await;
        readers.until_answered(10, "the key has been replaced").await;
    }
    let done = server.run(&place, &token, &["key", "rotate"]).ok();
    assert!(done.err.contains("The former key is gone"), "{done:?}");
    let kept = format!("was not replaced: keep the {}", former["unlocked_by"].as_str().unwrap());
    assert!(done.err.contains(&kept) && done.err.contains("key import"), "{done:?}");
    let key = server.run(&place, &token, &["--json", "key", "show"]).ok().json();
    assert_eq!(key["number"], 5, "{key}");
    assert_ne!(key["id"], former["id"]);
    assert_eq!(fs::read(place.path("data.key")).unwrap(), key_file, "the key file is the same");
    for n in [0, 77, 149] {
        let path = format!("/api/v1/credentials/name:account%20{n}/reveal");
        let revealed = server.ask(Method::POST, &path, &token, &json!({})).await.ok();
        assert_eq!(revealed["password"], format!("password {n}"));
    }
    settle(&place, &server, &token, readers).await;
    let log = fs::read_to_string(place.path("export.jsonl")).unwrap();
    assert_eq!(log.matches("\"vault.key_rotated\"").count(), 4);
    let file = fs::read_to_string(place.path("data.key")).unwrap();
    assert!(!log.contains(file.lines().last().unwrap().trim_start_matches("key ")));
    assert!(server.stop().success());
}

#[tokio::test]
async fn shares_open_a_vault_whose_key_file_is_lost() {
    let place = Place::new();
    let token = place.init();
    let mut server = place.serve();
    with_credential(&server, &token).await;
    let export = ["key", "export", "--shares", "5", "--threshold", "3", "--folder", "shares", "--data", "data"];
    place.run(&export).fails_with(&["in use"]);
    assert!(server.stop().success());
    let done = place.run(&export).ok();
    assert_eq!(done.out.lines().count(), 5, "{done:?}");
    assert!(done.err.contains("any 3 of them open the vault"), "{done:?}");
    let share = |n: usize| format!("shares/share-{n}-of-5.txt");
    for n in 1..=5 {
        assert_eq!(fs::metadata(place.path(&share(n))).unwrap().permissions().mode() & 0o777, 0o600);
    }
    place.run(&export).fails_with(&["share-1-of-5.txt cannot be written"]);

    let import = |shares: &[String], more: &[&str]| {
        let shares: Vec<&str> = shares.iter().map(String::as_str).collect();
        place.run(&[&["key", "import"], shares.as_slice(), &["--data", "data"], more].concat())
    };
    let three = [share(5), share(1), share(4)];
    import(&three, &[]).fails_with(&["data.key exists", "nothing is overwritten"]);
    fs::remove_file(place.path("data.key")).unwrap();
    import(&[share(1), share(2)], &[]).fails_with(&["2 of the 3 shares that are needed: 1 more"]);
    import(&[share(1), share(2), share(1)], &[]).fails_with(&["share 3 was given already"]);
    let text = fs::read_to_string(place.path(&share(3))).unwrap();
    place.write("wrong", text.replacen("any 3 make", "any 4 make", 1));
    import(&[share(1), share(2), "wrong".to_owned()], &[]).fails_with(&[
        "the share wrong",
        "damaged",
        "letter by letter",
    ]);
    place.write("none", "something else");
    import(&["none".to_owned()], &[]).fails_with(&["the share none", "not a share of a key"]);
    let done = import(&three, &[]).ok();
    assert!(done.out.contains("data.key") && done.err.contains("This new key file opens the vault"), "{done:?}");
    assert_eq!(fs::metadata(place.path("data.key")).unwrap().permissions().mode() & 0o777, 0o600);

    let server = place.serve();
    server.get("/api/v1/credentials/name:Instagram/token", &token).await.ok();
    let log = server.run(&place, &token, &["audit", "export"]).ok().out;
    assert!(log.contains("\"vault.key_exported\"") && log.contains("\"vault.key_imported\""));
}

#[tokio::test]
async fn a_command_unlocks_at_the_start() {
    let place = Place::new();
    let token = place.init();
    fs::rename(place.path("data.key"), place.path("elsewhere")).unwrap();
    let cat = ["--data", "data", "--unlock-command", "cat elsewhere"];
    let server = place.serve_with(&cat, &[]);
    let shown = server.run(&place, &token, &["key", "show"]).ok();
    assert!(shown.out.contains("unlocked by  command cat"), "{shown:?}");
    server.run(&place, &token, &["key", "rotate"]).ok();
    drop(server);

    place
        .write("settings.toml", "unlock_command = [\"sh\", \"-c\", \"sleep 1; cat elsewhere\"]\nunlock_seconds = 30\n");
    let mut server = place.serve_with(&["--data", "data", "--config", "settings.toml"], &[]);
    server.get("/healthz", "").await;
    assert!(server.stop().success());
    let failing = ["doctor", "--data", "data", "--unlock-command", "cat nowhere"];
    let done = place.run(&failing).exit(1);
    assert!(done.out.contains("the unlock command cat failed") && done.out.contains("nowhere"), "{done:?}");
    place
        .run(&["serve", "--data", "data", "--unlock-command", "cat elsewhere", "--key-file", "elsewhere"])
        .fails_with(&["unlocked by one of them"]);
}
