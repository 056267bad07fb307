//! The real binary in real processes: commands as a session, servers that are ended hard, disks that are full.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

mod access;
mod archive;
mod audit_log;
mod backups;
mod changes;
mod chaos;
mod commands;
mod crawl;
mod device_login;
mod exports;
mod federated_identities;
mod formats;
mod full_disk;
mod handbook;
mod help;
mod house;
mod https;
mod imports;
mod keys;
mod log_in;
mod permissions;
mod postgres;
mod promises;
mod recipes;
mod secret_service;
mod secrets;
mod service_accounts;
mod sessions;
mod sinks;
#[path = "../../../identity/tests/passkeys/soft.rs"]
mod soft_authenticator;
#[path = "../../../identity/tests/devices/soft.rs"]
mod soft_extension;
#[path = "../../../server/tests/api/soft_issuer.rs"]
mod soft_issuer;
mod storms;
mod terminal;
mod tokens;
mod users;
mod wrong_starts;
