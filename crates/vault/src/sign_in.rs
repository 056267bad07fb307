//! Signing in, and the first administrator.

use countersign_audit::{Act as AuditAct, ActorKind as RecordedKind, ActorRef, Entry, ObjectKind};
use countersign_identity::{
    Bearer, BearerKind, RecoveryCode, SESSION_IDLE, TOKEN_GRACE_STEPS, judge_password, lock_out, prepare_password,
};
use countersign_model::{Actor, ActorKind, Role, Timestamp, UserId, UserName, WebSessionId};
use countersign_otp::OtpSecret;
use countersign_seal::{Binding, PasswordHash, Secret};
use countersign_store::{
    access::{self, WebSessionRow},
    audit,
    engine::Transaction,
    people::{self, PersonRow},
    recovery, vault as vault_row,
};

use crate::{Error, Vault, access::Caller};

/// The kind of a person's own seed's seal.
pub(crate) const OWN_SEED: &str = "own seed";

/// What somebody signs in with.
pub struct SignIn<'a> {
    /// Their name.
    pub name: &'a str,
    /// Their password.
    pub password: Secret,
    /// The current token of their authenticator, or one of their recovery codes.
    pub token: Option<&'a str>,
    /// What their browser says it is.
    pub agent: &'a str,
}

/// A browser that is signed in now.
pub struct SignedIn {
    /// Who.
    pub caller: Caller,
    /// What the browser keeps in its cookie.
    pub bearer: Bearer,
}

const LONGEST_AGENT: usize = 200;

impl Vault {
    /// Signs a browser in.
    ///
    /// # Errors
    /// [`Error::SignInFailed`], [`Error::TokenNeeded`], [`Error::LockedOut`]; each failure is recorded.
    pub async fn sign_in(&self, ask: SignIn<'_>) -> Result<SignedIn, Error> {
        let SignIn { name, password, token, agent } = ask;
        let now = self.now();
        let person = people::find_by_name(&mut &self.inner.database, name).await?;
        if let Some(until) = person.as_ref().and_then(|person| person.locked_until).filter(|until| *until > now) {
            return Err(Error::LockedOut { wait: until.since(now) });
        }
        // An unknown name costs as much work as a wrong password, so that the time taken does not tell them apart.
        let hash = match &person {
            Some(person) => person.password.clone(),
            None => self.nobodys_hash(),
        };
        let verdict = self.verify_password(hash, password).await?;
        let Some(person) = person.filter(|person| verdict.is_right() && !person.disabled) else {
            return Err(self.failed_sign_in(name, "password").await?);
        };
        let Some(proof) = self.second_proof(&person, token, now)? else {
            return Err(self.failed_sign_in(name, "token").await?);
        };
        let mut tx = self.inner.database.write().await?;
        if let Some(wrong) = self.use_up(&mut tx, &person, &proof, now).await? {
            drop(tx);
            return Err(self.failed_sign_in(name, wrong).await?);
        }
        if let PasswordVerdict::RightAsTyped(renewed) = &verdict {
            people::renew_password(&mut tx, person.id, renewed).await?;
        }
        let signed_in = self.open_session(&mut tx, &person, agent, now).await?;
        tx.commit().await.map_err(Error::of_record)?;
        Ok(signed_in)
    }

    /// What was shown beside the password; `None` when it is wrong.
    fn second_proof(&self, person: &PersonRow, typed: Option<&str>, now: Timestamp) -> Result<Option<Proof>, Error> {
        let Some((version, sealed)) = &person.seed else { return Ok(Some(Proof::NotNeeded)) };
        let typed = typed.ok_or(Error::TokenNeeded)?;
        if let Some(code) = RecoveryCode::parse(typed) {
            return Ok(Some(Proof::Recovery(code)));
        }
        let secret = self.open_own_seed(person.id, *version, sealed)?;
        let step = secret.verify(typed, u64::try_from(now.seconds()).unwrap_or(0), TOKEN_GRACE_STEPS);
        Ok(step.map(|step| Proof::Step(i64::try_from(step).unwrap_or(i64::MAX))))
    }

