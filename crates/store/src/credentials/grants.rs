//! Who may use a credential, and how.

use countersign_model::{CredentialId, Grant, Level, UserId};

use crate::{
    args,
    engine::{Error, MarkKeys, Row, Select, Transaction, corrupt},
    keys::marks,
    statements,
};

statements! {
    GRANT = "select token, reveal, session, extras, mark, person from credential_grant where person = $1 and credential = $2";
    GRANTS = "select g.person, p.name, p.role, g.token, g.reveal, g.session, g.extras, g.mark, g.person from credential_grant g \
              join person p on p.id = g.person where g.credential = $1 order by p.name_key";
    INSERT_GRANT = "insert into credential_grant (credential, person, token, reveal, session, extras, mark) \
                    values ($1, $2, $3, $4, $5, $6, $7)";
    DELETE_GRANTS = "delete from credential_grant where credential = $1";
}

/// What somebody was granted on a credential.
pub async fn grant(db: &mut impl Select, credential: CredentialId, person: UserId) -> Result<Option<Grant>, Error> {
    let row = db.fetch_optional(&GRANT, args![person.uuid(), credential.uuid()]).await?;
    Ok(row.map(|row| granted(db.keys(), credential, &row, 0)).transpose()?.flatten())
}

/// Somebody's grant on a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantRow {
    /// The person.
    pub person: UserId,
    /// Their name.
    pub name: String,
    /// Their role's name.
    pub role: String,
    /// What they may do.
    pub grant: Grant,
}

/// Who was granted what on a credential.
pub async fn grants(db: &mut impl Select, credential: CredentialId) -> Result<Vec<GrantRow>, Error> {
    let rows = db.fetch_all(&GRANTS, args![credential.uuid()]).await?;
    rows.iter()
        .map(|row| {
            Ok(GrantRow {
                person: UserId::from_uuid(row.get(0)?),
                name: row.get(1)?,
                role: row.get(2)?,
                grant: granted(db.keys(), credential, row, 3)?.unwrap_or_default(),
            })
        })
        .collect()
}

/// Says anew who may do what with a credential. [`Error::Dangling`] when a person is not there.
pub async fn set_grants(
    tx: &mut Transaction,
    credential: CredentialId,
    grants: &[(UserId, Grant)],
) -> Result<(), Error> {
    tx.execute(&DELETE_GRANTS, args![credential.uuid()]).await?;
    for (person, grant) in grants {
        let extras = serde_json::to_string(&grant.extras).expect("flags are plain");
        let level = grant.session.map(Level::name);
        let marked = marks::grant(credential.uuid(), person.uuid(), grant.token, grant.reveal, level, Some(&extras));
        let mark = tx.keys().mark(&marked)?;
        let values = args![credential.uuid(), person.uuid(), grant.token, grant.reveal, level, extras, mark];
        tx.execute(&INSERT_GRANT, values).await?;
    }
    Ok(())
}

/// A grant in the columns from `first`, its mark and person after it; none where nothing was joined.
pub(crate) fn granted(
    keys: &MarkKeys,
    credential: CredentialId,
    row: &Row,
    first: usize,
) -> Result<Option<Grant>, Error> {
    let (token, reveal) = (row.get::<Option<bool>>(first)?, row.get::<Option<bool>>(first + 1)?);
    let Some((token, reveal)) = token.zip(reveal) else { return Ok(None) };
    let level = row.get::<Option<String>>(first + 2)?;
    let extras = row.get::<Option<String>>(first + 3)?;
    let (mark, person) = (row.get::<Option<Vec<u8>>>(first + 4)?, row.get::<uuid::Uuid>(first + 5)?);
    let marked = marks::grant(credential.uuid(), person, token, reveal, level.as_deref(), extras.as_deref());
    keys.check("grant of user", &person.to_string(), &marked, mark.as_deref())?;
    Ok(Some(Grant {
        token,
        reveal,
        session: level.map(|text| text.parse().map_err(|_| corrupt("credential_grant.session"))).transpose()?,
        extras: extras
            .map(|text| serde_json::from_str(&text).map_err(|_| corrupt("credential_grant.extras")))
            .transpose()?
            .unwrap_or_default(),
    }))
}
