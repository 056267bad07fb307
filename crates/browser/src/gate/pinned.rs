//! One origin whose certificate is trusted by its fingerprint: the gate ends TLS there.
//!
//! Chromium can be told to trust a key, but only before it starts and for every site of every context, so no site's key
//! is ever told to it. It trusts one key that is made beside it and never leaves this process. For the one origin the
//! gate connects, accepts exactly the one certificate, and shows Chromium a certificate with that key.

use std::{
    io,
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context as Poller, Poll, ready},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_model::CertificateFingerprint;
use countersign_seal::Sha256;
use parking_lot::Mutex;
use rcgen::{CertificateParams, KeyPair, PublicKeyData as _};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, PeerIncompatible, ServerConfig, SignatureScheme,
    client::{
        Resumption,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, WebPkiSupportedAlgorithms, aws_lc_rs, verify_tls13_signature_with_raw_key},
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime},
    server::{ClientHello, NoServerSessionStorage, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::{TlsAcceptor, TlsConnector, client, server};

use super::der;
use crate::Error;

/// What both sides speak over TLS: bytes are copied, so they must agree, and WebSockets begin with it.
const ALPN: &[u8] = b"http/1.1";

/// The origin, always `https`, whose server may show one certificate and no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedSite {
    host: String,
    port: u16,
    fingerprint: CertificateFingerprint,
}

impl PinnedSite {
    /// The origin of an `https` address; `None` for any other address.
    pub fn of(address: &str, fingerprint: CertificateFingerprint) -> Option<Self> {
        let address = url::Url::parse(address).ok().filter(|address| address.scheme() == "https")?;
        let host = address.host_str()?.trim_matches(['[', ']']).to_ascii_lowercase();
        Some(Self { host: in_one_way(host), port: address.port_or_known_default()?, fingerprint })
    }
}

/// Addresses can be written in several ways.
fn in_one_way(host: String) -> String {
    host.parse::<IpAddr>().map_or(host, |address| address.to_string())
}

/// The key that one Chromium trusts, whatever the certificate around it says.
pub(crate) struct GateKey(KeyPair);

impl GateKey {
    pub(crate) fn make() -> Result<Self, Error> {
        KeyPair::generate().map(Self).map_err(not_made)
    }

    /// As Chromium takes it: the SHA-256 of the public key's DER (RFC 7469 §2.4), in base64.
    pub(crate) fn spki_hash(&self) -> String {
        STANDARD.encode(Sha256::of(&self.0.subject_public_key_info()).bytes())
    }

    fn certificate(&self, host: &str) -> Result<CertifiedKey, Error> {
        let params = CertificateParams::new(vec![host.to_owned()]).map_err(not_made)?;
        let certificate = params.self_signed(&self.0).map_err(not_made)?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.0.serialize_der()));
        let key = aws_lc_rs::sign::any_supported_type(&key).map_err(not_made)?;
        Ok(CertifiedKey::new(vec![certificate.der().clone()], key))
    }
}

fn not_made(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::System { what: "cannot make a certificate for the browser's gate", source: io::Error::other(error) }
}

/// Ends TLS for one origin: towards the site with its one certificate, towards Chromium with one of ours.
pub(crate) struct TlsEnd {
    site: PinnedSite,
    shown: Arc<Mutex<Option<CertificateFingerprint>>>,
    connector: TlsConnector,
    acceptor: TlsAcceptor,
}

/// Towards the site.
pub(crate) type SiteStream = LenientTls<client::TlsStream<TcpStream>>;

/// Why there is no TLS with the site.
pub(crate) enum TlsFailure {
    /// It showed this certificate, which is not the trusted one.
    Differs(CertificateFingerprint),
    /// It speaks none, or none that we do.
    Failed(io::Error),
}

