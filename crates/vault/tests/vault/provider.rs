//! Signing in with a provider: who comes in, by what, into which groups, and what stands in the way.

use countersign_identity::{Bearer, BearerKind, RoundTripSecrets};
use countersign_model::{GroupName, MatchBy, Paging, ProviderClaims, ProviderRefusal, Role, TooShort, UserName};
use countersign_scim::UserInput;
use countersign_seal::{Secret, SystemChance, passphrase::Cost};
use countersign_store::{args, audit::RecordFilter, both_engines, engine::Statement, statements};
use countersign_vault::{
    CheckState, Error, FieldEdit, GroupRef, HolderRef, PersonEdit, ProviderRequest, RoundTripPurpose, ScimPerson,
    SignInRequest, SignedIn, Source, VaultOptions,
};
use serde_json::{Value, json};

use crate::{
    fixture::{PASSWORD, TestVault, secret},
    signing_in::token_of,
};

const ISSUER: &str = "https://login.example.com";

statements! {
    MOVE_ISSUER = "update provider set settings = replace(settings, 'login.example.com', 'evil.example.com')";
    SWAP_IDENTITY = "update provider_identity set subject = 'mallory'";
    PASS_IDENTITY_ON = "update provider_identity set person = (select id from person where name = 'root')";
    ADD_IDENTITY = "insert into provider_identity (id, person, issuer, subject, created_at) \
                    select id, id, 'https://login.example.com', 'mallory', 0 from person where name = 'root'";
    TRUST_SESSION = "update web_session set came_by = 'provider_both'";
    KNOW_SOMEBODY_ELSE = "update round_trip set state = replace(state, '\"1\"', '\"2\"')";
    PROVIDED = "update group_member set by_provider = not by_provider";
    COUNT_AWAY = "select count(*) from round_trip";
}

fn request() -> ProviderRequest {
    ProviderRequest {
        name: "Example".to_owned(),
        issuer: ISSUER.to_owned(),
        client_id: "countersign".to_owned(),
        client_secret: FieldEdit::Set(secret("client-secret-1")),
        address: "https://vault.example.com".to_owned(),
        scopes: vec!["profile".to_owned()],
        match_by: MatchBy::Username,
        new_users: None,
        trusts_second_factor: false,
        groups_claim: Some("groups".to_owned()),
        groups: Vec::new(),
    }
}

impl TestVault {
    async fn set(&self, ask: ProviderRequest) {
        self.vault.set_provider(&self.admin, ask).await.unwrap();
    }

    /// Somebody who comes back, as the provider says who they are.
    async fn back_as(&self, claims: Value) -> Result<Bearer, Error> {
        let departure = self.vault.leave_to_sign_in().await?;
        self.arrive(departure.bearer, claims).await
    }

    async fn arrive(&self, bearer: Bearer, claims: Value) -> Result<Bearer, Error> {
        let state = RoundTripSecrets::of(&bearer).state;
        let arrival = self.vault.back_from_provider(&bearer, state.expose_text().unwrap()).await?;
        let claims = claims.as_object().unwrap();
        let claims = ProviderClaims::read(&arrival.provider.settings, claims).map_err(Error::Provider)?;
        self.vault.note_claims(&bearer, claims).await?;
        Ok(bearer)
    }

    async fn in_as(&self, claims: Value) -> Result<SignedIn, Error> {
        let bearer = self.back_as(claims).await?;
        self.vault.finish_provider_sign_in(&bearer, None, Source::agent("test")).await
    }

    async fn for_provider(&self, name: &str, role: Role) {
        let name = UserName::parse(name).unwrap();
        self.vault.create_person_for_provider(&self.admin, &name, role).await.unwrap();
    }

    async fn group_named(&self, name: &str) -> GroupRef {
        let made = self.vault.create_group(&self.admin, &GroupName::parse(name).unwrap()).await.unwrap();
        GroupRef::Id(made.id)
    }

    /// Names in a group, those from the provider with a star.
    async fn members(&self, group: &GroupRef) -> Vec<String> {
        let view = self.vault.group(&self.admin, group).await.unwrap();
        let star = |it: bool| if it { "*" } else { "" };
        view.members.into_iter().map(|it| format!("{}{}", it.name, star(it.by_provider))).collect()
    }

