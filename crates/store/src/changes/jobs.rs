//! What workers may take, by leases: a lease that has run out means that its worker is gone.

use std::time::Duration;

use countersign_model::{ChangeId, ChangeKind, Timestamp};

use crate::{
    args,
    engine::{Error, Select, Transaction},
    statements,
};

statements! {
    INSERT = "insert into job (change, run_at, cancelled, sign_in) values ($1, $2, false, $3)";
    // SQLite has one writer; on PostgreSQL each worker passes over what another is about to take.
    CLAIM = "update job set leased_by = $1, leased_until = $2 where change = (select change from job \
             where sign_in = $4 and run_at <= $3 and (leased_until is null or leased_until <= $3) order by run_at, change limit 1) \
             returning change",
        postgres: "update job set leased_by = $1, leased_until = $2 where change = (select change from job \
             where sign_in = $4 and run_at <= $3 and (leased_until is null or leased_until <= $3) order by run_at, change limit 1 \
             for update skip locked) returning change";
    RENEW = "update job set leased_until = $3 where change = $1 and leased_by = $2 returning cancelled";
    // Whoever moves a change holds its job until the commit, so that calling off and arming cannot pass one another.
    HELD = "select cancelled from job where change = $1 and leased_by = $2",
        postgres: "select cancelled from job where change = $1 and leased_by = $2 for update";
    LOCK = "select leased_until from job where change = $1",
        postgres: "select leased_until from job where change = $1 for update";
    RELEASE = "update job set leased_by = null, leased_until = null, run_at = $3 where change = $1 and leased_by = $2";
    DELETE = "delete from job where change = $1";
    CANCEL = "update job set cancelled = true where change = $1 returning leased_until";
    CALLED_OFF = "select cancelled from job where change = $1";
    RUN_AT = "update job set run_at = $2 where change = $1 and (leased_until is null or leased_until <= $2)";
    OF = "select run_at from job where change = $1";
}

/// Makes work of a change: for what hosts sessions where it is the sign-in of one, else for the ordinary workers.
pub async fn insert(tx: &mut Transaction, change: ChangeId, run_at: Timestamp, kind: ChangeKind) -> Result<(), Error> {
    tx.execute(&INSERT, args![change.uuid(), run_at, kind == ChangeKind::SignIn]).await.map(drop)
}

/// Takes the change that waits longest, for `lease`: a session's sign-in, or any other. `None` when there is nothing to do.
pub async fn claim(
    tx: &mut Transaction,
    worker: &str,
    now: Timestamp,
    lease: Duration,
    sign_in: bool,
) -> Result<Option<ChangeId>, Error> {
    let row = tx.fetch_optional(&CLAIM, args![worker, now.plus(lease), now, sign_in]).await?;
    row.map(|row| row.get(0).map(ChangeId::from_uuid)).transpose()
}

/// Keeps a lease; gives whether the change was called off. `None` when another worker has it, or nobody.
pub async fn renew(
    tx: &mut Transaction,
    change: ChangeId,
    worker: &str,
    until: Timestamp,
) -> Result<Option<bool>, Error> {
    let row = tx.fetch_optional(&RENEW, args![change.uuid(), worker, until]).await?;
    row.map(|row| row.get(0)).transpose()
}

/// Whether this worker still has the change, and whether it was called off. Until the transaction ends, nobody else
/// moves the change.
pub async fn held(tx: &mut Transaction, change: ChangeId, worker: &str) -> Result<Option<bool>, Error> {
    let row = tx.fetch_optional(&HELD, args![change.uuid(), worker]).await?;
    row.map(|row| row.get(0)).transpose()
}

/// Keeps the change's worker from moving it until the transaction ends. To be called before the change is read.
pub async fn lock(tx: &mut Transaction, change: ChangeId) -> Result<(), Error> {
    tx.fetch_optional(&LOCK, args![change.uuid()]).await.map(drop)
}

/// Lets go of a change that is to run again at `run_at`.
pub async fn release(tx: &mut Transaction, change: ChangeId, worker: &str, run_at: Timestamp) -> Result<(), Error> {
    tx.execute(&RELEASE, args![change.uuid(), worker, run_at]).await.map(drop)
}

/// The change has ended.
pub async fn delete(tx: &mut Transaction, change: ChangeId) -> Result<(), Error> {
    tx.execute(&DELETE, args![change.uuid()]).await.map(drop)
}

/// Calls a change off; gives until when a worker has it, if one has.
pub async fn cancel(tx: &mut Transaction, change: ChangeId) -> Result<Option<Timestamp>, Error> {
    let row = tx.fetch_optional(&CANCEL, args![change.uuid()]).await?;
    Ok(row.map(|row| row.get::<Option<i64>>(0)).transpose()?.flatten().map(Timestamp::from_micros))
}

/// Whether a change that is somebody's work was called off.
pub async fn called_off(db: &mut impl Select, change: ChangeId) -> Result<bool, Error> {
    let row = db.fetch_optional(&CALLED_OFF, args![change.uuid()]).await?;
    row.map_or(Ok(false), |row| row.get(0))
}

/// Says anew when a change runs that nobody works on. False when somebody does, or there is none.
pub async fn run_at(tx: &mut Transaction, change: ChangeId, at: Timestamp) -> Result<bool, Error> {
    Ok(tx.execute(&RUN_AT, args![change.uuid(), at]).await? == 1)
}

/// When this change may be taken; `None` when it is nobody's work.
pub async fn next_of(db: &mut impl Select, change: ChangeId) -> Result<Option<Timestamp>, Error> {
    let row = db.fetch_optional(&OF, args![change.uuid()]).await?;
    row.map(|row| row.get(0)).transpose()
}
