//! What one does with a page: pressing, typing, answering its question for a password.

mod input;
pub(crate) mod keys;
pub(in crate::page) mod outcome;
mod sign_in;
pub(crate) mod typing;
