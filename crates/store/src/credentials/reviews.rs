//! Which grants nobody has decided on for long, with how they were last used.

use countersign_audit::uses::Usage;
use countersign_model::{Grant, GrantId, Timestamp};

use super::{
    decisions::{GrantDecision, decision_at},
    grants::{columns, grant},
};
use crate::{
    args,
    audit::uses::usage_at,
    engine::{Error, MarkKeys, Row, Select, Transaction, Value, corrupt},
    statements,
};

/// When it was last decided that a grant is to be: made, edited, or kept in a review.
macro_rules! decided {
    () => {
        "coalesce(d.decided_at, g.created_at, 0)"
    };
}

/// That are in force or will be, at `$1`.
macro_rules! standing {
    () => {
        " where (g.ends_at is null or g.ends_at > $1)"
    };
}

/// Those decided on before `$2`, of these the ones that were not used from `$3` on, and the ones that allow access in an emergency.
macro_rules! filtered {
    () => {
        concat!(
            " and ",
            decided!(),
            " < $2 and ($3 is null or not exists (select 1 from last_use l where l.thing = g.id and l.used_at >= $3)) \
             and (not $4 or g.conditions like '%\"emergency_minutes\":%')"
        )
    };
}

statements! {
    // The longest ago first, after the place $5 and $6 in that order.
    REVIEWED = concat!("select ", columns!(), ", d.mark, d.decided_at, d.decided_by, g.created_at, g.created_by, u.used_at, \
        u.actor, u.actor_name, u.act, u.uses, ", decided!(), " from access_grant g \
        left join grant_decision d on d.grant_id = g.id left join last_use u on u.thing = g.id", standing!(), filtered!(),
        " and (", decided!(), " > $5 or ", decided!(), " = $5 and g.id > $6) order by ", decided!(), ", g.id limit $7");
    COUNT = concat!("select count(*) from access_grant g left join grant_decision d on d.grant_id = g.id", standing!(), filtered!());
    DAYS = "select review_days from vault";
    SET_DAYS = "update vault set review_days = $1 where one = 1";
}

/// Which grants to look at; none in particular: all that are in force or to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReviewFilter {
    /// Those that were last decided on before this time.
    pub decided_before: Option<Timestamp>,
    /// Those that were not used from this time on.
    pub unused_since: Option<Timestamp>,
    /// Those that allow access in an emergency.
    pub emergency: bool,
}

impl ReviewFilter {
    fn values(&self, now: Timestamp) -> Vec<Value> {
        let before = self.decided_before.unwrap_or(Timestamp::from_micros(i64::MAX));
        args![now, before, self.unused_since, self.emergency].to_vec()
    }
}

/// A grant with what a review of it looks at.
#[derive(Debug, Clone)]
pub struct ReviewedGrant {
    /// The grant.
    pub grant: Grant,
    /// When it was last decided that it is to be, and by whom; `None` where that is not known.
    pub decided: Option<GrantDecision>,
    /// How it was last used; `None`: not since the log began.
    pub last_use: Option<Usage>,
    /// Where it stands in the list.
    pub place: ReviewPlace,
}

/// A place in the list of grants by the time of their decision: its microseconds, and the grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReviewPlace(pub i64, pub GrantId);

/// Grants that pass the filter at `now`, the longest ago decided on first, behind a place.
pub async fn reviewed(
    db: &mut impl Select,
    now: Timestamp,
    filter: &ReviewFilter,
    after: Option<ReviewPlace>,
    limit: u32,
) -> Result<Vec<ReviewedGrant>, Error> {
    let (micros, id) = after.map_or((-1, uuid::Uuid::nil()), |ReviewPlace(micros, id)| (micros, id.uuid()));
    let mut values = filter.values(now);
    values.extend(args![micros, id, limit]);
    let rows = db.fetch_all(&REVIEWED, values).await?;
    rows.iter().map(|row| reviewed_grant(db.keys(), row)).collect()
}

/// How many grants pass the filter at `now`.
pub async fn count_reviewed(db: &mut impl Select, now: Timestamp, filter: &ReviewFilter) -> Result<i64, Error> {
    db.fetch_one(&COUNT, filter.values(now)).await?.get(0)
}

/// After how many days a grant comes up for review; 0: never.
pub async fn review_days(db: &mut impl Select) -> Result<u32, Error> {
    let days: i64 = db.fetch_one(&DAYS, args![]).await?.get(0)?;
    u32::try_from(days).map_err(|_| corrupt("vault.review_days"))
}

/// Sets [`review_days`].
pub async fn set_review_days(tx: &mut Transaction, days: u32) -> Result<(), Error> {
    tx.execute(&SET_DAYS, args![i64::from(days)]).await.map(drop)
}

/// A row of [`REVIEWED`].
fn reviewed_grant(keys: &MarkKeys, row: &Row) -> Result<ReviewedGrant, Error> {
    const AFTER_GRANT: usize = 17;
    let at = |column: usize| AFTER_GRANT + column;
    let grant = grant(keys, row)?;
    let decided = decision_at(keys, grant.id, row, at(0))?;
    let place = ReviewPlace(row.get(at(10))?, grant.id);
    Ok(ReviewedGrant { grant, decided, last_use: usage_at(row, at(5))?, place })
}
