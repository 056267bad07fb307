use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use countersign_audit::{AuditAction, AuditEntry};
use countersign_model::{
    Action, Actor, ActorKind, Chance, Clock, Grant, Reach, Timestamp, decide, is_recent, may_change_own_account,
    reaches,
};
use countersign_seal::{KeyRing, PasswordHash, passphrase::Cost};
use countersign_store::{
    access,
    engine::{Database, EngineKind, Lane, Reader, Select, Transaction},
    vault as vault_row,
};
use tokio::sync::Semaphore;

use crate::{
    Error, Unlock, access::AccessCache, audit_committer::AuditCommitter, guesses::from_address, notices::FixedNotices,
    put_back::LogMemory, sessions::Recordings, steps::StepBoard, token_sources::TokenSources,
};

/// An open vault: a database, the key to it, and the rules between. A clone is a handle to the same.
#[derive(Clone)]
pub struct Vault {
    pub(crate) inner: Arc<VaultInner>,
}

pub(crate) struct VaultInner {
    pub(crate) database: Database,
    /// The key that seals, and another while it is being replaced.
    pub(crate) keys: parking_lot::RwLock<Arc<KeyRing>>,
    /// Where they come from.
    pub(crate) unlock: Unlock,
    /// Wakes what replaces the vault key.
    pub(crate) key_work: tokio::sync::Notify,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) chance: Arc<dyn Chance>,
    pub(crate) options: VaultOptions,
    pub(crate) recorder: AuditCommitter,
    /// When it was last looked whether the vault is ready, and what was found.
    pub(crate) readiness: tokio::sync::Mutex<Option<(std::time::Instant, Result<(), String>)>>,
    pub(crate) access: AccessCache,
    /// What the log tells of who was let in, and what was ended.
    pub(crate) log_memory: tokio::sync::Mutex<LogMemory>,
    pub(crate) hot: TokenSources,
    pub(crate) steps: Arc<StepBoard>,
    /// How long ago password and second factor may have been shown, where that is asked for.
    pub(crate) ask_again_after: OnceLock<Duration>,
    /// What [`Vault::look_at_revision`] saw last.
    pub(crate) known_revision: tokio::sync::Mutex<Option<i64>>,
    pub(crate) refusals: parking_lot::Mutex<countersign_identity::Refusals>,
    /// Wakes workers of this process when somebody asks for a change.
    pub(crate) work: tokio::sync::Notify,
    /// Wakes the sender of this process when something is to be told.
    pub(crate) outbox: tokio::sync::Notify,
    /// Where notices go, where the settings file says it.
    pub(crate) fixed_notices: OnceLock<FixedNotices>,
    /// Where recordings are kept; without it no session begins.
    pub(crate) recordings: OnceLock<Recordings>,
    // One password hash at a time: each takes twelve MiB, and a flood of sign-ins must not take the machine's memory.
    pub(crate) hashing: Semaphore,
    pub(crate) nobodys_hash: PasswordHash,
}

const ASK_AGAIN_AFTER: Duration = Duration::from_secs(15 * 60);

/// How a vault runs.
#[derive(Debug, Clone, Copy)]
pub struct VaultOptions {
    /// What one guess of a person's password costs.
    pub sign_in_cost: Cost,
    /// For a new vault: whether everybody needs a second factor.
    pub second_factor_required: bool,
}

impl Default for VaultOptions {
    fn default() -> Self {
        Self { sign_in_cost: Cost::SIGN_IN, second_factor_required: true }
    }
}

impl Vault {
    pub(crate) fn assemble(
        database: Database,
        keys: KeyRing,
        unlock: Unlock,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
        options: VaultOptions,
    ) -> Self {
        let steps = Arc::new(StepBoard::new(database.kind() == EngineKind::Postgres));
        let nobodys_hash = PasswordHash::of_nobody(options.sign_in_cost);
        let recorder = AuditCommitter::start(&database, Arc::clone(&steps));
        let inner = VaultInner {
            database,
            keys: parking_lot::RwLock::new(Arc::new(keys)),
            unlock,
            key_work: tokio::sync::Notify::new(),
            clock,
            chance,
            options,
            recorder,
            readiness: tokio::sync::Mutex::default(),
            access: AccessCache::default(),
            log_memory: tokio::sync::Mutex::default(),
            hot: TokenSources::default(),
            steps,
            ask_again_after: OnceLock::new(),
            known_revision: tokio::sync::Mutex::default(),
            refusals: parking_lot::Mutex::default(),
            work: tokio::sync::Notify::new(),
            outbox: tokio::sync::Notify::new(),
            fixed_notices: OnceLock::new(),
            recordings: OnceLock::new(),
            hashing: Semaphore::new(1),
            nobodys_hash,
        };
        Self { inner: Arc::new(inner) }
    }

    /// The present by the vault's clock.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// The vault's keys as they are at this moment.
    pub(crate) fn keys(&self) -> Arc<KeyRing> {
        Arc::clone(&self.inner.keys.read())
    }

    pub(crate) fn chance(&self) -> &dyn Chance {
        &*self.inner.chance
    }

    /// Writes what is queued, closes the database and leaves it in one file.
    pub async fn close(&self) {
        self.inner.recorder.close().await;
        self.inner.database.close().await;
        // What was found before is not true any more.
        *self.inner.readiness.lock().await = None;
    }

    /// A snapshot to read from, in which the actor is known to be who they were.
    pub(crate) async fn reader(&self, actor: &Actor) -> Result<(Reader, Actor), Error> {
        self.reader_on(Lane::Usual, actor).await
    }

