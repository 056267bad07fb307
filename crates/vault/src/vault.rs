use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use countersign_audit::{AuditAction, AuditEntry};
use countersign_identity::{NoPasskeys, RelyingParty};
use countersign_model::{
    AccessContext, Action, Actor, AllowedBy, Chance, Clock, Grants, Reach, Timestamp, decide, decide_by_role,
    is_recent, may_change_own_account, reaches,
};
use countersign_seal::{KeyRing, PasswordHash, passphrase::Cost};
use countersign_store::{
    engine::{self, Database, EngineKind, Lane, Reader},
    vault as vault_row,
};
use tokio::sync::Semaphore;

use crate::{
    Error, Unlock, access::actor::recognise_again, access::log_memory::LogMemory, access::recognised::AccessCache,
    audit::committer::AuditCommitter, backups::store::Backups, credentials::queue::Creations,
    credentials::search::SearchMemory, notices::FixedNotices, notices::Outbox, sessions::Recordings,
    tokens::sources::TokenSources, tokens::steps::StepBoard, unit::Unit, users::source::asked_by,
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
    pub(crate) creations: Creations,
    /// When it was last looked whether the vault is ready, and what was found.
    pub(crate) readiness: tokio::sync::Mutex<Option<(std::time::Instant, Result<(), String>)>>,
    pub(crate) access: AccessCache,
    /// What the log tells of who was let in, and what was ended.
    pub(crate) log_memory: tokio::sync::Mutex<LogMemory>,
    pub(crate) hot: TokenSources,
    /// What searches look through.
    pub(crate) search: SearchMemory,
    pub(crate) steps: Arc<StepBoard>,
    /// How long ago password and second factor may have been shown, where that is asked for.
    pub(crate) ask_again_after: OnceLock<Duration>,
    /// Where passkeys are used, or why nowhere.
    pub(crate) relying_party: OnceLock<Result<RelyingParty, NoPasskeys>>,
    /// What [`Vault::look_at_revision`] saw last.
    pub(crate) known_revision: tokio::sync::Mutex<Option<i64>>,
    pub(crate) refusals: parking_lot::Mutex<countersign_identity::Refusals>,
    /// Wakes workers of this process when somebody asks for a change.
    pub(crate) work: tokio::sync::Notify,
    /// Wakes the sender of this process when something is to be told.
    pub(crate) outbox: Outbox,
    /// Where notices go, where the settings file says it.
    pub(crate) fixed_notices: OnceLock<FixedNotices>,
    /// Wakes what sends the audit log elsewhere, when it is said anew where to.
    pub(crate) sink_work: tokio::sync::Notify,
    /// Where destinations that are folders lie; without it there are none.
    pub(crate) sink_folder: OnceLock<std::path::PathBuf>,
    /// Where recordings are kept; without it no session begins.
    pub(crate) recordings: OnceLock<Recordings>,
    /// The backups that the server makes by itself; without it there are none.
    pub(crate) backups: OnceLock<Backups>,
    // One password hash at a time: each takes twelve MiB, and a flood of sign-ins must not take the machine's memory.
    pub(crate) hashing: Semaphore,
    // As do files that are imported, among which are pictures.
    pub(crate) reading_files: Semaphore,
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
            creations: Creations::default(),
            readiness: tokio::sync::Mutex::default(),
            access: AccessCache::default(),
            log_memory: tokio::sync::Mutex::default(),
            hot: TokenSources::default(),
            search: SearchMemory::default(),
            steps,
            ask_again_after: OnceLock::new(),
            relying_party: OnceLock::new(),
            known_revision: tokio::sync::Mutex::default(),
            refusals: parking_lot::Mutex::default(),
            work: tokio::sync::Notify::new(),
            outbox: Outbox::default(),
            fixed_notices: OnceLock::new(),
            sink_work: tokio::sync::Notify::new(),
            sink_folder: OnceLock::new(),
            recordings: OnceLock::new(),
            backups: OnceLock::new(),
            hashing: Semaphore::new(1),
            reading_files: Semaphore::new(1),
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

    /// A unit of work, of nobody or of somebody who is not known yet.
    pub(crate) async fn unit(&self) -> Result<Unit, engine::Error> {
        self.inner.database.write().await.map(Unit::new)
    }

    /// A unit of work by the actor, who is known to be who they were.
    pub(crate) async fn writer(&self, actor: &Actor) -> Result<(Unit, Actor), Error> {
        let mut tx = self.unit().await?;
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
        permit_by_role(actor, Action::ManageUsers)?;
        Ok(is_recent(actor.reach, self.now(), self.recent())?)
    }

    /// For API tokens: as [`Vault::permit_own_account`], or by a token that may manage.
    pub(crate) fn permit_own_tokens(&self, actor: &Actor) -> Result<(), Error> {
        match actor.reach {
            Reach::Token { admin: true } if !actor.is_service() => Ok(()),
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
        asked_by(AuditEntry::new(self.now(), actor, act), actor)
    }

    /// What is known of the actor's request now.
    pub(crate) fn asked<'a>(&self, actor: &'a Actor) -> AccessContext<'a> {
        AccessContext::of(actor, self.now())
    }
}

/// Asks the one rule, and whether what the actor came in by reaches so far.
pub(crate) fn permit(
    actor: &Actor,
    act: Action,
    grants: &Grants,
    context: &AccessContext<'_>,
) -> Result<AllowedBy, Error> {
    let by = decide(actor.role, act, grants, context).map_err(Error::Denied)?;
    reaches(actor.reach, act)?;
    Ok(by)
}

/// As [`permit`], for acts that concern no credential.
pub(crate) fn permit_by_role(actor: &Actor, act: Action) -> Result<(), Error> {
    decide_by_role(actor.role, act).map_err(Error::Denied)?;
    Ok(reaches(actor.reach, act)?)
}

/// A record of what a grant has allowed names the grant, and the approved request where one was needed.
pub(crate) fn allowed_by(entry: AuditEntry, by: AllowedBy) -> AuditEntry {
    let entry = match by.grant() {
        Some(grant) => entry.with("grant", grant.to_string()),
        None => entry,
    };
    match by.request() {
        Some(request) => entry.with("request", request.to_string()),
        None => entry,
    }
}
