//! Which passkeys people have: adding, showing and removing one's own.

use countersign_audit::{AuditAction, ObjectKind};
use countersign_identity::{
    CHALLENGE_LASTS, MAX_PASSKEYS, NoPasskeys, Passkey, PasskeyChallenge, PasskeyRefusal, RelyingParty,
};
use countersign_model::{Actor, PasskeyId, PasskeyName, Timestamp, TooShort, WebSessionId};
use countersign_seal::{Digest, Secret, Sha256};
use countersign_store::{
    access, passkey_challenges,
    passkeys::{self, NewPasskeyRow, PasskeyRow},
    people, recovery, vault as vault_row,
};
use serde_json::Value;

use crate::{
    Conflict, Error, Object, Vault,
    unit::Unit,
    users::{account::own_session, ending::only_way_in},
};

// All browsers together; those that were asked first make room. One that signs in is asked and answers within minutes.
const MAX_CHALLENGES: u32 = 10_000;
pub(super) const LISTED: u32 = 200;

/// A passkey, as its person sees it.
#[derive(Debug, Clone)]
pub struct PasskeyView {
    /// Its id.
    pub id: PasskeyId,
    /// What its person calls it.
    pub name: String,
    /// When it was added.
    pub created_at: Timestamp,
    /// When it last let somebody in.
    pub last_used_at: Option<Timestamp>,
}

/// A passkey that was added.
pub struct AddedPasskey {
    /// The passkey.
    pub passkey: PasskeyView,
    /// Where it is the first second factor: codes that stand in for it, shown this once.
    pub recovery_codes: Option<Vec<Secret>>,
}

/// What a signed-in browser is asked a passkey for.
#[derive(Clone, Copy)]
pub(super) enum Asked {
    /// To add it.
    Add,
    /// To show once more who is there.
    Confirm,
}

impl Vault {
    /// Says where passkeys are used, or why nowhere. What was said first counts.
    pub fn use_passkeys_at(&self, party: Result<RelyingParty, NoPasskeys>) {
        let _ = self.inner.relying_party.set(party);
    }

    /// Where passkeys are used.
    ///
    /// # Errors
    /// [`NoPasskeys`].
    pub fn relying_party(&self) -> Result<&RelyingParty, NoPasskeys> {
        let said = self.inner.relying_party.get().map(Result::as_ref);
        said.unwrap_or(Err(&NoPasskeys::AddressUnknown)).map_err(|why| *why)
    }

