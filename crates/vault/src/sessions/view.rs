//! What somebody sees of a session, and what they may do with it.

use countersign_model::{Action, Actor, Denied, Grant, Level, Role, SessionEnd, SessionId, SessionState, decide};
use countersign_store::{credentials, engine::Select, sessions, sessions::SessionRow};

use crate::{Error, Vault};

/// A session as somebody sees it.
#[derive(Debug, Clone)]
pub struct SessionView {
    /// What is stored.
    pub row: SessionRow,
    /// What holds now, in one sentence.
    pub says: String,
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
            Some(_) => Error::NotToPlay,
            None => Denied { act: Action::WatchSession }.into(),
        }
    }

    /// Whether they may let others in. A guest brings no guests.
    pub(crate) fn may_share(&self, actor: &Actor) -> bool {
        decide(actor.role, Action::StartSession, self.grant.as_ref()).is_ok()
    }
}

impl Vault {
    /// The session, when the actor may know of it: they have started it, may watch it, or were given a link.
    pub(crate) async fn find_session(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        id: SessionId,
    ) -> Result<(SessionRow, SessionAccess), Error> {
        let row = sessions::find(db, id).await?.ok_or(Error::NotFound("session"))?;
        let grant = match row.credential {
            Some(credential) => credentials::grant(db, credential, actor.user).await?,
            None => None,
        };
        let links = sessions::linked(db, id, actor.user, self.now()).await?;
        let own = row.started_by == actor.user;
        let watches = decide(actor.role, Action::WatchSession, grant.as_ref()).is_ok();
        if !own && !watches && links.is_empty() {
            return Err(Error::NotFound("session"));
        }
        let linked = links.into_iter().filter(|(_, used)| *used).map(|(level, _)| level).max();
        let level = level(actor, grant.as_ref(), linked);
        Ok((row, SessionAccess { own, grant, level }))
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
            row,
        }
    }
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
