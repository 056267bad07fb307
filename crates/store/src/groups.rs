//! Groups of people, and who is directly in each: a person, or another group.

use std::collections::BTreeSet;

use countersign_model::{GroupId, GroupName, Memberships, Principal, Timestamp, UserId, order_key, search_key};
use uuid::Uuid;

use crate::{
    args,
    engine::{Error, MarkKeys, Row, Select, Transaction, corrupt},
    keys::marks,
    statements,
};

/// The groups of the person `$1`, by all the groups in between.
macro_rules! mine {
    ($who:literal) => {
        concat!(
            "with recursive mine (id) as (select m.grp from group_member m where m.person = ",
            $who,
            " union select m.grp from group_member m join mine on m.inner_grp = mine.id)"
        )
    };
}
pub(crate) use mine;

statements! {
    INSERT = "insert into person_group (id, name, name_key, created_at, mark) values ($1, $2, $3, $4, $5)";
    RENAME = "update person_group set name = $2, name_key = $3, mark = $4 where id = $1";
    DELETE = "delete from person_group where id = $1";
    BY_ID = "select id, mark, name, created_at from person_group where id = $1";
    BY_NAME = "select id, mark, name, created_at from person_group where name_key = $1";
    ALL = "select id, mark, name, created_at from person_group order by name_key limit $1";
    COUNT = "select count(*) from person_group";
    MEMBERS = "select id, mark, grp, person, inner_grp, by_provider from group_member where grp = $1 order by id";
    EVERY_MEMBER = "select id, mark, grp, person, inner_grp, by_provider from group_member";
    DIRECTLY = "select id, mark, grp, person, inner_grp, by_provider from group_member where person = $1";
    BY_PROVIDER = "select id, mark, grp, person, inner_grp, by_provider from group_member where by_provider";
    OF_PERSON = concat!(mine!("$1"), " select m.id, m.mark, m.grp, m.person, m.inner_grp, m.by_provider from group_member m \
        where m.person = $1 or m.inner_grp in (select id from mine)");
    ADD_MEMBER = "insert into group_member (id, grp, person, inner_grp, mark, by_provider) values ($1, $2, $3, $4, $5, $6)";
    REMOVE_MEMBER = "delete from group_member where grp = $1 and (person = $2 or inner_grp = $2)";
}

/// A group as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRow {
    /// Its id.
    pub id: GroupId,
    /// What the team calls it.
    pub name: GroupName,
    /// When it was made.
    pub created_at: Timestamp,
}

/// Adds a group. [`Error::Conflict`] on `person_group.name_key` when the name is taken.
pub async fn insert(tx: &mut Transaction, row: &GroupRow) -> Result<(), Error> {
    let mark = tx.keys().mark(&marks::group(row.id.uuid(), row.name.as_str()))?;
    let key = search_key(row.name.as_str());
    tx.execute(&INSERT, args![row.id.uuid(), row.name.as_str(), key, row.created_at, mark]).await.map(drop)
}

/// Gives a group another name. [`Error::Conflict`] on `person_group.name_key` when the name is taken; false when it is gone.
pub async fn rename(tx: &mut Transaction, id: GroupId, name: &GroupName) -> Result<bool, Error> {
    let mark = tx.keys().mark(&marks::group(id.uuid(), name.as_str()))?;
    Ok(tx.execute(&RENAME, args![id.uuid(), name.as_str(), search_key(name.as_str()), mark]).await? == 1)
}

/// Removes a group with what was granted to it. False when it is gone.
pub async fn delete(tx: &mut Transaction, id: GroupId) -> Result<bool, Error> {
    Ok(tx.execute(&DELETE, args![id.uuid()]).await? == 1)
}

/// The group of that id.
pub async fn find(db: &mut impl Select, id: GroupId) -> Result<Option<GroupRow>, Error> {
    db.fetch_optional(&BY_ID, args![id.uuid()]).await?.map(|row| group(db.keys(), &row)).transpose()
}

/// The group of that name, whatever the case of its letters.
pub async fn find_by_name(db: &mut impl Select, name: &str) -> Result<Option<GroupRow>, Error> {
    let row = db.fetch_optional(&BY_NAME, args![search_key(name.trim())]).await?;
    row.map(|row| group(db.keys(), &row)).transpose()
}

/// Groups by name, at most `limit`.
pub async fn all(db: &mut impl Select, limit: u32) -> Result<Vec<GroupRow>, Error> {
    let rows = db.fetch_all(&ALL, args![limit]).await?;
    let mut groups: Vec<_> = rows.iter().map(|row| group(db.keys(), row)).collect::<Result<_, _>>()?;
    groups.sort_by_cached_key(|group| order_key(&search_key(group.name.as_str())));
    Ok(groups)
}

