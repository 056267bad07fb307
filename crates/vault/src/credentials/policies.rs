//! When passwords are changed without anybody asking, for many credentials at once: what would change, and to change exactly that,
//! all of it or nothing.

use countersign_audit::{AuditAction, AuditEntry, ObjectKind};
use countersign_model::{Action, Actor, ChangePolicy, CredentialId, CredentialName, Invalid, SiteSettings, Timestamp};
use countersign_store::{
    automation::{self, AutomationRow},
    credentials::CredentialRow,
    engine::Select,
};

use crate::{
    Error, Object, Vault,
    credentials::many::{each_once, edited, of_one},
    vault::permit,
};

/// Which policy one of the credentials is to get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyEdit {
    /// The credential.
    pub id: CredentialId,
    /// What it has, as it was seen; a preview needs none.
    pub before: Option<ChangePolicy>,
    /// What it is to get.
    pub policy: ChangePolicy,
}

/// What becomes of one of the credentials. Where `before` is `after` and nothing is refused, it has the policy already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyChange {
    /// The credential.
    pub id: CredentialId,
    /// Its name; `None` where the actor knows of none.
    pub name: Option<CredentialName>,
    /// What it had; `None` where the actor knows of none.
    pub before: Option<ChangePolicy>,
    /// What it gets; `None` where it is refused.
    pub after: Option<ChangePolicy>,
    /// When its password is changed next without anybody asking.
    pub next_change: Option<Timestamp>,
    /// Why its policy cannot be changed.
    pub refused: Option<String>,
}

/// One of the credentials as it is, and as it is to be.
struct Planned {
    id: CredentialId,
    before: Option<(CredentialRow, AutomationRow)>,
    after: Result<AutomationRow, Error>,
}

impl Planned {
    fn changes(&self) -> bool {
        matches!((&self.before, &self.after), (Some((_, before)), Ok(after)) if before.settings != after.settings)
    }

    fn shown(&self) -> PolicyChange {
        let after = self.after.as_ref().ok();
        PolicyChange {
            id: self.id,
            name: self.before.as_ref().map(|(row, _)| row.name.clone()),
            before: self.before.as_ref().map(|(_, automation)| automation.settings.policy.clone()),
            after: after.map(|automation| automation.settings.policy.clone()),
            next_change: after.and_then(|automation| Some(automation.next_change?.0)),
            refused: self.after.as_ref().err().map(Error::to_string),
        }
    }
}

impl Vault {
    /// What would change by other policies. Nothing is changed.
    ///
    /// # Errors
    /// [`Error::Invalid`] for too many credentials or a policy that is none.
    pub async fn preview_policies(&self, actor: &Actor, edits: &[PolicyEdit]) -> Result<Vec<PolicyChange>, Error> {
        check(edits)?;
        let (mut reader, actor) = self.reader(actor).await?;
        let planned = self.plan_policies(&mut reader, &actor, edits).await?;
        Ok(planned.iter().map(Planned::shown).collect())
    }

    /// Gives credentials other policies: all of them, or none. Gives each as it is then.
    ///
    /// # Errors
    /// [`crate::Conflict::OneEdited`] where one has another policy than was seen; [`Error::Denied`], [`Error::NotFound`] where one may not be
    /// changed; [`Error::Invalid`] for too many credentials or a policy that is none.
    pub async fn edit_policies(&self, actor: &Actor, edits: &[PolicyEdit]) -> Result<Vec<PolicyChange>, Error> {
        check(edits)?;
        let (mut tx, actor) = self.writer(actor).await?;
        let ids: Vec<CredentialId> = edits.iter().map(|edit| edit.id).collect();
        self.hold_visible(&mut tx, &actor, &ids).await?;
        let planned = self.plan_policies(&mut tx, &actor, edits).await?;
        for (one, edit) in planned.iter().zip(edits) {
            let seen = edit.before.as_ref().ok_or_else(|| {
                Invalid::new("credentials", "are without the policy that was seen: take it from a preview")
            })?;
            if let Some((row, automation)) = &one.before
                && automation.settings.policy != *seen
            {
                return Err(edited(row));
            }
        }
        for one in &planned {
            let row = one.before.as_ref().map(|(row, _)| row);
            let after = one.after.as_ref().map_err(|error| of_one(error.clone(), row))?;
            if let Some((row, before)) = one.before.as_ref().filter(|_| one.changes()) {
                automation::put_settings(&mut tx, row.id, after).await?;
                let entry = self.entry(&actor, AuditAction::AutomationEdited);
                let entry = entry.on(ObjectKind::Credential, row.id.uuid(), row.name.as_str());
                tx.record(with_policy(entry, &before.settings.policy, &after.settings.policy));
            }
        }
        if planned.iter().any(Planned::changes) {
            tx.commit().await?;
        }
        Ok(planned.iter().map(Planned::shown).collect())
    }

    async fn plan_policies(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        edits: &[PolicyEdit],
    ) -> Result<Vec<Planned>, Error> {
        let ids: Vec<CredentialId> = edits.iter().map(|edit| edit.id).collect();
        let mut rows = self.visible_of_many(db, actor, &ids).await?;
        let mut planned = Vec::with_capacity(edits.len());
        for edit in edits {
            let Some(row) = rows.remove(&edit.id) else {
                let after = Err(Error::NotFound(Object::Credential));
                planned.push(Planned { id: edit.id, before: None, after });
                continue;
            };
            let known = automation::find(db, row.id).await?;
            let after = self.with_policy(actor, &row, &known, &edit.policy);
            planned.push(Planned { id: edit.id, before: Some((row, known)), after });
        }
        Ok(planned)
    }

    /// As it is to be, by the same rules as for one that is edited alone.
    fn with_policy(
        &self,
        actor: &Actor,
        row: &CredentialRow,
        known: &AutomationRow,
        policy: &ChangePolicy,
    ) -> Result<AutomationRow, Error> {
        permit(actor, Action::SetAutomation, &row.grants, &self.asked(actor))?;
        let asks = policy.every_days.is_some() || policy.after_reveal;
        if asks && row.site.is_none() {
            return Err(
                Invalid::new("site", "is missing: a password is changed at its site, so write one first").into()
            );
        }
        let settings = SiteSettings { policy: policy.clone(), ..known.settings.clone() };
        if settings == known.settings {
            return Ok(known.clone());
        }
        let next_change = self.next_change(row, known, &settings);
        Ok(AutomationRow { settings, next_change, ..known.clone() })
    }
}

/// What the policy was and is, where it is another.
pub(crate) fn with_policy(entry: AuditEntry, before: &ChangePolicy, after: &ChangePolicy) -> AuditEntry {
    if before == after {
        return entry;
    }
    let text = |policy: &ChangePolicy| serde_json::to_string(policy).unwrap_or_default();
    entry.with("policy", text(after)).with("former_policy", text(before))
}

fn check(edits: &[PolicyEdit]) -> Result<(), Invalid> {
    each_once(edits.iter().map(|edit| edit.id))?;
    let policy = |edit: &PolicyEdit| SiteSettings { policy: edit.policy.clone(), ..SiteSettings::default() };
    edits.iter().try_for_each(|edit| policy(edit).check())
}
