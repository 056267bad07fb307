//! How a browser extension is paired: a person makes a code in the page, and the extension shows it once, with the public half of a
//! key that it has made and a signature by the other half.

use std::net::IpAddr;

use countersign_audit::{ActorRef, AuditAction, AuditActorKind, AuditEntry, ObjectKind};
use countersign_identity::{DEVICE_LASTS, MAX_DEVICES, PAIRING_CODE_LASTS, PairingCode, lock_out};
use countersign_model::{Actor, DeviceId, DeviceName, Network, Timestamp, TooShort};
use countersign_seal::{DeviceKey, Secret, Withheld};
use countersign_store::{
    devices::{self, NewDeviceRow},
    people::{self, PersonRow},
    services,
    sign_ins::{Counter, Scope},
};

use super::devices::{DeviceView, LISTED};
use crate::{
    Conflict, Error, Vault,
    unit::Unit,
    users::{account::own_session, guesses::CountedGuess, source::from_address},
};

/// What an extension shows to be paired.
pub struct PairingRequest<'a> {
    /// The code that its person has typed.
    pub code: &'a str,
    /// What it is to be called.
    pub name: DeviceName,
    /// The public half of its key.
    pub key: DeviceKey,
    /// Its signature over server, code, name and key.
    pub signature: [u8; DeviceKey::SIGNATURE],
    /// The server's own origin.
    pub origin: &'a str,
    /// From where.
    pub address: Option<IpAddr>,
}

/// An extension that was paired.
#[derive(Debug, Clone)]
pub struct PairedDevice {
    /// The extension.
    pub device: DeviceView,
    /// Whose it is, by name.
    pub user: String,
}

impl Vault {
    /// Makes a code by which the actor pairs a browser extension; one that was made before serves no more. Says until when.
    ///
    /// # Errors
    /// [`Error::TooShort`] for a program or where the sign-in is not recent; [`Conflict::TooManyDevices`].
    pub async fn make_pairing_code(&self, actor: &Actor) -> Result<(Secret, Timestamp), Error> {
        let (mut tx, actor) = self.writer(actor).await?;
        self.permit_own_account(&actor)?;
        own_session(&actor).ok_or(TooShort::PageOnly)?;
        self.check_room(&mut tx, actor.user).await?;
        let code = PairingCode::new(self.chance());
        let expires_at = self.now().plus(PAIRING_CODE_LASTS);
        devices::put_code(&mut tx, actor.user, &code.hash(), expires_at).await?;
        let entry = self.entry(&actor, AuditAction::PairingCodeMade);
        tx.record(entry.on(ObjectKind::User, actor.user.uuid(), &actor.name));
        let receipt = tx.commit().await?;
        let code = Withheld::new(actor.user.uuid().into_bytes(), code.shown()).release(&receipt)?;
        Ok((code, expires_at))
    }

    /// Pairs a browser extension with who made the code.
    ///
    /// # Errors
    /// [`Error::PairingRefused`], [`Error::PairingLocked`], both on record; [`Conflict::TooManyDevices`].
    pub async fn pair_device(&self, ask: PairingRequest<'_>) -> Result<PairedDevice, Error> {
        let attempt = self.count_pairing(ask.address).await?;
        let mut tx = self.unit().await?;
        let code = PairingCode::parse(ask.code);
        // Whoever has no key of that name is no extension, and takes nobody's code away.
        let code = code.filter(|code| code.is_shown_by((&ask.key, &ask.signature), ask.origin, &ask.name));
        let person = match code {
            Some(code) => self.owner_of(&mut tx, &code).await?,
            None => None,
        };
        let Some(person) = person else {
            drop(tx);
            return Err(self.refuse_pairing(&attempt, ask.address).await?);
        };
        self.check_room(&mut tx, person.id).await?;
        self.end_attempt(&mut tx, &attempt).await?;
        self.put_device(tx, person, ask).await
    }

    async fn put_device(
        &self,
        mut tx: Unit,
        person: PersonRow,
        ask: PairingRequest<'_>,
    ) -> Result<PairedDevice, Error> {
        let now = self.now();
        let (id, expires_at) = (DeviceId::new(now, self.chance()), now.plus(DEVICE_LASTS));
        let PairingRequest { name, key, address, .. } = &ask;
        let row = NewDeviceRow { id, person: person.id, name, key, created_at: now, expires_at };
        devices::insert(&mut tx, &row).await?;
        let who = format!("{}/{}", person.name, name.as_str());
        let by = ActorRef { kind: AuditActorKind::Extension, id: Some(person.id.uuid()), name: who };
        let entry =
            AuditEntry::new(now, by, AuditAction::DevicePaired).on(ObjectKind::Device, id.uuid(), name.as_str());
        let entry = entry.with("user", person.id.to_string()).with("expires_at", expires_at.to_string());
        tx.record(from_address(entry, *address));
        tx.commit().await?;
        let name = name.as_str().to_owned();
        let device = DeviceView { id, name, created_at: now, expires_at, last_used_at: None };
        Ok(PairedDevice { device, user: person.name })
    }

    /// Whose code it is, where they may come in; the code is taken with it.
    async fn owner_of(&self, tx: &mut Unit, code: &PairingCode) -> Result<Option<PersonRow>, Error> {
        let Some(id) = devices::take_code(tx, &code.hash(), self.now()).await? else { return Ok(None) };
        let person = people::find(tx, id).await?.filter(|person| !person.disabled);
        Ok(if services::find(tx, id).await?.is_some() { None } else { person })
    }

    async fn check_room(&self, tx: &mut Unit, person: countersign_model::UserId) -> Result<(), Error> {
        let now = self.now();
        let known = devices::of(tx, person, LISTED).await?;
        if known.into_iter().filter(|row| now < row.expires_at).count() >= MAX_DEVICES {
            return Err(Conflict::TooManyDevices(MAX_DEVICES).into());
        }
        Ok(())
    }

    /// Counts the guess, durably, by the network that it comes from.
    async fn count_pairing(&self, address: Option<IpAddr>) -> Result<CountedGuess, Error> {
        let from = address.map(|address| Network::of_guesser(address).to_string()).unwrap_or_default();
        let key = self.keys().fingerprint("pairing", &Secret::from(from));
        let mut tx = self.unit().await?;
        let counted = self.begin_attempt(&mut tx, Counter { scope: Scope::Pairing, key: key.to_vec() }).await;
        let attempt = counted.map_err(|error| match error {
            Error::LockedOut { wait } => Error::PairingLocked { wait },
            error => error,
        })?;
        tx.commit_without_record("counts a guess, whose outcome will be recorded").await?;
        Ok(attempt)
    }

    /// Records that the code was wrong; gives the error to answer with.
    async fn refuse_pairing(&self, attempt: &CountedGuess, address: Option<IpAddr>) -> Result<Error, Error> {
        let now = self.now();
        let about = |act| from_address(AuditEntry::new(now, ActorRef::nobody("a browser extension"), act), address);
        let mut entries = vec![about(AuditAction::PairingRefused)];
        let wait = lock_out(attempt.number(), now).map(|until| until.since(now));
        if let Some(wait) = wait {
            let seconds = i64::try_from(wait.as_secs()).unwrap_or(i64::MAX);
            entries.push(about(AuditAction::PairingLocked).with("seconds", seconds));
        }
        let mut tx = self.unit().await?;
        tx.record_all(entries);
        tx.commit().await?;
        Ok(wait.map_or(Error::PairingRefused, |wait| Error::PairingLocked { wait }))
    }
}
