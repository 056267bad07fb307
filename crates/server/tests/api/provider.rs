//! Signing in with a provider, as browsers meet it: cookies, redirects, and what comes back from where nobody went.

use axum::{Json, Router, routing::get};
use serde_json::{Value, json};

use crate::fixture::{Answer, PASSWORD, TestServer};

/// A provider that says what it is, and exchanges no code.
async fn provider() -> String {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let description = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/auth"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
    });
    let keys = json!({"keys": []});
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(move || async { Json(description) }))
        .route("/keys", get(move || async { Json(keys) }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    issuer
}

fn settings(issuer: &str) -> Value {
    json!({
        "name": "Example",
        "issuer": issuer,
        "client_id": "countersign",
        "client_secret": "the client's own secret",
        "address": "https://vault.example.com",
        "match_by": "username",
    })
}

async fn set(fixture: &TestServer, issuer: &str) -> Value {
    fixture.ask("PUT", "/api/v1/provider").by(&fixture.root).json(&settings(issuer)).send().await.ok()
}

async fn callback(fixture: &TestServer, cookie: Option<&str>, query: &str) -> Answer {
    let ask = fixture.ask("GET", &format!("/api/v1/sign-in/oidc/callback?{query}"));
    match cookie {
        Some(cookie) => ask.header("cookie", cookie).send().await,
        None => ask.send().await,
    }
}

/// Where the page is led to.
fn place(answer: &Answer) -> &str {
    assert_eq!((answer.status, answer.header("cache-control")), (303, "no-store"));
    assert_eq!(answer.header("referrer-policy"), "no-referrer", "the code stays here");
    answer.header("location")
}

#[tokio::test]
async fn a_browser_leaves_with_a_cookie_that_comes_back_and_is_believed_once() {
    let fixture = TestServer::new().await;
    assert_eq!(fixture.get("/api/v1/status").await.ok().get("provider"), None);
    let off = fixture.ask("POST", "/api/v1/sign-in/oidc").send().await;
    assert_eq!(off.problem(403), "provider-refused");
    let issuer = provider().await;
    let made = set(&fixture, &issuer).await;
    assert_eq!(made["callback"], "https://vault.example.com/api/v1/sign-in/oidc/callback");
    assert_eq!((&made["has_secret"], made.get("client_secret")), (&json!(true), None));
    assert_eq!(fixture.get("/api/v1/status").await.ok()["provider"], "Example");

    let left = fixture.ask("POST", "/api/v1/sign-in/oidc").send().await;
    let set_cookie = left.header("set-cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"] {
        assert!(set_cookie.contains(part), "{part}: {set_cookie}");
    }
    let cookie = left.cookie();
    let url = url::Url::parse(left.ok()["url"].as_str().unwrap()).unwrap();
    assert!(url.as_str().starts_with(&format!("{issuer}/auth?")));
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    assert!(!url.as_str().contains(cookie.split_once('=').unwrap().1));

    // From where nobody left, or with another state.
    let no = "/#/provider/refused/not_begun";
    assert_eq!(place(&callback(&fixture, None, &format!("code=a&state={state}")).await), no);
    assert_eq!(place(&callback(&fixture, Some(&cookie), "code=a&state=b").await), no);
    assert_eq!(place(&callback(&fixture, Some(&cookie), "").await), no);
    let session = "countersign_provider=cw_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert_eq!(place(&callback(&fixture, Some(session), &format!("code=a&state={state}")).await), no);
    assert_eq!(place(&callback(&fixture, Some(&cookie), &format!("state={state}&state={state}")).await), no);
    let twice = callback(&fixture, Some(&cookie), &format!("code=a&code=b&state={state}")).await;
    assert_eq!(place(&twice), "/#/provider/refused/provider_error");
    assert_eq!(
        place(&callback(&fixture, Some(&cookie), &format!("code=a&state={state}")).await),
        no,
        "that was its one"
    );

    // The provider exchanges no code, and says nothing of anybody: nobody is in.
    let left = fixture.ask("POST", "/api/v1/sign-in/oidc").send().await;
    let cookie = left.cookie();
    let url = url::Url::parse(left.ok()["url"].as_str().unwrap()).unwrap();
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let refused = callback(&fixture, Some(&cookie), &format!("code=a&state={state}")).await;
    assert_eq!(place(&refused), "/#/provider/refused/wrong_answer");
    assert_eq!(refused.header("set-cookie"), "");
    let finish = fixture.ask("POST", "/api/v1/sign-in/oidc/finish").header("cookie", &cookie).json(&json!({}));
    assert_eq!(finish.send().await.problem(403), "provider-refused");
    let records = fixture.records("user.provider_refused").await;
    assert_eq!(records.len(), 2, "{records:?}");
    let all = serde_json::to_string(&records).unwrap();
    assert!(!all.contains(&state) && !all.contains("the client's own secret"));
    assert!(!fixture.records("request.refused").await.is_empty(), "those that nobody had begun");
}

#[tokio::test]
async fn another_sites_page_begins_nothing() {
    let fixture = TestServer::new().await;
    set(&fixture, &provider().await).await;
    for path in ["/api/v1/sign-in/oidc", "/api/v1/sign-in/oidc/finish", "/api/v1/me/provider", "/api/v1/provider/test"]
    {
        let ask =
            fixture.ask("POST", path).header("sec-fetch-site", "cross-site").header("origin", "https://evil.example");
        assert_eq!(ask.json(&json!({})).send().await.problem(403), "cross-site", "{path}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_the_settings_is_said_at_its_field() {
    let fixture = TestServer::new().await;
    let put = async |change: Value| {
        let mut body = settings("https://login.example.com");
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        fixture.ask("PUT", "/api/v1/provider").by(&fixture.root).json(&body).send().await
    };
    for (change, field) in [
        (json!({"issuer": "http://login.example.com"}), "issuer"),
        (json!({"address": "vault"}), "address"),
        (json!({"name": ""}), "name"),
        (json!({"match_by": "hair"}), "match_by"),
        (json!({"new_users": "administrator"}), "new_users"),
        (json!({"new_users": "king"}), "role"),
        (json!({"groups_claim": "groups", "groups": [{"value": "ops", "group": "name:Nobody"}]}), "groups"),
        (json!({"client_secret": "a\u{0}b"}), "client_secret"),
    ] {
        let refused = put(change.clone()).await;
        assert_eq!(refused.status, 422, "{change}: {}", refused.text);
        assert_eq!(refused.json()["field"], field, "{change}");
    }
    assert_eq!(put(json!({"secret": "x"})).await.status, 400, "no such field");
    assert_eq!(fixture.get("/api/v1/provider").await.ok(), json!({}));
    let tested = fixture.post("/api/v1/provider/test", json!({"issuer": "http://127.0.0.1:1"})).await;
    assert_eq!(tested.problem(422), "provider-unusable");
    let member = fixture.person("mo", countersign_model::Role::Member).await;
    let asked = fixture.ask("GET", "/api/v1/provider").header("cookie", &format!("countersign_session={member}"));
    assert_eq!(asked.send().await.problem(403), "denied");
    let new = json!({"name": "ana", "role": "member", "sign_in": "provider"});
    assert_eq!(fixture.post("/api/v1/users", new.clone()).await.problem(422), "invalid", "no provider yet");
    set(&fixture, "https://login.example.com").await;
    let made = fixture.post("/api/v1/users", new).await.ok();
    assert_eq!((&made["has_password"], made.get("setup_link")), (&json!(false), None));
    let both = json!({"name": "ben", "role": "member", "sign_in": "provider", "password": PASSWORD});
    assert_eq!(fixture.post("/api/v1/users", both).await.problem(422), "invalid");
}
