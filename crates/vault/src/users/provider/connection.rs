//! Who is connected with an account at the provider, and what came by it.

use std::{collections::BTreeSet, net::IpAddr};

use countersign_audit::{ActorRef, AuditAction, AuditEntry, ObjectKind};
use countersign_model::{
    Actor, GroupId, NoticeKind, Principal, ProviderClaims, ProviderRefusal, ProviderSettings, Role, UserId, VersionId,
    WebSessionId, group_changes,
};
use countersign_store::{
    access, groups,
    groups::MemberRow,
    people,
    people::PersonRow,
    provider::{self, IdentityRow},
    scim, vault as vault_row,
};

use crate::{
    Error, Object, Vault,
    unit::Unit,
    users::{account::own_session, ending::only_way_in, source::from_address},
};

/// The most people directly in a group.
const MAX_MEMBERS: usize = 1_000;

/// A part of what came by the provider.
pub(super) struct ProviderPart {
    /// Whether browsers that were signed in by it are meant.
    pub(super) sessions: bool,
    /// Groups into which it has brought somebody are meant, but for these; with `None` no group is.
    pub(super) groups_beside: Option<BTreeSet<GroupId>>,
    /// Of this person alone, but for this browser.
    pub(super) person: Option<(UserId, Option<WebSessionId>)>,
}

impl ProviderPart {
    /// All of it.
    pub(super) const ALL: Self = Self { sessions: true, groups_beside: Some(BTreeSet::new()), person: None };

    fn is_of(&self, person: UserId) -> bool {
        self.person.is_none_or(|(one, _)| one == person)
    }
}

/// Ends a part of what came by the provider, each with its record.
pub(super) async fn end_what_came(
    vault: &Vault,
    tx: &mut Unit,
    actor: &Actor,
    part: &ProviderPart,
) -> Result<(), Error> {
    if part.sessions {
        let spared = part.person.and_then(|(_, own)| own);
        for (id, person) in access::sessions_by_provider(tx).await? {
            if part.is_of(person) && spared != Some(id) {
                access::delete_session(tx, id, person).await?;
                let entry = vault.entry(actor, AuditAction::WebSessionEnded);
                tx.record(entry.on(ObjectKind::WebSession, id.uuid(), "browser").with("provider", true));
            }
        }
    }
    let Some(kept) = &part.groups_beside else { return Ok(()) };
    for row in groups::by_provider(tx).await? {
        let Principal::User(person) = row.member else { continue };
        if part.is_of(person) && !kept.contains(&row.group) {
            groups::remove_member(tx, row.group, row.member).await?;
            let name = people::find(tx, person).await?.map(|row| row.name).unwrap_or_default();
            let group = groups::find(tx, row.group).await?.ok_or(Error::NotFound(Object::Group))?;
            let entry = vault.entry(actor, AuditAction::GroupMemberRemoved);
            tx.record(of_member(entry, &group, &name));
        }
    }
    Ok(())
}

fn of_member(entry: AuditEntry, group: &groups::GroupRow, name: &str) -> AuditEntry {
    let entry = entry.on(ObjectKind::Group, group.id.uuid(), group.name.as_str());
    entry.with("user", name).with("provider", true)
}

/// Brings somebody into the groups that the provider's word stands for, and out of those that it stood for before.
pub(super) async fn follow_groups(
    vault: &Vault,
    tx: &mut Unit,
    settings: &ProviderSettings,
    claims: &ProviderClaims,
    person: &PersonRow,
) -> Result<(), Error> {
    let now = groups::directly_in(tx, person.id).await?;
    let in_now = now.iter().map(|row| (row.group, row.by_provider)).collect();
    let changes = group_changes(settings, &claims.groups, &in_now);
    if changes.join.is_empty() && changes.leave.is_empty() {
        return Ok(());
    }
    // In its turn, as by hand.
    vault_row::bump(tx).await?;
    let member = Principal::User(person.id);
    let entry = |act| AuditEntry::new(vault.now(), ActorRef::system(), act);
    for group in changes.leave {
        let Some(row) = groups::find(tx, group).await? else { continue };
        if groups::remove_member(tx, group, member).await? {
            tx.record(of_member(entry(AuditAction::GroupMemberRemoved), &row, &person.name));
        }
    }
    for group in changes.join {
        // One that was removed since it was mapped brings nobody anywhere.
        let Some(row) = groups::find(tx, group).await? else { continue };
        if let Some(why_not) = closed_to_providers(tx, group).await? {
            tracing::warn!(group = row.name.as_str(), "the provider's word brings nobody into a group: {why_not}");
            continue;
        }
        let id = VersionId::new(vault.now(), vault.chance()).uuid();
        groups::add_member(tx, id, MemberRow { group, member, by_provider: true }).await?;
        tx.record(of_member(entry(AuditAction::GroupMemberAdded), &row, &person.name));
    }
    Ok(())
}

