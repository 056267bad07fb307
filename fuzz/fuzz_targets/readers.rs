//! Each format's own reader, whatever the file looks like: the last byte chooses it, so that the samples of the tests are a beginning.
#![no_main]

use countersign_seal::Secret;
use countersign_transfer::{ColumnMapping, Import, ImportLimits, readable_formats, table_head};
use libfuzzer_sys::fuzz_target;

/// Those whose key costs what the format says, and not the file: a few hundredths of a second.
const OF_FIXED_COST: [&str; 3] =
    ["a backup of 2FAS", "a backup of Stratum (Authenticator Pro)", "an export of Proton Authenticator"];

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, bytes)) = bytes.split_last() else { return };
    let format = usize::from(*choice);
    let name = readable_formats().nth(format);
    let may_cost = name.is_some_and(|name| OF_FIXED_COST.contains(&name));
    let mut import = Import::new(ImportLimits { encrypted: usize::from(may_cost), ..ImportLimits::default() });
    let password = Secret::from("correct horse".to_owned());
    let read = if name.is_some() {
        import.read_as(format, "file", bytes, Some(&password))
    } else {
        // Beyond the formats: a table whose columns a person names.
        let column = |shift: u32| Some(format >> shift & 3);
        let mapping =
            ColumnMapping { password: column(0), user: column(2), second_factor: column(4), ..ColumnMapping::default() };
        drop(table_head("file", bytes));
        import.read_table("file", bytes, &mapping)
    };
    if read.is_ok() {
        assert!(!import.items().is_empty());
        assert!(import.items().iter().all(|item| item.place.to_string().starts_with("file")));
    }
});
