//! Credentials that were removed and can be restored: rows of tables of their own, so that what reads credentials, their secrets
//! or their grants finds none of them.

use countersign_model::{ChangeTrigger, CredentialId, SiteAddress, SiteSettings, Timestamp, VersionId};
use countersign_seal::{MarkedRow, Sealed};
use uuid::Uuid;

use super::credential::{CredentialRow, columns, second_factor_values, unmarked};
use crate::{
    args,
    automation::AutomationRow,
    credentials::secrets::{self, NewSeed, SeedRow},
    engine::{Error, MarkKeys, Row, Select, Transaction, corrupt},
    keys::marks,
    statements,
};

macro_rules! all {
    () => {
        concat!(
            "select ",
            columns!(),
            ", c.seed_version, c.seed, c.seed_print, c.counter, c.settings, c.redirected_at, c.removed_at, c.removed_by, \
             c.deleted_at, c.next_change_at, c.next_change_because from removed_credential c "
        )
    };
}

macro_rules! granted {
    () => {
        "id, person, grp, credential, token, reveal, session, extras, change, edit, share, audit, conditions, transfer, \
         starts_at, ends_at, created_at, created_by, mark"
    };
}

macro_rules! passwords {
    () => {
        "id, credential, number, state, sealed, created_at, created_by, print, proven_at, confirmed_at, confirmed_by"
    };
}

macro_rules! steps {
    () => {
        "credential, step, person, name, machine, claimed, at"
    };
}

statements! {
    INSERT = "insert into removed_credential (id, name, username, site, notes, status, revision, has_password, kind, algorithm, \
              digits, period, created_at, updated_at, password_changed_at, tags, seed_version, seed, seed_print, counter, \
              settings, redirected_at, removed_at, removed_by, deleted_at, mark, next_change_at, next_change_because) \
              select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, s.version, s.sealed, s.print, \
              s.counter, $17, $18, $19, $20, $21, $22, $23, $24 from (select 1 as one) o left join seed s on s.credential = $1";
    KEEP_PASSWORDS = concat!("insert into removed_password (", passwords!(), ") select ", passwords!(),
                             " from password_version where credential = $1");
    // Who takes a grant back or edits it at the same moment is waited for, and what they leave is kept.
    HOLD_GRANTS = "update access_grant set credential = credential where credential = $1";
    KEEP_GRANTS = concat!("insert into removed_grant (", granted!(), ") select ", granted!(),
                          " from access_grant where credential = $1");
    // Stronger than to hold a credential for an edit: nobody grants it, asks for it or takes its token until the transaction ends.
    HOLD_CREDENTIAL = "update credential set revision = revision where id = $1 returning id",
        postgres: "select id from credential where id = $1 for update";
    HOLD = "update removed_credential set revision = revision where id = $1";
    KEEP_STEPS = concat!("insert into removed_step (", steps!(), ") select ", steps!(), " from step_use where credential = $1");
    STEPS_BACK = concat!("insert into step_use (", steps!(), ") select ", steps!(), " from removed_step where credential = $1");
    // Their changes are gone with the credential, so what a version was proven by is said no more.
    PASSWORDS_BACK = concat!("insert into password_version (", passwords!(), ") select ", passwords!(),
                             " from removed_password where credential = $1");
    GRANTS_BACK = concat!("insert into access_grant (", granted!(), ") select ", granted!(),
                          " from removed_grant where credential = $1");
    BY_ID = concat!(all!(), "where c.id = $1");
    LIST = concat!(all!(), "where $1 is null or c.removed_at < $1 or (c.removed_at = $1 and c.id < $2) \
                   order by c.removed_at desc, c.id desc limit $3");
    NAME = "select name from removed_credential where id = $1";
    OVER = "select id, name from removed_credential where deleted_at <= $1 order by deleted_at limit $2";
    COUNT = "select count(*) from removed_credential";
    IDS = "select id from removed_credential";
    DELETE = "delete from removed_credential where id = $1";
}

/// A credential that was removed.
#[derive(Debug, Clone)]
pub struct RemovedRow {
    /// As it was when it was removed; without grants.
    pub credential: CredentialRow,
    /// Its setup key, sealed.
    pub seed: Option<NewSeed>,
    /// How its site was dealt with, where anything was said.
    pub site: Option<RemovedSite>,
    /// When it was removed.
    pub removed_at: Timestamp,
    /// By whom, as the log names them.
    pub removed_by: String,
    /// When it is deleted with all its secrets.
    pub deleted_at: Timestamp,
}

