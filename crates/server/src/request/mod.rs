//! What handlers take from a request (`extract.rs`), from where it came (`address.rs`), who may see what everybody else may not
//! (`audience.rs`), how objects are read (`objects.rs`), and what stands around every answer (`guard.rs`).

pub(crate) mod address;
pub(crate) mod audience;
pub(crate) mod device;
pub(crate) mod extract;
pub(crate) mod guard;
pub(crate) mod objects;
pub(crate) mod purpose;
