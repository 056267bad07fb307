//! Issuers whose tokens programs bring in place of a secret (RFC 7523), such as CI systems: their keys, and whether one has signed a token.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use countersign_model::{AssertionRefusal, ProviderRefusal, Timestamp};
use countersign_seal::Secret;
use countersign_vault::{ClaimsFuture, TrustedIssuers};
use openidconnect::core::CoreJsonWebKeySet;
use tokio::sync::Mutex as AsyncMutex;

use crate::{
    Refused,
    discovery::{address, keys_address},
    fetch::{Fetcher, WITHIN},
    place::AllowPrivateProvider,
    token::{self, NotVerified},
};

/// How long an issuer's keys are believed without looking again.
const KNOWN_FOR: Duration = Duration::from_secs(10 * 60);
/// How often an issuer is asked at most, also where a token names a key that is not known or the issuer did not answer: whoever makes
/// tokens up makes no load.
const ASKED_EVERY: Duration = Duration::from_secs(30);
/// So many are remembered. An administrator has named each.
const MOST_ISSUERS: usize = 200;

/// Issuers that somebody has named here, and what they have said of their keys.
pub struct FederatedIssuers {
    fetcher: Fetcher,
    known: Mutex<HashMap<String, Arc<AsyncMutex<Known>>>>,
}

/// What is known of an issuer. Whoever holds it asks; the others wait for what that brings.
#[derive(Default)]
struct Known {
    keys: Option<Learnt>,
    asked_at: Option<Timestamp>,
    failed: Option<Refused>,
}

#[derive(Clone)]
struct Learnt {
    keys: CoreJsonWebKeySet,
    at: Timestamp,
}

impl Learnt {
    fn serves(&self, now: Timestamp) -> bool {
        self.at <= now && now.since(self.at) < KNOWN_FOR
    }
}

impl FederatedIssuers {
    /// `allow_private`: whether an issuer may send this server to private addresses other than its own.
    pub fn new(allow_private: AllowPrivateProvider) -> Self {
        Self { fetcher: Fetcher { allow_private, within: WITHIN }, known: Mutex::default() }
    }

    /// The same, for issuers that have to answer sooner than ten seconds.
    #[must_use]
    pub fn answering_within(self, within: Duration) -> Self {
        let Self { fetcher, known } = self;
        Self { fetcher: Fetcher { within, ..fetcher }, known }
    }

    /// The issuer's keys; newer ones than those of a time, where that is said and the issuer was not asked a moment ago.
    async fn keys(&self, issuer: &str, now: Timestamp, newer_than: Option<Timestamp>) -> Result<Learnt, Refused> {
        let mut known = self.of(issuer).lock_owned().await;
        let kept = known.keys.clone().filter(|it| it.serves(now));
        if let Some(kept) = kept.clone().filter(|it| newer_than.is_none_or(|than| it.at > than)) {
            return Ok(kept);
        }
        if known.asked_at.is_some_and(|at| at <= now && now.since(at) < ASKED_EVERY) {
            return kept.ok_or_else(|| known.failed.clone().unwrap_or_else(late));
        }
        known.asked_at = Some(now);
        let (fetcher, issuer) = (self.fetcher, issuer.to_owned());
        // On a task of its own: whoever asks for a token and leaves stops nothing that others wait for.
        let asked = tokio::spawn(async move {
            let learnt = tokio::time::timeout(fetcher.within * 2, learn(fetcher, &issuer)).await;
            let learnt = learnt.unwrap_or_else(|_| Err(late())).map(|keys| Learnt { keys, at: now });
            match &learnt {
                Ok(learnt) => known.keys = Some(learnt.clone()),
                Err(refused) => known.failed = Some(refused.clone()),
            }
            learnt
        });
        asked.await.unwrap_or_else(|_| Err(late()))
    }

    fn of(&self, issuer: &str) -> Arc<AsyncMutex<Known>> {
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST_ISSUERS && !all.contains_key(issuer) {
            // Those that are being asked are held by who asks.
            all.retain(|_, known| Arc::strong_count(known) > 1);
        }
        Arc::clone(all.entry(issuer.to_owned()).or_default())
    }
}

impl TrustedIssuers for FederatedIssuers {
    fn claims<'a>(&'a self, issuer: &'a str, assertion: &'a Secret, now: Timestamp) -> ClaimsFuture<'a> {
        Box::pin(async move {
            let token = assertion.expose_text().unwrap_or_default();
            let no_keys = |refused: Refused| AssertionRefusal::NoKeys(refused.detail);
            let known = self.keys(issuer, now, None).await.map_err(no_keys)?;
            let verdict = match token::signed(token, &known.keys, issuer, now) {
                // Issuers change their keys.
                Err(NotVerified::KeyUnknown | NotVerified::BadSignature) => {
                    let newer = self.keys(issuer, now, Some(known.at)).await.map_err(no_keys)?;
                    token::signed(token, &newer.keys, issuer, now)
                }
                verdict => verdict,
            };
            verdict.map_err(|error| {
                AssertionRefusal::NotVerified(match error {
                    NotVerified::KeyUnknown => {
                        "the token is signed with a key that its issuer does not publish".to_owned()
                    }
                    NotVerified::BadSignature => token::BAD_SIGNATURE.to_owned(),
                    NotVerified::Wrong(detail) => detail,
                    NotVerified::NotFresh(detail) => detail.to_owned(),
                })
            })
        })
    }
}

async fn learn(fetcher: Fetcher, issuer: &str) -> Result<CoreJsonWebKeySet, Refused> {
    let description = fetcher.get(&address(issuer)?, issuer, None).await?;
    let body = fetcher.get(&keys_address(&description, issuer)?, issuer, None).await?;
    token::keys(&body)
}

fn late() -> Refused {
    Refused::because(ProviderRefusal::Unreachable, "the issuer did not answer in time")
}
