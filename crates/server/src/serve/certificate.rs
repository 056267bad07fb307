//! The certificate that the server shows, and its key: read from two files, and anew when they have changed.

use std::{
    fmt, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use countersign_seal::Secret;
use countersign_vault::{ReadFileError, open_regular, read_open, read_regular};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs::{self, Ticketer, sign::any_supported_type},
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{ClientHello, ResolvesServerCert},
    sign::{CertifiedKey, SigningKey},
};
use zeroize::Zeroize as _;

/// Why there is no certificate to show.
#[derive(Debug, thiserror::Error)]
pub enum TlsFileError {
    /// The chain's file.
    #[error("the TLS certificate {} {wrong}", .path.display())]
    Certificate {
        /// Its path.
        path: PathBuf,
        /// What is wrong with it.
        wrong: WrongTlsFile,
    },
    /// The key's file.
    #[error("the TLS key {} {wrong}", .path.display())]
    Key {
        /// Its path.
        path: PathBuf,
        /// What is wrong with it.
        wrong: WrongTlsFile,
    },
    /// Each is right, and they are not a pair.
    #[error(
        "the TLS key {} does not belong to the first certificate in {}: name the key that the certificate was made for, and \
         put the server's own certificate before those of its authorities",
        .key.display(),
        .certificate.display()
    )]
    NoPair {
        /// The chain's path.
        certificate: PathBuf,
        /// The key's path.
        key: PathBuf,
    },
    /// The TLS library.
    #[error("HTTPS cannot be served: {0}")]
    Library(rustls::Error),
}

/// What is wrong with one of the two files. Each text goes on after the file's name, and none repeats what is in it.
#[derive(Debug, thiserror::Error)]
pub enum WrongTlsFile {
    /// There is none.
    #[error("is missing: name the file that your certificate authority or ACME client has written")]
    Missing,
    /// It cannot be read.
    #[error("{0}")]
    Read(ReadFileError),
    /// It holds something else.
    #[error(
        "holds no certificate: it is to hold the server's own and those between it and its authority, in PEM \
         (-----BEGIN CERTIFICATE-----)"
    )]
    NoCertificate,
    /// The other of the two files, most likely.
    #[error(
        "holds a key and no certificate: see whether --tls-certificate and --tls-key name the files the wrong way round"
    )]
    KeyInstead,
    /// It begins as PEM and does not go on so.
    #[error("is damaged PEM: write it anew from where it comes from")]
    Damaged,
    /// A certificate of a form that nobody takes.
    #[error("begins with a certificate that cannot be read ({0}): have a new one made, of X.509 version 3")]
    Unreadable(rustls::Error),
    /// It holds something else.
    #[error("holds no private key: it is to hold one in PEM, as PKCS#8, SEC1 or RSA (-----BEGIN PRIVATE KEY-----)")]
    NoKey,
    /// Nobody is there to type the passphrase.
    #[error(
        "is encrypted with a passphrase: write it without, as with openssl pkey, into a file that its owner alone reads"
    )]
    Encrypted,
    /// A key of another kind.
    #[error(
        "holds a key that cannot sign for TLS: use RSA of 2048 bits or more, ECDSA on P-256, P-384 or P-521, or Ed25519"
    )]
    OtherKind,
    /// Others may read it.
    #[error(
        "can be read by other users (mode {mode:03o}): run chmod 600 on it; if somebody else may have read it, have a \
         certificate made for a new key"
    )]
    Exposed {
        /// Its mode.
        mode: u32,
    },
}

// A chain is a few kilobytes, a key less.
const LARGEST_FILE: u64 = 1 << 20;

/// The certificate that connections are shown, with the files that it comes from. Clones show the same one.
#[derive(Clone)]
pub struct ServerCertificate(Arc<Kept>);

struct Kept {
    files: PairFiles,
    /// What the files were when the pair that is shown was read.
    read_at: Mutex<[Option<Stamp>; 2]>,
    shown: Arc<Shown>,
    config: Arc<ServerConfig>,
}

