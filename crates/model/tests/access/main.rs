//! Who may do what: a table of cases, and laws that hold in every world.

mod laws;
mod table;
mod world;
