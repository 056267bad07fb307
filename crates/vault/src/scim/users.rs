//! Users as an identity provider sees and changes them: those that it has provisioned, and no administrator.

use countersign_audit::{AuditAction, AuditEntry, ObjectKind};
use countersign_model::{Invalid, Role, Timestamp, UserId, UserName, mail_address};
use countersign_scim::UserInput;
use countersign_store::{
    engine::Select,
    people::{self, PersonRow},
    scim::{self, ScimUserRow},
    services,
};

use super::tokens::ScimCaller;
use crate::{Conflict, Error, Object, Vault, unit::Unit, users::ending::keep_out};

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
        self.put_attributes(&mut tx, caller, person.id, &Said::nothing_of(&person), input).await?;
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
        let said = Said::read(&person, &row);
        let after = change(&told(&person, &row))?;
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
    /// keeps out is not let in because a provider says, or repeats, that they are active.
    async fn put_attributes(
        &self,
        tx: &mut Unit,
        caller: &ScimCaller,
        id: UserId,
        said: &Said,
        after: &UserInput,
    ) -> Result<(), Error> {
        let person = people::find(tx, id).await?.ok_or(Error::NotFound(Object::User))?;
        let known = scim::user(tx, id).await?;
        let mut entry = self.about(caller, AuditAction::UserEdited, &person);
        let mut moved = false;
        let (next, step) = said.then(after.active, person.disabled);
        match step {
            Some(Step::Out) => keep_out(tx, &person).await?,
            Some(Step::In) => people::set_disabled(tx, id, false).await?,
            None => {}
        }
        if let Some(step) = step {
            (entry, moved) = (entry.with("disabled", step == Step::Out), true);
        }
        // Mail follows the provider's address until somebody says another.
        let follows = person.email.is_none() || person.email == said.user.email;
        let email = after.email.as_deref().and_then(|text| mail_address("emails", text).ok());
        if follows && email != person.email {
            people::set_email(tx, id, email.as_deref()).await?;
            (entry, moved) = (entry.with("email", email.is_some()), true);
        }
        let row = ScimUserRow {
            person: id,
            external_id: after.external_id.clone(),
            attributes: attributes(after, next),
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
    let user = UserInput { active: Some(!person.disabled), ..Said::read(person, row).user };
    ScimPerson { id: person.id, user, created_at: person.created_at, updated_at: row.updated_at }
}

/// What a provider last said of somebody.
struct Said {
    user: UserInput,
    word: Word,
}

/// Its last word on whether they may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Word {
    active: bool,
    /// Somebody here kept them out already when it said no: its yes does not take that back.
    kept_out: bool,
}

/// What follows from a word for somebody's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    In,
    Out,
}

impl Word {
    /// The word after this one, of somebody who is kept out now or is not.
    const fn then(self, active: Option<bool>, disabled: bool) -> (Self, Option<Step>) {
        match active {
            None => (self, None),
            Some(true) => {
                let back = disabled && !self.active && !self.kept_out;
                (Self { active: true, kept_out: false }, if back { Some(Step::In) } else { None })
            }
            // Whoever is to be out is out, whatever was said before.
            Some(false) if !disabled => (Self { active: false, kept_out: false }, Some(Step::Out)),
            Some(false) => (Self { active: false, kept_out: self.active || self.kept_out }, None),
        }
    }
}

impl Said {
    /// Of somebody of whom it said nothing: as if that they are let in.
    fn nothing_of(person: &PersonRow) -> Self {
        let user = UserInput { user_name: person.name.clone(), ..UserInput::default() };
        Self { user, word: Word { active: true, kept_out: false } }
    }

    fn read(person: &PersonRow, row: &ScimUserRow) -> Self {
        let kept: serde_json::Value = serde_json::from_str(&row.attributes).unwrap_or_default();
        let text = |name: &str| kept.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
        let flag = |name: &str| kept.get(name).and_then(serde_json::Value::as_bool);
        let user = UserInput {
            user_name: person.name.clone(),
            external_id: row.external_id.clone(),
            display_name: text("display"),
            given_name: text("given"),
            family_name: text("family"),
            email: text("email"),
            active: flag("active"),
        };
        let word = Word { active: flag("active").unwrap_or(true), kept_out: flag("kept_out").unwrap_or(false) };
        Self { user, word }
    }

    const fn then(&self, active: Option<bool>, disabled: bool) -> (Word, Option<Step>) {
        self.word.then(active, disabled)
    }
}

fn attributes(user: &UserInput, word: Word) -> String {
    serde_json::json!({
        "display": user.display_name,
        "given": user.given_name,
        "family": user.family_name,
        "email": user.email,
        "active": word.active,
        "kept_out": word.kept_out,
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_takes_back_a_no_of_the_same_mouth_alone() {
        const YES: Option<bool> = Some(true);
        const NO: Option<bool> = Some(false);
        // What is said, or done here, one after the other; who is kept out at the end.
        enum Event {
            Scim(Option<bool>),
            Here(bool),
        }
        use Event::{Here, Scim};
        let table: &[(&[Event], bool)] = &[
            (&[Scim(YES)], false),
            (&[Scim(NO)], true),
            (&[Scim(NO), Scim(YES)], false),
            (&[Scim(NO), Scim(None)], true),
            (&[Here(true), Scim(YES)], true),
            (&[Here(true), Scim(None), Scim(YES)], true),
            (&[Here(true), Scim(NO), Scim(YES)], true),
            (&[Here(true), Scim(NO), Scim(NO), Scim(YES)], true),
            (&[Here(true), Scim(NO), Here(false), Scim(YES)], false),
            (&[Here(true), Scim(NO), Here(false), Scim(NO), Scim(YES)], false),
            (&[Scim(NO), Here(false)], false),
            (&[Scim(NO), Here(false), Scim(NO)], true),
        ];
        for (number, (events, out)) in table.iter().enumerate() {
            let (mut word, mut disabled) = (Word { active: true, kept_out: false }, false);
            for event in *events {
                match event {
                    Here(to) => disabled = *to,
                    Scim(active) => {
                        let (next, step) = word.then(*active, disabled);
                        word = next;
                        disabled = step.map_or(disabled, |step| step == Step::Out);
                    }
                }
            }
            assert_eq!(disabled, *out, "case {number}");
        }
    }
}
