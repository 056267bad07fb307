//! When a password is due by its policy.

use std::time::Duration;

use countersign_model::{ChangePolicy, ChangeTrigger, CredentialId, SiteSettings, Timestamp};

/// A person who saw a password has so long to use it.
const AFTER_REVEAL: Duration = Duration::from_secs(60 * 60);

/// When a password that was changed at `changed` is due by the policy.
pub(crate) fn due(settings: &SiteSettings, changed: Timestamp, spread: f64) -> Option<(Timestamp, ChangeTrigger)> {
    settings.policy.due(changed, spread).map(|at| (at, ChangeTrigger::Schedule))
}

/// A number from 0 to 1 that a credential keeps, and that differs between credentials.
pub(crate) fn spread(credential: CredentialId) -> f64 {
    let bytes = credential.uuid().into_bytes();
    // The last bytes of a UUID of version 7 are chance (RFC 9562 §5.7).
    f64::from(u16::from_be_bytes([bytes[14], bytes[15]])) / f64::from(u16::MAX)
}

/// When the password is to be changed because somebody saw it, where the policy says so and nothing is planned before.
pub(crate) fn after_reveal(
    policy: &ChangePolicy,
    planned: Option<(Timestamp, ChangeTrigger)>,
    credential: CredentialId,
    now: Timestamp,
) -> Option<(Timestamp, ChangeTrigger)> {
    let at = policy.after_reveal.then(|| policy.fit(now.plus(AFTER_REVEAL), spread(credential)))?;
    planned.is_none_or(|(planned, _)| planned > at).then_some((at, ChangeTrigger::AfterReveal))
}