    /// Whether the audit log holds a record of that act, with what in its details.
    async fn recorded(&self, act: &str) -> Vec<Value> {
        let filter = RecordFilter { act: Some(act.to_owned()), ..RecordFilter::default() };
        let paging = Paging::new(None, Some(200)).unwrap();
        let page = self.vault.audit_records(&self.admin, &filter, &paging).await.unwrap();
        page.items.iter().map(|record| serde_json::to_value(&record.entry.details).unwrap()).collect()
    }
}

/// A provider, and somebody who has signed in with it.
pub(crate) async fn came_in(fixture: &TestVault, name: &str) {
    fixture.set(request()).await;
    fixture.for_provider(name, Role::Member).await;
    fixture.in_as(json!({"sub": "1", "preferred_username": name})).await.unwrap();
}

fn refusal<T>(result: &Result<T, Error>) -> Option<ProviderRefusal> {
    match result {
        Err(Error::Provider(why)) => Some(*why),
        _ => None,
    }
}

both_engines! {
    async fn who_is_connected_comes_in_and_a_name_makes_nobody_somebody_else(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        assert_eq!(refusal(&fixture.in_as(json!({"sub": "1"})).await), Some(ProviderRefusal::Off));
        fixture.set(request()).await;
        fixture.for_provider("Ana", Role::Manager).await;

        // Somebody else at the provider, whatever they call themselves.
        let nobody = fixture.in_as(json!({"sub": "0", "preferred_username": "zoe"})).await;
        assert_eq!(refusal(&nobody), Some(ProviderRefusal::Unknown));
        let thief = fixture.in_as(json!({"sub": "0", "preferred_username": "root"})).await;
        assert_eq!(refusal(&thief), Some(ProviderRefusal::NameTaken));

        // The first who comes by the name that was added for the provider is connected; the next by that name is not.
        let ana = fixture.in_as(json!({"sub": "1", "preferred_username": "ana"})).await.unwrap();
        assert_eq!((ana.caller.actor.name.as_str(), ana.caller.actor.role), ("Ana", Role::Manager));
        let other = fixture.in_as(json!({"sub": "2", "preferred_username": "ana"})).await;
        assert_eq!(refusal(&other), Some(ProviderRefusal::NameTaken));
        // From then on the subject counts, and no name.
        let again = fixture.in_as(json!({"sub": "1", "preferred_username": "somebody"})).await.unwrap();
        assert_eq!(again.caller.actor.user, ana.caller.actor.user);
        assert_eq!(fixture.recorded("user.provider_connected").await.len(), 1);
        let refused = fixture.recorded("user.provider_refused").await;
        assert_eq!(refused.len(), 3, "{refused:?}");
        assert_eq!(refused[0]["because"], "name_taken");
        assert_eq!(fixture.recorded("user.signed_in").await[0]["provider"], true);

        // Kept out is kept out.
        let edit = PersonEdit { disabled: Some(true), ..PersonEdit::default() };
        fixture.vault.edit_person(&fixture.admin, ana.caller.actor.user, edit).await.unwrap();
        assert_eq!(refusal(&fixture.in_as(json!({"sub": "1"})).await), Some(ProviderRefusal::Disabled));
        assert!(matches!(fixture.vault.recognise(&ana.bearer).await, Err(Error::NotSignedIn)));
    }

    async fn whom_provisioning_has_brought_comes_in_by_the_provider_until_they_have_a_way_of_their_own(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        fixture.set(request()).await;
        let (_, bearer) = fixture.vault.create_scim_token(&fixture.admin, None, None).await.unwrap();
        let okta = fixture.vault.recognise_scim(&bearer, None).await.unwrap();
        let brought = |name: &str| UserInput { user_name: name.to_owned(), active: Some(true), ..UserInput::default() };
        let ana = fixture.vault.scim_create_person(&okta, &brought("ana")).await.unwrap();
        let signed_in = fixture.in_as(json!({"sub": "1", "preferred_username": "ana"})).await.unwrap();
        assert_eq!(signed_in.caller.actor.user, ana.id);
        assert!(!signed_in.caller.password_change_needed);
        let other = fixture.in_as(json!({"sub": "2", "preferred_username": "ana"})).await;
        assert_eq!(refusal(&other), Some(ProviderRefusal::NameTaken));
        // Deactivated there, out here.
        let change = |before: &ScimPerson| Ok(UserInput { active: Some(false), ..before.user.clone() });
        fixture.vault.scim_change_person::<Error>(&okta, ana.id, change).await.unwrap();
        assert_eq!(refusal(&fixture.in_as(json!({"sub": "1"})).await), Some(ProviderRefusal::Disabled));
        // Who has chosen a password by then is nobody's by a name.
        let ben = fixture.vault.scim_create_person(&okta, &brought("ben")).await.unwrap();
        let link = fixture.vault.make_person_link(&fixture.admin, ben.id).await.unwrap();
        fixture.vault.use_person_link(link.link.expose_text().unwrap(), secret(PASSWORD), None).await.unwrap();
        let taken = fixture.in_as(json!({"sub": "3", "preferred_username": "ben"})).await;
        assert_eq!(refusal(&taken), Some(ProviderRefusal::NameTaken));
    }

    async fn who_has_a_password_is_not_taken_over_by_a_name(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        fixture.set(request()).await;
        fixture.person("bob", Role::Member).await;
        let name = UserName::parse("carol").unwrap();
        // A link was given, and nobody has used it yet.
        fixture.vault.create_person_with_link(&fixture.admin, &name, Role::Administrator).await.unwrap();
        for name in ["bob", "carol", "BOB"] {
            let tried = fixture.in_as(json!({"sub": name, "preferred_username": name})).await;
            assert_eq!(refusal(&tried), Some(ProviderRefusal::NameTaken), "{name}");
        }
        // An address counts where it was verified, and where the administrator says so.
        fixture.set(ProviderRequest { match_by: MatchBy::Email, ..request() }).await;
        fixture.for_provider("dora@example.com", Role::Member).await;
        let table = [
            (json!({"sub": "5", "preferred_username": "dora@example.com"}), Some(ProviderRefusal::Unknown)),
            (json!({"sub": "5", "email": "dora@example.com"}), Some(ProviderRefusal::Unknown)),
            (json!({"sub": "5", "email": "dora@example.com", "email_verified": false}), Some(ProviderRefusal::Unknown)),
            (json!({"sub": "5", "email": "Dora@Example.com", "email_verified": true}), None),
        ];
        for (claims, why) in table {
            assert_eq!(refusal(&fixture.in_as(claims.clone()).await), why, "{claims}");
        }
        fixture.set(ProviderRequest { match_by: MatchBy::Nothing, ..request() }).await;
        let none = fixture.vault.create_person_for_provider(&fixture.admin, &name, Role::Member).await;
        assert!(matches!(none, Err(Error::Invalid(invalid)) if invalid.field == "sign_in"));
    }

    async fn people_are_added_at_their_first_sign_in_where_that_is_said_and_never_as_administrators(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let as_admin = ProviderRequest { new_users: Some(Role::Administrator), ..request() };
        let refused = fixture.vault.set_provider(&fixture.admin, as_admin).await;
        assert!(matches!(refused, Err(Error::Invalid(invalid)) if invalid.field == "new_users"));

        fixture.set(ProviderRequest { new_users: Some(Role::Member), ..request() }).await;
        let made = fixture.in_as(json!({"sub": "7", "preferred_username": "eve", "role": "administrator"})).await.unwrap();
        assert_eq!((made.caller.actor.name.as_str(), made.caller.actor.role), ("eve", Role::Member));
        assert!(!made.caller.password_change_needed);
        let again = fixture.in_as(json!({"sub": "7", "preferred_username": "root"})).await.unwrap();
        assert_eq!(again.caller.actor.user, made.caller.actor.user);
        assert_eq!(refusal(&fixture.in_as(json!({"sub": "8", "preferred_username": "eve"})).await), Some(ProviderRefusal::NameTaken));
        assert_eq!(refusal(&fixture.in_as(json!({"sub": "8"})).await), Some(ProviderRefusal::NoName));
        // No password is theirs.
        for password in ["", PASSWORD] {
            let ask = SignInRequest { name: "eve", password: secret(password), token: None, source: Source::agent("test") };
            assert!(matches!(fixture.vault.sign_in(ask).await, Err(Error::SignInFailed)));
        }
        let entry = fixture.vault.own_entry(&again.caller.actor).await.unwrap();
        assert!(!entry.has_password && entry.connected);
    }

    async fn a_way_is_gone_once_in_ten_minutes_in_one_browser(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        fixture.set(request()).await;
        fixture.for_provider("ana", Role::Member).await;
        let not_begun = Some(ProviderRefusal::NotBegun);
        let vault = &fixture.vault;
        let state_of = |bearer: &Bearer| RoundTripSecrets::of(bearer).state.expose_text().unwrap().to_owned();
        let source = Source::agent("test");

        // Nobody left from here.
        let unknown = Bearer::new(BearerKind::RoundTrip, &SystemChance);
        assert_eq!(refusal(&vault.back_from_provider(&unknown, &state_of(&unknown)).await), not_begun);
        let session = Bearer::new(BearerKind::WebSession, &SystemChance);
        assert_eq!(refusal(&vault.back_from_provider(&session, &state_of(&session)).await), not_begun);
        // Somebody else's answer in this browser, and the other way round.
        let (mine, theirs) = (vault.leave_to_sign_in().await.unwrap().bearer, vault.leave_to_sign_in().await.unwrap().bearer);
        for state in ["", "x", &state_of(&theirs)] {
            assert_eq!(refusal(&vault.back_from_provider(&mine, state).await), not_begun, "{state}");
        }
        // In before the provider has said anything.
        assert_eq!(refusal(&vault.finish_provider_sign_in(&mine, None, source).await), not_begun);
        vault.back_from_provider(&mine, &state_of(&mine)).await.unwrap();
        assert_eq!(refusal(&vault.back_from_provider(&mine, &state_of(&mine)).await), not_begun, "a state serves once");
        assert_eq!(refusal(&vault.finish_provider_sign_in(&mine, None, source).await), not_begun);

        // In once.
        let bearer = fixture.back_as(json!({"sub": "1", "preferred_username": "ana"})).await.unwrap();
        vault.finish_provider_sign_in(&bearer, None, source).await.unwrap();
        assert_eq!(refusal(&vault.finish_provider_sign_in(&bearer, None, source).await), not_begun);

        // Ten minutes, at each step.
        let late = vault.leave_to_sign_in().await.unwrap().bearer;
        let known = fixture.back_as(json!({"sub": "1"})).await.unwrap();
        fixture.advance(600);
        assert_eq!(refusal(&vault.back_from_provider(&late, &state_of(&late)).await), not_begun);
        assert_eq!(refusal(&vault.finish_provider_sign_in(&known, None, source).await), not_begun);
        // Old ones go with the next that leaves.
        vault.leave_to_sign_in().await.unwrap();
        let rows = database.fetch_all(&COUNT_AWAY, args![]).await.unwrap();
        assert_eq!(rows[0].get::<i64>(0).unwrap(), 1);
        assert!(vault.recognise(&known).await.is_err(), "it is no way into the API");
    }

    async fn another_second_factor_is_asked_for_unless_the_provider_is_trusted_with_it(database: &TestDatabase) {
        let options = VaultOptions { sign_in_cost: Cost::TEST, second_factor_required: true };
        let fixture = TestVault::with(database, options).await;
        fixture.set(request()).await;
        fixture.for_provider("ana", Role::Member).await;
        let claims = || json!({"sub": "1", "preferred_username": "ana"});
        let source = Source::agent("test");
        let first = fixture.in_as(claims()).await.unwrap();
        assert!(first.caller.enrolment_needed, "the provider alone is one factor");
        let ana = first.caller.actor;
        let setup = fixture.vault.begin_second_factor(&ana).await.unwrap();
        fixture.vault.confirm_second_factor(&ana, &token_of(&setup.uri, &fixture)).await.unwrap();
        fixture.advance(30);

        let bearer = fixture.back_as(claims()).await.unwrap();
        let finish = async |token: Option<String>| {
            fixture.vault.finish_provider_sign_in(&bearer, token.as_deref(), source).await
        };
        assert!(matches!(finish(None).await, Err(Error::CodeNeeded)));
        assert!(matches!(finish(Some("000000".to_owned())).await, Err(Error::SignInFailed)));
        assert!(matches!(finish(None).await, Err(Error::CodeNeeded)), "the way stays open for another try");
        let token = token_of(&setup.uri, &fixture);
        assert!(!finish(Some(token.clone())).await.unwrap().caller.enrolment_needed);
        // A step serves once here, too.
        let again = fixture.back_as(claims()).await.unwrap();
        let used = fixture.vault.finish_provider_sign_in(&again, Some(&token), source).await;
        assert!(matches!(used, Err(Error::SignInFailed)));
        // Guesses are counted as any others.
        let mut locked = false;
        for _ in 0..20 {
            let tried = fixture.vault.finish_provider_sign_in(&again, Some("000000"), source).await;
            locked |= matches!(tried, Err(Error::LockedOut { .. }));
        }
        assert!(locked);

        fixture.set(ProviderRequest { trusts_second_factor: true, ..request() }).await;
        let trusted = fixture.in_as(claims()).await.unwrap();
        assert!(!trusted.caller.enrolment_needed);
        fixture.for_provider("ben", Role::Member).await;
        let ben = fixture.in_as(json!({"sub": "2", "preferred_username": "ben"})).await.unwrap();
        assert!(!ben.caller.enrolment_needed, "though they have none here");
        let seen = fixture.vault.recognise(&ben.bearer).await.unwrap();
        assert!(!seen.enrolment_needed);
        // Trusted no more: who came by it alone is out.
        fixture.set(request()).await;
        assert!(matches!(fixture.vault.recognise(&ben.bearer).await, Err(Error::NotSignedIn)));
        assert!(fixture.in_as(json!({"sub": "2"})).await.unwrap().caller.enrolment_needed);
    }

    async fn groups_follow_the_claim_at_each_sign_in_and_what_was_done_by_hand_stays(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (ops, dev, other) =
            (fixture.group_named("Ops").await, fixture.group_named("Dev").await, fixture.group_named("Other").await);
        let groups = || vec![("ops".to_owned(), ops.clone()), ("dev".to_owned(), dev.clone())];
        fixture.set(ProviderRequest { groups: groups(), ..request() }).await;
        fixture.for_provider("ana", Role::Member).await;
        let come = async |groups: Value| {
            fixture.in_as(json!({"sub": "1", "preferred_username": "ana", "groups": groups})).await.unwrap().caller.actor
        };
        let ana = come(json!(["ops", "other", "Ops", "nothing"])).await;
        assert_eq!((fixture.members(&ops).await, fixture.members(&dev).await), (vec!["ana*".to_owned()], vec![]));
        assert!(fixture.members(&other).await.is_empty(), "what is not mapped is not looked at");
        let by_hand = HolderRef::User(ana.user);
        fixture.vault.add_group_member(&fixture.admin, &other, &by_hand).await.unwrap();
        fixture.vault.add_group_member(&fixture.admin, &dev, &by_hand).await.unwrap();

        come(json!(["dev"])).await;
        assert!(fixture.members(&ops).await.is_empty());
        assert_eq!(fixture.members(&dev).await, ["ana"], "by hand before, and still");
        come(json!("ops")).await;
        assert_eq!(fixture.members(&ops).await, ["ana*"]);
        come(Value::Null).await;
        assert!(fixture.members(&ops).await.is_empty(), "no claim is no group");
        assert_eq!((fixture.members(&dev).await.len(), fixture.members(&other).await.len()), (1, 1));
        let joined = fixture.recorded("group.member_added").await;
        assert_eq!(joined.iter().filter(|it| it["provider"] == true).count(), 2, "{joined:?}");
        let left = fixture.recorded("group.member_removed").await;
        assert_eq!(left.iter().filter(|it| it["provider"] == true).count(), 2, "{left:?}");

        // A mapping that goes takes with it what it gave, at once.
        come(json!(["ops"])).await;
        fixture.set(request()).await;
        assert!(fixture.members(&ops).await.is_empty());
        // And a group that goes takes no sign-in with it.
        fixture.set(ProviderRequest { groups: groups(), ..request() }).await;
        fixture.vault.remove_group(&fixture.admin, &ops).await.unwrap();
        come(json!(["ops", "dev"])).await;
        let view = fixture.vault.provider(&fixture.admin).await.unwrap().unwrap();
        assert_eq!((view.group_names[0].as_deref(), view.group_names[1].as_deref()), (None, Some("Dev")));
    }

    async fn who_is_signed_in_connects_and_confirms_by_the_provider(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        fixture.set(request()).await;
        let vault = &fixture.vault;
        let bob = fixture.person("bob", Role::Member).await;
        let carol = fixture.person("carol", Role::Member).await;
        assert_eq!(refusal(&vault.leave_to_confirm(&bob).await), Some(ProviderRefusal::Unknown), "not connected yet");

        let away = vault.leave_to_connect(&bob).await.unwrap();
        assert!(!away.purpose.needs_fresh());
        let bearer = fixture.arrive(away.bearer, json!({"sub": "b"})).await.unwrap();
        // Not as a sign-in, and not by somebody else.
        assert_eq!(refusal(&vault.finish_provider_connect(&carol, &bearer, None).await), Some(ProviderRefusal::NotBegun));
        let as_sign_in = vault.finish_provider_sign_in(&bearer, None, Source::agent("test")).await;
        assert_eq!(refusal(&as_sign_in), Some(ProviderRefusal::NotBegun));
        vault.finish_provider_connect(&bob, &bearer, None).await.unwrap();
        assert_eq!(fixture.in_as(json!({"sub": "b"})).await.unwrap().caller.actor.user, bob.user);

        // One account here for one there.
        let taken = vault.leave_to_connect(&carol).await.unwrap();
        let taken = fixture.arrive(taken.bearer, json!({"sub": "b"})).await.unwrap();
        assert_eq!(refusal(&vault.finish_provider_connect(&carol, &taken, None).await), Some(ProviderRefusal::ConnectedAlready));

        // Fifteen minutes later what concerns accounts asks once more.
        fixture.advance(16 * 60);
        assert!(matches!(vault.leave_to_connect(&bob).await, Err(Error::TooShort(TooShort::NotRecent))));
        assert!(matches!(vault.set_own_email(&bob, None).await, Err(Error::TooShort(TooShort::NotRecent))));
        let away = vault.leave_to_confirm(&bob).await.unwrap();
        assert!(away.purpose.needs_fresh() && away.purpose == RoundTripPurpose::Confirm);
        let wrong = fixture.arrive(away.bearer, json!({"sub": "c"})).await.unwrap();
        let wrong = vault.finish_provider_confirm(&bob, &wrong, None, None).await;
        assert_eq!(refusal(&wrong), Some(ProviderRefusal::SomebodyElse));
        let away = vault.leave_to_confirm(&bob).await.unwrap();
        let right = fixture.arrive(away.bearer, json!({"sub": "b"})).await.unwrap();
        assert_eq!(refusal(&vault.finish_provider_confirm(&carol, &right, None, None).await), Some(ProviderRefusal::NotBegun));
        vault.finish_provider_confirm(&bob, &right, None, None).await.unwrap();
        assert_eq!(refusal(&vault.finish_provider_confirm(&bob, &right, None, None).await), Some(ProviderRefusal::NotBegun));
        vault.set_own_email(&bob, None).await.unwrap();

        // A program is in no browser.
        let token = fixture.api_token(&bob, None).await;
        let program = vault.recognise(&token).await.unwrap().actor;
        assert!(matches!(vault.leave_to_confirm(&program).await, Err(Error::TooShort(TooShort::PageOnly))));
        assert!(matches!(vault.leave_to_connect(&program).await, Err(Error::TooShort(TooShort::PageOnly))));

        vault.disconnect_provider(&bob).await.unwrap();
        assert_eq!(refusal(&fixture.in_as(json!({"sub": "b"})).await), Some(ProviderRefusal::Unknown));
        assert!(matches!(vault.disconnect_provider(&bob).await, Err(Error::NotFound(_))));
    }

    async fn a_second_factor_is_part_of_confirming(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        fixture.set(request()).await;
        fixture.for_provider("ana", Role::Member).await;
        let ana = fixture.in_as(json!({"sub": "1", "preferred_username": "ana"})).await.unwrap().caller.actor;
        let setup = fixture.vault.begin_second_factor(&ana).await.unwrap();
        fixture.vault.confirm_second_factor(&ana, &token_of(&setup.uri, &fixture)).await.unwrap();
        fixture.advance(30);
        let away = fixture.vault.leave_to_confirm(&ana).await.unwrap();
        let bearer = fixture.arrive(away.bearer, json!({"sub": "1"})).await.unwrap();
        let confirm = async |token: Option<String>| {
            fixture.vault.finish_provider_confirm(&ana, &bearer, token.as_deref(), None).await
        };
        assert!(matches!(confirm(None).await, Err(Error::CodeNeeded)));
        assert!(matches!(confirm(Some("000000".to_owned())).await, Err(Error::SignInFailed)));
        confirm(Some(token_of(&setup.uri, &fixture))).await.unwrap();
        // Without a password there would be no way back in.
        assert!(matches!(fixture.vault.disconnect_provider(&ana).await, Err(Error::Invalid(_))));
    }

    async fn another_provider_inherits_nobody_and_the_secret_goes_to_no_other(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let ops = fixture.group_named("Ops").await;
        let with_groups = || ProviderRequest { groups: vec![("ops".to_owned(), ops.clone())], ..request() };
        fixture.set(with_groups()).await;
        fixture.for_provider("ana", Role::Member).await;
        let claims = || json!({"sub": "1", "preferred_username": "ana", "groups": ["ops"]});
        let ana = fixture.in_as(claims()).await.unwrap();
        let elsewhere = |client_secret| ProviderRequest {
            issuer: "https://other.example.com".to_owned(),
            client_secret,
            ..with_groups()
        };
        let kept = fixture.vault.set_provider(&fixture.admin, elsewhere(FieldEdit::Keep)).await;
        assert!(matches!(kept, Err(Error::Invalid(invalid)) if invalid.field == "client_secret"));
        // On their way while it changes: what the former says does not count any more.
        let on_the_way = fixture.back_as(claims()).await.unwrap();
        fixture.set(elsewhere(FieldEdit::Clear)).await;
        let late = fixture.vault.finish_provider_sign_in(&on_the_way, None, Source::agent("test")).await;
        assert_eq!(refusal(&late), Some(ProviderRefusal::NotBegun));
        assert!(matches!(fixture.vault.recognise(&ana.bearer).await, Err(Error::NotSignedIn)));
        assert!(fixture.members(&ops).await.is_empty());
        // The same subject there is somebody else.
        let same = fixture.in_as(json!({"sub": "1"})).await;
        assert_eq!(refusal(&same), Some(ProviderRefusal::Unknown));
        // Back again, ana is ana.
        fixture.set(with_groups()).await;
        let again = fixture.in_as(claims()).await.unwrap();
        assert_eq!(again.caller.actor.user, ana.caller.actor.user);
        fixture.vault.remove_provider(&fixture.admin).await.unwrap();
        assert!(matches!(fixture.vault.recognise(&again.bearer).await, Err(Error::NotSignedIn)));
        assert!(fixture.members(&ops).await.is_empty());
        assert_eq!(refusal(&fixture.in_as(claims()).await), Some(ProviderRefusal::Off));
        assert!(matches!(fixture.vault.remove_provider(&fixture.admin).await, Err(Error::NotFound(_))));
        let edits = fixture.recorded("provider.edited").await;
        let former = format!("issuer: {ISSUER}");
        let was = |edit: &serde_json::Value| edit["former"].as_array().is_some_and(|was| was.iter().any(|it| *it == former));
        assert!(edits.iter().any(was), "{edits:?}");
    }

    async fn only_administrators_say_whom_to_believe_and_not_long_after_signing_in(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        fixture.set(request()).await;
        let manager = fixture.person("mia", Role::Manager).await;
        assert!(matches!(fixture.vault.set_provider(&manager, request()).await, Err(Error::Denied(_))));
        assert!(matches!(fixture.vault.provider(&manager).await, Err(Error::Denied(_))));
        assert!(matches!(fixture.vault.remove_provider(&manager).await, Err(Error::Denied(_))));
        assert!(matches!(fixture.vault.test_provider(&manager, ISSUER).await, Err(Error::Denied(_))));
        assert!(matches!(fixture.vault.disconnect_person(&manager, manager.user).await, Err(Error::Denied(_))));
        let root = fixture.signed_in("root").await;
        fixture.vault.set_provider(&root, request()).await.unwrap();
        fixture.advance(16 * 60);
        let not_recent = |result: Result<(), Error>| matches!(result, Err(Error::TooShort(TooShort::NotRecent)));
        assert!(not_recent(fixture.vault.set_provider(&root, request()).await.map(drop)));
        assert!(not_recent(fixture.vault.remove_provider(&root).await));
        assert!(not_recent(fixture.vault.test_provider(&root, ISSUER).await.map(drop)));
        assert!(fixture.vault.provider(&root).await.unwrap().unwrap().has_secret);
        let departure = fixture.vault.leave_to_sign_in().await.unwrap();
        assert_eq!(departure.provider.secret.as_ref().and_then(Secret::expose_text), Some("client-secret-1"));
    }

    async fn somebody_who_can_write_the_database_gets_nobody_in(database: &TestDatabase) {
        let table: [(&Statement, &str); 7] = [
            (&MOVE_ISSUER, "provider"),
            (&SWAP_IDENTITY, "identity"),
            (&PASS_IDENTITY_ON, "identity"),
            (&ADD_IDENTITY, "identity"),
            (&KNOW_SOMEBODY_ELSE, "sign-in with the provider"),
            (&TRUST_SESSION, "browser"),
            (&PROVIDED, "member"),
        ];
        let fixture = TestVault::new(database).await;
        let ops = fixture.group_named("Ops").await;
        fixture.set(ProviderRequest { groups: vec![("ops".to_owned(), ops.clone())], ..request() }).await;
        fixture.for_provider("ana", Role::Member).await;
        let ana = fixture.in_as(json!({"sub": "1", "preferred_username": "ana", "groups": ["ops"]})).await.unwrap();
        let on_the_way = fixture.back_as(json!({"sub": "1"})).await.unwrap();
        assert!(fixture.complaints().await.is_empty());
        for (statement, what) in table {
            let mut tx = database.write().await.unwrap();
            let changed = tx.execute(statement, args![]).await.unwrap();
            assert!(changed > 0, "{} changed nothing", statement.name());
            // Not committed: the next begins with what was.
            let seen = match statement.name().rsplit("::").next().unwrap() {
                "KNOW_SOMEBODY_ELSE" | "TRUST_SESSION" => None,
                _ => Some(countersign_store::marks::check_all(&mut tx, 10).await.unwrap()),
            };
            if let Some(seen) = seen {
                assert!(seen.iter().any(|it| it.contains(what)), "{}: {seen:?}", statement.name());
            }
            drop(tx);
        }
        // The two that are read by what the browser shows.
        let mut tx = database.write().await.unwrap();
        tx.execute(&KNOW_SOMEBODY_ELSE, args![]).await.unwrap();
        tx.execute(&TRUST_SESSION, args![]).await.unwrap();
        tx.commit().await.unwrap();
        let finished = fixture.vault.finish_provider_sign_in(&on_the_way, None, Source::agent("test")).await;
        assert!(matches!(&finished, Err(Error::Database(_))), "{:?}", finished.err());
        let health = fixture.vault.checks().await;
        assert!(health.iter().any(|check| check.state == CheckState::Failed), "doctor names them");
        assert!(fixture.vault.own_entry(&ana.caller.actor).await.is_ok(), "known from before");
    }
}
