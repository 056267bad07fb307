//! What is put into the outbox, in the transaction of what happened.

use std::{collections::BTreeSet, time::Duration};

use countersign_audit::{AuditAction, ObjectKind};
use countersign_model::{
    AccessRequest, Action, Actor, ActorKind, ChangeReason, Invalid, NoticeId, NoticeKind, RequestId, Role, UserId,
    VaultRequest, decide_by_role,
};
use countersign_store::{
    changes::ChangeRow,
    engine::Transaction,
    notices::{self, NoticeRow},
    people::{self, PersonRow},
};

use super::way::NoticeWay;
use crate::{Error, Vault, vault::permit_by_role};

const MAIL: &str = NoticeWay::Mail.name();
const WEBHOOK: &str = NoticeWay::Webhook.name();
/// Who waits for a person again within this time has told it already.
const WAITING_ONCE_IN: Duration = Duration::from_secs(5 * 60);
/// Anything else is told once of a change.
const EVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);
const MAX_PEOPLE: u32 = 10_000;
const SENT_KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

impl Vault {
    /// Puts into the outbox what is to be told of a change in the state that it has come to. The caller wakes the sender
    /// after the commit ([`Vault::wake_sender`]).
    pub(crate) async fn tell(&self, tx: &mut Transaction, row: &ChangeRow) -> Result<(), Error> {
        let Some(kind) = NoticeKind::of_state(row.state) else { return Ok(()) };
        let now = self.now();
        let once_in = if kind == NoticeKind::Waiting { WAITING_ONCE_IN } else { EVER };
        if notices::told_since(tx, row.id, kind.name(), now.minus(once_in)).await? {
            return Ok(());
        }
        let settings = self.settings_in(tx).await?;
        let mut to = Vec::new();
        if settings.sends_mail() {
            to.extend(settings.recipients().iter().cloned());
            if let Some(asker) = row.asker.filter(|_| settings.tell_asker()) {
                to.extend(people::email(tx, asker).await?);
            }
            to.sort();
            to.dedup();
        }
        let mut ways: Vec<(&str, String)> = to.into_iter().map(|address| (MAIL, address)).collect();
        ways.extend(settings.webhook.is_some().then(|| (WEBHOOK, String::new())));
        for (way, recipient) in ways {
            let notice = self.new_notice(kind, way, recipient);
            let notice = NoticeRow {
                change: Some(row.id),
                credential_name: row.credential_name.clone(),
                what: Some(row.kind.name().to_owned()),
                reason: row.reason.as_ref().map(told_code),
                ..notice
            };
            notices::insert(tx, &notice).await?;
        }
        Ok(())
    }

    /// Puts into the outbox what has become of a request for access: mail for each of `people` who has an address, and the webhook.
    /// `by`: who asked or decided. The caller wakes the sender after the commit.
    pub(crate) async fn tell_of_request(
        &self,
        tx: &mut Transaction,
        kind: NoticeKind,
        request: &AccessRequest,
        about: (&str, &str),
        people: &BTreeSet<UserId>,
    ) -> Result<(), Error> {
        self.tell_people(tx, kind, Some(request.id), about, people).await
    }

    /// Puts into the outbox what has become of a request about the vault; as [`Vault::tell_of_request`].
    pub(crate) async fn tell_of_vault_request(
        &self,
        tx: &mut Transaction,
        kind: NoticeKind,
        request: &VaultRequest,
        about: (&str, &str),
        people: &BTreeSet<UserId>,
    ) -> Result<(), Error> {
        self.tell_people(tx, kind, Some(id_in_notices(request)), about, people).await
    }

    /// Puts into the outbox what concerns people and a credential that is checked out; as [`Vault::tell_of_request`].
    pub(crate) async fn tell_of_check_out(
        &self,
        tx: &mut Transaction,
        kind: NoticeKind,
        about: (&str, &str),
        people: &BTreeSet<UserId>,
    ) -> Result<(), Error> {
        self.tell_people(tx, kind, None, about, people).await
    }

    /// Puts into the outbox what concerns the vault as a whole: mail for those who are told of changes and for each administrator who has
    /// an address, but who did it in the page (who did it with somebody's API token may be another), and the webhook. `what` is the name of what it is about. The caller wakes the sender after the commit.
    pub(crate) async fn tell_administrators(
        &self,
        tx: &mut Transaction,
        kind: NoticeKind,
        what: &str,
        by: Option<&Actor>,
    ) -> Result<(), Error> {
        self.tell_administrators_of(tx, kind, what, by, None).await
    }

    /// As [`Vault::tell_administrators`], of a request that one of them is to decide about.
    pub(crate) async fn tell_administrators_of(
        &self,
        tx: &mut Transaction,
        kind: NoticeKind,
        what: &str,
        by: Option<&Actor>,
        request: Option<&VaultRequest>,
    ) -> Result<(), Error> {
        self.tell_of_vault(tx, kind, (what, by), request, |person| person.role == Role::Administrator).await
    }

    /// As [`Vault::tell_administrators`], of something that was done with a credential: to whoever may share it as well, by role or because
    /// they are among `sharing`.
    pub(crate) async fn tell_sharers(
        &self,
        tx: &mut Transaction,
        kind: NoticeKind,
        credential: &str,
        by: &Actor,
        sharing: &BTreeSet<UserId>,
    ) -> Result<(), Error> {
        let may = |person: &PersonRow| {
            decide_by_role(person.role, Action::GrantCredential).is_ok() || sharing.contains(&person.id)
        };
        self.tell_of_vault(tx, kind, (credential, Some(by)), None, may).await
    }

