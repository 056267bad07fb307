//! Keys of names that were stored before names were kept in NFC, or before they were in natural order.

use countersign_model::{order_key, search_key};
use uuid::Uuid;

use crate::{
    args,
    engine::{Error, Select as _, Transaction},
    statements,
};

statements! {
    DONE = "select names_normalised from vault";
    SET_DONE = "update vault set names_normalised = true where one = 1";
    PEOPLE = "select id, name_key from person";
    PERSON_TAKEN = "select count(*) from person where name_key = $1";
    SET_PERSON = "update person set name_key = $2 where id = $1";
    CREDENTIALS = "select id, name_key, search from credential where id > $1 order by id limit $2";
    CREDENTIAL_TAKEN = "select count(*) from credential where name_key = $1";
    SET_CREDENTIAL = "update credential set name_key = $2, search = $3, name_order = $4 where id = $1";
    // What SQL could not say ends with `$1`, which ends no key.
    UNORDERED = "select id, name_key from credential where substr(name_order, length(name_order), 1) = $1 limit $2";
    SET_ORDER = "update credential set name_order = $3 where id = $1 and name_key = $2";
}

const AT_ONCE: i64 = 1_000;

/// Brings the keys by which people and credentials are found into the form that [`search_key`] gives, once in a
/// database's life. Gives how many names keep their former key because another has the new one: these are found by their
/// ids alone until somebody renames them.
pub async fn normalise(tx: &mut Transaction) -> Result<usize, Error> {
    if tx.fetch_one(&DONE, args![]).await?.get(0)? {
        return Ok(0);
    }
    let mut kept = 0;
    for row in tx.fetch_all(&PEOPLE, args![]).await? {
        let (id, key): (Uuid, String) = (row.get(0)?, row.get(1)?);
        let wanted = search_key(&key);
        if wanted == key {
            continue;
        }
        if tx.fetch_one(&PERSON_TAKEN, args![&wanted]).await?.get::<i64>(0)? > 0 {
            kept += 1;
        } else {
            tx.execute(&SET_PERSON, args![id, &wanted]).await?;
        }
    }
    let mut after = Uuid::nil();
    loop {
        let rows = tx.fetch_all(&CREDENTIALS, args![after, AT_ONCE]).await?;
        let Some(last) = rows.last() else { break };
        after = last.get(0)?;
        for row in &rows {
            let (id, key, search): (Uuid, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let (wanted, wanted_search) = (search_key(&key), search_key(&search));
            if wanted == key && wanted_search == search {
                continue;
            }
            let is_taken = wanted != key && tx.fetch_one(&CREDENTIAL_TAKEN, args![&wanted]).await?.get::<i64>(0)? > 0;
            kept += usize::from(is_taken);
            let name_key = if is_taken { &key } else { &wanted };
            tx.execute(&SET_CREDENTIAL, args![id, name_key, &wanted_search, order_key(name_key)]).await?;
        }
    }
    tx.execute(&SET_DONE, args![]).await?;
    Ok(kept)
}

/// Gives credentials their place in the natural order of names where something has written them that does not know of it: the schema's own
/// step, a server of an earlier version. At most a thousand; says whether there may be more.
pub async fn order(tx: &mut Transaction) -> Result<bool, Error> {
    const NOT_YET: &str = "\u{1}";
    let rows = tx.fetch_all(&UNORDERED, args![NOT_YET, AT_ONCE]).await?;
    for row in &rows {
        let (id, key): (Uuid, String) = (row.get(0)?, row.get(1)?);
        tx.execute(&SET_ORDER, args![id, &key, order_key(&key)]).await?;
    }
    Ok(i64::try_from(rows.len()) == Ok(AT_ONCE))
}
