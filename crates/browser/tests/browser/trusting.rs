//! A site whose certificate nobody signed but itself, and one context that is told to trust it.

use std::{net::SocketAddr, sync::Arc};

use countersign_browser::PinnedSite;
use countersign_model::CertificateFingerprint;
use countersign_seal::Sha256;
use futures_util::{SinkExt as _, StreamExt as _};
use parking_lot::Mutex;
use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_tungstenite::{WebSocketStream, tungstenite::protocol::Role};

use super::*;

/// A site over TLS on the loopback, with a page and a WebSocket that says back what it hears.
struct TlsSite {
    address: SocketAddr,
    shows: Arc<Mutex<TlsAcceptor>>,
}

impl TlsSite {
    /// With a certificate that is out of date and of another name: who compares it whole does not care.
    async fn open() -> (Self, CertificateFingerprint) {
        let (acceptor, fingerprint) = certificate(1);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shows = Arc::new(Mutex::new(acceptor));
        let served = Arc::clone(&shows);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = served.lock().clone();
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(stream).await {
                        answer(stream).await;
                    }
                });
            }
        });
        (Self { address, shows }, fingerprint)
    }

    /// Has another certificate from now on.
    fn renew(&self) -> CertificateFingerprint {
        let (acceptor, fingerprint) = certificate(2);
        *self.shows.lock() = acceptor;
        fingerprint
    }

    fn under(&self, host: &str) -> String {
        format!("https://{host}:{}", self.address.port())
    }
}

fn certificate(serial: u64) -> (TlsAcceptor, CertificateFingerprint) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["other.example".to_owned()]).unwrap();
    params.serial_number = Some(serial.into());
    params.not_before = date_time_ymd(2001, 1, 1);
    params.not_after = date_time_ymd(2002, 1, 1);
    let made = params.self_signed(&key).unwrap();
    let fingerprint = CertificateFingerprint::from_bytes(*Sha256::of(made.der()).bytes());
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.der().clone()], key)
        .unwrap();
    (TlsAcceptor::from(Arc::new(config)), fingerprint)
}

const PAGE: &str = "<!DOCTYPE html><title>waiting</title><p>Our own box</p><script>
    const socket = new WebSocket(`wss://${location.host}/socket`);
    socket.onopen = () => socket.send('over ' + location.protocol);
    socket.onmessage = (event) => { document.title = event.data; };
</script>";

/// One request a connection, whose end is the end of the page.
async fn answer(mut stream: TlsStream<TcpStream>) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let key = head
        .lines()
        .find_map(|line| line.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("Sec-WebSocket-Key")));
    let Some((_, key)) = key else {
        let length = PAGE.len();
        let text = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{PAGE}"
        );
        stream.write_all(text.as_bytes()).await.ok()?;
        return stream.shutdown().await.ok();
    };
    let accept = tokio_tungstenite::tungstenite::handshake::derive_accept_key(key.as_bytes());
    let text = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    stream.write_all(text.as_bytes()).await.ok()?;
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    while let Some(Ok(message)) = socket.next().await {
        socket.send(message).await.ok()?;
    }
    Some(())
}

/// A context that trusts that certificate at the origin.
async fn trusting(browser: &Browser, origin: &str, fingerprint: CertificateFingerprint) -> Context {
    let pinned = Some(PinnedSite::of(origin, fingerprint).unwrap());
    browser.context(ContextOptions { pinned, ..options(browser) }).await.unwrap()
}

/// Why the page of an address is not there, and which certificate was shown.
async fn refused(context: &Context, address: &str) -> (String, String) {
    let page = context.open_page().await.unwrap();
    let outcome = page.open(address, LONG).await;
    assert!(matches!(outcome, Err(countersign_browser::Error::NotOpened { .. })), "{outcome:?}");
    let frame = seen(&page).await.frames.remove(0);
    page.close();
    assert!(frame.unreachable);
    (frame.load_error, frame.certificate)
}

async fn works(context: &Context, address: &str) {
    let page = opened(context, address).await;
    until(&page, |snapshot| snapshot.frames[0].title == "over https:").await;
    page.close();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_context_trusts_one_certificate_at_one_origin() {
    let (site, fingerprint) = TlsSite::open().await;
    let (beside, beside_shows) = TlsSite::open().await;
    let browser = browser().await;
    for (host, other) in [("127.0.0.1", "localhost"), ("localhost", "127.0.0.1")] {
        let origin = site.under(host);
        let context = trusting(&browser, &origin, fingerprint).await;
        works(&context, &origin).await;
        let untrusted = |shown: CertificateFingerprint| ("ERR_CERT_AUTHORITY_INVALID".to_owned(), shown.to_string());
        // The same server under another name, and another port of the same host, are other origins.
        assert_eq!(refused(&context, &site.under(other)).await, untrusted(fingerprint));
        assert_eq!(refused(&context, &beside.under(host)).await, untrusted(beside_shows));
        // What is trusted here is trusted nowhere else, also while it is in use.
        let stranger = super::context(&browser).await;
        assert_eq!(refused(&stranger, &origin).await, untrusted(fingerprint));
        works(&context, &origin).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_certificate_is_refused_and_shown() {
    let (site, fingerprint) = TlsSite::open().await;
    let browser = browser().await;
    let origin = site.under("localhost");
    let differs = |shown: CertificateFingerprint| ("CERTIFICATE_DIFFERS".to_owned(), shown.to_string());
    let wrong = CertificateFingerprint::from_bytes([7; 32]);
    let context = trusting(&browser, &origin, wrong).await;
    assert_eq!(refused(&context, &origin).await, differs(fingerprint));

    let context = trusting(&browser, &origin, fingerprint).await;
    works(&context, &origin).await;
    let renewed = site.renew();
    assert_eq!(refused(&context, &origin).await, differs(renewed));
    let context = trusting(&browser, &origin, renewed).await;
    works(&context, &origin).await;
}
