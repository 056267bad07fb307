//! Somebody's way to the provider and back: ten minutes at most, in one browser, each step once.

use std::net::IpAddr;

use countersign_audit::{ActorRef, AuditAction, AuditActorKind, AuditEntry, ObjectKind};
use countersign_identity::{Bearer, BearerKind, ROUND_TRIP_LASTS, Refusal, RoundTripSecrets};
use countersign_model::{Actor, ProviderClaims, ProviderRefusal, Timestamp, TooShort, UserId, WebSessionId};
use countersign_store::{
    people, provider,
    round_trips::{self, RoundTripRow},
};
use serde::{Deserialize, Serialize};

use super::settings::ProviderAccess;
use crate::{Error, Vault, unit::Unit, users::account::own_session, users::source::from_address};

/// The most people who are away at once; past it, whoever left the longest ago has to begin again.
const MOST_AWAY: u32 = 10_000;
const LONGEST_DETAIL: usize = 300;

/// What somebody goes to the provider for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundTripPurpose {
    /// To sign in.
    SignIn,
    /// To show once more that it is them, in a browser that is signed in.
    Confirm,
    /// To connect the account at the provider with the one here.
    Connect,
}

impl RoundTripPurpose {
    /// Whether the provider has to ask anew who they are.
    pub const fn needs_fresh(self) -> bool {
        matches!(self, Self::Confirm)
    }
}

/// Somebody who leaves for the provider.
pub struct Departure {
    /// What their browser keeps meanwhile.
    pub bearer: Bearer,
    /// Where they go.
    pub provider: ProviderAccess,
    /// What for.
    pub purpose: RoundTripPurpose,
}

/// Somebody who came back.
pub struct Arrival {
    /// From where.
    pub provider: ProviderAccess,
    /// What they went for.
    pub purpose: RoundTripPurpose,
    /// When they left.
    pub began_at: Timestamp,
}

/// How far somebody is, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Way {
    pub(super) purpose: RoundTripPurpose,
    /// Who goes, where they are signed in here.
    pub(super) user: Option<UserId>,
    /// In which browser, then.
    pub(super) session: Option<WebSessionId>,
    pub(super) stage: Stage,
}

/// How far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// At the provider.
    Away,
    /// Back, with a code that is being exchanged.
    Back,
    /// The provider has said who they are.
    Known(ProviderClaims),
}

impl Vault {
    /// Sends somebody to the provider to sign in.
    ///
    /// # Errors
    /// [`ProviderRefusal::Off`].
    pub async fn leave_to_sign_in(&self) -> Result<Departure, Error> {
        self.leave(Way { purpose: RoundTripPurpose::SignIn, user: None, session: None, stage: Stage::Away }).await
    }

