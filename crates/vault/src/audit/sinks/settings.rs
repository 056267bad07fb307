//! What administrators say: which places there are, how records go there, and which.

use countersign_audit::{AuditAction, AuditEntry, ChainHead, ObjectKind, Record};
use countersign_model::{Action, Actor, Invalid, SinkFilter, SinkId, SinkKind, SinkName, SinkTarget, VersionId};
use countersign_seal::{Digest, Secret};
use countersign_store::{
    audit::sinks::{self, SinkProgress, SinkRow},
    engine::{self, Select},
    vault as vault_row,
};

use super::{
    stored::{MAX_SINKS, Opened, Shown, SinkRef, SinkWay, binding, found, line, place, shown},
    view::SinkView,
};
use crate::{Conflict, Error, FieldEdit, Object, Vault, vault::permit_by_role};

const LARGEST_AUTHORITY: usize = 64 * 1_024;

/// What an administrator wishes.
pub struct SinkDraft {
    /// What it is called.
    pub name: SinkName,
    /// How records go there.
    pub kind: SinkKind,
    /// Where: `tls://host:port`, a URL, or a folder's name. Needed for a new one.
    pub address: FieldEdit<Secret>,
    /// A header of each request, as `Name: value`.
    pub header: FieldEdit<Secret>,
    /// The one authority, in PEM, whose certificates are trusted there; those that the machine trusts where none is given.
    pub authority: Option<String>,
    /// Whether records may go to another machine without TLS.
    pub plain: bool,
    /// The acts that go there; all where none are named.
    pub acts: Vec<String>,
    /// Whether nothing goes there for now.
    pub paused: bool,
    /// Make another secret to sign with.
    pub new_signing_secret: bool,
    /// Of a new one: whether it gets the log from its first record, and not from now on.
    pub from_beginning: bool,
}

/// A record that was made to try a place, and how it goes there.
pub struct SinkTrial {
    /// How it goes there.
    pub way: SinkWay,
    /// A record with the number 0, which is none of the log.
    pub record: Record,
}

