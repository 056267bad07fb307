//! The way out of a context: a SOCKS proxy on the loopback through which every connection of its pages goes.
//!
//! Names are resolved here and the address that was checked is the one that is connected to, so a name that points
//! elsewhere a second later gains nothing.

use std::{
    collections::VecDeque,
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use countersign_model::{CertificateFingerprint, is_metadata};
use parking_lot::Mutex;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};

use super::pinned::{SiteStream, TlsEnd, TlsFailure};
use crate::{
    Error,
    chromium::{namespace::NetworkNamespace, outside},
};

/// Decides whether a page may connect to an address. The host is as the page named it, in lower case.
pub trait AddressPolicy: Send + Sync + 'static {
    /// `Err` says why not, for a person.
    fn check(&self, host: &str, address: IpAddr, port: u16) -> Result<(), String>;
}

impl<F> AddressPolicy for F
where
    F: Fn(&str, IpAddr, u16) -> Result<(), String> + Send + Sync + 'static,
{
    fn check(&self, host: &str, address: IpAddr, port: u16) -> Result<(), String> {
        self(host, address, port)
    }
}

const PATIENCE: Duration = Duration::from_secs(20);
const KEPT: usize = 20;

/// One context's way out. Dropping it closes the door; connections under way end with their pages.
pub(crate) struct Gate {
    pub(crate) address: SocketAddr,
    rules: Arc<Rules>,
    door: AbortHandle,
}

/// By what a gate goes.
struct Rules {
    policy: Arc<dyn AddressPolicy>,
    /// For the origin whose certificate is trusted by its fingerprint.
    tls: Option<TlsEnd>,
    /// Hosts and ports, and why they were refused.
    refused: Mutex<VecDeque<((String, u16), String)>>,
}

impl Gate {
    /// It listens on the loopback of the namespace, where there is one, and connects from the machine's network.
    pub(crate) fn open(
        policy: Arc<dyn AddressPolicy>,
        tls: Option<TlsEnd>,
        namespace: Option<&NetworkNamespace>,
    ) -> Result<Self, Error> {
        let failed = "cannot open a port on the loopback for the browser";
        let bind = || std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let listener = outside::within(namespace, bind).map_err(Error::system(failed))?;
        listener.set_nonblocking(true).map_err(Error::system(failed))?;
        let listener = TcpListener::from_std(listener).map_err(Error::system(failed))?;
        let address = listener.local_addr().map_err(Error::system(failed))?;
        let rules = Arc::new(Rules { policy, tls, refused: Mutex::default() });
        let ours = Arc::clone(&rules);
        let door = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&ours)));
            }
        })
        .abort_handle();
        Ok(Self { address, rules, door })
    }

    /// Why that port of `host`, as the page named it, was refused last, if it was.
    pub(crate) fn refusal(&self, host: &str, port: u16) -> Option<String> {
        let refused = self.rules.refused.lock();
        refused.iter().rev().find(|((name, at), _)| name == host && *at == port).map(|(_, why)| why.clone())
    }

    /// The certificate that a server has shown in place of the one that is trusted there, if it did last.
    pub(crate) fn differs(&self, host: &str, port: u16) -> Option<CertificateFingerprint> {
        self.rules.tls.as_ref().filter(|tls| tls.is_for(host, port))?.differs()
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.door.abort();
    }
}

/// RFC 1928 §6.
#[derive(Clone, Copy)]
enum Answer {
    Granted = 0,
    NotAllowed = 2,
    HostUnreachable = 4,
    Refused = 5,
    Unsupported = 7,
}

async fn serve(mut stream: TcpStream, rules: Arc<Rules>) {
    let Ok(Some((host, port))) = tokio::time::timeout(PATIENCE, greet(&mut stream)).await else { return };
    let outcome = tokio::time::timeout(PATIENCE, reach(&host, port, &rules)).await;
    match outcome.unwrap_or(Err(Unreached::NoSuchHost)) {
        Ok(there) => {
            if say(&mut stream, Answer::Granted).await.is_ok() {
                let _ = stream.set_nodelay(true);
                carry(stream, there, &rules).await;
            }
        }
        Err(why) => {
            let _ = say(&mut stream, rules.refusal(host, port, why)).await;
        }
    }
}

