//! Where notices go: by the settings file where it says anything, else as an administrator has said in the page.

use countersign_audit::{AuditAction, ObjectKind};
use countersign_model::{
    Action, Actor, ChangeId, Invalid, NoticeId, Timestamp, VersionId, is_recent, mail_address, page_address,
};
use countersign_seal::{Binding, Secret, SecretKind};
use countersign_store::{
    engine::Select,
    notices::{self, NoticeRow, NoticeSettingsRow},
    people,
};

use crate::{
    Error, FieldEdit, Vault,
    notices::fixed::{FixedNotices, Shown, checked_recipients, shown_smtp, shown_webhook},
    vault::permit_by_role,
};

const SIGNING_BYTES: usize = 32;
const MAX_LOGGED: u32 = 100;

/// A delivery, as the log shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryView {
    /// Its id.
    pub id: NoticeId,
    /// The change that it is about; none for a test.
    pub change: Option<ChangeId>,
    /// The credential's name at that time.
    pub credential_name: String,
    /// What happened.
    pub kind: String,
    /// `mail` or `webhook`.
    pub way: String,
    /// The mail address; empty for the webhook.
    pub recipient: String,
    /// When it happened.
    pub created_at: Timestamp,
    /// How often a delivery was begun.
    pub attempts: i64,
    /// When it was taken.
    pub delivered_at: Option<Timestamp>,
    /// When it was given up.
    pub given_up_at: Option<Timestamp>,
    /// When it is tried next; none once it was taken or given up.
    pub next_try_at: Option<Timestamp>,
    /// What stood in the way the last time.
    pub last_error: Option<String>,
}

impl From<NoticeRow> for DeliveryView {
    fn from(row: NoticeRow) -> Self {
        let open = row.delivered_at.is_none() && row.given_up_at.is_none();
        Self {
            id: row.id,
            change: row.change,
            credential_name: row.credential_name,
            kind: row.kind,
            way: row.way,
            recipient: row.recipient,
            created_at: row.created_at,
            attempts: row.attempts,
            delivered_at: row.delivered_at,
            given_up_at: row.given_up_at,
            next_try_at: open.then_some(row.run_at),
            last_error: row.last_error,
        }
    }
}

/// What an administrator wishes.
#[derive(Default)]
pub struct NoticeSettingsRequest {
    /// Where people find the page, for links.
    pub address: Option<String>,
    /// The mail server, as `smtp://user:password@host:587` or `smtps://…`.
    pub smtp: FieldEdit<Secret>,
    /// Whom mails come from.
    pub sender: Option<String>,
    /// Who is told, beside whoever asked.
    pub recipients: Vec<String>,
    /// Whether whoever asked is told.
    pub tell_asker: bool,
    /// Where the webhook goes.
    pub webhook: FieldEdit<Secret>,
    /// Make another secret to sign the webhook with.
    pub new_signing_secret: bool,
}

/// The settings as they may be shown.
#[derive(Debug, Clone)]
pub struct NoticeView {
    /// Whether the settings file says them, so that the page cannot.
    pub fixed: bool,
    /// Where people find the page.
    pub address: Option<String>,
    /// The mail server without its password.
    pub smtp: Option<String>,
    /// Whom mails come from.
    pub sender: Option<String>,
    /// Who is told, beside whoever asked.
    pub recipients: Vec<String>,
    /// Whether whoever asked is told.
    pub tell_asker: bool,
    /// The origin of the webhook.
    pub webhook: Option<String>,
}

/// Everything that sending takes.
pub(crate) struct Settings {
    shown: Shown,
    pub(crate) smtp: Option<Secret>,
    pub(crate) webhook: Option<Secret>,
    pub(crate) signing: Option<Secret>,
}

impl Settings {
    pub(crate) fn address(&self) -> Option<&str> {
        self.shown.address.as_deref()
    }

    pub(crate) fn sender(&self) -> Option<&str> {
        self.shown.sender.as_deref()
    }

    pub(crate) fn recipients(&self) -> &[String] {
        &self.shown.recipients
    }

