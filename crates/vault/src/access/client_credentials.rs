//! The walk of a service account's token (RFC 6749 §4.4): the guess is counted, the secret compared, the scope narrowed, the record
//! durable, and only then the token leaves.
//!
//! A secret is 256 random bits, which nobody guesses. Wrong ones are counted all the same, by client id and by the network that they come
//! from: so whoever knows a client id locks out nobody but themselves.

use std::{net::IpAddr, time::Duration};

use countersign_audit::{ActorRef, AuditAction, AuditActorKind as RecordedKind, AuditEntry, ObjectKind};
use countersign_identity::{Bearer, BearerKind, Refusal, lock_out};
use countersign_model::{
    AccessScope, AccessTokenId, AssertionRefusal, Invalid, Network, ScopeWord, ServiceReach, UserId,
};
use countersign_seal::{Secret, Withheld};
use countersign_store::{
    credentials,
    engine::Select,
    services::{self, AccessTokenRow, AskedBy, SecretRow, ServiceRow},
    sign_ins::{Counter, Scope},
    vault as vault_row,
};

use super::services::{is_live, written};
use crate::{
    Error, Vault,
    unit::Unit,
    users::{guesses::CountedGuess, source::from_address},
};

/// How long a token serves.
const TOKEN_LASTS: Duration = Duration::from_secs(10 * 60);
/// So many serve at once, of one account.
const MAX_LIVE: i64 = 1_000;

/// How a token is asked for.
pub struct ClientTokenRequest<'a> {
    /// The id of the service account.
    pub client_id: &'a str,
    /// Its secret.
    pub secret: Secret,
    /// What the token is to be for; everything that the account may ask for, when left out.
    pub scope: Option<&'a str>,
    /// From where.
    pub address: Option<IpAddr>,
}

/// A token that a service account was given.
pub struct IssuedToken {
    /// What it shows.
    pub token: Bearer,
    /// How long it serves.
    pub expires_in: Duration,
    /// What it is for.
    pub scope: String,
}

/// Why a service account was given no token.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// There is no such account, the secret is wrong or over, or the account may not be used now or from there: which, is not said.
    #[error("the client id or secret is wrong, or this account may not be used now or from this address")]
    InvalidClient,
    /// The token of another issuer does not let this client in.
    #[error("{0}")]
    InvalidAssertion(AssertionRefusal),
    /// The scope is none, or beyond what the account may ask for.
    #[error(transparent)]
    InvalidScope(Invalid),
    /// Too many failures, or too many tokens.
    #[error("too many requests for this client from here: try again in {} seconds", wait.as_secs().max(1))]
    TooMany {
        /// How long it lasts.
        wait: Duration,
    },
    /// What can happen to anybody.
    #[error(transparent)]
    Vault(Error),
}

impl From<countersign_store::engine::Error> for IssueError {
    fn from(error: countersign_store::engine::Error) -> Self {
        Error::from(error).into()
    }
}

impl From<Error> for IssueError {
    fn from(error: Error) -> Self {
        match error {
            Error::LockedOut { wait } => Self::TooMany { wait },
            error => Self::Vault(error),
        }
    }
}

/// By what an account was let in, and what its record says of that.
pub(super) struct Proven {
    pub(super) by: AskedBy,
    pub(super) told: Vec<(&'static str, String)>,
}

impl Vault {
    /// Gives a service account a token for its secret.
    ///
    /// # Errors
    /// [`IssueError`]; each refusal is recorded.
    pub async fn issue_access_token(&self, ask: ClientTokenRequest<'_>) -> Result<IssuedToken, IssueError> {
        let attempt = self.count_client(ask.client_id, ask.address).await?;
        let id = ask.client_id.parse::<UserId>().ok();
        let shown = ask.secret.expose_text().and_then(Bearer::parse);
        let shown = shown.filter(|bearer| bearer.kind() == BearerKind::ClientSecret);
        let mut tx = self.unit().await?;
        let service = match id {
            Some(id) => services::find(&mut tx, id).await?,
            None => None,
        };
        let (service, secret) = match self.judge_client(&mut tx, service.as_ref(), shown.as_ref(), ask.address).await? {
            Ok(secret) => (service.ok_or(IssueError::InvalidClient)?, secret),
            Err(wrong) => {
                drop(tx);
                let entry = self.refused_client(service.as_ref(), wrong, ask.address);
                let wait = self.fail_client(&attempt, service.as_ref(), entry, ask.address).await?;
                return Err(wait.map_or(IssueError::InvalidClient, |wait| IssueError::TooMany { wait }));
            }
        };
        self.end_attempt(&mut tx, &attempt).await?;
        let (tx, scope) = self.scope_for(tx, &service, ask.scope, ask.address).await?;
        let proven = Proven { by: AskedBy::Secret(secret.id), told: vec![("secret", secret.hint)] };
        self.put_access_token(tx, service, proven, scope, ask.address).await
    }

