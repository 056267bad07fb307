//! Where the secrets of a credential may go, and whether the way there is safe from readers.

use std::collections::BTreeSet;

use url::{Host, Url};

use crate::{Invalid, SiteAddress, SiteSettings, is_public};

/// A site to which secrets would travel in the clear. What was stored before that was asked is kept, and nothing is typed there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Not automatable: no TLS. {address} is plain HTTP to a public host; use its https:// URL.")]
pub struct NoTls {
    /// The address.
    pub address: String,
}

/// Every address that says where a credential's secrets may be typed.
#[derive(Debug, Clone, Copy)]
pub struct SitePlaces<'a> {
    /// Any address of the site.
    pub site: Option<&'a SiteAddress>,
    /// The further origins, the page to sign in and the page to change the password.
    pub settings: &'a SiteSettings,
}

/// The origin of a page (HTML, "Origin"): scheme, host and port as browsers write them, `https://example.org`. Where secrets could be
/// read on their way there is none.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SiteOrigin(String);

impl SiteOrigin {
    /// Takes what a browser says.
    ///
    /// # Errors
    /// When it is written in another way, is of another scheme than `http` and `https`, or is plain HTTP to a public host.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        if text.len() > 300 || url.is_none_or(|url| url.origin().ascii_serialization() != text) {
            return Err(Invalid::new("origin", "is no origin: write https://login.example.com"));
        }
        if is_in_the_clear(text) {
            return Err(Invalid::new(
                "origin",
                "is plain HTTP to a public host, where secrets can be read on their way",
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// As browsers write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host alone; an IPv6 address stays in its brackets.
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        match rest.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            _ => rest,
        }
    }
}

impl SitePlaces<'_> {
    /// Whether what belongs to the site may be typed into a page of that origin: it is one of its own, to the letter.
    pub fn covers(&self, origin: &SiteOrigin) -> bool {
        self.origins().contains(origin.as_str())
    }

    fn addresses(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let settings = self.settings;
        (self.site.iter().map(|it| ("site.url", it.as_str())))
            .chain(settings.origins.iter().map(|it| ("origins", it.as_str())))
            .chain(settings.sign_in.iter().map(|it| ("sign_in", it.as_str())))
            .chain(settings.change.iter().map(|it| ("change", it.as_str())))
    }

    /// The origins of all of them, as `https://example.org`.
    pub fn origins(&self) -> BTreeSet<String> {
        let origin = |address: &str| Url::parse(address).ok().map(|url| url.origin().ascii_serialization());
        self.addresses().filter_map(|(_, address)| origin(address)).collect()
    }

    /// That secrets go nowhere in the clear.
    ///
    /// # Errors
    /// The first address to which they would.
    pub fn check_tls(&self) -> Result<(), NoTls> {
        match self.addresses().find(|(_, address)| is_in_the_clear(address)) {
            Some((_, address)) => Err(NoTls { address: address.to_owned() }),
            None => Ok(()),
        }
    }

    /// The same for what somebody writes now. What was there before may stay.
    ///
    /// # Errors
    /// Names the field.
    pub fn check_new(&self, before: &SitePlaces<'_>) -> Result<(), Invalid> {
        let known = |address: &str| before.addresses().any(|(_, it)| it == address);
        match self.addresses().find(|(_, address)| is_in_the_clear(address) && !known(address)) {
            Some((field, address)) => Err(Invalid::new(field, refused(address))),
            None => Ok(()),
        }
    }
}

impl SiteAddress {
    /// As an address of a new credential.
    ///
    /// # Errors
    /// When secrets would travel there in the clear.
    pub fn check_tls(&self) -> Result<(), Invalid> {
        if is_in_the_clear(self.as_str()) { Err(Invalid::new("site.url", refused(self.as_str()))) } else { Ok(()) }
    }
}

fn refused(address: &str) -> String {
    format!(
        "is plain HTTP to a public host ({address}), where secrets can be read on their way: use the https:// URL; http:// is \
         for this machine and private networks, by number or by a name such as intranet or nas.internal"
    )
}

/// Whether what is sent to this address could be read on its way through public networks.
pub fn is_in_the_clear(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    url.scheme() == "http"
        && match url.host() {
            Some(Host::Ipv4(address)) => is_public(address.into()),
            Some(Host::Ipv6(address)) => is_public(address.into()),
            Some(Host::Domain(name)) => !is_private_name(name),
            None => true,
        }
}

