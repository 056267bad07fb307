//! Whose certificates are believed: those that the machine trusts, or those of one authority alone. There is no way to believe anybody.

use std::{io, sync::Arc};

use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use rustls_platform_verifier::ConfigVerifierExt as _;
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, client::TlsStream};

/// A connection under TLS.
pub type TlsWire = TlsStream<TcpStream>;

/// Looks whether a text holds certificates in PEM that can vouch for others.
///
/// # Errors
/// Says what is wrong with it.
pub fn check_authority(pem: &str) -> Result<(), String> {
    authority(pem).map(drop)
}

/// TLS over a connection, as a client of the server with that name.
///
/// # Errors
/// Says why the server was not believed, or what else went wrong.
pub async fn connect_tls(stream: TcpStream, host: &str, own: Option<&str>) -> Result<TlsWire, String> {
    let config = config(own)?;
    let name =
        ServerName::try_from(host.to_owned()).map_err(|_| format!("{host} is no name that a certificate has"))?;
    let connected = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    connected.map_err(|error: io::Error| format!("TLS failed: {error}"))
}

pub(crate) fn config(own: Option<&str>) -> Result<ClientConfig, String> {
    match own {
        None => ClientConfig::with_platform_verifier().map_err(|error| format!("TLS cannot begin: {error}")),
        Some(pem) => Ok(ClientConfig::builder().with_root_certificates(authority(pem)?).with_no_client_auth()),
    }
}

fn authority(pem: &str) -> Result<RootCertStore, String> {
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|error| format!("the authority's certificate is not right: {error}"))?;
        store.add(certificate).map_err(|error| format!("the authority's certificate is not right: {error}"))?;
    }
    if store.is_empty() {
        return Err("the authority's certificate is missing: write it in PEM".to_owned());
    }
    Ok(store)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pem(what: &str, der: &[u8]) -> String {
        format!("-----BEGIN {what}-----\n{}\n-----END {what}-----\n", data_encoding::BASE64.encode(der))
    }

    #[test]
    fn an_authority_is_certificates_in_pem() {
        let certificate = rcgen::generate_simple_self_signed(["siem.example.com".to_owned()]).expect("a certificate");
        let good = pem("CERTIFICATE", certificate.cert.der());
        let key = pem("PRIVATE KEY", &certificate.signing_key.serialize_der());
        assert!(check_authority(&good).is_ok());
        assert!(check_authority(&format!("{good}{good}")).is_ok());
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for bad in ["", "hello", key.as_str(), broken] {
            assert!(check_authority(bad).is_err(), "{bad}");
        }
    }
}
