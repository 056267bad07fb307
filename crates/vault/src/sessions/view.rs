//! What somebody sees of a session, and what they may do with it.

use countersign_model::{
    AccessContext, Action, Actor, AllowedBy, ChangeId, CredentialId, Denied, Extras, Grants, Level, RequestId, Role,
    SessionEnd, SessionId, SessionState, Timestamp, UserId, decide, decide_by_role,
};
use countersign_store::{credentials, engine::Select, sessions, sessions::SessionRow};

use crate::{Error, Object, RecordingError, Vault};

/// A session as somebody sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    /// Its id.
    pub id: SessionId,
    /// At whose site; none when the credential was removed.
    pub credential: Option<CredentialId>,
    /// The credential's name, now or when it was last there.
    pub credential_name: String,
    /// The waiting change that it was opened for.
    pub change: Option<ChangeId>,
    /// The sign-in that it begins with.
    pub sign_in: Option<ChangeId>,
    /// Where it stands.
    pub state: SessionState,
    /// What holds now, in one sentence.
    pub says: String,
    /// Whether somebody has asked that it end, and its browser is being closed.
    pub ending: bool,
    /// Why it ended.
    pub ended_why: Option<SessionEnd>,
    /// The name of who started it.
    pub started_by: String,
    /// The reason that was given.
    pub reason: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When people could first see it.
    pub live_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Its host.
    pub node: Option<String>,
    /// How much of it is recorded, in milliseconds since `live_at`.
    pub recorded_ms: i64,
    /// The recording's size in bytes, unsealed.
    pub recorded_bytes: i64,
    /// The approved request by which it was started, where that was needed.
    pub request: Option<RequestId>,
    /// What the actor may do.
    pub may: SessionPermissions,
}

/// What somebody may do with a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionPermissions {
    /// How far they may go in it now.
    pub join: Option<Level>,
    /// End it now.
    pub end: bool,
    /// Play its recording.
    pub recording: bool,
    /// Let others in by a link.
    pub share: bool,
}

/// Somebody before a session that they may know of.
pub(crate) struct SessionAccess {
    /// Whether they have started it.
    pub(crate) own: bool,
    /// How far they may go in it; the links that they have not used yet are left out.
    pub(crate) level: Option<Level>,
    /// What they were granted to do in it beside that, by what holds now.
    pub(crate) extras: Extras,
    /// Whether they may start one of the credential for others as well, as far as is known now.
    starts: bool,
}

impl SessionAccess {
    /// Whether they may end it.
    pub(crate) fn may_end(&self, actor: &Actor) -> bool {
        self.own || decide_by_role(actor.role, Action::EndSession).is_ok()
    }

    /// Whether they may play its recording: whoever oversees sessions, and who has started it.
    pub(crate) fn may_play(&self, actor: &Actor) -> bool {
        self.own || decide_by_role(actor.role, Action::WatchSession).is_ok()
    }

    /// Why they may not play its recording, where they may not.
    pub(crate) fn not_to_play(&self) -> Error {
        match self.level {
            Some(_) => Error::Recording(RecordingError::NotToPlay),
            None => Denied::plainly(Action::WatchSession).into(),
        }
    }

    /// Whether they may let others in. A guest brings no guests.
    pub(crate) fn may_share(&self) -> bool {
        self.starts
    }
}

impl Vault {
    /// The session, when the actor may know of it, and what they may do there.
    pub(crate) async fn find_session(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        id: SessionId,
    ) -> Result<(SessionRow, SessionAccess), Error> {
        let row = sessions::find(db, id).await?.ok_or(Error::NotFound(Object::Session))?;
        let credential = match row.credential {
            Some(credential) => credentials::find_as(db, credential, actor.user).await?,
            None => None,
        };
        let grants = credential.map(|credential| credential.grants).unwrap_or_default();
        let links = sessions::linked(db, id, actor.user, self.now()).await?;
        let context = self.asked(actor);
        let access =
            access(actor, row.started_by, &grants, &links, &context).ok_or(Error::NotFound(Object::Session))?;
        Ok((row, access))
    }

