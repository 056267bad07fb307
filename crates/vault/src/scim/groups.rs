//! Groups as an identity provider sees and changes them: those that it has pushed.

use std::collections::BTreeSet;

use countersign_audit::{AuditAction, AuditEntry, ObjectKind};
use countersign_model::{GroupId, GroupName, Invalid, Principal, Timestamp, UserId, VersionId};
use countersign_scim::GroupInput;
use countersign_store::{
    credentials,
    engine::Select,
    groups::{self, GroupRow},
    people, scim,
};

use super::{tokens::ScimCaller, users::ScimLookup};
use crate::{Conflict, Error, Object, Vault, unit::Unit};

const MAX_GROUPS: i64 = 1_000;

/// A group that a provider has pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimGroup {
    /// Its id.
    pub id: GroupId,
    /// What it is called.
    pub name: String,
    /// What the provider calls it.
    pub external_id: Option<String>,
    /// Who is in it, with their names.
    pub members: Vec<(UserId, String)>,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Vault {
    /// The groups that were pushed; their members are left out where they are not asked for.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`].
    pub async fn scim_groups(
        &self,
        caller: &ScimCaller,
        wanted: ScimLookup<'_>,
        members: bool,
    ) -> Result<Vec<ScimGroup>, Error> {
        let _ = caller;
        let mut reader = self.inner.database.read().await?;
        let mut found = Vec::new();
        for (id, external_id) in scim::groups(&mut reader).await? {
            let Some(row) = groups::find(&mut reader, id).await? else { continue };
            let passes = match wanted {
                ScimLookup::All => true,
                ScimLookup::Name(name) => {
                    countersign_model::search_key(row.name.as_str()) == countersign_model::search_key(name)
                }
                ScimLookup::External(external) => external_id.as_deref() == Some(external),
            };
            if passes {
                found.push(told(&mut reader, row, external_id, members).await?);
            }
        }
        Ok(found)
    }

    /// One group.
    ///
    /// # Errors
    /// [`Error::NotFound`], also of a group that was not pushed.
    pub async fn scim_group(&self, caller: &ScimCaller, id: GroupId) -> Result<ScimGroup, Error> {
        let _ = caller;
        let mut reader = self.inner.database.read().await?;
        let (row, external_id) = pushed(&mut reader, id).await?;
        told(&mut reader, row, external_id, true).await
    }

    /// Makes a group. One that is there already is never taken over.
    ///
    /// # Errors
    /// [`Conflict::NameTaken`], [`Error::Invalid`], [`Error::NotSignedIn`].
    pub async fn scim_create_group(&self, caller: &ScimCaller, input: &GroupInput) -> Result<ScimGroup, Error> {
        let name = GroupName::parse(&input.display_name)?;
        let (mut tx, _) = self.scim_unit(caller).await?;
        if groups::count(&mut tx).await? >= MAX_GROUPS {
            return Err(Invalid::new("displayName", format!("is one too many: at most {MAX_GROUPS} groups")).into());
        }
        name_is_free(&mut tx, &name, None).await?;
        let now = self.now();
        let row = GroupRow { id: GroupId::new(now, self.chance()), name, created_at: now };
        groups::insert(&mut tx, &row).await?;
        scim::put_group(&mut tx, row.id, input.external_id.as_deref()).await?;
        tx.record(self.of_group(caller, AuditAction::GroupCreated, &row).with("provisioned", true));
        self.put_members(&mut tx, caller, &row, &input.members).await?;
        let made = told(&mut tx, row, input.external_id.clone(), true).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// Changes a group: `change` says what the provider wants of what is known.
    ///
    /// # Errors
    /// What `change` gives; [`Error::NotFound`], [`Conflict::NameTaken`], [`Error::Invalid`].
    pub async fn scim_change_group<E: From<Error>>(
        &self,
        caller: &ScimCaller,
        id: GroupId,
        change: impl FnOnce(&ScimGroup) -> Result<GroupInput, E>,
    ) -> Result<ScimGroup, E> {
        let (mut tx, _) = self.scim_unit(caller).await?;
        let (row, external_id) = pushed(&mut tx, id).await?;
        let before = told(&mut tx, row.clone(), external_id, true).await?;
        let after = change(&before)?;
        let made = self.put_group(&mut tx, caller, (row, before), after).await?;
        tx.commit_recorded_or("a provider said what is so already").await?;
        Ok(made)
    }

    async fn put_group(
        &self,
        tx: &mut Unit,
        caller: &ScimCaller,
        (mut row, before): (GroupRow, ScimGroup),
        after: GroupInput,
    ) -> Result<ScimGroup, Error> {
        let name = GroupName::parse(&after.display_name)?;
        if name != row.name {
            name_is_free(tx, &name, Some(row.id)).await?;
            groups::rename(tx, row.id, &name).await?;
            let former = std::mem::replace(&mut row.name, name);
            let entry = self.of_group(caller, AuditAction::GroupRenamed, &row);
            tx.record(entry.with("former_name", former.as_str()));
        }
        if after.external_id != before.external_id {
            scim::put_group(tx, row.id, after.external_id.as_deref()).await?;
        }
        self.put_members(tx, caller, &row, &after.members).await?;
        told(tx, row, after.external_id, true).await
    }

    /// Removes a group with what was granted to it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Conflict::GroupApproves`].
    pub async fn scim_remove_group(&self, caller: &ScimCaller, id: GroupId) -> Result<(), Error> {
        let (mut tx, _) = self.scim_unit(caller).await?;
        let (row, _) = pushed(&mut tx, id).await?;
        let asking = credentials::grants_asking(&mut tx, id).await?;
        if asking > 0 {
            return Err(Conflict::GroupApproves(asking).into());
        }
        groups::delete(&mut tx, id).await?;
        tx.record(self.of_group(caller, AuditAction::GroupRemoved, &row));
        tx.commit().await.map(drop)
    }

    /// Has exactly these be in the group. Each has to be somebody whom the provider has provisioned.
    async fn put_members(
        &self,
        tx: &mut Unit,
        caller: &ScimCaller,
        row: &GroupRow,
        wanted: &[String],
    ) -> Result<(), Error> {
        let unknown = || Invalid::new("members", "names somebody who was not provisioned");
        let wanted = wanted.iter().map(|id| id.parse::<UserId>()).collect::<Result<BTreeSet<_>, _>>();
        let wanted = wanted.map_err(|_| unknown())?;
        let there: BTreeSet<Principal> = groups::members(tx, row.id).await?.into_iter().collect();
        for member in &there {
            if !matches!(member, Principal::User(id) if wanted.contains(id)) {
                groups::remove_member(tx, row.id, *member).await?;
                self.note_member(tx, caller, AuditAction::GroupMemberRemoved, row, *member).await?;
            }
        }
        for id in wanted {
            let member = Principal::User(id);
            if there.contains(&member) {
                continue;
            }
            scim::user(tx, id).await?.ok_or_else(unknown)?;
            groups::add_member(tx, VersionId::new(self.now(), self.chance()).uuid(), row.id, member).await?;
            self.note_member(tx, caller, AuditAction::GroupMemberAdded, row, member).await?;
        }
        Ok(())
    }

    async fn note_member(
        &self,
        tx: &mut Unit,
        caller: &ScimCaller,
        act: AuditAction,
        row: &GroupRow,
        member: Principal,
    ) -> Result<(), Error> {
        let entry = self.of_group(caller, act, row);
        let entry = match member {
            Principal::User(id) => {
                entry.with("user", people::find(tx, id).await?.map_or_else(|| id.to_string(), |person| person.name))
            }
            Principal::Group(id) => entry.with(
                "group",
                groups::find(tx, id).await?.map_or_else(|| id.to_string(), |group| group.name.to_string()),
            ),
        };
        tx.record(entry);
        Ok(())
    }

    fn of_group(&self, caller: &ScimCaller, act: AuditAction, row: &GroupRow) -> AuditEntry {
        self.scim_entry(caller, act).on(ObjectKind::Group, row.id.uuid(), row.name.as_str())
    }
}

async fn pushed(db: &mut impl Select, id: GroupId) -> Result<(GroupRow, Option<String>), Error> {
    let external_id = scim::group(db, id).await?.ok_or(Error::NotFound(Object::Group))?;
    let row = groups::find(db, id).await?.ok_or(Error::NotFound(Object::Group))?;
    Ok((row, external_id))
}

async fn told(
    db: &mut impl Select,
    row: GroupRow,
    external_id: Option<String>,
    with_members: bool,
) -> Result<ScimGroup, Error> {
    let mut members = Vec::new();
    if with_members {
        for member in groups::members(db, row.id).await? {
            let Principal::User(id) = member else { continue };
            members.extend(people::find(db, id).await?.map(|person| (id, person.name)));
        }
    }
    Ok(ScimGroup { id: row.id, name: row.name.to_string(), external_id, members, created_at: row.created_at })
}

async fn name_is_free(db: &mut impl Select, name: &GroupName, own: Option<GroupId>) -> Result<(), Error> {
    match groups::find_by_name(db, name.as_str()).await? {
        Some(other) if Some(other.id) != own => {
            Err(Error::Conflict(Conflict::NameTaken { what: "group", name: name.to_string() }))
        }
        _ => Ok(()),
    }
}
