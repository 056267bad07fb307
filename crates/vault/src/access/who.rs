//! What follows from groups and grants: who may do what with a credential, and what a grant would change.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use countersign_model::{
    AccessContext, Action, Actor, CredentialId, Grant, GrantConditions, GrantId, GrantPermissions, GrantSubject,
    GrantTarget, Grants, GroupId, Memberships, Principal, Role, ScopedOn, Tag, UserId, decide_by_role,
};
use countersign_store::{
    credentials::{self, CredentialRow, GrantFilter},
    engine::Select,
    groups::{self, GroupRow},
    people::{self, PersonRow},
    services::{self, ServiceRow},
};

use super::{
    granting::{GrantDetails, GrantDraft, details},
    holder::HolderName,
    transfer_grants::check_transfer,
};
use crate::{CredentialRef, Error, Vault};

/// As many as any list of people reads at once.
const MAX_PEOPLE: u32 = 10_000;
const MAX_GROUPS: u32 = 10_000;
/// A grant by tag may be on thousands; what it would change is looked for in so many.
const MAX_LOOKED_AT: u32 = 100;
/// And for so many people, each with each of the credentials, where everybody is granted what has a tag.
const MAX_COMPARED: usize = 100_000;

/// What somebody may do with a credential, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhoView {
    /// The person.
    pub person: UserId,
    /// Their name.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// Whether it is a service account.
    pub service_account: bool,
    /// Whether their role allows all of it, without a grant.
    pub by_role: bool,
    /// What they may do, if what the grants ask for holds.
    pub permissions: GrantPermissions,
    /// The grants that are there now, the first made first.
    pub grants: Vec<GrantDetails>,
}

/// What would change if a grant were saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantPreview {
    /// On how many credentials it is, and was.
    pub credentials: u64,
    /// Some of their names, in the order of the list.
    pub names: Vec<String>,
    /// Who could do more or less.
    pub access: MovedAccess,
}

/// What would change for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewedPerson {
    /// The person.
    pub person: UserId,
    /// Their name.
    pub name: String,
    /// What they could do and cannot now, or could do under fewer conditions, on any of the credentials.
    pub gains: Vec<&'static str>,
    /// What they can do now and could not then, or only under more conditions.
    pub loses: Vec<&'static str>,
}

/// Who could do more or less with some credentials.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MovedAccess {
    /// How many people could do more with any of them, or under fewer conditions.
    pub gains: u64,
    /// How many could do less, or only under more conditions.
    pub loses: u64,
    /// Who, by name; nobody where the actor may not know who they are.
    pub people: Vec<PreviewedPerson>,
    /// Whether there are more credentials than were looked at.
    pub more: bool,
}

/// What people can be granted, by its name in the API.
const GRANTABLE: [(&str, Action); 10] = [
    ("see", Action::SeeCredential),
    ("token", Action::TakeToken),
    ("reveal", Action::Reveal),
    ("view_session", Action::WatchSession),
    ("session", Action::StartSession),
    ("change", Action::ChangePassword),
    ("edit", Action::EditCredential),
    ("share", Action::GrantCredential),
    ("audit", Action::ReadRecords),
    ("transfer", Action::TransferSeed),
];

