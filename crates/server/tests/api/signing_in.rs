//! Signing in and out: set-up link, second factor, lock-out, throttle.

use countersign_model::Role;
use serde_json::{Value, json};

use crate::fixture::{Answer, PASSWORD, TestServer, token_of};

const OTHER_PASSWORD: &str = "copper lantern seventeen moss";

async fn sign_in(fixture: &TestServer, body: Value) -> Answer {
    fixture.ask("POST", "/api/v1/sign-in").json(&body).header("user-agent", "Test browser").send().await
}

async fn with_cookie(fixture: &TestServer, method: &str, path: &str, cookie: &str, body: Value) -> Answer {
    fixture.ask(method, path).header("cookie", cookie).json(&body).send().await
}

/// Sets up a second factor for whoever the cookie belongs to; gives its address.
async fn enrol(fixture: &TestServer, cookie: &str) -> String {
    let begun = with_cookie(fixture, "POST", "/api/v1/me/second-factor", cookie, json!({})).await;
    assert_eq!(begun.header("cache-control"), "no-store");
    let begun = begun.ok();
    let uri = begun["uri"].as_str().unwrap().to_owned();
    assert!(begun["qr_svg"].as_str().unwrap().starts_with("<svg"));
    let seed = begun["secret"].as_str().unwrap();
    assert!(seed.split(' ').all(|group| group.len() == 4), "in groups of four: {}", seed.len());
    assert_eq!(token_of(fixture, seed), token_of(fixture, &uri), "seed and address are the same");
    let token = token_of(fixture, &uri);
    with_cookie(fixture, "POST", "/api/v1/me/second-factor/confirm", cookie, json!({"token": token})).await.ok();
    uri
}

#[tokio::test]
async fn the_set_up_link_works_once() {
    let fixture = TestServer::empty(true).await;
    assert_eq!(fixture.get("/api/v1/status").await.ok()["setup_needed"], true);
    let old = fixture.vault.new_setup_link().await.unwrap().unwrap();
    let link = fixture.vault.new_setup_link().await.unwrap().unwrap();
    let body = |link: &str, password: &str| json!({"link": link, "name": "root", "password": password});
    let set_up = async |link: &str, password: &str| {
        fixture.ask("POST", "/api/v1/setup").json(&body(link, password)).send().await
    };
    for wrong in ["", "no link", old.expose()] {
        assert_eq!(set_up(wrong, PASSWORD).await.problem(403), "link-invalid", "{wrong}");
    }
    let weak = set_up(link.expose(), "password1").await;
    assert_eq!(weak.problem(422), "invalid");
    assert_eq!(weak.json()["field"], "password");

    let made = set_up(link.expose(), PASSWORD).await;
    assert_eq!(made.header("cache-control"), "no-store");
    let cookie = made.cookie();
    let me = made.ok();
    assert_eq!((&me["user"]["role"], &me["enrolment_needed"]), (&json!("administrator"), &json!(true)));
    assert_eq!(set_up(link.expose(), PASSWORD).await.problem(410), "setup-done");
    assert_eq!(fixture.get("/api/v1/status").await.ok()["setup_needed"], false);

    // Until the second factor is there, nothing else is.
    for path in [
        "/api/v1/credentials",
        "/api/v1/users",
        "/api/v1/audit/records",
        "/api/v1/audit/activity",
        "/api/v1/api-tokens",
        "/api/v1/tags",
    ] {
        let refused = with_cookie(&fixture, "GET", path, &cookie, json!({})).await;
        assert_eq!(refused.problem(403), "second-factor-enrolment-needed", "{path}");
    }
    let wrong =
        with_cookie(&fixture, "POST", "/api/v1/me/second-factor/confirm", &cookie, json!({"token": "000000"})).await;
    assert_eq!(wrong.problem(422), "invalid");
    enrol(&fixture, &cookie).await;
    let me = with_cookie(&fixture, "GET", "/api/v1/me", &cookie, json!({})).await.ok();
    assert_eq!((&me["user"]["second_factor"], &me["enrolment_needed"]), (&json!(true), &json!(false)));
    with_cookie(&fixture, "GET", "/api/v1/credentials", &cookie, json!({})).await.ok();
}

