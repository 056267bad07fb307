//! How a command line is signed in from the page (OAuth 2.0 Device Authorization Grant, RFC 8628): it asks for two codes and shows one,
//! its person types that into the page and decides, and who keeps the other gets an API token, once.
//!
//! There is no token before it is fetched: what a person approves is what it is to be. So nobody but who keeps the device code has it
//! ever in an answer, and where the command line has gone there is none that nobody holds.

use std::{net::IpAddr, time::Duration};

use countersign_audit::{ActorRef, AuditAction, AuditActorKind, AuditEntry, ObjectKind};
use countersign_identity::{
    Bearer, BearerKind, DEVICE_LOGIN_DAYS, DEVICE_LOGIN_LASTS, DEVICE_LOGIN_MOST_DAYS, POLL_EVERY, UserCode,
    judge_poll, lock_out,
};
use countersign_model::{
    Actor, ApiTokenId, ApiTokenName, ClientName, DeviceLoginId, HostName, Invalid, Network, Role, Timestamp, TooShort,
};
use countersign_seal::{Secret, Withheld};
use countersign_store::{
    access::{self, ApiTokenRow},
    device_logins::{self, ApprovedToken, DeviceLoginRow, NewDeviceLoginRow, Standing},
    people,
    sign_ins::{Counter, Scope},
};

use super::api_tokens::check_room;
use crate::{
    Error, Vault,
    unit::Unit,
    users::{account::own_session, guesses::CountedGuess, source::from_address},
};

