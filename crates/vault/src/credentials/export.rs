//! Taking credentials out, password and seed with them, as files that other programs read: for whoever leaves. Administrators only, with a
//! recent sign-in, and with a record for each credential. The files are sealed for a key that who asks has made for this once.

use std::collections::HashSet;

use countersign_audit::{AuditAction, AuditEntry, ObjectKind};
use countersign_model::{
    Actor, CredentialId, ExportChoice, Invalid, NoticeKind, Reason, SiteAddress, Tag, TooShort, UserId, VaultRequestId,
    order_key, search_key,
};
use countersign_otp::OtpSecret;
use countersign_seal::{Binding, HandedOver, NotAPoint, RecipientKey, Secret, SecretKind, Withheld};
use countersign_store::{
    credentials::{self, CredentialFilter, CredentialRow, ListPosition, Sort},
    engine::{Lane, Select},
    secrets,
};
use countersign_transfer::{ExportFormat, ExportOrigin, Exported, ExportedAccount, write};

use super::export_approval::{choice_in, count_of};
use crate::{Conflict, Error, Object, Vault, credentials::many::each_once, unit::Unit};

/// What to take out.
pub struct ExportRequest {
    /// As what.
    pub format: ExportFormat,
    /// Which credentials.
    pub choice: ExportChoice,
    /// Why, for the record.
    pub reason: Option<Reason>,
    /// For whom the files are sealed.
    pub recipient: RecipientKey,
    /// Under which host this server is reached, for formats that say it.
    pub host: String,
    /// The request by which another administrator has approved exactly this.
    pub request: Option<VaultRequestId>,
}

/// Files that were taken out.
pub struct ExportAnswer {
    /// Each sealed for the recipient, under its name.
    pub files: Vec<SealedFile>,
    /// How many credentials are in them.
    pub exported: usize,
    /// Credentials that are in none of them: names and reasons.
    pub left_out: Vec<(String, String)>,
    /// What the format has no place for, named in the plural, with how many there were.
    pub without: Vec<(&'static str, usize)>,
}

/// A file for the recipient.
pub struct SealedFile {
    /// What to call it.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// What opens with the recipient's key.
    pub sealed: HandedOver,
}

// What an export of more would take of memory, and hold of the database, is felt by everybody else.
const MAX_CREDENTIALS: usize = 10_000;
const PART: u32 = 500;
const INTO_A_FILE: &str = "it goes into a file that is withheld until the export is on record";

impl Vault {
    /// Takes credentials out.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::TooShort`] without a recent sign-in, [`Error::NotFound`], [`Error::Invalid`] for none or too many;
    /// [`Error::ApprovalNeeded`], [`Conflict::VaultRequest`] where another administrator has to approve it, or has approved another;
    /// [`Error::AuditUnavailable`] when the records cannot be written: then nothing left.
    pub async fn export(&self, actor: &Actor, ask: &ExportRequest) -> Result<ExportAnswer, Error> {
        if let ExportChoice::Some(ids) = &ask.choice {
            each_once(ids.iter().copied())?;
        }
        let (mut reader, actor) = self.reader_on(Lane::Export, actor).await?;
        let permitted = match self.permit_export(&actor) {
            Ok(()) => self.approved_export(&mut reader, &actor, ask).await.map(drop),
            Err(denied) => Err(denied),
        };
        if let Err(denied) = permitted {
            drop(reader);
            return Err(self.refuse_export(&actor, ask, denied).await?);
        }
        let rows = self.chosen(&mut reader, actor.user, &ask.choice).await?;
        let mut accounts = Vec::with_capacity(rows.len());
        for row in &rows {
            accounts.push(self.account_of(&mut reader, row).await?);
        }
        drop(reader);
        let (exported, batch) = self.write_files(ask, accounts).await?;
        let (mut tx, actor) = self.writer(&actor).await?;
        self.permit_export(&actor)?;
        if let Err(refused) = self.take_approved(&mut tx, &actor, ask, &rows).await {
            drop(tx);
            return Err(self.refuse_export(&actor, ask, refused).await?);
        }
        let exported_count = self.record_each(&mut tx, &actor, ask, &rows, (&exported, batch)).await?;
        tx.record(self.export_entry(&actor, ask, exported_count, batch));
        let what =
            if exported_count == 1 { "1 credential".to_owned() } else { format!("{exported_count} credentials") };
        self.tell_administrators(&mut tx, NoticeKind::Exported, &what, Some(&actor)).await?;
        let left_out = exported.left_out.iter().map(|one| (one.name.clone(), one.reason.to_string())).collect();
        let without = exported.without.iter().map(|(what, count)| (*what, *count)).collect();
        let files = Withheld::new(*self.keys().vault().uuid().as_bytes(), exported.files);
        let receipt = tx.commit().await?;
        self.wake_sender();
        let sealed = files.release(&receipt)?.into_iter().map(|file| {
            let sealed = ask.recipient.seal(&file.name, &file.bytes, self.chance())?;
            Ok(SealedFile { name: file.name, media_type: file.media_type, sealed })
        });
        let files = sealed.collect::<Result<_, NotAPoint>>();
        let files = files.map_err(|_| Error::Internal("a key that was looked at sealed no file"))?;
        Ok(ExportAnswer { files, exported: exported_count, left_out, without })
    }

