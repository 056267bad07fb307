//! Grants one by one: to a person or a group, on a credential or on all with a tag or at a site, with what they ask for.

use countersign_audit::{AuditAction, AuditEntry, ObjectKind};
use countersign_model::{
    Action, Actor, AllowedBy, ApprovalLevel, ApprovalRule, CredentialId, Denied, Grant, GrantConditions, GrantId,
    GrantPermissions, GrantTarget, Invalid, Level, Paged, Paging, Principal, SiteHost, Tag, decide_by_role,
};
use countersign_store::{
    credentials::{self, CredentialRow, GrantDecision, GrantFilter},
    engine::{self, Select},
    groups, people, vault as vault_row,
};

use super::{
    approvers::Approvers,
    holder::{GroupRef, HolderName, HolderRef, found},
    transfer_grants::check_transfer,
};
use crate::{
    CredentialRef, Error, Object, Vault,
    credentials::edit::hold,
    unit::Unit,
    vault::{allowed_by, permit, permit_by_role},
};

/// Grants of a vault at the most: enough for each person to have some hundred of their own.
pub(super) const MAX_GRANTS: i64 = 100_000;

/// On which credentials a grant is, by id or name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetRef {
    /// One.
    Credential(CredentialRef),
    /// All with this tag.
    Tag(Tag),
    /// All whose site has this host.
    Site(SiteHost),
}

/// A grant as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantDraft {
    /// For whom.
    pub holder: HolderRef,
    /// On which credentials.
    pub target: TargetRef,
    /// What it allows.
    pub permissions: GrantPermissions,
    /// What it asks for, but for an approval.
    pub conditions: GrantConditions,
    /// Whose approval it asks for.
    pub approval: Option<ApprovalDraft>,
}

/// Whose approval a grant is to ask for, and for how long one serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalDraft {
    /// Groups, each with how many of it have to approve.
    pub levels: Vec<(GroupRef, u8)>,
    /// For how many minutes at the most.
    pub minutes: u32,
    /// For how many in an emergency.
    pub emergency_minutes: Option<u32>,
}

/// A grant as somebody sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantDetails {
    /// The grant.
    pub grant: Grant,
    /// For whom it is.
    pub holder: HolderName,
    /// The name of the credential that it is on, where it is on one.
    pub credential: Option<String>,
    /// The names of the groups whose approval it asks for, level by level; `None` where one is gone.
    pub approvers: Vec<Option<String>>,
}

/// Which grants to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GrantListRequest {
    /// Those for this one, and not by its groups.
    pub holder: Option<HolderRef>,
    /// Those on exactly this.
    pub target: Option<TargetRef>,
    /// Every one that is on this credential, also by tag and site.
    pub on: Option<CredentialRef>,
    /// Which page of the list, in the order in which they were made.
    pub paging: Paging,
}

