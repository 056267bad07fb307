//! People and their roles, as an administrator manages them.

use std::{collections::HashSet, net::IpAddr, time::Duration};

use countersign_audit::{ActorRef, AuditAction, AuditActorKind as RecordedKind, AuditEntry, ObjectKind};
use countersign_identity::{Bearer, BearerKind, Refusal, judge_password};
use countersign_model::{
    Action, Actor, Invalid, MatchBy, NoticeKind, Role, Timestamp, UserId, UserName, decide_by_role,
};
use countersign_seal::{PasswordHash, Secret, Withheld};
use countersign_store::{
    engine::Select,
    passkeys,
    people::{self, PersonRow},
    recovery, scim, services, vault as vault_row,
};

use crate::{
    Conflict, Error, Object, Vault,
    unit::Unit,
    users::{
        ending::{keep_out, sign_out_everywhere},
        source::from_address,
    },
};

const MAX_PEOPLE: u32 = 10_000;
const LINK_LASTS: Duration = Duration::from_secs(3 * 24 * 60 * 60);

/// A person, without what makes them one.
#[derive(Debug, Clone)]
pub struct PersonView {
    /// Their id.
    pub id: UserId,
    /// The name they sign in with.
    pub name: String,
    /// What they are here.
    pub role: Role,
    /// Whether they have an authenticator app.
    pub authenticator_app: bool,
    /// How many passkeys they have.
    pub passkeys: u32,
    /// Whether it is a service account.
    pub service_account: bool,
    /// Whether an identity provider has provisioned them.
    pub provisioned: bool,
    /// Whether they are kept out.
    pub disabled: bool,
    /// Whether they change their password before anything else, because somebody else has chosen it.
    pub must_change_password: bool,
    /// Whether they have a password.
    pub has_password: bool,
    /// Whether they are connected with the provider.
    pub connected: bool,
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

/// A way for one person to choose their password, once.
pub struct PersonLink {
    /// What they show.
    pub link: Secret,
    /// Until when.
    pub expires_at: Timestamp,
}

/// By what a new person signs in first.
pub(crate) enum FirstPassword<'a> {
    /// By one that they have chosen themselves.
    Own(&'a PasswordHash),
    /// By one that somebody else knows.
    Given(&'a PasswordHash),
    /// By none: a link comes first.
    ByLink,
    /// By none: they come by the provider.
    ByProvider,
}

/// What to change of a person.
#[derive(Default)]
pub struct PersonEdit {
    /// Another role.
    pub role: Option<Role>,
    /// Keep them out, which ends their browsers and API tokens, or let them in.
    pub disabled: Option<bool>,
    /// Another password, which they change before anything else; ends their browsers and API tokens.
    pub password: Option<Secret>,
    /// Forget their authenticator app, passkeys and recovery codes, so that they set up another second factor; ends their
    /// browsers and API tokens.
    pub reset_second_factor: bool,
}

impl PersonView {
    /// Whether their password alone lets nobody in.
    pub const fn second_factor(&self) -> bool {
        self.authenticator_app || self.passkeys > 0
    }
}

impl Vault {
    /// Everybody, by name.
    pub async fn people(&self, actor: &Actor) -> Result<Vec<PersonView>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        // Who may say who uses a credential has to see whom there is.
        let may = |act| decide_by_role(actor.role, act);
        may(Action::GrantCredential).or_else(|_| may(Action::ManageUsers))?;
        let services = services::ids(&mut reader).await?;
        let provisioned: HashSet<UserId> = scim::user_ids(&mut reader).await?.into_iter().collect();
        let connected = self.connected_people(&mut reader).await?;
        let shown = |row: PersonRow| {
            let id = row.id;
            PersonView {
                service_account: services.contains(&id),
                provisioned: provisioned.contains(&id),
                ..view(row, connected.contains(&id))
            }
        };
        Ok(people::all(&mut reader, MAX_PEOPLE).await?.into_iter().map(shown).collect())
    }

    /// The actor's own entry.
    pub async fn own_entry(&self, actor: &Actor) -> Result<PersonView, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let row = people::find(&mut reader, actor.user).await?.ok_or(Error::NotSignedIn)?;
        // An API token may be less than its owner.
        let connected = self.is_connected(&mut reader, actor.user).await?;
        let provisioned = scim::user(&mut reader, actor.user).await?.is_some();
        Ok(PersonView { role: actor.role, service_account: actor.is_service(), provisioned, ..view(row, connected) })
    }

