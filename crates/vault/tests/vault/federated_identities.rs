//! Federated identities: which tokens of other issuers let a service account in, how often, and who is asked about them.

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::atomic::{AtomicUsize, Ordering},
};

use countersign_audit::{AuditActorKind, AuditEntry, Detail};
use countersign_model::{AssertionRefusal, FederatedIdentity, FederatedIdentityId, Network, Role, Timestamp, UserId};
use countersign_seal::Secret;
use countersign_store::{args, audit::RecordFilter, both_engines, engine::Statement, statements};
use countersign_vault::{
    AssertionRequest, ClaimsFuture, Error, FederatedIdentityView, IssueError, IssuedToken, ServiceAccountEdit,
    ServiceAccountView, TrustedIssuers,
};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

use crate::{
    fixture::{TestVault, open_plain},
    service_accounts::new_account,
};

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 7));
const ELSEWHERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 9));
const ISSUER: &str = "https://token.actions.githubusercontent.com";
const AUDIENCE: &str = "https://vault.example.com";
const SUBJECT: &str = "repo:acme/site:environment:production";

/// Issuers whose signatures are all right, or whose keys cannot be had.
#[derive(Default)]
struct Issuers {
    asked: AtomicUsize,
    away: bool,
}

impl Issuers {
    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

impl TrustedIssuers for Issuers {
    fn claims<'a>(&'a self, issuer: &'a str, assertion: &'a Secret, _: Timestamp) -> ClaimsFuture<'a> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let payload = assertion.expose_text().unwrap().split('.').nth(1).unwrap();
        let claims: Value = serde_json::from_slice(&BASE64URL_NOPAD.decode(payload.as_bytes()).unwrap()).unwrap();
        assert_eq!(claims["iss"], issuer);
        let Value::Object(claims) = claims else { panic!("no claims") };
        let away = self.away;
        Box::pin(async move { if away { Err(AssertionRefusal::NoKeys("it is away".to_owned())) } else { Ok(claims) } })
    }
}

fn trusted() -> FederatedIdentity {
    FederatedIdentity {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        subject: SUBJECT.to_owned(),
        claims: BTreeMap::new(),
    }
}

fn jwt(claims: &Value) -> String {
    format!("e30.{}.c2ln", BASE64URL_NOPAD.encode(claims.to_string().as_bytes()))
}

struct Pipeline {
    account: ServiceAccountView,
    identity: FederatedIdentityView,
}

impl TestVault {
    async fn pipeline(&self, name: &str) -> Pipeline {
        let (account, _) = self.vault.create_service_account(&self.admin, new_account(name)).await.unwrap();
        let identity = self.vault.add_federated_identity(&self.admin, account.id, trusted()).await.unwrap();
        Pipeline { account, identity }
    }

    /// What a job says of itself now.
    fn job(&self, id: &str) -> Value {
        let now = self.now().seconds();
        json!({"iss": ISSUER, "aud": AUDIENCE, "sub": SUBJECT, "jti": id, "iat": now, "exp": now + 300})
    }

    async fn show(
        &self,
        issuers: &Issuers,
        client: UserId,
        claims: &Value,
        address: Option<IpAddr>,
    ) -> Result<IssuedToken, IssueError> {
        let (client_id, assertion) = (client.to_string(), Secret::from(jwt(claims)));
        let ask = AssertionRequest { client_id: &client_id, assertion, scope: None, address, issuers };
        self.vault.issue_for_assertion(ask).await
    }

    async fn last_of(&self, act: &str) -> AuditEntry {
        let filter = RecordFilter { act: Some(act.to_owned()), ..RecordFilter::default() };
        let paging = countersign_model::Paging::first(1);
        self.vault.audit_records(&self.admin, &filter, &paging).await.unwrap().items.remove(0).entry
    }
}

/// A service account of which a job has come in once.
pub(crate) async fn let_in(fixture: &TestVault, name: &str) {
    let pipeline = fixture.pipeline(name).await;
    let shown = fixture.show(&Issuers::default(), pipeline.account.id, &fixture.job("1"), None).await;
    shown.unwrap_or_else(|error| panic!("{error}"));
}

fn refusal(result: Result<IssuedToken, IssueError>) -> AssertionRefusal {
    match result {
        Err(IssueError::InvalidAssertion(refused)) => refused,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it is let in"),
    }
}

fn text(detail: &str) -> Detail {
    Detail::Text(detail.to_owned())
}

