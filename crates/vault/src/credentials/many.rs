//! What acts on many credentials at once share: how many they may be, and those of them that somebody may know of.

use std::collections::{HashMap, HashSet};

use countersign_model::{Action, Actor, CredentialId, Invalid};
use countersign_store::{
    credentials::{self, CredentialRow},
    engine::Select,
};

use crate::{Conflict, Error, Vault, unit::Unit, vault::permit};

/// As many credentials, or grants, as are changed at once.
pub(crate) const MAX_AT_ONCE: usize = 1_000;

/// That they are some, not too many, and each named once.
pub(crate) fn each_once(ids: impl ExactSizeIterator<Item = CredentialId>) -> Result<(), Invalid> {
    let count = ids.len();
    if count == 0 || count > MAX_AT_ONCE {
        return Err(Invalid::new("credentials", format!("are {count}: name 1 to {MAX_AT_ONCE} at a time")));
    }
    let mut named = HashSet::new();
    for id in ids {
        if !named.insert(id) {
            return Err(Invalid::new("credentials", format!("name one twice: {id}")));
        }
    }
    Ok(())
}

/// Why one of them cannot be changed, with its name: the others go with it.
pub(crate) fn of_one(error: Error, row: Option<&CredentialRow>) -> Error {
    match (error, row) {
        (Error::Invalid(invalid), Some(row)) => {
            Invalid::new(invalid.field, format!("{}, for \"{}\"", invalid.problem, row.name)).into()
        }
        (error, _) => error,
    }
}

/// That one is not as it was seen.
pub(crate) fn edited(row: &CredentialRow) -> Error {
    Conflict::OneEdited { name: row.name.to_string() }.into()
}

impl Vault {
    /// Takes those that the actor may know of, so that nobody else writes what hangs on them before this transaction ends; in the order of
    /// their ids, in which everybody does. What is read of them counts only from here on.
    pub(crate) async fn hold_visible(&self, tx: &mut Unit, actor: &Actor, ids: &[CredentialId]) -> Result<(), Error> {
        let mut visible: Vec<CredentialId> = self.visible_of_many(tx, actor, ids).await?.into_keys().collect();
        visible.sort_unstable();
        for id in visible {
            credentials::hold(tx, id).await?;
        }
        Ok(())
    }

    /// Those of the credentials that the actor may know of, with what they were granted on each.
    pub(crate) async fn visible_of_many(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        ids: &[CredentialId],
    ) -> Result<HashMap<CredentialId, CredentialRow>, Error> {
        let rows = credentials::find_some(db, ids, Some(actor.user)).await?;
        let visible =
            |row: &CredentialRow| permit(actor, Action::SeeCredential, &row.grants, &self.asked(actor)).is_ok();
        Ok(rows.into_iter().filter(visible).map(|row| (row.id, row)).collect())
    }
}
