//! The vault's own row and its key slots.

use countersign_audit::ChainHead;
use countersign_model::{Timestamp, VaultId};
use countersign_seal::{Digest, KeySlot, MarkedRow};

use crate::{
    args,
    engine::{Error, MarkKeys, Select, Transaction, corrupt},
    keys::marks,
    statements,
};

statements! {
    INSERT = "insert into vault (one, id, created_at, revision, audit_size, audit_indexed, audit_root, \
              second_factor_required) values (1, $1, $2, 1, 0, 0, $3, $4)";
    FIND = "select id, created_at, revision, audit_size, audit_root, second_factor_required, setup_link, \
            marked_at, mark, marks, set_up_at, export_approval from vault";
    // Also takes the row's lock on PostgreSQL, so that records follow one another whichever node writes them.
    // With the oldest vault key that is in use: who holds an older one alone may write nothing.
    LOCK_HEAD = "update vault set audit_size = audit_size where one = 1 \
                 returning revision, audit_size, audit_root, (select min(number) from vault_key)";
    MOVE_HEAD = "update vault set audit_size = $1, audit_root = $2 where one = 1";
    BUMP = "update vault set revision = revision + 1 where one = 1";
    REVISION = "select revision from vault";
    SET_SETUP_LINK = "update vault set setup_link = $1 where one = 1";
    REQUIRE_SECOND_FACTOR = "update vault set second_factor_required = $1, mark = $2, revision = revision + 1 where one = 1";
    ASK_FOR_EXPORT_APPROVAL = "update vault set export_approval = $1, mark = $2 where one = 1";
    SET_MARKED = "update vault set marked_at = $1, marks = $2, set_up_at = $3, mark = $4 where one = 1";
    REMARK = "update vault set mark = $2 where one = 1 and mark = $1";
    INSERT_SLOT = "insert into key_slot (kind, parameters, wrapped, number, lasting) values ($1, $2, $3, $4, $5) \
                   on conflict (kind) do update set parameters = excluded.parameters, wrapped = excluded.wrapped, \
                   number = excluded.number, lasting = excluded.lasting";
    DELETE_SLOTS = "delete from key_slot";
    // SQLite is opened with what it needs; there is nothing to ask.
    DURABILITY = "select true, ''",
        postgres: "select current_setting('fsync')::bool and current_setting('full_page_writes')::bool, \
                   current_setting('synchronous_standby_names')";
    SLOTS = "select kind, parameters, wrapped, number, lasting from key_slot order by kind";
}

/// The vault's own row.
#[derive(Debug, Clone)]
pub struct VaultRow {
    /// Its id, which the key file names too.
    pub id: VaultId,
    /// When it was made.
    pub created_at: Timestamp,
    /// Moves whenever what anybody may do could have changed.
    pub revision: i64,
    /// How its log stands.
    pub head: ChainHead,
    /// Whether everybody who signs in needs a second factor.
    pub second_factor_required: bool,
    /// The hash of the one-time set-up link, while there is nobody yet.
    pub setup_link: Option<Vec<u8>>,
    /// When rows of authority were first marked; none before the upgrade that brought marks.
    pub marked_at: Option<Timestamp>,
    /// Which columns marks cover: 1 or more, up to [`marks::GENERATION`].
    pub marks: i64,
    /// When there was somebody for the first time, as far as that was noted.
    pub set_up_at: Option<Timestamp>,
    /// Whether exports need the approval of a second administrator.
    pub export_approval: bool,
    /// The mark of this row itself.
    mark: Option<Vec<u8>>,
}

impl VaultRow {
    /// What the mark of this row covers.
    fn marked(&self) -> MarkedRow {
        let marked_at = self.marked_at.unwrap_or(Timestamp::from_micros(0));
        let columns = |table| {
            MarkedRow::of(table)
                .bytes(self.id.uuid().as_bytes())
                .flag(self.second_factor_required)
                .number(Some(marked_at.micros()))
        };
        if self.marks < marks::MORE_OF_PEOPLE {
            return columns("vault");
        }
        // Where exports need no approval, the mark is what it was before there was such a thing.
        let table = if self.export_approval { "vault.3" } else { "vault.2" };
        columns(table).number(Some(self.marks)).number(self.set_up_at.map(Timestamp::micros))
    }

