//! Imports: a preview that stores nothing, a commit that stores all or nothing.

use std::collections::{HashMap, HashSet};

use countersign_model::{Actor, CredentialId, GrantConditions, GrantPermissions, Reach, Role, Tag, Username};
use countersign_store::both_engines;
use countersign_vault::{
    Conflict, CredentialRef, Error, GrantDraft, HolderRef, ImportFile, ImportItem, ImportParts, ImportRequest,
    ImportState, KnownBy, NewCredential, TargetRef, TokenRequest,
};

use crate::fixture::{TestVault, by_id, new_credential};

const TEXT: &str = "otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8&issuer=Example\n\
    otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXP&issuer=Example\n\
    otpauth://totp/Example:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example\n\
    otpauth://totp/bad?secret=JBSWY1\n\
    otpauth://totp/left%20out?secret=KRSXG5CTMVRXEZLU\n";

/// A square of so many white pixels a side.
fn white_picture(side: u32) -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::GrayImage::from_pixel(side, side, image::Luma([255])).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn ask() -> ImportRequest {
    let file =
        ImportFile { name: "codes.txt".to_owned(), bytes: TEXT.as_bytes().to_vec(), password: None, columns: None };
    ImportRequest {
        files: vec![file],
        skip: HashSet::from([4]),
        tags: vec![Tag::parse("old phone").unwrap()],
        ..ImportRequest::default()
    }
}