impl Rules {
    fn note_refused(&self, host: String, port: u16, why: String) {
        let mut refused = self.refused.lock();
        refused.push_back(((host, port), why));
        if refused.len() > KEPT {
            refused.pop_front();
        }
    }

    /// What Chromium is told of a connection that was not made. Whoever asks is told of those that the rules forbid.
    fn refusal(&self, host: String, port: u16, why: Unreached) -> Answer {
        let answer = match &why {
            Unreached::NotAllowed(_) | Unreached::Differs(_) => Answer::NotAllowed,
            Unreached::NoTls(_) | Unreached::Refused => Answer::Refused,
            Unreached::NoSuchHost => Answer::HostUnreachable,
        };
        // A host that is down or gone is none of our business.
        if !matches!(why, Unreached::NoSuchHost | Unreached::Refused) {
            tracing::info!(host, port, %why, "a page was kept from connecting");
        }
        if let Unreached::NotAllowed(why) = why {
            self.note_refused(host, port, why);
        }
        answer
    }
}

/// The other side, reached.
enum There {
    /// What is said is not looked at.
    Plain(TcpStream),
    /// TLS is ended here.
    Tls(Box<SiteStream>),
}

async fn carry(stream: TcpStream, there: There, rules: &Rules) {
    match (there, &rules.tls) {
        (There::Plain(there), _) => copy(stream, there).await,
        (There::Tls(there), Some(tls)) => match tokio::time::timeout(PATIENCE, tls.accept(stream)).await {
            Ok(Ok(here)) => copy(here, *there).await,
            Ok(Err(error)) => tracing::debug!(%error, "Chromium did not take the gate's certificate"),
            Err(_) => {}
        },
        // It was made by what is not there.
        (There::Tls(_), None) => {}
    }
}

async fn copy(mut here: impl AsyncRead + AsyncWrite + Unpin, mut there: impl AsyncRead + AsyncWrite + Unpin) {
    // Either side may end it whenever it likes.
    let _ = tokio::io::copy_bidirectional(&mut here, &mut there).await;
}

enum Unreached {
    NotAllowed(String),
    Differs(CertificateFingerprint),
    NoTls(std::io::Error),
    NoSuchHost,
    Refused,
}

impl fmt::Display for Unreached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAllowed(why) => f.write_str(why),
            Self::Differs(shown) => {
                write!(f, "it shows the certificate {shown}, which is not the one that is trusted there")
            }
            Self::NoTls(error) => write!(f, "its certificate is pinned, and it spoke no TLS: {error}"),
            Self::NoSuchHost => f.write_str("the host is not found, or does not answer"),
            Self::Refused => f.write_str("the connection was refused"),
        }
    }
}

/// Connects to where a page wants to go; for the pinned origin, also agrees on TLS with it.
async fn reach(host: &str, port: u16, rules: &Rules) -> Result<There, Unreached> {
    let tls = rules.tls.as_ref().filter(|tls| tls.is_for(host, port));
    let stream = connect(host, port, &*rules.policy).await.inspect_err(|_| {
        tls.inspect(|tls| tls.forget());
    })?;
    let _ = stream.set_nodelay(true);
    match tls {
        None => Ok(There::Plain(stream)),
        Some(tls) => match tls.connect(stream).await {
            Ok(stream) => Ok(There::Tls(Box::new(stream))),
            Err(TlsFailure::Differs(shown)) => Err(Unreached::Differs(shown)),
            Err(TlsFailure::Failed(error)) => Err(Unreached::NoTls(error)),
        },
    }
}

async fn connect(host: &str, port: u16, policy: &dyn AddressPolicy) -> Result<TcpStream, Unreached> {
    let addresses = tokio::net::lookup_host((host, port)).await.map_err(|_| Unreached::NoSuchHost)?;
    let mut outcome = Unreached::NoSuchHost;
    for address in addresses {
        if is_metadata(address.ip()) {
            let why = format!(
                "{} is where machines of clouds find their own credentials (metadata); no page ever goes there",
                address.ip()
            );
            outcome = Unreached::NotAllowed(why);
            continue;
        }
        match policy.check(host, address.ip(), port) {
            Err(why) => outcome = Unreached::NotAllowed(why),
            Ok(()) => match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(_) => outcome = Unreached::Refused,
            },
        }
    }
    Err(outcome)
}

