use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use countersign_model::Chance;
use uuid::Uuid;
use zeroize::{Zeroize as _, Zeroizing};

use crate::Secret;

/// Under the vault's first key.
const FORMAT: u8 = 1;
/// Under a later one, whose number follows.
const FORMAT_NUMBERED: u8 = 2;
const NUMBER_LEN: usize = 4;
const KEY_LEN: usize = 32;
const TAG_LEN: usize = 16;
const WRAPPED_LEN: usize = NONCE_LEN + KEY_LEN + TAG_LEN;
const BODY_LEN: usize = NONCE_LEN + TAG_LEN;

/// A secret as the store may keep it.
///
/// Format 1: `01` · nonce (12) · wrapped data key (32 + tag 16) · nonce (12) · secret (n + tag 16). Both boxes are
/// AES-256-GCM (NIST SP 800-38D) with random nonces, and both bind what the secret belongs to ([`Binding`]): a sealed
/// value moved to another row does not open.
///
/// Format 2 is the same with the number of the vault key (`u32`, big end first) behind the first byte; the vault's first
/// key writes format 1.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(Vec<u8>);

impl Sealed {
    /// From stored bytes. Whether they open shows only when they are opened.
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The number of the vault key that its data key is wrapped under; `None` when the bytes are no sealed value.
    pub fn key_number(&self) -> Option<u32> {
        self.parts().map(|parts| parts.number)
    }

    /// How the stored bytes of everything begin that is sealed under the vault key of that number.
    pub fn prefix(number: u32) -> Vec<u8> {
        if number == FIRST { vec![FORMAT] } else { [[FORMAT_NUMBERED].as_slice(), &number.to_be_bytes()].concat() }
    }

    fn parts(&self) -> Option<Parts<'_>> {
        let (format, rest) = self.0.split_first()?;
        let (number, rest) = match *format {
            FORMAT => (FIRST, rest),
            FORMAT_NUMBERED => {
                let (number, rest) = rest.split_at_checked(NUMBER_LEN)?;
                (u32::from_be_bytes(number.try_into().ok()?), rest)
            }
            _ => return None,
        };
        let (wrapped, body) = rest.split_at_checked(WRAPPED_LEN)?;
        (body.len() >= BODY_LEN).then_some(Parts { number, wrapped, body })
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// The number of a vault's first key.
pub(crate) const FIRST: u32 = 1;

struct Parts<'a> {
    number: u32,
    wrapped: &'a [u8],
    body: &'a [u8],
}

/// The kinds of secrets that a vault keeps sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SecretKind {
    /// A password of a credential.
    Password,
    /// A seed of a credential.
    Seed,
    /// The seed of a user's own second factor.
    UserSeed,
    /// What the browser of a credential remembers: cookies and storage.
    BrowserState,
    /// How a page looked during a change.
    Screenshot,
    /// A part of a session's recording.
    RecordingPart,
    /// Where notices go: the SMTP server's password, the webhook's address and its signing key.
    NoticeSettings,
    /// What this server shows to the provider with which people sign in.
    ProviderSecret,
    /// Where the audit log also goes: the address, a header, the signing key.
    Sink,
}

impl SecretKind {
    /// All kinds.
    pub const ALL: [Self; 9] = [
        Self::Password,
        Self::Seed,
        Self::UserSeed,
        Self::BrowserState,
        Self::Screenshot,
        Self::RecordingPart,
        Self::NoticeSettings,
        Self::ProviderSecret,
        Self::Sink,
    ];

    /// The name under which it is sealed. What is sealed already opens by no other.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Seed => "seed",
            Self::UserSeed => "own seed",
            Self::BrowserState => "browser_state",
            Self::Screenshot => "change_picture",
            Self::RecordingPart => "recording",
            Self::NoticeSettings => "notice_settings",
            Self::ProviderSecret => "provider_secret",
            Self::Sink => "audit_sink",
        }
    }
}

/// What a sealed secret belongs to: its kind, its owner and its version. It is part of the seal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// What it is.
    pub kind: SecretKind,
    /// The id of what owns it, sixteen bytes of a UUID.
    pub owner: [u8; 16],
    /// The id of the version, sixteen bytes of a UUID; of a part of a recording, its number.
    pub version: [u8; 16],
}