/// Why nobody comes into a group by what a provider says; `None` where they do.
pub(super) async fn closed_to_providers(tx: &mut Unit, group: GroupId) -> Result<Option<&'static str>, Error> {
    Ok(if scim::group(tx, group).await?.is_some() {
        Some("who is in a provisioned group is said by provisioning alone")
    } else if groups::members(tx, group).await?.len() >= MAX_MEMBERS {
        Some("it is full")
    } else {
        None
    })
}

/// Connects a person with what the provider calls them.
pub(super) async fn connect(
    vault: &Vault,
    tx: &mut Unit,
    claims: &ProviderClaims,
    person: &PersonRow,
    address: Option<IpAddr>,
) -> Result<(), Error> {
    let taken = provider::by_subject(tx, &claims.issuer, &claims.subject).await?.is_some()
        || provider::of_person(tx, &claims.issuer, person.id).await?.is_some();
    if taken {
        return Err(Error::Provider(ProviderRefusal::ConnectedAlready));
    }
    let now = vault.now();
    let id = VersionId::new(now, vault.chance()).uuid();
    let (issuer, subject) = (claims.issuer.clone(), claims.subject.clone());
    provider::connect(tx, &IdentityRow { id, person: person.id, issuer, subject, created_at: now }).await?;
    let who = ActorRef {
        kind: countersign_audit::AuditActorKind::User,
        id: Some(person.id.uuid()),
        name: person.name.clone(),
    };
    let entry = AuditEntry::new(now, who, AuditAction::ProviderConnected);
    let entry = entry.on(ObjectKind::User, person.id.uuid(), &person.name);
    let entry = from_address(entry, address);
    tx.record(entry.with("issuer", claims.issuer.as_str()).with("subject", claims.subject.as_str()));
    Ok(())
}

impl Vault {
    /// Who is connected with the provider that is set up.
    pub(crate) async fn connected_people(
        &self,
        db: &mut impl countersign_store::engine::Select,
    ) -> Result<BTreeSet<UserId>, Error> {
        let Some(settings) = self.shown_provider(db).await? else { return Ok(BTreeSet::new()) };
        let all = provider::all(db, &settings.issuer, 10_000).await?;
        Ok(all.into_iter().map(|row| row.person).collect())
    }

    /// Whether somebody is connected with the provider that is set up.
    pub(crate) async fn is_connected(
        &self,
        db: &mut impl countersign_store::engine::Select,
        person: UserId,
    ) -> Result<bool, Error> {
        let Some(settings) = self.shown_provider(db).await? else { return Ok(false) };
        Ok(provider::of_person(db, &settings.issuer, person).await?.is_some())
    }

    /// Connects the actor with the provider no more. What it has opened ends; this browser stays signed in.
    ///
    /// # Errors
    /// [`Error::Invalid`] for who has neither a password nor a passkey, and so no other way in; [`Error::NotFound`]; [`Error::TooShort`].
    pub async fn disconnect_provider(&self, actor: &Actor) -> Result<(), Error> {
        let (tx, actor) = self.writer(actor).await?;
        self.permit_own_account(&actor)?;
        let own = own_session(&actor);
        self.disconnect(tx, &actor, actor.user, own).await
    }

    /// Connects somebody else with the provider no more: they are signed out where they came by it. Who has no password can be
    /// connected anew, at their next sign-in.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Denied`], [`Error::TooShort`].
    pub async fn disconnect_person(&self, actor: &Actor, id: UserId) -> Result<(), Error> {
        let (tx, actor) = self.writer(actor).await?;
        self.permit_managing(&actor)?;
        self.disconnect(tx, &actor, id, None).await
    }

    async fn disconnect(
        &self,
        mut tx: Unit,
        actor: &Actor,
        id: UserId,
        own: Option<WebSessionId>,
    ) -> Result<(), Error> {
        let settings = self.provider_settings(&mut tx).await?.ok_or(Error::NotFound(Object::Provider))?;
        let person = people::find(&mut tx, id).await?.ok_or(Error::NotFound(Object::User))?;
        if id == actor.user && person.password.is_nobodys() && person.passkeys == 0 {
            return Err(only_way_in("provider"));
        }
        if !provider::disconnect(&mut tx, &settings.issuer, id).await? {
            return Err(Error::NotFound(Object::Provider));
        }
        let part = ProviderPart { sessions: true, groups_beside: Some(BTreeSet::new()), person: Some((id, own)) };
        end_what_came(self, &mut tx, actor, &part).await?;
        vault_row::bump(&mut tx).await?;
        if person.role == Role::Administrator && id != actor.user {
            self.tell_administrators(&mut tx, NoticeKind::AdministratorReset, &person.name, Some(actor)).await?;
        }
        let entry = self.entry(actor, AuditAction::ProviderDisconnected);
        tx.record(entry.on(ObjectKind::User, id.uuid(), person.name).with("issuer", settings.issuer));
        tx.commit().await?;
        self.forget_recognised();
        Ok(())
    }
}