#[tokio::test]
async fn a_cookie_is_kept_from_scripts_and_ends_with_signing_out() {
    let fixture = TestServer::new().await;
    let answer = sign_in(&fixture, json!({"name": "ROOT", "password": PASSWORD})).await;
    let set = answer.header("set-cookie").to_owned();
    for part in ["countersign_session=", "; Path=/", "; HttpOnly", "; SameSite=Strict"] {
        assert!(set.contains(part), "{part}");
    }
    let all: Vec<&str> = answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    let known = all.iter().find(|value| value.starts_with("countersign_browser=cb_")).unwrap();
    assert!(
        known.contains("; HttpOnly; SameSite=Strict; Max-Age=31536000"),
        "{}",
        known.replace(|c: char| c.is_ascii_digit(), "0")
    );
    assert!(!set.contains("Secure"), "plain HTTP on the own machine");
    assert_eq!(answer.header("cache-control"), "no-store");
    let cookie = answer.cookie();
    let me = answer.ok();
    assert_eq!((&me["via"], &me["user"]["name"]), (&json!("session"), &json!("root")));
    let expected = [
        "credentials.create",
        "credentials.remove",
        "credentials.import",
        "credentials.export",
        "credentials.grant",
        "audit",
        "grants",
        "users",
        "groups",
        "settings",
    ];
    assert_eq!(me["may"], json!(expected));

    let mixed = format!("theme=dark; {cookie}; other=1");
    let sessions = with_cookie(&fixture, "GET", "/api/v1/me/sessions", &mixed, json!({})).await.ok();
    let own = &sessions["items"][0];
    assert_eq!((&own["agent"], &own["current"]), (&json!("Test browser"), &json!(true)));

    let out = with_cookie(&fixture, "POST", "/api/v1/sign-out", &cookie, json!({})).await;
    assert_eq!(out.status, 204);
    assert!(
        out.header("set-cookie").starts_with("countersign_session=; ")
            && out.header("set-cookie").contains("Max-Age=0")
    );
    assert_eq!(with_cookie(&fixture, "GET", "/api/v1/me", &cookie, json!({})).await.problem(401), "not-signed-in");
}

