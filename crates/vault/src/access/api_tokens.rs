//! Recognising browsers and programs by what they show, and the API tokens that people make.

use std::time::Duration;

use countersign_audit::{AuditAction, AuditEntry, ObjectKind};
use countersign_identity::{Bearer, BearerKind};
use countersign_model::{
    Action, Actor, ActorKind, ApiTokenId, Invalid, Reach, Role, Timestamp, TooShort, UserId, WebSessionId,
    decide_by_role,
};
use countersign_seal::Withheld;
use countersign_store::{
    access::{self, ApiTokenRow},
    devices, people, vault as vault_row,
};

use super::devices::DeviceView;
use crate::{Error, Object, Vault, WebSession, unit::Unit, users::account::own_session, vault::permit_by_role};

const MAX_TOKENS: u32 = 200;
const LONGEST_DAYS: u32 = 3_650;
const DEFAULT_DAYS: u32 = 90;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

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
    /// Whether it may manage people, grants and automation.
    pub admin: bool,
    /// Whether it is from before tokens had a scope, and keeps what it could do then.
    pub legacy: bool,
}

/// What a new API token is to be.
#[derive(Debug, Clone)]
pub struct NewApiToken {
    /// What its owner calls it; 1 to 100 characters.
    pub name: String,
    /// What it may do; what its owner may, when none is given.
    pub role: Option<Role>,
    /// After how many days it ends; ninety, when none is given.
    pub expires_in_days: Option<u32>,
    /// Whether it may manage people, grants and automation.
    pub admin: bool,
}

/// By what somebody comes in.
#[derive(Debug, Clone)]
pub struct WaysIn {
    /// Browsers in which they are signed in.
    pub sessions: Vec<WebSession>,
    /// Their API tokens.
    pub api_tokens: Vec<ApiToken>,
    /// Their browser extensions.
    pub devices: Vec<DeviceView>,
}

impl Vault {
    /// Makes an API token for the actor; gives it once. One that a token makes ends with it and is no more than it.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a name, a role wider than the actor's, or an end that is out of bounds;
    /// [`Error::TooShort`] for a token that may not manage, and where the sign-in is not recent.
    pub async fn create_api_token(&self, actor: &Actor, new: &NewApiToken) -> Result<(ApiToken, Bearer), Error> {
        let name = countersign_model::ApiTokenName::parse(&new.name)?;
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_own_tokens(&actor)?;
        let role = new.role.unwrap_or(actor.role);
        if !role.is_within(actor.role) {
            return Err(Invalid::new("role", format!("is wider than your own, which is {}", actor.role)).into());
        }
        let parent = match actor.kind {
            ActorKind::Program(id) => access::token_by_id(&mut tx, id).await?,
            ActorKind::Person(_) | ActorKind::Service(_) | ActorKind::Device(_) | ActorKind::Machine => None,
        };
        let now = self.now();
        let expires_at = end_of(new.expires_in_days, parent.as_ref().and_then(|parent| parent.expires_at), now)?;
        check_room(&mut tx, actor.user).await?;
        let bearer = Bearer::new(BearerKind::ApiToken, self.chance());
        let row = ApiTokenRow {
            id: ApiTokenId::new(now, self.chance()),
            person: actor.user,
            person_name: actor.name.clone(),
            name: name.as_str().to_owned(),
            role,
            person_role: actor.role,
            disabled: false,
            created_at: now,
            expires_at: Some(expires_at),
            last_used_at: None,
            admin: new.admin,
            legacy: false,
            parent: parent.map(|parent| parent.id),
        };
        access::insert_token(&mut tx, &row, &bearer.hash()).await?;
        let entry = self.entry(&actor, AuditAction::ApiTokenCreated);
        let entry = entry.on(ObjectKind::ApiToken, row.id.uuid(), &row.name).with("role", role.name());
        let entry = entry.with("admin", row.admin).with("expires_at", expires_at.to_string());
        tx.record(entry);
        let receipt = tx.commit().await?;
        let bearer = Withheld::new(row.id.uuid().into_bytes(), bearer).release(&receipt)?;
        Ok((view(row), bearer))
    }