    /// What an account that was let in asks for. A scope that it may not have is recorded.
    pub(super) async fn scope_for(
        &self,
        mut tx: Unit,
        service: &ServiceRow,
        scope: Option<&str>,
        address: Option<IpAddr>,
    ) -> Result<(Unit, AccessScope), IssueError> {
        match asked_scope(&mut tx, service, scope.unwrap_or_default()).await {
            Ok(scope) => Ok((tx, scope)),
            Err(Error::Invalid(invalid)) => {
                tx.record(self.refused_client(Some(service), "scope", address));
                tx.commit().await?;
                Err(IssueError::InvalidScope(invalid))
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn put_access_token(
        &self,
        mut tx: Unit,
        service: ServiceRow,
        proven: Proven,
        scope: AccessScope,
        address: Option<IpAddr>,
    ) -> Result<IssuedToken, IssueError> {
        let now = self.now();
        if services::live_tokens(&mut tx, service.person.id, now).await? >= MAX_LIVE {
            return Err(IssueError::TooMany { wait: TOKEN_LASTS });
        }
        let end = now.plus(TOKEN_LASTS);
        let expires_at = service.expires_at.map_or(end, |last| last.min(end));
        let bearer = Bearer::new(BearerKind::AccessToken, self.chance());
        let (id, told) = (AccessTokenId::new(now, self.chance()), written(&mut tx, &scope).await?);
        let row = AccessTokenRow { id, service, asked_by: proven.by, scope, created_at: now, expires_at };
        services::insert_token(&mut tx, &row, &bearer.hash()).await?;
        let person = &row.service.person;
        let by = ActorRef { kind: RecordedKind::ServiceAccount, id: Some(person.id.uuid()), name: person.name.clone() };
        let entry = AuditEntry::new(now, by, AuditAction::AccessTokenIssued);
        let entry = entry.on(ObjectKind::ServiceAccount, person.id.uuid(), &person.name);
        let entry = entry.with("scope", told.as_str());
        let entry = proven.told.into_iter().fold(entry, |entry, (name, value)| entry.with(name, value));
        tx.record(from_address(entry.with("expires_at", expires_at.to_string()), address));
        let receipt = tx.commit().await?;
        let token =
            Withheld::new(row.service.person.id.uuid().into_bytes(), bearer).release(&receipt).map_err(Error::from)?;
        Ok(IssuedToken { token, expires_in: expires_at.since(now), scope: told })
    }

    /// Counts the guess, durably.
    async fn count_client(&self, client_id: &str, address: Option<IpAddr>) -> Result<CountedGuess, IssueError> {
        match self.counted_client(client_id, address).await {
            Err(Error::LockedOut { wait }) => {
                self.note_refusal(Refusal::LockedOut, address, None).await;
                Err(IssueError::TooMany { wait })
            }
            counted => Ok(counted?),
        }
    }

    pub(super) async fn counted_client(&self, client_id: &str, address: Option<IpAddr>) -> Result<CountedGuess, Error> {
        let from = address.map(|address| Network::of_guesser(address).to_string()).unwrap_or_default();
        let mut tx = self.unit().await?;
        // However it is spelled; all that name nobody are one, or each would be a guess and a record of its own.
        let id = match client_id.parse::<UserId>() {
            Ok(id) => services::find(&mut tx, id).await?.map(|service| service.person.id.to_string()),
            Err(_) => None,
        };
        let id = id.as_deref().unwrap_or("nobody");
        let key = self.keys().fingerprint("client", &Secret::from(format!("{id} {from}")));
        let attempt = self.begin_attempt(&mut tx, Counter { scope: Scope::Client, key: key.to_vec() }).await?;
        tx.commit_without_record("counts a guess, whose outcome will be recorded").await?;
        Ok(attempt)
    }

    /// Whether a service account may have a token; gives the secret that it showed, or what is wrong.
    async fn judge_client(
        &self,
        tx: &mut Unit,
        service: Option<&ServiceRow>,
        shown: Option<&Bearer>,
        address: Option<IpAddr>,
    ) -> Result<Result<SecretRow, &'static str>, Error> {
        let Some(service) = service else { return Ok(Err("client id")) };
        let Some(shown) = shown else { return Ok(Err("secret")) };
        let Some(secret) = services::secret(tx, service.person.id, &shown.hash()).await? else {
            return Ok(Err("secret"));
        };
        let vault = vault_row::find(tx).await?.ok_or(Error::NotSignedIn)?;
        let memory = self.log_memory(tx, vault.head.size).await?;
        memory.check_person(&service.person)?;
        memory.check_secret(&secret)?;
        drop(memory);
        let now = self.now();
        let reach = ServiceReach { networks: service.networks.clone(), ..ServiceReach::default() };
        Ok(match () {
            () if !is_live(&secret, now) => Err("secret ended"),
            () if service.person.disabled => Err("disabled"),
            () if !service.is_alive(now) => Err("account ended"),
            () if !reach.is_from(address) => Err("network"),
            () => Ok(secret),
        })
    }

    /// Records that the guess was wrong; says how long nothing is looked at from there, where it was one too many.
    pub(super) async fn fail_client(
        &self,
        attempt: &CountedGuess,
        service: Option<&ServiceRow>,
        refused: AuditEntry,
        address: Option<IpAddr>,
    ) -> Result<Option<Duration>, Error> {
        let wait = lock_out(attempt.number(), self.now()).map(|until| until.since(self.now()));
        let mut entries = vec![refused];
        if let Some(wait) = wait {
            let seconds = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX);
            let locked = self.about_client(AuditAction::AccessTokenLocked, service, address);
            entries.push(locked.with("seconds", seconds));
        }
        let mut tx = self.unit().await?;
        tx.record_all(entries);
        tx.commit().await?;
        Ok(wait)
    }

    pub(super) fn refused_client(
        &self,
        service: Option<&ServiceRow>,
        wrong: &'static str,
        address: Option<IpAddr>,
    ) -> AuditEntry {
        self.about_client(AuditAction::AccessTokenRefused, service, address).with("wrong", wrong)
    }

    fn about_client(&self, act: AuditAction, service: Option<&ServiceRow>, address: Option<IpAddr>) -> AuditEntry {
        let name = service.map_or("an unknown client", |service| &service.person.name);
        let entry = from_address(AuditEntry::new(self.now(), ActorRef::nobody(name), act), address);
        match service {
            Some(service) => entry.on(ObjectKind::ServiceAccount, service.person.id.uuid(), &service.person.name),
            None => entry,
        }
    }
}

/// What an account asks for, where that is within what it may. It names only credentials that it was granted.
async fn asked_scope(db: &mut impl Select, service: &ServiceRow, text: &str) -> Result<AccessScope, Error> {
    let mut asked = AccessScope::default();
    for word in ScopeWord::read(text)? {
        match word {
            ScopeWord::Permission(permission) => asked.allow(permission),
            ScopeWord::Tag(tag) => asked.add_tag(tag),
            ScopeWord::Credential(name) => {
                let person = service.person.id;
                let row = match name.parse() {
                    Ok(id) => credentials::find_as(db, id, person).await?,
                    Err(_) => credentials::find_by_name_as(db, &name, person).await?,
                };
                let row = row.filter(|row| !row.grants.is_empty());
                let unknown = || Invalid::new("scope", "names a credential that this account was not granted");
                asked.add_credential(row.ok_or_else(unknown)?.id);
            }
        }
    }
    Ok(service.scope.narrowed(&asked)?)
}
