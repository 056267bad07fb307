//! For people and programs: asking for a change, looking at it, calling it off.

use std::collections::{BTreeSet, HashMap};

use countersign_audit::{AuditAction, ObjectKind};
use countersign_model::{
    AccessContext, Action, Actor, ChangeId, ChangeKind, ChangeReason, ChangeState, ChangeTrigger, CredentialId,
    CredentialStatus, Denied, Grants, Invalid, Paged, Paging, Reason, VersionState, decide, decide_by_role,
};
use countersign_seal::Secret;
use countersign_store::{
    automation,
    changes::{self, ChangeFilter, ChangeRow, runs},
    credentials,
    engine::Select,
    jobs, secrets,
};

use super::{
    guard,
    run::MAX_TRIES,
    view::{ChangeEvent, ChangeView, may_change, may_look, view},
};
use crate::{
    Conflict, CredentialRef, Error, Object, Vault,
    credentials::places::places,
    cursor,
    unit::Unit,
    vault::{allowed_by, permit, permit_by_role},
};

const MAX_EVENTS: u32 = 500;

/// What to do at the site.
#[derive(Debug, Clone)]
pub struct ChangeRequest {
    /// Change, rehearse, or only sign in.
    pub kind: ChangeKind,
    /// Why, for the record.
    pub reason: Option<Reason>,
}

/// Which changes to list.
#[derive(Debug, Clone, Default)]
pub struct ChangeListRequest {
    /// Of this credential.
    pub credential: Option<CredentialRef>,
    /// In this state.
    pub state: Option<ChangeState>,
    /// Ended or not.
    pub open: Option<bool>,
    /// Which page of the list, the newest first.
    pub paging: Paging,
}

/// Which password signs in, as a person found out by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkingPassword {
    /// The one that was made for the change.
    New,
    /// The one before.
    Old,
}

impl WorkingPassword {
    /// The name in the API and the log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Old => "old",
        }
    }
}

