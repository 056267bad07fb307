//! Guesses of passwords and codes: each is counted, durably, before it is looked at, so that a thousand sent at once are
//! no more than a thousand sent one after the other. Also what of refused requests goes into the log.
//!
//! What counts them is the name that was typed, whether somebody has it or not. A browser in which the person has signed
//! in before is counted by itself, so that a stranger who locks the name out does not lock the person out.

use std::{net::IpAddr, time::Duration};

use countersign_audit::{ActorRef, AuditAction, AuditEntry, ObjectKind};
use countersign_identity::{Bearer, BearerKind, PasskeyRefusal, Refusal, lock_out};
use countersign_model::{Actor, Network, Timestamp, search_key};
use countersign_seal::Secret;
use countersign_store::{
    engine::Transaction,
    passkey_challenges,
    people::PersonRow,
    sign_ins::{self, Count, Counter, Scope},
};

use crate::{
    Error, Vault,
    users::source::{Source, from_address},
};

/// A guess that was counted and may be looked at.
pub(crate) struct CountedGuess {
    counter: Counter,
    /// How many there were since the last success, this one included.
    number: i64,
}

impl CountedGuess {
    /// How many there were since the last success, this one included.
    pub(crate) const fn number(&self) -> i64 {
        self.number
    }
}

// How long a browser is known without a sign-in.
const BROWSER_KNOWN: Duration = Duration::from_secs(365 * 24 * 60 * 60);
// Tries of the day before count no more.
const COUNTED: Duration = Duration::from_secs(24 * 60 * 60);

impl Vault {
    /// What counts a sign-in: the browser, where this person is known in it, else the name.
    pub(crate) async fn counter_of(
        &self,
        tx: &mut Transaction,
        name: &str,
        person: Option<&PersonRow>,
        source: &Source<'_>,
    ) -> Result<Counter, Error> {
        if let Some(counter) = counter_of_browser(tx, person, source).await? {
            return Ok(counter);
        }
        // Never the name itself: people type their password into that field.
        let key = self.keys().fingerprint("sign-in name", &Secret::from(search_key(name)));
        Ok(Counter { scope: Scope::Name, key: key.to_vec() })
    }

    /// What counts an answer of a passkey: the browser, where its person is known in it, else the passkey, whether somebody has
    /// it or not. Its person's name is not locked out by it, nor it by that.
    pub(crate) async fn counter_of_passkey(
        &self,
        tx: &mut Transaction,
        credential: &[u8],
        person: Option<&PersonRow>,
        source: &Source<'_>,
    ) -> Result<Counter, Error> {
        if let Some(counter) = counter_of_browser(tx, person, source).await? {
            return Ok(counter);
        }
        let key = self.keys().fingerprint("passkey", &Secret::from(credential));
        Ok(Counter { scope: Scope::Name, key: key.to_vec() })
    }

    /// Counts a guess. It may be looked at once the transaction is committed.
    ///
    /// # Errors
    /// [`Error::LockedOut`].
    pub(crate) async fn begin_attempt(&self, tx: &mut Transaction, counter: Counter) -> Result<CountedGuess, Error> {
        let now = self.now();
        let count = sign_ins::take(tx, &counter, now).await?;
        if let Some(until) = count.locked_until.filter(|until| *until > now) {
            return Err(Error::LockedOut { wait: until.since(now) });
        }
        let number = count.failures + 1;
        // Locked already while it is looked at; a success unlocks.
        sign_ins::set(tx, &counter, Count { failures: number, locked_until: lock_out(number, now) }).await?;
        Ok(CountedGuess { counter, number })
    }

    /// The guess was right: begins counting anew.
    ///
    /// # Errors
    /// [`Error::LockedOut`] when others, sent at the same time, have locked it out meanwhile.
    pub(crate) async fn end_attempt(&self, tx: &mut Transaction, attempt: &CountedGuess) -> Result<(), Error> {
        let now = self.now();
        let count = sign_ins::take(tx, &attempt.counter, now).await?;
        if let Some(until) = count.locked_until.filter(|until| count.failures != attempt.number && *until > now) {
            return Err(Error::LockedOut { wait: until.since(now) });
        }
        Ok(sign_ins::clear(tx, &attempt.counter).await?)
    }

    /// Records that the guess was wrong, and gives the error to answer with: the same for a name that nobody has, a wrong
    /// password, and a wrong or missing code.
    pub(crate) async fn fail_attempt(
        &self,
        attempt: &CountedGuess,
        person: Option<&PersonRow>,
        wrong: &'static str,
        address: Option<IpAddr>,
    ) -> Result<Error, Error> {
        // Not the name that was typed: people type their password into that field.
        self.record_failure(attempt, (person, "an unknown name"), wrong, address).await
    }