/// Whether this machine itself answers under `address`, on whatever interface: what is private about it does not show in
/// the address.
pub fn is_own_address(address: IpAddr) -> bool {
    // The system gives a socket no address but its own.
    std::net::UdpSocket::bind((address, 0)).is_ok()
}

/// Reads the greeting and the request (RFC 1928 §3, §4): the host and port to connect to.
async fn greet(stream: &mut TcpStream) -> Option<(String, u16)> {
    let [version, methods] = read(stream).await?;
    if version != 5 {
        return None;
    }
    let mut offered = vec![0; usize::from(methods)];
    stream.read_exact(&mut offered).await.ok()?;
    stream.write_all(&[5, 0]).await.ok()?;
    let [version, command, _, kind] = read(stream).await?;
    let host = match kind {
        1 => Ipv4Addr::from(read::<4>(stream).await?).to_string(),
        4 => Ipv6Addr::from(read::<16>(stream).await?).to_string(),
        3 => {
            let [length] = read(stream).await?;
            let mut name = vec![0; usize::from(length)];
            stream.read_exact(&mut name).await.ok()?;
            String::from_utf8(name).ok()?.to_ascii_lowercase()
        }
        _ => return None,
    };
    let port = u16::from_be_bytes(read(stream).await?);
    if version != 5 || command != 1 {
        say(stream, Answer::Unsupported).await.ok()?;
        return None;
    }
    Some((host, port))
}

async fn read<const N: usize>(stream: &mut TcpStream) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await.ok()?;
    Some(bytes)
}

async fn say(stream: &mut TcpStream, answer: Answer) -> std::io::Result<()> {
    stream.write_all(&[5, answer as u8, 0, 1, 0, 0, 0, 0, 0, 0]).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ours() {
        assert!(is_own_address("127.0.0.1".parse().unwrap()));
        assert!(!is_own_address("192.0.2.1".parse().unwrap()));
    }

    #[tokio::test]
    async fn metadata_is_out_of_reach_whatever_the_policy_says() {
        let gate = Gate::open(Arc::new(|_: &str, _: IpAddr, _: u16| Ok(())), None, None).unwrap();
        let (_, answer) = ask(&gate, "169.254.169.254", 80).await;
        assert_eq!(answer, Answer::NotAllowed as u8);
        assert!(gate.refusal("169.254.169.254", 80).unwrap().contains("metadata"));
    }

    async fn ask(gate: &Gate, host: &str, port: u16) -> (TcpStream, u8) {
        let mut stream = TcpStream::connect(gate.address).await.unwrap();
        let mut request = vec![5, 1, 0, 5, 1, 0, 3, u8::try_from(host.len()).unwrap()];
        request.extend_from_slice(host.as_bytes());
        request.extend_from_slice(&port.to_be_bytes());
        stream.write_all(&request).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        (stream, answer[3])
    }

    #[tokio::test]
    async fn the_policy_sees_the_resolved_address_and_its_no_is_remembered() {
        let site = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = site.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut stream, _) = site.accept().await.unwrap();
            stream.write_all(b"hello").await.unwrap();
        });
        let policy = |host: &str, address: IpAddr, _port: u16| {
            if host == "localhost" && address.is_loopback() { Ok(()) } else { Err(format!("{address} is private")) }
        };
        let gate = Gate::open(Arc::new(policy), None, None).unwrap();

        let (mut stream, answer) = ask(&gate, "LocalHost", port).await;
        assert_eq!(answer, 0);
        let mut said = [0; 5];
        stream.read_exact(&mut said).await.unwrap();
        assert_eq!(&said, b"hello");

        let (_, answer) = ask(&gate, "127.0.0.1", port).await;
        assert_eq!(answer, Answer::NotAllowed as u8);
        assert_eq!(gate.refusal("127.0.0.1", port).as_deref(), Some("127.0.0.1 is private"));
        assert_eq!(gate.refusal("127.0.0.1", port - 1), None);
        assert_eq!(gate.refusal("localhost", port), None);
    }
}
