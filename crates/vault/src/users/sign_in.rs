//! Signing in, and the first administrator.

use countersign_audit::{ActorRef, AuditAction, AuditActorKind as RecordedKind, AuditEntry, ObjectKind};
use countersign_identity::{
    Bearer, BearerKind, RecoveryCode, Refusal, SESSION_IDLE, TOKEN_GRACE_STEPS, judge_password, prepare_password,
};
use countersign_model::{
    Actor, ActorKind, NoticeKind, Purpose, Reach, Role, Timestamp, UserId, UserName, WebSessionId,
};
use countersign_otp::OtpSecret;
use countersign_seal::{Binding, PasswordHash, Secret, SecretKind, Withheld};
use countersign_store::{
    access::{self, CameBy, WebSessionRow},
    engine::Select,
    people::{self, PersonRow},
    recovery, vault as vault_row,
};

use crate::{
    Conflict, Error, Object, Source, Vault, access::recognised::Caller, unit::Unit, users::guesses::CountedGuess,
    users::manage::FirstPassword, users::set_up, users::source::from_address,
};

/// What somebody signs in with.
pub struct SignInRequest<'a> {
    /// Their name.
    pub name: &'a str,
    /// Their password.
    pub password: Secret,
    /// The current token of their authenticator, or one of their recovery codes.
    pub token: Option<&'a str>,
    /// From where.
    pub source: Source<'a>,
}

/// A browser that is signed in now.
pub struct SignedIn {
    /// Who.
    pub caller: Caller,
    /// What the browser keeps in its cookie.
    pub bearer: Bearer,
    /// What it keeps for a year in another: in this browser the person is known.
    pub known_browser: Bearer,
}

const LONGEST_AGENT: usize = 200;

impl Vault {
    /// Signs a browser in. The guess is counted before it is looked at, and what it was compared with is compared once
    /// more before it counts.
    ///
    /// # Errors
    /// [`Error::SignInFailed`], [`Error::LockedOut`]; each failure is recorded. A name that nobody has, a wrong password
    /// and a wrong or missing code are answered and recorded alike and take as long.
    pub async fn sign_in(&self, ask: SignInRequest<'_>) -> Result<SignedIn, Error> {
        let SignInRequest { name, password, token, source } = ask;
        let (person, attempt) = match self.count_sign_in(name, &source).await {
            Err(error @ Error::LockedOut { .. }) => {
                self.note_refusal(Refusal::LockedOut, source.address, None).await;
                return Err(error);
            }
            counted => counted?,
        };
        // An unknown name costs as much work as a wrong password, so that the time taken does not tell them apart.
        let hash = match &person {
            Some(person) => person.password.clone(),
            None => self.nobodys_hash(),
        };
        let verdict = self.verify_password(hash, password).await?;
        let proof = match self.judge(person.as_ref().filter(|_| verdict.is_right()), token)? {
            Ok(proof) => proof,
            Err(wrong) => return Err(self.fail_attempt(&attempt, person.as_ref(), wrong, source.address).await?),
        };
        let mut tx = self.unit().await?;
        let wrong = match self.still_right(&mut tx, person.as_ref(), &proof).await? {
            Ok(person) => {
                if let PasswordVerdict::RightAsTyped(renewed) = &verdict {
                    people::renew_password(&mut tx, person.id, renewed).await?;
                }
                self.end_attempt(&mut tx, &attempt).await?;
                let signed_in = self.open_session(&mut tx, &person, &source, CameBy::Password, None).await?;
                tx.commit().await?;
                if source.replaces.is_some() {
                    self.forget_recognised();
                }
                return Ok(signed_in);
            }
            Err(wrong) => wrong,
        };
        drop(tx);
        Err(self.fail_attempt(&attempt, person.as_ref(), wrong, source.address).await?)
    }

    /// Looks the name up and counts the guess, durably.
    async fn count_sign_in(&self, name: &str, source: &Source<'_>) -> Result<(Option<PersonRow>, CountedGuess), Error> {
        let mut tx = self.unit().await?;
        let person = people::find_by_name(&mut tx, name).await?;
        if let (Some(person), Some(vault)) = (&person, vault_row::find(&mut tx).await?) {
            self.log_memory(&mut tx, vault.head.size).await?.check_person(person)?;
        }
        let counter = self.counter_of(&mut tx, name, person.as_ref(), source).await?;
        let attempt = self.begin_attempt(&mut tx, counter).await?;
        tx.commit_without_record("counts a guess, whose outcome will be recorded").await?;
        Ok((person, attempt))
    }

