//! What is to become of each item of an import. Nothing is written here.

use std::collections::{BTreeSet, HashSet};

use countersign_model::{Actor, CredentialId, CredentialName, Invalid, Notes, Reach, SiteAddress, Tag, Username};
use countersign_seal::{Secret, SecretKind};
use countersign_store::{credentials, engine::Select};
use countersign_transfer::{Account, Import};

use super::{
    items::{MOST_TAGS, locked_files},
    known::{Fate, Holder, KnownAccounts},
    names::TakenNames,
    report::{ImportAddition, ImportItem, ImportParts, ImportReport, ImportRequest, ImportState, KnownBy},
    traits::Traits,
};
use crate::{Error, Vault, credentials::many::MAX_AT_ONCE};

/// So many items ask together what is there already.
const LOOK_UP: usize = 512;
/// Credentials that one import adds something to, as many as are changed at once elsewhere: each is an edit by itself, and nobody else
/// writes meanwhile.
const MAX_CHANGES: usize = MAX_AT_ONCE;

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
    /// Where it was found, and what was joined with it.
    pub(super) from: String,
}

/// A credential to which something will be added.
pub(super) struct PlannedChange {
    /// Of its item.
    pub(super) index: usize,
    pub(super) id: CredentialId,
    pub(super) addition: ImportAddition,
    pub(super) username: Option<Username>,
    pub(super) site: Option<SiteAddress>,
    pub(super) notes: Option<Notes>,
    pub(super) account: Account,
}

/// An account that is to be taken, with its item.
struct Wanted<'i> {
    index: usize,
    shown: &'i mut ImportItem,
    account: Account,
    traits: Traits,
    /// Whether a site may be given to a credential that is there.
    may_point: bool,
}

impl Vault {
    pub(super) async fn plan(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        import: Import,
        ask: &ImportRequest,
    ) -> Result<Plan, Error> {
        // A token that was not made to manage says nowhere where passwords are typed.
        let may_point = actor.reach != Reach::Token { admin: false };
        let missing = import.missing();
        let left_out = import.left_out().iter().map(|(what, count)| (*what, *count)).collect();
        let locked = locked_files(import.items());
        let read = |item| ImportItem::read(item, ask.leave_out_notes);
        let mut items: Vec<(ImportItem, Option<Account>)> = import.into_items().into_iter().map(read).collect();
        let (mut known, mut names) = (KnownAccounts::default(), TakenNames::default());
        let (mut new, mut changes) = (Vec::new(), Vec::new());
        let wanted = items.iter_mut().enumerate().filter_map(|(index, (shown, account))| {
            let account = account.take()?;
            if ask.skip.contains(&index) {
                shown.state = ImportState::Skipped;
                return None;
            }
            let traits = self.traits(&account, shown);
            known.announce(&traits);
            Some(Wanted { index, shown, account, traits, may_point })
        });
        // All is announced before any of it is judged.
        let mut wanted = wanted.collect::<Vec<Wanted<'_>>>().into_iter();
        loop {
            let part: Vec<Wanted<'_>> = wanted.by_ref().take(LOOK_UP).collect();
            if part.is_empty() {
                break;
            }
            names.learn(known.look_up(db, part.iter().map(|one| &one.traits)).await?);
            for one in part {
                place_one(db, (&mut known, &mut names), one, &mut new, &mut changes).await?;
            }
        }
        let granted_tags = granted_tags(db, &new, &ask.tags).await?;
        let granted_sites = granted_sites(db, &new, &changes).await?;
        let items = items.into_iter().map(|(shown, _)| shown).collect();
        let tables = Vec::new();
        let report = ImportReport { items, missing, left_out, locked, granted_tags, granted_sites, tables };
        Ok(Plan { report, new, changes })
    }

    fn traits(&self, account: &Account, shown: &ImportItem) -> Traits {
        let print = |kind: SecretKind, secret: &Secret| self.keys().fingerprint(kind.name(), secret);
        let seed = account.secret.as_ref().map(|it| print(SecretKind::Seed, it.seed().key()));
        let traits = Traits::of(account, seed, account.password.as_ref().map(|it| print(SecretKind::Password, it)));
        traits.with(shown.site.as_ref().map(SiteAddress::to_string), !shown.tags.is_empty())
    }
}

