//! Tables (CSV).

use countersign_transfer::{ColumnMapping, Import, ImportLimits, table_head};
use proptest::prelude::*;

use crate::reading::{changed, prefixes_do_not_panic, tell, told};

const SAMPLES: &[(&[u8], &[&str])] = &[
    (
        include_bytes!("samples/bitwarden.csv"),
        &[
            "account 1: Acorn | mara | s3cret, one | https://acorn.example/login | 198010 | \
             notes \"first line\\nsecond \\\"line\\\"\" | tags Work, Servers | (it has 2 addresses: the first was taken)",
            "account 2: Birch | mara | s3cret-two | - | 98788846 | \
             (its address, androidapp://example.birch, does not begin with https:// and was not taken: add it by hand)",
            "account 5: Cedar | mara | s3cret-three | https://cedar.example | - | (its second factor cannot be used: in the otpauth URL: a token by counter",
            "account 6 !! line 9 has 13 fields, and the first line names 11 columns: put",
            "left out: 1 custom fields",
            "left out: 1 logins without password and second factor",
            "left out: 1 secure notes",
        ],
    ),
    (
        include_bytes!("samples/bitwarden-organisation.csv"),
        &[
            "account 1: Acorn | mara | s3cret-one | https://acorn.example | W5GKB | tags Team, Databases, Night shift",
            "left out: 1 archived items",
        ],
    ),
    (
        include_bytes!("samples/one-password.csv"),
        &[
            "account 1: Acorn | mara | s3cret-one | https://acorn.example | 198010 | \
             notes \"spare door code 4711\" | tags shop, eu",
            "account 2: Birch | mara | s3cret-two | https://birch.example | 355680",
            "left out: 1 archived items",
        ],
    ),
    (
        include_bytes!("samples/apple.csv"),
        &[
            "account 1: acorn.example (mara) | mara | s3cret-one | https://acorn.example/ | 368941",
            "account 2: birch.example | mara | s3cret-two | https://birch.example/ | -",
        ],
    ),
    (
        include_bytes!("samples/keepassxc.csv"),
        &[
            "account 1: Acorn | mara | s3cret \"one\"  | https://acorn.example | 198010 | \
             notes \"line\\ntwo\" | tags Work, Servers",
            "account 2: Birch | mara | s3cret-two | https://birch.example | - | \
             (its address, birch.example, was read with https:// in front)",
            "left out: 1 deleted items",
        ],
    ),
    (
        include_bytes!("samples/lastpass.csv"),
        &[
            "account 1: Acorn | mara | s3cret-one | https://acorn.example | 198010 | notes \"a note\" | tags Work, Servers",
            "account 2: Birch | mara | a&amp;b | https://birch.example | - | (its password holds HTML such as &amp;, \
             which LastPass's page may have written for &: compare it)",
            "left out: 1 cards",
            "left out: 1 secure notes",
        ],
    ),
    (
        include_bytes!("samples/keeper.csv"),
        &[
            "account 1: Acorn | mara | s3cret, one | https://acorn.example | - | notes \"line\\ntwo\" | tags Work, EU",
            "account 2: Birch | mara |  s3cret-two | https://birch.example | 368941 | tags Team, Night, Work | \
             (its address, birch.example, was read with https:// in front)",
            "account 4: Cedar | root | s3cret-three | - | 198010 | tags Shared",
            "left out: 1 Wi-Fi passwords",
            "left out: 1 cards",
            "left out: 4 custom fields",
        ],
    ),
    (
        include_bytes!("samples/dashlane.csv"),
        &[
            "account 1: Acorn | mara@example.org | s3cret-one | https://acorn.example | 198010 | \
             notes \"note, with comma\" | tags Shopping | (it has several user names: the first was taken)",
            "account 2: Birch | other | s3cret-two | https://birch.example | -",
        ],
    ),
    (
        include_bytes!("samples/dashlane-older.csv"),
        &["account 1: Acorn | mara | s3cret-one | https://acorn.example | 368941"],
    ),
    (
        include_bytes!("samples/firefox.csv"),
        &[
            "account 1: acorn.example | mara | s3cret-one | https://acorn.example | -",
            "left out: 1 sign-ins of the browser itself",
        ],
    ),
    (
        include_bytes!("samples/chrome.csv"),
        &[
            "account 1: acorn.example | mara | s3cret-one | https://acorn.example/login | - | notes \"remember\"",
            "account 2: Birch | mara | s3cret-two | - | - | (its address, android://c2lnbmF0dXJl@example.birch/, \
             does not begin with https:// and was not taken: add it by hand)",
        ],
    ),
    (
        include_bytes!("samples/proton-pass.csv"),
        &[
            "account 1: Dogwood | mara@example.org | s3cret-one | https://dogwood.example | 198010 | tags Personal | \
             (it has 2 addresses: the first was taken)",
            "account 2: Elder | mara | s3cret-two | https://elder.example | - | notes \"a note\" | tags Team",
            "left out: 1 aliases",
            "left out: 1 cards",
            "left out: 1 secure notes",
        ],
    ),
    (
        include_bytes!("samples/secret-server.csv"),
        &[
            "account 1: Acorn | mara | s3cret-one | https://acorn.example | 198010 | notes \"a note\" | tags Servers, Prod",
            "account 2: Birch | mara | s3cret-two | - | - | tags Servers",
            "account 3: Cedar | admin | s3cret-three | - | - | notes \"switch01\" | tags Network",
            "account 4 !! line 6 has 10 fields, and the first line names 9 columns: put",
            "left out: 1 backup codes",
        ],
    ),
    (
        include_bytes!("samples/cyberark-workforce.csv"),
        &["account 1: Acorn | mara | s3cret-one | https://acorn.example | 198010 | notes \"a note\" | tags Work"],
    ),
    (
        include_bytes!("samples/cyberark-vault.csv"),
        &[
            "account 1: root@srv01.example | root | s3cret-one | - | - | notes \"Address: srv01.example\" | tags Linux",
            "account 2: console.example | admin | s3cret-two | https://console.example | - | tags Cloud",
        ],
    ),
    (
        include_bytes!("samples/other.csv"),
        &[
            "account 1: Acorn | mara | s3cret,one | https://acorn.example | 198010 | tags shop, eu",
            "account 2: Birch | mara | s3cret-two | https://birch.example | - | (its second factor cannot be used: character 4 of the setup key, \"1\", is not one of",
            "account 3 !! line 4 has 5 fields, and the first line names 7 columns: put",
            "account 4: Dogwood |  | - | - | 368941",
        ],
    ),
    (
        include_bytes!("samples/unknown.csv"),
        &[" !! this is a table (CSV), but none of its columns is known: say which holds what"],
    ),
    // As somebody found them: addresses without quotation marks in the middle of a line.
    (
        include_bytes!("samples/unquoted-one-password.csv"),
        &[
            "account 1: Acorn | mara | s3cret-one | https://acorn.example | 198010 | \
             notes \"spare door code 4711\" | tags shop, eu",
            "account 2: Birch | mara | s3cret-two | https://birch.example | 355680",
            "account 3: Cedar | mara | s3cret-three | https://cedar.example | 769347",
        ],
    ),
    (
        include_bytes!("samples/unquoted-proton.csv"),
        &["account 1: Dogwood | mara@example.org | pw | https://dogwood.example | 880741 | tags Personal"],
    ),
];

