//! Issuers whose tokens programs bring: what they lie about, and how often they are asked.

use std::{sync::Arc, time::Duration};

use countersign_model::{AssertionRefusal, Timestamp};
use countersign_provider::{AllowPrivateProvider, FederatedIssuers};
use countersign_seal::{MacHash, Secret, hmac};
use countersign_vault::TrustedIssuers as _;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value, json};

use crate::provider::{Key, LyingProvider, Said, token};

const NOW: i64 = 1_900_000_000;
const DESCRIPTION: &str = "/.well-known/openid-configuration";

/// An issuer, and the server to which its tokens are brought.
struct Trust {
    issuer: LyingProvider,
    issuers: FederatedIssuers,
    now: Timestamp,
}

impl Trust {
    async fn new() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let issuer = LyingProvider::start().await;
        // As GitHub describes itself: nobody signs in there.
        let described = json!({
            "issuer": issuer.issuer,
            "jwks_uri": format!("{}/keys", issuer.issuer),
            "subject_types_supported": ["public", "pairwise"],
            "response_types_supported": ["id_token"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid"],
        });
        issuer.say(DESCRIPTION, Said::Json(described));
        let issuers = FederatedIssuers::new(AllowPrivateProvider(false)).answering_within(Duration::from_millis(500));
        Self { issuer, issuers, now: Timestamp::from_seconds(NOW) }
    }

    fn claims(&self) -> Value {
        json!({
            "iss": self.issuer.issuer,
            "aud": "https://vault.example.com",
            "sub": "repo:acme/site:ref:refs/heads/main",
            "repository": "acme/site",
            "jti": "9c3c",
            "nbf": self.now.seconds() - 300,
            "iat": self.now.seconds(),
            "exp": self.now.seconds() + 300,
        })
    }

    async fn shown(&self, token: &str) -> Result<Map<String, Value>, AssertionRefusal> {
        let token = Secret::from(token.to_owned());
        self.issuers.claims(&self.issuer.issuer, &token, self.now).await
    }

    fn asked(&self) -> (usize, usize) {
        (self.issuer.asked(DESCRIPTION).len(), self.issuer.asked("/keys").len())
    }
}

#[tokio::test]
async fn what_an_issuer_has_signed_is_given_as_it_stands() {
    let trust = Trust::new().await;
    trust.issuer.say("/keys", Said::Json(json!({"keys": [Key::Rsa.public(), {"kty": "moon"}, Key::Ed25519.public()]})));
    for key in [Key::Rsa, Key::Ed25519] {
        assert_eq!(Value::Object(trust.shown(&key.token(&trust.claims())).await.unwrap()), trust.claims());
    }
    // Whom it is for is judged elsewhere.
    let mut several = trust.claims();
    several["aud"] = json!(["a", "b"]);
    assert!(trust.shown(&Key::Rsa.token(&several)).await.is_ok());
    assert_eq!(trust.asked(), (1, 1));
}

#[tokio::test]
async fn what_the_issuers_key_has_not_signed_says_nothing() {
    let trust = Trust::new().await;
    let claims = trust.claims();
    let with = |claim: &str, value: Value| {
        let mut claims = trust.claims();
        claims[claim] = value;
        Key::Rsa.token(&claims)
    };
    let hs256 = |key: &[u8]| {
        let key = Secret::from(key.to_vec());
        token(&json!({"alg": "HS256", "kid": "rsa-1"}), &claims, |message| {
            hmac(MacHash::Sha256, &key, message).expose().to_vec()
        })
    };
    let modulus = BASE64URL_NOPAD.decode(Key::Rsa.public()["n"].as_str().unwrap().as_bytes()).unwrap();
    let honest = Key::Rsa.token(&claims);
    let parts: Vec<&str> = honest.split('.').collect();
    let evil = with("sub", json!("repo:evil/site"));
    let forged = evil.split('.').nth(1).unwrap();
    let table = [
        ("none", token(&json!({"alg": "none"}), &claims, |_| Vec::new())),
        ("none, with a signature", Key::Rsa.token_with(&json!({"alg": "none", "kid": "rsa-1"}), &claims)),
        ("HS256 with the public key", hs256(&modulus)),
        ("HS256 with the key as text", hs256(Key::Rsa.public().to_string().as_bytes())),
        ("another's claims", format!("{}.{forged}.{}", parts[0], parts[2])),
        ("no signature", format!("{}.{}.", parts[0], parts[1])),
        ("another key under that name", Key::Ed25519.token_with(&json!({"alg": "RS256", "kid": "rsa-1"}), &claims)),
        (
            "a key that it brings along",
            Key::Ed25519.token_with(&json!({"alg": "EdDSA", "jwk": Key::Ed25519.public()}), &claims),
        ),
        ("another issuer", with("iss", json!("https://evil.example.com"))),
        ("an issuer with a stroke", with("iss", json!(format!("{}/", trust.issuer.issuer)))),
        ("over", with("exp", json!(NOW - 61))),
        ("from the future", with("iat", json!(NOW + 61))),
        ("no JWT", "a.b.c".to_owned()),
        ("nothing", String::new()),
    ];
    for (what, token) in table {
        let refused = trust.shown(&token).await.expect_err(what);
        assert!(
            matches!(&refused, AssertionRefusal::NotVerified(detail) if !detail.contains("eyJ")),
            "{what}: {refused:?}"
        );
    }
    assert_eq!(trust.asked(), (1, 1), "a key that is made up within a moment asks nobody");
    trust.shown(&honest).await.unwrap();
}

