//! What the mark of a command line covers that waits to be signed in.

use countersign_model::Timestamp;
use countersign_seal::MarkedRow;
use uuid::Uuid;

use super::table::Table;
use crate::{
    engine::{Error, Row},
    statements,
};

statements! {
    ALL = "select id, mark, device_code, user_code, client, host, address, created_at, expires_at, person, decided_at, \
                     role, admin, token_ends_at from device_login";
    MARK = "update device_login set mark = $2 where id = $1";
    REMARK = "update device_login set mark = $3 where id = $1 and mark = $2";
}

/// As [`super::tables`] has the others.
pub(super) static DEVICE_LOGINS: &[Table] = &[Table {
    what: "command line that waits",
    all: &ALL,
    set: &MARK,
    again: &REMARK,
    bearer: None,
    find: |_| Ok(Vec::new()),
    marked: |row, _| with_device_login(row),
}];

/// What the mark of a command line covers that waits to be signed in: all but how often it asks.
pub(crate) struct MarkedDeviceLogin<'a> {
    pub(crate) id: Uuid,
    pub(crate) device_code: &'a [u8],
    pub(crate) user_code: &'a [u8],
    pub(crate) client: &'a str,
    pub(crate) host: Option<&'a str>,
    pub(crate) address: Option<&'a str>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) person: Option<Uuid>,
    pub(crate) decided_at: Option<Timestamp>,
    pub(crate) role: Option<&'a str>,
    pub(crate) admin: Option<bool>,
    pub(crate) token_ends_at: Option<Timestamp>,
}

impl MarkedDeviceLogin<'_> {
    pub(crate) fn row(&self) -> MarkedRow {
        MarkedRow::of("device_login")
            .bytes(self.id.as_bytes())
            .bytes(self.device_code)
            .bytes(self.user_code)
            .text(self.client)
            .maybe(self.host.map(str::as_bytes))
            .maybe(self.address.map(str::as_bytes))
            .number(Some(self.created_at.micros()))
            .number(Some(self.expires_at.micros()))
            .maybe(self.person.as_ref().map(|id| id.as_bytes().as_slice()))
            .number(self.decided_at.map(Timestamp::micros))
            .maybe(self.role.map(str::as_bytes))
            .number(self.admin.map(i64::from))
            .number(self.token_ends_at.map(Timestamp::micros))
    }
}

/// What is marked of a command line that waits: its id, its mark, and then its columns in their order.
pub(crate) fn with_device_login(row: &Row) -> Result<MarkedRow, Error> {
    let (device_code, user_code): (Vec<u8>, Vec<u8>) = (row.get(2)?, row.get(3)?);
    let (client, host, address): (String, Option<String>, Option<String>) = (row.get(4)?, row.get(5)?, row.get(6)?);
    let role: Option<String> = row.get(11)?;
    let marked = MarkedDeviceLogin {
        id: row.get(0)?,
        device_code: &device_code,
        user_code: &user_code,
        client: &client,
        host: host.as_deref(),
        address: address.as_deref(),
        created_at: row.get(7)?,
        expires_at: row.get(8)?,
        person: row.get(9)?,
        decided_at: row.get(10)?,
        role: role.as_deref(),
        admin: row.get(12)?,
        token_ends_at: row.get(13)?,
    };
    Ok(marked.row())
}
