use std::{collections::BTreeSet, fmt, str::FromStr, sync::Arc};

use serde::Serialize;

use crate::{
    AccessContext, AccessScope, Action, AllowedBy, ApprovalRule, CredentialId, Denied, Extras, GrantConditions,
    GrantId, GrantPermissions, GroupId, Invalid, Level, Possession, Principal, RequestId, Role, ScopedOn, SiteAddress,
    Tag, Timestamp, Unmet, UserId,
    condition::{Given, Missing},
};

/// The host of a site, as it stands in URLs: in lower case, without a port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct SiteHost(String);

impl SiteHost {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SiteHost {
    type Err = Invalid;

    /// Reads a host, or the address of a site.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let wrong = |_| Invalid::new("site", "is no host: write it as login.example.org");
        SiteAddress::parse(text).map(|site| Self(site.host())).map_err(wrong)
    }
}

impl fmt::Display for SiteHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which credentials a grant is on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum GrantTarget {
    /// One.
    Credential(CredentialId),
    /// All with this tag, now or later.
    Tag(Tag),
    /// All whose site has this host, now or later.
    Site(SiteHost),
}

impl GrantTarget {
    /// Whether a credential is among them.
    pub fn is_on(&self, credential: &CredentialFacts<'_>) -> bool {
        match self {
            Self::Credential(id) => *id == credential.id,
            Self::Tag(tag) => credential.tags.contains(tag),
            Self::Site(host) => credential.site.is_some_and(|site| site.host() == host.as_str()),
        }
    }
}

/// What a person, or everybody in a group, may do with some credentials, and what has to hold for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// For whom it is.
    pub holder: Principal,
    /// On which credentials.
    pub target: GrantTarget,
    /// What it allows.
    pub permissions: GrantPermissions,
    /// What has to hold.
    pub conditions: GrantConditions,
}

/// What somebody was allowed by a request, as far as the rule looks at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    /// The request.
    pub request: RequestId,
    /// By which grant they asked.
    pub grant: GrantId,
    /// What was approved. It gives nothing that the grant does not.
    pub permissions: GrantPermissions,
    /// What the grant asked for then. Where it asks for something else now, the approval does not serve any more.
    pub rule: ApprovalRule,
    /// From then on.
    pub from: Timestamp,
    /// Until then, and not at that moment.
    pub until: Timestamp,
}

impl Approved {
    /// Whether it serves now for a grant that asks for this.
    fn serves(&self, grant: GrantId, rule: &ApprovalRule, now: Timestamp) -> bool {
        self.grant == grant && self.rule == *rule && self.from <= now && now < self.until
    }
}

/// What grants look at in a credential.
#[derive(Debug, Clone, Copy)]
pub struct CredentialFacts<'a> {
    /// Its id.
    pub id: CredentialId,
    /// Its tags.
    pub tags: &'a [Tag],
    /// Where it signs in.
    pub site: Option<&'a SiteAddress>,
}

/// A person with every group that they are in, directly or by another group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantSubject {
    /// The person.
    pub user: UserId,
    /// Their groups.
    pub groups: BTreeSet<GroupId>,
}

impl GrantSubject {
    /// Whether a grant to this one is for them.
    pub fn is(&self, holder: Principal) -> bool {
        match holder {
            Principal::User(user) => user == self.user,
            Principal::Group(group) => self.groups.contains(&group),
        }
    }
}

/// The grants that one person has on one credential, and what was approved to them there: what [`crate::decide`] looks at. A clone
/// is a handle to the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grants {
    all: Arc<[Grant]>,
    approved: Arc<[Approved]>,
    possession: Option<Arc<Possession>>,
    /// The credential, for tokens that are narrowed to some; `None` where there is nothing to narrow.
    on: Option<Arc<ScopedOn>>,
}

impl Default for Grants {
    fn default() -> Self {
        Self::none()
    }
}

impl Grants {
    /// None.
    pub fn none() -> Self {
        Self { all: Arc::from([]), approved: Arc::from([]), possession: None, on: None }
    }

