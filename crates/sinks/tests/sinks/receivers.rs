//! Receivers of the test's own on loopback, which can be killed in the middle and started again.

use std::sync::{Arc, Mutex};

use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

/// Messages in the order in which they were read to their end.
pub(crate) type Caught = Arc<Mutex<Vec<String>>>;

/// An authority, and a server's certificate by it for that name.
pub(crate) struct Certified {
    pub(crate) authority: String,
    pub(crate) server: Arc<ServerConfig>,
}

pub(crate) fn certified(name: &str) -> Certified {
    let mut ca = rcgen::CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let ca_key = rcgen::KeyPair::generate().unwrap();
    let authority = pem(ca.self_signed(&ca_key).unwrap().der());
    let issuer = rcgen::Issuer::new(ca, ca_key);
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = ServerConfig::builder().with_no_client_auth();
    let server = Arc::new(config.with_single_cert(vec![certificate.der().clone()], private).unwrap());
    Certified { authority, server }
}

fn pem(der: &[u8]) -> String {
    let lines = data_encoding::BASE64.encode(der);
    let lines: Vec<&str> = lines.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

/// A receiver of syslog (RFC 5425).
pub(crate) struct Syslog {
    pub(crate) port: u16,
    task: tokio::task::JoinHandle<()>,
}

impl Syslog {
    /// Listens, on that port or on any. After `dies_after` messages it goes away in the middle of a connection.
    pub(crate) async fn listen(
        port: u16,
        tls: Option<Arc<ServerConfig>>,
        caught: &Caught,
        dies_after: Option<usize>,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let (port, caught) = (listener.local_addr().unwrap().port(), Arc::clone(caught));
        let last = dies_after.map(|count| caught.lock().unwrap().len() + count);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let alive = match &tls {
                    Some(config) => match TlsAcceptor::from(Arc::clone(config)).accept(stream).await {
                        Ok(wire) => read_frames(wire, &caught, last).await,
                        Err(_) => true,
                    },
                    None => read_frames(stream, &caught, last).await,
                };
                if !alive {
                    return;
                }
            }
        });
        Self { port, task }
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.task.is_finished()
    }
}

impl Drop for Syslog {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Reads messages with their lengths in front, and answers the end by its own. False: it has died.
async fn read_frames(wire: impl AsyncRead + AsyncWrite + Unpin, caught: &Caught, last: Option<usize>) -> bool {
    let mut reader = BufReader::with_capacity(512, wire);
    loop {
        let mut length = Vec::new();
        if reader.read_until(b' ', &mut length).await.unwrap_or(0) == 0 {
            let _ = reader.into_inner().shutdown().await;
            return true;
        }
        let length: usize = String::from_utf8(length).unwrap().trim().parse().expect("a length");
        let mut message = vec![0; length];
        if reader.read_exact(&mut message).await.is_err() {
            return true;
        }
        let mut caught = caught.lock().unwrap();
        caught.push(String::from_utf8(message).expect("UTF-8"));
        if last.is_some_and(|last| caught.len() >= last) {
            return false;
        }
    }
}

/// A request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> &str {
        let found =
            self.head.lines().filter_map(|line| line.split_once(": ")).find(|(it, _)| it.eq_ignore_ascii_case(name));
        found.unwrap_or_else(|| panic!("no {name} in {}", self.head)).1
    }
}

/// What becomes of a request that was read.
#[derive(Debug, Clone)]
pub(crate) enum Fate {
    /// It is kept and answered so.
    Answer(u16, String),
    /// It is kept, and the receiver goes away before it answers.
    Lost,
}

/// A receiver that speaks HTTP: what becomes of each request in turn, and of all after them.
pub(crate) struct Http {
    pub(crate) port: u16,
    caught: Arc<Mutex<Vec<Request>>>,
    fates: Arc<Mutex<Vec<Fate>>>,
}

impl Http {
    pub(crate) async fn listen(fates: Vec<Fate>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (caught, fates) = (Arc::<Mutex<Vec<Request>>>::default(), Arc::new(Mutex::new(fates)));
        let (requests, left) = (Arc::clone(&caught), Arc::clone(&fates));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                take_request(stream, &requests, &left).await;
            }
        });
        Self { port, caught, fates }
    }

    pub(crate) fn caught(&self) -> Vec<Request> {
        self.caught.lock().unwrap().clone()
    }

    pub(crate) fn fates(&self, fates: Vec<Fate>) {
        *self.fates.lock().unwrap() = fates;
    }
}

async fn take_request(stream: TcpStream, caught: &Mutex<Vec<Request>>, fates: &Mutex<Vec<Fate>>) {
    let (read, mut write) = stream.into_split();
    let mut reader = BufReader::new(read);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).await.unwrap_or(0) == 0 {
            return;
        }
    }
    let mut request = Request { head, body: String::new() };
    let mut body = vec![0; request.header("content-length").parse().unwrap()];
    reader.read_exact(&mut body).await.unwrap();
    request.body = String::from_utf8(body).unwrap();
    caught.lock().unwrap().push(request);
    let fate = {
        let mut fates = fates.lock().unwrap();
        if fates.is_empty() { Fate::Answer(200, "{}".to_owned()) } else { fates.remove(0) }
    };
    let Fate::Answer(status, body) = fate else { return };
    let length = body.len();
    let answer = format!("HTTP/1.1 {status} \r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
    let _ = write.write_all(answer.as_bytes()).await;
}