    /// The actor's passkeys, the first one first.
    pub async fn passkeys(&self, actor: &Actor) -> Result<Vec<PasskeyView>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        Ok(passkeys::of(&mut reader, actor.user, LISTED).await?.into_iter().map(view).collect())
    }

    /// Asks the actor's browser for a new passkey. Gives what it is asked (`PublicKeyCredentialCreationOptions`).
    ///
    /// # Errors
    /// [`Error::NoPasskeys`]; [`Error::TooShort`] for a program or where the sign-in is not recent;
    /// [`Conflict::TooManyPasskeys`].
    pub async fn begin_passkey(&self, actor: &Actor) -> Result<Value, Error> {
        let party = self.relying_party()?;
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_own_account(&actor)?;
        let session = own_session(&actor).ok_or(TooShort::PageOnly)?;
        let known = passkeys::of(&mut tx, actor.user, LISTED).await?;
        if known.len() >= MAX_PASSKEYS {
            return Err(Conflict::TooManyPasskeys(MAX_PASSKEYS).into());
        }
        let known: Vec<Vec<u8>> = known.into_iter().map(|row| row.credential).collect();
        let challenge = party.ask_to_add(actor.user, &actor.name, &known);
        self.keep_challenge(tx, &holder(Asked::Add, session), challenge).await
    }

    /// Adds the passkey that the actor's browser has made for what it was asked. Where it is their first second factor, their
    /// other browsers end, and recovery codes are given. The question is answered with it, whatever becomes of it.
    ///
    /// # Errors
    /// [`Error::PasskeyRefused`], which is recorded; else as [`Vault::begin_passkey`].
    pub async fn add_passkey(&self, actor: &Actor, name: &PasskeyName, answer: Value) -> Result<AddedPasskey, Error> {
        let party = self.relying_party()?;
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_own_account(&actor)?;
        let session = own_session(&actor).ok_or(TooShort::PageOnly)?;
        let state = passkey_challenges::take(&mut tx, &holder(Asked::Add, session), self.now()).await?;
        let added = state.ok_or(PasskeyRefusal::NoChallenge).and_then(|state| party.added(&state, answer));
        let added = match added {
            Ok(added) if passkeys::find(&mut tx, added.credential()).await?.is_some() => {
                Err(PasskeyRefusal::AddedBefore)
            }
            added => added,
        };
        match added {
            Ok(passkey) => self.put_passkey(tx, &actor, session, name, &passkey).await,
            Err(why) => {
                let entry = self.entry(&actor, AuditAction::PasskeyRefused).with("because", why.name());
                tx.record(entry.on(ObjectKind::User, actor.user.uuid(), &actor.name));
                tx.commit().await?;
                Err(Error::PasskeyRefused(why))
            }
        }
    }

    async fn put_passkey(
        &self,
        mut tx: Unit,
        actor: &Actor,
        session: WebSessionId,
        name: &PasskeyName,
        passkey: &Passkey,
    ) -> Result<AddedPasskey, Error> {
        let now = self.now();
        let person = people::find(&mut tx, actor.user).await?.ok_or(Error::NotSignedIn)?;
        let id = PasskeyId::new(now, self.chance());
        let stored = passkey.to_text();
        let new = NewPasskeyRow { id, person: person.id, credential: passkey.credential(), name, stored: &stored };
        if !passkeys::insert(&mut tx, &new, MAX_PASSKEYS, now).await? {
            return Err(Conflict::TooManyPasskeys(MAX_PASSKEYS).into());
        }
        let codes = if person.has_second_factor() {
            None
        } else {
            access::delete_sessions(&mut tx, person.id, Some(session)).await?;
            Some(self.put_recovery_codes(&mut tx, actor).await?)
        };
        vault_row::bump(&mut tx).await?;
        let entry = self.entry(actor, AuditAction::PasskeyAdded).on(ObjectKind::Passkey, id.uuid(), name.as_str());
        // The receipt of the codes is that of their person.
        let entries = match codes {
            None => vec![entry],
            Some(_) => {
                let made = self.entry(actor, AuditAction::RecoveryCodesMade);
                vec![entry, made.on(ObjectKind::User, person.id.uuid(), &person.name)]
            }
        };
        tx.record_all(entries);
        let receipt = tx.commit().await?;
        self.forget_recognised();
        let recovery_codes = codes.map(|codes| codes.release(&receipt)).transpose()?;
        let passkey = PasskeyView { id, name: name.as_str().to_owned(), created_at: now, last_used_at: None };
        Ok(AddedPasskey { passkey, recovery_codes })
    }

    /// Removes one of the actor's passkeys: it signs nobody in any more. Their other browsers end, since somebody else may have come
    /// in with it.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::TooShort`] for a program or where the sign-in is not recent; [`Conflict::OnlySecondFactor`].
    pub async fn remove_passkey(&self, actor: &Actor, id: PasskeyId) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_own_account(&actor)?;
        let name = passkeys::delete(&mut tx, id, actor.user).await?.ok_or(Error::NotFound(Object::Passkey))?;
        let person = people::find(&mut tx, actor.user).await?.ok_or(Error::NotSignedIn)?;
        if !person.has_second_factor() {
            if vault_row::find(&mut tx).await?.is_none_or(|vault| vault.second_factor_required) {
                return Err(Conflict::OnlySecondFactor.into());
            }
            // They stood in for it.
            recovery::delete(&mut tx, person.id).await?;
        }
        if person.password.is_nobodys() && person.passkeys == 0 && !self.is_connected(&mut tx, person.id).await? {
            return Err(only_way_in("passkey"));
        }
        access::delete_sessions(&mut tx, person.id, own_session(&actor)).await?;
        vault_row::bump(&mut tx).await?;
        let entry = self.entry(&actor, AuditAction::PasskeyRemoved).on(ObjectKind::Passkey, id.uuid(), name);
        tx.record(entry);
        tx.commit().await?;
        self.forget_recognised();
        Ok(())
    }

    /// Keeps what a browser is asked until it answers; gives what it is asked.
    pub(super) async fn keep_challenge(
        &self,
        mut tx: Unit,
        holder: &Digest,
        challenge: PasskeyChallenge,
    ) -> Result<Value, Error> {
        let now = self.now();
        let times = (now, now.plus(CHALLENGE_LASTS));
        passkey_challenges::put(&mut tx, holder, &challenge.state, times, MAX_CHALLENGES, self.chance()).await?;
        tx.commit_without_record("asks a browser for a passkey; what becomes of its answer is recorded").await?;
        Ok(challenge.options)
    }
}

/// By what the question for a signed-in browser is found: it is asked one of each kind at a time.
pub(super) fn holder(asked: Asked, session: WebSessionId) -> Digest {
    let mut hash = Sha256::default();
    hash.field(b"countersign passkey");
    hash.field(match asked {
        Asked::Add => b"add".as_slice(),
        Asked::Confirm => b"confirm",
    });
    hash.field(session.uuid().as_bytes());
    hash.finish()
}

fn view(row: PasskeyRow) -> PasskeyView {
    PasskeyView { id: row.id, name: row.name, created_at: row.created_at, last_used_at: row.last_used_at }
}
