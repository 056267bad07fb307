//! Recognising browsers and programs by what they show.

use std::{net::IpAddr, time::Duration};

use countersign_identity::{Bearer, BearerKind};
use countersign_model::Timestamp;
use countersign_seal::Digest;
use countersign_store::{access, services, vault as vault_row};

use super::{
    actor::{may_come_from, service_actor, session_actor, token_actor},
    recognised::{Caller, Recognised},
};
use crate::{Error, Vault};

// A use is noted to the minute.
const TOUCH: Duration = Duration::from_secs(60);
// How long a recognised bearer is trusted without the database, where its end is not known to come sooner.
const TRUST: Duration = Duration::from_secs(60);

impl Vault {
    /// Recognises a browser's cookie or a program's token. The actor may be as old as the last minute; each use case
    /// makes sure of them before it does anything.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] when it is unknown, ended or its person is kept out.
    pub async fn recognise(&self, bearer: &Bearer) -> Result<Caller, Error> {
        self.recognise_from(bearer, None).await
    }

    /// As [`Vault::recognise`], of somebody who asks from an address: some may ask from some networks alone.
    ///
    /// # Errors
    /// As there.
    pub async fn recognise_from(&self, bearer: &Bearer, address: Option<IpAddr>) -> Result<Caller, Error> {
        let now = self.now();
        let hash = bearer.hash();
        let cached = self.inner.access.recognised.lock().get(&hash).cloned();
        let recognised = match cached.filter(|it| now < it.ends_at && now.since(it.touched_at) < TOUCH) {
            Some(recognised) => recognised,
            None => {
                let recognised = Box::pin(self.look_up(bearer.kind(), &hash, now)).await?.ok_or(Error::NotSignedIn)?;
                self.inner.access.recognised.lock().put(hash, recognised.clone());
                recognised
            }
        };
        let Recognised { mut actor, enrolment_needed, password_change_needed, .. } = recognised;
        if !may_come_from(&actor, address) {
            return Err(Error::NotSignedIn);
        }
        actor.address = address;
        Ok(Caller { actor, enrolment_needed, password_change_needed })
    }

    async fn look_up(&self, kind: BearerKind, hash: &Digest, now: Timestamp) -> Result<Option<Recognised>, Error> {
        let mut reader = self.inner.database.read().await?;
        let vault = vault_row::find(&mut reader).await?.ok_or(Error::NotSignedIn)?;
        let trusted_until = now.plus(TRUST);
        match kind {
            BearerKind::ApiToken => {
                let Some(row) = access::token(&mut reader, hash).await? else { return Ok(None) };
                self.log_memory(&mut reader, vault.head.size).await?.check_token(&row)?;
                drop(reader);
                let Some(actor) = token_actor(&row, vault.revision, now) else { return Ok(None) };
                if row.last_used_at.is_none_or(|at| now.since(at) >= TOUCH) {
                    self.touch_token(row.id);
                }
                let ends_at = row.expires_at.map_or(trusted_until, |end| end.min(trusted_until));
                let (enrolment_needed, password_change_needed) = (false, false);
                Ok(Some(Recognised { actor, ends_at, touched_at: now, enrolment_needed, password_change_needed }))
            }
            BearerKind::WebSession => {
                let Some(row) = access::session(&mut reader, hash).await? else { return Ok(None) };
                self.log_memory(&mut reader, vault.head.size).await?.check_session(&row)?;
                drop(reader);
                let Some(actor) = session_actor(&row, vault.revision, now) else { return Ok(None) };
                if now.since(row.last_used_at) >= TOUCH {
                    let mut tx = self.unit().await?;
                    let expires_at = now.plus(countersign_identity::SESSION_IDLE);
                    access::touch_session(&mut tx, row.id, now, expires_at).await?;
                    tx.commit_without_record("notes when a browser was last used").await?;
                }
                let ends_at = row.expires_at.min(trusted_until);
                let enrolment_needed = vault.second_factor_required && !row.second_factor;
                let password_change_needed = row.must_change;
                Ok(Some(Recognised { actor, ends_at, touched_at: now, enrolment_needed, password_change_needed }))
            }
            BearerKind::AccessToken => {
                let Some(row) = services::token(&mut reader, hash).await? else { return Ok(None) };
                self.log_memory(&mut reader, vault.head.size).await?.check_access_token(&row)?;
                drop(reader);
                let Some(actor) = service_actor(&row, vault.revision, now) else { return Ok(None) };
                let ends_at = actor.until.map_or(trusted_until, |end| end.min(trusted_until));
                let (enrolment_needed, password_change_needed) = (false, false);
                Ok(Some(Recognised { actor, ends_at, touched_at: now, enrolment_needed, password_change_needed }))
            }
            BearerKind::ClientSecret
            | BearerKind::Scim
            | BearerKind::SetupLink
            | BearerKind::SessionLink
            | BearerKind::PersonLink
            | BearerKind::KnownBrowser
            | BearerKind::RoundTrip
            | BearerKind::PasskeyChallenge
            | BearerKind::DeviceCode => Ok(None),
        }
    }

    /// Looks everybody up anew: somebody's access has changed.
    pub(crate) fn forget_recognised(&self) {
        self.inner.access.recognised.lock().clear();
    }
}
