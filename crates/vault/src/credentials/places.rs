//! Where a credential's secrets may be typed: what an edit of it needs, leaves behind and holds up.

use countersign_audit::AuditEntry;
use countersign_model::{
    Actor, CertificateFingerprint, ChangeKind, ChangeReason, ChangeTrigger, Reach, SiteAddress, SitePlaces, TooShort,
    is_recent,
};
use countersign_store::{
    automation::{self, AutomationRow},
    changes::ChangeRow,
    credentials::CredentialRow,
    engine::Transaction,
};

use crate::{Error, Vault, changes::after_reveal};

/// Where secrets went before an edit, or go after it.
pub(crate) fn places<'a>(site: Option<&'a SiteAddress>, automation: &'a AutomationRow) -> SitePlaces<'a> {
    SitePlaces { site, settings: &automation.settings }
}

/// Why nothing may be typed at the site for this change now, if so. What people ask for is a try; what was asked for before
/// an edit pointed elsewhere is none, and what asks for itself never is.
pub(crate) fn holds_up(
    row: &ChangeRow,
    site: Option<&SiteAddress>,
    automation: &AutomationRow,
) -> Option<ChangeReason> {
    if places(site, automation).check_tls().is_err() {
        return Some(ChangeReason::NoTls);
    }
    let redirected = automation.redirected_at?;
    let is_try = row.because == ChangeTrigger::Person && row.kind != ChangeKind::Heartbeat;
    (!is_try || row.created_at < redirected).then_some(ChangeReason::NotRehearsed)
}

impl Vault {
    /// An edit of where secrets go: nobody may point them to where they can be read, it needs a recent sign-in, or an API
    /// token that manages, its record says what was and what is, and a new origin or certificate counts as if the password had been seen. Does
    /// nothing when nothing of it has moved. `automation` is written by the caller.
    pub(crate) fn redirect(
        &self,
        actor: &Actor,
        before: (&CredentialRow, &SitePlaces<'_>),
        after: (Option<&SiteAddress>, &mut AutomationRow),
        entry: AuditEntry,
    ) -> Result<AuditEntry, Error> {
        let ((credential, before), (site, automation)) = (before, after);
        let after = SitePlaces { site, settings: &automation.settings };
        after.check_new(before)?;
        let (entry, moved) = differences(entry, before, &after);
        if !moved {
            return Ok(entry);
        }
        if actor.reach == (Reach::Token { admin: false }) {
            return Err(TooShort::Scope.into());
        }
        is_recent(actor.reach, self.now(), self.recent())?;
        // A page of a known origin, fewer origins, or a certificate less, tell nobody anything.
        let trusts = after.settings.certificate.filter(|trusted| before.settings.certificate != Some(*trusted));
        if after.origins().is_subset(&before.origins()) && trusts.is_none() {
            return Ok(entry);
        }
        // By the policy as it was: who points elsewhere does not say in the same breath that it does not matter.
        let next = after_reveal(&before.settings.policy, automation.next_change, credential.id, self.now());
        if let Some(next) = next.filter(|_| credential.has_password) {
            automation.next_change = Some(next);
        }
        automation.redirected_at = Some(self.now());
        Ok(entry.with("disclosure", true))
    }

    /// A person has seen their change, rehearsal or sign-in go well: from now on the policy may go there too.
    pub(crate) async fn rehearsed(&self, tx: &mut Transaction, row: &ChangeRow) -> Result<(), Error> {
        let mut known = automation::find(tx, row.credential).await?;
        let is_try = row.because == ChangeTrigger::Person && row.kind != ChangeKind::Heartbeat;
        if is_try && known.redirected_at.is_some_and(|at| at <= row.created_at) {
            known.redirected_at = None;
            automation::put_settings(tx, row.credential, &known).await?;
        }
        Ok(())
    }
}

/// Writes into the record what was and what is, and says whether anything differs.
fn differences(entry: AuditEntry, before: &SitePlaces<'_>, after: &SitePlaces<'_>) -> (AuditEntry, bool) {
    let text = |address: Option<&SiteAddress>| address.map(SiteAddress::to_string).unwrap_or_default();
    let mut entry = entry;
    let mut moved = false;
    for (was, is, name, former) in [
        (before.site, after.site, "site", "former_site"),
        (before.settings.sign_in.as_ref(), after.settings.sign_in.as_ref(), "sign_in", "former_sign_in"),
        (before.settings.change.as_ref(), after.settings.change.as_ref(), "change_page", "former_change_page"),
    ] {
        if was != is {
            moved = true;
            entry = entry.with(former, text(was)).with(name, text(is));
        }
    }
    if before.settings.origins != after.settings.origins {
        moved = true;
        let (was, is) = (before.settings.origins.clone(), after.settings.origins.clone());
        entry = entry.with("former_origins", was).with("origins", is);
    }
    let (was, is) = (before.settings.certificate, after.settings.certificate);
    if was != is {
        moved = true;
        let text = |it: Option<CertificateFingerprint>| it.map(|it| it.to_string()).unwrap_or_default();
        entry = entry.with("former_certificate", text(was)).with("certificate", text(is));
    }
    (entry, moved)
}
