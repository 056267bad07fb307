//! By what an identity provider comes in: one token, and the one before while it is replaced.

use std::{net::IpAddr, time::Duration};

use countersign_audit::{ActorRef, AuditAction, AuditEntry, ObjectKind};
use countersign_identity::{Bearer, BearerKind};
use countersign_model::{Action, Actor, Invalid, ScimTokenId, Timestamp, decide_by_role};
use countersign_seal::Withheld;
use countersign_store::{
    engine::Select,
    scim::{self, ScimTokenRow},
    vault as vault_row,
};

use crate::{Error, Vault, unit::Unit, users::source::from_address};

/// How long a token serves on after another has taken its place, where nobody says otherwise, and at the most.
const OVERLAP_HOURS: (u32, u32) = (24, 30 * 24);
const HOUR: Duration = Duration::from_secs(60 * 60);
/// A use is noted to the minute.
const TOUCH: Duration = Duration::from_secs(60);

/// A token of an identity provider, without what makes it one.
#[derive(Debug, Clone)]
pub struct ScimTokenView {
    /// Its id.
    pub id: ScimTokenId,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// When it ends, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// How provisioning stands.
#[derive(Debug, Clone)]
pub struct ScimView {
    /// The tokens that serve, the newest first; none where nothing is provisioned.
    pub tokens: Vec<ScimTokenView>,
    /// Whether users who are there already may be taken over by their exact name.
    pub adopt: bool,
    /// How many users are provisioned.
    pub users: usize,
    /// How many groups.
    pub groups: usize,
}

/// An identity provider that was recognised. Its token is looked at again in each transaction.
#[derive(Debug, Clone)]
pub struct ScimCaller {
    token: ScimTokenId,
    address: Option<IpAddr>,
}

impl Vault {
    /// How provisioning stands.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub async fn scim(&self, actor: &Actor) -> Result<ScimView, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        decide_by_role(actor.role, Action::ManageUsers)?;
        self.scim_view(&mut reader).await
    }

    /// Makes a token for an identity provider, which is given this once. One that is there already serves on for so many hours.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Denied`], [`Error::TooShort`].
    pub async fn create_scim_token(
        &self,
        actor: &Actor,
        overlap_hours: Option<u32>,
        adopt: Option<bool>,
    ) -> Result<(ScimView, Bearer), Error> {
        let hours = overlap_hours.unwrap_or(OVERLAP_HOURS.0);
        if hours > OVERLAP_HOURS.1 {
            return Err(Invalid::new("overlap_hours", format!("must be 0 to {}", OVERLAP_HOURS.1)).into());
        }
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        let now = self.now();
        let live = live(&mut tx, now).await?;
        let adopt = adopt.unwrap_or_else(|| live.first().is_some_and(|row| row.adopt));
        // Two at the most: what was being replaced already ends now.
        let newest = live.first().map(|row| row.id);
        let end = now.plus(HOUR * hours);
        let replaced = scim::change_tokens(&mut tx, |row| {
            let last = if Some(row.id) == newest { end } else { now };
            row.expires_at = Some(row.expires_at.map_or(last, |before| before.min(last)));
        });
        for row in replaced.await? {
            let ends_at = row.expires_at.map_or(0, Timestamp::micros);
            let entry = self.token_entry(&actor, AuditAction::ScimTokenReplaced, row.id).with("ends_at", ends_at);
            tx.record(entry);
        }
        let bearer = Bearer::new(BearerKind::Scim, self.chance());
        let row = ScimTokenRow {
            id: ScimTokenId::new(now, self.chance()),
            adopt,
            created_at: now,
            created_by: actor.name.clone(),
            expires_at: None,
            last_used_at: None,
        };
        scim::insert_token(&mut tx, &row, &bearer.hash()).await?;
        let entry = self.token_entry(&actor, AuditAction::ScimTokenCreated, row.id).with("adopt", adopt);
        tx.record(entry);
        let view = self.scim_view(&mut tx).await?;
        let receipt = tx.commit().await?;
        let bearer = Withheld::new(row.id.uuid().into_bytes(), bearer).release(&receipt)?;
        Ok((view, bearer))
    }

