//! Speaks to an OpenID Connect provider (OpenID Connect Core 1.0, authorization code with PKCE): where to send people, and who they
//! are by what they bring back.
//!
//! Begin at [`ProviderClient`]; [`FederatedIssuers`] is for tokens that programs bring, in place of people. `discovery.rs` and `token.rs` judge what the provider says and are pure; `fetch.rs` gets it, within
//! limits of size and time, from where `place.rs` lets it be. What somebody is here because of it, the vault decides.
//!
//! The only user of `openidconnect`. May touch: `vault`, and below it `identity`, `seal` and `model`.

mod discovery;
mod exchange;
mod fetch;
mod issuers;
mod place;
mod refused;
mod token;

use std::{sync::Mutex, time::Duration};

use countersign_identity::RoundTripSecrets;
use countersign_model::{ProviderClaims, ProviderRefusal, Timestamp};
use countersign_vault::{Arrival, Departure, ProviderAccess};
use openidconnect::core::CoreJsonWebKeySet;
use serde_json::{Map, Value};
use url::Url;

pub use discovery::TestedProvider;
pub use issuers::FederatedIssuers;
pub use place::AllowPrivateProvider;
pub use refused::Refused;

use crate::{
    discovery::Discovery,
    fetch::{Fetcher, WITHIN},
    token::Expected,
};

/// How long the provider's description and keys are believed without looking again.
const KNOWN_FOR: Duration = Duration::from_secs(10 * 60);
/// How often keys are fetched anew because a token names one that is not known: whoever makes up names makes no load.
const NEW_KEYS_EVERY: Duration = Duration::from_secs(30);

/// What somebody's browser brought back from the provider.
#[derive(Debug, Clone, Default)]
pub struct ProviderAnswer {
    /// The code that is exchanged for a token.
    pub code: Option<String>,
    /// The provider's issuer, where it says it (RFC 9207).
    pub issuer: Option<String>,
    /// What went wrong, as the provider names it.
    pub error: Option<String>,
}

/// Speaks to whatever provider is set up. It remembers what the last one said of itself.
pub struct ProviderClient {
    fetcher: Fetcher,
    known: Mutex<Option<Known>>,
}

/// What a provider has said of itself.
#[derive(Clone)]
struct Known {
    discovery: Discovery,
    keys: CoreJsonWebKeySet,
    learnt_at: Timestamp,
    /// When its keys were last fetched.
    keys_at: Timestamp,
}

impl ProviderClient {
    /// `allow_private`: whether a provider may send this server to private addresses other than its own.
    pub const fn new(allow_private: AllowPrivateProvider) -> Self {
        Self { fetcher: Fetcher { allow_private, within: WITHIN }, known: Mutex::new(None) }
    }

    /// The same, for a provider that has to answer sooner than ten seconds.
    #[must_use]
    pub fn answering_within(self, within: Duration) -> Self {
        let Self { fetcher, known } = self;
        Self { fetcher: Fetcher { within, ..fetcher }, known }
    }

    /// The address to which somebody's browser is sent.
    ///
    /// # Errors
    /// [`ProviderRefusal::Unreachable`], [`ProviderRefusal::WrongAnswer`].
    pub async fn address(&self, departure: &Departure, now: Timestamp) -> Result<Url, Refused> {
        let known = self.known(&departure.provider.settings.issuer, now).await?;
        let secrets = RoundTripSecrets::of(&departure.bearer);
        exchange::address(&known.discovery, &departure.provider.settings, &secrets, departure.purpose.needs_fresh())
    }

    /// Who somebody is by what they brought back: the code is exchanged, the token verified, and read.
    ///
    /// # Errors
    /// Says why nobody can be believed to be anybody.
    pub async fn who(
        &self,
        arrival: &Arrival,
        secrets: &RoundTripSecrets,
        answer: ProviderAnswer,
        now: Timestamp,
    ) -> Result<ProviderClaims, Refused> {
        let settings = &arrival.provider.settings;
        let known = self.known(&settings.issuer, now).await?;
        discovery::check_answer(&known.discovery, &answer)?;
        let code = answer.code.ok_or_else(|| Refused::because(ProviderRefusal::ProviderError, "no code came back"))?;
        let tokens = exchange::tokens(&self.fetcher, &known.discovery, &arrival.provider, secrets, code).await?;
        let expected = Expected {
            issuer: &settings.issuer,
            client_id: &settings.client_id,
            nonce: &secrets.nonce,
            now,
            signed_in_since: arrival.purpose.needs_fresh().then_some(arrival.began_at),
        };
        let mut claims = self.verified(&tokens.id_token, &expected, known.clone(), now).await?;
        if let Some(more) = self.more_claims(&known.discovery, &arrival.provider, &claims, &tokens.access_token).await?
        {
            for (name, value) in more {
                // What is signed wins.
                claims.entry(name).or_insert(value);
            }
        }
        ProviderClaims::read(settings, &claims).map_err(|why| Refused::because(why, ""))
    }