    /// Sends somebody to the provider to show once more that it is them.
    ///
    /// # Errors
    /// [`ProviderRefusal::Off`]; [`ProviderRefusal::Unknown`] when they are not connected; [`Error::TooShort`] for who is in no
    /// browser.
    pub async fn leave_to_confirm(&self, actor: &Actor) -> Result<Departure, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let session = own_session(&actor).ok_or(TooShort::PageOnly)?;
        let settings = self.provider_settings(&mut reader).await?.ok_or(Error::Provider(ProviderRefusal::Off))?;
        if provider::of_person(&mut reader, &settings.issuer, actor.user).await?.is_none() {
            return Err(Error::Provider(ProviderRefusal::Unknown));
        }
        drop(reader);
        let purpose = RoundTripPurpose::Confirm;
        self.leave(Way { purpose, user: Some(actor.user), session: Some(session), stage: Stage::Away }).await
    }

    /// Sends somebody to the provider to connect their account there with the one here.
    ///
    /// # Errors
    /// [`ProviderRefusal::Off`]; [`Error::TooShort`] for a program or where the sign-in is not recent.
    pub async fn leave_to_connect(&self, actor: &Actor) -> Result<Departure, Error> {
        let (reader, actor) = self.reader(actor).await?;
        drop(reader);
        self.permit_own_account(&actor)?;
        let session = own_session(&actor).ok_or(TooShort::PageOnly)?;
        let purpose = RoundTripPurpose::Connect;
        self.leave(Way { purpose, user: Some(actor.user), session: Some(session), stage: Stage::Away }).await
    }

    async fn leave(&self, way: Way) -> Result<Departure, Error> {
        let now = self.now();
        let mut tx = self.unit().await?;
        let provider = self.provider_in(&mut tx).await?.ok_or(Error::Provider(ProviderRefusal::Off))?;
        let bearer = Bearer::new(BearerKind::RoundTrip, self.chance());
        round_trips::forget(&mut tx, now.minus(ROUND_TRIP_LASTS), MOST_AWAY).await?;
        let row = RoundTripRow { began_at: now, state: written(&way)? };
        round_trips::insert(&mut tx, &bearer.hash(), &row).await?;
        tx.commit_without_record("nobody is anybody yet; who comes back is recorded").await?;
        Ok(Departure { bearer, provider, purpose: way.purpose })
    }

    /// Takes somebody's coming back, once: `state` is what the provider sent along.
    ///
    /// # Errors
    /// [`ProviderRefusal::NotBegun`] when nobody of this browser is away, or with another state; [`ProviderRefusal::Off`].
    pub async fn back_from_provider(&self, bearer: &Bearer, state: &str) -> Result<Arrival, Error> {
        let not_begun = Error::Provider(ProviderRefusal::NotBegun);
        let mut tx = self.unit().await?;
        let (row, way) = self.way_of(&mut tx, bearer).await?;
        if way.stage != Stage::Away || !RoundTripSecrets::of(bearer).is_state(state) {
            return Err(not_begun);
        }
        let back = written(&Way { stage: Stage::Back, ..way.clone() })?;
        if !round_trips::advance(&mut tx, &bearer.hash(), &row, &back).await? {
            return Err(not_begun);
        }
        let provider = self.provider_in(&mut tx).await?.ok_or(Error::Provider(ProviderRefusal::Off))?;
        tx.commit_without_record("the code is exchanged once; what comes of it is recorded").await?;
        Ok(Arrival { provider, purpose: way.purpose, began_at: row.began_at })
    }

    /// Keeps what the provider has said, until the page asks to be let in.
    ///
    /// # Errors
    /// [`ProviderRefusal::NotBegun`] when too much time has gone by.
    pub async fn note_claims(&self, bearer: &Bearer, claims: ProviderClaims) -> Result<(), Error> {
        let mut tx = self.unit().await?;
        let (row, way) = self.way_of(&mut tx, bearer).await?;
        let known = written(&Way { stage: Stage::Known(claims), ..way.clone() })?;
        let moved = way.stage == Stage::Back && round_trips::advance(&mut tx, &bearer.hash(), &row, &known).await?;
        if !moved {
            return Err(Error::Provider(ProviderRefusal::NotBegun));
        }
        tx.commit_without_record("nobody is let in yet; who is, is recorded").await
    }

    /// How far somebody is, if they are on their way at all.
    pub(super) async fn way_of(
        &self,
        db: &mut impl countersign_store::engine::Select,
        bearer: &Bearer,
    ) -> Result<(RoundTripRow, Way), Error> {
        let not_begun = Error::Provider(ProviderRefusal::NotBegun);
        if bearer.kind() != BearerKind::RoundTrip {
            return Err(not_begun);
        }
        let row = round_trips::find(db, &bearer.hash()).await?.ok_or(not_begun.clone())?;
        let (now, ends) = (self.now(), row.began_at.plus(ROUND_TRIP_LASTS));
        if now >= ends || now < row.began_at {
            return Err(not_begun);
        }
        let way =
            serde_json::from_str(&row.state).map_err(|_| Error::Internal("a way to the provider cannot be read"))?;
        Ok((row, way))
    }

    /// Records that somebody does not come in, and forgets their way: they begin again. `detail` is for who reads the log; it
    /// holds no token and no secret. Never fails, as [`Vault::note_refusal`].
    pub async fn refuse_arrival(
        &self,
        bearer: Option<&Bearer>,
        why: ProviderRefusal,
        detail: &str,
        address: Option<IpAddr>,
    ) {
        let bearer = bearer.filter(|bearer| bearer.kind() == BearerKind::RoundTrip);
        let (Some(bearer), true) = (bearer, why != ProviderRefusal::NotBegun) else {
            // Anybody can send anything here without ever having left; that is counted, and not written down each time.
            self.note_refusal(Refusal::Provider, address, None).await;
            return;
        };
        if let Err(error) = self.record_refusal(bearer, why, detail, address).await {
            tracing::warn!(%error, because = why.name(), "a refused sign-in with the provider could not be recorded");
        }
    }

    async fn record_refusal(
        &self,
        bearer: &Bearer,
        why: ProviderRefusal,
        detail: &str,
        address: Option<IpAddr>,
    ) -> Result<(), Error> {
        let mut tx = self.unit().await?;
        let way = self.way_of(&mut tx, bearer).await.ok().map(|(_, way)| way);
        if !round_trips::delete(&mut tx, &bearer.hash()).await? {
            drop(tx);
            self.note_refusal(Refusal::Provider, address, None).await;
            return Ok(());
        }
        let entry = self.about_refused(&mut tx, way.as_ref()).await?;
        let entry = from_address(entry, address).with("because", why.name());
        let detail = plain(detail);
        tx.record(if detail.is_empty() { entry } else { entry.with("detail", detail) });
        tx.commit().await.map(drop)
    }

    /// Who it was, as far as that is known: whose browser it is, and whom the provider says they are.
    async fn about_refused(&self, tx: &mut Unit, way: Option<&Way>) -> Result<AuditEntry, Error> {
        let browser_of = match way.and_then(|way| way.user) {
            Some(id) => people::find(tx, id).await?,
            None => None,
        };
        let who = browser_of.map_or_else(
            || ActorRef::nobody("somebody at the provider"),
            |person| ActorRef { kind: AuditActorKind::User, id: Some(person.id.uuid()), name: person.name },
        );
        let entry = AuditEntry::new(self.now(), who, AuditAction::ProviderRefused);
        let unknown = |entry: AuditEntry| entry.on(ObjectKind::Vault, self.keys().vault().uuid(), "provider");
        let Some(Stage::Known(claims)) = way.map(|way| &way.stage) else { return Ok(unknown(entry)) };
        let connected = match provider::by_subject(tx, &claims.issuer, &claims.subject).await? {
            Some(identity) => people::find(tx, identity.person).await?,
            None => None,
        };
        let entry = match connected {
            Some(person) => entry.on(ObjectKind::User, person.id.uuid(), &person.name),
            None => unknown(entry),
        };
        let entry = entry.with("subject", plain(&claims.subject));
        Ok(match claims.username.as_ref().or(claims.email.as_ref()) {
            Some(name) => entry.with("claimed_name", plain(name)),
            None => entry,
        })
    }
}

/// What others have written ends up in pages and terminals.
fn plain(text: &str) -> String {
    text.chars().filter(|it| !it.is_control()).take(LONGEST_DETAIL).collect()
}

fn written(way: &Way) -> Result<String, Error> {
    serde_json::to_string(way).map_err(|_| Error::Internal("a way to the provider cannot be written"))
}
