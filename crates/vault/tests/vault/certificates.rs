//! Trusting one certificate at one site: who may say so, and what is recorded.

use countersign_audit::{AuditEntry, Detail};
use countersign_model::{CertificateFingerprint, Paging, SiteAddress, SiteSettings, TooShort};
use countersign_store::{args, audit::RecordFilter, both_engines, engine::Database, statements};
use countersign_vault::{CredentialRef, Error, FieldEdit, Patch};

use crate::fixture::{TestVault, by_id};

statements! {
    TRUST_ANOTHER = "update automation set settings = replace(settings, '07:07:07', '08:08:08')";
}

fn with(byte: u8) -> SiteSettings {
    SiteSettings { certificate: Some(CertificateFingerprint::from_bytes([byte; 32])), ..SiteSettings::default() }
}

/// The certificates before and after, by each record of the settings, the oldest first.
async fn recorded(fixture: &TestVault) -> Vec<(String, String)> {
    let page =
        fixture.vault.audit_records(&fixture.admin, &RecordFilter::default(), &Paging::first(200)).await.unwrap();
    let records = page.items.iter().rev().filter(|record| record.entry.act == "automation.edited");
    let detail = |entry: &AuditEntry, name: &str| match entry.details.get(name) {
        Some(Detail::Text(text)) => text.chars().take(5).collect(),
        None => "-".to_owned(),
        other => panic!("{other:?}"),
    };
    records.map(|record| (detail(&record.entry, "former_certificate"), detail(&record.entry, "certificate"))).collect()
}

async fn sql(database: &Database) {
    let mut tx = database.write().await.unwrap();
    tx.execute(&TRUST_ANOTHER, args![]).await.unwrap();
    tx.commit().await.unwrap();
}

both_engines! {
    async fn whose_certificate_is_trusted_asks_for_a_recent_sign_in_and_is_recorded(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("NAS").await;
        let wanted = by_id(&credential);
        let page = fixture.signed_in("root").await;
        let set = async |settings: SiteSettings| fixture.vault.set_automation(&page, &wanted, settings).await;
        set(with(7)).await.unwrap();
        set(with(8)).await.unwrap();
        fixture.advance(15 * 60 + 1);
        for settings in [with(9), SiteSettings::default()] {
            assert!(matches!(set(settings).await, Err(Error::TooShort(TooShort::NotRecent))));
        }
        // What leaves it as it is asks for nothing more than before.
        set(SiteSettings { heartbeat: true, ..with(8) }).await.unwrap();
        assert_eq!(fixture.vault.automation(&page, &wanted).await.unwrap().settings.certificate, with(8).certificate);
        fixture.vault.set_automation(&fixture.admin, &wanted, SiteSettings::default()).await.unwrap();
        let pair = |former: &str, now: &str| (former.to_owned(), now.to_owned());
        let expected = [pair("", "07:07"), pair("07:07", "08:08"), pair("-", "-"), pair("08:08", "")];
        assert_eq!(recorded(&fixture).await, expected);
    }

    async fn a_certificate_is_trusted_at_a_site_that_shows_one_and_by_nobody_with_sql(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("NAS").await;
        let wanted: CredentialRef = by_id(&credential);
        for site in [FieldEdit::Clear, FieldEdit::Set(SiteAddress::parse("http://nas.internal").unwrap())] {
            fixture.vault.edit_credential(&fixture.admin, &wanted, Patch { site, ..Patch::default() }).await.unwrap();
            let refused = fixture.vault.set_automation(&fixture.admin, &wanted, with(7)).await;
            assert!(matches!(&refused, Err(Error::Invalid(invalid)) if invalid.field == "certificate"), "{refused:?}");
        }
        let site = FieldEdit::Set(SiteAddress::parse("https://nas.example:5001").unwrap());
        fixture.vault.edit_credential(&fixture.admin, &wanted, Patch { site, ..Patch::default() }).await.unwrap();
        fixture.vault.set_automation(&fixture.admin, &wanted, with(7)).await.unwrap();
        sql(database).await;
        let read = fixture.vault.automation(&fixture.admin, &wanted).await;
        assert!(read.unwrap_err().to_string().contains("site settings"));
    }
}
