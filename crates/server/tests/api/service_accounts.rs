//! Service accounts over the API: how they are made, how they ask for tokens, and what those are good for.

use std::sync::atomic::{AtomicU32, Ordering};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use countersign_model::Role;
use serde_json::{Value, json};

use crate::{
    fixture::{Answer, TestServer},
    permissions::{Asker, Permission, drive},
};

const ACCOUNTS: &str = "/api/v1/service-accounts";
const TOKEN: &str = "/api/v1/oauth/token";
const FORM: &str = "application/x-www-form-urlencoded";

struct Client {
    id: String,
    secret: String,
}

impl Client {
    fn basic(&self) -> String {
        format!("Basic {}", BASE64_STANDARD.encode(format!("{}:{}", self.id, self.secret)))
    }
}

async fn made(fixture: &TestServer, body: Value) -> Client {
    let answer = fixture.post(ACCOUNTS, body).await;
    assert_eq!((answer.status, answer.header("cache-control")), (201, "no-store"), "{}", answer.text);
    let account = answer.json();
    let text = |field: &str| account[field].as_str().unwrap().to_owned();
    Client { id: text("id"), secret: text("client_secret") }
}

async fn asked(fixture: &TestServer, client: &Client, more: &str) -> Answer {
    let body = format!("grant_type=client_credentials{more}");
    fixture.ask("POST", TOKEN).header("authorization", &client.basic()).raw(FORM, body).send().await
}

async fn bearer(fixture: &TestServer, client: &Client, scope: &str) -> String {
    let scope = scope.replace(' ', "+");
    asked(fixture, client, &format!("&scope={scope}")).await.ok()["access_token"].as_str().unwrap().to_owned()
}

