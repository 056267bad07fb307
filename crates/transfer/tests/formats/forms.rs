//! Forms that programs have written at some time or in some case, beside those of the samples. Each is a file as short as it can be, and
//! what is told of it.

use std::io::{Cursor, Write as _};

use countersign_transfer::{ColumnMapping, Import, ImportLimits, table_head};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::reading::{read, tell, told};

/// What is read, and how each line of what is told begins.
type Form<'f> = (&'f str, &'f [&'f str]);

const KEY: &str = "JBSWY3DPEHPK3PXP";
const TOKEN: &str = "368941";

fn told_of(text: &str) -> Vec<String> {
    tell(text.as_bytes(), None)
}

fn check(forms: &[Form<'_>]) {
    for (text, expected) in forms {
        let told = told_of(text);
        let told: Vec<&str> = told.iter().map(|line| line.trim_start_matches("account ")).collect();
        let fits =
            told.len() == expected.len() && told.iter().zip(*expected).all(|(one, other)| one.starts_with(other));
        assert!(fits, "{text}\ntold\n{}\nexpected\n{}", told.join("\n"), expected.join("\n"));
    }
}

/// As a spreadsheet or an editor saves it, in either order of bytes.
fn utf16(text: &str) -> [Vec<u8>; 2] {
    let units = || std::iter::once(0xfeff).chain(text.encode_utf16());
    [units().flat_map(u16::to_le_bytes).collect(), units().flat_map(u16::to_be_bytes).collect()]
}

#[test]
fn utf_16_makes_no_difference_to_any_format() {
    let table = "Title;Username;Password;OTPAuth\r\nBüro;mara;s3cret;JBSWY3DPEHPK3PXP\r\n";
    let samples: [&str; 6] = [
        table,
        include_str!("samples/lastpass.csv"),
        include_str!("samples/bitwarden.json"),
        include_str!("samples/winauth.xml"),
        include_str!("samples/ente.txt"),
        include_str!("samples/other.csv"),
    ];
    for sample in samples {
        for bytes in utf16(sample) {
            assert_eq!(tell(&bytes, None), told_of(sample));
            assert!(read(&bytes, None).items().iter().any(|item| item.outcome.is_ok()));
            // Half a character is no text.
            let cut = tell(&bytes[..bytes.len() - 1], None);
            assert_eq!(cut.len(), 1);
            assert!(cut[0].starts_with(" !! this file is neither an image nor text"), "{}", cut[0]);
        }
    }
}

#[test]
fn a_table_whose_columns_a_person_names_may_be_in_utf_16_and_name_its_mark() {
    let mapping =
        ColumnMapping { name: Some(0), password: Some(1), second_factor: Some(2), ..ColumnMapping::default() };
    for start in ["", "sep=;\r\n", "\"sep=;\"\r\n", "\r\n\r\n"] {
        let text = format!("{start}Wer;Womit, wie;Zweitens\r\nBüro;s3,cret;{KEY}\r\n");
        let encodings = utf16(&text).into_iter().chain([text.clone().into_bytes()]);
        for bytes in encodings {
            let mut import = Import::new(ImportLimits::default());
            import.read_table("file", &bytes, &mapping).unwrap();
            assert_eq!(told(&import), [format!("account 1: Büro |  | s3,cret | - | {TOKEN}")], "{text:?}");
            let head = table_head("file", &bytes).unwrap();
            assert_eq!(head.columns, ["Wer", "Womit, wie", "Zweitens"]);
        }
    }
}

#[test]
fn every_program_s_table_may_come_back_from_a_spreadsheet() {
    let rows: [(&str, &str); 5] = [
        ("url;username;password;totp;extra;name;grouping;fav", ";;s3cret;JBSWY3DPEHPK3PXP;;Acorn;Work;0"),
        ("type;name;login_username;login_password;login_totp", "login;Acorn;;s3cret;JBSWY3DPEHPK3PXP"),
        ("Group;Title;Username;Password;URL;Notes;TOTP", "Root/Work;Acorn;;s3cret;;;JBSWY3DPEHPK3PXP"),
        ("title;url;username;password;notes;otpauth", "Acorn;;;s3cret;;JBSWY3DPEHPK3PXP"),
        ("folder;favorite;type;name;login_uri;login_totp", ";;1;Acorn;;otpauth://totp/Acorn?secret=JBSWY3DPEHPK3PXP"),
    ];
    for (head, row) in rows {
        for start in ["sep=;\r\n", "SEP=;\n", "\"sep=;\"\r\n", "\r\n", "\n\nsep=;\n\n"] {
            let told = told_of(&format!("{start}{head}\r\n{row}\r\n"));
            assert_eq!(told.len(), 1, "{start:?} {head}: {told:?}");
            assert!(told[0].starts_with("account 1: Acorn | ") && told[0].contains(TOKEN), "{start:?}: {}", told[0]);
        }
    }
}

#[test]
fn authenticators_leave_fields_out() {
    check(&[
        // Aegis, whose groups are nothing.
        (
            r#"{"version":1,"header":{"slots":null,"params":null},"db":{"version":3,"groups":null,"entries":[{"type":"totp",
            "uuid":"a","name":"mara","issuer":"Acorn","note":null,"favorite":false,"icon":null,"groups":null,"archived":null,
            "info":{"secret":"JBSWY3DPEHPK3PXP","algo":"SHA1","digits":6,"period":30}}]}}"#,
            &["1: Acorn: mara | mara | - | - | 368941"],
        ),
        // Its content by itself, decrypted.
        (
            r#"{"version":3,"entries":[{"type":"totp","uuid":"a","name":"mara","issuer":"Acorn","info":{"secret":"JBSWY3DPEHPK3PXP",
            "algo":"SHA1","digits":6,"period":30},"groups":["g"]}],"groups":[{"uuid":"g","name":"Work"}]}"#,
            &["1: Acorn: mara | mara | - | - | 368941 | tags Work"],
        ),
        // 2FAS, a service of which nothing but the key was typed.
        (
            r#"{"services":[{"name":"Acorn","secret":"jbsw y3dp ehpk 3pxp","updatedAt":1,"order":{"position":0}},
            {"name":"Birch","secret":"JBSWY3DPEHPK3PXP","otp":{"account":"","label":"","issuer":null,"digits":null,"algorithm":null,
            "period":null,"counter":null,"tokenType":null},"groupId":null},{"name":"Cedar","secret":"JBSWY3DPEHPK3PXP",
            "otp":{"label":"Cedar:mara","issuer":"Cedar"}}],"groups":null,"schemaVersion":1}"#,
            &["1: Acorn |  | - | - | 368941", "2: Birch |  | - | - | 368941", "3: Cedar: mara | mara | - | - | 368941"],
        ),
    ]);
}