#[tokio::test]
async fn one_browser_can_end_another() {
    let fixture = TestServer::new().await;
    let [here, there] = [(); 2].map(|()| json!({"name": "root", "password": PASSWORD}));
    let (here, there) = (sign_in(&fixture, here).await.cookie(), sign_in(&fixture, there).await.cookie());
    let sessions = with_cookie(&fixture, "GET", "/api/v1/me/sessions", &here, json!({})).await.ok();
    let items = sessions["items"].as_array().unwrap();
    assert_eq!(items.len(), 2);
    let other = items.iter().find(|item| item["current"] == false).unwrap()["id"].as_str().unwrap();
    let path = format!("/api/v1/me/sessions/{other}");
    // Somebody else's browsers are none of theirs.
    let bob = fixture.person("bob", Role::Administrator).await;
    assert_eq!(fixture.ask("DELETE", &path).by(&bob).send().await.problem(404), "not-found");
    with_cookie(&fixture, "DELETE", &path, &here, json!({})).await.ok();
    assert_eq!(with_cookie(&fixture, "GET", "/api/v1/me", &there, json!({})).await.problem(401), "not-signed-in");
    with_cookie(&fixture, "GET", "/api/v1/me", &here, json!({})).await.ok();
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_serves_once() {
    let fixture = TestServer::new().await;
    let cookie = sign_in(&fixture, json!({"name": "root", "password": PASSWORD})).await.cookie();
    let uri = enrol(&fixture, &cookie).await;
    let confirmed_with = token_of(&fixture, &uri);
    let ask = |token: Value| json!({"name": "root", "password": PASSWORD, "token": token});

    // Who lacks either is not told which, nor that there is a second factor.
    let wrong = sign_in(&fixture, json!({"name": "root", "password": OTHER_PASSWORD})).await;
    assert_eq!(wrong.problem(401), "sign-in-failed");
    for none in [Value::Null, json!(" ")] {
        let without = sign_in(&fixture, ask(none)).await;
        assert_eq!((without.status, &without.text), (wrong.status, &wrong.text));
    }
    assert_eq!(sign_in(&fixture, ask(json!(confirmed_with))).await.problem(401), "sign-in-failed", "used to confirm");

    fixture.advance(30);
    let token = token_of(&fixture, &uri);
    let with_blank = format!("{} {}", &token[..3], &token[3..]);
    sign_in(&fixture, ask(json!(with_blank))).await.ok();
    let replayed = sign_in(&fixture, ask(json!(token))).await;
    assert_eq!(replayed.problem(401), "sign-in-failed");
    let records = fixture.records("user.sign_in_failed").await;
    assert_eq!(records[0]["details"]["wrong"], "token used before");
    fixture.advance(30);
    let token = token_of(&fixture, &uri);
    sign_in(&fixture, ask(json!(token))).await.ok();
    fixture.advance(300);
    assert_eq!(
        sign_in(&fixture, ask(json!(token))).await.problem(401),
        "sign-in-failed",
        "a token of five minutes ago"
    );
}

#[tokio::test]
async fn failures_lock_a_name_out_for_a_while() {
    let fixture = TestServer::new().await;
    let wrong = || json!({"name": "root", "password": OTHER_PASSWORD});
    for _ in 0..4 {
        assert_eq!(sign_in(&fixture, wrong()).await.problem(401), "sign-in-failed");
    }
    let locked = sign_in(&fixture, wrong()).await;
    assert_eq!(locked.problem(429), "locked-out");
    assert_eq!(locked.header("retry-after"), "30");
    fixture.advance(10);
    let right = sign_in(&fixture, json!({"name": "root", "password": PASSWORD})).await;
    assert_eq!(right.problem(429), "locked-out");
    assert_eq!(right.header("retry-after"), "20");
    fixture.advance(20);
    sign_in(&fixture, json!({"name": "root", "password": PASSWORD})).await.ok();
    assert_eq!(sign_in(&fixture, wrong()).await.problem(401), "sign-in-failed", "a success begins anew");

    let records = fixture.records("user.locked_out").await;
    assert_eq!((records.len(), &records[0]["details"]["seconds"]), (1, &json!(30)));
    let figures = fixture.get("/metrics").await.text;
    assert!(figures.contains("countersign_sign_in_failures_total 7"), "{figures}");
    assert!(figures.contains("countersign_changes_waiting 0"), "{figures}");
}

#[tokio::test]
async fn a_name_that_nobody_has_fails_as_a_wrong_password_does() {
    let fixture = TestServer::new().await;
    let known = sign_in(&fixture, json!({"name": "root", "password": OTHER_PASSWORD})).await;
    let unknown = sign_in(&fixture, json!({"name": "nobody", "password": OTHER_PASSWORD})).await;
    assert_eq!((known.status, &known.text), (unknown.status, &unknown.text));
    // A disabled person too.
    fixture.person("bob", Role::Member).await;
    let users = fixture.get("/api/v1/users").await.ok();
    let bob = users["items"].as_array().unwrap().iter().find(|user| user["name"] == "bob").unwrap();
    fixture.patch(&format!("/api/v1/users/{}", bob["id"].as_str().unwrap()), json!({"disabled": true})).await.ok();
    let disabled = sign_in(&fixture, json!({"name": "bob", "password": PASSWORD})).await;
    assert_eq!((known.status, &known.text), (disabled.status, &disabled.text));
}

#[tokio::test]
async fn one_address_cannot_try_without_end() {
    let fixture = TestServer::new().await;
    let mut tries = 0;
    let limited = loop {
        // A link that is no link costs no hashing, and counts all the same.
        let body = json!({"link": "x", "name": "root", "password": PASSWORD});
        let answer = fixture.ask("POST", "/api/v1/setup").json(&body).send().await;
        if answer.status != 403 {
            break answer;
        }
        tries += 1;
        assert!(tries < 1_000, "nothing limits this address");
    };
    assert_eq!(limited.problem(429), "rate-limited");
    assert!(tries >= 60, "an office behind one address: {tries}");
    assert_eq!(sign_in(&fixture, json!({"name": "root", "password": PASSWORD})).await.problem(429), "rate-limited");
    fixture.get("/api/v1/credentials").await.ok();
}

#[tokio::test]
async fn ones_own_password() {
    let fixture = TestServer::new().await;
    let [here, there] = [(); 2].map(|()| json!({"name": "root", "password": PASSWORD}));
    let (here, there) = (sign_in(&fixture, here).await.cookie(), sign_in(&fixture, there).await.cookie());
    let change = async |current: &str, new: &str| {
        with_cookie(&fixture, "POST", "/api/v1/me/password", &here, json!({"current": current, "new": new})).await
    };
    let wrong = change(OTHER_PASSWORD, OTHER_PASSWORD).await;
    assert_eq!((wrong.problem(422).as_str(), &wrong.json()["field"]), ("invalid", &json!("current")));
    let weak = change(PASSWORD, "12345678").await;
    assert_eq!((weak.problem(422).as_str(), &weak.json()["field"]), ("invalid", &json!("new")));
    change(PASSWORD, OTHER_PASSWORD).await.ok();
    with_cookie(&fixture, "GET", "/api/v1/me", &here, json!({})).await.ok();
    assert_eq!(with_cookie(&fixture, "GET", "/api/v1/me", &there, json!({})).await.problem(401), "not-signed-in");
    assert_eq!(sign_in(&fixture, json!({"name": "root", "password": PASSWORD})).await.problem(401), "sign-in-failed");
    sign_in(&fixture, json!({"name": "root", "password": OTHER_PASSWORD})).await.ok();
}

#[tokio::test]
async fn recovery_codes_are_given_once_and_each_serves_once() {
    let fixture = TestServer::new().await;
    let cookie = sign_in(&fixture, json!({"name": "root", "password": PASSWORD})).await.cookie();
    let refused = with_cookie(&fixture, "POST", "/api/v1/me/recovery-codes", &cookie, json!({})).await;
    assert_eq!(refused.problem(422), "invalid", "no second factor yet");
    let begun = with_cookie(&fixture, "POST", "/api/v1/me/second-factor", &cookie, json!({})).await.ok();
    let token = token_of(&fixture, begun["uri"].as_str().unwrap());
    let confirmed =
        with_cookie(&fixture, "POST", "/api/v1/me/second-factor/confirm", &cookie, json!({"token": token})).await;
    assert_eq!(confirmed.header("cache-control"), "no-store");
    let codes = confirmed.ok()["recovery_codes"].clone();
    assert_eq!(codes.as_array().unwrap().len(), 10);
    let ask = |code: &Value| json!({"name": "root", "password": PASSWORD, "token": code});
    let me = sign_in(&fixture, ask(&codes[0])).await.ok();
    assert_eq!(me["user"]["recovery_codes"], 9);
    assert_eq!(sign_in(&fixture, ask(&codes[0])).await.problem(401), "sign-in-failed");
    assert_eq!(fixture.records("user.sign_in_failed").await[0]["details"]["wrong"], "recovery code");
    let used = fixture.records("user.recovery_code_used").await;
    assert_eq!((used.len(), &used[0]["details"]["left"]), (1, &json!(9)));

    let fresh = with_cookie(&fixture, "POST", "/api/v1/me/recovery-codes", &cookie, json!({})).await;
    assert_eq!(fresh.header("cache-control"), "no-store");
    let fresh = fresh.ok()["recovery_codes"].clone();
    assert_eq!(sign_in(&fixture, ask(&codes[1])).await.problem(401), "sign-in-failed", "the former ones serve no more");
    sign_in(&fixture, ask(&fresh[0])).await.ok();
    let by_token = fixture.ask("POST", "/api/v1/me/recovery-codes").by(&fixture.root).json(&json!({})).send().await;
    assert_eq!(by_token.problem(403), "page-only", "an API token makes none");
}
