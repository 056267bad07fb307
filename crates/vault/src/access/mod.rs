//! What people and programs come in by, and what was granted to them.
//!
//! `recognise.rs` says whose a cookie or a token is, `recognised.rs` remembers it for a minute, `actor.rs` reads it anew before
//! anything secret leaves. `put_back.rs` compares rows with the log, so that what was ended does not come back. `api_tokens.rs`
//! and `grants.rs` are what people give and take.

pub(crate) mod actor;
pub(crate) mod api_tokens;
pub(crate) mod grants;
pub(crate) mod log_memory;
pub(crate) mod put_back;
pub(crate) mod recognise;
pub(crate) mod recognised;
