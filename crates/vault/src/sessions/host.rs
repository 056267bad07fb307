//! For whatever holds the browser: taking a session, being heard of, ending it. Each call writes only while the session
//! is still this host's.

use std::{fmt, time::Duration};

use countersign_audit::ActorRef;
use countersign_model::{
    AccessContext, Action, ChangeId, ChangeReason, ChangeState, CredentialId, SessionEnd, SessionId, SiteSettings,
    Timestamp, UserId, VersionId, decide,
};
use countersign_seal::{Secret, SecretKind};
use countersign_store::{
    automation, credentials, engine::Select, jobs, people, services, sessions, sessions::SessionRow,
};

use super::writer::SessionWriter;
use crate::{
    Error, Object, RunError, Vault,
    changes::{ChangeRun, binding},
    unit::Unit,
};

/// About what the largest part of a recording has, sealed.
const LARGEST_PART: usize = 300 << 10;

/// A host that was not heard of for so long is gone.
const NODE_SILENT: Duration = Duration::from_secs(60);
/// Nobody waits longer for a machine to take their session.
const LONGEST_WAIT: Duration = Duration::from_secs(10 * 60);
const AT_ONCE: u32 = 100;

/// A session that this host holds. Only [`Vault::host_session`] gives one; what a host does to a session is done by it, and
/// holds while the host has the session. [`SessionRun::close`] takes it. What writes beside the host has a
/// [`SessionRun::writer`].
pub struct SessionRun {
    vault: Vault,
    /// The session.
    pub id: SessionId,
    /// At whose site.
    pub credential: CredentialId,
    /// The credential's name.
    pub credential_name: String,
    /// Any address of the site.
    pub site: String,
    /// What the owner wishes.
    pub settings: SiteSettings,
    /// Who started it.
    pub owner: UserId,
    /// Their name.
    pub owner_name: String,
    /// The waiting change that it was opened for.
    pub change: Option<ChangeId>,
    /// The sign-in that it begins with.
    pub sign_in: Option<ChangeId>,
    /// It ends when nobody does anything for so long.
    pub idle: Duration,
    /// It ends after so long in any case.
    pub longest: Duration,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When people could first see it.
    pub live_at: Option<Timestamp>,
    node: String,
}

impl fmt::Debug for SessionRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionRun").field("id", &self.id).field("node", &self.node).finish_non_exhaustive()
    }
}

/// An end of a session that could not be written.
#[derive(Debug)]
pub struct NotClosed {
    /// The session, which goes on.
    pub run: SessionRun,
    /// Why.
    pub error: RunError,
}

/// What is wished of a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HostInstructions {
    /// End the session, for this reason.
    pub end: Option<SessionEnd>,
}

impl SessionRun {
    /// What writes of the session beside its host.
    pub fn writer(&self) -> SessionWriter {
        SessionWriter {
            vault: self.vault.clone(),
            id: self.id,
            credential: self.credential,
            credential_name: self.credential_name.clone(),
            node: self.node.clone(),
        }
    }

    /// People may see it from now on, since what they see can be recorded: that is tried first.
    ///
    /// # Errors
    /// [`RunError::LeaseLost`]: close the browser, the session is not this host's any more. [`RecordingError::Full`](crate::RecordingError::Full) and
    /// [`RecordingError::Failed`](crate::RecordingError::Failed): nobody may see it.
    pub async fn go_live(&mut self) -> Result<(), RunError> {
        Box::pin(self.vault.try_recording(self.id)).await?;
        let now = self.vault.now();
        let mut tx = self.vault.unit().await?;
        if !sessions::live(&mut tx, self.id, &self.node, now).await? {
            return Err(RunError::LeaseLost);
        }
        tx.commit_without_record("the start of the session is on record").await?;
        self.live_at = Some(now);
        Ok(())
    }

