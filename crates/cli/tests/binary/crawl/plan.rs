//! What is planted, and what is asked in which order: what destroys comes last.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use super::{
    By, Crawl, Got,
    planted::{Garden, base32, hex},
};
use crate::{
    house::{self, Place, oathtool},
    sessions::prepare,
    soft_authenticator::SoftAuthenticator,
    soft_extension::SoftExtension,
};

/// The seed of the credential that most is asked about.
pub(super) const SEED: &[u8; 20] = b"\x01seed of Instagram\xfe\xff";
const HEX_SEED: &[u8; 20] = b"\x02seed sent as hex..\xfe";
const BASE64_SEED: &[u8; 20] = b"\x03sent in base64, it\xfd";
const URI_SEED: &[u8; 20] = b"\x04seed within a URI.\xfc";
const IMPORTED_SEED: &[u8; 20] = b"\x05seed of an import.\xfb";
/// A public key on P-256, the curve's base point.
const POINT: &str = "BGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfU=";
/// The name of the password that is revealed.
pub(super) const REVEALED: &str = "the password of the credential";

const CREDENTIAL: &str = "/api/v1/credentials/{id}";
const USER: &str = "/api/v1/users/{id}";

fn text(value: &Value, place: &str) -> String {
    value.pointer(place).and_then(Value::as_str).unwrap_or_else(|| panic!("no {place} in {value}")).to_owned()
}

impl Crawl {
    /// A server with a session that is live, one that has ended, and an administrator in a browser.
    pub(super) async fn begin() -> Self {
        let place = Place::new();
        let root = place.init();
        let (live, ended) = prepare(&place, &root).await;
        let variables = [("COUNTERSIGN_CHROMIUM", "/nonexistent"), ("COUNTERSIGN_ALLOW_PRIVATE", "1")];
        let server = place.serve_with(&["--data", "data"], &variables);
        let mut garden = Garden::default();
        garden.plant("the administrator's token", &root);
        garden.plant("the administrator's password", house::PASSWORD);
        garden.plant("the password in a session", "its password");
        let ids = [("seq", "0"), ("file", "none"), ("sessions", &ended), ("live", &live)];
        let ids = ids.map(|(name, id)| (name, id.to_owned())).into();
        // Where an answer leads is an answer of its own.
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let (page, visited, given, found) = Default::default();
        let extension = (SoftExtension::new(), String::new());
        let mut crawl = Self { _place: place, server, http, root, page, extension, ids, garden, visited, given, found };
        crawl.page = crawl.sign_in("root", None).await;
        crawl.set_up_second_factor().await;
        crawl
    }

    /// Signs somebody in; gives their cookie.
    async fn sign_in(&mut self, name: &str, code: Option<&str>) -> String {
        let body = json!({"name": name, "password": house::PASSWORD, "token": code});
        let Got { status, cookie, body } = self.ask(By::Nobody, "POST /api/v1/sign-in", body).await;
        assert_eq!(status, 200, "{body}");
        let (_, bearer) = cookie.split_once('=').unwrap();
        self.garden.plant(&format!("the browser of {name}"), bearer);
        cookie
    }

    async fn enrol(&mut self, cookie: &str) -> Value {
        let begun = self.done(By::Cookie(cookie), "POST /api/v1/me/second-factor", json!({})).await;
        let now = text(&self.server.get("/api/v1/status", "").await.ok(), "/server_time");
        let unix = u64::try_from(now.parse::<countersign_model::Timestamp>().unwrap().seconds()).unwrap();
        let code = oathtool(&text(&begun, "/secret").replace(' ', ""), "SHA1", 6, 30, unix);
        self.done(By::Cookie(cookie), "POST /api/v1/me/second-factor/confirm", json!({"token": code})).await
    }

