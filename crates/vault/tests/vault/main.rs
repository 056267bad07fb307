//! The vault over both databases: promises first, then each use case.

#![expect(clippy::unwrap_used, reason = "a test ends with the first surprise")]

mod access;
mod activity;
mod backups;
mod bin;
mod certificates;
mod change_promises;
mod changes;
mod check_outs;
mod credentials;
mod device_logins;
mod devices;
mod export_requests;
mod exports;
mod federated_identities;
mod fill;
mod first_passwords;
mod fixture;
mod grants;
mod guessing;
mod imports;
mod in_doubt;
mod kept;
mod keys;
mod log;
mod many;
mod marked_anew;
mod marks;
mod passkey_refusals;
mod passkey_rows;
mod passkeys;
mod policies;
mod preferences;
mod promises;
mod provider;
mod reach;
mod recordings;
mod redirects;
mod requests;
mod reviews;
mod scim;
mod service_accounts;
mod session_promises;
mod sessions;
mod signing_in;
mod sinks;
#[path = "../../../identity/tests/passkeys/soft.rs"]
mod soft_authenticator;
#[path = "../../../identity/tests/devices/soft.rs"]
mod soft_extension;
mod storms;
mod tags;
mod taken_back;
mod transfers;
