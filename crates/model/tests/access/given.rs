//! The words in which the table is written: the world of its first lines, grants, and what is asked.

use countersign_model::{
    ApprovalLevel, ApprovalRule, Extras, Grant, GrantConditions, GrantId, GrantPermissions, GrantTarget, Level,
    Principal, Reason, SiteAddress, Tag, Ticket, Timestamp, Weekday, WeeklyHours,
};
use uuid::Uuid;

use crate::world::{Account, Asked, World, credential, group, user};

pub(crate) const ANA: u128 = 0;
pub(crate) const BOB: u128 = 1;
pub(crate) const STAFF: u128 = 0;
pub(crate) const MARKETING: u128 = 1;
pub(crate) const INTERNS: u128 = 2;
pub(crate) const OTHERS: u128 = 3;

pub(crate) const SEE: GrantPermissions = GrantPermissions::SEE;
pub(crate) const TOKEN: GrantPermissions = GrantPermissions { token: true, ..SEE };
pub(crate) const REVEAL: GrantPermissions = GrantPermissions { reveal: true, ..SEE };
pub(crate) const VIEW: GrantPermissions = GrantPermissions { session: Some(Level::View), ..SEE };
pub(crate) const INTERACT: GrantPermissions = GrantPermissions { session: Some(Level::Interact), ..SEE };
pub(crate) const CONTROL: GrantPermissions = GrantPermissions { session: Some(Level::Control), ..SEE };
pub(crate) const EXTRAS: GrantPermissions = GrantPermissions { extras: Extras::ALL, ..SEE };
pub(crate) const CHANGE: GrantPermissions = GrantPermissions { change: true, ..SEE };
pub(crate) const EDIT: GrantPermissions = GrantPermissions { edit: true, ..SEE };
pub(crate) const SHARE: GrantPermissions = GrantPermissions { share: true, ..SEE };
pub(crate) const AUDIT: GrantPermissions = GrantPermissions { audit: true, ..SEE };
pub(crate) const TRANSFER: GrantPermissions = GrantPermissions { transfer: true, ..SEE };
pub(crate) const ALL: GrantPermissions = GrantPermissions::ALL;

pub(crate) fn now() -> Timestamp {
    "2026-01-05T11:00:00Z".parse().unwrap()
}

pub(crate) fn world(grants: &[Given]) -> World {
    let numbered = grants.iter().zip(0_u128..);
    World {
        edges: vec![
            (group(STAFF), Principal::Group(group(MARKETING))),
            (group(STAFF), Principal::User(user(BOB))),
            (group(MARKETING), Principal::Group(group(INTERNS))),
            (group(INTERNS), Principal::User(user(ANA))),
        ],
        accounts: vec![Account {
            id: credential(0),
            tags: vec![Tag::parse("social").unwrap()],
            site: Some(SiteAddress::parse("https://login.example.org:8443/in").unwrap()),
        }],
        grants: numbered.map(|(given, number)| given.grant(number)).collect(),
        approved: Vec::new(),
        held: None,
    }
}

/// A grant as the table writes it.
#[derive(Clone)]
pub(crate) struct Given {
    pub(crate) holder: Principal,
    pub(crate) target: GrantTarget,
    pub(crate) permissions: GrantPermissions,
    pub(crate) conditions: GrantConditions,
}

impl Given {
    pub(crate) fn grant(&self, number: u128) -> Grant {
        let Self { holder, target, permissions, conditions } = self.clone();
        Grant { id: GrantId::from_uuid(Uuid::from_u128(number)), holder, target, permissions, conditions }
    }

    pub(crate) fn on(self, target: GrantTarget) -> Self {
        Self { target, ..self }
    }

    pub(crate) fn tag(self, tag: &str) -> Self {
        self.on(GrantTarget::Tag(Tag::parse(tag).unwrap()))
    }

    pub(crate) fn site(self, host: &str) -> Self {
        self.on(GrantTarget::Site(host.parse().unwrap()))
    }

    pub(crate) fn reason(mut self) -> Self {
        self.conditions.reason = true;
        self
    }

    pub(crate) fn ticket(mut self, pattern: &str) -> Self {
        self.conditions.ticket = Some(pattern.parse().unwrap());
        self
    }

    pub(crate) fn signed_in(mut self, minutes: u16) -> Self {
        self.conditions.signed_in_minutes = Some(minutes);
        self
    }

    pub(crate) fn hours(mut self, days: &[Weekday], from: &str, to: &str) -> Self {
        let (from, to, zone) = (from.parse().unwrap(), to.parse().unwrap(), "Europe/Berlin".parse().unwrap());
        self.conditions.hours = Some(WeeklyHours { days: days.to_vec(), from, to, zone }.checked().unwrap());
        self
    }

    pub(crate) fn network(mut self, text: &str) -> Self {
        self.conditions.networks.push(text.parse().unwrap());
        self
    }

    pub(crate) fn from(mut self, at: &str) -> Self {
        self.conditions.from = Some(at.parse().unwrap());
        self
    }

    pub(crate) fn approval(mut self) -> Self {
        self.conditions.approval = Some(rule());
        self
    }

    pub(crate) fn until(mut self, at: &str) -> Self {
        self.conditions.until = Some(at.parse().unwrap());
        self
    }
}

pub(crate) fn rule() -> ApprovalRule {
    let levels = vec![ApprovalLevel { group: group(OTHERS), approvals: 1 }];
    ApprovalRule { levels, minutes: 60, emergency_minutes: None }
}

pub(crate) fn to(holder: Principal, permissions: GrantPermissions) -> Given {
    let target = GrantTarget::Credential(credential(0));
    Given { holder, target, permissions, conditions: GrantConditions::default() }
}

pub(crate) fn ana(permissions: GrantPermissions) -> Given {
    to(Principal::User(user(ANA)), permissions)
}

pub(crate) fn members(of: u128, permissions: GrantPermissions) -> Given {
    to(Principal::Group(group(of)), permissions)
}

pub(crate) fn asked() -> Asked {
    let confirmed_at = Some(Timestamp::from_seconds(now().seconds() - 600));
    Asked { now: now(), address: "10.1.2.3".parse().ok(), confirmed_at, reason: None, ticket: None }
}

pub(crate) fn with_reason() -> Asked {
    Asked { reason: Some(Reason::parse("a fix").unwrap()), ..asked() }
}

pub(crate) fn with_ticket(text: &str) -> Asked {
    Asked { ticket: Some(Ticket::parse(text).unwrap()), ..asked() }
}

pub(crate) fn at(time: &str) -> Asked {
    Asked { now: time.parse().unwrap(), ..asked() }
}

pub(crate) fn from_address(address: Option<&str>) -> Asked {
    Asked { address: address.map(|text| text.parse().unwrap()), ..asked() }
}

pub(crate) fn confirmed(ago_seconds: Option<i64>) -> Asked {
    Asked { confirmed_at: ago_seconds.map(|ago| Timestamp::from_seconds(now().seconds() - ago)), ..asked() }
}
