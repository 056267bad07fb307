//! For people and programs: starting a session, looking at it, letting others in, ending it.

use std::time::Duration;

use countersign_audit::{ActorRef, AuditAction, AuditEntry, ObjectKind};
use countersign_identity::{Bearer, BearerKind};
use countersign_model::{
    Action, Actor, AllowedBy, ChangeId, ChangeKind, ChangeReason, ChangeState, ChangeTrigger, CredentialId,
    CredentialStatus, Denied, Invalid, Level, Paged, Paging, Reason, Role, SessionEnd, SessionId, SessionState,
    SiteSettings, Timestamp, UserId, decide, decide_by_role, reaches,
};
use countersign_seal::Withheld;
use countersign_store::{
    automation,
    changes::{self, ChangeRow, runs},
    credentials::CredentialRow,
    jobs, people, sessions,
    sessions::{LinkRow, ListedSession, SessionFilter, SessionRow},
    vault as vault_row,
};

use uuid::Uuid;

use super::view::{SessionAccess, SessionView, access};
use crate::{
    Conflict, CredentialRef, Error, Object, RecordingError, Vault,
    credentials::places::places,
    cursor,
    unit::Unit,
    vault::{allowed_by, permit},
};

const MAX_OPEN: u32 = 20;
const LINK_LASTS: Duration = Duration::from_secs(24 * 60 * 60);
const MINUTE: Duration = Duration::from_secs(60);

/// How a session is asked for.
#[derive(Debug, Clone, Default)]
pub struct SessionRequest {
    /// Why, for the record.
    pub reason: Option<Reason>,
}

/// Which sessions to list.
#[derive(Debug, Clone, Default)]
pub struct SessionListRequest {
    /// Of this credential.
    pub credential: Option<CredentialRef>,
    /// Ended or not.
    pub open: Option<bool>,
    /// Which page of the list, the newest first.
    pub paging: Paging,
}

/// A way into a session for one person, once.
#[derive(Debug, Clone)]
pub struct SessionLink {
    /// What they show at the door.
    pub link: String,
    /// Until when it can be used.
    pub expires_at: Timestamp,
}

/// A link into a session that somebody was given; not the link itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionLinkView {
    /// Who.
    pub person: UserId,
    /// Their name.
    pub name: String,
    /// How far it lets them in.
    pub level: Level,
    /// Until when it can be used.
    pub expires_at: Timestamp,
    /// When it was used.
    pub used_at: Option<Timestamp>,
}

impl From<LinkRow> for SessionLinkView {
    fn from(LinkRow { person, name, level, expires_at, used_at }: LinkRow) -> Self {
        Self { person, name, level, expires_at, used_at }
    }
}