    /// Who wants to take everything and may not stands in the log. Who only has to sign in again does not.
    async fn refuse_export(&self, actor: &Actor, ask: &ExportRequest, denied: Error) -> Result<Error, Error> {
        if !matches!(
            denied,
            Error::Denied(_)
                | Error::ApprovalNeeded(_)
                | Error::TooShort(TooShort::Scope | TooShort::PageOnly | TooShort::DeviceOnlyFills)
                | Error::Conflict(Conflict::VaultRequest(_))
        ) {
            return Ok(denied);
        }
        let mut tx = self.unit().await?;
        let entry = self.entry(actor, AuditAction::ExportDenied).because(ask.reason.as_ref());
        let entry = entry.on(ObjectKind::Vault, self.keys().vault().uuid(), "credentials");
        let entry = choice_in(entry, &ask.choice).with("why", denied.to_string());
        tx.record(by_request(entry, ask).with("format", ask.format.name()));
        tx.commit().await?;
        Ok(denied)
    }

    /// A record for each credential that is in the files. Gives how many.
    async fn record_each(
        &self,
        tx: &mut Unit,
        actor: &Actor,
        ask: &ExportRequest,
        rows: &[CredentialRow],
        (exported, batch): (&Exported, i64),
    ) -> Result<usize, Error> {
        let left_out: HashSet<&str> = exported.left_out.iter().map(|one| one.name.as_str()).collect();
        let mut count = 0;
        for row in rows.iter().filter(|row| !left_out.contains(row.name.as_str())) {
            count += 1;
            let password = ask.format.holds_passwords() && row.has_password;
            if password {
                self.seen(tx, row.id).await?;
            }
            let entry = self.entry(actor, AuditAction::CredentialExported);
            let entry = entry.on(ObjectKind::Credential, row.id.uuid(), row.name.as_str()).because(ask.reason.as_ref());
            let entry = entry.with("password", password).with("second_factor", row.second_factor.is_some());
            tx.record(entry.with("format", ask.format.name()).with("export", batch));
        }
        Ok(count)
    }

    fn export_entry(&self, actor: &Actor, ask: &ExportRequest, count: usize, batch: i64) -> AuditEntry {
        let entry = self.entry(actor, AuditAction::ExportCreated).because(ask.reason.as_ref());
        let entry = entry.on(ObjectKind::Vault, self.keys().vault().uuid(), "credentials");
        let entry = by_request(choice_in(entry, &ask.choice), ask);
        entry.with("credentials", count_of(count)).with("format", ask.format.name()).with("export", batch)
    }

