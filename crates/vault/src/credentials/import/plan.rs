//! What is to become of each item of an import. Nothing is written here.

use std::collections::HashSet;

use countersign_model::{CredentialId, CredentialName, Invalid, Notes, SiteAddress, Tag, Username};
use countersign_seal::{Secret, SecretKind};
use countersign_store::{credentials, engine::Select};
use countersign_transfer::{Account, Import};

use super::{
    items::{MOST_TAGS, locked_files, notes_of},
    known::{Addition, Fate, Holder, KnownAccounts, Traits, wanted_name},
    report::{ImportAddition, ImportItem, ImportReport, ImportRequest, ImportState},
};
use crate::{Error, Vault};

/// Above this, names that differ by their number only are refused rather than searched for ever.
const MAX_SAME_NAMES: usize = 1_000;
/// So many items ask together what is there already.
const LOOK_UP: usize = 512;
/// Credentials that one import adds something to: each is an edit by itself, and nobody else writes meanwhile.
const MAX_CHANGES: usize = 5_000;

/// What an import does.
pub(super) struct Plan {
    pub(super) report: ImportReport,
    pub(super) new: Vec<Planned>,
    pub(super) changes: Vec<PlannedChange>,
}

/// A credential that will be added.
pub(super) struct Planned {
    /// Of its item.
    pub(super) index: usize,
    pub(super) name: CredentialName,
    pub(super) username: Username,
    pub(super) notes: Notes,
    pub(super) site: Option<SiteAddress>,
    pub(super) tags: Vec<Tag>,
    pub(super) account: Account,
}

/// A credential to which something will be added.
pub(super) struct PlannedChange {
    /// Of its item.
    pub(super) index: usize,
    pub(super) id: CredentialId,
    pub(super) addition: ImportAddition,
    pub(super) site: Option<SiteAddress>,
    pub(super) notes: Notes,
    pub(super) account: Account,
}

/// An account that is to be taken, with its item.
struct Wanted<'i> {
    index: usize,
    shown: &'i mut ImportItem,
    account: Account,
    traits: Traits,
}

impl Vault {
    pub(super) async fn plan(&self, db: &mut impl Select, import: Import, ask: &ImportRequest) -> Result<Plan, Error> {
        let missing = import.missing();
        let left_out = import.left_out().iter().map(|(what, count)| (*what, *count)).collect();
        let locked = locked_files(import.items());
        let read = |item| ImportItem::read(item, ask.leave_out_notes);
        let mut items: Vec<(ImportItem, Option<Account>)> = import.into_items().into_iter().map(read).collect();
        let (mut known, mut new, mut changes) = (KnownAccounts::default(), Vec::new(), Vec::new());
        for (part, items) in items.chunks_mut(LOOK_UP).enumerate() {
            let first = part * LOOK_UP;
            let wanted = items.iter_mut().enumerate().filter_map(|(place, (shown, account))| {
                let (account, index) = (account.take()?, first + place);
                if ask.skip.contains(&index) {
                    shown.state = ImportState::Skipped;
                    return None;
                }
                let traits = self.traits(&account);
                Some(Wanted { index, shown, account, traits })
            });
            let wanted: Vec<Wanted<'_>> = wanted.collect();
            known.look_up(db, wanted.iter().map(|one| &one.traits)).await?;
            for one in wanted {
                place_one(db, &mut known, one, &mut new, &mut changes).await?;
            }
        }
        let granted_tags = granted_tags(db, &new).await?;
        let items = items.into_iter().map(|(shown, _)| shown).collect();
        Ok(Plan {
            report: ImportReport { items, missing, left_out, locked, granted_tags, tables: Vec::new() },
            new,
            changes,
        })
    }

    fn traits(&self, account: &Account) -> Traits {
        let print = |kind: SecretKind, secret: &Secret| self.keys().fingerprint(kind.name(), secret);
        let seed = account.secret.as_ref().map(|it| print(SecretKind::Seed, it.seed().key()));
        Traits::of(account, seed, account.password.as_ref().map(|it| print(SecretKind::Password, it)))
    }
}

