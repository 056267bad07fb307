//! A page of sessions, each with what decides who may know of it.

use std::collections::BTreeSet;

use countersign_model::{CredentialId, Grants, Level, SessionId, Timestamp, UserId};

use super::{
    links::linked_between,
    session::{SessionRow, columns, session, tables},
};
use crate::{
    args,
    credentials::{grants::granted, grants_of_many},
    engine::{Error, Row, Select, Value},
    statements,
};

statements! {
    // `$1` null: of any credential; `$2` only what is `$3`'s: their own, granted, or by a link at `$4`; `$5` open or not.
    LIST = concat!(granted!("$3", "$4", " and g.session is not null"), "select ", columns!(), tables!(),
        "where ($1 is null or s.credential = $1) \
        and (not $2 or s.started_by = $3 or s.credential in (select credential from granted) \
            or exists (select 1 from session_link l where l.person = $3 and l.session = s.id \
                and (l.used_at is not null or l.expires_at > $4))) \
        and ($5 is null or (s.ended_at is null) = $5) \
        and ($6 is null or s.created_at < $6 or (s.created_at = $6 and s.id < $7)) \
        order by s.created_at desc, s.id desc limit $8");
}

/// Which sessions to list.
#[derive(Debug, Clone, Default)]
pub struct SessionFilter {
    /// Of this credential.
    pub credential: Option<CredentialId>,
    /// Only those that the person who looks has started, was granted or was given a link to.
    pub shown_only: bool,
    /// Ended or not.
    pub open: Option<bool>,
    /// After this one in the list.
    pub after: Option<(Timestamp, SessionId)>,
}

/// A session in a list, with what somebody has of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedSession {
    /// The session.
    pub row: SessionRow,
    /// What they were granted on its credential.
    pub grants: Grants,
    /// Links that they have used, or may: how far each lets them in, and whether it was used.
    pub links: Vec<(Level, bool)>,
}

/// A page of sessions for `person`, the newest first, with what they were granted where `filter` asks for
/// that. Asks few questions, however many there are.
pub async fn list(
    db: &mut impl Select,
    filter: &SessionFilter,
    person: UserId,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<ListedSession>, Error> {
    let values: [Value; 8] = args![
        filter.credential.map(CredentialId::uuid),
        filter.shown_only,
        person.uuid(),
        now,
        filter.open,
        filter.after.map(|(at, _)| at),
        filter.after.map(|(_, id)| id.uuid()),
        limit,
    ];
    let rows = db.fetch_all(&LIST, values).await?;
    let listed = |row: &Row| session(row).map(|row| ListedSession { row, grants: Grants::none(), links: Vec::new() });
    let mut listed = rows.iter().map(listed).collect::<Result<Vec<_>, _>>()?;
    if filter.shown_only {
        let ids: BTreeSet<CredentialId> = listed.iter().filter_map(|one| one.row.credential).collect();
        let ids: Vec<CredentialId> = ids.into_iter().collect();
        let known = grants_of_many(db, person, &ids).await?;
        for one in &mut listed {
            one.grants = one.row.credential.and_then(|id| known.get(&id).cloned()).unwrap_or_default();
        }
    }
    if let Some((newest, oldest)) = listed.first().zip(listed.last()) {
        let mut links = linked_between(db, person, now, oldest.row.created_at, newest.row.created_at).await?;
        for one in &mut listed {
            one.links = links.remove(&one.row.id).unwrap_or_default();
        }
    }
    Ok(listed)
}
