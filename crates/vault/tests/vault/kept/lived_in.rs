//! A vault in which something has happened to each table, made by this version of the program.

use countersign_identity::Bearer;
use countersign_model::{
    Actor, ChangePolicy, CheckOutRule, ClientName, ExportChoice, GrantConditions, GrantPermissions, GroupName,
    HostName, Level, Notes, PageLanguage, Preferences, Purpose, Reason, Role, SessionEnd, SiteSettings, Tag, UserName,
    VaultRequestSubject, ViewName,
};
use countersign_scim::{GroupInput, UserInput};
use countersign_store::testing::TestDatabase;
use countersign_vault::{
    ApprovalDraft, ChangeOutcome, ClientTokenRequest, CredentialView, DeviceLoginRequest, FieldEdit, GrantDraft,
    GrantReview, GroupRef, HolderRef, NewCredential, NoticeSettingsRequest, RecordingPart, RequestDecision,
    RequestDraft, ReviewListRequest, ReviewScope, SavedFilter, SeedRequest, SignInRequest, Source, TargetRef,
};

use super::AT;
use crate::{
    changes::{self, DAY, begun, changed},
    devices, federated_identities,
    fixture::{SEED, TestVault, by_id, new_credential, secret},
    keys::go_on,
    passkeys, provider,
    service_accounts::new_account,
    sessions::live,
    signing_in::token_of,
    sinks, transfers,
};

const USE: GrantPermissions = GrantPermissions { token: true, reveal: true, ..GrantPermissions::SEE };

/// Who and what there is besides `root`.
struct Team {
    mia: Actor,
    ben: Actor,
    max: Actor,
    ada: Actor,
    shop: CredentialView,
    bakery: CredentialView,
    bank: CredentialView,
    plain: CredentialView,
    studio: CredentialView,
    leads: GroupRef,
}

/// The vault at [`AT`], and an API token of `root`.
pub(super) async fn lived_in(database: &TestDatabase) -> (TestVault, Bearer) {
    let fixture = passkeys::at_home(database).await;
    fixture.advance(u64::try_from(AT - fixture.now().seconds()).unwrap() - 4 * DAY);
    let team = begin(&fixture).await;
    accounts(&fixture, &team).await;
    elsewhere(&fixture, &team).await;
    granted(&fixture, &team).await;
    asked(&fixture, &team).await;
    // It counts what was used, and forgets what has ended.
    fixture.vault.tidy().await.unwrap();
    changed_at_sites(&fixture, &team).await;
    watched(&fixture, &team).await;
    machines(&fixture).await;
    brought(&fixture).await;
    fixture.vault.rotate_key(&fixture.admin).await.unwrap();
    go_on(&fixture, &fixture.vault, async |_| {}).await;
    let bearer = fixture.api_token(&fixture.admin, None).await;
    fixture.vault.make_checkpoint().await.unwrap();
    left_open(&fixture, &team).await;
    fixture.advance(u64::try_from(AT - fixture.now().seconds()).unwrap());
    (fixture, bearer)
}

async fn begin(fixture: &TestVault) -> Team {
    let mia = fixture.person("mia", Role::Manager).await;
    let ben = fixture.person("ben", Role::Member).await;
    let max = fixture.person("max", Role::Member).await;
    fixture.person("ada", Role::Auditor).await;
    let (ada, _) = passkeys::with_passkey(fixture, "ada").await;
    let notes = Notes::parse("Ask *Mia* first.").unwrap();
    let shop = create(fixture, NewCredential { notes, ..new_credential("Shop") }).await;
    let tags = vec![Tag::parse("back office").unwrap()];
    let bakery = create(fixture, NewCredential { tags: tags.clone(), ..new_credential("Bakery") }).await;
    let bank = create(fixture, NewCredential { tags: tags.clone(), ..new_credential("Bank") }).await;
    let plain = create(fixture, NewCredential { seed: None, tags, ..new_credential("Café") }).await;
    let studio = fixture.credential("Studio").await;
    let counted = SeedRequest {
        text: Some(secret(SEED)),
        kind: Some("hotp".to_owned()),
        counter: Some(0),
        ..SeedRequest::default()
    };
    let seed = Some(counted.understand().unwrap().secret);
    let counter = create(fixture, NewCredential { seed, ..new_credential("Counter") }).await;
    // RFC 4226 appendix D: the first of its tokens.
    assert_eq!(fixture.token(&fixture.admin, &counter).await.unwrap(), "755224");
    let gone = fixture.credential("Gone").await;
    fixture.vault.remove_credential(&fixture.admin, &by_id(&gone)).await.unwrap();
    let leads = group(fixture, "leads", &[HolderRef::User(ben.user), HolderRef::User(mia.user)]).await;
    group(fixture, "staff", &[HolderRef::Group(leads.clone()), HolderRef::User(max.user)]).await;
    Team { mia, ben, max, ada, shop, bakery, bank, plain, studio, leads }
}

