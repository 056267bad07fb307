//! Reading the log: pages for people, the whole of it as an export, signed checkpoints.

use std::collections::{HashSet, VecDeque};

use countersign_audit::{AuditAction, AuditEntry, ChainHead, Checkpoint, ExportLine, ObjectKind, Record};
use countersign_model::{Action, Actor, CredentialId, Invalid, Paged, Paging, VaultId};
use countersign_seal::Digest;
use countersign_store::{
    audit::{self, RecordFilter},
    credentials,
    engine::{Lane, Reader, Select},
    vault as vault_row,
};

use uuid::Uuid;

use crate::{
    CredentialRef, Error, Object, Vault,
    vault::{permit, permit_by_role},
};

const BATCH: u32 = 500;

/// A record as somebody sees it.
#[derive(Debug, Clone)]
pub struct RecordView {
    /// Its number, from 1, without gaps.
    pub seq: u64,
    /// What happened.
    pub entry: AuditEntry,
    /// Over the entry and the record before it.
    pub hash: Digest,
    /// Whether the credential that it is about has been removed since.
    pub object_removed: bool,
}

impl Vault {
    /// A page of records that pass the filter, the newest first. Where it begins is what `paging` says, whatever
    /// [`RecordFilter::before`] says.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a cursor of another list; [`Error::Denied`].
    pub async fn audit_records(
        &self,
        actor: &Actor,
        filter: &RecordFilter,
        paging: &Paging,
    ) -> Result<Paged<RecordView>, Error> {
        // Before a place is taken, of which there are few.
        let about = filter.object.map(CredentialId::from_uuid);
        if about.is_none() {
            permit_by_role(actor, Action::ReadAudit)?;
        }
        let before = paging.cursor().map(parse_cursor).transpose()?;
        let filter = RecordFilter { before, ..filter.clone() };
        self.permit_records(actor, about).await?;
        let (mut reader, actor) = self.reader_on(lane(&filter), actor).await?;
        if about.is_none() {
            permit_by_role(&actor, Action::ReadAudit)?;
        }
        let records = audit::list(&mut reader, &filter, paging.rows()).await?;
        let page = paging.page(records, |record| record.seq.to_string());
        // Many records are about one credential, which is asked for once.
        let about: HashSet<Uuid> = page.items.iter().filter_map(credential_of).collect();
        let ids: Vec<Uuid> = about.into_iter().collect();
        let there: HashSet<Uuid> = credentials::standing(&mut reader, &ids).await?.into_iter().collect();
        Ok(page.map(|record| {
            let object_removed = credential_of(&record).is_some_and(|id| !there.contains(&id));
            let Record { seq, entry, hash } = record;
            RecordView { seq, entry, hash, object_removed }
        }))
    }

