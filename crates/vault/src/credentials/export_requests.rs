//! Requests to export, and to export without an approval again: an administrator asks, another one decides, and who asked uses what
//! was approved, once.

use std::{collections::BTreeSet, time::Duration};

use countersign_audit::{ActorRef, AuditAction, AuditEntry, ObjectKind};
use countersign_model::{
    Action, Actor, CoveredCredentials, ExportChoice, Invalid, NoticeKind, Reason, UserId, VAULT_REQUEST_WAITS,
    VaultApproval, VaultRequest, VaultRequestId, VaultRequestRefusal, VaultRequestState, VaultRequestSubject,
    VaultRequestTerms,
};
use countersign_seal::Sha256;
use countersign_store::{
    credentials::CredentialRow,
    engine::{Lane, Select},
    vault_requests,
};
use countersign_transfer::ExportFormat;

use super::{
    export_approval::{administrators, choice_in, count_of, is_needed, others},
    export_requested::{MAX_OPEN, VaultRequestView},
};
use crate::{
    ApprovalOf, Conflict, Error, ExportRequest, Object, Vault, access::approvers::person_name,
    credentials::many::each_once, unit::Unit, vault::permit_by_role,
};

/// So many may be open of one person.
const MAX_OPEN_OF_ONE: usize = 20;
/// So many that are over are seen to at once.
const AT_ONCE: u32 = 100;
/// For so long a request is kept once it is over.
const KEPT: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// What another administrator, or the asker, does about a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportDecision {
    /// Yes.
    Approve,
    /// No.
    Reject,
    /// Who asked takes it back.
    Cancel,
}

impl Vault {
    /// Asks another administrator to approve an export, or that exports need no approval any more.
    ///
    /// # Errors
    /// [`Conflict::NoApprovalNeeded`], [`Conflict::NoOtherAdministrator`], [`Conflict::VaultRequestPending`]; [`Error::Invalid`] for what
    /// could not be exported; [`Error::Denied`], [`Error::TooShort`], [`Error::NotFound`].
    pub async fn request_export(
        &self,
        actor: &Actor,
        subject: VaultRequestSubject,
        reason: Reason,
    ) -> Result<VaultRequestView, Error> {
        if let VaultRequestSubject::Export { format, choice } = &subject {
            let known = format.parse::<ExportFormat>();
            known.map_err(|error| Invalid::new("format", format!("is wrong: {error}")))?;
            if let ExportChoice::Some(ids) = choice {
                each_once(ids.iter().copied())?;
            }
        }
        let (mut reader, actor) = self.reader_on(Lane::Export, actor).await?;
        if let Err(denied) = self.permit_export(&actor) {
            drop(reader);
            return Err(self.refuse_decision(&actor, "ask for an export", denied).await?);
        }
        let rows = self.rows_of(&mut reader, &actor, &subject).await?;
        let asked = match &subject {
            VaultRequestSubject::Export { choice: ExportChoice::Tagged(_), .. } => rows.as_deref().map(covered),
            _ => None,
        };
        drop(reader);
        let (mut tx, actor) = self.writer(&actor).await?;
        self.permit_export(&actor)?;
        if !is_needed(&mut tx).await? {
            return Err(Conflict::NoApprovalNeeded.into());
        }
        if others(&mut tx, actor.user).await?.is_empty() {
            return Err(Conflict::NoOtherAdministrator.into());
        }
        self.room_for(&mut tx, &actor, &subject).await?;
        let now = self.now();
        let request = VaultRequest {
            id: VaultRequestId::new(now, self.chance()),
            person: actor.user,
            created_at: now,
            waits_until: now.plus(VAULT_REQUEST_WAITS),
            closed: None,
            terms: VaultRequestTerms {
                subject,
                reason,
                address: actor.address.map(|address| address.to_string()),
                asked,
                approval: None,
            },
        };
        vault_requests::insert(&mut tx, &request).await?;
        let what = words(&request.terms.subject);
        self.tell_administrators_of(&mut tx, NoticeKind::ExportRequested, &what, Some(&actor), Some(&request)).await?;
        let entry = self.request_entry_of(&actor, AuditAction::ExportRequested, &request);
        let entry = entry.because(Some(&request.terms.reason));
        tx.record(match &rows {
            Some(rows) => entry.with("credentials", count_of(rows.len())),
            None => entry,
        });
        let view = self.show_vault_request(&mut tx, &actor, request).await?;
        tx.commit().await?;
        self.wake_sender();
        Ok(view)
    }