impl ServerCertificate {
    /// Reads a chain (the server's own certificate first) and its private key, both PEM.
    ///
    /// # Errors
    /// [`TlsFileError`], which names the file.
    pub fn read(certificate: &Path, key: &Path) -> Result<Self, TlsFileError> {
        let files = PairFiles { certificate: certificate.to_owned(), key: key.to_owned() };
        let read_at = files.stamps();
        let shown = Arc::new(Shown(RwLock::new(Arc::new(files.read()?))));
        let config = Arc::new(config(Arc::clone(&shown)).map_err(TlsFileError::Library)?);
        Ok(Self(Arc::new(Kept { files, read_at: Mutex::new(read_at), shown, config })))
    }

    /// Reads both files if one has changed since they were read last, and shows what is in them from the next connection
    /// on; says whether it does. Reads from the disk: not for an async task.
    ///
    /// # Errors
    /// [`TlsFileError`]; then the former one stays, and the next call reads again.
    pub fn renew(&self) -> Result<bool, TlsFileError> {
        let mut read_at = self.0.read_at.lock().unwrap_or_else(PoisonError::into_inner);
        // Before reading: what is written meanwhile is read by the next call.
        let stamps = self.0.files.stamps();
        if *read_at == stamps {
            return Ok(false);
        }
        let pair = self.0.files.read()?;
        *self.0.shown.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pair);
        *read_at = stamps;
        Ok(true)
    }

    /// What handshakes go by.
    pub(super) fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.0.config)
    }
}

/// TLS 1.2 and 1.3, HTTP/1.1 alone, and tickets with which a client comes again without a whole handshake (RFC 8446 §2.2).
/// Nothing is taken from a client before its handshake is done.
fn config(shown: Arc<Shown>) -> Result<ServerConfig, rustls::Error> {
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(shown);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.ticketer = Ticketer::new()?;
    Ok(config)
}

/// The pair of the moment.
struct Shown(RwLock<Arc<CertifiedKey>>);

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shown").finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// What tells a file from what was at its place before: device, number, length, and when content and rights were written,
/// in seconds and nanoseconds.
type Stamp = (u64, u64, u64, [i64; 4]);

struct PairFiles {
    certificate: PathBuf,
    key: PathBuf,
}

impl PairFiles {
    /// Of the files that the paths lead to, however many links are between; `None` where there is none.
    fn stamps(&self) -> [Option<Stamp>; 2] {
        [&self.certificate, &self.key].map(|path| {
            let it = std::fs::metadata(path).ok()?;
            Some((it.dev(), it.ino(), it.len(), [it.mtime(), it.mtime_nsec(), it.ctime(), it.ctime_nsec()]))
        })
    }

    fn read(&self) -> Result<CertifiedKey, TlsFileError> {
        let in_certificate = |wrong| TlsFileError::Certificate { path: self.certificate.clone(), wrong };
        let in_key = |wrong| TlsFileError::Key { path: self.key.clone(), wrong };
        let chain = read_regular(&self.certificate, LARGEST_FILE).map_err(unread);
        let chain = chain.and_then(|pem| chain_from(&pem)).map_err(in_certificate)?;
        let key = read_private(&self.key).and_then(|pem| key_from(pem.expose())).map_err(in_key)?;
        let pair = CertifiedKey::new(chain, key);
        match pair.keys_match() {
            Ok(()) => Ok(pair),
            Err(rustls::Error::InconsistentKeys(_)) => {
                Err(TlsFileError::NoPair { certificate: self.certificate.clone(), key: self.key.clone() })
            }
            Err(error) => Err(in_certificate(WrongTlsFile::Unreadable(error))),
        }
    }
}

fn unread(error: ReadFileError) -> WrongTlsFile {
    match error {
        ReadFileError::Io(error) if error.kind() == io::ErrorKind::NotFound => WrongTlsFile::Missing,
        error => WrongTlsFile::Read(error),
    }
}

/// The key's file, if nobody reads it who should not.
fn read_private(path: &Path) -> Result<Secret, WrongTlsFile> {
    let file = open_regular(path).map_err(unread)?;
    let metadata = file.metadata().map_err(|error| unread(error.into()))?;
    let mode = metadata.mode() & 0o777;
    if is_exposed(mode, metadata.uid()) {
        return Err(WrongTlsFile::Exposed { mode });
    }
    read_open(file, LARGEST_FILE).map(Secret::from).map_err(unread)
}

