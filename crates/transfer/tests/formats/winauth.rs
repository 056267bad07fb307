use crate::{STEAM, damaged_at, no_beginning_gives_an_account, problem, shown, with};

const TEXT: &[u8] = include_bytes!("samples/winauth.txt");
const XML: &[u8] = include_bytes!("samples/winauth.xml");

pub(crate) const ALL: [&str; 6] = [
    "1 -> Acorn Corp: mara+x@acorn.example (Acorn Corp / mara+x@acorn.example) 921300",
    "2 -> Birch of all: two words (Birch of all / two words) 77076628",
    "3 -> door (- / door) #7 5894218",
    STEAM,
    "5 -> BattleNet: mine (BattleNet / mine) 81921300 \"Serial number: EU123456789012\"",
    "6 !! in the otpauth URL's secret: character 9 of the setup key, \"1\", is not one of A–Z and 2–7: \
     did you mean the letter I or L?",
];

#[test]
fn the_text_is_read_with_its_additions() {
    assert_eq!(shown(TEXT, None), ALL);
    // Without them it is any text of addresses, in which a counter is the next one.
    let plain = b"otpauth://hotp/door?secret=MEQGWZLZEB2GQYLUEBRW65LOORZSA5LQ&digits=7&algorithm=SHA512&counter=7";
    assert_eq!(shown(plain, None), ["file, line 1 -> door (- / door) #7 5894218"]);
}

/// As the first versions that knew Steam wrote it, and as others write it.
#[test]
fn steam_is_known_without_its_issuer() {
    let own = "otpauth://totp/Steam?secret=JBSWY3DPEHPK3PXP&digits=5&icon=SteamIcon.png\n\
               otpauth://totp/Other?secret=JBSWY3DPEHPK3PXP&digits=5&icon=AppleIcon.png\n";
    let told = shown(own.as_bytes(), None);
    assert!(
        told[0].starts_with("1 -> Steam (- / Steam) ") && told[0].chars().any(|c| c.is_ascii_uppercase()),
        "{told:?}"
    );
    assert_eq!((told.len(), told[1].ends_with(|c: char| c.is_ascii_digit())), (2, true));
    let others = "otpauth://totp/Steam:mara?secret=JBSWY3DPEHPK3PXP&issuer=Steam\n\
                  otpauth://totp/Steam:mara?secret=JBSWY3DPEHPK3PXP&issuer=Steam&encoder=steam\n";
    let told = shown(others.as_bytes(), None);
    let warned: Vec<bool> = told.iter().map(|line| line.contains("it is Steam's by its name")).collect();
    assert_eq!(warned, [true, false], "{told:?}");
}

#[test]
fn the_store_is_read() {
    let expected = [
        "1 -> Acorn & Sons (mara@acorn.example) (Acorn & Sons / mara@acorn.example) 921300",
        "2 -> ops (- / ops) 77076628",
        "3 -> Cedar (door) (Cedar / door) #7 5894218",
        "4 -> Steam (mara) (Steam / mara) RGTFV",
        "5 -> Mine (Battle.net / Mine) 81921300",
        "6 !! its type is unknown: totp, hotp and steam are known; add this account by hand",
        "7 !! in its setup key: character 1 of the setup key, \"X\", is not one of 0–9 and A–F: compare with the site, or \
         leave it out if it is no part of the key",
        "8 !! its number of digits in secretdata is not what it should be: export the file again, or add this account by \
         hand",
        "9 !! its setup key is protected in the file: unlock it in the app, and export it as a text",
    ];
    assert_eq!(shown(XML, None), expected);
}

#[test]
fn a_protected_store_is_refused_with_its_reason() {
    let head = "<?xml version=\"1.0\"?>\n<WinAuth version=\"3.6\">\n";
    for (letters, by) in [("y", "a password"), ("yu", "a password and the Windows account"), ("a", "a YubiKey")] {
        let file = format!("{head}<data encrypted=\"{letters}\">574941</data></WinAuth>");
        let message = problem(file.as_bytes(), Some("x")).to_string();
        assert!(message.contains(&format!("it is protected by {by}: export the authenticators")), "{message}");
    }
    let older = format!("{head}<authenticator type=\"x\"><secretdata>00</secretdata></authenticator></WinAuth>");
    assert!(problem(older.as_bytes(), None).to_string().contains("an older version than 3"));
}

#[test]
fn what_is_damaged_says_where() {
    for (from, to, place) in
        [("</name>", "</other>", "line 5"), ("&amp;", "&x;", "line 5"), ("</WinAuth>", "", "line 94")]
    {
        assert_eq!(damaged_at(&with(XML, from, to), None), place, "{from}");
    }
}

#[test]
fn what_ends_early_gives_nothing() {
    no_beginning_gives_an_account(XML, None);
}