#[test]
fn each_program_s_columns_are_read() {
    for (bytes, expected) in SAMPLES {
        let told = tell(bytes, None);
        let fits = told.len() == expected.len()
            && told.iter().zip(*expected).all(|(told, expected)| told.starts_with(expected));
        assert!(fits, "told\n{}\nexpected\n{}", told.join("\n"), expected.join("\n"));
    }
}

#[test]
fn every_sample_may_be_cut_anywhere() {
    for (bytes, _) in SAMPLES {
        prefixes_do_not_panic(bytes, None, 1);
    }
}

/// A column called secret: of setup keys where all of its cells are such, else of what nobody knows.
#[test]
fn a_column_called_secret_holds_setup_keys_or_is_counted() {
    const KEY: &str = "JBSWY3DPEHPK3PXP";
    let rows: [(&str, [&str; 2], &[&str]); 7] = [
        (
            "name,user,password,secret",
            [KEY, "jbsw y3dp ehpk 3pxp"],
            &["1: A | mara | pw | - | 368941", "2: B | mara | pw | - | 368941"],
        ),
        ("name,user,password,Secret Key", [KEY, ""], &["1: A | mara | pw | - | 368941", "2: B | mara | pw | - | -"]),
        (
            "name,user,password,secret",
            [KEY, "otpauth://totp/B?secret=JBSWY3DPEHPK3PXP"],
            &["1: A | mara | pw | - | 368941", "2: B | mara | pw | - | 368941"],
        ),
        (
            "name,user,password,secret",
            [KEY, "correct horse battery"],
            &["1: A | mara | pw | - | -", "2: B | mara | pw | - | -", "left out: 2 secrets that are no setup keys"],
        ),
        // Shorter than any site hands out.
        (
            "name,user,password,secret",
            ["", "JBSWY3DP"],
            &["1: A | mara | pw | - | -", "2: B | mara | pw | - | -", "left out: 1 secrets that are no setup keys"],
        ),
        ("name,user,x,secret", [KEY, KEY], &["1: A | mara | - | - | 368941", "2: B | mara | - | - | 368941"]),
        (
            "name,user,x,secret",
            [KEY, "s3cret-one"],
            &[
                " !! this is a table (CSV), but its column secret holds something else than setup keys, and no other holds a password",
            ],
        ),
    ];
    for (head, [first, second], expected) in rows {
        let told = tell(format!("{head}\nA,mara,pw,{first}\nB,mara,pw,{second}\n").as_bytes(), None);
        let told: Vec<&str> = told.iter().map(|line| line.trim_start_matches("account ")).collect();
        assert_eq!(told.len(), expected.len(), "{head} {second}: {told:?}");
        assert!(
            told.iter().zip(expected).all(|(told, expected)| told.starts_with(expected)),
            "{head} {second}: {told:?}"
        );
    }
}

