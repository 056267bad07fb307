//! Requests about the vault that another administrator approves. Where one stands is `countersign_model`'s to say; what is asked in
//! SQL only narrows what is read.

use countersign_model::{Timestamp, UserId, VaultRequest, VaultRequestClosed, VaultRequestId, VaultRequestTerms};

use crate::{
    args,
    engine::{Error, MarkKeys, Row, Select, Transaction, corrupt},
    keys::marks::{self, MarkedVaultRequest},
    statements,
};

// In the order in which a mark reads them ([`marks::with_vault_request`]).
macro_rules! columns {
    () => {
        "id, mark, person, created_at, waits_until, ends_at, closed, terms, closing"
    };
}

statements! {
    INSERT = "insert into vault_request (id, mark, person, created_at, waits_until, ends_at, closed, terms, closing) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    // Only as it was read, and as long as it is open: of two who use it at once, one does.
    UPDATE = "update vault_request set mark = $2, ends_at = $3, closed = $4, terms = $5, closing = $6 \
              where id = $1 and terms = $7 and closed is null";
    BY_ID = concat!("select ", columns!(), " from vault_request where id = $1");
    LIST = concat!("select ", columns!(), " from vault_request where ($1 is null or person = $1) \
        and ($2 is null or id < $2) order by id desc limit $3");
    OPEN = concat!("select ", columns!(), " from vault_request where closed is null \
        and (waits_until > $1 or ends_at > $1) and ($2 is null or person = $2) order by id limit $3");
    OVER = concat!("select ", columns!(), " from vault_request where closed is null \
        and (ends_at <= $1 or (ends_at is null and waits_until <= $1)) order by id limit $2");
    FORGET = "delete from vault_request where created_at < $1 and (closed is not null or (waits_until < $1 \
              and (ends_at is null or ends_at < $1)))";
}

/// Adds a request. [`Error::Dangling`] when its person is not there.
pub async fn insert(tx: &mut Transaction, request: &VaultRequest) -> Result<(), Error> {
    let (texts, mark) = marked(tx.keys(), request)?;
    let values = args![
        request.id.uuid(),
        mark,
        request.person.uuid(),
        request.created_at,
        request.waits_until,
        request.serves_until(),
        closed(request),
        texts.terms,
        texts.closing
    ];
    tx.execute(&INSERT, values).await.map(drop)
}

/// Writes what has become of a request since it was read as `former`. False when somebody else has written meanwhile, or it is gone.
pub async fn update(tx: &mut Transaction, former: &VaultRequest, request: &VaultRequest) -> Result<bool, Error> {
    let before = serde_json::to_string(&former.terms).expect("terms are plain");
    let (texts, mark) = marked(tx.keys(), request)?;
    let values =
        args![request.id.uuid(), mark, request.serves_until(), closed(request), texts.terms, texts.closing, before];
    Ok(tx.execute(&UPDATE, values).await? == 1)
}

/// The request of that id.
pub async fn find(db: &mut impl Select, id: VaultRequestId) -> Result<Option<VaultRequest>, Error> {
    db.fetch_optional(&BY_ID, args![id.uuid()]).await?.map(|row| request(db.keys(), &row)).transpose()
}

/// Requests, the latest first: of one person, or of all.
pub async fn list(
    db: &mut impl Select,
    person: Option<UserId>,
    before: Option<VaultRequestId>,
    limit: u32,
) -> Result<Vec<VaultRequest>, Error> {
    let values = args![person.map(UserId::uuid), before.map(VaultRequestId::uuid), limit];
    let rows = db.fetch_all(&LIST, values).await?;
    read(db.keys(), &rows)
}

/// Those that wait or can be used, the first asked first: of one person, or of all.
pub async fn open(
    db: &mut impl Select,
    now: Timestamp,
    person: Option<UserId>,
    limit: u32,
) -> Result<Vec<VaultRequest>, Error> {
    let rows = db.fetch_all(&OPEN, args![now, person.map(UserId::uuid), limit]).await?;
    read(db.keys(), &rows)
}

/// Those whose time is over without anybody's having written that down.
pub async fn over(db: &mut impl Select, now: Timestamp, limit: u32) -> Result<Vec<VaultRequest>, Error> {
    let rows = db.fetch_all(&OVER, args![now, limit]).await?;
    read(db.keys(), &rows)
}

/// Removes those that were made before that time and are over. The log keeps what became of them.
pub async fn forget(tx: &mut Transaction, before: Timestamp) -> Result<u64, Error> {
    tx.execute(&FORGET, args![before]).await
}

struct Texts {
    terms: String,
    closing: Option<String>,
}

fn closed(request: &VaultRequest) -> Option<&'static str> {
    request.closed.as_ref().map(|closed| closed.how.name())
}

fn marked(keys: &MarkKeys, request: &VaultRequest) -> Result<(Texts, Vec<u8>), Error> {
    let terms = serde_json::to_string(&request.terms).expect("terms are plain");
    let closing = request.closed.as_ref().map(|closed| serde_json::to_string(closed).expect("plain as well"));
    let row = MarkedVaultRequest {
        id: request.id.uuid(),
        person: request.person.uuid(),
        created_at: request.created_at,
        waits_until: request.waits_until,
        ends_at: request.serves_until(),
        closed: closed(request),
        terms: &terms,
        closing: closing.as_deref(),
    };
    let mark = keys.mark(&row.row())?;
    Ok((Texts { terms, closing }, mark))
}

fn read(keys: &MarkKeys, rows: &[Row]) -> Result<Vec<VaultRequest>, Error> {
    rows.iter().map(|row| request(keys, row)).collect()
}

/// A row of [`columns`], if this vault has written it.
fn request(keys: &MarkKeys, row: &Row) -> Result<VaultRequest, Error> {
    let mark: Vec<u8> = row.get(1)?;
    marks::with_vault_request(row, |marked| requested(keys, marked, &mark))?
}

fn requested(keys: &MarkKeys, marked: &MarkedVaultRequest<'_>, mark: &[u8]) -> Result<VaultRequest, Error> {
    keys.check("request about the vault", &marked.id.to_string(), &marked.row(), Some(mark))?;
    let terms: VaultRequestTerms = serde_json::from_str(marked.terms).map_err(|_| corrupt("vault_request.terms"))?;
    let closed = marked.closing.map(serde_json::from_str::<VaultRequestClosed>).transpose();
    Ok(VaultRequest {
        id: VaultRequestId::from_uuid(marked.id),
        person: UserId::from_uuid(marked.person),
        created_at: marked.created_at,
        waits_until: marked.waits_until,
        closed: closed.map_err(|_| corrupt("vault_request.closing"))?,
        terms,
    })
}
