//! The walk of a service account's token for a token of another issuer (RFC 7521 §4.2, RFC 7523 §2.2): the guess is counted, the issuer is
//! one that the account trusts, the signature is its own, the claims are those that were said, the token was not used before, and only
//! then an access token leaves.
//!
//! Issuers are asked by whoever implements [`TrustedIssuers`], and only those that somebody here has named.

use std::{net::IpAddr, pin::Pin, time::Duration};

use countersign_identity::{Refusal, claimed_issuer};
use countersign_model::{
    AdmittedAssertion, AssertionRefusal, FederatedIdentity, ServiceReach, Timestamp, UserId, admit_assertion,
};
use countersign_seal::Secret;
use countersign_store::{
    engine::Select,
    federated::{self, FederatedIdentityRow},
    services::{self, AskedBy, ServiceRow},
    vault as vault_row,
};
use serde_json::{Map, Value};

use super::client_credentials::{IssueError, IssuedToken, Proven};
use crate::{Error, Vault, unit::Unit, users::guesses::CountedGuess};

/// What an issuer's token says, or why it is not believed.
pub type ClaimsFuture<'a> = Pin<Box<dyn Future<Output = Result<Map<String, Value>, AssertionRefusal>> + Send + 'a>>;

/// Gets the keys of issuers, and verifies by them.
pub trait TrustedIssuers: Send + Sync {
    /// What a token says that this issuer has signed: its signature, and that the issuer names itself in it. What it says besides is for
    /// others to judge.
    fn claims<'a>(&'a self, issuer: &'a str, assertion: &'a Secret, now: Timestamp) -> ClaimsFuture<'a>;
}

/// How a token is asked for by whom another issuer knows.
pub struct AssertionRequest<'a> {
    /// The id of the service account.
    pub client_id: &'a str,
    /// The issuer's token.
    pub assertion: Secret,
    /// What the access token is to be for; everything that the account may ask for, when left out.
    pub scope: Option<&'a str>,
    /// From where.
    pub address: Option<IpAddr>,
    /// Who asks issuers.
    pub issuers: &'a dyn TrustedIssuers,
}

/// Who was let in by what.
struct LetIn {
    service: ServiceRow,
    identity: FederatedIdentityRow,
    admitted: AdmittedAssertion,
}

impl Vault {
    /// Gives a service account a token for one that an issuer has signed which the account trusts.
    ///
    /// # Errors
    /// [`IssueError`]; each refusal is recorded.
    pub async fn issue_for_assertion(&self, ask: AssertionRequest<'_>) -> Result<IssuedToken, IssueError> {
        // A signature cannot be guessed: who is locked out from there is looked at all the same, so that nobody who shows junk for a client
        // id, which is no secret, locks its jobs out. Only what is refused counts then as before.
        let attempt = match self.counted_client(ask.client_id, ask.address).await {
            Err(Error::LockedOut { wait }) => Err(wait),
            counted => Ok(counted?),
        };
        let id = ask.client_id.parse::<UserId>().ok();
        // Not within a transaction: an issuer may take its time.
        let claims = self.verified_claims(id, &ask).await?;
        let mut tx = self.unit().await?;
        let service = match id {
            Some(id) => services::find(&mut tx, id).await?,
            None => None,
        };
        let LetIn { service, identity, admitted } = match self
            .judge_assertion(&mut tx, service.clone(), claims, ask.address)
            .await?
        {
            Ok(let_in) => let_in,
            Err(refused) => {
                return Err(self.refuse(tx, &attempt, (service.as_ref(), Vec::new()), refused, ask.address).await?);
            }
        };
        if let Ok(attempt) = &attempt {
            self.end_attempt(&mut tx, attempt).await?;
        }
        let (mut tx, scope) = self.scope_for(tx, &service, ask.scope, ask.address).await?;
        let fresh = self.use_assertion(&mut tx, &identity.trusted, &admitted, &ask.assertion).await?;
        let mut told = vec![("issuer", identity.trusted.issuer), ("subject", admitted.subject)];
        told.extend(admitted.token_id.map(|id| ("token_id", id)));
        if !fresh {
            let used = AssertionRefusal::Used;
            return Err(self.refuse(tx, &attempt, (Some(&service), told), used, ask.address).await?);
        }
        let proven = Proven { by: AskedBy::Identity(identity.id), told };
        self.put_access_token(tx, service, proven, scope, ask.address).await
    }