    /// Approves, rejects or takes back. What is refused is recorded. That exports need no approval any more is so with its approval.
    ///
    /// # Errors
    /// [`Conflict::VaultRequest`] says why it cannot be; [`Error::Denied`], [`Error::TooShort`], [`Error::NotFound`].
    pub async fn decide_export(
        &self,
        actor: &Actor,
        id: VaultRequestId,
        decision: ExportDecision,
        comment: Option<Reason>,
    ) -> Result<VaultRequestView, Error> {
        let (mut reader, actor) = self.reader_on(Lane::Export, actor).await?;
        if let Err(denied) = self.may_decide(&actor, decision) {
            drop(reader);
            return Err(self.refuse_decision(&actor, decision.name(), denied).await?);
        }
        let found = vault_requests::find(&mut reader, id).await?.ok_or(Error::NotFound(Object::Request))?;
        let covered = self.covered_now(&mut reader, &actor, &found, decision).await?;
        drop(reader);
        let (mut tx, actor) = self.writer(&actor).await?;
        self.may_decide(&actor, decision)?;
        let former = vault_requests::find(&mut tx, id).await?.ok_or(Error::NotFound(Object::Request))?;
        let active = administrators(&mut tx).await?;
        let now = self.now();
        let mut request = former.with_present_approver(now, |person| active.contains(&person));
        let decided = match decision {
            ExportDecision::Approve if !active.contains(&former.person) => Err(VaultRequestRefusal::AskerGone),
            ExportDecision::Approve if covered != former.terms.asked => Err(VaultRequestRefusal::OtherCredentials),
            ExportDecision::Approve => {
                let (person, name) = (actor.user, actor.name.clone());
                request.approve(VaultApproval { person, name, at: now, comment: comment.clone(), covered })
            }
            ExportDecision::Reject => request.reject((actor.user, &actor.name), comment.clone(), now),
            ExportDecision::Cancel => request.cancel((actor.user, &actor.name), comment.clone(), now),
        };
        if let Err(refusal) = decided {
            drop(tx);
            let refusal = Error::from(Conflict::VaultRequest(refusal));
            return Err(self.refuse_decision(&actor, &format!("{} {id}", decision.name()), refusal).await?);
        }
        self.carry_out(&mut tx, &actor, decision, &mut request, comment.as_ref()).await?;
        if !vault_requests::update(&mut tx, &former, &request).await? {
            return Err(Error::Conflict(Conflict::Edited));
        }
        let view = self.show_vault_request(&mut tx, &actor, request).await?;
        tx.commit().await?;
        self.wake_sender();
        Ok(view)
    }

    /// A decision of a second administrator is as a deed of theirs: the role, a token that manages, or a recent sign-in.
    /// What only stops something needs the role.
    fn may_decide(&self, actor: &Actor, decision: ExportDecision) -> Result<(), Error> {
        match decision {
            ExportDecision::Approve => self.permit_export(actor),
            ExportDecision::Reject | ExportDecision::Cancel => permit_by_role(actor, Action::ExportCredentials),
        }
    }

    /// Which credentials a tag has at the approval, so that what was approved is what leaves.
    async fn covered_now(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        request: &VaultRequest,
        decision: ExportDecision,
    ) -> Result<Option<CoveredCredentials>, Error> {
        let VaultRequestSubject::Export { choice, .. } = &request.terms.subject else { return Ok(None) };
        match (choice, decision) {
            (ExportChoice::Tagged(_), ExportDecision::Approve) => {
                Ok(Some(covered(&self.chosen(db, actor.user, choice).await?)))
            }
            _ => Ok(None),
        }
    }

