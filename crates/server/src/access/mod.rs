//! What programs come in by (`api_tokens.rs`), by what somebody comes in at all (`ways_in.rs`), and what was granted (`grants.rs`).

pub(crate) mod api_tokens;
pub(crate) mod grants;
pub(crate) mod ways_in;
