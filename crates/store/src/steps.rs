//! Who took which time step of which credential.

use std::time::Duration;

use countersign_model::{CredentialId, Timestamp, UserId};

use crate::{
    args,
    engine::{Bulk, Error, Select, Transaction},
    statements,
};

// A person who looks again at a token keeps the time of the first look.
static INSERT: Bulk = Bulk::new(
    "steps::INSERT",
    "insert into step_use (credential, step, person, name, machine, at, claimed)",
    7,
    "on conflict do nothing",
);

/// The statements of many rows, for the test that prepares all.
pub static BULKS: &[&Bulk] = &[&INSERT];

statements! {
    USES = "select person, name, machine, at from step_use where credential = $1 and step = $2 order by at desc limit $3";
    // Nobody may have taken the step, person or machine, of this credential or of another with the same seed; the unique index
    // decides between two machines at once, the lock on the log's end between two credentials.
    CLAIM = "insert into step_use (credential, step, person, name, machine, at, claimed) \
             select $1, $2, $3, $4, true, $5, true \
             where not exists (select 1 from step_use where credential = $1 and step = $2) \
             and not exists (select 1 from step_use u join seed o on o.credential = u.credential \
                             join seed s on s.print = o.print where s.credential = $1 and u.step = $2) \
             on conflict do nothing";
    CLAIM_AT_SITE = "insert into step_use (credential, step, person, name, machine, at, claimed) \
             select $1, $2, $3, $4, true, $5, true \
             where not exists (select 1 from step_use where credential = $1 and step = $2) on conflict do nothing";
    SITES_OF_SHARERS = "select distinct c.site from step_use u join seed o on o.credential = u.credential \
             join seed s on s.print = o.print join credential c on c.id = u.credential \
             where s.credential = $1 and u.step = $2 and u.credential <> $1";
    FORGET = "delete from step_use where at < $1";
}

/// One use of a time step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepUse {
    /// The credential.
    pub credential: CredentialId,
    /// The step: seconds since 1970 over the period, rounded down (RFC 6238 §4.2).
    pub step: i64,
    /// The person, or the owner of the program.
    pub person: UserId,
    /// The name shown to colleagues.
    pub name: String,
    /// Whether a program or the worker took it.
    pub machine: bool,
    /// When.
    pub at: Timestamp,
}

/// Notes uses by people and programs that only look. What is noted already stays as it is.
pub async fn note(tx: &mut Transaction, uses: Vec<StepUse>) -> Result<(), Error> {
    let mut values = Vec::with_capacity(uses.len() * INSERT.columns());
    for used in uses {
        let StepUse { credential, step, person, name, machine, at } = used;
        values.extend(args![credential.uuid(), step, person.uuid(), name, machine, at, false]);
    }
    tx.execute_bulk(&INSERT, values).await.map(drop)
}

/// Takes a step for a machine. False when anybody has taken it.
pub async fn claim(tx: &mut Transaction, used: &StepUse) -> Result<bool, Error> {
    let values = args![used.credential.uuid(), used.step, used.person.uuid(), &used.name, used.at];
    Ok(tx.execute(&CLAIM, values).await? == 1)
}

/// The sites of other credentials with the same seed of which anybody has taken the step; `None` for one without a site.
pub async fn sites_of_sharers(
    db: &mut impl Select,
    credential: CredentialId,
    step: i64,
) -> Result<Vec<Option<String>>, Error> {
    let rows = db.fetch_all(&SITES_OF_SHARERS, args![credential.uuid(), step]).await?;
    rows.iter().map(|row| row.get(0)).collect()
}

/// Takes a step for a machine that has looked at [`sites_of_sharers`]. False when anybody has taken it of this credential.
pub async fn claim_at_site(tx: &mut Transaction, used: &StepUse) -> Result<bool, Error> {
    let values = args![used.credential.uuid(), used.step, used.person.uuid(), &used.name, used.at];
    Ok(tx.execute(&CLAIM_AT_SITE, values).await? == 1)
}

/// Who took a step, the latest first, at most `limit`.
pub async fn uses(
    db: &mut impl Select,
    credential: CredentialId,
    step: i64,
    limit: u32,
) -> Result<Vec<StepUse>, Error> {
    let rows = db.fetch_all(&USES, args![credential.uuid(), step, limit]).await?;
    rows.iter()
        .map(|row| {
            Ok(StepUse {
                credential,
                step,
                person: UserId::from_uuid(row.get(0)?),
                name: row.get(1)?,
                machine: row.get(2)?,
                at: row.get(3)?,
            })
        })
        .collect()
}

/// Forgets uses older than `kept`; the audit log keeps them for ever.
pub async fn forget(tx: &mut Transaction, now: Timestamp, kept: Duration) -> Result<u64, Error> {
    tx.execute(&FORGET, args![now.minus(kept)]).await
}
