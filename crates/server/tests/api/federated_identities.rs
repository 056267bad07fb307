//! Federated identities over the API: who says whose tokens are taken, and what such a token gets.

use countersign_model::Role;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::{
    fixture::{Answer, BEGIN, TestServer},
    soft_issuer::SoftIssuer,
};

const TOKEN: &str = "/api/v1/oauth/token";
const FORM: &str = "application/x-www-form-urlencoded";
const AUDIENCE: &str = "https://vault.example.com";
const SUBJECT: &str = "repo:acme/site:ref:refs/heads/main";

/// A service account, and an issuer whose tokens it takes.
struct Federation {
    fixture: TestServer,
    issuer: SoftIssuer,
    client: String,
    path: String,
}

impl Federation {
    async fn new() -> Self {
        let fixture = TestServer::new().await;
        let account = fixture.post("/api/v1/service-accounts", json!({"name": "deploy", "scope": "see token"})).await;
        let client = account.ok()["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/service-accounts/{client}/federated-identities");
        Self { fixture, issuer: SoftIssuer::start().await, client, path }
    }

    fn trusted(&self) -> Value {
        json!({
            "issuer": self.issuer.issuer,
            "audience": AUDIENCE,
            "subject": SUBJECT,
            "claims": {"repository": "acme/site"},
        })
    }

    /// What a job says of itself now.
    fn claims(&self, id: &str) -> Value {
        json!({
            "aud": AUDIENCE,
            "sub": SUBJECT,
            "repository": "acme/site",
            "jti": id,
            "iat": BEGIN,
            "nbf": BEGIN,
            "exp": BEGIN + 300,
        })
    }

    async fn show(&self, assertion: &str, more: &[(&str, &str)]) -> Answer {
        self.show_from("192.0.2.7:1", &self.client, assertion, more).await
    }