impl Vault {
    /// A page of grants; all that are on one credential where that is asked for.
    ///
    /// # Errors
    /// [`Error::Denied`] for who may not say who may do what, everywhere or on the credential; [`Error::NotFound`],
    /// [`Error::Invalid`] for a cursor of another list.
    pub async fn list_grants(&self, actor: &Actor, ask: &GrantListRequest) -> Result<Paged<GrantDetails>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let page = if let Some(wanted) = &ask.on {
            let row = self.visible(&mut reader, &actor, wanted).await?;
            self.permit_looking(&actor, Some(&row))?;
            let items = credentials::grants_on(&mut reader, &row.facts()).await?;
            Paged { items, next_cursor: None, total: None }
        } else {
            self.permit_looking(&actor, None)?;
            let wrong = |_| Invalid::new("cursor", "is not one of this list: begin without a cursor");
            let after = ask.paging.cursor().map(str::parse::<GrantId>).transpose().map_err(wrong)?;
            let holder = match &ask.holder {
                Some(holder) => Some(holder.resolve(&mut reader).await?.0),
                None => None,
            };
            let target = match &ask.target {
                Some(target) => Some(self.target(&mut reader, &actor, target).await?.0),
                None => None,
            };
            let filter = GrantFilter { holder, target, after };
            let rows = credentials::list_grants(&mut reader, &filter, ask.paging.rows()).await?;
            ask.paging.page(rows, |grant| grant.id.to_string())
        };
        let Paged { items, next_cursor, total } = page;
        let mut shown = Vec::with_capacity(items.len());
        for grant in items {
            shown.push(details(&mut reader, grant).await?);
        }
        Ok(Paged { items: shown, next_cursor, total })
    }

    /// One grant.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::NotFound`].
    pub async fn grant(&self, actor: &Actor, id: GrantId) -> Result<GrantDetails, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let (grant, row) = self.find_grant(&mut reader, &actor, id).await?;
        self.permit_looking(&actor, row.as_ref())?;
        details(&mut reader, grant).await
    }

    /// Grants something.
    ///
    /// # Errors
    /// [`Error::Invalid`] for conditions that cannot be, and for more than the actor may give; [`Error::Denied`],
    /// [`Error::NotFound`].
    pub async fn create_grant(&self, actor: &Actor, draft: GrantDraft) -> Result<GrantDetails, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let id = GrantId::new(self.now(), self.chance());
        let (grant, row) = self.resolve(&mut tx, &actor, id, draft).await?;
        let by = self.permit_granting(&actor, row.as_ref(), &grant)?;
        check_transfer(&mut tx, &actor, &grant).await?;
        if credentials::count_grants(&mut tx).await? >= MAX_GRANTS {
            return Err(Invalid::new("grant", format!("is one too many: at most {MAX_GRANTS} in a vault")).into());
        }
        // Whoever removes the credential meanwhile takes the grant along, or it is gone already.
        if let Some(row) = &row {
            hold(&mut tx, row.id).await?;
        }
        let decision = self.decide_grant(&mut tx, &actor, by, grant.holder).await?;
        credentials::insert_grant(&mut tx, &grant, &decision).await?;
        vault_row::bump(&mut tx).await?;
        let shown = details(&mut tx, grant).await?;
        tx.record(allowed_by(self.grant_entry(&actor, AuditAction::GrantCreated, &shown), by));
        tx.commit().await?;
        Ok(shown)
    }

    /// Puts another grant in the place of one, under its id.
    ///
    /// # Errors
    /// As [`Vault::create_grant`]; the actor must be able to give the former one as well, which is not their own where a grant lets them
    /// share: so it would keep itself past a review.
    pub async fn edit_grant(&self, actor: &Actor, id: GrantId, draft: GrantDraft) -> Result<GrantDetails, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let (former, row) = self.find_grant(&mut tx, &actor, id).await?;
        self.permit_granting(&actor, row.as_ref(), &former)?;
        let (grant, row) = self.resolve(&mut tx, &actor, id, draft).await?;
        let by = self.permit_granting(&actor, row.as_ref(), &grant)?;
        if former != grant {
            check_transfer(&mut tx, &actor, &grant).await?;
        }
        let before = details(&mut tx, former.clone()).await?;
        not_own(&mut tx, &actor, by, former.holder, ("grant", "edit")).await?;
        let decision = self.decide_grant(&mut tx, &actor, by, grant.holder).await?;
        if !credentials::update_grant(&mut tx, &grant, &decision).await? {
            return Err(Error::NotFound(Object::Grant));
        }
        if former != grant {
            self.grant_is_another(&mut tx, &actor, id).await?;
            self.take_back_by_grant(&mut tx, id).await?;
        }
        vault_row::bump(&mut tx).await?;
        let shown = details(&mut tx, grant).await?;
        let entry = self.grant_entry(&actor, AuditAction::GrantEdited, &shown).with("former", described(&before));
        tx.record(allowed_by(entry, by));
        tx.commit().await?;
        Ok(shown)
    }

    /// Takes a grant back. It is not served any more from the next request on, on whichever server.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::Invalid`] where the actor could not have given it; [`Error::NotFound`].
    pub async fn remove_grant(&self, actor: &Actor, id: GrantId) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.take_back(&mut tx, &actor, id).await?;
        vault_row::bump(&mut tx).await?;
        tx.commit().await.map(drop)
    }

    /// As [`Vault::remove_grant`], within a unit of work that moves the revision.
    pub(crate) async fn take_back(&self, tx: &mut Unit, actor: &Actor, id: GrantId) -> Result<(), Error> {
        let by_role = decide_by_role(actor.role, Action::ManageGroups).is_ok();
        let (shown, by) = match self.find_grant(tx, actor, id).await {
            Ok((grant, row)) => {
                let by = self.permit_granting(actor, row.as_ref(), &grant)?;
                (Some(details(tx, grant).await?), by)
            }
            // What something else has put there goes as well.
            Err(Error::Database(cause)) if by_role && matches!(*cause, engine::Error::Tampered { .. }) => {
                permit_by_role(actor, Action::ManageGroups)?;
                (None, AllowedBy::Role)
            }
            Err(error) => return Err(error),
        };
        if !credentials::delete_grant(tx, id).await? {
            return Err(Error::NotFound(Object::Grant));
        }
        self.grant_is_another(tx, actor, id).await?;
        self.take_back_by_grant(tx, id).await?;
        let entry = match &shown {
            Some(shown) => self.grant_entry(actor, AuditAction::GrantRemoved, shown),
            None => self.entry(actor, AuditAction::GrantRemoved).on(ObjectKind::Grant, id.uuid(), "a changed row"),
        };
        tx.record(allowed_by(entry, by));
        Ok(())
    }

    /// A grant with whom and what it names, as it would be stored.
    pub(crate) async fn resolve(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        id: GrantId,
        draft: GrantDraft,
    ) -> Result<(Grant, Option<CredentialRow>), Error> {
        let (target, row) = self.target(db, actor, &draft.target).await?;
        // Whom there is learns who may grant at all.
        self.permit_looking(actor, row.as_ref())?;
        let conditions = resolve_conditions(db, draft.conditions, draft.approval).await?;
        let (holder, _) = draft.holder.resolve(db).await?;
        Ok((Grant { id, holder, target, permissions: draft.permissions, conditions }, row))
    }

    async fn target(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        wanted: &TargetRef,
    ) -> Result<(GrantTarget, Option<CredentialRow>), Error> {
        Ok(match wanted {
            TargetRef::Credential(wanted) => {
                let row = self.visible(db, actor, wanted).await?;
                (GrantTarget::Credential(row.id), Some(row))
            }
            TargetRef::Tag(tag) => (GrantTarget::Tag(tag.clone()), None),
            TargetRef::Site(host) => (GrantTarget::Site(host.clone()), None),
        })
    }

    /// The grant, with the credential that it is on, where it is on one that the actor may know of.
    pub(crate) async fn find_grant(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        id: GrantId,
    ) -> Result<(Grant, Option<CredentialRow>), Error> {
        let grant = credentials::find_grant(db, id).await?.ok_or(Error::NotFound(Object::Grant))?;
        let GrantTarget::Credential(credential) = grant.target else { return Ok((grant, None)) };
        match self.visible(db, actor, &CredentialRef::Id(credential)).await {
            Ok(row) => Ok((grant, Some(row))),
            Err(Error::NotFound(_)) => Err(Error::NotFound(Object::Grant)),
            Err(error) => Err(error),
        }
    }

    /// Whether somebody may see who was granted what: everywhere, or on one credential.
    pub(crate) fn permit_looking(&self, actor: &Actor, on: Option<&CredentialRow>) -> Result<(), Error> {
        if decide_by_role(actor.role, Action::ReadAudit).is_ok() {
            return Ok(());
        }
        match on {
            Some(row) => permit_deciding(actor, row, self),
            None => match decide_by_role(actor.role, Action::GrantCredential) {
                Ok(_) => Ok(()),
                // Of no credential in particular.
                Err(_) => Err(Denied::plainly(Action::ManageGroups).into()),
            },
        }
    }

    /// Who decides that a grant is to be, and when. Who shares by a grant and gives to themselves, by name or by group, decides nothing anew:
    /// it comes up for review with what they share by.
    pub(crate) async fn decide_grant(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        by: AllowedBy,
        holder: Principal,
    ) -> Result<GrantDecision, Error> {
        let decision = match by.grant() {
            Some(sharing) if is_own(db, actor, holder).await? => credentials::decision(db, sharing).await?,
            _ => None,
        };
        Ok(decision.unwrap_or_else(|| self.decided_by(actor)))
    }

    /// That the actor decides now that a grant is to be.
    pub(crate) fn decided_by(&self, actor: &Actor) -> GrantDecision {
        GrantDecision { at: self.now(), by: actor.name.clone() }
    }

    /// Whether somebody may make or take back a grant: by role any, by a grant that lets them share no more than they have.
    pub(crate) fn permit_granting(
        &self,
        actor: &Actor,
        on: Option<&CredentialRow>,
        grant: &Grant,
    ) -> Result<AllowedBy, Error> {
        let Some(row) = on else {
            permit_by_role(actor, Action::ManageGroups)?;
            return Ok(AllowedBy::Role);
        };
        let by = permit(actor, Action::GrantCredential, &row.grants, &self.asked(actor))?;
        self.permit_giving(actor, row, grant)?;
        Ok(by)
    }

    /// Whether a grant on this credential is no more than the actor may give.
    pub(crate) fn permit_giving(&self, actor: &Actor, row: &CredentialRow, grant: &Grant) -> Result<(), Error> {
        let by_role = decide_by_role(actor.role, Action::GrantCredential).is_ok();
        if by_role || row.grants.may_share(grant, &self.asked(actor)) {
            return Ok(());
        }
        let problem = "go beyond your own: share what you may do yourself, with the conditions that hold for you";
        Err(Invalid::new("permissions", problem).into())
    }

    pub(crate) fn grant_entry(&self, actor: &Actor, act: AuditAction, shown: &GrantDetails) -> AuditEntry {
        let entry = self.entry(actor, act);
        let entry = match (&shown.grant.target, &shown.credential) {
            (GrantTarget::Credential(id), Some(name)) => entry.on(ObjectKind::Credential, id.uuid(), name),
            _ => entry.on(ObjectKind::Grant, shown.grant.id.uuid(), described(shown)),
        };
        let holder = match shown.grant.holder {
            Principal::User(_) => "user",
            Principal::Group(_) => "group",
        };
        let conditions = serde_json::to_string(&shown.grant.conditions).unwrap_or_default();
        let entry = entry.with("id", shown.grant.id.to_string()).with(holder, shown.holder.name.as_str());
        let entry = entry.with("permissions", permissions(&shown.grant.permissions));
        if shown.grant.conditions.is_empty() { entry } else { entry.with("conditions", conditions) }
    }
}

