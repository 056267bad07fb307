//! Roles, people and API tokens.

use countersign_model::Role;
use serde_json::{Value, json};

use crate::fixture::{PASSWORD, TestServer};

/// A public key on P-256, the curve's base point.
const POINT: &str = "BGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfU=";

#[tokio::test]
async fn promise_6_each_role_may_what_it_may_and_nothing_else() {
    let fixture = TestServer::new().await;
    let path = fixture.credential("Instagram").await;
    let new_user = json!({"name": "eve", "role": "administrator", "password": PASSWORD});
    let id = path.rsplit('/').next().unwrap();
    let tagged = json!({"credentials": [{"id": id, "revision": 2}], "add": ["autumn"]});
    let table: &[(&str, String, Value, [u16; 3])] = &[
        // manager, member, auditor
        ("GET", path.clone(), Value::Null, [200, 404, 200]),
        ("GET", "/api/v1/credentials".to_owned(), Value::Null, [200, 200, 200]),
        ("GET", format!("{path}/token"), Value::Null, [200, 404, 403]),
        ("POST", format!("{path}/reveal"), json!({}), [200, 404, 403]),
        // By role nobody: not even an administrator.
        ("POST", format!("{path}/transfer"), json!({"recipient": POINT}), [403, 404, 403]),
        ("PATCH", path.clone(), json!({"notes": "x"}), [200, 404, 403]),
        ("POST", "/api/v1/credentials/tags".to_owned(), tagged, [200, 404, 403]),
        ("GET", format!("{path}/grants"), Value::Null, [200, 404, 403]),
        ("PUT", format!("{path}/grants"), json!({"items": []}), [200, 404, 403]),
        ("GET", format!("{path}/who"), Value::Null, [200, 404, 200]),
        ("GET", "/api/v1/grants".to_owned(), Value::Null, [200, 403, 200]),
        ("GET", "/api/v1/groups".to_owned(), Value::Null, [200, 403, 200]),
        ("POST", "/api/v1/groups".to_owned(), json!({"name": "Staff"}), [201, 403, 403]),
        ("PUT", "/api/v1/groups/name:Nobody/users/name:member".to_owned(), json!({}), [404, 403, 403]),
        ("POST", "/api/v1/credentials".to_owned(), json!({"name": "Other"}), [201, 403, 403]),
        ("POST", "/api/v1/users".to_owned(), new_user, [403, 403, 403]),
        ("GET", "/api/v1/users".to_owned(), Value::Null, [200, 403, 403]),
        ("GET", "/api/v1/audit/records".to_owned(), Value::Null, [403, 403, 200]),
        ("GET", format!("/api/v1/audit/activity?credential={id}"), Value::Null, [403, 403, 200]),
        ("GET", format!("/api/v1/audit/activity?user={id}"), Value::Null, [403, 403, 200]),
        ("GET", "/api/v1/audit/checkpoint".to_owned(), Value::Null, [403, 403, 200]),
        ("GET", "/api/v1/audit/export".to_owned(), Value::Null, [403, 403, 200]),
        ("GET", "/api/v1/export/approval".to_owned(), Value::Null, [403, 403, 403]),
        ("PUT", "/api/v1/export/approval".to_owned(), json!({"required": true}), [403, 403, 403]),
        ("GET", "/api/v1/export/requests".to_owned(), Value::Null, [403, 403, 403]),
        ("POST", "/api/v1/export/requests".to_owned(), json!({"turn_off": true, "reason": "x"}), [403, 403, 403]),
        ("POST", format!("/api/v1/export/requests/{id}/approve"), json!({}), [403, 403, 403]),
        ("GET", "/api/v1/doctor".to_owned(), Value::Null, [403, 403, 403]),
        ("GET", "/api/v1/sessions".to_owned(), Value::Null, [200, 200, 200]),
        ("POST", format!("{path}/sessions"), json!({}), [201, 404, 403]),
        ("DELETE", path.clone(), Value::Null, [204, 404, 403]),
    ];
    let people = [
        fixture.person("manager", Role::Manager).await,
        fixture.person("member", Role::Member).await,
        fixture.person("auditor", Role::Auditor).await,
    ];
    for (method, path, body, expected) in table {
        // The manager last: what they may do changes the fixture.
        for (bearer, status) in people.iter().zip(expected).rev() {
            let ask = fixture.ask(method, path).by(bearer);
            let ask = if body.is_null() { ask } else { ask.json(body) };
            let answer = ask.send().await;
            assert_eq!(answer.status, *status, "{method} {path}: {}", answer.text);
            match status {
                403 => assert_eq!(answer.problem(403), "denied"),
                404 => assert_eq!(answer.problem(404), "not-found"),
                _ => {}
            }
        }
    }
    let users = fixture.get("/api/v1/users").await.ok()["items"].as_array().unwrap().len();
    assert_eq!(users, 4, "nobody made an administrator");
}

