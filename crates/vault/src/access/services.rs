//! Service accounts: accounts of programs, with secrets by which they ask for tokens. Each is a row among people, so that it is granted
//! things and is in groups as people are, and nobody can sign in by it.

use std::{collections::HashMap, time::Duration};

use countersign_audit::{AuditAction, AuditEntry, ObjectKind};
use countersign_identity::{Bearer, BearerKind};
use countersign_model::{
    AccessScope, Action, Actor, ClientSecretId, CredentialId, Invalid, Network, Role, ScopePermission, ScopeWord,
    ServiceDescription, Timestamp, UserId, UserName, decide_by_role, search_key,
};
use countersign_seal::Withheld;
use countersign_store::{
    credentials,
    engine::Select,
    people,
    services::{self, SecretRow, ServiceRow},
    vault as vault_row,
};

use super::federated::{self, FederatedIdentityView};
use crate::{Conflict, Error, Object, Vault, unit::Unit};

const MAX_SERVICES: u32 = 1_000;
/// So many secrets serve at once: the one in use, its successor, and one more for who replaces in a hurry.
const MAX_SECRETS: usize = 3;
const MAX_NETWORKS: usize = 50;
const LONGEST_DAYS: u32 = 3_650;
/// So long a secret serves on after another has taken its place, where nobody says otherwise, and at the most.
const OVERLAP_HOURS: (u32, u32) = (24, 30 * 24);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Prefix and some of the secret: enough to tell secrets apart, no help in guessing what is left.
const HINT: usize = 9;

/// A service account, without what makes it one.
#[derive(Debug, Clone)]
pub struct ServiceAccountView {
    /// Its id, which is the client id too.
    pub id: UserId,
    /// What it is called, as people are.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// Who looks after it.
    pub owner: Option<(UserId, String)>,
    /// What its tokens may be for at the most, credentials by name.
    pub scope: String,
    /// From where it may be used; from anywhere where there is none.
    pub networks: Vec<Network>,
    /// When it ends, if ever.
    pub expires_at: Option<Timestamp>,
    /// Whether it is kept out.
    pub disabled: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// When it was last given a token.
    pub last_used_at: Option<Timestamp>,
    /// Its secrets, the newest first.
    pub secrets: Vec<ClientSecretView>,
    /// Whose tokens it takes in place of a secret, the newest first.
    pub federated_identities: Vec<FederatedIdentityView>,
}

/// A secret of a service account, without what makes it one.
#[derive(Debug, Clone)]
pub struct ClientSecretView {
    /// Its id.
    pub id: ClientSecretId,
    /// How it begins.
    pub hint: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: String,
    /// When it ends, if ever.
    pub expires_at: Option<Timestamp>,
    /// When a token was last asked for by it.
    pub last_used_at: Option<Timestamp>,
}

/// A service account to make.
#[derive(Debug, Clone)]
pub struct NewServiceAccount {
    /// What it is called; nobody else may be called so.
    pub name: UserName,
    /// What it is for.
    pub description: ServiceDescription,
    /// Who looks after it.
    pub owner: Option<UserId>,
    /// What its tokens may be for; what changes nothing, when left out.
    pub scope: Option<String>,
    /// From where it may be used.
    pub networks: Vec<Network>,
    /// After how many days it ends.
    pub expires_in_days: Option<u32>,
}

/// What to change of a service account.
#[derive(Debug, Clone, Default)]
pub struct ServiceAccountEdit {
    /// What it is for.
    pub description: Option<ServiceDescription>,
    /// Who looks after it, or nobody.
    pub owner: Option<Option<UserId>>,
    /// What its tokens may be for.
    pub scope: Option<String>,
    /// From where it may be used.
    pub networks: Option<Vec<Network>>,
    /// When it ends, or never.
    pub expires_at: Option<Option<Timestamp>>,
    /// Keep it out, or let it in.
    pub disabled: Option<bool>,
}