    /// The host is there; to be called every few seconds. Gives what is wished of it: somebody may have ended the
    /// session, or taken from its owner the right to it.
    ///
    /// # Errors
    /// [`RunError::LeaseLost`], as in [`SessionRun::go_live`].
    pub async fn seen(&self) -> Result<HostInstructions, RunError> {
        let mut tx = self.vault.unit().await?;
        let wish = sessions::seen(&mut tx, self.id, &self.node, self.vault.now()).await?.ok_or(RunError::LeaseLost)?;
        let end = match wish {
            Some(end) => Some(end),
            None if self.vault.owner_may(&mut tx, self.id).await? => None,
            None => Some(SessionEnd::Administrator),
        };
        tx.commit_without_record("keeps a session").await?;
        Ok(HostInstructions { end })
    }

    /// Ends the session, with its record.
    ///
    /// # Errors
    /// [`NotClosed`], which gives the session back: the end may be tried again, unless it is [`RunError::LeaseLost`], and the
    /// session has ended otherwise.
    pub async fn close(self, end: SessionEnd) -> Result<(), Box<NotClosed>> {
        match self.write_end(end).await {
            Ok(()) => Ok(()),
            Err(error) => Err(Box::new(NotClosed { run: self, error })),
        }
    }

    async fn write_end(&self, end: SessionEnd) -> Result<(), RunError> {
        let mut tx = self.vault.unit().await?;
        if !self.vault.end_session_in(&mut tx, self.id, end, Some(&self.node), ActorRef::system()).await? {
            return Err(RunError::LeaseLost);
        }
        Ok(tx.commit().await.map(drop)?)
    }

    /// Keeps, sealed, what the session's browser remembers, for the credential's next sign-in.
    pub async fn keep_browser(&self, state: &Secret, identity: &str) -> Result<(), RunError> {
        let mut tx = self.vault.unit().await?;
        sessions::seen(&mut tx, self.id, &self.node, self.vault.now()).await?.ok_or(RunError::LeaseLost)?;
        let version = VersionId::new(self.vault.now(), self.vault.chance());
        let sealed = self.vault.keys().seal(
            &binding(SecretKind::BrowserState, self.credential, version),
            state,
            self.vault.chance(),
        );
        automation::ensure(&mut tx, self.credential).await?;
        let row = automation::BrowserRow { version, sealed, identity: identity.to_owned() };
        automation::set_browser(&mut tx, self.credential, Some(&row)).await?;
        Ok(tx.commit_without_record("keeps what a browser remembers").await?)
    }
}

impl Vault {
    /// Takes a session to host it, under the host's name. Taking it again is no error.
    ///
    /// # Errors
    /// [`RunError::LeaseLost`] when another host has it, [`Error::SessionEnded`], [`Error::NotFound`].
    pub async fn host_session(&self, id: SessionId, node: &str) -> Result<SessionRun, RunError> {
        let mut tx = self.unit().await?;
        let taken = sessions::host(&mut tx, id, node, self.now()).await?;
        let row = sessions::find(&mut tx, id).await?.ok_or(Error::NotFound(Object::Session))?;
        if !taken {
            return Err(if row.ended_at.is_some() { Error::SessionEnded.into() } else { RunError::LeaseLost });
        }
        let credential = row.credential.ok_or(Error::NotFound(Object::Credential))?;
        let found = credentials::find(&mut tx, credential).await?.ok_or(Error::NotFound(Object::Credential))?;
        let settings = automation::find(&mut tx, credential).await?.settings;
        tx.commit_without_record("takes a session whose start is on record").await?;
        Ok(SessionRun {
            vault: self.clone(),
            id,
            credential,
            credential_name: found.name.to_string(),
            site: found.site.as_ref().map(ToString::to_string).unwrap_or_default(),
            settings,
            owner: row.started_by,
            owner_name: row.started_by_name,
            change: row.change.filter(|_| !row.sign_in),
            sign_in: row.change.filter(|_| row.sign_in),
            idle: row.idle,
            longest: row.longest,
            created_at: row.created_at,
            live_at: row.live_at,
            node: node.to_owned(),
        })
    }