    /// Adds a person with a first password, which they change before anything else.
    ///
    /// # Errors
    /// [`Conflict::NameTaken`], [`Error::Invalid`] for a password that is easy to guess, [`Error::Denied`].
    pub async fn create_person(&self, actor: &Actor, new: NewPerson) -> Result<PersonView, Error> {
        self.permit_managing(actor)?;
        judge_password("password", &new.password, new.name.as_str())?;
        let hash = self.hash_password(new.password).await?;
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        let row = self.put_person(&mut tx, &new.name, new.role, FirstPassword::Given(&hash), Some(&actor)).await?;
        tx.commit().await?;
        self.wake_sender();
        Ok(view(row, false))
    }

    /// Adds a person who signs in with the provider: they are recognised there at their first sign-in, by the name, as the provider's
    /// settings say.
    ///
    /// # Errors
    /// [`Error::Invalid`] where no provider is set up that recognises anybody; [`Conflict::NameTaken`], [`Error::Denied`].
    pub async fn create_person_for_provider(
        &self,
        actor: &Actor,
        name: &UserName,
        role: Role,
    ) -> Result<PersonView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        let match_by = self.provider_settings(&mut tx).await?.map_or(MatchBy::Nothing, |it| it.match_by);
        if match_by == MatchBy::Nothing {
            let problem = "needs a sign-in provider that recognises users by user name or e-mail: set that up first";
            return Err(Invalid::new("sign_in", problem).into());
        }
        let row = self.put_person(&mut tx, name, role, FirstPassword::ByProvider, Some(&actor)).await?;
        tx.commit().await?;
        self.wake_sender();
        Ok(view(row, false))
    }

    /// Adds a person who chooses their password themselves, by the link that is given: shown once, used once, for three days.
    ///
    /// # Errors
    /// [`Conflict::NameTaken`], [`Error::Denied`].
    pub async fn create_person_with_link(
        &self,
        actor: &Actor,
        name: &UserName,
        role: Role,
    ) -> Result<(PersonView, PersonLink), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        let row = self.put_person(&mut tx, name, role, FirstPassword::ByLink, Some(&actor)).await?;
        let link = self.put_person_link(&mut tx, &actor, row.id, &row.name).await?;
        let receipt = tx.commit().await?;
        self.wake_sender();
        Ok((view(row, false), link.release(&receipt)?))
    }

    /// Makes a link by which somebody who is there chooses another password. The one that they have serves until then.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Denied`].
    pub async fn make_person_link(&self, actor: &Actor, id: UserId) -> Result<PersonLink, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        let person = people::find(&mut tx, id).await?.ok_or(Error::NotFound(Object::User))?;
        require_person(&mut tx, &person).await?;
        let link = self.put_person_link(&mut tx, &actor, id, &person.name).await?;
        if person.role == Role::Administrator && !person.disabled {
            self.tell_administrators(&mut tx, NoticeKind::AdministratorReset, &person.name, Some(&actor)).await?;
        }
        let receipt = tx.commit().await?;
        self.wake_sender();
        Ok(link.release(&receipt)?)
    }

    pub(crate) async fn put_person_link(
        &self,
        tx: &mut Unit,
        actor: &Actor,
        id: UserId,
        name: &str,
    ) -> Result<Withheld<PersonLink>, Error> {
        let link = Bearer::new(BearerKind::PersonLink, self.chance());
        let expires_at = self.now().plus(LINK_LASTS);
        people::put_link(tx, id, &link.hash(), expires_at).await?;
        let entry = self.entry(actor, AuditAction::SetUpLinkMade).on(ObjectKind::User, id.uuid(), name);
        let entry = entry.with("expires_at", expires_at.to_string());
        tx.record(entry);
        let link = PersonLink { link: Secret::from(link.expose().to_owned()), expires_at };
        Ok(Withheld::new(id.uuid().into_bytes(), link))
    }

    /// Somebody chooses their password by a link; what they came in by before ends. Gives their name: they sign in next.
    ///
    /// # Errors
    /// [`Error::PersonLinkInvalid`], also when it was used or is too old; [`Error::Invalid`] for a password that cannot
    /// serve: then the link serves on.
    pub async fn use_person_link(
        &self,
        link: &str,
        password: Secret,
        address: Option<IpAddr>,
    ) -> Result<String, Error> {
        let link = Bearer::parse(link).filter(|link| link.kind() == BearerKind::PersonLink);
        let found = match &link {
            Some(link) => self.person_of_link(&mut &self.inner.database, link).await?,
            None => None,
        };
        let (Some(link), Some(person)) = (link, found) else {
            self.note_refusal(Refusal::Bearer, address, None).await;
            return Err(Error::PersonLinkInvalid);
        };
        judge_password("password", &password, &person.name)?;
        let hash = self.hash_password(password).await?;
        let mut tx = self.unit().await?;
        // It may have been used, or another made, meanwhile.
        let person = self.person_of_link(&mut tx, &link).await?.ok_or(Error::PersonLinkInvalid)?;
        if !people::delete_link(&mut tx, person.id).await? {
            return Err(Error::PersonLinkInvalid);
        }
        people::set_password(&mut tx, person.id, &hash, false).await?;
        sign_out_everywhere(&mut tx, person.id).await?;
        vault_row::bump(&mut tx).await?;
        let who = ActorRef { kind: RecordedKind::User, id: Some(person.id.uuid()), name: person.name.clone() };
        let entry = AuditEntry::new(self.now(), who, AuditAction::SetUpLinkUsed);
        let entry = from_address(entry.on(ObjectKind::User, person.id.uuid(), &person.name), address);
        tx.record(entry);
        tx.commit().await?;
        self.forget_recognised();
        Ok(person.name)
    }

    async fn person_of_link(&self, db: &mut impl Select, link: &Bearer) -> Result<Option<PersonRow>, Error> {
        let Some(id) = people::link(db, &link.hash(), self.now()).await? else { return Ok(None) };
        Ok(people::find(db, id).await?.filter(|person| !person.disabled))
    }

    /// Changes a person.
    ///
    /// # Errors
    /// [`Conflict::LastAdministrator`] when nobody would be left to manage the vault.
    pub async fn edit_person(&self, actor: &Actor, id: UserId, mut edit: PersonEdit) -> Result<PersonView, Error> {
        self.permit_managing(actor)?;
        let hash = match edit.password.take() {
            None => None,
            Some(password) => {
                let person = people::find(&mut &self.inner.database, id).await?.ok_or(Error::NotFound(Object::User))?;
                judge_password("password", &password, &person.name)?;
                Some(self.hash_password(password).await?)
            }
        };
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        let before = people::find(&mut tx, id).await?.ok_or(Error::NotFound(Object::User))?;
        require_person(&mut tx, &before).await?;
        let entry = self.entry(&actor, AuditAction::UserEdited).on(ObjectKind::User, id.uuid(), &before.name);
        let own = id == actor.user;
        let entry = apply(&mut tx, &before, &edit, hash.as_ref(), own, entry).await?;
        require_administrator(&mut tx).await?;
        vault_row::bump(&mut tx).await?;
        tx.record(entry);
        self.see_to_administrators(&mut tx, &actor, &before, &edit, hash.is_some()).await?;
        let after = people::find(&mut tx, id).await?.ok_or(Error::NotFound(Object::User))?;
        let connected = self.is_connected(&mut tx, id).await?;
        let provisioned = scim::user(&mut tx, id).await?.is_some();
        tx.commit().await?;
        self.forget_recognised();
        self.wake_sender();
        Ok(PersonView { provisioned, ..view(after, connected) })
    }

    /// What follows for requests that administrators decide about, and who is told, when somebody becomes one, is none any more, or gets
    /// another way in of somebody else.
    async fn see_to_administrators(
        &self,
        tx: &mut Unit,
        actor: &Actor,
        before: &PersonRow,
        edit: &PersonEdit,
        new_password: bool,
    ) -> Result<(), Error> {
        let is_now = |role: Role, disabled: bool| role == Role::Administrator && !disabled;
        let was = is_now(before.role, before.disabled);
        let is = is_now(edit.role.unwrap_or(before.role), edit.disabled.unwrap_or(before.disabled));
        if was && !is {
            self.administrator_lost(tx, actor, before.id).await?;
        }
        let kind = match (was, is) {
            (false, true) => NoticeKind::AdministratorMade,
            (true, true) if before.id != actor.user && (new_password || edit.reset_second_factor) => {
                NoticeKind::AdministratorReset
            }
            _ => return Ok(()),
        };
        self.tell_administrators(tx, kind, &before.name, Some(actor)).await
    }

    /// Forgets the second factor of the person of that name, from beside the server's data: for an administrator who lost
    /// the authenticator when nobody else can let them in. Their browsers are signed out; their password stays. Gives the
    /// name as it is kept.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] when they have none.
    pub async fn reset_second_factor(&self, name: &str) -> Result<String, Error> {
        let mut tx = self.unit().await?;
        let person = people::find_by_name(&mut tx, name.trim()).await?.ok_or(Error::NotFound(Object::User))?;
        if !person.has_second_factor() {
            return Err(Invalid::new("user", "has no second factor: the password alone signs them in").into());
        }
        let removed = forget_second_factor(&mut tx, person.id).await?;
        vault_row::bump(&mut tx).await?;
        let entry = AuditEntry::new(self.now(), ActorRef::system(), AuditAction::SecondFactorReset);
        let entry = with_passkeys(entry.on(ObjectKind::User, person.id.uuid(), &person.name), removed);
        tx.record(entry);
        tx.commit().await?;
        self.forget_recognised();
        Ok(person.name)
    }

    /// Removes a person with their browsers, API tokens and grants. The audit log keeps their name and id.
    ///
    /// # Errors
    /// [`Conflict::LastAdministrator`].
    pub async fn remove_person(&self, actor: &Actor, id: UserId) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        let person = people::find(&mut tx, id).await?.ok_or(Error::NotFound(Object::User))?;
        require_person(&mut tx, &person).await?;
        self.administrator_lost(&mut tx, &actor, id).await?;
        people::delete(&mut tx, id).await?;
        require_administrator(&mut tx).await?;
        vault_row::bump(&mut tx).await?;
        let entry = self.entry(&actor, AuditAction::UserRemoved).on(ObjectKind::User, id.uuid(), person.name);
        tx.record(entry);
        tx.commit().await?;
        self.forget_recognised();
        Ok(())
    }
}

