//! Importing: what files hold, what would become of each item, and making it so.
//!
//! Preview and commit walk the same way (`plan.rs`): the preview only stops before it writes. A commit is one transaction, so that an
//! import that breaks off has changed nothing. Whether an account is there already is told in `known.rs`.

mod items;
mod known;
mod names;
mod plan;
mod report;
mod traits;

use countersign_audit::{AuditAction, ObjectKind};
use countersign_model::{Action, Actor, CredentialId, CredentialStatus, Grants, Invalid, Tag};
use countersign_otp::OtpSecret;
use countersign_seal::Secret;
use countersign_store::{
    credentials::{self, CredentialRow},
    secrets,
};
use countersign_transfer::{Import, ImportLimits, ReadError, table_head};

pub use self::report::{
    ImportAddition, ImportFile, ImportItem, ImportParts, ImportReport, ImportRequest, ImportState, ImportTable, KnownBy,
};
use self::{
    items::MOST_TAGS,
    plan::{Plan, Planned, PlannedChange},
};
use crate::{
    Conflict, CredentialRef, Error, FieldEdit, Patch, Vault,
    credentials::create::{name_taken, tidy_tags},
    unit::Unit,
    vault::permit_by_role,
};

impl Vault {
    /// What an import would do. Nothing is stored.
    ///
    /// # Errors
    /// [`Error::Invalid`] where limits are passed, [`Error::Denied`].
    pub async fn preview_import(&self, actor: &Actor, mut ask: ImportRequest) -> Result<ImportReport, Error> {
        let (import, tables) = self.read_files(actor, std::mem::take(&mut ask.files)).await?;
        let (mut reader, actor) = self.reader(actor).await?;
        permit_by_role(&actor, Action::CreateCredential)?;
        let report = self.plan(&mut reader, &actor, import, &ask).await?.report;
        Ok(ImportReport { tables, ..report })
    }

    /// Adds what is new, and to credentials what they lack, in one transaction with a record for each.
    ///
    /// # Errors
    /// As [`Vault::preview_import`], and [`Conflict::ImportChanged`]; then nothing was changed.
    pub async fn commit_import(&self, actor: &Actor, mut ask: ImportRequest) -> Result<ImportReport, Error> {
        let tags = tidy_tags(ask.tags.clone())?;
        if tags.len() > MOST_TAGS {
            return Err(Invalid::new("tags", format!("are too many: at most {MOST_TAGS} for an import")).into());
        }
        let (import, tables) = self.read_files(actor, std::mem::take(&mut ask.files)).await?;
        let (mut tx, actor) = self.writer(actor).await?;
        permit_by_role(&actor, Action::CreateCredential)?;
        let Plan { mut report, new, changes } = self.plan(&mut tx, &actor, import, &ask).await?;
        report.tables = tables;
        if let Some(place) = ask.targets.as_ref().and_then(|targets| report.unlike(targets)) {
            return Err(Error::Conflict(Conflict::ImportChanged(place.to_owned())));
        }
        if new.is_empty() && changes.is_empty() {
            return Ok(report);
        }
        self.add_new(&mut tx, &actor, new, &tags, &mut report).await?;
        for change in changes {
            self.add_to_stored(&mut tx, &actor, change, &mut report).await?;
        }
        tx.commit().await?;
        Ok(report)
    }

    async fn add_new(
        &self,
        tx: &mut Unit,
        actor: &Actor,
        new: Vec<Planned>,
        tags: &[Tag],
        report: &mut ImportReport,
    ) -> Result<(), Error> {
        let (mut rows, mut seeds, mut passwords, mut entries) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for one in new {
            let id = CredentialId::new(self.now(), self.chance());
            let Some(shown) = report.items.get_mut(one.index) else { continue };
            entries.push(
                self.entry(actor, AuditAction::CredentialImported)
                    .on(ObjectKind::Credential, id.uuid(), one.name.as_str())
                    .with("from", one.from.as_str())
                    .with("password", one.account.password.is_some())
                    .with("second_factor", one.account.secret.is_some()),
            );
            seeds.extend(one.account.secret.as_ref().map(|seed| self.seal_seed(id, seed)));
            if let Some(password) = &one.account.password {
                passwords.push(self.seal_password(id, password, actor)?);
            }
            rows.push(self.imported_row(id, one, tags)?);
            shown.state = ImportState::Created(id);
        }
        if rows.is_empty() {
            return Ok(());
        }
        let added = credentials::insert(tx, &rows).await?;
        // Another server was faster with one of the names.
        if let Some(row) = rows.iter().find(|row| !added.contains(&row.id)) {
            return Err(name_taken(row));
        }
        secrets::insert_seeds(tx, seeds).await?;
        secrets::insert_passwords(tx, passwords).await?;
        tx.record_all(entries);
        Ok(())
    }