/// So many wait at once, of one network and in all.
const MOST_OF_ONE: i64 = 10;
const MOST_OF_ALL: i64 = 2_000;
/// After so long another may wait.
const TOO_MANY_WAIT: Duration = Duration::from_secs(60);
/// For so long after its end a command line is told that its time is over.
const TOLD_AFTER: Duration = Duration::from_secs(10 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// What our own command line calls itself.
const OWN_CLIENT: &str = "countersign";

/// How a command line asks to be signed in.
pub struct DeviceLoginRequest {
    /// What it is, as it says.
    pub client: ClientName,
    /// On which machine, as it says.
    pub host: Option<HostName>,
    /// From where.
    pub address: Option<IpAddr>,
}

/// What a command line is given to be signed in by.
pub struct DeviceLoginCodes {
    /// What it keeps.
    pub device_code: Bearer,
    /// What it shows.
    pub user_code: Secret,
    /// How long both serve.
    pub lasts: Duration,
    /// How long it is to wait between two questions.
    pub poll_every: Duration,
}

/// What a person is told of a command line before they decide.
#[derive(Debug, Clone)]
pub struct DeviceLoginView {
    /// Its id.
    pub id: DeviceLoginId,
    /// What it says that it is.
    pub client: String,
    /// On which machine, as it says.
    pub host: Option<String>,
    /// From which address it asked.
    pub address: Option<String>,
    /// When it asked.
    pub created_at: Timestamp,
    /// Until when it can be signed in.
    pub expires_at: Timestamp,
    /// What its API token will be called.
    pub token_name: String,
}

/// What the API token of a command line is to be.
#[derive(Debug, Clone, Copy)]
pub struct DeviceLoginApproval {
    /// What it may do; what its person may, when none is given.
    pub role: Option<Role>,
    /// Whether it may manage people, grants and automation.
    pub admin: bool,
    /// After how many days it ends; thirty, when none is given.
    pub days: Option<u32>,
}

/// What a command line is given once its person has approved.
pub struct DeviceLoginToken {
    /// What it shows from now on.
    pub token: Bearer,
    /// The token's id.
    pub id: ApiTokenId,
    /// What it is called.
    pub name: String,
    /// Whose it is, by name.
    pub user: String,
    /// When it ends.
    pub expires_at: Timestamp,
    /// For how long that is.
    pub lasts: Duration,
    /// Whether it may manage people, grants and automation.
    pub admin: bool,
}

/// Why a command line is given nothing, or not yet (RFC 8628 §3.5).
#[derive(Debug, thiserror::Error)]
pub enum DeviceLoginError {
    /// Nobody has decided.
    #[error("nobody has approved it yet: ask again")]
    Pending,
    /// It asks too often.
    #[error("ask again after {} seconds, and no sooner", every.as_secs())]
    SlowDown {
        /// How long it is to wait from now on.
        every: Duration,
    },
    /// A person refused, or may not come in any more.
    #[error("this sign-in was denied")]
    Denied,
    /// Its time is over.
    #[error("nobody approved it in time: begin again")]
    Expired,
    /// No such code, or the token was fetched with it.
    #[error("this device code is not known here, or was used")]
    Unknown,
    /// Too many wait.
    #[error("too many command lines wait to be signed in: try again in {} seconds", wait.as_secs().max(1))]
    TooMany {
        /// How long to wait.
        wait: Duration,
    },
    /// What can happen to anybody.
    #[error(transparent)]
    Vault(#[from] Error),
}

impl From<countersign_store::engine::Error> for DeviceLoginError {
    fn from(error: countersign_store::engine::Error) -> Self {
        Self::Vault(error.into())
    }
}

impl Vault {
    /// Lets a command line wait for its person.
    ///
    /// # Errors
    /// [`DeviceLoginError::TooMany`].
    pub async fn begin_device_login(&self, ask: DeviceLoginRequest) -> Result<DeviceLoginCodes, DeviceLoginError> {
        let DeviceLoginRequest { client, host, address } = ask;
        let (now, chance) = (self.now(), self.chance());
        let (device_code, user_code) = (Bearer::new(BearerKind::DeviceCode, chance), UserCode::new(chance));
        let network = address.map(|address| Network::of_guesser(address).to_string()).unwrap_or_default();
        let mut tx = self.unit().await.map_err(Error::from)?;
        let (all, of_one) = device_logins::pending(&mut tx, &network, now).await?;
        if of_one >= MOST_OF_ONE || all >= MOST_OF_ALL {
            return Err(DeviceLoginError::TooMany { wait: TOO_MANY_WAIT });
        }
        let row = NewDeviceLoginRow {
            id: DeviceLoginId::new(now, chance),
            device_code: &device_code.hash(),
            user_code: &user_code.hash(),
            client: &client,
            host: host.as_ref(),
            address: address.map(|address| address.to_canonical().to_string()),
            network,
            created_at: now,
            expires_at: now.plus(DEVICE_LOGIN_LASTS),
            poll_every: POLL_EVERY,
        };
        device_logins::insert(&mut tx, &row).await?;
        tx.commit_without_record("somebody whom nobody knows waits; what becomes of it is recorded").await?;
        let user_code = user_code.shown();
        Ok(DeviceLoginCodes { device_code, user_code, lasts: DEVICE_LOGIN_LASTS, poll_every: POLL_EVERY })
    }

    /// Tells the actor which command line shows a code that they type. From then on they alone can decide about it.
    ///
    /// # Errors
    /// [`Error::TooShort`] for a program or where the sign-in is not recent; [`Error::DeviceLoginRefused`] and
    /// [`Error::DeviceLoginLocked`], both on record.
    pub async fn look_up_device_login(&self, actor: &Actor, code: &str) -> Result<DeviceLoginView, Error> {
        self.permit_device_login(actor)?;
        let attempts = self.count_user_code(actor).await?;
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_device_login(&actor)?;
        let now = self.now();
        let row = match UserCode::parse(code) {
            Some(code) => device_logins::by_user_code(&mut tx, &code.hash()).await?,
            None => None,
        };
        let row = row.filter(|row| now < row.expires_at && matches!(row.standing, Standing::Open | Standing::Seen(_)));
        let seen = Standing::Seen(actor.user);
        let mine = match &row {
            Some(row) if row.standing == seen => true,
            Some(row) if row.standing == Standing::Open => device_logins::decide(&mut tx, row, seen, now).await?,
            _ => false,
        };
        let Some(row) = row.filter(|_| mine) else {
            drop(tx);
            return Err(self.refuse_user_code(&actor, &attempts).await?);
        };
        for attempt in &attempts {
            self.end_attempt(&mut tx, attempt).await.map_err(locked)?;
        }
        tx.commit_without_record("somebody looks at a command line that waits; what they decide is recorded").await?;
        Ok(view(row))
    }

    /// Approves that a command line is signed in as the actor, who has typed its code. It gets its token when it next asks.
    ///
    /// # Errors
    /// [`Error::TooShort`] as above; [`Error::DeviceLoginRefused`] when it is over, or the actor's to decide no more;
    /// [`Error::Invalid`] for a role wider than the actor's, or days that are out of bounds.
    pub async fn approve_device_login(
        &self,
        actor: &Actor,
        id: DeviceLoginId,
        approval: DeviceLoginApproval,
    ) -> Result<Timestamp, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_device_login(&actor)?;
        let now = self.now();
        let role = approval.role.unwrap_or(actor.role);
        if !role.is_within(actor.role) {
            return Err(Invalid::new("role", format!("is wider than your own, which is {}", actor.role)).into());
        }
        let ends_at = end_of(approval.days, now)?;
        check_room(&mut tx, actor.user).await?;
        let token = ApprovedToken { at: now, role, admin: approval.admin, ends_at };
        let row = self.decide(&mut tx, &actor, id, Standing::Approved(actor.user, token)).await?;
        let entry = about(self.entry(&actor, AuditAction::DeviceLoginApproved), row);
        let entry = entry.with("role", role.name()).with("admin", token.admin);
        tx.record(entry.with("expires_at", ends_at.to_string()));
        tx.commit().await?;
        Ok(ends_at)
    }

    /// Refuses to sign a command line in whose code the actor has typed.
    ///
    /// # Errors
    /// [`Error::TooShort`] as above; [`Error::DeviceLoginRefused`] when it is over, or the actor's to decide no more.
    pub async fn deny_device_login(&self, actor: &Actor, id: DeviceLoginId) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_device_login(&actor)?;
        let row = self.decide(&mut tx, &actor, id, Standing::Denied(actor.user)).await?;
        tx.record(about(self.entry(&actor, AuditAction::DeviceLoginDenied), row));
        tx.commit().await.map(drop)
    }

    /// What became of a command line, for who keeps its device code; the API token where its person has approved, once.
    ///
    /// # Errors
    /// [`DeviceLoginError`] says what to do.
    pub async fn poll_device_login(
        &self,
        device_code: &str,
        client: &str,
        address: Option<IpAddr>,
    ) -> Result<DeviceLoginToken, DeviceLoginError> {
        let now = self.now();
        let code = Bearer::parse(device_code).filter(|code| code.kind() == BearerKind::DeviceCode);
        let code = code.ok_or(DeviceLoginError::Unknown)?;
        let mut tx = self.unit().await.map_err(Error::from)?;
        let row = device_logins::by_device_code(&mut tx, &code.hash()).await?;
        let row = row.filter(|row| row.client.as_str() == client).ok_or(DeviceLoginError::Unknown)?;
        if now >= row.expires_at {
            return Err(DeviceLoginError::Expired);
        }
        let judged = judge_poll(row.polled_at, row.poll_every, now);
        let token = match (judged, row.standing) {
            (_, Standing::Denied(_)) => return Err(DeviceLoginError::Denied),
            (Ok(()), Standing::Approved(person, token)) => (person, token),
            (judged, _) => {
                device_logins::polled(&mut tx, row.id, now, judged.err().unwrap_or(row.poll_every)).await?;
                tx.commit_without_record("notes that a command line asked, and how often it may").await?;
                return Err(match judged {
                    Err(every) => DeviceLoginError::SlowDown { every },
                    Ok(()) => DeviceLoginError::Pending,
                });
            }
        };
        self.hand_over(tx, row, token, address).await
    }

    /// Makes the token that was approved.
    async fn hand_over(
        &self,
        mut tx: Unit,
        row: DeviceLoginRow,
        (person, approved): (countersign_model::UserId, ApprovedToken),
        address: Option<IpAddr>,
    ) -> Result<DeviceLoginToken, DeviceLoginError> {
        let now = self.now();
        let person = people::find(&mut tx, person).await?.filter(|person| !person.disabled);
        let person = person.ok_or(DeviceLoginError::Denied)?;
        if !device_logins::take(&mut tx, &row).await? {
            return Err(DeviceLoginError::Unknown);
        }
        let bearer = Bearer::new(BearerKind::ApiToken, self.chance());
        let token = ApiTokenRow {
            id: ApiTokenId::new(now, self.chance()),
            person: person.id,
            person_name: person.name.clone(),
            name: name_of(&row),
            role: approved.role,
            person_role: person.role,
            disabled: false,
            created_at: now,
            expires_at: Some(approved.ends_at),
            last_used_at: None,
            admin: approved.admin,
            legacy: false,
            parent: None,
        };
        access::insert_token(&mut tx, &token, &bearer.hash()).await?;
        let by = ActorRef { kind: AuditActorKind::User, id: Some(person.id.uuid()), name: person.name.clone() };
        let entry = AuditEntry::new(now, by, AuditAction::ApiTokenCreated);
        let entry = entry.on(ObjectKind::ApiToken, token.id.uuid(), &token.name).with("role", token.role.name());
        let entry = entry.with("admin", token.admin).with("expires_at", approved.ends_at.to_string());
        tx.record(from_address(entry.with("device_login", row.id.to_string()), address));
        let receipt = tx.commit().await?;
        let bearer = Withheld::new(token.id.uuid().into_bytes(), bearer).release(&receipt).map_err(Error::from)?;
        let (expires_at, lasts) = (approved.ends_at, approved.ends_at.since(now));
        let (id, name, user, admin) = (token.id, token.name, person.name, token.admin);
        Ok(DeviceLoginToken { token: bearer, id, name, user, expires_at, lasts, admin })
    }

    /// For what makes a way in: in a browser, and recently signed in.
    fn permit_device_login(&self, actor: &Actor) -> Result<(), Error> {
        self.permit_own_account(actor)?;
        own_session(actor).map(drop).ok_or_else(|| TooShort::PageOnly.into())
    }

    /// Writes what the actor has decided about a command line that is theirs to decide about.
    async fn decide(
        &self,
        tx: &mut Unit,
        actor: &Actor,
        id: DeviceLoginId,
        standing: Standing,
    ) -> Result<DeviceLoginRow, Error> {
        let now = self.now();
        let row = device_logins::find(tx, id).await?;
        let row = row.filter(|row| now < row.expires_at && row.standing == Standing::Seen(actor.user));
        let row = row.ok_or(Error::DeviceLoginRefused)?;
        if device_logins::decide(tx, &row, standing, now).await? { Ok(row) } else { Err(Error::DeviceLoginRefused) }
    }

    /// Counts the guess, durably, by the person and by the network that it comes from.
    async fn count_user_code(&self, actor: &Actor) -> Result<Vec<CountedGuess>, Error> {
        let network = actor.address.map(|address| format!("network {}", Network::of_guesser(address)));
        let mut tx = self.unit().await?;
        let mut attempts = Vec::new();
        for by in [Some(format!("user {}", actor.user)), network].into_iter().flatten() {
            let key = self.keys().fingerprint("device login", &Secret::from(by)).to_vec();
            let counted = self.begin_attempt(&mut tx, Counter { scope: Scope::DeviceLogin, key }).await;
            attempts.push(counted.map_err(locked)?);
        }
        tx.commit_without_record("counts a guess, whose outcome will be recorded").await?;
        Ok(attempts)
    }

    /// Records that the code was wrong; gives the error to answer with.
    async fn refuse_user_code(&self, actor: &Actor, attempts: &[CountedGuess]) -> Result<Error, Error> {
        let now = self.now();
        let mut entries = vec![self.entry(actor, AuditAction::DeviceLoginRefused)];
        let number = attempts.iter().map(CountedGuess::number).max().unwrap_or(0);
        let wait = lock_out(number, now).map(|until| until.since(now));
        if let Some(wait) = wait {
            let seconds = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX);
            entries.push(self.entry(actor, AuditAction::DeviceLoginLocked).with("seconds", seconds));
        }
        let mut tx = self.unit().await?;
        tx.record_all(entries);
        tx.commit().await?;
        Ok(wait.map_or(Error::DeviceLoginRefused, |wait| Error::DeviceLoginLocked { wait }))
    }

    /// Forgets command lines that were told long enough that their time is over.
    pub(crate) async fn tidy_device_logins(&self, tx: &mut Unit) -> Result<(), Error> {
        Ok(device_logins::forget(tx, self.now().minus(TOLD_AFTER)).await?)
    }
}

