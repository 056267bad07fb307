//! How a table of marked rows is looked at as a whole.

use countersign_seal::{Digest, MarkedRow};

use crate::engine::{Error, Row, Statement, Value};

/// One table as a whole.
pub(super) struct Table {
    /// What errors call a row of it.
    pub(super) what: &'static str,
    /// Its rows: an id, the mark, then what the mark covers.
    pub(super) all: &'static Statement,
    /// Writes a mark, and what is stored of a bearer.
    pub(super) set: &'static Statement,
    /// Writes another mark in place of one.
    pub(super) again: &'static Statement,
    /// What the mark covers, where the bearer is stored as `token`.
    pub(super) marked: fn(&Row, Option<&Digest>) -> Result<MarkedRow, Error>,
    /// The column with what is stored of a bearer.
    pub(super) bearer: Option<usize>,
    /// Further values that find the row.
    pub(super) find: fn(&Row) -> Result<Vec<Value>, Error>,
}

pub(super) fn text_at(row: &Row, at: usize) -> Result<String, Error> {
    row.get(at)
}

pub(super) fn bearer_at(row: &Row, at: usize, token: Option<&Digest>) -> Result<Vec<u8>, Error> {
    token.map_or_else(|| row.get(at), |token| Ok(token.bytes().to_vec()))
}