    async fn set_up_second_factor(&mut self) {
        let page = self.page.clone();
        self.enrol(&page).await;
        self.done(By::Cookie(&page), "POST /api/v1/me/recovery-codes", Value::Null).await;
        let wrong = json!({"password": house::PASSWORD, "token": "000000"});
        self.refused(By::Cookie(&page), "POST /api/v1/me/confirm", wrong, 401).await;
        let mail = json!({"email": "root@example.org"});
        self.done(By::Cookie(&page), "PUT /api/v1/me/email", mail).await;
        self.done(By::Cookie(&page), "PATCH /api/v1/me/preferences", json!({"time_zone": "UTC"})).await;
    }

    /// Plants secrets wherever the vault keeps some.
    pub(super) async fn plant_all(&mut self) {
        let seeds: [(&str, &[u8; 20]); 5] = [
            ("the seed of the credential", SEED),
            ("the seed in hex", HEX_SEED),
            ("the seed in base64", BASE64_SEED),
            ("the seed of a URI", URI_SEED),
            ("the seed of an import", IMPORTED_SEED),
        ];
        for (name, seed) in seeds {
            self.garden.plant_seed(name, seed);
        }
        let passwords = [
            ("a former password", "former walnut cabinet"),
            (REVEALED, "present walnut cabinet"),
            ("the mail server's password", "mailbox-quartz-71"),
            ("the rest of the webhook's address", "hook-granite-4471"),
            ("the provider's client secret", "provider-basalt-9052"),
            ("the rest of a destination's address", "sink-basalt-3391"),
            ("the header of a destination", "sink-feldspar-8820"),
            ("a colleague's first password", "first copper lantern seven"),
            ("a colleague's next password", "next copper lantern eight"),
            ("the administrator's next password", "violet harbour sixteen oaks"),
        ];
        for (name, password) in passwords {
            self.garden.plant(name, password);
        }
        self.plant_credentials().await;
        let settings = json!({
            "address": "https://vault.example.org",
            "smtp": "smtp://mailer:mailbox-quartz-71@127.0.0.1:1",
            "sender": "vault@example.org",
            "recipients": ["team@example.org"],
            "tell_asker": true,
            "webhook": "https://127.0.0.1:1/hook-granite-4471",
        });
        self.root("PUT /api/v1/notices/settings", settings).await;
        self.root("POST /api/v1/notices/test", Value::Null).await;
        self.provider().await;
    }

    /// A sign-in provider at which nobody listens.
    async fn provider(&mut self) {
        let provider = json!({
            "name": "Example",
            "issuer": "https://127.0.0.1:1",
            "client_id": "countersign",
            "client_secret": "provider-basalt-9052",
            "address": "https://vault.example.org",
            "match_by": "username",
        });
        self.root("PUT /api/v1/provider", provider).await;
        let (root, page) = (self.root.clone(), self.page.clone());
        let issuer = json!({"issuer": "https://127.0.0.1:1"});
        self.refused(By::Token(&root), "POST /api/v1/provider/test", issuer, 422).await;
        self.refused(By::Nobody, "POST /api/v1/sign-in/oidc", Value::Null, 403).await;
        self.refused(By::Nobody, "POST /api/v1/sign-in/oidc/finish", json!({}), 403).await;
        let connect = json!({"purpose": "connect"});
        self.refused(By::Cookie(&page), "POST /api/v1/me/provider", connect.clone(), 403).await;
        self.refused(By::Cookie(&page), "POST /api/v1/me/provider/finish", connect, 403).await;
        self.refused(By::Cookie(&page), "DELETE /api/v1/me/provider", Value::Null, 404).await;
    }