/// How the site of a removed credential was dealt with.
#[derive(Debug, Clone)]
pub struct RemovedSite {
    /// What the owner wishes.
    pub settings: SiteSettings,
    /// When its secrets were last pointed to an origin that no person has tried since.
    pub redirected_at: Option<Timestamp>,
    /// The change that somebody's use of it has caused and that has not come yet.
    pub owed: Option<(Timestamp, ChangeTrigger)>,
}

/// When a credential was removed, by whom, and until when it is kept.
#[derive(Debug, Clone, Copy)]
pub struct Removal<'a> {
    /// When.
    pub at: Timestamp,
    /// By whom, as the log names them.
    pub by: &'a str,
    /// When it is deleted.
    pub deleted_at: Timestamp,
}

/// Keeps a credential that is removed in the same transaction, with its secrets and with what was granted on it alone. False
/// when it is kept without its setup key, whose counter somebody else has written.
pub async fn keep(
    tx: &mut Transaction,
    row: &CredentialRow,
    automation: Option<&AutomationRow>,
    removal: &Removal<'_>,
) -> Result<bool, Error> {
    let counter = match secrets::seed(tx, row.id).await? {
        Some(seed) => match secrets::hold_counter(tx, row.id, seed.version).await {
            Err(Error::Tampered { .. }) => {
                secrets::delete_seed(tx, row.id).await?;
                let without = CredentialRow { second_factor: None, ..row.clone() };
                Box::pin(keep(tx, &without, automation, removal)).await?;
                return Ok(false);
            }
            counter => counter?,
        },
        None => None,
    };
    let owed = automation.and_then(|row| row.next_change);
    let settings = automation.map(|row| serde_json::to_string(&row.settings).expect("settings are plain"));
    let redirected_at = automation.and_then(|row| row.redirected_at);
    let (kind, algorithm, digits, period) = second_factor_values(row.second_factor.as_ref());
    let marked = Marked { row, counter, settings: settings.as_deref(), redirected_at, removal: *removal };
    let values = args![
        row.id.uuid(),
        row.name.as_str(),
        row.username.as_str(),
        row.site.as_ref().map(SiteAddress::as_str),
        row.notes.as_str(),
        row.status.name(),
        row.revision,
        row.has_password,
        kind,
        algorithm,
        digits,
        period,
        row.created_at,
        row.updated_at,
        row.password_changed_at,
        row.tags(),
        settings.clone(),
        redirected_at,
        removal.at,
        removal.by,
        removal.deleted_at,
        tx.keys().mark(&marked.row())?,
        owed.map(|(at, _)| at),
        owed.map(|(_, because)| because.name()),
    ];
    tx.execute(&INSERT, values).await?;
    tx.execute(&KEEP_PASSWORDS, args![row.id.uuid()]).await?;
    tx.execute(&KEEP_STEPS, args![row.id.uuid()]).await?;
    tx.execute(&HOLD_GRANTS, args![row.id.uuid()]).await?;
    tx.execute(&KEEP_GRANTS, args![row.id.uuid()]).await?;
    Ok(true)
}

/// Gives the credential, which is there again, its passwords, the steps that were used and the grants on it alone back. Those of people and groups that
/// are gone went with them.
pub async fn give_back(tx: &mut Transaction, id: CredentialId) -> Result<u64, Error> {
    tx.execute(&PASSWORDS_BACK, args![id.uuid()]).await?;
    tx.execute(&STEPS_BACK, args![id.uuid()]).await?;
    tx.execute(&GRANTS_BACK, args![id.uuid()]).await
}

/// Takes a credential that is about to be removed, for this transaction alone. False when it is gone.
pub async fn hold_credential(tx: &mut Transaction, id: CredentialId) -> Result<bool, Error> {
    Ok(tx.fetch_optional(&HOLD_CREDENTIAL, args![id.uuid()]).await?.is_some())
}

/// Takes a removed credential: nobody else restores or deletes it before the transaction ends. False when it is gone.
pub async fn hold(tx: &mut Transaction, id: CredentialId) -> Result<bool, Error> {
    Ok(tx.execute(&HOLD, args![id.uuid()]).await? == 1)
}

/// Deletes one with all its secrets. False when there is none of that id.
pub async fn delete(tx: &mut Transaction, id: CredentialId) -> Result<bool, Error> {
    Ok(tx.execute(&DELETE, args![id.uuid()]).await? == 1)
}

/// The removed credential of that id.
pub async fn find(db: &mut impl Select, id: CredentialId) -> Result<Option<RemovedRow>, Error> {
    db.fetch_optional(&BY_ID, args![id.uuid()]).await?.map(|row| removed(db.keys(), &row)).transpose()
}