    /// The open session of a change that waits for a person, if somebody has opened one.
    pub async fn session_of_change(&self, change: ChangeId) -> Result<Option<SessionId>, Error> {
        Ok(sessions::of_change(&mut &self.inner.database, change, false).await?)
    }

    /// Stores as much as a part may have, and takes it back.
    async fn try_recording(&self, id: SessionId) -> Result<(), Error> {
        let store = &self.recordings()?.store;
        let folder = format!("trial-{id}");
        let tried = store.put(&format!("{folder}/0"), vec![0; LARGEST_PART]).await;
        // What of it is there goes in any case; what stays is no recording and no harm.
        let removed = store.remove(&folder).await;
        tried?;
        Ok(removed?)
    }

    /// Ends the sessions whose host is gone, or that nobody took. Gives how many.
    pub async fn sweep_sessions(&self) -> Result<usize, Error> {
        let now = self.now();
        let (seen_by, made_by) = (now.minus(NODE_SILENT), now.minus(LONGEST_WAIT));
        let lost = sessions::lost(&mut &self.inner.database, seen_by, made_by, AT_ONCE).await?;
        let mut ended = 0;
        for id in lost {
            let mut tx = self.unit().await?;
            let Some(row) = sessions::find(&mut tx, id).await? else { continue };
            let sign_in = row.change.filter(|_| row.sign_in);
            if let Some(change) = sign_in {
                jobs::lock(&mut tx, change).await?;
            }
            // It may have been heard of meanwhile.
            let again = sessions::find(&mut tx, id).await?.filter(|row| is_lost(row, seen_by, made_by));
            if again.is_none()
                || !self.end_session_in(&mut tx, id, SessionEnd::NodeLost, None, ActorRef::system()).await?
            {
                continue;
            }
            if let Some(change) = sign_in {
                self.give_up_sign_in(&mut tx, change, ChangeState::Failed, ChangeReason::TimedOut).await?;
            }
            tx.commit().await?;
            ended += 1;
        }
        Ok(ended)
    }

    /// Ends the session that a sign-in was for, which cannot go on. What somebody wished comes first.
    pub(crate) async fn end_session_of(&self, tx: &mut Unit, run: &ChangeRun, end: SessionEnd) -> Result<(), Error> {
        let Some(id) = run.session() else { return Ok(()) };
        let wish = sessions::find(tx, id).await?.and_then(|row| row.end_wish);
        self.end_session_in(tx, id, wish.unwrap_or(end), None, ActorRef::system()).await.map(drop)
    }

    /// Whether the session's owner may still have it.
    async fn owner_may(&self, db: &mut impl Select, id: SessionId) -> Result<bool, Error> {
        let Some(row) = sessions::find(db, id).await? else { return Ok(false) };
        let Some(credential) = row.credential else { return Ok(false) };
        let Some(person) = people::find(db, row.started_by).await?.filter(|person| !person.disabled) else {
            return Ok(false);
        };
        let credential = credentials::find_as(db, credential, person.id).await?;
        let grants = credential.map(|credential| credential.grants).unwrap_or_default();
        let service = services::find(db, person.id).await?;
        if service.as_ref().is_some_and(|service| !service.is_alive(self.now())) {
            return Ok(false);
        }
        let scope = service.as_ref().map(|service| &service.scope);
        let context = AccessContext::elsewhere(self.now()).narrowed_to(scope);
        let may = |act| decide(person.role, act, &grants, &context).is_ok();
        Ok(may(Action::StartSession) || (!row.sign_in && may(Action::ChangePassword)))
    }
}

fn is_lost(row: &SessionRow, seen_by: Timestamp, made_by: Timestamp) -> bool {
    let silent = match (&row.node, row.seen_at) {
        (Some(_), Some(seen)) => seen <= seen_by,
        _ => row.created_at <= made_by,
    };
    row.ended_at.is_none() && silent
}
