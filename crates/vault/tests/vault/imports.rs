//! Imports: a preview that stores nothing, a commit that stores all or nothing.

use std::collections::HashSet;

use countersign_model::{Role, Tag};
use countersign_store::both_engines;
use countersign_vault::{CredentialRef, Error, ImportFile, ImportRequest, ImportState, TokenRequest};

use crate::fixture::TestVault;

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
    let file = ImportFile { name: "codes.txt".to_owned(), bytes: TEXT.as_bytes().to_vec(), password: None };
    ImportRequest { files: vec![file], skip: HashSet::from([4]), tags: vec![Tag::parse("old phone").unwrap()] }
}

both_engines! {
    async fn what_is_new_is_added_once(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let preview = fixture.vault.preview_import(&fixture.admin, ask()).await.unwrap();
        let states: Vec<&ImportState> = preview.items.iter().map(|item| &item.state).collect();
        let [ImportState::New, ImportState::New, ImportState::Duplicate(of), ImportState::Refused(why), ImportState::Skipped] = states[..] else {
            panic!("{states:?}");
        };
        assert_eq!(of, "Example: alice");
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
        let files = (0..4).map(|number| ImportFile { name: format!("{number}.png"), bytes: white_picture(3_000), password: None }).collect();
        let (vault, admin) = (fixture.vault.clone(), fixture.admin.clone());
        let ask = ImportRequest { files, skip: HashSet::new(), tags: vec![] };
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
}
