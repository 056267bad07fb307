//! What is measured, one file a part.

pub(crate) mod access;
pub(crate) mod audit;
pub(crate) mod credentials;
pub(crate) mod granted;
pub(crate) mod growth;
pub(crate) mod sizes;
pub(crate) mod tokens;

pub(crate) use crate::table::line;

/// Says on standard error what is being measured, for parts that take long.
#[expect(clippy::print_stderr, reason = "for whoever waits")]
pub(crate) fn tell(what: &str) {
    eprintln!("… {what}");
}
