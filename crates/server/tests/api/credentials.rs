//! Credentials: names of all kinds, edits, conflicts, lists.

use countersign_model::Role;
use serde_json::{Value, json};

use crate::fixture::{SITE_PASSWORD, TestServer, by_name};

#[tokio::test]
async fn a_name_may_hold_any_characters() {
    let fixture = TestServer::new().await;
    for name in ["a/b", "50% @ home", "späte Grüße 🗝️", "name:x", "..", "?#&=+", "\"quoted\" \\ back", "漢字", "%2F"]
    {
        let path = fixture.credential(name).await;
        let read = fixture.get(&by_name(name)).await.ok();
        assert_eq!(read["name"], name);
        assert_eq!(path, format!("/api/v1/credentials/{}", read["id"].as_str().unwrap()));
        fixture.get(&format!("{}/token", by_name(name))).await.ok();
    }
    let upper = fixture.get(&by_name("SPÄTE grüße 🗝️")).await.ok();
    assert_eq!(upper["name"], "späte Grüße 🗝️", "whatever the case of its letters");
}

#[tokio::test]
async fn what_is_made_is_read_again() {
    let fixture = TestServer::new().await;
    let path = fixture.credential("Instagram").await;
    let read = fixture.get(&path).await.ok();
    assert_eq!(read["username"], "alice@example.org");
    assert_eq!(read["site"]["url"], "https://example.org/login");
    assert_eq!(read["second_factor"], json!({"kind": "totp", "algorithm": "SHA1", "digits": 8, "period": 30}));
    assert_eq!(
        read["may"],
        json!({
            "token": true, "reveal": true, "edit": true, "change": true, "session": true, "remove": true, "grant": true,
            "audit": true, "transfer": false,
        })
    );
    assert_eq!(
        (&read["has_password"], &read["revision"], &read["status"]),
        (&json!(true), &json!(1), &json!("active"))
    );
    assert_eq!(read["created_at"], "2005-03-18T01:58:10.000Z");
    assert_eq!(read["password_changed_at"], read["created_at"]);
    let text = read.to_string();
    assert!(!text.contains(crate::fixture::SEED) && !text.contains("horse"), "no secret is in it");

    assert_eq!(fixture.ask("DELETE", &path).by(&fixture.root).send().await.status, 204);
    assert_eq!(fixture.get(&path).await.problem(404), "not-found");
    assert_eq!(fixture.get(&format!("{path}/token")).await.problem(404), "not-found");
}

#[tokio::test]
async fn one_name_for_one_credential() {
    let fixture = TestServer::new().await;
    fixture.credential("Instagram").await;
    let other = fixture.credential("Facebook").await;
    let taken = fixture.post("/api/v1/credentials", json!({"name": " INSTAGRAM "})).await;
    assert_eq!(taken.problem(409), "conflict");
    assert!(taken.detail().contains("INSTAGRAM"), "{}", taken.detail());
    assert_eq!(fixture.patch(&other, json!({"name": "instagram"})).await.problem(409), "conflict");
    fixture.patch(&other, json!({"name": "FACEBOOK"})).await.ok();
}

#[tokio::test]
async fn a_null_takes_away_and_what_is_left_out_stays() {
    let fixture = TestServer::new().await;
    let path = fixture.credential("Instagram").await;
    let same = fixture.patch(&path, json!({"notes": "by the door"})).await.ok();
    assert_eq!((&same["notes"], &same["has_password"]), (&json!("by the door"), &json!(true)));
    assert_eq!(same["site"]["url"], "https://example.org/login");
    assert_eq!((&same["tags"], &same["revision"]), (&json!(["social"]), &json!(2)));

    let cleared = fixture.patch(&path, json!({"password": null, "site": null, "totp": null, "tags": []})).await.ok();
    assert_eq!(cleared["has_password"], false);
    assert_eq!(
        (&cleared["site"], &cleared["second_factor"], &cleared["tags"]),
        (&Value::Null, &Value::Null, &json!([]))
    );
    assert_eq!(cleared["notes"], "by the door");
    assert_eq!(fixture.get(&format!("{path}/token")).await.problem(404), "not-found");
    assert_eq!(fixture.post(&format!("{path}/reveal"), json!({})).await.problem(404), "not-found");

    // For fields that cannot be taken away null says nothing.
    let same = fixture.patch(&path, json!({"name": null, "username": null, "status": null})).await.ok();
    assert_eq!((&same["name"], &same["username"]), (&json!("Instagram"), &json!("alice@example.org")));
}

