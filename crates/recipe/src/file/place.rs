//! Hosts, origins and addresses as recipes and lists may name them.

use std::net::IpAddr;

use url::{Host, Url};

/// The longest address.
pub(crate) const MAX_ADDRESS: usize = 2_000;

/// What is wrong with a place, and what to write instead.
pub(crate) type PlaceError = (String, String);

/// Whether `host` is `domain` or stands under it.
pub(crate) fn is_under(host: &str, domain: &str) -> bool {
    host == domain || host.strip_suffix(domain).is_some_and(|head| head.ends_with('.'))
}

/// The host of an address as recipes name it.
pub(crate) fn host_of(address: &str) -> Option<String> {
    Url::parse(address).ok()?.host_str().map(str::to_owned)
}

/// A host in its ASCII form: `example.org`, `bücher.example`, `10.0.0.5`.
pub(crate) fn host(text: &str) -> Result<String, PlaceError> {
    let wrong = |what: &str, hint: String| Err((format!("`{}` {what}", shown(text)), hint));
    if let Ok(url) = Url::parse(text)
        && let Some(host) = url.host_str()
    {
        return wrong("is an address, not a host", format!("write \"{host}\""));
    }
    if let Some(rest) = text.strip_prefix("*.") {
        return wrong("has a star", format!("write \"{}\": what stands under a domain is served anyway", shown(rest)));
    }
    if let Some((head, _)) = text.split_once(['/', '?', '#']) {
        return wrong("is more than a host", format!("write \"{}\"", shown(head)));
    }
    let host = match Host::parse(text) {
        _ if text.is_empty() || text.len() > 253 => None,
        Ok(host) => Some(host.to_string()),
        Err(_) => None,
    };
    let Some(host) = host.filter(|host| !host.starts_with('.') && !host.ends_with('.')) else {
        return wrong("is no host", "write a name such as \"example.org\", without port and path".to_owned());
    };
    let whole_suffix = psl::suffix(host.as_bytes()).is_some_and(|suffix| suffix.is_known() && suffix == host.as_str());
    if whole_suffix {
        return wrong("belongs to everybody", format!("write the site's own domain, such as \"example.{host}\""));
    }
    Ok(host)
}

/// An origin: `https://login.example.org`, with a port where it has one.
pub(crate) fn origin(text: &str) -> Result<String, PlaceError> {
    let url = whole(text)?;
    let origin = url.origin().ascii_serialization();
    if text.trim_end_matches('/') == origin {
        Ok(origin)
    } else {
        Err((format!("`{}` is more than an origin, or written otherwise", shown(text)), format!("write \"{origin}\"")))
    }
}

/// A whole address that a browser may open and type secrets at.
pub(crate) fn whole(text: &str) -> Result<Url, PlaceError> {
    let wrong = |what: &str, hint: String| Err((format!("`{}` {what}", shown(text)), hint));
    if text.len() > MAX_ADDRESS {
        return wrong("is too long", format!("an address has at most {MAX_ADDRESS} characters"));
    }
    let Ok(url) = Url::parse(text) else {
        let guess = text.trim_start_matches('/');
        let hint = match host(guess.split('/').next().unwrap_or_default()) {
            Ok(_) => format!("write \"https://{}\"", shown(guess)),
            Err(_) => "write a whole address, such as \"https://example.org/settings\"".to_owned(),
        };
        return wrong("is no address", hint);
    };
    if !url.username().is_empty() || url.password().is_some() {
        // The text may hold a password, so it is not repeated.
        return Err((
            "an address must not hold a name or password".into(),
            "leave out what stands before the @".into(),
        ));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_near(&url) => Ok(url),
        "http" => {
            wrong("would carry secrets unprotected", format!("write \"https{}\"", shown(&url.as_str()["http".len()..])))
        }
        _ => wrong("is no address of a web page", "write an address that begins with https://".to_owned()),
    }
}

/// This machine and private networks, where TLS is often missing.
fn is_near(url: &Url) -> bool {
    let address = match url.host() {
        Some(Host::Domain(name)) => return name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
        None => return false,
    };
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}

/// As much of a text as an error should repeat.
pub(crate) fn shown(text: &str) -> String {
    let mut short: String =
        text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).take(80).collect();
    if text.chars().nth(80).is_some() {
        short.push('…');
    }
    short
}