impl Vault {
    /// Who may do what with a credential, by which grant; by name. Who is kept out may nothing.
    ///
    /// # Errors
    /// [`Error::Denied`] for who may not say who uses it and does not audit; [`Error::NotFound`].
    pub async fn who(&self, actor: &Actor, wanted: &CredentialRef) -> Result<Vec<WhoView>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let row = self.visible(&mut reader, &actor, wanted).await?;
        self.permit_looking(&actor, Some(&row))?;
        let all = credentials::grants_on(&mut reader, &row.facts()).await?;
        let memberships = groups::memberships(&mut reader).await?;
        let context = AccessContext::in_principle(self.now());
        let everybody = people::all(&mut reader, MAX_PEOPLE).await?;
        let services: HashMap<UserId, ServiceRow> =
            services::all(&mut reader, MAX_PEOPLE).await?.into_iter().map(|one| (one.person.id, one)).collect();
        let names = Names::of(&everybody, &services, groups::all(&mut reader, MAX_GROUPS).await?, &row);
        // By the grants, which are few for each credential, and not by the people.
        let mut held: HashMap<UserId, Vec<GrantDetails>> = HashMap::new();
        for grant in all.into_iter().filter(|one| one.conditions.unmet(&context).is_empty()) {
            let people = memberships.people_of(grant.holder);
            let named = match names.details(&grant) {
                Some(named) => named,
                None => details(&mut reader, grant).await?,
            };
            people.into_iter().for_each(|person| held.entry(person).or_default().push(named.clone()));
        }
        let (now, on) = (self.now(), ScopedOn::new(row.id, &row.tags));
        let view = |person: PersonRow| {
            let grants = held.remove(&person.id).unwrap_or_default();
            let by_role = decide_by_role(person.role, Action::SeeCredential).is_ok();
            let granted = grants.iter().fold(GrantPermissions::SEE, |all, one| all.or(one.grant.permissions));
            let service = services.get(&person.id);
            // Its tokens reach no further than it may ask for.
            let reaches = |one: &ServiceRow| one.is_alive(now) && one.scope.holds(Some(&on));
            let granted = service.map_or(granted, |one| granted.and(GrantPermissions::of_scope(&one.scope)));
            let may = (by_role || !grants.is_empty()) && service.is_none_or(reaches);
            may.then(|| WhoView {
                person: person.id,
                name: person.name,
                role: person.role,
                service_account: service.is_some(),
                by_role,
                permissions: of_role(person.role, granted),
                grants,
            })
        };
        Ok(everybody.into_iter().filter(|person| !person.disabled).filter_map(view).collect())
    }

    /// What would change if a grant were saved, in the place of another where one is named. Nothing is changed.
    ///
    /// # Errors
    /// As [`Vault::create_grant`], but for what is beyond the actor's own.
    pub async fn preview_grant(
        &self,
        actor: &Actor,
        draft: GrantDraft,
        replaces: Option<GrantId>,
    ) -> Result<GrantPreview, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let id = replaces.unwrap_or_else(|| GrantId::new(self.now(), self.chance()));
        let former = match replaces {
            Some(id) => {
                let (former, row) = self.find_grant(&mut reader, &actor, id).await?;
                self.permit_looking(&actor, row.as_ref())?;
                Some(former)
            }
            None => None,
        };
        let (new, _) = self.resolve(&mut reader, &actor, id, draft).await?;
        if former.as_ref() != Some(&new) {
            check_transfer(&mut reader, &actor, &new).await?;
        }
        let mut rows = on_target(&mut reader, &new.target).await?;
        if let Some(other) = former.as_ref().filter(|former| former.target != new.target) {
            rows.extend(on_target(&mut reader, &other.target).await?);
        }
        let more = rows.len() > MAX_LOOKED_AT as usize;
        rows.truncate(MAX_LOOKED_AT as usize);
        let memberships = groups::memberships(&mut reader).await?;
        let mut touched = memberships.people_of(new.holder);
        touched.extend(former.iter().flat_map(|former| memberships.people_of(former.holder)));
        let subjects: Vec<GrantSubject> = touched.into_iter().map(|person| subject(person, &memberships)).collect();
        let mut changes: HashMap<UserId, (BTreeSet<usize>, BTreeSet<usize>)> = HashMap::new();
        for row in &rows {
            let before = credentials::grants_on(&mut reader, &row.facts()).await?;
            let mut after: Vec<Grant> = before.iter().filter(|grant| grant.id != id).cloned().collect();
            after.push(new.clone());
            for subject in &subjects {
                let (gains, loses) = changes.entry(subject.user).or_default();
                self.compare(&held(subject, row, &before), &held(subject, row, &after), gains, loses);
            }
        }
        let hidden = of_group(&new) || former.as_ref().is_some_and(of_group);
        let people = self.changed(&mut reader, changes).await?;
        let names = rows.iter().take(20).map(|row| row.name.to_string()).collect();
        let access = self.told(&actor, people, hidden, more);
        Ok(GrantPreview { credentials: rows.len() as u64, names, access })
    }

    /// Who could do more with grants of one holder, each new on its credential. Nothing is changed.
    pub(crate) async fn given_access(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        given: &[(&CredentialRow, &Grant)],
    ) -> Result<MovedAccess, Error> {
        let Some((_, first)) = given.first() else { return Ok(MovedAccess::default()) };
        let memberships = groups::memberships(db).await?;
        let touched = memberships.people_of(first.holder);
        let subjects: Vec<GrantSubject> = touched.into_iter().map(|person| subject(person, &memberships)).collect();
        let looked_at = (MAX_COMPARED / subjects.len().max(1)).clamp(1, MAX_LOOKED_AT as usize);
        let mut changes: HashMap<UserId, (BTreeSet<usize>, BTreeSet<usize>)> = HashMap::new();
        for (row, grant) in given.iter().copied().take(looked_at) {
            let before = credentials::grants_on(db, &row.facts()).await?;
            let after: Vec<Grant> = before.iter().chain([grant]).cloned().collect();
            for subject in &subjects {
                let (gains, loses) = changes.entry(subject.user).or_default();
                self.compare(&held(subject, row, &before), &held(subject, row, &after), gains, loses);
            }
        }
        let people = self.changed(db, changes).await?;
        Ok(self.told(actor, people, of_group(first), given.len() > looked_at))
    }

    /// Who could do more or less if credentials, each as it is, were to be as they stand beside. Nothing is changed.
    pub(crate) async fn moved_access(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        moved: &[(&CredentialRow, &CredentialRow)],
    ) -> Result<MovedAccess, Error> {
        let mut holders: BTreeMap<&Tag, Vec<Principal>> = BTreeMap::new();
        let tags: BTreeSet<&Tag> = moved.iter().flat_map(|(before, after)| differing(before, after)).collect();
        for tag in tags {
            let filter = GrantFilter { target: Some(GrantTarget::Tag(tag.clone())), ..GrantFilter::default() };
            let grants = credentials::list_grants(db, &filter, MAX_PEOPLE).await?;
            if !grants.is_empty() {
                holders.insert(tag, grants.into_iter().map(|grant| grant.holder).collect());
            }
        }
        if holders.is_empty() {
            return Ok(MovedAccess::default());
        }
        let moved = moved.iter().copied();
        let concerned: Vec<(&CredentialRow, &CredentialRow)> =
            moved.filter(|(before, after)| differing(before, after).any(|tag| holders.contains_key(tag))).collect();
        let memberships = groups::memberships(db).await?;
        let touched: BTreeSet<UserId> =
            holders.values().flatten().flat_map(|holder| memberships.people_of(*holder)).collect();
        let subjects: Vec<GrantSubject> = touched.into_iter().map(|person| subject(person, &memberships)).collect();
        let looked_at = (MAX_COMPARED / subjects.len().max(1)).clamp(1, MAX_LOOKED_AT as usize);
        let mut changes: HashMap<UserId, (BTreeSet<usize>, BTreeSet<usize>)> = HashMap::new();
        for (before, after) in concerned.iter().copied().take(looked_at) {
            let grants_before = credentials::grants_on(db, &before.facts()).await?;
            let grants_after = credentials::grants_on(db, &after.facts()).await?;
            for subject in &subjects {
                let (gains, loses) = changes.entry(subject.user).or_default();
                let before = held(subject, before, &grants_before);
                self.compare(&before, &held(subject, after, &grants_after), gains, loses);
            }
        }
        let people = self.changed(db, changes).await?;
        Ok(self.told(actor, people, true, concerned.len() > looked_at))
    }

    /// Who is in a group, or has what was granted by tag, learns who may see what was granted at all; somebody who shares one credential
    /// learns how many, and not who.
    fn told(&self, actor: &Actor, people: Vec<PreviewedPerson>, hidden: bool, more: bool) -> MovedAccess {
        let count = |of: fn(&PreviewedPerson) -> bool| people.iter().filter(|person| of(person)).count() as u64;
        let (gains, loses) = (count(|person| !person.gains.is_empty()), count(|person| !person.loses.is_empty()));
        let hidden = hidden && self.permit_looking(actor, None).is_err();
        MovedAccess { gains, loses, people: if hidden { Vec::new() } else { people }, more }
    }

    fn compare(&self, before: &Grants, after: &Grants, gains: &mut BTreeSet<usize>, loses: &mut BTreeSet<usize>) {
        let context = AccessContext::in_principle(self.now());
        for (place, (_, act)) in GRANTABLE.iter().enumerate() {
            let (before, after) = (ways(before, *act, &context), ways(after, *act, &context));
            let is_met = |by: &Vec<GrantConditions>, one: &GrantConditions| by.iter().any(|other| one.is_within(other));
            if after.iter().any(|one| !is_met(&before, one)) {
                gains.insert(place);
            }
            if before.iter().any(|one| !is_met(&after, one)) {
                loses.insert(place);
            }
        }
    }

    /// By name, without whom nothing changes for: who may by role, or is kept out.
    async fn changed(
        &self,
        db: &mut impl Select,
        changes: HashMap<UserId, (BTreeSet<usize>, BTreeSet<usize>)>,
    ) -> Result<Vec<PreviewedPerson>, Error> {
        let mut shown = Vec::new();
        for row in
            people::all(db, MAX_PEOPLE).await?.into_iter().filter(|row| !row.disabled && row.role != Role::Auditor)
        {
            let Some((gains, loses)) = changes.get(&row.id) else { continue };
            let named = |places: &BTreeSet<usize>| -> Vec<&'static str> {
                let beyond = places.iter().map(|place| GRANTABLE[*place]);
                beyond.filter(|(_, act)| decide_by_role(row.role, *act).is_err()).map(|(name, _)| name).collect()
            };
            let (gains, loses) = (named(gains), named(loses));
            if !gains.is_empty() || !loses.is_empty() {
                shown.push(PreviewedPerson { person: row.id, name: row.name, gains, loses });
            }
        }
        Ok(shown)
    }
}

