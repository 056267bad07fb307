//! Putting one credential's setup key on a phone: for whom that was granted, signed in in the page a moment ago, on record. It leaves sealed
//! for a key that the page has made for this once. Whoever then holds the phone makes codes without Countersign; only a new setup key at
//! the site ends that.

use std::collections::BTreeSet;

use countersign_audit::{AuditAction, AuditEntry, ObjectKind};
use countersign_model::{
    AccessContext, Action, Actor, AllowedBy, CredentialId, CredentialStatus, NoticeKind, Reason, SecondFactor,
    SecondFactorKind, Timestamp, TooShort, UserId, decide, decide_by_role, is_recent,
};
use countersign_otp::{Label, OtpSecret, qr_svg};
use countersign_seal::{Binding, NotAPoint, RecipientKey, Secret, SecretKind};
use countersign_store::{
    credentials::{self, CredentialRow},
    engine::Select,
    groups, phones, secrets, vault as vault_row,
};

use crate::{
    Conflict, CredentialRef, Error, Vault,
    access::actor::recognise_again,
    credentials::export::SealedFile,
    unit::Unit,
    vault::{allowed_by, permit},
};

/// What to transfer, and to whom.
pub struct TransferRequest {
    /// Why, for the record.
    pub reason: Option<Reason>,
    /// For whom it is sealed.
    pub recipient: RecipientKey,
}

/// A setup key on its way to a phone: sealed, and on record.
pub struct TransferAnswer {
    /// The `otpauth://` URL.
    pub uri: SealedFile,
    /// The same as a QR code.
    pub qr: SealedFile,
    /// What kind of codes it makes.
    pub second_factor: SecondFactor,
}

/// Somebody who has a credential's setup key on a phone, as far as records tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneView {
    /// Their name at that time.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
}

/// A setup key that somebody has on a phone, as far as records tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeedOnPhone {
    /// Of this credential.
    pub credential: CredentialId,
    /// Its name.
    pub name: String,
    /// Since when.
    pub since: Timestamp,
}

// More than anybody scans.
const MAX_LISTED: u32 = 1_000;
const URI_NAME: &str = "setup-key.txt";
const QR_NAME: &str = "setup-key.svg";
// A vault that is edited all the time can overtake a reader.
const MAX_ROUNDS: usize = 16;

/// Whether a second device can have it. One that counts its codes (HOTP) would get out of step with this vault, and then neither is taken
/// at the site.
pub(crate) fn is_transferable(factor: SecondFactor) -> bool {
    factor.kind != SecondFactorKind::Hotp
}

impl Vault {
    /// A credential's setup key for a phone.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::TooShort`] for all but a person in the page who has signed in a moment ago; [`Error::NotFound`],
    /// [`Conflict::Inactive`], [`Conflict::CountsCodes`], [`Error::Empty`] without a setup key, [`Error::AuditUnavailable`] when the
    /// record cannot be written: then nothing left.
    pub async fn transfer_seed(
        &self,
        actor: &Actor,
        wanted: &CredentialRef,
        ask: &TransferRequest,
    ) -> Result<TransferAnswer, Error> {
        for _ in 0..MAX_ROUNDS {
            if let Some(answer) = self.transfer_once(actor, wanted, ask).await? {
                return Ok(answer);
            }
        }
        Err(Error::Conflict(Conflict::Edited))
    }

    /// `None` when the vault has moved on between the look at the grant and the log's turn.
    async fn transfer_once(
        &self,
        actor: &Actor,
        wanted: &CredentialRef,
        ask: &TransferRequest,
    ) -> Result<Option<TransferAnswer>, Error> {
        let mut tx = self.unit().await?;
        let revision = vault_row::revision(&mut tx).await?;
        let actor = recognise_again(&mut tx, actor, revision, self.now()).await?;
        let row = self.visible(&mut tx, &actor, wanted).await?;
        let by = match self.permit_transfer(&actor, &row, ask) {
            Ok(by) => by,
            Err(refusal) => return Err(self.refuse_transfer(tx, &actor, &row, ask, refusal).await?),
        };
        if row.status == CredentialStatus::Inactive {
            return Err(Error::Conflict(Conflict::Inactive));
        }
        let second_factor = row.second_factor.ok_or(Error::Empty("setup key"))?;
        if !is_transferable(second_factor) {
            return Err(Error::Conflict(Conflict::CountsCodes));
        }
        let found = secrets::seed(&mut tx, row.id).await?.ok_or(Error::Empty("setup key"))?;
        let binding = Binding::of(SecretKind::Seed, row.id.uuid(), found.version.uuid());
        let secret = self.open_otp(&binding, &found.sealed)?;
        let now = self.now();
        phones::note(&mut tx, (row.id, found.version), (actor.user, &actor.name), now).await?;
        let entry = self.transfer_entry(&actor, AuditAction::SeedTransferred, &row, ask);
        tx.record(allowed_by(entry.with("kind", second_factor.kind.name()), by));
        let sharing = self.sharing(&mut tx, &row).await?;
        self.tell_sharers(&mut tx, NoticeKind::Transferred, row.name.as_str(), &actor, &sharing).await?;
        let Some(receipt) = tx.commit_at(revision).await? else { return Ok(None) };
        self.wake_sender();
        let secret = secret.release(&receipt)?;
        let (uri, qr) = written(&row, &secret)?;
        Ok(Some(TransferAnswer {
            uri: self.sealed_for(ask, (URI_NAME, "text/plain"), &uri)?,
            qr: self.sealed_for(ask, (QR_NAME, "image/svg+xml"), &qr)?,
            second_factor,
        }))
    }

