//! With which provider people may sign in, and how.

use std::collections::BTreeSet;

use countersign_audit::{AuditAction, AuditEntry, ObjectKind};
use countersign_model::{Action, Actor, GroupId, GroupMapping, Invalid, MatchBy, ProviderSettings, Role, VersionId};
use countersign_seal::{Binding, Secret, SecretKind};
use countersign_store::{
    engine::Select,
    groups,
    provider::{self, ProviderRow},
    vault as vault_row,
};

use super::connection::{ProviderPart, closed_to_providers, end_what_came};
use crate::{DatabaseTrouble, Error, FieldEdit, GroupRef, Object, Vault, access::holder, vault::permit_by_role};

const LONGEST_SECRET: usize = 2_000;
const MAX_CONNECTED: u32 = 10_000;

/// What an administrator wishes.
pub struct ProviderRequest {
    /// What the button says.
    pub name: String,
    /// Who issues the tokens.
    pub issuer: String,
    /// As what this server is registered there.
    pub client_id: String,
    /// What it shows there to be believed.
    pub client_secret: FieldEdit<Secret>,
    /// Where people find the page.
    pub address: String,
    /// What is asked for beside `openid`.
    pub scopes: Vec<String>,
    /// How whoever was added is recognised at their first sign-in.
    pub match_by: MatchBy,
    /// As what others are added; `None`: not at all.
    pub new_users: Option<Role>,
    /// Whether the provider vouches for a second factor.
    pub trusts_second_factor: bool,
    /// The claim that holds somebody's groups.
    pub groups_claim: Option<String>,
    /// Which of its values stands for which group.
    pub groups: Vec<(String, GroupRef)>,
}

/// The provider as it may be shown.
#[derive(Debug, Clone)]
pub struct ProviderView {
    /// What was said of it.
    pub settings: ProviderSettings,
    /// Whether there is a client secret.
    pub has_secret: bool,
    /// The names of the groups that are mapped, in the order of the mappings; `None` for one that is gone.
    pub group_names: Vec<Option<String>>,
    /// How many people are connected with it.
    pub connected: usize,
}

/// What it takes to speak to the provider.
pub struct ProviderAccess {
    /// What was said of it.
    pub settings: ProviderSettings,
    /// The client secret.
    pub secret: Option<Secret>,
}

impl Vault {
    /// What the button of the sign-in page says, if there is a provider.
    pub async fn provider_name(&self) -> Result<Option<String>, Error> {
        let mut reader = self.inner.database.read().await?;
        Ok(self.provider_settings(&mut reader).await?.map(|settings| settings.name))
    }

