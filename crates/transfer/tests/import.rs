//! Files in any order become items, each with its place.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

use countersign_otp::{Label, OtpSecret, Pasted, uris, write_migration};
use countersign_seal::Secret;
use countersign_transfer::{Import, ImportLimits, ImportRefusal, ReadError};
use fast_qr::QRBuilder;
use image::{GrayImage, ImageFormat, Luma};
use proptest::prelude::*;

const ONE: &str = "otpauth://totp/Example:alice@example.org?secret=JBSWY3DPEHPK3PXP&issuer=Example";
const TWO: &str = "otpauth://hotp/bob?secret=GEZDGNBVGY3TQOJQ&counter=7";

fn import(files: &[(&str, &[u8])]) -> Import {
    let mut import = Import::new(ImportLimits::default());
    for (name, bytes) in files {
        import.read(name, bytes, None).unwrap();
    }
    import
}

fn shown(import: &Import) -> Vec<String> {
    import
        .items()
        .iter()
        .map(|item| match &item.outcome {
            Ok(account) => format!("{} -> {}", item.place, account.name),
            Err(refusal) => format!("{} !! {refusal}", item.place),
        })
        .collect()
}

fn qr_picture(text: &str) -> Vec<u8> {
    const SCALE: u32 = 4;
    let code = QRBuilder::new(text).build().unwrap();
    let side = u32::try_from(code.size).unwrap();
    let picture = GrayImage::from_fn((side + 8) * SCALE, (side + 8) * SCALE, |x, y| {
        let (column, row) = ((x / SCALE).wrapping_sub(4), (y / SCALE).wrapping_sub(4));
        let inside = column < side && row < side;
        let dark = inside && code[row as usize][column as usize].value();
        Luma([if dark { 0 } else { 255 }])
    });
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Three accounts in Google's form, one a part.
fn google_parts() -> Vec<String> {
    let setups: Vec<(OtpSecret, Label)> = ["anna", "berta", "clara"]
        .iter()
        .map(|name| format!("otpauth://totp/{name}?secret=JBSWY3DPEHPK3PXP"))
        .map(|uri| match uris(&uri).next().map(|found| found.outcome) {
            Some(Ok(Pasted::Setup(setup))) => (setup.secret, setup.label),
            _ => panic!("a plain address"),
        })
        .collect();
    let accounts: Vec<(&OtpSecret, &Label)> = setups.iter().map(|(secret, label)| (secret, label)).collect();
    let parts = write_migration(&accounts, 1, 99).unwrap();
    parts.iter().map(|part| part.expose_text().unwrap().to_owned()).collect()
}

#[test]
fn lines_of_a_text_keep_their_places() {
    let text =
        format!("\u{feff}# from the old phone\r\n{ONE}\r\n\r\n{TWO}\r\nnonsense\r\notpauth://totp/x?secret=JBSWY1\r\n");
    let import = import(&[("codes.txt", text.as_bytes())]);
    let shown = shown(&import);
    assert_eq!(shown[0], "codes.txt, line 2 -> Example: alice@example.org");
    assert_eq!(shown[1], "codes.txt, line 4 -> bob");
    assert!(shown[2].starts_with("codes.txt, line 5 !! this line holds no otpauth:// URL"), "{}", shown[2]);
    assert!(shown[3].starts_with("codes.txt, line 6 !! ") && shown[3].contains('1'), "{}", shown[3]);
    assert_eq!(shown.len(), 4);
}

#[test]
fn google_parts_come_in_any_order_and_missing_ones_are_named() {
    let parts = google_parts();
    let (first, third) = (qr_picture(&parts[0]), qr_picture(&parts[2]));
    let partial = import(&[("3.png", &third), ("1.png", &first), ("again.png", &first)]);
    assert_eq!(
        shown(&partial)[..2],
        ["3.png, part 3 of 3, account 1 -> clara", "1.png, part 1 of 3, account 1 -> anna"]
    );
    assert_eq!(partial.missing(), ["part 2 of 3 of the Google Authenticator export is missing"]);

    let whole = import(&[("3.png", &third), ("rest.txt", parts[1].as_bytes()), ("1.png", &first)]);
    assert_eq!(shown(&whole).len(), 3);
    assert!(whole.missing().is_empty());
}

#[test]
fn what_is_no_import_says_so() {
    let blank = {
        let mut bytes = std::io::Cursor::new(Vec::new());
        GrayImage::from_pixel(80, 80, Luma([255])).write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    };
    let other = qr_picture("https://example.org/menu");
    let import =
        import(&[("blank.png", &blank), ("menu.png", &other), ("x.bin", &[0xff, 0xfe, 0]), ("empty.txt", b"\n")]);
    let refusals: Vec<&ImportRefusal> =
        import.items().iter().map(|item| item.outcome.as_ref().err().unwrap()).collect();
    assert!(
        matches!(
            refusals[..],
            [
                ImportRefusal::Picture(_),
                ImportRefusal::OtherCode,
                ImportRefusal::NeitherTextNorPicture,
                ImportRefusal::Nothing
            ]
        ),
        "{refusals:?}"
    );
}

#[test]
fn files_of_other_kinds_are_named() {
    let rows: [(&[u8], &str); 9] = [
        (
            b"PK\x03\x04rest",
            "this is a ZIP archive, and it is damaged at the archive's directory, at its end: export it again",
        ),
        (
            b"{\n\"other\": []\n}",
            "this is a document (JSON), but it is of no program that is known here: choose another",
        ),
        (b" []\n", "this is a document (JSON), but it is of no program that is known here: choose another"),
        (
            b"<!doctype HTML>\n<p>\n",
            "this is a page (HTML), but it is of no program that is known here: choose another",
        ),
        (b"%PDF-1.7", "this is a PDF, which cannot be read"),
        (b"\0\0\0\x18ftypheic", "this is a HEIC or AVIF image, or a film, which cannot be read"),
        (b"\x7fELF\0\0\0", "this file is neither an image nor text"),
        (b"otpauth://totp/a?secret=ABCDEFGH\n# Gr\xf6\xdfe\n", "from line 2 on this file is not text in UTF-8"),
        (b"\xff\xfea\0b", "this file is neither an image nor text"),
    ];
    for (bytes, message) in rows {
        let import = import(&[("file", bytes)]);
        let told = shown(&import);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with(&format!("file !! {message}")), "{}", told[0]);
    }
}

