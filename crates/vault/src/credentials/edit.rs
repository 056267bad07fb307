//! Editing and removing credentials. A secret is sealed here on its way in and never looked at again.

use countersign_audit::{AuditAction, AuditEntry, ObjectKind};
use countersign_model::{
    Action, Actor, AllowedBy, ChangeKind, ChangeState, CheckOutRefusal, CredentialId, CredentialName, CredentialStatus,
    Notes, SiteAddress, Tag, Username,
};
use countersign_otp::OtpSecret;
use countersign_seal::Secret;
use countersign_store::{
    automation,
    changes::{ChangeRow, runs},
    credentials::{self, CredentialRow},
    engine::{self, Transaction},
    jobs, phones,
    secrets::{self, NewPassword, NewSeed, NewVersion},
    vault as vault_row,
};

use crate::{
    Conflict, CredentialRef, CredentialView, Error, Object, Vault,
    credentials::{
        create::{name_taken, same_seed, tidy_tags},
        moving::{GrantedBy, moved},
        places::places,
        view::view,
    },
    unit::Unit,
    vault::{allowed_by, permit},
};

/// What to do with one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FieldEdit<T> {
    /// Leave it.
    #[default]
    Keep,
    /// Take it away.
    Clear,
    /// Put this in its place.
    Set(T),
}

/// What to change of a credential. Fields that are left out stay.
#[derive(Default)]
pub struct Patch {
    /// Another name.
    pub name: Option<CredentialName>,
    /// Another account's name.
    pub username: Option<Username>,
    /// Another password; the one before is kept as a former version.
    pub password: FieldEdit<Secret>,
    /// Another site.
    pub site: FieldEdit<SiteAddress>,
    /// Another seed.
    pub seed: FieldEdit<OtpSecret>,
    /// Other tags.
    pub tags: Option<Vec<Tag>>,
    /// Other notes.
    pub notes: Option<Notes>,
    /// In use or not.
    pub status: Option<CredentialStatus>,
    /// The revision that was read; when it has moved, nothing is changed.
    pub revision: Option<i64>,
}

/// What became of an edit.
pub(crate) struct Edited {
    /// As it stands now.
    pub(crate) row: CredentialRow,
    /// What a person should know.
    pub(crate) warnings: Vec<String>,
    /// Whether anything is another than before; otherwise nothing was written.
    pub(crate) is_changed: bool,
}

impl Patch {
    /// Puts everything that is no secret into the row, and gives the names of the fields that have changed by it.
    fn apply_visible(&mut self, row: &mut CredentialRow) -> Result<Vec<String>, Error> {
        let mut changed = Vec::new();
        let mut put = |field: &str, differs: bool| {
            if differs {
                changed.push(field.to_owned());
            }
        };
        put("name", replace(&mut row.name, self.name.take()));
        put("username", replace(&mut row.username, self.username.take()));
        put("notes", replace(&mut row.notes, self.notes.take()));
        put("status", replace(&mut row.status, self.status.take()));
        put(
            "site",
            match std::mem::take(&mut self.site) {
                FieldEdit::Keep => false,
                FieldEdit::Clear => replace(&mut row.site, Some(None)),
                FieldEdit::Set(site) => replace(&mut row.site, Some(Some(site))),
            },
        );
        if let Some(tags) = self.tags.take() {
            row.tags = tidy_tags(tags)?;
            put("tags", true);
        }
        Ok(changed)
    }
}

/// Puts the new value, if there is one, in the place of the old, and says whether they differ.
fn replace<T: PartialEq>(old: &mut T, new: Option<T>) -> bool {
    let differs = new.as_ref().is_some_and(|new| new != old);
    if let Some(new) = new {
        *old = new;
    }
    differs
}

