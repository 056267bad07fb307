//! Who took which time step of which credential.

use std::collections::{HashMap, HashSet};
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
    USES_OF_ALL = "select u.credential, u.step, u.person, u.name, u.machine, u.at from json_each($1) e \
                   join step_use u on u.credential = unhex(e.value ->> 0, '-') and u.step = e.value ->> 1 \
                   order by u.at desc",
        postgres: "select u.credential, u.step, u.person, u.name, u.machine, u.at \
                   from jsonb_array_elements(cast($1 as text)::jsonb) e \
                   join step_use u on u.credential = (e ->> 0)::uuid and u.step = (e ->> 1)::bigint order by u.at desc";
    // Who took the step of this credential, and of others with the same seed.
    TAKERS = "select u.credential, c.site from step_use u join credential c on c.id = u.credential \
              where u.credential = $1 and u.step = $2 \
              union select u.credential, c.site from seed s join seed o on o.print = s.print \
              join step_use u on u.credential = o.credential join credential c on c.id = u.credential \
              where s.credential = $1 and u.step = $2";
    TAKE = "insert into step_use (credential, step, person, name, machine, at, claimed) \
            values ($1, $2, $3, $4, true, $5, true) on conflict do nothing";
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

/// A credential of which somebody has taken a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepTaker {
    /// The credential.
    pub credential: CredentialId,
    /// Any address of its site, if it has one.
    pub site: Option<String>,
}

/// Of which credentials anybody, person or machine, has taken the step: of this one, and of those with the same seed.
pub async fn takers(db: &mut impl Select, credential: CredentialId, step: i64) -> Result<Vec<StepTaker>, Error> {
    let rows = db.fetch_all(&TAKERS, args![credential.uuid(), step]).await?;
    rows.iter()
        .map(|row| Ok(StepTaker { credential: CredentialId::from_uuid(row.get(0)?), site: row.get(1)? }))
        .collect()
}

/// Takes a step for a machine. False when a machine has taken it of this credential already; whether anybody else has, say
/// [`takers`].
pub async fn take(tx: &mut Transaction, used: &StepUse) -> Result<bool, Error> {
    let values = args![used.credential.uuid(), used.step, used.person.uuid(), &used.name, used.at];
    Ok(tx.execute(&TAKE, values).await? == 1)
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

/// Who took each of these steps, the latest first; those of which nobody is known to have taken any are left out.
pub async fn uses_of_all(
    db: &mut impl Select,
    steps: &HashSet<(CredentialId, i64)>,
) -> Result<HashMap<(CredentialId, i64), Vec<StepUse>>, Error> {
    let asked: Vec<_> = steps.iter().map(|(credential, step)| serde_json::json!([credential.uuid(), step])).collect();
    let rows = db.fetch_all(&USES_OF_ALL, args![serde_json::Value::Array(asked).to_string()]).await?;
    let mut found = HashMap::<_, Vec<_>>::new();
    for row in &rows {
        let (credential, step) = (CredentialId::from_uuid(row.get(0)?), row.get(1)?);
        let (person, name) = (UserId::from_uuid(row.get(2)?), row.get(3)?);
        let used = StepUse { credential, step, person, name, machine: row.get(4)?, at: row.get(5)? };
        found.entry((credential, step)).or_default().push(used);
    }
    Ok(found)
}

/// Forgets uses older than `kept`; the audit log keeps them for ever.
pub async fn forget(tx: &mut Transaction, now: Timestamp, kept: Duration) -> Result<u64, Error> {
    tx.execute(&FORGET, args![now.minus(kept)]).await
}