#[tokio::test]
async fn keys_that_change_are_asked_for_and_names_that_are_made_up_make_no_load() {
    let mut trust = Trust::new().await;
    trust.shown(&Key::Rsa.token(&trust.claims())).await.unwrap();
    trust.issuer.say("/keys", Said::Json(json!({"keys": [Key::Ed25519.public()]})));
    let refused = trust.shown(&Key::Ed25519.token(&trust.claims())).await.unwrap_err().to_string();
    assert!(refused.contains("does not publish"), "{refused}");
    assert_eq!(trust.asked(), (1, 1));
    trust.now = trust.now.plus(Duration::from_secs(30));
    trust.shown(&Key::Ed25519.token(&trust.claims())).await.unwrap();
    assert!(trust.shown(&Key::Rsa.token(&trust.claims())).await.is_err(), "the former key is none any more");
    for number in 0..20 {
        let head = json!({"alg": "EdDSA", "kid": format!("made up {number}")});
        assert!(trust.shown(&Key::Ed25519.token_with(&head, &trust.claims())).await.is_err());
    }
    assert_eq!(trust.asked(), (2, 2));
    // An issuer that is away stops nobody whose key is known, until its keys are old.
    trust.issuer.say(DESCRIPTION, Said::Silence);
    trust.now = trust.now.plus(Duration::from_secs(60));
    let head = json!({"alg": "EdDSA", "kid": "made up"});
    let made_up = trust.shown(&Key::Ed25519.token_with(&head, &trust.claims())).await;
    assert!(matches!(made_up, Err(AssertionRefusal::NoKeys(_))), "{made_up:?}");
    trust.shown(&Key::Ed25519.token(&trust.claims())).await.unwrap();
    trust.now = trust.now.plus(Duration::from_secs(600));
    let old = trust.shown(&Key::Ed25519.token(&trust.claims())).await;
    assert!(matches!(old, Err(AssertionRefusal::NoKeys(_))), "{old:?}");
}

#[tokio::test]
async fn an_issuer_that_is_asked_by_many_at_once_is_asked_once() {
    let trust = Arc::new(Trust::new().await);
    let token = Key::Rsa.token(&trust.claims());
    let asking: Vec<_> = (0..20)
        .map(|_| {
            let (trust, token) = (Arc::clone(&trust), token.clone());
            tokio::spawn(async move { trust.shown(&token).await.is_ok() })
        })
        .collect();
    for one in asking {
        assert!(one.await.unwrap());
    }
    assert_eq!(trust.asked(), (1, 1));
    // Whoever leaves stops nothing that others wait for.
    let trust = Trust::new().await;
    assert!(tokio::time::timeout(Duration::ZERO, trust.shown(&token)).await.is_err());
    trust.shown(&Key::Rsa.token(&trust.claims())).await.unwrap();
    assert_eq!(trust.asked(), (1, 1));
}

#[tokio::test]
async fn promise_8_an_issuer_sends_nowhere_and_is_read_no_further_than_is_needed() {
    let redirect =
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let lies = [
        (Said::Bytes(300 * 1024), "more than 256 KiB"),
        (Said::Raw(redirect.to_owned()), "sends elsewhere"),
        (Said::Raw("HTTP/1.1 500 Broken\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned()), "answered 500"),
        (Said::Json(json!([])), ""),
        (Said::Silence, "in time"),
    ];
    for path in [DESCRIPTION, "/keys"] {
        for (said, words) in &lies {
            let mut trust = Trust::new().await;
            trust.issuer.say(path, said.clone());
            let refused = trust.shown(&Key::Rsa.token(&trust.claims())).await.unwrap_err();
            assert!(
                matches!(&refused, AssertionRefusal::NoKeys(detail) if detail.contains(words)),
                "{path}: {refused:?}"
            );
            assert!(!refused.to_string().contains("127.0.0.1"), "what went wrong inside is for the log alone");
            // Again only after a while.
            let asked = trust.asked();
            assert!(trust.shown(&Key::Rsa.token(&trust.claims())).await.is_err());
            assert_eq!(trust.asked(), asked);
            trust.now = trust.now.plus(Duration::from_secs(30));
            assert!(trust.shown(&Key::Rsa.token(&trust.claims())).await.is_err());
            assert!(trust.asked().0 > asked.0);
        }
    }
    for (changed, value) in [
        ("issuer", json!("https://evil.example.com")),
        ("jwks_uri", json!("http://keys.example.com/")),
        ("jwks_uri", json!("https://127.0.0.2/keys")),
        ("jwks_uri", json!("https://169.254.169.254/keys")),
    ] {
        let trust = Trust::new().await;
        let mut described = trust.issuer.description();
        described[changed] = value;
        trust.issuer.say(DESCRIPTION, Said::Json(described.clone()));
        let refused = trust.shown(&Key::Rsa.token(&trust.claims())).await.unwrap_err();
        assert!(matches!(refused, AssertionRefusal::NoKeys(_)), "{described}: {refused:?}");
    }
    let trust = Trust::new().await;
    let keys: Vec<Value> = std::iter::repeat_with(|| Key::Rsa.public()).take(101).collect();
    trust.issuer.say("/keys", Said::Json(json!({"keys": keys})));
    let refused = trust.shown(&Key::Rsa.token(&trust.claims())).await.unwrap_err();
    assert!(refused.detail().contains("more keys"), "{refused:?}");
}
