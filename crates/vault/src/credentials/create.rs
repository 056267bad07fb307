//! Adding credentials. Those that are added at the same moment are one transaction, so that one flush of the disk serves
//! them all; each is permitted, refused and answered by itself.

use std::collections::{HashMap, hash_map::Entry};

use countersign_audit::{AuditAction, AuditEntry, ObjectKind};
use countersign_model::{
    Action, Actor, CredentialId, CredentialName, CredentialStatus, Grants, Invalid, Notes, SiteAddress, Tag, Username,
    VersionId,
};
use countersign_otp::OtpSecret;
use countersign_seal::{Binding, Secret, SecretKind};
use countersign_store::{
    credentials::{self, CredentialRow},
    engine::Select as _,
    secrets::{self, NewPassword, NewSeed, SeedRow},
    vault as vault_row,
};
use tokio::sync::oneshot;

use crate::{
    Conflict, CredentialView, DatabaseTrouble, Error, Vault,
    access::actor::recognise_again,
    credentials::{
        queue::{Creation, Outcome, Waiting},
        view::view,
    },
    unit::Unit,
    vault::permit_by_role,
};

/// A credential to add.
pub struct NewCredential {
    /// What the team calls it.
    pub name: CredentialName,
    /// The account's name.
    pub username: Username,
    /// Its password, if it is known.
    pub password: Option<Secret>,
    /// Where it signs in.
    pub site: Option<SiteAddress>,
    /// Its seed.
    pub seed: Option<OtpSecret>,
    /// Words that group it.
    pub tags: Vec<Tag>,
    /// Free text.
    pub notes: Notes,
}

const MAX_TAGS: usize = 32;
const LONGEST_PASSWORD: usize = 4_096;

/// The credential that was added, with warnings.
type Created = (CredentialView, Vec<String>);

impl Vault {
    /// Adds a credential. Gives it with warnings, such as that another credential holds the same seed.
    ///
    /// # Errors
    /// [`Conflict::NameTaken`], [`Error::Invalid`], [`Error::Denied`].
    pub async fn create_credential(&self, actor: &Actor, new: NewCredential) -> Result<Created, Error> {
        let creation = self.prepare(actor.clone(), new)?;
        let row = creation.row.clone();
        let (reply, answer) = oneshot::channel();
        self.inner.creations.push(Waiting { creation, reply });
        let vault = self.clone();
        // A task of its own, because others may be in the group: they must not go with a caller who goes away.
        tokio::spawn(async move { vault.write_creations().await });
        let (actor, warnings) = answer.await.map_err(|_| Error::Closing)??;
        Ok((view(&actor, row, self.now()), warnings))
    }

    fn prepare(&self, actor: Actor, new: NewCredential) -> Result<Creation, Error> {
        new.site.as_ref().map_or(Ok(()), SiteAddress::check_tls)?;
        let now = self.now();
        let id = CredentialId::new(now, self.chance());
        let password = new.password.as_ref().map(|password| self.seal_password(id, password, &actor)).transpose()?;
        let seed = new.seed.as_ref().map(|seed| self.seal_seed(id, seed));
        let row = CredentialRow {
            id,
            name: new.name,
            username: new.username,
            site: new.site,
            notes: new.notes,
            status: CredentialStatus::Active,
            revision: 1,
            has_password: password.is_some(),
            second_factor: new.seed.as_ref().map(OtpSecret::second_factor),
            created_at: now,
            updated_at: now,
            password_changed_at: password.is_some().then_some(now),
            tags: tidy_tags(new.tags)?,
            grants: Grants::none(),
        };
        Ok(Creation { actor, row, password, seed })
    }

