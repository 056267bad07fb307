use countersign_otp::{Label, SeedEncoding, SeedField, parse_seed_field, write_migration};

use super::{key, line};

const KEY: &str = "JBSWY3DPEHPK3PXP";

fn field(text: &str) -> Result<SeedField, String> {
    parse_seed_field(text, SeedEncoding::Base32).map_err(|error| error.to_string())
}

#[test]
fn a_seed_or_a_whole_address() {
    assert!(matches!(field("jbsw y3dp"), Ok(SeedField::Seed(_))));
    let uri = format!("otpauth://totp/me?secret={KEY}");
    for text in [
        uri.clone(),
        format!("  {uri}\n"),
        format!("Your key:\n{uri}\nKeep it safe\n"),
        format!("{uri}\n{uri}"),
        format!("\"{uri}\""),
        format!("otpauth://totp/me\n?secret={KEY}"),
    ] {
        match field(&text) {
            Ok(SeedField::Setup(setup)) => {
                assert_eq!((key(&setup.secret).as_str(), setup.label.account()), (KEY, "me"));
            }
            Ok(SeedField::Seed(_)) => panic!("{text} is no bare seed"),
            Err(error) => panic!("{text}: {error}"),
        }
    }
}

#[test]
fn an_export_of_one_account() {
    let Ok(SeedField::Setup(setup)) = field(&format!("otpauth://totp/Site:me?secret={KEY}&issuer=Site")) else {
        panic!()
    };
    let other = Label::new(Some("Site"), "other").unwrap();
    let one = write_migration(&[(&setup.secret, &setup.label)], 10, 1).unwrap();
    let Ok(SeedField::Setup(back)) = field(one[0].expose_text().unwrap()) else { panic!() };
    assert_eq!(line(&back), line(&setup));
    let two = write_migration(&[(&setup.secret, &setup.label), (&setup.secret, &other)], 10, 1).unwrap();
    assert_eq!(
        field(two[0].expose_text().unwrap()).err().unwrap(),
        "these are 2 accounts, and a credential holds one: paste a single URL, or import them all"
    );
}

#[test]
fn refusals() {
    let rows = [
        ("", "the setup key is empty"),
        ("0", "character 1 of the setup key, \"0\""),
        ("123456", "this looks like a one-time code. Enter the setup key instead"),
        ("222 333", "this looks like a one-time code"),
        ("12345678", "this looks like a one-time code"),
        ("123456789", "character 1 of the setup key, \"1\""),
        ("https://example.org/login", "this is the URL of a page, not a setup key"),
        ("otpauth://totp/me", "the otpauth URL holds no secret"),
        ("motp://x", "Mobile-OTP"),
        ("otpauth-migration://offline", "the export holds no accounts"),
        ("otpauth-migration://offline?data=", "the export holds no accounts"),
        ("otpauth://totp/a?secret=ABCDEFGH\notpauth://totp/b?secret=ABCDEFGH", "these are 2 accounts"),
    ];
    for (text, message) in rows {
        let told = field(text).err().unwrap();
        assert!(told.starts_with(message), "{text}: {told}");
    }
    let told = field(&"A".repeat(2 * 1024 * 1024)).err().unwrap();
    assert_eq!(told, "this is too long for a setup key: 2097152 bytes; paste the setup key or one otpauth:// URL");
}