both_engines! {
    async fn a_job_comes_in_once_for_each_token_and_leaves_a_record(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (issuers, pipeline) = (Issuers::default(), fixture.pipeline("deploy").await);
        let id = pipeline.account.id;
        let issued = fixture.show(&issuers, id, &fixture.job("1"), Some(HERE)).await.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((issued.expires_in.as_secs(), issued.scope.as_str()), (600, "see token reveal audit"));
        let actor = fixture.vault.recognise(&issued.token).await.unwrap().actor;
        assert_eq!((actor.name.as_str(), actor.role), ("deploy", Role::Member));
        let record = fixture.last_of("service_account.token_issued").await;
        assert_eq!(record.actor.kind, AuditActorKind::ServiceAccount);
        for (detail, value) in [("issuer", ISSUER), ("subject", SUBJECT), ("token_id", "1")] {
            assert_eq!(record.details[detail], text(value));
        }
        let shown = fixture.vault.service_account(&fixture.admin, id).await.unwrap();
        assert_eq!(shown.federated_identities[0].last_used_at, Some(fixture.now()));
        assert!(shown.secrets[0].last_used_at.is_none());

        // The same token again, here and for another account that trusts the same.
        let again = fixture.show(&issuers, id, &fixture.job("1"), Some(HERE)).await;
        assert_eq!(refusal(again), AssertionRefusal::Used);
        let record = fixture.last_of("service_account.token_refused").await;
        assert_eq!((&record.details["wrong"], record.actor.kind), (&text("token used before"), AuditActorKind::Nobody));
        let other = fixture.pipeline("other").await;
        assert_eq!(refusal(fixture.show(&issuers, other.account.id, &fixture.job("1"), None).await), AssertionRefusal::Used);
        assert!(fixture.show(&issuers, other.account.id, &fixture.job("2"), None).await.is_ok());
        // One that has no id is known by what was signed.
        let mut without = fixture.job("");
        without.as_object_mut().unwrap().remove("jti");
        assert!(fixture.show(&issuers, id, &without, Some(HERE)).await.is_ok());
        assert_eq!(refusal(fixture.show(&issuers, id, &without, Some(HERE)).await), AssertionRefusal::Used);
        let record = fixture.last_of("service_account.token_refused").await;
        assert!(record.details.contains_key("subject"), "whose it was: {record:?}");
        // What was used is forgotten once its end alone refuses it.
        let first = fixture.job("3");
        assert!(fixture.show(&issuers, id, &first, None).await.is_ok());
        fixture.advance(359);
        fixture.vault.tidy().await.unwrap();
        assert_eq!(refusal(fixture.show(&issuers, id, &first, None).await), AssertionRefusal::Used);
        fixture.advance(1);
        fixture.vault.tidy().await.unwrap();
        let left = database.fetch_one(&USED_LEFT, args![]).await.unwrap();
        assert_eq!(left.get::<i64>(0).unwrap(), 0);
        assert_eq!(refusal(fixture.show(&issuers, id, &first, None).await), AssertionRefusal::Expired);
    }

    async fn two_that_show_one_token_at_once_get_one(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (issuers, pipeline) = (Issuers::default(), fixture.pipeline("deploy").await);
        let (id, claims) = (pipeline.account.id, fixture.job("1"));
        let (one, other) = tokio::join!(
            fixture.show(&issuers, id, &claims, Some(HERE)),
            fixture.show(&issuers, id, &claims, Some(ELSEWHERE)),
        );
        assert_eq!(usize::from(one.is_ok()) + usize::from(other.is_ok()), 1);
    }

    async fn promise_8_nobody_is_asked_whom_no_administrator_has_named_for_that_account(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (issuers, pipeline) = (Issuers::default(), fixture.pipeline("deploy").await);
        let with_secret = fixture.vault.create_service_account(&fixture.admin, new_account("secret")).await.unwrap().0;
        let nobody: UserId = "01938d1c-7a31-7000-8000-000000000000".parse().unwrap();
        let person = fixture.person("ana", Role::Member).await;
        let elsewhere = |issuer: &str| {
            let mut claims = fixture.job("1");
            claims["iss"] = json!(issuer);
            claims
        };
        for (client, claims) in [
            (nobody, fixture.job("1")),
            (person.user, fixture.job("1")),
            (with_secret.id, fixture.job("1")),
            (pipeline.account.id, elsewhere("https://gitlab.com")),
            (pipeline.account.id, elsewhere(&format!("{ISSUER}/"))),
        ] {
            assert_eq!(refusal(fixture.show(&issuers, client, &claims, None).await), AssertionRefusal::Untrusted);
        }
        let client_id = pipeline.account.id.to_string();
        for odd in ["", "x", "a.b.c", "a.b", "e30.e30.", "e30.e30.x.y"] {
            let assertion = Secret::from(odd.to_owned());
            let ask = AssertionRequest { client_id: &client_id, assertion, scope: None, address: Some(HERE), issuers: &issuers };
            let refused = fixture.vault.issue_for_assertion(ask).await;
            assert!(matches!(refused, Err(IssueError::InvalidAssertion(_) | IssueError::TooMany { .. })), "{odd}");
        }
        assert_eq!(issuers.asked(), 0);
        fixture.show(&issuers, pipeline.account.id, &fixture.job("1"), None).await.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(issuers.asked(), 1);
        let away = Issuers { away: true, ..Issuers::default() };
        let refused = refusal(fixture.show(&away, pipeline.account.id, &fixture.job("2"), None).await);
        assert_eq!(refused, AssertionRefusal::NoKeys("it is away".to_owned()));
        assert_eq!(fixture.last_of("service_account.token_refused").await.details["detail"], text("it is away"));
    }

    async fn wrong_tokens_are_counted_as_wrong_secrets_are(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (issuers, pipeline) = (Issuers::default(), fixture.pipeline("deploy").await);
        let id = pipeline.account.id;
        let mut wrong = fixture.job("1");
        wrong["sub"] = json!("repo:acme/site:pull_request");
        for _ in 0..4 {
            let refused = refusal(fixture.show(&issuers, id, &wrong, Some(ELSEWHERE)).await);
            assert!(refused.to_string().contains("it is \"repo:acme/site:pull_request\""), "{refused}");
        }
        let fifth = fixture.show(&issuers, id, &wrong, Some(ELSEWHERE)).await;
        assert!(matches!(fifth, Err(IssueError::TooMany { wait }) if wait.as_secs() == 30));
        let again = fixture.show(&issuers, id, &wrong, Some(ELSEWHERE)).await;
        assert!(matches!(again, Err(IssueError::TooMany { .. })), "nothing more is said to there");
        // A client id is no secret: who shows junk for it does not keep its jobs out, wherever they run.
        assert!(fixture.show(&issuers, id, &fixture.job("1"), Some(ELSEWHERE)).await.is_ok());
        assert!(fixture.show(&issuers, id, &fixture.job("2"), Some(HERE)).await.is_ok());
        assert_eq!(fixture.last_of("service_account.locked_out").await.details["seconds"], 30.into());
        let refused = fixture.last_of("service_account.token_refused").await;
        assert_eq!(refused.details["wrong"], text("claim"));
    }

    async fn networks_end_and_being_kept_out_hold_as_with_a_secret(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let issuers = Issuers::default();
        for (way, wrong) in [("network", "network"), ("disabled", "disabled"), ("expired", "account ended")] {
            let pipeline = fixture.pipeline(way).await;
            let id = pipeline.account.id;
            let issued = fixture.show(&issuers, id, &fixture.job(way), Some(HERE)).await.unwrap_or_else(|error| panic!("{error}"));
            let edit = match way {
                "network" => {
                    let networks = Some(vec!["10.0.0.0/8".parse::<Network>().unwrap()]);
                    ServiceAccountEdit { networks, ..Default::default() }
                }
                "disabled" => ServiceAccountEdit { disabled: Some(true), ..Default::default() },
                _ => ServiceAccountEdit { expires_at: Some(Some(fixture.now())), ..Default::default() },
            };
            fixture.vault.edit_service_account(&fixture.admin, id, edit).await.unwrap();
            let out = fixture.vault.recognise_from(&issued.token, Some(HERE)).await;
            assert!(matches!(out, Err(Error::NotSignedIn)), "{way}");
            let refused = refusal(fixture.show(&issuers, id, &fixture.job(&format!("{way} 2")), Some(HERE)).await);
            assert_eq!(refused.name(), wrong);
            assert!(refused.to_string().contains("cannot be used now or from this address"), "{refused}");
        }
    }

    async fn what_is_trusted_no_more_is_out_at_once(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (issuers, pipeline) = (Issuers::default(), fixture.pipeline("deploy").await);
        let (vault, admin, id) = (&fixture.vault, &fixture.admin, pipeline.account.id);
        let other = open_plain(database, &fixture.folder, &fixture.clock).await;
        let issued = fixture.show(&issuers, id, &fixture.job("1"), None).await.unwrap_or_else(|error| panic!("{error}"));
        assert!(other.recognise(&issued.token).await.is_ok());
        // Another of the same account, by which nothing was given, goes without it.
        let second = FederatedIdentity { audience: "second".to_owned(), ..trusted() };
        let second = vault.add_federated_identity(admin, id, second).await.unwrap();
        vault.remove_federated_identity(admin, id, second.id).await.unwrap();
        assert!(vault.recognise(&issued.token).await.is_ok());
        vault.remove_federated_identity(admin, id, pipeline.identity.id).await.unwrap();
        assert!(matches!(vault.recognise(&issued.token).await, Err(Error::NotSignedIn)));
        assert_eq!(refusal(fixture.show(&issuers, id, &fixture.job("2"), None).await), AssertionRefusal::Untrusted);
        let gone = vault.remove_federated_identity(admin, id, pipeline.identity.id).await;
        assert!(matches!(gone, Err(Error::NotFound(_))));

        let manager = fixture.person("manager", Role::Manager).await;
        assert!(matches!(vault.add_federated_identity(&manager, id, trusted()).await, Err(Error::Denied(_))));
        let none: FederatedIdentityId = "01938d1c-7a31-7000-8000-000000000000".parse().unwrap();
        assert!(matches!(vault.remove_federated_identity(&manager, id, none).await, Err(Error::Denied(_))));
        for number in 0..10 {
            let one = FederatedIdentity { audience: number.to_string(), ..trusted() };
            vault.add_federated_identity(admin, id, one).await.unwrap();
        }
        assert!(matches!(vault.add_federated_identity(admin, id, trusted()).await, Err(Error::Invalid(_))));
        vault.remove_service_account(admin, id).await.unwrap();
        assert!(matches!(vault.add_federated_identity(admin, id, trusted()).await, Err(Error::NotFound(_))));
    }

    async fn its_rows_are_marked_and_do_not_come_back(database: &TestDatabase) {
        let fixture = TestVault::new(database).await;
        let (issuers, pipeline) = (Issuers::default(), fixture.pipeline("deploy").await);
        let (id, mut number) = (pipeline.account.id, 0_u8);
        let other = fixture.pipeline("other").await;
        fixture.vault.remove_federated_identity(&fixture.admin, other.account.id, other.identity.id).await.unwrap();
        let run = async |statement: &Statement| {
            let mut tx = database.write().await.unwrap();
            tx.execute(statement, args![]).await.unwrap();
            tx.commit().await.unwrap();
        };
        let mut show = async |client| {
            number += 1;
            // From elsewhere each time: what is refused is counted.
            let address = Some(IpAddr::from([192, 0, 2, number]));
            fixture.show(&issuers, client, &fixture.job(&number.to_string()), address).await
        };
        run(&KEEP).await;
        for change in [&SUBJECT_OF_MALLORY, &AUDIENCE_OF_MALLORY, &CLAIMS_OF_MALLORY, &ISSUER_OF_MALLORY, &OF_ANOTHER, &EARLIER] {
            run(change).await;
            let client = if change.name() == OF_ANOTHER.name() { other.account.id } else { id };
            let refused = show(client).await;
            assert!(matches!(refused, Err(IssueError::Vault(Error::Database(_)))), "{}", change.name());
            assert!(!fixture.complaints().await.is_empty(), "{}", change.name());
            run(&DROP).await;
            run(&BACK).await;
        }
        // A row that is new altogether has nothing to be marked with.
        run(&ADD_TO_OTHER).await;
        assert!(matches!(show(other.account.id).await, Err(IssueError::Vault(Error::Database(_)))));
        run(&DROP).await;
        run(&BACK).await;
        let issued = show(id).await.unwrap_or_else(|error| panic!("{error}"));
        assert!(fixture.complaints().await.is_empty(), "{:?}", fixture.complaints().await);
        // A token's row says by what it was asked for.
        run(&TOKEN_BY_SECRET).await;
        let again = open_plain(database, &fixture.folder, &fixture.clock).await;
        assert!(matches!(again.recognise(&issued.token).await, Err(Error::Database(_))));
        run(&FORGET_TOKENS).await;

        // One that was removed, put back as it was before.
        fixture.vault.remove_federated_identity(&fixture.admin, id, pipeline.identity.id).await.unwrap();
        run(&BACK).await;
        let refused = show(id).await.err().unwrap();
        assert!(refused.to_string().contains("removed before"), "{refused}");
        assert_eq!(fixture.complaints().await.len(), 1);
    }
}

statements! {
    USED_LEFT = "select count(*) from used_assertion";
    KEEP = "create table kept_identity as select * from federated_identity";
    DROP = "delete from federated_identity";
    BACK = "insert into federated_identity select * from kept_identity";
    SUBJECT_OF_MALLORY = "update federated_identity set subject = 'repo:mallory/x:*'";
    AUDIENCE_OF_MALLORY = "update federated_identity set audience = 'mallory'";
    CLAIMS_OF_MALLORY = "update federated_identity set claims = '{\"a\":\"b\"}'";
    ISSUER_OF_MALLORY = "update federated_identity set issuer = 'https://mallory.example'";
    OF_ANOTHER = "update federated_identity set person = (select id from person where name = 'other')";
    EARLIER = "update federated_identity set created_at = created_at - 1";
    ADD_TO_OTHER = "insert into federated_identity \
        select person, (select id from person where name = 'other'), issuer, audience, subject, claims, created_at, created_by, \
        last_used_at, mark from federated_identity";
    TOKEN_BY_SECRET = "update access_token set identity = null, secret = (select id from client_secret limit 1)";
    FORGET_TOKENS = "delete from access_token";
}