#[test]
fn a_damaged_table_says_where_and_gives_no_account() {
    let open = "Title,Username,Password\nAcorn,mara,s3cret-one\nBirch,mara,\"s3cret-two\nCedar,mara,s3cret-three\n";
    let told = tell(open.as_bytes(), None);
    assert_eq!(
        told,
        [" !! this is a table (CSV), and it is damaged at line 3: a quotation mark is opened there and never closed: \
          export it again"]
    );
    let latin = b"Title,Username,Password\nAcorn,mara,s3cret-one\nB\xe4r,mara,s3cret-two\n";
    assert_eq!(
        tell(latin, None),
        [" !! this is a table (CSV), but from line 3 on it is not text in UTF-8: export it again in UTF-8"]
    );
}

#[test]
fn marks_line_ends_and_encodings_make_no_difference() {
    let rows = [["Title", "Username", "Password", "OTPAuth"], ["Acorn", "mara", "s3cret", "JBSWY3DPEHPK3PXP"]];
    for mark in [",", ";", "\t"] {
        for end in ["\n", "\r\n", "\r"] {
            for start in ["", "\u{feff}"] {
                for quote in ["", "\""] {
                    let row = |row: &[&str; 4]| row.map(|field| format!("{quote}{field}{quote}")).join(mark);
                    let text = format!("{start}{}{end}{}{end}", row(&rows[0]), row(&rows[1]));
                    assert_eq!(
                        tell(text.as_bytes(), None),
                        ["account 1: Acorn | mara | s3cret | - | 368941"],
                        "{text:?}"
                    );
                }
            }
        }
    }
    let named = "sep=;\r\nTitle;Username;Password\r\nAcorn;mara;s3,cret\r\n";
    let mut import = Import::new(ImportLimits::default());
    let mapping = ColumnMapping { password: Some(2), ..ColumnMapping::default() };
    import.read_table("file", named.as_bytes(), &mapping).unwrap();
    assert_eq!(told(&import), ["account 1:  |  | s3,cret | - | -"]);
}

