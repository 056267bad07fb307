//! What lives beside a page and belongs to it: frames of other sites, and workers.

use std::sync::Arc;

use super::{core::PageInner, workers::let_run};
use crate::cdp::{CdpSession, runtime::RunIfWaitingForDebugger, target::AttachedToTarget};

impl PageInner {
    pub(super) fn guest_attached(&self, attached: &AttachedToTarget) {
        const MAX: usize = 60;
        let session = self.session.named(attached.session_id.as_str().into());
        if attached.target_info.kind != "iframe" {
            return self.worker_attached(&session, attached);
        }
        let mut guests = self.guests.lock();
        if guests.len() >= MAX {
            // It still has to run, or the page would hang; it is only not looked into.
            session.cast(&RunIfWaitingForDebugger {});
            return;
        }
        guests.insert(Arc::clone(session.id()));
        drop(guests);
        self.prepare(&session, false);
    }

    pub(super) fn guest_detached(&self, session: &str) {
        self.session.connection().forget_session(session);
        self.workers.lock().remove(session);
        if self.guests.lock().remove(session) {
            self.scene.lock().session_gone(session);
        }
    }

    fn worker_attached(&self, session: &CdpSession, attached: &AttachedToTarget) {
        /// So many workers of a page are kept in sight; more run all the same.
        const MAX: usize = 200;
        if attached.target_info.kind == "worker" {
            let mut workers = self.workers.lock();
            if workers.len() < MAX {
                workers.insert(Arc::clone(session.id()));
            }
        }
        self.listen(session);
        let_run(session, Some(&self.identity));
    }
}