fn locked(error: Error) -> Error {
    match error {
        Error::LockedOut { wait } => Error::DeviceLoginLocked { wait },
        error => error,
    }
}

/// When the token ends.
fn end_of(days: Option<u32>, now: Timestamp) -> Result<Timestamp, Invalid> {
    let days = days.unwrap_or(DEVICE_LOGIN_DAYS);
    if !(1..=DEVICE_LOGIN_MOST_DAYS).contains(&days) {
        return Err(Invalid::new("expires_in_days", format!("must be 1 to {DEVICE_LOGIN_MOST_DAYS}")));
    }
    Ok(now.plus(DAY * days))
}

/// What the token of a command line is called: as those are that a command line makes by itself.
fn name_of(row: &DeviceLoginRow) -> String {
    let name = match (row.client.as_str(), row.host.as_ref()) {
        (OWN_CLIENT, Some(host)) => format!("login on {host}"),
        (client, Some(host)) => format!("{client} on {host}"),
        (client, None) => format!("login of {client}"),
    };
    let fits: String = name.chars().take(ApiTokenName::MAX).collect();
    fits.trim_end().to_owned()
}

/// Names the command line that a record is about.
fn about(entry: AuditEntry, row: DeviceLoginRow) -> AuditEntry {
    let entry = entry.on(ObjectKind::DeviceLogin, row.id.uuid(), name_of(&row)).with("client", row.client.as_str());
    let entry = match &row.host {
        Some(host) => entry.with("host", host.as_str()),
        None => entry,
    };
    match row.address {
        Some(address) => entry.with("asked_from", address),
        None => entry,
    }
}

fn view(row: DeviceLoginRow) -> DeviceLoginView {
    let token_name = name_of(&row);
    DeviceLoginView {
        id: row.id,
        client: row.client.as_str().to_owned(),
        host: row.host.map(|host| host.as_str().to_owned()),
        address: row.address,
        created_at: row.created_at,
        expires_at: row.expires_at,
        token_name,
    }
}
