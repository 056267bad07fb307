//! SCIM over HTTP, as Okta and Entra walk it: what they look for, make, change and take away, and what they may not.

use countersign_model::Role;
use serde_json::{Value, json};

use crate::fixture::{Answer, PASSWORD, TestServer};

const SCIM: &str = "application/scim+json";
const USERS: &str = "/scim/v2/Users";
const GROUPS: &str = "/scim/v2/Groups";

struct Provider<'a> {
    fixture: &'a TestServer,
    token: String,
}

impl<'a> Provider<'a> {
    async fn new(fixture: &'a TestServer, adopt: bool) -> Self {
        let made = fixture.post("/api/v1/provisioning/token", json!({"adopt": adopt})).await.ok();
        Self { fixture, token: made["token"].as_str().unwrap().to_owned() }
    }

    async fn ask(&self, method: &str, path: &str, body: Value) -> Answer {
        let ask = self.fixture.ask(method, path).by(&self.token).header("host", "vault.example.org");
        let answer = if body.is_null() { ask.send().await } else { ask.raw(SCIM, body.to_string()).send().await };
        if !answer.text.is_empty() {
            assert_eq!(answer.header("content-type"), SCIM, "{}", answer.text);
        }
        answer
    }

    async fn get(&self, path: &str) -> Value {
        self.ask("GET", path, Value::Null).await.ok()
    }

    async fn user(&self, name: &str) -> Value {
        let answer = self.ask("POST", USERS, json!({"schemas": ["x"], "userName": name, "active": true})).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()
    }

    async fn patch(&self, resource: &Value, operations: Value) -> Answer {
        let kind =
            if resource["displayName"].is_string() && resource.get("userName").is_none() { GROUPS } else { USERS };
        let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations});
        self.ask("PATCH", &format!("{kind}/{}", resource["id"].as_str().unwrap()), body).await
    }
}

/// The error as the standard has it.
fn error(answer: &Answer, status: u16) -> String {
    assert_eq!(answer.status, status, "{}", answer.text);
    let body = answer.json();
    assert_eq!(body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(body["status"], json!(status.to_string()));
    assert!(body["detail"].as_str().is_some_and(|text| !text.is_empty()), "{body}");
    body["scimType"].as_str().unwrap_or_default().to_owned()
}

fn path(kind: &str, resource: &Value) -> String {
    format!("{kind}/{}", resource["id"].as_str().unwrap())
}

async fn signed_in(fixture: &TestServer, user: &Value) -> String {
    let id = user["id"].as_str().unwrap();
    let link = fixture.post(&format!("/api/v1/users/{id}/setup-link"), json!({})).await.ok();
    let chosen = json!({"link": link["link"], "password": PASSWORD});
    fixture.ask("POST", "/api/v1/choose-password").json(&chosen).send().await.ok();
    let ask = json!({"name": user["userName"], "password": PASSWORD});
    let answer = fixture.ask("POST", "/api/v1/sign-in").json(&ask).send().await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.cookie()
}

#[tokio::test]
async fn okta_brings_somebody_changes_them_and_takes_them_away() {
    let fixture = TestServer::new().await;
    let okta = Provider::new(&fixture, false).await;
    assert_eq!(okta.get("/scim/v2/ServiceProviderConfig").await["patch"]["supported"], json!(true));
    assert_eq!(okta.get("/scim/v2/ResourceTypes").await["totalResults"], json!(2));
    assert_eq!(okta.get("/scim/v2/Schemas").await["totalResults"], json!(2));
    assert_eq!(okta.get("/scim/v2/Users?startIndex=1&count=2").await["totalResults"], json!(0));

    // It looks first, then makes.
    let look = "/scim/v2/Users?filter=userName%20eq%20%22ana%40example.org%22&startIndex=1&count=100";
    assert_eq!(okta.get(look).await["totalResults"], json!(0));
    let new = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": "ana@example.org",
        "name": {"givenName": "Ana", "familyName": "Ruiz"},
        "emails": [{"primary": true, "value": "ana@example.org", "type": "work"}],
        "displayName": "Ana Ruiz", "locale": "en-US", "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [], "password": "1mz050nq", "active": true,
    });
    let made = okta.ask("POST", USERS, new.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let ana = made.json();
    assert_eq!(made.header("location"), format!("http://vault.example.org{}", path(USERS, &ana)));
    assert!(!made.text.contains("1mz050nq"));
    assert_eq!(error(&okta.ask("POST", USERS, new).await, 409), "uniqueness");
    let found = okta.get(look).await;
    assert_eq!((&found["totalResults"], &found["Resources"][0]["id"]), (&json!(1), &ana["id"]));
    assert_eq!(
        okta.get("/scim/v2/Users?filter=externalId+eq+%2200ujl29u0le5T6Aj10h7%22").await["totalResults"],
        json!(1)
    );
    let users = fixture.get("/api/v1/users").await.ok();
    let shown = users["items"].as_array().unwrap().iter().find(|user| user["name"] == "ana@example.org").unwrap();
    assert_eq!((&shown["role"], &shown["provisioned"]), (&json!("member"), &json!(true)));

    let cookie = signed_in(&fixture, &ana).await;
    let me = async || fixture.ask("GET", "/api/v1/me").header("cookie", &cookie).send().await.status;
    assert_eq!(me().await, 200);
    // By PUT, whole.
    let mut whole = okta.get(&path(USERS, &ana)).await;
    whole["name"]["familyName"] = json!("Ruiz Soler");
    whole["userName"] = json!("ana.soler@example.org");
    let put = okta.ask("PUT", &path(USERS, &ana), whole).await.ok();
    assert_eq!((&put["name"]["familyName"], &put["userName"]), (&json!("Ruiz Soler"), &json!("ana.soler@example.org")));
    assert_eq!(me().await, 200, "a name is no way in");
    let off = okta.patch(&ana, json!([{"op": "replace", "value": {"active": false}}])).await.ok();
    assert_eq!(off["active"], json!(false));
    assert_eq!(me().await, 401);
    let record = &fixture.records("user.edited").await[0];
    assert_eq!(record["actor"], json!({"kind": "scim", "name": "SCIM"}));
    assert_eq!(record["details"]["disabled"], json!(true));
    let on = okta.patch(&ana, json!([{"op": "replace", "value": {"active": true}}])).await.ok();
    assert_eq!((&on["active"], me().await), (&json!(true), 401), "what was ended stays ended");
    assert_eq!(okta.ask("DELETE", &path(USERS, &ana), Value::Null).await.status, 204);
    assert_eq!(error(&okta.ask("GET", &path(USERS, &ana), Value::Null).await, 404), "");
    assert_eq!(fixture.records("user.removed").await[0]["actor"]["name"], json!("SCIM"));
}

