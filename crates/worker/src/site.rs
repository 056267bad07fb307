//! What is known of a credential's site before looking, and where its pages may connect to.

use std::{net::IpAddr, sync::Arc};

use countersign_browser::{AddressPolicy, Identity, is_own_address};
use countersign_model::is_public;
use countersign_recipe::SiteKnowledge;
use countersign_vault::Run;

use crate::Shared;

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

/// What is known of the site: the owner's settings first, then recipes.
pub(crate) fn knowledge(shared: &Shared, run: &Run) -> SiteKnowledge {
    let settings = &run.settings;
    let mut known = shared.options.recipes.knowledge(&run.site);
    known.origins.extend(settings.origins.iter().cloned());
    // A menu is often called after whoever is signed in.
    known.account = Some(run.username.clone()).filter(|name| !name.is_empty());
    if let Some(address) = &settings.sign_in {
        known.sign_in = Some(address.to_string());
    }
    if let Some(address) = &settings.change {
        known.change = Some(address.to_string());
    }
    // They were read when they were stored.
    if let Some(rules) = settings.rules.as_ref().and_then(|rules| rules.parse().ok()) {
        known.rules = Some(rules);
    }
    known
}

pub(crate) fn policy(shared: &Shared) -> Arc<dyn AddressPolicy> {
    let AllowPrivate(allowed) = shared.options.allow_private;
    Arc::new(move |host: &str, address: IpAddr, _: u16| if allowed { Ok(()) } else { refuse_private(host, address) })
}

/// The identity that the credential's browser had before, by the Chromium that runs now.
pub(crate) fn identity(user_agent: &str, kept: Option<&str>) -> Identity {
    let kept = kept.and_then(|text| serde_json::from_str::<Identity>(text).ok());
    let usual = Identity::new(user_agent.to_owned());
    kept.map_or(usual, |kept| Identity { user_agent: user_agent.to_owned(), ..kept })
}