    async fn plant_credentials(&mut self) {
        let totps = [
            ("Hex", json!({"secret": hex(HEX_SEED), "encoding": "hex"})),
            ("Base64", json!({"secret": BASE64_STANDARD.encode(BASE64_SEED), "encoding": "base64"})),
            ("Portal", json!({"uri": format!("otpauth://hotp/Portal?secret={}&counter=5", base32(URI_SEED))})),
        ];
        for (name, totp) in totps {
            self.root("POST /api/v1/credentials", json!({"name": name, "totp": totp})).await;
        }
        let new = json!({
            "name": "Planted",
            "username": "alice@example.org",
            "password": "former walnut cabinet",
            "site": {"url": "http://127.0.0.1:1/login"},
            "totp": {"secret": base32(SEED).to_ascii_lowercase()},
            "tags": ["social"],
        });
        let made = self.root("POST /api/v1/credentials", new).await;
        self.ids.insert("credentials", text(&made, "/id"));
        self.ids.insert("bin", text(&made, "/id"));
        let edit = json!({"password": "present walnut cabinet"});
        self.root(&format!("PATCH {CREDENTIAL}"), edit).await;
        let all = [json!({"id": self.ids["credentials"]})];
        let tags = json!({"credentials": all, "add": ["autumn"], "preview": true});
        self.root("POST /api/v1/credentials/tags", tags).await;
        let policy = json!({"credentials": all, "policy": {"every_days": 90}, "preview": true});
        self.root("POST /api/v1/credentials/policies", policy).await;
        self.root("POST /api/v1/seeds/check", json!({"text": house::SEED})).await;
        let lines = format!("otpauth://totp/Imported:alice?secret={}&issuer=Imported\n", base32(IMPORTED_SEED));
        let files = json!({"files": [{"name": "codes.txt", "data": BASE64_STANDARD.encode(lines)}]});
        self.root("POST /api/v1/import", files.clone()).await;
        self.root("POST /api/v1/import/commit", files).await;
        // Whatever is taken out is sealed for this key.
        let export = json!({"format": "csv", "all": true, "recipient": POINT});
        self.root("POST /api/v1/export", export).await;
        let page = self.page.clone();
        let me = self.done(By::Cookie(&page), "GET /api/v1/me", Value::Null).await;
        let grant =
            json!({"user": me["user"]["id"], "credential": self.ids["credentials"], "permissions": {"transfer": true}});
        self.root("POST /api/v1/grants", grant).await;
        let (transfer, body) = (format!("POST {CREDENTIAL}/transfer"), json!({"recipient": POINT}));
        let root = self.root.clone();
        self.refused(By::Token(&root), &transfer, body.clone(), 403).await;
        self.done(By::Cookie(&page), &transfer, body).await;
    }

    /// Everything that writes and leaves something to be read; gives a token of each role.
    pub(super) async fn write(&mut self) -> Vec<String> {
        self.root(&format!("POST {CREDENTIAL}/token"), json!({"next": true})).await;
        let revealed = self.root(&format!("POST {CREDENTIAL}/reveal"), json!({"reason": "to see"})).await;
        assert_eq!(text(&revealed, "/password"), "present walnut cabinet");
        self.root(&format!("PUT {CREDENTIAL}/automation"), json!({"heartbeat": true})).await;
        let member = self.people().await;
        self.passkeys().await;
        self.extension().await;
        self.command_lines().await;
        self.groups_and_grants().await;
        let machine = self.machines().await;
        self.exports().await;
        self.requests(&member).await;
        self.check_outs(&member).await;
        self.changes().await;
        self.log().await;
        self.sessions(&member).await;
        let mut everybody = vec![member, machine];
        for role in ["administrator", "manager", "member", "auditor"] {
            let made = self.root("POST /api/v1/api-tokens", json!({"name": role, "role": role})).await;
            self.ids.insert("api-tokens", text(&made, "/id"));
            everybody.push(text(&made, "/token"));
        }
        self.root("POST /api/v1/vault-key/rotate", Value::Null).await;
        everybody
    }

    /// A member with a token, and a colleague whose password others choose.
    async fn people(&mut self) -> String {
        let ana = self.root("POST /api/v1/users", json!({"name": "ana", "role": "member"})).await;
        self.ids.insert("user", text(&ana, "/id"));
        self.ids.insert("person", text(&ana, "/id"));
        let chosen = json!({"link": text(&ana, "/setup_link/link"), "password": house::PASSWORD});
        self.done(By::Nobody, "POST /api/v1/choose-password", chosen).await;
        let cookie = self.sign_in("ana", None).await;
        self.enrol(&cookie).await;
        let made = self.done(By::Cookie(&cookie), "POST /api/v1/api-tokens", json!({"name": "cli"})).await;

        let bob = json!({"name": "bob", "role": "manager", "password": "first copper lantern seven"});
        let bob = self.root("POST /api/v1/users", bob).await;
        self.ids.insert("users", text(&bob, "/id"));
        self.root(&format!("PATCH {USER}"), json!({"password": "next copper lantern eight"})).await;
        self.root(&format!("POST {USER}/setup-link"), Value::Null).await;
        self.ids.insert("users", text(&ana, "/id"));
        text(&made, "/token")
    }

