//! Requests for what grants allow after others have approved. Where one stands is `countersign_model`'s to say; what is asked in
//! SQL only narrows what is read.

use countersign_model::{
    AccessRequest, Approved, Closed, CredentialId, GrantId, RequestId, RequestState, RequestTerms, SessionId,
    Timestamp, UserId,
};

use crate::{
    args,
    engine::{Error, MarkKeys, Row, Select, Transaction, corrupt},
    keys::marks,
    statements,
};

// In the order in which a mark reads them ([`marks::with_request`]).
macro_rules! columns {
    () => {
        "r.id, r.mark, r.credential, r.grant_id, r.person, r.created_at, r.waits_until, r.starts_at, r.ends_at, r.closed, \
         r.terms, r.closing"
    };
}

/// Where a request stands at the time `$now`, as `AccessRequest::state` says it.
macro_rules! state {
    ($now:literal) => {
        concat!(
            "case when r.closed is not null then r.closed when r.ends_at is null and r.waits_until > ",
            $now,
            " then 'pending' when r.ends_at > ",
            $now,
            " then 'approved' else 'expired' end"
        )
    };
}

statements! {
    INSERT = "insert into access_request (id, mark, credential, grant_id, person, created_at, waits_until, starts_at, ends_at, \
              closed, terms, closing) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    // A row that was changed meanwhile is left alone: whatever becomes of a request is in its terms, or closes it.
    UPDATE = "update access_request set mark = $2, starts_at = $3, ends_at = $4, closed = $5, terms = $6, closing = $7 \
              where id = $1 and terms = $8 and closed is null";
    BY_ID = concat!("select ", columns!(), " from access_request r where r.id = $1");
    LIST = concat!("select ", columns!(), " from access_request r where ($1 is null or r.person = $1) \
        and ($2 is null or r.credential = $2) and ($3 is null or ", state!("$4"), " = $3) and ($5 is null or r.id < $5) \
        order by r.id desc limit $6");
    OPEN = concat!("select ", columns!(), " from access_request r where r.closed is null and r.ends_at is null \
        and r.waits_until > $1 order by r.id limit $2");
    APPROVED = concat!("select ", columns!(), " from access_request r where r.person = $1 and r.closed is null \
        and r.ends_at is not null and ($2 is null or r.credential = $2) order by r.ends_at desc limit $3");
    COUNT_OPEN = "select count(*) from access_request where closed is null and ends_at is null and waits_until > $1 \
                  and ($2 is null or person = $2)";
    SESSIONS = "select id from session where request = $1 order by id limit $2";
    OF_GRANT = concat!("select ", columns!(), " from access_request r where r.grant_id = $1 and r.closed is null \
        and (r.ends_at > $2 or (r.ends_at is null and r.waits_until > $2)) order by r.id");
    OVER = concat!("select ", columns!(), " from access_request r where r.closed is null \
        and (r.ends_at <= $1 or (r.ends_at is null and r.waits_until <= $1)) order by r.id limit $2");
    FORGET = "delete from access_request where created_at < $1 and (ends_at is null or ends_at < $1)";
}

/// As many as are read of one person's for the rule to look at: those that end last.
const MAX_APPROVED: u32 = 200;

/// Which requests to list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequestFilter {
    /// Of this person.
    pub person: Option<UserId>,
    /// For this credential.
    pub credential: Option<CredentialId>,
    /// That stand there.
    pub state: Option<RequestState>,
    /// Before this one in the list.
    pub before: Option<RequestId>,
}

/// Adds a request. [`Error::Dangling`] when its credential or person is not there.
pub async fn insert(tx: &mut Transaction, request: &AccessRequest) -> Result<(), Error> {
    let (texts, mark) = marked(tx.keys(), request)?;
    let (from, until) = request.window.unzip();
    let closed = request.closed.as_ref().map(|closed| closed.how.name());
    let values = args![
        request.id.uuid(),
        mark,
        request.credential.uuid(),
        request.grant.uuid(),
        request.person.uuid(),
        request.created_at,
        request.waits_until,
        from,
        until,
        closed,
        texts.terms,
        texts.closing
    ];
    tx.execute(&INSERT, values).await.map(drop)
}

/// Writes what has become of a request since it was read as `former`. False when somebody else has written meanwhile, or it is gone.
pub async fn update(tx: &mut Transaction, former: &AccessRequest, request: &AccessRequest) -> Result<bool, Error> {
    let before = serde_json::to_string(&former.terms).expect("terms are plain");
    let (texts, mark) = marked(tx.keys(), request)?;
    let (from, until) = request.window.unzip();
    let closed = request.closed.as_ref().map(|closed| closed.how.name());
    let values = args![request.id.uuid(), mark, from, until, closed, texts.terms, texts.closing, before];
    Ok(tx.execute(&UPDATE, values).await? == 1)
}

/// The request of that id.
pub async fn find(db: &mut impl Select, id: RequestId) -> Result<Option<AccessRequest>, Error> {
    db.fetch_optional(&BY_ID, args![id.uuid()]).await?.map(|row| request(db.keys(), &row)).transpose()
}