    /// As [`Vault::reader`], on the connections of a lane.
    pub(crate) async fn reader_on(&self, lane: Lane, actor: &Actor) -> Result<(Reader, Actor), Error> {
        let mut reader = self.inner.database.read_on(lane).await?;
        let revision = vault_row::revision(&mut reader).await?;
        let actor = recognise_again(&mut reader, actor, revision, self.now()).await?;
        Ok((reader, actor))
    }

    /// A transaction for a change by the actor, who is known to be who they were.
    pub(crate) async fn writer(&self, actor: &Actor) -> Result<(Transaction, Actor), Error> {
        let mut tx = self.inner.database.write().await?;
        let revision = vault_row::revision(&mut tx).await?;
        let actor = recognise_again(&mut tx, actor, revision, self.now()).await?;
        Ok((tx, actor))
    }

    /// How long ago password and second factor may have been shown, where that is asked for: fifteen minutes, or what was
    /// said first.
    pub fn ask_again_after(&self, within: Duration) {
        let _ = self.inner.ask_again_after.set(within);
    }

    pub(crate) fn recent(&self) -> Duration {
        *self.inner.ask_again_after.get_or_init(|| ASK_AGAIN_AFTER)
    }

    /// For acts on the actor's own account: in a browser, and recently signed in.
    pub(crate) fn permit_own_account(&self, actor: &Actor) -> Result<(), Error> {
        Ok(may_change_own_account(actor.reach, self.now(), self.recent())?)
    }

    /// For acts on people and their ways in: the role, a token that was made for it, or a recent sign-in. An administrator
    /// is one of the people, so it must not be easier than acting on one's own account.
    pub(crate) fn permit_managing(&self, actor: &Actor) -> Result<(), Error> {
        permit(actor, Action::ManageUsers, None)?;
        Ok(is_recent(actor.reach, self.now(), self.recent())?)
    }

    /// For API tokens: as [`Vault::permit_own_account`], or by a token that may manage.
    pub(crate) fn permit_own_tokens(&self, actor: &Actor) -> Result<(), Error> {
        match actor.reach {
            Reach::Token { admin: true } => Ok(()),
            _ => self.permit_own_account(actor),
        }
    }

    /// Tells, each time, that what people may do may have changed: the revision has moved, here at once, elsewhere as soon as
    /// [`Vault::look_at_revision`] sees it.
    pub fn revision_moved(&self) -> tokio::sync::watch::Receiver<u64> {
        self.inner.database.moved()
    }

    /// Looks whether the revision has moved by another server's hand, or a command's; to be called about once a second by
    /// whoever waits for [`Vault::revision_moved`].
    pub async fn look_at_revision(&self) -> Result<(), Error> {
        // One looks for all.
        let Ok(mut known) = self.inner.known_revision.try_lock() else { return Ok(()) };
        let now = vault_row::revision(&mut &self.inner.database).await?;
        if known.replace(now).is_some_and(|before| before != now) {
            self.inner.database.note_moved();
        }
        Ok(())
    }

    /// An entry of the log, by the actor, now.
    pub(crate) fn entry(&self, actor: &Actor, act: AuditAction) -> AuditEntry {
        from_address(AuditEntry::new(self.now(), actor, act), actor.address)
    }
}

/// Asks the one rule, and whether what the actor came in by reaches so far.
pub(crate) fn permit(actor: &Actor, act: Action, grant: Option<&Grant>) -> Result<(), Error> {
    decide(actor.role, act, grant).map_err(Error::Denied)?;
    Ok(reaches(actor.reach, act)?)
}

/// Looks an actor up anew when the vault has moved on since, or what they came in by may have ended: their browser, token or
/// role may be gone.
pub(crate) async fn recognise_again(
    db: &mut impl Select,
    actor: &Actor,
    revision: i64,
    now: Timestamp,
) -> Result<Actor, Error> {
    if actor.as_of == revision && actor.until.is_none_or(|end| now < end) {
        return Ok(actor.clone());
    }
    let again = match actor.kind {
        ActorKind::Person(id) => {
            access::session_by_id(db, id).await?.and_then(|row| session_actor(&row, revision, now))
        }
        ActorKind::Program(id) => access::token_by_id(db, id).await?.and_then(|row| token_actor(&row, revision, now)),
        ActorKind::Machine => Some(Actor { as_of: revision, ..actor.clone() }),
    };
    again.map(|again| Actor { address: actor.address, ..again }).ok_or(Error::NotSignedIn)
}

/// Who a browser speaks for; `None` when it may not any more.
pub(crate) fn session_actor(row: &access::WebSessionRow, as_of: i64, now: Timestamp) -> Option<Actor> {
    let oldest = row.created_at.plus(countersign_identity::SESSION_LONGEST);
    (!row.disabled && now < row.expires_at && now < oldest).then(|| Actor {
        kind: ActorKind::Person(row.id),
        user: row.person,
        name: row.name.clone(),
        role: row.role,
        reach: Reach::Page { confirmed_at: row.confirmed_at },
        as_of,
        until: Some(row.expires_at.min(oldest)),
        address: None,
    })
}

/// Who a program speaks for; `None` when it may not any more.
pub(crate) fn token_actor(row: &access::ApiTokenRow, as_of: i64, now: Timestamp) -> Option<Actor> {
    let alive = !row.disabled && row.expires_at.is_none_or(|end| now < end);
    // The owner may have become less than the token was made for.
    let role = if row.role.is_within(row.person_role) { row.role } else { row.person_role };
    alive.then(|| Actor {
        kind: ActorKind::Program(row.id),
        user: row.person,
        name: format!("{}/{}", row.person_name, row.name),
        role,
        reach: Reach::Token { admin: row.admin },
        as_of,
        until: row.expires_at,
        address: None,
    })
}