    /// Somebody whose passkey is all they have beside a password.
    async fn passkeys(&mut self) {
        let status = self.server.get("/api/v1/status", "").await.ok();
        let mut soft = SoftAuthenticator::at(&text(&status, "/passkeys/origin"));
        let dan = self.root("POST /api/v1/users", json!({"name": "dan", "role": "member"})).await;
        let chosen = json!({"link": text(&dan, "/setup_link/link"), "password": house::PASSWORD});
        self.done(By::Nobody, "POST /api/v1/choose-password", chosen).await;
        let cookie = self.sign_in("dan", None).await;
        let dan = By::Cookie(&cookie);
        let asked = self.done(dan, "POST /api/v1/me/passkeys/options", Value::Null).await;
        let new = json!({"name": "Phone", "credential": soft.make(&asked["options"])});
        let made = self.done(dan, "POST /api/v1/me/passkeys", new).await;
        self.ids.insert("passkeys", text(&made, "/id"));
        let asked = self.done(dan, "POST /api/v1/me/confirm/passkey/options", Value::Null).await;
        let shown = json!({"credential": soft.show(&asked["options"])});
        self.done(dan, "POST /api/v1/me/confirm/passkey", shown).await;
        let Got { status, cookie: kept, body: asked } =
            self.ask(By::Nobody, "POST /api/v1/sign-in/passkey/options", Value::Null).await;
        assert_eq!(status, 200, "{asked}");
        let shown = json!({"credential": soft.show(&asked["options"])});
        let signed_in = self.ask(By::Cookie(&kept), "POST /api/v1/sign-in/passkey", shown).await;
        assert_eq!(signed_in.status, 200, "{}", signed_in.body);
        let (_, bearer) = signed_in.cookie.split_once('=').unwrap();
        self.garden.plant("the browser of dan, who came in by a passkey", bearer);
        // Which is the only one.
        self.refused(dan, "DELETE /api/v1/me/passkeys/{id}", Value::Null, 409).await;
        let asked = self.done(dan, "POST /api/v1/me/passkeys/options", Value::Null).await;
        let other = SoftAuthenticator::at(&soft.origin).make(&asked["options"]);
        self.done(dan, "POST /api/v1/me/passkeys", json!({"name": "Key", "credential": other})).await;
        self.done(dan, "DELETE /api/v1/me/passkeys/{id}", Value::Null).await;
    }

