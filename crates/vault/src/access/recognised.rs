//! Who was recognised lately, kept for a while.

use std::num::NonZeroUsize;

use countersign_model::{Actor, Timestamp};
use countersign_seal::Digest;
use lru::LruCache;
use parking_lot::Mutex;

const MAX_CACHED: NonZeroUsize = NonZeroUsize::new(4_096).expect("not zero");

/// Bearers that were recognised, so that a busy program costs no look-up at each request. What they may do is
/// compared with the vault's revision before anything secret leaves.
pub(crate) struct AccessCache {
    pub(super) recognised: Mutex<LruCache<Digest, Recognised>>,
}

#[derive(Clone)]
pub(super) struct Recognised {
    pub(super) actor: Actor,
    /// When it stops, whatever the revision.
    pub(super) ends_at: Timestamp,
    pub(super) touched_at: Timestamp,
    pub(super) enrolment_needed: bool,
    pub(super) password_change_needed: bool,
}

impl Default for AccessCache {
    fn default() -> Self {
        Self { recognised: Mutex::new(LruCache::new(MAX_CACHED)) }
    }
}

/// Who was recognised.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who asks.
    pub actor: Actor,
    /// Whether a second factor must be set up before anything else.
    pub enrolment_needed: bool,
    /// Whether the password must be changed before anything else, because somebody else has chosen it.
    pub password_change_needed: bool,
}