both_engines! {
    async fn what_is_new_is_added_once(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let preview = fixture.vault.preview_import(&fixture.admin, ask()).await.unwrap();
        let states: Vec<&ImportState> = preview.items.iter().map(|item| &item.state).collect();
        let [ImportState::New, ImportState::New, ImportState::Duplicate { of, by: KnownBy::Seed, leaves_password: false }, ImportState::Refused(why), ImportState::Skipped] = states[..] else {
            panic!("{states:?}");
        };
        assert_eq!(*of, "Example: alice");
        assert!(why.contains('1'), "{why}");
        assert_eq!(preview.items[1].name, "Example: alice (2)");
        assert!(fixture.vault.list_credentials(&fixture.admin, &Default::default()).await.unwrap().items.is_empty());

        let report = fixture.vault.commit_import(&fixture.admin, ask()).await.unwrap();
        assert!(matches!(report.items[0].state, ImportState::Created(_)));
        let wanted = CredentialRef::Name("Example: alice".to_owned());
        let answer = fixture.vault.token(&fixture.admin, &wanted, &TokenRequest::default()).await.unwrap();
        assert_eq!(answer.token.expose(), "07081804");
        let row = fixture.vault.credential(&fixture.admin, &wanted).await.unwrap();
        assert_eq!((row.username.as_str(), row.tags[0].as_str()), ("alice", "old phone"));

        let again = fixture.vault.commit_import(&fixture.admin, ask()).await.unwrap();
        assert!(again.items.iter().all(|item| !matches!(item.state, ImportState::Created(_))));
        let complaints = fixture.complaints().await;
        assert!(complaints.is_empty(), "{complaints:?}");
    }

    async fn pictures_are_searched_while_nothing_is_held(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let files = (0..4).map(|number| ImportFile { name: format!("{number}.png"), bytes: white_picture(3_000), password: None, columns: None }).collect();
        let (vault, admin) = (fixture.vault.clone(), fixture.admin.clone());
        let ask = ImportRequest { files, ..ImportRequest::default() };
        let importing = tokio::spawn(async move { vault.commit_import(&admin, ask).await });
        for _ in 0..20 {
            fixture.token(&fixture.admin, &credential).await.unwrap();
            fixture.vault.list_credentials(&fixture.admin, &Default::default()).await.unwrap();
        }
        assert!(!importing.is_finished(), "four pictures take longer to search than twenty tokens to read");
        let report = importing.await.unwrap().unwrap();
        assert!(report.items.iter().all(|item| matches!(item.state, ImportState::Refused(_))), "{report:?}");
    }

    async fn an_import_needs_the_right_to_create(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let member = fixture.person("bob", Role::Member).await;
        assert!(matches!(fixture.vault.preview_import(&member, ask()).await, Err(Error::Denied(_))));
        assert!(matches!(fixture.vault.commit_import(&member, ask()).await, Err(Error::Denied(_))));
    }

    async fn passwords_sites_notes_and_tags_come_along(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        let preview = vault.preview_import(admin, logins()).await.unwrap();
        let states: Vec<&ImportState> = preview.items.iter().map(|item| &item.state).collect();
        assert!(states.iter().take(3).all(|state| **state == ImportState::New), "{states:?}");
        let [shop, mail, app] = &preview.items[..3] else { panic!("{preview:?}") };
        assert_eq!((shop.has_password, shop.second_factor.is_some(), mail.has_password), (true, true, true));
        assert_eq!(shop.site.as_ref().map(|site| site.as_str()), Some("https://shop.example.org/login"));
        assert!(app.site.is_none() && app.warnings.iter().any(|warning| warning.contains("site is left out")), "{app:?}");
        assert_eq!(preview.left_out.iter().map(|(_, count)| count).sum::<usize>(), 1, "{:?}", preview.left_out);

        let report = vault.commit_import(admin, logins()).await.unwrap();
        assert!(report.items.iter().take(3).all(|item| matches!(item.state, ImportState::Created(_))), "{report:?}");
        let wanted = CredentialRef::Name("Shop".to_owned());
        let stored = vault.credential(admin, &wanted).await.unwrap();
        assert_eq!((stored.username.as_str(), stored.notes.as_str()), ("alice", "call first"));
        let tags: Vec<&str> = stored.tags.iter().map(Tag::as_str).collect();
        assert_eq!((tags, stored.has_password), (vec!["Social", "moved in"], true));
        let revealed = vault.reveal(admin, &wanted, None, None).await.unwrap();
        assert_eq!(revealed.password.expose_text(), Some("first pass phrase"));
        assert!(vault.token(admin, &wanted, &TokenRequest::default()).await.is_ok());

        // A second time nothing is new, and the same password elsewhere is another account.
        let again = vault.commit_import(admin, logins()).await.unwrap();
        assert!(again.items.iter().all(|item| !matches!(item.state, ImportState::Created(_))), "{again:?}");
        let there = ImportState::Duplicate { of: "Mail".to_owned(), by: KnownBy::Name, leaves_password: true };
        assert_eq!(again.items[1].state, there);
        let elsewhere = LOGINS.replace(r#""name":"Mail""#, r#""name":"Other mail""#);
        let more = vault.preview_import(admin, file_of(&elsewhere)).await.unwrap();
        assert_eq!(more.items[1].state, ImportState::New);
        let complaints = fixture.complaints().await;
        assert!(complaints.is_empty(), "{complaints:?}");
    }

    async fn promise_1_no_import_tells_whether_a_password_is_the_one_that_is_stored(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        vault.commit_import(admin, logins()).await.unwrap();
        let right = vault.preview_import(admin, logins()).await.unwrap();
        let guess = LOGINS.replace("first pass phrase", "a guess").replace("second pass phrase", "another");
        let wrong = vault.preview_import(admin, file_of(&guess)).await.unwrap();
        // As a whole, warnings and counts among it: there is no record by which anybody would see who tries.
        assert_eq!(format!("{right:?}"), format!("{wrong:?}"));
        assert!(right.items.iter().any(|item| matches!(item.state, ImportState::Duplicate { leaves_password: true, .. })));
    }

    async fn an_account_that_cannot_be_used_leaves_the_others(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        vault.commit_import(admin, file_of("otpauth://totp/Shop?secret=JBSWY3DPEHPK3PXP\n")).await.unwrap();
        // Its seed is there without a user name, and this one fits nowhere; nor do these notes.
        let long = "a".repeat(5_000);
        let broken = LOGINS.replacen(r#""username":"alice""#, &format!(r#""username":"{long}""#), 1).replace("\"notes\":null", r#""notes":"\u0000""#);
        let report = vault.commit_import(admin, file_of(&broken)).await.unwrap();
        assert!(matches!(&report.items[0].state, ImportState::Refused(why) if why.contains("username")), "{:?}", report.items[0]);
        let mail = &report.items[1];
        assert!(matches!(mail.state, ImportState::Created(_)) && !mail.has_notes, "{mail:?}");
        assert!(mail.warnings.iter().any(|warning| warning.contains("notes are left out")), "{mail:?}");
    }

    async fn what_a_credential_lacks_is_added_to_it(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        let phone = "otpauth://totp/Shop:alice?secret=JBSWY3DPEHPK3PXP&issuer=Shop\n\
            otpauth://totp/Mail:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Mail\n";
        vault.commit_import(admin, file_of(phone)).await.unwrap();
        let stored = |name: &str| CredentialRef::Name(name.to_owned());
        let before = vault.credential(admin, &stored("Shop: alice")).await.unwrap();

        // By its setup key, and by name and user name.
        let preview = vault.preview_import(admin, logins()).await.unwrap();
        for (item, name) in preview.items.iter().zip(["Shop: alice", "Mail: alice"]) {
            let ImportState::Change(_, addition) = &item.state else { panic!("{item:?}") };
            let ImportParts { password, second_factor, site, .. } = addition.parts;
            assert_eq!((addition.to.as_str(), password, second_factor, site), (name, true, false, true));
        }
        assert!(!vault.credential(admin, &stored("Shop: alice")).await.unwrap().has_password, "a preview changes nothing");
        let report = vault.commit_import(admin, logins()).await.unwrap();
        assert!(matches!(report.items[0].state, ImportState::Changed(id, _) if id == before.id), "{report:?}");
        let after = vault.credential(admin, &stored("Shop: alice")).await.unwrap();
        assert_eq!((after.name.as_str(), after.notes.as_str(), after.revision), ("Shop: alice", "call first", before.revision + 1));
        assert_eq!(after.site.as_ref().map(|site| site.as_str()), Some("https://shop.example.org/login"));
        assert_eq!(after.tags, before.tags, "its own stay");
        let revealed = vault.reveal(admin, &stored("Mail: alice"), None, None).await.unwrap();
        assert_eq!(revealed.password.expose_text(), Some("second pass phrase"));
        let token = vault.token(admin, &stored("Shop: alice"), &TokenRequest::default()).await.unwrap();
        assert_eq!(token.token.expose().len(), 6);

        let again = vault.commit_import(admin, logins()).await.unwrap();
        assert!(again.items.iter().all(|item| !matches!(item.state, ImportState::Changed(..) | ImportState::Created(_))), "{again:?}");
        let edited = fixture.records_of("credential.edited").await;
        assert_eq!(edited.len(), 2, "{edited:?}");
        assert!(edited.iter().all(|record| record.details.contains_key("imported_from")), "{edited:?}");
        let complaints = fixture.complaints().await;
        assert!(complaints.is_empty(), "{complaints:?}");
    }

    async fn nothing_is_added_to_what_the_preview_did_not_show(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        let phone = "otpauth://totp/Shop:alice?secret=JBSWY3DPEHPK3PXP&issuer=Shop\n\
            otpauth://totp/Mail:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Mail\n";
        vault.commit_import(admin, file_of(phone)).await.unwrap();
        let preview = vault.preview_import(admin, logins()).await.unwrap();
        let seen = |item: &ImportItem| match item.state {
            ImportState::Change(id, _) => Some(id),
            _ => None,
        };
        let targets: HashMap<_, _> =
            preview.items.iter().enumerate().filter_map(|(index, item)| Some((index, seen(item)?))).collect();
        assert!(targets.len() >= 2, "{preview:?}");
        let with = |targets: &HashMap<usize, CredentialId>| ImportRequest { targets: Some(targets.clone()), ..logins() };

        // Somebody else's credential takes the name and the user name; the preview's own has gone.
        let mail = CredentialRef::Id(targets[&1]);
        vault.remove_credential(admin, &mail).await.unwrap();
        let refused = vault.commit_import(admin, with(&targets)).await.unwrap_err();
        assert!(matches!(&refused, Error::Conflict(Conflict::ImportChanged(place)) if place.contains("logins.json")), "{refused}");
        let other = NewCredential { password: None, ..new_credential("Mail: alice") };
        let other = vault.create_credential(admin, NewCredential { username: Username::parse("alice").unwrap(), ..other }).await.unwrap().0;
        let refused = vault.commit_import(admin, with(&targets)).await.unwrap_err();
        assert!(refused.to_string().contains("preview the import again"), "{refused}");
        assert!(!vault.credential(admin, &CredentialRef::Id(targets[&0])).await.unwrap().has_password, "nothing of it was done");
        assert!(!vault.credential(admin, &by_id(&other)).await.unwrap().has_password);

        // Left out, it hinders nobody; and without a word on targets all is as ever.
        let report = vault.commit_import(admin, ImportRequest { skip: HashSet::from([1]), ..with(&targets) }).await.unwrap();
        assert!(matches!(report.items[0].state, ImportState::Changed(..)), "{report:?}");
        assert!(vault.commit_import(admin, logins()).await.is_ok());
    }

    async fn a_token_that_may_not_manage_adds_all_but_a_site(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let vault = &fixture.vault;
        vault.commit_import(&fixture.admin, file_of("otpauth://totp/Shop:alice?secret=JBSWY3DPEHPK3PXP&issuer=Shop\n")).await.unwrap();
        let narrow = Actor { reach: Reach::Token { admin: false }, ..fixture.admin.clone() };
        let report = vault.commit_import(&narrow, logins()).await.unwrap();
        let shop = &report.items[0];
        let ImportState::Changed(_, addition) = &shop.state else { panic!("{shop:?}") };
        assert!(addition.parts.password && !addition.parts.site, "{addition:?}");
        assert!(shop.warnings.iter().any(|warning| warning.contains("its site is left out")), "{shop:?}");
        let stored = vault.credential(&fixture.admin, &CredentialRef::Name("Shop: alice".to_owned())).await.unwrap();
        assert!(stored.has_password && stored.site.is_none());
    }

    async fn files_of_one_import_are_joined(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        let phone = "otpauth://totp/Mail:alice?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Mail\n";
        let mut both = logins();
        both.files.insert(0, ImportFile { name: "phone.txt".to_owned(), bytes: phone.as_bytes().to_vec(), password: None, columns: None });
        let report = vault.commit_import(admin, both).await.unwrap();
        let joined = report.items.iter().filter(|item| matches!(item.state, ImportState::Joined(_))).count();
        assert_eq!(joined, 1, "{report:?}");
        let mail = CredentialRef::Name("Mail: alice".to_owned());
        let found = vault.credential(admin, &mail).await.unwrap();
        assert_eq!(found.site.as_ref().map(|site| site.as_str()), Some("https://mail.example.org/"));
        assert_eq!(vault.reveal(admin, &mail, None, None).await.unwrap().password.expose_text(), Some("second pass phrase"));
        assert!(vault.token(admin, &mail, &TokenRequest::default()).await.is_ok());
    }

    async fn notes_are_left_out_and_granted_tags_are_told(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        let bob = fixture.person("bob", Role::Member).await;
        let bare = vault.preview_import(admin, logins()).await.unwrap();
        assert!(bare.granted_tags.is_empty() && bare.items[0].has_notes, "{bare:?}");
        let draft = GrantDraft {
            holder: HolderRef::User(bob.user),
            target: TargetRef::Tag(Tag::parse("Social").unwrap()),
            permissions: GrantPermissions::SEE,
            conditions: GrantConditions::default(),
            approval: None,
        };
        vault.create_grant(admin, draft).await.unwrap();
        let preview = vault.preview_import(admin, logins()).await.unwrap();
        assert_eq!(preview.granted_tags, [Tag::parse("Social").unwrap()]);
        let by_site = GrantDraft {
            holder: HolderRef::User(bob.user),
            target: TargetRef::Site("mail.example.org".parse().unwrap()),
            permissions: GrantPermissions { reveal: true, ..GrantPermissions::SEE },
            conditions: GrantConditions::default(),
            approval: None,
        };
        vault.create_grant(admin, by_site).await.unwrap();
        assert_eq!(vault.preview_import(admin, logins()).await.unwrap().granted_sites, ["mail.example.org"]);
        let report = vault.commit_import(admin, ImportRequest { leave_out_notes: true, ..logins() }).await.unwrap();
        assert!(!report.items[0].has_notes, "{report:?}");
        let shop = vault.credential(admin, &CredentialRef::Name("Shop".to_owned())).await.unwrap();
        assert_eq!(shop.notes.as_str(), "");
    }
}

/// What a password manager gives: with both secrets, with a password alone, of an app, and a card.
const LOGINS: &str = r#"{"encrypted":false,"folders":[{"id":"f","name":"Social"}],"items":[
    {"id":"1","folderId":"f","type":1,"name":"Shop","notes":"call first","login":{"username":"alice","password":"first pass phrase",
     "totp":"JBSWY3DPEHPK3PXP","uris":[{"match":null,"uri":"https://shop.example.org/login"}]}},
    {"id":"2","type":1,"name":"Mail","notes":null,"login":{"username":"alice","password":"second pass phrase","totp":null,
     "uris":[{"match":null,"uri":"https://mail.example.org/"}]}},
    {"id":"3","type":1,"name":"App","notes":null,"login":{"username":"alice","password":"third pass phrase","totp":null,
     "uris":[{"match":null,"uri":"http://app.example.org/"}]}},
    {"id":"4","type":3,"name":"Card","notes":null,"card":{"number":"4111111111111111"}}]}"#;

fn file_of(text: &str) -> ImportRequest {
    let file =
        ImportFile { name: "logins.json".to_owned(), bytes: text.as_bytes().to_vec(), password: None, columns: None };
    ImportRequest { files: vec![file], tags: vec![Tag::parse("moved in").unwrap()], ..ImportRequest::default() }
}

fn logins() -> ImportRequest {
    file_of(LOGINS)
}