    /// Browser extensions: one that fills in, and others that are removed.
    async fn extension(&mut self) {
        let page = self.page.clone();
        let page = By::Cookie(&page);
        for name in ["Watch", "Laptop", "Tablet", "Phone"] {
            let made = self.done(page, "POST /api/v1/me/devices/code", Value::Null).await;
            self.extension = (SoftExtension::new(), text(&made, "/address"));
            let (soft, origin) = &self.extension;
            let (code, public_key) = (text(&made, "/code"), soft.public_key());
            let signature = soft.proof(origin, &code, name);
            let shown = json!({"code": code, "name": name, "public_key": public_key, "signature": signature});
            let paired = self.done(By::Nobody, "POST /api/v1/devices", shown.clone()).await;
            self.refused(By::Nobody, "POST /api/v1/devices", shown, 403).await;
            let id = text(&paired, "/device/id");
            self.extension.0.id.clone_from(&id);
            self.ids.insert(if name == "Laptop" { "device" } else { "devices" }, id);
            if name == "Watch" {
                self.done(By::Extension, "DELETE /api/v1/devices/self", Value::Null).await;
                self.refused(By::Extension, "DELETE /api/v1/devices/self", Value::Null, 401).await;
            }
            if name == "Tablet" {
                self.done(page, "DELETE /api/v1/me/devices/{id}", Value::Null).await;
            }
        }
        self.ids.insert("fill", self.ids["credentials"].clone());
        let found = self.done(By::Extension, "GET /api/v1/fill", Value::Null).await;
        assert_eq!(text(&found, "/items/0/name"), "Planted");
        let wanted = json!({"origin": "http://127.0.0.1:1", "what": ["username", "password"]});
        let filled = self.done(By::Extension, "POST /api/v1/fill/{id}", wanted).await;
        assert_eq!(text(&filled, "/password"), "present walnut cabinet");
        let elsewhere = json!({"origin": "http://127.0.0.1:2", "what": ["password"]});
        self.refused(By::Extension, "POST /api/v1/fill/{id}", elsewhere, 403).await;
        // Nothing else is asked by an extension.
        for operation in ["GET /api/v1/me", "GET /api/v1/credentials", "POST /api/v1/credentials/{id}/reveal"] {
            self.refused(By::Extension, operation, Value::Null, 401).await;
        }
        let me = self.done(page, "GET /api/v1/me", Value::Null).await;
        let users = self.ids.insert("users", text(&me, "/user/id")).unwrap();
        self.done(page, "DELETE /api/v1/users/{id}/devices/{device}", Value::Null).await;
        self.ids.insert("users", users);
    }

    /// Command lines: one that is signed in, and one that is not.
    async fn command_lines(&mut self) {
        let page = self.page.clone();
        let page = By::Cookie(&page);
        for decision in ["approve", "deny"] {
            let form = "client_id=countersign&host=laptop";
            let begun = self.done(By::Nobody, "POST /api/v1/oauth/device_authorization", json!(form)).await;
            let code = json!({"user_code": text(&begun, "/user_code")});
            let seen = self.done(page, "POST /api/v1/me/device-logins", code).await;
            self.ids.insert("device-logins", text(&seen, "/id"));
            self.done(page, &format!("POST /api/v1/me/device-logins/{{id}}/{decision}"), json!({})).await;
            let grant = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code";
            let form = format!("grant_type={grant}&client_id=countersign&device_code={}", text(&begun, "/device_code"));
            if decision == "approve" {
                self.done(By::Nobody, "POST /api/v1/oauth/token", json!(form)).await;
            }
            self.refused(By::Nobody, "POST /api/v1/oauth/token", json!(form), 400).await;
        }
    }

    /// A service account with a token, and a provider's token.
    async fn machines(&mut self) -> String {
        let new = json!({"name": "deploy", "description": "deploys", "scope": "see token reveal session change edit"});
        let made = self.root("POST /api/v1/service-accounts", new).await;
        self.ids.insert("service-accounts", text(&made, "/id"));
        let (id, secret) = (text(&made, "/id"), text(&made, "/client_secret"));
        let grant = json!({"user": id, "tag": "social", "permissions": {"token": true, "reveal": true}});
        self.root("POST /api/v1/grants", grant).await;
        self.root("PATCH /api/v1/service-accounts/{id}", json!({"description": "deploys the site"})).await;
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let issued = self.done(By::Nobody, "POST /api/v1/oauth/token", json!(form)).await;
        self.refused(By::Nobody, "POST /api/v1/oauth/token", json!(form.replace("cc_", "cc_x")), 401).await;
        self.root("POST /api/v1/service-accounts/{id}/rotate", json!({"overlap_hours": 1})).await;
        let added = self.root("POST /api/v1/service-accounts/{id}/secrets", Value::Null).await;
        self.ids.insert("secret", text(&added, "/secrets/0/id"));
        let trusted = json!({"issuer": "https://127.0.0.1:1", "audience": "vault", "subject": "repo:acme/site:*"});
        let added = self.root("POST /api/v1/service-accounts/{id}/federated-identities", trusted).await;
        self.ids.insert("identity", text(&added, "/id"));
        self.root("POST /api/v1/provisioning/token", json!({"adopt": true})).await;
        self.root("PATCH /api/v1/provisioning", json!({"adopt": false})).await;
        text(&issued, "/access_token")
    }