/// Says what becomes of one, and puts it where it belongs.
async fn place_one(
    db: &mut impl Select,
    (known, names): (&mut KnownAccounts, &mut TakenNames),
    one: Wanted<'_>,
    new: &mut Vec<Planned>,
    changes: &mut Vec<PlannedChange>,
) -> Result<(), Error> {
    let Wanted { index, shown, account, traits, may_point } = one;
    shown.warnings.extend(known.other_tokens(&traits));
    match without_site(known.fate(&traits), shown, may_point) {
        Fate::Duplicate { of, by, leaves_password } => {
            shown.state = ImportState::Duplicate { of, by, leaves_password };
        }
        Fate::Adds(found) if matches!(found.to, Holder::Stored(_)) && changes.len() == MAX_CHANGES => {
            shown.state = ImportState::Refused(format!(
                "an import adds to {MAX_CHANGES} credentials at the most: import the same files again for the rest"
            ));
        }
        Fate::Adds(found) => {
            known.added(&traits, &found);
            shown.tell_of_left_out(&found);
            let addition =
                ImportAddition { to: found.name, parts: found.parts, leaves_password: found.leaves_password };
            match found.to {
                Holder::Planned(place) => {
                    if let Some(planned) = new.get_mut(place) {
                        planned.join(account, shown, found.parts)?;
                    }
                    shown.state = ImportState::Joined(addition);
                }
                Holder::Stored(id) => {
                    changes.push(PlannedChange::of(index, id, account, shown, addition.clone())?);
                    shown.state = ImportState::Change(id, addition);
                }
            }
        }
        Fate::New => match names.fit(db, &account).await? {
            Ok((name, username)) => {
                shown.name = name.to_string();
                known.took(&traits, new.len(), name.as_str());
                let notes = Notes::parse(&account.notes)?;
                let (site, tags, from) = (shown.site.clone(), shown.tags.clone(), shown.place.clone());
                new.push(Planned { index, name, username, notes, site, tags, account, from });
            }
            Err(invalid) => shown.state = ImportState::Refused(invalid.to_string()),
        },
    }
    Ok(())
}

/// What becomes of it where a site may not be given to what is stored.
fn without_site(fate: Fate, shown: &mut ImportItem, may_point: bool) -> Fate {
    match fate {
        Fate::Adds(mut found) if !may_point && found.parts.site && matches!(found.to, Holder::Stored(_)) => {
            found.parts.site = false;
            let why = "its site is left out: this API token was not made to say where passwords are typed";
            shown.warnings.push(why.to_owned());
            if found.parts == ImportParts::default() {
                return Fate::Duplicate { of: found.name, by: KnownBy::Name, leaves_password: found.leaves_password };
            }
            Fate::Adds(found)
        }
        fate => fate,
    }
}

impl PlannedChange {
    fn of(
        index: usize,
        id: CredentialId,
        account: Account,
        shown: &mut ImportItem,
        addition: ImportAddition,
    ) -> Result<Self, Invalid> {
        if !shown.tags.is_empty() {
            shown.warnings.push(format!("its folders and tags are left out: \"{}\" keeps its own", addition.to));
        }
        let ImportParts { username, site, notes, .. } = addition.parts;
        let username = if username { Some(Username::parse(&account.account)?) } else { None };
        let notes = if notes { Some(Notes::parse(&account.notes)?) } else { None };
        let site = shown.site.clone().filter(|_| site);
        Ok(Self { index, id, addition, username, site, notes, account })
    }
}

impl Planned {
    /// Takes what it lacks from another item of the same account.
    fn join(&mut self, account: Account, shown: &mut ImportItem, parts: ImportParts) -> Result<(), Invalid> {
        let ImportParts { password, second_factor, username, site, notes, tags } = parts;
        self.from = format!("{}; {}", self.from, shown.place);
        if notes {
            self.notes = Notes::parse(&account.notes)?;
        }
        if site {
            self.site.clone_from(&shown.site);
        }
        if username {
            self.username = Username::parse(&account.account)?;
        }
        if tags {
            let mut more: Vec<Tag> = shown.tags.iter().filter(|tag| !self.tags.contains(tag)).cloned().collect();
            let room = MOST_TAGS.saturating_sub(self.tags.len());
            if more.len() > room {
                shown.warnings.push(format!("{} of its folders and tags are left out: too many", more.len() - room));
                more.truncate(room);
            }
            self.tags.extend(more);
        }
        if password {
            self.account.password = account.password;
        }
        if second_factor {
            self.account.secret = account.secret;
        }
        Ok(())
    }
}

/// Those tags of what is new by which something was granted; `more` are on all of it.
async fn granted_tags(db: &mut impl Select, new: &[Planned], more: &[Tag]) -> Result<Vec<Tag>, Error> {
    let used: HashSet<&Tag> = new.iter().flat_map(|one| &one.tags).collect();
    let used: HashSet<&Tag> = if new.is_empty() { used } else { used.into_iter().chain(more).collect() };
    if used.is_empty() {
        return Ok(Vec::new());
    }
    let granted = credentials::granted_tags(db).await?;
    let mut used: Vec<Tag> = used.into_iter().filter(|tag| granted.contains(tag.as_str())).cloned().collect();
    used.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
    Ok(used)
}

/// Hosts of sites that come along, by which something was granted.
async fn granted_sites(db: &mut impl Select, new: &[Planned], changes: &[PlannedChange]) -> Result<Vec<String>, Error> {
    let sites =
        new.iter().filter_map(|one| one.site.as_ref()).chain(changes.iter().filter_map(|one| one.site.as_ref()));
    let used: BTreeSet<String> = sites.map(SiteAddress::host).collect();
    if used.is_empty() {
        return Ok(Vec::new());
    }
    let granted = credentials::granted_sites(db).await?;
    Ok(used.into_iter().filter(|host| granted.contains(host)).collect())
}