/// Requests, the latest first.
pub async fn list(
    db: &mut impl Select,
    filter: &RequestFilter,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<AccessRequest>, Error> {
    let person = filter.person.map(UserId::uuid);
    let credential = filter.credential.map(CredentialId::uuid);
    let (state, before) = (filter.state.map(RequestState::name), filter.before.map(RequestId::uuid));
    let rows = db.fetch_all(&LIST, args![person, credential, state, now, before, limit]).await?;
    read(db.keys(), &rows)
}

/// Those that wait for approvals, the first asked first.
pub async fn open(db: &mut impl Select, now: Timestamp, limit: u32) -> Result<Vec<AccessRequest>, Error> {
    let rows = db.fetch_all(&OPEN, args![now, limit]).await?;
    read(db.keys(), &rows)
}

/// What was approved to a person, with one credential or with any, and not ended by anybody: those that end last.
pub async fn approved(
    db: &mut impl Select,
    person: UserId,
    credential: Option<CredentialId>,
) -> Result<Vec<(CredentialId, Approved)>, Error> {
    let rows = db.fetch_all(&APPROVED, args![person.uuid(), credential.map(CredentialId::uuid), MAX_APPROVED]).await?;
    let requests = read(db.keys(), &rows)?;
    Ok(requests.iter().filter_map(|request| Some((request.credential, request.approved()?))).collect())
}

/// How many wait for approvals: of one person, or of all.
pub async fn count_open(db: &mut impl Select, now: Timestamp, person: Option<UserId>) -> Result<i64, Error> {
    db.fetch_one(&COUNT_OPEN, args![now, person.map(UserId::uuid)]).await?.get(0)
}

/// Those that were made by a grant, and wait or were approved and are not over.
pub async fn of_grant(db: &mut impl Select, grant: GrantId, now: Timestamp) -> Result<Vec<AccessRequest>, Error> {
    let rows = db.fetch_all(&OF_GRANT, args![grant.uuid(), now]).await?;
    read(db.keys(), &rows)
}

/// Those whose time is over without anybody's having written that down.
pub async fn over(db: &mut impl Select, now: Timestamp, limit: u32) -> Result<Vec<AccessRequest>, Error> {
    let rows = db.fetch_all(&OVER, args![now, limit]).await?;
    read(db.keys(), &rows)
}

/// The sessions that were started by a request, the first first.
pub async fn sessions(db: &mut impl Select, id: RequestId, limit: u32) -> Result<Vec<SessionId>, Error> {
    let rows = db.fetch_all(&SESSIONS, args![id.uuid(), limit]).await?;
    rows.iter().map(|row| Ok(SessionId::from_uuid(row.get(0)?))).collect()
}

/// Removes those that were made before that time and are over. The log keeps what became of them.
pub async fn forget(tx: &mut Transaction, before: Timestamp) -> Result<u64, Error> {
    tx.execute(&FORGET, args![before]).await
}

struct Texts {
    terms: String,
    closing: Option<String>,
}

fn marked(keys: &MarkKeys, request: &AccessRequest) -> Result<(Texts, Vec<u8>), Error> {
    let terms = serde_json::to_string(&request.terms).expect("terms are plain");
    let closing = request.closed.as_ref().map(|closed| serde_json::to_string(closed).expect("plain as well"));
    let (starts_at, ends_at) = request.window.unzip();
    let row = marks::MarkedRequest {
        id: request.id.uuid(),
        credential: request.credential.uuid(),
        grant: request.grant.uuid(),
        person: request.person.uuid(),
        created_at: request.created_at,
        waits_until: request.waits_until,
        starts_at,
        ends_at,
        closed: request.closed.as_ref().map(|closed| closed.how.name()),
        terms: &terms,
        closing: closing.as_deref(),
    };
    let mark = keys.mark(&row.row())?;
    Ok((Texts { terms, closing }, mark))
}

fn read(keys: &MarkKeys, rows: &[Row]) -> Result<Vec<AccessRequest>, Error> {
    rows.iter().map(|row| request(keys, row)).collect()
}

/// A row of [`columns`], if this vault has written it.
fn request(keys: &MarkKeys, row: &Row) -> Result<AccessRequest, Error> {
    let mark: Option<Vec<u8>> = row.get(1)?;
    marks::with_request(row, |marked| requested(keys, marked, mark.as_deref()))?
}

fn requested(keys: &MarkKeys, marked: &marks::MarkedRequest<'_>, mark: Option<&[u8]>) -> Result<AccessRequest, Error> {
    keys.check("request", &marked.id.to_string(), &marked.row(), mark)?;
    let terms: RequestTerms = serde_json::from_str(marked.terms).map_err(|_| corrupt("access_request.terms"))?;
    let closed = marked.closing.map(serde_json::from_str::<Closed>).transpose();
    Ok(AccessRequest {
        id: RequestId::from_uuid(marked.id),
        credential: CredentialId::from_uuid(marked.credential),
        grant: GrantId::from_uuid(marked.grant),
        person: UserId::from_uuid(marked.person),
        created_at: marked.created_at,
        waits_until: marked.waits_until,
        window: marked.starts_at.zip(marked.ends_at),
        closed: closed.map_err(|_| corrupt("access_request.closing"))?,
        terms,
    })
}
