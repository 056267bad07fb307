//! Who comes into a session, and what they do there that belongs into the log.

use countersign_audit::{ActorRef, AuditAction, AuditEntry, Detail};
use countersign_identity::{Bearer, BearerKind};
use countersign_model::{Action, Actor, Denied, Extras, Level, Role, SessionId, UserId, decide_by_role};
use countersign_seal::Secret;
use countersign_store::{engine::Transaction, sessions, vault as vault_row};

use super::{
    ask::about,
    view::{SessionAccess, SessionView},
    writer::SessionWriter,
};
use crate::{Conflict, Error, Object, Vault, access::actor::recognise_again, users::source::from_address};

const KEYED: &str = "session contents";
// A vault that is edited all the time can overtake whoever decides.
const MAX_ROUNDS: usize = 16;

/// Somebody in a session.
#[derive(Debug, Clone)]
pub struct Participant {
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
pub enum SessionAction {
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

impl SessionWriter {
    /// Records what somebody is about to do in a session, or what Countersign does by itself. Whether they may is decided
    /// again in the transaction of the record, on what is true when it is committed.
    ///
    /// # Errors
    /// [`Error::Denied`], which is recorded, when it is no longer granted: then it is not to be done.
    /// [`Error::AuditUnavailable`].
    pub async fn record(&self, who: Option<&Participant>, act: SessionAction) -> Result<(), Error> {
        for _ in 0..MAX_ROUNDS {
            let mut tx = self.vault.unit().await?;
            let revision = vault_row::revision(&mut tx).await?;
            let (by, allowed) = match who {
                None => (ActorRef::system(), true),
                Some(seat) => self.vault.decide_again(&mut tx, self.id, seat, &act, revision).await?,
            };
            let address = who.and_then(|seat| seat.actor.address);
            let entry = if allowed {
                act.entry(|act| self.entry(from_address(AuditEntry::new(self.vault.now(), by, act), address)))
            } else {
                let wanted = act.entry(|act| AuditEntry::new(self.vault.now(), by.clone(), act)).act;
                self.entry(from_address(AuditEntry::new(self.vault.now(), by, AuditAction::SessionActDenied), address))
                    .with("act", wanted.into_owned())
            };
            // Somebody may have taken the grant back between the look and the log's turn.
            tx.record(entry);
            if tx.commit_at(revision).await?.is_none() {
                continue;
            }
            return if allowed { Ok(()) } else { Err(Error::Denied(Denied::plainly(Action::WatchSession))) };
        }
        Err(Error::Conflict(Conflict::Edited))
    }
}

impl Vault {
    /// Comes into a session, recorded. A link is used up by it; who has used theirs comes again without it.
    ///
    /// # Errors
    /// [`Error::Denied`], which is recorded, also for a link that was used or is somebody else's;
    /// [`Error::SessionEnded`], [`Error::NotFound`].
    pub async fn join_session(&self, actor: &Actor, id: SessionId, link: Option<&str>) -> Result<Participant, Error> {
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
                let entry = about(self.entry(&actor, AuditAction::SessionDenied), &row).with("link", link.is_some());
                tx.record(entry);
                tx.commit().await?;
            }
            return Err(Error::Denied(Denied::plainly(Action::WatchSession)));
        };
        if row.ended_at.is_some() {
            return Err(Error::SessionEnded);
        }
        let entry = about(self.entry(&actor, AuditAction::SessionJoined), &row).with("level", level.name());
        let entry = if link.is_some() { entry.with("link", true) } else { entry };
        tx.record(entry);
        tx.commit().await?;
        Ok(seat(actor, level, &access))
    }