    /// Says whether an identity provider may take over users who are there already, by their exact name.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::TooShort`].
    pub async fn set_scim_adopts(&self, actor: &Actor, adopt: bool) -> Result<ScimView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        scim::change_tokens(&mut tx, |row| row.adopt = adopt).await?;
        let vault = self.keys().vault().uuid();
        let entry = self.entry(&actor, AuditAction::ScimEdited).on(ObjectKind::Vault, vault, "provisioning");
        tx.record(entry.with("adopt", adopt));
        let view = self.scim_view(&mut tx).await?;
        tx.commit().await?;
        Ok(view)
    }

    /// Ends provisioning: its tokens go, and who and what was provisioned stays, as the vault's own.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::TooShort`].
    pub async fn disconnect_scim(&self, actor: &Actor) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        for row in scim::tokens(&mut tx).await? {
            scim::delete_token(&mut tx, row.id).await?;
            tx.record(self.token_entry(&actor, AuditAction::ScimTokenRemoved, row.id));
        }
        let (users, groups) = scim::release_all(&mut tx).await?;
        vault_row::bump(&mut tx).await?;
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let vault = self.keys().vault().uuid();
        let entry = self.entry(&actor, AuditAction::ScimDisconnected).on(ObjectKind::Vault, vault, "provisioning");
        tx.record(entry.with("users", count(users)).with("groups", count(groups)));
        tx.commit().await.map(drop)
    }

    /// Recognises an identity provider by its token.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`].
    pub async fn recognise_scim(&self, bearer: &Bearer, address: Option<IpAddr>) -> Result<ScimCaller, Error> {
        let now = self.now();
        let mut reader = self.inner.database.read().await?;
        let vault = vault_row::find(&mut reader).await?.ok_or(Error::NotSignedIn)?;
        let row = match bearer.kind() {
            BearerKind::Scim => scim::token(&mut reader, &bearer.hash()).await?,
            _ => None,
        };
        let row = row.filter(|row| is_live(row, now)).ok_or(Error::NotSignedIn)?;
        self.log_memory(&mut reader, vault.head.size).await?.check_scim_token(&row)?;
        drop(reader);
        if row.last_used_at.is_none_or(|at| now.since(at) >= TOUCH) {
            let mut tx = self.unit().await?;
            scim::touch_token(&mut tx, row.id, now).await?;
            tx.commit_without_record("notes when a provisioning token was last used").await?;
        }
        Ok(ScimCaller { token: row.id, address })
    }

    /// A unit of work by an identity provider whose token serves, in its turn, with what the token may.
    pub(super) async fn scim_unit(&self, caller: &ScimCaller) -> Result<(Unit, ScimTokenRow), Error> {
        let mut tx = self.unit().await?;
        // One after the other: providers send changes of one group side by side.
        vault_row::bump(&mut tx).await?;
        let row = scim::token_by_id(&mut tx, caller.token).await?.filter(|row| is_live(row, self.now()));
        let row = row.ok_or(Error::NotSignedIn)?;
        Ok((tx, row))
    }

    /// A record of what a provider did.
    pub(super) fn scim_entry(&self, caller: &ScimCaller, act: AuditAction) -> AuditEntry {
        from_address(AuditEntry::new(self.now(), ActorRef::scim(), act), caller.address)
    }

    fn token_entry(&self, actor: &Actor, act: AuditAction, id: ScimTokenId) -> AuditEntry {
        self.entry(actor, act).on(ObjectKind::ScimToken, id.uuid(), "provisioning token")
    }

    async fn scim_view(&self, db: &mut impl Select) -> Result<ScimView, Error> {
        let live = live(db, self.now()).await?;
        let adopt = live.first().is_some_and(|row| row.adopt);
        let view = |row: ScimTokenRow| ScimTokenView {
            id: row.id,
            created_at: row.created_at,
            created_by: row.created_by,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
        };
        Ok(ScimView {
            tokens: live.into_iter().map(view).collect(),
            adopt,
            users: scim::user_ids(db).await?.len(),
            groups: scim::groups(db).await?.len(),
        })
    }
}

async fn live(db: &mut impl Select, now: Timestamp) -> Result<Vec<ScimTokenRow>, Error> {
    Ok(scim::tokens(db).await?.into_iter().filter(|row| is_live(row, now)).collect())
}

fn is_live(row: &ScimTokenRow, now: Timestamp) -> bool {
    row.expires_at.is_none_or(|end| now < end)
}
