//! What people are told outside the page: the settings, and the outbox that is also the log of deliveries.

use std::time::Duration;

use countersign_model::{ChangeId, NoticeId, RequestId, Timestamp, VersionId};
use countersign_seal::Sealed;

use crate::{
    args,
    engine::{Error, Row, Select, Transaction},
    statements,
};

macro_rules! columns {
    () => {
        "id, change, credential_name, kind, what, reason, way, recipient, created_at, attempts, delivered_at, given_up_at, \
         last_error, run_at, request, person"
    };
}

statements! {
    SETTINGS = "select settings, version, sealed from notice_settings where one = 1";
    PUT_SETTINGS = "insert into notice_settings (one, settings, version, sealed) values (1, $1, $2, $3) \
                    on conflict (one) do update set settings = excluded.settings, version = excluded.version, \
                    sealed = excluded.sealed";
    INSERT = "insert into notice (id, change, credential_name, kind, what, reason, way, recipient, created_at, run_at, \
              request, person, attempts) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, 0)";
    TOLD_SINCE = "select count(*) from notice where change = $1 and kind = $2 and created_at > $3";
    // SQLite has one writer; on PostgreSQL each sender passes over what another is about to take.
    CLAIM = concat!("update notice set leased_by = $1, leased_until = $2, attempts = attempts + 1 where id = (select id \
             from notice where delivered_at is null and given_up_at is null and run_at <= $3 \
             and (leased_until is null or leased_until <= $3) and way = $4 order by run_at, id limit 1) returning ", columns!()),
        postgres: concat!("update notice set leased_by = $1, leased_until = $2, attempts = attempts + 1 where id = (select id \
             from notice where delivered_at is null and given_up_at is null and run_at <= $3 \
             and (leased_until is null or leased_until <= $3) and way = $4 order by run_at, id limit 1 for update skip locked) \
             returning ", columns!());
    DELIVERED = "update notice set delivered_at = $3, leased_by = null, leased_until = null, last_error = null \
                 where id = $1 and leased_by = $2";
    AGAIN = "update notice set run_at = $3, last_error = $4, leased_by = null, leased_until = null \
             where id = $1 and leased_by = $2";
    GIVE_UP = "update notice set given_up_at = $3, last_error = $4, leased_by = null, leased_until = null \
               where id = $1 and leased_by = $2";
    LATEST = concat!("select ", columns!(), " from notice order by created_at desc, id desc limit $1");
    FORGET = "delete from notice where created_at < $1 and (delivered_at is not null or given_up_at is not null)";
}

/// The settings as stored: what may be shown as JSON, and what is secret, sealed.
#[derive(Debug, Clone)]
pub struct NoticeSettingsRow {
    /// What may be shown.
    pub settings: String,
    /// Part of the seal.
    pub version: VersionId,
    /// What may not.
    pub sealed: Sealed,
}

/// One thing that is to be told to one recipient, or was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRow {
    /// Its id.
    pub id: NoticeId,
    /// The change that it is about; none for a test.
    pub change: Option<ChangeId>,
    /// The credential's name at that time.
    pub credential_name: String,
    /// What happened.
    pub kind: String,
    /// With what: the kind of the change.
    pub what: Option<String>,
    /// Why, as a stable code.
    pub reason: Option<String>,
    /// `mail` or `webhook`.
    pub way: String,
    /// The mail address; empty for the webhook.
    pub recipient: String,
    /// When it happened.
    pub created_at: Timestamp,
    /// How often a delivery was begun.
    pub attempts: i64,
    /// When it was taken.
    pub delivered_at: Option<Timestamp>,
    /// When it was given up.
    pub given_up_at: Option<Timestamp>,
    /// What stood in the way the last time.
    pub last_error: Option<String>,
    /// When it is tried next.
    pub run_at: Timestamp,
    /// The request for access that it is about.
    pub request: Option<RequestId>,
    /// Who asked for it, or decided about it: their name.
    pub person: Option<String>,
}

