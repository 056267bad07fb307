//! Users by commands: added with a set-up link, listed, given another link, removed.

use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{PASSWORD, Place, Server};

/// The address of the page that a link leads to, and what stands in its fragment.
fn link_of(out: &str, url: &str) -> String {
    let link = out.trim().strip_prefix(&format!("{url}/#/welcome/")).unwrap_or_else(|| panic!("no link: {out}"));
    assert!(!link.is_empty() && !link.contains(char::is_whitespace), "{out}");
    link.to_owned()
}

/// Chooses a password by a link, as the page does; gives the status.
async fn choose(server: &Server, link: &str) -> u16 {
    let body = json!({"link": link, "password": PASSWORD});
    server.with_cookie(Method::POST, "/api/v1/choose-password", "", &body).await.status
}

#[tokio::test]
async fn a_user_from_being_added_to_being_removed() {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    let users = |args: &[&str]| server.run(&place, &token, &[&["user"], args].concat());

    let added = users(&["add", "Zoë", "--role", "member"]).ok();
    let first = link_of(&added.out, &server.url);
    assert!(added.err.contains("added Zoë as member") && added.err.contains("once"), "{}", added.err);
    users(&["add", "zoë", "--role", "member"]).fails_with(&["another user has the name"]);
    users(&["add", "carol", "--role", "owner"]).fails_with(&["role"]);
    users(&["add", "carol"]).exit(2);

    let listed = users(&["list"]).ok();
    let rows: Vec<Vec<&str>> = listed.out.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows[0][..2], ["NAME", "ROLE"], "{}", listed.out);
    assert!(rows.iter().any(|row| row[..2] == ["root", "administrator"]), "{}", listed.out);
    assert!(rows.iter().any(|row| row[..2] == ["Zoë", "member"]), "{}", listed.out);
    let as_json = server.run(&place, &token, &["--json", "user", "list"]).ok().json();
    assert_eq!(as_json["items"].as_array().map(Vec::len), Some(2), "{as_json}");

    // The name in another case and with its accent apart is the same name; the new link takes the first one's place.
    let second = link_of(&users(&["set-up-link", "ZOe\u{308}"]).ok().out, &server.url);
    assert_ne!(first, second);
    assert_ne!(choose(&server, &first).await, 200);
    assert_eq!(choose(&server, &second).await, 200);
    assert_ne!(choose(&server, &second).await, 200, "it serves once");

    for verb in ["set-up-link", "remove"] {
        let missing = users(&[verb, "nobody"]).exit(4);
        assert!(missing.err.contains("there is no user \"nobody\""), "{}", missing.err);
    }
    users(&["remove", "root"]).fails_with(&["last administrator"]);
    assert_eq!(users(&["remove", "zoë"]).ok().out, "removed Zoë\n");
    users(&["remove", "zoë"]).exit(4);
}

#[test]
fn users_as_json_and_by_id() {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    let run = |args: &[&str]| server.run(&place, &token, &[&["--json", "user"], args].concat()).ok().json();

    let added: Value = run(&["add", "carol", "--role", "manager"]);
    assert_eq!((&added["name"], &added["role"]), (&json!("carol"), &json!("manager")));
    let url = added["setup_link"]["url"].as_str().unwrap();
    assert_eq!(link_of(url, &server.url), added["setup_link"]["link"].as_str().unwrap());
    let id = added["id"].as_str().unwrap();
    let link = run(&["set-up-link", id]);
    assert_eq!(link["url"], format!("{}/#/welcome/{}", server.url, link["link"].as_str().unwrap()));
    assert!(link["expires_at"].is_string());
    assert_eq!(run(&["remove", id]), json!({"removed": "carol"}));
}

#[tokio::test]
async fn a_token_that_manages_nobody_adds_and_removes_nobody() {
    let place = Place::new();
    let token = place.init();
    let server = place.serve();
    server.run(&place, &token, &["user", "add", "mia", "--role", "member"]).ok();
    let plain = server.ask(Method::POST, "/api/v1/api-tokens", &token, &json!({"name": "plain"})).await.ok();
    let plain = plain["token"].as_str().unwrap();
    for args in [
        &["user", "add", "eve", "--role", "administrator"][..],
        &["user", "set-up-link", "root"],
        &["user", "remove", "mia"],
    ] {
        let denied = server.run(&place, plain, args).exit(3);
        assert!(denied.out.is_empty() && denied.err.contains("error: "), "{}", denied.err);
    }
    let listed = server.run(&place, &token, &["user", "list"]).ok();
    assert!(listed.out.contains("mia") && !listed.out.contains("eve"), "{}", listed.out);
}

#[test]
fn an_administrator_is_added_beside_data_and_key_where_there_is_none() {
    let place = Place::new();
    place.init();
    let add = ["user", "add", "ann", "--role", "administrator", "--here", "--data", "data"];
    place.run(&add).fails_with(&["this vault has administrators: ask one of them"]);
    let delete = std::process::Command::new("sqlite3")
        .arg(place.path("data/countersign.db"))
        .arg("delete from person;")
        .status();
    assert!(delete.unwrap().success());
    let doctor = place.run(&["doctor", "--data", "data"]).exit(1);
    assert!(doctor.out.contains("has no users any more") && doctor.out.contains("--here"), "{}", doctor.out);
    place
        .run_with(&["init", "--data", "data", "--admin", "eve", "--password-stdin"], crate::house::PASSWORD)
        .fails_with(&["has no users any more", "--here"]);
    place
        .run(&["user", "add", "ann", "--role", "member", "--here", "--data", "data"])
        .fails_with(&["--role administrator"]);
    let made = place.run(&add).ok();
    assert!(made.out.starts_with("http://127.0.0.1:7117/#/welcome/"), "{}", made.out);
    assert!(made.err.contains("added ann as administrator"), "{}", made.err);
    place.run(&add).fails_with(&["this vault has administrators"]);
}
