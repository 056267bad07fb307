//! Credentials: added, found, edited, removed; their tokens, passwords and versions.

use std::time::Duration;

use countersign_model::{
    Actor, CredentialName, CredentialStatus, GrantPermissions, Paging, Reason, Role, SiteAddress, Tag,
};
use countersign_store::{audit::RecordFilter, both_engines};
use countersign_vault::{
    Conflict, CredentialListRequest, CredentialRef, Error, FieldEdit, NewGrant, Patch, SeedRequest, Sort, TokenRequest,
    VaultOptions,
};

use tokio::task::{JoinHandle, JoinSet};

use crate::fixture::{TestVault, by_id, new_credential, open, secret};

async fn all(fixture: &TestVault, ask: CredentialListRequest) -> Vec<String> {
    let mut names = Vec::new();
    let mut ask = ask;
    loop {
        let page = fixture.vault.list_credentials(&fixture.admin, &ask).await.unwrap();
        names.extend(page.items.iter().map(|item| item.name.to_string()));
        match page.next_cursor {
            Some(cursor) => ask.paging = ask.paging.after(cursor),
            None => return names,
        }
    }
}

async fn created_records(fixture: &TestVault) -> usize {
    let filter = RecordFilter { act: Some("credential.created".to_owned()), ..RecordFilter::default() };
    fixture.vault.audit_records(&fixture.admin, &filter, &Paging::first(200)).await.unwrap().items.len()
}

