//! Who may use which credentials, and how. [`Grants`] is what one person has on one credential; what decides is
//! `countersign_model::decide`.

use std::collections::{HashMap, HashSet};

use countersign_model::{
    CredentialFacts, CredentialId, Grant, GrantConditions, GrantId, GrantPermissions, GrantSubject, GrantTarget,
    Grants, GroupId, Level, Principal, SiteHost, Tag, UserId,
};
use uuid::Uuid;

use super::decisions::{GrantDecision, put_decision};
use crate::{
    args, check_outs,
    engine::{Error, MarkKeys, Row, Select, Transaction, Value, corrupt},
    groups::{self, mine},
    keys::marks,
    requests, statements,
};

// In the order in which a mark reads them ([`marks::with_grant`]).
macro_rules! columns {
    () => {
        "g.id, g.mark, g.person, g.grp, g.credential, g.tag, g.site, g.token, g.reveal, g.session, g.extras, g.change, \
         g.edit, g.share, g.audit, g.conditions, g.transfer"
    };
}

pub(super) use columns;

/// The credentials that a person may see at a time, as `granted`, for lists: what comes out of them is decided again. `$also`
/// narrows the grants `g`.
macro_rules! granted {
    ($who:literal, $now:literal, $also:literal) => {
        concat!(
            $crate::groups::mine!($who),
            ", held (credential, tag, site) as (select g.credential, g.tag, g.site from access_grant g where (g.person = ",
            $who,
            " or g.grp in (select id from mine)) and (g.starts_at is null or g.starts_at <= ",
            $now,
            ") and (g.ends_at is null or g.ends_at > ",
            $now,
            ")",
            $also,
            "), granted (credential) as (select h.credential from held h where h.credential is not null \
             union select t.credential from held h join credential_tag t on t.tag = h.tag \
             union select c.id from held h join credential c on c.site_host = h.site) "
        )
    };
}
pub(crate) use granted;

statements! {
    BY_ID = concat!("select ", columns!(), " from access_grant g where g.id = $1");
    // `$2` null: those that are on no single credential alone.
    OF_PERSON = concat!(mine!("$1"), " select ", columns!(), " from access_grant g where (g.person = $1 or g.grp in \
        (select id from mine)) and (g.credential is null or g.credential = $2)");
    OF_PERSON_ON_SOME = concat!(mine!("$1"), " select ", columns!(), " from access_grant g where (g.person = $1 or g.grp in \
        (select id from mine)) and g.credential in ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, \
        $18, $19, $20, $21, $22, $23, $24, $25, $26)");
    ON = concat!("select ", columns!(), " from access_grant g where g.credential is null or g.credential = $1 order by g.id");
    LIST = concat!("select ", columns!(), " from access_grant g where ($1 is null or g.person = $1) \
        and ($2 is null or g.grp = $2) and ($3 is null or g.tag = $3) and ($4 is null or g.site = $4) \
        and ($5 is null or g.credential = $5) and ($6 is null or g.id > $6) order by g.id limit $7");
    INSERT = "insert into access_grant (id, mark, person, grp, credential, tag, site, token, reveal, session, extras, change, \
              edit, share, audit, conditions, transfer, starts_at, ends_at, created_at, created_by) \
              values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)";
    UPDATE = "update access_grant set mark = $2, person = $3, grp = $4, credential = $5, tag = $6, site = $7, token = $8, \
              reveal = $9, session = $10, extras = $11, change = $12, edit = $13, share = $14, audit = $15, conditions = $16, \
              transfer = $17, starts_at = $18, ends_at = $19 where id = $1";
    TAGS = "select distinct tag from access_grant where tag is not null";
    SITES = "select distinct site from access_grant where site is not null";
    DELETE = "delete from access_grant where id = $1";
    DELETE_DIRECT = "delete from access_grant where credential = $1 and person is not null and conditions = '{}'";
    // Where the id of a group stands in what is asked for; what is found is read.
    ASKING = concat!("select ", columns!(), " from access_grant g where g.conditions like $1");
    REMOVED_ASKING = "select id, mark, person, grp, credential, cast(null as text), cast(null as text), token, reveal, session, \
                      extras, change, edit, share, audit, conditions, transfer from removed_grant where conditions like $1";
    COUNT = "select count(*) from access_grant";
}

