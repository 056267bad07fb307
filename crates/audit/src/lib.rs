//! The audit log as a structure: records, the chain that binds them, signed checkpoints, and their verification.
//!
//! Pure: no database and no clock; the vault writes records through the store, and `countersign audit verify` reads
//! an export with nothing but this room. Begin at [`AuditEntry`], what is recorded, then [`ChainHead::append`], which chains it,
//! and [`verify`], which finds what was deleted, changed, moved or cut off.
//!
//! The chain: `hash(n) = SHA-256(domain · seq · hash(n−1) · fields)`, each field with its length in front, so that an
//! implementation in another language needs the order of fields in `chain.rs` and nothing of JSON.

mod authority;
pub mod block;
pub mod bundle;
mod bytes;
mod chain;
mod checkpoint;
pub mod csv;
pub mod daily;
mod detail;
mod entry;
mod export;
pub mod index;
pub mod uses;
mod verify;
mod who;

pub use chain::{ChainHead, Record};
pub use checkpoint::Checkpoint;
pub use detail::{Detail, Details};
pub use entry::{AuditAction, AuditEntry, ObjectKind, ObjectRef};
pub use export::{ExportLine, ParseLineError};
pub use verify::{Finding, Report, VerifyError, verify};
pub use who::{ActorRef, AuditActorKind};
