//! A provider that lies, and one that is late, changes its keys or is not there: nobody comes in by any of it.

#![expect(clippy::unwrap_used, reason = "a test ends with the first surprise")]

mod assertions;
mod provider;

use std::time::Duration;

use countersign_identity::{Bearer, BearerKind, RoundTripSecrets};
use countersign_model::{
    CountingChance, GroupId, GroupMapping, MatchBy, ProviderClaims, ProviderRefusal, ProviderSettings, Timestamp,
};
use countersign_provider::{AllowPrivateProvider, ProviderAnswer, ProviderClient, Refused};
use countersign_seal::{MacHash, Secret, Sha256, hmac};
use countersign_vault::{Arrival, Departure, ProviderAccess, RoundTripPurpose};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use url::Url;

use crate::provider::{Key, LyingProvider, Said, token};

const NOW: i64 = 1_900_000_000;

/// A browser, and the server that it comes to.
struct Walk {
    provider: LyingProvider,
    client: ProviderClient,
    bearer: Bearer,
    now: Timestamp,
}

impl Walk {
    async fn new() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        Self {
            provider: LyingProvider::start().await,
            client: ProviderClient::new(AllowPrivateProvider(false)),
            bearer: Bearer::new(BearerKind::RoundTrip, &CountingChance::default()),
            now: Timestamp::from_seconds(NOW),
        }
    }

    fn access(&self) -> ProviderAccess {
        let group = GroupId::new(self.now, &CountingChance::default());
        let settings = ProviderSettings {
            name: "Example".to_owned(),
            issuer: self.provider.issuer.clone(),
            client_id: "countersign".to_owned(),
            address: "https://vault.example.com".to_owned(),
            scopes: vec!["profile".to_owned(), "groups".to_owned()],
            match_by: MatchBy::Nothing,
            new_users: None,
            trusts_second_factor: false,
            groups_claim: Some("groups".to_owned()),
            groups: vec![GroupMapping { value: "ops".to_owned(), group }],
        };
        ProviderAccess { settings, secret: Some(Secret::from("client secret: 1/2".to_owned())) }
    }

    fn secrets(&self) -> RoundTripSecrets {
        RoundTripSecrets::of(&self.bearer)
    }

    /// What an honest provider says of somebody now.
    fn claims(&self) -> Value {
        json!({
            "iss": self.provider.issuer,
            "aud": "countersign",
            "sub": "248289761001",
            "nonce": self.secrets().nonce.expose_text().unwrap(),
            "iat": self.now.seconds(),
            "exp": self.now.seconds() + 300,
            "preferred_username": "ana",
            "email": "ana@example.com",
            "email_verified": true,
            "groups": ["ops", "other"],
        })
    }

    fn claims_with(&self, change: impl FnOnce(&mut Value)) -> Value {
        let mut claims = self.claims();
        change(&mut claims);
        claims
    }

    async fn come_back(&self, purpose: RoundTripPurpose, answer: ProviderAnswer) -> Result<ProviderClaims, Refused> {
        let arrival = Arrival { provider: self.access(), purpose, began_at: self.now };
        self.client.who(&arrival, &self.secrets(), answer, self.now).await
    }

    /// Who somebody is to whom the provider gives this token.
    async fn with_token(&self, token: &str) -> Result<ProviderClaims, Refused> {
        self.provider.give(token);
        self.come_back(RoundTripPurpose::SignIn, with_code()).await
    }

    async fn address(&self, purpose: RoundTripPurpose) -> Result<Url, Refused> {
        let bearer = Bearer::parse(self.bearer.expose()).unwrap();
        let departure = Departure { bearer, provider: self.access(), purpose };
        self.client.address(&departure, self.now).await
    }
}

fn with_code() -> ProviderAnswer {
    ProviderAnswer { code: Some("a code".to_owned()), ..ProviderAnswer::default() }
}

fn wrong_token(detail: &str) -> Option<(ProviderRefusal, &str)> {
    Some((ProviderRefusal::WrongToken, detail))
}

