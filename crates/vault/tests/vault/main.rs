//! The vault over both databases: promises first, then each use case.

#![expect(clippy::unwrap_used, reason = "a test ends with the first surprise")]

mod access;
mod certificates;
mod change_promises;
mod changes;
mod check_outs;
mod credentials;
mod first_passwords;
mod fixture;
mod grants;
mod guessing;
mod imports;
mod in_doubt;
mod keys;
mod log;
mod marks;
mod policies;
mod promises;
mod reach;
mod recordings;
mod redirects;
mod requests;
mod session_promises;
mod sessions;
mod signing_in;
mod sinks;
mod storms;
mod taken_back;
