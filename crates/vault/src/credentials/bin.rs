//! The bin: credentials that were removed and can be restored for [`BIN_KEPT`]. Who may remove may restore; while one is in the
//! bin, nothing of it can be used, and nobody but those learns that it is there.

use std::time::Duration;

use countersign_audit::{ActorRef, AuditAction, AuditEntry, ObjectKind};
use countersign_model::{
    Action, Actor, ChangeTrigger, CredentialId, CredentialName, Paged, Paging, SecondFactor, SiteAddress, Tag,
    Timestamp, Username,
};
use countersign_store::{
    automation::{self, AutomationRow},
    check_outs,
    credentials::{
        self, CredentialRow,
        removed::{self, Removal, RemovedRow, RemovedSite},
    },
    engine::{self, Transaction},
    phones, secrets, vault as vault_row,
};

use crate::{
    CredentialRef, CredentialView, Error, Object, Vault,
    credentials::create::{name_taken, same_seed},
    cursor,
    vault::permit_by_role,
};

/// How long a removed credential can be restored.
pub const BIN_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// So many are deleted in one transaction when their time is over.
const AT_ONCE: u32 = 100;

/// A credential in the bin. No secret is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedView {
    /// Its id, which it keeps.
    pub id: CredentialId,
    /// What it was called.
    pub name: CredentialName,
    /// The account's name.
    pub username: Username,
    /// Where it signed in.
    pub site: Option<SiteAddress>,
    /// The words that grouped it.
    pub tags: Vec<Tag>,
    /// Whether it has a password.
    pub has_password: bool,
    /// What kind of codes its seed gives.
    pub second_factor: Option<SecondFactor>,
    /// When it was removed.
    pub removed_at: Timestamp,
    /// By whom, as the log names them.
    pub removed_by: String,
    /// When it is deleted with its secrets.
    pub deleted_at: Timestamp,
}

impl From<RemovedRow> for RemovedView {
    fn from(row: RemovedRow) -> Self {
        let RemovedRow { credential, removed_at, removed_by, deleted_at, .. } = row;
        let CredentialRow { id, name, username, site, tags, has_password, second_factor, .. } = credential;
        Self { id, name, username, site, tags, has_password, second_factor, removed_at, removed_by, deleted_at }
    }
}

impl Vault {
    /// The credentials in the bin, the last removed first.
    ///
    /// # Errors
    /// [`Error::Denied`] for those who may not remove credentials; [`Error::Invalid`] for a cursor of another list.
    pub async fn removed_credentials(&self, actor: &Actor, paging: &Paging) -> Result<Paged<RemovedView>, Error> {
        let before = paging.cursor().map(cursor::parse::<CredentialId>).transpose()?;
        let (mut reader, actor) = self.reader(actor).await?;
        permit_by_role(&actor, Action::RemoveCredential)?;
        let rows = removed::list(&mut reader, before, paging.rows()).await?;
        let page = paging.page(rows, |row| cursor::write(row.removed_at, row.credential.id));
        let total = removed::count(&mut reader).await?;
        Ok(Paged { total: u64::try_from(total).ok(), ..page.map(RemovedView::from) })
    }

    /// Puts a removed credential back, under its name or another: with its secrets, its site's settings, and what was granted on
    /// it alone to those who are still there. Its changes, requests and check-outs stay in the log alone. Gives what a person
    /// should know beside it.
    ///
    /// # Errors
    /// [`Conflict::NameTaken`](crate::Conflict::NameTaken); [`Error::Denied`]; [`Error::NotFound`] also when its time is over.
    pub async fn restore_credential(
        &self,
        actor: &Actor,
        id: CredentialId,
        name: Option<CredentialName>,
    ) -> Result<(CredentialView, Vec<String>), Error> {
        let (mut tx, who) = self.writer(actor).await?;
        permit_by_role(&who, Action::RemoveCredential)?;
        // In their turn: of two who restore or delete it at once, one finds it.
        removed::hold(&mut tx, id).await?;
        let found = removed::find(&mut tx, id).await?.filter(|row| row.deleted_at > self.now());
        let RemovedRow { credential, seed, site, .. } = found.ok_or(Error::NotFound(Object::RemovedCredential))?;
        let former = credential.name.clone();
        let now = self.now();
        let row = CredentialRow {
            name: name.unwrap_or(credential.name),
            // Whoever has it open from before has to look at it again.
            revision: credential.revision + 1,
            updated_at: now,
            ..credential
        };
        if credentials::insert(&mut tx, std::slice::from_ref(&row)).await?.is_empty() {
            return Err(name_taken(&row));
        }
        let mut warnings = Vec::new();
        if let Some(seed) = seed {
            let same = secrets::same_seed(&mut tx, &seed.print).await?;
            warnings.extend(same.map(|(_, name)| same_seed(&name)));
            secrets::insert_seeds(&mut tx, vec![seed]).await?;
        }
        if let Some(RemovedSite { settings, redirected_at, owed }) = site {
            let mut automation = AutomationRow { redirected_at, next_change: owed, ..AutomationRow::default() };
            automation.next_change = self.next_change(&row, &automation, &settings);
            automation.next_heartbeat_at = settings.heartbeat.then_some(now);
            automation.settings = settings;
            automation::put_settings(&mut tx, id, &automation).await?;
        }
        let grants = removed::give_back(&mut tx, id).await?;
        if !removed::delete(&mut tx, id).await? {
            return Err(Error::NotFound(Object::RemovedCredential));
        }
        warnings.extend(access_is_back(grants));
        vault_row::bump(&mut tx).await?;
        let entry = self.entry(&who, AuditAction::CredentialRestored);
        let entry = entry.on(ObjectKind::Credential, id.uuid(), row.name.as_str());
        let entry = entry.with("grants", i64::try_from(grants).unwrap_or(i64::MAX));
        tx.record(if former == row.name { entry } else { entry.with("former_name", former.as_str()) });
        tx.commit().await?;
        Ok((self.credential(actor, &CredentialRef::Id(id)).await?, warnings))
    }

