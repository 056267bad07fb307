//! What marks cover of the places where the audit log also goes.

use countersign_seal::MarkedRow;

use super::covered::{sink, sink_state};
use crate::engine::{Error, Row};

/// A row of the table's whole: id, mark, name, kind, settings, version, paused.
pub(super) fn with_sink(row: &Row) -> Result<MarkedRow, Error> {
    let (name, kind, settings): (String, String, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
    Ok(sink(row.get(0)?, &name, &kind, &settings, row.get(5)?, row.get(6)?))
}

/// A row of the table's whole: place, mark, start, cursor, sent, checkpoint, root.
pub(super) fn with_sink_state(row: &Row) -> Result<MarkedRow, Error> {
    let numbers = [row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?];
    Ok(sink_state(row.get(0)?, numbers, &row.get::<Vec<u8>>(6)?))
}
