//! Each permission alone suffices for its act, and without it the act is refused: by the API and by commands. The table is
//! `tests/permissions.json`; the page is asked the same by `e2e/tests/permissions.spec.ts`.

use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    access::Scene,
    house::{Place, SEED},
    sessions::prepare,
};

/// A permission, and the act that it is for.
#[derive(Deserialize)]
struct Row {
    permission: String,
    /// The grant that has it and nothing else.
    grant: Value,
    api: Call,
    /// Empty where no command does it.
    cli: Vec<String>,
    /// Whether only a person does it who is signed in in the page: every token is refused, and no program is granted it.
    #[serde(default)]
    in_page_alone: bool,
}

#[derive(Deserialize)]
struct Call {
    method: String,
    path: String,
    #[serde(default)]
    body: Value,
}

fn table() -> Vec<Row> {
    serde_json::from_str(include_str!("../permissions.json")).unwrap()
}

/// A credential on which somebody has one permission, or none.
struct Granted {
    permission: Option<String>,
    id: String,
    name: String,
}

impl Granted {
    /// Whether an act is allowed on it. Whoever has anything sees it.
    fn allows(&self, act: &Row) -> bool {
        !act.in_page_alone
            && self
                .permission
                .as_deref()
                .is_some_and(|permission| act.permission == "see" || act.permission == permission)
    }
}

impl Scene {
    /// One credential for each permission, and one without a grant, for one way of asking.
    async fn granted(&self, holder: &Value, way: &str) -> Vec<Granted> {
        let is_program = holder["user"] == "name:deploy";
        let rows: Vec<Row> = table().into_iter().filter(|row| !(row.in_page_alone && is_program)).collect();
        let each = rows.iter().map(|row| Some((row.permission.clone(), row.grant.clone()))).chain([None]);
        let mut all = Vec::new();
        for permission in each {
            let word = permission.as_ref().map_or("nothing", |(permission, _)| permission);
            let name = format!("{way} {word}");
            let new = json!({
                "name": name, "password": "its password", "site": {"url": "https://example.org/"}, "totp": {"secret": SEED},
            });
            let made = self.server.ask(Method::POST, "/api/v1/credentials", &self.token, &new).await.ok();
            if let Some((_, grant)) = &permission {
                let mut body = json!({"credential": made["id"], "permissions": grant});
                body.as_object_mut().unwrap().extend(holder.as_object().unwrap().clone());
                self.server.ask(Method::POST, "/api/v1/grants", &self.token, &body).await.ok();
            }
            let permission = permission.map(|(permission, _)| permission);
            all.push(Granted { permission, id: made["id"].as_str().unwrap().to_owned(), name });
        }
        all
    }

    /// Tries each act on each credential by the API, as the bearer of a token.
    async fn by_the_api(&self, holder: &Value, token: &str) {
        for on in self.granted(holder, "api").await {
            for act in table() {
                let path = format!("/api/v1{}", act.api.path.replace("{id}", &on.id));
                let method = act.api.method.parse::<Method>().unwrap();
                let answer = self.server.ask(method, &path, token, &act.api.body).await;
                let case = format!("{} with {:?}: {} {}", act.permission, on.permission, answer.status, answer.text);
                match (on.allows(&act), &on.permission) {
                    (true, _) => assert!((200..300).contains(&answer.status), "{case}"),
                    (false, Some(_)) => assert_eq!(answer.status, 403, "{case}"),
                    // What one may not know of is not there.
                    (false, None) => assert!([403, 404].contains(&answer.status), "{case}"),
                }
            }
        }
    }