    /// The actor's own API tokens, the newest first.
    pub async fn api_tokens(&self, actor: &Actor) -> Result<Vec<ApiToken>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        Ok(access::tokens(&mut reader, actor.user, MAX_TOKENS).await?.into_iter().map(view).collect())
    }

    /// Revokes one of the actor's own API tokens, with those that it made. A token may revoke itself and what it made, and
    /// others when it may manage; a browser needs no recent sign-in for it, since it takes something away.
    pub async fn revoke_api_token(&self, actor: &Actor, id: ApiTokenId) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        if let (ActorKind::Program(own), Reach::Token { admin: false }) = (actor.kind, actor.reach) {
            let parent = access::token_by_id(&mut tx, id).await?.and_then(|row| row.parent);
            if id != own && parent != Some(own) {
                return Err(TooShort::PageOnly.into());
            }
        }
        self.revoke(tx, &actor, actor.user, id).await
    }

    /// By what somebody comes in, for an administrator.
    pub async fn ways_in(&self, actor: &Actor, person: UserId) -> Result<WaysIn, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        decide_by_role(actor.role, Action::ManageUsers)?;
        people::find(&mut reader, person).await?.ok_or(Error::NotFound(Object::User))?;
        let api_tokens = access::tokens(&mut reader, person, MAX_TOKENS).await?.into_iter().map(view).collect();
        let devices = self.devices_of(&mut reader, person).await?;
        let sessions = self.sessions_of(&mut reader, person, own_session(&actor)).await?;
        Ok(WaysIn { sessions, api_tokens, devices })
    }

    /// Revokes an API token of somebody's, as an administrator.
    pub async fn revoke_token_of(&self, actor: &Actor, person: UserId, id: ApiTokenId) -> Result<(), Error> {
        let (tx, actor) = self.writer(actor).await?;
        permit_by_role(&actor, Action::ManageUsers)?;
        self.revoke(tx, &actor, person, id).await
    }

    /// Signs one of somebody's browsers out, as an administrator.
    pub async fn end_browser_of(&self, actor: &Actor, person: UserId, id: WebSessionId) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        permit_by_role(&actor, Action::ManageUsers)?;
        if !access::delete_session(&mut tx, id, person).await? {
            return Err(Error::NotFound(Object::Session));
        }
        let entry = self.entry(&actor, AuditAction::WebSessionEnded).on(ObjectKind::WebSession, id.uuid(), "browser");
        self.end_ways(tx, vec![entry.with("user", person.to_string())]).await
    }

    /// Ends all of somebody's browsers, API tokens and browser extensions, as an administrator; the actor's own browser stays.
    pub async fn end_all_of(&self, actor: &Actor, person: UserId) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        permit_by_role(&actor, Action::ManageUsers)?;
        let row = people::find(&mut tx, person).await?.ok_or(Error::NotFound(Object::User))?;
        let sessions = access::delete_sessions(&mut tx, person, own_session(&actor)).await?;
        let tokens = access::delete_tokens(&mut tx, person).await?;
        let devices = devices::delete_all(&mut tx, person).await?;
        let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let entry = self.entry(&actor, AuditAction::WaysInEnded).on(ObjectKind::User, person.uuid(), row.name);
        let entry = entry.with("sessions", count(sessions)).with("api_tokens", count(tokens));
        self.end_ways(tx, vec![entry.with("devices", count(devices))]).await
    }

    async fn revoke(&self, mut tx: Unit, actor: &Actor, person: UserId, id: ApiTokenId) -> Result<(), Error> {
        let name = access::delete_token(&mut tx, id, person).await?.ok_or(Error::NotFound(Object::ApiToken))?;
        let entry = self.entry(actor, AuditAction::ApiTokenRevoked).on(ObjectKind::ApiToken, id.uuid(), name);
        self.end_ways(tx, vec![entry]).await
    }

    pub(super) async fn end_ways(&self, mut tx: Unit, entries: Vec<AuditEntry>) -> Result<(), Error> {
        vault_row::bump(&mut tx).await?;
        tx.record_all(entries);
        tx.commit().await?;
        self.forget_recognised();
        Ok(())
    }
}

/// Whether somebody may have another API token.
pub(super) async fn check_room(tx: &mut Unit, person: UserId) -> Result<(), Error> {
    if access::tokens(tx, person, MAX_TOKENS).await?.len() >= MAX_TOKENS as usize {
        let problem = format!("cannot be added: you have {MAX_TOKENS} API tokens, revoke one first");
        return Err(Invalid::new("name", problem).into());
    }
    Ok(())
}

/// When a new token ends: after the days that were said, ninety when none were, and never after its parent.
fn end_of(days: Option<u32>, parent: Option<Timestamp>, now: Timestamp) -> Result<Timestamp, Invalid> {
    if days.is_some_and(|days| !(1..=LONGEST_DAYS).contains(&days)) {
        return Err(Invalid::new("expires_in_days", format!("must be 1 to {LONGEST_DAYS}")));
    }
    let end = now.plus(DAY * days.unwrap_or(DEFAULT_DAYS));
    match parent {
        Some(parent) if end > parent && days.is_some() => {
            Err(Invalid::new("expires_in_days", format!("is after {parent}, when the token that makes it ends")))
        }
        Some(parent) => Ok(end.min(parent)),
        None => Ok(end),
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
        admin: row.admin,
        legacy: row.legacy,
    }
}