fn permit_deciding(actor: &Actor, row: &CredentialRow, vault: &Vault) -> Result<(), Error> {
    Ok(countersign_model::decide(actor.role, Action::GrantCredential, &row.grants, &vault.asked(actor)).map(drop)?)
}

/// With the names of whom and what it names.
pub(crate) async fn details(db: &mut impl Select, grant: Grant) -> Result<GrantDetails, Error> {
    let holder = match grant.holder {
        Principal::User(id) => {
            let person = people::find(db, id).await?.ok_or(Error::NotFound(Object::User))?;
            HolderName::of_person(db, person).await?
        }
        Principal::Group(id) => {
            let group = groups::find(db, id).await?.ok_or(Error::NotFound(Object::Group))?;
            HolderName::of_group(&group)
        }
    };
    let credential = match grant.target {
        GrantTarget::Credential(id) => name_of(db, id).await?,
        GrantTarget::Tag(_) | GrantTarget::Site(_) => None,
    };
    let mut approvers = Vec::new();
    for level in grant.conditions.approval.iter().flat_map(|rule| &rule.levels) {
        approvers.push(groups::find(db, level.group).await?.map(|group| group.name.to_string()));
    }
    Ok(GrantDetails { grant, holder, credential, approvers })
}

/// What a grant asks for, with the groups whose approval it asks for.
pub(super) async fn resolve_conditions(
    db: &mut impl Select,
    conditions: GrantConditions,
    approval: Option<ApprovalDraft>,
) -> Result<GrantConditions, Error> {
    let approval = match approval {
        Some(approval) => Some(approval_rule(db, approval).await?),
        None => None,
    };
    Ok(GrantConditions { approval, ..conditions }.checked()?)
}