#[tokio::test]
async fn an_honest_provider_is_believed_about_what_decides_and_no_more() {
    let walk = Walk::new().await;
    walk.provider
        .say("/keys", Said::Json(json!({"keys": [Key::Rsa.public(), {"kty": "moon"}, Key::Ed25519.public()]})));
    for key in [Key::Rsa, Key::Ed25519] {
        let who = walk.with_token(&key.token(&walk.claims())).await.unwrap();
        assert_eq!((who.issuer.as_str(), who.subject.as_str()), (walk.provider.issuer.as_str(), "248289761001"));
        assert_eq!((who.username.as_deref(), who.email.as_deref()), (Some("ana"), Some("ana@example.com")));
        assert_eq!(who.groups.into_iter().collect::<Vec<_>>(), ["ops"]);
    }
    let asked = walk.provider.asked("/token").remove(0);
    // RFC 6749 §2.3.1, with each part encoded for a form.
    let header = data_encoding::BASE64.encode(b"countersign:client+secret%3A+1%2F2");
    assert!(asked.to_lowercase().contains(&format!("authorization: basic {header}").to_lowercase()), "{asked}");
    assert!(asked.contains("grant_type=authorization_code") && asked.contains("code=a+code"), "{asked}");
    assert_eq!(walk.provider.asked("/.well-known/openid-configuration").len(), 1, "it is remembered");
}

#[tokio::test]
async fn the_browser_is_sent_with_a_state_a_nonce_and_a_challenge_that_the_code_answers() {
    let walk = Walk::new().await;
    let address = walk.address(RoundTripPurpose::SignIn).await.unwrap();
    let query: std::collections::HashMap<String, String> = address.query_pairs().into_owned().collect();
    let secrets = walk.secrets();
    let text = |secret: &Secret| secret.expose_text().unwrap().to_owned();
    assert_eq!(query["response_type"], "code");
    assert_eq!(query["redirect_uri"], "https://vault.example.com/api/v1/sign-in/oidc/callback");
    assert_eq!(query["scope"], "openid profile groups");
    assert_eq!((&query["state"], &query["nonce"]), (&text(&secrets.state), &text(&secrets.nonce)));
    assert_eq!(query["code_challenge_method"], "S256");
    assert!(!query.contains_key("prompt") && !query.contains_key("max_age"));
    walk.with_token(&Key::Rsa.token(&walk.claims())).await.unwrap();
    let asked = walk.provider.asked("/token").remove(0);
    let verifier = asked.split("code_verifier=").nth(1).unwrap().split('&').next().unwrap();
    assert_eq!(BASE64URL_NOPAD.encode(Sha256::of(verifier.as_bytes()).bytes()), query["code_challenge"]);
    assert!(!address.as_str().contains(verifier) && !address.as_str().contains(walk.bearer.expose()));

    let fresh = walk.address(RoundTripPurpose::Confirm).await.unwrap();
    let query: std::collections::HashMap<String, String> = fresh.query_pairs().into_owned().collect();
    assert_eq!((query["prompt"].as_str(), query["max_age"].as_str()), ("login", "0"));
}

