use countersign_model::{ADDRESS_REFUSED, ExtraField};
use countersign_snapshot::PageSnapshot;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::PasswordRules;

/// What is known of a site before looking: from the credential, a recipe, or an earlier success.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SiteKnowledge {
    /// Any address of it; the way begins there.
    pub address: String,
    /// The account's name there, where it is known: the menu of an account is often called after it.
    pub account: Option<String>,
    /// What the site calls its owner, as it was read on pages for somebody who is signed in: "Mara Lind".
    pub display_names: Vec<String>,
    /// Origins that secrets may be typed into besides the address's own, as `https://example.org`.
    pub origins: Vec<String>,
    /// The sign-in page, where it is known.
    pub sign_in: Option<String>,
    /// The page to change the password, where it is known.
    pub change: Option<String>,
    /// Where the sign-in page and the page to change the password were found the last time. Either may be stale: it is tried
    /// first, and what cannot be used there is looked for as if nothing were known. What is known for sure goes before it.
    pub learnt: LearntPages,
    /// What the sign-in form asks beside name and secrets, and what to write there.
    pub extra_fields: Vec<ExtraField>,
    /// What the site asks of passwords.
    pub rules: Option<PasswordRules>,
    /// What it said of passwords when it refused one.
    pub rules_learnt: Option<PasswordRules>,
    /// Fields that cannot be recognised otherwise.
    pub hints: Vec<FieldHint>,
}

/// Addresses that a walk has found by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LearntPages {
    /// The page that asks for the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<String>,
    /// The page that asks for a new password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// The page whose form for a token does not send itself once it is filled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

/// Says what a field is for, by its attributes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldHint {
    /// What it is for.
    pub role: crate::FieldRole,
    /// Its `name` attribute.
    pub html_name: Option<String>,
    /// Its `id` attribute.
    pub html_id: Option<String>,
}

impl SiteKnowledge {
    /// Knows nothing but an address.
    pub fn at(address: &str) -> Self {
        Self { address: address.to_owned(), ..Self::default() }
    }

    /// What the account may be called on a page.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.account.iter().chain(&self.display_names).map(String::as_str)
    }

    /// Whether secrets of this site may be typed into a document of `origin`: the address's own origin, one that was
    /// named, or, over TLS, another host under the same registrable domain. Hosts that are numbers have no relatives.
    pub fn allows(&self, origin: &str) -> bool {
        let Ok(there) = Url::parse(origin) else { return false };
        let there_is = there.origin().ascii_serialization();
        if there_is == "null" {
            return false;
        }
        let own = Url::parse(&self.address).ok();
        let named = self.origins.iter().filter_map(|one| Url::parse(one).ok());
        if own.iter().chain(named.collect::<Vec<_>>().iter()).any(|one| one.origin().ascii_serialization() == there_is)
        {
            return true;
        }
        own.is_some_and(|own| related(&own, &there))
    }

    /// The origin of the page itself, where it does not belong to the site: one that was reached, or one that pages may not
    /// even connect to.
    pub fn left_for(&self, snapshot: &PageSnapshot) -> Option<String> {
        let main = snapshot.main()?;
        let origin = match (main.unreachable, main.load_error.as_str()) {
            (false, _) => main.origin.clone(),
            (true, ADDRESS_REFUSED) => Url::parse(&main.address).ok()?.origin().ascii_serialization(),
            (true, _) => return None,
        };
        (origin != "null" && !self.allows(&origin)).then_some(origin)
    }

    /// What to write into a line that is neither name nor secret, by the name of its element, else by its label: the place
    /// among the extra fields.
    pub(crate) fn extra_for(&self, html_name: &str, label: &str) -> Option<u16> {
        let named = |one: &ExtraField| !one.html_name.is_empty() && one.html_name == html_name;
        let labelled = |one: &ExtraField| {
            (one.html_name.is_empty() || html_name.is_empty())
                && !one.label.is_empty()
                && one.label.trim().eq_ignore_ascii_case(label.trim())
        };
        let place = self.extra_fields.iter().position(named).or_else(|| self.extra_fields.iter().position(labelled))?;
        u16::try_from(place).ok()
    }
}

/// Both under one registrable domain, on the usual port, and `there` over TLS.
fn related(own: &Url, there: &Url) -> bool {
    let domain = |url: &Url| match url.domain() {
        Some(host) if url.port().is_none() => psl::domain_str(host).map(str::to_owned),
        _ => None,
    };
    there.scheme() == "https" && domain(own).is_some_and(|own| domain(there) == Some(own))
}

#[cfg(test)]
mod tests {
    use countersign_snapshot::Frame;

    use super::*;

    #[test]
    fn a_page_that_was_refused_has_left_the_site() {
        let site = SiteKnowledge::at("https://example.org/");
        let page = |origin: &str, address: &str, error: &str| {
            let frame = Frame {
                origin: origin.into(),
                address: address.into(),
                unreachable: !error.is_empty(),
                load_error: error.into(),
                ..Frame::default()
            };
            PageSnapshot { frames: vec![frame], ..PageSnapshot::default() }
        };
        for (origin, address, error, left_for) in [
            ("https://example.org", "https://example.org/in", "", None),
            ("https://other.example", "https://other.example/", "", Some("https://other.example")),
            ("null", "about:blank", "", None),
            ("null", "https://example.org:8443/in", ADDRESS_REFUSED, Some("https://example.org:8443")),
            ("null", "https://example.org/in", ADDRESS_REFUSED, None),
            ("null", "https://other.example/", "ERR_NAME_NOT_RESOLVED", None),
        ] {
            assert_eq!(site.left_for(&page(origin, address, error)).as_deref(), left_for, "{origin} {address} {error}");
        }
    }

    #[test]
    fn secrets_stay_with_the_site() {
        let site = SiteKnowledge {
            origins: vec!["https://login.partner.example".into()],
            ..SiteKnowledge::at("https://www.example.co.uk/home")
        };
        for (origin, allowed) in [
            ("https://www.example.co.uk", true),
            ("https://accounts.example.co.uk", true),
            ("https://example.co.uk", true),
            ("https://login.partner.example", true),
            ("https://other.partner.example", false),
            ("http://accounts.example.co.uk", false),
            ("https://accounts.example.co.uk:8443", false),
            ("https://other.co.uk", false),
            ("https://example.co.uk.evil.example", false),
            ("null", false),
            ("", false),
        ] {
            assert_eq!(site.allows(origin), allowed, "{origin}");
        }
        let local = SiteKnowledge::at("http://127.0.0.1:7118/");
        assert!(local.allows("http://127.0.0.1:7118") && !local.allows("http://127.0.0.1:7119"));
        assert!(!local.allows("http://localhost:7118"));
        let shared = SiteKnowledge::at("https://alice.github.io");
        assert!(!shared.allows("https://mallory.github.io"), "a public suffix is nobody's domain");
    }
}
