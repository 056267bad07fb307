//! Passkeys over the API: cookies, bodies and answers. What counts and what does not is the vault's, and tested there.

use countersign_identity::{NoPasskeys, RelyingParty};
use countersign_model::Role;
use serde_json::{Value, json};

use crate::{
    fixture::{Answer, PASSWORD, TestServer},
    soft_authenticator::SoftAuthenticator,
};

const ORIGIN: &str = "https://vault.example.com";
const SIGN_IN: &str = "/api/v1/sign-in/passkey";
const BEGIN_SIGN_IN: &str = "/api/v1/sign-in/passkey/options";
const PASSKEYS: &str = "/api/v1/me/passkeys";
const BEGIN: &str = "/api/v1/me/passkeys/options";

async fn at_home() -> TestServer {
    let fixture = TestServer::new().await;
    fixture.vault.use_passkeys_at(RelyingParty::at(ORIGIN));
    fixture
}

async fn add(fixture: &TestServer, bearer: &str, soft: &mut SoftAuthenticator, name: &str) -> Answer {
    let begun = fixture.ask("POST", BEGIN).by(bearer).send().await.ok();
    let body = json!({"name": name, "credential": soft.make(&begun["options"])});
    fixture.ask("POST", PASSKEYS).by(bearer).json(&body).send().await
}

fn cookies(answer: &Answer) -> Vec<&str> {
    answer.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect()
}

fn cookie<'a>(answer: &'a Answer, name: &str) -> &'a str {
    let all = cookies(answer);
    all.into_iter().find(|cookie| cookie.starts_with(name)).unwrap_or_else(|| panic!("no {name}"))
}

/// Asks for a passkey at the sign-in; gives what is asked and the cookie that goes with the answer.
async fn begin(fixture: &TestServer) -> (Value, String) {
    let begun = fixture.ask("POST", BEGIN_SIGN_IN).send().await;
    let kept = cookie(&begun, "countersign_passkey=").split(';').next().unwrap().to_owned();
    (begun.ok()["options"].clone(), kept)
}

async fn show(fixture: &TestServer, kept: &str, credential: Value) -> Answer {
    let ask = fixture.ask("POST", SIGN_IN).header("cookie", kept);
    ask.json(&json!({"credential": credential})).send().await
}

#[tokio::test]
async fn a_browser_signs_in_with_a_passkey_and_no_name() {
    let fixture = at_home().await;
    let bob = fixture.person("bob", Role::Member).await;
    let mut soft = SoftAuthenticator::at(ORIGIN);
    let added = add(&fixture, &bob, &mut soft, "Phone").await;
    assert_eq!((added.status, added.header("cache-control")), (201, "no-store"));
    let added = added.ok();
    assert_eq!((&added["name"], added["recovery_codes"].as_array().unwrap().len()), (&json!("Phone"), 10));

    let begun = fixture.ask("POST", BEGIN_SIGN_IN).send().await;
    let kept = cookie(&begun, "countersign_passkey=ck_");
    for part in ["Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=300"] {
        assert!(kept.contains(part), "{kept}");
    }
    assert_eq!(begun.header("cache-control"), "no-store");
    let (options, kept) = begin(&fixture).await;
    let signed_in = show(&fixture, &kept, soft.show(&options)).await;
    assert!(cookie(&signed_in, "countersign_session=").starts_with("countersign_session=cw_"));
    assert!(cookie(&signed_in, "countersign_passkey=;").contains("Max-Age=0"), "it is of no more use");
    let session = cookie(&signed_in, "countersign_session=").split(';').next().unwrap().to_owned();
    let me = signed_in.ok();
    assert_eq!((&me["user"]["name"], &me["user"]["second_factors"]), (&json!("bob"), &json!(["passkey"])));
    assert_eq!(me["user"]["second_factor"], json!(true));

    let listed = fixture.ask("GET", PASSKEYS).header("cookie", &session).send().await.ok();
    assert_eq!(listed["items"][0]["last_used_at"], fixture.vault.now().to_string());
    let users = fixture.get("/api/v1/users").await.ok();
    let shown = users["items"].as_array().unwrap().iter().find(|user| user["name"] == "bob").unwrap();
    assert_eq!(shown["second_factors"], json!(["passkey"]));
    // Nor does the password alone any more.
    let by_password = json!({"name": "bob", "password": PASSWORD});
    let refused = fixture.ask("POST", "/api/v1/sign-in").json(&by_password).send().await;
    assert_eq!(refused.problem(401), "sign-in-failed");

    let own = format!("{PASSKEYS}/{}", listed["items"][0]["id"].as_str().unwrap());
    let removed = fixture.ask("DELETE", &own).header("cookie", &session).send().await;
    assert_eq!(removed.status, 204, "{}", removed.text);
    let (options, kept) = begin(&fixture).await;
    let refused = show(&fixture, &kept, soft.show(&options)).await;
    assert_eq!(refused.problem(401), "passkey-refused");
}

