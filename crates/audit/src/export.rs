use std::borrow::Cow;

use countersign_model::Timestamp;
use countersign_seal::Digest;
use serde::{Deserialize, Serialize};

use crate::{ActorRef, AuditEntry, Checkpoint, Details, ObjectRef, Record};

/// One line of an export. The newest checkpoint comes first, so that an export that was cut off tells so itself;
/// then the records in order, older checkpoints among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExportLine {
    /// `{"checkpoint": {…}}`
    Checkpoint(Checkpoint),
    /// `{"seq": …, "at": …, …}`
    Record(Record),
}

/// The line is neither a record nor a checkpoint.
#[derive(Debug, thiserror::Error)]
#[error("neither a record nor a checkpoint: {0}")]
pub struct ParseLineError(String);

impl ExportLine {
    /// The line as JSON, without the line's end.
    pub fn to_json(&self) -> String {
        let json = match self {
            Self::Checkpoint(checkpoint) => {
                serde_json::to_string(&CheckpointLine { checkpoint: Cow::Borrowed(checkpoint) })
            }
            Self::Record(record) => serde_json::to_string(&RecordLine::from(record)),
        };
        json.expect("records and checkpoints are plain data")
    }

    /// Reads a line.
    pub fn parse(text: &str) -> Result<Self, ParseLineError> {
        let wrong = |error: serde_json::Error| ParseLineError(error.to_string());
        if text.trim_start().starts_with(r#"{"checkpoint""#) {
            let line: CheckpointLine<'_> = serde_json::from_str(text).map_err(wrong)?;
            return Ok(Self::Checkpoint(line.checkpoint.into_owned()));
        }
        let line: RecordLine<'_> = serde_json::from_str(text).map_err(wrong)?;
        let hash = Digest::from_hex(&line.hash).ok_or_else(|| ParseLineError("its hash is no hash".to_owned()))?;
        if line.at.to_string() != Timestamp::from_micros(line.at_micros).to_string() {
            return Err(ParseLineError("its two times differ".to_owned()));
        }
        Ok(Self::Record(Record {
            seq: line.seq,
            hash,
            entry: AuditEntry {
                at: Timestamp::from_micros(line.at_micros),
                actor: line.actor.into_owned(),
                act: Cow::Owned(line.act.into_owned()),
                object: line.object.map(Cow::into_owned),
                reason: line.reason.map(Cow::into_owned),
                details: line.details.into_owned(),
            },
        }))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckpointLine<'a> {
    checkpoint: Cow<'a, Checkpoint>,
}

// An unknown field would be something that no hash covers, so it is refused.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordLine<'a> {
    seq: u64,
    at: Timestamp,
    // The hash is over microseconds; `at` says the same to people, and reading refuses it when it does not.
    at_micros: i64,
    actor: Cow<'a, ActorRef>,
    act: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    object: Option<Cow<'a, ObjectRef>>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    reason: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "no_details", default)]
    details: Cow<'a, Details>,
    hash: String,
}

#[expect(clippy::ptr_arg, reason = "serde passes the field as it is")]
fn no_details(details: &Cow<'_, Details>) -> bool {
    details.is_empty()
}

impl<'a> From<&'a Record> for RecordLine<'a> {
    fn from(record: &'a Record) -> Self {
        let entry = &record.entry;
        Self {
            seq: record.seq,
            at: entry.at,
            at_micros: entry.at.micros(),
            actor: Cow::Borrowed(&entry.actor),
            act: Cow::Borrowed(&entry.act),
            object: entry.object.as_ref().map(Cow::Borrowed),
            reason: entry.reason.as_deref().map(Cow::Borrowed),
            details: Cow::Borrowed(&entry.details),
            hash: record.hash.to_string(),
        }
    }
}
