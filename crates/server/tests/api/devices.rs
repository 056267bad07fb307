//! Browser extensions over the API: pairing, signed requests, and that these reach nothing but what they are for.

use countersign_model::{Clock as _, Role};
use serde_json::{Value, json};

use crate::{
    fixture::{Answer, SITE_PASSWORD, TOKEN, TestServer},
    soft_extension::SoftExtension,
};

const ORIGIN: &str = "https://vault.example.org";
const LIST: &str = "/api/v1/fill?origin=https%3A%2F%2Fexample.org";

async fn server() -> TestServer {
    TestServer::with(|settings| settings.address = Some(format!("{ORIGIN}/"))).await
}

async fn pair(fixture: &TestServer, cookie: &str) -> SoftExtension {
    let made = fixture.ask("POST", "/api/v1/me/devices/code").header("cookie", cookie).send().await;
    assert_eq!((made.status, made.header("cache-control")), (201, "no-store"), "{}", made.text);
    let made = made.json();
    assert_eq!(made["address"], ORIGIN);
    let code = made["code"].as_str().unwrap();
    let mut soft = SoftExtension::new();
    let shown = json!({
        "code": code, "name": "Laptop", "public_key": soft.public_key(), "signature": soft.proof(ORIGIN, code, "Laptop"),
    });
    // As browsers send it of an extension that may ask this server.
    let ask = fixture.ask("POST", "/api/v1/devices").header("sec-fetch-site", "none");
    let paired = ask.header("origin", "chrome-extension://abcdefgh").json(&shown).send().await;
    assert_eq!((paired.status, paired.header("cache-control")), (201, "no-store"), "{}", paired.text);
    soft.id = paired.json()["device"]["id"].as_str().unwrap().to_owned();
    soft
}

async fn signed(fixture: &TestServer, soft: &SoftExtension, method: &str, path: &str, body: Option<&Value>) -> Answer {
    let text = body.map(Value::to_string).unwrap_or_default();
    let header = soft.header(method, ORIGIN, path, text.as_bytes(), fixture.clock.now().seconds());
    let ask = fixture.ask(method, path).header("authorization", &header);
    if body.is_some() { ask.raw("application/json", text).send().await } else { ask.send().await }
}

fn fill_path(credential: &str) -> String {
    credential.replace("/credentials/", "/fill/")
}

#[tokio::test]
async fn an_extension_lists_and_fills_what_its_person_may() {
    let fixture = server().await;
    let shop = fixture.credential("Shop").await;
    let cookie = format!("countersign_session={}", fixture.person("ana", Role::Manager).await);
    let soft = pair(&fixture, &cookie).await;
    let found = signed(&fixture, &soft, "GET", LIST, None).await;
    assert_eq!(found.header("cache-control"), "no-store");
    let found = found.ok();
    let (item, id) = (&found["items"][0], shop.rsplit('/').next().unwrap());
    assert_eq!(
        *item,
        json!({"id": id, "name": "Shop", "username": "alice@example.org", "password": true, "token": true})
    );
    let wanted = json!({"origin": "https://example.org", "what": ["username", "password", "token"]});
    let filled = signed(&fixture, &soft, "POST", &fill_path(&shop), Some(&wanted)).await;
    assert_eq!(filled.header("cache-control"), "no-store");
    let filled = filled.ok();
    let expected = json!({
        "username": "alice@example.org", "password": SITE_PASSWORD, "token": TOKEN, "origins": ["https://example.org"],
    });
    assert_eq!(filled, expected);
    let records = fixture.records("password.revealed").await;
    assert_eq!(
        (&records[0]["actor"]["kind"], &records[0]["actor"]["name"]),
        (&json!("extension"), &json!("ana/Laptop"))
    );
    let elsewhere = json!({"origin": "https://evil.example", "what": ["password"]});
    assert_eq!(signed(&fixture, &soft, "POST", &fill_path(&shop), Some(&elsewhere)).await.problem(403), "other-site");
    for (wrong, status) in [
        (json!({"origin": "https://example.org", "what": []}), 422),
        (json!({"origin": "https://example.org/", "what": ["token"]}), 422),
        (json!({"origin": "http://example.org", "what": ["token"]}), 422),
        (json!({"origin": "https://example.org", "what": ["seed"]}), 400),
        (json!({"origin": "https://example.org", "what": ["token"], "more": 1}), 400),
    ] {
        signed(&fixture, &soft, "POST", &fill_path(&shop), Some(&wrong)).await.problem(status);
    }
    assert_eq!(signed(&fixture, &soft, "GET", "/api/v1/fill", None).await.problem(400), "malformed");
}

#[tokio::test]
async fn an_extension_reaches_nothing_else() {
    let fixture = server().await;
    let shop = fixture.credential("Shop").await;
    let cookie = format!("countersign_session={}", fixture.person("ana", Role::Administrator).await);
    let soft = pair(&fixture, &cookie).await;
    for (method, path) in [
        ("GET", "/api/v1/me"),
        ("GET", "/api/v1/credentials"),
        ("GET", "/api/v1/users"),
        ("GET", "/api/v1/me/devices"),
        ("POST", "/api/v1/me/devices/code"),
        ("GET", "/api/v1/audit/records"),
        ("GET", &shop),
        ("GET", &format!("{shop}/token")),
        ("POST", &format!("{shop}/reveal")),
        ("DELETE", &shop),
    ] {
        assert_eq!(signed(&fixture, &soft, method, path, None).await.problem(401), "not-signed-in", "{method} {path}");
    }
    // And nobody else asks what is for extensions.
    assert_eq!(fixture.get(LIST).await.problem(401), "not-signed-in");
    let browser = fixture.ask("GET", LIST).header("cookie", &cookie).send().await;
    assert_eq!(browser.problem(401), "not-signed-in");
}

