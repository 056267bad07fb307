//! Where passkeys are made and used: the site that browsers bind them to.

use countersign_model::UserId;
use webauthn_rs::{Webauthn, WebauthnBuilder, prelude::Url};

/// The site that passkeys belong to (Web Authentication §4, *Relying Party*): its id is the host of the URL at which people
/// reach the server, and answers count from that URL's own origin alone.
///
/// Another host is another site: passkeys that were made at the former one are of no use there.
#[derive(Debug, Clone)]
pub struct RelyingParty {
    pub(crate) webauthn: Webauthn,
    id: String,
    origin: String,
}

/// Why browsers take no passkeys at a server's URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoPasskeys {
    /// Nobody has said where people reach it.
    #[error("this server does not know the URL at which people open it")]
    AddressUnknown,
    /// What was said is none.
    #[error("this server's address is not the URL of a site")]
    NoUrl,
    /// By the numbers of a network.
    #[error("this server's address is an IP address, and passkeys work only with a host name")]
    IpAddress,
    /// In the clear.
    #[error("this server's address is plain HTTP, and passkeys work only over HTTPS (or at localhost)")]
    PlainHttp,
}

impl NoPasskeys {
    /// What whoever runs the server does about it.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::AddressUnknown | Self::NoUrl => {
                "set `address` in the settings file, or COUNTERSIGN_ADDRESS, such as https://vault.example.com"
            }
            Self::IpAddress => "give the server a host name, and set `address` (COUNTERSIGN_ADDRESS) to its URL",
            Self::PlainHttp => {
                "give the server a certificate (--tls-certificate), or put a proxy with TLS in front, and set `address` \
                 (COUNTERSIGN_ADDRESS) to the https:// URL"
            }
        }
    }
}

impl RelyingParty {
    /// The site at this URL; its path plays no part.
    ///
    /// # Errors
    /// [`NoPasskeys`], for what browsers would refuse (Web Authentication §5.1.3: a *valid domain*, in a secure context).
    pub fn at(address: &str) -> Result<Self, NoPasskeys> {
        let url = Url::parse(address.trim()).map_err(|_| NoPasskeys::NoUrl)?;
        if !matches!(url.scheme(), "https" | "http") || !url.username().is_empty() {
            return Err(NoPasskeys::NoUrl);
        }
        let Some(host) = url.domain() else { return Err(NoPasskeys::IpAddress) };
        if url.scheme() == "http" && host != "localhost" && !host.ends_with(".localhost") {
            return Err(NoPasskeys::PlainHttp);
        }
        let (id, origin) = (host.to_owned(), url.origin().ascii_serialization());
        let site = Url::parse(&origin).map_err(|_| NoPasskeys::NoUrl)?;
        let builder = WebauthnBuilder::new(&id, &site).map_err(|_| NoPasskeys::NoUrl)?.rp_name("Countersign");
        let webauthn = builder.build().map_err(|_| NoPasskeys::NoUrl)?;
        Ok(Self { webauthn, id, origin })
    }

    /// The host.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The origin (RFC 6454 §6.2) from which passkeys are asked for and answer.
    pub fn origin(&self) -> &str {
        &self.origin
    }
}

/// What an authenticator knows a person by: their id, which names nobody (§14.6.1, *User Handle Contents*).
pub(crate) fn person_of(handle: &[u8]) -> Option<UserId> {
    webauthn_rs::prelude::Uuid::from_slice(handle).ok().map(UserId::from_uuid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_belong_to_a_host_that_is_reached_securely() {
        let table = [
            ("https://vault.example.com", Ok(("vault.example.com", "https://vault.example.com"))),
            ("https://vault.example.com/", Ok(("vault.example.com", "https://vault.example.com"))),
            (" https://Vault.Example.com:443/base/ ", Ok(("vault.example.com", "https://vault.example.com"))),
            ("https://vault.example.com:8443/base", Ok(("vault.example.com", "https://vault.example.com:8443"))),
            ("https://vault", Ok(("vault", "https://vault"))),
            ("https://b\u{fc}cher.example", Ok(("xn--bcher-kva.example", "https://xn--bcher-kva.example"))),
            ("http://localhost:7117", Ok(("localhost", "http://localhost:7117"))),
            ("http://vault.localhost", Ok(("vault.localhost", "http://vault.localhost"))),
            ("http://vault.example.com", Err(NoPasskeys::PlainHttp)),
            ("http://localhost.example.com", Err(NoPasskeys::PlainHttp)),
            ("http://notlocalhost", Err(NoPasskeys::PlainHttp)),
            ("https://192.0.2.7", Err(NoPasskeys::IpAddress)),
            ("http://127.0.0.1:7117", Err(NoPasskeys::IpAddress)),
            ("https://[2001:db8::1]:443", Err(NoPasskeys::IpAddress)),
            // As browsers read it: an IPv4 address.
            ("https://0x7f.1/", Err(NoPasskeys::IpAddress)),
            ("vault.example.com", Err(NoPasskeys::NoUrl)),
            ("ftp://vault.example.com", Err(NoPasskeys::NoUrl)),
            ("https://alice@vault.example.com", Err(NoPasskeys::NoUrl)),
            ("https://", Err(NoPasskeys::NoUrl)),
            ("", Err(NoPasskeys::NoUrl)),
        ];
        for (address, expected) in table {
            let found = RelyingParty::at(address);
            let found = found.as_ref().map(|party| (party.id(), party.origin())).map_err(|why| *why);
            assert_eq!(found, expected, "{address}");
        }
    }
}