#[tokio::test]
async fn an_api_token_is_shown_once_and_is_never_more_than_its_owner() {
    let fixture = TestServer::new().await;
    let bob = fixture.person("bob", Role::Manager).await;
    let make = async |body: Value| fixture.ask("POST", "/api/v1/api-tokens").by(&bob).json(&body).send().await;
    let wider = make(json!({"name": "ci", "role": "administrator"})).await;
    assert_eq!((wider.problem(422).as_str(), &wider.json()["field"]), ("invalid", &json!("role")));
    assert_eq!(make(json!({"name": "ci", "role": "king"})).await.problem(422), "invalid");
    assert_eq!(make(json!({"name": "ci", "expires_in_days": 100_000})).await.problem(422), "invalid");

    let made = make(json!({"name": "ci", "role": "member", "expires_in_days": 1})).await;
    assert_eq!((made.status, made.header("cache-control")), (201, "no-store"));
    let made = made.ok();
    let token = made["token"].as_str().unwrap();
    assert!(token.starts_with("cs_"));
    let me = fixture.ask("GET", "/api/v1/me").by(token).send().await.ok();
    assert_eq!((&me["via"], &me["user"]["role"], &me["may"]), (&json!("api_token"), &json!("member"), &json!([])));
    let create = fixture.ask("POST", "/api/v1/credentials").by(token).json(&json!({"name": "New"})).send().await;
    assert_eq!(create.problem(403), "denied", "a member's token of a manager");

    let listed = fixture.ask("GET", "/api/v1/api-tokens").by(&bob).send().await;
    assert!(!listed.text.contains(token) && listed.json()["items"][0].get("token").is_none());
    assert_eq!(
        fixture.get("/api/v1/api-tokens").await.ok()["items"].as_array().unwrap().len(),
        1,
        "each sees their own"
    );
    let path = format!("/api/v1/api-tokens/{}", made["id"].as_str().unwrap());
    assert_eq!(fixture.ask("DELETE", &path).by(&fixture.root).send().await.problem(404), "not-found", "not root's");
    assert_eq!(fixture.ask("DELETE", &path).by(&bob).send().await.status, 204);
    assert_eq!(fixture.ask("GET", "/api/v1/me").by(token).send().await.problem(401), "not-signed-in");

    let short = make(json!({"name": "short", "expires_in_days": 1})).await.ok();
    let token = short["token"].as_str().unwrap();
    fixture.advance(24 * 60 * 60 - 1);
    fixture.ask("GET", "/api/v1/me").by(token).send().await.ok();
    fixture.advance(1);
    assert_eq!(fixture.ask("GET", "/api/v1/me").by(token).send().await.problem(401), "not-signed-in");
}