#[tokio::test]
async fn over_tls_the_question_is_bound_to_this_very_host() {
    let fixture = TestServer::with(|settings| settings.secure_cookies = true).await;
    fixture.vault.use_passkeys_at(RelyingParty::at(ORIGIN));
    let begun = fixture.ask("POST", BEGIN_SIGN_IN).send().await;
    assert!(cookie(&begun, "__Host-countersign_passkey=ck_").contains("; Secure"));
}

#[tokio::test]
async fn what_is_no_answer_to_the_question_is_refused_with_words() {
    let fixture = at_home().await;
    let bob = fixture.person("bob", Role::Member).await;
    let mut soft = SoftAuthenticator::at(ORIGIN);
    add(&fixture, &bob, &mut soft, "Phone").await.ok();
    let (options, kept) = begin(&fixture).await;
    let right = soft.show(&options);
    let without = fixture.ask("POST", SIGN_IN).json(&json!({"credential": right})).send().await;
    assert_eq!(without.problem(401), "passkey-refused");
    assert_eq!(without.detail(), "this took too long or was answered before: try again");
    let unreadable = show(&fixture, &kept, json!({"rawId": "AAAA"})).await;
    assert_eq!(unreadable.detail(), "the passkey's answer cannot be read");

    let with =
        |body: &str| fixture.ask("POST", SIGN_IN).header("cookie", &kept).raw("application/json", body.to_owned());
    assert_eq!(with("{}").send().await.problem(400), "malformed");
    assert_eq!(with("{\"credential\": {}, \"name\": \"bob\"}").send().await.problem(400), "malformed");
    let long = json!({"credential": {"id": "A".repeat(16 * 1024)}}).to_string();
    assert_eq!(with(&long).send().await.problem(413), "too-large");
    let deep = format!("{{\"credential\": {}1{}}}", "[".repeat(500), "]".repeat(500));
    assert_eq!(with(&deep).send().await.problem(400), "malformed");

    let refused = fixture.ask("POST", PASSKEYS).by(&bob).json(&json!({"name": "Key", "credential": {}})).send().await;
    assert_eq!(refused.problem(422), "passkey-refused");
    for name in ["", " ", &"n".repeat(101), "a\u{7}b"] {
        let body = json!({"name": name, "credential": {}});
        let refused = fixture.ask("POST", PASSKEYS).by(&bob).json(&body).send().await;
        assert_eq!(refused.problem(422), "invalid", "{name:?}");
    }
    let gone = fixture.ask("DELETE", &format!("{PASSKEYS}/01938d1c-7a31-7000-8000-000000000000")).by(&bob).send().await;
    assert_eq!(gone.problem(404), "not-found");
    // A program has no passkeys of its own, and confirms nothing.
    for path in [BEGIN, "/api/v1/me/confirm/passkey/options"] {
        assert_eq!(fixture.ask("POST", path).by(&fixture.root).send().await.problem(403), "page-only");
    }
}

