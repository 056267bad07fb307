//! Importing: what files hold, what would become of each item, and making it so.
//!
//! Preview and commit walk the same way: the preview only stops before it writes. A commit is one transaction, so that
//! an import that breaks off has added nothing.

use std::collections::{HashMap, HashSet};

use countersign_audit::{AuditAction, ObjectKind};
use countersign_model::{
    Action, Actor, CredentialId, CredentialName, CredentialStatus, Grants, Invalid, Notes, SecondFactor, Tag, Username,
    VersionId, search_key,
};
use countersign_seal::{Binding, SecretKind};
use countersign_store::{
    credentials::{self, CredentialRow},
    engine::Select,
    secrets::{self, NewSeed, SeedRow},
};
use countersign_transfer::{Account, Import, ImportLimits, Item};

use crate::{Error, Vault, credentials::edit::tidy_tags, vault::permit_by_role};

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

/// An item that will be written.
struct Planned {
    index: usize,
    name: CredentialName,
    username: Username,
    account: Account,
    print: [u8; 16],
}

impl Vault {
    /// What an import would do. Nothing is stored.
    ///
    /// # Errors
    /// [`Error::Invalid`] where limits are passed, [`Error::Denied`].
    pub async fn preview_import(&self, actor: &Actor, ask: ImportRequest) -> Result<ImportReport, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        permit_by_role(&actor, Action::CreateCredential)?;
        let (report, _) = self.plan(&mut reader, ask).await?;
        Ok(report)
    }

    /// Adds what is new, in one transaction, with a record for each credential.
    ///
    /// # Errors
    /// As [`Vault::preview_import`]; then nothing was added.
    pub async fn commit_import(&self, actor: &Actor, mut ask: ImportRequest) -> Result<ImportReport, Error> {
        let tags = tidy_tags(std::mem::take(&mut ask.tags))?;
        let (mut tx, actor) = self.writer(actor).await?;
        permit_by_role(&actor, Action::CreateCredential)?;
        let (mut report, planned) = self.plan(&mut tx, ask).await?;
        let now = self.now();
        let (mut rows, mut seeds, mut entries) = (Vec::new(), Vec::new(), Vec::new());
        for Planned { index, name, username, account, print } in planned {
            let id = CredentialId::new(now, self.chance());
            let version = VersionId::new(now, self.chance());
            let binding = Binding::of(SecretKind::Seed, id.uuid(), version.uuid());
            let sealed = self.keys().seal(&binding, &account.secret.to_sealed_bytes(), self.chance());
            let counter = account.secret.counter().map(|counter| i64::try_from(counter).unwrap_or(i64::MAX));
            seeds.push(NewSeed { credential: id, seed: SeedRow { version, sealed, counter }, print });
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
        credentials::insert_many(&mut tx, &rows).await?;
        secrets::insert_seeds(&mut tx, seeds).await?;
        tx.record_all(entries);
        tx.commit().await?;
        Ok(report)
    }

    async fn plan(&self, db: &mut impl Select, ask: ImportRequest) -> Result<(ImportReport, Vec<Planned>), Error> {
        let ImportRequest { files, skip, tags: _ } = ask;
        // Pictures take a while to search.
        let import = tokio::task::spawn_blocking(move || {
            let mut import = Import::new(ImportLimits::default());
            files.iter().try_for_each(|file| import.read(&file.name, &file.bytes)).map(|()| import)
        });
        let import = import.await.map_err(|_| Error::Closing)?;
        let import = import.map_err(|error| Invalid::new("files", format!("cannot all be read: {error}")))?;
        let missing = import.missing();
        let mut names = Names::default();
        let mut prints: HashMap<[u8; 16], String> = HashMap::new();
        let (mut items, mut planned) = (Vec::new(), Vec::new());
        for (index, item) in import.into_items().into_iter().enumerate() {
            let mut shown = ImportItem::of(&item);
            let Ok(account) = item.outcome else {
                items.push(shown);
                continue;
            };
            if skip.contains(&index) {
                shown.state = ImportState::Skipped;
                items.push(shown);
                continue;
            }
            let print = self.keys().fingerprint(SecretKind::Seed.name(), account.secret.seed().key());
            let same = match prints.get(&print) {
                Some(name) => Some(name.clone()),
                None => secrets::same_seed(db, &print).await?.map(|(_, name)| name),
            };
            if let Some(name) = same {
                shown.state = ImportState::Duplicate(name);
                items.push(shown);
                continue;
            }
            match fit_names(db, &mut names, &account).await? {
                Ok((name, username)) => {
                    shown.name = name.to_string();
                    prints.insert(print, name.to_string());
                    planned.push(Planned { index, name, username, account, print });
                }
                Err(invalid) => shown.state = ImportState::Refused(invalid.to_string()),
            }
            items.push(shown);
        }
        Ok((ImportReport { items, missing }, planned))
    }
}

impl ImportItem {
    /// What was found, as it is shown: new as far as is known yet, or refused with the reason.
    fn of(item: &Item) -> Self {
        let mut shown = Self {
            place: item.place.to_string(),
            name: String::new(),
            username: String::new(),
            issuer: None,
            second_factor: None,
            warnings: Vec::new(),
            state: ImportState::New,
        };
        match &item.outcome {
            Ok(account) => {
                shown.name.clone_from(&account.name);
                shown.username.clone_from(&account.account);
                shown.issuer.clone_from(&account.issuer);
                shown.second_factor = Some(account.secret.second_factor());
                shown.warnings.clone_from(&account.warnings);
            }
            Err(refusal) => shown.state = ImportState::Refused(refusal.to_string()),
        }
        shown
    }
}

/// A name that nobody has, as near as possible to the one in the file, and the account's name.
async fn fit_names(
    db: &mut impl Select,
    names: &mut Names,
    account: &Account,
) -> Result<Result<(CredentialName, Username), Invalid>, Error> {
    let wanted = if account.name.trim().is_empty() { "Imported" } else { account.name.as_str() };
    let parsed = CredentialName::parse(wanted).and_then(|name| Ok((name, Username::parse(&account.account)?)));
    let (base, username) = match parsed {
        Ok(parsed) => parsed,
        Err(invalid) => return Ok(Err(invalid)),
    };
    for number in names.next_number(base.as_str())..=MAX_SAME_NAMES {
        let name = if number == 1 { base.to_string() } else { format!("{base} ({number})") };
        let name = match CredentialName::parse(&name) {
            Ok(name) => name,
            Err(invalid) => return Ok(Err(invalid)),
        };
        if !names.taken.contains(&search_key(name.as_str())) && !credentials::name_taken(db, name.as_str()).await? {
            names.take(base.as_str(), name.as_str(), number);
            return Ok(Ok((name, username)));
        }
    }
    Ok(Err(Invalid::new("name", format!("\"{base}\" is taken {MAX_SAME_NAMES} times: rename some of them"))))
}

/// Names that this import takes.
#[derive(Default)]
struct Names {
    taken: HashSet<String>,
    numbers: HashMap<String, usize>,
}

impl Names {
    fn next_number(&self, base: &str) -> usize {
        self.numbers.get(&search_key(base)).map_or(1, |last| last + 1)
    }

    fn take(&mut self, base: &str, name: &str, number: usize) {
        self.taken.insert(search_key(name));
        self.numbers.insert(search_key(base), number);
    }
}