impl Vault {
    /// Every place where the log also goes, by name.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub async fn sinks(&self, actor: &Actor) -> Result<Vec<SinkView>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        permit_by_role(&actor, Action::ReadAudit)?;
        self.sink_views(&mut reader).await
    }

    /// One of them.
    ///
    /// # Errors
    /// [`Error::Denied`], [`Error::NotFound`].
    pub async fn sink(&self, actor: &Actor, wanted: &SinkRef) -> Result<SinkView, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        permit_by_role(&actor, Action::ReadAudit)?;
        let (row, state) = found(&mut reader, wanted).await?;
        self.sink_view(&mut reader, &row, &state).await
    }

    /// Adds a place. Gives what signs it where that is new: it is shown this once.
    ///
    /// # Errors
    /// [`Conflict::NameTaken`], [`Error::Invalid`] names the field, [`Error::Denied`], [`Error::TooShort`].
    pub async fn create_sink(&self, actor: &Actor, draft: SinkDraft) -> Result<(SinkView, Option<Secret>), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_sinks(&actor)?;
        if sinks::count(&mut tx).await? >= i64::from(MAX_SINKS) {
            return Err(Invalid::new("name", format!("is one too many: at most {MAX_SINKS} destinations")).into());
        }
        name_is_free(&mut tx, &draft.name, None).await?;
        let id = SinkId::new(self.now(), self.chance());
        let from_beginning = draft.from_beginning;
        let (row, signing) = self.sink_row(id, draft, None)?;
        let head = vault_row::lock_head(&mut tx).await?.head;
        let cursor = if from_beginning { ChainHead::EMPTY } else { head };
        sinks::insert(&mut tx, &row, &beginning(cursor)).await.map_err(|error| name_taken(error, &row.name))?;
        let entry = about(self.entry(&actor, AuditAction::SinkCreated), &row)?.with("from", number(cursor.size + 1));
        tx.record(entry);
        tx.commit().await?;
        self.inner.sink_work.notify_one();
        Ok((self.sink(&actor, &SinkRef::Id(id)).await?, signing))
    }

    /// Says anew how records go to a place. What was sent by the former settings and not noted as taken is sent by the new ones.
    ///
    /// # Errors
    /// As [`Vault::create_sink`], and [`Error::NotFound`].
    pub async fn edit_sink(
        &self,
        actor: &Actor,
        wanted: &SinkRef,
        draft: SinkDraft,
    ) -> Result<(SinkView, Option<Secret>), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_sinks(&actor)?;
        let (former, _) = found(&mut tx, wanted).await?;
        name_is_free(&mut tx, &draft.name, Some(former.id)).await?;
        let opened = self.open_sink(&former)?;
        let (row, signing) = self.sink_row(former.id, draft, Some((&former, opened)))?;
        if !sinks::update(&mut tx, &row).await.map_err(|error| name_taken(error, &row.name))? {
            return Err(Error::NotFound(Object::Sink));
        }
        let before = shown(&former)?;
        let entry = about(self.entry(&actor, AuditAction::SinkEdited), &row)?;
        let entry = entry.with("former_name", former.name.as_str()).with("former_address", before.address);
        tx.record(entry.with("former_kind", former.kind.name()).with("former_actions", before.acts.acts().to_vec()));
        tx.commit().await?;
        self.inner.sink_work.notify_one();
        Ok((self.sink(&actor, &SinkRef::Id(row.id)).await?, signing))
    }

    /// Pauses a place, or has it go on where it was.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Denied`], [`Error::TooShort`].
    pub async fn pause_sink(&self, actor: &Actor, wanted: &SinkRef, paused: bool) -> Result<SinkView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_sinks(&actor)?;
        let (row, _) = found(&mut tx, wanted).await?;
        let row = SinkRow { paused, ..row };
        if !sinks::update(&mut tx, &row).await? {
            return Err(Error::NotFound(Object::Sink));
        }
        tx.record(about(self.entry(&actor, AuditAction::SinkPaused), &row)?);
        tx.commit().await?;
        self.inner.sink_work.notify_one();
        self.sink(&actor, &SinkRef::Id(row.id)).await
    }

    /// Has a place get records anew, from that number on; after the log was restored from a backup that is how it goes on.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the log has no such record; as [`Vault::pause_sink`].
    pub async fn rewind_sink(&self, actor: &Actor, wanted: &SinkRef, from: u64) -> Result<SinkView, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_sinks(&actor)?;
        let (row, state) = found(&mut tx, wanted).await?;
        if row.kind == SinkKind::Folder {
            let problem = "cannot be said for a folder, which keeps what it has and goes on behind it: add a destination with another folder";
            return Err(Invalid::new("from", problem).into());
        }
        let head = vault_row::lock_head(&mut tx).await?.head;
        let Some(before) = from.checked_sub(1).filter(|before| *before <= head.size) else {
            let last = head.size + 1;
            return Err(Invalid::new("from", format!("must be the number of a record: 1 to {last}")).into());
        };
        let cursor = place(&mut tx, before).await?;
        sinks::begin(&mut tx, row.id, &beginning(cursor)).await?;
        let entry = about(self.entry(&actor, AuditAction::SinkRewound), &row)?;
        tx.record(entry.with("from", number(from)).with("former_from", number(state.progress.cursor.size + 1)));
        tx.commit().await?;
        self.inner.sink_work.notify_one();
        self.sink(&actor, &SinkRef::Id(row.id)).await
    }

    /// Removes a place. What it has taken stays there.
    ///
    /// # Errors
    /// As [`Vault::pause_sink`].
    pub async fn remove_sink(&self, actor: &Actor, wanted: &SinkRef) -> Result<(), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_sinks(&actor)?;
        let (row, state) = found(&mut tx, wanted).await?;
        if !sinks::delete(&mut tx, row.id).await? {
            return Err(Error::NotFound(Object::Sink));
        }
        let entry = about(self.entry(&actor, AuditAction::SinkRemoved), &row)?;
        tx.record(entry.with("taken", number(state.progress.cursor.size)));
        tx.commit().await.map(drop)
    }

    /// Makes a record to try a place with. That somebody does is itself recorded.
    ///
    /// # Errors
    /// As [`Vault::pause_sink`].
    pub async fn begin_sink_test(&self, actor: &Actor, wanted: &SinkRef) -> Result<SinkTrial, Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_sinks(&actor)?;
        let (row, _) = found(&mut tx, wanted).await?;
        let entry = about(self.entry(&actor, AuditAction::SinkTested), &row)?;
        tx.record(entry.clone());
        tx.commit().await?;
        let record = Record { seq: 0, entry: entry.with("test", true), hash: Digest::ZERO };
        Ok(SinkTrial { way: self.sink_way(&row)?, record })
    }

    /// Where the log goes decides who reads it: for administrators, as acts on people are.
    fn permit_sinks(&self, actor: &Actor) -> Result<(), Error> {
        permit_by_role(actor, Action::ManageVault)?;
        self.permit_managing(actor)
    }

    /// A row from what is wished and what was before, and what signs it where that is new.
    fn sink_row(
        &self,
        id: SinkId,
        draft: SinkDraft,
        before: Option<(&SinkRow, Opened)>,
    ) -> Result<(SinkRow, Option<Secret>), Error> {
        let (former, opened) = before.unzip();
        let created_at = former.map_or_else(|| self.now(), |row| row.created_at);
        let (address, header, signing) =
            opened.map_or((None, None, None), |it| (Some(it.address), it.header, it.signing));
        // What was meant for one receiver is not shown to another.
        if matches!(draft.address, FieldEdit::Set(_)) && header.is_some() && matches!(draft.header, FieldEdit::Keep) {
            return Err(Invalid::new("header", "must be given again with another address, or be removed").into());
        }
        let address = edited(draft.address, address).ok_or_else(|| Invalid::new("address", "is missing"))?;
        let target = SinkTarget::parse(draft.kind, line("address", &address)?, draft.plain)?;
        if draft.kind == SinkKind::Folder && self.inner.sink_folder.get().is_none() {
            let problem = "needs a place on the server that its operator has set aside: the setting audit_folder";
            return Err(Invalid::new("address", problem).into());
        }
        let header = edited(draft.header, header);
        if let Some(header) = &header {
            check_header(draft.kind, header)?;
        }
        let signs = draft.kind == SinkKind::Webhook;
        let renewed = (signs && (signing.is_none() || draft.new_signing_secret)).then(|| self.signing_secret());
        let signing = if signs { renewed.as_ref().map(copied).or(signing) } else { None };
        let settings = Shown {
            address: target.shown(draft.kind),
            has_header: header.is_some(),
            authority: checked_authority(draft.kind, draft.authority)?,
            plain: draft.plain,
            acts: SinkFilter::parse(&draft.acts, &AuditAction::ALL.iter().map(|act| act.name()).collect::<Vec<_>>())?,
        };
        // Three lines: each was looked at for what ends one.
        let text = |secret: Option<&Secret>| secret.and_then(Secret::expose_text).unwrap_or_default().to_owned();
        let open = [text(Some(&address)), text(header.as_ref()), text(signing.as_ref())].join("\n");
        let version = VersionId::new(self.now(), self.chance());
        let sealed = self.keys().seal(&binding(id, version), &Secret::from(open), self.chance());
        let settings = serde_json::to_string(&settings).map_err(|_| Error::Empty("settings"))?;
        let (name, kind, paused) = (draft.name, draft.kind, draft.paused);
        Ok((SinkRow { id, name, kind, settings, version, paused, sealed, created_at }, renewed))
    }
}