impl Binding {
    /// By their ids.
    pub const fn of(kind: SecretKind, owner: Uuid, version: Uuid) -> Self {
        Self { kind, owner: owner.into_bytes(), version: version.into_bytes() }
    }
}

impl Binding {
    fn associated(&self, purpose: &str) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(64);
        bytes.extend_from_slice(b"countersign sealed v1\0");
        bytes.extend_from_slice(purpose.as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(self.kind.name().as_bytes());
        bytes.push(0);
        bytes.extend_from_slice(&self.owner);
        bytes.extend_from_slice(&self.version);
        bytes
    }
}

/// The sealed bytes did not open: they were changed, belong to something else, or another key sealed them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a stored secret does not open with this vault's key: the database was changed, or it was sealed by another vault"
)]
pub struct NotOpened;

/// Seals under the key that wraps data keys, which is that of the vault key `number`.
pub(crate) fn seal(
    number: u32,
    wrapping: &LessSafeKey,
    binding: &Binding,
    secret: &Secret,
    chance: &dyn Chance,
) -> Sealed {
    let mut out = Vec::with_capacity(1 + NUMBER_LEN + WRAPPED_LEN + BODY_LEN + secret.len());
    out.extend_from_slice(&Sealed::prefix(number));

    let mut data_key = Zeroizing::new([0; KEY_LEN]);
    chance.fill(data_key.as_mut());
    seal_box(wrapping, &binding.associated("data key"), data_key.as_ref(), chance, &mut out);
    seal_box(&key(&data_key), &binding.associated("secret"), secret.expose(), chance, &mut out);
    Sealed(out)
}

/// Opens what [`seal`] made, given the same binding.
pub(crate) fn open(wrapping: &LessSafeKey, binding: &Binding, sealed: &Sealed) -> Result<Secret, NotOpened> {
    let parts = sealed.parts().ok_or(NotOpened)?;
    let data_key = open_box(wrapping, &binding.associated("data key"), parts.wrapped)?;
    let data_key: &[u8; KEY_LEN] = data_key.expose().try_into().map_err(|_| NotOpened)?;
    open_box(&key(data_key), &binding.associated("secret"), parts.body)
}

/// The same secret with its data key wrapped under another vault key; the secret itself is neither opened nor sealed anew.
pub(crate) fn rewrap(
    from: &LessSafeKey,
    to: (u32, &LessSafeKey),
    binding: &Binding,
    sealed: &Sealed,
    chance: &dyn Chance,
) -> Result<Sealed, NotOpened> {
    let parts = sealed.parts().ok_or(NotOpened)?;
    let data_key = open_box(from, &binding.associated("data key"), parts.wrapped)?;
    let (number, wrapping) = to;
    let mut out = Sealed::prefix(number);
    seal_box(wrapping, &binding.associated("data key"), data_key.expose(), chance, &mut out);
    out.extend_from_slice(parts.body);
    Ok(Sealed(out))
}

pub(crate) fn key(bytes: &[u8; KEY_LEN]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, bytes).expect("32 bytes are a key of AES-256"))
}

/// Appends a nonce and the box to `out`.
pub(crate) fn seal_box(key: &LessSafeKey, associated: &[u8], plain: &[u8], chance: &dyn Chance, out: &mut Vec<u8>) {
    let mut nonce = [0; NONCE_LEN];
    chance.fill(&mut nonce);
    out.extend_from_slice(&nonce);
    let start = out.len();
    out.extend_from_slice(plain);
    let nonce = Nonce::assume_unique_for_key(nonce);
    let tag = key
        .seal_in_place_separate_tag(nonce, Aad::from(associated), &mut out[start..])
        .expect("a secret is shorter than the 64 GiB that one AES-GCM box holds");
    out.extend_from_slice(tag.as_ref());
}

/// Opens a nonce and box made by [`seal_box`].
pub(crate) fn open_box(key: &LessSafeKey, associated: &[u8], sealed: &[u8]) -> Result<Secret, NotOpened> {
    let (nonce, body) = sealed.split_at_checked(NONCE_LEN).ok_or(NotOpened)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| NotOpened)?;
    let mut body = body.to_vec();
    match key.open_in_place(nonce, Aad::from(associated), &mut body) {
        Ok(plain) => {
            let length = plain.len();
            body.truncate(length);
            Ok(Secret::from(body))
        }
        Err(_) => {
            body.zeroize();
            Err(NotOpened)
        }
    }
}