impl Vault {
    /// Every service account, by name.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub async fn service_accounts(&self, actor: &Actor) -> Result<Vec<ServiceAccountView>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        decide_by_role(actor.role, Action::ManageUsers)?;
        let mut views = Vec::new();
        for row in services::all(&mut reader, MAX_SERVICES).await? {
            views.push(view(&mut reader, row).await?);
        }
        views.sort_by_cached_key(|view| search_key(&view.name));
        Ok(views)
    }

    /// One service account.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::NotFound`].
    pub async fn service_account(&self, actor: &Actor, id: UserId) -> Result<ServiceAccountView, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        decide_by_role(actor.role, Action::ManageUsers)?;
        let row = found(&mut reader, id).await?;
        view(&mut reader, row).await
    }

    /// Makes a service account with its first secret, which is given this once.
    ///
    /// # Errors
    /// [`Conflict::NameTaken`], [`Error::Invalid`], [`Error::Denied`], [`Error::TooShort`].
    pub async fn create_service_account(
        &self,
        actor: &Actor,
        new: NewServiceAccount,
    ) -> Result<(ServiceAccountView, Bearer), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        let now = self.now();
        if services::count(&mut tx).await? >= i64::from(MAX_SERVICES) {
            return Err(
                Invalid::new("name", format!("is one too many: at most {MAX_SERVICES} service accounts")).into()
            );
        }
        if people::find_by_name(&mut tx, new.name.as_str()).await?.is_some() {
            let what = "user or service account";
            return Err(Error::Conflict(Conflict::NameTaken { what, name: new.name.to_string() }));
        }
        let scope = match &new.scope {
            Some(text) => scope_of(&mut tx, &actor, text).await?,
            None => AccessScope::reading(),
        };
        let expires_at = new.expires_in_days.map(|days| in_days(days, now)).transpose()?;
        let networks = checked_networks(new.networks)?;
        let owner = checked_owner(&mut tx, new.owner).await?;
        let id = UserId::new(now, self.chance());
        // No password has this hash.
        people::insert(&mut tx, id, &new.name, Role::Member, &self.inner.nobodys_hash, true, now).await?;
        let person = people::find(&mut tx, id).await?.ok_or(Error::NotFound(Object::ServiceAccount))?;
        let row = ServiceRow {
            person,
            description: new.description.to_string(),
            owner,
            scope,
            networks,
            expires_at,
            created_by: actor.name.clone(),
            last_used_at: None,
        };
        services::insert(&mut tx, &row).await?;
        vault_row::bump(&mut tx).await?;
        let entry = self.service_entry(&actor, AuditAction::ServiceAccountCreated, &row);
        let entry = told(&mut tx, entry.with("role", Role::Member.name()), &row).await?;
        tx.record(entry);
        let secret = self.put_secret(&mut tx, &actor, &row).await?;
        let view = view(&mut tx, row).await?;
        let receipt = tx.commit().await?;
        Ok((view, secret.release(&receipt)?))
    }

    /// Changes a service account. What is taken away is not served any more from the next request on.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::Denied`], [`Error::NotFound`], [`Error::TooShort`].
    pub async fn edit_service_account(
        &self,
        actor: &Actor,
        id: UserId,
        edit: ServiceAccountEdit,
    ) -> Result<ServiceAccountView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        let mut row = found(&mut tx, id).await?;
        let former = facts(&mut tx, &row).await?;
        if let Some(description) = edit.description {
            row.description = description.to_string();
        }
        if let Some(owner) = edit.owner {
            row.owner = checked_owner(&mut tx, owner).await?;
        }
        if let Some(text) = edit.scope {
            row.scope = scope_of(&mut tx, &actor, &text).await?;
        }
        if let Some(networks) = edit.networks {
            row.networks = checked_networks(networks)?;
        }
        if let Some(expires_at) = edit.expires_at {
            row.expires_at = expires_at;
        }
        let mut entry = self.service_entry(&actor, AuditAction::ServiceAccountEdited, &row);
        if let Some(disabled) = edit.disabled.filter(|disabled| *disabled != row.person.disabled) {
            people::set_disabled(&mut tx, id, disabled).await?;
            row.person.disabled = disabled;
            entry = entry.with("disabled", disabled);
            if disabled {
                services::delete_tokens(&mut tx, id).await?;
            }
        }
        if !services::update(&mut tx, &row).await? {
            return Err(Error::NotFound(Object::ServiceAccount));
        }
        vault_row::bump(&mut tx).await?;
        let entry = told_with_former(&mut tx, entry, &row, former).await?;
        tx.record(entry);
        let view = view(&mut tx, row).await?;
        tx.commit().await?;
        self.forget_recognised();
        Ok(view)
    }

    /// Removes a service account with its secrets, tokens and grants. The audit log keeps its name and id.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::NotFound`], [`Error::TooShort`].
    pub async fn remove_service_account(&self, actor: &Actor, id: UserId) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        let row = found(&mut tx, id).await?;
        people::delete(&mut tx, id).await?;
        vault_row::bump(&mut tx).await?;
        tx.record(self.service_entry(&actor, AuditAction::ServiceAccountRemoved, &row));
        tx.commit().await?;
        self.forget_recognised();
        Ok(())
    }

    /// Makes another secret, which is given this once. With `replaces` it takes the place of those that there are: they end
    /// after so many hours; with none of them at once, and their tokens too.
    ///
    /// # Errors
    /// [`Error::Invalid`] where there are as many as can be, [`Error::Denied`], [`Error::NotFound`], [`Error::TooShort`].
    pub async fn create_client_secret(
        &self,
        actor: &Actor,
        id: UserId,
        replaces: Option<Option<u32>>,
    ) -> Result<(ServiceAccountView, Bearer), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        let row = found(&mut tx, id).await?;
        let now = self.now();
        let live = services::secrets(&mut tx, id).await?.iter().filter(|secret| is_live(secret, now)).count();
        let overlap = replaces.map(|hours| hours.unwrap_or(OVERLAP_HOURS.0));
        if overlap.is_some_and(|hours| hours > OVERLAP_HOURS.1) {
            return Err(Invalid::new("overlap_hours", format!("must be 0 to {}", OVERLAP_HOURS.1)).into());
        }
        if live >= MAX_SECRETS && overlap != Some(0) {
            let problem = format!("is one too many: {MAX_SECRETS} serve at once, remove one first");
            return Err(Invalid::new("secret", problem).into());
        }
        if let Some(hours) = overlap {
            let end = now.plus(HOUR * hours);
            for former in services::end_secrets(&mut tx, id, end).await? {
                let entry = self.secret_entry(&actor, AuditAction::ClientSecretReplaced, &former, &row);
                tx.record(entry.with("ends_at", end.micros()));
                if hours == 0 {
                    services::delete_tokens_of(&mut tx, former.id).await?;
                }
            }
            vault_row::bump(&mut tx).await?;
        }
        let secret = self.put_secret(&mut tx, &actor, &row).await?;
        let view = view(&mut tx, row).await?;
        let receipt = tx.commit().await?;
        self.forget_recognised();
        Ok((view, secret.release(&receipt)?))
    }

    /// Removes a secret, with the tokens that were given for it.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::NotFound`], [`Error::TooShort`].
    pub async fn remove_client_secret(&self, actor: &Actor, id: UserId, secret: ClientSecretId) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        let row = found(&mut tx, id).await?;
        let gone = services::secrets(&mut tx, id).await?.into_iter().find(|one| one.id == secret);
        let gone = gone.ok_or(Error::NotFound(Object::ClientSecret))?;
        services::delete_secret(&mut tx, secret, id).await?;
        vault_row::bump(&mut tx).await?;
        tx.record(self.secret_entry(&actor, AuditAction::ClientSecretRemoved, &gone, &row));
        tx.commit().await?;
        self.forget_recognised();
        Ok(())
    }

    async fn put_secret(&self, tx: &mut Unit, actor: &Actor, row: &ServiceRow) -> Result<Withheld<Bearer>, Error> {
        let now = self.now();
        let bearer = Bearer::new(BearerKind::ClientSecret, self.chance());
        let secret = SecretRow {
            id: ClientSecretId::new(now, self.chance()),
            person: row.person.id,
            hint: bearer.expose().chars().take(HINT).collect(),
            created_at: now,
            created_by: actor.name.clone(),
            expires_at: None,
            last_used_at: None,
        };
        services::insert_secret(tx, &secret, &bearer.hash()).await?;
        tx.record(self.secret_entry(actor, AuditAction::ClientSecretCreated, &secret, row));
        Ok(Withheld::new(secret.id.uuid().into_bytes(), bearer))
    }

    fn service_entry(&self, actor: &Actor, act: AuditAction, row: &ServiceRow) -> AuditEntry {
        self.entry(actor, act).on(ObjectKind::ServiceAccount, row.person.id.uuid(), &row.person.name)
    }

    fn secret_entry(&self, actor: &Actor, act: AuditAction, secret: &SecretRow, row: &ServiceRow) -> AuditEntry {
        let entry = self.entry(actor, act).on(ObjectKind::ClientSecret, secret.id.uuid(), &secret.hint);
        entry.with("service_account", row.person.name.as_str())
    }
}

