//! The walk of a token: find, decide, open, compute, record, and only then hand out.

use std::{sync::Arc, time::Duration};

use countersign_audit::{AuditAction, ObjectKind};
use countersign_model::{
    AccessContext, Action, Actor, AllowedBy, CredentialId, CredentialStatus, Invalid, Reason, SecondFactor,
    SecondFactorKind, Timestamp,
};
use countersign_otp::{OtpSecret, Token, TokenText};
use countersign_seal::{Binding, NotOpened, Sealed, SecretKind, Withheld};
use countersign_store::{access, secrets, steps::StepUse, vault as vault_row};

use crate::{
    Conflict, CredentialRef, Error, Object, Vault,
    access::actor::recognise_again,
    audit::group::{PendingRecord, RecordOutcome},
    tokens::{
        sources::{GrantedSource, TokenSource},
        steps::others,
    },
    unit::Unit,
    users::source::asked_by,
    vault::{allowed_by, permit},
};

/// How a token is asked for.
#[derive(Debug, Clone, Default)]
pub struct TokenRequest {
    /// Why.
    pub reason: Option<Reason>,
    /// Whether the token after the current one is wanted too.
    pub next: bool,
    /// Whether the step is to be taken for a machine: nobody may have taken it, and enough of it must be left.
    pub claim: bool,
    /// Whether nothing may move by it: a code by counter is then refused with [`Error::CounterMoves`].
    pub read_only: bool,
}

/// A token, recorded and ready to leave.
pub struct TokenAnswer {
    /// What is typed at the site.
    pub token: TokenText,
    /// How it is made.
    pub second_factor: SecondFactor,
    /// For tokens by time: its step.
    pub times: Option<TokenTimes>,
    /// For tokens by counter: the counter it belongs to.
    pub counter: Option<u64>,
    /// The next token, when it was asked for and there is one by time.
    pub next: Option<(TokenText, TokenTimes)>,
    /// The present by the server's clock.
    pub server_time: Timestamp,
    /// Who else took this step, the latest first.
    pub taken_by: Vec<TakenBy>,
}

/// The step of a token by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenTimes {
    /// Its number since 1970 (RFC 6238 §4.2).
    pub step: u64,
    /// When it begins.
    pub begins_at: Timestamp,
    /// When it ends: the first moment of the next.
    pub ends_at: Timestamp,
}

/// Somebody who took a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenBy {
    /// Their name, or `owner/token name`.
    pub name: String,
    /// When they first took it.
    pub at: Timestamp,
    /// Whether it was a program or the worker.
    pub machine: bool,
}

/// Why a seed or token may be looked at before it leaves.
const DESCRIBED: &str = "how it is made and when it holds are no secret";

// A vault that is edited all the time can overtake a reader; after so many rounds something is wrong.
const MAX_ROUNDS: usize = 16;

impl Vault {
    /// The current token of a credential.
    ///
    /// # Errors
    /// [`Error::NotFound`] also where the actor may not know of the credential; [`Error::Denied`], [`Conflict::Inactive`],
    /// [`Error::Empty`] without a seed, [`Error::StepTaken`] for a claim, [`Error::AuditUnavailable`] when the record
    /// cannot be written: then nothing left.
    pub async fn token(&self, actor: &Actor, wanted: &CredentialRef, ask: &TokenRequest) -> Result<TokenAnswer, Error> {
        let mut actor = actor.clone();
        for _ in 0..MAX_ROUNDS {
            // What is rare has its future on the heap, or every read would carry room for all that could happen.
            let found = match self.inner.hot.known(wanted, actor.user).filter(|found| found.revision == actor.as_of) {
                Some(found) => found,
                None => Box::pin(self.find_for_token(&mut actor, wanted)).await?,
            };
            if ask.claim && ask.next {
                let problem = "is not given with a claim: nobody has claimed that step; claim again when it has begun";
                return Err(Invalid::new("next", problem).into());
            }
            let context = AccessContext::of(&actor, self.now()).or_because(ask.reason.as_ref());
            let by = match permit_token(&actor, &found, &context) {
                Ok(by) => by,
                Err(refusal) => {
                    if let Error::Denied(_) = refusal {
                        Box::pin(self.record_denied(&actor, &found, ask)).await?;
                    }
                    // What was kept may be older than a grant that came since; a refusal is worth a second look.
                    if vault_row::revision(&mut &self.inner.database).await? == found.revision {
                        return Err(refusal);
                    }
                    self.inner.hot.forget();
                    continue;
                }
            };
            let answer = match found.credential.second_factor.map(|it| it.kind) {
                Some(SecondFactorKind::Hotp) if ask.read_only => return Err(Error::CounterMoves),
                Some(SecondFactorKind::Hotp) => Box::pin(self.token_by_counter(&actor, &found, by, ask)).await,
                _ => self.token_by_time(&actor, &found, by, ask).await,
            };
            match answer {
                Ok(Some(answer)) => return Ok(answer),
                // The vault has moved on since it was decided: decide again on what is true now.
                Ok(None) => self.inner.hot.forget(),
                // What was kept may be sealed under a vault key that has been replaced since.
                Err(Error::Damaged(_)) if vault_row::revision(&mut &self.inner.database).await? != found.revision => {
                    self.inner.hot.forget();
                }
                Err(error) => return Err(error),
            }
        }
        Err(Error::Conflict(Conflict::Edited))
    }

