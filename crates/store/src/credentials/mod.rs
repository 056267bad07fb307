//! Credentials: what may be shown of each (`credential.rs`), lists of them (`list.rs`) and what an index of these is kept by
//! (`listed.rs`), the names that are free (`names.rs`), who may use them (`grants.rs`), their sealed secrets (`secrets.rs`), and how their sites are dealt with (`automation.rs`).

pub mod automation;
pub mod credential;
pub mod grants;
pub mod list;
pub mod listed;
pub mod names;
pub mod secrets;

pub use credential::{
    CredentialRow, count_all, delete, find, find_as, find_by_name_as, insert, name_taken, names_taken,
    password_changed, standing, update,
};
pub use grants::{GrantRow, grant, grants, set_grants};
pub use list::{CredentialFilter, ListPosition, Sort, count, list, tags};
pub use listed::find_some;