const fn beginning(cursor: ChainHead) -> SinkProgress {
    SinkProgress { start: cursor.size, cursor, sent: 0, checkpoint: cursor.size }
}

fn about(entry: AuditEntry, row: &SinkRow) -> Result<AuditEntry, Error> {
    let settings = shown(row)?;
    Ok(entry
        .on(ObjectKind::Sink, row.id.uuid(), row.name.as_str())
        .with("kind", row.kind.name())
        .with("address", settings.address)
        .with("actions", settings.acts.acts().to_vec())
        .with("own_authority", settings.authority.is_some())
        .with("plain", settings.plain)
        .with("paused", row.paused))
}

/// A field name (RFC 9110 §5.1) and a value, of which none could be taken for the request's own.
fn check_header(kind: SinkKind, header: &Secret) -> Result<(), Invalid> {
    const OWN: [&str; 7] =
        ["host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "user-agent"];
    let wrong = |problem: &str| Invalid::new("header", problem);
    if !matches!(kind, SinkKind::Otlp | SinkKind::Webhook) {
        return Err(wrong("is for receivers that speak HTTP"));
    }
    let text = line("header", header)?;
    let (name, value) = text.split_once(':').ok_or_else(|| wrong("must be written as Authorization: Bearer …"))?;
    let token = |it: char| it.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(it);
    if name.is_empty() || !name.chars().all(token) || text.len() > 4_096 {
        return Err(wrong("must be written as Authorization: Bearer …"));
    }
    if value.trim().is_empty() || !value.is_ascii() {
        return Err(wrong("must have a value, in plain letters"));
    }
    let lower = name.to_ascii_lowercase();
    if OWN.contains(&lower.as_str()) || lower.starts_with("countersign-") {
        return Err(wrong("must be none that Countersign sets itself"));
    }
    Ok(())
}

/// That it is a certificate is for who can read one.
fn checked_authority(kind: SinkKind, authority: Option<String>) -> Result<Option<String>, Invalid> {
    let Some(text) = authority.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    if kind == SinkKind::Folder {
        return Err(Invalid::new("authority", "is for receivers on the network"));
    }
    if text.len() > LARGEST_AUTHORITY || !text.starts_with("-----BEGIN CERTIFICATE-----") {
        return Err(Invalid::new("authority", "must be certificates in PEM: -----BEGIN CERTIFICATE----- …"));
    }
    Ok(Some(text))
}

async fn name_is_free(db: &mut impl Select, name: &SinkName, but: Option<SinkId>) -> Result<(), Error> {
    let other = sinks::find_by_name(db, name.as_str()).await?.filter(|(row, _)| Some(row.id) != but);
    if other.is_some() { Err(taken(name)) } else { Ok(()) }
}

fn name_taken(error: engine::Error, name: &SinkName) -> Error {
    if error.conflicts_on("audit_sink.name_key") { taken(name) } else { error.into() }
}

fn taken(name: &SinkName) -> Error {
    Error::Conflict(Conflict::NameTaken { what: "destination", name: name.to_string() })
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

fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_one_line_and_none_of_ours() {
        let check = |text: &str| check_header(SinkKind::Otlp, &Secret::from(text.to_owned()));
        for good in ["Authorization: Bearer x", "api-key:y", "X-Scope_OrgID: 1"] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in [
            "geheim",
            ": geheim",
            "A b: geheim",
            "Host: geheim",
            "content-length: 1",
            "Countersign-Signature: geheim",
            "A: geheim\r\nB: c",
            "A: ",
            "A: gehéim",
        ] {
            let error = check(bad).expect_err(bad).to_string();
            assert!(!error.contains("geheim"), "{error}");
        }
        assert!(check_header(SinkKind::Syslog, &Secret::from("A: b".to_owned())).is_err());
    }
}
