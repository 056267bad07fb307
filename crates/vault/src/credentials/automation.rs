//! How a credential's site is dealt with.

use countersign_audit::{AuditAction, ObjectKind};
use countersign_model::{Action, Actor, ChangeTrigger, Invalid, SiteAddress, SiteSettings, Timestamp};
use countersign_recipe::PasswordRules;
use countersign_store::{
    automation::{self, AutomationRow, Heartbeat},
    credentials::CredentialRow,
};

use crate::{
    CredentialRef, Error, Vault,
    changes::{due, spread},
    credentials::{edit::hold, places::places, policies::with_policy},
    vault::permit,
};

/// How a site is dealt with, and what was learnt there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutomationView {
    /// What the owner wishes.
    pub settings: SiteSettings,
    /// When the password is changed without anybody asking, and why.
    pub next_change: Option<(Timestamp, ChangeTrigger)>,
    /// When the site is looked at next.
    pub next_heartbeat_at: Option<Timestamp>,
    /// How the last look went.
    pub last_heartbeat: Option<HeartbeatView>,
    /// The site's clock less ours, in seconds, and when it was seen.
    pub clock: Option<(i64, Timestamp)>,
    /// Whether somebody has got as far as the form, so that it is known how its fields look.
    pub form_known: bool,
    /// What has moved at the site since, one line each.
    pub moved: Vec<String>,
    /// Whether what the browser remembers of the site is kept.
    pub remembered: bool,
    /// When its secrets were last pointed to an origin that no person has tried since.
    pub redirected_at: Option<Timestamp>,
}

/// How a look at the site went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeartbeatView {
    /// When.
    pub at: Timestamp,
    /// Whether one got in.
    pub passed: bool,
    /// One sentence.
    pub text: String,
}

impl From<AutomationRow> for AutomationView {
    fn from(row: AutomationRow) -> Self {
        let beat = |Heartbeat { at, passed, text }| HeartbeatView { at: Timestamp::from_micros(at), passed, text };
        Self {
            settings: row.settings,
            next_change: row.next_change,
            next_heartbeat_at: row.next_heartbeat_at,
            last_heartbeat: row.heartbeat.map(beat),
            clock: row.clock,
            form_known: row.fingerprints.is_some(),
            moved: row.moved,
            remembered: row.remembered,
            redirected_at: row.redirected_at,
        }
    }
}

impl Vault {
    /// What the owner wishes, and what was learnt at the site.
    pub async fn automation(&self, actor: &Actor, wanted: &CredentialRef) -> Result<AutomationView, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let credential = self.visible(&mut reader, &actor, wanted).await?;
        Ok(automation::find(&mut reader, credential.id).await?.into())
    }

    /// Says anew how the site is dealt with.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the field; [`Error::Denied`], [`Error::NotFound`]; [`Error::TooShort`] for another
    /// place or certificate after a sign-in that is not recent.
    pub async fn set_automation(
        &self,
        actor: &Actor,
        wanted: &CredentialRef,
        settings: SiteSettings,
    ) -> Result<AutomationView, Error> {
        settings.check()?;
        if let Some(rules) = &settings.rules {
            rules
                .parse::<PasswordRules>()
                .map_err(|error| Invalid::new("rules", format!("cannot be read: {error}")))?;
        }
        let (mut tx, actor) = self.writer(actor).await?;
        let credential = self.visible(&mut tx, &actor, wanted).await?;
        permit(&actor, Action::SetAutomation, &credential.grants, &self.asked(&actor))?;
        hold(&mut tx, credential.id).await?;
        let mut row = automation::find(&mut tx, credential.id).await?;
        if settings.certificate != row.settings.certificate {
            certificate_has_its_site(&settings, credential.site.as_ref())?;
        }
        row.next_change = self.next_change(&credential, &row, &settings);
        row.next_heartbeat_at = match (settings.heartbeat, row.next_heartbeat_at) {
            (false, _) => None,
            (true, Some(at)) => Some(at),
            (true, None) => Some(self.now()),
        };
        let known = row.clone();
        row.settings = settings;
        let entry = self.entry(&actor, AuditAction::AutomationEdited);
        let entry = entry.on(ObjectKind::Credential, credential.id.uuid(), credential.name.as_str());
        let site = credential.site.as_ref();
        let entry = self.redirect(&actor, (&credential, &places(site, &known)), (site, &mut row), entry)?;
        automation::put_settings(&mut tx, credential.id, &row).await?;
        tx.record(with_policy(entry, &known.settings.policy, &row.settings.policy));
        tx.commit().await?;
        Ok(row.into())
    }

    /// When the password is to be changed without anybody asking, and why, if these are the settings.
    pub(crate) fn next_change(
        &self,
        credential: &CredentialRow,
        known: &AutomationRow,
        settings: &SiteSettings,
    ) -> Option<(Timestamp, ChangeTrigger)> {
        let changed = credential.password_changed_at.unwrap_or(credential.created_at);
        let spread = spread(credential.id);
        match known.next_change {
            // What a reveal has caused stays, if reveals still count.
            Some(planned) if planned.1 == ChangeTrigger::AfterReveal && settings.policy.after_reveal => Some(planned),
            Some(planned) if planned.1 == ChangeTrigger::AfterCheckOut => Some(planned),
            // What is overdue waits for the window too.
            _ => due(settings, changed, spread)
                .map(|(at, because)| (settings.policy.fit(at.max(self.now()), spread), because)),
        }
    }
}

/// A certificate is trusted at the site's own origin, which has to be one that shows any.
fn certificate_has_its_site(settings: &SiteSettings, site: Option<&SiteAddress>) -> Result<(), Invalid> {
    if settings.certificate.is_none() || site.is_some_and(|site| site.as_str().starts_with("https://")) {
        return Ok(());
    }
    let problem =
        "is trusted at the credential's own site alone, and that is no https URL: write one into the credential first";
    Err(Invalid::new("certificate", problem))
}
