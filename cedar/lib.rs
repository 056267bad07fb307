//! Nothing but tests: `tests/agrees.rs` says the rules of `countersign_model::decide` once more in Cedar's language and compares
//! the answers. No other crate may depend on this one, so that Cedar is in no program.
