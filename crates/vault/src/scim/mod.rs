//! What an identity provider does here by SCIM: it comes in by a token of its own (`tokens.rs`), which reaches no further than the users
//! (`users.rs`) and groups (`groups.rs`) that it has provisioned. What it says is read by `countersign_scim`.

pub(crate) mod groups;
pub(crate) mod tokens;
pub(crate) mod users;
