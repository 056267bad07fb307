//! What is known of a credential's site before looking, and where its pages may connect to.

use std::{collections::BTreeSet, net::IpAddr, sync::Arc};

use countersign_browser::{AddressPolicy, BrowserIdentity, PinnedSite, is_own_address};
use countersign_model::{is_in_the_clear, is_metadata, is_private_name, is_public};
use countersign_recipe::{RecipeBook, SiteKnowledge};
use countersign_vault::ChangeRun;
use url::Url;

use crate::{AllowedNetwork, learn, pages};

const HTTP: u16 = 80;
const HTTPS: u16 = 443;

/// Whether sites may live on private and loopback addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllowPrivate(pub bool);

/// Refuses what is not a public address (RFC 6890 and its IPv6 counterparts), and this machine itself under whatever address
/// it has. The address is the one that is then connected to, so a name that changes its mind gains nothing.
///
/// # Errors
/// Says why, and what an operator can do.
pub fn refuse_private(host: &str, address: IpAddr) -> Result<(), String> {
    let what = match (is_public(address), is_own_address(address)) {
        (true, false) => return Ok(()),
        (true, true) => "this machine",
        (false, _) => "no public address",
    };
    Err(format!(
        "{host} is at {address}, which is {what}; where that is meant, allow it with COUNTERSIGN_ALLOW_PRIVATE=1"
    ))
}

/// Refuses where machines find their own credentials, whatever else is allowed.
fn refuse_metadata(host: &str, address: IpAddr) -> Result<(), String> {
    if is_metadata(address) {
        return Err(format!("{host} is at {address}, where machines find their own credentials: no page may go there"));
    }
    Ok(())
}

/// Refuses public addresses under names that count as private, for which plain HTTP is allowed: they are not what they are
/// called, and what is sent there can be read on its way. Whether TLS is spoken shows in the port alone.
fn refuse_stray(host: &str, address: IpAddr, port: u16) -> Result<(), String> {
    let is_a_name = host.parse::<IpAddr>().is_err();
    if is_a_name && port != HTTPS && is_private_name(host) && is_public(address) {
        return Err(format!(
            "{host} is a private name and is at {address}, which is a public address: nothing is sent there but to port \
             {HTTPS}, under TLS"
        ));
    }
    Ok(())
}

/// The ports that the pages of a site may connect to, on whatever host: those of the web, and those of the addresses that
/// somebody has written down for the site.
#[derive(Debug, PartialEq, Eq)]
struct Ports(BTreeSet<u16>);

impl Ports {
    fn of(site: &SiteKnowledge) -> Self {
        let named = [&site.address].into_iter().chain(&site.origins).chain(&site.sign_in).chain(&site.change);
        let named = named.filter_map(|address| Url::parse(address).ok()?.port_or_known_default());
        Self([HTTP, HTTPS].into_iter().chain(named).collect())
    }

    fn check(&self, host: &str, port: u16) -> Result<(), String> {
        if self.0.contains(&port) {
            return Ok(());
        }
        Err(format!(
            "{host} was to be reached on port {port}, and pages reach ports {HTTP} and {HTTPS} and those that the site's URLs \
             name; if the site needs it, add that URL to the credential's origins"
        ))
    }
}

/// What is known of the site: the owner's settings first, then recipes.
pub(crate) fn knowledge(recipes: &RecipeBook, run: &ChangeRun) -> SiteKnowledge {
    let settings = &run.settings;
    let mut known = recipes.knowledge(&run.site);
    // A recipe has no secret sent where it can be read on its way. What the owner has set was looked at before the run began.
    known.origins.retain(|origin| !is_in_the_clear(origin));
    known.sign_in = known.sign_in.filter(|address| !is_in_the_clear(address));
    known.change = known.change.filter(|address| !is_in_the_clear(address));
    known.origins.extend(settings.origins.iter().cloned());
    // A menu is often called after whoever is signed in.
    known.extra_fields.clone_from(&settings.extra_fields);
    known.account = Some(run.username.clone()).filter(|name| !name.is_empty());
    if let Some(address) = &settings.sign_in {
        known.sign_in = Some(address.to_string());
    }
    if let Some(address) = &settings.change {
        known.change = Some(address.to_string());
    }
    known.learnt = pages::read(run.pages.as_deref(), &known);
    known.rules_learnt = learn::rules(run.fingerprints.as_deref());
    // They were read when they were stored.
    if let Some(rules) = settings.rules.as_ref().and_then(|rules| rules.parse().ok()) {
        known.rules = Some(rules);
    }
    known
}