/// Password managers export CSV without quotation marks, and JSON with each slash escaped. A table of columns that nobody knows is
/// read for its addresses alone.
#[test]
fn exports_with_other_columns_give_the_accounts_alone() {
    let csv = "Title,Url,Username,Password,OTPAuth,Favorite,Tags,Notes\n\
        Acorn,https://acorn.example,mara,s3cret-one,otpauth://totp/Acorn:mara?secret=GEZDGNBVGY3TQOJQ&issuer=Acorn,\
        false,shop;eu,spare door code 4711\n\
        Birch,https://birch.example,mara,s3cret-two,otpauth://totp/Birch:mara?issuer=Birch&secret=KRSXG5CTMVRXEZLU,\
        false,,\n";
    let json = r#"{"uri":"otpauth:\/\/totp\/Cedar:mara?secret=MFRGGZDFMZTWQ2LK&issuer=Cedar"}"#;
    let columns = csv.replace("Title,Url,Username,Password,OTPAuth", "Was,Wo,Wer,Wort,Code");
    let told =
        shown(&import(&[("all.csv", csv.as_bytes()), ("own.csv", columns.as_bytes()), ("in.json", json.as_bytes())]));
    assert_eq!(told[..2], ["all.csv, account 1 -> Acorn", "all.csv, account 2 -> Birch"]);
    assert!(told[2].starts_with("own.csv, line 1 !! this line holds no otpauth:// URL"), "{}", told[2]);
    assert_eq!(
        told[3..],
        ["own.csv, line 2 -> Acorn: mara", "own.csv, line 3 -> Birch: mara", "in.json, line 1 -> Cedar: mara"]
    );
}

