//! What is asked of an import, and what it tells.

use std::collections::{HashMap, HashSet};

use countersign_model::{CredentialId, SecondFactor, SiteAddress, Tag};
use countersign_seal::Secret;
use countersign_transfer::{ColumnMapping, TableHead};

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
    /// To which credentials a preview said that items add, by the items' indexes. Where it is given, nothing is added to others.
    pub targets: Option<HashMap<usize, CredentialId>>,
}

/// A file to import.
pub struct ImportFile {
    /// Its name, to say where something was found.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// What opens it, where it is encrypted.
    pub password: Option<Secret>,
    /// Which columns hold what, where it is a table of which a person has said so.
    pub columns: Option<ColumnMapping>,
}

/// A file that is a table which no program is known to write.
#[derive(Debug, Clone)]
pub struct ImportTable {
    /// Its name.
    pub file: String,
    /// Its columns, and what their titles say.
    pub head: TableHead,
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
    /// Hosts of sites that come along, by which something was granted.
    pub granted_sites: Vec<String>,
    /// Files that are tables which no program is known to write.
    pub tables: Vec<ImportTable>,
}

impl ImportReport {
    /// The place of the first item of which `targets`, what a preview said, is not what would happen now.
    pub(super) fn unlike(&self, targets: &HashMap<usize, CredentialId>) -> Option<&str> {
        let differs = |index: usize, state: &ImportState| match (state, targets.get(&index)) {
            (ImportState::Change(id, _), target) => target != Some(id),
            (ImportState::New | ImportState::Refused(_), target) => target.is_some(),
            _ => false,
        };
        let mut items = self.items.iter().enumerate();
        items.find(|(index, item)| differs(*index, &item.state)).map(|(_, item)| item.place.as_str())
    }
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
        /// By what it is known.
        by: KnownBy,
        /// Whether its password is not taken.
        leaves_password: bool,
    },
    /// It cannot be used, for this reason.
    Refused(String),
}

/// By what an account is known again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownBy {
    /// Its seed.
    Seed,
    /// Its seed, which somebody with another user name has.
    SeedOfAnother,
    /// Its name and user name.
    Name,
    /// These, and its password, within one import.
    Password,
}

/// What an item adds to what is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportAddition {
    /// The name of what it adds to.
    pub to: String,
    /// What it adds.
    pub parts: ImportParts,
    /// Whether its password is not taken, because there is one.
    pub leaves_password: bool,
}

/// What an item adds, where there was none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportParts {
    /// A password.
    pub password: bool,
    /// A second factor.
    pub second_factor: bool,
    /// A user name.
    pub username: bool,
    /// A site.
    pub site: bool,
    /// Notes.
    pub notes: bool,
    /// Tags, to an account of the same import.
    pub tags: bool,
}
