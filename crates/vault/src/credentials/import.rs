//! Importing: what files hold, what would become of each item, and making it so.
//!
//! Preview and commit walk the same way: the preview only stops before it writes. A commit is one transaction, so that
//! an import that breaks off has added nothing.

use std::collections::{HashMap, HashSet};

use countersign_audit::{AuditAction, ObjectKind};
use countersign_model::{
    Action, Actor, CredentialId, CredentialName, CredentialStatus, Grants, Invalid, Notes, SecondFactor, SiteAddress,
    Tag, Username, search_key,
};
use countersign_otp::OtpSecret;
use countersign_seal::{Secret, SecretKind};
use countersign_store::{
    credentials::{self, CredentialRow},
    engine::Select,
    secrets::{self, SamePassword},
};
use countersign_transfer::{Account, Import, ImportLimits, ImportRefusal, Item, ReadError};

use crate::{
    Error, Vault,
    credentials::create::{check_password, name_taken, tidy_tags},
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
    /// It was left out as asked.
    Skipped,
    /// Its seed is there already, under this name.
    Duplicate(String),
    /// A credential of its name and user name holds its password already.
    SamePassword(String),
    /// It cannot be used, for this reason.
    Refused(String),
}

// Above this, names that differ by their number only are refused rather than searched for ever.
const MAX_SAME_NAMES: usize = 1_000;
/// Tags of one account; whoever imports adds others, and a credential has 32 at the most.
const MOST_TAGS: usize = 16;
// So many items ask together what is there already.
const LOOK_UP: usize = 512;

/// An item that will be written.
struct Planned {
    index: usize,
    name: CredentialName,
    username: Username,
    notes: Notes,
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
        if tags.len() > MOST_TAGS {
            return Err(Invalid::new("tags", format!("are too many: at most {MOST_TAGS} for an import")).into());
        }
        let import = self.read_files(actor, ask.files).await?;
        let (mut tx, actor) = self.writer(actor).await?;
        permit_by_role(&actor, Action::CreateCredential)?;
        let (mut report, planned) = self.plan(&mut tx, import, &ask.skip).await?;
        let (mut rows, mut seeds, mut passwords, mut entries) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for one in planned {
            let shown = &mut report.items[one.index];
            let id = CredentialId::new(self.now(), self.chance());
            entries.push(
                self.entry(&actor, AuditAction::CredentialImported)
                    .on(ObjectKind::Credential, id.uuid(), one.name.as_str())
                    .with("from", shown.place.as_str())
                    .with("password", shown.has_password)
                    .with("second_factor", shown.second_factor.is_some()),
            );
            seeds.extend(one.account.secret.as_ref().map(|seed| self.seal_seed(id, seed)));
            if let Some(password) = &one.account.password {
                passwords.push(self.seal_password(id, password, &actor)?);
            }
            rows.push(self.imported_row(id, one, shown, &tags)?);
            shown.state = ImportState::Created(id);
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
        secrets::insert_passwords(&mut tx, passwords).await?;
        tx.record_all(entries);
        tx.commit().await?;
        Ok(report)
    }

    fn imported_row(
        &self,
        id: CredentialId,
        one: Planned,
        shown: &ImportItem,
        tags: &[Tag],
    ) -> Result<CredentialRow, Error> {
        let now = self.now();
        Ok(CredentialRow {
            id,
            name: one.name,
            username: one.username,
            site: shown.site.clone(),
            notes: one.notes,
            status: CredentialStatus::Active,
            revision: 1,
            has_password: shown.has_password,
            second_factor: shown.second_factor,
            created_at: now,
            updated_at: now,
            password_changed_at: shown.has_password.then_some(now),
            tags: tidy_tags(shown.tags.iter().chain(tags).cloned().collect())?,
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

    async fn plan(
        &self,
        db: &mut impl Select,
        import: Import,
        skip: &HashSet<usize>,
    ) -> Result<(ImportReport, Vec<Planned>), Error> {
        let missing = import.missing();
        let left_out = import.left_out().iter().map(|(what, count)| (*what, *count)).collect();
        let locked = locked_files(import.items());
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
                let prints = self.prints(&account);
                Some((place, account, prints))
            });
            let wanted: Vec<_> = wanted.collect();
            there.look_up(db, &wanted).await?;
            for (place, account, prints) in wanted {
                let shown = &mut items[place].0;
                if let Some(state) = there.holds(&account, &prints) {
                    shown.state = state;
                    continue;
                }
                match fit_names(db, &mut there, &account).await? {
                    Ok((name, username)) => {
                        shown.name = name.to_string();
                        there.took(&account, &prints, &name);
                        let notes = notes_of(&account, shown)?;
                        planned.push(Planned { index: first + place, name, username, notes, account });
                    }
                    Err(invalid) => shown.state = ImportState::Refused(invalid.to_string()),
                }
            }
        }
        let items = items.into_iter().map(|(shown, _)| shown).collect();
        Ok((ImportReport { items, missing, left_out, locked }, planned))
    }

    fn prints(&self, account: &Account) -> Prints {
        let print = |kind: SecretKind, secret: &Secret| self.keys().fingerprint(kind.name(), secret);
        Prints {
            seed: account.secret.as_ref().map(|it| print(SecretKind::Seed, it.seed().key())),
            password: account.password.as_ref().map(|it| print(SecretKind::Password, it)),
        }
    }
}

