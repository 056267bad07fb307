//! Who comes in, and into which groups that brings them.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    claims::ProviderClaims,
    refusal::ProviderRefusal,
    settings::{MatchBy, ProviderSettings},
};
use crate::{GroupId, Role, UserId, UserName};

/// Somebody in the vault, as far as it matters for who comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownUser {
    /// Who.
    pub id: UserId,
    /// Whether they are kept out.
    pub disabled: bool,
    /// Whether they were added to sign in with the provider and never had another way in: no password, no second factor of
    /// their own, and nobody at the provider is them yet.
    pub awaited: bool,
}

/// Who comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// Somebody who is connected with this very subject.
    Known(UserId),
    /// Somebody who was added to come this way, and comes for the first time: to be connected.
    Awaited(UserId),
    /// Somebody new, to be added.
    New {
        /// Under that name.
        name: UserName,
        /// As that.
        role: Role,
    },
}

/// The name under which somebody is looked for at their first sign-in, or added.
pub fn wanted_name<'a>(settings: &ProviderSettings, claims: &'a ProviderClaims) -> Option<&'a str> {
    match settings.match_by {
        MatchBy::Email => claims.email.as_deref(),
        MatchBy::Username => claims.username.as_deref(),
        MatchBy::Nothing => claims.username.as_deref().or(claims.email.as_deref()),
    }
}

/// Who somebody is whom the provider knows. `connected` has this issuer and subject, `named` the name of [`wanted_name`].
///
/// # Errors
/// Says why they do not come in.
pub fn admit(
    settings: &ProviderSettings,
    claims: &ProviderClaims,
    connected: Option<&KnownUser>,
    named: Option<&KnownUser>,
) -> Result<Admission, ProviderRefusal> {
    if let Some(user) = connected {
        return if user.disabled { Err(ProviderRefusal::Disabled) } else { Ok(Admission::Known(user.id)) };
    }
    let by_name = settings.match_by != MatchBy::Nothing;
    match (named, settings.new_users) {
        (Some(user), _) if by_name && user.awaited && user.disabled => Err(ProviderRefusal::Disabled),
        (Some(user), _) if by_name && user.awaited => Ok(Admission::Awaited(user.id)),
        // Whoever chooses a name at the provider must not become whoever has it here.
        (Some(_), _) => Err(ProviderRefusal::NameTaken),
        (None, None) => Err(ProviderRefusal::Unknown),
        (None, Some(role)) => {
            let name = wanted_name(settings, claims).and_then(|name| UserName::parse(name).ok());
            Ok(Admission::New { name: name.ok_or(ProviderRefusal::NoName)?, role })
        }
    }
}

/// Into and out of which groups the provider's word brings somebody.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupChanges {
    /// Groups to come into.
    pub join: BTreeSet<GroupId>,
    /// Groups to be taken out of.
    pub leave: BTreeSet<GroupId>,
}

/// Compares what the provider says with where somebody is. `in_now` are the groups that they are directly in, and whether that came
/// from the provider: what somebody has put them into by hand, the provider takes nobody out of.
pub fn group_changes(
    settings: &ProviderSettings,
    values: &BTreeSet<String>,
    in_now: &BTreeMap<GroupId, bool>,
) -> GroupChanges {
    let wanted: BTreeSet<GroupId> =
        settings.groups.iter().filter(|it| values.contains(&it.value)).map(|it| it.group).collect();
    let came = in_now.iter().filter(|(_, by_provider)| **by_provider).map(|(group, _)| *group);
    GroupChanges {
        leave: came.filter(|group| !wanted.contains(group)).collect(),
        join: wanted.into_iter().filter(|group| !in_now.contains_key(group)).collect(),
    }
}