/// What whoever and whatever a grant names is called, read once for many grants.
struct Names {
    people: HashMap<UserId, HolderName>,
    groups: HashMap<GroupId, String>,
    credential: (CredentialId, String),
}

impl Names {
    fn of(
        people: &[PersonRow],
        services: &HashMap<UserId, ServiceRow>,
        groups: Vec<GroupRow>,
        credential: &CredentialRow,
    ) -> Self {
        let holder = |person: &PersonRow| HolderName {
            name: person.name.clone(),
            role: Some(person.role),
            service_account: services.contains_key(&person.id),
        };
        Self {
            people: people.iter().map(|person| (person.id, holder(person))).collect(),
            groups: groups.into_iter().map(|group| (group.id, group.name.to_string())).collect(),
            credential: (credential.id, credential.name.to_string()),
        }
    }

    /// As [`details`]; `None` where it names what is not among them.
    fn details(&self, grant: &Grant) -> Option<GrantDetails> {
        let holder = match grant.holder {
            Principal::User(id) => self.people.get(&id)?.clone(),
            Principal::Group(id) => {
                HolderName { name: self.groups.get(&id)?.clone(), role: None, service_account: false }
            }
        };
        let credential = match &grant.target {
            GrantTarget::Credential(id) if *id == self.credential.0 => Some(self.credential.1.clone()),
            GrantTarget::Credential(_) => return None,
            GrantTarget::Tag(_) | GrantTarget::Site(_) => None,
        };
        let levels = grant.conditions.approval.iter().flat_map(|rule| &rule.levels);
        let approvers = levels.map(|level| self.groups.get(&level.group).cloned()).collect();
        Some(GrantDetails { grant: grant.clone(), holder, credential, approvers })
    }
}

