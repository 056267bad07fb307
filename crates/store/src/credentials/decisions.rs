//! When it was last decided that a grant is to be, and by whom: who made it, edited it, or kept it in a review.

use countersign_model::{GrantId, Timestamp};

use crate::{
    args,
    engine::{Error, MarkKeys, Row, Select, Transaction},
    keys::marks,
    statements,
};

statements! {
    PUT = "insert into grant_decision (grant_id, decided_at, decided_by, mark) values ($1, $2, $3, $4) \
           on conflict (grant_id) do update set decided_at = excluded.decided_at, decided_by = excluded.decided_by, \
           mark = excluded.mark";
    OF = "select d.mark, d.decided_at, d.decided_by, g.created_at, g.created_by from access_grant g \
          left join grant_decision d on d.grant_id = g.id where g.id = $1";
}

/// Who last decided that a grant is to be, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantDecision {
    /// When.
    pub at: Timestamp,
    /// Who, by name at that time.
    pub by: String,
}

/// Notes who decided that a grant is to be, in place of what was noted before.
pub async fn put_decision(tx: &mut Transaction, id: GrantId, decision: &GrantDecision) -> Result<(), Error> {
    let mark = tx.keys().mark(&marks::grant_decision(id.uuid(), decision.at, &decision.by))?;
    tx.execute(&PUT, args![id.uuid(), decision.at, &decision.by, mark]).await.map(drop)
}

/// Who last decided that a grant is to be; `None` where that was before it was noted.
pub async fn decision(db: &mut impl Select, id: GrantId) -> Result<Option<GrantDecision>, Error> {
    let row = db.fetch_optional(&OF, args![id.uuid()]).await?;
    row.map_or(Ok(None), |row| decision_at(db.keys(), id, &row, 0))
}

/// A decision in a row, from column `at` on: its mark, when, by whom; when and by whom the grant was made, as a version that noted
/// no more has it.
pub(super) fn decision_at(
    keys: &MarkKeys,
    grant: GrantId,
    row: &Row,
    at: usize,
) -> Result<Option<GrantDecision>, Error> {
    let both = |when: usize, who: usize| -> Result<Option<GrantDecision>, Error> {
        let (when, who): (Option<Timestamp>, Option<String>) = (row.get(when)?, row.get(who)?);
        Ok(when.zip(who).map(|(at, by)| GrantDecision { at, by }))
    };
    let Some(noted) = both(at + 1, at + 2)? else { return both(at + 3, at + 4) };
    let (mark, marked) = (row.get::<Option<Vec<u8>>>(at)?, marks::grant_decision(grant.uuid(), noted.at, &noted.by));
    keys.check("decision on grant", &grant.to_string(), &marked, mark.as_deref())?;
    Ok(Some(noted))
}
