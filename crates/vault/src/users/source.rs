//! From where somebody comes.

use std::net::IpAddr;

use countersign_audit::AuditEntry;
use countersign_identity::Bearer;
use countersign_model::Actor;

/// From where somebody signs in.
#[derive(Clone, Copy, Default)]
pub struct Source<'a> {
    /// What their browser says it is.
    pub agent: &'a str,
    /// Their network address, for the records.
    pub address: Option<IpAddr>,
    /// What their browser kept from an earlier sign-in ([`SignedIn::known_browser`](crate::SignedIn)).
    pub known_browser: Option<&'a Bearer>,
    /// The session that their browser has now, and that the new one ends.
    pub replaces: Option<&'a Bearer>,
}

impl<'a> Source<'a> {
    /// A browser of which nothing else is known.
    pub fn agent(agent: &'a str) -> Self {
        Self { agent, ..Self::default() }
    }
}

/// Adds the address from which something came, where it is known.
/// From where somebody asks, and what they say it is for.
pub(crate) fn asked_by(entry: AuditEntry, actor: &Actor) -> AuditEntry {
    let entry = from_address(entry, actor.address).because(actor.purpose.reason.as_ref());
    let entry = match &actor.purpose.ticket {
        Some(ticket) => entry.with("ticket", ticket.as_str()),
        None => entry,
    };
    match &actor.purpose.fills_at {
        Some(origin) => entry.with("origin", origin.as_str()),
        None => entry,
    }
}

pub(crate) fn from_address(entry: AuditEntry, address: Option<IpAddr>) -> AuditEntry {
    match address {
        Some(address) => entry.with("address", address.to_canonical().to_string()),
        None => entry,
    }
}