/// Whether a key with that mode and owner is open to others. A group may read what is root's: so systems share a key
/// among the servers of a machine.
const fn is_exposed(mode: u32, owner: u32) -> bool {
    let closed = if owner == 0 { 0o037 } else { 0o077 };
    mode & closed != 0
}

/// The certificates of a PEM text (RFC 7468 §5), in their order; at least one.
fn chain_from(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, WrongTlsFile> {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match chain {
        Ok(chain) if !chain.is_empty() => Ok(chain),
        Ok(_) if holds(pem, b"PRIVATE KEY-----") => Err(WrongTlsFile::KeyInstead),
        Ok(_) => Err(WrongTlsFile::NoCertificate),
        // The library's text may repeat a line.
        Err(_) => Err(WrongTlsFile::Damaged),
    }
}

/// The first private key of a PEM text.
fn key_from(pem: &[u8]) -> Result<Arc<dyn SigningKey>, WrongTlsFile> {
    // PKCS#8's own encryption, and that of OpenSSL's older files.
    if holds(pem, b"ENCRYPTED PRIVATE KEY-----") || holds(pem, b"Proc-Type: 4,ENCRYPTED") {
        return Err(WrongTlsFile::Encrypted);
    }
    let mut key = match PrivateKeyDer::pem_slice_iter(pem).next() {
        Some(Ok(key)) => key,
        None => return Err(WrongTlsFile::NoKey),
        // The library's text may repeat a line.
        Some(Err(_)) => return Err(WrongTlsFile::Damaged),
    };
    let signing = any_supported_type(&key).map_err(|_| WrongTlsFile::OtherKind);
    key.zeroize();
    signing
}

fn holds(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CERTIFICATE: &[u8] = include_bytes!("../../../browser/tests/browser/tls/cert.pem");
    const KEY: &[u8] = include_bytes!("../../../browser/tests/browser/tls/key.pem");

    #[test]
    fn who_may_read_a_key() {
        for (mode, owner, exposed) in [
            (0o600, 1_000, false),
            (0o400, 1_000, false),
            (0o640, 1_000, true),
            (0o604, 1_000, true),
            (0o644, 1_000, true),
            (0o620, 1_000, true),
            (0o600, 0, false),
            (0o640, 0, false),
            (0o440, 0, false),
            (0o660, 0, true),
            (0o650, 0, true),
            (0o644, 0, true),
            (0o641, 0, true),
        ] {
            assert_eq!(is_exposed(mode, owner), exposed, "{mode:o} of {owner}");
        }
    }

    #[test]
    fn a_chain_keeps_its_order_whatever_stands_between() {
        let twice = [KEY, b"A remark.\n", CERTIFICATE, b"\n", CERTIFICATE].concat();
        assert_eq!(chain_from(&twice).unwrap().len(), 2);
    }

    #[test]
    fn what_is_no_chain_and_no_key_is_told_apart() {
        let chain = |pem: &[u8]| chain_from(pem).unwrap_err().to_string();
        let key = |pem: &[u8]| key_from(pem).err().map(|error| error.to_string()).unwrap_or_default();
        let cut = |pem: &[u8]| pem[..pem.len() / 2].to_vec();
        let other = b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
        let sealed = b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n";
        let older = b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMAA=\n-----END RSA PRIVATE KEY-----\n";
        for (said, begins) in [
            (chain(b""), "holds no certificate"),
            (chain(b"hello"), "holds no certificate"),
            (chain(KEY), "holds a key and no certificate"),
            (chain(&cut(CERTIFICATE)), "is damaged"),
            (key(KEY), ""),
            (key(b""), "holds no private key"),
            (key(CERTIFICATE), "holds no private key"),
            (key(&cut(KEY)), "is damaged"),
            (key(other), "holds a key that cannot sign"),
            (key(sealed), "is encrypted"),
            (key(older), "is encrypted"),
        ] {
            assert!(said.starts_with(begins) && (said.is_empty() == begins.is_empty()), "{said}");
        }
    }
}