    /// Whoever may not read the log may read the records about a credential where that was granted to them.
    pub(super) async fn permit_records(&self, actor: &Actor, about: Option<CredentialId>) -> Result<(), Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let whole = permit_by_role(&actor, Action::ReadAudit);
        let Some(id) = about.filter(|_| whole.is_err()) else { return whole };
        // Nobody learns by it what there is.
        let Ok(row) = self.visible(&mut reader, &actor, &CredentialRef::Id(id)).await else { return whole };
        permit(&actor, Action::ReadRecords, &row.grants, &self.asked(&actor)).map(drop)
    }

    /// Begins to give out the records that pass the filter, for a spreadsheet: that is recorded, with the filter.
    ///
    /// # Errors
    /// As [`Vault::audit_records`].
    pub async fn record_records_export(&self, actor: &Actor, filter: &RecordFilter) -> Result<(), Error> {
        let about = filter.object.map(CredentialId::from_uuid);
        self.permit_records(actor, about).await?;
        let (mut tx, actor) = self.writer(actor).await?;
        let entry = self.entry(&actor, AuditAction::AuditExported).with("format", "csv");
        let entry = match about {
            Some(id) => {
                let name = credentials::find(&mut tx, id).await?.map_or_else(String::new, |row| row.name.to_string());
                entry.on(ObjectKind::Credential, id.uuid(), name)
            }
            None => entry.on(ObjectKind::Vault, self.keys().vault().uuid(), "audit log"),
        };
        let facts = [
            ("act", filter.act.clone()),
            ("since", filter.since.map(|at| at.to_string())),
            ("until", filter.until.map(|at| at.to_string())),
            ("search", filter.search.clone()),
            ("user", filter.actor.map(|id| id.to_string())),
        ];
        let entry = facts.into_iter().fold(entry, |entry, (name, value)| match value {
            Some(value) => entry.with(name, value),
            None => entry,
        });
        tx.record(entry);
        tx.commit().await.map(drop)
    }

    /// A signed word on how the log stands now. It is kept, so that a log that loses its end later says so.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub async fn checkpoint(&self, actor: &Actor) -> Result<Checkpoint, Error> {
        let (reader, actor) = self.reader(actor).await?;
        drop(reader);
        permit_by_role(&actor, Action::ReadAudit)?;
        self.make_checkpoint().await
    }

    /// As [`Vault::checkpoint`], for the server itself, which makes one each day. Nothing is signed but what goes on from
    /// the checkpoint before: whoever rewrote the log would otherwise have it vouched for within the hour.
    ///
    /// # Errors
    /// [`Error::LogBroken`].
    pub async fn make_checkpoint(&self) -> Result<Checkpoint, Error> {
        // Most of the way outside of the transaction, which holds the log.
        let mut reader = self.inner.database.read().await?;
        let (_, from) = self.newest_kept(&mut reader).await?;
        let near = follow_log(&mut reader, from).await?;
        drop(reader);
        let mut tx = self.unit().await?;
        let head = vault_row::lock_head(&mut tx).await?.head;
        let (kept, from) = self.newest_kept(&mut tx).await?;
        if from.size > near.size {
            // Another server has signed one meanwhile.
            if follow_log(&mut tx, from).await? != head {
                return Err(Error::LogBroken { record: head.size });
            }
        } else if follow_log(&mut tx, near).await? != head {
            return Err(Error::LogBroken { record: head.size });
        }
        if let Some(kept) = kept.filter(|kept| kept.size == head.size && kept.root() == Some(head.root)) {
            return Ok(kept);
        }
        let key = self.keys().audit_signing_key();
        let checkpoint = Checkpoint::sign(self.keys().vault(), head, self.now(), &key);
        audit::keep_checkpoint(&mut tx, &checkpoint).await?;
        tx.commit_without_record("a checkpoint signs the log itself").await?;
        Ok(checkpoint)
    }

    /// The newest checkpoint, which this vault has signed, and the place in the log that it vouches for.
    pub(crate) async fn newest_kept(&self, db: &mut impl Select) -> Result<(Option<Checkpoint>, ChainHead), Error> {
        let Some(kept) = audit::newest_checkpoint(db, self.keys().vault()).await? else {
            return Ok((None, ChainHead::EMPTY));
        };
        let ours = kept.key == self.keys().audit_signing_key().verifying_key().to_string();
        match kept.root().filter(|_| ours && kept.is_genuine()) {
            Some(root) => Ok((Some(kept.clone()), ChainHead { size: kept.size, root })),
            None => Err(Error::LogBroken { record: kept.size }),
        }
    }

    /// Begins an export of the whole log. The export is itself an act, and the last that it holds.
    pub async fn export_audit(&self, actor: &Actor) -> Result<ExportReader, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        permit_by_role(&actor, Action::ReadAudit)?;
        let entry = self.entry(&actor, AuditAction::AuditExported);
        let entry = entry.on(ObjectKind::Vault, self.keys().vault().uuid(), "audit log");
        tx.record(entry);
        tx.commit().await?;
        match self.make_checkpoint().await {
            Ok(_) => {}
            // All the more reason to read it.
            Err(Error::LogBroken { record }) => {
                tracing::error!(record, "the log was changed: exported without a new checkpoint");
            }
            Err(error) => return Err(error),
        }
        ExportReader::open(self.inner.database.read_on(Lane::Export).await?, self.keys().vault()).await
    }
}

