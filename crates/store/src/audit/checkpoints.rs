//! Signed checkpoints that were kept, one per size.

use countersign_audit::Checkpoint;
use countersign_model::VaultId;
use countersign_seal::Digest;

use crate::{
    args,
    engine::{Error, Row, Select, Transaction, corrupt},
    statements,
};

statements! {
    INSERT_CHECKPOINT = "insert into audit_checkpoint (size, root, time, key, signature) values ($1, $2, $3, $4, $5) \
                         on conflict (size) do nothing";
    CHECKPOINTS = "select size, root, time, key, signature from audit_checkpoint where size >= $1 order by size limit $2";
    NEWEST_CHECKPOINT = "select size, root, time, key, signature from audit_checkpoint order by size desc limit 1";
}

/// Keeps a checkpoint; one per size.
pub async fn keep_checkpoint(tx: &mut Transaction, checkpoint: &Checkpoint) -> Result<(), Error> {
    let root = checkpoint.root().ok_or_else(|| corrupt("audit_checkpoint.root"))?;
    let size = i64::try_from(checkpoint.size).unwrap_or(i64::MAX);
    let values = args![size, root.bytes(), checkpoint.time, &checkpoint.key, &checkpoint.signature];
    tx.execute(&INSERT_CHECKPOINT, values).await?;
    Ok(())
}

/// Checkpoints over `size` records or more, the smallest first, at most `limit`.
pub async fn checkpoints(
    db: &mut impl Select,
    vault: VaultId,
    size: u64,
    limit: u32,
) -> Result<Vec<Checkpoint>, Error> {
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    db.fetch_all(&CHECKPOINTS, args![size, limit]).await?.iter().map(|row| checkpoint(vault, row)).collect()
}

/// The checkpoint that covers the most.
pub async fn newest_checkpoint(db: &mut impl Select, vault: VaultId) -> Result<Option<Checkpoint>, Error> {
    db.fetch_optional(&NEWEST_CHECKPOINT, args![]).await?.map(|row| checkpoint(vault, &row)).transpose()
}

fn checkpoint(vault: VaultId, row: &Row) -> Result<Checkpoint, Error> {
    let root = Digest::from_bytes(&row.get::<Vec<u8>>(1)?).ok_or_else(|| corrupt("audit_checkpoint.root"))?;
    Ok(Checkpoint {
        vault,
        size: u64::try_from(row.get::<i64>(0)?).map_err(|_| corrupt("audit_checkpoint.size"))?,
        root: root.to_string(),
        time: row.get(2)?,
        key: row.get(3)?,
        signature: row.get(4)?,
    })
}