    async fn groups_and_grants(&mut self) {
        let inner = self.root("POST /api/v1/groups", json!({"name": "Interns"})).await;
        self.ids.insert("inner", text(&inner, "/id"));
        let group = self.root("POST /api/v1/groups", json!({"name": "Lead"})).await;
        self.ids.insert("groups", text(&group, "/id"));
        self.root("PATCH /api/v1/groups/{id}", json!({"name": "Leads"})).await;
        self.root("PUT /api/v1/groups/{id}/groups/{inner}", Value::Null).await;
        let me = self.root("GET /api/v1/me", Value::Null).await;
        let member = self.ids.insert("user", text(&me, "/user/id")).unwrap();
        self.root("PUT /api/v1/groups/{id}/users/{user}", Value::Null).await;

        let asks = json!({"user_id": member, "token": true, "reveal": true, "session": "control", "audit": true});
        self.root(&format!("PUT {CREDENTIAL}/grants"), json!({"items": [asks]})).await;
        let many =
            json!({"credentials": [self.ids["credentials"]], "user": "name:ana", "permissions": {"change": true}});
        let given = self.root("POST /api/v1/credentials/grants", many).await;
        let one = &given["items"][0];
        let back = json!({"id": one["grant"], "decided_at": one["decided_at"], "keep": false});
        self.root("POST /api/v1/grants/reviews", json!({"items": [back]})).await;
        let grant = json!({
            "user": "name:ana",
            "tag": "social",
            "permissions": {"token": true, "edit": true},
            "conditions": {"approval": {"levels": [{"group": "name:Leads"}]}},
        });
        self.root("POST /api/v1/grants/preview", json!({"grant": grant})).await;
        let made = self.root("POST /api/v1/grants", grant.clone()).await;
        self.ids.insert("grants", text(&made, "/id"));
        let edited = self.root("PUT /api/v1/grants/{id}", grant).await;
        let listed = self.root("GET /api/v1/grants/reviews", Value::Null).await;
        let one = listed["items"].as_array().unwrap().iter().find(|one| one["grant"]["id"] == edited["id"]).unwrap();
        let kept = json!({"id": edited["id"], "decided_at": one["decided_at"], "keep": true});
        self.root("POST /api/v1/grants/reviews", json!({"items": [kept]})).await;
        self.root("PUT /api/v1/grants/reviews/settings", json!({"days": 90})).await;
    }

    /// Where the audit log also goes, what is kept to look at it, and what an auditor gets.
    async fn log(&mut self) {
        let wish = json!({
            "name": "siem",
            "kind": "webhook",
            "address": "https://127.0.0.1:1/sink-basalt-3391",
            "header": "Authorization: Bearer sink-feldspar-8820",
        });
        let made = self.root("POST /api/v1/audit/sinks", wish).await;
        self.ids.insert("sinks", text(&made, "/id"));
        let edit = json!({"name": "siem", "kind": "webhook", "acts": ["token.*"], "new_signing_secret": true});
        self.root("PUT /api/v1/audit/sinks/{id}", edit).await;
        let tested = self.root("POST /api/v1/audit/sinks/{id}/test", Value::Null).await;
        assert_eq!(tested["taken"], false, "{tested}");
        self.root("POST /api/v1/audit/sinks/{id}/pause", Value::Null).await;
        self.root("POST /api/v1/audit/sinks/{id}/resume", Value::Null).await;
        self.root("POST /api/v1/audit/sinks/{id}/rewind", json!({"from": 1})).await;
        let view = json!({"name": "Tokens", "filter": {"act": "token.read"}});
        let made = self.root("POST /api/v1/audit/views", view).await;
        self.ids.insert("views", text(&made, "/id"));
        let sessions = [self.ids["sessions"].clone()];
        self.root("POST /api/v1/audit/bundle", json!({"search": "Planted", "sessions": sessions})).await;
    }

