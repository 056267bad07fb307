//! How something leaves for a server that an administrator has named: which addresses may be connected to, whose certificates are
//! believed, and how a request is signed.
//!
//! Begin at [`addresses`]: what it gives is what is then connected to, so a name that changes its mind gains nothing.
//!
//! May touch: `model` and `seal`.

mod http;
mod place;
mod sign;
mod tls;

pub use http::{client, told};
pub use place::{AllowPrivateReceivers, addresses, host_and_port};
pub use sign::{DELIVERY_HEADER, SIGNATURE_HEADER, TIMESTAMP_HEADER, signature};
pub use tls::{TlsWire, check_authority, connect_tls};