    /// The provider, if one is set up.
    ///
    /// # Errors
    /// [`Error::Denied`] unless the actor manages people.
    pub async fn provider(&self, actor: &Actor) -> Result<Option<ProviderView>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        permit_by_role(&actor, Action::ManageUsers)?;
        match self.provider_in(&mut reader).await? {
            Some(access) => view(&mut reader, access).await.map(Some),
            None => Ok(None),
        }
    }

    /// Says anew with which provider people may sign in. Whoever says it says who may be anybody, so it takes a recent sign-in.
    /// Another issuer or client, or a second factor that is no longer trusted, ends what was opened by the provider so far.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the field; [`Error::Denied`], [`Error::TooShort`].
    pub async fn set_provider(&self, actor: &Actor, ask: ProviderRequest) -> Result<ProviderView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        let before = self.provider_in(&mut tx).await?;
        let mut mappings = Vec::new();
        for (value, wanted) in ask.groups {
            let group = holder::found(&mut tx, &wanted).await.map_err(|_| {
                Invalid::new("groups", format!("name a group that is not there, for the value \"{value}\""))
            })?;
            if let Some(why_not) = closed_to_providers(&mut tx, group.id).await? {
                let problem = format!("map \"{value}\" to {}, into which nobody comes by it: {why_not}", group.name);
                return Err(Invalid::new("groups", problem).into());
            }
            mappings.push(GroupMapping { value, group: group.id });
        }
        let settings = ProviderSettings {
            name: ask.name,
            issuer: ask.issuer,
            client_id: ask.client_id,
            address: ask.address,
            scopes: ask.scopes,
            match_by: ask.match_by,
            new_users: ask.new_users,
            trusts_second_factor: ask.trusts_second_factor,
            groups_claim: ask.groups_claim,
            groups: mappings,
        };
        let settings = settings.checked()?;
        let (before, kept) = before.map(|before| (before.settings, before.secret)).unzip();
        let same_issuer = before.as_ref().is_some_and(|before| before.issuer == settings.issuer);
        let secret = client_secret(ask.client_secret, kept.flatten(), same_issuer)?;
        let access = ProviderAccess { settings, secret };
        self.put_provider(&mut tx, &access).await?;
        if let Some(before) = &before {
            let gone = no_longer(before, &access.settings);
            end_what_came(self, &mut tx, &actor, &gone).await?;
        }
        vault_row::bump(&mut tx).await?;
        let entry = self.entry(&actor, AuditAction::ProviderEdited);
        let entry = entry.on(ObjectKind::Vault, self.keys().vault().uuid(), "provider");
        let former = match &before {
            Some(before) => mapped(&mut tx, before).await?,
            None => Vec::new(),
        };
        let now = mapped(&mut tx, &access.settings).await?;
        let before = before.as_ref().map(|before| (before, former.as_slice()));
        tx.record(said(entry, before, (&access.settings, &now)));
        let shown = view(&mut tx, access).await?;
        tx.commit().await?;
        self.forget_recognised();
        Ok(shown)
    }

    /// Takes the provider away. Who came by it is signed out; who is connected stays so, in case it comes back.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none; [`Error::Denied`], [`Error::TooShort`].
    pub async fn remove_provider(&self, actor: &Actor) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        let vault = self.keys().vault().uuid();
        // Also where something else than this vault has changed its row, which is then not read.
        let issuer = match self.provider_settings(&mut tx).await {
            Err(error) if is_tampered(&error) => "unknown".to_owned(),
            settings => settings?.ok_or(Error::NotFound(Object::Provider))?.issuer,
        };
        provider::delete_settings(&mut tx, vault).await?;
        end_what_came(self, &mut tx, &actor, &ProviderPart::ALL).await?;
        vault_row::bump(&mut tx).await?;
        let entry = self.entry(&actor, AuditAction::ProviderRemoved).on(ObjectKind::Vault, vault, "provider");
        tx.record(entry.with("issuer", issuer));
        tx.commit().await?;
        self.forget_recognised();
        Ok(())
    }

    /// Records that somebody tries whether a provider can be used, before anything is fetched. Gives the issuer as it is kept.
    ///
    /// # Errors
    /// [`Error::Invalid`] when it is none; [`Error::Denied`], [`Error::TooShort`].
    pub async fn test_provider(&self, actor: &Actor, issuer: &str) -> Result<String, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        let issuer = countersign_model::issuer(issuer)?;
        let vault = self.keys().vault().uuid();
        let entry = self.entry(&actor, AuditAction::ProviderTested).on(ObjectKind::Vault, vault, "provider");
        tx.record(entry.with("issuer", issuer.as_str()));
        tx.commit().await?;
        Ok(issuer)
    }

    /// What holds now.
    pub(crate) async fn provider_settings(&self, db: &mut impl Select) -> Result<Option<ProviderSettings>, Error> {
        let row = provider::settings(db, self.keys().vault().uuid()).await?;
        let read = |row: ProviderRow| serde_json::from_str(&row.settings).map_err(|_| Error::Empty("sign-in provider"));
        row.map(read).transpose()
    }

    /// The same, for what is only shown: none where its row is not right. Nobody is kept out by that who has a password.
    pub(super) async fn shown_provider(&self, db: &mut impl Select) -> Result<Option<ProviderSettings>, Error> {
        match self.provider_settings(db).await {
            Err(error) if is_tampered(&error) => Ok(None),
            settings => settings,
        }
    }

    /// What holds now, with the secret.
    pub(super) async fn provider_in(&self, db: &mut impl Select) -> Result<Option<ProviderAccess>, Error> {
        let Some(row) = provider::settings(db, self.keys().vault().uuid()).await? else { return Ok(None) };
        let settings = serde_json::from_str(&row.settings).map_err(|_| Error::Empty("sign-in provider"))?;
        let opened = self.keys().open(&self.provider_binding(row.version), &row.sealed)?;
        let opened = opened.release_unrecorded("it is shown to the provider that it belongs to");
        Ok(Some(ProviderAccess { settings, secret: Some(opened).filter(|secret| !secret.is_empty()) }))
    }

    async fn put_provider(
        &self,
        tx: &mut countersign_store::engine::Transaction,
        access: &ProviderAccess,
    ) -> Result<(), Error> {
        let version = VersionId::new(self.now(), self.chance());
        let nothing = Secret::from(Vec::new());
        let secret = access.secret.as_ref().unwrap_or(&nothing);
        let sealed = self.keys().seal(&self.provider_binding(version), secret, self.chance());
        let settings = serde_json::to_string(&access.settings).map_err(|_| Error::Empty("sign-in provider"))?;
        let row = ProviderRow { settings, version, sealed };
        Ok(provider::put_settings(tx, self.keys().vault().uuid(), &row).await?)
    }

    fn provider_binding(&self, version: VersionId) -> Binding {
        Binding::of(SecretKind::ProviderSecret, self.keys().vault().uuid(), version.uuid())
    }
}