    /// What the token says. Nobody is asked anything for a client that is none, or about an issuer that it does not trust.
    async fn verified_claims(
        &self,
        id: Option<UserId>,
        ask: &AssertionRequest<'_>,
    ) -> Result<Result<Map<String, Value>, AssertionRefusal>, Error> {
        let Some(issuer) = ask.assertion.expose_text().and_then(claimed_issuer) else {
            return Ok(Err(AssertionRefusal::Unreadable("")));
        };
        let mut reader = self.inner.database.read().await?;
        let trusted = match id {
            Some(id) => federated::of(&mut reader, id).await?,
            None => Vec::new(),
        };
        drop(reader);
        if !trusted.iter().any(|one| one.trusted.issuer == issuer) {
            return Ok(Err(AssertionRefusal::Untrusted));
        }
        Ok(ask.issuers.claims(&issuer, &ask.assertion, self.now()).await)
    }

    /// Whether what a token says lets its account in, by which federated identity, as both are now.
    async fn judge_assertion(
        &self,
        tx: &mut Unit,
        service: Option<ServiceRow>,
        claims: Result<Map<String, Value>, AssertionRefusal>,
        address: Option<IpAddr>,
    ) -> Result<Result<LetIn, AssertionRefusal>, Error> {
        let claims = match claims {
            Ok(claims) => claims,
            Err(refused) => return Ok(Err(refused)),
        };
        let Some(service) = service else { return Ok(Err(AssertionRefusal::Untrusted)) };
        let mut rows = federated::of(tx, service.person.id).await?;
        let now = self.now();
        let admitted = match admit_assertion(rows.iter().map(|row| &row.trusted), &claims, now) {
            Ok(admitted) => admitted,
            Err(refused) => return Ok(Err(refused)),
        };
        let identity = rows.swap_remove(admitted.identity);
        self.compare_with_log(tx, &service, &identity).await?;
        let reach = ServiceReach { networks: service.networks.clone(), ..ServiceReach::default() };
        Ok(match () {
            () if service.person.disabled => Err(AssertionRefusal::NotNow("disabled")),
            () if !service.is_alive(now) => Err(AssertionRefusal::NotNow("account ended")),
            () if !reach.is_from(address) => Err(AssertionRefusal::NotNow("network")),
            () => Ok(LetIn { service, identity, admitted }),
        })
    }

    /// That the log tells of no end of either.
    async fn compare_with_log(
        &self,
        db: &mut impl Select,
        service: &ServiceRow,
        identity: &FederatedIdentityRow,
    ) -> Result<(), Error> {
        let vault = vault_row::find(db).await?.ok_or(Error::NotSignedIn)?;
        let memory = self.log_memory(db, vault.head.size).await?;
        memory.check_person(&service.person)?;
        memory.check_identity(identity)?;
        Ok(())
    }

    /// False when the token was used before (RFC 7523 §3, item 7). One without an id of its own is known by what was signed: a signature can
    /// be written in another way.
    async fn use_assertion(
        &self,
        tx: &mut Unit,
        trusted: &FederatedIdentity,
        admitted: &AdmittedAssertion,
        assertion: &Secret,
    ) -> Result<bool, Error> {
        let signed = || assertion.expose_text()?.rsplit_once('.').map(|(signed, _)| format!("signed {signed}"));
        // An issuer gives each id once, whichever account its token is shown for.
        let id = admitted.token_id.clone().or_else(signed).ok_or(Error::NotSignedIn)?;
        let used = Secret::from(format!("{} {id}", trusted.issuer));
        Ok(federated::use_up(tx, &self.keys().fingerprint("assertion", &used), admitted.until).await?)
    }

    /// Counts and records that it is not let in by this; what was begun is dropped.
    async fn refuse(
        &self,
        tx: Unit,
        attempt: &Result<CountedGuess, Duration>,
        (service, told): (Option<&ServiceRow>, Vec<(&'static str, String)>),
        refused: AssertionRefusal,
        address: Option<IpAddr>,
    ) -> Result<IssueError, Error> {
        drop(tx);
        let attempt = match attempt {
            Ok(attempt) => attempt,
            Err(wait) => {
                self.note_refusal(Refusal::LockedOut, address, None).await;
                return Ok(IssueError::TooMany { wait: *wait });
            }
        };
        let mut entry = self.refused_client(service, refused.name(), address).with("detail", refused.detail());
        for (name, value) in told {
            entry = entry.with(name, value);
        }
        let wait = self.fail_client(attempt, service, entry, address).await?;
        Ok(wait.map_or(IssueError::InvalidAssertion(refused), |wait| IssueError::TooMany { wait }))
    }
}
