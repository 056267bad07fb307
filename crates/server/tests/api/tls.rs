//! HTTPS over real sockets, with an authority that the test makes.

use std::{
    fs,
    io::{Error as IoError, ErrorKind},
    net::SocketAddr,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use countersign_server::{AppState, ConnectionLimits, ServerCertificate, Settings, serve};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::{
    ClientConfig, HandshakeKind, RootCertStore, SupportedProtocolVersion,
    crypto::aws_lc_rs,
    pki_types::ServerName,
    version::{TLS12, TLS13},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use crate::fixture::{PASSWORD, TestServer};

// Far longer than anything here takes.
const LONG: Duration = Duration::from_secs(60);

/// An authority with a folder of its own.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    folder: tempfile::TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        Self { issuer, folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Puts a new certificate for `localhost` and its key where the server looks; gives the certificate.
    fn renew(&self) -> Vec<u8> {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let leaf = params.signed_by(&key, &self.issuer).unwrap();
        let chain = pem("CERTIFICATE", leaf.der()) + &pem("CERTIFICATE", self.issuer.der());
        put(&self.path("chain.pem"), &chain);
        put(&self.path("key.pem"), &pem("PRIVATE KEY", &key.serialize_der()));
        leaf.der().to_vec()
    }

    fn read(&self) -> ServerCertificate {
        ServerCertificate::read(&self.path("chain.pem"), &self.path("key.pem")).unwrap()
    }

    /// A client that believes this authority and offers `protocols`.
    fn client(&self, version: &'static SupportedProtocolVersion, protocols: &[&str]) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        TlsConnector::from(Arc::new(config))
    }
}

/// RFC 7468 §2.
fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

/// Puts a whole file in the former one's place, as programs that renew certificates do.
fn put(path: &Path, text: &str) {
    let new = path.with_extension("new");
    fs::write(&new, text).unwrap();
    fs::set_permissions(&new, fs::Permissions::from_mode(0o600)).unwrap();
    fs::rename(&new, path).unwrap();
}

/// A server that speaks HTTPS.
struct HttpsServer {
    address: SocketAddr,
    certificate: ServerCertificate,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
    fixture: TestServer,
}

impl HttpsServer {
    async fn start(authority: &Authority, connections: ConnectionLimits) -> Self {
        let (fixture, certificate) = (TestServer::new().await, authority.read());
        let settings =
            Settings { secure_cookies: true, certificate: Some(certificate.clone()), connections, ..Settings::plain() };
        let state = AppState::new(fixture.vault.clone(), settings);
        let (stop, stopped) = oneshot::channel::<()>();
        let (tell, told) = oneshot::channel();
        let serving = tokio::spawn(async move {
            let stop = async { drop(stopped.await) };
            serve(state, "127.0.0.1:0", |address| tell.send(address).unwrap(), stop).await.unwrap();
        });
        Self { address: told.await.unwrap(), certificate, stop, serving, fixture }
    }

    async fn plain(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn connect(&self, client: &TlsConnector) -> Result<TlsStream<TcpStream>, IoError> {
        client.connect(ServerName::try_from("localhost").unwrap(), self.plain().await).await
    }

    /// The certificate that a new connection is shown.
    async fn shown(&self, authority: &Authority) -> Vec<u8> {
        let stream = self.connect(&authority.client(&TLS13, &[])).await.unwrap();
        stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        timeout(LONG, self.serving).await.unwrap().unwrap();
    }
}

/// Everything until the server closes the connection, with or without TLS's own word for it.
async fn read_all(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    match timeout(LONG, stream.read_to_end(&mut bytes)).await.unwrap() {
        Err(error) if !matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset) => {
            panic!("{error}")
        }
        _ => String::from_utf8(bytes).unwrap(),
    }
}

/// One request, which is the connection's last. `line` is method and path, or more of the head after them.
async fn ask(stream: &mut TlsStream<TcpStream>, line: &str, body: &str) -> String {
    let length = body.len();
    let line = if line.contains(" HTTP/1.1") { line.to_owned() } else { format!("{line} HTTP/1.1") };
    let request = format!(
        "{line}\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    read_all(stream).await
}

#[tokio::test]
async fn both_versions_are_spoken_and_cookies_are_secure() {
    let authority = Authority::new();
    authority.renew();
    let server = HttpsServer::start(&authority, ConnectionLimits::default()).await;
    for version in [&TLS12, &TLS13] {
        let client = authority.client(version, &["h2", "http/1.1"]);
        for (round, kind) in [(1, HandshakeKind::Full), (2, HandshakeKind::Resumed)] {
            let mut stream = server.connect(&client).await.unwrap();
            let session = stream.get_ref().1;
            assert_eq!(session.alpn_protocol(), Some(&b"http/1.1"[..]));
            assert_eq!(session.protocol_version(), Some(version.version));
            assert_eq!(session.handshake_kind(), Some(kind), "{version:?}, connection {round}");
            let body = json!({"name": "root", "password": PASSWORD}).to_string();
            let answer = ask(&mut stream, "POST /api/v1/sign-in", &body).await;
            assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
            assert!(answer.contains("strict-transport-security: max-age=31536000\r\n"), "{answer}");
            assert!(answer.contains("set-cookie: __Host-countersign_") && answer.contains("; Secure"), "{answer}");
        }
        let other = server.connect(&authority.client(version, &["h2"])).await;
        assert!(other.is_err(), "{version:?}: HTTP/2 is not spoken");
    }
    server.stop().await;
}

#[tokio::test]
async fn large_bodies_come_and_go_whole() {
    let authority = Authority::new();
    authority.renew();
    let server = HttpsServer::start(&authority, ConnectionLimits::default()).await;
    let mut stream = server.connect(&authority.client(&TLS13, &[])).await.unwrap();
    let answer = ask(&mut stream, "GET /api/openapi.json", "").await;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let whole = serde_json::to_value(countersign_server::api_description()).unwrap();
    assert_eq!(serde_json::from_str::<Value>(body).unwrap(), whole);

    let notes = "a note\n".repeat(2_000);
    let new = json!({"name": "Harbour", "username": "alice", "notes": notes}).to_string();
    let mut stream = server.connect(&authority.client(&TLS13, &[])).await.unwrap();
    let line = format!("POST /api/v1/credentials HTTP/1.1\r\nauthorization: Bearer {}", server.fixture.root);
    let answer = ask(&mut stream, &line, &new).await;
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    assert_eq!(serde_json::from_str::<Value>(body).unwrap()["notes"], notes.trim_end());
    server.stop().await;
}

#[tokio::test]
async fn who_speaks_plain_http_is_told_so() {
    let authority = Authority::new();
    authority.renew();
    let server = HttpsServer::start(&authority, ConnectionLimits::default()).await;
    let mut stream = server.plain().await;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let answer = read_all(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("begin the address with https://"), "{answer}");
    // Neither HTTP nor TLS: closed, and the server goes on.
    let mut stream = server.plain().await;
    stream.write_all(&[0, 1, 2, 3, 4, 5, 6, 7]).await.unwrap();
    let mut left = Vec::new();
    drop(timeout(LONG, stream.read_to_end(&mut left)).await.unwrap());
    assert!(left.is_empty() || left[0] == 21, "an alert at most: {left:?}");
    server.shown(&authority).await;
    server.stop().await;
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_and_a_broken_one_is_not() {
    let authority = Authority::new();
    let first = authority.renew();
    let server = HttpsServer::start(&authority, ConnectionLimits::default()).await;
    assert!(!server.certificate.renew().unwrap(), "nothing has changed");
    let mut old = server.connect(&authority.client(&TLS13, &[])).await.unwrap();
    assert_eq!(server.shown(&authority).await, first);

    let second = authority.renew();
    assert_eq!(server.shown(&authority).await, first, "before anybody has looked");
    assert!(server.certificate.renew().unwrap());
    assert!(!server.certificate.renew().unwrap());
    assert_eq!(server.shown(&authority).await, second);
    assert!(ask(&mut old, "GET /healthz", "").await.starts_with("HTTP/1.1 200 "), "who is connected stays so");

    // One file of two, as between the steps of a renewal: refused as often as it is looked at.
    let (chain, key) = (authority.path("chain.pem"), authority.path("key.pem"));
    let former = fs::read_to_string(&key).unwrap();
    put(&key, &pem("PRIVATE KEY", &KeyPair::generate().unwrap().serialize_der()));
    for _ in 0..2 {
        let said = server.certificate.renew().unwrap_err().to_string();
        let names =
            format!("the TLS key {} does not belong to the first certificate in {}", key.display(), chain.display());
        assert!(said.starts_with(&names), "{said}");
    }
    fs::remove_file(&key).unwrap();
    assert!(server.certificate.renew().unwrap_err().to_string().contains("key.pem is missing"));
    assert_eq!(server.shown(&authority).await, second);
    put(&key, &former);
    assert!(server.certificate.renew().unwrap());
    server.stop().await;
}

#[tokio::test]
async fn a_handshake_that_does_not_go_on_is_closed() {
    let authority = Authority::new();
    authority.renew();
    let limits = ConnectionLimits { head: Duration::from_millis(50), ..ConnectionLimits::default() };
    let server = HttpsServer::start(&authority, limits).await;
    // Nothing, a record's beginning, plain HTTP whose writer stays.
    for begins in [&b""[..], &[22, 3, 1, 2, 0, 1], b"GET / HTTP/1.1\r\n"] {
        let mut stream = server.plain().await;
        stream.write_all(begins).await.unwrap();
        read_all(&mut stream).await;
    }
    // After the handshake, the head of a request is waited for no longer.
    let mut stream = server.connect(&authority.client(&TLS13, &[])).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\n").await.unwrap();
    assert_eq!(read_all(&mut stream).await, "");
    server.stop().await;
}

#[tokio::test]
async fn a_handshake_that_is_waited_for_makes_room() {
    let authority = Authority::new();
    authority.renew();
    let limits = ConnectionLimits { total: 1, per_address: 1, head: LONG * 60, ..ConnectionLimits::default() };
    let server = HttpsServer::start(&authority, limits).await;
    let mut silent = server.plain().await;
    let mut half = server.plain().await;
    assert_eq!(read_all(&mut silent).await, "");
    half.write_all(&[22, 3, 1, 2, 0, 1]).await.unwrap();
    let mut stream = server.connect(&authority.client(&TLS13, &[])).await.unwrap();
    assert_eq!(read_all(&mut half).await, "");
    assert!(ask(&mut stream, "GET /healthz", "").await.starts_with("HTTP/1.1 200 "));
    // A handshake has no answer to wait for: the server stops at once.
    let _silent = server.plain().await;
    server.stop().await;
}