    /// An administrator asks another one, who approves, rejects, and lets it be turned off again.
    async fn exports(&mut self) {
        let eva = self.root("POST /api/v1/users", json!({"name": "eva", "role": "administrator"})).await;
        let chosen = json!({"link": text(&eva, "/setup_link/link"), "password": house::PASSWORD});
        self.done(By::Nobody, "POST /api/v1/choose-password", chosen).await;
        let eva = self.sign_in("eva", None).await;
        self.enrol(&eva).await;
        self.root("PUT /api/v1/export/approval", json!({"required": true})).await;
        self.root("GET /api/v1/export/approval", Value::Null).await;
        let export = json!({"format": "csv", "all": true, "reason": "we move on"});
        let alone = json!({"format": "csv", "all": true, "recipient": POINT});
        let root = self.root.clone();
        self.refused(By::Token(&root), "POST /api/v1/export", alone.clone(), 403).await;
        let off = json!({"turn_off": true, "reason": "it is in the way"});
        for (asked, act) in [(&export, "cancel"), (&export, "reject"), (&export, "approve"), (&off, "approve")] {
            let made = self.root("POST /api/v1/export/requests", asked.clone()).await;
            self.ids.insert("export-requests", text(&made, "/id"));
            self.root("GET /api/v1/export/requests/{id}", Value::Null).await;
            let by = if act == "cancel" { By::Token(&root) } else { By::Cookie(&eva) };
            self.done(by, &format!("POST /api/v1/export/requests/{{id}}/{act}"), json!({})).await;
            if (act, asked == &export) == ("approve", true) {
                let mut approved = alone.clone();
                approved["request"] = json!(self.ids["export-requests"]);
                self.root("POST /api/v1/export", approved).await;
            }
        }
        self.root("GET /api/v1/export/requests", Value::Null).await;
    }

    async fn requests(&mut self, member: &str) {
        let asked = json!({"credential": "name:Planted", "permissions": {"edit": true}, "reason": "month-end"});
        let ends: [(&str, &[&str]); 3] =
            [("member", &["cancel"]), ("root", &["reject"]), ("root", &["approve", "revoke"])];
        for (who, acts) in ends {
            let made = self.done(By::Token(member), "POST /api/v1/requests", asked.clone()).await;
            self.ids.insert("requests", text(&made, "/id"));
            let root = self.root.clone();
            for act in acts {
                let by = if who == "root" { &root } else { member };
                self.done(By::Token(by), &format!("POST /api/v1/requests/{{id}}/{act}"), json!({})).await;
            }
        }
    }

    async fn check_outs(&mut self, member: &str) {
        let rule = json!({"check_out": {"minutes": 60}});
        let grant = json!({
            "user": "name:ana", "credential": "name:Planted", "permissions": {"token": true}, "conditions": rule,
        });
        self.root("POST /api/v1/grants", grant).await;
        let member = By::Token(member);
        self.done(member, &format!("POST {CREDENTIAL}/check-out"), json!({"minutes": 30})).await;
        self.done(member, &format!("PATCH {CREDENTIAL}/check-out"), json!({"minutes": 60})).await;
        self.refused(member, &format!("PUT {CREDENTIAL}/check-out/queue"), Value::Null, 409).await;
        self.done(member, &format!("DELETE {CREDENTIAL}/check-out/queue"), Value::Null).await;
        self.done(member, &format!("DELETE {CREDENTIAL}/check-out"), Value::Null).await;
    }

    /// Without a browser all of them fail.
    async fn changes(&mut self) {
        let made = self.root(&format!("POST {CREDENTIAL}/changes"), json!({"reason": "a colleague left"})).await;
        self.ids.insert("changes", text(&made, "/id"));
        let root = self.root.clone();
        for (act, body) in [
            ("settle", json!({"holds": "old"})),
            ("session", Value::Null),
            ("cancel", Value::Null),
            ("retry", Value::Null),
        ] {
            let got = self.ask(By::Token(&root), &format!("POST /api/v1/changes/{{id}}/{act}"), body).await;
            // It may have failed by now, and so be over.
            assert!([200, 409].contains(&got.status), "{act}: {} {}", got.status, got.body);
        }
    }