    /// Makes sure that this vault has written the row. [`Error::Tampered`].
    pub fn check(&self, keys: &MarkKeys) -> Result<(), Error> {
        keys.check("vault", &self.id.to_string(), &self.marked(), self.mark.as_deref())
    }
}

/// Makes the row of a new vault.
pub async fn insert(
    tx: &mut Transaction,
    id: VaultId,
    now: Timestamp,
    second_factor_required: bool,
) -> Result<(), Error> {
    tx.execute(&INSERT, args![id.uuid(), now, Digest::ZERO.bytes(), second_factor_required]).await?;
    Ok(())
}

/// The vault's row; `None` while the database is empty. Its mark is compared as soon as the vault is unlocked and marked.
pub async fn find(db: &mut impl Select) -> Result<Option<VaultRow>, Error> {
    let Some(row) = db.fetch_optional(&FIND, args![]).await? else { return Ok(None) };
    let read = VaultRow {
        id: VaultId::from_uuid(row.get(0)?),
        created_at: row.get(1)?,
        revision: row.get(2)?,
        head: head(row.get(3)?, &row.get::<Vec<u8>>(4)?)?,
        second_factor_required: row.get(5)?,
        setup_link: row.get(6)?,
        marked_at: row.get(7)?,
        mark: row.get(8)?,
        marks: row.get(9)?,
        set_up_at: row.get(10)?,
        export_approval: row.get(11)?,
    };
    if db.keys().are_there() && read.marked_at.is_some() {
        read.check(db.keys())?;
    }
    Ok(Some(read))
}

/// Notes, for good, when rows of authority were first marked, that they are in the newest way, and when there was somebody
/// for the first time.
pub async fn set_marked(
    tx: &mut Transaction,
    vault: &VaultRow,
    at: Timestamp,
    set_up_at: Option<Timestamp>,
) -> Result<(), Error> {
    let row = VaultRow { marked_at: Some(at), marks: marks::GENERATION, set_up_at, ..vault.clone() };
    let mark = tx.keys().mark(&row.marked())?;
    tx.execute(&SET_MARKED, args![at, row.marks, set_up_at, mark]).await.map(drop)
}

/// Notes, for good, that there is somebody: no first administrator is made any more.
pub async fn note_set_up(tx: &mut Transaction, now: Timestamp) -> Result<(), Error> {
    match find(tx).await? {
        Some(row) if row.set_up_at.is_none() => set_marked(tx, &row, marked_at(&row), Some(now)).await,
        _ => Ok(()),
    }
}

/// The revision alone.
pub async fn revision(db: &mut impl Select) -> Result<i64, Error> {
    db.fetch_one(&REVISION, args![]).await?.get(0)
}

/// Moves the revision, so that every cache in every node reads anew before it serves again.
pub async fn bump(tx: &mut Transaction) -> Result<(), Error> {
    tx.execute(&BUMP, args![]).await?;
    tx.moves_revision();
    Ok(())
}

/// How the vault stands where the log ends.
#[derive(Debug, Clone, Copy)]
pub struct LogEnd {
    /// The vault's revision.
    pub revision: i64,
    /// Where the next record goes.
    pub head: ChainHead,
    /// The oldest vault key in use, which this process has been found to know.
    pub(crate) oldest_key: Option<i64>,
}

impl LogEnd {
    /// The same vault with more records.
    #[must_use]
    pub const fn moved_to(self, head: ChainHead) -> Self {
        Self { head, ..self }
    }
}

/// Takes the log's end for this transaction.
pub async fn lock_head(tx: &mut Transaction) -> Result<LogEnd, Error> {
    let row = tx.fetch_one(&LOCK_HEAD, args![]).await?;
    let oldest_key = row.get(3)?;
    tx.keys().admit_oldest(oldest_key)?;
    Ok(LogEnd { revision: row.get(0)?, head: head(row.get(1)?, &row.get::<Vec<u8>>(2)?)?, oldest_key })
}

/// Notes where the log ends now, after [`crate::audit::insert`].
pub async fn move_head(tx: &mut Transaction, head: ChainHead) -> Result<(), Error> {
    tx.execute(&MOVE_HEAD, args![size(head), head.root.bytes()]).await?;
    Ok(())
}