#[tokio::test]
async fn a_request_is_taken_as_it_was_signed_and_once() {
    let fixture = server().await;
    let shop = fixture.credential("Shop").await;
    let cookie = format!("countersign_session={}", fixture.person("ana", Role::Manager).await);
    let soft = pair(&fixture, &cookie).await;
    let at = fixture.clock.now().seconds();
    let send = async |header: &str, path: &str| fixture.ask("GET", path).header("authorization", header).send().await;
    let right = soft.header("GET", ORIGIN, LIST, b"", at);
    assert_eq!(send(&right, LIST).await.status, 200);
    let again = send(&right, LIST).await;
    assert_eq!(again.problem(401), "device-refused");
    assert!(again.detail().contains("sent before"), "{}", again.text);
    for (header, path, told) in [
        (soft.header("GET", ORIGIN, LIST, b"", at - 61), LIST, "61 seconds slow"),
        (soft.header("GET", ORIGIN, LIST, b"", at + 75), LIST, "75 seconds fast"),
        (soft.header("GET", "https://evil.example", LIST, b"", at), LIST, "not paired"),
        (soft.header("POST", ORIGIN, LIST, b"", at), LIST, "not paired"),
        (soft.header("GET", ORIGIN, LIST, b"x", at), LIST, "not paired"),
        (soft.header("GET", ORIGIN, LIST, b"", at), "/api/v1/fill?origin=https%3A%2F%2Fexample.net", "not paired"),
        (soft.header("GET", ORIGIN, LIST, b"", at).replace("id=0", "id=1"), LIST, "not paired"),
    ] {
        let answer = send(&header, path).await;
        assert_eq!(answer.problem(401), "device-refused", "{told}");
        assert!(answer.detail().contains(told), "{told}: {}", answer.text);
    }
    // Another body than the one that was signed.
    let path = fill_path(&shop);
    let body = r#"{"origin":"https://example.org","what":["username"]}"#;
    let header = soft.header("POST", ORIGIN, &path, body.as_bytes(), at);
    let other = body.replace("username", "password");
    let ask = fixture.ask("POST", &path).header("authorization", &header);
    assert_eq!(ask.raw("application/json", other).send().await.problem(401), "device-refused");
}

#[tokio::test]
async fn an_extension_is_listed_and_removed_by_its_person_and_by_administrators() {
    let fixture = server().await;
    let cookie = format!("countersign_session={}", fixture.person("ana", Role::Member).await);
    let ana = async |method: &str, path: &str| fixture.ask(method, path).header("cookie", &cookie).send().await;
    let (one, other) = (pair(&fixture, &cookie).await, pair(&fixture, &cookie).await);
    let listed = ana("GET", "/api/v1/me/devices").await.ok();
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    assert_eq!(ana("DELETE", &format!("/api/v1/me/devices/{}", one.id)).await.status, 204);
    assert_eq!(signed(&fixture, &one, "GET", LIST, None).await.problem(401), "device-refused");
    assert_eq!(signed(&fixture, &other, "GET", LIST, None).await.status, 200);
    let id = ana("GET", "/api/v1/me").await.ok()["user"]["id"].as_str().unwrap().to_owned();
    let ways = fixture.get(&format!("/api/v1/users/{id}/access")).await.ok();
    assert_eq!(ways["devices"][0]["id"], json!(other.id));
    let removed =
        fixture.ask("DELETE", &format!("/api/v1/users/{id}/devices/{}", other.id)).by(&fixture.root).send().await;
    assert_eq!(removed.status, 204);
    assert_eq!(signed(&fixture, &other, "GET", LIST, None).await.problem(401), "device-refused");
}

#[tokio::test]
async fn a_server_that_does_not_know_its_address_pairs_nobody() {
    let fixture = TestServer::new().await;
    let cookie = format!("countersign_session={}", fixture.person("ana", Role::Member).await);
    let made = fixture.ask("POST", "/api/v1/me/devices/code").header("cookie", &cookie).send().await;
    assert_eq!(made.problem(409), "address-unknown");
    let soft = SoftExtension::new();
    let shown = json!({
        "code": "0000-0000", "name": "x", "public_key": soft.public_key(), "signature": soft.proof(ORIGIN, "00000000", "x"),
    });
    assert_eq!(fixture.ask("POST", "/api/v1/devices").json(&shown).send().await.problem(409), "address-unknown");
}

#[tokio::test]
async fn wrong_codes_are_slowed_down_by_network() {
    let fixture = server().await;
    let soft = SoftExtension::new();
    let shown = json!({
        "code": "0000-0000", "name": "x", "public_key": soft.public_key(), "signature": soft.proof(ORIGIN, "00000000", "x"),
    });
    let send = async |peer: &str| fixture.ask("POST", "/api/v1/devices").at(peer).json(&shown).send().await;
    let mut last = send("192.0.2.1:1").await;
    assert_eq!(last.problem(403), "pairing-refused");
    for _ in 0..20 {
        last = send("192.0.2.1:1").await;
    }
    assert_eq!(last.problem(429), "locked-out");
    assert_eq!(send("198.51.100.1:1").await.problem(403), "pairing-refused");
    for (field, value) in [("public_key", json!("AAAA")), ("signature", json!("AAAA")), ("name", json!(""))] {
        let mut wrong = shown.clone();
        wrong[field] = value;
        let answer = fixture.ask("POST", "/api/v1/devices").at("198.51.100.2:1").json(&wrong).send().await;
        assert_eq!(answer.problem(422), "invalid", "{field}");
    }
}