/// The credential that a record is about.
fn credential_of(record: &Record) -> Option<Uuid> {
    record.entry.object.as_ref().filter(|object| object.kind == ObjectKind::Credential)?.id
}

/// The number before which a page begins; the database counts in `i64`.
fn parse_cursor(cursor: &str) -> Result<u64, Invalid> {
    let seq = cursor.parse::<i64>().ok().and_then(|seq| u64::try_from(seq).ok());
    seq.ok_or_else(|| Invalid::new("cursor", "is not one of this list: begin without a cursor"))
}

/// A filter that the order of the log does not serve may have to look through all of it.
pub(super) fn lane(filter: &RecordFilter) -> Lane {
    let RecordFilter { before: _, act, since, until, search, object, actor } = filter;
    let plain = act.is_none() && since.is_none() && until.is_none() && search.is_none();
    if plain && object.is_none() && actor.is_none() { Lane::Usual } else { Lane::Search }
}

/// Goes along the records from a place in the log to its end; gives the end.
async fn follow_log(db: &mut impl Select, from: ChainHead) -> Result<ChainHead, Error> {
    let mut head = from;
    loop {
        let records = audit::after(db, head.size, BATCH).await?;
        if records.is_empty() {
            return Ok(head);
        }
        for record in &records {
            if !head.follow(record) {
                return Err(Error::LogBroken { record: head.size + 1 });
            }
        }
    }
}

/// The lines of an export, in order, read from one snapshot.
pub struct ExportReader {
    reader: Reader,
    vault: VaultId,
    head: ChainHead,
    newest: Option<Checkpoint>,
    seq: u64,
    kept_from: u64,
    kept: VecDeque<Checkpoint>,
    kept_all: bool,
}

impl ExportReader {
    /// Reads the log of a vault. It needs no key: the checkpoints are those that were signed before.
    pub async fn open(mut reader: Reader, vault: VaultId) -> Result<Self, Error> {
        let row = vault_row::find(&mut reader).await?.ok_or(Error::NotFound(Object::Vault))?;
        let newest = audit::newest_checkpoint(&mut reader, vault).await?;
        Ok(Self { reader, vault, head: row.head, newest, seq: 0, kept_from: 0, kept: VecDeque::new(), kept_all: false })
    }

    /// How many records the log has.
    pub const fn records(&self) -> u64 {
        self.head.size
    }

    /// The next lines, some hundreds; none at the end.
    pub async fn next(&mut self) -> Result<Vec<ExportLine>, Error> {
        let mut lines: Vec<ExportLine> = self.newest.take().map(ExportLine::Checkpoint).into_iter().collect();
        let records = audit::after(&mut self.reader, self.seq, BATCH).await?;
        for record in records {
            self.seq = record.seq;
            lines.push(ExportLine::Record(record));
            while let Some(checkpoint) = self.kept_at(self.seq).await? {
                lines.push(ExportLine::Checkpoint(checkpoint));
            }
        }
        Ok(lines)
    }

    /// The kept checkpoint over exactly `size` records, or what is overdue because its record is gone.
    async fn kept_at(&mut self, size: u64) -> Result<Option<Checkpoint>, Error> {
        if self.kept.is_empty() && !self.kept_all {
            self.kept = audit::checkpoints(&mut self.reader, self.vault, self.kept_from, BATCH).await?.into();
            self.kept_all = self.kept.len() < BATCH as usize;
        }
        let Some(next) = self.kept.front() else { return Ok(None) };
        if next.size > size {
            return Ok(None);
        }
        self.kept_from = next.size + 1;
        Ok(self.kept.pop_front())
    }
}