/// The site's own origin, where its owner trusts one certificate there. Its other origins have to show what browsers trust.
pub(crate) fn pinned(run: &ChangeRun) -> Option<PinnedSite> {
    PinnedSite::of(&run.site, run.settings.certificate?)
}

/// Where the pages of this site may connect to.
pub(crate) fn policy(
    AllowPrivate(allowed): AllowPrivate,
    networks: Arc<[AllowedNetwork]>,
    site: &SiteKnowledge,
) -> Arc<dyn AddressPolicy> {
    let ports = Ports::of(site);
    Arc::new(move |host: &str, address: IpAddr, port: u16| {
        refuse_metadata(host, address)?;
        ports.check(host, port)?;
        refuse_stray(host, address, port)?;
        if allowed || networks.iter().any(|network| network.contains(address)) {
            return Ok(());
        }
        refuse_private(host, address)
    })
}

/// The identity that the credential's browser had before, by the Chromium that runs now.
pub(crate) fn identity(user_agent: &str, kept: Option<&str>) -> BrowserIdentity {
    let kept = kept.and_then(|text| serde_json::from_str::<BrowserIdentity>(text).ok());
    let usual = BrowserIdentity::new(user_agent.to_owned());
    kept.map_or(usual, |kept| BrowserIdentity { user_agent: user_agent.to_owned(), ..kept })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_names_lead_to_private_addresses() {
        let public_six = "2606:2800:21f:cb07:6820:80da:af6b:8b2c";
        for (host, address, port, refused) in [
            ("intranet", "10.0.0.1", 80, false),
            ("intranet", "93.184.215.14", 80, true),
            ("intranet", "::ffff:93.184.215.14", 80, true),
            ("nas.internal", public_six, 8080, true),
            ("nas.internal.", "93.184.215.14", 8443, true),
            ("nas.internal", "93.184.215.14", 443, false),
            ("localhost", "127.0.0.1", 7118, false),
            ("example.org", "93.184.215.14", 80, false),
            ("93.184.215.14", "93.184.215.14", 80, false),
            (public_six, public_six, 80, false),
        ] {
            let outcome = refuse_stray(host, address.parse().unwrap(), port);
            assert_eq!(outcome.is_err(), refused, "{host} {address} {port}: {outcome:?}");
        }
    }

    #[test]
    fn pages_reach_the_ports_of_the_web_and_those_that_the_site_names() {
        let bare = SiteKnowledge::at("https://example.org/");
        let named = SiteKnowledge {
            origins: vec!["https://login.example:9443".into(), "no address".into()],
            sign_in: Some("https://example.org:8444/in".into()),
            change: Some("https://example.org:8445/password".into()),
            ..SiteKnowledge::at("https://example.org:8443/")
        };
        for (site, port, refused) in [
            (&bare, 80, false),
            (&bare, 443, false),
            (&bare, 22, true),
            (&bare, 8443, true),
            (&named, 80, false),
            (&named, 443, false),
            (&named, 8443, false),
            (&named, 8444, false),
            (&named, 8445, false),
            (&named, 9443, false),
            (&named, 9444, true),
        ] {
            let outcome = Ports::of(site).check("example.org", port);
            assert_eq!(outcome.is_err(), refused, "{} {port}", site.address);
            assert!(outcome.err().is_none_or(|why| why.contains(&port.to_string()) && why.contains("origins")));
        }
    }

    #[test]
    fn metadata_addresses_are_never_reachable() {
        for (address, refused) in [
            ("169.254.169.254", true),
            ("169.254.170.2", true),
            ("::ffff:169.254.169.254", true),
            ("64:ff9b::a9fe:a9fe", true),
            ("fe80::1", true),
            ("fd00:ec2::254", true),
            ("100.100.100.200", true),
            ("168.63.129.16", true),
            ("127.0.0.1", false),
            ("10.0.0.1", false),
            ("fd00::1", false),
            ("93.184.215.14", false),
        ] {
            assert_eq!(refuse_metadata("host", address.parse().unwrap()).is_err(), refused, "{address}");
        }
    }
}
