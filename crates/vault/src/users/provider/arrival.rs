//! Letting somebody in whom the provider knows.

use std::net::IpAddr;

use countersign_audit::{AuditAction, ObjectKind};
use countersign_identity::Bearer;
use countersign_model::{
    Actor, Admission, KnownUser, NoticeKind, ProviderClaims, ProviderRefusal, ProviderSettings, Role, TooShort, admit,
    wanted_name,
};
use countersign_store::{
    access::{self, CameBy},
    engine::Select,
    people::{self, PersonRow},
    provider, round_trips, scim, vault as vault_row,
};

use super::{
    connection::{connect, follow_groups},
    round_trip::{RoundTripPurpose, Stage, Way},
    settings::ProviderAccess,
};
use crate::{
    Error, SignedIn, Source, Vault,
    unit::Unit,
    users::{
        account::own_session, guesses::CountedGuess, manage::FirstPassword, sign_in::SecondFactorProof,
        source::from_address,
    },
};

/// A second factor that was shown here beside the provider's word, with the guess that it was.
type Shown = (SecondFactorProof, Option<CountedGuess>);

impl Vault {
    /// Signs a browser in whose person has come back from the provider. Where they have a second factor here, and the provider is
    /// not trusted with that, its code is asked for: the way stays open, and each guess is counted as any other.
    ///
    /// # Errors
    /// [`Error::Provider`] says why they do not come in, and is recorded; [`Error::CodeNeeded`]; [`Error::SignInFailed`],
    /// [`Error::LockedOut`] for a wrong code.
    pub async fn finish_provider_sign_in(
        &self,
        bearer: &Bearer,
        token: Option<&str>,
        source: Source<'_>,
    ) -> Result<SignedIn, Error> {
        let mut tx = self.unit().await?;
        let arrived = self.arrived(&mut tx, bearer, RoundTripPurpose::SignIn, None).await;
        let found = match arrived {
            Ok((access, claims)) => self.who_arrives(&mut tx, access, claims).await,
            Err(error) => Err(error),
        };
        drop(tx);
        let result = match found {
            Ok(found) => self.let_in(bearer, found, token, &source).await,
            Err(error) => Err(error),
        };
        self.note_outcome(bearer, result, source.address).await
    }

    /// What was refused is recorded, and the way is over; anything else leaves it as it is.
    async fn note_outcome<T>(
        &self,
        bearer: &Bearer,
        result: Result<T, Error>,
        address: Option<IpAddr>,
    ) -> Result<T, Error> {
        if let Err(Error::Provider(why)) = &result {
            self.refuse_arrival(Some(bearer), *why, "", address).await;
        }
        result
    }

    /// What the provider has said of somebody of this browser who went there for that.
    async fn arrived(
        &self,
        db: &mut impl Select,
        bearer: &Bearer,
        purpose: RoundTripPurpose,
        actor: Option<&Actor>,
    ) -> Result<(ProviderAccess, ProviderClaims), Error> {
        let (_, way) = self.way_of(db, bearer).await?;
        let whose = actor.map(|actor| (Some(actor.user), own_session(actor))).unwrap_or_default();
        let access = self.provider_in(db).await?.ok_or(Error::Provider(ProviderRefusal::Off))?;
        match way {
            Way { purpose: went_for, user, session, stage: Stage::Known(claims) }
                // The provider may be another one by now.
                if went_for == purpose && (user, session) == whose && claims.issuer == access.settings.issuer =>
            {
                Ok((access, claims))
            }
            _ => Err(Error::Provider(ProviderRefusal::NotBegun)),
        }
    }

    /// Who that is here.
    async fn who_arrives(&self, tx: &mut Unit, access: ProviderAccess, claims: ProviderClaims) -> Result<Found, Error> {
        let settings = access.settings;
        let connected = match provider::by_subject(tx, &claims.issuer, &claims.subject).await? {
            Some(identity) => people::find(tx, identity.person).await?,
            None => None,
        };
        let named = match wanted_name(&settings, &claims) {
            Some(name) if connected.is_none() => people::find_by_name(tx, name).await?,
            _ => None,
        };
        if let (Some(person), Some(vault)) = (connected.as_ref().or(named.as_ref()), vault_row::find(tx).await?) {
            self.log_memory(tx, vault.head.size).await?.check_person(person)?;
        }
        let known_named = match &named {
            Some(person) => {
                let connected = provider::of_person(tx, &claims.issuer, person.id).await?.is_some();
                Some(known(person, connected, scim::user(tx, person.id).await?.is_some()))
            }
            None => None,
        };
        let known_connected = connected.as_ref().map(|person| known(person, true, false));
        let admission = admit(&settings, &claims, known_connected.as_ref(), known_named.as_ref());
        let admission = admission.map_err(Error::Provider)?;
        Ok(Found { person: connected.or(named), admission, settings, claims })
    }

