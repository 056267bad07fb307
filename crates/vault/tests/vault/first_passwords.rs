//! People's passwords: no common ones, none that somebody else has chosen for longer than one sign-in, and the links by which
//! people choose their own.

use countersign_model::{Actor, Paging, Role, UserName};
use countersign_store::{args, audit::RecordFilter, both_engines, statements};
use countersign_vault::{Error, NewApiToken, NewPerson, PersonEdit, SignInRequest, SignedIn, Source, TokenRequest};

use crate::fixture::{PASSWORD, TestVault, by_id, secret};

const FIRST: &str = "anchor sixteen plum velvet";
const THREE_DAYS: u64 = 3 * 24 * 60 * 60;

statements! {
    LET_OFF = "update person set must_change = false where name = 'bob'";
    PROLONG_LINK = "update person_link set expires_at = expires_at + 1000000000000";
}

fn name(text: &str) -> UserName {
    UserName::parse(text).unwrap()
}

async fn sign_in(fixture: &TestVault, name: &str, password: &str) -> Result<SignedIn, Error> {
    let ask = SignInRequest { name, password: secret(password), token: None, source: Source::agent("test") };
    fixture.vault.sign_in(ask).await
}

async fn with_password(fixture: &TestVault, who: &str) {
    let new = NewPerson { name: name(who), role: Role::Member, password: secret(FIRST) };
    fixture.vault.create_person(&fixture.admin, new).await.unwrap();
}

async fn must_change(fixture: &TestVault, name: &str) -> bool {
    let people = fixture.vault.people(&fixture.admin).await.unwrap();
    people.into_iter().find(|person| person.name == name).unwrap().must_change_password
}

async fn recorded(fixture: &TestVault, act: &str) -> Vec<(String, String)> {
    let filter = RecordFilter { act: Some(act.to_owned()), ..RecordFilter::default() };
    let page = fixture.vault.audit_records(&fixture.admin, &filter, &Paging::default()).await.unwrap();
    page.items.into_iter().map(|it| (it.entry.actor.name, it.entry.object.unwrap().name)).collect()
}