    pub(crate) fn tell_asker(&self) -> bool {
        self.shown.tell_asker
    }

    pub(crate) fn sends_mail(&self) -> bool {
        self.smtp.is_some() && self.shown.sender.is_some()
    }

    fn view(&self, fixed: bool) -> NoticeView {
        let Shown { address, smtp, sender, recipients, tell_asker, webhook } = self.shown.clone();
        NoticeView { fixed, address, smtp, sender, recipients, tell_asker, webhook }
    }
}

impl Vault {
    /// Has notices go where the settings file says. Once, before anything else happens in the vault.
    pub fn fix_notices(&self, fixed: FixedNotices) {
        if self.inner.fixed_notices.set(fixed).is_err() {
            tracing::error!("where notices go was said twice; the first counts");
        }
    }

    /// Where notices go.
    ///
    /// # Errors
    /// [`Error::Denied`] unless the actor manages the vault.
    pub async fn notice_settings(&self, actor: &Actor) -> Result<NoticeView, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        permit_by_role(&actor, Action::ManageVault)?;
        Ok(self.settings_in(&mut reader).await?.view(self.inner.fixed_notices.get().is_some()))
    }

    /// Says anew where notices go. Gives the secret that signs the webhook where it is new: it is shown this once.
    ///
    /// # Errors
    /// [`Error::Invalid`] names the field; [`Error::Denied`]; [`Error::TooShort`] where the sign-in is not recent.
    pub async fn set_notice_settings(
        &self,
        actor: &Actor,
        ask: NoticeSettingsRequest,
    ) -> Result<(NoticeView, Option<Secret>), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        permit_by_role(&actor, Action::ManageVault)?;
        // Who turns notices off does unseen what administrators are told of.
        is_recent(actor.reach, self.now(), self.recent())?;
        if self.inner.fixed_notices.get().is_some() {
            return Err(Invalid::new("notices", "are set in the server's settings file: change them there").into());
        }
        let before = self.settings_in(&mut tx).await?;
        let smtp = edited(ask.smtp, before.smtp);
        let webhook = edited(ask.webhook, before.webhook);
        let renewed =
            (webhook.is_some() && (before.signing.is_none() || ask.new_signing_secret)).then(|| self.signing_secret());
        let signing = match (&webhook, &renewed) {
            (None, _) => None,
            (Some(_), Some(renewed)) => Some(copied(renewed)),
            (Some(_), None) => before.signing,
        };
        let shown = Shown {
            address: some(ask.address).as_deref().map(page_address).transpose()?,
            smtp: smtp.as_ref().map(shown_smtp).transpose()?,
            sender: some(ask.sender).map(|text| mail_address("sender", &text)).transpose()?,
            recipients: checked_recipients(&ask.recipients)?,
            tell_asker: ask.tell_asker,
            webhook: webhook.as_ref().map(shown_webhook).transpose()?,
        };
        if shown.smtp.is_some() && shown.sender.is_none() {
            return Err(Invalid::new("sender", "is needed with a mail server: say whom mails come from").into());
        }
        let settings = Settings { shown, smtp, webhook, signing };
        self.put_notice_settings(&mut tx, &settings).await?;
        let vault = self.keys().vault().uuid();
        let entry = self
            .entry(&actor, AuditAction::NoticesEdited)
            .on(ObjectKind::Vault, vault, "notices")
            .with("mail", settings.sends_mail())
            .with("webhook", settings.webhook.is_some())
            .with("recipients", i64::try_from(settings.recipients().len()).unwrap_or(i64::MAX));
        tx.record(entry);
        tx.commit().await?;
        Ok((settings.view(false), renewed))
    }

    /// The last deliveries, the newest first.
    ///
    /// # Errors
    /// [`Error::Denied`] unless the actor manages the vault.
    pub async fn notice_log(&self, actor: &Actor) -> Result<Vec<DeliveryView>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        permit_by_role(&actor, Action::ManageVault)?;
        Ok(notices::latest(&mut reader, MAX_LOGGED).await?.into_iter().map(Into::into).collect())
    }

    /// Where the actor wants to be told of the changes that they asked for.
    pub async fn own_email(&self, actor: &Actor) -> Result<Option<String>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        Ok(people::email(&mut reader, actor.user).await?)
    }

    /// Says where the actor wants to be told; `None` nowhere.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Error::TooShort`] for a program or where the sign-in is not recent.
    pub async fn set_own_email(&self, actor: &Actor, email: Option<&str>) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_own_account(&actor)?;
        let email = email.filter(|text| !text.trim().is_empty()).map(|text| mail_address("email", text)).transpose()?;
        people::set_email(&mut tx, actor.user, email.as_deref()).await?;
        let entry = self.entry(&actor, AuditAction::UserEdited);
        let entry = entry.on(ObjectKind::User, actor.user.uuid(), actor.name.as_str()).with("email", email.is_some());
        tx.record(entry);
        tx.commit().await.map(drop)
    }

    /// What holds now, with its secrets.
    pub(crate) async fn settings_in(&self, db: &mut impl Select) -> Result<Settings, Error> {
        if let Some(fixed) = self.inner.fixed_notices.get() {
            let secret = |secret: &Option<Secret>| secret.as_ref().map(copied);
            let (smtp, webhook, signing) = (secret(&fixed.smtp), secret(&fixed.webhook), secret(&fixed.signing));
            return Ok(Settings { shown: fixed.shown()?, smtp, webhook, signing });
        }
        let Some(row) = notices::settings(db).await? else {
            let shown = Shown { tell_asker: true, ..Shown::default() };
            return Ok(Settings { shown, smtp: None, webhook: None, signing: None });
        };
        let shown = serde_json::from_str(&row.settings).map_err(|_| Error::Empty("notice settings"))?;
        let opened = self.keys().open(&self.notice_binding(row.version), &row.sealed)?;
        let opened = opened.release_unrecorded("the sender shows it to the mail server or webhook that it belongs to");
        let mut lines = opened
            .expose_text()
            .unwrap_or_default()
            .split('\n')
            .map(|line| Some(line).filter(|line| !line.is_empty()).map(|line| Secret::from(line.to_owned())));
        let mut next = || lines.next().flatten();
        Ok(Settings { shown, smtp: next(), webhook: next(), signing: next() })
    }

    async fn put_notice_settings(
        &self,
        tx: &mut countersign_store::engine::Transaction,
        settings: &Settings,
    ) -> Result<(), Error> {
        let text =
            |secret: &Option<Secret>| secret.as_ref().and_then(Secret::expose_text).unwrap_or_default().to_owned();
        // Three lines: none of them can hold an end of line, because each was read as an address or made here.
        let open = [text(&settings.smtp), text(&settings.webhook), text(&settings.signing)].join("\n");
        let version = VersionId::new(self.now(), self.chance());
        let sealed = self.keys().seal(&self.notice_binding(version), &Secret::from(open), self.chance());
        let shown = serde_json::to_string(&settings.shown).map_err(|_| Error::Empty("notice settings"))?;
        Ok(notices::put_settings(tx, &NoticeSettingsRow { settings: shown, version, sealed }).await?)
    }

    fn notice_binding(&self, version: VersionId) -> Binding {
        Binding::of(SecretKind::NoticeSettings, self.keys().vault().uuid(), version.uuid())
    }

    pub(crate) fn signing_secret(&self) -> Secret {
        let mut bytes = [0; SIGNING_BYTES];
        self.chance().fill(&mut bytes);
        Secret::from(format!("csw_{}", data_encoding::BASE64URL_NOPAD.encode(&bytes)))
    }
}

fn some(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

fn edited(edit: FieldEdit<Secret>, before: Option<Secret>) -> Option<Secret> {
    match edit {
        FieldEdit::Keep => before,
        FieldEdit::Clear => None,
        FieldEdit::Set(secret) => Some(secret).filter(|secret| !secret.is_empty()),
    }
}

fn copied(secret: &Secret) -> Secret {
    Secret::from(secret.expose().to_vec())
}