    /// Whether somebody whose password was right may come in; gives what they showed beside it, or what is wrong.
    pub(crate) fn judge(
        &self,
        person: Option<&PersonRow>,
        token: Option<&str>,
    ) -> Result<Result<SecondFactorProof, &'static str>, Error> {
        let Some(person) = person.filter(|person| !person.disabled) else { return Ok(Err("password")) };
        if !person.has_second_factor() {
            return Ok(Ok(SecondFactorProof::NotNeeded));
        }
        let Some(typed) = token else { return Ok(Err("no token")) };
        if let Some(code) = RecoveryCode::parse(typed) {
            return Ok(Ok(SecondFactorProof::Recovery(code)));
        }
        // Who has passkeys alone has no authenticator that shows tokens.
        let Some((version, sealed)) = &person.seed else { return Ok(Err("token")) };
        let secret = self.open_own_seed(person.id, *version, sealed)?;
        let unix = u64::try_from(self.now().seconds()).unwrap_or(0);
        let step = secret.stays_inside("a token is compared with it").verify(typed, unix, TOKEN_GRACE_STEPS);
        Ok(step.map(|step| SecondFactorProof::Step(i64::try_from(step).unwrap_or(i64::MAX))).ok_or("token"))
    }

    /// Looks once more in the transaction that lets the person in: password, factor and state are those that were
    /// compared, and what they showed is used up now.
    pub(crate) async fn still_right(
        &self,
        tx: &mut Unit,
        compared: Option<&PersonRow>,
        proof: &SecondFactorProof,
    ) -> Result<Result<PersonRow, &'static str>, Error> {
        let Some(compared) = compared else { return Ok(Err("password")) };
        let Some(now) = people::find(tx, compared.id).await? else { return Ok(Err("password")) };
        let seed = |row: &PersonRow| row.seed.as_ref().map(|(version, _)| *version);
        let factor = |row: &PersonRow| (seed(row), row.has_second_factor());
        if now.disabled || now.password != compared.password || factor(&now) != factor(compared) {
            return Ok(Err("password"));
        }
        Ok(self.use_up(tx, &now, proof, self.now()).await?.map_or(Ok(now), Err))
    }

    /// Uses a step or a recovery code up; gives what was wrong with it, if anything.
    async fn use_up(
        &self,
        tx: &mut Unit,
        person: &PersonRow,
        proof: &SecondFactorProof,
        now: Timestamp,
    ) -> Result<Option<&'static str>, Error> {
        match proof {
            SecondFactorProof::NotNeeded => Ok(None),
            SecondFactorProof::Step(step) => {
                Ok((!people::take_step(tx, person.id, *step).await?).then_some("token used before"))
            }
            SecondFactorProof::Recovery(code) => {
                if !recovery::take(tx, person.id, &code.hash(person.id)).await? {
                    return Ok(Some("recovery code"));
                }
                let left = recovery::left(tx, person.id).await?;
                let actor =
                    ActorRef { kind: RecordedKind::User, id: Some(person.id.uuid()), name: person.name.clone() };
                let entry = AuditEntry::new(now, actor, AuditAction::RecoveryCodeUsed)
                    .on(ObjectKind::User, person.id.uuid(), &person.name)
                    .with("left", left);
                tx.record(entry);
                Ok(None)
            }
        }
    }

    /// Makes the first administrator of a new vault, who proves by the link that the server's output is theirs to read.
    ///
    /// # Errors
    /// [`Conflict::SetUpAlready`], [`Error::LinkInvalid`], [`Error::Invalid`] for a name or a password that cannot serve.
    pub async fn set_up(
        &self,
        link: &Bearer,
        name: &str,
        password: Secret,
        source: Source<'_>,
    ) -> Result<SignedIn, Error> {
        let name = UserName::parse(name)?;
        self.check_link(link).await?;
        judge_password("password", &password, name.as_str())?;
        let hash = self.hash_password(password).await?;
        let mut tx = self.unit().await?;
        set_up::require_needed(&mut tx).await?;
        let vault = vault_row::find(&mut tx).await?.ok_or(Error::LinkInvalid)?;
        require_link(&tx, vault.setup_link.as_deref(), link)?;
        vault_row::set_setup_link(&mut tx, None).await?;
        let person = self.put_person(&mut tx, &name, Role::Administrator, FirstPassword::Own(&hash), None).await?;
        let signed_in = self.open_session(&mut tx, &person, &source, CameBy::Password, None).await?;
        tx.commit().await?;
        Ok(signed_in)
    }

    /// Makes an administrator from beside the server's data, as `countersign init` and the demo do. Whether the
    /// password is a good one is for the caller to say.
    ///
    /// # Errors
    /// [`Conflict::SetUpAlready`], [`Error::UsersGone`].
    pub async fn create_administrator(&self, name: &UserName, password: Secret) -> Result<Actor, Error> {
        let hash = self.hash_password(password).await?;
        let mut tx = self.unit().await?;
        set_up::require_needed(&mut tx).await?;
        vault_row::set_setup_link(&mut tx, None).await?;
        let person = self.put_person(&mut tx, name, Role::Administrator, FirstPassword::Own(&hash), None).await?;
        let as_of = vault_row::revision(&mut tx).await?;
        tx.commit().await?;
        let (user, name, role) = (person.id, person.name, person.role);
        Ok(Actor {
            kind: ActorKind::Machine,
            user,
            name,
            role,
            reach: Reach::Machine,
            service: None,
            as_of,
            until: None,
            address: None,
            purpose: Purpose::default(),
        })
    }

    async fn check_link(&self, link: &Bearer) -> Result<(), Error> {
        let mut reader = self.inner.database.read().await?;
        set_up::require_needed(&mut reader).await?;
        let vault = vault_row::find(&mut reader).await?.ok_or(Error::LinkInvalid)?;
        require_link(&reader, vault.setup_link.as_deref(), link)
    }

    /// Adds a person and records it. [`Conflict::NameTaken`] when somebody has the name.
    pub(crate) async fn put_person(
        &self,
        tx: &mut Unit,
        name: &UserName,
        role: Role,
        first: FirstPassword<'_>,
        by: Option<&Actor>,
    ) -> Result<PersonRow, Error> {
        let id = UserId::new(self.now(), self.chance());
        if people::find_by_name(tx, name.as_str()).await?.is_some() {
            return Err(Error::Conflict(Conflict::NameTaken { what: "user", name: name.to_string() }));
        }
        let nobodys = self.nobodys_hash();
        let (hash, must_change) = match first {
            FirstPassword::Own(hash) => (hash, false),
            FirstPassword::Given(hash) => (hash, true),
            // No password has this hash; and who would sign in by one had it chosen by somebody else.
            FirstPassword::ByLink => (&nobodys, true),
            FirstPassword::ByProvider => (&nobodys, false),
        };
        people::insert(tx, id, name, role, hash, must_change, self.now()).await?;
        vault_row::note_set_up(tx, self.now()).await?;
        let actor = by.map_or_else(ActorRef::system, ActorRef::from);
        let entry = AuditEntry::new(self.now(), actor, AuditAction::UserCreated)
            .on(ObjectKind::User, id.uuid(), name.as_str())
            .with("role", role.name());
        tx.record(entry);
        if let Some(actor) = by.filter(|_| role == Role::Administrator) {
            self.tell_administrators(tx, NoticeKind::AdministratorMade, name.as_str(), Some(actor)).await?;
        }
        people::find(tx, id).await?.ok_or(Error::NotFound(Object::User))
    }

    /// Lets a person in who has shown what it takes: the provider's word, a passkey, where it has that name, or else password and code.
    pub(crate) async fn open_session(
        &self,
        tx: &mut Unit,
        person: &PersonRow,
        source: &Source<'_>,
        came_by: CameBy,
        passkey: Option<&str>,
    ) -> Result<SignedIn, Error> {
        let now = self.now();
        let replaced = self.end_replaced(tx, source).await?;
        let bearer = Bearer::new(BearerKind::WebSession, self.chance());
        let session = WebSessionRow {
            id: WebSessionId::new(now, self.chance()),
            person: person.id,
            name: person.name.clone(),
            role: person.role,
            disabled: false,
            second_factor: person.has_second_factor() || came_by == CameBy::ProviderForBoth,
            // Who came by the provider may know no password that they could change.
            must_change: person.must_change && came_by == CameBy::Password,
            created_at: now,
            last_used_at: now,
            expires_at: now.plus(SESSION_IDLE),
            agent: source.agent.chars().filter(|c| !c.is_control()).take(LONGEST_AGENT).collect(),
            address: source.address.map(|address| address.to_canonical().to_string()),
            confirmed_at: now,
            came_by,
        };
        access::insert_session(tx, &session, &bearer.hash()).await?;
        people::signed_in(tx, person.id, now).await?;
        let actor = ActorRef { kind: RecordedKind::User, id: Some(person.id.uuid()), name: person.name.clone() };
        let mut entry = AuditEntry::new(now, actor, AuditAction::SignedIn)
            .on(ObjectKind::WebSession, session.id.uuid(), &session.agent)
            .with("second_factor", session.second_factor);
        entry = from_address(entry, source.address);
        if came_by != CameBy::Password {
            entry = entry.with("provider", true);
        }
        if let Some(passkey) = passkey {
            entry = entry.with("passkey", passkey);
        }
        if let Some(replaced) = replaced {
            entry = entry.with("replaces", replaced.to_string());
        }
        let known_browser = self.know_browser(tx, person, source, now).await?;
        tx.record(entry);
        let vault = vault_row::find(tx).await?.ok_or(Error::NotSignedIn)?;
        let actor = Actor {
            kind: ActorKind::Person(session.id),
            user: person.id,
            name: person.name.clone(),
            role: person.role,
            reach: Reach::Page { confirmed_at: session.confirmed_at },
            service: None,
            as_of: vault.revision,
            until: Some(session.expires_at),
            address: source.address,
            purpose: Purpose::default(),
        };
        let enrolment_needed = vault.second_factor_required && !session.second_factor;
        let caller = Caller { actor, enrolment_needed, password_change_needed: session.must_change };
        Ok(SignedIn { caller, bearer, known_browser })
    }

    /// Ends the session that the browser had before: nobody would ever come back to it.
    async fn end_replaced(&self, tx: &mut Unit, source: &Source<'_>) -> Result<Option<WebSessionId>, Error> {
        let Some(bearer) = source.replaces.filter(|bearer| bearer.kind() == BearerKind::WebSession) else {
            return Ok(None);
        };
        let Some(old) = access::session(tx, &bearer.hash()).await? else { return Ok(None) };
        access::delete_session(tx, old.id, old.person).await?;
        vault_row::bump(tx).await?;
        Ok(Some(old.id))
    }

    pub(crate) async fn hash_password(&self, password: Secret) -> Result<PasswordHash, Error> {
        let _turn = self.inner.hashing.acquire().await.map_err(|_| Error::Closing)?;
        let (chance, cost) = (self.inner.chance.clone(), self.inner.options.sign_in_cost);
        tokio::task::spawn_blocking(move || PasswordHash::new(&prepare_password(&password), cost, &*chance))
            .await
            .map_err(|_| Error::Closing)
    }

    /// Whether this is the password: prepared, or as it was typed, for a hash from before passwords were prepared.
    pub(crate) async fn verify_password(&self, hash: PasswordHash, typed: Secret) -> Result<PasswordVerdict, Error> {
        let _turn = self.inner.hashing.acquire().await.map_err(|_| Error::Closing)?;
        let (chance, cost) = (self.inner.chance.clone(), self.inner.options.sign_in_cost);
        let verdict = move || {
            let prepared = prepare_password(&typed);
            if hash.verify(&prepared) {
                PasswordVerdict::Right
            } else if prepared != typed && hash.verify(&typed) {
                PasswordVerdict::RightAsTyped(PasswordHash::new(&prepared, cost, &*chance))
            } else {
                PasswordVerdict::Wrong
            }
        };
        tokio::task::spawn_blocking(verdict).await.map_err(|_| Error::Closing)
    }

    pub(crate) fn open_own_seed(
        &self,
        person: UserId,
        version: countersign_model::VersionId,
        sealed: &countersign_seal::Sealed,
    ) -> Result<Withheld<OtpSecret>, Error> {
        self.open_otp(&Binding::of(SecretKind::UserSeed, person.uuid(), version.uuid()), sealed)
    }

    /// A hash of the usual cost that no password gives.
    fn nobodys_hash(&self) -> PasswordHash {
        self.inner.nobodys_hash.clone()
    }
}

/// What a person shows beside their password.
pub(crate) enum SecondFactorProof {
    /// They have no second factor.
    NotNeeded,
    /// A token, of this time step.
    Step(i64),
    /// A recovery code; whether it is one of theirs is not known yet.
    Recovery(RecoveryCode),
}

/// What came of comparing a password.
pub(crate) enum PasswordVerdict {
    /// It is another.
    Wrong,
    /// It is the one.
    Right,
    /// It is the one, by a hash of the bytes as typed; with the hash to keep in its place.
    RightAsTyped(PasswordHash),
}

impl PasswordVerdict {
    /// Whether it is the password.
    pub(crate) const fn is_right(&self) -> bool {
        !matches!(self, Self::Wrong)
    }
}

fn require_link(db: &impl Select, stored: Option<&[u8]>, link: &Bearer) -> Result<(), Error> {
    let shown = db.keys().bearer(&link.hash())?;
    let right = link.kind() == BearerKind::SetupLink && stored == Some(shown.bytes().as_slice());
    if right { Ok(()) } else { Err(Error::LinkInvalid) }
}