/// Those that were removed before a place in the list, the last removed first.
pub async fn list(
    db: &mut impl Select,
    before: Option<(Timestamp, CredentialId)>,
    limit: u32,
) -> Result<Vec<RemovedRow>, Error> {
    let (at, id) = before.unzip();
    let rows = db.fetch_all(&LIST, args![at, id.map(|id| id.uuid()), limit]).await?;
    rows.iter().map(|row| removed(db.keys(), row)).collect()
}

/// Those whose time is over, at most `limit`, with their names. What is to be deleted needs nobody to vouch for it.
pub async fn over(db: &mut impl Select, now: Timestamp, limit: u32) -> Result<Vec<(CredentialId, String)>, Error> {
    let rows = db.fetch_all(&OVER, args![now, limit]).await?;
    rows.iter().map(|row| Ok((CredentialId::from_uuid(row.get(0)?), row.get(1)?))).collect()
}

/// What one is called, whoever has written it.
pub async fn name(db: &mut impl Select, id: CredentialId) -> Result<Option<String>, Error> {
    db.fetch_optional(&NAME, args![id.uuid()]).await?.map(|row| row.get(0)).transpose()
}

/// How many there are.
pub async fn count(db: &mut impl Select) -> Result<i64, Error> {
    db.fetch_one(&COUNT, args![]).await?.get(0)
}

/// The ids of all.
pub async fn all_ids(db: &mut impl Select) -> Result<Vec<Uuid>, Error> {
    db.fetch_all(&IDS, args![]).await?.iter().map(|row| row.get(0)).collect()
}

/// What the mark of a removed credential covers.
struct Marked<'a> {
    row: &'a CredentialRow,
    counter: Option<i64>,
    settings: Option<&'a str>,
    redirected_at: Option<Timestamp>,
    removal: Removal<'a>,
}

impl Marked<'_> {
    fn row(&self) -> MarkedRow {
        let tags = self.row.tags();
        let of_credential = marks::MarkedCredential {
            id: self.row.id.uuid(),
            name: self.row.name.as_str(),
            username: self.row.username.as_str(),
            site: self.row.site.as_ref().map(SiteAddress::as_str),
            status: self.row.status.name(),
            tags: &tags,
        };
        marks::MarkedRemoved {
            credential: of_credential,
            counter: self.counter,
            settings: self.settings,
            redirected_at: self.redirected_at,
            removed_at: self.removal.at,
            removed_by: self.removal.by,
            deleted_at: self.removal.deleted_at,
        }
        .row()
    }
}

fn removed(keys: &MarkKeys, row: &Row) -> Result<RemovedRow, Error> {
    let credential = unmarked(row)?;
    let (version, sealed, print): (Option<Uuid>, Option<Vec<u8>>, Option<Vec<u8>>) =
        (row.get(17)?, row.get(18)?, row.get(19)?);
    let counter: Option<i64> = row.get(20)?;
    let (settings, redirected_at): (Option<String>, Option<Timestamp>) = (row.get(21)?, row.get(22)?);
    let (removed_at, removed_by, deleted_at): (Timestamp, String, Timestamp) =
        (row.get(23)?, row.get(24)?, row.get(25)?);
    let removal = Removal { at: removed_at, by: &removed_by, deleted_at };
    let marked = Marked { row: &credential, counter, settings: settings.as_deref(), redirected_at, removal };
    let mark = row.get::<Option<Vec<u8>>>(16)?;
    keys.check("removed credential", credential.name.as_str(), &marked.row(), mark.as_deref())?;
    let seed = match (version, sealed, print) {
        (Some(version), Some(sealed), Some(print)) => Some(NewSeed {
            credential: credential.id,
            seed: SeedRow { version: VersionId::from_uuid(version), sealed: Sealed::from_bytes(sealed), counter },
            print: print.try_into().map_err(|_| corrupt("removed_credential.seed_print"))?,
        }),
        _ => None,
    };
    let settings = settings
        .map(|text| serde_json::from_str(&text).map_err(|_| corrupt("removed_credential.settings")))
        .transpose()?;
    let because: Option<String> = row.get(27)?;
    let because =
        because.map(|text| text.parse().map_err(|_| corrupt("removed_credential.next_change_because"))).transpose()?;
    let owed = row.get::<Option<Timestamp>>(26)?.zip(because);
    let site = settings.map(|settings| RemovedSite { settings, redirected_at, owed });
    Ok(RemovedRow { credential, seed, site, removed_at, removed_by, deleted_at })
}
