//! A site with a certificate that nobody signed but itself.

use std::sync::Arc;

use countersign_model::{
    CERTIFICATE_DIFFERS, CertificateFingerprint, ChangeKind, ChangeReason, ChangeState, SiteAddress, SiteSettings,
};
use countersign_seal::Sha256;
use countersign_vault::{CredentialRef, FieldEdit, Patch};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::{
    changes::scene,
    fixture::{OLD, TestWorker, story},
};

/// Puts TLS before a site on the loopback; gives its new address, and what its certificate is known by.
async fn tls_before(site: &str) -> (String, CertificateFingerprint) {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let fingerprint = CertificateFingerprint::from_bytes(*Sha256::of(made.cert.der()).bytes());
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let behind = site.strip_prefix("http://").unwrap().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, behind) = (acceptor.clone(), behind.clone());
            tokio::spawn(async move {
                let mut here = acceptor.accept(stream).await.ok()?;
                let mut there = TcpStream::connect(behind).await.ok()?;
                tokio::io::copy_bidirectional(&mut here, &mut there).await.ok()
            });
        }
    });
    (format!("https://localhost:{port}"), fingerprint)
}

async fn trust(fixture: &TestWorker, wanted: &CredentialRef, certificate: Option<CertificateFingerprint>) {
    let settings = SiteSettings { certificate, changes_per_day: 10, ..SiteSettings::default() };
    fixture.vault.set_automation(&fixture.admin, wanted, settings).await.unwrap();
}

#[test]
fn a_self_signed_site_is_changed_where_its_certificate_is_trusted_and_told_where_not() {
    scene(&json!({}), &async |fixture, wanted| {
        let (site, shown) = tls_before(fixture.practice.url()).await;
        let patch = Patch { site: FieldEdit::Set(SiteAddress::parse(&site).unwrap()), ..Patch::default() };
        fixture.vault.edit_credential(&fixture.admin, wanted, patch).await.unwrap();
        let worker = fixture.worker(fixture.options());

        let other = CertificateFingerprint::from_bytes([7; 32]);
        for (trusted, error) in [(None, "ERR_CERT_AUTHORITY_INVALID"), (Some(other), CERTIFICATE_DIFFERS)] {
            trust(fixture, wanted, trusted).await;
            let view = fixture.change(wanted, ChangeKind::Change).await;
            let reason = ChangeReason::CertificateNotTrusted { error: error.to_owned(), shown: Some(shown) };
            assert_eq!((view.state, &view.reason), (ChangeState::Failed, &Some(reason)), "{}", story(&view));
            assert!(view.reason.unwrap().to_string().contains(&shown.to_string()));
        }
        assert!(fixture.practice.control().check("alice", OLD), "nothing was changed");

        trust(fixture, wanted, Some(shown)).await;
        let view = fixture.change(wanted, ChangeKind::Change).await;
        assert_eq!(view.state, ChangeState::Changed, "{}", story(&view));
        assert!(fixture.practice.control().check("alice", &fixture.current(wanted).await));
        worker.stop().await;
    });
}
