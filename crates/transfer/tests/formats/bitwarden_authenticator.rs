use countersign_transfer::FileProblem;

use crate::{left_out, no_beginning_gives_an_account, problem, shown, with};

const JSON: &[u8] = include_bytes!("samples/bitwarden_authenticator.json");
const TABLE: &[u8] = include_bytes!("samples/bitwarden_authenticator.csv");

const WITHOUT: &str = "logins without password and second factor";

const ALL: [&str; 5] = [
    "1 -> Acorn: mara@acorn.example (Acorn / mara@acorn.example) 921300 \"spare code in the safe\"",
    "2 -> Our birch (Birch / ops) 77076628",
    "3 -> Steam (Steam / ) RGTFV",
    "4 -> Bare (- / mara) 921300",
    "7 !! in the otpauth URL: digits must be 5 to 10",
];

#[test]
fn json_is_read() {
    assert_eq!(shown(JSON, None), ALL);
    assert_eq!(left_out(JSON, None), [("items that are no logins", 1), (WITHOUT, 1)]);
}

/// Its rows have more fields than its head has columns.
#[test]
fn the_table_is_read() {
    let expected = [
        "1 -> Acorn: mara@acorn.example (Acorn / mara@acorn.example) 921300",
        "2 -> Birch (Birch / ops) 77076628",
        "3 -> Steam (Steam / ) RGTFV",
    ];
    let told = shown(TABLE, None);
    assert_eq!(told[0], expected[0]);
    // The name has a comma and no quotation marks.
    assert!(told[1].ends_with("(Birch / ops) 77076628"), "{}", told[1]);
    assert_eq!(told[2], expected[2]);
    assert_eq!(left_out(TABLE, None), [(WITHOUT, 1)]);
    let wrong = shown(&with(TABLE, "digits=8", "digits=80"), None);
    assert_eq!(wrong[1], "2 !! in the otpauth URL: digits must be 5 to 10");
}

#[test]
fn what_is_damaged_says_where() {
    let encrypted = with(JSON, "\"encrypted\": false", "\"encrypted\": true");
    assert!(matches!(problem(&encrypted, None), FileProblem::NotReadable { .. }));
    let list = with(JSON, "\"items\": [", "\"items\": 1, \"x\": [");
    assert!(matches!(problem(&list, None), FileProblem::Damaged { place, .. } if place.starts_with("line 3")));
    let latin = [TABLE, b"\xff\xff"].concat();
    assert!(matches!(problem(&latin, None), FileProblem::Damaged { place, .. } if place.starts_with("line 6")));
}

#[test]
fn what_ends_early_gives_nothing() {
    no_beginning_gives_an_account(JSON, None);
}
