//! What each granted permission lets somebody do over the API, as one table: with it alone each of its acts is done, and without it each
//! is refused.
//!
//! The table knows nothing of who asks. [`Asker`] brings somebody in; today that is a service account with a grant, or with a scope.

use serde_json::{Value, json};

use crate::fixture::{Answer, TestServer};

/// One act that a permission allows.
pub(crate) struct Act {
    method: &'static str,
    /// Where, of the credential; `{id}` is its id.
    path: &'static str,
    body: fn(&str) -> Value,
}

/// A permission with what it allows.
pub(crate) struct Permission {
    /// Its word in scopes.
    pub(crate) word: &'static str,
    /// What is granted for it alone.
    pub(crate) granted: fn() -> Value,
    pub(crate) acts: &'static [Act],
}

fn nothing(_: &str) -> Value {
    Value::Null
}

fn empty(_: &str) -> Value {
    json!({})
}

const CREDENTIAL: &str = "/api/v1/credentials/{id}";

/// Every permission, in the order in which scopes name them.
pub(crate) const PERMISSIONS: &[Permission] = &[
    Permission { word: "see", granted: || json!({}), acts: &[Act { method: "GET", path: CREDENTIAL, body: nothing }] },
    Permission {
        word: "token",
        granted: || json!({"token": true}),
        acts: &[
            Act { method: "GET", path: "/api/v1/credentials/{id}/token", body: nothing },
            Act { method: "POST", path: "/api/v1/credentials/{id}/token", body: empty },
        ],
    },
    Permission {
        word: "reveal",
        granted: || json!({"reveal": true}),
        acts: &[Act { method: "POST", path: "/api/v1/credentials/{id}/reveal", body: empty }],
    },
    Permission {
        word: "session",
        granted: || json!({"session": "control"}),
        acts: &[Act { method: "POST", path: "/api/v1/credentials/{id}/sessions", body: empty }],
    },
    Permission {
        word: "change",
        granted: || json!({"change": true}),
        acts: &[Act { method: "POST", path: "/api/v1/credentials/{id}/changes", body: |_| json!({"rehearse": true}) }],
    },
    Permission {
        word: "edit",
        granted: || json!({"edit": true}),
        acts: &[Act { method: "PATCH", path: CREDENTIAL, body: |_| json!({"notes": "looked after"}) }],
    },
    Permission {
        word: "share",
        granted: || json!({"share": true}),
        acts: &[
            Act { method: "GET", path: "/api/v1/credentials/{id}/who", body: nothing },
            Act {
                method: "POST",
                path: "/api/v1/grants",
                body: |id| json!({"user": "name:ana", "credential": id, "permissions": {}}),
            },
        ],
    },
    Permission {
        word: "audit",
        granted: || json!({"audit": true}),
        acts: &[
            Act { method: "GET", path: "/api/v1/audit/records?credential={id}", body: nothing },
            Act { method: "GET", path: "/api/v1/audit/activity?credential={id}", body: nothing },
        ],
    },
];

/// How somebody comes in who has these permissions of the table, and no others.
pub(crate) trait Asker {
    async fn bearer(&self, fixture: &TestServer, credential: &str, permissions: &[&Permission]) -> String;
}

async fn done(fixture: &TestServer, act: &Act, id: &str, bearer: &str) -> Answer {
    let ask = fixture.ask(act.method, &act.path.replace("{id}", id)).by(bearer);
    let body = (act.body)(id);
    if body.is_null() { ask.send().await } else { ask.json(&body).send().await }
}

/// Drives the table: each act with its permission alone, and with all others.
pub(crate) async fn drive(asker: &impl Asker) {
    for permission in PERMISSIONS {
        for act in permission.acts {
            let fixture = TestServer::new().await;
            fixture.person("ana", countersign_model::Role::Member).await;
            let credential = fixture.credential("Instagram").await;
            let id = credential.rsplit('/').next().unwrap().to_owned();
            let others: Vec<&Permission> = PERMISSIONS.iter().filter(|other| other.word != permission.word).collect();
            // Whoever has anything sees the credential.
            let others = if permission.word == "see" { Vec::new() } else { others };
            let without = asker.bearer(&fixture, &credential, &others).await;
            let refused = done(&fixture, act, &id, &without).await;
            let wanted = if permission.word == "see" { (404, "not-found") } else { (403, "denied") };
            assert_eq!(refused.problem(wanted.0), wanted.1, "{} by all but {}", act.path, permission.word);
            let with = asker.bearer(&fixture, &credential, &[permission]).await;
            let allowed = done(&fixture, act, &id, &with).await;
            assert!((200..300).contains(&allowed.status), "{} by {}: {}", act.path, permission.word, allowed.text);
        }
    }
}
