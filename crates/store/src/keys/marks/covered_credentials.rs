//! What the mark of a credential's row covers, in use or in the bin, and those of what belongs to it alone.

use countersign_model::Timestamp;
use countersign_seal::MarkedRow;
use uuid::Uuid;

/// What the mark of a credential covers: by what it is asked for, where its secrets are typed, and by what it is granted.
#[derive(Clone, Copy)]
pub(crate) struct MarkedCredential<'a> {
    pub(crate) id: Uuid,
    pub(crate) name: &'a str,
    pub(crate) username: &'a str,
    pub(crate) site: Option<&'a str>,
    pub(crate) status: &'a str,
    /// As they are stored.
    pub(crate) tags: &'a str,
}

impl MarkedCredential<'_> {
    pub(crate) fn row(&self) -> MarkedRow {
        self.columns("credential.2").text(self.tags)
    }

    /// As marks were before anything was granted by tag.
    pub(super) fn former_row(&self) -> MarkedRow {
        self.columns("credential")
    }

    fn columns(&self, table: &str) -> MarkedRow {
        let row = MarkedRow::of(table).bytes(self.id.as_bytes()).text(self.name).text(self.username);
        row.maybe(self.site.map(str::as_bytes)).text(self.status)
    }
}

/// What the mark of a credential in the bin covers: what that of a credential does, the counter of its setup key, what was said of
/// its site, and who removed it when.
pub(crate) struct MarkedRemoved<'a> {
    pub(crate) credential: MarkedCredential<'a>,
    pub(crate) counter: Option<i64>,
    /// As they are stored.
    pub(crate) settings: Option<&'a str>,
    pub(crate) redirected_at: Option<Timestamp>,
    pub(crate) removed_at: Timestamp,
    pub(crate) removed_by: &'a str,
    pub(crate) deleted_at: Timestamp,
}

impl MarkedRemoved<'_> {
    pub(crate) fn row(&self) -> MarkedRow {
        let row = self.credential.columns("removed_credential").text(self.credential.tags);
        let row = row.number(self.counter).maybe(self.settings.map(str::as_bytes));
        let row = row.number(self.redirected_at.map(Timestamp::micros)).number(Some(self.removed_at.micros()));
        row.text(self.removed_by).number(Some(self.deleted_at.micros()))
    }
}

/// What the mark of a seed with a counter covers: which code comes next.
pub(crate) fn seed(credential: Uuid, version: Uuid, counter: i64) -> MarkedRow {
    MarkedRow::of("seed").bytes(credential.as_bytes()).bytes(version.as_bytes()).number(Some(counter))
}

/// What the mark of a credential's automation covers: its settings, the site's further origins among them, and that a
/// person has to try them first. Rows from before there was that are marked as they were.
pub(crate) fn automation(credential: Uuid, settings: &str, redirected_at: Option<Timestamp>) -> MarkedRow {
    let row = MarkedRow::of("automation").bytes(credential.as_bytes()).text(settings);
    if redirected_at.is_none() { row } else { row.number(redirected_at.map(Timestamp::micros)) }
}

/// What the mark of pages that were learnt covers. It is not renewed with the vault key: they are learnt again.
pub(crate) fn pages(credential: Uuid, pages: &str) -> MarkedRow {
    MarkedRow::of("pages").bytes(credential.as_bytes()).text(pages)
}