#[test]
fn a_person_says_which_column_is_which() {
    let bytes = include_bytes!("samples/unknown.csv");
    let unknown = table_head("file", bytes).unwrap();
    assert_eq!(
        (unknown.columns.as_slice(), unknown.understood),
        (["Wer", "Was", "Womit"].map(str::to_owned).as_slice(), None)
    );
    // Its last line may be without an end.
    assert!(table_head("file", bytes.trim_ascii_end()).is_some());
    let read = |mapping: &ColumnMapping| {
        let mut import = Import::new(ImportLimits::default());
        import.read_table("file", bytes, mapping).unwrap();
        told(&import)
    };
    let right = ColumnMapping { name: Some(1), user: Some(0), password: Some(2), ..ColumnMapping::default() };
    assert_eq!(read(&right), ["account 1: Acorn | mara | s3cret-one | - | -"]);
    let beyond = ColumnMapping { notes: Some(3), ..right };
    assert_eq!(read(&beyond), [" !! this is a table (CSV), but it has no column 4: it has 3"]);
    assert_eq!(
        read(&ColumnMapping { name: Some(1), ..ColumnMapping::default() }),
        [
            " !! this is a table (CSV), but nothing says which column holds the password or the second factor: name one of them"
        ]
    );
}

#[test]
fn titles_say_what_their_columns_hold() {
    let head = |text: &str| table_head("file", text.as_bytes());
    let usual = head("Title,Login,Pass,Web site,OTP,Tags,Colour,Folder\na,b,c,d,JBSWY3DPEHPK3PXP,e,f,g\n").unwrap();
    assert_eq!(usual.columns.len(), 8);
    let understood = ColumnMapping {
        name: Some(0),
        user: Some(1),
        password: Some(2),
        site: Some(3),
        second_factor: Some(4),
        notes: None,
        tags: Some(7),
    };
    assert_eq!(usual.understood, Some(understood));
    // Chrome's own, lines of addresses, and a JSON are known for what they are.
    for other in
        ["name,url,username,password,note\na,b,c,d,e\n", "otpauth://totp/a?secret=JBSWY3DPEHPK3PXP\n", "{}", ""]
    {
        assert_eq!(head(other), None, "{other}");
    }
}

#[test]
fn a_hundred_thousand_rows_and_wide_ones_are_read_in_one_go() {
    let rows: String = (0..99_999).map(|n| format!("Site {n},user{n},pw{n},JBSWY3DPEHPK3PXP\n")).collect();
    let told = tell(format!("title,username,password,totp\n{rows}").as_bytes(), None);
    assert_eq!(told.len(), 99_999);
    let wide = format!("title,password{}\n{}", ",x".repeat(998), format!("a,b{}\n", ",".repeat(998)).repeat(3_000));
    assert_eq!(tell(wide.as_bytes(), None).len(), 3_000);
    let wider = format!("title,password{}\na,b{}\n", ",x".repeat(2_000), ",".repeat(2_000));
    assert!(tell(wider.as_bytes(), None)[0].contains("names more than 1000 columns"));
}

proptest! {
    #[test]
    fn any_table_is_read_without_a_panic(
        head in "[a-z,;\"\t\n]{0,40}",
        rows in proptest::collection::vec(any::<u8>(), 0..300),
        sample in proptest::sample::select(SAMPLES).prop_flat_map(|(bytes, _)| changed(bytes)),
    ) {
        for head in [head.as_str(), "title,password,totp\n", "name,url,username,password,note\r\n"] {
            let bytes = [head.as_bytes(), &rows].concat();
            prop_assert!(!tell(&bytes, None).is_empty());
        }
        prop_assert!(!tell(&sample, None).is_empty());
    }

    /// What is written by the rules comes back, whatever is in it.
    #[test]
    fn every_field_comes_back(fields in proptest::collection::vec("[ -~\n\u{e4}]{1,20}", 2..6)) {
        let head: Vec<String> = (0..fields.len()).map(|n| format!("column {n}")).collect();
        let row: Vec<String> = fields.iter().map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect();
        let text = format!("{}\n{}\n", head.join(","), row.join(","));
        for (column, field) in fields.iter().enumerate() {
            let mut import = Import::new(ImportLimits::default());
            let mapping = ColumnMapping { password: Some(column), ..ColumnMapping::default() };
            import.read_table("file", text.as_bytes(), &mapping).unwrap();
            let account = import.items()[0].outcome.as_ref().ok().unwrap();
            prop_assert_eq!(account.password.as_ref().unwrap().expose_text().unwrap(), field.as_str());
        }
    }
}
