//! People and their roles, as an administrator manages them.

use countersign_audit::{Act as AuditAct, ActorRef, Entry, ObjectKind};
use countersign_identity::judge_password;
use countersign_model::{Act, Actor, Invalid, Role, Timestamp, UserId, UserName, decide};
use countersign_seal::Secret;
use countersign_store::{
    access, audit,
    engine::Transaction,
    people::{self, PersonRow},
    recovery, sign_ins, vault as vault_row,
};

use crate::{Error, Vault};

const MOST_PEOPLE: u32 = 10_000;

/// A person, without what makes them one.
#[derive(Debug, Clone)]
pub struct PersonView {
    /// Their id.
    pub id: UserId,
    /// The name they sign in with.
    pub name: String,
    /// What they are here.
    pub role: Role,
    /// Whether they have a second factor.
    pub second_factor: bool,
    /// Whether they are kept out.
    pub disabled: bool,
    /// When they were added.
    pub created_at: Timestamp,
    /// When they last signed in.
    pub last_sign_in_at: Option<Timestamp>,
}

/// A person to add.
pub struct NewPerson {
    /// The name they sign in with.
    pub name: UserName,
    /// What they are to be.
    pub role: Role,
    /// Their first password.
    pub password: Secret,
}

/// What to change of a person.
#[derive(Default)]
pub struct PersonEdit {
    /// Another role.
    pub role: Option<Role>,
    /// Keep them out, or let them in.
    pub disabled: Option<bool>,
    /// Another password; ends their browsers and API tokens.
    pub password: Option<Secret>,
    /// Forget their second factor, so that they set up another; ends their browsers and API tokens.
    pub reset_second_factor: bool,
}

