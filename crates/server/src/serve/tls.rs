//! The beginning of a connection by TLS, and the watch over the certificate's files.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    task::spawn_blocking,
    time::{Instant, MissedTickBehavior, interval_at},
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{
    certificate::{ServerCertificate, TlsFileError},
    io::ClientIo,
};

// Certificates are renewed days before they end: a minute later is soon.
const LOOK_EVERY: Duration = Duration::from_secs(60);
// While a renewal is broken: an hour, so that the log stays readable.
const LOOKS_BETWEEN_ERRORS: u32 = 60;
// More than any head of a request; whoever sends more loses the answer.
const LARGEST_REFUSED: usize = 64 * 1024;

/// Looks after the certificate's files for as long as it is polled.
pub(super) async fn keep_renewed(certificate: ServerCertificate) {
    // They were read when the server started, so the first look comes a while later.
    let mut every = interval_at(Instant::now() + LOOK_EVERY, LOOK_EVERY);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failed: u32 = 0;
    loop {
        every.tick().await;
        let looked = certificate.clone();
        // A disk that does not answer holds this task up and nothing else: the certificate stays.
        match spawn_blocking(move || looked.renew()).await {
            Ok(Err(error)) => {
                if failed.is_multiple_of(LOOKS_BETWEEN_ERRORS) {
                    say_broken(&error);
                }
                failed = failed.wrapping_add(1);
            }
            Ok(Ok(renewed)) => {
                failed = 0;
                if renewed {
                    say_renewed();
                }
            }
            // It panicked, which is in the log, or the process ends.
            Err(_) => {}
        }
    }
}

fn say_renewed() {
    tracing::info!("the TLS certificate was read anew");
}

fn say_broken(error: &TlsFileError) {
    tracing::error!(%error, "the TLS certificate was not renewed: the former one is shown until both files are right");
}

/// The connection once it is encrypted; `None` when it is not going to be. The table bounds it: what it waits for counts as
/// a part of the first request's head.
pub(super) async fn handshake(acceptor: TlsAcceptor, mut client: ClientIo) -> Option<TlsStream<ClientIo>> {
    let done = match client.first_byte().await {
        Ok(Some(first)) if is_plain_text(first) => refuse_plain(&mut client).await.map(|()| None),
        Ok(Some(_)) => acceptor.accept(client).await.map(Some),
        Ok(None) => Ok(None),
        Err(error) => Err(error),
    };
    // A client that does not know our authority, or goes away, is no event.
    done.inspect_err(|error| tracing::debug!(%error, "a TLS handshake failed")).ok().flatten()
}

/// Whether a connection that begins so is a request in the clear: TLS begins with the type of a record, 22 (RFC 8446
/// §5.1), and HTTP with the letters of a method.
const fn is_plain_text(first: u8) -> bool {
    first.is_ascii_alphabetic()
}

/// Says that this is the wrong scheme.
async fn refuse_plain(client: &mut ClientIo) -> io::Result<()> {
    const SAID: &str = "This port speaks HTTPS: begin the address with https://\n";
    let length = SAID.len();
    let answer = format!(
        "HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{SAID}"
    );
    client.write_all(answer.as_bytes()).await?;
    client.shutdown().await?;
    // A socket that is closed over what was not read takes the answer back.
    let (mut rest, mut read) = ([0; 1024], 0);
    while read < LARGEST_REFUSED {
        match client.read(&mut rest).await? {
            0 => break,
            more => read += more,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _, sync::Arc};

    use axum::{Router, extract::WebSocketUpgrade, routing::get};
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::ServerName};
    use tokio::{
        net::{TcpListener, TcpStream},
        sync::oneshot,
    };
    use tokio_rustls::TlsConnector;

    use super::*;
    use crate::serve::{ConnectionLimits, Server};

    /// Sends back the first message.
    async fn echo(upgrade: WebSocketUpgrade) -> axum::response::Response {
        upgrade.on_upgrade(async |mut socket| {
            if let Some(Ok(message)) = socket.recv().await {
                socket.send(message).await.unwrap();
            }
        })
    }

    /// A certificate that stands for itself, and a client that believes it.
    fn certificate() -> (ServerCertificate, TlsConnector) {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, label: &str, der: &[u8]| {
            let path = folder.path().join(name);
            let text = BASE64_STANDARD.encode(der);
            fs::write(&path, format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
            path
        };
        let chain = write("chain.pem", "CERTIFICATE", made.cert.der());
        let key = write("key.pem", "PRIVATE KEY", &made.signing_key.serialize_der());
        let mut roots = RootCertStore::empty();
        roots.add(made.cert.der().clone()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        (ServerCertificate::read(&chain, &key).unwrap(), TlsConnector::from(Arc::new(config)))
    }

    #[tokio::test]
    async fn a_websocket_opens_over_tls() {
        let (certificate, client) = certificate();
        let acceptor = TlsAcceptor::from(certificate.config());
        let app = Router::new().route("/", get(echo));
        let mut server = Server::new(app, ConnectionLimits::default(), Some(acceptor));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = tokio::spawn(async move {
            server.accept_until(listener, async { drop(stopped.await) }).await;
            server.drain().await;
        });
        let mut stream = client.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
        let request = "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
                       sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
        // A text of two letters under the mask 1, 2, 3, 4, and the same from a server, which masks nothing (RFC 6455 §5.2).
        stream.write_all(&[0x81, 0x82, 1, 2, 3, 4, b'h' ^ 1, b'i' ^ 2]).await.unwrap();
        let mut answer = [0; 4];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"\x81\x02hi");
        drop(stream);
        stop.send(()).unwrap();
        serving.await.unwrap();
    }

    #[test]
    fn what_a_connection_begins_with() {
        for (bytes, plain) in [
            (&b"GET / HTTP/1.1\r\n"[..], true),
            (b"PRI * HTTP/2.0\r\n", true),
            (b"post /", true),
            (&[22, 3, 1], false),
            (&[21, 3, 3], false),
            // A hello of SSL 2, which the handshake refuses.
            (&[0x80, 0x2e, 1], false),
            (b"\r\n", false),
        ] {
            assert_eq!(is_plain_text(bytes[0]), plain, "{bytes:?}");
        }
    }
}