    pub(crate) fn session_view(&self, actor: &Actor, row: SessionRow, access: &SessionAccess) -> SessionView {
        let open = row.ended_at.is_none();
        SessionView {
            says: says(&row),
            may: SessionPermissions {
                join: access.level.filter(|_| open),
                end: open && access.may_end(actor),
                recording: row.dropped_at.is_none() && access.may_play(actor),
                share: open && access.may_share(),
            },
            id: row.id,
            credential: row.credential,
            credential_name: row.credential_name,
            change: row.change.filter(|_| !row.sign_in),
            sign_in: row.change.filter(|_| row.sign_in),
            state: row.state,
            ending: open && row.end_wish.is_some(),
            ended_why: row.ended_why,
            started_by: row.started_by_name,
            reason: row.reason,
            created_at: row.created_at,
            live_at: row.live_at,
            ended_at: row.ended_at,
            node: row.node,
            recorded_ms: row.recorded_ms,
            recorded_bytes: row.recorded_bytes,
            request: row.request,
        }
    }
}

/// What somebody may do with a session; `None` when they may not know of it: they have not started it, may not watch it, and
/// were given no link. `links` are those that they have used, or may. What they have started goes on without a reason, ticket or
/// sign-in anew, within its hours and from its networks.
pub(super) fn access(
    actor: &Actor,
    started_by: UserId,
    grants: &Grants,
    links: &[(Level, bool)],
    context: &AccessContext<'_>,
) -> Option<SessionAccess> {
    let own = started_by == actor.user;
    let context = if own { context.under_way() } else { *context };
    let may = |act| decide(actor.role, act, grants, &context);
    let (watches, starts) = (may(Action::WatchSession).is_ok(), may(Action::StartSession));
    // What was approved for one person, or is checked out by one, is not for others by a link.
    let alone = grants.possession().is_some_and(|held| held.own);
    let starts = starts.is_ok_and(|by| by.request().is_none() && (!alone || by == AllowedBy::Role));
    if !own && !watches && links.is_empty() {
        return None;
    }
    let linked = links.iter().filter(|(_, used)| *used).map(|(level, _)| *level).max();
    let level = level(actor, grants.session_level(&context), linked);
    let extras = grants.session_extras(&context);
    Some(SessionAccess { own, level, extras, starts })
}

/// How far somebody may go: by role, by grant, or by a link that they have used. An auditor watches, whatever was given.
fn level(actor: &Actor, granted: Option<Level>, linked: Option<Level>) -> Option<Level> {
    match actor.role {
        Role::Administrator | Role::Manager => Some(Level::Control),
        Role::Auditor => Some(Level::View),
        Role::Member => granted.max(linked),
    }
}

