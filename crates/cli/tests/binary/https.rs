//! HTTPS by the server's own flags, with an authority that the test makes.

use std::fs;

use base64::{Engine as _, prelude::BASE64_STANDARD};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::house::{Done, Place, Server, run};

const FLAGS: [&str; 4] = ["--tls-certificate", "chain.pem", "--tls-key", "key.pem"];

/// Makes an authority (`ca.pem`), a certificate for this machine (`chain.pem`) and its key (`key.pem`).
fn make_certificate(place: &Place) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let authority = pem("CERTIFICATE", issuer.der());
    place.write("ca.pem", &authority);
    place.write("chain.pem", pem("CERTIFICATE", leaf.der()) + &authority);
    place.write_private("key.pem", pem("PRIVATE KEY", &key.serialize_der()));
}

/// RFC 7468 §2.
fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}

fn list(place: &Place, server: &Server, token: &str, authority: &str) -> Done {
    let mut command = server.client(place, token, &["credential", "list"]);
    command.env("SSL_CERT_FILE", place.path(authority));
    run(command, b"")
}

#[test]
fn commands_reach_a_server_by_https() {
    let place = Place::new();
    make_certificate(&place);
    let token = place.init();
    let files = "tls_certificate = \"chain.pem\"\ntls_key = \"key.pem\"\ndata = \"data\"\n";
    place.write("settings.toml", files);
    place.write("none.pem", "");
    let variables = [("COUNTERSIGN_TLS_CERTIFICATE", "chain.pem"), ("COUNTERSIGN_TLS_KEY", "key.pem")];
    let by_flags = [&["--data", "data"], &FLAGS[..]].concat();
    // Arguments, and variables beside them.
    type Way<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)]);
    let ways: [Way<'_>; 3] =
        [(&by_flags, &[]), (&["--data", "data"], &variables), (&["--config", "settings.toml"], &[])];
    for (args, variables) in ways {
        let mut server = place.serve_with(args, variables);
        assert!(server.url.starts_with("https://127.0.0.1:"), "{}", server.url);
        list(&place, &server, &token, "ca.pem").ok();
        list(&place, &server, &token, "none.pem").exit(1);
        assert!(server.stop().success());
    }
}

#[test]
fn the_first_link_is_by_https() {
    let place = Place::new();
    make_certificate(&place);
    let mut server = place.serve_with(&[&["--data", "data"], &FLAGS[..]].concat(), &[]);
    assert!(server.line().starts_with("Nobody can sign in yet."));
    let link = format!("{}/#/setup/", server.url);
    assert!(link.starts_with("https://") && server.line().starts_with(&link));
}

#[test]
fn what_is_wrong_with_certificate_and_key() {
    let (place, other) = (Place::new(), Place::new());
    make_certificate(&place);
    make_certificate(&other);
    place.write_private("other.key", fs::read(other.path("key.pem")).unwrap());
    place.write("open.key", fs::read(place.path("key.pem")).unwrap());
    place.write_private(
        "sealed.key",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n",
    );
    let text = fs::read_to_string(place.path("chain.pem")).unwrap();
    place.write("cut.pem", &text[..text.len() - 60]);
    place.write("no.pem", "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n");
    place.write("lax.toml", "secure_cookies = false\n");
    fs::create_dir(place.path("folder")).unwrap();
    let pair = |certificate, key| ["--tls-certificate", certificate, "--tls-key", key];
    let cases: [(&[&str], &[&str]); 13] = [
        (&["--tls-certificate", "chain.pem"], &["a TLS certificate is given and no key", "--tls-key"]),
        (&["--tls-key", "key.pem"], &["a TLS key is given and no certificate", "--tls-certificate"]),
        (&pair("missing.pem", "key.pem"), &["the TLS certificate missing.pem is missing", "name the file"]),
        (&pair("chain.pem", "missing.key"), &["the TLS key missing.key is missing", "name the file"]),
        (&pair("folder", "key.pem"), &["the TLS certificate folder is a folder", "name a regular file"]),
        (&pair("key.pem", "chain.pem"), &["the TLS certificate key.pem holds a key", "the wrong way round"]),
        (&pair("lax.toml", "key.pem"), &["the TLS certificate lax.toml holds no certificate", "in PEM"]),
        (&pair("cut.pem", "key.pem"), &["the TLS certificate cut.pem is damaged PEM", "write it anew"]),
        (&pair("no.pem", "key.pem"), &["the TLS certificate no.pem begins with a certificate that cannot be read"]),
        (
            &pair("chain.pem", "other.key"),
            &["the TLS key other.key does not belong to the first certificate in chain.pem", "name the key"],
        ),
        (&pair("chain.pem", "open.key"), &["the TLS key open.key can be read by other users (mode 644)", "chmod 600"]),
        (&pair("chain.pem", "sealed.key"), &["the TLS key sealed.key is encrypted", "openssl pkey"]),
        (
            &[&FLAGS[..], &["--config", "lax.toml"]].concat(),
            &["secure_cookies is false and a TLS certificate is given", "take secure_cookies out"],
        ),
    ];
    for (args, parts) in cases {
        place.run(&[&["serve", "--listen", "127.0.0.1:0", "--data", "new"], args].concat()).fails_with(parts);
    }
    assert!(!place.path("new").exists(), "nothing is made before the certificate is right");
}