/// Lines of Ente, whose parameters are encoded as a form is: as its export has them, and as its own backup does.
#[test]
fn ente_encodes_as_forms_do_and_saves_by_itself() {
    let display = |trashed: &str, rest: &str| format!("codeDisplay=%7B%22trashed%22%3A{trashed}%2C{rest}%7D");
    let rest = "%22tags%22%3A%5B%22Work+EU%22%2C%22a%252Cb%22%5D%2C%22note%22%3A%22my+note+%2B+more%22";
    let kept = format!(
        "otpauth://totp/Mongo%20Atlas:m%40x.example?secret={KEY}&issuer=Mongo+Atlas&{}",
        display("false", rest)
    );
    let gone = format!("otpauth://totp/Gone:x?secret={KEY}&{}", display("true", rest));
    // What has no counter begins at zero.
    let counted =
        format!("otpauth://hotp/Birch:mara?secret={KEY}&issuer=Birch&{}", display("false", "%22tags%22%3A%5B%5D"));
    let expected = [
        "1: Mongo Atlas: m@x.example | m@x.example | - | - | 368941 | notes \"my note + more\" | tags Work EU, a,b",
        "3: Birch: mara | mara | - | - | 282760@0",
        "left out: 1 codes in the bin",
    ];
    check(&[
        (&format!("{kept}\n{gone}\n{counted}\n"), &expected),
        (&format!("\"{kept}\"\r\n\"{gone}\"\r\n\"{counted}\""), &expected),
    ]);
}

