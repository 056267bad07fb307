//! Whether exports need the approval of a second administrator: who says so, and that nobody takes it back alone.

use std::collections::BTreeSet;

use countersign_audit::{AuditAction, AuditEntry, ObjectKind};
use countersign_model::{Action, Actor, ExportChoice, NoticeKind, Role, TooShort, UserId, is_recent};
use countersign_store::{engine::Select, people, services, vault as vault_row};

use crate::{ApprovalOf, Conflict, Error, Vault, unit::Unit, vault::permit_by_role};

/// So many people are looked at for who is an administrator.
const MAX_PEOPLE: u32 = 10_000;

/// Whether exports need the approval of a second administrator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportApprovalView {
    /// Whether they do.
    pub needed: bool,
    /// How many administrators are let in: it takes two.
    pub administrators: usize,
}

impl Vault {
    /// Whether exports need the approval of a second administrator.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub async fn export_approval(&self, actor: &Actor) -> Result<ExportApprovalView, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        permit_by_role(&actor, Action::ExportCredentials)?;
        export_approval_view(&mut reader).await
    }

    /// Has exports need the approval of a second administrator. That they do not any more is what another has to approve
    /// ([`Vault::request_export`]).
    ///
    /// # Errors
    /// [`Conflict::NoOtherAdministrator`]; [`Error::ApprovalNeeded`] when it is to be turned off; [`Error::Denied`],
    /// [`Error::TooShort`].
    pub async fn set_export_approval(&self, actor: &Actor, needed: bool) -> Result<ExportApprovalView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        if let Err(denied) = self.permit_export(&actor) {
            drop(tx);
            return Err(self.refuse_decision(&actor, "set whether exports need an approval", denied).await?);
        }
        let before = export_approval_view(&mut tx).await?;
        if before.needed == needed {
            return Ok(before);
        }
        if !needed {
            drop(tx);
            let refusal = Error::ApprovalNeeded(ApprovalOf::TurningOff);
            return Err(self.refuse_decision(&actor, "turn the approval of exports off alone", refusal).await?);
        }
        if others(&mut tx, actor.user).await?.is_empty() {
            return Err(Conflict::NoOtherAdministrator.into());
        }
        self.write_export_approval(&mut tx, &actor, true, None).await?;
        tx.commit().await?;
        self.wake_sender();
        Ok(ExportApprovalView { needed: true, ..before })
    }

    /// Writes, records and tells it. `entry` adds to the record.
    pub(super) async fn write_export_approval(
        &self,
        tx: &mut Unit,
        actor: &Actor,
        needed: bool,
        request: Option<&str>,
    ) -> Result<(), Error> {
        vault_row::ask_for_export_approval(tx, needed).await?;
        let kind = if needed { NoticeKind::ExportApprovalOn } else { NoticeKind::ExportApprovalOff };
        self.tell_administrators(tx, kind, "exports", Some(actor)).await?;
        let entry = self.exports_entry(actor, AuditAction::ExportApprovalSet).with("required", needed);
        tx.record(match request {
            Some(request) => entry.with("request", request.to_owned()),
            None => entry,
        });
        Ok(())
    }

    /// Who wants to decide something about exports and may not stands in the log. Who only has to sign in again does not.
    pub(super) async fn refuse_decision(&self, actor: &Actor, what: &str, denied: Error) -> Result<Error, Error> {
        if matches!(denied, Error::TooShort(TooShort::NotRecent)) {
            return Ok(denied);
        }
        let mut tx = self.unit().await?;
        let entry = self.exports_entry(actor, AuditAction::ExportDecisionRefused);
        tx.record(entry.with("decision", what.to_owned()).with("why", denied.to_string()));
        tx.commit().await?;
        Ok(denied)
    }

    /// The role, a token that was made for it, or a recent sign-in.
    pub(super) fn permit_export(&self, actor: &Actor) -> Result<(), Error> {
        permit_by_role(actor, Action::ExportCredentials)?;
        Ok(is_recent(actor.reach, self.now(), self.recent())?)
    }

    pub(super) fn exports_entry(&self, actor: &Actor, act: AuditAction) -> AuditEntry {
        self.entry(actor, act).on(ObjectKind::Vault, self.keys().vault().uuid(), "exports")
    }
}

async fn export_approval_view(db: &mut impl Select) -> Result<ExportApprovalView, Error> {
    Ok(ExportApprovalView { needed: is_needed(db).await?, administrators: administrators(db).await?.len() })
}

/// Whether exports need the approval of a second administrator.
pub(super) async fn is_needed(db: &mut impl Select) -> Result<bool, Error> {
    Ok(vault_row::find(db).await?.is_some_and(|vault| vault.export_approval))
}

/// The administrators who are let in.
pub(super) async fn administrators(db: &mut impl Select) -> Result<BTreeSet<UserId>, Error> {
    let programs = services::ids(db).await?;
    let all = people::all(db, MAX_PEOPLE).await?;
    let active = all.iter().filter(|person| person.role == Role::Administrator && !person.disabled);
    Ok(active.map(|person| person.id).filter(|id| !programs.contains(id)).collect())
}

/// The administrators who are let in, but one.
pub(super) async fn others(db: &mut impl Select, but: UserId) -> Result<BTreeSet<UserId>, Error> {
    let mut all = administrators(db).await?;
    all.remove(&but);
    Ok(all)
}

/// A record that says which credentials are chosen.
pub(super) fn choice_in(entry: AuditEntry, choice: &ExportChoice) -> AuditEntry {
    match choice {
        ExportChoice::All => entry.with("of", "all"),
        ExportChoice::Tagged(tag) => entry.with("tag", tag.as_str()),
        ExportChoice::Some(ids) => entry.with("asked", count_of(ids.len())),
    }
}

pub(super) fn count_of(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
