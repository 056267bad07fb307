//! What one person was granted on many credentials.

use std::collections::HashMap;

use countersign_model::{CredentialId, Grant, Grants, UserId};

use super::{
    credential::{CredentialRow, some},
    grants::{held_on, subject},
};
use crate::{
    check_outs,
    engine::{Error, Select},
    requests,
};

/// What a person was granted on each of these credentials. Asks few questions, however many there are.
pub async fn grants_of_many(
    db: &mut impl Select,
    person: UserId,
    ids: &[CredentialId],
) -> Result<HashMap<CredentialId, Grants>, Error> {
    let mut rows = some(db, ids).await?;
    fill(db, person, &mut rows).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.grants)).collect())
}

/// The credentials of these ids, in their order, with what `person` was granted on each where one is given. Those that are not
/// there are left out.
pub async fn find_some(
    db: &mut impl Select,
    ids: &[CredentialId],
    person: Option<UserId>,
) -> Result<Vec<CredentialRow>, Error> {
    let mut rows = some(db, ids).await?;
    let places: HashMap<_, _> = ids.iter().enumerate().map(|(place, id)| (*id, place)).collect();
    rows.sort_by_key(|row| places.get(&row.id).copied());
    if let Some(person) = person {
        fill(db, person, &mut rows).await?;
    }
    Ok(rows)
}

/// Puts to each row what a person was granted on it. Asks few questions, however many there are.
pub(super) async fn fill(db: &mut impl Select, person: UserId, rows: &mut [CredentialRow]) -> Result<(), Error> {
    let ids: Vec<CredentialId> = rows.iter().map(|row| row.id).collect();
    let mut found = held_on(db, person, &ids).await?;
    let wide = found.remove(&None).unwrap_or_default();
    let all: Vec<Grant> = found.values().flatten().chain(&wide).cloned().collect();
    let subject = subject(db, person, &all).await?;
    for row in rows.iter_mut() {
        let own = found.remove(&Some(row.id)).unwrap_or_default();
        row.grants = Grants::of(&subject, &row.facts(), own.into_iter().chain(wide.iter().cloned()));
    }
    for row in rows.iter_mut().filter(|row| row.grants.iter().any(|grant| grant.conditions.check_out.is_some())) {
        row.grants = row.grants.clone().held(check_outs::possession(db, row.id, person).await?);
    }
    if rows.iter().any(|row| row.grants.ask_for_approval()) {
        let approved = requests::approved(db, person, None).await?;
        for row in rows {
            let here = approved.iter().filter(|(credential, _)| *credential == row.id);
            row.grants = row.grants.clone().with(here.map(|(_, approved)| approved.clone()));
        }
    }
    Ok(())
}
