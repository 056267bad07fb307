//! Groups of people, which may hold groups.

use countersign_audit::{AuditAction, AuditEntry, ObjectKind};
use countersign_model::{
    Action, Actor, GroupId, GroupName, Invalid, Memberships, Principal, Role, Timestamp, VersionId, decide_by_role,
    search_key,
};
use countersign_store::{
    credentials,
    engine::{self, Select},
    groups::{self, GroupRow},
    people, scim, vault as vault_row,
};

use super::holder::{GroupRef, HolderRef, found};
use crate::{Conflict, Error, Object, Vault, vault::permit_by_role};

const MAX_GROUPS: u32 = 1_000;
const MAX_MEMBERS: usize = 1_000;

/// A group as somebody sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupView {
    /// Its id.
    pub id: GroupId,
    /// Its name.
    pub name: GroupName,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who is directly in it, groups first, by name.
    pub members: Vec<MemberView>,
    /// Whether an identity provider says who is in it.
    pub provisioned: bool,
    /// How many people are in it, directly or by a group in it.
    pub people: usize,
}

/// Somebody, or a group, directly in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberView {
    /// Who.
    pub member: Principal,
    /// Their name.
    pub name: String,
    /// Of a person: their role.
    pub role: Option<Role>,
}

impl Vault {
    /// Every group, by name.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub async fn groups(&self, actor: &Actor) -> Result<Vec<GroupView>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        permit_seeing(&actor)?;
        let memberships = groups::memberships(&mut reader).await?;
        let mut views = Vec::new();
        for row in groups::all(&mut reader, MAX_GROUPS).await? {
            views.push(view(&mut reader, row, &memberships).await?);
        }
        Ok(views)
    }

    /// One group.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::NotFound`].
    pub async fn group(&self, actor: &Actor, wanted: &GroupRef) -> Result<GroupView, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        permit_seeing(&actor)?;
        let row = found(&mut reader, wanted).await?;
        let memberships = groups::memberships(&mut reader).await?;
        view(&mut reader, row, &memberships).await
    }

    /// Makes a group with nobody in it.
    ///
    /// # Errors
    /// [`Conflict::NameTaken`], [`Error::Denied`].
    pub async fn create_group(&self, actor: &Actor, name: &GroupName) -> Result<GroupView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        permit_by_role(&actor, Action::ManageGroups)?;
        if groups::count(&mut tx).await? >= i64::from(MAX_GROUPS) {
            return Err(Invalid::new("name", format!("is one too many: at most {MAX_GROUPS} groups")).into());
        }
        name_is_free(&mut tx, name, None).await?;
        let now = self.now();
        let row = GroupRow { id: GroupId::new(now, self.chance()), name: name.clone(), created_at: now };
        groups::insert(&mut tx, &row).await.map_err(|error| name_taken(error, name))?;
        vault_row::bump(&mut tx).await?;
        let entry = self.entry(&actor, AuditAction::GroupCreated);
        tx.record(entry.on(ObjectKind::Group, row.id.uuid(), row.name.as_str()));
        tx.commit().await?;
        Ok(GroupView {
            id: row.id,
            name: row.name,
            created_at: now,
            members: Vec::new(),
            provisioned: false,
            people: 0,
        })
    }

    /// Gives a group another name.
    ///
    /// # Errors
    /// [`Conflict::NameTaken`], [`Error::Denied`], [`Error::NotFound`].
    pub async fn rename_group(&self, actor: &Actor, wanted: &GroupRef, name: &GroupName) -> Result<GroupView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        permit_by_role(&actor, Action::ManageGroups)?;
        let row = found(&mut tx, wanted).await?;
        require_own(&mut tx, &row).await?;
        name_is_free(&mut tx, name, Some(row.id)).await?;
        if !groups::rename(&mut tx, row.id, name).await.map_err(|error| name_taken(error, name))? {
            return Err(Error::NotFound(Object::Group));
        }
        vault_row::bump(&mut tx).await?;
        let entry = self.entry(&actor, AuditAction::GroupRenamed);
        let entry = entry.on(ObjectKind::Group, row.id.uuid(), name.as_str());
        tx.record(entry.with("former_name", row.name.as_str()));
        tx.commit().await?;
        self.group(&actor, &GroupRef::Id(row.id)).await
    }

    /// Removes a group, with what was granted to it.
    ///
    /// # Errors
    /// [`Conflict::GroupApproves`] while grants ask for its approval; [`Error::Denied`], [`Error::NotFound`].
    pub async fn remove_group(&self, actor: &Actor, wanted: &GroupRef) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        permit_by_role(&actor, Action::ManageGroups)?;
        let row = found(&mut tx, wanted).await?;
        // Nobody could meet what they ask for.
        let asking = credentials::grants_asking(&mut tx, row.id).await?;
        if asking > 0 {
            return Err(Conflict::GroupApproves(asking).into());
        }
        if !groups::delete(&mut tx, row.id).await? {
            return Err(Error::NotFound(Object::Group));
        }
        vault_row::bump(&mut tx).await?;
        let entry = self.entry(&actor, AuditAction::GroupRemoved);
        tx.record(entry.on(ObjectKind::Group, row.id.uuid(), row.name.as_str()));
        tx.commit().await.map(drop)
    }

    /// Puts a person or a group into a group. Who is in it stays.
    ///
    /// # Errors
    /// [`Conflict::GroupCycle`] where the group would hold itself, [`Error::Invalid`] when it is full, [`Error::Denied`],
    /// [`Error::NotFound`].
    pub async fn add_group_member(
        &self,
        actor: &Actor,
        wanted: &GroupRef,
        member: &HolderRef,
    ) -> Result<GroupView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        permit_by_role(&actor, Action::ManageGroups)?;
        // In its turn, so that two who add at the same time do not make a circle between them.
        vault_row::bump(&mut tx).await?;
        let row = found(&mut tx, wanted).await?;
        require_own(&mut tx, &row).await?;
        let (member, named) = member.resolve(&mut tx).await?;
        let there = groups::members(&mut tx, row.id).await?;
        if there.contains(&member) {
            drop(tx);
            return self.group(&actor, &GroupRef::Id(row.id)).await;
        }
        if there.len() >= MAX_MEMBERS {
            return Err(Invalid::new("member", format!("is one too many: at most {MAX_MEMBERS} in a group")).into());
        }
        groups::memberships(&mut tx).await?.check_new(row.id, member).map_err(Conflict::GroupCycle)?;
        let id = VersionId::new(self.now(), self.chance()).uuid();
        groups::add_member(&mut tx, id, row.id, member).await?;
        let entry = self.entry(&actor, AuditAction::GroupMemberAdded);
        tx.record(about_member(entry, &row, member, named.name));
        tx.commit().await?;
        self.group(&actor, &GroupRef::Id(row.id)).await
    }

    /// Takes a person or a group out of a group.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`], also where they are not directly in it.
    pub async fn remove_group_member(
        &self,
        actor: &Actor,
        wanted: &GroupRef,
        member: &HolderRef,
    ) -> Result<GroupView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        permit_by_role(&actor, Action::ManageGroups)?;
        let row = found(&mut tx, wanted).await?;
        require_own(&mut tx, &row).await?;
        let (member, named) = member.resolve(&mut tx).await?;
        if !groups::remove_member(&mut tx, row.id, member).await? {
            return Err(Error::NotFound(Object::Member));
        }
        vault_row::bump(&mut tx).await?;
        let entry = self.entry(&actor, AuditAction::GroupMemberRemoved);
        tx.record(about_member(entry, &row, member, named.name));
        tx.commit().await?;
        self.group(&actor, &GroupRef::Id(row.id)).await
    }
}

