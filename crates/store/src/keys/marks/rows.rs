//! What is marked of a row, read from its columns: its id and its mark first, then what `covered.rs` names.

use countersign_seal::{Digest, MarkedRow};

use super::covered::{
    MarkedDevice, MarkedGrant, MarkedPasskey, MarkedPerson, MarkedRequest, MarkedSession, sink, sink_state,
};
use super::covered_credentials::{MarkedCredential, MarkedRemoved};
use super::table::{bearer_at, text_at};
use crate::engine::{Error, Row};

/// What is marked of a person's row.
pub(super) fn with_person(row: &Row, marked: impl Fn(&MarkedPerson<'_>) -> MarkedRow) -> Result<MarkedRow, Error> {
    let (password, seed, next): (Vec<u8>, Option<Vec<u8>>, Option<Vec<u8>>) = (row.get(4)?, row.get(6)?, row.get(8)?);
    let (name, role, email): (String, String, Option<String>) = (row.get(2)?, row.get(3)?, row.get(11)?);
    Ok(marked(&MarkedPerson {
        id: row.get(0)?,
        name: &name,
        role: &role,
        password: &password,
        seed: (row.get(5)?, seed.as_deref()),
        next_seed: (row.get(7)?, next.as_deref()),
        disabled: row.get(9)?,
        must_change: row.get(10)?,
        email: email.as_deref(),
        last_step: row.get(12)?,
        passkeys: row.get(13)?,
    }))
}

/// What is marked of a signed-in browser's row.
pub(super) fn with_session(
    row: &Row,
    token: Option<&Digest>,
    marked: impl Fn(&MarkedSession<'_>) -> MarkedRow,
) -> Result<MarkedRow, Error> {
    let came_by: Option<String> = row.get(7)?;
    Ok(marked(&MarkedSession {
        id: row.get(0)?,
        token: &bearer_at(row, 2, token)?,
        person: row.get(3)?,
        created_at: row.get(4)?,
        confirmed_at: row.get(5)?,
        expires_at: row.get(6)?,
        came_by: came_by.as_deref(),
    }))
}

/// What is marked of a credential's row.
pub(super) fn with_credential(
    row: &Row,
    marked: impl Fn(&MarkedCredential<'_>) -> MarkedRow,
) -> Result<MarkedRow, Error> {
    let (name, username, status, tags) = (text_at(row, 2)?, text_at(row, 3)?, text_at(row, 5)?, text_at(row, 6)?);
    let site: Option<String> = row.get(4)?;
    let (id, site) = (row.get(0)?, site.as_deref());
    Ok(marked(&MarkedCredential { id, name: &name, username: &username, site, status: &status, tags: &tags }))
}

/// What is marked of a credential's row in the bin: its id, its mark, and then its columns in their order.
pub(super) fn with_removed(row: &Row) -> Result<MarkedRow, Error> {
    let (settings, removed_by): (Option<String>, String) = (row.get(8)?, row.get(11)?);
    let (counter, redirected_at, removed_at, deleted_at) = (row.get(7)?, row.get(9)?, row.get(10)?, row.get(12)?);
    with_credential(row, |credential| {
        let (credential, settings) = (*credential, settings.as_deref());
        MarkedRemoved { credential, counter, settings, redirected_at, removed_at, removed_by: &removed_by, deleted_at }
            .row()
    })
}

/// What is marked of a grant's row: its id, its mark, and then its columns in their order.
pub(crate) fn with_grant<T>(row: &Row, marked: impl Fn(&MarkedGrant<'_>) -> T) -> Result<T, Error> {
    let (tag, site): (Option<String>, Option<String>) = (row.get(5)?, row.get(6)?);
    let (session, extras): (Option<String>, Option<String>) = (row.get(9)?, row.get(10)?);
    Ok(marked(&MarkedGrant {
        id: row.get(0)?,
        person: row.get(2)?,
        grp: row.get(3)?,
        credential: row.get(4)?,
        tag: tag.as_deref(),
        site: site.as_deref(),
        token: row.get(7)?,
        reveal: row.get(8)?,
        session: session.as_deref(),
        extras: extras.as_deref(),
        change: row.get(11)?,
        edit: row.get(12)?,
        share: row.get(13)?,
        audit: row.get(14)?,
        conditions: &text_at(row, 15)?,
        transfer: row.get(16)?,
    }))
}

/// What is marked of a request's row: its id, its mark, and then its columns in their order.
pub(crate) fn with_request<T>(row: &Row, marked: impl Fn(&MarkedRequest<'_>) -> T) -> Result<T, Error> {
    let (closed, closing): (Option<String>, Option<String>) = (row.get(9)?, row.get(11)?);
    Ok(marked(&MarkedRequest {
        id: row.get(0)?,
        credential: row.get(2)?,
        grant: row.get(3)?,
        person: row.get(4)?,
        created_at: row.get(5)?,
        waits_until: row.get(6)?,
        starts_at: row.get(7)?,
        ends_at: row.get(8)?,
        closed: closed.as_deref(),
        terms: &text_at(row, 10)?,
        closing: closing.as_deref(),
    }))
}

/// What is marked of a passkey's row: its id, its mark, and then its columns in their order.
pub(crate) fn with_passkey<T>(row: &Row, marked: impl Fn(&MarkedPasskey<'_>) -> T) -> Result<T, Error> {
    let credential: Vec<u8> = row.get(3)?;
    let (id, person, created_at) = (row.get(0)?, row.get(2)?, row.get(6)?);
    let (name, stored) = (text_at(row, 4)?, text_at(row, 5)?);
    Ok(marked(&MarkedPasskey { id, person, credential: &credential, name: &name, stored: &stored, created_at }))
}

/// What is marked of a browser extension's row: its id, its mark, and then its columns in their order.
pub(crate) fn with_device(row: &Row) -> Result<MarkedRow, Error> {
    let (name, key): (String, Vec<u8>) = (row.get(3)?, row.get(4)?);
    let (id, person, created_at, expires_at) = (row.get(0)?, row.get(2)?, row.get(5)?, row.get(6)?);
    Ok(MarkedDevice { id, person, name: &name, key: &key, created_at, expires_at }.row())
}

/// What is marked of a place where the audit log also goes: its id, its mark, name, kind, settings, version, paused.
pub(super) fn with_sink(row: &Row) -> Result<MarkedRow, Error> {
    let (name, kind, settings): (String, String, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
    Ok(sink(row.get(0)?, &name, &kind, &settings, row.get(5)?, row.get(6)?))
}

/// What is marked of its progress: the place, the mark, start, cursor, sent, checkpoint, root.
pub(super) fn with_sink_state(row: &Row) -> Result<MarkedRow, Error> {
    let numbers = [row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?];
    Ok(sink_state(row.get(0)?, numbers, &row.get::<Vec<u8>>(6)?))
}
