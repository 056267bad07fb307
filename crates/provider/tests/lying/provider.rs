//! A provider on this machine that says what a test has it say.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use data_encoding::BASE64URL_NOPAD;
use openidconnect::{
    JsonWebKeyId, PrivateSigningKey,
    core::{CoreEdDsaPrivateSigningKey, CoreJwsSigningAlgorithm, CoreRsaPrivateSigningKey},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// What it answers: a status line with headers, and a body.
#[derive(Clone)]
pub(crate) enum Said {
    Json(Value),
    /// Written as it is, after the head's first line.
    Raw(String),
    /// Nothing, for as long as the connection lasts.
    Silence,
    /// So many bytes, without end of line.
    Bytes(usize),
}

#[derive(Default)]
struct Script {
    said: HashMap<String, Said>,
    asked: Vec<(String, String)>,
}

/// A provider whose answers a test changes as it goes.
#[derive(Clone)]
pub(crate) struct LyingProvider {
    pub(crate) issuer: String,
    script: Arc<Mutex<Script>>,
}

impl LyingProvider {
    /// An honest one, to begin with.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let provider = Self { issuer, script: Arc::default() };
        provider.say("/.well-known/openid-configuration", Said::Json(provider.description()));
        provider.say("/keys", Said::Json(json!({"keys": [Key::Rsa.public()]})));
        let serving = provider.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serving.clone().answer(stream));
            }
        });
        provider
    }

    pub(crate) fn description(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.issuer);
        json!({
            "issuer": self.issuer,
            "authorization_endpoint": at("/auth"),
            "token_endpoint": at("/token"),
            "jwks_uri": at("/keys"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "EdDSA"],
            "code_challenge_methods_supported": ["S256"],
        })
    }

    /// Has it answer that at a path, from now on.
    pub(crate) fn say(&self, path: &str, said: Said) {
        self.script.lock().unwrap().said.insert(path.to_owned(), said);
    }

    /// Has it give this token for any code.
    pub(crate) fn give(&self, id_token: &str) {
        let body = json!({"access_token": "an access token", "token_type": "Bearer", "id_token": id_token});
        self.say("/token", Said::Json(body));
    }

    /// What it was asked at a path: head and body of each.
    pub(crate) fn asked(&self, path: &str) -> Vec<String> {
        let script = self.script.lock().unwrap();
        script.asked.iter().filter(|(at, _)| at == path).map(|(_, text)| text.clone()).collect()
    }

    async fn answer(self, mut stream: TcpStream) {
        let mut text = Vec::new();
        let mut part = [0; 4096];
        let (path, whole) = loop {
            let Ok(read) = stream.read(&mut part).await else { return };
            text.extend_from_slice(&part[..read]);
            let seen = String::from_utf8_lossy(&text).into_owned();
            let Some((head, body)) = seen.split_once("\r\n\r\n") else {
                if read == 0 {
                    return;
                }
                continue;
            };
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                break (head.split(' ').nth(1).unwrap_or_default().to_owned(), seen);
            }
        };
        let said = {
            let mut script = self.script.lock().unwrap();
            script.asked.push((path.clone(), whole));
            script.said.get(&path).cloned()
        };
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
        let answer = match said {
            Some(Said::Json(body)) => {
                let body = body.to_string();
                format!("{head}Content-Length: {}\r\n\r\n{body}", body.len())
            }
            Some(Said::Raw(text)) => text,
            Some(Said::Bytes(count)) => format!("{head}\r\n{{\"a\":\"{}", "x".repeat(count)),
            Some(Said::Silence) => {
                let _ = stream.read(&mut part).await;
                return;
            }
            None => "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned(),
        };
        let _ = stream.write_all(answer.as_bytes()).await;
        let _ = stream.shutdown().await;
    }
}

/// The keys that it has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Rsa,
    Ed25519,
}

impl Key {
    const fn name(self) -> &'static str {
        match self {
            Self::Rsa => "rsa-1",
            Self::Ed25519 => "ed-1",
        }
    }

    const fn algorithm(self) -> &'static str {
        match self {
            Self::Rsa => "RS256",
            Self::Ed25519 => "EdDSA",
        }
    }

    fn id(self) -> Option<JsonWebKeyId> {
        Some(JsonWebKeyId::new(self.name().to_owned()))
    }

    /// As the provider publishes it.
    pub(crate) fn public(self) -> Value {
        let key = match self {
            Self::Rsa => rsa().as_verification_key(),
            Self::Ed25519 => ed25519().as_verification_key(),
        };
        serde_json::to_value(key).unwrap()
    }

    fn sign(self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Rsa => rsa().sign(&CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256, message).unwrap(),
            Self::Ed25519 => ed25519().sign(&CoreJwsSigningAlgorithm::EdDsa, message).unwrap(),
        }
    }

    /// A token with these claims, by this key.
    pub(crate) fn token(self, claims: &Value) -> String {
        self.token_with(&json!({"alg": self.algorithm(), "kid": self.name()}), claims)
    }

    /// The same with another head.
    pub(crate) fn token_with(self, head: &Value, claims: &Value) -> String {
        token(head, claims, |message| self.sign(message))
    }
}

fn rsa() -> CoreRsaPrivateSigningKey {
    CoreRsaPrivateSigningKey::from_pem(include_str!("rsa.pem"), Key::Rsa.id()).unwrap()
}

fn ed25519() -> CoreEdDsaPrivateSigningKey {
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(include_str!("ed25519.pem"), Key::Ed25519.id()).unwrap()
}

/// A token with whatever in it.
pub(crate) fn token(head: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> Vec<u8>) -> String {
    let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let message = format!("{}.{}", part(head), part(claims));
    let signature = BASE64URL_NOPAD.encode(&sign(message.as_bytes()));
    format!("{message}.{signature}")
}