#[tokio::test]
async fn a_token_that_is_not_for_us_now_lets_nobody_in() {
    let walk = Walk::new().await;
    let now = NOW;
    type Change = fn(&mut Value);
    let table: Vec<(&str, Change, Option<&str>)> = vec![
        ("as it should be", |_| (), None),
        ("another issuer", |it| it["iss"] = json!("https://evil.example.com"), Some("(iss)")),
        ("an issuer with a stroke", |it| it["iss"] = json!(format!("{}/", it["iss"].as_str().unwrap())), Some("(iss)")),
        ("another client", |it| it["aud"] = json!("somebody-else"), Some("(aud)")),
        ("another client beside us", |it| it["aud"] = json!(["countersign", "somebody-else"]), Some("(aud)")),
        ("us in a list", |it| it["aud"] = json!(["countersign"]), None),
        ("no client", |it| drop(it.as_object_mut().unwrap().remove("aud")), Some("(aud)")),
        ("issued to another", |it| it["azp"] = json!("somebody-else"), Some("(azp)")),
        ("issued to us", |it| it["azp"] = json!("countersign"), None),
        ("no nonce", |it| drop(it.as_object_mut().unwrap().remove("nonce")), Some("(nonce)")),
        ("another nonce", |it| it["nonce"] = json!("n-0S6_WzA2Mj"), Some("(nonce)")),
        ("no subject", |it| drop(it.as_object_mut().unwrap().remove("sub")), Some("cannot be read")),
        ("an empty subject", |it| it["sub"] = json!(""), Some("")),
        ("no end", |it| drop(it.as_object_mut().unwrap().remove("exp")), Some("cannot be read")),
    ];
    for (what, change, detail) in table {
        let found = walk.with_token(&Key::Rsa.token(&walk.claims_with(change))).await;
        let found = found.as_ref().err().map(|refused| (refused.why, refused.detail.as_str()));
        match detail {
            None => assert_eq!(found, None, "{what}"),
            Some(detail) => {
                let (why, said) = found.unwrap_or_else(|| panic!("{what} lets somebody in"));
                assert!(said.contains(detail), "{what}: {said}");
                assert!(matches!(why, ProviderRefusal::WrongToken | ProviderRefusal::WrongAnswer), "{what}: {why:?}");
            }
        }
    }
    // Clocks differ by a minute at most.
    for (what, issued, expires, detail) in [
        ("just expired", now - 300, now - 59, None),
        ("expired", now - 300, now - 61, wrong_token("the token has expired")),
        ("just ahead", now + 59, now + 300, None),
        ("from the future", now + 61, now + 300, wrong_token("the token is from the future")),
    ] {
        let claims = walk.claims_with(|it| (it["iat"], it["exp"]) = (json!(issued), json!(expires)));
        let found = walk.with_token(&Key::Rsa.token(&claims)).await;
        let found = found.as_ref().err().map(|refused| (refused.why, refused.detail.as_str()));
        assert_eq!(found, detail, "{what}");
    }
}

#[tokio::test]
async fn a_token_that_the_providers_key_has_not_signed_lets_nobody_in() {
    let walk = Walk::new().await;
    let claims = walk.claims();
    let with_secret = |key: &[u8]| {
        let key = Secret::from(key.to_vec());
        let head = json!({"alg": "HS256"});
        token(&head, &claims, |message| hmac(MacHash::Sha256, &key, message).expose().to_vec())
    };
    let modulus = BASE64URL_NOPAD.decode(Key::Rsa.public()["n"].as_str().unwrap().as_bytes()).unwrap();
    let honest = Key::Rsa.token(&claims);
    let parts: Vec<&str> = honest.split('.').collect();
    let mallory = claims_part(&walk.claims_with(|it| it["sub"] = json!("mallory")));
    let not_accepted = "the token is signed in a way that is not accepted";
    let table = [
        ("none", token(&json!({"alg": "none"}), &claims, |_| Vec::new()), "not"),
        ("none, in capitals", token(&json!({"alg": "NONE"}), &claims, |_| Vec::new()), "cannot be read"),
        ("none, with a signature", Key::Rsa.token_with(&json!({"alg": "none", "kid": "rsa-1"}), &claims), "not"),
        ("HS256 with the client secret", with_secret(b"client secret: 1/2"), not_accepted),
        ("HS256 with the public key", with_secret(&modulus), not_accepted),
        ("HS256 with the key as text", with_secret(Key::Rsa.public().to_string().as_bytes()), not_accepted),
        ("another's claims", format!("{}.{mallory}.{}", parts[0], parts[2]), "signature is not right"),
        ("no signature", format!("{}.{}.", parts[0], parts[1]), "signature is not right"),
        (
            "another key under that name",
            Key::Ed25519.token_with(&json!({"alg": "RS256", "kid": "rsa-1"}), &claims),
            "signature is not right",
        ),
        (
            "a key of another kind",
            Key::Ed25519.token_with(&json!({"alg": "EdDSA", "kid": "rsa-1"}), &claims),
            "does not publish",
        ),
        (
            "something critical",
            Key::Rsa.token_with(&json!({"alg": "RS256", "kid": "rsa-1", "crit": ["x"]}), &claims),
            "kind that is not accepted",
        ),
        (
            "a key that it brings along",
            Key::Ed25519.token_with(&json!({"alg": "EdDSA", "jwk": Key::Ed25519.public()}), &claims),
            "does not publish",
        ),
        ("two parts", format!("{}.{}", parts[0], parts[1]), "cannot be read"),
        ("nothing", String::new(), "cannot be read"),
        ("too much", format!("{}.{}.{}", parts[0], "A".repeat(70_000), parts[2]), "cannot be read"),
    ];
    for (what, id_token, detail) in table {
        let refused = walk.with_token(&id_token).await.expect_err(what);
        assert!(
            matches!(refused.why, ProviderRefusal::WrongToken | ProviderRefusal::WrongAnswer),
            "{what}: {refused:?}"
        );
        assert!(refused.detail.contains(detail), "{what}: {}", refused.detail);
        assert!(!refused.detail.contains("eyJ"), "no token is in what is logged");
    }
}

