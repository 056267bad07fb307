//! Who may do what: a table of cases, and laws that hold in every world.

#![expect(clippy::unwrap_used, reason = "a test ends with the first surprise")]

mod check_outs;
mod given;
mod laws;
mod requests;
mod scopes;
mod table;
mod vault_requests;
mod world;