impl TlsEnd {
    pub(crate) fn new(site: PinnedSite, key: &GateKey) -> Result<Self, Error> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let shown = Arc::default();
        let only = OnlyThis {
            trusted: site.fingerprint,
            shown: Arc::clone(&shown),
            algorithms: provider.signature_verification_algorithms,
        };
        let mut outward = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(not_made)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(only))
            .with_no_client_auth();
        outward.alpn_protocols = vec![ALPN.to_vec()];
        // Who resumes shows no certificate, so a server that has got another one would not be noticed.
        outward.resumption = Resumption::disabled();
        let acceptor = TlsAcceptor::from(Arc::new(inward(&site.host, key, provider)?));
        Ok(Self { site, shown, connector: TlsConnector::from(Arc::new(outward)), acceptor })
    }

    /// Whether TLS to this host, as the page named it, is ended here.
    pub(crate) fn is_for(&self, host: &str, port: u16) -> bool {
        self.site.port == port && self.site.host == in_one_way(host.to_owned())
    }

    /// The certificate that the site showed last, if that was not the trusted one.
    pub(crate) fn differs(&self) -> Option<CertificateFingerprint> {
        *self.shown.lock()
    }

    pub(crate) async fn connect(&self, stream: TcpStream) -> Result<SiteStream, TlsFailure> {
        let failed = |error| TlsFailure::Failed(io::Error::other(error));
        let name = ServerName::try_from(self.site.host.clone()).map_err(failed)?;
        let error = match self.connector.connect(name, stream).await {
            Ok(stream) => return Ok(LenientTls(stream)),
            Err(error) => error,
        };
        let judged = error.get_ref().and_then(|error| error.downcast_ref::<rustls::Error>());
        if judged == Some(&NOT_THIS.into())
            && let Some(shown) = self.differs()
        {
            return Err(TlsFailure::Differs(shown));
        }
        self.forget();
        Err(TlsFailure::Failed(error))
    }

    /// The site shows nothing now.
    pub(crate) fn forget(&self) {
        self.shown.lock().take();
    }

    pub(crate) async fn accept(&self, stream: TcpStream) -> io::Result<server::TlsStream<TcpStream>> {
        self.acceptor.accept(stream).await
    }
}

fn inward(host: &str, key: &GateKey, provider: Arc<CryptoProvider>) -> Result<ServerConfig, Error> {
    let name = host.parse::<IpAddr>().is_err().then(|| host.to_owned());
    let ours = ForThisName { name, key: Arc::new(key.certificate(host)?) };
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(not_made)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(ours));
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    Ok(config)
}

/// Shows our certificate to who asks for the pinned host by name, and to nobody else: Chromium believes our key under every
/// name, so a site that had its connections carried to this gate must not be able to show it as its own.
#[derive(Debug)]
struct ForThisName {
    /// `None` for an address, which has no name to be sent (RFC 6066 §3).
    name: Option<String>,
    key: Arc<CertifiedKey>,
}

impl ResolvesServerCert for ForThisName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let same = match (hello.server_name(), &self.name) {
            (Some(asked), Some(name)) => asked.eq_ignore_ascii_case(name),
            (None, None) => true,
            _ => false,
        };
        same.then(|| Arc::clone(&self.key))
    }
}

/// Accepts one certificate, whatever it says of names and dates, from whoever has its key.
#[derive(Debug)]
struct OnlyThis {
    trusted: CertificateFingerprint,
    /// What was shown last, when that was another one.
    shown: Arc<Mutex<Option<CertificateFingerprint>>>,
    algorithms: WebPkiSupportedAlgorithms,
}

/// The answer to any other certificate.
const NOT_THIS: CertificateError = CertificateError::ApplicationVerificationFailure;

/// The fingerprint of a certificate in DER.
pub(crate) fn fingerprint(der: &[u8]) -> CertificateFingerprint {
    CertificateFingerprint::from_bytes(*Sha256::of(der).bytes())
}

