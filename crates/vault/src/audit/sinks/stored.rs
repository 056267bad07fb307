//! A place as it is stored, and opened for whoever sends.

use std::{path::PathBuf, str::FromStr};

use countersign_audit::ChainHead;
use countersign_model::{Invalid, SinkFilter, SinkId, SinkKind, SinkTarget, VaultId, VersionId};
use countersign_seal::{Binding, Secret, SecretKind};
use countersign_store::{
    audit::{
        self,
        sinks::{self, SinkRow, SinkState},
    },
    engine::Select,
};
use serde::{Deserialize, Serialize};

use crate::{Error, Object, Vault};

/// So many places at the most: each has a task of its own.
pub(super) const MAX_SINKS: u32 = 20;

/// Which place: by id, or by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinkRef {
    /// By id.
    Id(SinkId),
    /// By name, whatever the case of its letters.
    Name(String),
}

impl FromStr for SinkRef {
    type Err = Error;

    /// A UUID, or `name:` and a name.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text.strip_prefix("name:") {
            Some(name) => Ok(Self::Name(name.to_owned())),
            None => text.parse().map(Self::Id).map_err(|_| Error::NotFound(Object::Sink)),
        }
    }
}

/// What is stored as JSON: nothing in it is secret.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Shown {
    pub(super) address: String,
    pub(super) has_header: bool,
    pub(super) authority: Option<String>,
    pub(super) plain: bool,
    pub(super) acts: SinkFilter,
}

/// What is sealed.
pub(super) struct Opened {
    pub(super) address: Secret,
    pub(super) header: Option<Secret>,
    pub(super) signing: Option<Secret>,
}

/// How records go to a place, with the secrets that it takes.
pub struct SinkWay {
    /// In which form.
    pub kind: SinkKind,
    /// Where to.
    pub target: SinkTarget,
    /// Whether they may go to another machine without TLS.
    pub plain: bool,
    /// The one authority that is trusted there, in PEM.
    pub authority: Option<String>,
    /// A header of each request, as `Name: value`.
    pub header: Option<Secret>,
    /// What signs each request.
    pub signing: Option<Secret>,
    /// The log that the records are of.
    pub log: VaultId,
    /// Where folders lie.
    pub folder: Option<PathBuf>,
}

impl Vault {
    pub(super) fn open_sink(&self, row: &SinkRow) -> Result<Opened, Error> {
        let opened = self.keys().open(&binding(row.id, row.version), &row.sealed)?;
        let opened = opened.release_unrecorded("the sender shows it to the receiver that it belongs to");
        let mut lines = opened.expose_text().unwrap_or_default().split('\n');
        let mut next = || lines.next().filter(|line| !line.is_empty()).map(|line| Secret::from(line.to_owned()));
        let address = next().ok_or(Error::Empty("address"))?;
        Ok(Opened { address, header: next(), signing: next() })
    }

    pub(super) fn sink_way(&self, row: &SinkRow) -> Result<SinkWay, Error> {
        let settings = shown(row)?;
        let Opened { address, header, signing } = self.open_sink(row)?;
        let target = SinkTarget::parse(row.kind, line("address", &address)?, settings.plain)?;
        let (log, folder) = (self.keys().vault(), self.inner.sink_folder.get().cloned());
        let plain = settings.plain;
        Ok(SinkWay { kind: row.kind, target, plain, authority: settings.authority, header, signing, log, folder })
    }

    /// Says where destinations that are folders lie; without it there are none. The first call counts.
    pub fn keep_sinks_in(&self, folder: std::path::PathBuf) {
        let _ = self.inner.sink_folder.set(folder);
    }
}

pub(super) fn shown(row: &SinkRow) -> Result<Shown, Error> {
    serde_json::from_str(&row.settings).map_err(|_| Error::Empty("settings"))
}

pub(super) async fn found(db: &mut impl Select, wanted: &SinkRef) -> Result<(SinkRow, SinkState), Error> {
    let row = match wanted {
        SinkRef::Id(id) => sinks::find(db, *id).await?,
        SinkRef::Name(name) => sinks::find_by_name(db, name).await?,
    };
    row.ok_or(Error::NotFound(Object::Sink))
}

/// The record of that number, as a place in the log; before the first for 0.
pub(super) async fn place(db: &mut impl Select, seq: u64) -> Result<ChainHead, Error> {
    let Some(before) = seq.checked_sub(1) else { return Ok(ChainHead::EMPTY) };
    let record = audit::after(db, before, 1).await?.pop().filter(|record| record.seq == seq);
    let record = record.ok_or(Error::LogBroken { record: seq })?;
    Ok(ChainHead { size: seq, root: record.hash })
}

pub(super) fn binding(id: SinkId, version: VersionId) -> Binding {
    Binding::of(SecretKind::Sink, id.uuid(), version.uuid())
}

pub(super) fn line<'a>(field: &'static str, secret: &'a Secret) -> Result<&'a str, Invalid> {
    let text = secret.expose_text().filter(|text| !text.chars().any(char::is_control));
    text.ok_or_else(|| Invalid::new(field, "holds what no line of text holds"))
}