    /// Those that are for the person and on the credential.
    pub fn of(
        subject: &GrantSubject,
        credential: &CredentialFacts<'_>,
        among: impl IntoIterator<Item = Grant>,
    ) -> Self {
        let theirs = |grant: &Grant| subject.is(grant.holder) && grant.target.is_on(credential);
        let all: Arc<[Grant]> = among.into_iter().filter(theirs).collect();
        let on = (!all.is_empty()).then(|| Arc::new(ScopedOn::new(credential.id, credential.tags)));
        Self { all, on, ..Self::none() }
    }

    /// With what was approved to the person on the credential.
    #[must_use]
    pub fn with(self, approved: impl IntoIterator<Item = Approved>) -> Self {
        Self { approved: approved.into_iter().collect(), ..self }
    }

    /// With who has checked the credential out.
    #[must_use]
    pub fn held(self, possession: Option<Possession>) -> Self {
        Self { possession: possession.map(Arc::new), ..self }
    }

    /// Who has checked the credential out, by what was last written of it: it may be over.
    pub fn possession(&self) -> Option<&Possession> {
        self.possession.as_deref()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Grant> {
        self.all.iter()
    }

    /// Whether one of them asks for an approval.
    pub fn ask_for_approval(&self) -> bool {
        self.iter().any(|grant| grant.conditions.approval.is_some())
    }

    /// By which of them an act is allowed, if by any; where by none, what is missing in the one that is nearest to it.
    pub(crate) fn decide(&self, act: Action, context: &AccessContext<'_>) -> Result<AllowedBy, Denied> {
        if !self.is_in_scope(act, context) {
            // What is not granted at all is not told as a matter of scope.
            let granted = self.iter().any(|grant| grant.permissions.allow(act));
            return Err(Denied { act, unmet: if granted { vec![Unmet::Scope] } else { Vec::new() } });
        }
        let mut nearest: Option<(Missing, &Grant)> = None;
        let is_kept_away = act.is_use() && self.is_kept_away(context);
        for grant in self.iter().filter(|grant| grant.permissions.allow(act)) {
            let approved = self.serving(grant, context).find(|approved| approved.permissions.allow(act));
            let given = Given { approved: approved.is_some(), checked_out: self.has_checked_out(grant, context) };
            let missing = grant.missing(act, context, given).and_checked_out(is_kept_away);
            if missing.is_nothing() {
                return Ok(AllowedBy::Grant(grant.id, approved.map(|approved| approved.request)));
            }
            if nearest.is_none_or(|(other, _)| missing < other) {
                nearest = Some((missing, grant));
            }
        }
        let unmet = nearest.map(|(missing, grant)| {
            let mut unmet = grant.conditions.named(missing, self.possession());
            // What was approved for later needs no other approval.
            if let Some(from) = self.approved_for_later(grant, act, context) {
                unmet.iter_mut().filter(|one| **one == Unmet::Approval).for_each(|one| *one = Unmet::NotBefore(from));
            }
            unmet
        });
        Err(Denied { act, unmet: unmet.unwrap_or_default() })
    }

    /// The grants by which somebody could ask to be let do all of this: those that allow it and ask for an approval. Those come first of
    /// which nothing else is missing that cannot be given with the request.
    pub fn to_request(&self, permissions: GrantPermissions, context: &AccessContext<'_>) -> Vec<&Grant> {
        let principle = AccessContext::in_principle(context.now());
        let asked =
            |scope: &AccessScope| permissions.is_within(GrantPermissions::of_scope(scope)) && scope.holds(self.on());
        let may = |grant: &&Grant| {
            grant.conditions.approval.is_some()
                && context.scope().is_none_or(asked)
                && permissions.is_within(grant.permissions)
                && grant.conditions.not_there(&principle).is_nothing()
        };
        let mut found: Vec<&Grant> = self.iter().filter(may).collect();
        let given = Given { approved: true, checked_out: true };
        found.sort_by_key(|grant| grant.conditions.missing(context, given));
        found
    }

    /// How far they may go in the credential's sessions.
    pub fn session_level(&self, context: &AccessContext<'_>) -> Option<Level> {
        let level = self.holding(context).filter_map(|(_, now)| now.session).max();
        // Who is kept away may look on.
        if self.is_kept_away(context) { level.min(Some(Level::View)) } else { level }
    }

    /// What they may do in the credential's sessions beside that.
    pub fn session_extras(&self, context: &AccessContext<'_>) -> Extras {
        let all = self.holding(context).fold(Extras::NONE, |all, (_, now)| all.or(now.extras));
        if self.is_kept_away(context) { Extras::NONE } else { all }
    }

    /// Whether somebody who may grant by one of these may make or take back another: it gives no more than one that lets them
    /// share now, and asks for no less.
    pub fn may_share(&self, other: &Grant, context: &AccessContext<'_>) -> bool {
        let one = matches!(other.target, GrantTarget::Credential(_));
        one && self
            .holding(context)
            .filter(|(_, now)| now.share)
            .any(|(own, now)| other.permissions.is_within(now) && other.conditions.is_within(&own.conditions))
    }

    /// Those whose conditions hold, with what each allows now: of one that asks for an approval, what was approved.
    fn holding(&self, context: &AccessContext<'_>) -> impl Iterator<Item = (&Grant, GrantPermissions)> {
        self.iter().filter_map(|grant| {
            let asks = grant.conditions.approval.is_some() && !context.assumes_approval();
            let approved = self.serving(grant, context).map(|approved| approved.permissions.and(grant.permissions));
            let approved = approved.reduce(GrantPermissions::or);
            let allowed = if asks { approved } else { Some(grant.permissions) };
            let given = Given { approved: approved.is_some(), checked_out: self.has_checked_out(grant, context) };
            let holds = grant.conditions.missing(context, given).is_nothing();
            let scope = context.scope();
            let holds = holds && scope.is_none_or(|scope| scope.holds(self.on()));
            let narrowed =
                |now: GrantPermissions| scope.map_or(now, |scope| now.and(GrantPermissions::of_scope(scope)));
            allowed.filter(|_| holds).map(|now| (grant, narrowed(now)))
        })
    }

    /// The credential, as scopes look at it.
    fn on(&self) -> Option<&ScopedOn> {
        self.on.as_deref()
    }

    /// Whether the token by which somebody asks was not narrowed to other things.
    fn is_in_scope(&self, act: Action, context: &AccessContext<'_>) -> bool {
        let allows = |scope: &AccessScope| !scope.is_empty() && GrantPermissions::of_scope(scope).allow(act);
        context.scope().is_none_or(|scope| allows(scope) && scope.holds(self.on()))
    }

    /// Whether the person has checked the credential out by this grant.
    fn has_checked_out(&self, grant: &Grant, context: &AccessContext<'_>) -> bool {
        grant.conditions.check_out.is_some() && self.possession().is_some_and(|held| held.serves(context.now()))
    }

    /// Whether somebody else has checked the credential out.
    fn is_kept_away(&self, context: &AccessContext<'_>) -> bool {
        !context.assumes_check_out() && self.kept_by(context.now()).is_some()
    }

    /// Who else has checked the credential out.
    pub fn kept_by(&self, now: Timestamp) -> Option<&Possession> {
        self.possession().filter(|held| held.excludes(now))
    }

    /// The grant by which somebody may check the credential out now, and when it ends by itself: it asks for that, and everything else that
    /// it asks for holds for some use. Of several the one that gives the longest time.
    ///
    /// # Errors
    /// [`Denied`] by what is missing; plainly where no grant asks for a check-out.
    pub fn to_check_out(&self, context: &AccessContext<'_>) -> Result<(&Grant, Option<Timestamp>), Denied> {
        let context = context.to_check_out();
        let (mut found, mut missing) = (None, None);
        for grant in self.iter() {
            let Some(rule) = &grant.conditions.check_out else { continue };
            let only = Self { all: Arc::from([grant.clone()]), ..self.clone() };
            let uses = Action::ALL.into_iter().filter(|act| act.is_use() && grant.permissions.allow(*act));
            for act in uses {
                match only.decide(act, &context) {
                    Ok(_) => found = found.filter(|(most, _)| *most >= rule.minutes).or(Some((rule.minutes, grant))),
                    Err(denied) => missing = missing.or(Some(denied)),
                }
            }
        }
        let plainly = || missing.unwrap_or_else(|| Denied::plainly(Action::TakeToken));
        let (_, grant) = found.ok_or_else(plainly)?;
        let approved = self.serving(grant, &context).map(|approved| approved.until).max();
        let end = [grant.conditions.until, approved].into_iter().flatten().min();
        Ok((grant, end))
    }

    /// Whether somebody who has checked the credential out by this grant may still use it: it is there, asks for that, and what it goes on
    /// asking for holds.
    pub fn may_keep(&self, id: GrantId, context: &AccessContext<'_>) -> bool {
        let own = self.iter().filter(|grant| grant.id == id && grant.conditions.check_out.is_some());
        let only = |grant: &Grant| Self { all: Arc::from([grant.clone()]), ..self.clone() };
        let context = context.to_check_out();
        let may =
            |grant: &Grant, act: Action| grant.permissions.allow(act) && only(grant).decide(act, &context).is_ok();
        let mut uses =
            own.flat_map(|grant| Action::ALL.into_iter().filter(|act| act.is_use()).map(move |act| (grant, act)));
        uses.any(|(grant, act)| may(grant, act))
    }

    /// From when on an act is approved by this grant, where that is later.
    fn approved_for_later(&self, grant: &Grant, act: Action, context: &AccessContext<'_>) -> Option<Timestamp> {
        let now = context.now();
        let later = self.approved.iter().filter(|one| one.from > now && one.permissions.allow(act));
        let rule = grant.conditions.approval.as_ref();
        later.filter(|one| rule.is_some_and(|rule| one.serves(grant.id, rule, one.from))).map(|one| one.from).min()
    }

    /// What was approved by this grant, and serves now.
    fn serving<'a>(&'a self, grant: &'a Grant, context: &AccessContext<'_>) -> impl Iterator<Item = &'a Approved> {
        let now = context.now();
        let rule = grant.conditions.approval.as_ref();
        self.approved.iter().filter(move |approved| rule.is_some_and(|rule| approved.serves(grant.id, rule, now)))
    }
}

