//! Whom something is granted to, and who is in groups, by id or by name.

use std::str::FromStr;

use countersign_model::{GroupId, Principal, Role, UserId};
use countersign_store::{
    engine::Select,
    groups::{self, GroupRow},
    people::{self, PersonRow},
    services,
};

use crate::{Error, Object};

/// Which group: by id, or by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupRef {
    /// By id.
    Id(GroupId),
    /// By name, whatever the case of its letters.
    Name(String),
}

impl FromStr for GroupRef {
    type Err = Error;

    /// A UUID, or `name:` and a name.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text.strip_prefix("name:") {
            Some(name) => Ok(Self::Name(name.to_owned())),
            None => text.parse().map(Self::Id).map_err(|_| Error::NotFound(Object::Group)),
        }
    }
}

/// Whom a grant is for, or who is in a group, by id or name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HolderRef {
    /// A person by id.
    User(UserId),
    /// A person by name.
    UserName(String),
    /// A group.
    Group(GroupRef),
}

/// A person or a group by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HolderName {
    /// The name.
    pub name: String,
    /// Of a person: their role.
    pub role: Option<Role>,
    /// Whether it is a service account.
    pub service_account: bool,
}

impl HolderName {
    /// Of a person, or of a service account.
    pub(crate) async fn of_person(db: &mut impl Select, person: PersonRow) -> Result<Self, Error> {
        let service_account = services::is_one(db, person.id).await?;
        Ok(Self { name: person.name, role: Some(person.role), service_account })
    }

    /// Of a group.
    pub(crate) fn of_group(group: &GroupRow) -> Self {
        Self { name: group.name.to_string(), role: None, service_account: false }
    }
}

impl HolderRef {
    /// Who it is.
    pub(crate) async fn resolve(&self, db: &mut impl Select) -> Result<(Principal, HolderName), Error> {
        let person = match self {
            Self::Group(wanted) => {
                let row = found(db, wanted).await?;
                return Ok((Principal::Group(row.id), HolderName::of_group(&row)));
            }
            Self::User(id) => people::find(db, *id).await?,
            Self::UserName(name) => people::find_by_name(db, name).await?,
        };
        let person = person.ok_or(Error::NotFound(Object::User))?;
        Ok((Principal::User(person.id), HolderName::of_person(db, person).await?))
    }
}

/// The group.
pub(crate) async fn found(db: &mut impl Select, wanted: &GroupRef) -> Result<GroupRow, Error> {
    let row = match wanted {
        GroupRef::Id(id) => groups::find(db, *id).await?,
        GroupRef::Name(name) => groups::find_by_name(db, name).await?,
    };
    row.ok_or(Error::NotFound(Object::Group))
}