async fn create(fixture: &TestVault, new: NewCredential) -> CredentialView {
    fixture.vault.create_credential(&fixture.admin, new).await.unwrap().0
}

async fn group(fixture: &TestVault, name: &str, members: &[HolderRef]) -> GroupRef {
    let made = fixture.vault.create_group(&fixture.admin, &GroupName::parse(name).unwrap()).await.unwrap();
    let group = GroupRef::Id(made.id);
    for member in members {
        fixture.vault.add_group_member(&fixture.admin, &group, member).await.unwrap();
    }
    group
}

/// Second factor, recovery codes, mail address, a link for a first password.
async fn accounts(fixture: &TestVault, team: &Team) {
    let setup = fixture.vault.begin_second_factor(&team.mia).await.unwrap();
    fixture.vault.confirm_second_factor(&team.mia, &token_of(&setup.uri, fixture)).await.unwrap();
    fixture.vault.set_own_email(&team.max, Some("max@example.org")).await.unwrap();
    let spanish = Preferences { language: Some(PageLanguage::Spanish), ..Preferences::default() };
    fixture.vault.change_preferences(&team.max, spanish).await.unwrap();
    let eva = UserName::parse("eva").unwrap();
    fixture.vault.create_person_with_link(&fixture.admin, &eva, Role::Member).await.unwrap();
}

async fn granted(fixture: &TestVault, team: &Team) {
    let give = async |holder, target, conditions, approval| {
        let draft = GrantDraft { holder, target, permissions: USE, conditions, approval };
        fixture.vault.create_grant(&fixture.admin, draft).await.unwrap();
    };
    let max = || HolderRef::User(team.max.user);
    let tag = TargetRef::Tag(Tag::parse("back office").unwrap());
    give(HolderRef::Group(team.leads.clone()), tag, GrantConditions::default(), None).await;
    let approval = ApprovalDraft { levels: vec![(team.leads.clone(), 1)], minutes: 60, emergency_minutes: Some(15) };
    let shop = TargetRef::Credential(by_id(&team.shop));
    give(max(), shop, GrantConditions::default(), Some(approval)).await;
    let rule = CheckOutRule { minutes: 60, change_after: false };
    let checked_out = GrantConditions { check_out: Some(rule), ..GrantConditions::default() };
    give(max(), TargetRef::Credential(by_id(&team.bank)), checked_out, None).await;
    let ask = ReviewListRequest { scope: ReviewScope::All, ..ReviewListRequest::default() };
    let first = fixture.vault.list_reviews(&fixture.admin, &ask).await.unwrap().page.items.remove(0);
    let seen = first.decided.as_ref().map(|(at, _)| *at);
    let kept = GrantReview { id: first.details.grant.id, seen, keep: true };
    fixture.vault.review_grants(&fixture.admin, &[kept]).await.unwrap();
    fixture.vault.set_review_days(&fixture.admin, 60).await.unwrap();
    let transfer = GrantPermissions { transfer: true, ..GrantPermissions::SEE };
    let draft = GrantDraft {
        holder: max(),
        target: TargetRef::Credential(by_id(&team.bakery)),
        permissions: transfer,
        conditions: GrantConditions::default(),
        approval: None,
    };
    fixture.vault.create_grant(&fixture.admin, draft).await.unwrap();
    let max = fixture.signed_in("max").await;
    fixture.vault.transfer_seed(&max, &by_id(&team.bakery), &transfers::asked(None).request).await.unwrap();
}

/// A request that was approved, a check-out, and uses of both.
async fn asked(fixture: &TestVault, team: &Team) {
    let draft = RequestDraft {
        credential: by_id(&team.shop),
        permissions: USE,
        minutes: Some(30),
        not_before: None,
        emergency: None,
    };
    let purpose = Purpose { reason: Some(Reason::parse("a fix").unwrap()), ticket: None, fills_at: None };
    let asker = Actor { purpose, ..team.max.clone() };
    let request = fixture.vault.request_access(&asker, draft).await.unwrap().request.id;
    fixture.vault.decide_request(&team.ben, request, RequestDecision::Approve(None), None).await.unwrap();
    fixture.token(&team.max, &team.shop).await.unwrap();
    fixture.vault.check_out(&team.max, &by_id(&team.bank), Some(30)).await.unwrap();
    fixture.vault.reveal(&team.max, &by_id(&team.bank), None, None).await.unwrap();
}

/// Notices, a destination of the log, a filter that somebody has saved.
async fn elsewhere(fixture: &TestVault, team: &Team) {
    let ask = NoticeSettingsRequest {
        webhook: FieldEdit::Set(secret("https://hook.example.com/secret-path")),
        ..NoticeSettingsRequest::default()
    };
    fixture.vault.set_notice_settings(&fixture.admin, ask).await.unwrap();
    fixture.vault.create_sink(&fixture.admin, sinks::draft("SIEM")).await.unwrap();
    sinks::take(fixture, "one").await;
    let filter = SavedFilter { act: Some("token.denied".to_owned()), ..SavedFilter::default() };
    fixture.vault.save_view(&team.ada, ViewName::parse("Refusals").unwrap(), filter).await.unwrap();
}

