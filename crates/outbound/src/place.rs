//! Where a delivery may connect to.

use std::net::SocketAddr;

use countersign_model::{is_metadata, is_public};
use url::Url;

/// Whether receivers that an administrator has named, such as mail servers and webhooks, may be at private and loopback addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllowPrivateReceivers(pub bool);

/// The addresses of a host, looked up for this one delivery. They are what is then connected to, so a name that changes its
/// mind gains nothing.
///
/// # Errors
/// Says why there is none, and what an operator can do.
pub async fn addresses(
    host: &str,
    port: u16,
    AllowPrivateReceivers(allowed): AllowPrivateReceivers,
) -> Result<Vec<SocketAddr>, String> {
    let found = tokio::net::lookup_host((host, port)).await;
    let found: Vec<SocketAddr> = found.map_err(|error| format!("{host} is not found: {error}"))?.collect();
    if let Some(private) = found.iter().find(|address| !allowed && !is_public(address.ip())) {
        return Err(format!(
            "{host} is at {}, which is no public address; where that is meant, allow it with COUNTERSIGN_ALLOW_PRIVATE=1",
            private.ip()
        ));
    }
    // Where clouds keep their metadata: no mail server and no webhook is there, whatever is allowed.
    if let Some(local) = found.iter().find(|address| is_metadata(address.ip())) {
        return Err(format!("{host} is at {}, where clouds keep their metadata, which nothing is sent to", local.ip()));
    }
    if found.is_empty() {
        return Err(format!("{host} has no address"));
    }
    Ok(found)
}

/// Host and port of a URL, the host without brackets.
pub fn host_and_port(url: &Url) -> (String, u16) {
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
    (host, url.port_or_known_default().unwrap_or(443))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn promise_8_addresses_that_a_person_configures_are_checked_at_each_connection() {
        for host in ["127.0.0.1", "10.0.0.1", "::1", "169.254.169.254", "localhost"] {
            let refused = addresses(host, 25, AllowPrivateReceivers(false)).await.unwrap_err();
            assert!(refused.contains("COUNTERSIGN_ALLOW_PRIVATE=1"), "{refused}");
        }
        for host in ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254"] {
            assert!(addresses(host, 80, AllowPrivateReceivers(true)).await.is_err(), "{host}");
        }
        assert!(addresses("127.0.0.1", 25, AllowPrivateReceivers(true)).await.is_ok());
        assert!(addresses("93.184.215.14", 25, AllowPrivateReceivers(false)).await.is_ok());
    }
}