#[test]
fn freeotp_plus_lists_tokens_under_names_and_in_groups() {
    let token = |more: &str| {
        format!(
            r#"{{"tokenOrder":["a"],"tokens":[{{"algo":"SHA1","digits":6,"issuerExt":"Acorn","label":"mara","period":30,"type":"TOTP",
            "secret":[72,101,108,108,111,33,-34,-83,-66,-17]{more}}}]}}"#
        )
    };
    check(&[
        (&token(""), &["1: Acorn: mara | mara | - | - | 368941"]),
        (&token(r#","alias":"At work","category":"EU""#), &["1: At work | mara | - | - | 368941 | tags EU"]),
        (&token(r#","alias":"","category":null"#), &["1: Acorn: mara | mara | - | - | 368941"]),
    ]);
}

#[test]
fn a_host_by_itself_is_read_as_its_page() {
    let told =
        |address: &str| told_of(&format!("name,url,username,password,note\nA,\"{address}\",mara,s3cret,\n")).remove(0);
    for (address, read) in [
        ("acorn.example", "https://acorn.example"),
        ("acorn.example:8443/login?a=b#c", "https://acorn.example:8443/login?a=b#c"),
        ("www.b\u{fc}ro.example", "https://www.b\u{fc}ro.example"),
        ("192.168.1.1", "https://192.168.1.1"),
    ] {
        let line = format!(
            "account 1: A | mara | s3cret | {read} | - | (its address, {address}, was read with https:// in front)"
        );
        assert_eq!(told(address), line);
    }
    for address in [
        "acorn",
        "mara@acorn.example",
        "mailto:mara@acorn.example",
        "tel:112",
        "a note. more",
        "1.2",
        "300.1.1.1",
        ".example",
        "acorn..example",
        "acorn.example:0",
        "acorn.example:x",
        "androidapp://example.acorn",
    ] {
        let line =
            format!("account 1: A | mara | s3cret | - | - | (its address, {address}, does not begin with https://");
        assert!(told(address).starts_with(&line), "{}", told(address));
    }
    // It counts as one of several.
    let several = told_of("name,login_uri,username,password\nA,https://a.example,mara,s3cret\n").remove(0);
    assert!(!several.contains("addresses"), "{several}");
}

/// Of which nothing is taken: nobody would see that the rest is missing.
#[test]
fn a_table_that_ends_within_a_row_is_damaged() {
    let heads = [
        "url,username,password,totp,extra,name,grouping,fav\n",
        "folder,title,login,password,shared folder,url,notes\n",
        "name,username,password,url,totp,notes,tags,format\n",
        "Secret Name,Username,Password,Notes\n",
    ];
    for head in heads {
        let columns = head.split(',').count();
        let row = vec!["https://a.example"; columns].join(",");
        let cut = |end: &str| told_of(&format!("{head}{row}\n{row}\na,b{end}"));
        let told = cut("");
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains("damaged at line 4, in the middle of which it ends (2 fields of "), "{}", told[0]);
        // A row that is ended stands for itself, as a spreadsheet leaves out what is empty.
        for end in ["\n", "\r\n", "\r"] {
            let told = cut(end);
            assert!(told.len() > 2 && told[2].contains("line 4 has 2 fields"), "{end:?} {told:?}");
        }
    }
    let mapping = ColumnMapping { password: Some(0), ..ColumnMapping::default() };
    let mut import = Import::new(ImportLimits::default());
    import.read_table("file", b"a,b,c\n1,2,3\n4", &mapping).unwrap();
    assert!(told(&import)[0].contains("damaged at line 3, in the middle of which it ends (1 fields of 3)"));
}

#[test]
fn what_stands_for_nothing_is_nothing() {
    check(&[
        // KeePassXC's words for no user name and no title.
        (
            "Group,Title,Username,Password,URL,Notes,TOTP\n\
             R,Acorn,,s3cret,,,otpauth://totp/Acorn:none?secret=JBSWY3DPEHPK3PXP&issuer=Acorn\n\
             R,,,s3cret,,,otpauth://totp/KeePassXC:none?secret=JBSWY3DPEHPK3PXP&issuer=KeePassXC\n",
            &["1: Acorn |  | s3cret | - | 368941", "2:  |  | s3cret | - | 368941"],
        ),
        // LastPass's for no folder, and for a folder; a slash is a part of a name there.
        (
            "url,username,password,totp,extra,name,grouping,fav\nhttps://a.example,mara,s3cret,,,Acorn,(none),0\n\
             https://a.example,mara,s3cret,,,Birch,Dev/Ops\\EU,0\nhttp://group,,,,,Work,Work,0\nhttp://,mara,s3cret,,,Cedar,,0\n",
            &[
                "1: Acorn | mara | s3cret | https://a.example | -",
                "2: Birch | mara | s3cret | https://a.example | - | tags Dev/Ops, EU",
                "4: Cedar | mara | s3cret | - | -",
                "left out: 1 folders",
            ],
        ),
        // Rows that a spreadsheet leaves.
        (
            "Title,URL,Username,Password,Notes,OTPAuth\n,,,,,\n  , ,,,,\nAcorn,,mara,s3cret,,otpauth://totp?secret=JBSWY3DPEHPK3PXP\n,,\n,",
            &["3: Acorn | mara | s3cret | - | 368941"],
        ),
        // What has no name is called after the app whose it is.
        (
            "name,url,username,password\n,android://c2ln@example.birch/,mara,s3cret\n",
            &["1: example.birch | mara | s3cret"],
        ),
        // As 1Password's handbook calls its columns.
        (
            "Title,Website,Username,Password,One-time password,Favorite status,Archived status,Tags,Notes\n\
             Acorn,https://a.example,mara,s3cret,JBSWY3DPEHPK3PXP,false,false,,\nOld,,mara,s3cret,,false,true,,\n",
            &["1: Acorn | mara | s3cret | https://a.example | 368941", "left out: 1 archived items"],
        ),
        // Nothing within lists.
        (
            r#"{"encrypted":false,"folders":[null],"items":[null,{"type":1,"name":"Acorn","login":{"uris":[null,{"uri":"https://a.example"}],
            "username":"mara","password":"s3cret"}}]}"#,
            &["1: Acorn | mara | s3cret | https://a.example"],
        ),
    ]);
}