    /// The same by commands.
    async fn by_commands(&self, holder: &Value, token: &str) {
        for on in self.granted(holder, "cli").await {
            for act in table().into_iter().filter(|act| !act.cli.is_empty()) {
                let args: Vec<String> = act.cli.iter().map(|arg| arg.replace("{name}", &on.name)).collect();
                let args: Vec<&str> = args.iter().map(String::as_str).collect();
                let done = self.server.run(&self.place, token, &args);
                let case = format!("{} with {:?}: {done:?}", act.permission, on.permission);
                match (on.allows(&act), &on.permission) {
                    (true, _) => assert_eq!(done.code, Some(0), "{case}"),
                    (false, Some(_)) => assert_eq!(done.code, Some(3), "{case}"),
                    (false, None) => assert!([Some(3), Some(4)].contains(&done.code), "{case}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn promise_6_each_permission_of_a_user_alone_suffices_by_api_and_commands() {
    let scene = Scene::new();
    let token = scene.member("ana").await;
    let holder = json!({"user": "name:ana"});
    scene.by_the_api(&holder, &token).await;
    scene.by_commands(&holder, &token).await;
}

#[tokio::test]
async fn promise_6_each_permission_of_a_service_account_alone_suffices_by_api_and_commands() {
    let scene = Scene::new();
    let words: Vec<String> = table().into_iter().filter(|row| !row.in_page_alone).map(|row| row.permission).collect();
    let new = json!({"name": "deploy", "scope": words.join(" ")});
    let made = scene.server.ask(Method::POST, "/api/v1/service-accounts", &scene.token, &new).await.ok();
    let form = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        made["id"].as_str().unwrap(),
        made["client_secret"].as_str().unwrap()
    );
    let token = scene.server.form("/api/v1/oauth/token", &form).await.ok()["access_token"].as_str().unwrap().to_owned();
    let holder = json!({"user": "name:deploy"});
    scene.by_the_api(&holder, &token).await;
    scene.by_commands(&holder, &token).await;
    // What a person alone does in the page is granted to no program.
    let credential = json!({"name": "for people", "totp": {"secret": SEED}});
    let made = scene.server.ask(Method::POST, "/api/v1/credentials", &scene.token, &credential).await.ok();
    for row in table().into_iter().filter(|row| row.in_page_alone) {
        let body = json!({"user": "name:deploy", "credential": made["id"], "permissions": row.grant});
        let refused = scene.server.ask(Method::POST, "/api/v1/grants", &scene.token, &body).await;
        assert_eq!(refused.status, 422, "{}", refused.text);
    }
}

#[tokio::test]
async fn promise_6_a_link_lets_its_user_into_one_session_and_gives_no_permission() {
    let place = Place::new();
    let token = place.init();
    let (live, ended) = prepare(&place, &token).await;
    let server = place.serve_with(&["--data", "data"], &[("COUNTERSIGN_CHROMIUM", "/nonexistent")]);
    let scene = Scene { place, server, token };
    let (ana, ben) = (scene.member("ana").await, scene.member("ben").await);
    let session = |id: &str| format!("/api/v1/sessions/{id}");
    let asked = async |path: &str, by: &str| scene.server.get(path, by).await.status;
    assert_eq!(asked(&session(&live), &ana).await, 404, "without a link");

    let linked = json!({"person": "ana", "level": "control"});
    let made = scene.server.ask(Method::POST, &format!("{}/links", session(&live)), &scene.token, &linked).await.ok();
    let used = json!({"link": made["link"]});
    let way = format!("{}/links/use", session(&live));
    assert_eq!(scene.server.ask(Method::POST, &way, &ben, &used).await.status, 403, "somebody else's link");
    let shown = scene.server.ask(Method::POST, &way, &ana, &used).await.ok();
    assert_eq!(scene.server.ask(Method::POST, &way, &ana, &used).await.status, 403, "a second time");

    assert_eq!(asked(&session(&live), &ana).await, 200);
    assert_eq!((asked(&session(&ended), &ana).await, asked(&session(&live), &ben).await), (404, 404));
    let id = shown["credential"]["id"].as_str().unwrap();
    for act in table() {
        let path = format!("/api/v1{}", act.api.path.replace("{id}", id));
        let answer = scene.server.ask(act.api.method.parse().unwrap(), &path, &ana, &act.api.body).await;
        assert!([403, 404].contains(&answer.status), "{}: {} {}", act.permission, answer.status, answer.text);
        if act.cli.is_empty() {
            continue;
        }
        let args: Vec<String> = act.cli.iter().map(|arg| arg.replace("{name}", "Instagram")).collect();
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let done = scene.server.run(&scene.place, &ana, &args);
        assert!([Some(3), Some(4)].contains(&done.code), "{}: {done:?}", act.permission);
    }
    let person = scene.server.get("/api/v1/me", &ana).await.ok()["user"]["id"].as_str().unwrap().to_owned();
    let links = format!("{}/links/{person}", session(&live));
    assert_eq!(scene.server.ask(Method::DELETE, &links, &scene.token, &Value::Null).await.status, 204);
    assert_eq!(asked(&session(&live), &ana).await, 404, "once the link was taken back");
}

#[test]
fn the_table_has_each_permission_that_a_grant_can_give() {
    let names: Vec<String> = table().into_iter().map(|row| row.permission).collect();
    assert_eq!(names, ["see", "token", "reveal", "session", "change", "edit", "share", "audit", "transfer"]);
    // A grant's body has these, and `extras`, which are within sessions.
    for row in table() {
        let given: Vec<&String> = row.grant.as_object().unwrap().keys().collect();
        assert!(given.len() <= 1 && given.iter().all(|name| **name == row.permission), "{}", row.permission);
    }
}