#[tokio::test]
async fn entra_keeps_users_and_groups() {
    let fixture = TestServer::new().await;
    let entra = Provider::new(&fixture, false).await;
    let (ana, bob) = (entra.user("ana").await, entra.user("bob").await);
    let changes = json!([
        {"op": "Add", "path": "name.givenName", "value": "Ana"},
        {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "ana@example.org"},
        {"op": "Replace", "path": "externalId", "value": "a-1"},
    ]);
    let changed = entra.patch(&ana, changes).await.ok();
    assert_eq!(
        (&changed["name"]["givenName"], &changed["emails"][0]["value"], &changed["externalId"]),
        (&json!("Ana"), &json!("ana@example.org"), &json!("a-1"))
    );
    let off = entra.patch(&bob, json!([{"op": "Replace", "path": "active", "value": "False"}])).await.ok();
    assert_eq!(off["active"], json!(false));
    let on = entra.patch(&bob, json!([{"op": "Replace", "path": "active", "value": "True"}])).await.ok();
    assert_eq!(on["active"], json!(true));

    let made = entra.ask("POST", GROUPS, json!({"displayName": "Staff", "externalId": "g-1"})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let staff = made.json();
    let look = "/scim/v2/Groups?excludedAttributes=members&filter=displayName+eq+%22staff%22";
    let found = entra.get(look).await;
    assert_eq!(found["Resources"][0]["id"], staff["id"]);
    assert!(found["Resources"][0].get("members").is_none());
    let add = json!([{"op": "Add", "path": "members", "value": [{"value": ana["id"]}, {"value": bob["id"]}]}]);
    assert_eq!(entra.patch(&staff, add.clone()).await.ok()["members"].as_array().unwrap().len(), 2);
    assert_eq!(entra.patch(&staff, add).await.ok()["members"].as_array().unwrap().len(), 2, "each once");
    let out = json!([{"op": "Remove", "path": "members", "value": [{"value": bob["id"]}]}]);
    assert_eq!(entra.patch(&staff, out).await.ok()["members"][0]["display"], json!("ana"));
    let filtered = format!("/scim/v2/Groups?filter=members+eq+%22{}%22", ana["id"].as_str().unwrap());
    assert_eq!(entra.get(&filtered).await["totalResults"], json!(1));
    // What it may be granted by its group it has at once; who is in it is not said here.
    let credential = fixture.credential("Instagram").await;
    let cookie = signed_in(&fixture, &ana).await;
    let group = staff["id"].as_str().unwrap();
    fixture.post("/api/v1/grants", json!({"group": group, "tag": "social", "permissions": {"token": true}})).await.ok();
    let token =
        async || fixture.ask("GET", &format!("{credential}/token")).header("cookie", &cookie).send().await.status;
    assert_eq!(token().await, 200);
    let local = format!("/api/v1/groups/{group}");
    assert_eq!(fixture.get(&local).await.ok()["provisioned"], json!(true));
    for (method, path) in [("PUT", "users/name:bob"), ("DELETE", "users/name:ana")] {
        let asked = fixture.ask(method, &format!("{local}/{path}")).by(&fixture.root).json(&json!({})).send().await;
        assert!(asked.detail().contains("comes from the identity provider"), "{}", asked.text);
        assert_eq!(asked.problem(409), "conflict");
    }
    assert_eq!(fixture.patch(&local, json!({"name": "Other"})).await.problem(409), "conflict");
    let id = ana["id"].as_str().unwrap();
    let out = json!([{"op": "remove", "path": format!("members[value eq \"{id}\"]")}]);
    assert_eq!(entra.patch(&staff, out).await.ok()["members"], json!([]));
    assert_eq!(token().await, 404);
    let renamed = entra.patch(&staff, json!([{"op": "replace", "value": {"displayName": "Everybody"}}])).await.ok();
    assert_eq!(renamed["displayName"], json!("Everybody"));
    let stranger = json!([{"op": "add", "path": "members", "value": [{"value": NOBODY}]}]);
    assert_eq!(error(&entra.patch(&staff, stranger).await, 400), "invalidValue");
    assert_eq!(entra.ask("DELETE", &path(GROUPS, &staff), Value::Null).await.status, 204);
}

const NOBODY: &str = "01938d1c-7a31-7000-8000-000000000000";

#[tokio::test]
async fn it_does_no_harm_upwards() {
    let fixture = TestServer::new().await;
    fixture.person("mia", Role::Manager).await;
    fixture.person("Leo", Role::Member).await;
    fixture.post("/api/v1/groups", json!({"name": "Leads"})).await.ok();
    let okta = Provider::new(&fixture, false).await;
    // Nobody is taken over who was not allowed to be, by whatever name, and no group ever.
    for name in ["root", "ROOT", "mia", "Leo", "leo"] {
        assert_eq!(error(&okta.ask("POST", USERS, json!({"userName": name})).await, 409), "uniqueness", "{name}");
    }
    assert_eq!(fixture.patch("/api/v1/provisioning", json!({"adopt": true})).await.ok()["adopt"], json!(true));
    for name in ["root", "leo", "LEO"] {
        assert_eq!(error(&okta.ask("POST", USERS, json!({"userName": name})).await, 409), "uniqueness", "{name}");
    }
    let leo = okta.user("Leo").await;
    assert_eq!(error(&okta.ask("POST", GROUPS, json!({"displayName": "leads"})).await, 409), "uniqueness");
    // Those that it has not brought are not there for it.
    let users = fixture.get("/api/v1/users").await.ok();
    let id = |name: &str| {
        let found = users["items"].as_array().unwrap().iter().find(|user| user["name"] == name).unwrap();
        found["id"].as_str().unwrap().to_owned()
    };
    for name in ["root", "mia"] {
        let path = format!("{USERS}/{}", id(name));
        for method in ["GET", "DELETE"] {
            assert_eq!(error(&okta.ask(method, &path, Value::Null).await, 404), "", "{method} {name}");
        }
    }
    // Whom an administrator here made one, it does not touch any more.
    let local = format!("/api/v1/users/{}", leo["id"].as_str().unwrap());
    fixture.patch(&local, json!({"role": "administrator"})).await.ok();
    let off = okta.patch(&leo, json!([{"op": "replace", "value": {"active": false}}])).await;
    assert_eq!(error(&off, 403), "");
    assert_eq!(error(&okta.ask("DELETE", &path(USERS, &leo), Value::Null).await, 403), "");
    fixture.patch(&local, json!({"role": "member"})).await.ok();
    // Roles are no attribute, and whom we keep out stays out.
    let roles = json!([{"op": "add", "path": "roles", "value": [{"value": "administrator"}]}]);
    okta.patch(&leo, roles).await.ok();
    assert_eq!(fixture.get("/api/v1/users").await.ok()["items"][0]["role"], json!("member"));
    fixture.patch(&local, json!({"disabled": true})).await.ok();
    let on = okta.patch(&leo, json!([{"op": "replace", "value": {"active": true}}])).await.ok();
    assert_eq!(on["active"], json!(false), "what the provider repeats lets nobody in");

    // Disconnected, they are ours.
    assert_eq!(fixture.ask("DELETE", "/api/v1/provisioning").by(&fixture.root).send().await.status, 204);
    assert_eq!(error(&okta.ask("GET", USERS, Value::Null).await, 401), "");
    assert_eq!(fixture.get("/api/v1/provisioning").await.ok()["users"], json!(0));
    assert_eq!(fixture.get("/api/v1/users").await.ok()["items"][0]["name"], json!("Leo"));
}

#[tokio::test]
async fn its_token_reaches_nothing_else_and_nothing_else_reaches_there() {
    let fixture = TestServer::new().await;
    let okta = Provider::new(&fixture, false).await;
    for path in ["/api/v1/me", "/api/v1/users", "/api/v1/credentials", "/api/v1/provisioning"] {
        assert_eq!(fixture.ask("GET", path).by(&okta.token).send().await.problem(401), "not-signed-in", "{path}");
    }
    let manager = fixture.person("mia", Role::Manager).await;
    for bearer in [&fixture.root, &manager, "cp_none"] {
        assert_eq!(error(&fixture.ask("GET", USERS).by(bearer).send().await, 401), "");
    }
    assert_eq!(error(&fixture.ask("GET", USERS).send().await, 401), "");
    assert_eq!(fixture.ask("GET", "/api/v1/provisioning").by(&manager).send().await.problem(403), "denied");
    assert_eq!(
        fixture.ask("POST", "/api/v1/provisioning/token").by(&manager).json(&json!({})).send().await.problem(403),
        "denied"
    );
    // One at a time, and the former one while it is replaced.
    fixture.advance(1);
    let second = Provider::new(&fixture, false).await;
    assert_eq!(fixture.get("/api/v1/provisioning").await.ok()["tokens"].as_array().unwrap().len(), 2);
    okta.get(USERS).await;
    fixture.advance(1);
    let third = Provider::new(&fixture, false).await;
    assert_eq!(error(&okta.ask("GET", USERS, Value::Null).await, 401), "");
    second.get(USERS).await;
    fixture.advance(25 * 3600);
    assert_eq!(error(&second.ask("GET", USERS, Value::Null).await, 401), "");
    third.get(USERS).await;
    // What is no SCIM is said in its words, too.
    assert_eq!(error(&third.ask("GET", "/scim/v2/Bulk", Value::Null).await, 404), "");
    assert_eq!(error(&third.ask("DELETE", USERS, Value::Null).await, 405), "");
    assert_eq!(error(&third.ask("GET", "/scim/v2/Users?filter=name", Value::Null).await, 400), "invalidFilter");
    assert_eq!(error(&third.ask("POST", USERS, json!({"displayName": "x"})).await, 400), "invalidValue");
    let raw = async |kind: &str, body: String| fixture.ask("POST", USERS).by(&third.token).raw(kind, body).send().await;
    assert_eq!(error(&raw(SCIM, "{".to_owned()).await, 400), "invalidSyntax");
    assert_eq!(error(&raw("text/plain", "{}".to_owned()).await, 415), "invalidSyntax");
    assert_eq!(error(&raw(SCIM, " ".repeat(2 << 20)).await, 413), "");
    let ana = third.user("ana").await;
    let many = vec![json!({"op": "replace", "path": "active", "value": true}); 101];
    assert_eq!(error(&third.patch(&ana, json!(many)).await, 413), "tooMany");
    assert_eq!(
        error(&third.patch(&ana, json!([{"op": "replace", "path": "id", "value": NOBODY}])).await, 400),
        "mutability"
    );
}

#[tokio::test]
async fn a_flood_is_slowed_down() {
    let fixture = TestServer::new().await;
    let okta = Provider::new(&fixture, false).await;
    let mut refused = None;
    for _ in 0..650 {
        let answer = okta.ask("GET", "/scim/v2/ServiceProviderConfig", Value::Null).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.unwrap();
    assert_eq!(error(&refused, 429), "");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
}