    /// That an administrator has come by the provider for the first time. Nobody has seen that it is they: whoever sets the provider up
    /// says who may be anybody.
    async fn tell_of_arrival(&self, tx: &mut Unit, person: &PersonRow) -> Result<(), Error> {
        if person.role != Role::Administrator {
            return Ok(());
        }
        self.tell_administrators(tx, NoticeKind::AdministratorReset, &person.name, None).await
    }

    /// Asks for a second factor where one is needed, then opens the session.
    async fn let_in(
        &self,
        bearer: &Bearer,
        found: Found,
        token: Option<&str>,
        source: &Source<'_>,
    ) -> Result<SignedIn, Error> {
        let counted = |person: PersonRow| self.count_code(person, *source);
        let shown = match found.person.clone().filter(|_| !found.settings.trusts_second_factor) {
            Some(person) => self.second_factor(&person, token, source.address, counted).await?,
            None => (SecondFactorProof::NotNeeded, None),
        };
        let mut tx = self.unit().await?;
        // Once more, in the transaction that lets them in: what was decided before may be true no more.
        let (access, claims) = self.arrived(&mut tx, bearer, RoundTripPurpose::SignIn, None).await?;
        let again = self.who_arrives(&mut tx, access, claims).await?;
        if again.admission != found.admission || again.settings != found.settings {
            return Err(Error::Provider(ProviderRefusal::NotBegun));
        }
        if !round_trips::delete(&mut tx, &bearer.hash()).await? {
            return Err(Error::Provider(ProviderRefusal::NotBegun));
        }
        let person = match again.admission {
            Admission::New { name, role } => {
                let person = self.put_person(&mut tx, &name, role, FirstPassword::ByProvider, None).await?;
                connect(self, &mut tx, &again.claims, &person, source.address).await?;
                person
            }
            Admission::Awaited(_) | Admission::Known(_) => {
                let person = match self.use_shown(&mut tx, found.person.as_ref(), &shown).await? {
                    Ok(person) => person,
                    Err(wrong) => {
                        drop(tx);
                        return Err(self.wrong_code(&shown, found.person.as_ref(), wrong, source.address).await?);
                    }
                };
                if matches!(again.admission, Admission::Awaited(_)) {
                    connect(self, &mut tx, &again.claims, &person, source.address).await?;
                    self.tell_of_arrival(&mut tx, &person).await?;
                }
                person
            }
        };
        follow_groups(self, &mut tx, &again.settings, &again.claims, &person).await?;
        let came_by = if again.settings.trusts_second_factor { CameBy::ProviderForBoth } else { CameBy::Provider };
        let signed_in = self.open_session(&mut tx, &person, source, came_by, None).await?;
        tx.commit().await?;
        self.forget_recognised();
        Ok(signed_in)
    }

    /// Counts a guess of the code, by the browser or the name, as at the sign-in by password.
    async fn count_code(&self, person: PersonRow, source: Source<'_>) -> Result<CountedGuess, Error> {
        let mut tx = self.unit().await?;
        let counter = self.counter_of(&mut tx, &person.name, Some(&person), &source).await?;
        let attempt = self.begin_attempt(&mut tx, counter).await?;
        tx.commit_without_record("counts a guess, whose outcome will be recorded").await?;
        Ok(attempt)
    }

    /// What somebody shows beside the provider's word, the guess counted before it is looked at.
    async fn second_factor<F: Future<Output = Result<CountedGuess, Error>>>(
        &self,
        person: &PersonRow,
        token: Option<&str>,
        address: Option<IpAddr>,
        count: impl FnOnce(PersonRow) -> F,
    ) -> Result<Shown, Error> {
        if !person.has_second_factor() {
            return Ok((SecondFactorProof::NotNeeded, None));
        }
        if token.is_none() {
            return Err(Error::CodeNeeded);
        }
        let attempt = count(person.clone()).await?;
        match self.judge(Some(person), token)? {
            Ok(proof) => Ok((proof, Some(attempt))),
            Err(wrong) => Err(self.fail_attempt(&attempt, Some(person), wrong, address).await?),
        }
    }