impl Vault {
    /// Asks for a change. It runs as soon as a worker is free, or later where the rate guard says so.
    ///
    /// # Errors
    /// [`Conflict::ChangeRunning`] when another of the credential has not ended, [`Conflict::SessionOpen`] while a session of it is open: never
    /// two browsers on one account; [`Error::Empty`] without a password,
    /// [`Error::Invalid`] without a site, [`Error::NoTls`] with one of plain HTTP; [`Error::TriedTooOften`] and
    /// [`Conflict::NotRehearsed`] for heartbeats, the former for rehearsals too; [`Conflict::Inactive`], [`Error::Denied`], [`Error::NotFound`].
    pub async fn ask_change(
        &self,
        actor: &Actor,
        wanted: &CredentialRef,
        ask: &ChangeRequest,
    ) -> Result<ChangeView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let credential = self.visible(&mut tx, &actor, wanted).await?;
        let context = self.asked(&actor).or_because(ask.reason.as_ref());
        let by = permit(&actor, Action::ChangePassword, &credential.grants, &context)?;
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
        self.nothing_open(&mut tx, credential.id).await?;
        if ask.kind == ChangeKind::SignIn {
            return Err(Invalid::new("kind", "cannot be requested on its own: start a session").into());
        }
        let note = ask.reason.as_ref().map(|reason| reason.as_str().to_owned());
        let known = automation::find(&mut tx, credential.id).await?;
        places(credential.site.as_ref(), &known).check_tls()?;
        if matches!(ask.kind, ChangeKind::Heartbeat | ChangeKind::Rehearsal) {
            guard::may_try(&mut tx, credential.id, self.now()).await?;
        }
        // A heartbeat is no try that somebody looks at, whoever has asked for it.
        if ask.kind == ChangeKind::Heartbeat && known.redirected_at.is_some() {
            return Err(Error::Conflict(Conflict::NotRehearsed));
        }
        let settings = known.settings;
        let row = self.new_change(
            credential.id,
            credential.name.as_str(),
            ask.kind,
            &actor.name,
            ChangeTrigger::Person,
            note,
        );
        let row = ChangeRow { asker: Some(actor.user), ..row };
        let row = self.put_change(&mut tx, row, settings.changes_per_day).await?;
        let entry = self
            .entry(&actor, AuditAction::ChangeRequested)
            .on(ObjectKind::Credential, credential.id.uuid(), credential.name.as_str())
            .because(ask.reason.as_ref())
            .with("change", row.id.to_string())
            .with("kind", ask.kind.name());
        let entry = allowed_by(entry, by);
        let text = if row.not_before.is_some() { "requested; postponed until there is room" } else { "requested" };
        self.end_idle(&mut tx, &row, text, entry).await?;
        tx.commit().await?;
        self.inner.work.notify_waiters();
        Ok(view(row, true, self.now()))
    }

    /// A page of changes that the actor may see.
    pub async fn list_changes(&self, actor: &Actor, ask: &ChangeListRequest) -> Result<Paged<ChangeView>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let credential = match &ask.credential {
            Some(wanted) => Some(self.visible(&mut reader, &actor, wanted).await?.id),
            None => None,
        };
        let granted_only = permit_by_role(&actor, Action::SeeCredential).is_err();
        let filter = ChangeFilter {
            credential,
            granted_to: granted_only.then_some(actor.user),
            state: ask.state,
            open: ask.open,
            after: ask.paging.cursor().map(cursor::parse).transpose()?,
        };
        let now = self.now();
        let rows = changes::list(&mut reader, &filter, now, ask.paging.rows()).await?;
        let page = ask.paging.page(rows, |row| cursor::write(row.created_at, row.id));
        let known = self.known_grants(&mut reader, &actor, page.items.iter().map(|row| row.credential)).await?;
        let Paged { items, next_cursor, total } = page;
        let shown = |row: ChangeRow| {
            let grants = known.get(&row.credential)?;
            let may = may_change(&actor, grants, &AccessContext::in_principle_for(&actor, now));
            Some(view(row, may, now))
        };
        Ok(Paged { items: items.into_iter().filter_map(shown).collect(), next_cursor, total })
    }

    /// One change with what happened in it.
    pub async fn change(&self, actor: &Actor, id: ChangeId) -> Result<ChangeView, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let (row, grants) = self.find_change(&mut reader, &actor, id).await?;
        let events = changes::events(&mut reader, id, MAX_EVENTS).await?;
        let context = self.asked_of(&actor, &row);
        let may = may_change(&actor, &grants, &AccessContext::in_principle_for(&actor, self.now()));
        let may_look = may_look(&actor, &grants, &context);
        let events = events.into_iter().rev().map(|row| ChangeEvent::of(row, may_look)).collect();
        Ok(ChangeView { events, ..view(row, may, self.now()) })
    }

    /// A masked picture of a change: a JPEG. It shows a page that is signed in, so it is for who may change the password or
    /// watch sessions, and that they have looked is recorded first.
    ///
    /// # Errors
    /// [`Error::Denied`], which is recorded; [`Error::NotFound`], [`Error::AuditUnavailable`].
    pub async fn change_picture(&self, actor: &Actor, id: ChangeId, seq: i64) -> Result<Secret, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let (row, grants) = self.find_change(&mut tx, &actor, id).await?;
        let found = changes::picture(&mut tx, id, seq).await?.ok_or(Error::NotFound(Object::Screenshot))?;
        let may = may_look(&actor, &grants, &self.asked_of(&actor, &row));
        let picture = if may { Some(self.open_picture(id, found.0, &found.1, row.credential)?) } else { None };
        let entry = self.entry_about(&actor, AuditAction::ScreenshotSeen, &row).with("screenshot", seq);
        let entry = if may { entry } else { entry.with("denied", true) };
        tx.record(entry);
        let receipt = tx.commit().await?;
        let picture = picture.ok_or(Error::Denied(Denied::plainly(Action::WatchSession)))?;
        Ok(picture.release(&receipt)?)
    }

    /// Calls a change off, as long as the new password cannot have reached the site.
    ///
    /// # Errors
    /// [`Conflict::TooLate`].
    pub async fn cancel_change(&self, actor: &Actor, id: ChangeId) -> Result<ChangeView, Error> {
        let (mut tx, actor, mut row) = self.change_to_move(actor, id).await?;
        if row.ended_at.is_some() || row.armed_at.is_some() {
            return Err(Error::Conflict(Conflict::TooLate));
        }
        let now = self.now();
        let leased = jobs::cancel(&mut tx, id).await?.is_some_and(|until| until > now);
        let entry = self.entry_about(&actor, AuditAction::ChangeCancelled, &row);
        if leased {
            // Its worker sees that within seconds, closes the browser and ends it.
            self.end_idle(&mut tx, &row, "cancelling", entry).await?;
        } else {
            row.state = ChangeState::Cancelled;
            row.reason = Some(ChangeReason::Cancelled);
            row.ended_at = Some(now);
            row.not_before = None;
            jobs::delete(&mut tx, id).await?;
            self.schedule_next(&mut tx, &row).await?;
            self.end_idle(&mut tx, &row, "cancelled", entry).await?;
        }
        tx.commit().await?;
        Ok(view(row, true, now))
    }

    /// Has a change run now that was put off or is in doubt. The rate guard stays.
    ///
    /// # Errors
    /// [`Conflict::TooLate`] when it runs or has ended.
    pub async fn retry_change(&self, actor: &Actor, id: ChangeId) -> Result<ChangeView, Error> {
        let (mut tx, actor, mut row) = self.change_to_move(actor, id).await?;
        if !matches!(row.state, ChangeState::Postponed | ChangeState::InDoubt) {
            return Err(Error::Conflict(Conflict::TooLate));
        }
        let now = self.now();
        if !jobs::run_at(&mut tx, id, now).await? {
            // In doubt, and only a person could help: here they are.
            if jobs::next_of(&mut tx, id).await?.is_some() {
                return Err(Error::Conflict(Conflict::TooLate));
            }
            jobs::insert(&mut tx, id, now, row.kind).await?;
        }
        // A person's word is worth one more try of each password, and no more: sites lock accounts.
        row.candidate_tries = row.candidate_tries.min(MAX_TRIES - 1);
        row.current_tries = row.current_tries.min(MAX_TRIES - 1);
        row.not_before = None;
        let entry = self.entry_about(&actor, AuditAction::ChangeRequested, &row).with("again", true);
        self.end_idle(&mut tx, &row, "asked to run now", entry).await?;
        tx.commit().await?;
        self.inner.work.notify_waiters();
        Ok(view(row, true, now))
    }

    /// A person has found out by hand which password signs in.
    ///
    /// # Errors
    /// [`Conflict::TooLate`] when the change is not in doubt, or a worker is finding it out.
    pub async fn settle_change(
        &self,
        actor: &Actor,
        id: ChangeId,
        holds: WorkingPassword,
    ) -> Result<ChangeView, Error> {
        let (mut tx, actor, mut row) = self.change_to_move(actor, id).await?;
        let now = self.now();
        let candidate =
            row.candidate.filter(|_| row.state == ChangeState::InDoubt).ok_or(Error::Conflict(Conflict::TooLate))?;
        if jobs::cancel(&mut tx, id).await?.is_some_and(|until| until > now) {
            return Err(Error::Conflict(Conflict::TooLate));
        }
        jobs::delete(&mut tx, id).await?;
        row.ended_at = Some(now);
        row.not_before = None;
        row.settled_by = Some(actor.name.clone());
        match holds {
            WorkingPassword::New => {
                row.state = ChangeState::Changed;
                row.reason = None;
                self.promote(&mut tx, row.credential, candidate).await?;
            }
            WorkingPassword::Old => {
                row.state = ChangeState::Failed;
                secrets::set_state(&mut tx, row.credential, candidate, VersionState::Unused).await?;
            }
        }
        secrets::confirm(&mut tx, row.credential, None, now, &actor.name).await?;
        self.schedule_next(&mut tx, &row).await?;
        let text = format!("resolved by {}: the {} password signs in", actor.name, holds.name());
        let entry = self.entry_about(&actor, AuditAction::ChangeResolved, &row).with("holds", holds.name());
        self.end_idle(&mut tx, &row, &text, entry).await?;
        tx.commit().await?;
        Ok(view(row, true, now))
    }

    /// The credential's change that has not ended, if the actor may see the credential.
    pub async fn open_change(&self, actor: &Actor, wanted: &CredentialRef) -> Result<Option<ChangeView>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        let credential = self.visible(&mut reader, &actor, wanted).await?;
        let may = may_change(&actor, &credential.grants, &AccessContext::in_principle_for(&actor, self.now()));
        let row = changes::open(&mut reader, credential.id).await?;
        Ok(row.map(|row| view(row, may, self.now())))
    }

    /// How many changes have not ended, by where they stand.
    pub async fn open_changes(&self) -> Result<Vec<(ChangeState, u32)>, Error> {
        let counts = changes::open_by_state(&mut &self.inner.database).await?;
        Ok(counts.into_iter().map(|(state, count)| (state, count.try_into().unwrap_or(u32::MAX))).collect())
    }

    /// Writes a new change with its job; the caller records it.
    pub(crate) async fn put_change(
        &self,
        tx: &mut Unit,
        mut row: ChangeRow,
        changes_per_day: u8,
    ) -> Result<ChangeRow, Error> {
        let now = self.now();
        if let Some(until) = guard::wait_until(tx, &row, changes_per_day, now).await? {
            row.state = ChangeState::Postponed;
            row.reason = Some(ChangeReason::RateLimited);
            row.not_before = Some(until);
        }
        if !runs::insert(tx, &row).await? {
            // Somebody asked in the same moment.
            self.nothing_open(tx, row.credential).await?;
            return Err(Error::Conflict(Conflict::Edited));
        }
        jobs::insert(tx, row.id, row.not_before.unwrap_or(now), row.kind).await?;
        Ok(row)
    }

    pub(crate) fn new_change(
        &self,
        credential: countersign_model::CredentialId,
        name: &str,
        kind: ChangeKind,
        asked_by: &str,
        because: ChangeTrigger,
        note: Option<String>,
    ) -> ChangeRow {
        let now = self.now();
        ChangeRow {
            id: ChangeId::new(now, self.chance()),
            credential,
            credential_name: name.to_owned(),
            kind,
            state: ChangeState::Queued,
            reason: None,
            asked_by: asked_by.to_owned(),
            because,
            note,
            created_at: now,
            started_at: None,
            ended_at: None,
            not_before: None,
            waiting_until: None,
            candidate: None,
            armed_at: None,
            attempts: 0,
            current_tries: 0,
            candidate_tries: 0,
            settled_by: None,
            asker: None,
            site_answer: None,
            submitted_at: None,
        }
    }

    /// The change, when the actor may see its credential, and what they were granted on that.
    async fn find_change(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        id: ChangeId,
    ) -> Result<(ChangeRow, Grants), Error> {
        let row = changes::find(db, id).await?.ok_or(Error::NotFound(Object::Change))?;
        let credential =
            credentials::find_as(db, row.credential, actor.user).await?.ok_or(Error::NotFound(Object::Change))?;
        if permit(actor, Action::SeeCredential, &credential.grants, &self.asked(actor)).is_err() {
            return Err(Error::NotFound(Object::Change));
        }
        Ok((row, credential.grants))
    }

    async fn change_to_move(&self, actor: &Actor, id: ChangeId) -> Result<(Unit, Actor, ChangeRow), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        jobs::lock(&mut tx, id).await?;
        runs::lock(&mut tx, id).await?;
        let (row, grants) = self.find_change(&mut tx, &actor, id).await?;
        decide(actor.role, Action::ChangePassword, &grants, &self.asked_of(&actor, &row))?;
        Ok((tx, actor, row))
    }

    /// What is known of a request about a change: for who has asked for it, that goes on.
    fn asked_of<'a>(&self, actor: &'a Actor, row: &ChangeRow) -> AccessContext<'a> {
        let context = self.asked(actor);
        if row.asker == Some(actor.user) { context.under_way() } else { context }
    }

    /// What the actor was granted on each of these credentials, where they may know of it.
    async fn known_grants(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        of: impl Iterator<Item = CredentialId>,
    ) -> Result<HashMap<CredentialId, Grants>, Error> {
        let ids: Vec<CredentialId> = of.collect::<BTreeSet<_>>().into_iter().collect();
        if decide_by_role(actor.role, Action::SeeCredential).is_ok() {
            return Ok(ids.into_iter().map(|id| (id, Grants::none())).collect());
        }
        let mut known = credentials::grants_of_many(db, actor.user, &ids).await?;
        known.retain(|_, grants| permit(actor, Action::SeeCredential, grants, &self.asked(actor)).is_ok());
        Ok(known)
    }

    fn entry_about(&self, actor: &Actor, act: AuditAction, row: &ChangeRow) -> countersign_audit::AuditEntry {
        self.entry(actor, act)
            .on(ObjectKind::Credential, row.credential.uuid(), row.credential_name.as_str())
            .with("change", row.id.to_string())
    }
}
