//! What people come in by with a passkey: a sign-in without name and password, and showing once more who is there.

use std::net::IpAddr;

use countersign_audit::{AuditAction, ObjectKind};
use countersign_identity::{Bearer, BearerKind, Passkey, PasskeyAnswer, PasskeyRefusal, Refusal, RelyingParty};
use countersign_model::{Actor, Invalid, TooShort, UserId};
use countersign_store::{
    access, passkey_challenges,
    passkeys::{self, PasskeyRow},
    people::{self, PersonRow},
    vault as vault_row,
};
use serde_json::Value;

use crate::{
    Error, SignedIn, Source, Vault,
    unit::Unit,
    users::account::own_session,
    users::guesses::CountedGuess,
    users::passkeys::{Asked, LISTED, holder},
    users::source::from_address,
};

/// What somebody signs in with who has a passkey.
pub struct PasskeySignInRequest<'a> {
    /// What their browser was given with the question.
    pub challenge: Option<&'a Bearer>,
    /// What the browser answers (`AuthenticationResponseJSON`).
    pub answer: Value,
    /// From where.
    pub source: Source<'a>,
}

/// A passkey and whose it is, as they are stored.
type Found = (PasskeyRow, PersonRow);

impl Vault {
    /// Asks a browser for any passkey, in the place of what it was asked before (`former`). Gives what it is asked
    /// (`PublicKeyCredentialRequestOptions`), and what it keeps until it answers.
    ///
    /// # Errors
    /// [`Error::NoPasskeys`].
    pub async fn begin_passkey_sign_in(&self, former: Option<&Bearer>) -> Result<(Value, Bearer), Error> {
        let party = self.relying_party()?;
        let mut tx = self.unit().await?;
        if let Some(former) = former.filter(|former| former.kind() == BearerKind::PasskeyChallenge) {
            passkey_challenges::take(&mut tx, &former.hash(), self.now()).await?;
        }
        let kept = Bearer::new(BearerKind::PasskeyChallenge, self.chance());
        let options = self.keep_challenge(tx, &kept.hash(), party.ask_to_show(&[])).await?;
        Ok((options, kept))
    }

    /// Signs a browser in by a passkey alone: its authenticator has made sure of who uses it. The answer is counted before
    /// it is looked at, as a guess at a password is, and answers its question once, whatever becomes of it.
    ///
    /// # Errors
    /// [`Error::PasskeyRefused`], [`Error::LockedOut`]; each is recorded. A passkey that nobody has, one that was removed and one of
    /// somebody who is kept out are answered alike.
    pub async fn sign_in_with_passkey(&self, ask: PasskeySignInRequest<'_>) -> Result<SignedIn, Error> {
        let party = self.relying_party()?;
        let PasskeySignInRequest { challenge, answer, source } = ask;
        let answer = PasskeyAnswer::read(answer);
        let (state, found, attempt) = match self.take_answer(challenge, answer.as_ref().ok(), &source).await {
            Err(error @ Error::LockedOut { .. }) => {
                self.note_refusal(Refusal::LockedOut, source.address, None).await;
                return Err(error);
            }
            taken => taken?,
        };
        let whose = found.as_ref().map(|(_, person)| person);
        let judged = answer.and_then(|answer| judge(party, state.as_deref(), &answer, found.as_ref(), None));
        let (kept, (row, person)) = match judged {
            Ok(judged) => judged,
            Err(why) => return Err(self.fail_passkey(&attempt, whose, why, source.address).await?),
        };
        let mut tx = self.unit().await?;
        let person = match self.use_passkey(&mut tx, row, &kept).await? {
            Ok(now) => now,
            Err(why) => {
                drop(tx);
                return Err(self.fail_passkey(&attempt, Some(person), why, source.address).await?);
            }
        };
        self.end_attempt(&mut tx, &attempt).await?;
        let signed_in = self.open_session(&mut tx, &person, &source, Some(&row.name)).await?;
        tx.commit().await?;
        if source.replaces.is_some() {
            self.forget_recognised();
        }
        Ok(signed_in)
    }

    /// Takes the question, finds whose passkey it is, and counts the answer, durably.
    async fn take_answer(
        &self,
        challenge: Option<&Bearer>,
        answer: Option<&PasskeyAnswer>,
        source: &Source<'_>,
    ) -> Result<(Option<String>, Option<Found>, CountedGuess), Error> {
        let mut tx = self.unit().await?;
        let challenge = challenge.filter(|bearer| bearer.kind() == BearerKind::PasskeyChallenge);
        let state = match challenge {
            Some(bearer) => passkey_challenges::take(&mut tx, &bearer.hash(), self.now()).await?,
            None => None,
        };
        let found = match answer {
            Some(answer) => self.find_shown(&mut tx, answer).await?,
            None => None,
        };
        let credential = answer.map(PasskeyAnswer::credential).unwrap_or_default();
        let person = found.as_ref().map(|(_, person)| person);
        let counter = self.counter_of_passkey(&mut tx, credential, person, source).await?;
        let attempt = self.begin_attempt(&mut tx, counter).await?;
        tx.commit_without_record("counts an answer of a passkey, whose outcome will be recorded").await?;
        Ok((state, found, attempt))
    }

    /// The passkey that an answer claims to be of, and whose it is; neither is one that the log tells was removed.
    async fn find_shown(&self, tx: &mut Unit, answer: &PasskeyAnswer) -> Result<Option<Found>, Error> {
        let Some(row) = passkeys::find(tx, answer.credential()).await? else { return Ok(None) };
        let Some(person) = people::find(tx, row.person).await? else { return Ok(None) };
        if let Some(vault) = vault_row::find(tx).await? {
            let memory = self.log_memory(tx, vault.head.size).await?;
            memory.check_person(&person)?;
            memory.check_passkey(&row)?;
        }
        Ok(Some((row, person)))
    }