    /// Uses up what was shown, in the transaction that counts it; gives the person as they are now, or what was wrong.
    async fn use_shown(
        &self,
        tx: &mut Unit,
        person: Option<&PersonRow>,
        shown: &Shown,
    ) -> Result<Result<PersonRow, &'static str>, Error> {
        let right = self.still_right(tx, person, &shown.0).await?;
        if let (Ok(_), Some(attempt)) = (&right, &shown.1) {
            self.end_attempt(tx, attempt).await?;
        }
        Ok(right)
    }

    async fn wrong_code(
        &self,
        shown: &Shown,
        person: Option<&PersonRow>,
        wrong: &'static str,
        address: Option<IpAddr>,
    ) -> Result<Error, Error> {
        match &shown.1 {
            Some(attempt) => self.fail_attempt(attempt, person, wrong, address).await,
            // Nothing was typed: the person has changed meanwhile.
            None => Ok(Error::Provider(ProviderRefusal::NotBegun)),
        }
    }

    /// Takes the provider's word once more that it is them, in a browser that is signed in: what asks for a recent sign-in goes on.
    ///
    /// # Errors
    /// As [`Vault::finish_provider_sign_in`]; [`ProviderRefusal::SomebodyElse`]; [`Error::TooShort`] for who is in no browser.
    pub async fn finish_provider_confirm(
        &self,
        actor: &Actor,
        bearer: &Bearer,
        token: Option<&str>,
        address: Option<IpAddr>,
    ) -> Result<(), Error> {
        let result = self.confirm_by_provider(actor, bearer, token, address).await;
        self.note_outcome(bearer, result, address).await
    }

    async fn confirm_by_provider(
        &self,
        actor: &Actor,
        bearer: &Bearer,
        token: Option<&str>,
        address: Option<IpAddr>,
    ) -> Result<(), Error> {
        let session = own_session(actor).ok_or(TooShort::PageOnly)?;
        let (mut reader, actor) = self.reader(actor).await?;
        let (access, claims) = self.arrived(&mut reader, bearer, RoundTripPurpose::Confirm, Some(&actor)).await?;
        let person = people::find(&mut reader, actor.user).await?.ok_or(Error::NotSignedIn)?;
        require_same(&mut reader, &claims, &actor).await?;
        drop(reader);
        let own_guess = |_: PersonRow| self.count_own_guess(&actor);
        let shown = if access.settings.trusts_second_factor {
            (SecondFactorProof::NotNeeded, None)
        } else {
            self.second_factor(&person, token, address, own_guess).await?
        };
        let (mut tx, actor) = self.writer(&actor).await?;
        let (_, claims) = self.arrived(&mut tx, bearer, RoundTripPurpose::Confirm, Some(&actor)).await?;
        require_same(&mut tx, &claims, &actor).await?;
        if !round_trips::delete(&mut tx, &bearer.hash()).await? {
            return Err(Error::Provider(ProviderRefusal::NotBegun));
        }
        if let Err(wrong) = self.use_shown(&mut tx, Some(&person), &shown).await? {
            drop(tx);
            return Err(self.wrong_code(&shown, Some(&person), wrong, address).await?);
        }
        access::confirm_session(&mut tx, session, self.now()).await?;
        vault_row::bump(&mut tx).await?;
        let entry = self.entry(&actor, AuditAction::SignInConfirmed).with("provider", true);
        tx.record(from_address(entry.on(ObjectKind::WebSession, session.uuid(), "browser"), address));
        tx.commit().await?;
        self.forget_recognised();
        Ok(())
    }

    /// Connects the actor's account with the one that they have shown at the provider.
    ///
    /// # Errors
    /// [`ProviderRefusal::ConnectedAlready`]; [`Error::TooShort`] for a program or where the sign-in is not recent.
    pub async fn finish_provider_connect(
        &self,
        actor: &Actor,
        bearer: &Bearer,
        address: Option<IpAddr>,
    ) -> Result<(), Error> {
        let result = self.connect_to_provider(actor, bearer, address).await;
        self.note_outcome(bearer, result, address).await
    }

    async fn connect_to_provider(&self, actor: &Actor, bearer: &Bearer, address: Option<IpAddr>) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_own_account(&actor)?;
        let (_, claims) = self.arrived(&mut tx, bearer, RoundTripPurpose::Connect, Some(&actor)).await?;
        let person = people::find(&mut tx, actor.user).await?.ok_or(Error::NotSignedIn)?;
        if !round_trips::delete(&mut tx, &bearer.hash()).await? {
            return Err(Error::Provider(ProviderRefusal::NotBegun));
        }
        connect(self, &mut tx, &claims, &person, address).await?;
        vault_row::bump(&mut tx).await?;
        tx.commit().await.map(drop)
    }
}

/// Who arrives, and as what.
struct Found {
    /// Their row, where they have one.
    person: Option<PersonRow>,
    admission: Admission,
    settings: ProviderSettings,
    claims: ProviderClaims,
}

/// `brought`: whether provisioning has brought them, which gives nobody a password.
fn known(person: &PersonRow, connected: bool, brought: bool) -> KnownUser {
    let for_provider = brought || !person.must_change;
    let no_way_in = person.password.is_nobodys() && for_provider && !person.has_second_factor();
    KnownUser { id: person.id, disabled: person.disabled, awaited: no_way_in && !connected }
}

/// That the provider means the actor.
async fn require_same(db: &mut impl Select, claims: &ProviderClaims, actor: &Actor) -> Result<(), Error> {
    let identity = provider::by_subject(db, &claims.issuer, &claims.subject).await?;
    match identity {
        Some(identity) if identity.person == actor.user => Ok(()),
        _ => Err(Error::Provider(ProviderRefusal::SomebodyElse)),
    }
}
