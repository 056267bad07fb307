//! Credentials: what may be shown of each (`credential.rs`), lists of them (`list.rs`) and what an index of these is kept by
//! (`listed.rs`), the names that are free (`names.rs`), who may use them (`grants.rs`, and of many at once `granted.rs`; when that was last decided, `decisions.rs` and `reviews.rs`), their
//! sealed secrets (`secrets.rs`), whose phone has which setup key (`phones.rs`), those that were removed and can be restored (`removed.rs`), which may be of a site (`at_site.rs`), what somebody should look at (`attention.rs`), and how their sites are dealt with (`automation.rs`).

pub mod at_site;
pub mod attention;
pub mod automation;
pub mod credential;
pub mod decisions;
mod granted;
pub mod grants;
mod known;
pub mod list;
pub mod listed;
pub mod names;
pub mod phones;
pub mod removed;
pub mod reviews;
pub mod secrets;

pub use at_site::at_host;
pub use credential::{
    CredentialRow, all_ids, count_all, delete, find, find_as, find_by_name_as, hold, insert, name_taken, named,
    password_changed, standing, update,
};
pub use decisions::{GrantDecision, decision, put_decision};
pub use granted::{find_some, grants_of_many};
pub use grants::{
    GrantFilter, count_grants, delete_direct, delete_grant, find_grant, granted_sites, granted_tags, grants_asking,
    grants_of, grants_on, insert_grant, list_grants, update_grant,
};
pub use known::KnownCredential;
pub use list::{CredentialFilter, ListPosition, Sort, count, list, on_target, tags};
pub use reviews::{ReviewFilter, ReviewPlace, ReviewedGrant, count_reviewed, review_days, reviewed, set_review_days};