/// Whether a name belongs to this machine or a private network by what it is called: `localhost` (RFC 6761 §6.3), names
/// without a dot, and those under `local` (RFC 6762 §3), `home.arpa` (RFC 8375), `internal` and `test` (RFC 6761 §6.2). What
/// it resolves to is not looked at.
pub fn is_private_name(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let under = |suffix: &str| host.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.') && rest.len() > 1);
    !host.is_empty()
        && (!host.contains('.') || ["localhost", "local", "home.arpa", "internal", "test"].into_iter().any(under))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_in_one_way_and_covered_to_the_letter() {
        let site = SiteAddress::parse("https://example.org/login").unwrap();
        let settings = SiteSettings {
            origins: vec!["https://id.example.net:8443".into()],
            sign_in: Some(SiteAddress::parse("https://sso.example.org/in").unwrap()),
            ..SiteSettings::default()
        };
        let places = SitePlaces { site: Some(&site), settings: &settings };
        for (text, host, covered) in [
            ("https://example.org", "example.org", true),
            ("https://sso.example.org", "sso.example.org", true),
            ("https://id.example.net:8443", "id.example.net", true),
            ("https://id.example.net", "id.example.net", false),
            ("https://example.org:444", "example.org", false),
            ("https://www.example.org", "www.example.org", false),
            ("https://example.org.evil.example", "example.org.evil.example", false),
            ("http://localhost:8080", "localhost", false),
            ("http://[::1]:8080", "[::1]", false),
        ] {
            let origin = SiteOrigin::parse(text).unwrap();
            assert_eq!((origin.host(), places.covers(&origin)), (host, covered), "{text}");
        }
        for wrong in [
            "",
            "null",
            "example.org",
            "https://example.org/",
            "https://EXAMPLE.org",
            "https://example.org:443",
            "https://a@example.org",
            "http://example.org",
            "file:///",
            "chrome-extension://abc",
            "https://exämple.org",
        ] {
            assert!(SiteOrigin::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn plain_http_is_for_private_places() {
        for (address, clear) in [
            ("http://example.org/", true),
            ("https://example.org/", false),
            ("http://8.8.8.8/", true),
            ("http://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/", true),
            ("http://127.0.0.1:8080/", false),
            ("http://0x7f000001/", false),
            ("http://[::1]/", false),
            ("http://[::ffff:8.8.8.8]/", true),
            ("http://10.1.2.3/", false),
            ("http://192.168.1.1/login", false),
            ("http://localhost/", false),
            ("http://app.localhost:3000/", false),
            ("http://intranet/", false),
            ("http://printer.local/", false),
            ("http://NAS.Internal./", false),
            ("http://router.home.arpa/", false),
            ("http://internal.example.org/", true),
            ("http://evil-local/", false),
            ("http://evillocal.org/", true),
            ("http://local.org/", true),
        ] {
            assert_eq!(is_in_the_clear(address), clear, "{address}");
        }
    }

    #[test]
    fn what_was_stored_before_may_stay_and_is_not_used() {
        let site = |text| SiteAddress::parse(text).unwrap();
        let (old, new) = (site("http://old.example/"), site("http://new.example/"));
        let usual = SiteSettings::default();
        let before = SitePlaces { site: Some(&old), settings: &usual };
        assert!(before.check_new(&before).is_ok());
        let refused = before.check_tls().unwrap_err().to_string();
        assert!(refused.contains("no TLS") && refused.contains("http://old.example/"), "{refused}");
        assert_eq!(SitePlaces { site: Some(&new), settings: &usual }.check_new(&before).unwrap_err().field, "site.url");
        for (settings, field) in [
            (SiteSettings { origins: vec!["http://a.example".into()], ..SiteSettings::default() }, "origins"),
            (SiteSettings { sign_in: Some(site("http://a.example/")), ..SiteSettings::default() }, "sign_in"),
            (SiteSettings { change: Some(site("http://a.example/")), ..SiteSettings::default() }, "change"),
        ] {
            let places = SitePlaces { site: None, settings: &settings };
            assert_eq!(places.check_new(&before).unwrap_err().field, field);
            assert!(places.check_tls().is_err());
        }
    }

    #[test]
    fn origins_are_those_of_all_addresses() {
        let site = SiteAddress::parse("https://example.org/a").unwrap();
        let settings = SiteSettings {
            origins: vec!["https://login.example".into()],
            sign_in: Some(SiteAddress::parse("https://example.org/sign-in").unwrap()),
            change: Some(SiteAddress::parse("https://id.example:8443/x").unwrap()),
            ..SiteSettings::default()
        };
        let origins = SitePlaces { site: Some(&site), settings: &settings }.origins();
        assert_eq!(
            origins.into_iter().collect::<Vec<_>>(),
            ["https://example.org", "https://id.example:8443", "https://login.example"]
        );
    }
}
