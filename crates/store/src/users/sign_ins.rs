//! How often sign-in was tried, and the browsers that people are known in.

use countersign_model::{Timestamp, UserId};
use countersign_seal::Digest;

use crate::{
    args,
    engine::{Error, Select, Transaction},
    statements,
};

statements! {
    // Also takes the row's lock on PostgreSQL, so that guesses sent at once are counted one after the other.
    TAKE = "insert into sign_in_count (scope, key, failures, last_at) values ($1, $2, 0, $3) \
            on conflict (scope, key) do update set last_at = excluded.last_at returning failures, locked_until";
    SET = "update sign_in_count set failures = $3, locked_until = $4 where scope = $1 and key = $2";
    FIND = "select failures, locked_until from sign_in_count where scope = $1 and key = $2";
    CLEAR = "delete from sign_in_count where scope = $1 and key = $2";
    FORGET = "delete from sign_in_count where last_at < $1 and (locked_until is null or locked_until < $2)";
    KNOWS = "select cast(1 as bigint) from known_browser where token = $1 and person = $2";
    KNOWS_ANYBODY = "select cast(1 as bigint) from known_browser where token = $1 limit 1";
    REMEMBER = "insert into known_browser (token, person, created_at, last_used_at) values ($1, $2, $3, $3) \
                on conflict (token, person) do update set last_used_at = excluded.last_used_at";
    FORGET_BROWSERS = "delete from known_browser where person = $1";
    FORGET_OLD_BROWSERS = "delete from known_browser where last_used_at < $1";
}

/// What tries are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// By the name that was typed.
    Name,
    /// By the browser, where it is known to the account.
    Browser,
    /// By the service account and the network that its secret comes from.
    Client,
    /// By the network from which codes come that pair browser extensions.
    Pairing,
    /// By the person who types codes that command lines show, and by the network that they type them from.
    DeviceLogin,
}

impl Scope {
    const fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Browser => "browser",
            Self::Client => "client",
            Self::Pairing => "pairing",
            Self::DeviceLogin => "device_login",
        }
    }
}

/// One counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counter {
    /// What it counts by.
    pub scope: Scope,
    /// Of which name or browser: a keyed fingerprint.
    pub key: Vec<u8>,
}

/// How a counter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Tries since the last success, failed or under way.
    pub failures: i64,
    /// Until when no further one is looked at.
    pub locked_until: Option<Timestamp>,
}

/// How the counter stands, held until the end of the transaction: who else counts by it waits.
pub async fn take(tx: &mut Transaction, counter: &Counter, now: Timestamp) -> Result<Count, Error> {
    let row = tx.fetch_one(&TAKE, args![counter.scope.name(), &counter.key, now]).await?;
    Ok(Count { failures: row.get(0)?, locked_until: row.get(1)? })
}

/// Writes a counter that was taken.
pub async fn set(tx: &mut Transaction, counter: &Counter, count: Count) -> Result<(), Error> {
    let values = args![counter.scope.name(), &counter.key, count.failures, count.locked_until];
    tx.execute(&SET, values).await.map(drop)
}

/// How the counter stands; zero when nobody has tried.
pub async fn find(db: &mut impl Select, counter: &Counter) -> Result<Count, Error> {
    let row = db.fetch_optional(&FIND, args![counter.scope.name(), &counter.key]).await?;
    row.map_or(Ok(Count::default()), |row| Ok(Count { failures: row.get(0)?, locked_until: row.get(1)? }))
}

/// Begins anew.
pub async fn clear(tx: &mut Transaction, counter: &Counter) -> Result<(), Error> {
    tx.execute(&CLEAR, args![counter.scope.name(), &counter.key]).await.map(drop)
}

/// Forgets counters that nobody has moved since `before` and that lock nothing out now.
pub async fn forget(tx: &mut Transaction, before: Timestamp, now: Timestamp) -> Result<u64, Error> {
    tx.execute(&FORGET, args![before, now]).await
}

/// Whether the person has signed in before in the browser that holds this token.
pub async fn knows(db: &mut impl Select, token: &Digest, person: UserId) -> Result<bool, Error> {
    let token = db.keys().bearer(token)?;
    Ok(db.fetch_optional(&KNOWS, args![token.bytes(), person.uuid()]).await?.is_some())
}

/// Whether anybody has signed in before in the browser that holds this token.
pub async fn knows_anybody(db: &mut impl Select, token: &Digest) -> Result<bool, Error> {
    let token = db.keys().bearer(token)?;
    Ok(db.fetch_optional(&KNOWS_ANYBODY, args![token.bytes()]).await?.is_some())
}

/// Knows the person in that browser from now on.
pub async fn remember(tx: &mut Transaction, token: &Digest, person: UserId, now: Timestamp) -> Result<(), Error> {
    let token = tx.keys().bearer(token)?;
    tx.execute(&REMEMBER, args![token.bytes(), person.uuid(), now]).await.map(drop)
}

/// Knows the person in no browser any more.
pub async fn forget_browsers(tx: &mut Transaction, person: UserId) -> Result<u64, Error> {
    tx.execute(&FORGET_BROWSERS, args![person.uuid()]).await
}

/// Forgets browsers in which nobody has signed in since.
pub async fn forget_old_browsers(tx: &mut Transaction, before: Timestamp) -> Result<u64, Error> {
    tx.execute(&FORGET_OLD_BROWSERS, args![before]).await
}