/// The rule with the groups that it names.
async fn approval_rule(db: &mut impl Select, draft: ApprovalDraft) -> Result<ApprovalRule, Error> {
    let ApprovalDraft { levels: wanted, minutes, emergency_minutes } = draft;
    // Before each is looked for.
    ApprovalRule::check_count(wanted.len())?;
    let mut levels = Vec::new();
    for (group, approvals) in wanted {
        let named = match &group {
            GroupRef::Id(id) => id.to_string(),
            GroupRef::Name(name) => name.clone(),
        };
        let group = found(db, &group).await.map_err(|error| match error {
            Error::NotFound(_) => Invalid::new("approval.levels.group", format!("names no group: {named}")).into(),
            other => other,
        })?;
        levels.push(ApprovalLevel { group: group.id, approvals });
    }
    let rule = ApprovalRule { levels, minutes, emergency_minutes }.checked()?;
    // It would stand there, and fail when somebody asks.
    let approvers = Approvers::read(db).await?;
    match rule.lacking(|group| approvers.of_group(group)) {
        None => Ok(rule),
        Some(level) => {
            let group = groups::find(db, rule.levels[level].group).await?.map(|group| group.name.to_string());
            let name = group.unwrap_or_default();
            let problem =
                format!("asks for more approvals than \"{name}\" has people for: add people to it, or ask for fewer");
            Err(Invalid::new("approval.levels", problem).into())
        }
    }
}

