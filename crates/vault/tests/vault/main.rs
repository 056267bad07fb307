//! The vault over both databases: promises first, then each use case.

mod access;
mod credentials;
mod house;
mod imports;
mod log;
mod promises;
mod signing_in;