    /// Looks once more in the transaction that lets the person in: passkey and person are those that were compared, and the
    /// passkey's counter moves.
    async fn use_passkey(
        &self,
        tx: &mut Unit,
        row: &PasskeyRow,
        kept: &Passkey,
    ) -> Result<Result<PersonRow, PasskeyRefusal>, Error> {
        let Some(person) = people::find(tx, row.person).await? else { return Ok(Err(PasskeyRefusal::Unknown)) };
        if person.disabled {
            return Ok(Err(PasskeyRefusal::Disabled));
        }
        if passkeys::used(tx, row, &kept.to_text(), self.now()).await? {
            return Ok(Ok(person));
        }
        let there = passkeys::find(tx, &row.credential).await?.is_some_and(|now| now.id == row.id);
        Ok(Err(if there { PasskeyRefusal::NoChallenge } else { PasskeyRefusal::Unknown }))
    }

    /// Asks the actor's browser for one of their passkeys, so that they show once more who is there.
    ///
    /// # Errors
    /// [`Error::NoPasskeys`]; [`Error::TooShort`] for who is in no browser; [`Error::Invalid`] for who has none.
    pub async fn begin_passkey_confirmation(&self, actor: &Actor) -> Result<Value, Error> {
        let party = self.relying_party()?;
        let (mut tx, actor) = self.writer(actor).await?;
        let session = own_session(&actor).ok_or(TooShort::PageOnly)?;
        let own = passkeys::of(&mut tx, actor.user, LISTED).await?;
        if own.is_empty() {
            return Err(Invalid::new("passkey", "cannot be asked for: you have none").into());
        }
        let own: Vec<Vec<u8>> = own.into_iter().map(|row| row.credential).collect();
        self.keep_challenge(tx, &holder(Asked::Confirm, session), party.ask_to_show(&own)).await
    }

    /// Shows a passkey once more in a browser that is signed in: what asks for a recent sign-in goes on.
    ///
    /// # Errors
    /// [`Error::PasskeyRefused`], [`Error::LockedOut`]; [`Error::TooShort`] for who is in no browser.
    pub async fn confirm_with_passkey(
        &self,
        actor: &Actor,
        answer: Value,
        address: Option<IpAddr>,
    ) -> Result<(), Error> {
        let party = self.relying_party()?;
        let session = own_session(actor).ok_or(TooShort::PageOnly)?;
        let attempt = self.count_own_guess(actor).await?;
        let answer = PasskeyAnswer::read(answer);
        let (mut tx, actor) = self.writer(actor).await?;
        let state = passkey_challenges::take(&mut tx, &holder(Asked::Confirm, session), self.now()).await?;
        let found = match &answer {
            Ok(answer) => self.find_shown(&mut tx, answer).await?,
            Err(_) => None,
        };
        tx.commit_without_record("takes a question that is answered now, with a record of the outcome").await?;
        let me = people::find(&mut &self.inner.database, actor.user).await?.ok_or(Error::NotSignedIn)?;
        let judged =
            answer.and_then(|answer| judge(party, state.as_deref(), &answer, found.as_ref(), Some(actor.user)));
        let (kept, (row, _)) = match judged {
            Ok(judged) => judged,
            Err(why) => return Err(self.fail_passkey(&attempt, Some(&me), why, address).await?),
        };
        let (mut tx, actor) = self.writer(&actor).await?;
        if let Err(why) = self.use_passkey(&mut tx, row, &kept).await? {
            drop(tx);
            return Err(self.fail_passkey(&attempt, Some(&me), why, address).await?);
        }
        self.end_attempt(&mut tx, &attempt).await?;
        access::confirm_session(&mut tx, session, self.now()).await?;
        vault_row::bump(&mut tx).await?;
        let entry = self.entry(&actor, AuditAction::SignInConfirmed).with("passkey", row.name.as_str());
        let entry = from_address(entry.on(ObjectKind::WebSession, session.uuid(), "browser"), address);
        tx.record(entry);
        tx.commit().await?;
        self.forget_recognised();
        Ok(())
    }
}

/// Whether an answer counts: it answers the question, with a passkey of the person that it names, who is to be `expected` where
/// somebody is, and is not kept out. Gives what is to be kept of the passkey.
fn judge<'a>(
    party: &RelyingParty,
    state: Option<&str>,
    answer: &PasskeyAnswer,
    found: Option<&'a Found>,
    expected: Option<UserId>,
) -> Result<(Passkey, &'a Found), PasskeyRefusal> {
    let state = state.ok_or(PasskeyRefusal::NoChallenge)?;
    let found = found.ok_or(PasskeyRefusal::Unknown)?;
    let (row, person) = found;
    let stored = Passkey::from_text(&row.stored).ok_or(PasskeyRefusal::Unknown)?;
    let kept = party.shown(state, answer, &stored)?;
    // Where nobody was named before, the authenticator has to say whose it is (Web Authentication §7.2, step 6).
    let named = answer.person()?;
    let theirs = named.or(expected) == Some(person.id) && expected.is_none_or(|expected| expected == person.id);
    if !theirs {
        return Err(PasskeyRefusal::NotTheirs);
    }
    if person.disabled { Err(PasskeyRefusal::Disabled) } else { Ok((kept, found)) }
}
