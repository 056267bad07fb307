//! Signing in with an OpenID Connect provider.
//!
//! `settings.rs` is what an administrator says of the provider; `round_trip.rs` follows somebody to it and back; `arrival.rs` says who
//! comes in, and lets them in; `connection.rs` joins accounts with the provider's and takes them apart, with what came by it. What
//! is decided is decided in `model`; what goes over the network is no matter of the vault's.

mod arrival;
mod connection;
pub(crate) mod round_trip;
pub(crate) mod settings;