/// Who manages groups sees them, and who looks after who may do what.
fn permit_seeing(actor: &Actor) -> Result<(), Error> {
    let may = |act| decide_by_role(actor.role, act);
    may(Action::ManageGroups).or_else(|denied| may(Action::ReadAudit).map_err(|_| denied))?;
    Ok(())
}

/// Who is in a group of an identity provider, and what it is called, is said there.
async fn require_own(db: &mut impl Select, row: &GroupRow) -> Result<(), Error> {
    match scim::group(db, row.id).await? {
        Some(_) => Err(Error::Conflict(Conflict::Provisioned(row.name.to_string()))),
        None => Ok(()),
    }
}

async fn view(db: &mut impl Select, row: GroupRow, memberships: &Memberships) -> Result<GroupView, Error> {
    let mut members = Vec::new();
    for member in groups::members(db, row.id).await? {
        let named = match member {
            Principal::User(id) => people::find(db, id).await?.map(|person| (person.name, Some(person.role))),
            Principal::Group(id) => groups::find(db, id).await?.map(|group| (group.name.to_string(), None)),
        };
        members.extend(named.map(|(name, role)| MemberView { member, name, role }));
    }
    members.sort_by_cached_key(|member| (member.role.is_some(), search_key(&member.name)));
    let people = memberships.people_of(Principal::Group(row.id)).len();
    let provisioned = scim::group(db, row.id).await?.is_some();
    Ok(GroupView { id: row.id, name: row.name, created_at: row.created_at, members, provisioned, people })
}

/// The record of who came or went.
fn about_member(entry: AuditEntry, group: &GroupRow, member: Principal, name: String) -> AuditEntry {
    let kind = match member {
        Principal::User(_) => "user",
        Principal::Group(_) => "group",
    };
    entry.on(ObjectKind::Group, group.id.uuid(), group.name.as_str()).with(kind, name)
}

async fn name_is_free(db: &mut impl Select, name: &GroupName, own: Option<GroupId>) -> Result<(), Error> {
    match groups::find_by_name(db, name.as_str()).await? {
        Some(other) if Some(other.id) != own => Err(taken(name)),
        _ => Ok(()),
    }
}

fn name_taken(error: engine::Error, name: &GroupName) -> Error {
    if error.conflicts_on("person_group.name_key") { taken(name) } else { error.into() }
}

fn taken(name: &GroupName) -> Error {
    Error::Conflict(Conflict::NameTaken { what: "group", name: name.to_string() })
}