impl Vault {
    /// Everybody, by name.
    pub async fn people(&self, actor: &Actor) -> Result<Vec<PersonView>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        // Who may say who uses a credential has to see whom there is.
        let may = |act| decide(actor.role, act, None);
        may(Act::ManageUsers).or_else(|_| may(Act::GrantCredential))?;
        Ok(people::all(&mut reader, MOST_PEOPLE).await?.into_iter().map(view).collect())
    }

    /// The actor's own entry.
    pub async fn own_entry(&self, actor: &Actor) -> Result<PersonView, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let row = people::find(&mut reader, actor.user).await?.ok_or(Error::NotSignedIn)?;
        // An API token may be less than its owner.
        Ok(PersonView { role: actor.role, ..view(row) })
    }

    /// Adds a person.
    ///
    /// # Errors
    /// [`Error::NameTaken`], [`Error::Invalid`] for a password that is easy to guess, [`Error::Denied`].
    pub async fn create_person(&self, actor: &Actor, new: NewPerson) -> Result<PersonView, Error> {
        self.permit_managing(actor)?;
        judge_password("password", &new.password, new.name.as_str())?;
        let hash = self.hash_password(new.password).await?;
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        let row = self.put_person(&mut tx, &new.name, new.role, &hash, Some(&actor)).await?;
        tx.commit().await.map_err(Error::of_record)?;
        Ok(view(row))
    }

    /// Changes a person.
    ///
    /// # Errors
    /// [`Error::LastAdministrator`] when nobody would be left to manage the vault.
    pub async fn edit_person(&self, actor: &Actor, id: UserId, edit: PersonEdit) -> Result<PersonView, Error> {
        self.permit_managing(actor)?;
        let hash = match edit.password {
            None => None,
            Some(password) => {
                let person = people::find(&mut &self.inner.database, id).await?.ok_or(Error::NotFound("user"))?;
                judge_password("password", &password, &person.name)?;
                Some(self.hash_password(password).await?)
            }
        };
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        let before = people::find(&mut tx, id).await?.ok_or(Error::NotFound("user"))?;
        let mut entry = self.entry(&actor, AuditAct::UserEdited).on(ObjectKind::User, id.uuid(), &before.name);
        if let Some(role) = edit.role.filter(|role| *role != before.role) {
            people::set_role(&mut tx, id, role).await?;
            entry = entry.with("role", role.name()).with("former_role", before.role.name());
        }
        if let Some(disabled) = edit.disabled.filter(|disabled| *disabled != before.disabled) {
            people::set_disabled(&mut tx, id, disabled).await?;
            entry = entry.with("disabled", disabled);
        }
        if let Some(hash) = &hash {
            people::set_password(&mut tx, id, hash).await?;
            entry = entry.with("password", true);
        }
        if edit.reset_second_factor {
            forget_second_factor(&mut tx, id).await?;
            entry = entry.with("second_factor", "reset");
        }
        if hash.is_some() || edit.reset_second_factor {
            access::delete_sessions(&mut tx, id, None).await?;
            access::delete_tokens(&mut tx, id).await?;
            sign_ins::forget_browsers(&mut tx, id).await?;
        }
        require_administrator(&mut tx).await?;
        vault_row::bump(&mut tx).await?;
        audit::append(&mut tx, vec![entry]).await.map_err(Error::of_record)?;
        let after = people::find(&mut tx, id).await?.ok_or(Error::NotFound("user"))?;
        tx.commit().await.map_err(Error::of_record)?;
        self.forget_recognised();
        Ok(view(after))
    }

    /// Forgets the second factor of the person of that name, from beside the server's data: for an administrator who lost
    /// the authenticator when nobody else can let them in. Their browsers are signed out; their password stays. Gives the
    /// name as it is kept.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] when they have none.
    pub async fn reset_second_factor(&self, name: &str) -> Result<String, Error> {
        let mut tx = self.inner.database.write().await?;
        let person = people::find_by_name(&mut tx, name.trim()).await?.ok_or(Error::NotFound("user"))?;
        if person.seed.is_none() {
            return Err(Invalid::new("user", "has no second factor: the password alone signs them in").into());
        }
        forget_second_factor(&mut tx, person.id).await?;
        vault_row::bump(&mut tx).await?;
        let entry = Entry::new(self.now(), ActorRef::system(), AuditAct::SecondFactorReset);
        let entry = entry.on(ObjectKind::User, person.id.uuid(), &person.name);
        audit::append(&mut tx, vec![entry]).await.map_err(Error::of_record)?;
        tx.commit().await.map_err(Error::of_record)?;
        self.forget_recognised();
        Ok(person.name)
    }

    /// Removes a person with their browsers, API tokens and grants. The audit log keeps their name and id.
    ///
    /// # Errors
    /// [`Error::LastAdministrator`].
    pub async fn remove_person(&self, actor: &Actor, id: UserId) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        let person = people::find(&mut tx, id).await?.ok_or(Error::NotFound("user"))?;
        people::delete(&mut tx, id).await?;
        require_administrator(&mut tx).await?;
        vault_row::bump(&mut tx).await?;
        let entry = self.entry(&actor, AuditAct::UserRemoved).on(ObjectKind::User, id.uuid(), person.name);
        audit::append(&mut tx, vec![entry]).await.map_err(Error::of_record)?;
        tx.commit().await.map_err(Error::of_record)?;
        self.forget_recognised();
        Ok(())
    }
}

/// With the codes that stand in for it; who was let in by it is let in no more, nor are their programs.
async fn forget_second_factor(tx: &mut Transaction, person: UserId) -> Result<(), Error> {
    people::drop_seed(tx, person).await?;
    recovery::delete(tx, person).await?;
    access::delete_sessions(tx, person, None).await?;
    access::delete_tokens(tx, person).await?;
    sign_ins::forget_browsers(tx, person).await?;
    Ok(())
}

async fn require_administrator(tx: &mut Transaction) -> Result<(), Error> {
    if people::administrators(tx).await? == 0 { Err(Error::LastAdministrator) } else { Ok(()) }
}

fn view(row: PersonRow) -> PersonView {
    PersonView {
        id: row.id,
        name: row.name,
        role: row.role,
        second_factor: row.seed.is_some(),
        disabled: row.disabled,
        created_at: row.created_at,
        last_sign_in_at: row.last_sign_in_at,
    }
}
