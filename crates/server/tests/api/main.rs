//! The API as a client meets it: the whole router on a vault of its own, without a network between but for TLS.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

mod access;
mod changes;
mod credentials;
mod device_logins;
mod devices;
mod edges;
mod exports;
mod federated_identities;
mod first_passwords;
mod fixture;
mod grants;
mod guarding;
mod guessing;
mod imports;
mod passkeys;
mod permissions;
mod problems;
mod provider;
mod scim;
mod seeds;
mod service_accounts;
mod sessions;
mod signing_in;
#[path = "../../../identity/tests/passkeys/soft.rs"]
mod soft_authenticator;
#[path = "../../../identity/tests/devices/soft.rs"]
mod soft_extension;
mod soft_issuer;
mod tags;
mod tls;
mod tokens;