    /// The credentials that are to be taken out, by name or in the order in which they were named.
    pub(super) async fn chosen(
        &self,
        db: &mut impl Select,
        person: UserId,
        choice: &ExportChoice,
    ) -> Result<Vec<CredentialRow>, Error> {
        let tag = match choice {
            ExportChoice::Some(ids) => {
                let rows = credentials::find_some(db, ids, None).await?;
                return if rows.len() == ids.len() { Ok(rows) } else { Err(Error::NotFound(Object::Credential)) };
            }
            ExportChoice::Tagged(tag) => Some(tag.to_string()),
            ExportChoice::All => None,
        };
        let filter = CredentialFilter { tag, ..CredentialFilter::default() };
        // By when they were edited: one that is edited meanwhile comes once more, and none is passed over. A server of a version before
        // writes names without their place in the order of names, behind which a part would begin at another one.
        let (mut rows, mut seen, mut after) = (Vec::new(), HashSet::new(), None);
        loop {
            let part =
                credentials::list(db, &filter, (person, self.now()), Sort::Updated, after.as_ref(), PART).await?;
            let Some(last) = part.last() else { break };
            after = Some(ListPosition::after(Sort::Updated, last));
            rows.extend(part.into_iter().filter(|row| seen.insert(row.id)));
            if rows.len() > MAX_CREDENTIALS {
                let problem = format!("are more than {MAX_CREDENTIALS}: export them by tag, or name them");
                return Err(Invalid::new("credentials", problem).into());
            }
        }
        if rows.is_empty() {
            return Err(Invalid::new("credentials", "are none: nothing has this tag, or the vault is empty").into());
        }
        rows.sort_by_cached_key(|row: &CredentialRow| order_key(&search_key(row.name.as_str())));
        Ok(rows)
    }

    async fn account_of(&self, db: &mut impl Select, row: &CredentialRow) -> Result<ExportedAccount, Error> {
        Ok(ExportedAccount {
            name: row.name.to_string(),
            username: row.username.to_string(),
            site: row.site.as_ref().map(SiteAddress::to_string),
            notes: row.notes.as_str().to_owned(),
            tags: row.tags.iter().map(Tag::to_string).collect(),
            password: self.password_of(db, row.id).await?,
            secret: self.seed_of(db, row.id).await?,
        })
    }

    async fn password_of(&self, db: &mut impl Select, id: CredentialId) -> Result<Option<Secret>, Error> {
        let Some(found) = secrets::password(db, id, None).await? else { return Ok(None) };
        let binding = Binding::of(SecretKind::Password, id.uuid(), found.id.uuid());
        Ok(Some(self.keys().open(&binding, &found.sealed)?.release_unrecorded(INTO_A_FILE)))
    }

    /// By counter (HOTP) it goes on from the next code.
    async fn seed_of(&self, db: &mut impl Select, id: CredentialId) -> Result<Option<OtpSecret>, Error> {
        let Some(found) = secrets::seed(db, id).await? else { return Ok(None) };
        let binding = Binding::of(SecretKind::Seed, id.uuid(), found.version.uuid());
        let secret = self.open_otp(&binding, &found.sealed)?.release_unrecorded(INTO_A_FILE);
        Ok(Some(match found.counter.and_then(|counter| u64::try_from(counter).ok()) {
            Some(counter) => secret.with_counter(counter),
            None => secret,
        }))
    }

    /// Writing pictures takes its time, so it is done beside. With the number by which its records and its files are known.
    async fn write_files(&self, ask: &ExportRequest, accounts: Vec<ExportedAccount>) -> Result<(Exported, i64), Error> {
        let mut number = [0; 4];
        self.chance().fill(&mut number);
        let batch = i32::from_be_bytes(number) & i32::MAX;
        let unix_seconds = u64::try_from(self.now().seconds()).unwrap_or_default();
        let (format, host) = (ask.format, ask.host.clone());
        let written = tokio::task::spawn_blocking(move || {
            write(format, &accounts, &ExportOrigin { host: &host, unix_seconds, batch })
        });
        Ok((written.await.map_err(|_| Error::Closing)?, batch.into()))
    }
}

fn by_request(entry: AuditEntry, ask: &ExportRequest) -> AuditEntry {
    match ask.request {
        Some(request) => entry.with("request", request.to_string()),
        None => entry,
    }
}
