//! Exports: who may, what is in them, and what is recorded.

use countersign_model::{Actor, ExportChoice, Reach, Reason, Role, Tag, Timestamp};
use countersign_seal::{OneTimeKey, RecipientKey, Secret, SystemChance};
use countersign_store::both_engines;
use countersign_vault::{
    Error, ExportAnswer, ExportRequest, FieldEdit, ImportFile, ImportRequest, ImportState, NewCredential,
    NoticeSettingsRequest, TokenRequest,
};

use crate::fixture::{TestVault, by_id, new_credential, secret};

struct Asked {
    key: OneTimeKey,
    request: ExportRequest,
}

fn asked(format: &str, choice: ExportChoice) -> Asked {
    let key = OneTimeKey::new(&SystemChance);
    let recipient = RecipientKey::parse(&key.public().unwrap(), &SystemChance).unwrap();
    let reason = Some(Reason::parse("we move on").unwrap());
    let host = "vault.example.org".to_owned();
    let request = None;
    Asked { key, request: ExportRequest { format: format.parse().unwrap(), choice, reason, recipient, host, request } }
}

impl Asked {
    /// The first file, as its recipient reads it.
    fn text(&self, answer: &ExportAnswer) -> String {
        let file = &answer.files[0];
        let opened = self.key.open(&file.name, &file.sealed).unwrap();
        String::from_utf8(opened.to_vec()).unwrap()
    }
}