    /// The credential and the actor as of one and the same revision.
    async fn find_for_token(&self, actor: &mut Actor, wanted: &CredentialRef) -> Result<GrantedSource, Error> {
        for _ in 0..MAX_ROUNDS {
            let found = self.inner.hot.find(&self.inner.database, wanted, actor.user).await?;
            let revision = match &found {
                Some(found) => found.revision,
                None => vault_row::revision(&mut &self.inner.database).await?,
            };
            if actor.as_of > revision {
                self.inner.hot.forget();
                continue;
            }
            if actor.as_of < revision {
                let mut reader = self.inner.database.read().await?;
                let revision = vault_row::revision(&mut reader).await?;
                *actor = recognise_again(&mut reader, actor, revision, self.now()).await?;
                if found.as_ref().is_some_and(|found| found.revision != actor.as_of) {
                    self.inner.hot.forget();
                    continue;
                }
            }
            return found.ok_or(Error::NotFound(Object::Credential));
        }
        Err(Error::Conflict(Conflict::Edited))
    }

    /// Records that a token was asked for and refused.
    async fn record_denied(&self, actor: &Actor, found: &GrantedSource, ask: &TokenRequest) -> Result<(), Error> {
        let credential = &found.credential;
        let entry = self.entry(actor, AuditAction::TokenDenied);
        let entry = entry.on(ObjectKind::Credential, credential.id.uuid(), credential.name.as_str());
        let entry = entry.because(ask.reason.as_ref());
        let denied = PendingRecord { entry, revision: found.revision, used: None, claimed: false };
        self.inner.recorder.record(denied).await.map(drop)
    }

    /// `None` when the vault has moved on.
    async fn token_by_time(
        &self,
        actor: &Actor,
        found: &GrantedSource,
        by: AllowedBy,
        ask: &TokenRequest,
    ) -> Result<Option<TokenAnswer>, Error> {
        let credential = &found.credential;
        let secret = self.open_seed(credential)?;
        let now = self.now();
        let unix = u64::try_from(now.seconds()).unwrap_or(0);
        let token = secret.derive(|secret| secret.token_at(unix)).transpose();
        let token = token.ok_or(Error::Empty("token by time"))?;
        let times = times(token.stays_inside(DESCRIBED));
        if ask.claim {
            require_life(&times, now)?;
        }
        let next =
            secret.derive(|secret| ask.next.then(|| secret.token_for_step(times.step + 1)).flatten()).transpose();
        let second_factor = secret.stays_inside(DESCRIBED).second_factor();

        let step = i64::try_from(times.step).unwrap_or(i64::MAX);
        let act = if ask.claim { AuditAction::TokenClaimed } else { AuditAction::TokenRead };
        let mut entry = asked_by(countersign_audit::AuditEntry::new(now, actor, act), actor)
            .on(ObjectKind::Credential, credential.id.uuid(), credential.name.as_str())
            .because(ask.reason.as_ref())
            .with("step", step);
        if next.is_some() {
            entry = entry.with("next", true);
        }
        entry = allowed_by(entry, by);
        let used = StepUse {
            credential: credential.id,
            step,
            person: actor.user,
            name: actor.name.clone(),
            machine: actor.is_machine(),
            at: now,
        };
        let recording = PendingRecord { entry, revision: found.revision, used: Some(used), claimed: ask.claim };
        let (receipt, uses) = match self.inner.recorder.record(recording).await? {
            RecordOutcome::Recorded(receipt, uses) => (receipt, uses),
            RecordOutcome::Stale => return Ok(None),
            RecordOutcome::Taken => return Err(Error::StepTaken { wait: times.ends_at.since(now) }),
            RecordOutcome::Failed(error) => return Err(Error::AuditUnavailable(error)),
        };
        let others = self.others(actor, credential.id, step, uses).await?;
        let next = next.map(|token| token.release(&receipt)).transpose()?;
        Ok(Some(TokenAnswer {
            token: token.release(&receipt)?.text,
            second_factor,
            times: Some(times),
            counter: None,
            next: next.map(|token| {
                let times = self::times(&token);
                (token.text, times)
            }),
            server_time: self.now(),
            taken_by: others
                .into_iter()
                .map(|used| TakenBy { name: used.name, at: used.at, machine: used.machine })
                .collect(),
        }))
    }

