//! Recognising browsers and programs by what they show, and the API tokens that people make.

use std::{num::NonZeroUsize, time::Duration};

use countersign_audit::{Act as AuditAct, ObjectKind};
use countersign_identity::{Bearer, BearerKind};
use countersign_model::{Actor, ApiTokenId, Invalid, Role, Timestamp};
use countersign_seal::Digest;
use countersign_store::{
    access::{self, ApiTokenRow},
    audit, vault as vault_row,
};
use lru::LruCache;
use parking_lot::Mutex;

use crate::{
    Error, Vault,
    vault::{session_actor, token_actor},
};

const MOST_CACHED: NonZeroUsize = NonZeroUsize::new(4_096).expect("not zero");
const MOST_TOKENS: u32 = 200;
const LONGEST_DAYS: u32 = 3_650;

/// Bearers that were recognised, so that a busy program costs no look-up at each request. What they may do is
/// compared with the vault's revision before anything secret leaves.
pub(crate) struct AccessCache {
    recognised: Mutex<LruCache<Digest, Recognised>>,
}

#[derive(Clone)]
struct Recognised {
    actor: Actor,
    /// When it stops, whatever the revision.
    ends_at: Timestamp,
    touched_at: Timestamp,
    enrolment_needed: bool,
}

impl Default for AccessCache {
    fn default() -> Self {
        Self { recognised: Mutex::new(LruCache::new(MOST_CACHED)) }
    }
}

/// Who was recognised.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who asks.
    pub actor: Actor,
    /// Whether a second factor must be set up before anything else.
    pub enrolment_needed: bool,
}