both_engines! {
    async fn common_passwords_are_refused_wherever_people_choose_one(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (bob, link) = fixture.vault.create_person_with_link(&fixture.admin, &name("bob"), Role::Member).await.unwrap();
        let link = link.link.expose_text().unwrap().to_owned();
        for common in ["password1", "Football", "iloveyou2024!"] {
            let new = NewPerson { name: name("eve"), role: Role::Member, password: secret(common) };
            let edit = PersonEdit { password: Some(secret(common)), ..PersonEdit::default() };
            for refused in [
                fixture.vault.create_person(&fixture.admin, new).await.map(drop),
                fixture.vault.edit_person(&fixture.admin, bob.id, edit).await.map(drop),
                fixture.vault.change_own_password(&fixture.signed_in("root").await, secret(PASSWORD), secret(common)).await,
                fixture.vault.use_person_link(&link, secret(common), None).await.map(drop),
            ] {
                assert!(matches!(&refused, Err(Error::Invalid(it)) if it.problem.contains("common passwords")), "{common}: {refused:?}");
            }
        }
        // What was refused has not used the link up.
        assert_eq!(fixture.vault.use_person_link(&link, secret(PASSWORD), None).await.unwrap(), "bob");
    }

    async fn a_password_that_somebody_else_has_chosen_is_changed_first(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        with_password(&fixture, "bob").await;
        assert!(must_change(&fixture, "bob").await && !must_change(&fixture, "root").await);
        let bob = sign_in(&fixture, "bob", FIRST).await.unwrap();
        assert!(bob.caller.password_change_needed);
        assert!(fixture.vault.recognise(&bob.bearer).await.unwrap().password_change_needed);
        let same = fixture.vault.change_own_password(&bob.caller.actor, secret(FIRST), secret(FIRST)).await;
        assert!(matches!(same, Err(Error::Invalid(it)) if it.field == "new"));
        fixture.vault.change_own_password(&bob.caller.actor, secret(FIRST), secret(PASSWORD)).await.unwrap();
        assert!(!fixture.vault.recognise(&bob.bearer).await.unwrap().password_change_needed, "at once");
        assert!(!sign_in(&fixture, "bob", PASSWORD).await.unwrap().caller.password_change_needed);

        // Set anew by an administrator, it is somebody else's again; one's own is not.
        let edit = || PersonEdit { password: Some(secret(FIRST)), ..PersonEdit::default() };
        fixture.vault.edit_person(&fixture.admin, bob.caller.actor.user, edit()).await.unwrap();
        assert!(sign_in(&fixture, "bob", FIRST).await.unwrap().caller.password_change_needed);
        fixture.vault.edit_person(&fixture.admin, fixture.admin.user, edit()).await.unwrap();
        assert!(!sign_in(&fixture, "root", FIRST).await.unwrap().caller.password_change_needed);
    }

    async fn people_choose_their_password_by_a_link(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (bob, link) = fixture.vault.create_person_with_link(&fixture.admin, &name("bob"), Role::Member).await.unwrap();
        assert!(bob.must_change_password);
        let link = link.link.expose_text().unwrap().to_owned();
        assert!(matches!(sign_in(&fixture, "bob", "").await, Err(Error::SignInFailed)), "there is no password yet");
        for wrong in ["", "cl_x", &link.replace("ci_", "cv_"), &format!("{}A", &link[..link.len() - 1])] {
            if *wrong != *link {
                let refused = fixture.vault.use_person_link(wrong, secret(PASSWORD), None).await;
                assert!(matches!(refused, Err(Error::PersonLinkInvalid)), "{wrong}");
            }
        }
        assert_eq!(fixture.vault.use_person_link(&link, secret(PASSWORD), None).await.unwrap(), "bob");
        let again = fixture.vault.use_person_link(&link, secret(FIRST), None).await;
        assert!(matches!(again, Err(Error::PersonLinkInvalid)), "once");
        assert!(!sign_in(&fixture, "bob", PASSWORD).await.unwrap().caller.password_change_needed);
        assert_eq!(recorded(&fixture, "user.set_up_link_made").await, [("root".to_owned(), "bob".to_owned())]);
        assert_eq!(recorded(&fixture, "user.set_up_link_used").await, [("bob".to_owned(), "bob".to_owned())]);
        let all = fixture.vault.audit_records(&fixture.admin, &RecordFilter::default(), &Paging::first(200)).await.unwrap();
        assert!(all.items.iter().all(|it| !format!("{:?}", it.entry).contains(&link)), "the log holds no link");
    }

    async fn a_link_ends_by_its_date_by_a_newer_one_and_with_its_person(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let make = async |actor: &Actor, bob| fixture.vault.make_person_link(actor, bob).await;
        let text = |link: &countersign_vault::PersonLink| link.link.expose_text().unwrap().to_owned();
        let use_it = async |link: &str| fixture.vault.use_person_link(link, secret(PASSWORD), None).await;
        with_password(&fixture, "bob").await;
        let bob = sign_in(&fixture, "bob", FIRST).await.unwrap();
        let user = bob.caller.actor.user;
        assert!(matches!(make(&bob.caller.actor, user).await.map(drop), Err(Error::Denied(_))));

        let first = make(&fixture.admin, user).await.unwrap();
        let newer = make(&fixture.admin, user).await.unwrap();
        assert!(matches!(use_it(&text(&first)).await, Err(Error::PersonLinkInvalid)), "one at a time");
        fixture.advance(THREE_DAYS);
        assert!(matches!(use_it(&text(&newer)).await, Err(Error::PersonLinkInvalid)), "three days");
        fixture.vault.tidy().await.unwrap();

        let disabled = |disabled| PersonEdit { disabled: Some(disabled), ..PersonEdit::default() };
        let link = make(&fixture.admin, user).await.unwrap();
        fixture.vault.edit_person(&fixture.admin, user, disabled(true)).await.unwrap();
        assert!(matches!(use_it(&text(&link)).await, Err(Error::PersonLinkInvalid)), "kept out");
        fixture.vault.edit_person(&fixture.admin, user, disabled(false)).await.unwrap();
        assert!(matches!(use_it(&text(&link)).await, Err(Error::PersonLinkInvalid)), "for good");
        let link = make(&fixture.admin, user).await.unwrap();

        // Used, it ends what its person came in by before.
        let bob = sign_in(&fixture, "bob", FIRST).await.unwrap();
        let new = NewApiToken { name: "ci".to_owned(), role: None, expires_in_days: None, admin: false };
        let (_, token) = fixture.vault.create_api_token(&bob.caller.actor, &new).await.unwrap();
        use_it(&text(&link)).await.unwrap();
        for bearer in [&bob.bearer, &token] {
            assert!(matches!(fixture.vault.recognise(bearer).await, Err(Error::NotSignedIn)));
        }
        // Whoever has changed their password needs none any more.
        let link = make(&fixture.admin, user).await.unwrap();
        let bob = sign_in(&fixture, "bob", PASSWORD).await.unwrap();
        fixture.vault.change_own_password(&bob.caller.actor, secret(PASSWORD), secret(FIRST)).await.unwrap();
        assert!(matches!(use_it(&text(&link)).await, Err(Error::PersonLinkInvalid)));
    }

    async fn sql_alone_neither_lets_anybody_off_nor_prolongs_a_link(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        with_password(&fixture, "bob").await;
        let bob = fixture.vault.people(&fixture.admin).await.unwrap().into_iter().find(|it| it.name == "bob").unwrap();
        let link = fixture.vault.make_person_link(&fixture.admin, bob.id).await.unwrap();
        for statement in [&PROLONG_LINK, &LET_OFF] {
            let mut tx = database.write().await.unwrap();
            assert_eq!(tx.execute(statement, args![]).await.unwrap(), 1);
            tx.commit().await.unwrap();
        }
        let used = fixture.vault.use_person_link(link.link.expose_text().unwrap(), secret(PASSWORD), None).await;
        assert!(matches!(used, Err(Error::Database(_))), "{used:?}");
        assert!(matches!(sign_in(&fixture, "bob", FIRST).await, Err(Error::Database(_))));
        fixture.vault.token(&fixture.admin, &by_id(&credential), &TokenRequest::default()).await.unwrap();
    }
}
