//! Command lines that wait to be signed in, and what a person has decided about each (RFC 8628).

use std::time::Duration;

use countersign_model::{ClientName, DeviceLoginId, HostName, Role, Timestamp, UserId};
use countersign_seal::Digest;

use crate::{
    args,
    engine::{Error, MarkKeys, Row, Select, Transaction, corrupt},
    keys::marks::{self, MarkedDeviceLogin},
    statements,
};

statements! {
    INSERT = "insert into device_login (id, mark, device_code, user_code, client, host, address, network, created_at, expires_at, \
              poll_seconds) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    BY_DEVICE_CODE = "select id, mark, device_code, user_code, client, host, address, created_at, expires_at, person, decided_at, \
                      role, admin, token_ends_at, polled_at, poll_seconds from device_login where device_code = $1";
    BY_USER_CODE = "select id, mark, device_code, user_code, client, host, address, created_at, expires_at, person, decided_at, \
                    role, admin, token_ends_at, polled_at, poll_seconds from device_login where user_code = $1";
    BY_ID = "select id, mark, device_code, user_code, client, host, address, created_at, expires_at, person, decided_at, \
             role, admin, token_ends_at, polled_at, poll_seconds from device_login where id = $1";
    // Only as it was read: of two who decide at once, one does.
    DECIDE = "update device_login set mark = $3, person = $4, decided_at = $5, role = $6, admin = $7, token_ends_at = $8 \
              where id = $1 and mark = $2";
    POLLED = "update device_login set polled_at = $2, poll_seconds = $3 where id = $1";
    TAKE = "delete from device_login where id = $1 and mark = $2";
    PENDING = "select count(*), count(case when network = $1 then 1 end) from device_login where expires_at > $2";
    DELETE_OF = "delete from device_login where person = $1";
    FORGET = "delete from device_login where expires_at <= $1";
}

/// A command line that waits.
#[derive(Debug, Clone)]
pub struct DeviceLoginRow {
    /// Its id.
    pub id: DeviceLoginId,
    /// What asks, as it says.
    pub client: ClientName,
    /// On which machine, as it says.
    pub host: Option<HostName>,
    /// From which address it came, as far as that is known.
    pub address: Option<String>,
    /// When it asked.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// What became of it so far.
    pub standing: Standing,
    /// When it last asked whether somebody has decided.
    pub polled_at: Option<Timestamp>,
    /// How long it is to wait between two such questions.
    pub poll_every: Duration,
    mark: Vec<u8>,
    device_code: Vec<u8>,
    user_code: Vec<u8>,
}

/// What became of a command line that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has typed its code.
    Open,
    /// That person has typed its code, and nobody else can decide any more.
    Seen(UserId),
    /// That person refused.
    Denied(UserId),
    /// That person approved, and said what the token is to be.
    Approved(UserId, ApprovedToken),
}

/// What an API token is to be that a command line will be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApprovedToken {
    /// When it was approved.
    pub at: Timestamp,
    /// What it may do.
    pub role: Role,
    /// Whether it may manage people, grants and automation.
    pub admin: bool,
    /// When it ends.
    pub ends_at: Timestamp,
}

/// A command line that asks.
pub struct NewDeviceLoginRow<'a> {
    /// Its id.
    pub id: DeviceLoginId,
    /// The hash of the code that it keeps.
    pub device_code: &'a Digest,
    /// The hash of the code that it shows.
    pub user_code: &'a Digest,
    /// What asks, as it says.
    pub client: &'a ClientName,
    /// On which machine, as it says.
    pub host: Option<&'a HostName>,
    /// From which address.
    pub address: Option<String>,
    /// By what those that wait are counted.
    pub network: String,
    /// When it asked.
    pub created_at: Timestamp,
    /// Until when.
    pub expires_at: Timestamp,
    /// How long it is to wait between two questions.
    pub poll_every: Duration,
}

/// Adds a command line that waits.
pub async fn insert(tx: &mut Transaction, new: &NewDeviceLoginRow<'_>) -> Result<(), Error> {
    let (device_code, user_code) = (tx.keys().bearer(new.device_code)?, tx.keys().bearer(new.user_code)?);
    let marked = MarkedDeviceLogin {
        id: new.id.uuid(),
        device_code: device_code.bytes(),
        user_code: user_code.bytes(),
        client: new.client.as_str(),
        host: new.host.map(HostName::as_str),
        address: new.address.as_deref(),
        created_at: new.created_at,
        expires_at: new.expires_at,
        person: None,
        decided_at: None,
        role: None,
        admin: None,
        token_ends_at: None,
    };
    let mark = tx.keys().mark(&marked.row())?;
    let values = args![
        new.id.uuid(),
        mark,
        device_code.bytes(),
        user_code.bytes(),
        new.client.as_str(),
        new.host.map(HostName::as_str),
        new.address.as_deref(),
        new.network.as_str(),
        new.created_at,
        new.expires_at,
        seconds(new.poll_every),
    ];
    tx.execute(&INSERT, values).await.map(drop)
}

/// The command line that keeps the code of this hash.
pub async fn by_device_code(db: &mut impl Select, code: &Digest) -> Result<Option<DeviceLoginRow>, Error> {
    let code = db.keys().bearer(code)?;
    let row = db.fetch_optional(&BY_DEVICE_CODE, args![code.bytes()]).await?;
    row.map(|row| read(db.keys(), &row)).transpose()
}

/// The command line that shows the code of this hash.
pub async fn by_user_code(db: &mut impl Select, code: &Digest) -> Result<Option<DeviceLoginRow>, Error> {
    let code = db.keys().bearer(code)?;
    let row = db.fetch_optional(&BY_USER_CODE, args![code.bytes()]).await?;
    row.map(|row| read(db.keys(), &row)).transpose()
}

