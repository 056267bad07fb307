//! One transaction with the records that belong to it.

use std::ops::{Deref, DerefMut};

use countersign_audit::AuditEntry;
use countersign_seal::Receipt;
use countersign_store::{
    audit,
    engine::{self, Args, MarkKeys, Row, Select, Statement, Transaction},
};

use crate::Error;

/// A unit of work: what it changes and the records of it become durable together, or neither does.
///
/// It ends in one of two ways. [`Unit::commit`] writes the records and gives the receipt that lets a secret out;
/// [`Unit::commit_without_record`] says why there are none. Dropped, nothing of it ever was.
#[must_use = "a unit that is not committed is rolled back"]
pub(crate) struct Unit {
    tx: Transaction,
    entries: Vec<AuditEntry>,
}

impl Unit {
    pub(crate) const fn new(tx: Transaction) -> Self {
        Self { tx, entries: Vec::new() }
    }

    /// Adds a record. It is chained at the commit, so that the log is held for as short as can be.
    pub(crate) fn record(&mut self, entry: AuditEntry) {
        self.entries.push(entry);
    }

    /// Adds several records, in their order.
    pub(crate) fn record_all(&mut self, entries: Vec<AuditEntry>) {
        self.entries.extend(entries);
    }

    /// Makes all of it durable. Gives the receipt of the record that was added last.
    ///
    /// # Errors
    /// [`Error::AuditUnavailable`]: nothing happened, so nothing may leave.
    pub(crate) async fn commit(self) -> Result<Receipt, Error> {
        self.chain_and_commit(None).await?.ok_or(MOVED_UNASKED)
    }

    /// As [`Unit::commit`], if the vault's revision is still that one; otherwise `None`, and nothing happened.
    pub(crate) async fn commit_at(self, revision: i64) -> Result<Option<Receipt>, Error> {
        self.chain_and_commit(Some(revision)).await
    }

    async fn chain_and_commit(self, revision: Option<i64>) -> Result<Option<Receipt>, Error> {
        let Self { mut tx, entries } = self;
        if entries.is_empty() {
            return Err(Error::Internal("a unit of work that was to be recorded has no record"));
        }
        let found = audit::append(&mut tx, entries).await.map_err(Error::of_record)?;
        if revision.is_some_and(|revision| revision != found) {
            return Ok(None);
        }
        let receipts = tx.commit().await.map_err(Error::of_record)?;
        receipts.into_iter().next_back().map(Some).ok_or(Error::Internal("a commit gave no receipt for its record"))
    }

    /// Makes it durable without a record. `_why` says why the log needs none; what leaves a record out is found here.
    pub(crate) async fn commit_without_record(self, _why: &'static str) -> Result<(), Error> {
        if !self.entries.is_empty() {
            return Err(Error::Internal("a unit of work would lose its records"));
        }
        Ok(self.tx.commit().await.map(drop)?)
    }

    /// Makes it durable, with the records that it may have. `_why` says why it may have none.
    pub(crate) async fn commit_recorded_or(self, why: &'static str) -> Result<(), Error> {
        if self.entries.is_empty() { self.commit_without_record(why).await } else { self.commit().await.map(drop) }
    }
}

const MOVED_UNASKED: Error = Error::Internal("a commit that asked for no revision found another");

impl Deref for Unit {
    type Target = Transaction;

    fn deref(&self) -> &Transaction {
        &self.tx
    }
}

impl DerefMut for Unit {
    fn deref_mut(&mut self) -> &mut Transaction {
        &mut self.tx
    }
}

impl Select for Unit {
    fn keys(&self) -> &MarkKeys {
        self.tx.keys()
    }

    async fn fetch_all(&mut self, statement: &Statement, args: impl Args) -> Result<Vec<Row>, engine::Error> {
        self.tx.fetch_all(statement, args).await
    }

    async fn fetch_optional(&mut self, statement: &Statement, args: impl Args) -> Result<Option<Row>, engine::Error> {
        self.tx.fetch_optional(statement, args).await
    }
}