    /// Uses a step or a recovery code up; gives what was wrong with it, if anything.
    async fn use_up(
        &self,
        tx: &mut Transaction,
        person: &PersonRow,
        proof: &Proof,
        now: Timestamp,
    ) -> Result<Option<&'static str>, Error> {
        match proof {
            Proof::NotNeeded => Ok(None),
            Proof::Step(step) => Ok((!people::take_step(tx, person.id, *step).await?).then_some("token used before")),
            Proof::Recovery(code) => {
                if !recovery::take(tx, person.id, &code.hash(person.id), now).await? {
                    return Ok(Some("recovery code"));
                }
                let left = recovery::left(tx, person.id).await?;
                let actor =
                    ActorRef { kind: RecordedKind::User, id: Some(person.id.uuid()), name: person.name.clone() };
                let entry = Entry::new(now, actor, AuditAct::RecoveryCodeUsed)
                    .on(ObjectKind::User, person.id.uuid(), &person.name)
                    .with("left", left);
                audit::append(tx, vec![entry]).await.map_err(Error::of_record)?;
                Ok(None)
            }
        }
    }

    /// Makes the first administrator of a new vault, who proves by the link that the server's output is theirs to read.
    ///
    /// # Errors
    /// [`Error::SetUpAlready`], [`Error::LinkInvalid`], [`Error::Invalid`] for a name or a password that cannot serve.
    pub async fn set_up(&self, link: &Bearer, name: &str, password: Secret, agent: &str) -> Result<SignedIn, Error> {
        let name = UserName::parse(name)?;
        self.check_link(link).await?;
        judge_password("password", &password, name.as_str())?;
        let hash = self.hash_password(password).await?;
        let now = self.now();
        let mut tx = self.inner.database.write().await?;
        let vault = vault_row::find(&mut tx).await?.ok_or(Error::LinkInvalid)?;
        require_link(vault.setup_link.as_deref(), link)?;
        vault_row::set_setup_link(&mut tx, None).await?;
        let person = self.put_person(&mut tx, &name, Role::Administrator, &hash, None).await?;
        let signed_in = self.open_session(&mut tx, &person, agent, now).await?;
        tx.commit().await.map_err(Error::of_record)?;
        Ok(signed_in)
    }

    /// Makes an administrator from beside the server's data, as `countersign init` and the demo do. Whether the
    /// password is a good one is for the caller to say.
    pub async fn create_administrator(&self, name: &UserName, password: Secret) -> Result<Actor, Error> {
        let hash = self.hash_password(password).await?;
        let mut tx = self.inner.database.write().await?;
        vault_row::set_setup_link(&mut tx, None).await?;
        let person = self.put_person(&mut tx, name, Role::Administrator, &hash, None).await?;
        let as_of = vault_row::revision(&mut tx).await?;
        tx.commit().await.map_err(Error::of_record)?;
        Ok(Actor { kind: ActorKind::Machine, user: person.id, name: person.name, role: person.role, as_of })
    }

    /// A new one-time link for the first administrator, in place of any before; `None` once there is somebody.
    pub async fn new_setup_link(&self) -> Result<Option<Bearer>, Error> {
        let mut tx = self.inner.database.write().await?;
        if people::count(&mut tx).await? > 0 {
            return Ok(None);
        }
        let link = Bearer::new(BearerKind::SetupLink, self.chance());
        vault_row::set_setup_link(&mut tx, Some(link.hash().bytes())).await?;
        tx.commit().await?;
        Ok(Some(link))
    }

    /// Whether nobody can sign in yet.
    pub async fn needs_set_up(&self) -> Result<bool, Error> {
        Ok(people::count(&mut &self.inner.database).await? == 0)
    }

    async fn check_link(&self, link: &Bearer) -> Result<(), Error> {
        let mut database = &self.inner.database;
        if people::count(&mut database).await? > 0 {
            return Err(Error::SetUpAlready);
        }
        let vault = vault_row::find(&mut database).await?.ok_or(Error::LinkInvalid)?;
        require_link(vault.setup_link.as_deref(), link)
    }

    /// Adds a person and records it. [`Error::NameTaken`] when somebody has the name.
    pub(crate) async fn put_person(
        &self,
        tx: &mut Transaction,
        name: &UserName,
        role: Role,
        hash: &PasswordHash,
        by: Option<&Actor>,
    ) -> Result<PersonRow, Error> {
        let id = UserId::new(self.now(), self.chance());
        if people::find_by_name(tx, name.as_str()).await?.is_some() {
            return Err(Error::NameTaken { what: "user", name: name.to_string() });
        }
        people::insert(tx, id, name, role, hash, self.now()).await?;
        let actor = by.map_or_else(ActorRef::system, ActorRef::from);
        let entry = Entry::new(self.now(), actor, AuditAct::UserCreated)
            .on(ObjectKind::User, id.uuid(), name.as_str())
            .with("role", role.name());
        audit::append(tx, vec![entry]).await.map_err(Error::of_record)?;
        people::find(tx, id).await?.ok_or(Error::NotFound("user"))
    }

    async fn open_session(
        &self,
        tx: &mut Transaction,
        person: &PersonRow,
        agent: &str,
        now: Timestamp,
    ) -> Result<SignedIn, Error> {
        let bearer = Bearer::new(BearerKind::WebSession, self.chance());
        let session = WebSessionRow {
            id: WebSessionId::new(now, self.chance()),
            person: person.id,
            name: person.name.clone(),
            role: person.role,
            disabled: false,
            second_factor: person.seed.is_some(),
            created_at: now,
            last_used_at: now,
            expires_at: now.plus(SESSION_IDLE),
            agent: agent.chars().filter(|c| !c.is_control()).take(LONGEST_AGENT).collect(),
        };
        access::insert_session(tx, &session, &bearer.hash()).await?;
        people::signed_in(tx, person.id, now).await?;
        let actor = ActorRef { kind: RecordedKind::User, id: Some(person.id.uuid()), name: person.name.clone() };
        let entry = Entry::new(now, actor, AuditAct::SignedIn)
            .on(ObjectKind::WebSession, session.id.uuid(), &session.agent)
            .with("second_factor", session.second_factor);
        let as_of = audit::append(tx, vec![entry]).await.map_err(Error::of_record)?;
        let vault = vault_row::find(tx).await?.ok_or(Error::NotSignedIn)?;
        let actor = Actor {
            kind: ActorKind::Person(session.id),
            user: person.id,
            name: person.name.clone(),
            role: person.role,
            as_of,
        };
        let enrolment_needed = vault.second_factor_required && person.seed.is_none();
        Ok(SignedIn { caller: Caller { actor, enrolment_needed }, bearer })
    }

    /// Counts and records a failure, and gives the error to answer with.
    async fn failed_sign_in(&self, name: &str, what: &'static str) -> Result<Error, Error> {
        let now = self.now();
        let mut tx = self.inner.database.write().await?;
        let mut entries = Vec::new();
        let failed = |who: &str| Entry::new(now, ActorRef::nobody(who), AuditAct::SignInFailed).with("wrong", what);
        let mut answer = Error::SignInFailed;
        if let Some(person) = people::find_by_name(&mut tx, name).await? {
            entries.push(failed(&person.name).on(ObjectKind::User, person.id.uuid(), &person.name));
            let locked_until = lock_out(person.failures + 1, now);
            people::failed(&mut tx, person.id, locked_until).await?;
            if let Some(until) = locked_until {
                let wait = until.since(now);
                let entry = Entry::new(now, ActorRef::nobody(&person.name), AuditAct::SignInLocked)
                    .on(ObjectKind::User, person.id.uuid(), &person.name)
                    .with("seconds", i64::try_from(wait.as_secs()).unwrap_or(i64::MAX));
                entries.push(entry);
                answer = Error::LockedOut { wait };
            }
        } else {
            // Not the name that was typed: people type their password into that field.
            entries.push(failed("an unknown name"));
        }
        audit::append(&mut tx, entries).await.map_err(Error::of_record)?;
        tx.commit().await.map_err(Error::of_record)?;
        Ok(answer)
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
    ) -> Result<OtpSecret, Error> {
        let binding =
            Binding { kind: OWN_SEED, owner: person.uuid().into_bytes(), version: version.uuid().into_bytes() };
        let bytes = self.inner.key.open(&binding, sealed)?;
        OtpSecret::from_sealed_bytes(&bytes).map_err(|_| Error::Damaged(countersign_seal::NotOpened))
    }

    /// A hash of the usual cost that no password gives.
    fn nobodys_hash(&self) -> PasswordHash {
        self.inner.nobodys_hash.clone()
    }
}

/// What a person shows beside their password.
enum Proof {
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

fn require_link(stored: Option<&[u8]>, link: &Bearer) -> Result<(), Error> {
    let right = link.kind() == BearerKind::SetupLink && stored == Some(link.hash().bytes().as_slice());
    if right { Ok(()) } else { Err(Error::LinkInvalid) }
}
