//! What one sees of a page: its snapshot, once it has come to rest, a picture for people, the certificate of its server.

mod certificate;
mod look;
pub(crate) mod rest;
pub(crate) mod screenshot;