/// The error's name; the answer must be as RFC 6749 §5.2 wants it.
fn error(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("www-authenticate").starts_with("Basic "), status == 401);
    let body = answer.json();
    assert!(body["error_description"].as_str().is_some_and(|text| text.len() > 10), "{body}");
    body["error"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_is_given_for_client_credentials_as_the_standard_says() {
    let fixture = TestServer::new().await;
    let credential = fixture.credential("Instagram").await;
    let client = made(&fixture, json!({"name": "deploy", "description": "CI", "scope": "see token"})).await;
    fixture
        .post("/api/v1/grants", json!({"user": client.id, "tag": "social", "permissions": {"token": true}}))
        .await
        .ok();
    let answer = asked(&fixture, &client, "").await;
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    let token = answer.ok();
    assert_eq!(
        (&token["token_type"], &token["expires_in"], &token["scope"]),
        (&json!("Bearer"), &json!(600), &json!("see token"))
    );
    let bearer = token["access_token"].as_str().unwrap();
    fixture.ask("GET", &format!("{credential}/token")).by(bearer).send().await.ok();
    let me = fixture.ask("GET", "/api/v1/me").by(bearer).send().await.ok();
    assert_eq!((&me["via"], &me["user"]["name"]), (&json!("service_account"), &json!("deploy")));
    let record = &fixture.records("token.read").await[0];
    assert_eq!(record["actor"]["kind"], json!("service_account"));
    // In the form as well, which is client_secret_post.
    let body = format!("grant_type=client_credentials&client_id={}&client_secret={}", client.id, client.secret);
    fixture.ask("POST", TOKEN).raw(FORM, body.clone()).send().await.ok();

    let basic = client.basic();
    let ask = async |authorization: Option<&str>, kind: &str, body: String| {
        let ask = fixture.ask("POST", TOKEN);
        let ask = authorization.into_iter().fold(ask, |ask, value| ask.header("authorization", value));
        ask.raw(kind, body).send().await
    };
    let text = |text: &str| text.to_owned();
    let table = [
        (Some(basic.as_str()), FORM, text(""), 400, "invalid_request"),
        (Some(basic.as_str()), FORM, text("grant_type=password"), 400, "unsupported_grant_type"),
        (Some(basic.as_str()), FORM, text("grant_type=client_credentials&scope=reveal"), 400, "invalid_scope"),
        (Some(basic.as_str()), FORM, text("grant_type=client_credentials&scope=x&scope=y"), 400, "invalid_request"),
        (Some(basic.as_str()), FORM, body, 400, "invalid_request"),
        (Some(basic.as_str()), "application/json", text("{}"), 400, "invalid_request"),
        (Some(basic.as_str()), FORM, "x".repeat(20_000), 400, "invalid_request"),
        (Some("Bearer x"), FORM, text("grant_type=client_credentials"), 401, "invalid_client"),
        (None, FORM, text("grant_type=client_credentials"), 401, "invalid_client"),
        (None, FORM, text("grant_type=client_credentials&client_id=x&client_secret=y"), 401, "invalid_client"),
    ];
    for (authorization, kind, body, status, name) in table {
        let answer = ask(authorization, kind, body.clone()).await;
        assert_eq!(error(&answer, status), name, "{body:.80}");
    }
    assert_eq!(fixture.get(TOKEN).await.problem(405), "method-not-allowed");
}

#[tokio::test]
async fn wrong_secrets_lock_out_the_network_that_they_come_from() {
    let fixture = TestServer::new().await;
    let client = made(&fixture, json!({"name": "deploy"})).await;
    let wrong = format!("grant_type=client_credentials&client_id={}&client_secret=cc_wrong", client.id);
    let guess = async |peer: &str| fixture.ask("POST", TOKEN).at(peer).raw(FORM, wrong.clone()).send().await;
    for _ in 0..4 {
        assert_eq!(error(&guess("203.0.113.9:7").await, 401), "invalid_client");
    }
    let locked = guess("203.0.113.9:7").await;
    assert_eq!((error(&locked, 429).as_str(), locked.header("retry-after")), ("temporarily_unavailable", "30"));
    let right = fixture.ask("POST", TOKEN).header("authorization", &client.basic());
    right.at("192.0.2.7:1").raw(FORM, "grant_type=client_credentials").send().await.ok();
}

async fn user_named(fixture: &TestServer, name: &str) -> Value {
    let users = fixture.get("/api/v1/users").await.ok();
    users["items"].as_array().unwrap().iter().find(|user| user["name"] == name).unwrap().clone()
}

#[tokio::test]
async fn an_account_is_looked_after_by_administrators() {
    let fixture = TestServer::new().await;
    fixture.credential("My Bank").await;
    let ana = fixture.person("ana", Role::Manager).await;
    let owner = user_named(&fixture, "ana").await["id"].clone();
    let new = json!({
        "name": "deploy",
        "description": "deploys the site",
        "owner": owner,
        "scope": "token credential:My%20Bank",
        "networks": ["192.0.2.7/24"],
        "expires_in_days": 30,
    });
    let client = made(&fixture, new).await;
    let path = format!("{ACCOUNTS}/{}", client.id);
    let account = fixture.get(&path).await.ok();
    assert_eq!(
        (&account["owner"]["name"], &account["scope"], &account["networks"], &account["created_by"]),
        (&json!("ana"), &json!("token credential:My%20Bank"), &json!(["192.0.2.0/24"]), &json!("root/ci"))
    );
    assert!(account.get("client_secret").is_none() && account.get("last_used_at").is_none());
    assert_eq!(account["secrets"].as_array().unwrap().len(), 1);
    assert!(client.secret.starts_with(account["secrets"][0]["hint"].as_str().unwrap()));
    assert_eq!(fixture.get(ACCOUNTS).await.ok()["items"][0]["name"], json!("deploy"));
    // People's list shows it, by its kind; what is a person's it does not have.
    let shown = user_named(&fixture, "deploy").await;
    assert_eq!(shown["service_account"], json!(true));
    let user = format!("/api/v1/users/{}", client.id);
    assert_eq!(fixture.patch(&user, json!({"role": "administrator"})).await.problem(409), "conflict");
    assert_eq!(fixture.post(&format!("{user}/setup-link"), json!({})).await.problem(409), "conflict");

    let edited = fixture.patch(&path, json!({"networks": [], "expires_at": null, "owner": null})).await.ok();
    assert_eq!(
        (&edited["networks"], &edited["expires_at"], &edited["owner"]),
        (&json!([]), &Value::Null, &Value::Null)
    );
    let rotated = fixture.post(&format!("{path}/rotate"), json!({"overlap_hours": 1})).await.ok();
    let second = Client { id: client.id.clone(), secret: rotated["client_secret"].as_str().unwrap().to_owned() };
    for client in [&client, &second] {
        asked(&fixture, client, "").await;
    }
    let added = fixture.ask("POST", &format!("{path}/secrets")).by(&fixture.root).send().await;
    assert_eq!(added.status, 201);
    let fourth = fixture.ask("POST", &format!("{path}/secrets")).by(&fixture.root).send().await;
    assert!(fourth.detail().contains("3 serve at once"), "{}", fourth.text);
    let secret = added.json()["secrets"][0]["id"].as_str().unwrap().to_owned();
    let gone = format!("{path}/secrets/{secret}");
    assert_eq!(fixture.ask("DELETE", &gone).by(&fixture.root).send().await.status, 204);
    assert_eq!(fixture.ask("DELETE", &gone).by(&fixture.root).send().await.problem(404), "not-found");
    for (body, field) in [
        (json!({"networks": ["here"]}), "network"),
        (json!({"scope": "everything"}), "scope"),
        (json!({"owner": client.id}), "owner"),
        (json!({"expires_at": "soon"}), "expires_at"),
    ] {
        let refused = fixture.patch(&path, body).await;
        assert_eq!((refused.problem(422).as_str(), &refused.json()["field"]), ("invalid", &json!(field)));
    }
    // Who manages credentials sees whom they can grant to, and looks after none.
    assert_eq!(fixture.ask("GET", ACCOUNTS).by(&ana).send().await.problem(403), "denied");
    assert_eq!(fixture.ask("DELETE", &path).by(&ana).send().await.problem(403), "denied");
    assert_eq!(fixture.ask("DELETE", &path).by(&fixture.root).send().await.status, 204);
    assert_eq!(fixture.get(&path).await.problem(404), "not-found");
    assert_eq!(error(&asked(&fixture, &second, "").await, 401), "invalid_client");
}

/// By what is granted: the token has every scope.
struct ByGrant(AtomicU32);
/// By the token's scope: everything is granted.
struct ByScope(AtomicU32);

const EVERY_SCOPE: &str = "see token reveal session change edit share audit";

async fn account(fixture: &TestServer, number: &AtomicU32) -> Client {
    let name = format!("machine {}", number.fetch_add(1, Ordering::Relaxed));
    made(fixture, json!({"name": name, "scope": EVERY_SCOPE})).await
}

async fn grant(fixture: &TestServer, client: &Client, credential: &str, permissions: Value) {
    let credential = credential.rsplit('/').next().unwrap();
    let body = json!({"user": client.id, "credential": credential, "permissions": permissions});
    fixture.post("/api/v1/grants", body).await.ok();
}

impl Asker for ByGrant {
    async fn bearer(&self, fixture: &TestServer, credential: &str, permissions: &[&Permission]) -> String {
        let client = account(fixture, &self.0).await;
        for permission in permissions {
            grant(fixture, &client, credential, (permission.granted)()).await;
        }
        bearer(fixture, &client, EVERY_SCOPE).await
    }
}

impl Asker for ByScope {
    async fn bearer(&self, fixture: &TestServer, credential: &str, permissions: &[&Permission]) -> String {
        let client = account(fixture, &self.0).await;
        if permissions.is_empty() {
            // A token with no scope is none: without a grant nothing is seen.
            return bearer(fixture, &client, EVERY_SCOPE).await;
        }
        let all = json!({"token": true, "reveal": true, "session": "control", "change": true, "edit": true,
            "share": true, "audit": true});
        grant(fixture, &client, credential, all).await;
        let words: Vec<&str> = permissions.iter().map(|permission| permission.word).collect();
        bearer(fixture, &client, &words.join(" ")).await
    }
}

#[tokio::test]
async fn promise_6_a_machine_does_what_was_granted_to_it_and_nothing_else() {
    drive(&ByGrant(AtomicU32::new(0))).await;
}

#[tokio::test]
async fn promise_6_a_token_does_what_its_scope_says_and_nothing_else() {
    drive(&ByScope(AtomicU32::new(0))).await;
}
