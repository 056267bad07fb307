//! Importing: what files hold, what would become of each item, and making it so.
//!
//! Preview and commit walk the same way: the preview only stops before it writes. A commit is one transaction, so that
//! an import that breaks off has added nothing.

use std::collections::{HashMap, HashSet};

use countersign_audit::{AuditAction, ObjectKind};
use countersign_model::{
    Action, Actor, CredentialId, CredentialName, CredentialStatus, Grants, Invalid, Notes, SecondFactor, Tag, Username,
    search_key,
};
use countersign_seal::SecretKind;
use countersign_store::{
    credentials::{self, CredentialRow},
    engine::Select,
    secrets,
};
use countersign_transfer::{Account, Import, ImportLimits, Item};

use crate::{
    Error, Vault,
    credentials::create::{name_taken, tidy_tags},
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
}

/// A file to import.
pub struct ImportFile {
    /// Its name, to say where something was found.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// What became, or would become, of each item.
#[derive(Debug, Clone)]
pub struct ImportReport {
    /// The items, in the order in which they were found.
    pub items: Vec<ImportItem>,
    /// Parts of exports that were not among the files, in words.
    pub missing: Vec<String>,
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
    /// How its tokens are made.
    pub second_factor: Option<SecondFactor>,
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
    /// It was left out as asked.
    Skipped,
    /// Its seed is there already, under this name.
    Duplicate(String),
    /// It cannot be used, for this reason.
    Refused(String),
}

// Above this, names that differ by their number only are refused rather than searched for ever.
const MAX_SAME_NAMES: usize = 1_000;
// So many items ask together what is there already.
const LOOK_UP: usize = 512;

/// An item that will be written.
struct Planned {
    index: usize,
    name: CredentialName,
    username: Username,
    account: Account,
}

impl Vault {
    /// What an import would do. Nothing is stored.
    ///
    /// # Errors
    /// [`Error::Invalid`] where limits are passed, [`Error::Denied`].
    pub async fn preview_import(&self, actor: &Actor, ask: ImportRequest) -> Result<ImportReport, Error> {
        let import = self.read_files(actor, ask.files).await?;
        let (mut reader, actor) = self.reader(actor).await?;
        permit_by_role(&actor, Action::CreateCredential)?;
        let (report, _) = self.plan(&mut reader, import, &ask.skip).await?;
        Ok(report)
    }

    /// Adds what is new, in one transaction, with a record for each credential.
    ///
    /// # Errors
    /// As [`Vault::preview_import`]; then nothing was added.
    pub async fn commit_import(&self, actor: &Actor, ask: ImportRequest) -> Result<ImportReport, Error> {
        let tags = tidy_tags(ask.tags)?;
        let import = self.read_files(actor, ask.files).await?;
        let (mut tx, actor) = self.writer(actor).await?;
        permit_by_role(&actor, Action::CreateCredential)?;
        let (mut report, planned) = self.plan(&mut tx, import, &ask.skip).await?;
        let now = self.now();
        let (mut rows, mut seeds, mut entries) = (Vec::new(), Vec::new(), Vec::new());
        for Planned { index, name, username, account } in planned {
            let id = CredentialId::new(now, self.chance());
            seeds.push(self.seal_seed(id, &account.secret));
            entries.push(
                self.entry(&actor, AuditAction::CredentialImported)
                    .on(ObjectKind::Credential, id.uuid(), name.as_str())
                    .with("from", report.items[index].place.as_str()),
            );
            rows.push(CredentialRow {
                id,
                name,
                username,
                site: None,
                notes: Notes::parse("")?,
                status: CredentialStatus::Active,
                revision: 1,
                has_password: false,
                second_factor: Some(account.secret.second_factor()),
                created_at: now,
                updated_at: now,
                password_changed_at: None,
                tags: tags.clone(),
                grants: Grants::none(),
            });
            report.items[index].state = ImportState::Created(id);
        }
        if rows.is_empty() {
            return Ok(report);
        }
        let added = credentials::insert(&mut tx, &rows).await?;
        // Another server was faster with one of the names.
        if let Some(row) = rows.iter().find(|row| !added.contains(&row.id)) {
            return Err(name_taken(row));
        }
        secrets::insert_seeds(&mut tx, seeds).await?;
        tx.record_all(entries);
        tx.commit().await?;
        Ok(report)
    }

    /// Reads files for somebody who may add credentials. It takes as long as pictures take to search, so nothing of the database
    /// is held meanwhile, and one import is read at a time.
    async fn read_files(&self, actor: &Actor, files: Vec<ImportFile>) -> Result<Import, Error> {
        let (_, actor) = self.reader(actor).await?;
        permit_by_role(&actor, Action::CreateCredential)?;
        let _turn = self.inner.reading_files.acquire().await.map_err(|_| Error::Closing)?;
        let import = tokio::task::spawn_blocking(move || {
            let mut import = Import::new(ImportLimits::default());
            files.iter().try_for_each(|file| import.read(&file.name, &file.bytes)).map(|()| import)
        });
        let import = import.await.map_err(|_| Error::Closing)?;
        Ok(import.map_err(|error| Invalid::new("files", format!("cannot all be read: {error}")))?)
    }