#[tokio::test]
async fn people_are_added_changed_and_removed() {
    let fixture = TestServer::new().await;
    let body = json!({"name": "bob", "role": "manager"});
    let bob = fixture.post("/api/v1/users", body.clone()).await.ok();
    let choice = json!({"link": bob["setup_link"]["link"], "password": PASSWORD});
    fixture.post("/api/v1/choose-password", choice).await.ok();
    assert_eq!(
        (&bob["role"], &bob["second_factor"], &bob["disabled"]),
        (&json!("manager"), &json!(false), &json!(false))
    );
    let taken = fixture.post("/api/v1/users", json!({"name": "BOB", "role": "member", "password": PASSWORD})).await;
    assert_eq!(taken.problem(409), "conflict");
    let path = format!("/api/v1/users/{}", bob["id"].as_str().unwrap());

    let sign_in = || fixture.ask("POST", "/api/v1/sign-in").json(&json!({"name": "bob", "password": PASSWORD})).send();
    let cookie = sign_in().await.cookie();
    let create =
        || fixture.ask("POST", "/api/v1/credentials").header("cookie", &cookie).json(&json!({"name": "New"})).send();
    fixture.patch(&path, json!({"role": "member"})).await.ok();
    assert_eq!(create().await.problem(403), "denied", "a lesser role holds at once");
    fixture.patch(&path, json!({"disabled": true})).await.ok();
    assert_eq!(create().await.problem(401), "not-signed-in");
    fixture.patch(&path, json!({"disabled": false, "password": "another good password 5"})).await.ok();
    assert_eq!(create().await.problem(401), "not-signed-in", "a new password ends the browsers");
    assert_eq!(fixture.patch(&path, json!({"disabled": "yes"})).await.problem(400), "malformed");
    assert_eq!(fixture.ask("DELETE", &path).by(&fixture.root).send().await.status, 204);
    assert_eq!(fixture.ask("DELETE", &path).by(&fixture.root).send().await.problem(404), "not-found");

    let root = fixture.get("/api/v1/me").await.ok()["user"]["id"].as_str().unwrap().to_owned();
    for change in [json!({"role": "member"}), json!({"disabled": true})] {
        let last = fixture.patch(&format!("/api/v1/users/{root}"), change).await;
        assert_eq!(last.problem(409), "conflict");
        assert!(last.detail().contains("last administrator"), "{}", last.detail());
    }
    assert_eq!(
        fixture.ask("DELETE", &format!("/api/v1/users/{root}")).by(&fixture.root).send().await.problem(409),
        "conflict"
    );
}

#[tokio::test]
async fn a_bearer_is_read_as_the_standard_says() {
    let fixture = TestServer::new().await;
    let ask = async |value: &str| fixture.ask("GET", "/api/v1/me").header("authorization", value).send().await.status;
    assert_eq!(ask(&format!("Bearer {}", fixture.root)).await, 200);
    assert_eq!(ask(&format!("bearer  {} ", fixture.root)).await, 200);
    for wrong in ["", "Bearer", "Bearer ", "Basic cm9vdDpyb290", &fixture.root, &format!("Token {}", fixture.root)] {
        assert_eq!(ask(wrong).await, 401, "{wrong:.12}");
    }
    // A wrong header is not made up for by a right cookie: what was sent first must hold.
    let cookie = fixture
        .ask("POST", "/api/v1/sign-in")
        .json(&json!({"name": "root", "password": PASSWORD}))
        .send()
        .await
        .cookie();
    let both = fixture.ask("GET", "/api/v1/me").header("cookie", &cookie).by("cs_wrong").send().await;
    assert_eq!(both.problem(401), "not-signed-in");
    // A cookie's value is no API token's.
    let crossed = fixture
        .ask("GET", "/api/v1/me")
        .header("cookie", &format!("countersign_session={}x", fixture.root))
        .send()
        .await;
    assert_eq!(crossed.problem(401), "not-signed-in");
}