/// The command line of that id.
pub async fn find(db: &mut impl Select, id: DeviceLoginId) -> Result<Option<DeviceLoginRow>, Error> {
    let row = db.fetch_optional(&BY_ID, args![id.uuid()]).await?;
    row.map(|row| read(db.keys(), &row)).transpose()
}

/// Writes what becomes of it; false when something else has become of it since it was read.
pub async fn decide(
    tx: &mut Transaction,
    row: &DeviceLoginRow,
    standing: Standing,
    now: Timestamp,
) -> Result<bool, Error> {
    let (person, decided_at, token) = match standing {
        Standing::Open => (None, None, None),
        Standing::Seen(person) => (Some(person), None, None),
        Standing::Denied(person) => (Some(person), Some(now), None),
        Standing::Approved(person, token) => (Some(person), Some(token.at), Some(token)),
    };
    let marked = MarkedDeviceLogin {
        person: person.map(UserId::uuid),
        decided_at,
        role: token.map(|token| token.role.name()),
        admin: token.map(|token| token.admin),
        token_ends_at: token.map(|token| token.ends_at),
        ..row.marked()
    };
    let mark = tx.keys().mark(&marked.row())?;
    let MarkedDeviceLogin { person, decided_at, role, admin, token_ends_at, .. } = marked;
    let values = args![row.id.uuid(), &row.mark, mark, person, decided_at, role, admin, token_ends_at];
    Ok(tx.execute(&DECIDE, values).await? == 1)
}

/// Notes that it asked, and how long it is to wait from now on.
pub async fn polled(tx: &mut Transaction, id: DeviceLoginId, now: Timestamp, every: Duration) -> Result<(), Error> {
    tx.execute(&POLLED, args![id.uuid(), now, seconds(every)]).await.map(drop)
}

/// Takes it away, since it gets its token; false when it has got one, or something else has become of it since it was read.
pub async fn take(tx: &mut Transaction, row: &DeviceLoginRow) -> Result<bool, Error> {
    Ok(tx.execute(&TAKE, args![row.id.uuid(), &row.mark]).await? == 1)
}

/// How many wait, in all and of one network.
pub async fn pending(db: &mut impl Select, network: &str, now: Timestamp) -> Result<(i64, i64), Error> {
    let row = db.fetch_optional(&PENDING, args![network, now]).await?;
    row.map_or(Ok((0, 0)), |row| Ok((row.get(0)?, row.get(1)?)))
}

/// Forgets those that a person has to do with: none of them gets a token.
pub async fn delete_of(tx: &mut Transaction, person: UserId) -> Result<(), Error> {
    tx.execute(&DELETE_OF, args![person.uuid()]).await.map(drop)
}

/// Forgets those whose time was over at `before`.
pub async fn forget(tx: &mut Transaction, before: Timestamp) -> Result<(), Error> {
    tx.execute(&FORGET, args![before]).await.map(drop)
}

impl DeviceLoginRow {
    fn marked(&self) -> MarkedDeviceLogin<'_> {
        MarkedDeviceLogin {
            id: self.id.uuid(),
            device_code: &self.device_code,
            user_code: &self.user_code,
            client: self.client.as_str(),
            host: self.host.as_ref().map(HostName::as_str),
            address: self.address.as_deref(),
            created_at: self.created_at,
            expires_at: self.expires_at,
            person: None,
            decided_at: None,
            role: None,
            admin: None,
            token_ends_at: None,
        }
    }
}

fn seconds(every: Duration) -> i64 {
    i64::try_from(every.as_secs()).unwrap_or(i64::MAX)
}

fn read(keys: &MarkKeys, row: &Row) -> Result<DeviceLoginRow, Error> {
    let id = DeviceLoginId::from_uuid(row.get(0)?);
    let mark: Vec<u8> = row.get(1)?;
    keys.check("command line that waits", &id.to_string(), &marks::with_device_login(row)?, Some(&mark))?;
    let text = |text: String| HostName::parse(&text).map_err(|_| corrupt("device_login.host"));
    let (client, host): (String, Option<String>) = (row.get(4)?, row.get(5)?);
    let (person, decided_at): (Option<uuid::Uuid>, Option<Timestamp>) = (row.get(9)?, row.get(10)?);
    let role: Option<String> = row.get(11)?;
    let role: Option<Role> = role.map(|role| role.parse().map_err(|_| corrupt("device_login.role"))).transpose()?;
    let (admin, ends_at): (Option<bool>, Option<Timestamp>) = (row.get(12)?, row.get(13)?);
    let standing = match (person.map(UserId::from_uuid), decided_at, role, admin, ends_at) {
        (None, None, None, None, None) => Standing::Open,
        (Some(person), None, None, None, None) => Standing::Seen(person),
        (Some(person), Some(_), None, None, None) => Standing::Denied(person),
        (Some(person), Some(at), Some(role), Some(admin), Some(ends_at)) => {
            Standing::Approved(person, ApprovedToken { at, role, admin, ends_at })
        }
        _ => return Err(corrupt("device_login")),
    };
    Ok(DeviceLoginRow {
        id,
        mark,
        device_code: row.get(2)?,
        user_code: row.get(3)?,
        client: ClientName::parse(&client).map_err(|_| corrupt("device_login.client"))?,
        host: host.map(text).transpose()?,
        address: row.get(6)?,
        created_at: row.get(7)?,
        expires_at: row.get(8)?,
        standing,
        polled_at: row.get(14)?,
        poll_every: Duration::from_secs(u64::try_from(row.get::<i64>(15)?).unwrap_or(0)),
    })
}