    async fn plan(
        &self,
        db: &mut impl Select,
        import: Import,
        skip: &HashSet<usize>,
    ) -> Result<(ImportReport, Vec<Planned>), Error> {
        let missing = import.missing();
        let mut items: Vec<(ImportItem, Option<Account>)> =
            import.into_items().into_iter().map(ImportItem::read).collect();
        let mut there = There::default();
        let mut planned = Vec::new();
        for (part, items) in items.chunks_mut(LOOK_UP).enumerate() {
            let first = part * LOOK_UP;
            let wanted = items.iter_mut().enumerate().filter_map(|(place, (shown, account))| {
                let account = account.take()?;
                if skip.contains(&(first + place)) {
                    shown.state = ImportState::Skipped;
                    return None;
                }
                let print = self.keys().fingerprint(SecretKind::Seed.name(), account.secret.seed().key());
                Some((place, account, print))
            });
            let wanted: Vec<_> = wanted.collect();
            there.look_up(db, &wanted).await?;
            for (place, account, print) in wanted {
                let shown = &mut items[place].0;
                if let Some(name) = there.seeds.get(&print) {
                    shown.state = ImportState::Duplicate(name.clone());
                    continue;
                }
                match fit_names(db, &mut there, &account).await? {
                    Ok((name, username)) => {
                        shown.name = name.to_string();
                        there.seeds.insert(print, name.to_string());
                        planned.push(Planned { index: first + place, name, username, account });
                    }
                    Err(invalid) => shown.state = ImportState::Refused(invalid.to_string()),
                }
            }
        }
        let items = items.into_iter().map(|(shown, _)| shown).collect();
        Ok((ImportReport { items, missing }, planned))
    }
}

impl ImportItem {
    /// What was found, as it is shown: new as far as is known yet, or refused with the reason. With the account, if there is
    /// one that can be used.
    fn read(item: Item) -> (Self, Option<Account>) {
        let place = item.place.to_string();
        match item.outcome {
            Ok(account) => {
                let shown = Self {
                    place,
                    name: account.name.clone(),
                    username: account.account.clone(),
                    issuer: account.issuer.clone(),
                    second_factor: Some(account.secret.second_factor()),
                    warnings: account.warnings.clone(),
                    state: ImportState::New,
                };
                (shown, Some(account))
            }
            Err(refusal) => {
                let shown = Self {
                    place,
                    name: String::new(),
                    username: String::new(),
                    issuer: None,
                    second_factor: None,
                    warnings: Vec::new(),
                    state: ImportState::Refused(refusal.to_string()),
                };
                (shown, None)
            }
        }
    }
}

/// A name that nobody has, as near as possible to the one in the file, and the account's name.
async fn fit_names(
    db: &mut impl Select,
    there: &mut There,
    account: &Account,
) -> Result<Result<(CredentialName, Username), Invalid>, Error> {
    let parsed =
        CredentialName::parse(wanted_name(account)).and_then(|name| Ok((name, Username::parse(&account.account)?)));
    let (base, username) = match parsed {
        Ok(parsed) => parsed,
        Err(invalid) => return Ok(Err(invalid)),
    };
    for number in there.next_number(base.as_str())..=MAX_SAME_NAMES {
        let name = if number == 1 { base.to_string() } else { format!("{base} ({number})") };
        let name = match CredentialName::parse(&name) {
            Ok(name) => name,
            Err(invalid) => return Ok(Err(invalid)),
        };
        if !there.has(db, name.as_str()).await? {
            there.take(base.as_str(), name.as_str(), number);
            return Ok(Ok((name, username)));
        }
    }
    Ok(Err(Invalid::new("name", format!("\"{base}\" is taken {MAX_SAME_NAMES} times: rename some of them"))))
}

fn wanted_name(account: &Account) -> &str {
    let name = account.name.trim();
    if name.is_empty() { "Imported" } else { name }
}

/// What is there already, in the vault and in this import, as far as it has been asked for.
#[derive(Default)]
struct There {
    /// Who holds a seed, by its print.
    seeds: HashMap<[u8; 16], String>,
    /// Names that are taken, as they are searched for.
    taken: HashSet<String>,
    /// Names whose taking was looked up.
    asked: HashSet<String>,
    numbers: HashMap<String, usize>,
}

impl There {
    /// Asks the vault at once what otherwise each item would ask for.
    async fn look_up(&mut self, db: &mut impl Select, wanted: &[(usize, Account, [u8; 16])]) -> Result<(), Error> {
        let prints: Vec<_> = wanted.iter().map(|(_, _, print)| *print).collect();
        let names: Vec<_> = wanted.iter().map(|(_, account, _)| wanted_name(account)).collect();
        let seeds = secrets::same_seeds(db, &prints).await?;
        self.seeds.extend(seeds.into_iter().map(|(print, (_, name))| (print, name)));
        self.taken.extend(credentials::names_taken(db, &names).await?);
        self.asked = names.into_iter().map(search_key).collect();
        Ok(())
    }

    async fn has(&self, db: &mut impl Select, name: &str) -> Result<bool, Error> {
        let key = search_key(name);
        Ok(self.taken.contains(&key) || (!self.asked.contains(&key) && credentials::name_taken(db, name).await?))
    }

    fn next_number(&self, base: &str) -> usize {
        self.numbers.get(&search_key(base)).map_or(1, |last| last + 1)
    }

    fn take(&mut self, base: &str, name: &str, number: usize) {
        self.taken.insert(search_key(name));
        self.numbers.insert(search_key(base), number);
    }
}
