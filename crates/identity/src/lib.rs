//! Who asks: the rules of recognising people and programs, apart from where they are stored.
//!
//! Pure. Begin at [`Bearer`], the opaque value that a browser's cookie or a program's header carries, then
//! [`lock_out`], what failed sign-ins cost, and [`judge_password`], which passwords people may choose, and
//! [`RecoveryCode`], for who lost the authenticator. [`RelyingParty`] is where passkeys are made and shown; it alone knows the
//! library for them. [`countersign_model::Network`] says who counts as one when somebody guesses,
//! [`PairingCode`] pairs a browser extension, and [`DeviceClaim`] is what each of its requests says of who has signed it.
//! [`UserCode`] is what a command line shows to be signed in from the page. [`Refusals`] what of it goes into the log; [`claimed_issuer`] whom a token of another issuer claims to be of.
//! May touch: `seal`, `model`.

mod assertion;
mod bearer;
mod common_passwords;
mod device;
mod device_login;
mod lock_out;
mod pairing;
mod passkey;
mod passkey_refusal;
mod password;
mod recovery;
mod refusals;
mod relying_party;
mod round_trip;
mod typed;

pub use assertion::claimed_issuer;
pub use bearer::{Bearer, BearerKind};
pub use device::{CLOCK_SKEW, DeviceClaim, DeviceRefusal, NONCE, SignedRequest};
pub use device_login::{
    DEVICE_LOGIN_DAYS, DEVICE_LOGIN_LASTS, DEVICE_LOGIN_MOST_DAYS, POLL_EVERY, UserCode, judge_poll,
};
pub use lock_out::{FREE_FAILURES, lock_out};
pub use pairing::{DEVICE_LASTS, MAX_DEVICES, PAIRING_CODE_LASTS, PairingCode};
pub use passkey::{CHALLENGE_LASTS, MAX_PASSKEYS, Passkey, PasskeyAnswer, PasskeyChallenge};
pub use passkey_refusal::PasskeyRefusal;
pub use password::{judge_password, prepare_password};
pub use recovery::{RECOVERY_CODES, RecoveryCode};
pub use refusals::{Refusal, Refusals};
pub use relying_party::{NoPasskeys, RelyingParty};
pub use round_trip::{ROUND_TRIP_LASTS, RoundTripSecrets};

use std::time::Duration;

/// A signed-in browser that is not used for so long is signed out.
pub const SESSION_IDLE: Duration = Duration::from_secs(8 * 60 * 60);

/// A browser has to sign in anew after so long, however much it was used.
pub const SESSION_LONGEST: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How far a person's clock may be off at sign-in: one step on either side (RFC 6238 §5.2).
pub const TOKEN_GRACE_STEPS: u64 = 1;