fn claims_part(claims: &Value) -> String {
    BASE64URL_NOPAD.encode(claims.to_string().as_bytes())
}

#[tokio::test]
async fn keys_that_change_are_asked_for_once_and_names_that_are_made_up_make_no_load() {
    let mut walk = Walk::new().await;
    walk.with_token(&Key::Rsa.token(&walk.claims())).await.unwrap();
    // The provider has a new key; ours are a moment old, and asking again has to wait.
    walk.provider.say("/keys", Said::Json(json!({"keys": [Key::Ed25519.public()]})));
    let refused = walk.with_token(&Key::Ed25519.token(&walk.claims())).await.unwrap_err();
    assert!(refused.detail.contains("does not publish"), "{}", refused.detail);
    assert_eq!(walk.provider.asked("/keys").len(), 1);
    walk.now = walk.now.plus(Duration::from_secs(31));
    walk.with_token(&Key::Ed25519.token(&walk.claims())).await.unwrap();
    assert_eq!(walk.provider.asked("/keys").len(), 2);
    // The former key is no key any more.
    assert!(walk.with_token(&Key::Rsa.token(&walk.claims())).await.is_err());
    for number in 0..20 {
        let head = json!({"alg": "EdDSA", "kid": format!("made up {number}")});
        assert!(walk.with_token(&Key::Ed25519.token_with(&head, &walk.claims())).await.is_err());
    }
    assert_eq!(walk.provider.asked("/keys").len(), 2);
    // After ten minutes the description is read anew, too.
    walk.now = walk.now.plus(Duration::from_secs(600));
    walk.with_token(&Key::Ed25519.token(&walk.claims())).await.unwrap();
    assert_eq!(walk.provider.asked("/.well-known/openid-configuration").len(), 2);
}

#[tokio::test]
async fn what_is_too_large_sends_elsewhere_or_is_nonsense_is_refused_wherever_it_comes_from() {
    let redirect =
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let broken = "HTTP/1.1 500 Broken\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let (wrong, unreachable) = (ProviderRefusal::WrongAnswer, ProviderRefusal::Unreachable);
    let lies = [
        (Said::Bytes(300 * 1024), wrong, "more than 256 KiB"),
        (Said::Raw(redirect.to_owned()), wrong, "sends elsewhere"),
        (Said::Raw(broken.to_owned()), unreachable, "answered 500"),
        (
            Said::Raw(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>"
                    .to_owned(),
            ),
            wrong,
            "",
        ),
        (Said::Json(json!([])), wrong, ""),
        (Said::Raw("nonsense\r\n\r\n".to_owned()), unreachable, ""),
    ];
    for path in ["/.well-known/openid-configuration", "/keys", "/token"] {
        for (said, why, detail) in &lies {
            let walk = Walk::new().await;
            walk.provider.give(&Key::Rsa.token(&walk.claims()));
            walk.provider.say(path, said.clone());
            let refused = walk.come_back(RoundTripPurpose::SignIn, with_code()).await.expect_err(path);
            assert_eq!(refused.why, *why, "{path}: {}", refused.detail);
            assert!(refused.detail.contains(detail), "{path}: {}", refused.detail);
            if path != "/token" {
                assert_eq!(walk.address(RoundTripPurpose::SignIn).await.unwrap_err().why, *why, "{path}");
            }
        }
    }
    assert!(Walk::new().await.provider.asked("/").is_empty());
}

