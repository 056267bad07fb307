//! What somebody sees of a session, and what they may do with it.

use countersign_model::{
    Action, Actor, ChangeId, CredentialId, Denied, Grant, Level, Role, SessionEnd, SessionId, SessionState, Timestamp,
    UserId, decide,
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
    /// What they were granted on its credential.
    pub(crate) grant: Option<Grant>,
    /// How far they may go in it; the links that they have not used yet are left out.
    pub(crate) level: Option<Level>,
}

impl SessionAccess {
    /// Whether they may end it.
    pub(crate) fn may_end(&self, actor: &Actor) -> bool {
        self.own || decide(actor.role, Action::EndSession, self.grant.as_ref()).is_ok()
    }

    /// Whether they may play its recording: whoever oversees sessions, and who has started it.
    pub(crate) fn may_play(&self, actor: &Actor) -> bool {
        self.own || decide(actor.role, Action::WatchSession, None).is_ok()
    }

    /// Why they may not play its recording, where they may not.
    pub(crate) fn not_to_play(&self) -> Error {
        match self.level {
            Some(_) => Error::Recording(RecordingError::NotToPlay),
            None => Denied { act: Action::WatchSession }.into(),
        }
    }

    /// Whether they may let others in. A guest brings no guests.
    pub(crate) fn may_share(&self, actor: &Actor) -> bool {
        decide(actor.role, Action::StartSession, self.grant.as_ref()).is_ok()
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
        let grant = match row.credential {
            Some(credential) => credentials::grant(db, credential, actor.user).await?,
            None => None,
        };
        let links = sessions::linked(db, id, actor.user, self.now()).await?;
        let access = access(actor, row.started_by, grant, &links).ok_or(Error::NotFound(Object::Session))?;
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
                share: open && access.may_share(actor),
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
        }
    }
}

/// What somebody may do with a session; `None` when they may not know of it: they have not started it, may not watch it, and
/// were given no link. `links` are those that they have used, or may.
pub(super) fn access(
    actor: &Actor,
    started_by: UserId,
    grant: Option<Grant>,
    links: &[(Level, bool)],
) -> Option<SessionAccess> {
    let own = started_by == actor.user;
    let watches = decide(actor.role, Action::WatchSession, grant.as_ref()).is_ok();
    if !own && !watches && links.is_empty() {
        return None;
    }
    let linked = links.iter().filter(|(_, used)| *used).map(|(level, _)| *level).max();
    let level = level(actor, grant.as_ref(), linked);
    Some(SessionAccess { own, grant, level })
}

/// How far somebody may go: by role, by grant, or by a link that they have used. An auditor watches, whatever was given.
fn level(actor: &Actor, grant: Option<&Grant>, linked: Option<Level>) -> Option<Level> {
    match actor.role {
        Role::Administrator | Role::Manager => Some(Level::Control),
        Role::Auditor => Some(Level::View),
        Role::Member => grant.and_then(|grant| grant.session).max(linked),
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
    use countersign_model::{ActorKind, CountingChance, Reach, Timestamp};

    use super::*;

    #[test]
    fn promise_6_who_may_know_of_a_session_and_how_far_they_may_go_in_it() {
        let chance = CountingChance::default();
        let person = || UserId::new(Timestamp::from_seconds(0), &chance);
        let (ana, bob) = (person(), person());
        let actor = |role| Actor {
            kind: ActorKind::Machine,
            user: ana,
            name: "ana".to_owned(),
            role,
            reach: Reach::Machine,
            as_of: 1,
            until: None,
            address: None,
        };
        let session = |level| Some(Grant { session: Some(level), ..Grant::SEE });
        let (view, interact, control) =
            (Some(Some(Level::View)), Some(Some(Level::Interact)), Some(Some(Level::Control)));
        for (role, started_by, grant, links, expected) in [
            (Role::Member, bob, None, &[][..], None),
            (Role::Member, bob, Some(Grant { token: true, ..Grant::SEE }), &[], None),
            (Role::Member, bob, session(Level::View), &[], view),
            (Role::Member, bob, session(Level::Interact), &[], interact),
            // Known by a link, and let in once it was used.
            (Role::Member, bob, None, &[(Level::Interact, false)], Some(None)),
            (Role::Member, bob, None, &[(Level::Interact, true)], interact),
            (Role::Member, bob, None, &[(Level::View, true), (Level::Control, false)], view),
            (Role::Member, bob, session(Level::View), &[(Level::Control, true)], control),
            (Role::Member, bob, session(Level::Control), &[(Level::View, true)], control),
            // Their own stays known to them without any right to it.
            (Role::Member, ana, None, &[], Some(None)),
            (Role::Auditor, bob, None, &[], view),
            (Role::Auditor, bob, session(Level::Control), &[(Level::Control, true)], view),
            (Role::Manager, bob, None, &[], control),
            (Role::Administrator, bob, None, &[], control),
        ] {
            let found = access(&actor(role), started_by, grant, links);
            assert_eq!(found.as_ref().map(|found| found.level), expected, "{role} {grant:?} {links:?}");
            assert!(found.is_none_or(|found| (found.own, found.grant) == (started_by == ana, grant)));
        }
    }
}