/// Sets or forgets the set-up link, by its hash.
pub async fn set_setup_link(tx: &mut Transaction, hash: Option<&Digest>) -> Result<(), Error> {
    let stored = hash.map(|hash| tx.keys().bearer(hash)).transpose()?;
    tx.execute(&SET_SETUP_LINK, args![stored.as_ref().map(|stored| stored.bytes().as_slice())]).await?;
    Ok(())
}

/// Says whether everybody needs a second factor.
pub async fn require_second_factor(tx: &mut Transaction, required: bool) -> Result<(), Error> {
    let Some(row) = find(tx).await? else { return Ok(()) };
    let mark = tx.keys().mark(&VaultRow { second_factor_required: required, ..row }.marked())?;
    tx.execute(&REQUIRE_SECOND_FACTOR, args![required, mark]).await?;
    Ok(())
}

/// Says whether exports need the approval of a second administrator.
pub async fn ask_for_export_approval(tx: &mut Transaction, needed: bool) -> Result<(), Error> {
    let Some(row) = find(tx).await? else { return Ok(()) };
    let mark = tx.keys().mark(&VaultRow { export_approval: needed, ..row }.marked())?;
    tx.execute(&ASK_FOR_EXPORT_APPROVAL, args![needed, mark]).await.map(drop)
}

/// Adds a way to unlock, or replaces the one of its kind.
pub async fn put_slot(tx: &mut Transaction, slot: &KeySlot) -> Result<(), Error> {
    let values = args![slot.kind.name(), &slot.parameters, &slot.wrapped, i64::from(slot.number), &slot.lasting];
    tx.execute(&INSERT_SLOT, values).await?;
    Ok(())
}

/// Takes all ways to unlock away; another is put in their place in the same transaction.
pub async fn delete_slots(tx: &mut Transaction) -> Result<(), Error> {
    tx.execute(&DELETE_SLOTS, args![]).await.map(drop)
}

/// Marks the vault's own row anew, where a former key has marked it. Says whether it did.
pub async fn remark(tx: &mut Transaction) -> Result<bool, Error> {
    let Some(row) = find(tx).await? else { return Ok(false) };
    let marked = row.marked();
    let Some(former) = row.mark.filter(|_| row.marked_at.is_some()) else { return Ok(false) };
    if !tx.keys().is_former(&marked, &former)? {
        return Ok(false);
    }
    let mark = tx.keys().mark(&marked)?;
    Ok(tx.execute(&REMARK, args![former, mark]).await? > 0)
}

fn marked_at(row: &VaultRow) -> Timestamp {
    row.marked_at.unwrap_or(Timestamp::from_micros(0))
}

/// The ways to unlock.
pub async fn slots(db: &mut impl Select) -> Result<Vec<KeySlot>, Error> {
    let rows = db.fetch_all(&SLOTS, args![]).await?;
    rows.iter()
        .map(|row| {
            let kind: String = row.get(0)?;
            Ok(KeySlot {
                number: key_number(row.get(3)?)?,
                kind: kind.parse().map_err(|_| corrupt("key_slot.kind"))?,
                parameters: row.get(1)?,
                wrapped: row.get(2)?,
                lasting: row.get(4)?,
            })
        })
        .collect()
}

/// What stands behind a commit on PostgreSQL.
#[derive(Debug, Clone)]
pub struct Durability {
    /// Whether the server writes commits to its disk, and can mend torn pages.
    pub fsync: bool,
    /// The standbys that a commit waits for, as `synchronous_standby_names` has them; mostly empty.
    pub standbys: String,
}

/// How the server is set.
pub async fn durability(db: &mut impl Select) -> Result<Durability, Error> {
    let row = db.fetch_one(&DURABILITY, args![]).await?;
    Ok(Durability { fsync: row.get(0)?, standbys: row.get(1)? })
}

pub(crate) fn key_number(number: i64) -> Result<u32, Error> {
    u32::try_from(number).map_err(|_| corrupt("vault_key.number"))
}

fn head(size: i64, root: &[u8]) -> Result<ChainHead, Error> {
    match (u64::try_from(size), Digest::from_bytes(root)) {
        (Ok(size), Some(root)) => Ok(ChainHead { size, root }),
        _ => Err(corrupt("vault.audit_size")),
    }
}

pub(crate) fn size(head: ChainHead) -> i64 {
    i64::try_from(head.size).unwrap_or(i64::MAX)
}