/// With how far it reaches now.
/// What decides how far an account reaches, and whose it is.
async fn facts(db: &mut impl Select, row: &ServiceRow) -> Result<Vec<(&'static str, String)>, Error> {
    let networks: Vec<String> = row.networks.iter().map(ToString::to_string).collect();
    let owner = match row.owner {
        Some(id) => people::find(db, id).await?.map_or_else(|| id.to_string(), |person| person.name),
        None => "nobody".to_owned(),
    };
    Ok(vec![
        ("description", row.description.clone()),
        ("owner", owner),
        ("scope", written(db, &row.scope).await?),
        ("networks", if networks.is_empty() { "any".to_owned() } else { networks.join(", ") }),
        ("expires_at", row.expires_at.map_or_else(|| "never".to_owned(), |end| end.to_string())),
    ])
}

/// What it is now, and what of it was otherwise before.
async fn told_with_former(
    db: &mut impl Select,
    entry: AuditEntry,
    row: &ServiceRow,
    former: Vec<(&'static str, String)>,
) -> Result<AuditEntry, Error> {
    let now = facts(db, row).await?;
    let was = former.into_iter().filter(|fact| !now.contains(fact)).map(|(name, was)| format!("{name}: {was}"));
    let was: Vec<String> = was.collect();
    let entry = told(db, entry, row).await?;
    Ok(if was.is_empty() { entry } else { entry.with("former", was) })
}

async fn told(db: &mut impl Select, entry: AuditEntry, row: &ServiceRow) -> Result<AuditEntry, Error> {
    let entry = entry.with("scope", written(db, &row.scope).await?);
    let networks: Vec<String> = row.networks.iter().map(ToString::to_string).collect();
    let entry = if networks.is_empty() { entry } else { entry.with("networks", networks) };
    Ok(match row.expires_at {
        Some(end) => entry.with("expires_at", end.to_string()),
        None => entry,
    })
}

pub(super) const fn is_live(secret: &SecretRow, now: Timestamp) -> bool {
    match secret.expires_at {
        Some(end) => now.micros() < end.micros(),
        None => true,
    }
}

async fn found(db: &mut impl Select, id: UserId) -> Result<ServiceRow, Error> {
    services::find(db, id).await?.ok_or(Error::NotFound(Object::ServiceAccount))
}

fn in_days(days: u32, now: Timestamp) -> Result<Timestamp, Invalid> {
    if (1..=LONGEST_DAYS).contains(&days) {
        Ok(now.plus(DAY * days))
    } else {
        Err(Invalid::new("expires_in_days", format!("must be 1 to {LONGEST_DAYS}")))
    }
}

fn checked_networks(mut networks: Vec<Network>) -> Result<Vec<Network>, Invalid> {
    if networks.len() > MAX_NETWORKS {
        return Err(Invalid::new("networks", format!("are too many: at most {MAX_NETWORKS}")));
    }
    networks.sort_unstable();
    networks.dedup();
    Ok(networks)
}

async fn checked_owner(db: &mut impl Select, owner: Option<UserId>) -> Result<Option<UserId>, Error> {
    if let Some(id) = owner
        && (people::find(db, id).await?.is_none() || services::is_one(db, id).await?)
    {
        return Err(Invalid::new("owner", "is no user of this vault").into());
    }
    Ok(owner)
}

/// A scope as somebody has written it for an account, its credentials found.
async fn scope_of(db: &mut impl Select, actor: &Actor, text: &str) -> Result<AccessScope, Error> {
    let mut scope = AccessScope::default();
    for word in ScopeWord::read(text)? {
        match word {
            ScopeWord::Permission(permission) => scope.allow(permission),
            ScopeWord::Tag(tag) => scope.add_tag(tag),
            ScopeWord::Credential(name) => {
                let row = match name.parse() {
                    Ok(id) => credentials::find(db, id).await?,
                    Err(_) => credentials::find_by_name_as(db, &name, actor.user).await?,
                };
                let row = row.ok_or_else(|| Invalid::new("scope", format!("names no credential: \"{name}\"")))?;
                scope.add_credential(row.id);
            }
        }
    }
    if scope.is_empty() {
        let names = ScopePermission::ALL.map(ScopePermission::name).join(", ");
        return Err(Invalid::new("scope", format!("allows nothing: name one of {names}")).into());
    }
    Ok(scope)
}

/// A scope with credentials by their names; by id where one is gone.
pub(super) async fn written(db: &mut impl Select, scope: &AccessScope) -> Result<String, Error> {
    let mut names: HashMap<CredentialId, String> = HashMap::new();
    for id in scope.credentials() {
        if let Some(row) = credentials::find(db, id).await? {
            names.insert(id, row.name.to_string());
        }
    }
    Ok(scope.written(|id| names.get(&id).cloned().unwrap_or_else(|| id.to_string())))
}

async fn view(db: &mut impl Select, row: ServiceRow) -> Result<ServiceAccountView, Error> {
    let owner = match row.owner {
        Some(id) => people::find(db, id).await?.map(|person| (person.id, person.name)),
        None => None,
    };
    let secrets = services::secrets(db, row.person.id).await?.into_iter().map(|secret| ClientSecretView {
        id: secret.id,
        hint: secret.hint,
        created_at: secret.created_at,
        created_by: secret.created_by,
        expires_at: secret.expires_at,
        last_used_at: secret.last_used_at,
    });
    let secrets = secrets.collect();
    let federated_identities = federated::shown(db, row.person.id).await?;
    Ok(ServiceAccountView {
        id: row.person.id,
        name: row.person.name.clone(),
        description: row.description,
        owner,
        scope: written(db, &row.scope).await?,
        networks: row.networks,
        expires_at: row.expires_at,
        disabled: row.person.disabled,
        created_at: row.person.created_at,
        created_by: row.created_by,
        last_used_at: row.last_used_at,
        secrets,
        federated_identities,
    })
}
