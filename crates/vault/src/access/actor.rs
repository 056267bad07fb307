//! Who a browser or a program speaks for, as its row says now.

use std::sync::Arc;

use countersign_model::{Actor, ActorKind, Purpose, Reach, Role, ScopePermission, ServiceReach, Timestamp};
use countersign_store::{
    access,
    devices::{self, DeviceRow},
    engine::Select,
    services::{self, AccessTokenRow},
};

use crate::Error;

/// Looks an actor up anew when the vault has moved on since, or what they came in by may have ended: their browser, token or
/// role may be gone.
pub(crate) async fn recognise_again(
    db: &mut impl Select,
    actor: &Actor,
    revision: i64,
    now: Timestamp,
) -> Result<Actor, Error> {
    if actor.as_of == revision && actor.until.is_none_or(|end| now < end) {
        return Ok(actor.clone());
    }
    let again = match actor.kind {
        ActorKind::Person(id) => {
            access::session_by_id(db, id).await?.and_then(|row| session_actor(&row, revision, now))
        }
        ActorKind::Program(id) => access::token_by_id(db, id).await?.and_then(|row| token_actor(&row, revision, now)),
        ActorKind::Service(id) => {
            let again = services::token_by_id(db, id).await?.and_then(|row| service_actor(&row, revision, now));
            again.filter(|again| may_come_from(again, actor.address))
        }
        ActorKind::Device(id) => devices::find(db, id).await?.and_then(|row| device_actor(&row, revision, now)),
        ActorKind::Machine => Some(Actor { as_of: revision, ..actor.clone() }),
    };
    again
        .map(|again| Actor { address: actor.address, purpose: actor.purpose.clone(), ..again })
        .ok_or(Error::NotSignedIn)
}

/// Who a browser speaks for; `None` when it may not any more.
pub(crate) fn session_actor(row: &access::WebSessionRow, as_of: i64, now: Timestamp) -> Option<Actor> {
    let oldest = row.created_at.plus(countersign_identity::SESSION_LONGEST);
    (!row.disabled && now < row.expires_at && now < oldest).then(|| Actor {
        kind: ActorKind::Person(row.id),
        user: row.person,
        name: row.name.clone(),
        role: row.role,
        reach: Reach::Page { confirmed_at: row.confirmed_at },
        service: None,
        as_of,
        until: Some(row.expires_at.min(oldest)),
        address: None,
        purpose: Purpose::default(),
    })
}

/// Who a program speaks for; `None` when it may not any more.
pub(crate) fn token_actor(row: &access::ApiTokenRow, as_of: i64, now: Timestamp) -> Option<Actor> {
    let alive = !row.disabled && row.expires_at.is_none_or(|end| now < end);
    // The owner may have become less than the token was made for.
    let role = if row.role.is_within(row.person_role) { row.role } else { row.person_role };
    alive.then(|| Actor {
        kind: ActorKind::Program(row.id),
        user: row.person,
        name: format!("{}/{}", row.person_name, row.name),
        role,
        reach: Reach::Token { admin: row.admin },
        service: None,
        as_of,
        until: row.expires_at,
        address: None,
        purpose: Purpose::default(),
    })
}

/// Who a browser extension speaks for; `None` when it may not any more.
pub(crate) fn device_actor(row: &DeviceRow, as_of: i64, now: Timestamp) -> Option<Actor> {
    (!row.disabled && now < row.expires_at).then(|| Actor {
        kind: ActorKind::Device(row.id),
        user: row.person,
        name: format!("{}/{}", row.person_name, row.name),
        role: row.person_role,
        reach: Reach::Device,
        service: None,
        as_of,
        until: Some(row.expires_at),
        address: None,
        purpose: Purpose::default(),
    })
}

/// Who a service account's token speaks for; `None` when it may not any more. It has the narrower of what the token was given for and
/// what the account may ask for now.
pub(crate) fn service_actor(row: &AccessTokenRow, as_of: i64, now: Timestamp) -> Option<Actor> {
    let account = &row.service;
    if !account.is_alive(now) || now >= row.expires_at {
        return None;
    }
    let scope = row.scope.within(&account.scope)?;
    Some(Actor {
        kind: ActorKind::Service(row.id),
        user: account.person.id,
        name: account.person.name.clone(),
        role: Role::Member,
        reach: Reach::Token { admin: scope.has(ScopePermission::Share) },
        service: Some(Arc::new(ServiceReach { scope, networks: account.networks.clone() })),
        as_of,
        until: Some(account.expires_at.map_or(row.expires_at, |end| end.min(row.expires_at))),
        address: None,
        purpose: Purpose::default(),
    })
}

/// Whether somebody may ask from there, which is said of service accounts alone.
pub(crate) fn may_come_from(actor: &Actor, address: Option<std::net::IpAddr>) -> bool {
    actor.service.as_ref().is_none_or(|service| service.is_from(address))
}
