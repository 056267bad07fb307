//! The vault key: opening a vault with it, what unlocks it, its shares, and another in its place.
//!
//! Begin at `open.rs`, which makes or opens a vault; `unlock.rs` is what a key comes from. `rotate.rs` replaces the key while
//! everything goes on, `shares.rs` splits it.

pub(crate) mod error;
pub(crate) mod open;
pub(crate) mod regular_file;
pub(crate) mod rotate;
pub(crate) mod shares;
pub(crate) mod unlock;