/// Writes what an administrator changes of a person, and adds it to the record. Whoever gets another password or factor
/// is signed out everywhere.
async fn apply(
    tx: &mut Unit,
    before: &PersonRow,
    edit: &PersonEdit,
    hash: Option<&PasswordHash>,
    own: bool,
    mut entry: AuditEntry,
) -> Result<AuditEntry, Error> {
    let id = before.id;
    if let Some(role) = edit.role.filter(|role| *role != before.role) {
        people::set_role(tx, id, role).await?;
        entry = entry.with("role", role.name()).with("former_role", before.role.name());
    }
    if let Some(disabled) = edit.disabled.filter(|disabled| *disabled != before.disabled) {
        if disabled {
            keep_out(tx, before).await?;
        } else {
            people::set_disabled(tx, id, false).await?;
        }
        entry = entry.with("disabled", disabled);
    }
    if let Some(hash) = hash {
        // Whoever chooses it for somebody else knows it; one's own is one's own.
        people::set_password(tx, id, hash, !own).await?;
        people::delete_link(tx, id).await?;
        entry = entry.with("password", true);
    }
    if edit.reset_second_factor {
        let removed = forget_second_factor(tx, id).await?;
        entry = with_passkeys(entry.with("second_factor", "reset"), removed);
    }
    if hash.is_some() || edit.reset_second_factor {
        sign_out_everywhere(tx, id).await?;
    }
    Ok(entry)
}

