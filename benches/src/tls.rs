//! A certificate authority of this program's own, for a server that ends TLS itself.

use std::{
    ffi::{OsStr, OsString},
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs},
};

const CERTIFICATE: &str = "--tls-certificate";
const KEY: &str = "--tls-key";

/// Whether `serve` takes a certificate and its key.
pub(crate) fn listens_with_tls(binary: &Path) -> anyhow::Result<bool> {
    let help = Command::new(binary).args(["serve", "--help"]).stderr(Stdio::null()).output()?;
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    Ok(help.contains(CERTIFICATE) && help.contains(KEY))
}

/// An authority, and a certificate from it for `localhost`.
pub(crate) struct Authority {
    arguments: Vec<OsString>,
    connector: TlsConnector,
}

impl Authority {
    /// Writes chain and key into `folder`, as PEM.
    pub(crate) fn new(folder: &Path) -> anyhow::Result<Self> {
        let mut params = CertificateParams::new(Vec::new())?;
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        let key = KeyPair::generate()?;
        let leaf = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()])?;
        let leaf = leaf.signed_by(&key, &issuer)?;
        let (certificate, key_file) = (folder.join("tls.pem"), folder.join("tls.key"));
        fs::write(&certificate, pem("CERTIFICATE", leaf.der()) + &pem("CERTIFICATE", issuer.der()))?;
        fs::write(&key_file, pem("PRIVATE KEY", &key.serialize_der()))?;
        // A server takes no key that others can read.
        fs::set_permissions(&key_file, fs::Permissions::from_mode(0o600))?;
        let mut roots = RootCertStore::empty();
        roots.add(issuer.der().clone())?;
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let arguments = vec![CERTIFICATE.into(), certificate.into(), KEY.into(), key_file.into()];
        Ok(Self { arguments, connector: TlsConnector::from(Arc::new(config)) })
    }

    /// What `serve` takes to show that certificate.
    pub(crate) fn arguments(&self) -> Vec<&OsStr> {
        self.arguments.iter().map(OsString::as_os_str).collect()
    }

    /// What believes that authority and no other.
    pub(crate) fn connector(&self) -> TlsConnector {
        self.connector.clone()
    }
}

/// RFC 7468 §2.
fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