/// An API token, without what makes it one.
#[derive(Debug, Clone)]
pub struct ApiToken {
    /// Its id.
    pub id: ApiTokenId,
    /// What its owner calls it.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// What a new API token is to be.
#[derive(Debug, Clone)]
pub struct NewApiToken {
    /// What its owner calls it; 1 to 100 characters.
    pub name: String,
    /// What it may do; what its owner may, when none is given.
    pub role: Option<Role>,
    /// After how many days it ends; never, when none is given.
    pub expires_in_days: Option<u32>,
}

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
        let now = self.now();
        let hash = bearer.hash();
        let cached = self.inner.access.recognised.lock().get(&hash).cloned();
        let recognised = match cached.filter(|it| now < it.ends_at && now.since(it.touched_at) < TOUCH) {
            Some(recognised) => recognised,
            None => {
                let recognised = self.look_up(bearer.kind(), &hash, now).await?.ok_or(Error::NotSignedIn)?;
                self.inner.access.recognised.lock().put(hash, recognised.clone());
                recognised
            }
        };
        Ok(Caller { actor: recognised.actor, enrolment_needed: recognised.enrolment_needed })
    }

    async fn look_up(&self, kind: BearerKind, hash: &Digest, now: Timestamp) -> Result<Option<Recognised>, Error> {
        let mut reader = self.inner.database.read().await?;
        let vault = vault_row::find(&mut reader).await?.ok_or(Error::NotSignedIn)?;
        let trusted_until = now.plus(TRUST);
        match kind {
            BearerKind::ApiToken => {
                let Some(row) = access::token(&mut reader, hash).await? else { return Ok(None) };
                drop(reader);
                let Some(actor) = token_actor(&row, vault.revision, now) else { return Ok(None) };
                if row.last_used_at.is_none_or(|at| now.since(at) >= TOUCH) {
                    self.touch_token(row.id);
                }
                let ends_at = row.expires_at.map_or(trusted_until, |end| end.min(trusted_until));
                Ok(Some(Recognised { actor, ends_at, touched_at: now, enrolment_needed: false }))
            }
            BearerKind::WebSession => {
                let Some(row) = access::session(&mut reader, hash).await? else { return Ok(None) };
                drop(reader);
                let Some(actor) = session_actor(&row, vault.revision, now) else { return Ok(None) };
                if now.since(row.last_used_at) >= TOUCH {
                    let mut tx = self.inner.database.write().await?;
                    let expires_at = now.plus(countersign_identity::SESSION_IDLE);
                    access::touch_session(&mut tx, row.id, now, expires_at).await?;
                    tx.commit().await?;
                }
                let ends_at = row.expires_at.min(trusted_until);
                let enrolment_needed = vault.second_factor_required && !row.second_factor;
                Ok(Some(Recognised { actor, ends_at, touched_at: now, enrolment_needed }))
            }
            BearerKind::SetupLink | BearerKind::SessionLink => Ok(None),
        }
    }

    /// Makes an API token for the actor; gives it once.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name, a role wider than the actor's, or an end that is out of bounds.
    pub async fn create_api_token(&self, actor: &Actor, new: &NewApiToken) -> Result<(ApiToken, Bearer), Error> {
        let name = countersign_model::UserName::parse(&new.name)?;
        let (mut tx, actor) = self.writer(actor).await?;
        let role = new.role.unwrap_or(actor.role);
        if !role.is_within(actor.role) {
            return Err(Invalid::new("role", format!("is wider than your own, which is {}", actor.role)).into());
        }
        if new.expires_in_days.is_some_and(|days| !(1..=LONGEST_DAYS).contains(&days)) {
            return Err(Invalid::new("expires_in_days", format!("must be 1 to {LONGEST_DAYS}")).into());
        }
        let now = self.now();
        if access::tokens(&mut tx, actor.user, MOST_TOKENS).await?.len() >= MOST_TOKENS as usize {
            return Err(Invalid::new(
                "name",
                format!("cannot be added: you have {MOST_TOKENS} API tokens, revoke one first"),
            )
            .into());
        }
        let bearer = Bearer::new(BearerKind::ApiToken, self.chance());
        let day = Duration::from_secs(24 * 60 * 60);
        let row = ApiTokenRow {
            id: ApiTokenId::new(now, self.chance()),
            person: actor.user,
            person_name: actor.name.clone(),
            name: name.as_str().to_owned(),
            role,
            person_role: actor.role,
            disabled: false,
            created_at: now,
            expires_at: new.expires_in_days.map(|days| now.plus(day * days)),
            last_used_at: None,
        };
        access::insert_token(&mut tx, &row, &bearer.hash()).await?;
        let entry = self.entry(&actor, AuditAct::ApiTokenCreated);
        let entry = entry.on(ObjectKind::ApiToken, row.id.uuid(), &row.name).with("role", role.name());
        audit::append(&mut tx, vec![entry]).await.map_err(Error::of_record)?;
        tx.commit().await.map_err(Error::of_record)?;
        Ok((view(row), bearer))
    }

    /// The actor's own API tokens, the newest first.
    pub async fn api_tokens(&self, actor: &Actor) -> Result<Vec<ApiToken>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        Ok(access::tokens(&mut reader, actor.user, MOST_TOKENS).await?.into_iter().map(view).collect())
    }

    /// Revokes one of the actor's own API tokens.
    pub async fn revoke_api_token(&self, actor: &Actor, id: ApiTokenId) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let name = access::delete_token(&mut tx, id, actor.user).await?.ok_or(Error::NotFound("API token"))?;
        vault_row::bump(&mut tx).await?;
        let entry = self.entry(&actor, AuditAct::ApiTokenRevoked).on(ObjectKind::ApiToken, id.uuid(), name);
        audit::append(&mut tx, vec![entry]).await.map_err(Error::of_record)?;
        tx.commit().await.map_err(Error::of_record)?;
        self.forget_recognised();
        Ok(())
    }

    /// Looks everybody up anew: somebody's access has changed.
    pub(crate) fn forget_recognised(&self) {
        self.inner.access.recognised.lock().clear();
    }
}

fn view(row: ApiTokenRow) -> ApiToken {
    ApiToken {
        id: row.id,
        name: row.name,
        role: row.role,
        created_at: row.created_at,
        expires_at: row.expires_at,
        last_used_at: row.last_used_at,
    }
}