    async fn sessions(&mut self, member: &str) {
        let live = self.ids["live"].clone();
        let ended = self.ids.insert("sessions", live).unwrap();
        let linked = json!({"person": "ana", "level": "view"});
        let made = self.root("POST /api/v1/sessions/{id}/links", linked).await;
        let link = json!({"link": text(&made, "/link")});
        self.done(By::Token(member), "POST /api/v1/sessions/{id}/links/use", link).await;
        self.root("DELETE /api/v1/sessions/{id}/links/{person}", Value::Null).await;
        let root = self.root.clone();
        self.refused(By::Token(&root), "POST /api/v1/sessions/{id}/uploads", Value::Null, 404).await;
        self.root("POST /api/v1/sessions/{id}/end", Value::Null).await;
        let got = self.ask(By::Token(&root), &format!("POST {CREDENTIAL}/sessions"), json!({})).await;
        // The change before it may be under way still.
        assert!([201, 409].contains(&got.status), "{} {}", got.status, got.body);
        self.ids.insert("sessions", ended);
        let browsers = self.root(&format!("GET {USER}/access"), Value::Null).await;
        self.ids.insert("session", text(&browsers, "/sessions/0/id"));
        self.ids.insert("token", text(&browsers, "/api_tokens/0/id"));
    }

    /// What ends and removes.
    pub(super) async fn end_all(&mut self) {
        let root = self.root.clone();
        self.refused(By::Token(&root), "DELETE /api/v1/users/{id}/provider", Value::Null, 404).await;
        for operation in [
            "DELETE /api/v1/provider",
            "DELETE /api/v1/audit/views/{id}",
            "DELETE /api/v1/audit/sinks/{id}",
            "DELETE /api/v1/service-accounts/{id}/secrets/{secret}",
            "DELETE /api/v1/service-accounts/{id}/federated-identities/{identity}",
            "DELETE /api/v1/service-accounts/{id}",
            "DELETE /api/v1/provisioning",
            "DELETE /api/v1/users/{id}/sessions/{session}",
            "DELETE /api/v1/users/{id}/api-tokens/{token}",
            "DELETE /api/v1/users/{id}/access",
            "DELETE /api/v1/grants/{id}",
            "DELETE /api/v1/groups/{id}/groups/{inner}",
            "DELETE /api/v1/groups/{id}/users/{user}",
            "DELETE /api/v1/groups/{id}",
            "DELETE /api/v1/api-tokens/{id}",
            "DELETE /api/v1/users/{id}",
            "DELETE /api/v1/credentials/{id}",
        ] {
            self.root(operation, Value::Null).await;
        }
        self.root("POST /api/v1/bin/{id}/restore", json!({"name": "Restored"})).await;
        self.root("DELETE /api/v1/credentials/{id}", Value::Null).await;
        self.root("DELETE /api/v1/bin/{id}", Value::Null).await;
        let setup = json!({"link": "cl_none", "name": "eve", "password": house::PASSWORD});
        self.refused(By::Nobody, "POST /api/v1/setup", setup, 403).await;
        let page = self.page.clone();
        let codes = self.done(By::Cookie(&page), "POST /api/v1/me/recovery-codes", Value::Null).await;
        self.sign_in("root", codes["recovery_codes"][1].as_str()).await;
        let browsers = self.done(By::Cookie(&page), "GET /api/v1/me/sessions", Value::Null).await;
        let browsers = browsers["items"].as_array().unwrap();
        let other = browsers.iter().find(|browser| browser["current"] == json!(false)).unwrap();
        self.ids.insert("session", text(other, "/id"));
        self.done(By::Cookie(&page), "DELETE /api/v1/me/sessions/{id}", Value::Null).await;
        let next = json!({"current": house::PASSWORD, "new": "violet harbour sixteen oaks"});
        self.done(By::Cookie(&page), "POST /api/v1/me/password", next).await;
        self.done(By::Cookie(&page), "POST /api/v1/sign-out", Value::Null).await;
    }
}
