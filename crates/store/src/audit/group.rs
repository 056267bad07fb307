//! The records of readers who wait for one flush, written as one piece of work.

use countersign_audit::{ChainHead, Record, block::pack};
use countersign_seal::Receipt;
use serde_json::json;

use crate::{
    args,
    audit::blocks::{about, number},
    engine::{Database, Error},
    keys::vault::{LogEnd, size},
    statements,
    steps::StepUse,
};

// $1 and $2: the end of the log with these records, $3 to $6: the vault as it was decided upon, $7 and $8: the block, $9: who
// looked at which step, as JSON. The block goes in only behind the end that it was chained to.
statements! {
    WRITE = "begin immediate; \
             update vault set audit_size = $1, audit_root = $2 where one = 1 and revision = $3 and audit_size = $4 \
             and audit_root = $5 and coalesce((select min(number) from vault_key), -1) = $6; \
             insert into audit_block (last, first, root, entries) \
             select $1, $7, $2, $8 where changes() = 1 returning last; \
             insert into step_use (credential, step, person, name, machine, at, claimed) \
             select unhex(e.value ->> 0, '-'), e.value ->> 1, unhex(e.value ->> 2, '-'), e.value ->> 3, e.value ->> 4, \
             e.value ->> 5, false from json_each($9) e where (select audit_root from vault) = $2 on conflict do nothing; \
             commit",
        postgres: "with moved as (update vault set audit_size = $1, audit_root = $2 where one = 1 and revision = $3 \
             and audit_size = $4 and audit_root = $5 \
             and coalesce((select min(number) from vault_key), -1) = $6 returning 1), \
             noted as (insert into step_use (credential, step, person, name, machine, at, claimed) \
             select (e ->> 0)::uuid, (e ->> 1)::bigint, (e ->> 2)::uuid, e ->> 3, (e ->> 4)::boolean, (e ->> 5)::bigint, \
             false from jsonb_array_elements(cast($9 as text)::jsonb) e where exists (select 1 from moved) on conflict do nothing) \
             insert into audit_block (last, first, root, entries) \
             select $1, $7, $2, $8 where exists (select 1 from moved) returning last";
    HAPPENED = "select audit_size from vault where audit_root = $1";
}

/// Writes records that were chained to `end`, as one block, with who looked at which time step: all of it at once and durable
/// when this is answered, or nothing. At most [`MAX_BLOCK`](countersign_audit::block::MAX_BLOCK) records, at least one.
///
/// Gives a receipt for each record, in their order; `None` when the vault has moved on from `end`, and nothing was written.
pub async fn commit_group(
    database: &Database,
    end: &LogEnd,
    records: &[Record],
    looks: &[StepUse],
) -> Result<Option<Vec<Receipt>>, Error> {
    let (Some(first), Some(last)) = (records.first(), records.last()) else { return Ok(Some(Vec::new())) };
    let new = ChainHead { size: last.seq, root: last.hash };
    let entries = pack(records.iter().map(|record| &record.entry));
    let values = args![
        size(new),
        new.root.bytes(),
        end.revision,
        size(end.head),
        end.head.root.bytes(),
        end.oldest_key.unwrap_or(-1),
        number(first.seq),
        entries,
        as_json(looks),
    ];
    let about = records.iter().map(about).collect();
    database.record_alone(&WRITE, values, about, (&HAPPENED, args![new.root.bytes()])).await
}

fn as_json(looks: &[StepUse]) -> String {
    let rows = looks.iter().map(|used| {
        let StepUse { credential, step, person, name, machine, at } = used;
        json!([credential.uuid(), step, person.uuid(), name, machine, at.micros()])
    });
    serde_json::Value::Array(rows.collect()).to_string()
}