#[test]
fn text_in_utf_16_is_read() {
    let text = format!("\u{feff}# Größe\r\n{ONE}\r\n");
    for unit in [u16::to_le_bytes, u16::to_be_bytes] {
        let bytes: Vec<u8> = text.encode_utf16().flat_map(unit).collect();
        assert_eq!(shown(&import(&[("pad.txt", &bytes)])), ["pad.txt, line 2 -> Example: alice@example.org"]);
    }
}

#[test]
fn a_file_of_another_program_is_no_flood_of_refusals() {
    let text = "[Account]\n".to_owned() + &"key = 1\n".repeat(10_001);
    let told = shown(&import(&[("vault.ini", text.as_bytes())]));
    assert_eq!(told.len(), 21);
    assert_eq!(told[20], "vault.ini !! 9982 more lines hold no otpauth:// URL: is it the right file?");
}

/// A whole team's export: many lines, read in one go.
#[test]
fn a_hundred_thousand_lines() {
    let text: String = (0..100_000)
        .map(|n| {
            format!(
                "otpauth://totp/Site%20{n}:user{n}@example.org?secret=JBSWY3DPEHPK3PXP&issuer=Site%20{n}&period=30\n"
            )
        })
        .collect();
    let import = import(&[("all.txt", text.as_bytes())]);
    assert_eq!(import.items().len(), 100_000);
    assert_eq!(shown(&import)[99_999], "all.txt, line 100000 -> Site 99999: user99999@example.org");
}

#[test]
fn limits_are_kept_and_named() {
    let mut import = Import::new(ImportLimits { bytes: 1_000, items: 2, name: 20, ..ImportLimits::default() });
    let long = "n".repeat(2 << 20);
    assert_eq!(import.read(&long, b"x", None), Err(ReadError::LongName { length: 2 << 20, most: 20 }));
    assert!(matches!(
        import.read("big.txt", &[b' '; 1_001], None),
        Err(ReadError::TooLarge { bytes: 1_001, most: 1_000, .. })
    ));
    let three = [ONE, TWO, ONE].join("\n");
    assert!(matches!(import.read("many.txt", three.as_bytes(), None), Err(ReadError::TooMany { most: 2, .. })));
}

/// Each costs seconds, so that two hundred at once would hold up everybody else's imports for minutes.
#[test]
fn so_many_encrypted_files_are_opened_and_no_more() {
    let sample: &[u8] = include_bytes!("formats/samples/2fas_encrypted.2fas");
    let wrong = Secret::from("guess".to_owned());
    let mut import = Import::new(ImportLimits { encrypted: 2, ..ImportLimits::default() });
    let right = Secret::from("mara’s file password".to_owned());
    // Without a password no key is made, and nothing is counted.
    for password in [None, None, Some(&wrong), Some(&right), Some(&right)] {
        import.read("a.2fas", sample, password).unwrap();
    }
    import.read("plain.txt", ONE.as_bytes(), Some(&right)).unwrap();
    let told = shown(&import);
    assert!(told[0].contains("give the file's password") && told[1].contains("give the file's password"));
    assert!(told[2].contains("the password does not open it"), "{}", told[2]);
    assert_eq!(told[3], "a.2fas, account 1 -> Acorn: mara@acorn.example");
    assert_eq!(
        told[told.len() - 2..],
        [
            "a.2fas !! this is a backup of 2FAS, and too many encrypted files came at once: import at most 2 together",
            "plain.txt, line 1 -> Example: alice@example.org"
        ]
    );
    assert!(!import.items()[told.len() - 2].outcome.as_ref().err().unwrap().asks_for_password());
}

#[test]
fn a_name_of_megabytes_is_refused_with_its_place() {
    let text = format!("{TWO}\notpauth://totp/{}?secret=JBSWY3DPEHPK3PXP\n", "n".repeat(2 << 20));
    let shown = shown(&import(&[("long.txt", text.as_bytes())]));
    assert!(shown[1].starts_with("long.txt, line 2 !! ") && shown[1].contains("too long"), "{}", shown[1]);
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let import = import(&[("any", &bytes)]);
        prop_assert!(!import.items().is_empty());
    }
}
