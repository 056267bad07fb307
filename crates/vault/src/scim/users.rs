//! Users as an identity provider sees and changes them: those that it has provisioned, and no administrator.

use countersign_audit::{AuditAction, AuditEntry, ObjectKind};
use countersign_model::{Invalid, Role, Timestamp, UserId, UserName, mail_address};
use countersign_scim::UserInput;
use countersign_store::{
    access,
    engine::Select,
    people::{self, PersonRow},
    scim::{self, ScimUserRow},
    services, sign_ins,
};

use super::tokens::ScimCaller;
use crate::{Conflict, Error, Object, Vault, unit::Unit};

/// As many as there can be of people at all.
const MAX_PEOPLE: i64 = 10_000;

/// A user whom a provider has provisioned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimPerson {
    /// Their id.
    pub id: UserId,
    /// What is known of them.
    pub user: UserInput,
    /// When they were made.
    pub created_at: Timestamp,
    /// When the provider last said something else of them.
    pub updated_at: Timestamp,
}

/// Which resources a provider asks for, as far as that is found at once.
#[derive(Debug, Clone, Copy)]
pub enum ScimLookup<'a> {
    /// All.
    All,
    /// The one of that name.
    Name(&'a str),
    /// Those that the provider calls so.
    External(&'a str),
}

impl Vault {
    /// The users that were provisioned.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`].
    pub async fn scim_people(&self, caller: &ScimCaller, wanted: ScimLookup<'_>) -> Result<Vec<ScimPerson>, Error> {
        let _ = caller;
        let mut reader = self.inner.database.read().await?;
        let rows = match wanted {
            ScimLookup::All => scim::users(&mut reader).await?,
            ScimLookup::External(id) => scim::users_called(&mut reader, id).await?,
            ScimLookup::Name(name) => match people::find_by_name(&mut reader, name).await? {
                Some(person) => scim::user(&mut reader, person.id).await?.into_iter().collect(),
                None => Vec::new(),
            },
        };
        let mut found = Vec::new();
        for row in rows {
            if let Some(person) = people::find(&mut reader, row.person).await? {
                found.push(told(&person, &row));
            }
        }
        Ok(found)
    }

    /// One user.
    ///
    /// # Errors
    /// [`Error::NotFound`], also of somebody who was not provisioned.
    pub async fn scim_person(&self, caller: &ScimCaller, id: UserId) -> Result<ScimPerson, Error> {
        let _ = caller;
        let mut reader = self.inner.database.read().await?;
        let (person, row) = provisioned(&mut reader, id).await?;
        Ok(told(&person, &row))
    }

    /// Provisions somebody: a member without a password. Somebody who is there already is taken over only where that was allowed, by
    /// exactly their name, and never an administrator.
    ///
    /// # Errors
    /// [`Conflict::NameTaken`], [`Error::Invalid`], [`Error::NotSignedIn`].
    pub async fn scim_create_person(&self, caller: &ScimCaller, input: &UserInput) -> Result<ScimPerson, Error> {
        let name = UserName::parse(&input.user_name)?;
        let (mut tx, token) = self.scim_unit(caller).await?;
        let person = match people::find_by_name(&mut tx, name.as_str()).await? {
            Some(there) => {
                let adoptable = token.adopt
                    && there.name == name.as_str()
                    && there.role != Role::Administrator
                    && scim::user(&mut tx, there.id).await?.is_none()
                    && !services::is_one(&mut tx, there.id).await?;
                if !adoptable {
                    return Err(Error::Conflict(Conflict::NameTaken { what: "user", name: name.to_string() }));
                }
                tx.record(self.about(caller, AuditAction::UserEdited, &there).with("provisioned", true));
                there
            }
            None => self.add_provisioned(&mut tx, caller, &name).await?,
        };
        // What the provider said before, of somebody of whom it said nothing: that they are let in.
        let before = UserInput { user_name: person.name.clone(), active: true, ..UserInput::default() };
        self.put_attributes(&mut tx, caller, person.id, &before, input).await?;
        let (person, row) = provisioned(&mut tx, person.id).await?;
        tx.commit().await?;
        self.forget_recognised();
        Ok(told(&person, &row))
    }

    async fn add_provisioned(&self, tx: &mut Unit, caller: &ScimCaller, name: &UserName) -> Result<PersonRow, Error> {
        if people::count(tx).await? >= MAX_PEOPLE {
            return Err(Invalid::new("userName", format!("is one too many: at most {MAX_PEOPLE} users")).into());
        }
        let id = UserId::new(self.now(), self.chance());
        // No password has this hash; who signs in by one had it chosen by a link.
        people::insert(tx, id, name, Role::Member, &self.inner.nobodys_hash, true, self.now()).await?;
        let person = people::find(tx, id).await?.ok_or(Error::NotFound(Object::User))?;
        tx.record(self.about(caller, AuditAction::UserCreated, &person).with("role", Role::Member.name()));
        Ok(person)
    }

    /// Changes a user: `change` says what the provider wants of what is known.
    ///
    /// # Errors
    /// What `change` gives; [`Error::NotFound`], [`Conflict::NameTaken`], [`Conflict::NoAdministrators`], [`Error::Invalid`].
    pub async fn scim_change_person<E: From<Error>>(
        &self,
        caller: &ScimCaller,
        id: UserId,
        change: impl FnOnce(&ScimPerson) -> Result<UserInput, E>,
    ) -> Result<ScimPerson, E> {
        let (mut tx, _) = self.scim_unit(caller).await?;
        let (person, row) = provisioned(&mut tx, id).await?;
        no_administrator(&person)?;
        let said = said(&person, &row);
        let before = told(&person, &row);
        let after = change(&before)?;
        if after.user_name != person.name {
            self.rename_provisioned(&mut tx, caller, &person, &after.user_name).await?;
        }
        self.put_attributes(&mut tx, caller, id, &said, &after).await?;
        let (person, row) = provisioned(&mut tx, id).await?;
        tx.commit_recorded_or("a provider said what is so already").await?;
        self.forget_recognised();
        Ok(told(&person, &row))
    }

    /// Removes a user with what they came in by and had.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Conflict::NoAdministrators`].
    pub async fn scim_remove_person(&self, caller: &ScimCaller, id: UserId) -> Result<(), Error> {
        let (mut tx, _) = self.scim_unit(caller).await?;
        let (person, _) = provisioned(&mut tx, id).await?;
        no_administrator(&person)?;
        people::delete(&mut tx, id).await?;
        tx.record(self.about(caller, AuditAction::UserRemoved, &person));
        tx.commit().await?;
        self.forget_recognised();
        Ok(())
    }

    async fn rename_provisioned(
        &self,
        tx: &mut Unit,
        caller: &ScimCaller,
        person: &PersonRow,
        wanted: &str,
    ) -> Result<(), Error> {
        let name = UserName::parse(wanted)?;
        if name.as_str() == person.name {
            return Ok(());
        }
        if people::find_by_name(tx, name.as_str()).await?.is_some_and(|other| other.id != person.id) {
            return Err(Error::Conflict(Conflict::NameTaken { what: "user", name: name.to_string() }));
        }
        people::rename(tx, person.id, &name).await?;
        let entry = self.scim_entry(caller, AuditAction::UserEdited);
        let entry = entry.on(ObjectKind::User, person.id.uuid(), name.as_str());
        tx.record(entry.with("former_name", person.name.as_str()));
        Ok(())
    }

    /// Keeps what a provider says, and does what follows from it. `said` is what it said before: so somebody whom an administrator here
    /// keeps out is not let in because a provider repeats that they are active.
    async fn put_attributes(
        &self,
        tx: &mut Unit,
        caller: &ScimCaller,
        id: UserId,
        said: &UserInput,
        after: &UserInput,
    ) -> Result<(), Error> {
        let person = people::find(tx, id).await?.ok_or(Error::NotFound(Object::User))?;
        let known = scim::user(tx, id).await?;
        let mut entry = self.about(caller, AuditAction::UserEdited, &person);
        let mut moved = false;
        // Whoever is to be out is out, whatever was said before.
        let disable = !after.active && !person.disabled;
        let enable = after.active && !said.active && person.disabled;
        if disable || enable {
            people::set_disabled(tx, id, disable).await?;
            (entry, moved) = (entry.with("disabled", disable), true);
        }
        if disable {
            access::delete_sessions(tx, id, None).await?;
            access::delete_tokens(tx, id).await?;
            sign_ins::forget_browsers(tx, id).await?;
            people::delete_link(tx, id).await?;
        }
        // Mail follows the provider's address until somebody says another.
        let follows = person.email.is_none() || person.email == said.email;
        let email = after.email.as_deref().and_then(|text| mail_address("emails", text).ok());
        if follows && email != person.email {
            people::set_email(tx, id, email.as_deref()).await?;
            (entry, moved) = (entry.with("email", email.is_some()), true);
        }
        let row = ScimUserRow {
            person: id,
            external_id: after.external_id.clone(),
            attributes: attributes(after),
            updated_at: self.now(),
        };
        let same =
            known.is_some_and(|known| known.external_id == row.external_id && known.attributes == row.attributes);
        if !same {
            scim::put_user(tx, &row).await?;
            (entry, moved) = (entry.with("attributes", true), true);
        }
        if moved {
            tx.record(entry);
        }
        Ok(())
    }

    fn about(&self, caller: &ScimCaller, act: AuditAction, person: &PersonRow) -> AuditEntry {
        self.scim_entry(caller, act).on(ObjectKind::User, person.id.uuid(), &person.name)
    }
}

fn no_administrator(person: &PersonRow) -> Result<(), Error> {
    if person.role == Role::Administrator {
        return Err(Error::Conflict(Conflict::NoAdministrators(person.name.clone())));
    }
    Ok(())
}

async fn provisioned(db: &mut impl Select, id: UserId) -> Result<(PersonRow, ScimUserRow), Error> {
    let row = scim::user(db, id).await?.ok_or(Error::NotFound(Object::User))?;
    let person = people::find(db, id).await?.ok_or(Error::NotFound(Object::User))?;
    Ok((person, row))
}

/// What a provider is told of somebody: as it is now.
fn told(person: &PersonRow, row: &ScimUserRow) -> ScimPerson {
    let user = UserInput { active: !person.disabled, ..said(person, row) };
    ScimPerson { id: person.id, user, created_at: person.created_at, updated_at: row.updated_at }
}

/// What a provider last said of somebody.
fn said(person: &PersonRow, row: &ScimUserRow) -> UserInput {
    let kept: serde_json::Value = serde_json::from_str(&row.attributes).unwrap_or_default();
    let text = |name: &str| kept.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
    UserInput {
        user_name: person.name.clone(),
        external_id: row.external_id.clone(),
        display_name: text("display"),
        given_name: text("given"),
        family_name: text("family"),
        email: text("email"),
        active: kept.get("active").and_then(serde_json::Value::as_bool).unwrap_or(true),
    }
}

fn attributes(user: &UserInput) -> String {
    serde_json::json!({
        "display": user.display_name,
        "given": user.given_name,
        "family": user.family_name,
        "email": user.email,
        "active": user.active,
    })
    .to_string()
}
