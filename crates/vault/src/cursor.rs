//! Where a page of a list by time ended. Opaque to callers.

use std::{fmt::Display, str::FromStr};

use countersign_model::{Invalid, Timestamp};
use data_encoding::BASE64URL_NOPAD;

use crate::Error;

/// Behind the row that was made at `at` and has this id.
pub(crate) fn write(at: Timestamp, id: impl Display) -> String {
    BASE64URL_NOPAD.encode(format!("{}\n{id}", at.micros()).as_bytes())
}

pub(crate) fn parse<Id: FromStr>(cursor: &str) -> Result<(Timestamp, Id), Error> {
    let read = || {
        let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (at, id) = text.split_once('\n')?;
        Some((Timestamp::from_micros(at.parse().ok()?), id.parse().ok()?))
    };
    read().ok_or_else(|| Invalid::new("cursor", "is not one of this list: begin without a cursor").into())
}
