//! What people may do with one credential, said all at once: the grants on it alone and without conditions. `granting.rs` has the
//! others.

use countersign_audit::{AuditAction, AuditEntry, ObjectKind};
use countersign_model::{
    Action, Actor, AllowedBy, Extras, Grant, GrantConditions, GrantId, GrantPermissions, GrantTarget, Invalid, Level,
    Principal, UserId, decide, search_key,
};
use countersign_store::{
    credentials::{self, CredentialRow, GrantDecision},
    engine::{self, Select},
    people, vault as vault_row,
};

use super::{granting::not_own, transfer_grants::check_transfer};
use crate::{
    CredentialRef, Error, Vault,
    credentials::edit::hold,
    unit::Unit,
    vault::{allowed_by, permit},
};

const MAX_GRANTS: usize = 1_000;

/// What somebody may do with a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantView {
    /// The person.
    pub person: UserId,
    /// Their name.
    pub name: String,
    /// Their role's name.
    pub role: String,
    /// What they may do.
    pub grant: GrantPermissions,
}

/// What somebody is to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewGrant {
    /// The person.
    pub person: UserId,
    /// What they may do.
    pub grant: GrantPermissions,
}

impl Vault {
    /// What people were granted on a credential alone and without conditions, by name.
    pub async fn grants(&self, actor: &Actor, wanted: &CredentialRef) -> Result<Vec<GrantView>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let row = self.visible(&mut reader, &actor, wanted).await?;
        decide(actor.role, Action::GrantCredential, &row.grants, &self.asked(&actor))?;
        let direct = direct(credentials::grants_on(&mut reader, &row.facts()).await?);
        views(&mut reader, &direct).await
    }

    /// Says anew what people may do with a credential, by grants on it alone and without conditions; who is not named has none of
    /// these. Other grants stay.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a person who is not there or is named twice, and for more than the actor may give.
    pub async fn set_grants(
        &self,
        actor: &Actor,
        wanted: &CredentialRef,
        grants: &[NewGrant],
    ) -> Result<Vec<GrantView>, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let row = self.visible(&mut tx, &actor, wanted).await?;
        let by = permit(&actor, Action::GrantCredential, &row.grants, &self.asked(&actor))?;
        if grants.len() > MAX_GRANTS {
            return Err(Invalid::new("items", format!("are too many: at most {MAX_GRANTS}")).into());
        }
        let former = held_direct(&mut tx, &row, by).await?;
        let given = self.named(&mut tx, &row, grants, &former).await?;
        for touched in given.iter().chain(&former).filter(|one| !(given.contains(one) && former.contains(one))) {
            self.permit_giving(&actor, &row, touched)?;
        }
        for new in given.iter().filter(|one| !former.contains(one)) {
            check_transfer(&mut tx, &actor, new).await?;
        }
        let decided = self.deciders(&mut tx, &actor, by, (&given, &former)).await?;
        credentials::delete_direct(&mut tx, row.id).await?;
        for (grant, decision) in given.iter().zip(&decided) {
            credentials::insert_grant(&mut tx, grant, decision).await?;
        }
        vault_row::bump(&mut tx).await?;
        let now = views(&mut tx, &given).await?;
        let entry = self.granted(&actor, &row, &now);
        tx.record(allowed_by(entry, by));
        tx.commit().await?;
        Ok(now)
    }

    /// Who has decided on each of these and when: what stays as it was, nobody has decided anew.
    async fn deciders(
        &self,
        tx: &mut Unit,
        actor: &Actor,
        by: AllowedBy,
        (given, former): (&[Grant], &[Grant]),
    ) -> Result<Vec<GrantDecision>, Error> {
        let mut decided = Vec::with_capacity(given.len());
        for grant in given {
            let stays = former.contains(grant);
            if !stays && former.iter().any(|one| one.id == grant.id) {
                not_own(tx, actor, by, grant.holder, ("items", "edit")).await?;
            }
            let as_before = if stays { credentials::decision(tx, grant.id).await? } else { None };
            decided.push(match as_before {
                Some(decision) => decision,
                None => self.decide_grant(tx, actor, by, grant.holder).await?,
            });
        }
        Ok(decided)
    }

    /// The grants as they are to be; who had one before keeps it.
    async fn named(
        &self,
        tx: &mut Unit,
        row: &CredentialRow,
        grants: &[NewGrant],
        former: &[Grant],
    ) -> Result<Vec<Grant>, Error> {
        let mut given: Vec<Grant> = Vec::new();
        for new in grants {
            let holder = Principal::User(new.person);
            if people::find(tx, new.person).await?.is_none() {
                return Err(Invalid::new("user_id", format!("names nobody: {}", new.person)).into());
            }
            if given.iter().any(|grant| grant.holder == holder) {
                return Err(Invalid::new("user_id", format!("is named twice: {}", new.person)).into());
            }
            let known = former.iter().find(|grant| grant.holder == holder).map(|grant| grant.id);
            given.push(Grant {
                id: known.unwrap_or_else(|| GrantId::new(self.now(), self.chance())),
                holder,
                target: GrantTarget::Credential(row.id),
                permissions: new.grant,
                conditions: GrantConditions::default(),
            });
        }
        Ok(given)
    }

    fn granted(&self, actor: &Actor, row: &CredentialRow, now: &[GrantView]) -> AuditEntry {
        let named = |pick: fn(&GrantPermissions) -> bool| -> Vec<String> {
            now.iter().filter(|row| pick(&row.grant)).map(|row| row.name.clone()).collect()
        };
        self.entry(actor, AuditAction::CredentialGranted)
            .on(ObjectKind::Credential, row.id.uuid(), row.name.as_str())
            .with("token", named(|grant| grant.token))
            .with("reveal", named(|grant| grant.reveal))
            .with("see", named(|grant| GrantPermissions { extras: Extras::NONE, ..*grant } == GrantPermissions::SEE))
            .with("session_view", named(|grant| grant.session == Some(Level::View)))
            .with("session_interact", named(|grant| grant.session == Some(Level::Interact)))
            .with("session_control", named(|grant| grant.session == Some(Level::Control)))
            .with("session_extras", extras(now))
            .with("change", named(|grant| grant.change))
            .with("edit", named(|grant| grant.edit))
            .with("share", named(|grant| grant.share))
            .with("audit", named(|grant| grant.audit))
            .with("transfer", named(|grant| grant.transfer))
    }
}

