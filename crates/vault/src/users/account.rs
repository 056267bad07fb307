//! What people do with their own account: second factor, password, signed-in browsers.

use std::net::IpAddr;

use countersign_audit::{AuditAction, ObjectKind};
use countersign_identity::{RECOVERY_CODES, RecoveryCode, TOKEN_GRACE_STEPS, judge_password, prepare_password};
use countersign_model::{Actor, ActorKind, Invalid, Reach, Timestamp, TooShort, UserId, VersionId, WebSessionId};
use countersign_otp::{Digits, Label, OtpSecret, Parameters, Period, Seed, qr_svg};
use countersign_seal::{Binding, Secret, SecretKind, Withheld};
use countersign_store::{
    access, devices,
    engine::{Reader, Transaction},
    people, recovery,
    sign_ins::{Counter, Scope},
    vault as vault_row,
};

use crate::{
    Error, Object, Vault, users::guesses::CountedGuess, users::sign_in::SecondFactorProof, users::source::from_address,
};

// The length that RFC 4226 §4 (R6) recommends.
const OWN_SEED_BYTES: usize = 20;
const MAX_SESSIONS: u32 = 200;

/// A second factor that was begun: to be added to an authenticator and confirmed.
pub struct SecondFactorSetup {
    /// As an address that authenticators read.
    pub uri: Secret,
    /// The bare seed in base32, to type.
    pub secret: Secret,
    /// The address as a QR code, SVG.
    pub qr_svg: Secret,
}

/// A browser in which the person is signed in.
#[derive(Debug, Clone)]
pub struct WebSession {
    /// Its id.
    pub id: WebSessionId,
    /// When it was signed in.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Timestamp,
    /// When it ends unless it is used.
    pub expires_at: Timestamp,
    /// What the browser says it is.
    pub agent: String,
    /// From where its person signed in, where that is known.
    pub address: Option<String>,
    /// Whether it is the one that asks.
    pub current: bool,
}

impl Vault {
    /// Begins a second factor for the actor. The one in force stays until the new one is confirmed.
    pub async fn begin_second_factor(&self, actor: &Actor) -> Result<SecondFactorSetup, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_own_account(&actor)?;
        let mut bytes = [0; OWN_SEED_BYTES];
        self.chance().fill(&mut bytes);
        let seed = Seed::from_key(Secret::from(&mut bytes)).map_err(|_| Error::Empty("setup key"))?;
        let secret = OtpSecret::new(seed, usual_parameters()?);
        let version = VersionId::new(self.now(), self.chance());
        let binding = Binding::of(SecretKind::UserSeed, actor.user.uuid(), version.uuid());
        let sealed = self.keys().seal(&binding, &secret.to_sealed_bytes(), self.chance());
        people::set_next_seed(&mut tx, actor.user, version, &sealed).await?;
        tx.commit_without_record("the second factor counts once it is confirmed, and that is recorded").await?;