    /// As somebody edits it by hand, with the same rules and the same record; what it has stays as it is.
    async fn add_to_stored(
        &self,
        tx: &mut Unit,
        actor: &Actor,
        change: PlannedChange,
        report: &mut ImportReport,
    ) -> Result<(), Error> {
        let PlannedChange { index, id, addition, username, site, notes, account } = change;
        let ImportParts { password, second_factor, .. } = addition.parts;
        let before = self.visible(tx, actor, &CredentialRef::Id(id)).await?;
        let set = |wanted: bool, password: Option<Secret>| {
            password.filter(|_| wanted).map_or(FieldEdit::Keep, FieldEdit::Set)
        };
        let seed = account.secret.filter(|_| second_factor).map_or(FieldEdit::Keep, FieldEdit::Set);
        let patch = Patch {
            password: set(password && !before.has_password, account.password),
            seed: if before.second_factor.is_none() { seed } else { FieldEdit::Keep },
            username: username.filter(|_| before.username.as_str().is_empty()),
            site: site.filter(|_| before.site.is_none()).map_or(FieldEdit::Keep, FieldEdit::Set),
            notes: notes.filter(|_| before.notes.as_str().is_empty()),
            ..Patch::default()
        };
        let Some(shown) = report.items.get_mut(index) else { return Ok(()) };
        let place = shown.place.clone();
        let edited = self.edit_in(tx, actor, before, patch, |entry| entry.with("imported_from", place)).await?;
        shown.warnings.extend(edited.warnings);
        shown.state = ImportState::Changed(id, addition);
        Ok(())
    }

    fn imported_row(&self, id: CredentialId, one: Planned, tags: &[Tag]) -> Result<CredentialRow, Error> {
        let now = self.now();
        let has_password = one.account.password.is_some();
        Ok(CredentialRow {
            id,
            name: one.name,
            username: one.username,
            site: one.site,
            notes: one.notes,
            status: CredentialStatus::Active,
            revision: 1,
            has_password,
            second_factor: one.account.secret.as_ref().map(OtpSecret::second_factor),
            created_at: now,
            updated_at: now,
            password_changed_at: has_password.then_some(now),
            tags: tidy_tags(one.tags.iter().chain(tags).cloned().collect())?,
            grants: Grants::none(),
        })
    }

    /// Reads files for somebody who may add credentials. It takes as long as pictures take to search, so nothing of the database
    /// is held meanwhile, and one import is read at a time.
    async fn read_files(&self, actor: &Actor, files: Vec<ImportFile>) -> Result<(Import, Vec<ImportTable>), Error> {
        let (_, actor) = self.reader(actor).await?;
        permit_by_role(&actor, Action::CreateCredential)?;
        let _turn = self.inner.reading_files.acquire().await.map_err(|_| Error::Closing)?;
        let import = tokio::task::spawn_blocking(move || {
            let mut import = Import::new(ImportLimits::default());
            let mut tables = Vec::new();
            for ImportFile { name, bytes, password, columns } in &files {
                match columns {
                    Some(columns) => import.read_table(name, bytes, columns)?,
                    None => import.read(name, bytes, password.as_ref())?,
                }
                tables.extend(table_head(name, bytes).map(|head| ImportTable { file: name.clone(), head }));
            }
            Ok::<_, ReadError>((import, tables))
        });
        let import = import.await.map_err(|_| Error::Closing)?;
        Ok(import.map_err(|error| Invalid::new("files", format!("cannot all be read: {error}")))?)
    }
}