/// The document within a database, as it is exported.
#[test]
fn keepass_s_xml_is_read_as_its_database_is() {
    let group = r#"<Group><UUID>AgICAgICAgICAgICAgICAg==</UUID><Name>Root</Name><Group><Name>Work</Name><Entry>
        <String><Key>Title</Key><Value>Acorn</Value></String><String><Key>UserName</Key><Value>mara</Value></String>
        <String><Key>Password</Key><Value ProtectInMemory="True">s3&amp;cret</Value></String>
        <String><Key>TimeOtp-Secret-Base32</Key><Value>JBSWY3DPEHPK3PXP</Value></String></Entry></Group>"#;
    let start = "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<KeePassFile><Meta><Generator>KeePass</Generator></Meta><Root>";
    check(&[
        (
            &format!("{start}{group}</Group></Root></KeePassFile>"),
            &["1: Acorn | mara | s3&cret | - | 368941 | tags Work"],
        ),
        (
            &format!("{start}{group}"),
            &[" !! this is an export (XML) of KeePass, and it is damaged at the end of its document, which is missing"],
        ),
    ]);
}

#[test]
fn keeper_s_tables_are_known_by_their_rows() {
    let compare = "(its table has no titles and was read as Keeper's: compare its fields)";
    let row = "Work,Acorn,mara,s3cret,https://acorn.example,,";
    let short = format!("{row}\nWork,Birch,mara\n");
    check(&[
        (
            &format!("{row}\n"),
            &[&format!("1: Acorn | mara | s3cret | https://acorn.example | - | tags Work | {compare}")],
        ),
        (
            &format!("\u{feff}{row},$record_uid,abc,PIN,\r\n,,,,,,\r\n"),
            &["1: Acorn | mara | s3cret | https://acorn.example | - | tags Work"],
        ),
        // With the titles of Keeper's handbook, and rows of any length.
        (
            &format!(
                "Folder,Title,Login,Password,Website Address,Notes,Shared Folder,Custom Fields\n{row},API Key,55\n{row}\nA,B\n"
            ),
            &[
                "1: Acorn | mara | s3cret | https://acorn.example | - | tags Work",
                "2: Acorn | mara | s3cret | https://acorn.example | - | tags Work",
                "3 !! line 4 has 2 fields, and the first line names 7 columns",
                "left out: 1 custom fields",
            ],
        ),
        // Not of its form, or of titles that say something else.
        (&short, &["line 1 !! this line holds no otpauth:// URL", "line 2 !! this line"]),
        (
            "folder,title,username,password,url,notes,totp\nWork,Acorn,mara,s3cret,https://acorn.example,,JBSWY3DPEHPK3PXP\n",
            &["1: Acorn | mara | s3cret | https://acorn.example | 368941 | tags Work"],
        ),
        ("a,b,c,d,e,f,g\n1,2,3,4,5,6,7\n", &[" !! this is a table (CSV), but none of its columns is known"]),
    ]);
    let note = r#"{"title":"Note","$type":"encryptedNotes","notes":"x"}"#;
    let login = r#"{"title":"Acorn","login":"mara","password":"s3cret"}"#;
    check(&[
        (&format!("[{note},{login}]"), &["2: Acorn | mara | s3cret | - | -", "left out: 1 secure notes"]),
        (
            r#"{"records":[{"uid":1,"title":"Home","$type":"wifiCredentials","password":"x"},
            {"uid":2,"title":"Router","$type":"wifiCredentials","login":"admin","password":"y","login_url":"router.example"}]}"#,
            &["2: Router | admin | y | https://router.example | -", "left out: 1 Wi-Fi passwords"],
        ),
    ]);
}