        let label = Label::new(Some("Countersign"), &actor.name)
            .ok_or_else(|| Invalid::new("name", "cannot be written into an authenticator"))?;
        let uri = secret.to_uri(&label);
        let qr_svg = qr_svg(uri.expose_text().unwrap_or_default(), "QR code for your authenticator")
            .map_err(|error| Invalid::new("name", error.to_string()))?;
        Ok(SecondFactorSetup { uri, secret: secret.seed().to_base32(), qr_svg })
    }

    /// Makes the begun second factor the one in force, once its token shows that the authenticator has it. Gives new
    /// recovery codes, which are shown this once; those from before serve no more. The actor's other browsers end; where it
    /// replaces another, their API tokens too.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the token is not right, or nothing was begun.
    pub async fn confirm_second_factor(&self, actor: &Actor, token: &str) -> Result<Vec<Secret>, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_own_account(&actor)?;
        let person = people::find(&mut tx, actor.user).await?.ok_or(Error::NotSignedIn)?;
        let replaces = person.seed.is_some();
        let (version, sealed) =
            person.next_seed.ok_or_else(|| Invalid::new("token", "has nothing to confirm: begin the set-up first"))?;
        let secret = self.open_own_seed(person.id, version, &sealed)?;
        let unix = u64::try_from(self.now().seconds()).unwrap_or(0);
        let step = secret
            .stays_inside("a token is compared with it")
            .verify(token, unix, TOKEN_GRACE_STEPS)
            .ok_or_else(|| {
                Invalid::new(
                    "token",
                    "is not the current one: type it as the authenticator shows it, and check that the \
                                   clocks of both devices are right",
                )
            })?;
        people::take_next_seed(&mut tx, person.id, i64::try_from(step).unwrap_or(i64::MAX)).await?;
        let codes = self.put_recovery_codes(&mut tx, &actor).await?;
        access::delete_sessions(&mut tx, person.id, own_session(&actor)).await?;
        if replaces {
            access::delete_tokens(&mut tx, person.id).await?;
            devices::delete_all(&mut tx, person.id).await?;
        }
        vault_row::bump(&mut tx).await?;
        let entry = self.entry(&actor, AuditAction::SecondFactorSet);
        let entry = entry.on(ObjectKind::User, person.id.uuid(), person.name);
        tx.record(entry);
        let receipt = tx.commit().await?;
        self.forget_recognised();
        Ok(codes.release(&receipt)?)
    }

    /// Makes new recovery codes for the actor, in the place of those from before. They are shown this once.
    ///
    /// # Errors
    /// [`Error::TooShort`] for a program or where the sign-in is not recent; [`Error::Invalid`] for who has no second
    /// factor to do without.
    pub async fn make_recovery_codes(&self, actor: &Actor) -> Result<Vec<Secret>, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_own_account(&actor)?;
        let person = people::find(&mut tx, actor.user).await?.ok_or(Error::NotSignedIn)?;
        if !person.has_second_factor() {
            return Err(Invalid::new("recovery codes", "stand in for a second factor: set that up first").into());
        }
        let codes = self.put_recovery_codes(&mut tx, &actor).await?;
        let entry = self.entry(&actor, AuditAction::RecoveryCodesMade);
        let entry = entry.on(ObjectKind::User, person.id.uuid(), person.name);
        tx.record(entry);
        let receipt = tx.commit().await?;
        Ok(codes.release(&receipt)?)
    }

    /// How many recovery codes the actor has left.
    pub async fn recovery_codes_left(&self, actor: &Actor) -> Result<u32, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        Ok(u32::try_from(recovery::left(&mut reader, actor.user).await?).unwrap_or(0))
    }

    pub(crate) async fn put_recovery_codes(
        &self,
        tx: &mut Transaction,
        actor: &Actor,
    ) -> Result<Withheld<Vec<Secret>>, Error> {
        let codes: Vec<RecoveryCode> = (0..RECOVERY_CODES).map(|_| RecoveryCode::new(self.chance())).collect();
        let hashes: Vec<_> = codes.iter().map(|code| code.hash(actor.user)).collect();
        recovery::replace(tx, actor.user, &hashes).await?;
        Ok(Withheld::new(actor.user.uuid().into_bytes(), codes.iter().map(RecoveryCode::shown).collect()))
    }

    /// Changes the actor's own password and signs their other browsers out.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the current password is not right or the new one cannot serve.
    pub async fn change_own_password(&self, actor: &Actor, current: Secret, new: Secret) -> Result<(), Error> {
        self.permit_own_account(actor)?;
        let person = people::find(&mut &self.inner.database, actor.user).await?.ok_or(Error::NotSignedIn)?;
        judge_password("new", &new, &person.name)?;
        if person.must_change && prepare_password(&new) == prepare_password(&current) {
            return Err(Invalid::new("new", "is the one that somebody else has chosen: take another").into());
        }
        let attempt = self.count_own_guess(actor).await?;
        if !self.verify_password(person.password.clone(), current).await?.is_right() {
            return Err(match self.fail_attempt(&attempt, Some(&person), "own password", None).await? {
                Error::SignInFailed => Invalid::new("current", "is not your password").into(),
                locked => locked,
            });
        }
        let hash = self.hash_password(new).await?;
        let (mut tx, actor) = self.writer(actor).await?;
        if let Err(changed) = self.still_right(&mut tx, Some(&person), &SecondFactorProof::NotNeeded).await? {
            return Err(Invalid::new(changed, "has been changed meanwhile: read it again").into());
        }
        self.end_attempt(&mut tx, &attempt).await?;
        people::set_password(&mut tx, actor.user, &hash, false).await?;
        people::delete_link(&mut tx, actor.user).await?;
        access::delete_sessions(&mut tx, actor.user, own_session(&actor)).await?;
        vault_row::bump(&mut tx).await?;
        let entry = self.entry(&actor, AuditAction::OwnPasswordChanged);
        let entry = entry.on(ObjectKind::User, person.id.uuid(), person.name);
        tx.record(entry);
        tx.commit().await?;
        self.forget_recognised();
        Ok(())
    }

    /// Shows password and second factor once more in a browser that is signed in: what asks for a recent sign-in goes on.
    ///
    /// # Errors
    /// [`Error::SignInFailed`], [`Error::LockedOut`]; [`Error::TooShort`] for who is in no browser.
    pub async fn confirm_sign_in(
        &self,
        actor: &Actor,
        password: Secret,
        token: Option<&str>,
        address: Option<IpAddr>,
    ) -> Result<(), Error> {
        let session = own_session(actor).ok_or(TooShort::PageOnly)?;
        let person = people::find(&mut &self.inner.database, actor.user).await?.ok_or(Error::NotSignedIn)?;
        let attempt = self.count_own_guess(actor).await?;
        let right = self.verify_password(person.password.clone(), password).await?.is_right();
        let proof = match self.judge(Some(&person).filter(|_| right), token)? {
            Ok(proof) => proof,
            Err(wrong) => return Err(self.fail_attempt(&attempt, Some(&person), wrong, address).await?),
        };
        let (mut tx, actor) = self.writer(actor).await?;
        if let Err(wrong) = self.still_right(&mut tx, Some(&person), &proof).await? {
            drop(tx);
            return Err(self.fail_attempt(&attempt, Some(&person), wrong, address).await?);
        }
        self.end_attempt(&mut tx, &attempt).await?;
        access::confirm_session(&mut tx, session, self.now()).await?;
        vault_row::bump(&mut tx).await?;
        let entry = self.entry(&actor, AuditAction::SignInConfirmed);
        let entry = from_address(entry.on(ObjectKind::WebSession, session.uuid(), "browser"), address);
        tx.record(entry);
        tx.commit().await?;
        self.forget_recognised();
        Ok(())
    }

    /// Counts a guess at one's own password, durably. By the browser, not by the name: who took a cookie must not lock
    /// its owner out.
    pub(crate) async fn count_own_guess(&self, actor: &Actor) -> Result<CountedGuess, Error> {
        let key = own_session(actor).map_or(actor.user.uuid(), WebSessionId::uuid).into_bytes().to_vec();
        let mut tx = self.unit().await?;
        let attempt = self.begin_attempt(&mut tx, Counter { scope: Scope::Browser, key }).await?;
        tx.commit_without_record("counts a guess, whose outcome will be recorded").await?;
        Ok(attempt)
    }

    /// The browsers in which the actor is signed in, the latest used first.
    pub async fn web_sessions(&self, actor: &Actor) -> Result<Vec<WebSession>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        self.sessions_of(&mut reader, actor.user, own_session(&actor)).await
    }

    /// Somebody's browsers; which of them is `own`.
    pub(crate) async fn sessions_of(
        &self,
        reader: &mut Reader,
        person: UserId,
        own: Option<WebSessionId>,
    ) -> Result<Vec<WebSession>, Error> {
        let rows = access::sessions(reader, person, MAX_SESSIONS).await?;
        let now = self.now();
        let view = |row: access::WebSessionRow| WebSession {
            id: row.id,
            created_at: row.created_at,
            last_used_at: row.last_used_at,
            expires_at: row.expires_at,
            agent: row.agent,
            address: row.address,
            current: own == Some(row.id),
        };
        Ok(rows.into_iter().filter(|row| row.expires_at > now).map(view).collect())
    }

    /// Signs one of the actor's browsers out. An API token ends none: it speaks for programs.
    pub async fn end_web_session(&self, actor: &Actor, id: WebSessionId) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        match actor.reach {
            Reach::Token { .. } => return Err(TooShort::PageOnly.into()),
            Reach::Device => return Err(TooShort::DeviceOnlyFills.into()),
            Reach::Page { .. } | Reach::Machine => {}
        }
        if !access::delete_session(&mut tx, id, actor.user).await? {
            return Err(Error::NotFound(Object::Session));
        }
        vault_row::bump(&mut tx).await?;
        let act = if own_session(&actor) == Some(id) { AuditAction::SignedOut } else { AuditAction::WebSessionEnded };
        let entry = self.entry(&actor, act).on(ObjectKind::WebSession, id.uuid(), "browser");
        tx.record(entry);
        tx.commit().await?;
        self.forget_recognised();
        Ok(())
    }

    /// Signs the asking browser out.
    pub async fn sign_out(&self, actor: &Actor) -> Result<(), Error> {
        match own_session(actor) {
            Some(id) => self.end_web_session(actor, id).await,
            None => Ok(()),
        }
    }
}

pub(crate) const fn own_session(actor: &Actor) -> Option<WebSessionId> {
    match actor.kind {
        ActorKind::Person(id) => Some(id),
        ActorKind::Program(_) | ActorKind::Service(_) | ActorKind::Device(_) | ActorKind::Machine => None,
    }
}

fn usual_parameters() -> Result<Parameters, Invalid> {
    let wrong = |error: countersign_otp::ParametersError| Invalid::new("totp", error.to_string());
    let (digits, period) = (Digits::new(6).map_err(wrong)?, Period::new(30).map_err(wrong)?);
    Ok(Parameters::totp(countersign_model::Algorithm::Sha1, digits, period))
}
