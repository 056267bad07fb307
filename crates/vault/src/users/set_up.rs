//! Whether a vault is new, so that its first administrator is still to be made, and the way back where its users are gone.

use countersign_audit::AuditAction;
use countersign_identity::{Bearer, BearerKind};
use countersign_model::{Actor, ActorKind, Purpose, Reach, Role, UserName};
use countersign_store::{
    audit, credentials,
    engine::{self, Select},
    people, vault as vault_row,
};

use crate::{
    Conflict, Error, Object, Vault,
    health::check::Check,
    users::manage::{FirstPassword, PersonLink},
};

/// Who can sign in, as far as the first administrator goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetUp {
    /// The vault is new: its first administrator is to be made.
    Needed,
    /// There is somebody.
    Done,
    /// There was somebody, and there is nobody any more. Countersign removes no last administrator, so something else has.
    UsersGone,
}

/// Whether anything tells that there was somebody in this vault once, whether or not it was noted.
pub(crate) async fn anybody_ever(db: &mut impl Select) -> Result<bool, engine::Error> {
    if people::count(db).await? > 0 || credentials::count_all(db).await? > 0 {
        return Ok(true);
    }
    Ok(!audit::oldest_of(db, AuditAction::UserCreated, 1).await?.is_empty())
}

/// How far the set-up is. What the vault's own row says of it bears a mark.
pub(crate) async fn state(db: &mut impl Select) -> Result<SetUp, Error> {
    if people::count(db).await? > 0 {
        return Ok(SetUp::Done);
    }
    let row = vault_row::find(db).await?.ok_or(Error::NotFound(Object::Vault))?;
    let gone = row.set_up_at.is_some() || anybody_ever(db).await?;
    Ok(if gone { SetUp::UsersGone } else { SetUp::Needed })
}

/// That the first administrator is to be made.
pub(crate) async fn require_needed(db: &mut impl Select) -> Result<(), Error> {
    match state(db).await? {
        SetUp::Needed => Ok(()),
        SetUp::Done => Err(Error::Conflict(Conflict::SetUpAlready)),
        SetUp::UsersGone => Err(Error::UsersGone),
    }
}

impl Vault {
    /// A new one-time link for the first administrator, in place of any before; `None` once there is, or was, somebody.
    pub async fn new_setup_link(&self) -> Result<Option<Bearer>, Error> {
        let mut tx = self.unit().await?;
        if state(&mut tx).await? != SetUp::Needed {
            return Ok(None);
        }
        let link = Bearer::new(BearerKind::SetupLink, self.chance());
        vault_row::set_setup_link(&mut tx, Some(&link.hash())).await?;
        tx.commit_without_record("nobody may use the vault yet; whoever uses the link is recorded").await?;
        Ok(Some(link))
    }

    /// How far the set-up is.
    pub async fn set_up_state(&self) -> Result<SetUp, Error> {
        let mut reader = self.inner.database.read().await?;
        state(&mut reader).await
    }

    /// Whether the first administrator is still to be made.
    pub async fn needs_set_up(&self) -> Result<bool, Error> {
        Ok(self.set_up_state().await? == SetUp::Needed)
    }

    /// Adds an administrator from beside data and key, where there is none who could: they choose their password by the link.
    ///
    /// # Errors
    /// [`Conflict::AdministratorsThere`]; [`Conflict::NameTaken`].
    pub async fn restore_administrator(&self, name: &UserName) -> Result<PersonLink, Error> {
        let mut tx = self.unit().await?;
        if people::administrators(&mut tx).await? > 0 {
            return Err(Error::Conflict(Conflict::AdministratorsThere));
        }
        let row = self.put_person(&mut tx, name, Role::Administrator, FirstPassword::ByLink, None).await?;
        let as_of = vault_row::revision(&mut tx).await?;
        // Whoever has data and key is nobody among the users.
        let (kind, reach) = (ActorKind::Machine, Reach::Machine);
        let actor = Actor {
            kind,
            user: row.id,
            name: row.name.clone(),
            role: row.role,
            reach,
            service: None,
            as_of,
            until: None,
            address: None,
            purpose: Purpose::default(),
        };
        let link = self.put_person_link(&mut tx, &actor, row.id, &row.name).await?;
        vault_row::bump(&mut tx).await?;
        let receipt = tx.commit().await?;
        Ok(link.release(&receipt)?)
    }

    /// Whether somebody can sign in, where somebody could before.
    pub(crate) async fn check_users(&self) -> Check {
        const NAME: &str = "users";
        match self.set_up_state().await {
            Ok(SetUp::Done) => Check::ok(NAME, "there are users"),
            Ok(SetUp::Needed) => {
                Check::ok(NAME, "the vault is new: the server's output has the link for its first administrator")
            }
            Ok(SetUp::UsersGone) => Check::failed(NAME, Error::UsersGone.to_string(), USERS_GONE_HINT),
            Err(error) => Check::failed(NAME, error.to_string(), "see that the database runs and can be reached"),
        }
    }
}

/// What to do where the users are gone.
pub const USERS_GONE_HINT: &str = "see who can write the database, and restore it from a backup; or run `countersign user add \
                                   NAME --role administrator --here` beside data and key";