#[tokio::test]
async fn a_passkey_answers_where_a_recent_sign_in_is_needed() {
    let fixture = at_home().await;
    let bob = fixture.person("bob", Role::Member).await;
    let mut soft = SoftAuthenticator::at(ORIGIN);
    add(&fixture, &bob, &mut soft, "Phone").await.ok();
    fixture.advance(16 * 60);
    assert_eq!(fixture.ask("POST", BEGIN).by(&bob).send().await.problem(403), "recent-sign-in-needed");
    let begun = fixture.ask("POST", "/api/v1/me/confirm/passkey/options").by(&bob).send().await.ok();
    let body = json!({"credential": soft.show(&begun["options"])});
    let confirmed = fixture.ask("POST", "/api/v1/me/confirm/passkey").by(&bob).json(&body).send().await;
    assert_eq!(confirmed.status, 204, "{}", confirmed.text);
    fixture.ask("POST", BEGIN).by(&bob).send().await.ok();
    let again = fixture.ask("POST", "/api/v1/me/confirm/passkey").by(&bob).json(&body).send().await;
    assert_eq!(again.problem(401), "passkey-refused");
}

#[tokio::test]
async fn who_has_no_second_factor_yet_may_add_a_passkey_for_it() {
    let fixture = TestServer::empty(true).await;
    fixture.vault.use_passkeys_at(RelyingParty::at(ORIGIN));
    let link = fixture.vault.new_setup_link().await.unwrap().unwrap();
    let body = json!({"link": link.expose(), "name": "root", "password": PASSWORD});
    let made = fixture.ask("POST", "/api/v1/setup").json(&body).send().await;
    let session = made.cookie();
    let bearer = session.split_once('=').unwrap().1.to_owned();
    let early = fixture.ask("GET", PASSKEYS).by(&bearer).send().await;
    assert_eq!(early.problem(403), "second-factor-enrolment-needed");
    add(&fixture, &bearer, &mut SoftAuthenticator::at(ORIGIN), "Phone").await.ok();
    let me = fixture.ask("GET", "/api/v1/me").by(&bearer).send().await.ok();
    assert_eq!(me["enrolment_needed"], json!(false));
    let listed = fixture.ask("GET", PASSKEYS).by(&bearer).send().await.ok();
    let own = format!("{PASSKEYS}/{}", listed["items"][0]["id"].as_str().unwrap());
    assert_eq!(fixture.ask("DELETE", &own).by(&bearer).send().await.problem(409), "conflict");
}

#[tokio::test]
async fn a_server_says_whether_passkeys_can_be_used_and_why_not() {
    let fixture = at_home().await;
    let status = fixture.get("/api/v1/status").await.ok();
    assert_eq!(status["passkeys"], json!({"usable": true, "origin": ORIGIN}));
    for (address, why) in [(None, NoPasskeys::AddressUnknown), (Some("http://vault.example"), NoPasskeys::PlainHttp)] {
        let fixture = TestServer::new().await;
        if let Some(address) = address {
            fixture.vault.use_passkeys_at(RelyingParty::at(address));
        }
        let status = fixture.get("/api/v1/status").await.ok();
        let problem = format!("{why}: {}", why.hint());
        assert_eq!(status["passkeys"], json!({"usable": false, "problem": problem}));
        let refused = fixture.ask("POST", BEGIN_SIGN_IN).send().await;
        assert_eq!((refused.problem(409).as_str(), refused.detail()), ("passkeys-unavailable", why.to_string()));
    }
}

#[tokio::test]
async fn one_address_is_slowed_down() {
    let fixture = at_home().await;
    let begin = || fixture.ask("POST", BEGIN_SIGN_IN).at("192.0.2.7:1");
    for _ in 0..60 {
        begin().send().await.ok();
    }
    assert_eq!(begin().send().await.problem(429), "rate-limited");
    let answer = fixture.ask("POST", SIGN_IN).at("192.0.2.7:1").json(&json!({"credential": {}})).send().await;
    assert_eq!(answer.problem(429), "rate-limited");
    fixture.ask("POST", BEGIN_SIGN_IN).at("192.0.2.8:1").send().await.ok();
}
