//! Small worlds of people, groups, credentials and grants, made by chance.

use std::net::IpAddr;

use countersign_model::{
    AccessContext, ApprovalLevel, ApprovalRule, Approved, CheckOut, CheckOutRule, CredentialFacts, CredentialId,
    Extras, Grant, GrantConditions, GrantId, GrantPermissions, GrantSubject, GrantTarget, Grants, GroupId, Held, Level,
    Memberships, Network, Possession, Principal, Reason, RequestId, SiteAddress, Tag, Ticket, Timestamp, UserId,
    Weekday, WeeklyHours,
};
use proptest::prelude::*;
use uuid::Uuid;

pub(crate) const PEOPLE: u128 = 3;
pub(crate) const GROUPS: u128 = 4;
pub(crate) const CREDENTIALS: u128 = 3;

pub(crate) const TAGS: [&str; 2] = ["social", "prod"];
pub(crate) const SITES: [&str; 2] = ["login.example.org", "example.net"];
pub(crate) const PATTERNS: [&str; 2] = ["OPS-.*", "CHG-.*"];
pub(crate) const TICKETS: [&str; 3] = ["OPS-17", "CHG-4", "none"];
pub(crate) const NETWORKS: [&str; 4] = ["10.0.0.0/8", "10.1.0.0/16", "192.0.2.0/24", "2001:db8::/32"];
pub(crate) const ADDRESSES: [&str; 4] = ["10.1.2.3", "10.9.0.1", "192.0.2.7", "2001:db8::5"];

pub(crate) fn user(number: u128) -> UserId {
    UserId::from_uuid(Uuid::from_u128(0x100 + number))
}

pub(crate) fn group(number: u128) -> GroupId {
    GroupId::from_uuid(Uuid::from_u128(0x200 + number))
}

pub(crate) fn credential(number: u128) -> CredentialId {
    CredentialId::from_uuid(Uuid::from_u128(0x300 + number))
}

/// A credential as grants see it.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub(crate) id: CredentialId,
    pub(crate) tags: Vec<Tag>,
    pub(crate) site: Option<SiteAddress>,
}

impl Account {
    pub(crate) fn facts(&self) -> CredentialFacts<'_> {
        CredentialFacts { id: self.id, tags: &self.tags, site: self.site.as_ref() }
    }
}

/// Who is in which group, what there is, and what was granted.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) edges: Vec<(GroupId, Principal)>,
    pub(crate) accounts: Vec<Account>,
    pub(crate) grants: Vec<Grant>,
    pub(crate) approved: Vec<(UserId, Approved)>,
    /// Who has checked which account out, by its place.
    pub(crate) held: Option<(usize, Held)>,
}

impl World {
    pub(crate) fn grants_of(&self, person: UserId, account: usize) -> Grants {
        let groups = Memberships::new(self.edges.iter().copied()).groups_of(Principal::User(person));
        let subject = GrantSubject { user: person, groups };
        let approved = self.approved.iter().filter(|(to, _)| *to == person).map(|(_, approved)| approved.clone());
        Grants::of(&subject, &self.accounts[account].facts(), self.grants.iter().cloned())
            .with(approved)
            .held(self.possession(person, account))
    }
}

impl World {
    pub(crate) fn possession(&self, person: UserId, account: usize) -> Option<Possession> {
        let held = self.held.as_ref().filter(|(on, _)| *on == account).map(|(_, held)| held.clone());
        Possession::of(&CheckOut { held, ..CheckOut::default() }, person)
    }
}

/// What is known of a request, as values.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) now: Timestamp,
    pub(crate) address: Option<IpAddr>,
    pub(crate) confirmed_at: Option<Timestamp>,
    pub(crate) reason: Option<Reason>,
    pub(crate) ticket: Option<Ticket>,
}

impl Asked {
    pub(crate) fn context(&self) -> AccessContext<'_> {
        let context = AccessContext::new(self.now, self.address, self.confirmed_at);
        context.because(self.reason.as_ref(), self.ticket.as_ref())
    }
}

pub(crate) fn any_principal() -> impl Strategy<Value = Principal> {
    prop_oneof![
        (0..PEOPLE).prop_map(|number| Principal::User(user(number))),
        (0..GROUPS).prop_map(|number| Principal::Group(group(number))),
    ]
}