    /// Fetches what a provider says of itself, and says whether it can be used here.
    ///
    /// # Errors
    /// Says what is wrong.
    pub async fn test(&self, issuer: &str, now: Timestamp) -> Result<TestedProvider, Refused> {
        let known = self.learn(issuer, now).await?;
        let keys = known.keys.keys().len();
        if keys == 0 {
            return Err(Refused::because(ProviderRefusal::WrongAnswer, "it publishes no key that can be used here"));
        }
        Ok(known.discovery.tested(keys))
    }

    /// The token's claims. A key that is not known, or has not signed it, is asked for once: providers change their keys, also under one name.
    async fn verified(
        &self,
        id_token: &str,
        expected: &Expected<'_>,
        known: Known,
        now: Timestamp,
    ) -> Result<Map<String, Value>, Refused> {
        match token::verified(id_token, &known.keys, expected) {
            Err(token::NotVerified::KeyUnknown | token::NotVerified::BadSignature)
                if now.since(known.keys_at) >= NEW_KEYS_EVERY =>
            {
                let keys = self.keys_of(&known.discovery).await?;
                self.remember(Known { keys: keys.clone(), keys_at: now, ..known });
                token::verified(id_token, &keys, expected)
            }
            verdict => verdict,
        }
        .map_err(|error| error.refused())
    }

    /// What the provider tells of somebody beside the token, where the token lacks what is looked for.
    async fn more_claims(
        &self,
        discovery: &Discovery,
        access: &ProviderAccess,
        claims: &Map<String, Value>,
        access_token: &str,
    ) -> Result<Option<Map<String, Value>>, Refused> {
        let settings = &access.settings;
        let wanted = ["preferred_username", "email"].into_iter().chain(settings.groups_claim.as_deref());
        let (Some(address), true) =
            (&discovery.userinfo_endpoint, wanted.into_iter().any(|it| !claims.contains_key(it)))
        else {
            return Ok(None);
        };
        let body = self.fetcher.get(address, &settings.issuer, Some(access_token)).await?;
        let more: Map<String, Value> = serde_json::from_slice(&body)
            .map_err(|_| Refused::because(ProviderRefusal::WrongAnswer, "what it tells of users is no JSON object"))?;
        // OpenID Connect Core 1.0 §5.3.2: else it may be somebody else's.
        if more.get("sub") != claims.get("sub") {
            return Err(Refused::because(
                ProviderRefusal::WrongToken,
                "the token and what it tells of users name two users",
            ));
        }
        Ok(Some(more))
    }

    async fn known(&self, issuer: &str, now: Timestamp) -> Result<Known, Refused> {
        let known = self.known.lock().ok().and_then(|known| known.clone());
        let fresh = |known: &Known| {
            known.discovery.issuer == issuer && known.learnt_at <= now && now.since(known.learnt_at) < KNOWN_FOR
        };
        match known.filter(fresh) {
            Some(known) => Ok(known),
            None => self.learn(issuer, now).await,
        }
    }

    async fn learn(&self, issuer: &str, now: Timestamp) -> Result<Known, Refused> {
        let body = self.fetcher.get(&discovery::address(issuer)?, issuer, None).await?;
        let discovery = Discovery::read(&body, issuer)?;
        let keys = self.keys_of(&discovery).await?;
        let known = Known { discovery, keys, learnt_at: now, keys_at: now };
        self.remember(known.clone());
        Ok(known)
    }

    async fn keys_of(&self, discovery: &Discovery) -> Result<CoreJsonWebKeySet, Refused> {
        let body = self.fetcher.get(&discovery.jwks_uri, &discovery.issuer, None).await?;
        token::keys(&body)
    }

    fn remember(&self, known: Known) {
        if let Ok(mut kept) = self.known.lock() {
            *kept = Some(known);
        }
    }
}