#[tokio::test]
async fn who_is_slower_is_told_so() {
    let fixture = TestServer::new().await;
    let path = fixture.credential("Instagram").await;
    fixture.patch(&path, json!({"notes": "first", "revision": 1})).await.ok();
    let late = fixture.patch(&path, json!({"notes": "second", "revision": 1})).await;
    assert_eq!(late.problem(409), "conflict");
    assert!(late.detail().contains("reload it"), "{}", late.detail());
    assert_eq!(fixture.get(&path).await.ok()["notes"], "first");
    fixture.patch(&path, json!({"notes": "second", "revision": 2})).await.ok();
}

#[tokio::test]
async fn former_passwords_are_kept_and_can_be_seen() {
    let fixture = TestServer::new().await;
    let path = fixture.credential("Instagram").await;
    fixture.advance(60);
    fixture.patch(&path, json!({"password": "the next one"})).await.ok();
    let versions = fixture.get(&format!("{path}/versions")).await.ok();
    let states: Vec<_> =
        versions["items"].as_array().unwrap().iter().map(|it| (&it["version"], &it["state"])).collect();
    assert_eq!(states, [(&json!(2), &json!("current")), (&json!(1), &json!("former"))]);
    assert_eq!(versions["items"][0]["created_by"], "root/ci");

    let reveal = format!("{path}/reveal");
    let now = fixture.post(&reveal, json!({"reason": "the phone is gone"})).await;
    assert_eq!(now.header("cache-control"), "no-store");
    let now = now.ok();
    assert_eq!((&now["password"], &now["version"]), (&json!("the next one"), &json!(2)));
    assert_eq!(now["hide_after_seconds"], 30);
    assert_eq!(fixture.post(&reveal, json!({"version": 1})).await.ok()["password"], SITE_PASSWORD);
    let without_body = fixture.ask("POST", &reveal).by(&fixture.root).send().await.ok();
    assert_eq!(without_body["version"], 2);
    assert_eq!(fixture.post(&reveal, json!({"version": 3})).await.problem(404), "not-found");
    let records = fixture.records("password.revealed").await;
    assert_eq!(records.len(), 3);
    assert_eq!(records[2]["reason"], "the phone is gone");
}

#[tokio::test]
async fn an_inactive_credential_gives_no_secret() {
    let fixture = TestServer::new().await;
    let path = fixture.credential("Instagram").await;
    fixture.patch(&path, json!({"status": "inactive"})).await.ok();
    assert_eq!(fixture.get(&format!("{path}/token")).await.problem(409), "conflict");
    assert_eq!(fixture.post(&format!("{path}/reveal"), json!({})).await.problem(409), "conflict");
    fixture.patch(&path, json!({"status": "active"})).await.ok();
    fixture.get(&format!("{path}/token")).await.ok();
}

#[tokio::test]
async fn the_list_is_filtered_sorted_and_paged() {
    let fixture = TestServer::new().await;
    for number in 0..7 {
        fixture.advance(1);
        let body = json!({"name": format!("Card {number}"), "tags": [if number % 2 == 0 { "even" } else { "odd" }],
            "site": {"url": format!("https://n{number}.example.org/")}});
        fixture.post("/api/v1/credentials", body).await.ok();
    }
    let mut names = Vec::new();
    let mut cursor = String::new();
    let mut pages = 0;
    loop {
        let page = fixture.get(&format!("/api/v1/credentials?limit=3&sort=-name{cursor}")).await.ok();
        assert_eq!(page["total"], if pages == 0 { json!(7) } else { Value::Null });
        names.extend(page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()));
        pages += 1;
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!((pages, names.len()), (3, 7));
    assert!(names.is_sorted_by(|left, right| left > right), "{names:?}");
    let count = async |query: &str| fixture.get(&format!("/api/v1/credentials?{query}")).await.ok()["total"].clone();
    assert_eq!(count("tag=even").await, 4);
    assert_eq!(count("search=card%205").await, 1);
    assert_eq!(count("search=%25").await, 0, "a percent sign is itself");
    assert_eq!(count("search=n3.example").await, 1);
    assert_eq!(count("site=n6.").await, 1);
    assert_eq!(count("second_factor=true").await, 0);
    assert_eq!(count("second_factor=false&status=active").await, 7);
    assert_eq!(count("status=inactive").await, 0);
    assert_eq!(
        fixture.get("/api/v1/tags").await.ok()["items"],
        json!([{"tag": "even", "count": 4}, {"tag": "odd", "count": 3}])
    );
    // A cursor belongs to the order it was made in.
    let first = fixture.get("/api/v1/credentials?limit=3&sort=updated").await.ok();
    let cursor = first["next_cursor"].as_str().unwrap();
    let other = fixture.get(&format!("/api/v1/credentials?limit=3&sort=name&cursor={cursor}")).await;
    assert_eq!(other.problem(422), "invalid");
}