    /// Uses a link, recorded: who holds it may come into its session from now on, until the link is taken back.
    ///
    /// # Errors
    /// As [`Vault::join_session`].
    pub async fn use_session_link(&self, actor: &Actor, id: SessionId, link: &str) -> Result<SessionView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let parsed = Bearer::parse(link).filter(|link| link.kind() == BearerKind::SessionLink);
        let used = match parsed {
            Some(link) => sessions::use_link(&mut tx, &link.hash(), id, actor.user, self.now()).await?,
            None => None,
        };
        let row = sessions::find(&mut tx, id).await?.ok_or(Error::NotFound(Object::Session))?;
        let act = if used.is_some() { AuditAction::SessionLinkUsed } else { AuditAction::SessionDenied };
        let entry = about(self.entry(&actor, act), &row);
        let entry = match used {
            Some(level) => entry.with("level", level.name()),
            None => entry.with("link", true),
        };
        if used.is_some() && row.ended_at.is_some() {
            return Err(Error::SessionEnded);
        }
        tx.record(entry);
        if used.is_none() {
            tx.commit().await?;
            return Err(Error::Denied(Denied::plainly(Action::WatchSession)));
        }
        let (row, access) = self.find_session(&mut tx, &actor, id).await?;
        tx.commit().await?;
        Ok(self.session_view(&actor, row, &access))
    }

    /// What somebody who is in a session may do there now; to be asked again and again, since grants are taken back.
    ///
    /// # Errors
    /// [`Error::Denied`] when they may not be there any more, [`Error::NotFound`], [`Error::NotSignedIn`].
    pub async fn session_seat(&self, actor: &Actor, id: SessionId) -> Result<Participant, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let (_, access) = self.find_session(&mut reader, &actor, id).await?;
        let level = access.level.ok_or(Error::Denied(Denied::plainly(Action::WatchSession)))?;
        Ok(seat(actor, level, &access))
    }

    /// Who it is in the log, and whether they may do it now. Leaving, giving control back and being done need no leave.
    async fn decide_again(
        &self,
        tx: &mut Transaction,
        session: SessionId,
        seat: &Participant,
        act: &SessionAction,
        revision: i64,
    ) -> Result<(ActorRef, bool), Error> {
        let needs_none = matches!(act, SessionAction::Left | SessionAction::GaveControl);
        let found = match recognise_again(tx, &seat.actor, revision, self.now()).await {
            Ok(actor) => match self.find_session(tx, &actor, session).await {
                Ok((_, access)) => access.level.map(|level| self::seat(actor, level, &access)),
                Err(Error::NotFound(_)) => None,
                Err(error) => return Err(error),
            },
            Err(Error::NotSignedIn) => None,
            Err(error) => return Err(error),
        };
        let allowed = needs_none || found.as_ref().is_some_and(|now| act.is_granted_to(now));
        Ok(((&found.as_ref().unwrap_or(seat).actor).into(), allowed))
    }

    /// A mark of what went through a clipboard or a file: equal for equal contents, and telling nothing without the vault
    /// key. 32 hexadecimal digits.
    pub fn keyed_hash(&self, contents: &[u8]) -> String {
        let mark = self.keys().fingerprint(KEYED, &Secret::from(contents.to_vec()));
        data_encoding::HEXLOWER.encode(&mark)
    }
}

/// An auditor watches and never acts, whatever was given to them.
fn seat(actor: Actor, level: Level, access: &SessionAccess) -> Participant {
    let extras = if actor.role == Role::Auditor { Extras::NONE } else { access.extras };
    Participant {
        person: actor.user,
        name: actor.name.clone(),
        level,
        extras,
        may_end: access.may_end(&actor),
        may_freeze: decide_by_role(actor.role, Action::EndSession).is_ok(),
        actor,
    }
}

impl SessionAction {
    fn is_granted_to(&self, seat: &Participant) -> bool {
        let acts = seat.level >= Level::Interact;
        match self {
            Self::Left | Self::GaveControl => true,
            Self::TookControl | Self::Done => acts,
            Self::Froze | Self::Thawed => seat.may_freeze,
            Self::ClipboardIn { .. } => acts && seat.extras.paste,
            Self::ClipboardOut { .. } => acts && seat.extras.copy,
            Self::Uploaded { .. } => acts && seat.extras.upload,
            Self::Downloaded { .. } => seat.extras.download,
            Self::AddressOpened { .. } => acts && seat.extras.address,
        }
    }

    fn entry(&self, begin: impl FnOnce(AuditAction) -> AuditEntry) -> AuditEntry {
        let measured = |entry: AuditEntry, length: &u64, hash: &String| {
            entry.with("length", i64::try_from(*length).unwrap_or(i64::MAX)).with("hash", Detail::Text(hash.clone()))
        };
        match self {
            Self::TookControl => begin(AuditAction::SessionControlTaken),
            Self::GaveControl => begin(AuditAction::SessionControlGiven),
            Self::Froze => begin(AuditAction::SessionFrozen),
            Self::Thawed => begin(AuditAction::SessionThawed),
            Self::Left => begin(AuditAction::SessionLeft),
            Self::Done => begin(AuditAction::SessionDone),
            Self::ClipboardIn { length, hash } => measured(begin(AuditAction::SessionClipboardIn), length, hash),
            Self::ClipboardOut { length, hash } => measured(begin(AuditAction::SessionClipboardOut), length, hash),
            Self::Uploaded { name, length, hash } => {
                measured(begin(AuditAction::SessionUploaded), length, hash).with("name", name.as_str())
            }
            Self::Downloaded { name, length, hash } => {
                measured(begin(AuditAction::SessionDownloaded), length, hash).with("name", name.as_str())
            }
            Self::AddressOpened { origin } => begin(AuditAction::SessionAddressOpened).with("origin", origin.as_str()),
        }
    }
}
