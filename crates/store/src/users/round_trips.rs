//! People who are away at the provider.

use countersign_model::Timestamp;
use countersign_seal::Digest;

use crate::{
    args,
    engine::{Error, Select, Transaction},
    keys::marks,
    statements,
};

statements! {
    INSERT = "insert into round_trip (token, began_at, state, mark) values ($1, $2, $3, $4)";
    FIND = "select began_at, state, mark from round_trip where token = $1";
    // What was read is still there: a step of the way is taken once, also when two come at the same time.
    MOVE = "update round_trip set state = $3, mark = $4 where token = $1 and state = $2";
    DELETE = "delete from round_trip where token = $1";
    DELETE_OLD = "delete from round_trip where began_at <= $1";
    DELETE_BEYOND = "delete from round_trip where began_at < (select began_at from round_trip order by began_at desc limit 1 offset $1)";
}

/// Somebody who is away, by the hash of what their browser keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundTripRow {
    /// When they left.
    pub began_at: Timestamp,
    /// How far they are, as JSON of the vault's.
    pub state: String,
}

/// Notes that somebody leaves.
pub async fn insert(tx: &mut Transaction, token: &Digest, row: &RoundTripRow) -> Result<(), Error> {
    let token = tx.keys().bearer(token)?;
    let mark = tx.keys().mark(&marks::round_trip(token.bytes(), row.began_at, &row.state))?;
    tx.execute(&INSERT, args![token.bytes(), row.began_at, &row.state, mark]).await.map(drop)
}

/// Who has that token.
pub async fn find(db: &mut impl Select, token: &Digest) -> Result<Option<RoundTripRow>, Error> {
    let token = db.keys().bearer(token)?;
    let Some(row) = db.fetch_optional(&FIND, args![token.bytes()]).await? else { return Ok(None) };
    let read = RoundTripRow { began_at: row.get(0)?, state: row.get(1)? };
    let marked = marks::round_trip(token.bytes(), read.began_at, &read.state);
    db.keys().check("sign-in with the provider", "of a browser", &marked, Some(&row.get::<Vec<u8>>(2)?))?;
    Ok(Some(read))
}

/// Notes how far somebody has come. False when they are not where they were any more.
pub async fn advance(tx: &mut Transaction, token: &Digest, from: &RoundTripRow, state: &str) -> Result<bool, Error> {
    let token = tx.keys().bearer(token)?;
    let mark = tx.keys().mark(&marks::round_trip(token.bytes(), from.began_at, state))?;
    Ok(tx.execute(&MOVE, args![token.bytes(), &from.state, state, mark]).await? == 1)
}

/// They are back, or given up. False when nobody has that token.
pub async fn delete(tx: &mut Transaction, token: &Digest) -> Result<bool, Error> {
    let token = tx.keys().bearer(token)?;
    Ok(tx.execute(&DELETE, args![token.bytes()]).await? == 1)
}

/// Forgets who left at `before` or earlier, and of the others all but the newest `most`.
pub async fn forget(tx: &mut Transaction, before: Timestamp, most: u32) -> Result<(), Error> {
    tx.execute(&DELETE_OLD, args![before]).await?;
    tx.execute(&DELETE_BEYOND, args![most]).await.map(drop)
}