/// How many credentials are asked for at once: half a page of the usual size.
pub(super) const AT_ONCE: usize = 25;

/// What a person was granted on a credential, by themselves and by groups, on it alone and by its tags and site; with what was approved
/// to them there.
pub async fn grants_of(
    db: &mut impl Select,
    person: UserId,
    credential: &CredentialFacts<'_>,
) -> Result<Grants, Error> {
    let rows = db.fetch_all(&OF_PERSON, args![person.uuid(), credential.id.uuid()]).await?;
    let found = read(db.keys(), &rows)?;
    let subject = subject(db, person, &found).await?;
    let grants = Grants::of(&subject, credential, found);
    // Whoever has no grant is not kept away from anything by it.
    let grants =
        if grants.is_empty() { grants } else { grants.held(check_outs::possession(db, credential.id, person).await?) };
    if !grants.ask_for_approval() {
        return Ok(grants);
    }
    let approved = requests::approved(db, person, Some(credential.id)).await?;
    Ok(grants.with(approved.into_iter().map(|(_, approved)| approved)))
}

/// Grants of a person that may be on these credentials, by the credential; those by tag and site under `None`.
pub(super) async fn held_on(
    db: &mut impl Select,
    person: UserId,
    ids: &[CredentialId],
) -> Result<HashMap<Option<CredentialId>, Vec<Grant>>, Error> {
    let mut rows = db.fetch_all(&OF_PERSON, args![person.uuid(), None::<Uuid>]).await?;
    for some in ids.chunks(AT_ONCE) {
        let mut values = vec![Value::from(person.uuid())];
        values.extend(places(some));
        rows.extend(db.fetch_all(&OF_PERSON_ON_SOME, values).await?);
    }
    let mut found: HashMap<_, Vec<_>> = HashMap::new();
    for grant in read(db.keys(), &rows)? {
        let on = if let GrantTarget::Credential(id) = grant.target { Some(id) } else { None };
        found.entry(on).or_default().push(grant);
    }
    Ok(found)
}

/// The ids of a chunk for [`AT_ONCE`] places: those that are left over ask for the last one again.
pub(super) fn places(ids: &[CredentialId]) -> impl Iterator<Item = Value> {
    let last = ids.last().map(|id| id.uuid()).unwrap_or_default();
    (0..AT_ONCE).map(move |at| Value::from(ids.get(at).map_or(last, |id| id.uuid())))
}

/// The person with their groups, which are read only where a group was granted something.
pub(super) async fn subject(db: &mut impl Select, person: UserId, grants: &[Grant]) -> Result<GrantSubject, Error> {
    let by_group = grants.iter().any(|grant| matches!(grant.holder, Principal::Group(_)));
    let groups = if by_group { groups::groups_of(db, person).await? } else { Default::default() };
    Ok(GrantSubject { user: person, groups })
}

/// Every grant that is on a credential, whoever has it.
pub async fn grants_on(db: &mut impl Select, credential: &CredentialFacts<'_>) -> Result<Vec<Grant>, Error> {
    let rows = db.fetch_all(&ON, args![credential.id.uuid()]).await?;
    let mut found = read(db.keys(), &rows)?;
    found.retain(|grant| grant.target.is_on(credential));
    Ok(found)
}

/// Which grants to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GrantFilter {
    /// For this one, and not by its groups.
    pub holder: Option<Principal>,
    /// On exactly this.
    pub target: Option<GrantTarget>,
    /// After this one in the list.
    pub after: Option<GrantId>,
}

