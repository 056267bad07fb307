//! Showing a password, and the list of its versions.

use countersign_audit::{AuditAction, ObjectKind};
use countersign_model::{Action, Actor, ChangeId, CredentialStatus, Reason, Timestamp, VersionState};
use countersign_seal::{Binding, Secret, SecretKind};
use countersign_store::{secrets, vault as vault_row};

use crate::{
    Conflict, CredentialRef, Error, Object, Vault,
    access::actor::recognise_again,
    vault::{allowed_by, permit},
};

const MAX_VERSIONS: u32 = 200;
// A vault that is edited all the time can overtake a reader.
const MAX_ROUNDS: usize = 16;

/// A password, recorded and ready to leave.
pub struct Revealed {
    /// The password.
    pub password: Secret,
    /// The number of its version.
    pub version: i64,
    /// When it was stored.
    pub created_at: Timestamp,
}

/// A version of a password, without the password.
#[derive(Debug, Clone)]
pub struct VersionView {
    /// Its number, from 1.
    pub version: i64,
    /// Where it stands.
    pub state: VersionState,
    /// When it was stored.
    pub created_at: Timestamp,
    /// Who stored it.
    pub created_by: String,
    /// When a change last saw it sign in, and which change.
    pub proven: Option<(Timestamp, Option<ChangeId>)>,
    /// When a person last said that it signs in, and who.
    pub confirmed: Option<(Timestamp, String)>,
}

impl Vault {
    /// The current password of a credential, or a former version by its number.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::NotFound`], [`Conflict::Inactive`], [`Error::Empty`] without a password,
    /// [`Error::AuditUnavailable`] when the record cannot be written: then nothing left.
    pub async fn reveal(
        &self,
        actor: &Actor,
        wanted: &CredentialRef,
        reason: Option<&Reason>,
        version: Option<i64>,
    ) -> Result<Revealed, Error> {
        for _ in 0..MAX_ROUNDS {
            if let Some(revealed) = self.reveal_once(actor, wanted, reason, version).await? {
                return Ok(revealed);
            }
        }
        Err(Error::Conflict(Conflict::Edited))
    }

    /// `None` when the vault has moved on between the look at the grant and the log's turn.
    async fn reveal_once(
        &self,
        actor: &Actor,
        wanted: &CredentialRef,
        reason: Option<&Reason>,
        version: Option<i64>,
    ) -> Result<Option<Revealed>, Error> {
        let mut tx = self.unit().await?;
        let revision = vault_row::revision(&mut tx).await?;
        let actor = recognise_again(&mut tx, actor, revision, self.now()).await?;
        let row = self.visible(&mut tx, &actor, wanted).await?;
        let context = self.asked(&actor).or_because(reason);
        let by = match permit(&actor, Action::Reveal, &row.grants, &context) {
            Ok(by) => by,
            Err(denied) => {
                let entry = self.entry(&actor, AuditAction::RevealDenied);
                let entry = entry.on(ObjectKind::Credential, row.id.uuid(), row.name.as_str()).because(reason);
                tx.record(entry);
                tx.commit().await?;
                return Err(denied);
            }
        };
        if row.status == CredentialStatus::Inactive {
            return Err(Error::Conflict(Conflict::Inactive));
        }
        let found = secrets::password(&mut tx, row.id, version).await?;
        let found = found.ok_or(if version.is_some() {
            Error::NotFound(Object::PasswordVersion)
        } else {
            Error::Empty("password")
        })?;
        let binding = Binding::of(SecretKind::Password, row.id.uuid(), found.id.uuid());
        let password = self.keys().open(&binding, &found.sealed)?;
        let entry = self
            .entry(&actor, AuditAction::PasswordRevealed)
            .on(ObjectKind::Credential, row.id.uuid(), row.name.as_str())
            .because(reason)
            .with("version", found.number);
        let entry = allowed_by(entry, by);
        // A former password opens nothing any more.
        if matches!(found.state, VersionState::Current | VersionState::Candidate) {
            self.seen(&mut tx, row.id).await?;
        }
        tx.record(entry);
        let Some(receipt) = tx.commit_at(revision).await? else { return Ok(None) };
        let password = password.release(&receipt)?;
        Ok(Some(Revealed { password, version: found.number, created_at: found.created_at }))
    }

    /// The versions of a credential's password, the newest first.
    pub async fn versions(&self, actor: &Actor, wanted: &CredentialRef) -> Result<Vec<VersionView>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let row = self.visible(&mut reader, &actor, wanted).await?;
        let versions = secrets::versions(&mut reader, row.id, MAX_VERSIONS).await?;
        Ok(versions
            .into_iter()
            .map(|row| VersionView {
                version: row.number,
                state: row.state,
                created_at: row.created_at,
                created_by: row.created_by,
                proven: row.proven,
                confirmed: row.confirmed,
            })
            .collect())
    }
}