    /// Writes a group of those who wait; whoever comes meanwhile finds its turn later.
    async fn write_creations(&self) {
        let creations = &self.inner.creations;
        let mut known = creations.turn.lock().await;
        let group = creations.gather(*known).await;
        if group.is_empty() {
            return;
        }
        let (group, replies): (Vec<_>, Vec<_>) =
            group.into_iter().map(|Waiting { creation, reply }| (creation, reply)).unzip();
        let outcomes = self.create_all(&group).await;
        *known = group.len() + creations.count();
        for (reply, outcome) in replies.into_iter().zip(outcomes) {
            // Who has stopped waiting finds the credential in the list.
            let _ = reply.send(outcome);
        }
    }

    async fn create_all(&self, group: &[Creation]) -> Vec<Outcome> {
        match self.create_together(group).await {
            Ok(outcomes) => outcomes,
            // What the database does not take of one is none of the others' business.
            Err(error) if group.len() > 1 && is_of_a_row(&error) => {
                let mut outcomes = Vec::with_capacity(group.len());
                for creation in group {
                    let alone = self.create_together(std::slice::from_ref(creation)).await;
                    outcomes.push(alone.and_then(|mut it| it.pop().unwrap_or(Err(Error::Closing))));
                }
                outcomes
            }
            Err(error) => vec![Err(error); group.len()],
        }
    }

    /// One transaction for all of them; those that are refused by themselves are left out of it.
    async fn create_together(&self, group: &[Creation]) -> Result<Vec<Outcome>, Error> {
        let mut tx = self.unit().await?;
        let mut actors = self.admit(&mut tx, group).await?;
        let allowed = group.iter().zip(&actors).filter(|(_, actor)| actor.is_ok());
        let rows: Vec<_> = allowed.map(|(creation, _)| creation.row.clone()).collect();
        let prints: Vec<_> = group.iter().filter_map(|creation| Some(creation.seed.as_ref()?.print)).collect();
        let same = secrets::same_seeds(&mut tx, &prints).await?;
        let mut seeds: HashMap<_, String> =
            same.into_iter().filter_map(|(print, all)| Some((print, all.into_iter().next()?.name))).collect();
        let added = credentials::insert(&mut tx, &rows).await?;
        let (mut outcomes, mut batch) = (Vec::with_capacity(group.len()), Batch::default());
        for (creation, actor) in group.iter().zip(actors.drain(..)) {
            let row = &creation.row;
            outcomes.push(match actor {
                Err(error) => Err(error),
                Ok(_) if !added.contains(&row.id) => Err(name_taken(row)),
                Ok(actor) => {
                    let same = creation.seed.as_ref().and_then(|new| match seeds.entry(new.print) {
                        Entry::Occupied(there) => Some(same_seed(there.get())),
                        Entry::Vacant(place) => {
                            place.insert(row.name.to_string());
                            None
                        }
                    });
                    batch.passwords.extend(creation.password.clone());
                    batch.seeds.extend(creation.seed.clone());
                    batch.entries.push(self.entry_of_new(&actor, row));
                    Ok((actor, Vec::from_iter(same)))
                }
            });
        }
        batch.write(tx).await?;
        Ok(outcomes)
    }

    /// Who may add a credential as of this transaction. What was sealed before the vault key was replaced is refused.
    async fn admit(&self, tx: &mut Unit, group: &[Creation]) -> Result<Vec<Result<Actor, Error>>, Error> {
        let revision = vault_row::revision(tx).await?;
        let mut actors = Vec::with_capacity(group.len());
        for Creation { actor, row: _, password, seed } in group {
            let actor = match recognise_again(tx, actor, revision, self.now()).await {
                Err(error @ Error::Database(_)) => return Err(error),
                actor => actor,
            };
            let mut sealed = password.iter().map(|new| &new.sealed).chain(seed.iter().map(|new| &new.seed.sealed));
            let sealed = sealed.try_for_each(|sealed| tx.keys().admit(sealed));
            actors.push(actor.and_then(|actor| {
                permit_by_role(&actor, Action::CreateCredential)?;
                sealed?;
                Ok(actor)
            }));
        }
        Ok(actors)
    }