both_engines! {
    async fn promise_1_what_is_exported_is_recorded_one_by_one(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        let both = fixture.credential("Shop").await;
        let plain = NewCredential { password: Some(secret("only a pass phrase")), seed: None, ..new_credential("Mail") };
        vault.create_credential(admin, plain).await.unwrap();
        let ask = asked("csv", ExportChoice::All);
        let answer = vault.export(admin, &ask.request).await.unwrap();
        assert_eq!((answer.exported, answer.left_out.len(), answer.files.len()), (2, 0, 1));
        let text = ask.text(&answer);
        assert!(text.contains("only a pass phrase") && text.contains("Shop"), "{text}");
        assert!(!answer.files[0].sealed.bytes.windows(4).any(|part| part == b"Shop"), "sealed on its way");
        let records = fixture.records_of("credential.exported").await;
        assert_eq!(records.len(), 2);
        assert!(records.iter().all(|record| record.details["format"] == "csv".into() && record.details["password"] == true.into()), "{records:?}");
        assert_eq!(records[0].reason.as_deref(), Some("we move on"));
        let whole = fixture.records_of("export.created").await;
        assert_eq!((whole.len(), &whole[0].details["export"]), (1, &records[0].details["export"]));

        // What the format cannot hold is not in the file, and no record says so.
        let ask = asked("otpauth", ExportChoice::All);
        let answer = vault.export(admin, &ask.request).await.unwrap();
        assert_eq!((answer.exported, answer.left_out[0].0.as_str()), (1, "Mail"));
        assert_eq!(answer.without, [("passwords", 1), ("sites", 1), ("tags", 1)]);
        assert!(ask.text(&answer).starts_with("otpauth://totp/"));
        let records = fixture.records_of("credential.exported").await;
        assert_eq!((records.len(), &records[0].details["password"]), (3, &false.into()));
        assert_eq!(records[0].object.as_ref().map(|object| object.id), Some(Some(both.id.uuid())));
        let complaints = fixture.complaints().await;
        assert!(complaints.is_empty(), "{complaints:?}");
    }

    async fn other_administrators_are_told_of_an_export(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        let settings = NoticeSettingsRequest {
            smtp: FieldEdit::Set(secret("smtp://127.0.0.1:2525")),
            sender: Some("vault@example.org".to_owned()),
            ..NoticeSettingsRequest::default()
        };
        vault.set_notice_settings(admin, settings).await.unwrap();
        vault.set_own_email(admin, Some("root@example.org")).await.unwrap();
        for (name, role) in [("other", Role::Administrator), ("manager", Role::Manager)] {
            let person = fixture.person(name, role).await;
            vault.set_own_email(&person, Some(&format!("{name}@example.org"))).await.unwrap();
        }
        fixture.credential("Shop").await;
        fixture.credential("Bank").await;
        let root = fixture.signed_in("root").await;
        vault.export(&root, &asked("csv", ExportChoice::All).request).await.unwrap();
        let log = vault.notice_log(admin).await.unwrap();
        let exported = log.iter().filter(|one| one.kind == "exported");
        let told: Vec<_> = exported.map(|one| (one.kind.as_str(), one.recipient.as_str(), one.credential_name.as_str())).collect();
        assert_eq!(told, [("exported", "other@example.org", "2 credentials")], "and not who did it, nor who is no administrator");
        // Who did it with an API token may be somebody else who has it.
        let program = vault.recognise(&fixture.api_token(&root, None).await).await.unwrap().actor;
        vault.export(&program, &asked("csv", ExportChoice::All).request).await.unwrap();
        let log = vault.notice_log(admin).await.unwrap();
        assert_eq!(log.iter().filter(|one| one.kind == "exported" && one.recipient == "root@example.org").count(), 1);
    }

    async fn promise_6_nobody_exports_but_an_administrator_who_has_just_signed_in(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let shop = fixture.credential("Shop").await;
        let ask = asked("csv", ExportChoice::Some(vec![shop.id])).request;
        for role in [Role::Manager, Role::Member, Role::Auditor] {
            let person = fixture.person(role.name(), role).await;
            assert!(matches!(fixture.vault.export(&person, &ask).await, Err(Error::Denied(_))), "{role:?}");
        }
        let admin = &fixture.admin;
        let page = |ago: u64| {
            let confirmed_at = Timestamp::from_seconds(fixture.now().seconds() - i64::try_from(ago).unwrap());
            Actor { reach: Reach::Page { confirmed_at }, ..admin.clone() }
        };
        let narrow = Actor { reach: Reach::Token { admin: false }, ..admin.clone() };
        for refused in [page(3_600), narrow] {
            assert!(matches!(fixture.vault.export(&refused, &ask).await, Err(Error::TooShort(_))));
        }
        assert!(fixture.records_of("credential.exported").await.is_empty());
        // Three by their role, and a token; who has to sign in again is no news.
        assert_eq!(fixture.records_of("export.denied").await.len(), 4);
        for allowed in [page(10), Actor { reach: Reach::Token { admin: true }, ..admin.clone() }] {
            assert_eq!(fixture.vault.export(&allowed, &ask).await.unwrap().exported, 1);
        }
    }

    async fn by_tag_by_id_or_nothing(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        let refused = async |choice| vault.export(admin, &asked("csv", choice).request).await;
        assert!(matches!(refused(ExportChoice::All).await, Err(Error::Invalid(_))), "an empty vault");
        let shop = fixture.credential("Shop").await;
        let other = NewCredential { tags: vec![Tag::parse("other").unwrap()], ..new_credential("Other") };
        let other = vault.create_credential(admin, other).await.unwrap().0;
        let tagged = refused(ExportChoice::Tagged(Tag::parse("other").unwrap())).await.unwrap();
        assert_eq!(tagged.exported, 1);
        assert!(matches!(refused(ExportChoice::Tagged(Tag::parse("none").unwrap())).await, Err(Error::Invalid(_))));
        assert!(matches!(refused(ExportChoice::Some(vec![])).await, Err(Error::Invalid(_))));
        assert!(matches!(refused(ExportChoice::Some(vec![shop.id, shop.id])).await, Err(Error::Invalid(_))));
        vault.remove_credential(admin, &by_id(&other)).await.unwrap();
        assert!(matches!(refused(ExportChoice::Some(vec![shop.id, other.id])).await, Err(Error::NotFound(_))));
    }

    async fn what_was_exported_comes_back(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (vault, admin) = (&fixture.vault, &fixture.admin);
        let shop = fixture.credential("Shop").await;
        let password = vault.reveal(admin, &by_id(&shop), None, None).await.unwrap().password;
        let token = vault.token(admin, &by_id(&shop), &TokenRequest::default()).await.unwrap().token.expose().to_owned();
        for format in ["csv", "bitwarden", "cxf"] {
            let ask = asked(format, ExportChoice::All);
            let text = ask.text(&vault.export(admin, &ask.request).await.unwrap());
            vault.remove_credential(admin, &countersign_vault::CredentialRef::Name("Shop".to_owned())).await.unwrap();
            let file = ImportFile { name: "file".to_owned(), bytes: text.into_bytes(), password: None, columns: None };
            let back = vault.commit_import(admin, ImportRequest { files: vec![file], ..ImportRequest::default() }).await.unwrap();
            let [item] = back.items.as_slice() else { panic!("{back:?}") };
            let ImportState::Created(id) = item.state else { panic!("{item:?}") };
            let wanted = countersign_vault::CredentialRef::Id(id);
            let again: Secret = vault.reveal(admin, &wanted, None, None).await.unwrap().password;
            assert_eq!(again.expose_text(), password.expose_text(), "{format}");
            let same = vault.token(admin, &wanted, &TokenRequest::default()).await.unwrap();
            assert_eq!(same.token.expose(), token, "{format}");
        }
    }
}
