//! Sign-in with an OpenID Connect provider: what an administrator has said about it, what it says of somebody, and what follows.

mod admission;
mod claims;
mod refusal;
mod settings;
#[cfg(test)]
mod tests;

pub use admission::{Admission, GroupChanges, KnownUser, admit, group_changes, wanted_name};
pub use claims::{MAX_CLAIM_VALUES, ProviderClaims};
pub use refusal::ProviderRefusal;
pub(crate) use settings::line;
pub use settings::{CALLBACK_PATH, GroupMapping, MAX_GROUP_MAPPINGS, MatchBy, ProviderSettings, issuer};