/// A change that got through, one that did not, and one that waits.
async fn changed_at_sites(fixture: &TestVault, team: &Team) {
    fixture.advance(DAY + 1);
    changed(fixture, &team.bakery).await;
    let policy = ChangePolicy { every_days: Some(30), ..ChangePolicy::default() };
    let settings = SiteSettings { policy, ..SiteSettings::default() };
    fixture.vault.set_automation(&fixture.admin, &by_id(&team.bakery), settings).await.unwrap();
    let run = begun(fixture, &team.plain).await;
    run.note_pages(Some(r#"{"sign_in":"https://example.org/login"}"#)).await.unwrap();
    run.end(ChangeOutcome::Failed { reason: changes::why() }).await.unwrap();
    changes::ask(fixture, &team.shop).await;
}

/// A session that was recorded, and one that is open.
async fn watched(fixture: &TestVault, team: &Team) {
    let run = live(fixture, &fixture.admin, &team.studio).await;
    run.keep_browser(&secret("cookies"), "this browser").await.unwrap();
    let bytes = b"what was on the page".to_vec();
    let part = RecordingPart { seq: 0, from_ms: 0, to_ms: 1_999, key: true, frames: 4, events: 1, bytes };
    run.writer().put_part(part).await.unwrap();
    let id = run.id;
    run.close(SessionEnd::Person).await.unwrap();
    let ida = fixture.person("ida", Role::Auditor).await;
    fixture.vault.recording(&ida, id).await.unwrap();
    let open = live(fixture, &fixture.admin, &team.studio).await;
    fixture.vault.session_link(&fixture.admin, open.id, "ben", Level::View).await.unwrap();
}

/// A service account with a secret and one with a federated identity.
async fn machines(fixture: &TestVault) {
    let (account, own) = fixture.vault.create_service_account(&fixture.admin, new_account("deploy")).await.unwrap();
    let client_id = account.id.to_string();
    let own = secret(own.expose());
    let ask = ClientTokenRequest { client_id: &client_id, secret: own, scope: None, address: None };
    fixture.vault.issue_access_token(ask).await.unwrap_or_else(|error| panic!("{error}"));
    federated_identities::let_in(fixture, "pipeline").await;
}

/// Whom an identity provider has brought, by SCIM and by signing in.
async fn brought(fixture: &TestVault) {
    let (_, bearer) = fixture.vault.create_scim_token(&fixture.admin, None, Some(false)).await.unwrap();
    let caller = fixture.vault.recognise_scim(&bearer, None).await.unwrap();
    let sam = UserInput { user_name: "sam".to_owned(), active: Some(true), ..UserInput::default() };
    let sam = fixture.vault.scim_create_person(&caller, &sam).await.unwrap();
    let night = GroupInput {
        display_name: "night shift".to_owned(),
        external_id: Some("7".to_owned()),
        members: vec![sam.id.to_string()],
    };
    fixture.vault.scim_create_group(&caller, &night).await.unwrap();
    provider::came_in(fixture, "zoe").await;
}

/// What is there for some minutes only, until it is used or over.
async fn left_open(fixture: &TestVault, team: &Team) {
    let removed = fixture.credential("Removed").await;
    fixture.grant(&removed, &team.ben, Some(USE)).await;
    fixture.token(&fixture.admin, &removed).await.unwrap();
    fixture.vault.remove_credential(&fixture.admin, &by_id(&removed)).await.unwrap();
    let terminal = DeviceLoginRequest {
        client: ClientName::parse("countersign").unwrap(),
        host: HostName::parse("laptop").ok(),
        address: None,
    };
    fixture.vault.begin_device_login(terminal).await.unwrap();
    fixture.person("una", Role::Administrator).await;
    fixture.vault.set_export_approval(&fixture.admin, true).await.unwrap();
    let all = VaultRequestSubject::Export { format: "csv".to_owned(), choice: ExportChoice::All };
    fixture.vault.request_export(&fixture.admin, all, Reason::parse("we move on").unwrap()).await.unwrap();
    let soft = devices::paired(fixture, &fixture.signed_in("ben").await).await;
    devices::ask(fixture, &soft).await.unwrap();
    fixture.vault.make_pairing_code(&fixture.signed_in("max").await).await.unwrap();
    fixture.vault.begin_passkey_sign_in(None).await.unwrap();
    fixture.vault.leave_to_sign_in().await.unwrap();
    let wrong =
        SignInRequest { name: "eva", password: secret("not her password"), token: None, source: Source::agent("test") };
    assert!(fixture.vault.sign_in(wrong).await.is_err());
    fixture.advance(60);
    fixture.token(&fixture.admin, &team.shop).await.unwrap();
}
