//! An issuer of tokens on this machine, as a CI system is one, for the tests of several rooms: it publishes its key and signs what a test
//! has it say.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

pub(crate) struct SoftIssuer {
    /// Its name, at which it is too.
    pub(crate) issuer: String,
    key: Ed25519KeyPair,
    script: Arc<Mutex<Script>>,
}

/// What it says at each path, and the heads of what it was asked.
#[derive(Default)]
struct Script {
    said: HashMap<String, String>,
    asked: Vec<String>,
}

impl SoftIssuer {
    pub(crate) async fn start() -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let it = Self { issuer, key: Ed25519KeyPair::generate().unwrap(), script: Arc::default() };
        let described = json!({"issuer": it.issuer, "jwks_uri": format!("{}/keys", it.issuer)});
        it.say("/.well-known/openid-configuration", &described);
        let public = BASE64URL_NOPAD.encode(it.key.public_key().as_ref());
        it.say("/keys", &json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": "1", "x": public}]}));
        let script = Arc::clone(&it.script);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&script)));
            }
        });
        it
    }

    /// Has it answer that at a path.
    pub(crate) fn say(&self, path: &str, body: &Value) {
        self.script.lock().unwrap().said.insert(path.to_owned(), body.to_string());
    }

    /// A token with these claims, of which it is the issuer unless they name another.
    pub(crate) fn token(&self, mut claims: Value) -> String {
        claims.as_object_mut().unwrap().entry("iss").or_insert_with(|| self.issuer.clone().into());
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let message = format!("{}.{}", part(&json!({"alg": "EdDSA", "typ": "JWT", "kid": "1"})), part(&claims));
        format!("{message}.{}", BASE64URL_NOPAD.encode(self.key.sign(message.as_bytes()).as_ref()))
    }

    /// The heads of everything that it was asked.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.script.lock().unwrap().asked.clone()
    }
}

async fn answer(mut stream: TcpStream, script: Arc<Mutex<Script>>) {
    let mut head = Vec::new();
    let mut part = [0; 1024];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut part).await {
            Ok(read) if read > 0 => head.extend_from_slice(&part[..read]),
            _ => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let body = {
        let mut script = script.lock().unwrap();
        let path = head.split([' ', '?']).nth(1).unwrap_or_default();
        let body = script.said.get(path).cloned().unwrap_or_default();
        script.asked.push(head);
        body
    };
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n";
    let _ = stream.write_all(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).await;
    let _ = stream.shutdown().await;
}