fn any_edges() -> impl Strategy<Value = Vec<(GroupId, Principal)>> {
    let people = prop::collection::vec((0..GROUPS, 0..PEOPLE), 0..6);
    let groups = prop::collection::vec((0..GROUPS, 0..GROUPS), 0..5);
    (people, groups).prop_map(|(people, groups)| {
        let people = people.into_iter().map(|(into, who)| (group(into), Principal::User(user(who))));
        // A group holds those with higher numbers, so that there is no circle.
        let nested = groups.into_iter().filter(|(into, inner)| into < inner);
        people.chain(nested.map(|(into, inner)| (group(into), Principal::Group(group(inner))))).collect()
    })
}

fn any_account(number: u128) -> impl Strategy<Value = Account> {
    let tags = prop::collection::vec(prop::sample::select(&TAGS[..]), 0..3);
    let site = prop::option::of(prop::sample::select(&SITES[..]));
    (tags, site).prop_map(move |(mut tags, site)| {
        tags.sort_unstable();
        tags.dedup();
        Account {
            id: credential(number),
            tags: tags.into_iter().map(|tag| Tag::parse(tag).unwrap()).collect(),
            site: site.map(|host| SiteAddress::parse(&format!("https://{host}/login")).unwrap()),
        }
    })
}

fn any_target() -> impl Strategy<Value = GrantTarget> {
    prop_oneof![
        (0..CREDENTIALS).prop_map(|number| GrantTarget::Credential(credential(number))),
        prop::sample::select(&TAGS[..]).prop_map(|tag| GrantTarget::Tag(Tag::parse(tag).unwrap())),
        prop::sample::select(&SITES[..]).prop_map(|host| GrantTarget::Site(host.parse().unwrap())),
    ]
}

pub(crate) fn any_permissions() -> impl Strategy<Value = GrantPermissions> {
    let flags = prop::collection::vec(any::<bool>(), 8);
    let session = prop::option::of(prop::sample::select(&Level::ALL[..]));
    (flags, session).prop_map(|(flags, session)| GrantPermissions {
        token: flags[0],
        reveal: flags[1],
        session,
        extras: Extras { paste: flags[2], ..Extras::NONE },
        change: flags[3],
        edit: flags[4],
        share: flags[5],
        audit: flags[6],
        transfer: flags[7],
    })
}

pub(crate) fn any_moment() -> impl Strategy<Value = Timestamp> {
    // Two weeks of minutes.
    (0_i64..14 * 24 * 60).prop_map(|minute| Timestamp::from_seconds(1_767_571_200 + minute * 60))
}

fn any_hours() -> impl Strategy<Value = WeeklyHours> {
    let days = prop::collection::vec(prop::sample::select(&Weekday::ALL[..]), 1..5);
    (days, 0_u16..24, 0_u16..24).prop_map(|(days, from, to)| {
        let at = |hour: u16| format!("{hour:02}:00").parse().unwrap();
        WeeklyHours { days, from: at(from), to: at(to), zone: "UTC".parse().unwrap() }.checked().unwrap()
    })
}

pub(crate) fn any_conditions() -> impl Strategy<Value = GrantConditions> {
    let one = prop_oneof![
        Just(GrantConditions { reason: true, ..GrantConditions::default() }),
        prop::sample::select(&PATTERNS[..])
            .prop_map(|text| GrantConditions { ticket: Some(text.parse().unwrap()), ..GrantConditions::default() }),
        (1_u16..120)
            .prop_map(|within| GrantConditions { signed_in_minutes: Some(within), ..GrantConditions::default() }),
        any_hours().prop_map(|hours| GrantConditions { hours: Some(hours), ..GrantConditions::default() }),
        prop::collection::vec(prop::sample::select(&NETWORKS[..]), 1..3).prop_map(|texts| {
            let networks: Vec<Network> = texts.into_iter().map(|text| text.parse().unwrap()).collect();
            GrantConditions { networks, ..GrantConditions::default() }
        }),
        any_moment().prop_map(|from| GrantConditions { from: Some(from), ..GrantConditions::default() }),
        any_moment().prop_map(|until| GrantConditions { until: Some(until), ..GrantConditions::default() }),
        any_rule().prop_map(|rule| GrantConditions { approval: Some(rule), ..GrantConditions::default() }),
        any_check_out_rule().prop_map(|rule| GrantConditions { check_out: Some(rule), ..GrantConditions::default() }),
    ];
    prop::collection::vec(one, 0..4).prop_map(|all| all.into_iter().fold(GrantConditions::default(), and))
}

/// One of two, so that some are the same.
fn any_rule() -> impl Strategy<Value = ApprovalRule> {
    (0..2_u128).prop_map(|number| ApprovalRule {
        levels: vec![ApprovalLevel { group: group(number), approvals: 1 }],
        minutes: 60,
        emergency_minutes: None,
    })
}

