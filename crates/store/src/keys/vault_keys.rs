//! Which keys the vault has: one, and two while it is being replaced. The keys themselves are never here.

use countersign_model::Timestamp;
use countersign_seal::{KeyId, KeySlot};

use crate::{
    args,
    engine::{Error, Select, Transaction, corrupt},
    keys::vault::key_number,
    statements,
};

statements! {
    ALL = "select number, id, created_at, active_at, kind, parameters, wrapped, lasting from vault_key order by number";
    INSERT = "insert into vault_key (number, id, created_at, active_at, kind, parameters, wrapped, lasting) \
              values ($1, $2, $3, $4, $5, $6, $7, $8)";
    ACTIVATE = "update vault_key set active_at = $2 where number = $1 and active_at is null";
    // Its slot is in key_slot from now on.
    SETTLE = "update vault_key set kind = null, parameters = null, wrapped = null, lasting = null where number = $1";
    DELETE = "delete from vault_key where number < $1";
}

/// One of the vault's keys.
#[derive(Debug, Clone)]
pub struct VaultKeyRow {
    /// Its number, from 1.
    pub number: u32,
    /// Its name.
    pub id: KeyId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it began to seal.
    pub active_at: Option<Timestamp>,
    /// How it is unlocked while it is not the only one; else see [`crate::keys::vault::slots`].
    pub slot: Option<KeySlot>,
}

/// All of them, the oldest first; none in a vault from before keys had rows.
pub async fn all(db: &mut impl Select) -> Result<Vec<VaultKeyRow>, Error> {
    let rows = db.fetch_all(&ALL, args![]).await?;
    rows.iter()
        .map(|row| {
            let number = key_number(row.get(0)?)?;
            let kind: Option<String> = row.get(4)?;
            let slot = match kind {
                None => None,
                Some(kind) => Some(KeySlot {
                    number,
                    kind: kind.parse().map_err(|_| corrupt("vault_key.kind"))?,
                    parameters: row.get::<Option<Vec<u8>>>(5)?.unwrap_or_default(),
                    wrapped: row.get::<Option<Vec<u8>>>(6)?.unwrap_or_default(),
                    lasting: row.get::<Option<Vec<u8>>>(7)?.unwrap_or_default(),
                }),
            };
            Ok(VaultKeyRow {
                number,
                id: row.get::<String>(1)?.parse().map_err(|_| corrupt("vault_key.id"))?,
                created_at: row.get(2)?,
                active_at: row.get(3)?,
                slot,
            })
        })
        .collect()
}

/// Notes a key. [`Error::Conflict`] when somebody else has made one of that number.
pub async fn insert(tx: &mut Transaction, key: &VaultKeyRow) -> Result<(), Error> {
    let slot = key.slot.as_ref();
    let values = args![
        i64::from(key.number),
        key.id.to_string(),
        key.created_at,
        key.active_at,
        slot.map(|slot| slot.kind.name()),
        slot.map(|slot| slot.parameters.as_slice()),
        slot.map(|slot| slot.wrapped.as_slice()),
        slot.map(|slot| slot.lasting.as_slice()),
    ];
    tx.execute(&INSERT, values).await.map(drop)
}

/// Notes that a key seals from now on; false when it did already.
pub async fn activate(tx: &mut Transaction, number: u32, at: Timestamp) -> Result<bool, Error> {
    Ok(tx.execute(&ACTIVATE, args![i64::from(number), at]).await? > 0)
}

/// Forgets all keys before this one, and its slot here.
pub async fn settle(tx: &mut Transaction, number: u32) -> Result<(), Error> {
    tx.execute(&DELETE, args![i64::from(number)]).await?;
    tx.execute(&SETTLE, args![i64::from(number)]).await.map(drop)
}
