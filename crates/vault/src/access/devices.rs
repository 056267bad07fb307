//! Browser extensions that people have paired: who a signed request speaks for, and how one ends.

use std::{net::IpAddr, time::Duration};

use countersign_audit::{AuditAction, AuditEntry, ObjectKind};
use countersign_identity::{DeviceClaim, DeviceRefusal, SignedRequest};
use countersign_model::{Action, Actor, ActorKind, DeviceId, Timestamp, TooShort, UserId};
use countersign_store::{
    devices::{self, DeviceRow, TakenRequest},
    engine::Reader,
    vault as vault_row,
};

use super::actor::device_actor;
use crate::{Error, Object, Vault, unit::Unit, users::account::own_session, vault::permit_by_role};

pub(super) const LISTED: u32 = 100;
/// So many requests of one extension are taken within the two minutes for which they are remembered.
const MOST_REQUESTS: i64 = 300;
// A use is noted to the minute.
const TOUCH: Duration = Duration::from_secs(60);

/// A browser extension of somebody's.
#[derive(Debug, Clone)]
pub struct DeviceView {
    /// Its id.
    pub id: DeviceId,
    /// What its person calls it.
    pub name: String,
    /// When it was paired.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it last asked for something, to the minute.
    pub last_used_at: Option<Timestamp>,
}

impl Vault {
    /// Recognises a browser extension by a request that it has signed, and takes the request: it counts once.
    ///
    /// # Errors
    /// [`Error::DeviceRefused`]. Only of what it has signed is said what is wrong.
    pub async fn recognise_device(
        &self,
        claim: &DeviceClaim,
        request: &SignedRequest<'_>,
        address: Option<IpAddr>,
    ) -> Result<Actor, Error> {
        let now = self.now();
        let mut reader = self.inner.database.read().await?;
        let row = devices::find(&mut reader, claim.id).await?.ok_or(DeviceRefusal::Unknown)?;
        claim.check(request, &row.key, now)?;
        drop(reader);
        // Whoever comes so far has the key. The row is read again, since it may have gone meanwhile.
        let mut tx = self.unit().await?;
        let vault = vault_row::find(&mut tx).await?.ok_or(Error::NotSignedIn)?;
        let row = devices::find(&mut tx, claim.id).await?.ok_or(DeviceRefusal::Unknown)?;
        self.log_memory(&mut tx, vault.head.size).await?.check_device(&row)?;
        let actor = device_actor(&row, vault.revision, now).ok_or(DeviceRefusal::Unknown)?;
        let times = (claim.expires_at(), now);
        match devices::take_request(&mut tx, row.id, &claim.nonce, times, MOST_REQUESTS).await? {
            TakenRequest::New => {}
            TakenRequest::Before => return Err(DeviceRefusal::Replayed.into()),
            TakenRequest::TooMany => return Err(DeviceRefusal::TooMany.into()),
        }
        if row.last_used_at.is_none_or(|at| now.since(at) >= TOUCH) {
            devices::touch(&mut tx, row.id, now).await?;
        }
        tx.commit_without_record("remembers that a request of a browser extension was taken").await?;
        Ok(Actor { address, ..actor })
    }

    /// The actor's own browser extensions, the newest first.
    pub async fn devices(&self, actor: &Actor) -> Result<Vec<DeviceView>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        self.devices_of(&mut reader, actor.user).await
    }

    /// Removes one of the actor's own browser extensions. It takes something away, so it needs no recent sign-in; a program
    /// removes none.
    pub async fn remove_device(&self, actor: &Actor, id: DeviceId) -> Result<(), Error> {
        let (tx, actor) = self.writer(actor).await?;
        if own_session(&actor).is_none() {
            return Err(TooShort::PageOnly.into());
        }
        self.remove(tx, &actor, actor.user, id).await
    }

    /// Removes the browser extension that asks, as it is disconnected.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] for whoever is none.
    pub async fn remove_own_device(&self, actor: &Actor) -> Result<(), Error> {
        let (tx, actor) = self.writer(actor).await?;
        let ActorKind::Device(id) = actor.kind else { return Err(Error::NotSignedIn) };
        self.remove(tx, &actor, actor.user, id).await
    }

    /// Removes one of somebody's browser extensions, as an administrator.
    pub async fn remove_device_of(&self, actor: &Actor, person: UserId, id: DeviceId) -> Result<(), Error> {
        let (tx, actor) = self.writer(actor).await?;
        permit_by_role(&actor, Action::ManageUsers)?;
        self.remove(tx, &actor, person, id).await
    }

    /// Somebody's browser extensions that have not ended.
    pub(super) async fn devices_of(&self, reader: &mut Reader, person: UserId) -> Result<Vec<DeviceView>, Error> {
        let now = self.now();
        let rows = devices::of(reader, person, LISTED).await?;
        Ok(rows.into_iter().filter(|row| now < row.expires_at).map(view).collect())
    }

    async fn remove(&self, mut tx: Unit, actor: &Actor, person: UserId, id: DeviceId) -> Result<(), Error> {
        let name = devices::delete(&mut tx, id, person).await?.ok_or(Error::NotFound(Object::Device))?;
        let entry: AuditEntry = self.entry(actor, AuditAction::DeviceRemoved).on(ObjectKind::Device, id.uuid(), name);
        self.end_ways(tx, vec![entry.with("user", person.to_string())]).await
    }
}

pub(super) fn view(row: DeviceRow) -> DeviceView {
    let DeviceRow { id, name, created_at, expires_at, last_used_at, .. } = row;
    DeviceView { id, name, created_at, expires_at, last_used_at }
}