/// What was granted on a credential alone and without conditions, which nobody else says anew meanwhile. Whoever removes it takes
/// along what is granted then.
async fn held_direct(tx: &mut Unit, row: &CredentialRow, by: AllowedBy) -> Result<Vec<Grant>, Error> {
    hold(tx, row.id).await?;
    match credentials::grants_on(tx, &row.facts()).await {
        Ok(former) => Ok(direct(former)),
        // What something else has put there goes, where the role allows to say anew who may do what.
        Err(engine::Error::Tampered { .. }) if by == AllowedBy::Role => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// Those of people, on the credential alone, and without conditions.
fn direct(grants: Vec<Grant>) -> Vec<Grant> {
    let is_direct = |grant: &Grant| {
        let alone = matches!((grant.holder, &grant.target), (Principal::User(_), GrantTarget::Credential(_)));
        alone && grant.conditions.is_empty()
    };
    grants.into_iter().filter(is_direct).collect()
}

/// What each person has by them, by name.
async fn views(db: &mut impl Select, grants: &[Grant]) -> Result<Vec<GrantView>, Error> {
    let mut views: Vec<GrantView> = Vec::new();
    for grant in grants {
        let Principal::User(person) = grant.holder else { continue };
        if let Some(known) = views.iter_mut().find(|view| view.person == person) {
            known.grant = known.grant.or(grant.permissions);
        } else if let Some(row) = people::find(db, person).await? {
            views.push(GrantView {
                person,
                name: row.name,
                role: row.role.name().to_owned(),
                grant: grant.permissions,
            });
        }
    }
    views.sort_by_cached_key(|view| search_key(&view.name));
    Ok(views)
}

/// Who may do what beside pointing and typing: `ana: paste, copy`.
fn extras(grants: &[GrantView]) -> Vec<String> {
    let names = |extras: Extras| {
        let all = [
            ("address", extras.address),
            ("paste", extras.paste),
            ("copy", extras.copy),
            ("upload", extras.upload),
            ("download", extras.download),
        ];
        all.into_iter().filter(|(_, on)| *on).map(|(name, _)| name).collect::<Vec<_>>().join(", ")
    };
    let with = grants.iter().filter(|row| row.grant.extras != Extras::default());
    with.map(|row| format!("{}: {}", row.name, names(row.grant.extras))).collect()
}
