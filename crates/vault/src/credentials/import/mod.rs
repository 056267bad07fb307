//! Importing: what files hold, what would become of each item, and making it so.
//!
//! Preview and commit walk the same way (`plan.rs`): the preview only stops before it writes. A commit is one transaction, so that an
//! import that breaks off has changed nothing. Whether an account is there already is told in `known.rs`.

mod items;
mod known;
mod plan;

use std::collections::HashSet;

use countersign_audit::{AuditAction, ObjectKind};
use countersign_model::{
    Action, Actor, CredentialId, CredentialStatus, Grants, Invalid, SecondFactor, SiteAddress, Tag,
};
use countersign_otp::OtpSecret;
use countersign_seal::Secret;
use countersign_store::{
    credentials::{self, CredentialRow},
    secrets,
};
use countersign_transfer::{Import, ImportLimits, ReadError};

use self::{
    items::MOST_TAGS,
    plan::{Plan, Planned, PlannedChange},
};
use crate::{
    CredentialRef, Error, FieldEdit, Patch, Vault,
    credentials::create::{name_taken, tidy_tags},
    unit::Unit,
    vault::permit_by_role,
};

/// Files to import.
#[derive(Default)]
pub struct ImportRequest {
    /// The files, in any order.
    pub files: Vec<ImportFile>,
    /// Items to leave out, by their index.
    pub skip: HashSet<usize>,
    /// Tags for everything that is imported.
    pub tags: Vec<Tag>,
    /// Whether notes are left out. They are not sealed, and whoever may see a credential reads them.
    pub leave_out_notes: bool,
}

/// A file to import.
pub struct ImportFile {
    /// Its name, to say where something was found.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// What opens it, where it is encrypted.
    pub password: Option<Secret>,
}

/// What became, or would become, of each item.
#[derive(Debug, Clone)]
pub struct ImportReport {
    /// The items, in the order in which they were found.
    pub items: Vec<ImportItem>,
    /// Parts of exports that were not among the files, in words.
    pub missing: Vec<String>,
    /// What was in the files and is not imported, named in the plural, with how many there were.
    pub left_out: Vec<(&'static str, usize)>,
    /// Files that are encrypted and were not opened, by name: their password is missing or wrong.
    pub locked: Vec<String>,
    /// Tags of what is new by which something was granted: who holds such a grant has access to what is imported with the tag.
    pub granted_tags: Vec<Tag>,
}

/// One item.
#[derive(Debug, Clone)]
pub struct ImportItem {
    /// Where it was found.
    pub place: String,
    /// What the credential is called, or what the file calls it.
    pub name: String,
    /// The account's name at its site.
    pub username: String,
    /// Who issued it.
    pub issuer: Option<String>,
    /// Where it signs in.
    pub site: Option<SiteAddress>,
    /// Whether it brings a password.
    pub has_password: bool,
    /// Whether it brings notes.
    pub has_notes: bool,
    /// How its tokens are made, where it brings a seed.
    pub second_factor: Option<SecondFactor>,
    /// The words that group it, from the file.
    pub tags: Vec<Tag>,
    /// What a person should know.
    pub warnings: Vec<String>,
    /// What became of it.
    pub state: ImportState,
}

/// What becomes of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportState {
    /// It would be added.
    New,
    /// It was added.
    Created(CredentialId),
    /// It would add to a credential what that lacks.
    Change(CredentialId, ImportAddition),
    /// It did.
    Changed(CredentialId, ImportAddition),
    /// It belongs to an item before it, which lacked this.
    Joined(ImportAddition),
    /// It was left out as asked.
    Skipped,
    /// It is there already.
    Duplicate {
        /// Under this name.
        of: String,
        /// Whether it is known by its seed, and not by name and user name.
        by_seed: bool,
        /// Whether its password is not taken, because there is one.
        leaves_password: bool,
    },
    /// It cannot be used, for this reason.
    Refused(String),
}

/// What an item adds to what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportAddition {
    /// The name of what it adds to.
    pub to: String,
    /// Whether it adds a password.
    pub password: bool,
    /// Whether it adds a second factor.
    pub second_factor: bool,
    /// Whether its password is not taken, because there is one.
    pub leaves_password: bool,
}

impl Vault {
    /// What an import would do. Nothing is stored.
    ///
    /// # Errors
    /// [`Error::Invalid`] where limits are passed, [`Error::Denied`].
    pub async fn preview_import(&self, actor: &Actor, mut ask: ImportRequest) -> Result<ImportReport, Error> {
        let import = self.read_files(actor, std::mem::take(&mut ask.files)).await?;
        let (mut reader, actor) = self.reader(actor).await?;
        permit_by_role(&actor, Action::CreateCredential)?;
        Ok(self.plan(&mut reader, import, &ask).await?.report)
    }

    /// Adds what is new, and to credentials what they lack, in one transaction with a record for each.
    ///
    /// # Errors
    /// As [`Vault::preview_import`]; then nothing was changed.
    pub async fn commit_import(&self, actor: &Actor, mut ask: ImportRequest) -> Result<ImportReport, Error> {
        let tags = tidy_tags(std::mem::take(&mut ask.tags))?;
        if tags.len() > MOST_TAGS {
            return Err(Invalid::new("tags", format!("are too many: at most {MOST_TAGS} for an import")).into());
        }
        let import = self.read_files(actor, std::mem::take(&mut ask.files)).await?;
        let (mut tx, actor) = self.writer(actor).await?;
        permit_by_role(&actor, Action::CreateCredential)?;
        let Plan { mut report, new, changes } = self.plan(&mut tx, import, &ask).await?;
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
                    .with("from", shown.place.as_str())
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
        let PlannedChange { index, id, addition, site, notes, account } = change;
        let before = self.visible(tx, actor, &CredentialRef::Id(id)).await?;
        let set = |wanted: bool, password: Option<Secret>| {
            password.filter(|_| wanted).map_or(FieldEdit::Keep, FieldEdit::Set)
        };
        let seed = account.secret.filter(|_| addition.second_factor).map_or(FieldEdit::Keep, FieldEdit::Set);
        let patch = Patch {
            password: set(addition.password && !before.has_password, account.password),
            seed: if before.second_factor.is_none() { seed } else { FieldEdit::Keep },
            site: site.filter(|_| before.site.is_none()).map_or(FieldEdit::Keep, FieldEdit::Set),
            notes: Some(notes).filter(|_| before.notes.as_str().is_empty()),
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
    async fn read_files(&self, actor: &Actor, files: Vec<ImportFile>) -> Result<Import, Error> {
        let (_, actor) = self.reader(actor).await?;
        permit_by_role(&actor, Action::CreateCredential)?;
        let _turn = self.inner.reading_files.acquire().await.map_err(|_| Error::Closing)?;
        let import = tokio::task::spawn_blocking(move || {
            let mut import = Import::new(ImportLimits::default());
            let mut read = files.iter().map(|file| import.read(&file.name, &file.bytes, file.password.as_ref()));
            read.try_for_each(std::convert::identity)?;
            Ok::<_, ReadError>(import)
        });
        let import = import.await.map_err(|_| Error::Closing)?;
        Ok(import.map_err(|error| Invalid::new("files", format!("cannot all be read: {error}")))?)
    }
}