/// The settings; `None` while nobody has made any.
pub async fn settings(db: &mut impl Select) -> Result<Option<NoticeSettingsRow>, Error> {
    let row = db.fetch_optional(&SETTINGS, args![]).await?;
    row.map(|row| {
        Ok(NoticeSettingsRow {
            settings: row.get(0)?,
            version: VersionId::from_uuid(row.get(1)?),
            sealed: Sealed::from_bytes(row.get(2)?),
        })
    })
    .transpose()
}

/// Stores the settings in place of any others.
pub async fn put_settings(tx: &mut Transaction, row: &NoticeSettingsRow) -> Result<(), Error> {
    tx.keys().admit(&row.sealed)?;
    tx.execute(&PUT_SETTINGS, args![&row.settings, row.version.uuid(), row.sealed.bytes()]).await.map(drop)
}

/// Puts a notice into the outbox; it is due at once.
pub async fn insert(tx: &mut Transaction, row: &NoticeRow) -> Result<(), Error> {
    let values = args![
        row.id.uuid(),
        row.change.map(ChangeId::uuid),
        &row.credential_name,
        &row.kind,
        row.what.clone(),
        row.reason.clone(),
        &row.way,
        &row.recipient,
        row.created_at,
        row.request.map(RequestId::uuid),
        row.person.clone(),
    ];
    tx.execute(&INSERT, values).await.map(drop)
}

/// Whether something of this kind was told of a change after `since`.
pub async fn told_since(db: &mut impl Select, change: ChangeId, kind: &str, since: Timestamp) -> Result<bool, Error> {
    Ok(db.fetch_one(&TOLD_SINCE, args![change.uuid(), kind, since]).await?.get::<i64>(0)? > 0)
}

/// Takes the notice that is due longest of those that go by `way`, for `lease`, and counts the attempt. `None` when nothing is due.
pub async fn claim(
    tx: &mut Transaction,
    way: &str,
    sender: &str,
    now: Timestamp,
    lease: Duration,
) -> Result<Option<NoticeRow>, Error> {
    let row = tx.fetch_optional(&CLAIM, args![sender, now.plus(lease), now, way]).await?;
    row.map(|row| notice(&row)).transpose()
}

/// It was taken.
pub async fn delivered(tx: &mut Transaction, id: NoticeId, sender: &str, now: Timestamp) -> Result<(), Error> {
    tx.execute(&DELIVERED, args![id.uuid(), sender, now]).await.map(drop)
}

/// It was not taken, and is tried again then.
pub async fn again(
    tx: &mut Transaction,
    id: NoticeId,
    sender: &str,
    run_at: Timestamp,
    error: &str,
) -> Result<(), Error> {
    tx.execute(&AGAIN, args![id.uuid(), sender, run_at, error]).await.map(drop)
}

/// It was not taken, and is not tried again.
pub async fn give_up(
    tx: &mut Transaction,
    id: NoticeId,
    sender: &str,
    now: Timestamp,
    error: &str,
) -> Result<(), Error> {
    tx.execute(&GIVE_UP, args![id.uuid(), sender, now, error]).await.map(drop)
}

/// The log of deliveries, the newest first.
pub async fn latest(db: &mut impl Select, limit: u32) -> Result<Vec<NoticeRow>, Error> {
    db.fetch_all(&LATEST, args![limit]).await?.iter().map(notice).collect()
}

/// Forgets what was settled before `before`.
pub async fn forget(tx: &mut Transaction, before: Timestamp) -> Result<u64, Error> {
    tx.execute(&FORGET, args![before]).await
}

fn notice(row: &Row) -> Result<NoticeRow, Error> {
    Ok(NoticeRow {
        id: NoticeId::from_uuid(row.get(0)?),
        change: row.get::<Option<uuid::Uuid>>(1)?.map(ChangeId::from_uuid),
        credential_name: row.get(2)?,
        kind: row.get(3)?,
        what: row.get(4)?,
        reason: row.get(5)?,
        way: row.get(6)?,
        recipient: row.get(7)?,
        created_at: row.get(8)?,
        attempts: row.get(9)?,
        delivered_at: row.get(10)?,
        given_up_at: row.get(11)?,
        last_error: row.get(12)?,
        run_at: row.get(13)?,
        request: row.get::<Option<uuid::Uuid>>(14)?.map(RequestId::from_uuid),
        person: row.get(15)?,
    })
}