both_engines! {
    async fn the_token_is_that_of_the_standard(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        fixture.credential("Instagram").await;
        let wanted = CredentialRef::Name("instaGRAM".to_owned());
        let answer = fixture.vault.token(&fixture.admin, &wanted, &TokenRequest { next: true, ..TokenRequest::default() }).await.unwrap();
        // RFC 6238 appendix B, seconds 1111111109 and 1111111111.
        assert_eq!(answer.token.expose(), "07081804");
        let (next, times) = answer.next.unwrap();
        assert_eq!(next.expose(), "14050471");
        let now = answer.times.unwrap();
        assert_eq!((now.step, now.begins_at.seconds(), now.ends_at.seconds()), (37_037_036, 1_111_111_080, 1_111_111_110));
        assert_eq!((times.step, times.begins_at), (37_037_037, now.ends_at));
    }

    async fn a_counter_moves_with_each_code(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let ask = SeedRequest { text: Some(secret("otpauth://hotp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&counter=0")), ..SeedRequest::default() };
        let mut new = new_credential("Portal");
        new.seed = Some(ask.understand().unwrap().secret);
        let (credential, _) = fixture.vault.create_credential(&fixture.admin, new).await.unwrap();
        // RFC 4226 appendix D.
        for (counter, token) in [(0, "755224"), (1, "287082"), (2, "359152")] {
            let answer = fixture.vault.token(&fixture.admin, &by_id(&credential), &TokenRequest::default()).await.unwrap();
            assert_eq!((answer.counter, answer.token.expose()), (Some(counter), token));
        }
    }

    async fn names_are_unique_whatever_their_case(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        fixture.credential("Instagram").await;
        let taken = fixture.vault.create_credential(&fixture.admin, new_credential("INSTAGRAM")).await;
        assert!(matches!(taken, Err(Error::Conflict(Conflict::NameTaken { .. }))));
        let other = fixture.credential("Facebook").await;
        let patch = Patch { name: Some(CredentialName::parse("instagram").unwrap()), ..Patch::default() };
        assert!(matches!(fixture.vault.edit_credential(&fixture.admin, &by_id(&other), patch).await, Err(Error::Conflict(Conflict::NameTaken { .. }))));
        let patch = Patch { name: Some(CredentialName::parse("FACEBOOK").unwrap()), ..Patch::default() };
        let (edited, _) = fixture.vault.edit_credential(&fixture.admin, &by_id(&other), patch).await.unwrap();
        assert_eq!(edited.name.as_str(), "FACEBOOK");
    }

    async fn lists_are_paged_in_every_order_without_loss(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let names = ["b", "A", "c%", "ä", "Z", "_x", "zz", "a\u{301}b", "10", "9"];
        // As they are kept: in NFC.
        let shown = names.map(|name| name.replace("a\u{301}", "\u{e1}"));
        for (number, name) in names.into_iter().enumerate() {
            // Several at one site, some at none; some without a password.
            let mut new = new_credential(name);
            new.site = (number % 3 > 0).then(|| SiteAddress::parse(&format!("https://site-{}.example/", number % 3)).unwrap());
            new.password = new.password.filter(|_| number % 4 > 0);
            fixture.vault.create_credential(&fixture.admin, new).await.unwrap();
            fixture.advance(1);
        }
        let of = |sort| CredentialListRequest { sort, ..CredentialListRequest::default() };
        assert_eq!(all(&fixture, of(Sort::Site)).await[..4], ["b", "ä", "zz", "9"], "those without a site, then by host");
        assert_eq!(all(&fixture, of(Sort::SiteBackwards)).await[..3], ["10", "_x", "c%"]);
        assert_eq!(all(&fixture, of(Sort::PasswordBackwards)).await[..3], ["9", "\u{e1}b", "zz"], "the newest first");
        assert_eq!(all(&fixture, of(Sort::Password)).await[..4], ["b", "Z", "10", "A"], "those without one, then the oldest");
        for sort in [
            Sort::Name,
            Sort::NameBackwards,
            Sort::Updated,
            Sort::UpdatedBackwards,
            Sort::Site,
            Sort::SiteBackwards,
            Sort::Password,
            Sort::PasswordBackwards,
            Sort::LastUsed,
            Sort::LastUsedBackwards,
        ] {
            let whole = all(&fixture, CredentialListRequest { sort, ..CredentialListRequest::default() }).await;
            let by_three = all(&fixture, CredentialListRequest { sort, paging: Paging::first(3), ..CredentialListRequest::default() }).await;
            assert_eq!(whole, by_three, "{sort:?}");
            let mut sorted = whole.clone();
            sorted.sort();
            let mut expected = shown.to_vec();
            expected.sort();
            assert_eq!(sorted, expected, "{sort:?}");
        }
        assert_eq!(all(&fixture, CredentialListRequest { sort: Sort::Updated, ..CredentialListRequest::default() }).await, shown);
        let wrong = CredentialListRequest { paging: Paging::default().after("nonsense".to_owned()), ..CredentialListRequest::default() };
        assert!(matches!(fixture.vault.list_credentials(&fixture.admin, &wrong).await, Err(Error::Invalid(_))));
    }

    async fn numbers_in_names_count_by_their_value(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let ben = fixture.person("ben", Role::Member).await;
        let names = ["Server 1", "server 1b", "SERVER 2", "server 02", "Server 9 b", "server 10", "Server 100", "server x"];
        for name in [5, 0, 7, 3, 1, 6, 2, 4].map(|at| names[at]) {
            let mut new = new_credential(name);
            new.tags = vec![Tag::parse(name).unwrap()];
            let (credential, _) = fixture.vault.create_credential(&fixture.admin, new).await.unwrap();
            fixture.grant(&credential, &ben, Some(GrantPermissions::SEE)).await;
        }
        let mut backwards = names;
        backwards.reverse();
        let by = |sort, rows| CredentialListRequest { sort, paging: Paging::first(rows), ..CredentialListRequest::default() };
        // By the database first, and by the index in memory once it is built.
        for _ in 0..20 {
            for rows in [3, 200] {
                assert_eq!(all(&fixture, by(Sort::Name, rows)).await, names);
                assert_eq!(all(&fixture, by(Sort::NameBackwards, rows)).await, backwards);
            }
            let page = fixture.vault.list_credentials(&ben, &by(Sort::Name, 200)).await.unwrap();
            assert_eq!(page.items.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), names);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // Renamed, it moves.
        let other = CredentialRef::Name("server 10".to_owned());
        let patch = Patch { name: Some(CredentialName::parse("Server 3").unwrap()), ..Patch::default() };
        fixture.vault.edit_credential(&fixture.admin, &other, patch).await.unwrap();
        assert_eq!(all(&fixture, by(Sort::Name, 200)).await[4], "Server 3");
        let tags = fixture.vault.tags(&fixture.admin).await.unwrap();
        let upper = |text: &str| text.starts_with('S');
        let mut sorted = tags.iter().map(|(tag, _)| tag.as_str()).collect::<Vec<_>>();
        sorted.retain(|tag| !upper(tag));
        assert_eq!(sorted, ["server 1b", "server 02", "server 10", "server x"]);
        // A cursor from before names were in this order, which went on behind another place.
        let id = fixture.vault.list_credentials(&fixture.admin, &by(Sort::Name, 1)).await.unwrap().items[0].id;
        let former = data_encoding::BASE64URL_NOPAD.encode(format!("name\n{id}\nserver 1").as_bytes());
        let ask = CredentialListRequest { paging: Paging::first(3).after(former), ..CredentialListRequest::default() };
        let refused = fixture.vault.list_credentials(&fixture.admin, &ask).await.unwrap_err();
        assert!(refused.to_string().contains("begin without a cursor"), "{refused}");
    }

    async fn filters_find_what_they_say(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        fixture.credential("Instagram").await;
        let mut plain = new_credential("100% Ölmühle");
        (plain.seed, plain.tags) = (None, Vec::new());
        let (plain, _) = fixture.vault.create_credential(&fixture.admin, plain).await.unwrap();
        let patch = Patch { status: Some(CredentialStatus::Inactive), ..Patch::default() };
        fixture.vault.edit_credential(&fixture.admin, &by_id(&plain), patch).await.unwrap();

        let search = |text: &str| CredentialListRequest { search: Some(text.to_owned()), ..CredentialListRequest::default() };
        assert_eq!(all(&fixture, search("INSTA")).await, ["Instagram"]);
        assert_eq!(all(&fixture, search("ÖLM")).await, ["100% Ölmühle"]);
        assert_eq!(all(&fixture, search("0% ")).await, ["100% Ölmühle"]);
        assert_eq!(all(&fixture, search("%")).await, ["100% Ölmühle"], "a wildcard is a character like any other");
        assert_eq!(all(&fixture, search("example.org")).await.len(), 2);
        assert_eq!(all(&fixture, CredentialListRequest { tag: Some("social".to_owned()), ..CredentialListRequest::default() }).await, ["Instagram"]);
        assert_eq!(all(&fixture, CredentialListRequest { second_factor: Some(false), ..CredentialListRequest::default() }).await, ["100% Ölmühle"]);
        assert_eq!(all(&fixture, CredentialListRequest { status: Some(CredentialStatus::Active), ..CredentialListRequest::default() }).await, ["Instagram"]);
        assert_eq!(all(&fixture, CredentialListRequest { site: Some("EXAMPLE".to_owned()), ..CredentialListRequest::default() }).await.len(), 2);
        let page = fixture.vault.list_credentials(&fixture.admin, &search("example")).await.unwrap();
        assert_eq!(page.total, Some(2));
        assert_eq!(fixture.vault.tags(&fixture.admin).await.unwrap(), [("social".to_owned(), 1)]);
    }

    async fn a_search_sees_what_another_server_has_done_a_moment_ago(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        // As another server would: with a memory of its own.
        let other = open(database, &fixture.folder, &fixture.clock, VaultOptions::default()).await;
        let member = fixture.person("kim", Role::Member).await;
        let search = |text: &str| CredentialListRequest { search: Some(text.to_owned()), ..CredentialListRequest::default() };
        let seen = async |actor: &Actor, text: &str| {
            let page = fixture.vault.list_credentials(actor, &search(text)).await.unwrap();
            assert_eq!(page.total, Some(page.items.len() as u64));
            page.items.iter().map(|item| item.name.to_string()).collect::<Vec<_>>()
        };
        // However far the index is meanwhile.
        for round in 0..25 {
            let (one, two) = (format!("One {round}"), format!("Two {round}"));
            let (credential, _) = other.create_credential(&fixture.admin, new_credential(&one)).await.unwrap();
            assert_eq!(seen(&fixture.admin, &one).await, [one.as_str()]);
            assert!(seen(&member, &one).await.is_empty());
            let grant = NewGrant { person: member.user, grant: GrantPermissions::SEE };
            other.set_grants(&fixture.admin, &by_id(&credential), &[grant]).await.unwrap();
            assert_eq!(seen(&member, &one).await, [one.as_str()]);
            let patch = Patch { name: Some(CredentialName::parse(&two).unwrap()), ..Patch::default() };
            other.edit_credential(&fixture.admin, &by_id(&credential), patch).await.unwrap();
            assert!(seen(&fixture.admin, &one).await.is_empty());
            assert_eq!(seen(&member, &two).await, [two.as_str()]);
            other.set_grants(&fixture.admin, &by_id(&credential), &[]).await.unwrap();
            assert!(seen(&member, &two).await.is_empty());
            other.remove_credential(&fixture.admin, &by_id(&credential)).await.unwrap();
            assert!(seen(&fixture.admin, &two).await.is_empty());
        }
    }

    async fn an_edit_changes_what_it_names(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let wanted = by_id(&credential);
        let (same, _) = fixture.vault.edit_credential(&fixture.admin, &wanted, Patch::default()).await.unwrap();
        assert_eq!(same.revision, 1, "nothing to change is no edit");

        let patch = Patch { password: FieldEdit::Set(secret("second")), revision: Some(1), ..Patch::default() };
        let (edited, _) = fixture.vault.edit_credential(&fixture.admin, &wanted, patch).await.unwrap();
        assert_eq!(edited.revision, 2);
        let late = Patch { seed: FieldEdit::Clear, revision: Some(1), ..Patch::default() };
        assert!(matches!(fixture.vault.edit_credential(&fixture.admin, &wanted, late).await, Err(Error::Conflict(Conflict::Edited))));

        let reveal = |version| fixture.vault.reveal(&fixture.admin, &wanted, None, version);
        assert_eq!(reveal(None).await.unwrap().password.expose_text(), Some("second"));
        assert_eq!(reveal(Some(1)).await.unwrap().password.expose_text(), Some("its password"));
        assert!(matches!(reveal(Some(9)).await, Err(Error::NotFound(_))));
        let states: Vec<_> = fixture.vault.versions(&fixture.admin, &wanted).await.unwrap().iter().map(|it| (it.version, it.state.name())).collect();
        assert_eq!(states, [(2, "current"), (1, "former")]);

        let clear = Patch { password: FieldEdit::Clear, seed: FieldEdit::Clear, site: FieldEdit::Clear, ..Patch::default() };
        let (cleared, _) = fixture.vault.edit_credential(&fixture.admin, &wanted, clear).await.unwrap();
        assert!(!cleared.has_password && cleared.second_factor.is_none() && cleared.site.is_none());
        assert!(matches!(reveal(None).await, Err(Error::Empty(_))));
        assert_eq!(fixture.token(&fixture.admin, &cleared).await.unwrap_err(), "this credential has no setup key");
    }

    async fn an_inactive_credential_gives_nothing(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        fixture.token(&fixture.admin, &credential).await.unwrap();
        let patch = Patch { status: Some(CredentialStatus::Inactive), ..Patch::default() };
        fixture.vault.edit_credential(&fixture.admin, &by_id(&credential), patch).await.unwrap();
        assert!(fixture.token(&fixture.admin, &credential).await.unwrap_err().contains("inactive"));
        assert!(matches!(fixture.vault.reveal(&fixture.admin, &by_id(&credential), None, None).await, Err(Error::Conflict(Conflict::Inactive))));
    }

    async fn a_removed_credential_is_gone_and_stays_in_the_log(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        fixture.token(&fixture.admin, &credential).await.unwrap();
        fixture.vault.remove_credential(&fixture.admin, &by_id(&credential)).await.unwrap();
        assert_eq!(fixture.token(&fixture.admin, &credential).await.unwrap_err(), "there is no such credential");
        assert!(matches!(fixture.vault.remove_credential(&fixture.admin, &by_id(&credential)).await, Err(Error::NotFound(_))));
        let filter = countersign_store::audit::RecordFilter { object: Some(credential.id.uuid()), ..Default::default() };
        assert_eq!(fixture.vault.audit_records(&fixture.admin, &filter, &Paging::default()).await.unwrap().items.len(), 3);
        fixture.credential("Instagram").await;
    }

    async fn a_seed_that_is_there_twice_is_pointed_out(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        fixture.credential("Instagram").await;
        let (_, warnings) = fixture.vault.create_credential(&fixture.admin, new_credential("Again")).await.unwrap();
        assert_eq!(warnings, ["\"Instagram\" holds the same setup key: its tokens are the same"]);
    }

    async fn those_who_add_at_the_same_moment_are_answered_each_for_themselves(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let member = fixture.person("bob", Role::Member).await;
        let mut adding = JoinSet::new();
        for (number, name) in ["One", "Two", "ONE", "Three", "Four", "two", "Five"].into_iter().enumerate() {
            let (vault, actor) = (fixture.vault.clone(), if name == "Four" { member.clone() } else { fixture.admin.clone() });
            let mut new = new_credential(name);
            if name == "Five" {
                new.password = Some(secret(""));
            }
            adding.spawn(async move { (number, vault.create_credential(&actor, new).await) });
        }
        let mut outcomes = adding.join_all().await;
        outcomes.sort_by_key(|(number, _)| *number);
        let outcomes: Vec<_> = outcomes.into_iter().map(|(_, outcome)| outcome).collect();
        for (one, other, name) in [(0, 2, "one"), (1, 5, "two")] {
            let (created, refused) = if outcomes[one].is_ok() { (one, other) } else { (other, one) };
            assert_eq!(outcomes[created].as_ref().unwrap().0.name.as_str().to_lowercase(), name);
            assert!(matches!(outcomes[refused], Err(Error::Conflict(Conflict::NameTaken { .. }))), "{name}");
        }
        assert!(outcomes[3].is_ok());
        assert!(matches!(outcomes[4], Err(Error::Denied(_))));
        assert!(matches!(outcomes[6], Err(Error::Invalid(_))));
        // All hold one seed: whoever came first is not told so.
        let warned = outcomes.iter().flatten().filter(|(_, warnings)| !warnings.is_empty()).count();
        assert_eq!(warned, 2);
        let listed = all(&fixture, CredentialListRequest::default()).await;
        assert_eq!(listed.len(), 3, "{listed:?}");
        assert_eq!(created_records(&fixture).await, 3);
        for (view, _) in outcomes.iter().flatten() {
            assert_eq!(fixture.token(&fixture.admin, view).await.unwrap(), "07081804");
        }
    }

    async fn who_goes_away_while_adding_takes_nobody_along(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let add = |name: String| {
            let (vault, actor) = (fixture.vault.clone(), fixture.admin.clone());
            tokio::spawn(async move { vault.create_credential(&actor, new_credential(&name)).await })
        };
        let (gone, stay): (Vec<_>, Vec<_>) = (0..20).map(|number| (add(format!("gone {number}")), add(format!("stay {number}")))).unzip();
        gone.iter().for_each(JoinHandle::abort);
        for stays in stay {
            stays.await.unwrap().unwrap();
        }
        // What was begun for those who went is written or is not, and its record with it.
        let last = fixture.credential("last").await;
        assert_eq!(all(&fixture, CredentialListRequest::default()).await.len(), created_records(&fixture).await);
        assert_eq!(last.name.as_str(), "last");
    }

    async fn a_reason_is_kept(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let credential = fixture.credential("Instagram").await;
        let ask = TokenRequest { reason: Some(Reason::parse("posting").unwrap()), ..TokenRequest::default() };
        fixture.vault.token(&fixture.admin, &by_id(&credential), &ask).await.unwrap();
        let page = fixture.vault.audit_records(&fixture.admin, &Default::default(), &Paging::first(1)).await.unwrap();
        assert_eq!(page.items[0].entry.reason.as_deref(), Some("posting"));
    }
}