    /// Deletes a removed credential with all its secrets, before its time.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::NotFound`].
    pub async fn delete_removed_credential(&self, actor: &Actor, id: CredentialId) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        permit_by_role(&actor, Action::RemoveCredential)?;
        let gone = || Error::NotFound(Object::RemovedCredential);
        removed::hold(&mut tx, id).await?;
        let name = removed::name(&mut tx, id).await?.ok_or_else(gone)?;
        phones::delete(&mut tx, id).await?;
        if !removed::delete(&mut tx, id).await? {
            return Err(gone());
        }
        let entry = self.entry(&actor, AuditAction::CredentialDeleted);
        tx.record(entry.on(ObjectKind::Credential, id.uuid(), name));
        tx.commit().await.map(drop)
    }

    /// Keeps a credential that the same transaction removes. Gives when it is deleted, and what is not kept of it because somebody
    /// has changed it in the database: whoever removes it gets rid of that, too.
    pub(crate) async fn put_in_bin(
        &self,
        tx: &mut Transaction,
        actor: &Actor,
        row: &CredentialRow,
    ) -> Result<(Timestamp, Vec<String>), Error> {
        let mut not_kept = Vec::new();
        let known = match automation::find(tx, row.id).await {
            Err(engine::Error::Tampered { .. }) => {
                not_kept.push("site settings".to_owned());
                AutomationRow::default()
            }
            known => known?,
        };
        let now = self.now();
        // Whoever has it checked out knows its password.
        let held = check_outs::find(tx, row.id).await?.and_then(|it| it.holder(now).cloned());
        let after_check_out = held.filter(|held| held.rule.change_after).map(|_| (now, ChangeTrigger::AfterCheckOut));
        let by_use = |(_, because): &(Timestamp, ChangeTrigger)| {
            matches!(because, ChangeTrigger::AfterReveal | ChangeTrigger::AfterCheckOut)
        };
        let known = AutomationRow { next_change: after_check_out.or(known.next_change.filter(by_use)), ..known };
        let said = (known != AutomationRow::default()).then_some(&known);
        let (at, deleted_at) = (now, now.plus(BIN_KEPT));
        if !removed::keep(tx, row, said, &Removal { at, by: &actor.name, deleted_at }).await? {
            not_kept.push("setup key".to_owned());
        }
        Ok((deleted_at, not_kept))
    }

    /// Deletes what has been in the bin for its time.
    pub(crate) async fn tidy_bin(&self) -> Result<(), Error> {
        loop {
            let mut tx = self.unit().await?;
            let over = removed::over(&mut tx, self.now(), AT_ONCE).await?;
            if over.is_empty() {
                return Ok(());
            }
            for (id, name) in over {
                // Another server may have been faster.
                phones::delete(&mut tx, id).await?;
                if !removed::delete(&mut tx, id).await? {
                    continue;
                }
                let entry = AuditEntry::new(self.now(), ActorRef::system(), AuditAction::CredentialDeleted);
                tx.record(entry.on(ObjectKind::Credential, id.uuid(), name).with("because", "age"));
            }
            tx.commit_recorded_or("another server has deleted what was in the bin for its time").await?;
        }
    }
}

/// What a person should know whose credential is back.
fn access_is_back(grants: u64) -> Option<String> {
    match grants {
        0 => None,
        1 => Some("one grant on it holds again: see its access".to_owned()),
        many => Some(format!("{many} grants on it hold again: see its access")),
    }
}