    async fn show_from(&self, peer: &str, client: &str, assertion: &str, more: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", client)
            .append_pair("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            .append_pair("client_assertion", assertion)
            .extend_pairs(more)
            .finish();
        self.fixture.ask("POST", TOKEN).at(peer).raw(FORM, body).send().await
    }
}

/// Error and description; the answer must be as RFC 6749 §5.2 wants it.
fn refused(answer: &Answer) -> (u16, String, String) {
    assert_eq!((answer.header("cache-control"), answer.header("content-type")), ("no-store", "application/json"));
    let body = answer.json();
    let text = |field: &str| body[field].as_str().unwrap().to_owned();
    (answer.status, text("error"), text("error_description"))
}

#[tokio::test]
async fn a_job_of_a_trusted_issuer_gets_a_token_without_any_secret() {
    let it = Federation::new().await;
    let credential = it.fixture.credential("Instagram").await;
    let grant = json!({"user": it.client, "tag": "social", "permissions": {"token": true}});
    it.fixture.post("/api/v1/grants", grant).await.ok();
    let added = it.fixture.post(&it.path, it.trusted()).await;
    assert_eq!(added.status, 201, "{}", added.text);
    let added = added.json();
    for (field, value) in
        [("issuer", json!(it.issuer.issuer)), ("subject", json!(SUBJECT)), ("created_by", json!("root/ci"))]
    {
        assert_eq!(added[field], value);
    }
    assert_eq!((it.issuer.asked().len(), added.get("last_used_at")), (0, None));

    let given = it.show(&it.issuer.token(it.claims("1")), &[("scope", "token")]).await;
    assert_eq!((given.header("cache-control"), given.header("pragma")), ("no-store", "no-cache"));
    let given = given.ok();
    assert_eq!(
        (&given["token_type"], &given["expires_in"], &given["scope"]),
        (&json!("Bearer"), &json!(600), &json!("token"))
    );
    let bearer = given["access_token"].as_str().unwrap();
    it.fixture.ask("GET", &format!("{credential}/token")).by(bearer).send().await.ok();
    let account = it.fixture.get(&format!("/api/v1/service-accounts/{}", it.client)).await.ok();
    assert!(account["federated_identities"][0]["last_used_at"].is_string(), "{account}");
    let record = &it.fixture.records("service_account.token_issued").await[0];
    assert_eq!(
        (&record["details"]["subject"], &record["details"]["token_id"], &record["details"]["issuer"]),
        (&json!(SUBJECT), &json!("1"), &json!(it.issuer.issuer))
    );
    // It ends with what it was asked for by.
    let gone = format!("{}/{}", it.path, added["id"].as_str().unwrap());
    assert_eq!(it.fixture.ask("DELETE", &gone).by(&it.fixture.root).send().await.status, 204);
    assert_eq!(it.fixture.ask("GET", "/api/v1/me").by(bearer).send().await.problem(401), "not-signed-in");
    assert_eq!(it.fixture.ask("DELETE", &gone).by(&it.fixture.root).send().await.problem(404), "not-found");
    let out = it.show(&it.issuer.token(it.claims("2")), &[]).await;
    assert_eq!(refused(&out).1, "invalid_client");
    for act in ["service_account.identity_added", "service_account.identity_removed"] {
        let record = &it.fixture.records(act).await[0];
        assert_eq!(
            (&record["object"]["kind"], &record["object"]["name"]),
            (&json!("federated_identity"), &json!(SUBJECT))
        );
        assert_eq!(record["details"]["claims"], json!(["repository=acme/site"]));
    }
}

#[tokio::test]
async fn a_token_that_says_anything_else_is_an_invalid_client_and_is_told_why() {
    let it = Federation::new().await;
    it.fixture.post(&it.path, it.trusted()).await.ok();
    let other = SoftIssuer::start().await;
    let with = |claim: &str, value: Value| {
        let mut claims = it.claims("1");
        claims[claim] = value;
        it.issuer.token(claims)
    };
    let used = it.issuer.token(it.claims("used"));
    it.show(&used, &[]).await.ok();
    let mut foreign = it.claims("1");
    foreign["iss"] = json!(it.issuer.issuer);
    let nobody = "01938d1c-7a31-7000-8000-000000000000";
    let client = it.client.as_str();
    let table = [
        (client, with("aud", json!("https://github.com/acme")), "aud does not match"),
        (client, with("sub", json!("repo:acme/site:pull_request")), "it is 'repo:acme/site:pull_request'"),
        (client, with("repository", json!("acme/other")), "repository does not match"),
        (client, with("exp", json!(BEGIN - 300)), "has expired"),
        (client, with("exp", json!(BEGIN + 90_000)), "more than 24 hours"),
        (client, with("nbf", json!(BEGIN + 300)), "not valid yet (nbf)"),
        (client, other.token(foreign), "signature is not right"),
        (client, used, "already been used (jti)"),
        (client, other.token(it.claims("1")), "trusts the token's issuer (iss)"),
        (nobody, it.issuer.token(it.claims("1")), "trusts the token's issuer (iss)"),
        ("deploy", it.issuer.token(it.claims("1")), "trusts the token's issuer (iss)"),
        (client, "no.jwt.it".to_owned(), "not a signed JWT"),
    ];
    for (number, (client, assertion, words)) in table.into_iter().enumerate() {
        // Failures are counted by client and network.
        let peer = format!("203.0.113.{number}:7");
        let answer = it.show_from(&peer, client, &assertion, &[]).await;
        let (status, error, text) = refused(&answer);
        assert_eq!((status, error.as_str()), (401, "invalid_client"), "{number}: {text}");
        assert!(text.contains(words), "{words}: {text}");
        let record = &it.fixture.records("service_account.token_refused").await[0];
        assert!(record["details"]["wrong"].is_string() && record["details"]["detail"].is_string(), "{record}");
    }
    assert_eq!(
        (other.asked().len(), it.issuer.asked().len()),
        (0, 2),
        "nobody is asked whom no administrator has named"
    );
}

#[tokio::test]
async fn wrong_tokens_lock_out_the_network_that_they_come_from_and_no_job() {
    let it = Federation::new().await;
    it.fixture.post(&it.path, it.trusted()).await.ok();
    let wrong = it.issuer.token(json!({"aud": "x", "sub": "y", "iat": BEGIN, "exp": BEGIN + 60}));
    for _ in 0..4 {
        assert_eq!(refused(&it.show(&wrong, &[]).await).0, 401);
    }
    for _ in 0..2 {
        let locked = it.show(&wrong, &[]).await;
        assert_eq!((locked.status, locked.header("retry-after")), (429, "30"), "{}", locked.text);
    }
    // A client id is no secret: its jobs come in all the same, from there and from elsewhere.
    it.show(&it.issuer.token(it.claims("1")), &[]).await.ok();
    it.show_from("198.51.100.7:1", &it.client, &it.issuer.token(it.claims("2")), &[]).await.ok();
    assert_eq!(it.fixture.records("service_account.locked_out").await.len(), 1);
}

#[tokio::test]
async fn an_issuer_that_is_not_there_is_the_servers_trouble_and_a_scope_uses_nothing_up() {
    let it = Federation::new().await;
    let mut away = it.trusted();
    away["issuer"] = json!("http://127.0.0.1:1");
    it.fixture.post(&it.path, away).await.ok();
    it.fixture.post(&it.path, it.trusted()).await.ok();
    let mut claims = it.claims("1");
    claims["iss"] = json!("http://127.0.0.1:1");
    let answer = it.show(&it.issuer.token(claims), &[]).await;
    let (status, error, text) = refused(&answer);
    assert_eq!((status, error.as_str(), answer.header("retry-after")), (503, "temporarily_unavailable", "30"));
    assert!(!text.contains("127.0.0.1"), "{text}");
    let record = &it.fixture.records("service_account.token_refused").await[0];
    assert!(record["details"]["detail"].as_str().unwrap().contains("127.0.0.1:1"), "{record}");

    let token = it.issuer.token(it.claims("1"));
    assert_eq!(refused(&it.show(&token, &[("scope", "reveal")]).await).1, "invalid_scope");
    it.show(&token, &[("scope", "see")]).await.ok();
}

#[tokio::test]
async fn whose_tokens_are_taken_is_said_by_administrators_and_to_the_letter() {
    let it = Federation::new().await;
    for (change, field) in [
        (json!({"issuer": "http://gitlab.example.com"}), "issuer"),
        (json!({"issuer": "gitlab"}), "issuer"),
        (json!({"audience": ""}), "audience"),
        (json!({"subject": ""}), "subject"),
        (json!({"subject": "*"}), "subject"),
        (json!({"subject": "repo:acme*"}), "subject"),
        (json!({"claims": {"sub": "x"}}), "claims"),
        (json!({"claims": {"ref": "refs/tags/*"}}), "claims"),
    ] {
        let mut body = it.trusted();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let refused = it.fixture.post(&it.path, body).await;
        assert_eq!((refused.problem(422).as_str(), &refused.json()["field"]), ("invalid", &json!(field)), "{change}");
    }
    for unread in [json!({}), json!({"claims": {"n": 7}}), json!({"secret": "x"})] {
        let mut body = it.trusted();
        body.as_object_mut().unwrap().extend(unread.as_object().unwrap().clone());
        let body = if unread == json!({}) { unread.clone() } else { body };
        assert_eq!(it.fixture.post(&it.path, body).await.problem(400), "malformed", "{unread}");
    }
    it.fixture.post(&it.path, it.trusted()).await.ok();
    assert!(it.fixture.post(&it.path, it.trusted()).await.detail().contains("is there already"));
    for number in 1..10 {
        let mut body = it.trusted();
        body["subject"] = json!(format!("repo:acme/{number}:*"));
        it.fixture.post(&it.path, body).await.ok();
    }
    let mut body = it.trusted();
    body["subject"] = json!("repo:acme/eleven:*");
    assert!(it.fixture.post(&it.path, body).await.detail().contains("at most 10"));
    let nowhere = it.path.replace(&it.client, "01938d1c-7a31-7000-8000-000000000000");
    assert_eq!(it.fixture.post(&nowhere, it.trusted()).await.problem(404), "not-found");
    for role in [Role::Manager, Role::Member, Role::Auditor] {
        let bearer = it.fixture.person(role.name(), role).await;
        let asked = it.fixture.ask("POST", &it.path).by(&bearer).json(&it.trusted()).send().await;
        assert_eq!(asked.problem(403), "denied");
    }
}