impl ImportItem {
    /// What was found, as it is shown: new as far as is known yet, or refused with the reason. With the account, if there is
    /// one that can be used.
    fn read(item: Item) -> (Self, Option<Account>) {
        let mut shown = Self {
            place: item.place.to_string(),
            name: String::new(),
            username: String::new(),
            issuer: None,
            site: None,
            has_password: false,
            second_factor: None,
            tags: Vec::new(),
            warnings: Vec::new(),
            state: ImportState::New,
        };
        let mut account = match item.outcome {
            Ok(account) => account,
            Err(refusal) => {
                shown.state = ImportState::Refused(refusal.to_string());
                return (shown, None);
            }
        };
        shown.name.clone_from(&account.name);
        shown.username.clone_from(&account.account);
        shown.issuer.clone_from(&account.issuer);
        shown.warnings = std::mem::take(&mut account.warnings);
        shown.take_site(&account);
        shown.take_tags(&account);
        if account.password.as_ref().is_some_and(|password| check_password(password).is_err()) {
            shown
                .warnings
                .push("its password is longer than any site takes, or cannot be typed: it is left out".to_owned());
            account.password = None;
        }
        shown.has_password = account.password.is_some();
        shown.second_factor = account.secret.as_ref().map(OtpSecret::second_factor);
        if account.password.is_none() && account.secret.is_none() {
            shown.state = ImportState::Refused("it has neither a password nor a setup key".to_owned());
            return (shown, None);
        }
        (shown, Some(account))
    }

    /// What cannot be a site is left out and said: an app's own address, a page without a host.
    fn take_site(&mut self, account: &Account) {
        let Some(text) = account.site.as_ref().filter(|text| !text.trim().is_empty()) else { return };
        match SiteAddress::parse(text).and_then(|site| site.check_tls().map(|()| site)) {
            Ok(site) => self.site = Some(site),
            Err(invalid) => self.warnings.push(format!("its site is left out, because it {}", invalid.problem)),
        }
    }

    fn take_tags(&mut self, account: &Account) {
        let mut refused = 0;
        for text in &account.tags {
            match Tag::parse(text) {
                Ok(tag) if self.tags.len() < MOST_TAGS => self.tags.push(tag),
                _ => refused += 1,
            }
        }
        if refused > 0 {
            self.warnings
                .push(format!("{refused} of its folders and tags are left out: too many, too long or not to be shown"));
        }
    }
}

/// What cannot stand in notes is left out and said.
fn notes_of(account: &Account, shown: &mut ImportItem) -> Result<Notes, Invalid> {
    Notes::parse(&account.notes).or_else(|invalid| {
        shown.warnings.push(format!("its notes are left out: the text {}", invalid.problem));
        Notes::parse("")
    })
}

/// Files that are encrypted and were not opened, each once.
fn locked_files(items: &[Item]) -> Vec<String> {
    let locked = |item: &&Item| item.outcome.as_ref().is_err_and(ImportRefusal::asks_for_password);
    let mut names: Vec<String> = items.iter().filter(locked).map(|item| item.place.file_name().to_owned()).collect();
    names.dedup();
    names
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

/// By what the secrets of an account are known again.
struct Prints {
    seed: Option<[u8; 16]>,
    password: Option<[u8; 16]>,
}

/// What is there already, in the vault and in this import, as far as it has been asked for.
#[derive(Default)]
struct There {
    /// Who holds a seed, by its print.
    seeds: HashMap<[u8; 16], String>,
    /// Who holds a password: its print, name and user name as they are searched for; and what the credential is called.
    passwords: HashMap<([u8; 16], String, String), String>,
    /// Names that are taken, as they are searched for.
    taken: HashSet<String>,
    /// Names whose taking was looked up.
    asked: HashSet<String>,
    numbers: HashMap<String, usize>,
}

impl There {
    /// Asks the vault at once what otherwise each item would ask for.
    async fn look_up(&mut self, db: &mut impl Select, wanted: &[(usize, Account, Prints)]) -> Result<(), Error> {
        let seeds: Vec<_> = wanted.iter().filter_map(|(_, _, prints)| prints.seed).collect();
        let passwords: Vec<_> = wanted.iter().filter_map(|(_, _, prints)| prints.password).collect();
        let names: Vec<_> = wanted.iter().map(|(_, account, _)| wanted_name(account)).collect();
        let seeds = secrets::same_seeds(db, &seeds).await?;
        self.seeds.extend(seeds.into_iter().map(|(print, (_, name))| (print, name)));
        for SamePassword { print, name, username } in secrets::same_passwords(db, &passwords).await? {
            self.passwords.entry((print, search_key(&name), search_key(&username))).or_insert(name);
        }
        self.taken.extend(credentials::names_taken(db, &names).await?);
        self.asked = names.into_iter().map(search_key).collect();
        Ok(())
    }

    /// Whether the vault, or an account before it, holds what this one brings. Who has the same password elsewhere is another.
    fn holds(&self, account: &Account, prints: &Prints) -> Option<ImportState> {
        match (prints.seed, prints.password) {
            (Some(seed), _) => self.seeds.get(&seed).cloned().map(ImportState::Duplicate),
            (None, Some(print)) => self.passwords.get(&key(account, print)).cloned().map(ImportState::SamePassword),
            (None, None) => None,
        }
    }

    fn took(&mut self, account: &Account, prints: &Prints, name: &CredentialName) {
        self.seeds.extend(prints.seed.map(|seed| (seed, name.to_string())));
        self.passwords.extend(prints.password.map(|print| (key(account, print), name.to_string())));
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

fn key(account: &Account, print: [u8; 16]) -> ([u8; 16], String, String) {
    (print, search_key(wanted_name(account)), search_key(&account.account))
}