/// Says what becomes of one, and puts it where it belongs.
async fn place_one(
    db: &mut impl Select,
    known: &mut KnownAccounts,
    one: Wanted<'_>,
    new: &mut Vec<Planned>,
    changes: &mut Vec<PlannedChange>,
) -> Result<(), Error> {
    let Wanted { index, shown, account, traits } = one;
    match known.fate(&traits) {
        Fate::Duplicate { of, by_seed, leaves_password } => {
            shown.state = ImportState::Duplicate { of, by_seed, leaves_password };
        }
        Fate::Adds(found) => {
            known.added(&traits, &found);
            let Addition { name: to, password, seed: second_factor, leaves_password, .. } = found.clone();
            let addition = ImportAddition { to, password, second_factor, leaves_password };
            match found.to {
                Holder::Planned(place) => {
                    shown.state = ImportState::Joined(addition.clone());
                    if let Some(planned) = new.get_mut(place) {
                        planned.join(account, shown, &addition)?;
                    }
                }
                Holder::Stored(_) if changes.len() == MAX_CHANGES => {
                    shown.state = ImportState::Refused(format!(
                        "an import adds to {MAX_CHANGES} credentials at the most: import the same files again for the rest"
                    ));
                }
                Holder::Stored(id) => {
                    if !shown.tags.is_empty() {
                        let kept = format!("its folders and tags are left out: \"{}\" keeps its own", addition.to);
                        shown.warnings.push(kept);
                    }
                    shown.state = ImportState::Change(id, addition.clone());
                    let (site, notes) = (shown.site.clone(), notes_of(&account, shown)?);
                    changes.push(PlannedChange { index, id, addition, site, notes, account });
                }
            }
        }
        Fate::New => match fit_names(db, known, &account).await? {
            Ok((name, username)) => {
                shown.name = name.to_string();
                known.took(&traits, new.len(), name.as_str());
                let notes = notes_of(&account, shown)?;
                let (site, tags) = (shown.site.clone(), shown.tags.clone());
                new.push(Planned { index, name, username, notes, site, tags, account });
            }
            Err(invalid) => shown.state = ImportState::Refused(invalid.to_string()),
        },
    }
    Ok(())
}

impl Planned {
    /// Takes what it lacks from another item of the same account.
    fn join(&mut self, account: Account, shown: &mut ImportItem, addition: &ImportAddition) -> Result<(), Invalid> {
        if self.notes.as_str().is_empty() {
            self.notes = notes_of(&account, shown)?;
        }
        if self.site.is_none() {
            self.site.clone_from(&shown.site);
        }
        let mut more: Vec<Tag> = shown.tags.iter().filter(|tag| !self.tags.contains(tag)).cloned().collect();
        more.truncate(MOST_TAGS.saturating_sub(self.tags.len()));
        self.tags.extend(more);
        if addition.password {
            self.account.password = account.password;
        }
        if addition.second_factor {
            self.account.secret = account.secret;
        }
        Ok(())
    }
}

/// Those tags of what is new by which something was granted.
async fn granted_tags(db: &mut impl Select, new: &[Planned]) -> Result<Vec<Tag>, Error> {
    if new.iter().all(|one| one.tags.is_empty()) {
        return Ok(Vec::new());
    }
    let granted = credentials::granted_tags(db).await?;
    let used: HashSet<&Tag> =
        new.iter().flat_map(|one| &one.tags).filter(|tag| granted.contains(tag.as_str())).collect();
    let mut used: Vec<Tag> = used.into_iter().cloned().collect();
    used.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
    Ok(used)
}

/// A name that nobody has, as near as possible to the one in the file, and the account's name.
async fn fit_names(
    db: &mut impl Select,
    known: &mut KnownAccounts,
    account: &Account,
) -> Result<Result<(CredentialName, Username), Invalid>, Error> {
    let parsed =
        CredentialName::parse(wanted_name(account)).and_then(|name| Ok((name, Username::parse(&account.account)?)));
    let (base, username) = match parsed {
        Ok(parsed) => parsed,
        Err(invalid) => return Ok(Err(invalid)),
    };
    for number in known.next_number(base.as_str())..=MAX_SAME_NAMES {
        let name = if number == 1 { base.to_string() } else { format!("{base} ({number})") };
        let name = match CredentialName::parse(&name) {
            Ok(name) => name,
            Err(invalid) => return Ok(Err(invalid)),
        };
        if !known.has_name(db, name.as_str()).await? {
            known.take_name(base.as_str(), name.as_str(), number);
            return Ok(Ok((name, username)));
        }
    }
    Ok(Err(Invalid::new("name", format!("\"{base}\" is taken {MAX_SAME_NAMES} times: rename some of them"))))
}