#[test]
fn bitwarden_s_vault_before_it_said_that_it_is_plain_and_without_folders() {
    let item = r#"{"id":"a","organizationId":null,"folderId":"f","type":1,"name":"Acorn","notes":null,"favorite":false,"fields":null,
        "login":{"uris":null,"username":"mara","password":"s3cret","totp":"jbsw y3dp ehpk 3pxp"},"collectionIds":null}"#;
    check(&[
        (
            &format!(r#"{{"folders":[{{"id":"f","name":"Work/EU"}}],"items":[{item}]}}"#),
            &["1: Acorn | mara | s3cret | - | 368941 | tags Work, EU"],
        ),
        (&format!(r#"{{"collections":[],"items":[{item}]}}"#), &["1: Acorn | mara | s3cret | - | 368941"]),
        // Another program's.
        (
            r#"{"folders":[],"items":[{"title":"Acorn","category":"login","fields":[]}]}"#,
            &[" !! this is a document (JSON), but it is of no program that is known here"],
        ),
        // Not of the authenticator, which keeps no passwords.
        (&format!(r#"{{"encrypted":false,"items":[{item}]}}"#), &["1: Acorn | mara | s3cret | - | 368941"]),
    ]);
}

#[test]
fn entries_of_pass_and_gopass_need_no_second_factor() {
    let compare = "(the first line of this text was taken for the password: compare it)";
    let rows: [(&str, &str); 8] = [
        (
            "s3cret-One\nlogin: mara\notpauth://totp/A:x?secret=JBSWY3DPEHPK3PXP\notpauth://totp/B:x?secret=JBSWY3DPEHPK3PXP\n",
            "A: x | mara | s3cret-One | - | 368941",
        ),
        (
            "s3cret\nlogin: mara\nurl: https://acorn.example\n",
            "acorn.example | mara | s3cret | https://acorn.example | -",
        ),
        // Its name stands nowhere but in the file's.
        ("s3cret\nuser: mara\nnote to self\n", "acorn | mara | s3cret | - | - | notes \"note to self\""),
        (
            "s3cret\n---\nusername: mara\ntotp: jbsw y3dp ehpk 3pxp\n",
            "acorn | mara | s3cret | - | 368941 | notes \"---\"",
        ),
        ("s3cret\nlogin: mara\ntotp: no key!\n", "acorn | mara | s3cret | - | -"),
        (
            "GOPASS-SECRET-1.0\nPassword: s3cret one\nUsername: mara\nUrl: https://acorn.example\n\nbelow\n",
            "acorn.example | mara | s3cret one | https://acorn.example | - | notes \"below\"",
        ),
        (
            "GOPASS-SECRET-1.0\nContent-Type: text/yaml\nPassword: s3cret\n\nuser: mara\ntotp: JBSWY3DPEHPK3PXP\n",
            "acorn | mara | s3cret | - | 368941 | notes \"Content-Type: text/yaml\"",
        ),
        ("GOPASS-SECRET-1.0\nTotp: JBSWY3DPEHPK3PXP\n", "acorn |  | - | - | 368941"),
    ];
    for (text, expected) in rows {
        let mut import = Import::new(ImportLimits::default());
        import.read("acorn.txt", text.as_bytes(), None).unwrap();
        let told = told(&import);
        assert_eq!(told.len(), 1, "{text}: {told:?}");
        let line = told[0].trim_start_matches("acorn.txt, account 1: ");
        assert!(line.starts_with(expected), "{text}: {line}");
        assert_eq!(line.contains(compare), !text.starts_with("GOPASS"), "{line}");
    }
    for other in [
        "My account\nlogin: mara\n",
        "account:\nlogin: mara\n",
        "Acorn\nlogin: mara\npassword: s3cret\n",
        "---\nuser: mara\n",
        "{\nuser: mara\n}\n",
        "s3cret\n",
        "s3cret\nnothing that is known: x\n",
    ] {
        let told = told_of(other);
        assert!(told.iter().all(|line| line.contains(" !! ")), "{other}: {told:?}");
    }
}

#[test]
fn keeper_s_folders_and_kinds() {
    let record = |kind: &str, more: &str| {
        format!(r#"{{"records":[{{"title":"Acorn","uid":"a","$type":"{kind}","last_modified":1,{more}}}]}}"#)
    };
    let login = r#""login":"mara","password":"s3cret","folders":[{"folder":"Work\\Name \\\\ with/both\\EU"},{"shared_folder":"Team"}],
        "custom_fields":{"$url::1":["https://acorn.example","https://other.example"],"$oneTimeCode":["JBSWY3DPEHPK3PXP"]}"#;
    check(&[
        (
            &record("login", login),
            &[
                "1: Acorn | mara | s3cret | https://acorn.example | 368941 | tags Work, Name \\ with/both, EU, Team | (it has 2 addresses",
            ],
        ),
        (&record("softwareLicense", r#""custom_fields":{}"#), &[" !! ", "left out: 1 software licences"]),
        (&record("membership", r#""notes":"x""#), &[" !! ", "left out: 1 identities"]),
        (&record("sshKeys", r#""custom_fields":{"$keyPair":{"privateKey":"x"}}"#), &[" !! ", "left out: 1 SSH keys"]),
    ]);
}

#[test]
fn folders_of_proton_pass_are_tags() {
    let item = |folder: &str| {
        format!(
            r#"{{"itemId":"i","shareId":"s","folderId":{folder},"state":1,"files":[],"data":{{"metadata":{{"name":"Acorn","note":"",
            "itemUuid":"u"}},"extraFields":[],"type":"login","content":{{"itemEmail":"","itemUsername":"mara","password":"s3cret",
            "urls":[],"autofillUrls":[{{"url":"https://acorn.example","mode":"Default"}}],"totpUri":"","passkeys":[]}}}}}}"#
        )
    };
    let text = format!(
        r#"{{"version":"1.31.0","userId":"u","vaults":{{"s":{{"name":"Personal","description":"","folders":[
        {{"folderId":"inner","parentFolderId":"outer","name":"EU"}},{{"folderId":"outer","parentFolderId":null,"name":"Work"}},
        {{"folderId":"round","parentFolderId":"round","name":"Round"}}],"items":[{},{},{},{}]}}}}}}"#,
        item("\"inner\""),
        item("null"),
        item("\"gone\""),
        item("\"round\""),
    );
    check(&[(
        &text,
        &[
            "1: Acorn | mara | s3cret | https://acorn.example | - | tags Personal, Work, EU",
            "2: Acorn | mara | s3cret | https://acorn.example | - | tags Personal",
            "3: Acorn | mara | s3cret | https://acorn.example | - | tags Personal",
            "4: Acorn | mara | s3cret | https://acorn.example | - | tags Personal, Round",
        ],
    )]);
}