    /// What follows from a decision, with its record.
    async fn carry_out(
        &self,
        tx: &mut Unit,
        actor: &Actor,
        decision: ExportDecision,
        request: &mut VaultRequest,
        comment: Option<&Reason>,
    ) -> Result<(), Error> {
        let (act, kind) = match decision {
            ExportDecision::Approve => (AuditAction::ExportApproved, Some(NoticeKind::ExportApproved)),
            ExportDecision::Reject => (AuditAction::ExportRejected, Some(NoticeKind::ExportRejected)),
            ExportDecision::Cancel => (AuditAction::ExportCancelled, None),
        };
        let entry = self.request_entry_of(actor, act, request).because(comment);
        tx.record(match request.terms.approval.as_ref().and_then(|given| given.covered.as_ref()) {
            Some(covered) if act == AuditAction::ExportApproved => entry.with("credentials", count_of(covered.count)),
            _ => entry,
        });
        // That exports need no approval any more is told to all administrators below.
        let told = !(decision == ExportDecision::Approve && request.terms.subject == VaultRequestSubject::TurnOff);
        if let Some(kind) = kind.filter(|_| told) {
            self.tell_asker(tx, kind, request, &actor.name).await?;
        }
        if decision == ExportDecision::Approve && request.terms.subject == VaultRequestSubject::TurnOff {
            if !is_needed(tx).await? {
                return Err(Conflict::NoApprovalNeeded.into());
            }
            let name = person_name(tx, request.person).await?;
            let taken = request.take((request.person, &name), &VaultRequestSubject::TurnOff, self.now());
            taken.map_err(Conflict::VaultRequest)?;
            self.write_export_approval(tx, actor, false, Some(&request.id.to_string())).await?;
        }
        Ok(())
    }

    /// What an export is made by, where it needs to be approved; looked at before anything is read.
    pub(super) async fn approved_export(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        ask: &ExportRequest,
    ) -> Result<Option<VaultRequest>, Error> {
        let Some(id) = ask.request else {
            return if is_needed(db).await? { Err(Error::ApprovalNeeded(ApprovalOf::Export)) } else { Ok(None) };
        };
        let found = vault_requests::find(db, id).await?.ok_or(Error::NotFound(Object::Request))?;
        let active = administrators(db).await?;
        let mut taken = found.with_present_approver(self.now(), |person| active.contains(&person));
        taken.take((actor.user, &actor.name), &ask.subject(), self.now()).map_err(Conflict::VaultRequest)?;
        Ok(Some(found))
    }

    /// Uses what was approved, for these credentials, in the transaction of the export's records: of two who do at once, one does.
    pub(super) async fn take_approved(
        &self,
        tx: &mut Unit,
        actor: &Actor,
        ask: &ExportRequest,
        rows: &[CredentialRow],
    ) -> Result<(), Error> {
        let Some(former) = self.approved_export(tx, actor, ask).await? else { return Ok(()) };
        let approval = former.terms.approval.as_ref();
        if approval.and_then(|given| given.covered.as_ref()).is_some_and(|before| *before != covered(rows)) {
            return Err(Conflict::VaultRequest(VaultRequestRefusal::OtherCredentials).into());
        }
        let mut request = former.clone();
        request.take((actor.user, &actor.name), &ask.subject(), self.now()).map_err(Conflict::VaultRequest)?;
        if vault_requests::update(tx, &former, &request).await? {
            Ok(())
        } else {
            Err(Conflict::VaultRequest(VaultRequestRefusal::Over(VaultRequestState::Used)).into())
        }
    }

    async fn rows_of(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        subject: &VaultRequestSubject,
    ) -> Result<Option<Vec<CredentialRow>>, Error> {
        match subject {
            VaultRequestSubject::Export { choice, .. } => Ok(Some(self.chosen(db, actor.user, choice).await?)),
            VaultRequestSubject::TurnOff => Ok(None),
        }
    }

    async fn room_for(&self, tx: &mut Unit, actor: &Actor, subject: &VaultRequestSubject) -> Result<(), Error> {
        let (of_one, of_all) = (MAX_OPEN_OF_ONE, MAX_OPEN);
        let now = self.now();
        let open = vault_requests::open(tx, now, Some(actor.user), of_all).await?;
        if let Some(same) = open.iter().find(|one| one.terms.subject.is_same(subject)) {
            return Err(Conflict::VaultRequestPending(same.id).into());
        }
        let all = vault_requests::open(tx, now, None, of_all).await?;
        if open.len() >= of_one || all.len() >= of_all as usize {
            let problem = format!("is one too many: {of_one} of yours, or {of_all} of all, are open already");
            return Err(Invalid::new("request", problem).into());
        }
        Ok(())
    }