impl Vault {
    /// Edits a credential.
    ///
    /// # Errors
    /// [`Conflict::Edited`] when the revision is not the one that was read; [`Conflict::NameTaken`], [`Error::Invalid`],
    /// [`Error::Denied`], [`Error::NotFound`].
    pub async fn edit_credential(
        &self,
        actor: &Actor,
        wanted: &CredentialRef,
        patch: Patch,
    ) -> Result<(CredentialView, Vec<String>), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let before = self.visible(&mut tx, &actor, wanted).await?;
        let Edited { row, warnings, is_changed } = self.edit_in(&mut tx, &actor, before, patch, |entry| entry).await?;
        let phones = self.phones_with(&mut tx, &actor, &row).await?;
        if is_changed {
            tx.commit().await?;
        }
        Ok((CredentialView { phones, ..view(&actor, row, self.now()) }, warnings))
    }

    /// Edits one that the actor sees, in this unit of work; `also` adds to its record.
    pub(crate) async fn edit_in(
        &self,
        tx: &mut Unit,
        actor: &Actor,
        before: CredentialRow,
        mut patch: Patch,
        also: impl FnOnce(AuditEntry) -> AuditEntry,
    ) -> Result<Edited, Error> {
        let by = permit(actor, Action::EditCredential, &before.grants, &self.asked(actor))?;
        if patch.revision.is_some_and(|revision| revision != before.revision) {
            return Err(Error::Conflict(Conflict::Edited));
        }
        let mut row = before.clone();
        let mut changed = patch.apply_visible(&mut row)?;
        let granted = GrantedBy::of(tx, actor, moved(&before, &row)).await?;
        self.permit_moving(actor, &before, &row, &granted)?;
        self.permit_replacing(&before, &patch, by)?;
        let warnings = self.apply_secrets(tx, actor, &patch, &mut row, &mut changed).await?;
        if changed.is_empty() {
            return Ok(Edited { row: before, warnings, is_changed: false });
        }
        let (row, entry) = self.write_edit(tx, actor, &before, row, changed).await?;
        tx.record(also(allowed_by(entry, by)));
        Ok(Edited { row, warnings, is_changed: true })
    }

    /// Whoever has checked it out has it alone: nobody else puts another password or seed there by a grant.
    fn permit_replacing(&self, before: &CredentialRow, patch: &Patch, by: AllowedBy) -> Result<(), Error> {
        let keeps = matches!((&patch.password, &patch.seed), (FieldEdit::Keep, FieldEdit::Keep));
        match before.grants.kept_by(self.now()).filter(|_| !keeps && by != AllowedBy::Role) {
            None => Ok(()),
            Some(held) => {
                let (by, until) = (held.name.clone(), held.until);
                Err(Conflict::CheckOut(CheckOutRefusal::Held { by, until }).into())
            }
        }
    }

    /// Seals what is new of password and seed, and lets go of what is to be cleared.
    async fn apply_secrets(
        &self,
        tx: &mut Transaction,
        actor: &Actor,
        patch: &Patch,
        row: &mut CredentialRow,
        changed: &mut Vec<String>,
    ) -> Result<Vec<String>, Error> {
        match &patch.password {
            FieldEdit::Keep => {}
            FieldEdit::Clear => {
                secrets::retire_password(tx, row.id).await?;
                row.has_password = false;
                changed.push("password".to_owned());
            }
            FieldEdit::Set(password) => {
                self.put_password(tx, actor, row.id, password).await?;
                self.password_is_new(tx, row.id).await?;
                row.has_password = true;
                row.password_changed_at = Some(self.now());
                changed.push("password".to_owned());
            }
        }
        let mut warnings = Vec::new();
        match &patch.seed {
            FieldEdit::Keep => {}
            FieldEdit::Clear => {
                secrets::delete_seed(tx, row.id).await?;
                row.second_factor = None;
                changed.push("second_factor".to_owned());
            }
            FieldEdit::Set(seed) => {
                warnings.extend(self.put_seed(tx, row.id, seed).await?);
                row.second_factor = Some(seed.second_factor());
                changed.push("second_factor".to_owned());
            }
        }
        Ok(warnings)
    }

    /// Writes the row. Gives it as it stands now, with the record of it.
    async fn write_edit(
        &self,
        tx: &mut Unit,
        actor: &Actor,
        before: &CredentialRow,
        mut row: CredentialRow,
        changed: Vec<String>,
    ) -> Result<(CredentialRow, AuditEntry), Error> {
        row.updated_at = self.now();
        let tags_changed = row.tags != before.tags;
        if row.name != before.name
            && countersign_model::search_key(row.name.as_str()) != countersign_model::search_key(before.name.as_str())
            && credentials::name_taken(tx, row.name.as_str()).await?
        {
            return Err(name_taken(&row));
        }
        if !credentials::update(tx, &row, tags_changed).await.map_err(|error| not_written(error, &row))? {
            return Err(Error::Conflict(Conflict::Edited));
        }
        row.revision += 1;
        vault_row::bump(tx).await?;
        let entry = self.edited_entry(actor, before, &row, changed);
        let known = automation::find(tx, row.id).await?;
        let mut automation = known.clone();
        let was = places(before.site.as_ref(), &known);
        let mut entry = self.redirect(actor, (before, &was), (row.site.as_ref(), &mut automation), entry)?;
        if automation != known {
            automation::put_settings(tx, row.id, &automation).await?;
        }
        if row.name != before.name {
            entry = entry.with("former_name", before.name.as_str());
        }
        Ok((row, entry))
    }

    /// That somebody has edited these fields of it, and which tags came and went.
    pub(crate) fn edited_entry(
        &self,
        actor: &Actor,
        before: &CredentialRow,
        row: &CredentialRow,
        changed: Vec<String>,
    ) -> AuditEntry {
        let beyond = |one: &CredentialRow, other: &CredentialRow| -> Vec<String> {
            one.tags.iter().filter(|tag| !other.tags.contains(tag)).map(Tag::to_string).collect()
        };
        let entry = self.entry(actor, AuditAction::CredentialEdited);
        let mut entry = entry.on(ObjectKind::Credential, row.id.uuid(), row.name.as_str()).with("changed", changed);
        for (name, tags) in [("tags_added", beyond(row, before)), ("tags_removed", beyond(before, row))] {
            if !tags.is_empty() {
                entry = entry.with(name, tags);
            }
        }
        entry
    }

    /// Removes a credential: for thirty days it can be restored, with its secrets. The audit log keeps its name and id.
    ///
    /// # Errors
    /// [`Conflict::ChangeOpen`] while a change of its password runs, or its new password may have reached the site: that
    /// password would be nowhere else. [`Error::Denied`], [`Error::NotFound`].
    pub async fn remove_credential(&self, actor: &Actor, wanted: &CredentialRef) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        let row = self.visible(&mut tx, &actor, wanted).await?;
        permit(&actor, Action::RemoveCredential, &row.grants, &self.asked(&actor))?;
        let known = runs::open(&mut tx, row.id).await?;
        if let Some(open) = &known {
            // Held until the commit, so that no worker takes it up or stores a new password meanwhile.
            jobs::lock(&mut tx, open.id).await?;
            runs::lock(&mut tx, open.id).await?;
            let open = runs::open(&mut tx, row.id).await?;
            if let Some(error) = open.and_then(keeps_credential) {
                return Err(error);
            }
        }
        // As it stands once nobody else can edit or grant it: what goes into the bin is the newest.
        if !credentials::removed::hold_credential(&mut tx, row.id).await? {
            return Err(Error::NotFound(Object::Credential));
        }
        let since = runs::open(&mut tx, row.id).await?;
        if since.is_some_and(|open| known.is_none_or(|known| known.id != open.id)) {
            return Err(Error::Conflict(Conflict::Edited));
        }
        let row = self.visible(&mut tx, &actor, &CredentialRef::Id(row.id)).await?;
        let (deleted_at, not_kept) = self.put_in_bin(&mut tx, &actor, &row).await?;
        if !credentials::delete(&mut tx, row.id).await? {
            return Err(Error::NotFound(Object::Credential));
        }
        vault_row::bump(&mut tx).await?;
        let entry = self.entry(&actor, AuditAction::CredentialRemoved);
        let entry = entry.on(ObjectKind::Credential, row.id.uuid(), row.name.as_str());
        let entry = entry.with("deleted_at", deleted_at.to_string());
        tx.record(if not_kept.is_empty() { entry } else { entry.with("not_kept", not_kept) });
        tx.commit().await.map(drop)
    }

    async fn put_password(
        &self,
        tx: &mut Transaction,
        actor: &Actor,
        credential: CredentialId,
        password: &Secret,
    ) -> Result<(), Error> {
        let new = self.seal_password(credential, password, actor)?;
        let NewPassword { version: id, sealed, print, created_by, created_at, credential: _ } = &new;
        let version = NewVersion { id: *id, sealed, print, created_by, created_at: *created_at };
        secrets::put_password(tx, credential, &version).await?;
        Ok(())
    }

    /// Stores a seed; gives a warning when another credential holds the same.
    async fn put_seed(
        &self,
        tx: &mut Transaction,
        credential: CredentialId,
        seed: &OtpSecret,
    ) -> Result<Option<String>, Error> {
        let NewSeed { credential, seed, print } = self.seal_seed(credential, seed);
        let same = secrets::same_seed(tx, &print).await?.filter(|(id, _)| *id != credential);
        phones::carry(tx, credential, seed.version, &print).await?;
        secrets::put_seed(tx, credential, &seed, &print).await?;
        Ok(same.map(|(_, name)| same_seed(&name)))
    }
}

/// Takes a credential: nobody else writes or removes it before the transaction ends.
pub(crate) async fn hold(tx: &mut Transaction, id: CredentialId) -> Result<(), Error> {
    if credentials::hold(tx, id).await? { Ok(()) } else { Err(Error::NotFound(Object::Credential)) }
}

/// Why a credential with this open change may not be removed yet.
fn keeps_credential(open: ChangeRow) -> Option<Error> {
    let do_first = match open.state {
        _ if open.kind != ChangeKind::Change => return None,
        ChangeState::InDoubt => "its new password may be the one that signs in, so resolve the change on its page",
        _ if open.armed_at.is_some() => {
            "its new password may be the one that signs in, so wait until the change has ended"
        }
        ChangeState::Queued | ChangeState::Postponed => return None,
        _ => "cancel the change or wait until it has ended",
    };
    Some(Error::Conflict(Conflict::ChangeOpen { change: open.id, name: open.credential_name, do_first }))
}

fn not_written(error: engine::Error, row: &CredentialRow) -> Error {
    if error.conflicts_on("credential.name_key") { name_taken(row) } else { error.into() }
}