async fn name_of(db: &mut impl Select, id: CredentialId) -> Result<Option<String>, Error> {
    Ok(credentials::find(db, id).await?.map(|row| row.name.to_string()))
}

/// A grant in one line.
fn described(shown: &GrantDetails) -> String {
    let on = match &shown.grant.target {
        GrantTarget::Credential(_) => shown.credential.clone().unwrap_or_default(),
        GrantTarget::Tag(tag) => format!("tag {tag}"),
        GrantTarget::Site(host) => format!("site {host}"),
    };
    format!("{} on {on}: {}", shown.holder.name, permissions(&shown.grant.permissions).join(", "))
}

/// What a grant allows, by name.
pub(crate) fn permissions(of: &GrantPermissions) -> Vec<String> {
    let flags = [
        (of.token, "token"),
        (of.reveal, "reveal"),
        (of.change, "change"),
        (of.edit, "edit"),
        (of.share, "share"),
        (of.audit, "audit"),
        (of.transfer, "transfer"),
        (of.extras.address, "address"),
        (of.extras.paste, "paste"),
        (of.extras.copy, "copy"),
        (of.extras.upload, "upload"),
        (of.extras.download, "download"),
    ];
    let session = of.session.map(|level| format!("session {}", Level::name(level)));
    let named = flags.into_iter().filter(|(on, _)| *on).map(|(_, name)| name.to_owned());
    std::iter::once("see".to_owned()).chain(session).chain(named).collect()
}

/// Whether a grant is the actor's own, by name or by a group.
async fn is_own(db: &mut impl Select, actor: &Actor, holder: Principal) -> Result<bool, Error> {
    Ok(match holder {
        Principal::User(person) => person == actor.user,
        Principal::Group(group) => groups::groups_of(db, actor.user).await?.contains(&group),
    })
}

/// Nobody keeps or edits a grant of their own where it is a grant that lets them share. `act` is a field and what is done.
pub(crate) async fn not_own(
    db: &mut impl Select,
    actor: &Actor,
    by: AllowedBy,
    holder: Principal,
    (field, act): (&'static str, &str),
) -> Result<(), Error> {
    if by == AllowedBy::Role || !is_own(db, actor, holder).await? {
        return Ok(());
    }
    let problem = format!("is a grant of your own: ask somebody else who may share the credential to {act} it");
    Err(Invalid::new(field, problem).into())
}
