//! Who comes into a session, and what they do there that belongs into the log.

use countersign_audit::{Act as AuditAct, ActorRef, Detail, Entry};
use countersign_identity::{Bearer, BearerKind};
use countersign_model::{Act, Actor, Denied, Extras, Level, Role, SessionId, UserId, decide};
use countersign_seal::Secret;
use countersign_store::{audit, sessions};

use super::{ask::about, host::SessionRun, view::Access};
use crate::{Error, Vault};

const KEYED: &str = "session contents";

/// Somebody in a session.
#[derive(Debug, Clone)]
pub struct SessionSeat {
    /// Who they are and by what they came in.
    pub actor: Actor,
    /// The person.
    pub person: UserId,
    /// Their name, as everybody in the session sees it.
    pub name: String,
    /// How far they may go.
    pub level: Level,
    /// What they may do beside pointing and typing.
    pub extras: Extras,
    /// Whether they may end the session.
    pub may_end: bool,
    /// Whether they may stop its picture and input for everybody.
    pub may_freeze: bool,
}

/// What somebody did in a session, as far as the log has to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SessionAct {
    /// They have control now.
    TookControl,
    /// They have it no longer.
    GaveControl,
    /// They stopped picture and input.
    Froze,
    /// Picture and input go on.
    Thawed,
    /// They left.
    Left,
    /// They said that what was asked of them is done.
    Done,
    /// They put their clipboard into the page.
    ClipboardIn {
        /// Its length in bytes.
        length: u64,
        /// Its mark by [`Vault::keyed_hash`].
        hash: String,
    },
    /// They took what was selected out of the page.
    ClipboardOut {
        /// Its length in bytes.
        length: u64,
        /// Its mark.
        hash: String,
    },
    /// They gave a file to the page.
    Uploaded {
        /// Its name.
        name: String,
        /// Its length in bytes.
        length: u64,
        /// Its mark.
        hash: String,
    },
    /// They took a file from the page.
    Downloaded {
        /// Its name.
        name: String,
        /// Its length in bytes.
        length: u64,
        /// Its mark.
        hash: String,
    },
    /// They opened another address.
    AddressOpened {
        /// Its origin.
        origin: String,
    },
}

impl Vault {
    /// Comes into a session, recorded. A link is used up by it; who has used theirs comes again without it.
    ///
    /// # Errors
    /// [`Error::Denied`], which is recorded, also for a link that was used or is somebody else's;
    /// [`Error::SessionEnded`], [`Error::NotFound`].
    pub async fn join_session(&self, actor: &Actor, id: SessionId, link: Option<&str>) -> Result<SessionSeat, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let now = self.now();
        let mut refused = false;
        if let Some(text) = link {
            let link = Bearer::parse(text).filter(|link| link.kind() == BearerKind::SessionLink);
            let used = match link {
                Some(link) => sessions::use_link(&mut tx, &link.hash(), id, actor.user, now).await?,
                None => None,
            };
            refused = used.is_none();
        }
        let found = match self.find_session(&mut tx, &actor, id).await {
            // That somebody holds a link that is not theirs is worth a record, whatever else they may see.
            Err(Error::NotFound(_)) if refused => None,
            found => Some(found?),
        };
        let level = found.as_ref().and_then(|(_, access)| access.level).filter(|_| !refused);
        let (Some((row, access)), Some(level)) = (found, level) else {
            if let Some(row) = sessions::find(&mut tx, id).await? {
                let entry = about(self.entry(&actor, AuditAct::SessionDenied), &row).with("link", link.is_some());
                audit::append(&mut tx, vec![entry]).await.map_err(Error::of_record)?;
                tx.commit().await.map_err(Error::of_record)?;
            }
            return Err(Error::Denied(Denied { act: Act::WatchSession }));
        };
        if row.ended_at.is_some() {
            return Err(Error::SessionEnded);
        }
        let entry = about(self.entry(&actor, AuditAct::SessionJoined), &row).with("level", level.name());
        let entry = if link.is_some() { entry.with("link", true) } else { entry };
        audit::append(&mut tx, vec![entry]).await.map_err(Error::of_record)?;
        tx.commit().await.map_err(Error::of_record)?;
        Ok(seat(actor, level, &access))
    }

    /// What somebody who is in a session may do there now; to be asked again and again, since grants are taken back.
    ///
    /// # Errors
    /// [`Error::Denied`] when they may not be there any more, [`Error::NotFound`], [`Error::NotSignedIn`].
    pub async fn session_seat(&self, actor: &Actor, id: SessionId) -> Result<SessionSeat, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let (_, access) = self.find_session(&mut reader, &actor, id).await?;
        let level = access.level.ok_or(Error::Denied(Denied { act: Act::WatchSession }))?;
        Ok(seat(actor, level, &access))
    }

    /// Records what somebody did in a session, or what Countersign did by itself.
    pub async fn record_session(
        &self,
        run: &SessionRun,
        who: Option<&SessionSeat>,
        act: SessionAct,
    ) -> Result<(), Error> {
        let by = who.map_or_else(ActorRef::system, |seat| (&seat.actor).into());
        let entry = act.entry(|act| run.entry(Entry::new(self.now(), by, act)));
        let mut tx = self.inner.database.write().await?;
        audit::append(&mut tx, vec![entry]).await.map_err(Error::of_record)?;
        tx.commit().await.map_err(Error::of_record)
    }

    /// A mark of what went through a clipboard or a file: equal for equal contents, and telling nothing without the vault
    /// key. 32 hexadecimal digits.
    pub fn keyed_hash(&self, contents: &[u8]) -> String {
        let mark = self.inner.key.fingerprint(KEYED, &Secret::from(contents.to_vec()));
        data_encoding::HEXLOWER.encode(&mark)
    }
}

/// An auditor watches and never acts, whatever was given to them.
fn seat(actor: Actor, level: Level, access: &Access) -> SessionSeat {
    let extras = access.grant.map(|grant| grant.extras).filter(|_| actor.role != Role::Auditor);
    SessionSeat {
        person: actor.user,
        name: actor.name.clone(),
        level,
        extras: extras.unwrap_or_default(),
        may_end: access.may_end(&actor),
        may_freeze: decide(actor.role, Act::EndSession, access.grant.as_ref()).is_ok(),
        actor,
    }
}

impl SessionAct {
    fn entry(self, begin: impl FnOnce(AuditAct) -> Entry) -> Entry {
        let measured = |entry: Entry, length: u64, hash: String| {
            entry.with("length", i64::try_from(length).unwrap_or(i64::MAX)).with("hash", Detail::Text(hash))
        };
        match self {
            Self::TookControl => begin(AuditAct::SessionControlTaken),
            Self::GaveControl => begin(AuditAct::SessionControlGiven),
            Self::Froze => begin(AuditAct::SessionFrozen),
            Self::Thawed => begin(AuditAct::SessionThawed),
            Self::Left => begin(AuditAct::SessionLeft),
            Self::Done => begin(AuditAct::SessionDone),
            Self::ClipboardIn { length, hash } => measured(begin(AuditAct::SessionClipboardIn), length, hash),
            Self::ClipboardOut { length, hash } => measured(begin(AuditAct::SessionClipboardOut), length, hash),
            Self::Uploaded { name, length, hash } => {
                measured(begin(AuditAct::SessionUploaded), length, hash).with("name", name)
            }
            Self::Downloaded { name, length, hash } => {
                measured(begin(AuditAct::SessionDownloaded), length, hash).with("name", name)
            }
            Self::AddressOpened { origin } => begin(AuditAct::SessionAddressOpened).with("origin", origin),
        }
    }
}
