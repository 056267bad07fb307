//! What previews say of people: who could do more or less.

use countersign_vault::{MovedAccess, PreviewedPerson};
use serde::Serialize;
use utoipa::ToSchema;

/// What would change for one user.
#[derive(Serialize, ToSchema)]
pub(crate) struct PreviewedPersonBody {
    id: String,
    name: String,
    /// `see`, `token`, `reveal`, `view_session`, `session`, `change`, `edit`, `share`, `audit`, `transfer`: what they could do on any of the
    /// credentials and cannot now, or under fewer conditions.
    gains: Vec<&'static str>,
    /// What they can do now and could not then, or only under more conditions.
    loses: Vec<&'static str>,
}

/// Who could do more or less.
#[derive(Serialize, ToSchema)]
pub(crate) struct MovedAccessBody {
    /// How many users gain something.
    gains: u64,
    /// How many lose something.
    loses: u64,
    /// Who; empty for callers who may not know who they are.
    people: Vec<PreviewedPersonBody>,
    /// Whether there are more credentials than were looked at.
    more: bool,
}

impl From<PreviewedPerson> for PreviewedPersonBody {
    fn from(it: PreviewedPerson) -> Self {
        let PreviewedPerson { person, name, gains, loses } = it;
        Self { id: person.to_string(), name, gains, loses }
    }
}

impl MovedAccessBody {
    pub(crate) fn of(it: MovedAccess) -> Option<Self> {
        if it == MovedAccess::default() {
            return None;
        }
        let MovedAccess { gains, loses, people, more } = it;
        Some(Self { gains, loses, people: people.into_iter().map(Into::into).collect(), more })
    }
}