#[test]
fn drafts_of_the_exchange_format_and_one_account_of_it() {
    let items = r#"[{"id":"a","creationAt":1,"modifiedAt":1,"title":"Acorn","credentials":[{"type":"basic-auth",
        "urls":["https://acorn.example"],"username":{"fieldType":"string","value":"mara"},"password":{"fieldType":"concealed-string",
        "value":"s3cret"}},{"type":"totp","secret":"JBSWY3DPEHPK3PXP","period":30,"digits":6,"algorithm":"sha1","username":"mara"}]}]"#;
    let account = format!(r#"{{"id":"x","username":"","email":"m@x.example","collections":[],"items":{items}}}"#);
    let expected = ["1: Acorn | mara | s3cret | https://acorn.example | 368941"];
    let document = |version: &str| {
        format!(
            r#"{{"version":{version},"exporterRpId":"x","exporterDisplayName":"X","timestamp":1,"accounts":[{account}]}}"#
        )
    };
    let app = r#"{"id":"a","email":"m@x.example","username":"","items":[{"id":"i","title":"","scope":{"urls":[],"androidApps":[
        {"bundleId":"example.birch","name":"Birch"}]},"credentials":[{"type":"basic-auth","username":{"fieldType":"string","value":"mara"},
        "password":{"fieldType":"concealed-string","value":"s3cret"}}]}]}"#;
    check(&[
        (app, &["1: Birch | mara | s3cret | - | -"]),
        (&document("0"), &expected),
        (&document("0").replace("exporterRpId", "exporter"), &expected),
        (&document(r#"{"major":0,"minor":1}"#), &expected),
        (&document(r#"{"major":1,"minor":0,"patch":[]}"#), &expected),
        (&account, &expected),
        (
            &document("2"),
            &[
                " !! this is an export in the Credential Exchange Format (CXF), but its version, 2, is not described yet",
            ],
        ),
        (
            &document(r#"{"minor":0}"#),
            &[" !! this is an export in the Credential Exchange Format (CXF), and it is damaged at line 1"],
        ),
        (
            &document("\"1\""),
            &[" !! this is an export in the Credential Exchange Format (CXF), and it is damaged at line 1"],
        ),
    ]);
}

#[test]
fn tables_in_other_languages_and_of_keepass() {
    let row = "Acorn,mara,s3cret,https://acorn.example,a note,JBSWY3DPEHPK3PXP,Work\n";
    let expected = ["1: Acorn | mara | s3cret | https://acorn.example | 368941 | notes \"a note\" | tags Work"];
    for head in [
        "Titel,Benutzername,Passwort,Webseite,Notizen,TOTP,Gruppe",
        "Bezeichnung,Anmeldename,Kennwort,URL,Bemerkung,OTPSecret,Ordner",
        "Titre,Nom d'utilisateur,Mot de passe,Site web,Commentaire,2FA,Dossier",
        "T\u{ed}tulo,Usuario,Contrase\u{f1}a,Sitio web,Notas,otp_secret,Carpeta",
        "Nome,Usu\u{e1}rio,Senha,Site,Notas,MFA,Pasta",
        "Titolo,Nome utente,Password,Sito web,Note,totp_uri,Cartella",
        "Naam,Gebruikersnaam,Wachtwoord,Website,Notities,One Time Password,Groep",
        "Nazwa,Logi\u{6e},Has\u{142}o,URL,Uwagi,login_totp,Grupa",
        "Название,Логин,Пароль,Сайт,Заметки,OTP,Папка",
        "name,login_username,login_password,login_uri,notes,login_totp,folder",
    ] {
        check(&[(&format!("{head}\n{row}"), &expected)]);
    }
    check(&[
        ("Account,Username,Password\nAcorn,mara,s3cret\n", &["1: Acorn | mara | s3cret | - | -"]),
        (
            "Account,Password,URL\nmara,s3cret,https://acorn.example\n",
            &["1: acorn.example | mara | s3cret | https://acorn.example | -"],
        ),
        (
            "Name,Username,E-mail,Password\nAcorn,mara,m@x.example,s3cret\nBirch,Mara,mara,s3cret\nCedar,,m@x.example,s3cret\n",
            &[
                "1: Acorn | mara | s3cret | - | - | (it has several user names: the first was taken)",
                "2: Birch | Mara | s3cret | - | -",
                "3: Cedar | m@x.example | s3cret | - | -",
            ],
        ),
        (
            "\"Account\",\"Login Name\",\"Password\",\"Web Site\",\"Comments\"\r\n\"Acorn\",\"mara\",\"s3cret\",\"https://acorn.example\",\"x\"\r\n",
            &["1: Acorn | mara | s3cret | https://acorn.example | - | notes \"x\""],
        ),
        // Backslashes stand before quotation marks and themselves, and the mark is left open nowhere.
        (
            "\"Account\",\"Login Name\",\"Password\",\"Web Site\",\"Comments\"\n\"A \\\"B\\\"\",\"DOM\\\\mara\",\"a\\\\\\\"b,c\\\\\",\"\",\"l1\nl2\"\n",
            &["1: A \"B\" | DOM\\mara | a\\\"b,c\\ | - | - | notes \"l1\\nl2\""],
        ),
        // Whose bin speaks the language of who made it.
        (
            "\"Group\",\"Title\",\"Username\",\"Password\",\"URL\",\"Notes\"\n\"Passw\u{f6}rter/Papierkorb\",\"Old\",\"\",\"x\",\"\",\"\"\n\
             \"Passw\u{f6}rter/Papierkorb/Alt\",\"Old\",\"\",\"x\",\"\",\"\"\n\"Passw\u{f6}rter/Work/Papierkorb\",\"Acorn\",\"\",\"y\",\"\",\"\"\n\
             \"Passw\u{f6}rter\",\"Birch\",\"\",\"z\",\"\",\"\"\n",
            &[
                "3: Acorn |  | y | - | - | tags Work, Papierkorb",
                "4: Birch |  | z | - | -",
                "left out: 2 deleted items",
            ],
        ),
        (
            "type,name,url,autofillUrls,email,username,password,note,totp,createTime,modifyTime,vault\n\
             login,Acorn,,\"[{\"\"url\"\":\"\"https://acorn.example\"\",\"\"mode\"\":\"\"Never\"\"}]\",,mara,s3cret,,,1,1,Personal\n\
             wifi,Home,,,,,s3cret,,,1,1,Personal\n",
            &["1: Acorn | mara | s3cret | https://acorn.example | - | tags Personal", "left out: 1 Wi-Fi passwords"],
        ),
    ]);
}

/// Names and contents.
type Files<'f> = &'f [(&'f str, &'f [u8])];

fn zipped(files: Files<'_>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn an_archive_may_have_been_unpacked_and_packed_again() {
    let bitwarden = include_bytes!("samples/bitwarden.json");
    let proton = include_bytes!("samples/proton-pass.json");
    let keeper = include_bytes!("samples/keeper.json");
    let dashlane = include_bytes!("samples/dashlane.csv");
    let rows: [(Files<'_>, &[u8]); 6] = [
        (&[("attachments/a/b.txt", b"x"), ("data.json", bitwarden)], bitwarden),
        (
            &[("export/data.json", bitwarden), ("__MACOSX/data.json", b"x"), ("export/attachments/c/data.json", b"x")],
            bitwarden,
        ),
        (&[("Proton Pass/files/a.txt", b"x"), ("Proton Pass/data.json", proton)], proton),
        (&[("data.json", proton)], proton),
        (&[("Downloads/Proton Pass/data.json", proton)], proton),
        (&[("keeper/export.json", keeper), ("keeper/files/a", b"x")], keeper),
    ];
    for (files, document) in rows {
        assert_eq!(
            tell(&zipped(files), None),
            tell(document, None),
            "{:?}",
            files.iter().map(|file| file.0).collect::<Vec<_>>()
        );
    }
    let tables = zipped(&[
        ("dashlane/credentials.csv", dashlane),
        ("dashlane/securenotes.csv", b"title,note\na,\"b\nc\"\nd,e\n"),
        ("dashlane/payments.csv", b"type,account_name\ncredit_card,a\n"),
        ("dashlane/ids.csv", b"type,number\npassport,1\n"),
        ("dashlane/personalInfo.csv", b"type,title\nname,\n"),
        ("dashlane/wifi.csv", b"ssid,passphrase\nhome,x\n"),
    ]);
    let beside =
        ["left out: 1 Wi-Fi passwords", "left out: 1 cards", "left out: 2 identities", "left out: 2 secure notes"];
    let expected = [tell(dashlane, None), beside.map(str::to_owned).to_vec()].concat();
    assert_eq!(tell(&tables, None), expected);
    // Texts of addresses, packed by a Mac.
    let address = b"otpauth://totp/Acorn:mara?secret=JBSWY3DPEHPK3PXP&issuer=Acorn\n";
    let texts =
        zipped(&[("codes/", b""), ("codes/Accounts.txt", address), ("__MACOSX/codes/._Accounts.txt", b"\0\xff")]);
    assert_eq!(tell(&texts, None), ["account 1: Acorn: mara | mara | - | - | 368941"]);
    // Two of them: nobody knows which is meant.
    let two = zipped(&[("a/data.json", bitwarden), ("b/data.json", bitwarden)]);
    assert!(tell(&two, None)[0].contains(" !! this is a ZIP archive"), "{:?}", tell(&two, None));
    let broken = zipped(&[("credentials.csv", dashlane), ("ids.csv", b"type,number\n\"a,b\n")]);
    assert!(tell(&broken, None)[0].contains("this is an export (ZIP) of Dashlane, and it is damaged at line 2"));
}

/// Decrypted and as they lie in their folder.
#[test]
fn entries_of_pass_may_come_in_an_archive() {
    let entries: Files<'_> = &[
        ("store/Work/EU/acorn.example.txt", b"s3cret-one\nlogin: mara\n"),
        ("store/birch.txt", b"s3cret-Two!\notpauth://totp/Birch:mara?secret=JBSWY3DPEHPK3PXP&issuer=Birch\n"),
        ("store/notes.txt", b"nothing to sign in with\n"),
    ];
    let compare = "(the first line of this text was taken for the password: compare it)";
    assert_eq!(
        tell(&zipped(entries), None),
        [
            format!("account 1: acorn.example | mara | s3cret-one | - | - | tags store, Work, EU | {compare}"),
            format!("account 2: Birch: mara | mara | s3cret-Two! | - | 368941 | tags store | {compare}"),
            "left out: 1 lines without an otpauth:// URL".to_owned(),
        ]
    );
    let encrypted = zipped(&[(".gpg-id", b"mara"), ("Work/acorn.gpg", b"\x85\x01")]);
    assert!(
        tell(&encrypted, None)[0].contains("this is an archive (ZIP) of pass or gopass, but its entries are encrypted")
    );
}