    /// The same of a passkey, which says why: none of the reasons tells whether somebody has it.
    pub(crate) async fn fail_passkey(
        &self,
        attempt: &CountedGuess,
        person: Option<&PersonRow>,
        why: PasskeyRefusal,
        address: Option<IpAddr>,
    ) -> Result<Error, Error> {
        Ok(match self.record_failure(attempt, (person, "an unknown passkey"), why.name(), address).await? {
            Error::SignInFailed => Error::PasskeyRefused(why),
            locked => locked,
        })
    }

    async fn record_failure(
        &self,
        attempt: &CountedGuess,
        (person, unknown): (Option<&PersonRow>, &str),
        wrong: &'static str,
        address: Option<IpAddr>,
    ) -> Result<Error, Error> {
        let now = self.now();
        let who = ActorRef::nobody(person.map_or(unknown, |person| &person.name));
        let about = |act| {
            let entry = from_address(AuditEntry::new(now, who.clone(), act), address);
            match person {
                Some(person) => entry.on(ObjectKind::User, person.id.uuid(), &person.name),
                None => entry,
            }
        };
        let mut entries = vec![about(AuditAction::SignInFailed).with("wrong", wrong)];
        let wait = lock_out(attempt.number, now).map(|until| until.since(now));
        if let Some(wait) = wait {
            let seconds = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX);
            entries.push(about(AuditAction::SignInLocked).with("seconds", seconds));
        }
        let mut tx = self.unit().await?;
        tx.record_all(entries);
        tx.commit().await?;
        Ok(wait.map_or(Error::SignInFailed, |wait| Error::LockedOut { wait }))
    }

    /// Knows the person in their browser from now on; gives what it keeps for that.
    pub(crate) async fn know_browser(
        &self,
        tx: &mut Transaction,
        person: &PersonRow,
        source: &Source<'_>,
        now: Timestamp,
    ) -> Result<Bearer, Error> {
        let kept = match known_browser(source) {
            // Several people may use one browser. What nobody was ever given is not taken up.
            Some(bearer) if sign_ins::knows_anybody(tx, &bearer.hash()).await? => Bearer::parse(bearer.expose()),
            _ => None,
        };
        let bearer = kept.unwrap_or_else(|| Bearer::new(BearerKind::KnownBrowser, self.chance()));
        sign_ins::remember(tx, &bearer.hash(), person.id, now).await?;
        Ok(bearer)
    }

    /// Records that a request was refused, unless many like it were recorded just now. Never fails: a full log must not
    /// turn one refusal into another.
    pub async fn note_refusal(&self, kind: Refusal, address: Option<IpAddr>, by: Option<&Actor>) {
        let now = self.now();
        let noted = self.inner.refusals.lock().note(kind, address.map(Network::of_guesser), now);
        let Some(left_out) = noted else { return };
        let who = by.map_or_else(|| ActorRef::nobody("unknown"), ActorRef::from);
        let mut entry = AuditEntry::new(now, who, AuditAction::Refused).with("because", kind.name());
        entry = from_address(entry, address);
        if left_out > 0 {
            entry = entry.with("left_out", i64::try_from(left_out).unwrap_or(i64::MAX));
        }
        let written: Result<(), Error> = async {
            let mut tx = self.unit().await?;
            tx.record(entry);
            tx.commit().await.map(drop)
        }
        .await;
        if let Err(error) = written {
            tracing::warn!(%error, because = kind.name(), "a refusal could not be recorded");
        }
    }

    /// Forgets counters that count no more, and browsers that nobody has used for a year.
    pub(crate) async fn tidy_guesses(&self) -> Result<(), Error> {
        let now = self.now();
        let mut tx = self.unit().await?;
        sign_ins::forget(&mut tx, now.minus(COUNTED), now).await?;
        sign_ins::forget_old_browsers(&mut tx, now.minus(BROWSER_KNOWN)).await?;
        passkey_challenges::forget(&mut tx, now).await?;
        tx.commit_without_record("forgets counters that count no more").await
    }
}

/// The browser, where the person is known in it.
async fn counter_of_browser(
    tx: &mut Transaction,
    person: Option<&PersonRow>,
    source: &Source<'_>,
) -> Result<Option<Counter>, Error> {
    let (Some(person), Some(bearer)) = (person, known_browser(source)) else { return Ok(None) };
    let token = bearer.hash();
    let known = sign_ins::knows(tx, &token, person.id).await?;
    Ok(known.then(|| Counter { scope: Scope::Browser, key: token.bytes().to_vec() }))
}

fn known_browser<'a>(source: &Source<'a>) -> Option<&'a Bearer> {
    source.known_browser.filter(|bearer| bearer.kind() == BearerKind::KnownBrowser)
}
