//! Workers of pages. Chromium holds each of them at its start until whoever attaches itself says that it may run, also
//! those that a filter leaves out; so none is left out, and each is told to run.

use crate::{
    BrowserIdentity,
    cdp::{CdpSession, emulation::SetUserAgentOverride, runtime::RunIfWaitingForDebugger, target::SetAutoAttach},
};

/// Lets a worker run, presented as its page is. Workers that it makes come to the same session.
pub(crate) fn let_run(session: &CdpSession, identity: Option<&BrowserIdentity>) {
    if let Some(identity) = identity {
        // Chromium takes it for the workers of one page; those that pages share say what Chromium itself says.
        session.cast(&SetUserAgentOverride {
            user_agent: &identity.user_agent,
            accept_language: &identity.accept_language(),
        });
    }
    session.cast(&SetAutoAttach::with_workers(&[]));
    session.cast(&RunIfWaitingForDebugger {});
}
