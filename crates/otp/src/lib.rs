//! One-time passwords: seeds, the tokens made of them, and every form in which sites and programs hand seeds over.
//!
//! Begin at [`OtpSecret`]: a [`Seed`] with its [`Parameters`], which gives a [`Token`] for a time and can be sealed.
//! It comes out of what a person typed or pasted with [`parse_seed_field`], out of a text of many addresses with
//! [`uris`], and out of pictures with [`read_qr_codes`]; a [`Setup`] is such a secret with its [`Label`].
//! Google's export, which comes in several parts, is put together by [`Batches`].
//!
//! This room is pure: it touches no file, no clock and no network, and an `image` address in a URI is never fetched.
//! Nothing is guessed: what is not understood is refused with the place and a way out, because a seed that was quietly
//! "repaired" gives wrong codes. No error text holds more of a seed than the one character that was refused.

mod label;
mod migration;
mod otp_secret;
mod parameters;
mod paste;
mod qr_corners;
mod qr_geometry;
mod qr_locate;
mod qr_read;
mod qr_write;
mod sealed_bytes;
mod seed;
mod span;
mod uri;

pub use label::Label;
pub use migration::{
    Batches, EntryError, EntryProblem, MAX_MIGRATION_PARTS, MigrationError, MigrationPart, MissingParts,
    WriteMigrationError, parse_migration, write_migration, write_migration_parts,
};
pub use otp_secret::{OtpSecret, Token, TokenText};
pub use parameters::{Digits, OtpKind, Parameters, ParametersError, Period, Written, parse_algorithm};
pub use paste::{PasteError, Pasted, PastedLine, SeedField, SeedFieldError, Uris, parse_seed_field, uris};
pub use qr_read::{PictureFormat, QrReadError, known_file, picture_format, read_qr_codes};
pub use qr_write::{QrWriteError, qr_png, qr_svg};
pub use sealed_bytes::SealedBytesError;
pub use seed::{RefusedCharacter, Seed, SeedEncoding, SeedError};
pub use uri::{Setup, UriError, Warning, parse_uri};