    /// Somebody is no administrator any more: what they asked for is taken back, and what they approved is not approved.
    pub(crate) async fn administrator_lost(&self, tx: &mut Unit, actor: &Actor, person: UserId) -> Result<(), Error> {
        let now = self.now();
        let comment = Reason::parse("who asked is no active administrator any more").ok();
        for former in vault_requests::open(tx, now, None, MAX_OPEN).await? {
            let mut request = former.clone();
            if former.person == person {
                request.withdraw(&actor.name, comment.clone(), now);
                let entry = self.request_entry_of(actor, AuditAction::ExportCancelled, &request);
                tx.record(entry.because(comment.as_ref()));
            } else {
                request = request.with_present_approver(now, |approver| approver != person);
            }
            if request != former && !vault_requests::update(tx, &former, &request).await? {
                return Err(Error::Conflict(Conflict::Edited));
            }
        }
        Ok(())
    }

    /// Writes down which requests about the vault are over by time, and tells who has waited in vain. Gives how many.
    pub async fn see_to_vault_requests(&self) -> Result<usize, Error> {
        let now = self.now();
        let over = vault_requests::over(&mut &self.inner.database, now, AT_ONCE).await?;
        let mut seen = 0;
        for former in over {
            let mut request = former.clone();
            if !request.expire(now) {
                continue;
            }
            let mut tx = self.unit().await?;
            if !vault_requests::update(&mut tx, &former, &request).await? {
                continue;
            }
            let approved = request.terms.approval.is_some();
            if !approved {
                self.tell_asker(&mut tx, NoticeKind::ExportExpired, &request, "nobody").await?;
            }
            let entry = AuditEntry::new(now, ActorRef::system(), AuditAction::ExportExpired);
            let entry = entry.on(ObjectKind::Vault, self.keys().vault().uuid(), "exports");
            tx.record(entry.with("request", request.id.to_string()).with("approved", approved));
            tx.commit().await?;
            self.wake_sender();
            seen += 1;
        }
        Ok(seen)
    }

    pub(crate) async fn tidy_vault_requests(&self) -> Result<(), Error> {
        let mut tx = self.unit().await?;
        vault_requests::forget(&mut tx, self.now().minus(KEPT)).await?;
        tx.commit_without_record("forgets requests that were over long ago, which the log has").await
    }

    async fn tell_asker(&self, tx: &mut Unit, kind: NoticeKind, request: &VaultRequest, by: &str) -> Result<(), Error> {
        let asker = BTreeSet::from([request.person]);
        self.tell_of_vault_request(tx, kind, request, (&words(&request.terms.subject), by), &asker).await
    }

    fn request_entry_of(&self, actor: &Actor, act: AuditAction, request: &VaultRequest) -> AuditEntry {
        let entry = self.exports_entry(actor, act).with("request", request.id.to_string());
        match &request.terms.subject {
            VaultRequestSubject::TurnOff => entry.with("what", "turn_off"),
            VaultRequestSubject::Export { format, choice } => {
                choice_in(entry.with("what", "export").with("format", format.clone()), choice)
            }
        }
    }
}

impl ExportRequest {
    /// What is to be approved of it.
    pub(super) fn subject(&self) -> VaultRequestSubject {
        VaultRequestSubject::Export { format: self.format.name().to_owned(), choice: self.choice.clone() }
    }
}

impl ExportDecision {
    /// The name in the log.
    const fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Cancel => "cancel",
        }
    }
}

/// What a notice calls it.
fn words(subject: &VaultRequestSubject) -> String {
    match subject {
        VaultRequestSubject::TurnOff => "exports without approval".to_owned(),
        VaultRequestSubject::Export { choice: ExportChoice::All, .. } => "an export of all credentials".to_owned(),
        VaultRequestSubject::Export { choice: ExportChoice::Tagged(tag), .. } => {
            format!("an export of the credentials with the tag {tag}")
        }
        VaultRequestSubject::Export { choice: ExportChoice::Some(ids), .. } if ids.len() == 1 => {
            "an export of 1 credential".to_owned()
        }
        VaultRequestSubject::Export { choice: ExportChoice::Some(ids), .. } => {
            format!("an export of {} credentials", ids.len())
        }
    }
}

fn covered(rows: &[CredentialRow]) -> CoveredCredentials {
    let ids: BTreeSet<_> = rows.iter().map(|row| row.id).collect();
    let mut digest = Sha256::default();
    for id in &ids {
        digest.field(id.uuid().as_bytes());
    }
    CoveredCredentials { count: ids.len(), digest: digest.finish().to_string() }
}