/// With the codes that stand in for it; who was let in by it is let in no more, nor are their programs. Says how many
/// passkeys went.
async fn forget_second_factor(tx: &mut Unit, person: UserId) -> Result<u64, Error> {
    people::drop_second_factor(tx, person).await?;
    let removed = passkeys::delete_all(tx, person).await?;
    recovery::delete(tx, person).await?;
    sign_out_everywhere(tx, person).await?;
    Ok(removed)
}

/// Says that passkeys went with the second factor.
fn with_passkeys(entry: AuditEntry, removed: u64) -> AuditEntry {
    if removed == 0 { entry } else { entry.with("passkeys_removed", i64::try_from(removed).unwrap_or(i64::MAX)) }
}

/// A service account is looked after where it is made: it has no password, and no role but one.
async fn require_person(db: &mut impl Select, row: &PersonRow) -> Result<(), Error> {
    if services::is_one(db, row.id).await? {
        return Err(Error::Conflict(Conflict::ServiceAccount(row.name.clone())));
    }
    Ok(())
}

async fn require_administrator(tx: &mut Unit) -> Result<(), Error> {
    if people::administrators(tx).await? == 0 { Err(Error::Conflict(Conflict::LastAdministrator)) } else { Ok(()) }
}

fn view(row: PersonRow, connected: bool) -> PersonView {
    PersonView {
        has_password: !row.password.is_nobodys(),
        connected,
        id: row.id,
        name: row.name,
        role: row.role,
        authenticator_app: row.seed.is_some(),
        passkeys: u32::try_from(row.passkeys).unwrap_or(0),
        service_account: false,
        provisioned: false,
        disabled: row.disabled,
        must_change_password: row.must_change,
        created_at: row.created_at,
        last_sign_in_at: row.last_sign_in_at,
    }
}