/// How many groups there are.
pub async fn count(db: &mut impl Select) -> Result<i64, Error> {
    db.fetch_one(&COUNT, args![]).await?.get(0)
}

/// Somebody, or a group, directly in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemberRow {
    /// The group.
    pub group: GroupId,
    /// Who is in it.
    pub member: Principal,
    /// Whether the provider's word has brought them there.
    pub by_provider: bool,
}

/// Who is directly in a group, in the order in which they came.
pub async fn members(db: &mut impl Select, group: GroupId) -> Result<Vec<MemberRow>, Error> {
    let rows = db.fetch_all(&MEMBERS, args![group.uuid()]).await?;
    rows.iter().map(|row| member(db.keys(), row)).collect()
}

/// The groups that a person is directly in.
pub async fn directly_in(db: &mut impl Select, person: UserId) -> Result<Vec<MemberRow>, Error> {
    let rows = db.fetch_all(&DIRECTLY, args![person.uuid()]).await?;
    rows.iter().map(|row| member(db.keys(), row)).collect()
}

/// Everybody whom the provider's word has brought into a group.
pub async fn by_provider(db: &mut impl Select) -> Result<Vec<MemberRow>, Error> {
    db.fetch_all(&BY_PROVIDER, args![]).await?.iter().map(|row| member(db.keys(), row)).collect()
}

/// Who is directly in which group, of all groups.
pub async fn memberships(db: &mut impl Select) -> Result<Memberships, Error> {
    let rows = db.fetch_all(&EVERY_MEMBER, args![]).await?;
    edges(db.keys(), &rows)
}

/// Every group that a person is in, directly or by a group in it.
pub async fn groups_of(db: &mut impl Select, person: UserId) -> Result<BTreeSet<GroupId>, Error> {
    let rows = db.fetch_all(&OF_PERSON, args![person.uuid()]).await?;
    Ok(edges(db.keys(), &rows)?.groups_of(Principal::User(person)))
}

/// Puts somebody into a group. `id` names this membership. [`Error::Conflict`] when they are in it, [`Error::Dangling`] when one of the
/// two is not there.
pub async fn add_member(tx: &mut Transaction, id: Uuid, row: MemberRow) -> Result<(), Error> {
    let MemberRow { group, member, by_provider } = row;
    let (person, inner) = match member {
        Principal::User(person) => (Some(person.uuid()), None),
        Principal::Group(inner) => (None, Some(inner.uuid())),
    };
    let mark = tx.keys().mark(&marks::group_member(id, group.uuid(), person, inner, by_provider))?;
    tx.execute(&ADD_MEMBER, args![id, group.uuid(), person, inner, mark, by_provider]).await.map(drop)
}

/// Takes somebody out of a group. False when they were not directly in it.
pub async fn remove_member(tx: &mut Transaction, group: GroupId, member: Principal) -> Result<bool, Error> {
    let id = match member {
        Principal::User(person) => person.uuid(),
        Principal::Group(inner) => inner.uuid(),
    };
    Ok(tx.execute(&REMOVE_MEMBER, args![group.uuid(), id]).await? > 0)
}

fn group(keys: &MarkKeys, row: &Row) -> Result<GroupRow, Error> {
    let (id, name): (Uuid, String) = (row.get(0)?, row.get(2)?);
    keys.check("group", &name, &marks::group(id, &name), row.get::<Option<Vec<u8>>>(1)?.as_deref())?;
    let name = GroupName::parse(&name).map_err(|_| corrupt("person_group.name"))?;
    Ok(GroupRow { id: GroupId::from_uuid(id), name, created_at: row.get(3)? })
}

fn edges(keys: &MarkKeys, rows: &[Row]) -> Result<Memberships, Error> {
    let rows = rows.iter().map(|row| member(keys, row)).collect::<Result<Vec<_>, _>>()?;
    Ok(Memberships::new(rows.into_iter().map(|row| (row.group, row.member))))
}

fn member(keys: &MarkKeys, row: &Row) -> Result<MemberRow, Error> {
    let (id, group): (Uuid, Uuid) = (row.get(0)?, row.get(2)?);
    let (person, inner): (Option<Uuid>, Option<Uuid>) = (row.get(3)?, row.get(4)?);
    let by_provider: bool = row.get(5)?;
    let marked = marks::group_member(id, group, person, inner, by_provider);
    keys.check("member of group", &group.to_string(), &marked, row.get::<Option<Vec<u8>>>(1)?.as_deref())?;
    let member = match (person, inner) {
        (Some(id), None) => Principal::User(UserId::from_uuid(id)),
        (None, Some(id)) => Principal::Group(GroupId::from_uuid(id)),
        _ => return Err(corrupt("group_member.person")),
    };
    Ok(MemberRow { group: GroupId::from_uuid(group), member, by_provider })
}