impl Vault {
    /// Starts a session: its record, the session and the job to sign in become durable together, before any browser opens.
    ///
    /// # Errors
    /// [`Conflict::SessionOpen`] when somebody is in a session of the credential, [`Conflict::ChangeRunning`] when a change of it has not
    /// ended; [`Error::Invalid`] without a reason where one is needed; [`Error::NoTls`], [`Error::Empty`], [`Conflict::Inactive`],
    /// [`RecordingError::NoStore`], [`Conflict::TooManySessions`]; [`Error::Denied`], which is recorded; [`Error::NotFound`].
    pub async fn start_session(
        &self,
        actor: &Actor,
        wanted: &CredentialRef,
        ask: &SessionRequest,
    ) -> Result<SessionView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let credential = self.visible(&mut tx, &actor, wanted).await?;
        let context = self.asked(&actor).or_because(ask.reason.as_ref());
        let by = match permit(&actor, Action::StartSession, &credential.grants, &context) {
            Ok(by) => by,
            Err(denied) => {
                let entry = self.entry(&actor, AuditAction::SessionDenied);
                let entry = entry.on(ObjectKind::Credential, credential.id.uuid(), credential.name.as_str());
                tx.record(entry.because(ask.reason.as_ref()));
                tx.commit().await?;
                return Err(denied);
            }
        };
        if credential.status == CredentialStatus::Inactive {
            return Err(Error::Conflict(Conflict::Inactive));
        }
        if !credential.has_password {
            return Err(Error::Empty("password"));
        }
        if credential.site.is_none() {
            return Err(
                Invalid::new("site", "is not known: enter the URL of any page of the site in the credential").into()
            );
        }
        let known = automation::find(&mut tx, credential.id).await?;
        places(credential.site.as_ref(), &known).check_tls()?;
        let settings = known.settings;
        if settings.session.reason && ask.reason.is_none() {
            return Err(Invalid::new("reason", "is needed to start a session of this credential").into());
        }
        self.room_for_one(&mut tx, &actor, &credential).await?;
        self.nothing_open(&mut tx, credential.id).await?;
        let note = ask.reason.as_ref().map(|reason| reason.as_str().to_owned());
        let name = credential.name.as_str();
        let change =
            self.new_change(credential.id, name, ChangeKind::SignIn, &actor.name, ChangeTrigger::Person, note.clone());
        let change = self.put_change(&mut tx, change, settings.changes_per_day).await?;
        runs::add_event(&mut tx, change.id, self.now(), change.state, "requested by a session", None).await?;
        let row = self.new_session(&actor, &credential, &settings, change.id, true, note);
        let row = SessionRow { request: by.request(), ..row };
        self.put_session(tx, &actor, row, ask.reason.as_ref(), &credential, by).await
    }

    /// Opens the browser of a change that waits for a person; gives the session that is open already, if there is one.
    ///
    /// # Errors
    /// [`Conflict::TooLate`] when the change does not wait; [`Conflict::SessionOpen`], [`RecordingError::NoStore`],
    /// [`Conflict::TooManySessions`], [`Error::Denied`], [`Error::NotFound`].
    pub async fn open_waiting(&self, actor: &Actor, id: ChangeId) -> Result<SessionView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let change = changes::find(&mut tx, id).await?.ok_or(Error::NotFound(Object::Change))?;
        let credential = self.visible(&mut tx, &actor, &CredentialRef::Id(change.credential)).await;
        let credential = credential.map_err(|error| match error {
            Error::NotFound(_) => Error::NotFound(Object::Change),
            other => other,
        })?;
        let context = self.asked(&actor);
        let context = if change.asker == Some(actor.user) { context.under_way() } else { context };
        let by = match decide(actor.role, Action::ChangePassword, &credential.grants, &context) {
            Ok(by) => by,
            Err(_) => permit(&actor, Action::StartSession, &credential.grants, &context)?,
        };
        let waits = |change: &ChangeRow| change.state == ChangeState::WaitingForAPerson;
        if !waits(&change) {
            return Err(Error::Conflict(Conflict::TooLate));
        }
        // Held until the commit, so that the change cannot go on meanwhile; it may have while this was waited for.
        jobs::lock(&mut tx, id).await?;
        changes::find(&mut tx, id).await?.filter(waits).ok_or(Error::Conflict(Conflict::TooLate))?;
        if let Some(open) = sessions::of_change(&mut tx, id, false).await? {
            let (row, access) = self.find_session(&mut tx, &actor, open).await?;
            return Ok(self.session_view(&actor, row, &access));
        }
        self.room_for_one(&mut tx, &actor, &credential).await?;
        let settings = automation::find(&mut tx, credential.id).await?.settings;
        let row = self.new_session(&actor, &credential, &settings, id, false, None);
        let row = SessionRow { request: by.request(), ..row };
        self.put_session(tx, &actor, row, None, &credential, by).await
    }

    /// One session.
    pub async fn session(&self, actor: &Actor, id: SessionId) -> Result<SessionView, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let (row, access) = self.find_session(&mut reader, &actor, id).await?;
        Ok(self.session_view(&actor, row, &access))
    }

    /// A page of the sessions that the actor may know of.
    pub async fn list_sessions(&self, actor: &Actor, ask: &SessionListRequest) -> Result<Paged<SessionView>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let credential = match &ask.credential {
            Some(wanted) => Some(self.visible(&mut reader, &actor, wanted).await?.id),
            None => None,
        };
        let filter = SessionFilter {
            credential,
            shown_only: decide_by_role(actor.role, Action::WatchSession).is_err(),
            open: ask.open,
            after: ask.paging.cursor().map(cursor::parse).transpose()?,
        };
        let rows = ask.paging.rows();
        let listed = sessions::list(&mut reader, &filter, actor.user, self.now(), rows).await?;
        let page = ask.paging.page(listed, |one| cursor::write(one.row.created_at, one.row.id));
        let shown = |one: ListedSession| {
            let access = access(&actor, one.row.started_by, &one.grants, &one.links, &self.asked(&actor))?;
            Some(self.session_view(&actor, one.row, &access))
        };
        let Paged { items, next_cursor, total } = page;
        Ok(Paged { items: items.into_iter().filter_map(shown).collect(), next_cursor, total })
    }

    /// Makes a link into a session for one person, to be used once within a day. Who has used it may come again until the
    /// session ends.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a level above the actor's own; [`Error::SessionEnded`], [`Error::Denied`],
    /// [`Error::NotFound`].
    pub async fn session_link(
        &self,
        actor: &Actor,
        id: SessionId,
        person: &str,
        level: Level,
    ) -> Result<SessionLink, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let (row, access) = self.find_session(&mut tx, &actor, id).await?;
        permit_sharing(&actor, &access)?;
        if row.ended_at.is_some() {
            return Err(Error::SessionEnded);
        }
        let own = access.level.ok_or(Error::Denied(Denied::plainly(Action::WatchSession)))?;
        if level > own {
            return Err(Invalid::new("level", format!("is above your own, which is {}", own.name())).into());
        }
        let person = people::find_by_name(&mut tx, person).await?.filter(|person| !person.disabled);
        let person = person.ok_or(Error::NotFound(Object::User))?;
        if person.role == Role::Auditor && level > Level::View {
            return Err(Invalid::new("level", "must be view: an auditor watches and does not act").into());
        }
        let link = Bearer::new(BearerKind::SessionLink, self.chance());
        let expires_at = self.now().plus(LINK_LASTS);
        sessions::insert_link(&mut tx, &link.hash(), id, person.id, level, expires_at).await?;
        let entry = about(self.entry(&actor, AuditAction::SessionLinkMade), &row);
        let entry = entry.with("person", person.name).with("level", level.name());
        tx.record(entry);
        let receipt = tx.commit().await?;
        let link = Withheld::new(object_of(&row).1.into_bytes(), link).release(&receipt)?;
        Ok(SessionLink { link: link.expose().to_owned(), expires_at })
    }

    /// Who was given a link into a session, used or not, for whoever may make some.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::NotFound`].
    pub async fn session_links(&self, actor: &Actor, id: SessionId) -> Result<Vec<SessionLinkView>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let (_, access) = self.find_session(&mut reader, &actor, id).await?;
        permit_sharing(&actor, &access)?;
        let links = sessions::links(&mut reader, id, self.now()).await?;
        Ok(links.into_iter().map(Into::into).collect())
    }

    /// Takes somebody's links into a session back, also those that they have used: who has no other way in is out at once.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::NotFound`], also where they have none.
    pub async fn withdraw_session_links(&self, actor: &Actor, id: SessionId, person: UserId) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let (row, access) = self.find_session(&mut tx, &actor, id).await?;
        permit_sharing(&actor, &access)?;
        let links = sessions::links(&mut tx, id, Timestamp::from_micros(0)).await?;
        let name = links.into_iter().find(|link| link.person == person).map(|link| link.name);
        let name = name.ok_or(Error::NotFound(Object::Link))?;
        sessions::withdraw_links(&mut tx, id, person).await?;
        vault_row::bump(&mut tx).await?;
        let entry = about(self.entry(&actor, AuditAction::SessionLinksWithdrawn), &row).with("person", name);
        tx.record(entry);
        tx.commit().await.map(drop)
    }

    /// Ends a session: at once where no host has it, else within the host's next look.
    ///
    /// # Errors
    /// [`Error::SessionEnded`], [`Error::Denied`], [`Error::NotFound`].
    pub async fn end_session(&self, actor: &Actor, id: SessionId) -> Result<SessionView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let (row, access) = self.find_session(&mut tx, &actor, id).await?;
        if !access.may_end(&actor) {
            return Err(Error::Denied(Denied::plainly(Action::EndSession)));
        }
        let why = if access.own { SessionEnd::Person } else { SessionEnd::Administrator };
        let sign_in = row.change.filter(|_| row.sign_in);
        if let Some(change) = sign_in {
            // Always the job before the session: whoever takes the sign-in holds them in this order.
            jobs::lock(&mut tx, change).await?;
        }
        let hosted = sessions::wish(&mut tx, id, why).await?.ok_or(Error::SessionEnded)?;
        let entry = about(self.entry(&actor, AuditAction::SessionEndAsked), &row);
        tx.record(entry);
        let now = self.now();
        let leased = match sign_in {
            Some(change) => jobs::cancel(&mut tx, change).await?.is_some_and(|until| until > now),
            None => false,
        };
        if !hosted && !leased {
            if let Some(change) = sign_in {
                self.give_up_sign_in(&mut tx, change, ChangeState::Cancelled, ChangeReason::Cancelled).await?;
            }
            self.end_session_in(&mut tx, id, why, None, (&actor).into()).await?;
        }
        tx.commit().await?;
        self.session(&actor, id).await
    }

    /// One session at a time of a credential, and not too many of a person.
    async fn room_for_one(&self, tx: &mut Unit, actor: &Actor, credential: &CredentialRow) -> Result<(), Error> {
        if self.inner.recordings.get().is_none() {
            return Err(Error::Recording(RecordingError::NoStore));
        }
        if let Some(open) = sessions::open(tx, credential.id).await? {
            return Err(in_use(open));
        }
        if sessions::open_of_person(tx, actor.user).await? >= i64::from(MAX_OPEN) {
            return Err(Error::Conflict(Conflict::TooManySessions(MAX_OPEN)));
        }
        Ok(())
    }

    /// That neither a session nor a change of the credential is open, so that never two browsers sign in with one account.
    ///
    /// # Errors
    /// [`Conflict::SessionOpen`], [`Conflict::SessionEnding`] or [`Conflict::ChangeRunning`]: what is open is called what it is.
    pub(crate) async fn nothing_open(&self, tx: &mut Unit, credential: CredentialId) -> Result<(), Error> {
        if let Some(open) = sessions::open(tx, credential).await? {
            return Err(in_use(open));
        }
        match runs::open(tx, credential).await? {
            None => Ok(()),
            Some(open) if open.kind == ChangeKind::SignIn => {
                Err(Error::Conflict(Conflict::SessionEnding { name: open.credential_name }))
            }
            Some(open) => Err(Error::Conflict(Conflict::ChangeRunning(open.id))),
        }
    }

    fn new_session(
        &self,
        actor: &Actor,
        credential: &CredentialRow,
        settings: &SiteSettings,
        change: ChangeId,
        sign_in: bool,
        reason: Option<String>,
    ) -> SessionRow {
        let now = self.now();
        SessionRow {
            id: SessionId::new(now, self.chance()),
            credential: Some(credential.id),
            credential_name: credential.name.to_string(),
            change: Some(change),
            sign_in,
            state: SessionState::Starting,
            ended_why: None,
            end_wish: None,
            started_by: actor.user,
            started_by_name: actor.name.clone(),
            reason,
            created_at: now,
            live_at: None,
            ended_at: None,
            seen_at: None,
            node: None,
            idle: MINUTE * u32::from(settings.session.idle_minutes),
            longest: MINUTE * u32::from(settings.session.longest_minutes),
            recorded_ms: 0,
            recorded_bytes: 0,
            dropped_at: None,
            sign_in_reason: None,
            request: None,
        }
    }

    /// Writes the session with its record, commits, and wakes whoever hosts sessions.
    async fn put_session(
        &self,
        mut tx: Unit,
        actor: &Actor,
        row: SessionRow,
        reason: Option<&Reason>,
        credential: &CredentialRow,
        by: AllowedBy,
    ) -> Result<SessionView, Error> {
        if !sessions::insert(&mut tx, &row).await? {
            // Somebody started one in the same moment.
            let open = sessions::open(&mut tx, credential.id).await?;
            return Err(open.map_or(Error::Conflict(Conflict::Edited), in_use));
        }
        let entry = about(self.entry(actor, AuditAction::SessionStarted), &row).because(reason);
        let entry = match row.change.filter(|_| !row.sign_in) {
            Some(change) => entry.with("change", change.to_string()),
            None => entry,
        };
        tx.record(allowed_by(entry, by));
        let (row, access): (SessionRow, SessionAccess) = self.find_session(&mut tx, actor, row.id).await?;
        tx.commit().await?;
        self.inner.work.notify_waiters();
        Ok(self.session_view(actor, row, &access))
    }

    /// Ends a session in a transaction, with its record. False when it has ended already, or `node` does not have it.
    pub(crate) async fn end_session_in(
        &self,
        tx: &mut Unit,
        id: SessionId,
        why: SessionEnd,
        node: Option<&str>,
        by: ActorRef,
    ) -> Result<bool, Error> {
        let now = self.now();
        if !sessions::end(tx, id, why, now, node).await? {
            return Ok(false);
        }
        let row = sessions::find(tx, id).await?.ok_or(Error::NotFound(Object::Session))?;
        let lasted = row.live_at.map_or(Duration::ZERO, |live| now.since(live));
        let entry = about(AuditEntry::new(now, by, AuditAction::SessionEnded), &row)
            .with("why", why.name())
            .with("seconds", i64::try_from(lasted.as_secs()).unwrap_or(i64::MAX))
            .with("bytes_recorded", row.recorded_bytes)
            .with("started_by", row.started_by_name.as_str());
        tx.record(entry);
        Ok(true)
    }

    /// Ends a sign-in that no worker has, because its session is over.
    pub(crate) async fn give_up_sign_in(
        &self,
        tx: &mut Unit,
        change: ChangeId,
        state: ChangeState,
        reason: ChangeReason,
    ) -> Result<(), Error> {
        let Some(mut row) = runs::find(tx, change).await?.filter(|row| row.ended_at.is_none()) else {
            return Ok(());
        };
        row.state = state;
        row.reason = Some(reason);
        row.ended_at = Some(self.now());
        row.not_before = None;
        row.waiting_until = None;
        jobs::delete(tx, change).await?;
        runs::update(tx, &row).await?;
        runs::add_event(tx, change, self.now(), row.state, "given up: its session is over", None).await?;
        Ok(())
    }
}

fn in_use(open: SessionRow) -> Error {
    Error::Conflict(Conflict::SessionOpen { session: open.id, name: open.credential_name, by: open.started_by_name })
}

/// Says which session a record is about: it is found by its credential, as long as there is one.
pub(crate) fn about(entry: AuditEntry, row: &SessionRow) -> AuditEntry {
    let (kind, id) = object_of(row);
    entry.on(kind, id, row.credential_name.as_str()).with("session", row.id.to_string())
}

/// What a record of a session is about: its credential, while that is there.
fn object_of(row: &SessionRow) -> (ObjectKind, Uuid) {
    let session = (ObjectKind::Session, row.id.uuid());
    row.credential.map_or(session, |credential| (ObjectKind::Credential, credential.uuid()))
}

/// Who may start sessions of the credential lets others into this one.
fn permit_sharing(actor: &Actor, access: &SessionAccess) -> Result<(), Error> {
    if !access.may_share() {
        return Err(Denied::plainly(Action::StartSession).into());
    }
    Ok(reaches(actor.reach, Action::StartSession)?)
}
