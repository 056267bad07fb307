//! Who may use a credential.

use std::collections::HashMap;

use countersign_audit::{AuditAction, ObjectKind};
use countersign_model::{Action, Actor, Extras, Grant, Invalid, Level, UserId, decide};
use countersign_store::{
    credentials::{self, GrantRow},
    people, vault as vault_row,
};

use crate::{CredentialRef, Error, Vault, credentials::list::visible, vault::permit};

const MAX_GRANTS: usize = 1_000;

/// What somebody may do with a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantView {
    /// The person.
    pub person: UserId,
    /// Their name.
    pub name: String,
    /// Their role's name.
    pub role: String,
    /// What they may do.
    pub grant: Grant,
}

impl From<GrantRow> for GrantView {
    fn from(GrantRow { person, name, role, grant }: GrantRow) -> Self {
        Self { person, name, role, grant }
    }
}

/// What somebody is to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewGrant {
    /// The person.
    pub person: UserId,
    /// What they may do.
    pub grant: Grant,
}

impl Vault {
    /// Who was granted what on a credential, by name.
    pub async fn grants(&self, actor: &Actor, wanted: &CredentialRef) -> Result<Vec<GrantView>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let row = visible(&mut reader, &actor, wanted).await?;
        decide(actor.role, Action::GrantCredential, row.grant.as_ref())?;
        Ok(views(credentials::grants(&mut reader, row.id).await?))
    }

    /// Says anew who may do what with a credential; who is not named may nothing.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a person who is not there or is named twice.
    pub async fn set_grants(
        &self,
        actor: &Actor,
        wanted: &CredentialRef,
        grants: &[NewGrant],
    ) -> Result<Vec<GrantView>, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let row = visible(&mut tx, &actor, wanted).await?;
        permit(&actor, Action::GrantCredential, row.grant.as_ref())?;
        if grants.len() > MAX_GRANTS {
            return Err(Invalid::new("items", format!("are too many: at most {MAX_GRANTS}")).into());
        }
        let mut given = HashMap::new();
        for new in grants {
            if people::find(&mut tx, new.person).await?.is_none() {
                return Err(Invalid::new("user_id", format!("names nobody: {}", new.person)).into());
            }
            if given.insert(new.person, new.grant).is_some() {
                return Err(Invalid::new("user_id", format!("is named twice: {}", new.person)).into());
            }
        }
        let given: Vec<(UserId, Grant)> = given.into_iter().collect();
        credentials::set_grants(&mut tx, row.id, &given).await?;
        vault_row::bump(&mut tx).await?;
        let now = views(credentials::grants(&mut tx, row.id).await?);
        let named = |pick: fn(&Grant) -> bool| -> Vec<String> {
            now.iter().filter(|row| pick(&row.grant)).map(|row| row.name.clone()).collect()
        };
        let entry = self
            .entry(&actor, AuditAction::CredentialGranted)
            .on(ObjectKind::Credential, row.id.uuid(), row.name.as_str())
            .with("token", named(|grant| grant.token))
            .with("reveal", named(|grant| grant.reveal))
            .with("see", named(|grant| !grant.token && !grant.reveal && grant.session.is_none()))
            .with("session_view", named(|grant| grant.session == Some(Level::View)))
            .with("session_interact", named(|grant| grant.session == Some(Level::Interact)))
            .with("session_control", named(|grant| grant.session == Some(Level::Control)))
            .with("session_extras", extras(&now));
        tx.record(entry);
        tx.commit().await?;
        Ok(now)
    }
}

fn views(rows: Vec<GrantRow>) -> Vec<GrantView> {
    rows.into_iter().map(Into::into).collect()
}

/// Who may do what beside pointing and typing: `ana: paste, copy`.
fn extras(grants: &[GrantView]) -> Vec<String> {
    let names = |extras: Extras| {
        let all = [
            ("address", extras.address),
            ("paste", extras.paste),
            ("copy", extras.copy),
            ("upload", extras.upload),
            ("download", extras.download),
        ];
        all.into_iter().filter(|(_, on)| *on).map(|(name, _)| name).collect::<Vec<_>>().join(", ")
    };
    let with = grants.iter().filter(|row| row.grant.extras != Extras::default());
    with.map(|row| format!("{}: {}", row.name, names(row.grant.extras))).collect()
}
