//! What the mark of a request about the vault covers.

use countersign_model::Timestamp;
use countersign_seal::MarkedRow;
use uuid::Uuid;

use super::table::Table;
use crate::{
    engine::{Error, Row},
    statements,
};

statements! {
    ALL = "select id, mark, person, created_at, waits_until, ends_at, closed, terms, closing from vault_request";
    MARK = "update vault_request set mark = $2 where id = $1";
    REMARK = "update vault_request set mark = $3 where id = $1 and mark = $2";
}

/// As [`super::tables`] has the others.
pub(super) static VAULT_REQUESTS: &[Table] = &[Table {
    what: "request about the vault",
    all: &ALL,
    set: &MARK,
    again: &REMARK,
    bearer: None,
    find: |_| Ok(Vec::new()),
    marked: |row, _| with_vault_request(row, |request| request.row()),
}];

/// What the mark of a request about the vault covers: all of it.
pub(crate) struct MarkedVaultRequest<'a> {
    pub(crate) id: Uuid,
    pub(crate) person: Uuid,
    pub(crate) created_at: Timestamp,
    pub(crate) waits_until: Timestamp,
    pub(crate) ends_at: Option<Timestamp>,
    pub(crate) closed: Option<&'a str>,
    /// As they are stored.
    pub(crate) terms: &'a str,
    pub(crate) closing: Option<&'a str>,
}

impl MarkedVaultRequest<'_> {
    pub(crate) fn row(&self) -> MarkedRow {
        MarkedRow::of("vault_request")
            .bytes(self.id.as_bytes())
            .bytes(self.person.as_bytes())
            .number(Some(self.created_at.micros()))
            .number(Some(self.waits_until.micros()))
            .number(self.ends_at.map(Timestamp::micros))
            .maybe(self.closed.map(str::as_bytes))
            .text(self.terms)
            .maybe(self.closing.map(str::as_bytes))
    }
}

/// What is marked of a request's row: its id, its mark, and then its columns in their order.
pub(crate) fn with_vault_request<T>(row: &Row, marked: impl Fn(&MarkedVaultRequest<'_>) -> T) -> Result<T, Error> {
    let (closed, terms, closing): (Option<String>, String, Option<String>) = (row.get(6)?, row.get(7)?, row.get(8)?);
    Ok(marked(&MarkedVaultRequest {
        id: row.get(0)?,
        person: row.get(2)?,
        created_at: row.get(3)?,
        waits_until: row.get(4)?,
        ends_at: row.get(5)?,
        closed: closed.as_deref(),
        terms: &terms,
        closing: closing.as_deref(),
    }))
}
