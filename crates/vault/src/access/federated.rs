//! Federated identities of service accounts: whose tokens they take in place of a secret, as an administrator has said.

use countersign_audit::{AuditAction, AuditEntry, ObjectKind};
use countersign_model::{
    Actor, FederatedIdentity, FederatedIdentityId, Invalid, MAX_FEDERATED_IDENTITIES, Timestamp, UserId,
};
use countersign_store::{
    engine::Select,
    federated::{self, FederatedIdentityRow},
    services::{self, ServiceRow},
    vault as vault_row,
};

use crate::{Error, Object, Vault};

/// A federated identity of a service account. It holds no secret.
#[derive(Debug, Clone)]
pub struct FederatedIdentityView {
    /// Its id.
    pub id: FederatedIdentityId,
    /// Whose tokens are taken.
    pub trusted: FederatedIdentity,
    /// When it was added.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// When a token was last asked for by it.
    pub last_used_at: Option<Timestamp>,
}

impl Vault {
    /// Adds a federated identity to a service account: tokens of its issuer that say all of it are taken in place of a secret.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the field, also where there are as many as can be, or one like it; [`Error::Denied`],
    /// [`Error::NotFound`], [`Error::TooShort`].
    pub async fn add_federated_identity(
        &self,
        actor: &Actor,
        id: UserId,
        trusted: FederatedIdentity,
    ) -> Result<FederatedIdentityView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        let service = services::find(&mut tx, id).await?.ok_or(Error::NotFound(Object::ServiceAccount))?;
        let trusted = trusted.checked()?;
        let there = federated::of(&mut tx, id).await?;
        if there.len() >= MAX_FEDERATED_IDENTITIES {
            let problem = format!("is one too many: at most {MAX_FEDERATED_IDENTITIES} federated identities");
            return Err(Invalid::new("federated_identity", problem).into());
        }
        if there.iter().any(|one| one.trusted == trusted) {
            return Err(Invalid::new("federated_identity", "is there already").into());
        }
        let now = self.now();
        let row = FederatedIdentityRow {
            id: FederatedIdentityId::new(now, self.chance()),
            person: id,
            trusted,
            created_at: now,
            created_by: actor.name.clone(),
            last_used_at: None,
        };
        federated::insert(&mut tx, &row).await?;
        tx.record(self.identity_entry(&actor, AuditAction::FederatedIdentityAdded, &row, &service));
        tx.commit().await?;
        Ok(view(row))
    }

    /// Removes a federated identity, with the tokens that were given by it.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::NotFound`], [`Error::TooShort`].
    pub async fn remove_federated_identity(
        &self,
        actor: &Actor,
        id: UserId,
        identity: FederatedIdentityId,
    ) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        let service = services::find(&mut tx, id).await?.ok_or(Error::NotFound(Object::ServiceAccount))?;
        let gone = federated::of(&mut tx, id).await?.into_iter().find(|one| one.id == identity);
        let gone = gone.ok_or(Error::NotFound(Object::FederatedIdentity))?;
        federated::delete(&mut tx, identity, id).await?;
        vault_row::bump(&mut tx).await?;
        tx.record(self.identity_entry(&actor, AuditAction::FederatedIdentityRemoved, &gone, &service));
        tx.commit().await?;
        self.forget_recognised();
        Ok(())
    }

    fn identity_entry(
        &self,
        actor: &Actor,
        act: AuditAction,
        row: &FederatedIdentityRow,
        service: &ServiceRow,
    ) -> AuditEntry {
        let FederatedIdentity { issuer, audience, subject, claims } = &row.trusted;
        let entry = self.entry(actor, act).on(ObjectKind::FederatedIdentity, row.id.uuid(), subject);
        let entry = entry.with("service_account", service.person.name.as_str()).with("issuer", issuer.as_str());
        let entry = entry.with("audience", audience.as_str());
        let claims: Vec<String> = claims.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if claims.is_empty() { entry } else { entry.with("claims", claims) }
    }
}

/// Those of an account, the newest first.
pub(super) async fn shown(db: &mut impl Select, person: UserId) -> Result<Vec<FederatedIdentityView>, Error> {
    Ok(federated::of(db, person).await?.into_iter().map(view).collect())
}

fn view(row: FederatedIdentityRow) -> FederatedIdentityView {
    let FederatedIdentityRow { id, trusted, created_at, created_by, last_used_at, person: _ } = row;
    FederatedIdentityView { id, trusted, created_at, created_by, last_used_at }
}
