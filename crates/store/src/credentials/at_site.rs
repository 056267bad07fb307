//! Which credentials may be of a site, by the host of an address of theirs.

use countersign_model::{CredentialId, Timestamp, UserId};

use super::grants::granted;
use crate::{
    args,
    engine::{Error, Select},
    like::contains,
    statements,
};

statements! {
    // Settings are JSON, so an address in them stands between quotes. What is found is no more than worth a look. `$4` null: whatever
    // was granted.
    AT_HOST = concat!(granted!("$4", "$5", ""), "select c.id from credential c where c.status = 'active' \
               and (c.site_host = $1 or c.id in (select a.credential from automation a where a.settings like $2 escape '\\')) \
               and ($4 is null or c.id in (select credential from granted)) order by c.name_order, c.id limit $3");
}

/// Credentials in use that have an address at that host, or one that holds it, by name; of one person, those that were granted to them.
/// Whether an address is theirs, their own rows tell.
pub async fn at_host(
    db: &mut impl Select,
    host: &str,
    (granted_to, now): (Option<UserId>, Timestamp),
    limit: u32,
) -> Result<Vec<CredentialId>, Error> {
    let person = granted_to.map(UserId::uuid);
    let rows = db.fetch_all(&AT_HOST, args![host, contains(&format!("://{host}")), limit, person, now]).await?;
    rows.iter().map(|row| Ok(CredentialId::from_uuid(row.get(0)?))).collect()
}