/// One of two, so that some are the same.
fn any_check_out_rule() -> impl Strategy<Value = CheckOutRule> {
    any::<bool>().prop_map(|change_after| CheckOutRule { minutes: 60, change_after })
}

/// Both.
pub(crate) fn and(one: GrantConditions, other: GrantConditions) -> GrantConditions {
    GrantConditions {
        reason: one.reason || other.reason,
        ticket: one.ticket.or(other.ticket),
        signed_in_minutes: one.signed_in_minutes.or(other.signed_in_minutes),
        hours: one.hours.or(other.hours),
        networks: if one.networks.is_empty() { other.networks } else { one.networks },
        from: one.from.or(other.from),
        until: one.until.or(other.until),
        approval: one.approval.or(other.approval),
        check_out: one.check_out.or(other.check_out),
    }
}

pub(crate) fn any_grant() -> impl Strategy<Value = Grant> {
    (any::<u64>(), any_principal(), any_target(), any_permissions(), any_conditions()).prop_map(
        |(id, holder, target, permissions, conditions)| {
            let id = GrantId::from_uuid(Uuid::from_u128(u128::from(id)));
            Grant { id, holder, target, permissions, conditions }
        },
    )
}

/// Somebody to whom something was approved by one of the grants, as it asks now or otherwise.
fn any_approved(grants: Vec<Grant>) -> impl Strategy<Value = (UserId, Approved)> {
    let grant = prop::sample::select(grants);
    let window = (any_moment(), 1_i64..7 * 24 * 60);
    (0..PEOPLE, grant, any_permissions(), any_rule(), any::<bool>(), window, any::<u64>()).prop_map(
        |(person, grant, permissions, other, same, (from, minutes), id)| {
            let rule = if same { grant.conditions.approval.clone().unwrap_or(other) } else { other };
            let request = RequestId::from_uuid(Uuid::from_u128(u128::from(id)));
            let until = Timestamp::from_seconds(from.seconds() + minutes * 60);
            (user(person), Approved { request, grant: grant.id, permissions, rule, from, until })
        },
    )
}

/// Somebody has an account by one of the grants, as it asks now or otherwise.
fn any_held(grants: Vec<Grant>) -> impl Strategy<Value = (usize, Held)> {
    let on = 0..usize::try_from(CREDENTIALS).unwrap();
    let window = (any_moment(), 1_i64..7 * 24 * 60);
    (on, 0..PEOPLE, prop::sample::select(grants), any_check_out_rule(), any::<bool>(), window).prop_map(
        |(on, person, grant, other, same, (from, minutes))| {
            let rule = if same { grant.conditions.check_out.clone().unwrap_or(other) } else { other };
            let until = Timestamp::from_seconds(from.seconds() + minutes * 60);
            (on, Held { person: user(person), name: "somebody".to_owned(), grant: grant.id, rule, from, until })
        },
    )
}

pub(crate) fn any_world() -> impl Strategy<Value = World> {
    let accounts = (any_account(0), any_account(1), any_account(2));
    let grants = prop::collection::vec(any_grant(), 0..7).prop_flat_map(|grants| {
        let (approved, held) = if grants.is_empty() {
            (Just(Vec::new()).boxed(), Just(None).boxed())
        } else {
            let approved = prop::collection::vec(any_approved(grants.clone()), 0..5).boxed();
            (approved, prop::option::of(any_held(grants.clone())).boxed())
        };
        (Just(grants), approved, held)
    });
    (any_edges(), accounts, grants).prop_map(|(edges, (one, two, three), (grants, approved, held))| World {
        edges,
        accounts: vec![one, two, three],
        grants,
        approved,
        held,
    })
}

pub(crate) fn any_asked() -> impl Strategy<Value = Asked> {
    let address = prop::option::of(prop::sample::select(&ADDRESSES[..]));
    let ticket = prop::option::of(prop::sample::select(&TICKETS[..]));
    let confirmed = prop::option::of(-30_i64..180);
    (any_moment(), address, ticket, confirmed, any::<bool>()).prop_map(|(now, address, ticket, confirmed, reason)| {
        Asked {
            now,
            address: address.map(|text| text.parse().unwrap()),
            confirmed_at: confirmed.map(|ago| Timestamp::from_seconds(now.seconds() - ago * 60)),
            reason: reason.then(|| Reason::parse("because").unwrap()),
            ticket: ticket.map(|text| Ticket::parse(text).unwrap()),
        }
    })
}
