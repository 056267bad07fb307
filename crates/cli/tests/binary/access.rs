//! Groups, grants and who may do what, by commands.

use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{Done, PASSWORD, Place, Server, oathtool};

trait Says {
    fn says(&self, part: &str);
}

impl Says for Done {
    fn says(&self, part: &str) {
        assert!(self.err.contains(part), "{}", self.err);
    }
}

/// A vault on a server, and its administrator's API token.
pub(crate) struct Scene {
    pub(crate) place: Place,
    pub(crate) server: Server,
    pub(crate) token: String,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let place = Place::new();
        let token = place.init();
        let server = place.serve();
        Self { place, server, token }
    }

    pub(crate) fn run(&self, args: &[&str]) -> Done {
        self.server.run(&self.place, &self.token, args)
    }

    pub(crate) fn json(&self, args: &[&str]) -> Value {
        self.run(&[&["--json"], args].concat()).ok().json()
    }

    /// The API token of a new member, who has signed in with a second factor.
    pub(crate) async fn member(&self, name: &str) -> String {
        let added = self.json(&["user", "add", name, "--role", "member"]);
        self.set_up(name, added["setup_link"]["link"].as_str().unwrap()).await
    }

    /// The same for somebody who was added, by their set-up link.
    pub(crate) async fn set_up(&self, name: &str, link: &str) -> String {
        let post = async |path: &str, cookie: &str, body: Value| {
            self.server.with_cookie(Method::POST, &format!("/api/v1{path}"), cookie, &body).await
        };
        let link = json!({"link": link, "password": PASSWORD});
        assert_eq!(post("/choose-password", "", link).await.status, 200);
        let cookie = post("/sign-in", "", json!({"name": name, "password": PASSWORD})).await.cookie;
        let begun = post("/me/second-factor", &cookie, json!({})).await.ok();
        let seed = begun["secret"].as_str().unwrap().replace(' ', "");
        let now = self.server.get("/api/v1/status", "").await.ok()["server_time"].as_str().unwrap().to_owned();
        let unix = u64::try_from(now.parse::<countersign_model::Timestamp>().unwrap().seconds()).unwrap();
        let code = json!({"token": oathtool(&seed, "SHA1", 6, 30, unix)});
        post("/me/second-factor/confirm", &cookie, code).await.ok();
        let me = self.server.with_cookie(Method::GET, "/api/v1/me", &cookie, &json!({})).await.ok();
        let manages = me["user"]["role"] == "administrator";
        let scopes = if manages { json!(["admin"]) } else { json!([]) };
        let made = post("/api-tokens", &cookie, json!({"name": "cli", "scopes": scopes})).await.ok();
        made["token"].as_str().unwrap().to_owned()
    }
}

#[test]
fn a_group_from_being_made_to_being_removed() {
    let scene = Scene::new();
    scene.run(&["user", "add", "ana", "--role", "member"]).ok();
    assert_eq!(scene.run(&["group", "add", "Marketing"]).ok().out, "added Marketing\n");
    scene.run(&["group", "add", "marketing"]).fails_with(&["another group has the name"]);
    scene.run(&["group", "add", "Interns & co"]).ok();
    assert_eq!(
        scene.run(&["group", "add-member", "Interns & co", "--user", "ana"]).ok().out,
        "added ana to Interns & co\n"
    );
    scene.run(&["group", "add-member", "marketing", "--group", "interns & co"]).ok();
    scene
        .run(&["group", "add-member", "Interns & co", "--group", "marketing"])
        .fails_with(&["a group cannot hold itself"]);
    scene.run(&["group", "add-member", "marketing"]).exit(2);
    scene.run(&["group", "add-member", "marketing", "--user", "nobody"]).exit(4);
    let listed = scene.run(&["group", "list"]).ok().out;
    assert!(
        listed
            .lines()
            .any(|line| line.split_whitespace().collect::<Vec<_>>() == ["Marketing", "1", "Interns", "&", "co"]),
        "{listed}"
    );
    assert!(scene.run(&["group", "show", "interns & co"]).ok().out.contains("ana"));
    assert_eq!(scene.json(&["group", "show", "marketing"])["people"], json!(1));
    assert_eq!(scene.run(&["group", "rename", "marketing", "Social"]).ok().out, "renamed to Social\n");
    assert_eq!(
        scene.run(&["group", "remove-member", "social", "--group", "interns & co"]).ok().out,
        "removed interns & co from Social\n"
    );
    scene.run(&["group", "remove-member", "social", "--user", "ana"]).exit(4);
    assert_eq!(scene.run(&["group", "remove", "social"]).ok().out, "removed Social\n");
    scene.run(&["group", "show", "social"]).exit(4);
}

