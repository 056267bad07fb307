//! Files to import: at least one item for each, every one with its place.
#![no_main]

use countersign_transfer::{Import, ImportLimits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut import = Import::new(ImportLimits::default());
    if import.read("file", bytes, None).is_ok() {
        assert!(!import.items().is_empty());
        assert!(import.items().iter().all(|item| item.place.to_string().starts_with("file")));
    }
});