    /// Which setup keys somebody has on a phone, as far as they went there from here and are still the credentials'; for an administrator.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub async fn phones_of(&self, actor: &Actor, person: UserId) -> Result<Vec<SeedOnPhone>, Error> {
        let (mut reader, actor) = self.reader(actor).await?;
        decide_by_role(actor.role, Action::ManageUsers)?;
        let found = phones::of_person(&mut reader, person, MAX_LISTED).await?;
        Ok(found.into_iter().map(|(credential, name, since)| SeedOnPhone { credential, name, since }).collect())
    }

    /// On whose phones a credential's setup key is: all of them for who may share it or read its records, else one's own.
    pub(crate) async fn phones_with(
        &self,
        db: &mut impl Select,
        actor: &Actor,
        row: &CredentialRow,
    ) -> Result<Vec<PhoneView>, Error> {
        let context = AccessContext::in_principle_for(actor, self.now());
        let may = |act| decide(actor.role, act, &row.grants, &context).is_ok();
        let all = may(Action::GrantCredential) || may(Action::ReadRecords);
        let found = phones::of_credential(db, row.id).await?;
        let shown = found.into_iter().filter(|(person, ..)| all || *person == actor.user);
        Ok(shown.map(|(_, name, since)| PhoneView { name, since }).collect())
    }

    /// The grant, the page, and a recent sign-in whatever the grant asks for.
    fn permit_transfer(&self, actor: &Actor, row: &CredentialRow, ask: &TransferRequest) -> Result<AllowedBy, Error> {
        let context = self.asked(actor).or_because(ask.reason.as_ref());
        let by = permit(actor, Action::TransferSeed, &row.grants, &context)?;
        is_recent(actor.reach, self.now(), self.recent())?;
        Ok(by)
    }

    /// Who wants a setup key and may not have it stands in the log. Who only has to sign in again does not.
    async fn refuse_transfer(
        &self,
        mut tx: Unit,
        actor: &Actor,
        row: &CredentialRow,
        ask: &TransferRequest,
        refusal: Error,
    ) -> Result<Error, Error> {
        if matches!(refusal, Error::TooShort(TooShort::NotRecent)) {
            return Ok(refusal);
        }
        tx.record(self.transfer_entry(actor, AuditAction::SeedTransferDenied, row, ask));
        tx.commit().await?;
        Ok(refusal)
    }

    fn transfer_entry(
        &self,
        actor: &Actor,
        act: AuditAction,
        row: &CredentialRow,
        ask: &TransferRequest,
    ) -> AuditEntry {
        let entry = self.entry(actor, act).on(ObjectKind::Credential, row.id.uuid(), row.name.as_str());
        entry.because(ask.reason.as_ref())
    }

    /// Who may share the credential by a grant.
    async fn sharing(&self, tx: &mut Unit, row: &CredentialRow) -> Result<BTreeSet<UserId>, Error> {
        let context = AccessContext::in_principle(self.now());
        let memberships = groups::memberships(tx).await?;
        let grants = credentials::grants_on(tx, &row.facts()).await?;
        let sharing = grants.iter().filter(|one| one.permissions.share && one.conditions.unmet(&context).is_empty());
        Ok(sharing.flat_map(|one| memberships.people_of(one.holder)).collect())
    }

    fn sealed_for(
        &self,
        ask: &TransferRequest,
        (name, media_type): (&str, &'static str),
        bytes: &Secret,
    ) -> Result<SealedFile, Error> {
        let sealed = ask.recipient.seal(name, bytes.expose(), self.chance());
        let sealed = sealed.map_err(|NotAPoint| Error::Internal("a key that was looked at sealed no file"))?;
        Ok(SealedFile { name: name.to_owned(), media_type, sealed })
    }
}

/// Its `otpauth://` URL and a picture of that. A name that is too long for a phone is cut, so that the picture can be read.
fn written(row: &CredentialRow, secret: &OtpSecret) -> Result<(Secret, Secret), Error> {
    const LONGEST: usize = 80;
    let cut = |text: &str| text.chars().take(LONGEST).collect::<String>();
    let (name, username) = (cut(row.name.as_str()), cut(row.username.as_str()));
    // Imported ones are called `Issuer: user`, which is not written twice.
    let issuer = name.strip_suffix(username.as_str()).and_then(|start| start.strip_suffix(": "));
    let issuer = issuer.filter(|issuer| !username.is_empty() && !issuer.trim().is_empty()).unwrap_or(&name);
    let label = Label::new(Some(issuer), &username).ok_or(Error::Internal("a name that was cut is no label"))?;
    let uri = secret.to_uri(&label);
    let picture = qr_svg(uri.expose_text().unwrap_or_default(), "QR code");
    Ok((uri, picture.map_err(|_| Error::Internal("a setup key is too long for a QR code"))?))
}