/// Under which conditions somebody may do it: those of each grant that allows it and is there.
fn ways(grants: &Grants, act: Action, context: &AccessContext<'_>) -> Vec<GrantConditions> {
    let there =
        grants.iter().filter(|grant| grant.permissions.allow(act) && grant.conditions.unmet(context).is_empty());
    there.map(|grant| grant.conditions.clone()).collect()
}

/// Whether it is for a group, whose members not everybody may know.
const fn of_group(grant: &Grant) -> bool {
    matches!(grant.holder, Principal::Group(_))
}

fn subject(person: UserId, memberships: &Memberships) -> GrantSubject {
    GrantSubject { user: person, groups: memberships.groups_of(Principal::User(person)) }
}

fn held(subject: &GrantSubject, row: &CredentialRow, all: &[Grant]) -> Grants {
    Grants::of(subject, &row.facts(), all.iter().cloned())
}

/// The tags that one of them has and the other has not.
fn differing<'a>(before: &'a CredentialRow, after: &'a CredentialRow) -> impl Iterator<Item = &'a Tag> {
    let differs = |tag: &&Tag| !(before.tags.contains(tag) && after.tags.contains(tag));
    before.tags.iter().chain(&after.tags).filter(differs)
}

/// What a role allows, with what was granted beside.
fn of_role(role: Role, granted: GrantPermissions) -> GrantPermissions {
    let may = |act| decide_by_role(role, act).is_ok();
    let session = if may(Action::StartSession) {
        GrantPermissions::ALL.session
    } else if may(Action::WatchSession) {
        Some(countersign_model::Level::View)
    } else {
        None
    };
    let by_role = GrantPermissions {
        token: may(Action::TakeToken),
        reveal: may(Action::Reveal),
        session,
        change: may(Action::ChangePassword),
        edit: may(Action::EditCredential),
        share: may(Action::GrantCredential),
        audit: may(Action::ReadRecords),
        ..GrantPermissions::SEE
    };
    if role == Role::Auditor { by_role } else { by_role.or(granted) }
}

/// The credentials that a grant is on, one more than are looked at.
async fn on_target(db: &mut impl Select, target: &GrantTarget) -> Result<Vec<CredentialRow>, Error> {
    match target {
        GrantTarget::Credential(id) => one(db, *id).await,
        wide => Ok(credentials::on_target(db, wide, MAX_LOOKED_AT + 1).await?),
    }
}

async fn one(db: &mut impl Select, id: CredentialId) -> Result<Vec<CredentialRow>, Error> {
    Ok(credentials::find(db, id).await?.into_iter().collect())
}