fn says(row: &SessionRow) -> String {
    match (row.state, row.ended_why) {
        (SessionState::Starting, _) if row.node.is_none() => {
            "It starts as soon as a server with a browser is free.".to_owned()
        }
        (SessionState::Starting, _) if row.sign_in => "Countersign is signing in; the screen stays hidden.".to_owned(),
        (SessionState::Starting, _) => "Its browser is opening.".to_owned(),
        (SessionState::Live, _) => "Live and recorded.".to_owned(),
        (SessionState::Ended, Some(SessionEnd::SignInFailed)) => match &row.sign_in_reason {
            Some(reason) => format!("{} {reason}", SessionEnd::SignInFailed),
            None => SessionEnd::SignInFailed.to_string(),
        },
        (SessionState::Ended, why) => {
            let why = why.map_or_else(|| "Ended.".to_owned(), |why| why.says(&row.started_by_name));
            if row.dropped_at.is_some() {
                format!("{why} Its recording has been deleted after its retention time.")
            } else {
                why
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use countersign_model::{
        ActorKind, CountingChance, CredentialFacts, Grant, GrantConditions, GrantId, GrantPermissions, GrantSubject,
        GrantTarget, Principal, Purpose, Reach, Timestamp,
    };

    use super::*;

    fn ana_as(user: UserId, role: Role) -> Actor {
        Actor {
            kind: ActorKind::Machine,
            user,
            name: "ana".to_owned(),
            role,
            reach: Reach::Machine,
            service: None,
            as_of: 1,
            until: None,
            address: None,
            purpose: Purpose::default(),
        }
    }

    #[test]
    fn promise_6_who_may_know_of_a_session_and_how_far_they_may_go_in_it() {
        let chance = CountingChance::default();
        let now = Timestamp::from_seconds(0);
        let person = || UserId::new(now, &chance);
        let (ana, bob) = (person(), person());
        let credential = CredentialFacts { id: CredentialId::new(now, &chance), tags: &[], site: None };
        let granted = |permissions: Option<GrantPermissions>, conditions: GrantConditions| {
            let id = GrantId::new(now, &chance);
            let target = GrantTarget::Credential(credential.id);
            let grant = permissions.map(|permissions| Grant {
                id,
                holder: Principal::User(ana),
                target,
                permissions,
                conditions,
            });
            Grants::of(&GrantSubject { user: ana, groups: BTreeSet::new() }, &credential, grant)
        };
        let plain = GrantConditions::default();
        let reason = GrantConditions { reason: true, ..plain.clone() };
        let elsewhere = GrantConditions { networks: vec!["192.0.2.0/24".parse().unwrap()], ..plain.clone() };
        let session = |level| Some(GrantPermissions { session: Some(level), ..GrantPermissions::SEE });
        let (view, interact, control) =
            (Some(Some(Level::View)), Some(Some(Level::Interact)), Some(Some(Level::Control)));
        for (role, started_by, permissions, conditions, links, expected) in [
            (Role::Member, bob, None, &plain, &[][..], None),
            (Role::Member, bob, Some(GrantPermissions { token: true, ..GrantPermissions::SEE }), &plain, &[], None),
            (Role::Member, bob, session(Level::View), &plain, &[], view),
            (Role::Member, bob, session(Level::Interact), &plain, &[], interact),
            // What grants ask for: of one's own it was asked at the start, of others' it is asked now.
            (Role::Member, bob, session(Level::Interact), &reason, &[], None),
            (Role::Member, ana, session(Level::Interact), &reason, &[], interact),
            (Role::Member, bob, session(Level::Interact), &elsewhere, &[], None),
            (Role::Member, ana, session(Level::Interact), &elsewhere, &[], Some(None)),
            // Known by a link, and let in once it was used.
            (Role::Member, bob, None, &plain, &[(Level::Interact, false)], Some(None)),
            (Role::Member, bob, None, &plain, &[(Level::Interact, true)], interact),
            (Role::Member, bob, None, &plain, &[(Level::View, true), (Level::Control, false)], view),
            (Role::Member, bob, session(Level::View), &plain, &[(Level::Control, true)], control),
            (Role::Member, bob, session(Level::Control), &plain, &[(Level::View, true)], control),
            // Their own stays known to them without any right to it.
            (Role::Member, ana, None, &plain, &[], Some(None)),
            (Role::Auditor, bob, None, &plain, &[], view),
            (Role::Auditor, bob, session(Level::Control), &plain, &[(Level::Control, true)], view),
            (Role::Manager, bob, None, &plain, &[], control),
            (Role::Administrator, bob, None, &plain, &[], control),
        ] {
            let grants = granted(permissions, conditions.clone());
            let actor = ana_as(ana, role);
            let found = access(&actor, started_by, &grants, links, &AccessContext::of(&actor, now));
            assert_eq!(found.as_ref().map(|found| found.level), expected, "{role} {grants:?} {links:?}");
            assert!(found.is_none_or(|found| found.own == (started_by == ana)));
        }
    }
}