#[test]
fn a_grant_from_being_looked_at_to_being_taken_back() {
    let scene = Scene::new();
    scene.run(&["user", "add", "ana", "--role", "member"]).ok();
    scene.run(&["group", "add", "staff"]).ok();
    scene.run(&["group", "add-member", "staff", "--user", "ana"]).ok();
    scene.run(&["credential", "add", "Instagram", "--site", "https://instagram.example/", "--tag", "social"]).ok();
    let wanted = [
        "grant",
        "add",
        "--group",
        "staff",
        "--tag",
        "social",
        "--token",
        "--session",
        "interact",
        "--extra",
        "paste",
        "--need-reason",
        "--need-ticket",
        "OPS-[0-9]+",
        "--hours",
        "08:00-18:00",
        "--days",
        "mon,fri",
        "--zone",
        "Europe/Berlin",
        "--network",
        "10.0.0.0/8",
        "--until",
        "2099-01-01T00:00:00Z",
    ];
    let preview = scene.run(&[&wanted[..], &["--preview"]].concat()).ok();
    assert!(
        preview.out.contains("ana") && preview.out.contains("see, token, view_session, session"),
        "{}",
        preview.out
    );
    let told = preview.err.contains("1 credentials; nothing was saved") && preview.err.contains("1 gain access by it");
    assert!(told, "{}", preview.err);
    assert_eq!(scene.json(&["grant", "list"])["items"], json!([]), "nothing was saved");

    let made = scene.run(&wanted).ok().out;
    assert_eq!(made, "granted to group staff on tag social: see, token, session interact, paste\n");
    let who = scene.run(&["who", "Instagram"]).ok().out;
    assert!(
        who.contains("group staff on tag social if reason; ticket OPS-[0-9]+; mon, fri 08:00-18:00 (Europe/Berlin); from 10.0.0.0/8; until"),
        "{who}"
    );
    let grants = scene.json(&["grant", "list", "--credential", "instagram"]);
    let id = grants["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(grants["items"][0]["conditions"]["hours"]["zone"], json!("Europe/Berlin"));
    assert_eq!(scene.json(&["grant", "list", "--group", "staff"])["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(scene.json(&["grant", "list", "--user", "ana"])["items"], json!([]));
    assert_eq!(scene.run(&["grant", "remove", &id]).ok().out, format!("removed {id}\n"));
    scene.run(&["grant", "show", &id]).exit(4);
}

#[test]
fn a_grant_is_replaced_and_one_that_cannot_be_is_refused() {
    let scene = Scene::new();
    scene.run(&["user", "add", "ana", "--role", "member"]).ok();
    scene.run(&["credential", "add", "Instagram"]).ok();
    let made = scene.json(&["grant", "add", "--user", "ana", "--tag", "social", "--token"]);
    let id = made["id"].as_str().unwrap().to_owned();
    let replaced =
        scene.json(&["grant", "add", "--user", "ana", "--credential", "Instagram", "--reveal", "--replaces", &id]);
    assert_eq!((&replaced["id"], &replaced["user"]["name"]), (&json!(id), &json!("ana")));
    assert!(scene.run(&["grant", "show", &id]).ok().out.contains("see, reveal"));
    let who = scene.json(&["who", "instagram"]);
    let ana = who["items"].as_array().unwrap().iter().find(|one| one["user"]["name"] == "ana").unwrap();
    assert_eq!((&ana["permissions"]["reveal"], &ana["permissions"]["token"]), (&json!(true), &json!(false)));

    for wrong in [
        &["grant", "add", "--user", "ana", "--credential", "Instagram", "--need-ticket", "("][..],
        &["grant", "add", "--user", "ana", "--credential", "Instagram", "--network", "10.0.0.0/99"],
        &["grant", "add", "--user", "ana", "--credential", "Instagram", "--hours", "8-9", "--zone", "UTC"],
        &[
            "grant",
            "add",
            "--user",
            "ana",
            "--credential",
            "Instagram",
            "--hours",
            "08:00-09:00",
            "--zone",
            "Mars/Base",
        ],
        &["grant", "add", "--user", "ana", "--credential", "Instagram", "--session", "watch"],
    ] {
        scene.run(wrong).exit(1);
    }
    scene.run(&["grant", "add", "--user", "ana"]).exit(2);
    scene.run(&["grant", "add", "--user", "ana", "--credential", "nothing"]).exit(4);
}

#[tokio::test]
async fn a_request_from_being_asked_to_being_over() {
    let scene = Scene::new();
    let (ana, bob) = (scene.member("ana").await, scene.member("bob").await);
    let by = |token: &str, args: &[&str]| scene.server.run(&scene.place, token, args);
    scene.run(&["group", "add", "leads"]).ok();
    scene.run(&["group", "add-member", "leads", "--user", "bob"]).ok();
    scene.run(&["credential", "add", "Bank", "--totp", "JBSWY3DPEHPK3PXP"]).ok();
    let made = scene
        .run(&[
            "grant",
            "add",
            "--user",
            "ana",
            "--credential",
            "Bank",
            "--token",
            "--need-approval",
            "leads:1",
            "--approval-minutes",
            "60",
        ])
        .ok();
    assert_eq!(made.out, "granted to ana on Bank: see, token\n");
    assert!(scene.run(&["who", "Bank"]).ok().out.contains("ana if approved by 1 of leads"));
    by(&ana, &["token", "Bank"]).exit(3).says("somebody has to approve it first: request access");

    let asked = by(&ana, &["--json", "request", "add", "Bank", "--reason", "month-end", "--minutes", "30"]).ok().json();
    let id = asked["id"].as_str().unwrap().to_owned();
    assert_eq!((&asked["state"], &asked["permissions"]["token"]), (&json!("pending"), &json!(true)));
    by(&ana, &["request", "add", "Bank", "--reason", "again"]).fails_with(&["you have requested this already"]);
    by(&ana, &["approve", &id]).exit(3).says("this is your own request");
    scene.run(&["approve", &id]).exit(3).says("you are not among those who decide");
    assert!(by(&bob, &["request", "list", "--to-decide"]).ok().out.contains("month-end"));
    assert!(by(&bob, &["request", "show", &id]).ok().out.contains("1 of leads: nobody yet"));
    let approved = by(&bob, &["approve", &id, "--minutes", "5", "--comment", "fine"]).ok().out;
    assert!(approved.starts_with(&format!("request {id} of ana for Bank (token): approved until ")), "{approved}");
    by(&ana, &["token", "Bank"]).ok();
    assert!(by(&bob, &["request", "show", &id]).ok().out.contains("token.read"));
    let revoked = by(&bob, &["request", "revoke", &id]).ok().out;
    assert_eq!(revoked, format!("request {id} of ana for Bank (token): revoked\n"));
    by(&ana, &["token", "Bank"]).exit(3);
    by(&bob, &["request", "reject", &id]).fails_with(&["this request is revoked"]);
    let waiting = by(&ana, &["--json", "request", "add", "Bank", "--reason", "once more"]).ok().json();
    let id = waiting["id"].as_str().unwrap();
    assert!(by(&ana, &["request", "cancel", id]).ok().out.ends_with(": cancelled\n"));
    assert_eq!(
        by(&ana, &["--json", "request", "list", "--mine"]).ok().json()["items"].as_array().map(Vec::len),
        Some(2)
    );
    scene
        .run(&["group", "remove", "leads", "--yes"])
        .fails_with(&["grants ask for the approval of this group (1 of them)"]);
}

#[tokio::test]
async fn a_check_out_from_being_taken_to_being_given_back() {
    let scene = Scene::new();
    let (ana, bob) = (scene.member("ana").await, scene.member("bob").await);
    let by = |token: &str, args: &[&str]| scene.server.run(&scene.place, token, args);
    scene.run(&["credential", "add", "Bank", "--totp", "JBSWY3DPEHPK3PXP"]).ok();
    for name in ["ana", "bob"] {
        let given = ["grant", "add", "--user", name, "--credential", "Bank", "--token", "--need-check-out", "60"];
        scene.run(&given).ok();
    }
    assert!(scene.run(&["who", "Bank"]).ok().out.contains("ana if checked out for 60 min"));
    by(&ana, &["token", "Bank"]).exit(3).says("check it out first");
    assert_eq!(by(&ana, &["check-out", "Bank", "--show"]).ok().out, "nobody has checked it out\n");
    assert!(by(&ana, &["check-out", "Bank", "--minutes", "30"]).ok().out.starts_with("checked out by ana until "));
    by(&ana, &["token", "Bank"]).ok();
    by(&ana, &["check-out", "Bank"]).fails_with(&["you have checked it out already"]);
    by(&ana, &["check-out", "Bank", "--extend", "--minutes", "61"]).fails_with(&["minutes must be 1 to 60"]);
    by(&ana, &["check-out", "Bank", "--extend"]).ok();
    by(&bob, &["token", "Bank"]).exit(3).says("ana has checked it out until");
    by(&bob, &["check-out", "Bank"]).fails_with(&["wait, or join the queue"]);
    by(&bob, &["check-in", "Bank"]).fails_with(&["you have not checked it out"]);
    assert!(by(&bob, &["check-out", "Bank", "--wait"]).ok().out.contains("1. bob since "));
    assert!(by(&ana, &["check-in", "Bank"]).ok().out.starts_with("nobody has checked it out; kept for bob until "));
    by(&ana, &["token", "Bank"]).exit(3);
    by(&bob, &["check-out", "Bank"]).ok();
    assert_eq!(scene.run(&["check-in", "Bank"]).ok().out, "nobody has checked it out\n");
    scene.run(&["check-in", "Bank"]).fails_with(&["nobody has checked it out"]);
    scene.run(&["check-out", "Bank"]).fails_with(&["no access of yours asks for a check-out"]);
}

#[tokio::test]
async fn tags_of_several_credentials_are_previewed_and_changed_together() {
    let scene = Scene::new();
    for name in ["Shop", "Bank"] {
        scene.run(&["credential", "add", name, "--tag", "old"]).ok();
    }
    let ben = scene.member("ben").await;
    scene.run(&["grant", "add", "--user", "ben", "--tag", "finance", "--token"]).ok();
    scene.run(&["credential", "edit", "Bank", "--tag", "finance"]).ok();
    let ask = ["credential", "tag", "Shop", "Bank", "--add", "finance", "--remove", "old"];
    let preview = scene.run(&[&ask[..], &["--preview"]].concat()).ok();
    assert!(preview.out.starts_with("Shop: +finance -old\nBank: unchanged\n"), "{}", preview.out);
    assert!(preview.out.contains("ben") && preview.out.contains("see, token"), "{}", preview.out);
    preview.says("nothing was changed");
    preview.says("1 gain access by it, 0 lose access");
    assert_eq!(scene.json(&["credential", "show", "Shop"])["tags"], json!(["old"]));
    assert_eq!(scene.run(&ask).ok().out, "Shop: +finance -old\nBank: unchanged\n");
    assert_eq!(scene.json(&["credential", "show", "Shop"])["tags"], json!(["finance"]));
    scene.run(&["credential", "tag", "Shop"]).exit(2);
    scene.server.run(&scene.place, &ben, &["credential", "tag", "Shop", "--add", "x"]).exit(3);
}

#[tokio::test]
async fn several_credentials_are_granted_together_and_get_one_policy() {
    let scene = Scene::new();
    for name in ["Shop", "Bank"] {
        scene.run(&["credential", "add", name, "--site", "https://shop.example.org/"]).ok();
    }
    scene.run(&["credential", "add", "Nowhere"]).ok();
    let ben = scene.member("ben").await;
    scene.run(&["grant", "add", "--user", "ben", "--credential", "Bank", "--token"]).ok();
    let ask = ["grant", "add", "--user", "ben", "--credential", "Shop", "--credential", "Bank", "--token"];
    let preview = scene.run(&[&ask[..], &["--preview"]].concat()).ok();
    assert!(preview.out.starts_with("Shop: would be granted\nBank: granted before\n"), "{}", preview.out);
    assert!(preview.out.contains("ben") && preview.out.contains("see, token"), "{}", preview.out);
    preview.says("nothing was changed");
    scene.server.run(&scene.place, &ben, &["credential", "show", "Shop"]).exit(4);
    assert_eq!(scene.run(&ask).ok().out, "Shop: granted\nBank: granted before\n");
    scene.server.run(&scene.place, &ben, &["credential", "show", "Shop"]).ok();
    scene.server.run(&scene.place, &ben, &ask).exit(3);
    let replaced = [&ask[..], &["--replaces", "00000000-0000-0000-0000-000000000000"]].concat();
    scene.run(&replaced).fails_with(&["--replaces names one grant"]);

    let ask = ["credential", "policy", "Shop", "Bank", "--every-days", "90", "--window", "22:00-05:00"];
    let preview = scene.run(&[&ask[..], &["--preview"]].concat()).ok();
    assert!(preview.out.starts_with("Shop: every 90 days, 22:00-05:00 UTC, next "), "{}", preview.out);
    assert!(scene.json(&["automation", "show", "Shop"])["policy"]["every_days"].is_null());
    scene.run(&ask).ok();
    assert_eq!(scene.json(&["automation", "show", "Bank"])["policy"]["every_days"], json!(90));
    assert_eq!(
        scene.run(&["credential", "policy", "Shop", "Bank", "--never"]).ok().out,
        "Shop: never by itself\nBank: never by itself\n"
    );
    let nowhere = ["credential", "policy", "Nowhere", "--every-days", "90"];
    let preview = scene.run(&[&nowhere[..], &["--preview"]].concat()).ok();
    assert!(preview.out.contains("a password is changed at its site"), "{}", preview.out);
    scene.run(&nowhere).exit(1);
    scene.run(&["credential", "policy", "Shop"]).exit(2);
    scene
        .run(&["credential", "policy", "Shop", "--every-days", "90", "--window", "late"])
        .fails_with(&["--window is written as"]);
}
