//! One grant on each of many credentials: what would change by it and for whom, and to give exactly that, all of it or nothing.

use countersign_audit::AuditAction;
use countersign_model::{
    Actor, AllowedBy, CredentialId, CredentialName, Grant, GrantConditions, GrantId, GrantPermissions, GrantTarget,
    Invalid, Principal, Timestamp,
};
use countersign_store::{
    credentials::{self, CredentialRow, GrantFilter},
    engine::Select,
    vault as vault_row,
};

use super::{
    granting::{ApprovalDraft, GrantDetails, MAX_GRANTS, details, resolve_conditions},
    holder::HolderRef,
    transfer_grants::check_transfer,
};
use crate::{
    Error, MovedAccess, Object, Vault,
    credentials::many::{each_once, of_one},
    vault::allowed_by,
};

/// What somebody is to be granted on each of some credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManyGrantsDraft {
    /// On which credentials.
    pub credentials: Vec<CredentialId>,
    /// For whom.
    pub holder: HolderRef,
    /// What it allows.
    pub permissions: GrantPermissions,
    /// What it asks for, but for an approval.
    pub conditions: GrantConditions,
    /// Whose approval it asks for.
    pub approval: Option<ApprovalDraft>,
}

/// What becomes of one of the credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialGrant {
    /// The credential.
    pub id: CredentialId,
    /// Its name; `None` where the actor knows of none.
    pub name: Option<CredentialName>,
    /// The grant that was made, and as of when it was decided on; `None` in a preview, and where nothing is given.
    pub made: Option<(GrantId, Timestamp)>,
    /// Whether the very same was granted before, so that nothing is given.
    pub already: bool,
    /// Why it cannot be granted.
    pub refused: Option<String>,
}

/// What would change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManyGrantsPreview {
    /// Each credential, in the order in which they were named.
    pub items: Vec<CredentialGrant>,
    /// Who could do more.
    pub access: MovedAccess,
}

/// One of the credentials, and what is to be granted on it.
struct Planned {
    id: CredentialId,
    row: Option<CredentialRow>,
    /// `None` where the very same is there.
    outcome: Result<Option<(Grant, AllowedBy)>, Error>,
}

impl Planned {
    fn shown(&self) -> CredentialGrant {
        CredentialGrant {
            id: self.id,
            name: self.row.as_ref().map(|row| row.name.clone()),
            made: None,
            already: matches!(self.outcome, Ok(None)),
            refused: self.outcome.as_ref().err().map(Error::to_string),
        }
    }
}

impl Vault {
    /// What would change by granting the same on each of some credentials. Nothing is changed.
    ///
    /// # Errors
    /// [`Error::Invalid`] for too many credentials or conditions that cannot be met; [`Error::NotFound`] where nobody is named so.
    pub async fn preview_many_grants(
        &self,
        actor: &Actor,
        draft: &ManyGrantsDraft,
    ) -> Result<ManyGrantsPreview, Error> {
        each_once(draft.credentials.iter().copied())?;
        let (mut reader, actor) = self.reader(actor).await?;
        let planned = self.plan_grants(&mut reader, &actor, draft).await?;
        let given: Vec<_> = planned
            .iter()
            .filter_map(|one| match (&one.row, &one.outcome) {
                (Some(row), Ok(Some((grant, _)))) => Some((row, grant)),
                _ => None,
            })
            .collect();
        let access = self.given_access(&mut reader, &actor, &given).await?;
        Ok(ManyGrantsPreview { items: planned.iter().map(Planned::shown).collect(), access })
    }