/// A page of grants, in the order in which they were made.
pub async fn list_grants(db: &mut impl Select, filter: &GrantFilter, limit: u32) -> Result<Vec<Grant>, Error> {
    let (person, group) = holder_values(filter.holder);
    let (credential, tag, site) = target_values(filter.target.as_ref());
    let after = filter.after.map(GrantId::uuid);
    let rows = db.fetch_all(&LIST, args![person, group, tag, site, credential, after, limit]).await?;
    read(db.keys(), &rows)
}

/// The grant of that id.
pub async fn find_grant(db: &mut impl Select, id: GrantId) -> Result<Option<Grant>, Error> {
    db.fetch_optional(&BY_ID, args![id.uuid()]).await?.map(|row| grant(db.keys(), &row)).transpose()
}

/// How many grants ask for the approval of a group.
pub async fn grants_asking(db: &mut impl Select, group: GroupId) -> Result<usize, Error> {
    let mut rows = db.fetch_all(&ASKING, args![format!("%\"{group}\"%")]).await?;
    // Those in the bin come back with their credentials.
    rows.extend(db.fetch_all(&REMOVED_ASKING, args![format!("%\"{group}\"%")]).await?);
    let asks = |grant: &Grant| grant.conditions.approval.as_ref().is_some_and(|rule| rule.asks(group));
    Ok(read(db.keys(), &rows)?.iter().filter(|grant| asks(grant)).count())
}

/// The tags by which something was granted, to whomever.
pub async fn granted_tags(db: &mut impl Select) -> Result<HashSet<String>, Error> {
    db.fetch_all(&TAGS, args![]).await?.iter().map(|row| row.get(0)).collect()
}

/// The hosts of sites by which something was granted, to whomever.
pub async fn granted_sites(db: &mut impl Select) -> Result<HashSet<String>, Error> {
    db.fetch_all(&SITES, args![]).await?.iter().map(|row| row.get(0)).collect()
}

/// How many grants there are.
pub async fn count_grants(db: &mut impl Select) -> Result<i64, Error> {
    db.fetch_one(&COUNT, args![]).await?.get(0)
}

/// Adds a grant, as it was decided. [`Error::Dangling`] when whom it is for or what it is on is not there.
pub async fn insert_grant(tx: &mut Transaction, grant: &Grant, decision: &GrantDecision) -> Result<(), Error> {
    let mut values = values(tx.keys(), grant)?;
    values.extend(args![decision.at, &decision.by]);
    tx.execute(&INSERT, values).await?;
    put_decision(tx, grant.id, decision).await
}

/// Writes a grant anew, as it was decided. False when it is gone.
pub async fn update_grant(tx: &mut Transaction, grant: &Grant, decision: &GrantDecision) -> Result<bool, Error> {
    let values = values(tx.keys(), grant)?;
    if tx.execute(&UPDATE, values).await? != 1 {
        return Ok(false);
    }
    put_decision(tx, grant.id, decision).await?;
    Ok(true)
}

/// Takes a grant back. False when it is gone.
pub async fn delete_grant(tx: &mut Transaction, id: GrantId) -> Result<bool, Error> {
    Ok(tx.execute(&DELETE, args![id.uuid()]).await? == 1)
}

/// Takes back what people were granted on a credential alone and without conditions, also where its mark is not its own.
pub async fn delete_direct(tx: &mut Transaction, credential: CredentialId) -> Result<(), Error> {
    tx.execute(&DELETE_DIRECT, args![credential.uuid()]).await.map(drop)
}

fn holder_values(holder: Option<Principal>) -> (Option<Uuid>, Option<Uuid>) {
    match holder {
        Some(Principal::User(id)) => (Some(id.uuid()), None),
        Some(Principal::Group(id)) => (None, Some(id.uuid())),
        None => (None, None),
    }
}

fn target_values(target: Option<&GrantTarget>) -> (Option<Uuid>, Option<&str>, Option<&str>) {
    match target {
        Some(GrantTarget::Credential(id)) => (Some(id.uuid()), None, None),
        Some(GrantTarget::Tag(tag)) => (None, Some(tag.as_str()), None),
        Some(GrantTarget::Site(host)) => (None, None, Some(host.as_str())),
        None => (None, None, None),
    }
}