impl ServerCertVerifier for OnlyThis {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let shown = fingerprint(end_entity);
        let same = shown == self.trusted;
        *self.shown.lock() = (!same).then_some(shown);
        if same { Ok(ServerCertVerified::assertion()) } else { Err(NOT_THIS.into()) }
    }

    /// The signature by the certificate's own key, of any scheme that fits it (RFC 5246 §7.4.3).
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let key = der::public_key(certificate).ok_or(CertificateError::BadEncoding)?;
        let (_, fitting) = self
            .algorithms
            .mapping
            .iter()
            .find(|(scheme, _)| *scheme == signed.scheme)
            .ok_or(PeerIncompatible::NoSignatureSchemesInCommon)?;
        let algorithm = fitting
            .iter()
            .find(|algorithm| algorithm.public_key_alg_id().as_ref() == key.algorithm)
            .ok_or(CertificateError::BadSignature)?;
        algorithm
            .verify_signature(key.bits, message, signed.signature())
            .map(|()| HandshakeSignatureValid::assertion())
            .map_err(|_| CertificateError::BadSignature.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let key = der::public_key(certificate).ok_or(CertificateError::BadEncoding)?;
        verify_tls13_signature_with_raw_key(
            message,
            &SubjectPublicKeyInfoDer::from(key.whole),
            signed,
            &self.algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// A server that ends its connection without saying so over TLS has ended it. Browsers have to take it so too, because many
/// servers do.
pub(crate) struct LenientTls<T>(T);

impl<T: AsyncRead + Unpin> AsyncRead for LenientTls<T> {
    fn poll_read(mut self: Pin<&mut Self>, poller: &mut Poller<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match ready!(Pin::new(&mut self.0).poll_read(poller, into)) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Poll::Ready(Ok(())),
            other => Poll::Ready(other),
        }
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for LenientTls<T> {
    fn poll_write(mut self: Pin<&mut Self>, poller: &mut Poller<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(poller, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, poller: &mut Poller<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(poller)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, poller: &mut Poller<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(poller)
    }
}

#[cfg(test)]
mod tests {
    use rustls::{
        SupportedProtocolVersion,
        pki_types::pem::PemObject as _,
        sign::SingleCertAndKey,
        version::{TLS12, TLS13},
    };
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    #[test]
    fn which_origin_is_pinned() {
        let fingerprint = CertificateFingerprint::from_bytes([7; 32]);
        let key = GateKey::make().unwrap();
        for (address, host, port, same) in [
            ("https://NAS.example/login", "nas.example", 443, true),
            ("https://nas.example:8443", "nas.example", 8443, true),
            ("https://nas.example:8443", "nas.example", 443, false),
            ("https://nas.example", "other.nas.example", 443, false),
            ("https://192.0.2.1:9", "192.0.2.1", 9, true),
            ("https://[::1]:9", "::1", 9, true),
            ("https://[::ffff:192.0.2.1]:9", "::ffff:192.0.2.1", 9, true),
        ] {
            let end = TlsEnd::new(PinnedSite::of(address, fingerprint).unwrap(), &key).unwrap();
            assert_eq!(end.is_for(host, port), same, "{address} {host} {port}");
        }
        for address in ["http://nas.example", "nas.example", "ftp://nas.example", ""] {
            assert_eq!(PinnedSite::of(address, fingerprint), None, "{address}");
        }
    }

    /// A certificate with its key.
    type Made = (CertificateDer<'static>, PrivateKeyDer<'static>);

    fn made() -> Made {
        let made = rcgen::generate_simple_self_signed(vec!["other.example".to_owned()]).unwrap();
        (made.cert.der().clone(), PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()).into())
    }

    /// RSA, and P-256 in a certificate of the first version; both are out of date or will be.
    fn from_files() -> [Made; 2] {
        let read = |cert: &[u8], key: &[u8]| {
            (CertificateDer::from_pem_slice(cert).unwrap(), PrivateKeyDer::from_pem_slice(key).unwrap())
        };
        [
            read(include_bytes!("../../tests/browser/tls/cert.pem"), include_bytes!("../../tests/browser/tls/key.pem")),
            read(
                include_bytes!("../../tests/browser/tls/v1-cert.pem"),
                include_bytes!("../../tests/browser/tls/v1-key.pem"),
            ),
        ]
    }

    /// A site that says hello over TLS and ends the connection without a word; gives its port.
    async fn site(
        version: &'static SupportedProtocolVersion,
        (cert, key): (&CertificateDer<'static>, &PrivateKeyDer<'static>),
    ) -> u16 {
        let key = aws_lc_rs::sign::any_supported_type(key).unwrap();
        let shown = SingleCertAndKey::from(CertifiedKey::new(vec![cert.clone()], key));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(shown));
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(mut stream) = acceptor.accept(stream).await else { continue };
                stream.write_all(b"hello").await.unwrap();
                stream.flush().await.unwrap();
            }
        });
        port
    }

    async fn reached(port: u16, trusted: CertificateFingerprint) -> (TlsEnd, Result<String, TlsFailure>) {
        let pinned = PinnedSite::of(&format!("https://localhost:{port}"), trusted).unwrap();
        let end = TlsEnd::new(pinned, &GateKey::make().unwrap()).unwrap();
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let said = match end.connect(stream).await {
            Ok(mut stream) => {
                let mut said = String::new();
                // The end that is no end over TLS is none of an error's.
                stream.read_to_string(&mut said).await.unwrap();
                Ok(said)
            }
            Err(error) => Err(error),
        };
        (end, said)
    }

    #[tokio::test]
    async fn the_one_certificate_is_accepted_from_whoever_has_its_key() {
        let [rsa, first] = from_files();
        for (cert, key) in [made(), rsa, first] {
            let (other_cert, other_key) = made();
            let trusted = fingerprint(&cert);
            for version in [&TLS12, &TLS13] {
                let right = site(version, (&cert, &key)).await;
                let (end, said) = reached(right, trusted).await;
                assert_eq!(said.ok().as_deref(), Some("hello"), "{version:?}");
                assert_eq!(end.differs(), None);

                let (end, said) = reached(right, fingerprint(&other_cert)).await;
                assert!(matches!(said, Err(TlsFailure::Differs(shown)) if shown == trusted), "{version:?}");
                assert_eq!(end.differs(), Some(trusted));

                // It shows the certificate, which everybody can see, and has not its key.
                let copied = site(version, (&cert, &other_key)).await;
                let (end, said) = reached(copied, trusted).await;
                assert!(matches!(said, Err(TlsFailure::Failed(_))), "{version:?}");
                assert_eq!(end.differs(), None);
            }
        }
    }

    /// Whether a client that asks for `name` gets as far as the certificate, and the hash of the key in it.
    async fn shown(end: &TlsEnd, name: &str) -> Option<String> {
        #[derive(Debug)]
        struct Looks(Mutex<Option<String>>, WebPkiSupportedAlgorithms);
        impl ServerCertVerifier for Looks {
            fn verify_server_cert(
                &self,
                cert: &CertificateDer<'_>,
                _: &[CertificateDer<'_>],
                _: &ServerName<'_>,
                _: &[u8],
                _: UnixTime,
            ) -> Result<ServerCertVerified, rustls::Error> {
                *self.0.lock() = Some(STANDARD.encode(Sha256::of(der::public_key(cert).unwrap().whole).bytes()));
                Ok(ServerCertVerified::assertion())
            }
            fn verify_tls12_signature(
                &self,
                _: &[u8],
                _: &CertificateDer<'_>,
                _: &DigitallySignedStruct,
            ) -> Result<HandshakeSignatureValid, rustls::Error> {
                Ok(HandshakeSignatureValid::assertion())
            }
            fn verify_tls13_signature(
                &self,
                _: &[u8],
                _: &CertificateDer<'_>,
                _: &DigitallySignedStruct,
            ) -> Result<HandshakeSignatureValid, rustls::Error> {
                Ok(HandshakeSignatureValid::assertion())
            }
            fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
                self.1.supported_schemes()
            }
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let looks = Arc::new(Looks(Mutex::default(), provider.signature_verification_algorithms));
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&looks) as Arc<dyn ServerCertVerifier>)
            .with_no_client_auth();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let there = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (here, _) = listener.accept().await.unwrap();
        let connector = TlsConnector::from(Arc::new(config));
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let (accepted, connected) = tokio::join!(end.accept(here), connector.connect(name, there));
        assert_eq!(accepted.is_ok(), connected.is_ok());
        looks.0.lock().take()
    }

    #[tokio::test]
    async fn the_gates_own_certificate_is_shown_under_the_pinned_name_alone() {
        let key = GateKey::make().unwrap();
        let fingerprint = CertificateFingerprint::from_bytes([7; 32]);
        let end = |address: &str| TlsEnd::new(PinnedSite::of(address, fingerprint).unwrap(), &key).unwrap();
        let named = end("https://nas.example");
        assert_eq!(shown(&named, "nas.example").await.as_ref(), Some(&key.spki_hash()));
        let numbered = end("https://192.0.2.1");
        assert_eq!(shown(&numbered, "192.0.2.1").await.as_ref(), Some(&key.spki_hash()));
        for (end, name) in [(&named, "evil.example"), (&named, "192.0.2.1"), (&numbered, "evil.example")] {
            assert_eq!(shown(end, name).await, None, "{name}");
        }
    }
}
