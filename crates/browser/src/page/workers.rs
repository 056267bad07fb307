//! Workers of pages. Chromium holds each of them at its start until whoever attaches itself says that it may run, also
//! those that a filter leaves out; so none is left out, and each is told to run.

use std::sync::{Arc, Weak};

use serde_json::{Value, json};

use super::{Attached, PageInner};
use crate::{
    BrowserIdentity,
    cdp::{CdpSession, Listener},
};

/// So many workers of a page are kept in sight; more run all the same.
const MAX: usize = 200;

/// The kinds of workers that one attaches oneself to.
const KINDS: [&str; 3] = ["worker", "shared_worker", "service_worker"];

/// A filter of `Target.setAutoAttach` for `kinds` and every kind of worker.
pub(crate) fn with_workers(kinds: &[&str]) -> Value {
    let wanted = kinds.iter().chain(&KINDS).map(|kind| json!({"type": kind}));
    Value::from(wanted.chain([json!({"exclude": true})]).collect::<Vec<_>>())
}

/// Whether a target is a worker.
pub(crate) fn is_worker(kind: &str) -> bool {
    KINDS.contains(&kind)
}

/// Lets a worker run, presented as its page is. Workers that it makes come to the same session.
pub(crate) fn let_run(session: &CdpSession, identity: Option<&BrowserIdentity>) {
    if let Some(identity) = identity {
        // Chromium takes it for the workers of one page; those that pages share say what Chromium itself says.
        session.cast(
            "Emulation.setUserAgentOverride",
            &json!({"userAgent": identity.user_agent, "acceptLanguage": identity.accept_language()}),
        );
    }
    session.cast(
        "Target.setAutoAttach",
        &json!({"autoAttach": true, "waitForDebuggerOnStart": true, "flatten": true, "filter": with_workers(&[])}),
    );
    session.cast("Runtime.runIfWaitingForDebugger", &json!({}));
}

impl PageInner {
    pub(super) fn worker_attached(self: &Arc<Self>, attached: &Attached) {
        let session = self.session.named(attached.session_id.as_str().into());
        if attached.target_info.kind == "worker" {
            let mut workers = self.workers.lock();
            if workers.len() < MAX {
                workers.insert(Arc::clone(session.id()));
            }
        }
        let listener: Weak<dyn Listener> = Arc::downgrade(self) as Weak<dyn Listener>;
        session.connection().listen(Arc::clone(session.id()), listener);
        let_run(&session, Some(&self.identity));
    }
}