#[tokio::test]
async fn no_token_acts_on_its_owners_account() {
    let fixture = TestServer::new().await;
    let plain = fixture.post("/api/v1/api-tokens", json!({"name": "plain"})).await.ok();
    let plain = plain["token"].as_str().unwrap().to_owned();
    let (made, id) = ("/api/v1/api-tokens", "01938d1c-7a31-7000-8000-000000000000");
    // With a token that may manage, with one that may not, and with a sign-in that is not recent; none: it is answered.
    let (page, recent, none) = (Some("page-only"), Some("recent-sign-in-needed"), None);
    let codes = json!({"token": "123456"});
    let passwords = json!({"current": PASSWORD, "new": "another anchor velvet plum"});
    // This server has no name under which browsers would make passkeys, and says that first.
    let (passkey, off) = (json!({"name": "Phone", "credential": {}}), Some("passkeys-unavailable"));
    // Nor did this browser leave for a provider.
    let not_begun = Some("provider-refused");
    let nowhere = Some("address-unknown");
    let table: &[(&str, &str, Value, [Option<&str>; 3])] = &[
        ("GET", "/api/v1/me", Value::Null, [none, none, none]),
        ("POST", "/api/v1/me/second-factor", Value::Null, [page, page, recent]),
        ("POST", "/api/v1/me/second-factor/confirm", codes, [page, page, recent]),
        ("POST", "/api/v1/me/recovery-codes", Value::Null, [page, page, recent]),
        ("POST", "/api/v1/me/password", passwords, [page, page, recent]),
        ("POST", "/api/v1/me/confirm", json!({"password": "wrong"}), [page, page, Some("sign-in-failed")]),
        ("GET", "/api/v1/me/sessions", Value::Null, [none, none, none]),
        ("DELETE", "/api/v1/me/sessions/{id}", Value::Null, [page, page, Some("not-found")]),
        ("GET", "/api/v1/me/devices", Value::Null, [none, none, none]),
        ("POST", "/api/v1/me/devices/code", Value::Null, [nowhere, nowhere, nowhere]),
        ("DELETE", "/api/v1/me/devices/{id}", Value::Null, [page, page, Some("not-found")]),
        ("POST", "/api/v1/me/device-logins", json!({"user_code": "BCDF-GHJK"}), [page, page, recent]),
        ("POST", "/api/v1/me/device-logins/{id}/approve", json!({"scopes": []}), [page, page, recent]),
        ("POST", "/api/v1/me/device-logins/{id}/deny", Value::Null, [page, page, recent]),
        ("GET", "/api/v1/me/email", Value::Null, [none, none, none]),
        ("PUT", "/api/v1/me/email", json!({"email": "mallory@example.org"}), [page, page, recent]),
        ("PATCH", "/api/v1/me/preferences", json!({"language": "es"}), [page, page, none]),
        ("GET", "/api/v1/me/passkeys", Value::Null, [none, none, none]),
        ("POST", "/api/v1/me/passkeys", passkey, [off, off, off]),
        ("POST", "/api/v1/me/passkeys/options", Value::Null, [off, off, off]),
        ("DELETE", "/api/v1/me/passkeys/{id}", Value::Null, [page, page, recent]),
        ("POST", "/api/v1/me/confirm/passkey/options", Value::Null, [off, off, off]),
        ("POST", "/api/v1/me/confirm/passkey", json!({"credential": {}}), [off, off, off]),
        ("POST", "/api/v1/me/provider", json!({"purpose": "connect"}), [page, page, recent]),
        ("POST", "/api/v1/me/provider/finish", json!({"purpose": "connect"}), [not_begun, not_begun, not_begun]),
        ("DELETE", "/api/v1/me/provider", Value::Null, [page, page, recent]),
        ("GET", made, Value::Null, [none, none, none]),
        ("POST", made, json!({"name": "more"}), [none, page, recent]),
        ("DELETE", "/api/v1/api-tokens/{id}", Value::Null, [Some("not-found"), page, Some("not-found")]),
    ];
    let page = fixture.person("ann", Role::Administrator).await;
    fixture.advance(16 * 60);
    for (method, path, body, expected) in table {
        for (bearer, expected) in [&fixture.root, &plain, &page].into_iter().zip(expected) {
            let ask = fixture.ask(method, &path.replace("{id}", id)).by(bearer);
            let ask = if body.is_null() { ask } else { ask.json(body) };
            let answer = ask.send().await;
            match expected {
                Some(problem) => assert_eq!(answer.problem(answer.status), **problem, "{method} {path}"),
                None => assert!(answer.status < 300, "{method} {path}: {}", answer.text),
            }
        }
    }
    no_route_is_left_out(table);
}

/// No route of one's own account is left out of the table.
fn no_route_is_left_out(table: &[(&str, &str, Value, [Option<&str>; 3])]) {
    let description = serde_json::to_value(countersign_server::api_description()).unwrap();
    for (path, methods) in description["paths"].as_object().unwrap() {
        if path.starts_with("/api/v1/me") || path.starts_with("/api/v1/api-tokens") {
            for method in methods.as_object().unwrap().keys() {
                let listed = |row: &(&str, &str, Value, _)| row.0.eq_ignore_ascii_case(method) && row.1 == path;
                assert!(table.iter().any(listed), "{method} {path} is not in the table");
            }
        }
    }
}