/// From the id to the end, as [`INSERT`] and [`UPDATE`] take them.
fn values(keys: &MarkKeys, grant: &Grant) -> Result<Vec<Value>, Error> {
    let Grant { id, holder, target, permissions, conditions } = grant;
    let (person, grp) = holder_values(Some(*holder));
    let (credential, tag, site) = target_values(Some(target));
    let extras = serde_json::to_string(&permissions.extras).expect("flags are plain");
    let text = serde_json::to_string(conditions).expect("conditions are plain");
    let marked = marks::MarkedGrant {
        id: id.uuid(),
        person,
        grp,
        credential,
        tag,
        site,
        token: permissions.token,
        reveal: permissions.reveal,
        session: permissions.session.map(Level::name),
        extras: Some(&extras),
        change: permissions.change,
        edit: permissions.edit,
        share: permissions.share,
        audit: permissions.audit,
        transfer: permissions.transfer,
        conditions: &text,
    };
    let mark = keys.mark(&marked.row())?;
    let marks::MarkedGrant { token, reveal, session, change, edit, share, audit, transfer, .. } = marked;
    let head = args![id.uuid(), mark, person, grp, credential, tag, site, token, reveal, session, &extras];
    let tail = args![change, edit, share, audit, &text, transfer, conditions.from, conditions.until];
    Ok(head.into_iter().chain(tail).collect())
}

fn read(keys: &MarkKeys, rows: &[Row]) -> Result<Vec<Grant>, Error> {
    rows.iter().map(|row| grant(keys, row)).collect()
}

/// A row of [`columns`], if this vault has written it.
pub(super) fn grant(keys: &MarkKeys, row: &Row) -> Result<Grant, Error> {
    let mark: Option<Vec<u8>> = row.get(1)?;
    marks::with_grant(row, |marked| granted_by(keys, marked, mark.as_deref()))?
}

fn granted_by(keys: &MarkKeys, marked: &marks::MarkedGrant<'_>, mark: Option<&[u8]>) -> Result<Grant, Error> {
    let holder = match (marked.person, marked.grp) {
        (Some(id), None) => Principal::User(UserId::from_uuid(id)),
        (None, Some(id)) => Principal::Group(GroupId::from_uuid(id)),
        _ => return Err(corrupt("access_grant.person")),
    };
    let (what, who) = match holder {
        Principal::User(id) => ("grant of user", id.uuid()),
        Principal::Group(id) => ("grant of group", id.uuid()),
    };
    keys.check(what, &who.to_string(), &marked.row(), mark)?;
    let target = match (marked.credential, marked.tag, marked.site) {
        (Some(id), None, None) => GrantTarget::Credential(CredentialId::from_uuid(id)),
        (None, Some(tag), None) => GrantTarget::Tag(Tag::parse(tag).map_err(|_| corrupt("access_grant.tag"))?),
        (None, None, Some(host)) => {
            GrantTarget::Site(host.parse::<SiteHost>().map_err(|_| corrupt("access_grant.site"))?)
        }
        _ => return Err(corrupt("access_grant.credential")),
    };
    let extras = marked.extras.map(|text| serde_json::from_str(text).map_err(|_| corrupt("access_grant.extras")));
    let permissions = GrantPermissions {
        token: marked.token,
        reveal: marked.reveal,
        session: marked.session.map(|text| text.parse().map_err(|_| corrupt("access_grant.session"))).transpose()?,
        extras: extras.transpose()?.unwrap_or_default(),
        change: marked.change,
        edit: marked.edit,
        share: marked.share,
        audit: marked.audit,
        transfer: marked.transfer,
    };
    // A condition that this program does not know is not passed over.
    let conditions: GrantConditions =
        serde_json::from_str(marked.conditions).map_err(|_| corrupt("access_grant.conditions"))?;
    Ok(Grant { id: GrantId::from_uuid(marked.id), holder, target, permissions, conditions })
}