    // A name that was looked for in vain may be there now, in other nodes' caches too; nothing else can be stale, so the
    // vault's revision stays.
    fn entry_of_new(&self, actor: &Actor, row: &CredentialRow) -> AuditEntry {
        self.entry(actor, AuditAction::CredentialCreated)
            .on(ObjectKind::Credential, row.id.uuid(), row.name.as_str())
            .with("password", row.has_password)
            .with("second_factor", row.second_factor.is_some())
    }
}

/// Whether it may be one row of several that the database does not take.
fn is_of_a_row(error: &Error) -> bool {
    error.database_failure().is_some_and(|failure| failure.trouble() == DatabaseTrouble::Other)
}

// Sealing what is new, here and in edits.
impl Vault {
    /// A password of a credential, sealed.
    pub(crate) fn seal_password(
        &self,
        credential: CredentialId,
        password: &Secret,
        actor: &Actor,
    ) -> Result<NewPassword, Error> {
        check_password(password)?;
        let created_at = self.now();
        let version = VersionId::new(created_at, self.chance());
        let binding = Binding::of(SecretKind::Password, credential.uuid(), version.uuid());
        let keys = self.keys();
        Ok(NewPassword {
            credential,
            version,
            sealed: keys.seal(&binding, password, self.chance()),
            print: keys.fingerprint(SecretKind::Password.name(), password),
            created_by: actor.name.clone(),
            created_at,
        })
    }

    /// A seed of a credential, sealed.
    pub(crate) fn seal_seed(&self, credential: CredentialId, seed: &OtpSecret) -> NewSeed {
        let keys = self.keys();
        let version = VersionId::new(self.now(), self.chance());
        let binding = Binding::of(SecretKind::Seed, credential.uuid(), version.uuid());
        let sealed = keys.seal(&binding, &seed.to_sealed_bytes(), self.chance());
        let counter = seed.counter().map(|counter| i64::try_from(counter).unwrap_or(i64::MAX));
        let print = keys.fingerprint(SecretKind::Seed.name(), seed.seed().key());
        NewSeed { credential, seed: SeedRow { version, sealed, counter }, print }
    }
}

/// What a person should know of a seed that is there already.
pub(crate) fn same_seed(name: &str) -> String {
    format!("\"{name}\" holds the same setup key: its tokens are the same")
}

pub(crate) fn check_password(password: &Secret) -> Result<(), Error> {
    if password.is_empty() {
        return Err(Invalid::new("password", "is empty: leave it out when there is none").into());
    }
    if password.len() > LONGEST_PASSWORD {
        return Err(Invalid::new("password", format!("is too long: at most {LONGEST_PASSWORD} bytes")).into());
    }
    match password.expose_text() {
        Some(text) if !text.contains('\0') => Ok(()),
        _ => Err(Invalid::new("password", "holds what cannot be typed").into()),
    }
}

pub(crate) fn tidy_tags(mut tags: Vec<Tag>) -> Result<Vec<Tag>, Error> {
    tags.sort();
    tags.dedup();
    if tags.len() > MAX_TAGS {
        return Err(Invalid::new("tags", format!("are too many: at most {MAX_TAGS}")).into());
    }
    Ok(tags)
}

/// What one transaction writes beside the rows.
#[derive(Default)]
struct Batch {
    passwords: Vec<NewPassword>,
    seeds: Vec<NewSeed>,
    entries: Vec<AuditEntry>,
}

impl Batch {
    async fn write(self, mut tx: Unit) -> Result<(), Error> {
        if self.entries.is_empty() {
            return Ok(());
        }
        secrets::insert_passwords(&mut tx, self.passwords).await?;
        secrets::insert_seeds(&mut tx, self.seeds).await?;
        tx.record_all(self.entries);
        tx.commit().await.map(drop)
    }
}

/// Another credential has the row's name.
pub(crate) fn name_taken(row: &CredentialRow) -> Error {
    Error::Conflict(Conflict::NameTaken { what: "credential", name: row.name.to_string() })
}