#[tokio::test]
async fn the_same_seed_twice_is_warned_of() {
    let fixture = TestServer::new().await;
    fixture.credential("Instagram").await;
    let body = json!({"name": "Again", "totp": {"secret": crate::fixture::SEED}});
    let made = fixture.post("/api/v1/credentials", body).await.ok();
    assert!(made["warnings"][0].as_str().unwrap().contains("Instagram"), "{}", made["warnings"]);
}

#[tokio::test]
async fn grants_say_who_may_do_what() {
    let fixture = TestServer::new().await;
    let path = fixture.credential("Instagram").await;
    let bob = fixture.person("bob", Role::Member).await;
    let as_bob = async |method: &str, path: &str| fixture.ask(method, path).by(&bob).send().await;
    assert_eq!(as_bob("GET", &path).await.problem(404), "not-found", "what is not granted is not there");
    assert_eq!(as_bob("GET", &format!("{path}/token")).await.problem(404), "not-found");

    let users = fixture.get("/api/v1/users").await.ok();
    let id = users["items"].as_array().unwrap().iter().find(|it| it["name"] == "bob").unwrap()["id"].clone();
    let put = async |items: Value| {
        fixture.ask("PUT", &format!("{path}/grants")).by(&fixture.root).json(&json!({"items": items})).send().await
    };
    let extras =
        |paste: bool| json!({"address": false, "paste": paste, "copy": false, "upload": false, "download": false});
    let user = json!({"id": id, "name": "bob", "role": "member"});
    let given = put(json!([{"user_id": id, "session": "interact", "extras": {"paste": true}}])).await.ok();
    let others = json!({"change": false, "edit": false, "share": false, "audit": false, "transfer": false});
    let shown = |mut grant: Value| {
        grant.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
        json!([grant])
    };
    assert_eq!(
        given["items"],
        shown(json!({"user": user, "token": false, "reveal": false, "session": "interact", "extras": extras(true)}))
    );
    assert_eq!(as_bob("GET", &path).await.ok()["may"]["session"], true);
    let given = put(json!([{"user_id": id, "token": true}])).await.ok();
    assert_eq!(
        given["items"],
        shown(json!({"user": user, "token": true, "reveal": false, "session": null, "extras": extras(false)}))
    );
    assert_eq!(as_bob("GET", &path).await.ok()["may"]["session"], false);
    assert_eq!(fixture.get(&format!("{path}/grants")).await.ok(), given);
    as_bob("GET", &format!("{path}/token")).await.ok();
    let refused = as_bob("POST", &format!("{path}/reveal")).await;
    assert_eq!(refused.problem(403), "denied");
    assert!(refused.json()["hint"].as_str().unwrap().contains("ask"), "{}", refused.text);
    assert_eq!(as_bob("GET", &path).await.ok()["may"]["reveal"], false);
    assert_eq!(as_bob("DELETE", &path).await.problem(403), "denied");

    for (wrong, detail) in [
        (json!([{"user_id": "bob"}]), ""),
        (json!([{"user_id": "01938d1c-7a31-7000-8000-000000000000"}]), "names nobody"),
        (json!([{"user_id": id}, {"user_id": id}]), "twice"),
        (json!([{"user_id": id, "session": "drive"}]), "session is not view, interact or control"),
    ] {
        let answer = put(wrong).await;
        assert_eq!(answer.problem(422), "invalid");
        assert!(answer.detail().contains(detail), "{}", answer.detail());
    }
    put(json!([])).await.ok();
    assert_eq!(as_bob("GET", &format!("{path}/token")).await.problem(404), "not-found");
}