#[tokio::test]
async fn a_provider_that_is_down_or_silent_is_said_to_be() {
    let mut walk = Walk::new().await;
    walk.client = ProviderClient::new(AllowPrivateProvider(false)).answering_within(Duration::from_millis(300));
    walk.provider.say("/.well-known/openid-configuration", Said::Silence);
    let refused = walk.address(RoundTripPurpose::SignIn).await.unwrap_err();
    assert_eq!(refused.why, ProviderRefusal::Unreachable);
    assert!(refused.detail.contains("did not answer in time"), "{}", refused.detail);
    // Nobody listens there.
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    walk.provider.issuer = format!("http://{free}");
    assert_eq!(walk.address(RoundTripPurpose::SignIn).await.unwrap_err().why, ProviderRefusal::Unreachable);
    walk.provider.issuer = "https://no-such-host.invalid".to_owned();
    assert_eq!(walk.address(RoundTripPurpose::SignIn).await.unwrap_err().why, ProviderRefusal::Unreachable);
}

#[tokio::test]
async fn a_provider_sends_this_server_nowhere_inside_but_to_itself() {
    let walk = Walk::new().await;
    let inside = LyingProvider::start().await;
    let port = inside.issuer.rsplit(':').next().unwrap();
    let mut description = walk.provider.description();
    // Another name of this machine: not the issuer's own host.
    description["token_endpoint"] = json!(format!("http://localhost:{port}/token"));
    walk.provider.say("/.well-known/openid-configuration", Said::Json(description));
    inside.give(&Key::Rsa.token(&walk.claims()));
    let refused = walk.come_back(RoundTripPurpose::SignIn, with_code()).await.unwrap_err();
    assert_eq!(refused.why, ProviderRefusal::WrongAnswer);
    assert!(refused.detail.contains("no public address"), "{}", refused.detail);
    assert!(inside.asked("/token").is_empty(), "nothing was sent there");
    // Where the operator allows it, it may.
    let walk = Walk { client: ProviderClient::new(AllowPrivateProvider(true)), ..walk };
    walk.come_back(RoundTripPurpose::SignIn, with_code()).await.unwrap();
}

#[tokio::test]
async fn what_came_back_with_the_browser_is_judged_before_any_code_is_sent() {
    let walk = Walk::new().await;
    walk.provider.give(&Key::Rsa.token(&walk.claims()));
    let mix_up = ProviderAnswer { issuer: Some("https://evil.example.com".to_owned()), ..with_code() };
    let declined = ProviderAnswer { error: Some("access_denied".to_owned()), ..ProviderAnswer::default() };
    let nothing = ProviderAnswer::default();
    for (answer, why) in [
        (mix_up, ProviderRefusal::WrongIssuer),
        (declined, ProviderRefusal::Declined),
        (nothing, ProviderRefusal::ProviderError),
    ] {
        assert_eq!(walk.come_back(RoundTripPurpose::SignIn, answer).await.unwrap_err().why, why);
    }
    assert!(walk.provider.asked("/token").is_empty());
    // A code that was used before, by the provider's word.
    let refused = "HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: 25\r\nConnection: close\r\n\r\n{\"error\":\"invalid_grant\"}";
    walk.provider.say("/token", Said::Raw(refused.to_owned()));
    let used = walk.come_back(RoundTripPurpose::SignIn, with_code()).await.unwrap_err();
    assert_eq!((used.why, used.detail.contains("invalid_grant")), (ProviderRefusal::ProviderError, true));
    // No ID token: who has an access token alone is nobody.
    walk.provider.say("/token", Said::Json(json!({"access_token": "a", "token_type": "Bearer"})));
    let without = walk.come_back(RoundTripPurpose::SignIn, with_code()).await.unwrap_err();
    assert_eq!(without.why, ProviderRefusal::WrongAnswer);
}