    /// Who else took the step, of whom the group's answer may have told already.
    async fn others(
        &self,
        actor: &Actor,
        credential: CredentialId,
        step: i64,
        told: Option<Vec<StepUse>>,
    ) -> Result<Vec<StepUse>, Error> {
        let steps = &self.inner.steps;
        let known = match told {
            Some(uses) => Some(others(&uses, actor.user)),
            None => steps.known_others(credential, step, actor.user),
        };
        match known {
            Some(others) => Ok(others),
            None => Ok(Box::pin(steps.others(&self.inner.database, credential, step, actor.user)).await?),
        }
    }

    /// A counter moves in the transaction of its record: no code is given twice, none is lost without a record.
    async fn token_by_counter(
        &self,
        actor: &Actor,
        found: &GrantedSource,
        by: AllowedBy,
        ask: &TokenRequest,
    ) -> Result<Option<TokenAnswer>, Error> {
        let credential = &found.credential;
        let (version, _) = credential.seed.as_ref().ok_or(Error::Empty("setup key"))?;
        let secret = self.open_seed(credential)?;
        let mut tx = self.unit().await?;
        let counter = secrets::next_counter(&mut tx, credential.id, *version).await?;
        let Some(counter) = counter.and_then(|counter| u64::try_from(counter).ok()) else { return Ok(None) };
        let token = secret.derive(|secret| secret.hotp(counter)).transpose();
        let token = token.ok_or(Error::Empty("token by counter"))?;
        let second_factor = secret.stays_inside(DESCRIBED).second_factor();
        let entry = self
            .entry(actor, AuditAction::TokenRead)
            .on(ObjectKind::Credential, credential.id.uuid(), credential.name.as_str())
            .because(ask.reason.as_ref())
            .with("counter", i64::try_from(counter).unwrap_or(i64::MAX));
        tx.record(allowed_by(entry, by));
        let Some(receipt) = tx.commit_at(found.revision).await? else { return Ok(None) };
        Ok(Some(TokenAnswer {
            token: token.release(&receipt)?,
            second_factor,
            times: None,
            counter: Some(counter),
            next: None,
            server_time: self.now(),
            taken_by: Vec::new(),
        }))
    }

    fn open_seed(&self, credential: &TokenSource) -> Result<Withheld<OtpSecret>, Error> {
        let (version, sealed) = credential.seed.as_ref().ok_or(Error::Empty("setup key"))?;
        self.open_otp(&Binding::of(SecretKind::Seed, credential.id.uuid(), version.uuid()), sealed)
    }

    /// A sealed seed, opened.
    pub(crate) fn open_otp(&self, binding: &Binding, sealed: &Sealed) -> Result<Withheld<OtpSecret>, Error> {
        let bytes = self.keys().open(binding, sealed)?;
        bytes.try_map(|bytes| OtpSecret::from_sealed_bytes(&bytes)).map_err(|_| Error::Damaged(NotOpened))
    }

    /// Notes, at most once a minute, that a program's token was used. It is of interest to its owner and no promise, so
    /// a failure is only logged.
    pub(crate) fn touch_token(&self, id: countersign_model::ApiTokenId) {
        let inner = Arc::clone(&self.inner);
        tokio::spawn(async move {
            let touched: Result<(), Error> = async {
                let mut tx = Unit::new(inner.database.write().await?);
                access::touch_token(&mut tx, id, inner.clock.now()).await?;
                tx.commit_without_record("notes when an API token was last used").await
            }
            .await;
            if let Err(error) = touched {
                tracing::warn!(%error, "the last use of an API token could not be noted");
            }
        });
    }
}

fn permit_token(actor: &Actor, found: &GrantedSource, context: &AccessContext<'_>) -> Result<AllowedBy, Error> {
    if permit(actor, Action::SeeCredential, &found.grants, context).is_err() {
        return Err(Error::NotFound(Object::Credential));
    }
    let by = permit(actor, Action::TakeToken, &found.grants, context)?;
    match found.credential.status {
        CredentialStatus::Inactive => Err(Error::Conflict(Conflict::Inactive)),
        CredentialStatus::Active => Ok(by),
    }
}

/// A token that a machine types needs time to arrive: ten seconds, or a third of a short step.
fn require_life(times: &TokenTimes, now: Timestamp) -> Result<(), Error> {
    let whole = times.ends_at.since(times.begins_at);
    let least = (whole / 3).min(Duration::from_secs(10));
    let left = times.ends_at.since(now);
    if left < least { Err(Error::StepTaken { wait: left }) } else { Ok(()) }
}

fn times(token: &Token) -> TokenTimes {
    let moment = |seconds: u64| Timestamp::from_seconds(i64::try_from(seconds).unwrap_or(i64::MAX));
    TokenTimes { step: token.step, begins_at: moment(token.begins_at), ends_at: moment(token.ends_at) }
}