impl Grant {
    /// Whether somebody of this role may give it, as far as the transfer of setup keys goes: administrators alone give that, to one person on one
    /// credential. So nobody comes by it who joins a group, is put into one by a provider, or may edit tags.
    ///
    /// # Errors
    /// Names the field and what to do.
    pub fn check_transfer(&self, giver: Role) -> Result<(), Invalid> {
        if !self.permissions.transfer {
            return Ok(());
        }
        if giver != Role::Administrator {
            let problem = "hold the transfer of the setup key to a phone, which only an administrator grants";
            return Err(Invalid::new("permissions", problem));
        }
        match (&self.holder, &self.target) {
            (Principal::User(_), GrantTarget::Credential(_)) => Ok(()),
            (Principal::Group(_), _) => Err(Invalid::new(
                "permissions",
                "hold the transfer of the setup key to a phone: grant that to users, not to a group",
            )),
            _ => Err(Invalid::new(
                "permissions",
                "hold the transfer of the setup key to a phone: grant that on each credential, not on a tag or a site",
            )),
        }
    }

    /// What does not hold of its conditions. That a credential is there is shown as long as the grant is.
    fn missing(&self, act: Action, context: &AccessContext<'_>, given: Given) -> Missing {
        match act {
            Action::SeeCredential => self.conditions.not_there(context),
            _ => self.conditions.missing(context, given),
        }
    }
}