#[tokio::test]
async fn who_confirms_has_signed_in_there_since_they_left() {
    let walk = Walk::new().await;
    for (what, auth_time, fresh) in [
        ("now", json!(NOW + 20), true),
        ("as they left, by a clock that is behind", json!(NOW - 60), true),
        ("before", json!(NOW - 61), false),
        ("in the future", json!(NOW + 3_600), false),
        ("not said", Value::Null, false),
    ] {
        walk.provider.give(&Key::Rsa.token(&walk.claims_with(|it| it["auth_time"] = auth_time)));
        let found = walk.come_back(RoundTripPurpose::Confirm, with_code()).await;
        assert_eq!(found.err().map(|it| it.why), (!fresh).then_some(ProviderRefusal::NotFresh), "{what}");
        assert!(
            walk.come_back(RoundTripPurpose::SignIn, with_code()).await.is_ok(),
            "{what}: not asked for at a sign-in"
        );
    }
}

#[tokio::test]
async fn claims_that_the_token_lacks_are_asked_for_and_are_of_the_same_user() {
    let walk = Walk::new().await;
    let mut description = walk.provider.description();
    description["userinfo_endpoint"] = json!(format!("{}/me", walk.provider.issuer));
    walk.provider.say("/.well-known/openid-configuration", Said::Json(description));
    let bare = walk.claims_with(|it| {
        it.as_object_mut().unwrap().remove("groups");
        it.as_object_mut().unwrap().remove("preferred_username");
    });
    let more =
        |sub: &str| json!({"sub": sub, "groups": ["ops"], "preferred_username": "ana", "email": "evil@example.com"});
    walk.provider.say("/me", Said::Json(more("248289761001")));
    let who = walk.with_token(&Key::Rsa.token(&bare)).await.unwrap();
    assert_eq!((who.groups.len(), who.username.as_deref()), (1, Some("ana")));
    assert_eq!(who.email.as_deref(), Some("ana@example.com"), "what is signed wins");
    assert!(walk.provider.asked("/me")[0].to_lowercase().contains("authorization: bearer an access token"));
    walk.provider.say("/me", Said::Json(more("somebody else")));
    let refused = walk.with_token(&Key::Rsa.token(&bare)).await.unwrap_err();
    assert_eq!(refused.why, ProviderRefusal::WrongToken);
    assert!(refused.detail.contains("two users"), "{}", refused.detail);
    // Nothing is asked for that is there.
    walk.with_token(&Key::Rsa.token(&walk.claims())).await.unwrap();
    assert_eq!(walk.provider.asked("/me").len(), 2);
}

#[tokio::test]
async fn a_test_says_what_is_there_and_what_is_wrong() {
    let walk = Walk::new().await;
    let tested = walk.client.test(&walk.provider.issuer, walk.now).await.unwrap();
    assert_eq!((tested.keys, tested.remarks.len()), (1, 1), "{:?}", tested.remarks);
    assert!(tested.authorization_endpoint.ends_with("/auth"));
    walk.provider.say("/keys", Said::Json(json!({"keys": [{"kty": "moon"}]})));
    let refused = walk.client.test(&walk.provider.issuer, walk.now).await.unwrap_err();
    assert!(refused.detail.contains("no key"), "{}", refused.detail);
    let stroke = walk.client.test(&format!("{}/", walk.provider.issuer), walk.now).await.unwrap_err();
    assert!(stroke.detail.contains("to the letter"), "{}", stroke.detail);
}