    /// Grants the same on each of some credentials: on all of them, or on none. Where it was granted before, it stays.
    ///
    /// # Errors
    /// As [`Vault::create_grant`], for the first credential on which it cannot be granted.
    pub async fn create_many_grants(
        &self,
        actor: &Actor,
        draft: &ManyGrantsDraft,
    ) -> Result<Vec<CredentialGrant>, Error> {
        each_once(draft.credentials.iter().copied())?;
        let (mut tx, actor) = self.writer(actor).await?;
        // So that two who grant the same at once do not both find it missing.
        self.hold_visible(&mut tx, &actor, &draft.credentials).await?;
        let planned = self.plan_grants(&mut tx, &actor, draft).await?;
        let mut shown: Vec<CredentialGrant> = planned.iter().map(Planned::shown).collect();
        let mut new = Vec::new();
        for (place, Planned { row, outcome, .. }) in planned.into_iter().enumerate() {
            let outcome = outcome.map_err(|error| of_one(error, row.as_ref()))?;
            if let (Some((grant, by)), Some(row)) = (outcome, row) {
                new.push((place, grant, by, row));
            }
        }
        let Some((_, first, ..)) = new.first() else { return Ok(shown) };
        let room = MAX_GRANTS - credentials::count_grants(&mut tx).await?;
        if usize::try_from(room).unwrap_or(0) < new.len() {
            return Err(
                Invalid::new("credentials", format!("are too many: at most {MAX_GRANTS} grants in a vault")).into()
            );
        }
        // Whom and whose approval it names is the same of all.
        let described = details(&mut tx, first.clone()).await?;
        for (place, grant, by, row) in new {
            let decision = self.decide_grant(&mut tx, &actor, by, grant.holder).await?;
            credentials::insert_grant(&mut tx, &grant, &decision).await?;
            shown[place].made = Some((grant.id, decision.at));
            let details = GrantDetails { grant, credential: Some(row.name.to_string()), ..described.clone() };
            tx.record(allowed_by(self.grant_entry(&actor, AuditAction::GrantCreated, &details), by));
        }
        vault_row::bump(&mut tx).await?;
        tx.commit().await?;
        Ok(shown)
    }

    async fn plan_grants(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        draft: &ManyGrantsDraft,
    ) -> Result<Vec<Planned>, Error> {
        let mut rows = self.visible_of_many(db, actor, &draft.credentials).await?;
        // Whom there is learns who may grant on any of them.
        if !rows.values().any(|row| self.permit_looking(actor, Some(row)).is_ok()) {
            let refused = rows.values().next().map(|row| self.permit_looking(actor, Some(row)));
            return Err(refused.and_then(Result::err).unwrap_or(Error::NotFound(Object::Credential)));
        }
        let (holder, _) = draft.holder.resolve(db).await?;
        let conditions = resolve_conditions(db, draft.conditions.clone(), draft.approval.clone()).await?;
        let mut planned = Vec::with_capacity(draft.credentials.len());
        for id in &draft.credentials {
            let row = rows.remove(id);
            let outcome = match &row {
                Some(row) => self.granted_on(db, actor, row, (holder, draft.permissions, &conditions)).await,
                None => Err(Error::NotFound(Object::Credential)),
            };
            match outcome {
                Err(error) if !is_of_one(&error) => return Err(error),
                outcome => planned.push(Planned { id: *id, row, outcome }),
            }
        }
        Ok(planned)
    }

    /// What is to be granted on one of them; nothing where the very same is there.
    async fn granted_on(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        row: &CredentialRow,
        (holder, permissions, conditions): (Principal, GrantPermissions, &GrantConditions),
    ) -> Result<Option<(Grant, AllowedBy)>, Error> {
        let target = GrantTarget::Credential(row.id);
        let id = GrantId::new(self.now(), self.chance());
        let grant = Grant { id, holder, target: target.clone(), permissions, conditions: conditions.clone() };
        let by = self.permit_granting(actor, Some(row), &grant)?;
        check_transfer(db, actor, &grant).await?;
        let filter = GrantFilter { holder: Some(holder), target: Some(target), ..GrantFilter::default() };
        let there = credentials::list_grants(db, &filter, MOST_ALIKE).await?;
        let same = |one: &Grant| one.permissions == grant.permissions && one.conditions == grant.conditions;
        Ok((!there.iter().any(same)).then_some((grant, by)))
    }
}

/// Of so many grants of one holder on one credential the same is looked for.
const MOST_ALIKE: u32 = 100;

/// Whether it says why something is not granted on one credential, and nothing of the others.
const fn is_of_one(error: &Error) -> bool {
    matches!(error, Error::Denied(_) | Error::TooShort(_) | Error::Invalid(_) | Error::NotFound(_))
}