    async fn tell_of_vault(
        &self,
        tx: &mut Transaction,
        kind: NoticeKind,
        (what, by): (&str, Option<&Actor>),
        request: Option<&VaultRequest>,
        concerns: impl Fn(&PersonRow) -> bool,
    ) -> Result<(), Error> {
        let settings = self.settings_in(tx).await?;
        let mut to = BTreeSet::new();
        if settings.sends_mail() {
            to.extend(settings.recipients().iter().cloned());
            for person in people::all(tx, MAX_PEOPLE).await? {
                let told = concerns(&person) && !person.disabled;
                if told && !by.is_some_and(|by| by.user == person.id && matches!(by.kind, ActorKind::Person(_))) {
                    to.extend(people::email(tx, person.id).await?);
                }
            }
        }
        let mut ways: Vec<(&str, String)> = to.into_iter().map(|address| (MAIL, address)).collect();
        ways.extend(settings.webhook.is_some().then(|| (WEBHOOK, String::new())));
        for (way, recipient) in ways {
            let notice = NoticeRow {
                credential_name: what.to_owned(),
                request: request.map(id_in_notices),
                person: by.map(|by| by.name.clone()),
                ..self.new_notice(kind, way, recipient)
            };
            notices::insert(tx, &notice).await?;
        }
        Ok(())
    }

    async fn tell_people(
        &self,
        tx: &mut Transaction,
        kind: NoticeKind,
        request: Option<RequestId>,
        (credential, by): (&str, &str),
        people: &BTreeSet<UserId>,
    ) -> Result<(), Error> {
        let settings = self.settings_in(tx).await?;
        let mut ways = Vec::new();
        if settings.sends_mail() {
            let mut to = BTreeSet::new();
            for person in people {
                to.extend(people::email(tx, *person).await?);
            }
            ways.extend(to.into_iter().map(|address| (MAIL, address)));
        }
        ways.extend(settings.webhook.is_some().then(|| (WEBHOOK, String::new())));
        for (way, recipient) in ways {
            let notice = NoticeRow {
                credential_name: credential.to_owned(),
                request,
                person: Some(by.to_owned()),
                ..self.new_notice(kind, way, recipient)
            };
            notices::insert(tx, &notice).await?;
        }
        Ok(())
    }

    /// Puts a test into the outbox, by every way that is set up: mail goes to the given address.
    ///
    /// # Errors
    /// [`Error::Invalid`] where nothing is set up; [`Error::Denied`].
    pub async fn send_test_notice(&self, actor: &Actor) -> Result<usize, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        permit_by_role(&actor, Action::ManageVault)?;
        let settings = self.settings_in(&mut tx).await?;
        let mut to = Vec::new();
        if settings.sends_mail() {
            to.extend(settings.recipients().iter().cloned());
            to.extend(people::email(&mut tx, actor.user).await?);
            to.sort();
            to.dedup();
        }
        let mut ways: Vec<(&str, String)> = to.into_iter().map(|address| (MAIL, address)).collect();
        ways.extend(settings.webhook.is_some().then(|| (WEBHOOK, String::new())));
        if ways.is_empty() {
            let problem = "go nowhere yet: set a mail server with a recipient, or a webhook, and save";
            return Err(Invalid::new("notices", problem).into());
        }
        let count = ways.len();
        for (way, recipient) in ways {
            notices::insert(&mut tx, &self.new_notice(NoticeKind::Test, way, recipient)).await?;
        }
        let entry = self.entry(&actor, AuditAction::NoticesTested);
        let entry = entry.on(ObjectKind::Vault, self.keys().vault().uuid(), "notices");
        tx.record(entry);
        tx.commit().await?;
        self.wake_sender();
        Ok(count)
    }

    /// Has the senders of this process look at once.
    pub(crate) fn wake_sender(&self) {
        self.inner.outbox.put();
    }

    pub(crate) async fn tidy_notices(&self) -> Result<(), Error> {
        let mut tx = self.unit().await?;
        notices::forget(&mut tx, self.now().minus(SENT_KEPT)).await?;
        tx.commit_without_record("forgets notices that were sent long ago").await
    }

    fn new_notice(&self, kind: NoticeKind, way: &str, recipient: String) -> NoticeRow {
        let now = self.now();
        NoticeRow {
            id: NoticeId::new(now, self.chance()),
            change: None,
            credential_name: String::new(),
            kind: kind.name().to_owned(),
            what: None,
            reason: None,
            way: way.to_owned(),
            recipient,
            created_at: now,
            attempts: 0,
            delivered_at: None,
            given_up_at: None,
            last_error: None,
            run_at: now,
            request: None,
            person: None,
        }
    }
}

/// A notice has one id for what is to be decided; its kind says of what.
fn id_in_notices(request: &VaultRequest) -> RequestId {
    RequestId::from_uuid(request.id.uuid())
}

/// The stable code, with what is asked of a person: never what a page has said.
fn told_code(reason: &ChangeReason) -> String {
    match reason {
        ChangeReason::Challenge { challenge } => format!("challenge:{}", challenge.name()),
        other => other.code().to_owned(),
    }
}