fn is_tampered(error: &Error) -> bool {
    error.database_failure().is_some_and(|failure| failure.trouble() == DatabaseTrouble::Tampered)
}

/// What was opened by the provider and is not to go on, when it is another one now.
fn no_longer(before: &ProviderSettings, now: &ProviderSettings) -> ProviderPart {
    let other = before.issuer != now.issuer || before.client_id != now.client_id;
    let mapped: BTreeSet<GroupId> = now.groups.iter().map(|it| it.group).collect();
    if other {
        return ProviderPart::ALL;
    }
    ProviderPart {
        sessions: before.trusts_second_factor && !now.trusts_second_factor,
        groups_beside: Some(mapped),
        person: None,
    }
}

/// The secret that holds from now on. One that was given for one provider is never sent to another.
fn client_secret(edit: FieldEdit<Secret>, kept: Option<Secret>, same_issuer: bool) -> Result<Option<Secret>, Invalid> {
    let secret = match edit {
        FieldEdit::Keep if !same_issuer && kept.is_some() => {
            return Err(Invalid::new(
                "client_secret",
                "belongs to another issuer: give the one of this issuer, or none",
            ));
        }
        FieldEdit::Keep => kept,
        FieldEdit::Clear => None,
        FieldEdit::Set(secret) => Some(secret).filter(|secret| !secret.is_empty()),
    };
    let fits = |secret: &Secret| {
        let text = secret.expose_text();
        text.is_some_and(|text| text.len() <= LONGEST_SECRET && !text.chars().any(char::is_control))
    };
    if secret.as_ref().is_some_and(|secret| !fits(secret)) {
        return Err(Invalid::new("client_secret", "is too long, or holds what no client secret holds"));
    }
    Ok(secret)
}

/// The record says what decides who comes in, with what it was where that is another. `groups` names each value of the claim with its group.
fn said(
    entry: AuditEntry,
    before: Option<(&ProviderSettings, &[String])>,
    now: (&ProviderSettings, &[String]),
) -> AuditEntry {
    let facts = |(settings, groups): (&ProviderSettings, &[String])| {
        let mut facts = vec![
            ("issuer", settings.issuer.clone()),
            ("client_id", settings.client_id.clone()),
            ("match_by", settings.match_by.name().to_owned()),
            ("new_users", settings.new_users.map_or("nobody", Role::name).to_owned()),
            (
                "second_factor",
                if settings.trusts_second_factor { "the provider's" } else { "asked for here" }.to_owned(),
            ),
        ];
        facts.extend(settings.groups_claim.clone().map(|claim| ("groups_claim", claim)));
        facts.extend((!groups.is_empty()).then(|| ("groups", groups.join(", "))));
        facts
    };
    let told = facts(now);
    let former = before.map(facts).unwrap_or_default().into_iter().filter(|one| !told.contains(one));
    let former: Vec<String> = former.map(|(name, value)| format!("{name}: {value}")).collect();
    let entry = entry.with("trusts_second_factor", now.0.trusts_second_factor);
    let entry = told.iter().fold(entry, |entry, (name, value)| entry.with(name, value.as_str()));
    if former.is_empty() { entry } else { entry.with("former", former) }
}

/// Each value of the claim with the group that it stands for.
async fn mapped(db: &mut impl Select, settings: &ProviderSettings) -> Result<Vec<String>, Error> {
    let mut all = Vec::new();
    for mapping in &settings.groups {
        let group = groups::find(db, mapping.group).await?;
        let name = group.map_or_else(|| mapping.group.to_string(), |row| row.name.to_string());
        all.push(format!("{} = {name}", mapping.value));
    }
    Ok(all)
}

async fn view(db: &mut impl Select, access: ProviderAccess) -> Result<ProviderView, Error> {
    let ProviderAccess { settings, secret } = access;
    let mut group_names = Vec::new();
    for mapping in &settings.groups {
        group_names.push(groups::find(db, mapping.group).await?.map(|row| row.name.to_string()));
    }
    let connected = provider::all(db, &settings.issuer, MAX_CONNECTED).await?.len();
    Ok(ProviderView { settings, has_secret: secret.is_some(), group_names, connected })
}
