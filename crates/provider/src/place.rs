//! Where the provider may be.

use std::net::SocketAddr;

use countersign_model::{ProviderRefusal, is_metadata, is_public};
use url::{Host, Url};

use crate::Refused;

/// Whether a provider may send this server to private addresses other than its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllowPrivateProvider(pub bool);

/// The addresses of a URL's host, looked up for this one request; they are what is then connected to, so a name that changes its
/// mind gains nothing. The issuer's own host may be private: an administrator has named it. What the provider itself names may not,
/// unless the operator allows it, so that a provider outside cannot have this server ask inside.
///
/// # Errors
/// [`ProviderRefusal::Unreachable`], [`ProviderRefusal::WrongAnswer`].
pub(crate) async fn addresses(
    url: &Url,
    issuer: &str,
    AllowPrivateProvider(allowed): AllowPrivateProvider,
) -> Result<Vec<SocketAddr>, Refused> {
    let host = url.host_str().unwrap_or_default();
    let own = Url::parse(issuer).is_ok_and(|issuer| issuer.host_str() == Some(host));
    let name = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    let unreachable =
        |error: std::io::Error| Refused::because(ProviderRefusal::Unreachable, format!("{name} is not found: {error}"));
    let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), port)).await.map_err(unreachable)?.collect();
    let wrong = |detail: String| Err(Refused::because(ProviderRefusal::WrongAnswer, detail));
    if let Some(local) = found.iter().find(|address| is_metadata(address.ip())) {
        return wrong(format!("{name} is at {}, where clouds keep their metadata and no provider is", local.ip()));
    }
    if let Some(private) = found.iter().find(|address| !allowed && !own && !is_public(address.ip())) {
        return wrong(format!(
            "it sends to {name} at {}, which is no public address and not the issuer's own host; where that is meant, allow it with \
             COUNTERSIGN_ALLOW_PRIVATE=1",
            private.ip()
        ));
    }
    if found.is_empty() {
        return Err(Refused::because(ProviderRefusal::Unreachable, format!("{name} has no address")));
    }
    Ok(found)
}

/// That nobody in between reads or changes what is sent there: TLS, but for this very machine.
///
/// # Errors
/// [`ProviderRefusal::WrongAnswer`].
pub(crate) fn check_transport(what: &str, url: &Url) -> Result<(), Refused> {
    let this_machine = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    match url.scheme() {
        "https" if url.host().is_some() => Ok(()),
        "http" if this_machine => Ok(()),
        _ => Err(Refused::because(ProviderRefusal::WrongAnswer, format!("its {what} is no https:// address"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn promise_8_a_provider_may_be_private_and_sends_nowhere_private_but_to_itself() {
        let table = [
            ("https://127.0.0.1/token", "https://127.0.0.1", false, true),
            ("https://10.1.2.3:8443/token", "https://10.1.2.3", false, true),
            ("https://10.1.2.3/token", "https://93.184.215.14", false, false),
            ("https://[::1]/token", "https://93.184.215.14", false, false),
            ("https://localhost/token", "https://93.184.215.14", false, false),
            ("https://10.1.2.3/token", "https://93.184.215.14", true, true),
            ("https://93.184.215.15/token", "https://93.184.215.14", false, true),
            // Never, whoever names it.
            ("https://169.254.169.254/token", "https://169.254.169.254", true, false),
            ("https://[::ffff:169.254.169.254]/x", "https://[::ffff:169.254.169.254]", true, false),
            ("https://[fe80::1]/x", "https://[fe80::1]", true, false),
        ];
        for (url, issuer, allowed, taken) in table {
            let found = addresses(&Url::parse(url).unwrap(), issuer, AllowPrivateProvider(allowed)).await;
            assert_eq!(found.is_ok(), taken, "{url} of {issuer}: {found:?}");
        }
    }

    #[test]
    fn what_is_sent_goes_over_tls_or_stays_on_the_machine() {
        for (url, taken) in [
            ("https://login.example.com/token", true),
            ("http://login.example.com/token", false),
            ("http://10.0.0.1/token", false),
            ("http://127.0.0.1:9000/token", true),
            ("http://[::1]:9000/token", true),
            ("http://localhost:9000/token", true),
            ("http://localhost.example.com/token", false),
            ("file:///etc/passwd", false),
            ("javascript:alert(1)", false),
        ] {
            assert_eq!(check_transport("endpoint", &Url::parse(url).unwrap()).is_ok(), taken, "{url}");
        }
    }
}
